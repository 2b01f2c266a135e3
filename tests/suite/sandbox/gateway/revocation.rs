//! Revocation batches, up, down and gone.

use reqwest::Method;
use serde_json::{Value, json};
use vaccert::{
    sandbox::gateway::{Network, Participant},
    trust::cms::SignedData,
};

use super::{Site, answer, client, country, own, signed};

const CMS: &str = "application/cms-text";
const BEGINNING: &str = "2021-06-01T00:00:00Z";

fn batch() -> Value {
    json!({
        "country": "XX", "expires": "2027-01-01T00:00:00Z", "kid": "HBDru8SfeDE=", "hashType": "UCI",
        "entries": [{"hash": "6WSb8R/8lDysIHW4A4J5qQ=="}],
    })
}

impl Site {
    async fn upload_batch(&self, batch: &Value) -> String {
        let body = own(batch.to_string().as_bytes(), &self.own.upload);
        let request = self.request(Method::POST, "/revocation-list").header("Content-Type", CMS).body(body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 201);
        response.headers()["etag"].to_str().unwrap().to_owned()
    }

    async fn batches(&self, since: &str) -> (u16, Value) {
        let request = self.request(Method::GET, "/revocation-list").header("If-Modified-Since", since);
        let (status, _, body) = answer(request).await;
        (status, serde_json::from_str(&body).unwrap_or_default())
    }
}

#[tokio::test]
async fn a_batch_goes_up_comes_down_and_is_gone() {
    let site = Site::open(Network::Eu).await;
    assert_eq!(site.batches(BEGINNING).await.0, 204, "nothing yet");
    let message = signed(batch().to_string().as_bytes(), &site.own.upload);
    let request = site.request(Method::POST, "/revocation-list").header("Content-Type", CMS).body(message.clone());
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 201);
    let id = response.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(response.text().await.unwrap(), "");

    let (status, list) = site.batches(BEGINNING).await;
    assert_eq!(status, 200);
    let row = json!({"batchId": id, "country": "XX", "date": "2026-11-22T10:00:00Z", "deleted": false});
    assert_eq!(list, json!({"more": false, "batches": [row]}));
    let found = site.request(Method::GET, &format!("/revocation-list/{id}")).send().await.unwrap();
    assert_eq!((found.status().as_u16(), found.headers()["etag"].to_str().unwrap()), (200, id.as_str()));
    assert_eq!(found.text().await.unwrap(), message, "to the letter");

    site.later(1);
    let delete = |id: &str| signed(json!({"batchId": id}).to_string().as_bytes(), &site.own.upload);
    assert_eq!(site.send(Method::DELETE, "/revocation-list", CMS, delete(&id)).await.0, 204);
    assert_eq!(site.send(Method::DELETE, "/revocation-list", CMS, delete(&id)).await.0, 410);
    assert_eq!(site.post("/revocation-list/delete", CMS, delete(&id)).await.0, 410);
    assert_eq!(site.get(&format!("/revocation-list/{id}")).await.0, 410);
    let (_, list) = site.batches("2026-11-22T10:30:00Z").await;
    assert_eq!((list["batches"][0]["deleted"].as_bool(), list["batches"].as_array().unwrap().len()), (Some(true), 1));
    site.later(14 * 24 + 1);
    assert_eq!(site.get(&format!("/revocation-list/{id}")).await.0, 404, "forgotten");
    assert_eq!(site.batches(BEGINNING).await.0, 204);
}

#[tokio::test]
async fn a_batch_whose_time_is_over_loses_its_content() {
    let site = Site::open(Network::Eu).await;
    let mut soon = batch();
    soon["expires"] = json!("2026-11-23T00:00:00Z");
    let id = site.upload_batch(&soon).await;
    site.later(24);
    assert_eq!(site.get(&format!("/revocation-list/{id}")).await.0, 410);
    assert_eq!(site.batches(BEGINNING).await.1["batches"][0]["deleted"], true);
}

#[tokio::test]
async fn what_is_wrong_with_a_batch_is_refused() {
    let site = Site::open(Network::Eu).await;
    let neighbour = country("XA", 0);
    site.gateway.onboard(&Participant::of(&neighbour)).unwrap();
    let send = async |text: &str, by| {
        let (status, code, _) = site.post("/revocation-list", CMS, own(text.as_bytes(), by)).await;
        (status, code)
    };
    let bad = (400, "0x000".to_owned());
    let (up, forbidden) = (&site.own.upload, (403, "0x000".to_owned()));
    assert_eq!(send(&batch().to_string(), &neighbour.upload).await, forbidden, "another's upload certificate");
    assert_eq!(send("{", up).await, bad);
    assert_eq!(send(&format!("{} 1", batch()), up).await, bad, "something behind it");
    for (member, value) in [
        ("country", json!("XXX")),
        ("expires", json!("2026-11-22T09:00:00Z")),
        ("kid", json!("toolongtobeakid")),
        ("hashType", json!("MD5")),
        ("entries", json!([])),
        ("entries", json!(vec![json!({"hash": "6WSb8R/8lDysIHW4A4J5qQ=="}); 1_001])),
        ("entries", json!([{"hash": "short=="}])),
    ] {
        let mut wrong = batch();
        wrong[member] = value;
        assert_eq!(send(&wrong.to_string(), up).await, bad, "{member}");
    }
    let mut other = batch();
    other["country"] = json!("XA");
    assert_eq!(send(&other.to_string(), up).await, forbidden, "another country's");
    let mut message = own(batch().to_string().as_bytes(), up).into_bytes();
    let at = message.len() - 10;
    message[at] = if message[at] == b'A' { b'B' } else { b'A' };
    let (status, code, _) = site.post("/revocation-list", CMS, String::from_utf8(message).unwrap()).await;
    assert_eq!((status, code.as_str()), (400, "0x260"));
    assert_eq!(site.batches(BEGINNING).await.0, 204, "nothing was taken");

    // Deleting: form, identifier, owner.
    let delete = async |text: &str, by| {
        let (status, code, _) = site.send(Method::DELETE, "/revocation-list", CMS, own(text.as_bytes(), by)).await;
        (status, code)
    };
    assert_eq!(delete("{\"batchId\":\"X\"}", up).await, bad);
    assert_eq!(delete("{}", up).await, bad);
    let unknown = json!({"batchId": "0b7d1f4e-8a5c-4f0e-9a44-0123456789ab"}).to_string();
    assert_eq!(delete(&unknown, up).await, (404, "0x000".to_owned()));
    let id = site.upload_batch(&batch()).await;
    let theirs = client(&site.gateway, Some(&neighbour.tls));
    let request = theirs.delete(format!("{}/revocation-list", site.gateway.url())).header("Content-Type", CMS);
    let message = own(json!({"batchId": id}).to_string().as_bytes(), &neighbour.upload);
    let (status, code, _) = answer(request.body(message)).await;
    assert_eq!((status, code), forbidden, "another country's batch");
}

#[tokio::test]
async fn the_list_wants_a_moment_in_the_past() {
    let site = Site::open(Network::Eu).await;
    assert_eq!(site.get("/revocation-list").await.0, 400, "it must be there");
    assert_eq!(site.batches("2026-11-22T10:00:01Z").await.0, 400, "in the future");
    assert_eq!(site.batches("Tue, 01 Jun 2021 00:00:00 GMT").await.0, 400);
    assert_eq!(site.batches("2026-11-22T10:00:00Z").await.0, 204);
    assert_eq!(site.get("/revocation-list/0B7D1F4E-8A5C-4F0E-9A44-0123456789AB").await.0, 400, "capital letters");
    assert_eq!(site.get("/revocation-list/0b7d1f4e-8a5c-4f0e-9a44-0123456789ab").await.0, 404);
}

#[tokio::test]
async fn a_thousand_batches_are_a_page() {
    let site = Site::open(Network::Eu).await;
    let message = own(batch().to_string().as_bytes(), &site.own.upload);
    for _ in 0..1_001 {
        let request = site.request(Method::POST, "/revocation-list").header("Content-Type", CMS);
        assert_eq!(request.body(message.clone()).send().await.unwrap().status(), 201);
        site.clock.advance(jiff::SignedDuration::from_millis(10));
    }
    let (_, first) = site.batches(BEGINNING).await;
    let rows = first["batches"].as_array().unwrap();
    assert_eq!((rows.len(), first["more"].as_bool()), (1_000, Some(true)));
    let dates: Vec<&str> = rows.iter().map(|row| row["date"].as_str().unwrap()).collect();
    let moments: Vec<jiff::Timestamp> = dates.iter().map(|date| date.parse().unwrap()).collect();
    assert!(moments.is_sorted(), "in the order of their change");
    let (_, second) = site.batches(dates.last().unwrap()).await;
    assert_eq!((second["batches"].as_array().unwrap().len(), second["more"].as_bool()), (1, Some(false)));
    // A client that cuts off the fraction reads the last second again.
    let cut = format!("{}Z", &dates.last().unwrap()[..19]);
    assert!(site.batches(&cut).await.1["batches"].as_array().unwrap().len() > 1);
}

#[tokio::test]
async fn whose_network_has_no_revocation_has_no_such_path() {
    let site = Site::open(Network::Who).await;
    assert_eq!(site.batches(BEGINNING).await.0, 404);
    let site = Site::with(Network::Who, |options| options.revocation = true).await;
    let id = site.upload_batch(&batch()).await;
    let (_, _, text) = site.get(&format!("/revocation-list/{id}")).await;
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    assert_eq!(SignedData::read(&bytes).unwrap().content().unwrap(), batch().to_string().as_bytes());
}
