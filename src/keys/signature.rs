//! Signatures as X.509 and CMS write them: an `AlgorithmIdentifier`, and a key of the kind that it asks for.
//!
//! Wider than what documents may be signed with ([`Algorithm`](super::Algorithm)): a country's own
//! certificate authority and its uploads use P-384, P-521 and RSASSA-PKCS1-v1.5 as well (facts on the trust
//! framework, section 1). SHA-1 is named and never counts.

use super::{
    backend::{self, Curve},
    der,
    public::{OID_EC, OID_P256, OID_P384, OID_P521, OID_RSA, OID_RSA_PSS, fixed_to_der},
};

/// Why a signature of a certificate or of a CMS message does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The issuer is somebody else.
    #[error("the certificate names another issuer than the one that it was checked against")]
    OtherIssuer,
    /// Not the structure of RFC 5280 or RFC 5652.
    #[error("the signature's algorithm or the signer's key is malformed")]
    Form,
    /// An extension that decides about its place in a chain comes twice, or cannot be read.
    #[error(
        "the extension {oid} of the certificate {}",
        if *twice { "comes twice, and either could be meant" } else { "cannot be read" }
    )]
    Extension {
        /// Its object identifier, dotted.
        oid: String,
        /// It comes twice.
        twice: bool,
    },
    /// SHA-1 or a short key: anybody could have made it.
    #[error("the signature is made with {name}, which proves nothing any more")]
    Weak {
        /// What is too weak.
        name: String,
    },
    /// An algorithm or a curve that this program does not check.
    #[error("the signature is made with {name}, which this program cannot check")]
    Unsupported {
        /// Name of the algorithm, or its dotted object identifier.
        name: String,
    },
    /// The key is not of the algorithm's kind.
    #[error("the signature's algorithm is not one for the signer's key")]
    WrongKind,
    /// The signature does not match.
    #[error("the signature does not match")]
    Mismatch,
}

/// A hash function that signatures may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    /// The hash function with this object identifier (RFC 8017 appendix C).
    pub(crate) fn from_oid(oid: &[u8]) -> Result<Self, ChainError> {
        match oid {
            [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01] => Ok(Self::Sha256),
            [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02] => Ok(Self::Sha384),
            [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03] => Ok(Self::Sha512),
            [0x2b, 0x0e, 0x03, 0x02, 0x1a] => Err(ChainError::Weak { name: "SHA-1".into() }),
            other => Err(unsupported(other)),
        }
    }

    /// The hash of `data`.
    pub(crate) fn of(self, data: &[u8]) -> impl AsRef<[u8]> {
        backend::hash(self, data)
    }

    /// Length in bytes.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Ecdsa(Digest),
    Pkcs1(Digest),
    Pss { digest: Digest, salt: usize },
}

const PKCS1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
const ECDSA_SHA2: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
const OID_MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08];

fn unsupported(oid: &[u8]) -> ChainError {
    ChainError::Unsupported { name: der::dotted(oid).unwrap_or_else(|| "an unreadable algorithm".into()) }
}

fn weak(name: &str) -> ChainError {
    ChainError::Weak { name: name.into() }
}

/// Reads the content of an `AlgorithmIdentifier`. `named` is the hash function that a CMS signer names apart
/// from it, for algorithms that name none.
pub(super) fn scheme(algorithm: &[u8], named: Option<Digest>) -> Result<Scheme, ChainError> {
    let mut parts = der::Reader::new(algorithm);
    let oid = parts.expect(der::OID).ok_or(ChainError::Form)?.content;
    if oid == OID_RSA_PSS {
        let parameters = parts.any().ok_or(ChainError::Form)?;
        let parameters = PssParameters::read(parameters.content)?;
        // RFC 4055 section 3.1: what is not written is SHA-1 with a salt of 20.
        let digest = parameters.digest.ok_or_else(|| weak("SHA-1"))?;
        if parameters.mask.ok_or_else(|| weak("SHA-1"))? != digest {
            return Err(ChainError::Unsupported { name: "RSASSA-PSS with two hash functions".into() });
        }
        return Ok(Scheme::Pss { digest, salt: parameters.salt.unwrap_or(20) });
    }
    // The others have no parameters, or NULL. Certificates with either exist for each of them.
    if parts.any().is_some_and(|item| item.tag != der::NULL || !item.content.is_empty()) || !parts.is_empty() {
        return Err(ChainError::Form);
    }
    if let Some(rest) = oid.strip_prefix(PKCS1) {
        return match rest {
            [1] => Ok(Scheme::Pkcs1(named.ok_or_else(|| unsupported(oid))?)),
            [11] => Ok(Scheme::Pkcs1(Digest::Sha256)),
            [12] => Ok(Scheme::Pkcs1(Digest::Sha384)),
            [13] => Ok(Scheme::Pkcs1(Digest::Sha512)),
            [2..=4] => Err(weak("MD2, MD4 or MD5")),
            [5] => Err(weak("SHA-1")),
            _ => Err(unsupported(oid)),
        };
    }
    match (oid.strip_prefix(ECDSA_SHA2), oid) {
        (Some([2]), _) => Ok(Scheme::Ecdsa(Digest::Sha256)),
        (Some([3]), _) => Ok(Scheme::Ecdsa(Digest::Sha384)),
        (Some([4]), _) => Ok(Scheme::Ecdsa(Digest::Sha512)),
        (_, ECDSA_SHA1) => Err(weak("SHA-1")),
        (_, OID_EC) => Ok(Scheme::Ecdsa(named.ok_or_else(|| unsupported(oid))?)),
        _ => Err(unsupported(oid)),
    }
}

/// Parameters of RSASSA-PSS (RFC 4055 section 3.1), as far as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PssParameters {
    pub(super) digest: Option<Digest>,
    /// The hash function of the mask, which must be MGF1.
    pub(super) mask: Option<Digest>,
    /// Length of the salt in bytes.
    pub(super) salt: Option<usize>,
}

impl PssParameters {
    /// Reads the content of `RSASSA-PSS-params`.
    pub(super) fn read(content: &[u8]) -> Result<Self, ChainError> {
        let mut read = Self { digest: None, mask: None, salt: None };
        let mut fields = der::Reader::new(content);
        while !fields.is_empty() {
            let field = fields.any().ok_or(ChainError::Form)?;
            let mut inner = der::Reader::new(field.content);
            let item = inner.any().filter(|_| inner.is_empty()).ok_or(ChainError::Form)?;
            match field.tag {
                0xa0 => read.digest = Some(hash_of(item)?),
                0xa1 => {
                    let mut mask = der::Reader::new(item.content);
                    let function = mask.expect(der::OID).ok_or(ChainError::Form)?.content;
                    if function != OID_MGF1 {
                        return Err(unsupported(function));
                    }
                    read.mask = Some(hash_of(mask.any().ok_or(ChainError::Form)?)?);
                }
                0xa2 => read.salt = Some(small(item).ok_or(ChainError::Form)?),
                0xa3 if small(item) == Some(1) => {}
                _ => return Err(ChainError::Form),
            }
        }
        Ok(read)
    }
}

fn hash_of(item: der::Item<'_>) -> Result<Digest, ChainError> {
    let oid = der::Reader::new(item.content).expect(der::OID).filter(|_| item.tag == der::SEQUENCE);
    Digest::from_oid(oid.ok_or(ChainError::Form)?.content)
}

/// A number of one or two octets.
fn small(item: der::Item<'_>) -> Option<usize> {
    match (item.tag, der::trimmed(item.content)) {
        (der::INTEGER, []) => Some(0),
        (der::INTEGER, &[low]) => Some(low.into()),
        (der::INTEGER, &[high, low]) => Some(u16::from_be_bytes([high, low]).into()),
        _ => None,
    }
}

/// Checks a signature over `message` with the key of a SubjectPublicKeyInfo.
///
/// `algorithm` is the content of the `AlgorithmIdentifier`, `named` the hash function that a CMS signer names.
pub(crate) fn verify(
    spki: &[u8],
    algorithm: &[u8],
    named: Option<Digest>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), ChainError> {
    let scheme = scheme(algorithm, named)?;
    let Spki { oid, mut parameters, key } = Spki::read(spki)?;
    match (scheme, oid) {
        (Scheme::Ecdsa(digest), OID_EC) => {
            check(backend::Scheme::Ecdsa(curve(named_curve(&mut parameters)?)?, digest), key, message, signature)
        }
        (Scheme::Pkcs1(digest), OID_RSA) => {
            long_enough(key)?;
            check(backend::Scheme::Pkcs1(digest), key, message, signature)
        }
        (Scheme::Pss { digest, salt }, OID_RSA | OID_RSA_PSS) => {
            long_enough(key)?;
            if salt != digest.length() {
                return other_salt(key, digest, salt, message, signature);
            }
            check(backend::Scheme::Pss(digest), key, message, signature)
        }
        _ => Err(ChainError::WrongKind),
    }
}

/// Checks an ECDSA signature whose numbers stand side by side, each as long as the curve's field, instead of in DER.
pub(super) fn verify_fixed(spki: &[u8], digest: Digest, message: &[u8], signature: &[u8]) -> Result<(), ChainError> {
    let Spki { oid, mut parameters, key } = Spki::read(spki)?;
    if oid != OID_EC {
        return Err(ChainError::WrongKind);
    }
    let curve = curve(named_curve(&mut parameters)?)?;
    let der = fixed_to_der(signature, curve.field()).ok_or(ChainError::Mismatch)?;
    check(backend::Scheme::Ecdsa(curve, digest), key, message, &der)
}

/// A SubjectPublicKeyInfo taken apart.
pub(super) struct Spki<'a> {
    /// Kind of key.
    pub(super) oid: &'a [u8],
    /// What follows the kind.
    pub(super) parameters: der::Reader<'a>,
    /// The key's bits.
    pub(super) key: &'a [u8],
}

impl<'a> Spki<'a> {
    pub(super) fn read(spki: &'a [u8]) -> Result<Self, ChainError> {
        let body = der::Reader::new(spki).expect(der::SEQUENCE).ok_or(ChainError::Form)?;
        let mut body = der::Reader::new(body.content);
        let kind = body.expect(der::SEQUENCE).ok_or(ChainError::Form)?;
        let bits = body.expect(der::BIT_STRING).ok_or(ChainError::Form)?;
        let key = match bits.content.split_first() {
            Some((0, key)) => key,
            _ => return Err(ChainError::Form),
        };
        let mut parameters = der::Reader::new(kind.content);
        let oid = parameters.expect(der::OID).ok_or(ChainError::Form)?.content;
        Ok(Self { oid, parameters, key })
    }
}

pub(super) fn named_curve<'a>(parameters: &mut der::Reader<'a>) -> Result<&'a [u8], ChainError> {
    let curve = parameters.any().ok_or(ChainError::Form)?;
    if curve.tag == der::SEQUENCE {
        return Err(ChainError::Unsupported { name: "a curve that is written out instead of named".into() });
    }
    Ok(curve.content)
}

fn curve(oid: &[u8]) -> Result<Curve, ChainError> {
    match oid {
        OID_P256 => Ok(Curve::P256),
        OID_P384 => Ok(Curve::P384),
        OID_P521 => Ok(Curve::P521),
        other => Err(unsupported(other)),
    }
}

fn check(scheme: backend::Scheme, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), ChainError> {
    if backend::verify(scheme, key, message, signature) { Ok(()) } else { Err(ChainError::Mismatch) }
}

/// An authority's RSA key must have 2,048 bits; documents are read with less, lists are not believed with less.
fn long_enough(key: &[u8]) -> Result<(), ChainError> {
    let bits = super::public::RsaNumbers::read(key).ok_or(ChainError::Form)?.bits();
    if bits < 2048 {
        return Err(ChainError::Weak { name: format!("RSA with {bits} bits") });
    }
    Ok(())
}

#[cfg(feature = "verify")]
fn other_salt(key: &[u8], digest: Digest, salt: usize, message: &[u8], signature: &[u8]) -> Result<(), ChainError> {
    let numbers = super::public::RsaNumbers::read(key).ok_or(ChainError::Form)?;
    let name = || ChainError::Unsupported { name: format!("RSASSA-PSS with a key of {} bits", numbers.bits()) };
    let key = super::pss::Key::new(&numbers).ok_or_else(name)?;
    if key.verify(digest, salt, message, signature) { Ok(()) } else { Err(ChainError::Mismatch) }
}

#[cfg(not(feature = "verify"))]
fn other_salt(_: &[u8], _: Digest, salt: usize, _: &[u8], _: &[u8]) -> Result<(), ChainError> {
    Err(ChainError::Unsupported { name: format!("RSASSA-PSS with a salt of {salt} bytes") })
}
