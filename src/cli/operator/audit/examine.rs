//! The three examinations.

use std::{fs, path::Path, process::ExitCode, sync::Arc};

use super::{AuditRunError, Desk, ReconcileArgs, ReportArgs, show};
use crate::{
    audit::{self, AuditError, Reconciling},
    batch::{feed::Facilities, feed::Feed},
    cli::operator::{CliError, progress::say},
    clock::{Clock, System},
    config::{Dhis2Access, Setup},
    keys::PublicKey,
    publication::{SignedHead, heads},
    registry::Registry,
    source::{assess::Assessor, file::read_facilities, profile::Profile},
    valueset::dhis2::Dhis2Vaccines,
    work,
};

/// Keys that may have signed heads and exports.
fn list_keys(setup: &Setup) -> Vec<PublicKey> {
    setup.list_key.signer.certificate().public_key().into_iter().collect()
}

pub(super) async fn verify(
    desk: &Desk,
    kept: &[std::path::PathBuf],
    export: Option<&Path>,
    report: &ReportArgs,
) -> Result<ExitCode, CliError> {
    let keys = list_keys(&desk.setup);
    let (mut known, unbelieved) = heads(&desk.setup.service.public, &keys);
    for path in kept {
        let read = |error: std::io::Error| AuditRunError::Read { path: path.clone(), kind: error.kind() };
        let bytes = fs::read(path).map_err(read)?;
        let head = SignedHead::read(&bytes, &keys);
        known.push(head.map_err(|error| AuditRunError::Head { path: path.clone(), error })?);
    }
    let mut display = show::Counting::new("rows", desk.quiet);
    let checked = audit::chain(&desk.registry, &known, &unbelieved, |rows| display.at(rows)).await?;
    display.end();
    let mut whole = checked.findings.is_empty();
    if !show::report(&checked, report)? && !desk.quiet {
        if whole {
            say!("The log is whole: {} rows, compared with {} published heads", checked.rows, checked.heads);
            say!("Newest row: {} {}", checked.number, checked.hash);
        } else {
            say!("The log is NOT whole: {} rows were looked at", checked.rows);
        }
        show::findings(&checked.findings);
    }
    if let Some(path) = export {
        let (exported, same) = audit::read_manifest(path, &keys)?;
        whole &= same;
        if !desk.quiet {
            let word = if same { "is what was exported" } else { "is NOT the file that was exported" };
            say!(
                "{} {word} on {}: rows {} to {}",
                path.display(),
                exported.made_at,
                or(exported.first),
                or(exported.last)
            );
        }
    }
    desk.told("log", checked.findings.counts.values().sum(), System.now()).await;
    Ok(show::exit(whole))
}

fn or(number: Option<u64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| number.to_string())
}

pub(super) async fn certificates(desk: &Desk, after: u64, report: &ReportArgs) -> Result<ExitCode, CliError> {
    // The certificates of all members, also of those that do not sign today.
    let signers: Vec<_> = desk.setup.signers.members().iter().map(|member| member.certificate().clone()).collect();
    let mut display = show::Counting::new("certificates", desk.quiet);
    let checked = audit::certificates(&desk.registry, &signers, after, |done| display.at(done)).await?;
    display.end();
    let whole = checked.findings.is_empty();
    if !show::report(&checked, report)? && !desk.quiet {
        let (all, envelopes) = (checked.certificates, checked.envelopes);
        if whole {
            say!("All {all} certificates verify in each of their {envelopes} codes, and the log tells of them");
        } else {
            say!("{all} certificates with {envelopes} codes were verified again");
        }
        if checked.before_the_log > 0 {
            say!("{} of them were issued before there was an audit log", checked.before_the_log);
        }
        say!("Looked at up to number {0}; go on behind it with --after {0}", checked.through);
        show::findings(&checked.findings);
    }
    desk.told("certificates", checked.findings.counts.values().sum(), System.now()).await;
    Ok(show::exit(whole))
}

/// What a reconciliation needs, from a setup and a source.
pub(in crate::cli::operator) fn reconciling(
    setup: &Setup,
    registry: &Registry,
    feed: &Feed,
    named: Option<&str>,
    found: Option<Profile>,
) -> Result<Reconciling, CliError> {
    let profile = work::profile(setup, named, found)?;
    let vaccines = Dhis2Vaccines::built_in().with_overrides(setup.vaccines.clone())?;
    let assessor = Assessor::new(profile, Arc::new(vaccines), feed.facilities().names())?;
    Ok(Reconciling {
        registry: registry.clone(),
        assessor,
        clock: Arc::new(System),
        country: setup.country,
        days: None,
    })
}

pub(super) async fn reconciled(desk: &Desk, args: ReconcileArgs) -> Result<ExitCode, CliError> {
    let ReconcileArgs { from_file, given_from, given_to, csv, profile, report, dhis2 } = args;
    let days = given_from.zip(given_to);
    if days.is_some_and(|(from, until)| from > until) {
        return Err(AuditRunError::Days.into());
    }
    let named = profile.as_deref();
    let (feed, found) = match &from_file {
        None => {
            let access = Dhis2Access::of(dhis2.over(desk.setup.dhis2.clone()))?;
            let client = work::client(&access)?;
            let found = work::program(&client, &desk.setup, named).await?;
            let query = work::query(&client, &access, &found).await?;
            (Feed::from_dhis2(client, query), Some(found))
        }
        Some(path) => {
            let list = path.with_file_name("organisationUnits.json");
            let names = if list.is_file() { Facilities::new(read_facilities(&list)?) } else { Facilities::default() };
            let mut feed = Feed::from_file(path.clone(), names);
            let fixed = named.is_some() || desk.setup.profile.base.is_some() || desk.setup.profile.program.is_some();
            let found = if fixed {
                None
            } else {
                let sample = feed.peek().await?;
                if sample.is_empty() {
                    Profile::built_in().pop()
                } else {
                    Some(crate::source::profile::detect_from_data(sample)?.profile)
                }
            };
            (feed, found)
        }
    };
    let with = Reconciling { days, ..reconciling(&desk.setup, &desk.registry, &feed, named, found)? };
    let (people, _) = feed.into_stream();
    let mut display = show::Counting::new("people", desk.quiet);
    let done = audit::reconcile(&with, people, |people| display.at(people)).await?;
    display.end();
    // A file may hold a part of the country, or an older state: the console shows what DHIS2 itself says.
    if from_file.is_none() {
        desk.registry.note_duplicates(&done.duplicates, System.now()).await.map_err(AuditError::from)?;
    }
    if let Some(path) = &csv {
        let failed = |error: std::io::Error| AuditError::Write { path: path.clone(), kind: error.kind() };
        fs::write(path, show::csv(&done)).map_err(failed)?;
    }
    let whole = done.findings.is_empty();
    if !show::report(&done, &report)? && !desk.quiet {
        show::reconciled(&done);
        show::findings(&done.findings);
        if from_file.is_some() {
            say!("The list of people who are there twice in the console is left as DHIS2 itself last gave it");
        }
    }
    desk.told("doses", done.findings.counts.values().sum(), System.now()).await;
    Ok(show::exit(whole))
}
