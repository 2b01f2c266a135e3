//! The developer tools' key sets, each read or refused as its name says, and what a certificate in a set binds.

use vaccert::trust::ListInfo;

use super::*;

/// Address in the certificates of the key sets.
const CERTIFIED: &str = "https://smarthealth.cards/examples/issuer";

/// File, keys that are taken, code of each reason to leave one out.
pub const FILES: &[(&str, usize, &[&str])] = &[
    ("cert_mismatch.public.json", 0, &["key-differs"]),
    ("invalid_DNS_SAN.public.json", 0, &["address-differs"]),
    ("invalid_chain.public.json", 0, &["chain-invalid"]),
    ("invalid_no_SAN.public.json", 0, &["address-differs"]),
    ("issuer.jwks.public.not.smart.json", 1, &[]),
    ("private_key.json", 0, &["private-key"]),
    ("valid_2_chain.public.json", 1, &[]),
    ("valid_key.json", 1, &[]),
    ("valid_key_with_x5c.json", 1, &[]),
    ("valid_keys.json", 3, &[]),
    ("wrong_alg_key.json", 0, &["key-unsupported"]),
    ("wrong_curve_key.json", 0, &["key-unsupported"]),
    ("wrong_kid_key.json", 0, &["kid-not-thumbprint"]),
    ("wrong_kty_key.json", 0, &["key-unsupported"]),
    ("wrong_use_key.json", 0, &["other-usage"]),
];

fn codes(list: &ListInfo) -> Vec<&'static str> {
    list.skipped.iter().map(|skipped| skipped.reason.code()).collect()
}

#[test]
fn every_key_set_is_taken_or_left_as_its_name_says() {
    let Some(folder) = vectors("vectors/who/shc/dev-tools") else { return };
    for (name, keys, reasons) in FILES {
        let jwks = std::fs::read(folder.join(name)).unwrap();
        let store = store_of(&jwks, None);
        let list = &store.lists()[0];
        assert_eq!((list.keys, codes(list).as_slice()), (*keys, *reasons), "{name}");
    }
}

#[test]
fn a_certificate_in_a_set_says_whose_it_is() {
    let Some(folder) = vectors("vectors/who/shc/dev-tools") else { return };
    for name in ["valid_key_with_x5c.json", "valid_2_chain.public.json"] {
        let jwks = std::fs::read(folder.join(name)).unwrap();
        let issuers = |store: &TrustStore| store.keys().map(|key| key.issuer.clone()).collect::<Vec<_>>();
        assert_eq!(issuers(&store_of(&jwks, None)), [Some(CERTIFIED.to_owned())], "{name}");
        assert_eq!(issuers(&store_of(&jwks, Some(CERTIFIED))), [Some(CERTIFIED.to_owned())], "{name}");
        // Bound to another address the set contradicts itself.
        assert_eq!(codes(&store_of(&jwks, Some("https://invalid.url")).lists()[0]), ["address-differs"], "{name}");
        // A directory stands for its entries itself.
        let mut document: Value = serde_json::from_slice(&jwks).unwrap();
        let keys = document["keys"].take();
        let snapshot = json!({"issuerInfo": [{"issuer": {"iss": "https://other.example/"}, "keys": keys}]});
        let store = store_of(snapshot.to_string().as_bytes(), None);
        assert_eq!(issuers(&store), [Some("https://other.example".to_owned())], "{name}");
    }
    let unbound = store_of(&std::fs::read(folder.join("valid_key.json")).unwrap(), None);
    assert_eq!(unbound.keys().map(|key| key.issuer.clone()).collect::<Vec<_>>(), [None]);
}

#[test]
fn a_chain_is_a_chain() {
    let Some(folder) = vectors("vectors/who/shc/dev-tools") else { return };
    let set: Value = serde_json::from_str(&text(&folder.join("valid_key_with_x5c.json"))).unwrap();
    let codes_with = |x5c: Value| {
        let mut changed = set.clone();
        changed["keys"][0]["x5c"] = x5c;
        codes(&store_of(changed.to_string().as_bytes(), None).lists()[0])
    };
    let chain = set["keys"][0]["x5c"].as_array().unwrap();
    assert_eq!(codes_with(json!(chain)), [""; 0]);
    assert_eq!(codes_with(json!([chain[0]])), [""; 0]);
    assert_eq!(codes_with(json!([chain[0], chain[2]])), ["chain-invalid"]);
    assert_eq!(codes_with(json!([chain[1], chain[2]])), ["key-differs"]);
    assert_eq!(codes_with(json!([])), ["member-missing"]);
    assert_eq!(codes_with(json!("x")), ["member-missing"]);
    assert_eq!(codes_with(json!(["#"])), ["not-base64"]);
    assert_eq!(codes_with(json!(["AAAA"])), ["certificate-unreadable"]);
    assert_eq!(codes_with(json!(vec![chain[0].clone(); 9])), ["member-missing"]);
}

#[test]
fn a_bare_key_is_bound_to_an_address() {
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        base64::engine::general_purpose::STANDARD.encode(Key::Es256.spki())
    );
    let store = store_of(pem.as_bytes(), Some(ISSUER));
    assert_eq!(answer(&judge(&store, signed(good().to_string().as_bytes()))), "accepted");
    let binding = Binding::read(ISSUER).unwrap();
    let mut store = TrustStore::new();
    for wrong in [r#"{"keys":[]}"#, "{}", "{", r#"{"issuerInfo":[]}"#, ""] {
        assert!(lists::bare_key(&binding, wrong.as_bytes(), &options("x"), &mut store).is_err(), "{wrong}");
    }
    assert!(store.is_empty() && store.lists().is_empty());
}
