//! Every route of the service is an [`Endpoint`]: its address, who may use it, what it takes and gives, and the
//! handler. The routes, the OpenAPI document and the page that shows it come from the same values, so that none can
//! forget another.

mod document;
mod endpoint;
mod page;

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::{Request, State},
    http::HeaderMap,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

pub(super) use endpoint::{Access, Endpoint};

use super::{
    House, ServiceError, access,
    features::{Feature, Features},
    frame::Frame,
    operations::{self, ActorName, Class},
    published::{Kind, Prepared},
};
use crate::access::ActorKind;
use page::Description;

/// Name and address of an endpoint, put beside its answers for the log and the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operation(pub(super) &'static str, pub(super) &'static str);

/// The endpoints of one door.
#[derive(Debug)]
pub(super) struct Api {
    endpoints: Vec<Endpoint>,
}

/// What is made of all endpoints, and handed out by two of them.
struct Described {
    document: Prepared,
    page: Description,
}

impl Api {
    /// These endpoints, described under `title`, and two more: the OpenAPI document and the page that shows it.
    pub(super) fn new(title: &str, mut endpoints: Vec<Endpoint>) -> Self {
        let described: Arc<OnceLock<Described>> = Arc::default();
        let (for_document, for_page) = (Arc::clone(&described), Arc::clone(&described));
        endpoints.push(
            Endpoint::get("/v1/openapi.json", "readOpenApi")
                .tag("Description")
                .summary("This description, as an OpenAPI 3.1 document")
                .open()
                .gives_media(200, "application/json", "The document")
                .gives_nothing(304, "The client has it already")
                .run(async move |headers: HeaderMap| match for_document.get() {
                    Some(described) => Ok(described.document.answer(&headers)),
                    None => Err(ServiceError::NotFound),
                }),
        );
        endpoints.push(
            Endpoint::get("/api", "showApi")
                .tag("Description")
                .summary("This description, as a page")
                .open()
                .gives_media(200, "text/html", "The page")
                .run(async move |frame: Frame| match for_page.get() {
                    Some(described) => Ok(described.page.show(&frame)),
                    None => Err(ServiceError::NotFound),
                }),
        );
        let document = document::of(title, &endpoints).to_string();
        let page = Description::of(&endpoints);
        // Set once, here: nobody else holds it yet.
        let _ = described.set(Described { document: Prepared::new(Kind::JSON, document, None), page });
        Self { endpoints }
    }

    /// All of them.
    pub(super) fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// Their routes without the gate, as they answer to somebody: for tests of pages.
    #[cfg(test)]
    pub(super) fn routes_for(self, house: &House, actor: crate::access::Actor) -> Router {
        let add = |router: Router<House>, endpoint: Endpoint| router.route(endpoint.path, endpoint.handler);
        let router = self.endpoints.into_iter().fold(Router::new(), add).with_state(house.clone());
        router.layer(axum::Extension(actor))
    }

    /// Their routes.
    pub(super) fn router(self, house: &House) -> Router {
        let mut router: Router<House> = Router::new();
        for endpoint in self.endpoints {
            let (class, operation) = (endpoint.class(), Operation(endpoint.id, endpoint.path));
            let feature = endpoint.feature();
            let gate = Gate { house: house.clone(), access: endpoint.access, class, feature, operation };
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
    feature: Option<Feature>,
    operation: Operation,
}

async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (class, operation, board) = (gate.class, gate.operation, Arc::clone(&gate.house.board));
    let mut response = operations::admit(&board, class, enter(gate, request, next)).await;
    response.extensions_mut().insert(operation);
    response
}

async fn enter(gate: Gate, request: Request, next: Next) -> Response {
    if let Err(closed) = Features::admit(&gate.house, gate.feature).await {
        return ServiceError::from(closed).into_response();
    }
    let (mut parts, body) = request.into_parts();
    let mut name = None;
    // Citizens' sessions are told by their own pages, which lead whoever has none to the first one.
    let admitted = match gate.access {
        Access::Citizen => Ok(None),
        access => access::admit(&gate.house, &mut parts, access).await,
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
