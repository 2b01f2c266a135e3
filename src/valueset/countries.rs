//! Countries of ISO 3166-1 with both codes and an English name (`value-sets/iso/countries.json`), and the
//! few unassigned codes that real certificates use.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use super::ValueSetError;

const COUNTRIES: &str = include_str!("../../value-sets/iso/countries.json");

/// One country.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountryEntry {
    /// ISO 3166-1 alpha-2 code.
    pub alpha2: String,
    /// Alpha-3 code (ISO 3166-1; ICAO Doc 9303 part 3 section 5 for organisations).
    pub alpha3: String,
    /// Short English name in reading order.
    pub name: String,
    /// Whether ISO 3166-1 has assigned the code officially.
    pub assigned: bool,
    /// Other alpha-3 codes in use for the same place.
    #[serde(default)]
    pub alpha3_also: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    countries: Vec<CountryEntry>,
}

#[derive(Default)]
struct Table {
    entries: Vec<CountryEntry>,
    by_code: HashMap<String, usize>,
}

fn parse(text: &str) -> Result<Table, ValueSetError> {
    let entries = serde_json::from_str::<File>(text)?.countries;
    let mut by_code = HashMap::new();
    for (position, entry) in entries.iter().enumerate() {
        // Alpha-2 and alpha-3 codes differ in length, so one map holds both.
        for code in [&entry.alpha2, &entry.alpha3].into_iter().chain(&entry.alpha3_also) {
            if by_code.insert(code.clone(), position).is_some() {
                return Err(ValueSetError::Twice { value_set: "iso-3166-1".to_owned(), code: code.clone() });
            }
        }
    }
    Ok(Table { entries, by_code })
}

// The file is compiled in and a test reads it, so the empty table is never seen in practice.
static TABLE: LazyLock<Table> = LazyLock::new(|| parse(COUNTRIES).unwrap_or_default());

fn get(code: &str) -> Option<&'static CountryEntry> {
    TABLE.by_code.get(code).and_then(|position| TABLE.entries.get(*position))
}

/// The country with this alpha-2 code, in capitals.
#[must_use]
pub fn by_alpha2(code: &str) -> Option<&'static CountryEntry> {
    get(code).filter(|entry| entry.alpha2 == code)
}

/// The country with this alpha-3 code, in capitals.
#[must_use]
pub fn by_alpha3(code: &str) -> Option<&'static CountryEntry> {
    get(code).filter(|entry| entry.alpha2 != code)
}

/// Every entry, by alpha-2 code, the unassigned ones last.
#[must_use]
pub fn all() -> &'static [CountryEntry] {
    &TABLE.entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::valueset::{EuSet, ValueSets};

    #[test]
    fn the_list_is_whole() {
        parse(COUNTRIES).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(all().iter().filter(|entry| entry.assigned).count(), 249);
        assert_eq!(all().len(), 253);
        for entry in all() {
            assert!(entry.alpha2.len() == 2 && entry.alpha3.len() == 3 && !entry.name.is_empty());
            assert_eq!(by_alpha2(&entry.alpha2), Some(entry));
            assert_eq!(by_alpha3(&entry.alpha3), Some(entry));
        }
        for entry in ValueSets::built_in().eu_set(EuSet::Country).entries() {
            assert!(by_alpha2(&entry.code).is_some(), "{}", entry.code);
        }
    }

    #[test]
    fn codes_of_the_other_length_are_not_confused() {
        assert_eq!(by_alpha2("VUT"), None);
        assert_eq!(by_alpha3("VU"), None);
        assert_eq!(by_alpha2("vu"), None);
        assert_eq!(by_alpha3("RKS").map(|entry| entry.alpha2.as_str()), Some("XK"));
    }
}
