//! Lists of certificates, issuers, countries and value sets.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use vaccert::{
    keys::Certificate,
    sandbox::gateway::Network,
    trust::{
        TrustStore,
        cms::{Believed, SignedData},
        lists::{self, ListKey, ListOptions},
    },
};

use super::Site;

#[tokio::test]
async fn every_entry_is_vouched_for_and_the_whole_list_is_good_for_a_verifier() {
    let site = Site::open(Network::Eu).await;
    site.gateway.publish(&site.own).unwrap();
    site.gateway.invent(&["XA", "XB"], 2).unwrap();
    let (status, _, body) = site.get("/trustList").await;
    assert_eq!(status, 200);
    let all: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
    assert_eq!(all.len(), 3 * 5);
    let kids: Vec<&str> = all.iter().map(|item| item["kid"].as_str().unwrap()).collect();
    assert!(kids.is_sorted(), "sorted by kid");
    for item in &all {
        let members: Vec<&String> = item.as_object().unwrap().keys().collect();
        let expected = ["certificateType", "country", "kid", "rawData", "signature", "thumbprint", "timestamp"];
        let mut sorted = members.clone();
        sorted.sort();
        assert_eq!(sorted, expected);
        let der = STANDARD.decode(item["rawData"].as_str().unwrap()).unwrap();
        let certificate = Certificate::from_der(&der).unwrap();
        assert_eq!(item["kid"], certificate.kid().to_string());
        if item["certificateType"] != "DSC" {
            let bytes = STANDARD.decode(item["signature"].as_str().unwrap()).unwrap();
            let signed = SignedData::read(&bytes).unwrap();
            signed.verify(Believed::Certificate(site.gateway.anchor()), Some(&der)).unwrap();
        }
    }
    // The verifier's own reader, with nothing but the anchor, takes all of it.
    let keys = ListKey::read(site.gateway.anchor_pem().as_bytes()).unwrap();
    let mut store = TrustStore::new();
    let options = ListOptions { name: "list", list_keys: &keys, unsigned: false };
    lists::read(body.as_bytes(), &options, &mut store).unwrap();
    assert_eq!(store.len(), 6);
}

#[tokio::test]
async fn types_and_countries_filter() {
    let site = Site::open(Network::Eu).await;
    site.gateway.publish(&site.own).unwrap();
    site.gateway.invent(&["XA"], 3).unwrap();
    let count = async |path: &str| site.list(path).await.len();
    assert_eq!(count("/trustList/CSCA").await, 2);
    assert_eq!(count("/trustList/csca").await, 2, "whatever its case");
    assert_eq!(count("/trustList/UPLOAD/XA").await, 1);
    assert_eq!(count("/trustList/AUTHENTICATION/XX").await, 1);
    assert_eq!(count("/trustList/DSC/xa").await, 3);
    assert_eq!(count("/trustList/DSC/XQ").await, 0);
    assert_eq!(site.get("/trustList/TRUSTANCHOR").await.0, 400, "WHO's alone");
    assert_eq!(site.get("/trustList/NONSENSE").await.0, 400);
    let (status, code, _) = site.get("/trustList/DSC/XXX").await;
    assert_eq!((status, code.as_str()), (400, "0x001"));
}

#[tokio::test]
async fn pages_are_cut_from_the_sorted_list() {
    let site = Site::open(Network::Eu).await;
    site.gateway.publish(&site.own).unwrap();
    let all = site.list("/trustList").await;
    assert_eq!(all.len(), 5);
    let mut paged = Vec::new();
    for page in 0..3 {
        let found = site.list(&format!("/trustList?page={page}&pagesize=2")).await;
        assert_eq!(found.len(), [2, 2, 1][page]);
        paged.extend(found);
    }
    assert_eq!(paged, all);
    assert_eq!(site.list("/trustList?page=3&pagesize=2").await.len(), 0);
    assert_eq!(site.list("/trustList?page=0").await, all, "100 entries when only one is given");
    assert_eq!(site.get("/trustList?page=x").await.0, 400);
}

#[tokio::test]
async fn changes_since_a_moment() {
    let site = Site::open(Network::Eu).await;
    site.later(1);
    site.gateway.publish(&site.own).unwrap();
    assert_eq!(site.changed("/trustList", "2026-11-22T10:30:00Z").await.len(), 2, "the signers");
    assert_eq!(site.changed("/trustList", "2026-11-22T10:30:00+02:00").await.len(), 5);
    assert_eq!(site.changed("/trustList", "2026-11-22T11:00:00Z").await.len(), 0);
    for wrong in ["Wed, 21 Oct 2015 07:28:00 GMT", "yesterday", "2026-11-22"] {
        let request = site.request(reqwest::Method::GET, "/trustList").header("If-Modified-Since", wrong);
        assert_eq!(super::answer(request).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn issuers_are_signed_by_the_anchor() {
    let site = Site::open(Network::Eu).await;
    site.gateway.list_issuer("XX", "did:web:sandbox.invalid", true, "Ministry").unwrap();
    site.gateway.list_issuer("XA", "https://a.invalid/keys", false, "Neighbour").unwrap();
    assert_eq!(site.list("/trustList/issuers").await.len(), 2);
    assert_eq!(site.list("/trustList/issuers?country=XA,XB").await.len(), 1);
    assert_eq!(site.get("/trustList/issuers?country=XAX").await.0, 400);
    let item = &site.list("/trustList/issuers?country=XX").await[0];
    assert_eq!((item["type"].as_str(), item["timestamp"].as_str()), (Some("DID"), Some("2026-11-22T10:00:00Z")));
    let bytes = STANDARD.decode(item["signature"].as_str().unwrap()).unwrap();
    let signed = SignedData::read(&bytes).unwrap();
    let believed = Believed::Certificate(site.gateway.anchor());
    signed.verify(believed, Some(b"XX;Ministry;did:web:sandbox.invalid;DID;")).unwrap();
    assert!(signed.verify(believed, Some(b"XX;Ministry;did:web:sandbox.invalid;DID")).is_err());
}

#[tokio::test]
async fn countries_and_value_sets_are_told() {
    let site = Site::open(Network::Eu).await;
    site.gateway.invent(&["XB"], 0).unwrap();
    assert_eq!(site.list("/countrylist").await, ["XB", "XX"]);
    assert_eq!(site.list("/valuesets").await.len(), 0);
    site.gateway.stock_value_sets().unwrap();
    let sets = site.list("/valuesets").await;
    assert_eq!(sets.len(), 8);
    assert!(sets.contains(&"vaccines-covid-19-names".into()));
    let (status, _, body) = site.get("/valuesets/sct-vaccines-covid-19").await;
    let set: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, set["valueSetId"].as_str()), (200, Some("sct-vaccines-covid-19")));
    assert_eq!(set["valueSetValues"]["1119349007"]["display"], "SARS-CoV-2 mRNA vaccine");
    let (status, code, _) = site.get("/valuesets/none").await;
    assert_eq!((status, code.as_str()), (404, "0x100"));
    site.gateway.withdraw("XB").unwrap();
    assert_eq!(site.list("/countrylist").await, ["XX"]);
}
