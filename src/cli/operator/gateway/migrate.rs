//! `vaccert gateway migrate`: everything that this country signed, signed anew after its upload certificate was
//! renewed.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::{
    Output,
    show::{self, Item},
    site::Site,
};
use crate::{
    cli::operator::CliError,
    config::GatewaySettings,
    gateway::{ListEntry, Own, PackageKind, Plan, Uploaders},
};

/// Arguments of `vaccert gateway migrate`.
#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    /// Upload certificate that signed before; may be repeated. Without it: those of this country on the gateway's
    /// list that the trust anchor vouches for
    #[arg(long, value_name = "FILE")]
    old: Vec<PathBuf>,
    /// Say what would be signed anew, and send nothing
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn run(site: &Site, args: MigrateArgs) -> Result<ExitCode, CliError> {
    let key = site.upload_key()?;
    let now = site.client.now();
    let list = site.list().await?;
    let mut before = Vec::new();
    for path in &args.old {
        before.push(GatewaySettings::certificate(path)?);
    }
    if args.old.is_empty() {
        let anchor = site.settings.anchor()?;
        before.extend(Uploaders::vouched(&list, &anchor, now).of(&site.settings.country).iter().cloned());
    }
    let own = |entry: &&ListEntry| entry.country.as_deref() == Some(site.settings.country.as_str());
    let entries: Vec<ListEntry> = list.iter().filter(own).cloned().collect();
    let own = Own { new: key.certificate(), before: &before, entries: &entries };
    let mut items: Vec<Item> = Vec::new();
    for package in site.client.packages().await? {
        let kind = match package.kind {
            PackageKind::Signer => "signer certificate",
            PackageKind::RevocationBatch => "revocation batch",
            PackageKind::Rule => "business rule",
        };
        let label = format!("{kind} {}", package.entity_id);
        match own.plan(&package, now) {
            Ok(Plan::Done) => items.push(Item::done(&label, "is signed with the new certificate", Vec::new())),
            Ok(Plan::Gone) => {}
            Ok(Plan::Sign(_)) if args.show => items.push(Item::done(&label, "would be signed anew", Vec::new())),
            Ok(Plan::Sign(content)) => {
                let outcome = site.client.renew(&package, &content, &key).await.map(|()| "signed anew");
                items.push(Item::of(&label, Vec::new(), outcome));
                if items.last().is_some_and(Item::is_unreachable) {
                    break;
                }
            }
            Err(reason) => {
                let reason = format!(
                    "it is not known to be this country's own, and is not signed: {reason}; give the certificate that \
                     signed it with --old"
                );
                items.push(Item::failed(&label, "left as it is", reason));
            }
        }
    }
    if items.is_empty() && !args.output.json {
        println!("the gateway has nothing that this country signed");
    }
    Ok(show::items(&site.address(), &items, args.output.json, site.quiet))
}
