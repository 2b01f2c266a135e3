//! From a request to its answer: for what, in which media type, by whom, and then the room of the endpoint.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Method},
    response::Response,
};
use jiff::Timestamp;

use super::{
    Asked, Trouble,
    book::Book,
    did,
    door::{self, Caller, Door},
    lists, migration, references,
    reply::{Problem, Reply},
    revocation,
    route::Endpoint,
    rules,
    shared::Shared,
    signers::{self, Desk},
    tls::Peer,
};
use crate::limits::{SANDBOX_BODY_BYTES, SANDBOX_REQUESTS};

/// A door of the gateway.
#[derive(Clone)]
pub(super) struct Front {
    pub(super) shared: Arc<Shared>,
    pub(super) door: Door,
}

pub(super) async fn answer(
    State(front): State<Front>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let shared = &front.shared;
    let endpoint = Endpoint::of(shared.network, shared.revocation, &head.method, head.uri.path());
    let params: Vec<(String, String)> =
        url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let mut reply = match &endpoint {
        Err(_) => None,
        Ok(endpoint) => match axum::body::to_bytes(body, SANDBOX_BODY_BYTES).await {
            Err(_) => Some(Reply::empty(413)),
            Ok(body) => {
                let asked = Inquiry { endpoint, headers: &head.headers, params: &params, body: &body };
                Some(handle(&front, &peer, &asked).unwrap_or_else(Reply::from))
            }
        },
    };
    if let (Ok(endpoint), Some(reply)) = (&endpoint, &mut reply)
        && let Some(trouble) = shared.trouble(|trouble| trouble.concerns(endpoint))
    {
        if let Trouble::Slow(time) = trouble {
            tokio::time::sleep(time.min(Duration::from_secs(600))).await;
        }
        trouble.spoil(reply);
    }
    let reply = match (reply, endpoint) {
        (Some(reply), _) => reply,
        (None, Err(problem)) => problem.into(),
        (None, Ok(_)) => Reply::empty(500),
    };
    let response = reply.into_response();
    note(shared, &head.method, head.uri.path(), &response);
    response
}

fn note(shared: &Shared, method: &Method, path: &str, response: &Response) {
    let mut held = shared.held();
    if held.asked.len() < SANDBOX_REQUESTS {
        let (method, path) = (method.to_string(), path.to_owned());
        held.asked.push(Asked { method, path, status: response.status().as_u16() });
    }
}

/// A request, taken apart.
struct Inquiry<'r> {
    endpoint: &'r Endpoint,
    headers: &'r HeaderMap,
    params: &'r lists::Params,
    body: &'r [u8],
}

fn handle(front: &Front, peer: &Peer, asked: &Inquiry<'_>) -> Result<Reply, Problem> {
    let shared = &front.shared;
    asked.endpoint.check_media(asked.headers)?;
    let now = shared.clock.now();
    let (anchor, _) = &shared.anchor;
    let mut held = shared.held();
    held.book.tidy(now);
    if let Endpoint::Did(path) = asked.endpoint {
        let nonce = shared.uuid().map_err(|_| Problem::bare(500))?.replace('-', "");
        return did::document(&held.book, anchor, &shared.signer, path, now, &nonce);
    }
    let role = asked.endpoint.role();
    let caller = door::caller(front.door, peer, asked.headers, role, &held.book, anchor)?;
    if !asked.endpoint.writes() {
        return read(shared, &held.book, &caller, asked, now);
    }
    drop(held);
    let uuid = shared.uuid().map_err(|_| Problem::new(500, "0x008", "Internal Server Error", ""))?;
    let changed = shared.change(|book| {
        let desk = Desk { book, anchor, caller: &caller, now, uuid };
        write(desk, asked)
    });
    changed.unwrap_or_else(|_| Err(Problem::new(500, "0x008", "Internal Server Error", "the change cannot be kept")))
}

fn read(shared: &Shared, book: &Book, caller: &Caller, asked: &Inquiry<'_>, now: Timestamp) -> Result<Reply, Problem> {
    let Inquiry { headers, params, .. } = asked;
    match asked.endpoint {
        Endpoint::TrustList { kind, country } => {
            let (kind, country) = (kind.as_deref(), country.as_deref());
            lists::trust_list(book, shared.network, &shared.anchor, kind, country, headers, params)
        }
        Endpoint::Issuers => lists::issuers(book, params),
        Endpoint::Certificates => Ok(lists::certificates(book, params)),
        Endpoint::References => Ok(references::list(book, params)),
        Endpoint::Reference(uuid) => references::one(book, uuid),
        Endpoint::ValueSets => Ok(lists::value_sets(book)),
        Endpoint::ValueSet(id) => lists::value_set(book, id),
        Endpoint::CountryList => Ok(lists::countries(book)),
        Endpoint::Rules(country) => rules::list(book, country, now),
        Endpoint::BatchList => revocation::list(book, headers, now),
        Endpoint::Batch(id) => revocation::batch(book, id),
        Endpoint::Packages => Ok(migration::packages(book, caller)),
        _ => Err(Problem::bare(404)),
    }
}

fn write(desk: Desk<'_>, asked: &Inquiry<'_>) -> Result<Reply, Problem> {
    match asked.endpoint {
        Endpoint::SignerUpload => signers::upload(desk, asked.body),
        Endpoint::SignerDelete => signers::delete(desk, asked.body),
        Endpoint::TrustedUpload => signers::upload_trusted(desk, asked.body),
        Endpoint::ReferenceUpload => references::upload(desk, asked.body),
        Endpoint::ReferenceDelete => references::delete(desk, asked.body),
        Endpoint::RuleUpload => rules::upload(desk, asked.body),
        Endpoint::RuleDelete => rules::delete(desk, asked.body),
        Endpoint::BatchUpload => revocation::upload(desk, asked.body),
        Endpoint::BatchDelete => revocation::delete(desk, asked.body),
        Endpoint::Migrate => migration::renew(desk, asked.body),
        _ => Err(Problem::bare(404)),
    }
}
