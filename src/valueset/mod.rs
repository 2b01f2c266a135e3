//! Typed look-up over the files of `value-sets/`. A look-up never changes a code.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A code with its system and its name, as FHIR's Coding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coding {
    /// URI of the code system.
    pub system: String,
    /// The code, exactly as published.
    pub code: String,
    /// Its name in words.
    pub display: String,
}

/// Codes of a vaccine in the EU value sets (2.12.0).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EuVaccine {
    /// Vaccine or prophylaxis (`vp`, value set `sct-vaccines-covid-19`).
    pub prophylaxis: Coding,
    /// Medicinal product (`mp`, value set `vaccines-covid-19-names`).
    pub product: Coding,
    /// Marketing authorisation holder (`ma`, value set `vaccines-covid-19-auth-holders`).
    pub holder: Coding,
}

/// A vaccine product in every code system we know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaccineProduct {
    /// Our stable key in kebab-case, such as `vaxzevria`.
    pub id: String,
    /// Trade name in words.
    pub name: String,
    /// Manufacturer or marketing authorisation holder in words.
    pub holder_name: String,
    /// Disease targeted (SNOMED CT code of the EU value set `disease-agent-targeted`, 840539006 for COVID-19).
    pub disease: Coding,
    /// WHO ICD-11 vaccine code (`http://id.who.int/icd11/mms`, XM…).
    pub icd11: Option<Coding>,
    /// EU codes; `None` for a vaccine that the EU lists lack.
    pub eu: Option<EuVaccine>,
    /// Doses of the primary series.
    pub primary_doses: Option<u8>,
    /// First day on which the product was given to anyone, trials included: an earlier dose is a wrong date.
    pub first_given: Option<Date>,
}
