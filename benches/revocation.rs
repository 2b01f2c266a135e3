//! How long a look-up among 1,000,000 revocations takes (under 2 µs is the aim), how long they take to read, and
//! how much memory they hold.
//!
//! `cargo bench --no-default-features --features verify --bench revocation`; `VACCERT_BENCH_ENTRIES` sets their
//! number.
#![allow(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a measurement may fail by panicking"
)]

use std::{
    fmt::Write,
    hint::black_box,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use vaccert::{
    keys::{Algorithm, Kid, sha256},
    revocation::{Builder, Fingerprints, Hash, HashKind, Revocations, Scope, Status, Until},
};

const LOOK_UPS: u32 = 1_000_000;

fn main() {
    let entries: u32 = std::env::var("VACCERT_BENCH_ENTRIES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let at = Timestamp::from_second(1_800_000_000).unwrap();

    let text = json(entries);
    println!("{entries} entries in batches of 1,000 over 100 kids, {:.1} MB of JSON", text.len() as f64 / 1e6);
    let before = resident();
    let (streamed, time) = timed(|| {
        let mut builder = Builder::new();
        builder.add_reader("batches.json", text.as_bytes()).unwrap();
        builder.finish().unwrap()
    });
    println!("  read as a stream          {:8.1} ms, {:.1} MB held", ms(time), resident() - before);
    drop(streamed);
    let (all, time) = timed(|| {
        let mut builder = Builder::new();
        builder.add("batches.json", text.as_bytes()).unwrap();
        builder.finish().unwrap()
    });
    println!("  read from memory          {:8.1} ms", ms(time));
    drop(text);

    let (table, time) = timed(|| all.encode().unwrap());
    println!("  written as our table      {:8.1} ms, {:.1} MB", ms(time), table.len() as f64 / 1e6);
    let (again, time) = timed(|| Revocations::decode(&table).unwrap());
    println!("  read from our table       {:8.1} ms", ms(time));
    assert_eq!(again.len(), all.len());
    drop(again);
    look_ups("lists of 100 kids", &all, at);
    drop((all, table));

    let mut builder = Builder::new();
    builder.revoke(None, HashKind::Identifier, (0..entries).map(hash).collect()).unwrap();
    builder.cover(Scope::Everyone, HashKind::Identifier, Until::Open).unwrap();
    look_ups("one list for any kid", &builder.finish().unwrap(), at);

    per_one("hashing a certificate", |n| {
        black_box(certificate(n));
    });
}

/// Look-ups of certificates that are not revoked, and of hashes that are.
fn look_ups(what: &str, all: &Revocations, at: Timestamp) {
    let certificates: Vec<Fingerprints> = (0..50_000).map(certificate).collect();
    per_one(&format!("{what}: a certificate not revoked"), |n| {
        let prints = &certificates[(scattered(n) % 50_000) as usize];
        assert_eq!(black_box(all.status(&kid(n % 100), prints, at)), Status::Clear);
    });
    let kinds = [HashKind::Uci, HashKind::Identifier];
    let listed: Vec<(Kid, Hash)> = (0..50_000).map(|n| (kid(n / 1000 % 100), hash(n))).collect();
    per_one(&format!("{what}: a hash that is revoked"), |n| {
        let (kid, hash) = &listed[(scattered(n) % 50_000) as usize];
        assert!(kinds.iter().any(|kind| black_box(all.names(kid, *kind, hash)).is_some()));
    });
}

/// Time of one, on average and in the least disturbed thousandth of all: on a busy machine the first is mostly
/// the time of others.
fn per_one(what: &str, mut one: impl FnMut(u32)) {
    let mut all = Duration::ZERO;
    let mut best = Duration::MAX;
    let part = LOOK_UPS / 1000;
    for from in 0..1000 {
        let ((), time) = timed(|| (from * part..(from + 1) * part).for_each(&mut one));
        all += time;
        best = best.min(time);
    }
    let ns = |time: Duration, count: u32| ms(time) * 1e6 / f64::from(count);
    println!("  {what:<50} {:6.0} ns, undisturbed {:6.0} ns", ns(all, LOOK_UPS), ns(best, part));
}

fn json(entries: u32) -> String {
    let mut text = "[".to_owned();
    for batch in 0..entries / 1000 {
        let comma = if batch == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"country":"XX","expires":"2030-01-01T00:00:00Z","kid":"{}","hashType":"UCI","entries":["#,
            kid(batch % 100)
        )
        .unwrap();
        for n in 0..1000 {
            let comma = if n == 0 { "" } else { "," };
            write!(text, r#"{comma}{{"hash":"{}"}}"#, STANDARD.encode(hash(batch * 1000 + n))).unwrap();
        }
        text.push_str("]}");
    }
    text.push(']');
    text
}

fn kid(number: u32) -> Kid {
    Kid::new(u64::from(number).to_le_bytes())
}

fn hash(number: u32) -> Hash {
    sha256(&number.to_be_bytes())[..16].try_into().unwrap()
}

fn certificate(number: u32) -> Fingerprints {
    let signature = [sha256(&number.to_be_bytes()), sha256(&number.to_le_bytes())].concat();
    Fingerprints::new(Algorithm::Es256, &signature, "XX", &format!("URN:UVCI:01:XX:{number:032X}#A"))
}

/// Spreads numbers, so that memory is met as a scanner meets it: anywhere.
fn scattered(number: u32) -> u32 {
    number.wrapping_mul(0x9E37_79B9)
}

fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let made = run();
    (made, start.elapsed())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Memory of this process, in MB; 0 where the system does not tell.
fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0.0);
    pages * 4096.0 / 1e6
}
