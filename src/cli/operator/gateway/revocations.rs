//! `vaccert gateway revocations`: pull those of all countries, push and delete our own.

use std::{path::PathBuf, process::ExitCode};

use clap::Subcommand;

use super::{
    Output, Sending, pull,
    show::{self, Item},
    site::Site,
};
use crate::{
    cli::{operator::CliError, verify::knowledge::read},
    gateway::{Removed, Sender},
};

/// Subcommands of `vaccert gateway revocations`.
#[derive(Debug, Subcommand)]
pub(super) enum RevocationsCommand {
    /// Download what changed since the last pull; the same as `gateway pull --only revocations`
    Pull {
        /// Folder to keep it in; default: gateway.state
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Take over a download that is empty, more than a fifth smaller, or older than the last
        #[arg(long)]
        accept: bool,
        /// List and fetch every batch again
        #[arg(long)]
        resync: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Upload batches of 1 to 1,000 hashes
    Push {
        /// Batches, one JSON file each
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        sending: Sending,
    },
    /// Delete batches: what they revoke is accepted again abroad
    Delete {
        /// Identifiers that the gateway gave
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) async fn run(site: &Site, command: RevocationsCommand) -> Result<ExitCode, CliError> {
    match command {
        RevocationsCommand::Pull { out, accept, resync, output } => {
            let only = vec![pull::KindName::Revocations];
            pull::run(site, pull::PullArgs { only, out, accept, resync, output }).await
        }
        RevocationsCommand::Push { files, sending } => push(site, &files, sending).await,
        RevocationsCommand::Delete { ids, output } => delete(site, &ids, output).await,
    }
}

async fn push(site: &Site, files: &[PathBuf], sending: Sending) -> Result<ExitCode, CliError> {
    let mut batches = Vec::new();
    for path in files {
        batches.push((path.display().to_string(), read(path)?.trim_ascii().to_vec()));
    }
    let key = site.upload_key()?;
    let list = site.list().await?;
    let mut items: Vec<Item> = Vec::new();
    for (name, batch) in &batches {
        let (country, now) = (site.settings.country.as_str(), site.client.now());
        let sender = Sender { country, upload: key.certificate(), now, list: Some(&list) };
        let findings = sender.batch(batch);
        if sending.show {
            print!("{}", show::request(&site.settings.url, &site.client.batch_upload(batch, &key)?));
            items.push(Item::done(name, "not sent", findings));
        } else if !show::may_send(&findings, sending) {
            items.push(Item::held_back(name, findings));
        } else {
            let (outcome, id) = match site.client.upload_batch(batch, &key).await {
                Ok(id) => (Ok("uploaded"), Some(id)),
                Err(error) => (Err(error), None),
            };
            items.push(Item::of(name, findings, outcome).named(id));
            if items.last().is_some_and(Item::is_unreachable) {
                break;
            }
        }
    }
    Ok(show::items(&site.address(), &items, sending.output.json, site.quiet))
}

async fn delete(site: &Site, ids: &[String], output: Output) -> Result<ExitCode, CliError> {
    let key = site.upload_key()?;
    let mut items: Vec<Item> = Vec::new();
    for id in ids {
        let outcome = site.client.remove_batch(id, &key).await.map(|removed| match removed {
            Removed::Gone => "deleted",
            Removed::WasNotThere => "was not there",
        });
        items.push(Item::of(id, Vec::new(), outcome));
    }
    Ok(show::items(&site.address(), &items, output.json, site.quiet))
}
