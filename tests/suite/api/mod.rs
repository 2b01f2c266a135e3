//! The interface for programs: verification, published lists, the forms of national apps, the document of it all.

mod apps;
mod document;
mod failures;
mod lists;
mod live;
mod malformed;
mod schemathesis;
mod verify;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use vaccert::{
    batch::{
        feed::{Facilities, Feed},
        system_random,
    },
    clock::{Clock, System},
    config::Setup,
    registry::{Options, Registry, Sealed},
    service::{self, Hosts, House, Rooms, operations::Board},
    source::file::read_facilities,
    work,
};

/// A clock that is set by hand.
pub struct Moving(Mutex<Timestamp>);

impl Moving {
    pub fn forward(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now += by;
    }
}

impl Clock for Moving {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// What a request was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.bytes)))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of a problem.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        assert_eq!(self.header("content-type"), "application/problem+json");
        let json = self.json();
        assert_eq!(json["status"], status);
        let detail = json["detail"].as_str().unwrap();
        assert!(detail.len() > 20 && !detail.ends_with('.'), "a sentence that says what to do: {detail}");
        json["code"].as_str().unwrap().to_owned()
    }
}

/// Sends one request through a router.
pub async fn send(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answer {
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path);
    request = request.header("host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer { status: parts.status.as_u16(), headers: parts.headers, bytes }
}

/// An installation of the sandbox, with its doors.
pub struct Installation {
    pub home: tempfile::TempDir,
    pub setup: Arc<Setup>,
    pub registry: Registry,
    pub clock: Arc<Moving>,
    pub house: House,
    pub everybody: Router,
    pub operators: Router,
}

impl Installation {
    /// One that has issued nothing.
    pub async fn empty() -> Self {
        Self::with(|_| {}).await
    }

    /// One whose configuration is changed first.
    pub async fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut setup = Setup::sandbox(&home.path().join("state"), System.now(), &system_random()).unwrap();
        change(&mut setup);
        let setup = Arc::new(setup);
        let registry = Registry::open(&setup.registry_url, Options::default()).await.unwrap();
        let clock = Arc::new(Moving(Mutex::new(System.now())));
        let told: Arc<dyn Clock> = clock.clone();
        let board = Arc::new(Board::new(Arc::clone(&told), "sandbox"));
        let rooms = Rooms {
            setup: Arc::clone(&setup),
            registry: registry.clone(),
            board,
            clock: told,
            random: system_random(),
        };
        let house = House::new(rooms);
        let everybody = service::everybody(&house, Router::new(), Hosts::this_machine());
        let operators = service::operators(&house, Hosts::this_machine());
        Self { home, setup, registry, clock, house, everybody, operators }
    }

    /// One that has issued the certificates of some invented people, and has published them.
    pub async fn issued() -> Self {
        let installation = Self::empty().await;
        installation.issue().await;
        installation.publish().await;
        installation
    }

    /// Issues the certificates of the demo, one person of which had four doses.
    pub async fn issue(&self) {
        let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
        let mut people: Value = serde_json::from_slice(&std::fs::read(fixtures.join("people.json")).unwrap()).unwrap();
        with_four_doses(&mut people);
        let path = self.home.path().join("people.json");
        std::fs::write(&path, people.to_string()).unwrap();
        let facilities = read_facilities(&fixtures.join("organisationUnits.json")).unwrap();
        let feed = Feed::from_file(path, Facilities::new(facilities));
        let ran = work::run(&self.setup, self.registry.clone(), feed, None, None, None, "test", &mut ()).await;
        assert!(ran.unwrap().tally.issued > 10);
    }

    /// Publishes now, and has the service see it.
    pub async fn publish(&self) {
        let dir = self.setup.service.public.clone();
        work::publisher(&self.setup, self.registry.clone(), dir).publish(System.now()).await.unwrap();
        self.house.live().refresh().await;
        // What was issued meanwhile must not lie in the future.
        let mut now = self.clock.0.lock().unwrap();
        *now = (*now).max(System.now());
    }

    /// Everything that was issued.
    pub async fn certificates(&self) -> Vec<Sealed> {
        self.registry.latest(500).await.unwrap()
    }

    /// A code of one of them.
    pub async fn code(&self, format: &str) -> String {
        let all = self.certificates().await;
        text(all.iter().find(|sealed| sealed.envelopes.iter().any(|e| e.format == format)).unwrap(), format)
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        send(&self.everybody, "GET", path, headers, Body::empty()).await
    }

    pub async fn post(&self, path: &str, media: &str, body: impl Into<Body>) -> Answer {
        send(&self.everybody, "POST", path, &[("content-type", media)], body).await
    }

    /// Verdict and reason of a text.
    pub async fn verdict(&self, code: &str) -> (String, Option<String>) {
        let answer = self.post("/v1/verify", "text/plain", code.to_owned()).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
        let json = answer.json();
        (json["verdict"].as_str().unwrap().to_owned(), json["reason"].as_str().map(str::to_owned))
    }
}

/// Whether a certificate has an envelope in a format.
pub fn has(sealed: &Sealed, format: &str) -> bool {
    sealed.envelopes.iter().any(|envelope| envelope.format == format)
}

/// The text of a certificate in a format.
pub fn text(sealed: &Sealed, format: &str) -> String {
    sealed.envelopes.iter().find(|envelope| envelope.format == format).unwrap().text.clone()
}

/// Tracked entity of the person with four doses.
pub const FOUR_DOSES: &str = "TedXVuSMU3D";

/// A fourth dose for somebody who had three.
fn with_four_doses(people: &mut Value) {
    let all = people["trackedEntities"].as_array_mut().unwrap();
    let person = all.iter_mut().find(|person| person["trackedEntity"] == FOUR_DOSES).unwrap();
    let events = person["enrollments"][0]["events"].as_array_mut().unwrap();
    assert_eq!(events.len(), 3);
    let mut fourth = events[2].clone();
    fourth["event"] = json!("Fourth00001");
    fourth["occurredAt"] = json!("2022-06-15T00:00:00.000");
    let dose = |event: &mut Value, dose: &str| {
        for value in event["dataValues"].as_array_mut().unwrap() {
            if value["dataElement"] == "LUIsbsm3okG" {
                value["value"] = json!(dose);
            }
        }
    };
    dose(&mut events[2], "DOSE3");
    dose(&mut fourth, "BOOSTER");
    events.push(fourth);
}

/// Waits until something is so that comes within a second or two, and on a busy machine much later.
pub async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !so().await {
        assert!(begun.elapsed() < Duration::from_secs(60), "still not so after a minute: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
