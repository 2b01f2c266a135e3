//! What the log costs: a row is sealed and written in a small part of the time in which a certificate is stored.

use std::time::{Duration, Instant};

use super::{Entry, at, by, candidate};
use crate::support::database::Database;
use vaccert::registry::{
    Claim, Envelope, Sealed,
    audit::{By, Deed, ObjectKind},
};

const BATCHES: usize = 8;
const BATCH: usize = 512;

#[tokio::test]
async fn a_row_costs_little_beside_a_certificate() {
    let db = Database::sqlite();
    let registry = db.open().await;
    let (mut stored, mut told) = (Duration::ZERO, Duration::ZERO);
    let text = "HC1:".to_owned() + &"6BFOXN".repeat(80);
    for batch in 0..BATCHES {
        let records: Vec<_> =
            (0..BATCH).map(|n| candidate(&format!("E{batch}x{n}"), &[("eu-dcc", 1)], by("poller"))).collect();
        let mut next = 0;
        let ids = || {
            next += 1;
            format!("URN:UVCI:01:XX:{:013}{:013}", batch * 7_919 + next * 104_729 % 65_537, batch * BATCH + next)
        };
        let claims = registry.claim(&records, ids, "a", at(0)).await.unwrap();
        let sealed: Vec<Sealed> = claims
            .into_iter()
            .map(|claim| {
                let Claim::Sign { id, .. } = claim else { panic!("{claim:?}") };
                let envelope = Envelope {
                    format: "eu-dcc".into(),
                    content: [1; 32],
                    text: text.clone(),
                    kid: vec![1; 8],
                    algorithm: "ES256".into(),
                    issued_at: at(0),
                    expires_at: at(1),
                    listed_as: None,
                };
                Sealed { id, envelopes: vec![envelope] }
            })
            .collect();
        let start = Instant::now();
        assert!(registry.store(&sealed, "a", at(0)).await.unwrap().iter().all(Result::is_ok));
        stored += start.elapsed();
        // The same rows once more, by themselves.
        let rows: Vec<Entry> = sealed
            .iter()
            .map(|one| {
                Entry::new(By::system("poller"), Deed::Download)
                    .to(ObjectKind::Certificate, one.id.as_str())
                    .of("PersonUid01", "E1")
                    .because("the record is complete")
                    .with("formats", "eu-dcc")
                    .with("keys", "AQEBAQEBAQE=")
                    .with("facility", "HarbourHC01")
            })
            .collect();
        let start = Instant::now();
        registry.audit_all(&rows, at(0)).await.unwrap();
        told += start.elapsed();
    }
    let count = u32::try_from(BATCH * BATCHES).unwrap();
    let (store, row) = (stored / count, told / count);
    println!("a certificate is stored with its row in {store:?}, a row by itself is written in {row:?}");
    // In this build nothing is optimised but the database; at 2,000 records a second a record has 500 microseconds.
    assert!(told < stored, "rows must not cost more than certificates: {row:?} of {store:?}");
}
