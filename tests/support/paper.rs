//! Sheets of invented people, and the printer's shop: programs that read a PDF with eyes other than ours.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use jiff::civil::date;
use vaccert::document::{Kind, Press, Row, Sheet, Value};

/// Text as long as the median real certificate, and as random.
pub fn code(characters: usize) -> String {
    let alphabet: Vec<char> = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".chars().collect();
    let mut state = 7_u64;
    let mut code = "HC1:".to_owned();
    while code.len() < characters {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        code.push(alphabet[(state >> 33) as usize % alphabet.len()]);
    }
    code
}

/// The text of a certificate that nobody signed, as long as the median real one: it opens, and can be packed.
pub fn signed() -> String {
    let claims = r#"{"v":[{"ci":"URN:UVCI:01:XX:5CWTU0C3YXDJ2TEK9HK6HXYMB#N","co":"XX","dn":2,"dt":"2021-06-15","is":
        "Ministry of Health","ma":"ORG-100030215","mp":"EU/1/20/1528","sd":2,"tg":"840539006","vp":"1119349007"}],"dob":
        "1990-05-01","nam":{"fn":"Müller","gn":"Anna","fnt":"MUELLER","gnt":"ANNA"},"ver":"1.3.0"}"#;
    let content: String = claims.split('\n').map(str::trim).collect();
    let kid = vaccert::keys::Kid::new([1, 2, 3, 4, 5, 6, 7, 8]);
    let message = vaccert::envelope::hcert::ToBeSigned::new(vaccert::keys::Algorithm::Es256, &kid, content.into());
    let signature: Vec<u8> = code(260).bytes().skip(4).map(|byte| byte.wrapping_mul(151)).take(64).collect();
    vaccert::envelope::hcert::to_text(&message.finish(&signature))
}

/// A complete sheet for a person with these names.
pub fn sheet(family: &str, given: &str) -> Sheet {
    let row = |field, value: &str| Row { field, value: Value::Text(value.into()) };
    Sheet {
        kind: Kind::Vaccination,
        subject: "COVID-19".into(),
        issuer: "Ministry of Health of the Republic of Examplia".into(),
        country: "XX".into(),
        name: String::new(),
        family: family.into(),
        given: given.into(),
        family_std: "NGUYEN<THI".into(),
        given_std: "MINH<KHAI".into(),
        birth_date: "1990-05-01".into(),
        rows: vec![
            Row { field: "dose", value: Value::Dose { dose: 2, total: 2 } },
            row("date", "2021-06-15"),
            row("vaccine", "Comirnaty (EU/1/20/1528)"),
            row("prophylaxis", "SARS-CoV-2 mRNA vaccine (1119349007)"),
            row("holder", "Biontech Manufacturing GmbH (ORG-100030215)"),
            row("disease", "COVID-19 (840539006)"),
            row("country", "Examplia (XX)"),
            row("issuer", "Ministry of Health of the Republic of Examplia"),
            row("expires", "2027-11-21"),
        ],
        id: "URN:UVCI:01:XX:5CWTU0C3YXDJ2TEK9HK6HXYMB#N".into(),
        notices: Vec::new(),
        code: code(541),
        archive: None,
        issued: date(2026, 11, 21),
        specimen: true,
    }
}

/// Names that try the layout: the scripts drawn, and the longest legal ones.
pub fn people() -> Vec<(&'static str, String, String)> {
    let text = str::to_owned;
    vec![
        ("latin", text("Müller-Lüdenscheidt"), text("Anna Zoë Françoise")),
        ("vietnamese", text("Nguyễn Phước Đặng"), text("Thị Minh Khai Ẩn Ở Ữ")),
        ("cyrillic", text("Достоевская-Щукина"), text("Єлизавета Їжакевич Ђорђе")),
        ("greek", text("Παπαδοπούλου-Ἀχιλλέως"), text("Ευαγγελία Χαρίκλεια")),
        ("decomposed", text("Nguye\u{302}\u{303}n"), text("Ame\u{301}lie")),
        ("mixed", text("Иванова (Ivanova)"), text("Ольга O’Hara 3rd")),
        (
            "long",
            "Wolfeschlegelsteinhausenbergerdorff Schwarzenbergischer Wattenscheidt-Mümmelmannow"
                .chars()
                .take(80)
                .collect(),
            "Maria Magdalena Wilhelmine Mathilde Hieronyma Kunigunde Annegret Walburga Würmle"
                .chars()
                .take(80)
                .collect(),
        ),
        ("unbroken", "W".repeat(80), "Ẫ".repeat(80)),
    ]
}

/// One press for all, as a program has.
pub fn press() -> &'static Press {
    static PRESS: std::sync::LazyLock<Press> = std::sync::LazyLock::new(|| Press::standard().unwrap());
    &PRESS
}

/// The program `name`, if it is on this machine. Where everything must be tested (`CI`, `VACCERT_FULL`) its
/// absence is a failure; elsewhere the test says what it did not look at.
pub fn tool(name: &str, package: &str) -> Option<PathBuf> {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    if found.is_none() {
        let must = ["CI", "VACCERT_FULL"].iter().any(|name| std::env::var_os(name).is_some());
        assert!(!must, "{name} is missing: install the package {package}");
        eprintln!("ran without {name} (package {package}): this part of the test did not run");
    }
    found
}

/// Runs a tool and gives back what it prints.
pub fn run(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Where pictures go: a folder that vanishes, or `VACCERT_LOOK` to look at them afterwards.
pub struct Shop {
    _vanishes: tempfile::TempDir,
    folder: PathBuf,
}

impl Shop {
    pub fn open() -> Self {
        let vanishes = tempfile::tempdir().unwrap();
        let folder = std::env::var_os("VACCERT_LOOK").map_or_else(|| vanishes.path().to_owned(), PathBuf::from);
        Self { _vanishes: vanishes, folder }
    }

    /// Stores a file and gives its path.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Path of a file that a tool made.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }
}

/// What rqrr reads in a picture of `width` by `height` pixels: as painted, then enlarged as a scanner would, so many
/// times. rqrr finds patterns by whole pixels and is nearly blind where a module has two or three of them. `at` gives
/// the shade of a pixel, also of those one beyond the edge.
pub fn rqrr_sees(width: usize, height: usize, times: &[usize], at: impl Fn(usize, usize) -> u32) -> Option<String> {
    times.iter().find_map(|&times| {
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width * times, height * times, |x, y| {
            // Bilinear between the pixels.
            let (left, top, dx, dy) = (x / times, y / times, (x % times) as u32, (y % times) as u32);
            let whole = times as u32;
            let upper = at(left, top) * (whole - dx) + at(left + 1, top) * dx;
            let lower = at(left, top + 1) * (whole - dx) + at(left + 1, top + 1) * dx;
            ((upper * (whole - dy) + lower * dy) / (whole * whole)) as u8
        });
        image.detect_grids().iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
    })
}
