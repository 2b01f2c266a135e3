//! A catalogue in our own form, and how one edition is laid over another: ids and products are added, a day of
//! withdrawal is set; nothing that was known is forgotten or changed.

use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;

use super::{DecisionTable, WhoCatalogue, WhoProduct, WhoProductId, WhoVaccineType, export};
use crate::limits;

/// Name of our form, in `catalogue`.
const OURS: &str = "who-vaccine-products";

/// A catalogue that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WhoCatalogueError {
    /// Not JSON of the form.
    #[error(
        "the catalogue of vaccine products is not readable at line {line}, column {column}: \
         {problem}; mend it or take it from its publisher again"
    )]
    Form {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the JSON reader says.
        problem: String,
    },
    /// Another kind of catalogue.
    #[error("the catalogue is of the kind {kind:?}, which this program does not know: give one of {OURS:?}")]
    Kind {
        /// What it calls itself.
        kind: String,
    },
    /// A product without an id, or with one that no certificate can carry.
    #[error("product {position} of the catalogue has no id, or one longer than {most} bytes: correct it", most = limits::WHO_PRODUCT_ID_BYTES)]
    Id {
        /// Position in the file, from 1.
        position: usize,
    },
    /// A type that no edition describes.
    #[error("product {id} is of the type {kind:?}, which the catalogue does not describe: add it under `types`")]
    UnknownType {
        /// The product.
        id: String,
        /// The type.
        kind: String,
    },
    /// A disease that no edition names.
    #[error("the type {kind} is against {disease:?}, which the catalogue does not name: add it under `diseases`")]
    UnknownDisease {
        /// The type.
        kind: String,
        /// The disease's code.
        disease: String,
    },
    /// The same id for two products.
    #[error("the id {id} stands for two products: remove it from one of them")]
    Twice {
        /// The id.
        id: String,
    },
    /// A known product that is suddenly of another type.
    #[error("product {id} was of the type {known} and cannot become one of {new}: give it an id of its own")]
    TypeChanged {
        /// The id.
        id: String,
        /// The type as known.
        known: String,
        /// The type as the new edition has it.
        new: String,
    },
    /// Over a bound.
    #[error("the catalogue has more than {most} products: give only WHO's", most = limits::WHO_PRODUCTS)]
    TooMany,
}

impl From<serde_json::Error> for WhoCatalogueError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        // The reader repeats the place at the end of what it says.
        let problem = error.to_string();
        let problem = problem.split(" at line ").next().unwrap_or_default().to_owned();
        Self::Form { line, column, problem }
    }
}

/// A file of `value-sets/who/products`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    catalogue: String,
    pub(super) version: String,
    pub(super) date: Option<Date>,
    #[serde(default)]
    #[expect(dead_code, reason = "a file must be able to say where it comes from")]
    source: Option<String>,
    #[serde(default)]
    #[expect(dead_code, reason = "for readers of the file; ids name their editions themselves")]
    editions: Vec<serde_json::Value>,
    #[serde(default)]
    diseases: Vec<Disease>,
    #[serde(default)]
    pub(super) types: Vec<Type>,
    pub(super) products: Vec<Product>,
}

impl File {
    /// A file of WHO's own records.
    pub(super) fn of(version: String, date: Option<Date>, types: Vec<Type>, products: Vec<Product>) -> Self {
        Self { catalogue: OURS.to_owned(), version, date, types, products, ..Self::default() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Disease {
    code: String,
    display: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Type {
    pub(super) code: String,
    #[serde(default)]
    pub(super) also: Vec<String>,
    pub(super) display: String,
    #[serde(default)]
    pub(super) diseases: Vec<String>,
    #[serde(default)]
    pub(super) vaccine: Vec<String>,
    #[serde(default)]
    pub(super) decision: Option<DecisionTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Product {
    pub(super) ids: Vec<WhoProductId>,
    /// May be left out for a product that is known already.
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) manufacturer: Option<String>,
    #[serde(default)]
    pub(super) presentation: Option<String>,
    #[serde(default)]
    pub(super) doses: Option<u16>,
    #[serde(default)]
    pub(super) prequalified: Option<Date>,
    #[serde(default)]
    pub(super) withdrawn: Option<Date>,
}

impl WhoCatalogue {
    /// This catalogue with the edition in `bytes` laid over it, in our own form or as WHO exports its records.
    ///
    /// # Errors
    /// [`WhoCatalogueError`] names the first entry that cannot be used.
    pub fn with(&self, name: &str, bytes: &[u8]) -> Result<Self, WhoCatalogueError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let file = match export::read(name, bytes, self)? {
            Some(file) => file,
            None => serde_json::from_slice(bytes)?,
        };
        self.with_file(file)
    }

    fn with_file(&self, file: File) -> Result<Self, WhoCatalogueError> {
        if file.catalogue != OURS {
            return Err(WhoCatalogueError::Kind { kind: file.catalogue });
        }
        let mut all = self.clone();
        for disease in file.diseases {
            all.diseases.entry(disease.code).or_insert(disease.display);
        }
        for kind in file.types {
            all.add_type(kind)?;
        }
        for (position, product) in file.products.into_iter().enumerate() {
            all.add_product(product, position + 1)?;
        }
        if file.date >= all.date {
            all.date = file.date;
            all.version = file.version;
        }
        Ok(all)
    }

    pub(super) fn kind(&self, code: &str) -> Option<&Arc<WhoVaccineType>> {
        self.types.iter().find(|kind| kind.code == code || kind.also.iter().any(|also| also == code))
    }

    fn add_type(&mut self, kind: Type) -> Result<(), WhoCatalogueError> {
        // What a type protects from is settled by the edition that described it first.
        if self.kind(&kind.code).is_some() {
            return Ok(());
        }
        let named = |code: String| match self.diseases.get(&code) {
            Some(name) => Ok((code, name.clone())),
            None => Err(WhoCatalogueError::UnknownDisease { kind: kind.code.clone(), disease: code }),
        };
        let diseases = kind.diseases.into_iter().map(named).collect::<Result<_, _>>()?;
        self.types.push(Arc::new(WhoVaccineType {
            code: kind.code,
            also: kind.also,
            display: kind.display,
            diseases,
            vaccine: kind.vaccine,
            decision: kind.decision,
        }));
        Ok(())
    }

    fn add_product(&mut self, new: Product, position: usize) -> Result<(), WhoCatalogueError> {
        let usable = |id: &WhoProductId| !id.id.is_empty() && id.id.len() <= limits::WHO_PRODUCT_ID_BYTES;
        let Some(first) = new.ids.first().filter(|_| new.ids.iter().all(usable)) else {
            return Err(WhoCatalogueError::Id { position });
        };
        let known: Vec<usize> =
            new.ids.iter().filter_map(|id| self.by_id.get(&id.id.to_ascii_lowercase()).copied()).collect();
        let slot = match known.first() {
            Some(&slot) if known.iter().all(|other| *other == slot) => slot,
            Some(_) => return Err(WhoCatalogueError::Twice { id: first.id.clone() }),
            None => {
                let code = new.kind.clone().unwrap_or_default();
                let kind = self.kind(&code).cloned();
                let kind = kind.ok_or_else(|| WhoCatalogueError::UnknownType { id: first.id.clone(), kind: code })?;
                if self.products.len() >= limits::WHO_PRODUCTS {
                    return Err(WhoCatalogueError::TooMany);
                }
                self.products.push(Arc::new(WhoProduct {
                    ids: Vec::new(),
                    kind,
                    name: None,
                    manufacturer: String::new(),
                    presentation: None,
                    doses: None,
                    prequalified: None,
                    withdrawn: None,
                }));
                self.products.len() - 1
            }
        };
        let kind = new.kind.as_deref().map(|code| (code, self.kind(code).cloned()));
        let Some(product) = self.products.get_mut(slot).map(Arc::make_mut) else { return Ok(()) };
        if let Some((code, kind)) = kind
            && kind.as_ref() != Some(&product.kind)
        {
            let (id, known, new) = (first.id.clone(), product.kind.code.clone(), code.to_owned());
            return Err(WhoCatalogueError::TypeChanged { id, known, new });
        }
        for id in new.ids {
            let key = id.id.to_ascii_lowercase();
            match product.ids.iter_mut().find(|known| known.id.eq_ignore_ascii_case(&id.id)) {
                // The newer edition knows better which was the last.
                Some(known) => known.until = id.until,
                None => product.ids.push(id),
            }
            self.by_id.insert(key, slot);
        }
        let keep = |known: &mut Option<String>, new: Option<String>| *known = known.take().or(new);
        keep(&mut product.name, new.name);
        keep(&mut product.presentation, new.presentation);
        if product.manufacturer.is_empty() {
            product.manufacturer = new.manufacturer.unwrap_or_default();
        }
        product.doses = product.doses.or(new.doses);
        product.prequalified = product.prequalified.or(new.prequalified);
        product.withdrawn = match (product.withdrawn, new.withdrawn) {
            (Some(known), Some(new)) => Some(known.min(new)),
            (known, new) => known.or(new),
        };
        Ok(())
    }
}
