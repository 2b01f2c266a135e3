//! Keys and certificates that the configuration names.

use std::{fs, path::Path, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::SignedDuration;

use super::{
    ConfigError, Environment, environment_variable,
    file::File,
    secret,
    signers::{KeyPlace, Loader},
};
use crate::{
    batch::ListKey,
    issue::LinkedData,
    keys::{
        Certificate, CertificateError, KeyUse, Kid, MemoryKey, NamedSigner, SetError, Signer, SignerError, SignerSet,
        refuse,
    },
    limits::SMALL_FILE_BYTES,
    signers::Passphrase,
};

/// The certificate in a file, PEM or DER; the first one of several.
pub(crate) fn certificate(path: &Path) -> Result<Certificate, ConfigError> {
    let bytes = small_file(path)?;
    let der = pem_content(&bytes, "CERTIFICATE").unwrap_or(bytes);
    Certificate::from_der(&der).map_err(|source| ConfigError::Certificate { path: path.to_owned(), source })
}

/// The certificates in a file: every one of PEM, or one in DER.
pub(super) fn certificates(path: &Path) -> Result<Vec<Certificate>, ConfigError> {
    let bytes = small_file(path)?;
    let mut blocks = pem_contents(&bytes, "CERTIFICATE");
    if blocks.is_empty() {
        blocks.push(bytes);
    }
    let read = |der: &Vec<u8>| {
        Certificate::from_der(der).map_err(|source| ConfigError::Certificate { path: path.to_owned(), source })
    };
    blocks.iter().map(read).collect()
}

fn small_file(path: &Path) -> Result<Vec<u8>, ConfigError> {
    let size = fs::metadata(path).map_err(ConfigError::file(path))?.len();
    if size > SMALL_FILE_BYTES {
        return Err(ConfigError::Certificate {
            path: path.to_owned(),
            source: CertificateError::Form { part: "file of this size" },
        });
    }
    fs::read(path).map_err(ConfigError::file(path))
}

/// Content of the first PEM block with this label (RFC 7468).
fn pem_content(bytes: &[u8], label: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    STANDARD.decode(body.split_whitespace().collect::<String>()).ok()
}

/// Contents of all PEM blocks with this label, in their order.
pub(super) fn pem_contents(bytes: &[u8], label: &str) -> Vec<Vec<u8>> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let blocks = text.split(&begin).skip(1).filter_map(|block| block.split_once(&end));
    blocks.filter_map(|(body, _)| STANDARD.decode(body.split_whitespace().collect::<String>()).ok()).collect()
}

/// The list key, or the signer itself where none is configured.
pub(super) fn list_key(file: &File, loader: &Loader<'_>, signers: &SignerSet) -> Result<ListKey, ConfigError> {
    let validity = SignedDuration::from_hours(24 * i64::from(file.keys.bundle_days.clamp(1, 3_650)));
    let signer = match (&file.keys.list_key, &file.keys.list_certificate) {
        (None, None) => first(signers)?,
        (Some(key), Some(certificate)) => loader.signer(key, certificate, "keys.list_key", KeyUse::Other)?,
        _ => {
            return Err(ConfigError::Setting {
                setting: "keys",
                problem: "names only one of list_key and list_certificate; give both or none".into(),
            });
        }
    };
    Ok(ListKey { signer, validity })
}

/// The first signer of a set.
pub(super) fn first(signers: &SignerSet) -> Result<Arc<dyn Signer>, ConfigError> {
    Ok(Arc::clone(signers.members().first().ok_or(SetError::Empty)?.signer()))
}

/// The key for linked data, if the configuration names one.
pub(super) fn linked_data(file: &File, base: &Path, loader: &Loader<'_>) -> Result<Option<LinkedData>, ConfigError> {
    let Some((section, path)) = file.divoc.as_ref().and_then(|section| Some((section, section.key.as_ref()?))) else {
        return Ok(None);
    };
    let KeyPlace::File(path) = KeyPlace::of(path, base, "divoc.key")? else {
        let problem = "is in a token, where keys for linked data cannot be: give a key file".into();
        return Err(ConfigError::Setting { setting: "divoc.key", problem });
    };
    let pkcs8 = loader.private_key(&path)?;
    let signer = MemoryKey::new(&pkcs8, Kid::new(section.did.as_bytes()))?;
    if file.environment == Environment::Production {
        refuse(&signer.public_key().to_spki(), KeyUse::Other)
            .map_err(|source| ConfigError::Unfit { setting: "divoc.key", source })?;
    }
    let mut lifetime = None;
    if let Some(path) = &section.certificate {
        let certificate = certificate(&base.join(path))?;
        check_environment(&certificate, file.environment)?;
        if certificate.public_key().ok().as_ref() != Some(signer.public_key()) {
            return Err(SignerError::OtherKey { kid: certificate.kid().clone() }.into());
        }
        lifetime = Some((certificate.not_before(), certificate.not_after()));
    }
    let linked = LinkedData::new(Arc::new(signer), &section.did, file.country(), lifetime)
        .map_err(|error| ConfigError::Setting { setting: "divoc.key", problem: format!("cannot be used: {error}") })?;
    Ok(Some(linked.in_sandbox(file.environment == Environment::Sandbox)))
}

pub(super) fn check_environment(certificate: &Certificate, environment: Environment) -> Result<(), ConfigError> {
    let kid = certificate.kid().to_string();
    match (certificate.is_sandbox(), environment) {
        (true, Environment::Production) => Err(ConfigError::SandboxKey { kid }),
        (false, Environment::Sandbox) => Err(ConfigError::ProductionKey { kid }),
        _ => Ok(()),
    }
}

/// From the file that the configuration names, from VACCERT_PASSPHRASE, or from the keyboard.
pub(super) fn passphrase(file: &File, base: &Path) -> Result<Passphrase, ConfigError> {
    if let Some(path) = &file.keys.passphrase_file {
        return Ok(Passphrase::new(secret::from_file(&base.join(path))?));
    }
    if let Some(text) = environment_variable("VACCERT_PASSPHRASE") {
        return Ok(Passphrase::new(text));
    }
    rpassword::prompt_password("Passphrase of the signer key: ").map(Passphrase::new).map_err(|_| {
        ConfigError::Setting {
            setting: "the passphrase of the signer key",
            problem: "is not known: set VACCERT_PASSPHRASE, name keys.passphrase_file, or run in a terminal".into(),
        }
    })
}
