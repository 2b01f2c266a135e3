//! A new list against the last good one: what keeps it from taking its place without an operator's word.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Kept, SourceKind};
use crate::{
    gateway::guard::{self, Verdict},
    limits::LIST_FUTURE_HOURS,
    trust::diff::Diff,
};

/// Why a list that is authentic was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable code: `empty`, `smaller`, `authorities-empty`, `authorities-smaller`, `country-gone`, `older`.
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
