//! What runs beside the requests: recurring tasks (the poll of DHIS2, the pull of trust lists, the publication of
//! revocations), and what an operator must know of them: a page, JSON, and metrics.
//!
//! Nothing here stops the service: a task that fails is tried again, and says so in three places.

mod board;
mod metrics;
mod mode;
mod page;
mod replica;
mod schedule;
mod traffic;

pub use board::{Board, BoardReport, Condition, Conditions, Level, MetricSource, ReplicaState, TaskState, Trouble};
pub use metrics::{Metrics, database};
pub use mode::{Mode, Stopped};
pub use replica::Replica;
pub use schedule::{Done, Failure, Task, Work, run};
pub use traffic::Traffic;
pub(super) use traffic::{ActorName, ByProxy, Class, admit, watch};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use super::{House, ServiceError, api::Endpoint, fixed, frame::Frame, typed};

/// What operators and their monitoring ask, without a login: the port is theirs alone.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/status", "showStatus")
            .tag("Operation")
            .summary("The state of the installation, as a page")
            .open()
            .gives_media(200, "text/html", "The page")
            .run(show),
        Endpoint::get("/v1/status", "readStatus")
            .tag("Operation")
            .summary("The state of the installation")
            .open()
            .gives_media(200, "application/json", "Tasks and lasting conditions, the worst level of all first")
            .run(status),
        Endpoint::get("/metrics", "readMetrics")
            .tag("Operation")
            .summary("Metrics, in the text format 0.0.4 of Prometheus")
            .open()
            .gives_media(200, "text/plain", "The metrics")
            .run(metrics_text),
        Endpoint::get("/readyz", "isReady")
            .tag("Operation")
            .summary("Whether the service can do its whole work")
            .about("Not before every task has run once, and not after an alarm.")
            .open()
            .gives_media(200, "text/plain", "It can")
            .gives_media(503, "application/problem+json", "What is missing")
            .run(ready),
    ]
}

/// Whether the program lives: of every door.
pub(super) fn health() -> Endpoint {
    Endpoint::get("/healthz", "isAlive")
        .tag("Operation")
        .summary("Whether the program lives")
        .open()
        .gives_media(200, "text/plain", "It does")
        .run(async || fixed("text/plain; charset=utf-8", "ok\n"))
}

async fn show(State(house): State<House>, frame: Frame) -> Response {
    frame.page("Status", &page::status(&house.board.report()))
}

async fn status(State(house): State<House>) -> Result<Response, ServiceError> {
    let json = serde_json::to_vec(&house.board.report()).map_err(|_| ServiceError::Worker)?;
    Ok(typed("application/json", json))
}

async fn metrics_text(State(house): State<House>) -> Response {
    typed("text/plain; version=0.0.4; charset=utf-8", house.board.metrics())
}

async fn ready(State(house): State<House>) -> Result<Response, ServiceError> {
    match house.board.report().missing() {
        missing if missing.is_empty() => Ok(fixed("text/plain; charset=utf-8", "ready\n").into_response()),
        missing => Err(ServiceError::NotReady { missing: missing.join("; ") }),
    }
}
