//! The RustCrypto crates: what a browser runs. They check signatures and make none, so that nothing here is secret
//! and nothing needs to take constant time.

use ed25519_dalek::Verifier as _;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{
    BigUint, Pkcs1v15Sign, RsaPublicKey,
    sha2::{self, Digest as _, Sha384, Sha512},
};

use super::{Curve, Digest, KeyForm, Scheme};
use crate::{
    keys::{der, pss, public::RsaNumbers},
    limits::RSA_BITS,
};

/// The hash of `data`.
pub(in crate::keys) fn hash(algorithm: Digest, data: &[u8]) -> Vec<u8> {
    match algorithm {
        Digest::Sha256 => sha2::Sha256::digest(data).to_vec(),
        Digest::Sha384 => Sha384::digest(data).to_vec(),
        Digest::Sha512 => Sha512::digest(data).to_vec(),
    }
}

/// SHA-256 piece by piece.
pub(in crate::keys) struct Sha256(sha2::Sha256);

impl Sha256 {
    pub(in crate::keys) fn new() -> Self {
        Self(sha2::Sha256::new())
    }

    pub(in crate::keys) fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    pub(in crate::keys) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

#[derive(Clone)]
enum Parsed {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
    Rsa(Box<pss::Key>),
    Ed25519([u8; 32]),
}

/// A public key of a document signer, checked and ready.
#[derive(Clone)]
pub(in crate::keys) struct Key {
    parsed: Parsed,
    bytes: Box<[u8]>,
}

impl Key {
    /// `None` when the bytes are no key of this form.
    pub(in crate::keys) fn parse(form: KeyForm, bytes: &[u8]) -> Option<Self> {
        let parsed = match form {
            KeyForm::Curve(curve) => point(curve, bytes)?,
            KeyForm::Rsa => {
                let numbers = RsaNumbers::read(bytes).filter(|numbers| numbers.bits() >= 2048)?;
                Parsed::Rsa(Box::new(pss::Key::new(&numbers)?))
            }
            // Whether it is a point is asked when it is used, as the other library does it.
            KeyForm::Ed25519 => Parsed::Ed25519(bytes.try_into().ok()?),
        };
        Some(Self { parsed, bytes: bytes.into() })
    }

    /// The key as it was read.
    pub(in crate::keys) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the signature matches; on a curve it is `r‖s`.
    pub(in crate::keys) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.parsed {
            Parsed::Rsa(key) => key.verify(Digest::Sha256, 32, message, signature),
            Parsed::Ed25519(key) => {
                let key = ed25519_dalek::VerifyingKey::from_bytes(key);
                let signature = ed25519_dalek::Signature::from_slice(signature);
                key.ok().zip(signature.ok()).is_some_and(|(key, signature)| key.verify(message, &signature).is_ok())
            }
            on_curve => matches(on_curve, Encoding::Fixed, &hash(Digest::Sha256, message), signature),
        }
    }
}

/// A point that is compressed or not, or both at once: X9.62 has a hybrid form, which says the lowest bit of y twice.
fn point(curve: Curve, bytes: &[u8]) -> Option<Parsed> {
    let plain: Vec<u8>;
    let bytes = match bytes {
        [2..=4, ..] => bytes,
        [form @ (6 | 7), coordinates @ ..] if coordinates.last().is_some_and(|last| last & 1 == form & 1) => {
            plain = [&[4], coordinates].concat();
            &plain
        }
        _ => return None,
    };
    match curve {
        Curve::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok().map(Parsed::P256),
        Curve::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok().map(Parsed::P384),
        Curve::P521 => p521::ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok().map(Parsed::P521),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// `r‖s`.
    Fixed,
    /// A sequence of two integers.
    Der,
}

/// ECDSA over a hash. One that is shorter than the field stands at its low end (FIPS 186-5 section 6.4.2).
fn matches(key: &Parsed, encoding: Encoding, hash: &[u8], signature: &[u8]) -> bool {
    let padded = |field: usize| {
        let mut padded = vec![0; field.saturating_sub(hash.len())];
        padded.extend_from_slice(hash);
        padded
    };
    let der = encoding == Encoding::Der;
    macro_rules! check {
        ($curve:ident, $key:expr, $field:expr) => {{
            let signature = if der {
                $curve::ecdsa::Signature::from_der(signature)
            } else {
                $curve::ecdsa::Signature::from_slice(signature)
            };
            signature.is_ok_and(|signature| $key.verify_prehash(&padded($field), &signature).is_ok())
        }};
    }
    match key {
        Parsed::P256(key) => check!(p256, key, Curve::P256.field()),
        Parsed::P384(key) => check!(p384, key, Curve::P384.field()),
        Parsed::P521(key) => check!(p521, key, Curve::P521.field()),
        Parsed::Rsa(_) | Parsed::Ed25519(_) => false,
    }
}

/// Whether a signature of a certificate or a CMS message matches.
pub(in crate::keys) fn verify(scheme: Scheme, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match scheme {
        Scheme::Ecdsa(curve, digest) => {
            point(curve, key).is_some_and(|key| matches(&key, Encoding::Der, &hash(digest, message), signature))
        }
        Scheme::Pkcs1(digest) => rsa(key).is_some_and(|key| {
            let scheme = match digest {
                Digest::Sha256 => Pkcs1v15Sign::new::<sha2::Sha256>(),
                Digest::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
                Digest::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
            };
            key.verify(scheme, &hash(digest, message), signature).is_ok()
        }),
        Scheme::Pss(digest) => RsaNumbers::read(key)
            .and_then(|numbers| pss::Key::new(&numbers))
            .is_some_and(|key| key.verify(digest, digest.length(), message, signature)),
    }
}

fn rsa(key: &[u8]) -> Option<RsaPublicKey> {
    let numbers = RsaNumbers::read(key)?;
    let number = |bytes| BigUint::from_bytes_be(der::trimmed(bytes));
    RsaPublicKey::new_with_max_size(number(numbers.modulus), number(numbers.exponent), RSA_BITS).ok()
}
