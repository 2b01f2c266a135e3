//! Who signs: a trait that a key file, a token or a test can stand behind.

use std::fmt;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PSS_SHA256, RsaKeyPair},
};

use super::{Algorithm, Certificate, CertificateError, Kid, PublicKey};

/// Makes signatures with one private key, whose certificate the world knows.
pub trait Signer: Send + Sync {
    /// The algorithm of every signature it makes.
    fn algorithm(&self) -> Algorithm;

    /// The certificate of its key.
    fn certificate(&self) -> &Certificate;

    /// Signs `message`; ECDSA signatures are `r‖s`.
    ///
    /// # Errors
    /// [`SignerError`] when the key or the token that holds it fails.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;

    /// The key identifier of its certificate.
    fn kid(&self) -> &Kid {
        self.certificate().kid()
    }
}

/// Why a signer cannot be made or does not sign.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The private key is no PKCS#8 of a P-256, Ed25519 or RSA key of at least 2048 bits.
    #[error("the private key is not a PKCS#8 key for P-256, Ed25519 or RSA with at least 2048 bits")]
    Key,
    /// The certificate is of another key.
    #[error("the private key and the certificate {kid} do not belong together; give the key that was certified")]
    OtherKey {
        /// Key identifier of the certificate.
        kid: Kid,
    },
    /// The certificate cannot be read.
    #[error("the signer's certificate cannot be used: {0}")]
    Certificate(#[from] CertificateError),
    /// The operation failed inside the cryptographic library or the token.
    #[error("the key {kid} failed to sign")]
    Failed {
        /// Key identifier.
        kid: Kid,
    },
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// A private key in memory.
pub struct MemorySigner {
    pair: Pair,
    certificate: Certificate,
    random: SystemRandom,
}

impl MemorySigner {
    /// Takes a private key (PKCS#8 in DER) and the certificate of its public half.
    ///
    /// # Errors
    /// [`SignerError`] when the key is unusable or the two do not belong together.
    pub fn new(pkcs8: &[u8], certificate: Certificate) -> Result<Self, SignerError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .map(Pair::P256)
            .or_else(|_| Ed25519KeyPair::from_pkcs8(pkcs8).map(Pair::Ed25519))
            .or_else(|_| RsaKeyPair::from_pkcs8(pkcs8).map(Pair::Rsa))
            .map_err(|_| SignerError::Key)?;
        let public = match &pair {
            Pair::P256(pair) => pair.public_key().as_ref(),
            Pair::Ed25519(pair) => pair.public_key().as_ref(),
            Pair::Rsa(pair) => pair.public_key().as_ref(),
        };
        if !certificate.holds_key(public) {
            return Err(SignerError::OtherKey { kid: certificate.kid().clone() });
        }
        Ok(Self { pair, certificate, random: SystemRandom::new() })
    }

    /// The public half, ready to check what this signer signs.
    ///
    /// # Errors
    /// [`SignerError::Certificate`] when the certificate's key is of an unsupported kind.
    pub fn public_key(&self) -> Result<PublicKey, SignerError> {
        self.certificate.public_key().map_err(|e| SignerError::Certificate(e.into()))
    }
}

impl Signer for MemorySigner {
    fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::P256(_) => Algorithm::Es256,
            Pair::Ed25519(_) => Algorithm::EdDsa,
            Pair::Rsa(_) => Algorithm::Ps256,
        }
    }

    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let failed = |_| SignerError::Failed { kid: self.kid().clone() };
        match &self.pair {
            Pair::P256(pair) => Ok(pair.sign(&self.random, message).map_err(failed)?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PSS_SHA256, &self.random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
        }
    }
}

impl fmt::Debug for MemorySigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemorySigner({}, {})", self.algorithm(), self.kid())
    }
}
