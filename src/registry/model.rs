//! What goes into the registry and what comes out of it.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::{Origin, Reason};

/// How a registry is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long an intent belongs to the one who claimed it. It must outlast lint, signature and store of a
    /// whole batch, and the difference between the clocks of the machines that issue together.
    pub lease: SignedDuration,
    /// How long to wait for another writer or for a connection.
    pub wait: std::time::Duration,
    /// Most connections that read at the same time.
    pub connections: u32,
}

impl Default for Options {
    /// A lease of 10 s, waiting at most 10 s, 4 connections.
    fn default() -> Self {
        Self { lease: SignedDuration::from_secs(10), wait: std::time::Duration::from_secs(10), connections: 4 }
    }
}

/// A record that may become a certificate: who, what, and what each format would say.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// UID of the person in the source.
    pub tracked_entity: String,
    /// Key of the record among those of the person: the UID of its event, with a part behind it where one event
    /// holds several.
    pub event: String,
    /// What the certificate would say in each format: in those that are wanted, and in those that
    /// [`Registry::formats`](super::Registry::formats) names, so that a correction of an envelope that stands is
    /// noticed although nobody asks for its format any more. A format that cannot say the record is left out.
    pub contents: Vec<Content>,
    /// Where it comes from: kept beside the certificate, and no part of what makes it another one.
    pub origin: Origin,
}

/// What a certificate would say in one format.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Content {
    /// Name of the format, such as `eu-dcc`.
    pub format: String,
    /// Digest (SHA-256) of everything that the envelope will say, without its identifier and dates of
    /// issue. Another digest means a corrected record. Whoever wants a certificate renewed although nothing
    /// in it has changed (it expires, its key is withdrawn) says so with [`Registry::claim_renewing`](super::Registry::claim_renewing).
    pub digest: [u8; 32],
    /// Whether an envelope of this format is to be made if there is none.
    pub wanted: bool,
}

/// The answer to one [`Candidate`].
#[derive(Clone, PartialEq, Eq)]
pub enum Claim {
    /// The intent is written and leased: sign in these formats under this identifier, then store.
    Sign {
        /// Identifier of the certificate to make.
        id: String,
        /// Formats to make, in the order of the candidate.
        formats: Vec<String>,
        /// The standing certificate of the same record, which storing this one supersedes.
        supersedes: Option<String>,
    },
    /// A certificate with the same content stands and lacks some of the wanted formats: the intent to add them is
    /// written and leased. Sign them under its identifier, then store.
    Add {
        /// Its identifier.
        id: String,
        /// Formats to make, in the order of the candidate.
        formats: Vec<String>,
        /// The envelopes that it has. Personal data.
        stands: Vec<Envelope>,
        /// The output of these has been handed over.
        released: bool,
    },
    /// A certificate with the same content stands already, in every wanted format.
    Unchanged {
        /// Its identifier.
        id: String,
        /// Its envelopes. Personal data.
        envelopes: Vec<Envelope>,
        /// Its output has been handed over.
        released: bool,
    },
    /// An operator revoked the certificate of this record, which therefore gets no other ([`Reason::again`]).
    Revoked {
        /// The revoked one.
        id: String,
        /// Why it was revoked.
        reason: Reason,
    },
    /// Someone holds a live lease on this record: leave it alone, ask again later.
    Busy,
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sign { id, formats, supersedes } => f
                .debug_struct("Sign")
                .field("id", id)
                .field("formats", formats)
                .field("supersedes", supersedes)
                .finish(),
            Self::Add { id, formats, .. } => {
                f.debug_struct("Add").field("id", id).field("formats", formats).finish_non_exhaustive()
            }
            Self::Unchanged { id, released, .. } => {
                f.debug_struct("Unchanged").field("id", id).field("released", released).finish_non_exhaustive()
            }
            Self::Revoked { id, reason } => f.debug_struct("Revoked").field("id", id).field("reason", reason).finish(),
            Self::Busy => f.write_str("Busy"),
        }
    }
}

/// One signed form of a certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Name of the format.
    pub format: String,
    /// Digest of what it says, as its [`Content`] had it.
    pub content: [u8; 32],
    /// The sealed text (for `eu-dcc` the `HC1:` text, for `divoc` the JSON). Personal data.
    pub text: String,
    /// Key identifier of the signer.
    pub kid: Vec<u8>,
    /// Name of the signature algorithm, such as `ES256`.
    pub algorithm: String,
    /// Date of issue stated in it.
    pub issued_at: Timestamp,
    /// Expiry stated in it; a time beyond all others where the format has none.
    pub expires_at: Timestamp,
    /// The name by which revocation lists know it, where it does not carry the certificate's identifier.
    pub listed_as: Option<String>,
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The sealed text holds name and date of birth and stays out.
        f.debug_struct("Envelope")
            .field("format", &self.format)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// A signed certificate: to be stored under its intent, or as it stands. One that was claimed by [`Claim::Add`]
/// comes with its new envelopes alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Identifier that the claim gave.
    pub id: String,
    /// Its envelopes, at least one, each of another format.
    pub envelopes: Vec<Envelope>,
}

/// How far a certificate has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It will be signed; nothing is known to exist yet.
    Intended,
    /// The intent was given up: the record changed or was deleted before a signature was stored.
    Abandoned,
    /// Signed and stored; its output is not yet handed over.
    Signed,
    /// Its output has been handed over.
    Released,
}

impl State {
    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Abandoned => "abandoned",
            Self::Signed => "signed",
            Self::Released => "released",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        [Self::Intended, Self::Abandoned, Self::Signed, Self::Released].into_iter().find(|s| s.as_str() == word)
    }
}

/// A row of the registry.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Identifier.
    pub id: String,
    /// UID of the person in the source.
    pub tracked_entity: String,
    /// Key of the record among those of the person.
    pub event: String,
    /// Its formats; of an intent, those that will be made.
    pub formats: Vec<String>,
    /// How far it has come.
    pub state: State,
    /// When the intent was written.
    pub intended_at: Timestamp,
    /// The signed certificate; `None` while it is an intent. Personal data.
    pub sealed: Option<Sealed>,
    /// The certificate whose place it took.
    pub supersedes: Option<String>,
    /// The certificate that took its place.
    pub superseded_by: Option<String>,
    /// When it was withdrawn because its record is gone, or is to get another one.
    pub withdrawn_at: Option<Timestamp>,
    /// Where it came from.
    pub origin: Origin,
    /// Why it is revoked, if it is.
    pub revoked: Option<Reason>,
}

impl Certificate {
    /// Signed, not superseded, not withdrawn and not revoked.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.sealed.is_some() && self.superseded_by.is_none() && self.withdrawn_at.is_none() && self.revoked.is_none()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

/// How many certificates there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Open intents.
    pub intended: u64,
    /// Signed, standing, and their output not yet handed over.
    pub signed: u64,
    /// Standing, and their output handed over.
    pub released: u64,
    /// Intents given up.
    pub abandoned: u64,
    /// Signed, and a newer certificate took their place.
    pub superseded: u64,
    /// Signed, and withdrawn without a newer one.
    pub withdrawn: u64,
    /// Of all of them, those that are revoked now.
    pub revoked: u64,
}
