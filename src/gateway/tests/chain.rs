//! Anchor → upload certificate → rule or batch: whole it counts, and with any byte of it changed it does not.

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::world::{Holder, Use, World, at, batch, now, rule};
use crate::{
    gateway::{Issuer, ListEntry, ListedRule, Reject, Uploaders, open_batch, open_rule, open_rules},
    trust::cms::{Carries, CmsError},
};

const FROM: &str = "2026-12-01T00:00:00Z";

fn uploaders(world: &World) -> Uploaders {
    let found = Uploaders::vouched(&world.list(), &world.anchor.certificate, now());
    assert!(found.rejected.is_empty(), "{:?}", found.rejected);
    assert_eq!((found.len(), found.of("XX").len()), (2, 1));
    found
}

fn listed(message: &str) -> ListedRule {
    ListedRule {
        version: Some("1.0.0".into()),
        valid_from: Some("2026-12-01T01:00:00+01:00".into()),
        valid_to: Some("2030-06-01T00:00:00Z".into()),
        cms: Some(message.into()),
    }
}

fn signed(holder: &Holder, content: &[u8]) -> String {
    holder.sign(content, Carries::Content, at("2026-11-20T00:00:00Z"))
}

#[test]
fn what_its_country_signed_counts_byte_for_byte() {
    let world = World::new();
    let uploaders = uploaders(&world);
    let text = format!("{}\n ", rule("1.0.0", FROM));
    let opened = open_rule(&uploaders, "XX", "VR-XX-0001", &listed(&signed(&world.upload, text.as_bytes())), now());
    let opened = opened.unwrap();
    assert_eq!((opened.identifier.as_str(), opened.version.as_str(), &opened.text), ("VR-XX-0001", "1.0.0", &text));
    let batch = batch(1000).to_string();
    let opened = open_batch(&uploaders, "XX", &signed(&world.upload, batch.as_bytes()), now()).unwrap();
    assert_eq!(serde_json::to_value(opened).unwrap(), serde_json::from_str::<serde_json::Value>(&batch).unwrap());
}

#[test]
fn signers_of_other_countries_and_of_none_do_not_count() {
    let world = World::new();
    let uploaders = uploaders(&world);
    let content = batch(1).to_string();
    let open = |country: &str, holder: &Holder| {
        open_batch(&uploaders, country, &signed(holder, content.as_bytes()), now()).unwrap_err()
    };
    assert_eq!(open("XX", &world.other), Reject::Uploader { country: "XX".into() });
    assert_eq!(open("XX", &world.signer), Reject::Uploader { country: "XX".into() });
    assert_eq!(open("XX", &world.anchor), Reject::Uploader { country: "XX".into() });
    assert_eq!(open("ZZ", &world.upload), Reject::NoUploader { country: "ZZ".into() });
    assert!(matches!(open("YY", &world.other), Reject::Differs { member: "country", .. }));
    // A stranger with the same names in its certificate.
    let stranger = Holder::new(Use::Upload, "XX", None, (2026, 2028));
    assert_eq!(open("XX", &stranger), Reject::Uploader { country: "XX".into() });
}

#[test]
fn a_detached_message_and_a_damaged_one_have_their_reasons() {
    let world = World::new();
    let uploaders = uploaders(&world);
    let content = batch(1).to_string();
    let detached = world.upload.sign(content.as_bytes(), Carries::SignatureOnly, now());
    assert_eq!(open_batch(&uploaders, "XX", &detached, now()), Err(Reject::Signature(CmsError::NoContent)));
    assert_eq!(open_batch(&uploaders, "XX", "!", now()), Err(Reject::NotBase64 { member: "message" }));
    let form = open_batch(&uploaders, "XX", "MAA=", now()).unwrap_err();
    assert!(matches!(form, Reject::Signature(CmsError::Form { .. })));
}

#[test]
fn a_signer_counts_while_its_certificate_was_valid_and_clocks_move() {
    let world = World::new();
    let uploaders = uploaders(&world);
    let content = batch(1).to_string();
    let open = |signed_at: &str, now: &str| {
        let message = world.upload.sign(content.as_bytes(), Carries::Content, at(signed_at));
        open_batch(&uploaders, "XX", &message, at(now)).map(|_| ()).map_err(|reason| reason.code())
    };
    assert_eq!(open("2027-12-31T23:59:59Z", "2028-01-01T12:00:00Z"), Ok(()));
    // What was signed in time counts after the end of the certificate.
    assert_eq!(open("2027-12-31T00:00:00Z", "2029-06-01T00:00:00Z"), Ok(()));
    assert_eq!(open("2028-01-01T00:00:01Z", "2028-02-01T00:00:00Z"), Err("signer-out-of-validity"));
    assert_eq!(open("2025-12-31T23:59:59Z", "2026-02-01T00:00:00Z"), Err("signer-out-of-validity"));
    assert_eq!(open("2026-11-23T11:00:00Z", "2026-11-22T12:00:00Z"), Ok(()));
    assert_eq!(open("2026-11-24T12:00:01Z", "2026-11-22T12:00:00Z"), Err("signed-in-future"));
}

#[test]
fn the_list_and_the_content_must_say_the_same() {
    let world = World::new();
    let uploaders = uploaders(&world);
    let message = signed(&world.upload, rule("1.0.0", FROM).to_string().as_bytes());
    let open = |id: &str, change: fn(&mut ListedRule)| {
        let mut entry = listed(&message);
        change(&mut entry);
        open_rule(&uploaders, "XX", id, &entry, now()).map(|_| ()).map_err(|reason| reason.code())
    };
    assert_eq!(open("VR-XX-0001", |_| ()), Ok(()));
    assert_eq!(open("VR-XX-0002", |_| ()), Err("list-differs"));
    assert_eq!(open("VR-XX-0001", |rule| rule.version = Some("1.0.1".into())), Err("list-differs"));
    assert_eq!(open("VR-XX-0001", |rule| rule.version = None), Err("list-differs"));
    assert_eq!(open("VR-XX-0001", |rule| rule.valid_from = Some("2026-12-01T00:00:01Z".into())), Err("list-differs"));
    assert_eq!(open("VR-XX-0001", |rule| rule.valid_to = None), Err("list-differs"));
    assert_eq!(open("VR-XX-0001", |rule| rule.cms = None), Err("member-missing"));
}

#[test]
fn rules_that_the_schema_refuses_are_left_out_and_the_others_stay() {
    let world = World::new();
    let uploaders = uploaders(&world);
    let mut unknown = rule("1.0.1", FROM);
    unknown["Extra"] = serde_json::json!(1);
    let mut foreign = rule("1.0.2", FROM);
    foreign["Country"] = serde_json::json!("YY");
    // A rule whose logic fails is its author's; it stays open for travellers.
    let mut odd = rule("1.0.3", FROM);
    odd["Logic"] = serde_json::json!({"or": [1]});
    let good = rule("1.0.0", FROM);
    let entries = [good.clone(), unknown, foreign, odd, good].map(|rule| {
        let version = rule["Version"].as_str().map(str::to_owned);
        ListedRule { version, ..listed(&signed(&world.upload, rule.to_string().as_bytes())) }
    });
    let mut entries = entries.to_vec();
    entries.push(listed(&signed(&world.upload, b"no json")));
    let all = [("VR-XX-0001".to_owned(), entries)].into();
    let (rules, rejected) = open_rules(&uploaders, "XX", &all, now());
    let versions: Vec<_> = rules.iter().map(|rule| rule.version.as_str()).collect();
    assert_eq!(versions, ["1.0.0", "1.0.3"]);
    let codes: Vec<_> = rejected.iter().map(|one| one.reason.code()).collect();
    assert_eq!(codes, ["schema", "schema", "not-json"]);
}

#[test]
fn an_upload_certificate_needs_the_anchors_word() {
    let world = World::new();
    let anchor = &world.anchor.certificate;
    let good = world.upload.entry("UPLOAD", &world.anchor);
    let code = |entry: ListEntry| {
        let found = Uploaders::vouched(&[entry], anchor, now());
        assert!(found.is_empty());
        found.rejected[0].reason.code()
    };
    let change = |change: fn(&mut ListEntry)| {
        let mut entry = good.clone();
        change(&mut entry);
        entry
    };
    assert_eq!(code(world.upload.entry("UPLOAD", &world.other)), "anchor-signature-invalid");
    assert_eq!(code(world.upload.entry("UPLOAD", &world.upload)), "anchor-signature-invalid");
    assert_eq!(code(change(|entry| entry.country = Some("YY".into()))), "list-differs");
    assert_eq!(code(change(|entry| entry.country = None)), "list-differs");
    assert_eq!(code(change(|entry| entry.thumbprint = Some("00".repeat(32)))), "thumbprint-differs");
    assert_eq!(code(change(|entry| entry.thumbprint = None)), "member-missing");
    assert_eq!(code(change(|entry| entry.signature = None)), "member-missing");
    assert_eq!(code(change(|entry| entry.raw_data = None)), "member-missing");
    assert_eq!(code(change(|entry| entry.raw_data = Some("MAA=".into()))), "certificate-unreadable");
    assert_eq!(code(change(|entry| entry.signature = Some("é".into()))), "not-base64");
    // Another certificate under the signature of this one.
    let other = world.other.entry("UPLOAD", &world.anchor);
    let swapped = ListEntry { signature: good.signature.clone(), ..other };
    assert_eq!(code(swapped), "anchor-signature-invalid");
    // Authorities and signers are no uploaders.
    let csca = world.csca.entry("CSCA", &world.anchor);
    assert!(Uploaders::vouched(&[csca], anchor, now()).rejected.is_empty());
}

/// Changes each byte in turn, or one in `step`.
fn flips(bytes: &[u8], step: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len()).step_by(step).map(|at| {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1 << (at % 8);
        changed
    })
}

#[test]
fn no_byte_of_payload_message_uploader_or_anchor_can_change() {
    let world = World::new();
    let whole = uploaders(&world);
    let content = batch(2).to_string();
    let message = STANDARD.decode(signed(&world.upload, content.as_bytes())).unwrap();
    // The message, with payload and certificate inside it. What a reader of BER takes for the same is the same: then
    // the content is unchanged.
    for changed in flips(&message, 1) {
        if let Ok(batch) = open_batch(&whole, "XX", &STANDARD.encode(&changed), now()) {
            assert_eq!(serde_json::to_string(&batch).unwrap().len(), content.len());
            assert_eq!(serde_json::to_value(&batch).unwrap(), super::world::batch(2));
        }
    }
    // The payload signed by nobody.
    for changed in flips(content.as_bytes(), 3) {
        let text = STANDARD.encode(&message);
        let other = STANDARD.decode(&text).unwrap();
        let at = other.windows(content.len()).position(|window| window == content.as_bytes()).unwrap();
        let mut forged = other;
        forged[at..at + content.len()].copy_from_slice(&changed);
        open_batch(&whole, "XX", &STANDARD.encode(&forged), now()).unwrap_err();
    }
    // The upload certificate in the list, its thumbprint made to fit.
    let entry = world.upload.entry("UPLOAD", &world.anchor);
    for changed in flips(world.upload.certificate.der(), 1) {
        let thumbprint: String = crate::keys::sha256(&changed).iter().map(|b| format!("{b:02x}")).collect();
        let raw_data = Some(STANDARD.encode(&changed));
        let forged = ListEntry { raw_data, thumbprint: Some(thumbprint), ..entry.clone() };
        assert!(Uploaders::vouched(&[forged], &world.anchor.certificate, now()).is_empty());
    }
    // The anchor's signature on it.
    let signature = STANDARD.decode(entry.signature.as_deref().unwrap()).unwrap();
    for changed in flips(&signature, 1) {
        let forged = ListEntry { signature: Some(STANDARD.encode(&changed)), ..entry.clone() };
        let found = Uploaders::vouched(&[forged], &world.anchor.certificate, now());
        assert!(found.is_empty() || found.of("XX")[0].der() == world.upload.certificate.der());
    }
    // The anchor itself.
    for changed in flips(world.anchor.certificate.der(), 1) {
        if let Ok(anchor) = crate::keys::Certificate::from_der(&changed) {
            assert!(Uploaders::vouched(std::slice::from_ref(&entry), &anchor, now()).is_empty());
        }
    }
}

#[test]
fn an_issuer_is_signed_over_four_of_its_members() {
    let world = World::new();
    let signature = |text: &str| Some(world.anchor.sign(text.as_bytes(), Carries::SignatureOnly, now()));
    let issuer = Issuer {
        url: Some("https://h.example/keys".into()),
        kind: Some("HTTP".into()),
        country: Some("XX".into()),
        name: Some("Ministry".into()),
        signature: signature("XX;Ministry;https://h.example/keys;HTTP;"),
        ..Issuer::default()
    };
    let anchor = &world.anchor.certificate;
    assert_eq!(issuer.check(anchor, now()), Ok(()));
    let nameless =
        Issuer { name: None, signature: signature("XX;null;https://h.example/keys;HTTP;"), ..issuer.clone() };
    assert_eq!(nameless.check(anchor, now()), Ok(()));
    for changed in [
        Issuer { url: Some("https://evil.example/keys".into()), ..issuer.clone() },
        Issuer { country: Some("YY".into()), ..issuer.clone() },
        Issuer { kind: Some("DID".into()), ..issuer.clone() },
        Issuer { name: None, ..issuer.clone() },
    ] {
        assert_eq!(changed.check(anchor, now()).unwrap_err().code(), "anchor-signature-invalid");
    }
    assert_eq!(issuer.check(&world.other.certificate, now()).unwrap_err().code(), "anchor-signature-invalid");
}

proptest! {
    #[test]
    fn lists_of_anything_never_panic(text in "[\\[{\"a-zA-Z:,}\\]0-9 ]{0,80}") {
        let _ = serde_json::from_str::<Vec<ListEntry>>(&text);
        let _ = serde_json::from_str::<std::collections::BTreeMap<String, Vec<ListedRule>>>(&text);
        let _ = serde_json::from_str::<Vec<Issuer>>(&text);
        let _ = serde_json::from_str::<Vec<crate::gateway::Package>>(&text);
        let _ = serde_json::from_str::<Vec<crate::gateway::TrustedEntry>>(&text);
    }

    #[test]
    fn messages_of_anything_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let none = Uploaders::default();
        prop_assert!(none.open("XX", &STANDARD.encode(&bytes), now()).is_err());
    }
}
