//! Both libraries give the same answers: published data, keys of all kinds, and damaged signatures.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::{Curve, Digest, KeyForm, Scheme, library, pure};
use crate::keys::{
    der,
    signature::Spki,
    wycheproof::{file, unhex},
};

/// The answer of both, which must be one; `None` for a key that both refuse.
fn key(form: KeyForm, bytes: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
    let (one, other) = (library::Key::parse(form, bytes), pure::Key::parse(form, bytes));
    assert_eq!(one.is_some(), other.is_some(), "{form:?} key {bytes:02x?}");
    let (one, other) = one.zip(other)?;
    assert_eq!(one.bytes(), other.bytes());
    let answer = one.verify(message, signature);
    assert_eq!(other.verify(message, signature), answer, "{form:?} {bytes:02x?} {message:02x?} {signature:02x?}");
    Some(answer)
}

fn scheme(scheme: Scheme, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let answer = library::verify(scheme, key, message, signature);
    assert_eq!(pure::verify(scheme, key, message, signature), answer, "{scheme:?} {key:02x?} {signature:02x?}");
    answer
}

/// Every test of a file of Wycheproof: the number of signatures that match.
fn each(name: &str, mut ask: impl FnMut(&Json, &[u8], &[u8], &[u8]) -> bool) -> Option<usize> {
    let data = file(name)?;
    let mut good = 0;
    for group in data["testGroups"].as_array().unwrap() {
        let bytes = ["publicKeyDer", "publicKeyAsn"].iter().find(|name| group[**name].is_string());
        let spki = unhex(&group[*bytes.unwrap()]);
        let key = Spki::read(&spki).unwrap().key;
        for test in group["tests"].as_array().unwrap() {
            good += usize::from(ask(group, key, &unhex(&test["msg"]), &unhex(&test["sig"])));
        }
    }
    Some(good)
}

#[test]
fn ecdsa_of_both_is_the_same() {
    let der = [("ecdsa_secp256r1_sha256", Curve::P256, Digest::Sha256, 174)];
    for (name, curve, digest, expected) in der {
        let good = each(name, |_, key, message, signature| {
            // The other hash functions of chains as well: never a match here, and never a difference.
            for other in [Digest::Sha384, Digest::Sha512] {
                assert!(!scheme(Scheme::Ecdsa(curve, other), key, message, signature));
            }
            scheme(Scheme::Ecdsa(curve, digest), key, message, signature)
        });
        assert!(good.is_none_or(|good| good == expected), "{name}: {good:?}");
    }
    let fixed = [
        ("ecdsa_secp256r1_sha256_p1363", Curve::P256),
        ("ecdsa_secp384r1_sha384_p1363", Curve::P384),
        ("ecdsa_secp521r1_sha512_p1363", Curve::P521),
    ];
    for (name, curve) in fixed {
        // Made with the hash of their curve; documents have SHA-256 on each, so that only P-256 matches.
        let good =
            each(name, |_, bytes, message, signature| key(KeyForm::Curve(curve), bytes, message, signature).unwrap());
        assert!(good.is_none_or(|good| (good > 0) == (curve == Curve::P256)), "{name}: {good:?}");
    }
}

#[test]
fn rsa_of_both_is_the_same() {
    let good = each("rsa_signature_2048_sha256", |_, key, message, signature| {
        scheme(Scheme::Pkcs1(Digest::Sha256), key, message, signature)
    });
    assert!(good.is_none_or(|good| good == 9), "{good:?}");
    for name in ["rsa_pss_2048_sha256_mgf1_32", "rsa_pss_4096_sha256_mgf1_32", "rsa_pss_2048_sha256_mgf1_0"] {
        let good = each(name, |_, bytes, message, signature| {
            let answer = key(KeyForm::Rsa, bytes, message, signature).unwrap();
            assert_eq!(scheme(Scheme::Pss(Digest::Sha256), bytes, message, signature), answer);
            answer
        });
        assert!(good.is_none_or(|good| good == if name.ends_with("_0") { 1 } else { 63 }), "{name}: {good:?}");
    }
}

#[test]
fn ed25519_of_both_is_the_same() {
    let good =
        each("ed25519", |_, bytes, message, signature| key(KeyForm::Ed25519, bytes, message, signature).unwrap());
    assert!(good.is_none_or(|good| good > 50), "{good:?}");
}

#[test]
fn larger_curves_with_any_hash_function_are_the_same() {
    use aws_lc_rs::{rand::SystemRandom, signature as aws, signature::KeyPair as _};
    let random = SystemRandom::new();
    let pairs = [
        (&aws::ECDSA_P384_SHA384_ASN1_SIGNING, Curve::P384, Digest::Sha384),
        (&aws::ECDSA_P521_SHA256_ASN1_SIGNING, Curve::P521, Digest::Sha256),
        (&aws::ECDSA_P521_SHA512_ASN1_SIGNING, Curve::P521, Digest::Sha512),
    ];
    for (algorithm, curve, digest) in pairs {
        let pair = aws::EcdsaKeyPair::generate(algorithm).unwrap();
        let signature = pair.sign(&random, b"message").unwrap();
        let point = pair.public_key().as_ref();
        assert!(scheme(Scheme::Ecdsa(curve, digest), point, b"message", signature.as_ref()));
        assert!(!scheme(Scheme::Ecdsa(curve, digest), point, b"another", signature.as_ref()));
        let field = curve.field();
        let compressed = [&[2 + (point[2 * field] & 1)], &point[1..=field]].concat();
        assert!(scheme(Scheme::Ecdsa(curve, digest), &compressed, b"message", signature.as_ref()));
        // Other encodings of a point, and bytes that are none.
        let hybrid = [&[6 + (point[2 * field] & 1)], &point[1..]].concat();
        let other = [&[7 - (point[2 * field] & 1)], &point[1..]].concat();
        for bytes in [&hybrid[..], &other, &[0], &[], &point[..point.len() - 1], &[&[5], &point[1..=field]].concat()] {
            key(KeyForm::Curve(curve), bytes, b"message", signature.as_ref());
        }
    }
}

#[test]
fn es256_over_p384_is_the_same() {
    use p384::ecdsa::{Signature, SigningKey, signature::hazmat::PrehashSigner};
    let signer = SigningKey::from_slice(&[7; 48]).unwrap();
    let point = signer.verifying_key().to_sec1_point(false);
    let signature: Signature = signer.sign_prehash(library::hash(Digest::Sha256, b"message").as_ref()).unwrap();
    let p384 = KeyForm::Curve(Curve::P384);
    assert_eq!(key(p384, point.as_bytes(), b"message", &signature.to_bytes()), Some(true));
    assert_eq!(key(p384, point.as_bytes(), b"another", &signature.to_bytes()), Some(false));
}

proptest! {
    #[test]
    fn hashes_of_both_are_the_same(data in prop::collection::vec(any::<u8>(), 0..300), cut in 0usize..300) {
        for digest in [Digest::Sha256, Digest::Sha384, Digest::Sha512] {
            let (one, other) = (library::hash(digest, &data), pure::hash(digest, &data));
            prop_assert_eq!(one.as_ref(), &other[..]);
        }
        let (first, rest) = data.split_at(cut.min(data.len()));
        let mut both = (library::Sha256::new(), pure::Sha256::new());
        for piece in [first, rest] {
            both.0.update(piece);
            both.1.update(piece);
        }
        prop_assert_eq!(both.0.finish(), both.1.finish());
    }

    #[test]
    fn any_bytes_are_refused_by_both_or_by_none(
        bytes in prop::collection::vec(any::<u8>(), 0..140),
        signature in prop::collection::vec(any::<u8>(), 0..140),
    ) {
        for curve in [Curve::P256, Curve::P384, Curve::P521] {
            key(KeyForm::Curve(curve), &bytes, b"message", &signature);
        }
        key(KeyForm::Ed25519, &bytes, b"message", &signature);
        for digest in [Digest::Sha256, Digest::Sha384, Digest::Sha512] {
            scheme(Scheme::Pkcs1(digest), &bytes, b"message", &signature);
            scheme(Scheme::Pss(digest), &bytes, b"message", &signature);
        }
    }

    #[test]
    fn rsa_keys_of_any_numbers_are_refused_by_both_or_by_none(
        length in prop::sample::select(vec![256_usize, 257, 384, 512, 1024]),
        first in 0x80_u8..,
        last in any::<u8>(),
        exponent in prop::sample::select(vec![vec![1], vec![2], vec![3], vec![4], vec![1, 0, 1], vec![1, 0, 0, 0, 1],
            vec![2, 0, 0, 0, 1], vec![1; 8]]),
    ) {
        let mut modulus = vec![0x5a; length];
        modulus[0] = first;
        modulus[length - 1] = last;
        let (mut body, mut bytes) = (Vec::new(), Vec::new());
        der::write_unsigned(&modulus, &mut body);
        der::write_unsigned(&exponent, &mut body);
        der::write(der::SEQUENCE, &body, &mut bytes);
        let found = key(KeyForm::Rsa, &bytes, b"message", &vec![1; length]);
        prop_assert!(found != Some(true));
    }
}
