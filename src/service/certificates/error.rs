//! Why a request about certificates is not done. No sentence holds anything of the request or of a person but
//! identifiers of certificates.

use crate::{
    limits,
    service::error::{Fails, Fault},
    work::{NotAllowed, desk::DeskError},
};

/// Why a request cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum CertificateError {
    /// No JSON object.
    #[error("the content of the request is no JSON object: write {{…}} with the fields of the API's description")]
    NotAnObject,
    /// A field that there is not.
    #[error("the request has a field that there is not: the fields are {known}")]
    FieldUnknown {
        /// Those that there are.
        known: String,
    },
    /// A field that is missing.
    #[error("the field {field:?} is missing: {remedy}")]
    FieldMissing {
        /// Its name.
        field: &'static str,
        /// What to write.
        remedy: &'static str,
    },
    /// A field of another form.
    #[error("the field {field:?} must be {form}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What it must be.
        form: &'static str,
    },
    /// Both or none of two fields.
    #[error("say what is meant by exactly one of the fields {one:?} and {other:?}")]
    OneOf {
        /// The one.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// A part of the query.
    #[error("the part {name:?} of the address must be {form}")]
    Query {
        /// Its name.
        name: &'static str,
        /// What it must be.
        form: &'static str,
    },
    /// A list that is none.
    #[error("the table has no column id: name the column of the identifiers id, or send one identifier a line")]
    NoColumn,
    /// A line that cannot be read.
    #[error("line {line} of the list cannot be read: {problem}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong.
        problem: &'static str,
    },
    /// None of the forms that are asked for can be given.
    #[error("the certificate cannot be given in the form that the header Accept asks for: ask for one of {forms}")]
    NotAcceptable {
        /// Those that can.
        forms: String,
    },
    /// A document of a certificate that does not count.
    #[error("the certificate is {word} and counts no more, so that it is handed out no more: ask for JSON to see it")]
    Gone {
        /// How it stands.
        word: &'static str,
    },
    /// A key that cannot be one.
    #[error("the header Idempotency-Key must be 1 to 255 printable characters of ASCII, and sent once")]
    Key,
    /// A key that was used for something else.
    #[error("this Idempotency-Key was used for another request: choose a new one for each thing that is to be done")]
    KeyReused,
    /// The same request is being done.
    #[error("the same request is being done at this moment: send it again in a second for its answer")]
    Underway,
}

impl Fails for CertificateError {
    fn fault(&self) -> Fault {
        match self {
            Self::NotAnObject | Self::Query { .. } | Self::Key | Self::NoColumn | Self::Line { .. } => Fault::Bad,
            Self::FieldUnknown { .. } | Self::FieldMissing { .. } | Self::Field { .. } | Self::OneOf { .. } => {
                Fault::Unprocessable
            }
            Self::KeyReused => Fault::Unprocessable,
            Self::NotAcceptable { .. } => Fault::NotAcceptable,
            Self::Gone { .. } => Fault::Gone,
            Self::Underway => Fault::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject => "not-an-object",
            Self::FieldUnknown { .. } => "field-unknown",
            Self::FieldMissing { .. } => "field-missing",
            Self::Field { .. } => "field",
            Self::OneOf { .. } => "one-of",
            Self::Query { .. } => "query",
            Self::NoColumn => "no-column",
            Self::Line { .. } => "line",
            Self::NotAcceptable { .. } => "not-acceptable",
            Self::Gone { .. } => "gone",
            Self::Key => "idempotency-key",
            Self::KeyReused => "idempotency-key-reused",
            Self::Underway => "underway",
        }
    }
}

impl Fails for DeskError {
    fn fault(&self) -> Fault {
        match self {
            Self::ReasonMissing | Self::Reason | Self::Uid { .. } | Self::Selection(_) | Self::Format { .. } => {
                Fault::Unprocessable
            }
            Self::NothingRecorded => Fault::Unprocessable,
            Self::NoPerson | Self::NoEvent | Self::Unknown => Fault::NotFound,
            Self::RecordGone
            | Self::NotFromDhis2
            | Self::Replaced { .. }
            | Self::Revoked { .. }
            | Self::TooEarly { .. }
            | Self::TooLate { .. }
            | Self::NoExpiry
            | Self::NotConfirmed { .. } => Fault::Conflict,
            Self::NoForm { .. } | Self::NotDrawn { .. } => Fault::NotAcceptable,
            Self::TooMany { .. } => Fault::TooLarge,
            Self::NotAllowed(NotAllowed::Quota { wait_seconds, .. }) => Fault::TooMany { retry_after: *wait_seconds },
            // Office hours are a rule of the house, and no matter of how often somebody asks.
            Self::NotAllowed(_) => Fault::Forbidden,
            Self::Away => Fault::Unavailable { retry_after: limits::DESK_DHIS2_SECONDS },
            Self::NoDhis2 => Fault::Unavailable { retry_after: 3_600 },
            Self::Crowded => Fault::TooMany { retry_after: 5 },
            Self::Registry => Fault::Unavailable { retry_after: 5 },
            Self::NotSigning => Fault::Unavailable { retry_after: 60 },
            Self::Busy => Fault::Unavailable { retry_after: 1 },
            Self::Inside => Fault::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::ReasonMissing => "reason-missing",
            Self::Reason => "reason",
            Self::Uid { .. } => "uid",
            Self::NoPerson => "no-person",
            Self::NoEvent => "no-event",
            Self::NothingRecorded => "nothing-recorded",
            Self::Unknown => "no-certificate",
            Self::RecordGone => "record-gone",
            Self::NotFromDhis2 => "not-from-dhis2",
            Self::Replaced { .. } => "replaced",
            Self::Revoked { .. } => "revoked",
            Self::TooEarly { .. } => "too-early",
            Self::TooLate { .. } => "too-late",
            Self::NoExpiry => "no-expiry",
            Self::Format { .. } => "format",
            Self::NoForm { .. } => "no-form",
            Self::NotDrawn { .. } => "not-drawn",
            Self::Selection(_) => "selection",
            Self::NotConfirmed { .. } => "not-confirmed",
            Self::TooMany { .. } => "too-many",
            Self::NotAllowed(NotAllowed::Quota { .. }) => "quota-reached",
            Self::NotAllowed(_) => "off-hours",
            Self::Away => "dhis2-away",
            Self::NoDhis2 => "no-dhis2",
            Self::Crowded => "crowded",
            Self::Registry => "registry-away",
            Self::NotSigning => "not-signing",
            Self::Busy => "busy",
            Self::Inside => "internal",
        }
    }
}
