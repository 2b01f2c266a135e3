//! Key identifiers: opaque bytes, never a proof of anything.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::sha256;

/// A key identifier. Eight bytes by the EU specification (section 3.3.3), any length in the field, and not
/// unique: a verifier tries every key under it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kid(Vec<u8>);

impl Kid {
    /// Takes the bytes as they are.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// First eight bytes of the SHA-256 of the certificate's DER (EU specification 3.3.3).
    #[must_use]
    pub fn of_certificate(der: &[u8]) -> Self {
        Self(sha256(der).iter().copied().take(8).collect())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(&self.0))
    }
}

impl fmt::Debug for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kid({self})")
    }
}
