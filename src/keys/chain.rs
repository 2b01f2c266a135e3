//! Who issued a certificate: the signature on it, checked with the issuer's key (RFC 5280 section 6.1.3).

use super::{Certificate, ChainError, der, name, signature};

const OID_SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
const OID_SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
/// Tag of a `uniformResourceIdentifier` among general names (RFC 5280 section 4.2.1.6).
const URI: u8 = 0x86;

/// The parts of a certificate that decide about its issuer.
pub(super) struct Parts<'a> {
    /// What is signed.
    pub(super) body: &'a [u8],
    /// Content of the outer algorithm identifier.
    pub(super) algorithm: &'a [u8],
    signature: &'a [u8],
    pub(super) serial: &'a [u8],
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    pub(super) extensions: Option<&'a [u8]>,
    /// Version, counted from 1 (RFC 5280 section 4.1.2.1).
    pub(super) version: u8,
}

impl<'a> Parts<'a> {
    pub(super) fn of(certificate: &'a Certificate) -> Option<Self> {
        let outer = der::Reader::new(certificate.der()).expect(der::SEQUENCE)?;
        let mut outer = der::Reader::new(outer.content);
        let body = outer.expect(der::SEQUENCE)?;
        let algorithm = outer.expect(der::SEQUENCE)?;
        let (unused, signature) = outer.expect(der::BIT_STRING)?.content.split_first()?;
        if *unused != 0 {
            return None;
        }
        let mut fields = der::Reader::new(body.content);
        let version = fields.expect(0xa0).and_then(|item| der::Reader::new(item.content).expect(der::INTEGER));
        let version = version.and_then(|number| number.content.last().copied()).unwrap_or(0).saturating_add(1);
        let serial = fields.expect(der::INTEGER)?;
        // RFC 5280 section 4.1.1.2: the algorithm outside, which is not signed, is the one inside.
        fields.expect(der::SEQUENCE).filter(|inner| inner.whole == algorithm.whole)?;
        let issuer = fields.expect(der::SEQUENCE)?;
        fields.expect(der::SEQUENCE)?;
        let subject = fields.expect(der::SEQUENCE)?;
        fields.expect(der::SEQUENCE)?;
        let mut extensions = None;
        while let Some(item) = fields.any() {
            if item.tag == 0xa3 {
                extensions = Some(item.content);
            }
        }
        Some(Self {
            body: body.whole,
            algorithm: algorithm.content,
            signature,
            serial: serial.content,
            issuer: issuer.whole,
            subject: subject.whole,
            extensions,
            version,
        })
    }
}

impl Certificate {
    /// Whether the certificate names `issuer` as its issuer: the two names are one by the rules of RFC 5280 section
    /// 7.1, whatever string types and cases they are written in. No signature is checked.
    #[must_use]
    pub fn names_issuer(&self, issuer: &Self) -> bool {
        match (Parts::of(self), Parts::of(issuer)) {
            (Some(own), Some(other)) => name::is_same(own.issuer, other.subject),
            _ => false,
        }
    }

    /// The subject's name in words, as `CN=…, O=…, C=…` in the order of the certificate.
    #[must_use]
    pub fn subject_name(&self) -> String {
        Parts::of(self).map(|parts| name::in_words(parts.subject)).unwrap_or_default()
    }

    /// The serial number in hexadecimal, two digits an octet.
    #[must_use]
    pub fn serial_number(&self) -> String {
        let octets = Parts::of(self).map(|parts| parts.serial.to_vec()).unwrap_or_default();
        octets.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// Whether `issuer` signed this certificate.
    ///
    /// The signature decides. Names are compared only to tell a wrong issuer from a damaged certificate:
    /// authorities write one name with different string types. Validity is not looked at: the caller knows the
    /// time and the model.
    ///
    /// # Errors
    /// [`ChainError::OtherIssuer`] when the names differ and the signature does not match,
    /// [`ChainError::Weak`] and [`ChainError::Unsupported`] name what cannot be relied on or checked.
    pub fn is_issued_by(&self, issuer: &Self) -> Result<(), ChainError> {
        let parts = Parts::of(self).ok_or(ChainError::Form)?;
        let same_name = || Parts::of(issuer).is_some_and(|issuer| issuer.subject == parts.issuer);
        match signature::verify(issuer.spki(), parts.algorithm, None, parts.body, parts.signature) {
            Err(ChainError::Mismatch | ChainError::WrongKind) if !same_name() => Err(ChainError::OtherIssuer),
            outcome => outcome,
        }
    }

    /// How CMS names the certificate: `IssuerAndSerialNumber` in DER (RFC 5652 section 10.2.4).
    pub(crate) fn issuer_and_serial(&self) -> Option<Vec<u8>> {
        let parts = Parts::of(self)?;
        let mut content = parts.issuer.to_vec();
        der::write(der::INTEGER, parts.serial, &mut content);
        let mut out = Vec::new();
        der::write(der::SEQUENCE, &content, &mut out);
        Some(out)
    }

    /// Whether the certificate has this issuer and serial number (RFC 5652 section 10.2.4): the name as a whole
    /// item, the number's content.
    pub(crate) fn is_numbered(&self, issuer: &[u8], serial: &[u8]) -> bool {
        Parts::of(self).is_some_and(|parts| parts.issuer == issuer && parts.serial == serial)
    }

    /// Whether the certificate has this subject key identifier (RFC 5280 section 4.2.1.2).
    pub(crate) fn has_subject_key_id(&self, identifier: &[u8]) -> bool {
        let value =
            self.extension(OID_SUBJECT_KEY_ID).and_then(|value| der::Reader::new(value).expect(der::OCTET_STRING));
        value.is_some_and(|found| found.content == identifier)
    }

    /// The addresses (URIs) among the subject's alternative names (RFC 5280 section 4.2.1.6).
    pub(crate) fn addresses(&self) -> Vec<String> {
        let names =
            self.extension(OID_SUBJECT_ALT_NAME).and_then(|value| der::Reader::new(value).expect(der::SEQUENCE));
        let Some(names) = names else { return Vec::new() };
        let mut names = der::Reader::new(names.content);
        let mut found = Vec::new();
        while let Some(name) = names.any() {
            if name.tag == URI {
                found.extend(std::str::from_utf8(name.content).map(str::to_owned));
            }
        }
        found
    }

    /// The value of an extension.
    fn extension(&self, oid: &[u8]) -> Option<&[u8]> {
        let list = der::Reader::new(Parts::of(self)?.extensions?).expect(der::SEQUENCE)?;
        let mut list = der::Reader::new(list.content);
        while let Some(extension) = list.any() {
            let mut fields = der::Reader::new(extension.content);
            if fields.expect(der::OID)?.content == oid {
                fields.expect(der::BOOLEAN);
                return Some(fields.expect(der::OCTET_STRING)?.content);
            }
        }
        None
    }
}
