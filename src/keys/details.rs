//! Everything that a certificate or a request says, for whoever judges it by a profile (certificate governance,
//! sections 3 and 4) or shows it to a person. Trust decisions use [`Profile`](super::Profile).

use std::fmt;

use jiff::Timestamp;

use super::{
    Certificate, ChainError, Name,
    certificate::{generalized_time, time},
    chain::Parts,
    der,
    distinguished_name::text,
    public::{OID_EC, OID_P256, OID_P384, OID_P521, OID_RSA, OID_RSA_PSS, RsaNumbers},
    signature,
};
use crate::limits::CERTIFICATE_LIST;

/// Kind and size of a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// On the curve P-256.
    P256,
    /// On the curve P-384.
    P384,
    /// On the curve P-521.
    P521,
    /// On another curve, by its object identifier.
    OtherCurve(String),
    /// With its curve written out instead of named.
    ExplicitCurve,
    /// RSA with so many bits; `pss` when the key is bound to RSASSA-PSS.
    Rsa {
        /// Length of the modulus.
        bits: usize,
        /// Whether it is bound to RSASSA-PSS.
        pss: bool,
    },
    /// DSA with so many bits.
    Dsa {
        /// Length of the prime.
        bits: usize,
    },
    /// Ed25519.
    Ed25519,
    /// Something else, by its object identifier.
    Other(String),
}

impl KeyKind {
    /// The kind of a SubjectPublicKeyInfo in DER; `None` when it is none.
    #[must_use]
    pub fn of(spki: &[u8]) -> Option<Self> {
        let signature::Spki { oid, mut parameters, key } = signature::Spki::read(spki).ok()?;
        Some(match oid {
            OID_EC => match parameters.any()? {
                curve if curve.tag == der::SEQUENCE => Self::ExplicitCurve,
                curve => match curve.content {
                    OID_P256 => Self::P256,
                    OID_P384 => Self::P384,
                    OID_P521 => Self::P521,
                    other => Self::OtherCurve(der::dotted(other)?),
                },
            },
            OID_RSA | OID_RSA_PSS => Self::Rsa { bits: RsaNumbers::read(key)?.bits(), pss: oid == OID_RSA_PSS },
            OID_DSA => {
                let body = parameters.expect(der::SEQUENCE)?;
                let prime = der::trimmed(der::Reader::new(body.content).expect(der::INTEGER)?.content);
                Self::Dsa { bits: prime.len() * 8 }
            }
            OID_ED25519 => Self::Ed25519,
            other => Self::Other(der::dotted(other)?),
        })
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::P256 => f.write_str("EC P-256"),
            Self::P384 => f.write_str("EC P-384"),
            Self::P521 => f.write_str("EC P-521"),
            Self::OtherCurve(oid) => write!(f, "EC on the curve {oid}"),
            Self::ExplicitCurve => f.write_str("EC with a written-out curve"),
            Self::Rsa { bits, pss: false } => write!(f, "RSA {bits}"),
            Self::Rsa { bits, pss: true } => write!(f, "RSA {bits} (RSASSA-PSS only)"),
            Self::Dsa { bits } => write!(f, "DSA {bits}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Other(oid) => write!(f, "a key of the kind {oid}"),
        }
    }
}

const OID_DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// How a certificate or a request is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureKind {
    /// Object identifier, dotted.
    pub oid: String,
    /// Whether it rests on MD5, SHA-1 or older: anybody could have made it.
    pub weak: bool,
}

impl SignatureKind {
    pub(super) fn of(algorithm: &[u8]) -> Option<Self> {
        let oid = der::dotted(der::Reader::new(algorithm).expect(der::OID)?.content)?;
        let weak = matches!(signature::scheme(algorithm, None), Err(ChainError::Weak { .. })) || oid == DSA_SHA1;
        Some(Self { oid, weak })
    }

    /// The usual name, or the object identifier.
    #[must_use]
    pub fn name(&self) -> &str {
        NAMES.iter().find(|(oid, _)| *oid == self.oid).map_or(self.oid.as_str(), |(_, name)| name)
    }
}

const DSA_SHA1: &str = "1.2.840.10040.4.3";
/// Signature algorithms by name (RFC 3279, RFC 4055, RFC 5758, RFC 8410).
const NAMES: &[(&str, &str)] = &[
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
    ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
    (DSA_SHA1, "dsa-with-SHA1"),
    ("2.16.840.1.101.3.4.3.2", "dsa-with-SHA256"),
    ("1.3.101.112", "Ed25519"),
];

/// What the key may be used for (RFC 5280 section 4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage {
    bits: u8,
    /// Whether the extension is critical.
    pub critical: bool,
}

impl KeyUsage {
    /// `digitalSignature`.
    #[must_use]
    pub fn digital_signature(self) -> bool {
        self.bits & 0x80 != 0
    }

    /// `nonRepudiation`, which later editions of X.509 call `contentCommitment`.
    #[must_use]
    pub fn non_repudiation(self) -> bool {
        self.bits & 0x40 != 0
    }

    /// `keyCertSign`.
    #[must_use]
    pub fn key_cert_sign(self) -> bool {
        self.bits & 0x04 != 0
    }

    /// `cRLSign`.
    #[must_use]
    pub fn crl_sign(self) -> bool {
        self.bits & 0x02 != 0
    }
}

impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (0x80, "digitalSignature"),
            (0x40, "nonRepudiation"),
            (0x20, "keyEncipherment"),
            (0x10, "dataEncipherment"),
            (0x08, "keyAgreement"),
            (0x04, "keyCertSign"),
            (0x02, "cRLSign"),
        ];
        let named: Vec<&str> = names.iter().filter(|(bit, _)| self.bits & bit != 0).map(|(_, name)| *name).collect();
        f.write_str(&named.join(", "))
    }
}

/// Basic constraints (RFC 5280 section 4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// CA:TRUE.
    pub authority: bool,
    /// How many authorities may stand between it and a signer.
    pub path_length: Option<u32>,
    /// Whether the extension is critical.
    pub critical: bool,
}

/// The extensions of a certificate, or those that a request asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extensions {
    /// What the key may be used for.
    pub key_usage: Option<KeyUsage>,
    /// Whether it is an authority.
    pub basic_constraints: Option<BasicConstraints>,
    /// Extended key usages, dotted.
    pub usages: Vec<String>,
    /// Whether the extended key usages are critical.
    pub usages_critical: bool,
    /// Subject key identifier.
    pub subject_key_id: Option<Vec<u8>>,
    /// Key identifier of the issuer.
    pub authority_key_id: Option<Vec<u8>>,
    /// From when the private key may sign.
    pub signs_from: Option<Timestamp>,
    /// Until when the private key may sign.
    pub signs_until: Option<Timestamp>,
    /// Addresses of revocation lists.
    pub crl_addresses: Vec<String>,
    /// Identifiers of all critical extensions, dotted.
    pub critical: Vec<String>,
}

impl Extensions {
    /// Reads the content of `Extensions`; `None` when one comes twice or is malformed.
    pub(super) fn read(list: &[u8]) -> Option<Self> {
        let list = der::Reader::new(list).expect(der::SEQUENCE)?;
        let (mut list, mut seen, mut found) = (der::Reader::new(list.content), Vec::new(), Self::default());
        while !list.is_empty() {
            let extension = list.expect(der::SEQUENCE)?;
            let mut fields = der::Reader::new(extension.content);
            let oid = der::dotted(fields.expect(der::OID)?.content)?;
            let critical = fields.expect(der::BOOLEAN).is_some_and(|item| item.content.iter().any(|&octet| octet != 0));
            let value = fields.expect(der::OCTET_STRING).filter(|_| fields.is_empty())?.content;
            if seen.contains(&oid) || seen.len() >= CERTIFICATE_LIST {
                return None;
            }
            found.take(&oid, critical, value)?;
            if critical {
                found.critical.push(oid.clone());
            }
            seen.push(oid);
        }
        Some(found)
    }

    fn take(&mut self, oid: &str, critical: bool, value: &[u8]) -> Option<()> {
        let mut reader = der::Reader::new(value);
        match oid {
            "2.5.29.14" => self.subject_key_id = Some(reader.expect(der::OCTET_STRING)?.content.to_vec()),
            "2.5.29.15" => {
                let bits = reader.expect(der::BIT_STRING)?.content.get(1).copied().unwrap_or(0);
                self.key_usage = Some(KeyUsage { bits, critical });
            }
            "2.5.29.16" => {
                let mut bounds = der::Reader::new(reader.expect(der::SEQUENCE)?.content);
                self.signs_from = bounds.expect(0x80).and_then(|item| generalized_time(item.content));
                self.signs_until = bounds.expect(0x81).and_then(|item| generalized_time(item.content));
            }
            "2.5.29.19" => {
                let mut fields = der::Reader::new(reader.expect(der::SEQUENCE)?.content);
                let truth = fields.expect(der::BOOLEAN);
                let length = fields.expect(der::INTEGER).map(|item| der::trimmed(item.content));
                let path_length = length.map(|octets| {
                    octets.iter().fold(0u32, |n, &octet| n.saturating_mul(256).saturating_add(octet.into()))
                });
                let authority = truth.is_some_and(|item| item.content.iter().any(|&octet| octet != 0));
                self.basic_constraints = Some(BasicConstraints { authority, path_length, critical });
            }
            "2.5.29.31" => self.crl_addresses = addresses(value)?,
            "2.5.29.35" => {
                let mut fields = der::Reader::new(reader.expect(der::SEQUENCE)?.content);
                self.authority_key_id = fields.expect(0x80).map(|item| item.content.to_vec());
            }
            "2.5.29.37" => {
                let mut usages = der::Reader::new(reader.expect(der::SEQUENCE)?.content);
                self.usages_critical = critical;
                while !usages.is_empty() && self.usages.len() < CERTIFICATE_LIST {
                    self.usages.push(der::dotted(usages.expect(der::OID)?.content)?);
                }
            }
            _ => {}
        }
        Some(())
    }
}

/// The addresses in `CRLDistributionPoints` (RFC 5280 section 4.2.1.13).
fn addresses(value: &[u8]) -> Option<Vec<String>> {
    let mut points = der::Reader::new(der::Reader::new(value).expect(der::SEQUENCE)?.content);
    let mut found = Vec::new();
    while !points.is_empty() {
        let point = points.expect(der::SEQUENCE)?;
        let name = der::Reader::new(point.content).expect(0xa0);
        let full = name.and_then(|name| der::Reader::new(name.content).expect(0xa0));
        let mut names = der::Reader::new(full.map_or(&[][..], |full| full.content));
        while let Some(name) = names.any() {
            if name.tag == 0x86 && found.len() < CERTIFICATE_LIST {
                found.push(text(name));
            }
        }
    }
    Some(found)
}

/// Everything that a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// 1, 2 or 3.
    pub version: u8,
    /// Serial number: content octets of the INTEGER.
    pub serial: Vec<u8>,
    /// How it is signed.
    pub signature: SignatureKind,
    /// Who issued it.
    pub issuer: Name,
    /// Whose it is.
    pub subject: Name,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// Its key.
    pub key: KeyKind,
    /// Its extensions.
    pub extensions: Extensions,
}

impl Certificate {
    /// Everything that the certificate says.
    ///
    /// # Errors
    /// [`ChainError::Form`] when a part cannot be read or an extension comes twice.
    pub fn details(&self) -> Result<Details, ChainError> {
        self.read_details().ok_or(ChainError::Form)
    }

    fn read_details(&self) -> Option<Details> {
        let parts = Parts::of(self)?;
        let body = der::Reader::new(parts.body).expect(der::SEQUENCE)?;
        let mut body = der::Reader::new(body.content);
        let version = match body.expect(0xa0) {
            Some(version) => {
                let number = der::Reader::new(version.content).expect(der::INTEGER)?.content.last()?;
                number.checked_add(1)?
            }
            None => 1,
        };
        for tag in [der::INTEGER, der::SEQUENCE, der::SEQUENCE] {
            body.expect(tag)?;
        }
        let mut validity = der::Reader::new(body.expect(der::SEQUENCE)?.content);
        Some(Details {
            version,
            serial: parts.serial.to_vec(),
            signature: SignatureKind::of(parts.algorithm)?,
            issuer: Name::read(parts.issuer)?,
            subject: Name::read(parts.subject)?,
            not_before: validity.any().and_then(time)?,
            not_after: validity.any().and_then(time)?,
            key: KeyKind::of(self.spki())?,
            extensions: match parts.extensions {
                Some(list) => Extensions::read(list)?,
                None => Extensions::default(),
            },
        })
    }

    /// The subject as a whole item in DER, for certificates that it issues; `None` when it cannot be read.
    #[must_use]
    pub fn subject_der(&self) -> Option<&[u8]> {
        Parts::of(self).map(|parts| parts.subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> Certificate {
        Certificate::from_der(include_bytes!("../../fixtures/pki/es256.cert.der")).unwrap()
    }

    #[test]
    fn a_certificate_is_told_in_full() {
        let details = certificate().details().unwrap();
        assert_eq!((details.version, &details.key), (3, &KeyKind::P256));
        assert_eq!(details.signature.name(), "ecdsa-with-SHA256");
        assert!(!details.signature.weak);
        assert_eq!(details.subject.all("C").count(), 1);
        assert!(details.subject.to_string().contains("CN="), "{}", details.subject);
        assert_eq!(details.not_after, certificate().not_after());
        assert_eq!(
            details.extensions.authority_key_id.is_some(),
            certificate().profile().unwrap().authority_key_id.is_some()
        );
    }

    #[test]
    fn damaged_certificates_are_refused_and_nothing_panics() {
        let whole = certificate().der().to_vec();
        for at in 0..whole.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= flip;
                if let Ok(certificate) = Certificate::from_der(&bytes) {
                    let _ = certificate.details();
                }
            }
        }
    }
}
