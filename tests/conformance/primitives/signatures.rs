//! Wycheproof against `PublicKey`: what it calls valid for the algorithms of HCERT is valid, and nothing else
//! ever is: no other hash, salt, padding or encoding gets past an ES256, PS256 or EdDSA key.

use serde_json::Value as Json;
use vaccert::keys::{Algorithm, PublicKey, PublicKeyError};

use super::file;
use crate::workshop::{der, unhex};

/// How the cases of a file are taken.
type Rule = fn(group: &Json, test: &Json) -> bool;

fn as_stated(_: &Json, test: &Json) -> bool {
    test["result"] == "valid"
}

fn never(_: &Json, _: &Json) -> bool {
    false
}

/// Checks each case of a file and gives (taken, refused).
fn run(name: &str, algorithm: Algorithm, expected: Rule) -> Option<(usize, usize)> {
    let data = file(&format!("wycheproof/{name}_test.json"))?;
    let (mut taken, mut refused) = (0, 0);
    for group in data["testGroups"].as_array().unwrap() {
        let spki = unhex(group["publicKeyDer"].as_str().unwrap());
        let key = PublicKey::from_spki(&spki);
        for test in group["tests"].as_array().unwrap() {
            let message = unhex(test["msg"].as_str().unwrap());
            let signature = unhex(test["sig"].as_str().unwrap());
            let outcome = key.as_ref().is_ok_and(|key| key.verify(algorithm, &message, &signature).is_ok());
            assert_eq!(outcome, expected(group, test), "{name} tcId {}: {}", test["tcId"], test["comment"]);
            if outcome { taken += 1 } else { refused += 1 }
        }
    }
    println!("{name}: {taken} taken, {refused} refused");
    assert_eq!(taken + refused, data["numberOfTests"].as_u64().unwrap() as usize);
    Some((taken, refused))
}

fn check(name: &str, algorithm: Algorithm, expected: Rule, counts: (usize, usize)) {
    if let Some(found) = run(name, algorithm, expected) {
        assert_eq!(found, counts, "{name}");
    }
}

#[test]
fn es256() {
    check("ecdsa_secp256r1_sha256_p1363", Algorithm::Es256, as_stated, (173, 89));
}

#[test]
fn es256_never_takes_a_signature_in_der() {
    check("ecdsa_secp256r1_sha256", Algorithm::Es256, never, (0, 484));
}

#[test]
fn es256_on_p384_never_takes_another_hash() {
    check("ecdsa_secp384r1_sha384_p1363", Algorithm::Es256, never, (0, 280));
}

#[test]
fn p521_is_unsupported_by_name() {
    check("ecdsa_secp521r1_sha512_p1363", Algorithm::Es256, never, (0, 318));
    let Some(data) = file("wycheproof/ecdsa_secp521r1_sha512_p1363_test.json") else { return };
    for group in data["testGroups"].as_array().unwrap() {
        let error = PublicKey::from_spki(&unhex(group["publicKeyDer"].as_str().unwrap())).unwrap_err();
        assert_eq!(error, PublicKeyError::Unsupported { name: "P-521".to_owned() });
    }
}

#[test]
fn ed25519() {
    check("ed25519", Algorithm::EdDsa, as_stated, (88, 63));
}

#[test]
fn ps256() {
    for name in ["rsa_pss_2048_sha256_mgf1_32", "rsa_pss_4096_sha256_mgf1_32", "rsa_pss_2048_sha256_mgf1_32_params"] {
        check(name, Algorithm::Ps256, as_stated, (63, 45));
    }
}

#[test]
fn ps256_never_takes_another_salt_hash_or_padding() {
    // tcId 69 of this set changed the length of the salt, to the 32 bytes of PS256 (RFC 8230 section 2).
    let salt_0 = |_: &Json, test: &Json| test["tcId"] == 69;
    check("rsa_pss_2048_sha256_mgf1_0", Algorithm::Ps256, salt_0, (1, 102));
    check("rsa_pss_2048_sha256_mgf1sha1_20", Algorithm::Ps256, never, (0, 108));
    // tcId 257 is a true PSS signature, which this set is right to refuse as PKCS#1 v1.5.
    let pss = |_: &Json, test: &Json| test["tcId"] == 257;
    check("rsa_signature_2048_sha256", Algorithm::Ps256, pss, (1, 258));
    let exactly =
        |group: &Json, _: &Json| group["sha"] == "SHA-256" && group["mgfSha"] == "SHA-256" && group["sLen"] == 32;
    check("rsa_pss_misc", Algorithm::Ps256, exactly, (1, 149));
}

/// RFC 5480 section 2.1.1: a certificate names its curve. Writing one out is how a forged generator gets in.
#[test]
fn curves_are_named_never_written_out() {
    let Some(data) = file("wycheproof/ec_prime_order_curves_test.json") else { return };
    let tests = data["testGroups"][0]["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 26);
    for test in tests {
        let number = |name: &str| {
            let hex = test[name].as_str().map_or_else(|| test[name].to_string(), str::to_owned);
            let hex = if hex.len().is_multiple_of(2) { hex } else { format!("0{hex}") };
            let bytes: Vec<u8> = unhex(&hex).into_iter().skip_while(|&b| b == 0).collect();
            bytes
        };
        let width = number("p").len();
        let padded = |name: &str| {
            let bytes = number(name);
            [vec![0; width - bytes.len()], bytes].concat()
        };
        let generator = [vec![4], padded("gx"), padded("gy")].concat();
        let explicit = der::sequence(&[
            der::integer(&[1]),
            der::sequence(&[der::oid("1.2.840.10045.1.1"), der::integer(&number("p"))]),
            der::sequence(&[der::item(0x04, &padded("a")), der::item(0x04, &padded("b"))]),
            der::item(0x04, &generator),
            der::integer(&number("n")),
            der::integer(&number("h")),
        ]);
        let spki = der::sequence(&[der::sequence(&[der::oid("1.2.840.10045.2.1"), explicit]), der::bits(&generator)]);
        assert_eq!(PublicKey::from_spki(&spki).unwrap_err(), PublicKeyError::ExplicitCurve, "{}", test["name"]);

        let name = test["name"].as_str().unwrap();
        let named = crate::workshop::pki::ec_spki(test["oid"].as_str().unwrap(), &generator);
        match name {
            "secp256r1" | "secp384r1" => assert!(PublicKey::from_spki(&named).is_ok(), "{name}"),
            _ => assert!(
                matches!(PublicKey::from_spki(&named), Err(PublicKeyError::Unsupported { .. })),
                "{name} is no curve of HCERT"
            ),
        }
    }
}
