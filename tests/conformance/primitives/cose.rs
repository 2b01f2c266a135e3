//! Every example of the COSE working group: those with one signature are checked to the end, all others are
//! refused while reading, by the name of what they are.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value as Json;
use vaccert::{
    envelope::hcert::{AlgorithmId, CoseError, Deviation, Sign1},
    keys::{Algorithm, PublicKey},
};

use crate::{
    vectors::vectors,
    workshop::{json, pki, unhex},
};

/// What comes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// The signature matches; with these deviations.
    Signed(Algorithm, Vec<Deviation>),
    /// The signature does not match.
    Unsigned,
    /// The algorithm is none of ours.
    Algorithm(String),
    /// The key is of a kind that none of ours serves.
    Key,
    /// Another kind of COSE message.
    Tag(u64),
    /// Not the four parts.
    Form(&'static str),
}

/// The examples with one signature, and the untagged one with several.
fn expected(name: &str) -> Option<Outcome> {
    let plain = |algorithm| Outcome::Signed(algorithm, Vec::new());
    // The examples carry the kid outside, as RFC 9052 has it; HCERT wants it inside.
    let outside = |algorithm| Outcome::Signed(algorithm, vec![Deviation::UnprotectedKid]);
    Some(match name {
        "CWT/A_3.json" => plain(Algorithm::Es256),
        "RFC8152/Appendix_C_2_1.json" | "ecdsa-examples/ecdsa-sig-01.json" => outside(Algorithm::Es256),
        "countersign1/signed1-01.json" | "eddsa-examples/eddsa-sig-01.json" => outside(Algorithm::EdDsa),
        "ecdsa-examples/ecdsa-sig-02.json" => Outcome::Algorithm("-35".to_owned()),
        "ecdsa-examples/ecdsa-sig-03.json" | "ecdsa-examples/ecdsa-sig-04.json" => Outcome::Algorithm("-36".to_owned()),
        "eddsa-examples/eddsa-sig-02.json" => Outcome::Key,
        "hashsig/hsssig-sig-01.json" => Outcome::Algorithm("-46".to_owned()),
        "sign1-tests/sign-fail-01.json" => Outcome::Tag(998),
        // Altered signature; a header added, a header removed after signing.
        "sign1-tests/sign-fail-02.json" | "sign1-tests/sign-fail-06.json" | "sign1-tests/sign-fail-07.json" => {
            Outcome::Unsigned
        }
        "sign1-tests/sign-fail-03.json" => Outcome::Algorithm("-999".to_owned()),
        "sign1-tests/sign-fail-04.json" => Outcome::Algorithm("\"unknown\"".to_owned()),
        // The algorithm stands outside alone. COSE allows it and the EU's case CO20 demands it: read, with a warning.
        "sign1-tests/sign-pass-01.json" => {
            Outcome::Signed(Algorithm::Es256, vec![Deviation::UnprotectedAlgorithm, Deviation::UnprotectedKid])
        }
        // Signed together with outside data, which HCERT never has.
        "sign1-tests/sign-pass-02.json" => Outcome::Unsigned,
        "sign1-tests/sign-pass-03.json" => {
            Outcome::Signed(Algorithm::Es256, vec![Deviation::Untagged, Deviation::UnprotectedKid])
        }
        // Several signers, without the tag that says so: the fourth part is a list.
        "sign-tests/sign-pass-03.json" => Outcome::Form("signature"),
        _ => return None,
    })
}

#[test]
fn every_example_comes_out_as_it_should() {
    let Some(root) = vectors("vectors/primitives/cose-wg-Examples") else { return };
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    let mut files = 0;
    for folder in std::fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for path in std::fs::read_dir(&folder).unwrap() {
            let path = path.unwrap().path();
            if path.extension().is_none_or(|e| e != "json") {
                continue;
            }
            files += 1;
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            let example = json(&path);
            let bytes = unhex(example["output"]["cbor"].as_str().unwrap());
            let outcome = outcome(&example, &bytes);
            match expected(&name) {
                Some(expected) => assert_eq!(outcome, expected, "{name}"),
                // Several signers (98), authentication codes (17, 97) and encryption (16, 96).
                None => match outcome {
                    Outcome::Tag(16 | 17 | 96 | 97 | 98 | 998) => {}
                    other => panic!("{name}: {other:?}"),
                },
            }
            *found
                .entry(match outcome {
                    Outcome::Signed(..) => "signed",
                    Outcome::Tag(_) | Outcome::Form(_) => "another kind of message",
                    _ => "refused",
                })
                .or_default() += 1;
        }
    }
    println!("{files} examples: {found:?}");
    assert_eq!((files, found["signed"], found["refused"]), (71, 7, 11));
}

fn outcome(example: &Json, bytes: &[u8]) -> Outcome {
    let message = match Sign1::read(bytes) {
        Ok(message) => message,
        Err(CoseError::Tag { tag }) => return Outcome::Tag(tag),
        Err(CoseError::Form { part }) => return Outcome::Form(part),
        Err(error) => panic!("{error}"),
    };
    let algorithm = match message.algorithm.clone() {
        Some(AlgorithmId::Known(algorithm)) => algorithm,
        Some(AlgorithmId::Other(name)) => return Outcome::Algorithm(name),
        None => return Outcome::Algorithm("none".to_owned()),
    };
    let Some(spki) = spki(&example["input"]["sign0"]["key"]) else { return Outcome::Key };
    let key = PublicKey::from_spki(&spki).unwrap();
    match key.verify(algorithm, &message.signed_bytes(), &message.signature) {
        Ok(()) => Outcome::Signed(algorithm, message.deviations.clone()),
        Err(_) => Outcome::Unsigned,
    }
}

/// The public half of an example's key.
fn spki(key: &Json) -> Option<Vec<u8>> {
    let number = |name: &str| {
        let text = key[name].as_str().map(|text| URL_SAFE_NO_PAD.decode(text).unwrap());
        text.or_else(|| key[format!("{name}_hex")].as_str().map(unhex))
    };
    match key["crv"].as_str()? {
        "P-256" => Some(pki::ec_spki("1.2.840.10045.3.1.7", &[vec![4], number("x")?, number("y")?].concat())),
        "Ed25519" => Some(pki::ed25519_spki(&number("x")?)),
        "Ed448" => None,
        other => panic!("a curve that no checked example should have: {other}"),
    }
}
