//! WHO's catalogue of prequalified vaccines (`value-sets/who/products`), the union of all its editions: a digital
//! yellow card carries nothing of its vaccine but an id of this catalogue, and what disease it protects from and
//! who made it is looked up here (ICVP requirements REQ-DE-11, REQ-DE-12, REQ-DE-16).
//!
//! The ids changed altogether in April 2026. An id that was ever published stays known, because certificates
//! that carry it are valid for life; a later edition adds ids and products or says on which day one was withdrawn.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::civil::Date;
use serde::Deserialize;

use super::{Coding, ICD11_SYSTEM, VaccineProduct};
use crate::limits;

mod export;
mod merge;

pub use merge::WhoCatalogueError;

/// The catalogue as compiled in.
const BUILT_IN: &str = include_str!("../../value-sets/who/products/2026-04-02/products.json");

/// Code system of the product ids, of every edition.
pub const WHO_PRODUCT_SYSTEM: &str = "http://smart.who.int/pcmt-vaxprequal/CodeSystem/PreQualProductIds";

/// Which of WHO's decision tables judges a vaccine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum DecisionTable {
    /// Yellow fever.
    #[serde(rename = "ICVP.DT.1")]
    YellowFever,
    /// Poliovirus.
    #[serde(rename = "ICVP.DT.2")]
    Polio,
}

impl DecisionTable {
    /// Its name in the ICVP guide.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::YellowFever => "ICVP.DT.1",
            Self::Polio => "ICVP.DT.2",
        }
    }
}

/// A type of vaccine in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoVaccineType {
    /// WHO's code, such as `YellowFever`.
    pub code: String,
    /// Codes of other editions for the same type, such as `YF`.
    pub also: Vec<String>,
    /// In words.
    pub display: String,
    /// ICD-11 codes and names of the diseases, the one that matters for travel first.
    pub diseases: Vec<(String, String)>,
    /// ICD-11 codes of the vaccine, the most exact first.
    pub vaccine: Vec<String>,
    /// The table that judges it; `None` for vaccines that no yellow card is asked for.
    pub decision: Option<DecisionTable>,
}

/// One id of a product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhoProductId {
    /// The id, as a certificate carries it.
    pub id: String,
    /// WHO's number of the product in words, such as `FVP-P-64`.
    #[serde(default)]
    pub number: Option<String>,
    /// The first edition of the catalogue that had it.
    pub since: String,
    /// The last edition that had it; `None` while the newest has.
    #[serde(default)]
    pub until: Option<String>,
}

/// One product: one presentation of one manufacturer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoProduct {
    /// Every id that it ever had.
    pub ids: Vec<WhoProductId>,
    /// Its type.
    pub kind: Arc<WhoVaccineType>,
    /// Trade name; some have none.
    pub name: Option<String>,
    /// Manufacturer.
    pub manufacturer: String,
    /// Container, in words.
    pub presentation: Option<String>,
    /// Doses in one container.
    pub doses: Option<u16>,
    /// Day of its prequalification.
    pub prequalified: Option<Date>,
    /// Day from which WHO does not list it any more.
    pub withdrawn: Option<Date>,
}

impl WhoProduct {
    /// Trade name, or else the type in words.
    #[must_use]
    pub fn words(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.kind.display)
    }

    /// Whether WHO listed it on `day`, as far as the catalogue tells: a withdrawal counts from its day on.
    #[must_use]
    pub fn is_listed_on(&self, day: Date) -> bool {
        self.withdrawn.is_none_or(|end| day < end)
    }

    /// The product as a record names it. `id` is the id that certificates shall carry; one of [`WhoProduct::ids`].
    #[must_use]
    pub fn to_product(&self, id: &str) -> VaccineProduct {
        let coding = |code: &str, display: &str| Coding {
            system: ICD11_SYSTEM.to_owned(),
            code: code.to_owned(),
            display: display.to_owned(),
        };
        let disease = self.kind.diseases.first();
        VaccineProduct {
            id: format!("who-{}", id.to_ascii_lowercase()),
            name: self.words().to_owned(),
            holder_name: self.manufacturer.clone(),
            disease: disease.map_or_else(|| coding("", &self.kind.display), |(code, name)| coding(code, name)),
            icd11: self.kind.vaccine.first().map(|code| coding(code, &self.kind.display)),
            eu: None,
            who_product: Some(id.to_owned()),
            primary_doses: None,
            first_given: None,
        }
    }
}

/// The catalogue.
#[derive(Debug, Clone, Default)]
pub struct WhoCatalogue {
    /// The newest edition in it.
    pub version: String,
    /// Date of the newest edition; `None` for an empty catalogue.
    pub date: Option<Date>,
    diseases: BTreeMap<String, String>,
    types: Vec<Arc<WhoVaccineType>>,
    products: Vec<Arc<WhoProduct>>,
    by_id: HashMap<String, usize>,
}

impl WhoCatalogue {
    /// The catalogue that is compiled in.
    pub(super) fn built_in() -> Self {
        // The file is compiled in and a test reads it, so the empty catalogue is never seen in practice.
        Self::default().with("value-sets/who/products", BUILT_IN.as_bytes()).unwrap_or_default()
    }

    /// Whether a file is a catalogue: ours, or the records as WHO exports them.
    #[must_use]
    pub fn looks_like(bytes: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Peek {
            catalogue: Option<serde::de::IgnoredAny>,
            #[serde(rename = "FinishedVaccineProducts")]
            export: Option<serde::de::IgnoredAny>,
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let names = [&b"\"catalogue\""[..], b"\"FinishedVaccineProducts\""];
        // Most files are value sets, some of many megabytes: those are not read twice.
        bytes.len() <= limits::VALUE_SET_BYTES
            && names.iter().any(|name| bytes.windows(name.len()).any(|part| part == *name))
            && serde_json::from_slice::<Peek>(bytes).is_ok_and(|peek| peek.catalogue.is_some() || peek.export.is_some())
    }

    /// The product with this id, of any edition. The code system does not tell capital letters from small ones.
    #[must_use]
    pub fn product(&self, id: &str) -> Option<&Arc<WhoProduct>> {
        if id.len() > limits::WHO_PRODUCT_ID_BYTES {
            return None;
        }
        self.by_id.get(&id.to_ascii_lowercase()).and_then(|position| self.products.get(*position))
    }

    /// Every product.
    #[must_use]
    pub fn products(&self) -> &[Arc<WhoProduct>] {
        &self.products
    }

    /// Every type of vaccine.
    #[must_use]
    pub fn types(&self) -> &[Arc<WhoVaccineType>] {
        &self.types
    }

    /// Name of a disease by its ICD-11 code.
    #[must_use]
    pub fn disease(&self, code: &str) -> Option<&str> {
        self.diseases.get(code).map(String::as_str)
    }

    /// The table that judges a disease by its ICD-11 code.
    #[must_use]
    pub fn table_of_disease(&self, code: &str) -> Option<DecisionTable> {
        self.types
            .iter()
            .find(|kind| kind.diseases.first().is_some_and(|(first, _)| first == code))
            .and_then(|kind| kind.decision)
    }

    /// The table that judges vaccines with this ICD-11 code, where it is a code of one disease.
    #[must_use]
    pub fn table_of_vaccine(&self, code: &str) -> Option<DecisionTable> {
        self.types.iter().find(|kind| kind.vaccine.iter().any(|xm| xm == code)).and_then(|kind| kind.decision)
    }
}

#[cfg(test)]
mod tests;
