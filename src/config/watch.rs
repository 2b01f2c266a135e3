//! Every certificate that a configuration names, for whoever watches their ends: no key is opened, no passphrase
//! asked for.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::{
    ConfigError,
    file::File,
    keys::certificate,
    signers::{publication, usages},
};
use crate::{
    keys::{Member, SignerSet},
    registry,
    signers::expiry::{self, KeyStatus, Role, Watched},
};

/// What a configuration has to be watched.
#[derive(Debug)]
pub struct Watch {
    /// The signers, which know no keys here.
    pub signers: SignerSet,
    /// The file of each signer's certificate.
    pub names: Vec<String>,
    /// All other certificates.
    pub others: Vec<Watched>,
    /// The least validity of what is signed.
    pub least: SignedDuration,
    /// Where the registry is, which knows when signers were published.
    pub registry_url: String,
    /// How it is opened.
    pub registry_options: registry::Options,
}

impl Watch {
    /// Reads a configuration file, and the certificates that it names.
    ///
    /// # Errors
    /// [`ConfigError`] names the setting or file at fault.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file = File::read(path)?;
        let base = path.parent().unwrap_or(Path::new(""));
        let (mut members, mut names) = (Vec::new(), Vec::new());
        if let Some(path) = &file.keys.signer_certificate {
            members.push(Member::of_certificate(certificate(&base.join(path))?, Vec::new()));
            names.push(path.display().to_string());
        }
        for section in &file.keys.signer {
            let read = certificate(&base.join(&section.certificate))?;
            members.push(Member::of_certificate(read, usages(section)).published_at(section.published));
            names.push(section.certificate.display().to_string());
        }
        let mut others = Vec::new();
        let mut watch = |role, path: Option<&PathBuf>| -> Result<(), ConfigError> {
            if let Some(path) = path {
                let (name, certificate) = (path.display().to_string(), certificate(&base.join(path))?);
                others.push(Watched { role, name, certificate });
            }
            Ok(())
        };
        if let Some(gateway) = &file.gateway {
            watch(Role::Csca, gateway.csca_certificate.as_ref())?;
            watch(Role::Upload, gateway.upload_certificate.as_ref())?;
            watch(Role::Tls, Some(&gateway.tls_certificate))?;
            watch(Role::TrustAnchor, gateway.trust_anchor.as_ref())?;
        }
        watch(Role::ListKey, file.keys.list_certificate.as_ref())?;
        watch(Role::LinkedData, file.divoc.as_ref().and_then(|divoc| divoc.certificate.as_ref()))?;
        Ok(Self {
            signers: SignerSet::new(members, publication(&file)?)?,
            names,
            others,
            least: file.least_validity(),
            registry_url: file.registry(base)?,
            registry_options: registry::Options::default(),
        })
    }

    /// What ends when.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> KeyStatus {
        expiry::status(&self.signers, &self.names, &self.others, self.least, now)
    }
}
