//! The audit log against itself and against the heads that were kept elsewhere.

use serde::Serialize;

use super::{AuditError, Findings};
use crate::{
    publication::{HeadError, SignedHead},
    registry::{
        Registry,
        audit::{AuditFault, Head},
    },
};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainChecked {
    /// Rows of the log.
    pub rows: u64,
    /// Number of the newest row.
    pub number: u64,
    /// Its hash, in hexadecimal.
    pub hash: String,
    /// Heads that were compared.
    pub heads: usize,
    /// What is wrong.
    #[serde(flatten)]
    pub findings: Findings,
}

/// Checks the log of a registry, and that every one of the signed heads is in it. `unbelieved` are files that lay
/// among the heads and were none of ours.
///
/// # Errors
/// The registry's. What is wrong with the log is a finding.
pub async fn chain(
    registry: &Registry,
    heads: &[SignedHead],
    unbelieved: &[(String, HeadError)],
    progress: impl FnMut(u64) + Send,
) -> Result<ChainChecked, AuditError> {
    let known: Vec<Head> = heads.iter().map(|head| head.head).collect();
    let checked = registry.check_audit(&known, progress).await?;
    let mut findings = Findings::default();
    for fault in &checked.faults {
        let (code, number) = match fault {
            AuditFault::Gap { number } => ("row-missing", number),
            AuditFault::Link { number } => ("row-out-of-line", number),
            AuditFault::Content { number } => ("row-changed", number),
            AuditFault::Form { number } => ("row-unreadable", number),
            AuditFault::Short { head, .. } => ("log-cut-off", head),
            AuditFault::Rewritten { number } => ("log-rewritten", number),
        };
        findings.add(
            code,
            number.to_string(),
            fault.to_string(),
            "stop issuing, keep the database as it is, and find out who could write into it",
        );
    }
    for (name, error) in unbelieved {
        findings.add("head-not-believed", name, error.to_string(), "take it away, or give the list key that signed it");
    }
    Ok(ChainChecked {
        rows: checked.rows,
        number: checked.head.number,
        hash: checked.head.hex(),
        heads: heads.len(),
        findings,
    })
}
