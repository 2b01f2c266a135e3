//! Vaccines and manufacturers by the names that people write (`value-sets/divoc/names.json`), joined with every
//! other list that is here. DIVOC credentials have no codes for them, and their signature does not say which text is
//! the vaccine and which the manufacturer: only knowing the names does.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock},
};

use serde::Deserialize;

use super::{EuSet, VaccineProduct, ValueSets};

/// The list as compiled in.
const NAMES: &str = include_str!("../../value-sets/divoc/names.json");

/// Most words of one text that are looked at, and most words of a name that are compared.
const WORDS: usize = 24;
const NAME_WORDS: usize = 12;

#[derive(Deserialize)]
struct File {
    brands: Vec<BrandRow>,
    manufacturers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BrandRow {
    name: String,
    #[serde(default)]
    product: Option<String>,
}

/// Names in their words, without case and punctuation.
#[derive(Default)]
struct Names {
    /// By name, the key of the product that it means.
    brands: HashMap<String, Option<String>>,
    makers: HashSet<String>,
}

static BUILT_IN: LazyLock<Names> = LazyLock::new(|| Names::of(NAMES, ValueSets::built_in()).unwrap_or_default());

impl Names {
    fn of(text: &str, sets: &ValueSets) -> Result<Self, serde_json::Error> {
        let file: File = serde_json::from_str(text)?;
        let mut names = Self::default();
        for row in file.brands {
            names.brand(&row.name, row.product.as_deref());
        }
        for product in sets.products() {
            names.brand(&product.name, Some(&product.id));
            names.maker(&product.holder_name);
            if let Some(eu) = &product.eu {
                names.brand(&eu.product.code, Some(&product.id));
                names.brand(&eu.product.display, Some(&product.id));
            }
        }
        for product in sets.who().products() {
            names.brand(product.words(), None);
            names.brand(&product.kind.display, None);
            names.maker(&product.manufacturer);
        }
        for entry in sets.eu_set(EuSet::VaccineHolder).entries() {
            names.maker(&entry.display);
        }
        for name in file.manufacturers {
            names.maker(&name);
        }
        Ok(names)
    }

    fn brand(&mut self, name: &str, product: Option<&str>) {
        let key = words(name).join(" ");
        if !key.is_empty() {
            self.brands.entry(key).or_insert_with(|| product.map(str::to_owned));
        }
    }

    fn maker(&mut self, name: &str) {
        let key = words(name).join(" ");
        if !key.is_empty() {
            self.makers.insert(key);
        }
    }
}

/// The words of a text: runs of letters and digits, in small letters.
fn words(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty());
    runs.take(WORDS).map(str::to_lowercase).collect()
}

/// Every run of neighbouring words, the longest first, so that `Sputnik Light` is found before `Sputnik`.
fn phrases(text: &str) -> impl Iterator<Item = String> {
    let words = words(text);
    let longest = words.len().min(NAME_WORDS);
    (1..=longest).rev().flat_map(move |length| {
        let joined: Vec<String> = words.windows(length).map(|run| run.join(" ")).collect();
        joined
    })
}

/// A vaccine that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedVaccine {
    /// The product, where the name means one that our table has.
    pub product: Option<Arc<VaccineProduct>>,
}

impl ValueSets {
    /// The vaccine that a text names in words, if it names one: `COVISHIELD`, `Pfizer-BioNTech`.
    #[must_use]
    pub fn named_vaccine(&self, text: &str) -> Option<NamedVaccine> {
        let found = phrases(text).find_map(|phrase| BUILT_IN.brands.get(&phrase));
        let of_these = || {
            let wanted = words(text);
            self.products().iter().find(|product| words(&product.name) == wanted).cloned()
        };
        match found {
            Some(key) => Some(NamedVaccine { product: key.as_deref().and_then(|key| self.product(key)).cloned() }),
            None => of_these().map(|product| NamedVaccine { product: Some(product) }),
        }
    }

    /// Whether a text names a maker of vaccines in words: `Serum Institute of India Pvt. Ltd.`
    #[must_use]
    pub fn names_manufacturer(&self, text: &str) -> bool {
        phrases(text).any(|phrase| BUILT_IN.makers.contains(&phrase))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_brand_means_a_product_that_exists() {
        let sets = ValueSets::built_in();
        let file: File = serde_json::from_str(NAMES).unwrap();
        for row in file.brands {
            if let Some(key) = row.product {
                assert!(sets.product(&key).is_some(), "{key}");
            }
        }
        for product in sets.products() {
            assert!(sets.named_vaccine(&product.name).is_some(), "{}", product.name);
            assert!(sets.names_manufacturer(&product.holder_name), "{}", product.holder_name);
        }
    }

    #[test]
    fn names_are_found_as_people_write_them() {
        let sets = ValueSets::built_in();
        let product = |text: &str| sets.named_vaccine(text).and_then(|named| named.product).map(|p| p.id.clone());
        for (text, expected) in [
            ("COVISHIELD", "covishield"),
            ("covaxin", "covaxin"),
            ("Pfizer-BioNTech", "comirnaty"),
            ("COVID-19 Vaccine AstraZeneca (Vaxzevria)", "vaxzevria"),
            ("Sputnik Light", "sputnik-light"),
            ("SPUTNIK V", "sputnik-v"),
        ] {
            assert_eq!(product(text).as_deref(), Some(expected), "{text}");
        }
        assert!(sets.named_vaccine("Sinopharm (Vero Cells)").is_some());
        for text in ["", "JM4561", "Dummy-TGN-Chamba", "Serum Institute of India", "XYZ Company", "notcovaxin", "india"]
        {
            assert_eq!(sets.named_vaccine(text), None, "{text}");
        }
        for text in ["Serum Institute of India Pvt. Ltd.", "astrazeneca", "Bharat Biotech", "COVPharma", "Pfizer"] {
            assert!(sets.names_manufacturer(text), "{text}");
        }
        for text in ["COVISHIELD", "india", "41202025", "XYZ Company", "", "Comirnaty"] {
            assert!(!sets.names_manufacturer(text), "{text}");
        }
    }
}
