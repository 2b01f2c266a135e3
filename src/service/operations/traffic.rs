//! Every request: counted, measured and logged under its route and never under its path, and refused at once where
//! there are too many. What somebody at a border or a counter waits for is refused last.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time;

use super::{Board, Metrics, Stopped};
use crate::{
    access::Right,
    batch::Random,
    limits,
    service::{
        Fails, Fault, ServiceError,
        api::{Access, Operation},
    },
    verify::{Decision, Verdict},
};

/// Which requests go first where there are too many, and which go on while nothing may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::service) enum Class {
    /// The state of the program: never refused.
    Always,
    /// A text is verified, or a list is fetched: refused last.
    Verification,
    /// What exists is read: certificates, pages.
    Reading,
    /// Something else is changed: sessions, codes, cases, switches.
    Session,
    /// Certificates are issued, corrected or revoked.
    Work,
}

impl Class {
    /// All of them.
    const ALL: [Self; 5] = [Self::Always, Self::Verification, Self::Reading, Self::Session, Self::Work];

    fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Verification => "verification",
            Self::Reading => "reading",
            Self::Session => "session",
            Self::Work => "work",
        }
    }

    /// How many requests may be under way, of all classes together, when one of this class still gets in: of `most`.
    fn share(self, most: usize) -> usize {
        match self {
            Self::Always => usize::MAX,
            Self::Verification => most,
            Self::Reading => most.saturating_mul(3) / 4,
            Self::Session => most.saturating_mul(5) / 8,
            Self::Work => most / 2,
        }
    }

    /// How long a request may take. Work that was begun is not torn off.
    fn time(self) -> Option<Duration> {
        (self != Self::Work).then_some(Duration::from_secs(limits::SERVICE_REQUEST_SECONDS))
    }
}

impl Class {
    /// Of an endpoint. What nobody but issuers may do is work; whatever else changes something goes on while issuing is
    /// stopped, for otherwise nobody could sign in and let it go on.
    pub(in crate::service) fn of(method: &str, path: &str, access: Access) -> Self {
        match (method, path, access) {
            (_, "/healthz" | "/readyz" | "/metrics" | "/v1/status", _) => Self::Always,
            (_, "/v1/verify" | "/verify", _) => Self::Verification,
            ("get", "/v1/trust.json" | "/v1/bundle.json", _) => Self::Verification,
            ("get", path, _) if path.starts_with("/v1/revocations/") => Self::Verification,
            ("get", ..) => Self::Reading,
            (_, _, Access::Needs(Right::Issue | Right::Correct | Right::Revoke)) => Self::Work,
            _ => Self::Session,
        }
    }
}

/// Upper ends of the buckets of time, in seconds.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What is known of one route.
#[derive(Debug, Default)]
struct Route {
    /// By the first digit of the status.
    statuses: [AtomicU64; 6],
    /// One for each bucket, and one for what is beyond.
    times: [AtomicU64; 12],
    /// All times together, in microseconds.
    microseconds: AtomicU64,
}

/// The requests of a program.
#[derive(Debug, Default)]
pub struct Traffic {
    under_way: AtomicUsize,
    /// Most requests under way; 0 stands for the usual number.
    most: AtomicUsize,
    shed: [AtomicU64; 5],
    stopped: AtomicU64,
    late: AtomicU64,
    routes: RwLock<BTreeMap<String, Arc<Route>>>,
    /// What other parts count, by family and labels.
    counted: RwLock<BTreeMap<(&'static str, &'static str), BTreeMap<Vec<(&'static str, String)>, Arc<AtomicU64>>>>,
    made: AtomicU64,
}

impl Traffic {
    /// Lets at most so many requests be under way at the same time.
    pub fn bound(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
    }

    fn most(&self) -> usize {
        match self.most.load(Ordering::Relaxed) {
            0 => limits::SERVICE_REQUESTS_AT_ONCE,
            most => most,
        }
    }

    /// Adds to a counter that the metrics show under this name (`vaccert_…_total`). Labels are words of a short list,
    /// and never anything of a person.
    pub fn count(&self, name: &'static str, help: &'static str, labels: &[(&'static str, &str)], by: u64) {
        let key: Vec<_> = labels.iter().map(|(label, value)| (*label, (*value).to_owned())).collect();
        let known = self.counted.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = known.get(&(name, help)).and_then(|family| family.get(&key)) {
            counter.fetch_add(by, Ordering::Relaxed);
            return;
        }
        drop(known);
        let mut known = self.counted.write().unwrap_or_else(PoisonError::into_inner);
        let family = known.entry((name, help)).or_default();
        if family.len() < limits::METRIC_SERIES {
            family.entry(key).or_default().fetch_add(by, Ordering::Relaxed);
        }
    }

    /// Counts a verdict by its outcome and the format, and by nothing else.
    pub fn verdict(&self, verdict: &Verdict) {
        let outcome = match verdict.verdict {
            Decision::Accepted => "accepted",
            Decision::Rejected => "rejected",
            Decision::Undecided => "undecided",
        };
        let format = serde_json::to_value(verdict.format).ok();
        let format = format.as_ref().and_then(|format| format.as_str()).unwrap_or("unknown");
        let labels = [("format", format), ("verdict", outcome)];
        self.count("vaccert_verdicts_total", "Verdicts by format and outcome.", &labels, 1);
    }

    /// Lets a request of this class in, unless there are too many; it is under way until the answer is dropped.
    fn enter(&self, class: Class) -> Option<Entered<'_>> {
        let entered = Entered { traffic: self };
        let before = self.under_way.fetch_add(1, Ordering::Relaxed);
        if before >= class.share(self.most()) {
            if let Some(shed) = Class::ALL.iter().position(|c| *c == class).and_then(|place| self.shed.get(place)) {
                shed.fetch_add(1, Ordering::Relaxed);
            }
            return None;
        }
        Some(entered)
    }

    fn route(&self, name: &str) -> Arc<Route> {
        if let Some(route) = self.routes.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Arc::clone(route);
        }
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(routes.entry(name.to_owned()).or_default())
    }

    fn note(&self, route: &str, status: u16, took: Duration) {
        let route = self.route(route);
        if let Some(count) = route.statuses.get(usize::from(status / 100)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let seconds = took.as_secs_f64();
        let bucket = BUCKETS.iter().position(|end| seconds <= *end).unwrap_or(BUCKETS.len());
        if let Some(count) = route.times.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        route.microseconds.fetch_add(u64::try_from(took.as_micros()).unwrap_or(0), Ordering::Relaxed);
    }

    pub(super) fn measure(&self, metrics: &mut Metrics) {
        let of = |count: &AtomicU64| f64::from(u32::try_from(count.load(Ordering::Relaxed)).unwrap_or(u32::MAX));
        for (name, route) in &*self.routes.read().unwrap_or_else(PoisonError::into_inner) {
            for (digit, count) in route.statuses.iter().enumerate() {
                if count.load(Ordering::Relaxed) > 0 {
                    let labels = [("route", name.as_str()), ("status", &*format!("{digit}xx"))];
                    let help = "Requests by route and class of status.";
                    metrics.counter("vaccert_http_requests_total", help, &labels, of(count));
                }
            }
            let mut all = 0;
            let ends = BUCKETS.into_iter().chain([f64::INFINITY]);
            let buckets: Vec<(f64, u64)> = ends
                .zip(&route.times)
                .map(|(end, count)| {
                    all += count.load(Ordering::Relaxed);
                    (end, all)
                })
                .collect();
            let micros = u32::try_from(route.microseconds.load(Ordering::Relaxed) / 1000).unwrap_or(u32::MAX);
            let sum = (f64::from(micros) / 1e3, all);
            let label = [("route", name.as_str())];
            let help = "Seconds from the head of a request to the head of its answer.";
            metrics.histogram("vaccert_http_request_seconds", help, &label, &buckets, sum);
        }
        for (class, count) in Class::ALL.iter().zip(&self.shed) {
            let help = "Requests that were refused because there were too many.";
            metrics.counter("vaccert_http_shed_total", help, &[("class", class.name())], of(count));
        }
        let under_way = u32::try_from(self.under_way.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        metrics.gauge("vaccert_http_requests_under_way", "Requests under way.", &[], f64::from(under_way));
        let help = "Requests that were refused because nothing may be changed.";
        metrics.counter("vaccert_http_stopped_total", help, &[], of(&self.stopped));
        metrics.counter("vaccert_http_late_total", "Requests that took too long.", &[], of(&self.late));
        for ((name, help), family) in &*self.counted.read().unwrap_or_else(PoisonError::into_inner) {
            for (labels, count) in family {
                let labels: Vec<(&'static str, &str)> = labels.iter().map(|(l, v)| (*l, v.as_str())).collect();
                metrics.counter(name, help, &labels, of(count));
            }
        }
    }
}

/// A request that is under way.
struct Entered<'a> {
    traffic: &'a Traffic,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.traffic.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why a request is refused before anybody looks at it.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("there are more requests than can be answered now: try again in {seconds} seconds")]
    Busy { seconds: u64 },
    #[error("nothing can be changed now, while what exists can be fetched and verified: try again later")]
    Stopped,
    #[error("the answer took longer than {seconds} seconds: try again; what was begun is not done twice")]
    Late { seconds: u64 },
}

impl Fails for Refused {
    fn fault(&self) -> Fault {
        Fault::Unavailable {
            retry_after: match self {
                Self::Busy { seconds } => *seconds,
                Self::Stopped => 30,
                Self::Late { .. } => 5,
            },
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Busy { .. } => "busy",
            Self::Stopped => "read-only",
            Self::Late { .. } => "late",
        }
    }
}

/// Lets a request through to `answer` or refuses it, inside of what dresses the answer.
pub(in crate::service) async fn admit(
    board: &Board,
    class: Class,
    answer: impl Future<Output = Response> + Send + 'static,
) -> Response {
    let traffic = board.traffic();
    let refuse = |refused: Refused| ServiceError::from(refused).into_response();
    let stopped = board.mode().stopped();
    let refused =
        matches!((&stopped, class), (Some(_), Class::Work) | (Some(Stopped::Database { .. }), Class::Session));
    if refused {
        traffic.stopped.fetch_add(1, Ordering::Relaxed);
        return refuse(Refused::Stopped);
    }
    let Some(entered) = traffic.enter(class) else {
        // Spread, so that those who were refused do not all come back in the same second.
        let seconds = 1 + traffic.made.fetch_add(1, Ordering::Relaxed) % 5;
        return refuse(Refused::Busy { seconds });
    };
    let response = match class.time() {
        // Also when the client goes away: what was begun is ended, and is there when it asks again.
        None => match tokio::spawn(answer).await {
            Ok(response) => response,
            Err(_) => ServiceError::Worker.into_response(),
        },
        Some(most) => match time::timeout(most, answer).await {
            Ok(response) => response,
            Err(_) => {
                traffic.late.fetch_add(1, Ordering::Relaxed);
                refuse(Refused::Late { seconds: limits::SERVICE_REQUEST_SECONDS })
            }
        },
    };
    drop(entered);
    response
}

/// Name of the header that carries the number of a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Whether a proxy that we trust passed the request on; then its number is kept.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct ByProxy;

/// Name of who asked, as the log may have it: never a citizen.
#[derive(Debug, Clone)]
pub(in crate::service) struct ActorName(pub(in crate::service) Arc<str>);

/// Counts, measures and logs a request, outermost of all.
pub(in crate::service) async fn watch(
    State((board, random, door)): State<(Arc<Board>, Random, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    let begun = crate::clock::Stopwatch::start();
    let id = request_id(&request, &random, board.traffic());
    let method = request.method().clone();
    let mut response = next.run(request).await;
    let took = begun.elapsed();
    let status = response.status().as_u16();
    // Only an endpoint has a route: nothing of an address that somebody made up comes into the log.
    let (operation, route) = response.extensions().get::<Operation>().map_or(("", "(none)"), |o| (o.0, o.1));
    board.traffic().note(route, status, took);
    let actor = response.extensions().get::<ActorName>().map(|actor| Arc::clone(&actor.0));
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        target: "vaccert::request",
        id = &*id,
        door,
        method = method.as_str(),
        route,
        operation,
        status,
        milliseconds,
        actor = actor.as_deref().unwrap_or(""),
    );
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The number that a trusted proxy gave, if it looks like one; otherwise a new one.
fn request_id(request: &Request, random: &Random, traffic: &Traffic) -> Arc<str> {
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let is_plain = |id: &&str| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if let Some(id) = given.filter(is_plain)
        && request.extensions().get::<ByProxy>().is_some()
    {
        return id.into();
    }
    let mut bytes = [0; 8];
    if random(&mut bytes).is_err() {
        bytes = traffic.made.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verification_is_refused_last() {
        let traffic = Traffic::default();
        traffic.bound(8);
        let mut under_way = Vec::new();
        let mut let_in = |class| {
            let before = under_way.len();
            while let Some(entered) = traffic.enter(class) {
                under_way.push(entered);
                assert!(under_way.len() < 100);
            }
            under_way.len() - before
        };
        assert_eq!([Class::Work, Class::Session, Class::Reading, Class::Verification].map(&mut let_in), [4, 1, 1, 2]);
        assert_eq!([Class::Work, Class::Session, Class::Reading, Class::Verification].map(&mut let_in), [0; 4]);
        assert!(traffic.enter(Class::Always).is_some(), "whoever asks whether we live is answered");
        drop(under_way);
        assert_eq!(traffic.under_way.load(Ordering::Relaxed), 0);
        assert!(traffic.enter(Class::Work).is_some());
    }

    #[test]
    fn whoever_lets_issuing_go_on_again_is_not_stopped() {
        let of = |method, path, access| Class::of(method, path, access);
        assert_eq!(of("post", "/v1/certificates", Access::Needs(Right::Issue)), Class::Work);
        assert_eq!(of("post", "/v1/switches", Access::Needs(Right::Switch)), Class::Session);
        assert_eq!(of("post", "/sign-in", Access::Open), Class::Session);
        assert_eq!(of("get", "/v1/certificates/{id}", Access::Needs(Right::Read)), Class::Reading);
        assert_eq!(of("post", "/v1/verify", Access::Open), Class::Verification);
        assert_eq!(of("get", "/v1/revocations/{*name}", Access::Open), Class::Verification);
    }

    #[test]
    fn metrics_have_whole_histograms_and_bounded_series() {
        let traffic = Traffic::default();
        traffic.note("/v1/x/{id}", 200, Duration::from_millis(3));
        traffic.note("/v1/x/{id}", 404, Duration::from_secs(20));
        for n in 0..2 * limits::METRIC_SERIES {
            traffic.count("vaccert_made_total", "Made.", &[("kind", &n.to_string())], 1);
        }
        let mut metrics = Metrics::default();
        traffic.measure(&mut metrics);
        let text = metrics.into_text();
        for line in [
            "vaccert_http_requests_total{route=\"/v1/x/{id}\",status=\"2xx\"} 1\n",
            "vaccert_http_requests_total{route=\"/v1/x/{id}\",status=\"4xx\"} 1\n",
            "vaccert_http_request_seconds_bucket{route=\"/v1/x/{id}\",le=\"0.005\"} 1\n",
            "vaccert_http_request_seconds_bucket{route=\"/v1/x/{id}\",le=\"+Inf\"} 2\n",
            "vaccert_http_request_seconds_sum{route=\"/v1/x/{id}\"} 20.003\n",
            "vaccert_http_request_seconds_count{route=\"/v1/x/{id}\"} 2\n",
            "# TYPE vaccert_http_request_seconds histogram\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert_eq!(text.matches("vaccert_made_total{").count(), limits::METRIC_SERIES);
    }
}
