//! Names in the writing systems of the world, on paper and back: what poppler reads off the PDF is what went in.

pub mod names;

use std::sync::LazyLock;

use names::{NAMES, Name};
use vaccert::document::{DocumentError, DrawnBy, FontPlaces, Fonts, Look, Press, Sheet};

use crate::support::paper::{Shop, press as plain_press, run, sheet, tool};

/// Whether everything must be tested here.
fn must() -> bool {
    ["CI", "VACCERT_FULL"].iter().any(|name| std::env::var_os(name).is_some())
}

/// A press with the fonts of the machine.
fn press() -> &'static Press {
    static PRESS: LazyLock<Press> =
        LazyLock::new(|| Press::new(Look::default(), Fonts::find(&FontPlaces::default()).unwrap()).unwrap());
    &PRESS
}

/// Prints, or says which font was not there.
fn printed(sheet: &Sheet, script: &str) -> Option<Vec<u8>> {
    match press().print(std::slice::from_ref(sheet)) {
        Ok(pdf) => Some(pdf),
        Err(DocumentError::MissingGlyph { package, .. }) if !must() => {
            eprintln!("ran without a font for {script} (package {package:?}): this part of the test did not run");
            None
        }
        Err(error) => panic!("{script}: {error}"),
    }
}

/// Lines of a name that was broken are joined again: letters stay, spaces at the ends of lines may go.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// How poppler is asked: as people read, and as the page looks. (`-raw` gives the page in the order in which it is
/// painted, which from right to left is not the one in which it is read.)
const MODES: [&[&str]; 2] = [&["-enc", "UTF-8"], &["-enc", "UTF-8", "-layout"]];

/// What poppler reads, without the signs with which it marks directions.
fn read(pdftotext: &std::path::Path, mode: &[&str], file: &str) -> String {
    run(pdftotext, &[mode, &[file, "-"]].concat())
        .replace(['\u{202a}', '\u{202b}', '\u{202c}', '\u{200e}', '\u{200f}'], "")
}

#[test]
fn f37_names_in_thirty_scripts_come_back_from_the_paper_unchanged() {
    let Some(pdftotext) = tool("pdftotext", "poppler-utils") else { return };
    let shop = Shop::open();
    let (mut wrong, mut looked) = (Vec::new(), 0);
    for name in NAMES {
        let Some(pdf) = printed(&sheet(name.family, name.given), name.script) else { continue };
        let file = shop.keep(&format!("script-{}.pdf", name.script), &pdf);
        looked += 1;
        for mode in MODES {
            let text = read(&pdftotext, mode, &file);
            for expected in name.expected() {
                if !text.lines().any(|line| line.contains(&expected)) {
                    let codes = expected.escape_unicode();
                    wrong.push(format!("{} {mode:?}: {expected} ({codes}) is not in:\n{text}", name.script));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} times:\n{}", wrong.len(), wrong.join("\n"));
    assert!(looked >= 5 && (looked == NAMES.len() || !must()));
}

#[test]
fn f37_what_is_written_from_left_to_right_comes_back_in_the_order_of_painting_too() {
    let Some(pdftotext) = tool("pdftotext", "poppler-utils") else { return };
    let shop = Shop::open();
    for Name { script, family, given } in NAMES.iter().filter(|name| name.left_to_right()) {
        let Some(pdf) = printed(&sheet(family, given), script) else { continue };
        let text =
            squeezed(&read(&pdftotext, &["-enc", "UTF-8", "-raw"], &shop.keep(&format!("raw-{script}.pdf"), &pdf)));
        for name in [family, given] {
            assert!(text.contains(&squeezed(name)), "{script}: {name} is not in:\n{text}");
        }
    }
}

#[test]
fn f37_a_letter_without_a_font_is_an_error_that_names_it_and_what_to_install() {
    for Name { script, family, given } in NAMES.iter().filter(|name| !name.is_built_in()) {
        let error = plain_press().print(std::slice::from_ref(&sheet(family, given))).unwrap_err();
        let DocumentError::MissingGlyph { field, package, character, .. } = &error else { panic!("{script}: {error}") };
        assert!(["family", "given"].contains(field), "{script}: {field}");
        assert!(package.is_some_and(|package| package.starts_with("fonts-noto-")), "{script}");
        assert!(format!("{family}{given}").contains(*character), "{script}");
        let said = error.to_string();
        assert!(
            said.contains(&format!("U+{:04X}", u32::from(*character))) && said.contains("install the package"),
            "{said}"
        );
        assert!(!said.contains(family) && !said.contains(given), "{said}");
    }
}

#[test]
fn f37_no_font_has_it_so_nothing_is_printed() {
    // A private character (fonts for Arabic and Lao have glyphs there), one that Unicode has not, and a picture.
    for (text, code) in
        [("A\u{f20a}", "U+F20A"), ("A\u{e123}", "U+E123"), ("A\u{378}", "U+0378"), ("Ann 🫠", "U+1FAE0")]
    {
        let printed = press().print(std::slice::from_ref(&sheet("Müller", text)));
        let Err(error) = printed else { panic!("{code} was printed") };
        assert!(matches!(error, DocumentError::MissingGlyph { field: "given", .. }), "{error}");
        assert!(error.to_string().contains(code), "{error}");
    }
}

#[test]
fn the_same_letters_print_the_same_bytes_whatever_was_printed_before() {
    for Name { script, family, given } in NAMES {
        let sheet = sheet(family, given);
        let Some(first) = printed(&sheet, script) else { continue };
        let fresh = Press::new(Look::default(), Fonts::find(&FontPlaces::default()).unwrap()).unwrap();
        assert!(fresh.print(std::slice::from_ref(&sheet)).unwrap() == first, "{script}");
    }
}

#[test]
fn what_can_be_printed_here_is_told_with_its_font() {
    let fonts = Fonts::find(&FontPlaces::default()).unwrap();
    let coverage = fonts.coverage();
    assert!(coverage.len() > 45);
    for script in &coverage {
        match &script.font {
            DrawnBy::BuiltIn => assert!(["Latin", "Greek", "Cyrillic"].contains(&script.script)),
            DrawnBy::Font(font) => assert!(font.path.is_file() && !font.family.is_empty(), "{}", script.script),
            DrawnBy::Nothing { package } => assert!(package.is_some() && !must(), "{}", script.script),
        }
    }
    let empty = Fonts::embedded().unwrap().coverage();
    let built_in = empty.iter().filter(|script| script.font == DrawnBy::BuiltIn).count();
    let missing = empty.iter().filter(|script| matches!(script.font, DrawnBy::Nothing { .. })).count();
    assert_eq!((built_in, missing), (3, empty.len() - 3));
}

#[test]
fn a_folder_of_the_configuration_comes_first_and_a_wrong_one_is_named() {
    let missing = FontPlaces { folders: vec!["no/such/folder".into()], system: false };
    let error = Fonts::find(&missing).unwrap_err();
    assert!(matches!(&error, DocumentError::FontFolder { .. }), "{error}");
    assert!(error.to_string().contains("no/such/folder") && error.to_string().contains("[document] fonts"), "{error}");

    // A font of the machine, under another roof.
    let system = Fonts::find(&FontPlaces::default()).unwrap();
    let lao = system.coverage().into_iter().find(|script| script.script == "Lao").unwrap();
    let DrawnBy::Font(font) = lao.font else {
        assert!(!must(), "no font for Lao");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("deeper")).unwrap();
    let copy = folder.path().join("deeper/own.ttf");
    std::fs::copy(&font.path, &copy).unwrap();
    std::fs::write(folder.path().join("broken.ttf"), b"not a font").unwrap();
    std::fs::write(folder.path().join("cut.ttf"), &std::fs::read(&font.path).unwrap()[..700]).unwrap();
    for system in [true, false] {
        let fonts = Fonts::find(&FontPlaces { folders: vec![folder.path().into()], system }).unwrap();
        let lao = fonts.coverage().into_iter().find(|script| script.script == "Lao").unwrap();
        assert!(matches!(&lao.font, DrawnBy::Font(found) if found.path == copy), "{lao:?}");
        let press = Press::new(Look::default(), fonts).unwrap();
        press.print(std::slice::from_ref(&sheet("ວົງສາ", "ສົມສັກ"))).unwrap();
        let thai = press.print(std::slice::from_ref(&sheet("ใจดี", "สมชาย")));
        if !system {
            assert!(matches!(thai, Err(DocumentError::MissingGlyph { script: "Thai", .. })));
        }
    }
}
