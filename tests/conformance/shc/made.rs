//! Cards of our own keys: what the published data lacks.

use proptest::prelude::*;
use vaccert::{
    envelope::shc::numeric,
    verify::{Check, Decision, Format, Verifier, Warning},
};

use super::*;

#[test]
fn a_good_card_is_accepted_without_a_word() {
    let verdict = judge(&own_store(), signed(good().to_string().as_bytes()));
    assert_eq!((answer(&verdict), verdict.warnings.as_slice()), ("accepted".into(), &[][..]));
    assert_eq!(verdict.issuer.list.as_deref(), Some("jwks.json"));
    assert_eq!(verdict.issuer.kid, Some(own_kid()));
    assert_eq!(verdict.issuer.address.as_deref(), Some(ISSUER));
    assert_eq!(verdict.checks.revocation, Check::Unchecked);
}

#[test]
fn the_header_is_held_to_the_standard() {
    let body = deflated(good().to_string().as_bytes());
    let kid = own_kid();
    for (header, expected) in [
        (json!({"zip": "DEF", "alg": "ES256", "kid": kid, "typ": "JWT"}), "accepted"),
        (json!({"zip": "DEF", "alg": "none", "kid": kid}), "rejected algorithm-unsupported"),
        (json!({"zip": "DEF", "alg": "HS256", "kid": kid}), "rejected algorithm-unsupported"),
        (json!({"zip": "DEF", "alg": "ES256K", "kid": kid}), "rejected algorithm-unsupported"),
        (json!({"zip": "GZ", "alg": "ES256", "kid": kid}), "rejected not-compressed"),
        (json!({"zip": "DEF", "alg": "ES256", "kid": ""}), "rejected kid-missing"),
        (json!({"zip": "DEF", "alg": "ES256", "kid": 7}), "rejected jws-invalid"),
        (json!({"zip": "DEF", "alg": "ES256", "kid": kid, "crit": ["exp"]}), "rejected jws-invalid"),
        // A key that the message brings itself is nobody's.
        (json!({"zip": "DEF", "alg": "ES256", "kid": "x", "jwk": own_jwks()["keys"][0]}), "undecided issuer-unknown"),
    ] {
        let verdict = judge(&own_store(), signed_under(&header.to_string(), &body));
        assert_eq!(answer(&verdict), expected, "{header}");
    }
    let twice = format!(r#"{{"zip":"DEF","alg":"ES256","kid":"{kid}","kid":"other"}}"#);
    assert_eq!(answer(&judge(&own_store(), signed_under(&twice, &body))), "rejected jws-invalid");
    let bomb = deflated(&vec![b' '; 10_000_000]);
    let header = json!({"zip": "DEF", "alg": "ES256", "kid": kid}).to_string();
    assert_eq!(answer(&judge(&own_store(), signed_under(&header, &bomb))), "rejected inflates-too-large");
}

#[test]
fn content_is_held_to_its_meaning() {
    let changed = |pointer: &str, value: Value| {
        let mut card = good();
        *card.pointer_mut(pointer).unwrap() = value;
        judge(&own_store(), signed(card.to_string().as_bytes()))
    };
    let dose = "/vc/credentialSubject/fhirBundle/entry/1/resource";
    for (pointer, value, expected) in [
        (format!("{dose}/occurrenceDateTime"), json!("2024-01-03"), "rejected event-in-future"),
        (format!("{dose}/occurrenceDateTime"), json!("2024-01-01"), "accepted"),
        (format!("{dose}/status"), json!("not-done"), "accepted"),
        (format!("{dose}/status"), json!("Completed"), "accepted"),
        (format!("{dose}/status"), json!("Partial"), "rejected content-invalid"),
        ("/nbf".into(), json!("soon"), "rejected content-invalid"),
        ("/iss".into(), json!("https://health.example/other"), "undecided issuer-unknown"),
        ("/vc/credentialSubject/fhirVersion".into(), json!("5.0.0"), "undecided content-unsupported"),
        (
            "/vc/credentialSubject/fhirBundle/entry".into(),
            json!([{"resource": {"resourceType": "Patient",
            "name": [{"text": "Ada"}]}}]),
            "rejected content-missing",
        ),
        (
            "/vc/credentialSubject/fhirBundle/entry".into(),
            json!([{"resource": {"resourceType": "Patient",
            "name": [{"text": "Ada"}]}}, {"resource": {"resourceType": "Condition"}}]),
            "undecided content-unsupported",
        ),
    ] {
        assert_eq!(answer(&changed(&pointer, value)), expected, "{pointer}");
    }
    // A dose that was not given is none: one is left of two.
    let fewer = changed(&format!("{dose}/status"), json!("not-done"));
    assert_eq!(fewer.content.unwrap().core().unwrap().events.len(), 1);
    assert!(fewer.warnings.contains(&Warning::NonStandardContent));
}

#[test]
fn a_card_is_revoked_by_its_identifier_and_time() {
    let mut card = good();
    card["vc"]["rid"] = json!("Ab-_9");
    card["nbf"] = json!(1_622_576_398.5);
    let (store, code) = (own_store(), signed(card.to_string().as_bytes()));
    let bare = signed(good().to_string().as_bytes());
    let list = |rids: Value| revocations(&json!({"kid": own_kid(), "method": "rid", "ctr": 3, "rids": rids}));
    for (rids, expected) in [
        (json!(["Ab-_9"]), "rejected revoked"),
        (json!(["ab-_9", "Ab-_"]), "accepted"),
        (json!(["Ab-_9.1622576399"]), "rejected revoked"),
        (json!(["Ab-_9.1622576398"]), "accepted"),
        (json!(["Ab-_9.1622576398", "Ab-_9"]), "rejected revoked"),
        (json!([]), "accepted"),
    ] {
        let lists = list(rids.clone());
        let verifier = Verifier::new(&store, time(AT)).with_revocations(&lists, true);
        assert_eq!(answer(&verifier.judge(&code)), expected, "{rids}");
        // Without an identifier no list speaks for it.
        assert_eq!(answer(&verifier.judge(&bare)), "undecided revocation-unknown");
    }
    let other = revocations(&json!({"kid": "other", "method": "rid", "ctr": 1, "rids": ["Ab-_9"]}));
    let verifier = Verifier::new(&store, time(AT)).with_revocations(&other, false);
    assert_eq!(answer(&verifier.judge(&code)), "accepted");
}

#[test]
fn the_listed_issuer_alone_speaks_for_a_key() {
    let jwks = own_jwks();
    let keys = &jwks["keys"];
    let code = signed(good().to_string().as_bytes());
    let snapshot = json!({"time": "2023-12-31T00:00:00Z", "issuerInfo": [
        {"issuer": {"iss": "https://first.example"}, "keys": keys}, {"issuer": {"iss": ISSUER}, "keys": keys}]});
    let store = store_of(snapshot.to_string().as_bytes(), None);
    let verdict = judge(&store, &code);
    assert_eq!(answer(&verdict), "accepted");
    assert!(!verdict.warnings.contains(&Warning::IssuerNotBound));
    assert!(verdict.warnings.contains(&Warning::ListUnsigned));
    assert_eq!(verdict.issuer.list_age, Some(86_400));
    let other = json!({"issuerInfo": [{"issuer": {"iss": "https://first.example"}, "keys": keys}]});
    assert_eq!(answer(&judge(&store_of(other.to_string().as_bytes(), None), &code)), "undecided issuer-unknown");
}

#[test]
fn rules_of_arrival_do_not_speak_of_cards() {
    let rules = vaccert::rules::RuleSet::default();
    let lists = vaccert::rules::CodeLists::default();
    let arrival =
        vaccert::verify::Arrival { country: "XX", region: None, rules: &rules, code_lists: &lists, language: "en" };
    let store = own_store();
    let verifier = Verifier::new(&store, time(AT)).with_arrival(Some(arrival));
    assert_eq!(answer(&verifier.judge(&signed(good().to_string().as_bytes()))), "undecided no-rules");
}

#[test]
fn the_payload_is_shown_only_under_its_right_name() {
    let code = signed(good().to_string().as_bytes());
    let store = own_store();
    let seen = Verifier::new(&store, time(AT)).with_payload(true).judge(&code);
    assert_eq!(seen.payload.unwrap()["iss"], ISSUER);
    assert_eq!(seen.unverified_payload, None);
    let none = TrustStore::new();
    let unseen = Verifier::new(&none, time(AT)).with_payload(true).judge(&code);
    assert!(unseen.payload.is_none() && unseen.holder.is_none() && unseen.unverified_payload.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// No changed character of a signed card leaves it accepted, in the text or in the digits.
    #[test]
    fn no_change_is_overlooked(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]", digits in any::<bool>()) {
        let store = own_store();
        let code = signed(good().to_string().as_bytes());
        let code = if digits { format!("shc:/{}", numeric::digits(&code).unwrap()) } else { code };
        let mut bytes = code.clone().into_bytes();
        let at = at.index(bytes.len());
        let to = if digits { to.as_bytes()[0] % 10 + b'0' } else { to.as_bytes()[0] };
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        let verdict = judge(&store, &bytes);
        prop_assert_ne!(verdict.verdict, Decision::Accepted);
        prop_assert!(verdict.holder.is_none());
    }

    /// Signed rubbish is judged, never a panic.
    #[test]
    fn whatever_is_signed_is_judged(payload in "\\PC{0,80}", wrapped in any::<bool>()) {
        let content = if wrapped {
            json!({"iss": ISSUER, "nbf": 0, "vc": payload}).to_string()
        } else {
            payload
        };
        let verdict = judge(&own_store(), signed(content.as_bytes()));
        prop_assert_eq!((verdict.verdict, verdict.format), (Decision::Rejected, Format::Shc));
    }
}
