//! What replicas share of their work: the same promises on SQLite and on PostgreSQL.

use std::time::{Duration, Instant};

use vaccert::registry::{Ending, Registry, RegistryError, Turn, TurnTaken};

use crate::support::database::on_each;

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(300);

/// Leases run by the clock of the database, which no test can stop: where the machine was too slow for a lease to tell
/// anything while it lasted, the same is tried with the next length.
const LENGTHS: [Duration; 4] = [SHORT, Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(16)];

/// Tries `attempt` with leases of growing lengths until one of them was kept in time, which the attempt says.
async fn with_leases(mut attempt: impl AsyncFnMut(Duration) -> bool) {
    for length in LENGTHS {
        if attempt(length).await {
            return;
        }
        println!("too slow for leases of {length:?}");
    }
    panic!("too slow for any lease of {LENGTHS:?}");
}

/// Whether a lease of this length that was taken after `begun` certainly stands: databases count milliseconds.
fn stands(begun: Instant, length: Duration) -> bool {
    begun.elapsed() + Duration::from_millis(10) < length
}

async fn turn(registry: &Registry, owner: &str, length: Duration) -> Option<Turn> {
    turn_at(registry, "sync", owner, length).await
}

async fn turn_at(registry: &Registry, name: &str, owner: &str, length: Duration) -> Option<Turn> {
    match registry.take_turn(name, owner, length, false).await.unwrap() {
        TurnTaken::Mine(turn) => Some(turn),
        TurnTaken::Wait(wait) => {
            assert!(wait <= LONG, "{wait:?}");
            None
        }
    }
}

fn done(text: &str) -> Ending {
    Ending::Done { text: text.into() }
}

#[test]
fn a_task_has_one_owner_at_a_time_and_a_dead_one_is_replaced() {
    on_each(async |database| {
        let registry = database.open().await;
        let mut taken = None;
        with_leases(async |short| {
            let name = format!("sync-{}", short.as_millis());
            let begun = Instant::now();
            let first = turn_at(&registry, &name, "a", short).await.unwrap();
            let meanwhile = turn_at(&registry, &name, "b", short).await;
            if !stands(begun, short) {
                return false;
            }
            assert_eq!(meanwhile, None);
            tokio::time::sleep(short / 2).await;
            let renewed = Instant::now();
            if registry.renew_turn(&first).await.is_err() {
                assert!(!stands(begun, short), "it could not be renewed in time");
                return false;
            }
            tokio::time::sleep(short / 2 + short / 4).await;
            let meanwhile = turn_at(&registry, &name, "b", short).await;
            if !stands(renewed, short) {
                return false;
            }
            assert_eq!(meanwhile, None, "it was renewed");
            taken = Some((name, short, first));
            true
        })
        .await;
        let (name, short, first) = taken.unwrap();
        // The first dies here.
        tokio::time::sleep(short).await;
        let second = turn_at(&registry, &name, "b", LONG).await.unwrap();
        assert_eq!(second.failures(), 1, "a run that was torn off is a failure");
        let lost = RegistryError::TurnLost { name: name.clone() };
        assert_eq!(registry.renew_turn(&first).await, Err(lost.clone()));
        assert_eq!(registry.end_turn(&first, &done("late"), LONG).await, Err(lost));
        let record = async || {
            let all = registry.tasks().await.unwrap();
            all.into_iter().find(|task| task.name == name).unwrap()
        };
        let known = record().await;
        assert_eq!(known.running.as_ref().map(|(owner, _)| owner.as_str()), Some("b"));
        assert!(known.trouble.is_some_and(|text| text.contains("another has taken over")));

        registry.end_turn(&second, &done("3 issued"), LONG).await.unwrap();
        let record = record().await;
        assert_eq!((record.done_by.as_deref(), record.outcome.as_deref()), (Some("b"), Some("3 issued")));
        assert_eq!((record.failures, record.trouble, record.running), (0, None, None));
        assert_eq!((record.successes_total, record.failures_total), (1, 1));
        assert_eq!(turn_at(&registry, &name, "a", LONG).await, None, "not due");
        registry.hasten(&name).await.unwrap();
        let third = turn_at(&registry, &name, "a", LONG).await.unwrap();
        registry.give_back_turn(&third).await.unwrap();
        assert!(turn_at(&registry, &name, "b", LONG).await.is_some(), "given back, at once another's");
    });
}

#[test]
fn a_failure_is_told_to_all_and_puts_the_next_turn_off() {
    on_each(async |database| {
        let registry = database.open().await;
        for failures in 0..3 {
            let TurnTaken::Mine(turn) = registry.take_turn("sync", "a", LONG, true).await.unwrap() else { panic!() };
            assert_eq!(turn.failures(), failures);
            let failed = Ending::Failed { text: "DHIS2 is away".into(), needs_operator: false };
            registry.end_turn(&turn, &failed, LONG).await.unwrap();
        }
        let record = registry.tasks().await.unwrap().remove(0);
        assert_eq!((record.failures, record.trouble.as_deref()), (3, Some("DHIS2 is away")));
        assert!(record.failing_since.is_some_and(|since| since <= record.next) && !record.needs_operator);
        assert_eq!(turn(&registry, "b", LONG).await, None);
    });
}

#[test]
fn of_many_that_ask_at_once_one_gets_the_turn() {
    on_each(async |database| {
        let registry = database.open().await;
        let asked = (0..20).map(|n| {
            let registry = registry.clone();
            tokio::spawn(async move { registry.take_turn("sync", &format!("replica {n}"), LONG, true).await.unwrap() })
        });
        let mut got = 0;
        for answer in asked.collect::<Vec<_>>() {
            got += u32::from(matches!(answer.await.unwrap(), TurnTaken::Mine(_)));
        }
        assert_eq!(got, 1);
    });
}
