//! Business rules: the form, the identifier, the country, versions and windows of time, in the gateway's order.

use reqwest::Method;
use serde_json::{Value, json};
use vaccert::sandbox::gateway::{Network, Participant};

use super::{Answer, Site, country, own, signed};

const CMS: &str = "application/cms-text";

fn rule() -> Value {
    json!({
        "Identifier": "VR-XX-0001", "Type": "Acceptance", "Country": "XX", "Version": "1.0.0",
        "SchemaVersion": "1.3.0", "Engine": "CERTLOGIC", "EngineVersion": "1.0.0",
        "CertificateType": "Vaccination",
        "Description": [{"lang": "en", "desc": "At least one dose must have been given."}],
        "ValidFrom": "2026-11-25T10:00:00Z", "ValidTo": "2027-06-01T00:00:00Z",
        "AffectedFields": ["v.0.dn"], "Logic": {">": [{"var": "payload.v.0.dn"}, 0]},
    })
}

fn with(changes: &[(&str, Value)]) -> Value {
    let mut rule = rule();
    for (member, value) in changes {
        rule[*member] = value.clone();
    }
    rule
}

impl Site {
    async fn rule(&self, rule: &Value) -> (u16, String) {
        let answer = self.post("/rules", CMS, own(rule.to_string().as_bytes(), &self.own.upload)).await;
        (answer.0, answer.1)
    }
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn each_check_has_its_code() {
    let site = Site::open(Network::Eu).await;
    let neighbour = country("XA", 0);
    site.gateway.onboard(&Participant::of(&neighbour)).unwrap();
    let text = rule().to_string();

    let short = |answer: Answer| (answer.0, answer.1);
    let broken = own(text.as_bytes(), &site.own.upload).replacen('A', "B", 1);
    assert_ne!(short(site.post("/rules", CMS, broken).await).0, 201);
    assert_eq!(
        short(site.post("/rules", CMS, signed(text.as_bytes(), &neighbour.upload)).await),
        refused(400, "0x230")
    );
    assert_eq!(short(site.post("/rules", CMS, own(b"{", &site.own.upload)).await), refused(400, "0x200"));
    assert_eq!(short(site.post("/rules", CMS, own(b"[]", &site.own.upload)).await), refused(400, "0x200"));
    for (member, value) in [
        ("hash", json!("00")),
        ("Extra", json!(1)),
        ("Version", json!("1.0")),
        ("Type", json!("acceptance")),
        ("Logic", json!({})),
        ("Logic", json!(true)),
        ("AffectedFields", json!([])),
        ("Description", json!([{"lang": "en", "desc": "too short"}])),
        ("Description", json!([{"lang": "fr", "desc": "Une description assez longue."}])),
        ("ValidFrom", json!("2026-11-25T10:00:00.000Z")),
        ("ValidFrom", json!("2026-11-25T10:00:00")),
        ("Identifier", json!("VR-XX-1")),
    ] {
        assert_eq!(site.rule(&with(&[(member, value.clone())])).await, refused(400, "0x200"), "{member}: {value}");
    }
    let mut missing = rule();
    missing.as_object_mut().unwrap().remove("Engine");
    assert_eq!(site.rule(&missing).await, refused(400, "0x200"));

    // The prefix, before the country.
    let cases = [
        with(&[("CertificateType", json!("Test")), ("Country", json!("XA"))]),
        with(&[("Identifier", json!("GR-XX-0001"))]),
        with(&[("Identifier", json!("IR-XX-0001"))]),
        with(&[("Type", json!("Invalidation"))]),
    ];
    for case in &cases {
        assert_eq!(site.rule(case).await, refused(400, "0x250"), "{case}");
    }
    assert_eq!(site.rule(&with(&[("Country", json!("XA"))])).await, refused(403, "0x210"));
    assert_eq!(site.rule(&with(&[("Identifier", json!("VR-XA-0001"))])).await, refused(403, "0x210"));
    assert_eq!(site.rule(&rule()).await, refused(201, ""));
    assert_eq!(site.rule(&rule()).await, refused(400, "0x220"), "the same version again");
}

#[tokio::test]
async fn the_windows_of_time_are_as_wide_as_the_gateways() {
    let site = Site::open(Network::Eu).await;
    let from = |from: &str| with(&[("ValidFrom", json!(from))]);
    let late = refused(400, "0x240");
    // The clock stands at 2026-11-22T10:00:00Z.
    assert_eq!(site.rule(&from("2026-11-24T09:59:59Z")).await, late, "less than 48 hours");
    assert_eq!(site.rule(&from("2026-12-06T10:00:01Z")).await, late, "more than two weeks");
    assert_eq!(site.rule(&with(&[("ValidTo", json!("2026-11-25T09:00:00Z"))])).await, late, "the end first");
    assert_eq!(site.rule(&with(&[("ValidTo", json!("2026-11-28T09:59:59Z"))])).await, late, "less than 3 days");
    assert_eq!(site.rule(&from("2026-11-24T10:00:00Z")).await, refused(201, ""), "48 hours to the second");
    let next = |version: &str, from: &str| with(&[("Version", json!(version)), ("ValidFrom", json!(from))]);
    assert_eq!(site.rule(&next("1.0.1", "2026-12-06T10:00:00Z")).await, refused(201, ""), "two weeks to the second");
    assert_eq!(site.rule(&next("1.0.2", "2026-12-01T10:00:00Z")).await, late, "before the previous version");
    assert_eq!(site.rule(&next("1.0.10", "2026-12-06T10:00:00Z")).await, refused(201, ""), "10 is more than 1");
    assert_eq!(site.rule(&next("1.0.9", "2026-12-06T10:00:00Z")).await, refused(400, "0x220"));

    let invalid = |from: &str| {
        let kind = [("Identifier", json!("IR-XX-0001")), ("Type", json!("Invalidation")), ("ValidFrom", json!(from))];
        with(&kind)
    };
    assert_eq!(site.rule(&invalid("2026-11-22T10:00:00Z")).await, late, "an invalidation rule lies in the future");
    assert_eq!(site.rule(&invalid("2026-11-22T10:00:01Z")).await, refused(201, ""));
}

#[tokio::test]
async fn once_the_newest_version_is_in_force_the_others_are_not_told() {
    let site = Site::open(Network::Eu).await;
    let version = |version: &str, from: &str| with(&[("Version", json!(version)), ("ValidFrom", json!(from))]);
    assert_eq!(site.rule(&version("1.0.0", "2026-11-24T12:00:00Z")).await.0, 201);
    assert_eq!(site.rule(&version("1.0.1", "2026-11-26T12:00:00Z")).await.0, 201);
    let told = async || {
        let (status, _, body) = site.get("/rules/XX").await;
        assert_eq!(status, 200);
        let rules: Value = serde_json::from_str(&body).unwrap();
        let versions = rules["VR-XX-0001"].as_array().cloned().unwrap_or_default();
        versions.iter().map(|rule| rule["version"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told().await, ["1.0.1", "1.0.0"]);
    site.later(3 * 24);
    assert_eq!(told().await, ["1.0.1", "1.0.0"], "one in force, one to come");
    site.later(2 * 24);
    assert_eq!(told().await, ["1.0.1"]);
    let (_, _, body) = site.get("/rules/XX").await;
    let rules: Value = serde_json::from_str(&body).unwrap();
    let rule = &rules["VR-XX-0001"][0];
    assert_eq!(
        (rule["validFrom"].as_str(), rule["validTo"].as_str()),
        (Some("2026-11-26T12:00:00Z"), Some("2027-06-01T00:00:00Z"))
    );
    assert!(rule["cms"].as_str().unwrap().starts_with("MI"));
    assert_eq!(site.get("/rules/XA").await.2, "{}");
    let (status, code, _) = site.get("/rules/XXX").await;
    assert_eq!((status, code.as_str()), (400, "0x001"));
}

#[tokio::test]
async fn a_rule_is_deleted_by_its_signed_name() {
    let site = Site::open(Network::Eu).await;
    let neighbour = country("XA", 0);
    site.gateway.onboard(&Participant::of(&neighbour)).unwrap();
    assert_eq!(site.rule(&rule()).await.0, 201);
    let delete = async |name: &str, by| {
        let (status, code, _) = site.send(Method::DELETE, "/rules", CMS, signed(name.as_bytes(), by)).await;
        (status, code)
    };
    assert_eq!(delete("VR-XX-0001", &neighbour.upload).await, refused(400, "0x230"));
    assert_eq!(delete("VRXX0001", &site.own.upload).await, refused(400, "0x250"));
    assert_eq!(delete("VR-XA-0001", &site.own.upload).await, refused(403, "0x210"));
    assert_eq!(delete("VR-XX-0002", &site.own.upload).await, refused(404, "0x270"));
    assert_eq!(delete("VR-XX-0001", &site.own.upload).await, refused(204, ""));
    assert_eq!(site.get("/rules/XX").await.2, "{}");
    let (status, code, _) = site.post("/rules/delete", "application/cms", own(b"VR-XX-0001", &site.own.upload)).await;
    assert_eq!((status, code), refused(404, "0x270"));
    assert_eq!(site.rule(&rule()).await.0, 201, "the version begins anew");
}
