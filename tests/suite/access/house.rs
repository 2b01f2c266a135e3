//! A house in process: a sandbox of its own whose signer counts, both doors, and a DHIS2 that knows some users.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::IntoResponse,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt;
use vaccert::{
    access::{Right, TokenText},
    batch::system_random,
    clock::Clock,
    config::{Dhis2Section, GroupRoles, Setup},
    keys::{Algorithm, Certificate, Signer, SignerError, SignerSet},
    registry::{Approval, NewToken, Options, Proposal, Proposed, Registry},
    service::{self, Hosts, House, Rooms, operations::Board},
};

/// A clock that is moved by hand.
#[derive(Clone)]
pub struct Moved(Arc<Mutex<Timestamp>>);

impl Moved {
    pub fn new(at: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(at)))
    }

    pub fn forward(&self, by: SignedDuration) {
        let mut at = self.0.lock().unwrap();
        *at = at.checked_add(by).unwrap();
    }
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Signs, and counts how often.
pub struct Counting {
    inner: Arc<dyn Signer>,
    pub signed: Arc<AtomicUsize>,
}

impl Signer for Counting {
    fn algorithm(&self) -> Algorithm {
        self.inner.algorithm()
    }

    fn certificate(&self) -> &Certificate {
        self.inner.certificate()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.signed.fetch_add(1, Ordering::SeqCst);
        self.inner.sign(message)
    }
}

/// What a request was answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The cookie that it sets, as a browser sends it back.
    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

pub struct Site {
    /// Its files go with it.
    pub _dir: tempfile::TempDir,
    pub clock: Moved,
    pub registry: Registry,
    pub operators: Router,
    pub everybody: Router,
    pub signed: Arc<AtomicUsize>,
}

pub fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

impl Site {
    pub async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// A site that is asked under this name, and as this machine.
    pub async fn called(host: &str) -> Self {
        Self::of(host, |_| ()).await
    }

    /// A site whose configuration is changed first.
    pub async fn with(change: impl FnOnce(&mut Setup)) -> Self {
        Self::of("console.example.org", change).await
    }

    async fn of(host: &str, change: impl FnOnce(&mut Setup)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // Keys of a rehearsal are valid around the time of their making.
        let clock = Moved::new(now());
        let random = system_random();
        let mut setup = Setup::sandbox(dir.path(), now(), &random).unwrap();
        change(&mut setup);
        let signed = Arc::new(AtomicUsize::new(0));
        let counting: Arc<dyn Signer> =
            Arc::new(Counting { inner: Arc::clone(&setup.signer), signed: Arc::clone(&signed) });
        setup.signers = Arc::new(SignerSet::single(Arc::clone(&counting)));
        setup.signer = counting;
        let registry = Registry::open(&setup.registry_url, Options::default()).await.unwrap();
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let board = Arc::new(Board::new(Arc::clone(&shared), "sandbox"));
        let rooms = Rooms { setup: Arc::new(setup), registry: registry.clone(), board, clock: shared, random };
        let house = House::new(rooms);
        let operators = service::operators(&house, Hosts::named(&[host.to_owned()]));
        let everybody = service::everybody(&house, Router::new(), Hosts::this_machine());
        Self { _dir: dir, clock, registry, operators, everybody, signed }
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        ask(&self.operators, request).await
    }

    /// Asks as a program does.
    pub async fn call(&self, method: Method, path: &str, auth: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
        if !auth.is_empty() {
            request = request.header(header::AUTHORIZATION, auth);
        }
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        self.ask(request.body(body).unwrap()).await
    }

    /// Sends a form as a browser does that is at our page.
    pub async fn send(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(header::HOST, "localhost:8081")
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form));
        self.ask(request.unwrap()).await
    }

    /// Looks at a page as a browser does.
    pub async fn look(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path)
            .header(header::HOST, "localhost:8081")
            .header(header::ACCEPT, "text/html,*/*;q=0.8")
            .header(header::COOKIE, cookie);
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// An active local account with these roles, approved by as many as it takes; and a token of it with every
    /// right that they give.
    pub async fn account(&self, name: &str, roles: &[&str], facilities: &[&str]) -> String {
        let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let account = format!("user:{name}");
        let proposal =
            Proposal { name: account.clone(), roles: texts(roles), facilities: texts(facilities), quota: None };
        let at = self.clock.now();
        assert_eq!(self.registry.propose_account(&proposal, "user:chief", at).await.unwrap(), Proposed::Waits);
        let one = self.registry.approve_account(&account, "user:one", at).await.unwrap();
        if one == Approval::OneMore {
            assert_eq!(self.registry.approve_account(&account, "user:two", at).await.unwrap(), Approval::Active);
        }
        self.token(&account, &Right::ALL, 30).await
    }

    /// A token of an account, as the header says it.
    pub async fn token(&self, account: &str, rights: &[Right], days: i64) -> String {
        let mut bytes = [0; 32];
        system_random()(&mut bytes).unwrap();
        let text = TokenText::of(&bytes);
        let id = format!("t{:x}{:x}{:x}", bytes[0], bytes[1], bytes[2]);
        let rights: Vec<String> = rights.iter().map(|right| right.name().to_owned()).collect();
        let at = self.clock.now();
        let new = NewToken {
            id: &id,
            hash: &text.hash(),
            account,
            label: "test",
            rights: &rights,
            facilities: &[],
            made_by: "user:chief",
            expires_at: at.checked_add(SignedDuration::from_hours(24 * days)).unwrap(),
        };
        assert!(self.registry.make_token(&new, at).await.unwrap());
        format!("Bearer {}", text.reveal())
    }

    pub fn signatures(&self) -> usize {
        self.signed.load(Ordering::SeqCst)
    }
}

pub async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), 8 * 1024 * 1024).await.unwrap();
    Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

/// A user of the DHIS2 below.
#[derive(Clone)]
pub struct User {
    pub name: &'static str,
    pub password: &'static str,
    pub token: &'static str,
    pub groups: Vec<(&'static str, &'static str)>,
    pub units: Vec<&'static str>,
    pub email: &'static str,
}

impl User {
    fn uid(&self) -> String {
        format!("{:0<11}", format!("U{}", self.name))
    }

    fn told(&self) -> Value {
        let groups: Vec<Value> = self.groups.iter().map(|(id, name)| json!({"id": id, "name": name})).collect();
        let units: Vec<Value> = self.units.iter().map(|id| json!({"id": id, "name": "x"})).collect();
        json!({
            "id": self.uid(), "username": self.name, "userGroups": groups, "organisationUnits": units,
            "email": self.email,
        })
    }
}

/// Token of the service itself at that DHIS2.
const SERVICE: &str = "d2pat_service";

/// A DHIS2 that knows these users, and counts how often it is asked.
pub struct Dhis2 {
    pub url: String,
    pub users: Arc<Mutex<BTreeMap<String, User>>>,
    pub asked: Arc<AtomicUsize>,
    /// How often a user was looked up by the service.
    pub looked_up: Arc<AtomicUsize>,
    /// Whether the service may not see users.
    pub hides_users: Arc<AtomicBool>,
    dir: tempfile::TempDir,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Dhis2 {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Known = (Arc<Mutex<BTreeMap<String, User>>>, Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicBool>);

impl Dhis2 {
    pub async fn start(users: Vec<User>) -> Self {
        let users: BTreeMap<String, User> = users.into_iter().map(|user| (user.name.to_owned(), user)).collect();
        let state: Known = (Arc::new(Mutex::new(users)), Arc::default(), Arc::default(), Arc::default());
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("token"), SERVICE).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hmis", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/hmis/api/me", axum::routing::get(me))
            .route("/hmis/api/users/{id}", axum::routing::get(user))
            .with_state(state.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let (users, asked, looked_up, hides_users) = state;
        Self { url, users, asked, looked_up, hides_users, dir, task }
    }

    /// Makes a setup use it, with roles by groups.
    pub fn in_use(&self, setup: &mut Setup, groups: &[(&str, &[vaccert::access::Role])], is_enough: bool) {
        let token_file = Some(self.dir.path().join("token"));
        setup.dhis2 = Some(Dhis2Section { url: self.url.clone(), token_file, ..Dhis2Section::default() });
        let groups = groups.iter().map(|(name, roles)| ((*name).to_owned(), roles.to_vec())).collect();
        setup.access.dhis2 = Some(GroupRoles { groups, is_enough });
    }
}

fn refused(status: StatusCode) -> axum::response::Response {
    let mut said = json!({"httpStatus": status.to_string(), "httpStatusCode": status.as_u16(), "status": "ERROR"});
    if status == StatusCode::NOT_FOUND {
        said["errorCode"] = json!("E1005");
    }
    (status, axum::Json(said)).into_response()
}

fn sent(headers: &HeaderMap) -> String {
    headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}

async fn me(State((users, asked, ..)): State<Known>, headers: HeaderMap) -> axum::response::Response {
    let sent = sent(&headers);
    if sent == format!("ApiToken {SERVICE}") {
        return axum::Json(json!({"id": "Uservice000"})).into_response();
    }
    asked.fetch_add(1, Ordering::SeqCst);
    let users = users.lock().unwrap();
    let found = users.values().find(|user| {
        sent == format!("Basic {}", STANDARD.encode(format!("{}:{}", user.name, user.password)))
            || sent == format!("ApiToken {}", user.token)
    });
    found.map_or_else(|| refused(StatusCode::UNAUTHORIZED), |user| axum::Json(user.told()).into_response())
}

async fn user(
    State((users, _, looked_up, hides_users)): State<Known>,
    axum::extract::Path(id): axum::extract::Path<String>,
    headers: HeaderMap,
) -> axum::response::Response {
    looked_up.fetch_add(1, Ordering::SeqCst);
    if sent(&headers) != format!("ApiToken {SERVICE}") {
        return refused(StatusCode::UNAUTHORIZED);
    }
    if hides_users.load(Ordering::SeqCst) {
        return refused(StatusCode::FORBIDDEN);
    }
    let users = users.lock().unwrap();
    let found = users.values().find(|user| user.uid() == id);
    found.map_or_else(|| refused(StatusCode::NOT_FOUND), |user| axum::Json(user.told()).into_response())
}

pub fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}
