//! The public half of a key in a token, as SubjectPublicKeyInfo.

use cryptoki::{
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::Session,
};

use super::fault::{Called, Fault};
use crate::{keys::der, signers::TokenError};

/// Object identifier of P-256 (RFC 5480 section 2.1.1.1), as `CKA_EC_PARAMS` has it.
pub(super) const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// Object identifier of keys on curves (RFC 5480 section 2.1.1).
const EC_KEY: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// Algorithm identifier of RSA keys (RFC 8017 appendix A.1).
const RSA_KEY: &[u8] = &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// Bytes of an uncompressed point of P-256 (SEC 1 section 2.3.3).
const POINT: usize = 65;

/// Reads the public half of a private key: from the private key itself, which holds RSA's numbers, or from the public
/// key of the same identifier.
pub(super) fn read(session: &Session, private: ObjectHandle, token: &str, key: &str) -> Called<Vec<u8>> {
    let wrong = |what: &str| {
        let (token, key, what) = (token.to_owned(), key.to_owned(), what.to_owned());
        Fault::Wrong(TokenError::Kind { token, key, what })
    };
    let about = Attributes::of(session, private, &[AttributeType::KeyType, AttributeType::Id, AttributeType::Label])?;
    let wanted = match about.kind {
        Some(KeyType::EC) => [AttributeType::EcParams, AttributeType::EcPoint],
        Some(KeyType::RSA) => [AttributeType::Modulus, AttributeType::PublicExponent],
        _ => return Err(wrong("neither an RSA key nor one on a curve")),
    };
    let mut numbers = Attributes::of(session, private, &wanted)?;
    if numbers.spki().is_none() {
        for public in partners(session, &about)? {
            let theirs = Attributes::of(session, public, &wanted)?;
            numbers.params = numbers.params.or(theirs.params);
            numbers.point = numbers.point.or(theirs.point);
            numbers.modulus = numbers.modulus.or(theirs.modulus);
            numbers.exponent = numbers.exponent.or(theirs.exponent);
        }
    }
    if about.kind == Some(KeyType::EC) && numbers.params.as_deref().is_some_and(|params| params != P256) {
        // Explicit parameters may be anybody's curve (CVE-2020-0601); other named curves are none of the EU's.
        return Err(wrong("on another curve, or on one given by explicit parameters"));
    }
    let missing = || Fault::Wrong(TokenError::NoPublic { token: token.to_owned(), key: key.to_owned() });
    let bits = numbers.modulus.as_deref().map(|modulus| der::trimmed(modulus).len() * 8);
    if bits.is_some_and(|bits| !(2_048..=4_096).contains(&bits)) {
        return Err(wrong("an RSA key of another size"));
    }
    numbers.spki().ok_or_else(missing)
}

/// Public keys that may be the other half: of the same identifier, or without one of the same label.
fn partners(session: &Session, about: &Attributes) -> Called<Vec<ObjectHandle>> {
    let name = match (&about.id, &about.label) {
        (Some(id), _) if !id.is_empty() => Attribute::Id(id.clone()),
        (_, Some(label)) if !label.is_empty() => Attribute::Label(label.clone()),
        _ => return Ok(Vec::new()),
    };
    let template = [Attribute::Class(ObjectClass::PUBLIC_KEY), name];
    Ok(session.iter_objects(&template)?.take(2).collect::<Result<_, _>>()?)
}

#[derive(Default)]
struct Attributes {
    kind: Option<KeyType>,
    id: Option<Vec<u8>>,
    label: Option<Vec<u8>>,
    params: Option<Vec<u8>>,
    point: Option<Vec<u8>>,
    modulus: Option<Vec<u8>>,
    exponent: Option<Vec<u8>>,
}

impl Attributes {
    /// What an object says of these attributes; what it does not have is left out.
    fn of(session: &Session, object: ObjectHandle, wanted: &[AttributeType]) -> Called<Self> {
        let mut found = Self::default();
        for attribute in session.get_attributes(object, wanted)? {
            match attribute {
                Attribute::KeyType(kind) => found.kind = Some(kind),
                Attribute::Id(id) => found.id = Some(id),
                Attribute::Label(label) => found.label = Some(label),
                Attribute::EcParams(params) => found.params = Some(params).filter(|params| !params.is_empty()),
                Attribute::EcPoint(point) => found.point = Some(point).filter(|point| !point.is_empty()),
                Attribute::Modulus(modulus) => found.modulus = Some(modulus).filter(|number| !number.is_empty()),
                Attribute::PublicExponent(exponent) => {
                    found.exponent = Some(exponent).filter(|number| !number.is_empty());
                }
                _ => {}
            }
        }
        Ok(found)
    }

    fn spki(&self) -> Option<Vec<u8>> {
        match (&self.point, &self.modulus, &self.exponent) {
            (Some(point), ..) => Some(ec(bare_point(point)?)),
            (None, Some(modulus), Some(exponent)) => Some(rsa(modulus, exponent)),
            _ => None,
        }
    }
}

/// The point itself: `CKA_EC_POINT` is an octet string in DER around it (PKCS#11 section 2.3.3), which some tokens
/// leave out.
fn bare_point(attribute: &[u8]) -> Option<&[u8]> {
    let is_point = |point: &[u8]| point.len() == POINT && point.first() == Some(&0x04);
    if is_point(attribute) {
        return Some(attribute);
    }
    let mut reader = der::Reader::new(attribute);
    let inner = reader.expect(der::OCTET_STRING)?.content;
    (reader.is_empty() && is_point(inner)).then_some(inner)
}

fn ec(point: &[u8]) -> Vec<u8> {
    let mut algorithm = Vec::new();
    der::write(der::SEQUENCE, &[EC_KEY, P256].concat(), &mut algorithm);
    wrapped(&algorithm, point)
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let (mut numbers, mut key) = (Vec::new(), Vec::new());
    der::write_unsigned(modulus, &mut numbers);
    der::write_unsigned(exponent, &mut numbers);
    der::write(der::SEQUENCE, &numbers, &mut key);
    wrapped(RSA_KEY, &key)
}

/// SubjectPublicKeyInfo (RFC 5280 section 4.1).
fn wrapped(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    let (mut bits, mut spki) = (Vec::new(), Vec::new());
    der::write(der::BIT_STRING, &[&[0], key].concat(), &mut bits);
    der::write(der::SEQUENCE, &[algorithm, &bits].concat(), &mut spki);
    spki
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        encoding::AsDer as _,
        signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RsaKeyPair},
    };

    use super::*;

    #[test]
    fn points_come_wrapped_and_bare_and_make_the_same_key() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let wrapped = [&[4, 65], point].concat();
        assert_eq!(bare_point(point), Some(point));
        assert_eq!(bare_point(&wrapped), Some(point));
        assert_eq!(ec(point), pair.public_key().as_der().unwrap().as_ref());
        for broken in [&wrapped[..66], &[&wrapped[..], &[0]].concat(), &point[..33], &[4, 0], &[]] {
            assert_eq!(bare_point(broken), None);
        }
    }

    #[test]
    fn numbers_make_the_same_key() {
        let pair = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let public = pair.public_key();
        // RSAPublicKey (RFC 8017 appendix A.1.1).
        let mut outer = der::Reader::new(public.as_ref());
        let mut numbers = der::Reader::new(outer.expect(der::SEQUENCE).unwrap().content);
        let modulus = der::trimmed(numbers.expect(der::INTEGER).unwrap().content).to_vec();
        let exponent = numbers.expect(der::INTEGER).unwrap().content;
        // Some tokens put zeros in front.
        let padded = [&[0, 0][..], &modulus].concat();
        for modulus in [modulus, padded] {
            assert_eq!(rsa(&modulus, exponent), public.as_der().unwrap().as_ref());
        }
    }
}
