//! What a pass over a country asks of the registry: many records at once, and no more than it needs.

use jiff::civil::date;
use vaccert::registry::{Candidate, Claim, Origin, Reason, Sealed, State};

use super::{at, candidate, claim_one, ids, issue, sealed_as, several, store_one};
use crate::support::database::on_each;

/// A batch of sizes that no statement is made for, in which values are missing at any place, the first one too.
#[test]
fn a_batch_of_any_size_keeps_every_row_as_it_is() {
    on_each(async |db| {
        let registry = db.open().await;
        let origin = |n: usize| Origin {
            facility: (!n.is_multiple_of(3)).then(|| format!("Facility{n:03}")),
            operator: (!n.is_multiple_of(2)).then(|| "poller".into()),
            lot: (n % 5 == 1).then(|| format!("ຊຸດ {n} \"'\\")),
            given_on: (!n.is_multiple_of(7)).then(|| date(2021, 3, 1)),
            reason: None,
            request: (n % 11 == 3).then(|| format!("req{n}")),
        };
        let batch: Vec<Candidate> = (0..731)
            .map(|n| Candidate {
                tracked_entity: format!("Person{:05}", n / 2),
                origin: origin(n),
                ..several(&format!("Event{n:06}"), &[("eu-dcc", u8::try_from(n % 251).unwrap()), ("icvp", 7)])
            })
            .collect();
        let claims = registry.claim(&batch, ids(), "a", at(0)).await.unwrap();
        let sealed: Vec<Sealed> = claims
            .iter()
            .zip(&batch)
            .map(|(claim, candidate)| match claim {
                Claim::Sign { id, formats, .. } => {
                    let mut sealed = sealed_as(id, candidate, formats);
                    sealed.envelopes[1].listed_as = id.ends_with('3').then(|| format!("signature:{id}"));
                    sealed
                }
                other => panic!("{other:?}"),
            })
            .collect();
        let answers = registry.store_released(&sealed, "a", at(1)).await.unwrap();
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        for (n, (sealed, candidate)) in sealed.iter().zip(&batch).enumerate() {
            let stored = registry.get(&sealed.id).await.unwrap().unwrap();
            assert_eq!(stored.sealed.as_ref(), Some(sealed));
            assert_eq!((&stored.tracked_entity, &stored.event), (&candidate.tracked_entity, &candidate.event));
            let kept = Origin { reason: None, request: None, ..origin(n) };
            assert!(stored.origin == kept, "row {n}");
        }
        let examined = registry.examined(0, 1_000).await.unwrap();
        assert_eq!(examined.len(), 731);
        assert!(registry.check_audit(&[], |_| {}).await.unwrap().faults.is_empty());
        let people: Vec<String> = (0..366).map(|n| format!("Person{n:05}")).collect();
        let people: Vec<&str> = people.iter().map(String::as_str).collect();
        assert_eq!(registry.standing_of(&people).await.unwrap().len(), 731);
    });
}

#[test]
fn what_has_no_file_is_stored_and_released_at_once() {
    on_each(async |db| {
        let registry = db.open().await;
        let record = candidate("E", 1);
        let Claim::Sign { id, formats, .. } = claim_one(&registry, &record, "a", at(0)).await else { panic!() };
        let answer = registry.store_released(&[sealed_as(&id, &record, &formats)], "a", at(0)).await.unwrap();
        assert_eq!(answer, [Ok(())]);
        assert_eq!(registry.get(&id).await.unwrap().unwrap().state, State::Released);
        assert!(registry.unreleased(None, 10).await.unwrap().is_empty());

        // A further format leaves it released, and releases what was not.
        let waiting = candidate("F", 1);
        let (other, _) = issue(&registry, &waiting, at(0)).await;
        for (event, id) in [("E", &id), ("F", &other)] {
            let both = several(event, &[("eu-dcc", 1), ("ddcc", 2)]);
            let Claim::Add { formats, .. } = claim_one(&registry, &both, "a", at(20)).await else { panic!() };
            let added = sealed_as(id, &both, &formats);
            assert_eq!(registry.store_released(&[added], "a", at(20)).await.unwrap(), [Ok(())]);
            assert_eq!(registry.get(id).await.unwrap().unwrap().state, State::Released);
        }
        // Who lost the lease stores nothing this way either.
        let changed = candidate("E", 9);
        let Claim::Sign { id, formats, .. } = claim_one(&registry, &changed, "b", at(40)).await else { panic!() };
        let late = registry.store_released(&[sealed_as(&id, &changed, &formats)], "c", at(40)).await.unwrap();
        assert!(late[0].is_err());
    });
}

#[test]
fn people_of_whom_something_could_be_taken_back_are_told() {
    on_each(async |db| {
        let registry = db.open().await;
        let of = |person: &str| Candidate { tracked_entity: person.into(), ..candidate("E", 1) };
        for person in ["Standing", "Withdrawn", "Abandoned", "Intended", "Revoked"] {
            assert!(matches!(claim_one(&registry, &of(person), "a", at(0)).await, Claim::Sign { .. }));
        }
        let all = ["Standing", "Withdrawn", "Abandoned", "Intended", "Revoked", "Nobody", "\0"];
        let told = async || {
            let mut found: Vec<String> = registry.having_anything(&all).await.unwrap().into_iter().collect();
            found.sort_unstable();
            found
        };
        assert_eq!(told().await, ["Abandoned", "Intended", "Revoked", "Standing", "Withdrawn"]);
        registry.withdraw("Abandoned", None, Reason::Deleted, at(1)).await.unwrap();
        for person in ["Standing", "Withdrawn", "Revoked"] {
            let Claim::Sign { id, .. } = claim_one(&registry, &of(person), "b", at(100)).await else { panic!() };
            store_one(&registry, &id, &of(person), "b", at(100)).await.unwrap();
            if person == "Revoked" {
                registry.revoke(&[id], &Reason::Fraud.into(), at(101)).await.unwrap();
            }
        }
        registry.withdraw("Withdrawn", None, Reason::Deleted, at(102)).await.unwrap();
        assert_eq!(told().await, ["Intended", "Revoked", "Standing"]);
        // A revoked one holds its place and stands no more.
        let standing = registry.standing_of(&all).await.unwrap();
        assert_eq!(standing.iter().map(|s| s.tracked_entity.as_str()).collect::<Vec<_>>(), ["Standing"]);
    });
}
