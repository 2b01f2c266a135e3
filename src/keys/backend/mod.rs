//! The cryptography itself, behind one seam. aws-lc-rs everywhere but in a browser, for which it cannot be built:
//! WebAssembly gets the RustCrypto crates, under the same tests (`tests.rs` here asks both about the same data).
//!
//! Above this seam stand all decisions: which algorithm serves which key, which lengths and which encodings count.

#[cfg(not(target_arch = "wasm32"))]
mod library;
#[cfg(any(all(test, feature = "verify"), target_arch = "wasm32"))]
mod pure;
#[cfg(test)]
#[cfg(feature = "verify")]
mod tests;

#[cfg(not(target_arch = "wasm32"))]
pub(super) use library::{Key, Sha256, hash, verify};
#[cfg(target_arch = "wasm32")]
pub(super) use pure::{Key, Sha256, hash, verify};

use super::signature::Digest;

/// A curve of RFC 5480 section 2.1.1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// Bytes of a field element, and so of each half of a signature `r‖s`.
    pub(super) const fn field(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// What a document's key is, with the one algorithm that it serves: ECDSA with SHA-256, RSASSA-PSS with SHA-256
/// and a salt of 32, Ed25519.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyForm {
    /// A point (SEC 1 section 2.3.3).
    Curve(Curve),
    /// An `RSAPublicKey` (RFC 8017 appendix A.1.1) of 2,048 bits or more.
    Rsa,
    /// 32 bytes (RFC 8032 section 5.1.5).
    Ed25519,
}

/// How a signature of a certificate or a CMS message is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// The signature is DER.
    Ecdsa(Curve, Digest),
    /// RSASSA-PKCS1-v1.5.
    Pkcs1(Digest),
    /// RSASSA-PSS with a salt as long as the hash.
    Pss(Digest),
}
