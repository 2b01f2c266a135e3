//! What a gateway would refuse is found before anything is sent, with moved clocks and moved certificates.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::world::{Holder, Use, World, at, batch, now, rule};
use crate::gateway::{Finding, ListEntry, ListedRule, ListedRules, Sender};

fn codes(findings: &[Finding]) -> Vec<(&'static str, bool)> {
    findings.iter().map(|finding| (finding.code, finding.blocks)).collect()
}

fn sender<'a>(world: &'a World, list: Option<&'a [ListEntry]>, now: Timestamp) -> Sender<'a> {
    Sender { country: "XX", upload: &world.upload.certificate, now, list }
}

#[test]
fn a_signer_in_its_place_has_no_finding() {
    let world = World::new();
    let list = world.list();
    let found = sender(&world, Some(&list), now()).signer(&world.signer.certificate, Some(&world.csca.certificate));
    assert_eq!(codes(&found), []);
    let found = sender(&world, None, now()).signer(&world.signer.certificate, None);
    assert_eq!(codes(&found), [], "what was not downloaded is not compared");
}

#[test]
fn the_uploader_must_be_admitted_for_this_country_and_now() {
    let world = World::new();
    let list = world.list();
    let of = |certificate, country, now| {
        let sender = Sender { country, upload: certificate, now, list: Some(&list) };
        codes(&sender.uploader())
    };
    let mine = &world.upload.certificate;
    assert_eq!(of(mine, "XX", now()), []);
    assert_eq!(of(&world.other.certificate, "XX", now()), [("uploader-country", true), ("uploader-unknown", true)]);
    assert_eq!(of(mine, "YY", now()), [("uploader-country", true), ("uploader-unknown", true)]);
    assert_eq!(of(mine, "XX", at("2028-01-01T00:00:01Z")), [("uploader-dates", true)]);
    assert_eq!(of(mine, "XX", at("2025-12-31T23:59:59Z")), [("uploader-dates", true)]);
    assert_eq!(of(mine, "XX", at("2027-12-10T00:00:00Z")), [("uploader-ends-soon", false)]);
    let unlisted = Holder::new(Use::Upload, "XX", None, (2026, 2028));
    assert_eq!(of(&unlisted.certificate, "XX", now()), [("uploader-unknown", true)]);
}

#[test]
fn the_signer_must_come_from_the_countrys_authority() {
    let world = World::new();
    let list = world.list();
    let sender = sender(&world, Some(&list), now());
    let csca = Some(&world.csca.certificate);
    let foreign = Holder::new(Use::Dsc, "YY", Some(&world.csca), (2026, 2028));
    assert_eq!(codes(&sender.signer(&foreign.certificate, csca)), [("signer-country", true)]);
    let other = Holder::new(Use::Csca, "XX", None, (2025, 2029));
    let orphan = Holder::new(Use::Dsc, "XX", Some(&other), (2026, 2028));
    assert_eq!(codes(&sender.signer(&orphan.certificate, csca)), [("signer-issuer", true), ("authority-other", true)]);
    assert_eq!(codes(&sender.signer(&orphan.certificate, Some(&other.certificate))), [("authority-other", true)]);
    let without: Vec<ListEntry> =
        list.iter().filter(|entry| entry.certificate_type.as_deref() != Some("CSCA")).cloned().collect();
    let bare = Sender { list: Some(&without), ..sender };
    assert_eq!(codes(&bare.signer(&world.signer.certificate, csca)), [("authority-missing", true)]);
    let ended = Holder::new(Use::Dsc, "XX", Some(&world.csca), (2025, 2026));
    assert_eq!(codes(&sender.signer(&ended.certificate, csca)), [("signer-ended", true)]);
    let early = Holder::new(Use::Dsc, "XX", Some(&world.csca), (2027, 2028));
    assert_eq!(codes(&sender.signer(&early.certificate, csca)), [("signer-early", false)]);
    let long = Holder::new(Use::Dsc, "XX", Some(&world.csca), (2026, 2030));
    assert_eq!(codes(&sender.signer(&long.certificate, csca)), [("signer-outlives-authority", false)]);
    let authority = codes(&sender.signer(&world.csca.certificate, csca));
    assert!(authority.contains(&("signer-usage", true)), "{authority:?}");
}

#[test]
fn a_key_identifier_of_another_certificate_is_a_clash_and_the_same_one_none() {
    let world = World::new();
    let mut list = world.list();
    let clash = ListEntry {
        kid: Some(world.signer.certificate.kid().to_string()),
        country: Some("YY".into()),
        certificate_type: Some("DSC".into()),
        thumbprint: Some("00".repeat(32)),
        ..ListEntry::default()
    };
    assert_eq!(codes(&sender(&world, Some(&list), now()).signer(&world.signer.certificate, None)), []);
    list.push(clash);
    let found = sender(&world, Some(&list), now()).signer(&world.signer.certificate, None);
    assert_eq!(codes(&found), [("kid-taken", true)]);
    assert!(found[0].message.contains("of YY"), "{}", found[0].message);
}

#[test]
fn the_windows_of_a_rule_with_moved_clocks() {
    let world = World::new();
    let after = |hours: i64, minutes: i64| {
        let span = SignedDuration::from_hours(hours) + SignedDuration::from_mins(minutes);
        now().checked_add(span).unwrap().to_string()
    };
    let of = |kind: &str, from: &str, to: &str| {
        let mut rule = rule("1.0.0", from);
        rule["ValidTo"] = json!(to);
        if kind == "Invalidation" {
            rule["Type"] = json!(kind);
            rule["Identifier"] = json!("IR-XX-0001");
        }
        codes(&sender(&world, None, now()).rule(rule.to_string().as_bytes(), None))
    };
    let far = "2030-01-01T00:00:00Z";
    assert_eq!(of("Acceptance", &after(48, 20), far), []);
    // Exactly 48 hours by our clock loses by the gateway's.
    assert_eq!(of("Acceptance", &after(48, 0), far), [("rule-too-soon", true)]);
    assert_eq!(of("Acceptance", &after(48, 10), far), [("rule-too-soon", true)]);
    assert_eq!(of("Acceptance", &after(24 * 14, -20), far), []);
    assert_eq!(of("Acceptance", &after(24 * 14, 0), far), [("rule-too-far", true)]);
    assert_eq!(of("Invalidation", &after(0, 20), far), []);
    assert_eq!(of("Invalidation", &after(0, 5), far), [("rule-too-soon", true)]);
    assert_eq!(of("Acceptance", &after(50, 0), &after(50 + 72, 0)), []);
    assert_eq!(of("Acceptance", &after(50, 0), &after(50 + 71, 59)), [("rule-too-short", true)]);
}

#[test]
fn a_rule_is_by_the_schema_of_this_country_and_newer_than_the_last() {
    let world = World::new();
    let from = "2026-12-01T00:00:00Z";
    let sender = sender(&world, None, now());
    let published: ListedRules = [(
        "VR-XX-0001".to_owned(),
        ["1.0.9", "1.0.100"]
            .map(|version| ListedRule {
                version: Some(version.into()),
                valid_from: Some("2026-11-30T00:00:00Z".into()),
                ..ListedRule::default()
            })
            .to_vec(),
    )]
    .into();
    let of =
        |version: &str, from: &str| codes(&sender.rule(rule(version, from).to_string().as_bytes(), Some(&published)));
    assert_eq!(of("1.0.101", from), []);
    assert_eq!(of("1.0.100", from), [("rule-version", true)]);
    assert_eq!(of("1.0.99", from), [("rule-version", true)], "by number and not by digit");
    assert_eq!(of("1.1.0", "2026-11-29T00:00:00Z"), [("rule-before-predecessor", true)]);
    for (field, value, wanted) in [
        ("Country", json!("YY"), vec![("rule-schema", true), ("rule-country", true)]),
        ("hash", json!("00"), vec![("rule-schema", true)]),
        ("Extra", json!(1), vec![("rule-schema", true)]),
        ("Logic", json!({"or": [1]}), vec![("rule-logic", false)]),
        ("Engine", json!(null), vec![("rule-schema", true)]),
    ] {
        let mut rule = rule("1.0.0", from);
        rule[field] = value;
        assert_eq!(codes(&sender.rule(rule.to_string().as_bytes(), None)), wanted, "{field}");
    }
    assert_eq!(codes(&sender.rule(b"{", None)), [("rule-json", true)]);
}

#[test]
fn a_batch_is_by_the_schema_of_this_country_and_not_at_its_end() {
    let world = World::new();
    let list = world.list();
    let kid = world.signer.certificate.kid().to_string();
    let sender = sender(&world, Some(&list), now());
    let of = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut batch = batch(3);
        batch["kid"] = json!(kid);
        change(&mut batch);
        codes(&sender.batch(batch.to_string().as_bytes()))
    };
    assert_eq!(of(&|_| ()), []);
    assert_eq!(of(&|batch| batch["kid"] = json!("UNKNOWN_KID")), []);
    assert_eq!(of(&|batch| batch["kid"] = json!("HBDru8SfeDE=")), [("batch-kid", false)]);
    assert_eq!(of(&|batch| batch["country"] = json!("YY")), [("batch-country", true)]);
    assert_eq!(of(&|batch| batch["expires"] = json!("2026-11-22T12:10:00Z")), [("batch-ended", true)]);
    assert_eq!(of(&|batch| batch["entries"] = json!([])), [("batch-schema", true)]);
    assert_eq!(of(&|batch| batch["entries"][1] = batch["entries"][0].clone()), [("batch-repeats", false)]);
}
