//! Why an entry of a list is left out: typed, with a stable code and words.

use crate::{
    keys::{CertificateError, ChainError, PublicKeyError},
    trust::{
        cms::CmsError,
        path::{Fault, NoPath, Place, Reason},
    },
};

/// An entry that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Which one: its country and kid as the list writes them, or its place.
    pub entry: String,
    /// Its country or participant, where the entry or the list tells one.
    pub country: Option<String>,
    /// Why.
    pub reason: SkipReason,
}

/// What is worth knowing of an entry that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Which one, as in [`Skipped::entry`].
    pub entry: String,
    /// Its country or participant.
    pub country: Option<String>,
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub words: String,
}

/// Why an entry is left out. The others of its list are read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    /// A member is missing or of another kind.
    #[error("the entry has no {field} that can be read")]
    Missing {
        /// Name of the member.
        field: &'static str,
    },
    /// A member is not base64.
    #[error("the {field} is not base64")]
    NotBase64 {
        /// Name of the member.
        field: &'static str,
    },
    /// The certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The key is of a kind that documents are not signed with, or broken.
    #[error(transparent)]
    Key(#[from] PublicKeyError),
    /// The kid is empty or longer than the bound.
    #[error("the kid has {bytes} bytes, which no issuer's has")]
    KidLength {
        /// Length found.
        bytes: usize,
    },
    /// A SMART Health Card key whose kid is not the key's thumbprint (RFC 7638).
    #[error("the kid is not the thumbprint of the key")]
    KidNotThumbprint,
    /// The certificates beside a SMART Health Card key are no chain.
    #[error("certificate {position} of its chain (x5c) was not issued by the next one: {source}")]
    Chain {
        /// Which one, from 1.
        position: usize,
        /// What is wrong with its signature.
        source: ChainError,
    },
    /// The certificate beside a SMART Health Card key was issued for another address, or for none.
    #[error("the certificate beside the key (x5c) is not for the address of this issuer")]
    Address,
    /// The hash beside the certificate is another one's.
    #[error("the thumbprint in the list is not the certificate's")]
    Thumbprint,
    /// The list and the certificate name different countries.
    #[error("the list says country {listed}, the certificate says {certified}")]
    Country {
        /// Country in the list.
        listed: String,
        /// Country in the certificate.
        certified: String,
    },
    /// The key beside the certificate is another one's.
    #[error("the key in the list is not the certificate's")]
    OtherKey,
    /// The key serves something else than the documents that are checked here.
    #[error("the key is listed for {usage}, not for certificates that cross borders")]
    Usage {
        /// What the list says.
        usage: String,
    },
    /// The list is checked entry by entry and this one carries no signature.
    #[error("the entry has no signature")]
    NoSignature,
    /// The signature of the entry does not count.
    #[error("the signature of the entry does not count: {0}")]
    Signature(CmsError),
    /// The signature was made by somebody who may not upload for this country.
    #[error("the entry is signed by nobody who may upload for {country}")]
    Uploader {
        /// Country of the entry.
        country: String,
    },
    /// The upload certificate that signed the entry may not be relied on: its dates, or what it says of itself.
    #[error("the upload certificate of {country} that signed the entry {reason}")]
    UploaderUnfit {
        /// Country of the entry.
        country: String,
        /// What is wrong with it.
        reason: Reason,
    },
    /// The certificate of an uploader or an authority may not serve as one.
    #[error("{fault}")]
    Unfit {
        /// What is wrong with it.
        fault: Fault,
    },
    /// No authority of the country stands behind the certificate.
    #[error("no certificate authority of {country} vouches for it: {source}")]
    Path {
        /// Country of the entry.
        country: String,
        /// Every reason.
        source: Box<NoPath>,
    },
    /// The list has no authority of the country.
    #[error("the list has no certificate authority of {country} that the anchor signed")]
    NoAuthority {
        /// Country of the entry.
        country: String,
    },
    /// The country's authority did not issue the certificate.
    #[error("the certificate authority of {country} did not issue it: {source}")]
    Issuer {
        /// Country of the entry.
        country: String,
        /// What is wrong with the signature.
        source: ChainError,
    },
    /// A sandbox certificate in a production list.
    #[error("a sandbox certificate in a production list")]
    Sandbox,
    /// A key that everybody knows: an example, a fixture, a signer of test data (failure F06).
    #[error("the key is published ({place}), so that others can sign with it; tell its country")]
    Published {
        /// Where it is published.
        place: &'static str,
    },
    /// A private key, which nobody should have published.
    #[error("the entry holds a private key; tell its issuer that everybody can sign with it")]
    PrivateKey,
    /// The gateway tells that the certificate was taken off the list.
    #[error("the entry was withdrawn by its country")]
    Withdrawn,
    /// A reference to another document.
    #[error("the entry only points to another document; give that document itself")]
    Reference,
    /// A bare public key without a name among certificates.
    #[error("a bare public key has neither kid nor issuer; give it as kid:BASE64=FILE or did:NAME=FILE")]
    Nameless,
    /// The country has as many authorities as the bound allows.
    #[error("too many authorities of this country")]
    TooManyAuthorities,
    /// The kid is full.
    #[error("too many keys share this kid")]
    TooManyKeys,
}

impl SkipReason {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "member-missing",
            Self::NotBase64 { .. } => "not-base64",
            Self::Certificate(CertificateError::Form { .. }) => "certificate-unreadable",
            Self::Certificate(CertificateError::Key(key)) | Self::Key(key) => match key {
                PublicKeyError::Form => "key-unreadable",
                PublicKeyError::ExplicitCurve => "key-explicit-curve",
                PublicKeyError::Unsupported { .. } => "key-unsupported",
                PublicKeyError::Invalid { .. } => "key-invalid",
            },
            Self::KidLength { .. } => "kid-length",
            Self::KidNotThumbprint => "kid-not-thumbprint",
            Self::Chain { .. } => "chain-invalid",
            Self::Address => "address-differs",
            Self::Thumbprint => "thumbprint-differs",
            Self::Country { .. } => "country-differs",
            Self::OtherKey => "key-differs",
            Self::Usage { .. } => "other-usage",
            Self::NoSignature => "signature-missing",
            Self::Signature(_) => "signature-invalid",
            Self::Uploader { .. } => "uploader-unknown",
            Self::UploaderUnfit { reason, .. } => match reason {
                Reason::Expired { .. } => "uploader-expired",
                Reason::NotYetValid { .. } => "uploader-not-yet-valid",
                _ => "uploader-unfit",
            },
            Self::Unfit { fault } => fault.reason.code(),
            Self::Path { source, .. } => match (source.first().place, &source.first().reason) {
                (Place::Authority(_), Reason::Expired { .. }) => "authority-expired",
                (Place::Authority(_), Reason::NotYetValid { .. }) => "authority-not-yet-valid",
                (_, Reason::SignatureMismatch | Reason::WrongKind) => "issuer-signature-invalid",
                (_, Reason::WeakAlgorithm { .. } | Reason::UnsupportedAlgorithm { .. }) => "issuer-unverifiable",
                (_, reason) => reason.code(),
            },
            Self::NoAuthority { .. } => "authority-missing",
            Self::Issuer { source: ChainError::Weak { .. } | ChainError::Unsupported { .. }, .. } => {
                "issuer-unverifiable"
            }
            Self::Issuer { .. } => "issuer-signature-invalid",
            Self::Sandbox => "sandbox",
            Self::Published { .. } => "published-key",
            Self::PrivateKey => "private-key",
            Self::Withdrawn => "withdrawn",
            Self::Reference => "reference",
            Self::Nameless => "nameless-key",
            Self::TooManyAuthorities => "too-many-authorities",
            Self::TooManyKeys => "too-many-keys",
        }
    }
}
