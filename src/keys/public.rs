//! Public keys, each bound to the one algorithm that it serves.

use std::fmt;

use aws_lc_rs::signature::{self as aws, ParsedPublicKey};

use super::{Algorithm, der};

const OID_EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const OID_P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const OID_P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const OID_P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const OID_RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// What kind of key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    P256,
    P384,
    Rsa { bits: usize },
    Ed25519,
}

/// A public key that can check signatures of exactly one algorithm.
#[derive(Clone)]
pub struct PublicKey {
    kind: Kind,
    parsed: ParsedPublicKey,
}

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// Not a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
    #[error("the public key is not a SubjectPublicKeyInfo structure")]
    Form,
    /// Elliptic-curve parameters are written out instead of named (RFC 5480 forbids it).
    #[error("the key writes its curve out instead of naming it; RFC 5480 allows named curves only")]
    ExplicitCurve,
    /// A curve or algorithm that no certificate format of ours allows.
    #[error("keys of the kind {name} are not used by any certificate format")]
    Unsupported {
        /// Name of the curve, or the dotted object identifier.
        name: String,
    },
    /// The point is not on the curve, or the modulus is too small or malformed.
    #[error("the key of the kind {name} is not valid")]
    Invalid {
        /// Kind of key.
        name: &'static str,
    },
}

/// A signature that does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The key is of another kind than the algorithm asks for.
    #[error("the key does not serve the algorithm {asked}")]
    WrongKind {
        /// The algorithm that the message names.
        asked: Algorithm,
    },
    /// The signature does not match the message and the key.
    #[error("the signature does not match")]
    Mismatch,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`PublicKeyError`] names what is wrong with the key.
    pub fn from_spki(spki: &[u8]) -> Result<Self, PublicKeyError> {
        let mut outer = der::Reader::new(spki);
        let body = outer.expect(der::SEQUENCE).ok_or(PublicKeyError::Form)?;
        let mut body = der::Reader::new(body.content);
        let algorithm = body.expect(der::SEQUENCE).ok_or(PublicKeyError::Form)?;
        let bits = body.expect(der::BIT_STRING).ok_or(PublicKeyError::Form)?;
        let (&unused, key) = bits.content.split_first().ok_or(PublicKeyError::Form)?;
        if unused != 0 {
            return Err(PublicKeyError::Form);
        }
        let mut algorithm = der::Reader::new(algorithm.content);
        let oid = algorithm.expect(der::OID).ok_or(PublicKeyError::Form)?.content;
        match oid {
            OID_EC => Self::elliptic(&mut algorithm, key),
            OID_RSA | OID_RSA_PSS => Self::rsa(key),
            OID_ED25519 => Self::build(Kind::Ed25519, ParsedPublicKey::new(&aws::ED25519, key), "Ed25519"),
            other => Err(PublicKeyError::Unsupported { name: der::dotted(other).unwrap_or_default() }),
        }
    }

    fn elliptic(parameters: &mut der::Reader<'_>, point: &[u8]) -> Result<Self, PublicKeyError> {
        let curve = parameters.any().ok_or(PublicKeyError::Form)?;
        if curve.tag == der::SEQUENCE {
            return Err(PublicKeyError::ExplicitCurve);
        }
        match curve.content {
            OID_P256 => Self::build(Kind::P256, ParsedPublicKey::new(&aws::ECDSA_P256_SHA256_FIXED, point), "P-256"),
            // ES256 over P-384 exists in the field (facts 1.2); aws-lc has it in the ASN.1 form only.
            OID_P384 => Self::build(Kind::P384, ParsedPublicKey::new(&aws::ECDSA_P384_SHA256_ASN1, point), "P-384"),
            OID_P521 => Err(PublicKeyError::Unsupported { name: "P-521".into() }),
            other => Err(PublicKeyError::Unsupported { name: der::dotted(other).unwrap_or_default() }),
        }
    }

    fn rsa(key: &[u8]) -> Result<Self, PublicKeyError> {
        let mut outer = der::Reader::new(key);
        let numbers = outer.expect(der::SEQUENCE).ok_or(PublicKeyError::Form)?;
        let modulus = der::Reader::new(numbers.content).expect(der::INTEGER).ok_or(PublicKeyError::Form)?.content;
        let magnitude: &[u8] = match modulus.split_first() {
            Some((0, rest)) => rest,
            _ => modulus,
        };
        let bits = magnitude.len() * 8;
        if bits < 2048 {
            return Err(PublicKeyError::Unsupported { name: format!("RSA with {bits} bits") });
        }
        Self::build(Kind::Rsa { bits }, ParsedPublicKey::new(&aws::RSA_PSS_2048_8192_SHA256, key), "RSA")
    }

    fn build<E>(kind: Kind, parsed: Result<ParsedPublicKey, E>, name: &'static str) -> Result<Self, PublicKeyError> {
        parsed.map(|parsed| Self { kind, parsed }).map_err(|_| PublicKeyError::Invalid { name })
    }

    /// The algorithm that the key serves.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.kind {
            Kind::P256 | Kind::P384 => Algorithm::Es256,
            Kind::Rsa { .. } => Algorithm::Ps256,
            Kind::Ed25519 => Algorithm::EdDsa,
        }
    }

    /// Kind and size in words: `P-256`, `RSA-2048`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.kind {
            Kind::P256 => "P-256".into(),
            Kind::P384 => "P-384".into(),
            Kind::Rsa { bits } => format!("RSA-{bits}"),
            Kind::Ed25519 => "Ed25519".into(),
        }
    }

    /// Whether it is a P-256 key, the only curve that the EU profile has (certificate governance 4.3).
    #[must_use]
    pub fn is_p256(&self) -> bool {
        self.kind == Kind::P256
    }

    /// Checks `signature` over `message`. ECDSA signatures are `r‖s` of fixed length (RFC 9053 section 2.1).
    ///
    /// # Errors
    /// [`SignatureError::WrongKind`] when the key is not of the algorithm's kind, otherwise
    /// [`SignatureError::Mismatch`].
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        if algorithm != self.algorithm() {
            return Err(SignatureError::WrongKind { asked: algorithm });
        }
        let outcome = if self.kind == Kind::P384 {
            let der = fixed_to_der(signature, 48).ok_or(SignatureError::Mismatch)?;
            self.parsed.verify_sig(message, &der)
        } else {
            self.parsed.verify_sig(message, signature)
        };
        outcome.map_err(|_| SignatureError::Mismatch)
    }
}

/// `r‖s` with halves of `half` bytes, as the DER sequence of two integers.
fn fixed_to_der(signature: &[u8], half: usize) -> Option<Vec<u8>> {
    if signature.len() != half * 2 {
        return None;
    }
    let (r, s) = signature.split_at_checked(half)?;
    let mut body = Vec::with_capacity(half * 2 + 8);
    for number in [r, s] {
        let significant: Vec<u8> = number.iter().copied().skip_while(|&b| b == 0).collect();
        let mut content = Vec::with_capacity(half + 1);
        if significant.first().is_none_or(|&b| b >= 0x80) {
            content.push(0);
        }
        content.extend(significant);
        der::write(der::INTEGER, &content, &mut body);
    }
    let mut out = Vec::with_capacity(body.len() + 4);
    der::write(der::SEQUENCE, &body, &mut out);
    Some(out)
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.describe())
    }
}
