//! One pull: fetch, authenticate, compare, take over or put aside.

use jiff::Timestamp;

use super::{
    Conditions, Download, Fetched, Kept, Outcome, Pending, Problem, PullStatus, Refusal, Source, Version,
    judge::{self, Arrived},
    shelf::{Shelf, ShelfError, hex},
};
use crate::{
    clock::Clock,
    keys::sha256,
    trust::{ListInfo, TrustStore, diff::Diff, lists::ListError, report::Report},
};

/// Why a pull left no trace of how it ended.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// The folder.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// The program is ending.
    #[error("the pull was stopped: run it again")]
    Stopped,
    /// There is nothing to accept or to compare.
    #[error("{name} has no list that waits: nothing to accept")]
    NothingPending {
        /// Name of the list.
        name: String,
    },
    /// A list on the shelf is not believed any more.
    #[error("the list {name} that was pulled is not believed as the configuration is now: {source}")]
    List {
        /// Name of the list.
        name: String,
        /// Why.
        source: Box<ListError>,
    },
}

/// A list that was read.
struct Judged {
    store: TrustStore,
    info: ListInfo,
    report: Report,
}

/// Reads a list away from the tasks that wait for the network: a large one takes a second.
async fn judged(
    source: &Source,
    bytes: Vec<u8>,
    at: Timestamp,
) -> Result<(Vec<u8>, Result<Judged, ListError>), PullError> {
    let source = source.clone();
    // The proof of a large list takes a second of one core.
    let work = tokio::task::spawn_blocking(move || {
        let mut store = TrustStore::new();
        let outcome = source.read(&bytes, at, &mut store).map(|()| {
            let info = store.lists().first().cloned().unwrap_or_default();
            let report = Report::of(&store, &info, at);
            Judged { store, info, report }
        });
        (bytes, outcome)
    });
    work.await.map_err(|_| PullError::Stopped)
}

/// Pulls one list. Whatever the network and the list do, the outcome is in the status, which is kept beside the list,
/// and a good list stays in use.
///
/// # Errors
/// Only when the folder of the list cannot be used.
pub async fn pull(source: &Source, download: &dyn Download, clock: &dyn Clock) -> Result<PullStatus, PullError> {
    let mut shelf = Shelf::hold(&source.folder)?;
    let before = shelf.ledger.current.clone();
    let here = before.as_ref().filter(|kept| kept.address == source.address);
    let known = here.map(|kept| kept.conditions.clone()).unwrap_or_default();
    let fetched = download.fetch(&known).await;
    let now = clock.now();
    let mut status = standing(source, &shelf, now);
    let (bytes, conditions) = match fetched {
        Err(error) => {
            status.problem = Some(Problem { code: "unreachable".to_owned(), words: error.to_string() });
            return finish(&mut shelf, status);
        }
        Ok(Fetched::List { bytes, conditions }) => (bytes, conditions),
        Ok(Fetched::Unchanged) => match &before {
            // The certificates in it grow old while it stays the same, so it is judged anew.
            Some(kept) => (shelf.read(kept)?, known),
            None => {
                let words = "the server says that nothing changed, and nothing was there before".to_owned();
                status.problem = Some(Problem { code: "unreachable".to_owned(), words });
                return finish(&mut shelf, status);
            }
        },
    };
    let (bytes, outcome) = judged(source, bytes, now).await?;
    let new = match outcome {
        Ok(new) => new,
        Err(error) => {
            status.outcome = Outcome::NotBelieved;
            status.problem = Some(Problem { code: code(&error).to_owned(), words: error.to_string() });
            return finish(&mut shelf, status);
        }
    };
    let digest = hex(&sha256(&bytes));
    let arrived = Arrived {
        sha256: &digest,
        made_at: new.info.made_at,
        // One entry with a date of next year must not make every later list look old.
        newest_entry: new.info.newest_entry.filter(|newest| !judge::is_from_the_future(*newest, now)),
        keys: new.store.len(),
        authorities: new.store.authorities().count(),
    };
    if let Some(made) = arrived.made_at.filter(|made| judge::is_from_the_future(*made, now)) {
        status.outcome = Outcome::NotBelieved;
        let words = format!("the list says that it was made {made}, and it is {now}: check the clock of this machine");
        status.problem = Some(Problem { code: "from-the-future".to_owned(), words });
        return finish(&mut shelf, status);
    }
    let diff = match &before {
        Some(kept) => {
            let old = judged(source, shelf.read(kept)?, kept.judged_at).await?.1;
            old.ok().map(|old| Diff::between(&old.store, &new.store, now))
        }
        None => None,
    };
    let mut refusals =
        judge::refusals(source.kind, &arrived, before.as_ref(), shelf.ledger.previous.as_ref(), diff.as_ref());
    if let Some(kept) = before.as_ref().filter(|kept| kept.sha256 != digest) {
        let (old, new) = (shelf.read(kept)?, bytes.clone());
        let forgotten = tokio::task::spawn_blocking(move || judge::forgotten(old, new));
        refusals.extend(forgotten.await.map_err(|_| PullError::Stopped)?);
    }
    let kept = Kept {
        number: 0,
        sha256: digest.clone(),
        fetched_at: now,
        judged_at: now,
        made_at: arrived.made_at,
        newest_entry: arrived.newest_entry,
        keys: arrived.keys,
        authorities: arrived.authorities,
        conditions,
        address: source.address.clone(),
        accepted_by_hand: false,
    };
    if !refusals.is_empty() {
        put_aside(&mut shelf, &mut status, &bytes, &new.report, kept, refusals, now)?;
        return finish(&mut shelf, status);
    }
    let same = before.as_ref().is_some_and(|kept| kept.sha256 == digest);
    let changed = diff.as_ref().is_none_or(|diff| !diff.is_empty());
    status.outcome = if same && !changed { Outcome::Unchanged } else { Outcome::Taken };
    if same && !changed {
        // The same list, judged as before: only the time moves on.
        if let Some(current) = &mut shelf.ledger.current {
            current.judged_at = now;
            current.conditions = kept.conditions;
            current.address = kept.address;
        }
    } else {
        let number = shelf.put(&bytes, &new.report)?;
        shelf.ledger.previous = before;
        shelf.ledger.current = Some(Kept { number, ..kept });
        (status.added, status.removed) = diff.map_or((arrived.keys, 0), |diff| (diff.added, diff.removed));
    }
    // The source has come to itself: nothing waits any more.
    shelf.ledger.pending = None;
    status.pending_since = None;
    status.last_success = Some(now);
    describe(&mut status, &new.report, new.info.made_at.or(new.info.newest_entry));
    status.own_missing = own_missing(source, &mut shelf, &new.store);
    finish(&mut shelf, status)
}

/// The status before anything came: what the last run left, with a new attempt.
fn standing(source: &Source, shelf: &Shelf, now: Timestamp) -> PullStatus {
    let last = shelf.ledger.status.clone();
    let last = last.unwrap_or_else(|| PullStatus {
        name: source.name.clone(),
        kind: source.kind,
        address: source.address.clone(),
        outcome: Outcome::Unreachable,
        last_attempt: now,
        last_success: None,
        problem: None,
        pending_since: None,
        own_missing: Vec::new(),
        made_at: None,
        keys: 0,
        expired: 0,
        authorities: 0,
        countries: 0,
        rejected: 0,
        added: 0,
        removed: 0,
        max_age_seconds: 0,
    });
    PullStatus {
        name: source.name.clone(),
        kind: source.kind,
        address: source.address.clone(),
        outcome: Outcome::Unreachable,
        last_attempt: now,
        problem: None,
        pending_since: shelf.ledger.pending.as_ref().map(|pending| pending.since),
        added: 0,
        removed: 0,
        max_age_seconds: source.max_age.as_secs(),
        ..last
    }
}

fn finish(shelf: &mut Shelf, status: PullStatus) -> Result<PullStatus, PullError> {
    shelf.ledger.status = Some(status.clone());
    shelf.save()?;
    Ok(status)
}

/// Stable code of a list that is not believed.
fn code(error: &ListError) -> &'static str {
    match error {
        ListError::Empty { .. } => "empty",
        ListError::Unsigned { .. } | ListError::Signature { .. } | ListError::NothingAuthentic { .. } => {
            "not-authentic"
        }
        ListError::ListKeyDates { .. } => "list-key-out-of-date",
        _ => "unreadable",
    }
}

fn put_aside(
    shelf: &mut Shelf,
    status: &mut PullStatus,
    bytes: &[u8],
    report: &Report,
    kept: Kept,
    refusals: Vec<Refusal>,
    now: Timestamp,
) -> Result<(), PullError> {
    let words: Vec<&str> = refusals.iter().map(|refusal| refusal.words.as_str()).collect();
    let code = refusals.first().map(|refusal| refusal.code.clone()).unwrap_or_default();
    status.outcome = Outcome::Refused;
    status.problem = Some(Problem { code, words: words.join("; ") });
    let waiting = shelf.ledger.pending.as_ref();
    // The same one again waits since it first came.
    let since = waiting.filter(|waiting| waiting.kept.sha256 == kept.sha256).map_or(now, |waiting| waiting.since);
    let number = shelf.put(bytes, report)?;
    shelf.ledger.pending = Some(Pending { kept: Kept { number, ..kept }, refusals, since });
    status.pending_since = Some(since);
    Ok(())
}

fn describe(status: &mut PullStatus, report: &Report, made_at: Option<Timestamp>) {
    status.made_at = made_at;
    status.keys = report.accepted;
    status.expired = report.expired;
    status.authorities = report.authorities;
    status.countries = report.countries.values().filter(|country| country.accepted > 0).count();
    status.rejected = report.rejected;
}

/// Own signers that the list should have and has not. Those that it has are remembered: they are missed from then on.
fn own_missing(source: &Source, shelf: &mut Shelf, store: &TrustStore) -> Vec<String> {
    let mut missing = Vec::new();
    for kid in &source.own {
        let name = kid.to_string();
        if !store.candidates(kid).is_empty() {
            if !shelf.ledger.own_seen.contains(&name) {
                shelf.ledger.own_seen.push(name);
            }
        } else if source.expect_own || shelf.ledger.own_seen.contains(&name) {
            missing.push(name);
        }
    }
    missing
}

/// A list on the shelf.
#[derive(Debug, Clone)]
pub struct Stored {
    /// What is known of it.
    pub kept: Kept,
    /// The list as it came.
    pub bytes: Vec<u8>,
}

/// A version of a list as it came; `None` where there is no such version.
///
/// # Errors
/// When the folder cannot be used, or the list in it was changed.
pub fn stored(source: &Source, version: Version) -> Result<Option<Stored>, ShelfError> {
    // A pull that ends meanwhile may remove the version that was looked up; then there is a new one.
    let mut tries = 0;
    loop {
        let Some(shelf) = Shelf::look(&source.folder)? else { return Ok(None) };
        let Some(kept) = shelf.ledger.version(version).cloned() else { return Ok(None) };
        match shelf.read(&kept) {
            Ok(bytes) => return Ok(Some(Stored { kept, bytes })),
            Err(ShelfError::File { kind: std::io::ErrorKind::NotFound, .. }) if tries < 3 => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Reads a version of a list as it was judged when it came, into a store. `None` where there is no such version.
///
/// # Errors
/// When the folder cannot be used, or the list is not believed any more: the configuration names another list key.
pub fn load(source: &Source, version: Version, store: &mut TrustStore) -> Result<Option<Kept>, PullError> {
    let Some(Stored { kept, bytes }) = stored(source, version)? else { return Ok(None) };
    let read = source.read(&bytes, kept.judged_at, store);
    read.map_err(|error| PullError::List { name: source.name.clone(), source: Box::new(error) })?;
    Ok(Some(kept))
}

impl PullStatus {
    /// Reads how a list stands from its folder; `None` before the first pull.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn of(source: &Source) -> Result<Option<Self>, ShelfError> {
        Ok(Shelf::look(&source.folder)?.and_then(|shelf| shelf.ledger.status))
    }

    /// Path of the whole account of the list in use.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn report_path(source: &Source) -> Result<Option<std::path::PathBuf>, ShelfError> {
        let shelf = Shelf::look(&source.folder)?;
        Ok(shelf.and_then(|shelf| shelf.ledger.current.as_ref().map(|kept| shelf.report_path(kept.number))))
    }
}

/// What would change if the list that waits were accepted, and why it waits.
///
/// # Errors
/// When nothing waits, or the folder cannot be used.
pub fn compare_pending(source: &Source, clock: &dyn Clock) -> Result<(Diff, Pending), PullError> {
    let nothing = || PullError::NothingPending { name: source.name.clone() };
    let shelf = Shelf::look(&source.folder)?.ok_or_else(nothing)?;
    let pending = shelf.ledger.pending.clone().ok_or_else(nothing)?;
    let (mut old, mut new) = (TrustStore::new(), TrustStore::new());
    // The one in use may be one that the configuration does not believe any more; then everything is new.
    let _ = load(source, Version::Current, &mut old);
    load(source, Version::Pending, &mut new)?;
    Ok((Diff::between(&old, &new, clock.now()), pending))
}

/// A list that an operator accepted.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// How the list stands now.
    pub status: PullStatus,
    /// What kept it from being taken before.
    pub refusals: Vec<Refusal>,
}

/// Takes the list that waits. `expected` is the SHA-256 of what the operator saw: another one that came meanwhile is
/// not accepted unseen.
///
/// # Errors
/// When nothing waits any more, or the folder cannot be used.
pub fn accept(source: &Source, expected: &str, clock: &dyn Clock) -> Result<Accepted, PullError> {
    let mut shelf = Shelf::hold(&source.folder)?;
    let pending = shelf.ledger.pending.take().filter(|pending| pending.kept.sha256 == expected);
    let pending = pending.ok_or_else(|| PullError::NothingPending { name: source.name.clone() })?;
    let now = clock.now();
    let bytes = shelf.read(&pending.kept)?;
    let mut store = TrustStore::new();
    let read = source.read(&bytes, pending.kept.judged_at, &mut store);
    read.map_err(|error| PullError::List { name: source.name.clone(), source: Box::new(error) })?;
    let info = store.lists().first().cloned().unwrap_or_default();
    let report = Report::of(&store, &info, pending.kept.judged_at);
    let mut status = standing(source, &shelf, now);
    status.outcome = Outcome::Taken;
    status.pending_since = None;
    // The list came when it was fetched; accepting it makes it no younger.
    status.last_success = status.last_success.max(Some(pending.kept.fetched_at));
    describe(&mut status, &report, info.made_at.or(info.newest_entry));
    // What the operator saw and accepted is missed no more.
    shelf
        .ledger
        .own_seen
        .retain(|name| source.own.iter().any(|kid| kid.to_string() == *name && !store.candidates(kid).is_empty()));
    status.own_missing = own_missing(source, &mut shelf, &store);
    // An older list may be accepted, and then a replay of it is one no more; the server is asked for all of it again.
    let kept = Kept { accepted_by_hand: true, conditions: Conditions::default(), ..pending.kept };
    shelf.ledger.previous = shelf.ledger.current.replace(kept);
    finish(&mut shelf, status.clone())?;
    Ok(Accepted { status, refusals: pending.refusals })
}
