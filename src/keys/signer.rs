//! Who signs: a trait that a key file, a token or a test can stand behind.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PSS_SHA256, RsaKeyPair},
};

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

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Pair {
    fn read(pkcs8: &[u8]) -> Result<Self, SignerError> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .map(Self::P256)
            .or_else(|_| Ed25519KeyPair::from_pkcs8(pkcs8).map(Self::Ed25519))
            .or_else(|_| RsaKeyPair::from_pkcs8(pkcs8).map(Self::Rsa))
            .map_err(|_| SignerError::Key)
    }

    fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256(_) => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::Rsa(_) => Algorithm::Ps256,
        }
    }

    fn public_key(&self) -> Result<PublicKey, SignerError> {
        let spki: Result<PublicKeyX509Der<'_>, _> = match self {
            Self::P256(pair) => pair.public_key().as_der(),
            Self::Ed25519(pair) => pair.public_key().as_der(),
            Self::Rsa(pair) => pair.public_key().as_der(),
        };
        let spki = spki.map_err(|_| SignerError::Key)?;
        PublicKey::from_spki(spki.as_ref()).map_err(|_| SignerError::Key)
    }

    fn sign(&self, random: &SystemRandom, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::P256(pair) => Some(pair.sign(random, message).ok()?.as_ref().to_vec()),
            Self::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PSS_SHA256, random, message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }
}

/// A private key in memory under a name of its own.
pub struct MemoryKey {
    pair: Pair,
    public: PublicKey,
    name: Kid,
    random: SystemRandom,
}

impl MemoryKey {
    /// Takes a private key (PKCS#8 in DER) and its name, such as the bytes of a DID.
    ///
    /// # Errors
    /// [`SignerError::Key`] when the key is unusable.
    pub fn new(pkcs8: &[u8], name: Kid) -> Result<Self, SignerError> {
        let pair = Pair::read(pkcs8)?;
        let public = pair.public_key()?;
        Ok(Self { pair, public, name, random: SystemRandom::new() })
    }
}

impl NamedSigner for MemoryKey {
    fn algorithm(&self) -> Algorithm {
        self.pair.algorithm()
    }

    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn name(&self) -> &Kid {
        &self.name
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.pair.sign(&self.random, message).ok_or_else(|| SignerError::Failed { kid: self.name.clone() })
    }
}

impl fmt::Debug for MemoryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryKey({}, {})", self.algorithm(), self.name)
    }
}

/// A private key in memory, and the certificate of its public half.
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
        let pair = Pair::read(pkcs8)?;
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
        self.pair.algorithm()
    }

    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.pair.sign(&self.random, message).ok_or_else(|| SignerError::Failed { kid: self.kid().clone() })
    }
}

impl fmt::Debug for MemorySigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemorySigner({}, {})", self.algorithm(), self.kid())
    }
}
