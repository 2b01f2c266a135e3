//! Who signs certificates, requests for them, and CMS messages: a trait that a key file or a token can stand
//! behind. Unlike a document signer ([`Signer`](super::Signer)) it writes signatures as X.509 does: ECDSA in DER,
//! RSA as RSASSA-PKCS1-v1.5, which gateways ask for (facts on the trust framework, section 2).

use std::sync::Arc;

use super::{Kid, SignerError, sha256};

/// Algorithm of a signature on a certificate or a CMS message, always over SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum X509Algorithm {
    /// ECDSA with P-256 (RFC 5758 section 3.2).
    EcdsaSha256,
    /// RSASSA-PKCS1-v1.5 (RFC 8017 section 8.2).
    RsaSha256,
}

/// Makes signatures on certificates, requests and CMS messages with one private key.
pub trait X509Signer: Send + Sync {
    /// The algorithm of every signature it makes.
    fn algorithm(&self) -> X509Algorithm;

    /// The public half: SubjectPublicKeyInfo in DER.
    fn spki(&self) -> &[u8];

    /// Signs `message`; ECDSA signatures are DER.
    ///
    /// # Errors
    /// [`SignerError`] when the key or the token that holds it fails.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}

impl<T: X509Signer + ?Sized> X509Signer for Arc<T> {
    fn algorithm(&self) -> X509Algorithm {
        (**self).algorithm()
    }

    fn spki(&self) -> &[u8] {
        (**self).spki()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        (**self).sign(message)
    }
}

/// A key without a certificate is named by its own hash.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn key_name(spki: &[u8]) -> Kid {
    Kid::new(sha256(spki).get(..8).unwrap_or_default())
}
