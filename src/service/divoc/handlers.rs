//! What each route does: reads the request, asks the house, writes the answer.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{FromRequest, Multipart, Path, Request, State, rejection::PathRejection},
    http::Uri,
    response::Response,
};

use super::{Caller, Done, Issuing, Mode, Presented, Shared, Sheet, Which, answer};
use crate::{
    envelope::json,
    limits::{DIVOC_BODY_BYTES, DIVOC_CERTIFICATE_BYTES},
    record::VaccinationRecord,
    service::{ServiceError, apart, body, typed},
    source::divoc::{self, Contract, DivocError, Item, Terms, dose_of_key},
    valueset::ValueSets,
};

type Answer = Result<Response, ServiceError>;
type Code = Result<Path<String>, PathRejection>;

const JSON: &str = "application/json";

pub(super) async fn certify_v1<I: Issuing>(State(shared): State<Arc<Shared<I>>>, request: Request) -> Answer {
    certify(&shared, request, Contract::V1, Mode::First).await
}

pub(super) async fn certify_v3<I: Issuing>(State(shared): State<Arc<Shared<I>>>, request: Request) -> Answer {
    certify(&shared, request, Contract::V3, Mode::First).await
}

pub(super) async fn correct_v1<I: Issuing>(State(shared): State<Arc<Shared<I>>>, request: Request) -> Answer {
    certify(&shared, request, Contract::V1, Mode::Again).await
}

pub(super) async fn correct_v3<I: Issuing>(State(shared): State<Arc<Shared<I>>>, request: Request) -> Answer {
    certify(&shared, request, Contract::V3, Mode::Again).await
}

async fn certify<I: Issuing>(shared: &Shared<I>, request: Request, contract: Contract, mode: Mode) -> Answer {
    let caller = caller(&request)?;
    let bytes = body::read(request, JSON, DIVOC_BODY_BYTES).await?;
    let items = read(shared, move |terms| {
        let items = json::read(&bytes)?;
        Ok(divoc::read(&items, contract, terms)?)
    });
    issue(shared, items.await?, mode, &caller, false).await
}

pub(super) async fn certify_sheet<I: Issuing>(State(shared): State<Arc<Shared<I>>>, request: Request) -> Answer {
    let caller = caller(&request)?;
    let sheet = file(request).await?;
    let items = read(&shared, move |terms| Ok(divoc::read_sheet(&sheet, terms)?));
    issue(&shared, items.await?, Mode::First, &caller, true).await
}

/// The field `file` of a form.
async fn file(request: Request) -> Result<Vec<u8>, ServiceError> {
    let (headers, extensions) = (request.headers().clone(), request.extensions().clone());
    let bytes = body::read(request, "multipart/form-data", DIVOC_BODY_BYTES).await?;
    let mut whole = Request::new(Body::from(bytes));
    *whole.headers_mut() = headers;
    // Among them the bound on the body.
    *whole.extensions_mut() = extensions;
    let mut form = Multipart::from_request(whole, &()).await.map_err(|_| ServiceError::Form)?;
    while let Some(field) = form.next_field().await.map_err(|_| ServiceError::Form)? {
        if field.name() == Some("file") {
            return Ok(field.bytes().await.map_err(|_| ServiceError::Form)?.to_vec());
        }
    }
    Err(ServiceError::SheetMissing)
}

/// Reads items where it holds up nobody.
async fn read<I: Issuing>(
    shared: &Shared<I>,
    reader: impl FnOnce(&Terms<'_>) -> Result<Vec<Item>, ServiceError> + Send + 'static,
) -> Result<Vec<Item>, ServiceError> {
    let ground = shared.ground.clone();
    apart(move || {
        let pseudonyms = ground.pseudonyms.clone();
        reader(&Terms {
            issuer: &ground.issuer,
            country: ground.country,
            vaccines: &ground.vaccines,
            sets: ValueSets::built_in(),
            birth_date_missing: ground.birth_date_missing,
            today: ground.clock.latest_today(),
            pseudonym: &move |code| pseudonyms.of(code),
        })
    })
    .await
}

/// Who sent a request: the gate has noted it, and nothing comes past the gate.
fn caller(request: &Request) -> Result<Caller, ServiceError> {
    request.extensions().get::<Caller>().cloned().ok_or(ServiceError::Unauthorized)
}

/// Issues what is sound, and puts the answers into the order of the request.
async fn issue<I: Issuing>(shared: &Shared<I>, items: Vec<Item>, mode: Mode, caller: &Caller, lines: bool) -> Answer {
    let sound = |item: &Item| item.outcome.as_ref().ok().map(|record| VaccinationRecord::clone(record));
    let records: Vec<VaccinationRecord> = items.iter().filter_map(sound).collect();
    let done = if records.is_empty() { Vec::new() } else { shared.house.issue(records, mode, caller).await? };
    let mut done = done.into_iter();
    let answered = items.into_iter().map(|item| {
        let done = match &item.outcome {
            Ok(_) => done.next().ok_or(ServiceError::Worker)?,
            Err(reasons) => Done::refused(reasons.clone()),
        };
        Ok((item, done))
    });
    let answered: Vec<(Item, Done)> = answered.collect::<Result<_, ServiceError>>()?;
    Ok(answer::write(&answered, lines))
}

/// The values of a name in the query.
fn query(uri: &Uri, name: &str) -> Vec<String> {
    let pairs = url::form_urlencoded::parse(uri.query().unwrap_or("").as_bytes());
    pairs.filter(|(found, _)| found == name).map(|(_, value)| value.into_owned()).collect()
}

fn code(path: Code) -> Result<String, ServiceError> {
    let Ok(Path(code)) = path else { return Err(ServiceError::NoCertificate) };
    // As in an item: outer spaces are no part of it.
    Ok(code.trim().to_owned())
}

/// The certificate that a code and perhaps a dose in the query name.
fn of_code<I>(shared: &Shared<I>, path: Code, uri: &Uri) -> Result<Which, ServiceError> {
    Ok(Which::Of { person: shared.ground.pseudonyms.of(&code(path)?), dose: dose(uri)? })
}

/// The dose that a query names.
fn dose(uri: &Uri) -> Result<Option<u8>, ServiceError> {
    match query(uri, "dose").as_slice() {
        [] => Ok(None),
        [dose] => Ok(Some(dose.parse().map_err(|_| ServiceError::Query { name: "dose" })?)),
        _ => Err(ServiceError::Query { name: "dose" }),
    }
}

/// The certificate that a query names by the code (`refId`, as DIVOC calls it there) and perhaps a dose.
fn of_reference<I>(shared: &Shared<I>, uri: &Uri) -> Result<Which, ServiceError> {
    let Ok([code]) = <[String; 1]>::try_from(query(uri, "refId")) else {
        return Err(ServiceError::Query { name: "refId" });
    };
    Ok(Which::Of { person: shared.ground.pseudonyms.of(code.trim()), dose: dose(uri)? })
}

fn of_id(uri: &Uri) -> Result<Which, ServiceError> {
    match <[String; 1]>::try_from(query(uri, "certificateId")) {
        Ok([id]) => Ok(Which::Id(id)),
        Err(_) => Err(ServiceError::Query { name: "certificateId" }),
    }
}

/// The identifier of the certificate that is meant and stands.
async fn find<I: Issuing>(shared: &Shared<I>, which: Which) -> Result<String, ServiceError> {
    match which {
        Which::Id(id) => shared.house.find(&id).await?.ok_or(ServiceError::NoCertificate),
        Which::Of { person, dose } => {
            let standing = shared.house.standing(&person).await?;
            let numbered = standing.into_iter().filter_map(|found| Some((dose_of_key(&found.event)?, found.id)));
            let wanted = numbered.filter(|(number, _)| dose.is_none_or(|dose| dose == *number));
            // The house lists the oldest first; of one number in several programs the newest counts.
            wanted.max_by_key(|(number, _)| *number).map(|(_, id)| id).ok_or(ServiceError::NoCertificate)
        }
    }
}

async fn draw<I: Issuing>(shared: &Shared<I>, which: Which, sheet: Sheet) -> Answer {
    let id = find(shared, which).await?;
    let bytes = shared.house.draw(&id, sheet).await?;
    let media = match sheet {
        Sheet::Paper | Sheet::EuPaper => "application/pdf",
        Sheet::Picture | Sheet::EuPicture => "image/png",
        Sheet::Fhir => "application/fhir+json",
    };
    Ok(typed(media, bytes))
}

pub(super) async fn paper<I: Issuing>(State(shared): State<Arc<Shared<I>>>, path: Code, uri: Uri) -> Answer {
    draw(&shared, of_code(&shared, path, &uri)?, Sheet::Paper).await
}

pub(super) async fn paper_by_id<I: Issuing>(State(shared): State<Arc<Shared<I>>>, uri: Uri) -> Answer {
    draw(&shared, of_id(&uri)?, Sheet::Paper).await
}

pub(super) async fn picture<I: Issuing>(State(shared): State<Arc<Shared<I>>>, path: Code, uri: Uri) -> Answer {
    draw(&shared, of_code(&shared, path, &uri)?, Sheet::Picture).await
}

/// As the EU reads it.
pub(super) async fn eu<I: Issuing>(State(shared): State<Arc<Shared<I>>>, uri: Uri) -> Answer {
    let sheet = match query(&uri, "type").as_slice() {
        [] => Sheet::EuPaper,
        [word] if word == "qrcode" => Sheet::EuPicture,
        [word] if word == "pdf" => Sheet::EuPaper,
        _ => return Err(ServiceError::Query { name: "type" }),
    };
    draw(&shared, of_reference(&shared, &uri)?, sheet).await
}

/// As a FHIR document.
pub(super) async fn fhir<I: Issuing>(State(shared): State<Arc<Shared<I>>>, uri: Uri) -> Answer {
    draw(&shared, of_reference(&shared, &uri)?, Sheet::Fhir).await
}

/// SMART Health Cards are read here and never issued.
pub(super) async fn no_health_cards() -> ServiceError {
    ServiceError::NotOffered { instead: "no SMART Health Cards are issued here: take the EU code or the FHIR document" }
}

/// Sheets are answered when they are sent.
pub(super) async fn no_uploads() -> ServiceError {
    ServiceError::NotOffered {
        instead: "the answer to bulkCertify says what became of each line, and nothing of a sheet is kept: send it again",
    }
}

/// Whether there is a certificate: nothing is drawn for it.
pub(super) async fn has<I: Issuing>(State(shared): State<Arc<Shared<I>>>, path: Code, uri: Uri) -> Answer {
    find(&shared, of_code(&shared, path, &uri)?).await.map(|_| Response::default())
}

pub(super) async fn has_by_id<I: Issuing>(State(shared): State<Arc<Shared<I>>>, uri: Uri) -> Answer {
    find(&shared, of_id(&uri)?).await.map(|_| Response::default())
}

pub(super) async fn revoked<I: Issuing>(State(shared): State<Arc<Shared<I>>>, request: Request) -> Answer {
    let bytes = body::read(request, JSON, DIVOC_CERTIFICATE_BYTES).await?;
    // A name twice would let two readers see two certificates.
    json::read(&bytes)?;
    match shared.house.presented(bytes).await? {
        Presented::Revoked => Ok(typed(JSON, r#"{"revoked":true}"#)),
        Presented::Stands => Err(ServiceError::NotRevoked),
        Presented::NotOurs => Err(ServiceError::NotOurs),
    }
}

pub(super) async fn revoke<I: Issuing>(
    State(shared): State<Arc<Shared<I>>>,
    Extension(caller): Extension<Caller>,
    path: Code,
    uri: Uri,
) -> Answer {
    let person = shared.ground.pseudonyms.of(&code(path)?);
    let chosen = Chosen::read(&uri)?;
    let standing = shared.house.standing(&person).await?;
    let numbered: Vec<(u8, &str)> =
        standing.iter().filter_map(|found| Some((dose_of_key(&found.event)?, found.event.as_str()))).collect();
    if numbered.is_empty() {
        return Err(ServiceError::NoCertificate);
    }
    let chosen = match chosen {
        Chosen::All => numbered,
        Chosen::Doses(doses) => {
            let (chosen, kept): (Vec<_>, Vec<_>) = numbered.into_iter().partition(|(dose, _)| doses.contains(dose));
            // DIVOC's rule: a later dose must not stand without the earlier one that it counts on.
            let latest_kept = kept.iter().map(|(dose, _)| *dose).max();
            if chosen.iter().any(|(dose, _)| latest_kept.is_some_and(|kept| kept > *dose)) {
                return Err(ServiceError::DosesNotLatest);
            }
            if doses.iter().any(|dose| !chosen.iter().any(|(found, _)| found == dose)) {
                return Err(ServiceError::NoCertificate);
            }
            chosen
        }
    };
    let mut ids = Vec::new();
    for (_, event) in chosen {
        ids.extend(shared.house.revoke(&person, event, &caller).await?);
    }
    let json = serde_json::json!({ "revoked": ids });
    Ok(typed(JSON, json.to_string()))
}

/// Which doses are to be revoked.
enum Chosen {
    All,
    Doses(Vec<u8>),
}

impl Chosen {
    /// `allDoses=true`, or `doses=1,2`, also as `doses=1&doses=2`.
    fn read(uri: &Uri) -> Result<Self, ServiceError> {
        let all = match query(uri, "allDoses").as_slice() {
            [] => false,
            [word] if word.eq_ignore_ascii_case("true") => true,
            [word] if word.eq_ignore_ascii_case("false") => false,
            _ => return Err(ServiceError::Query { name: "allDoses" }),
        };
        let doses = query(uri, "doses").join(",");
        let numbers: Result<Vec<u8>, _> =
            doses.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::parse).collect();
        match (all, numbers) {
            (true, Ok(numbers)) if numbers.is_empty() => Ok(Self::All),
            (false, Ok(numbers)) if !numbers.is_empty() => Ok(Self::Doses(numbers)),
            _ => Err(ServiceError::Query { name: "doses" }),
        }
    }
}

impl From<DivocError> for ServiceError {
    fn from(error: DivocError) -> Self {
        Self::Items(error)
    }
}
