//! What others read from this installation, and what it reads from others: whether both are fresh.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::{Area, Finding, finding::Notes, gateway};
use crate::{
    batch::BUNDLE_FILE,
    config::{Inspected, Setup},
    gateway::{PullReport, State},
    limits::{SMALL_FILE_BYTES, TRUST_LIST_BYTES},
    publication::index_path,
    registry::Registry,
    revocation::Index,
    trust::bundle,
};

/// Age of a pull at which the day of somebody else's revocation has been missed.
const PULL_HOURS: i64 = 24;

/// Longest that a revocation may take to a published list.
const REVOCATION: SignedDuration = SignedDuration::from_mins(5);

/// Checks the folder that is published and the folder of what was pulled.
pub(super) async fn check(
    inspected: Option<&Inspected>,
    setup: Option<&Setup>,
    registry: Option<&Registry>,
    now: Timestamp,
) -> Vec<Finding> {
    let mut notes = Notes::of(Area::Registry);
    match (setup, registry) {
        (Some(setup), registry) => {
            own_bundle(&mut notes, setup, now);
            if let Some(registry) = registry {
                waiting(&mut notes, setup, registry, now).await;
            }
        }
        (None, _) => notes.not_checked("published", "the configuration cannot be used, see above"),
    }
    if let Some(settings) = gateway::settings(inspected) {
        pulled(&mut notes, &settings.state, now);
    }
    notes.into_list()
}

/// At most so many bytes of a file; `None` where it is not there or larger.
fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    let size = std::fs::metadata(path).ok()?.len();
    if size > most { None } else { std::fs::read(path).ok() }
}

/// The trust bundle that devices fetch.
fn own_bundle(notes: &mut Notes, setup: &Setup, now: Timestamp) {
    let path = setup.service.public.join(BUNDLE_FILE);
    if !path.exists() {
        return notes.note("published", "vaccert serve has published nothing yet");
    }
    let remedy = "look at the task publish on the status page of vaccert serve, and start it if it is not running";
    let Some(bytes) = read(&path, TRUST_LIST_BYTES) else {
        return notes.fault("published", format!("{} cannot be read", path.display()), remedy);
    };
    let key = setup.list_key.signer.certificate().public_key();
    let keys: Vec<_> = key.into_iter().collect();
    match bundle::read(bytes, &keys) {
        Err(error) => notes.error("published", &error, remedy),
        Ok(bundle) => {
            let until = bundle.contents.valid_until;
            let age = now.duration_since(bundle.contents.made_at);
            let validity = until.duration_since(bundle.contents.made_at);
            let found = format!("the trust bundle is {} old and good until {}", words(age), until.strftime("%Y-%m-%d"));
            if now > until {
                notes.fault("published", format!("the trust bundle ended on {}", until.strftime("%Y-%m-%d")), remedy);
            } else if age > validity.checked_div(2).unwrap_or(validity) {
                notes.warning("published", found, remedy);
            } else {
                notes.ok("published", found);
            }
        }
    }
}

/// Revocations that no published list has yet.
async fn waiting(notes: &mut Notes, setup: &Setup, registry: &Registry, now: Timestamp) {
    let remedy = "run vaccert publish, and keep vaccert serve running: it publishes every minute";
    let keys: Vec<_> = setup.list_key.signer.certificate().public_key().into_iter().collect();
    let bytes = read(&index_path(&setup.service.public), TRUST_LIST_BYTES);
    let through = match bytes.map(|bytes| Index::read(&bytes, &keys, false)) {
        None => 0,
        Some(Ok(signed)) => signed.index.through,
        Some(Err(error)) => return notes.error("revocations", &error, remedy),
    };
    match registry.revocations(through, 1).await {
        Err(error) => notes.error("revocations", &error, "restore the registry from its backup"),
        Ok(next) => match next.first().map(|revocation| now.duration_since(revocation.at)) {
            None => notes.ok("revocations", "every revocation is on a published list"),
            Some(age) if age > REVOCATION => {
                let found = format!("a revocation has waited for {} and is on no published list", words(age));
                notes.fault("revocations", found, remedy);
            }
            Some(_) => notes.ok("revocations", "the newest revocation goes out with the next publication"),
        },
    }
}

/// What was pulled from the gateway: rules, value sets, revocations.
fn pulled(notes: &mut Notes, folder: &Path, now: Timestamp) {
    let remedy = "run vaccert gateway pull, and let cron or vaccert serve run it every hour";
    let Some(bytes) = read(&folder.join("report.json"), SMALL_FILE_BYTES.saturating_mul(64)) else {
        return notes.advice("pulled", "nothing was pulled from the gateway yet", remedy);
    };
    let Ok(report) = serde_json::from_slice::<PullReport>(&bytes) else {
        return notes.fault("pulled", "the report of the last pull cannot be read", remedy);
    };
    let age = now.duration_since(report.pulled_at);
    if age > SignedDuration::from_hours(PULL_HOURS) {
        notes.warning("pulled", format!("the last pull from the gateway was {} ago", words(age)), remedy);
    } else {
        notes.ok("pulled", format!("the last pull from the gateway was {} ago", words(age)));
    }
    for kind in report.kinds.iter().filter(|kind| kind.status != State::Taken) {
        let reason = kind.reason.as_deref().unwrap_or("no reason was given");
        notes.warning("pulled", format!("{}: the last good one stays: {reason}", kind.kind.name()), remedy);
    }
}

fn words(age: SignedDuration) -> String {
    match age.as_mins() {
        ..120 => format!("{} min", age.as_mins().max(0)),
        120..2_880 => format!("{} h", age.as_hours()),
        _ => format!("{} days", age.as_hours() / 24),
    }
}
