//! The signers of the configuration: key files and keys in tokens, one or several, and when a new one signs.

use std::{
    cell::OnceCell,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    ConfigError, Environment, environment_variable,
    file::File,
    keys::{certificate, certificates, check_environment, passphrase},
    secret,
};
use crate::{
    clock::System,
    keys::{
        Certificate, CertificateError, KeyUse, Member, MemorySigner, MemoryX509Signer, Publication, Purpose, Signer,
        SignerSet, X509Signer, refuse,
    },
    limits::TOKEN_SESSIONS,
    seal::DocumentKey,
    signers::{Passphrase, Pin, TokenOptions, TokenUri, Tokens, Unencrypted, load_private_key},
};

/// Hours for which a new key is published before it signs, unless the configuration says otherwise.
const PUBLISH_HOURS: u32 = 24;

/// Sessions with a token, unless the configuration says otherwise.
const SESSIONS: usize = 4;

/// One of several signers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignerSection {
    /// A key file, or the name of a key in a token (`pkcs11:…`).
    pub(super) key: PathBuf,
    pub(super) certificate: PathBuf,
    /// What it signs; without it whatever its certificate allows.
    #[serde(default)]
    usages: Vec<UsageName>,
    /// When verifiers got it, where that was not by this program.
    pub(super) published: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum UsageName {
    Vaccination,
    Test,
    Recovery,
}

/// How tokens are reached.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenSection {
    module: Option<PathBuf>,
    pin_file: Option<PathBuf>,
    sessions: Option<usize>,
}

impl TokenSection {
    /// The file that holds the PIN of the tokens.
    pub(super) fn pin_file(&self) -> Option<&PathBuf> {
        self.pin_file.as_ref()
    }
}

/// Where a key is.
pub(super) enum KeyPlace {
    File(PathBuf),
    Token(Box<TokenUri>),
}

impl KeyPlace {
    /// Whether a setting names a key in a token.
    pub(super) fn is_token(text: &Path) -> bool {
        text.to_str().is_some_and(TokenUri::is_meant)
    }

    /// A path from the folder of the configuration, or the name of a key in a token.
    pub(super) fn of(text: &Path, base: &Path, setting: &'static str) -> Result<Self, ConfigError> {
        let Some(name) = text.to_str().filter(|text| TokenUri::is_meant(text)) else {
            return Ok(Self::File(base.join(text)));
        };
        let uri = TokenUri::parse(name).map_err(|e| ConfigError::Setting { setting, problem: e.to_string() })?;
        Ok(Self::Token(Box::new(uri)))
    }
}

/// Opens the keys of one configuration, and asks for its passphrase once.
pub(super) struct Loader<'a> {
    file: &'a File,
    base: &'a Path,
    passphrase: OnceCell<Passphrase>,
    tokens: Tokens,
}

impl<'a> Loader<'a> {
    pub(super) fn new(file: &'a File, base: &'a Path) -> Result<Self, ConfigError> {
        let options = options(file.keys.pkcs11.as_ref(), base)?;
        Ok(Self { file, base, passphrase: OnceCell::new(), tokens: Tokens::new(options) })
    }

    /// The tokens that were opened.
    pub(super) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// All signers, with when they sign.
    pub(super) fn signers(&self) -> Result<SignerSet, ConfigError> {
        let keys = &self.file.keys;
        let mut members = Vec::new();
        match (&keys.signer_key, &keys.signer_certificate) {
            (Some(key), Some(certificate)) => {
                members
                    .push(Member::new(self.signer(key, certificate, "keys.signer_key", KeyUse::Signer)?, Vec::new()));
            }
            (None, None) => {}
            _ => {
                return Err(ConfigError::Setting {
                    setting: "keys",
                    problem: "names only one of signer_key and signer_certificate; give both".into(),
                });
            }
        }
        for section in &keys.signer {
            let signer = self.signer(&section.key, &section.certificate, "keys.signer", KeyUse::Signer)?;
            members.push(Member::new(signer, usages(section)).published_at(section.published));
        }
        if members.is_empty() {
            return Err(ConfigError::Setting {
                setting: "keys",
                problem: "names no signer: set signer_key and signer_certificate, or add [[keys.signer]] with key and \
                          certificate"
                    .into(),
            });
        }
        Ok(SignerSet::new(members, publication(self.file)?)?)
    }

    /// A key with its certificate.
    pub(super) fn signer(
        &self,
        key: &Path,
        path: &Path,
        setting: &'static str,
        key_use: KeyUse,
    ) -> Result<Arc<dyn Signer>, ConfigError> {
        let certificate: Certificate = certificate(&self.base.join(path))?;
        check_environment(&certificate, self.file.environment)?;
        if self.file.environment == Environment::Production {
            refuse(certificate.spki(), key_use).map_err(|source| ConfigError::Unfit { setting, source })?;
        }
        match KeyPlace::of(key, self.base, setting)? {
            KeyPlace::File(path) => Ok(Arc::new(MemorySigner::new(&self.private_key(&path)?, certificate)?)),
            KeyPlace::Token(uri) => Ok(self.tokens.signer(&uri, certificate)?),
        }
    }

    /// A key that signs as X.509 does (files that readers of PDF and wallets check), its certificate, and those that
    /// stand behind it in its file.
    pub(super) fn x509(
        &self,
        key: &Path,
        path: &Path,
        setting: &'static str,
    ) -> Result<(Arc<dyn X509Signer>, Certificate, Vec<Certificate>), ConfigError> {
        let path = self.base.join(path);
        let mut chain = certificates(&path)?.into_iter();
        let certificate = chain
            .next()
            .ok_or(ConfigError::Certificate { path, source: CertificateError::Form { part: "outer sequence" } })?;
        if self.file.environment == Environment::Production {
            refuse(certificate.spki(), KeyUse::Other).map_err(|source| ConfigError::Unfit { setting, source })?;
        }
        let signer: Arc<dyn X509Signer> = match KeyPlace::of(key, self.base, setting)? {
            KeyPlace::File(path) => Arc::new(MemoryX509Signer::new(&self.private_key(&path)?)?),
            KeyPlace::Token(uri) => self.tokens.x509_signer(&uri)?,
        };
        Ok((signer, certificate, chain.collect()))
    }

    /// The key that seals the paper. Like every key, that of a rehearsal seals nothing real, and the real one no
    /// rehearsal.
    pub(super) fn document_key(&self, key: &Path, path: &Path) -> Result<DocumentKey, ConfigError> {
        let (signer, certificate, chain) = self.x509(key, path, "document.key")?;
        check_environment(&certificate, self.file.environment)?;
        Ok(DocumentKey::new(signer, certificate, chain)?)
    }

    /// The private key in a file.
    pub(super) fn private_key(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        if self.file.environment == Environment::Sandbox {
            return Ok(load_private_key(path, None, Unencrypted::AllowInSandbox)?);
        }
        let passphrase = match self.passphrase.get() {
            Some(passphrase) => passphrase,
            None => {
                let asked = passphrase(self.file, self.base)?;
                self.passphrase.get_or_init(|| asked)
            }
        };
        Ok(load_private_key(path, Some(passphrase), Unencrypted::Refuse)?)
    }
}

pub(super) fn usages(section: &SignerSection) -> Vec<Purpose> {
    let purpose = |usage: &UsageName| match usage {
        UsageName::Vaccination => Purpose::Vaccination,
        UsageName::Test => Purpose::Test,
        UsageName::Recovery => Purpose::Recovery,
    };
    section.usages.iter().map(purpose).collect()
}

/// When a new key signs. In the sandbox the first one does at once: nobody waits for it at a border.
pub(super) fn publication(file: &File) -> Result<Publication, ConfigError> {
    let hours = file.keys.publish_hours.unwrap_or(PUBLISH_HOURS);
    if hours > 24 * 30 {
        let problem = "must be 0 to 720: hours for which a new key is published before it signs".into();
        return Err(ConfigError::Setting { setting: "keys.publish_hours", problem });
    }
    let period = SignedDuration::from_hours(i64::from(hours));
    Ok(Publication { period, first_at_once: file.environment == Environment::Sandbox })
}

/// How tokens are reached, by a section or without one.
fn options(section: Option<&TokenSection>, base: &Path) -> Result<TokenOptions, ConfigError> {
    let sessions = section.and_then(|section| section.sessions).unwrap_or(SESSIONS);
    if !(1..=TOKEN_SESSIONS).contains(&sessions) {
        let problem = format!("must be 1 to {TOKEN_SESSIONS}: how many signatures a token makes at the same time");
        return Err(ConfigError::Setting { setting: "keys.pkcs11.sessions", problem });
    }
    let pin_file = section.and_then(|section| section.pin_file.as_ref()).map(|path| base.join(path));
    let from = base.to_owned();
    let pin = move |uri: &TokenUri| pin(uri, &from, pin_file.as_deref());
    let module = section.and_then(|section| section.module.as_ref()).map(|path| base.join(path));
    Ok(TokenOptions { module, sessions, pin: Arc::new(pin), clock: Arc::new(System) })
}

/// Tokens as a configuration file reaches them, for whoever needs nothing else of it; without a file the name of a key
/// says everything (`module-path`, `pin-source`).
///
/// # Errors
/// When the file cannot be read, or its section is wrong.
pub fn tokens(config: Option<&Path>) -> Result<Tokens, ConfigError> {
    let Some(path) = config else { return Ok(Tokens::new(options(None, Path::new(""))?)) };
    let file = File::read(path)?;
    let options = options(file.keys.pkcs11.as_ref(), path.parent().unwrap_or(Path::new("")))?;
    Ok(Tokens::new(options))
}

/// From the file that the key's name or the configuration says, from VACCERT_PIN, or from the keyboard.
fn pin(uri: &TokenUri, base: &Path, pin_file: Option<&Path>) -> Result<Pin, String> {
    let named = uri.pin_source.as_ref().map(|path| base.join(path));
    if let Some(path) = named.as_deref().or(pin_file) {
        return secret::from_file(path).map(Pin::new).map_err(|error| error.to_string());
    }
    if let Some(text) = environment_variable("VACCERT_PIN") {
        return Ok(Pin::new(text));
    }
    rpassword::prompt_password(format!("PIN of the token {}: ", uri.token_name()))
        .map(Pin::new)
        .map_err(|_| "set VACCERT_PIN, name keys.pkcs11.pin_file, or run in a terminal".to_owned())
}
