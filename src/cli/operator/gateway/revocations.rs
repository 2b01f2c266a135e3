//! `vaccert gateway revocations`: pull those of all countries, push and delete our own.

use std::{collections::HashSet, path::PathBuf, process::ExitCode};

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Subcommand;
use jiff::SignedDuration;

use super::{
    Output, Sending, pull,
    show::{self, Item},
    site::Site,
};
use crate::{
    batch::BatchError,
    cli::{operator::CliError, verify::knowledge::read},
    config::Books,
    gateway::{ListEntry, Removed, Sender, UploadKey},
    publication::gateway::{payload, pending_gateway_work},
    registry::{GatewayBatch, GatewayWork, Registry},
    trust::cms::SignedData,
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
    /// Upload what the registry has revoked and delete what was taken back; or upload batches from files
    Push {
        /// Batches of 1 to 1,000 hashes, one JSON file each; without any, those of the registry
        #[arg(value_name = "FILE")]
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
        RevocationsCommand::Push { files, sending } if files.is_empty() => push_registry(site, sending).await,
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

/// Brings the gateway to what the registry says. An upload is noted as soon as the gateway has named it, and a batch is
/// deleted only when the one that took over the rest of it is there.
async fn push_registry(site: &Site, sending: Sending) -> Result<ExitCode, CliError> {
    let books = Books::load(&site.config)?;
    let registry = Registry::open(&books.url, books.options).await.map_err(BatchError::from)?;
    let key = site.upload_key()?;
    let list = site.list().await?;
    let mut items: Vec<Item> = Vec::new();
    let mut tried: HashSet<u64> = HashSet::new();
    'rounds: loop {
        let work = pending_gateway_work(&registry, BATCHES_AT_ONCE, site.client.now()).await;
        // What failed in this run is left for the next.
        let work = work.map_err(BatchError::from)?.into_iter();
        let work: Vec<GatewayWork> = work.filter(|one| tried.insert(number(one))).collect();
        if work.is_empty() {
            break;
        }
        for one in work {
            let item = match one {
                GatewayWork::Upload(batch) => upload(site, &registry, &batch, &key, &list, sending).await?,
                GatewayWork::Delete { number, gateway_id } if sending.show => {
                    Item::done(&format!("delete batch {number}"), "not sent", Vec::new()).named(Some(gateway_id))
                }
                GatewayWork::Delete { number, gateway_id } => {
                    let removed = site.client.remove_batch(&gateway_id, &key).await;
                    if removed.is_ok() {
                        let noted = registry.note_deleted(number, site.client.now()).await;
                        noted.map_err(BatchError::from)?;
                    }
                    Item::of(&format!("delete batch {number}"), Vec::new(), removed.map(|_| "deleted"))
                        .named(Some(gateway_id))
                }
            };
            items.push(item);
            if items.last().is_some_and(Item::is_unreachable) {
                break 'rounds;
            }
        }
    }
    registry.close().await;
    Ok(show::items(&site.address(), &items, sending.output.json, site.quiet))
}

/// Batches that are planned and sent before the registry is asked again.
const BATCHES_AT_ONCE: u32 = 100;

/// A number for each thing to do: an upload and a deletion of one batch are two.
fn number(work: &GatewayWork) -> u64 {
    match work {
        GatewayWork::Upload(batch) => batch.number.saturating_mul(2),
        GatewayWork::Delete { number, .. } => number.saturating_mul(2).saturating_add(1),
    }
}

async fn upload(
    site: &Site,
    registry: &Registry,
    batch: &GatewayBatch,
    key: &UploadKey,
    list: &[ListEntry],
    sending: Sending,
) -> Result<Item, CliError> {
    let (country, now) = (site.settings.country.as_str(), site.client.now());
    let content = payload(batch, country).into_bytes();
    let name = format!("batch {} with {} entries", batch.number, batch.hashes.len());
    let sender = Sender { country, upload: key.certificate(), now, list: Some(list) };
    let findings = sender.batch(&content);
    if sending.show {
        print!("{}", show::request(&site.settings.url, &site.client.batch_upload(&content, key)?));
        return Ok(Item::done(&name, "not sent", findings));
    }
    if !show::may_send(&findings, sending) {
        return Ok(Item::held_back(&name, findings));
    }
    let (outcome, id) = match adopted(site, registry, batch, &content).await? {
        Some(id) => (Ok("was there already"), Some(id)),
        None => {
            // Before it is sent: a crash between the upload and its note must not lead to a second one.
            registry.note_begun(batch.number, site.client.now()).await.map_err(BatchError::from)?;
            match site.client.upload_batch(&content, key).await {
                Ok(id) => (Ok("uploaded"), Some(id)),
                Err(error) => (Err(error), None),
            }
        }
    };
    if let Some(id) = &id {
        let noted = registry.note_uploaded(batch.number, id, site.client.now()).await;
        noted.map_err(BatchError::from)?;
    }
    Ok(Item::of(&name, findings, outcome).named(id))
}

/// The gateway's name for a batch whose upload was begun before and noted by nobody, if it is there. Where the list of
/// batches may not be read, it is taken as not there: twice is better than never.
async fn adopted(
    site: &Site,
    registry: &Registry,
    batch: &GatewayBatch,
    content: &[u8],
) -> Result<Option<String>, CliError> {
    let Some(begun) = batch.begun_at else { return Ok(None) };
    // The gateway's clock may be another.
    let since = begun.checked_sub(SignedDuration::from_hours(24)).unwrap_or(begun);
    let Ok(changes) = site.client.revocation_changes(since).await else { return Ok(None) };
    for listed in changes.batches.iter().filter(|listed| !listed.deleted && listed.country == site.settings.country) {
        if registry.is_gateway_batch(&listed.batch_id).await.map_err(BatchError::from)? {
            continue;
        }
        let Ok(Some(message)) = site.client.revocation_batch(&listed.batch_id).await else { continue };
        let Ok(message) = STANDARD.decode(message.trim_ascii()) else { continue };
        if SignedData::read(&message).is_ok_and(|message| message.content() == Some(content)) {
            return Ok(Some(listed.batch_id.clone()));
        }
    }
    Ok(None)
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
