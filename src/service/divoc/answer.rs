//! What the API answers to a request for certificates: one result for each dose of the request, in its order.

use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{Answered, Done, Outcome};
use crate::{record::Refusal, service::typed, source::divoc::Item};

/// What became of one dose, as it is written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    pre_enrollment_code: Option<&'a str>,
    dose: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    status: &'static str,
    certificate_id: Option<&'a str>,
    errors: Vec<Fault<'a>>,
    warnings: Vec<Fault<'a>>,
}

#[derive(Debug, Serialize)]
struct Fault<'a> {
    code: &'a str,
    path: Option<&'a str>,
    message: &'a str,
    remedy: &'a str,
}

impl<'a> From<&'a Refusal> for Fault<'a> {
    fn from(refusal: &'a Refusal) -> Self {
        Self { code: &refusal.code, path: refusal.field.as_deref(), message: &refusal.message, remedy: &refusal.remedy }
    }
}

/// Writes the results. `lines` says that the places of the items are lines of a sheet.
pub(super) fn write(items: &[(Item, Done)], lines: bool) -> Response {
    let wire: Vec<Wire<'_>> = items
        .iter()
        .map(|(item, done)| Wire {
            pre_enrollment_code: item.code.as_deref(),
            dose: item.dose,
            line: lines.then_some(item.place),
            status: done.outcome.word(),
            certificate_id: done.id.as_deref(),
            errors: done.reasons.iter().map(Fault::from).collect(),
            warnings: item.notes.iter().chain(&done.notes).map(Fault::from).collect(),
        })
        .collect();
    let all = |outcome: Outcome| items.iter().any(|(_, done)| done.outcome == outcome);
    let answered = match () {
        () if all(Outcome::Refused) => Answered::SomeRefused,
        () if all(Outcome::Conflict) => Answered::SomeConflict,
        () if all(Outcome::Missing) => Answered::SomeMissing,
        () => Answered::All,
    };
    match serde_json::to_vec(&wire) {
        Ok(json) => answered.with(typed("application/json", json)),
        Err(_) => crate::service::ServiceError::Worker.into_response(),
    }
}
