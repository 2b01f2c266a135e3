//! The trust lists that are pulled: fresh, believed, waiting for nobody, and with the own signers in them.

use jiff::Timestamp;

use super::{
    Area, Finding,
    finding::{Notes, count},
};
use crate::{
    config::{Inspected, Setup},
    gateway::lists::{Level, PullStatus, Version, load},
    trust::TrustStore,
};

/// What the pulled lists told.
#[derive(Debug, Default)]
pub(super) struct Pulled {
    pub(super) findings: Vec<Finding>,
    /// Everything that is listed, where the own signers are among it: by this a verifier abroad would know them.
    pub(super) list: Option<TrustStore>,
}

/// Checks the lists.
pub(super) fn check(inspected: Option<&Inspected>, setup: Option<&Setup>, now: Timestamp) -> Pulled {
    let mut notes = Notes::of(Area::Registry);
    let mut store = TrustStore::new();
    let sources = match inspected.map(|inspected| &inspected.trust) {
        None => return Pulled::default(),
        Some(Err(error)) => {
            notes.error("trust-lists", error, "correct the sections [[trust]]");
            return Pulled { findings: notes.into_list(), list: None };
        }
        Some(Ok(sources)) => sources,
    };
    if sources.is_empty() {
        notes.advice(
            "trust-lists",
            "no trust list is pulled, so that only own certificates can be verified here",
            "name the lists of your network in sections [[trust]], then run vaccert trust pull",
        );
    }
    for source in sources {
        let source = &source.source;
        match PullStatus::of(source) {
            Err(error) => notes.error("trust-lists", &error, "look at the folder of the lists"),
            Ok(None) => notes.warning(
                "trust-lists",
                format!("{} was never pulled", source.name),
                "run vaccert trust pull, and let cron or vaccert serve run it every hour",
            ),
            Ok(Some(status)) => standing(&mut notes, &status, now),
        }
        if let Err(error) = load(source, Version::Current, &mut store) {
            notes.error("trust-lists", &error, "run vaccert trust pull again");
        }
    }
    let known = setup.is_some_and(|setup| own(&mut notes, setup, &store));
    Pulled { findings: notes.into_list(), list: known.then_some(store) }
}

fn standing(notes: &mut Notes, status: &PullStatus, now: Timestamp) {
    let name = &status.name;
    let age = status.age(now).map_or_else(|| "never".to_owned(), |age| format!("{} h ago", age.as_hours()));
    let signers = count(status.keys, "signer", "signers");
    let countries = count(status.countries, "country", "countries");
    let found = format!("{name}: {signers} of {countries}, last pulled {age}");
    if !status.own_missing.is_empty() {
        return notes.fault(
            "trust-lists",
            format!("{name} does not have the own signers {}", status.own_missing.join(", ")),
            "run vaccert gateway status, then vaccert gateway upload --signer: abroad nobody can check their certificates",
        );
    }
    let problem = status.problem.as_ref().map(|problem| problem.words.clone());
    match status.level(now) {
        Level::Good => notes.ok("trust-lists", found),
        Level::Warning => notes.warning(
            "trust-lists",
            format!("{found}; the last attempt failed: {}", problem.unwrap_or_default()),
            "run vaccert trust pull again, and look at the network",
        ),
        Level::Alarm if status.pending_since.is_some() => notes.warning(
            "trust-lists",
            format!("{name}: a list waits for an operator: {}", problem.unwrap_or_default()),
            format!("look at vaccert trust diff {name} {name}@pending, then vaccert trust accept {name}"),
        ),
        Level::Alarm => notes.fault(
            "trust-lists",
            format!("{found}{}", problem.map(|words| format!("; {words}")).unwrap_or_default()),
            "run vaccert trust pull, and let cron or vaccert serve run it every hour",
        ),
    }
}

/// Whether the own signers are listed; another key under an own identifier is told (failure F15).
fn own(notes: &mut Notes, setup: &Setup, store: &TrustStore) -> bool {
    let mut known = false;
    for member in setup.signers.members() {
        let certificate = member.certificate();
        let Ok(key) = certificate.public_key() else { continue };
        let listed = store.candidates(certificate.kid());
        known |= listed.iter().any(|listed| listed.key == key);
        if let Some(other) = listed.iter().find(|listed| listed.key != key) {
            notes.fault(
                "kid-collision",
                format!(
                    "another key of {} has the key identifier {} of an own signer",
                    other.country.as_deref().unwrap_or("another country"),
                    certificate.kid()
                ),
                "make a new signer certificate (vaccert keys ceremony): gateways refuse the second of two, and some \
                 verifiers try only the first",
            );
        }
    }
    known
}
