//! How each layout looks, held against pictures that somebody looked at: `fixtures/paper/<layout>-<languages>.png`,
//! grey, 36 dots an inch. `VACCERT_BLESS=1` writes them anew; look at them before they are kept.

use vaccert::document::{DocumentError, FontPlaces, Fonts, Language, Layout, Order, PageSize, Press};

use super::{Shop, look, order, press, run, sheet, tool};
use crate::distort::Grey;

/// Shades by which a pixel may differ, as fonts and painters of other versions do.
const SHADES: i32 = 56;
/// One pixel of so many may differ by more: with the fonts of the program, and with those of a machine.
const BUILT_IN: usize = 150;
const OF_THE_MACHINE: usize = 40;

fn compare(name: &str, file: &[u8], one_of: usize) {
    let Some(pdftoppm) = tool("pdftoppm", "poppler-utils") else { return };
    let shop = Shop::open();
    let path = shop.keep(&format!("look-{name}.pdf"), file);
    let picture = shop.path(&format!("look-{name}"));
    run(&pdftoppm, &["-gray", "-png", "-singlefile", "-r", "36", &path, &picture]);
    let bytes = std::fs::read(format!("{picture}.png")).unwrap();
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/paper/{name}.png"));
    if std::env::var_os("VACCERT_BLESS").is_some() {
        std::fs::create_dir_all(kept.parent().unwrap()).unwrap();
        std::fs::write(&kept, &bytes).unwrap();
        return;
    }
    let (seen, kept) = (Grey::from_png(&bytes), Grey::from_png(&std::fs::read(&kept).unwrap()));
    assert_eq!((seen.width, seen.height), (kept.width, kept.height), "{name}");
    let apart = |a: &u8, b: &u8| (i32::from(*a) - i32::from(*b)).abs() > SHADES;
    let differing = seen.pixels.iter().zip(&kept.pixels).filter(|(a, b)| apart(a, b)).count();
    assert!(
        differing * one_of <= seen.pixels.len(),
        "{name}: {differing} of {} pixels look different from the kept picture; \
         look at it, and write it anew with VACCERT_BLESS=1",
        seen.pixels.len()
    );
}

#[test]
fn every_layout_looks_as_it_was_left() {
    for layout in Layout::all() {
        let sheet = sheet(layout, 541);
        let file = press().print_as(std::slice::from_ref(&sheet), &order(layout, PageSize::A4)).unwrap();
        compare(&format!("{}-en-fr", layout.name()), &file, BUILT_IN);
        let alone = Order { layout: Some(layout), ..Order::default() };
        let file = crate::support::paper::press().print_as(&[sheet], &alone).unwrap();
        compare(&format!("{}-en", layout.name()), &file, BUILT_IN);
    }
}

#[test]
fn every_layout_looks_as_it_was_left_in_other_scripts() {
    let fonts = Fonts::find(&FontPlaces { folders: Vec::new(), system: true }).unwrap();
    let press = Press::new(look(), fonts).unwrap();
    for (tag, family, given) in [("ar", "السالم", "نورة"), ("lo", "ສຸວັນນະພູມາ", "ສົມຈິດ"), ("am", "ተስፋዬ", "አበበ")]
    {
        let languages = Some((Language::of_tag(tag).unwrap(), Some(Language::ENGLISH)));
        for layout in Layout::all() {
            let mut sheet = sheet(layout, 541);
            if layout != Layout::Yellow {
                (sheet.family, sheet.given) = (family.into(), given.into());
            }
            let order = Order { layout: Some(layout), size: Some(PageSize::A4), languages };
            match press.print_as(&[sheet], &order) {
                Ok(file) => compare(&format!("{}-{tag}-en", layout.name()), &file, OF_THE_MACHINE),
                Err(DocumentError::MissingGlyph { package: Some(package), .. }) => {
                    let must = ["CI", "VACCERT_FULL"].iter().any(|name| std::env::var_os(name).is_some());
                    assert!(!must, "{tag}: install the package {package}");
                    eprintln!("ran without {package}: {tag} was not looked at");
                }
                Err(error) => panic!("{tag}, {}: {error}", layout.name()),
            }
        }
    }
}
