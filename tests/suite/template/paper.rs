//! What comes out of the printer: read, painted and scanned by other programs.

use proptest::prelude::*;
use vaccert::document::{
    DocumentError, Fonts, Kind, Language, Layout, Look, Order, Press, Sheet, Value,
    template::{Template, Templates, print},
};

use super::{Desk, SMALL, example, fonts, made::*};
use crate::support::{
    cost::worked,
    paper::{self, Shop, rqrr_sees, run, sheet, tool},
};

/// The example, as a picture and as it is.
fn examples() -> [(&'static str, Template); 2] {
    let background = std::fs::read(example().with_file_name("background.pdf")).unwrap();
    let template = std::fs::read_to_string(example()).unwrap();
    let vector = Desk::new(&background, &template.replace("drawn = \"picture\"", "drawn = \"vector\""));
    [("picture", Template::load(&example()).unwrap()), ("vector", vector.load())]
}

fn printed(template: &Template, sheet: &Sheet) -> Vec<u8> {
    print(fonts(), &[(template, sheet)]).unwrap_or_else(|error| panic!("{error}"))
}

/// Shades of grey of a page as poppler paints it.
struct Painted {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

fn painted(file: &str, picture: &str, dpi: u32, page: u32) -> Option<Painted> {
    let pdftoppm = tool("pdftoppm", "poppler-utils")?;
    let (dpi, page) = (dpi.to_string(), page.to_string());
    run(&pdftoppm, &["-gray", "-singlefile", "-f", &page, "-r", &dpi, file, picture]);
    let bytes = std::fs::read(format!("{picture}.pgm")).unwrap();
    let head: Vec<usize> = String::from_utf8_lossy(&bytes[..20])
        .split_ascii_whitespace()
        .skip(1)
        .take(2)
        .map(|number| number.parse().unwrap())
        .collect();
    let pixels = bytes[bytes.len() - head[0] * head[1]..].to_vec();
    Some(Painted { width: head[0], height: head[1], pixels })
}

/// What rqrr reads in a box of a page, enlarged as a scanner does.
fn rqrr_reads(page: &Painted, (x, y, side): (f32, f32, f32), dpi: u32) -> Option<String> {
    let dots = |mm: f32| (mm / 25.4 * dpi as f32) as usize;
    let (left, top, side) = (dots(x), dots(y), dots(side));
    let at = |x: usize, y: usize| {
        u32::from(page.pixels[(top + y).min(page.height - 1) * page.width + (left + x).min(page.width - 1)])
    };
    rqrr_sees(side, side, &[1, 4, 3, 5, 6], at)
}

#[test]
fn what_is_printed_comes_back_as_text_and_is_described() {
    let Some(pdftotext) = tool("pdftotext", "poppler-utils") else { return };
    let shop = Shop::open();
    for (mode, template) in examples() {
        let mut sheet = sheet("Nguyễn Phước", "Thị Minh Khai");
        sheet.specimen = false;
        let file = printed(&template, &sheet);
        let path = shop.keep(&format!("template-{mode}.pdf"), &file);
        let text = run(&pdftotext, &["-enc", "UTF-8", "-raw", &path, "-"]);
        for line in [
            "Nguyễn Phước",
            "Thị Minh Khai",
            "NGUYEN<THI",
            "MINH<KHAI",
            "01.05.1990",
            "Comirnaty (EU/1/20/1528)",
            "15.06.2021",
            "2 of 2",
            "21.11.2026",
            "URN:UVCI:01:XX:5CWTU0C3YXDJ2TEK9HK6HXYMB#N",
        ] {
            assert!(text.contains(line), "{mode}: {line} is not in:\n{text}");
        }
        assert!(!text.contains("SPECIMEN"));
        assert_eq!(printed(&template, &sheet), file, "{mode}: the same bytes");

        let raw = String::from_utf8_lossy(&file);
        let archive = mode == "picture";
        // The title in the window is asked for by PDF/UA; the library writes it for such files alone.
        let of_archives = ["<pdfaid:part>2</pdfaid:part>", "<pdfuaid:part>1</pdfuaid:part>", "/DisplayDocTitle true"];
        for needle in of_archives {
            assert_eq!(raw.contains(needle), archive, "{mode}: {needle}");
        }
        for needle in ["/MarkInfo", "/StructTreeRoot", "/Lang(en)", "/Figure", "Certificate of vaccination"] {
            assert!(raw.contains(needle), "{mode}: {needle}");
        }
        let Some(pdfinfo) = tool("pdfinfo", "poppler-utils") else { continue };
        let info = run(&pdfinfo, &[&path]);
        for needle in
            ["Tagged:          yes", "Pages:           1", "(A4)", "Title:           Certificate of vaccination"]
        {
            assert!(info.contains(needle), "{mode}: {needle} is not in:\n{info}");
        }
        // Reading order: the background's words, then as the template's file has them; labels are spoken.
        let structure = run(&pdfinfo, &["-struct-text", &path]);
        let order =
            ["Figure", "Nguyễn", "Thị Minh", "NGUYEN<THI", "01.05.1990", "Figure", "Comirnaty", "2 of 2", "URN:UVCI"];
        let mut from = 0;
        for needle in order {
            let at =
                structure[from..].find(needle).unwrap_or_else(|| panic!("{mode}: {needle} is not next:\n{structure}"));
            from += at + needle.len();
        }
        for spoken in ["Republic of Examplia, Ministry of Health", "QR code with the signed certificate: URN:UVCI"] {
            let utf16: Vec<u8> =
                [0xfe, 0xff].into_iter().chain(spoken.encode_utf16().flat_map(u16::to_be_bytes)).collect();
            let hex: String = utf16.iter().map(|byte| format!("{byte:02X}")).collect();
            let there = raw.contains(&format!("({spoken}")) || raw.to_uppercase().contains(&hex);
            assert!(there, "{mode}: {spoken} is no alternative text");
        }
    }
}

#[test]
fn two_decoders_read_the_code_over_a_busy_background() {
    let (Some(_), zbarimg) = (tool("pdftoppm", "poppler-utils"), tool("zbarimg", "zbar-tools")) else { return };
    let shop = Shop::open();
    let busy = pdf(&[PageMade::plain(595.276, 841.89, &busy(595.276, 841.89))], Index::Table);
    for drawn in ["picture", "vector"] {
        let template = Desk::new(&busy, &format!("drawn = \"{drawn}\"\ndots = 150\n{SMALL}")).load();
        for characters in [300, 541, 1_038] {
            let mut sheet = sheet("Müller", "Anna");
            sheet.code = paper::code(characters);
            let file = shop.keep(&format!("busy-{drawn}-{characters}.pdf"), &printed(&template, &sheet));
            // As fine as a printer for the measures of the symbol, which do not depend on how the background is drawn.
            let fine = if drawn == "vector" || characters == 541 { &[100, 150, 300][..] } else { &[100, 150] };
            for dpi in fine.iter().copied() {
                let picture = shop.path(&format!("busy-{drawn}-{characters}-{dpi}"));
                let page = painted(&file, &picture, dpi, 1).unwrap();
                let what = format!("{drawn}, {characters} characters at {dpi} dpi");
                if dpi == 300 {
                    the_square_is_white_and_the_symbol_has_its_size(&page, &sheet.code, &what);
                    continue;
                }
                if let Some(zbarimg) = &zbarimg {
                    let read =
                        run(zbarimg, &["-q", "--raw", "-Sdisable", "-Sqrcode.enable", &format!("{picture}.pgm")]);
                    assert_eq!(read.trim_end_matches('\n'), sheet.code, "zbar, {what}");
                }
                // Fewer than two dots of the screen a module are too few for rqrr, in any square that gives them.
                if characters > 1_000 && dpi == 100 {
                    continue;
                }
                let read = rqrr_reads(&page, (130.0, 30.0, 54.0), dpi);
                assert_eq!(read.as_deref(), Some(sheet.code.as_str()), "rqrr, {what}");
            }
        }
    }
}

/// Specimens as a clerk prints them, with the code anywhere between the dots of the printer.
#[test]
fn f35_every_specimen_is_read_wherever_its_square_stands() {
    let (Some(_), Some(zbarimg)) = (tool("pdftoppm", "poppler-utils"), tool("zbarimg", "zbar-tools")) else { return };
    let shop = Shop::open();
    // A whole number of dots neither across nor down, as forms of other programs are.
    let background = pdf(&[PageMade::plain(595.276, 841.89, "")], Index::Table);
    let dot = 25.4 / 300.0;
    let (mut count, mut unread) = (0, Vec::new());
    for (side, characters) in [(46, 541), (52, 541), (54, 600), (62, 541)] {
        for (right, down) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.4, 1.6)] {
            let place = format!("x = {}\ny = {}\nsize = {side}", 128.0 + right * dot, 30.0 + down * dot);
            let template = SMALL.replace("x = 130\ny = 30\nsize = 54", &place);
            let template = Desk::new(&background, &format!("drawn = \"vector\"\n{template}")).load();
            let mut sheet = sheet("Müller", "Anna");
            // Other codes have other patterns; a few are harder to find.
            let salt = format!("{count:03}");
            sheet.code = format!("HC1:{salt}{}", &paper::code(characters)[7..]);
            let file = shop.keep("anywhere.pdf", &printed(&template, &sheet));
            for dpi in [100, 150, 200] {
                // A code of 85 modules in 46 mm has less than two pixels a module on a screen of 100 dpi.
                if dpi == 100 && side == 46 {
                    continue;
                }
                count += 1;
                let picture = shop.path("anywhere");
                painted(&file, &picture, dpi, 1).unwrap();
                let read = run_or_nothing(&zbarimg, &format!("{picture}.pgm"));
                if read.trim_end_matches('\n') != sheet.code {
                    unread.push((side, right, down, dpi));
                }
            }
        }
    }
    assert!(unread.is_empty(), "{} of {count} were not read: {unread:?}", unread.len());
}

/// What zbar reads; nothing where it sees no code, which it says by its exit.
fn run_or_nothing(zbarimg: &std::path::Path, picture: &str) -> String {
    let ran = std::process::Command::new(zbarimg)
        .args(["-q", "--raw", "-Sdisable", "-Sqrcode.enable", picture])
        .output()
        .unwrap();
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

#[test]
fn days_are_written_as_the_template_asks() {
    let Some(pdftotext) = tool("pdftotext", "poppler-utils") else { return };
    let background = pdf(&[PageMade::plain(595.276, 841.89, "")], Index::Table);
    let shop = Shop::open();
    for (form, expected) in [
        ("", "1990-05-01"),
        ("date = \"iso\"", "1990-05-01"),
        ("date = \"DD/MM/YYYY\"", "01/05/1990"),
        ("date = \"long\"", "1 May 1990"),
        ("date = \"long\"\nlanguage = \"fr\"", "1er mai 1990"),
        ("date = \"long\"\nlanguage = \"vi\"", &Language::of_tag("vi").unwrap().date(jiff::civil::date(1990, 5, 1))),
    ] {
        let template = SMALL.replace("name = \"birth_date\"\n", &format!("name = \"birth_date\"\n{form}\n"));
        let template = Desk::new(&background, &format!("drawn = \"vector\"\n{template}")).load();
        let file = shop.keep("days.pdf", &printed(&template, &sheet("Müller", "Anna")));
        let text = run(&pdftotext, &["-enc", "UTF-8", "-raw", &file, "-"]);
        assert!(text.lines().any(|line| line == expected), "{form}: {expected} is not in:\n{text}");
    }
}

/// On a page of 300 dpi with the square of [`SMALL`].
fn the_square_is_white_and_the_symbol_has_its_size(page: &Painted, code: &str, what: &str) {
    let dots = |mm: f32| (mm / 25.4 * 300.0) as usize;
    let (left, top, side) = (dots(130.0), dots(30.0), dots(54.0));
    let dark = |x: usize, y: usize| page.pixels[y * page.width + x] < 128;
    let rows: Vec<usize> = (top..top + side).filter(|y| (left..left + side).any(|x| dark(x, *y))).collect();
    let columns: Vec<usize> = (left..left + side).filter(|x| (top..top + side).any(|y| dark(*x, y))).collect();
    let (first_row, last_row) = (rows[0], *rows.last().unwrap());
    let (first, last) = (columns[0], *columns.last().unwrap());
    let (wide, high) = (last - first + 1, last_row - first_row + 1);
    assert!(wide.abs_diff(high) <= 2, "{what}: {wide} by {high} dots");
    let mm = wide as f32 / 300.0 * 25.4;
    assert!((39.9..=60.1).contains(&mm), "{what}: {mm} mm");
    let (modules, level) = [vaccert::barcode::Level::PAPER, vaccert::barcode::Level::M]
        .into_iter()
        .map(|level| (vaccert::barcode::Qr::encode(code, level).unwrap().size(), level))
        .find(|(modules, _)| wide.div_ceil(*modules) * modules - wide <= 3 || wide % modules <= 3)
        .unwrap_or_else(|| panic!("{what}: {wide} dots are no whole dots a module"));
    let module = (wide + modules / 2) / modules;
    assert!(module >= 5, "{what}: modules of {module} dots at level {level:?}");
    let quiet = 4 * module - 2;
    for (edge, room) in [
        (first - left, "left"),
        (left + side - 1 - last, "right"),
        (first_row - top, "top"),
        (top + side - 1 - last_row, "bottom"),
    ] {
        assert!(edge >= quiet, "{what}: {edge} dots of quiet zone at the {room}, and {quiet} are needed");
    }
    let light = (top + 2..top + side - 2).all(|y| {
        (left + 2..left + side - 2)
            .filter(|x| *x + 3 < first || *x > last + 3 || y + 3 < first_row || y > last_row + 3)
            .all(|x| page.pixels[y * page.width + x] > 250)
    });
    assert!(light, "{what}: the background shows in the quiet zone");
}

/// The visible page, portrait A4: where a mark of 10 mm stands on it, in millimetres from the top left corner.
const MARK: (f32, f32) = (20.0, 250.0);

/// Pages that look the same and are made differently: turned, cut out, with corners elsewhere.
fn same_pages() -> Vec<(&'static str, PageMade)> {
    let mm = 72.0 / 25.4;
    let (wide, high) = (210.0 * mm, 297.0 * mm);
    // A box that is seen at these points from the top left, in the page's own coordinates.
    let page = |rotate: i32, origin: (f32, f32), cut: f32| {
        let (x0, y0, x1, y1) = (MARK.0 * mm, MARK.1 * mm, (MARK.0 + 10.0) * mm, (MARK.1 + 10.0) * mm);
        let own = |x: f32, y: f32| match rotate.rem_euclid(360) {
            90 => (y, x),
            180 => (wide - x, y),
            270 => (high - y, wide - x),
            _ => (x, high - y),
        };
        let ((ax, ay), (bx, by)) = (own(x0, y0), own(x1, y1));
        let (own_wide, own_high) = if rotate % 180 == 0 { (wide, high) } else { (high, wide) };
        let (ox, oy) = origin;
        let crop = [ox, oy, ox + own_wide, oy + own_high];
        let media = [ox - cut, oy - cut, ox + own_wide + cut, oy + own_high + cut];
        let content =
            format!("0 g {} {} {} {} re f", ox + ax.min(bx), oy + ay.min(by), (ax - bx).abs(), (ay - by).abs());
        PageMade { media, crop: (cut > 0.0).then_some(crop), rotate, content, resources: String::new() }
    };
    vec![
        ("plain", page(0, (0.0, 0.0), 0.0)),
        ("origin elsewhere", page(0, (-300.0, 120.0), 0.0)),
        ("cut out", page(0, (36.0, 54.0), 30.0)),
        ("turned", page(90, (0.0, 0.0), 0.0)),
        ("turned and cut out", page(90, (40.0, -20.0), 25.0)),
        ("on its head", page(180, (10.0, 10.0), 12.0)),
        ("turned back", page(270, (-5.0, 60.0), 8.0)),
        ("turned by a negative angle", page(-90, (0.0, 0.0), 0.0)),
    ]
}

#[test]
fn backgrounds_lie_as_they_are_seen_however_they_are_made() {
    if tool("pdftoppm", "poppler-utils").is_none() {
        return;
    }
    let shop = Shop::open();
    let pages = same_pages();
    for index in [Index::Table, Index::Stream] {
        for drawn in ["picture", "vector"] {
            // One file with all of them: also what a page of several is.
            let made: Vec<PageMade> = pages.iter().map(|(_, page)| page.clone()).collect();
            let last = format!(
                "[[field]]\nname = \"lot\"\npage = {}\nx = 100\ny = 100\nwidth = 50\nheight = 9\noptional = true\n",
                made.len()
            );
            let template =
                Desk::new(&pdf(&made, index), &format!("drawn = \"{drawn}\"\ndots = 150\n{SMALL}{last}")).load();
            let mut sheet = sheet("Müller", "Anna");
            sheet.specimen = false;
            sheet.rows.push(vaccert::document::Row { field: "lot", value: Value::Text("LAST-PAGE-77".into()) });
            let file = shop.keep(&format!("same-{index:?}-{drawn}.pdf"), &printed(&template, &sheet));
            for (number, (name, _)) in pages.iter().enumerate() {
                let what = format!("{name}, {drawn}, {index:?}");
                let page = painted(&file, &shop.path("same"), 50, number as u32 + 1).unwrap();
                assert!(
                    page.width.abs_diff(413) <= 1 && page.height.abs_diff(585) <= 1,
                    "{what}: {} by {}",
                    page.width,
                    page.height
                );
                let at =
                    |x: f32, y: f32| page.pixels[(y / 25.4 * 50.0) as usize * page.width + (x / 25.4 * 50.0) as usize];
                assert!(at(MARK.0 + 5.0, MARK.1 + 5.0) < 40, "{what}: the mark is not where it is seen");
                for (dx, dy) in [(-3.0, 5.0), (13.0, 5.0), (5.0, -3.0), (5.0, 13.0)] {
                    assert!(at(MARK.0 + dx, MARK.1 + dy) > 215, "{what}: something stands beside the mark");
                }
            }
            let Some(pdftotext) = tool("pdftotext", "poppler-utils") else { continue };
            let number = pages.len().to_string();
            let text = run(&pdftotext, &["-f", &number, &file, "-"]);
            assert!(text.contains("LAST-PAGE-77"), "{drawn}: {text}");
            assert!(run(&pdftotext, &["-l", "1", &file, "-"]).contains("Müller"));
        }
    }
}

/// Every word of a page with its box in millimetres.
fn words(file: &str) -> Option<Vec<(String, [f32; 4])>> {
    let text = run(&tool("pdftotext", "poppler-utils")?, &["-bbox", file, "-"]);
    let value = |line: &str, key: &str| -> f32 {
        let (_, rest) = line.split_once(&format!("{key}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse::<f32>().unwrap() / 72.0 * 25.4
    };
    let words = text.lines().filter(|line| line.trim_start().starts_with("<word"));
    Some(
        words
            .map(|line| {
                let word = line.split_once('>').unwrap().1.split("</word>").next().unwrap().to_owned();
                (word, ["xMin", "yMin", "xMax", "yMax"].map(|key| value(line, key)))
            })
            .collect(),
    )
}

#[test]
fn long_names_stay_in_their_boxes_or_are_refused_by_name() {
    let shop = Shop::open();
    let background = pdf(&[PageMade::plain(595.276, 841.89, "")], Index::Table);
    let template = Desk::new(&background, &SMALL.replace("size = 14", "size = 14\nsmallest = 6")).load();
    for (name, family, given) in paper::people() {
        let mut sheet = sheet(&family, &given);
        sheet.specimen = false;
        let file = match print(fonts(), &[(&template, &sheet)]) {
            Ok(file) => shop.keep(&format!("boxes-{name}.pdf"), &file),
            Err(DocumentError::Box { field, .. }) => {
                // Eighty of the widest letters at 6 points have 43 cm, and the box four lines of nine.
                assert_eq!((name, field), ("unbroken", "family"));
                continue;
            }
            Err(error) => panic!("{name}: {error}"),
        };
        let Some(words) = words(&file) else { return };
        assert!(words.len() >= 4, "{words:?}");
        for (word, [left, _, right, _]) in &words {
            assert!(*left >= 19.5 && *right <= 110.5, "{name}: {word} reaches from {left} to {right} mm");
        }
        for (part, top, bottom) in [(&family, 30.0, 42.0), (&given, 45.0, 57.0)] {
            let inside: String = words
                .iter()
                // Poppler's boxes are those of the font, which reach further than the ink.
                .filter(|(_, [_, from, _, to])| (from + to) / 2.0 >= top && (from + to) / 2.0 <= bottom)
                .map(|(word, _)| word.replace("&apos;", "'").replace("&lt;", "<").replace("&amp;", "&"))
                .collect();
            let squeezed: String = part.split_whitespace().collect();
            assert_eq!(inside, squeezed, "{name}");
        }
    }
    // A box that is too small is named, and nothing is printed.
    let narrow =
        Desk::new(&background, &SMALL.replace("width = 90\nheight = 12\nsize = 14", "width = 25\nheight = 6")).load();
    let error = print(fonts(), &[(&narrow, &sheet(&"Wolfeschlegel".repeat(6), "Anna"))]).err().unwrap();
    assert_eq!(error, DocumentError::Box { field: "family", smallest: "7".into() });
    assert!(!error.to_string().contains("Wolfe"));
}

#[test]
fn what_a_certificate_lacks_is_left_out_where_allowed_and_named_otherwise() {
    let background = pdf(&[PageMade::plain(595.276, 841.89, "")], Index::Table);
    let lot = "[[field]]\nname = \"lot\"\nx = 20\ny = 200\nwidth = 60\nheight = 9\nprefix = \"Lot \"\n";
    let person = sheet("Müller", "Anna");
    let needed = Desk::new(&background, &format!("{SMALL}{lot}")).load();
    assert_eq!(print(fonts(), &[(&needed, &person)]).err().unwrap(), DocumentError::Lacking { field: "lot" });
    let optional = Desk::new(&background, &format!("{SMALL}{lot}optional = true\n")).load();
    let without = printed(&optional, &person);
    let mut with = person.clone();
    with.rows.push(vaccert::document::Row { field: "lot", value: Value::Text("AB-77".into()) });
    let with = printed(&optional, &with);
    assert_ne!(with, without);
    let Some(pdftotext) = tool("pdftotext", "poppler-utils") else { return };
    let shop = Shop::open();
    assert!(run(&pdftotext, &[&shop.keep("with.pdf", &with), "-"]).contains("Lot AB-77"));
    assert!(!run(&pdftotext, &[&shop.keep("without.pdf", &without), "-"]).contains("Lot"));

    // One name alone is a name; no name and no identifier is no certificate.
    let mut sheet = person;
    sheet.given.clear();
    printed(&optional, &sheet);
    sheet.family = " ".into();
    assert_eq!(print(fonts(), &[(&optional, &sheet)]).err().unwrap(), DocumentError::Empty { field: "family" });
    sheet.family = "Müller".into();
    sheet.id.clear();
    assert_eq!(print(fonts(), &[(&optional, &sheet)]).err().unwrap(), DocumentError::Empty { field: "id" });
    // A birth date that nobody knows is said to be so.
    sheet.id = "URN:1".into();
    sheet.birth_date.clear();
    let text = run(&pdftotext, &[&shop.keep("unknown.pdf", &printed(&optional, &sheet)), "-"]);
    assert!(text.contains("not recorded"), "{text}");
}

#[test]
fn each_kind_has_its_template_and_several_certificates_are_one_file() {
    let [(_, picture), (_, vector)] = examples();
    let mut templates = Templates::default();
    assert!(templates.is_empty() && templates.of(Kind::Test).is_none());
    templates.add(Some(Kind::YellowCard), vector);
    assert!(templates.of(Kind::Vaccination).is_none());
    let card = Sheet { kind: Kind::YellowCard, ..sheet("Müller", "Anna") };
    assert!(templates.print(fonts(), &[card.clone(), sheet("Müller", "Anna")]).is_none(), "no template for all");
    templates.add(None, picture);
    assert!(templates.of(Kind::Vaccination).unwrap().archivable());
    assert!(!templates.of(Kind::YellowCard).unwrap().archivable());
    let sheets = [sheet("Müller", "Anna"), card, sheet("Nguyễn", "Khai")];
    let file = templates.print(fonts(), &sheets).unwrap().unwrap();
    // A picture of the background is in the file once, however many certificates it has.
    let one = templates.print(fonts(), &sheets[..1]).unwrap().unwrap();
    let two = templates.print(fonts(), &[sheets[0].clone(), sheets[2].clone()]).unwrap().unwrap();
    assert!(two.len() < one.len() + 60_000, "{} and {}", one.len(), two.len());
    let Some(pdftotext) = tool("pdftotext", "poppler-utils") else { return };
    let shop = Shop::open();
    let path = shop.keep("several.pdf", &file);
    for (page, name) in [("1", "Müller"), ("2", "Müller"), ("3", "Nguyễn")] {
        let text = run(&pdftotext, &["-raw", "-f", page, "-l", page, &path, "-"]);
        assert!(text.contains(name), "{page}: {text}");
        // The word across the page comes back letter by letter, for it is turned.
        let squeezed: String = text.split_whitespace().collect();
        assert!(squeezed.contains("SPECIMEN"), "{page}: {text}");
    }
    // Screen readers say it as one word, once for each certificate of each kind.
    if let Some(pdfinfo) = tool("pdfinfo", "poppler-utils") {
        let structure = run(&pdfinfo, &["-struct-text", &path]);
        assert_eq!(structure.matches("SPECIMEN").count(), 3, "{structure}");
    }
    assert!(!format!("{templates:?}").contains("Müller"));
}

#[test]
fn the_press_prints_on_it_unless_somebody_orders_a_layout() {
    let Some(pdfinfo) = tool("pdfinfo", "poppler-utils") else { return };
    let a3 = pdf(&[PageMade::plain(1190.55, 841.89, "")], Index::Table);
    let template = || Desk::new(&a3, &format!("drawn = \"vector\"\n{SMALL}")).load();
    let press = |kind| {
        let mut templates = Templates::default();
        templates.add(kind, template());
        Press::new(Look { templates, ..Look::default() }, Fonts::embedded().unwrap()).unwrap()
    };
    let shop = Shop::open();
    let sheets = [sheet("Müller", "Anna")];
    let is_a3 = |file: &[u8]| run(&pdfinfo, &[&shop.keep("pressed.pdf", file)]).contains("(A3)");
    assert!(is_a3(&press(None).print(&sheets).unwrap()));
    let order = Order { layout: Some(Layout::Plain), ..Order::default() };
    assert!(!is_a3(&press(None).print_as(&sheets, &order).unwrap()), "a layout that somebody orders comes first");
    assert!(!is_a3(&press(Some(Kind::Test)).print(&sheets).unwrap()), "other kinds are printed as the look says");
}

#[test]
fn a_template_is_printed_fast_and_small_enough() {
    for (mode, template) in examples() {
        let person = sheet("Müller", "Anna");
        let bytes = printed(&template, &person).len();
        let each = (0..5).map(|_| worked(|| printed(&template, &person)).1).min().unwrap();
        println!("{mode}: {bytes} bytes, {each:?} each");
        assert!(bytes < 1_500_000, "{mode}: {bytes} bytes");
        assert!(each.as_millis() < 800, "{mode}: {each:?} each");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_text_prints_or_is_refused(family in "\\PC{0,90}", given in "[A-Za-zÀ-ỹΑ-ωА-я' -]{0,90}", value in ".{0,120}") {
        static TEMPLATE: std::sync::LazyLock<Template> = std::sync::LazyLock::new(|| {
            let page = PageMade::plain(595.276, 841.89, "");
            Desk::new(&pdf(&[page], Index::Table), &format!("drawn = \"vector\"\n{SMALL}")).load()
        });
        let mut sheet = sheet(&family, &given);
        sheet.id = format!("URN:{value}");
        match print(fonts(), &[(&TEMPLATE, &sheet)]) {
            Ok(file) => prop_assert!(file.starts_with(b"%PDF-1.7")),
            Err(DocumentError::Pdf { reason }) => prop_assert!(false, "{}", reason),
            Err(_) => {}
        }
    }
}
