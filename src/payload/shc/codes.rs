//! Code systems of health cards, and the names and meanings of the codes that a border meets.
//!
//! Vaccines: CVX of the CDC, with the ICD-11 codes that WHO's concept map gives them (DDCC guide 1.0.1,
//! `vaccine-covid19-cvx-to-icd11`), and the CVX codes of yellow fever and polio. Names are ours, short.

use crate::payload::core::CodeSystem;

use super::model::Code;

/// The system of a URI. WHO writes ICD-11 in two ways, SNOMED CT adds its edition.
pub(super) fn system(uri: &str) -> CodeSystem {
    match uri {
        "http://hl7.org/fhir/sid/cvx" => CodeSystem::Cvx,
        "http://id.who.int/icd11/mms" | "http://id.who.int/icd/release/11/mms" => CodeSystem::Icd11,
        "http://loinc.org" => CodeSystem::Loinc,
        "http://www.whocc.no/atc" => CodeSystem::Atc,
        _ if uri == "http://snomed.info/sct" || uri.starts_with("http://snomed.info/sct/") => CodeSystem::Snomed,
        "" => CodeSystem::Text,
        _ => CodeSystem::Other(uri.to_owned()),
    }
}

/// A vaccine of CVX: code, short name, ICD-11 code of the product or its kind, ICD-11 code of the disease.
type Vaccine = (&'static str, &'static str, Option<&'static str>, &'static str);

const COVID_19: &str = "RA01";
const YELLOW_FEVER: &str = "1D47";
const POLIO: &str = "1C81";

/// Sorted by code, as text.
const VACCINES: &[Vaccine] = &[
    ("02", "Polio, oral, trivalent", None, POLIO),
    ("10", "Polio, inactivated (IPV)", None, POLIO),
    ("178", "Polio, oral, bivalent", None, POLIO),
    ("179", "Polio, oral, monovalent", None, POLIO),
    ("182", "Polio, oral", None, POLIO),
    ("183", "Yellow fever", None, YELLOW_FEVER),
    ("184", "Yellow fever", None, YELLOW_FEVER),
    ("207", "COVID-19, Moderna", Some("XM3DT5"), COVID_19),
    ("208", "COVID-19, Pfizer-BioNTech (Comirnaty)", Some("XM8NQ0"), COVID_19),
    ("210", "COVID-19, AstraZeneca", Some("XM4YL8"), COVID_19),
    ("211", "COVID-19, Novavax", Some("XM9T65"), COVID_19),
    ("212", "COVID-19, Janssen", Some("XM6QV1"), COVID_19),
    ("213", "COVID-19", Some("XM68M6"), COVID_19),
    ("217", "COVID-19, Pfizer-BioNTech (Comirnaty)", Some("XM8NQ0"), COVID_19),
    ("218", "COVID-19, Pfizer-BioNTech (Comirnaty), children", Some("XM8NQ0"), COVID_19),
    ("219", "COVID-19, Pfizer-BioNTech (Comirnaty), infants", Some("XM8NQ0"), COVID_19),
    ("221", "COVID-19, Moderna", Some("XM3DT5"), COVID_19),
    ("225", "COVID-19, Sanofi", Some("XM3CT4"), COVID_19),
    ("226", "COVID-19, Sanofi", Some("XM3CT4"), COVID_19),
    ("227", "COVID-19, Moderna, children", Some("XM3DT5"), COVID_19),
    ("228", "COVID-19, Moderna, children", Some("XM3DT5"), COVID_19),
    ("229", "COVID-19, Moderna, bivalent", Some("XM3DT5"), COVID_19),
    ("230", "COVID-19, Moderna, bivalent", Some("XM3DT5"), COVID_19),
    ("300", "COVID-19, Pfizer-BioNTech (Comirnaty), bivalent", Some("XM8NQ0"), COVID_19),
    ("301", "COVID-19, Pfizer-BioNTech (Comirnaty), bivalent", Some("XM8NQ0"), COVID_19),
    ("302", "COVID-19, Pfizer-BioNTech (Comirnaty), bivalent", Some("XM8NQ0"), COVID_19),
    ("37", "Yellow fever", None, YELLOW_FEVER),
    ("500", "COVID-19, product unknown", Some("XM68M6"), COVID_19),
    ("501", "COVID-19, QazCovid-in", Some("XM1NL1"), COVID_19),
    ("502", "COVID-19, Covaxin", Some("XM1G90"), COVID_19),
    ("503", "COVID-19, Covi-Vac", Some("XM85P5"), COVID_19),
    ("504", "COVID-19, Sputnik Light", Some("XM5QM6"), COVID_19),
    ("505", "COVID-19, Sputnik V (Gam-Covid-Vac)", Some("XM5ZJ4"), COVID_19),
    ("506", "COVID-19, CanSino (Convidecia)", Some("XM1AG7"), COVID_19),
    ("507", "COVID-19, Anhui Zhifei", Some("XM5JC5"), COVID_19),
    ("508", "COVID-19, Jiangsu CDC", Some("XM5JC5"), COVID_19),
    ("509", "COVID-19, EpiVacCorona", Some("XM6SZ8"), COVID_19),
    ("510", "COVID-19, Sinopharm BIBP", Some("XM8866"), COVID_19),
    ("511", "COVID-19, CoronaVac (Sinovac)", Some("XM7HT3"), COVID_19),
    ("512", "COVID-19, Covifenz (Medicago)", Some("XM1J92"), COVID_19),
    ("513", "COVID-19, Zifivax", Some("XM5JC5"), COVID_19),
    ("514", "COVID-19, ZyCoV-D", Some("XM52P3"), COVID_19),
    ("515", "COVID-19, MVC-COV1901 (Medigen)", Some("XM4EC8"), COVID_19),
    ("516", "COVID-19, KCONVAC", Some("XM9TQ1"), COVID_19),
    ("517", "COVID-19, Corbevax", Some("XM5JC5"), COVID_19),
    ("518", "COVID-19, Valneva", Some("XM1NL1"), COVID_19),
    ("519", "COVID-19, Moderna (Spikevax), bivalent", Some("XM3DT5"), COVID_19),
    ("520", "COVID-19, Pfizer-BioNTech, bivalent", Some("XM8NQ0"), COVID_19),
    ("89", "Polio", None, POLIO),
];

fn cvx(code: &str) -> Option<&'static Vaccine> {
    VACCINES.binary_search_by(|vaccine| vaccine.0.cmp(code)).ok().and_then(|at| VACCINES.get(at))
}

/// ICD-11 code of a vaccine of CVX: of the product where WHO's map knows it, of its kind otherwise.
#[must_use]
pub fn icd11_of_cvx(code: &str) -> Option<&'static str> {
    cvx(code)?.2
}

/// ICD-11 code of the disease that a vaccine is against; `None` for one that the table lacks.
pub(super) fn disease(vaccine: &Code) -> Option<(&'static str, &'static str)> {
    let code = match system(&vaccine.system) {
        CodeSystem::Cvx => cvx(&vaccine.code)?.3,
        CodeSystem::Icd11 if VACCINES.iter().any(|known| known.2 == Some(vaccine.code.as_str())) => COVID_19,
        _ => return None,
    };
    let name = match code {
        COVID_19 => "COVID-19",
        YELLOW_FEVER => "Yellow fever",
        _ => "Poliomyelitis",
    };
    Some((code, name))
}

/// Short name of a code, where this program knows one: vaccines, results.
pub(super) fn name(code: &Code) -> Option<&'static str> {
    match system(&code.system) {
        CodeSystem::Cvx => cvx(&code.code).map(|vaccine| vaccine.1),
        _ => match outcome(code)? {
            Outcome::Positive => Some("positive"),
            Outcome::Negative => Some("negative"),
            Outcome::Open => Some("inconclusive"),
        },
    }
}

/// What a result says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Found.
    Positive,
    /// Not found.
    Negative,
    /// Neither.
    Open,
}

/// The outcome that a code of a result stands for (value sets of the Vaccination & Testing guide: SNOMED CT
/// qualifiers, LOINC answers, HL7 interpretations). `None` for every other code: never taken for negative.
#[must_use]
pub fn outcome(code: &Code) -> Option<Outcome> {
    match (code.system.as_str(), code.code.as_str()) {
        ("http://snomed.info/sct", "260373001" | "10828004")
        | ("http://loinc.org", "LA11882-0" | "LA6576-8")
        | ("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "POS" | "DET") => {
            Some(Outcome::Positive)
        }
        ("http://snomed.info/sct", "260415000" | "260385009" | "895231008")
        | ("http://loinc.org", "LA11883-8" | "LA6577-6")
        | ("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "NEG" | "ND") => {
            Some(Outcome::Negative)
        }
        ("http://snomed.info/sct", "419984006" | "42425007" | "455371000124106" | "125154007") => Some(Outcome::Open),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_found() {
        assert!(VACCINES.is_sorted_by(|a, b| a.0 < b.0));
        for vaccine in VACCINES {
            assert_eq!(cvx(vaccine.0), Some(vaccine));
        }
        assert_eq!(icd11_of_cvx("207"), Some("XM3DT5"));
        assert_eq!(icd11_of_cvx("37"), None);
        assert_eq!(icd11_of_cvx("9"), None);
    }

    #[test]
    fn an_unknown_result_is_never_negative() {
        let code = |system: &str, code: &str| Code { system: system.into(), code: code.into(), display: None };
        assert_eq!(outcome(&code("http://snomed.info/sct", "260415000")), Some(Outcome::Negative));
        for (other, result) in [("http://loinc.org", "260415000"), ("", "260415000"), ("http://snomed.info/sct", "")] {
            assert_eq!(outcome(&code(other, result)), None);
        }
    }
}
