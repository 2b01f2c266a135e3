//! What a certificate says of its place in a chain (RFC 5280 section 4.2; ICAO Doc 9303-12 for passports and seals):
//! whether it is an authority, which keys it names, what its key is for.
//!
//! Read on demand and as a whole: an extension that comes twice or cannot be read makes the certificate unusable in
//! a chain, while its key may still be listed and sign documents on its own.

use super::{
    Certificate, ChainError,
    certificate::{OID_COUNTRY, name_part},
    chain::Parts,
    der,
};

const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 0x23];
const EXT_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
/// `documentTypeList`, 2.23.136.1.1.6.2 (Doc 9303-12 section 7.1.1.6).
const DOCUMENT_TYPES: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x06, 0x02];
/// `nameChange`, 2.23.136.1.1.6.1.
const NAME_CHANGE: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x06, 0x01];
/// Extensions that say nothing that a check of ours would have to heed: private key usage period, alternative
/// names, policies, distribution points, authority information access, and the change of a name.
const HARMLESS: &[&[u8]] = &[
    &[0x55, 0x1d, 0x10],
    &[0x55, 0x1d, 0x11],
    &[0x55, 0x1d, 0x12],
    &[0x55, 0x1d, 0x1f],
    &[0x55, 0x1d, 0x20],
    &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01],
    NAME_CHANGE,
];

const DIGITAL_SIGNATURE: u8 = 0x80;
const KEY_CERT_SIGN: u8 = 0x04;

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
    /// A critical extension that this program does not know: the certificate may not be used without
    /// (RFC 5280 section 4.2).
    pub demands_unknown: bool,
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
            other => {
                self.demands_unknown |= critical && !HARMLESS.contains(&other);
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
    /// [`ChainError::Form`] when an extension comes twice or is malformed.
    pub fn profile(&self) -> Result<Profile, ChainError> {
        let parts = Parts::of(self).ok_or(ChainError::Form)?;
        let issuer = der::Reader::new(parts.issuer).expect(der::SEQUENCE).ok_or(ChainError::Form)?;
        let mut profile = Profile {
            is_self_issued: parts.issuer == parts.subject,
            issuer_country: name_part(issuer.content, OID_COUNTRY),
            ..Profile::default()
        };
        let Some(extensions) = parts.extensions else { return Ok(profile) };
        let list = der::Reader::new(extensions).expect(der::SEQUENCE).ok_or(ChainError::Form)?;
        let mut list = der::Reader::new(list.content);
        let mut seen: Vec<&[u8]> = Vec::new();
        while !list.is_empty() {
            let extension = list.expect(der::SEQUENCE).ok_or(ChainError::Form)?;
            let mut fields = der::Reader::new(extension.content);
            let oid = fields.expect(der::OID).ok_or(ChainError::Form)?.content;
            let critical = fields.expect(der::BOOLEAN).is_some_and(|item| item.content.iter().any(|&b| b != 0));
            let value = fields.expect(der::OCTET_STRING).filter(|_| fields.is_empty()).ok_or(ChainError::Form)?;
            if seen.contains(&oid) {
                return Err(ChainError::Form);
            }
            seen.push(oid);
            profile.read(oid, critical, value.content).ok_or(ChainError::Form)?;
        }
        Ok(profile)
    }
}
