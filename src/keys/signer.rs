//! Who signs: a trait that a key file, a token or a test can stand behind.

use jiff::Timestamp;

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

    /// Whether it can sign, as far as its last use told. A key in memory always can.
    fn health(&self) -> Health {
        Health::Ok
    }

    /// The key identifier of its certificate.
    fn kid(&self) -> &Kid {
        self.certificate().kid()
    }
}

/// Whether a signer can sign, as far as is known without asking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It can.
    Ok,
    /// The token that holds its key does not answer. It is asked again by itself.
    Away {
        /// The first failure since it last signed.
        since: Timestamp,
        /// The last error, by its name.
        reason: String,
    },
    /// The token refuses, and asking again would do harm: a wrong PIN locks it. Somebody has to look.
    Refused {
        /// When it refused.
        since: Timestamp,
        /// Why, in one clause.
        reason: String,
    },
}

/// Makes signatures with one private key that is known by a name of its own (a DID), with or without a certificate.
pub trait NamedSigner: Send + Sync {
    /// The algorithm of every signature it makes.
    fn algorithm(&self) -> Algorithm;

    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// The name, as the bytes under which trust lists have it.
    fn name(&self) -> &Kid;

    /// Signs `message`.
    ///
    /// # Errors
    /// [`SignerError`] when the key or the token that holds it fails.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
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
    /// The token that holds the key is not there: switched off, unplugged, or its network is down.
    #[error(
        "the token {token} is away ({reason}): nothing is signed until it is back, which is noticed without a restart; \
         check that it is switched on and reachable"
    )]
    Away {
        /// Name of the token.
        token: String,
        /// What it said, by name, or that it did not answer in time.
        reason: String,
    },
    /// The token is there and lets nobody in; it is not asked again before a restart.
    #[error("the token {token} refuses ({reason}): put that right and start the program again")]
    Refused {
        /// Name of the token.
        token: String,
        /// Why, in one clause.
        reason: String,
    },
    /// The operation failed inside the cryptographic library or the token.
    #[error("the key {kid} failed to sign")]
    Failed {
        /// Key identifier.
        kid: Kid,
    },
}
