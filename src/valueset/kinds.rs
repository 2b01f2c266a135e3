//! Kinds of vaccines as a routine immunization registry records them (`value-sets/vaccine-kinds.json`): against
//! which disease, and not which product. A kind stands in for a product until the record or the configuration
//! says which one it was; what asks for a product (the digital yellow card) refuses a kind.

use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::{Coding, ICD11_SYSTEM, VaccineProduct};

const KINDS: &str = include_str!("../../value-sets/vaccine-kinds.json");

/// A kind of vaccine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaccineKind {
    /// The kind in the form of a product: no manufacturer, no code of any catalogue.
    pub product: Arc<VaccineProduct>,
    /// Types under which WHO's catalogue of prequalified vaccines files the products of this kind
    /// (`PreQualVaccineType`).
    pub who_types: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    kinds: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    name: String,
    disease: Code,
    icd11: String,
    #[serde(default)]
    primary_doses: Option<u8>,
    who_types: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
    display: String,
}

impl From<Row> for VaccineKind {
    fn from(row: Row) -> Self {
        let coding = |code, display| Coding { system: ICD11_SYSTEM.to_owned(), code, display };
        Self {
            product: Arc::new(VaccineProduct {
                icd11: Some(coding(row.icd11, row.name.clone())),
                id: row.id,
                name: row.name,
                holder_name: String::new(),
                disease: coding(row.disease.code, row.disease.display),
                eu: None,
                who_product: None,
                primary_doses: row.primary_doses,
                first_given: None,
            }),
            who_types: row.who_types,
        }
    }
}

// The file is compiled in and a test reads it, so the empty list is never seen in practice.
static BUILT_IN: LazyLock<Vec<VaccineKind>> = LazyLock::new(|| {
    serde_json::from_str::<File>(KINDS).map(|file| file.kinds.into_iter().map(Into::into).collect()).unwrap_or_default()
});

/// Every kind.
#[must_use]
pub fn all() -> &'static [VaccineKind] {
    &BUILT_IN
}

/// The kind with this key, such as `yellow-fever`.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static VaccineKind> {
    all().iter().find(|kind| kind.product.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::valueset::ValueSets;

    #[test]
    fn every_kind_is_read_and_none_is_a_product() {
        assert_eq!(all().len(), 6);
        for kind in all() {
            assert_eq!(by_id(&kind.product.id), Some(kind), "two kinds share a key");
            assert!(kind.product.who_product.is_none() && kind.product.eu.is_none());
            assert!(ValueSets::built_in().product(&kind.product.id).is_none(), "a product has the key of a kind");
            assert!(["1D47", "1C81"].contains(&kind.product.disease.code.as_str()));
            assert!(!kind.who_types.is_empty());
        }
        assert_eq!(by_id("yellow-fever").unwrap().product.disease.display, "Yellow fever");
        assert!(by_id("comirnaty").is_none());
    }
}
