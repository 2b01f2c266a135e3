//! An authority that exists already: its certificate, and where its key is. Monthly and half-yearly work is a ceremony
//! of its own with a new document signer under the authority of the first one.

use std::path::{Path, PathBuf};

use super::{
    entity::Common,
    fault::{At, Faults},
    file::Section,
    inspect::read_small,
};
use crate::{
    keys::{Certificate, KeyUse, pem},
    signers::TokenUri,
};

/// Where the key of an existing authority is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExistingKey {
    /// In a key file.
    File(PathBuf),
    /// In a token.
    Token(TokenUri),
}

/// An authority that exists already.
#[derive(Debug, Clone)]
pub struct ExistingAuthority {
    /// Its certificate.
    pub certificate: Certificate,
    /// Where its key is; `None` when it is elsewhere, and only requests can be made.
    pub key: Option<ExistingKey>,
}

impl ExistingAuthority {
    /// Whether its key is elsewhere.
    pub(super) fn request_only(&self) -> bool {
        self.key.is_none()
    }

    /// Reads the certificate and checks that it may issue document signers of this country.
    pub(super) fn read(
        section: &Section<'_>,
        base: &Path,
        file: At<String>,
        key: Option<At<String>>,
        token: Option<TokenUri>,
        common: &Common,
        faults: &mut Faults,
    ) -> Option<Self> {
        let setting = section.setting("certificate");
        let mut refuse = |problem: String| faults.add(file.line, setting.clone(), problem);
        let bytes = match read_small(&base.join(&file.value)) {
            Ok(bytes) => bytes,
            Err(error) => {
                refuse(error.to_string());
                return None;
            }
        };
        let Some(certificate) = read_certificate(&bytes) else {
            refuse(format!("{} is no certificate: give the authority's certificate in PEM or DER", file.value));
            return None;
        };
        let Ok(details) = certificate.details() else {
            refuse("a part of the certificate is malformed: an authority needs a sound one".into());
            return None;
        };
        let extensions = &details.extensions;
        let constraints = extensions.basic_constraints;
        if !constraints.is_some_and(|found| found.authority) {
            refuse("is no authority (basic constraints CA:TRUE): give the certificate of the CSCA".into());
        }
        if !extensions.key_usage.is_none_or(|usage| usage.key_cert_sign()) {
            refuse(
                "may not sign certificates (key usage without keyCertSign): give the certificate of the CSCA".into(),
            );
        }
        if extensions.subject_key_id.is_none() {
            refuse("has no subject key identifier, which every document signer must repeat: renew the CSCA".into());
        }
        if let Err(error) = certificate.refuse(KeyUse::Authority) {
            refuse(error.to_string());
        }
        let countries: Vec<&str> = details.subject.all("C").collect();
        if countries != [common.country.as_str()] && !common.country.is_empty() {
            refuse(format!(
                "is of {countries:?}, but this ceremony is for {}: gateways compare the two",
                common.country
            ));
        }
        if certificate.is_sandbox() != common.sandbox {
            let (is, wanted) = if common.sandbox { ("no", "one") } else { ("a", "none") };
            refuse(format!(
                "is {is} sandbox certificate, but the environment asks for {wanted}: keys of the two never mix"
            ));
        }
        let key = match (key, token) {
            (Some(key), None) => Some(ExistingKey::File(base.join(key.value))),
            (None, Some(token)) => Some(ExistingKey::Token(token)),
            (None, None) => None,
            (Some(key), Some(_)) => {
                let problem = "stands beside token: the key is in one of the two places";
                faults.add(key.line, section.setting("private_key"), problem);
                None
            }
        };
        Some(Self { certificate, key })
    }
}

/// The first certificate of a file, PEM or DER.
pub(super) fn read_certificate(bytes: &[u8]) -> Option<Certificate> {
    let text = std::str::from_utf8(bytes).ok();
    let block = text.and_then(|text| pem::blocks(text).into_iter().find(|block| block.label == "CERTIFICATE"));
    match block {
        Some(block) => Certificate::from_der(&block.der?).ok(),
        None => Certificate::from_der(bytes).ok(),
    }
}
