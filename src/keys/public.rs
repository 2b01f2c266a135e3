//! Public keys, each bound to the one algorithm that it serves.

use std::fmt;

use super::{
    Algorithm, EcdsaHash,
    backend::{self, Curve, KeyForm},
    der,
    signature::{Digest, PssParameters, Spki, named_curve, verify_fixed},
};
use crate::limits::RSA_BITS;

pub(super) const OID_EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
pub(super) const OID_P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
pub(super) const OID_P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
pub(super) const OID_P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
pub(super) const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
pub(super) const OID_RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// What kind of key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    P256,
    P384,
    /// Seals alone are checked on it ([`PublicKey::for_seals`]).
    P521,
    Rsa {
        bits: usize,
    },
    Ed25519,
}

/// A public key that can check signatures of exactly one algorithm.
#[derive(Clone)]
pub struct PublicKey {
    kind: Kind,
    parsed: Parsed,
}

#[derive(Clone)]
enum Parsed {
    Library(backend::Key),
    /// RSA of fewer than 2,048 bits, with its PKCS#1 encoding.
    #[cfg(feature = "verify")]
    Short(Box<(super::pss::Key, Box<[u8]>)>),
}

impl Parsed {
    /// The key as it was read: a point, a PKCS#1 key, or Ed25519's 32 bytes.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Library(parsed) => parsed.bytes(),
            #[cfg(feature = "verify")]
            Self::Short(short) => &short.1,
        }
    }
}

/// An RSA key in numbers, big-endian without leading zeros (RFC 8017 section 3.1).
#[derive(Debug, Clone, Copy)]
pub(super) struct RsaNumbers<'a> {
    pub(super) modulus: &'a [u8],
    pub(super) exponent: &'a [u8],
}

impl<'a> RsaNumbers<'a> {
    /// Reads an `RSAPublicKey` in DER (RFC 8017 appendix A.1.1).
    pub(super) fn read(key: &'a [u8]) -> Option<Self> {
        let body = der::Reader::new(key).expect(der::SEQUENCE)?;
        let mut body = der::Reader::new(body.content);
        let modulus = der::trimmed(body.expect(der::INTEGER)?.content);
        let exponent = der::trimmed(body.expect(der::INTEGER)?.content);
        Some(Self { modulus, exponent })
    }

    /// Length of the modulus.
    pub(super) fn bits(&self) -> usize {
        let zeros = self.modulus.first().map_or(0, |first| first.leading_zeros());
        (self.modulus.len() * 8).saturating_sub(usize::try_from(zeros).unwrap_or(0))
    }
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
            OID_RSA => Self::rsa(key),
            OID_RSA_PSS => {
                serves_ps256(&mut algorithm)?;
                Self::rsa(key)
            }
            OID_ED25519 => Self::build(Kind::Ed25519, KeyForm::Ed25519, key, "Ed25519"),
            other => Err(PublicKeyError::Unsupported { name: der::dotted(other).unwrap_or_default() }),
        }
    }

    fn elliptic(parameters: &mut der::Reader<'_>, point: &[u8]) -> Result<Self, PublicKeyError> {
        let curve = parameters.any().ok_or(PublicKeyError::Form)?;
        if curve.tag == der::SEQUENCE {
            return Err(PublicKeyError::ExplicitCurve);
        }
        match curve.content {
            OID_P256 => Self::build(Kind::P256, KeyForm::Curve(Curve::P256), point, "P-256"),
            // ES256 over P-384 exists in the field (facts 1.2).
            OID_P384 => Self::build(Kind::P384, KeyForm::Curve(Curve::P384), point, "P-384"),
            OID_P521 => Err(PublicKeyError::Unsupported { name: "P-521".into() }),
            other => Err(PublicKeyError::Unsupported { name: der::dotted(other).unwrap_or_default() }),
        }
    }

    fn rsa(key: &[u8]) -> Result<Self, PublicKeyError> {
        let numbers = RsaNumbers::read(key).ok_or(PublicKeyError::Form)?;
        let bits = numbers.bits();
        // With an exponent of 1 every message is its own signature.
        if matches!(numbers.exponent, [] | [1]) {
            return Err(PublicKeyError::Invalid { name: "RSA" });
        }
        match bits {
            2048..=RSA_BITS => Self::build(Kind::Rsa { bits }, KeyForm::Rsa, key, "RSA"),
            #[cfg(feature = "verify")]
            1024..2048 => {
                let short = super::pss::Key::new(&numbers).ok_or(PublicKeyError::Invalid { name: "RSA" })?;
                Ok(Self { kind: Kind::Rsa { bits }, parsed: Parsed::Short(Box::new((short, key.into()))) })
            }
            _ => Err(PublicKeyError::Unsupported { name: format!("RSA with {bits} bits") }),
        }
    }

    fn build(kind: Kind, form: KeyForm, key: &[u8], name: &'static str) -> Result<Self, PublicKeyError> {
        backend::Key::parse(form, key)
            .map(|parsed| Self { kind, parsed: Parsed::Library(parsed) })
            .ok_or(PublicKeyError::Invalid { name })
    }

    /// The key of a JWK with `"kty":"EC"` (RFC 7518 section 6.2.1): the name of its curve and its coordinates.
    ///
    /// Lists write coordinates with a leading zero, or drop one that belongs there (facts on WHO formats,
    /// section 9); both are put right.
    ///
    /// # Errors
    /// [`PublicKeyError`] names what is wrong with the key.
    pub fn from_coordinates(curve: &str, x: &[u8], y: &[u8]) -> Result<Self, PublicKeyError> {
        let (field, name) = match curve {
            "P-256" => (32, "P-256"),
            "P-384" => (48, "P-384"),
            other => {
                let name = other.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(32).collect();
                return Err(PublicKeyError::Unsupported { name });
            }
        };
        let mut point = Vec::with_capacity(1 + 2 * field);
        point.push(4);
        for coordinate in [x, y] {
            let coordinate = der::trimmed(coordinate);
            let missing = field.checked_sub(coordinate.len()).ok_or(PublicKeyError::Invalid { name })?;
            point.extend(std::iter::repeat_n(0, missing));
            point.extend_from_slice(coordinate);
        }
        match name {
            "P-256" => Self::build(Kind::P256, KeyForm::Curve(Curve::P256), &point, name),
            _ => Self::build(Kind::P384, KeyForm::Curve(Curve::P384), &point, name),
        }
    }

    /// The key of a JWK with `"kty":"RSA"` (RFC 7518 section 6.3.1): modulus and exponent, big-endian.
    ///
    /// # Errors
    /// [`PublicKeyError`] names what is wrong with the key.
    pub fn from_modulus(modulus: &[u8], exponent: &[u8]) -> Result<Self, PublicKeyError> {
        if der::trimmed(modulus).len() > RSA_BITS / 8 || der::trimmed(exponent).len() > 8 {
            return Err(PublicKeyError::Invalid { name: "RSA" });
        }
        let mut body = Vec::with_capacity(modulus.len() + exponent.len() + 16);
        der::write_unsigned(modulus, &mut body);
        der::write_unsigned(exponent, &mut body);
        let mut key = Vec::with_capacity(body.len() + 8);
        der::write(der::SEQUENCE, &body, &mut key);
        Self::rsa(&key)
    }

    /// Reads a bare PKCS#1 `RSAPublicKey` in DER (RFC 8017 appendix A.1.1).
    ///
    /// # Errors
    /// [`PublicKeyError`] names what is wrong with the key.
    pub fn from_pkcs1(key: &[u8]) -> Result<Self, PublicKeyError> {
        Self::rsa(key)
    }

    /// The key of a certificate that comes with an ICAO seal: on P-256, P-384 or P-521, for
    /// [`PublicKey::verify_ecdsa`].
    ///
    /// # Errors
    /// [`PublicKeyError`] names what is wrong with the key.
    pub fn for_seals(spki: &[u8]) -> Result<Self, PublicKeyError> {
        match Spki::read(spki) {
            Ok(Spki { oid: OID_EC, mut parameters, key }) => match named_curve(&mut parameters) {
                Ok(OID_P521) => Self::build(Kind::P521, KeyForm::Curve(Curve::P521), key, "P-521"),
                _ => Self::from_spki(spki),
            },
            Ok(_) => Err(PublicKeyError::Unsupported { name: "a key that is on no curve".into() }),
            Err(_) => Err(PublicKeyError::Form),
        }
    }

    /// Checks `signature` (`r‖s`, each as long as the curve's field) over `message` with the hash function that a
    /// seal names.
    ///
    /// # Errors
    /// [`SignatureError::Mismatch`].
    pub fn verify_ecdsa(&self, hash: EcdsaHash, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        verify_fixed(&self.to_spki(), hash.digest(), message, signature).map_err(|_| SignatureError::Mismatch)
    }

    /// The algorithm that the key serves.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.kind {
            Kind::P256 | Kind::P384 | Kind::P521 => Algorithm::Es256,
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
            Kind::P521 => "P-521".into(),
            Kind::Rsa { bits } => format!("RSA-{bits}"),
            Kind::Ed25519 => "Ed25519".into(),
        }
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn to_spki(&self) -> Vec<u8> {
        let (mut algorithm, mut body, mut out) = (Vec::new(), Vec::new(), Vec::new());
        let (oid, curve): (_, Option<&[u8]>) = match self.kind {
            Kind::P256 => (OID_EC, Some(OID_P256)),
            Kind::P384 => (OID_EC, Some(OID_P384)),
            Kind::P521 => (OID_EC, Some(OID_P521)),
            Kind::Rsa { .. } => (OID_RSA, None),
            Kind::Ed25519 => (OID_ED25519, None),
        };
        der::write(der::OID, oid, &mut algorithm);
        match (curve, self.kind) {
            (Some(curve), _) => der::write(der::OID, curve, &mut algorithm),
            (None, Kind::Rsa { .. }) => der::write(der::NULL, &[], &mut algorithm),
            _ => {}
        }
        der::write(der::SEQUENCE, &algorithm, &mut body);
        der::write(der::BIT_STRING, &[&[0], self.parsed.bytes()].concat(), &mut body);
        der::write(der::SEQUENCE, &body, &mut out);
        out
    }

    /// Whether it is a P-256 key, the only curve that the EU profile has (certificate governance 4.3).
    #[must_use]
    pub fn is_p256(&self) -> bool {
        self.kind == Kind::P256
    }

    /// The JSON whose SHA-256 is the thumbprint of a P-256 key (RFC 7638 section 3.2); `None` for other keys and
    /// for points that were read compressed.
    pub(crate) fn thumbprint_p256(&self) -> Option<String> {
        let point = self.parsed.bytes().strip_prefix(&[4]).filter(|point| self.is_p256() && point.len() == 64)?;
        let (x, y) = point.split_at_checked(32)?;
        let text = |number| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, number);
        Some(format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, text(x), text(y)))
    }

    /// Whether the key is shorter than anybody should sign with today: RSA of fewer than 2,048 bits. It is
    /// read, because certificates signed with one are in people's hands; a verdict says so.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        matches!(self.kind, Kind::Rsa { bits } if bits < 2048)
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
        let matches = match &self.parsed {
            Parsed::Library(parsed) => parsed.verify(message, signature),
            #[cfg(feature = "verify")]
            Parsed::Short(short) => short.0.verify(Digest::Sha256, 32, message, signature),
        };
        if matches { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.parsed.bytes() == other.parsed.bytes()
    }
}

impl Eq for PublicKey {}

/// Whether a key that is bound to RSASSA-PSS (RFC 4055 section 3.1) may make PS256 signatures. A parameter that
/// is not written binds it to nothing here: the signature itself is checked with SHA-256 in any case.
fn serves_ps256(algorithm: &mut der::Reader<'_>) -> Result<(), PublicKeyError> {
    let Some(parameters) = algorithm.any().filter(|item| item.tag != der::NULL) else { return Ok(()) };
    let parameters = PssParameters::read(parameters.content)
        .map_err(|error| PublicKeyError::Unsupported { name: format!("RSASSA-PSS ({error})") })?;
    let other = |digest: Option<Digest>| digest.is_some_and(|digest| digest != Digest::Sha256);
    // The salt of such a key is the least that its signatures may have; PS256 has 32.
    if other(parameters.digest) || other(parameters.mask) || parameters.salt.is_some_and(|salt| salt > 32) {
        return Err(PublicKeyError::Unsupported { name: "RSASSA-PSS with other than SHA-256 and a salt of 32".into() });
    }
    Ok(())
}

/// A signature of this crate in the form that other programs read: that of ECDSA on P-256 (`r‖s`) as the DER sequence
/// of two integers (SEC 1, C.5), every other as it is. `None` for one that is no signature of the algorithm.
#[must_use]
pub fn signature_to_der(algorithm: Algorithm, signature: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        Algorithm::Es256 => fixed_to_der(signature, 32),
        _ => Some(signature.to_vec()),
    }
}

/// `r‖s` with halves of `half` bytes, as the DER sequence of two integers.
pub(super) fn fixed_to_der(signature: &[u8], half: usize) -> Option<Vec<u8>> {
    if signature.len() != half * 2 {
        return None;
    }
    let (r, s) = signature.split_at_checked(half)?;
    let mut body = Vec::with_capacity(half * 2 + 8);
    for number in [r, s] {
        der::write_unsigned(number, &mut body);
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

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    };
    use proptest::prelude::*;

    use super::*;

    fn spki(curve: &[u8], point: &[u8]) -> Vec<u8> {
        let (mut algorithm, mut body, mut bits, mut out) = (Vec::new(), Vec::new(), vec![0], Vec::new());
        der::write(der::OID, OID_EC, &mut algorithm);
        der::write(der::OID, curve, &mut algorithm);
        der::write(der::SEQUENCE, &algorithm, &mut body);
        bits.extend_from_slice(point);
        der::write(der::BIT_STRING, &bits, &mut body);
        der::write(der::SEQUENCE, &body, &mut out);
        out
    }

    #[test]
    fn compressed_points_are_the_same_key() {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let mut compressed = vec![2 + (point[64] & 1)];
        compressed.extend_from_slice(&point[1..33]);
        let key = PublicKey::from_spki(&spki(OID_P256, &compressed)).unwrap();
        let signature = pair.sign(&random, b"message").unwrap();
        key.verify(Algorithm::Es256, b"message", signature.as_ref()).unwrap();
        assert_eq!(key.verify(Algorithm::Es256, b"other", signature.as_ref()), Err(SignatureError::Mismatch));
    }

    #[test]
    fn coordinates_may_have_stray_zeros_and_lack_some() {
        let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        for (name, curve, pair) in [("P-256", OID_P256, p256), ("P-384", OID_P384, p384)] {
            let point = pair.public_key().as_ref();
            let known = PublicKey::from_spki(&spki(curve, point)).unwrap();
            let (x, y) = point[1..].split_at(point.len() / 2);
            assert_eq!(PublicKey::from_coordinates(name, x, y).unwrap(), known);
            assert_eq!(known.to_spki(), spki(curve, point));
            let padded = [&[0, 0], x].concat();
            assert_eq!(PublicKey::from_coordinates(name, &padded, y).unwrap(), known);
            assert_eq!(PublicKey::from_coordinates(name, der::trimmed(x), der::trimmed(y)).unwrap(), known);
            assert!(PublicKey::from_coordinates(name, y, x).is_err());
            assert!(PublicKey::from_coordinates(name, &[1; 49], y).is_err());
            assert!(PublicKey::from_coordinates(name, &[], &[]).is_err());
        }
        assert!(PublicKey::from_coordinates("UNKNOWN CURVE", &[1], &[1]).is_err());
    }

    proptest! {
        #[test]
        fn any_numbers_are_read_or_refused(
            first in prop::collection::vec(any::<u8>(), 0..600),
            second in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let _ = PublicKey::from_modulus(&first, &second);
            let _ = PublicKey::from_coordinates("P-256", &first, &second);
            let _ = PublicKey::from_spki(&first);
            let _ = PublicKey::from_pkcs1(&first);
        }
    }
}
