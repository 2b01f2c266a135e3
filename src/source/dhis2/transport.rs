//! One GET, asked until it is answered: time-outs, retries with jitter, bounded bodies, named faults.
//!
//! Redirects are never followed, so that credentials never go anywhere but to the configured server.

use std::error::Error as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue};
use serde::de::DeserializeOwned;
use url::Url;

use super::answer::{Transient, Verdict, judge, looks_like_html};
use super::auth::Auth;
use super::dialect::Params;
use super::error::{ConnectFault, Dhis2Error};
use crate::limits;

/// Time for a server to take a message: its SMS gateway is asked meanwhile.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// How often and how patiently to ask again. Waiting times are drawn evenly from zero to a bound that doubles
/// with every try ("full jitter"), so that many clients do not return at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Times to ask in all; 1 means never again.
    pub tries: u32,
    /// Bound of the first wait.
    pub base: Duration,
    /// Largest bound of a wait that the server did not ask for.
    pub cap: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { tries: 5, base: Duration::from_millis(500), cap: Duration::from_secs(30) }
    }
}

impl Retry {
    /// The bound of the wait after try `tries` (from 1).
    fn bound(self, tries: u32) -> Duration {
        let factor = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
        self.base.saturating_mul(factor).min(self.cap)
    }
}

/// Evenly spread numbers for waiting times (SplitMix64); nothing secret comes from it.
struct Jitter(u64);

impl Jitter {
    fn up_to(&mut self, bound: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        let bound = u64::try_from(bound.as_micros()).unwrap_or(u64::MAX - 1);
        Duration::from_micros(z % bound.saturating_add(1))
    }
}

/// The connection to one server.
pub(super) struct Transport {
    http: reqwest::Client,
    base: Url,
    host: String,
    auth: Auth,
    header: HeaderValue,
    retry: Retry,
    jitter: Mutex<Jitter>,
}

impl Transport {
    pub(super) fn new(
        http: reqwest::Client,
        base: Url,
        auth: Auth,
        retry: Retry,
        seed: u64,
    ) -> Result<Self, Dhis2Error> {
        let header = auth.header()?;
        let port = base.port_or_known_default().map(|p| format!(":{p}")).unwrap_or_default();
        let host = format!("{}{port}", base.host_str().unwrap_or_default());
        Ok(Self { http, base, host, auth, header, retry, jitter: Mutex::new(Jitter(seed)) })
    }

    /// Asks for JSON at `path` until it is there, at most `limit` bytes.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &Params,
        limit: usize,
    ) -> Result<T, Dhis2Error> {
        self.ask(path, params, limit, None).await
    }

    /// Sends JSON until it is answered. Only for what can be sent twice without harm: a lost answer is asked for again.
    /// 409 is an answer too: by it DHIS2 tells conflicts of an import.
    pub(super) async fn send<T: DeserializeOwned>(
        &self,
        method: reqwest::Method,
        path: &str,
        params: &Params,
        body: &serde_json::Value,
    ) -> Result<T, Dhis2Error> {
        self.ask(path, params, limits::DHIS2_IMPORT_BYTES, Some((method, body.to_string()))).await
    }

    /// A text of the server without our secrets.
    pub(super) fn scrub(&self, text: &str) -> String {
        self.auth.scrub(text)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &Params,
        limit: usize,
        sent: Option<(reqwest::Method, String)>,
    ) -> Result<T, Dhis2Error> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url.query_pairs_mut().extend_pairs(params);
        let mut tries = 0;
        loop {
            tries += 1;
            let fault = match self.once(path, &url, limit, sent.as_ref()).await {
                Ok(found) => return Ok(found),
                Err(Verdict::Final(error)) => return Err(error),
                Err(Verdict::Again(fault)) => fault,
            };
            let asked = fault.retry_after();
            let too_long = asked.is_some_and(|wait| wait.as_secs() > limits::DHIS2_RETRY_AFTER_SECONDS);
            if tries >= self.retry.tries || too_long {
                return Err(fault.into_error(path, &self.host, tries));
            }
            let jitter = {
                let mut jitter = self.jitter.lock().unwrap_or_else(PoisonError::into_inner);
                jitter.up_to(self.retry.bound(tries))
            };
            tracing::debug!(path, tries, "DHIS2 asked again");
            tokio::time::sleep(asked.unwrap_or(Duration::ZERO).saturating_add(jitter)).await;
        }
    }

    /// Posts once, and never again. Gives the status of the answer; an error says whether the server certainly did not
    /// get the request.
    pub(super) async fn post_once(&self, path: &str, media: &'static str, body: String) -> Result<u16, bool> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        let post = self.http.post(url).header(AUTHORIZATION, self.header.clone()).header(ACCEPT, "application/json");
        let sent = post.header(CONTENT_TYPE, media).timeout(SEND_TIMEOUT).body(body).send().await;
        sent.map(|answer| answer.status().as_u16()).map_err(|error| error.is_connect())
    }

    /// The header `Date` of one answer, whatever the answer says.
    pub(super) async fn date(&self, path: &str) -> Option<jiff::Timestamp> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        let asked = self.http.get(url).header(AUTHORIZATION, self.header.clone()).header(ACCEPT, "application/json");
        let answer = asked.send().await.ok()?;
        http_date(answer.headers().get(DATE)?.to_str().ok()?)
    }

    async fn once<T: DeserializeOwned>(
        &self,
        path: &str,
        url: &Url,
        limit: usize,
        sent: Option<&(reqwest::Method, String)>,
    ) -> Result<T, Verdict> {
        let request = match sent {
            None => self.http.get(url.clone()),
            Some((method, body)) => self
                .http
                .request(method.clone(), url.clone())
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone()),
        };
        let request = request.header(AUTHORIZATION, self.header.clone()).header(ACCEPT, "application/json");
        let answer = request.send().await.map_err(|e| self.not_answered(&e))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let told = sent.is_some() && (status.is_success() || status == StatusCode::CONFLICT);
        if status != StatusCode::OK && !told {
            // The text of an error is worth reading, but not worth failing over.
            let body = read(answer, limits::DHIS2_ERROR_BYTES).await.unwrap_or_default();
            return Err(judge(path, url, status.as_u16(), &headers, &body, &self.auth));
        }
        let body = match read(answer, limit).await {
            Ok(body) => body,
            Err(BodyFault::TooLarge) => {
                return Err(Verdict::Final(Dhis2Error::TooLarge { path: path.to_owned(), limit }));
            }
            Err(BodyFault::Timeout) => return Err(Verdict::Again(Transient::Timeout)),
            Err(BodyFault::Broken { received }) => return Err(Verdict::Again(Transient::Truncated { received })),
        };
        if looks_like_html(&headers, &body) {
            return Err(Verdict::Final(Dhis2Error::Html { path: path.to_owned(), status: status.as_u16() }));
        }
        // The parser's words may quote a value, so only the place is told.
        serde_json::from_slice(&body).map_err(|e| {
            if e.is_eof() {
                Verdict::Again(Transient::Truncated { received: body.len() })
            } else {
                Verdict::Final(Dhis2Error::Unexpected { path: path.to_owned(), line: e.line(), column: e.column() })
            }
        })
    }

    /// Names a failure before any answer. The library's own text is not used: it holds the whole URL.
    fn not_answered(&self, error: &reqwest::Error) -> Verdict {
        let causes = || causes(error);
        if let Some(detail) = causes().map(ToString::to_string).find(|text| is_about_tls(text)) {
            let detail = super::answer::clean(&detail, limits::DHIS2_MESSAGE_CHARS);
            return Verdict::Final(Dhis2Error::Tls { host: self.host.clone(), detail });
        }
        if error.is_connect() {
            let kind = |wanted| causes().filter_map(|e| e.downcast_ref::<std::io::Error>()).any(|e| e.kind() == wanted);
            let fault = if kind(std::io::ErrorKind::ConnectionRefused) {
                ConnectFault::Refused
            } else if causes().any(|e| e.to_string().contains("dns error")) {
                ConnectFault::Unresolved
            } else if error.is_timeout() {
                return Verdict::Again(Transient::Timeout);
            } else {
                ConnectFault::Unreachable
            };
            return Verdict::Again(Transient::Connect { fault });
        }
        Verdict::Again(if error.is_timeout() { Transient::Timeout } else { Transient::Broken })
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |e: &&(dyn std::error::Error + 'static)| (*e).source())
}

/// By words, since the TLS library is not ours to name. A handshake that merely ends early ("tls handshake
/// eof") is a broken connection, and passes.
fn is_about_tls(text: &str) -> bool {
    if text.contains("eof") {
        return false;
    }
    ["certificate", "tls", "TLS", "corrupt message", "HandshakeFailure", "fatal alert"].iter().any(|w| text.contains(w))
}

/// An HTTP date in the one form that senders may use (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

enum BodyFault {
    TooLarge,
    Timeout,
    Broken { received: usize },
}

/// Reads a body, unpacked, up to a limit that is applied while reading.
async fn read(mut answer: reqwest::Response, limit: usize) -> Result<Vec<u8>, BodyFault> {
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(chunk)) if body.len().saturating_add(chunk.len()) > limit => return Err(BodyFault::TooLarge),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(e) if e.is_timeout() => return Err(BodyFault::Timeout),
            Err(_) => return Err(BodyFault::Broken { received: body.len() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_of_a_server_is_read_from_its_answer() {
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap().to_string(), "1994-11-06T08:49:37Z");
        for text in ["", "yesterday", "06 Nov 1994", "Sunday, 06-Nov-94 08:49:37 GMT"] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    #[test]
    fn waits_double_up_to_the_cap() {
        let retry = Retry { tries: 9, base: Duration::from_millis(100), cap: Duration::from_secs(1) };
        let bounds: Vec<_> = [1, 2, 3, 4, 5, 40, u32::MAX].map(|t| retry.bound(t).as_millis()).to_vec();
        assert_eq!(bounds, [100, 200, 400, 800, 1_000, 1_000, 1_000]);
    }

    #[test]
    fn refusals_of_tls_are_told_from_broken_connections() {
        assert!(is_about_tls("invalid peer certificate: UnknownIssuer"));
        assert!(is_about_tls("received corrupt message of type InvalidContentType"));
        assert!(is_about_tls("received fatal alert: ProtocolVersion"));
        assert!(!is_about_tls("tls handshake eof"));
        assert!(!is_about_tls("Connection refused (os error 111)"));
    }

    #[test]
    fn jitter_fills_the_whole_range_and_never_leaves_it() {
        let bound = Duration::from_millis(10);
        let mut jitter = Jitter(7);
        let waits: Vec<_> = (0..1_000).map(|_| jitter.up_to(bound)).collect();
        assert!(waits.iter().all(|w| *w <= bound));
        assert!(waits.iter().any(|w| *w < bound / 10) && waits.iter().any(|w| *w > bound * 9 / 10));
        assert_eq!(jitter.up_to(Duration::ZERO), Duration::ZERO);
    }
}
