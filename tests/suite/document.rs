//! The paper, looked at with other programs: poppler reads and paints it, zbar and rqrr read the code off it.

use proptest::prelude::*;
use vaccert::document::{DocumentError, Fonts, Language, Look, Press, Sheet, Value};

use crate::support::paper::{self, Shop, press, run, sheet, tool};

/// The code as rqrr sees it, in the quarter of the page that has it.
fn rqrr_reads(pgm: &str) -> Option<String> {
    let bytes = std::fs::read(pgm).unwrap();
    let mut parts = bytes.splitn(4, |byte| byte.is_ascii_whitespace());
    assert_eq!(parts.next().unwrap(), b"P5");
    let mut number = || String::from_utf8(parts.next().unwrap().to_vec()).unwrap().parse::<usize>().unwrap();
    let (width, height) = (number(), number());
    let pixels = &bytes[bytes.len() - width * height..];
    let at = |x: usize, y: usize| u32::from(pixels[y * width + (width / 2 + x).min(width - 1)]);
    paper::rqrr_sees(width / 2, height / 2, &[1, 4, 3, 5, 6], at)
}

#[test]
fn names_come_back_from_the_paper_unchanged() {
    let Some(pdftotext) = tool("pdftotext", "poppler-utils") else { return };
    let (press, shop) = (press(), Shop::open());
    for (name, family, given) in paper::people() {
        let sheet = sheet(&family, &given);
        let file = shop.keep(&format!("{name}.pdf"), &press.print(std::slice::from_ref(&sheet)).unwrap());
        let text = run(&pdftotext, &["-enc", "UTF-8", "-raw", &file, "-"]);
        // Lines of the paper are joined as they were broken: after a space, or inside a word.
        let flat = text.replace('\n', "");
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        for expected in [&sheet.family, &sheet.given, &sheet.family_std, &sheet.given_std, &sheet.birth_date, &sheet.id]
        {
            assert!(squeezed(&flat).contains(&squeezed(expected)), "{name}: {expected} is not in:\n{text}");
        }
        // A name on one line keeps its spaces too.
        if family.chars().count() < 25 {
            assert!(text.lines().any(|line| line.trim_end() == family), "{name}: {family} is not a line of:\n{text}");
        }
        for row in &sheet.rows {
            assert!(
                squeezed(&flat).contains(&squeezed(&row.value.in_words(Language::ENGLISH))),
                "{name}: {}",
                row.field
            );
        }
    }
}

#[test]
fn two_decoders_read_the_code_at_every_resolution() {
    let Some(pdftoppm) = tool("pdftoppm", "poppler-utils") else { return };
    let zbarimg = tool("zbarimg", "zbar-tools");
    let (press, shop) = (press(), Shop::open());
    // The shortest, the median, the longest real certificate, and one that needs level M.
    for characters in [40, 541, 1_038, 1_600] {
        let mut sheet = sheet("Müller", "Anna");
        sheet.code = paper::code(characters);
        let file = shop.keep(&format!("code-{characters}.pdf"), &press.print(std::slice::from_ref(&sheet)).unwrap());
        for dpi in ["100", "150", "300"] {
            // Above 1,038 characters a screen at 100 dpi has fewer than two pixels a module.
            if characters > 1_038 && dpi == "100" {
                continue;
            }
            let picture = shop.path(&format!("code-{characters}-{dpi}"));
            run(&pdftoppm, &["-gray", "-singlefile", "-r", dpi, &file, &picture]);
            let picture = format!("{picture}.pgm");
            if let Some(zbarimg) = &zbarimg {
                let read = run(zbarimg, &["-q", "--raw", "-Sdisable", "-Sqrcode.enable", &picture]);
                assert_eq!(read.trim_end_matches('\n'), sheet.code, "zbar, {characters} characters at {dpi} dpi");
            }
            assert_eq!(
                rqrr_reads(&picture).as_deref(),
                Some(sheet.code.as_str()),
                "rqrr, {characters} characters at {dpi} dpi"
            );
        }
    }
}

#[test]
fn f35_the_code_has_40_to_60_mm_whole_dots_and_its_quiet_zone() {
    let Some(pdftoppm) = tool("pdftoppm", "poppler-utils") else { return };
    let (press, shop) = (press(), Shop::open());
    for characters in [40, 541, 1_038] {
        let mut sheet = sheet("Müller", "Anna");
        sheet.code = paper::code(characters);
        sheet.specimen = characters == 40;
        let file = shop.keep(&format!("dots-{characters}.pdf"), &press.print(std::slice::from_ref(&sheet)).unwrap());
        let picture = shop.path(&format!("dots-{characters}"));
        run(&pdftoppm, &["-gray", "-singlefile", "-r", "300", "-aa", "no", "-aaVector", "no", &file, &picture]);
        let bytes = std::fs::read(format!("{picture}.pgm")).unwrap();
        let (width, height) = (2480, 3508);
        assert!(bytes.starts_with(b"P5\n2480 3508\n255\n"), "A4 in whole dots");
        let pixels = &bytes[bytes.len() - width * height..];
        let dark = |x: usize, y: usize| pixels[y * width + x] < 128;
        let qr = vaccert::barcode::Qr::encode(&sheet.code, vaccert::barcode::Level::PAPER).unwrap();
        // poppler smooths enlarged pictures by up to two dots: the middle of each module must have its colour.
        let found = (1..=28).rev().filter(|dots| (473..=708).contains(&(qr.size() * dots))).find_map(|dots| {
            let x = 2480 - 213 - qr.size() * dots;
            let fits = |y: &usize| {
                (0..qr.size() * qr.size()).all(|index| {
                    let (column, row) = (index % qr.size(), index / qr.size());
                    [2, dots / 2, dots - 3].iter().all(|inside| {
                        dark(x + column * dots + inside, y + row * dots + inside) == qr.module(column, row)
                    })
                })
            };
            let places: Vec<usize> = (300..2000).filter(fits).collect();
            Some((x, *places.get(places.len() / 2)?, dots))
        });
        let (x, y, dots) = found.unwrap_or_else(|| panic!("{characters}: no symbol of 40 to 60 mm in its place"));
        let (side, quiet) = (qr.size() * dots, 4 * dots);
        for row in y - quiet..y + side + quiet {
            for column in x - quiet..x + side + quiet {
                let inside = (x - 2..x + side + 2).contains(&column) && (y - 2..y + side + 2).contains(&row);
                assert!(inside || pixels[row * width + column] > 128, "{characters}: quiet zone at {column}, {row}");
            }
        }
    }
}

#[test]
fn the_same_sheet_gives_the_same_bytes_from_any_thread() {
    let press = press();
    let sheet = sheet("Nguyễn", "Khai");
    let first = press.print(std::slice::from_ref(&sheet)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(press.print(std::slice::from_ref(&sheet)).unwrap(), first));
        }
    });
    assert_eq!(Press::standard().unwrap().print(std::slice::from_ref(&sheet)).unwrap(), first);
    let mut other = sheet.clone();
    other.id.push('A');
    assert_ne!(press.print(&[other]).unwrap(), first);
}

#[test]
fn the_file_is_tagged_archivable_and_has_no_name_in_its_metadata() {
    let file = press().print(&[sheet("Zyxwvutia", "Qwertina")]).unwrap();
    let text = String::from_utf8_lossy(&file);
    for needle in
        ["<pdfaid:part>2</pdfaid:part>", "<pdfaid:conformance>A</pdfaid:conformance>", "<pdfuaid:part>1</pdfuaid:part>"]
    {
        assert!(text.contains(needle), "{needle}");
    }
    for needle in ["/MarkInfo", "/StructTreeRoot", "/Lang(en)", "/DisplayDocTitle true", "/Figure", "/TH", "/Alt("] {
        assert!(text.contains(needle), "{needle}");
    }
    assert!(!text.contains("Zyxwvutia") && !text.contains("Qwertina"));
    let Some(pdfinfo) = tool("pdfinfo", "poppler-utils") else { return };
    let shop = Shop::open();
    let path = shop.keep("info.pdf", &file);
    let info = run(&pdfinfo, &[&path]);
    for needle in
        ["Title:           Vaccination certificate, COVID-19", "Tagged:          yes", "Pages:           1", "(A4)"]
    {
        assert!(info.contains(needle), "{needle} is not in:\n{info}");
    }
    // Reading order: title, holder, code, table, footer.
    let structure = run(&pdfinfo, &["-struct-text", &path]);
    let places: Vec<usize> = ["Vaccination certificate", "Zyxwvutia", "Figure", "Comirnaty", "Only the code counts"]
        .iter()
        .map(|needle| structure.find(needle).unwrap_or_else(|| panic!("{needle} is not in:\n{structure}")))
        .collect();
    assert!(places.is_sorted(), "{structure}");
}

#[test]
fn what_cannot_be_printed_is_refused_with_field_and_reason() {
    let press = press();
    let mut bad = sheet("Müller", "Anna");
    bad.given = "محمد".into();
    let error = press.print(std::slice::from_ref(&bad)).unwrap_err();
    let error_says = error.to_string();
    assert!(matches!(error, DocumentError::MissingGlyph { field: "given", script: "Arabic", character: 'م', .. }));
    assert!(error_says.contains("fonts-noto-core"), "{error_says}");
    assert!(!error.to_string().contains("محمد"));

    let mut bad = sheet("Müller", "Anna");
    bad.rows[4].value = Value::Text("ວັກຊີນ".into());
    let error = press.print(std::slice::from_ref(&bad)).unwrap_err();
    assert!(matches!(error, DocumentError::MissingGlyph { field: "holder", script: "Lao", .. }), "{error}");

    let mut bad = sheet("", " ");
    assert_eq!(press.print(std::slice::from_ref(&bad)).unwrap_err(), DocumentError::Empty { field: "family" });
    bad = sheet("Müller", "Anna");
    bad.id.clear();
    assert_eq!(press.print(std::slice::from_ref(&bad)).unwrap_err(), DocumentError::Empty { field: "id" });
    bad = sheet("Müller", "Anna");
    bad.code = "A".repeat(4_297);
    assert!(matches!(press.print(std::slice::from_ref(&bad)).unwrap_err(), DocumentError::Code(_)));
    bad = sheet("Müller", "Anna");
    for row in &mut bad.rows {
        row.value = Value::Text("very long words ".repeat(25));
    }
    assert!(
        matches!(press.print(std::slice::from_ref(&bad)).unwrap_err(), DocumentError::DoesNotFit { excess_mm } if excess_mm > 0)
    );
    bad = sheet("Müller", "Anna");
    bad.rows = std::iter::repeat_n(bad.rows[0].clone(), 33).collect();
    assert_eq!(
        press.print(std::slice::from_ref(&bad)).unwrap_err(),
        DocumentError::TooManyRows { rows: 33, limit: 32 }
    );
}

#[test]
fn debug_shows_no_person() {
    let text = format!("{:?} {:?}", sheet("Zyxwvutia", "Qwertina"), sheet("A", "B").rows);
    for secret in ["Zyxwvutia", "Qwertina", "1990", "UVCI", "HC1"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn french_and_a_sheet_that_is_no_specimen() {
    let Some(pdftotext) = tool("pdftotext", "poppler-utils") else { return };
    let look = Look { language: Language::FRENCH, ..Look::default() };
    let (press, shop) = (Press::new(look, Fonts::embedded().unwrap()).unwrap(), Shop::open());
    let mut sheet = sheet("Lefèvre", "Zoë");
    let print = |sheet: &Sheet, name: &str| {
        let file = press.print(std::slice::from_ref(sheet)).unwrap();
        run(&pdftotext, &["-raw", &shop.keep(name, &file), "-"])
    };
    let text = print(&sheet, "french.pdf");
    assert!(text.contains("Date de naissance") && text.contains("SPÉCIMEN – NON VALABLE"), "{text}");
    sheet.specimen = false;
    sheet.birth_date.clear();
    let text = print(&sheet, "valid.pdf");
    assert!(!text.contains("SPÉCIMEN") && text.contains("non renseignée"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_text_prints_or_is_refused(family in "\\PC{0,90}", given in "[A-Za-zÀ-ỹΑ-ωА-я' -]{0,90}", value in ".{0,120}") {
        let mut sheet = sheet(&family, &given);
        sheet.rows[0].value = Value::Text(value);
        let press = press();
        match press.print(std::slice::from_ref(&sheet)) {
            Ok(file) => prop_assert!(file.starts_with(b"%PDF-1.7")),
            Err(DocumentError::Pdf { reason }) => prop_assert!(false, "{}", reason),
            Err(_) => {}
        }
    }
}
