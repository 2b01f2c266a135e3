//! What a certificate says of its place in a chain (RFC 5280 section 4.2; ICAO Doc 9303-12 for passports and seals):
//! whether it is an authority, which keys it names, what its key is for.
//!
//! Read on demand and as a whole: an extension that comes twice or cannot be read makes the certificate unusable in
//! a chain, while its key may still be listed and sign documents on its own.

use super::{
    Certificate, ChainError,
    certificate::{OID_COUNTRY, OID_PRIVATE_KEY_USAGE_PERIOD, generalized_time, name_part},
    chain::Parts,
    der,
};
use jiff::Timestamp;

const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 0x23];
const EXT_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
/// `documentTypeList`, 2.23.136.1.1.6.2 (Doc 9303-12 section 7.1.1.6).
const DOCUMENT_TYPES: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x06, 0x02];
/// `nameChange`, 2.23.136.1.1.6.1.
const NAME_CHANGE: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x06, 0x01];
/// Extensions that say nothing that a check of ours would have to heed: alternative names, policies, distribution points, authority information access, and the change of a name.
const HARMLESS: &[&[u8]] = &[
    &[0x55, 0x1d, 0x11],
    &[0x55, 0x1d, 0x12],
    &[0x55, 0x1d, 0x1f],
    &[0x55, 0x1d, 0x20],
    &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01],
    NAME_CHANGE,
];

const DIGITAL_SIGNATURE: u8 = 0x80;
const KEY_CERT_SIGN: u8 = 0x04;

/// When the private key may sign (private key usage period, RFC 3280 section 4.2.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyUsePeriod {
    /// As long as the certificate is valid: it names no period.
    #[default]
    Unlimited,
    /// Between these times; one of them may be missing.
    Between {
        /// First second.
        from: Option<Timestamp>,
        /// Last second.
        until: Option<Timestamp>,
    },
    /// It names a period that cannot be read. A foreign certificate is not lost by it; nobody signs with such a key.
    Unreadable,
}

impl KeyUsePeriod {
    /// `notBefore` [0] and `notAfter` [1], both GeneralizedTime, at least one of them.
    fn read(value: &[u8]) -> Option<Self> {
        let mut outer = der::Reader::new(value);
        let mut fields = der::Reader::new(outer.expect(der::SEQUENCE)?.content);
        let mut bound = |tag| match fields.expect(tag) {
            Some(item) => generalized_time(item.content).map(Some),
            None => Some(None),
        };
        let (from, until) = (bound(0x80)?, bound(0x81)?);
        let complete = fields.is_empty() && outer.is_empty() && (from.is_some() || until.is_some());
        complete.then_some(Self::Between { from, until })
    }
}

/// What a certificate says of its place in a chain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Basic constraints name it an authority.
    pub is_authority: bool,
    /// Issuer and subject are the same name: self-signed, or a link from an authority's old key to its new one.
    pub is_self_issued: bool,
    /// Country (C) of the issuer.
    pub issuer_country: Option<String>,
    /// First octet of the key usage; `None` when it does not limit the use.
    key_usage: Option<u8>,
    /// Subject key identifier.
    pub subject_key_id: Option<Vec<u8>>,
    /// Identifier of the issuer's key.
    pub authority_key_id: Option<Vec<u8>>,
    /// Extended key usages, dotted; empty when it names none.
    pub usages: Vec<String>,
    /// Documents that the key may sign, by the codes of ICAO, such as `NV`; `None` when it names none.
    pub document_types: Option<Vec<String>>,
    /// When its private key may sign.
    pub key_use: KeyUsePeriod,
    /// A critical extension that this program does not know: the certificate may not be used without
    /// (RFC 5280 section 4.2).
    pub demands_unknown: bool,
    /// The critical extensions that this program does not know, dotted.
    pub unknown_critical: Vec<String>,
    /// Most authorities that may follow below it (RFC 5280 section 4.2.1.9); `None` when it sets no bound.
    pub path_length: Option<u32>,
    /// Version of the certificate, counted from 1; extensions need 3.
    pub version: u8,
    /// It has extensions.
    pub has_extensions: bool,
}

impl Profile {
    /// Whether its key may sign certificates: the key usage says so, or says nothing.
    #[must_use]
    pub fn may_sign_certificates(&self) -> bool {
        self.key_usage.is_none_or(|usage| usage & KEY_CERT_SIGN != 0)
    }

    /// Whether its key may sign documents: the key usage says so, or says nothing.
    #[must_use]
    pub fn may_sign_documents(&self) -> bool {
        self.key_usage.is_none_or(|usage| usage & DIGITAL_SIGNATURE != 0)
    }

    /// Whether it says itself that its issuer's key is its own, or at least does not say otherwise.
    #[must_use]
    pub fn is_self_signed(&self) -> bool {
        let other = self.authority_key_id.is_some() && self.authority_key_id != self.subject_key_id;
        self.is_self_issued && !other
    }

    fn read(&mut self, oid: &[u8], critical: bool, value: &[u8]) -> Option<()> {
        match oid {
            SUBJECT_KEY_ID => {
                let mut reader = der::Reader::new(value);
                once(&mut self.subject_key_id, reader.expect(der::OCTET_STRING)?.content.to_vec())
            }
            AUTHORITY_KEY_ID => {
                let mut fields = der::Reader::new(der::Reader::new(value).expect(der::SEQUENCE)?.content);
                match fields.expect(0x80) {
                    Some(key) => once(&mut self.authority_key_id, key.content.to_vec()),
                    // Only issuer and serial number: names no key.
                    None => Some(()),
                }
            }
            KEY_USAGE => {
                let bits = der::Reader::new(value).expect(der::BIT_STRING)?.content;
                once(&mut self.key_usage, bits.get(1).copied().unwrap_or(0))
            }
            BASIC_CONSTRAINTS => {
                let mut fields = der::Reader::new(der::Reader::new(value).expect(der::SEQUENCE)?.content);
                let truth = fields.expect(der::BOOLEAN);
                self.is_authority = truth.is_some_and(|item| item.content.iter().any(|&octet| octet != 0));
                // A bound beyond any path is none; a negative one allows nothing below.
                self.path_length = fields.expect(der::INTEGER).map(|bound| match bound.content {
                    [first, ..] if *first >= 0x80 => 0,
                    octets => der::trimmed(octets)
                        .iter()
                        .fold(0u32, |n, &octet| n.saturating_mul(256).saturating_add(octet.into())),
                });
                Some(())
            }
            EXT_KEY_USAGE => {
                let list = der::Reader::new(value).expect(der::SEQUENCE)?;
                let mut list = der::Reader::new(list.content);
                while !list.is_empty() {
                    self.usages.push(der::dotted(list.expect(der::OID)?.content)?);
                }
                Some(())
            }
            DOCUMENT_TYPES => {
                let mut fields = der::Reader::new(der::Reader::new(value).expect(der::SEQUENCE)?.content);
                fields.expect(der::INTEGER)?;
                let mut set = der::Reader::new(fields.expect(der::SET)?.content);
                let mut types = Vec::new();
                while !set.is_empty() {
                    types.push(String::from_utf8(set.any()?.content.to_vec()).ok()?);
                }
                once(&mut self.document_types, types)
            }
            OID_PRIVATE_KEY_USAGE_PERIOD => {
                self.key_use = KeyUsePeriod::read(value).unwrap_or(KeyUsePeriod::Unreadable);
                Some(())
            }
            other => {
                if critical && !HARMLESS.contains(&other) {
                    self.demands_unknown = true;
                    self.unknown_critical.push(der::dotted(other).unwrap_or_else(|| "an unreadable one".into()));
                }
                Some(())
            }
        }
    }
}

fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

impl Certificate {
    /// What the certificate says of its place in a chain.
    ///
    /// # Errors
    /// [`ChainError::Extension`] names an extension that comes twice or is malformed, [`ChainError::Form`] says that
    /// the certificate as a whole is.
    pub fn profile(&self) -> Result<Profile, ChainError> {
        let parts = Parts::of(self).ok_or(ChainError::Form)?;
        let issuer = der::Reader::new(parts.issuer).expect(der::SEQUENCE).ok_or(ChainError::Form)?;
        let mut profile = Profile {
            is_self_issued: parts.issuer == parts.subject,
            version: parts.version,
            issuer_country: name_part(issuer.content, OID_COUNTRY),
            ..Profile::default()
        };
        let Some(extensions) = parts.extensions else { return Ok(profile) };
        profile.has_extensions = true;
        let list = der::Reader::new(extensions).expect(der::SEQUENCE).ok_or(ChainError::Form)?;
        let mut list = der::Reader::new(list.content);
        let mut seen: Vec<&[u8]> = Vec::new();
        while !list.is_empty() {
            let extension = list.expect(der::SEQUENCE).ok_or(ChainError::Form)?;
            let mut fields = der::Reader::new(extension.content);
            let oid = fields.expect(der::OID).ok_or(ChainError::Form)?.content;
            let critical = fields.expect(der::BOOLEAN).is_some_and(|item| item.content.iter().any(|&b| b != 0));
            let broken = |twice| {
                let oid = der::dotted(oid).unwrap_or_else(|| "an unreadable one".into());
                ChainError::Extension { oid, twice }
            };
            let value = fields.expect(der::OCTET_STRING).filter(|_| fields.is_empty()).ok_or_else(|| broken(false))?;
            if seen.contains(&oid) {
                return Err(broken(true));
            }
            seen.push(oid);
            profile.read(oid, critical, value.content).ok_or_else(|| broken(false))?;
        }
        Ok(profile)
    }
}
