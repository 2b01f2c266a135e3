//! `/cms-migration`: when the upload certificate is renewed, everything that this country ever signed for the gateway
//! has to be signed anew with the new one, or every earlier signature falls with the old one (failure F19).
//!
//! The gateway hands out the packages and takes them back with another signature around the very same content. What it
//! hands out is checked first: nothing is signed that this country did not sign before, because whoever holds the
//! gateway could otherwise have anything signed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Client, Endpoint, GatewayError,
    client::UploadKey,
    reject::{Reject, signed_by},
    transport::{Method, Request},
    trust_list::{ItemType, ListEntry},
    uploaders::base64,
};
use crate::{
    keys::Certificate,
    limits::{GATEWAY_ERROR_BYTES, GATEWAY_PACKAGES_BYTES},
    trust::cms::{Believed, CmsError, SignedData},
};

/// What a package holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PackageKind {
    /// A signer certificate.
    #[serde(rename = "DSC")]
    Signer,
    /// A revocation batch.
    #[serde(rename = "REVOCATION_LIST")]
    RevocationBatch,
    /// A business rule.
    #[serde(rename = "VALIDATION_RULE")]
    Rule,
}

/// Something that this country signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Package {
    /// The signed message; of a signer certificate also its detached signature, or the bare certificate. `None` of
    /// one that was removed.
    pub cms: Option<String>,
    /// Number in the gateway.
    pub entity_id: i64,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: PackageKind,
}

/// Nothing of the content is shown.
impl std::fmt::Debug for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Package({:?} {})", self.kind, self.entity_id)
    }
}

/// What is to be done with a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// It is signed with the new certificate already.
    Done,
    /// Its content is to be signed anew.
    Sign(Vec<u8>),
    /// It was removed.
    Gone,
}

/// What tells that a package is this country's own.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// The new upload certificate.
    pub new: &'a Certificate,
    /// Upload certificates that signed before.
    pub before: &'a [Certificate],
    /// This country's entries of the trust list.
    pub entries: &'a [ListEntry],
}

impl Own<'_> {
    /// What is to be done with a package.
    ///
    /// # Errors
    /// [`Reject`] says why it is not this country's own.
    pub fn plan(&self, package: &Package, now: Timestamp) -> Result<Plan, Reject> {
        let Some(text) = package.cms.as_deref() else { return Ok(Plan::Gone) };
        let bytes = base64(text, "cms")?;
        if package.kind == PackageKind::Signer {
            return self.signer(&bytes, now);
        }
        let signed = SignedData::read(&bytes)?;
        let content = signed.content().ok_or(CmsError::NoContent)?;
        if signed.verify(Believed::Certificate(self.new), None).is_ok() {
            return Ok(Plan::Done);
        }
        self.by_one_before(&signed, None, now)?;
        Ok(Plan::Sign(content.to_vec()))
    }

    /// A signer certificate is ours when the trust list has it under one of our upload certificates; what comes in the
    /// package is the certificate itself (dgc-gateway), or a message around it.
    fn signer(&self, bytes: &[u8], now: Timestamp) -> Result<Plan, Reject> {
        let message = SignedData::read(bytes).ok();
        let entry = |der: &[u8]| self.signers().find(|(certificate, _)| certificate.der() == der);
        let found = match &message {
            Some(signed) => match signed.content() {
                Some(content) => entry(content),
                // Detached: the entry whose certificate it is over.
                None => self.signers().find(|(certificate, _)| self.is_ours(signed, certificate.der(), now)),
            },
            None => entry(bytes),
        };
        let (certificate, signature) = found.ok_or(Reject::NotThere)?;
        let signature = base64(&signature, "signature")?;
        let listed = SignedData::read(&signature)?;
        if listed.verify(Believed::Certificate(self.new), Some(certificate.der())).is_ok() {
            return Ok(Plan::Done);
        }
        self.by_one_before(&listed, Some(certificate.der()), now)?;
        Ok(Plan::Sign(certificate.der().to_vec()))
    }

    fn signers(&self) -> impl Iterator<Item = (Certificate, String)> + '_ {
        let signers = self.entries.iter().filter(|entry| entry.is(ItemType::Dsc));
        signers.filter_map(|entry| Some((entry.certificate().ok()?, entry.signature.clone()?)))
    }

    fn is_ours(&self, signed: &SignedData<'_>, content: &[u8], now: Timestamp) -> bool {
        signed.verify(Believed::Certificate(self.new), Some(content)).is_ok()
            || self.by_one_before(signed, Some(content), now).is_ok()
    }

    fn by_one_before(&self, signed: &SignedData<'_>, detached: Option<&[u8]>, now: Timestamp) -> Result<(), Reject> {
        let mut closest = Reject::Signature(CmsError::OtherSigner);
        for certificate in self.before {
            match signed_by(signed, certificate, detached, now) {
                Ok(()) => return Ok(()),
                Err(Reject::Signature(CmsError::OtherSigner)) => {}
                Err(reason) => closest = reason,
            }
        }
        Err(closest)
    }
}

impl Client {
    /// Everything that this country signed.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn packages(&self) -> Result<Vec<Package>, GatewayError> {
        self.json(Endpoint::MigrationList, &Request::get("/cms-migration"), GATEWAY_PACKAGES_BYTES).await
    }

    /// Gives a package back, its content signed with this key. The content is not touched.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn renew(&self, package: &Package, content: &[u8], key: &UploadKey) -> Result<(), GatewayError> {
        let message = key.message(content, self.now())?;
        let renewed = Package { cms: Some(message), entity_id: package.entity_id, kind: package.kind };
        let text = serde_json::to_string(&renewed)
            .map_err(|_| GatewayError::Argument { what: "the package", rule: "is a text" })?;
        let request = Request::with_body(Method::Post, "/cms-migration", "application/json", text);
        self.call(Endpoint::MigrationUpdate, &request, GATEWAY_ERROR_BYTES).await?;
        Ok(())
    }
}
