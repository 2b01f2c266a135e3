//! Signer certificates as the EU's verifier backend hands them to apps: one by one, each with a number that asks for
//! the next; the list of those that count; what changed.
//!
//! Both lists come from one state, so that an app never gets a certificate that the list of those that count lacks,
//! nor waits for one that is not handed out (dgca-verifier-service, issue 82: that stopped apps).

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::Serialize;

use super::{Kind, Prepared, PublishedError, prepared::since};
use crate::{
    keys::{Certificate, sha256},
    limits::{APP_KIDS, APP_KIDS_BYTES},
    registry::AppSigner,
    service::{House, Known, ServiceError, body, error::Sent, typed},
};

const RESUME_TOKEN: HeaderName = HeaderName::from_static("x-resume-token");
const KID: HeaderName = HeaderName::from_static("x-kid");

/// A signer certificate that apps fetch.
#[derive(Debug, Clone)]
struct Placed {
    position: i64,
    kid: String,
    country: String,
    /// DER in base64.
    text: Bytes,
    tag: HeaderValue,
}

/// All of them, in order.
#[derive(Debug)]
pub(in crate::service) struct Signers {
    placed: Vec<Placed>,
    status: Prepared,
    order: Vec<AppSigner>,
}

/// Certificates that count, by SHA-256 (hexadecimal).
pub(super) struct Present(BTreeMap<String, Certificate>);

impl Present {
    /// Those of what verdicts rest on. A rehearsal's signers are not handed to the apps of a real issuer.
    pub(super) fn of(known: &Known, sandbox: bool) -> Self {
        let keys = known.knowledge.trust.keys().filter(|key| sandbox || !key.sandbox);
        let certificates = keys.filter_map(|key| {
            let der = key.certificate.as_ref()?;
            let print = sha256(der).iter().map(|byte| format!("{byte:02x}")).collect();
            Some((print, Certificate::from_der(der).ok()?))
        });
        Self(certificates.collect())
    }

    /// Their key identifiers, as apps have them: the first eight bytes of the hash in base64. Apps compute them from
    /// the certificate, so that another identifier of the list would make them leave the certificate out.
    pub(super) fn names(&self) -> BTreeMap<String, String> {
        self.0.iter().map(|(print, certificate)| (print.clone(), kid(certificate))).collect()
    }
}

fn kid(certificate: &Certificate) -> String {
    STANDARD.encode(sha256(certificate.der()).get(..8).unwrap_or_default())
}

impl Signers {
    /// Those present, in the order of the registry.
    pub(super) fn new(present: &Present, order: Vec<AppSigner>, modified: Timestamp) -> Self {
        let there = order.iter().filter(|signer| signer.removed_at.is_none());
        let placed: Vec<Placed> = there
            .filter_map(|signer| {
                let certificate = present.0.get(&signer.print)?;
                let country = certificate.country().unwrap_or_default().to_owned();
                let text = STANDARD.encode(certificate.der()).into();
                let tag = HeaderValue::from_str(&format!("\"{}\"", signer.print.get(..32)?)).ok()?;
                Some(Placed { position: signer.position, kid: signer.kid.clone(), country, text, tag })
            })
            .collect();
        let mut seen = BTreeSet::new();
        let kids: Vec<&str> = placed.iter().map(|one| one.kid.as_str()).filter(|kid| seen.insert(*kid)).collect();
        let status = serde_json::to_string(&kids).unwrap_or_else(|_| "[]".to_owned());
        let status = Prepared::new(Kind::JSON, status, Some(modified));
        Self { placed, status, order }
    }

    /// The first one behind a number.
    fn after(&self, position: i64) -> Option<&Placed> {
        self.placed.get(self.placed.partition_point(|one| one.position <= position))
    }
}

/// The number that an app hands back; an empty one begins anew, as the reference app does.
fn token(headers: &HeaderMap) -> Result<i64, PublishedError> {
    let Some(value) = headers.get(&RESUME_TOKEN) else { return Ok(0) };
    let text = value.to_str().map_err(|_| PublishedError::Token)?.trim();
    if text.is_empty() { Ok(0) } else { text.parse().map_err(|_| PublishedError::Token) }
}

pub(super) async fn next(State(house): State<House>, headers: HeaderMap) -> Result<Response, ServiceError> {
    let token = token(&headers)?;
    let signers = house.made().signers(&house).await?;
    let mut response = match signers.after(token) {
        None => Sent::NoMore.with(().into_response()),
        Some(one) => {
            let mut response = typed("text/plain; charset=utf-8", one.text.clone());
            let out = response.headers_mut();
            out.insert(RESUME_TOKEN, HeaderValue::from(one.position));
            if let Ok(kid) = HeaderValue::from_str(&one.kid) {
                out.insert(KID, kid);
            }
            out.insert(header::ETAG, one.tag.clone());
            response
        }
    };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(header::VARY, HeaderValue::from_static("X-RESUME-TOKEN"));
    Ok(response)
}

pub(super) async fn status(State(house): State<House>, headers: HeaderMap) -> Result<Response, ServiceError> {
    Ok(house.made().signers(&house).await?.status.answer(&headers))
}

/// What changed.
#[derive(Debug, Default, Serialize, schemars::JsonSchema)]
pub(super) struct Delta {
    /// Key identifiers of certificates that were added.
    updated: Vec<String>,
    /// Key identifiers of which no certificate counts any more.
    deleted: Vec<String>,
}

pub(super) async fn delta(State(house): State<House>, headers: HeaderMap) -> Result<Response, ServiceError> {
    let asked = headers.get(header::IF_MODIFIED_SINCE);
    let asked = asked.map(|value| value.to_str().ok().and_then(since).ok_or(PublishedError::Since)).transpose()?;
    let signers = house.made().signers(&house).await?;
    let delta = signers.delta(asked);
    let json = serde_json::to_vec(&delta).map_err(|_| ServiceError::Worker)?;
    let mut response = typed("application/json", json);
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(header::VARY, HeaderValue::from_static("If-Modified-Since"));
    Ok(response)
}

impl Signers {
    fn delta(&self, since: Option<Timestamp>) -> Delta {
        let there: BTreeSet<&str> = self.placed.iter().map(|one| one.kid.as_str()).collect();
        // A date of HTTP has no fraction: what changed within its second is told again rather than missed.
        let second = |at: Timestamp| at.as_second();
        let later = |at: Timestamp| since.is_none_or(|since| second(at) >= second(since));
        let added: BTreeSet<&str> =
            self.order.iter().filter(|one| later(one.added_at)).map(|one| one.kid.as_str()).collect();
        let gone = self.order.iter().filter(|one| since.is_some() && one.removed_at.is_some_and(later));
        let gone: BTreeSet<&str> = gone.map(|one| one.kid.as_str()).filter(|kid| !there.contains(kid)).collect();
        let texts = |kids: BTreeSet<&str>| kids.into_iter().map(str::to_owned).collect();
        Delta { updated: texts(added.intersection(&there).copied().collect()), deleted: texts(gone) }
    }
}

/// A certificate by its key identifier.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(super) struct SignerItem {
    /// Key identifier, base64.
    kid: String,
    /// DER in base64.
    #[serde(rename = "rawData")]
    raw_data: String,
}

pub(super) async fn by_kid(State(house): State<House>, request: Request) -> Result<Response, ServiceError> {
    let bytes = body::read(request, "application/json", APP_KIDS_BYTES).await?;
    let wrong = || PublishedError::Kids(APP_KIDS);
    let kids: Vec<String> = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    if kids.len() > APP_KIDS {
        return Err(wrong().into());
    }
    let signers = house.made().signers(&house).await?;
    let wanted: BTreeSet<&str> = kids.iter().map(String::as_str).collect();
    let mut found: BTreeMap<&str, Vec<SignerItem>> = BTreeMap::new();
    for one in signers.placed.iter().filter(|one| wanted.contains(one.kid.as_str())) {
        let raw_data = String::from_utf8_lossy(&one.text).into_owned();
        found.entry(&one.country).or_default().push(SignerItem { kid: one.kid.clone(), raw_data });
    }
    let json = serde_json::to_vec(&found).map_err(|_| ServiceError::Worker)?;
    Ok(typed("application/json", json))
}
