//! The content of a digital yellow card, of any of its three generations, by its meaning. The wire names are here
//! and in the reader and the writer beside this file.

use std::fmt;

use jiff::civil::Date;

use crate::record::Sex;

/// Version of the template that we write and know (`v` of G3, REQ-DE-27).
pub const TEMPLATE: &str = "1";

/// First day on which a digital yellow card may be issued: the amendments of 2024 to the IHR are in force
/// (REQ-CC-09).
pub const FIRST_ISSUE: Date = jiff::civil::date(2025, 9, 19);

/// Which model a card follows. Nothing in a card names it; the shape tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Generation {
    /// 2024: vaccine by its class, disease and manufacturer in the payload.
    G1,
    /// ICVP 0.2.0 and 0.3.0 (October 2025): product id, list of doses.
    G2,
    /// The requirements of April 2026: one dose in `vx`, sex and nationality required, version.
    G3,
}

impl Generation {
    /// Short name, such as `G3`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::G1 => "G1",
            Self::G2 => "G2",
            Self::G3 => "G3",
        }
    }
}

/// Sex as a card states it (FHIR AdministrativeGender).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatedSex {
    /// `male`.
    Male,
    /// `female`.
    Female,
    /// `other`.
    Other,
    /// `unknown`, and what the registers of other countries map to it (`X` of passports).
    Unknown,
}

impl StatedSex {
    /// FHIR's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }

    /// The sex of the core data set; `None` where the card says that it is not known.
    #[must_use]
    pub const fn known(self) -> Option<Sex> {
        match self {
            Self::Male => Some(Sex::Male),
            Self::Female => Some(Sex::Female),
            Self::Other => Some(Sex::Other),
            Self::Unknown => None,
        }
    }
}

impl From<Sex> for StatedSex {
    fn from(sex: Sex) -> Self {
        match sex {
            Sex::Female => Self::Female,
            Sex::Male => Self::Male,
            Sex::Other => Self::Other,
        }
    }
}

/// What the first generation said of a vaccine beside its class. Later ones derive all of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Early {
    /// Trade item (`mp`).
    pub trade_item: Option<String>,
    /// Manufacturer in words (`ma`).
    pub manufacturer: Option<String>,
    /// Manufacturer's identifier (`mid`).
    pub manufacturer_id: Option<String>,
    /// Disease, ICD-11 (`tg`).
    pub disease: Option<String>,
    /// Dose, a code or a number (`dn`).
    pub dose: Option<String>,
}

/// The one dose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dose {
    /// Id in WHO's catalogue of products; in G1 the class of the vaccine (ICD-11, SNOMED CT) (`vp`).
    pub product: String,
    /// Day of the dose (`dv`; `dt` before).
    pub date: Date,
    /// Batch (`bo`).
    pub batch: String,
    /// Name of the supervising clinician (`cn`).
    pub clinician: Option<String>,
    /// Authority: a participant of the GDHCN (`is`).
    pub issuer: Option<String>,
    /// From when the card counts, as its issuer computed it (`vls`, G1 and G2).
    pub valid_from: Option<Date>,
    /// The last day on which it counts (`vle`, G1 and G2).
    pub valid_until: Option<Date>,
    /// What only G1 has.
    pub early: Option<Early>,
}

/// A digital yellow card: one person, one dose (REQ-CC-03).
#[derive(Clone, PartialEq, Eq)]
pub struct Icvp {
    /// The model that it follows.
    pub generation: Generation,
    /// Full name (`n`).
    pub name: String,
    /// Full date of birth (`dob`).
    pub birth_date: Date,
    /// Sex (`s`); required in G3.
    pub sex: Option<StatedSex>,
    /// Nationality, ISO 3166-1, as signed (`nt`; `ntl` before); required in G3.
    pub nationality: Option<String>,
    /// Number of the identity document (`id`; `nid` before).
    pub document_number: Option<String>,
    /// Kind of that document, HL7 table 0203 (`dt`; `ndt` before).
    pub document_kind: Option<String>,
    /// Parent or guardian (`gn`).
    pub guardian: Option<String>,
    /// Version of the template (`v`, G3).
    pub version: Option<String>,
    /// Day of issue (`d`), which a build of G3 after August 2026 has.
    pub issued_on: Option<Date>,
    /// The dose (`vx`; `v` before).
    pub dose: Dose,
}

impl fmt::Debug for Icvp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Personal data never reaches a log through `{:?}`.
        f.debug_struct("Icvp").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Icvp {
    /// Whether this program knows the version of the template. One that it does not know is ambiguous and never
    /// a reason to refuse (REQ-DE-27).
    #[must_use]
    pub fn has_known_version(&self) -> bool {
        self.version.as_deref().is_none_or(|version| version == TEMPLATE)
    }
}
