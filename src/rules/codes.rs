//! Lists of codes for `external.valueSets`: ordered as published, and hashed for the operator `in`.

use std::collections::{HashMap, HashSet};

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
