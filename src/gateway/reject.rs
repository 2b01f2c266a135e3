//! Why something that was downloaded is not used: one thing at a time, each with its reason, the others go on
//! (failures F12 and F17).

use jiff::Timestamp;

use crate::{
    keys::CertificateError,
    trust::cms::{Believed, CmsError, SignedData},
};

/// Why an item is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reject {
    /// A member that must be there is not.
    #[error("it has no {member}")]
    Missing {
        /// Name of the member.
        member: &'static str,
    },
    /// A member is not base64.
    #[error("its {member} is not base64")]
    NotBase64 {
        /// Name of the member.
        member: &'static str,
    },
    /// The certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The hash beside the certificate is another one's.
    #[error("the thumbprint beside it is not the certificate's")]
    Thumbprint,
    /// The signature does not count.
    #[error("its signature does not count: {0}")]
    Signature(#[from] CmsError),
    /// Somebody else than the operator vouches for it.
    #[error("the trust anchor did not sign it: {0}")]
    Anchor(CmsError),
    /// The country has nobody who may upload.
    #[error("the trust anchor vouches for no upload certificate of {country}")]
    NoUploader {
        /// The country.
        country: String,
    },
    /// Signed by somebody who may not upload for the country.
    #[error("it is signed by nobody who may upload for {country}")]
    Uploader {
        /// The country.
        country: String,
    },
    /// Signed outside the validity of the signer's certificate.
    #[error("it was signed on {signed}, and the certificate of its signer is valid from {from} to {to}")]
    SignerDates {
        /// When it was signed, as the signer says, or now where it says nothing.
        signed: Timestamp,
        /// Start of validity.
        from: Timestamp,
        /// End of validity.
        to: Timestamp,
    },
    /// Signed in the future.
    #[error("it says that it was signed on {signed}, which is still to come")]
    Future {
        /// When it was signed, as the signer says.
        signed: Timestamp,
    },
    /// The content is no JSON.
    #[error("its content is no JSON (line {line}, column {column})")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The content breaks the schema.
    #[error("its content is not by the schema: {finding}")]
    Schema {
        /// What is wrong.
        finding: String,
    },
    /// What stands beside the content is not what stands in it.
    #[error("the list says {member} {listed}, the signed content says {signed}")]
    Differs {
        /// Which member.
        member: &'static str,
        /// In the list.
        listed: String,
        /// In the content.
        signed: String,
    },
    /// Listed and not there.
    #[error("the gateway lists it and does not have it")]
    NotThere,
    /// Listed in a form that names nothing.
    #[error("its name in the list cannot be used: {member}")]
    Name {
        /// Which part of the name.
        member: &'static str,
    },
    /// As many as the bound allows are used already.
    #[error("there are more of its kind than are read")]
    TooMany,
}

impl Reject {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "member-missing",
            Self::NotBase64 { .. } => "not-base64",
            Self::Certificate(_) => "certificate-unreadable",
            Self::Thumbprint => "thumbprint-differs",
            Self::Signature(_) => "signature-invalid",
            Self::Anchor(_) => "anchor-signature-invalid",
            Self::NoUploader { .. } => "uploader-missing",
            Self::Uploader { .. } => "uploader-unknown",
            Self::SignerDates { .. } => "signer-out-of-validity",
            Self::Future { .. } => "signed-in-future",
            Self::NotJson { .. } => "not-json",
            Self::Schema { .. } => "schema",
            Self::Differs { .. } => "list-differs",
            Self::NotThere => "not-there",
            Self::Name { .. } => "name",
            Self::TooMany => "too-many",
        }
    }
}

/// An item that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Country that it is listed under.
    pub country: String,
    /// Its name in the list.
    pub item: String,
    /// Why.
    pub reason: Reject,
}

/// A text of a list as reports show it: short, and nothing that a terminal would obey.
#[must_use]
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// The clock of a signer may be ahead of ours by this much before what it signs counts as future.
const SIGNERS_AHEAD: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Checks one signer of a message: signature, then dates at the time of signing.
pub(super) fn signed_by(
    signed: &SignedData<'_>,
    signer: &crate::keys::Certificate,
    detached: Option<&[u8]>,
    now: Timestamp,
) -> Result<(), Reject> {
    signed.verify(Believed::Certificate(signer), detached)?;
    let at = signed.signing_time().unwrap_or(now);
    if at > now.checked_add(SIGNERS_AHEAD).unwrap_or(Timestamp::MAX) {
        return Err(Reject::Future { signed: at });
    }
    let (from, to) = (signer.not_before(), signer.not_after());
    if at < from || at > to { Err(Reject::SignerDates { signed: at, from, to }) } else { Ok(()) }
}
