//! Certificates, bare keys, DID documents and JWKS made for tests: usages, odd encodings, names.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use proptest::prelude::*;
use serde_json::{Value, json};
use vaccert::{
    keys::{Algorithm, Certificate, Kid, PublicKey, Purpose, sha256},
    trust::{
        Authenticity, ListForm, TrustStore, TrustedKey,
        lists::{self, Binding, ListError, ListKey, ListKeyError, ListOptions},
    },
};

use crate::{
    made::{Key, Spec, base64, certificate, extension, oid, pem, seq, tlv, usages},
    vectors::vectors,
};

const OPTIONS: ListOptions<'_> = ListOptions { name: "list", list_keys: &[], unsigned: false };
const UNSIGNED: ListOptions<'_> = ListOptions { unsigned: true, ..OPTIONS };

fn read(bytes: &[u8], options: &ListOptions<'_>) -> Result<TrustStore, ListError> {
    let mut store = TrustStore::new();
    lists::read(bytes, options, &mut store).map(|()| store)
}

fn one(der: &[u8]) -> TrustedKey {
    let store = read(der, &OPTIONS).unwrap();
    assert_eq!(store.lists()[0].authenticity, Authenticity::Vouched);
    store.candidates(&Kid::of_certificate(der))[0].clone()
}

fn codes(store: &TrustStore) -> Vec<&'static str> {
    let info = &store.lists()[0];
    assert_eq!(info.entries, info.keys + info.authorities + info.repeated + info.not_signers + info.skipped.len());
    info.skipped.iter().map(|skipped| skipped.reason.code()).collect()
}

/// F14: none and unrelated allow everything (unrelated with a remark), either arc restricts.
#[test]
fn usages_allow_what_they_say() {
    use Purpose::{Recovery, Test, Vaccination};
    const ALL: [Purpose; 3] = [Test, Vaccination, Recovery];
    /// Usages in the certificate, what they allow, and whether there is a remark.
    type Case<'a> = (Option<Vec<String>>, &'a [Purpose], bool);
    let client = "1.3.6.1.5.5.7.3.2";
    for arc in ["1.3.6.1.4.1.1847.2021.1", "1.3.6.1.4.1.0.1847.2021.1"] {
        let ours = |last: u8| format!("{arc}.{last}");
        let cases: [Case<'_>; 10] = [
            (None, &ALL, false),
            (Some(vec![]), &ALL, false),
            (Some(vec![ours(1)]), &[Test], false),
            (Some(vec![ours(2)]), &[Vaccination], false),
            (Some(vec![ours(3)]), &[Recovery], false),
            (Some(vec![ours(1), ours(2)]), &[Test, Vaccination], false),
            (Some(vec![ours(2), client.to_owned()]), &[Vaccination], false),
            (Some(vec![client.to_owned(), "1.3.6.1.5.5.7.3.4".to_owned()]), &ALL, true),
            (Some(vec![ours(4)]), &ALL, true),
            (Some(vec!["2.5.29.37.0".to_owned()]), &ALL, false),
        ];
        for (oids, allowed, unrelated) in cases {
            let authority = Key::p256();
            let mut spec = Spec::new("XA", "DSC", "CSCA", &Key::p256());
            if let Some(oids) = &oids {
                spec.extensions.push(usages(&oids.iter().map(String::as_str).collect::<Vec<_>>()));
            }
            let key = one(&spec.signed(&authority));
            for purpose in ALL {
                assert_eq!(key.allows(purpose), allowed.contains(&purpose), "{oids:?} {purpose:?}");
            }
            assert_eq!(key.unrelated_usages, unrelated, "{oids:?}");
        }
    }
}

#[test]
fn odd_certificates_are_read() {
    let authority = Key::p256();
    let issuer = Certificate::from_der(&certificate("XA", "CSCA", &authority, ("CSCA", &authority))).unwrap();
    let spec = Spec::new("XA", "DSC", "CSCA", &Key::p256());
    let with = |value: &[u8]| Spec { extensions: vec![extension("2.5.29.19", value)], ..spec.clone() };
    let validity = |from: &[u8], until: &[u8]| seq(&[&tlv(0x18, from), &tlv(0x18, until)]);
    let cases = [
        ("explicit cA=FALSE", with(&seq(&[&[1, 1, 0]]))),
        ("path length without cA", with(&seq(&[&[2, 1, 0]]))),
        ("a broken extension", with(&[0xff, 0xff])),
        ("version 1", Spec { version_1: true, ..spec.clone() }),
        ("a negative serial number", Spec { serial: vec![0xff, 0x01], ..spec.clone() }),
        ("no end", Spec { validity: validity(b"20210601000000Z", b"99991231235959Z"), ..spec.clone() }),
    ];
    for (what, spec) in cases {
        let der = spec.signed(&authority);
        let key = one(&der);
        assert_eq!(key.country.as_deref(), Some("XA"), "{what}");
        assert!(key.not_before < key.not_after, "{what}");
        Certificate::from_der(&der).unwrap().is_issued_by(&issuer).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}

#[test]
fn certificates_come_in_pem_and_der() {
    let ders: Vec<Vec<u8>> =
        (0..3).map(|n| certificate("XA", &n.to_string(), &Key::p256(), ("CSCA", &Key::p256()))).collect();
    let mut file = "a note\n".to_owned();
    for der in &ders {
        file += &pem("CERTIFICATE", der);
    }
    file += &pem("CERTIFICATE", b"rubbish");
    file += &pem("PUBLIC KEY", &Key::p256().spki);
    let store = read(file.as_bytes(), &OPTIONS).unwrap();
    assert_eq!((store.len(), codes(&store)), (3, vec!["certificate-unreadable", "nameless-key"]));
    assert_eq!(read(&ders.concat(), &OPTIONS).unwrap().len(), 3);
    assert_eq!(codes(&read(&[ders[0].as_slice(), &[1, 2]].concat(), &OPTIONS).unwrap()), ["certificate-unreadable"]);

    let spki = Key::p256().spki;
    assert!(matches!(read(&spki, &OPTIONS), Err(ListError::Nameless)));
    assert!(matches!(read(pem("PUBLIC KEY", &spki).as_bytes(), &OPTIONS), Err(ListError::Nameless)));
    for private in ["PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        assert!(matches!(read(pem(private, b"x").as_bytes(), &OPTIONS), Err(ListError::PrivateKey)));
        assert!(matches!(ListKey::read(pem(private, b"x").as_bytes()), Err(ListKeyError::PrivateKey)));
    }
    for other in [&b""[..], b"hello", b"0", b"{}", b"[1]", b"{\"a\":1}", b"-----BEGIN X-----", &[0x30, 0x82, 0, 1, 0]] {
        assert!(matches!(read(other, &UNSIGNED), Err(ListError::Unknown)), "{other:?}");
    }
    assert!(matches!(read(b"{\"certificates\":[", &UNSIGNED), Err(ListError::Json { .. })));
}

#[test]
fn a_bare_key_gets_the_name_that_the_caller_gives() {
    let key = Key::p256();
    let der = certificate("XA", "DSC", &key, ("CSCA", &Key::p256()));
    let bind = |binding: &str, bytes: &[u8]| {
        let mut store = TrustStore::new();
        lists::bare_key(&Binding::read(binding).unwrap(), bytes, &OPTIONS, &mut store).map(|()| store)
    };
    let kid = Kid::new([1, 2, 3]);
    for bytes in
        [key.spki.clone(), pem("PUBLIC KEY", &key.spki).into_bytes(), der.clone(), pem("CERTIFICATE", &der).into()]
    {
        let store = bind("kid:AQID", &bytes).unwrap();
        assert_eq!(store.candidates(&kid).len(), 1);
        assert_eq!(
            (store.lists()[0].form, &store.lists()[0].authenticity),
            (ListForm::BareKey, &Authenticity::Vouched)
        );
        let store = bind("did:india", &bytes).unwrap();
        let key = &store.candidates(&Kid::new(*b"did:india"))[0];
        assert_eq!(key.issuer.as_deref(), Some("did:india"));
        let certified = bytes.windows(11).any(|window| window == b"CERTIFICATE") || bytes == der;
        assert_eq!(key.not_after.is_some(), certified);
    }
    assert!(matches!(bind("did:x", pem("PRIVATE KEY", b"x").as_bytes()), Err(ListError::PrivateKey)));
    assert!(matches!(bind("did:x", b"nothing"), Err(ListError::Unknown)));
    assert!(matches!(bind("did:x", &Key::p521().spki), Err(ListError::Key(_))));
    let rsa = Key::rsa(false).spki;
    let pkcs1 = &rsa[rsa.len() - 270..];
    assert_eq!(bind("did:x", pem("RSA PUBLIC KEY", pkcs1).as_bytes()).unwrap().len(), 1);
}

/// Coordinates of a new P-256 key.
fn point() -> (Vec<u8>, Vec<u8>) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    (point[1..33].to_vec(), point[33..].to_vec())
}

fn url(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)
}

fn method(id: &str, usage: &str, jwk: Value) -> Value {
    json!({"id": id, "type": "JsonWebKey2020", "domain": {"code": "#DCC"}, "participant": {"code": "#PRT"},
        "keyusage": {"code": usage}, "publicKeyJwk": jwk})
}

fn did(id: &str, methods: &[Value]) -> Vec<u8> {
    json!({"@context": ["https://www.w3.org/ns/did/v1"], "id": id, "verificationMethod": methods,
        "proof": {"created": "2026-08-22T17:05:01Z"}})
    .to_string()
    .into_bytes()
}

#[test]
fn did_documents_without_certificates_and_with_odd_kids() {
    let base = "did:web:tng-cdn.who.int:v2:trustlist:DCC:PRT:DSC";
    let (x, y) = point();
    let jwk = |x: &[u8], y: &[u8]| json!({"kty": "EC", "crv": "P-256", "x": url(x), "y": url(y)});
    let padded = [&[0], x.as_slice()].concat();
    let der = certificate("PT", "DSC", &Key::p256(), ("CSCA", &Key::p256()));
    let with = |x5c: &[u8]| json!({"kty": "EC", "crv": "P-256", "x": url(&x), "y": url(&y), "x5c": [base64(x5c)]});
    let rsa_numbers = Key::rsa(false).spki;
    let modulus = &rsa_numbers[rsa_numbers.len() - 262..rsa_numbers.len() - 5];
    let methods = [
        method(&format!("{base}#+/Y="), "#DSC", jwk(&padded, &y)),
        method(&format!("{base}#%2B%2FZ%3D"), "#DSC", jwk(&x, &y)),
        method(&format!("{base}#a custom kid!"), "#DSC", json!({"kty": "RSA", "n": url(modulus), "e": "AQAB"})),
        method(&format!("{base}#AAAB"), "#DSC", json!({"kty": "EC", "crv": "UNKNOWN CURVE", "x": "AA", "y": "AA"})),
        method(&format!("{base}#AAAC"), "#DSC", with(&der)),
        method(&format!("{base}#AAAD"), "#DSC", with(b"rubbish")),
        method("did:web:tng-cdn.who.int:v2:trustlist:DCC:PRT:SCA#AAAE", "#CSCA", jwk(&x, &y)),
        method("did:web:tng-cdn.who.int:v2:trustlist:DCC:PRT:SCA#AAAF", "#DSC", jwk(&x, &y)),
        method("did:web:tng-cdn.who.int:v2:trustlist:DCC:PRT:DECA#AAAG", "#DECA", jwk(&x, &y)),
        json!("did:web:tng-cdn-dev.who.int:trustlist"),
        json!(7),
    ];
    let store = read(&did("did:web:tng-cdn.who.int:v2:trustlist", &methods), &UNSIGNED).unwrap();
    let info = &store.lists()[0];
    assert_eq!((info.keys, info.repeated, info.not_signers), (2, 1, 3));
    let expected = ["key-unsupported", "key-differs", "certificate-unreadable", "reference", "member-missing"];
    assert_eq!(codes(&store), expected);
    // A leading zero, and percent-encoding, make no other key and no other kid; "+/Y=" and "+/Z=" are one byte
    // apart in their unused bits alone.
    let keys = store.candidates(&Kid::new([0xfb, 0xf6]));
    assert_eq!((keys.len(), keys[0].domain.as_deref(), keys[0].sandbox), (1, Some("DCC"), false));
    assert_eq!(store.candidates(&Kid::new(*b"a custom kid!"))[0].key.describe(), "RSA-2048");
    assert!(matches!(read(&did("x", &methods), &OPTIONS), Err(ListError::Unsigned { form: ListForm::Did })));
}

#[test]
fn rehearsal_keys_are_marked() {
    let (x, y) = point();
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": url(&x), "y": url(&y)});
    let cases = [
        ("did:web:tng-cdn.who.int:v2:trustlist", "PRT", false),
        ("did:web:tng-cdn.who.int:v2:trustlist", "XKX", false),
        ("did:web:tng-cdn.who.int:v2:trustlist", "XXH", true),
        ("did:web:tng-cdn.who.int:v2:trustlist", "XCL", true),
        ("did:web:tng-cdn-dev.who.int:v2:trustlist", "PRT", true),
        ("did:web:tng-cdn-uat.who.int", "PRT", true),
        ("did:web:tng-cdn-devil.example", "PRT", false),
    ];
    for (document, participant, sandbox) in cases {
        let mut entry = method(&format!("did:web:h:v2:trustlist:DCC:{participant}:DSC#AAAB"), "#DSC", jwk.clone());
        entry["participant"]["code"] = json!(format!("#{participant}"));
        let store = read(&did(document, &[entry]), &UNSIGNED).unwrap();
        assert_eq!(store.candidates(&Kid::new([0, 0, 1]))[0].sandbox, sandbox, "{document} {participant}");
    }
    // PathCheck's demonstration key, whoever lists it.
    let der = certificate("XA", "DSC", &Key::p256(), ("CSCA", &Key::p256()));
    let list = json!({"certificates": [{"kid": "Rjene8QvRwA=", "rawData": base64(&der)}]}).to_string();
    let store = read(list.as_bytes(), &UNSIGNED).unwrap();
    assert!(store.candidates(&Kid::new([0x46, 0x37, 0xa7, 0x7b, 0xc4, 0x2f, 0x47, 0x00]))[0].sandbox);
}

fn health_card_key() -> (Value, String) {
    let (x, y) = point();
    let (x, y) = (url(&x), url(&y));
    let thumbprint = url(&sha256(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#).as_bytes()));
    (json!({"kty": "EC", "kid": thumbprint, "use": "sig", "alg": "ES256", "crv": "P-256", "x": x, "y": y}), thumbprint)
}

#[test]
fn health_card_issuers_keep_their_own_entries() {
    let (shared, kid) = health_card_key();
    let (own, own_kid) = health_card_key();
    let changed = |name: &str, value: &str| {
        let mut key = own.clone();
        key[name] = json!(value);
        key
    };
    let snapshot = json!({
        "directory": "https://example.org/vci-issuers.json",
        "time": "2026-08-22T05:52:08Z",
        "issuerInfo": [
            {"issuer": {"iss": "https://one.example/creds", "name": "One"}, "keys": [shared, own, shared]},
            {"issuer": {"iss": "https://two.example/creds/"}, "keys": [shared]},
            {"issuer": {"name": "nobody"}, "keys": [shared]},
            {"issuer": {"iss": "https://three.example"}},
            {"issuer": {"iss": "https://four.example"}, "keys": [
                changed("kid", &kid), changed("crv", "P-384"), changed("use", "enc"), changed("alg", "RS256"),
                changed("kty", "RSA"), changed("d", "secret"), changed("x", "#"), json!(null),
            ]},
        ],
    });
    let store = read(snapshot.to_string().as_bytes(), &UNSIGNED).unwrap();
    let info = &store.lists()[0];
    assert_eq!((info.form, info.keys, info.repeated), (ListForm::VciSnapshot, 3, 1));
    assert_eq!(info.made_at.unwrap().to_string(), "2026-08-22T05:52:08Z");
    let mut issuers: Vec<_> =
        store.candidates(&Kid::new(kid.as_bytes())).iter().filter_map(|key| key.issuer.clone()).collect();
    issuers.sort();
    assert_eq!(issuers, ["https://one.example/creds", "https://two.example/creds"]);
    assert_eq!(store.candidates(&Kid::new(own_kid.as_bytes())).len(), 1);
    let expected = [
        "member-missing",
        "member-missing",
        "kid-not-thumbprint",
        "key-unsupported",
        "other-usage",
        "key-unsupported",
        "key-unsupported",
        "private-key",
        "not-base64",
        "member-missing",
    ];
    assert_eq!(codes(&store), expected);
    assert!(!info.skipped.iter().any(|skipped| skipped.reason.to_string().contains("secret")));

    let jwks = json!({"keys": [shared]}).to_string();
    let store = read(jwks.as_bytes(), &UNSIGNED).unwrap();
    assert_eq!(store.candidates(&Kid::new(kid.as_bytes()))[0].issuer, None);
    assert!(matches!(read(jwks.as_bytes(), &OPTIONS), Err(ListError::Unsigned { form: ListForm::Jwks })));
}

#[test]
fn the_specifications_own_health_card_keys_are_for_rehearsals() {
    let Some(path) = vectors("vectors/who/shc/shc-spec-jwks.json") else { return };
    let store = read(&std::fs::read(path).unwrap(), &UNSIGNED).unwrap();
    for kid in ["3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s", "EBKOr72QQDcTBUuVzAzkfBTGew0ZA16GuWty64nS-sw"] {
        let keys = store.candidates(&Kid::new(kid.as_bytes()));
        assert_eq!((keys.len(), keys[0].sandbox), (1, true));
    }
}

#[test]
fn letters_of_the_dutch_and_swiss_lists() {
    let (x, y) = point();
    let swiss = |usage: &str| {
        json!([{"use": usage, "alg": "ES256", "n": null, "e": null, "crv": "P-256",
        "x": base64(&x), "y": base64(&y)}])
    };
    let list = json!({"AAAB": swiss("sig"), "AAAC": swiss("tv"), "AAAD": swiss("l"), "AAAE": swiss("lr"), "AAAF": 1,
        "AAAG": [7], "S2V5MVJF": swiss("r")});
    let store = read(list.to_string().as_bytes(), &UNSIGNED).unwrap();
    assert_eq!(codes(&store), ["other-usage", "member-missing", "member-missing"]);
    let purposes = |kid: &[u8]| store.candidates(&Kid::new(kid))[0].purposes.clone();
    assert_eq!(purposes(&[0, 0, 1]), []);
    assert_eq!(purposes(&[0, 0, 2]), [Purpose::Test, Purpose::Vaccination]);
    assert_eq!(purposes(&[0, 0, 4]), [Purpose::Recovery]);
    assert_eq!(purposes(b"Key1RE"), [Purpose::Recovery]);

    let spki = base64(&Key::p256().spki);
    let dutch = |usage: Value| json!([{"subjectPk": spki, "ian": "NL", "san": "NLD", "keyUsage": usage}]);
    let list = json!({"cl_keys": [], "nl_keys": {}, "eu_keys": {"AAAB": dutch(json!([])),
        "AAAC": dutch(json!(["r", "t"])), "AAAD": dutch(json!(["x"])), "AAAE": dutch(json!([5])), "AAAF": {}}});
    let store = read(list.to_string().as_bytes(), &UNSIGNED).unwrap();
    assert_eq!(codes(&store), ["other-usage", "other-usage", "member-missing"]);
    assert_eq!(store.candidates(&Kid::new([0, 0, 2]))[0].purposes, [Purpose::Recovery, Purpose::Test]);
    assert_eq!(store.candidates(&Kid::new([0, 0, 1]))[0].country.as_deref(), Some("NL"));
}

/// WHO publishes the key of its lists as a DID document.
#[test]
fn list_keys_come_in_json_too() {
    let (x, y) = point();
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": url(&[&[0], x.as_slice()].concat()), "y": url(&y)});
    let key = PublicKey::from_coordinates("P-256", &x, &y).unwrap();
    let documents = [
        jwk.clone(),
        json!({"keys": [jwk]}),
        json!({"id": "did:web:x", "verificationMethod": [{"id": "did:web:x#y", "publicKeyJwk": jwk}]}),
    ];
    for document in documents {
        let keys = ListKey::read(document.to_string().as_bytes()).unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!((keys[0].spki(), keys[0].public_key().unwrap()), (key.to_spki().as_slice(), key.clone()));
    }
    let mut private = jwk;
    private["d"] = json!("secret");
    assert_eq!(ListKey::read(private.to_string().as_bytes()), Err(ListKeyError::PrivateKey));
    for other in ["{}", "{", r#"{"keys":[]}"#, r#"{"certificates":[]}"#] {
        assert_eq!(ListKey::read(other.as_bytes()), Err(ListKeyError::Unknown), "{other}");
    }
    assert_eq!(ListKey::read(br#"{"kty":"EC","crv":"P-256"}"#), Err(ListKeyError::Key));
}

/// Two entries of one key, one for tests and one for vaccinations: it may sign both.
#[test]
fn usages_of_a_repeated_key_add_up() {
    let (x, y) = point();
    let entry = |usage: &str| json!({"use": usage, "alg": "ES256", "crv": "P-256", "x": base64(&x), "y": base64(&y)});
    let list = json!({"AAAB": [entry("t"), entry("v")], "AAAC": [entry("t"), entry("sig")]}).to_string();
    let store = read(list.as_bytes(), &UNSIGNED).unwrap();
    assert_eq!(store.candidates(&Kid::new([0, 0, 1]))[0].purposes, [Purpose::Test, Purpose::Vaccination]);
    assert_eq!(store.candidates(&Kid::new([0, 0, 2]))[0].purposes, []);
    assert_eq!(store.lists()[0].repeated, 2);
}

const RSA_1024: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC9X6CaK4tSdVDxsRmSIPWIVrFt602Y9Jn+IPDLqgJcsyx4t/v8dRpDrNsspqQCYAXn7BLTbi3NzWVOgKkOVvgAVJGu574CJ5fP57OZSS9QSk6xGwtaJTmAoAYL2QpCBWHJT027DxDuIIolKRlHLEctTVlALBXkgZFH9d4rYFYIuQIDAQAB";
const SALT_32: &str = "vB7YOTmToB1XXDdPcRQozPW7rrtEkDbfBKxQyARSii6Jisa3nSD6rqvpq133gr1h9CpR3h2S7Gx8wyPYN7lmk56lBL5K4YqwvvYx0MCVfZBE8Tl+F8nLBrgznLt2Wa6E+Ht3Vx2vk9L9yjqEGw4cbhBDFfry5Pvqlr+kZUmHgCE=";
const SALT_0: &str = "O4w7u3KEJJ0GnwzMRp0PsDVmz2zX46BjSTBXw28yPpp939H+1cvlFEzd+wcDAs6Otc9tkoFWyV3VDy3QtVOWv46aO1mZvrk9AapZd8d8vU3LrzwTlJl48VKWB+VC9lbp/VFaL6//DA5e3wVv3CeaOI6pfGNSkDCm+5K2fOq9FwU=";

/// Made with OpenSSL 3: `genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024`, `dgst -sha256 -sigopt
/// rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32` and `:0` over `1024 bits`.
#[test]
fn short_rsa_keys_check_ps256() {
    let spki = base64_decoded(RSA_1024);
    let key = PublicKey::from_spki(&spki).unwrap();
    assert_eq!((key.describe().as_str(), key.is_weak(), key.algorithm()), ("RSA-1024", true, Algorithm::Ps256));
    let (good, unsalted) = (base64_decoded(SALT_32), base64_decoded(SALT_0));
    assert!(key.verify(Algorithm::Ps256, b"1024 bits", &good).is_ok());
    assert!(key.verify(Algorithm::Ps256, b"1024 bits", &unsalted).is_err(), "the salt must have 32 bytes");
    assert!(key.verify(Algorithm::Ps256, b"1025 bits", &good).is_err());
    assert!(key.verify(Algorithm::Es256, b"1024 bits", &good).is_err());
    for at in 0..good.len() {
        let mut damaged = good.clone();
        damaged[at] ^= 1;
        assert!(key.verify(Algorithm::Ps256, b"1024 bits", &damaged).is_err());
        assert!(key.verify(Algorithm::Ps256, b"1024 bits", &good[..at]).is_err());
    }
}

/// A key bound to RSASSA-PSS serves PS256 unless it says another hash or a longer salt.
#[test]
fn keys_bound_to_pss_must_serve_ps256() {
    let plain = Key::rsa(false).spki;
    let bits = &plain[plain.len() - 275..];
    assert_eq!(bits[0], 3);
    let hash = |dotted: &str| seq(&[&oid(dotted), &[5, 0]]);
    let mask = |dotted: &str| seq(&[&oid("1.2.840.113549.1.1.8"), &hash(dotted)]);
    let (sha1, sha256, sha512) = ("1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.3");
    let parameters = |digest: &str, masked: &str, salt: u8| {
        seq(&[&tlv(0xa0, &hash(digest)), &tlv(0xa1, &mask(masked)), &tlv(0xa2, &[2, 1, salt])])
    };
    let cases = [
        (vec![], true),
        (vec![5, 0], true),
        (seq(&[]), true),
        (parameters(sha256, sha256, 32), true),
        (parameters(sha256, sha256, 20), true),
        (parameters(sha256, sha256, 64), false),
        (parameters(sha512, sha512, 32), false),
        (parameters(sha256, sha512, 32), false),
        (parameters(sha1, sha1, 20), false),
        (vec![0x30, 1, 0xa0], false),
    ];
    for (parameters, serves) in cases {
        let spki = seq(&[&seq(&[&oid("1.2.840.113549.1.1.10"), &parameters]), bits]);
        let outcome = PublicKey::from_spki(&spki);
        assert_eq!(outcome.is_ok(), serves, "{parameters:02x?} {outcome:?}");
    }
}

fn base64_decoded(text: &str) -> Vec<u8> {
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever a list is damaged into, it is read or refused.
    #[test]
    fn damaged_lists_are_read_or_refused(cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let (x, y) = point();
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": url(&x), "y": url(&y), "use": "sig", "alg": "ES256"});
        let der = certificate("XA", "DSC", &Key::p256(), ("CSCA", &Key::p256()));
        let lists = [
            did("did:web:x", &[method("did:web:x:v2:trustlist:DCC:PRT:DSC#AAAB", "#DSC", jwk.clone())]),
            json!({"keys": [jwk]}).to_string().into_bytes(),
            json!({"issuerInfo": [{"issuer": {"iss": "x"}, "keys": [jwk]}]}).to_string().into_bytes(),
            json!({"certificates": [{"kid": "AAAB", "rawData": base64(&der), "country": "XA"}]}).to_string().into_bytes(),
            json!([{"identyfikatorKlucza": "AAAB", "certyfikat": base64(&der)}]).to_string().into_bytes(),
            pem("CERTIFICATE", &der).into_bytes(),
            der,
        ];
        for mut list in lists {
            for (at, value) in &cuts {
                let at = at.index(list.len());
                list[at] = *value;
            }
            let _ = read(&list, &UNSIGNED);
            let _ = ListKey::read(&list);
        }
    }
}
