//! Requests under a key (header `Idempotency-Key`): the same request is done once, however often it comes and to
//! whichever replica, and is answered alike. Only what was done is kept; what was refused may be sent again under the
//! same key when its cause is mended.

use std::time::Duration;

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};
use serde::Serialize;

use super::{JSON, error::CertificateError, handlers::Answer};
use crate::{
    access::Actor,
    keys::sha256,
    limits,
    registry::{Admitted, Keyed},
    service::{House, ServiceError, error::Answered, typed},
    work::desk::DeskError,
};

/// Name of the header.
const HEADER: &str = "idempotency-key";

/// Tells an answer that was kept from one that was made now.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// How long to wait between two looks at whether the same request was answered.
const LOOK: Duration = Duration::from_millis(100);

/// The key of a request, if it has one.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, CertificateError> {
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().map(str::trim).filter(|text| {
        !text.is_empty()
            && text.len() <= limits::REQUEST_KEY_BYTES
            && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
    });
    match (text, values.next()) {
        (Some(text), None) => Ok(Some(text.to_owned())),
        _ => Err(CertificateError::Key),
    }
}

/// An answer that may be kept.
pub(super) struct Given {
    answered: Answered,
    location: Option<String>,
    body: String,
}

impl Given {
    pub(super) fn of<T: Serialize>(
        answered: Answered,
        location: Option<String>,
        body: &T,
    ) -> Result<Self, ServiceError> {
        let body = serde_json::to_string(body).map_err(|_| ServiceError::Worker)?;
        Ok(Self { answered, location, body })
    }

    /// As it is kept: how it went, and where.
    fn kind(&self) -> String {
        format!("{} {}", self.answered.word(), self.location.as_deref().unwrap_or_default())
    }

    fn kept(kind: &str, body: String) -> Option<Self> {
        let (word, location) = kind.split_once(' ')?;
        let location = Some(location).filter(|location| !location.is_empty()).map(str::to_owned);
        Some(Self { answered: Answered::read(word)?, location, body })
    }

    fn response(self) -> Response {
        let mut response = self.answered.with(typed(JSON, self.body));
        if let Some(location) = self.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// Does a request once under its key; without a key it is done at once.
pub(super) async fn once(
    house: &House,
    actor: &Actor,
    key: Option<String>,
    what: &[&str],
    body: &[u8],
    work: impl Future<Output = Result<Given, ServiceError>>,
) -> Answer {
    let Some(key) = key else { return work.await.map(Given::response) };
    let asked = [what.join("\n").as_bytes(), b"\n\n", body].concat();
    let mut random = [0; 8];
    (house.random)(&mut random).map_err(crate::batch::BatchError::from).map_err(DeskError::from)?;
    let owner: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let request = Keyed { actor: &actor.name, key: &key, digest: sha256(&asked), owner: &owner };
    let mut waited = Duration::ZERO;
    loop {
        match house.registry.begin_request(request, house.clock.now()).await.map_err(DeskError::from)? {
            Admitted::Go => break,
            Admitted::Other => return Err(CertificateError::KeyReused.into()),
            Admitted::Answered { kind, answer } => {
                let given = Given::kept(&kind, answer).ok_or(ServiceError::Worker)?;
                let mut response = given.response();
                response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
                return Ok(response);
            }
            Admitted::Underway => {
                if waited >= Duration::from_secs(limits::REQUEST_WAIT_SECONDS) {
                    return Err(CertificateError::Underway.into());
                }
                tokio::time::sleep(LOOK).await;
                waited += LOOK;
            }
        }
    }
    let given = work.await;
    match &given {
        Ok(given) if given.answered.is_done() => {
            // What is done is done: an answer that cannot be kept is no reason to hide it, and the same request gives
            // the same certificates anyway.
            if let Err(error) = house.registry.answer_request(request, &given.kind(), &given.body).await {
                tracing::error!("the answer of a request is not kept: {error}");
            }
        }
        _ => {
            if let Err(error) = house.registry.free_request(request).await {
                tracing::error!("a request that failed is not freed: {error}");
            }
        }
    }
    given.map(Given::response)
}
