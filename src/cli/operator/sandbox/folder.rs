//! The folder of a rehearsal: keys, configuration, what was issued and pulled. It belongs to its owner alone, and the
//! next start goes on with it.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;

use super::{CliError, Running, SandboxError};
use crate::{
    batch::{Part, Random, write_public},
    config::{CONFIG_FILE, rehearsal},
    issue::Format,
    keys::{Certificate, pem},
    limits::SMALL_FILE_BYTES,
    sandbox::{
        dhis2::{PASSWORD, USER},
        gateway::{Participant, Role},
        pki::{Key, Made, Purpose, Workshop},
    },
    signers::{Protection, Unencrypted, load_private_key, write_private_key},
};

/// File that holds the password of the DHIS2.
const PASSWORD_FILE: &str = "dhis2-password";

/// Certificates that the gateway is started with.
pub(super) struct Identities {
    /// The operator's.
    pub(super) anchor: Made,
    /// What the country hands to the operator.
    pub(super) participant: Participant,
}

/// The folder.
pub(super) struct Folder {
    dir: PathBuf,
}

pub(super) fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> SandboxError {
    let path = path.to_owned();
    move |error| SandboxError::File { path, kind: error.kind() }
}

impl Folder {
    /// Takes a folder that is empty, or that an earlier rehearsal has written.
    pub(super) fn open(dir: &Path) -> Result<Self, SandboxError> {
        let folder = Self { dir: dir.to_owned() };
        let config = folder.config();
        match fs::read(&config) {
            Ok(text) if text.starts_with(rehearsal::MARK.as_bytes()) => {}
            Ok(_) => return Err(SandboxError::Foreign { path: config }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(&config)(error)),
        }
        for sub in ["keys", "gateway", "pulled"] {
            let path = folder.dir.join(sub);
            fs::create_dir_all(&path).map_err(failed(&path))?;
        }
        Ok(folder)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn config(&self) -> PathBuf {
        self.dir.join(CONFIG_FILE)
    }

    pub(super) fn keys_dir(&self) -> PathBuf {
        self.dir.join("keys")
    }

    pub(super) fn gateway_state(&self) -> PathBuf {
        self.dir.join("gateway/state.json")
    }

    pub(super) fn server_ca(&self) -> PathBuf {
        self.dir.join("gateway/server-ca.pem")
    }

    /// Certificate and key of the operator.
    pub(super) fn anchor(&self) -> (PathBuf, PathBuf) {
        self.pair("gateway/anchor")
    }

    /// Certificate and key of the TLS client.
    pub(super) fn tls(&self) -> (PathBuf, PathBuf) {
        self.pair("keys/tls")
    }

    pub(super) fn dhis2_password(&self) -> PathBuf {
        self.dir.join(PASSWORD_FILE)
    }

    /// Where certificates are issued to.
    pub(super) fn out(&self) -> PathBuf {
        self.dir.join("out")
    }

    /// Where the user is told to issue to by herself.
    pub(super) fn papers(&self) -> PathBuf {
        self.dir.join("papers")
    }

    /// The list as it was pulled.
    pub(super) fn list(&self) -> PathBuf {
        self.dir.join("pulled/trust-list.json")
    }

    fn pair(&self, name: &str) -> (PathBuf, PathBuf) {
        (self.dir.join(format!("{name}.pem")), self.dir.join(format!("{name}-key.pem")))
    }

    /// The keys of the country and of the operator; those that are missing are made.
    pub(super) fn keys(&self, now: Timestamp, random: &Random) -> Result<Identities, CliError> {
        rehearsal::keys(&self.dir, now, random)?;
        let workshop = Workshop::new("XX", now, Arc::clone(random)).map_err(SandboxError::from)?;
        let anchor = self.made(&workshop, "gateway/anchor", Purpose::Anchor, "Sandbox trust anchor", now)?;
        let tls = self.made(&workshop, "keys/tls", Purpose::TlsClient, "Sandbox TLS client XX", now)?;
        let upload = self.made(&workshop, "keys/upload", Purpose::Upload, "Sandbox upload XX", now)?;
        let csca = self.certificate(&self.dir.join(rehearsal::CSCA), now)?;
        let signer = self.dir.join(rehearsal::SIGNER);
        let until = self.certificate(&signer, now)?.signs_until();
        if until <= now {
            return Err(SandboxError::Ended { path: signer, until }.into());
        }
        let participant = Participant {
            country: "XX".to_owned(),
            authentication: vec![tls.der().to_vec()],
            upload: vec![upload.der().to_vec()],
            csca: vec![csca.der().to_vec()],
            roles: vec![Role::Reader, Role::Uploader, Role::Deleter],
        };
        Ok(Identities { anchor, participant })
    }

    /// A certificate with its key, of an earlier start or made now.
    fn made(
        &self,
        workshop: &Workshop,
        name: &str,
        purpose: Purpose,
        common_name: &str,
        now: Timestamp,
    ) -> Result<Made, CliError> {
        let (certificate, key) = self.pair(name);
        if certificate.exists() {
            let read = self.certificate(&certificate, now)?;
            let pkcs8 =
                load_private_key(&key, None, Unencrypted::AllowInSandbox).map_err(crate::config::ConfigError::from)?;
            return Ok(Made::load(read.der(), &pkcs8).map_err(SandboxError::from)?);
        }
        if key.exists() {
            // Left by an interrupted start: no certificate was made for it.
            fs::remove_file(&key).map_err(failed(&key))?;
        }
        let made = workshop.make(purpose, common_name, Key::P256).map_err(SandboxError::from)?;
        write_private_key(&key, &made.key(), &Protection::SandboxOnly).map_err(crate::config::ConfigError::from)?;
        // The certificate comes last: while it is missing, the key counts for nothing.
        write_public(&certificate, made.pem().as_bytes())?;
        Ok(made)
    }

    fn certificate(&self, path: &Path, now: Timestamp) -> Result<Certificate, SandboxError> {
        let unreadable = || SandboxError::File { path: path.to_owned(), kind: std::io::ErrorKind::InvalidData };
        if fs::metadata(path).map_err(failed(path))?.len() > SMALL_FILE_BYTES {
            return Err(unreadable());
        }
        let text = fs::read_to_string(path).map_err(failed(path))?;
        let der = pem::blocks(&text).into_iter().find_map(|block| block.der.filter(|_| block.label == "CERTIFICATE"));
        let read = Certificate::from_der(&der.ok_or_else(unreadable)?).map_err(|_| unreadable())?;
        if read.not_after() <= now {
            return Err(SandboxError::Ended { path: path.to_owned(), until: read.not_after() });
        }
        Ok(read)
    }

    /// Writes what the other commands need to know of the servers.
    pub(super) fn configure(&self, running: &Running) -> Result<(), CliError> {
        write_public(&self.server_ca(), running.gateway.root_pem().as_bytes())?;
        let password = self.dhis2_password();
        if !password.exists() {
            let mut file = tempfile::Builder::new().tempfile_in(&self.dir).map_err(failed(&password))?;
            file.write_all(PASSWORD.as_bytes()).map_err(failed(&password))?;
            file.persist(&password).map_err(|error| failed(&password)(error.error))?;
        }
        let text = rehearsal::text(&rehearsal::Rehearsal {
            dhis2_url: &running.dhis2.url,
            dhis2_user: USER,
            dhis2_password_file: PASSWORD_FILE,
            gateway_url: running.gateway.url(),
            network: running.network,
            gateway_ca: "gateway/server-ca.pem",
            trust_anchor: "gateway/anchor.pem",
            tls: ("keys/tls.pem", "keys/tls-key.pem"),
            upload: ("keys/upload.pem", "keys/upload-key.pem"),
        });
        Ok(write_public(&self.config(), text.as_bytes())?)
    }

    /// Codes of the EU certificates and DDCC that were issued.
    pub(super) fn codes(&self) -> Result<Vec<PathBuf>, SandboxError> {
        let out = self.out();
        let mut found = Vec::new();
        for entry in fs::read_dir(&out).map_err(failed(&out))? {
            let certificate = entry.map_err(failed(&out))?.path();
            let codes = [Format::EuDcc, Format::Ddcc].map(|format| certificate.join(Part::Text(format).file_name()));
            found.extend(codes.into_iter().filter(|code| code.is_file()));
        }
        found.sort();
        Ok(found)
    }

    pub(super) fn example(&self) -> Option<PathBuf> {
        self.codes().ok()?.into_iter().find(|code| code.ends_with(Part::Text(Format::EuDcc).file_name()))
    }
}
