//! The client: requests with patience, problems with words. What each endpoint means is in the files beside it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;

use super::{
    Endpoint, GatewayError, Network,
    problem::{self, Problem},
    transport::{Answer, Method, Request, Transport},
};
use crate::{
    clock::Clock,
    keys::{Certificate, X509Signer},
    limits::{GATEWAY_ERROR_BYTES, GATEWAY_RETRY_AFTER_SECONDS},
    trust::cms::{self, Carries},
};

/// Media type of messages around certificates (`CmsMessageConverter`).
pub(super) const CMS: &str = "application/cms";
/// Media type of messages around texts (`CmsStringMessageConverter`).
pub(super) const CMS_TEXT: &str = "application/cms-text";

/// How often and how patiently to ask again. Waits are drawn evenly from zero to a bound that doubles with every try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Times to ask in all; 1 means never again.
    pub tries: u32,
    /// Bound of the first wait.
    pub first: Duration,
    /// Largest bound of a wait that the gateway did not ask for.
    pub most: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { tries: 4, first: Duration::from_millis(500), most: Duration::from_secs(20) }
    }
}

/// The certificate and key that sign what is uploaded (NB_UP, TNP_UP).
pub struct UploadKey {
    certificate: Certificate,
    signer: Box<dyn X509Signer>,
}

impl UploadKey {
    /// Takes certificate and key; that they belong together is checked when the first message is signed.
    #[must_use]
    pub fn new(certificate: Certificate, signer: Box<dyn X509Signer>) -> Self {
        Self { certificate, signer }
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// A message as gateways take it: one line of base64 around the content.
    ///
    /// # Errors
    /// When the key does not belong to the certificate, or fails.
    pub fn message(&self, content: &[u8], now: Timestamp) -> Result<String, GatewayError> {
        let message = cms::sign(content, Carries::Content, &self.certificate, self.signer.as_ref(), now)?;
        Ok(cms::line(&message))
    }
}

impl fmt::Debug for UploadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UploadKey({})", self.certificate.kid())
    }
}

/// A client of one gateway.
pub struct Client {
    transport: Box<dyn Transport>,
    clock: Arc<dyn Clock>,
    network: Network,
    patience: Patience,
    jitter: Mutex<u64>,
    skew: Mutex<Option<SignedDuration>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.network.name())
    }
}

impl Client {
    /// A client over a carrier. `seed` spreads the waiting times; nothing secret comes from it.
    #[must_use]
    pub fn new(
        transport: Box<dyn Transport>,
        clock: Arc<dyn Clock>,
        network: Network,
        patience: Patience,
        seed: u64,
    ) -> Self {
        Self { transport, clock, network, patience, jitter: Mutex::new(seed), skew: Mutex::new(None) }
    }

    /// Whose gateway it talks to.
    #[must_use]
    pub fn network(&self) -> Network {
        self.network
    }

    /// The time by this client's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// By how much the gateway's clock is ahead of ours, as its last answer said; `None` before it said so.
    #[must_use]
    pub fn skew(&self) -> Option<SignedDuration> {
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time by the gateway's clock, as far as it told it.
    pub(super) fn its_now(&self) -> Timestamp {
        let now = self.now();
        self.skew().and_then(|skew| now.checked_add(skew).ok()).unwrap_or(now)
    }

    /// Asks until there is an answer of success.
    pub(super) async fn call(
        &self,
        endpoint: Endpoint,
        request: &Request,
        limit: usize,
    ) -> Result<Answer, GatewayError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let sent = self.transport.send(request, limit.max(GATEWAY_ERROR_BYTES)).await;
            let repeats = request.method.may_repeat();
            let (error, asked) = match sent {
                Ok(answer) => {
                    self.note_time(&answer);
                    if answer.is_success() {
                        return Ok(answer);
                    }
                    let error = GatewayError::Refused(Box::new(Problem::read(endpoint, &answer)));
                    // Nothing was lost on the way: a DELETE that was carried out before says so in its own way.
                    if tries > 1 && request.method == Method::Delete && matches!(answer.status, 404 | 410) {
                        return Ok(answer);
                    }
                    if !problem::may_pass(request, answer.status) {
                        return Err(error);
                    }
                    (error, self.retry_after(&answer))
                }
                Err(source) if !repeats && source.may_have_arrived() => {
                    return Err(GatewayError::MayHaveArrived { endpoint, source });
                }
                Err(source) if repeats && source.may_pass() => (source.into(), None),
                Err(source) => return Err(source.into()),
            };
            let too_long = asked.is_some_and(|wait| wait.as_secs() > GATEWAY_RETRY_AFTER_SECONDS);
            if tries >= self.patience.tries || too_long {
                return Err(error);
            }
            tracing::debug!(%endpoint, tries, "the gateway is asked again");
            tokio::time::sleep(asked.unwrap_or(Duration::ZERO).saturating_add(self.jitter(tries))).await;
        }
    }

    /// Asks for JSON.
    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        request: &Request,
        limit: usize,
    ) -> Result<T, GatewayError> {
        let answer = self.call(endpoint, request, limit).await?;
        parse(endpoint, &answer.body)
    }

    /// Takes something away: by DELETE, and by the interface's alias where something in front of the gateway does not
    /// let that verb through with a body.
    pub(super) async fn remove(&self, endpoint: Endpoint, request: Request) -> Result<Removed, GatewayError> {
        let outcome = match self.call(endpoint, &request, GATEWAY_ERROR_BYTES).await {
            Err(GatewayError::Refused(problem)) if problem.is_against_the_verb() => {
                let path = format!("{}/delete", request.path);
                let alias = Request { method: Method::Post, path, ..request };
                self.call(endpoint, &alias, GATEWAY_ERROR_BYTES).await
            }
            other => other,
        };
        match outcome {
            Ok(_) => Ok(Removed::Gone),
            Err(GatewayError::Refused(problem))
                if problem.status == 410 || (problem.status == 404 && problem.author == problem::Author::Gateway) =>
            {
                Ok(Removed::WasNotThere)
            }
            Err(error) => Err(error),
        }
    }

    fn note_time(&self, answer: &Answer) {
        let theirs = answer.header("date").and_then(http_date);
        if let Some(theirs) = theirs {
            let skew = theirs.duration_since(self.now());
            *self.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
    }

    /// RFC 9110 section 10.2.3: seconds, or a date.
    fn retry_after(&self, answer: &Answer) -> Option<Duration> {
        let value = answer.header("retry-after")?;
        if let Ok(seconds) = value.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = http_date(value)?.duration_since(self.its_now());
        Some(Duration::try_from(until).unwrap_or(Duration::ZERO))
    }

    fn jitter(&self, tries: u32) -> Duration {
        let factor = 1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX);
        let bound = self.patience.first.saturating_mul(factor).min(self.patience.most);
        let mut state = self.jitter.lock().unwrap_or_else(PoisonError::into_inner);
        // SplitMix64.
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        let micros = u64::try_from(bound.as_micros()).unwrap_or(u64::MAX - 1);
        Duration::from_micros(z % micros.saturating_add(1))
    }
}

/// What became of something that was to be taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It was there and is gone.
    Gone,
    /// It was not there, which comes to the same.
    WasNotThere,
}

/// JSON of an answer. The parser's own words may quote a value, so only the place is told.
pub(super) fn parse<T: DeserializeOwned>(endpoint: Endpoint, body: &[u8]) -> Result<T, GatewayError> {
    serde_json::from_slice(body).map_err(|_| GatewayError::Unexpected { endpoint, part: "its JSON" })
}

/// A date of an HTTP header (RFC 9110 section 5.6.7, the form that servers write).
fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// A country code that may stand in a path.
pub(super) fn country(code: &str) -> Result<&str, GatewayError> {
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(code)
    } else {
        Err(GatewayError::Argument { what: "the country", rule: "is a code of two capital letters, such as PT" })
    }
}
