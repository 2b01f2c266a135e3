//! Why a record cannot become a certificate, in words that its owner can act on.

use serde::{Deserialize, Serialize};

/// A stable code, what it means, and what to do about it: a row of a room's table of reasons.
pub type Reason = (&'static str, &'static str, &'static str);

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
    /// A row of a table, at a field.
    #[must_use]
    pub fn of((code, meaning, remedy): Reason, field: Option<&str>) -> Self {
        Self::new(code, field, meaning, remedy)
    }

    /// The same with a detail behind its sentence.
    #[must_use]
    pub fn with(mut self, detail: impl std::fmt::Display) -> Self {
        self.message = format!("{}: {detail}", self.message);
        self
    }

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
