//! Everything signed anew after the upload certificate was renewed, and nothing else.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value as Json, json};

use super::world::{Holder, Use, World, answer, batch, client, now, report, rule};
use crate::{
    gateway::{Network, Own, Package, PackageKind, Plan},
    trust::cms::{Believed, Carries, SignedData},
};

fn package(kind: PackageKind, cms: &str) -> Package {
    Package { cms: Some(cms.to_owned()), entity_id: 5, kind }
}

#[test]
fn what_this_country_signed_is_signed_anew_in_every_form() {
    let world = World::new();
    let new = Holder::new(Use::Upload, "XX", None, (2026, 2029));
    let list = world.list();
    let before = [world.upload.certificate.clone()];
    let own = Own { new: &new.certificate, before: &before, entries: &list };
    let der = world.signer.certificate.der();
    let rule = rule("1.0.0", "2026-12-01T00:00:00Z").to_string();
    let sign = |holder: &Holder, content: &[u8]| holder.sign(content, Carries::Content, now());
    for (kind, cms, content) in [
        (PackageKind::Rule, sign(&world.upload, rule.as_bytes()), rule.as_bytes()),
        (PackageKind::RevocationBatch, sign(&world.upload, b"{}"), b"{}".as_slice()),
        // As the gateway hands it out; as a message; detached.
        (PackageKind::Signer, STANDARD.encode(der), der),
        (PackageKind::Signer, sign(&world.upload, der), der),
        (PackageKind::Signer, world.upload.sign(der, Carries::SignatureOnly, now()), der),
    ] {
        assert_eq!(own.plan(&package(kind, &cms), now()), Ok(Plan::Sign(content.to_vec())), "{kind:?}");
    }
    assert_eq!(own.plan(&package(PackageKind::Rule, &sign(&new, b"x")), now()), Ok(Plan::Done));
    let gone = Package { cms: None, entity_id: 1, kind: PackageKind::Signer };
    assert_eq!(own.plan(&gone, now()), Ok(Plan::Gone));
    // Listed under the new one already.
    let renewed = [world.signer.entry("DSC", &new)];
    let own = Own { entries: &renewed, ..own };
    assert_eq!(own.plan(&package(PackageKind::Signer, &STANDARD.encode(der)), now()), Ok(Plan::Done));
}

#[test]
fn nothing_is_signed_that_this_country_did_not_sign() {
    let world = World::new();
    let new = Holder::new(Use::Upload, "XX", None, (2026, 2029));
    let list = world.list();
    let before = [world.upload.certificate.clone()];
    let own = Own { new: &new.certificate, before: &before, entries: &list };
    let code = |kind, cms: &str| own.plan(&package(kind, cms), now()).unwrap_err().code();
    let foreign = world.other.sign(b"x", Carries::Content, now());
    assert_eq!(code(PackageKind::Rule, &foreign), "signature-invalid");
    assert_eq!(code(PackageKind::Rule, "MAA="), "signature-invalid");
    let detached = world.upload.sign(b"x", Carries::SignatureOnly, now());
    assert_eq!(code(PackageKind::Rule, &detached), "signature-invalid");
    // A rogue signer certificate: in nobody's list, or listed under a foreign uploader.
    let rogue = Holder::new(Use::Dsc, "XX", None, (2026, 2028));
    assert_eq!(code(PackageKind::Signer, &STANDARD.encode(rogue.certificate.der())), "not-there");
    let listed = [rogue.entry("DSC", &world.other)];
    let own = Own { entries: &listed, ..own };
    let rogue = package(PackageKind::Signer, &STANDARD.encode(rogue.certificate.der()));
    assert_eq!(own.plan(&rogue, now()).unwrap_err().code(), "signature-invalid");
}

#[tokio::test]
async fn a_package_goes_back_with_its_number_and_its_very_content() {
    let world = World::new();
    let content = batch(4).to_string();
    let cms = world.upload.sign(content.as_bytes(), Carries::Content, now());
    let listed = json!([{"cms": cms, "entityId": 42, "type": "REVOCATION_LIST"},
                        {"cms": null, "entityId": 43, "type": "DSC"}]);
    let body = listed.to_string();
    let (client, asked) = client(Network::Eu, now(), move |number, _| match number {
        0 => Ok(answer(200, &body)),
        1 => Ok(answer(204, "")),
        _ => Ok(report(409, "0x020", "gone")),
    });
    let packages = client.packages().await.unwrap();
    assert_eq!(packages.len(), 2);
    assert!(!format!("{packages:?}").contains(&cms[..20]));
    let new = Holder::new(Use::Upload, "XX", None, (2026, 2029));
    client.renew(&packages[0], content.as_bytes(), &new.upload_key()).await.unwrap();
    let request = asked.lock().unwrap()[1].clone();
    assert_eq!(request.path, "/cms-migration");
    let sent: Json = serde_json::from_str(&request.body.unwrap().text).unwrap();
    assert_eq!((&sent["entityId"], &sent["type"]), (&json!(42), &json!("REVOCATION_LIST")));
    let message = STANDARD.decode(sent["cms"].as_str().unwrap()).unwrap();
    let signed = SignedData::read(&message).unwrap();
    signed.verify(Believed::Certificate(&new.certificate), None).unwrap();
    assert_eq!(signed.content(), Some(content.as_bytes()));
    let error = client.renew(&packages[0], b"x", &new.upload_key()).await.unwrap_err();
    assert!(error.to_string().contains("no longer there"), "{error}");
}
