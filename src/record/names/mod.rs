//! Names in the person's own writing and in the Latin form of machine-readable travel documents.

use std::fmt;

/// A person's name as the source has it. Either part may be missing (mononyms), never both.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PersonName {
    /// Family name, primary identifier (EU DCC `fn`), in any script.
    pub family: Option<String>,
    /// Given names, secondary identifier (EU DCC `gn`), in any script.
    pub given: Option<String>,
    /// Family name in Latin letters from a mapped attribute; wins over transliteration.
    pub family_latin: Option<String>,
    /// Given names in Latin letters from a mapped attribute; wins over transliteration.
    pub given_latin: Option<String>,
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}
