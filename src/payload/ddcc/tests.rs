//! Records written and read back; every forgiven form, and what is refused because it says two things.

use std::sync::Arc;

use ciborium::{cbor, value::Value as Any};
use proptest::prelude::*;

use super::*;
use crate::{
    envelope::hcert::cbor::Value,
    payload::core::{CodeSystem, Event as CoreEvent},
    record::{Country, Person, PersonName, Provenance, Sex, TestKind, TestRecord, TestResult, Uvci, VaccinationRecord},
    valueset::ValueSets,
};

fn bytes(value: &Any) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn read(value: &Any, kind: Kind) -> Result<Reading, ReadError> {
    Reading::of(&Value::read(&bytes(value)).unwrap(), kind)
}

fn id() -> Uvci {
    Uvci::from_random(Country::SANDBOX, [7; 16])
}

fn provenance() -> Provenance {
    Provenance { tracked_entity: "person".into(), event: "event".into(), updated_at: None, facility: None }
}

prop_compose! {
    fn record()(
        family in prop::option::of("[A-ZÀ-Ö][a-zà-ö]{1,12}"), given in "[A-ZÀ-Ö][a-zà-ö]{1,12}",
        born in prop::option::of(prop::sample::select(vec!["1990", "1990-07", "1990-07-01"])),
        sex in prop::option::of(prop::sample::select(vec![Sex::Female, Sex::Male, Sex::Other])),
        identifier in prop::option::of("[A-Z0-9]{3,12}"), product in 0..ValueSets::built_in().products().len(),
        lot in "[A-Z0-9]{2,10}", day in 1..29i8, dose in 1..5u8, more in 0..3u8,
        centre in prop::option::of("[A-Z][a-z ]{1,20}[a-z]"), practitioner in prop::option::of("[A-Z0-9]{2,10}"),
        next in any::<bool>(),
    ) -> VaccinationRecord {
        VaccinationRecord {
            provenance: provenance(),
            person: Person {
                name: PersonName { family, given: Some(given), ..PersonName::default() },
                birth_date: born.map(|born| born.parse().unwrap()), sex, identifier,
                nationality: None, document: None, guardian: None,
            },
            product: Arc::clone(&ValueSets::built_in().products()[product]),
            lot: Some(lot),
            date: jiff::civil::date(2024, 3, day),
            dose,
            total_doses: dose + more,
            country: "LK".parse().unwrap(),
            centre, practitioner, clinician: None,
            next_dose: next.then(|| jiff::civil::date(2024, 9, day)),
            issuer: "Ministry of Health".into(),
        }
    }
}

fn test_record(kind: TestKind) -> TestRecord {
    TestRecord {
        provenance: provenance(),
        person: Person {
            name: PersonName { family: Some("Đỗ".into()), given: Some("Mai".into()), ..PersonName::default() },
            birth_date: None,
            sex: Some(Sex::Female),
            identifier: Some("N1".into()),
            nationality: None,
            document: None,
            guardian: None,
        },
        kind,
        name: Some("PCR of the laboratory".into()),
        device: Some("1232".into()),
        sampled_at: "2024-08-20T10:03:12.5Z".parse().unwrap(),
        result: TestResult::NotDetected,
        centre: Some("Laboratory 1".into()),
        country: "TG".parse().unwrap(),
        issuer: "Ministry of Health".into(),
    }
}

proptest! {
    #[test]
    fn a_record_is_written_read_and_said_again(record in record()) {
        let id = id();
        let ddcc = vaccination(&record, Frame { id: &id, kid: Some("AAECAwQFBgc=") }).unwrap();
        let written = ddcc.to_cbor();
        let reading = Reading::of(&Value::read(&written).unwrap(), Kind::Vaccination).unwrap();
        prop_assert_eq!((&reading.ddcc, reading.remarks.as_slice()), (&ddcc, &[][..]));
        prop_assert_eq!(Value::read(&written).unwrap().to_json(), ddcc.to_json());
        prop_assert_eq!(reading.ddcc.to_cbor(), written);

        // Back from the hub: everything that the record says, but the name's parts and a sex without a centre.
        let core = to_core(&reading.ddcc);
        let name = [record.person.name.display_given(), record.person.name.display_family()];
        prop_assert_eq!(&core.holder.name, &name.into_iter().flatten().collect::<Vec<_>>().join(" "));
        prop_assert_eq!(core.holder.birth_date, record.person.birth_date.map(|born| born.to_string()));
        prop_assert_eq!(&core.holder.identifier, &record.person.identifier);
        prop_assert_eq!(core.holder.sex, record.person.sex.filter(|_| record.centre.is_some()));
        prop_assert_eq!(core.certificate.id.as_deref(), Some(id.as_str()));
        prop_assert_eq!(core.certificate.issuer.as_deref(), Some("Ministry of Health"));
        let [CoreEvent::Vaccination(v)] = core.events.as_slice() else { panic!("no vaccination") };
        prop_assert_eq!(&v.vaccine.as_ref().unwrap().code, &record.product.icd11.as_ref().unwrap().code);
        prop_assert_eq!(&v.vaccine.as_ref().unwrap().system, &CodeSystem::Icd11);
        let product = crate::payload::mapping::codes::product_of(v.brand.as_ref().unwrap()).unwrap();
        prop_assert_eq!(&product.id, &record.product.id);
        prop_assert_eq!(v.disease.as_ref().unwrap().code.as_str(), "RA01");
        prop_assert_eq!(&v.lot, &record.lot);
        prop_assert_eq!(&v.date, &Some(record.date.to_string()));
        prop_assert_eq!((v.dose, v.total_doses), (Some(record.dose.into()), Some(record.total_doses.into())));
        prop_assert_eq!(v.country.as_deref(), Some("LKA"));
        prop_assert_eq!((&v.centre, &v.practitioner), (&record.centre, &record.practitioner));
        prop_assert_eq!(&v.next_dose, &record.next_dose.map(|day| day.to_string()));
    }

    #[test]
    fn any_content_is_read_or_refused(content in any_content()) {
        let bytes = bytes(&content);
        let value = Value::read(&bytes).unwrap();
        for kind in [Kind::Vaccination, Kind::Test] {
            if let Ok(reading) = Reading::of(&value, kind) {
                let again = reading.ddcc.to_cbor();
                let second = Reading::of(&Value::read(&again).unwrap(), kind).unwrap();
                prop_assert_eq!(second.ddcc, reading.ddcc);
            }
        }
        let _ = Reading::of_flat(&value);
    }
}

/// Maps with the names of the model and values of every type.
fn any_content() -> impl Strategy<Value = Any> {
    let names = prop::sample::select(vec![
        "name",
        "birthDate",
        "identifier",
        "sex",
        "certificate",
        "issuer",
        "hcid",
        "period",
        "start",
        "vaccination",
        "vaccine",
        "brand",
        "lot",
        "date",
        "dose",
        "country",
        "test",
        "type",
        "result",
        "system",
        "code",
        "display",
        "coding",
        "value",
        "meta",
        "reference",
    ]);
    let leaf = prop_oneof![
        any::<i64>().prop_map(|n| Any::Integer(n.into())),
        "\\PC{0,12}".prop_map(Any::Text),
        Just(Any::Text("2024-03-01".into())),
        any::<f64>().prop_map(Any::Float),
        Just(Any::Null),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Any::Bytes),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            3 => prop::collection::btree_map(names.clone(), inner.clone(), 0..8)
                .prop_map(|map| Any::Map(map.into_iter().map(|(k, v)| (Any::Text(k.into()), v)).collect())),
            1 => prop::collection::vec(inner, 0..3).prop_map(Any::Array),
        ]
    })
}

#[test]
fn tests_are_written_with_the_codes_of_the_guide() {
    for (kind, code, brand) in [
        (TestKind::Naat, "1334426561", "PCR of the laboratory"),
        (TestKind::RapidAntigen, "2056159157", "Abbott Rapid Diagnostics, Panbio Covid-19 Ag Rapid Test"),
    ] {
        let ddcc = test(&test_record(kind), Frame { id: &id(), kid: None }).unwrap();
        let written = ddcc.to_cbor();
        let reading = Reading::of(&Value::read(&written).unwrap(), Kind::Test).unwrap();
        assert_eq!((&reading.ddcc, reading.remarks.as_slice()), (&ddcc, &[][..]));
        assert_eq!(ddcc.sub_claim(), crate::envelope::hcert::SUB_CLAIM_DDCC_TEST);
        let Event::Test(t) = &ddcc.event else { panic!("no test") };
        assert_eq!(t.kind.as_ref().unwrap().code.as_deref(), Some(code));
        assert_eq!(t.brand.as_ref().unwrap().words(), brand);
        assert_eq!((t.date.as_str(), t.result.as_ref().unwrap().words()), ("2024-08-20T10:03:12Z", "QA02"));
        assert_eq!((ddcc.country(), ddcc.sex.as_deref()), (Some("TGO"), None));
        let core = to_core(&ddcc);
        let [CoreEvent::Test(t)] = core.events.as_slice() else { panic!("no test") };
        assert_eq!(t.kind.as_ref().unwrap().system, CodeSystem::Ichi);
        assert_eq!(crate::payload::mapping::codes::detected(t.result.as_ref().unwrap()), Some(false));
    }
}

#[test]
fn what_the_model_requires_and_the_record_lacks_is_named() {
    let good = VaccinationRecord {
        provenance: provenance(),
        person: test_record(TestKind::Naat).person,
        product: Arc::clone(ValueSets::built_in().product("vaxzevria").unwrap()),
        lot: Some(" A1 ".into()),
        date: jiff::civil::date(2024, 3, 1),
        dose: 1,
        total_doses: 2,
        country: Country::SANDBOX,
        centre: None,
        practitioner: None,
        clinician: None,
        next_dose: None,
        issuer: "Ministry".into(),
    };
    let id = id();
    let frame = Frame { id: &id, kid: None };
    assert!(vaccination(&good, frame).is_ok());
    let with = |change: &dyn Fn(&mut VaccinationRecord)| {
        let mut record = good.clone();
        change(&mut record);
        vaccination(&record, frame).unwrap_err()
    };
    assert_eq!(with(&|r| r.lot = Some("  ".into())), MapError::LotMissing);
    assert_eq!(with(&|r| r.person.name = PersonName::default()), MapError::NameMissing);
    assert!(matches!(with(&|r| r.country = "QQ".parse().unwrap()), MapError::Country { .. }));
    let product = |change: &dyn Fn(&mut crate::valueset::VaccineProduct)| {
        let mut product = (*good.product).clone();
        change(&mut product);
        let product = Arc::new(product);
        with(&|r| r.product = Arc::clone(&product))
    };
    assert!(matches!(product(&|p| p.icd11 = None), MapError::NoIcd11 { .. }));
    assert!(matches!(product(&|p| p.disease.code = "16541001".into()), MapError::OtherDisease { .. }));
    let none = product(&|p| {
        p.eu = None;
        p.holder_name = String::new();
    });
    assert!(matches!(none, MapError::HolderMissing { .. }));
}

fn vaccinated(event: Any) -> Any {
    cbor!({"name" => "Aulus Agerius", "vaccination" => event}).unwrap()
}

#[test]
fn every_form_of_a_code_is_read_and_an_ambiguous_one_refused() {
    let with = |vaccine: Any| {
        read(&vaccinated(cbor!({"vaccine" => vaccine, "date" => "2021-05-06"}).unwrap()), Kind::Vaccination)
    };
    let code = |reading: Result<Reading, ReadError>| match reading.unwrap().ddcc.event {
        Event::Vaccination(v) => v.vaccine.unwrap(),
        Event::Test(_) => panic!("a test"),
    };
    for system in ["http://id.who.int/icd11/mms", "http://id.who.int/icd/release/11/mms"] {
        let coding = code(with(cbor!({"system" => system, "code" => "XM8NQ0"}).unwrap()));
        let core = crate::payload::mapping::system::classify(coding.system.as_deref(), "XM8NQ0");
        assert_eq!(core, CodeSystem::Icd11);
    }
    assert_eq!(code(with(Any::Text("XM8NQ0".into()))).code.as_deref(), Some("XM8NQ0"));
    let concept = cbor!({"coding" => [{"code" => "XM8NQ0"}], "text" => "Comirnaty"}).unwrap();
    assert_eq!(code(with(concept)).words(), "Comirnaty");
    for wrong in [
        cbor!({"coding" => [{"code" => "XM8NQ0"}, {"code" => "XM3DT5"}]}).unwrap(),
        cbor!({"coding" => [{"code" => "XM8NQ0"}], "code" => "XM3DT5"}).unwrap(),
        cbor!({"coding" => [{"coding" => [{"code" => "XM8NQ0"}]}]}).unwrap(),
        cbor!([{"code" => "XM8NQ0"}]).unwrap(),
        cbor!(5).unwrap(),
        cbor!({"code" => 208}).unwrap(),
    ] {
        assert!(matches!(with(wrong.clone()), Err(ReadError::Part { path: "vaccination.vaccine", .. })), "{wrong:?}");
    }
}

#[test]
fn one_event_in_a_list_is_read_and_two_are_refused() {
    let dose = cbor!({"vaccine" => "XM8NQ0", "date" => "2021-05-06"}).unwrap();
    let one = read(&vaccinated(Any::Array(vec![dose.clone()])), Kind::Vaccination).unwrap();
    assert!(one.remarks.contains(&Remark::OneInList));
    let two = vaccinated(Any::Array(vec![dose.clone(), dose.clone()]));
    assert_eq!(read(&two, Kind::Vaccination), Err(ReadError::SeveralEvents { count: 2 }));
    let both = cbor!({"name" => "A", "vaccination" => dose, "test" => {"date" => "2021-05-06"}}).unwrap();
    assert_eq!(read(&both, Kind::Vaccination), Err(ReadError::SeveralEvents { count: 2 }));
    assert!(matches!(read(&both, Kind::Test), Err(ReadError::SeveralEvents { .. })));
    assert!(matches!(read(&vaccinated(Any::Array(vec![])), Kind::Vaccination), Err(ReadError::Part { .. })));
}

#[test]
fn a_certificate_says_whose_it_is_what_happened_and_when() {
    let good = cbor!({"vaccine" => "XM8NQ0", "date" => "2021-05-06"}).unwrap();
    assert_eq!(
        read(&vaccinated(good), Kind::Vaccination).unwrap().remarks,
        [Remark::PlainCode, Remark::ElementMissing]
    );
    for (event, path) in [
        (cbor!({"vaccine" => "XM8NQ0"}).unwrap(), "vaccination.date"),
        (cbor!({"vaccine" => "XM8NQ0", "date" => null}).unwrap(), "vaccination.date"),
        (cbor!({"vaccine" => "XM8NQ0", "date" => "06/05/2021"}).unwrap(), "vaccination.date"),
        (cbor!({"vaccine" => "XM8NQ0", "date" => "2021-13-06"}).unwrap(), "vaccination.date"),
        (cbor!({"vaccine" => "XM8NQ0", "date" => "2021-05-06", "dose" => "one"}).unwrap(), "vaccination.dose"),
        (
            cbor!({"vaccine" => "XM8NQ0", "date" => "2021-05-06", "dose" => 5_000_000_000i64}).unwrap(),
            "vaccination.dose",
        ),
        (cbor!({"date" => "2021-05-06"}).unwrap(), "vaccination.vaccine"),
        (cbor!({"vaccine" => "X".repeat(500), "date" => "2021-05-06"}).unwrap(), "vaccination.vaccine"),
    ] {
        let error = read(&vaccinated(event), Kind::Vaccination).unwrap_err();
        assert!(matches!(error, ReadError::Part { path: found, .. } if found == path), "{error}");
    }
    let nobody = cbor!({"name" => "  ", "vaccination" => {"vaccine" => "XM8NQ0", "date" => "2021-05-06"}}).unwrap();
    assert!(matches!(read(&nobody, Kind::Vaccination), Err(ReadError::Part { path: "name", .. })));
}

#[test]
fn dates_and_doses_in_odd_forms_are_read_with_a_remark() {
    let with = |date: &str, dose: Any| {
        let event =
            cbor!({"vaccine" => "XM8NQ0", "date" => date, "dose" => dose, "validFrom" => "2021-05-20T10:00:00Z"});
        let reading = read(&vaccinated(event.unwrap()), Kind::Vaccination).unwrap();
        assert!(reading.remarks.contains(&Remark::DateWithTime));
        let Event::Vaccination(v) = reading.ddcc.event else { panic!("a test") };
        assert_eq!(v.valid_from.as_deref(), Some("2021-05-20"));
        (v.date, v.dose, reading.remarks)
    };
    let (date, dose, remarks) = with("2021-05-06T08:00:00+02:00", Any::Float(2.0));
    assert_eq!((date.as_str(), dose), ("2021-05-06T08:00:00+02:00", Some(2)));
    assert!(remarks.contains(&Remark::FloatDose));
    let (date, dose, remarks) = with("2021-05", Any::Integer(0.into()));
    assert_eq!((date.as_str(), dose), ("2021-05", None));
    assert!(remarks.contains(&Remark::PartialDate) && remarks.contains(&Remark::DoseBelowOne));
}

#[test]
fn the_first_form_of_a_vaccination_is_read() {
    let payload = cbor!({
        "hw" => "http://www.acme.org/practitioners/23", "lot" => "PT123F", "pha" => "wA69g8VD512TfTTdkTNSsG",
        "sex" => {"code" => "male", "system" => "http://hl7.org/fhir/administrative-gender"}, "date" => "2021-07-08",
        "dose" => 1, "hcid" => "US111222333444555666", "name" => "Aulus Agerius",
        "brand" => {"code" => "TEST", "system" => "http://example.org/codes"}, "centre" => "Vaccination Site",
        "country" => {"code" => "USA", "system" => "urn:iso:std:iso:3166"},
        "disease" => {"code" => "840539006", "system" => "http://snomed.info/sct"},
        "vaccine" => {"code" => "1119349007", "system" => "http://snomed.info/sct"}, "due_date" => "2021-07-29",
        "birthDate" => "1986-09-19", "ma_holder" => {"code" => "TEST", "system" => "http://example.org/codes"},
        "identifier" => "1234567890", "valid_from" => "2021-07-08", "total_doses" => 2,
        "valid_until" => "2022-07-08", "manufacturer" => "Organization/973", "vaccine_valid" => "2021-07-22"
    })
    .unwrap();
    let bytes = bytes(&payload);
    let value = Value::read(&bytes).unwrap();
    assert!(looks_flat(&value));
    let reading = Reading::of_flat(&value).unwrap();
    assert_eq!(reading.remarks, [Remark::FlatForm]);
    let core = to_core(&reading.ddcc);
    assert_eq!((core.holder.sex, core.certificate.valid_until.as_deref()), (Some(Sex::Male), Some("2022-07-08")));
    assert_eq!(core.certificate.id.as_deref(), Some("US111222333444555666"));
    let [CoreEvent::Vaccination(v)] = core.events.as_slice() else { panic!("no vaccination") };
    assert_eq!((v.valid_from.as_deref(), v.next_dose.as_deref()), (Some("2021-07-22"), Some("2021-07-29")));
    assert_eq!((v.dose, v.total_doses, v.country.as_deref()), (Some(1), Some(2), Some("USA")));
    assert_eq!(v.manufacturer.as_ref().unwrap().words(), "Organization/973");
}

#[test]
fn the_first_form_of_a_test_is_read_and_the_uvci_is_the_certificates() {
    let payload = cbor!({
        "sex" => {"code" => "male"},
        "meta" => {"url" => "https://verify.example", "reference" => "ABC", "notarisedOn" => "2022-03-15T02:26:02.672Z",
            "passportNumber" => "ES12345"},
        "name" => "TAN CHEN CHEN",
        "test" => {"date" => "2022-07-27T06:15:00Z", "type" => {"code" => "LP6464-4", "system" => "http://loinc.org"},
            "centre" => "Ministry of Health", "result" => {"code" => "260415000", "system" => "http://snomed.info/sct"},
            "country" => {"code" => "SGP", "system" => "urn:iso:std:iso:3166-1"},
            "pathogen" => {"code" => "XN109", "system" => "http://id.who.int/icd11/mms"}},
        "birthDate" => "1990-01-15", "identifier" => "URN:UVCI:01:SG:ABC-CDE-CDE"
    })
    .unwrap();
    let bytes = bytes(&payload);
    let value = Value::read(&bytes).unwrap();
    assert!(looks_flat(&value));
    let core = to_core(&Reading::of_flat(&value).unwrap().ddcc);
    assert_eq!(core.certificate.id.as_deref(), Some("URN:UVCI:01:SG:ABC-CDE-CDE"));
    let holder = &core.holder;
    assert_eq!((holder.identifier.as_deref(), holder.identifier_type.as_deref()), (Some("ES12345"), Some("PPN")));
    assert_eq!(core.certificate.valid_from.as_deref(), Some("2022-03-15T02:26:02.672Z"));
    let [CoreEvent::Test(t)] = core.events.as_slice() else { panic!("no test") };
    assert_eq!((t.centre.as_deref(), t.country.as_deref()), (Some("Ministry of Health"), Some("SGP")));

    // A vaccine that holds nothing is none.
    let nothing = self::bytes(&cbor!({"name" => "A", "vaccine" => {"x" => 1}, "date" => "2021-07-08"}).unwrap());
    assert!(matches!(Reading::of_flat(&Value::read(&nothing).unwrap()), Err(ReadError::Part { .. })));

    for other in [cbor!({"name" => "A", "v" => []}), cbor!({"1" => "XX", "-260" => {}}), cbor!([1])] {
        let bytes = self::bytes(&other.unwrap());
        assert!(!looks_flat(&Value::read(&bytes).unwrap()));
    }
}

#[test]
fn personal_data_stays_out_of_debug_output() {
    let ddcc = test(&test_record(TestKind::Naat), Frame { id: &id(), kid: None }).unwrap();
    let shown = format!("{ddcc:?} {:?} {:?}", ddcc.event, ddcc.identifier);
    assert!(!shown.contains("Mai") && !shown.contains("N1"), "{shown}");
}
