//! What only the inside can see: clocks that move.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor as _};

use super::TurnTaken;
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
async fn a_clock_set_back_leaves_no_task_in_the_future() {
    let (_folder, registry) = new().await;
    let TurnTaken::Mine(turn) = registry.take_turn("sync", "a", LONG, false).await.unwrap() else { panic!() };
    // A day passes in the database, and then its clock is put right: everything was decided a day from now.
    let day = 86_400_000;
    change(&registry, &format!("UPDATE task SET lease_until = lease_until + {day}, set_at = set_at + {day}")).await;
    let TurnTaken::Mine(_) = registry.take_turn("sync", "b", LONG, false).await.unwrap() else { panic!("held") };
    assert!(registry.renew_turn(&turn).await.is_err(), "the fence keeps the earlier owner out");
}

#[tokio::test]
async fn a_clock_set_forth_gives_work_to_one_alone() {
    let (_folder, registry) = new().await;
    let TurnTaken::Mine(first) = registry.take_turn("sync", "a", LONG, false).await.unwrap() else { panic!() };
    change(&registry, "UPDATE task SET lease_until = lease_until - 86400000").await;
    let TurnTaken::Mine(second) = registry.take_turn("sync", "b", LONG, false).await.unwrap() else { panic!() };
    assert!(registry.renew_turn(&first).await.is_err() && registry.renew_turn(&second).await.is_ok());
}
