//! Tampering that only the inside can provoke: triggers taken away, rows changed, removed, swapped and put in.

use proptest::prelude::*;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqliteConnection};

use super::*;
use crate::registry::Options;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn entry(n: usize) -> Entry {
    let deeds = Deed::ALL;
    let entry = Entry::new(By::user(&format!("user{}", n % 3)), deeds[n % deeds.len()]).because("because");
    if n.is_multiple_of(2) {
        entry.to(ObjectKind::Certificate, format!("ID{n}")).of("P1", "E1")
    } else {
        entry.with("n", n)
    }
}

/// A log of so many rows, written in batches of different sizes, whose triggers are taken away.
async fn log(rows: usize) -> (tempfile::TempDir, Registry, SqliteConnection) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("registry.db");
    let registry = Registry::open(file.to_str().unwrap(), Options::default()).await.unwrap();
    let entries: Vec<Entry> = (0..rows).map(entry).collect();
    for (n, batch) in entries.chunks(7).enumerate() {
        registry.audit_all(batch, at(i64::try_from(n).unwrap())).await.unwrap();
    }
    let mut raw = SqliteConnection::connect(file.to_str().unwrap()).await.unwrap();
    let sql = "DROP TRIGGER audit_stays; DROP TRIGGER audit_lasts; PRAGMA ignore_check_constraints = ON";
    raw.execute(sqlx::raw_sql(sql)).await.unwrap();
    (folder, registry, raw)
}

async fn alter(raw: &mut SqliteConnection, sql: String) {
    raw.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
}

async fn faults(registry: &Registry, heads: &[Head]) -> Vec<AuditFault> {
    registry.check_audit(heads, |_| {}).await.unwrap().faults
}

const ROWS: usize = 30;

#[derive(Debug, Clone)]
enum Tampering {
    Change(&'static str, &'static str),
    Remove,
    Swap,
    PutIn,
    Move,
    Forge,
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let changes = vec![
        ("at", "at + 1"),
        ("actor_kind", "'token'"),
        ("actor", "'somebody'"),
        ("actor", "NULL"),
        ("action", "'no-such-action'"),
        ("object", "coalesce(object, '') || 'x'"),
        ("object_kind", "'key-of-another'"),
        ("record", "coalesce(record, '') || 'x'"),
        ("reason", "NULL"),
        ("reason", "reason || ' '"),
        ("request", "'r'"),
        ("details", "'{}'"),
        ("hash", "zeroblob(32)"),
        ("previous", "CAST(x'0101010101010101010101010101010101010101010101010101010101010101' AS BLOB)"),
        ("form", "2"),
    ];
    prop_oneof![
        8 => proptest::sample::select(changes).prop_map(|(column, to)| Tampering::Change(column, to)),
        2 => Just(Tampering::Remove),
        2 => Just(Tampering::Swap),
        2 => Just(Tampering::PutIn),
        1 => Just(Tampering::Move),
        2 => Just(Tampering::Forge),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_tampering_is_found_and_at_which_number(how in tampering(), row in 2_u64..=29) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (_folder, registry, mut raw) = log(ROWS).await;
            prop_assert_eq!(faults(&registry, &[]).await, []);
            let next = row + 1;
            // The numbers at which a fault may be named first: the row itself, or the one behind.
            let places = match &how {
                Tampering::Change(column, to) => {
                    alter(&mut raw, format!("UPDATE audit SET {column} = {to} WHERE number = {row}")).await;
                    [row, row]
                }
                Tampering::Remove => {
                    alter(&mut raw, format!("DELETE FROM audit WHERE number = {row}")).await;
                    [row, row]
                }
                Tampering::Swap => {
                    alter(&mut raw, format!(
                        "UPDATE audit SET number = 1000 WHERE number = {row}; \
                         UPDATE audit SET number = {row} WHERE number = {next}; \
                         UPDATE audit SET number = {next} WHERE number = 1000"
                    )).await;
                    [row, row]
                }
                // A copy of a row between two others, whose numbers make room for it.
                Tampering::PutIn => {
                    alter(&mut raw, format!(
                        "UPDATE audit SET number = number + 1000 WHERE number > {row}; \
                         UPDATE audit SET number = number - 999 WHERE number > 1000; \
                         INSERT INTO audit SELECT {next}, at, actor_kind, actor, action, object_kind, object, record, \
                         reason, request, details, form, previous, hash FROM audit WHERE number = {row}"
                    )).await;
                    [next, next]
                }
                Tampering::Move => {
                    alter(&mut raw, format!("UPDATE audit SET number = 500 WHERE number = {row}")).await;
                    [row, row]
                }
                // Sealed anew by somebody who knows the form: the row behind tells.
                Tampering::Forge => {
                    let mut rows = registry.audit_records(row - 1, 1).await.unwrap();
                    let mut forged = rows.remove(0);
                    forged.reason = Some("forged".into());
                    let texts = [
                        Some(forged.actor_kind.as_str()), forged.actor.as_deref(), Some(&forged.action),
                        forged.object_kind.as_deref(), forged.object.as_deref(), forged.record.as_deref(),
                        forged.reason.as_deref(), forged.request.as_deref(), forged.details.as_deref(),
                    ];
                    let hash = form::hash(&forged.previous, row, forged.at.as_millisecond(), &texts);
                    let hex = Head { number: row, hash }.hex();
                    let sql = format!("UPDATE audit SET reason = 'forged', hash = x'{hex}' WHERE number = {row}");
                    alter(&mut raw, sql).await;
                    [row, next]
                }
            };
            let found = faults(&registry, &[]).await;
            prop_assert!(!found.is_empty(), "{:?} at {} was not found", how, row);
            let first = match found[0] {
                AuditFault::Gap { number } | AuditFault::Link { number } | AuditFault::Content { number }
                | AuditFault::Form { number } => number,
                other => panic!("{other:?}"),
            };
            prop_assert!(places.contains(&first), "{:?} at {}: {:?}", how, row, found);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_tail_that_is_cut_off_shows_against_a_head_that_was_kept() {
    let (_folder, registry, mut raw) = log(ROWS).await;
    let early = registry.audit_records(9, 1).await.unwrap()[0].head();
    let head = registry.audit_head().await.unwrap();
    assert_eq!((early.number, head.number), (10, 30));
    assert_eq!(faults(&registry, &[head, early, Head::NONE, head]).await, []);

    alter(&mut raw, "DELETE FROM audit WHERE number > 20".into()).await;
    assert_eq!(faults(&registry, &[]).await, [], "the chain alone does not tell");
    assert_eq!(faults(&registry, &[early, head]).await, [AuditFault::Short { number: 20, head: 30 }]);
    // And rows in their place do not help.
    let entries: Vec<Entry> = (100..110).map(entry).collect();
    registry.audit_all(&entries, at(9)).await.unwrap();
    assert_eq!(faults(&registry, &[]).await, []);
    assert_eq!(faults(&registry, &[early, head]).await, [AuditFault::Rewritten { number: 30 }]);
}

#[tokio::test]
async fn a_log_that_was_emptied_or_replaced_shows_too() {
    let (_folder, registry, mut raw) = log(3).await;
    let head = registry.audit_head().await.unwrap();
    alter(&mut raw, "DELETE FROM audit".into()).await;
    assert_eq!(faults(&registry, &[head]).await, [AuditFault::Short { number: 0, head: 3 }]);
    let checked = registry.check_audit(&[], |_| {}).await.unwrap();
    assert_eq!((checked.rows, checked.head), (0, Head::NONE));
}

#[tokio::test]
async fn faults_are_bounded_and_the_check_reads_to_the_end() {
    let (_folder, registry, mut raw) = log(1_500).await;
    alter(&mut raw, "UPDATE audit SET reason = 'x'".into()).await;
    let mut told = 0;
    let checked = registry.check_audit(&[], |rows| told = rows).await.unwrap();
    assert_eq!((checked.rows, told), (1_500, 1_500));
    assert_eq!(checked.faults.len(), crate::limits::AUDIT_FAULTS);
}
