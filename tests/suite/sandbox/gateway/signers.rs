//! Document signers, up and down.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use vaccert::{
    keys::Certificate,
    sandbox::{
        gateway::{Network, Participant},
        pki::{Key, Purpose, Workshop},
    },
    trust::cms::{Believed, SignedData},
};

use super::{Site, country, now, own, signed, signed_with};

const CMS: &str = "application/cms";

#[tokio::test]
async fn a_signer_goes_up_is_listed_and_goes_down_again() {
    let site = Site::open(Network::Eu).await;
    let dsc = &site.own.signers[0];
    let message = signed(dsc.der(), &site.own.upload);
    assert_eq!(site.post("/signerCertificate", CMS, message.clone()).await, (201, String::new(), String::new()));

    let listed = site.list("/trustList/DSC/XX").await;
    assert_eq!(listed.len(), 1);
    let item = &listed[0];
    assert_eq!(item["kid"], dsc.certificate().kid().to_string());
    assert_eq!(item["country"], "XX");
    assert_eq!(item["certificateType"], "DSC");
    assert_eq!(item["timestamp"], "2026-11-22T10:00:00Z");
    assert_eq!(item["rawData"], STANDARD.encode(dsc.der()));
    // The signature of the list is the uploader's, detached, over the certificate.
    let bytes = STANDARD.decode(item["signature"].as_str().unwrap()).unwrap();
    let detached = SignedData::read(&bytes).unwrap();
    assert!(detached.content().is_none());
    detached.verify(Believed::Certificate(site.own.upload.certificate()), Some(dsc.der())).unwrap();

    let (status, code, _) = site.post("/signerCertificate", CMS, message.clone()).await;
    assert_eq!((status, code.as_str()), (409, "0x002"), "a repeat");

    site.later(1);
    assert_eq!(site.send(Method::DELETE, "/signerCertificate", CMS, message.clone()).await.0, 204);
    assert_eq!(site.list("/trustList/DSC").await.len(), 0);
    let (status, code, _) = site.post("/signerCertificate/delete", CMS, message.clone()).await;
    assert_eq!((status, code.as_str()), (404, "0x005"));
    let changed = site.changed("/trustList/DSC", "2026-11-22T10:30:00Z").await;
    assert_eq!(changed.len(), 1);
    assert!(changed[0]["rawData"].is_null() && changed[0]["signature"].is_null());
    assert_eq!(changed[0]["kid"], dsc.certificate().kid().to_string());
    // Two weeks later nobody knows that it was there.
    site.later(14 * 24 + 1);
    assert_eq!(site.changed("/trustList/DSC", "2026-11-22T10:30:00Z").await.len(), 0);
    assert_eq!(site.post("/signerCertificate", CMS, message.clone()).await.0, 201, "it may come back");
    assert_eq!(site.post("/signerCertificate/delete", CMS, message.clone()).await.0, 204);
    assert_eq!(site.post("/signerCertificate", CMS, message).await.0, 201, "at once, too");
    assert_eq!(site.list("/trustList/DSC").await.len(), 1);
}

#[tokio::test]
async fn every_wrong_form_of_a_message_has_its_words() {
    let site = Site::open(Network::Eu).await;
    let (der, upload) = (site.own.signers[0].der(), &site.own.upload);
    let wrapped = signed(der, upload);
    let lines: Vec<String> = wrapped.as_bytes().chunks(64).map(|l| String::from_utf8_lossy(l).into_owned()).collect();
    let other = site.own.tls.clone();
    let folder = tempfile::tempdir().unwrap();
    let extra = folder.path().join("extra.pem");
    std::fs::write(&extra, other.pem()).unwrap();
    let cases = [
        (lines.join("\n"), "Base64"),
        (format!("{wrapped}\n"), "Base64"),
        ("not base64 at all".to_owned(), "Base64"),
        (STANDARD.encode(der), "parse CMS"),
        (signed_with(der, upload, &[]), "binary data as body"),
        (signed_with(der, upload, &["-nodetach", "-nocerts"]), "exactly one X509"),
        (signed_with(der, upload, &["-nodetach", "-certfile", extra.to_str().unwrap()]), "exactly one X509"),
        (signed(b"no certificate", upload), "DER encoded X509"),
        (signed(&[der, b"more"].concat(), upload), "DER encoded X509"),
    ];
    for (body, words) in cases {
        let (status, code, answer) = site.post("/signerCertificate", CMS, body).await;
        assert_eq!((status, code.as_str()), (400, "0x402"), "{words}: {answer}");
        assert!(answer.contains(words), "{words}: {answer}");
    }
    assert_eq!(site.list("/trustList/DSC").await.len(), 0);
}

#[tokio::test]
async fn two_signers_in_one_message_are_one_too_many() {
    let site = Site::open(Network::Eu).await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let second = file("second.pem", site.own.tls.pem());
    let key = file("second.key", &super::key_pem(&site.own.tls));
    let options = ["-nodetach", "-nocerts", "-signer", &second, "-inkey", &key];
    let message = signed_with(site.own.signers[0].der(), &site.own.upload, &options);
    let (status, code, answer) = site.post("/signerCertificate", CMS, message).await;
    assert_eq!((status, code.as_str()), (400, "0x402"));
    assert!(answer.contains("signer information"), "{answer}");
}

#[tokio::test]
async fn a_signature_that_does_not_match_is_refused() {
    let site = Site::open(Network::Eu).await;
    let message = signed(site.own.signers[0].der(), &site.own.upload);
    let mut bytes = STANDARD.decode(message).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let (status, code, _) = site.post("/signerCertificate", CMS, STANDARD.encode(bytes)).await;
    assert_eq!((status, code.as_str()), (400, "0x009"));
}

#[tokio::test]
async fn the_wrong_uploader_country_or_authority_is_refused_and_named() {
    let site = Site::open(Network::Eu).await;
    let neighbour = country("XA", 1);
    site.gateway.onboard(&Participant::of(&neighbour)).unwrap();
    let workshop = Workshop::new("XX", now(), vaccert::batch::system_random()).unwrap();
    let stray = workshop.make(Purpose::Authority, "Stray CSCA", Key::P256).unwrap();
    let unknown = workshop.issued(Purpose::Signer, "Stray DSC", Key::P256, &stray).unwrap();
    // Under the neighbour's authority, for the own country.
    let crossed = workshop.issued(Purpose::Signer, "Crossed DSC", Key::P256, &neighbour.csca).unwrap();
    let (dsc, upload) = (&site.own.signers[0], &site.own.upload);
    let cases = [
        (signed(dsc.der(), &neighbour.upload), "upload certificate"),
        (signed(dsc.der(), &site.own.tls), "upload certificate"),
        (signed(neighbour.signers[0].der(), upload), "another country"),
        (signed(unknown.der(), upload), "not signed by an onboarded CSCA"),
        (signed(crossed.der(), upload), "not signed by an onboarded CSCA"),
    ];
    for (body, words) in cases {
        let (status, code, answer) = site.post("/signerCertificate", CMS, body).await;
        assert_eq!((status, code.as_str()), (400, "0x004"), "{words}");
        assert!(answer.contains(words), "{words}: {answer}");
    }
    assert_eq!(site.list("/trustList/DSC").await.len(), 0);

    // Taking down is refused for the same reasons, with its own code; and the neighbour's signer stays.
    site.gateway.publish(&neighbour).unwrap();
    for body in [signed(neighbour.signers[0].der(), upload), signed(dsc.der(), &neighbour.upload)] {
        let (status, code, _) = site.send(Method::DELETE, "/signerCertificate", CMS, body).await;
        assert_eq!((status, code.as_str()), (400, "0x007"));
    }
    assert_eq!(site.gateway.listed("XA").len(), 1);

    // Without an authority nothing can be uploaded.
    site.gateway.remove(site.own.csca.der()).unwrap();
    let (status, code, answer) = site.post("/signerCertificate", CMS, signed(dsc.der(), upload)).await;
    assert_eq!((status, code.as_str()), (400, "0x004"));
    assert!(answer.contains("no CSCA"), "{answer}");
}

#[tokio::test]
async fn an_rsa_uploader_is_as_good_as_another() {
    let site = Site::open(Network::Eu).await;
    let workshop = Workshop::new("XX", now(), vaccert::batch::system_random()).unwrap();
    let upload = workshop.make(Purpose::Upload, "RSA upload", Key::Rsa3072).unwrap();
    let participant = Participant {
        country: "XX".to_owned(),
        authentication: Vec::new(),
        upload: vec![upload.der().to_vec()],
        csca: Vec::new(),
        roles: Vec::new(),
    };
    site.gateway.onboard(&participant).unwrap();
    for (dsc, message) in site.own.signers.iter().zip([signed, own]) {
        assert_eq!(site.post("/signerCertificate", CMS, message(dsc.der(), &upload)).await.0, 201);
    }
    let listed = site.list("/trustList/DSC").await;
    assert!(listed.iter().all(|item| {
        let der = STANDARD.decode(item["rawData"].as_str().unwrap()).unwrap();
        Certificate::from_der(&der).unwrap().kid().to_string() == item["kid"].as_str().unwrap()
    }));
    assert_eq!(listed.len(), 2);
}
