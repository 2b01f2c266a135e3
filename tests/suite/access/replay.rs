//! A night shift, replayed: quotas and office hours at the desk where certificates are asked for (failures F04, F05).

use jiff::{SignedDuration, Timestamp, civil::Time, civil::Weekday, tz::TimeZone};
use vaccert::{
    access::{Actor, ActorKind, Hours, Outside, Role, Rules},
    registry::{AlertKind, Proposal, Registry},
    work::{NotAllowed, allow_issue, not_issued},
};

use crate::support::database::on_each;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn rules(per_hour: u32, outside: Outside) -> Rules {
    use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
    let hours = Hours {
        zone: TimeZone::posix("WAT-1").unwrap(),
        from: Time::new(7, 0, 0, 0).unwrap(),
        to: Time::new(19, 0, 0, 0).unwrap(),
        days: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
    };
    Rules { per_hour, hours: Some(hours), outside }
}

fn clerk(name: &str) -> Actor {
    let rights = Role::Operator.rights().to_vec();
    Actor { kind: ActorKind::Person, name: name.to_owned(), rights, facilities: None }
}

async fn account(registry: &Registry, name: &str, quota: Option<u32>) {
    let proposal = Proposal { name: name.to_owned(), roles: vec!["operator".to_owned()], facilities: vec![], quota };
    let now = at("2026-11-01T12:00:00Z");
    registry.propose_account(&proposal, "user:chief", now).await.unwrap();
    for by in ["user:one", "user:two"] {
        registry.approve_account(name, by, now).await.unwrap();
    }
}

/// A year of ordinary work raises nothing; the night in which one login asks for a thousand is stopped and seen.
#[test]
fn f04_a_night_shift_is_stopped_by_its_quota_and_seen() {
    on_each(async |database| {
        let registry = database.open().await;
        account(&registry, "user:day", None).await;
        account(&registry, "user:night", None).await;
        let rules = rules(40, Outside::Alert);
        // A week of days: 30 an hour, in office hours.
        for day in 16..21 {
            for hour in 7..17 {
                let now = at(&format!("2026-11-{day}T{hour:02}:30:00Z"));
                for _ in 0..3 {
                    allow_issue(&registry, &rules, &clerk("user:day"), 10, now).await.unwrap();
                }
            }
        }
        assert!(registry.alerts(false, 100).await.unwrap().is_empty());
        // The night from Friday to Saturday: one every eighteen seconds, from 22:00 to 03:00.
        let (mut issued, mut refused) = (0, 0);
        let mut now = at("2026-11-20T21:00:00Z");
        while now < at("2026-11-21T02:00:00Z") {
            match allow_issue(&registry, &rules, &clerk("user:night"), 1, now).await {
                Ok(()) => issued += 1,
                Err(NotAllowed::Quota { most: 40, wait_seconds }) => {
                    assert!((1..=3_600).contains(&wait_seconds));
                    refused += 1;
                }
                Err(other) => panic!("{other}"),
            }
            now = now.checked_add(SignedDuration::from_secs(18)).unwrap();
        }
        assert_eq!((issued, refused), (5 * 40, 1_000 - 5 * 40));
        let alerts = registry.alerts(true, 100).await.unwrap();
        assert!(alerts.iter().all(|alert| alert.account == "user:night"));
        let many = |kind| alerts.iter().filter(|alert| alert.kind == kind).map(|alert| alert.times).sum::<u64>();
        assert_eq!((many(AlertKind::Quota), many(AlertKind::OffHours)), (800, 1_000));
        assert_eq!(alerts.len(), 10, "one an hour and kind, not a thousand");
    });
}

#[test]
fn f05_outside_of_hours_nothing_is_issued_where_the_house_says_so() {
    on_each(async |database| {
        let registry = database.open().await;
        account(&registry, "user:clinic", Some(2)).await;
        let rules = rules(1_000, Outside::Refuse);
        let saturday = at("2026-11-21T10:00:00Z");
        let refused = allow_issue(&registry, &rules, &clerk("user:clinic"), 1, saturday).await.unwrap_err();
        assert!(
            matches!(refused, NotAllowed::OffHours { wait_seconds } if wait_seconds == (20 + 24) * 3_600),
            "{refused:?}"
        );
        assert_eq!(registry.alerts(true, 10).await.unwrap()[0].kind, AlertKind::OffHours);
        // The account's own number wins over that of the house, and what was not issued is given back.
        let monday = at("2026-11-23T10:00:00Z");
        let clinic = clerk("user:clinic");
        allow_issue(&registry, &rules, &clinic, 2, monday).await.unwrap();
        let over = allow_issue(&registry, &rules, &clinic, 1, monday).await.unwrap_err();
        assert!(matches!(over, NotAllowed::Quota { most: 2, .. }));
        not_issued(&registry, &clinic, 1, monday).await.unwrap();
        allow_issue(&registry, &rules, &clinic, 1, monday).await.unwrap();
        let later = at("2026-11-23T11:00:00Z");
        allow_issue(&registry, &rules, &clinic, 2, later).await.unwrap();
        // The poller has no quota and no hours: it issues what DHIS2 says.
        allow_issue(&registry, &rules, &Actor::system("poller"), 1_000_000, saturday).await.unwrap();
    });
}
