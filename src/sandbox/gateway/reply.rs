//! What the gateway answers: status, headers and body, and the error form that all its endpoints share.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;
use serde_json::json;

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(HeaderName, String)>,
    body: Vec<u8>,
}

impl Reply {
    /// A status without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// A value in JSON.
    pub(super) fn json(value: &impl Serialize) -> Self {
        // Values of ours have text for names of members, so they can always be written.
        Self::typed("application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    /// A body of this media type.
    pub(super) fn typed(media: &str, body: Vec<u8>) -> Self {
        Self { status: 200, headers: vec![(header::CONTENT_TYPE, media.to_owned())], body }
    }

    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn body_mut(&mut self) -> &mut Vec<u8> {
        &mut self.body
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// A refusal: the gateway's problem report.
#[derive(Debug)]
pub(super) struct Problem {
    status: u16,
    /// `None`: the server's framework refuses, without a report.
    code: Option<&'static str>,
    problem: &'static str,
    sent: String,
    details: String,
}

impl Problem {
    pub(super) fn new(status: u16, code: &'static str, problem: &'static str, details: impl Into<String>) -> Self {
        Self { status, code: Some(code), problem, sent: String::new(), details: details.into() }
    }

    /// A bare status.
    pub(super) fn bare(status: u16) -> Self {
        Self { status, code: None, problem: "", sent: String::new(), details: String::new() }
    }

    /// Repeats what was sent, cut to what a reader needs.
    pub(super) fn sent(mut self, sent: &str) -> Self {
        self.sent = sent.chars().take(200).collect();
        self
    }
}

impl From<Problem> for Reply {
    fn from(problem: Problem) -> Self {
        let Some(code) = problem.code else { return Self::empty(problem.status) };
        let report = json!({
            "code": code, "problem": problem.problem, "sendValue": problem.sent, "details": problem.details,
        });
        Self { status: problem.status, ..Self::json(&report) }
    }
}

/// Created, without a body.
pub(super) fn created() -> Reply {
    Reply::empty(201)
}

/// Done, nothing to say.
pub(super) fn done() -> Reply {
    Reply::empty(204)
}
