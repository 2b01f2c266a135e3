//! Items as sidecars send them, and every way in which one can be wrong. All people are invented.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    record::{PartialDate, Sex},
    source::policy::BirthDateMissing,
};

fn pseudonym(code: &str) -> String {
    code.bytes().rev().map(|byte| format!("{byte:02x}")).collect()
}

fn terms() -> Terms<'static> {
    Terms {
        issuer: "Ministry of Health",
        country: "LK".parse().unwrap(),
        vaccines: Dhis2Vaccines::divoc(),
        sets: ValueSets::built_in(),
        birth_date_missing: BirthDateMissing::Refuse,
        today: "2026-11-22".parse().unwrap(),
        pseudonym: &pseudonym,
    }
}

/// The item of a v1 sidecar, whole.
fn item() -> Value {
    json!({
        "preEnrollmentCode": "900112345V", "enrollmentType": "SELF_ENRL", "programId": null,
        "comorbidities": [{"name": "none"}],
        "recipient": {
            "name": "Sunethra Invented", "dob": "1990-01-12", "age": "31", "gender": "Female",
            "nationality": "Sri Lanka", "identity": "did:NIC:900112345V", "contact": ["tel:0700000000"],
            "address": {"addressLine1": "1 Nowhere", "district": "d", "state": "s", "country": "LKA", "pincode": "1"}
        },
        "vaccination": {
            "name": "COVISHIELD", "batch": "4120Z001", "manufacturer": "Serum Institute of India",
            "date": "2021-03-03T23:28:43.134Z", "effectiveStart": "2021-03-03", "effectiveUntil": "2021-03-03",
            "dose": 1, "totalDoses": 2
        },
        "vaccinator": {"name": "Dr Nobody"},
        "facility": {
            "name": "Nowhere Hospital",
            "address": {"addressLine1": "2 Nowhere", "district": "d", "state": "s", "country": "LK", "pincode": 1}
        },
        "meta": {"previousCertificateId": null}
    })
}

/// The item with a member set, or taken out when the value is `null`.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut item = item();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = item.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Value::Null => parent.remove(name),
            value => parent.insert(name.to_owned(), value.clone()),
        };
    }
    item
}

fn read_one(item: Value, contract: Contract) -> Item {
    read(&json!([item]), contract, &terms()).unwrap().remove(0)
}

fn codes(item: &Item) -> Vec<(&str, &str)> {
    let reasons = item.outcome.as_ref().err().map_or(&[][..], Vec::as_slice);
    reasons.iter().map(|r| (r.code.as_str(), r.field.as_deref().unwrap_or(""))).collect()
}

fn note_codes(item: &Item) -> Vec<&str> {
    item.notes.iter().map(|note| note.code.as_str()).collect()
}

#[test]
fn an_item_becomes_a_record() {
    for contract in [Contract::V1, Contract::V3] {
        let item = read_one(item(), contract);
        assert_eq!((item.code.as_deref(), item.dose), (Some("900112345V"), Some(1)));
        assert_eq!(note_codes(&item), Vec::<&str>::new());
        let record = item.outcome.unwrap();
        assert_eq!(record.provenance.tracked_entity, pseudonym("900112345V"));
        assert_eq!(record.provenance.event, "dose-1");
        assert_eq!(record.person.name.family.as_deref(), Some("Sunethra Invented"));
        assert_eq!(record.person.birth_date, Some(PartialDate::Day("1990-01-12".parse().unwrap())));
        assert_eq!(record.person.sex, Some(Sex::Female));
        assert_eq!(record.person.nationality.map(|c| c.to_string()).as_deref(), Some("LK"));
        assert_eq!(record.person.identifier.as_deref(), Some("did:NIC:900112345V"));
        assert_eq!(record.person.document.as_ref().map(|d| d.number.as_str()), Some("900112345V"));
        assert_eq!((record.product.id.as_str(), record.lot.as_deref()), ("covishield", Some("4120Z001")));
        // The day as it is written, whatever day it is in another zone.
        assert_eq!(record.date.to_string(), "2021-03-03");
        assert_eq!((record.dose, record.total_doses), (1, 2));
        assert_eq!(
            (record.centre.as_deref(), record.clinician.as_deref()),
            (Some("Nowhere Hospital"), Some("Dr Nobody"))
        );
        assert_eq!((record.country.as_str(), record.issuer.as_str()), ("LK", "Ministry of Health"));
    }
}

#[test]
fn v3_does_without_what_it_relaxes_and_v1_does_not() {
    let bare = with(&[
        ("/recipient/gender", Value::Null),
        ("/recipient/address", Value::Null),
        ("/recipient/contact", Value::Null),
        ("/vaccinator", Value::Null),
        ("/facility/address", Value::Null),
    ]);
    assert!(read_one(bare.clone(), Contract::V3).outcome.is_ok());
    assert_eq!(
        codes(&read_one(bare, Contract::V1)),
        [
            ("member-missing", "$[0].recipient.gender"),
            ("member-missing", "$[0].vaccinator"),
            ("member-missing", "$[0].facility.address")
        ]
    );
    // What is empty is not known, in both.
    let empty = with(&[
        ("/recipient/gender", json!("")),
        ("/recipient/nationality", json!(" ")),
        ("/recipient/identity", json!("")),
        ("/vaccinator/name", json!("")),
        ("/vaccination/manufacturer", json!("")),
        ("/facility/name", json!("")),
    ]);
    let record = read_one(empty, Contract::V1).outcome.unwrap();
    assert!(record.person.sex.is_none() && record.person.identifier.is_none() && record.clinician.is_none());
    assert_eq!(record.product.id, "covishield");
}

#[test]
fn all_faults_of_an_item_are_told_each_at_its_place() {
    let item = with(&[
        ("/preEnrollmentCode", json!("")),
        ("/recipient/name", json!(" - ")),
        ("/recipient/dob", json!("12.01.1990")),
        ("/recipient/nationality", Value::Null),
        ("/vaccination/name", json!("Covishild")),
        ("/vaccination/date", json!("2021-02-30")),
        ("/vaccination/dose", json!(999)),
        ("/vaccination/totalDoses", json!("two")),
        ("/vaccination/batch", json!(["4120Z001"])),
        ("/vaccination/effectiveUntil", json!("2021-03-02")),
        ("/facility/address/country", json!("Atlantis")),
    ]);
    let read = read_one(item, Contract::V1);
    assert_eq!(
        codes(&read),
        [
            ("pre-enrollment-code-unusable", "$[0].preEnrollmentCode"),
            ("name-unreadable", "$[0].recipient.name"),
            ("birth-date-unreadable", "$[0].recipient.dob"),
            ("member-missing", "$[0].recipient.nationality"),
            ("vaccine-unknown", "$[0].vaccination.name"),
            ("member-type", "$[0].vaccination.batch"),
            ("date-unreadable", "$[0].vaccination.date"),
            ("effective-dates-order", "$[0].vaccination.effectiveUntil"),
            ("dose-number-unusable", "$[0].vaccination.dose"),
            ("dose-number-unusable", "$[0].vaccination.totalDoses"),
            ("country-unknown", "$[0].facility.address.country"),
        ]
    );
    let reasons = read.outcome.unwrap_err();
    assert!(reasons.iter().any(|reason| reason.message.ends_with("perhaps Covishield")), "{reasons:?}");
    // A whole object that is missing or of another type is one fault.
    let broken = with(&[("/recipient", json!([])), ("/vaccination", Value::Null)]);
    assert_eq!(
        codes(&read_one(broken, Contract::V3)),
        [("member-type", "$[0].recipient"), ("member-missing", "$[0].vaccination")]
    );
    for none in [json!(1), json!([]), Value::Null, json!("x")] {
        assert_eq!(codes(&read_one(none, Contract::V1)), [("item-malformed", "$[0]")]);
    }
}

#[test]
fn dates_must_be_possible() {
    for (pointer, value, code) in [
        ("/vaccination/date", "2026-11-23", "date-in-future"),
        ("/vaccination/date", "1989-12-31", "date-before-birth"),
        ("/vaccination/date", "2019-01-01", "date-before-product"),
        ("/vaccination/date", "20210303", "date-unreadable"),
        ("/vaccination/date", "2021-03", "date-unreadable"),
        ("/vaccination/date", "2021-03-03Tnoon", "date-unreadable"),
        ("/vaccination/date", "2021-03-03T25:00:00Z", "date-unreadable"),
        ("/vaccination/date", "", "member-empty"),
        ("/recipient/dob", "1899-01-01", "birth-date-implausible"),
        ("/recipient/dob", "2027-01-01", "birth-date-implausible"),
    ] {
        let read = read_one(with(&[(pointer, json!(value))]), Contract::V1);
        assert!(codes(&read).iter().any(|(found, _)| *found == code), "{value}: {read:?} {:?}", codes(&read));
    }
    for day in ["2021-03-03", "2021-03-03T00:10:00+05:30", "2021-03-03 23:59", "2021-03-03T23:59:59.999999Z"] {
        let read = read_one(with(&[("/vaccination/date", json!(day))]), Contract::V1);
        assert_eq!(read.outcome.unwrap().date.to_string(), "2021-03-03", "{day}");
    }
}

#[test]
fn an_age_makes_no_date_of_birth() {
    for dob in [Value::Null, json!("")] {
        let item = with(&[("/recipient/dob", dob)]);
        assert_eq!(codes(&read_one(item.clone(), Contract::V1)), [("birth-date-missing", "$[0].recipient.dob")]);
        let allowing = Terms { birth_date_missing: BirthDateMissing::Allow, ..terms() };
        let read = read(&json!([item]), Contract::V1, &allowing).unwrap().remove(0);
        assert_eq!(note_codes(&read), ["birth-date-left-out"]);
        assert_eq!(read.outcome.unwrap().person.birth_date, None);
    }
    let year = read_one(with(&[("/recipient/dob", json!("1990"))]), Contract::V1).outcome.unwrap();
    assert_eq!(year.person.birth_date, Some(PartialDate::Year(1990)));
}

#[test]
fn doses_beyond_the_total_are_boosters_or_mistakes() {
    let numbers = |name: &str, dose: Value, total: Value| {
        let item = with(&[
            ("/vaccination/name", json!(name)),
            ("/vaccination/manufacturer", json!("")),
            ("/vaccination/date", json!("2022-03-03")),
            ("/vaccination/dose", dose),
            ("/vaccination/totalDoses", total),
        ]);
        read_one(item, Contract::V1).outcome.map(|record| (record.dose, record.total_doses))
    };
    assert_eq!(numbers("Covishield", json!(3), json!(2)).unwrap(), (3, 3));
    assert_eq!(numbers("Janssen", json!(2), json!(1)).unwrap(), (2, 1));
    assert_eq!(numbers("Covishield", json!("2"), json!(2.0)).unwrap(), (2, 2));
    for (dose, total) in [(2, 1), (4, 1)] {
        let reasons = numbers("Covishield", json!(dose), json!(total)).unwrap_err();
        assert_eq!(reasons[0].code, "dose-exceeds-total");
    }
    for dose in [json!(0), json!(10), json!(999), json!(1.5), json!(-1), json!(""), json!("1e0"), json!(1e30)] {
        let reasons = numbers("Covishield", dose.clone(), json!(2)).unwrap_err();
        assert_eq!((reasons.len(), reasons[0].code.as_str()), (1, "dose-number-unusable"), "{dose}");
    }
}

#[test]
fn a_vaccine_is_told_or_refused() {
    let product = |name: &str, manufacturer: &str| {
        let item = with(&[("/vaccination/name", json!(name)), ("/vaccination/manufacturer", json!(manufacturer))]);
        read_one(item, Contract::V1).outcome.map(|record| record.product.id.clone())
    };
    let refusal = |name: &str, manufacturer: &str| {
        let reasons = product(name, manufacturer).unwrap_err();
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        assert!(!reasons[0].message.contains("Erika"));
        (reasons[0].code.clone(), reasons[0].message.clone())
    };
    assert_eq!(product("covaxin", "Bharat Biotech").unwrap(), "covaxin");
    assert_eq!(refusal("XM9QW8", "AstraZeneca").0, "vaccine-family");
    assert_eq!(refusal("COVAX1", "").0, "vaccine-placeholder");
    assert_eq!(refusal("Erika Muster", "").0, "vaccine-unknown");
    assert_eq!(refusal("Covishield", "Erika Muster").0, "manufacturer-unknown");
    assert_eq!(refusal("Covishield", "Bharat Biotech").0, "manufacturer-contradicts");
    assert_eq!(refusal("--", "").0, "vaccine-unknown");
    // WHO's catalogue: an id names a product, a name alone several.
    let sets = ValueSets::built_in();
    let fever = sets.who().products().iter().find(|p| p.kind.code == "YellowFever" && p.name.is_some()).unwrap();
    let id = fever.ids.last().unwrap().id.clone();
    assert_eq!(product(&id, &fever.manufacturer).unwrap(), format!("who-{}", id.to_ascii_lowercase()));
    assert_eq!(refusal(&id, "Another Company").0, "manufacturer-contradicts");
    let (code, message) = refusal("Stabilized Yellow Fever Vaccine", "Institut Pasteur de Dakar");
    assert!(code == "vaccine-ambiguous" && message.contains("a3K3X000006MihuUAC"), "{message}");
    assert_eq!(refusal("Stabilized Yellow Fever Vaccine", "Another Company").0, "manufacturer-contradicts");
    assert!(product("STAMARIL", "Sanofi Pasteur").unwrap().starts_with("who-yellowfeverproduct"));
}

#[test]
fn strange_members_are_named_and_their_values_are_not() {
    let item = with(&[
        ("/vaccination/batchNumber", json!("4120Z001")),
        ("/note", json!({"about": "Sunethra"})),
        ("/facility/address/country", json!("IN")),
        ("/recipient/nationality", json!("Sri Lankan")),
    ]);
    let read = read_one(item, Contract::V1);
    assert!(read.outcome.is_ok());
    assert_eq!(note_codes(&read), ["field-left-out", "country-differs", "members-ignored"]);
    let ignored = &read.notes[2].message;
    assert!(ignored.contains("$[0].note, $[0].vaccination.batchNumber") && !ignored.contains("Sunethra"), "{ignored}");
}

#[test]
fn a_dose_stands_once_in_a_request() {
    let second = with(&[("/vaccination/dose", json!(2))]);
    let other_program = with(&[("/programId", json!("polio/2021"))]);
    let items = read(&json!([item(), second, item(), other_program]), Contract::V1, &terms()).unwrap();
    let good: Vec<bool> = items.iter().map(|item| item.outcome.is_ok()).collect();
    assert_eq!(good, [true, true, false, true]);
    assert_eq!(codes(&items[2]), [("item-repeated", "$[2]")]);
    let event = &items[3].outcome.as_ref().unwrap().provenance.event;
    assert!(event.ends_with("-dose-1") && !event.contains("polio"));
    assert_eq!((dose_of_key("dose-2"), dose_of_key(event), dose_of_key("x-dose-")), (Some(2), Some(1), None));
    assert_eq!((dose_of_key("overdose-2"), dose_of_key("ABCDEFGHIJK")), (None, None));
}

#[test]
fn requests_have_bounds() {
    assert_eq!(read(&json!({}), Contract::V1, &terms()).unwrap_err(), DivocError::NotAnArray);
    assert_eq!(read(&json!([]), Contract::V1, &terms()).unwrap_err(), DivocError::Empty);
    let many = Value::Array(vec![Value::Null; DIVOC_ITEMS + 1]);
    assert_eq!(read(&many, Contract::V1, &terms()).unwrap_err(), DivocError::TooMany { limit: DIVOC_ITEMS });
    let long = with(&[("/recipient/name", json!("x".repeat(301)))]);
    assert_eq!(codes(&read_one(long, Contract::V1)), [("value-too-long", "$[0].recipient.name")]);
    let long = with(&[("/preEnrollmentCode", json!("x".repeat(129)))]);
    assert_eq!(codes(&read_one(long, Contract::V1)), [("pre-enrollment-code-unusable", "$[0].preEnrollmentCode")]);
}

fn header() -> String {
    HEADER.map(|(column, _)| column).join(",")
}

/// A line of a sheet in the order of the template.
fn line(changes: &[(&str, &str)]) -> String {
    let cells = HEADER.map(|(column, _)| {
        let plain = match column {
            "preEnrollmentCode" => "900112345V",
            "recipientName" => "\"Invented, Sunethra \"\"Sunny\"\"\"",
            "recipientDOB" => "1990-01-12",
            "recipientGender" => "Female",
            "vaccinationDate" => "2021-03-03T10:00:00Z",
            "vaccinationDose" => "1",
            "vaccinationTotalDoses" => "2",
            "vaccinationManufacturer" => "Serum Institute of India",
            "vaccinationName" => "Covishield",
            "facilityName" => "Nowhere Hospital",
            _ => "",
        };
        changes.iter().find(|(name, _)| *name == column).map_or(plain, |(_, value)| *value)
    });
    cells.join(",")
}

#[test]
fn a_sheet_is_read_line_by_line() {
    let sheet = format!(
        "\u{FEFF}{}\r\n{}\r\n\r\n{}\r\n{}\n{}\r{}",
        header(),
        line(&[]),
        line(&[("vaccinationDose", ""), ("recipientDOB", "")]),
        line(&[("vaccinationDose", "2"), ("facilityName", "\"two\nlines\"")]),
        line(&[("recipientName", "Invented")]) + ",more",
        line(&[("preEnrollmentCode", "other")]),
    );
    let items = read_sheet(sheet.as_bytes(), &terms()).unwrap();
    let places: Vec<usize> = items.iter().map(|item| item.place).collect();
    assert_eq!(places, [2, 4, 5, 7, 8]);
    let first = items[0].outcome.as_ref().unwrap();
    assert_eq!(first.person.name.family.as_deref(), Some("Invented, Sunethra \"Sunny\""));
    assert_eq!(first.country.as_str(), "LK");
    assert_eq!(
        codes(&items[1]),
        [("birth-date-missing", "line 4, recipientDOB"), ("dose-number-unusable", "line 4, vaccinationDose")]
    );
    assert_eq!(codes(&items[2]), [("value-control-characters", "line 5, facilityName")]);
    assert_eq!(codes(&items[3]), [("line-cells", "line 7")]);
    assert!(items[4].outcome.is_ok());
}

#[test]
fn a_sheet_that_is_none_is_refused_whole() {
    let error = |sheet: &str| read_sheet(sheet.as_bytes(), &terms()).unwrap_err();
    assert_eq!(error(""), DivocError::Empty);
    assert_eq!(error(&header()), DivocError::Empty);
    assert_eq!(
        error(&format!("{}\n{}", header().replace("recipientDOB", "born"), line(&[]))),
        DivocError::Column { column: "recipientDOB" }
    );
    assert_eq!(error(&format!("{},recipientdob\n", header())), DivocError::ColumnTwice { column: "recipientDOB" });
    assert_eq!(error(&format!("{}\n\"never", header())), DivocError::Quote { line: 2 });
    assert_eq!(error(&format!("{}\nit\"s", header())), DivocError::StrayQuote { line: 2 });
    assert_eq!(error(&format!("{}\n\"it\"s", header())), DivocError::StrayQuote { line: 2 });
    assert_eq!(read_sheet(b"pre\xff", &terms()).unwrap_err(), DivocError::Encoding { at: 3 });
    let many = format!("{}\n{}", header(), "x\n".repeat(DIVOC_ITEMS + 1));
    assert_eq!(error(&many), DivocError::TooMany { limit: DIVOC_ITEMS });
}

#[test]
fn nothing_of_a_person_is_in_debug_output() {
    let read = read_one(item(), Contract::V1);
    let text = format!("{read:?} {:?}", terms());
    assert!(!text.contains("Sunethra") && !text.contains("900112345V") && !text.contains("1990"), "{text}");
}

#[test]
fn codes_are_kebab_and_of_one_meaning() {
    for (code, meaning, remedy) in reasons::REASONS.iter().chain(reasons::NOTES) {
        assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{code}");
        assert!(!meaning.ends_with('.') && !remedy.ends_with('.'), "{code}");
        let others = crate::source::reasons::REASONS.iter().chain(crate::source::reasons::NOTES);
        assert!(others.clone().all(|(other, ..)| other != code), "{code}");
    }
}

proptest! {
    #[test]
    fn a_cell_comes_back_as_it_was(name in "[ -~\u{c0}-\u{24f}]{0,40}", code in "[0-9A-Za-z/ \",]{1,30}") {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let row = line(&[("recipientName", &quoted(&name)), ("preEnrollmentCode", &quoted(&code))]);
        let sheet = format!("{}\n{row}", header());
        let item = read_sheet(sheet.as_bytes(), &terms()).unwrap().remove(0);
        let trimmed = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        prop_assert_eq!(item.code, trimmed(&code));
        if let Ok(record) = item.outcome {
            prop_assert_eq!(record.person.name.family, trimmed(&name));
        }
    }

    #[test]
    fn any_text_is_a_sheet_or_an_error(text in "[a-c,\"\r\n]{0,60}", bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = read_sheet(format!("{}\n{text}", header()).as_bytes(), &terms());
        let _ = read_sheet(&bytes, &terms());
    }

    #[test]
    fn any_value_in_any_place_is_read_or_refused(place in 0usize..20, number in any::<f64>(), text in ".{0,40}") {
        let places = ["/preEnrollmentCode", "/programId", "/recipient", "/recipient/name", "/recipient/dob",
            "/recipient/gender", "/recipient/nationality", "/recipient/identity", "/vaccination", "/vaccination/name",
            "/vaccination/batch", "/vaccination/manufacturer", "/vaccination/date", "/vaccination/dose",
            "/vaccination/totalDoses", "/vaccinator", "/facility", "/facility/name", "/facility/address", "/meta"];
        for value in [json!(number), json!(text), json!([text]), json!({"a": text}), json!(true)] {
            let read = read_one(with(&[(places[place], value)]), Contract::V1);
            if let Err(reasons) = &read.outcome {
                prop_assert!(!reasons.is_empty());
            }
        }
    }
}
