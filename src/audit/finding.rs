//! What an examination finds: a stable code, to what it applies, what it means and what to do.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::limits::AUDIT_LISTED;

/// Something that is not as it should be. It names certificates, records and facilities by identifiers and UIDs, and
/// never a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code.
    pub code: &'static str,
    /// Identifier of the certificate, UID of the record or number of the row.
    pub object: String,
    /// What was found.
    pub found: String,
    /// What to do.
    pub remedy: &'static str,
}

/// All that was found: the first of each kind in full, and how many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// How many of each code.
    pub counts: BTreeMap<&'static str, u64>,
    /// At most [`AUDIT_LISTED`] of each code.
    pub listed: Vec<Finding>,
}

impl Findings {
    /// Notes one.
    pub(super) fn add(
        &mut self,
        code: &'static str,
        object: impl Into<String>,
        found: impl Into<String>,
        remedy: &'static str,
    ) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if usize::try_from(*count).is_ok_and(|count| count <= AUDIT_LISTED) {
            self.listed.push(Finding { code, object: object.into(), found: found.into(), remedy });
        }
    }

    /// Adds those of another part of the same examination.
    pub(super) fn extend(&mut self, other: Self) {
        for finding in other.listed {
            let listed = self.listed.iter().filter(|known| known.code == finding.code).take(AUDIT_LISTED).count();
            if listed < AUDIT_LISTED {
                self.listed.push(finding);
            }
        }
        for (code, count) in other.counts {
            *self.counts.entry(code).or_default() += count;
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// How many there are of one code.
    #[must_use]
    pub fn count(&self, code: &str) -> u64 {
        self.counts.get(code).copied().unwrap_or_default()
    }

    /// In a line: `3 signature, 1 no-audit-row`.
    #[must_use]
    pub fn summary(&self) -> String {
        let each: Vec<String> = self.counts.iter().map(|(code, count)| format!("{count} {code}")).collect();
        each.join(", ")
    }
}
