//! What replicas share of their work: the same promises on SQLite and on PostgreSQL.

use std::time::Duration;

use vaccert::registry::{Ending, Registry, RegistryError, Turn, TurnTaken};

use crate::support::database::on_each;

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(300);

async fn turn(registry: &Registry, owner: &str, length: Duration) -> Option<Turn> {
    match registry.take_turn("sync", owner, length, false).await.unwrap() {
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
        let first = turn(&registry, "a", SHORT).await.unwrap();
        assert_eq!(turn(&registry, "b", SHORT).await, None);
        tokio::time::sleep(SHORT / 2).await;
        registry.renew_turn(&first).await.unwrap();
        tokio::time::sleep(SHORT / 2 + SHORT / 4).await;
        assert_eq!(turn(&registry, "b", SHORT).await, None, "it was renewed");
        // The first dies here.
        tokio::time::sleep(SHORT).await;
        let second = turn(&registry, "b", LONG).await.unwrap();
        assert_eq!(second.failures(), 1, "a run that was torn off is a failure");
        let lost = RegistryError::TurnLost { name: "sync".into() };
        assert_eq!(registry.renew_turn(&first).await, Err(lost.clone()));
        assert_eq!(registry.end_turn(&first, &done("late"), LONG).await, Err(lost));
        let record = registry.tasks().await.unwrap().remove(0);
        assert_eq!(record.running.as_ref().map(|(owner, _)| owner.as_str()), Some("b"));
        assert!(record.trouble.is_some_and(|text| text.contains("another has taken over")));

        registry.end_turn(&second, &done("3 issued"), LONG).await.unwrap();
        let record = registry.tasks().await.unwrap().remove(0);
        assert_eq!((record.done_by.as_deref(), record.outcome.as_deref()), (Some("b"), Some("3 issued")));
        assert_eq!((record.failures, record.trouble, record.running), (0, None, None));
        assert_eq!((record.successes_total, record.failures_total), (1, 1));
        assert_eq!(turn(&registry, "a", LONG).await, None, "not due");
        registry.hasten("sync").await.unwrap();
        let third = turn(&registry, "a", LONG).await.unwrap();
        registry.give_back_turn(&third).await.unwrap();
        assert!(turn(&registry, "b", LONG).await.is_some(), "given back, at once another's");
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
