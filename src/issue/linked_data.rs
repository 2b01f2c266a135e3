//! From a credential to a signed document of linked data: the proof under the name (DID) of a key.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Envelope, Format, IssueError, Issuer, error::NotIssued, hcert::Stop, reasons};
use crate::{
    envelope::divoc::{Draft, Suite},
    keys::NamedSigner,
    payload::divoc::Credential,
    record::Refusal,
    trust::TrustedKey,
    verify,
};

/// A key that signs linked data under its DID, and how the world knows it.
#[derive(Clone)]
pub struct LinkedData {
    pub(super) signer: Arc<dyn NamedSigner>,
    pub(super) suite: Suite,
    pub(super) key: TrustedKey,
}

impl std::fmt::Debug for LinkedData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LinkedData({}, {})", self.suite.name(), self.key.issuer.as_deref().unwrap_or_default())
    }
}

impl LinkedData {
    /// A signer named by `did`, which signs for `country` (ISO 3166-1 alpha-2), between these times where its key has
    /// a certificate that says so.
    ///
    /// # Errors
    /// [`IssueError::LinkedDataKey`] when no proof can be made with such a key.
    pub fn new(
        signer: Arc<dyn NamedSigner>,
        did: &str,
        country: &str,
        lifetime: Option<(Timestamp, Timestamp)>,
    ) -> Result<Self, IssueError> {
        let algorithm = signer.algorithm();
        let suite = Suite::of(algorithm).ok_or(IssueError::LinkedDataKey { algorithm })?;
        let mut key = TrustedKey::bare(signer.public_key().clone(), signer.name().clone(), "own signer");
        key.issuer = Some(did.to_owned());
        key.country = Some(country.to_owned());
        (key.not_before, key.not_after) = lifetime.unzip();
        Ok(Self { signer, suite, key })
    }

    /// Marks the key as one of a sandbox: good for rehearsals, never for a border.
    #[must_use]
    pub fn in_sandbox(mut self, sandbox: bool) -> Self {
        self.key.sandbox = sandbox;
        self
    }

    /// The key as a trust list has it.
    #[must_use]
    pub fn key(&self) -> &TrustedKey {
        &self.key
    }

    /// Whether the key signs these bytes, and the signature matches its public half. They must be no document.
    #[must_use]
    pub fn signs(&self, bytes: &[u8]) -> bool {
        let signature = self.signer.sign(bytes);
        signature.is_ok_and(|signature| self.key.key.verify(self.signer.algorithm(), bytes, &signature).is_ok())
    }

    fn did(&self) -> &str {
        self.key.issuer.as_deref().unwrap_or_default()
    }
}

/// Prepares a credential, and runs every check of the verifier that follows the signature.
pub(super) fn frame(linked: &LinkedData, credential: &Credential, now: Timestamp) -> Result<Draft, Stop> {
    let format = Format::Divoc;
    let key = &linked.key;
    if let (Some(from), Some(until)) = (key.not_before, key.not_after)
        && !(from..until).contains(&now)
    {
        return Err(Stop::Issuer(IssueError::NotNow { kid: key.kid.clone(), from, until, now }));
    }
    let refused = |refusal: Refusal| Stop::Refused(NotIssued { format, refusal });
    if let Some(reason) = verify::inspect_credential(credential, key, now).first() {
        return Err(refused(Refusal::of(reasons::VERIFIER_WOULD_REFUSE, None).with(reason.code())));
    }
    let draft = Draft::new(credential.to_json(), linked.suite, &format!("{now:.0}"), linked.did());
    draft.map_err(|error| refused(Refusal::of(reasons::CONTENT_NOT_ALLOWED, None).with(error)))
}

/// Signs.
pub(super) fn sign(issuer: &Issuer, draft: Draft, issued_at: Timestamp) -> Result<Envelope, IssueError> {
    let Some(linked) = &issuer.linked_data else { return Err(IssueError::NoLinkedData) };
    let signature = linked.signer.sign(&draft.signing_input())?;
    let kid = linked.key.kid.clone();
    let text = draft.sign(&signature).map_err(|error| IssueError::ReadBack {
        format: Format::Divoc,
        kid: kid.clone(),
        reason: error.to_string(),
    })?;
    let algorithm = linked.suite.algorithm();
    Ok(Envelope { format: Format::Divoc, text, kid, algorithm, issued_at, expires_at: None, listed_as: None })
}
