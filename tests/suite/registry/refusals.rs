//! What is refused, how much was done, and which switches are set: the same on both databases.

use std::collections::BTreeMap;

use jiff::civil::date;
use vaccert::registry::{Cause, Claim, Figures, Reason, Refused, RefusedPage, Registry, SourceSeen, SwitchSet};

use super::{at, candidate, claim_one, sealed_as};
use crate::support::database::on_each;

fn refused(person: &str, event: &str, facility: &str, codes: &[&str]) -> Refused {
    Refused {
        tracked_entity: person.into(),
        event: event.into(),
        facility: Some(facility.into()),
        standing: None,
        reasons: codes.iter().map(|code| ((*code).to_owned(), Some("field".to_owned()))).collect(),
    }
}

async fn events(registry: &Registry, page: &RefusedPage) -> Vec<String> {
    registry.refused(page).await.unwrap().into_iter().map(|row| row.refused.event).collect()
}

fn whole() -> RefusedPage {
    RefusedPage { limit: 100, ..RefusedPage::default() }
}

#[test]
fn a_record_is_refused_until_it_is_issued_or_gone() {
    on_each(async |db| {
        let registry = db.open().await;
        let both = [refused("P1", "E1", "North", &["a", "b"]), refused("P1", "E2", "South", &["b"])];
        registry.note_refusals(&["P1", "P2"], &both, at(0)).await.unwrap();
        registry.note_refusals(&["P3"], &[refused("P3", "E3", "North", &["a"])], at(5)).await.unwrap();
        assert_eq!(events(&registry, &whole()).await, ["E1", "E2", "E3"]);

        // The same again keeps since when; other reasons take the place of the old ones.
        registry.note_refusals(&["P1"], &[refused("P1", "E1", "North", &["c"])], at(10)).await.unwrap();
        let rows = registry.refused_of("P1").await.unwrap();
        assert_eq!(rows.len(), 1, "the other record is refused no more");
        assert_eq!((rows[0].first_seen, rows[0].last_seen), (at(0), at(10)));
        assert_eq!(rows[0].refused.reasons, [("c".to_owned(), Some("field".to_owned()))]);

        let of = |code: Option<&str>, facility: Option<&str>| RefusedPage {
            code: code.map(str::to_owned),
            facility: facility.map(str::to_owned),
            ..whole()
        };
        assert_eq!(events(&registry, &of(Some("a"), None)).await, ["E3"]);
        assert_eq!(events(&registry, &of(None, Some("North"))).await, ["E1", "E3"]);
        assert!(events(&registry, &of(Some("a"), Some("South"))).await.is_empty());
        let behind = RefusedPage { after: Some(("P1".into(), "E1".into())), ..whole() };
        assert_eq!(events(&registry, &behind).await, ["E3"]);

        let counts = registry.refused_counts().await.unwrap();
        assert_eq!(counts.iter().map(|count| count.count).sum::<u64>(), 2);

        // A pass over everybody that began at 8 met the first and not the third.
        assert_eq!(registry.forget_refusals(at(8)).await.unwrap(), 1);
        assert_eq!(events(&registry, &whole()).await, ["E1"]);
        registry.note_refusals(&["P1"], &[], at(20)).await.unwrap();
        assert!(events(&registry, &whole()).await.is_empty());
    });
}

#[test]
fn names_of_facilities_are_those_last_told() {
    on_each(async |db| {
        let registry = db.open().await;
        let names =
            |name: &str| BTreeMap::from([("U1".to_owned(), name.to_owned()), ("bad\0".to_owned(), "x".to_owned())]);
        registry.name_facilities(&names("Old")).await.unwrap();
        registry.name_facilities(&names("New")).await.unwrap();
        let known = registry.facility_names(&["U1", "U2", "bad\0"]).await.unwrap();
        assert_eq!(known.into_iter().collect::<Vec<_>>(), [("U1".to_owned(), "New".to_owned())]);
        let seen =
            SourceSeen { address: "https://d.example".into(), version: "2.40.3".into(), program: "yDuAzyqYABS".into() };
        registry.note_source(&seen).await.unwrap();
        registry.note_source(&seen).await.unwrap();
        assert_eq!(registry.source_seen().await.unwrap(), Some(seen));
    });
}

#[test]
fn figures_are_of_the_day_on_which_it_happened() {
    on_each(async |db| {
        let registry = db.open().await;
        let day = 86_400;
        let mut of = Vec::new();
        for (event, after) in [("E1#x", 0), ("E2", 0), ("E3", day)] {
            let candidate = candidate(event, 1);
            let Claim::Sign { id, formats, .. } = claim_one(&registry, &candidate, "o", at(after)).await else {
                panic!()
            };
            registry.store(&[sealed_as(&id, &candidate, &formats)], "o", at(after)).await.unwrap();
            of.push(id);
        }
        registry.revoke(&of[..1], &Cause::from(Reason::Fraud), at(2 * day)).await.unwrap();
        registry.note_refusals(&["P"], &[refused("P", "E9", "North", &["a"])], at(day)).await.unwrap();
        // 1,800,000,000 s is the 15th of January 2027.
        let found = registry.statistics(date(2027, 1, 14), date(2027, 1, 17)).await.unwrap();
        let figures = |issued, revoked, refused| Figures { issued, revoked, refused };
        let days: Vec<(i8, Figures)> = found.days.iter().map(|(day, f)| (day.day(), *f)).collect();
        assert_eq!(
            days,
            [(14, figures(0, 0, 0)), (15, figures(2, 0, 0)), (16, figures(1, 0, 1)), (17, figures(0, 1, 0))]
        );
        assert_eq!(found.formats["eu-dcc"], 3);
        assert_eq!(found.facilities["North"], figures(0, 0, 1));
        assert_eq!(found.facilities[""], figures(3, 1, 0), "where the facility is unknown, that is said");
        let records = registry.records_of_event("E1").await.unwrap();
        assert_eq!(records, [("PersonUid01".to_owned(), "E1#x".to_owned())]);
        assert!(registry.records_of_event("E").await.unwrap().is_empty());
    });
}

#[test]
fn a_switch_is_set_with_its_row_in_the_log_and_heeded_by_all() {
    on_each(async |db| {
        let registry = db.open().await;
        let set = SwitchSet { by: "user:root".into(), at: at(1), reason: "Move".into() };
        registry.set_switch("read-only", true, &set).await.unwrap();
        assert!(registry.is_read_only().await.unwrap());
        let switches = registry.switches().await.unwrap();
        assert_eq!((switches.len(), switches[0].on, switches[0].set.clone()), (1, true, Some(set.clone())));
        registry.set_switch("read-only", false, &set).await.unwrap();
        assert!(!registry.is_read_only().await.unwrap());
        let rows = registry.audit_of("read-only", 0, 10).await.unwrap();
        let told: Vec<_> = rows.iter().map(|row| (row.action.as_str(), row.reason.as_deref())).collect();
        assert_eq!(told, [("switch-set", Some("Move")); 2]);
    });
}
