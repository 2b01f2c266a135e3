//! Lists of codes for `external.valueSets`: ordered as published, and hashed for the operator `in`.

use std::collections::{HashMap, HashSet};

use crate::valueset::{EuSet, ValueSets};

/// The codes of one value set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeList {
    codes: Vec<String>,
    index: HashSet<String>,
}

impl CodeList {
    /// The codes in their order.
    #[must_use]
    pub fn codes(&self) -> &[String] {
        &self.codes
    }

    /// Whether the list has the code, compared byte by byte.
    #[must_use]
    pub fn contains(&self, code: &str) -> bool {
        self.index.contains(code)
    }
}

impl<S: Into<String>> FromIterator<S> for CodeList {
    fn from_iter<I: IntoIterator<Item = S>>(codes: I) -> Self {
        let codes: Vec<String> = codes.into_iter().map(Into::into).collect();
        let index = codes.iter().cloned().collect();
        Self { codes, index }
    }
}

/// Value sets by their identifier, such as `vaccines-covid-19-names`: what rules see as `external.valueSets`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeLists(HashMap<String, CodeList>);

impl CodeLists {
    /// The EU value sets under their published names, inactive codes included: a rule decides about a
    /// certificate of any age.
    #[must_use]
    pub fn of_eu(sets: &ValueSets) -> Self {
        EuSet::ALL
            .into_iter()
            .map(|set| (set.id(), sets.eu_set(set).entries().map(|entry| entry.code.clone()).collect()))
            .collect()
    }

    /// The list of this identifier.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&CodeList> {
        self.0.get(id)
    }

    /// Identifiers and lists, sorted by identifier.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&str, &CodeList)> {
        let mut lists: Vec<_> = self.0.iter().map(|(id, list)| (id.as_str(), list)).collect();
        lists.sort_by_key(|(id, _)| *id);
        lists
    }

    /// Whether there is no list at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<I: Into<String>> FromIterator<(I, CodeList)> for CodeLists {
    fn from_iter<T: IntoIterator<Item = (I, CodeList)>>(lists: T) -> Self {
        Self(lists.into_iter().map(|(id, list)| (id.into(), list)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eu_sets_stand_under_their_published_names() {
        let lists = CodeLists::of_eu(ValueSets::built_in());
        assert!(lists.get("vaccines-covid-19-names").unwrap().contains("EU/1/20/1528"));
        assert!(lists.get("country-2-codes").unwrap().contains("DE"));
        assert!(!lists.get("disease-agent-targeted").unwrap().contains("840539006 "));
        assert_eq!(lists.sorted().len(), EuSet::ALL.len());
        assert!(lists.get("vaccines").is_none());
    }
}
