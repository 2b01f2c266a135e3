//! What an operator has to know of a list: for the command line, the status page and the metrics.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::SourceKind;

/// How a pull ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A new list is in use.
    Taken,
    /// The list is the one in use.
    Unchanged,
    /// The list waits for an operator.
    Refused,
    /// The list is not what it should be: forged, damaged, out of date.
    NotBelieved,
    /// No list came.
    Unreachable,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code.
    pub code: String,
    /// In words.
    pub words: String,
}

/// How a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// All is well.
    Good,
    /// The last attempt failed, and the list in use is young enough.
    Warning,
    /// An operator is needed.
    Alarm,
}

/// How a list stands, as the last run left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullStatus {
    /// Its name.
    pub name: String,
    /// Kind of its source.
    pub kind: SourceKind,
    /// Where it comes from.
    pub address: String,
    /// How the last attempt ended.
    pub outcome: Outcome,
    /// When that was.
    pub last_attempt: Timestamp,
    /// When a list last came that was taken, or that was the one in use.
    pub last_success: Option<Timestamp>,
    /// What went wrong in the last attempt.
    pub problem: Option<Problem>,
    /// Since when a list waits for an operator.
    pub pending_since: Option<Timestamp>,
    /// Own signers that are missing in the list in use (failure F20).
    pub own_missing: Vec<String>,
    /// When the list in use was made, if it or its entries say so.
    pub made_at: Option<Timestamp>,
    /// Signers of the list in use.
    pub keys: usize,
    /// Of those, how many had expired when it was judged.
    pub expired: usize,
    /// Its authorities.
    pub authorities: usize,
    /// Countries of its signers.
    pub countries: usize,
    /// Entries of it that were left out.
    pub rejected: usize,
    /// Signers that the last change added and removed.
    pub added: usize,
    /// Signers that the last change removed.
    pub removed: usize,
    /// Age of the last success from which on an operator is alarmed, in seconds.
    pub max_age_seconds: i64,
}

impl PullStatus {
    /// How long ago the last success was; `None` before the first.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        self.last_success.map(|success| now.duration_since(success).max(SignedDuration::ZERO))
    }

    /// Whether the last success is so long ago that an operator is needed, or never was.
    #[must_use]
    pub fn is_old(&self, now: Timestamp) -> bool {
        self.age(now).is_none_or(|age| age > SignedDuration::from_secs(self.max_age_seconds))
    }

    /// How the list stands.
    #[must_use]
    pub fn level(&self, now: Timestamp) -> Level {
        let needs_operator = self.is_old(now) || self.pending_since.is_some() || !self.own_missing.is_empty();
        match self.outcome {
            _ if needs_operator => Level::Alarm,
            Outcome::Refused | Outcome::NotBelieved => Level::Alarm,
            Outcome::Unreachable => Level::Warning,
            Outcome::Taken | Outcome::Unchanged => Level::Good,
        }
    }
}
