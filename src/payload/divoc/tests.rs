//! Record → credential → JSON and CBOR → core data set, up to the losses that the mapping tells; and what the
//! plausibility rules find in values that were exchanged.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    envelope::{
        divoc::{Draft, Suite},
        hcert::cbor::Value,
    },
    payload::core::{self, Loss},
    record::{
        Country, DocumentKind, PartialDate, Person, PersonName, Provenance, Sex, TravelDocument, Uvci,
        VaccinationRecord,
    },
    valueset::ValueSets,
};

const V1: &str = "https://divoc.dev/credentials/vaccination/v1";
const V2: &str = "https://cowin.gov.in/credentials/vaccination/v2";

fn addresses(namespace: &str) -> Addresses {
    let addresses = Addresses::new(namespace, "did:example:moh", "https://moh.example/", "https://moh.example/v/");
    addresses.unwrap().with_info("https://moh.example/i/").unwrap()
}

fn id() -> Uvci {
    Uvci::from_random(Country::SANDBOX, [3; 16])
}

fn issued() -> Timestamp {
    "2022-03-04T05:06:07.891234Z".parse().unwrap()
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
                family: Some("Đỗ".into()), given: Some("Thị \"Mai\"".into()), ..PersonName::default()
            },
            birth_date: Some("1990-07-01".parse().unwrap()),
            sex: Some(Sex::Female),
            identifier: Some("NIC 12/34".into()),
            nationality: Some("LK".parse().unwrap()),
            document: None,
            guardian: None,
        },
        product: Arc::clone(ValueSets::built_in().product("covishield").unwrap()),
        lot: Some("4120Z002".into()),
        date: "2022-03-01".parse().unwrap(),
        dose: 1,
        total_doses: 2,
        country: "LK".parse().unwrap(),
        centre: Some("MOH Office".into()),
        practitioner: Some("P-7".into()),
        clinician: None,
        next_dose: None,
        issuer: "Ministry of Health".into(),
    }
}

fn mapped(record: &VaccinationRecord, namespace: &str) -> Mapped {
    vaccination(record, &id(), issued(), &addresses(namespace)).unwrap()
}

fn findings(credential: &Credential) -> Findings {
    check(credential, ValueSets::built_in(), Binding::Unordered)
}

#[test]
fn a_record_becomes_what_verifiers_read() {
    let Mapped { credential, losses } = mapped(&record(), V2);
    let json = credential.to_json();
    let id = id();
    let certificate_id = id.as_str().rsplit_once('#').unwrap().0;
    assert_eq!(
        json["credentialSubject"],
        json!({
            "type": "Person", "id": "did:example:moh:NIC%2012%2F34", "refId": "person", "name": "Thị \"Mai\" Đỗ",
            "gender": "Female", "dob": "1990-07-01", "nationality": "LKA",
        })
    );
    assert_eq!(
        json["evidence"],
        json!([{
            "type": ["Vaccination"], "id": format!("https://moh.example/v/{certificate_id}"),
            "infoUrl": format!("https://moh.example/i/{certificate_id}"), "certificateId": certificate_id,
            "batch": "4120Z002", "vaccine": "Covishield", "manufacturer": "Serum Institute Of India Private Limited",
            "icd11Code": "XM97T2", "prophylaxis": "Covishield®", "date": "2022-03-01T00:00:00.000Z",
            "effectiveStart": "2022-03-01", "dose": 1, "totalDoses": 2, "verifier": {"id": "P-7", "name": ""},
            "facility": {"name": "MOH Office", "address": {"addressCountry": "LKA"}},
        }])
    );
    assert_eq!(json["issuanceDate"], "2022-03-04T05:06:07.891Z");
    let lost: Vec<&str> = losses.iter().map(|loss| loss.element).collect();
    assert_eq!(lost, ["certificate.issuer", "holder.family", "holder.given"]);
    assert_eq!(findings(&credential), Findings::default());

    let first = mapped(&record(), V1).credential.to_json();
    assert_eq!(first["credentialSubject"]["age"], "31");
    assert_eq!(first["evidence"][0]["facility"]["address"]["addressCountry"], "LK");
    assert_eq!((first["credentialSubject"].get("dob"), first["evidence"][0].get("icd11Code")), (None, None));
}

#[test]
fn a_person_always_has_an_absolute_iri() {
    let id_of = |change: fn(&mut Person)| {
        let mut record = record();
        change(&mut record.person);
        mapped(&record, V2).credential.subject.id.unwrap()
    };
    let document = |p: &mut Person| {
        p.document = Some(TravelDocument { kind: DocumentKind::Passport, number: "X 1".into() });
    };
    assert_eq!(id_of(document), "did:example:moh:PPN:X%201");
    assert_eq!(id_of(|p| p.identifier = Some("urn:nid:7".into())), "urn:nid:7");
    assert_eq!(id_of(|p| p.identifier = Some("urn:nid 7".into())), "did:example:moh:urn%3Anid%207");
    assert!(id_of(|p| p.identifier = None).starts_with("did:example:moh:URN%3AUVCI%3A01%3AXX%3A"));
}

#[test]
fn settings_that_no_reader_would_take_are_named() {
    let new = |namespace: &str, did: &str, issuer: &str, evidence: &str| {
        Addresses::new(namespace, did, issuer, evidence).unwrap_err()
    };
    let https = "https://a.example/";
    assert!(matches!(new("https://a.example/v1", "did:x:y", https, https), MapError::Context { .. }));
    let tests = "https://cowin.gov.in/credentials/testCertificate/v1";
    assert!(matches!(new(tests, "did:x:y", https, https), MapError::Context { .. }));
    assert!(matches!(new(V2, "did:x y", https, https), MapError::Did { .. }));
    assert!(matches!(new(V2, "india", https, https), MapError::Did { .. }));
    assert!(matches!(new(V2, "did:x", "moh", https), MapError::Address { what: "issuer", .. }));
    assert!(matches!(new(V2, "did:x", https, "https://a.example"), MapError::EvidenceEnd { .. }));
    let mut nameless = record();
    nameless.person.name = PersonName::default();
    assert_eq!(vaccination(&nameless, &id(), issued(), &addresses(V2)), Err(MapError::NoName));
}

fn option<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    prop::option::of(strategy)
}

fn any_record() -> impl Strategy<Value = VaccinationRecord> {
    // The last one is a letter: a name without any is refused.
    let word = || "[A-Za-zÀ-ÿ\"\\\\'<>-][ -~À-ÿ]{0,20}[A-Za-zÀ-ÖØ-öø-ÿ]";
    let person = (
        option(word()),
        word(),
        option("(19[0-9]{2})(-0[1-9](-(1[0-9]|2[0-8]))?)?"),
        0..4usize,
        option("[ -~]{1,20}"),
        option("[A-Z0-9 ]{1,12}"),
    );
    let dose = (0..ValueSets::built_in().products().len(), option("[A-Z]{2}[0-9]{3,6}"), 0i32..600, 1u8..5);
    let rest = (option(word()), option(word()), option(word()), any::<bool>());
    (person, dose, rest).prop_map(|(person, dose, rest)| {
        let (given, family, birth, sex, identifier, document) = person;
        let (product, lot, days, number) = dose;
        let (centre, practitioner, clinician, next) = rest;
        let date: Date = "2020-06-01".parse().unwrap();
        VaccinationRecord {
            person: Person {
                name: PersonName { family: Some(family), given, ..PersonName::default() },
                birth_date: birth.map(|text| text.parse().unwrap()),
                sex: [None, Some(Sex::Female), Some(Sex::Male), Some(Sex::Other)][sex],
                identifier,
                nationality: None,
                document: document.map(|number| TravelDocument { kind: DocumentKind::Passport, number }),
                guardian: None,
            },
            product: Arc::clone(&ValueSets::built_in().products()[product]),
            lot,
            date: date.checked_add(jiff::Span::new().days(days)).unwrap(),
            dose: number,
            total_doses: number.max(2),
            centre,
            practitioner,
            clinician,
            next_dose: next.then_some(date),
            ..record()
        }
    })
}

/// What the core data set must say of a record, given what was lost.
fn agrees(record: &VaccinationRecord, core: &core::CoreDataSet, losses: &[Loss]) {
    let lost = |element: &str| losses.iter().any(|loss| loss.element == element);
    let [core::Event::Vaccination(v)] = core.events.as_slice() else { panic!("one vaccination") };
    let (person, holder) = (&record.person, &core.holder);
    for part in [person.name.display_given(), person.name.display_family()].into_iter().flatten() {
        assert!(holder.name.contains(part.trim()), "{} {part}", holder.name);
    }
    match person.birth_date {
        Some(date) if !lost("holder.birth_date") => assert_eq!(holder.birth_date, Some(date.to_string())),
        _ => assert_eq!(holder.birth_date, None),
    }
    assert_eq!(holder.sex, person.sex);
    assert_eq!(v.brand.as_ref().unwrap().code, record.product.name);
    assert_eq!(v.manufacturer.as_ref().unwrap().code, record.product.holder_name);
    let icd11 = record.product.icd11.as_ref().filter(|_| !lost("vaccination.vaccine"));
    assert_eq!(v.vaccine.as_ref().map(|coding| &coding.code), icd11.map(|coding| &coding.code));
    assert_eq!(v.disease.as_ref().map(|coding| coding.code.as_str()), Some(record.product.disease.code.as_str()));
    assert_eq!(v.lot, record.lot);
    assert_eq!(v.date.as_ref().unwrap().get(..10), Some(record.date.to_string().as_str()));
    assert_eq!((v.dose, v.total_doses), (Some(record.dose.into()), Some(record.total_doses.into())));
    assert_eq!(v.centre.as_deref(), record.centre.as_deref().map(str::trim));
    let practitioner = record.clinician.as_ref().or(record.practitioner.as_ref());
    assert_eq!(v.practitioner.as_deref(), practitioner.map(|text| text.trim()));
    assert_eq!(v.next_dose, None);
    assert_eq!(record.next_dose.is_some(), lost("vaccination.next_dose"));
    assert!(v.country.as_ref().is_some_and(|code| code.starts_with(record.country.as_str())));
    assert!(id().as_str().starts_with(core.certificate.id.as_ref().unwrap()));
}

proptest! {
    #[test]
    fn record_to_credential_to_core_loses_what_it_tells(record in any_record(), first in any::<bool>()) {
        let Mapped { credential, losses } = mapped(&record, if first { V1 } else { V2 });
        let json = credential.to_json();
        let reading = Reading::of(&json).unwrap();
        prop_assert_eq!(&reading.remarks, &[]);
        prop_assert_eq!(&reading.credential, &credential);
        agrees(&record, &to_core(&reading.credential), &losses);
        // What is mapped can be signed: the person is covered, and nothing in it is unknown to the contexts.
        prop_assert!(Draft::new(json, Suite::Ed25519, "2022-03-04T05:06:07Z", "did:example:moh").is_ok());
        let found = findings(&credential);
        prop_assert!(found.implausible.is_empty() || record.person.birth_date.is_some_and(|d| d.earliest() > record.date), "{found:?}");

        let cbor = credential.to_cbor();
        prop_assert_eq!(Reading::of_cbor(&Value::read(&cbor).unwrap()).unwrap().credential, credential);
    }

    #[test]
    fn any_content_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..100), member in "[a-zA-Z]{1,12}") {
        if let Ok(value) = Value::read(&bytes) {
            let _ = Reading::of_cbor(&value);
        }
        let mut json = mapped(&record(), V2).credential.to_json();
        json["evidence"][0][&member] = json!([1]);
        prop_assert!(Reading::of(&json).is_err());
    }
}

/// The credential of the record with other values at some places.
fn exchanged(change: impl FnOnce(&mut Credential, &mut Vaccination)) -> Findings {
    let mut credential = mapped(&record(), V2).credential;
    let Event::Vaccination(mut v) = credential.evidence.event.clone() else { panic!() };
    change(&mut credential, &mut v);
    credential.evidence.event = Event::Vaccination(v);
    findings(&credential)
}

#[test]
fn exchanged_values_are_found() {
    use Implausible::*;
    use std::mem::swap;
    type Change = fn(&mut Credential, &mut Vaccination);
    let cases: [(Change, Implausible); 15] = [
        (|_, v| swap(&mut v.batch, &mut v.vaccine), Names),
        (|_, v| swap(&mut v.batch, &mut v.manufacturer), Names),
        (|_, v| swap(&mut v.vaccine, &mut v.manufacturer), Names),
        (|_, v| swap(&mut v.icd11, &mut v.batch), Names),
        (|_, v| swap(&mut v.dose, &mut v.total_doses), Doses),
        (|_, v| v.total_doses = None, Doses),
        (|_, v| v.dose = Some(0), Doses),
        (|_, v| swap(&mut v.date, &mut v.effective_start), Dates),
        (|_, v| v.date = Some("2022-03-09".into()), Dates),
        (|_, v| v.effective_until = Some("2022-02-01".into()), Dates),
        (|_, v| v.date = None, Incomplete),
        (|c, _| (c.evidence.certificate_id, c.evidence.id) = (None, None), Incomplete),
        (|c, v| swap(&mut c.evidence.certificate_id, &mut v.batch), CertificateId),
        (|c, _| c.evidence.certificate_id = None, CertificateId),
        (|c, _| swap(&mut c.subject.uhid, &mut c.subject.ref_id), HealthIdAlone),
    ];
    for (position, (change, expected)) in cases.into_iter().enumerate() {
        let found = exchanged(change);
        assert!(found.implausible.contains(&expected), "case {position}: {found:?}");
    }
}

#[test]
fn what_could_be_otherwise_is_in_doubt() {
    let doubts = |change: fn(&mut Credential, &mut Vaccination)| exchanged(change).doubts;
    assert_eq!(doubts(|_, v| v.vaccine = Some("Novelvax".into())), []);
    assert_eq!(doubts(|_, v| (v.vaccine, v.batch) = (Some("Novelvax".into()), Some("Lot".into()))), [Doubt::Vaccine]);
    assert_eq!(
        doubts(|_, v| (v.vaccine, v.manufacturer) = (Some("Novel".into()), Some("New".into()))),
        [Doubt::Vaccine]
    );
    assert_eq!(doubts(|_, v| v.manufacturer = Some("india".into())), []);
    assert_eq!(
        doubts(|_, v| (v.manufacturer, v.batch) = (Some("7".into()), Some("india".into()))),
        [Doubt::Manufacturer]
    );
    // A booster behind the two doses of Covishield; the same numbers behind a series of unknown length.
    assert_eq!(exchanged(|_, v| v.dose = Some(3)), Findings::default());
    let unknown = doubts(|_, v| (v.dose, v.vaccine) = (Some(3), Some("Sinopharm".into())));
    assert_eq!(unknown, [Doubt::Doses]);
    let plain = |start: &'static str| {
        exchanged(|c, v| {
            c.issuance_date = "2022-04-01T00:00:00Z".into();
            (v.date, v.effective_start) = (Some("2022-03-01".into()), Some(start.into()));
        })
    };
    assert_eq!(plain("2022-03-01"), Findings::default());
    assert_eq!(plain("2022-03-15"), Findings::default());
    assert_eq!(plain("2022-02-15").doubts, [Doubt::Dates]);
    assert_eq!(plain("2022-04-01").doubts, [Doubt::Dates]);
    // In COSE every value is at its place.
    let mut credential = mapped(&record(), V2).credential;
    credential.evidence.certificate_id = None;
    let Event::Vaccination(v) = &mut credential.evidence.event else { panic!() };
    (v.dose, v.vaccine, v.manufacturer) = (Some(9), Some("New".into()), Some("7".into()));
    let found = check(&credential, ValueSets::built_in(), Binding::Ordered);
    assert_eq!((found.implausible, found.doubts, found.unknown_vaccine), (vec![], vec![], true));
}

#[test]
fn the_tail_of_an_address_is_a_whole_id() {
    let holds = |evidence: &str, id: &str| {
        exchanged(|c, _| (c.evidence.id, c.evidence.certificate_id) = (Some(evidence.into()), Some(id.into())))
            .implausible
            .is_empty()
    };
    assert!(holds("https://x/vaccine/123456789", "123456789") && holds("https://x/vaccine123456789", "123456789"));
    assert!(holds("https://x/?id=AB1", "AB1"));
    assert!(
        !holds("https://x/vaccine/123456789", "6789") && !holds("https://x/AB1", "B1") && !holds("https://x/", "1")
    );
}

#[test]
fn tests_are_read_and_their_results_are_not_guessed() {
    let credential = |result: &str, batch: &str| {
        let json = json!({
            "@context": ["https://www.w3.org/2018/credentials/v1", "https://cowin.gov.in/credentials/testCertificate/v1"],
            "type": ["VerifiableCredential", "ProofOfTestCertificateCredential"],
            "credentialSubject": {"type": "Person", "id": "did:x:1", "refId": "1", "name": "A", "dob": "1990-01-01"},
            "issuer": "https://cowin.gov.in/", "issuanceDate": "2022-01-02T00:00:00.000Z",
            "evidence": [{
                "id": "https://cowin.gov.in/test/204604148", "certificateId": "204604148", "type": ["TestDetails"],
                "testName": "Quick", "testType": "RT-PCR", "disease": "COVID-19", "sampleOrigin": "Nose",
                "batch": batch, "result": result, "sampleCollectionTimestamp": "2022-01-01T00:00:00.000Z",
                "resultTimestamp": "2022-01-01T09:00:00.000Z", "facility": {"address": {"addressCountry": "IN"}},
            }],
            "nonTransferable": "true",
        });
        Reading::of(&json).unwrap().credential
    };
    let negative = credential("Negative", "b");
    assert_eq!(findings(&negative), Findings::default());
    let core::Event::Test(test) = &to_core(&negative).events[0] else { panic!() };
    assert_eq!(test.result.as_ref().unwrap().code, "260415000");
    assert_eq!(findings(&credential("b", "Negative")).implausible, [Implausible::Names]);
    assert_eq!(findings(&credential("unclear", "b")).doubts, [Doubt::Test]);
    let core::Event::Test(test) = &to_core(&credential("unclear", "b")).events[0] else { panic!() };
    assert_eq!(test.result.as_ref().unwrap().system, core::CodeSystem::Text);
}

#[test]
fn personal_data_stay_out_of_debug_output() {
    let text = format!("{:?}", mapped(&record(), V2));
    assert!(!text.contains("Mai") && !text.contains("1990") && !text.contains("NIC"), "{text}");
    let _: Option<PartialDate> = record().person.birth_date;
}
