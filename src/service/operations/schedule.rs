//! Tasks that recur: at once after the start, then in their period, and after a failure sooner, further and
//! further apart. A little chance keeps many installations from asking one server in the same second.
//!
//! A task of all replicas is done by one of them at a time, under a lease that is renewed while it runs
//! ([`Registry::take_turn`](crate::registry::Registry::take_turn)); the others see how it went, and take over when that
//! one falls silent. What concerns this process alone (its own folder of lists) every replica does by itself.

use std::{pin::Pin, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::{sync::watch, task::JoinHandle, time};

use super::{
    board::{Board, TaskState, Trouble},
    replica::Replica,
};
use crate::{
    batch::Random,
    limits::{TASK_FIRST_RETRY_SECONDS, WORK_POLL_SECONDS},
    registry::{Ending, RegistryError, Turn, TurnTaken},
};

/// What a run did, in a sentence without personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done(pub String);

/// Why a run failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong and what to do, without personal data.
    pub text: String,
    /// Whether somebody must act: it will not mend itself.
    pub needs_operator: bool,
}

/// One run of a task; it may want to know in whose turn it runs.
pub type Work = Arc<dyn Fn(Option<Turn>) -> Pin<Box<dyn Future<Output = Result<Done, Failure>> + Send>> + Send + Sync>;

/// A task.
#[derive(Clone)]
pub struct Task {
    /// Stable name, such as `sync`.
    pub name: &'static str,
    /// What it does, in a few words.
    pub title: &'static str,
    /// From the end of one run to the next.
    pub every: Duration,
    /// Whether one replica does it for all; otherwise each does it for itself.
    pub shared: bool,
    /// One run.
    pub work: Work,
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Task({}, {:?})", self.name, self.every)
    }
}

/// Runs a task until `end` says so. A run under way may finish, for as long as the replica gives it; then it is stopped,
/// and a shared task's turn is given back, so that another replica takes it over at once. What was begun stays where it
/// is, as after a power cut, and is gone on with by that one.
pub async fn run(task: Task, replica: Replica, mut end: watch::Receiver<bool>) {
    let state = TaskState::new(task.name, task.title, task.every.as_secs());
    replica.board.add(TaskState { shared: task.shared, ..state });
    let mut first = true;
    loop {
        let wait = if task.shared {
            match shared(&task, &replica, first, &end).await {
                Ok(None) => {
                    first = false;
                    continue;
                }
                Ok(Some(wait)) => wait.min(Duration::from_secs(WORK_POLL_SECONDS)).mul_f64(about_one(&replica.random)),
                Err(error) => {
                    // The registry's words; that it is away is told beside, and by every task alike.
                    tracing::debug!(task = task.name, "{error}");
                    Duration::from_secs(WORK_POLL_SECONDS).mul_f64(about_one(&replica.random))
                }
            }
        } else {
            own(&task, &replica).await
        };
        tokio::select! {
            () = time::sleep(wait) => {}
            _ = end.wait_for(|ended| *ended) => return,
        }
    }
}

/// One run of what each replica does for itself; gives how long to wait for the next.
async fn own(task: &Task, replica: &Replica) -> Duration {
    let board = &replica.board;
    board.change(task.name, |state| state.next = None);
    // A task of its own, so that a panic in a library ends this run and not the service.
    let result = joined(tokio::spawn((task.work)(None)).await);
    let now = board.now();
    let failures = note(board, task.name, result, now);
    let wait = wait(task.every, failures, &replica.random);
    board.change(task.name, |state| state.next = after(now, wait));
    wait
}

fn joined(result: Result<Result<Done, Failure>, tokio::task::JoinError>) -> Result<Done, Failure> {
    result.unwrap_or_else(|_| {
        Err(Failure { text: "the task ended unexpectedly: report this".to_owned(), needs_operator: true })
    })
}

/// One turn at a shared task, if it can be had; otherwise how long to wait.
async fn shared(
    task: &Task,
    replica: &Replica,
    at_once: bool,
    end: &watch::Receiver<bool>,
) -> Result<Option<Duration>, RegistryError> {
    if *end.borrow() {
        return Ok(Some(Duration::from_secs(WORK_POLL_SECONDS)));
    }
    if replica.board.mode().is_stopped() {
        // Nothing is changed now: neither issued nor published.
        return Ok(Some(Duration::from_secs(WORK_POLL_SECONDS)));
    }
    let registry = &replica.registry;
    let turn = match registry.take_turn(task.name, &replica.name, replica.lease, at_once).await? {
        TurnTaken::Wait(wait) => return Ok(Some(wait)),
        TurnTaken::Mine(turn) => turn,
    };
    if turn.failures() > 0 {
        tracing::info!(task = task.name, failures = turn.failures(), "tries again, or takes over");
    }
    replica.board.change(task.name, |state| (state.next, state.replica) = (None, Some(replica.name.to_string())));
    let running = tokio::spawn((task.work)(Some(turn.clone())));
    let result = match renewed(running, &turn, replica, end.clone()).await {
        Ran::Ended(result) => result,
        Ran::Lost => {
            tracing::warn!(task = task.name, "the turn was lost, and the work stopped: another replica does it");
            return Ok(None);
        }
        Ran::Stopped => {
            let given = time::timeout(GIVE_BACK, registry.give_back_turn(&turn)).await;
            let how = match given {
                Ok(Ok(())) => "another replica goes on with it at once",
                _ => "another replica goes on with it when its lease has run out",
            };
            tracing::info!(task = task.name, "the program ends before the work is done: {how}");
            return Ok(Some(Duration::from_secs(WORK_POLL_SECONDS)));
        }
    };
    let (ending, failures) = match result {
        Ok(Done(text)) => {
            if turn.failures() > 0 {
                tracing::info!(task = task.name, "works again");
            }
            (Ending::Done { text }, 0)
        }
        Err(Failure { text, needs_operator }) => {
            tracing::warn!(task = task.name, "{text}");
            (Ending::Failed { text, needs_operator }, turn.failures().saturating_add(1))
        }
    };
    registry.end_turn(&turn, &ending, wait(task.every, failures, &replica.random)).await?;
    replica.look().await;
    Ok(None)
}

/// How long is waited for the database to take a turn back.
const GIVE_BACK: Duration = Duration::from_secs(3);

/// How a run of a shared task went.
enum Ran {
    /// To its end.
    Ended(Result<Done, Failure>),
    /// The turn was lost, or may have been because nobody could be asked for as long as it lasts: the work was stopped.
    Lost,
    /// The program ends: the work was stopped.
    Stopped,
}

/// Renews the turn until the work ends.
async fn renewed(
    mut running: JoinHandle<Result<Done, Failure>>,
    turn: &Turn,
    replica: &Replica,
    mut end: watch::Receiver<bool>,
) -> Ran {
    let (beat, mut silent) = (turn.length() / 3, 0);
    // The work is stopped with this, also when nobody waits for it any more.
    let _stops = Stops(running.abort_handle());
    let mut late = std::pin::pin!(async {
        // Whoever cannot say that the program ends is gone with it.
        let _ = end.wait_for(|ended| *ended).await;
        time::sleep(replica.finish).await;
    });
    loop {
        tokio::select! {
            result = &mut running => return Ran::Ended(joined(result)),
            () = &mut late => {
                running.abort();
                // What it is just doing it may still have done.
                return match (&mut running).await {
                    Ok(result) => Ran::Ended(result),
                    Err(_) => Ran::Stopped,
                };
            }
            () = time::sleep(beat) => {}
        }
        silent = match replica.registry.renew_turn(turn).await {
            Ok(()) => 0,
            Err(RegistryError::TurnLost { .. }) => return Ran::Lost,
            Err(_) => silent + 1,
        };
        if silent >= 3 {
            return Ran::Lost;
        }
    }
}

/// Stops a task when it is dropped; one that has ended does not mind.
struct Stops(tokio::task::AbortHandle);

impl Drop for Stops {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn after(now: Timestamp, wait: Duration) -> Option<Timestamp> {
    now.checked_add(SignedDuration::try_from(wait).ok()?).ok()
}

/// Notes how a run ended; gives the number of failures in a row.
fn note(board: &Board, name: &str, result: Result<Done, Failure>, now: Timestamp) -> u32 {
    let mut failures = 0;
    board.change(name, |state| match result {
        Ok(Done(text)) => {
            if state.trouble.take().is_some() {
                tracing::info!(task = name, "works again");
            }
            (state.last_success, state.outcome) = (Some(now), Some(text));
            state.successes_total += 1;
        }
        Err(Failure { text, needs_operator }) => {
            let before = state.trouble.take();
            // The board shows it all the while; the log is told when it begins, and when it changes.
            if before.as_ref().is_none_or(|before| before.text != text) {
                tracing::warn!(task = name, "{text}");
            }
            failures = before.as_ref().map_or(0, |trouble| trouble.failures).saturating_add(1);
            let since = before.map_or(now, |trouble| trouble.since);
            state.trouble = Some(Trouble { since, failures, text, needs_operator });
            state.failures_total += 1;
        }
    });
    failures
}

/// How long to wait: the period, or after a failure a time that doubles with each up to the period; and up to a
/// tenth less or more.
fn wait(every: Duration, failures: u32, random: &Random) -> Duration {
    let base = match failures.checked_sub(1) {
        None => every,
        Some(doublings) => {
            let factor = 2u32.checked_pow(doublings).unwrap_or(u32::MAX);
            Duration::from_secs(TASK_FIRST_RETRY_SECONDS).saturating_mul(factor).min(every)
        }
    };
    base.mul_f64(about_one(random))
}

/// A factor from 0.9 to 1.1.
pub(super) fn about_one(random: &Random) -> f64 {
    let mut byte = [128];
    // Without chance it is the middle one.
    if random(&mut byte).is_err() {
        byte = [128];
    }
    let [byte] = byte;
    0.9 + 0.2 * f64::from(byte) / 255.0
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::{
        clock::Fixed,
        registry::{Options, Registry},
    };

    fn chance(byte: u8) -> Random {
        Arc::new(move |bytes| {
            bytes.fill(byte);
            Ok(())
        })
    }

    #[test]
    fn waits_double_up_to_the_period() {
        let every = Duration::from_secs(300);
        let at = |failures| wait(every, failures, &chance(0)).as_secs_f64() / 0.9;
        let waits: Vec<f64> = (0..8).map(|failures| at(failures).round()).collect();
        assert_eq!(waits, [300.0, 15.0, 30.0, 60.0, 120.0, 240.0, 300.0, 300.0]);
        assert_eq!(wait(every, 0, &chance(255)), Duration::from_secs(330));
        assert_eq!(wait(every, u32::MAX, &chance(255)), Duration::from_secs(330));
    }

    #[tokio::test]
    async fn a_failure_is_told_until_a_run_succeeds_and_an_end_is_heard() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let board = Arc::new(Board::new(Arc::new(Fixed(now)), "sandbox"));
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        let work: Work = Arc::new(move |_| {
            let run = counted.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                match run {
                    0 => Err(Failure { text: "the server is away".to_owned(), needs_operator: false }),
                    1 => panic!("a library fell over"),
                    _ => Ok(Done("3 issued".to_owned())),
                }
            })
        });
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("registry.db");
        let registry = Registry::open(file.to_str().unwrap(), Options::default()).await.unwrap();
        let replica = Replica::new(registry.clone(), Arc::clone(&board), chance(0), "a", Duration::from_secs(30));
        let task = Task { name: "sync", title: "Poll", every: Duration::from_millis(1), shared: true, work };
        let own = Task { name: "own", shared: false, ..task.clone() };
        let (told, hears) = watch::channel(false);
        let running = tokio::spawn(run(task, replica.clone(), hears.clone()));
        let reached = |wanted: u32| {
            let runs = Arc::clone(&runs);
            async move {
                while runs.load(Ordering::SeqCst) < wanted {
                    time::sleep(Duration::from_millis(1)).await;
                }
            }
        };
        // The failures put the next turn off: an operator does not wait.
        for wanted in 1..=4 {
            while !matches!(registry.tasks().await.unwrap().first(), Some(task) if task.running.is_none()) {
                time::sleep(Duration::from_millis(5)).await;
            }
            time::timeout(Duration::from_secs(20), async {
                loop {
                    registry.hasten("sync").await.unwrap();
                    if time::timeout(Duration::from_millis(100), reached(wanted)).await.is_ok() {
                        break;
                    }
                }
            })
            .await
            .unwrap();
        }
        let own = tokio::spawn(run(own, replica.clone(), hears));
        time::timeout(Duration::from_secs(10), reached(9)).await.unwrap();
        told.send(true).unwrap();
        time::timeout(Duration::from_secs(10), async { (running.await.unwrap(), own.await.unwrap()) }).await.unwrap();
        replica.look().await;
        let report = board.report();
        let [own, task] = report.tasks.as_slice() else { panic!("{report:?}") };
        assert_eq!((task.failures_total, task.trouble.clone()), (2, None));
        assert_eq!((task.outcome.as_deref(), task.replica.as_deref()), (Some("3 issued"), Some("a")));
        assert_eq!(own.outcome.as_deref(), Some("3 issued"));
        assert!(report.missing().is_empty());
        assert!(board.metrics().contains("vaccert_task_failures_total{task=\"sync\"} 2\n"));
    }

    #[test]
    fn three_failures_in_a_row_are_an_alarm() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let board = Board::new(Arc::new(Fixed(now)), "sandbox");
        board.add(TaskState::new("pull", "Pull", 60));
        let fail = || Err(Failure { text: "away".to_owned(), needs_operator: false });
        let levels: Vec<_> = (0..3)
            .map(|_| {
                note(&board, "pull", fail(), now);
                board.report().level
            })
            .collect();
        use super::super::Level;
        assert_eq!(levels, [Level::Warning, Level::Warning, Level::Alarm]);
        assert!(board.report().missing().is_empty(), "it was tried, and requests are answered without it");
        board.add(TaskState::new("sync", "Poll", 60));
        board.add(TaskState::new("fetch", "Hand out", 60));
        note(&board, "fetch", fail(), now);
        assert_eq!(board.report().missing(), ["fetch has not succeeded yet", "sync has not succeeded yet"]);
    }
}
