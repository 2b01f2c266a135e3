//! A set of rules: every readable rule of a list, and by name those that are not. One bad rule never breaks a
//! set, and is never forgotten either (see [`super::judge`]).

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value as Json;

use super::rule::{Outline, Rule, RuleError};
use crate::limits::{RULES_BYTES, RULES_COUNT};

/// An entry that could not be read as a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its identifier, or its place in the list.
    pub name: String,
    /// Why.
    pub error: RuleError,
    pub(super) outline: Outline,
}

/// Why a text is no set of rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleSetError {
    /// Too long to be read.
    #[error("the rules have {bytes} bytes, more than the {RULES_BYTES} that are read; split the file")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// No JSON.
    #[error("the rules are no JSON (line {line}, column {column}); take the file again from its publisher")]
    NotJson {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
    },
    /// JSON, but neither a rule nor a list of rules.
    #[error("the JSON holds no rule; wanted is a rule, or a list of rules with Identifier and Logic")]
    NoRule,
    /// More rules than any set has.
    #[error("there are more than {RULES_COUNT} rules; split the set by country")]
    TooMany,
}

/// Rules of any number of countries, immutable once read.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// By country; each list by identifier, newest version first.
    by_country: BTreeMap<String, Vec<Arc<Rule>>>,
    skipped: Vec<Skipped>,
    entries: usize,
}

impl RuleSet {
    /// Reads a file: one rule, a list of rules (of the gateway, a national backend or CovPass), or such lists
    /// under names of countries.
    ///
    /// # Errors
    /// [`RuleSetError`] when the whole is unusable. Single unusable rules are [`RuleSet::skipped`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RuleSetError> {
        if bytes.len() > RULES_BYTES {
            return Err(RuleSetError::TooLarge { bytes: bytes.len() });
        }
        let json: Json = serde_json::from_slice(bytes)
            .map_err(|error| RuleSetError::NotJson { line: error.line(), column: error.column() })?;
        Self::from_json(&json)
    }

    /// As [`RuleSet::parse`], from JSON.
    ///
    /// # Errors
    /// As [`RuleSet::parse`].
    pub fn from_json(json: &Json) -> Result<Self, RuleSetError> {
        let mut entries = Vec::new();
        collect(json, 0, &mut entries)?;
        let mut set = Self::default();
        for entry in entries {
            set.add(entry)?;
        }
        Ok(set)
    }

    /// Adds one rule, or its name to those skipped.
    ///
    /// # Errors
    /// [`RuleSetError::TooMany`].
    pub fn add(&mut self, rule: &Json) -> Result<(), RuleSetError> {
        self.entries += 1;
        if self.entries > RULES_COUNT {
            return Err(RuleSetError::TooMany);
        }
        let outline = Outline::read(rule);
        match Rule::with_outline(rule, outline.clone()) {
            Ok(rule) => self.insert(Arc::new(rule)),
            Err(error) => {
                let name = outline.identifier.clone().unwrap_or_else(|| format!("entry {}", self.entries));
                self.skipped.push(Skipped { name, error, outline });
            }
        }
        Ok(())
    }

    /// Adds the rules of another set: the other files of a folder.
    ///
    /// # Errors
    /// [`RuleSetError::TooMany`].
    pub fn merge(&mut self, other: Self) -> Result<(), RuleSetError> {
        self.entries += other.entries;
        if self.entries > RULES_COUNT {
            return Err(RuleSetError::TooMany);
        }
        other.by_country.into_values().flatten().for_each(|rule| self.insert(rule));
        self.skipped.extend(other.skipped);
        Ok(())
    }

    fn insert(&mut self, rule: Arc<Rule>) {
        let rules = self.by_country.entry(rule.country.clone()).or_default();
        let order = |known: &Arc<Rule>| known.identifier.cmp(&rule.identifier).then(rule.version.cmp(&known.version));
        let place = rules.partition_point(|known| order(known).is_lt());
        // The same rule twice, as two files of a folder may hold it, counts once.
        let mut same = rules.get(place..).unwrap_or_default().iter().take_while(|known| order(known).is_eq());
        if !same.any(|known| *known == rule) {
            rules.insert(place, rule);
        }
    }

    /// All rules, by country, identifier and falling version.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.by_country.values().flatten().map(|rule| &**rule)
    }

    /// Entries that could not be read.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Countries that own at least one rule.
    pub fn countries(&self) -> impl Iterator<Item = &str> {
        self.by_country.keys().map(String::as_str)
    }

    /// Whether there is neither a rule nor an unreadable entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_country.is_empty() && self.skipped.is_empty()
    }

    /// Rules of a country, by identifier and falling version.
    pub(super) fn of_country(&self, country: &str) -> &[Arc<Rule>] {
        self.by_country.get(&country.to_ascii_uppercase()).map_or(&[], Vec::as_slice)
    }
}

/// Finds the rules in a file: an object with a rule's fields is one, every entry of a list should be one, and
/// other objects are looked into.
fn collect<'a>(json: &'a Json, depth: usize, into: &mut Vec<&'a Json>) -> Result<(), RuleSetError> {
    const WRAPPERS: usize = 3;
    let is_rule =
        |json: &Json| ["Identifier", "identifier", "Logic", "logic"].iter().any(|name| json.get(name).is_some());
    match json {
        Json::Object(_) if is_rule(json) => into.push(json),
        Json::Object(map) if depth < WRAPPERS => {
            let before = into.len();
            let mut list = false;
            for value in map.values().filter(|value| value.is_array() || value.is_object()) {
                list |= value.as_array().is_some_and(Vec::is_empty);
                // A part that holds no rule, such as a signature, is no fault of the file.
                let _ = collect(value, depth + 1, into);
            }
            if into.len() == before && !list {
                return Err(RuleSetError::NoRule);
            }
        }
        // Beside rules a wrapper may hold other lists, such as hashes.
        Json::Array(items) if depth > 0 && !items.iter().any(Json::is_object) => {}
        Json::Array(items) => into.extend(items),
        _ => return Err(RuleSetError::NoRule),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule(identifier: &str, version: &str) -> Json {
        json!({
            "Identifier": identifier, "Version": version, "ValidFrom": "2021-07-03T00:00:00Z",
            "ValidTo": "2030-06-01T00:00:00Z", "Logic": {"===": [1, 1]},
        })
    }

    fn names(set: &RuleSet) -> Vec<String> {
        set.rules().map(|rule| format!("{} {}", rule.identifier, rule.version)).collect()
    }

    #[test]
    fn every_wrapping_is_read() {
        let (a, b) = (rule("VR-AT-0001", "1.0.0"), rule("VR-DE-0001", "1.0.0"));
        for (json, count) in [
            (a.clone(), 1),
            (json!([a, b]), 2),
            (json!({"AT": [a], "DE": [b]}), 2),
            (json!({"rules": {"AT": [a], "DE": [b]}, "signed": {"by": "x"}}), 2),
            (json!({"rules": [a], "hashes": ["00", "01"]}), 1),
            (json!([]), 0),
            (json!({"rules": []}), 0),
        ] {
            assert_eq!(RuleSet::from_json(&json).unwrap().rules().count(), count, "{json}");
        }
        for json in [json!({}), json!(7), json!("x"), json!({"a": {"b": 1}}), json!(null)] {
            assert_eq!(RuleSet::from_json(&json).unwrap_err(), RuleSetError::NoRule, "{json}");
        }
        assert_eq!(RuleSet::parse(b"[\n{]").unwrap_err(), RuleSetError::NotJson { line: 2, column: 2 });
        assert!(matches!(RuleSet::parse(&vec![b' '; RULES_BYTES + 1]), Err(RuleSetError::TooLarge { .. })));
        let many = RuleSet::from_json(&json!(vec![1; RULES_COUNT + 1]));
        assert_eq!(many.unwrap_err(), RuleSetError::TooMany);
    }

    #[test]
    fn rules_stand_newest_first_and_once() {
        let set = json!([
            rule("VR-AT-0001", "1.9.0"),
            rule("VR-AT-0001", "1.10.0"),
            rule("VR-AT-0001", "1.9.0"),
            rule("TR-AT-0001", "1.0.0")
        ]);
        let mut set = RuleSet::from_json(&set).unwrap();
        assert_eq!(names(&set), ["TR-AT-0001 1.0.0", "VR-AT-0001 1.10.0", "VR-AT-0001 1.9.0"]);
        set.merge(RuleSet::from_json(&rule("VR-AT-0001", "1.10.0")).unwrap()).unwrap();
        assert_eq!(set.rules().count(), 3);
        assert_eq!(set.countries().collect::<Vec<_>>(), ["AT"]);
    }

    #[test]
    fn a_bad_rule_is_skipped_by_name() {
        let mut bad = rule("VR-DE-0002", "x");
        bad["Country"] = json!("DE");
        let set = RuleSet::from_json(&json!([rule("VR-DE-0001", "1.0.0"), bad, 5])).unwrap();
        assert_eq!(names(&set), ["VR-DE-0001 1.0.0"]);
        let skipped: Vec<_> = set.skipped().iter().map(|s| format!("{}: {}", s.name, s.error)).collect();
        assert_eq!(
            skipped,
            [
                "VR-DE-0002: Version is not a version such as 1.0.0; correct it in the rule",
                "entry 3: the entry is no JSON object; publish the rule as one object",
            ]
        );
    }
}
