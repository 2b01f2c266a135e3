//! Why a certificate has no path to an authority that is believed: one case each, with a stable code and words.

use std::fmt;

use jiff::Timestamp;

use crate::{
    keys::{ChainError, PublicKeyError},
    limits::{PATH_DEPTH, PATH_POOL, PATH_SIGNATURES},
};

/// Which certificate of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The certificate that the path is for.
    Leaf,
    /// An authority above it; 1 is the one that issued it.
    Authority(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leaf => f.write_str("the certificate"),
            Self::Authority(1) => f.write_str("its authority"),
            Self::Authority(level) => write!(f, "the authority {level} levels above it"),
        }
    }
}

/// What is wrong with one certificate of a path, or with its signature by the next one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} {reason}")]
pub struct Fault {
    /// Which certificate.
    pub place: Place,
    /// What is wrong.
    pub reason: Reason,
}

/// What can be wrong with a certificate in a path (RFC 5280 section 6.1; facts on the trust framework, section 1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Not the structure of RFC 5280 section 4.1, or the algorithm outside is not the one inside.
    #[error("is malformed, or names two algorithms")]
    Malformed,
    /// An extension comes twice (RFC 5280 section 4.2).
    #[error("has the extension {oid} twice")]
    ExtensionTwice {
        /// Its object identifier.
        oid: String,
    },
    /// An extension that decides about paths cannot be read.
    #[error("has an extension {oid} that cannot be read")]
    ExtensionUnreadable {
        /// Its object identifier.
        oid: String,
    },
    /// A critical extension that is not known here (RFC 5280 section 4.2).
    #[error("demands by a critical extension what this program does not know ({oid})")]
    CriticalUnknown {
        /// Its object identifier.
        oid: String,
    },
    /// Extensions in a certificate of an early version (RFC 5280 section 4.1.2.1).
    #[error("has extensions and says that it is of version {version}, which has none")]
    Version {
        /// Its version.
        version: u8,
    },
    /// Elliptic-curve parameters are written out instead of named.
    #[error("writes its curve out instead of naming it, which RFC 5480 forbids")]
    ExplicitCurve,
    /// The key is of a kind that documents are not signed with, or broken.
    #[error("has a key that cannot be used: {source}")]
    Key {
        /// What is wrong with it.
        source: PublicKeyError,
    },
    /// The validity ends before it begins.
    #[error("is valid at no time: it ends before it begins")]
    DatesReversed,
    /// The validity has not begun.
    #[error("is valid from {from} on, and not yet")]
    NotYetValid {
        /// Start of validity.
        from: Timestamp,
    },
    /// The validity has ended.
    #[error("was valid until {until}, and is no more")]
    Expired {
        /// End of validity.
        until: Timestamp,
    },
    /// The certificate of a signer says that it is an authority's.
    #[error("says that it is an authority's, and an authority signs no documents")]
    IsAuthority,
    /// The key usage does not allow signatures on documents and messages.
    #[error("may not sign documents or messages: its key usage lacks digitalSignature")]
    MayNotSign,
    /// The extended key usage lacks what the use needs.
    #[error("lacks the extended key usage {oid}")]
    UsageMissing {
        /// The object identifier.
        oid: &'static str,
    },
    /// Basic constraints are missing, or say that it is no authority.
    #[error("does not say that it is an authority: its basic constraints lack CA:TRUE")]
    NotAnAuthority,
    /// The key usage does not allow signatures on certificates.
    #[error("may not sign certificates: its key usage lacks keyCertSign")]
    MayNotCertify,
    /// More authorities stand below than the path length constraint allows.
    #[error("allows {allowed} authorities below it, and {found} are there")]
    PathLength {
        /// What the constraint allows.
        allowed: u32,
        /// How many there are.
        found: u32,
    },
    /// The certificate names another issuer than the authority's subject.
    #[error("names another issuer than the authority that was found for it")]
    NameDiffers,
    /// The certificate names another key than the authority's.
    #[error("names another key of its issuer (authority key identifier) than the authority has")]
    KeyIdDiffers,
    /// Key identifiers are missing: nothing but names tells keys apart.
    #[error("does not name the key of its issuer, or the issuer does not name its own")]
    NoKeyId,
    /// Certificate and authority are of different countries. Letters count as they are written.
    #[error("is of {certificate}, and its authority of {authority}")]
    CountryDiffers {
        /// Country of the certificate.
        certificate: String,
        /// Country of the authority.
        authority: String,
    },
    /// The certificate names no country.
    #[error("names no country")]
    NoCountry,
    /// The signature on the certificate proves nothing.
    #[error("is signed with {name}, which proves nothing any more")]
    WeakAlgorithm {
        /// What is too weak: SHA-1, MD5, a short key.
        name: String,
    },
    /// The signature on the certificate is of a kind that is not checked here.
    #[error("is signed with {name}, which this program cannot check")]
    UnsupportedAlgorithm {
        /// Name of the algorithm.
        name: String,
    },
    /// The algorithm does not fit the authority's key.
    #[error("is signed with an algorithm that is not one for its authority's key")]
    WrongKind,
    /// The signature's algorithm or the authority's key is malformed.
    #[error("has a signature that cannot be read")]
    SignatureForm,
    /// The signature does not match.
    #[error("is not signed by this authority: the signature does not match")]
    SignatureMismatch,
    /// No authority of the pool could have issued it.
    #[error("was issued by nobody who is listed as an authority")]
    NoAuthority,
    /// It signed itself and is not believed for its own sake.
    #[error("signed itself, and nobody who is believed vouches for it")]
    SelfSigned,
    /// More levels than the bound allows.
    #[error("has more than {PATH_DEPTH} authorities above it")]
    TooDeep,
    /// More signatures were tried than the bound allows.
    #[error("has so many possible authorities that the search ended after {PATH_SIGNATURES} signatures")]
    TooManyTries,
    /// More authorities than the bound allows.
    #[error("cannot be looked up among more than {PATH_POOL} authorities")]
    PoolTooLarge,
    /// Shell model: it ends later than its authority, which is told and refused only when it matters.
    #[error("is valid longer than its authority, which ends {authority_until}")]
    Outlives {
        /// End of the authority.
        authority_until: Timestamp,
    },
    /// The period in which the private key may sign is over (RFC 3280 section 4.2.1.4).
    #[error("might sign new documents until {until}; what it signed before stays good")]
    KeyUseEnded {
        /// End of the period.
        until: Timestamp,
    },
}

impl Reason {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::ExtensionTwice { .. } => "extension-twice",
            Self::ExtensionUnreadable { .. } => "extension-unreadable",
            Self::CriticalUnknown { .. } => "critical-extension-unknown",
            Self::Version { .. } => "version-without-extensions",
            Self::ExplicitCurve => "explicit-curve",
            Self::Key { .. } => "key-unusable",
            Self::DatesReversed => "dates-reversed",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::Expired { .. } => "expired",
            Self::IsAuthority => "signer-is-authority",
            Self::MayNotSign => "may-not-sign",
            Self::UsageMissing { .. } => "usage-missing",
            Self::NotAnAuthority => "not-an-authority",
            Self::MayNotCertify => "may-not-certify",
            Self::PathLength { .. } => "path-length",
            Self::NameDiffers => "issuer-name-differs",
            Self::KeyIdDiffers => "key-id-differs",
            Self::NoKeyId => "no-key-id",
            Self::CountryDiffers { .. } => "authority-country-differs",
            Self::NoCountry => "no-country",
            Self::WeakAlgorithm { .. } => "weak-algorithm",
            Self::UnsupportedAlgorithm { .. } => "unsupported-algorithm",
            Self::WrongKind => "algorithm-not-for-key",
            Self::SignatureForm => "signature-unreadable",
            Self::SignatureMismatch => "signature-mismatch",
            Self::NoAuthority => "no-authority",
            Self::SelfSigned => "self-signed",
            Self::TooDeep => "too-deep",
            Self::TooManyTries => "too-many-tries",
            Self::PoolTooLarge => "pool-too-large",
            Self::Outlives { .. } => "outlives-authority",
            Self::KeyUseEnded { .. } => "key-use-ended",
        }
    }

    /// What a failed check of a signature on a certificate means.
    pub(super) fn of_signature(error: ChainError) -> Self {
        match error {
            ChainError::OtherIssuer | ChainError::Mismatch => Self::SignatureMismatch,
            ChainError::Weak { name } => Self::WeakAlgorithm { name },
            ChainError::Unsupported { name } => Self::UnsupportedAlgorithm { name },
            ChainError::WrongKind => Self::WrongKind,
            ChainError::Form | ChainError::Extension { .. } => Self::SignatureForm,
        }
    }

    /// What extensions that cannot be read mean.
    pub(super) fn of_extensions(error: ChainError) -> Self {
        match error {
            ChainError::Extension { oid, twice: true } => Self::ExtensionTwice { oid },
            ChainError::Extension { oid, twice: false } => Self::ExtensionUnreadable { oid },
            _ => Self::Malformed,
        }
    }
}

/// Why no path was found: what is wrong with the certificate itself, then what stands against the best authority that
/// was found for it. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPath {
    pub(super) first: Fault,
    pub(super) rest: Vec<Fault>,
}

impl NoPath {
    /// The decisive reason.
    #[must_use]
    pub fn first(&self) -> &Fault {
        &self.first
    }

    /// Every reason, the decisive one first.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

impl fmt::Display for NoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        self.rest.iter().try_for_each(|fault| write!(f, "; {fault}"))
    }
}

impl std::error::Error for NoPath {}
