//! Why a request gets no answer, and how that is said: the only file that knows HTTP status codes.

use std::{io, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::pages;
use crate::trust::bundle::BundleError;

/// Why a request gets no answer. None of the sentences holds anything of the request or of a person.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// No such address, certificate or file.
    #[error("there is nothing at this address: begin at the first page")]
    NotFound,
    /// The address takes other methods.
    #[error("this address takes other methods than that of the request: the header Allow names them")]
    Method,
    /// The request names another host (DNS rebinding).
    #[error("the request is for another host than this machine: use the address 127.0.0.1 or localhost")]
    Host,
    /// Too long a body.
    #[error("the request has more than {limit} bytes, and no code is that long: send the text of one code")]
    TooLarge {
        /// Most bytes that are read.
        limit: usize,
    },
    /// Another media type.
    #[error("the content of the request is of another type: send it as {expected}")]
    MediaType {
        /// The one that is read.
        expected: &'static str,
    },
    /// The body ended early.
    #[error("the content of the request did not arrive whole: send it again")]
    Broken,
    /// The body came too slowly.
    #[error("the content of the request did not arrive within {seconds} seconds: send it again")]
    Slow {
        /// How long was waited.
        seconds: u64,
    },
    /// A form without its field.
    #[error("the form has no field {field:?}: put the text of the code into it")]
    FieldMissing {
        /// The field.
        field: &'static str,
    },
    /// A file of the folder, or the folder, cannot be read.
    #[error("in the folder of certificates, {file} cannot be read ({kind}): run the job again into this folder")]
    Read {
        /// Its name, without the folder.
        file: &'static str,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// A file of the folder is larger than any that a run writes.
    #[error("the file {file} has more than {limit} bytes, which no page can show: look at it in the folder")]
    FileTooLarge {
        /// Its name, without the folder.
        file: &'static str,
        /// Most bytes that are read.
        limit: u64,
    },
    /// The report is none.
    #[error("the file report.json is not a report of this program: run the job again into this folder")]
    Report,
    /// A part of the trust bundle cannot be used.
    #[error("the file trust.json cannot be used: {0}")]
    Knowledge(#[from] crate::verify::KnowledgeError),
    /// The trust bundle is not believed.
    #[error("the file trust.json is not believed: {0}")]
    Bundle(#[from] BundleError),
    /// A part of the program was lost.
    #[error("a part of the program ended unexpectedly: try again, nothing is lost")]
    Worker,
}

impl ServiceError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Broken | Self::FieldMissing { .. } => StatusCode::BAD_REQUEST,
            Self::Slow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Read { .. }
            | Self::FileTooLarge { .. }
            | Self::Report
            | Self::Bundle(_)
            | Self::Knowledge(_)
            | Self::Worker => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Stable machine code.
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Method => "method-not-allowed",
            Self::Host => "wrong-host",
            Self::TooLarge { .. } => "too-large",
            Self::MediaType { .. } => "media-type",
            Self::Broken => "body-broken",
            Self::Slow { .. } => "body-slow",
            Self::FieldMissing { .. } => "field-missing",
            Self::Read { .. } | Self::FileTooLarge { .. } => "file-unreadable",
            Self::Report => "report-unreadable",
            Self::Bundle(_) | Self::Knowledge(_) => "trust-unreadable",
            Self::Worker => "internal",
        }
    }

    fn is_unread(&self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::MediaType { .. } | Self::Slow { .. } | Self::Broken)
    }
}

impl IntoResponse for ServiceError {
    /// The status alone; `dress` writes the words, because it knows who asks.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if self.is_unread() {
            // The rest of the body is not read, so the connection is of no further use.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Writes the words of an error into its response: JSON (RFC 9457) to a program, a page to a person.
pub(super) fn dress(response: Response, to_program: bool) -> Response {
    let (mut parts, body) = response.into_parts();
    let Some(error) = parts.extensions.remove::<Arc<ServiceError>>() else {
        return Response::from_parts(parts, body);
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let title = parts.status.canonical_reason().unwrap_or("Error");
    let (media, text) = if to_program {
        let status = parts.status.as_u16();
        let problem =
            serde_json::json!({"status": status, "title": title, "code": error.code(), "detail": error.to_string()});
        ("application/problem+json", problem.to_string())
    } else {
        ("text/html; charset=utf-8", pages::error(title, &error.to_string()).into_string())
    };
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    Response::from_parts(parts, text.into())
}
