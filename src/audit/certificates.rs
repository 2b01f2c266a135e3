//! Every certificate that was ever issued, verified again.
//!
//! Each envelope is judged by the verifier as of the moment of its issue, with all keys that the registry knows and no
//! others: signature, key and its validity, purpose of the key, content. What it says of itself is compared with its
//! row (identifier, key), and the rows of both logs must tell of it. Pages are read one after the other and judged on
//! all cores; a run that was ended goes on from the number that it told.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;
use serde::Serialize;

use super::{AuditError, Findings, trusted};
use crate::{
    batch::OwnKeys,
    keys::Certificate,
    limits::AUDIT_CERTIFICATES,
    registry::{
        Envelope, Registry,
        audit::{Held, Told},
    },
    trust::TrustStore,
    verify::{Decision, Verifier},
};

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CertificatesChecked {
    /// Certificates.
    pub certificates: u64,
    /// Envelopes in them.
    pub envelopes: u64,
    /// Certificates from before there was an audit log.
    pub before_the_log: u64,
    /// Number of the last certificate that was looked at: a later run can go on behind it.
    pub through: u64,
    /// What is wrong.
    #[serde(flatten)]
    pub findings: Findings,
}

/// Checks every certificate behind the number `after` (0 for all). `signers` are the certificates of the signers of
/// now; those of earlier ones come from the registry. `progress` is told how many certificates are done.
///
/// # Errors
/// The registry's, or a key that cannot be used.
pub async fn certificates(
    registry: &Registry,
    signers: &[Certificate],
    after: u64,
    mut progress: impl FnMut(u64) + Send,
) -> Result<CertificatesChecked, AuditError> {
    let store = Arc::new(store(registry, signers).await?);
    let mut checked = CertificatesChecked { through: after, ..CertificatesChecked::default() };
    let mut page = registry.examined(after, AUDIT_CERTIFICATES).await?;
    while let Some(last) = page.last() {
        let (next, store) = (last.number, Arc::clone(&store));
        // The next page is read while this one is judged.
        let judged = tokio::task::spawn_blocking(move || {
            page.par_iter().map(|held| one(held, &store)).collect::<Vec<CertificatesChecked>>()
        });
        let (judged, following) = tokio::join!(judged, registry.examined(next, AUDIT_CERTIFICATES));
        for one in judged.map_err(|_| AuditError::Worker)? {
            checked.certificates += one.certificates;
            checked.envelopes += one.envelopes;
            checked.before_the_log += one.before_the_log;
            if !one.findings.is_empty() {
                checked.findings.extend(one.findings);
            }
        }
        checked.through = next;
        progress(checked.certificates);
        page = following?;
    }
    Ok(checked)
}

/// Every key that ever signed into this registry, expired ones with them: each certificate is judged as of its issue.
async fn store(registry: &Registry, signers: &[Certificate]) -> Result<TrustStore, AuditError> {
    let own = OwnKeys::of(signers, registry, Timestamp::MIN).await?;
    let mut store = TrustStore::new();
    for certificate in &own.certificates {
        store.add(trusted(certificate)?);
    }
    for key in own.named {
        store.add(key);
    }
    Ok(store)
}

fn one(held: &Held, store: &TrustStore) -> CertificatesChecked {
    let mut checked = CertificatesChecked { certificates: 1, ..CertificatesChecked::default() };
    let id = held.sealed.id.as_str();
    let findings = &mut checked.findings;
    match held.told {
        Told::Whole => {}
        Told::Before => checked.before_the_log = 1,
        Told::Missing => findings.add(
            "no-audit-row",
            id,
            "the audit log does not tell of its issue",
            "revoke it, and find out who could write into the database beside the program",
        ),
        Told::Wrong => findings.add(
            "wrong-audit-row",
            id,
            "the audit log tells of its issue twice, or without record, operator or reason",
            "find out who could write into the database beside the program",
        ),
        Told::Revocations => findings.add(
            "revocation-not-told",
            id,
            "the log of revocations and the audit log do not have the same rows for it",
            "find out who could write into the database beside the program",
        ),
    }
    if held.revoked != held.logged {
        findings.add(
            "revocation-differs",
            id,
            "it is marked otherwise than the latest row of the log of revocations says",
            "revoke it again, or take the revocation back, so that both say the same",
        );
    }
    for envelope in &held.sealed.envelopes {
        checked.envelopes += 1;
        judge(id, envelope, store, &mut checked.findings);
    }
    checked
}

fn judge(id: &str, envelope: &Envelope, store: &TrustStore, findings: &mut Findings) {
    // A second behind the issue: what a certificate says is cut to seconds.
    let at = envelope.issued_at.checked_add(SignedDuration::from_secs(1)).unwrap_or(envelope.issued_at);
    let verdict = Verifier::new(store, at).judge(&envelope.text);
    let format = &envelope.format;
    if verdict.verdict != Decision::Accepted {
        let reason = verdict.reason.map_or_else(|| "undecided".to_owned(), |reason| reason.code().to_owned());
        findings.add(
            "does-not-verify",
            id,
            format!("its {format} does not verify by any key of this registry, as of its issue: {reason}"),
            "revoke it and issue it again; if there are many, stop issuing and look at key, token and disk",
        );
        return;
    }
    let kid = verdict.issuer.kid.as_deref();
    let own = crate::keys::Kid::new(envelope.kid.clone());
    // Linked data names its key by an address, and the row by the DID in it.
    if format != "divoc" && kid.is_some_and(|kid| kid != own.to_string()) {
        findings.add(
            "key-differs",
            id,
            format!("its {format} was signed by another key than its row says"),
            "find out who could write into the database beside the program",
        );
    }
    // A format that cannot carry the identifier is known to lists by another name.
    // Linked data has an identifier of its own form, an address, by which lists know it.
    // DIVOC leaves out the check character.
    let bare = |id: &str| id.split_once('#').map_or(id, |(bare, _)| bare).to_owned();
    let differs = |said: &str| {
        said.starts_with("URN:UVCI:") && bare(said) != bare(id) && Some(said) != envelope.listed_as.as_deref()
    };
    if verdict.id.as_deref().is_some_and(differs) {
        findings.add(
            "identifier-differs",
            id,
            format!("its {format} carries another identifier than its row"),
            "revoke both, and find out who could write into the database beside the program",
        );
    }
}
