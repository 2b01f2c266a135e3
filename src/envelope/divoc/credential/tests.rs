//! A credential of our own making, and what happens to it when something is added or changed.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    envelope::divoc::{Draft, Suite},
    keys::PublicKey,
};

fn document() -> Value {
    json!({
        "@context": [super::super::W3C_CONTEXT, "https://cowin.gov.in/credentials/vaccination/v2"],
        "type": ["VerifiableCredential", "ProofOfVaccinationCredential"],
        "credentialSubject": {
            "type": "Person", "id": "did:example:42", "refId": "r1", "name": "Ana \"Z\" Müller\n", "gender": "",
            "dob": "1990-01-02", "age": null, "address": {"city": "", "postalCode": 1234},
        },
        "issuer": "https://example.org/", "issuanceDate": "2022-01-05T17:43:33.711Z",
        "evidence": [{
            "id": "https://example.org/vaccine/123456789", "certificateId": "123456789", "type": ["Vaccination"],
            "batch": "B1", "vaccine": "Covishield", "manufacturer": "AstraZeneca", "icd11Code": "XM97T2",
            "prophylaxis": "p", "date": "2021-10-17T05:30:28.187Z", "dose": 1, "totalDoses": 2,
            "verifier": {"name": ""}, "facility": {"name": "F", "address": {"addressCountry": "XXX"}},
        }],
        "nonTransferable": "true",
    })
}

fn pair() -> (Ed25519KeyPair, PublicKey) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let mut spki = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".to_vec();
    spki.extend(pair.public_key().as_ref());
    let public = PublicKey::from_spki(&spki).unwrap();
    (pair, public)
}

fn sign(document: Value) -> String {
    let draft = Draft::new(document, Suite::Ed25519, "2022-01-05T17:43:33Z", "did:example").unwrap();
    let signature = pair().0.sign(&draft.signing_input());
    draft.sign(signature.as_ref()).unwrap()
}

fn holds(credential: &Credential) -> bool {
    let proof = credential.proof();
    pair().1.verify(proof.suite.algorithm(), &credential.signing_input(), &proof.signature).is_ok()
}

/// The signed credential with one change.
fn changed(change: impl FnOnce(&mut Value)) -> Result<Credential, CredentialError> {
    let mut value: Value = serde_json::from_str(&sign(document())).unwrap();
    change(&mut value);
    Credential::read(value.to_string().as_bytes())
}

#[test]
fn what_is_signed_reads_back() {
    let credential = Credential::read(sign(document()).as_bytes()).unwrap();
    assert!(holds(&credential) && credential.subject_covered());
    assert_eq!(credential.document(), &document());
    assert_eq!((credential.terms(), credential.deviations()), (Terms::V2, &[][..]));
    assert_eq!(credential.proof().verification_method, "did:example");
    let canonical = credential.canonical_document().unwrap();
    assert!(canonical.contains("\"Ana \\\"Z\\\" Müller\\n\" .\n") && canonical.contains("<vac:Facility>"));
    assert!(canonical.contains("\"1234\"^^<http://www.w3.org/2001/XMLSchema#integer>"));
    assert!(!canonical.contains("schema.org/Number"));
    assert!(!format!("{credential:?}").contains("Ana"));
}

#[test]
fn what_nobody_signed_is_named() {
    let path = |result: Result<Credential, CredentialError>| match result.unwrap_err() {
        CredentialError::UnknownMember { path } => path,
        other => panic!("{other:?}"),
    };
    assert_eq!(path(changed(|c| c["id"] = json!("urn:x:1"))), "id");
    assert_eq!(path(changed(|c| c["credentialSubject"]["sex"] = json!("F"))), "credentialSubject.sex");
    assert_eq!(path(changed(|c| c["evidence"][0]["note"] = json!(1))), "evidence[0].note");
    assert_eq!(
        path(changed(|c| c["evidence"][0]["facility"]["address"]["id"] = json!("a:b"))),
        "evidence[0].facility.address.id"
    );
    assert_eq!(path(changed(|c| c["proof"]["nonce"] = json!("x"))), "proof.nonce");
    assert_eq!(
        path(changed(|c| c["@context"][1] = json!("https://cowin.gov.in/credentials/vaccination/v1")))
            .split('.')
            .count(),
        2
    );
}

#[test]
fn what_is_of_another_form_is_named() {
    type Change = fn(&mut Value);
    type Expected = fn(&CredentialError) -> bool;
    let cases: [(Change, Expected); 18] = [
        (
            |c| c["@context"][1] = json!("https://evil.example/v1"),
            |e| matches!(e, CredentialError::UnknownContext { .. }),
        ),
        (
            |c| c["@context"][0] = json!("https://evil.example/v1"),
            |e| matches!(e, CredentialError::Form { path: "@context", .. }),
        ),
        (|c| c["type"] = json!(["VerifiableCredential"]), |e| matches!(e, CredentialError::Type { .. })),
        (|c| c["credentialSubject"]["type"] = json!("Animal"), |e| matches!(e, CredentialError::Type { .. })),
        (|c| c["evidence"] = json!([]), |e| *e == CredentialError::Evidence { count: 0 }),
        (
            |c| c["evidence"] = json!([c["evidence"][0], c["evidence"][0]]),
            |e| *e == CredentialError::Evidence { count: 2 },
        ),
        (|c| c["evidence"][0]["id"] = json!("123"), |e| *e == CredentialError::Uncovered { path: "evidence[0].id" }),
        (|c| c["issuer"] = json!("example"), |e| *e == CredentialError::Uncovered { path: "issuer" }),
        (|c| c["credentialSubject"]["id"] = c["evidence"][0]["id"].clone(), |e| *e == CredentialError::SharedId),
        (
            |c| c["credentialSubject"]["id"] = json!("did:x> <p:p> \"y\" .\n<did:x"),
            |e| matches!(e, CredentialError::Iri { .. }),
        ),
        (|c| c["credentialSubject"]["name"] = json!(["a", "b"]), |e| matches!(e, CredentialError::Member { .. })),
        (|c| c["credentialSubject"]["address"] = json!("x"), |e| matches!(e, CredentialError::Form { .. })),
        (|c| c["proof"]["type"] = json!("RsaSignature2018"), |e| *e == CredentialError::Jws { part: "header" }),
        (|c| c["proof"]["type"] = json!("BbsSignature"), |e| matches!(e, CredentialError::Suite { .. })),
        (
            |c| c["proof"]["jws"] = json!(c["proof"]["jws"].as_str().unwrap().replace("..", ".e30.")),
            |e| *e == CredentialError::Jws { part: "payload" },
        ),
        (
            |c| c["proof"]["created"] = json!("\" .\n"),
            |e| matches!(e, CredentialError::Form { path: "proof.created", .. }),
        ),
        (|c| c["proof"]["verificationMethod"] = json!("india"), |e| matches!(e, CredentialError::Form { .. })),
        (|c| c["proof"] = json!([c["proof"]]), |e| matches!(e, CredentialError::Form { path: "proof", .. })),
    ];
    for (position, (change, expected)) in cases.into_iter().enumerate() {
        let error = changed(change).unwrap_err();
        assert!(expected(&error), "case {position}: {error:?}");
    }
}

#[test]
fn a_person_without_an_absolute_iri_is_told() {
    for id in ["", "872550100V", "1:2"] {
        let credential = changed(|c| c["credentialSubject"]["id"] = json!(id)).unwrap();
        assert!(!credential.subject_covered() && !holds(&credential));
        // What is left of the person is an address that belongs to nobody.
        assert!(!credential.canonical_document().unwrap().contains("Ana"));
    }
    let mut document = document();
    document["credentialSubject"]["id"] = json!("872550100V");
    let refused = Draft::new(document, Suite::Ed25519, "2022-01-05T17:43:33Z", "did:example");
    assert_eq!(refused, Err(CredentialError::Uncovered { path: "credentialSubject.id" }));
    let spaced = changed(|c| c["credentialSubject"]["id"] = json!("custom:aadhar card:1")).unwrap();
    assert_eq!((spaced.subject_covered(), spaced.deviations()), (true, &[Deviation::SpaceInIri][..]));
}

#[test]
fn a_name_twice_is_refused() {
    let text = sign(document()).replacen("\"dose\":1", "\"dose\":9,\"dose\":1", 1);
    assert!(matches!(Credential::read(text.as_bytes()), Err(CredentialError::Json(JsonError::Twice { .. }))));
    assert!(matches!(Credential::read(&[b' '; 20_000]), Err(CredentialError::TooLong { bytes: 20_000 })));
}

proptest! {
    #[test]
    fn any_text_of_a_person_is_signed_and_reads_back(name in "\\PC{0,40}", batch in any::<String>(), number in any::<f64>()) {
        let mut document = document();
        document["credentialSubject"]["name"] = json!(name);
        document["evidence"][0]["batch"] = json!(batch);
        document["credentialSubject"]["age"] = json!(number);
        let credential = Credential::read(sign(document.clone()).as_bytes()).unwrap();
        prop_assert!(holds(&credential));
        document["credentialSubject"]["name"] = json!(format!("{name}x"));
        let other = Credential::read(sign(document).as_bytes()).unwrap();
        prop_assert!(other.verify_data() != credential.verify_data());
    }

    #[test]
    fn any_json_is_read_or_refused(text in r#"[\[\]{}",:0-9a-c.e\\ -]{0,40}"#) {
        let _ = Credential::read(text.as_bytes());
    }
}
