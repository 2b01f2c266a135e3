//! Published DIVOC credentials: canonical texts, signed bytes and signatures of all of them, and what the mutated
//! ones are caught by.

mod own;

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use vaccert::{
    envelope::divoc::{Credential, Deviation, pack, unpack},
    keys::{Kid, PublicKey},
    trust::{TrustStore, TrustedKey},
    verify::{Check, Decision, Format, Verdict, Verifier, Warning},
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

/// The keys of a manifest entry, bound to the DID that its proof names.
fn store(folder: &Path, entry: &Value) -> TrustStore {
    let mut store = TrustStore::new();
    let did = entry["verificationMethod"].as_str().unwrap();
    for file in entry["keys"].as_array().unwrap() {
        let key = key(&folder.join(file.as_str().unwrap()));
        let mut key = TrustedKey::bare(key, Kid::new(did.as_bytes()), "keys");
        key.issuer = Some(did.to_owned());
        store.add(key);
    }
    store
}

/// Judged a day after it says to have been issued.
fn judge(content: &[u8], store: &TrustStore) -> Verdict {
    let (json, _) = unpack(content).unwrap();
    let issued: Timestamp =
        serde_json::from_slice::<Value>(&json).unwrap()["issuanceDate"].as_str().unwrap().parse().unwrap();
    Verifier::new(store, issued + SignedDuration::from_hours(24)).with_payload(true).judge_bytes(content)
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

#[test]
fn good_credentials_are_accepted_when_their_person_is_covered() {
    let Some(folder) = vectors("vectors/divoc") else { return };
    let (mut accepted, mut not_covered) = (0, 0);
    for (entry, text) in good(&folder) {
        let store = store(&folder, &entry);
        let archive = pack(std::str::from_utf8(&text).unwrap()).unwrap();
        let verdict = judge(&archive, &store);
        assert_eq!((verdict.format, verdict.checks.signature), (Format::Divoc, Check::Passed), "{entry}");
        assert!(verdict.warnings.contains(&Warning::ValuesUnordered) && verdict.payload.is_some());
        assert_eq!(verdict.issuer.kid.as_deref(), entry["verificationMethod"].as_str());
        let holder = verdict.holder.as_ref().unwrap();
        assert!(!holder.name.is_empty());
        if entry["subject_covered_by_signature"] == true {
            assert_eq!((verdict.verdict, verdict.reason), (Decision::Accepted, None), "{entry}");
            assert!(!holder.not_covered);
            accepted += 1;
        } else {
            assert_eq!(verdict.verdict, Decision::Undecided, "{entry}");
            assert_eq!(verdict.reason.unwrap(), "holder-not-covered");
            assert!(holder.not_covered);
            not_covered += 1;
        }
        // Everybody can sign with the keys of DIVOC's sources.
        let published = entry["keys"].to_string();
        let published = published.contains("mined_16397882") || published.contains("divoc-default-ed25519");
        assert_eq!(verdict.warnings.contains(&Warning::Sandbox), published, "{entry}");
        // The same without a list, and with the key of somebody else under the same name.
        let nobody = judge(&archive, &TrustStore::new());
        assert_eq!((nobody.verdict, nobody.holder.is_none()), (Decision::Undecided, true));
        assert_eq!(nobody.reason.unwrap(), "no-trust-list");
        let foreign = serde_json::json!({
            "verificationMethod": entry["verificationMethod"], "keys": ["keys/registry_did_indonesia.pem"],
        });
        let forged = judge(&archive, &self::store(&folder, &foreign));
        assert_eq!((forged.verdict, forged.holder.is_none()), (Decision::Rejected, true));
    }
    println!("divoc: {accepted} accepted, {not_covered} undecided because the person is not covered");
    assert!(accepted > 0 && not_covered > 0);
}

/// What catches each mutation that keeps the signature valid: on a credential that covers its person, and on one
/// that does not.
const CAUGHT: &[(&str, &str, &str)] = &[
    ("swap_dose_total", "doses-implausible", ""),
    ("swap_dates", "dates-implausible", "dates-implausible"),
    ("swap_vaccine_manufacturer_batch", "values-implausible", "values-implausible"),
    ("swap_certificateId_batch", "id-mismatch", "id-mismatch"),
    ("refId_to_uhid", "values-implausible", "values-implausible"),
    // The second version has a date of birth, which is unsigned with the rest of the person.
    ("add_dob_v1", "unsigned-content", "holder-not-covered"),
    ("add_unmapped", "unsigned-content", "unsigned-content"),
    ("add_sex", "unsigned-content", "unsigned-content"),
    ("context_host", "context-unknown", ""),
    ("proof_extra", "unsigned-content", "unsigned-content"),
    ("change_name", "", "holder-not-covered"),
    ("drop_totalDoses", "", "doses-implausible"),
];

#[test]
fn no_mutated_credential_is_accepted_and_a_named_rule_catches_each() {
    let Some(folder) = vectors("vectors/divoc") else { return };
    let manifest = json(&folder.join("manifest.json"));
    let (mut valid, mut broken) = (0, 0);
    for entry in json(&folder.join("mutated.json")).as_array().unwrap() {
        let file = entry["file"].as_str().unwrap();
        let original = manifest.as_array().unwrap().iter().find(|good| good["file"] == entry["from"]).unwrap();
        let content = fs::read(folder.join(file)).unwrap();
        let verdict = judge(&content, &store(&folder, original));
        assert_ne!(verdict.verdict, Decision::Accepted, "{file}");
        if entry["signature"] != "signature-still-verifies" {
            broken += 1;
            continue;
        }
        valid += 1;
        let mutation = entry["mutation"].as_str().unwrap();
        let (_, covered, uncovered) = CAUGHT.iter().find(|(name, ..)| *name == mutation).unwrap();
        let expected = if original["subject_covered_by_signature"] == true { covered } else { uncovered };
        assert_eq!(verdict.reason.unwrap(), *expected, "{file}");
        let lacks = *expected == "holder-not-covered";
        assert_eq!(verdict.verdict == Decision::Undecided, lacks, "{file}");
    }
    println!("divoc: {valid} mutations that keep the signature are caught by a rule, {broken} by the signature");
    assert!(valid > 0 && broken > 0);
}

/// The places of one property of the graph, whose values may be exchanged without breaking the signature.
const SHARED: [&[&str]; 3] = [
    &["batch", "vaccine", "manufacturer", "certificateId", "icd11Code"],
    &["date", "effectiveStart", "effectiveUntil"],
    &["dose", "totalDoses"],
];

/// Every order of some values.
fn orders(values: &[Value]) -> Vec<Vec<Value>> {
    let Some((last, rest)) = values.split_last() else { return vec![vec![]] };
    let mut all = Vec::new();
    for order in orders(rest) {
        for at in 0..=order.len() {
            let mut order = order.clone();
            order.insert(at, last.clone());
            all.push(order);
        }
    }
    all
}

/// Not only the published exchanges: every one that the signature of the accepted credentials lets through.
#[test]
fn no_exchange_of_values_is_accepted_that_changes_the_dose() {
    let Some(folder) = vectors("vectors/divoc") else { return };
    let (mut tried, mut same) = (0, 0);
    let mut leaks = Vec::new();
    for (entry, text) in good(&folder) {
        let store = store(&folder, &entry);
        let original: Value = serde_json::from_slice(&text).unwrap();
        for places in SHARED {
            let evidence = &original["evidence"][0];
            let places: Vec<&str> = places.iter().copied().filter(|place| evidence.get(*place).is_some()).collect();
            let values: Vec<Value> = places.iter().map(|place| evidence[*place].clone()).collect();
            for order in orders(&values) {
                let mut changed = original.clone();
                for (place, value) in places.iter().zip(&order) {
                    changed["evidence"][0][*place] = value.clone();
                }
                if changed == original {
                    same += 1;
                    continue;
                }
                tried += 1;
                let verdict = judge(changed.to_string().as_bytes(), &store);
                assert_eq!(verdict.checks.signature, Check::Passed);
                if verdict.verdict == Decision::Accepted {
                    let changes: Vec<String> =
                        places.iter().zip(&order).map(|(place, value)| format!("{place}={value}")).collect();
                    leaks.push(format!("{} {}", entry["file"], changes.join(" ")));
                }
            }
        }
    }
    println!("divoc: {tried} exchanges refused, {same} orders that change nothing");
    assert!(leaks.is_empty(), "{leaks:#?}");
    assert!(tried > 0 && same > 0);
}
