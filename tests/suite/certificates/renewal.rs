//! Renewal: when, once, and never of what was revoked.

use vaccert::{
    registry::Reason,
    work::desk::{DeskError, Ended, Renewal, Standing, Subject},
};

use super::{World, actor, dosed, order};
use crate::support::database::on_each;

#[test]
fn a_certificate_is_renewed_once_in_its_window_and_a_later_pass_keeps_it() {
    on_each(async |database| {
        let person = dosed("Prenew00001");
        let world = World::new("2.41.0", vec![person.clone()], &database).await;
        let clerk = actor("dhis2:clerk", None);
        let everything = Subject::Person(person.uid.clone());
        let done = world.desk.issue(&everything, order(&clerk)).await.unwrap();
        let ids: Vec<String> = done.iter().map(|done| done.id.clone().unwrap()).collect();
        let held = world.desk.open(&ids[0], &clerk).await.unwrap();
        let expires = held.expires_at.unwrap();

        // Valid for 60 days: from the 32nd on it can be renewed.
        assert!(matches!(held.renewal, Renewal::From(_)));
        world.clock.days(31);
        assert!(matches!(world.desk.renew(&ids[0], order(&clerk)).await, Err(DeskError::TooEarly { .. })));
        world.clock.days(2);
        assert_eq!(world.desk.open(&ids[0], &clerk).await.unwrap().renewal, Renewal::Now);
        let before = world.signed();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (desk, id, clerk) = (world.desk.clone(), ids[0].clone(), clerk.clone());
            tasks.spawn(async move { desk.renew(&id, order(&clerk)).await });
        }
        let (mut new, mut renewed) = (Vec::new(), 0);
        for answer in tasks.join_all().await {
            match answer {
                Ok(done) => {
                    renewed += usize::from(done.ended == Ended::Issued);
                    new.push(done.id.unwrap());
                }
                // Who comes after it is told of the newer one.
                Err(DeskError::Replaced { by }) => new.push(by),
                Err(error) => panic!("{error}"),
            }
        }
        new.sort();
        new.dedup();
        assert_eq!((new.len(), renewed, world.signed() - before), (1, 1, 1), "one renewal, one signature");
        let fresh = world.desk.open(&new[0], &clerk).await.unwrap();
        assert!(fresh.expires_at.unwrap() > expires && fresh.standing == Standing::Valid);
        assert_eq!(fresh.supersedes.as_deref(), Some(ids[0].as_str()));
        let old = world.desk.open(&ids[0], &clerk).await.unwrap();
        assert_eq!((old.standing, old.renewal), (Standing::Superseded, Renewal::Never));

        // The same content: whoever asks later gets the renewed one, and nothing is signed.
        let later = world.desk.issue(&everything, order(&clerk)).await.unwrap();
        assert!(later.iter().all(|done| done.ended == Ended::Unchanged), "{later:?}");
        assert_eq!(later[0].id.as_ref(), Some(&new[0]));
        assert_eq!(world.signed() - before, 1);

        // After the end it can still be renewed for 90 days, and then no more.
        world.clock.days(60);
        assert_eq!(world.desk.open(&ids[1], &clerk).await.unwrap().standing, Standing::Expired);
        let second = world.desk.renew(&ids[1], order(&clerk)).await.unwrap();
        assert_eq!(second.ended, Ended::Issued);
        world.clock.days(60);
        let third = world.desk.open(&new[0], &clerk).await.unwrap();
        assert!(matches!(third.renewal, Renewal::Now), "{:?}", third.renewal);
        world.clock.days(90);
        assert!(matches!(world.desk.renew(&new[0], order(&clerk)).await, Err(DeskError::TooLate { .. })));
    });
}

#[test]
fn what_was_revoked_is_never_renewed_but_what_lost_its_key_is() {
    on_each(async |database| {
        let person = dosed("Prenew00002");
        let world = World::new("2.41.0", vec![person.clone()], &database).await;
        let clerk = actor("dhis2:clerk", None);
        let done = world.desk.issue(&Subject::Person(person.uid), order(&clerk)).await.unwrap();
        let ids: Vec<String> = done.iter().map(|done| done.id.clone().unwrap()).collect();
        world.desk.revoke(&ids[0], Reason::Fraud, order(&clerk)).await.unwrap();
        world.desk.revoke(&ids[1], Reason::Key, order(&clerk)).await.unwrap();
        world.clock.days(40);
        let refused = world.desk.renew(&ids[0], order(&clerk)).await;
        assert!(matches!(refused, Err(DeskError::Revoked { reason: Reason::Fraud })), "{refused:?}");
        let renewed = world.desk.renew(&ids[1], order(&clerk)).await.unwrap();
        assert_eq!(renewed.ended, Ended::Issued);
        assert_ne!(renewed.id.as_ref(), Some(&ids[1]));
        // A record that says something else now is no renewal.
        world.server.edit(|people| {
            people[0].enrollments[0].events[1].occurred = Some("2021-05-09T00:00:00.000".to_owned());
        });
        world.clock.days(40);
        let other = world.desk.renew(renewed.id.as_deref().unwrap(), order(&clerk)).await.unwrap();
        assert_eq!(other.ended, Ended::Conflict, "{other:?}");
    });
}
