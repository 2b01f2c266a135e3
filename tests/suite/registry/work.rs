//! What replicas share of their work: the same promises on SQLite and on PostgreSQL.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use vaccert::registry::{Ending, Enqueued, JobState, NewJob, Registry, RegistryError, Retried, Turn, TurnTaken};

use crate::support::database::on_each;

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(300);

/// Leases run by the clock of the database, which no test can stop: where the machine was too slow for a lease to tell
/// anything while it lasted, the same is tried with the next length.
const LENGTHS: [Duration; 4] = [SHORT, Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(16)];

/// Tries `attempt` with leases of growing lengths until one of them was kept in time, which the attempt says.
async fn with_leases(mut attempt: impl AsyncFnMut(Duration) -> bool) {
    for length in LENGTHS {
        if attempt(length).await {
            return;
        }
        println!("too slow for leases of {length:?}");
    }
    panic!("too slow for any lease of {LENGTHS:?}");
}

/// Whether a lease of this length that was taken after `begun` certainly stands: databases count milliseconds.
fn stands(begun: Instant, length: Duration) -> bool {
    begun.elapsed() + Duration::from_millis(10) < length
}

async fn turn(registry: &Registry, owner: &str, length: Duration) -> Option<Turn> {
    turn_at(registry, "sync", owner, length).await
}

async fn turn_at(registry: &Registry, name: &str, owner: &str, length: Duration) -> Option<Turn> {
    match registry.take_turn(name, owner, length, false).await.unwrap() {
        TurnTaken::Mine(turn) => Some(turn),
        TurnTaken::Wait(wait) => {
            assert!(wait <= LONG, "{wait:?}");
            None
        }
    }
}

fn done(text: &str) -> Ending {
    Ending::Done { text: text.into() }
}

#[test]
fn a_task_has_one_owner_at_a_time_and_a_dead_one_is_replaced() {
    on_each(async |database| {
        let registry = database.open().await;
        let mut taken = None;
        with_leases(async |short| {
            let name = format!("sync-{}", short.as_millis());
            let begun = Instant::now();
            let first = turn_at(&registry, &name, "a", short).await.unwrap();
            let meanwhile = turn_at(&registry, &name, "b", short).await;
            if !stands(begun, short) {
                return false;
            }
            assert_eq!(meanwhile, None);
            tokio::time::sleep(short / 2).await;
            let renewed = Instant::now();
            if registry.renew_turn(&first).await.is_err() {
                assert!(!stands(begun, short), "it could not be renewed in time");
                return false;
            }
            tokio::time::sleep(short / 2 + short / 4).await;
            let meanwhile = turn_at(&registry, &name, "b", short).await;
            if !stands(renewed, short) {
                return false;
            }
            assert_eq!(meanwhile, None, "it was renewed");
            taken = Some((name, short, first));
            true
        })
        .await;
        let (name, short, first) = taken.unwrap();
        // The first dies here.
        tokio::time::sleep(short).await;
        let second = turn_at(&registry, &name, "b", LONG).await.unwrap();
        assert_eq!(second.failures(), 1, "a run that was torn off is a failure");
        let lost = RegistryError::TurnLost { name: name.clone() };
        assert_eq!(registry.renew_turn(&first).await, Err(lost.clone()));
        assert_eq!(registry.end_turn(&first, &done("late"), LONG).await, Err(lost));
        let record = async || {
            let all = registry.tasks().await.unwrap();
            all.into_iter().find(|task| task.name == name).unwrap()
        };
        let known = record().await;
        assert_eq!(known.running.as_ref().map(|(owner, _)| owner.as_str()), Some("b"));
        assert!(known.trouble.is_some_and(|text| text.contains("another has taken over")));

        registry.end_turn(&second, &done("3 issued"), LONG).await.unwrap();
        let record = record().await;
        assert_eq!((record.done_by.as_deref(), record.outcome.as_deref()), (Some("b"), Some("3 issued")));
        assert_eq!((record.failures, record.trouble, record.running), (0, None, None));
        assert_eq!((record.successes_total, record.failures_total), (1, 1));
        assert_eq!(turn_at(&registry, &name, "a", LONG).await, None, "not due");
        registry.hasten(&name).await.unwrap();
        let third = turn_at(&registry, &name, "a", LONG).await.unwrap();
        registry.give_back_turn(&third).await.unwrap();
        assert!(turn_at(&registry, &name, "b", LONG).await.is_some(), "given back, at once another's");
    });
}

#[test]
fn a_failure_is_told_to_all_and_puts_the_next_turn_off() {
    on_each(async |database| {
        let registry = database.open().await;
        for failures in 0..3 {
            let TurnTaken::Mine(turn) = registry.take_turn("sync", "a", LONG, true).await.unwrap() else { panic!() };
            assert_eq!(turn.failures(), failures);
            let failed = Ending::Failed { text: "DHIS2 is away".into(), needs_operator: false };
            registry.end_turn(&turn, &failed, LONG).await.unwrap();
        }
        let record = registry.tasks().await.unwrap().remove(0);
        assert_eq!((record.failures, record.trouble.as_deref()), (3, Some("DHIS2 is away")));
        assert!(record.failing_since.is_some_and(|since| since <= record.next) && !record.needs_operator);
        assert_eq!(turn(&registry, "b", LONG).await, None);
    });
}

#[test]
fn of_many_that_ask_at_once_one_gets_the_turn() {
    on_each(async |database| {
        let registry = database.open().await;
        let asked = (0..20).map(|n| {
            let registry = registry.clone();
            tokio::spawn(async move { registry.take_turn("sync", &format!("replica {n}"), LONG, true).await.unwrap() })
        });
        let mut got = 0;
        for answer in asked.collect::<Vec<_>>() {
            got += u32::from(matches!(answer.await.unwrap(), TurnTaken::Mine(_)));
        }
        assert_eq!(got, 1);
    });
}

#[test]
fn a_job_that_is_asked_for_twice_is_done_once() {
    on_each(async |database| {
        let registry = database.open().await;
        let job = NewJob::new("message", "7", "to +228 90 00 00 00");
        assert_eq!(registry.enqueue(&[job.clone(), job.clone()]).await.unwrap(), [Enqueued::New, Enqueued::Known]);
        let claimed = registry.claim_jobs("message", "a", 10, LONG).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!((claimed[0].payload(), claimed[0].attempts()), ("to +228 90 00 00 00", 1));
        assert!(!format!("{claimed:?} {job:?}").contains("228"));
        registry.finish_job(&claimed[0], "sent").await.unwrap();
        assert_eq!(
            registry.enqueue(std::slice::from_ref(&job)).await.unwrap(),
            [Enqueued::Known],
            "after it is done too"
        );
        assert!(registry.claim_jobs("message", "a", 10, LONG).await.unwrap().is_empty());
        let row = registry.job_of("message", "7").await.unwrap().unwrap();
        assert_eq!((row.state, row.outcome.as_deref()), (JobState::Done, Some("sent")));
        assert_eq!(registry.tidy_jobs(Duration::ZERO).await.unwrap(), 1);
        assert_eq!(registry.enqueue(&[job]).await.unwrap(), [Enqueued::New], "until it is forgotten");
    });
}

#[test]
fn many_workers_share_many_jobs_and_none_is_done_twice() {
    on_each(async |database| {
        let registry = database.open().await;
        let jobs: Vec<NewJob> = (0..600).map(|n| NewJob::new("message", &n.to_string(), "x")).collect();
        registry.enqueue(&jobs).await.unwrap();
        let workers = (0..6).map(|n| {
            let registry = registry.clone();
            tokio::spawn(async move {
                let mut done = Vec::new();
                loop {
                    let jobs = registry.claim_jobs("message", &format!("replica {n}"), 25, LONG).await.unwrap();
                    assert!(jobs.len() <= 25);
                    if jobs.is_empty() {
                        break done;
                    }
                    for job in jobs {
                        registry.finish_job(&job, "sent").await.unwrap();
                        done.push(job.number());
                    }
                }
            })
        });
        let mut all = Vec::new();
        for worker in workers.collect::<Vec<_>>() {
            all.extend(worker.await.unwrap());
        }
        assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (600, 600));
    });
}

#[test]
fn a_job_is_tried_again_and_given_up_at_last() {
    on_each(async |database| {
        let registry = database.open().await;
        let job = NewJob { most_attempts: 2, ..NewJob::new("message", "1", "x") };
        registry.enqueue(&[job]).await.unwrap();
        let claim = async || registry.claim_jobs("message", "a", 1, LONG).await.unwrap().pop();
        // What does not count: the gateway is away for everybody.
        for _ in 0..3 {
            let job = claim().await.unwrap();
            assert_eq!(job.attempts(), 1);
            registry.postpone_job(&job, Duration::ZERO, "the gateway is away").await.unwrap();
        }
        let first = claim().await.unwrap();
        assert_eq!(registry.retry_job(&first, LONG, "refused").await.unwrap(), Retried::Later);
        assert!(claim().await.is_none(), "not before its time");
        let wait = registry.next_jobs(&["message", "other"]).await.unwrap();
        assert!(wait[0].is_some_and(|wait| wait > LONG / 2) && wait[1].is_none(), "{wait:?}");
        assert!(registry.cancel_job("message", "1", "no longer wanted").await.unwrap());
        let row = registry.job_of("message", "1").await.unwrap().unwrap();
        assert_eq!((row.state, row.outcome.as_deref()), (JobState::Done, Some("no longer wanted")));

        let job = NewJob { most_attempts: 1, ..NewJob::new("message", "2", "x") };
        registry.enqueue(&[job]).await.unwrap();
        let last = claim().await.unwrap();
        assert!(last.is_last());
        assert_eq!(registry.retry_job(&last, LONG, "refused").await.unwrap(), Retried::GivenUp);
        let counts = registry.job_counts().await.unwrap();
        assert_eq!((counts[0].given_up, counts[0].waiting, counts[0].running), (1, 0, 0));
        let given_up = registry.given_up_jobs(0, 10).await.unwrap();
        assert_eq!(given_up[0].outcome.as_deref(), Some("refused"));
        assert!(registry.try_job_again(given_up[0].number).await.unwrap());
        assert_eq!(claim().await.unwrap().payload(), "x");
    });
}

#[test]
fn a_job_whose_worker_died_is_taken_over_but_not_for_ever() {
    on_each(async |database| {
        let registry = database.open().await;
        with_leases(async |short| {
            let kind = format!("message-{}", short.as_millis());
            let claim = async |owner: &str| registry.claim_jobs(&kind, owner, 1, short).await.unwrap();
            registry.enqueue(&[NewJob { most_attempts: 2, ..NewJob::new(&kind, "1", "x") }]).await.unwrap();
            let begun = Instant::now();
            let first = claim("a").await.remove(0);
            let meanwhile = claim("b").await.len();
            let renewed = registry.renew_job(&first, short).await;
            if !stands(begun, short) {
                return false;
            }
            assert_eq!((meanwhile, renewed), (0, Ok(())));
            tokio::time::sleep(short + short / 4).await;
            let second = claim("b").await.remove(0);
            let lost = RegistryError::JobLost { number: first.number() };
            assert_eq!(registry.finish_job(&first, "late").await, Err(lost));
            assert_eq!(second.attempts(), 2);
            tokio::time::sleep(short + short / 4).await;
            assert!(claim("c").await.is_empty());
            let row = registry.job_of(&kind, "1").await.unwrap().unwrap();
            assert_eq!(row.state, JobState::GivenUp);
            assert!(row.outcome.is_some_and(|text| text.contains("ended in the middle")));
            true
        })
        .await;
    });
}

#[test]
fn what_is_too_late_is_not_done_and_not_kept() {
    on_each(async |database| {
        let registry = database.open().await;
        let job = NewJob { good_for: Some(SHORT), after: LONG, ..NewJob::new("code", "1", "your code is 123456") };
        registry.enqueue(&[job]).await.unwrap();
        tokio::time::sleep(SHORT + SHORT / 4).await;
        assert!(registry.claim_jobs("code", "a", 1, LONG).await.unwrap().is_empty());
        let row = registry.job_of("code", "1").await.unwrap().unwrap();
        assert_eq!((row.state, row.outcome.as_deref()), (JobState::GivenUp, Some("too late: it was not done in time")));
        assert!(!registry.try_job_again(row.number).await.unwrap(), "its payload is gone");
    });
}

#[test]
fn what_cannot_be_kept_is_refused_whole() {
    on_each(async |database| {
        let registry = database.open().await;
        let good = NewJob::new("message", "1", "x");
        for bad in [
            NewJob::new("", "1", "x"),
            NewJob::new("message", "a\nb", "x"),
            NewJob::new("message", "2", "x\0"),
            NewJob::new("message", "2", &"x".repeat(64 * 1024 + 1)),
        ] {
            registry.enqueue(&[good.clone(), bad]).await.unwrap_err();
        }
        assert_eq!(registry.next_jobs(&["message"]).await.unwrap(), [None]);
        assert!(registry.take_turn("", "a", LONG, false).await.is_err());
    });
}
