//! What a country certifies and what it does not: the switches of the completeness policy. Each default is
//! the strict one, except where strictness would refuse a dose that was rightly recorded.

use serde::{Deserialize, Serialize};

/// What to do with a person whose date of birth is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BirthDateMissing {
    /// Refuse the person's doses.
    #[default]
    Refuse,
    /// Certify without one (EU DCC schema 1.3.x: `dob` may be empty).
    Allow,
}

/// What to do with a date of birth that is marked as an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BirthDateEstimated {
    /// Certify the year alone.
    #[default]
    Year,
    /// Refuse the person's doses.
    Refuse,
    /// Certify the date as it stands.
    AsIs,
}

/// What to do with a dose whose predecessor is not in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EarlierDoseMissing {
    /// Certify it with a note: the dose may have been given abroad or in another facility.
    #[default]
    Allow,
    /// Refuse it.
    Refuse,
}

/// What to do where a certificate is possible and something about it deserves a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteOrRefuse {
    /// Certify, and say so in the report.
    #[default]
    Note,
    /// Refuse.
    Refuse,
}

super::profile::overridable! {
    /// What counts as a completed vaccination.
    Policy, PolicyOverride {
        /// Event statuses that count as a given dose. ACTIVE events may hold real doses that the clerk did not
        /// complete; whoever accepts them certifies drafts too.
        accept_statuses: Vec<String>,
        /// Whether the enrollment must be COMPLETED. Not reliable in COVAC: nothing prompts for it from 1.2.0 on.
        require_completed_enrollment: bool,
        /// Date of birth missing.
        birth_date_missing: BirthDateMissing,
        /// Date of birth estimated.
        birth_date_estimated: BirthDateEstimated,
        /// Dose 2 without dose 1 in the registry.
        earlier_dose_missing: EarlierDoseMissing,
        /// Doses of different products.
        mixed_products: NoteOrRefuse,
        /// People that DHIS2 marks as possible duplicates.
        potential_duplicate: NoteOrRefuse,
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            accept_statuses: vec!["COMPLETED".to_owned()],
            require_completed_enrollment: false,
            birth_date_missing: BirthDateMissing::default(),
            birth_date_estimated: BirthDateEstimated::default(),
            earlier_dose_missing: EarlierDoseMissing::default(),
            mixed_products: NoteOrRefuse::default(),
            potential_duplicate: NoteOrRefuse::default(),
        }
    }
}
