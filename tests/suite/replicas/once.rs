//! However many ask three replicas for the same record at the same time, it is signed once.

use std::{collections::BTreeSet, sync::Arc};

use vaccert::{
    access::Actor,
    batch::system_random,
    clock::System,
    config::Setup,
    work::desk::{Desk, Ended, Order, Subject},
};

use super::house::{Books, Ministry, on_each};
use crate::{journey::doses, support::dhis2::population::crowd};

#[test]
fn f07_a_hundred_calls_over_three_replicas_make_one_signature_for_each_record() {
    on_each(|database| {
        let people = crowd(20, 8);
        let two = |person: &&_| doses(std::slice::from_ref(*person)).len() == 2;
        let person = people.iter().find(two).unwrap().clone();
        let ministry = Ministry::open(people, &database);
        let config = ministry.work.path(&ministry.configure("a", ""));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (issued, ids) = runtime.block_on(async {
            // Each with connections of its own, as processes have them.
            let mut desks = Vec::new();
            for _ in 0..3 {
                let setup = Arc::new(Setup::load(&config).unwrap());
                desks.push(Desk::new(setup, database.open().await, Arc::new(System), system_random()).unwrap());
            }
            let calls = (0..100).map(|n| {
                let (desk, subject) = (desks[n % 3].clone(), Subject::Person(person.uid.clone()));
                tokio::spawn(async move {
                    let actor = Actor::system("test");
                    desk.issue(&subject, Order { actor: &actor, reason: "asked for at the counter" }).await.unwrap()
                })
            });
            let (mut issued, mut ids) = (0, BTreeSet::new());
            for call in calls.collect::<Vec<_>>() {
                for done in call.await.unwrap() {
                    issued += usize::from(done.ended == Ended::Issued);
                    ids.extend(done.id);
                }
            }
            (issued, ids)
        });
        assert_eq!((issued, ids.len()), (2, 2), "two doses, each signed once");
        let counts = Books::open(&database).counts();
        let signed = counts.signed + counts.released + counts.superseded + counts.withdrawn;
        assert_eq!((signed, counts.intended), (2, 0), "{counts:?}");
    });
}
