//! Runs that die anywhere, and events in any order.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use jiff::SignedDuration;
use proptest::prelude::*;
use vaccert::registry::{Candidate, Claim, Reason, Registry, State};

use super::{at, candidate, claim_one, ids, issue, sealed, store_one};
use crate::support::database::{Database, on_each};

/// Polls a future so many times and drops it then, as a dying process would.
async fn killed_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(done);
        }
        tokio::time::sleep(std::time::Duration::from_micros(300)).await;
    }
    None
}

#[test]
fn a_run_killed_anywhere_loses_nothing_and_signs_nothing_twice() {
    on_each(async |db| {
        let registry = db.open().await;
        let batch: Vec<_> = (0..3).map(|n| candidate(&format!("E{n}"), 1)).collect();
        issue(&registry, &candidate("E0", 0), at(-100)).await;
        let mut intended: Option<Vec<String>> = None;
        for round in 0..60 {
            let now = at(i64::try_from(round).unwrap() * 20);
            let claims = killed_after(round / 2, registry.claim(&batch, ids(), "a", now)).await;
            let Some(Ok(claims)) = claims else { continue };
            let found: Vec<String> = claims
                .iter()
                .map(|c| match c {
                    Claim::Sign { id, .. } | Claim::Unchanged { id, .. } => id.clone(),
                    // A claim that died after its commit: the lease runs out before the next round.
                    Claim::Busy => panic!("no lease outlasts a round"),
                })
                .collect();
            assert_eq!(intended.get_or_insert_with(|| found.clone()), &found, "identifiers stay");
            if claims.iter().all(|c| matches!(c, Claim::Sign { .. })) {
                let texts: Vec<_> = found.iter().map(|id| sealed(id)).collect();
                drop(killed_after(round % 23, registry.store(&texts, "a", now)).await);
            } else {
                assert!(claims.iter().all(|c| matches!(c, Claim::Unchanged { .. })), "all or nothing: {claims:?}");
            }
        }
        registry.close().await;
        let registry = db.open().await;
        let claims = registry.claim(&batch, ids(), "z", at(9_000)).await.unwrap();
        let signed = claims.iter().filter(|c| matches!(c, Claim::Unchanged { .. })).count();
        assert_eq!(signed, 3, "some round got through");
        let counts = registry.counts().await.unwrap();
        assert_eq!((counts.signed, counts.superseded, counts.revoked, counts.intended), (3, 1, 1, 0));
    });
}

#[derive(Debug, Clone)]
enum Step {
    Claim { event: u8, content: u8, owner: u8 },
    Store { pick: usize, owner: u8 },
    Release { pick: usize },
    Withdraw { event: Option<u8> },
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..2u8, 0..3u8, 0..2u8).prop_map(|(event, content, owner)| Step::Claim { event, content, owner }),
        4 => (0..8usize, 0..2u8).prop_map(|(pick, owner)| Step::Store { pick, owner }),
        1 => (0..8usize).prop_map(|pick| Step::Release { pick }),
        1 => proptest::option::of(0..2u8).prop_map(|event| Step::Withdraw { event }),
        3 => (1..12i64).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..40)
}

/// Whatever happens in whatever order, the registry keeps its promises.
async fn play(registry: &Registry, steps: Vec<Step>) {
    let mut now = at(0);
    let mut seen: Vec<(String, Candidate)> = Vec::new();
    for step in steps {
        match step {
            Step::Claim { event, content, owner } => {
                let record = candidate(&format!("E{event}"), content);
                if let Claim::Sign { id, .. } = claim_one(registry, &record, &format!("o{owner}"), now).await {
                    match seen.iter().find(|(known, _)| *known == id) {
                        Some((_, before)) => assert_eq!(*before, record, "an identifier has one content"),
                        None => seen.push((id, record)),
                    }
                }
            }
            Step::Store { pick, owner } => {
                if let Some((id, _)) = seen.get(pick) {
                    let _ = store_one(registry, id, &format!("o{owner}"), now).await;
                }
            }
            Step::Release { pick } => {
                if let Some((id, _)) = seen.get(pick) {
                    registry.release(std::slice::from_ref(id)).await.unwrap();
                }
            }
            Step::Withdraw { event } => {
                let event = event.map(|e| format!("E{e}"));
                registry.withdraw("PersonUid01", event.as_deref(), Reason::Deleted, now).await.unwrap();
            }
            Step::Wait(seconds) => now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap(),
        }
        let rows = registry.list_by_person("PersonUid01").await.unwrap();
        let revoked = registry.revocations(None, 1000).await.unwrap();
        assert_eq!(rows.len(), seen.len(), "every identifier that was given out is known for ever");
        for event in ["E0", "E1"] {
            let of_event = || rows.iter().filter(move |c| c.candidate.event == event);
            assert!(of_event().filter(|c| c.stands()).count() <= 1);
            assert!(of_event().filter(|c| c.state == State::Intended).count() <= 1);
        }
        for row in &rows {
            let listed = revoked.iter().any(|r| r.id == row.id);
            assert_eq!(listed, row.sealed.is_some() && !row.stands(), "{row:?}");
        }
    }
}

#[test]
fn promises_hold_in_any_order_of_events() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    proptest!(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() }, |(steps in steps())| {
        runtime.block_on(async {
            let db = Database::sqlite();
            play(&db.open().await, steps).await;
        });
    });
}
