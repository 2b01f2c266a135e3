//! The proof against documents of our own, signed with a key made for the test. What WHO really signs is judged
//! in `tests/conformance/gdhcn.rs`.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const TNG: &str = "https://smart.who.int/trust/tng-context/v1.jsonld";
const HEADER: &str = r#"{"b64":false,"crit":["b64"],"alg":"ES256"}"#;

/// A list of two keys and a reference, with its proof but for the signature.
fn unsigned() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1", TNG],
        "id": "did:web:lists.example:v2:trustlist",
        "controller": "did:web:lists.example:v2:trustlist",
        "verificationMethod": [
            {
                "id": "did:web:lists.example:v2:trustlist:DCC:XXA:DSC#+6w2r/RfO1M=",
                "type": "JsonWebKey2020",
                "controller": "did:web:lists.example:v2:trustlist",
                "publicKeyJwk": {
                    "kty": "EC", "kid": "+6w2r/RfO1M=", "x5c": ["MIIB", "MIIC"],
                    "crv": "P-256", "x": "AJT6", "y": "FdP_"
                },
                "domain": {"code": "#DCC"}, "participant": {"code": "#XXA"}, "keyusage": {"code": "#DSC"}
            },
            {
                "id": "did:web:lists.example:v2:trustlist:DCC:XXB:SCA#AAAA",
                "type": "JsonWebKey2020",
                "controller": "did:web:lists.example:v2:trustlist",
                "publicKeyJwk": {"kty": "RSA", "kid": "AAAA", "n": "ANt_", "e": "AQAB", "x5c": ["MIID"]},
                "domain": {"code": "#IPS-PILGRIMAGE"}, "participant": {"code": "#XXB"}, "keyusage": {"code": "#CSCA"}
            },
            "did:web:other.example:trustlist"
        ],
        "proof": {
            "type": "JsonWebSignature2020",
            "created": "2026-08-22T17:05:01Z",
            "nonce": "AoK9a0zs7BZub0rKFJCcdpRlWK7ggmw4",
            "domain": "lists.example",
            "proofPurpose": "assertionMethod",
            "verificationMethod": "did:web:lists.example:signer"
        }
    })
}

fn jws(header: &str, signature: &[u8]) -> Value {
    format!("{}..{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(signature)).into()
}

fn message_of(document: &Value, header: &str) -> Result<Vec<u8>, ProofError> {
    let mut document = document.clone();
    document["proof"]["jws"] = jws(header, &[0x81; 64]);
    Ok(Statement::of(&document)?.message().to_vec())
}

fn key_of(pair: &EcdsaKeyPair) -> PublicKey {
    let prefix = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
        0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    PublicKey::from_spki(&[&prefix, pair.public_key().as_ref()].concat()).unwrap()
}

fn sign(
    mut document: Value,
    header: &str,
    form: &'static EcdsaSigningAlgorithm,
) -> Result<(Value, PublicKey), ProofError> {
    let pair = EcdsaKeyPair::generate(form).unwrap();
    let signature = pair.sign(&SystemRandom::new(), &message_of(&document, header)?).unwrap();
    document["proof"]["jws"] = jws(header, signature.as_ref());
    Ok((document, key_of(&pair)))
}

fn signed() -> (Value, PublicKey) {
    sign(unsigned(), HEADER, &ECDSA_P256_SHA256_ASN1_SIGNING).unwrap()
}

fn other_key() -> PublicKey {
    key_of(&EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn the_signed_bytes_are_those_of_an_independent_processor() {
    // Both hashes were made with PyLD 3.3.0 (URDNA2015) from this document and the published contexts.
    let message = message_of(&unsigned(), HEADER).unwrap();
    let (header, hashes) = message.split_at(message.len() - 64);
    assert_eq!(header, format!("{}.", URL_SAFE_NO_PAD.encode(HEADER)).as_bytes());
    assert_eq!(hex(&hashes[..32]), "03d638acef38e666673c9ccc45f3cfcc0fbec18baa8726192d2a4f929fd04109");
    assert_eq!(hex(&hashes[32..]), "dd3b9f6942d35fe36ec0b6f245cde2b524d28655d1960a98920437afa2c17dcd");
}

#[test]
fn a_proof_names_time_signer_and_key() {
    let (document, key) = signed();
    let proof = verify(document.to_string().as_bytes(), &[other_key(), key]).unwrap();
    assert_eq!(proof.key, 1);
    assert_eq!(proof.created.to_string(), "2026-08-22T17:05:01Z");
    assert_eq!(proof.verification_method, "did:web:lists.example:signer");
}

#[test]
fn both_signature_forms_verify() {
    let old = r#"{"b64":false,"crit":["b64"],"alg":"EC"}"#;
    for header in [HEADER, old] {
        for form in [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P256_SHA256_FIXED_SIGNING] {
            let (document, key) = sign(unsigned(), header, form).unwrap();
            assert!(verify_value(&document, &[key]).is_ok());
        }
    }
}

#[test]
fn a_list_without_codes_needs_no_context_for_them() {
    let mut document = unsigned();
    document["@context"].as_array_mut().unwrap().pop();
    let refused = sign(document.clone(), HEADER, &ECDSA_P256_SHA256_FIXED_SIGNING).map(|_| ());
    assert_eq!(refused, Err(ProofError::Unsigned { place: Place::Entry(0), member: "domain".into() }));
    for position in 0..2 {
        let entry = document["verificationMethod"][position].as_object_mut().unwrap();
        entry.retain(|member, _| !["domain", "participant", "keyusage"].contains(&member.as_str()));
    }
    document["proof"]["nonce"] = "".into();
    let (document, key) = sign(document, HEADER, &ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    assert!(verify_value(&document, &[key]).is_ok());
}

#[test]
fn the_key_must_be_the_signer_s_and_on_p_256() {
    let (document, _) = signed();
    let method = || "did:web:lists.example:signer".to_owned();
    assert_eq!(verify_value(&document, &[]), Err(ProofError::NoKey { verification_method: method() }));
    let ed25519 = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let spki = [&prefix, ed25519.public_key().as_ref()].concat();
    let ed25519 = PublicKey::from_spki(&spki).unwrap();
    assert_eq!(
        verify_value(&document, std::slice::from_ref(&ed25519)),
        Err(ProofError::NoKey { verification_method: method() })
    );
    assert_eq!(
        verify_value(&document, &[ed25519, other_key()]),
        Err(ProofError::Mismatch { tried: 1, verification_method: method() })
    );
}

/// Everything that says the same may change.
#[test]
fn the_order_of_members_and_of_keys_may_change() {
    let (document, key) = signed();
    let mut turned = document.clone();
    turned["verificationMethod"].as_array_mut().unwrap().reverse();
    let mut again = document.clone();
    let copy = again["verificationMethod"][0].clone();
    again["verificationMethod"].as_array_mut().unwrap().push(copy);
    for same in [turned, again] {
        assert!(verify_value(&same, std::slice::from_ref(&key)).is_ok());
    }
    // serde_json sorts members, so another order has to be written by hand.
    let member = |name: &str| format!("{}: {:#}", json!(name), document[name]);
    let names = ["proof", "verificationMethod", "controller", "@context", "id"];
    let text = format!("{{\n{}\n}}", names.map(member).join(",\n"));
    assert_ne!(text, document.to_string());
    assert!(verify(text.as_bytes(), &[key]).is_ok());
}

type Change = (&'static str, fn(&mut Value));

#[test]
fn whatever_changes_what_is_said_is_refused() {
    let changes: [Change; 24] = [
        ("certificate altered", |d| d["verificationMethod"][0]["publicKeyJwk"]["x5c"][0] = "MIIX".into()),
        ("certificates in another order", |d| {
            d["verificationMethod"][0]["publicKeyJwk"]["x5c"].as_array_mut().unwrap().reverse();
        }),
        ("member of a key added", |d| d["verificationMethod"][0]["publicKeyJwk"]["use"] = "sig".into()),
        ("member of a key removed", |d| {
            d["verificationMethod"][1]["publicKeyJwk"].as_object_mut().unwrap().remove("kid");
        }),
        ("kid altered", |d| d["verificationMethod"][0]["publicKeyJwk"]["kid"] = "AAAA".into()),
        ("country altered", |d| d["verificationMethod"][0]["participant"]["code"] = "#XXB".into()),
        ("usage altered", |d| d["verificationMethod"][1]["keyusage"]["code"] = "#DSC".into()),
        ("domain altered", |d| d["verificationMethod"][1]["domain"]["code"] = "#DCC".into()),
        ("usage removed", |d| {
            d["verificationMethod"][1].as_object_mut().unwrap().remove("keyusage");
        }),
        ("name of a key altered", |d| d["verificationMethod"][0]["id"] = "did:web:lists.example#x".into()),
        ("controller of a key altered", |d| d["verificationMethod"][0]["controller"] = "did:web:x".into()),
        ("members exchanged between keys", |d| {
            let first = d["verificationMethod"][0]["keyusage"].take();
            d["verificationMethod"][0]["keyusage"] = d["verificationMethod"][1]["keyusage"].take();
            d["verificationMethod"][1]["keyusage"] = first;
        }),
        ("key removed", |d| {
            d["verificationMethod"].as_array_mut().unwrap().remove(0);
        }),
        ("key added", |d| {
            let mut copy = d["verificationMethod"][0].clone();
            copy["id"] = "did:web:lists.example#new".into();
            d["verificationMethod"].as_array_mut().unwrap().push(copy);
        }),
        ("reference added", |d| d["verificationMethod"].as_array_mut().unwrap().push("did:web:evil.example".into())),
        ("reference removed", |d| {
            d["verificationMethod"].as_array_mut().unwrap().pop();
        }),
        ("document renamed", |d| d["id"] = "did:web:lists.example:v2:other".into()),
        ("controller removed", |d| {
            d.as_object_mut().unwrap().remove("controller");
        }),
        ("time altered", |d| d["proof"]["created"] = "2026-08-22T17:05:02Z".into()),
        ("same time written otherwise", |d| d["proof"]["created"] = "2026-08-22T17:05:01+00:00".into()),
        ("nonce altered", |d| d["proof"]["nonce"] = "".into()),
        ("nonce removed", |d| {
            d["proof"].as_object_mut().unwrap().remove("nonce");
        }),
        ("signer altered", |d| d["proof"]["verificationMethod"] = "did:web:lists.example:other".into()),
        ("context of another environment", |d| {
            d["@context"][2] = "https://smart.who.int/trust/tng-context/v1-DEV.jsonld".into();
        }),
    ];
    let (document, key) = signed();
    for (name, change) in changes {
        let mut changed = document.clone();
        change(&mut changed);
        assert_ne!(changed, document, "{name}");
        let outcome = verify_value(&changed, std::slice::from_ref(&key));
        assert!(matches!(outcome, Err(ProofError::Mismatch { .. })), "{name}: {outcome:?}");
    }
}

#[test]
fn whatever_the_graph_would_not_hold_is_refused_by_name() {
    let changes: [Change; 27] = [
        ("unknown member", |d| d["note"] = "x".into()),
        ("unknown member of a key", |d| d["verificationMethod"][0]["note"] = "x".into()),
        ("unknown member of the proof", |d| d["proof"]["note"] = "x".into()),
        ("end of the proof", |d| d["proof"]["expires"] = "2020-01-01T00:00:00Z".into()),
        ("name of the proof", |d| d["proof"]["id"] = "did:web:x:y".into()),
        ("unknown context", |d| d["@context"][2] = "https://example.org/context".into()),
        ("context written out", |d| d["@context"][2] = json!({"note": "https://example.org/note"})),
        ("context missing", |d| {
            d["@context"].as_array_mut().unwrap().remove(0);
        }),
        ("no context", |d| {
            d.as_object_mut().unwrap().remove("@context");
        }),
        ("context in a key", |d| d["verificationMethod"][0]["@context"] = json!([])),
        ("name that is no IRI", |d| d["verificationMethod"][0]["id"] = "key 1".into()),
        ("name that is relative", |d| d["verificationMethod"][0]["id"] = "#key".into()),
        ("reference that is relative", |d| d["verificationMethod"][2] = "#key".into()),
        ("no name", |d| {
            d["verificationMethod"][0].as_object_mut().unwrap().remove("id");
        }),
        ("null member", |d| d["verificationMethod"][0]["controller"] = Value::Null),
        ("other type", |d| d["verificationMethod"][0]["type"] = "Ed25519VerificationKey2018".into()),
        ("two types", |d| d["verificationMethod"][0]["type"] = json!(["JsonWebKey2020", "Note"])),
        ("code as text", |d| d["verificationMethod"][0]["domain"] = "DCC".into()),
        ("code with more", |d| d["verificationMethod"][0]["domain"]["note"] = "x".into()),
        ("code elsewhere", |d| d["verificationMethod"][0]["domain"]["code"] = "https://x.org/DCC".into()),
        ("key as text", |d| d["verificationMethod"][0]["publicKeyJwk"] = "{}".into()),
        ("number without exact form", |d| d["verificationMethod"][0]["publicKeyJwk"]["x"] = json!(1.5)),
        ("keys under names", |d| d["verificationMethod"] = json!({"a": 1})),
        ("key in a key", |d| d["verificationMethod"][0] = json!([1])),
        ("other proof", |d| d["proof"]["type"] = "Ed25519Signature2018".into()),
        ("other purpose", |d| d["proof"]["proofPurpose"] = "authentication".into()),
        ("two proofs", |d| d["proof"] = json!([d["proof"]])),
    ];
    let (document, key) = signed();
    for (name, change) in changes {
        let mut changed = document.clone();
        change(&mut changed);
        let outcome = verify_value(&changed, std::slice::from_ref(&key)).unwrap_err();
        assert!(!matches!(outcome, ProofError::Mismatch { .. } | ProofError::NoKey { .. }), "{name}: {outcome:?}");
        assert!(outcome.to_string().len() > 20, "{name}");
    }
    let mut open = document;
    open.as_object_mut().unwrap().remove("proof");
    assert_eq!(verify_value(&open, &[key]), Err(ProofError::Unproven));
}

#[test]
fn keys_that_flow_together_in_the_graph_are_refused() {
    let entry = unsigned()["verificationMethod"][0].clone();
    let with = |change: fn(&mut Value)| {
        let mut document = unsigned();
        let mut copy = entry.clone();
        change(&mut copy);
        document["verificationMethod"].as_array_mut().unwrap().push(copy);
        message_of(&document, HEADER)
    };
    // One member differs: the pairs of both can be told from the graph.
    assert!(with(|copy| copy["domain"]["code"] = "#DDCC".into()).is_ok());
    let ambiguous = Err(ProofError::Ambiguous {
        place: Place::Entry(3),
        id: "did:web:lists.example:v2:trustlist:DCC:XXA:DSC#+6w2r/RfO1M=".into(),
    });
    // Two differ: key and country could be exchanged under the same proof.
    assert_eq!(
        with(|copy| {
            copy["publicKeyJwk"]["x"] = "BBBB".into();
            copy["participant"]["code"] = "#XXB".into();
        }),
        ambiguous
    );
    // A member is absent: it could have been taken away.
    assert_eq!(with(|copy| drop(copy.as_object_mut().unwrap().remove("keyusage"))), ambiguous);
    // A key under the name of the list.
    let mut document = unsigned();
    document["verificationMethod"][0]["id"] = document["id"].clone();
    assert!(matches!(message_of(&document, HEADER), Err(ProofError::Ambiguous { place: Place::Entry(0), .. })));
}

#[test]
fn errors_quote_little_and_no_control_characters() {
    let mut document = unsigned();
    document["verificationMethod"][0]["x\n".repeat(1_000)] = "x".into();
    let text = message_of(&document, HEADER).unwrap_err().to_string();
    assert!(text.len() < 400 && !text.contains('\n'), "{text}");
}

#[test]
fn size_and_number_of_keys_are_bounded() {
    let mut document = unsigned();
    let limit = crate::limits::DID_ENTRIES;
    document["verificationMethod"] = vec!["did:web:x:y"; limit + 1].into();
    assert_eq!(message_of(&document, HEADER), Err(ProofError::TooManyEntries { found: limit + 1, limit }));
}

/// What a reader of the list takes from it, however it is ordered.
fn content(document: &Value) -> Value {
    let mut document = document.clone();
    let keys = document["verificationMethod"].as_array_mut().unwrap();
    keys.sort_by_key(Value::to_string);
    keys.dedup();
    let contexts = document["@context"].as_array_mut().unwrap();
    contexts.sort_by_key(Value::to_string);
    contexts.dedup();
    document
}

/// Every place of a value that can be changed, as JSON pointers.
fn places(value: &Value, path: &str, out: &mut Vec<String>) {
    out.push(path.to_owned());
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                places(member, &format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), out);
            }
        }
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                places(item, &format!("{path}/{position}"), out);
            }
        }
        _ => {}
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!({})),
        Just(json!([])),
        Just(json!({"code": "#DCC"})),
        Just(json!("#DSC")),
        Just(json!("did:web:lists.example:v2:trustlist")),
        Just(json!("did:web:other.example:trustlist")),
        "[ -~]{0,12}".prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// The heart of it: whatever is accepted says to its reader what was signed.
    #[test]
    fn what_is_accepted_says_what_was_signed(at in any::<prop::sample::Index>(), kind in 0..4, new in any_value()) {
        let (document, key) = signed();
        let mut all = Vec::new();
        places(&document, "", &mut all);
        let mut changed = document.clone();
        let place = changed.pointer_mut(&all[at.index(all.len())]).unwrap();
        match (kind, place) {
            (0, Value::Object(members)) => { members.insert("added".into(), new); }
            (0 | 1, Value::Array(items)) => items.push(new),
            (2, Value::Object(members)) => { let name = members.keys().next().cloned(); name.map(|n| members.remove(&n)); }
            (2, Value::Array(items)) => { items.pop(); }
            (3, Value::Array(items)) => { if let Some(first) = items.first().cloned() { items.push(first); } }
            (_, place) => *place = new,
        }
        if verify_value(&changed, std::slice::from_ref(&key)).is_ok() {
            prop_assert_eq!(content(&changed), content(&document));
        }
        let text = changed.to_string();
        prop_assert_eq!(
            verify(text.as_bytes(), std::slice::from_ref(&key)).is_ok(),
            verify_value(&changed, &[key]).is_ok()
        );
    }

    #[test]
    fn no_bytes_upset_the_check(cut in any::<prop::sample::Index>(), byte in any::<u8>(), keep in any::<bool>()) {
        let (document, key) = signed();
        let mut bytes = document.to_string().into_bytes();
        let position = cut.index(bytes.len());
        bytes[position] = byte;
        if !keep { bytes.truncate(position); }
        if verify(&bytes, &[key]).is_ok() {
            prop_assert_eq!(content(&parse(&bytes).unwrap()), content(&document));
        }
    }
}
