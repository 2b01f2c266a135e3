//! Translations between systems of codes (`value-sets/who/concept-maps`): facts of WHO's concept maps, with their
//! known errors corrected. A translation says whether it keeps the meaning or takes a wider one; what has no
//! translation has none, and is never replaced by a likely one.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use crate::{
    payload::core::{CodeSystem, Coding},
    valueset::{COVID_19, EuSet, VaccineProduct, ValueSets},
};

const VACCINES: &str = include_str!("../../../value-sets/who/concept-maps/vaccines.json");
const TESTS: &str = include_str!("../../../value-sets/who/concept-maps/tests.json");

/// A code in another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// The code.
    pub code: String,
    /// Whether it says exactly what the code translated says; otherwise it says something wider.
    pub exact: bool,
}

impl Translation {
    fn exact(code: impl Into<String>) -> Self {
        Self { code: code.into(), exact: true }
    }

    fn wider(code: impl Into<String>) -> Self {
        Self { code: code.into(), exact: false }
    }
}

#[derive(Deserialize)]
struct Row {
    system: String,
    code: String,
    to: String,
    exact: bool,
}

#[derive(Deserialize)]
struct Child {
    code: String,
    parent: String,
}

#[derive(Deserialize)]
struct Name {
    code: String,
    display: String,
}

#[derive(Deserialize, Default)]
struct VaccineFile {
    families: Vec<Child>,
    rows: Vec<Row>,
}

#[derive(Deserialize, Default)]
struct TestFile {
    names: Vec<Name>,
    types: Vec<Row>,
    pathogens: Vec<Row>,
    results: Vec<Row>,
    origins: Vec<Row>,
    diseases: Vec<Row>,
}

/// One table: source to target, texts in lower case.
type Map = HashMap<(&'static str, String), Translation>;

struct Tables {
    families: HashMap<String, String>,
    names: HashMap<String, String>,
    vaccines: Map,
    types: Map,
    pathogens: Map,
    results: Map,
    origins: Map,
    diseases: Map,
}

/// Names of systems in the files.
const SYSTEMS: [(&str, CodeSystem); 8] = [
    ("icd11", CodeSystem::Icd11),
    ("ichi", CodeSystem::Ichi),
    ("snomed", CodeSystem::Snomed),
    ("atc", CodeSystem::Atc),
    ("loinc", CodeSystem::Loinc),
    ("cvx", CodeSystem::Cvx),
    ("eu-register", CodeSystem::EuRegister),
    ("text", CodeSystem::Text),
];

fn system_name(system: &CodeSystem) -> &'static str {
    SYSTEMS.iter().find(|(_, known)| known == system).map_or("other", |(name, _)| name)
}

fn key(system: &'static str, code: &str) -> (&'static str, String) {
    (system, if system == "text" { code.trim().to_lowercase() } else { code.to_owned() })
}

fn map(rows: Vec<Row>) -> Map {
    let system = |name: &str| SYSTEMS.iter().find(|(known, _)| *known == name).map_or("other", |(known, _)| known);
    rows.into_iter()
        .map(|row| (key(system(&row.system), &row.code), Translation { code: row.to, exact: row.exact }))
        .collect()
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    // The files are compiled in and a test reads each of them, so the empty tables are never seen in practice.
    let vaccines: VaccineFile = serde_json::from_str(VACCINES).unwrap_or_default();
    let tests: TestFile = serde_json::from_str(TESTS).unwrap_or_default();
    Tables {
        families: vaccines.families.into_iter().map(|row| (row.code, row.parent)).collect(),
        names: tests.names.into_iter().map(|row| (row.code, row.display)).collect(),
        vaccines: map(vaccines.rows),
        types: map(tests.types),
        pathogens: map(tests.pathogens),
        results: map(tests.results),
        origins: map(tests.origins),
        diseases: map(tests.diseases),
    }
});

fn translate(map: &Map, coding: &Coding) -> Option<Translation> {
    map.get(&key(system_name(&coding.system), &coding.code)).cloned()
}

/// Whether a code is of ICHI: the kinds of tests and origins of samples of DDCC:TR.
pub(super) fn is_ichi(code: &str) -> bool {
    let is = |map: &Map| map.values().any(|translation| translation.code == code);
    is(&TABLES.types) || is(&TABLES.origins)
}

/// The system of a code that stands alone, where exactly one of our tables has it.
pub(super) fn system_of(code: &str) -> Option<CodeSystem> {
    let sets = ValueSets::built_in();
    if sets.icd11(code).is_some() || TABLES.names.contains_key(code) {
        return Some(if is_ichi(code) { CodeSystem::Ichi } else { CodeSystem::Icd11 });
    }
    if [EuSet::VaccineProduct, EuSet::VaccineHolder, EuSet::TestDevice].iter().any(|set| sets.eu(*set, code).is_some())
    {
        return Some(CodeSystem::EuRegister);
    }
    // CVX codes and devices are short numbers that could be anything: only long ones tell their system.
    let known = |system| {
        let maps = [&TABLES.vaccines, &TABLES.types, &TABLES.pathogens, &TABLES.results, &TABLES.origins];
        maps.iter().any(|map| map.contains_key(&key(system, code)))
    };
    let found = SYSTEMS.iter().find(|(name, _)| matches!(*name, "snomed" | "loinc" | "atc") && known(name));
    found.map(|(_, system)| system.clone())
}

/// English name of one of WHO's codes for diseases, agents, tests and results, and of vaccines.
#[must_use]
pub fn name_of(code: &str) -> Option<&'static str> {
    let known = TABLES.names.get(code).map(String::as_str);
    known.or_else(|| ValueSets::built_in().icd11(code).map(|entry| entry.display.as_str()))
}

/// Name of a code of WHO's classifications or of the EU's lists of products, holders and devices.
#[must_use]
pub fn display_of(coding: &Coding) -> Option<&'static str> {
    let sets = ValueSets::built_in();
    match coding.system {
        CodeSystem::Icd11 | CodeSystem::Ichi => name_of(&coding.code),
        CodeSystem::EuRegister => [EuSet::VaccineProduct, EuSet::VaccineHolder, EuSet::TestDevice]
            .into_iter()
            .find_map(|set| sets.eu(set, &coding.code))
            .map(|entry| entry.display.as_str()),
        CodeSystem::Snomed | CodeSystem::Atc => [EuSet::Disease, EuSet::VaccineProphylaxis, EuSet::TestResult]
            .into_iter()
            .find_map(|set| sets.eu(set, &coding.code))
            .map(|entry| entry.display.as_str()),
        CodeSystem::Loinc => sets.eu(EuSet::TestType, &coding.code).map(|entry| entry.display.as_str()),
        CodeSystem::WhoProduct => sets.who_product(&coding.code).map(|product| product.words()),
        _ => None,
    }
}

/// The family of an ICD-11 vaccine code (`XM8NQ0` is of `XM0GQ8`, RNA); `None` for one that is not known.
#[must_use]
pub fn family(icd11: &str) -> Option<&'static str> {
    TABLES.families.get(icd11).map(String::as_str)
}

/// ICD-11 code of a vaccine or a product.
#[must_use]
pub fn vaccine_to_icd11(coding: &Coding) -> Option<Translation> {
    match coding.system {
        CodeSystem::Icd11 => ValueSets::built_in().icd11(&coding.code).map(|entry| Translation::exact(&entry.code)),
        CodeSystem::Text => {
            let code = product_of(coding)?.icd11.as_ref()?.code.clone();
            Some(Translation::wider(code))
        }
        _ => translate(&TABLES.vaccines, coding),
    }
}

/// Our product with this code of the EU's list or this name; of an ICD-11 code only where one product alone has it.
#[must_use]
pub fn product_of(coding: &Coding) -> Option<&'static VaccineProduct> {
    let sets = ValueSets::built_in();
    let only = |matches: &dyn Fn(&VaccineProduct) -> bool| {
        let mut found = sets.products().iter().filter(|product| matches(product));
        found.next().filter(|_| found.next().is_none()).map(AsRef::as_ref)
    };
    match coding.system {
        CodeSystem::EuRegister => sets.product_by_eu_code(&coding.code).map(AsRef::as_ref),
        CodeSystem::Text => {
            let name = coding.code.trim().to_lowercase();
            only(&|product: &VaccineProduct| product.name.to_lowercase() == name)
        }
        // A family is no product, even where our list has only one of it.
        CodeSystem::Icd11 if family(&coding.code).is_some_and(|parent| parent != "XM68M6") => {
            only(&|product: &VaccineProduct| product.icd11.as_ref().is_some_and(|icd11| icd11.code == coding.code))
        }
        _ => None,
    }
}

/// Code of the EU's value set `sct-vaccines-covid-19` for a kind of vaccine.
#[must_use]
pub fn vaccine_to_eu(coding: &Coding) -> Option<Translation> {
    if ValueSets::built_in().eu(EuSet::VaccineProphylaxis, &coding.code).is_some()
        && matches!(coding.system, CodeSystem::Snomed | CodeSystem::Atc)
    {
        return Some(Translation::exact(&coding.code));
    }
    let icd11 = vaccine_to_icd11(coding)?;
    // Up the families, to the first that the EU has a code for.
    let of = |code: &str| {
        Some(match code {
            "XM68M6" => "28531000087107",
            "XM0GQ8" => "1119349007",
            "XM1NL1" => "1157024006",
            "XM9QW8" => "29061000087103",
            "XM5JC5" => "1162643001",
            "XM1J92" => "30141000087107",
            "XM6AT1" => "1187593009",
            _ => return None,
        })
    };
    if let Some(code) = of(&icd11.code) {
        return Some(Translation { code: code.to_owned(), exact: icd11.exact });
    }
    let parent = family(&icd11.code)?;
    of(parent).or_else(|| of(family(parent)?)).map(Translation::wider)
}

/// Whether a coding is COVID-19 or its virus.
#[must_use]
pub fn is_covid_19(coding: &Coding) -> bool {
    let covid = |map: &Map, target: &str| translate(map, coding).is_some_and(|translation| translation.code == target);
    (coding.system == CodeSystem::Icd11 && matches!(coding.code.as_str(), "RA01" | "XN109"))
        || (coding.system == CodeSystem::Snomed && coding.code == COVID_19)
        || covid(&TABLES.diseases, "RA01")
        || covid(&TABLES.pathogens, "XN109")
}

/// ICHI code of a kind of test.
#[must_use]
pub fn test_to_ichi(coding: &Coding) -> Option<Translation> {
    match coding.system {
        CodeSystem::Ichi => is_ichi(&coding.code).then(|| Translation::exact(&coding.code)),
        _ => translate(&TABLES.types, coding),
    }
}

/// Code of the EU's value set `covid-19-lab-test-type` (LOINC) for a kind of test.
#[must_use]
pub fn test_to_eu(coding: &Coding) -> Option<Translation> {
    let ichi = test_to_ichi(coding)?;
    let code = match ichi.code.as_str() {
        super::system::NAAT => "LP6464-4",
        super::system::RAPID_ANTIGEN => "LP217198-3",
        _ => return None,
    };
    Some(Translation { code: code.to_owned(), exact: ichi.exact })
}

/// ICD-11 code of an agent.
#[must_use]
pub fn pathogen_to_icd11(coding: &Coding) -> Option<Translation> {
    if coding.system == CodeSystem::Icd11 && coding.code.starts_with("XN") && name_of(&coding.code).is_some() {
        return Some(Translation::exact(&coding.code));
    }
    translate(&TABLES.pathogens, coding)
}

/// Whether the agent was found; `None` for a code that is not known, which is never a negative test.
#[must_use]
pub fn detected(coding: &Coding) -> Option<bool> {
    let code = match coding.system {
        CodeSystem::Icd11 => coding.code.clone(),
        _ => translate(&TABLES.results, coding)?.code,
    };
    match code.as_str() {
        super::system::DETECTED => Some(true),
        super::system::NOT_DETECTED => Some(false),
        _ => None,
    }
}

/// ICHI code of where a sample comes from.
#[must_use]
pub fn origin_to_ichi(coding: &Coding) -> Option<Translation> {
    match coding.system {
        CodeSystem::Ichi => is_ichi(&coding.code).then(|| Translation::exact(&coding.code)),
        _ => translate(&TABLES.origins, coding),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coding(system: CodeSystem, code: &str) -> Coding {
        Coding::new(system, code)
    }

    #[test]
    fn both_files_read_and_every_target_is_a_known_code() {
        let vaccines: VaccineFile = serde_json::from_str(VACCINES).unwrap();
        let tests: TestFile = serde_json::from_str(TESTS).unwrap();
        assert_eq!((vaccines.families.len(), vaccines.rows.len() > 150), (36, true));
        for row in &vaccines.rows {
            assert!(ValueSets::built_in().icd11(&row.to).is_some(), "{}", row.code);
        }
        for row in &vaccines.families {
            assert!(
                ValueSets::built_in().icd11(&row.code).is_some() && ValueSets::built_in().icd11(&row.parent).is_some()
            );
        }
        let all = [&tests.types, &tests.pathogens, &tests.results, &tests.origins, &tests.diseases];
        for row in all.into_iter().flatten().chain(&vaccines.rows) {
            assert!(row.system == "other" || SYSTEMS.iter().any(|(name, _)| *name == row.system), "{}", row.system);
            assert!(name_of(&row.to).is_some(), "{} has no name", row.to);
        }
    }

    #[test]
    fn every_eu_product_has_an_icd11_code_and_agrees_with_our_table_of_products() {
        let sets = ValueSets::built_in();
        for entry in sets.eu_set(EuSet::VaccineProduct).entries() {
            let Some(translated) = vaccine_to_icd11(&coding(CodeSystem::EuRegister, &entry.code)) else {
                assert_eq!(entry.code, "EU/1/22/1709", "Bimervax, younger than the map");
                continue;
            };
            let product = sets.product_by_eu_code(&entry.code).unwrap();
            let ours = &product.icd11.as_ref().unwrap().code;
            let related = translated.code == *ours
                || family(ours) == Some(&translated.code)
                || family(&translated.code) == Some(ours);
            assert!(related, "{}: {} and {ours}", entry.code, translated.code);
        }
        for entry in sets.eu_set(EuSet::VaccineProphylaxis).entries() {
            let system = if entry.code.starts_with('J') { CodeSystem::Atc } else { CodeSystem::Snomed };
            let given = coding(system, &entry.code);
            assert!(vaccine_to_icd11(&given).is_some(), "{}", entry.code);
            assert_eq!(vaccine_to_eu(&given), Some(Translation::exact(&entry.code)));
        }
    }

    #[test]
    fn errors_of_the_published_maps_are_not_repeated() {
        let vaccine = |system, code| vaccine_to_icd11(&coding(system, code)).unwrap().code;
        assert_eq!(vaccine(CodeSystem::Cvx, "503"), "XM5DF6");
        assert_eq!(vaccine(CodeSystem::EuRegister, "Covifenz"), "XM1J92");
        assert_eq!(vaccine(CodeSystem::EuRegister, "EU/1/20/1525"), "XM6QV1");
        assert_eq!(test_to_ichi(&coding(CodeSystem::Loinc, "98069-8")), None);
        assert_eq!(test_to_ichi(&coding(CodeSystem::Text, "molecular(other)")).unwrap().code, "1334426561");
        assert_eq!(detected(&coding(CodeSystem::Icd11, "RA01.1")), None);
        assert_eq!(detected(&coding(CodeSystem::Text, "negative")), Some(false));
        assert_eq!(detected(&coding(CodeSystem::Text, "inconclusive")), None);
        assert_eq!(origin_to_ichi(&coding(CodeSystem::Text, "nasal swab")).unwrap().code, "JAE.AH.XF");
    }

    #[test]
    fn an_ambiguous_code_is_no_product() {
        assert_eq!(product_of(&coding(CodeSystem::Icd11, "XM8NQ0")).unwrap().id, "comirnaty");
        assert!(product_of(&coding(CodeSystem::Icd11, "XM9T65")).is_none(), "three products have it");
        assert!(product_of(&coding(CodeSystem::Icd11, "XM0GQ8")).is_none(), "a family");
        assert_eq!(product_of(&coding(CodeSystem::Text, "spikevax")).unwrap().id, "spikevax");
        assert!(product_of(&coding(CodeSystem::Text, "Pfizer")).is_none());
    }

    #[test]
    fn a_code_alone_tells_its_system_only_where_it_can() {
        assert_eq!(system_of("XM8NQ0"), Some(CodeSystem::Icd11));
        assert_eq!(system_of("1334426561"), Some(CodeSystem::Ichi));
        assert_eq!(system_of("EU/1/20/1528"), Some(CodeSystem::EuRegister));
        assert_eq!(system_of("1119349007"), Some(CodeSystem::Snomed));
        assert_eq!(system_of("208"), None);
        assert_eq!(system_of("TEST"), None);
    }
}
