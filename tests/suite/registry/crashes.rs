//! Runs that die anywhere, and events in any order.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use jiff::SignedDuration;
use proptest::prelude::*;
use vaccert::registry::{Candidate, Claim, Reason, Registry, State};

use super::{at, candidate, claim_one, ids, issue, sealed_as, several};
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

/// Rounds that are killed; the one after them is left alone, however slow the machine is.
const ROUNDS: usize = 60;

/// How often a future is polled in a round, of which there are `polls` at most where it is killed.
fn patience(round: usize, polls: usize) -> usize {
    if round == ROUNDS { usize::MAX } else { polls }
}

#[test]
fn a_run_killed_anywhere_loses_nothing_and_signs_nothing_twice() {
    on_each(async |db| {
        let registry = db.open().await;
        let batch: Vec<_> = (0..3).map(|n| candidate(&format!("E{n}"), 1)).collect();
        issue(&registry, &candidate("E0", 0), at(-100)).await;
        let mut intended: Option<Vec<String>> = None;
        for round in 0..=ROUNDS {
            let now = at(i64::try_from(round).unwrap() * 20);
            let claims = killed_after(patience(round, round / 2), registry.claim(&batch, ids(), "a", now)).await;
            let Some(Ok(claims)) = claims else { continue };
            let found: Vec<String> = claims
                .iter()
                .map(|c| match c {
                    Claim::Sign { id, .. } | Claim::Unchanged { id, .. } => id.clone(),
                    // A claim that died after its commit: the lease runs out before the next round.
                    Claim::Busy => panic!("no lease outlasts a round"),
                    Claim::Add { .. } | Claim::Revoked { .. } => panic!("one format"),
                })
                .collect();
            assert_eq!(intended.get_or_insert_with(|| found.clone()), &found, "identifiers stay");
            if claims.iter().all(|c| matches!(c, Claim::Sign { .. })) {
                let formats = ["eu-dcc".to_owned()];
                let texts: Vec<_> =
                    found.iter().zip(&batch).map(|(id, record)| sealed_as(id, record, &formats)).collect();
                drop(killed_after(patience(round, round % 23), registry.store(&texts, "a", now)).await);
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

#[test]
fn a_run_killed_anywhere_adds_a_format_once() {
    on_each(async |db| {
        let registry = db.open().await;
        let one = several("E", &[("eu-dcc", 1)]);
        let (id, _) = issue(&registry, &one, at(-100)).await;
        let both = several("E", &[("eu-dcc", 1), ("ddcc", 2)]);
        for round in 0..=ROUNDS {
            let now = at(i64::try_from(round).unwrap() * 20);
            let claims =
                killed_after(patience(round, round / 2), registry.claim(std::slice::from_ref(&both), ids(), "a", now))
                    .await;
            match claims.map(|claims| claims.unwrap().pop().unwrap()) {
                None => {}
                Some(Claim::Add { id: same, formats, .. }) => {
                    assert_eq!((&same, &*formats), (&id, &["ddcc".to_owned()][..]));
                    drop(
                        killed_after(
                            patience(round, round % 23),
                            registry.store(&[sealed_as(&id, &both, &formats)], "a", now),
                        )
                        .await,
                    );
                }
                Some(Claim::Unchanged { id: same, envelopes, .. }) => {
                    assert_eq!((&same, envelopes.len()), (&id, 2));
                }
                Some(other) => panic!("{other:?}"),
            }
        }
        registry.close().await;
        let registry = db.open().await;
        let claim = claim_one(&registry, &both, "z", at(9_000)).await;
        assert!(
            matches!(&claim, Claim::Unchanged { envelopes, .. } if envelopes.len() == 2),
            "some got through: {claim:?}"
        );
        let counts = registry.counts().await.unwrap();
        assert_eq!((counts.signed, counts.superseded, counts.revoked, counts.intended), (1, 0, 0, 0));
    });
}

#[derive(Debug, Clone)]
enum Step {
    Claim { event: u8, content: u8, formats: u8, owner: u8 },
    Store { pick: usize, owner: u8 },
    Release { pick: usize },
    Withdraw { event: Option<u8> },
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..2u8, 0..3u8, 1..4u8, 0..2u8)
            .prop_map(|(event, content, formats, owner)| Step::Claim { event, content, formats, owner }),
        4 => (0..8usize, 0..2u8).prop_map(|(pick, owner)| Step::Store { pick, owner }),
        1 => (0..8usize).prop_map(|pick| Step::Release { pick }),
        1 => proptest::option::of(0..2u8).prop_map(|event| Step::Withdraw { event }),
        3 => (1..12i64).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..40)
}

/// An identifier that was given out, the content that it stands for, and the formats that were claimed last.
struct Seen {
    id: String,
    content: u8,
    record: Candidate,
    formats: Vec<String>,
}

/// Whatever happens in whatever order, the registry keeps its promises.
async fn play(registry: &Registry, steps: Vec<Step>) {
    let mut now = at(0);
    let mut seen: Vec<Seen> = Vec::new();
    for step in steps {
        match step {
            Step::Claim { event, content, formats, owner } => {
                let mut record = several(&format!("E{event}"), &[("eu-dcc", content), ("ddcc", content + 10)]);
                for (bit, content) in [1, 2].iter().zip(&mut record.contents) {
                    content.wanted = formats & bit != 0;
                }
                let claim = claim_one(registry, &record, &format!("o{owner}"), now).await;
                let adds = matches!(claim, Claim::Add { .. });
                if let Claim::Sign { id, formats, .. } | Claim::Add { id, formats, .. } = claim {
                    match seen.iter_mut().find(|known| known.id == id) {
                        Some(before) => {
                            assert_eq!(before.content, content, "an identifier has one content");
                            (before.record, before.formats) = (record, formats);
                        }
                        None => {
                            assert!(!adds, "nothing is added to what nobody knows");
                            seen.push(Seen { id, content, record, formats });
                        }
                    }
                }
            }
            Step::Store { pick, owner } => {
                if let Some(Seen { id, record, formats, .. }) = seen.get(pick) {
                    let _ = registry.store(&[sealed_as(id, record, formats)], &format!("o{owner}"), now).await.unwrap();
                }
            }
            Step::Release { pick } => {
                if let Some(Seen { id, .. }) = seen.get(pick) {
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
        let revoked = registry.revocations(0, 1000).await.unwrap();
        assert_eq!(rows.len(), seen.len(), "every identifier that was given out is known for ever");
        for event in ["E0", "E1"] {
            let of_event = || rows.iter().filter(move |c| c.event == event);
            assert!(of_event().filter(|c| c.stands()).count() <= 1);
            assert!(of_event().filter(|c| c.state == State::Intended).count() <= 1);
        }
        for row in &rows {
            let listed = revoked.iter().any(|r| r.id == row.id);
            assert_eq!(listed, row.sealed.is_some() && !row.stands(), "{row:?}");
            let known = seen.iter().find(|known| known.id == row.id).unwrap();
            for envelope in row.sealed.iter().flat_map(|sealed| &sealed.envelopes) {
                let says = if envelope.format == "ddcc" { known.content + 10 } else { known.content };
                assert_eq!(envelope.content, [says; 32], "every envelope of an identifier says the same");
            }
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
