//! Typed look-up over the files of `value-sets/`. A look-up never changes a code.
//!
//! Station of both flows: going down, `source` turns DHIS2 option codes into a [`VaccineProduct`]
//! ([`dhis2`]) and `payload` takes its codes from there; going up, `verify` and `rules` look codes up to
//! show them in words ([`ValueSets::eu`]). Inactive codes stay readable, so that old certificates do.

pub mod countries;
pub mod dhis2;
mod divoc;
mod eu;
mod file;
pub mod kinds;
mod products;
mod who;

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use divoc::NamedVaccine;
pub use eu::{Entry, EuSet, ValueSet, ValueSetError};
pub use file::ValueSetFileError;
pub use who::{
    DecisionTable, WHO_PRODUCT_SYSTEM, WhoCatalogue, WhoCatalogueError, WhoProduct, WhoProductId, WhoVaccineType,
};

/// SNOMED CT code of COVID-19 in the EU value set `disease-agent-targeted`.
pub const COVID_19: &str = "840539006";

/// Code system of the ICD-11 vaccine codes as WHO DDCC writes it (the ICVP guide writes
/// `http://id.who.int/icd/release/11/mms` for the same codes).
pub const ICD11_SYSTEM: &str = "http://id.who.int/icd11/mms";

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
    /// Id of the product in WHO's catalogue of prequalified vaccines, which an ICVP carries (`vp`): of any version
    /// of the catalogue. One id is one presentation (doses in a container) of one manufacturer.
    pub who_product: Option<String>,
    /// Doses of the primary series.
    pub primary_doses: Option<u8>,
    /// First day on which the product was given to anyone, trials included, or an earlier bound where that
    /// day is not settled: a dose before it has a wrong date.
    pub first_given: Option<Date>,
}

/// The value sets built into the program (EU 2.12.0, WHO ICD-11, and our table of vaccine products), and those
/// laid over them from files.
#[derive(Debug, Clone, Default)]
pub struct ValueSets {
    eu: [ValueSet; EuSet::COUNT],
    icd11: ValueSet,
    /// Sets from files that this program has no use of its own for; business rules may.
    others: BTreeMap<String, ValueSet>,
    products: Vec<Arc<VaccineProduct>>,
    who: WhoCatalogue,
}

static BUILT_IN: LazyLock<ValueSets> = LazyLock::new(|| {
    // The files are compiled in and a test reads each of them, so the empty sets are never seen in practice.
    let eu = EuSet::ALL.map(|set| ValueSet::parse(set.built_in_text()).unwrap_or_default());
    let icd11 = ValueSet::parse(eu::ICD11_VACCINES).unwrap_or_default();
    let mut sets =
        ValueSets { eu, icd11, others: BTreeMap::new(), products: Vec::new(), who: WhoCatalogue::built_in() };
    sets.products = products::parse(products::PRODUCTS, &sets).unwrap_or_default();
    sets
});

impl ValueSets {
    /// The sets compiled into the program, read once.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// These sets with others from files laid over them. Each file is its name, for errors, and its content; what
    /// form it has is told by the content: the EU's own files (`valueSetId`, `valueSetDate`, `valueSetValues`),
    /// one or an array of them; an object from the names of sets to such sets or to plain lists of codes; or the
    /// shape of `value-sets/`.
    ///
    /// Of two editions of one set the one with the later date is taken whole; where both have one date, the one
    /// that comes later here. Codes that it lacks can still be looked up, as inactive ones, so that old
    /// certificates stay readable, but they are not in the set any more ([`ValueSet::entries`],
    /// [`ValueSets::codes_by_id`]).
    ///
    /// A catalogue of vaccine products (`catalogue`, or WHO's own export of its records) is laid over the built-in
    /// one: it adds products and ids, or the day on which one was withdrawn, and forgets nothing.
    ///
    /// # Errors
    /// [`ValueSetFileError`] names the file and the place in it.
    pub fn with<'a>(&self, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Self, ValueSetFileError> {
        let mut all = self.clone();
        let mut counts = file::Counts::default();
        for (name, bytes) in files {
            if WhoCatalogue::looks_like(bytes) {
                let laid_over = all.who.with(name, bytes);
                all.who = laid_over.map_err(|source| ValueSetFileError::Catalogue { name: name.to_owned(), source })?;
                continue;
            }
            for set in file::read(name, bytes, &mut counts)? {
                all.lay_over(set);
            }
        }
        Ok(all)
    }

    fn lay_over(&mut self, set: ValueSet) {
        let known = match EuSet::from_id(&set.value_set) {
            Some(id) => self.eu.get_mut(id.position()),
            None if set.value_set == self.icd11.value_set => Some(&mut self.icd11),
            None => self.others.get_mut(&set.value_set),
        };
        match known {
            Some(known) => *known = known.with_edition(set),
            None => {
                self.others.insert(set.value_set.clone(), set);
            }
        }
    }

    /// Every set that has a published name with the codes in it, inactive ones included: the
    /// `external.valueSets` of business rules (CertLogic).
    pub fn codes_by_id(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &str>)> {
        let all = self.eu.iter().chain(self.others.values());
        all.map(|set| (set.value_set.as_str(), set.entries().map(|entry| entry.code.as_str())))
    }

    /// Looks up a code of an EU value set, exactly as written: no trimming, no change of case.
    #[must_use]
    pub fn eu(&self, set: EuSet, code: &str) -> Option<&Entry> {
        self.eu_set(set).get(code)
    }

    /// A whole EU value set, for lists of choices and for the `external.valueSets` of CertLogic rules.
    #[must_use]
    pub fn eu_set(&self, set: EuSet) -> &ValueSet {
        self.eu.get(set.position()).unwrap_or(&self.icd11)
    }

    /// Looks up a WHO ICD-11 code for a COVID-19 vaccine or vaccine family.
    #[must_use]
    pub fn icd11(&self, code: &str) -> Option<&Entry> {
        self.icd11.get(code)
    }

    /// The product with our key, such as `vaxzevria`.
    #[must_use]
    pub fn product(&self, id: &str) -> Option<&Arc<VaccineProduct>> {
        self.products.iter().find(|product| product.id == id)
    }

    /// The product with this EU code (`mp`), deprecated codes included.
    #[must_use]
    pub fn product_by_eu_code(&self, mp: &str) -> Option<&Arc<VaccineProduct>> {
        self.products.iter().find(|product| product.eu.as_ref().is_some_and(|eu| eu.product.code == mp))
    }

    /// The product with this id in WHO's catalogue of prequalified vaccines, of whatever edition.
    #[must_use]
    pub fn who_product(&self, id: &str) -> Option<&Arc<WhoProduct>> {
        self.who.product(id)
    }

    /// WHO's catalogue of prequalified vaccines.
    #[must_use]
    pub fn who(&self) -> &WhoCatalogue {
        &self.who
    }

    /// Every product we know, those of the EU encoding instructions first.
    #[must_use]
    pub fn products(&self) -> &[Arc<VaccineProduct>] {
        &self.products
    }

    /// The coding of a known EU code, with its system and name.
    #[must_use]
    pub fn eu_coding(&self, set: EuSet, code: &str) -> Option<Coding> {
        self.eu(set, code).map(Entry::coding)
    }

    /// COVID-19 as targeted disease (`tg`).
    #[must_use]
    pub fn covid_19(&self) -> Coding {
        self.eu_coding(EuSet::Disease, COVID_19).unwrap_or_else(|| Coding {
            system: "http://snomed.info/sct".to_owned(),
            code: COVID_19.to_owned(),
            display: "COVID-19".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_file_reads_and_has_the_published_number_of_codes() {
        // Numbers of release 2.12.0: facts on the EU value sets; devices of the gateway copy of 2023-04-11.
        let expected = [
            (EuSet::Disease, 1, 0),
            (EuSet::VaccineProphylaxis, 9, 1),
            (EuSet::VaccineProduct, 39, 4),
            (EuSet::VaccineHolder, 31, 0),
            (EuSet::TestType, 2, 0),
            (EuSet::TestResult, 2, 0),
            (EuSet::TestDevice, 299, 17),
            (EuSet::Country, 250, 0),
        ];
        for (set, count, inactive) in expected {
            let parsed = ValueSet::parse(set.built_in_text()).unwrap();
            assert_eq!(parsed.value_set, set.id());
            assert_eq!(parsed.len(), count, "{set:?}");
            // The release counts `active: false`; 2.12.0 marks four products and one prophylaxis.
            assert_eq!(parsed.entries().filter(|entry| !entry.active).count(), inactive, "{set:?}");
            assert!(!parsed.source.is_empty() && !parsed.version.is_empty() && parsed.date.year() > 2018);
        }
        assert_eq!(ValueSet::parse(eu::ICD11_VACCINES).unwrap().len(), 37);
        assert_eq!(products::parse(products::PRODUCTS, ValueSets::built_in()).unwrap().len(), 50);
    }

    #[test]
    fn every_eu_product_code_is_a_product_and_agrees_with_the_sets() {
        let sets = ValueSets::built_in();
        for entry in sets.eu_set(EuSet::VaccineProduct).entries() {
            let product = sets.product_by_eu_code(&entry.code).unwrap_or_else(|| panic!("{}", entry.code));
            let eu = product.eu.as_ref().unwrap();
            assert!(sets.eu(EuSet::VaccineProphylaxis, &eu.prophylaxis.code).unwrap().active, "{}", product.id);
            assert_eq!(eu.holder.display, sets.eu(EuSet::VaccineHolder, &eu.holder.code).unwrap().display);
            assert_eq!(product.disease.code, COVID_19);
        }
        for product in sets.products() {
            assert!(sets.icd11(&product.icd11.as_ref().unwrap().code).is_some());
            assert!(product.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            assert_eq!(sets.product(&product.id).unwrap().name, product.name, "two products share a key");
            assert!(product.first_given.unwrap() >= "2020-03-16".parse().unwrap());
        }
    }

    #[test]
    fn look_ups_are_exact() {
        let sets = ValueSets::built_in();
        assert_eq!(sets.eu(EuSet::VaccineProduct, "EU/1/20/1528").unwrap().display, "Comirnaty");
        for wrong in ["eu/1/20/1528", " EU/1/20/1528", "EU/1/20/1528 ", ""] {
            assert_eq!(sets.eu(EuSet::VaccineProduct, wrong), None);
        }
        let old = sets.eu(EuSet::VaccineProphylaxis, "J07BX03").unwrap();
        assert!(!old.active && old.display.contains("covid-19 vaccines"));
        assert_eq!(sets.covid_19().system, "http://snomed.info/sct");
        assert_eq!(sets.product("comirnaty").unwrap().eu.as_ref().unwrap().prophylaxis.code, "1119349007");
        assert_eq!(sets.product("nuvaxovid").unwrap().eu.as_ref().unwrap().prophylaxis.code, "1162643001");
        assert!(sets.product("zifivax").unwrap().eu.is_none());
    }
}
