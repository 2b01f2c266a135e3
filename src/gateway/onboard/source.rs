//! The certificates of a ceremony that a network gets to see. Private keys stay where they are.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use super::OnboardError;
use crate::{
    keys::{Certificate, pem},
    limits::SMALL_FILE_BYTES,
};

/// What is submitted: certificates, the authority first where it is a chain.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// The national authority.
    pub csca: Certificate,
    /// The TLS client.
    pub tls: Certificate,
    /// Who vouches for the TLS client: itself, or the authority that answered the request.
    pub tls_authorities: Vec<Certificate>,
    /// The upload certificate.
    pub upload: Certificate,
}

impl Certificates {
    /// Reads `csca.pem`, `tls.pem`, `upload.pem` and, for a TLS client that somebody else vouches for, `tls-ca.pem`.
    ///
    /// # Errors
    /// [`OnboardError`] names the file.
    pub fn read(folder: &Path) -> Result<Self, OnboardError> {
        let one = |name: &str, request: &'static str| {
            let path = folder.join(name);
            let mut found = certificates(&path, request)?.into_iter();
            found.next().ok_or(OnboardError::NoCertificate { path })
        };
        let tls = one("tls.pem", "make it in the ceremony with [tls], or put the answer to tls.csr.pem there")?;
        let tls_authorities = if tls.is_issued_by(&tls).is_ok() {
            vec![tls.clone()]
        } else {
            let remedy = "put the certificates of the authority that issued tls.pem there";
            certificates(&folder.join("tls-ca.pem"), remedy)?
        };
        Ok(Self {
            csca: one("csca.pem", "make it in the ceremony with [csca], or put the answer to csca.csr.pem there")?,
            upload: one(
                "upload.pem",
                "make it in the ceremony with [upload], or put the answer to upload.csr.pem there",
            )?,
            tls,
            tls_authorities,
        })
    }

    /// The country of the authority.
    pub(super) fn country(&self) -> Option<String> {
        let details = self.csca.details().ok()?;
        let mut countries = details.subject.all("C");
        let country = countries.next()?.to_owned();
        countries.next().is_none().then_some(country)
    }
}

/// PEM text of certificates.
pub(super) fn pem_of(certificates: &[Certificate]) -> String {
    certificates.iter().map(|certificate| pem::write("CERTIFICATE", certificate.der())).collect()
}

fn certificates(path: &Path, remedy: &'static str) -> Result<Vec<Certificate>, OnboardError> {
    let text = match read(path) {
        Err(OnboardError::Read { path, kind: std::io::ErrorKind::NotFound }) => {
            return Err(OnboardError::Missing { path, remedy });
        }
        other => other?,
    };
    let text = String::from_utf8_lossy(&text).into_owned();
    let blocks = pem::blocks(&text);
    if blocks.iter().any(|block| block.label.contains("PRIVATE KEY")) {
        return Err(OnboardError::PrivateKey { path: path.to_owned() });
    }
    let read = blocks.into_iter().filter(|block| block.label == "CERTIFICATE");
    let read: Option<Vec<Certificate>> = read.map(|block| Certificate::from_der(&block.der?).ok()).collect();
    read.filter(|read| !read.is_empty()).ok_or_else(|| OnboardError::NoCertificate { path: path.to_owned() })
}

/// Reads a file of at most [`SMALL_FILE_BYTES`]; of a larger one, its beginning, which is then no certificate.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, OnboardError> {
    let fail = |error: std::io::Error| OnboardError::Read { path: PathBuf::from(path), kind: error.kind() };
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(fail)?.take(SMALL_FILE_BYTES).read_to_end(&mut bytes).map_err(fail)?;
    Ok(bytes)
}
