//! Names and codes as readers of PDF other than poppler find them: pdfium, which is Chrome's, and MuPDF.
//! `VACCERT_PDF_READERS` names a python that has both (`tests/pdfa/prepare` installs it).

use std::{collections::BTreeMap, path::Path, process::Command};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use vaccert::document::{Language, Layout, Order, PageSize};

use super::{Shop, prints, scan};
use crate::{
    scripts::names::NAMES,
    support::paper::{people, sheet as person},
};

/// What the readers find in one file.
struct Read {
    pdfium: String,
    mupdf: String,
}

/// What they find in `files`, and in `painted`, which they paint too; `None` where they are not here.
fn read(files: &[String], painted: &[String]) -> Option<BTreeMap<String, Read>> {
    let Some(python) = std::env::var_os("VACCERT_PDF_READERS") else {
        println!("left out: VACCERT_PDF_READERS names no python with pdfium and MuPDF; tests/pdfa/prepare installs it");
        return None;
    };
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pdfa/read.py");
    let output = Command::new(python).arg(program).args(files).arg("--paint").args(painted).output().expect("a python");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}\n{said}", String::from_utf8_lossy(&output.stderr));
    let read: BTreeMap<String, Read> = said
        .lines()
        .map(|line| {
            let found: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| found[name].as_str().unwrap().to_owned();
            (text("file"), Read { pdfium: text("pdfium"), mupdf: text("mupdf") })
        })
        .collect();
    assert_eq!(read.len(), files.len() + painted.len());
    Some(read)
}

/// Letters alone: where lines and words end is another matter. A hyphen at the end of a line pdfium tells as U+FFFE.
fn squeezed(text: &str) -> String {
    let text = text.replace('\u{fffe}', "-");
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'))
        .collect()
}

/// Without points, accents and vowel signs.
fn bare(text: &str) -> String {
    squeezed(text).nfd().filter(|c| !is_combining_mark(*c)).collect()
}

/// How much of a name a reader gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comes {
    /// Every character in its order.
    Whole,
    /// Without the signs above and below.
    Bare,
    /// Every word, not in their order.
    Words,
    /// The letters, not in their order.
    Letters,
    /// Some of the letters.
    Some,
}

/// What pdfium gives back. It passes over signs that need more glyphs without ink than the font has, knows no direction
/// of a paragraph that has both, and not that Thaana, N'Ko and Adlam are written from right to left; of characters
/// above U+FFFF it takes none that a marked text tells.
fn from_pdfium(script: &str) -> Comes {
    match script {
        "hebrew" => Comes::Bare,
        "thaana" | "nko" => Comes::Letters,
        "adlam" => Comes::Some,
        script if script.ends_with("-latin") => Comes::Words,
        _ => Comes::Whole,
    }
}

/// What MuPDF gives back. It says some signs, and some syllables, twice where several glyphs make one.
fn from_mupdf(script: &str) -> Comes {
    match script {
        "tamil" => Comes::Bare,
        "khmer" | "burmese" | "nko" | "thaana" => Comes::Letters,
        script if script.ends_with("-latin") => Comes::Words,
        _ => Comes::Whole,
    }
}

fn comes(text: &str, name: &str, how: Comes) -> bool {
    let word = |word: &str| squeezed(text).contains(word.trim_matches(['(', ')']));
    match how {
        Comes::Whole => squeezed(text).contains(&squeezed(name)) || squeezed(text).contains(&composed(name)),
        Comes::Bare => bare(text).contains(&bare(name)),
        Comes::Words => name.split(' ').all(word),
        Comes::Letters => bare(name).chars().all(|c| bare(text).contains(c)),
        Comes::Some => bare(name).chars().filter(|c| bare(text).contains(*c)).count() >= 2,
    }
}

/// A font that has the letter with its accent draws the two as one.
fn composed(name: &str) -> String {
    squeezed(name).nfc().collect()
}

#[test]
fn f37_chrome_and_mupdf_find_the_names_of_all_scripts() {
    let shop = Shop::open();
    let mut files = Vec::new();
    for name in NAMES {
        let order = Order::default();
        let sheet = person(name.family, name.given);
        let Some(pdf) = prints::printed(prints::press(), name.script, &[sheet], &order) else { continue };
        files.push((name, shop.keep(&format!("read-{}.pdf", name.script), &pdf)));
    }
    let paths: Vec<String> = files.iter().map(|(_, path)| path.clone()).collect();
    let Some(read) = read(&paths, &[]) else { return };
    let mut wrong = Vec::new();
    let mut whole = 0;
    for (name, path) in &files {
        let read = &read[path];
        for (reader, text, how) in
            [("pdfium", &read.pdfium, from_pdfium(name.script)), ("MuPDF", &read.mupdf, from_mupdf(name.script))]
        {
            whole += usize::from(reader == "pdfium" && how == Comes::Whole);
            for part in [name.family, name.given] {
                if !comes(text, part, how) {
                    let lines = text.lines().filter(|line| line.chars().any(|c| !c.is_ascii() && part.contains(c)));
                    let lines: Vec<&str> = lines.collect();
                    wrong.push(format!("{reader}, {}: {part} does not come ({how:?}) in {lines:?}", name.script));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(whole >= 15 || !prints::must(), "{whole} scripts");
}

#[test]
fn f37_chrome_reads_latin_names_and_identifiers_on_paper_from_right_to_left() {
    let shop = Shop::open();
    let arabic = Some((Language::of_tag("ar").unwrap(), Some(Language::ENGLISH)));
    let mut files = Vec::new();
    for (what, family, given) in people().into_iter().filter(|(what, ..)| *what != "decomposed") {
        for layout in [Layout::Plain, Layout::Fold, Layout::Card] {
            let order = Order { layout: Some(layout), languages: arabic, ..Order::default() };
            let sheet = prints::named(layout, &family, &given);
            let file = format!("right-{}-{what}.pdf", layout.name());
            let Some(pdf) = prints::printed(prints::press(), what, &[sheet], &order) else { continue };
            files.push((family.clone(), given.clone(), shop.keep(&file, &pdf)));
        }
    }
    let paths: Vec<String> = files.iter().map(|(.., path)| path.clone()).collect();
    let Some(read) = read(&paths, &[]) else { return };
    for (family, given, path) in &files {
        let text = squeezed(&read[path].pdfium);
        for part in [family, given, "URN:UVCI:01:XX:5CWTU0C3YXDJ2TEK9HK6HXYMB#N"] {
            assert!(text.contains(&squeezed(part)), "{path}: {part} is not in {text}");
        }
    }
}

#[test]
fn chrome_and_mupdf_paint_codes_that_are_read() {
    let shop = Shop::open();
    let mut painted = Vec::new();
    for layout in Layout::all() {
        for size in PageSize::all() {
            let sheet = super::sheet(layout, 541);
            let pdf = super::press().print_as(std::slice::from_ref(&sheet), &super::order(layout, size)).unwrap();
            painted.push((sheet.code, shop.keep(&format!("painted-{}-{}.pdf", layout.name(), size.name()), &pdf)));
        }
    }
    let paths: Vec<String> = painted.iter().map(|(_, path)| path.clone()).collect();
    if read(&[], &paths).is_none() {
        return;
    }
    for (number, (code, path)) in painted.iter().enumerate() {
        for reader in ["pdfium", "mupdf"] {
            let picture = scan::pgm(&std::fs::read(format!("{path}.{reader}.pgm")).unwrap());
            assert!(picture.width > 1200 && picture.height > 1600, "{path}, {reader}");
            assert_eq!(scan::rxing_reads(&picture).as_deref(), Some(code.as_str()), "rxing, {reader}, {path}");
            if let Some(text) = scan::zbar_reads(&shop, &format!("painted-{number}-{reader}"), &picture) {
                assert_eq!(text, *code, "zbar, {reader}, {path}");
            }
        }
    }
}
