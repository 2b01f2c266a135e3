//! What a ministry may say about its own option codes in the configuration.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    super::{Coding, Entry, ICD11_SYSTEM, VaccineProduct, ValueSetError, ValueSets, products::eu_vaccine},
    Choice, exact_key,
};

/// What a national option code means.
///
/// In TOML: `sii = "covishield"`, `serum = ["covishield", "covovax"]`, or a table for a product that no list
/// has: `newvax = { name = "NewVax", holder = "New Company" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MappingTarget {
    /// One product, by our key (`value-sets/products.json`).
    Product(String),
    /// One of several products, by our keys; manufacturer or brand decide which. Right for a manufacturer.
    OneOf(Vec<String>),
    /// A product that our table lacks.
    National(Box<NationalProduct>),
}

/// A vaccine product that a ministry defines itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NationalProduct {
    /// Key in kebab-case; made from the name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Trade name in words.
    pub name: String,
    /// Manufacturer or marketing authorisation holder in words.
    pub holder: String,
    /// Disease targeted; COVID-19 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disease: Option<Coding>,
    /// ICD-11 code of the vaccine (XM…).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icd11: Option<String>,
    /// EU codes, all three of them from the EU value sets; absent for a vaccine that these lack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eu: Option<NationalEuCodes>,
    /// Doses of the primary series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_doses: Option<u8>,
    /// Id in WHO's catalogue of prequalified vaccines, which a digital yellow card carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who_product: Option<String>,
    /// First day on which it was given to anyone, as `YYYY-MM-DD`: earlier doses are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_given: Option<Date>,
}

/// The EU codes of a national product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NationalEuCodes {
    /// Vaccine or prophylaxis (`vp`), such as `28531000087107`.
    pub prophylaxis: String,
    /// Medicinal product (`mp`).
    pub product: String,
    /// Marketing authorisation holder or manufacturer (`ma`).
    pub holder: String,
}

/// A mapping in the configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// An empty code.
    #[error("the mapping has an empty option code: give the code as it stands in DHIS2")]
    EmptyCode,
    /// The same code twice, in different case.
    #[error("the option code {code:?} is mapped twice: keep one of the two lines, case does not count")]
    Twice {
        /// The option code.
        code: String,
    },
    /// No product with this key.
    #[error(
        "the option code {code:?} is mapped to {product:?}, which is no product: use a key of value-sets/products.json or define the product with name and holder"
    )]
    UnknownProduct {
        /// The option code.
        code: String,
        /// The key that was given.
        product: String,
    },
    /// An empty list of products.
    #[error("the option code {code:?} is mapped to an empty list: name at least one product")]
    NoProduct {
        /// The option code.
        code: String,
    },
    /// A national product without name or holder, or with no dose at all.
    #[error("the national product for option code {code:?} has an empty or zero {field}: fill it in")]
    Incomplete {
        /// The option code.
        code: String,
        /// The field.
        field: &'static str,
    },
    /// A national product under the key of another product.
    #[error(
        "the national product for option code {code:?} has the key {product:?} of another product: give it an id of its own"
    )]
    KeyTaken {
        /// The option code.
        code: String,
        /// The key.
        product: String,
    },
    /// An EU code that the value sets lack.
    #[error("the national product for option code {code:?} has a wrong EU code")]
    EuCode {
        /// The option code.
        code: String,
        /// Which code and which value set.
        source: ValueSetError,
    },
}

/// Key made from a name: lower-case letters and digits, hyphens between words.
fn slug(name: &str) -> String {
    let lower: String =
        name.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).flat_map(char::to_lowercase).collect();
    lower.split_whitespace().collect::<Vec<_>>().join("-")
}

fn define(code: &str, national: NationalProduct, sets: &ValueSets) -> Result<VaccineProduct, MappingError> {
    let incomplete = |field| MappingError::Incomplete { code: code.to_owned(), field };
    let (name, holder_name) = (national.name.trim().to_owned(), national.holder.trim().to_owned());
    if name.is_empty() {
        return Err(incomplete("name"));
    }
    if holder_name.is_empty() {
        return Err(incomplete("holder"));
    }
    if national.primary_doses == Some(0) {
        return Err(incomplete("primary_doses"));
    }
    let id = national.id.map_or_else(|| format!("national-{}", slug(&name)), |id| id.trim().to_owned());
    if id.is_empty() {
        return Err(incomplete("id"));
    }
    if sets.product(&id).is_some() {
        return Err(MappingError::KeyTaken { code: code.to_owned(), product: id });
    }
    let eu = national
        .eu
        .map(|eu| eu_vaccine(sets, &id, &eu.prophylaxis, &eu.product, &eu.holder))
        .transpose()
        .map_err(|source| MappingError::EuCode { code: code.to_owned(), source })?;
    // ICD-11 has vaccines beyond the COVID-19 list (yellow fever, polio); those keep the ministry's name.
    let icd11 = national.icd11.map(|xm| {
        sets.icd11(&xm).map(Entry::coding).unwrap_or_else(|| Coding {
            system: ICD11_SYSTEM.to_owned(),
            code: xm,
            display: name.clone(),
        })
    });
    Ok(VaccineProduct {
        id,
        name,
        holder_name,
        disease: national.disease.unwrap_or_else(|| sets.covid_19()),
        icd11,
        eu,
        who_product: national.who_product,
        primary_doses: national.primary_doses,
        first_given: national.first_given,
    })
}

/// Checks a ministry's mappings and turns them into choices, by [`exact_key`].
pub(super) fn choices(
    overrides: BTreeMap<String, MappingTarget>,
    sets: &ValueSets,
) -> Result<BTreeMap<String, Choice>, MappingError> {
    let mut choices: BTreeMap<String, Choice> = BTreeMap::new();
    let mut defined: Vec<Arc<VaccineProduct>> = Vec::new();
    let mut references = Vec::new();
    // National products first: other codes may refer to them by key.
    for (code, target) in overrides {
        let key = exact_key(&code);
        if key.is_empty() {
            return Err(MappingError::EmptyCode);
        }
        match target {
            MappingTarget::National(national) => {
                let product = Arc::new(define(&code, *national, sets)?);
                if defined.iter().any(|other| other.id == product.id && other != &product) {
                    return Err(MappingError::KeyTaken { code, product: product.id.clone() });
                }
                defined.push(Arc::clone(&product));
                if choices.insert(key, Choice { products: vec![product], default: None, national: true }).is_some() {
                    return Err(MappingError::Twice { code });
                }
            }
            MappingTarget::Product(id) => references.push((key, code, vec![id])),
            MappingTarget::OneOf(ids) => references.push((key, code, ids)),
        }
    }
    for (key, code, ids) in references {
        let mut products = Vec::with_capacity(ids.len());
        let mut national = false;
        for id in ids {
            let own = defined.iter().find(|product| product.id == id.trim());
            national |= own.is_some();
            match own.or_else(|| sets.product(id.trim())) {
                Some(product) => products.push(Arc::clone(product)),
                None => return Err(MappingError::UnknownProduct { code, product: id }),
            }
        }
        if products.is_empty() {
            return Err(MappingError::NoProduct { code });
        }
        if choices.insert(key, Choice { products, default: None, national }).is_some() {
            return Err(MappingError::Twice { code });
        }
    }
    Ok(choices)
}
