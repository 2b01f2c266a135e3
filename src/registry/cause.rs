//! Why a certificate is revoked or restored, by whom, and what the log says of it.

use std::fmt;

use jiff::Timestamp;

/// Why a certificate is revoked, or why a revocation is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A newer certificate of the corrected record took its place.
    Superseded,
    /// The event or the person was deleted in the source.
    Deleted,
    /// Withdrawn through the issuing API, which gives no reason.
    Operator,
    /// There was no such dose, or the certificate was obtained by fraud.
    Fraud,
    /// The certificate says something wrong.
    Error,
    /// The batch of vaccine was recalled or is not valid.
    Lot,
    /// The signing key was lost, or somebody else had it.
    Key,
    /// The holder asked for it.
    Holder,
    /// The revocation itself was a mistake: only of one that is taken back.
    Mistake,
    /// Another reason, which the note tells.
    Other,
}

/// Whether a record gets another certificate after its certificate was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Not until the revocation is taken back.
    Never,
    /// When the record is corrected.
    Corrected,
    /// As soon as it is read again.
    AtOnce,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::Superseded,
        Self::Deleted,
        Self::Operator,
        Self::Fraud,
        Self::Error,
        Self::Lot,
        Self::Key,
        Self::Holder,
        Self::Mistake,
        Self::Other,
    ];

    /// The word in the database and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::Deleted => "deleted",
            Self::Operator => "operator",
            Self::Fraud => "fraud",
            Self::Error => "error",
            Self::Lot => "lot",
            Self::Key => "key",
            Self::Holder => "holder",
            Self::Mistake => "mistake",
            Self::Other => "other",
        }
    }

    /// The reason of this word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == word)
    }

    /// Whether the record gets another certificate. A dose that was never given must not be certified again by the
    /// next pass over the source, under an identifier that nobody has revoked.
    #[must_use]
    pub fn again(self) -> Again {
        match self {
            Self::Superseded | Self::Deleted | Self::Operator | Self::Key => Again::AtOnce,
            Self::Error => Again::Corrected,
            Self::Fraud | Self::Lot | Self::Holder | Self::Mistake | Self::Other => Again::Never,
        }
    }
}

/// Why, and by whom. The note is free text of at most [`REVOCATION_NOTE_CHARS`](crate::limits::REVOCATION_NOTE_CHARS)
/// characters and must hold no personal data: it stays in the log for ever.
#[derive(Clone, PartialEq, Eq)]
pub struct Cause {
    /// Why.
    pub reason: Reason,
    /// More about it.
    pub note: Option<String>,
    /// Who, as in [`Origin::operator`](super::Origin::operator); `None` for what the program did by itself.
    pub operator: Option<String>,
    /// Name of the run that took several back at once.
    pub bulk: Option<String>,
}

impl From<Reason> for Cause {
    fn from(reason: Reason) -> Self {
        Self { reason, note: None, operator: None, bulk: None }
    }
}

/// Without the note: people write names into it whatever they are told.
impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cause").field("reason", &self.reason).field("bulk", &self.bulk).finish_non_exhaustive()
    }
}

/// What a record of the log does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// It revokes.
    Revoke,
    /// It takes a revocation back.
    Undo,
}

impl Action {
    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::Undo => "undo",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        [Self::Revoke, Self::Undo].into_iter().find(|action| action.as_str() == word)
    }
}

/// A record of the log of revocations. The latest one of a certificate says whether it is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Its number, which only counts up.
    pub number: u64,
    /// Identifier of the certificate.
    pub id: String,
    /// Revoked or restored.
    pub action: Action,
    /// Why, and by whom.
    pub cause: Cause,
    /// When, to the millisecond.
    pub at: Timestamp,
}

/// What became of one identifier that was to be revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// It is revoked now.
    Done,
    /// It was revoked before.
    Already {
        /// Why.
        reason: Reason,
    },
    /// It was not signed yet, and now it will not be under this identifier.
    NotSigned,
    /// No certificate has this identifier.
    Unknown,
}

/// What became of one identifier whose revocation was to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restored {
    /// It counts again.
    Done,
    /// It is not revoked.
    NotRevoked,
    /// Its record has a newer certificate, beside which it must not stand.
    Replaced {
        /// The newer one.
        by: String,
    },
    /// No certificate has this identifier.
    Unknown,
}
