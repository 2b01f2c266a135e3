//! A DHIS2 for rehearsals and tests: real HTTP on this machine, the Tracker API of any version from 2.33 to 2.43,
//! one set of invented people, and the defects of real servers on demand.
//!
//! `people` is the model, `population` invents them, `wire` says them in the words of a version, `rules` refuses what
//! a version refuses, `listed` finds the rows of a list, `metadata` describes the program, `users` says who may do what, `writes`, `values` and `messages`
//! take what is written, `faults` misbehaves; this file listens, counts and answers.

mod faults;
mod listed;
pub mod messages;
pub mod metadata;
pub mod people;
pub mod population;
mod post;
mod rules;
pub mod users;
pub mod values;
pub mod wire;
pub mod writes;

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::{clock::Clock, limits::SANDBOX_REQUESTS};
pub use faults::Fault;
use faults::{json_text, message, misbehaviour, page, zipped};
use listed::LastListed;
use messages::{Gateways, Message};
use people::{Person, ROOT};
use rules::Refusal;
use users::User;
use values::{DataSet, Values};
use wire::{Family, Fields};

/// The user whom the server knows. She guards nothing but invented people.
pub const USER: &str = "reader";
/// Her password.
pub const PASSWORD: &str = "Distrikt-7-geheim";
/// Her personal access token.
pub const TOKEN: &str = "d2pat_5xVA12xyUbWNedQxy4ohH77WlxRGVvZZ1151814092";

/// What the server is.
#[derive(Clone)]
pub struct Options {
    /// What `/api/system/info` says.
    pub version: String,
    /// What is answered; differs from `version` where a host has only the legacy endpoints.
    pub legacy_only: bool,
    /// Context path such as `/hmis`.
    pub context: String,
    /// Whom it keeps.
    pub people: Vec<Person>,
    /// Capture org units of the user.
    pub user_org_units: Vec<String>,
    /// The calendar that it says it counts by.
    pub calendar: String,
    /// The server's own time, where it has no clock.
    pub now: String,
    /// The server's own clock; its zone is UTC.
    pub clock: Option<Arc<dyn Clock>>,
    /// Largest page size, where the version has such a setting.
    pub page_limit: usize,
    /// Who may come in.
    pub users: Vec<User>,
    /// Aggregate data sets.
    pub data_sets: Vec<DataSet>,
    /// Whether the program has the fields for certificates of [`writes`].
    pub certificate_fields: bool,
    /// What is set up for sending messages.
    pub gateways: Gateways,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Options({}, {} people)", self.version, self.people.len())
    }
}

impl Options {
    /// The server's time as it tells it.
    fn server_date(&self) -> String {
        let told = self.clock.as_ref().map(|clock| clock.now().strftime("%Y-%m-%dT%H:%M:%S.000").to_string());
        told.unwrap_or_else(|| self.now.clone())
    }

    /// The second number of the version.
    fn minor(&self) -> u16 {
        self.version.split(['.', '-']).nth(1).and_then(|minor| minor.parse().ok()).unwrap_or(41)
    }

    /// A server of a version such as `2.41.0` with these people, whose user may see the whole country.
    #[must_use]
    pub fn new(version: &str, people: Vec<Person>) -> Self {
        Self {
            version: version.to_owned(),
            legacy_only: false,
            context: "/hmis".to_owned(),
            people,
            user_org_units: vec![ROOT.to_owned()],
            calendar: "iso8601".to_owned(),
            now: "2026-11-21T10:00:00.000".to_owned(),
            clock: None,
            page_limit: 50_000,
            users: vec![User::reader()],
            data_sets: Vec::new(),
            certificate_fields: false,
            gateways: Gateways { sms: true, mail: true },
        }
    }
}

/// One request, as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// Path below the context.
    pub path: String,
    /// Parameters in their order.
    pub params: Vec<(String, String)>,
    /// Body, if it was text.
    pub body: String,
}

struct Inner {
    options: Options,
    listed: LastListed,
    values: Values,
    messages: Vec<Message>,
    faults: Vec<(Fault, usize)>,
    requests: Vec<Request>,
}

type Shared = Arc<Mutex<Inner>>;

/// A running server; it ends when dropped.
pub struct ContractServer {
    /// Base address with context path.
    pub url: String,
    inner: Shared,
    task: tokio::task::JoinHandle<()>,
}

impl std::fmt::Debug for ContractServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ContractServer({})", self.url)
    }
}

impl Drop for ContractServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked(inner: &Shared) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ContractServer {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start(options: Options) -> io::Result<Self> {
        Self::start_on(options, 0).await
    }

    /// Listens on this port of this machine; 0 takes a free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start_on(options: Options, port: u16) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        let url = format!("http://{}{}", listener.local_addr()?, options.context);
        let inner: Shared = Arc::new(Mutex::new(Inner {
            options,
            listed: LastListed::default(),
            values: Values::new(),
            messages: Vec::new(),
            faults: Vec::new(),
            requests: Vec::new(),
        }));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move {
            // The listener of axum goes on after every failure of a connection.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, inner, task })
    }

    /// Misbehaves the next `times` times that a request is concerned.
    pub fn misbehave(&self, fault: Fault, times: usize) {
        locked(&self.inner).faults.push((fault, times));
    }

    /// Misbehaves from now on.
    pub fn always(&self, fault: Fault) {
        self.misbehave(fault, usize::MAX);
    }

    /// Changes the people.
    pub fn edit(&self, change: impl FnOnce(&mut Vec<Person>)) {
        let mut inner = locked(&self.inner);
        inner.listed.forget();
        change(&mut inner.options.people);
    }

    /// The people as they are now.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        locked(&self.inner).options.people.clone()
    }

    /// Changes users, data sets and what else the server is.
    pub fn configure(&self, change: impl FnOnce(&mut Options)) {
        let mut inner = locked(&self.inner);
        inner.listed.forget();
        change(&mut inner.options);
    }

    /// The aggregate values that were sent.
    #[must_use]
    pub fn values(&self) -> Values {
        locked(&self.inner).values.clone()
    }

    /// The messages that were handed on.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        locked(&self.inner).messages.clone()
    }

    /// Lets time pass.
    pub fn at(&self, now: &str) {
        now.clone_into(&mut locked(&self.inner).options.now);
    }

    /// Behaves again.
    pub fn recover(&self) {
        locked(&self.inner).faults.clear();
    }

    /// Requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        locked(&self.inner).requests.clone()
    }

    /// Requests for a path so far.
    #[must_use]
    pub fn hits(&self, path: &str) -> usize {
        locked(&self.inner).requests.iter().filter(|r| r.path == path).count()
    }

    /// Requests for lists of people so far, on whatever path.
    #[must_use]
    pub fn people_hits(&self) -> usize {
        self.hits("/api/trackedEntityInstances") + self.hits("/api/tracker/trackedEntities")
    }
}

async fn answer(State(inner): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let params = params(uri.query().unwrap_or_default());
    let (reply, fault, zip) = {
        let mut inner = locked(&inner);
        let Some(path) = uri.path().strip_prefix(inner.options.context.as_str()).map(str::to_owned) else {
            return page(404);
        };
        if inner.requests.len() < SANDBOX_REQUESTS {
            inner.requests.push(Request {
                method: method.to_string(),
                path: path.clone(),
                params: params.clone(),
                body: String::from_utf8_lossy(&body).into_owned(),
            });
        }
        let user = match users::authorized(&inner.options.users, &headers) {
            Ok(user) => user.clone(),
            Err(text) => return message(401, None, text),
        };
        let fault =
            inner.faults.iter_mut().find(|(f, left)| *left > 0 && f.concerns(&path, &params)).map(|(f, left)| {
                *left -= 1;
                f.clone()
            });
        let zip = headers.get(header::ACCEPT_ENCODING).is_some_and(|v| v.to_str().is_ok_and(|v| v.contains("gzip")));
        let reply = if method == Method::GET {
            let Inner { options, listed, .. } = &mut *inner;
            respond(options, listed, &user, &path, &params, fault.as_ref())
        } else {
            inner.listed.forget();
            post::take(&mut inner, &user, &method, &path, params, &headers, &body, fault.as_ref())
        };
        (reply, fault, zip)
    };
    match fault {
        Some(Fault::Slow(time)) => tokio::time::sleep(time).await,
        Some(Fault::Echo(status)) => {
            let sent = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
            return message(status, None, &format!("Cannot serve {sent} ({PASSWORD}, {TOKEN}) at {uri}"));
        }
        _ => {}
    }
    match reply {
        Reply::Json(value) if zip => zipped(value.to_string().as_bytes()),
        Reply::Json(value) => json_text(200, value.to_string()),
        Reply::Ready(response) => response,
    }
}

enum Reply {
    Json(Value),
    Ready(Response),
}

fn respond(
    options: &Options,
    listed: &mut LastListed,
    user: &User,
    path: &str,
    params: &[(String, String)],
    fault: Option<&Fault>,
) -> Reply {
    let minor = options.minor();
    if let Some(ready) = fault.and_then(|f| misbehaviour(f, options, minor)) {
        return Reply::Ready(ready);
    }
    let new = minor >= 36 && !options.legacy_only;
    let old = minor <= 41;
    let value = match path {
        "/api/trackedEntityInstances" if old => list(options, listed, Family::Legacy, false, path, params, fault),
        "/api/events" if old => list(options, listed, Family::Legacy, true, path, params, fault),
        "/api/tracker/trackedEntities" if new => {
            list(options, listed, Family::Tracker(minor), false, path, params, fault)
        }
        "/api/tracker/events" if new => list(options, listed, Family::Tracker(minor), true, path, params, fault),
        "/api/system/info" => Ok(json!({
            "version": options.version, "revision": "0000000", "calendar": options.calendar,
            "serverTimeZoneId": "Etc/UTC", "serverDate": options.server_date(),
        })),
        "/api/me" => Ok(wire::pick(&user.me(&options.user_org_units), fields(params))),
        "/api/programs" => named(params, "programs", vec![metadata::program_with(options.certificate_fields)]),
        "/api/optionSets" => named(params, "optionSets", metadata::option_sets()),
        "/api/organisationUnits" => named(params, "organisationUnits", metadata::org_units()),
        _ if path.starts_with("/api/users/") => {
            let wanted = path.trim_start_matches("/api/users/");
            users::shown(&options.users, user, wanted, &options.user_org_units)
                .map(|shown| wire::pick(&shown, fields(params)))
        }
        _ => match path.strip_prefix("/api/programs/") {
            Some(people::covac::PROGRAM) => {
                Ok(wire::pick(&metadata::program_with(options.certificate_fields), fields(params)))
            }
            Some(_) => Err(Refusal(404, Some("E1005"), "Program could not be found.".to_owned())),
            None => return Reply::Ready(page(404)),
        },
    };
    match value {
        Ok(value) => Reply::Json(value),
        Err(Refusal(status, code, text)) => Reply::Ready(message(status, code, &text)),
    }
}

/// What `fields` asks for; everything when it is absent.
fn fields(params: &[(String, String)]) -> &str {
    params.iter().find(|(name, _)| name == "fields").map_or("*", |(_, value)| value.as_str())
}

/// A list of people or events.
fn list(
    options: &Options,
    listed: &mut LastListed,
    family: Family,
    events: bool,
    path: &str,
    params: &[(String, String)],
    fault: Option<&Fault>,
) -> Result<Value, Refusal> {
    let asked = family.listing(events, params, options.page_limit)?;
    let rows = listed.rows(&options.people, family, events, &asked);
    let total = rows.len();
    let (number, size) = asked.page.unwrap_or((1, total.max(1)));
    let number = if matches!(fault, Some(Fault::SamePageForEver)) { 1 } else { number };
    let fields = Fields::read(asked.fields.as_deref().unwrap_or(family.default_fields(events)));
    let mut page: Vec<Value> = rows
        .iter()
        .skip(size.saturating_mul(number.saturating_sub(1)))
        .take(size)
        .filter_map(|(at, e, n)| {
            let person = options.people.get(*at)?;
            let whole = if events {
                let enrollment = person.enrollments.get(*e)?;
                family.event(person, enrollment, enrollment.events.get(*n)?)
            } else {
                family.person(person, asked.program.as_deref(), asked.with_deleted)
            };
            Some(fields.pick(whole))
        })
        .collect();
    if matches!(fault, Some(Fault::FilteredPages)) {
        let mut at = 0;
        page.retain(|_| {
            at += 1;
            at % 3 != 0
        });
    }
    let echoed = if matches!(fault, Some(Fault::WrongPageEcho)) { 1 } else { number };
    let proxy = format!("http://internal-host:8080{path}");
    Ok(family.envelope(events, page, echoed, size, asked.totals.then_some(total), &proxy))
}

/// A list of named metadata: `filter=id:in:[…]` or another filter that everything here passes.
fn named(params: &[(String, String)], key: &str, rows: Vec<Value>) -> Result<Value, Refusal> {
    let get = |name: &str| params.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    if let Some((unknown, _)) = params.iter().find(|(n, _)| !["filter", "fields", "paging"].contains(&n.as_str())) {
        return Err(Refusal(400, None, format!("Unknown parameter {unknown}")));
    }
    if get("paging") != Some("false") {
        return Err(Refusal(400, None, "A list of metadata is asked for as a whole here".to_owned()));
    }
    let wanted: Option<Vec<&str>> = get("filter")
        .and_then(|f| f.strip_prefix("id:in:["))
        .and_then(|f| f.strip_suffix(']'))
        .map(|ids| ids.split(',').collect());
    let rows: Vec<Value> = rows
        .into_iter()
        .filter(|row| wanted.as_ref().is_none_or(|ids| ids.contains(&wire::text(row, "id"))))
        .map(|row| wire::pick(&row, get("fields").unwrap_or("id,displayName")))
        .collect();
    Ok(json!({ key: rows }))
}

fn params(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}
