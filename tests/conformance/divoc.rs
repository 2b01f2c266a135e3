//! Published DIVOC credentials: canonical texts, signed bytes and signatures of all of them, and what the mutated
//! ones are caught by.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use vaccert::{
    envelope::divoc::{Credential, Deviation, pack, unpack},
    keys::PublicKey,
};

use crate::vectors::vectors;

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The PEM key of a file.
fn key(path: &Path) -> PublicKey {
    let pem = fs::read_to_string(path).unwrap();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    PublicKey::from_spki(&STANDARD.decode(base64).unwrap()).unwrap()
}

fn holds(credential: &Credential, key: &PublicKey) -> bool {
    let proof = credential.proof();
    key.verify(proof.suite.algorithm(), &credential.signing_input(), &proof.signature).is_ok()
}

/// Every good credential of the manifest, with its text.
fn good(folder: &Path) -> Vec<(Value, Vec<u8>)> {
    let manifest = json(&folder.join("manifest.json"));
    let entries = manifest.as_array().unwrap().iter();
    let all: Vec<_> =
        entries.map(|e| (e.clone(), fs::read(folder.join(e["file"].as_str().unwrap())).unwrap())).collect();
    assert!(!all.is_empty());
    all
}

#[test]
fn all_good_credentials_in_every_form_of_the_archive() {
    let Some(folder) = vectors("vectors/divoc") else { return };
    for (entry, text) in good(&folder) {
        let file = entry["file"].as_str().unwrap();
        let name = Path::new(file).file_stem().unwrap().to_str().unwrap();
        let credential = Credential::read(&text).unwrap();
        let expected = |kind: &str| fs::read_to_string(folder.join(format!("canonical/{name}.{kind}.nq"))).unwrap();
        assert_eq!(credential.canonical_document().unwrap(), expected("doc"), "{file}");
        assert_eq!(credential.proof().canonical(), expected("proof"), "{file}");
        let hex: String = credential.verify_data().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, entry["verifyData_hex"].as_str().unwrap(), "{file}");
        assert_eq!(credential.subject_covered(), entry["subject_covered_by_signature"].as_bool().unwrap(), "{file}");
        assert_eq!(credential.proof().suite.name(), entry["suite"].as_str().unwrap());
        assert_eq!(credential.namespace(), entry["context"].as_str().unwrap());
        for file in entry["keys"].as_array().unwrap() {
            assert!(holds(&credential, &key(&folder.join(file.as_str().unwrap()))), "{name} {file}");
        }

        let archive = pack(std::str::from_utf8(&text).unwrap()).unwrap();
        let as_text: String = archive.iter().map(|&byte| char::from(byte)).collect();
        let base64 = format!("B64:{}", STANDARD.encode(&archive));
        for (content, deviation) in [
            (archive.as_slice(), None),
            (as_text.as_bytes(), Some(Deviation::ZipAsText)),
            (base64.as_bytes(), Some(Deviation::ZipAsBase64)),
            (text.as_slice(), Some(Deviation::BareJson)),
        ] {
            let (json, found) = unpack(content).unwrap();
            assert_eq!((Credential::read(&json).unwrap(), found), (credential.clone(), deviation));
        }
    }
}

/// What the published mutations do to the signature as the signer's own library sees it, and here: a credential
/// that still verifies there does so here too, or is refused before for what nobody signed.
#[test]
fn mutated_credentials_keep_their_signature_or_lose_it_as_published() {
    let Some(folder) = vectors("vectors/divoc") else { return };
    let manifest = json(&folder.join("manifest.json"));
    let (mut refused, mut valid, mut broken) = (0, 0, 0);
    for entry in json(&folder.join("mutated.json")).as_array().unwrap() {
        let file = entry["file"].as_str().unwrap();
        let original = manifest.as_array().unwrap().iter().find(|good| good["file"] == entry["from"]).unwrap();
        let Ok(credential) = Credential::read(&fs::read(folder.join(file)).unwrap()) else {
            refused += 1;
            continue;
        };
        let key = key(&folder.join(original["keys"][0].as_str().unwrap()));
        let still = entry["signature"] == "signature-still-verifies";
        assert_eq!(holds(&credential, &key), still, "{file}");
        if still { valid += 1 } else { broken += 1 }
    }
    println!("divoc: {refused} refused for what nobody signed, {valid} keep their signature, {broken} lost it");
    assert!(refused > 0 && valid > 0 && broken > 0);
}
