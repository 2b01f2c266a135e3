//! Tests of events that are many doses: a routine immunization registry as its package has it, and as a country
//! extends it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    record::DocumentKind,
    source::{
        assess::{Assessment, FacilityNames, Outcome},
        model::{AttributeValue, DataValue, Enrollment, Event, TrackedEntity},
        profile::{ProfileError, ProfileOverride},
    },
    valueset::dhis2::Dhis2Vaccines,
};

const YF: &str = "mH9watsYzvq";
const OPV0: &str = "no7SkAxepi7";
const OPV1: &str = "CfPM8lsEMzH";
const OPV2: &str = "sDORmAKh32v";
const IPV1: &str = "Fu83xQ4NKuQ";
const IPV2: &str = "NxVIX3mIhGt";
const MOPV: &str = "VkegZmJsUS8";
const NO_OPV: &str = "EYQp1U4tU9z";
const LOT: &str = "lotOfYellow";
const PRODUCT: &str = "productOfYF";
const STAMARIL: &str = "YellowFeverProductd8a09f80301dc05e124f99ffe7711fc0";
const DAKAR: &str = "a3K3X000006MihwUAC";
const IMOVAX: &str = "PolioVaccineInactivatedIProduct532ef986c8042bbb15fee24056fdc4ed";

fn assessor(changes: &str) -> Assessor {
    try_assessor(changes).unwrap()
}

fn try_assessor(changes: &str) -> Result<Assessor, ProfileError> {
    let text = format!("base = \"imm-eir-2.40\"\n{changes}\n");
    let over: ProfileOverride = toml::from_str(&text).unwrap();
    let mut profile = over.build(&Profile::default())?;
    profile.constants.country = Some("TG".into());
    profile.constants.issuer = Some("Ministry".into());
    let names: FacilityNames = Arc::new(|_| Some("Clinic".to_owned()));
    Assessor::new(profile, Arc::new(Dhis2Vaccines::built_in().clone()), names)
}

/// A country that added a batch, a product and a clinician for yellow fever.
const EXTENDED: &str = "[data_elements]\nclinician = \"clinicianId\"\n[antigens.yellow-fever]\n\
    lot = \"lotOfYellow\"\nexact = \"productOfYF\"\n[values.product]\nSTAMARIL = \
    \"YellowFeverProductd8a09f80301dc05e124f99ffe7711fc0\"\n[policy]\nlot_missing = \"refuse\"";

/// Asks for nothing but the ticks.
const LENIENT: &str = "[policy]\nlot_missing = \"allow\"\nproduct_missing = \"allow\"\nclinician_missing = \"allow\"";

fn event(uid: &str, day: &str, values: &[(&str, &str)]) -> Event {
    let value =
        |(element, value): &(&str, &str)| DataValue { data_element: (*element).into(), value: Some((*value).into()) };
    Event {
        event: uid.into(),
        program_stage: Some("s53RFfXA75f".into()),
        status: Some("COMPLETED".into()),
        occurred_at: Some(format!("{day}T00:00:00.000")),
        data_values: values.iter().map(value).collect(),
        ..Event::default()
    }
}

fn person(events: Vec<Event>) -> TrackedEntity {
    let attribute =
        |(uid, value): (&str, &str)| AttributeValue { attribute: uid.into(), code: None, value: Some(value.into()) };
    let attributes = [
        ("ENRjVGxVL6l", "Muster"),
        ("sB1IHYu2xQT", "Erika"),
        ("saFac1TKvwJ", "Maria"),
        ("NI0QRzJvQ0k", "2015-08-12"),
        ("oindugucx72", "FEMALE"),
        ("Ewi7FUfcHAD", "ID-1"),
        ("EpbquVl5OD6", "Muster"),
        ("ftFBu8mHZ4H", "Eva"),
    ];
    TrackedEntity {
        tracked_entity: "person00001".into(),
        attributes: attributes.into_iter().map(attribute).collect(),
        enrollments: vec![Enrollment {
            enrollment: "enrollment1".into(),
            program: Some("SSLpOM0r1U7".into()),
            status: Some("ACTIVE".into()),
            events,
            ..Enrollment::default()
        }],
        ..TrackedEntity::default()
    }
}

fn today() -> Date {
    "2026-11-22".parse().unwrap()
}

/// Each record by its key: product and dose, or its reasons.
fn short(assessment: &Assessment) -> BTreeMap<String, String> {
    let text = |outcome: &Outcome| match outcome.vaccination() {
        Some(r) => format!("{} {}/{}", r.product.id, r.dose, r.total_doses),
        None => {
            let mut codes: Vec<_> = outcome.reasons().iter().map(|r| r.code.as_str()).collect();
            codes.sort_unstable();
            codes.join(" ")
        }
    };
    let part = |a: &super::super::Assessed| a.part.as_ref().map(|p| format!("#{p}")).unwrap_or_default();
    assessment.records.iter().map(|a| (format!("{}{}", a.event, part(a)), text(&a.outcome))).collect()
}

fn outcomes(changes: &str, events: Vec<Event>) -> BTreeMap<String, String> {
    short(&assessor(changes).assess(&person(events), today()))
}

fn all<const N: usize>(expected: [(String, &str); N]) -> BTreeMap<String, String> {
    expected.into_iter().map(|(key, text)| (key, text.to_owned())).collect()
}

fn key(event: &str, part: &str) -> String {
    format!("{event}#{part}")
}

#[test]
fn one_event_is_many_records_each_with_its_own_key() {
    let visit = event("e1", "2026-01-15", &[(OPV1, "true"), (IPV1, "TRUE"), (YF, "false"), ("bpBUOvqy1Jn", "true")]);
    let assessment = assessor(LENIENT).assess(&person(vec![visit]), today());
    assert_eq!(
        short(&assessment),
        all([(key("e1", OPV1), "polio-oral-bivalent 1/3"), (key("e1", IPV1), "polio-inactivated 1/3")])
    );
    let record = assessment.records[0].outcome.record().unwrap();
    assert_eq!(record.provenance().event_uid(), "e1");
    assert_eq!(record.provenance().part(), assessment.records[0].part.as_deref());
    assert_eq!(assessment.unsaid.len(), 9, "every other rule of the profile");
    assert!(assessment.unsaid.iter().any(|u| u.key() == key("e1", YF)));
}

#[test]
fn the_package_alone_lacks_what_a_yellow_card_needs_and_says_so() {
    let found = outcomes("", vec![event("e1", "2026-01-15", &[(YF, "true")])]);
    assert_eq!(found, all([(key("e1", YF), "clinician-not-mapped lot-not-mapped product-not-mapped")]));
    let assessment = assessor("").assess(&person(vec![event("e1", "2026-01-15", &[(YF, "true")])]), today());
    for reason in assessment.records[0].outcome.reasons() {
        assert!(reason.remedy.contains("antigens") && reason.field.as_ref().unwrap().contains("yellow-fever"));
    }
    let found = outcomes(EXTENDED, vec![event("e1", "2026-01-15", &[(YF, "true")])]);
    assert_eq!(found, all([(key("e1", YF), "clinician-missing lot-missing product-missing")]));
}

#[test]
fn mapped_fields_make_a_complete_record() {
    let values = [(YF, "true"), (LOT, " YF-01 "), (PRODUCT, "stamaril"), ("clinicianId", "Dr A")];
    let assessment = assessor(EXTENDED).assess(&person(vec![event("e1", "2026-01-15", &values)]), today());
    let record = assessment.records[0].outcome.vaccination().unwrap();
    assert_eq!(record.product.who_product.as_deref(), Some(STAMARIL));
    assert_eq!((record.lot.as_deref(), record.clinician.as_deref()), (Some("YF-01"), Some("Dr A")));
    assert_eq!((record.dose, record.total_doses), (1, 1));
    assert_eq!(record.product.disease.code, "1D47");
    assert_eq!(record.person.name.given.as_deref(), Some("Erika Maria"));
    let document = record.person.document.as_ref().unwrap();
    assert_eq!((document.kind, document.number.as_str()), (DocumentKind::NationalId, "ID-1"));
    assert_eq!(record.person.guardian.as_deref(), Some("Eva Muster"));
    assert_eq!(record.person.nationality, None);
}

#[test]
fn details_may_stand_with_the_person_or_in_another_stage() {
    let mapped = "[attributes]\nnationality = \"otherNation\"\n[[given]]\ndata_element = \"mH9watsYzvq\"\n\
        lot = \"lotElsewher\"\nexact = \"productOfYF\"\nclinician = \"clinicianAt\"";
    let mut entity = person(vec![event("e1", "2026-01-15", &[(YF, "true"), (PRODUCT, DAKAR)])]);
    entity.attributes.push(AttributeValue { attribute: "clinicianAt".into(), code: None, value: Some("Dr B".into()) });
    let mut other = event("o1", "2026-01-02", &[("lotElsewher", "L1"), ("otherNation", "tgo")]);
    other.program_stage = Some("RcbCl5ww8XY".into());
    entity.enrollments[0].events.push(other.clone());
    let by = assessor(mapped);
    let assessment = by.assess(&entity, today());
    let record = assessment.records[0].outcome.vaccination().unwrap();
    assert_eq!((record.lot.as_deref(), record.clinician.as_deref()), (Some("L1"), Some("Dr B")));
    assert_eq!(record.person.nationality.unwrap().as_str(), "TG");
    assert_eq!(assessment.records.len(), 1, "the other stage holds no record of its own");

    // Two visits of the other stage that say different things say nothing.
    let mut second = other.clone();
    second.event = "o2".into();
    second.data_values[0].value = Some("L2".into());
    entity.enrollments[0].events.push(second);
    assert_eq!(short(&by.assess(&entity, today())), all([(key("e1", YF), "contradicting-values")]));
    // And what was deleted says nothing at all.
    entity.enrollments[0].events[1].deleted = true;
    entity.enrollments[0].events[2].deleted = true;
    assert_eq!(short(&by.assess(&entity, today())), all([(key("e1", YF), "lot-missing")]));
}

#[test]
fn the_product_that_the_country_used_depends_on_the_day() {
    let used = format!(
        "{LENIENT}\n[[antigens.yellow-fever.used]]\nproduct = \"{DAKAR}\"\nuntil = \"2020-12-31\"\n\
         [[antigens.yellow-fever.used]]\nproduct = \"{STAMARIL}\"\nfrom = \"2020-12-31\"\nuntil = \"2022-12-31\""
    );
    let by = assessor(&used);
    let on = |day: &str| {
        let assessment = by.assess(&person(vec![event("e", day, &[(YF, "true")])]), today());
        match assessment.records[0].outcome.vaccination() {
            Some(record) => record.product.who_product.clone().unwrap_or_else(|| record.product.id.clone()),
            None => assessment.records[0].outcome.reasons()[0].code.clone(),
        }
    };
    assert_eq!(on("2019-05-01"), DAKAR);
    assert_eq!(on("2021-05-01"), STAMARIL);
    assert_eq!(on("2020-12-31"), "vaccine-ambiguous");
    assert_eq!(on("2024-05-01"), "yellow-fever", "only the kind is known, and the policy allows that");
}

#[test]
fn a_wrong_product_is_refused() {
    let with = |code: &str| {
        let values = [(YF, "true"), (LOT, "L"), (PRODUCT, code), ("clinicianId", "Dr A")];
        outcomes(EXTENDED, vec![event("e", "2026-01-15", &values)]).into_values().next().unwrap()
    };
    assert_eq!(with("SOMETHING"), "vaccine-unknown");
    assert_eq!(with(IMOVAX), "vaccine-other-disease");
    assert_eq!(with("comirnaty"), "vaccine-other-disease");
    assert_eq!(with("yellow-fever"), "product-missing");
    let ipv = format!("{LENIENT}\n[antigens.polio-oral-bivalent]\nexact = \"productOfYF\"");
    let found = outcomes(&ipv, vec![event("e", "2026-01-15", &[(OPV1, "true"), (PRODUCT, IMOVAX)])]);
    assert_eq!(found, all([(key("e", OPV1), "product-other-kind")]));
}

#[test]
fn ticks_that_contradict_are_refused() {
    let one = |values: &[(&str, &str)]| {
        outcomes(LENIENT, vec![event("e", "2026-01-15", values)]).into_values().collect::<Vec<_>>()
    };
    assert_eq!(one(&[(OPV1, "true"), (NO_OPV, "1")]), ["given-and-not-given"]);
    assert_eq!(one(&[(YF, "perhaps")]), ["given-unreadable"]);
    assert_eq!(one(&[(YF, "true"), (YF, "false")]), ["contradicting-values"]);
    // Two doses of one series at one visit.
    assert_eq!(one(&[(IPV1, "true"), (IPV2, "true")]), ["doses-same-day"; 2]);
    // The birth dose is a series of its own.
    assert_eq!(one(&[(OPV0, "true"), (OPV1, "true")]), ["polio-oral-bivalent 1/3", "polio-oral-bivalent 1/1"]);
}

#[test]
fn doses_of_a_series_are_compared_over_all_visits() {
    let visit = |uid: &str, day: &str, element: &str| event(uid, day, &[(element, "true")]);
    let both = |a, b| outcomes(LENIENT, vec![a, b]).into_values().collect::<Vec<_>>();
    let (first, second) = ("2026-01-15", "2026-02-15");
    assert_eq!(both(visit("a", first, YF), visit("b", second, YF)), ["contradicting-doses"; 2]);
    assert_eq!(both(visit("a", first, YF), visit("b", first, YF)), ["yellow-fever 1/1", "duplicate-dose"]);
    assert_eq!(both(visit("a", second, OPV1), visit("b", first, OPV2)), ["dose-order"; 2]);
    // Campaigns repeat; twice on one day they do not.
    let campaign = "polio-oral-monovalent 1/1";
    assert_eq!(both(visit("a", first, MOPV), visit("b", second, MOPV)), [campaign; 2]);
    assert_eq!(both(visit("a", first, MOPV), visit("b", first, MOPV)), [campaign, "duplicate-dose"]);
    // Doses of different series have nothing to do with each other.
    assert_eq!(
        both(visit("a", second, OPV1), visit("b", first, IPV2)),
        ["polio-oral-bivalent 1/3", "polio-inactivated 2/3"]
    );
}

#[test]
fn what_is_no_dose_is_told_once() {
    let mut open = event("open", "2026-01-15", &[(YF, "true"), (OPV1, "true")]);
    open.status = Some("ACTIVE".into());
    let mut gone = event("gone", "2026-01-16", &[(YF, "true")]);
    gone.deleted = true;
    let other = event("other", "2026-01-17", &[("bpBUOvqy1Jn", "true"), (YF, "false")]);
    let empty = event("empty", "2026-01-18", &[]);
    let entity = person(vec![open, gone, other, empty]);
    let assessment = assessor(LENIENT).assess(&entity, today());
    assert_eq!(
        short(&assessment),
        all([
            (key("open", YF), "event-not-completed"),
            (key("open", OPV1), "event-not-completed"),
            ("gone".to_owned(), "event-deleted"),
            ("other".to_owned(), "no-dose-given"),
            ("empty".to_owned(), "event-empty"),
        ])
    );
    assert!(assessment.records.iter().any(|a| matches!(a.outcome, Outcome::Withdrawn(_)) && a.part.is_none()));
    assert!(assessment.unsaid.iter().all(|u| u.event != "gone"), "what is withdrawn is not reported again");
}

#[test]
fn the_guardian_of_a_minor_alone_is_shown() {
    let on = |day: &str| {
        let assessment = assessor(LENIENT).assess(&person(vec![event("e", day, &[(YF, "true")])]), today());
        assessment.records[0].outcome.vaccination().map(|r| r.person.guardian.is_some())
    };
    assert_eq!(on("2026-08-12"), Some(true));
    let adult = |birth: &str, day: &str| {
        let mut entity = person(vec![event("e", day, &[(YF, "true")])]);
        entity.attributes[3].value = Some(birth.into());
        let assessment = assessor(LENIENT).assess(&entity, today());
        assessment.records[0].outcome.vaccination().map(|r| r.person.guardian.is_none())
    };
    assert_eq!(adult("2008-01-15", "2026-01-15"), Some(true));
    assert_eq!(adult("2008-01-16", "2026-01-15"), Some(false));
}

#[test]
fn rules_that_cannot_be_used_are_refused_at_once() {
    let rule = |text: &str| try_assessor(&format!("[[given]]\n{text}")).unwrap_err();
    assert!(matches!(rule("data_element = \"x1\"\nproduct = \"nothing\"\ndose = 1"), ProfileError::Product { .. }));
    for wrong in [
        "data_element = \"x1\"\nproduct = \"yellow-fever\"",
        "data_element = \"x1\"\nproduct = \"yellow-fever\"\ndose = 10",
        "data_element = \"x#1\"\nproduct = \"yellow-fever\"\ndose = 1",
        "product = \"yellow-fever\"\ndose = 1",
        "data_element = \"x1\"\ndose = 1",
    ] {
        assert!(matches!(rule(wrong), ProfileError::Given { .. }), "{wrong}");
    }
    let used = "[[antigens.yellow-fever.used]]\nproduct = \"nothing\"";
    assert!(matches!(try_assessor(used), Err(ProfileError::Product { section: "antigens", .. })));
    let kind = "[antigens.yelow-fever]\nlot = \"x\"";
    assert!(matches!(try_assessor(kind), Err(ProfileError::Product { section: "antigens", .. })));
    let document = "[constants]\ndocument_kind = \"PASSPORT\"";
    assert!(matches!(try_assessor(document), Err(ProfileError::Constant { constant: "document_kind", .. })));
}

fn any_event() -> impl Strategy<Value = Event> {
    let value = prop_oneof![4 => Just("true"), 2 => Just("false"), 1 => Just("maybe"), 1 => Just("")];
    let element = prop_oneof![Just(YF), Just(OPV0), Just(OPV1), Just(IPV1), Just(IPV2), Just(MOPV), Just(NO_OPV)];
    let values = proptest::collection::vec((element, value), 0..5);
    let day = prop_oneof![Just("2026-01-15"), Just("2026-02-15"), Just("2027-01-01"), Just("nonsense")];
    let status = prop_oneof![5 => Just("COMPLETED"), 1 => Just("ACTIVE")];
    ("[a-e]", day, values, status, 0u8..10).prop_map(|(uid, day, values, status, odd)| {
        let mut event = event(&uid, day, &values);
        event.status = Some(status.into());
        event.deleted = odd == 0;
        event
    })
}

proptest! {
    #[test]
    fn the_order_of_the_input_never_matters(events in proptest::collection::vec(any_event(), 0..6), turn in 0usize..6) {
        let by = assessor(LENIENT);
        let entity = person(events);
        let mut turned = entity.clone();
        let events = &mut turned.enrollments[0].events;
        if !events.is_empty() {
            let by = turn % events.len();
            events.rotate_left(by);
        }
        events.iter_mut().for_each(|e| e.data_values.reverse());
        let assessment = by.assess(&entity, today());
        // A reversed pair of copies may differ in nothing but the order of its values.
        prop_assert_eq!(&by.assess(&turned, today()), &assessment);
        let keys: std::collections::BTreeSet<_> =
            assessment.records.iter().map(|a| (a.event.clone(), a.part.clone())).collect();
        prop_assert_eq!(keys.len(), assessment.records.len(), "each record has a key of its own");
        for record in assessment.records.iter().filter_map(|a| a.outcome.vaccination()) {
            prop_assert!(record.date <= today() && record.dose <= record.total_doses);
        }
    }
}
