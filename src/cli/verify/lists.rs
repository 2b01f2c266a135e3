//! From paths to a store of trusted keys.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    keys::{Certificate, CertificateError, PublicKey, PublicKeyError},
    limits::TRUST_LIST_BYTES,
    trust::{
        ListInfo, TrustStore, TrustedKey,
        bundle::{self, BundleError},
    },
};

/// Why a list was not read. A verifier does not go on without a list that it was told to use.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListError {
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is larger than any trust list", path.display())]
    TooLarge { path: PathBuf },
    #[error("{}: {source}", path.display())]
    Bundle { path: PathBuf, source: BundleError },
    #[error("{}: {source}", path.display())]
    Certificate { path: PathBuf, source: CertificateError },
    #[error("{}: {source}", path.display())]
    Key { path: PathBuf, source: PublicKeyError },
    #[error("{} is no trust bundle and no certificate that this version knows", path.display())]
    Unknown { path: PathBuf },
}

impl ListError {
    pub(super) fn is_usage(&self) -> bool {
        false
    }
}

/// Reads every path into one store.
pub(super) fn load(paths: &[PathBuf], list_keys: &[PathBuf], unsigned: bool) -> Result<TrustStore, ListError> {
    let keys = list_keys.iter().map(|path| list_key(path)).collect::<Result<Vec<_>, _>>()?;
    let mut store = TrustStore::new();
    for path in paths {
        if path.is_dir() {
            let read = |source| ListError::Read { path: path.clone(), source };
            let mut entries: Vec<PathBuf> = fs::read_dir(path)
                .map_err(read)?
                .map(|e| e.map(|e| e.path()))
                .collect::<Result<_, _>>()
                .map_err(read)?;
            entries.sort();
            for entry in entries.iter().filter(|entry| entry.is_file()) {
                add(&mut store, entry, &keys, unsigned)?;
            }
        } else {
            add(&mut store, path, &keys, unsigned)?;
        }
    }
    Ok(store)
}

fn read(path: &Path) -> Result<Vec<u8>, ListError> {
    let wrong = |source| ListError::Read { path: path.to_owned(), source };
    if fs::metadata(path).map_err(wrong)?.len() > TRUST_LIST_BYTES {
        return Err(ListError::TooLarge { path: path.to_owned() });
    }
    fs::read(path).map_err(wrong)
}

/// Content of every PEM block with this label.
fn pem_blocks(bytes: &[u8], label: &str) -> Vec<Vec<u8>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.split(&begin)
        .skip(1)
        .filter_map(|block| block.split_once(&end))
        .filter_map(|(body, _)| STANDARD.decode(body.split_whitespace().collect::<String>()).ok())
        .collect()
}

fn list_key(path: &Path) -> Result<PublicKey, ListError> {
    let bytes = read(path)?;
    if let Some(spki) = pem_blocks(&bytes, "PUBLIC KEY").first() {
        return PublicKey::from_spki(spki).map_err(|source| ListError::Key { path: path.to_owned(), source });
    }
    let blocks = pem_blocks(&bytes, "CERTIFICATE");
    let der = blocks.first().unwrap_or(&bytes);
    let certificate = Certificate::from_der(der);
    let certificate = certificate.map_err(|source| ListError::Certificate { path: path.to_owned(), source })?;
    certificate.public_key().map_err(|source| ListError::Key { path: path.to_owned(), source })
}

fn add(store: &mut TrustStore, path: &Path, keys: &[PublicKey], unsigned: bool) -> Result<(), ListError> {
    let bytes = read(path)?;
    let name = path.display().to_string();
    if bundle::looks_like(&bytes) {
        let contents = bundle::read(&bytes, keys).or_else(|error| match error {
            BundleError::NoListKey if unsigned => bundle::read_unsigned(&bytes),
            other => Err(other),
        });
        let contents = contents.map_err(|source| ListError::Bundle { path: path.to_owned(), source })?;
        bundle::add_to(store, &contents, &name);
        return Ok(());
    }
    let mut certificates = pem_blocks(&bytes, "CERTIFICATE");
    if certificates.is_empty() && bytes.first() == Some(&0x30) {
        certificates.push(bytes);
    }
    if certificates.is_empty() {
        return Err(ListError::Unknown { path: path.to_owned() });
    }
    for der in certificates {
        let certificate = Certificate::from_der(&der);
        let certificate = certificate.map_err(|source| ListError::Certificate { path: path.to_owned(), source })?;
        let key = TrustedKey::from_certificate(&certificate, &name);
        store.add(key.map_err(|source| ListError::Key { path: path.to_owned(), source })?);
    }
    store.add_list(ListInfo { name, ..ListInfo::default() });
    Ok(())
}
