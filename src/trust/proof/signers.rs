//! The keys under which WHO signs its trust lists, as published: nothing else vouches for them, so they are pinned
//! here with their source.
//!
//! Each is the one key of the DID document `WHO/signing/DID/did.json` in the repository
//! `WorldHealthOrganization/tng-participants-{prod,uat,dev}` (commits 31746fa, e6a1f91, 29fc37f), and each verifies
//! published documents of its environment. A test list proves nothing at a border, so the environment is always
//! named by the caller. When WHO changes a key, the new one is given from outside as any other list key is.

use std::fmt;

use crate::keys::{PublicKey, PublicKeyError};

/// SubjectPublicKeyInfo of an uncompressed point on P-256 (RFC 5480), up to the coordinates.
const P256_SPKI: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

/// An environment of WHO's Global Digital Health Certification Network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// The real thing.
    Production,
    /// User acceptance tests of participants.
    Acceptance,
    /// Development.
    Development,
}

impl Environment {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Production, Self::Acceptance, Self::Development];

    /// The DID that the proofs of this environment name as `verificationMethod`.
    #[must_use]
    pub fn verification_method(self) -> &'static str {
        match self {
            Self::Production => {
                "did:web:raw.githubusercontent.com:WorldHealthOrganization:tng-participants-prod:main:WHO:signing:DID"
            }
            Self::Acceptance => {
                "did:web:raw.githubusercontent.com:WorldHealthOrganization:tng-participants-uat:main:WHO:signing:DID"
            }
            Self::Development => {
                "did:web:raw.githubusercontent.com:WorldHealthOrganization:tng-participants-dev:main:WHO:signing:DID"
            }
        }
    }

    /// The key that signs the lists of this environment (version 2 of the lists; who signs version 1 is not
    /// published).
    ///
    /// # Errors
    /// None in practice; a test reads all three.
    pub fn signer(self) -> Result<PublicKey, PublicKeyError> {
        let (x, y) = match self {
            Self::Production => (PRODUCTION_X, PRODUCTION_Y),
            Self::Acceptance => (ACCEPTANCE_X, ACCEPTANCE_Y),
            Self::Development => (DEVELOPMENT_X, DEVELOPMENT_Y),
        };
        PublicKey::from_spki(&[&P256_SPKI[..], &x, &y].concat())
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Production => "GDHCN production",
            Self::Acceptance => "GDHCN acceptance (UAT)",
            Self::Development => "GDHCN development",
        })
    }
}

const PRODUCTION_X: [u8; 32] = [
    0x66, 0x53, 0x30, 0xa2, 0x49, 0x9c, 0x4b, 0xcb, 0xf1, 0xd1, 0xcd, 0xe6, 0x73, 0x7f, 0x1e, 0x2d, 0x55, 0x0c, 0x11,
    0x55, 0x76, 0x05, 0x78, 0xdd, 0x32, 0x9b, 0xc1, 0x7a, 0xe7, 0x9e, 0x59, 0x9c,
];
const PRODUCTION_Y: [u8; 32] = [
    0xf0, 0x21, 0xa2, 0x49, 0x7b, 0x1a, 0xba, 0x21, 0x40, 0x6c, 0x3c, 0x6f, 0x39, 0xc9, 0x85, 0xc7, 0x2b, 0x30, 0x33,
    0x4e, 0xcb, 0x77, 0xce, 0x7e, 0x10, 0xb4, 0x5c, 0xa1, 0x36, 0xce, 0xf5, 0x9e,
];
const ACCEPTANCE_X: [u8; 32] = [
    0x56, 0x04, 0xbc, 0x30, 0x07, 0xdb, 0xb1, 0x37, 0x17, 0x9d, 0xf2, 0xab, 0xf9, 0xd4, 0x63, 0x9d, 0xfb, 0xa6, 0xab,
    0xb5, 0x0f, 0xf7, 0x59, 0xed, 0x3b, 0x57, 0x0e, 0x95, 0x0e, 0x21, 0x9a, 0xb2,
];
const ACCEPTANCE_Y: [u8; 32] = [
    0xda, 0xbc, 0xa3, 0x9d, 0x46, 0xad, 0x94, 0xad, 0xe4, 0xc0, 0x31, 0x3f, 0x2c, 0x72, 0xbb, 0xbc, 0x58, 0x90, 0x44,
    0x92, 0x8f, 0xc4, 0xa9, 0xf7, 0xd7, 0xe2, 0xa3, 0x61, 0x99, 0x46, 0xac, 0x81,
];
const DEVELOPMENT_X: [u8; 32] = [
    0x98, 0x1f, 0x53, 0xea, 0x82, 0x79, 0xed, 0x92, 0xa5, 0x0b, 0x57, 0xf5, 0xe7, 0x4f, 0xb7, 0xe0, 0xcd, 0xc9, 0x93,
    0x13, 0x76, 0xd8, 0xb7, 0x75, 0x05, 0x05, 0x4f, 0xa8, 0x97, 0xe0, 0x1f, 0xa9,
];
const DEVELOPMENT_Y: [u8; 32] = [
    0xbd, 0x6e, 0xc6, 0x98, 0x29, 0xf9, 0x78, 0xdc, 0xdb, 0x8d, 0xd8, 0xc8, 0xf0, 0xf6, 0x16, 0xbd, 0xa9, 0xe8, 0xbd,
    0x62, 0x08, 0x62, 0x8a, 0xaf, 0xd1, 0x91, 0x3f, 0x96, 0xfb, 0x83, 0xd9, 0xdf,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pinned_key_is_a_point_on_its_curve() {
        for environment in Environment::ALL {
            assert!(environment.signer().unwrap().is_p256(), "{environment}");
        }
    }
}
