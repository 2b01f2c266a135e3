//! The EU value sets (`value-sets/eu/2.12.0`) and the reader of every file of that shape.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::Coding;

/// WHO's list of ICD-11 codes; it has the same shape as the EU files.
pub(super) const ICD11_VACCINES: &str = include_str!("../../value-sets/who/icd11/vaccines.json");

/// One of the value sets of the EU Digital COVID Certificate (eHealth Network guideline v1.15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EuSet {
    /// Disease or agent targeted (`tg`).
    Disease,
    /// Vaccine or prophylaxis (`vp`).
    VaccineProphylaxis,
    /// Medicinal product (`mp`).
    VaccineProduct,
    /// Marketing authorisation holder or manufacturer (`v.ma`).
    VaccineHolder,
    /// Type of test (`tt`).
    TestType,
    /// Result of a test (`tr`).
    TestResult,
    /// Device of a rapid antigen test (`t.ma`).
    TestDevice,
    /// Country (`co`).
    Country,
}

impl EuSet {
    /// Number of sets.
    pub(super) const COUNT: usize = 8;

    /// Every set.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Disease,
        Self::VaccineProphylaxis,
        Self::VaccineProduct,
        Self::VaccineHolder,
        Self::TestType,
        Self::TestResult,
        Self::TestDevice,
        Self::Country,
    ];

    /// Name of the set as published (`valueSetId`), by which business rules refer to it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Disease => "disease-agent-targeted",
            Self::VaccineProphylaxis => "sct-vaccines-covid-19",
            Self::VaccineProduct => "vaccines-covid-19-names",
            Self::VaccineHolder => "vaccines-covid-19-auth-holders",
            Self::TestType => "covid-19-lab-test-type",
            Self::TestResult => "covid-19-lab-result",
            Self::TestDevice => "covid-19-lab-test-manufacturer-and-name",
            Self::Country => "country-2-codes",
        }
    }

    /// The set with this published name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.id() == id)
    }

    pub(super) fn position(self) -> usize {
        Self::ALL.iter().position(|set| *set == self).unwrap_or(0)
    }

    pub(super) const fn built_in_text(self) -> &'static str {
        match self {
            Self::Disease => include_str!("../../value-sets/eu/2.12.0/disease.json"),
            Self::VaccineProphylaxis => include_str!("../../value-sets/eu/2.12.0/vaccine-prophylaxis.json"),
            Self::VaccineProduct => include_str!("../../value-sets/eu/2.12.0/vaccine-products.json"),
            Self::VaccineHolder => include_str!("../../value-sets/eu/2.12.0/vaccine-holders.json"),
            Self::TestType => include_str!("../../value-sets/eu/2.12.0/test-type.json"),
            Self::TestResult => include_str!("../../value-sets/eu/2.12.0/test-result.json"),
            Self::TestDevice => include_str!("../../value-sets/eu/2.12.0/test-devices.json"),
            Self::Country => include_str!("../../value-sets/eu/2.12.0/countries.json"),
        }
    }
}

/// One code of a value set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// The code, exactly as published.
    pub code: String,
    /// Its English name.
    pub display: String,
    /// Whether it may be used in new certificates; an inactive code stays valid and readable in old ones.
    pub active: bool,
    /// URI of the code system.
    pub system: String,
    /// Version of the code system or of the entry, where published.
    #[serde(default)]
    pub version: Option<String>,
}

impl Entry {
    /// System, code and name.
    #[must_use]
    pub fn coding(&self) -> Coding {
        Coding { system: self.system.clone(), code: self.code.clone(), display: self.display.clone() }
    }
}

/// A list of codes with where it comes from.
#[derive(Debug, Clone)]
pub struct ValueSet {
    /// Name of the set as published.
    pub value_set: String,
    /// Release it was taken from.
    pub version: String,
    /// Date of the set.
    pub date: Date,
    /// Publisher and release in words.
    pub source: String,
    entries: Vec<Entry>,
    /// How many of the entries are in the set; those behind them were in an earlier one and can still be read.
    current: usize,
    by_code: HashMap<String, usize>,
}

impl Default for ValueSet {
    fn default() -> Self {
        Self {
            value_set: String::new(),
            version: String::new(),
            date: Date::ZERO,
            source: String::new(),
            entries: Vec::new(),
            current: 0,
            by_code: HashMap::new(),
        }
    }
}

/// A value-set file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ValueSetError {
    /// Not JSON of our shape.
    #[error(
        "the value-set file is not readable at line {line}, column {column}: mend it or take it from the release again"
    )]
    Form {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The same code stands twice.
    #[error("value set {value_set} has the code {code} twice: remove one of the two entries")]
    Twice {
        /// Name of the set.
        value_set: String,
        /// The code.
        code: String,
    },
    /// A product refers to a code that its value set lacks.
    #[error(
        "product {product} has the code {code}, which {value_set} lacks: correct the code or add it to the value set"
    )]
    UnknownCode {
        /// Key of the product.
        product: String,
        /// The code.
        code: String,
        /// Name of the set.
        value_set: &'static str,
    },
}

impl From<serde_json::Error> for ValueSetError {
    fn from(error: serde_json::Error) -> Self {
        Self::Form { line: error.line(), column: error.column() }
    }
}

#[derive(Deserialize)]
struct File {
    value_set: String,
    version: String,
    date: Date,
    source: String,
    entries: Vec<Entry>,
}

impl ValueSet {
    /// Reads a file of `value-sets/` (our own shape).
    ///
    /// # Errors
    /// [`ValueSetError::Form`] and [`ValueSetError::Twice`].
    pub fn parse(text: &str) -> Result<Self, ValueSetError> {
        let File { value_set, version, date, source, entries } = serde_json::from_str(text)?;
        Self::of(value_set, version, date, source, entries)
    }

    /// A set of these entries.
    ///
    /// # Errors
    /// [`ValueSetError::Twice`].
    pub(super) fn of(
        value_set: String,
        version: String,
        date: Date,
        source: String,
        entries: Vec<Entry>,
    ) -> Result<Self, ValueSetError> {
        let mut by_code = HashMap::with_capacity(entries.len());
        for (position, entry) in entries.iter().enumerate() {
            if by_code.insert(entry.code.clone(), position).is_some() {
                return Err(ValueSetError::Twice { value_set, code: entry.code.clone() });
            }
        }
        Ok(Self { value_set, version, date, source, current: entries.len(), entries, by_code })
    }

    /// Of two editions of one set: the later one (`other` where both have one date), and behind it, to be read
    /// only, what it lacks of the earlier one.
    pub(super) fn with_edition(&self, other: Self) -> Self {
        let (mut later, earlier) = if other.date >= self.date { (other, self) } else { (self.clone(), &other) };
        for entry in &earlier.entries {
            if !later.by_code.contains_key(&entry.code) {
                later.by_code.insert(entry.code.clone(), later.entries.len());
                later.entries.push(Entry { active: false, ..entry.clone() });
            }
        }
        later
    }

    /// Looks a code up, exactly as written. A code that only an earlier edition had is found too, as inactive.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Entry> {
        self.by_code.get(code).and_then(|position| self.entries.get(*position))
    }

    /// Every entry, in published order, inactive ones included.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().take(self.current)
    }

    /// Number of codes, inactive ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.current
    }

    /// Whether the set has no code at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.current == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_is_named() {
        assert!(matches!(ValueSet::parse("{"), Err(ValueSetError::Form { line: 1, .. })));
        let entry = r#"{"code":"a","display":"A","active":true,"system":"s"}"#;
        let text = format!(
            r#"{{"value_set":"x","version":"1","date":"2020-01-01","source":"s","entries":[{entry},{entry}]}}"#
        );
        assert!(matches!(ValueSet::parse(&text), Err(ValueSetError::Twice { code, .. }) if code == "a"));
    }

    #[test]
    fn sets_are_found_by_their_published_name() {
        for set in EuSet::ALL {
            assert_eq!(EuSet::from_id(set.id()), Some(set));
            assert_eq!(EuSet::ALL[set.position()], set);
        }
        assert_eq!(EuSet::from_id("vaccines"), None);
    }
}
