//! However many ask three replicas for the same record at the same time, it is signed once.

use std::{collections::BTreeSet, sync::Arc};

use vaccert::{
    access::Actor,
    batch::system_random,
    clock::{Clock as _, System},
    config::Setup,
    work::desk::{Desk, Ended, Order, Subject},
};

use super::house::{Books, Ministry, Replica, ask_with, on_each};
use crate::{certificates, journey::doses, support::dhis2::population::crowd};

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

#[test]
fn f07_a_hundred_requests_to_three_processes_make_one_certificate() {
    on_each(|database| {
        let people = crowd(20, 8);
        let event = doses(&people).remove(0);
        let ministry = Ministry::open(people, &database);
        let replicas: Vec<Replica> = ["a", "b", "c"].iter().map(|name| ministry.start_asked(name)).collect();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let registry = runtime.block_on(database.open());
        let token = runtime.block_on(certificates::http::token(&registry, System.now(), &[]));
        let body = format!(r#"{{"event":"{event}","reason":"asked for at the counter"}}"#);
        let start = std::sync::Barrier::new(100);
        let answers: Vec<(u16, serde_json::Value)> = std::thread::scope(|scope| {
            let calls: Vec<_> = (0..100)
                .map(|n| {
                    let (address, token, body, start) = (&replicas[n % 3].operators, &token, &body, &start);
                    scope.spawn(move || {
                        let key = format!("call-{n}");
                        let headers = [
                            ("Authorization", token.as_str()),
                            ("Content-Type", "application/json"),
                            ("Idempotency-Key", &key),
                        ];
                        start.wait();
                        let answer = ask_with(address, "POST", "/v1/certificates", &headers, body).unwrap();
                        let json = serde_json::from_str(&answer.body).unwrap_or_else(|e| panic!("{e}: {answer:?}"));
                        (answer.status, json)
                    })
                })
                .collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        });
        // Who was first is told so; everybody else is told of the certificate that is there. Whoever met the one that
        // was just being signed, or a full house, is told to come again, and nothing else.
        let (mut issued, mut ids) = (0, BTreeSet::new());
        for (status, json) in &answers {
            match status {
                200 | 201 => {
                    issued += usize::from(*status == 201);
                    let told = json["certificates"].as_array().unwrap().iter();
                    ids.extend(told.filter_map(|one| Some(one["id"].as_str()?.to_owned())));
                }
                409 | 429 | 503 => {}
                _ => panic!("{status}: {json}"),
            }
        }
        assert_eq!((issued, ids.len()), (1, 1), "one was told that it was issued: {answers:?}");
        let counts = runtime.block_on(registry.counts()).unwrap();
        let signed = counts.signed + counts.released + counts.superseded + counts.withdrawn;
        assert_eq!((signed, counts.intended, counts.abandoned), (1, 0, 0), "{counts:?}");
        let id = ids.pop_first().unwrap();
        let log = runtime.block_on(registry.audit_of(&id, 0, 1_000)).unwrap();
        let issues = log.iter().filter(|row| ["issue", "add", "correct", "renew"].contains(&row.action.as_str()));
        assert_eq!(issues.count(), 1, "signed once: {log:?}");
        for replica in replicas {
            replica.end();
        }
    });
}
