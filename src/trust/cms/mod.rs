//! CMS SignedData (RFC 5652 section 5), as gateways wrap certificates: detached in trust lists, attached in
//! uploads. DER and BER, one signer.
//!
//! The certificate inside a message proves nothing by itself. [`SignedData::verify`] checks under a signer that
//! the caller already believes; when the message brings certificates, the believed one must be among them, so
//! that an exchanged uploader is refused even where nothing signs it.

mod write;

use std::borrow::Cow;

use jiff::Timestamp;

use crate::keys::{
    Certificate, ChainError,
    certificate::time,
    der::{self, Item, Reader},
    signature::{self, Digest},
};

pub use write::{Carries, CmsWriteError, States, line, sign, sign_digest};

const OID_SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const OID_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const OID_CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const OID_SIGNING_TIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];
const OID_MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];

/// Why a CMS message does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CmsError {
    /// Not the structure of RFC 5652 section 5.
    #[error("the signature is not a CMS signed message (the part that cannot be read: {part})")]
    Form {
        /// Which part of the structure.
        part: &'static str,
    },
    /// None or several signers.
    #[error("the CMS message has {count} signers, and must have exactly one")]
    Signers {
        /// How many.
        count: usize,
    },
    /// Signed by somebody else than the expected signer.
    #[error("the CMS message is signed by another certificate")]
    OtherSigner,
    /// Nothing to check: the message is detached and no content was given.
    #[error("the CMS message has no content")]
    NoContent,
    /// The content differs from what the signer hashed.
    #[error("the content is not the one that was signed")]
    OtherContent,
    /// The signature itself does not count.
    #[error("the CMS message cannot be relied on: {0}")]
    Signature(#[from] ChainError),
}

/// The one signer of a message.
#[derive(Debug)]
struct SignerInfo<'a> {
    /// `issuerAndSerialNumber` (a sequence) or the subject key identifier (tag 0x80).
    identifier: Item<'a>,
    digest: Item<'a>,
    attributes: Option<Item<'a>>,
    algorithm: Item<'a>,
    signature: Cow<'a, [u8]>,
}

/// A message taken apart, unverified.
#[derive(Debug)]
pub struct SignedData<'a> {
    /// What the content is, by its object identifier.
    kind: &'static [u8],
    content: Option<Cow<'a, [u8]>>,
    certificates: Vec<&'a [u8]>,
    signer: SignerInfo<'a>,
}

/// Whom the caller believes.
#[derive(Debug, Clone, Copy)]
pub enum Believed<'a> {
    /// A certificate, such as a trust anchor or an upload certificate.
    Certificate(&'a Certificate),
    /// A bare key: its SubjectPublicKeyInfo in DER.
    Key(&'a [u8]),
}

impl Believed<'_> {
    fn spki(&self) -> &[u8] {
        match self {
            Self::Certificate(certificate) => certificate.spki(),
            Self::Key(spki) => spki,
        }
    }
}

fn form(part: &'static str) -> CmsError {
    CmsError::Form { part }
}

impl<'a> SignedData<'a> {
    /// Takes a message apart.
    ///
    /// # Errors
    /// [`CmsError::Form`] names the part that is missing, [`CmsError::Signers`] when there is not exactly one.
    pub fn read(bytes: &'a [u8]) -> Result<Self, CmsError> {
        Self::read_typed(bytes, OID_DATA)
    }

    /// What the content of a message says that it is, by its object identifier; `None` when it is no such message.
    pub(crate) fn content_type(bytes: &'a [u8]) -> Option<&'a [u8]> {
        let mut file = Reader::ber(bytes);
        let outer = file.expect(der::SEQUENCE)?;
        let mut outer = file.inside(outer);
        outer.expect(der::OID).filter(|oid| oid.content == OID_SIGNED_DATA)?;
        let body = outer.expect(0xa0)?;
        let mut body = outer.inside(body);
        let data = body.expect(der::SEQUENCE)?;
        let mut data = body.inside(data);
        data.expect(der::INTEGER)?;
        data.expect(der::SET)?;
        let wrapped = data.expect(der::SEQUENCE)?;
        data.inside(wrapped).expect(der::OID).map(|oid| oid.content)
    }

    /// Takes a message apart whose content must be of this type.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) fn read_typed(bytes: &'a [u8], kind: &'static [u8]) -> Result<Self, CmsError> {
        let mut file = Reader::ber(bytes);
        let outer = file.expect(der::SEQUENCE).filter(|_| file.is_empty()).ok_or(form("the outer sequence"))?;
        let mut outer = file.inside(outer);
        outer.expect(der::OID).filter(|oid| oid.content == OID_SIGNED_DATA).ok_or(form("the content type"))?;
        let body = outer.expect(0xa0).filter(|_| outer.is_empty()).ok_or(form("the signed data"))?;
        let mut body = outer.inside(body);
        let data = body.expect(der::SEQUENCE).filter(|_| body.is_empty()).ok_or(form("the signed data"))?;
        let mut data = body.inside(data);
        version(&mut data, &[1, 2, 3, 4, 5])?;
        let digests = data.expect(der::SET).ok_or(form("the digest algorithms"))?;

        let wrapped = data.expect(der::SEQUENCE).ok_or(form("the wrapped content"))?;
        let mut wrapped = data.inside(wrapped);
        wrapped.expect(der::OID).filter(|oid| oid.content == kind).ok_or(form("the type of the content"))?;
        let content = match wrapped.expect(0xa0) {
            Some(explicit) => {
                let mut explicit = wrapped.inside(explicit);
                let item = explicit.any().filter(|_| explicit.is_empty()).ok_or(form("the content"))?;
                Some(explicit.octets(item).ok_or(form("the content"))?)
            }
            None => None,
        };
        if !wrapped.is_empty() {
            return Err(form("the wrapped content"));
        }

        let mut certificates = Vec::new();
        if let Some(set) = data.expect(0xa0) {
            let mut set = data.inside(set);
            while !set.is_empty() {
                certificates.push(set.any().ok_or(form("the certificates"))?.whole);
            }
        }
        data.expect(0xa1); // revocation lists, which nothing here asks for
        let signers = data.expect(der::SET).filter(|_| data.is_empty()).ok_or(form("the signers"))?;
        let mut signers = data.inside(signers);
        let mut infos = Vec::new();
        while !signers.is_empty() {
            infos.push(signers.any().ok_or(form("a signer"))?);
        }
        let [info] = infos.as_slice() else { return Err(CmsError::Signers { count: infos.len() }) };
        let signer = SignerInfo::read(signers.inside(*info), *info)?;
        // A digest that is not announced is one that a streaming reader would not have computed. Writers put
        // NULL parameters in one place and none in the other, so only the identifiers are compared.
        let wanted = digest_oid(signer.digest).ok_or(form("the digest algorithm"))?;
        let mut announced = data.inside(digests);
        let mut found = false;
        while !announced.is_empty() {
            found |=
                announced.expect(der::SEQUENCE).and_then(digest_oid).ok_or(form("the digest algorithms"))? == wanted;
        }
        if !found {
            return Err(form("the digest algorithms"));
        }
        Ok(Self { kind, content, certificates, signer })
    }

    /// The content, when the message is attached.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The certificates that the message brings, in DER. They prove nothing by themselves.
    pub fn certificates(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.certificates.iter().copied()
    }

    /// Whether the message names this certificate as its signer. No signature is checked.
    #[must_use]
    pub fn names(&self, certificate: &Certificate) -> bool {
        let identifier = self.signer.identifier;
        if identifier.tag != der::SEQUENCE {
            return certificate.has_subject_key_id(identifier.content);
        }
        let mut fields = Reader::ber(identifier.content);
        match (fields.expect(der::SEQUENCE), fields.expect(der::INTEGER)) {
            (Some(issuer), Some(serial)) => fields.is_empty() && certificate.is_numbered(issuer.whole, serial.content),
            _ => false,
        }
    }

    /// Checks that `signer` signed the content (RFC 5652 sections 5.4 and 5.6). A detached message needs the
    /// content in `detached`; an attached one must hold the same when both are there.
    ///
    /// # Errors
    /// [`CmsError`] says why the message does not count.
    pub fn verify(&self, signer: Believed<'_>, detached: Option<&[u8]>) -> Result<(), CmsError> {
        let content = match (self.content.as_deref(), detached) {
            (Some(inside), Some(outside)) if inside != outside => return Err(CmsError::OtherContent),
            (Some(content), _) | (None, Some(content)) => content,
            (None, None) => return Err(CmsError::NoContent),
        };
        self.is_by(signer)?;

        let info = &self.signer;
        let digest = Digest::from_oid(digest_oid(info.digest).ok_or(form("the digest algorithm"))?)?;
        let message = match info.attributes {
            // Section 5.3: content of any other type than plain data must have them.
            None if self.kind != OID_DATA => return Err(form("the signed attributes")),
            None => Cow::Borrowed(content),
            Some(attributes) => {
                let hashed = Attributes::read(attributes, self.kind)?;
                if hashed.digest != digest.of(content).as_ref() {
                    return Err(CmsError::OtherContent);
                }
                // Section 5.4: the signature is over the attributes as a SET, not under the tag they come with.
                let mut message = Vec::with_capacity(attributes.content.len() + 8);
                der::write(der::SET, attributes.content, &mut message);
                Cow::Owned(message)
            }
        };
        signature::verify(signer.spki(), info.algorithm.content, Some(digest), &message, &info.signature)?;
        Ok(())
    }

    /// When the signer says that it signed (RFC 5652 section 11.3). Nothing but the signature vouches for it.
    #[must_use]
    pub fn signing_time(&self) -> Option<Timestamp> {
        let mut list = Reader::new(self.signer.attributes?.content);
        while let Some(attribute) = list.expect(der::SEQUENCE) {
            let mut fields = Reader::new(attribute.content);
            if fields.expect(der::OID).is_some_and(|oid| oid.content == OID_SIGNING_TIME) {
                return Reader::new(fields.expect(der::SET)?.content).any().and_then(time);
            }
        }
        None
    }

    fn is_by(&self, signer: Believed<'_>) -> Result<(), CmsError> {
        let belongs = match signer {
            Believed::Certificate(certificate) => {
                let brought = self.certificates.is_empty() || self.certificates.contains(&certificate.der());
                brought && self.names(certificate)
            }
            Believed::Key(spki) => {
                let mut brought = self.certificates.iter().filter_map(|der| Certificate::from_der(der).ok());
                self.certificates.is_empty()
                    || brought.any(|certificate| certificate.spki() == spki && self.names(&certificate))
            }
        };
        if belongs { Ok(()) } else { Err(CmsError::OtherSigner) }
    }
}

impl<'a> SignerInfo<'a> {
    fn read(mut fields: Reader<'a>, whole: Item<'a>) -> Result<Self, CmsError> {
        if whole.tag != der::SEQUENCE {
            return Err(form("the signer"));
        }
        version(&mut fields, &[1, 3])?;
        let identifier = fields.any().filter(|item| matches!(item.tag, der::SEQUENCE | 0x80));
        let identifier = identifier.ok_or(form("the signer's identifier"))?;
        let digest = fields.expect(der::SEQUENCE).ok_or(form("the digest algorithm"))?;
        let attributes = fields.expect(0xa0);
        let algorithm = fields.expect(der::SEQUENCE).ok_or(form("the signature algorithm"))?;
        let signature = fields.any().and_then(|item| fields.octets(item)).ok_or(form("the signature"))?;
        fields.expect(0xa1); // unsigned attributes, which nothing here relies on
        if !fields.is_empty() {
            return Err(form("the signer"));
        }
        Ok(Self { identifier, digest, attributes, algorithm, signature })
    }
}

/// What the signed attributes (RFC 5652 section 11) say.
struct Attributes<'a> {
    digest: &'a [u8],
}

impl<'a> Attributes<'a> {
    fn read(set: Item<'a>, wanted: &[u8]) -> Result<Self, CmsError> {
        let (mut kind, mut digest) = (None, None);
        let mut list = Reader::new(set.content);
        while !list.is_empty() {
            let attribute = list.expect(der::SEQUENCE).ok_or(form("the signed attributes"))?;
            let mut fields = list.inside(attribute);
            let oid = fields.expect(der::OID).ok_or(form("the signed attributes"))?;
            let slot = match oid.content {
                OID_CONTENT_TYPE => &mut kind,
                OID_MESSAGE_DIGEST => &mut digest,
                _ => continue,
            };
            // Section 11: exactly once, with exactly one value.
            let values = fields.expect(der::SET).ok_or(form("the signed attributes"))?;
            let mut values = fields.inside(values);
            let value = values.any().filter(|_| values.is_empty()).ok_or(form("the signed attributes"))?;
            if slot.replace(value).is_some() {
                return Err(form("the signed attributes"));
            }
        }
        kind.filter(|kind| kind.tag == der::OID && kind.content == wanted).ok_or(form("the signed content type"))?;
        let digest = digest.filter(|digest| digest.tag == der::OCTET_STRING).ok_or(form("the signed digest"))?;
        Ok(Self { digest: digest.content })
    }
}

/// The identifier of a hash algorithm, whose parameters are NULL or absent (RFC 5754 section 2).
fn digest_oid<'a>(algorithm: Item<'a>) -> Option<&'a [u8]> {
    let mut fields = Reader::ber(algorithm.content);
    let oid = fields.expect(der::OID)?;
    let plain = fields.any().is_none_or(|item| item.tag == der::NULL && item.content.is_empty());
    (plain && fields.is_empty()).then_some(oid.content)
}

fn version(fields: &mut Reader<'_>, allowed: &[u8]) -> Result<(), CmsError> {
    let number = fields.expect(der::INTEGER).ok_or(form("the version"))?;
    match number.content {
        [version] if allowed.contains(version) => Ok(()),
        _ => Err(form("the version")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = SignedData::read(&bytes);
        }
    }

    #[test]
    fn a_certificate_is_no_message() {
        assert!(matches!(SignedData::read(&[0x30, 0]), Err(CmsError::Form { .. })));
        assert!(matches!(SignedData::read(&[]), Err(CmsError::Form { .. })));
        assert!(matches!(SignedData::read(&[0x30, 0x80, 0, 0]), Err(CmsError::Form { .. })));
    }
}
