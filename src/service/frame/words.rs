//! The words of the pages: one JSON file a part and language, keys to texts, with `{placeholders}`.
//!
//! A text that counts something has a key for each form of number that the language has: `key.one`, `key.few`, …
//! (the categories of Unicode CLDR, "Language Plural Rules", for whole numbers), and always `key.other`.

use std::{collections::HashMap, sync::OnceLock};

use super::Lang;
use crate::service::html::{Html, Slot, fill_said};

/// The words of one part in every language; made by [`words!`](super::words).
pub(in crate::service) struct Words {
    files: [&'static str; 11],
    read: OnceLock<Vec<HashMap<String, String>>>,
}

impl Words {
    /// From the files of every language, in the order of [`Lang::ALL`].
    pub(in crate::service) const fn new(files: [&'static str; 11]) -> Self {
        Self { files, read: OnceLock::new() }
    }

    /// The texts of a language. A file that cannot be read has none: the test of completeness fails on it.
    fn of(&'static self, lang: Lang) -> Option<&'static HashMap<String, String>> {
        let read = self
            .read
            .get_or_init(|| self.files.iter().map(|file| serde_json::from_str(file).unwrap_or_default()).collect());
        let place = Lang::ALL.iter().position(|known| *known == lang)?;
        read.get(place)
    }

    fn find(&'static self, lang: Lang, key: &str) -> Option<&'static str> {
        self.of(lang)?.get(key).map(String::as_str)
    }
}

/// The words of a part in the language of a visitor.
#[derive(Clone, Copy)]
pub(in crate::service) struct Speech {
    words: &'static Words,
    lang: Lang,
}

impl Speech {
    pub(in crate::service) fn new(words: &'static Words, lang: Lang) -> Self {
        Self { words, lang }
    }

    /// Whose language it is.
    pub(in crate::service) fn lang(self) -> Lang {
        self.lang
    }

    /// A text, if there is one of this key.
    pub(in crate::service) fn find(self, key: &str) -> Option<&'static str> {
        self.words.find(self.lang, key).or_else(|| self.words.find(Lang::En, key))
    }

    /// A text. Of a key that nobody wrote nothing is said.
    pub(in crate::service) fn say(self, key: &str) -> &'static str {
        self.find(key).unwrap_or_default()
    }

    /// A text with its placeholders filled.
    pub(in crate::service) fn with(self, key: &str, values: &[(&str, &str)]) -> String {
        self.filled(self.say(key), values)
    }

    /// A text in the form for this many, with the number in place of `{n}`.
    pub(in crate::service) fn count(self, key: &str, n: u64, values: &[(&str, &str)]) -> String {
        let form = |category: &str| self.words.find(self.lang, &format!("{key}.{category}"));
        let text = form(category(self.lang, n)).or_else(|| form("other"));
        let text = text.unwrap_or_else(|| self.say(&format!("{key}.other")));
        let number = self.lang.number(n);
        let values: Vec<(&str, &str)> = [("n", number.as_str())].into_iter().chain(values.iter().copied()).collect();
        self.filled(text, &values)
    }

    /// A template in which `{{=key}}` stands for a text of this speech, and `{{name}}` for a slot.
    pub(in crate::service) fn fill(self, template: &str, slots: &[(&str, Slot<'_>)]) -> Html {
        fill_said(template, slots, &|key| self.say(key))
    }

    /// What is filled in is not looked at for placeholders again.
    fn filled(self, text: &str, values: &[(&str, &str)]) -> String {
        let mut out = String::with_capacity(text.len() + 32);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                rest = after;
                break;
            };
            if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                // Latin letters within a text from right to left keep their own order, and change none around.
                let apart = self.lang.dir() == "rtl" && value.contains(|c: char| c.is_ascii_alphabetic());
                let (open, close) = if apart { ("\u{2068}", "\u{2069}") } else { ("", "") };
                out.extend([open, value, close]);
            }
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

/// The category of a whole number in a language.
pub(super) fn category(lang: Lang, n: u64) -> &'static str {
    match (lang, n) {
        (Lang::Vi | Lang::Lo, _) => "other",
        (Lang::Fr | Lang::Pt | Lang::Si | Lang::Am, 0 | 1) => "one",
        (Lang::En | Lang::Es | Lang::Sw | Lang::Ta, 1) => "one",
        (Lang::Ar, 0) => "zero",
        (Lang::Ar, 1) => "one",
        (Lang::Ar, 2) => "two",
        (Lang::Ar, n) if (3..=10).contains(&(n % 100)) => "few",
        (Lang::Ar, n) if n % 100 >= 11 => "many",
        _ => "other",
    }
}

/// The words of the part that is named: `static WORDS: Words = words!("citizen");` reads the eleven files
/// `src/service/words/citizen/*.json`.
macro_rules! words {
    ($part:literal) => {
        $crate::service::frame::Words::new($crate::service::frame::words!(@ $part
            "en" "fr" "pt" "es" "ar" "sw" "vi" "lo" "si" "ta" "am"))
    };
    (@ $part:literal $($lang:literal)*) => {
        [$(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/service/words/", $part, "/", $lang, ".json"))),*]
    };
}
pub(in crate::service) use words;
