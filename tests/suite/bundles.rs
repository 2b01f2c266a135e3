//! The signed bundle: a ministry puts lists, rules, value sets and revocations into one file, and a device
//! without a network goes by it.

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use vaccert::{
    clock::{Clock, System},
    keys::{Certificate, MemorySigner},
    signers::sandbox::{SignerKey, Validity, make},
    trust::bundle::{self, Contents, Environment},
};

use crate::support::program::Workplace;

const AT: &str = "2026-11-21T12:00:00Z";

/// The good vaccination certificate of the fixtures: its code and its signer.
fn sample(work: &Workplace) -> (PathBuf, PathBuf) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases/good-es256-vaccination.json");
    let case: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let der = STANDARD.decode(case["certificates"][0].as_str().unwrap()).unwrap();
    (work.write("code.txt", case["text"].as_str().unwrap()), work.write("signer.der", der))
}

fn rule(id: &str, logic: &Value) -> Value {
    json!({
        "Identifier": id, "Type": "Acceptance", "Country": "XX", "Version": "1.0.0", "SchemaVersion": "1.0.0",
        "Engine": "CERTLOGIC", "EngineVersion": "0.7.5", "CertificateType": "Vaccination",
        "Description": [{"lang": "en", "desc": "The product must be one of the value set."}],
        "ValidFrom": "2021-07-01T00:00:00Z", "ValidTo": "2030-07-01T00:00:00Z",
        "AffectedFields": ["v.0.mp"], "Logic": logic,
    })
}

fn verdict(text: &str) -> Value {
    serde_json::from_str(text.lines().next().unwrap()).unwrap()
}

#[test]
fn one_file_carries_everything_that_a_device_goes_by() {
    let work = Workplace::new();
    let (code, signer) = sample(&work);
    let in_set = json!({"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.vaccines-covid-19-names"}]});
    work.write("rules/VR-XX-0001/rule.json", rule("VR-XX-0001", &in_set).to_string());
    work.write("rules/VR-XX-0001/tests/one.json", "{}");
    let sets = json!({"valueSetId": "vaccines-covid-19-names", "valueSetDate": "2027-01-01", "valueSetValues": {}});
    let sets = work.write("sets.json", sets.to_string());

    let plain = ["trust", "bundle", "--trust", "signer.der", "--rules", "rules", "--out", "plain.json"];
    let said = work.run(&plain).good().out;
    assert!(said.contains("1 keys of 1 lists") && said.contains("1 files of rules"), "{said}");
    let check = |file: &str, more: &[&str]| {
        let arguments = ["verify", "--format", "json", "--at", AT, "--trust", file];
        let ran = work.run(&[&arguments, more, &[code.to_str().unwrap()]].concat());
        (ran.code, verdict(&ran.out))
    };
    // The bundle is made now, and the sample is judged at its own time: its list looks as if from the future.
    let (code_accepted, accepted) = check("plain.json", &["--country", "XX"]);
    assert_eq!((code_accepted, &accepted["verdict"]), (Some(0), &Value::from("accepted")), "{accepted}");
    assert_eq!(accepted["warnings"], json!(["sandbox"]));
    assert_eq!(accepted["rules"][0]["result"], "passed");
    assert_eq!(accepted["issuer"]["list"], "plain.json: signer.der");
    assert_eq!(check("plain.json", &["--country", "YY"]).1["reason"], "no-rules");

    // Newer value sets travel along: the product is no longer among them.
    let with_sets = [&plain[..6], &["--value-sets", sets.to_str().unwrap(), "--out", "sets-too.json"]].concat();
    work.run(&with_sets).good();
    let (_, checked) = check("sets-too.json", &["--country", "XX"]);
    assert_eq!(checked["checks"]["content"], "passed", "a code that was dropped stays readable: {checked}");

    // Revocations travel along.
    let id = accepted["id"].as_str().unwrap();
    let hash = STANDARD.encode(&vaccert::keys::sha256(id.as_bytes())[..16]);
    let kid = accepted["issuer"]["kid"].as_str().unwrap();
    let batch = json!({"country": "XX", "expires": "2030-01-01T00:00:00Z", "kid": kid, "hashType": "UCI",
        "entries": [{"hash": hash}]});
    let batch = work.write("batch.json", batch.to_string());
    let with_batch = [&plain[..6], &["--revocations", batch.to_str().unwrap(), "--out", "revoked.json"]].concat();
    work.run(&with_batch).good();
    let (exit, revoked) = check("revoked.json", &["--country", "XX"]);
    assert_eq!(
        (exit, &revoked["reason"], &revoked["checks"]["revocation"]),
        (Some(1), &Value::from("revoked"), &Value::from("failed"))
    );
    assert_eq!(check("plain.json", &["--require-revocations"]).1["reason"], "revocation-unknown");

    let shown = work.run(&["trust", "show", "--trust", signer.to_str().unwrap()]).good().out;
    assert!(shown.contains("given by you") && shown.contains("1 entries: 1 keys"), "{shown}");
}

#[test]
fn an_older_bundle_of_the_same_maker_is_refused() {
    let work = Workplace::new();
    let (code, _) = sample(&work);
    let now = System.now();
    let keys = make(SignerKey::P256, &Validity::recommended(now).unwrap(), [[1; 16], [2; 16]]).unwrap();
    let certificate = Certificate::from_der(&keys.csca.certificate_der).unwrap();
    let maker = MemorySigner::new(&keys.csca.private_key, certificate).unwrap();
    let day = SignedDuration::from_hours(24);
    let write = |name: &str, sequence: u64, made: Timestamp| {
        let contents = Contents::new(Environment::Production, sequence, made, made.checked_add(day).unwrap());
        work.write(name, bundle::write(&contents, &maker).unwrap())
    };
    let (old, new) = (write("old.json", 7, now.checked_sub(day).unwrap()), write("new.json", 8, now));
    let key = work.write("maker.der", &keys.csca.certificate_der);
    let run = |bundle: &PathBuf| {
        let paths = [key.to_str().unwrap(), bundle.to_str().unwrap(), code.to_str().unwrap()];
        work.run(&["verify", "--state", "state.json", "--list-key", paths[0], "--trust", paths[1], paths[2]])
    };
    assert_eq!(run(&old).code, Some(3));
    assert_eq!(run(&new).code, Some(3));
    let replayed = run(&old);
    assert!(replayed.code == Some(4) && replayed.err.contains("get the newest bundle"), "{replayed:?}");
    assert_eq!(run(&new).code, Some(3));
    // Without the maker's key a production bundle is nothing.
    let alone = work.run(&["verify", "--trust", new.to_str().unwrap(), code.to_str().unwrap()]);
    assert!(alone.code == Some(4) && alone.err.contains("--list-key"), "{alone:?}");
}

#[test]
fn rule_authors_run_their_tests() {
    let work = Workplace::new();
    work.write("rules/VR-XX-0001/rule.json", rule("VR-XX-0001", &json!({"===": [1, 1]})).to_string());
    let test = |expected: bool| {
        json!({"name": "t", "payload": {"ver": "1.3.0", "v": [{}]},
            "external": {"validationClock": "2022-01-01T00:00:00Z"}, "expected": expected})
    };
    work.write("rules/VR-XX-0001/tests/good.json", test(true).to_string());
    let summary = |out: &str| serde_json::from_str::<Value>(out).unwrap();
    let passed = work.run(&["rules", "test", "rules"]);
    let found = summary(&passed.out);
    assert_eq!(
        (passed.code, &found["rules"], &found["tests"], &found["passed"]),
        (Some(0), &json!(1), &json!(1), &json!(1))
    );
    work.write("rules/VR-XX-0001/tests/bad.json", test(false).to_string());
    let failed = work.run(&["rules", "test", "rules"]);
    assert_eq!((failed.code, &summary(&failed.out)["failed"]), (Some(1), &json!(1)));
    assert_eq!(work.run(&["rules", "test", "nowhere"]).code, Some(4));
}
