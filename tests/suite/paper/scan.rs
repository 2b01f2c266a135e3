//! Codes of every layout, read off the paper by decoders that know nothing of each other: zbar, rqrr, and the
//! program's own reader over rxing. Plain at every resolution, then as paper comes to a border.

use vaccert::{
    barcode::read::codes_in_picture,
    document::{Layout, PageSize},
};

use super::{Shop, order, press, run, sheet, tool};
use crate::distort::{Dice, Grey, square};
use crate::support::paper::rqrr_sees;

/// Where the code of a layout is: left, top, width and height in millimetres.
fn place(layout: Layout, size: PageSize) -> (u32, u32, u32, u32) {
    let (width, height) = if size == PageSize::A4 { (210, 297) } else { (216, 279) };
    if layout == Layout::Plain {
        (width - 90, 40, 90, 130)
    } else if layout == Layout::Yellow {
        (width - 92, 28, 92, 130)
    } else if layout == Layout::Fold {
        (width / 2 + 2, height / 2 + 2, width / 2 - 4, height / 2 - 4)
    } else {
        (width / 2 + 10, 8, width / 2 - 20, 80)
    }
}

/// That part of the page, painted by poppler.
fn painted(shop: &Shop, layout: Layout, size: PageSize, dpi: u32, file: &str) -> Option<Grey> {
    let pdftoppm = tool("pdftoppm", "poppler-utils")?;
    let (x, y, width, height) = place(layout, size);
    let pixels = |millimetres: u32| (millimetres * dpi * 10 / 254).to_string();
    let picture = shop.path(&format!("{}-{}-{dpi}", layout.name(), size.name()));
    let part = [("-x", x), ("-y", y), ("-W", width), ("-H", height)];
    let part: Vec<String> = part.iter().flat_map(|(name, value)| [(*name).to_owned(), pixels(*value)]).collect();
    let dpi = dpi.to_string();
    let mut arguments = vec!["-gray", "-singlefile", "-r", &dpi];
    arguments.extend(part.iter().map(String::as_str));
    arguments.extend([file, &picture]);
    run(&pdftoppm, &arguments);
    Some(pgm(&std::fs::read(format!("{picture}.pgm")).unwrap()))
}

pub(super) fn pgm(bytes: &[u8]) -> Grey {
    let mut parts = bytes.splitn(4, |byte| byte.is_ascii_whitespace());
    assert_eq!(parts.next().unwrap(), b"P5");
    let mut number = || String::from_utf8(parts.next().unwrap().to_vec()).unwrap().parse::<usize>().unwrap();
    let (width, height) = (number(), number());
    Grey { width, height, pixels: bytes[bytes.len() - width * height..].to_vec() }
}

pub(super) fn zbar_reads(shop: &Shop, name: &str, picture: &Grey) -> Option<String> {
    let zbarimg = tool("zbarimg", "zbar-tools")?;
    let file = shop.keep(&format!("{name}.png"), &picture.to_png());
    let output = std::process::Command::new(zbarimg)
        .args(["-q", "--raw", "-Sdisable", "-Sqrcode.enable", &file])
        .output()
        .unwrap();
    Some(String::from_utf8(output.stdout).unwrap().trim_end_matches('\n').to_owned())
}

pub(super) fn rxing_reads(picture: &Grey) -> Option<String> {
    let found = codes_in_picture(&picture.to_png()).ok()?;
    found.first().and_then(|found| found.text().map(str::to_owned))
}

/// The third, where the picture enlarged stays small enough for it.
fn rqrr_reads(picture: &Grey) -> Option<String> {
    let at = |x: usize, y: usize| {
        u32::from(picture.pixels[y.min(picture.height - 1) * picture.width + x.min(picture.width - 1)])
    };
    let times: Vec<usize> = [1, 4, 3].into_iter().filter(|times| picture.width * times <= 2_200).collect();
    rqrr_sees(picture.width, picture.height, &times, at)
}

#[test]
fn two_decoders_read_every_layout_at_every_resolution() {
    let shop = Shop::open();
    let mut blind = Vec::new();
    for layout in Layout::all() {
        for size in PageSize::all() {
            let sheet = sheet(layout, 541);
            let file = press().print_as(std::slice::from_ref(&sheet), &order(layout, size)).unwrap();
            let file = shop.keep(&format!("{}-{}.pdf", layout.name(), size.name()), &file);
            for dpi in [100, 150, 300] {
                let Some(picture) = painted(&shop, layout, size, dpi, &file) else { return };
                let what = format!("{} {} at {dpi} dpi", layout.name(), size.name());
                if let Some(text) = zbar_reads(&shop, "plain", &picture) {
                    assert_eq!(text, sheet.code, "zbar, {what}");
                }
                assert_eq!(rxing_reads(&picture).as_deref(), Some(sheet.code.as_str()), "rxing, {what}");
                if rqrr_reads(&picture).as_deref() != Some(sheet.code.as_str()) {
                    blind.push(what);
                }
            }
        }
    }
    // The third has its blind spots: it looks for patterns by whole pixels, whatever else is on the page.
    assert!(blind.len() <= 6, "rqrr, {blind:?}");
}

/// What happens to paper. A name, and the picture that a scanner at 300 dpi then makes.
fn fates(picture: &Grey) -> Vec<(&'static str, Grey)> {
    let mut dice = Dice::new(7);
    let (width, height) = (picture.width, picture.height);
    let side = width.max(height) as f32;
    let mut tilted = Grey::plain(side as usize + 60, side as usize + 60, 255);
    let middle = side / 2.0 + 30.0;
    let mut squared = Grey::plain(side as usize, side as usize, 255);
    for y in 0..height {
        squared.pixels[y * squared.width..][..width].copy_from_slice(&picture.pixels[y * width..][..width]);
    }
    tilted.lay(&squared, square(middle, middle, side, 2.0, 0.0, &mut dice), 0.0);
    // Toner that does not hold, and dust: one pixel of four hundred.
    let copied = picture.clone().lit(45.0, 223.0).map(|_, _, shade| match dice.word() % 800 {
        0 => 20.0,
        1 => 240.0,
        _ => shade,
    });
    let mut folded = picture.clone();
    fold(&mut folded);
    let mut all = tilted.clone().lit(45.0, 223.0);
    fold(&mut all);
    vec![
        ("blurred", picture.blurred(1.8)),
        ("turned by two degrees", tilted),
        ("photocopied", copied.blurred(0.7)),
        ("folded", folded),
        ("turned, folded and photocopied", all.blurred(1.0)),
    ]
}

/// A crease across the middle of the code: a line without toner, 0.4 mm wide, and a shadow beside it.
fn fold(picture: &mut Grey) {
    let (_, top, bottom) = extent(picture);
    let crease = (top + bottom) / 2 + 11;
    for y in crease..crease + 5 {
        picture.pixels[y * picture.width..][..picture.width].fill(250);
    }
    for y in crease + 5..crease + 11 {
        for pixel in &mut picture.pixels[y * picture.width..][..picture.width] {
            *pixel = (f32::from(*pixel) * 0.75) as u8;
        }
    }
}

/// Rows in which the symbol is: those with the most dark.
fn extent(picture: &Grey) -> (usize, usize, usize) {
    let dark = |y: usize| picture.pixels[y * picture.width..][..picture.width].iter().filter(|p| **p < 128).count();
    let rows: Vec<usize> = (0..picture.height).filter(|y| dark(*y) > picture.width / 6).collect();
    (rows.len(), rows[0], rows[rows.len() - 1])
}

#[test]
fn f35_two_decoders_read_what_was_folded_copied_and_laid_askew() {
    let shop = Shop::open();
    let mut missed = Vec::new();
    for layout in Layout::all() {
        let sheet = sheet(layout, 541);
        let file = press().print_as(std::slice::from_ref(&sheet), &order(layout, PageSize::A4)).unwrap();
        let file = shop.keep("worn.pdf", &file);
        let Some(picture) = painted(&shop, layout, PageSize::A4, 300, &file) else { return };
        for (number, (fate, picture)) in fates(&picture).into_iter().enumerate() {
            let what = format!("{}, {fate}", layout.name());
            assert_eq!(rxing_reads(&picture).as_deref(), Some(sheet.code.as_str()), "rxing, {what}");
            let name = format!("worn-{}-{number}", layout.name());
            if zbar_reads(&shop, &name, &picture).is_some_and(|text| text != sheet.code) {
                missed.push(what);
            }
        }
    }
    assert!(missed.is_empty(), "zbar: {missed:?}");
}

#[test]
fn paper_carries_the_densest_text_that_opens_to_the_same_signed_bytes() {
    let (mut shorter, mut all) = (0, 0);
    for country in ["ES", "UA", "FR", "SE", "LT"] {
        for number in 1..6 {
            let path = format!("vectors/eu-testdata/{country}/2DCode/raw/{number}.json");
            let Some(file) = crate::support::vectors::vectors(&path) else { continue };
            let case: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
            let Some(text) = case["PREFIX"].as_str().filter(|text| text.starts_with("HC1:")) else { continue };
            let dense = vaccert::document::paper_text(text);
            let opened = |text: &str| vaccert::envelope::hcert::from_text(text).unwrap().0;
            assert_eq!(opened(&dense), opened(text), "{path}");
            assert!(dense.len() <= text.len(), "{path}");
            all += 1;
            shorter += usize::from(dense.len() < text.len());
        }
    }
    assert!(all == 0 || shorter * 2 > all, "{shorter} of {all} got shorter");
    // It is what is printed, whatever the layout.
    let mut sheet = sheet(Layout::Fold, 541);
    sheet.code = crate::support::paper::signed();
    let dense = vaccert::document::paper_text(&sheet.code).into_owned();
    assert!(dense.len() < sheet.code.len());
    let file = press().print_as(&[sheet], &order(Layout::Fold, PageSize::A4)).unwrap();
    let shop = Shop::open();
    let Some(picture) = painted(&shop, Layout::Fold, PageSize::A4, 150, &shop.keep("dense.pdf", &file)) else { return };
    assert_eq!(rxing_reads(&picture), Some(dense));
}
