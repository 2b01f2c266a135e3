//! Three replicas over one database: every record is issued once, nothing is lost, one that dies is replaced, and all
//! hand out the same.

pub mod house;
mod once;

use std::time::{Duration, Instant};

use serde_json::Value;
use vaccert::registry::Counts;

use crate::{
    journey::doses,
    support::{
        database::Database,
        dhis2::{Fault, population::crowd},
    },
};
use house::{Books, Ministry, PATIENCE, Replica, ask, on_each, standing};

/// Within this time another replica has taken over what a dead one did: its turn (three seconds here), the pause of
/// those who wait (five and a half at most), and a busy machine.
const TAKEN_OVER: Duration = Duration::from_secs(20);

/// Every dose has one certificate, and nothing else was ever signed.
fn check_once(counts: &Counts, doses: usize) {
    assert_eq!(standing(counts), doses, "{counts:?}");
    assert_eq!((counts.intended, counts.superseded, counts.withdrawn, counts.revoked), (0, 0, 0, 0), "{counts:?}");
}

fn runs_sync(replica: &Replica, name: &str) -> bool {
    let task = replica.task("sync");
    task["next"].is_null() && task["replica"].as_str().is_some_and(|at| at.starts_with(name))
}

#[test]
fn one_of_three_that_is_killed_in_the_middle_of_a_pass_is_replaced() {
    on_each(|database| {
        let people = crowd(600, 77);
        let doses = doses(&people).len();
        let ministry = Ministry::open(people, &database);
        ministry.site.server.always(Fault::Slow(Duration::from_millis(150)));
        let books = Books::open(&database);
        let mut replicas: Vec<Replica> = ["a", "b", "c"].iter().map(|name| ministry.start(name, "")).collect();

        // Whoever has the turn is killed when it has issued something and not everything.
        let begun = Instant::now();
        let held = loop {
            let issued = standing(&books.counts());
            let holder = replicas.iter().position(|replica| runs_sync(replica, &replica.name));
            if let (Some(holder), true) = (holder, issued > 0 && issued < doses) {
                break holder;
            }
            assert!(issued < doses, "the pass was over too soon");
            assert!(begun.elapsed() < PATIENCE, "nothing was issued: {}", replicas[0].log());
            std::thread::sleep(Duration::from_millis(10));
        };
        let dead = replicas.remove(held);
        let name = dead.name.clone();
        dead.kill();
        let at_death = standing(&books.counts());
        assert!(at_death < doses, "it was killed too late: {at_death} of {doses}");

        let other = |status: &Value| {
            let task = status["tasks"].as_array().unwrap().iter().find(|task| task["name"] == "sync").unwrap().clone();
            task["replica"].as_str().is_some_and(|at| !at.starts_with(&name))
        };
        let took = replicas[0].until("another takes over", other);
        println!("{}: {at_death} of {doses} issued when it died; replaced within {took:?}", books.place());
        assert!(took < TAKEN_OVER, "{took:?}");
        ministry.site.server.recover();
        let begun = Instant::now();
        while standing(&books.counts()) < doses {
            assert!(begun.elapsed() < PATIENCE, "{}\n{}", replicas[0].log(), replicas[1].log());
            std::thread::sleep(Duration::from_millis(50));
        }
        for replica in &replicas {
            replica.until("the pass succeeds", |status| {
                let tasks = status["tasks"].as_array().unwrap();
                tasks.iter().any(|task| task["name"] == "sync" && !task["last_success"].is_null())
            });
        }
        check_once(&books.counts(), doses);

        // All that are left say the same of each other, and hand out the same.
        let seen: Vec<usize> = replicas.iter().map(|r| r.status()["replicas"].as_array().unwrap().len()).collect();
        assert!(seen.iter().all(|&seen| seen >= 2), "{seen:?}");
        let begun = Instant::now();
        loop {
            let fetch = |path: &str| -> Vec<String> {
                replicas.iter().map(|r| ask(&r.everybody, "GET", path, "", "").unwrap().body).collect()
            };
            let (index, bundle) = (fetch("/v1/revocations/index.json"), fetch("/v1/bundle.json"));
            if index[0] == index[1] && bundle[0] == bundle[1] && index[0].contains("vaccert-revocations") {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "they hand out different lists");
            std::thread::sleep(Duration::from_millis(200));
        }
        for replica in replicas {
            replica.end();
        }
        assert!(books.replicas().iter().all(|left| left.starts_with(&name)), "they said good-bye");
    });
}

#[test]
fn a_pass_that_an_orderly_end_cuts_short_is_gone_on_with_at_once() {
    on_each(|database| {
        let people = crowd(600, 78);
        let doses = doses(&people).len();
        let ministry = Ministry::open(people, &database);
        // Longer than the test: who takes over does so because the turn was given back, not because it ran out.
        let lease = "lease_seconds = 60";
        ministry.site.server.always(Fault::Slow(Duration::from_millis(150)));
        let books = Books::open(&database);
        let start = |name: &&str| {
            let config = ministry.configure(name, "finish_seconds = 1");
            let text = std::fs::read_to_string(ministry.work.path(&config)).unwrap();
            ministry.work.write(&config, text.replace("lease_seconds = 1", lease));
            ministry.start_with(name, &config, &[])
        };
        let mut replicas: Vec<Replica> = ["a", "b", "c"].iter().map(start).collect();
        let begun = Instant::now();
        let held = loop {
            let issued = standing(&books.counts());
            let holder = replicas.iter().position(|replica| runs_sync(replica, &replica.name));
            if let (Some(holder), true) = (holder, issued > 0 && issued < doses) {
                break holder;
            }
            assert!(issued < doses, "the pass was over too soon");
            assert!(begun.elapsed() < PATIENCE, "nothing was issued: {}", replicas[0].log());
            std::thread::sleep(Duration::from_millis(10));
        };
        let ends = replicas.remove(held);
        let name = ends.name.clone();
        let log = ends.log.clone();
        ends.end();
        let said = std::fs::read_to_string(log).unwrap();
        assert!(said.contains("another replica goes on with it at once"), "{said}");
        let at_end = standing(&books.counts());
        assert!(at_end < doses, "it went on to the end: {at_end} of {doses}");
        let other = |status: &Value| {
            let task = status["tasks"].as_array().unwrap().iter().find(|task| task["name"] == "sync").unwrap().clone();
            task["replica"].as_str().is_some_and(|at| !at.starts_with(&name)) && task["failures_total"] == 0
        };
        let took = replicas[0].until("another takes over", other);
        println!("{}: {at_end} of {doses} issued when it ended; gone on with within {took:?}", books.place());
        assert!(took < TAKEN_OVER, "{took:?}");
        for replica in replicas {
            replica.end();
        }
    });
}

#[test]
fn a_replica_that_ends_hands_its_turn_over_and_is_not_ready_before() {
    let people = crowd(30, 5);
    let database = Database::sqlite();
    let ministry = Ministry::open(people, &database);
    let first = ministry.start("a", "drain_seconds = 3");
    first.until("everything has run", |status| {
        status["tasks"].as_array().unwrap().iter().all(|task| !task["last_success"].is_null())
    });
    assert_eq!(ask(&first.operators, "GET", "/readyz", "", "").unwrap().status, 200);
    let metrics = ask(&first.operators, "GET", "/metrics", "", "").unwrap().body;
    for line in [
        "vaccert_database_up 1",
        "vaccert_database_errors_total{kind=\"unreachable\"} 0",
        "vaccert_sessions{of=\"citizens\"} 0",
        "vaccert_sessions{of=\"operators\"} 0",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}: {metrics}");
    }
    let age = metrics.lines().find_map(|line| line.strip_prefix("vaccert_poll_watermark_age_seconds "));
    assert!(age.is_some_and(|age| (0.0..60.0).contains(&age.parse::<f64>().unwrap())), "{metrics}");
    first.signal("-TERM");
    // Whoever distributes requests is told first; requests are still answered.
    let begun = Instant::now();
    loop {
        let ready = ask(&first.operators, "GET", "/readyz", "", "").unwrap();
        if ready.status == 503 {
            assert!(ready.body.contains("the program is ending"), "{ready:?}");
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{ready:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(ask(&first.everybody, "GET", "/healthz", "", "").unwrap().status, 200);
    first.end();
    let second = ministry.start("b", "");
    let took =
        second.until("the next one works", |status| {
            status["tasks"].as_array().unwrap().iter().any(|task| {
                task["name"] == "sync" && task["replica"].as_str().is_some_and(|name| name.starts_with("b-"))
            })
        });
    assert!(took < TAKEN_OVER, "{took:?}");
    second.end();
}
