//! aws-lc-rs.

use aws_lc_rs::{
    digest,
    signature::{self as aws, ParsedPublicKey, UnparsedPublicKey, VerificationAlgorithm},
};

use super::{Curve, Digest, KeyForm, Scheme};
use crate::keys::public::fixed_to_der;

/// The hash of `data`.
pub(in crate::keys) fn hash(algorithm: Digest, data: &[u8]) -> digest::Digest {
    let algorithm = match algorithm {
        Digest::Sha256 => &digest::SHA256,
        Digest::Sha384 => &digest::SHA384,
        Digest::Sha512 => &digest::SHA512,
    };
    digest::digest(algorithm, data)
}

/// SHA-256 piece by piece.
pub(in crate::keys) struct Sha256(digest::Context);

impl Sha256 {
    pub(in crate::keys) fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    pub(in crate::keys) fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    pub(in crate::keys) fn finish(self) -> [u8; 32] {
        self.0.finish().as_ref().try_into().unwrap_or([0; 32])
    }
}

/// A public key of a document signer, checked and ready.
#[derive(Clone)]
pub(in crate::keys) struct Key {
    form: KeyForm,
    parsed: ParsedPublicKey,
}

impl Key {
    /// `None` when the bytes are no key of this form.
    pub(in crate::keys) fn parse(form: KeyForm, bytes: &[u8]) -> Option<Self> {
        let parsed = match form {
            KeyForm::Curve(Curve::P256) => ParsedPublicKey::new(&aws::ECDSA_P256_SHA256_FIXED, bytes),
            // ES256 over P-384 exists in the field (facts 1.2); aws-lc has it in the ASN.1 form only.
            KeyForm::Curve(Curve::P384) => ParsedPublicKey::new(&aws::ECDSA_P384_SHA256_ASN1, bytes),
            KeyForm::Curve(Curve::P521) => ParsedPublicKey::new(&aws::ECDSA_P521_SHA256_ASN1, bytes),
            KeyForm::Rsa => ParsedPublicKey::new(&aws::RSA_PSS_2048_8192_SHA256, bytes),
            KeyForm::Ed25519 => ParsedPublicKey::new(&aws::ED25519, bytes),
        };
        parsed.ok().map(|parsed| Self { form, parsed })
    }

    /// The key as it was read.
    pub(in crate::keys) fn bytes(&self) -> &[u8] {
        self.parsed.as_ref()
    }

    /// Whether the signature matches; on a curve it is `r‖s`.
    pub(in crate::keys) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self.form {
            KeyForm::Curve(curve @ (Curve::P384 | Curve::P521)) => fixed_to_der(signature, curve.field())
                .is_some_and(|signature| self.parsed.verify_sig(message, &signature).is_ok()),
            _ => self.parsed.verify_sig(message, signature).is_ok(),
        }
    }
}

/// Whether a signature of a certificate or a CMS message matches.
pub(in crate::keys) fn verify(scheme: Scheme, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let algorithm: &'static dyn VerificationAlgorithm = match scheme {
        Scheme::Ecdsa(Curve::P256, Digest::Sha256) => &aws::ECDSA_P256_SHA256_ASN1,
        Scheme::Ecdsa(Curve::P256, Digest::Sha384) => &aws::ECDSA_P256_SHA384_ASN1,
        Scheme::Ecdsa(Curve::P256, Digest::Sha512) => &aws::ECDSA_P256_SHA512_ASN1,
        Scheme::Ecdsa(Curve::P384, Digest::Sha256) => &aws::ECDSA_P384_SHA256_ASN1,
        Scheme::Ecdsa(Curve::P384, Digest::Sha384) => &aws::ECDSA_P384_SHA384_ASN1,
        Scheme::Ecdsa(Curve::P384, Digest::Sha512) => &aws::ECDSA_P384_SHA512_ASN1,
        Scheme::Ecdsa(Curve::P521, Digest::Sha256) => &aws::ECDSA_P521_SHA256_ASN1,
        Scheme::Ecdsa(Curve::P521, Digest::Sha384) => &aws::ECDSA_P521_SHA384_ASN1,
        Scheme::Ecdsa(Curve::P521, Digest::Sha512) => &aws::ECDSA_P521_SHA512_ASN1,
        Scheme::Pkcs1(Digest::Sha256) => &aws::RSA_PKCS1_2048_8192_SHA256,
        Scheme::Pkcs1(Digest::Sha384) => &aws::RSA_PKCS1_2048_8192_SHA384,
        Scheme::Pkcs1(Digest::Sha512) => &aws::RSA_PKCS1_2048_8192_SHA512,
        Scheme::Pss(Digest::Sha256) => &aws::RSA_PSS_2048_8192_SHA256,
        Scheme::Pss(Digest::Sha384) => &aws::RSA_PSS_2048_8192_SHA384,
        Scheme::Pss(Digest::Sha512) => &aws::RSA_PSS_2048_8192_SHA512,
    };
    UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
}
