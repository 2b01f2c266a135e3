//! From DHIS2 option codes to a vaccine product: what `source` asks for each dose.
//!
//! A dose in the COVAC tracker carries up to three codes: the vaccine, the brand (from 1.2.0) and the
//! manufacturer. The vaccine (or, without it, the brand) says which products are meant; brand and
//! manufacturer narrow them down; whatever does not fit together is refused and never settled by a guess.
//! The table is `value-sets/dhis2/covac.json`; a ministry adds its own codes in its configuration
//! ([`MappingTarget`]), and these win over the table.

mod divoc;
mod national;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock},
};

use serde::Deserialize;

pub use national::{MappingError, MappingTarget, NationalEuCodes, NationalProduct};

use super::{VaccineProduct, ValueSetError, ValueSets};

const COVAC: &str = include_str!("../../../value-sets/dhis2/covac.json");

/// Longest part of a code that an error repeats.
const SHOWN_CODE_CHARS: usize = 60;

/// Why the codes of a dose do not name one product. Holds option codes only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaccineLookupError {
    /// Neither vaccine nor brand is filled in.
    #[error("the dose names no vaccine and no brand: fill in the vaccine in DHIS2")]
    Missing,
    /// A code that COVAC 1.0.0 shipped for countries to replace.
    #[error("{code:?} is a placeholder of the package and names no product: map it to a product in the configuration")]
    Placeholder {
        /// The option code.
        code: String,
    },
    /// A vaccine code that nobody has told us.
    #[error("the vaccine code {code:?} is unknown: map it to a product in the configuration")]
    UnknownVaccine {
        /// The option code.
        code: String,
    },
    /// A manufacturer code that nobody has told us.
    #[error("the manufacturer code {code:?} is unknown: map it to its products in the configuration")]
    UnknownManufacturer {
        /// The option code.
        code: String,
    },
    /// A brand code that nobody has told us.
    #[error("the brand code {code:?} is unknown: map it to a product in the configuration")]
    UnknownBrand {
        /// The option code.
        code: String,
    },
    /// The manufacturer does not make the vaccine.
    #[error("manufacturer {manufacturer:?} does not make vaccine {vaccine:?}: correct one of the two in DHIS2")]
    ManufacturerContradicts {
        /// Option code of the vaccine, or of the brand where the vaccine is missing.
        vaccine: String,
        /// Option code of the manufacturer.
        manufacturer: String,
    },
    /// The brand is another vaccine.
    #[error("brand {brand:?} is not vaccine {vaccine:?}: correct one of the two in DHIS2")]
    BrandContradicts {
        /// Option code of the vaccine.
        vaccine: String,
        /// Option code of the brand.
        brand: String,
    },
    /// Several products remain.
    #[error("{code:?} may be {}: fill in the manufacturer or the brand, or map the code in the configuration", candidates.join(" or "))]
    Ambiguous {
        /// Option code of the vaccine, or of the brand where the vaccine is missing.
        code: String,
        /// Keys of the products that remain.
        candidates: Vec<String>,
    },
}

/// The products that a code may mean, and the one that is meant when nothing else is said.
#[derive(Debug, Clone, Default)]
struct Choice {
    products: Vec<Arc<VaccineProduct>>,
    default: Option<String>,
    /// Defined by the ministry, unknown to our table of manufacturers.
    national: bool,
}

impl Choice {
    fn has(&self, id: &str) -> bool {
        self.products.iter().any(|product| product.id == id)
    }

    /// What remains when `other` is said as well; `None` when the two contradict each other.
    fn narrowed(&self, other: &Self) -> Option<Self> {
        let products: Vec<_> = self.products.iter().filter(|product| other.has(&product.id)).cloned().collect();
        if products.is_empty() {
            return None;
        }
        let remains =
            |default: &Option<String>| default.clone().filter(|id| products.iter().any(|product| product.id == *id));
        let default = remains(&self.default).or_else(|| remains(&other.default));
        Some(Self { products, default, national: self.national })
    }

    fn decided(&self) -> Option<&Arc<VaccineProduct>> {
        match (self.products.as_slice(), &self.default) {
            ([only], _) => Some(only),
            (products, Some(id)) => products.iter().find(|product| product.id == *id),
            _ => None,
        }
    }
}

/// The mapping from DHIS2 option codes to vaccine products.
#[derive(Debug, Clone, Default)]
pub struct Dhis2Vaccines {
    placeholders: Vec<String>,
    vaccines: HashMap<String, Choice>,
    manufacturers: HashMap<String, Choice>,
    brands: HashMap<String, Choice>,
    /// The ministry's own codes, by [`exact_key`].
    overrides: BTreeMap<String, Choice>,
}

#[derive(Deserialize)]
struct File {
    placeholders: Vec<String>,
    vaccines: Vec<Row>,
    manufacturers: Vec<Row>,
    brands: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    codes: Vec<String>,
    products: Vec<String>,
    #[serde(default)]
    default: Option<String>,
}

/// Code without case, spaces and signs: `AstraZeneca_AB`, `ASTRAZENECA AB` and `astrazenecaab` are one.
fn loose_key(code: &str) -> String {
    code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Code without case and outer spaces. A ministry's codes may differ in signs alone (`1.1` and `11`).
fn exact_key(code: &str) -> String {
    code.trim().to_lowercase()
}

fn shown(code: &str) -> String {
    code.chars().take(SHOWN_CODE_CHARS).collect()
}

/// Reads the rows of a table.
///
/// # Errors
/// [`ValueSetError`]: a product that does not exist, a code given twice.
fn table(rows: Vec<Row>, sets: &ValueSets) -> Result<HashMap<String, Choice>, ValueSetError> {
    let mut table = HashMap::new();
    for row in rows {
        let products = row
            .products
            .iter()
            .map(|id| {
                sets.product(id).cloned().ok_or_else(|| ValueSetError::UnknownCode {
                    product: id.clone(),
                    code: id.clone(),
                    value_set: "the product table",
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let choice = Choice { products, default: row.default, national: false };
        for code in row.codes {
            if table.insert(code.clone(), choice.clone()).is_some() {
                return Err(ValueSetError::Twice { value_set: "vaccine codes".to_owned(), code });
            }
        }
    }
    Ok(table)
}

// The file is compiled in and a test reads it, so the empty table is never seen in practice.
static BUILT_IN: LazyLock<Dhis2Vaccines> =
    LazyLock::new(|| Dhis2Vaccines::parse(COVAC, ValueSets::built_in()).unwrap_or_default());

impl Dhis2Vaccines {
    /// The codes of every COVAC package version and of known national additions.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    fn parse(text: &str, sets: &ValueSets) -> Result<Self, ValueSetError> {
        let file: File = serde_json::from_str(text)?;
        Ok(Self {
            placeholders: file.placeholders,
            vaccines: table(file.vaccines, sets)?,
            manufacturers: table(file.manufacturers, sets)?,
            brands: table(file.brands, sets)?,
            overrides: BTreeMap::new(),
        })
    }

    /// The same mapping with a ministry's own codes, which win over the built-in ones. A code is compared
    /// without case and outer spaces, and counts wherever it stands: as vaccine, brand or manufacturer.
    ///
    /// # Errors
    /// [`MappingError`]: a target that does not exist, a code given twice, an incomplete national product.
    pub fn with_overrides(&self, overrides: BTreeMap<String, MappingTarget>) -> Result<Self, MappingError> {
        let mut all = self.clone();
        for (code, choice) in national::choices(overrides, ValueSets::built_in())? {
            all.overrides.insert(code, choice);
        }
        Ok(all)
    }

    /// The product with this code of the ministry's own, this key, or this id in WHO's catalogue; `None` where
    /// nobody knows it, or where the ministry's code may mean several.
    #[must_use]
    pub fn product(&self, id: &str) -> Option<Arc<VaccineProduct>> {
        if let Some(choice) = self.overrides.get(&exact_key(id)) {
            return choice.decided().cloned();
        }
        let id = id.trim();
        let own = self.overrides.values().flat_map(|choice| &choice.products).find(|product| product.id == id);
        let sets = ValueSets::built_in();
        own.or_else(|| sets.product(id)).cloned().or_else(|| {
            let product = sets.who_product(id)?;
            // The id as the catalogue writes it, which does not tell capital letters from small ones.
            let known = product.ids.iter().find(|known| known.id.eq_ignore_ascii_case(id))?;
            Some(Arc::new(product.to_product(&known.id)))
        })
    }

    fn look_up<'a>(
        &'a self,
        code: &str,
        tables: &[&'a HashMap<String, Choice>],
    ) -> Result<Option<&'a Choice>, VaccineLookupError> {
        if let Some(choice) = self.overrides.get(&exact_key(code)) {
            return Ok(Some(choice));
        }
        let key = loose_key(code);
        if self.placeholders.contains(&key) {
            return Err(VaccineLookupError::Placeholder { code: shown(code) });
        }
        // Brand codes of the package are the word BRAND and a company; national ones follow the pattern.
        let bare = key.strip_prefix("brand").unwrap_or(&key);
        Ok(tables.iter().find_map(|table| table.get(&key)).or_else(|| tables.iter().find_map(|table| table.get(bare))))
    }

    /// Finds the one product that the codes of a dose name.
    ///
    /// Codes are compared without case, spaces and signs; empty ones count as missing. A vaccine that
    /// several companies make has a usual product (AstraZeneca: Vaxzevria; Sinopharm: BBIBP-CorV), and the
    /// manufacturer changes it (AstraZeneca and Serum Institute: Covishield). SK bioscience has no holder
    /// code in the EU lists; its AstraZeneca vaccine gets the codes of Vaxzevria (guideline v1.15, Annex A).
    /// A manufacturer alone never names a product.
    ///
    /// # Errors
    /// [`VaccineLookupError`], which names the codes at fault.
    pub fn resolve(
        &self,
        vaccine: Option<&str>,
        manufacturer: Option<&str>,
        brand: Option<&str>,
    ) -> Result<Arc<VaccineProduct>, VaccineLookupError> {
        let filled = |code: Option<&str>| code.map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned);
        let (vaccine, manufacturer, brand) = (filled(vaccine), filled(manufacturer), filled(brand));

        let by_vaccine = match &vaccine {
            Some(code) => Some(
                self.look_up(code, &[&self.vaccines])?
                    .ok_or_else(|| VaccineLookupError::UnknownVaccine { code: shown(code) })?,
            ),
            None => None,
        };
        let by_brand = match &brand {
            Some(code) => Some(
                self.look_up(code, &[&self.brands, &self.vaccines])?
                    .ok_or_else(|| VaccineLookupError::UnknownBrand { code: shown(code) })?,
            ),
            None => None,
        };
        let main = shown(vaccine.as_deref().or(brand.as_deref()).unwrap_or_default());
        let mut choice = match (by_vaccine, by_brand) {
            (Some(said), Some(too)) => said.narrowed(too).ok_or_else(|| VaccineLookupError::BrandContradicts {
                vaccine: main.clone(),
                brand: shown(brand.as_deref().unwrap_or_default()),
            })?,
            (Some(said), None) | (None, Some(said)) => said.clone(),
            (None, None) => return Err(VaccineLookupError::Missing),
        };
        if let Some(code) = &manufacturer {
            // Our table cannot know who makes a national product; the ministry's own codes still count.
            if !choice.national || self.overrides.contains_key(&exact_key(code)) {
                let made = self
                    .look_up(code, &[&self.manufacturers])?
                    .ok_or_else(|| VaccineLookupError::UnknownManufacturer { code: shown(code) })?;
                choice = choice.narrowed(made).ok_or_else(|| VaccineLookupError::ManufacturerContradicts {
                    vaccine: main.clone(),
                    manufacturer: shown(code),
                })?;
            }
        }
        choice.decided().cloned().ok_or_else(|| VaccineLookupError::Ambiguous {
            code: main,
            candidates: choice.products.iter().map(|product| product.id.clone()).collect(),
        })
    }
}
