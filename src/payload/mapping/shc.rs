//! To a SMART Health Card: the FHIR R4 bundle of its vaccination and laboratory guides, minified as they ask.

use serde_json::{Value, json};

use super::{
    ConvertError, codes, elements,
    ledger::{Ledger, object, some, text},
    system,
};
use crate::payload::core::{CodeSystem, Coding, CoreDataSet, Event, LossKind, Test, Vaccination};

const PLACES: [&str; 16] = [
    "name",
    "birthDate",
    "sex",
    "identifier",
    "certificate.issuer",
    "certificate.period.start",
    "certificate.period.end",
    "vaccination.vaccine",
    "vaccination.brand",
    "vaccination.manufacturer",
    "vaccination.lot",
    "vaccination.date",
    "vaccination.centre",
    "test.type",
    "test.date",
    "test.result",
];

pub(super) fn write(core: &CoreDataSet, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let holder = &core.holder;
    let mut entries = vec![json!({"fullUrl": "resource:0", "resource": patient(core, ledger)?})];
    if holder.identifier_type.is_some() && holder.identifier.is_some() {
        ledger.lose("identifier", LossKind::Coarser);
    }
    if holder.standardised_name.is_some() {
        ledger.lose("name", LossKind::Coarser);
    }
    for (position, event) in core.events.iter().enumerate() {
        let resource = match event {
            Event::Vaccination(v) => vaccination(v, ledger)?,
            Event::Test(t) => test(t, ledger)?,
            Event::Recovery(_) => return Err(ledger.no_such_event("recovery")),
        };
        ledger.places(core, event, &[&PLACES[..], &["test.centre"]].concat());
        entries.push(json!({"fullUrl": format!("resource:{}", position + 1), "resource": resource}));
    }
    Ok(json!({"resourceType": "Bundle", "type": "collection", "entry": entries}))
}

fn patient(core: &CoreDataSet, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let holder = &core.holder;
    let whole = elements::whole_name(core).ok_or(ConvertError::NameMissing { target: ledger.target })?;
    let divided = holder.family.is_some() || holder.given.is_some();
    let name = object([
        ("text", text(whole).filter(|_| !divided)),
        ("family", some(&holder.family)),
        ("given", holder.given.as_ref().map(|given| json!([given]))),
    ]);
    let born = holder.birth_date.clone().filter(|born| born.parse::<crate::record::PartialDate>().is_ok());
    Ok(object([
        ("resourceType", text("Patient")),
        ("identifier", holder.identifier.as_ref().map(|value| json!([{"value": value}]))),
        ("name", Some(json!([name]))),
        ("gender", holder.sex.and_then(|sex| text(system::sex(sex)))),
        ("birthDate", some(&ledger.wanted("birthDate", born))),
    ]))
}

fn coding(coding: &Coding) -> Value {
    object([
        ("system", system::uri(coding).and_then(text)),
        ("code", text(&coding.code)),
        ("display", some(&coding.display)),
    ])
}

/// Kind and product stand side by side in one concept, codes only; a product without a code is its text.
fn vaccination(v: &Vaccination, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let date = ledger.required("vaccination.date", &v.date)?;
    let mut codings: Vec<&Coding> = Vec::new();
    for stated in [&v.vaccine, &v.brand].into_iter().flatten() {
        if stated.system != CodeSystem::Text && !codings.contains(&stated) {
            codings.push(stated);
        }
    }
    let mut values: Vec<Value> = codings.iter().map(|stated| coding(stated)).collect();
    // Readers of cards know CVX, SNOMED CT and ICD-11: one of them joins where the certificate has none.
    let known = |stated: &&Coding| matches!(stated.system, CodeSystem::Icd11 | CodeSystem::Cvx | CodeSystem::Snomed);
    if !codings.iter().any(known) {
        let translated = [&v.brand, &v.vaccine].into_iter().flatten().find_map(codes::vaccine_to_icd11);
        values.extend(translated.map(|to| coding(&Coding::new(CodeSystem::Icd11, to.code))));
    }
    let texts = [&v.brand, &v.vaccine].into_iter().flatten().find(|stated| stated.system == CodeSystem::Text);
    let concept = (!values.is_empty() || texts.is_some()).then(|| {
        object([
            ("coding", (!values.is_empty()).then(|| Value::Array(values.clone()))),
            ("text", texts.and_then(|stated| text(&stated.code))),
        ])
    });
    let manufacturer = v.manufacturer.as_ref().map(|stated| match system::uri(stated) {
        Some(uri) => json!({"identifier": {"system": uri, "value": stated.code}}),
        None => json!({"display": stated.code}),
    });
    Ok(object([
        ("resourceType", text("Immunization")),
        ("status", text("completed")),
        ("vaccineCode", ledger.wanted("vaccination.vaccine", concept)),
        ("manufacturer", manufacturer),
        ("patient", Some(json!({"reference": "resource:0"}))),
        ("occurrenceDateTime", text(date)),
        ("performer", v.centre.as_ref().map(|centre| json!([{"actor": {"display": centre}}]))),
        ("lotNumber", some(&v.lot)),
    ]))
}

fn test(t: &Test, ledger: &mut Ledger) -> Result<Value, ConvertError> {
    let date = ledger.required("test.date", &t.date)?;
    let concept = |stated: &Coding| match stated.system {
        CodeSystem::Text => json!({"text": stated.code}),
        _ => json!({"coding": [coding(stated)]}),
    };
    let kind = t.kind.as_ref().map(|stated| match codes::test_to_eu(stated).filter(|to| to.exact) {
        // Laboratories' guide: LOINC.
        Some(to) => json!({"coding": [{"system": system::LOINC, "code": to.code}]}),
        None => concept(stated),
    });
    let result = t.result.as_ref().map(|stated| match codes::detected(stated) {
        Some(true) => json!({"coding": [{"system": system::SNOMED, "code": "260373001"}]}),
        Some(false) => json!({"coding": [{"system": system::SNOMED, "code": "260415000"}]}),
        None => concept(stated),
    });
    Ok(object([
        ("resourceType", text("Observation")),
        ("status", text("final")),
        ("code", ledger.wanted("test.type", kind)),
        ("subject", Some(json!({"reference": "resource:0"}))),
        ("effectiveDateTime", text(date)),
        ("performer", t.centre.as_ref().map(|centre| json!([{"display": centre}]))),
        ("valueCodeableConcept", ledger.wanted("test.result", result)),
    ]))
}
