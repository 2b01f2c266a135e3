//! What the program prints, in as many ways as somebody may ask for it: for other people's judges and readers of PDF.

use jiff::Timestamp;
use vaccert::document::{
    DocumentError, FontPlaces, Fonts, Kind, Language, Layout, Look, Order, PageSize, Press, Row, Sheet, Value,
    template::{Template, print},
};

use super::{look, sheet};
use crate::support::paper::{people, sheet as person};

/// Languages of the paper, each with a name in the writing of its country.
pub const LANGUAGES: [(&str, Option<&str>, &str, &str); 7] = [
    ("en", Some("fr"), "Müller-Lüdenscheidt", "Anna Zoë Françoise"),
    ("ar", None, "عبد الله الحسيني", "محمّد لؤي"),
    ("lo", Some("en"), "ວົງສາພະຈັນ", "ສົມສັກ ຄຳຜຸຍ"),
    ("am", None, "ገብረ ክርስቶስ", "አበበ ሙሉጌታ"),
    ("si", Some("en"), "ශ්‍රී වික්‍රමසිංහ", "සුනිල් ප්‍රියන්ත"),
    ("ta", Some("fr"), "செல்வக்குமார்", "ஸ்ரீதேவி"),
    ("vi", None, "Nguyễn Phước Đặng", "Thị Minh Khai Ẩn Ở Ữ"),
];

/// Whether everything must be tested here.
pub fn must() -> bool {
    ["CI", "VACCERT_FULL"].iter().any(|name| std::env::var_os(name).is_some())
}

/// The fonts of the machine.
pub fn fonts() -> Fonts {
    Fonts::find(&FontPlaces::default()).unwrap()
}

/// A press with everything that a ministry can set, and the fonts of the machine.
pub fn press() -> &'static Press {
    static PRESS: std::sync::LazyLock<Press> = std::sync::LazyLock::new(|| Press::new(look(), fonts()).unwrap());
    &PRESS
}

/// Prints, or says which font was not there.
pub fn printed(press: &Press, what: &str, sheets: &[Sheet], order: &Order) -> Option<Vec<u8>> {
    match press.print_as(sheets, order) {
        Ok(pdf) => Some(pdf),
        Err(DocumentError::MissingGlyph { package, .. }) if !must() => {
            println!("{what}: not looked at, for want of a font (package {package:?})");
            None
        }
        Err(error) => panic!("{what}: {error}"),
    }
}

/// The paper of a person in this layout. A yellow card names people as their passport does.
pub fn named(layout: Layout, family: &str, given: &str) -> Sheet {
    let mut sheet = sheet(layout, 541);
    match layout {
        Layout::Yellow => sheet.name = format!("{family} {given}"),
        _ => (sheet.family, sheet.given) = (family.into(), given.into()),
    }
    sheet
}

/// Every layout, on every paper, in every one of [`LANGUAGES`].
pub fn layouts() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (first, second, family, given) in LANGUAGES {
        let language = |tag| Language::of_tag(tag).unwrap();
        let languages = Some((language(first), second.map(language)));
        for layout in Layout::all() {
            for size in PageSize::all() {
                let name = format!("{}-{}-{first}", layout.name(), size.name());
                let order = Order { layout: Some(layout), size: Some(size), languages };
                files.extend(printed(press(), &name, &[named(layout, family, given)], &order).map(|pdf| (name, pdf)));
            }
        }
    }
    files
}

/// What is rare: the longest names, other kinds of certificates, several in a file, nothing set, everything optional
/// left out.
pub fn rarities() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let bare = Press::new(Look::default(), fonts()).unwrap();
    for (number, (name, family, given)) in people().into_iter().enumerate() {
        // Each in one layout; those that fill the page, in all.
        let hard = ["long", "unbroken"].contains(&name);
        for layout in Layout::all().enumerate().filter(|(at, _)| hard || number % 4 == *at).map(|(_, layout)| layout) {
            let order = Order { layout: Some(layout), ..Order::default() };
            let what = format!("bare-{}-{name}", layout.name());
            files.extend(printed(&bare, &what, &[named(layout, &family, &given)], &order).map(|pdf| (what, pdf)));
        }
    }
    let crowd: Vec<Sheet> = LANGUAGES
        .iter()
        .zip([Kind::Vaccination, Kind::Test, Kind::Recovery, Kind::Other].into_iter().cycle())
        .map(|((_, _, family, given), kind)| Sheet { kind, specimen: false, ..person(family, given) })
        .collect();
    let order = |layout: Option<Layout>| Order { layout, ..Order::default() };
    for layout in [Layout::Plain, Layout::Fold, Layout::Card] {
        let what = format!("several-{}", layout.name());
        files.extend(printed(press(), &what, &crowd, &order(Some(layout))).map(|pdf| (what, pdf)));
    }
    // A yellow card takes its own page among the others.
    let mixed = [crowd[0].clone(), sheet(Layout::Yellow, 423), crowd[1].clone()];
    files.extend(printed(press(), "mixed", &mixed, &order(None)).map(|pdf| ("mixed".to_owned(), pdf)));

    // Tables whose rows are not all full, or of which nothing is left; nobody's date of birth.
    for (number, fields) in [&["date"][..], &["date", "lot"], &[]].into_iter().enumerate() {
        for layout in Layout::all() {
            let mut little = sheet(layout, 300);
            little.rows.retain(|row| fields.contains(&row.field));
            (little.birth_date, little.notices) = (String::new(), Vec::new());
            let what = format!("little-{number}-{}", layout.name());
            files.extend(printed(press(), &what, &[little], &order(Some(layout))).map(|pdf| (what, pdf)));
        }
    }
    let mut archive = person("Müller", "Anna");
    archive.archive = Some((0..600_u32).map(|at| (at * 151 % 251) as u8).collect());
    archive.rows.push(Row { field: "lot", value: Value::Word { word: "life", code: "1".into() } });
    files.extend(printed(press(), "archive", &[archive], &order(None)).map(|pdf| ("archive".to_owned(), pdf)));
    files
}

/// On a ministry's form: drawn as a picture, with and without words for whoever does not see it; and as it is.
pub fn forms() -> Vec<(String, Vec<u8>)> {
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/template");
    let template = std::fs::read_to_string(fixture.join("template.toml")).unwrap();
    assert!(template.contains("drawn = \"picture\"") && template.contains("[[text]]"));
    let silent: String = without_texts(&template);
    let vector = template.replace("drawn = \"picture\"", "drawn = \"vector\"");
    let fonts = fonts();
    let mut files = Vec::new();
    for (name, template) in [("form", &template), ("form-silent", &silent), ("form-vector", &vector)] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(fixture.join("background.pdf"), folder.path().join("background.pdf")).unwrap();
        std::fs::write(folder.path().join("template.toml"), template).unwrap();
        let template = Template::load(&folder.path().join("template.toml")).unwrap();
        let people = [person("Müller-Lüdenscheidt", "Anna"), person("الأحمد", "سارة")];
        let sheets: Vec<(&Template, &Sheet)> = people.iter().map(|sheet| (&template, sheet)).collect();
        match print(&fonts, &sheets) {
            Ok(pdf) => files.push((name.to_owned(), pdf)),
            Err(DocumentError::MissingGlyph { .. }) if !must() => println!("{name}: not looked at, for want of a font"),
            Err(error) => panic!("{name}: {error}"),
        }
    }
    files
}

/// A template whose background says nothing.
fn without_texts(template: &str) -> String {
    let mut kept = String::new();
    let mut text = false;
    for line in template.lines() {
        if line.starts_with('[') {
            text = line.starts_with("[[text]]");
        }
        if !text {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Under the ministry's seal.
pub fn sealed() -> Vec<(String, Vec<u8>)> {
    use crate::pades::people::{Kind, Ministry};
    let now: Timestamp = "2026-11-22T15:41:16Z".parse().unwrap();
    let mut files = Vec::new();
    for (name, kind) in [("sealed-p256", Kind::P256), ("sealed-rsa", Kind::Rsa)] {
        let key = Ministry::new(kind).key(true).unwrap();
        for layout in Layout::all() {
            let order = Order { layout: Some(layout), ..Order::default() };
            let pdf = super::press().print_as(&[sheet(layout, 541)], &order).unwrap();
            files.push((format!("{name}-{}", layout.name()), key.seal(&pdf, now).unwrap()));
        }
    }
    files
}
