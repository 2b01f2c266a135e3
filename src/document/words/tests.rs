//! Every language says everything, in its own words and letters, and nothing that no part of the program asks for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use jiff::civil::date;

use super::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/document/words")
}

/// The file of a language; every key stands once.
fn words(language: Language) -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join(format!("{}.json", language.tag()))).unwrap();
    let words: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
    assert_eq!(text.matches("\": \"").count(), words.len(), "{language:?}: a key stands twice");
    words
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
}

#[test]
fn every_language_says_everything_with_the_same_placeholders() {
    assert_eq!(fs::read_dir(folder()).unwrap().filter(|e| is_json(&e.as_ref().unwrap().path())).count(), FILES.len());
    let english = words(Language::ENGLISH);
    let mut wrong = Vec::new();
    for language in Language::all() {
        let words = words(language);
        for key in words.keys().chain(english.keys()) {
            let (Some(here), Some(there)) = (words.get(key), english.get(key)) else {
                wrong.push(format!("{language:?}: {key} is in one of English and this alone"));
                continue;
            };
            if placeholders(here) != placeholders(there) {
                wrong.push(format!("{language:?}: {key} has other placeholders than English"));
            }
            if here.trim() != here || here.is_empty() || here.contains("  ") || here.contains(char::is_control) {
                wrong.push(format!("{language:?}: {key} is empty or has spaces too many"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "json")
}

/// First and last character of the script of a language that is not written in Latin letters.
fn script(language: Language) -> Option<(char, char)> {
    match language.tag() {
        "ar" => Some(('\u{600}', '\u{6ff}')),
        "lo" => Some(('\u{e80}', '\u{eff}')),
        "si" => Some(('\u{d80}', '\u{dff}')),
        "ta" => Some(('\u{b80}', '\u{bff}')),
        "am" => Some(('\u{1200}', '\u{137f}')),
        _ => None,
    }
}

/// What stands as it is in another language is listed in `same.txt`, a line `TAG KEY` each: a word that both have.
#[test]
fn no_english_is_left_in_place() {
    let english = words(Language::ENGLISH);
    let same = fs::read_to_string(folder().join("same.txt")).unwrap();
    let same: BTreeSet<&str> = same.lines().collect();
    let mut seen = BTreeSet::new();
    for language in Language::all().filter(|language| *language != Language::ENGLISH) {
        for (key, text) in words(language) {
            let said: String = text.split('{').map(|piece| piece.rsplit('}').next().unwrap()).collect();
            let letters = said.chars().any(char::is_alphabetic);
            let foreign = script(language).is_some_and(|(from, to)| !text.chars().any(|c| (from..=to).contains(&c)));
            if letters && (english[&key] == text || foreign) {
                seen.insert(format!("{} {key}", language.tag()));
            }
        }
    }
    let seen: BTreeSet<&str> = seen.iter().map(String::as_str).collect();
    assert_eq!(seen, same, "left in English beside what same.txt lists");
}

/// Rust sources of a folder, tests left out.
fn sources(room: &str) -> String {
    fn walk(dir: &Path, out: &mut String) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
                out.push_str(fs::read_to_string(&path).unwrap().split("#[cfg(test)]\nmod tests {").next().unwrap());
            }
        }
    }
    let mut out = String::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room), &mut out);
    out
}

/// What stands between quotation marks right behind `before`.
fn behind<'s>(source: &'s str, before: &'s str) -> impl Iterator<Item = &'s str> {
    source.split(before).skip(1).filter_map(|rest| rest.split('"').next())
}

#[test]
fn every_row_and_every_word_that_a_sheet_can_have_has_its_words() {
    let source = sources("batch/sheet");
    let paper = sources("document");
    let english = words(Language::ENGLISH);
    let mut missing = Vec::new();
    let mut asked = 0;
    let mut ask = |key: String| {
        asked += 1;
        if !english.contains_key(&key) {
            missing.push(key);
        }
    };
    // Rows are made by `row("field", …)` and `push(rows, "field", …)`, values by `word("…")` and `Word { word: "…" }`.
    for before in ["row(\"", "push(rows, \"", "push(&mut rows, \"", "Row { field: \""] {
        behind(&source, before).for_each(|field| ask(format!("label.{field}")));
    }
    for before in [" word(\"", " coded(\"", "word: \""] {
        behind(&source, before).for_each(|word| ask(format!("value.{word}")));
    }
    for before in [".word(\"", ".fill(\""] {
        behind(&paper, before).for_each(|key| ask(key.to_owned()));
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(asked > 40, "the sources were not read: {asked}");
    for kind in [
        super::super::Kind::Vaccination,
        super::super::Kind::Test,
        super::super::Kind::Recovery,
        super::super::Kind::YellowCard,
        super::super::Kind::Other,
    ] {
        assert!(english.contains_key(&format!("title.{}", kind.name())));
    }
}

#[test]
fn days_have_their_month_in_letters() {
    let said: Vec<String> = Language::all().map(|language| language.date(date(2026, 3, 1))).collect();
    assert_eq!(
        said,
        [
            "1 March 2026",
            "1er mars 2026",
            "1 de março de 2026",
            "1 de marzo de 2026",
            "1 مارس 2026",
            "1 Machi 2026",
            "ngày 1 tháng 3, 2026",
            "1 ມີນາ 2026",
            "2026 මාර්තු 1",
            "1 மார்ச், 2026",
            "1 ማርች 2026",
        ]
    );
}

#[test]
fn values_are_filled_in_and_never_read() {
    let filled = Language::ENGLISH.fill("value.dose", &[("dose", "{total}"), ("total", "2")]);
    assert_eq!(filled, "{total} of 2");
    assert_eq!(Language::of_tag("lo").unwrap().own_name(), "ລາວ");
    assert!(Language::of_tag("xx").is_none() && Language::of_tag("ar").unwrap().rtl());
}
