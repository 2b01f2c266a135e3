//! The registry as its users see it: the same promises on SQLite and on PostgreSQL.

mod chunks;
mod crashes;
mod formats;
mod people;
mod refusals;
mod revocations;
#[cfg(feature = "postgres")]
mod tls;
mod work;

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use vaccert::registry::{
    Candidate, Claim, Content, Envelope, Options, Origin, Reason, Registry, RegistryError, Sealed, State,
};

use crate::support::database::on_each;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn candidate(event: &str, content: u8) -> Candidate {
    Candidate {
        tracked_entity: "PersonUid01".into(),
        event: event.into(),
        contents: vec![content_of("eu-dcc", content)],
        origin: Origin::default(),
    }
}

fn content_of(format: &str, content: u8) -> Content {
    Content { format: format.into(), digest: [content; 32], wanted: true }
}

/// A candidate of several formats, each with its content.
fn several(event: &str, contents: &[(&str, u8)]) -> Candidate {
    let contents = contents.iter().map(|(format, content)| content_of(format, *content)).collect();
    Candidate { contents, ..candidate(event, 0) }
}

/// Identifiers that never repeat within this process.
fn ids() -> impl FnMut() -> String + Send {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    || format!("URN:UVCI:01:XX:{:026}", NEXT.fetch_add(1, Ordering::Relaxed))
}

fn sealed(id: &str) -> Sealed {
    Sealed { id: id.into(), envelopes: vec![envelope(id, "eu-dcc", 1)] }
}

fn envelope(id: &str, format: &str, content: u8) -> Envelope {
    Envelope {
        format: format.into(),
        content: [content; 32],
        text: format!("HC1:SECRET {id}"),
        kid: vec![1, 2, 3, 4, 5, 6, 7, 8],
        algorithm: "ES256".into(),
        issued_at: at(0),
        expires_at: at(31_536_000),
        listed_as: None,
    }
}

/// The answer to a first claim.
fn sign(id: &str) -> Claim {
    Claim::Sign { id: id.into(), formats: vec!["eu-dcc".into()], supersedes: None }
}

/// What is stored for a candidate under an identifier: the envelopes of these formats, with the contents of the
/// candidate.
fn sealed_as(id: &str, candidate: &Candidate, formats: &[String]) -> Sealed {
    let of = |format: &String| {
        let content = candidate.contents.iter().find(|content| content.format == *format).unwrap();
        Envelope { content: content.digest, ..envelope(id, format, 0) }
    };
    Sealed { id: id.into(), envelopes: formats.iter().map(of).collect() }
}

async fn claim_one(registry: &Registry, candidate: &Candidate, owner: &str, now: Timestamp) -> Claim {
    registry.claim(std::slice::from_ref(candidate), ids(), owner, now).await.unwrap().pop().unwrap()
}

async fn store_one(
    registry: &Registry,
    id: &str,
    candidate: &Candidate,
    owner: &str,
    now: Timestamp,
) -> Result<(), RegistryError> {
    let wanted = candidate.contents.iter().filter(|content| content.wanted);
    let formats: Vec<String> = wanted.map(|content| content.format.clone()).collect();
    registry.store(&[sealed_as(id, candidate, &formats)], owner, now).await.unwrap().pop().unwrap()
}

/// Claims, signs and stores; gives the identifier.
async fn issue(registry: &Registry, candidate: &Candidate, now: Timestamp) -> (String, Option<String>) {
    match claim_one(registry, candidate, "a", now).await {
        Claim::Sign { id, supersedes, .. } => {
            store_one(registry, &id, candidate, "a", now).await.unwrap();
            (id, supersedes)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_record_is_issued_once() {
    on_each(async |db| {
        let registry = db.open().await;
        let record = candidate("EventUid001", 1);
        let (id, supersedes) = issue(&registry, &record, at(0)).await;
        assert_eq!(supersedes, None);
        let again = claim_one(&registry, &record, "b", at(100)).await;
        let envelopes = vec![envelope(&id, "eu-dcc", 1)];
        assert_eq!(again, Claim::Unchanged { id: id.clone(), envelopes: envelopes.clone(), released: false });
        assert!(!format!("{again:?} {:?}", sealed(&id)).contains("SECRET"), "sealed texts hold personal data");

        let waiting = registry.unreleased(None, 10).await.unwrap();
        assert_eq!(waiting, [sealed(&id)]);
        assert!(registry.unreleased(Some(&id), 10).await.unwrap().is_empty());
        assert_eq!(registry.release(&[id.clone(), "unknown".into()]).await.unwrap(), 1);
        assert_eq!(registry.release(std::slice::from_ref(&id)).await.unwrap(), 0);
        assert!(registry.unreleased(None, 10).await.unwrap().is_empty());

        registry.close().await;
        let registry = db.open().await;
        let again = claim_one(&registry, &record, "c", at(200)).await;
        assert_eq!(again, Claim::Unchanged { id: id.clone(), envelopes, released: true });
        let stored = registry.get(&id).await.unwrap().unwrap();
        assert_eq!((&stored.tracked_entity, &stored.event), (&record.tracked_entity, &record.event));
        assert_eq!(stored.formats, ["eu-dcc"]);
        assert_eq!(stored.state, State::Released);
        assert_eq!(stored.sealed, Some(sealed(&id)));
        assert_eq!(stored.intended_at, at(0));
        assert!(stored.stands());
        assert_eq!(registry.get("URN:UVCI:01:XX:NONE").await.unwrap(), None);
        assert_eq!(registry.get("\0").await.unwrap(), None);
        let counts = registry.counts().await.unwrap();
        assert_eq!((counts.released, counts.signed, counts.intended, counts.revoked), (1, 0, 0, 0));
    });
}

#[test]
fn another_event_or_person_is_another_certificate() {
    on_each(async |db| {
        let registry = db.open().await;
        let first = candidate("EventUid001", 1);
        let other_event = candidate("EventUid002", 1);
        let other_person = Candidate { tracked_entity: "PersonUid02".into(), ..first.clone() };
        let all = [first, other_event, other_person];
        let claims = registry.claim(&all, ids(), "a", at(0)).await.unwrap();
        assert!(claims.iter().all(|c| matches!(c, Claim::Sign { supersedes: None, .. })), "{claims:?}");
        assert_eq!(registry.list_by_person("PersonUid01").await.unwrap().len(), 2);
        assert_eq!(registry.list_by_person("PersonUid02").await.unwrap().len(), 1);
    });
}

#[test]
fn a_hundred_parallel_calls_make_one_signature() {
    on_each(async |db| {
        // Four handles with their own connections stand for four processes.
        let mut handles = Vec::new();
        for _ in 0..4 {
            handles.push(db.open().await);
        }
        let signatures = std::sync::Arc::new(AtomicU64::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..100usize {
            let (registry, signatures) = (handles[n % 4].clone(), signatures.clone());
            tasks.spawn(async move {
                let owner = format!("owner {n}");
                loop {
                    match claim_one(&registry, &candidate("EventUid001", 1), &owner, at(0)).await {
                        Claim::Sign { id, .. } => {
                            signatures.fetch_add(1, Ordering::SeqCst);
                            // Long enough for the others to find the lease held.
                            tokio::time::sleep(std::time::Duration::from_millis(30)).await;
                            store_one(&registry, &id, &candidate("EventUid001", 1), &owner, at(1)).await.unwrap();
                            return id;
                        }
                        Claim::Unchanged { id, .. } => return id,
                        Claim::Add { .. } | Claim::Revoked { .. } => panic!("one format"),
                        Claim::Busy => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                    }
                }
            });
        }
        let found: std::collections::HashSet<String> = tasks.join_all().await.into_iter().collect();
        assert_eq!(found.len(), 1);
        assert_eq!(signatures.load(Ordering::SeqCst), 1);
        assert_eq!(handles[0].counts().await.unwrap().signed, 1);
    });
}

#[test]
fn many_processes_may_open_a_new_registry_at_once() {
    on_each(async |db| {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let url = db.url.clone();
            tasks.spawn(async move { Registry::open(&url, Options::default()).await.map(|_| ()) });
        }
        assert_eq!(tasks.join_all().await, vec![Ok(()); 8]);
    });
}

#[test]
fn a_dead_owner_s_intent_is_taken_over_with_its_identifier() {
    on_each(async |db| {
        let registry = db.open().await;
        let record = candidate("EventUid001", 1);
        let Claim::Sign { id, .. } = claim_one(&registry, &record, "dead", at(0)).await else { panic!() };
        assert_eq!(claim_one(&registry, &record, "b", at(9)).await, Claim::Busy);
        assert_eq!(claim_one(&registry, &record, "dead", at(9)).await, Claim::Busy, "even for its owner");
        let taken = claim_one(&registry, &record, "b", at(10)).await;
        assert_eq!(taken, sign(&id));

        // The dead one was only slow.
        let lost = store_one(&registry, &id, &record, "dead", at(11)).await;
        assert_eq!(lost, Err(RegistryError::LeaseLost { id: id.clone() }));
        // A lease that ran out while nobody took it over is still good.
        store_one(&registry, &id, &record, "b", at(1000)).await.unwrap();
        let twice = store_one(&registry, &id, &record, "b", at(1000)).await;
        assert_eq!(twice, Err(RegistryError::AlreadySealed { id: id.clone() }));
        let unknown = store_one(&registry, "nobody", &record, "b", at(1000)).await;
        assert_eq!(unknown, Err(RegistryError::Unknown { id: "nobody".into() }));
        assert_eq!(registry.counts().await.unwrap().signed, 1);
    });
}

#[test]
fn a_lease_given_up_is_free_at_once() {
    on_each(async |db| {
        let registry = db.open().await;
        let record = candidate("EventUid001", 1);
        let Claim::Sign { id, .. } = claim_one(&registry, &record, "a", at(0)).await else { panic!() };
        registry.give_up(std::slice::from_ref(&id), "somebody else", at(1)).await.unwrap();
        assert_eq!(claim_one(&registry, &record, "b", at(1)).await, Claim::Busy);
        registry.give_up(std::slice::from_ref(&id), "a", at(1)).await.unwrap();
        assert_eq!(claim_one(&registry, &record, "b", at(1)).await, sign(&id));
    });
}

#[test]
fn a_record_corrected_before_it_was_signed_gets_a_new_identifier() {
    on_each(async |db| {
        let registry = db.open().await;
        let Claim::Sign { id: old, .. } = claim_one(&registry, &candidate("E", 1), "slow", at(0)).await else {
            panic!()
        };
        assert_eq!(claim_one(&registry, &candidate("E", 2), "b", at(5)).await, Claim::Busy);
        let Claim::Sign { id: new, supersedes, .. } = claim_one(&registry, &candidate("E", 2), "b", at(20)).await
        else {
            panic!()
        };
        assert_ne!(old, new);
        assert_eq!(supersedes, None);
        let late = store_one(&registry, &old, &candidate("E", 1), "slow", at(21)).await;
        assert_eq!(late, Err(RegistryError::Abandoned { id: old.clone() }));
        store_one(&registry, &new, &candidate("E", 2), "b", at(21)).await.unwrap();
        assert_eq!(registry.get(&old).await.unwrap().unwrap().state, State::Abandoned);
        assert_eq!(registry.counts().await.unwrap().abandoned, 1);
    });
}

#[test]
fn a_corrected_record_supersedes_and_revokes() {
    on_each(async |db| {
        let registry = db.open().await;
        let (first, _) = issue(&registry, &candidate("E", 1), at(0)).await;
        let (second, supersedes) = issue(&registry, &candidate("E", 2), at(100)).await;
        assert_eq!(supersedes.as_deref(), Some(&*first));
        // And back again: the first is on the list and stays there.
        let (third, supersedes) = issue(&registry, &candidate("E", 1), at(200)).await;
        assert_eq!(supersedes.as_deref(), Some(&*second));
        assert_ne!(first, third);

        let rows = registry.list_by_person("PersonUid01").await.unwrap();
        let links: Vec<_> =
            rows.iter().map(|c| (&*c.id, c.supersedes.as_deref(), c.superseded_by.as_deref())).collect();
        assert_eq!(
            links,
            [
                (&*first, None, Some(&*second)),
                (&*second, Some(&*first), Some(&*third)),
                (&*third, Some(&*second), None)
            ]
        );
        assert_eq!(rows.iter().map(|c| c.stands()).collect::<Vec<_>>(), [false, false, true]);
        let list = registry.revocations(0, 10).await.unwrap();
        let list_start = list[0].number;
        let list: Vec<_> = list.iter().map(|r| (&*r.id, r.cause.reason, r.at)).collect();
        assert_eq!(list, [(&*first, Reason::Superseded, at(100)), (&*second, Reason::Superseded, at(200))]);
        let page = registry.revocations(list_start, 10).await.unwrap();
        assert_eq!(page.len(), 1);
        assert_eq!(registry.revocations(0, 1).await.unwrap()[0].id, first);
        // Only what stands is waiting for output.
        let waiting = registry.unreleased(None, 10).await.unwrap();
        assert_eq!(waiting.iter().map(|s| &s.id).collect::<Vec<_>>(), [&third]);
        let counts = registry.counts().await.unwrap();
        assert_eq!((counts.signed, counts.superseded, counts.revoked), (1, 2, 2));
    });
}

#[test]
fn a_correction_that_was_taken_back_before_it_was_signed_changes_nothing() {
    on_each(async |db| {
        let registry = db.open().await;
        let (first, _) = issue(&registry, &candidate("E", 1), at(0)).await;
        let Claim::Sign { id: second, supersedes, .. } = claim_one(&registry, &candidate("E", 2), "b", at(10)).await
        else {
            panic!()
        };
        assert_eq!(supersedes.as_deref(), Some(&*first));
        assert_eq!(claim_one(&registry, &candidate("E", 1), "c", at(15)).await, Claim::Busy);
        let both = [candidate("E", 1), candidate("E", 2)];
        let claims = registry.claim(&both, ids(), "c", at(30)).await.unwrap();
        assert!(matches!(&claims[..], [Claim::Unchanged { id, .. }, Claim::Busy] if *id == first), "{claims:?}");
        let late = store_one(&registry, &second, &candidate("E", 2), "b", at(31)).await;
        assert_eq!(late, Err(RegistryError::Abandoned { id: second }));
        assert!(registry.get(&first).await.unwrap().unwrap().stands());
        assert!(registry.revocations(0, 10).await.unwrap().is_empty());
    });
}

#[test]
fn deleted_records_are_withdrawn_once() {
    on_each(async |db| {
        let registry = db.open().await;
        let (first, _) = issue(&registry, &candidate("E1", 1), at(0)).await;
        let (second, _) = issue(&registry, &candidate("E2", 1), at(0)).await;
        let Claim::Sign { id: third, .. } = claim_one(&registry, &candidate("E3", 1), "b", at(0)).await else {
            panic!()
        };
        let gone = registry.withdraw("PersonUid01", Some("E1"), Reason::Deleted, at(5)).await.unwrap();
        assert_eq!(gone, std::slice::from_ref(&first));
        assert!(registry.withdraw("PersonUid01", Some("E1"), Reason::Deleted, at(6)).await.unwrap().is_empty());
        assert!(registry.withdraw("PersonUid09", None, Reason::Deleted, at(6)).await.unwrap().is_empty());
        let gone = registry.withdraw("PersonUid01", None, Reason::Deleted, at(7)).await.unwrap();
        assert_eq!(gone, [second]);
        // The signature that was being made meanwhile is refused.
        let late = store_one(&registry, &third, &candidate("E3", 1), "b", at(8)).await;
        assert_eq!(late, Err(RegistryError::Abandoned { id: third }));

        let list = registry.revocations(0, 10).await.unwrap();
        assert_eq!(list.iter().map(|r| r.at).collect::<Vec<_>>(), [at(5), at(7)]);
        assert!(list.iter().all(|r| r.cause.reason == Reason::Deleted));
        assert!(registry.unreleased(None, 10).await.unwrap().is_empty());
        let counts = registry.counts().await.unwrap();
        assert_eq!((counts.withdrawn, counts.abandoned, counts.signed), (2, 1, 0));

        // Restored: a new certificate, for a listed one never comes back.
        let (again, supersedes) = issue(&registry, &candidate("E1", 1), at(50)).await;
        assert_ne!(again, first);
        assert_eq!(supersedes, None);
    });
}

#[test]
fn a_batch_is_answered_in_order_and_item_by_item() {
    on_each(async |db| {
        let registry = db.open().await;
        // More than one chunk, and not a multiple of it.
        let mut batch: Vec<_> = (0..700).map(|n| candidate(&format!("E{n}"), 1)).collect();
        let half = registry.claim(&batch[..350], ids(), "a", at(0)).await.unwrap();
        let texts: Vec<_> = half
            .iter()
            .map(|c| match c {
                Claim::Sign { id, .. } => sealed(id),
                other => panic!("{other:?}"),
            })
            .collect();
        assert!(registry.store(&texts, "a", at(0)).await.unwrap().iter().all(Result::is_ok));
        batch[100].contents[0].digest = [9; 32];
        batch.push(batch[100].clone());
        batch.push(batch[0].clone());
        batch.push(batch[600].clone());
        let claims = registry.claim(&batch, ids(), "a", at(1)).await.unwrap();
        for (n, claim) in claims.iter().enumerate() {
            match (n, claim) {
                (100, Claim::Sign { supersedes: Some(old), .. }) => assert_eq!(*old, texts[100].id),
                (702, Claim::Busy) | (700, Claim::Busy) => {}
                (701, Claim::Unchanged { id, .. }) => assert_eq!(*id, texts[0].id),
                (0..350, Claim::Unchanged { id, .. }) => assert_eq!(*id, texts[n].id),
                (350..700, Claim::Sign { supersedes: None, .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        // One bad item does not hold up the others.
        let Claim::Sign { id, .. } = &claims[400] else { panic!() };
        let good = sealed(id);
        let answers = registry.store(&[texts[0].clone(), good.clone(), good], "a", at(2)).await.unwrap();
        assert!(matches!(
            answers[..],
            [Err(RegistryError::AlreadySealed { .. }), Ok(()), Err(RegistryError::AlreadySealed { .. })]
        ));
        assert_eq!(registry.unreleased(None, 1000).await.unwrap().len(), 351);

        let too_many = vec![candidate("E", 1); 5000];
        let refused = registry.claim(&too_many, ids(), "a", at(1)).await;
        assert_eq!(refused, Err(RegistryError::Batch { found: 5000 }));
        assert!(registry.claim(&[], ids(), "a", at(1)).await.unwrap().is_empty());
        assert!(registry.store(&[], "a", at(1)).await.unwrap().is_empty());
    });
}

#[test]
fn hostile_keys_and_texts_are_refused_by_name() {
    on_each(async |db| {
        let registry = db.open().await;
        for bad in ["", "a\0b", "line\nend", &"x".repeat(257)] {
            let batch = [candidate("E", 1), candidate(bad, 1)];
            let refused = registry.claim(&batch, ids(), "a", at(0)).await;
            assert_eq!(refused, Err(RegistryError::Key { index: 1, field: "event" }));
            let refused = registry.claim(&[candidate("E", 1)], ids(), bad, at(0)).await;
            assert_eq!(refused, Err(RegistryError::Key { index: 0, field: "owner" }));
            let refused = registry.claim(&[candidate("E", 1)], || bad.to_owned(), "a", at(0)).await;
            assert_eq!(refused, Err(RegistryError::Key { index: 0, field: "new identifier" }));
        }
        // SQL in a key is a key.
        let sql = candidate("'; DROP TABLE certificate; --", 1);
        let (id, _) = issue(&registry, &sql, at(0)).await;
        assert_eq!(registry.get(&id).await.unwrap().unwrap().event, sql.event);

        let Claim::Sign { id, .. } = claim_one(&registry, &candidate("E", 1), "a", at(0)).await else { panic!() };
        for text in ["", "a\0", &"x".repeat(70_000)] {
            let bad = Envelope { text: text.to_owned(), ..envelope(&id, "eu-dcc", 1) };
            let bad = Sealed { id: id.clone(), envelopes: vec![bad] };
            let answer = registry.store(&[bad], "a", at(0)).await.unwrap();
            assert_eq!(answer, [Err(RegistryError::Text { id: id.clone() })]);
        }
        store_one(&registry, &id, &candidate("E", 1), "a", at(0)).await.unwrap();
        let taken = registry.claim(&[candidate("F", 1)], || id.clone(), "a", at(0)).await;
        assert!(matches!(taken, Err(RegistryError::IdTaken)), "{taken:?}");
        assert_eq!(registry.counts().await.unwrap().intended, 0, "nothing of a refused batch is written");
    });
}

#[test]
fn watermarks_never_move_backwards() {
    on_each(async |db| {
        let registry = db.open().await;
        assert_eq!(registry.watermark("dhis2").await.unwrap(), None);
        assert!(registry.set_watermark("dhis2", "2026-11-21T10:00:00.000", false).await.unwrap());
        assert!(registry.set_watermark("dhis2", "2026-11-21T10:00:00.000", false).await.unwrap());
        assert!(!registry.set_watermark("dhis2", "2026-11-21T09:59:59.999", false).await.unwrap());
        assert!(registry.set_watermark("other", "2020-01-01", false).await.unwrap());
        assert_eq!(registry.watermark("dhis2").await.unwrap().as_deref(), Some("2026-11-21T10:00:00.000"));
        assert!(registry.set_watermark("dhis2", "2026-01-01T00:00:00.000", true).await.unwrap());
        assert_eq!(registry.watermark("dhis2").await.unwrap().as_deref(), Some("2026-01-01T00:00:00.000"));
        assert_eq!(registry.watermark("other").await.unwrap().as_deref(), Some("2020-01-01"));

        assert_eq!(registry.meta("country").await.unwrap(), None);
        assert_eq!(registry.pin_meta("country", "XX").await.unwrap(), "XX");
        assert_eq!(registry.pin_meta("country", "LK").await.unwrap(), "XX");
        assert_eq!(registry.meta("country").await.unwrap().as_deref(), Some("XX"));
    });
}

#[test]
fn signers_are_remembered_once_each() {
    on_each(async |db| {
        let registry = db.open().await;
        assert_eq!(registry.signers().await.unwrap(), [""; 0]);
        let long = "x".repeat(2_000);
        for (kid, certificate) in [("one", "first"), ("two", &*long), ("one", "other")] {
            registry.remember_signer(kid, certificate).await.unwrap();
        }
        registry.pin_meta("country", "XX").await.unwrap();
        let mut found = registry.signers().await.unwrap();
        found.sort();
        assert_eq!(found, ["first", &*long]);
        for bad in ["", "\0", &"x".repeat(70_000)] {
            let refused = registry.remember_signer("three", bad).await;
            assert_eq!(refused, Err(RegistryError::Text { id: "three".into() }));
        }
        assert!(registry.remember_signer("", "x").await.is_err());
    });
}
