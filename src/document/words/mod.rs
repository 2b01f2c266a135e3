//! The fixed words of the paper in each language, as data: one file a language, flat keys.
//!
//! `label.<field>` is what stands beside a row, `title.<kind>` the heading, `value.<word>` a value that is a word of
//! ours, `month.<number>` and `date` a day in letters; everything else is the text of a layout. Field names follow the
//! annex of Regulation (EU) 2021/953 and the model certificate of Annex 6 of the International Health Regulations. A
//! test holds every file to the keys of English.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use jiff::civil::Date;
use unicode_script::{Script, UnicodeScript as _};

/// A language of the paper, and of a document as a whole for screen readers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Language(usize);

struct Book {
    tag: &'static str,
    words: HashMap<&'static str, &'static str>,
}

/// Tag and file of each language; English is the first.
const FILES: [(&str, &str); 11] = [
    ("en", include_str!("en.json")),
    ("fr", include_str!("fr.json")),
    ("pt", include_str!("pt.json")),
    ("es", include_str!("es.json")),
    ("ar", include_str!("ar.json")),
    ("sw", include_str!("sw.json")),
    ("vi", include_str!("vi.json")),
    ("lo", include_str!("lo.json")),
    ("si", include_str!("si.json")),
    ("ta", include_str!("ta.json")),
    ("am", include_str!("am.json")),
];

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

    /// Its name in itself, such as `ລາວ`.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        self.word("own_name")
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

    /// The words of `key` with each `{name}` of `values` filled in; a value that holds braces stays as it is.
    #[must_use]
    pub fn fill(self, key: &'static str, values: &[(&str, &str)]) -> String {
        let mut out = String::new();
        let mut rest = self.word(key);
        while let Some((before, behind)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, after)) = behind.split_once('}') else { break };
            out.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// A day with its month in letters, so that no reader takes the day for the month: as Annex 6 of the International
    /// Health Regulations asks for, which yellow cards follow. Digits are Latin in every language, as in passports.
    /// The forms of the EU have days as in ISO 8601 instead.
    #[must_use]
    pub fn date(self, date: Date) -> String {
        let month = self.entry("month", &date.month().to_string()).unwrap_or_default();
        let day = match (self, date.day()) {
            (Self::FRENCH, 1) => "1er".to_owned(),
            (_, day) => day.to_string(),
        };
        self.fill("date", &[("day", &day), ("month", month), ("year", &date.year().to_string())])
    }
}

impl Language {
    /// Scripts of its words by their Unicode names, such as `Lao`; names of apps and forms may be Latin in all.
    #[must_use]
    pub fn scripts(self) -> BTreeSet<&'static str> {
        self.book().iter().flat_map(|book| book.words.values()).flat_map(|words| Self::scripts_of(words)).collect()
    }

    /// Scripts of a text by their Unicode names; what all scripts share, such as digits, counts as none.
    #[must_use]
    pub fn scripts_of(text: &str) -> BTreeSet<&'static str> {
        let shared = [Script::Common, Script::Inherited, Script::Unknown];
        text.chars().map(|c| c.script()).filter(|script| !shared.contains(script)).map(|s| s.full_name()).collect()
    }
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Language({})", self.tag())
    }
}
