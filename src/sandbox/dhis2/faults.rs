//! The defects of real servers and of what stands before them.

use std::io::Write;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::Options;

/// Misbehaviour on tracker paths, unless the name says otherwise.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Claims another page number than asked for (DHIS2-16715).
    WrongPageEcho,
    /// Ignores `page`.
    SamePageForEver,
    /// Takes rows out of every page after having cut it.
    FilteredPages,
    /// 409 with a `WebMessage`.
    Conflict,
    /// A web page with this status.
    Html(u16),
    /// A `WebMessage` that repeats the credentials, with this status.
    Echo(u16),
    /// To the login page of the version.
    LoginRedirect,
    /// A redirect to another host.
    Moved(String),
    /// The body breaks off before its declared length.
    Truncated,
    /// The body is complete but its JSON is not.
    HalfJson,
    /// JSON that is no list.
    OtherJson,
    /// Not the owner, in the version's own form.
    Ownership,
    /// A closed program, without a way to break the glass.
    ProgramClosed,
    /// 429.
    Busy {
        /// What `Retry-After` says, if it is sent.
        retry_after: Option<String>,
    },
    /// An empty answer with this status.
    Status(u16),
    /// Answers after this time.
    Slow(Duration),
    /// 400 for any `order`.
    NoOrder,
    /// This status for `/api/system/info`.
    HiddenInfo(u16),
    /// An endless (compressed) `/api/system/info`.
    HugeInfo,
}

impl Fault {
    pub(super) fn concerns(&self, path: &str, params: &[(String, String)]) -> bool {
        match self {
            Self::HiddenInfo(_) | Self::HugeInfo => path == "/api/system/info",
            Self::NoOrder => is_list(path) && params.iter().any(|(name, _)| name == "order"),
            _ => is_list(path),
        }
    }
}

fn is_list(path: &str) -> bool {
    ["/api/trackedEntityInstances", "/api/events", "/api/tracker/trackedEntities", "/api/tracker/events"]
        .contains(&path)
}

/// Faults that answer by themselves.
pub(super) fn misbehaviour(fault: &Fault, options: &Options, minor: u16) -> Option<Response> {
    let redirect = |to: &str| {
        let mut response = plain(302, Body::empty());
        if let Ok(to) = HeaderValue::from_str(to) {
            response.headers_mut().insert(header::LOCATION, to);
        }
        response
    };
    Some(match fault {
        Fault::Conflict => message(409, Some("E7114"), "Program is not assigned to org unit RootLand001"),
        Fault::Html(status) => page(*status),
        Fault::LoginRedirect if minor <= 41 => {
            redirect(&format!("{}/dhis-web-commons/security/login.action", options.context))
        }
        Fault::LoginRedirect => redirect(&format!("{}/login/", options.context)),
        Fault::Moved(to) => redirect(to),
        Fault::Truncated => {
            // The beginning must be on its way before the end breaks off.
            let body = Body::from_stream(futures_util::stream::unfold(true, |first| async move {
                if first {
                    return Some((Ok(r#"{"trackedEntities":[{"trackedEntity":"#), false));
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)), false))
            }));
            let mut response = plain(200, body);
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(5_000));
            response
        }
        Fault::HalfJson => json_text(200, r#"{"instances":[{"trackedEntity":"P00"#.to_owned()),
        Fault::OtherJson => json_text(200, r#"{"httpStatus":"OK","message":"Anna Vastow"}"#.to_owned()),
        Fault::Ownership => match minor {
            ..=37 => message(401, None, "OWNERSHIP_ACCESS_DENIED"),
            38..=41 => message(403, Some("E1006"), "OWNERSHIP_ACCESS_DENIED"),
            _ => message(404, Some("E1005"), "TrackedEntity with id P0000000000 could not be found."),
        },
        Fault::ProgramClosed => message(401, None, "PROGRAM_ACCESS_CLOSED"),
        Fault::Busy { retry_after } => {
            let mut response = message(429, None, "Too many requests");
            if let Some(wait) = retry_after.as_ref().and_then(|wait| wait.parse().ok()) {
                response.headers_mut().insert(header::RETRY_AFTER, wait);
            }
            response
        }
        Fault::Status(status) => plain(*status, Body::empty()),
        Fault::NoOrder => message(400, None, "order parameter is not supported"),
        Fault::HiddenInfo(status) => message(*status, None, "Access is denied"),
        Fault::HugeInfo => zipped(format!(r#"{{"version":"2.41.0","note":"{}"}}"#, " ".repeat(10_000_000)).as_bytes()),
        Fault::WrongPageEcho | Fault::SamePageForEver | Fault::FilteredPages | Fault::Slow(_) | Fault::Echo(_) => {
            return None;
        }
    })
}

/// A status out of the range of HTTP is the server's own failure.
fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn plain(status: u16, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = code(status);
    response
}

fn typed(status: u16, media: &'static str, body: Body) -> Response {
    let mut response = plain(status, body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

pub(super) fn json_text(status: u16, text: String) -> Response {
    typed(status, "application/json;charset=UTF-8", Body::from(text))
}

pub(super) fn zipped(text: &[u8]) -> Response {
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing to memory does not fail.
    let done = zip.write_all(text).and_then(|()| zip.finish());
    let mut response = typed(200, "application/json;charset=UTF-8", Body::from(done.unwrap_or_default()));
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response
}

/// A DHIS2 `WebMessage`.
pub(super) fn message(status: u16, error: Option<&str>, text: &str) -> Response {
    let reason = code(status).canonical_reason().unwrap_or_default();
    let mut told = Map::new();
    let mut tell = |name: &str, value: Value| drop(told.insert(name.to_owned(), value));
    tell("httpStatus", json!(reason));
    tell("httpStatusCode", json!(status));
    tell("status", json!("ERROR"));
    tell("message", json!(text));
    if let Some(error) = error {
        tell("errorCode", json!(error));
    }
    json_text(status, Value::Object(told).to_string())
}

/// What a proxy or a portal answers.
pub(super) fn page(status: u16) -> Response {
    let text = "<!DOCTYPE html><html><body>Please wait</body></html>";
    typed(status, "text/html", Body::from(text))
}
