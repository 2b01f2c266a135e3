//! How many records a second the registry claims and stores, in batches of 512. It must not hold up the
//! pipeline: 10,000 a second is the least.
//!
//! `cargo bench --bench registry` measures a new SQLite file; with `VACCERT_TEST_POSTGRES` a database of that
//! server too. `VACCERT_BENCH_RECORDS` sets the number of records.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a measurement may fail by panicking"
)]

use std::time::{Duration, Instant};

use jiff::Timestamp;
use vaccert::registry::{Candidate, Claim, Content, Envelope, Options, Origin, Registry, Sealed};

const BATCH: u64 = 512;

fn main() {
    let records: u64 = std::env::var("VACCERT_BENCH_RECORDS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("registry.db").display().to_string();
    runtime.block_on(measure("SQLite", &file, records));
    #[cfg(feature = "postgres")]
    if let Ok(url) = std::env::var("VACCERT_TEST_POSTGRES") {
        runtime.block_on(measure("PostgreSQL", &url, records));
    }
}

/// Spreads a number over the whole range, as random identifiers are.
fn scattered(n: u64) -> u64 {
    n.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

async fn measure(what: &str, url: &str, records: u64) {
    let registry = Registry::open(url, Options::default()).await.unwrap();
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    let text = "HC1:".to_owned() + &"6BFOXN".repeat(80);
    for round in ["new", "again"] {
        let start = Instant::now();
        let (mut signed, mut from) = (0u64, 0u64);
        let mut spent = [Duration::ZERO; 3];
        while from < records {
            let batch: Vec<Candidate> = (from..records.min(from + BATCH))
                .map(|n| Candidate {
                    tracked_entity: format!("{:011x}", scattered(n) >> 20),
                    event: format!("{:011x}", scattered(n + records) >> 20),
                    contents: vec![Content { format: "eu-dcc".into(), digest: [7; 32], wanted: true }],
                    origin: Origin::default(),
                })
                .collect();
            let mut next = from;
            let id = || {
                next += 1;
                format!("URN:UVCI:01:XX:{:016X}{next:010}#A", scattered(next))
            };
            let step = Instant::now();
            let claims = registry.claim(&batch, id, "bench", now).await.unwrap();
            spent[0] += step.elapsed();
            let sealed: Vec<Sealed> = claims
                .into_iter()
                .filter_map(|claim| match claim {
                    Claim::Sign { id, .. } => Some(Sealed {
                        id,
                        envelopes: vec![Envelope {
                            format: "eu-dcc".into(),
                            content: [7; 32],
                            text: text.clone(),
                            kid: vec![1; 8],
                            algorithm: "ES256".into(),
                            issued_at: now,
                            expires_at: now,
                            listed_as: None,
                        }],
                    }),
                    _ => None,
                })
                .collect();
            let step = Instant::now();
            let answers = registry.store(&sealed, "bench", now).await.unwrap();
            spent[1] += step.elapsed();
            for answer in answers {
                answer.unwrap();
                signed += 1;
            }
            let ids: Vec<String> = sealed.into_iter().map(|s| s.id).collect();
            let step = Instant::now();
            registry.release(&ids).await.unwrap();
            spent[2] += step.elapsed();
            from += BATCH;
        }
        let per_second = f64::from(u32::try_from(records).unwrap()) / start.elapsed().as_secs_f64();
        let [claim, store, release] = spent.map(|time| time.as_millis());
        println!(
            "{what}, {round}: {records} records, {signed} signed, {per_second:.0} a second \
             (claim {claim} ms, store {store} ms, release {release} ms)"
        );
    }
}
