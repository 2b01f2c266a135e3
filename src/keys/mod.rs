//! Algorithms, key identifiers, public keys, signatures and certificates.
//!
//! Everything that proves who signed lives here and nothing of what was signed. The cryptography is
//! aws-lc-rs, in a browser RustCrypto (`backend`); what is ours is the binding of an algorithm to a kind of key (RFC 9053, RFC 8230: a key never
//! serves an algorithm that it was not made for) and a reader of certificates that takes from a damaged
//! certificate what is still sound in it.

mod algorithm;
mod backend;
pub(crate) mod certificate;
mod chain;
pub(crate) mod der;
mod details;
mod distinguished_name;
mod ecdsa;
mod kid;
mod known;
#[cfg(not(target_arch = "wasm32"))]
mod memory;
mod name;
pub mod pem;
mod profile;
#[cfg(feature = "verify")]
mod pss;
mod public;
mod request;
mod set;
pub(crate) mod signature;
mod signer;
#[cfg(feature = "verify")]
mod strength;
#[cfg(test)]
mod wycheproof;
mod x509;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use certificate::{Certificate, CertificateError, Purpose, SANDBOX_ORGANISATION};
pub use details::{BasicConstraints, Details, Extensions, KeyKind, KeyUsage, SignatureKind};
pub use distinguished_name::Name;
pub use ecdsa::EcdsaHash;
pub use kid::Kid;
pub use known::{KnownKey, Published, known_key};
#[cfg(not(target_arch = "wasm32"))]
pub use memory::{MemoryKey, MemorySigner, MemoryX509Signer};
pub use profile::{KeyUsePeriod, Profile};
pub use public::{PublicKey, PublicKeyError, SignatureError, signature_to_der};
pub use request::CertificateRequest;
pub use set::{Member, NotSigning, Publication, SetError, SignerSet, SignerState};
pub use signature::ChainError;
pub use signer::{Health, NamedSigner, Signer, SignerError};
#[cfg(feature = "verify")]
pub use strength::{KeyUse, UnfitKey, refuse};
pub use x509::{X509Algorithm, X509Signer};

/// SHA-256 of `data`.
#[must_use]
pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut hash = backend::Sha256::new();
    hash.update(data);
    hash.finish()
}

/// SHA-256 of everything that a reader gives.
///
/// # Errors
/// Those of the reader.
pub fn sha256_of(reader: &mut dyn std::io::Read) -> std::io::Result<[u8; 32]> {
    let mut context = backend::Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(context.finish()),
            Ok(count) => context.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
