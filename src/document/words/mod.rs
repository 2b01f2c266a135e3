//! The fixed words of the paper in each language, as data: one file a language, flat keys.
//!
//! `label.<field>` is what stands beside a row, `title.<kind>` the heading, `value.<word>` a value that is a word of
//! ours; everything else is the text of a layout. Field names follow the forms of the EU (DCC) and of WHO (IHR
//! Annex 6). A test holds every file to the keys of English.

use std::{collections::HashMap, sync::LazyLock};

/// A language of the paper, and of a document as a whole for screen readers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Language(usize);

struct Book {
    tag: &'static str,
    words: HashMap<&'static str, &'static str>,
}

/// Tag and file of each language; English is the first.
const FILES: &[(&str, &str)] = &[("en", include_str!("en.json")), ("fr", include_str!("fr.json"))];

static BOOKS: LazyLock<Vec<Book>> = LazyLock::new(|| {
    FILES.iter().map(|(tag, file)| Book { tag, words: serde_json::from_str(file).unwrap_or_default() }).collect()
});

impl Language {
    /// English, the first of them.
    pub const ENGLISH: Self = Self(0);
    /// French.
    pub const FRENCH: Self = Self(1);

    /// Every language that the paper speaks.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..FILES.len()).map(Self)
    }

    /// The language of this tag, such as `lo`.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        Self::all().find(|language| language.tag() == tag)
    }

    fn book(self) -> Option<&'static Book> {
        BOOKS.get(self.0)
    }

    /// Language tag (RFC 5646).
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.book().map_or("en", |book| book.tag)
    }

    /// Whether it is written from right to left.
    #[must_use]
    pub fn rtl(self) -> bool {
        self.tag() == "ar"
    }

    /// The words of `key`; those of English where this language has none, and the key itself where English has none
    /// either (a test forbids both).
    #[must_use]
    pub fn word(self, key: &'static str) -> &'static str {
        let of = |language: Self| language.book().and_then(|book| book.words.get(key).copied());
        of(self).or_else(|| of(Self::ENGLISH)).unwrap_or(key)
    }

    /// The words of a key that is made of two parts, such as `label.` and the name of a field.
    #[must_use]
    pub fn entry(self, part: &str, name: &str) -> Option<&'static str> {
        let key = format!("{part}.{name}");
        let of = |language: Self| language.book().and_then(|book| book.words.get(key.as_str()).copied());
        of(self).or_else(|| of(Self::ENGLISH))
    }
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Language({})", self.tag())
    }
}
