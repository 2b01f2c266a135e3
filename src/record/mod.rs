//! What happened to a person, in the words of the WHO core data set (DDCC:VS, DDCC:TR) and independent of
//! any wire format. Includes what the EU DCC cannot carry: lot, centre, sex, identifier.
//!
//! A record is complete by construction: whoever builds one (`source`) has decided that it may become a
//! certificate, and everything that it could not decide is a [`Refusal`] instead.

mod country;
mod date;
mod document;
pub mod names;
mod refusal;
mod uvci;

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

pub use country::{Country, CountryError};
pub use date::{DateError, PartialDate};
pub use document::{DocumentKind, TravelDocument};
pub use names::PersonName;
pub use refusal::{Reason, Refusal};
pub use uvci::{Uvci, UvciError, check_character};

use crate::valueset::VaccineProduct;

/// Where a record comes from. DHIS2 UIDs are opaque identifiers of 11 characters and not personal data by
/// themselves; they may appear in reports and in the registry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Provenance {
    /// UID of the person (tracked entity) in the source.
    pub tracked_entity: String,
    /// Key of the record among those of the person: the UID of the event that recorded the dose, test or
    /// recovery, and where one event holds several records [`PART`] and what tells this one from the others
    /// (the UID of the data element that says that the dose was given, or `recovery`).
    pub event: String,
    /// When the source last changed the event or the person, as the source wrote it (no zone in DHIS2).
    pub updated_at: Option<String>,
    /// UID of the org unit of the event; the name of the facility where a source gives no UID.
    pub facility: Option<String>,
}

/// Stands between the UID of an event and what tells one of its records from the others; no UID holds it.
pub const PART: char = '#';

impl Provenance {
    /// The key of a record: see [`Provenance::event`].
    #[must_use]
    pub fn key(event: &str, part: Option<&str>) -> String {
        part.map_or_else(|| event.to_owned(), |part| format!("{event}{PART}{part}"))
    }

    /// UID of the event in the source.
    #[must_use]
    pub fn event_uid(&self) -> &str {
        self.event.split_once(PART).map_or(self.event.as_str(), |(event, _)| event)
    }

    /// What tells this record from the others of its event, where there are others.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        self.event.split_once(PART).map(|(_, part)| part)
    }
}

/// A record of any kind that can become a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A dose.
    Vaccination(Box<VaccinationRecord>),
    /// A test.
    Test(Box<TestRecord>),
    /// A recovery.
    Recovery(Box<RecoveryRecord>),
}

impl Record {
    /// Where it comes from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        match self {
            Self::Vaccination(record) => &record.provenance,
            Self::Test(record) => &record.provenance,
            Self::Recovery(record) => &record.provenance,
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn person(&self) -> &Person {
        match self {
            Self::Vaccination(record) => &record.person,
            Self::Test(record) => &record.person,
            Self::Recovery(record) => &record.person,
        }
    }

    /// The day that the certificate is about: of the dose, of the sample (in UTC), or of the first positive result.
    #[must_use]
    pub fn day(&self) -> Date {
        match self {
            Self::Vaccination(record) => record.date,
            Self::Test(record) => jiff::tz::Offset::UTC.to_datetime(record.sampled_at).date(),
            Self::Recovery(record) => record.first_positive,
        }
    }

    /// The dose, if it is one.
    #[must_use]
    pub fn vaccination(&self) -> Option<&VaccinationRecord> {
        match self {
            Self::Vaccination(record) => Some(record),
            Self::Test(_) | Self::Recovery(_) => None,
        }
    }
}

/// Administrative sex (DDCC:VS for continuity of care; FHIR AdministrativeGender). The EU DCC has no place for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Another recorded value.
    Other,
}

/// The holder of a certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Name in the person's own writing and, where mapped, in Latin letters.
    pub name: PersonName,
    /// Date of birth, as exact as the source knows it; `None` when unknown.
    pub birth_date: Option<PartialDate>,
    /// Administrative sex.
    pub sex: Option<Sex>,
    /// National or health identifier.
    pub identifier: Option<String>,
    /// Nationality (ICVP `nt`, `ntl`).
    pub nationality: Option<Country>,
    /// The document that the certificate is bound to (ICVP `id` and `dt`).
    pub document: Option<TravelDocument>,
    /// Name of parent or guardian, of a minor (ICVP `gn`).
    pub guardian: Option<String>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Personal data never reaches a log through `{:?}`.
        f.write_str("Person(…)")
    }
}

/// One dose (DDCC:VS `vaccination` group). Exactly one event a record.
#[derive(Clone, PartialEq, Eq)]
pub struct VaccinationRecord {
    /// Where it comes from.
    pub provenance: Provenance,
    /// The vaccinated person.
    pub person: Person,
    /// What was given: product, holder, prophylaxis, disease in every code system we know.
    pub product: Arc<VaccineProduct>,
    /// Batch or lot number. Required by DDCC:VS, impossible in the EU DCC.
    pub lot: Option<String>,
    /// Local calendar date of the dose.
    pub date: Date,
    /// Number of this dose in the series, from 1 (EU DCC `dn`).
    pub dose: u8,
    /// Doses in the series (EU DCC `sd`).
    pub total_doses: u8,
    /// Country in which the dose was given.
    pub country: Country,
    /// Administering centre: name of the facility.
    pub centre: Option<String>,
    /// Identifier of the health worker.
    pub practitioner: Option<String>,
    /// Name of the clinician who supervised the dose (ICVP `cn`).
    pub clinician: Option<String>,
    /// When the next dose is due.
    pub next_dose: Option<Date>,
    /// Body that answers for the certificate (EU DCC `is`), at most 80 characters.
    pub issuer: String,
}

impl std::fmt::Debug for VaccinationRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Nothing but where it comes from: lot, clinician and centre tell about a person.
        f.debug_struct("VaccinationRecord").field("provenance", &self.provenance).finish_non_exhaustive()
    }
}

/// Result of a test (DDCC:TR `result`). An unknown code is never one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestResult {
    /// The agent was found.
    Detected,
    /// The agent was not found.
    NotDetected,
}

/// Kind of test (EU DCC `tt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestKind {
    /// Nucleic acid amplification (LOINC LP6464-4).
    Naat,
    /// Rapid antigen test (LOINC LP217198-3).
    RapidAntigen,
}

/// One test (DDCC:TR `test` group).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRecord {
    /// Where it comes from.
    pub provenance: Provenance,
    /// The tested person.
    pub person: Person,
    /// Kind of test.
    pub kind: TestKind,
    /// Name of a NAAT test (EU DCC `nm`).
    pub name: Option<String>,
    /// Device identifier of a rapid antigen test (EU DCC `ma`).
    pub device: Option<String>,
    /// When the sample was taken.
    pub sampled_at: Timestamp,
    /// Outcome.
    pub result: TestResult,
    /// Testing centre (EU DCC `tc`).
    pub centre: Option<String>,
    /// Country of the test.
    pub country: Country,
    /// Body that answers for the certificate.
    pub issuer: String,
}

/// A recovery (EU DCC group `r`; the WHO core data set has none).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryRecord {
    /// Where it comes from.
    pub provenance: Provenance,
    /// The recovered person.
    pub person: Person,
    /// Date of the first positive NAAT result (`fr`).
    pub first_positive: Date,
    /// First day of validity (`df`).
    pub valid_from: Date,
    /// Last day of validity (`du`).
    pub valid_until: Date,
    /// Country of the test.
    pub country: Country,
    /// Body that answers for the certificate.
    pub issuer: String,
}
