//! The account that an installation gives of itself: the audit log on both databases, and `vaccert audit`.

mod cost;
#[cfg(feature = "service")]
mod doses;
mod forget;
mod program;
#[cfg(feature = "service")]
mod returns;

use std::sync::Arc;

use jiff::Timestamp;
use vaccert::registry::{
    Candidate, Cause, Claim, Content, Envelope, Origin, RENEWAL, Reason, Registry, RegistryError, Sealed,
    audit::{ActorKind, AuditRecord, By, Deed, Entry, Export, Head, ObjectKind, Told},
};

use crate::support::database::{Database, on_each};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn candidate(event: &str, formats: &[(&str, u8)], origin: Origin) -> Candidate {
    let contents = formats
        .iter()
        .map(|(format, content)| Content { format: (*format).into(), digest: [*content; 32], wanted: true })
        .collect();
    Candidate { tracked_entity: "PersonUid01".into(), event: event.into(), contents, origin }
}

fn by(operator: &str) -> Origin {
    Origin { operator: Some(operator.into()), facility: Some("HarbourHC01".into()), ..Origin::default() }
}

/// Claims, signs and stores what is to be signed; gives the identifier.
async fn issue(registry: &Registry, candidate: &Candidate, seconds: i64) -> Result<String, RegistryError> {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let new = || format!("URN:UVCI:01:XX:A{:025}", NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let claim = registry.claim(std::slice::from_ref(candidate), new, "a", at(seconds)).await.unwrap().pop().unwrap();
    let (id, formats) = match claim {
        Claim::Sign { id, formats, .. } | Claim::Add { id, formats, .. } => (id, formats),
        other => panic!("{other:?}"),
    };
    let envelopes = formats
        .iter()
        .map(|format| Envelope {
            format: format.clone(),
            content: candidate.contents.iter().find(|content| content.format == *format).unwrap().digest,
            text: format!("HC1:SECRET {id} {format}"),
            kid: vec![1, 2, 3, 4, 5, 6, 7, 8],
            algorithm: "ES256".into(),
            issued_at: at(seconds),
            expires_at: at(seconds + 31_536_000),
            listed_as: None,
        })
        .collect();
    registry.store(&[Sealed { id: id.clone(), envelopes }], "a", at(seconds)).await.unwrap().pop().unwrap()?;
    Ok(id)
}

async fn log(registry: &Registry) -> Vec<AuditRecord> {
    registry.audit_records(0, 1_000).await.unwrap()
}

async fn is_whole(registry: &Registry) -> bool {
    registry.check_audit(&[], |_| {}).await.unwrap().is_whole()
}

/// F01: whatever way a certificate comes into being, its record, the operator and the reason are in the log, in the
/// same transaction; and what was refused left nothing.
#[test]
fn f01_no_signature_without_audit_row() {
    on_each(async |db| {
        let registry = db.open().await;
        let first = candidate("E1", &[("eu-dcc", 1)], by("dhis2:nurse"));
        let one = issue(&registry, &first, 0).await.unwrap();
        // The same with a further format; corrected; renewed, for a reason and at a request; by nobody who was named.
        let added =
            issue(&registry, &candidate("E1", &[("eu-dcc", 1), ("ddcc", 1)], by("api:clinic")), 1).await.unwrap();
        assert_eq!(one, added);
        let two = issue(&registry, &candidate("E1", &[("eu-dcc", 2)], by("poller")), 2).await.unwrap();
        let renewal = Origin { reason: Some(RENEWAL.into()), request: Some("request-7".into()), ..by("citizen:9f3a") };
        let three = issue(&registry, &candidate("E1", &[("eu-dcc", 3)], renewal), 3).await.unwrap();
        let four = issue(&registry, &candidate("E2", &[("eu-dcc", 1)], Origin::default()), 4).await.unwrap();

        let log = log(&registry).await;
        let told: Vec<_> = log
            .iter()
            .map(|row| {
                (
                    row.action.as_str(),
                    row.object.as_deref().unwrap(),
                    row.actor_kind.as_str(),
                    row.actor.as_deref().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("issue", one.as_str(), "user", "dhis2:nurse"),
                ("add", one.as_str(), "token", "api:clinic"),
                ("revoke", one.as_str(), "system", "vaccert"),
                ("correct", two.as_str(), "system", "poller"),
                ("revoke", two.as_str(), "system", "vaccert"),
                ("renew", three.as_str(), "citizen", "citizen:9f3a"),
                ("issue", four.as_str(), "system", "vaccert"),
            ]
        );
        for row in log.iter().filter(|row| row.action != "revoke") {
            assert!(row.record.as_deref().unwrap().starts_with("PersonUid01/E"), "{row:?}");
            assert!(row.reason.as_deref().is_some_and(|reason| !reason.is_empty()), "{row:?}");
        }
        assert_eq!((log[5].reason.as_deref(), log[5].request.as_deref()), (Some(RENEWAL), Some("request-7")));
        assert_eq!(
            log[3].details.as_deref().unwrap(),
            format!(r#"{{"facility":"HarbourHC01","formats":"eu-dcc","keys":"AQIDBAUGBwg=","supersedes":"{one}"}}"#)
        );
        assert!(!format!("{log:?}").contains("SECRET"));
        assert!(registry.examined(0, 10).await.unwrap().iter().all(|held| held.told == Told::Whole));

        // What the registry refuses leaves no row: a lease that was lost, a text that cannot be kept.
        let head = registry.audit_head().await.unwrap();
        let late = candidate("E3", &[("eu-dcc", 1)], by("poller"));
        registry.claim(&[late], || "LATE".into(), "slow", at(5)).await.unwrap();
        let sealed = Sealed {
            id: "LATE".into(),
            envelopes: registry.get(&three).await.unwrap().unwrap().sealed.unwrap().envelopes,
        };
        let answer = registry.store(&[sealed], "another", at(6)).await.unwrap().pop().unwrap();
        assert!(matches!(answer, Err(RegistryError::LeaseLost { .. })));
        assert_eq!(registry.audit_head().await.unwrap(), head);
        assert!(is_whole(&registry).await);
    });
}

#[test]
fn revoking_and_taking_it_back_is_told_with_who_and_why() {
    on_each(async |db| {
        let registry = db.open().await;
        let id = issue(&registry, &candidate("E1", &[("eu-dcc", 1)], by("poller")), 0).await.unwrap();
        let cause = Cause {
            reason: Reason::Fraud,
            note: Some("Anna Muster told us".into()),
            operator: Some("user:amara".into()),
            bulk: Some("night shift".into()),
        };
        registry.revoke(&[id.clone(), "unknown".into()], &cause, at(1)).await.unwrap();
        let back = Cause { operator: Some("user:rui".into()), ..Cause::from(Reason::Mistake) };
        registry.restore(std::slice::from_ref(&id), &back, at(2)).await.unwrap();
        registry.withdraw("PersonUid01", None, Reason::Deleted, at(3)).await.unwrap();
        let told = registry.audit_of(&id, 0, 10).await.unwrap();
        let told: Vec<_> = told
            .iter()
            .map(|row| (row.action.as_str(), row.actor.as_deref().unwrap(), row.reason.as_deref().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("issue", "poller", "the record is complete"),
                ("revoke", "user:amara", Reason::Fraud.as_str()),
                ("undo", "user:rui", Reason::Mistake.as_str()),
                ("revoke", "vaccert", Reason::Deleted.as_str()),
            ]
        );
        let log = log(&registry).await;
        assert_eq!(log[1].details.as_deref(), Some(r#"{"bulk":"night shift"}"#));
        assert!(!format!("{log:?}").contains("Anna"), "notes stay out: people write names into them");
        assert!(registry.examined(0, 10).await.unwrap().iter().all(|held| held.told == Told::Whole));
    });
}

#[test]
fn entries_are_read_back_as_they_were_written() {
    on_each(async |db| {
        let registry = db.open().await;
        assert_eq!(registry.audit_head().await.unwrap(), Head::NONE);
        let entry = Entry::new(By::user("user:amara"), Deed::Export)
            .to(ObjectKind::List, "refusals")
            .because("asked by the ministry; ຂໍ້ມູນ")
            .at("request-1")
            .with("rows", 12);
        let head = registry.audit(&entry, at(0)).await.unwrap();
        let failed = Entry::new(By::anybody(), Deed::LoginFailed);
        let two = registry.audit_all(&[failed.clone(), failed], at(1)).await.unwrap();
        assert_eq!((head.number, two.number), (1, 3));
        let log = log(&registry).await;
        assert_eq!(log[0].at, at(0));
        assert_eq!(log[0].head(), head);
        assert_eq!((log[0].action.as_str(), log[0].object_kind.as_deref()), ("export", Some("list")));
        assert_eq!(
            (log[0].reason.as_deref(), log[0].details.as_deref()),
            (Some("asked by the ministry; ຂໍ້ມູນ"), Some(r#"{"rows":12}"#))
        );
        assert_eq!((log[1].actor_kind.as_str(), &log[1].actor), (ActorKind::Anybody.as_str(), &None));
        assert!(log.iter().skip(1).zip(&log).all(|(row, before)| row.previous == before.hash));

        let span = Export { from: at(1), until: at(2) };
        assert_eq!(registry.audit_between(span, 0, 10).await.unwrap().len(), 2);
        assert_eq!(registry.audit_between(span, 2, 10).await.unwrap().len(), 1);
        let newest: Vec<u64> = registry.audit_newest(None, 2).await.unwrap().iter().map(|row| row.number).collect();
        assert_eq!(newest, [3, 2]);
        assert_eq!(registry.audit_newest(Some(2), 5).await.unwrap().len(), 1);

        // One entry that cannot be kept keeps all of its transaction out.
        let bad = Entry::new(By::user("two\nlines"), Deed::Login);
        let good = Entry::new(By::user("user:amara"), Deed::Login);
        let refused = registry.audit_all(&[good, bad], at(2)).await;
        assert!(matches!(refused, Err(RegistryError::Key { index: 1, field: "actor" })), "{refused:?}");
        assert_eq!(registry.audit_head().await.unwrap().number, 3);
        assert!(is_whole(&registry).await);
    });
}

#[test]
fn writers_side_by_side_make_one_chain() {
    on_each(async |db| {
        let registries = [db.open().await, db.open().await, db.open().await];
        let mut tasks = Vec::new();
        for (n, registry) in registries.iter().enumerate() {
            let registry = registry.clone();
            tasks.push(tokio::spawn(async move {
                for round in 0..25 {
                    let entry = Entry::new(By::token(&format!("token:{n}")), Deed::Login).with("round", round);
                    registry.audit_all(&[entry.clone(), entry], at(round)).await.unwrap();
                    let event = format!("E{n}x{round}");
                    issue(&registry, &candidate(&event, &[("eu-dcc", 1)], by("poller")), round).await.unwrap();
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let checked = registries[0].check_audit(&[], |_| {}).await.unwrap();
        assert_eq!((checked.rows, checked.head.number, checked.is_whole()), (225, 225, true));
    });
}

/// Runs a statement on the database behind the program's back.
async fn behind(db: &Database, sql: &str) -> Result<(), sqlx::Error> {
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
    let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    #[cfg(feature = "postgres")]
    if db.url.starts_with("postgres") {
        let mut raw = sqlx::PgConnection::connect(&db.url).await?;
        return raw.execute(sql).await.map(drop);
    }
    let mut raw = sqlx::SqliteConnection::connect(&db.url).await?;
    raw.execute(sql).await.map(drop)
}

#[test]
fn the_database_itself_refuses_to_change_the_log() {
    on_each(async |db| {
        let registry = db.open().await;
        issue(&registry, &candidate("E1", &[("eu-dcc", 1)], by("poller")), 0).await.unwrap();
        for sql in [
            "UPDATE audit SET reason = 'x'",
            "UPDATE audit SET reason = reason WHERE number = 1",
            "DELETE FROM audit",
            "DELETE FROM audit WHERE number = 1",
        ] {
            let refused = behind(&db, sql).await.unwrap_err().to_string();
            assert!(refused.contains("only grows"), "{sql}: {refused}");
        }
        assert!(is_whole(&registry).await);
    });
}

#[test]
fn certificates_behind_the_programs_back_are_found() {
    on_each(async |db| {
        let registry = Arc::new(db.open().await);
        let good = issue(&registry, &candidate("E1", &[("eu-dcc", 1)], by("poller")), 0).await.unwrap();
        let revoked = issue(&registry, &candidate("E2", &[("eu-dcc", 1)], by("poller")), 1).await.unwrap();
        // One that somebody wrote into the table, and one that was marked as revoked without a row in any log.
        let columns =
            "tracked_entity, format, content, state, intended_at, text, kid, algorithm, issued_at, expires_at";
        behind(&db, &format!(
            "INSERT INTO certificate (id, event, {columns}) SELECT 'FORGED', 'E9', {columns} FROM certificate WHERE id = '{good}'"
        )).await.unwrap();
        behind(&db, &format!("UPDATE certificate SET revoked = 'fraud' WHERE id = '{revoked}'")).await.unwrap();
        // One whose revocation is in the one log and not in the other.
        let third = issue(&registry, &candidate("E3", &[("eu-dcc", 1)], by("poller")), 2).await.unwrap();
        behind(
            &db,
            &format!(
                "INSERT INTO revocation (certificate, action, reason, at) VALUES ('{third}', 'revoke', 'fraud', 5)"
            ),
        )
        .await
        .unwrap();
        let found = registry.examined(0, 10).await.unwrap();
        let of = |id: &str| found.iter().find(|held| held.sealed.id == id).unwrap();
        assert_eq!(of("FORGED").told, Told::Missing);
        assert_eq!(of(&good).told, Told::Whole);
        assert_eq!((of(&revoked).revoked, of(&revoked).logged), (Some(Reason::Fraud), None));
        assert_eq!(of(&third).told, Told::Revocations);
    });
}

#[test]
fn facilities_are_counted_by_span() {
    on_each(async |db| {
        let registry = db.open().await;
        let at_facility = |event: &str, facility: &str, content: u8| {
            let origin = Origin { facility: Some(facility.into()), ..by("poller") };
            candidate(event, &[("eu-dcc", content)], origin)
        };
        issue(&registry, &at_facility("E1", "A", 1), 0).await.unwrap();
        let old = issue(&registry, &at_facility("E2", "A", 1), 100).await.unwrap();
        issue(&registry, &at_facility("E3", "B", 1), 100).await.unwrap();
        issue(&registry, &at_facility("E3", "B", 2), 110).await.unwrap();
        registry.revoke(&[old], &Cause::from(Reason::Fraud), at(120)).await.unwrap();
        let counts = registry.facility_counts(Export { from: at(50), until: at(200) }).await.unwrap();
        let told: Vec<_> = counts.iter().map(|(uid, c)| (uid.as_str(), c.issued, c.revoked, c.standing)).collect();
        assert_eq!(told, [("A", 1, 1, 1), ("B", 2, 0, 1)], "a correction revokes nothing that counts");
    });
}
