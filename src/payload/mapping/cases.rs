//! What each target makes of certificates that do not simply fit: several events, other diseases, names and numbers
//! that it cannot hold.

use super::*;
use crate::{
    payload::core::{Certificate, CodeSystem, Coding, Holder, LossKind, Recovery, Test, Vaccination},
    valueset::ValueSets,
};

fn dose(date: &str, number: u32) -> Event {
    Event::Vaccination(Box::new(Vaccination {
        vaccine: Some(Coding::new(CodeSystem::Icd11, "XM8NQ0")),
        brand: Some(Coding::new(CodeSystem::Text, "Comirnaty")),
        lot: Some("A1".into()),
        date: Some(date.into()),
        dose: Some(number),
        total_doses: Some(2),
        country: Some("LKA".into()),
        centre: Some("Clinic".into()),
        ..Vaccination::default()
    }))
}

fn core(events: Vec<Event>) -> CoreDataSet {
    CoreDataSet {
        holder: Holder { name: "Ann Mary Lee".into(), birth_date: Some("1990-01-31".into()), ..Holder::default() },
        certificate: Certificate { issuer: Some("LKA".into()), id: Some("V1".into()), ..Certificate::default() },
        events,
    }
}

fn why(losses: &[Loss], element: &str) -> Option<LossKind> {
    losses.iter().find(|loss| loss.element == element).map(|loss| loss.why)
}

#[test]
fn of_several_doses_a_target_for_one_takes_the_latest_and_says_so() {
    let core = core(vec![dose("2021-06-01", 2), dose("2021-03-01", 1)]);
    let (payload, losses) = convert(&core, Target::EuDcc).unwrap();
    assert_eq!((payload["v"].as_array().unwrap().len(), &payload["v"][0]["dn"]), (1, &2.into()));
    assert_eq!(why(&losses, "events"), Some(LossKind::NoPlace));

    let (card, losses) = convert(&core, Target::Shc).unwrap();
    assert_eq!((card["entry"].as_array().unwrap().len(), why(&losses, "events")), (3, None));
    let (seal, losses) = convert(&core, Target::VdsNc).unwrap();
    let events = seal["msg"]["ve"].as_array().unwrap();
    assert_eq!((events.len(), events[0]["vd"].as_array().unwrap().len(), why(&losses, "events")), (1, 2, None));
    assert_eq!(seal["hdr"]["is"], "LKA");
}

#[test]
fn a_time_or_a_zone_in_a_date_does_not_hide_which_is_later() {
    let events = [dose("2021-06-01T23:00:00+05:30", 1), dose("2021-06-02", 2), dose("2021", 3)];
    assert_eq!(elements::latest(&events), Some(&events[1]));
    assert_eq!(elements::latest(&[dose("2021", 1), dose("2021", 2)]), Some(&dose("2021", 2)));
    assert_eq!(elements::latest(&[]), None);
    // The target has the day alone.
    let (payload, losses) = convert(&core(vec![events[0].clone()]), Target::EuDcc).unwrap();
    assert_eq!(payload["v"][0]["dt"], "2021-06-01");
    assert_eq!(why(&losses, "vaccination.date"), Some(LossKind::Coarser));
    let (payload, losses) = convert(&core(vec![events[2].clone()]), Target::EuDcc).unwrap();
    assert!(payload["v"][0].get("dt").is_none(), "a year is no day");
    assert_eq!(why(&losses, "vaccination.date"), Some(LossKind::Unknown));
}

#[test]
fn what_a_target_cannot_state_is_an_error_that_says_why() {
    for target in Target::ALL {
        assert_eq!(convert(&core(vec![]), target), Err(ConvertError::NoEvent));
        assert_eq!(Target::from_code(target.code()), Some(target));
    }
    let recovery = core(vec![Event::Recovery(Recovery {
        first_positive: Some("2021-01-01".into()),
        disease: Some(Coding::new(CodeSystem::Snomed, "840539006")),
        ..Recovery::default()
    })]);
    for target in [Target::Ddcc, Target::Divoc, Target::Shc, Target::VdsNc, Target::Icvp] {
        let expected = ConvertError::NoSuchEvent { target, event: "recovery" };
        assert_eq!(convert(&recovery, target).map(drop), Err(expected), "{target}");
    }
    let (payload, losses) = convert(&recovery, Target::EuDcc).unwrap();
    assert_eq!(payload["r"][0]["tg"], "840539006");
    assert_eq!(why(&losses, "recovery.validUntil"), Some(LossKind::Unknown));

    let undated = core(vec![Event::Test(Box::default())]);
    for target in [Target::EuDcc, Target::Ddcc, Target::Divoc, Target::Shc, Target::VdsNc] {
        assert_eq!(convert(&undated, target).map(drop), Err(ConvertError::Missing { target, element: "test.date" }));
    }
    let mut nobody = core(vec![dose("2021-06-01", 1)]);
    nobody.holder.name = "  ".into();
    for target in [Target::EuDcc, Target::Ddcc, Target::Divoc, Target::Shc, Target::VdsNc] {
        assert_eq!(convert(&nobody, target).map(drop), Err(ConvertError::NameMissing { target }));
    }
}

#[test]
fn a_name_is_never_divided_at_a_blank() {
    let mut core = core(vec![dose("2021-06-01", 1)]);
    let (payload, losses) = convert(&core, Target::EuDcc).unwrap();
    assert_eq!(payload["nam"], serde_json::json!({"fn": "Ann Mary Lee", "fnt": "ANN<MARY<LEE"}));
    assert_eq!(why(&losses, "name"), Some(LossKind::Unknown));
    let (card, losses) = convert(&core, Target::Shc).unwrap();
    assert_eq!(card["entry"][0]["resource"]["name"][0], serde_json::json!({"text": "Ann Mary Lee"}));
    assert_eq!(why(&losses, "name"), None);

    core.holder.family = Some("Lee".into());
    core.holder.given = Some("Ann Mary".into());
    let (payload, losses) = convert(&core, Target::EuDcc).unwrap();
    assert_eq!((&payload["nam"]["fnt"], &payload["nam"]["gnt"]), (&"LEE".into(), &"ANN<MARY".into()));
    assert_eq!(why(&losses, "name"), None);
    assert_eq!(convert(&core, Target::VdsNc).unwrap().0["msg"]["pid"]["n"], "LEE  ANN MARY");

    // A script without a table: nothing is made up.
    core.holder = Holder { name: "ວົງສາ".into(), ..Holder::default() };
    assert!(matches!(convert(&core, Target::EuDcc), Err(ConvertError::Name { .. })));
    assert_eq!(convert(&core, Target::Ddcc).unwrap().0["name"], "ວົງສາ");
}

#[test]
fn another_disease_is_told_and_a_product_of_the_catalogue_becomes_a_yellow_card() {
    let who = ValueSets::built_in().who();
    let product = who.products().iter().find(|p| p.kind.diseases.iter().any(|(code, _)| code == "1D47")).unwrap();
    let mut core = core(vec![Event::Vaccination(Box::new(Vaccination {
        brand: Some(Coding::new(CodeSystem::WhoProduct, product.ids[0].id.clone())),
        disease: Some(Coding::new(CodeSystem::Icd11, "1D47")),
        lot: Some("B1".into()),
        date: Some("2026-05-01".into()),
        ..Vaccination::default()
    }))]);
    assert_eq!(convert(&core, Target::EuDcc).map(drop), Err(ConvertError::OtherDisease { target: Target::EuDcc }));
    let (card, losses) = convert(&core, Target::Icvp).unwrap();
    assert_eq!((&card["vx"]["vp"], &card["vx"]["bo"]), (&product.ids[0].id.clone().into(), &"B1".into()));
    assert_eq!((&card["s"], why(&losses, "sex")), (&"unknown".into(), Some(LossKind::Unknown)));
    assert_eq!(why(&losses, "certificate.hcid"), Some(LossKind::NoPlace));
    let Event::Vaccination(v) = &mut core.events[0] else { panic!("no dose") };
    v.brand = Some(Coding::new(CodeSystem::WhoProduct, "NoSuchProduct"));
    let unlisted = ConvertError::NotInCatalogue { target: Target::Icvp };
    assert_eq!(convert(&core, Target::Icvp).map(drop), Err(unlisted));
}

#[test]
fn an_unknown_result_is_negative_in_no_format() {
    for code in ["RA01.1", "QA03", "", "negative"] {
        let core = core(vec![Event::Test(Box::new(Test {
            pathogen: Some(Coding::new(CodeSystem::Icd11, "XN109")),
            kind: Some(Coding::new(CodeSystem::Ichi, "1334426561")),
            date: Some("2026-05-01T10:00:00Z".into()),
            result: Some(Coding::new(CodeSystem::Icd11, code)),
            ..Test::default()
        }))]);
        for target in [Target::EuDcc, Target::Ddcc, Target::Divoc, Target::Shc, Target::VdsNc] {
            let payload = convert(&core, target).unwrap().0.to_string();
            for negative in ["260415000", "QA02", "Negative", "\"r\":\"negative\""] {
                assert!(!payload.contains(negative), "{target} makes {code:?} negative: {payload}");
            }
        }
    }
}

#[test]
fn a_number_that_does_not_fit_is_left_out_and_not_cut() {
    let mut core = core(vec![dose("2021-06-01", 1)]);
    core.certificate.id = Some("URN:UVCI:01:XX:ABCDEFGHIJKLMNOP".into());
    core.holder.identifier = Some("1".repeat(30));
    let (seal, losses) = convert(&core, Target::VdsNc).unwrap();
    assert!(seal["msg"].get("uvci").is_none() && seal["msg"]["pid"].get("ai").is_none());
    assert_eq!(why(&losses, "certificate.hcid"), Some(LossKind::NoPlace));
    assert_eq!(why(&losses, "identifier"), Some(LossKind::NoPlace));
}
