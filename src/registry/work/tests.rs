//! What only the inside can see: plans of the statements, and clocks that move.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor as _, Row as _};

use super::{NewJob, TurnTaken, queue};
use crate::registry::{Options, Registry, sql::Pools};

const LONG: Duration = Duration::from_secs(600);

async fn new() -> (tempfile::TempDir, Registry) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("registry.db");
    let registry = Registry::open(file.to_str().unwrap(), Options::default()).await.unwrap();
    (folder, registry)
}

fn writer(registry: &Registry) -> &sqlx::SqlitePool {
    match &registry.pools {
        Pools::Sqlite { writer, .. } => writer,
        #[cfg(feature = "postgres")]
        Pools::Postgres { .. } => panic!("a SQLite test"),
    }
}

async fn change(registry: &Registry, sql: &str) {
    writer(registry).execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
}

#[tokio::test]
async fn what_every_replica_asks_each_second_uses_an_index() {
    let (_folder, registry) = new().await;
    for (sql, index) in [(queue::NEXT, "job_due"), (queue::CLAIM, "job_due"), (queue::OPEN, "job_due")] {
        let sql = sql.replace(crate::registry::sql::PASSING_OVER, "");
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let plan = sqlx::query(explain).fetch_all(writer(&registry)).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get::<String, _>("detail")).collect();
        assert!(plan.iter().any(|line| line.contains(index)), "{sql}: {plan:?}");
        assert!(!plan.iter().any(|line| line == "SCAN job"), "{sql}: {plan:?}");
    }
}

#[tokio::test]
async fn a_clock_set_back_leaves_no_task_and_no_job_in_the_future() {
    let (_folder, registry) = new().await;
    let TurnTaken::Mine(turn) = registry.take_turn("sync", "a", LONG, false).await.unwrap() else { panic!() };
    registry.enqueue(&[NewJob::new("message", "1", "x"), NewJob::new("message", "2", "x")]).await.unwrap();
    assert_eq!(registry.claim_jobs("message", "a", 1, LONG).await.unwrap().len(), 1);
    // A day passes in the database, and then its clock is put right: everything was decided a day from now.
    let day = 86_400_000;
    change(&registry, &format!("UPDATE task SET lease_until = lease_until + {day}, set_at = set_at + {day}")).await;
    change(&registry, &format!("UPDATE job SET due_at = due_at + {day}, set_at = set_at + {day}")).await;

    let TurnTaken::Mine(_) = registry.take_turn("sync", "b", LONG, false).await.unwrap() else { panic!("held") };
    assert!(registry.renew_turn(&turn).await.is_err(), "the fence keeps the earlier owner out");
    assert!(registry.claim_jobs("message", "b", 9, LONG).await.unwrap().is_empty());
    registry.tidy_jobs(LONG).await.unwrap();
    assert_eq!(registry.claim_jobs("message", "b", 9, LONG).await.unwrap().len(), 1, "the one that waited");
    // The other is leased for ten minutes from now, and not for a day.
    let next = registry.next_jobs(&["message"]).await.unwrap();
    assert!(next[0].is_some_and(|wait| wait <= LONG), "{next:?}");
}

#[tokio::test]
async fn a_clock_set_forth_gives_work_to_one_alone() {
    let (_folder, registry) = new().await;
    let TurnTaken::Mine(first) = registry.take_turn("sync", "a", LONG, false).await.unwrap() else { panic!() };
    registry.enqueue(&[NewJob::new("message", "1", "x")]).await.unwrap();
    let job = registry.claim_jobs("message", "a", 1, LONG).await.unwrap().remove(0);
    change(&registry, "UPDATE task SET lease_until = lease_until - 86400000").await;
    change(&registry, "UPDATE job SET due_at = due_at - 86400000").await;
    let TurnTaken::Mine(second) = registry.take_turn("sync", "b", LONG, false).await.unwrap() else { panic!() };
    let again = registry.claim_jobs("message", "b", 1, LONG).await.unwrap().remove(0);
    assert!(registry.renew_turn(&first).await.is_err() && registry.renew_turn(&second).await.is_ok());
    assert!(registry.finish_job(&job, "sent").await.is_err(), "it is another's now");
    registry.finish_job(&again, "sent").await.unwrap();
    assert!(registry.finish_job(&again, "sent").await.is_err(), "once");
}
