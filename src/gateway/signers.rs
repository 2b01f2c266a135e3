//! Signer certificates: uploaded and taken away, by the interface that the network wants.
//!
//! The EU takes the message itself (`/signerCertificate`); the TNG takes it in JSON with group and trust domain
//! (`/trustedCertificate`), which countries outside the EU have to use.

use serde::Serialize;

use super::{
    Client, Endpoint, GatewayError, Network,
    client::{CMS, Removed, UploadKey},
    transport::{Method, Request},
};
use crate::{keys::Certificate, limits::GATEWAY_ERROR_BYTES};

/// What became of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It is there now.
    Created,
    /// This very certificate was there already.
    WasThere,
}

/// The trust domain that signer certificates go to where none is named (TNG).
pub const DEFAULT_DOMAIN: &str = "DCC";

/// The documented header of signer uploads; gateways do not insist on it.
const ENCODING: (&str, &str) = ("Content-Encoding", "base64");

#[derive(Serialize)]
struct TrustedUpload<'a> {
    cms: &'a str,
    group: &'static str,
    domain: &'a str,
}

impl Client {
    /// The request by which a signer certificate is uploaded; nothing is sent.
    ///
    /// # Errors
    /// When the upload key fails.
    pub fn signer_upload(
        &self,
        certificate: &Certificate,
        key: &UploadKey,
        domain: Option<&str>,
    ) -> Result<(Endpoint, Request), GatewayError> {
        let message = key.message(certificate.der(), self.now())?;
        Ok(match self.network() {
            Network::Eu => {
                let request = Request::with_body(Method::Post, "/signerCertificate", CMS, message);
                (Endpoint::SignerUpload, request.header(ENCODING.0, ENCODING.1))
            }
            Network::Who => {
                let upload = TrustedUpload { cms: &message, group: "DSC", domain: domain.unwrap_or(DEFAULT_DOMAIN) };
                let text = serde_json::to_string(&upload)
                    .map_err(|_| GatewayError::Argument { what: "the domain", rule: "is a text" })?;
                let request = Request::with_body(Method::Post, "/trustedCertificate", "application/json", text);
                (Endpoint::TrustedUpload, request)
            }
        })
    }

    /// Uploads a signer certificate. That it is there already is success.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn upload_signer(
        &self,
        certificate: &Certificate,
        key: &UploadKey,
        domain: Option<&str>,
    ) -> Result<Placed, GatewayError> {
        let (endpoint, request) = self.signer_upload(certificate, key, domain)?;
        match self.call(endpoint, &request, GATEWAY_ERROR_BYTES).await {
            Ok(_) => Ok(Placed::Created),
            // Gateways find it by its whole hash, so it is this one and no other.
            Err(GatewayError::Refused(problem)) if problem.status == 409 => Ok(Placed::WasThere),
            Err(error) => Err(error),
        }
    }

    /// The request by which a signer certificate is taken away; nothing is sent.
    ///
    /// # Errors
    /// When the upload key fails.
    pub fn signer_removal(
        &self,
        certificate: &Certificate,
        key: &UploadKey,
    ) -> Result<(Endpoint, Request), GatewayError> {
        let message = key.message(certificate.der(), self.now())?;
        let (endpoint, path) = match self.network() {
            Network::Eu => (Endpoint::SignerDelete, "/signerCertificate"),
            Network::Who => (Endpoint::TrustedDelete, "/trustedCertificate"),
        };
        let request = Request::with_body(Method::Delete, path, CMS, message).header(ENCODING.0, ENCODING.1);
        Ok((endpoint, request))
    }

    /// Takes a signer certificate away: verifiers drop it with their next download.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn remove_signer(&self, certificate: &Certificate, key: &UploadKey) -> Result<Removed, GatewayError> {
        let (endpoint, request) = self.signer_removal(certificate, key)?;
        self.remove(endpoint, request).await
    }
}
