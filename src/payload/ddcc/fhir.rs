//! The FHIR R4 document `ddcc.json`: a bundle of the profile `DDCCVSDocument` or `DDCCTRDocument` with the
//! certificate as a composition, its person, its issuer, its event and the codes that were issued for it.
//!
//! It is made of the DDCC alone, so that it never says more than what was signed. Its identifiers are derived from
//! the certificate's (RFC 9562 section 5.8, by SHA-256): the same certificate gives the same document.
//!
//! Sources: WHO DDCC guide 1.0.1, profiles `DDCCVSDocument`, `DDCCVSComposition`, `DDCCPatient`, `DDCCOrganization`,
//! `DDCCImmunization`, `DDCCImmunizationRecommendation`, `DDCCObservation`, `DDCCDocumentReferenceQR` and their
//! extensions. DDCC:TR has no published example; its shape here is that of its profiles and of DDCC:VS.

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::model::{Coding, Ddcc, Event, Identifier, Test, Vaccination};
use crate::payload::mapping::system;

const PROFILES: &str = "http://smart.who.int/ddcc/StructureDefinition/";
const CODES: &str = "http://smart.who.int/ddcc/CodeSystem/";
const TITLE: &str = "Digital Documentation of COVID-19 Certificate (DDCC)";
/// Register of the identifiers in the document: they are the certificate's own, which is a URN.
const URI: &str = "urn:ietf:rfc:3986";

/// A code that was issued for the certificate.
#[derive(Clone, Copy)]
pub struct QrCode<'q> {
    /// For whom: `who`, `dcc`, `shc` or `icao` (code system of the usages of a DDCC QR).
    pub usage: &'q str,
    /// Its text.
    pub text: &'q str,
    /// A picture of it, PNG; the profile asks for one.
    pub png: Option<&'q [u8]>,
}

impl std::fmt::Debug for QrCode<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "QrCode({})", self.usage)
    }
}

/// Times and codes of a document.
#[derive(Debug, Clone, Copy)]
pub struct Issue<'q> {
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Until when the certificate may be used.
    pub valid_until: Option<Timestamp>,
    /// What was issued for it.
    pub codes: &'q [QrCode<'q>],
}

/// Why there is no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// An element that the profiles require.
    #[error("the FHIR document needs {element}, which the certificate does not state: add it to the record")]
    Missing {
        /// Name of the element in the core data set.
        element: &'static str,
    },
}

/// Addresses of the parts of one document.
struct Parts {
    seed: String,
}

impl Parts {
    /// A part's UUID, of version 8: the first 128 bits of the hash of certificate and part.
    fn uuid(&self, part: &str) -> String {
        let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        for piece in ["urn:HCID:", self.seed.as_str(), "\n", part] {
            hash.update(piece.as_bytes());
        }
        let digest = hash.finish();
        let first = digest.as_ref().iter().take(16).enumerate();
        let hex: String = first
            .map(|(position, byte)| match position {
                6 => (byte & 0x0f) | 0x80,
                8 => (byte & 0x3f) | 0x80,
                _ => *byte,
            })
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let groups = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
        groups.into_iter().filter_map(|(from, to)| hex.get(from..to)).collect::<Vec<_>>().join("-")
    }

    fn urn(&self, part: &str) -> String {
        format!("urn:uuid:{}", self.uuid(part))
    }

    fn reference(&self, part: &str) -> Value {
        json!({"reference": self.urn(part)})
    }

    fn entry(&self, part: &str, kind: &str, profile: &str, members: Value) -> Value {
        let mut resource = Map::new();
        resource.insert("resourceType".to_owned(), kind.into());
        resource.insert("id".to_owned(), self.uuid(part).into());
        resource.insert("meta".to_owned(), json!({"profile": [format!("{PROFILES}{profile}")]}));
        if let Value::Object(members) = members {
            resource.extend(members.into_iter().filter(|(_, value)| !value.is_null()));
        }
        json!({"fullUrl": self.urn(part), "resource": resource})
    }
}

/// The document.
///
/// # Errors
/// [`DocumentError`] names what the profiles require and the certificate lacks: they ask for more than the core
/// data set does (the place of a dose, above all).
pub fn document(ddcc: &Ddcc, issue: Issue<'_>) -> Result<Value, DocumentError> {
    let id = ddcc.id().ok_or(DocumentError::Missing { element: "certificate.hcid" })?;
    let issuer = ddcc.certificate.issuer.as_ref().map(super::Organization::words).filter(|name| !name.is_empty());
    let issuer = issuer.ok_or(DocumentError::Missing { element: "certificate.issuer" })?;
    let parts = Parts { seed: id.to_owned() };
    let time = |time: Timestamp| format!("{time:.0}");
    let (profile, category, section, event) = match &ddcc.event {
        Event::Vaccination(v) => ("VS", "ddcc-vs", "11369-6", vec![immunization(v, &parts)?]),
        Event::Test(t) => ("TR", "ddcc-tr", "30954-2", vec![observation(t, &parts)?]),
    };
    let recommendation = match &ddcc.event {
        Event::Vaccination(v) => v.next_dose.as_ref().map(|day| recommend(v, day, issue, &parts)),
        Event::Test(_) => None,
    };
    let codes: Vec<Value> = issue
        .codes
        .iter()
        .enumerate()
        .map(|(position, code)| document_reference(code, position, issue, &parts))
        .collect();

    let mut focus_and_more = vec![parts.reference("event")];
    focus_and_more.extend(recommendation.as_ref().map(|_| parts.reference("recommendation")));
    focus_and_more.extend((0..codes.len()).map(|position| parts.reference(&format!("code {position}"))));
    let composition = json!({
        "identifier": {"use": "official", "system": URI, "value": parts.urn("composition")},
        "status": "final",
        "type": {"coding": [{"system": system::LOINC, "code": "82593-5"}]},
        "category": [{"coding": [{"system": format!("{CODES}DDCC-Composition-Category-CodeSystem"), "code": category}]}],
        "subject": parts.reference("person"),
        "date": time(issue.issued_at),
        "author": [parts.reference("issuer")],
        "title": TITLE,
        "attester": [{"mode": "official", "party": parts.reference("issuer")}],
        "event": [{"period": members([
            ("start", Some(time(issue.issued_at).into())),
            ("end", issue.valid_until.map(|end| time(end).into())),
        ])}],
        "section": [{
            "code": {"coding": [{"system": system::LOINC, "code": section}]},
            "focus": parts.reference("event"),
            "entry": focus_and_more,
        }],
    });
    let mut entries = vec![
        parts.entry("composition", "Composition", &format!("DDCC{profile}Composition"), composition),
        parts.entry("person", "Patient", "DDCCPatient", patient(ddcc)),
        parts.entry("issuer", "Organization", "DDCCOrganization", json!({"name": issuer})),
    ];
    entries.extend(event);
    entries.extend(recommendation);
    entries.extend(codes);
    Ok(json!({
        "resourceType": "Bundle",
        "id": parts.uuid("document"),
        "meta": {"profile": [format!("{PROFILES}DDCC{profile}Document")]},
        "identifier": {"system": URI, "value": parts.urn("document")},
        "type": "document",
        "timestamp": time(issue.issued_at),
        "link": [{"relation": "publication", "url": format!("urn:HCID:{id}")}],
        "entry": entries,
    }))
}

/// The members that are there.
fn members<const N: usize>(all: [(&str, Option<Value>); N]) -> Value {
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect::<Map<_, _>>().into()
}

fn coding(coding: &Coding) -> Value {
    members([
        ("system", coding.system.clone().map(Value::from)),
        ("code", coding.code.clone().map(Value::from)),
        ("display", coding.display.clone().map(Value::from)),
    ])
}

/// A concept; what has no code is a text.
fn concept(stated: &Coding) -> Value {
    match stated.code {
        Some(_) => json!({"coding": [coding(stated)]}),
        None => json!({"text": stated.words()}),
    }
}

fn identifier(identifier: &Identifier) -> Value {
    members([
        ("type", identifier.kind.as_ref().map(|kind| json!({"text": kind}))),
        ("system", identifier.system.clone().map(Value::from)),
        ("value", Some(identifier.value.clone().into())),
    ])
}

fn extension(name: &str, kind: &str, value: Option<Value>) -> Option<Value> {
    let value = value?;
    let mut extension = Map::new();
    extension.insert("url".to_owned(), format!("{PROFILES}{name}").into());
    extension.insert(kind.to_owned(), value);
    Some(Value::Object(extension))
}

fn patient(ddcc: &Ddcc) -> Value {
    members([
        ("identifier", ddcc.identifier.as_ref().map(|number| json!([identifier(number)]))),
        ("name", Some(json!([{"use": "official", "text": ddcc.name}]))),
        ("gender", ddcc.sex.clone().map(Value::from)),
        ("birthDate", ddcc.birth_date.clone().map(Value::from)),
    ])
}

fn missing(element: &'static str) -> DocumentError {
    DocumentError::Missing { element }
}

fn immunization(v: &Vaccination, parts: &Parts) -> Result<Value, DocumentError> {
    let vaccine = v.vaccine.as_ref().ok_or(missing("vaccination.vaccine"))?;
    let brand = v.brand.as_ref().ok_or(missing("vaccination.brand"))?;
    let country = v.country.as_ref().and_then(|country| country.code.clone()).ok_or(missing("vaccination.country"))?;
    let centre = v.centre.as_ref().ok_or(missing("vaccination.centre"))?;
    let lot = v.lot.as_ref().ok_or(missing("vaccination.lot"))?;
    let dose = v.dose.ok_or(missing("vaccination.dose"))?;
    let extensions: Vec<Value> = [
        extension("DDCCEventBrand", "valueCoding", Some(coding(brand))),
        extension("DDCCCountryOfEvent", "valueCode", Some(country.into())),
        extension("DDCCVaccineMarketAuthorization", "valueCoding", v.holder.as_ref().map(coding)),
        extension("DDCCVaccineValidFrom", "valueDate", v.valid_from.clone().map(Value::from)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let manufacturer = v.manufacturer.as_ref().map(|stated| match &stated.code {
        Some(code) => members([
            (
                "identifier",
                Some(members([
                    ("system", stated.system.clone().map(Value::from)),
                    ("value", Some(code.clone().into())),
                ])),
            ),
            ("display", stated.display.clone().map(Value::from)),
        ]),
        None => json!({"display": stated.words()}),
    });
    let protocol = members([
        ("authority", Some(parts.reference("issuer"))),
        ("targetDisease", v.disease.as_ref().map(|disease| json!([concept(disease)]))),
        ("doseNumberPositiveInt", Some(dose.into())),
        ("seriesDosesPositiveInt", v.total_doses.map(Value::from)),
    ]);
    let performer = v.practitioner.as_ref().map(|worker| json!([{"actor": {"identifier": identifier(worker)}}]));
    Ok(parts.entry(
        "event",
        "Immunization",
        "DDCCImmunization",
        members([
            ("extension", Some(extensions.into())),
            ("status", Some("completed".into())),
            ("vaccineCode", Some(concept(vaccine))),
            ("patient", Some(parts.reference("person"))),
            ("occurrenceDateTime", Some(v.date.clone().into())),
            ("location", Some(json!({"display": centre}))),
            ("manufacturer", manufacturer),
            ("lotNumber", Some(lot.clone().into())),
            ("performer", performer),
            ("protocolApplied", Some(json!([protocol]))),
        ]),
    ))
}

fn recommend(v: &Vaccination, day: &str, issue: Issue<'_>, parts: &Parts) -> Value {
    let vaccine = v.vaccine.as_ref().map(concept);
    let recommendation = members([
        ("vaccineCode", vaccine.map(|vaccine| json!([vaccine]))),
        (
            "forecastStatus",
            Some(json!({"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/immunization-recommendation-status", "code": "due"
            }]})),
        ),
        (
            "dateCriterion",
            Some(json!([{"code": {"coding": [{"system": system::LOINC, "code": "30980-7"}]}, "value": day}])),
        ),
        ("supportingImmunization", Some(json!([parts.reference("event")]))),
    ]);
    parts.entry(
        "recommendation",
        "ImmunizationRecommendation",
        "DDCCImmunizationRecommendation",
        json!({
            "patient": parts.reference("person"),
            "date": format!("{:.0}", issue.issued_at),
            "recommendation": [recommendation],
        }),
    )
}

fn observation(t: &Test, parts: &Parts) -> Result<Value, DocumentError> {
    let pathogen = t.pathogen.as_ref().ok_or(missing("test.pathogen"))?;
    let kind = t.kind.as_ref().ok_or(missing("test.type"))?;
    let country = t.country.as_ref().and_then(|country| country.code.clone()).ok_or(missing("test.country"))?;
    let result = t.result.as_ref().ok_or(missing("test.result"))?;
    let extensions: Vec<Value> = [
        extension("DDCCTestPathogen", "valueCoding", Some(coding(pathogen))),
        extension("DDCCEventBrand", "valueCoding", t.brand.as_ref().map(coding)),
        extension("DDCCTestManufacturer", "valueCoding", t.manufacturer.as_ref().map(coding)),
        extension("DDCCTestCentre", "valueCoding", t.centre.as_ref().map(coding)),
        extension("DDCCCountryOfEvent", "valueCode", Some(country.into())),
    ]
    .into_iter()
    .flatten()
    .collect();
    let laboratory =
        json!({"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"});
    Ok(parts.entry(
        "event",
        "Observation",
        "DDCCObservation",
        members([
            ("extension", Some(extensions.into())),
            ("status", Some("final".into())),
            ("category", Some(json!([{"coding": [laboratory]}]))),
            ("code", Some(concept(kind))),
            ("subject", Some(parts.reference("person"))),
            ("effectiveDateTime", Some(t.date.clone().into())),
            ("performer", Some(json!([parts.reference("issuer")]))),
            ("valueCodeableConcept", Some(concept(result))),
            ("method", t.origin.as_ref().map(concept)),
        ]),
    ))
}

fn document_reference(code: &QrCode<'_>, position: usize, issue: Issue<'_>, parts: &Parts) -> Value {
    let content = |format: &str, kind: &str, data: &[u8]| {
        json!({
            "attachment": {"contentType": kind, "data": BASE64_STANDARD.encode(data)},
            "format": {"system": format!("{CODES}DDCC-QR-Format-CodeSystem"), "code": format},
        })
    };
    let mut contents: Vec<Value> = code.png.map(|png| content("image", "image/png", png)).into_iter().collect();
    contents.push(content("serialized", "text/plain", code.text.as_bytes()));
    parts.entry(
        &format!("code {position}"),
        "DocumentReference",
        "DDCCDocumentReferenceQR",
        json!({
            "status": "current",
            "category": [{"coding": [{"system": format!("{CODES}DDCC-QR-Category-Usage-CodeSystem"), "code": code.usage}]}],
            "subject": parts.reference("person"),
            "date": format!("{:.0}", issue.issued_at),
            "authenticator": parts.reference("issuer"),
            "content": contents,
        }),
    )
}
