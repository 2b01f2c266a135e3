//! The list of keys that everybody knows, computed again from where they are published, and held against the lists of
//! production, none of whose keys may be on it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use vaccert::keys::{Certificate, MemoryX509Signer, PublicKey, Published, X509Signer, known_key, pem, sha256};

use crate::support::vectors::vectors;

/// A signer of Aragon that signed test data and is on production lists.
const ALSO_IN_PRODUCTION: &str = "787e4ac646cac922856f63073fba26bac72db5c793dd1b2c873f00edc89b1517";

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            out.push(path);
        }
    }
}

/// Every object of a JSON value.
fn each<'v>(value: &'v Value, look: &mut impl FnMut(&'v Value)) {
    look(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| each(item, look)),
        Value::Object(members) => members.values().for_each(|member| each(member, look)),
        _ => {}
    }
}

fn json(path: &Path) -> Option<Value> {
    let bytes = std::fs::read(path).unwrap();
    serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).ok()
}

fn hex(spki: &[u8]) -> String {
    sha256(spki).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key of a JSON Web Key, if it is of a kind that documents are signed with.
fn web_key(value: &Value) -> Option<Vec<u8>> {
    let number = |name: &str| URL_SAFE_NO_PAD.decode(value[name].as_str()?).ok();
    let key = match value["kty"].as_str()? {
        "EC" => PublicKey::from_coordinates(value["crv"].as_str()?, &number("x")?, &number("y")?).ok()?,
        "RSA" => PublicKey::from_modulus(&number("n")?, &number("e")?).ok()?,
        _ => return None,
    };
    Some(key.to_spki())
}

#[test]
fn signers_of_the_eus_test_data_are_known() {
    let Some(folder) = vectors("vectors/eu-testdata") else { return };
    let (mut all, mut keys) = (Vec::new(), BTreeSet::new());
    files(&folder, &mut all);
    for path in all {
        let Some(value) = json(&path) else { continue };
        let Some(der) = value["TESTCTX"]["CERTIFICATE"].as_str().and_then(|text| STANDARD.decode(text).ok()) else {
            continue;
        };
        let Ok(certificate) = Certificate::from_der(&der) else { continue };
        let digest = hex(certificate.spki());
        if digest == ALSO_IN_PRODUCTION {
            assert_eq!(known_key(certificate.spki()), None);
            continue;
        }
        assert!(known_key(certificate.spki()).is_some(), "{digest} {}", path.display());
        keys.insert(digest);
    }
    assert!(keys.len() >= 80, "{}", keys.len());
}

#[test]
fn demonstration_keys_are_known_wherever_they_are_published() {
    // PathCheck's demonstration signer (kid Rjene8QvRwA=).
    let number = |hex: &str| -> Vec<u8> {
        (0..32).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()).collect()
    };
    let pathcheck = PublicKey::from_coordinates(
        "P-256",
        &number("6425eab23bce5dc91f94ad0e44cbc11d80bc9ff4db6c0abc0e4408fa4faf3f7a"),
        &number("52f5f5aa084900dbcda358263743efb5dd1ed77e9c5193415a41f3cc0f4f081b"),
    );
    let known = known_key(&pathcheck.unwrap().to_spki()).unwrap();
    assert!(known.published == Published::Demonstration && known.place.contains("PathCheck"));
    for entry in std::fs::read_dir("fixtures/pki").unwrap() {
        let path = entry.unwrap().path();
        if !path.to_str().unwrap().ends_with(".key.der") {
            continue;
        }
        // P-384 and Ed25519 are no keys for certificates of ours.
        let Ok(signer) = MemoryX509Signer::new(&std::fs::read(&path).unwrap()) else { continue };
        assert!(known_key(signer.spki()).is_some(), "{}", path.display());
    }
    let Some(folder) = vectors("vectors") else { return };
    let mut seen = 0;
    let mut folders = vec![folder.join("who/shc/shc-spec-jwks.json")];
    files(&folder.join("primitives/cose-wg-Examples"), &mut folders);
    files(&folder.join("who/shc/dev-tools"), &mut folders);
    for path in folders {
        let Some(value) = json(&path) else { continue };
        each(&value, &mut |object| {
            let certificates = object["x5c"].as_array().into_iter().flatten().filter_map(|item| {
                let der = STANDARD.decode(item.as_str()?).ok()?;
                Some(Certificate::from_der(&der).ok()?.spki().to_vec())
            });
            for spki in web_key(object).into_iter().chain(certificates) {
                assert!(known_key(&spki).is_some(), "{} {}", hex(&spki), path.display());
                seen += 1;
            }
        });
    }
    assert!(seen >= 40, "{seen}");
    for name in ["mined_16397882.pem", "divoc-default-ed25519.pem"] {
        let text = std::fs::read_to_string(folder.join("divoc/keys").join(name)).unwrap();
        let spki = pem::blocks(&text).remove(0).der.unwrap();
        assert_eq!(known_key(&spki).unwrap().published, Published::Demonstration, "{name}");
    }
}

#[test]
fn no_key_of_a_production_list_is_known() {
    let Some(folder) = vectors("vectors/trust-lists") else { return };
    let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
    files(&folder, &mut all);
    for path in all {
        let text = std::fs::read_to_string(&path).unwrap();
        // The German list has its signature on the first line.
        let value = serde_json::from_str(&text).ok().or_else(|| serde_json::from_str(text.split_once('\n')?.1).ok());
        let value: Value = value.unwrap_or_default();
        each(&value, &mut |item| {
            let Some(der) =
                item.as_str().filter(|text| text.starts_with("MI")).and_then(|text| STANDARD.decode(text).ok())
            else {
                return;
            };
            let spki = Certificate::from_der(&der).map_or(der, |certificate| certificate.spki().to_vec());
            assert_eq!(known_key(&spki), None, "{}", path.display());
            seen.insert(hex(&spki));
        });
    }
    assert!(seen.len() > 800, "{}", seen.len());
}
