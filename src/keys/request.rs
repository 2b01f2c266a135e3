//! Certificate requests (PKCS#10, RFC 2986): what is sent to an authority that is somebody else's.

use super::{ChainError, Extensions, KeyKind, Name, SignatureKind, der, signature};

/// `extensionRequest`, 1.2.840.113549.1.9.14 (RFC 2985 section 5.4.2).
const EXTENSION_REQUEST: &str = "1.2.840.113549.1.9.14";

/// A request, what is signed of it, the algorithm and the signature.
type Read<'a> = (CertificateRequest, &'a [u8], &'a [u8], &'a [u8]);

/// A request, with its own signature checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRequest {
    /// Whose certificate is asked for.
    pub subject: Name,
    /// SubjectPublicKeyInfo in DER.
    pub spki: Vec<u8>,
    /// Kind of key.
    pub key: KeyKind,
    /// How the request is signed.
    pub signature: SignatureKind,
    /// The extensions that it asks for.
    pub extensions: Extensions,
}

impl CertificateRequest {
    /// Reads a request in DER and checks that the holder of its key signed it.
    ///
    /// # Errors
    /// [`ChainError`]: malformed, or the signature does not count.
    pub fn from_der(bytes: &[u8]) -> Result<Self, ChainError> {
        let (request, body, algorithm, signed) = Self::read(bytes).ok_or(ChainError::Form)?;
        signature::verify(&request.spki, algorithm, None, body, signed)?;
        Ok(request)
    }

    fn read(bytes: &[u8]) -> Option<Read<'_>> {
        let mut whole = der::Reader::new(bytes);
        let outer = whole.expect(der::SEQUENCE).filter(|_| whole.is_empty())?;
        let mut outer = der::Reader::new(outer.content);
        let body = outer.expect(der::SEQUENCE)?;
        let algorithm = outer.expect(der::SEQUENCE)?.content;
        let (unused, signed) = outer.expect(der::BIT_STRING)?.content.split_first()?;
        let mut fields = der::Reader::new(body.content);
        fields.expect(der::INTEGER).filter(|_| *unused == 0)?;
        let subject = fields.expect(der::SEQUENCE)?.whole;
        let spki = fields.expect(der::SEQUENCE)?.whole;
        let mut extensions = Extensions::default();
        let mut attributes = der::Reader::new(fields.expect(0xa0).map_or(&[][..], |item| item.content));
        while !attributes.is_empty() {
            let mut attribute = der::Reader::new(attributes.expect(der::SEQUENCE)?.content);
            let oid = der::dotted(attribute.expect(der::OID)?.content)?;
            let values = attribute.expect(der::SET)?.content;
            if oid == EXTENSION_REQUEST {
                extensions = Extensions::read(values)?;
            }
        }
        let request = Self {
            subject: Name::read(subject)?,
            spki: spki.to_vec(),
            key: KeyKind::of(spki)?,
            signature: SignatureKind::of(algorithm)?,
            extensions,
        };
        Some((request, body.whole, algorithm, signed))
    }
}
