//! The same API on the operators' door of a configured installation: its routes are endpoints as all others, so that
//! they are in the description and ask for the service's own tokens. The right certify is the service's right to issue.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    http::Uri,
    response::Response,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::{Caller, Ground, House as Issuer, Shared, handlers, pseudonyms};
use crate::{
    access::{Actor, Right},
    batch::OwnKeys as OwnCertificates,
    service::{
        House, ServiceError,
        api::Endpoint,
        error::{Fails, Fault},
    },
    source::policy::BirthDateMissing,
    trust::{TrustStore, TrustedKey},
    valueset::dhis2::Dhis2Vaccines,
    verify::Knowledge,
    work::{WorkError, desk::DeskError},
};

type Answer = Result<Response, ServiceError>;
type Code = Result<Path<String>, PathRejection>;

/// What the routes share, made when the first of them is asked.
pub(in crate::service) type Served = Arc<Shared<Issuer>>;

const TAG: &str = "DIVOC";
const JSON: &str = "application/json";

/// Who may not use this API.
#[derive(Debug, thiserror::Error)]
enum NotServed {
    /// Facilities of this API are names, not org units.
    #[error("this API is for callers who are bound to no facility: use /v1/certificates, which knows facilities")]
    Bound,
}

impl Fails for NotServed {
    fn fault(&self) -> Fault {
        Fault::Forbidden
    }

    fn code(&self) -> &'static str {
        "bound-to-facility"
    }
}

/// Doses, as DIVOC's contract has them.
struct Doses;

impl JsonSchema for Doses {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DivocDoses".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array", "minItems": 1,
            "items": {"type": "object", "required": ["preEnrollmentCode", "recipient", "vaccination"], "properties": {
                "preEnrollmentCode": {"type": "string"},
                "recipient": {"type": "object"}, "vaccination": {"type": "object"},
                "vaccinator": {"type": "object"}, "facility": {"type": "object"}, "meta": {"type": "object"}
            }}
        })
    }
}

/// A certificate, as DIVOC's contract has it.
struct Whole;

impl JsonSchema for Whole {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DivocCertificate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object"})
    }
}

/// What became of the doses.
struct Results;

impl JsonSchema for Results {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DivocResults".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array", "items": {"type": "object", "required": ["status", "errors", "warnings"], "properties": {
                "preEnrollmentCode": {"type": ["string", "null"]}, "dose": {"type": ["integer", "null"]},
                "line": {"type": "integer"},
                "status": {"enum": ["issued", "unchanged", "refused", "conflict", "missing"]},
                "certificateId": {"type": ["string", "null"]},
                "errors": {"type": "array", "items": {"type": "object"}},
                "warnings": {"type": "array", "items": {"type": "object"}}
            }}
        })
    }
}

/// A route that issues.
fn issuing(endpoint: Endpoint) -> Endpoint {
    endpoint
        .tag(TAG)
        .needs(Right::Issue)
        .gives::<Results>(200, "Every dose has its certificate")
        .gives::<Results>(409, "Of some doses a certificate of other content stands")
        .gives::<Results>(412, "Of some doses no certificate stands")
        .gives::<Results>(422, "Some doses are refused")
}

/// The routes of the API.
pub(in crate::service) fn endpoints() -> Vec<Endpoint> {
    let certify = "Issue a certificate for each dose";
    let correct = "Correct the certificate of each dose";
    let mut all = vec![
        issuing(Endpoint::post("/divoc/api/v1/certify", "divocCertify"))
            .summary(certify)
            .takes::<Doses>(JSON)
            .run(certify_v1),
        issuing(Endpoint::post("/divoc/api/v3/certify", "divocCertify3"))
            .summary(certify)
            .takes::<Doses>(JSON)
            .run(certify_v3),
        issuing(Endpoint::put("/divoc/api/v1/certificate", "divocCorrect"))
            .summary(correct)
            .takes::<Doses>(JSON)
            .run(correct_v1),
        issuing(Endpoint::put("/divoc/api/v3/certificate", "divocCorrect3"))
            .summary(correct)
            .takes::<Doses>(JSON)
            .run(correct_v3),
        issuing(Endpoint::post("/divoc/api/v1/bulkCertify", "divocCertifySheet"))
            .summary("Issue a certificate for each line of a sheet, in the field \"file\"")
            .takes_media("multipart/form-data")
            .run(certify_sheet),
        Endpoint::post("/divoc/api/v1/certificate/revoked", "divocIsRevoked")
            .tag(TAG)
            .summary("Whether a certificate is revoked: 200 if it is, 404 if not")
            .needs(Right::Read)
            .takes::<Whole>(JSON)
            .gives_media(200, JSON, "It is revoked")
            .run(revoked),
        Endpoint::delete("/divoc/api/v1/certificates/{code}", "divocRevoke")
            .tag(TAG)
            .summary("Revoke the latest doses of a registration code, or all of them")
            .needs(Right::Revoke)
            .path_parameter("code", "Registration code")
            .query::<String>("doses", "Numbers of doses, with commas between")
            .query::<bool>("allDoses", "All of them")
            .gives_media(200, JSON, "Identifiers that are revoked now")
            .run(revoke),
    ];
    for (path, id) in [
        ("/divoc/api/v1/certify/uploads", "divocUploads"),
        ("/divoc/api/v1/certify/uploads/{id}/errors", "divocUploadErrors"),
    ] {
        let endpoint = Endpoint::get(path, id)
            .tag(TAG)
            .summary("Not offered: a sheet is answered when it is sent")
            .needs(Right::Read)
            .gives_media(404, "application/problem+json", "What to use instead");
        let endpoint = if path.contains('{') { endpoint.path_parameter("id", "Number of an upload") } else { endpoint };
        all.push(endpoint.run(handlers::no_uploads));
    }
    let bases: [[(&'static str, &'static str); 6]; 2] = [
        [
            ("/certificate/api/certificatePDF/{code}", "divocPaper"),
            ("/certificate/api/certificatePDF", "divocPaperById"),
            ("/certificate/api/certificateQRCode/{code}", "divocCode"),
            ("/certificate/api/eu-certificate", "divocEu"),
            ("/certificate/api/fhir-certificate", "divocFhir"),
            ("/certificate/api/shc-certificate", "divocHealthCard"),
        ],
        [
            ("/cert/api/certificatePDF/{code}", "divocPaper2"),
            ("/cert/api/certificatePDF", "divocPaperById2"),
            ("/cert/api/certificateQRCode/{code}", "divocCode2"),
            ("/cert/api/eu-certificate", "divocEu2"),
            ("/cert/api/fhir-certificate", "divocFhir2"),
            ("/cert/api/shc-certificate", "divocHealthCard2"),
        ],
    ];
    for [of_code, of_id, picture, (eu_path, eu_id), of_fhir, health_card] in bases {
        let read = |(path, id): (&'static str, &'static str), summary| {
            Endpoint::get(path, id).tag(TAG).summary(summary).needs(Right::Read)
        };
        let coded = |endpoint: Endpoint| {
            let dose = "Number of the dose; the latest by default";
            endpoint.path_parameter("code", "Registration code").query::<u8>("dose", dose)
        };
        all.push(
            coded(read(of_code, "The paper of a registration code"))
                .gives_media(200, "application/pdf", "The paper")
                .run(paper),
        );
        all.push(
            read(of_id, "The paper of a certificate")
                .query::<String>("certificateId", "Its identifier")
                .gives_media(200, "application/pdf", "The paper")
                .run(paper_by_id),
        );
        all.push(
            coded(read(picture, "The code of a registration code"))
                .gives_media(200, "image/png", "The picture")
                .run(picture_of),
        );
        let referred = |endpoint: Endpoint| {
            let dose = "Number of the dose; the latest by default";
            endpoint.query::<String>("refId", "Registration code").query::<u8>("dose", dose)
        };
        all.push(
            referred(Endpoint::post(eu_path, eu_id).tag(TAG).needs(Right::Read))
                .summary("The certificate of a registration code as the EU reads it")
                .about("What was signed when it was issued; nothing is signed anew.")
                .query::<String>("type", "qrcode for the code alone; pdf, the paper, by default")
                .gives_media(200, "application/pdf", "The paper, or the code as image/png")
                .run(eu),
        );
        all.push(
            referred(read(of_fhir, "The certificate of a registration code as a FHIR document"))
                .gives_media(200, "application/fhir+json", "The document of the WHO core data set")
                .run(fhir),
        );
        all.push(
            read(health_card, "Not offered: no SMART Health Cards are issued here")
                .gives_media(404, "application/problem+json", "What to use instead")
                .run(handlers::no_health_cards),
        );
    }
    all
}

/// Makes what the routes share.
pub(in crate::service) async fn make(house: &House) -> Result<Served, DeskError> {
    let (setup, registry) = (&house.setup, &house.registry);
    let batch = house.desk()?.plain_batch();
    let vaccines = Dhis2Vaccines::divoc().with_overrides(setup.vaccines.clone()).map_err(WorkError::from)?;
    let ground = Ground {
        issuer: setup.issuer_name.clone(),
        country: setup.country,
        vaccines: Arc::new(vaccines),
        birth_date_missing: BirthDateMissing::default(),
        pseudonyms: pseudonyms(registry, &house.random).await?,
        clock: Arc::clone(&house.clock),
    };
    let now = house.clock.now();
    let own = OwnCertificates::of(&setup.signers.certificates(now), registry, now).await?;
    let mut trust = TrustStore::new();
    for certificate in &own.certificates {
        // One that cannot be read signs nothing that could be handed in.
        if let Ok(key) = TrustedKey::from_certificate(certificate, "own signer") {
            trust.add(key);
        }
    }
    for key in own.named.into_iter().chain(setup.linked_data.iter().map(|linked| linked.key().clone())) {
        trust.add(key);
    }
    let mut knowledge = Knowledge::default();
    knowledge.trust = trust;
    let knowledge = Arc::new(knowledge);
    let issuer =
        Issuer::new(batch, Arc::new(move || Some(Arc::clone(&knowledge)))).with_rules(setup.access.rules.clone());
    Ok(Arc::new(Shared { house: issuer, ground }))
}

/// What the routes share, and the request on behalf of its actor.
async fn ready(house: &House, actor: Actor, mut request: Request) -> Result<(State<Served>, Request), ServiceError> {
    let served = shared(house, &actor).await?;
    request.extensions_mut().insert(Caller::of(actor));
    Ok((served, request))
}

async fn shared(house: &House, actor: &Actor) -> Result<State<Served>, ServiceError> {
    if actor.facilities.is_some() {
        return Err(NotServed::Bound.into());
    }
    Ok(State(Arc::clone(house.divoc().await?)))
}

async fn certify_v1(State(house): State<House>, actor: Actor, request: Request) -> Answer {
    let (served, request) = ready(&house, actor, request).await?;
    handlers::certify_v1(served, request).await
}

async fn certify_v3(State(house): State<House>, actor: Actor, request: Request) -> Answer {
    let (served, request) = ready(&house, actor, request).await?;
    handlers::certify_v3(served, request).await
}

async fn correct_v1(State(house): State<House>, actor: Actor, request: Request) -> Answer {
    let (served, request) = ready(&house, actor, request).await?;
    handlers::correct_v1(served, request).await
}

async fn correct_v3(State(house): State<House>, actor: Actor, request: Request) -> Answer {
    let (served, request) = ready(&house, actor, request).await?;
    handlers::correct_v3(served, request).await
}

async fn certify_sheet(State(house): State<House>, actor: Actor, request: Request) -> Answer {
    let (served, request) = ready(&house, actor, request).await?;
    handlers::certify_sheet(served, request).await
}

async fn revoked(State(house): State<House>, actor: Actor, request: Request) -> Answer {
    let (served, request) = ready(&house, actor, request).await?;
    handlers::revoked(served, request).await
}

async fn revoke(State(house): State<House>, actor: Actor, path: Code, uri: Uri) -> Answer {
    let served = shared(&house, &actor).await?;
    handlers::revoke(served, axum::Extension(Caller::of(actor)), path, uri).await
}

async fn paper(State(house): State<House>, actor: Actor, path: Code, uri: Uri) -> Answer {
    handlers::paper(shared(&house, &actor).await?, path, uri).await
}

async fn paper_by_id(State(house): State<House>, actor: Actor, uri: Uri) -> Answer {
    handlers::paper_by_id(shared(&house, &actor).await?, uri).await
}

async fn eu(State(house): State<House>, actor: Actor, uri: Uri) -> Answer {
    handlers::eu(shared(&house, &actor).await?, uri).await
}

async fn fhir(State(house): State<House>, actor: Actor, uri: Uri) -> Answer {
    handlers::fhir(shared(&house, &actor).await?, uri).await
}

async fn picture_of(State(house): State<House>, actor: Actor, path: Code, uri: Uri) -> Answer {
    handlers::picture(shared(&house, &actor).await?, path, uri).await
}
