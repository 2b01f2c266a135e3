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

/// What to do with a dose that lacks something which only some certificates need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AllowOrRefuse {
    /// Certify it; a format that needs it refuses by itself.
    #[default]
    Allow,
    /// Refuse it, and say what to map.
    Refuse,
}

/// Which sample a result is of, where the two are not linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SamplePairing {
    /// The only sample of the enrollment that was taken on or before the day of the result; refused when there
    /// are several.
    #[default]
    OnlyOne,
    /// Where every request is answered once and in order: the only such sample that no earlier result has taken.
    InOrder,
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
        /// A dose of a `given` rule without batch or lot number.
        lot_missing: AllowOrRefuse,
        /// A dose of a `given` rule of which only the kind of vaccine is known.
        product_missing: AllowOrRefuse,
        /// A dose of a `given` rule without the name of a clinician.
        clinician_missing: AllowOrRefuse,
        /// Which sample a result is of.
        sample_pairing: SamplePairing,
        /// Most days between a sample and its result.
        sample_days: u16,
        /// Whether positive NAAT results are certified as recoveries too.
        recoveries: bool,
        /// Days after the first positive sample from which a recovery counts and may be issued (Regulation (EU)
        /// 2021/953, article 7: 11).
        recovery_from_days: u16,
        /// Days after the first positive sample until which a recovery counts (the same, annex: 180).
        recovery_until_days: u16,
        /// Days after the first positive sample during which further positive results are of the same infection.
        episode_days: u16,
        /// Age in years below which a person's guardian is shown; whoever was older at the event has none. A country
        /// that sets the same for its yellow cards (`icvp.minor_below`) sets both.
        minor_below: u8,
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
            lot_missing: AllowOrRefuse::default(),
            product_missing: AllowOrRefuse::default(),
            clinician_missing: AllowOrRefuse::default(),
            sample_pairing: SamplePairing::default(),
            sample_days: 30,
            recoveries: true,
            recovery_from_days: 11,
            recovery_until_days: 180,
            episode_days: 90,
            minor_below: 18,
        }
    }
}
