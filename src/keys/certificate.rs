//! Certificates, read the forgiving way: public key, validity and key usage each on their own.
//!
//! Strict X.509 parsers refuse certificates that sign real documents (an explicit `cA=FALSE`, an empty
//! extended key usage, version 1), so each part is taken from the structure by itself, and a fault in one
//! extension never hides the key (facts on the EU DCC, section 2).

use std::fmt;

use jiff::{Timestamp, civil, tz::Offset};

use super::{Kid, PublicKey, PublicKeyError, der};

/// Organisation name that marks the sandbox's certificates, which production refuses.
pub const SANDBOX_ORGANISATION: &str = "vaccert sandbox";

pub(super) const OID_COUNTRY: &[u8] = &[0x55, 0x04, 0x06];
const OID_ORGANISATION: &[u8] = &[0x55, 0x04, 0x0a];
const OID_EXT_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
/// Good for every use (RFC 5280 section 4.2.1.12).
const ANY_USAGE: &str = "2.5.29.37.0";
pub(super) const OID_PRIVATE_KEY_USAGE_PERIOD: &[u8] = &[0x55, 0x1d, 0x10];

/// What a signer certificate may sign (certificate governance, section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Test certificates, arc `…1847.2021.1.1`.
    Test,
    /// Vaccination certificates, arc `…1847.2021.1.2`.
    Vaccination,
    /// Recovery certificates, arc `…1847.2021.1.3`.
    Recovery,
}

impl Purpose {
    /// The purpose of an extended key usage, by either arc: the registered one and the one with a stray zero
    /// that 159 of 829 production certificates carry.
    fn from_oid(dotted: &str) -> Option<Self> {
        let last = dotted
            .strip_prefix("1.3.6.1.4.1.1847.2021.1.")
            .or_else(|| dotted.strip_prefix("1.3.6.1.4.1.0.1847.2021.1."))?;
        match last {
            "1" => Some(Self::Test),
            "2" => Some(Self::Vaccination),
            "3" => Some(Self::Recovery),
            _ => None,
        }
    }
}

/// A certificate, with the parts that decide about trust read out of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    kid: Kid,
    spki: Vec<u8>,
    country: Option<String>,
    organisation: Option<String>,
    not_before: Timestamp,
    not_after: Timestamp,
    key_use_from: Option<Timestamp>,
    key_use_until: Option<Timestamp>,
    purposes: Vec<Purpose>,
    other_usages: bool,
}

/// Why a certificate cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not the structure of RFC 5280 section 4.1.
    #[error("this is not an X.509 certificate (the part that cannot be read: {part})")]
    Form {
        /// Which part of the structure.
        part: &'static str,
    },
    /// The key in it cannot be used.
    #[error(transparent)]
    Key(#[from] PublicKeyError),
}

impl Certificate {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// [`CertificateError::Form`] when a part without which nothing can be checked is missing.
    pub fn from_der(bytes: &[u8]) -> Result<Self, CertificateError> {
        let missing = |part| CertificateError::Form { part };
        let outer = der::Reader::new(bytes).expect(der::SEQUENCE).ok_or(missing("outer sequence"))?;
        let tbs = der::Reader::new(outer.content).expect(der::SEQUENCE).ok_or(missing("body"))?;
        let mut body = der::Reader::new(tbs.content);
        body.expect(0xa0); // version; absent in version 1
        body.expect(der::INTEGER).ok_or(missing("serial number"))?;
        body.expect(der::SEQUENCE).ok_or(missing("signature algorithm"))?;
        body.expect(der::SEQUENCE).ok_or(missing("issuer"))?;
        let validity = body.expect(der::SEQUENCE).ok_or(missing("validity"))?;
        let subject = body.expect(der::SEQUENCE).ok_or(missing("subject"))?;
        let spki = body.expect(der::SEQUENCE).ok_or(missing("public key"))?;
        let mut validity = der::Reader::new(validity.content);
        let not_before = validity.any().and_then(time).ok_or(missing("start of validity"))?;
        let not_after = validity.any().and_then(time).ok_or(missing("end of validity"))?;

        let mut certificate = Self {
            der: outer.whole.to_vec(),
            kid: Kid::of_certificate(outer.whole),
            spki: spki.whole.to_vec(),
            country: name_part(subject.content, OID_COUNTRY),
            organisation: name_part(subject.content, OID_ORGANISATION),
            not_before,
            not_after,
            key_use_from: None,
            key_use_until: None,
            purposes: Vec::new(),
            other_usages: false,
        };
        while let Some(item) = body.any() {
            if item.tag == 0xa3 {
                certificate.read_extensions(item.content);
            }
        }
        Ok(certificate)
    }

    fn read_extensions(&mut self, content: &[u8]) {
        let Some(list) = der::Reader::new(content).expect(der::SEQUENCE) else { return };
        let mut list = der::Reader::new(list.content);
        while let Some(extension) = list.any() {
            let mut parts = der::Reader::new(extension.content);
            let Some(oid) = parts.expect(der::OID) else { continue };
            parts.expect(der::BOOLEAN);
            let Some(value) = parts.expect(der::OCTET_STRING) else { continue };
            match oid.content {
                OID_EXT_KEY_USAGE => {
                    let Some(usages) = der::Reader::new(value.content).expect(der::SEQUENCE) else { continue };
                    let mut usages = der::Reader::new(usages.content);
                    while let Some(usage) = usages.any() {
                        let dotted = der::dotted(usage.content).filter(|_| usage.tag == der::OID);
                        match dotted.as_deref().and_then(Purpose::from_oid) {
                            Some(purpose) if self.purposes.contains(&purpose) => {}
                            Some(purpose) => self.purposes.push(purpose),
                            None => self.other_usages |= dotted.as_deref() != Some(ANY_USAGE),
                        }
                    }
                }
                OID_PRIVATE_KEY_USAGE_PERIOD => {
                    let Some(period) = der::Reader::new(value.content).expect(der::SEQUENCE) else { continue };
                    let mut period = der::Reader::new(period.content);
                    while let Some(bound) = period.any() {
                        match bound.tag {
                            0x80 => self.key_use_from = generalized_time(bound.content),
                            0x81 => self.key_use_until = generalized_time(bound.content),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The certificate in DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its key identifier.
    #[must_use]
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// The country (C) of the subject.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// Start of validity.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// End of validity.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// From when the private key may sign (RFC 3280 section 4.2.1.4): the beginning of the private key usage
    /// period, or of the certificate when it names none.
    #[must_use]
    pub fn signs_from(&self) -> Timestamp {
        self.key_use_from.map_or(self.not_before, |from| from.max(self.not_before))
    }

    /// Until when the private key may sign (RFC 3280 section 4.2.1.4): the end of the private key usage
    /// period, or of the certificate when it names none.
    #[must_use]
    pub fn signs_until(&self) -> Timestamp {
        self.key_use_until.map_or(self.not_after, |end| end.min(self.not_after))
    }

    /// Whether it may sign documents of this kind: it names the purpose, or names no purpose of ours at all
    /// (334 production certificates have none; unrelated usages do not restrict).
    #[must_use]
    pub fn allows(&self, purpose: Purpose) -> bool {
        self.purposes.is_empty() || self.purposes.contains(&purpose)
    }

    /// The purposes that it names.
    #[must_use]
    pub fn purposes(&self) -> &[Purpose] {
        &self.purposes
    }

    /// Whether it names usages, and none of ours: a TLS or e-mail certificate that signs documents (51 of 829
    /// production certificates). Allowed, and worth a remark (failure F14).
    #[must_use]
    pub fn has_only_unrelated_usages(&self) -> bool {
        self.other_usages && self.purposes.is_empty()
    }

    /// Whether it is the sandbox's, which production refuses.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.organisation.as_deref() == Some(SANDBOX_ORGANISATION)
    }

    /// The public key.
    ///
    /// # Errors
    /// [`PublicKeyError`] names what is wrong with it.
    pub fn public_key(&self) -> Result<PublicKey, PublicKeyError> {
        PublicKey::from_spki(&self.spki)
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Whether the key bits are `key` (an uncompressed point, or a PKCS#1 RSA key).
    pub(crate) fn holds_key(&self, key: &[u8]) -> bool {
        self.key_bits() == Some(key)
    }

    /// Whether the key is made of these numbers: the coordinates of a point, or modulus and exponent. Leading
    /// zeros do not count. A compressed point cannot be compared and passes.
    pub(crate) fn holds_numbers(&self, first: &[u8], second: &[u8]) -> bool {
        let same = |pair: (&[u8], &[u8])| {
            der::trimmed(pair.0) == der::trimmed(first) && der::trimmed(pair.1) == der::trimmed(second)
        };
        match self.key_bits() {
            Some([0x02 | 0x03, _, ..]) => true,
            Some([0x04, point @ ..]) => point.split_at_checked(point.len() / 2).is_some_and(same),
            Some(key) => {
                let numbers = || {
                    let body = der::Reader::new(key).expect(der::SEQUENCE)?;
                    let mut body = der::Reader::new(body.content);
                    Some((body.expect(der::INTEGER)?.content, body.expect(der::INTEGER)?.content))
                };
                numbers().is_some_and(same)
            }
            None => false,
        }
    }

    fn key_bits(&self) -> Option<&[u8]> {
        let body = der::Reader::new(&self.spki).expect(der::SEQUENCE)?;
        let mut body = der::Reader::new(body.content);
        body.expect(der::SEQUENCE)?;
        body.expect(der::BIT_STRING)?.content.split_first().map(|(_, bits)| bits)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, {})", self.kid, self.country.as_deref().unwrap_or("no country"))
    }
}

/// The first value of an attribute in a distinguished name.
pub(super) fn name_part(name: &[u8], wanted: &[u8]) -> Option<String> {
    let mut sets = der::Reader::new(name);
    while let Some(set) = sets.any() {
        let mut pairs = der::Reader::new(set.content);
        while let Some(pair) = pairs.any() {
            let mut pair = der::Reader::new(pair.content);
            if pair.expect(der::OID).is_some_and(|oid| oid.content == wanted) {
                let text = |value: der::Item<'_>| String::from_utf8_lossy(value.content).trim().to_owned();
                // What cannot be shown is no name.
                return pair.any().map(text).filter(|text| !text.contains(char::is_control));
            }
        }
    }
    None
}

/// A `UTCTime` or a `GeneralizedTime`.
pub(crate) fn time(item: der::Item<'_>) -> Option<Timestamp> {
    match item.tag {
        der::UTC_TIME => {
            // RFC 5280 section 4.1.2.5.1: two-digit years from 50 on are of the last century.
            let (year, rest) = item.content.split_at_checked(2)?;
            let year: i16 = std::str::from_utf8(year).ok()?.parse().ok()?;
            civil_time(if year >= 50 { 1900 + year } else { 2000 + year }, rest)
        }
        der::GENERALIZED_TIME => generalized_time(item.content),
        _ => None,
    }
}

pub(super) fn generalized_time(content: &[u8]) -> Option<Timestamp> {
    let (year, rest) = content.split_at_checked(4)?;
    civil_time(std::str::from_utf8(year).ok()?.parse().ok()?, rest)
}

/// `MMDDHHMM[SS]` with a trailing `Z`.
fn civil_time(year: i16, rest: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(rest).ok()?.strip_suffix('Z')?;
    let pair = |at: usize| text.get(at..at + 2).and_then(|two| two.parse::<i8>().ok());
    let second = if text.len() > 8 { pair(8)? } else { 0 };
    let moment = civil::DateTime::new(year, pair(0)?, pair(2)?, pair(4)?, pair(6)?, second, 0).ok()?;
    // RFC 5280 section 4.1.2.5: the last second of the year 9999 says "no end", and is later than jiff's last.
    Some(Offset::UTC.to_timestamp(moment).unwrap_or(if year > 0 { Timestamp::MAX } else { Timestamp::MIN }))
}
