//! Tests of the assessment: one journey a rule of the facts, and properties over arbitrary people.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::{
    record::PartialDate,
    source::{
        model::{AttributeValue, DataValue, Enrollment},
        policy::{BirthDateEstimated, BirthDateMissing, EarlierDoseMissing, NoteOrRefuse},
        profile::DoseCode,
    },
    valueset::Coding,
};

const VACCINE: &str = "bbnyNYD1wgS";
const DOSE: &str = "LUIsbsm3okG";
const TOTAL: &str = "PamkjF1JUnE";

fn coding(code: &str) -> Coding {
    Coding { system: "s".into(), code: code.into(), display: "d".into() }
}

/// Invented products: `two` doses, `one` dose, `unknown` series.
fn resolver(
    vaccine: Option<&str>,
    manufacturer: Option<&str>,
    _brand: Option<&str>,
) -> Result<Arc<VaccineProduct>, Refusal> {
    let id = vaccine.unwrap_or("").to_lowercase();
    let primary_doses = match id.as_str() {
        "two" | "other-two" | "flu" => Some(2),
        "one" => Some(1),
        "three" => Some(3),
        "unknown" => None,
        _ => return Err(Refusal::new("vaccine-unknown", None, "no such vaccine", "map it")),
    };
    Ok(Arc::new(VaccineProduct {
        disease: coding(if id == "flu" { "6142004" } else { "840539006" }),
        id,
        name: "n".into(),
        holder_name: manufacturer.unwrap_or("h").into(),
        icd11: None,
        eu: None,
        who_product: None,
        primary_doses,
        first_given: Some("2020-03-01".parse().unwrap()),
    }))
}

fn profile() -> Profile {
    let mut profile = Profile::by_name("covac-1.2.0").unwrap();
    profile.constants.country = Some("XX".into());
    profile.constants.issuer = Some("Ministry".into());
    profile
}

fn assessor(change: impl FnOnce(&mut Profile)) -> Assessor {
    let mut profile = profile();
    change(&mut profile);
    let names: FacilityNames = Arc::new(|uid| (uid == "clinic00001").then(|| "Clinic".to_owned()));
    Assessor::new(profile, Arc::new(resolver), names).unwrap()
}

fn today() -> Date {
    "2022-12-31".parse().unwrap()
}

fn value(element: &str, value: &str) -> DataValue {
    DataValue { data_element: element.into(), value: Some(value.into()) }
}

fn attribute(uid: &str, value: &str) -> AttributeValue {
    AttributeValue { attribute: uid.into(), code: None, value: Some(value.into()) }
}

/// A completed dose; an empty part is left out.
fn event(uid: &str, date: &str, vaccine: &str, dose: &str, total: &str) -> Event {
    let parts = [(VACCINE, vaccine), (DOSE, dose), (TOTAL, total), ("Yp1F4txx8tm", "LOT")];
    Event {
        event: uid.into(),
        program_stage: Some("a1jCssI2LkW".into()),
        status: Some("COMPLETED".into()),
        org_unit: Some("clinic00001".into()),
        occurred_at: (!date.is_empty()).then(|| format!("{date}T00:00:00.000")),
        data_values: parts.iter().filter(|(_, v)| !v.is_empty()).map(|(e, v)| value(e, v)).collect(),
        ..Event::default()
    }
}

fn enrollment(events: Vec<Event>) -> Enrollment {
    Enrollment {
        enrollment: "enrollment1".into(),
        program: Some("yDuAzyqYABS".into()),
        status: Some("ACTIVE".into()),
        events,
        ..Enrollment::default()
    }
}

fn person(events: Vec<Event>) -> TrackedEntity {
    TrackedEntity {
        tracked_entity: "person00001".into(),
        attributes: vec![
            attribute("ENRjVGxVL6l", "Muster"),
            attribute("sB1IHYu2xQT", "Erika"),
            attribute("NI0QRzJvQ0k", "1964-08-12"),
            attribute("oindugucx72", "FEMALE"),
        ],
        enrollments: vec![enrollment(events)],
        ..TrackedEntity::default()
    }
}

/// Each event in short: `2/2`, or its reasons, each in the order of the table's words.
fn short(assessment: &Assessment) -> BTreeMap<String, String> {
    let text = |outcome: &Outcome| match outcome {
        Outcome::Record(Record::Vaccination(r)) => format!("{}/{}", r.dose, r.total_doses),
        other => {
            let codes: BTreeSet<_> = other.reasons().iter().map(|r| r.code.as_str()).collect();
            codes.into_iter().collect::<Vec<_>>().join(" ")
        }
    };
    assessment.records.iter().map(|d| (d.event.clone(), text(&d.outcome))).collect()
}

/// Outcomes of events given as (date, vaccine, dose, total), in their order.
fn outcomes(events: &[(&str, &str, &str, &str)]) -> Vec<String> {
    outcomes_by(&assessor(|_| {}), events)
}

fn outcomes_by(assessor: &Assessor, events: &[(&str, &str, &str, &str)]) -> Vec<String> {
    let events = events
        .iter()
        .enumerate()
        .map(|(i, (date, vaccine, dose, total))| event(&format!("e{i}"), date, vaccine, dose, total));
    short(&assessor.assess(&person(events.collect()), today())).into_values().collect()
}

fn reasons(entity: &TrackedEntity, assessor: &Assessor) -> String {
    short(&assessor.assess(entity, today())).into_values().next().unwrap()
}

fn note_codes(assessment: &Assessment) -> Vec<String> {
    assessment.records.iter().flat_map(|d| &d.notes).map(|n| n.code.clone()).collect()
}

#[test]
fn a_complete_record_carries_everything() {
    let mut entity = person(vec![event("e1", "2021-05-01", "two", "DOSE1", "2.0")]);
    entity.attributes.push(attribute("Ewi7FUfcHAD", " 123 "));
    entity.updated_at = Some("2021-06-01".into());
    entity.enrollments[0].events[0].updated_at = Some("2021-05-02".into());
    entity.enrollments[0].events[0].data_values.extend([
        value("FFWcps4MfuH", "2021-07-01"),
        value("dEHqFKH1Ofy", "HW1"),
        value("rpkH9ZPGJcX", "maker"),
    ]);
    let assessment = assessor(|_| {}).assess(&entity, today());
    let record = assessment.records[0].outcome.vaccination().unwrap();
    assert_eq!(record.person.name.family.as_deref(), Some("Muster"));
    assert_eq!(record.person.birth_date, Some("1964-08-12".parse::<PartialDate>().unwrap()));
    assert_eq!(record.person.sex, Some(crate::record::Sex::Female));
    assert_eq!(record.person.identifier.as_deref(), Some("123"));
    assert_eq!((record.dose, record.total_doses, record.date.to_string().as_str()), (1, 2, "2021-05-01"));
    assert_eq!((record.lot.as_deref(), record.centre.as_deref()), (Some("LOT"), Some("Clinic")));
    assert_eq!((record.practitioner.as_deref(), record.product.holder_name.as_str()), (Some("HW1"), "maker"));
    assert_eq!(record.next_dose.unwrap().to_string(), "2021-07-01");
    assert_eq!((record.country.as_str(), record.issuer.as_str()), ("XX", "Ministry"));
    assert_eq!(record.provenance.updated_at.as_deref(), Some("2021-06-01"));
    assert!(assessment.records[0].notes.is_empty(), "{:?}", assessment.records[0].notes);
}

#[test]
fn primary_series_and_totals() {
    assert_eq!(outcomes(&[("2021-05-01", "two", "DOSE1", ""), ("2021-07-01", "two", "DOSE2", "2")]), ["1/2", "2/2"]);
    assert_eq!(outcomes(&[("2021-05-01", "one", "dose1", "")]), ["1/1"]);
    assert_eq!(outcomes(&[("2021-05-01", "two", "DOSE1", "many")]), ["1/2"]);
    assert_eq!(outcomes(&[("2021-05-01", "unknown", "DOSE1", "3")]), ["1/3"]);
    assert_eq!(outcomes(&[("2021-05-01", "unknown", "DOSE1", "")]), ["total-doses-unknown"]);
    assert_eq!(outcomes(&[("2021-05-01", "unknown", "DOSE2", "1")]), ["dose-exceeds-total"]);
    assert_eq!(outcomes(&[("2021-05-01", "two", "DOSE2", "1")]), ["dose-exceeds-total"]);
    assert_eq!(outcomes(&[("2021-05-01", "three", "DOSE3", "3")]), ["3/3"]);
}

#[test]
fn boosters_by_the_eu_rule() {
    let two = [("2021-05-01", "two", "DOSE1", "2"), ("2021-07-01", "two", "DOSE2", "2")];
    let with = |more: &[(&'static str, &'static str, &'static str, &'static str)]| outcomes(&[&two[..], more].concat());
    assert_eq!(with(&[("2022-01-01", "two", "BOOSTER", "2")])[2], "3/3");
    assert_eq!(with(&[("2022-01-01", "two", "DOSE3", "2")])[2], "3/3");
    assert_eq!(with(&[("2022-01-01", "two", "BOOSTER", "2"), ("2022-07-01", "two", "BOOSTER", "2")])[3], "4/4");
    assert_eq!(with(&[("2022-01-01", "two", "DOSE3", "2"), ("2022-07-01", "one", "BOOSTER", "")])[3], "4/4");

    let one = ("2021-05-01", "one", "DOSE1", "1");
    assert_eq!(outcomes(&[one, ("2022-01-01", "two", "BOOSTER", "2")]), ["1/1", "2/1"]);
    assert_eq!(outcomes(&[one, ("2022-01-01", "two", "DOSE2", "2")]), ["1/1", "2/1"]);
    assert_eq!(
        outcomes(&[one, ("2022-01-01", "one", "DOSE2", ""), ("2022-07-01", "two", "BOOSTER", "")]),
        ["1/1", "2/1", "3/1"]
    );
    // The second dose may be of a one-dose product without ending a two-dose series early.
    assert_eq!(outcomes(&[two[0], ("2021-07-01", "one", "DOSE2", "1")]), ["1/2", "2/2"]);
}

#[test]
fn a_booster_is_never_given_an_invented_number() {
    assert_eq!(outcomes(&[("2022-01-01", "two", "BOOSTER", "2")]), ["booster-without-primary"]);
    let half = [("2021-05-01", "two", "DOSE1", "1"), ("2022-01-01", "two", "BOOSTER", "")];
    assert_eq!(outcomes(&half), ["1/1", "booster-without-primary"]);
    // An earlier booster that is itself in doubt.
    let doubt = [
        ("2021-05-01", "one", "DOSE1", "1"),
        ("2021-11-01", "nonsense", "BOOSTER", ""),
        ("2022-05-01", "one", "BOOSTER", ""),
    ];
    assert_eq!(outcomes(&doubt), ["1/1", "vaccine-unknown", "booster-without-primary"]);
    // A primary dose after the booster, and a third dose after the booster that already is the third.
    let late = [
        ("2021-05-01", "two", "DOSE1", "2"),
        ("2021-06-01", "two", "BOOSTER", ""),
        ("2021-07-01", "two", "DOSE2", "2"),
    ];
    assert_eq!(outcomes(&late), ["1/2", "booster-without-primary dose-order", "dose-order"]);
    let third = [
        ("2021-05-01", "two", "DOSE1", "2"),
        ("2021-07-01", "two", "DOSE2", "2"),
        ("2022-01-01", "two", "BOOSTER", ""),
        ("2022-02-01", "two", "DOSE3", ""),
    ];
    assert_eq!(outcomes(&third), ["1/2", "2/2", "dose-order", "dose-order"]);
    let mut many = vec![("2021-01-01".to_owned(), "one", "DOSE1")];
    many.extend((1..=9).map(|i| (format!("2022-01-{i:02}"), "one", "BOOSTER")));
    let events: Vec<_> = many.iter().map(|(d, v, n)| (d.as_str(), *v, *n, "")).collect();
    assert_eq!(outcomes(&events)[8..], ["9/1", "dose-number-too-high"]);
}

#[test]
fn contradictions_of_a_series() {
    let first = ("2021-05-01", "two", "DOSE1", "2");
    assert_eq!(outcomes(&[first, first]), ["1/2", "duplicate-dose"]);
    assert_eq!(outcomes(&[first, ("2021-06-01", "two", "DOSE1", "2")]), ["contradicting-doses"; 2]);
    assert_eq!(outcomes(&[first, ("2021-05-01", "two", "DOSE2", "2")]), ["doses-same-day"; 2]);
    assert_eq!(outcomes(&[first, ("2021-04-01", "two", "DOSE2", "2")]), ["dose-order"; 2]);
    let boosters = [first, ("2021-07-01", "two", "DOSE2", "2"), ("2022-01-01", "two", "BOOSTER", "")];
    assert_eq!(outcomes(&[&boosters[..], &boosters[2..]].concat()), ["1/2", "2/2", "3/3", "duplicate-dose"]);
}

#[test]
fn the_copy_completed_later_is_the_duplicate() {
    let mut early = event("zzz", "2021-05-01", "two", "DOSE1", "2");
    early.completed_at = Some("2021-05-01T10:00:00.000".into());
    let mut late = event("aaa", "2021-05-01", "TWO", "DOSE1", "2");
    late.completed_at = Some("2021-05-03T10:00:00.000".into());
    let found = short(&assessor(|_| {}).assess(&person(vec![late, early]), today()));
    assert_eq!((found["zzz"].as_str(), found["aaa"].as_str()), ("1/2", "duplicate-dose"));
}

#[test]
fn doses_without_their_predecessor() {
    let second = [("2021-07-01", "two", "DOSE2", "2")];
    assert_eq!(outcomes(&second), ["2/2"]);
    let entity = person(vec![event("e", "2021-07-01", "two", "DOSE2", "2")]);
    assert_eq!(note_codes(&assessor(|_| {}).assess(&entity, today())), ["earlier-dose-not-recorded"]);
    let strict = assessor(|p| p.policy.earlier_dose_missing = EarlierDoseMissing::Refuse);
    assert_eq!(outcomes_by(&strict, &second), ["earlier-dose-missing"]);
}

#[test]
fn mixed_products_are_a_note_or_a_refusal() {
    let mixed = [("2021-05-01", "two", "DOSE1", "2"), ("2021-07-01", "other-two", "DOSE2", "2")];
    assert_eq!(outcomes(&mixed), ["1/2", "2/2"]);
    let strict = assessor(|p| p.policy.mixed_products = NoteOrRefuse::Refuse);
    assert_eq!(outcomes_by(&strict, &mixed), ["1/2", "mixed-products"]);
}

#[test]
fn every_fault_of_a_dose_is_collected() {
    assert_eq!(outcomes(&[("", "", "", "")]), ["date-missing dose-number-missing vaccine-missing"]);
    assert_eq!(
        outcomes(&[("2023-01-02", "nonsense", "DOSE9", "")]),
        ["date-in-future dose-number-unknown vaccine-unknown"]
    );
    assert_eq!(outcomes(&[("1950-01-01", "two", "DOSE1", "")]), ["date-before-birth date-before-product"]);
    assert_eq!(outcomes(&[("2021-02-30", "flu", "DOSE1", "")]), ["date-unreadable vaccine-other-disease"]);
}

#[test]
fn what_is_no_completed_dose() {
    let by = assessor(|_| {});
    for status in ["ACTIVE", "SCHEDULE", "OVERDUE", "SKIPPED", "VISITED", ""] {
        let mut entity = person(vec![event("e", "2021-05-01", "two", "DOSE1", "2")]);
        entity.enrollments[0].events[0].status = Some(status.into());
        assert_eq!(reasons(&entity, &by), "event-not-completed");
        if status == "ACTIVE" {
            let lenient = assessor(|p| p.policy.accept_statuses.push("ACTIVE".into()));
            assert_eq!(reasons(&entity, &lenient), "1/2");
        }
        entity.enrollments[0].events[0].data_values = vec![value(VACCINE, " ")];
        assert_eq!(reasons(&entity, &by), "event-empty event-not-completed");
    }
    let mut entity = person(vec![event("e", "2021-05-01", "two", "DOSE1", "2")]);
    let strict = assessor(|p| p.policy.require_completed_enrollment = true);
    assert_eq!(reasons(&entity, &strict), "enrollment-not-completed");
    entity.enrollments[0].status = Some("CANCELLED".into());
    assert_eq!(reasons(&entity, &by), "enrollment-cancelled");
}

#[test]
fn deletions_withdraw() {
    let by = assessor(|_| {});
    let withdrawn = |entity: &TrackedEntity| {
        let assessment = by.assess(entity, today());
        assert!(matches!(assessment.records[0].outcome, Outcome::Withdrawn(_)));
        assert_eq!(short(&assessment)["e"], "event-deleted");
        assessment.deleted
    };
    let base = person(vec![event("e", "2021-05-01", "two", "DOSE1", "2")]);
    let mut entity = base.clone();
    entity.deleted = true;
    assert!(withdrawn(&entity));
    let mut entity = base.clone();
    entity.enrollments[0].deleted = true;
    assert!(!withdrawn(&entity));
    let mut entity = base;
    entity.enrollments[0].events[0].deleted = true;
    withdrawn(&entity);
}

#[test]
fn other_programs_and_stages_are_no_records() {
    let mut entity = person(vec![event("e", "2021-05-01", "two", "DOSE1", "2")]);
    entity.enrollments[0].events[0].program_stage = Some("otherStage1".into());
    let mut other = enrollment(vec![event("f", "2021-05-01", "two", "DOSE1", "2")]);
    other.program = Some("otherProgra".into());
    entity.enrollments.push(other);
    assert!(assessor(|_| {}).assess(&entity, today()).records.is_empty());
}

#[test]
fn several_enrollments_are_one_person() {
    let mut entity = person(vec![event("e2", "2021-07-01", "two", "DOSE2", "2")]);
    entity.enrollments.push(enrollment(vec![event("e1", "2021-05-01", "two", "DOSE1", "2")]));
    // A page read twice brings an event again; the newer copy stands.
    let mut again = event("e1", "2021-05-02", "two", "DOSE1", "2");
    again.updated_at = Some("2021-08-01".into());
    entity.enrollments[1].events.push(again);
    let assessment = assessor(|_| {}).assess(&entity, today());
    assert_eq!(short(&assessment).into_values().collect::<Vec<_>>(), ["1/2", "2/2"]);
    assert_eq!(assessment.records[0].outcome.vaccination().unwrap().date.to_string(), "2021-05-02");
    assert!(note_codes(&assessment).is_empty());
}

#[test]
fn names() {
    let by = assessor(|p| p.attributes.family_latin = Field::uid("latin000001"));
    let with = |family: &str, given: &str| {
        let mut entity = person(vec![event("e", "2021-05-01", "two", "DOSE1", "2")]);
        entity.attributes[0].value = Some(family.into());
        entity.attributes[1].value = Some(given.into());
        entity
    };
    assert_eq!(reasons(&with("Muster", ""), &by), "1/2");
    assert_eq!(reasons(&with(" ", ""), &by), "name-missing");
    assert_eq!(reasons(&with("-", "Erika"), &by), "name-unreadable");
    assert_eq!(reasons(&with("Mus\tter", "Erika"), &by), "value-control-characters");
    assert_eq!(reasons(&with(&"x".repeat(1201), "Erika"), &by), "value-too-long");
    let mut entity = with("", "");
    entity.attributes.push(attribute("latin000001", "Muster"));
    assert_eq!(reasons(&entity, &by), "1/2");
    let mut entity = with("Muster", "Erika");
    entity.attributes.push(attribute("ENRjVGxVL6l", "Anders"));
    assert_eq!(reasons(&entity, &by), "contradicting-values");
    // Some servers put the attributes of the program into the enrollment.
    let mut entity = with("Muster", "Erika");
    entity.enrollments[0].attributes = std::mem::take(&mut entity.attributes);
    assert_eq!(reasons(&entity, &by), "1/2");
}

#[test]
fn dates_of_birth() {
    let with = |date: &str, estimated: bool| {
        let mut entity = person(vec![event("e", "2021-05-01", "two", "DOSE1", "2")]);
        entity.attributes[2].value = Some(date.into());
        if estimated {
            entity.attributes.push(attribute("Z1rLc1rVHK8", "true"));
        }
        entity
    };
    let born = |entity: &TrackedEntity, by: &Assessor| {
        let assessment = by.assess(entity, today());
        let date = assessment.records[0].outcome.vaccination().and_then(|r| r.person.birth_date).map(|d| d.to_string());
        date.unwrap_or_else(|| short(&assessment)["e"].clone())
    };
    let by = assessor(|_| {});
    assert_eq!(born(&with("1964-08-12T00:00:00.000", false), &by), "1964-08-12");
    assert_eq!(born(&with("1964-08-12", true), &by), "1964");
    assert_eq!(born(&with("", false), &by), "birth-date-missing");
    assert_eq!(born(&with("12.8.1964", false), &by), "birth-date-unreadable");
    assert_eq!(born(&with("1864-08-12", false), &by), "birth-date-implausible");
    assert_eq!(born(&with("2023-08-12", false), &by), "birth-date-implausible");
    // An estimate is compared as the year that it certifies.
    assert_eq!(born(&with("2021-12-31", true), &by), "2021");
    let refuse = assessor(|p| p.policy.birth_date_estimated = BirthDateEstimated::Refuse);
    assert_eq!(born(&with("1964-08-12", true), &refuse), "birth-date-estimated");
    let as_is = assessor(|p| p.policy.birth_date_estimated = BirthDateEstimated::AsIs);
    assert_eq!(born(&with("1964-08-12", true), &as_is), "1964-08-12");
    let allow = assessor(|p| p.policy.birth_date_missing = BirthDateMissing::Allow);
    assert_eq!(born(&with("", false), &allow), "1/2");
}

#[test]
fn marked_duplicates_and_too_many_events() {
    let mut entity = person(vec![event("e", "2021-05-01", "two", "DOSE1", "2")]);
    entity.potential_duplicate = true;
    assert_eq!(note_codes(&assessor(|_| {}).assess(&entity, today())), ["person-marked-duplicate"]);
    let strict = assessor(|p| p.policy.potential_duplicate = NoteOrRefuse::Refuse);
    assert_eq!(reasons(&entity, &strict), "potential-duplicate");
    entity.tracked_entity = " ".into();
    assert_eq!(reasons(&entity, &assessor(|_| {})), "person-unidentified");
    let events = (0..=EVENTS_PER_PERSON).map(|i| event(&format!("e{i}"), "2021-05-01", "two", "DOSE1", "2"));
    let assessment = assessor(|_| {}).assess(&person(events.collect()), today());
    assert_eq!(assessment.records.len(), EVENTS_PER_PERSON + 1);
    assert!(short(&assessment).values().all(|s| s == "too-many-events"));
}

#[test]
fn constants_stand_in_only_where_set() {
    let mut entity = person(vec![event("e", "2021-05-01", "two", "DOSE1", "2")]);
    entity.enrollments[0].events[0].org_unit = Some("elsewhere01".into());
    let plain = assessor(|_| {}).assess(&entity, today());
    assert_eq!(note_codes(&plain), ["facility-unknown"]);
    let set = assessor(|p| {
        p.constants.centre = Some("Centre".into());
        p.constants.manufacturer = Some("maker".into());
    });
    let assessment = set.assess(&entity, today());
    let record = assessment.records[0].outcome.vaccination().unwrap();
    assert_eq!((record.centre.as_deref(), record.product.holder_name.as_str()), (Some("Centre"), "maker"));
}

/// Mostly plausible values, so that the properties reach the deep rules, and some arbitrary ones.
fn any_event() -> impl Strategy<Value = Event> {
    let date = prop_oneof![
        6 => (1u8..=12, 1u8..=4).prop_map(|(m, d)| Some(format!("2021-{m:02}-{d:02}T00:00:00.000"))),
        1 => any::<Option<String>>(),
    ];
    let pick = |known: &'static [&'static str]| prop_oneof![8 => proptest::sample::select(known).prop_map(str::to_owned), 1 => any::<String>()];
    (
        pick(&["e1", "e2", "e3", "e4", "e5", "e6"]),
        date,
        pick(&["two", "one", "three", "unknown"]),
        pick(&["DOSE1", "DOSE2", "DOSE3", "BOOSTER"]),
        pick(&["", "1", "2"]),
        pick(&["COMPLETED", "COMPLETED", "COMPLETED", "ACTIVE"]),
        pick(&["a1jCssI2LkW", "a1jCssI2LkW", "a1jCssI2LkW", "GFeED6Pgnts"]),
        any::<(bool, bool, bool, bool)>(),
        proptest::option::of("[ab]"),
    )
        .prop_map(|(uid, date, vaccine, dose, total, status, stage, deleted, updated_at)| {
            let mut event = event(&uid, "", &vaccine, &dose, &total);
            event.occurred_at = date;
            event.status = Some(status);
            event.program_stage = Some(stage);
            event.deleted = deleted == (true, true, true, true);
            event.updated_at = updated_at;
            event
        })
}

fn any_person() -> impl Strategy<Value = TrackedEntity> {
    let events = proptest::collection::vec(any_event(), 0..5);
    let text = proptest::option::of(any::<String>());
    (proptest::collection::vec((events, 0u8..12), 0..3), any::<(bool, bool, bool, bool)>(), text, any::<bool>())
        .prop_map(|(enrollments, deleted, odd, sound)| {
            let mut entity = person(Vec::new());
            entity.deleted = deleted == (true, true, true, true);
            if !sound {
                for (attribute, _) in entity.attributes.iter_mut().zip(0..2) {
                    attribute.value.clone_from(&odd);
                }
            }
            entity.enrollments = enrollments
                .into_iter()
                .map(|(events, kind)| {
                    let mut enrollment = enrollment(events);
                    enrollment.deleted = kind == 0;
                    enrollment.status = Some(if kind == 1 { "CANCELLED" } else { "ACTIVE" }.into());
                    enrollment
                })
                .collect();
            entity
        })
}

proptest! {
    #[test]
    fn every_event_appears_once_in_any_order(entity in any_person(), turn in any::<usize>()) {
        let by = assessor(|_| {});
        let assessment = by.assess(&entity, today());

        let events = entity.enrollments.iter().flat_map(|e| &e.events);
        let of_stage = events.filter(|e| e.program_stage.as_deref() == Some("a1jCssI2LkW"));
        let (named, nameless): (Vec<_>, Vec<_>) = of_stage.partition(|e| !e.event.is_empty());
        let named: BTreeSet<_> = named.iter().map(|e| e.event.clone()).collect();
        let reported: Vec<_> = assessment.records.iter().map(|d| d.event.clone()).filter(|e| !e.is_empty()).collect();
        prop_assert_eq!(reported.len(), named.len());
        prop_assert_eq!(reported.into_iter().collect::<BTreeSet<_>>(), named);
        prop_assert_eq!(assessment.records.iter().filter(|d| d.event.is_empty()).count(), nameless.len());

        let mut turned = entity.clone();
        turned.enrollments.reverse();
        for enrollment in &mut turned.enrollments {
            let by = turn.checked_rem(enrollment.events.len()).unwrap_or(0);
            enrollment.events.rotate_left(by);
            enrollment.events.iter_mut().for_each(|e| e.data_values.reverse());
        }
        prop_assert_eq!(by.assess(&turned, today()), assessment);
    }

    #[test]
    fn certified_series_hold_together(entity in any_person()) {
        let assessment = assessor(|_| {}).assess(&entity, today());
        for dose in &assessment.records {
            match &dose.outcome {
                Outcome::Record(Record::Vaccination(r)) => {
                    prop_assert!((1..=9).contains(&r.dose) && (1..=9).contains(&r.total_doses));
                    prop_assert!(r.dose <= r.total_doses || r.total_doses == 1);
                    prop_assert!(r.date <= today());
                }
                other => prop_assert!(!other.reasons().is_empty()),
            }
        }
        // No number is certified twice, and higher numbers are later.
        let mut records: Vec<_> = assessment.records.iter().filter_map(|d| d.outcome.vaccination()).collect();
        records.sort_by_key(|r| r.date);
        prop_assert!(records.windows(2).all(|w| w[0].date < w[1].date && w[0].dose < w[1].dose));
    }

    #[test]
    fn reports_hold_no_personal_data(secret in "[A-Z]{12}", entity in any_person()) {
        let mut entity = entity;
        for attribute in &mut entity.attributes {
            attribute.value = Some(secret.clone());
        }
        let assessment = assessor(|_| {}).assess(&entity, today());
        let shown = format!("{assessment:?}");
        prop_assert!(!shown.contains(&secret));
    }
}

#[test]
fn the_profile_must_be_able_to_certify() {
    let names: FacilityNames = Arc::new(|_| None);
    let mut bare = Profile::by_name("covac-1.2.0").unwrap();
    assert!(matches!(
        Assessor::new(bare.clone(), Arc::new(resolver), names.clone()),
        Err(ProfileError::ConstantMissing { constant: "country", .. })
    ));
    bare.stage = String::new();
    assert!(matches!(Assessor::new(bare, Arc::new(resolver), names), Err(ProfileError::NotMapped { .. })));
    assert_eq!(profile().values.dose_code(" booster "), Some(DoseCode::Booster));
}
