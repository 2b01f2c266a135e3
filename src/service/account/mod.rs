//! The account that the service gives: the audit log for auditors, and its signed head for everybody.
//!
//! | route | right | answer |
//! |---|---|---|
//! | `GET /v1/audit?after=&before=&object=&limit=` | audit | rows of the log, page by page |
//! | `GET /v1/audit/head` | audit | the newest row's number and hash, now |
//! | `GET /v1/audit/head.json` | everybody | the head that was published last, signed by the list key |
//!
//! Rows hold identifiers and UIDs and no names of people; still they are for auditors alone, and nobody keeps them.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    House, ServiceError,
    api::Endpoint,
    error::{Fails, Fault},
    typed,
};
use crate::{
    access::Right,
    limits,
    publication::{HEAD_FILE, HEADS_FOLDER},
    registry::{RegistryError, audit::AuditRecord},
};

const TAG: &str = "Audit";

/// Why no rows are given.
#[derive(Debug, thiserror::Error)]
pub(super) enum AccountError {
    /// A part of the address that cannot be read.
    #[error("after, before and limit are numbers, and limit is 1 to {}: correct the address", limits::AUDIT_ROWS)]
    Query,
    /// Two parts that exclude each other.
    #[error("give after or before, not both")]
    Both,
    /// Nothing was published yet.
    #[error("no head of the audit log is published yet: ask again in a few minutes")]
    NoHead,
    /// The registry.
    #[error("the audit log cannot be read now: try again")]
    Registry(#[from] RegistryError),
}

impl Fails for AccountError {
    fn fault(&self) -> Fault {
        match self {
            Self::Query | Self::Both => Fault::Bad,
            Self::Registry(RegistryError::Key { .. }) => Fault::Bad,
            Self::NoHead => Fault::NotFound,
            Self::Registry(_) => Fault::Unavailable { retry_after: 5 },
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Query | Self::Both => "query",
            Self::Registry(RegistryError::Key { .. }) => "query",
            Self::NoHead => "no-head",
            Self::Registry(_) => "unavailable",
        }
    }
}

/// A row of the log.
#[derive(Debug, Serialize, JsonSchema)]
struct AuditRow {
    /// Its number, which counts up from 1 without a gap.
    number: u64,
    /// When, in UTC.
    at: String,
    /// What kind of actor: `system`, `user`, `token`, `citizen` or `anybody`.
    actor_kind: String,
    /// Stable name of the account or token.
    actor: Option<String>,
    /// What was done, such as `issue` or `revoke`.
    action: String,
    /// To what kind of thing.
    object_kind: Option<String>,
    /// Its identifier or UID.
    object: Option<String>,
    /// UID of the person and key of the event, with a stroke between.
    record: Option<String>,
    /// Why.
    reason: Option<String>,
    /// Identifier of the HTTP request.
    request: Option<String>,
    /// What else, as the text of a JSON object.
    details: Option<String>,
    /// Hash of the row before, hexadecimal.
    previous: String,
    /// Hash of this row, hexadecimal.
    hash: String,
}

impl From<AuditRecord> for AuditRow {
    fn from(row: AuditRecord) -> Self {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            number: row.number,
            at: row.at.to_string(),
            actor_kind: row.actor_kind,
            actor: row.actor,
            action: row.action,
            object_kind: row.object_kind,
            object: row.object,
            record: row.record,
            reason: row.reason,
            request: row.request,
            details: row.details,
            previous: hex(&row.previous),
            hash: hex(&row.hash),
        }
    }
}

/// A page of the log.
#[derive(Debug, Serialize, JsonSchema)]
struct AuditPage {
    /// The rows.
    rows: Vec<AuditRow>,
    /// Where the next page begins: as `after`, or as `before` where that was asked for. None at the end.
    next: Option<u64>,
}

/// The newest row.
#[derive(Debug, Serialize, JsonSchema)]
struct AuditHead {
    /// Its number; 0 while there is no row.
    number: u64,
    /// Its hash, hexadecimal, which stands for all rows before it.
    hash: String,
}

/// What auditors ask.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/audit", "listAuditRows")
            .tag(TAG)
            .summary("The audit log, page by page")
            .about(
                "From the beginning with `after` (0 for the first page), or the newest first with `before`, or without \
                 both. Each row carries the hash of the one before, so that a copy can be checked without this service.",
            )
            .needs(Right::Audit)
            .query::<u64>("after", "Rows behind this number, in their order")
            .query::<u64>("before", "Rows before this number, the newest first")
            .query::<String>("object", "Only what was done to this certificate, account, token, case or switch")
            .query::<u32>("limit", "Most rows; default 100")
            .gives::<AuditPage>(200, "The rows")
            .run(rows),
        Endpoint::get("/v1/audit/head", "readAuditHead")
            .tag(TAG)
            .summary("Number and hash of the newest row")
            .needs(Right::Audit)
            .gives::<AuditHead>(200, "The head; keep it elsewhere, and a log that is cut off shows")
            .run(head),
    ]
}

/// What everybody may fetch.
pub(super) fn for_everybody() -> Endpoint {
    Endpoint::get("/v1/audit/head.json", "readPublishedAuditHead")
        .tag(TAG)
        .summary("The head of the audit log, signed by the list key")
        .about("Whoever keeps these can prove later that the log was neither cut off nor rewritten. It tells nothing else.")
        .open()
        .gives_media(200, "application/json", "The signed head")
        .run(published)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: Option<u64>,
    before: Option<u64>,
    object: Option<String>,
    limit: Option<u32>,
}

async fn rows(
    State(house): State<House>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, ServiceError> {
    let Query(Asked { after, before, object, limit }) = asked.map_err(|_| AccountError::Query)?;
    let limit = limit.unwrap_or(100);
    if !(1..=limits::AUDIT_ROWS).contains(&limit) {
        return Err(AccountError::Query.into());
    }
    let found = match (after, before, object) {
        (Some(_), Some(_), _) => return Err(AccountError::Both.into()),
        (after, None, Some(object)) => house.registry.audit_of(&object, after.unwrap_or(0), limit).await,
        (Some(after), None, None) => house.registry.audit_records(after, limit).await,
        (None, before, None) => house.registry.audit_newest(before, limit).await,
        (None, Some(_), Some(_)) => return Err(AccountError::Query.into()),
    };
    let found = found.map_err(AccountError::from)?;
    let full = u32::try_from(found.len()).is_ok_and(|count| count == limit);
    let next = found.last().filter(|_| full).map(|last| last.number);
    let page = AuditPage { rows: found.into_iter().map(AuditRow::from).collect(), next };
    Ok(kept_by_nobody(Json(page)))
}

async fn head(State(house): State<House>) -> Result<Response, ServiceError> {
    let head = house.registry.audit_head().await.map_err(AccountError::from)?;
    Ok(kept_by_nobody(Json(AuditHead { number: head.number, hash: head.hex() })))
}

async fn published(State(house): State<House>) -> Result<Response, ServiceError> {
    let path = house.setup.service.public.join(HEADS_FOLDER).join(HEAD_FILE);
    let most = u64::try_from(limits::AUDIT_HEAD_BYTES).unwrap_or(u64::MAX);
    let read = tokio::task::spawn_blocking(move || {
        let bounded = std::fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= most);
        bounded.then(|| std::fs::read(&path).ok()).flatten()
    });
    let bytes = read.await.map_err(|_| ServiceError::Worker)?.ok_or(AccountError::NoHead)?;
    let mut response = typed("application/json", bytes);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    Ok(response)
}

fn kept_by_nobody(content: impl IntoResponse) -> Response {
    let mut response = content.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
