//! WHO's production trust lists: their proofs, checked as WHO makes them.
//!
//! The list of version 2 verifies under the key that WHO publishes for it, which proves every step from JSON to the
//! signed bytes. Who signs version 1 is not published, so of that list only the bytes are compared with those of
//! an independent JSON-LD processor (PyLD 3.3.0), and the form of its signature is read.

use std::{fs, path::PathBuf, time::Instant};

use p256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use serde_json::Value;
use vaccert::{
    keys::{PublicKey, sha256},
    trust::proof::{self, Environment, ProofError, Statement},
};

use crate::vectors::vectors;

fn list(version: u8) -> Option<(PathBuf, Vec<u8>)> {
    let path = vectors(&format!("vectors/trust-lists/gdhcn-prod-v{version}-did.json"))?;
    let bytes = fs::read(&path).unwrap();
    Some((path, bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn production() -> PublicKey {
    Environment::Production.signer().unwrap()
}

/// The keys under which the signature would hold: two of the curve's points, seldom four (SEC 1, section 4.1.6).
fn candidates(statement: &Statement) -> Vec<PublicKey> {
    let spki_prefix = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let ids = (0..4).filter_map(RecoveryId::from_byte);
    let signature = Signature::from_slice(&statement.signatures()[0]).unwrap();
    ids.filter_map(|id| VerifyingKey::recover_from_msg(statement.message(), &signature, id).ok())
        .map(|key| PublicKey::from_spki(&[&spki_prefix, key.to_sec1_point(false).as_bytes()].concat()).unwrap())
        .collect()
}

/// Whether two keys are one, told by a signature that only one key verifies.
fn verifies(statement: &Statement, key: &PublicKey) -> bool {
    statement.clone().verify(std::slice::from_ref(key)).is_ok()
}

#[test]
fn the_production_list_is_proven_under_the_published_key() {
    let Some((_, bytes)) = list(2) else { return };
    let keys: Vec<_> = Environment::ALL.iter().rev().map(|environment| environment.signer().unwrap()).collect();
    let start = Instant::now();
    let proof = proof::verify(&bytes, &keys).unwrap();
    println!("gdhcn v2: {} bytes proven in {:?}", bytes.len(), start.elapsed());
    assert_eq!(proof.key, 2, "production, not one of the test environments");
    assert_eq!(proof.verification_method, Environment::Production.verification_method());
}

/// The signed bytes of both lists, as PyLD makes them. Pinned to the files they were made from.
#[test]
fn the_signed_bytes_are_those_of_an_independent_processor() {
    let pins = [
        (
            1,
            "de417d4e59dfa313c47b455ab01e5a9e83511bfcb889c560c09c256560b34914",
            "ff1c73e2758c0d09348acc3272e95eeebc3087ad7868b43165300d22d07f20fa\
             26c8dad379b59004ee4087cb7143be17eb54ed84a386c6f7d1401b424c5afef6",
        ),
        (
            2,
            "1569444a283c8bada95cc6536401db6cb653cefd1be90fba56eea65c49990362",
            "37d3725ff705be463a9c7ea7eb59ce46bcc4a521b6befda6b3f9ceb1ca78c6d2\
             43a1c4c5b6dd882085549e97490af3338a0ea21261854b9bdc712fb8927f4c03",
        ),
    ];
    for (version, file, hashes) in pins {
        let Some((path, bytes)) = list(version) else { return };
        if hex(&sha256(&bytes)) != file {
            println!("{} is another edition than the one pinned; its bytes were NOT compared", path.display());
            continue;
        }
        let statement = Statement::of(&proof::parse(&bytes).unwrap()).unwrap();
        let message = statement.message();
        assert_eq!(hex(&message[message.len() - 64..]), hashes, "version {version}");
    }
}

/// Two keys fit every signature; of version 2 one of them is WHO's, which chance cannot do. Of version 1 neither is:
/// it is signed with a key of its own.
#[test]
fn the_signer_s_key_comes_out_of_the_signature() {
    let Some((_, bytes)) = list(2) else { return };
    let second = Statement::of(&proof::parse(&bytes).unwrap()).unwrap();
    let found = candidates(&second);
    assert!(found.len() >= 2 && found.iter().all(|key| verifies(&second, key)));
    assert!(verifies(&second, &production()));

    let Some((_, bytes)) = list(1) else { return };
    let document = proof::parse(&bytes).unwrap();
    let first = Statement::of(&document).unwrap();
    assert_eq!(first.signatures().len(), 1, "r‖s under the algorithm EC");
    for environment in Environment::ALL {
        assert!(!verifies(&first, &environment.signer().unwrap()), "{environment} signs version 1: say so");
    }
    let key = candidates(&first).remove(0);
    assert!(verifies(&first, &key));
    let mut changed = document;
    changed["proof"]["nonce"] = "x".into();
    assert!(matches!(proof::verify_value(&changed, &[key]), Err(ProofError::Mismatch { .. })));
}

#[test]
fn no_change_of_the_production_list_goes_unseen() {
    let Some((_, bytes)) = list(2) else { return };
    let keys = [production()];
    let mut document = proof::parse(&bytes).unwrap();
    let count = document["verificationMethod"].as_array().unwrap().len();
    let mismatch = |document: &Value, what: &str| {
        let outcome = proof::verify_value(document, &keys);
        assert!(matches!(outcome, Err(ProofError::Mismatch { .. })), "{what}: {outcome:?}");
    };
    for position in (0..count).step_by(125) {
        let entry = document["verificationMethod"][position].clone();
        for pointer in
            ["/participant/code", "/keyusage/code", "/domain/code", "/publicKeyJwk/x5c/0", "/publicKeyJwk/kid"]
        {
            let place = document["verificationMethod"][position].pointer_mut(pointer).unwrap();
            *place = format!("{}A", place.as_str().unwrap()).into();
            mismatch(&document, pointer);
            document["verificationMethod"][position] = entry.clone();
        }
        let keys = document["verificationMethod"].as_array_mut().unwrap();
        let taken = keys.remove(position);
        mismatch(&document, "a key removed");
        document["verificationMethod"].as_array_mut().unwrap().insert(position, taken);
    }
    for (member, value) in [("created", "2026-08-22T17:05:02Z"), ("nonce", "x"), ("verificationMethod", "did:web:x:y")]
    {
        let before = document["proof"][member].take();
        document["proof"][member] = value.into();
        mismatch(&document, member);
        document["proof"][member] = before;
    }
    // All is as it was, and the order of the keys says nothing.
    document["verificationMethod"].as_array_mut().unwrap().reverse();
    assert!(proof::verify_value(&document, &keys).is_ok());
    document["@context"].as_array_mut().unwrap().pop();
    assert!(matches!(proof::verify_value(&document, &keys), Err(ProofError::Unsigned { .. })));
}
