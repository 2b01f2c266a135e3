//! Systems of codes by their URIs, and the few codes that every format needs.

use super::codes;
use crate::{
    payload::core::{CodeSystem, Coding},
    record::Sex,
    valueset::{EuSet, ValueSets},
};

/// ICD-11 MMS as WHO DDCC writes it.
pub const ICD_11: &str = crate::valueset::ICD11_SYSTEM;
/// ICD-11 MMS as WHO's ICVP guide writes it.
pub const ICD_11_RELEASE: &str = "http://id.who.int/icd/release/11/mms";
/// ICHI codes stand under the URI of ICD-11 in WHO's own code system and concept maps of DDCC.
pub const ICHI: &str = ICD_11;
/// SNOMED CT.
pub const SNOMED: &str = "http://snomed.info/sct";
/// LOINC.
pub const LOINC: &str = "http://loinc.org";
/// CVX.
pub const CVX: &str = "http://hl7.org/fhir/sid/cvx";
/// ATC.
pub const ATC: &str = "http://www.whocc.no/atc";
/// Countries.
pub const ISO_3166: &str = "urn:iso:std:iso:3166";
/// Products of the EU register.
pub const EU_REGISTER: &str = "https://ec.europa.eu/health/documents/community-register/html/";
/// Every system of the EU's value sets for products, holders and devices.
const EU: [&str; 5] = [
    EU_REGISTER,
    "http://ec.europa.eu/temp/vaccineproductname",
    "https://spor.ema.europa.eu/v1/organisations",
    "http://ec.europa.eu/temp/vaccinemanufacturer",
    "https://covid-19-diagnostics.jrc.ec.europa.eu/devices",
];
/// WHO's prequalified products as ICVP 0.3 names them.
pub const WHO_PRODUCTS: &str = crate::valueset::WHO_PRODUCT_SYSTEM;

/// ICD-11: COVID-19.
pub const COVID_19: &str = "RA01";
/// ICD-11: COVID-19 with the virus identified, which VDS-NC writes for the disease and DDCC:TR for a positive test.
pub const DETECTED: &str = "RA01.0";
/// ICD-11: agent not found.
pub const NOT_DETECTED: &str = "QA02";
/// ICD-11: the virus.
pub const SARS_COV_2: &str = "XN109";
/// ICHI: nucleic acid amplification.
pub const NAAT: &str = "1334426561";
/// ICHI: rapid antigen test.
pub const RAPID_ANTIGEN: &str = "2056159157";

/// The system with this URI; without a URI, the system that the code itself shows by being in one of the tables.
#[must_use]
pub fn classify(uri: Option<&str>, code: &str) -> CodeSystem {
    let Some(uri) = uri else { return codes::system_of(code).unwrap_or(CodeSystem::Text) };
    match uri.trim_end_matches('/') {
        ICD_11 | ICD_11_RELEASE | "http://id.who.int/icd/entity" if codes::is_ichi(code) => CodeSystem::Ichi,
        ICD_11 | ICD_11_RELEASE | "http://id.who.int/icd/entity" => CodeSystem::Icd11,
        "http://id.who.int/ichi" | "https://mitel.dimi.uniud.it/ichi/#http://id.who.int/ichi" => CodeSystem::Ichi,
        // National editions have URIs below the international one's.
        uri if uri == SNOMED || uri.strip_prefix(SNOMED).is_some_and(|edition| edition.starts_with('/')) => {
            CodeSystem::Snomed
        }
        LOINC => CodeSystem::Loinc,
        CVX => CodeSystem::Cvx,
        ATC => CodeSystem::Atc,
        WHO_PRODUCTS => CodeSystem::WhoProduct,
        uri if EU.iter().any(|known| known.trim_end_matches('/') == uri) => CodeSystem::EuRegister,
        _ => CodeSystem::Other(uri.to_owned()),
    }
}

/// URI of the system of a code, for formats that name systems by URI; `None` for a plain name.
#[must_use]
pub fn uri(coding: &Coding) -> Option<&str> {
    Some(match &coding.system {
        CodeSystem::Icd11 => ICD_11,
        CodeSystem::Ichi => ICHI,
        CodeSystem::Snomed => SNOMED,
        CodeSystem::Loinc => LOINC,
        CodeSystem::Cvx => CVX,
        CodeSystem::Atc => ATC,
        CodeSystem::EuRegister => {
            let sets = [EuSet::VaccineProduct, EuSet::VaccineHolder, EuSet::TestDevice];
            let known = sets.into_iter().find_map(|set| ValueSets::built_in().eu(set, &coding.code));
            known.map_or(EU_REGISTER, |entry| entry.system.as_str())
        }
        CodeSystem::WhoProduct => WHO_PRODUCTS,
        CodeSystem::Text => return None,
        CodeSystem::Other(uri) => uri,
    })
}

/// Code of FHIR's AdministrativeGender.
#[must_use]
pub fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Other => "other",
    }
}

/// The sex by any of the words and letters in use; `None` for an unknown one.
#[must_use]
pub fn sex_of(text: &str) -> Option<Sex> {
    match text.trim().to_ascii_lowercase().as_str() {
        "female" | "f" => Some(Sex::Female),
        "male" | "m" => Some(Sex::Male),
        "other" => Some(Sex::Other),
        _ => None,
    }
}
