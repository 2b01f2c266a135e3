//! Why a request gets no answer, and how that is said: the only file that knows HTTP status codes.

use std::{io, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{divoc::IssuingError, frame::Frame};
use crate::{envelope::json::JsonError, source::divoc::DivocError, trust::bundle::BundleError};

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
    #[error("the request has more than {limit} bytes, which is the most that is read here: send less at once")]
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
    /// A part of a file that it does not have.
    #[error("the file has {bytes} bytes, and the part that is asked for lies outside of it: ask for the whole")]
    Range {
        /// Its size.
        bytes: usize,
    },
    /// No token, or one that nobody knows.
    #[error("the request carries no token that is known: send it as Authorization: Bearer TOKEN")]
    Unauthorized,
    /// The token does not allow it.
    #[error("this login or token lacks the right to {right}: ask whoever looks after the accounts for it")]
    Forbidden {
        /// Name of the right.
        right: &'static str,
    },
    /// The body is no JSON, or has a name twice.
    #[error("the content of the request cannot be read: {0}; correct it and send it again")]
    Json(#[from] JsonError),
    /// The body holds no doses.
    #[error(transparent)]
    Items(DivocError),
    /// A form that is none.
    #[error("the form of the request cannot be taken apart: send it as multipart/form-data with a boundary")]
    Form,
    /// A form without its file.
    #[error("the form has no field \"file\": put the sheet into a field of this name")]
    SheetMissing,
    /// A part of the query is missing or wrong.
    #[error("the part {name} of the address is missing or cannot be read: the description of the API says its form")]
    Query {
        /// Its name.
        name: &'static str,
    },
    /// No certificate.
    #[error("no certificate stands for this address: have it issued first, or correct the code, dose or identifier")]
    NoCertificate,
    /// A route of another system's interface that this one does not have.
    #[error("this is not offered here: {instead}")]
    NotOffered {
        /// Why, and what to use in its place.
        instead: &'static str,
    },
    /// A certificate that is not revoked.
    #[error("this certificate is not revoked: nothing is to be done")]
    NotRevoked,
    /// A certificate of somebody else, or none.
    #[error("this is no certificate with a signature of this issuer: send the whole certificate as it was issued")]
    NotOurs,
    /// Doses that a later one counts on.
    #[error("a later dose would stand without these: revoke the latest doses, or all of them with allDoses=true")]
    DosesNotLatest,
    /// The house cannot do it.
    #[error(transparent)]
    Issuing(#[from] IssuingError),
    /// The service cannot do its whole work.
    #[error("not everything works: {missing}; look at the operator's page")]
    NotReady {
        /// What does not.
        missing: String,
    },
    /// A part of the program was lost.
    #[error("a part of the program ended unexpectedly: try again, nothing is lost")]
    Worker,
    /// Nobody who is known, at a page: the way to the page for logging in, and back.
    #[error("this page is for people who have logged in: log in first")]
    LogIn {
        /// Path and query of the page.
        wanted: String,
    },
    /// An error of one of the parts of the service, in its own words.
    #[error("{}", .0.words())]
    Part(Box<dyn Fails>),
}

/// What kind of failure an error is: the only thing that the parts of the service say of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request cannot be read.
    Bad,
    /// Nobody knows who asks.
    Unauthorized,
    /// Who asks may not do it.
    Forbidden,
    /// There is no such thing, or none that who asks may see.
    NotFound,
    /// Something else stands in the way.
    Conflict,
    /// It is there no more.
    Gone,
    /// The request is too large.
    TooLarge,
    /// The request, or the answer that it asks for, is of another type.
    MediaType,
    /// None of the types that are asked for can be given.
    NotAcceptable,
    /// The request can be read, and what it says cannot be done.
    Unprocessable,
    /// Too many requests.
    TooMany {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// It cannot be done now.
    Unavailable {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// The program is at fault.
    Internal,
}

/// An error of a part of the service. Its words hold nothing of the request or of a person.
pub trait Fails: std::error::Error + Send + Sync {
    /// What kind of failure it is.
    fn fault(&self) -> Fault;
    /// Stable machine code, such as `code-expired`.
    fn code(&self) -> &'static str;
    /// What whoever asks is told: the error's own words, unless those are for operators.
    fn words(&self) -> String {
        self.to_string()
    }
}

impl<E: Fails + 'static> From<E> for ServiceError {
    fn from(error: E) -> Self {
        Self::Part(Box::new(error))
    }
}

impl Fault {
    fn status(self) -> StatusCode {
        match self {
            Self::Bad => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Gone => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Seconds after which it may be tried again.
    fn retry_after(self) -> Option<u64> {
        match self {
            Self::TooMany { retry_after } | Self::Unavailable { retry_after } => Some(retry_after),
            _ => None,
        }
    }
}

impl ServiceError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Part(error) => error.fault().status(),
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Broken
            | Self::FieldMissing { .. }
            | Self::Json(_)
            | Self::Items(_)
            | Self::Form
            | Self::SheetMissing
            | Self::Query { .. }
            | Self::DosesNotLatest
            | Self::NotOurs => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::LogIn { .. } => StatusCode::SEE_OTHER,
            Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::NoCertificate
            | Self::NotRevoked
            | Self::NotOffered { .. }
            | Self::Issuing(IssuingError::NoForm { .. }) => StatusCode::NOT_FOUND,
            Self::Issuing(IssuingError::Unavailable) | Self::NotReady { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Issuing(IssuingError::TooMany { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Self::Issuing(IssuingError::OffHours) => StatusCode::FORBIDDEN,
            Self::Slow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Range { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Issuing(IssuingError::NotDrawn)
            | Self::Read { .. }
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
            Self::Part(error) => error.code(),
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
            Self::Unauthorized => "token-unknown",
            Self::LogIn { .. } => "not-logged-in",
            Self::Forbidden { .. } => "right-missing",
            Self::Json(_) => "json",
            Self::Items(error) => match error {
                DivocError::NotAnArray => "not-an-array",
                DivocError::Empty => "no-dose",
                DivocError::TooMany { .. } => "too-many-doses",
                DivocError::Encoding { .. }
                | DivocError::Quote { .. }
                | DivocError::StrayQuote { .. }
                | DivocError::Column { .. }
                | DivocError::ColumnTwice { .. } => "sheet",
            },
            Self::Form => "form-broken",
            Self::SheetMissing => "field-missing",
            Self::Query { .. } => "query",
            Self::NoCertificate => "no-certificate",
            Self::NotRevoked => "not-revoked",
            Self::NotOffered { .. } => "not-offered",
            Self::Issuing(IssuingError::NoForm { .. }) => "no-form",
            Self::NotOurs => "not-ours",
            Self::DosesNotLatest => "doses-not-latest",
            Self::Issuing(IssuingError::Unavailable) => "unavailable",
            Self::Issuing(IssuingError::TooMany { .. }) => "quota-reached",
            Self::Issuing(IssuingError::OffHours) => "off-hours",
            Self::NotReady { .. } => "not-ready",
            Self::Issuing(IssuingError::NotDrawn) => "not-drawn",
            Self::Range { .. } => "range",
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
        if let Self::Range { bytes } = self
            && let Ok(size) = HeaderValue::from_str(&format!("bytes */{bytes}"))
        {
            response.headers_mut().insert(header::CONTENT_RANGE, size);
        }
        let retry_after = match &self {
            Self::Part(error) => error.fault().retry_after(),
            Self::Issuing(IssuingError::TooMany { retry_after }) => Some(*retry_after),
            _ => None,
        };
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Self::LogIn { wanted } = &self {
            let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
            if let Ok(place) = HeaderValue::from_str(&format!("/login?next={next}")) {
                response.headers_mut().insert(header::LOCATION, place);
            }
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            // RFC 9110 section 15.5.2 wants it with every 401. Basic is taken too and not named: a browser would open a
            // window of its own for it.
            let challenge = HeaderValue::from_static("Bearer realm=\"vaccert\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The status of something that was asked for and is there now: whether it is new.
pub(super) fn made(new: bool) -> StatusCode {
    if new { StatusCode::CREATED } else { StatusCode::OK }
}

/// What is sent of a file that does not change under its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// A part of it.
    Part,
    /// Nothing: the client has it.
    Nothing,
    /// Nothing: there is no more.
    NoMore,
}

impl Sent {
    /// The answer with its status.
    pub(super) fn with(self, mut response: Response) -> Response {
        *response.status_mut() = match self {
            Self::Part => StatusCode::PARTIAL_CONTENT,
            Self::Nothing => StatusCode::NOT_MODIFIED,
            Self::NoMore => StatusCode::NO_CONTENT,
        };
        response
    }
}

/// How a request for several certificates went as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// Every dose has its certificate.
    All,
    /// Something was made.
    Created,
    /// Some are refused.
    SomeRefused,
    /// Of some another certificate stands.
    SomeConflict,
    /// Of some no certificate stands.
    SomeMissing,
}

impl Answered {
    const EACH: [Self; 5] = [Self::All, Self::Created, Self::SomeRefused, Self::SomeConflict, Self::SomeMissing];

    /// Stable word, for answers that are kept.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Created => "created",
            Self::SomeRefused => "refused",
            Self::SomeConflict => "conflict",
            Self::SomeMissing => "missing",
        }
    }

    /// The one of this word.
    pub(super) fn read(word: &str) -> Option<Self> {
        Self::EACH.into_iter().find(|answered| answered.word() == word)
    }

    /// Whether what was asked for was done.
    pub(super) fn is_done(self) -> bool {
        matches!(self, Self::All | Self::Created)
    }

    /// The answer with the status of the whole.
    pub(super) fn with(self, mut response: Response) -> Response {
        *response.status_mut() = match self {
            Self::All => StatusCode::OK,
            Self::Created => StatusCode::CREATED,
            Self::SomeRefused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::SomeConflict => StatusCode::CONFLICT,
            Self::SomeMissing => StatusCode::PRECONDITION_FAILED,
        };
        response
    }
}

/// The kind of failure under which the words of pages know a status.
fn kind(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST => "forbidden",
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => "not-found",
        StatusCode::CONFLICT => "conflict",
        StatusCode::GONE => "gone",
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::NOT_ACCEPTABLE => "media-type",
        StatusCode::UNPROCESSABLE_ENTITY => "unprocessable",
        StatusCode::TOO_MANY_REQUESTS => "too-many",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable",
        status if status.is_client_error() => "bad",
        _ => "internal",
    }
}

/// Writes the words of an error into its response: JSON (RFC 9457) to a program, a page to a person, who has a frame.
pub(super) fn dress(response: Response, person: Option<&Frame>) -> Response {
    let (mut parts, body) = response.into_parts();
    let Some(error) = parts.extensions.remove::<Arc<ServiceError>>() else {
        return Response::from_parts(parts, body);
    };
    if parts.status.is_redirection() {
        // Nobody reads what stands on the way.
        return Response::from_parts(parts, body);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    let title = parts.status.canonical_reason().unwrap_or("Error");
    if let Some(frame) = person {
        let page = frame.problem(kind(parts.status), &error.to_string());
        let (dressed, body) = page.into_parts();
        parts.headers.extend(dressed.headers);
        return Response::from_parts(parts, body);
    }
    let status = parts.status.as_u16();
    let problem =
        serde_json::json!({"status": status, "title": title, "code": error.code(), "detail": error.to_string()});
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    Response::from_parts(parts, problem.to_string().into())
}
