//! Why a record cannot become a certificate, in words that its owner can act on.

use serde::{Deserialize, Serialize};

/// One reason why a record was not issued, as it stands in `report.json`.
///
/// Holds no personal data: codes, field names and option codes, never names, dates of birth or identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable machine code in kebab-case, such as `dose-number-missing`.
    pub code: String,
    /// The field of the record at fault, as its owner knows it (attribute or data element, by name and
    /// UID where one is mapped); `None` when the whole record is at fault.
    pub field: Option<String>,
    /// One sentence: what is wrong.
    pub message: String,
    /// One sentence: what to do about it.
    pub remedy: String,
}

impl Refusal {
    /// Builds a refusal from its four parts.
    pub fn new(
        code: impl Into<String>,
        field: Option<&str>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { code: code.into(), field: field.map(str::to_owned), message: message.into(), remedy: remedy.into() }
    }
}
