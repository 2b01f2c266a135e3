//! ECDSA with the hash function named apart from the curve, as seals of ICAO have it: the document names the hash,
//! the certificate beside it brings the curve.

use std::fmt;

use super::{
    Certificate, ChainError,
    signature::{self, Digest},
};

/// ECDSA by the hash function that it uses. ICAO borrows the names of RFC 7518 section 3.4 and, other than there,
/// binds none of them to a curve (technical report "VDS for Non-Constrained environments", signature zone).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EcdsaHash {
    /// SHA-256, `ES256`.
    Sha256,
    /// SHA-384, `ES384`.
    Sha384,
    /// SHA-512, `ES512`.
    Sha512,
}

impl EcdsaHash {
    /// By its name in JSON; `None` for any other algorithm.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|hash| hash.name() == name)
    }

    /// Its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "ES256",
            Self::Sha384 => "ES384",
            Self::Sha512 => "ES512",
        }
    }

    pub(super) fn digest(self) -> Digest {
        match self {
            Self::Sha256 => Digest::Sha256,
            Self::Sha384 => Digest::Sha384,
            Self::Sha512 => Digest::Sha512,
        }
    }
}

impl fmt::Display for EcdsaHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Certificate {
    /// Checks `signature` (`r‖s`, each as long as the curve's field) over `message` with the certificate's key, on
    /// P-256, P-384 or P-521. Says nothing of whether the certificate may be believed.
    ///
    /// # Errors
    /// [`ChainError::WrongKind`] for a key that is not on a curve, [`ChainError::Unsupported`] for another curve,
    /// [`ChainError::Mismatch`] when the signature does not match or has another length.
    pub fn verify_ecdsa(&self, hash: EcdsaHash, message: &[u8], signature: &[u8]) -> Result<(), ChainError> {
        signature::verify_fixed(self.spki(), hash.digest(), message, signature)
    }
}
