//! Tests of laboratory results: one journey a rule, and the order of the input.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    source::{
        assess::{Assessment, FacilityNames},
        model::{AttributeValue, DataValue, Enrollment, Event, TrackedEntity},
        policy::SamplePairing,
        profile::{Profile, ProfileError},
    },
    valueset::dhis2::Dhis2Vaccines,
};

const KIND: &str = "D0RBm3alWd9";
const RESULT: &str = "ovY6E8BSdto";
const RESULT_DATE: &str = "Cl2I1H6Y3oj";
const SAMPLE_DATE: &str = "Q98LhagGLFj";

fn assessor(change: impl FnOnce(&mut Profile)) -> Assessor {
    try_assessor(change).unwrap()
}

fn try_assessor(change: impl FnOnce(&mut Profile)) -> Result<Assessor, ProfileError> {
    let mut profile = Profile::by_name("c19-cs-1.0.2").unwrap();
    profile.constants.country = Some("LK".into());
    profile.constants.issuer = Some("Ministry".into());
    profile.constants.sample_time = Some("12:00".into());
    profile.constants.utc_offset = Some("+05:30".into());
    change(&mut profile);
    let names: FacilityNames = std::sync::Arc::new(|_| Some("Laboratory".to_owned()));
    Assessor::new(profile, std::sync::Arc::new(Dhis2Vaccines::built_in().clone()), names)
}

fn event(uid: &str, stage: &str, day: &str, values: &[(&str, &str)]) -> Event {
    let values = values.iter().filter(|(_, value)| !value.is_empty());
    Event {
        event: uid.into(),
        program_stage: Some(stage.into()),
        status: Some("COMPLETED".into()),
        org_unit: Some("laboratory1".into()),
        occurred_at: Some(format!("{day}T00:00:00.000")),
        data_values: values
            .map(|(element, value)| DataValue { data_element: (*element).into(), value: Some((*value).into()) })
            .collect(),
        ..Event::default()
    }
}

fn sample(uid: &str, day: &str) -> Event {
    event(uid, "iR8O4hSLHnu", day, &[(KIND, "PCR"), (SAMPLE_DATE, day)])
}

fn result(uid: &str, day: &str, kind: &str, result: &str) -> Event {
    event(uid, "dDHkBd3X8Ce", day, &[(KIND, kind), (RESULT, result), (RESULT_DATE, day)])
}

fn person(enrollments: Vec<Vec<Event>>) -> TrackedEntity {
    let attributes = [("ENRjVGxVL6l", "Muster"), ("sB1IHYu2xQT", "Erika"), ("NI0QRzJvQ0k", "1964-08-12")];
    TrackedEntity {
        tracked_entity: "person00001".into(),
        attributes: attributes
            .iter()
            .map(|(uid, value)| AttributeValue { attribute: (*uid).into(), code: None, value: Some((*value).into()) })
            .collect(),
        enrollments: enrollments
            .into_iter()
            .enumerate()
            .map(|(i, events)| Enrollment {
                enrollment: format!("enrollment{i}"),
                program: Some("uYjxkTbwRNf".into()),
                status: Some("ACTIVE".into()),
                events,
                ..Enrollment::default()
            })
            .collect(),
        ..TrackedEntity::default()
    }
}

fn today() -> Date {
    "2021-12-31".parse().unwrap()
}

/// Each record by its key: what it says, or its reasons.
fn short(assessment: &Assessment) -> BTreeMap<String, String> {
    let text = |outcome: &Outcome| match outcome.record() {
        Some(Record::Test(t)) => format!("{:?} {:?} {}", t.kind, t.result, t.sampled_at),
        Some(Record::Recovery(r)) => format!("{} {}..{}", r.first_positive, r.valid_from, r.valid_until),
        Some(Record::Vaccination(_)) => "a dose".to_owned(),
        None => {
            let mut codes: Vec<_> = outcome.reasons().iter().map(|r| r.code.as_str()).collect();
            codes.sort_unstable();
            codes.join(" ")
        }
    };
    assessment
        .records
        .iter()
        .map(|a| (crate::record::Provenance::key(&a.event, a.part.as_deref()), text(&a.outcome)))
        .collect()
}

fn found(assessor: &Assessor, enrollments: Vec<Vec<Event>>) -> BTreeMap<String, String> {
    short(&assessor.assess(&person(enrollments), today()))
}

fn outcomes(enrollments: Vec<Vec<Event>>) -> BTreeMap<String, String> {
    found(&assessor(|_| {}), enrollments)
}

fn one(events: Vec<Event>) -> String {
    outcomes(vec![events]).remove("r").unwrap()
}

const NOON: &str = "Naat NotDetected 2021-03-01T06:30:00Z";

#[test]
fn a_complete_result_is_a_test() {
    let entity = person(vec![vec![sample("s", "2021-03-01"), result("r", "2021-03-02", "PCR", "NEGATIVE")]]);
    let assessment = assessor(|_| {}).assess(&entity, today());
    assert_eq!(short(&assessment), BTreeMap::from([("r".to_owned(), NOON.to_owned())]));
    let Some(Record::Test(test)) = assessment.records[0].outcome.record() else { panic!("no test") };
    assert_eq!(
        (test.centre.as_deref(), test.country.as_str(), test.issuer.as_str()),
        (Some("Laboratory"), "LK", "Ministry")
    );
    assert_eq!((test.name.as_deref(), test.device.as_deref()), (None, None));
    assert_eq!(assessment.unsaid.len(), 1, "it is no recovery");
}

#[test]
fn an_unknown_code_is_never_a_result() {
    let of = |kind: &str, code: &str| one(vec![sample("s", "2021-03-01"), result("r", "2021-03-02", kind, code)]);
    for (kind, code, reason) in [
        ("PCR", "INCONCLUSIVE", "test-inconclusive"),
        ("PCR", "INVALID", "test-invalid"),
        ("PCR", "UNKNOWN", "test-result-not-known"),
        ("PCR", "NOT_PERFORMED", "test-not-performed"),
        ("PCR", "", "test-result-missing"),
        ("PCR", "NEG", "test-result-unknown"),
        ("PCR", "not detected", "test-result-unknown"),
        ("SEROLOGY", "NEGATIVE", "test-type-serology"),
        ("WHOLE_GENOME_SEQUENCING", "POSITIVE", "test-type-sequencing"),
        ("", "NEGATIVE", "test-type-missing"),
        ("LAMP", "NEGATIVE", "test-type-unknown"),
        ("", "", "test-result-missing test-type-missing"),
    ] {
        assert_eq!(of(kind, code), reason, "{kind} {code}");
    }
    assert_eq!(of("naat", "negative"), NOON, "case does not count");
}

#[test]
fn the_sample_is_the_only_one_that_can_be_meant() {
    let r = || result("r", "2021-03-02", "PCR", "NEGATIVE");
    assert_eq!(one(vec![r()]), "sample-missing");
    assert_eq!(one(vec![sample("s", "2021-03-02"), r()]), "Naat NotDetected 2021-03-02T06:30:00Z");
    assert_eq!(one(vec![sample("s", "2021-03-03"), r()]), "sample-after-result");
    assert_eq!(one(vec![sample("a", "2021-03-01"), sample("b", "2021-03-03"), r()]), NOON);
    assert_eq!(one(vec![sample("a", "2021-03-01"), sample("b", "2021-02-28"), r()]), "sample-ambiguous");
    assert_eq!(one(vec![sample("a", "2021-03-01"), sample("b", "2021-03-01"), r()]), NOON, "one moment all the same");
    assert_eq!(one(vec![sample("s", "2021-01-30"), r()]), "sample-too-old");
    // A sample of another enrollment is of another case.
    let apart = outcomes(vec![vec![sample("s", "2021-03-01")], vec![r()]]);
    assert_eq!(apart["r"], "sample-missing");
    // Deleted samples are none; open ones are not certain.
    let mut gone = sample("s", "2021-03-01");
    gone.deleted = true;
    assert_eq!(one(vec![gone, r()]), "sample-missing");
    let mut open = sample("s", "2021-03-01");
    open.status = Some("ACTIVE".into());
    assert_eq!(one(vec![open, r()]), "sample-not-completed");
    // A sample without a legible date may be the one.
    let undated = event("u", "iR8O4hSLHnu", "2021-02-27", &[(KIND, "PCR")]);
    assert_eq!(one(vec![sample("s", "2021-03-01"), undated, r()]), "sample-undated");
    let odd = event("u", "iR8O4hSLHnu", "2021-02-27", &[(SAMPLE_DATE, "01/03/2021")]);
    assert_eq!(one(vec![sample("s", "2021-03-01"), odd, r()]), "sample-date-unreadable");
}

#[test]
fn requests_that_are_answered_in_order_may_be_paired_so() {
    let events = || {
        vec![
            sample("s1", "2021-03-01"),
            result("r1", "2021-03-02", "PCR", "NEGATIVE"),
            sample("s2", "2021-03-08"),
            result("r2", "2021-03-09", "PCR", "NEGATIVE"),
        ]
    };
    let strict = outcomes(vec![events()]);
    assert_eq!((strict["r1"].as_str(), strict["r2"].as_str()), (NOON, "sample-ambiguous"));
    let by = assessor(|p| p.policy.sample_pairing = SamplePairing::InOrder);
    let paired = found(&by, vec![events()]);
    assert_eq!((paired["r1"].as_str(), paired["r2"].as_str()), (NOON, "Naat NotDetected 2021-03-08T06:30:00Z"));
    // Two results of one day cannot tell which of two samples is whose.
    let mut events = events();
    events[1].data_values[2].value = Some("2021-03-09".into());
    let unclear = found(&by, vec![events]);
    assert_eq!((unclear["r1"].as_str(), unclear["r2"].as_str()), ("sample-ambiguous", "sample-ambiguous"));
}

#[test]
fn the_time_of_the_sample_is_recorded_or_configured_and_never_guessed() {
    let at = |by: &Assessor, time: &str| {
        let mut r = result("r", "2021-03-02", "PCR", "NEGATIVE");
        r.data_values.push(DataValue { data_element: SAMPLE_DATE.into(), value: Some(time.into()) });
        found(by, vec![vec![r]])["r"].clone()
    };
    let configured = assessor(|_| {});
    assert_eq!(at(&configured, "2021-03-01"), NOON);
    assert_eq!(at(&configured, "2021-03-01T09:30"), "Naat NotDetected 2021-03-01T04:00:00Z");
    let bare = assessor(|p| (p.constants.sample_time, p.constants.utc_offset) = (None, None));
    assert_eq!(at(&bare, "2021-03-01"), "sample-time-unknown");
    assert_eq!(at(&bare, "2021-03-01T09:30"), "sample-time-unknown", "without a zone it is no time");
    assert_eq!(at(&bare, "2021-03-01T09:30:00Z"), "Naat NotDetected 2021-03-01T09:30:00Z");
    assert_eq!(at(&configured, "March"), "sample-date-unreadable");
    assert_eq!(at(&configured, "2021-03-04"), "sample-after-result");
    assert_eq!(at(&configured, "2019-03-04"), "sample-before-tests sample-too-old");
    for wrong in ["noon", "25:00"] {
        assert!(matches!(
            try_assessor(|p| p.constants.sample_time = Some(wrong.into())),
            Err(ProfileError::Constant { constant: "sample_time", .. })
        ));
    }
    assert!(try_assessor(|p| p.constants.utc_offset = Some("IST".into())).is_err());
}

#[test]
fn a_positive_naat_is_a_recovery_too() {
    let positive = |uid: &str, day: &str| result(uid, day, "PCR", "POSITIVE");
    let all = outcomes(vec![vec![sample("s", "2021-03-01"), positive("r", "2021-03-02")]]);
    assert_eq!(all["r"], "Naat Detected 2021-03-01T06:30:00Z");
    assert_eq!(all["r#recovery"], "2021-03-01 2021-03-12..2021-08-28");
    // A day without a time is enough for a recovery.
    let bare = assessor(|p| p.constants.sample_time = None);
    let all = found(&bare, vec![vec![sample("s", "2021-03-01"), positive("r", "2021-03-02")]]);
    assert_eq!(
        (all["r"].as_str(), all["r#recovery"].as_str()),
        ("sample-time-unknown", "2021-03-01 2021-03-12..2021-08-28")
    );
    // Nothing else is one.
    let none = outcomes(vec![vec![sample("s", "2021-03-01"), result("r", "2021-03-02", "SEROLOGY", "POSITIVE")]]);
    assert_eq!(none.len(), 1);
    let off = assessor(|p| p.policy.recoveries = false);
    assert_eq!(found(&off, vec![vec![sample("s", "2021-03-01"), positive("r", "2021-03-02")]]).len(), 1);
    // Too early by a day, and not a day longer.
    let early = |day: &str| {
        let entity = person(vec![vec![sample("s", "2021-03-01"), positive("r", "2021-03-02")]]);
        short(&assessor(|_| {}).assess(&entity, day.parse().unwrap()))["r#recovery"].clone()
    };
    assert_eq!(early("2021-03-11"), "recovery-too-early");
    assert_eq!(early("2021-03-12"), "2021-03-01 2021-03-12..2021-08-28");
    // A sample in doubt is a recovery in doubt.
    let doubt = outcomes(vec![vec![sample("a", "2021-02-20"), sample("s", "2021-03-01"), positive("r", "2021-03-02")]]);
    assert_eq!(doubt["r#recovery"], "sample-ambiguous");
}

#[test]
fn one_infection_is_one_recovery() {
    let case = |i: usize, day: &str, known: &str| {
        vec![sample(&format!("s{i}"), day), result(&format!("r{i}"), known, "PCR", "POSITIVE")]
    };
    let cases = |second: (&str, &str)| {
        let all = outcomes(vec![case(1, "2021-03-01", "2021-03-02"), case(2, second.0, second.1)]);
        all.into_iter().filter(|(key, _)| key.ends_with("#recovery")).collect::<Vec<_>>()
    };
    let same = cases(("2021-05-30", "2021-05-31"));
    assert_eq!(same, [("r1#recovery".to_owned(), "2021-03-01 2021-03-12..2021-08-28".to_owned())]);
    let again = cases(("2021-05-31", "2021-06-01"));
    assert_eq!(again.len(), 2);
    assert_eq!(again[1].1, "2021-05-31 2021-06-11..2021-11-27");
    let entity = person(vec![case(1, "2021-03-01", "2021-03-02"), case(2, "2021-04-01", "2021-04-02")]);
    let assessment = assessor(|_| {}).assess(&entity, today());
    let notes: Vec<_> = assessment.records.iter().flat_map(|a| &a.notes).map(|n| n.code.as_str()).collect();
    assert_eq!(notes, ["recovery-over", "same-infection"]);
    assert_eq!(assessment.unsaid.iter().map(Unsaid::key).collect::<Vec<_>>(), ["r2#recovery"]);
    // A positive result in doubt that may have been first keeps the others from being called first.
    let mut unclear = case(1, "2021-03-01", "2021-03-02");
    unclear.push(sample("s3", "2021-02-27"));
    let all = outcomes(vec![unclear, case(2, "2021-03-20", "2021-03-21")]);
    assert_eq!(all["r1#recovery"], "sample-ambiguous");
    assert!(!all.contains_key("r2#recovery") && all.contains_key("r2"));
}

#[test]
fn results_that_contradict_or_repeat() {
    let both = |a: Event, b: Event| {
        let all = outcomes(vec![vec![sample("s", "2021-03-01"), a, b]]);
        (all["a"].clone(), all["b"].clone())
    };
    let (negative, day) = (|uid: &str| result(uid, "2021-03-02", "PCR", "NEGATIVE"), "2021-03-02");
    assert_eq!(
        both(negative("a"), result("b", day, "NAAT", "POSITIVE")),
        ("contradicting-tests".into(), "contradicting-tests".into())
    );
    assert_eq!(both(negative("a"), negative("b")), (NOON.into(), "duplicate-test".into()));
    let mut early = negative("b");
    early.completed_at = Some("2021-03-02T08:00:00.000".into());
    assert_eq!(both(negative("a"), early), ("duplicate-test".into(), NOON.into()));
    // A repeated test after one that gave no answer is no contradiction.
    assert_eq!(both(result("a", day, "PCR", "INCONCLUSIVE"), negative("b")), ("test-inconclusive".into(), NOON.into()));
}

#[test]
fn what_is_no_completed_result() {
    let by = assessor(|_| {});
    let with = |change: fn(&mut TrackedEntity)| {
        let mut entity = person(vec![vec![sample("s", "2021-03-01"), result("r", "2021-03-02", "PCR", "POSITIVE")]]);
        change(&mut entity);
        by.assess(&entity, today())
    };
    let open = with(|e| e.enrollments[0].events[1].status = Some("ACTIVE".into()));
    assert_eq!(short(&open), BTreeMap::from([("r".to_owned(), "event-not-completed".to_owned())]));
    assert_eq!(open.unsaid.len(), 1);
    let gone = with(|e| e.enrollments[0].events[1].deleted = true);
    assert!(matches!(gone.records[0].outcome, Outcome::Withdrawn(_)) && gone.unsaid.is_empty());
    let cancelled = with(|e| e.enrollments[0].status = Some("CANCELLED".into()));
    assert_eq!(short(&cancelled)["r"], "enrollment-cancelled");
    let nameless = with(|e| e.attributes.drain(..2).for_each(drop));
    assert_eq!(short(&nameless)["r"], "name-missing");
    assert_eq!(short(&nameless)["r#recovery"], "name-missing");
    let future = with(|e| e.enrollments[0].events[1].data_values[2].value = Some("2022-01-02".into()));
    assert_eq!(short(&future)["r"], "result-in-future sample-too-old");
    let unborn = with(|e| e.attributes[2].value = Some("2021-03-02".into()));
    assert_eq!(short(&unborn)["r"], "sample-before-birth");
}

#[test]
fn a_rapid_antigen_test_needs_a_device_of_the_list() {
    let by = assessor(|p| {
        p.lab.device = Field::uid("deviceOfTst");
        p.values.test_kind.insert("RDT".into(), LabKind::RapidAntigen);
    });
    let with = |device: &str, code: &str| {
        let mut r = result("r", "2021-03-02", "RDT", code);
        r.data_values.push(DataValue { data_element: "deviceOfTst".into(), value: Some(device.into()) });
        found(&by, vec![vec![sample("s", "2021-03-01"), r]])
    };
    assert_eq!(with("1232", "NEGATIVE")["r"], "RapidAntigen NotDetected 2021-03-01T06:30:00Z");
    assert_eq!(with("nothing", "NEGATIVE")["r"], "test-device-unknown");
    assert_eq!(with("", "NEGATIVE")["r"], "test-device-missing");
    assert_eq!(with("1232", "POSITIVE").len(), 1, "no recovery from an antigen test");
}

fn any_event() -> impl Strategy<Value = Event> {
    let day = || prop_oneof![Just("2021-03-01"), Just("2021-03-02"), Just("2021-06-20"), Just("2023-01-01"), Just("x")];
    let kind = prop_oneof![5 => Just("PCR"), 1 => Just("SEROLOGY"), 1 => Just("ODD")];
    let code = prop_oneof![3 => Just("POSITIVE"), 3 => Just("NEGATIVE"), 1 => Just("INVALID"), 1 => Just("NEGATIV")];
    ("[a-h]", any::<bool>(), day(), day(), kind, code, 0u8..12).prop_map(|(uid, lab, day, other, kind, code, odd)| {
        let mut event = if lab { result(&uid, day, kind, code) } else { sample(&format!("s{uid}"), other) };
        event.deleted = odd == 0;
        if odd == 1 {
            event.status = Some("ACTIVE".into());
        }
        event
    })
}

proptest! {
    #[test]
    fn the_order_of_the_input_never_matters_and_no_record_is_made_of_a_doubt(
        cases in proptest::collection::vec(proptest::collection::vec(any_event(), 0..5), 0..3),
        in_order in any::<bool>(),
    ) {
        let by = assessor(|p| if in_order { p.policy.sample_pairing = SamplePairing::InOrder });
        let entity = person(cases);
        let assessment = by.assess(&entity, today());
        let mut turned = entity.clone();
        turned.enrollments.reverse();
        for enrollment in &mut turned.enrollments {
            enrollment.events.reverse();
            enrollment.events.iter_mut().for_each(|e| e.data_values.reverse());
        }
        prop_assert_eq!(&by.assess(&turned, today()), &assessment);
        for assessed in &assessment.records {
            let of = entity.enrollments.iter().flat_map(|e| &e.events).filter(|e| e.event == assessed.event);
            match assessed.outcome.record() {
                Some(Record::Test(test)) => {
                    let wanted = if test.result == TestResult::Detected { "POSITIVE" } else { "NEGATIVE" };
                    prop_assert!(of.clone().any(|e| e.data_values.iter().any(|v| v.value.as_deref() == Some(wanted))));
                }
                Some(Record::Recovery(recovery)) => {
                    prop_assert!(recovery.valid_from <= today() && recovery.valid_from < recovery.valid_until);
                }
                Some(Record::Vaccination(_)) => prop_assert!(false, "a laboratory gives no doses"),
                None => prop_assert!(!assessed.outcome.reasons().is_empty()),
            }
        }
    }
}
