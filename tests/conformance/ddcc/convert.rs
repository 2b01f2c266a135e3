//! `vaccert-verify --convert`, as an officer runs it.

use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use super::{code, test, vaccination};
use crate::workshop::{
    cbor::{Node, text},
    message::signer,
    pki::{self, Key},
    sample::{self, AT},
};

/// Exit status, standard output and standard error of a run over one code.
fn run(code: &str, signer: &[u8], arguments: &[&str]) -> (Option<i32>, String, String) {
    let desk = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = desk.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let program = std::env::var("VACCERT_VERIFY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_vaccert-verify").into());
    let output = Command::new(program)
        .args(["--at", AT, "--trust", &write("signer.der", signer)])
        .args(arguments)
        .arg(write("code.txt", code.as_bytes()))
        .current_dir(desk.path())
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn converted(code: &(String, Vec<u8>), format: &str) -> Json {
    let (status, out, err) = run(&code.0, &code.1, &["--format", "json", "--convert", format]);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    let verdict: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(verdict["verdict"], "accepted");
    verdict["converted"].clone()
}

fn eu_code(content: Node) -> (String, Vec<u8>) {
    let signer = signer(Key::Es256);
    let (_, kid) = pki::store(&signer);
    (sample::draft(Key::Es256, &kid, content).text(), signer)
}

fn lost(converted: &Json) -> Vec<(&str, &str)> {
    let lost = converted["lost"].as_array().unwrap();
    lost.iter().map(|loss| (loss["element"].as_str().unwrap(), loss["why"].as_str().unwrap())).collect()
}

#[test]
fn an_eu_certificate_becomes_a_ddcc_and_says_what_it_lacks() {
    let found = converted(&eu_code(sample::content(sample::Kind::Vaccination)), "ddcc");
    assert_eq!(found["format"], "ddcc");
    let payload = &found["payload"];
    assert_eq!(payload["name"], "Ayşe Łucja Örnek-Sjöberg");
    let dose = &payload["vaccination"];
    assert_eq!(dose["vaccine"], json!({"system": "http://id.who.int/icd11/mms", "code": "XM0GQ8"}));
    assert_eq!(dose["brand"]["code"], "EU/1/20/1528");
    assert_eq!(dose["country"]["code"], "ISL");
    assert_eq!(dose["disease"]["code"], "RA01");
    assert!(dose.get("lot").is_none(), "an EU certificate has no lot, and none is made up");
    // The times are those of the envelope.
    assert_eq!(payload["certificate"]["period"]["end"], "2027-05-20T08:00:00Z");
    assert_eq!(lost(&found), [("name", "coarser"), ("vaccination.lot", "unknown")]);

    // A recovery has no place in it.
    let found = converted(&eu_code(sample::content(sample::Kind::Recovery)), "ddcc");
    assert!(found.get("payload").is_none() && found["error"].as_str().unwrap().contains("recovery"), "{found}");
}

#[test]
fn a_ddcc_becomes_an_eu_certificate_and_loses_what_has_no_place() {
    let found = converted(&code(3, vaccination()), "eu-dcc");
    let payload = &found["payload"];
    assert_eq!(payload["v"][0]["vp"], "1119349007");
    assert_eq!(payload["v"][0]["mp"], "EU/1/20/1528");
    assert_eq!(payload["v"][0]["ma"], "ORG-100030215");
    assert_eq!((&payload["v"][0]["co"], &payload["v"][0]["dn"]), (&json!("IS"), &json!(2)));
    // The name was never divided: nothing takes its last word for a surname.
    assert_eq!(payload["nam"]["fn"], "Ayşe Łucja Örnek-Sjöberg");
    assert_eq!(payload["nam"]["fnt"], "AYSE<LUCJA<OERNEK<SJOEBERG");
    assert!(payload["nam"].get("gn").is_none());
    assert_eq!(
        lost(&found),
        [("name", "unknown"), ("vaccination.centre", "no-place"), ("vaccination.lot", "no-place")]
    );

    let found = converted(&code(4, test()), "eu-dcc");
    assert_eq!(
        (&found["payload"]["t"][0]["tt"], &found["payload"]["t"][0]["tr"]),
        (&json!("LP6464-4"), &json!("260415000"))
    );
    let unknown = test().set("test.result.code", text("QA03"));
    let found = converted(&code(4, unknown), "eu-dcc");
    assert!(found["payload"]["t"][0].get("tr").is_none(), "an unknown result is no result");
    assert!(lost(&found).contains(&("test.result", "unknown")));
}

#[test]
fn every_format_is_offered() {
    let good = code(3, vaccination());
    let divoc = converted(&good, "divoc");
    assert_eq!(divoc["payload"]["evidence"][0]["icd11Code"], "XM8NQ0");
    assert_eq!(divoc["payload"]["credentialSubject"]["name"], "Ayşe Łucja Örnek-Sjöberg");
    let card = converted(&good, "shc");
    assert_eq!(card["payload"]["entry"][1]["resource"]["lotNumber"], "ER8732");
    assert_eq!(card["payload"]["entry"][0]["resource"]["name"][0]["text"], "Ayşe Łucja Örnek-Sjöberg");
    let seal = converted(&good, "vds-nc");
    assert_eq!(seal["payload"]["msg"]["ve"][0]["des"], "XM8NQ0");
    assert_eq!(seal["payload"]["msg"]["ve"][0]["vd"][0]["ctr"], "ISL");
    assert!(lost(&seal).contains(&("certificate.hcid", "no-place")), "a UVCI is longer than 12 characters");
    let card = converted(&good, "icvp");
    assert!(card["error"].as_str().unwrap().contains("catalogue"), "{card}");
}

#[test]
fn nothing_is_converted_whose_signature_did_not_pass() {
    let (text, signer) = code(3, vaccination());
    let (_, out, _) =
        run(&text, &pki::Profile::of(Key::Ps256.spki()).certificate(), &["--format", "json", "--convert", "ddcc"]);
    let verdict: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(verdict["verdict"], "undecided");
    assert!(verdict.get("converted").is_none());
    // Without the option nothing is added.
    let (_, out, _) = run(&text, &signer, &["--format", "json"]);
    assert!(serde_json::from_str::<Json>(&out).unwrap().get("converted").is_none());
}

#[test]
fn the_officer_reads_it_and_the_help_tells_of_it() {
    let (text, signer) = code(3, vaccination());
    let (status, out, _) = run(&text, &signer, &["--format", "human", "--convert", "eu-dcc"]);
    assert_eq!(status, Some(0));
    for part in ["in the format eu-dcc", "\"mp\": \"EU/1/20/1528\"", "vaccination.lot: the format has no place for it"]
    {
        assert!(out.contains(part), "{part} is not in {out}");
    }
    let (_, out, _) = run(&text, &signer, &["--format", "human", "--lang", "fr", "--convert", "icvp"]);
    assert!(out.contains("ne peut être exprimé au format icvp"), "{out}");
    let (_, help, _) = run(&text, &signer, &["--help"]);
    assert!(help.contains("--convert") && help.contains("vds-nc"), "{help}");
    let (status, _, err) = run(&text, &signer, &["--convert", "pdf"]);
    assert_eq!(status, Some(2));
    assert!(err.contains("eu-dcc"), "{err}");
}
