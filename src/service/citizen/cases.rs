//! Cases for whoever decides them.

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CitizenError;
use crate::{
    access::{Actor, Right},
    limits,
    registry::people::{Case, CaseState, CaseStep},
    service::{House, ServiceError, api::Endpoint},
};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/cases", "readCases")
            .tag("Cases")
            .summary("What citizens say is wrong, the oldest first")
            .needs(Right::Cases)
            .query::<String>("state", "open, answered or closed; all without it")
            .query::<i64>("after", "Number of the last case that is known")
            .gives::<CaseList>(200, "At most a hundred cases")
            .run(list),
        Endpoint::get("/v1/cases/{number}", "readCase")
            .tag("Cases")
            .summary("A case with its history")
            .needs(Right::Cases)
            .path_parameter("number", "Number of the case")
            .gives::<CaseView>(200, "The case")
            .run(read),
        Endpoint::post("/v1/cases/{number}/decision", "decideCase")
            .tag("Cases")
            .summary("Brings a case into a state, with a note that its citizen does not see")
            .needs(Right::Cases)
            .path_parameter("number", "Number of the case")
            .takes::<CaseDecision>("application/json")
            .gives::<CaseView>(200, "The case as it is now")
            .run(decide),
    ]
}

/// Cases.
#[derive(Debug, Serialize, JsonSchema)]
struct CaseList {
    /// The cases, the oldest first.
    cases: Vec<CaseView>,
    /// How many of all wait for an operator.
    open: u64,
}

/// A case.
#[derive(Debug, Serialize, JsonSchema)]
struct CaseView {
    /// Its number.
    number: i64,
    /// How the citizen calls it.
    reference: String,
    /// name, date, dose, not-me, not-vaccinated, missing, looks-false or other.
    kind: &'static str,
    /// open, answered or closed.
    state: &'static str,
    /// UID of the person in DHIS2.
    person: Option<String>,
    /// Identifier of the certificate.
    certificate: Option<String>,
    /// The words of whoever opened it.
    text: String,
    /// When it was opened (RFC 3339).
    opened_at: String,
    /// When it last changed.
    changed_at: String,
    /// What became of it, the oldest first; only where one case is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    history: Vec<StepView>,
}

/// What became of a case, once.
#[derive(Debug, Serialize, JsonSchema)]
struct StepView {
    /// Into which state it came.
    state: &'static str,
    /// Who decided.
    by: String,
    /// What they wrote.
    note: String,
    /// When.
    at: String,
}

/// A decision on a case.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CaseDecision {
    /// open, answered or closed.
    state: String,
    /// Why, in at most 2000 characters.
    note: String,
}

impl CaseView {
    fn of(case: Case, steps: Vec<CaseStep>) -> Self {
        let step = |step: CaseStep| StepView {
            state: step.state.as_str(),
            by: step.operator,
            note: step.note,
            at: time(step.at),
        };
        Self {
            number: case.number,
            reference: case.reference,
            kind: case.kind.as_str(),
            state: case.state.as_str(),
            person: case.tracked_entity,
            certificate: case.certificate,
            text: case.text,
            opened_at: time(case.made_at),
            changed_at: time(case.changed_at),
            history: steps.into_iter().map(step).collect(),
        }
    }
}

fn time(at: Timestamp) -> String {
    at.to_string()
}

/// Cases of one answer.
const PAGE: u32 = 100;

#[derive(Debug, Deserialize)]
struct Asked {
    state: Option<String>,
    after: Option<i64>,
}

async fn list(
    State(house): State<House>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, ServiceError> {
    let Ok(Query(Asked { state, after })) = asked else { return Err(ServiceError::Query { name: "after" }) };
    let state = state.map(|word| CaseState::read(&word).ok_or(ServiceError::Query { name: "state" })).transpose()?;
    let found = house.registry.cases(state, after.unwrap_or(0), PAGE).await.map_err(CitizenError::from)?;
    let open = house.registry.open_cases().await.map_err(CitizenError::from)?;
    Ok(Json(CaseList { cases: found.into_iter().map(|case| CaseView::of(case, Vec::new())).collect(), open })
        .into_response())
}

async fn one(house: &House, number: i64) -> Result<CaseView, CitizenError> {
    let (case, steps) = house.registry.case_by_number(number).await?.ok_or(CitizenError::NoCase)?;
    Ok(CaseView::of(case, steps))
}

fn number(path: Result<Path<String>, PathRejection>) -> Result<i64, CitizenError> {
    path.ok().and_then(|Path(number)| number.parse().ok()).ok_or(CitizenError::NoCase)
}

async fn read(State(house): State<House>, path: Result<Path<String>, PathRejection>) -> Result<Response, ServiceError> {
    Ok(Json(one(&house, number(path)?).await?).into_response())
}

async fn decide(
    State(house): State<House>,
    actor: Actor,
    path: Result<Path<String>, PathRejection>,
    decision: Result<Json<CaseDecision>, JsonRejection>,
) -> Result<Response, ServiceError> {
    let number = number(path)?;
    let Ok(Json(CaseDecision { state, note })) = decision else { return Err(CitizenError::Decision.into()) };
    let state = CaseState::read(&state).ok_or(CitizenError::Decision)?;
    if note.chars().count() > limits::CASE_CHARS || note.contains('\0') {
        return Err(CitizenError::Decision.into());
    }
    let now = house.clock.now();
    if !house.registry.decide_case(number, state, &actor.name, &note, now).await.map_err(CitizenError::from)? {
        return Err(CitizenError::NoCase.into());
    }
    Ok(Json(one(&house, number).await?).into_response())
}
