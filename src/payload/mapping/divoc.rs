//! To a DIVOC credential, version 2 of the vaccination context: everything but its proof and the time of issue.

use serde_json::{Value, json};

use super::{
    ConvertError, codes, elements,
    ledger::{Ledger, object, some, text},
    system,
};
use crate::{
    payload::core::{Coding, CoreDataSet, Event, LossKind, Test, Vaccination},
    record::Sex,
};

const CREDENTIALS: &str = "https://www.w3.org/2018/credentials/v1";
const VACCINATION: &str = "https://cowin.gov.in/credentials/vaccination/v2";
const TEST: &str = "https://cowin.gov.in/credentials/testCertificate/v1";

const PLACES: [&str; 31] = [
    "name",
    "birthDate",
    "sex",
    "identifier",
    "nationality",
    "certificate.issuer",
    "certificate.hcid",
    "certificate.period.start",
    "certificate.period.end",
    "vaccination.vaccine",
    "vaccination.brand",
    "vaccination.manufacturer",
    "vaccination.disease",
    "vaccination.lot",
    "vaccination.date",
    "vaccination.validFrom",
    "vaccination.validTo",
    "vaccination.dose",
    "vaccination.totalDoses",
    "vaccination.country",
    "vaccination.centre",
    "vaccination.practitioner",
    "test.pathogen",
    "test.type",
    "test.brand",
    "test.manufacturer",
    "test.origin",
    "test.date",
    "test.resultDate",
    "test.result",
    "test.country",
];

pub(super) fn write(core: &CoreDataSet, event: &Event, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    ledger.only_one(core);
    let (context, kind, evidence) = match event {
        Event::Vaccination(v) => (VACCINATION, "ProofOfVaccinationCredential", vaccination(core, v, ledger)?),
        Event::Test(t) => (TEST, "ProofOfTestCertificateCredential", test(core, t, ledger)?),
        Event::Recovery(_) => return Err(ledger.no_such_event("recovery")),
    };
    ledger.places(core, event, &[&PLACES[..], &["test.centre"]].concat());
    let holder = &core.holder;
    let name = elements::whole_name(core).ok_or(ConvertError::NameMissing { target: ledger.target })?;
    if holder.family.is_some() || holder.given.is_some() || holder.standardised_name.is_some() {
        ledger.lose("name", LossKind::Coarser);
    }
    if holder.identifier.is_some() && holder.identifier_type.is_some() {
        ledger.lose("identifier", LossKind::Coarser);
    }
    let sex = holder.sex.map(|sex| match sex {
        Sex::Female => "Female",
        Sex::Male => "Male",
        Sex::Other => "Other",
    });
    // The subject is an IRI or it is not covered by a signature; a plain number has a member of its own.
    let address = holder.identifier.as_deref().is_some_and(is_iri);
    let born = holder.birth_date.as_deref().and_then(elements::day).map(|day| day.to_string());
    let subject = object([
        ("type", text("Person")),
        (if address { "id" } else { "refId" }, some(&holder.identifier)),
        ("name", text(name)),
        ("gender", sex.and_then(text)),
        ("dob", some(&ledger.wanted("birthDate", born))),
        ("nationality", some(&holder.nationality)),
    ]);
    let issuer = core.certificate.issuer.clone().filter(|issuer| is_iri(issuer));
    Ok(object([
        ("@context", Some(json!([CREDENTIALS, context]))),
        ("type", Some(json!(["VerifiableCredential", kind]))),
        ("credentialSubject", Some(subject)),
        ("issuer", some(&ledger.wanted("certificate.issuer", issuer))),
        ("evidence", Some(Value::Array(vec![evidence]))),
        ("nonTransferable", text("true")),
    ]))
}

/// Whether a text is an absolute IRI: a scheme, a colon, and no blank.
fn is_iri(text: &str) -> bool {
    let scheme = text.split_once(':').map(|(scheme, rest)| (scheme, !rest.is_empty()));
    let letters = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    };
    scheme.is_some_and(|(scheme, more)| more && letters(scheme)) && !text.contains(char::is_whitespace)
}

fn facility(name: &Option<String>, country: Option<&str>) -> Value {
    let code = country.map(|text| match elements::country(text).and_then(|country| country.alpha3()) {
        Some(code) => code.to_owned(),
        None => text.to_owned(),
    });
    object([("name", some(name)), ("address", code.map(|code| json!({"addressCountry": code})))])
}

fn vaccination(core: &CoreDataSet, v: &Vaccination, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let date = ledger.required("vaccination.date", &v.date)?;
    let icd11 = [&v.vaccine, &v.brand].map(|coding| coding.as_ref().and_then(codes::vaccine_to_icd11));
    let [by_vaccine, by_brand] = icd11;
    if v.vaccine.is_some() && by_vaccine.as_ref().is_none_or(|to| !to.exact) {
        ledger.lose("vaccination.vaccine", LossKind::Coarser);
    }
    let code = ledger.wanted("vaccination.vaccine", by_vaccine.or(by_brand).map(|to| to.code));
    let by_name = |element, coding: &Option<Coding>, ledger: &mut Ledger| {
        let coding = coding.as_ref()?;
        if coding.system != crate::payload::core::CodeSystem::Text {
            ledger.lose(element, LossKind::Coarser);
        }
        text(elements::words(coding))
    };
    let brand = by_name("vaccination.brand", &v.brand, ledger);
    let manufacturer = by_name("vaccination.manufacturer", &v.manufacturer, ledger);
    // The disease follows from the vaccine, where its code is one against COVID-19; there is no other place for it.
    let follows = code.as_deref().is_some_and(|code| codes::name_of(code).is_some());
    if v.disease.as_ref().is_some_and(|disease| !(follows && codes::is_covid_19(disease))) {
        ledger.lose("vaccination.disease", LossKind::NoPlace);
    }
    let kind = code.as_deref().and_then(codes::name_of);
    // The two dates say from when to when the dose counts, and where that is not told, the certificate.
    let start = v.valid_from.as_ref().or(core.certificate.valid_from.as_ref());
    let end = v.valid_to.as_ref().or(core.certificate.valid_until.as_ref());
    for (dose, certificate, element) in [
        (&v.valid_from, &core.certificate.valid_from, "certificate.period.start"),
        (&v.valid_to, &core.certificate.valid_until, "certificate.period.end"),
    ] {
        if dose.is_some() && certificate.is_some() && dose != certificate {
            ledger.lose(element, LossKind::NoPlace);
        }
    }
    Ok(object([
        ("certificateId", some(&ledger.wanted("certificate.hcid", core.certificate.id.clone()))),
        ("type", Some(json!(["Vaccination"]))),
        ("batch", some(&ledger.wanted("vaccination.lot", v.lot.clone()))),
        ("vaccine", ledger.wanted("vaccination.brand", brand)),
        ("manufacturer", manufacturer),
        ("icd11Code", some(&code)),
        ("prophylaxis", kind.and_then(text)),
        ("date", text(date)),
        ("effectiveStart", start.and_then(text)),
        ("effectiveUntil", end.and_then(text)),
        ("dose", ledger.wanted("vaccination.dose", v.dose).map(Value::from)),
        ("totalDoses", ledger.wanted("vaccination.totalDoses", v.total_doses).map(Value::from)),
        ("verifier", v.practitioner.as_ref().map(|name| json!({"name": name}))),
        ("facility", Some(facility(&v.centre, v.country.as_deref()))),
    ]))
}

fn test(core: &CoreDataSet, t: &Test, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let date = ledger.required("test.date", &t.date)?;
    for (there, element) in [
        (core.certificate.valid_from.is_some(), "certificate.period.start"),
        (core.certificate.valid_until.is_some(), "certificate.period.end"),
    ] {
        if there {
            ledger.lose(element, LossKind::NoPlace);
        }
    }
    let kind = t.kind.as_ref().and_then(codes::test_to_ichi);
    let kind = kind.and_then(|to| match to.code.as_str() {
        system::NAAT => Some("RT-PCR"),
        system::RAPID_ANTIGEN => Some("Rapid Antigen Test (RAT)"),
        _ => None,
    });
    let result = t.result.as_ref().and_then(codes::detected).map(|found| if found { "Positive" } else { "Negative" });
    let origin = t.origin.as_ref().map(|origin| match codes::origin_to_ichi(origin) {
        Some(to) => codes::name_of(&to.code).map_or_else(|| elements::words(origin), str::to_owned),
        None => elements::words(origin),
    });
    let disease = t.pathogen.as_ref().map(|pathogen| match codes::is_covid_19(pathogen) {
        true => "COVID-19".to_owned(),
        false => elements::words(pathogen),
    });
    let words = |coding: &Option<Coding>| coding.as_ref().map(elements::words);
    Ok(object([
        ("certificateId", some(&ledger.wanted("certificate.hcid", core.certificate.id.clone()))),
        ("type", Some(json!(["TestDetails"]))),
        ("testName", some(&words(&t.brand))),
        ("testType", ledger.wanted("test.type", kind).and_then(text)),
        ("manufacturer", some(&words(&t.manufacturer))),
        ("disease", ledger.wanted("test.pathogen", disease).and_then(text)),
        ("sampleOrigin", some(&origin)),
        ("sampleCollectionTimestamp", text(date)),
        ("resultTimestamp", some(&t.result_date)),
        ("result", ledger.wanted("test.result", result).and_then(text)),
        ("facility", Some(facility(&t.centre, t.country.as_deref()))),
    ]))
}
