//! A configuration looked at without using it: what it names and says, even where its keys or its country would
//! refuse to be put to work. `vaccert doctor` stands on this, so that one fault does not hide the others.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::{
    ConfigError, Dhis2Section, Environment, GatewaySettings, TrustSource,
    file::File,
    signers::{KeyPlace, TokenSection},
};
use crate::{
    source::profile::{Profile, ProfileError, ProfileOverride},
    valueset::dhis2::MappingTarget,
};

/// What a file of the configuration holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A private key: nobody but its owner may read it.
    PrivateKey,
    /// A password, token or passphrase: the same.
    Secret,
    /// A certificate: public.
    Certificate,
    /// A picture on the paper: public.
    Picture,
    /// A file of places on the ministry's own PDF: public.
    Template,
}

/// A file that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// The setting that names it.
    pub setting: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// What it holds.
    pub kind: FileKind,
}

/// A configuration that could be read.
#[derive(Debug)]
pub struct Inspected {
    /// Sandbox or production.
    pub environment: Environment,
    /// Country of issue, as it stands in the file.
    pub country: String,
    /// Body that answers for certificates.
    pub issuer_name: String,
    /// Every file that it names.
    pub files: Vec<NamedFile>,
    /// Environment variables that it names.
    pub variables: BTreeSet<String>,
    /// How this installation takes part in a trust network, if it does.
    pub gateway: Result<Option<GatewaySettings>, ConfigError>,
    /// The trust lists that are pulled.
    pub trust: Result<Vec<TrustSource>, ConfigError>,
    /// How DHIS2 is reached, if it is configured.
    pub dhis2: Option<Dhis2Section>,
    /// Where the registry is; it may hold a login.
    pub registry: Result<String, ConfigError>,
    /// What differs from the built-in profile.
    pub profile: ProfileOverride,
    /// National vaccine codes.
    pub vaccines: BTreeMap<String, MappingTarget>,
}

impl Inspected {
    /// Reads a configuration file; relative paths in it start at its folder.
    ///
    /// # Errors
    /// [`ConfigError`] when the file cannot be read, or is none of ours.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file = File::read(path)?;
        let base = path.parent().unwrap_or(Path::new(""));
        let dhis2 = file.dhis2(base);
        let mut files = Vec::new();
        let mut name = |setting, path: Option<&PathBuf>, kind| {
            files.extend(path.map(|path: &PathBuf| NamedFile { setting, path: base.join(path), kind }));
        };
        let keys = &file.keys;
        // A key in a token is no file.
        let in_file = |key: &&PathBuf| !KeyPlace::is_token(key);
        name("keys.signer_key", keys.signer_key.as_ref().filter(in_file), FileKind::PrivateKey);
        name("keys.signer_certificate", keys.signer_certificate.as_ref(), FileKind::Certificate);
        for signer in &keys.signer {
            name("keys.signer.key", Some(&signer.key).filter(in_file), FileKind::PrivateKey);
            name("keys.signer.certificate", Some(&signer.certificate), FileKind::Certificate);
        }
        name("keys.list_key", keys.list_key.as_ref().filter(in_file), FileKind::PrivateKey);
        name("keys.list_certificate", keys.list_certificate.as_ref(), FileKind::Certificate);
        name("keys.pkcs11.pin_file", keys.pkcs11.as_ref().and_then(TokenSection::pin_file), FileKind::Secret);
        name("keys.passphrase_file", keys.passphrase_file.as_ref(), FileKind::Secret);
        if let Some(divoc) = &file.divoc {
            name("divoc.key", divoc.key.as_ref().filter(in_file), FileKind::PrivateKey);
            name("divoc.certificate", divoc.certificate.as_ref(), FileKind::Certificate);
        }
        for (setting, path) in file.pictures() {
            name(setting, Some(path), FileKind::Picture);
        }
        for template in file.templates() {
            name(template.setting, Some(&template.path), FileKind::Template);
        }
        if let Some(dhis2) = &dhis2 {
            name("dhis2.password_file", dhis2.password_file.as_ref(), FileKind::Secret);
            name("dhis2.token_file", dhis2.token_file.as_ref(), FileKind::Secret);
            name("dhis2.ca_file", dhis2.ca_file.as_ref(), FileKind::Certificate);
        }
        let gateway = GatewaySettings::of(&file, base);
        if let Ok(Some(gateway)) = &gateway {
            // Complete paths already: joining them to the folder changes nothing.
            name("gateway.tls_certificate", Some(&gateway.tls_certificate), FileKind::Certificate);
            name("gateway.tls_key", Some(&gateway.tls_key).filter(in_file), FileKind::PrivateKey);
            name("gateway.tls_ca", gateway.tls_ca.as_ref(), FileKind::Certificate);
            name("gateway.upload_certificate", gateway.upload_certificate.as_ref(), FileKind::Certificate);
            name("gateway.upload_key", gateway.upload_key.as_ref().filter(in_file), FileKind::PrivateKey);
            name("gateway.csca_certificate", gateway.csca_certificate.as_ref(), FileKind::Certificate);
            name("gateway.trust_anchor", gateway.trust_anchor.as_ref(), FileKind::Certificate);
        }
        Ok(Self {
            environment: file.environment,
            country: file.country().to_owned(),
            issuer_name: file.issuer_name().to_owned(),
            files,
            variables: file.named_variable().into_iter().map(str::to_owned).collect(),
            gateway,
            trust: TrustSource::of(&file, base),
            dhis2,
            registry: file.registry(base),
            profile: file.profile().clone(),
            vaccines: file.vaccines().clone(),
        })
    }
}

/// A profile with the configuration's changes on it and the issuer's constants in it.
///
/// # Errors
/// [`ProfileError`] when the changes cannot be applied.
pub fn profile_of(
    changes: &ProfileOverride,
    country: &str,
    issuer_name: &str,
    base: &Profile,
) -> Result<Profile, ProfileError> {
    let changes = ProfileOverride { base: None, ..changes.clone() };
    let mut profile = changes.build(base)?;
    profile.constants.country.get_or_insert_with(|| country.to_owned());
    profile.constants.issuer.get_or_insert_with(|| issuer_name.to_owned());
    if country == crate::record::Country::SANDBOX.as_str() {
        // The fictional country takes its samples at noon, UTC; a real one must say it.
        profile.constants.sample_time.get_or_insert_with(|| "12:00".to_owned());
        profile.constants.utc_offset.get_or_insert_with(|| "+00:00".to_owned());
    }
    Ok(profile)
}
