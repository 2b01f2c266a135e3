//! Keys of a ceremony that are kept in files.

use std::path::Path;

use rcgen::{KeyPair, RsaKeySize};
use zeroize::Zeroizing;

use super::{Algorithm, CeremonyError};
use crate::{
    keys::MemoryX509Signer,
    signers::{NewKey, Passphrase, Protection, Unencrypted, load_private_key, write_private_key},
};

/// Makes a private key: PKCS#8 in DER. The randomness is the cryptographic library's.
pub(super) fn make(algorithm: Algorithm, name: &str) -> Result<Zeroizing<Vec<u8>>, CeremonyError> {
    let rsa = |size| KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size);
    let pair = match algorithm {
        Algorithm::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
        Algorithm::Rsa2048 => rsa(RsaKeySize::_2048),
        Algorithm::Rsa3072 => rsa(RsaKeySize::_3072),
        Algorithm::Rsa4096 => rsa(RsaKeySize::_4096),
    };
    let pair = pair.map_err(|_| CeremonyError::Library { what: format!("a key for {name}") })?;
    Ok(Zeroizing::new(pair.serialize_der()))
}

/// Writes a key file, and reads it again as its user will: a passphrase that does not open it is found now.
pub(super) fn store(
    path: &Path,
    pkcs8: &[u8],
    passphrase: Option<&Passphrase>,
    random: [u8; 32],
) -> Result<MemoryX509Signer, CeremonyError> {
    let (protection, unencrypted) = match passphrase {
        Some(passphrase) => (Protection::Passphrase(passphrase, random), Unencrypted::Refuse),
        None => (Protection::SandboxOnly, Unencrypted::AllowInSandbox),
    };
    write_private_key(path, pkcs8, &protection)?;
    let again = load_private_key(path, passphrase, unencrypted)?;
    Ok(MemoryX509Signer::new(&again)?)
}

/// The same kind as a token knows it.
pub(super) fn in_token(algorithm: Algorithm) -> NewKey {
    match algorithm {
        Algorithm::P256 => NewKey::P256,
        Algorithm::Rsa2048 => NewKey::Rsa(2_048),
        Algorithm::Rsa3072 => NewKey::Rsa(3_072),
        Algorithm::Rsa4096 => NewKey::Rsa(4_096),
    }
}
