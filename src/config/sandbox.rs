//! The sandbox's throw-away keys in a folder, made once and used again.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::{ConfigError, keys};
use crate::{
    batch::Random,
    keys::{Certificate, Kid, MemoryKey, MemorySigner, NamedSigner, Signer},
    signers::{
        Protection, Unencrypted, load_private_key,
        sandbox::{Identity, SignerKey, Validity, make},
    },
};

/// The two signers of a sandbox.
pub(super) struct SandboxKeys {
    pub(super) signer: Arc<dyn Signer>,
    pub(super) list_signer: Arc<dyn Signer>,
    pub(super) named: Arc<dyn NamedSigner>,
}

/// File names in a folder of keys.
pub(super) const SIGNER: &str = "dsc";
/// The root, which signs the sandbox's bundles too.
pub(super) const ROOT: &str = "csca";
/// The key for linked data.
pub(super) const NAMED: &str = "divoc";

/// Name of the sandbox's key for linked data; `.invalid` can never be anybody's (RFC 2606).
pub(super) const DID: &str = "did:web:sandbox.invalid";
/// Address in which the sandbox's DIVOC credentials stand.
pub(super) const BASE_URL: &str = "https://sandbox.invalid/";

pub(super) fn certificate_path(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.pem"))
}

pub(super) fn key_path(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}-key.pem"))
}

/// Loads the keys of a sandbox, or makes them.
pub(super) fn keys(dir: &Path, now: Timestamp, random: &Random) -> Result<SandboxKeys, ConfigError> {
    if !certificate_path(dir, SIGNER).exists() {
        make_keys(dir, now, random)?;
    }
    make_named_key(dir)?;
    let named = load_private_key(&key_path(dir, NAMED), None, Unencrypted::AllowInSandbox)?;
    let named = Arc::new(MemoryKey::new(&named, Kid::new(DID.as_bytes()))?);
    Ok(SandboxKeys { signer: load(dir, SIGNER)?, list_signer: load(dir, ROOT)?, named })
}

/// Makes the key for linked data in a folder that has none.
pub(super) fn make_named_key(dir: &Path) -> Result<(), ConfigError> {
    let path = key_path(dir, NAMED);
    if path.exists() {
        return Ok(());
    }
    let key = crate::signers::sandbox::make_named_key()?;
    Ok(crate::signers::write_private_key(&path, &key, &Protection::SandboxOnly)?)
}

fn load(dir: &Path, name: &str) -> Result<Arc<dyn Signer>, ConfigError> {
    let certificate: Certificate = keys::certificate(&certificate_path(dir, name))?;
    if !certificate.is_sandbox() {
        return Err(ConfigError::ProductionKey { kid: certificate.kid().to_string() });
    }
    let pkcs8 = load_private_key(&key_path(dir, name), None, Unencrypted::AllowInSandbox)?;
    Ok(Arc::new(MemorySigner::new(&pkcs8, certificate)?))
}

/// Makes the keys of a sandbox in a folder that has none.
pub(super) fn make_keys(dir: &Path, now: Timestamp, random: &Random) -> Result<(), ConfigError> {
    let mut serials = [[0; 16]; 2];
    for serial in &mut serials {
        random(serial).map_err(|error| ConfigError::Setting { setting: "randomness", problem: error.to_string() })?;
    }
    let sandbox = make(SignerKey::P256, &Validity::recommended(now)?, serials)?;
    fs::create_dir_all(dir).map_err(ConfigError::file(dir))?;
    // The signer's certificate comes last: while it is missing, an interrupted start is begun again.
    write(dir, ROOT, &sandbox.csca)?;
    write(dir, SIGNER, &sandbox.signer)
}

fn write(dir: &Path, name: &str, identity: &Identity) -> Result<(), ConfigError> {
    let key = key_path(dir, name);
    if key.exists() {
        // Left by an interrupted start: no certificate was ever signed with it.
        fs::remove_file(&key).map_err(ConfigError::file(&key))?;
    }
    crate::signers::write_private_key(&key, &identity.private_key, &Protection::SandboxOnly)?;
    let path = certificate_path(dir, name);
    fs::write(&path, &identity.certificate_pem).map_err(ConfigError::file(&path))
}
