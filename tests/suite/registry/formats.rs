//! One certificate in several formats: adding one revokes nothing, correcting one revokes all.

use vaccert::registry::{Candidate, Claim, Envelope, Reason, Registry, RegistryError, Sealed, State};

use super::{at, claim_one, envelope, ids, issue, sealed_as, several};
use crate::support::database::on_each;

/// Claims, signs what the claim names, and stores it.
async fn add(registry: &Registry, candidate: &Candidate, seconds: i64) -> (String, Vec<String>) {
    match claim_one(registry, candidate, "a", at(seconds)).await {
        Claim::Add { id, formats, .. } => {
            let sealed = sealed_as(&id, candidate, &formats);
            assert_eq!(registry.store(&[sealed], "a", at(seconds)).await.unwrap(), [Ok(())]);
            (id, formats)
        }
        other => panic!("{other:?}"),
    }
}

fn formats(envelopes: &[Envelope]) -> Vec<&str> {
    envelopes.iter().map(|envelope| envelope.format.as_str()).collect()
}

/// The same candidate, of which only these formats are wanted.
fn wanting(mut candidate: Candidate, wanted: &[&str]) -> Candidate {
    for content in &mut candidate.contents {
        content.wanted = wanted.contains(&content.format.as_str());
    }
    candidate
}

#[test]
fn a_certificate_keeps_all_its_envelopes() {
    on_each(async |db| {
        let registry = db.open().await;
        let record = several("E", &[("eu-dcc", 1), ("icvp", 2), ("ddcc", 3)]);
        let (id, _) = issue(&registry, &record, at(0)).await;
        let Claim::Unchanged { envelopes, .. } = claim_one(&registry, &record, "b", at(50)).await else { panic!() };
        assert_eq!(formats(&envelopes), ["eu-dcc", "ddcc", "icvp"]);
        let digests: Vec<u8> = envelopes.iter().map(|envelope| envelope.content[0]).collect();
        assert_eq!(digests, [1, 3, 2]);
        let stored = registry.get(&id).await.unwrap().unwrap();
        assert_eq!(stored.formats, ["eu-dcc", "ddcc", "icvp"]);
        assert_eq!(stored.sealed.as_ref().unwrap().envelopes, envelopes);
        assert_eq!(registry.list_by_person("PersonUid01").await.unwrap(), [stored]);
        assert_eq!(registry.unreleased(None, 10).await.unwrap(), [Sealed { id: id.clone(), envelopes }]);
        // A format that is no longer wanted stays.
        let fewer = wanting(record, &["icvp"]);
        assert!(
            matches!(claim_one(&registry, &fewer, "b", at(60)).await, Claim::Unchanged { id: same, .. } if same == id)
        );
    });
}

#[test]
fn a_format_is_added_under_the_same_identifier_and_revokes_nothing() {
    on_each(async |db| {
        let registry = db.open().await;
        let (id, _) = issue(&registry, &several("E", &[("eu-dcc", 1)]), at(0)).await;
        registry.release(std::slice::from_ref(&id)).await.unwrap();
        let both = several("E", &[("eu-dcc", 1), ("ddcc", 7)]);
        let (same, new) = add(&registry, &both, 20).await;
        assert_eq!((same.as_str(), new.as_slice()), (id.as_str(), &["ddcc".to_owned()][..]));
        let Claim::Unchanged { envelopes, released, .. } = claim_one(&registry, &both, "b", at(40)).await else {
            panic!()
        };
        assert_eq!((formats(&envelopes), released), (vec!["eu-dcc", "ddcc"], false), "its output is made again");
        assert_eq!(registry.release(std::slice::from_ref(&id)).await.unwrap(), 1);
        assert!(registry.revocations(0, 10).await.unwrap().is_empty());
        assert_eq!(registry.list_by_person("PersonUid01").await.unwrap().len(), 1);
        let counts = registry.counts().await.unwrap();
        assert_eq!((counts.released, counts.superseded, counts.intended, counts.abandoned), (1, 0, 0, 0));
    });
}

#[test]
fn a_correction_of_any_envelope_supersedes_the_whole_certificate() {
    on_each(async |db| {
        let registry = db.open().await;
        let (first, _) = issue(&registry, &several("E", &[("eu-dcc", 1), ("ddcc", 1)]), at(0)).await;
        // The lot was corrected, which the EU certificate does not say.
        let (second, old) = issue(&registry, &several("E", &[("eu-dcc", 1), ("ddcc", 2)]), at(20)).await;
        assert_eq!(old.as_deref(), Some(first.as_str()));
        // Nobody asks for the EU certificate any more, and its content is corrected.
        let narrow = wanting(several("E", &[("eu-dcc", 5), ("icvp", 6)]), &["icvp"]);
        let (third, old) = issue(&registry, &narrow, at(40)).await;
        assert_eq!(old.as_deref(), Some(second.as_str()));
        assert_eq!(registry.get(&third).await.unwrap().unwrap().formats, ["icvp"]);
        // None of the formats that stand can say the record any more.
        let (_, old) = issue(&registry, &several("E", &[("ddcc", 6)]), at(60)).await;
        assert_eq!(old.as_deref(), Some(third.as_str()));
        let list = registry.revocations(0, 10).await.unwrap();
        assert_eq!(
            list.iter().map(|r| (&*r.id, r.cause.reason)).collect::<Vec<_>>(),
            [(&*first, Reason::Superseded), (&*second, Reason::Superseded), (&*third, Reason::Superseded)]
        );
    });
}

#[test]
fn a_format_that_a_setting_takes_away_is_no_correction() {
    on_each(async |db| {
        let registry = db.open().await;
        let (id, _) = issue(&registry, &several("E", &[("eu-dcc", 1), ("ddcc", 2)]), at(0)).await;
        let claim = claim_one(&registry, &several("E", &[("ddcc", 2)]), "b", at(20)).await;
        assert!(matches!(claim, Claim::Unchanged { id: same, .. } if same == id));
    });
}

#[test]
fn an_addition_is_leased_taken_over_and_given_up_like_any_other_work() {
    on_each(async |db| {
        let registry = db.open().await;
        let (id, _) = issue(&registry, &several("E", &[("eu-dcc", 1)]), at(0)).await;
        let both = several("E", &[("eu-dcc", 1), ("ddcc", 2)]);
        let Claim::Add { formats, .. } = claim_one(&registry, &both, "dead", at(20)).await else { panic!() };
        assert_eq!(claim_one(&registry, &both, "b", at(29)).await, Claim::Busy);
        let taken = claim_one(&registry, &both, "b", at(30)).await;
        assert!(matches!(&taken, Claim::Add { id: same, .. } if *same == id), "{taken:?}");
        let late = registry.store(&[sealed_as(&id, &both, &formats)], "dead", at(31)).await.unwrap();
        assert_eq!(late, [Err(RegistryError::LeaseLost { id: id.clone() })]);

        // Before anybody signs, another format is asked for: the intent is replaced.
        let three = several("E", &[("eu-dcc", 1), ("ddcc", 2), ("icvp", 3)]);
        let Claim::Add { formats: more, .. } = claim_one(&registry, &three, "c", at(50)).await else { panic!() };
        assert_eq!(more, ["ddcc", "icvp"]);
        let late = registry.store(&[sealed_as(&id, &both, &formats)], "b", at(51)).await.unwrap();
        assert_eq!(late, [Err(RegistryError::LeaseLost { id: id.clone() })]);
        // The record cannot be one of them after all.
        let answer = registry.store(&[sealed_as(&id, &three, &more[1..])], "c", at(51)).await.unwrap();
        assert_eq!(answer, [Ok(())]);
        assert_eq!(registry.get(&id).await.unwrap().unwrap().formats, ["eu-dcc", "icvp"]);

        // Asked for, then no longer: the intent is given up, and can be made again.
        let claim = claim_one(&registry, &three, "d", at(70)).await;
        assert!(matches!(&claim, Claim::Add { formats, .. } if formats == &["ddcc"]), "{claim:?}");
        let claim = claim_one(&registry, &several("E", &[("eu-dcc", 1)]), "e", at(90)).await;
        assert!(matches!(claim, Claim::Unchanged { .. }), "{claim:?}");
        let late = registry.store(&[sealed_as(&id, &both, &formats)], "d", at(91)).await.unwrap();
        assert_eq!(late, [Err(RegistryError::Abandoned { id: id.clone() })]);
        add(&registry, &three, 100).await;
        assert_eq!(registry.get(&id).await.unwrap().unwrap().formats, ["eu-dcc", "ddcc", "icvp"]);
        assert!(registry.revocations(0, 10).await.unwrap().is_empty());
    });
}

#[test]
fn a_correction_overtakes_an_addition_and_a_deletion_ends_it() {
    on_each(async |db| {
        let registry = db.open().await;
        let (first, _) = issue(&registry, &several("E", &[("eu-dcc", 1)]), at(0)).await;
        let both = several("E", &[("eu-dcc", 1), ("ddcc", 2)]);
        assert!(matches!(claim_one(&registry, &both, "slow", at(20)).await, Claim::Add { .. }));
        // What the new certificate says in the added format is the same: it gets an identifier of its own all the same.
        let corrected = wanting(several("E", &[("eu-dcc", 9), ("ddcc", 2)]), &["ddcc"]);
        let Claim::Sign { id: second, formats, supersedes } = claim_one(&registry, &corrected, "b", at(40)).await
        else {
            panic!()
        };
        assert_ne!(first, second);
        assert_eq!(supersedes.as_deref(), Some(first.as_str()));
        let late = registry.store(&[sealed_as(&first, &both, &["ddcc".into()])], "slow", at(41)).await.unwrap();
        assert_eq!(late, [Err(RegistryError::Abandoned { id: first.clone() })]);
        let answer = registry.store(&[sealed_as(&second, &corrected, &formats)], "b", at(41)).await.unwrap();
        assert_eq!(answer, [Ok(())]);
        assert_eq!(registry.get(&first).await.unwrap().unwrap().formats, ["eu-dcc"]);

        let three = several("E", &[("ddcc", 2), ("icvp", 1)]);
        assert!(matches!(claim_one(&registry, &three, "slow", at(60)).await, Claim::Add { .. }));
        assert_eq!(
            registry.withdraw("PersonUid01", None, Reason::Deleted, at(61)).await.unwrap(),
            std::slice::from_ref(&second)
        );
        let late = registry.store(&[sealed_as(&second, &three, &["icvp".into()])], "slow", at(62)).await.unwrap();
        assert_eq!(late, [Err(RegistryError::Abandoned { id: second.clone() })]);
        let rows = registry.list_by_person("PersonUid01").await.unwrap();
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(rows.iter().all(|row| !row.stands() && row.state == State::Signed));
    });
}

#[test]
fn only_what_was_claimed_is_stored() {
    on_each(async |db| {
        let registry = db.open().await;
        let record = several("E", &[("eu-dcc", 1), ("ddcc", 1)]);
        let Claim::Sign { id, .. } = claim_one(&registry, &record, "a", at(0)).await else { panic!() };
        let wrong = |envelopes| Sealed { id: id.clone(), envelopes };
        for envelopes in [
            vec![],
            vec![envelope(&id, "icvp", 1)],
            vec![envelope(&id, "eu-dcc", 1), envelope(&id, "eu-dcc", 1)],
            vec![envelope(&id, "eu-dcc,ddcc", 1)],
        ] {
            let answer = registry.store(&[wrong(envelopes)], "a", at(1)).await.unwrap();
            assert_eq!(answer, [Err(RegistryError::Formats { id: id.clone() })]);
        }
        for contents in [&[][..], &[("eu-dcc", 1), ("eu-dcc", 1)], &[("a,b", 1)], &[("", 1)]] {
            let refused = registry.claim(&[several("F", contents)], ids(), "a", at(0)).await;
            assert_eq!(refused, Err(RegistryError::Key { index: 0, field: "format" }), "{contents:?}");
        }
        let refused = registry.claim(&[wanting(record, &[])], ids(), "a", at(0)).await;
        assert_eq!(refused, Err(RegistryError::Key { index: 0, field: "format" }));
    });
}

#[test]
fn other_identifiers_and_formats_are_remembered() {
    on_each(async |db| {
        let registry = db.open().await;
        let record = several("E", &[("divoc", 1), ("eu-dcc", 1)]);
        let Claim::Sign { id, formats, .. } = claim_one(&registry, &record, "a", at(0)).await else { panic!() };
        let mut sealed = sealed_as(&id, &record, &formats);
        sealed.envelopes[0].listed_as = Some("https://example.org/1".into());
        sealed.envelopes[1].listed_as = Some("two".into());
        assert_eq!(registry.store(&[sealed], "a", at(0)).await.unwrap(), [Ok(())]);
        let mut found = registry.listed_as(&[id, "nobody".into()]).await.unwrap();
        found.sort();
        assert_eq!(found, ["https://example.org/1", "two"]);
        assert_eq!(registry.formats(&["icvp", "ddcc"]).await.unwrap(), ["ddcc", "icvp"]);
        assert_eq!(registry.formats(&["icvp", "eu-dcc"]).await.unwrap(), ["ddcc", "eu-dcc", "icvp"]);
        assert_eq!(registry.formats(&[]).await.unwrap(), ["ddcc", "eu-dcc", "icvp"]);
    });
}
