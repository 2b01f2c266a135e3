//! SMART Health Cards: the examples of the specification and the test data of its developer tools, each judged as
//! its name says, and cards of our own for what those lack.

mod dev_tools;
mod keys;
mod made;
mod primitives;
mod program;
mod spec;

use std::path::Path;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value, json};
use vaccert::{
    revocation::{Builder, Revocations},
    trust::{
        TrustStore,
        lists::{self, Binding, ListOptions},
    },
    verify::{Verdict, Verifier},
};

use crate::{vectors::vectors, workshop::pki::Key};

/// Address that the specification's examples are issued under.
const SPEC: &str = "https://spec.smarthealth.cards/examples/issuer";
/// While they were all valid.
const AT: &str = "2024-01-01T00:00:00Z";

fn options(name: &str) -> ListOptions<'_> {
    ListOptions { name, list_keys: &[], unsigned: true }
}

/// A store with one key set, bound to an address or not.
fn store_of(jwks: &[u8], address: Option<&str>) -> TrustStore {
    let mut store = TrustStore::new();
    match address {
        Some(address) => {
            let binding = Binding::read(address).unwrap();
            lists::bare_key(&binding, jwks, &options("jwks.json"), &mut store).unwrap();
        }
        None => lists::read(jwks, &options("jwks.json"), &mut store).unwrap(),
    }
    store
}

/// The specification's keys under its address; nothing where the data is absent.
fn spec_store() -> Option<TrustStore> {
    let path = vectors("vectors/who/shc/shc-spec-jwks.json")?;
    Some(store_of(&std::fs::read(path).unwrap(), Some(SPEC)))
}

fn judge(store: &TrustStore, code: impl AsRef<[u8]>) -> Verdict {
    Verifier::new(store, AT.parse().unwrap()).judge_bytes(code.as_ref())
}

/// Decision and reason in one text.
fn answer(verdict: &Verdict) -> String {
    let decision = serde_json::to_value(verdict.verdict).unwrap();
    match verdict.reason {
        Some(reason) => format!("{} {reason}", decision.as_str().unwrap()),
        None => decision.as_str().unwrap().to_owned(),
    }
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Our own issuer of health cards.
const ISSUER: &str = "https://health.example/issuer";

/// Its key set.
fn own_jwks() -> Value {
    let spki = Key::Es256.spki();
    let point = &spki[spki.len() - 64..];
    let (x, y) = (url(&point[..32]), url(&point[32..]));
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let kid = url(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical.as_bytes()).as_ref());
    json!({"keys": [{"kty": "EC", "kid": kid, "use": "sig", "alg": "ES256", "crv": "P-256", "x": x, "y": y}]})
}

fn own_kid() -> String {
    own_jwks()["keys"][0]["kid"].as_str().unwrap().to_owned()
}

fn own_store() -> TrustStore {
    store_of(own_jwks().to_string().as_bytes(), Some(ISSUER))
}

/// A card with any payload, signed by our own key.
fn signed(payload: &[u8]) -> String {
    signed_under(&json!({"zip": "DEF", "alg": "ES256", "kid": own_kid()}).to_string(), &deflated(payload))
}

fn signed_under(header: &str, compressed: &[u8]) -> String {
    let text = format!("{}.{}", url(header.as_bytes()), url(compressed));
    let signature = Key::Es256.sign(text.as_bytes());
    format!("{text}.{}", url(&signature))
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;

    let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A published payload as our own issuer would have signed it.
fn reissued(mut payload: Value) -> String {
    payload["iss"] = json!(ISSUER);
    signed(payload.to_string().as_bytes())
}

/// A payload around a bundle.
fn payload(bundle: Value) -> Value {
    json!({"iss": ISSUER, "nbf": 1_622_576_398.924, "vc": {"type": ["https://smarthealth.cards#health-card"],
        "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle}}})
}

/// A good card of two doses.
fn good() -> Value {
    let dose = |day: &str| {
        json!({"resource": {"resourceType": "Immunization", "status": "completed",
            "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "37"}]},
            "patient": {"reference": "resource:0"}, "occurrenceDateTime": day, "lotNumber": "L1"}})
    };
    payload(json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"fullUrl": "resource:0", "resource": {"resourceType": "Patient",
            "name": [{"family": "Okafor", "given": ["Ada", "N."]}], "birthDate": "1985-03-04"}},
        dose("2021-01-05"), dose("2021-02-05"),
    ]}))
}

fn revocations(list: &Value) -> Revocations {
    let mut builder = Builder::new();
    builder.add("crl.json", list.to_string().as_bytes()).unwrap();
    builder.finish().unwrap()
}
