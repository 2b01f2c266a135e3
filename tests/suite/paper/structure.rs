//! What a screen reader and an archive get: every piece tagged or marked as decoration, tables with their headers,
//! alternative texts, languages, the reading order of booklets, one outline entry a certificate.

use std::io::Read;

use flate2::read::ZlibDecoder;
use vaccert::document::{DocumentError, Kind, Language, Layout, Order, PageSize};

use super::{Shop, order, press, run, sheet, tool};
use crate::support::paper;

/// Contents of every stream, inflated.
fn streams(file: &[u8]) -> Vec<Vec<u8>> {
    let find = |from: usize, needle: &[u8]| {
        file[from..].windows(needle.len()).position(|window| window == needle).map(|at| from + at)
    };
    let (mut streams, mut at) = (Vec::new(), 0);
    while let Some(start) = find(at, b"stream\n") {
        let end = find(start, b"endstream").unwrap();
        let mut inflated = Vec::new();
        if ZlibDecoder::new(&file[start + 7..end]).read_to_end(&mut inflated).is_ok() {
            streams.push(inflated);
        }
        at = end + 9;
    }
    streams
}

/// The words of a content stream outside of its strings.
fn words(content: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let mut letters = content.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '(' => {
                let mut depth = 1;
                while depth > 0 {
                    match letters.next() {
                        Some('\\') => {
                            letters.next();
                        }
                        Some('(') => depth += 1,
                        Some(')') => depth -= 1,
                        Some(_) => {}
                        None => return words,
                    }
                }
            }
            '<' if letters.peek() != Some(&'<') => while letters.next().is_some_and(|letter| letter != '>') {},
            '<' => {
                letters.next();
            }
            _ if letter.is_ascii_alphanumeric() || matches!(letter, '*' | '.' | '-') => {
                word.push(letter);
                continue;
            }
            _ => {}
        }
        words.push(std::mem::take(&mut word));
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Operators that put ink on the page, with the depth of marked content at which they stand.
fn painting(content: &str) -> Vec<(String, usize)> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for word in words(content) {
        match word.as_str() {
            "BDC" | "BMC" => depth += 1,
            "EMC" => depth = depth.checked_sub(1).expect("an end has its beginning"),
            "Tj" | "TJ" | "Do" | "f" | "f*" | "S" | "B" => found.push((word, depth)),
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    found
}

#[test]
fn everything_on_every_layout_is_tagged_or_decoration_and_in_the_structure() {
    for layout in Layout::all() {
        let sheet = sheet(layout, 541);
        let file = press().print_as(&[sheet], &order(layout, PageSize::A4)).unwrap();
        let pages: Vec<String> = streams(&file)
            .iter()
            .map(|stream| String::from_utf8_lossy(stream).into_owned())
            .filter(|stream| stream.contains("BDC"))
            .collect();
        // Instructions in two languages may have a page of their own.
        assert!(pages.len() == 1 || (pages.len() == 2 && layout == Layout::Plain), "{}", layout.name());
        for page in &pages {
            let inked = painting(page);
            assert!(inked.len() > 10 && inked.iter().all(|(_, depth)| *depth > 0), "{}: {inked:?}", layout.name());
        }
        // Every marked piece is a leaf of the structure, once; each page counts its own.
        let mut all: Vec<usize> = pages.iter().flat_map(|page| 0..page.matches("/MCID").count()).collect();
        all.sort_unstable();
        let text = String::from_utf8_lossy(&file);
        let mut leaves: Vec<usize> = text
            .split("/MCID ")
            .skip(1)
            .filter_map(|leaf| leaf.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
            .collect();
        for kids in text.split("/K").skip(1) {
            let list = kids.strip_prefix('[').and_then(|kids| kids.split(']').next());
            let one =
                || kids.strip_prefix(' ').and_then(|kid| kid.split(|c: char| !c.is_ascii_digit() && c != ' ').next());
            let words: Vec<&str> = list.or_else(one).unwrap_or_default().split_ascii_whitespace().collect();
            let mut at = 0;
            while at < words.len() {
                // A reference to another element, or the number of a marked piece.
                if words.get(at + 2).is_some_and(|word| *word == "R") || (words.len() == 2 && list.is_none()) {
                    at += 3;
                    continue;
                }
                leaves.extend(words[at].parse::<usize>());
                at += 1;
            }
        }
        leaves.sort_unstable();
        assert!(all.len() >= 20, "{}: {} marked", layout.name(), all.len());
        assert_eq!(leaves, all, "{}", layout.name());
        for needle in ["/ParentTree", "/StructParents", "/Alt(", "/H1", "/TH", "/Figure", "/Sect", "/BBox["] {
            assert!(text.contains(needle), "{}: {needle}", layout.name());
        }
        // The second language says that it is one.
        assert!(pages[0].contains("/Lang") && pages[0].contains("(fr)"), "{}", layout.name());
    }
}

#[test]
fn booklets_and_cards_are_read_in_the_order_of_their_meaning() {
    let Some(pdfinfo) = tool("pdfinfo", "poppler-utils") else { return };
    let shop = Shop::open();
    for (layout, order_of) in [
        (Layout::Plain, ["Vaccination certificate", "Müller", "Figure", "Comirnaty", "Only the code counts"]),
        (Layout::Fold, ["Vaccination certificate", "Müller", "Figure", "Only the code counts", "Comirnaty"]),
        (Layout::Card, ["Vaccination certificate", "Müller", "Comirnaty", "Figure", "Only the code counts"]),
        (Layout::Yellow, ["International Certificate", "MUELLER", "Figure", "STAMARIL", "approved by the World"]),
    ] {
        let sheet = sheet(layout, 541);
        let order = Order { layout: Some(layout), ..Order::default() };
        // Without an emblem the code is the first figure.
        let file = paper::press().print_as(&[sheet], &order).unwrap();
        let path = shop.keep(&format!("order-{}.pdf", layout.name()), &file);
        let structure = run(&pdfinfo, &["-struct-text", &path]);
        let places: Vec<usize> = order_of
            .iter()
            .map(|needle| structure.find(needle).unwrap_or_else(|| panic!("{needle} is not in:\n{structure}")))
            .collect();
        assert!(places.is_sorted(), "{}: {structure}", layout.name());
    }
}

#[test]
fn what_is_read_from_right_to_left_is_said_in_that_order() {
    let (family, given) = ("عبد الله Al-Ahmad", "محمّد لؤي");
    let arabic = Language::of_tag("ar").unwrap();
    for layout in Layout::all() {
        let sheet = super::prints::named(layout, family, given);
        let order = Order { layout: Some(layout), languages: Some((arabic, None)), ..Order::default() };
        let Some(file) = super::prints::printed(super::prints::press(), "ar", &[sheet], &order) else { continue };
        let text = String::from_utf8_lossy(&file);
        let said = |words: &str| {
            let digits: String = words.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
            text.contains(&format!("/ActualText<FEFF{digits}>"))
        };
        let names = if layout == Layout::Yellow {
            vec![format!("{family} {given}")]
        } else {
            vec![family.into(), given.into()]
        };
        for name in names {
            assert!(said(&name), "{}: {name}", layout.name());
        }
        // What stands as it is read needs no other text.
        assert!(!said("1990-05-01"), "{}", layout.name());
    }
}

#[test]
fn a_page_of_cards_begins_with_a_certificate_and_ends_with_how_to_cut_it_out() {
    let Some(pdfinfo) = tool("pdfinfo", "poppler-utils") else { return };
    let order = Order { layout: Some(Layout::Card), ..Order::default() };
    let file = paper::press().print_as(&[paper::sheet("Müller", "Anna")], &order).unwrap();
    let said = run(&pdfinfo, &["-struct-text", &Shop::open().keep("cards.pdf", &file)]);
    let (title, cut) = (said.find("Vaccination certificate").unwrap(), said.find("cut along the marks").unwrap());
    assert!(title < said.find("Müller").unwrap() && said.find("Only the code counts").unwrap() < cut, "{said}");
}

#[test]
fn every_row_of_a_table_has_every_column() {
    let (sheet, order) = (sheet(Layout::Yellow, 423), order(Layout::Yellow, PageSize::A4));
    let file = press().print_as(&[sheet], &order).unwrap();
    let text = String::from_utf8_lossy(&file);
    let kind =
        |object: &str| object.split("/S/").nth(1).map(|rest| rest.split('/').next().unwrap_or_default().to_owned());
    let objects: Vec<&str> = text.split("endobj").collect();
    let mut rows = Vec::new();
    for object in objects.iter().filter(|object| kind(object).as_deref() == Some("TR")) {
        let cells = object.split("/K[").nth(1).unwrap().split(']').next().unwrap().matches(" R").count();
        rows.push((object.split("/P ").nth(1).unwrap().split(' ').next().unwrap().to_owned(), cells));
    }
    assert!(rows.len() >= 5, "{rows:?}");
    for rows in rows.chunk_by(|a, b| a.0 == b.0) {
        assert!(rows.iter().all(|row| row.1 == rows[0].1), "{rows:?}");
    }
    // The field for the stamp is there, and empty.
    assert!(rows.iter().filter(|row| row.1 == 6).count() == 2, "{rows:?}");
}

#[test]
fn several_certificates_are_sections_of_one_file_with_an_outline() {
    let people: Vec<_> = ["Anna", "Berta", "Clara", "Dora", "Emma"].map(|given| paper::sheet("Müller", given)).into();
    let order = |layout| Order { layout: Some(layout), ..Order::default() };
    for (layout, pages) in [(Layout::Plain, 5), (Layout::Card, 2), (Layout::Fold, 5)] {
        let file = press().print_as(&people, &order(layout)).unwrap();
        let text = String::from_utf8_lossy(&file);
        assert_eq!(text.matches("/S/Sect").count() + text.matches("/S /Sect").count(), 5, "{}", layout.name());
        assert!(text.contains("/Count 5"), "the outline");
        let Some(pdfinfo) = tool("pdfinfo", "poppler-utils") else { return };
        let shop = Shop::open();
        let info = run(&pdfinfo, &[&shop.keep("several.pdf", &file)]);
        assert!(info.lines().any(|line| line.starts_with("Pages:") && line.ends_with(&format!(" {pages}"))), "{info}");
        assert!(!info.contains("Anna"));
    }
    assert_eq!(press().print(&[]).unwrap_err(), DocumentError::Sheets { sheets: 0, limit: 500 });
    let crowd: Vec<_> = std::iter::repeat_n(people[0].clone(), 501).collect();
    assert_eq!(press().print(&crowd).unwrap_err(), DocumentError::Sheets { sheets: 501, limit: 500 });
}

#[test]
fn a_citizen_chooses_and_a_yellow_card_has_its_own_page() {
    let Some(pdftotext) = tool("pdftotext", "poppler-utils") else { return };
    let Some(pdfinfo) = tool("pdfinfo", "poppler-utils") else { return };
    let shop = Shop::open();
    let card = sheet(Layout::Yellow, 423);
    let read = |file: &[u8]| run(&pdftotext, &["-raw", &shop.keep("chosen.pdf", file), "-"]).replace('\n', " ");
    let said = read(&press().print(std::slice::from_ref(&card)).unwrap());
    for needle in ["This is to certify", "Official stamp", "STAMARIL", "X2471", "life of person vaccinated"] {
        assert!(said.contains(needle), "{needle} is not in {said}");
    }
    // The prescribed text stands there word for word.
    let prescribed = card.notices[0].text;
    assert!(said.contains(prescribed), "{said}");
    let plain = Order { layout: Some(Layout::Plain), ..Order::default() };
    assert!(!read(&press().print_as(std::slice::from_ref(&card), &plain).unwrap()).contains("Official stamp"));

    let letter = Order { size: Some(PageSize::Letter), languages: Some((Language::FRENCH, None)), ..Order::default() };
    let person = paper::sheet("Müller", "Anna");
    let file = press().print_as(std::slice::from_ref(&person), &letter).unwrap();
    let said = read(&file);
    assert!(said.contains("Certificat de vaccination") && !said.contains("Vaccination certificate"), "{said}");
    assert!(said.contains("Ministère de la santé de la République d’Examplie"), "{said}");
    let info = run(&pdfinfo, &[&shop.keep("letter.pdf", &file)]);
    assert!(info.contains("612 x 792") && info.contains("(letter)"), "{info}");
    let yellow = Order { layout: Some(Layout::Yellow), ..Order::default() };
    assert!(matches!(
        press().print_as(&[person], &yellow).unwrap_err(),
        DocumentError::WrongLayout { layout: "yellow", kind } if kind == Kind::Vaccination.name()
    ));
}
