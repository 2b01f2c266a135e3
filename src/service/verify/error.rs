//! Why a request for verdicts gets none. No sentence holds anything of a certificate.

use std::sync::Arc;

use super::known::KnownError;
use crate::{
    barcode::read::PictureError,
    limits::{PICTURE_SECONDS, VERIFY_CODES, VERIFY_PICTURE_BYTES},
    service::error::{Fails, Fault},
};

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Nothing to go by.
    #[error("nothing can be verified now: {0}")]
    NotReady(Arc<KnownError>),
    /// An option with a wrong value.
    #[error("the option {name} {problem}")]
    Value {
        /// Its name.
        name: &'static str,
        /// What is wrong, and what to write.
        problem: &'static str,
    },
    /// An option that there is not.
    #[error(
        "the query has an option that there is not: leave it out, or write one of country, region, at, rules, explain, \
         lang, payload"
    )]
    Option,
    /// An option twice.
    #[error("the option {name} stands twice: write it once")]
    Twice {
        /// Its name.
        name: &'static str,
    },
    /// Another time than now.
    #[error(
        "this service verifies at the time of its own clock: leave out the option at, or ask the operator for \
         verify.any_time"
    )]
    Time,
    /// JSON of another form.
    #[error("line {line}, column {column}: {problem}; write {{\"codes\": [\"HC1:…\"]}} and the options beside it")]
    Form {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// Something in base64 that is not.
    #[error("code {number} is not in base64: write its bytes in the standard alphabet, with = at the end")]
    Base64 {
        /// Which of the codes, from 1.
        number: usize,
    },
    /// A code that no code can hold.
    #[error("code {number} has more bytes than any code: send files as files, not as texts")]
    CodeTooLong {
        /// Which of the codes, from 1.
        number: usize,
    },
    /// No codes at all.
    #[error("there is no code in the request: put at least one text into \"codes\"")]
    NoCodes,
    /// Too many codes.
    #[error("there are more than {VERIFY_CODES} codes: send them in several requests")]
    TooMany,
    /// Several codes as one text.
    #[error("the text holds several codes: send them as JSON, {{\"codes\": [\"…\", \"…\"]}}")]
    Several,
    /// A file that gives no code.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A file that takes too long.
    #[error("the file takes more than {PICTURE_SECONDS} seconds to read: send a screenshot of the code alone")]
    PictureSlow,
    /// Too large a file.
    #[error("the file has more than {} MB: send a smaller picture, or the code alone", VERIFY_PICTURE_BYTES / 1_000_000)]
    PictureLarge,
    /// Too many pictures at once.
    #[error("too many pictures are being read just now: try again in some seconds, or send the text of the code")]
    Busy,
    /// A form without a file.
    #[error("the form has no field \"file\" with a picture or PDF in it: put the file into a field of this name")]
    NoFile,
}

impl Fails for VerifyError {
    fn fault(&self) -> Fault {
        match self {
            Self::NotReady(_) => Fault::Unavailable { retry_after: 5 },
            Self::Busy => Fault::Unavailable { retry_after: 3 },
            Self::TooMany | Self::PictureLarge | Self::CodeTooLong { .. } => Fault::TooLarge,
            Self::Picture(PictureError::TooManyBytes { .. }) => Fault::TooLarge,
            Self::Picture(_) | Self::PictureSlow => Fault::Unprocessable,
            Self::Value { .. }
            | Self::Option
            | Self::Twice { .. }
            | Self::Time
            | Self::Form { .. }
            | Self::Base64 { .. }
            | Self::NoCodes
            | Self::Several
            | Self::NoFile => Fault::Bad,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotReady(_) => "trust-unreadable",
            Self::Value { .. } => "option-value",
            Self::Option => "option-unknown",
            Self::Twice { .. } => "option-twice",
            Self::Time => "time-not-allowed",
            Self::Form { .. } => "json",
            Self::Base64 { .. } => "base64",
            Self::CodeTooLong { .. } => "code-too-long",
            Self::NoCodes => "no-codes",
            Self::TooMany => "too-many-codes",
            Self::Several => "several-codes",
            Self::Picture(PictureError::NoCode { .. }) => "picture-without-code",
            Self::Picture(_) => "picture",
            Self::PictureSlow => "picture-slow",
            Self::PictureLarge => "picture-large",
            Self::Busy => "busy",
            Self::NoFile => "field-missing",
        }
    }
}
