//! How many distorted pictures of published certificates read, and in what time.
//!
//! `cargo bench --no-default-features --features verify --bench pictures [-- CODES]`; needs the published data
//! (`VACCERT_VECTORS`, or `../shared`). The classes and their seeds are those of `tests/support/distort.rs`, of
//! which the conformance tests pin the rates.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "a bench fails by panicking"
)]

use std::{fs, path::Path, time::Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use vaccert::barcode::read::codes_in_picture;

#[path = "../tests/support/distort.rs"]
mod distort;
#[path = "../tests/support/vectors.rs"]
mod vectors;

use distort::{CLASSES, Code, Dice};

fn main() {
    let most = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(24);
    let Some(dir) = vectors::vectors("vectors/eu-testdata") else { return };
    let codes = codes(&dir, most);
    println!("{} codes, one a country\n\n{:<26} {:>8} {:>10} {:>10}", codes.len(), "", "read", "median ms", "most ms");
    for (number, (class, distort)) in CLASSES.iter().enumerate() {
        let pictures = codes
            .iter()
            .enumerate()
            .map(|(i, code)| (distort(code, &mut Dice::new((number * 100 + i) as u64)), vec![code.text.as_str()]));
        row(class, pictures);
    }
    let large = codes.iter().step_by(4).enumerate();
    row(
        "small in 12 megapixels",
        large.map(|(i, code)| (distort::in_a_large_photo(code, &mut Dice::new(i as u64)), vec![code.text.as_str()])),
    );
    let fours = codes.chunks_exact(4).enumerate();
    row(
        "four codes",
        fours.map(|(i, four)| {
            let picture = distort::four([&four[0], &four[1], &four[2], &four[3]], &mut Dice::new(i as u64));
            (picture, four.iter().map(|code| code.text.as_str()).collect())
        }),
    );
    row(
        "nothing in 12 megapixels",
        std::iter::once((distort::desk(4000, 3000, &mut Dice::new(9)).to_jpeg(85), vec![])),
    );
}

/// Reads the pictures and prints how many of their codes were found.
fn row<'a>(class: &str, pictures: impl Iterator<Item = (Vec<u8>, Vec<&'a str>)>) {
    let (mut read, mut all, mut times) = (0, 0, Vec::new());
    for (file, texts) in pictures {
        let start = Instant::now();
        let found = codes_in_picture(&file).unwrap_or_default();
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        all += texts.len();
        read += texts.iter().filter(|text| found.iter().any(|code| code.text() == Some(text))).count();
        assert!(found.len() <= texts.len(), "{class}: something that was not there was read");
    }
    times.sort_by(f64::total_cmp);
    let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
    println!("{class:<26} {:>8} {median:>10.1} {most:>10.1}", format!("{read}/{all}"));
}

/// One code a country.
fn codes(dir: &Path, most: usize) -> Vec<Code> {
    let mut countries: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    countries.sort();
    countries.iter().filter_map(|country| first(country)).take(most).collect()
}

fn first(path: &Path) -> Option<Code> {
    if path.is_dir() {
        let mut paths: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        return paths.iter().find_map(|path| first(path));
    }
    let case: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).ok()?;
    let picture = STANDARD.decode(case.get("2DCODE")?.as_str()?).ok().filter(|file| file.starts_with(b"\x89PNG"))?;
    Code::new(case["PREFIX"].as_str()?, &picture)
}
