//! How long the verifier takes to read its trust lists at start-up, and what each of them costs in memory.
//!
//! `cargo bench --no-default-features --features verify --bench lists`, with the published data in
//! `VACCERT_VECTORS` or beside the repository.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench is its own main")]

use std::{path::PathBuf, time::Instant};

use vaccert::trust::{
    TrustStore,
    lists::{self, ListKey, ListOptions},
};

const ROUNDS: u32 = 20;

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn main() {
    let root = std::env::var_os("VACCERT_VECTORS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from)
        .join("vectors/trust-lists");
    let Ok(key) = std::fs::read(root.join("covpass-de/dsc-list-signing-key.pem")) else {
        println!("ran WITHOUT published data: measured nothing (set VACCERT_VECTORS)");
        return;
    };
    let keys = ListKey::read(&key).unwrap();
    let lists = [
        "covpass-de/dsc-list.json",
        "gdhcn-prod-v1-did.json",
        "gdhcn-prod-v2-did.json",
        "section42/trustlist_at.min.json",
        "section42/trustlist_ch.min.json",
        "section42/trustlist_de.min.json",
        "section42/trustlist_fr.min.json",
        "section42/trustlist_it.min.json",
        "section42/trustlist_nl.raw.keys.json",
        "section42/trustlist_pl.min.json",
        "section42/trustlist_se.min.json",
    ];
    println!("{:<40} {:>6} {:>10} {:>10} {:>9}", "list", "keys", "first", "best", "memory");
    for name in lists {
        let bytes = std::fs::read(root.join(name)).unwrap();
        let options = ListOptions { name, list_keys: &keys, unsigned: true };
        let before = resident_kb();
        let (mut first, mut best, mut kept) = (None, f64::MAX, None);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let mut store = TrustStore::new();
            lists::read(&bytes, &options, &mut store).unwrap();
            let spent = start.elapsed().as_secs_f64() * 1e3;
            first.get_or_insert(spent);
            best = best.min(spent);
            kept.get_or_insert(store);
        }
        let keys = kept.as_ref().map_or(0, TrustStore::len);
        let grown = resident_kb().saturating_sub(before);
        println!("{name:<40} {keys:>6} {:>7.2} ms {best:>7.2} ms {grown:>6} kB", first.unwrap_or(0.0));
    }
}
