//! What the service does by itself for the account that it gives: it examines itself, pushes counts, and writes back.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::examine::reconciling;
use crate::{
    audit,
    batch::{BatchError, feed::Feed},
    cli::operator::CliError,
    clock::{Clock, System},
    config::{Dhis2Access, Setup},
    limits::REGISTRY_KEY_BYTES,
    publication::heads,
    registry::{
        Registry,
        audit::{By, Deed, Entry, ObjectKind},
    },
    returns::{self, ReturnsError, WriteBack},
    service::operations::{Condition, Conditions, Level},
    work,
};

/// Name of the mark that holds what the last examination found; every replica shows it.
const FOUND: &str = "audit findings";
/// Name of the mark that holds when the last examination began, in seconds since 1970.
const BEGUN: &str = "audit examined";
/// What it holds when nothing was found.
const NOTHING: &str = "-";
/// The part of the program that examines.
const NIGHTLY: &str = "nightly";

/// What the last examination found, as this replica knows it.
#[derive(Clone, Default)]
pub(in crate::cli::operator) struct Account(Arc<Mutex<Option<String>>>);

impl Account {
    /// For the board.
    pub(in crate::cli::operator) fn conditions(&self) -> Conditions {
        let found = Arc::clone(&self.0);
        Arc::new(move |_| {
            let found = found.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let condition = |text| Condition { name: "account".to_owned(), level: Level::Warning, text };
            found.map(condition).into_iter().collect()
        })
    }

    /// Looks up what the last examination found, whichever replica made it.
    pub(in crate::cli::operator) async fn look(&self, registry: &Registry) -> Result<String, CliError> {
        let found = registry.watermark(FOUND).await.map_err(BatchError::from)?;
        let told = match found.as_deref() {
            None => "nothing was examined yet",
            Some(NOTHING) => "the last examination found nothing",
            Some(_) => "the last examination has findings",
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = found.filter(|found| found != NOTHING);
        Ok(told.to_owned())
    }
}

/// One examination, where one is due: the log, the certificates, and the doses where DHIS2 is known. It reads
/// everything, so that the first one is not at the start of the service, which has other things to do, but a whole
/// period later.
pub(in crate::cli::operator) async fn examine(
    setup: Arc<Setup>,
    registry: Registry,
    access: Option<Arc<Dhis2Access>>,
) -> Result<String, CliError> {
    let now = System.now();
    let begun = registry.watermark(BEGUN).await.map_err(BatchError::from)?;
    let begun = begun.and_then(|seconds| seconds.parse::<i64>().ok());
    let every = i64::try_from(setup.audit.every.as_secs()).unwrap_or(i64::MAX);
    let due = begun.is_some_and(|begun| now.as_second().saturating_sub(begun) >= every);
    if !due {
        let since = begun.unwrap_or_else(|| now.as_second());
        if begun.is_none() {
            registry.set_watermark(BEGUN, &format!("{since:020}"), false).await.map_err(BatchError::from)?;
        }
        let next = Timestamp::from_second(since.saturating_add(every)).unwrap_or(now);
        return Ok(format!("everything is examined next after {next}"));
    }
    registry.set_watermark(BEGUN, &format!("{:020}", now.as_second()), true).await.map_err(BatchError::from)?;
    let publisher = work::publisher(&setup, registry.clone(), setup.service.public.clone());
    publisher.put_head(now).await?;
    let keys: Vec<_> = setup.list_key.signer.certificate().public_key().into_iter().collect();
    let (known, unbelieved) = heads(&setup.service.public, &keys);
    let chain = audit::chain(&registry, &known, &unbelieved, |_| {}).await?;
    let mut said = vec![format!("{} rows of the log", chain.rows)];
    let mut found: Vec<String> = Vec::new();
    let note = |what: &str, findings: &audit::Findings, found: &mut Vec<String>| {
        if !findings.is_empty() {
            found.push(format!("{} (vaccert audit {what})", findings.summary()));
        }
    };
    note("verify", &chain.findings, &mut found);
    if setup.audit.certificates {
        let signers: Vec<_> = setup.signers.members().iter().map(|member| member.certificate().clone()).collect();
        let checked = audit::certificates(&registry, &signers, 0, |_| {}).await?;
        said.push(format!("{} certificates", checked.certificates));
        note("certificates", &checked.findings, &mut found);
    }
    if let Some(access) = access.filter(|_| setup.audit.doses) {
        let client = work::client(&access)?;
        let profile = work::program(&client, &setup, None).await?;
        let query = work::query(&client, &access, &profile).await?;
        let feed = Feed::from_dhis2(client, query);
        let with = reconciling(&setup, &registry, &feed, None, Some(profile))?;
        let (people, _) = feed.into_stream();
        let done = audit::reconcile(&with, people, |_| {}).await?;
        registry.note_duplicates(&done.duplicates, now).await.map_err(BatchError::from)?;
        said.push(format!("{} doses against {} certificates that stand", done.doses, done.certificates));
        note("reconcile", &done.findings, &mut found);
    }
    let text = if found.is_empty() { NOTHING.to_owned() } else { format!("found: {}", found.join("; ")) };
    let text: String = text.chars().take(REGISTRY_KEY_BYTES).collect();
    registry.set_watermark(FOUND, &text, true).await.map_err(BatchError::from)?;
    let entry = Entry::new(By::system(NIGHTLY), Deed::Examined)
        .to(ObjectKind::List, "everything")
        .with("findings", found.len());
    registry.audit(&entry, now).await.map_err(BatchError::from)?;
    let examined = said.join(", ");
    Ok(if found.is_empty() { format!("{examined}: nothing found") } else { format!("{examined}; {text}") })
}

/// Pushes the counts of now.
pub(in crate::cli::operator) async fn push(
    setup: Arc<Setup>,
    registry: Registry,
    access: Arc<Dhis2Access>,
) -> Result<String, CliError> {
    let Some(options) = &setup.push else { return Ok("nothing is to be pushed".to_owned()) };
    let client = work::client(&access)?;
    let pushed = returns::push(&client, &registry, options, By::system("push"), System.now()).await?;
    let summary = &pushed.summary;
    if pushed.values > 0 && summary.imported + summary.updated == 0 {
        let first = summary.conflicts.first().cloned().unwrap_or_else(|| "without a reason".to_owned());
        return Err(ReturnsError::NotTaken { values: pushed.values, first }.into());
    }
    Ok(pushed.summary())
}

/// One turn of the write-back.
pub(in crate::cli::operator) async fn write_back(
    setup: Arc<Setup>,
    registry: Registry,
    access: Arc<Dhis2Access>,
) -> Result<String, CliError> {
    let Some(options) = &setup.write_back else { return Ok("nothing is to be written".to_owned()) };
    let client = work::client(&access)?;
    let profile = work::program(&client, &setup, None).await?;
    let org_units = work::query(&client, &access, &profile).await?.org_units;
    let (client, program) = (client.as_ref(), profile.program.as_str());
    let with = WriteBack { client, registry: &registry, program, org_units: &org_units, options };
    Ok(returns::write_back(&with, System.now()).await?.summary())
}
