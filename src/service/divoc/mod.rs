//! The issuing API that DIVOC's sidecars already speak (mediators beside DHIS2, OpenFn's adaptor), with the
//! differences that make it safe: it answers when the certificates are made and not when they are queued, every dose
//! of a request has its own answer, and nothing is open to whoever knows the address.
//!
//! | route | right | answer |
//! |---|---|---|
//! | `POST /divoc/api/v1/certify`, `/v3/certify` | certify | a result for each dose |
//! | `PUT /divoc/api/v1/certificate`, `/v3/certificate` | certify | the same, for corrections of what stands |
//! | `POST /divoc/api/v1/bulkCertify` (multipart, field `file`) | certify | the same, for each line of the sheet |
//! | `GET`, `HEAD /certificate/api/certificatePDF/{preEnrollmentCode}` `[?dose=N]` | read | the paper of the latest dose, or of the one named |
//! | `GET`, `HEAD /certificate/api/certificatePDF?certificateId=` | read | the paper of this certificate |
//! | `GET`, `HEAD /certificate/api/certificateQRCode/{preEnrollmentCode}` `[?dose=N]` | read | its code as PNG |
//! | `POST /certificate/api/eu-certificate?refId=` `[&dose=N]` `[&type=qrcode]` | read | the same certificate as the EU reads it: its paper, or with `type=qrcode` its EU code as PNG |
//! | `GET /certificate/api/fhir-certificate?refId=` `[&dose=N]` | read | the same as a FHIR document of the WHO core data set |
//! | `POST /divoc/api/v1/certificate/revoked` | read | the body is a whole certificate: 200 revoked, 404 not, 400 not one of ours |
//! | `DELETE /divoc/api/v1/certificates/{preEnrollmentCode}?doses=2,3` or `?allDoses=true` | revoke | the identifiers that are revoked now |
//!
//! The routes of `/certificate/api` stand under `/cert/api` as well. Every request needs `Authorization: Bearer`.
//!
//! A result is `{"preEnrollmentCode", "dose", "status", "certificateId", "errors": [{"code", "path", "message",
//! "remedy"}], "warnings": […]}`; its status is `issued`, `unchanged` (a certificate of the same content stands, and
//! is the answer: a request may be sent again without harm), `refused`, `conflict` (a certificate of other content
//! stands, and a correction is a PUT) or `missing` (a PUT of what was never certified).
//!
//! The two conversions hand out what was signed when the certificate was issued, and sign nothing anew: where the
//! formats of the configuration lack `eu-dcc` or `ddcc`, or the dose could not have it, they answer 404 `no-form` and say
//! so. **Not offered**, and answered 404 `not-offered` with what to use instead: `GET /certificate/api/shc-certificate`
//! (no SMART Health Cards are issued here), and `GET /divoc/api/v1/certify/uploads` with
//! `/divoc/api/v1/certify/uploads/{id}/errors`: a sheet is answered line by line when it is sent, and nothing of it is
//! kept that could be listed later.
//!
//! **Status of the whole.** Clients of DIVOC look at nothing but 200. So 200 is answered only when every dose of the
//! request has its certificate; otherwise 422 (some refused), 409 (some in conflict) or 412 (some missing), each with
//! the same list of results. Doses of such a request that are sound are issued all the same, and come back as
//! `unchanged` when the request is mended and sent again.

mod answer;
mod handlers;
mod house;
pub mod reasons;
pub(super) mod served;
mod tokens;

use std::{fmt, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, post, put},
};

pub use house::{House, OwnKeys, pseudonyms};
pub use tokens::{Pseudonyms, Right, Token, Tokens};

pub use crate::batch::Mode;

use super::{
    ServiceError,
    error::{Answered, dress},
};
use crate::{
    access::{self, Actor, ActorKind},
    clock::Clock,
    limits::DIVOC_BODY_BYTES,
    record::{Country, Refusal, VaccinationRecord},
    source::policy::BirthDateMissing,
    valueset::dhis2::Dhis2Vaccines,
};

/// What became of one dose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A certificate was issued.
    Issued,
    /// One of the same content stands.
    Unchanged,
    /// The record cannot become a certificate.
    Refused,
    /// One of other content stands ([`Mode::First`]).
    Conflict,
    /// None stands ([`Mode::Again`]).
    Missing,
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
            Self::Missing => "missing",
        }
    }
}

/// What became of one dose, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What became of it.
    pub outcome: Outcome,
    /// Identifier of its certificate.
    pub id: Option<String>,
    /// Why it has none; empty where it has one.
    pub reasons: Vec<Refusal>,
    /// What is worth knowing of its certificate.
    pub notes: Vec<Refusal>,
}

impl Done {
    /// A dose that is refused.
    #[must_use]
    pub fn refused(reasons: Vec<Refusal>) -> Self {
        Self { outcome: Outcome::Refused, id: None, reasons, notes: Vec::new() }
    }
}

/// A certificate that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its identifier.
    pub id: String,
    /// Key of its dose ([`crate::source::divoc::event_key`]).
    pub event: String,
}

/// Which certificate is meant.
#[derive(Clone, PartialEq, Eq)]
pub enum Which {
    /// Of this person (a key of [`Pseudonyms`]): of this dose, or of the highest.
    Of {
        /// Key of the person.
        person: String,
        /// Number of the dose.
        dose: Option<u8>,
    },
    /// With this identifier.
    Id(String),
}

impl fmt::Debug for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of { dose, .. } => f.debug_struct("Of").field("dose", dose).finish_non_exhaustive(),
            Self::Id(_) => f.write_str("Id(…)"),
        }
    }
}

/// What is fetched of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheet {
    /// The paper, as PDF.
    Paper,
    /// The code, as PNG.
    Picture,
    /// The code of the EU's format, as PNG.
    EuPicture,
    /// The paper of a certificate that has the EU's format.
    EuPaper,
    /// The FHIR document of the WHO core data set.
    Fhir,
}

/// What a certificate that was handed in is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    /// Ours, and revoked.
    Revoked,
    /// Ours, and not revoked.
    Stands,
    /// No certificate that this issuer signed.
    NotOurs,
}

/// Why the house cannot do what it was asked for. The reason itself is written to the log, by whoever knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuingError {
    /// The registry, the signer or the disk fails.
    #[error("the certificates cannot be made or found at the moment: send the request again; the log says why")]
    Unavailable,
    /// The caller has issued as many as it may for now.
    #[error(
        "this account has issued as many certificates as it may in an hour: send the rest after the next full hour"
    )]
    TooMany {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// The house is closed.
    #[error("certificates are issued in office hours only: send the request again then")]
    OffHours,
    /// The certificate stands, and was issued without this form.
    #[error(
        "the certificate was issued without {form}: add it to the formats of the configuration, after which the next \
         pass adds it to what stands, unless the record cannot have it"
    )]
    NoForm {
        /// Name of the format.
        form: &'static str,
    },
    /// The certificate stands, and cannot be drawn.
    #[error("the certificate stands, but this form of it cannot be drawn: use the other form, or shorten its values")]
    NotDrawn,
}

/// What an item of the API does not say itself.
#[derive(Clone)]
pub struct Ground {
    /// Body that answers for the certificates.
    pub issuer: String,
    /// Country of issue.
    pub country: Country,
    /// The names of vaccines and manufacturers.
    pub vaccines: Arc<Dhis2Vaccines>,
    /// What to do with a person without date of birth.
    pub birth_date_missing: BirthDateMissing,
    /// Makes keys of registration codes.
    pub pseudonyms: Pseudonyms,
    /// Tells the day.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ground").field("country", &self.country).finish_non_exhaustive()
    }
}

/// The house behind the API: who issues, remembers and revokes.
pub trait Issuing: Send + Sync + 'static {
    /// Issues a certificate for each record on behalf of `caller`, or says why not, in the order of the records. No
    /// two of them have one provenance.
    fn issue(
        &self,
        records: Vec<VaccinationRecord>,
        mode: Mode,
        caller: &Caller,
    ) -> impl Future<Output = Result<Vec<Done>, IssuingError>> + Send;

    /// The certificates of a person that stand.
    fn standing(&self, person: &str) -> impl Future<Output = Result<Vec<Standing>, IssuingError>> + Send;

    /// The identifier, whole, of the certificate that stands under this one. An address cannot hold the `#` before
    /// the check character, so it may come without.
    fn find(&self, id: &str) -> impl Future<Output = Result<Option<String>, IssuingError>> + Send;

    /// The paper or the code of the certificate with this identifier, which stands.
    fn draw(&self, id: &str, sheet: Sheet) -> impl Future<Output = Result<Vec<u8>, IssuingError>> + Send;

    /// What a certificate (JSON) is, told by its signature and by what the signature covers, and by nothing else.
    fn presented(&self, certificate: Vec<u8>) -> impl Future<Output = Result<Presented, IssuingError>> + Send;

    /// Revokes the certificate of a dose on behalf of `caller`. Gives what is revoked now.
    fn revoke(
        &self,
        person: &str,
        event: &str,
        caller: &Caller,
    ) -> impl Future<Output = Result<Vec<String>, IssuingError>> + Send;
}

/// Who sends a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller(Actor);

impl Caller {
    /// On whose behalf a request comes.
    #[must_use]
    pub fn of(actor: Actor) -> Self {
        Self(actor)
    }

    /// Whoever holds a token of this name, of the API's own.
    fn of_token(name: &str) -> Self {
        let rights = vec![access::Right::Issue, access::Right::Read, access::Right::Revoke];
        Self(Actor { kind: ActorKind::Token, name: format!("api:{name}"), rights, facilities: None })
    }

    /// Who it is.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.0
    }
}

/// What every handler shares.
pub(super) struct Shared<I> {
    house: I,
    ground: Ground,
}

/// Who may, and what is asked.
#[derive(Clone)]
struct Gate {
    tokens: Arc<Tokens>,
    right: Right,
}

/// The routes, to be mounted as they are: each of them asks for a token, and says its errors itself as JSON
/// (RFC 9457). A server that is reached over a network must stand behind TLS.
pub fn router<I: Issuing>(house: I, ground: Ground, tokens: Tokens) -> Router {
    let tokens = Arc::new(tokens);
    let gate = |right| middleware::from_fn_with_state(Gate { tokens: Arc::clone(&tokens), right }, admit);
    let shared = Arc::new(Shared { house, ground });

    let certify = Router::new()
        .route("/divoc/api/v1/certify", post(handlers::certify_v1::<I>))
        .route("/divoc/api/v3/certify", post(handlers::certify_v3::<I>))
        .route("/divoc/api/v1/certificate", put(handlers::correct_v1::<I>))
        .route("/divoc/api/v3/certificate", put(handlers::correct_v3::<I>))
        .route("/divoc/api/v1/bulkCertify", post(handlers::certify_sheet::<I>))
        .route_layer(gate(Right::Certify));
    let mut read = Router::new()
        .route("/divoc/api/v1/certificate/revoked", post(handlers::revoked::<I>))
        .route("/divoc/api/v1/certify/uploads", get(handlers::no_uploads))
        .route("/divoc/api/v1/certify/uploads/{id}/errors", get(handlers::no_uploads));
    for base in ["/certificate/api", "/cert/api"] {
        let paper: MethodRouter<Arc<Shared<I>>> = get(handlers::paper::<I>).head(handlers::has::<I>);
        let by_id = get(handlers::paper_by_id::<I>).head(handlers::has_by_id::<I>);
        let picture = get(handlers::picture::<I>).head(handlers::has::<I>);
        read = read
            .route(&format!("{base}/certificatePDF/{{code}}"), paper)
            .route(&format!("{base}/certificatePDF"), by_id)
            .route(&format!("{base}/certificateQRCode/{{code}}"), picture)
            .route(&format!("{base}/eu-certificate"), post(handlers::eu::<I>))
            .route(&format!("{base}/fhir-certificate"), get(handlers::fhir::<I>))
            .route(&format!("{base}/shc-certificate"), get(handlers::no_health_cards));
    }
    let read = read.route_layer(gate(Right::Read));
    let revoke = Router::new()
        .route("/divoc/api/v1/certificates/{code}", delete(handlers::revoke::<I>))
        .route_layer(gate(Right::Revoke));
    certify
        .merge(read)
        .merge(revoke)
        .method_not_allowed_fallback(async || ServiceError::Method)
        .layer(DefaultBodyLimit::max(DIVOC_BODY_BYTES))
        .layer(middleware::from_fn(finish))
        .with_state(shared)
}

/// Lets a request through whose token allows it.
async fn admit(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    match gate.tokens.admit(request.headers(), gate.right) {
        Ok(token) => {
            request.extensions_mut().insert(Caller::of_token(&token.name));
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

/// Writes the words of errors, and keeps answers, all of which are about a person, out of every memory.
async fn finish(request: Request, next: Next) -> Response {
    let mut response = dress(next.run(request).await, None);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
