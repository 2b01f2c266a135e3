//! What WHO's gateway has beside the EU's.

use reqwest::Method;
use serde_json::{Value, json};
use vaccert::{
    sandbox::{
        gateway::{Network, Trouble},
        pki::Country,
    },
    trust::{
        TrustStore,
        lists::{self, ListError, ListKey, ListOptions},
        proof,
    },
};

use super::{Site, answer, client, country, own, signed};

const JSON: &str = "application/json";

impl Site {
    async fn trusted(&self, body: Value) -> (u16, String) {
        let (status, code, _) = self.post("/trustedCertificate", JSON, body.to_string()).await;
        (status, code)
    }
}

#[tokio::test]
async fn trusted_certificates_have_groups_domains_and_properties() {
    let site = Site::open(Network::Who).await;
    let [one, other] = [&site.own.signers[0], &site.own.signers[1]];
    let cms = |made: &vaccert::sandbox::pki::Made| signed(made.der(), &site.own.upload);
    assert_eq!(site.trusted(json!({"cms": cms(one)})).await, (201, String::new()));
    assert_eq!(site.trusted(json!({"cms": cms(one)})).await, (409, "0x002".to_owned()));
    let body = json!({
        "cms": cms(other), "kid": "bXkta2lk", "domain": "DICVP", "properties": {"displayName": "Ministry"},
    });
    assert_eq!(site.trusted(body).await, (201, String::new()));

    let listed = site.list("/trustList/certificate?group=DSC").await;
    assert_eq!(listed.len(), 2);
    let pilgrim = site.list("/trustList/certificate?domain=dicvp&country=XX").await;
    assert_eq!(pilgrim.len(), 1);
    let item = &pilgrim[0];
    assert_eq!((item["kid"].as_str(), item["group"].as_str()), (Some("bXkta2lk"), Some("DSC")));
    assert_eq!(item["properties"], json!({"displayName": "Ministry"}));
    assert!(item["certificate"].is_string() && item["signature"].is_string() && item["uuid"].is_string());
    assert_eq!(site.list("/trustList/certificate").await.len(), 5);
    assert_eq!(site.list("/trustList/DSC").await.len(), 1, "the old list has the domain DCC alone");
    assert_eq!(site.list("/trustList/TRUSTANCHOR").await.len(), 1);

    let cms_media = "application/cms";
    assert_eq!(site.send(Method::DELETE, "/trustedCertificate", cms_media, cms(one)).await.0, 204);
    assert_eq!(site.post("/trustedCertificate/delete", cms_media, cms(other)).await.0, 204);
    let (status, code, _) = site.send(Method::DELETE, "/trustedCertificate", cms_media, cms(one)).await;
    assert_eq!((status, code.as_str()), (404, "0x005"));
    // The EU's path leads to the same place.
    assert_eq!(site.post("/signerCertificate", cms_media, cms(one)).await.0, 201);
}

#[tokio::test]
async fn wrong_trusted_certificates_are_refused() {
    let site = Site::open(Network::Who).await;
    let dsc = &site.own.signers[0];
    let good = own(dsc.der(), &site.own.upload);
    let none = (400, "n/a".to_owned());
    assert_eq!(site.trusted(json!({"cms": "nonsense"})).await, none);
    assert_eq!(site.trusted(json!({"cms": own(b"text", &site.own.upload)})).await, none);
    let mut flipped = good.clone().into_bytes();
    let at = flipped.len() - 10;
    flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
    assert_eq!(site.trusted(json!({"cms": String::from_utf8(flipped).unwrap()})).await, none);
    assert_eq!(site.trusted(json!({"cms": good, "properties": {"colour": "red"}})).await, none);
    assert_eq!(site.trusted(json!({"cms": good, "domain": "NOWHERE"})).await, (400, "0x004".to_owned()));
    let neighbour = country("XA", 0);
    assert_eq!(site.trusted(json!({"cms": own(dsc.der(), &neighbour.upload)})).await, (400, "0x004".to_owned()));
    assert_eq!(site.trusted(json!({"kid": "x"})).await.0, 400);
    assert_eq!(site.post("/trustedCertificate", "application/cms", good).await.0, 415);
}

#[tokio::test]
async fn references_are_bounded_and_belong_to_a_country() {
    let site = Site::open(Network::Who).await;
    let reference = || {
        json!({
            "url": "https://xx.invalid/fhir", "country": "XX", "type": "FHIR", "service": "ValueSet",
            "name": "Value sets", "contentType": "application/fhir+json", "signatureType": "NONE",
            "referenceVersion": "1.0.0",
        })
    };
    let upload = async |body: Value| site.post("/trust/reference", JSON, body.to_string()).await.0;
    assert_eq!(upload(reference()).await, 201);
    for (member, value) in [
        ("url", json!("x".repeat(101))),
        ("url", json!("")),
        ("type", json!("OTHER")),
        ("signatureType", json!("PGP")),
        ("service", json!("x".repeat(1_025))),
        ("name", json!(1)),
    ] {
        let mut wrong = reference();
        wrong[member] = value;
        assert_eq!(upload(wrong).await, 400, "{member}");
    }
    let mut other = reference();
    other["country"] = json!("XA");
    assert_eq!(upload(other).await, 403);

    let listed = site.list("/trustList/references?referenceType=FHIR&signatureType=NONE,CMS&country=XX").await;
    assert_eq!(listed.len(), 1);
    assert_eq!(site.list("/trustList/references?referenceType=DCC").await.len(), 0);
    let uuid = listed[0]["uuid"].as_str().unwrap().to_owned();
    assert_eq!(site.get(&format!("/trust/reference/{uuid}")).await.0, 200);
    assert_eq!(site.get("/trust/reference/none").await.0, 404);
    let delete = json!({"uuid": uuid}).to_string();
    assert_eq!(site.send(Method::DELETE, "/trust/reference", JSON, delete.clone()).await.0, 204);
    assert_eq!(site.send(Method::DELETE, "/trust/reference", JSON, delete).await.0, 404);
}

/// What a verifier makes of a document with nothing but the operator's certificate.
fn believed(site: &Site, document: &str) -> Result<TrustStore, ListError> {
    let keys = ListKey::read(site.gateway.anchor_pem().as_bytes()).unwrap();
    let mut store = TrustStore::new();
    let options = ListOptions { name: "did.json", list_keys: &keys, unsigned: false };
    lists::read(document.as_bytes(), &options, &mut store).map(|()| store)
}

#[tokio::test]
async fn the_public_list_is_proven_as_whos_is() {
    let site = Site::open(Network::Who).await;
    site.gateway.publish(&site.own).unwrap();
    let neighbours: Vec<Country> = site.gateway.invent(&["XA", "XB"], 4).unwrap();
    let nobody = client(&site.gateway, None);
    let get = async |path: &str| answer(nobody.get(format!("{}{path}", site.gateway.url()))).await;

    let (status, _, whole) = get("/v2/trustlist/did.json").await;
    assert_eq!(status, 200, "everybody may read it");
    let document: Value = serde_json::from_str(&whole).unwrap();
    let methods = document["verificationMethod"].as_array().unwrap();
    assert_eq!(methods.len(), 3 + 2 + 2 * 4);
    let key = site.gateway.anchor().public_key().unwrap();
    proof::verify(whole.as_bytes(), std::slice::from_ref(&key)).unwrap();
    assert_eq!(believed(&site, &whole).unwrap().len(), 10);
    let signer = &neighbours[0].signers[0];
    let kid = signer.certificate().kid().to_string();
    let entry = methods.iter().find(|method| method["publicKeyJwk"]["kid"] == kid.as_str()).unwrap();
    assert_eq!(entry["id"], format!("did:web:sandbox.invalid:v2:trustlist:DCC:XXA:DSC#{kid}"));
    assert_eq!(entry["keyusage"]["code"], "#DSC");
    assert_eq!(entry["publicKeyJwk"]["x5c"].as_array().unwrap().len(), 2, "the signer and its authority");
    let widths: Vec<usize> = methods.iter().map(|method| method["publicKeyJwk"]["x"].as_str().unwrap().len()).collect();
    assert!(widths.iter().all(|width| (42..=44).contains(width)), "{widths:?}");

    let (_, _, some) = get("/v2/trustlist/DCC/XXA/DSC/did.json").await;
    assert_eq!(believed(&site, &some).unwrap().len(), 4);
    let (_, _, some) = get("/v2/trustlist/-/XXB/-/did.json").await;
    let document: Value = serde_json::from_str(&some).unwrap();
    assert_eq!(document["verificationMethod"].as_array().unwrap().len(), 5);
    let (_, _, references) = get("/v2/trustlist-ref/did.json").await;
    let document: Value = serde_json::from_str(&references).unwrap();
    assert!(document["verificationMethod"].as_array().unwrap().iter().all(Value::is_string));
    let (_, _, first) = get("/trustlist/did.json").await;
    proof::verify(first.as_bytes(), std::slice::from_ref(&key)).unwrap();
    for path in ["/v2/trustlist/IPS/did.json", "/v2/trustlist/DCC/did", "/v2/did.json", "/trustlist/DCC/did.json"] {
        assert_eq!(get(path).await.0, 404, "{path}");
    }

    site.gateway.trouble(Trouble::WrongProof, 1);
    let (_, _, spoilt) = get("/v2/trustlist/did.json").await;
    assert!(proof::verify(spoilt.as_bytes(), &[key]).is_err() && believed(&site, &spoilt).is_err());
    assert_eq!(Site::open(Network::Eu).await.get("/v2/trustlist/did.json").await.0, 404, "WHO's alone");
}
