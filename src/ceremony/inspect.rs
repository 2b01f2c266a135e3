//! Looking at one file: what it says, and which rules of its profile it breaks.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{
    Role,
    profile::{self, Breach, CLIENT_AUTH, day_of},
};
use crate::{
    keys::{
        Certificate, CertificateRequest, ChainError, Extensions, KeyKind, KeyUse, SignatureKind, known_key, pem,
        refuse, sha256,
    },
    limits::SMALL_FILE_BYTES,
};

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// In a few words.
    pub what: String,
    /// What it says, by label.
    pub lines: Vec<(&'static str, String)>,
    /// Rules that it breaks.
    pub findings: Vec<String>,
}

/// Why a file cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// It cannot be read.
    #[error("{} cannot be read ({kind}): check the path", path.display())]
    File {
        /// Path.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// It is too large.
    #[error("{} is larger than {SMALL_FILE_BYTES} bytes: give the file of a certificate, a request or a public key", path.display())]
    TooLarge {
        /// Path.
        path: PathBuf,
    },
    /// A private key.
    #[error("{} holds a private key, which is not looked at: give its certificate or its public key", path.display())]
    Private {
        /// Path.
        path: PathBuf,
    },
    /// Something else.
    #[error("{} holds no certificate, request or public key that can be read ({what}): give one in PEM or DER", path.display())]
    Other {
        /// Path.
        path: PathBuf,
        /// What it holds.
        what: String,
    },
}

/// Reads a file of at most [`SMALL_FILE_BYTES`].
pub(super) fn read_small(path: &Path) -> Result<Vec<u8>, InspectError> {
    let fail = |error: io::Error| InspectError::File { path: path.to_owned(), kind: error.kind() };
    let mut bytes = Vec::new();
    File::open(path).map_err(fail)?.take(SMALL_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > SMALL_FILE_BYTES {
        return Err(InspectError::TooLarge { path: path.to_owned() });
    }
    Ok(bytes)
}

/// Looks at every certificate, request and public key of a file.
///
/// # Errors
/// [`InspectError`] when there is none that can be read.
pub fn file(path: &Path, role: Option<Role>, now: Timestamp) -> Result<Vec<Report>, InspectError> {
    let bytes = read_small(path)?;
    let other = |what: &str| {
        let what = what.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(40).collect();
        InspectError::Other { path: path.to_owned(), what }
    };
    let text = std::str::from_utf8(&bytes).ok().filter(|text| text.contains("-----BEGIN "));
    let Some(text) = text else {
        let report = one("CERTIFICATE", &bytes, role, now)
            .or_else(|| one("CERTIFICATE REQUEST", &bytes, role, now))
            .or_else(|| one("PUBLIC KEY", &bytes, role, now));
        return Ok(vec![report.ok_or_else(|| other("nothing in PEM or DER"))?]);
    };
    let mut reports = Vec::new();
    for block in pem::blocks(text) {
        if block.label.contains("PRIVATE KEY") {
            return Err(InspectError::Private { path: path.to_owned() });
        }
        let report = block.der.as_deref().and_then(|der| one(&block.label, der, role, now));
        reports.push(report.ok_or_else(|| other(&block.label))?);
    }
    Ok(reports)
}

fn one(label: &str, der: &[u8], role: Option<Role>, now: Timestamp) -> Option<Report> {
    match label {
        "CERTIFICATE" => certificate(&Certificate::from_der(der).ok()?, role, now),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => request(CertificateRequest::from_der(der), role),
        "PUBLIC KEY" => public_key(der, role),
        _ => None,
    }
}

fn certificate(certificate: &Certificate, role: Option<Role>, now: Timestamp) -> Option<Report> {
    let details = certificate.details().ok()?;
    let role = role.unwrap_or_else(|| guess(&details.extensions, details.subject == details.issuer));
    let mut lines = vec![
        ("subject", details.subject.to_string()),
        ("issuer", details.issuer.to_string()),
        ("serial number", hex(&details.serial)),
        ("valid", format!("{} to {}", day_of(details.not_before), day_of(details.not_after))),
        ("key signs until", day_of(certificate.signs_until())),
        ("kid", certificate.kid().to_string()),
        ("SHA-256", hex(&sha256(certificate.der()))),
    ];
    lines.extend(about_key(&details.key, &details.signature, certificate.spki()));
    lines.extend(about_extensions(&details.extensions));
    let self_signed = details.subject == details.issuer;
    let issuer = Some(certificate).filter(|_| self_signed && certificate.is_issued_by(certificate).is_ok());
    let mut findings: Vec<String> =
        profile::breaches(certificate, role, None, now).iter().map(Breach::to_string).collect();
    if self_signed && issuer.is_none() {
        findings.push("issuer: it names itself as issuer, and did not sign itself".to_owned());
    }
    Some(Report { what: format!("certificate, judged as {}", role.title()), lines, findings })
}

/// The role that a certificate looks like.
fn guess(extensions: &Extensions, self_signed: bool) -> Role {
    let client = extensions.usages.iter().any(|usage| usage == CLIENT_AUTH);
    let authority = extensions.basic_constraints.is_some_and(|constraints| constraints.authority);
    match (client, authority, self_signed) {
        (true, ..) => Role::Tls,
        (false, true, _) => Role::Authority,
        (false, false, true) => Role::Upload,
        (false, false, false) => Role::Signer,
    }
}

fn request(request: Result<CertificateRequest, ChainError>, role: Option<Role>) -> Option<Report> {
    let request = match request {
        Ok(request) => request,
        Err(ChainError::Form) => return None,
        Err(error) => {
            let findings = vec![format!("signature: the holder of the key did not sign the request: {error}")];
            return Some(Report { what: "certificate request".into(), lines: Vec::new(), findings });
        }
    };
    let role = role.unwrap_or_else(|| guess(&request.extensions, false));
    let mut lines = vec![("subject", request.subject.to_string())];
    lines.extend(about_key(&request.key, &request.signature, &request.spki));
    lines.extend(about_extensions(&request.extensions));
    let findings = refuse(&request.spki, role.key_use()).err().map(|error| format!("key: {error}"));
    let what = format!("certificate request, judged as {}", role.title());
    Some(Report { what, lines, findings: findings.into_iter().collect() })
}

fn public_key(spki: &[u8], role: Option<Role>) -> Option<Report> {
    let key = KeyKind::of(spki)?;
    let key_use = role.map_or(KeyUse::Other, Role::key_use);
    let findings = refuse(spki, key_use).err().map(|error| format!("key: {error}"));
    let mut lines = vec![("key", key.to_string()), ("key SHA-256", hex(&sha256(spki)))];
    lines.extend(known_key(spki).map(|known| ("published", known.place.to_owned())));
    Some(Report { what: "public key".into(), lines, findings: findings.into_iter().collect() })
}

fn about_key(key: &KeyKind, signature: &SignatureKind, spki: &[u8]) -> Vec<(&'static str, String)> {
    vec![("key", key.to_string()), ("key SHA-256", hex(&sha256(spki))), ("signed with", signature.name().to_owned())]
}

fn about_extensions(extensions: &Extensions) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let critical = |critical: bool| if critical { " (critical)" } else { "" };
    if let Some(usage) = extensions.key_usage {
        lines.push(("key usage", format!("{usage}{}", critical(usage.critical))));
    }
    if !extensions.usages.is_empty() {
        let named: Vec<String> = extensions.usages.iter().map(|usage| usage_name(usage)).collect();
        lines.push(("for", format!("{}{}", named.join(", "), critical(extensions.usages_critical))));
    }
    if let Some(constraints) = extensions.basic_constraints {
        let length = constraints.path_length.map_or(String::new(), |length| format!(", pathlen:{length}"));
        let truth = if constraints.authority { "CA:TRUE" } else { "CA:FALSE" };
        lines.push(("constraints", format!("{truth}{length}{}", critical(constraints.critical))));
    }
    lines.extend(extensions.subject_key_id.iter().map(|id| ("own key id", hex(id))));
    lines.extend(extensions.authority_key_id.iter().map(|id| ("issuer's key id", hex(id))));
    lines.extend(extensions.crl_addresses.iter().map(|address| ("revocation list", address.clone())));
    lines
}

/// The name of an extended key usage, or its identifier.
pub(super) fn usage_name(usage: &str) -> String {
    let known = profile::SIGNER_USAGES.iter().find(|(_, oid)| *oid == usage);
    match (known, usage) {
        (Some((name, _)), _) => (*name).to_owned(),
        (None, CLIENT_AUTH) => "TLS client".to_owned(),
        (None, profile::SERVER_AUTH) => "TLS server".to_owned(),
        (None, other) => other.to_owned(),
    }
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
