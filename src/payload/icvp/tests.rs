//! Cards of every generation written and read, judged, mapped and shown; and what is wrong with them named.

use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::{
    envelope::hcert::cbor::Value,
    payload::core::{CodeSystem, Event},
    record::{
        Country, DocumentKind, PartialDate, Person, PersonName, Provenance, Sex, TravelDocument, VaccinationRecord,
    },
    valueset::{DecisionTable, ValueSets},
};

const STAMARIL: &str = "YellowFeverProductd8a09f80301dc05e124f99ffe7711fc0";
const POLIO: &str = "a3K3X000006Mii6UAC";
const MALARIA: &str = "a3K3X000005atRtUAI";

fn sets() -> &'static ValueSets {
    ValueSets::built_in()
}

fn dose(product: &str) -> Dose {
    Dose {
        product: product.into(),
        date: date(2025, 10, 1),
        batch: "LOT123".into(),
        clinician: Some("Dr A Test".into()),
        issuer: Some("XXA".into()),
        valid_from: None,
        valid_until: None,
        early: None,
    }
}

fn sample(generation: Generation) -> Icvp {
    let late = generation == Generation::G3;
    let early = Early {
        trade_item: Some("1".into()),
        manufacturer: Some("Maker".into()),
        manufacturer_id: Some("25".into()),
        disease: Some("1D47".into()),
        dose: Some("Primary".into()),
    };
    Icvp {
        generation,
        name: "Jane Test".into(),
        birth_date: date(1990, 1, 31),
        sex: Some(StatedSex::Female),
        nationality: Some("TGO".into()),
        document_number: Some("P1234567".into()),
        document_kind: (generation != Generation::G1).then(|| "PPN".into()),
        guardian: None,
        version: late.then(|| TEMPLATE.into()),
        issued_on: None,
        dose: Dose {
            valid_from: (!late).then_some(date(2025, 10, 11)),
            early: (generation == Generation::G1).then_some(early),
            ..dose(if generation == Generation::G1 { "XM0N24" } else { STAMARIL })
        },
    }
}

fn read(card: &Icvp) -> Result<Reading, ReadError> {
    Reading::of(&Value::read(&card.to_cbor()).unwrap())
}

/// The sample of a generation as JSON, changed, and read from CBOR again.
fn changed(generation: Generation, change: impl FnOnce(&mut serde_json::Value)) -> Result<Reading, ReadError> {
    let mut json = sample(generation).to_json();
    change(&mut json);
    let mut bytes = Vec::new();
    ciborium::into_writer(&json, &mut bytes).unwrap();
    Reading::of(&Value::read(&bytes).unwrap())
}

#[test]
fn every_generation_is_told_by_its_shape_and_reads_back() {
    for generation in [Generation::G1, Generation::G2, Generation::G3] {
        let card = sample(generation);
        assert_eq!(read(&card), Ok(Reading { icvp: card, remarks: vec![] }), "{generation:?}");
    }
    let keys: Vec<String> = match Value::read(&sample(Generation::G3).to_cbor()).unwrap() {
        Value::Map(entries) => entries.iter().map(|(key, _)| key.as_text().unwrap().to_owned()).collect(),
        _ => panic!(),
    };
    assert_eq!(keys, ["n", "dob", "s", "nt", "id", "dt", "v", "vx"]);
    // The one example of G2 in the field has a map where the model has a list.
    let map = changed(Generation::G2, |json| json["v"] = json["v"][0].clone()).unwrap();
    assert_eq!((map.icvp.generation, map.remarks), (Generation::G2, vec![]));
    // Builds of G3 before and after the requirements.
    let earlier = changed(Generation::G3, |json| {
        let vx = json["vx"].as_object_mut().unwrap();
        let day = vx.remove("dv").unwrap();
        vx.insert("dt".into(), day);
    });
    let earlier = earlier.unwrap();
    assert_eq!((earlier.icvp.dose.date, earlier.remarks), (date(2025, 10, 1), vec![Remark::EarlierBuild]));
    let later = changed(Generation::G3, |json| json["d"] = "2025-10-02".into()).unwrap();
    assert_eq!((later.icvp.issued_on, later.remarks), (Some(date(2025, 10, 2)), vec![]));
}

/// Path and value to set; nothing removes the member.
type Change = (&'static str, serde_json::Value);

fn apply(json: &mut serde_json::Value, (path, value): Change) {
    let mut parts: Vec<&str> = path.split('.').collect();
    let last = parts.pop().unwrap();
    let mut at = json;
    for part in parts {
        at = match at {
            serde_json::Value::Array(items) => &mut items[part.parse::<usize>().unwrap()],
            other => &mut other[part],
        };
    }
    if value == serde_json::json!("(gone)") {
        assert!(at.as_object_mut().unwrap().remove(last).is_some(), "{path} was not there");
    } else {
        at[last] = value;
    }
}

#[test]
fn g3_is_read_to_the_letter() {
    use serde_json::json;
    let gone = || json!("(gone)");
    for (path, value) in [
        ("n", gone()),
        ("n", json!("")),
        ("n", json!(7)),
        ("n", json!("x".repeat(301))),
        ("n", json!("a\u{0}b")),
        ("dob", gone()),
        ("dob", json!("1990-01")),
        ("dob", json!("1990-02-30")),
        ("dob", json!("19900131")),
        ("s", gone()),
        ("nt", gone()),
        ("v", gone()),
        ("v", json!(1)),
        ("vx", gone()),
        ("vx", json!("x")),
        ("vx", json!([])),
        ("extra", json!("x")),
        ("ntl", json!("TGO")),
        ("vx.extra", json!("x")),
        ("vx.vls", json!("2025-10-11")),
        ("vx.ma", json!("Sanofi")),
        ("vx.tg", json!("1D47")),
        ("vx.vp", gone()),
        ("vx.dv", gone()),
        ("vx.dv", json!("2025-10-01T00:00:00Z")),
        ("vx.dt", json!("2025-10-01")),
        ("vx.bo", gone()),
        ("vx.bo", json!(" ")),
    ] {
        let wrong = changed(Generation::G3, |json| apply(json, (path, value.clone())));
        assert!(wrong.is_err(), "{path} = {value}");
    }
    let nobody = changed(Generation::G3, |json| {
        apply(json, ("vx.cn", gone()));
        apply(json, ("vx.is", gone()));
    });
    assert_eq!(nobody, Err(ReadError::NoAuthority));
    for key in ["vx.cn", "vx.is", "id", "dt"] {
        assert!(changed(Generation::G3, |json| apply(json, (key, gone()))).is_ok(), "{key}");
    }
    for (path, value, remark) in [
        ("s", json!("M"), Remark::SexSpelling),
        ("s", json!("X"), Remark::SexSpelling),
        ("nt", json!("TG"), Remark::NationalityAlpha2),
        ("nt", json!("Togolese"), Remark::UnknownNationality),
        ("vx.is", json!("Ministry of Health"), Remark::IssuerNotParticipant),
        ("n", json!(" Jane Test"), Remark::PaddedText),
        ("dob", json!("2025-10-02"), Remark::BornAfterDose),
    ] {
        let read = changed(Generation::G3, |json| apply(json, (path, value.clone()))).unwrap();
        assert_eq!(read.remarks, [remark], "{path} = {value}");
    }
    let x = changed(Generation::G3, |json| apply(json, ("s", json!("X")))).unwrap();
    assert_eq!(x.icvp.sex, Some(StatedSex::Unknown));
    assert!(changed(Generation::G3, |json| apply(json, ("nt", json!("XXA")))).unwrap().remarks.is_empty());
}

#[test]
fn the_earlier_generations_are_forgiven_what_their_tests_do() {
    use serde_json::json;
    let gone = || json!("(gone)");
    for (path, value, remark) in [
        ("v.0.extra", json!("x"), Remark::UnknownMember),
        ("extra", json!(1), Remark::UnknownMember),
        ("s", json!("M"), Remark::SexSpelling),
        ("ntl", json!("CL"), Remark::NationalityAlpha2),
        ("v.0.dt", json!("2025-10-01T08:00:00Z"), Remark::DateWithTime),
        ("v.0.is", json!("reference to organization"), Remark::IssuerNotParticipant),
    ] {
        let read = changed(Generation::G2, |json| apply(json, (path, value.clone()))).unwrap();
        assert_eq!((read.icvp.generation, read.remarks), (Generation::G2, vec![remark]), "{path} = {value}");
    }
    let bare = changed(Generation::G2, |json| {
        for path in ["s", "ntl", "nid", "ndt", "v.0.cn", "v.0.is", "v.0.vls"] {
            apply(json, (path, gone()));
        }
    });
    assert_eq!(bare.unwrap().remarks, [Remark::NoAuthority]);
    for (path, value) in [
        ("n", gone()),
        ("dob", gone()),
        ("dob", json!("1990")),
        ("v", gone()),
        ("v", json!([])),
        ("v", json!([1])),
        ("v", json!(1)),
        ("v.0.vp", gone()),
        ("v.0.dt", gone()),
        ("v.0.bo", gone()),
        ("v.0.vle", json!("soon")),
    ] {
        assert!(changed(Generation::G2, |json| apply(json, (path, value.clone()))).is_err(), "{path} = {value}");
    }
    let two = changed(Generation::G2, |json| {
        let first = json["v"][0].clone();
        json["v"].as_array_mut().unwrap().push(first);
    });
    assert_eq!(two, Err(ReadError::SeveralDoses { count: 2 }));
    let number = changed(Generation::G1, |json| apply(json, ("v.dn", json!(2)))).unwrap();
    assert_eq!(number.icvp.dose.early.unwrap().dose.as_deref(), Some("2"));
    for no_card in [json!({}), json!([]), json!("x"), json!({"n": "x"})] {
        let mut bytes = Vec::new();
        ciborium::into_writer(&no_card, &mut bytes).unwrap();
        assert!(Reading::of(&Value::read(&bytes).unwrap()).is_err(), "{no_card}");
    }
}

fn judged(card: &Icvp, today: &str) -> Outcome {
    decide(card, today.parse().unwrap(), sets()).outcome
}

#[test]
fn yellow_fever_counts_from_the_tenth_day_for_life() {
    let card = sample(Generation::G3);
    let from = date(2025, 10, 11);
    for (today, expected) in [
        ("2025-10-01", Outcome::NotValid(NotValid::TooRecent { from })),
        ("2025-10-10", Outcome::NotValid(NotValid::TooRecent { from })),
        ("2025-10-11", Outcome::Valid),
        ("2026-10-11", Outcome::Valid),
        ("2095-10-11", Outcome::Valid),
    ] {
        assert_eq!(judged(&card, today), expected, "{today}");
    }
    let medical = decide(&card, from, sets());
    assert_eq!((medical.table, medical.rule()), (Some(DecisionTable::YellowFever), Some(3)));
    assert_eq!((medical.valid_from, medical.valid_until, medical.dates_contradict), (Some(from), Until::Life, false));
    assert_eq!(medical.diseases, [("1D47".to_owned(), "Yellow fever".to_owned())]);
    assert_eq!(decide(&card, card.dose.date, sets()).rule(), Some(2));
    // The turn of the year and the leap day are days like others.
    let mut leap = card;
    leap.dose.date = date(2028, 2, 25);
    assert_eq!(decide(&leap, from, sets()).valid_from, Some(date(2028, 3, 6)));
}

#[test]
fn the_day_is_that_of_utc() {
    assert_eq!(day_of("2025-10-10T23:59:59Z".parse().unwrap()), date(2025, 10, 10));
    assert_eq!(day_of("2025-10-11T00:00:00+14:00".parse().unwrap()), date(2025, 10, 10));
    assert_eq!(day_of("2025-10-11T00:00:00Z".parse().unwrap()), date(2025, 10, 11));
}

#[test]
fn polio_has_no_days_of_its_own_and_obeys_those_of_its_issuer() {
    let mut card = sample(Generation::G2);
    card.dose = dose(POLIO);
    assert_eq!(judged(&card, "2025-10-01"), Outcome::Valid);
    let medical = decide(&card, date(2025, 10, 1), sets());
    assert_eq!((medical.table, medical.rule()), (Some(DecisionTable::Polio), Some(2)));
    assert_eq!((medical.valid_from, medical.valid_until), (Some(date(2025, 10, 1)), Until::NotStated));
    card.dose.valid_from = Some(date(2025, 10, 20));
    card.dose.valid_until = Some(date(2026, 9, 30));
    assert_eq!(judged(&card, "2025-10-19"), Outcome::NotValid(NotValid::NotYet { from: date(2025, 10, 20) }));
    assert_eq!(judged(&card, "2026-09-30"), Outcome::Valid);
    assert_eq!(judged(&card, "2026-10-01"), Outcome::NotValid(NotValid::Over { until: date(2026, 9, 30) }));
    let hexavalent = Icvp { dose: dose("DiphtheriaTetanusPertussProductd54558e2851d29311ee7f90975827dc7"), ..card };
    let medical = decide(&hexavalent, date(2025, 10, 1), sets());
    assert_eq!(
        (medical.outcome, medical.table, medical.diseases.len()),
        (Outcome::Valid, Some(DecisionTable::Polio), 6)
    );
}

#[test]
fn a_product_outside_the_catalogue_counts_for_nothing() {
    for unknown in ["YellowFeverProduct00000000000000000000000000000000", "XM0N24", "x"] {
        let card = Icvp { dose: dose(unknown), ..sample(Generation::G3) };
        assert_eq!(judged(&card, "2026-01-01"), Outcome::NotValid(NotValid::NotApproved), "{unknown}");
    }
    let malaria = decide(&Icvp { dose: dose(MALARIA), ..sample(Generation::G3) }, date(2026, 1, 1), sets());
    assert_eq!((malaria.outcome, malaria.table, malaria.rule()), (Outcome::Open(Open::NoTable), None, None));
    assert_eq!(malaria.product.unwrap().words(), "CYVAC");
}

#[test]
fn a_product_that_was_withdrawn_before_the_dose_counts_for_nothing() {
    let catalogue = format!(
        r#"{{"catalogue":"who-vaccine-products","version":"n","date":"2027-01-01","products":[
            {{"ids":[{{"id":"{STAMARIL}","since":"0.1.0"}}],"withdrawn":"2025-10-02"}}]}}"#
    );
    let later = sets().with([("n", catalogue.as_bytes())]).unwrap();
    let mut card = sample(Generation::G3);
    let today = date(2027, 1, 1);
    assert_eq!(decide(&card, today, &later).outcome, Outcome::Valid);
    card.dose.date = date(2025, 10, 2);
    let medical = decide(&card, today, &later);
    assert_eq!(medical.outcome, Outcome::NotValid(NotValid::ListingEnded { on: date(2025, 10, 2) }));
    assert_eq!(medical.rule(), Some(1));
}

#[test]
fn days_that_the_issuer_states_are_held_against_the_rule() {
    let mut card = sample(Generation::G2);
    assert!(!decide(&card, date(2026, 1, 1), sets()).dates_contradict);
    // As the one example of the field: it counts from the day of the dose, says its issuer.
    card.dose.valid_from = Some(card.dose.date);
    let medical = decide(&card, date(2025, 10, 5), sets());
    assert!(medical.dates_contradict);
    assert_eq!(medical.outcome, Outcome::NotValid(NotValid::TooRecent { from: date(2025, 10, 11) }));
    // A later start binds, an end does not: the protection is for life.
    card.dose.valid_from = Some(date(2025, 11, 1));
    card.dose.valid_until = Some(date(2025, 12, 1));
    assert_eq!(judged(&card, "2025-10-20"), Outcome::NotValid(NotValid::NotYet { from: date(2025, 11, 1) }));
    assert_eq!(judged(&card, "2030-01-01"), Outcome::Valid);
    assert!(decide(&card, date(2030, 1, 1), sets()).dates_contradict);
}

#[test]
fn the_first_generation_names_no_product_and_stays_open() {
    let mut card = sample(Generation::G1);
    let medical = decide(&card, date(2026, 1, 1), sets());
    assert_eq!((medical.outcome, medical.table), (Outcome::Open(Open::ClassOnly), Some(DecisionTable::YellowFever)));
    assert_eq!(medical.rule(), None);
    assert!(matches!(judged(&card, "2025-10-05"), Outcome::NotValid(NotValid::TooRecent { .. })));
    // A trade item that is a product of the catalogue says what the class does not.
    card.dose.early.as_mut().unwrap().trade_item = Some(STAMARIL.into());
    assert_eq!(judged(&card, "2026-01-01"), Outcome::Valid);
    let other = Early { disease: Some("RA01".into()), ..Early::default() };
    card.dose = Dose { early: Some(other), product: "871772009".into(), ..dose("x") };
    assert_eq!(
        (judged(&card, "2026-01-01"), decide(&card, date(2026, 1, 1), sets()).table),
        (Outcome::Open(Open::ClassOnly), None)
    );
}

#[test]
fn the_core_data_set_has_what_the_card_does_not_carry() {
    let core = to_core(&sample(Generation::G3), sets());
    let Event::Vaccination(v) = &core.events[0] else { panic!() };
    let vaccine = v.vaccine.as_ref().unwrap();
    assert_eq!((&vaccine.system, vaccine.code.as_str()), (&CodeSystem::Icd11, "XM3418"));
    assert_eq!(v.disease.as_ref().unwrap().words(), "Yellow fever");
    assert_eq!(v.manufacturer.as_ref().unwrap().words(), "Sanofi Pasteur");
    let brand = v.brand.as_ref().unwrap();
    assert_eq!((&brand.system, brand.code.as_str(), brand.words()), (&CodeSystem::WhoProduct, STAMARIL, "STAMARIL"));
    assert_eq!(
        (v.valid_from.as_deref(), v.valid_to.as_deref()),
        (Some("2025-10-11"), Some("life of person vaccinated"))
    );
    assert_eq!((v.lot.as_deref(), v.practitioner.as_deref()), (Some("LOT123"), Some("Dr A Test")));
    assert_eq!((core.holder.name.as_str(), core.holder.sex), ("Jane Test", Some(Sex::Female)));
    assert_eq!(
        (core.holder.identifier.as_deref(), core.holder.identifier_type.as_deref()),
        (Some("P1234567"), Some("PPN"))
    );
    assert_eq!((core.certificate.issuer.as_deref(), core.certificate.version.as_deref()), (Some("XXA"), Some("1")));
    let early = to_core(&sample(Generation::G1), sets());
    let Event::Vaccination(v) = &early.events[0] else { panic!() };
    assert_eq!(v.disease.as_ref().unwrap().words(), "Yellow fever");
    assert_eq!(v.manufacturer.as_ref().unwrap().words(), "Maker");
    assert_eq!(v.vaccine.as_ref().unwrap().system, CodeSystem::Icd11);
    let unknown = to_core(&Icvp { dose: dose("nobody's"), ..sample(Generation::G3) }, sets());
    let Event::Vaccination(v) = &unknown.events[0] else { panic!() };
    assert_eq!((v.brand.as_ref().unwrap().words(), &v.disease), ("nobody's", &None));
}

fn record() -> VaccinationRecord {
    VaccinationRecord {
        provenance: Provenance {
            tracked_entity: "person".into(),
            event: "event".into(),
            updated_at: None,
            facility: None,
        },
        person: Person {
            name: PersonName {
                family: Some("Mensah".into()),
                given: Some("Aku\u{308}le\u{300}".into()),
                ..PersonName::default()
            },
            birth_date: Some(PartialDate::Day(date(1990, 1, 31))),
            sex: Some(Sex::Female),
            identifier: Some("never on a card".into()),
            nationality: Some("TG".parse().unwrap()),
            document: Some(TravelDocument { kind: DocumentKind::Passport, number: "P1234567".into() }),
            guardian: None,
        },
        product: Arc::new(sets().who_product(STAMARIL).unwrap().to_product(STAMARIL)),
        lot: Some(" LOT\t123 ".into()),
        date: date(2019, 5, 2),
        dose: 1,
        total_doses: 1,
        country: "TG".parse().unwrap(),
        centre: Some("Clinic".into()),
        practitioner: Some("HW-17".into()),
        clinician: Some("Dr Afi Test".into()),
        next_dose: None,
        issuer: "Ministry of Health".into(),
    }
}

fn today() -> Date {
    date(2026, 3, 1)
}

fn mapped(change: impl FnOnce(&mut VaccinationRecord)) -> Result<Icvp, MapError> {
    let mut record = record();
    change(&mut record);
    card(&record, today(), &CardOptions::default(), sets())
}

#[test]
fn a_record_becomes_a_card() {
    let made = mapped(|_| {}).unwrap();
    assert_eq!(
        made.to_json(),
        serde_json::json!({
            "n": "Akülè Mensah", "dob": "1990-01-31", "s": "female", "nt": "TGO", "id": "P1234567", "dt": "PPN", "v": "1",
            "vx": {"vp": STAMARIL, "dv": "2019-05-02", "cn": "Dr Afi Test", "is": "TGO", "bo": "LOT 123"},
        })
    );
    assert_eq!(read(&made), Ok(Reading { icvp: made, remarks: vec![] }));
    let g2 = CardOptions { generation: Generation::G2, participant: Some("XTG".into()), ..CardOptions::default() };
    let made = card(&record(), today(), &g2, sets()).unwrap();
    assert_eq!(
        made.to_json(),
        serde_json::json!({
            "n": "Akülè Mensah", "dob": "1990-01-31", "s": "female", "ntl": "TGO", "nid": "P1234567", "ndt": "PPN",
            "v": [{"vp": STAMARIL, "dt": "2019-05-02", "cn": "Dr Afi Test", "is": "XTG", "bo": "LOT 123", "vls": "2019-05-12"}],
        })
    );
    assert_eq!(read(&made), Ok(Reading { icvp: made, remarks: vec![] }));
}

#[test]
fn what_is_missing_is_named() {
    let missing = |wire| {
        move |error: MapError| assert!(matches!(error, MapError::Missing { wire: w, .. } if w == wire), "{error}")
    };
    missing("bo")(mapped(|r| r.lot = None).unwrap_err());
    missing("bo")(mapped(|r| r.lot = Some(" ".into())).unwrap_err());
    missing("s")(mapped(|r| r.person.sex = None).unwrap_err());
    missing("nt")(mapped(|r| r.person.nationality = None).unwrap_err());
    missing("dob")(mapped(|r| r.person.birth_date = None).unwrap_err());
    missing("n")(mapped(|r| r.person.name = PersonName::default()).unwrap_err());
    missing("gn")(mapped(|r| r.person.birth_date = Some(PartialDate::Day(date(2010, 1, 1)))).unwrap_err());
    assert_eq!(mapped(|r| r.person.birth_date = Some(PartialDate::Month(1990, 1))), Err(MapError::PartialBirthDate));
    let no_country = |r: &mut VaccinationRecord| {
        r.clinician = None;
        r.country = "ZZ".parse().unwrap();
    };
    missing("cn, is")(mapped(no_country).unwrap_err());
    let g2 = CardOptions { generation: Generation::G2, ..CardOptions::default() };
    let mut bare = record();
    (bare.person.sex, bare.person.nationality, bare.person.document) = (None, None, None);
    bare.person.birth_date = Some(PartialDate::Day(date(2015, 1, 1)));
    assert!(card(&bare, today(), &g2, sets()).is_ok());
}

#[test]
fn what_is_wrong_is_named() {
    let product = |id: Option<&str>| {
        let mut product = sets().who_product(STAMARIL).unwrap().to_product(STAMARIL);
        product.who_product = id.map(str::to_owned);
        mapped(|r| r.product = Arc::new(product)).unwrap_err()
    };
    assert!(matches!(product(None), MapError::NoProductId { .. }));
    assert!(matches!(product(Some("nobody's")), MapError::UnknownProduct { .. }));
    assert!(matches!(product(Some(MALARIA)), MapError::OtherDisease { .. }));
    assert!(matches!(mapped(|r| r.date = date(2026, 3, 2)), Err(MapError::DoseAfterIssue { .. })));
    assert!(matches!(mapped(|r| r.date = date(1989, 3, 2)), Err(MapError::BornAfterDose { .. })));
    assert!(matches!(mapped(|r| r.clinician = Some("д-р Иванов".into())), Err(MapError::NotLatin { wire: "cn", .. })));
    assert!(matches!(mapped(|r| r.lot = Some("x".repeat(301))), Err(MapError::TooLong { wire: "bo", .. })));
    let at = |day| card(&record(), day, &CardOptions::default(), sets());
    assert_eq!(at(date(2025, 9, 18)), Err(MapError::BeforeFirstIssue { date: date(2025, 9, 18) }));
    assert!(at(date(2025, 9, 19)).is_ok());
    let g1 = CardOptions { generation: Generation::G1, ..CardOptions::default() };
    assert_eq!(card(&record(), today(), &g1, sets()), Err(MapError::Generation));
    let spaced = CardOptions { participant: Some("Ministry of Health".into()), ..CardOptions::default() };
    assert!(matches!(card(&record(), today(), &spaced, sets()), Err(MapError::Participant { .. })));
    // No error tells anything about the person.
    let text = mapped(|r| r.person.guardian = Some("Секрет".into())).unwrap_err().to_string();
    assert!(!text.contains("Секрет"));
}

#[test]
fn names_and_ids_are_written_as_documents_have_them() {
    let named = |name: PersonName| mapped(|r| r.person.name = name).map(|card| card.name);
    let native = |family: &str, given: &str| PersonName {
        family: Some(family.into()),
        given: Some(given.into()),
        ..PersonName::default()
    };
    assert_eq!(named(native("محمد", "علي")).as_deref(), Ok("ELY MXHMD"));
    let mapped_name = PersonName { family_latin: Some("Mohammed".into()), ..native("محمد", "Ali") };
    assert_eq!(named(mapped_name).as_deref(), Ok("Ali Mohammed"));
    assert!(matches!(named(native("ວົງສາ", "Kham")), Err(MapError::Name(_))));
    assert_eq!(named(PersonName { family: Some("Suharto".into()), ..PersonName::default() }).as_deref(), Ok("Suharto"));
    // Capital letters do not matter in the code system; the card has them as WHO does.
    let lower = mapped(|r| {
        let product = Arc::make_mut(&mut r.product);
        product.who_product = Some(STAMARIL.to_lowercase());
    });
    assert_eq!(lower.unwrap().dose.product, STAMARIL);
    let child = mapped(|r| {
        r.person.birth_date = Some(PartialDate::Day(date(2018, 1, 1)));
        r.person.guardian = Some("Kossi Mensah".into());
    });
    assert_eq!(child.unwrap().guardian.as_deref(), Some("Kossi Mensah"));
    // Eighteen on the day of issue is of age.
    let birthday = |day| mapped(|r| r.person.birth_date = Some(PartialDate::Day(day)));
    assert!(birthday(date(2008, 3, 1)).is_ok() && birthday(date(2008, 3, 2)).is_err());
    assert_eq!(mapped(|r| r.country = Country::SANDBOX).unwrap().dose.issuer.as_deref(), Some("XXX"));
}

fn words() -> impl Strategy<Value = String> {
    "[A-Za-zÀ-ÖØ-öø-ÿ'.-]{1,20}( [A-Za-z0-9/-]{1,20}){0,3}"
}

fn day() -> impl Strategy<Value = Date> {
    (1900i16..2100, 1i8..=12, 1i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

fn cards() -> impl Strategy<Value = Icvp> {
    let generations = prop_oneof![Just(Generation::G1), Just(Generation::G2), Just(Generation::G3)];
    let sexes =
        proptest::sample::select(vec![StatedSex::Male, StatedSex::Female, StatedSex::Other, StatedSex::Unknown]);
    let person = (words(), day(), proptest::option::of(sexes), proptest::option::of("[A-Z]{3}"));
    let texts = proptest::array::uniform8(proptest::option::of(words()));
    (
        generations,
        person,
        texts,
        "[A-Za-z0-9]{1,64}",
        words(),
        day(),
        proptest::array::uniform3(proptest::option::of(day())),
    )
        .prop_map(|(generation, (name, birth_date, sex, nationality), texts, product, batch, given, days)| {
            let [number, kind, guardian, clinician, trade_item, manufacturer, disease, dose] = texts;
            let late = generation == Generation::G3;
            let [valid_from, valid_until, issued_on] = days;
            let early = Early { trade_item, manufacturer, manufacturer_id: Some("id".into()), disease, dose };
            Icvp {
                generation,
                name,
                birth_date,
                sex: sex.or(late.then_some(StatedSex::Unknown)),
                nationality: nationality.or(late.then(|| "TGO".into())),
                document_number: number,
                document_kind: kind,
                guardian,
                version: late.then(|| "2".into()),
                issued_on: issued_on.filter(|_| late),
                dose: Dose {
                    product,
                    date: given,
                    batch,
                    issuer: clinician.is_none().then(|| "XXA".into()),
                    clinician,
                    valid_from: valid_from.filter(|_| !late),
                    valid_until: valid_until.filter(|_| !late),
                    early: (generation == Generation::G1).then_some(early),
                },
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_undoes_writing(card in cards()) {
        let reading = read(&card).unwrap();
        prop_assert_eq!(reading.icvp, card);
        let harmless = |r: &Remark| matches!(r, Remark::UnknownNationality | Remark::BornAfterDose);
        prop_assert!(reading.remarks.iter().all(harmless), "{:?}", reading.remarks);
    }

    #[test]
    fn any_card_is_judged_and_shown(card in cards(), today in day()) {
        let medical = decide(&card, today, sets());
        // Nothing counts before its first day or after its last, whatever the card says.
        if medical.outcome == Outcome::Valid {
            prop_assert!(medical.product.is_some() && medical.table.is_some());
            prop_assert!(medical.valid_from.is_none_or(|from| from <= today));
        }
        prop_assert_eq!(to_core(&card, sets()).events.len(), 1);
        let shown = format!("{card:?}");
        prop_assert!(!shown.contains("name"), "personal data in {}", shown);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(value) = Value::read(&bytes) {
            let _ = Reading::of(&value);
        }
    }
}
