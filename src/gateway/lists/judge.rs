//! A new list against the last good one: what keeps it from taking its place without an operator's word.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Kept, SourceKind};
use crate::{
    gateway::guard::{self, Verdict},
    limits::LIST_FUTURE_HOURS,
    revocation::{Regressed, Revocations, follows},
    trust::{bundle, diff::Diff},
};

/// Why a list that is authentic was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable code: `empty`, `smaller`, `authorities-empty`, `authorities-smaller`, `country-gone`, `older`,
    /// `forgets-revocations`.
    pub code: String,
    /// In words.
    pub words: String,
}

impl Refusal {
    pub(super) fn new(code: &str, words: impl Into<String>) -> Self {
        Self { code: code.to_owned(), words: words.into() }
    }
}

/// What is known of a list that just came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrived<'a> {
    pub(super) sha256: &'a str,
    pub(super) made_at: Option<Timestamp>,
    pub(super) newest_entry: Option<Timestamp>,
    pub(super) keys: usize,
    pub(super) authorities: usize,
}

/// Whether a time is later than any difference of clocks can excuse.
pub(super) fn is_from_the_future(time: Timestamp, now: Timestamp) -> bool {
    time > now.checked_add(SignedDuration::from_hours(LIST_FUTURE_HOURS)).unwrap_or(now)
}

/// Everything that speaks against taking the list over. `diff` is missing where the last good one cannot be read any
/// more.
pub(super) fn refusals(
    kind: SourceKind,
    arrived: &Arrived<'_>,
    current: Option<&Kept>,
    previous: Option<&Kept>,
    diff: Option<&Diff>,
) -> Vec<Refusal> {
    let mut found = Vec::new();
    let (old_keys, old_authorities) = current.map_or((0, 0), |kept| (kept.keys, kept.authorities));
    let verdict = guard::judge(old_keys, arrived.keys);
    // A list of authorities alone, such as ICAO's, has no signers, and never had.
    let only_authorities = kind == SourceKind::Url && old_keys == 0 && arrived.keys == 0 && arrived.authorities > 0;
    if !verdict.is_taken() && !only_authorities {
        found.push(Refusal::new(verdict.code(), format!("{verdict} (signers)")));
    }
    if old_authorities > 0 {
        match guard::judge(old_authorities, arrived.authorities) {
            Verdict::Take => {}
            empty @ Verdict::Empty { .. } => {
                found.push(Refusal::new("authorities-empty", format!("{empty} (authorities)")));
            }
            smaller @ Verdict::Smaller { .. } => {
                found.push(Refusal::new("authorities-smaller", format!("{smaller} (authorities)")));
            }
        }
    }
    if let Some(diff) = diff
        && diff.before > 0
        && !diff.countries_gone.is_empty()
        && arrived.keys > 0
    {
        let countries = diff.countries_gone.join(", ");
        found.push(Refusal::new("country-gone", format!("no signer of {countries} is left, and some were in date")));
    }
    let Some(current) = current else { return found };
    if let (Some(made), Some(last)) = (arrived.made_at, current.made_at)
        && made < last
    {
        found.push(Refusal::new("older", format!("it was made {made}, before the one in use ({last})")));
    } else if kind != SourceKind::Gateway
        && arrived.sha256 != current.sha256
        && previous.is_some_and(|previous| previous.sha256 == arrived.sha256)
    {
        // A gateway is asked over a connection that proves who answers, and there an entry may go and come back.
        found.push(Refusal::new("older", "it is the one that was in use before the one in use"));
    } else if kind != SourceKind::Gateway
        && arrived.made_at.is_none()
        && let (Some(newest), Some(last)) = (arrived.newest_entry, current.newest_entry)
        && newest < last
    {
        // At a gateway the newest entry may go as any other.
        found.push(Refusal::new("older", format!("its newest entry was made {newest}, in the one in use {last}")));
    }
    found
}

/// What a bundle no longer revokes without saying that it was taken back (failure F21). Both files were authenticated.
pub(super) fn forgotten(old: Vec<u8>, new: Vec<u8>) -> Option<Refusal> {
    let (old, new) = (revocations(old)?, revocations(new)?);
    let Err(Regressed { entries, filters }) = follows(&old, &new) else { return None };
    let words = format!(
        "{entries} revoked certificates and {filters} filters of the bundle in use are missing in it, and it does not say \
         that they were taken back"
    );
    Some(Refusal::new("forgets-revocations", words))
}

/// The revocations of a bundle; `None` for a list of another form, which has none.
fn revocations(file: Vec<u8>) -> Option<Revocations> {
    if !bundle::looks_like(&file) {
        return None;
    }
    let table = bundle::read_unsigned(file).ok()?.contents.revocations;
    if table.is_empty() { Some(Revocations::default()) } else { Revocations::decode(&table).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::{Certificate, MemorySigner},
        revocation::{Builder, HashKind},
        signers::sandbox::{SignerKey, Validity, make},
        trust::bundle::{Contents, Environment},
    };

    #[test]
    fn a_bundle_that_forgets_a_revocation_is_refused_and_one_that_takes_it_back_is_not() {
        let at: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let made = make(SignerKey::P256, &Validity::recommended(at).unwrap(), [[1; 16], [2; 16]]).unwrap().csca;
        let certificate = Certificate::from_der(&made.certificate_der).unwrap();
        let signer = MemorySigner::new(&made.private_key, certificate).unwrap();
        let file = |revoked: &[u8], released: &[u8]| {
            let mut builder = Builder::new();
            let hashes = |all: &[u8]| all.iter().map(|&one| [one; 16]).collect::<Vec<_>>();
            builder.revoke(None, HashKind::Identifier, hashes(revoked)).unwrap();
            builder.release(HashKind::Identifier, hashes(released)).unwrap();
            let mut contents = Contents::new(Environment::Sandbox, 1, at, at);
            contents.revocations = builder.finish().unwrap().encode().unwrap();
            bundle::write(&contents, &signer).unwrap()
        };
        assert_eq!(forgotten(file(&[1, 2], &[]), file(&[1, 2, 3], &[])), None);
        assert_eq!(forgotten(file(&[1, 2], &[]), file(&[1], &[2])), None);
        let refused = forgotten(file(&[1, 2], &[]), file(&[1], &[])).unwrap();
        assert_eq!(refused.code, "forgets-revocations");
        assert!(refused.words.starts_with("1 revoked certificates"), "{}", refused.words);
        assert_eq!(forgotten(b"[]".to_vec(), file(&[1], &[])), None);
    }
}
