//! HTTP, on top of everything else: the pages of the demo, which show a folder that a run has filled; what a
//! configured installation offers to everybody (`public`); and its operators' page and metrics (`operations`).
//!
//! A request goes through `guard` (is it meant for this machine?), then to a handler of this file, which
//! asks the `folder` for bytes or verdicts and lets `pages` write them down. Errors become answers in `error`.

mod access;
mod account;
mod api;
mod body;
mod certificates;
mod citizen;
mod console;
pub mod divoc;
pub mod entry;
mod error;
mod features;
mod folder;
mod frame;
mod guard;
mod house;
mod html;
mod officer;
pub mod operations;
mod pages;
mod published;
mod report;
mod statement;
mod tenants;
mod verify;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;

pub use access::Alerts;
pub use entry::{ClientBlock, Tls, TlsError};
pub use error::{Fails, Fault, ServiceError};
pub use guard::Hosts;
pub use house::{House, Rooms};
pub use published::PublishedError;
pub use tenants::Tenants;
pub use verify::{Known, KnownError, Live, Look, Origin, Places, RuleText, ValueSetText, VerifyError};

use crate::{batch::Part, clock::Clock, config::Environment, issue::Format, limits};
use folder::{Folder, FolderId};
use frame::{At, Menu, Place};

/// A router and the port that it answers on.
pub struct Door {
    /// Where.
    pub listener: TcpListener,
    /// By TLS, where it is not a proxy's.
    pub tls: Option<Tls>,
    /// What.
    pub router: Router,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Door({:?})", self.listener)
    }
}

/// What runs beside the doors.
#[derive(Debug)]
pub struct Beside {
    /// This process among the replicas.
    pub replica: operations::Replica,
    /// What recurs.
    pub tasks: Vec<operations::Task>,
    /// Proxies whose word counts.
    pub proxies: crate::config::Proxies,
    /// From the end of readiness to the end of the doors: whoever distributes requests needs it to notice.
    pub drain: Duration,
}

/// Serves at every door, and works beside, until it is interrupted (Ctrl-C, or SIGTERM). Then readiness goes first, and
/// after a while the doors close; requests under way may end, for [`limits::SERVICE_GRACE_SECONDS`] at most; a task
/// under way may go on for as long as its replica gives it, and is handed over to another replica then.
///
/// There may be several to work beside, one an installation; the proxies and the time of the first count for all.
///
/// # Errors
/// When the network fails.
pub async fn run(doors: Vec<Door>, besides: Vec<Beside>) -> io::Result<()> {
    let (told, hears) = tokio::sync::watch::channel(false);
    let (left, leaves) = tokio::sync::watch::channel(false);
    let mut working = tokio::task::JoinSet::new();
    let mut living = tokio::task::JoinSet::new();
    let mut boards = Vec::new();
    let first = besides.first().map(|beside| (beside.proxies.clone(), beside.drain));
    let (proxies, drain) = first.unwrap_or_default();
    // A little more than the longest needs: it gives its turn back at the end.
    let finish = besides.iter().map(|beside| beside.replica.finish()).max().unwrap_or_default();
    let finish = finish.saturating_add(Duration::from_secs(limits::SERVICE_GRACE_SECONDS));
    for Beside { replica, tasks, .. } in besides {
        for task in tasks {
            working.spawn(operations::run(task, replica.clone(), hears.clone()));
        }
        boards.push(Arc::clone(replica.board()));
        // To the very end: leases are renewed by it, and it says good-bye.
        living.spawn(replica.live(leaves.clone()));
    }
    for tls in doors.iter().filter_map(|door| door.tls.clone()) {
        tokio::spawn(tls.follow(hears.clone()));
    }
    let serving = doors.into_iter().map(|Door { listener, tls, router }| {
        let mut hears = hears.clone();
        let router = router.layer(middleware::from_fn_with_state(proxies.clone(), entry::know));
        serve_through(listener, tls, router, async move {
            let _ = hears.wait_for(|ended| *ended).await;
        })
    });
    let ending = async {
        interrupted().await;
        boards.iter().for_each(|board| board.mode().end());
        tokio::time::sleep(drain).await;
        let _ = told.send(true);
        Ok(())
    };
    let served = futures_util::future::try_join(futures_util::future::try_join_all(serving), ending).await;
    let _ = told.send(true);
    let _ = tokio::time::timeout(finish, async { while working.join_next().await.is_some() {} }).await;
    working.abort_all();
    let _ = left.send(true);
    let wait = Duration::from_secs(limits::REPLICA_BEAT_SECONDS);
    let _ = tokio::time::timeout(wait, async { while living.join_next().await.is_some() {} }).await;
    served.map(|_| ())
}

/// Opens a port on this machine alone.
///
/// # Errors
/// When the port is taken.
pub async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await
}

/// An issuing API beside the pages, which tell its token: for rehearsals on this machine alone.
pub struct Api {
    /// Its routes ([`divoc::router`]).
    pub router: Router,
    /// A token that it takes.
    pub token: String,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Api(…)")
    }
}

/// Serves a folder of certificates, and beside it an issuing API, until it is interrupted (Ctrl-C, or SIGTERM). Requests under way may end,
/// for [`limits::SERVICE_GRACE_SECONDS`] at most.
///
/// # Errors
/// When the network fails.
pub async fn demo(listener: TcpListener, out: PathBuf, clock: Arc<dyn Clock>, api: Option<Api>) -> io::Result<()> {
    serve(listener, router_with(out, clock, api, None), interrupted()).await
}

/// Serves a router of pages alone until `end` comes.
async fn serve(
    listener: TcpListener,
    router: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_through(listener, None, router, end).await
}

/// Serves until `end` comes.
async fn serve_through(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let entrance = entry::Entrance::new(listener, tls)?;
    let service = router.into_make_service_with_connect_info::<entry::Peer>();
    let (told, mut hears) = tokio::sync::watch::channel(false);
    let ending = async move {
        end.await;
        let _ = told.send(true);
    };
    let deadline = async move {
        if hears.wait_for(|ended| *ended).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_secs(limits::SERVICE_GRACE_SECONDS)).await;
    };
    tokio::select! {
        served = axum::serve(entrance, service).with_graceful_shutdown(ending).into_future() => served,
        () = deadline => Ok(()),
    }
}

/// Ends when the program is told to (Ctrl-C, or SIGTERM).
pub async fn interrupted() {
    let ctrl_c = async {
        // Where no signal can be waited for, the program ends as the system does it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = ctrl_c => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    ctrl_c.await;
}

/// What every handler shares.
#[derive(Clone)]
struct Shared {
    folder: Arc<Folder>,
    clock: Arc<dyn Clock>,
    token: Option<Arc<str>>,
    playing: Option<Arc<Playing>>,
}

/// The routes of the demo over the folder `out`, which need not be complete: what is missing is said.
///
/// | route | answer |
/// |---|---|
/// | `GET /` | the certificates, the refused records, a form |
/// | `GET, POST /verify` | the form; the verdict on the code in its field `code`, as a page |
/// | `GET /c/{id}/{file}` | a file of a certificate |
/// | `POST /v1/verify` | the verdict on the code in the body (`text/plain`), as JSON |
/// | `GET /v1/trust.json` | the trust bundle |
/// | `GET /healthz` | `ok` while the program lives |
pub fn router(out: PathBuf, clock: Arc<dyn Clock>) -> Router {
    router_with(out, clock, None, None)
}

/// The service that stands beside the pages of a rehearsal, and what is needed to play a part in it.
#[derive(Clone)]
pub struct Playing {
    /// Address of the door for everybody, without a slash at its end.
    pub everybody: String,
    /// Address of the operators' door.
    pub operators: String,
    /// Who may log in there.
    pub user: String,
    /// Her password.
    pub password: String,
    /// Identifier of somebody who can be found.
    pub identifier: String,
    /// That person's date of birth.
    pub born: String,
    /// File that messages to citizens come into.
    pub messages: String,
}

impl std::fmt::Debug for Playing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Playing({}, {})", self.everybody, self.operators)
    }
}

/// The same, with the routes of an issuing API beside them, and on the first page its token, and the way to the
/// service.
pub fn router_with(out: PathBuf, clock: Arc<dyn Clock>, api: Option<Api>, playing: Option<Playing>) -> Router {
    let place = Place { at: At::Rehearsal, sandbox: true, menu: Menu::default() };
    let (api, token) = api.map_or_else(Default::default, |Api { router, token }| (router, Some(token.into())));
    let pages = Router::new()
        .route("/", get(index))
        .route("/verify", get(form).post(verify_form))
        .route("/c/{id}/{file}", get(file))
        .route(frame::ASSETS, get(frame::asset))
        .route("/style.css", get(async || fixed("text/css; charset=utf-8", pages::STYLE)))
        .route("/icon.svg", get(async || fixed("image/svg+xml", pages::ICON)))
        .route("/v1/verify", axum::routing::post(verify_text))
        .route("/v1/trust.json", get(trust))
        .route("/healthz", get(async || fixed("text/plain; charset=utf-8", "ok\n")))
        .with_state(Shared { folder: Arc::new(Folder::new(out)), clock, token, playing: playing.map(Arc::new) });
    pages
        .merge(api)
        .fallback(async || ServiceError::NotFound)
        .method_not_allowed_fallback(async || ServiceError::Method)
        .layer(middleware::from_fn_with_state((Hosts::this_machine(), place), guard::guard))
}

/// What everybody may reach, with `beside` (what is not an endpoint yet).
pub fn everybody(house: &House, beside: Router, hosts: Hosts) -> Router {
    let mut endpoints = fixtures();
    endpoints.push(operations::health());
    endpoints.extend(verify::endpoints(&house.setup.verify));
    endpoints.extend(published::endpoints());
    endpoints.extend(citizen::endpoints());
    endpoints.extend(officer::endpoints(&house.setup.officer));
    endpoints.push(account::for_everybody());
    door(house, At::Everybody, endpoints, beside, hosts)
}

/// What operators reach, on a port of their own that the Internet does not reach.
pub fn operators(house: &House, hosts: Hosts) -> Router {
    let mut endpoints = fixtures();
    endpoints.push(operations::health());
    endpoints.extend(operations::endpoints());
    endpoints.extend(certificates::endpoints());
    endpoints.extend(access::endpoints());
    endpoints.extend(divoc::served::endpoints());
    endpoints.extend(console::endpoints());
    endpoints.extend(citizen::operator_endpoints());
    endpoints.extend(account::endpoints());
    door(house, At::Operators, endpoints, Router::new(), hosts)
}

fn door(house: &House, at: At, endpoints: Vec<api::Endpoint>, beside: Router, hosts: Hosts) -> Router {
    let sandbox = house.setup.environment == Environment::Sandbox;
    let (title, name) = match at {
        At::Operators => ("vaccert: for operators", "operators"),
        _ => ("vaccert: for everybody", "everybody"),
    };
    let watched = (Arc::clone(&house.board), Arc::clone(&house.random), name);
    let api = api::Api::new(title, endpoints);
    let place = Place { at, sandbox, menu: Menu::of(at, api.endpoints()) };
    api.router(house)
        .merge(beside)
        .fallback(async || ServiceError::NotFound)
        .method_not_allowed_fallback(async || ServiceError::Method)
        .layer(middleware::from_fn_with_state((hosts, place), guard::guard))
        .layer(middleware::from_fn_with_state(watched, operations::watch))
}

/// A port without TLS that sends everybody to the one that has it.
pub fn redirect(port: u16, hosts: Hosts) -> Router {
    Router::new().fallback(move |request: Request| {
        let hosts = hosts.clone();
        async move {
            let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
            let Some(name) = hosts.name_of(host) else { return ServiceError::Host.into_response() };
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            let port = if port == 443 { String::new() } else { format!(":{port}") };
            axum::response::Redirect::permanent(&format!("https://{name}{port}{path}")).into_response()
        }
    })
}

/// What the pages of every door need.
fn fixtures() -> Vec<api::Endpoint> {
    let fixture = |path, id, media: &'static str, text: &'static str| {
        let endpoint = api::Endpoint::get(path, id).tag("Pages").open();
        endpoint.summary("A part of the pages").gives_media(200, media, "It").run(async move || fixed(media, text))
    };
    let asset = api::Endpoint::get(frame::ASSETS, "readAsset")
        .tag("Pages")
        .summary("A style, script or picture of the pages")
        .about("Its name has a digest of its content, so that it may be kept for ever.")
        .open()
        .path_parameter("file", "Name, as the pages have it")
        .gives_media(200, "text/css", "A style")
        .gives_media(200, "text/javascript", "A script")
        .gives_media(200, "image/svg+xml", "A picture")
        .run(frame::asset);
    vec![
        asset,
        fixture("/style.css", "readStyle", "text/css; charset=utf-8", pages::STYLE),
        fixture("/icon.svg", "readIcon", "image/svg+xml", pages::ICON),
    ]
}

/// Runs what reads files or checks signatures where it holds up nobody.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, ServiceError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(ServiceError::Worker))
}

fn typed(media: &'static str, content: impl IntoResponse) -> Response {
    let mut response = content.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// What the program itself brings, and every version of it may change.
fn fixed(media: &'static str, text: &'static str) -> Response {
    let mut response = typed(media, text);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn page(html: html::Html) -> Response {
    typed("text/html; charset=utf-8", html.into_string())
}

async fn index(State(shared): State<Shared>) -> Result<Response, ServiceError> {
    let now = shared.clock.now();
    apart(move || {
        let (certificates, more) = shared.folder.certificates(now)?;
        let (token, playing) = (shared.token.as_deref(), shared.playing.as_deref());
        Ok(page(pages::index(&certificates, more, shared.folder.report()?.as_ref(), token, playing, now)))
    })
    .await
}

async fn form() -> Response {
    page(pages::form())
}

async fn verify_form(State(shared): State<Shared>, request: Request) -> Result<Response, ServiceError> {
    let bytes = body::read(request, "application/x-www-form-urlencoded", limits::SERVICE_FORM_BYTES).await?;
    let field = url::form_urlencoded::parse(&bytes).find(|(name, _)| name == "code");
    let Some((_, code)) = field else { return Err(ServiceError::FieldMissing { field: "code" }) };
    // A letter or a chat may have broken the code into lines; line ends are no characters of it.
    let code: String = code.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let now = shared.clock.now();
    apart(move || {
        let trust = shared.folder.trust()?;
        let judged = statement::judge(&code, &trust, now);
        Ok(page(pages::verdict(&judged, &code, &trust.trust, now)))
    })
    .await
}

async fn file(
    State(shared): State<Shared>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, ServiceError> {
    let Ok(Path((id, name))) = path else { return Err(ServiceError::NotFound) };
    let id: FolderId = id.parse().map_err(|()| ServiceError::NotFound)?;
    let part = Part::all().into_iter().find(|part| part.file_name() == name).ok_or(ServiceError::NotFound)?;
    let bytes = apart(move || shared.folder.file(&id, part)).await?;
    let (media, policy) = match part {
        Part::Text(Format::Divoc) | Part::FhirDocument => ("application/json", None),
        Part::Archive => ("application/zip", None),
        Part::Text(_) => ("text/plain; charset=utf-8", None),
        Part::Png(_) => ("image/png", None),
        Part::Svg(_) => ("image/svg+xml", None),
        // A browser's own PDF viewer is a page with styles and scripts, which the policy of our pages stops.
        Part::Pdf => ("application/pdf", Some("frame-ancestors 'none'")),
    };
    let mut response = typed(media, bytes);
    if let Some(policy) = policy {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    Ok(response)
}

async fn verify_text(State(shared): State<Shared>, request: Request) -> Result<Response, ServiceError> {
    // Two more bytes for the line end that files and tools add.
    let bytes = body::read(request, "text/plain", limits::CODE_FILE_BYTES + 2).await?;
    let now = shared.clock.now();
    apart(move || {
        let trust = shared.folder.trust()?;
        let verdict = trust.verifier(now).judge_bytes(&bytes);
        let json = serde_json::to_vec(&verdict).map_err(|_| ServiceError::Worker)?;
        Ok(typed("application/json", json))
    })
    .await
}

async fn trust(State(shared): State<Shared>) -> Result<Response, ServiceError> {
    let bytes = apart(move || shared.folder.bundle()).await?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(typed("application/json", (headers, bytes)))
}
