use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    envelope::vdsnc::Seal,
    payload::core::{CodeSystem, Coding, Event},
    record::{Country, Sex},
};

fn vaccination() -> Value {
    json!({
        "uvci": "U32870",
        "pid": {"n": "O'BRIEN-LEE  JOHN B", "dob": "1951-01-20", "sex": "X", "i": "A1234567Z", "ai": "L4567890Z"},
        "ve": [
            {"des": "XM68M6", "nam": "Comirnaty", "dis": "RA01.0", "vd": [
                {"dvc": "2021-01-01", "seq": 1, "ctr": "JPN", "adm": "RIVM", "lot": "VC35679", "dvn": "2021-03-24"},
                {"dvc": "2021-01-29", "seq": "02", "ctr": "AUS", "lot": "VC87540"},
            ]},
            {"des": "XM0N24", "nam": "Stamaril", "vd": [{"dvc": "2020-05-01", "seq": 1, "ctr": "TGO", "lot": "Y1"}]},
        ],
    })
}

fn test() -> Value {
    json!({
        "utci": "U01932",
        "pid": {"n": "Anyperson  James T", "dob": "1951-01-20", "dt": "P", "dn": "E1234567P"},
        "sp": {"spn": "General Hospital", "ctr": "JPN", "cd": {"p": "+00068736651", "e": "a@example.com", "a": "1 St"}},
        "dat": {"sc": "2021-02-15T12:00:00+08:00", "ri": "2021-02-17T14:00:00+08:00"},
        "tr": {"tc": "molecular(PCR)", "r": "negative", "m": "nasopharyngeal"},
        "opt": "ID12345",
    })
}

fn seal(kind: &str, version: u64, message: &Value) -> Seal {
    let document = json!({
        "data": {"hdr": {"t": kind, "v": version, "is": "AUS"}, "msg": message},
        "sig": {"alg": "ES256", "cer": "AA", "sigvl": "AA"},
    });
    Seal::read(&document.to_string()).unwrap()
}

fn kind_of(message: &Value) -> &'static str {
    if message.get("ve").is_some() { "icao.vacc" } else { "icao.test" }
}

fn read(message: &Value) -> Result<Reading, ReadError> {
    Reading::of(&seal(kind_of(message), 1, message))
}

#[test]
fn a_vaccination_becomes_one_event_a_dose() {
    let reading = read(&vaccination()).unwrap();
    assert_eq!(reading.remarks, []);
    let core = to_core(&reading.vdsnc);
    assert_eq!(core.certificate.issuer.as_deref(), Some("AUS"));
    assert_eq!((core.certificate.id.as_deref(), core.certificate.version.as_deref()), (Some("U32870"), Some("1")));
    let holder = &core.holder;
    assert_eq!((holder.family.as_deref(), holder.given.as_deref()), (Some("O'BRIEN-LEE"), Some("JOHN B")));
    assert_eq!(holder.standardised_name.as_deref(), Some("OBRIEN<LEE<<JOHN<B"));
    assert_eq!((holder.sex, holder.identifier.as_deref()), (Some(Sex::Other), Some("A1234567Z")));
    let doses: Vec<_> = core
        .events
        .iter()
        .map(|event| match event {
            Event::Vaccination(dose) => {
                (dose.date.as_deref().unwrap(), dose.dose.unwrap(), dose.country.as_deref().unwrap())
            }
            _ => panic!("another kind"),
        })
        .collect();
    assert_eq!(doses, [("2021-01-01", 1, "JPN"), ("2021-01-29", 2, "AUS"), ("2020-05-01", 1, "TGO")]);
    let Event::Vaccination(first) = &core.events[0] else { panic!() };
    assert_eq!(first.vaccine, Some(Coding::new(CodeSystem::Icd11, "XM68M6")));
    assert_eq!((first.lot.as_deref(), first.next_dose.as_deref()), (Some("VC35679"), Some("2021-03-24")));
    let Event::Vaccination(last) = &core.events[2] else { panic!() };
    assert_eq!((&last.disease, last.brand.as_ref().unwrap().words()), (&None, "Stamaril"));
}

#[test]
fn a_test_is_read_and_mapped() {
    let reading = read(&test()).unwrap();
    assert_eq!(reading.remarks, []);
    let core = to_core(&reading.vdsnc);
    assert_eq!(
        (core.holder.standardised_name, core.holder.family.as_deref()),
        (Some("ANYPERSON<<JAMES<T".to_owned()), Some("Anyperson"))
    );
    assert_eq!(
        (core.holder.identifier_type.as_deref(), core.holder.identifier.as_deref()),
        (Some("P"), Some("E1234567P"))
    );
    let [Event::Test(test)] = core.events.as_slice() else { panic!("not one test") };
    assert_eq!(test.result, Some(Coding::new(CodeSystem::Text, "negative")));
    assert_eq!(test.date.as_deref(), Some("2021-02-15T12:00:00+08:00"));
    assert_eq!((test.centre.as_deref(), test.country.as_deref()), (Some("General Hospital"), Some("JPN")));
}

#[test]
fn every_required_part_is_required_and_of_its_kind() {
    for (message, paths) in [
        (
            vaccination(),
            &[
                "/uvci",
                "/pid",
                "/pid/n",
                "/ve",
                "/ve/0/des",
                "/ve/0/nam",
                "/ve/0/vd",
                "/ve/0/vd/0/dvc",
                "/ve/0/vd/0/seq",
                "/ve/0/vd/0/ctr",
                "/ve/0/vd/1/lot",
            ][..],
        ),
        (
            test(),
            &[
                "/utci", "/pid", "/pid/n", "/pid/dt", "/pid/dn", "/sp", "/sp/spn", "/sp/ctr", "/dat", "/dat/sc",
                "/dat/ri", "/tr", "/tr/tc", "/tr/r",
            ][..],
        ),
    ] {
        for path in paths {
            for value in [Value::Null, json!(""), json!([]), json!({}), json!([1]), json!(true)] {
                let mut broken = message.clone();
                *broken.pointer_mut(path).unwrap() = value.clone();
                let kind = kind_of(&message);
                assert!(matches!(Reading::of(&seal(kind, 1, &broken)), Err(ReadError::Part { .. })), "{path} {value}");
            }
        }
    }
}

#[test]
fn what_the_parts_say_is_checked() {
    for (path, value) in [
        ("/pid/sex", json!("W")),
        ("/ve/0/vd/0/dvc", json!("2021-02-30")),
        ("/ve/0/vd/0/dvc", json!("01.02.2021")),
        ("/ve/0/vd/0/dvc", json!("2021-02")),
        ("/ve/0/vd/0/seq", json!(100)),
        ("/ve/0/vd/0/seq", json!(-1)),
        ("/ve/0/vd/0/seq", json!("one")),
        ("/ve/0/vd/0/seq", json!("")),
        ("/ve/0/vd/0/dvn", json!("soon")),
        ("/pid/dob", json!(1951)),
    ] {
        let mut broken = vaccination();
        *broken.pointer_mut(path).unwrap() = value;
        assert!(matches!(read(&broken), Err(ReadError::Part { .. })), "{path}");
    }
    let mut nameless = vaccination();
    nameless["pid"]["dob"] = Value::Null;
    assert!(read(&nameless).is_ok());
    nameless["pid"]["i"] = Value::Null;
    assert_eq!(read(&nameless), Err(ReadError::Part { path: "pid.dob", problem: "is missing, and pid.i as well" }));
    let mut timeless = test();
    timeless["dat"]["sc"] = json!("yesterday");
    assert!(matches!(read(&timeless), Err(ReadError::Part { path: "dat.sc", .. })));
}

#[test]
fn what_real_issuers_do_is_forgiven_by_name() {
    use Remark::*;
    for (path, value, remark) in [
        ("/ve/0/vd/0/dvc", json!("2021-01-01T00:00:00"), &[DateWithTime][..]),
        ("/ve/0/vd/0/lot", json!(" VC1 "), &[PaddedText]),
        ("/ve/0/vd/0/adm", json!("A clinic of more than twenty letters"), &[OverlongText]),
        ("/ve/0/vd/0/adm", Value::Null, &[]),
        ("/ve/0/vd/0/seq", json!(0), &[DoseBelowOne]),
        ("/ve/0/vd/0/ctr", json!("UTO"), &[UnknownCountry]),
        ("/pid/dob", json!("1951"), &[]),
        ("/pid/dob", json!("1951-01"), &[]),
        ("/pid/dob", json!("1951-XX-XX"), &[OddBirthDate]),
        ("/pid/dob", json!("1951-01-20T00:00:00Z"), &[DateWithTime]),
        ("/pid/sex", json!("F"), &[]),
    ] {
        let mut odd = vaccination();
        *odd.pointer_mut(path).unwrap() = value;
        assert_eq!(read(&odd).unwrap().remarks, remark, "{path}");
    }
    let mut more = vaccination();
    more["ve"][0]["vd"][0]["x"] = json!(1);
    assert_eq!(read(&more).unwrap().remarks, [UnknownMember]);
    let mut more = test();
    more["sp"]["cd"]["x"] = json!(1);
    assert_eq!(read(&more).unwrap().remarks, [UnknownMember]);
}

#[test]
fn other_kinds_and_versions_are_named() {
    let other = Reading::of(&seal("icao.visa", 1, &vaccination()));
    assert_eq!(other, Err(ReadError::Kind { kind: "icao.visa".into() }));
    assert_eq!(Reading::of(&seal("icao.vacc", 2, &vaccination())), Err(ReadError::Version { version: 2 }));
    assert!(matches!(Reading::of(&seal("icao.test", 1, &vaccination())), Err(ReadError::Part { path: "utci", .. })));
}

#[test]
fn names_are_parted_where_they_say_so() {
    for (name, standard) in [
        ("CITIZEN  JANE SUE", Some("CITIZEN<<JANE<SUE")),
        ("CITIZEN<<JANE<SUE<<<<", Some("CITIZEN<<JANE<SUE")),
        ("CITIZEN  ", Some("CITIZEN")),
        ("CITIZEN JANE", None),
        ("Citizen  Jane", Some("CITIZEN<<JANE")),
        ("ØRNEK  ZOË", Some("OERNEK<<ZOE")),
        ("CITIZEN  -", Some("CITIZEN")),
        ("  JANE", None),
        ("", None),
    ] {
        assert_eq!(standardised_name(name, Country::SANDBOX).as_deref(), standard, "{name}");
    }
}

#[test]
fn issuers_are_countries() {
    for (code, country) in [
        ("AUS", Some("AU")),
        ("D", Some("DE")),
        ("UNO", Some("UN")),
        ("UNA", Some("UN")),
        ("EUE", Some("EU")),
        ("UTO", None),
        ("AU", None),
        ("", None),
    ] {
        assert_eq!(issuing_state(code).map(|country| country.to_string()).as_deref(), country, "{code}");
    }
}

#[test]
fn nothing_personal_is_shown_for_debugging() {
    for message in [vaccination(), test()] {
        let debug = format!("{:?}", read(&message).unwrap());
        assert!(!debug.contains("1951") && !debug.contains("OHN") && !debug.contains("E123"), "{debug}");
    }
}

proptest! {
    #[test]
    fn any_value_anywhere_is_read_or_refused(at in 0usize..40, text in any::<String>(), number in any::<i64>(), which in 0u8..4) {
        for message in [vaccination(), test()] {
            let mut paths = Vec::new();
            collect(&message, String::new(), &mut paths);
            let mut changed = message.clone();
            let path = &paths[at % paths.len()];
            let value = match which { 0 => json!(text), 1 => json!(number), 2 => json!([text]), _ => json!({ text.clone(): number }) };
            *changed.pointer_mut(path).unwrap() = value;
            let document = json!({
                "data": {"hdr": {"t": kind_of(&message), "v": 1, "is": "AUS"}, "msg": changed},
                "sig": {"alg": "ES256", "cer": "AA", "sigvl": "AA"},
            });
            if let Ok(seal) = Seal::read(&document.to_string())
                && let Ok(reading) = Reading::of(&seal)
            {
                let core = to_core(&reading.vdsnc);
                prop_assert!(!core.events.is_empty());
            }
        }
    }
}

fn collect(value: &Value, path: String, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| collect(value, format!("{path}/{name}"), out))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| collect(value, format!("{path}/{n}"), out))
        }
        _ => {}
    }
    if !path.is_empty() {
        out.push(path);
    }
}
