//! `vaccert gateway upload` and `revoke`: signer certificates.

use std::process::ExitCode;

use super::{
    RevokeArgs, Sending, UploadArgs,
    show::{self, Item},
    site::Site,
};
use crate::{
    cli::operator::{CliError, keys::status::note_published},
    config::{ConfigError, Environment, GatewaySettings},
    gateway::{Finding, ItemType, Placed, Removed, Sender, UploadKey},
    keys::Certificate,
};

pub(super) async fn upload(site: &Site, args: UploadArgs) -> Result<ExitCode, CliError> {
    let mut certificates = Vec::new();
    for path in &args.files {
        certificates.push((path.display().to_string(), GatewaySettings::certificate(path)?));
    }
    if args.signer {
        let configured = site.settings.signers()?;
        certificates.extend(configured.into_iter().map(|(path, one)| (path.display().to_string(), one)));
    }
    let key = site.upload_key()?;
    let csca = site.settings.csca_certificate.is_some().then(|| site.settings.csca()).transpose()?;
    let list = site.list().await?;
    let (country, now) = (site.settings.country.as_str(), site.client.now());
    let sender = Sender { country, upload: key.certificate(), now, list: Some(&list) };
    let (mut items, mut placed): (Vec<Item>, Vec<Certificate>) = (Vec::new(), Vec::new());
    for (name, certificate) in &certificates {
        let label = format!("{name} ({})", certificate.kid());
        let mut findings = sender.signer(certificate, csca.as_ref());
        findings.extend(environment(site, certificate));
        if args.sending.show {
            let domain = site.settings.domain.as_deref();
            let (_, request) = site.client.signer_upload(certificate, &key, domain)?;
            print!("{}", show::request(&site.settings.url, &request));
            items.push(Item::done(&label, "not sent", findings));
        } else if !show::may_send(&findings, args.sending) {
            items.push(Item::held_back(&label, findings));
        } else {
            let domain = site.settings.domain.as_deref();
            let outcome = site.client.upload_signer(certificate, &key, domain).await;
            if outcome.is_ok() {
                placed.push(certificate.clone());
            }
            let outcome = outcome.map(|placed| match placed {
                Placed::Created => "uploaded",
                Placed::WasThere => "was there already",
            });
            items.push(Item::of(&label, findings, outcome));
            if items.last().is_some_and(Item::is_unreachable) {
                break;
            }
        }
    }
    // From now on a new signer counts as published, and its day begins.
    if let Err(error) = note_published(&site.config, &placed, site.client.now()).await {
        tracing::warn!("the upload is done, and the registry does not know of it: {error}");
    }
    Ok(finish(site, &items, args.sending))
}

/// A sandbox's certificates stay in sandboxes.
fn environment(site: &Site, certificate: &Certificate) -> Option<Finding> {
    let production = site.settings.environment == Environment::Production;
    (production && certificate.is_sandbox()).then(|| Finding {
        code: "signer-sandbox",
        blocks: true,
        message: "the certificate is one of a sandbox: upload the one that your national authority signed".to_owned(),
    })
}

pub(super) async fn revoke(site: &Site, args: RevokeArgs) -> Result<ExitCode, CliError> {
    let key = site.upload_key()?;
    let certificate = match (&args.file, &args.kid) {
        (Some(path), _) => GatewaySettings::certificate(path)?,
        (None, kid) => listed(site, kid.as_deref().unwrap_or_default()).await?,
    };
    let label = certificate.kid().to_string();
    if args.sending.show {
        let item = preview(site, &certificate, &key)?;
        return Ok(finish(site, &[item], args.sending));
    }
    if !args.yes {
        return Err(CliError::Config(ConfigError::Setting {
            setting: "--yes",
            problem: format!(
                "is missing: every certificate of a person that {label} signed will be refused abroad; look at it with \
                 --show, then run the command again with --yes"
            ),
        }));
    }
    let sender =
        Sender { country: &site.settings.country, upload: key.certificate(), now: site.client.now(), list: None };
    let findings = sender.uploader();
    if !show::may_send(&findings, args.sending) {
        return Ok(finish(site, &[Item::held_back(&label, findings)], args.sending));
    }
    let outcome = site.client.remove_signer(&certificate, &key).await.map(|removed| match removed {
        Removed::Gone => "taken off the list",
        Removed::WasNotThere => "was not on the list",
    });
    Ok(finish(site, &[Item::of(&label, findings, outcome)], args.sending))
}

fn preview(site: &Site, certificate: &Certificate, key: &UploadKey) -> Result<Item, CliError> {
    let request = site.client.signer_removal(certificate, key)?.1;
    print!("{}", show::request(&site.settings.url, &request));
    Ok(Item::done(&certificate.kid().to_string(), "not sent", Vec::new()))
}

/// The signer of this country that the gateway lists under a key identifier.
async fn listed(site: &Site, kid: &str) -> Result<Certificate, CliError> {
    let list = site.list().await?;
    let mut found = site.own(&list, ItemType::Dsc).filter(|entry| entry.kid.as_deref() == Some(kid));
    let certificate = found.next().and_then(|entry| entry.certificate().ok());
    certificate.ok_or_else(|| {
        CliError::Config(ConfigError::Setting {
            setting: "--kid",
            problem: format!(
                "names no signer of {} on the gateway's list: see them with `vaccert gateway status`",
                site.settings.country
            ),
        })
    })
}

fn finish(site: &Site, items: &[Item], sending: Sending) -> ExitCode {
    show::items(&site.address(), items, sending.output.json, site.quiet)
}
