//! What a code costs to draw: `cargo bench --bench barcode`. Prints minimum and median of each job; only the
//! ratios inside one run mean something.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::type_complexity,
    missing_docs,
    reason = "a bench measures time and fails by panicking"
)]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use vaccert::barcode::{Level, Qr};

fn main() {
    // The length of the median real certificate (541 characters), in letters that base45 makes equally often.
    let alphabet: Vec<char> = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".chars().collect();
    let mut state = 1_u64;
    let body: String = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()]
    })
    .take(526)
    .collect();
    let text = format!("HC1:{body}");
    let screen = Qr::encode(&text, Level::M).unwrap();
    let paper = Qr::encode(&text, Level::Q).unwrap();
    println!("{} characters: version {} at M, {} at Q", text.len(), screen.version(), paper.version());

    let mut jobs: Vec<(&str, Box<dyn Fn() -> usize + '_>)> = vec![
        ("encode M", Box::new(|| Qr::encode(black_box(&text), Level::M).unwrap().size())),
        ("encode Q", Box::new(|| Qr::encode(black_box(&text), Level::Q).unwrap().size())),
        ("png M x4", Box::new(|| screen.to_png(black_box(4)).unwrap().len())),
        ("png Q x8", Box::new(|| paper.to_png(black_box(8)).unwrap().len())),
        ("svg M", Box::new(|| black_box(&screen).to_svg().len())),
    ];
    let mut times: Vec<Vec<Duration>> = jobs.iter().map(|_| Vec::new()).collect();
    // Interleaved rounds: a busy moment of the machine hits every job alike.
    for _ in 0..200 {
        for ((_, job), times) in jobs.iter_mut().zip(&mut times) {
            let start = Instant::now();
            black_box(job());
            times.push(start.elapsed());
        }
    }
    for ((name, job), times) in jobs.iter().zip(&mut times) {
        times.sort();
        println!(
            "{name:10} min {:>9.1?} median {:>9.1?}  ({} modules or bytes)",
            times[0],
            times[times.len() / 2],
            job()
        );
    }
}
