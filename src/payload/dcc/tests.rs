//! Tests and recoveries: mapped, allowed by our own rules, written and read back unchanged.

use super::{Dcc, Entry, Reading, check, recovery, test};
use crate::{
    envelope::hcert::cbor::Value,
    record::{Country, Person, PersonName, Provenance, RecoveryRecord, TestKind, TestRecord, TestResult, Uvci},
};

fn person() -> Person {
    Person {
        name: PersonName { family: Some("Đỗ".into()), given: Some("Thị Mai".into()), ..PersonName::default() },
        birth_date: Some("1990-07".parse().unwrap()),
        sex: None,
        identifier: None,
        nationality: None,
        document: None,
        guardian: None,
    }
}

fn provenance() -> Provenance {
    Provenance { tracked_entity: "person".into(), event: "event".into(), updated_at: None, facility: None }
}

fn id() -> Uvci {
    Uvci::from_random(Country::SANDBOX, [3; 16])
}

fn test_record(kind: TestKind, device: Option<&str>) -> TestRecord {
    TestRecord {
        provenance: provenance(),
        person: person(),
        kind,
        name: Some("PCR of the national laboratory".into()),
        device: device.map(str::to_owned),
        sampled_at: "2021-08-20T10:03:12.5Z".parse().unwrap(),
        result: TestResult::NotDetected,
        centre: Some("Laboratory 1".into()),
        country: Country::SANDBOX,
        issuer: "Ministry of Health".into(),
    }
}

fn reads_back(dcc: &Dcc) {
    assert_eq!(check(dcc), []);
    let bytes = dcc.to_cbor();
    let reading = Reading::of(&Value::read(&bytes).unwrap()).unwrap();
    assert_eq!((&reading.dcc, reading.remarks.as_slice()), (dcc, &[][..]));
}

#[test]
fn a_test_of_each_kind_carries_what_its_kind_may_carry() {
    let naat = test(&test_record(TestKind::Naat, Some("1232")), &id()).unwrap();
    reads_back(&naat);
    let Entry::Test(entry) = &naat.entry else { panic!("not a test") };
    assert_eq!((entry.device.as_deref(), entry.sampled_at.as_str()), (None, "2021-08-20T10:03:12Z"));
    assert_eq!((entry.kind.as_str(), entry.result.as_str()), ("LP6464-4", "260415000"));
    assert_eq!(naat.name.family_standard.as_deref(), Some("DO"));
    assert_eq!(naat.birth_date, "1990-07");

    let rapid = test(&test_record(TestKind::RapidAntigen, Some("1232")), &id()).unwrap();
    reads_back(&rapid);
    let Entry::Test(entry) = &rapid.entry else { panic!("not a test") };
    assert_eq!((entry.test_name.as_deref(), entry.device.as_deref()), (None, Some("1232")));

    let without = test(&test_record(TestKind::RapidAntigen, None), &id()).unwrap();
    assert_eq!(check(&without).len(), 1, "a rapid antigen test names its device");
}

#[test]
fn a_recovery_keeps_its_dates() {
    let record = RecoveryRecord {
        provenance: provenance(),
        person: person(),
        first_positive: "2021-04-21".parse().unwrap(),
        valid_from: "2021-05-01".parse().unwrap(),
        valid_until: "2021-10-21".parse().unwrap(),
        country: Country::SANDBOX,
        issuer: "Ministry of Health".into(),
    };
    let dcc = recovery(&record, &id()).unwrap();
    reads_back(&dcc);
    let backwards = RecoveryRecord { valid_until: "2021-04-30".parse().unwrap(), ..record };
    assert_eq!(check(&recovery(&backwards, &id()).unwrap()).len(), 1);
}

#[test]
fn a_name_part_without_letters_is_left_out_in_both_forms() {
    let mut record = test_record(TestKind::Naat, None);
    record.person.name.family = Some("-".into());
    let dcc = test(&record, &id()).unwrap();
    reads_back(&dcc);
    assert_eq!((dcc.name.family, dcc.name.family_standard), (None, None));
}
