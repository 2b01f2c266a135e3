//! Signature algorithms by their COSE numbers.

use std::fmt;

/// A signature algorithm that some format of ours uses (IANA COSE Algorithms).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA with SHA-256 (RFC 9053 section 2.1), COSE −7. In the EU DCC on P-256.
    Es256,
    /// RSASSA-PSS with SHA-256, MGF1-SHA-256 and a salt of 32 bytes (RFC 8230), COSE −37.
    Ps256,
    /// EdDSA on Ed25519 (RFC 9053 section 2.2), COSE −8. Never in the EU DCC.
    EdDsa,
}

impl Algorithm {
    /// The number in COSE header 1.
    #[must_use]
    pub fn cose(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::Ps256 => -37,
            Self::EdDsa => -8,
        }
    }

    /// The algorithm with this COSE number, if it is one of ours.
    #[must_use]
    pub fn from_cose(number: i64) -> Option<Self> {
        [Self::Es256, Self::Ps256, Self::EdDsa].into_iter().find(|a| a.cose() == number)
    }
}

/// A name that no algorithm of ours has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a signature algorithm that this program knows: ES256, PS256 or EdDSA")]
pub struct UnknownAlgorithm;

impl std::str::FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    /// Reads the name that `Display` writes.
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        match name {
            "ES256" => Ok(Self::Es256),
            "PS256" => Ok(Self::Ps256),
            "EdDSA" => Ok(Self::EdDsa),
            _ => Err(UnknownAlgorithm),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
        })
    }
}
