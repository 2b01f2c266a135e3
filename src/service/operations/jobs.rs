//! Jobs: what is to be done once, by whichever replica has a hand free ([`Registry::enqueue`]). A worker does the jobs
//! of one kind; what fails is tried again later and later, and given up at last, which is an alarm.

use std::{pin::Pin, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet, time};

use super::{replica::Replica, schedule::about_one};
use crate::{
    limits::{JOB_FIRST_RETRY_SECONDS, JOB_LONGEST_RETRY_SECONDS, JOB_POLL_MILLISECONDS},
    registry::{Job, Registry, RegistryError, Retried},
};

/// Why a job was not done. The sentences hold nothing of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobFailure {
    /// What it needs is away for everybody; this try does not count.
    Away {
        /// What is away, and what to do.
        text: String,
        /// When it is worth asking again, where that is known.
        after: Option<Duration>,
    },
    /// It failed, and may succeed another time.
    Failed {
        /// What went wrong.
        text: String,
    },
    /// It cannot succeed.
    Never {
        /// Why.
        text: String,
    },
}

/// Does one job; gives what came of it, in a sentence without personal data.
pub type JobWork = Arc<dyn Fn(Job) -> Pin<Box<dyn Future<Output = Result<String, JobFailure>> + Send>> + Send + Sync>;

/// Who does the jobs of one kind.
#[derive(Clone)]
pub struct Worker {
    /// The kind.
    pub kind: &'static str,
    /// Most jobs that this replica does at the same time.
    pub at_once: usize,
    /// How long a job may stay without a word from its replica. It is renewed while the job is being done.
    pub lease: Duration,
    /// Does one.
    pub work: JobWork,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Worker({})", self.kind)
    }
}

/// Does jobs until `end` says so; those under way are finished then. Whoever cannot wait drops this: a job that is torn
/// off is taken up again when its lease runs out.
pub async fn work(worker: Worker, replica: Replica, mut end: watch::Receiver<bool>) {
    let mut under_way = JoinSet::new();
    loop {
        while under_way.try_join_next().is_some() {}
        let free = worker.at_once.max(1).saturating_sub(under_way.len());
        // Before the question, so that a job that comes right after it wakes us.
        let registry = replica.registry.clone();
        let woken = registry.woken();
        let mut wait = Duration::from_millis(JOB_POLL_MILLISECONDS);
        if free > 0 && !*end.borrow() && !replica.board.mode().is_stopped() {
            match next(&worker, &replica, free).await {
                Ok(Next::Jobs(jobs)) => {
                    for job in jobs {
                        under_way.spawn(one(worker.clone(), replica.clone(), job));
                    }
                    continue;
                }
                Ok(Next::Wait(due)) => wait = wait.min(due),
                Err(error) => tracing::debug!(kind = worker.kind, "{error}"),
            }
        }
        let wait = wait.mul_f64(about_one(&replica.random)).max(Duration::from_millis(10));
        tokio::select! {
            () = time::sleep(wait) => {}
            () = woken => {}
            _ = under_way.join_next(), if !under_way.is_empty() => {}
            _ = end.wait_for(|ended| *ended) => break,
        }
    }
    while under_way.join_next().await.is_some() {}
}

enum Next {
    Jobs(Vec<Job>),
    Wait(Duration),
}

async fn next(worker: &Worker, replica: &Replica, free: usize) -> Result<Next, RegistryError> {
    let registry = &replica.registry;
    let due = registry.next_jobs(&[worker.kind]).await?.into_iter().next().flatten();
    match due {
        Some(Duration::ZERO) => {}
        Some(due) => return Ok(Next::Wait(due)),
        None => return Ok(Next::Wait(Duration::MAX)),
    }
    let free = u32::try_from(free).unwrap_or(u32::MAX);
    let jobs = registry.claim_jobs(worker.kind, &replica.name, free, worker.lease).await?;
    // Others were quicker.
    Ok(if jobs.is_empty() { Next::Wait(Duration::from_millis(JOB_POLL_MILLISECONDS)) } else { Next::Jobs(jobs) })
}

/// Does one job and notes what came of it.
async fn one(worker: Worker, replica: Replica, job: Job) {
    let registry = replica.registry.clone();
    let mut running = tokio::spawn((worker.work)(job.clone()));
    let aborts = running.abort_handle();
    let result = loop {
        tokio::select! {
            result = &mut running => break result.unwrap_or_else(|_| {
                Err(JobFailure::Failed { text: "the work ended unexpectedly: report this".to_owned() })
            }),
            () = time::sleep(worker.lease / 3) => {}
        }
        if let Err(RegistryError::JobLost { .. }) = registry.renew_job(&job, worker.lease).await {
            tracing::warn!(kind = worker.kind, job = job.number(), "was taken over by another replica");
            aborts.abort();
            return;
        }
    };
    // What was done and cannot be noted would be done again: so it is tried for as long as the lease lasts.
    for _ in 0..NOTE_TRIES {
        match noted(&registry, &job, &result, &replica).await {
            Ok(()) => return,
            Err(RegistryError::JobLost { .. }) => {
                tracing::warn!(kind = worker.kind, job = job.number(), "was taken over by another replica");
                return;
            }
            Err(error) => {
                tracing::warn!(kind = worker.kind, job = job.number(), "what came of a job cannot be noted: {error}");
                time::sleep(worker.lease / NOTE_TRIES).await;
            }
        }
    }
}

/// How often it is tried to note what came of a job.
const NOTE_TRIES: u32 = 5;

async fn noted(
    registry: &Registry,
    job: &Job,
    result: &Result<String, JobFailure>,
    replica: &Replica,
) -> Result<(), RegistryError> {
    let (kind, number) = (job.kind(), job.number());
    match result {
        Ok(outcome) => registry.finish_job(job, outcome).await,
        Err(JobFailure::Away { text, after }) => {
            let after =
                after.unwrap_or(Duration::from_secs(JOB_FIRST_RETRY_SECONDS)).mul_f64(about_one(&replica.random));
            registry.postpone_job(job, after, text).await
        }
        Err(JobFailure::Failed { text }) => {
            let after = backoff(job.attempts()).mul_f64(about_one(&replica.random));
            if registry.retry_job(job, after, text).await? == Retried::GivenUp {
                tracing::warn!(kind, job = number, "is given up after {} tries: {text}", job.attempts());
            }
            Ok(())
        }
        Err(JobFailure::Never { text }) => {
            tracing::warn!(kind, job = number, "is given up: {text}");
            registry.give_up_job(job, text).await
        }
    }
}

/// How long to wait after so many tries: it doubles with each.
fn backoff(attempts: u32) -> Duration {
    let factor = 2u32.checked_pow(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    Duration::from_secs(JOB_FIRST_RETRY_SECONDS)
        .saturating_mul(factor)
        .min(Duration::from_secs(JOB_LONGEST_RETRY_SECONDS))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::{
        clock::Fixed,
        registry::{JobState, NewJob, Options},
        service::operations::Board,
    };

    #[test]
    fn waits_double_up_to_an_hour() {
        let waits: Vec<u64> = (1..=9).map(|attempts| backoff(attempts).as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(backoff(u32::MAX).as_secs(), 3600);
    }

    #[tokio::test]
    async fn jobs_are_done_once_tried_again_or_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("registry.db");
        let registry = Registry::open(file.to_str().unwrap(), Options::default()).await.unwrap();
        let board = Arc::new(Board::new(Arc::new(Fixed("2026-11-22T10:00:00Z".parse().unwrap())), "sandbox"));
        let random: crate::batch::Random = Arc::new(|bytes| {
            bytes.fill(128);
            Ok(())
        });
        let replica = Replica::new(registry.clone(), board, random, "a", Duration::from_secs(30));
        let done = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&done);
        let work_one: JobWork = Arc::new(move |job| {
            let counted = Arc::clone(&counted);
            Box::pin(async move {
                counted.fetch_add(1, Ordering::SeqCst);
                match job.key() {
                    "never" => Err(JobFailure::Never { text: "no such number".to_owned() }),
                    "falls" => panic!("a library fell over"),
                    _ => Ok("sent".to_owned()),
                }
            })
        });
        let worker = Worker { kind: "message", at_once: 3, lease: Duration::from_secs(30), work: work_one };
        let (told, hears) = watch::channel(false);
        let running = tokio::spawn(work(worker, replica, hears));
        let mut jobs: Vec<NewJob> = (0..20).map(|n| NewJob::new("message", &n.to_string(), "secret")).collect();
        jobs.extend(["never", "falls"].map(|key| NewJob::new("message", key, "secret")));
        registry.enqueue(&jobs).await.unwrap();
        let state = async |key: &str| registry.job_of("message", key).await.unwrap().unwrap();
        time::timeout(Duration::from_secs(20), async {
            while done.load(Ordering::SeqCst) < 22 || state("falls").await.state == JobState::Running {
                time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
        told.send(true).unwrap();
        time::timeout(Duration::from_secs(10), running).await.unwrap().unwrap();
        for n in 0..20 {
            assert_eq!(state(&n.to_string()).await.state, JobState::Done);
        }
        let never = state("never").await;
        assert_eq!((never.state, never.outcome.as_deref()), (JobState::GivenUp, Some("no such number")));
        let falls = state("falls").await;
        assert_eq!((falls.state, falls.attempts), (JobState::Waiting, 1));
        assert_eq!(done.load(Ordering::SeqCst), 22, "none twice");
    }
}
