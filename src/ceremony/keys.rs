//! Keys of a ceremony: made here and kept in files, or kept in a token.

use std::path::Path;

use rcgen::{KeyPair, RsaKeySize};
use zeroize::Zeroizing;

use super::{Algorithm, CeremonyError};
use crate::{
    keys::{MemoryX509Signer, X509Signer},
    signers::{Passphrase, Protection, TokenUri, Tokens, Unencrypted, load_private_key, write_private_key},
};

/// Keys in a token, by the name that the file gives them. The token must be open already.
pub trait TokenKeys {
    /// The key of this name, ready to sign.
    ///
    /// # Errors
    /// What is wrong and what to do, in one sentence.
    fn signer(&self, name: &str) -> Result<Box<dyn X509Signer>, String>;
}

impl TokenKeys for Tokens {
    /// The key of this name (`pkcs11:token=LABEL;object=KEY`), which is in the token already: `vaccert keys make` makes
    /// one.
    fn signer(&self, name: &str) -> Result<Box<dyn X509Signer>, String> {
        let uri = TokenUri::parse(name).map_err(|error| format!("the name of the key {error}"))?;
        let signer = self.x509_signer(&uri).map_err(|error| error.to_string())?;
        Ok(Box::new(signer))
    }
}

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
