//! The paper in every layout, as printers, scanners and screen readers get it.

mod looks;
mod pdfa;
mod prints;
mod readers;
mod scan;
mod structure;

use jiff::civil::date;
use vaccert::document::{
    Fonts, Kind, Language, Layout, Look, Notice, Order, PageSize, Picture, Press, Row, Sheet, Signature, Value,
};

use crate::support::paper::{self, Shop, run, tool};

/// A drawn emblem: a ring with a cross.
fn emblem() -> Vec<u8> {
    let side = 240_i32;
    let pixel = |x: i32, y: i32| {
        let (dx, dy) = (x - side / 2, y - side / 2);
        let radius = dx * dx + dy * dy;
        let ring = (96 * 96..116 * 116).contains(&radius);
        let cross = radius < 80 * 80 && (dx.abs() < 22 || dy.abs() < 22);
        if ring || cross { [0x10, 0x5a, 0x3c] } else { [0xff; 3] }
    };
    let pixels: Vec<u8> = (0..side * side).flat_map(|at| pixel(at % side, at / side)).collect();
    png(&pixels, side as u32, side as u32)
}

/// A drawn signature: waves.
fn hand() -> Vec<u8> {
    let (width, height) = (360_i32, 100_i32);
    let pixel = |x: i32, y: i32| {
        let t = f64::from(x) / 18.0;
        let line = 50.0 + 30.0 * (t.sin() * (1.0 - f64::from(x) / 500.0) + 0.3 * (2.7 * t).cos());
        if (f64::from(y) - line).abs() < 3.0 { [0x14, 0x1c, 0x50] } else { [0xff; 3] }
    };
    let pixels: Vec<u8> = (0..width * height).flat_map(|at| pixel(at % width, at / width)).collect();
    png(&pixels, width as u32, height as u32)
}

fn png(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(pixels).unwrap();
    file
}

/// A ministry that uses everything.
fn look() -> Look {
    Look {
        ministry: vec![
            (Language::ENGLISH, "Ministry of Health of the Republic of Examplia".into()),
            (Language::FRENCH, "Ministère de la santé de la République d’Examplie".into()),
        ],
        emblem: Some(Picture::read(&emblem()).unwrap()),
        signature: Some(Signature {
            picture: Picture::read(&hand()).unwrap(),
            name: "Dr. Maria Exemplaria".into(),
            office: "Director of Public Health".into(),
        }),
        address: Some("verify.health.example".into()),
        ..Look::default()
    }
}

/// One press with that look for all.
fn press() -> &'static Press {
    static PRESS: std::sync::LazyLock<Press> =
        std::sync::LazyLock::new(|| Press::new(look(), Fonts::embedded().unwrap()).unwrap());
    &PRESS
}

/// A sheet that the layout takes.
fn sheet(layout: Layout, characters: usize) -> Sheet {
    let mut sheet = paper::sheet("Müller-Lüdenscheidt", "Anna Zoë Françoise");
    (sheet.family_std, sheet.given_std) = ("MUELLER<LUEDENSCHEIDT".into(), "ANNA<ZOE<FRANCOISE".into());
    sheet.code = paper::code(characters);
    if layout != Layout::Yellow {
        return sheet;
    }
    let row = |field, value: &str| Row { field, value: Value::Text(value.into()) };
    let annex = vaccert::payload::icvp::annex_6(vaccert::payload::icvp::AnnexLanguage::English).0;
    Sheet {
        kind: Kind::YellowCard,
        subject: "Yellow fever".into(),
        issuer: "Examplia (XXA)".into(),
        country: String::new(),
        name: "MUELLER-LUEDENSCHEIDT Anna Zoe".into(),
        family: String::new(),
        given: String::new(),
        family_std: String::new(),
        given_std: String::new(),
        rows: vec![
            row("condition", "Yellow fever"),
            row("annex-vaccine", "STAMARIL, 10 doses"),
            row("maker", "Sanofi Pasteur"),
            row("lot", "X2471"),
            row("date", "2026-01-15"),
            row("valid-from", "2026-01-25"),
            Row { field: "valid-until", value: Value::Word { word: "life", code: String::new() } },
            row("clinician", "Dr. Jean Exemplaire"),
            row("authority", "Examplia (XXA)"),
            row("nationality", "Examplia (XXA)"),
            Row { field: "sex", value: Value::Word { word: "female", code: String::new() } },
            row("document", "P1234567 (PPN)"),
            row("signed-until", "2027-01-15"),
        ],
        notices: vec![Notice { language: Language::ENGLISH, text: annex }],
        issued: date(2026, 1, 15),
        ..sheet
    }
}

fn order(layout: Layout, size: PageSize) -> Order {
    Order { layout: Some(layout), size: Some(size), languages: Some((Language::ENGLISH, Some(Language::FRENCH))) }
}
