//! What runs beside the requests: recurring tasks (the poll of DHIS2, the pull of trust lists, the publication of
//! revocations), and what an operator must know of them: a page, JSON, and metrics.
//!
//! Nothing here stops the service: a task that fails is tried again, and says so in three places.

mod board;
mod metrics;
mod page;
mod schedule;

pub use board::{Board, BoardReport, Condition, Conditions, Level, MetricSource, TaskState, Trouble};
pub use metrics::Metrics;
pub use schedule::{Done, Failure, Task, Work, run};

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};

use super::{ServiceError, fixed, guard, typed};

/// The operator's routes, for a port of their own that the Internet does not reach.
///
/// | route | answer |
/// |---|---|
/// | `GET /` | the page |
/// | `GET /v1/status` | the same as JSON |
/// | `GET /metrics` | the same for Prometheus (text format 0.0.4) |
/// | `GET /healthz` | `ok` while the program lives |
/// | `GET /readyz` | `ready`, or 503 with what is missing: before every task has run once, and after an alarm |
pub fn router(board: Arc<Board>, hosts: guard::Hosts) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/v1/status", get(status))
        .route("/metrics", get(metrics_text))
        .route("/readyz", get(ready))
        .route("/healthz", get(async || fixed("text/plain; charset=utf-8", "ok\n")))
        .route("/style.css", get(async || fixed("text/css; charset=utf-8", super::pages::STYLE)))
        .route("/icon.svg", get(async || fixed("image/svg+xml", super::pages::ICON)))
        .with_state(board)
        .fallback(async || ServiceError::NotFound)
        .method_not_allowed_fallback(async || ServiceError::Method)
        .layer(middleware::from_fn_with_state(hosts, guard::guard))
}

async fn show(State(board): State<Arc<Board>>) -> Response {
    super::page(page::status(&board.report()))
}

async fn status(State(board): State<Arc<Board>>) -> Result<Response, ServiceError> {
    let json = serde_json::to_vec(&board.report()).map_err(|_| ServiceError::Worker)?;
    Ok(typed("application/json", json))
}

async fn metrics_text(State(board): State<Arc<Board>>) -> Response {
    typed("text/plain; version=0.0.4; charset=utf-8", board.metrics())
}

async fn ready(State(board): State<Arc<Board>>) -> Result<Response, ServiceError> {
    match board.report().missing() {
        missing if missing.is_empty() => Ok(fixed("text/plain; charset=utf-8", "ready\n").into_response()),
        missing => Err(ServiceError::NotReady { missing: missing.join("; ") }),
    }
}
