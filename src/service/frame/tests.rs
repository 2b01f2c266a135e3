//! Every part says everything in every language, and nothing that no page asks for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use axum::http::HeaderMap;

use super::{words::category, *};

fn service() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/service")
}

fn files(dir: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, endings));
        } else if path.extension().is_some_and(|e| endings.iter().any(|ending| e == *ending)) {
            found.push(path);
        }
    }
    found
}

type Texts = BTreeMap<String, String>;

/// Parts by name, each with its texts by language.
fn parts() -> BTreeMap<String, BTreeMap<&'static str, Texts>> {
    let mut parts = BTreeMap::new();
    for entry in fs::read_dir(service().join("words")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let read = |lang: Lang| {
                let file = path.join(format!("{}.json", lang.code()));
                let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
                let texts: Texts = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
                assert_eq!(text.matches("\": \"").count(), texts.len(), "{}: a key stands twice", file.display());
                (lang.code(), texts)
            };
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            parts.insert(name, Lang::ALL.into_iter().map(read).collect());
        }
    }
    assert!(parts.contains_key("frame"));
    parts
}

const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// A key without the form of number behind it, and whether it had one: English counts by `one` and `other`. A key that
/// ends in `other` alone is a word like any.
fn plain<'a>(key: &'a str, english: &Texts) -> (&'a str, bool) {
    match key.rsplit_once('.') {
        Some((start, end)) if CATEGORIES.contains(&end) && english.contains_key(&format!("{start}.one")) => {
            (start, true)
        }
        _ => (key, false),
    }
}

fn placeholders(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect()
}

/// Forms that the numbers of a language take; zero may fall to the last.
fn forms(lang: Lang) -> BTreeSet<&'static str> {
    (1..=200).map(|n| category(lang, n)).chain(["other"]).collect()
}

#[test]
fn every_language_says_everything_with_the_same_placeholders() {
    let mut wrong = Vec::new();
    for (part, languages) in parts() {
        let english = &languages["en"];
        let keys =
            |texts: &Texts| -> BTreeSet<String> { texts.keys().map(|key| plain(key, english).0.to_owned()).collect() };
        for lang in Lang::ALL {
            let (code, texts) = (lang.code(), &languages[lang.code()]);
            for key in keys(english).symmetric_difference(&keys(texts)) {
                wrong.push(format!("{part}/{code}: {key} is in one of English and this alone"));
            }
            for (key, text) in texts {
                let (name, counts) = plain(key, english);
                let of_english = english.get(key).or_else(|| english.get(&format!("{name}.other")));
                let (Some(of_english), mut here) = (of_english, placeholders(text)) else { continue };
                let mut there = placeholders(of_english);
                if counts {
                    here.remove("n");
                    there.remove("n");
                    for form in forms(lang) {
                        if !texts.contains_key(&format!("{name}.{form}")) {
                            wrong.push(format!("{part}/{code}: {name} has no form {form}"));
                        }
                    }
                }
                if here != there {
                    wrong.push(format!("{part}/{code}: {key} has the placeholders {here:?}, in English {there:?}"));
                }
                if text.trim() != text || text.is_empty() || text.contains("  ") {
                    wrong.push(format!("{part}/{code}: {key} is empty or has spaces too many"));
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// First and last character of the script of a language that is not written in Latin letters.
fn script(lang: Lang) -> Option<(char, char)> {
    match lang {
        Lang::Ar => Some(('\u{600}', '\u{6ff}')),
        Lang::Lo => Some(('\u{e80}', '\u{eff}')),
        Lang::Si => Some(('\u{d80}', '\u{dff}')),
        Lang::Ta => Some(('\u{b80}', '\u{bff}')),
        Lang::Am => Some(('\u{1200}', '\u{137f}')),
        _ => None,
    }
}

/// What stands as it is in another language is listed in `words/PART/same.txt`, a line `LANG KEY` each: a word that
/// both have.
#[test]
fn no_english_is_left_in_place() {
    let mut wrong = Vec::new();
    for (part, languages) in parts() {
        let same = fs::read_to_string(service().join("words").join(&part).join("same.txt")).unwrap_or_default();
        let same: BTreeSet<&str> = same.lines().filter(|line| !line.is_empty()).collect();
        let mut seen = BTreeSet::new();
        for lang in Lang::ALL.into_iter().filter(|lang| *lang != Lang::En) {
            for (key, text) in &languages[lang.code()] {
                let line = format!("{} {key}", lang.code());
                let words: String = text.split('{').map(|piece| piece.rsplit('}').next().unwrap()).collect();
                let letters = words.chars().any(char::is_alphabetic);
                let equal = letters && languages["en"].get(key) == Some(text);
                let foreign =
                    letters && script(lang).is_some_and(|(from, to)| !text.chars().any(|c| (from..=to).contains(&c)));
                if equal || foreign {
                    seen.insert(line.clone());
                    if !same.contains(line.as_str()) {
                        wrong.push(format!("{part}: {line}: {text}"));
                    }
                }
            }
        }
        for line in same {
            if !seen.contains(line) {
                wrong.push(format!("{part}/same.txt lists {line}, which is translated"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Texts between quotation marks in a source file. Escapes do not occur in keys.
fn literals(source: &str) -> Vec<&str> {
    source.lines().flat_map(|l| l.split('"').skip(1).step_by(2)).collect()
}

/// The sources of a part: its folder among the sources and among the templates.
fn sources(part: &str) -> String {
    let base = service();
    let mut all = files(&base.join(part), &["rs", "js", "html"]);
    all.extend(files(&base.join("pages").join(part), &["html"]));
    if part == "frame" {
        all.push(base.join("error.rs"));
    }
    // A part may be one file, or use its words beside its folder.
    all.push(base.join(format!("{part}.rs")));
    let all = all.iter().filter(|path| !path.ends_with("tests.rs")).filter_map(|path| fs::read_to_string(path).ok());
    // A comment may show how a key is written.
    let told = |text: String| -> String {
        text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect()
    };
    all.map(told).collect()
}

#[test]
fn no_key_is_missing_and_none_unused() {
    let mut wrong = Vec::new();
    for (part, languages) in parts() {
        let source = sources(&part);
        let literals = literals(&source);
        let english = &languages["en"];
        let known: BTreeSet<&str> = english.keys().map(|key| plain(key, english).0).collect();
        let asked: BTreeSet<&str> = source.split("{{=").skip(1).filter_map(|rest| rest.split("}}").next()).collect();
        for key in &asked {
            if !known.contains(key) && !english.contains_key(*key) {
                wrong.push(format!("{part}: a template says {key}, which nobody wrote"));
            }
        }
        for call in ["say(\"", ".with(\"", ".count(\"", "counted(\"", ".show(\""] {
            for key in source.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                // What is put together ends in a full stop or holds a placeholder.
                if !key.contains('{') && !known.contains(key) && !english.contains_key(key) {
                    wrong.push(format!("{part}: the program says {key}, which nobody wrote"));
                }
            }
        }
        for key in known {
            // A key may be put together: `format!("reason.{code}")`.
            let made = |literal: &&str| {
                literal.split_once('{').is_some_and(|(start, _)| start.contains(['.', '_']) && key.starts_with(start))
            };
            // Scripts and templates of some parts name their words without quotes.
            let in_script =
                key.match_indices(['.', '_']).any(|(at, _)| source.contains(&format!("{}${{", key.split_at(at + 1).0)));
            let used = asked.contains(key) || source.contains(key) || in_script || literals.iter().any(made);
            if !used {
                wrong.push(format!("{part}: nobody says {key}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn frame(uri: &str) -> Frame {
    Frame::new(&uri.parse().unwrap(), &HeaderMap::new(), &Extensions::new())
}

async fn html(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_page_is_in_the_language_asked_for_and_remembers_it() {
    let response = frame("/verify?a=%22%3E&lang=ar").page("T<", &Html::default());
    let headers = response.headers().clone();
    assert_eq!(headers[header::SET_COOKIE], "lang=ar; Path=/; Max-Age=31536000; SameSite=Lax");
    assert_eq!(headers[header::CONTENT_LANGUAGE], "ar");
    let html = html(response).await;
    assert!(html.contains("<html lang=\"ar\" dir=\"rtl\">") && html.contains("<title>T&lt; – vaccert</title>"));
    assert!(html.contains("href=\"?lang=lo&amp;a=%22%3E\""), "{html}");
    assert!(!html.contains("{{") && !html.contains("<script"), "{html}");
    assert!(!frame("/verify?lang=xx").page("", &Html::default()).headers().contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn a_page_with_a_script_may_run_it_and_nothing_else() {
    let response = frame("/").page_with("T", &Html::default(), &[], &[&STYLE]);
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(html(response).await.contains("<script type=\"module\" src=\"/assets/style-"));
}

#[test]
fn counts_take_the_form_of_the_language() {
    for (lang, expected) in [
        (Lang::En, ["other", "one", "other", "other", "other", "other"]),
        (Lang::Fr, ["one", "one", "other", "other", "other", "other"]),
        (Lang::Ar, ["zero", "one", "two", "few", "many", "other"]),
        (Lang::Lo, ["other"; 6]),
    ] {
        assert_eq!([0, 1, 2, 103, 111, 102].map(|n| category(lang, n)), expected, "{lang:?}");
    }
}

#[test]
fn fields_carry_their_errors_and_escape_what_was_typed() {
    let field = form::Field { value: "\"><b>", hint: "How", error: Some("Wrong"), ..form::Field::line("who", "Who") };
    let html = field.html().into_string();
    assert!(html.contains("aria-describedby=\"who-error who-hint\"") && html.contains("aria-invalid=\"true\""));
    assert!(!html.contains("<b>") && !html.contains("{{"), "{html}");
    let options = [("a", "A".to_owned()), ("b", "B".to_owned())];
    let field = form::Field { kind: form::Kind::Select(&options), value: "b", ..form::Field::line("x", "X") };
    assert!(field.html().into_string().contains("<option value=\"b\" selected>B</option>"));
    let errors = form::summary(&frame("/?lang=sw"), &[("who", "Nani")]).into_string();
    assert!(errors.contains("href=\"#who\"") && errors.contains("Tafadhali"), "{errors}");
    assert!(form::summary(&frame("/"), &[]).into_string().is_empty());
}
