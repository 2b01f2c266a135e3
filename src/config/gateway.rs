//! The section `[gateway]`: which trust network this installation belongs to, and the keys that it shows there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    ConfigError, Environment, environment_variable,
    file::File,
    keys, secret,
    signers::{KeyPlace, Loader},
};
use crate::{
    gateway::{Network, Stage},
    keys::{Certificate, MemoryX509Signer, SignerError, X509Signer},
    limits::SMALL_FILE_BYTES,
    signers::{Passphrase, Tokens, Unencrypted, load_private_key},
};

/// The section as it stands in the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GatewaySection {
    network: Network,
    environment: Option<Stage>,
    url: Option<String>,
    country: Option<String>,
    pub(super) tls_certificate: PathBuf,
    tls_key: PathBuf,
    tls_ca: Option<PathBuf>,
    pub(super) upload_certificate: Option<PathBuf>,
    upload_key: Option<PathBuf>,
    pub(super) csca_certificate: Option<PathBuf>,
    pub(super) trust_anchor: Option<PathBuf>,
    tls_passphrase_file: Option<PathBuf>,
    upload_passphrase_file: Option<PathBuf>,
    state: Option<PathBuf>,
    domain: Option<String>,
}

/// How this installation takes part in a trust network. Paths are complete; files are read when they are asked for,
/// so that a command needs no key that it does not use.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// Whether the installation is a rehearsal.
    pub environment: Environment,
    /// Whose gateway.
    pub network: Network,
    /// Which of its installations.
    pub stage: Stage,
    /// Address of the gateway, with a path in front of its endpoints where it has one.
    pub url: String,
    /// Country of this participant, ISO 3166-1 alpha-2, as in its certificates.
    pub country: String,
    /// Certificate (PEM, with its chain if it has one) that this client shows: NB_TLS, TNP_TLS.
    pub tls_certificate: PathBuf,
    /// Its private key.
    pub tls_key: PathBuf,
    /// Authorities (PEM) that the gateway's own certificate comes from; the system's where there is none.
    pub tls_ca: Option<PathBuf>,
    /// Certificate that signs uploads: NB_UP, TNP_UP.
    pub upload_certificate: Option<PathBuf>,
    /// Its private key.
    pub upload_key: Option<PathBuf>,
    /// The national authority: CSCA, SCA.
    pub csca_certificate: Option<PathBuf>,
    /// The operator's certificate that vouches for uploaders and authorities: DCCG_TA, TNG_TA.
    pub trust_anchor: Option<PathBuf>,
    /// Folder of what is pulled.
    pub state: PathBuf,
    /// Trust domain in which signer certificates are uploaded (TNG): `DCC` unless something else is written.
    pub domain: Option<String>,
    /// Certificate of the first document signer that `[keys]` names.
    pub signer_certificate: PathBuf,
    /// Certificates of all document signers that `[keys]` names, in its order.
    pub signer_certificates: Vec<PathBuf>,
    tokens: Tokens,
    tls_passphrase_file: Option<PathBuf>,
    upload_passphrase_file: Option<PathBuf>,
}

fn setting(setting: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Setting { setting, problem: problem.into() }
}

impl GatewaySettings {
    /// Reads the section of a configuration file, and nothing else of it that would need a key.
    ///
    /// # Errors
    /// When the file cannot be read, has no such section, or a setting of it is wrong.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let file = File::read(path)?;
        let base = path.parent().unwrap_or(Path::new(""));
        Self::of(&file, base)?.ok_or_else(|| {
            setting("[gateway]", format!("is not in {}: add the section, as docs/joining.md shows it", path.display()))
        })
    }

    /// The settings of a file that was read; `None` where it has no such section.
    pub(super) fn of(file: &File, base: &Path) -> Result<Option<Self>, ConfigError> {
        let Some(section) = file.gateway.clone() else { return Ok(None) };
        let sandbox = file.environment == Environment::Sandbox;
        let stage = section.environment.unwrap_or(if sandbox { Stage::Sandbox } else { Stage::Prod });
        if !section.network.has(stage) {
            let wanted = match section.network {
                Network::Eu => "prod, acc or test",
                Network::Who => "prod, uat or dev",
            };
            return Err(setting("gateway.environment", format!("is {:?}: write {wanted}", stage.name())));
        }
        if sandbox && stage == Stage::Prod {
            return Err(setting(
                "gateway.environment",
                "is \"prod\" in a sandbox: nothing of a rehearsal may reach the real network; set it to a test \
                 installation, or environment = \"production\"",
            ));
        }
        let url = section.url.or_else(|| section.network.url(stage).map(str::to_owned)).ok_or_else(|| {
            setting("gateway.url", "is missing: write the address that the operator gave you, such as https://…")
        })?;
        let country = section.country.unwrap_or_else(|| file.country().to_owned());
        if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(setting("gateway.country", "is no country code: write two capital letters, as in PT"));
        }
        if section.upload_certificate.is_some() != section.upload_key.is_some() {
            return Err(setting("gateway", "names only one of upload_certificate and upload_key: give both or none"));
        }
        let inside = |path: PathBuf| base.join(path);
        // The name of a key in a token is no path.
        let key = |path: PathBuf| if KeyPlace::is_token(&path) { path } else { base.join(path) };
        let signer_certificates: Vec<PathBuf> = file.keys.certificates().map(|path| base.join(path)).collect();
        let common = file.keys.passphrase_file.clone();
        Ok(Some(Self {
            environment: file.environment,
            network: section.network,
            stage,
            url,
            country,
            tls_certificate: inside(section.tls_certificate),
            tls_key: inside(section.tls_key),
            tls_ca: section.tls_ca.map(inside),
            upload_certificate: section.upload_certificate.map(inside),
            upload_key: section.upload_key.map(key),
            csca_certificate: section.csca_certificate.map(inside),
            trust_anchor: section.trust_anchor.map(inside),
            state: inside(section.state.unwrap_or_else(|| "gateway".into())),
            domain: section.domain,
            signer_certificate: signer_certificates.first().cloned().unwrap_or_default(),
            signer_certificates,
            tokens: Loader::new(file, base)?.tokens().clone(),
            tls_passphrase_file: section.tls_passphrase_file.or_else(|| common.clone()).map(inside),
            upload_passphrase_file: section.upload_passphrase_file.or(common).map(inside),
        }))
    }

    /// A certificate in a file, PEM or DER.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn certificate(path: &Path) -> Result<Certificate, ConfigError> {
        keys::certificate(path)
    }

    /// The certificate that this client shows.
    ///
    /// # Errors
    /// When its file cannot be used.
    pub fn tls(&self) -> Result<Certificate, ConfigError> {
        keys::certificate(&self.tls_certificate)
    }

    /// Key and certificates of this client in PEM, the key decrypted: for the TLS library, wiped when dropped.
    ///
    /// # Errors
    /// When a file cannot be used or the passphrase is not known.
    pub fn tls_identity(&self) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let key = self.private_key(&self.tls_key, self.tls_passphrase_file.as_deref())?;
        let chain = small(&self.tls_certificate)?;
        // Room for everything at once: a growing buffer would leave copies of the key behind.
        let mut pem = Zeroizing::new(Vec::with_capacity(key.len() * 2 + chain.len() * 2 + 256));
        let mut block = |label: &str, der: &[u8]| {
            let text = Zeroizing::new(STANDARD.encode(der));
            for part in ["-----BEGIN ", label, "-----\n"] {
                pem.extend_from_slice(part.as_bytes());
            }
            for line in text.as_bytes().chunks(64) {
                pem.extend_from_slice(line);
                pem.push(b'\n');
            }
            for part in ["-----END ", label, "-----\n"] {
                pem.extend_from_slice(part.as_bytes());
            }
        };
        block("PRIVATE KEY", &key);
        let certificates = keys::pem_contents(&chain, "CERTIFICATE");
        if certificates.is_empty() {
            block("CERTIFICATE", self.tls()?.der());
        }
        for certificate in &certificates {
            block("CERTIFICATE", certificate);
        }
        Ok(pem)
    }

    /// The authorities of the gateway's own certificate in PEM; `None` for the system's.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn tls_roots(&self) -> Result<Option<Vec<u8>>, ConfigError> {
        self.tls_ca.as_deref().map(small).transpose()
    }

    /// Certificate and key that sign uploads.
    ///
    /// # Errors
    /// When none are configured, or they cannot be used.
    pub fn upload(&self) -> Result<(Certificate, Box<dyn X509Signer>), ConfigError> {
        let key = self.upload_key.as_deref();
        let key = key.ok_or_else(|| setting("gateway.upload_key", "is missing: uploads are signed with it"))?;
        let certificate = self.upload_certificate()?;
        if let KeyPlace::Token(uri) = KeyPlace::of(key, Path::new(""), "gateway.upload_key")? {
            let signer = self.tokens.x509_signer(&uri)?;
            if signer.spki() != certificate.spki() {
                return Err(SignerError::OtherKey { kid: certificate.kid().clone() }.into());
            }
            return Ok((certificate, Box::new(signer)));
        }
        let pkcs8 = self.private_key(key, self.upload_passphrase_file.as_deref())?;
        Ok((certificate, Box::new(MemoryX509Signer::new(&pkcs8)?)))
    }

    /// The certificate that signs uploads.
    ///
    /// # Errors
    /// When none is configured, or it cannot be used.
    pub fn upload_certificate(&self) -> Result<Certificate, ConfigError> {
        let path = self.upload_certificate.as_deref();
        keys::certificate(
            path.ok_or_else(|| setting("gateway.upload_certificate", "is missing: uploads are signed with it"))?,
        )
    }

    /// The national authority.
    ///
    /// # Errors
    /// When none is configured, or it cannot be used.
    pub fn csca(&self) -> Result<Certificate, ConfigError> {
        let path = self.csca_certificate.as_deref();
        keys::certificate(path.ok_or_else(|| {
            setting("gateway.csca_certificate", "is missing: it is the authority that your signers come from")
        })?)
    }

    /// The operator's trust anchor.
    ///
    /// # Errors
    /// When none is configured, or it cannot be used.
    pub fn anchor(&self) -> Result<Certificate, ConfigError> {
        let path = self.trust_anchor.as_deref();
        keys::certificate(path.ok_or_else(|| {
            setting(
                "gateway.trust_anchor",
                "is missing: without the certificate that the operator gave you nothing that is pulled can be relied on",
            )
        })?)
    }

    /// The first document signer's certificate.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn signer(&self) -> Result<Certificate, ConfigError> {
        keys::certificate(&self.signer_certificate)
    }

    /// Certificates of all document signers that `[keys]` names, each with its file: those that sign, and those that
    /// are published before they do.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn signers(&self) -> Result<Vec<(&Path, Certificate)>, ConfigError> {
        self.signer_certificates.iter().map(|path| Ok((path.as_path(), keys::certificate(path)?))).collect()
    }

    fn private_key(&self, path: &Path, passphrase: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, ConfigError> {
        let unencrypted = match self.environment {
            Environment::Sandbox => Unencrypted::AllowInSandbox,
            Environment::Production => Unencrypted::Refuse,
        };
        let known = match (passphrase, environment_variable("VACCERT_PASSPHRASE")) {
            (Some(file), _) => Some(Passphrase::new(secret::from_file(file)?)),
            (None, Some(text)) => Some(Passphrase::new(text)),
            (None, None) if self.environment == Environment::Sandbox => None,
            (None, None) => {
                let asked = rpassword::prompt_password(format!("Passphrase of {}: ", path.display()));
                Some(asked.map(Passphrase::new).map_err(|_| {
                    setting(
                        "the passphrase of the gateway's keys",
                        "is not known: set VACCERT_PASSPHRASE, name gateway.tls_passphrase_file and \
                         gateway.upload_passphrase_file, or run in a terminal",
                    )
                })?)
            }
        };
        Ok(load_private_key(path, known.as_ref(), unencrypted)?)
    }
}

fn small(path: &Path) -> Result<Vec<u8>, ConfigError> {
    if fs::metadata(path).map_err(ConfigError::file(path))?.len() > SMALL_FILE_BYTES {
        let message = format!("larger than {SMALL_FILE_BYTES} bytes; this is no file of certificates");
        return Err(ConfigError::Form { path: path.to_owned(), message });
    }
    fs::read(path).map_err(ConfigError::file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[issuer]\ncountry = \"XX\"\nname = \"Ministry\"\n[keys]\nsigner_key = \"k\"\n\
                        signer_certificate = \"keys/dsc.pem\"\n";

    fn load(environment: &str, section: &str) -> Result<GatewaySettings, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vaccert.toml");
        fs::write(&path, format!("environment = \"{environment}\"\n{FILE}{section}")).unwrap();
        GatewaySettings::load(&path).map_err(|error| error.to_string())
    }

    const KEYS: &str = "tls_certificate = \"tls.pem\"\ntls_key = \"tls-key.pem\"\n";

    #[test]
    fn who_needs_no_address_and_the_country_is_the_issuers() {
        let found =
            load("production", &format!("[gateway]\nnetwork = \"who\"\nenvironment = \"uat\"\n{KEYS}")).unwrap();
        assert_eq!((found.url.as_str(), found.country.as_str()), ("https://tng-uat.who.int", "XX"));
        assert!(found.state.ends_with("gateway") && found.tls_key.is_absolute());
        let found = load("production", &format!("[gateway]\nnetwork = \"who\"\n{KEYS}")).unwrap();
        assert_eq!(found.url, "https://tng.who.int");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (environment, section, words) in [
            ("sandbox", String::new(), "[gateway] is not in"),
            ("production", format!("[gateway]\nnetwork = \"eu\"\n{KEYS}"), "gateway.url is missing"),
            (
                "production",
                format!("[gateway]\nnetwork = \"eu\"\nenvironment = \"uat\"\n{KEYS}"),
                "write prod, acc or test",
            ),
            ("sandbox", format!("[gateway]\nnetwork = \"who\"\nenvironment = \"prod\"\n{KEYS}"), "in a sandbox"),
            ("sandbox", format!("[gateway]\nnetwork = \"who\"\n{KEYS}"), "gateway.url is missing"),
            ("production", format!("[gateway]\nnetwork = \"who\"\ncountry = \"xx\"\n{KEYS}"), "gateway.country"),
            ("production", format!("[gateway]\nnetwork = \"who\"\nupload_key = \"k\"\n{KEYS}"), "give both or none"),
            ("production", format!("[gateway]\nnetwork = \"who\"\ntls = 1\n{KEYS}"), "unknown field"),
        ] {
            let error = load(environment, &section).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
