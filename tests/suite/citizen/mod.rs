//! The pages of citizens over a whole installation: the rehearsal DHIS2, a pass, codes that are read from the file of
//! messages, and a browser made of requests.

mod abuse;
mod cases;
mod messages;
mod sessions;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tower::ServiceExt;
use vaccert::{
    batch::system_random,
    clock::{Clock, System},
    config::{Dhis2Access, Dhis2Section, Setup, Via},
    registry::{Options, Registry},
    sandbox::dhis2::{
        ContractServer, Options as Dhis2Options, PASSWORD, USER,
        people::{Person, covac},
    },
    service::{self, Hosts, House, Rooms, operations::Board},
    work::{
        Pass,
        messages::{Courier, courier},
    },
};

/// A clock that tests move.
#[derive(Clone)]
pub struct Moved(Arc<AtomicI64>);

impl Moved {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(System.now().as_second())))
    }

    /// Lets time pass.
    pub fn pass(&self, time: SignedDuration) {
        self.0.fetch_add(time.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// An installation.
pub struct Town {
    pub folder: TempDir,
    pub dhis2: ContractServer,
    pub setup: Arc<Setup>,
    pub access: Dhis2Access,
    pub registry: Registry,
    pub house: House,
    pub router: Router,
    pub operators: Router,
    pub courier: Courier,
    pub clock: Moved,
}

/// Somebody with a national number, a telephone and doses.
pub fn person(number: usize, phone: Option<&str>, born: &str) -> Person {
    let mut person = Person::new(&format!("P{number:010}"), "Amara", &format!("Specimen{}", letters(number)), born)
        .with(covac::SEX, "FEMALE")
        .with(covac::NATIONAL_ID, &national(number))
        .dosed("ASTRAZENECA", "DOSE1", "2021-06-02", "LOT7001")
        .dosed("ASTRAZENECA", "DOSE2", "2021-08-25", "LOT7002");
    if let Some(phone) = phone {
        person = person.with(covac::PHONE, phone);
    }
    person
}

fn letters(number: usize) -> String {
    number.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect()
}

pub fn national(number: usize) -> String {
    format!("NX-{:03}-{:03}", number / 1000, number % 1000)
}

impl Town {
    pub async fn new(people: Vec<Person>, change: impl FnOnce(&mut Setup)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Moved::new();
        let dhis2 = ContractServer::start(Dhis2Options::new("2.41.0", people)).await.unwrap();
        let mut setup = Setup::sandbox(folder.path(), clock.now(), &system_random()).unwrap();
        let password = folder.path().join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        setup.dhis2 = Some(Dhis2Section {
            url: dhis2.url.clone(),
            user: Some(USER.to_owned()),
            password_file: Some(password),
            ..Dhis2Section::default()
        });
        change(&mut setup);
        let setup = Arc::new(setup);
        let mut access = Dhis2Access::of(setup.dhis2.clone().unwrap()).unwrap();
        access.options.retry.tries = 1;
        let registry = Registry::open(&setup.registry_url, Options::default()).await.unwrap();
        let random = system_random();
        let timed: Arc<dyn Clock> = Arc::new(clock.clone());
        let courier = courier(&setup, &registry, Some(access.clone()), Arc::clone(&timed), Arc::clone(&random));
        let courier = courier.await.unwrap().unwrap();
        let board = Arc::new(Board::new(Arc::clone(&timed), "sandbox"));
        let (setup2, registry2) = (Arc::clone(&setup), registry.clone());
        let house = House::new(Rooms { setup: setup2, registry: registry2, board, clock: timed, random });
        let router = service::everybody(&house, Router::new(), Hosts::this_machine());
        let operators = service::operators(&house, Hosts::this_machine());
        let town = Self { folder, dhis2, setup, access, registry, house, router, operators, courier, clock };
        town.pass().await;
        town
    }

    /// One pass over DHIS2.
    pub async fn pass(&self) {
        let registry = self.registry.clone();
        let pass = Pass { setup: &self.setup, registry, access: &self.access, profile: None, full: false, out: None };
        pass.run(&mut ()).await.unwrap();
    }

    /// Every message so far: to whom, and what.
    pub fn messages(&self) -> Vec<(String, String)> {
        assert_eq!(self.setup.messages.via, Via::File);
        let text = std::fs::read_to_string(self.messages_file()).unwrap_or_default();
        let read = |line: &str| {
            let (_, rest) = line.split_once(" to ")?;
            let (to, text) = rest.split_once(": ")?;
            Some((to.to_owned(), text.to_owned()))
        };
        text.lines().filter_map(read).collect()
    }

    pub fn messages_file(&self) -> PathBuf {
        self.setup.messages.file.clone()
    }

    /// The code of the newest message that went to this number. What waits together goes out in no order.
    pub fn code(&self, to: &str) -> String {
        let (_, text) = self.messages().into_iter().rev().find(|(number, _)| number == to).expect("a message");
        text.split(|c: char| !c.is_ascii_digit()).find(|part| part.len() == 6).unwrap().to_owned()
    }

    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: Vec::new(), language: "en" }
    }

    /// A browser that has signed in as this person.
    pub async fn signed_in(&self, number: usize, born: (&str, &str, &str), phone: &str) -> Browser {
        let mut browser = self.browser();
        browser.ask(&national(number), born).await;
        self.courier.work().await.unwrap();
        let code = self.code(phone);
        let answer = browser.post("/code", &[("code", &code)]).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, Some("/me")), "{}", answer.text);
        browser
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Every address in it that begins so, in order and once.
    pub fn links(&self, start: &str) -> Vec<String> {
        let mut links: Vec<String> = Vec::new();
        for part in self.text.split(['"', '\'']).filter(|part| part.starts_with(start)) {
            let link = part.replace("&amp;", "&");
            if !links.contains(&link) {
                links.push(link);
            }
        }
        links
    }
}

/// A browser: it keeps cookies and follows nothing.
#[derive(Clone)]
pub struct Browser {
    pub router: Router,
    pub cookies: Vec<(String, String)>,
    pub language: &'static str,
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), String::new()).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, form).await
    }

    /// Asks for a code.
    pub async fn ask(&mut self, number: &str, (day, month, year): (&str, &str, &str)) -> Answer {
        let fields = [("kind", "national-id"), ("number", number), ("day", day), ("month", month), ("year", year)];
        self.post("/find", &fields).await
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request.header(header::HOST, "localhost:8080").header(header::ACCEPT_LANGUAGE, self.language);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 << 20).await.unwrap().to_vec();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, bytes, text }
    }
}
