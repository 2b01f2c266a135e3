//! The forms that national verifier apps read, walked as such an app does (facts on the EU trust framework,
//! section 4; the loop is that of the EU's reference app for Android).

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use vaccert::{
    keys::{Certificate, sha256},
    trust::bundle,
};

use super::{Answer, Installation, send};

/// The reference app: the list of those that count, then one after the other until there is no content. It keeps a
/// certificate whose key identifier is in the list and is that of the certificate, and removes those not in the list.
#[derive(Default)]
struct App {
    token: Option<i64>,
    kept: BTreeMap<String, Vec<u8>>,
    requests: usize,
}

impl App {
    async fn sync(&mut self, ask: impl AsyncFn(&str, &str) -> Answer) {
        let valid: BTreeSet<String> = serde_json::from_slice(&ask("/signercertificateStatus", "").await.bytes).unwrap();
        loop {
            // Before the first answer the app sends an empty text.
            let token = self.token.map_or_else(String::new, |token| token.to_string());
            let answer = ask("/signercertificateUpdate", &token).await;
            self.requests += 1;
            if answer.status == 204 {
                assert!(answer.bytes.is_empty());
                break;
            }
            assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; charset=utf-8"));
            let der = STANDARD.decode(&answer.bytes).unwrap();
            let kid = answer.header("x-kid").to_owned();
            let computed = STANDARD.encode(&sha256(&der)[..8]);
            assert_eq!(kid, computed, "the app computes it from the certificate");
            if valid.contains(&kid) {
                self.kept.insert(kid, der);
            }
            let next: i64 = answer.header("x-resume-token").parse().unwrap();
            assert!(self.token.is_none_or(|token| next > token), "only upwards, or the app never ends");
            self.token = Some(next);
        }
        self.kept.retain(|kid, _| valid.contains(kid));
    }
}

async fn walk(here: &Installation, app: &mut App) {
    app.sync(async |path, token| here.get(path, &[("x-resume-token", token)]).await).await;
}

fn of_bundle(here: &Installation) -> BTreeMap<String, Vec<u8>> {
    let bytes = std::fs::read(here.setup.service.public.join("trust.json")).unwrap();
    let keys: Vec<_> = here.setup.list_key.signer.certificate().public_key().into_iter().collect();
    let bundle = bundle::read(bytes, &keys).unwrap();
    bundle.contents.certificates.into_iter().map(|der| (STANDARD.encode(&sha256(&der)[..8]), der)).collect()
}

#[tokio::test]
async fn a_national_app_ends_with_the_keys_of_the_bundle() {
    let here = Installation::issued().await;
    let mut app = App::default();
    walk(&here, &mut app).await;
    let expected = of_bundle(&here);
    assert!(!expected.is_empty());
    assert_eq!(app.kept, expected);
    // The next day nothing is fetched again.
    let before = app.requests;
    walk(&here, &mut app).await;
    assert_eq!((app.requests - before, &app.kept), (1, &expected));
}

#[tokio::test]
async fn certificates_come_go_and_come_back_and_no_app_misses_one() {
    let here = Installation::issued().await;
    let mut signers = Vec::new();
    for n in 0..6 {
        let mut serials = [[0; 16]; 2];
        serials.iter_mut().for_each(|serial| vaccert::batch::system_random()(serial).unwrap());
        let from = Timestamp::now() - SignedDuration::from_hours(n);
        let validity = vaccert::signers::sandbox::Validity::recommended(from).unwrap();
        let keys = vaccert::signers::sandbox::make(vaccert::signers::sandbox::SignerKey::P256, &validity, serials);
        signers.push(Certificate::from_der(&keys.unwrap().signer.certificate_der).unwrap());
    }
    let publish = async |signers: &[Certificate]| {
        let mut publisher =
            vaccert::work::publisher(&here.setup, here.registry.clone(), here.setup.service.public.clone());
        publisher.signers.extend(signers.iter().cloned());
        publisher.publish(Timestamp::now()).await.unwrap();
        here.house.live().refresh().await;
        // Another look at the order, which every request may bring about.
        here.clock.forward(SignedDuration::from_secs(61));
        here.get("/signercertificateStatus", &[]).await;
        super::until("the new order", async || {
            let kids: BTreeSet<String> =
                serde_json::from_slice(&here.get("/signercertificateStatus", &[]).await.bytes).unwrap();
            kids == of_bundle(&here).into_keys().collect()
        })
        .await;
    };
    let (mut early, mut late) = (App::default(), App::default());
    publish(&signers[..4]).await;
    walk(&here, &mut early).await;
    assert_eq!(early.kept, of_bundle(&here));
    // One goes, another comes.
    publish(&signers[1..5]).await;
    walk(&here, &mut early).await;
    walk(&here, &mut late).await;
    assert_eq!(early.kept, of_bundle(&here));
    assert_eq!(late.kept, early.kept);
    // The first comes back: the app that has passed its old place gets it.
    publish(&signers).await;
    walk(&here, &mut early).await;
    walk(&here, &mut late).await;
    assert_eq!(early.kept, of_bundle(&here));
    assert_eq!(late.kept, early.kept);
    assert_eq!(early.kept.len(), 7);

    // A replica that was never asked has the same order.
    let rooms = vaccert::service::Rooms {
        setup: std::sync::Arc::clone(&here.setup),
        registry: here.registry.clone(),
        board: std::sync::Arc::clone(&here.house.board),
        clock: here.clock.clone(),
        random: vaccert::batch::system_random(),
    };
    let house = vaccert::service::House::new(rooms);
    let other = vaccert::service::everybody(&house, axum::Router::new(), vaccert::service::Hosts::this_machine());
    let mut there = App::default();
    there.sync(async |path, token| send(&other, "GET", path, &[("x-resume-token", token)], Body::empty()).await).await;
    assert_eq!((there.kept, there.token), (early.kept.clone(), early.token));
}

#[tokio::test]
async fn what_changed_is_told_by_date_and_certificates_by_name() {
    let here = Installation::issued().await;
    let all: Vec<String> = of_bundle(&here).into_keys().collect();
    let delta = async |since: &str| {
        let headers = [("if-modified-since", since)];
        here.get("/signercertificateStatus/delta", if since.is_empty() { &[] } else { &headers }).await
    };
    assert_eq!(delta("").await.json(), serde_json::json!({"updated": all, "deleted": []}));
    for since in ["2021-06-01T00:00:00Z", "2021-06-01T00:00:00", "Tue, 01 Jun 2021 00:00:00 GMT"] {
        assert_eq!(delta(since).await.json()["updated"], serde_json::json!(all), "{since}");
    }
    assert_eq!(delta("2100-01-01T00:00:00Z").await.json(), serde_json::json!({"updated": [], "deleted": []}));
    assert_eq!(delta("yesterday").await.problem(400), "if-modified-since");

    let body = serde_json::json!([all[0], "AAAAAAAAAAA="]).to_string();
    let found = here.post("/signercertificateUpdate", "application/json", body).await.json();
    let (country, items) = found.as_object().unwrap().iter().next().unwrap();
    assert_eq!((country.as_str(), items[0]["kid"].as_str()), ("XX", Some(all[0].as_str())));
    assert_eq!(STANDARD.decode(items[0]["rawData"].as_str().unwrap()).unwrap(), of_bundle(&here)[&all[0]]);
    for body in ["", "{}", "[1]", "\"x\""] {
        assert_eq!(here.post("/signercertificateUpdate", "application/json", body).await.problem(400), "kids");
    }
    let many = serde_json::json!(vec!["AAAAAAAAAAA="; 1_001]).to_string();
    assert_eq!(here.post("/signercertificateUpdate", "application/json", many).await.problem(400), "kids");

    for (token, status) in [("0", 200), ("-1", 200), ("", 200), ("9223372036854775807", 204)] {
        let answer = here.get("/signercertificateUpdate", &[("x-resume-token", token)]).await;
        assert_eq!(answer.status, status, "{token}");
    }
    for token in ["x", "1.5", "9223372036854775808"] {
        let answer = here.get("/signercertificateUpdate", &[("x-resume-token", token)]).await;
        assert_eq!(answer.problem(400), "resume-token", "{token}");
    }
    // Without the header, as some apps begin; and nothing but the headers for HEAD.
    assert_eq!(here.get("/signercertificateUpdate", &[]).await.status, 200);
    let head = send(&here.everybody, "HEAD", "/signercertificateUpdate", &[], Body::empty()).await;
    assert_eq!((head.status, head.bytes.len(), head.header("x-kid").len()), (200, 0, 12));
}

/// A rule as a country signs it, with a blank that no writer of ours would leave.
fn rule(identifier: &str, version: &str, logic: &str) -> String {
    let country = &identifier[3..5];
    format!(
        "{{ \"Identifier\":\"{identifier}\",\"Type\":\"Acceptance\",\"Country\":\"{country}\",\"Version\":\"{version}\",\
         \"SchemaVersion\":\"1.0.0\",\"Engine\":\"CERTLOGIC\",\"EngineVersion\":\"0.7.5\",\"CertificateType\":\
         \"Vaccination\",\"Description\":[{{\"lang\":\"en\",\"desc\":\"A dose that counts for travel\"}}],\
         \"ValidFrom\":\"2021-07-03T00:00:00Z\",\"ValidTo\":\"2099-06-01T00:00:00Z\",\"AffectedFields\":[\"v.0.dn\"],\
         \"Logic\":{logic}}}"
    )
}

/// An installation whose gateway folder holds what `vaccert gateway pull` leaves there.
async fn pulled() -> (tempfile::TempDir, Installation) {
    let folder = tempfile::tempdir().unwrap();
    let config = "environment = \"sandbox\"\n[issuer]\ncountry = \"XX\"\nname = \"Ministry\"\n[keys]\nsigner_key = \
                  \"k\"\nsigner_certificate = \"dsc.pem\"\n[gateway]\nnetwork = \"who\"\nenvironment = \"dev\"\n\
                  tls_certificate = \"tls.pem\"\ntls_key = \"tls-key.pem\"\n";
    let path = folder.path().join("vaccert.toml");
    std::fs::write(&path, config).unwrap();
    let gateway = vaccert::config::GatewaySettings::load(&path).unwrap();
    let kept = vaccert::gateway::Folder::open(&gateway.state).unwrap();
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    let good = rule("VR-NL-0001", "1.0.0", "{\"===\":[1,1]}");
    let never = rule("VR-SE-0002", "1.2.0", "{\"===\":[1,2]}");
    kept.replace("rules", &[file("NL/VR-NL-0001_1.0.0.json", good), file("SE/VR-SE-0002_1.2.0.json", never)]).unwrap();
    let set = "{\"valueSetId\":\"disease-agent-targeted\",\"valueSetDate\":\"2026-01-01\",\"valueSetValues\":{\"840539006\":\
               {\"display\":\"COVID-19\",\"lang\":\"en\",\"active\":true,\"version\":\"1\",\"system\":\"s\"}}}";
    kept.replace("value-sets", &[file("disease-agent-targeted.json", set.to_owned())]).unwrap();
    kept.write_json("countries.json", &["NL", "SE", "XX"]).unwrap();
    kept.write_json("report.json", &serde_json::json!({"pulled_at": "2026-11-20T10:00:00Z"})).unwrap();
    drop(kept);
    let here = Installation::with(|setup| setup.gateway = Some(gateway)).await;
    here.issue().await;
    here.publish().await;
    (folder, here)
}

/// The signature of a rule or value set, checked as the apps check it.
fn check_signature(here: &Installation, hash: &str, answer: &Answer) {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

    let signature = STANDARD.decode(answer.header("x-signature")).unwrap();
    let spki = here.setup.list_key.signer.certificate().public_key().unwrap().to_spki();
    let point = &spki[spki.len() - 65..];
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(hash.as_bytes(), &signature).unwrap();
}

fn hex(bytes: &[u8]) -> String {
    sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn rules_and_value_sets_are_handed_on_as_they_were_signed() {
    let (_folder, here) = pulled().await;
    let list = here.get("/v1/rules", &[]).await;
    check_signature(&here, &hex(&list.bytes), &list);
    let items = list.json();
    let names: Vec<&str> = items.as_array().unwrap().iter().map(|item| item["identifier"].as_str().unwrap()).collect();
    assert_eq!(names, ["VR-NL-0001", "VR-SE-0002"]);
    assert_eq!(list.header("last-modified"), "Fri, 20 Nov 2026 10:00:00 GMT");
    let hash = items[0]["hash"].as_str().unwrap();
    let one = here.get(&format!("/v1/rules/nl/{hash}"), &[]).await;
    assert_eq!(String::from_utf8(one.bytes.clone()).unwrap(), rule("VR-NL-0001", "1.0.0", "{\"===\":[1,1]}"));
    assert_eq!(hex(&one.bytes), hash);
    check_signature(&here, hash, &one);
    assert!(one.header("cache-control").contains("immutable"));
    let of_country = here.get("/v1/rules/SE", &[]).await.json();
    assert_eq!((of_country.as_array().unwrap().len(), of_country[0]["version"].as_str()), (1, Some("1.2.0")));
    for path in ["/v1/rules/DE", "/v1/rules/SE/00", &format!("/v1/rules/SE/{hash}"), "/v1/valuesets/00"] {
        assert_eq!(here.get(path, &[]).await.problem(404), "not-found", "{path}");
    }

    let sets = here.get("/v1/valuesets", &[]).await.json();
    assert_eq!(sets.as_array().unwrap().len(), 8, "those of the EU, one of them newer");
    for item in sets.as_array().unwrap() {
        let (id, hash) = (item["id"].as_str().unwrap(), item["hash"].as_str().unwrap());
        let set = here.get(&format!("/v1/valuesets/{hash}"), &[]).await;
        assert_eq!((hex(&set.bytes).as_str(), set.json()["valueSetId"].as_str()), (hash, Some(id)));
        check_signature(&here, hash, &set);
        assert!(vaccert::valueset::ValueSets::built_in().with([(id, set.bytes.as_slice())]).is_ok());
    }
    assert_eq!(here.get("/v1/countrylist", &[]).await.json(), serde_json::json!(["NL", "SE", "XX"]));

    // And the service itself goes by them.
    let code = here.code("eu-dcc").await;
    for (country, verdict, reason) in
        [("NL", "accepted", None), ("SE", "rejected", Some("rules-failed")), ("FR", "undecided", Some("no-rules"))]
    {
        let answer = here.post(&format!("/v1/verify?country={country}"), "text/plain", code.clone()).await.json();
        assert_eq!((answer["verdict"].as_str(), answer["reason"].as_str()), (Some(verdict), reason), "{country}");
    }
}

#[tokio::test]
async fn without_a_gateway_there_are_the_sets_of_the_product_and_the_own_country() {
    let here = Installation::issued().await;
    assert_eq!(here.get("/v1/rules", &[]).await.json(), serde_json::json!([]));
    assert_eq!(here.get("/v1/valuesets", &[]).await.json().as_array().unwrap().len(), 8);
    assert_eq!(here.get("/v1/countrylist", &[]).await.json(), serde_json::json!(["XX"]));
}
