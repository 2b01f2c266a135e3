//! The way up against the way down: what we sign is accepted, and each single fault is named.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use vaccert::{
    batch::{ListKey, write_bundle},
    envelope::hcert::{self, Claims, ToBeSigned},
    issue::{Format, IssueError, Issuer, Record, RecordError, Terms},
    keys::{Algorithm, Certificate, Kid, MemorySigner, NotSigning, Signer},
    payload::dcc::NationalVaccines,
    record::{Country, Person, PersonName, Provenance, Uvci, VaccinationRecord},
    registry::{Options, Registry},
    revocation::{Builder, Fingerprints, HashKind},
    signers::sandbox::{Sandbox, SignerKey, Validity, make},
    trust::{TrustStore, TrustedKey, bundle},
    valueset::{VaccineProduct, ValueSets},
    verify::{Check, Decision, Knowledge, Reason, Verdict, Verifier},
};

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn later(days: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}

fn sandbox(key: SignerKey) -> Sandbox {
    make(key, &Validity::recommended(now()).unwrap(), [[1; 16], [2; 16]]).unwrap()
}

fn signer(sandbox: &Sandbox) -> Arc<dyn Signer> {
    let certificate = Certificate::from_der(&sandbox.signer.certificate_der).unwrap();
    Arc::new(MemorySigner::new(&sandbox.signer.private_key, certificate).unwrap())
}

fn store(signer: &dyn Signer) -> TrustStore {
    let mut store = TrustStore::new();
    store.add(TrustedKey::from_certificate(signer.certificate(), "list").unwrap());
    store
}

pub fn product(id: &str) -> Arc<VaccineProduct> {
    Arc::clone(ValueSets::built_in().product(id).unwrap())
}

pub fn dose(product: Arc<VaccineProduct>) -> VaccinationRecord {
    VaccinationRecord {
        provenance: Provenance {
            tracked_entity: "person".into(),
            event: "event".into(),
            updated_at: None,
            facility: None,
        },
        person: Person {
            name: PersonName {
                family: Some("Żółć".into()), given: Some("Łukasz".into()), ..PersonName::default()
            },
            birth_date: Some("1984-03-19".parse().unwrap()),
            sex: None,
            identifier: Some("secret".into()),
            nationality: None,
            document: None,
            guardian: None,
        },
        product,
        lot: Some("LOT1".into()),
        date: "2021-06-20".parse().unwrap(),
        dose: 2,
        total_doses: 2,
        country: Country::SANDBOX,
        centre: Some("Clinic".into()),
        practitioner: None,
        clinician: None,
        next_dose: None,
        issuer: "Ministry of Health".into(),
    }
}

fn id() -> Uvci {
    Uvci::from_random(Country::SANDBOX, [9; 16])
}

fn issue(signer: &Arc<dyn Signer>) -> String {
    let issuer = Issuer::new(Arc::clone(signer), "XX", Terms::default()).unwrap();
    let record = Record::Vaccination(Box::new(dose(product("comirnaty"))));
    issuer.seal(issuer.prepare(&record, &id(), &[Format::EuDcc], now()).unwrap()).unwrap().envelopes.remove(0).text
}

fn judge(text: &str, store: &TrustStore, at: Timestamp) -> Verdict {
    Verifier::new(store, at).judge(text)
}

fn reason(text: &str, store: &TrustStore, at: Timestamp) -> (Decision, Option<&'static str>) {
    let verdict = judge(text, store, at);
    (verdict.verdict, verdict.reason.map(Reason::code))
}

#[test]
fn what_we_sign_is_accepted_with_both_algorithms() {
    for key in [SignerKey::P256, SignerKey::Rsa2048] {
        let signer = signer(&sandbox(key));
        let verdict = judge(&issue(&signer), &store(signer.as_ref()), now());
        assert_eq!((verdict.verdict, verdict.reason), (Decision::Accepted, None));
        assert_eq!(verdict.warnings, ["sandbox"]);
        let holder = verdict.holder.unwrap();
        assert_eq!((holder.name.as_str(), holder.standardised_name.as_str()), ("Łukasz Żółć", "ZOLC<<LUKASZ"));
        assert_eq!(verdict.checks.revocation, Check::Unchecked);
    }
}

#[test]
fn time_decides_at_both_ends() {
    let signer = signer(&sandbox(SignerKey::P256));
    let (text, store) = (issue(&signer), store(signer.as_ref()));
    assert_eq!(reason(&text, &store, later(-1)).1, Some("not-yet-valid"));
    assert_eq!(reason(&text, &store, later(365)).0, Decision::Accepted);
    assert_eq!(reason(&text, &store, later(366)).1, Some("expired"));
    assert_eq!(reason(&text, &store, later(800)).1, Some("expired"));
}

#[test]
fn every_flipped_byte_of_the_message_is_noticed() {
    let signer = signer(&sandbox(SignerKey::P256));
    let (text, store) = (issue(&signer), store(signer.as_ref()));
    let (bytes, _) = hcert::from_text(&text).unwrap();
    for at in 0..bytes.len() {
        let mut forged = bytes.clone();
        forged[at] ^= 1;
        let verdict = judge(&hcert::to_text(&forged), &store, now());
        assert_ne!(verdict.verdict, Decision::Accepted, "byte {at}");
        assert!(verdict.holder.is_none() && verdict.payload.is_none(), "byte {at} shows a holder");
    }
}

#[test]
fn nobody_else_can_sign_for_us() {
    let (ours, theirs) = (signer(&sandbox(SignerKey::P256)), signer(&sandbox(SignerKey::P256)));
    let store = store(ours.as_ref());
    assert_eq!(reason(&issue(&theirs), &store, now()), (Decision::Undecided, Some("issuer-unknown")));
    // The same content under our key identifier.
    let payload = Claims::write_dcc("XX", now(), later(10), &[0xa0]);
    let stolen = ToBeSigned::new(Algorithm::Es256, ours.kid(), payload);
    let text = hcert::to_text(&stolen.finish(&theirs.sign(&stolen.signed_bytes()).unwrap()));
    assert_eq!(reason(&text, &store, now()), (Decision::Rejected, Some("signature-invalid")));
}

#[test]
fn algorithms_are_bound_to_their_keys() {
    let signer = signer(&sandbox(SignerKey::P256));
    let store = store(signer.as_ref());
    for (algorithm, expected) in
        [(Algorithm::Ps256, "algorithm-key-mismatch"), (Algorithm::EdDsa, "algorithm-unsupported")]
    {
        let message = ToBeSigned::new(algorithm, signer.kid(), Claims::write_dcc("XX", now(), later(1), &[0xa0]));
        let text = hcert::to_text(&message.finish(&signer.sign(&message.signed_bytes()).unwrap()));
        assert_eq!(reason(&text, &store, now()).1, Some(expected));
    }
    let message = ToBeSigned::new(Algorithm::Es256, &Kid::new([]), Claims::write_dcc("XX", now(), later(1), &[0xa0]));
    let text = hcert::to_text(&message.finish(&signer.sign(&message.signed_bytes()).unwrap()));
    assert_eq!(reason(&text, &store, now()).1, Some("issuer-unknown"));
}

#[test]
fn a_signed_message_that_is_no_certificate_is_rejected_after_its_signature() {
    let signer = signer(&sandbox(SignerKey::P256));
    let store = store(signer.as_ref());
    for content in [&[0xa0][..], &[0x41, 0x00], &[0xf6]] {
        let payload = Claims::write_dcc("XX", now(), later(1), content);
        let message = ToBeSigned::new(Algorithm::Es256, signer.kid(), payload);
        let text = hcert::to_text(&message.finish(&signer.sign(&message.signed_bytes()).unwrap()));
        let verdict = judge(&text, &store, now());
        assert_eq!((verdict.verdict, verdict.reason), (Decision::Rejected, Some(Reason::ContentInvalid)));
        assert_eq!(verdict.checks.signature, Check::Passed);
    }
}

#[test]
fn the_issuer_refuses_what_it_may_not_sign() {
    let signer = signer(&sandbox(SignerKey::P256));
    let error = Issuer::new(Arc::clone(&signer), "LK", Terms::default()).unwrap_err();
    assert!(matches!(error, IssueError::OtherCountry { .. }));
    let issuer = Issuer::new(Arc::clone(&signer), "XX", Terms::default()).unwrap();
    let record = Record::Vaccination(Box::new(dose(product("comirnaty"))));
    let refuse = |at| match issuer.prepare(&record, &id(), &[Format::EuDcc], at).unwrap_err() {
        RecordError::Issuer(IssueError::NotSigning(reason)) => reason,
        other => panic!("{other}"),
    };
    assert!(matches!(refuse(later(-1)), NotSigning::NotYet { .. }));
    assert!(matches!(refuse(later(184)), NotSigning::KeyUseOver { .. }));
    assert!(matches!(refuse(later(731)), NotSigning::Over { .. }));
    // Shortly before the end of the signer, the certificate ends with it.
    let terms = Terms { validity: SignedDuration::from_hours(24 * 5_000), ..Terms::default() };
    let issuer = Issuer::new(Arc::clone(&signer), "XX", terms).unwrap();
    let issued = issuer.seal(issuer.prepare(&record, &id(), &[Format::EuDcc], later(100)).unwrap()).unwrap();
    assert_eq!(issued.envelopes[0].expires_at, Some(signer.certificate().not_after()));
}

#[test]
fn a_vaccine_outside_the_eu_lists_follows_the_policy() {
    let signer = signer(&sandbox(SignerKey::P256));
    let national =
        VaccineProduct { id: "national".into(), name: "Vaxi Nova".into(), eu: None, ..(*product("comirnaty")).clone() };
    let record = Record::Vaccination(Box::new(dose(Arc::new(national))));
    let issuer = Issuer::new(Arc::clone(&signer), "XX", Terms::default()).unwrap();
    let Err(RecordError::Refused(refused)) = issuer.prepare(&record, &id(), &[Format::EuDcc], now()) else {
        panic!("was not refused")
    };
    assert_eq!(refused[0].refusal.code, "vaccine-not-in-eu-lists");
    let terms = Terms { national_vaccines: NationalVaccines::NationalName, ..Terms::default() };
    let issuer = Issuer::new(Arc::clone(&signer), "XX", terms).unwrap();
    let issued = issuer.seal(issuer.prepare(&record, &id(), &[Format::EuDcc], now()).unwrap()).unwrap();
    let verifier = store(signer.as_ref());
    let verdict = Verifier::new(&verifier, now()).with_payload(true).judge(&issued.envelopes[0].text);
    assert_eq!(verdict.payload.unwrap()["v"][0]["mp"], "Vaxi Nova");
}

#[test]
fn a_name_without_a_latin_form_is_refused_without_being_quoted() {
    let signer = signer(&sandbox(SignerKey::P256));
    let issuer = Issuer::new(signer, "XX", Terms::default()).unwrap();
    let mut record = dose(product("comirnaty"));
    record.person.name = PersonName { family: Some("ວົງສະຫວັນ".into()), ..PersonName::default() };
    let Err(RecordError::Refused(refused)) =
        issuer.prepare(&Record::Vaccination(Box::new(record.clone())), &id(), &[Format::EuDcc], now())
    else {
        panic!("was not refused")
    };
    let refusal = &refused[0].refusal;
    assert_eq!(refusal.code, "name-not-latin");
    assert!(refusal.message.contains("Lao") && !refusal.message.contains("ວ"));
    record.person.name.family_latin = Some("Vongsavanh".into());
    assert!(issuer.prepare(&Record::Vaccination(Box::new(record)), &id(), &[Format::EuDcc], now()).is_ok());
}

#[test]
fn bundles_are_believed_under_their_key_and_carry_revocations() {
    let sandbox = sandbox(SignerKey::P256);
    let signer = signer(&sandbox);
    let contents = |environment, revoked: bool| {
        let mut revocations = Builder::new();
        let id = *Fingerprints::of_identifier(id().as_str()).get(HashKind::Identifier).unwrap();
        let hashes = if revoked { vec![id] } else { vec![] };
        revocations.add_own(hashes, [signer.kid()], later(7)).unwrap();
        let mut contents = bundle::Contents::new(environment, 1, now(), later(7));
        contents.certificates = vec![signer.certificate().der().to_vec()];
        contents.revocations = revocations.finish().unwrap().encode().unwrap();
        contents
    };
    let own_key = [signer.certificate().public_key().unwrap()];
    let known = |file: Vec<u8>| Knowledge::of_bundle(&bundle::read(file, &[]).unwrap(), "bundle").unwrap();

    // Sandbox: believed by itself, and every verdict says so.
    let file = bundle::write(&contents(bundle::Environment::Sandbox, true), signer.as_ref()).unwrap();
    let text = issue(&signer);
    let verdict = known(file).verifier(now()).judge(&text);
    assert_eq!((verdict.verdict, verdict.reason), (Decision::Rejected, Some(Reason::Revoked)));

    let file = bundle::write(&contents(bundle::Environment::Sandbox, false), signer.as_ref()).unwrap();
    let knowledge = known(file);
    let verdict = knowledge.verifier(now()).judge(&text);
    assert_eq!((verdict.verdict, verdict.checks.revocation), (Decision::Accepted, Check::Passed));
    assert_eq!(verdict.issuer.list_age, Some(0));
    let verdict = knowledge.verifier(later(8)).judge(&text);
    assert_eq!((verdict.verdict, verdict.reason), (Decision::Undecided, Some(Reason::ListStale)));

    // Production: only under the list key, and a sandbox certificate in it is left out.
    let file = bundle::write(&contents(bundle::Environment::Production, false), signer.as_ref()).unwrap();
    assert!(matches!(bundle::read(file.clone(), &[]), Err(bundle::BundleError::NoListKey)));
    let mut store = TrustStore::new();
    bundle::add_to(&mut store, &bundle::read(file.clone(), &own_key).unwrap(), "bundle");
    assert!(store.is_empty());
    assert_eq!(store.list("bundle").unwrap().skipped.len(), 1);
    // What a sandbox says of the time is never remembered as signed; what a list key signed is.
    assert!(store.list("bundle").unwrap().authenticity.is_proven());
    assert!(!knowledge.trust.list("bundle").unwrap().authenticity.is_proven());

    // A changed byte anywhere in the signed part is noticed.
    let text = String::from_utf8(file).unwrap();
    let at = text.find("\"signed\": \"").unwrap() + 200;
    let mut damaged = text.into_bytes();
    damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
    assert!(bundle::read(damaged, &own_key).is_err());
}

#[tokio::test]
async fn a_bundle_is_written_whole_from_the_registry() {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::open(dir.path().join("r.sqlite").to_str().unwrap(), Options::default()).await.unwrap();
    let signer = signer(&sandbox(SignerKey::P256));
    let key = ListKey { signer: Arc::clone(&signer), validity: SignedDuration::from_hours(24) };
    let certificate = signer.certificate().clone();
    let path = write_bundle(dir.path(), &[certificate], &key, &registry, now()).await.unwrap();
    let bundle = bundle::read(std::fs::read(path).unwrap(), &[]).unwrap();
    assert_eq!(bundle.contents.certificates.len(), 1);
    assert!(Knowledge::of_bundle(&bundle, "bundle").unwrap().revocations.is_empty());
}
