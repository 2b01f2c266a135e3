//! `--explain`: a verdict told check by check, in a language.

use serde::Serialize;

use super::{CheckName, Language, Phrase};
use crate::verify::{Check, Verdict};

/// A verdict in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// ISO 639-1 code of the language.
    pub lang: &'static str,
    /// The verdict in one word.
    pub verdict: &'static str,
    /// The decisive reason; absent when accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonWords>,
    /// Every check in the order in which it runs.
    pub checks: Vec<CheckWords>,
    /// Every warning.
    pub warnings: Vec<WarningWords>,
}

/// A reason in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReasonWords {
    /// What happened.
    pub cause: &'static str,
    /// What to do next.
    pub next: &'static str,
}

/// A check in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CheckWords {
    /// Name of the check in the JSON.
    pub check: &'static str,
    /// Its outcome.
    pub outcome: Check,
    /// What that means.
    pub text: &'static str,
}

/// A warning in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct WarningWords {
    /// Its code.
    pub code: &'static str,
    /// What it means.
    pub text: &'static str,
}

impl Explanation {
    /// Tells a verdict in a language.
    #[must_use]
    pub fn of(verdict: &Verdict, language: Language) -> Self {
        let reason = verdict.reason.map(|reason| {
            let advice = language.reason(reason);
            ReasonWords { cause: advice.cause, next: advice.next }
        });
        let checks = CheckName::ALL.map(|name| {
            let outcome = verdict.checks.get(name);
            // The rules of a yellow card are WHO's tables and not those of a country of arrival.
            let by_table = match outcome {
                _ if name != CheckName::Rules || verdict.medical.is_none() => None,
                Check::Passed => Some(Phrase::VaccinationCounts),
                Check::Failed => Some(Phrase::VaccinationCountsNot),
                Check::Open => Some(Phrase::VaccinationOpen),
                Check::NoRules | Check::Unchecked => None,
            };
            let text = by_table.map_or_else(|| language.check(name, outcome), |phrase| language.phrase(phrase));
            CheckWords { check: name.code(), outcome, text }
        });
        let warnings = verdict.warnings.iter();
        Self {
            lang: language.code(),
            verdict: language.decision(verdict.verdict),
            reason,
            checks: checks.to_vec(),
            warnings: warnings.map(|w| WarningWords { code: w.code(), text: language.warning(*w) }).collect(),
        }
    }
}
