//! Keys and certificates that the caller believes as signers of lists.

use jiff::Timestamp;

use super::{did, json::Json, text};
use crate::{
    keys::{Certificate, CertificateError, PublicKey, PublicKeyError, der, sha256},
    trust::{
        cms::Believed,
        path::{self, Reason},
    },
};

/// A signer of lists.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a list has a handful of them")]
pub enum ListKey {
    /// A certificate: a trust anchor or an upload certificate.
    Certificate(Certificate),
    /// A bare public key: its SubjectPublicKeyInfo in DER.
    Key(Vec<u8>),
}

/// Why a file holds no list key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListKeyError {
    /// Nothing that looks like one.
    #[error("this is no public key and no certificate, neither in PEM nor in DER")]
    Unknown,
    /// A private key.
    #[error("this is a private key; give the public key or the certificate of whoever signs the list")]
    PrivateKey,
    /// A certificate that cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A key that cannot be read.
    #[error("the public key is neither a SubjectPublicKeyInfo structure nor a JWK of P-256, P-384 or RSA")]
    Key,
}

impl ListKey {
    /// Reads the keys and certificates of a file in PEM, the one of a file in DER, or the keys of a JWK, a JWKS or
    /// a DID document, the only form in which WHO publishes the key of its lists.
    ///
    /// # Errors
    /// [`ListKeyError`] says what is wrong with the first that cannot be read: a list key that is quietly left
    /// out would make every list that it signs look forged.
    pub fn read(bytes: &[u8]) -> Result<Vec<Self>, ListKeyError> {
        if bytes.trim_ascii_start().first() == Some(&b'{') {
            return Self::from_json(bytes);
        }
        if !text::is_pem(bytes) {
            return Ok(vec![Self::from_der(bytes)?]);
        }
        let mut keys = Vec::new();
        for (label, content) in text::pem(bytes) {
            let content = content.ok_or(ListKeyError::Unknown);
            match label.as_str() {
                "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
                    keys.push(Self::Certificate(Certificate::from_der(&content?)?));
                }
                "PUBLIC KEY" => keys.push(Self::from_spki(content?)?),
                private if private.ends_with("PRIVATE KEY") => return Err(ListKeyError::PrivateKey),
                _ => {}
            }
        }
        if keys.is_empty() { Err(ListKeyError::Unknown) } else { Ok(keys) }
    }

    fn from_json(bytes: &[u8]) -> Result<Vec<Self>, ListKeyError> {
        let document = Json::read(bytes).map_err(|_| ListKeyError::Unknown)?;
        let list = |name| document.get(name).and_then(Json::as_list).unwrap_or_default();
        let methods = list("verificationMethod").iter().filter_map(|method| method.get("publicKeyJwk"));
        let alone = document.get("kty").map(|_| &document);
        let mut keys = Vec::new();
        for jwk in methods.chain(list("keys")).chain(alone) {
            if jwk.get("d").is_some() {
                return Err(ListKeyError::PrivateKey);
            }
            let key = did::jwk_key(jwk).map_err(|_| ListKeyError::Key)?;
            keys.push(Self::Key(key.to_spki()));
        }
        if keys.is_empty() { Err(ListKeyError::Unknown) } else { Ok(keys) }
    }

    fn from_der(bytes: &[u8]) -> Result<Self, ListKeyError> {
        let outer = der::Reader::new(bytes).expect(der::SEQUENCE).ok_or(ListKeyError::Unknown)?;
        let mut fields = der::Reader::new(outer.content);
        let (first, second) = (fields.expect(der::SEQUENCE), fields.any());
        match (first, second.map(|item| item.tag)) {
            (Some(_), Some(der::BIT_STRING)) => Self::from_spki(outer.whole.to_vec()),
            (Some(_), Some(_)) => Ok(Self::Certificate(Certificate::from_der(bytes)?)),
            _ => Err(ListKeyError::Unknown),
        }
    }

    fn from_spki(spki: Vec<u8>) -> Result<Self, ListKeyError> {
        let outer = der::Reader::new(&spki).expect(der::SEQUENCE).ok_or(ListKeyError::Key)?;
        let mut fields = der::Reader::new(outer.content);
        fields.expect(der::SEQUENCE).and(fields.expect(der::BIT_STRING)).ok_or(ListKeyError::Key)?;
        let whole = outer.whole.to_vec();
        Ok(Self::Key(whole))
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        match self {
            Self::Certificate(certificate) => certificate.spki(),
            Self::Key(spki) => spki,
        }
    }

    /// The public key, for lists that are signed as a whole.
    ///
    /// # Errors
    /// When the key is of a kind that only signs certificates and CMS messages (P-521).
    pub fn public_key(&self) -> Result<PublicKey, PublicKeyError> {
        PublicKey::from_spki(self.spki())
    }

    /// As a signer of CMS messages.
    pub(super) fn believed(&self) -> Believed<'_> {
        match self {
            Self::Certificate(certificate) => Believed::Certificate(certificate),
            Self::Key(spki) => Believed::Key(spki),
        }
    }

    /// Country of the certificate; a bare key has none.
    pub(super) fn country(&self) -> Option<&str> {
        match self {
            Self::Certificate(certificate) => certificate.country(),
            Self::Key(_) => None,
        }
    }

    /// What is wrong with its dates, if it has any: a bare key has none.
    #[must_use]
    pub fn date_fault(&self, at: Timestamp) -> Option<Reason> {
        match self {
            Self::Certificate(certificate) => path::date_fault(certificate, at),
            Self::Key(_) => None,
        }
    }

    /// In words, to show which key a list was believed under: kind, and the first eight bytes of a SHA-256 as
    /// certificates' thumbprints begin.
    #[must_use]
    pub fn describe(&self) -> String {
        let start = |data: &[u8]| sha256(data).iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>();
        match self {
            Self::Certificate(certificate) => format!("certificate {}", start(certificate.der())),
            Self::Key(spki) => format!("key {}", start(spki)),
        }
    }
}
