//! Who signs certificates, requests for them, and CMS messages: a trait that a key file or a token can stand
//! behind. Unlike a document signer ([`Signer`](super::Signer)) it writes signatures as X.509 does: ECDSA in DER,
//! RSA as RSASSA-PKCS1-v1.5, which gateways ask for (facts on the trust framework, section 2).

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};

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

enum Pair {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// A private key in memory.
pub struct MemoryX509Signer {
    pair: Pair,
    spki: Vec<u8>,
    random: SystemRandom,
}

impl MemoryX509Signer {
    /// Takes a private key (PKCS#8 in DER) for P-256 or RSA with at least 2048 bits.
    ///
    /// # Errors
    /// [`SignerError::Key`] when the key is unusable.
    pub fn new(pkcs8: &[u8]) -> Result<Self, SignerError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8)
            .map(Pair::P256)
            .or_else(|_| RsaKeyPair::from_pkcs8(pkcs8).map(Pair::Rsa))
            .map_err(|_| SignerError::Key)?;
        let spki: Result<PublicKeyX509Der<'_>, _> = match &pair {
            Pair::P256(pair) => pair.public_key().as_der(),
            Pair::Rsa(pair) => pair.public_key().as_der(),
        };
        let spki = spki.map_err(|_| SignerError::Key)?.as_ref().to_vec();
        Ok(Self { pair, spki, random: SystemRandom::new() })
    }
}

impl X509Signer for MemoryX509Signer {
    fn algorithm(&self) -> X509Algorithm {
        match self.pair {
            Pair::P256(_) => X509Algorithm::EcdsaSha256,
            Pair::Rsa(_) => X509Algorithm::RsaSha256,
        }
    }

    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let signature = match &self.pair {
            Pair::P256(pair) => pair.sign(&self.random, message).map(|signature| signature.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).map(|()| signature)
            }
        };
        signature.map_err(|_| SignerError::Failed { kid: key_name(&self.spki) })
    }
}

/// A key without a certificate is named by its own hash.
fn key_name(spki: &[u8]) -> Kid {
    Kid::new(sha256(spki).get(..8).unwrap_or_default())
}

impl fmt::Debug for MemoryX509Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryX509Signer({:?}, {})", self.algorithm(), key_name(&self.spki))
    }
}
