//! The log of revocations: who, when and why; what is taken back and what cannot be; what a selection selects; and a
//! registry that was made before there was a log.

use jiff::civil::date;
use proptest::prelude::*;
use sqlx::{Connection as _, Executor as _};
use vaccert::registry::{
    Action, Again, Candidate, Cause, Claim, Origin, Reason, Registry, RegistryError, Restored, Revoked, Selection,
};

use super::{at, candidate, claim_one, issue, sealed_as, store_one};
use crate::support::database::{Database, on_each};

fn cause(reason: Reason) -> Cause {
    Cause {
        reason,
        note: Some("case 7/2026".into()),
        operator: Some("user:alice".into()),
        bulk: Some("20261122-a".into()),
    }
}

/// A record of its own with where it comes from.
fn from(event: &str, facility: &str, operator: &str, lot: &str, day: i8) -> Candidate {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let origin = Origin {
        facility: text(facility),
        operator: text(operator),
        lot: text(lot),
        given_on: (day > 0).then(|| date(2026, 11, day)),
        ..Origin::default()
    };
    Candidate { origin, ..candidate(event, 1) }
}

async fn revoke_one(registry: &Registry, id: &str, reason: Reason, seconds: i64) -> Revoked {
    registry.revoke(&[id.to_owned()], &cause(reason), at(seconds)).await.unwrap().pop().unwrap()
}

async fn restore_one(registry: &Registry, id: &str, seconds: i64) -> Restored {
    registry.restore(&[id.to_owned()], &cause(Reason::Mistake), at(seconds)).await.unwrap().pop().unwrap()
}

#[test]
fn a_revocation_and_its_undoing_are_records_that_stay() {
    on_each(async |db| {
        let registry = db.open().await;
        let (id, _) = issue(&registry, &candidate("E1", 1), at(0)).await;
        let (other, _) = issue(&registry, &candidate("E2", 1), at(0)).await;
        assert_eq!(registry.newest_revocation().await.unwrap(), 0);
        assert_eq!(revoke_one(&registry, &id, Reason::Fraud, 5).await, Revoked::Done);
        assert_eq!(revoke_one(&registry, &id, Reason::Lot, 6).await, Revoked::Already { reason: Reason::Fraud });
        assert_eq!(revoke_one(&registry, "URN:UVCI:01:XX:NOBODY#1", Reason::Lot, 6).await, Revoked::Unknown);
        assert_eq!(revoke_one(&registry, "\0", Reason::Lot, 6).await, Revoked::Unknown);
        let stored = registry.get(&id).await.unwrap().unwrap();
        assert!(!stored.stands() && stored.revoked == Some(Reason::Fraud) && stored.withdrawn_at.is_none());
        assert!(registry.get(&other).await.unwrap().unwrap().stands(), "exactly the one that was named");
        assert!(registry.unreleased(None, 10).await.unwrap().iter().all(|sealed| sealed.id != id));

        assert_eq!(restore_one(&registry, &other, 7).await, Restored::NotRevoked);
        assert_eq!(restore_one(&registry, &id, 8).await, Restored::Done);
        assert_eq!(restore_one(&registry, &id, 9).await, Restored::NotRevoked);
        assert_eq!(restore_one(&registry, "nobody", 9).await, Restored::Unknown);
        assert!(registry.get(&id).await.unwrap().unwrap().stands());
        assert_eq!(registry.counts().await.unwrap().revoked, 0);
        assert_eq!(revoke_one(&registry, &id, Reason::Error, 10).await, Revoked::Done);

        let log = registry.revocations(0, 10).await.unwrap();
        let said: Vec<_> = log.iter().map(|r| (r.action, r.cause.reason, r.at)).collect();
        let (revoke, undo) = (Action::Revoke, Action::Undo);
        assert_eq!(
            said,
            [(revoke, Reason::Fraud, at(5)), (undo, Reason::Mistake, at(8)), (revoke, Reason::Error, at(10))]
        );
        assert!(log.is_sorted_by(|a, b| a.number < b.number), "numbers only count up");
        assert_eq!(log[0].cause, cause(Reason::Fraud));
        assert!(!format!("{log:?}").contains("case 7"), "people write names into notes");
        assert_eq!(registry.revocations(log[1].number, 10).await.unwrap(), log[2..]);
        assert_eq!(registry.revoked_now(0, 10).await.unwrap(), log[2..], "the latest record of each");
        assert_eq!(registry.latest_revocation(&id).await.unwrap().as_ref(), log.last());
        assert_eq!(registry.revocations_of("20261122-a", 0, 10).await.unwrap(), log);
        assert_eq!(registry.newest_revocation().await.unwrap(), log[2].number);
    });
}

#[test]
fn the_log_cannot_be_changed_behind_the_program() {
    on_each(async |db| {
        let registry = db.open().await;
        let (id, _) = issue(&registry, &candidate("E1", 1), at(0)).await;
        revoke_one(&registry, &id, Reason::Fraud, 5).await;
        registry.close().await;
        for sql in ["DELETE FROM revocation", "UPDATE revocation SET reason = 'other'"] {
            assert!(raw(&db, sql).await.is_err(), "{sql}");
        }
        assert_eq!(db.open().await.revocations(0, 10).await.unwrap().len(), 1);
    });
}

#[test]
fn notes_and_names_that_cannot_be_kept_are_refused() {
    on_each(async |db| {
        let registry = db.open().await;
        let (id, _) = issue(&registry, &candidate("E1", 1), at(0)).await;
        for note in ["x".repeat(501), "two\nlines".into(), "a\0".into()] {
            let wrong = Cause { note: Some(note), ..cause(Reason::Fraud) };
            let refused = registry.revoke(std::slice::from_ref(&id), &wrong, at(1)).await;
            assert_eq!(refused, Err(RegistryError::Note));
        }
        let wrong = Cause { operator: Some(String::new()), ..cause(Reason::Fraud) };
        assert!(matches!(registry.revoke(&[id], &wrong, at(1)).await, Err(RegistryError::Key { .. })));
        let many = vec![String::new(); 5_000];
        let refused = registry.revoke(&many, &cause(Reason::Fraud), at(1)).await;
        assert_eq!(refused, Err(RegistryError::Batch { found: 5_000 }));
        assert_eq!(registry.newest_revocation().await.unwrap(), 0);
    });
}

#[test]
fn a_record_gets_another_certificate_only_where_the_reason_allows_it() {
    on_each(async |db| {
        let registry = db.open().await;
        for (n, reason) in Reason::ALL.into_iter().enumerate() {
            let event = format!("E{n}");
            let (id, _) = issue(&registry, &candidate(&event, 1), at(0)).await;
            assert_eq!(revoke_one(&registry, &id, reason, 5).await, Revoked::Done);
            let barred = Claim::Revoked { id: id.clone(), reason };
            let same = claim_one(&registry, &candidate(&event, 1), "a", at(10)).await;
            let corrected = claim_one(&registry, &candidate(&event, 2), "a", at(100)).await;
            match reason.again() {
                Again::Never => assert_eq!((same, corrected), (barred.clone(), barred), "{reason:?}"),
                Again::Corrected => {
                    assert_eq!(same, barred);
                    let Claim::Sign { id: new, supersedes, .. } = corrected else { panic!("{corrected:?}") };
                    assert_eq!(supersedes.as_ref(), Some(&id));
                    store_one(&registry, &new, &candidate(&event, 2), "a", at(101)).await.unwrap();
                    // What was corrected stays revoked, whoever wants it back.
                    assert_eq!(restore_one(&registry, &id, 102).await, Restored::Replaced { by: new });
                }
                Again::AtOnce => {
                    assert!(matches!(same, Claim::Sign { supersedes: None, .. }), "{reason:?} {same:?}");
                }
            }
        }
    });
}

#[test]
fn what_was_superseded_or_has_a_newer_certificate_cannot_be_restored() {
    on_each(async |db| {
        let registry = db.open().await;
        // Superseded: the newer one says what was corrected, even when it is gone itself.
        let (old, _) = issue(&registry, &candidate("E1", 1), at(0)).await;
        let (new, _) = issue(&registry, &candidate("E1", 2), at(1)).await;
        assert_eq!(restore_one(&registry, &old, 2).await, Restored::Replaced { by: new.clone() });
        registry.withdraw("PersonUid01", Some("E1"), Reason::Deleted, at(3)).await.unwrap();
        assert_eq!(restore_one(&registry, &old, 4).await, Restored::Replaced { by: new.clone() });
        // Deleted, and nothing newer: whoever restores it says so in the log.
        assert_eq!(restore_one(&registry, &new, 5).await, Restored::Done);
        assert!(registry.get(&new).await.unwrap().unwrap().stands());
        assert!(matches!(
            claim_one(&registry, &candidate("E1", 2), "a", at(6)).await,
            Claim::Unchanged { id, .. } if id == new
        ));
        // Deleted again by the source, and the record came back: the newer one holds the place.
        registry.withdraw("PersonUid01", Some("E1"), Reason::Deleted, at(7)).await.unwrap();
        let (third, _) = issue(&registry, &candidate("E1", 2), at(8)).await;
        assert_eq!(restore_one(&registry, &new, 9).await, Restored::Replaced { by: third.clone() });
        // It holds the place although it is revoked itself.
        revoke_one(&registry, &third, Reason::Fraud, 10).await;
        assert_eq!(restore_one(&registry, &new, 11).await, Restored::Replaced { by: third.clone() });

        // Two of one record that are both gone: one of them comes back at most.
        let (first, _) = issue(&registry, &candidate("E2", 1), at(0)).await;
        registry.withdraw("PersonUid01", Some("E2"), Reason::Deleted, at(1)).await.unwrap();
        let (second, _) = issue(&registry, &candidate("E2", 1), at(2)).await;
        registry.withdraw("PersonUid01", Some("E2"), Reason::Deleted, at(3)).await.unwrap();
        let both = [first.clone(), second];
        let answers = registry.restore(&both, &cause(Reason::Mistake), at(4)).await.unwrap();
        assert_eq!(answers, [Restored::Done, Restored::Replaced { by: first }]);
    });
}

#[test]
fn a_false_record_is_not_washed_by_deleting_and_restoring_it() {
    on_each(async |db| {
        let registry = db.open().await;
        let (id, _) = issue(&registry, &candidate("E1", 1), at(0)).await;
        revoke_one(&registry, &id, Reason::Fraud, 1).await;
        for pass in 0..3 {
            let gone = registry.withdraw("PersonUid01", Some("E1"), Reason::Deleted, at(2 + pass)).await.unwrap();
            assert!(gone.is_empty());
        }
        let log = registry.revocations(0, 10).await.unwrap();
        let reasons: Vec<_> = log.iter().map(|r| r.cause.reason).collect();
        assert_eq!(reasons, [Reason::Fraud, Reason::Deleted], "said once, not at every pass");
        let again = claim_one(&registry, &candidate("E1", 2), "a", at(20)).await;
        assert_eq!(again, Claim::Revoked { id, reason: Reason::Fraud });
    });
}

#[test]
fn a_signature_that_is_just_being_made_is_refused() {
    on_each(async |db| {
        let registry = db.open().await;
        // Not signed yet: the identifier is given up.
        let Claim::Sign { id, .. } = claim_one(&registry, &candidate("E1", 1), "a", at(0)).await else { panic!() };
        assert_eq!(revoke_one(&registry, &id, Reason::Fraud, 1).await, Revoked::NotSigned);
        let late = store_one(&registry, &id, &candidate("E1", 1), "a", at(2)).await;
        assert_eq!(late, Err(RegistryError::Abandoned { id }));

        // A correction of a revoked certificate on its way.
        let (old, _) = issue(&registry, &candidate("E2", 1), at(0)).await;
        let Claim::Sign { id: new, .. } = claim_one(&registry, &candidate("E2", 2), "a", at(1)).await else { panic!() };
        assert_eq!(revoke_one(&registry, &old, Reason::Fraud, 2).await, Revoked::Done);
        let late = store_one(&registry, &new, &candidate("E2", 2), "a", at(3)).await;
        assert_eq!(late, Err(RegistryError::Abandoned { id: new }));

        // A further format of it on its way.
        let (id, _) = issue(&registry, &candidate("E3", 1), at(0)).await;
        let both = super::several("E3", &[("eu-dcc", 1), ("ddcc", 2)]);
        assert!(matches!(claim_one(&registry, &both, "a", at(1)).await, Claim::Add { .. }));
        assert_eq!(revoke_one(&registry, &id, Reason::Holder, 2).await, Revoked::Done);
        let sealed = sealed_as(&id, &both, &["ddcc".to_owned()]);
        let late = registry.store(&[sealed], "a", at(3)).await.unwrap();
        assert_eq!(late, [Err(RegistryError::Abandoned { id })]);
    });
}

#[test]
fn a_selection_selects_what_fits_and_counts_what_cannot_be_told() {
    on_each(async |db| {
        let registry = db.open().await;
        let mut ids = Vec::new();
        for (n, (facility, operator, lot, day)) in [
            ("clinic00001", "user:alice", "AB12", 3),
            ("clinic00001", "user:alice", "ab12", 4),
            ("clinic00001", "api:kiosk", "CD34", 5),
            ("clinic00002", "poller", "AB12", 5),
            ("", "poller", "", 0),
        ]
        .into_iter()
        .enumerate()
        {
            let seconds = i64::try_from(n).unwrap() * 100;
            ids.push(issue_at(&registry, &from(&format!("E{n}"), facility, operator, lot, day), seconds).await);
        }
        let select = async |selection: Selection| {
            let found = registry.select(&selection, at(1_000)).await.unwrap();
            let places: Vec<usize> =
                found.certificates.iter().map(|found| ids.iter().position(|id| *id == found.id).unwrap()).collect();
            (places, found.unknown, found.signing)
        };
        let facility = |name: &str| Selection { facility: Some(name.into()), ..Selection::default() };
        assert_eq!(select(facility("clinic00001")).await, (vec![0, 1, 2], 1, 0));
        assert_eq!(select(facility("CLINIC00001")).await, (vec![], 1, 0), "UIDs differ by case");
        assert_eq!(select(facility("' OR 1=1 --")).await, (vec![], 1, 0));
        let window = Selection { issued_from: Some(at(100)), issued_until: Some(at(200)), ..facility("clinic00001") };
        assert_eq!(select(window).await, (vec![1], 0, 0));
        let given = Selection { given_from: Some(date(2026, 11, 4)), ..facility("clinic00001") };
        assert_eq!(select(given.clone()).await, (vec![1, 2], 1, 0));
        let given = Selection { given_until: Some(date(2026, 11, 4)), ..given };
        assert_eq!(select(given).await, (vec![1], 1, 0));
        let operator = |name: &str| Selection { operator: Some(name.into()), ..Selection::default() };
        assert_eq!(select(operator("user:alice")).await, (vec![0, 1], 0, 0));
        let lot = Selection { lot: Some(" ab12 ".into()), ..Selection::default() };
        assert_eq!(select(lot.clone()).await, (vec![0, 1, 3], 1, 0), "letters count alike in either case");
        let both = Selection { facility: Some("clinic00002".into()), ..lot };
        assert_eq!(select(both).await, (vec![3], 1, 0));

        // What is revoked is not selected again; what is being signed is counted.
        let before = registry.select(&facility("clinic00001"), at(1_000)).await.unwrap();
        revoke_one(&registry, &ids[1], Reason::Fraud, 900).await;
        claim_one(&registry, &from("E9", "clinic00001", "poller", "", 0), "a", at(995)).await;
        assert_eq!(select(facility("clinic00001")).await, (vec![0, 2], 1, 1));
        let after = registry.select(&facility("clinic00001"), at(1_000)).await.unwrap();
        assert_ne!(before.digest(), after.digest());
        assert!(registry.select(&facility("x\ny"), at(0)).await.is_err());
    });
}

/// Issues at a time that its envelope states too.
async fn issue_at(registry: &Registry, record: &Candidate, seconds: i64) -> String {
    let Claim::Sign { id, formats, .. } = claim_one(registry, record, "a", at(seconds)).await else { panic!() };
    let mut sealed = sealed_as(&id, record, &formats);
    sealed.envelopes[0].issued_at = at(seconds);
    assert_eq!(registry.store(&[sealed], "a", at(seconds)).await.unwrap(), [Ok(())]);
    id
}

#[test]
fn where_a_certificate_came_from_is_that_of_its_last_claim() {
    on_each(async |db| {
        let registry = db.open().await;
        let first = from("E1", "clinic00001", "user:alice", "AB12", 3);
        let Claim::Sign { id, .. } = claim_one(&registry, &first, "dead", at(0)).await else { panic!() };
        assert_eq!(registry.get(&id).await.unwrap().unwrap().origin, first.origin, "of an intent as well");
        let moved = from("E1", "clinic00002", "poller", "AB12", 3);
        let taken = claim_one(&registry, &moved, "b", at(100)).await;
        assert!(matches!(&taken, Claim::Sign { id: same, .. } if *same == id), "{taken:?}");
        store_one(&registry, &id, &moved, "b", at(101)).await.unwrap();
        assert_eq!(registry.get(&id).await.unwrap().unwrap().origin, moved.origin);
        // Another origin alone is no correction.
        assert!(matches!(claim_one(&registry, &first, "c", at(200)).await, Claim::Unchanged { .. }));
        let long =
            Candidate { origin: Origin { lot: Some("x".repeat(300)), ..Origin::default() }, ..candidate("E2", 1) };
        let refused = registry.claim(&[long], super::ids(), "a", at(0)).await;
        assert_eq!(refused, Err(RegistryError::Key { index: 0, field: "origin" }));
    });
}

async fn raw(db: &Database, sql: &str) -> Result<(), sqlx::Error> {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    if let Some(path) = db.url.strip_prefix("sqlite:") {
        let mut raw = sqlx::SqliteConnection::connect(path).await?;
        raw.execute(sqlx::raw_sql(sql)).await?;
        raw.close().await?;
    } else {
        #[cfg(feature = "postgres")]
        {
            let mut raw = sqlx::PgConnection::connect(&db.url).await?;
            raw.execute(sqlx::raw_sql(sql)).await?;
            raw.close().await?;
        }
    }
    Ok(())
}

/// What drops every table of a SQLite registry but that of the migrations.
async fn sqlite_drops(db: &Database) -> String {
    use sqlx::Row as _;
    let path = db.url.strip_prefix("sqlite:").unwrap();
    let mut raw = sqlx::SqliteConnection::connect(path).await.unwrap();
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
         AND name <> '_sqlx_migrations'";
    let rows = raw.fetch_all(sqlx::raw_sql(names)).await.unwrap();
    raw.close().await.unwrap();
    let drops: String = rows.iter().map(|row| format!("DROP TABLE {};", row.get::<String, _>(0))).collect();
    format!("PRAGMA foreign_keys = OFF; {drops} PRAGMA foreign_keys = ON;")
}

/// Makes a registry what the second schema left: three certificates, of which one is superseded and one is gone, and
/// an open intent.
async fn back_to_schema_2(db: &Database) {
    let sqlite = db.url.starts_with("sqlite:");
    let content = if sqlite { "zeroblob(32)" } else { "decode(repeat('00', 32), 'hex')" };
    let kid = if sqlite { "x'01'" } else { "decode('01', 'hex')" };
    let certificate = |id: &str, event: &str, more: &str| {
        format!(
            "INSERT INTO certificate (id, tracked_entity, event, format, content, state, intended_at, text, kid, \
             algorithm, issued_at, expires_at, superseded_by, withdrawn_at) VALUES ('{id}', 'PersonUid01', '{event}', \
             'eu-dcc', {content}, 'released', 1, 'HC1:{id}', {kid}, 'ES256', 1000, 2000, {more});"
        )
    };
    let rows = [
        certificate("NEW", "E1", "NULL, NULL"),
        certificate("OLD", "E1", "'NEW', NULL"),
        certificate("GONE", "E2", "NULL, 77"),
    ]
    .concat();
    // Everything goes but the account of the migrations, of which the first two are run again.
    let (empty, first, second) = if sqlite {
        (
            sqlite_drops(db).await,
            include_str!("../../../src/registry/migrations/sqlite/0001_certificates.sql"),
            include_str!("../../../src/registry/migrations/sqlite/0002_envelopes.sql"),
        )
    } else {
        (
            "DO $$ DECLARE r RECORD; BEGIN \
             FOR r IN (SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() \
             AND tablename <> '_sqlx_migrations') LOOP EXECUTE 'DROP TABLE ' || quote_ident(r.name) || ' CASCADE'; \
             END LOOP; FOR r IN (SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = \
             current_schema()::regnamespace) LOOP EXECUTE 'DROP FUNCTION ' || r.name || ' CASCADE'; END LOOP; END $$;"
                .to_owned(),
            include_str!("../../../src/registry/migrations/postgres/0001_certificates.sql"),
            include_str!("../../../src/registry/migrations/postgres/0002_envelopes.sql"),
        )
    };
    let sql = format!(
        "DELETE FROM _sqlx_migrations WHERE version > 2; {empty}\n{first}\n{second}\n{rows} \
         INSERT INTO meta (name, value) VALUES ('format eu-dcc', 'eu-dcc'); \
         INSERT INTO revocation VALUES ('GONE', 'deleted', 77), ('OLD', 'superseded', 55); \
         INSERT INTO intent (id, tracked_entity, event, format, content, intended_at, lease_owner, lease_until) \
         VALUES ('OPEN', 'PersonUid02', 'E', 'eu-dcc', {content}, 1, 'dead', 2);"
    );
    raw(db, &sql).await.unwrap();
}

#[test]
fn a_registry_of_the_second_schema_is_taken_over() {
    on_each(async |db| {
        db.open().await.close().await;
        back_to_schema_2(&db).await;
        let registry = db.open().await;
        let log = registry.revocations(0, 10).await.unwrap();
        let said: Vec<_> = log.iter().map(|r| (&*r.id, r.action, r.cause.reason, r.at.as_millisecond())).collect();
        let revoke = Action::Revoke;
        assert_eq!(said, [("OLD", revoke, Reason::Superseded, 55), ("GONE", revoke, Reason::Deleted, 77)]);
        assert!(log.iter().all(|r| r.cause.operator.is_none() && r.cause.note.is_none()));
        for (id, stands, revoked) in
            [("NEW", true, None), ("OLD", false, Some(Reason::Superseded)), ("GONE", false, Some(Reason::Deleted))]
        {
            let found = registry.get(id).await.unwrap().unwrap();
            assert_eq!((found.stands(), found.revoked, found.origin), (stands, revoked, Origin::default()), "{id}");
        }
        // Unknown is counted, and never guessed.
        let everywhere = Selection { facility: Some("clinic00001".into()), ..Selection::default() };
        let found = registry.select(&everywhere, at(0)).await.unwrap();
        assert_eq!((found.certificates.len(), found.unknown), (0, 1));
        assert_eq!(restore_one(&registry, "GONE", 1).await, Restored::Done);
        assert_eq!(restore_one(&registry, "OLD", 1).await, Restored::Replaced { by: "NEW".into() });
        assert_eq!(revoke_one(&registry, "NEW", Reason::Fraud, 2).await, Revoked::Done);
        let record = Candidate { tracked_entity: "PersonUid02".into(), ..candidate("E", 0) };
        let taken = claim_one(&registry, &record, "b", at(0)).await;
        assert!(matches!(&taken, Claim::Sign { id, .. } if id == "OPEN"), "{taken:?}");
    });
}

#[derive(Debug, Clone)]
enum Step {
    Issue { event: u8, content: u8 },
    Revoke { pick: usize, reason: Reason },
    Restore { pick: usize },
    Withdraw { event: u8 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let reasons = [Reason::Fraud, Reason::Error, Reason::Key, Reason::Operator];
    let step = prop_oneof![
        4 => (0..2u8, 0..2u8).prop_map(|(event, content)| Step::Issue { event, content }),
        3 => (0..6usize, prop::sample::select(reasons.to_vec())).prop_map(|(pick, reason)| Step::Revoke { pick, reason }),
        3 => (0..6usize).prop_map(|pick| Step::Restore { pick }),
        1 => (0..2u8).prop_map(|event| Step::Withdraw { event }),
    ];
    prop::collection::vec(step, 1..40)
}

/// Whatever is revoked and restored in whatever order: the latest record says what holds, and of a record one
/// certificate stands at most.
async fn play(registry: &Registry, steps: Vec<Step>) {
    let mut ids: Vec<String> = Vec::new();
    for (time, step) in (0..).zip(steps) {
        match step {
            Step::Issue { event, content } => {
                let record = candidate(&format!("E{event}"), content);
                if let Claim::Sign { id, .. } = claim_one(registry, &record, "a", at(time * 100)).await {
                    store_one(registry, &id, &record, "a", at(time * 100)).await.unwrap();
                    ids.push(id);
                }
            }
            Step::Revoke { pick, reason } => {
                if let Some(id) = ids.get(pick) {
                    revoke_one(registry, id, reason, time * 100).await;
                }
            }
            Step::Restore { pick } => {
                if let Some(id) = ids.get(pick) {
                    restore_one(registry, id, time * 100).await;
                }
            }
            Step::Withdraw { event } => {
                let event = format!("E{event}");
                registry.withdraw("PersonUid01", Some(&event), Reason::Deleted, at(time * 100)).await.unwrap();
            }
        }
        let log = registry.revocations(0, 10_000).await.unwrap();
        let rows = registry.list_by_person("PersonUid01").await.unwrap();
        for row in &rows {
            let latest = log.iter().rfind(|record| record.id == row.id);
            let revoked = latest.is_some_and(|record| record.action == Action::Revoke);
            assert_eq!(row.revoked.is_some(), revoked, "{row:?} {log:?}");
            assert_eq!(row.stands(), !revoked, "what is not revoked stands, and nothing else: {row:?}");
        }
        for event in ["E0", "E1"] {
            assert!(rows.iter().filter(|row| row.event == event && row.stands()).count() <= 1);
        }
        let now = registry.revoked_now(0, 10_000).await.unwrap();
        assert_eq!(
            now.iter().filter(|r| r.action == Action::Revoke).count(),
            rows.iter().filter(|r| !r.stands()).count()
        );
    }
}

#[test]
fn the_latest_record_says_what_holds_in_any_order_of_events() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    proptest!(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() }, |(steps in steps())| {
        runtime.block_on(async {
            let db = Database::sqlite();
            play(&db.open().await, steps).await;
        });
    });
}
