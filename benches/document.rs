//! What a sheet costs to print: `cargo bench --bench document`. Prints minimum and median of each job and its ratio
//! to drawing the code alone; only the ratios inside one run mean something.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::type_complexity,
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "a bench measures time and fails by panicking"
)]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use vaccert::{
    barcode::{Level, Qr},
    document::{FontPlaces, Fonts, Language, Layout, Look, Order, Press, Sheet, Value, paper_text},
};

#[path = "../tests/support/paper.rs"]
mod paper;

fn main() {
    let press = paper::press();
    let latin = paper::sheet("Müller-Lüdenscheidt", "Anna Zoë Françoise");
    let vietnamese = paper::sheet("Nguyễn Phước Đặng", "Thị Minh Khai");
    let mixed = paper::sheet("Достоевская-Щукина", "Ευαγγελία Χαρίκλεια");
    // Two fonts and one code, and the same in each layout, in one language and in two.
    let ordered = |sheet: &Sheet, layout, second: Option<Language>| {
        let order = Order { layout: Some(layout), languages: Some((Language::ENGLISH, second)), ..Order::default() };
        press.print_as(std::slice::from_ref(black_box(sheet)), &order).unwrap().len()
    };
    let cards = Order { layout: Some(Layout::Card), ..Order::default() };
    let signed = paper::signed();
    let family: Vec<Sheet> = (0..4).map(|_| latin.clone()).collect();
    // Eight writings on one sheet, with the fonts of this machine.
    let fonts = Fonts::find(&FontPlaces::default()).unwrap();
    let everywhere = Press::new(Look::default(), fonts).unwrap();
    let mut eight = paper::sheet("Достоевская", "Ευαγγελία");
    let values = ["ສຸວັນນະພູມາ", "สมชาย ใจดี", "နော် ဝင်း", "አበበ ተስፋዬ", "සුනිල් පෙරේරා", "செல்வம் குமார்"];
    for (row, value) in eight.rows.iter_mut().skip(1).zip(values) {
        row.value = Value::Text(value.into());
    }
    let jobs: Vec<(&str, Box<dyn Fn() -> usize + '_>)> = vec![
        ("the code alone", Box::new(|| Qr::encode(black_box(&latin.code), Level::PAPER).unwrap().size())),
        ("sheet, Latin", Box::new(|| press.print(std::slice::from_ref(black_box(&latin))).unwrap().len())),
        ("sheet, Vietnamese", Box::new(|| press.print(std::slice::from_ref(black_box(&vietnamese))).unwrap().len())),
        ("sheet, Cyrillic and Greek", Box::new(|| press.print(std::slice::from_ref(black_box(&mixed))).unwrap().len())),
        ("sheet, eight scripts", Box::new(|| everywhere.print(std::slice::from_ref(black_box(&eight))).unwrap().len())),
        ("folded", Box::new(|| ordered(&latin, Layout::Fold, None))),
        ("card", Box::new(|| ordered(&latin, Layout::Card, None))),
        ("sheet, two languages", Box::new(|| ordered(&latin, Layout::Plain, Some(Language::FRENCH)))),
        ("folded, two languages", Box::new(|| ordered(&latin, Layout::Fold, Some(Language::FRENCH)))),
        ("four cards", Box::new(|| press.print_as(black_box(&family), &cards).unwrap().len())),
        ("the densest text", Box::new(|| paper_text(black_box(&signed)).len())),
        ("the fonts", Box::new(|| size_of_val(&Fonts::embedded().unwrap()))),
    ];
    let mut times: Vec<Vec<Duration>> = jobs.iter().map(|_| Vec::new()).collect();
    // Interleaved rounds: a busy moment of the machine hits every job alike.
    for _ in 0..200 {
        for ((_, job), times) in jobs.iter().zip(&mut times) {
            let start = Instant::now();
            black_box(job());
            times.push(start.elapsed());
        }
    }
    times.iter_mut().for_each(|times| times.sort());
    let base = times[0][0].as_secs_f64();
    for ((name, job), times) in jobs.iter().zip(&times) {
        let (least, median) = (times[0], times[times.len() / 2]);
        println!(
            "{name:26} min {least:>9.1?} median {median:>9.1?} ratio {:>6.2}  ({} bytes or modules)",
            least.as_secs_f64() / base,
            job()
        );
    }
}
