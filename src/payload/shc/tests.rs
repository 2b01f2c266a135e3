use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    payload::core::{CodeSystem, Event},
    record::Sex,
};

fn patient() -> Value {
    json!({"fullUrl": "resource:0", "resource": {"resourceType": "Patient",
        "name": [{"family": "Anyperson", "given": ["John", "B."]}], "birthDate": "1951-01-20", "gender": "male"}})
}

fn dose() -> Value {
    json!({"fullUrl": "resource:1", "resource": {"resourceType": "Immunization", "status": "completed",
        "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}]},
        "patient": {"reference": "resource:0"}, "occurrenceDateTime": "2021-01-01",
        "performer": [{"actor": {"display": "ABC General Hospital"}}], "lotNumber": "0000001"}})
}

fn result() -> Value {
    json!({"fullUrl": "resource:2", "resource": {"resourceType": "Observation", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "94558-4"}]},
        "subject": {"reference": "resource:0"}, "effectiveDateTime": "2021-02-17T10:00:00+02:00",
        "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "260373001"}]},
        "performer": [{"display": "Lab"}]}})
}

fn card(entries: &[Value]) -> Value {
    json!({"iss": "https://a.example/issuer", "nbf": 1_622_576_398.924, "vc": {
        "type": ["https://smarthealth.cards#health-card", "https://smarthealth.cards#of-tomorrow"],
        "credentialSubject": {"fhirVersion": "4.0.1",
            "fhirBundle": {"resourceType": "Bundle", "type": "collection", "entry": entries}}}})
}

#[test]
fn a_time_that_is_no_date_is_no_event() {
    for (entry, member, stem) in
        [(1, "occurrenceDateTime", "occurrenceString"), (2, "effectiveDateTime", "effectivePeriod")]
    {
        let mut card = in_entry(entry, member, json!(null));
        card.pointer_mut(&format!("{ENTRY}/{entry}/resource")).unwrap()[stem] = json!("last summer");
        let reading = Reading::of(&card).unwrap();
        assert_eq!((reading.remarks.as_slice(), reading.card.others), (&[Remark::OtherResources][..], 1));
    }
}

/// A good card with one part of it changed; `null` takes the part away.
fn with(pointer: &str, value: Value) -> Value {
    let mut whole = card(&[patient(), dose(), result()]);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = whole.pointer_mut(parent).unwrap();
    match parent {
        Value::Object(members) if value.is_null() => {
            members.remove(name);
        }
        Value::Object(members) => {
            members.insert(name.to_owned(), value);
        }
        other => *other.pointer_mut(&format!("/{name}")).unwrap() = value,
    }
    whole
}

const ENTRY: &str = "/vc/credentialSubject/fhirBundle/entry";

fn in_entry(entry: usize, pointer: &str, value: Value) -> Value {
    with(&format!("{ENTRY}/{entry}/resource/{pointer}"), value)
}

#[test]
fn every_dose_and_result_comes_out() {
    let mut second = dose();
    second["resource"]["occurrenceDateTime"] = json!("2021-01-29");
    let Reading { card, remarks } = Reading::of(&card(&[patient(), dose(), second, result()])).unwrap();
    assert_eq!(remarks, []);
    assert_eq!(card.not_before.to_string(), "2021-06-01T19:39:58.924Z");
    assert_eq!((card.expires, card.rid.as_deref(), card.others), (None, None, 0));
    let core = to_core(&card);
    assert_eq!(core.holder.name, "John B. Anyperson");
    assert_eq!((core.holder.given.as_deref(), core.holder.sex), (Some("John B."), Some(Sex::Male)));
    assert_eq!(core.certificate.issuer.as_deref(), Some("https://a.example/issuer"));
    let [Event::Vaccination(first), Event::Vaccination(second), Event::Test(test)] = core.events.as_slice() else {
        panic!("three events")
    };
    assert_eq!(first.date.as_deref(), Some("2021-01-01"));
    assert_eq!(second.date.as_deref(), Some("2021-01-29"));
    let vaccine = first.vaccine.as_ref().unwrap();
    assert_eq!(
        (&vaccine.system, vaccine.code.as_str(), vaccine.words()),
        (&CodeSystem::Cvx, "207", "COVID-19, Moderna")
    );
    assert_eq!(first.disease.as_ref().unwrap().code, "RA01");
    assert_eq!((first.lot.as_deref(), first.centre.as_deref()), (Some("0000001"), Some("ABC General Hospital")));
    assert_eq!(test.result.as_ref().unwrap().words(), "positive");
    assert_eq!(test.centre.as_deref(), Some("Lab"));
}

#[test]
fn what_is_forgiven_is_told() {
    for (changed, remark) in [
        (in_entry(1, "meta", json!({"id": "x", "security": [{"code": "IAL1"}]})), Remark::NotMinimal),
        (in_entry(1, "meta", json!({"id": "x"})), Remark::NotMinimal),
        (in_entry(1, "id", json!("x")), Remark::NotMinimal),
        (in_entry(1, "vaccineCode/text", json!("x")), Remark::NotMinimal),
        (in_entry(1, "vaccineCode/coding/0/display", json!("x")), Remark::NotMinimal),
        (in_entry(1, "patient/reference", json!("Patient/1")), Remark::Reference),
        (in_entry(2, "subject", json!(null)), Remark::Reference),
        (in_entry(1, "occurrenceDateTime", json!("2021-01-01T10:00:00")), Remark::OddForm),
        (in_entry(0, "birthDate", json!("1951-01-20T00:00:00Z")), Remark::OddForm),
        (in_entry(1, "status", json!("not-done")), Remark::NotGiven),
        (in_entry(1, "status", json!("entered-in-error")), Remark::NotGiven),
        (in_entry(1, "isSubpotent", json!(true)), Remark::NotGiven),
        (in_entry(2, "status", json!("preliminary")), Remark::NotGiven),
        (
            in_entry(
                1,
                "vaccineCode",
                json!({"coding": [{"code": "no-known-immunizations",
            "system": "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"}]}),
            ),
            Remark::NotGiven,
        ),
        (in_entry(1, "vaccineCode", json!({"text": "Moderna"})), Remark::NotMinimal),
        (in_entry(2, "effectiveDateTime", json!(null)), Remark::OtherResources),
        (in_entry(2, "resourceType", json!("Condition")), Remark::OtherResources),
    ] {
        let reading = Reading::of(&changed).unwrap();
        assert_eq!(reading.remarks, [remark], "{changed}");
        let events = reading.card.immunizations.len() + reading.card.observations.len();
        let fewer = matches!(remark, Remark::NotGiven | Remark::OtherResources);
        assert_eq!(events, if fewer { 1 } else { 2 });
    }
    let security =
        in_entry(1, "meta", json!({"security": [{"system": "https://smarthealth.cards/ial", "code": "IAL2"}]}));
    assert_eq!(Reading::of(&security).unwrap().remarks, []);
}

/// What the cards of Quebec look like: capitals, a family name in a list, a protocol outside one, no addresses.
#[test]
fn the_cards_of_quebec_are_read() {
    let entries = json!([
        {"resource": {"resourceType": "Patient", "name": [{"family": ["Tremblay"], "given": ["Anne"]}],
            "birthDate": "1951-01-20", "gender": "Female"}},
        {"resource": {"resourceType": "Immunization", "status": "Completed",
            "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "208"}]},
            "patient": {"reference": "resource:0"}, "lotNumber": "L", "occurrenceDateTime": "2021-04-01T04:00:00+00:00",
            "location": {"reference": "resource:0", "display": "Stade"},
            "protocolApplied": {"doseNumber": 1, "targetDisease": {"coding": [{"code": "840536004"}]}},
            "note": [{"text": "PB COVID-19"}]}},
    ]);
    let Reading { card, remarks } = Reading::of(&with(ENTRY, entries)).unwrap();
    assert_eq!(remarks, [Remark::OddForm, Remark::Reference]);
    let core = to_core(&card);
    assert_eq!((core.holder.name.as_str(), core.holder.sex), ("Anne Tremblay", Some(Sex::Female)));
    let [Event::Vaccination(dose)] = core.events.as_slice() else { panic!("one dose") };
    assert_eq!((dose.dose, dose.centre.as_deref()), (Some(1), Some("Stade")));
}

#[test]
fn what_makes_no_card_is_refused_by_name() {
    let claim = |path, problem| ReadError::Claim { path, problem };
    let issuer = |problem| ReadError::Issuer { problem };
    for (changed, expected) in [
        (with("/iss", json!(null)), claim("iss", "is missing")),
        (with("/iss", json!("http://a.example")), issuer("does not begin with https://")),
        (with("/iss", json!("https://a.example/")), issuer("ends in a slash")),
        (with("/iss", json!("https://")), issuer("names no host")),
        (with("/iss", json!("https://a.example/x y")), issuer("has characters that an issuer's address has not")),
        (with("/iss", json!("https://a.example/?x")), issuer("has characters that an issuer's address has not")),
        (with("/nbf", json!(null)), claim("nbf", "is missing")),
        (with("/nbf", json!("1622576398")), claim("nbf", "is no number")),
        (with("/nbf", json!(1_618_554_442_496_i64)), ReadError::Time { path: "nbf" }),
        (with("/exp", json!(1_739_496_673_998_i64)), ReadError::Time { path: "exp" }),
        (with("/exp", json!(-1e300)), ReadError::Time { path: "exp" }),
        (with("/vc/type", json!(["https://smarthealth.cards#immunization"])), ReadError::Type),
        (with("/vc/type", json!("https://smarthealth.cards#health-card")), claim("vc.type", "is no list")),
        (with("/vc/rid", json!("a.b")), claim("vc.rid", "is not 1 to 24 characters of the base64url alphabet")),
        (
            with("/vc/rid", json!("a".repeat(25))),
            claim("vc.rid", "is not 1 to 24 characters of the base64url alphabet"),
        ),
        (with("/vc/credentialSubject/fhirVersion", json!("1.0.2")), ReadError::FhirVersion),
        (with("/vc/credentialSubject/fhirVersion", json!("4")), ReadError::FhirVersion),
        (with(ENTRY, json!([])), claim("vc.credentialSubject.fhirBundle", "has no entries")),
        (with(ENTRY, json!([patient(), patient()])), ReadError::SeveralPatients { count: 2 }),
    ] {
        assert_eq!(Reading::of(&changed), Err(expected), "{changed}");
    }
    assert!(Reading::of(&json!([])).is_err());
    assert!(Reading::of(&with(ENTRY, json!(vec![dose(); crate::limits::SHC_RESOURCES + 1]))).is_err());
}

#[test]
fn a_resource_without_its_meaning_is_refused_by_name() {
    for (changed, path) in [
        (in_entry(0, "name", json!([])), "name"),
        (in_entry(0, "name", json!([{"family": ""}])), "name"),
        (in_entry(0, "birthDate", json!("20-01-1951")), "birthDate"),
        (in_entry(0, "modifierExtension", json!([{"url": "x"}])), "modifierExtension"),
        (in_entry(1, "implicitRules", json!("x")), "implicitRules"),
        (in_entry(1, "status", json!("Partial")), "status"),
        (in_entry(1, "status", json!(null)), "status"),
        (in_entry(1, "vaccineCode", json!({})), "vaccineCode"),
        (in_entry(1, "vaccineCode", json!({"coding": []})), "vaccineCode"),
        (in_entry(1, "vaccineCode", json!({"coding": [{"system": "x"}]})), "vaccineCode"),
        (in_entry(1, "vaccineCode", json!({"coding": [{"code": "207", "cod": "208"}]})), "vaccineCode"),
        (in_entry(1, "occurrenceDateTime", json!(null)), "occurrenceDateTime"),
        (in_entry(1, "occurrenceDateTime", json!("01-01-2021")), "occurrenceDateTime"),
        (in_entry(1, "occurrenceDateTime", json!("2021-01-01T25:00:00")), "occurrenceDateTime"),
        (in_entry(1, "occurrenceDateTime", json!("2021-01T10:00:00Z")), "occurrenceDateTime"),
        (in_entry(1, "occurrenceString", json!("2021-01-02")), "occurrenceDateTime"),
        (in_entry(1, "lotNumber", json!(1)), "lotNumber"),
        (in_entry(1, "meta", json!({"security": [{"badKey": "IAL1"}]})), "meta.security"),
        (in_entry(2, "code", json!({})), "code"),
        (in_entry(2, "status", json!("done")), "status"),
        (in_entry(2, "effectiveDateTime", json!("noon")), "effectiveDateTime"),
        (in_entry(2, "valueString", json!("x")), "value"),
        (in_entry(2, "valueCodeableConcept", json!({})), "value"),
    ] {
        match Reading::of(&changed) {
            Err(ReadError::Resource { path: found, .. }) => assert_eq!(found, path, "{changed}"),
            other => panic!("{other:?} for {path}: {changed}"),
        }
    }
}

#[test]
fn a_card_of_nobody_and_a_panel_are_read() {
    let mut panel = result();
    panel["resource"].as_object_mut().unwrap().remove("valueCodeableConcept");
    let reading = Reading::of(&card(&[panel, dose()])).unwrap();
    assert_eq!(reading.card.patient, None);
    assert_eq!(reading.card.observations, []);
    assert_eq!(to_core(&reading.card).holder.name, "");
}

#[test]
fn names_are_taken_as_a_passport_has_them() {
    let named = |names: Value| to_core(&Reading::of(&in_entry(0, "name", names)).unwrap().card).holder.name;
    assert_eq!(named(json!([{"text": "Aulus Agerius"}])), "Aulus Agerius");
    assert_eq!(
        named(json!([{"use": "old", "text": "A"}, {"use": "official", "family": "B", "given": ["C", "D"]}])),
        "C D B"
    );
    assert_eq!(named(json!([{"use": "maiden", "text": "A"}, {"family": "B", "suffix": ["Jr."]}])), "B Jr.");
    assert_eq!(named(json!([{"use": "old", "text": "A"}])), "A");
}

#[test]
fn numbers_and_texts_are_results_too() {
    for (member, value, words) in [
        ("valueQuantity", json!({"value": 12.5, "unit": "mg/dL"}), "12.5 mg/dL"),
        ("valueQuantity", json!({"comparator": "<", "value": 3}), "<3"),
        ("valueString", json!("negative"), "negative"),
        ("valueBoolean", json!(true), "true"),
        ("valueRange", json!({"low": {"value": 1}}), "(\u{2026})"),
        ("valueCodeableConcept", json!({"text": "trace"}), "trace"),
    ] {
        let mut other = result();
        other["resource"].as_object_mut().unwrap().remove("valueCodeableConcept");
        other["resource"][member] = value;
        let core = to_core(&Reading::of(&card(&[patient(), other])).unwrap().card);
        let [Event::Test(test)] = core.events.as_slice() else { panic!("one event") };
        assert_eq!(test.result.as_ref().unwrap().words(), words);
    }
}

#[test]
fn nothing_of_the_holder_is_shown() {
    let shown = format!("{:?}", Reading::of(&card(&[patient(), dose(), result()])).unwrap());
    assert!(!shown.contains("Anyperson") && !shown.contains("0000001"), "{shown}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,8}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever stands in whichever place, the card is read or refused.
    #[test]
    fn any_part_may_be_anything(value in any_json(), place in any::<prop::sample::Index>()) {
        let places = [
            "/iss", "/nbf", "/exp", "/vc", "/vc/type", "/vc/rid", "/vc/credentialSubject/fhirVersion",
            "/vc/credentialSubject/fhirBundle", ENTRY, "/vc/credentialSubject/fhirBundle/entry/0/resource",
            "/vc/credentialSubject/fhirBundle/entry/0/resource/name",
            "/vc/credentialSubject/fhirBundle/entry/0/resource/identifier",
            "/vc/credentialSubject/fhirBundle/entry/1/resource/vaccineCode",
            "/vc/credentialSubject/fhirBundle/entry/1/resource/performer",
            "/vc/credentialSubject/fhirBundle/entry/1/resource/manufacturer",
            "/vc/credentialSubject/fhirBundle/entry/1/resource/protocolApplied",
            "/vc/credentialSubject/fhirBundle/entry/1/resource/meta",
            "/vc/credentialSubject/fhirBundle/entry/2/resource/valueCodeableConcept",
            "/vc/credentialSubject/fhirBundle/entry/2/resource/valueQuantity",
        ];
        let pointer: &&str = place.get(&places);
        if let Ok(reading) = Reading::of(&with(pointer, value)) {
            let _ = to_core(&reading.card);
        }
    }

    #[test]
    fn every_time_of_a_calendar_survives(seconds in 0_i64..250_000_000_000, millis in 0_i32..1000) {
        let time = format!("{seconds}.{millis:03}");
        let card = Reading::of(&with("/nbf", serde_json::from_str(&time).unwrap())).unwrap().card;
        prop_assert_eq!(card.not_before.as_millisecond(), seconds * 1000 + i64::from(millis));
    }
}
