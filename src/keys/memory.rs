//! Signers whose private key is in memory. A browser has none: the verifier as WebAssembly is built without them.

use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
        RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};

use super::{
    Algorithm, Certificate, Kid, NamedSigner, PublicKey, Signer, SignerError, X509Algorithm, X509Signer, x509,
};

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

enum X509Pair {
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// A private key in memory.
pub struct MemoryX509Signer {
    pair: X509Pair,
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
            .map(X509Pair::P256)
            .or_else(|_| RsaKeyPair::from_pkcs8(pkcs8).map(X509Pair::Rsa))
            .map_err(|_| SignerError::Key)?;
        let spki: Result<PublicKeyX509Der<'_>, _> = match &pair {
            X509Pair::P256(pair) => pair.public_key().as_der(),
            X509Pair::Rsa(pair) => pair.public_key().as_der(),
        };
        let spki = spki.map_err(|_| SignerError::Key)?.as_ref().to_vec();
        Ok(Self { pair, spki, random: SystemRandom::new() })
    }
}

impl X509Signer for MemoryX509Signer {
    fn algorithm(&self) -> X509Algorithm {
        match self.pair {
            X509Pair::P256(_) => X509Algorithm::EcdsaSha256,
            X509Pair::Rsa(_) => X509Algorithm::RsaSha256,
        }
    }

    fn spki(&self) -> &[u8] {
        &self.spki
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let signature = match &self.pair {
            X509Pair::P256(pair) => pair.sign(&self.random, message).map(|signature| signature.as_ref().to_vec()),
            X509Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).map(|()| signature)
            }
        };
        signature.map_err(|_| SignerError::Failed { kid: x509::key_name(&self.spki) })
    }
}

impl fmt::Debug for MemoryX509Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryX509Signer({:?}, {})", self.algorithm(), x509::key_name(&self.spki))
    }
}
