//! Every route of the service is an [`Endpoint`]: its address, who may use it, what it takes and gives, and the
//! handler. The routes and the OpenAPI document come from the same values, so that neither can forget the other.

mod document;
mod endpoint;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::header,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};

pub(super) use endpoint::{Access, Endpoint};

use super::{
    House, ServiceError, access,
    operations::{self, ActorName, Class},
};
use crate::access::ActorKind;

/// Name and address of an endpoint, put beside its answers for the log and the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operation(pub(super) &'static str, pub(super) &'static str);

/// The endpoints of one door.
#[derive(Debug)]
pub(super) struct Api {
    endpoints: Vec<Endpoint>,
    document: serde_json::Value,
}

impl Api {
    /// These endpoints, described under `title`.
    pub(super) fn new(title: &str, endpoints: Vec<Endpoint>) -> Self {
        let document = document::of(title, &endpoints);
        Self { endpoints, document }
    }

    /// Their OpenAPI document.
    pub(super) fn document(&self) -> &serde_json::Value {
        &self.document
    }

    /// Their routes, and `/v1/openapi.json`.
    pub(super) fn router(self, house: &House) -> Router {
        let document: std::sync::Arc<str> = self.document().to_string().into();
        let described = get(move || {
            let document = document.to_string();
            async move { ([(header::CONTENT_TYPE, "application/json")], Body::from(document)) }
        });
        let mut router: Router<House> = Router::new().route("/v1/openapi.json", described);
        for endpoint in self.endpoints {
            let (class, operation) = (endpoint.class(), Operation(endpoint.id, endpoint.path));
            let gate = Gate { house: house.clone(), access: endpoint.access, class, operation };
            let handler = endpoint.handler.layer(middleware::from_fn_with_state(gate, pass));
            router = router.route(endpoint.path, handler);
        }
        router.with_state(house.clone())
    }
}

/// What stands before a handler.
#[derive(Clone)]
struct Gate {
    house: House,
    access: Access,
    class: Class,
    operation: Operation,
}

async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (class, operation, board) = (gate.class, gate.operation, Arc::clone(&gate.house.board));
    let mut response = operations::admit(&board, class, enter(gate, request, next)).await;
    response.extensions_mut().insert(operation);
    response
}

async fn enter(gate: Gate, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut name = None;
    let mut response = match access::admit(&gate.house, &parts, gate.access).await {
    // Citizens' sessions are told by their own pages, which lead whoever has none to the first one.
    let admitted = match gate.access {
        Access::Citizen => Ok(None),
        access => access::admit(&gate.house, &parts, access).await,
    };
    let mut response = match admitted {
        Ok(actor) => {
            if let Some(actor) = actor {
                // Citizens are named nowhere.
                name = (actor.kind != ActorKind::Citizen).then(|| ActorName(actor.name.as_str().into()));
                parts.extensions.insert(actor);
            }
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => ServiceError::into_response(error),
    };
    if let Some(name) = name {
        response.extensions_mut().insert(name);
    }
    response
}
