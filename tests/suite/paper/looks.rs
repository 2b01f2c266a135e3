//! How each layout looks, held against pictures that somebody looked at: `fixtures/paper/<layout>-<languages>.png`,
//! grey, 36 dots an inch. `VACCERT_BLESS=1` writes them anew; look at them before they are kept.

use vaccert::document::{Layout, Order, PageSize};

use super::{Shop, order, press, run, sheet, tool};
use crate::distort::Grey;

/// Shades by which a pixel may differ, as fonts and painters of other versions do.
const SHADES: i32 = 56;
/// One pixel of so many may differ by more.
const ONE_OF: usize = 150;

fn compare(name: &str, file: &[u8]) {
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
        differing * ONE_OF <= seen.pixels.len(),
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
        compare(&format!("{}-en-fr", layout.name()), &file);
        let alone = Order { layout: Some(layout), ..Order::default() };
        let file = crate::support::paper::press().print_as(&[sheet], &alone).unwrap();
        compare(&format!("{}-en", layout.name()), &file);
    }
}
