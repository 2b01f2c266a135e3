//! Tasks that recur: at once after the start, then in their period, and after a failure sooner, further and
//! further apart. A little chance keeps many installations from asking one server in the same second.

use std::{pin::Pin, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::board::{Board, TaskState, Trouble};
use crate::{batch::Random, limits::TASK_FIRST_RETRY_SECONDS};

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

/// One run of a task.
pub type Work = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Done, Failure>> + Send>> + Send + Sync>;

/// A task.
#[derive(Clone)]
pub struct Task {
    /// Stable name, such as `sync`.
    pub name: &'static str,
    /// What it does, in a few words.
    pub title: &'static str,
    /// From the end of one run to the next.
    pub every: Duration,
    /// One run.
    pub work: Work,
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Task({}, {:?})", self.name, self.every)
    }
}

/// Runs a task until `end` says so. A run under way is finished first: what was begun must not be torn off.
pub async fn run(task: Task, board: Arc<Board>, random: Random, mut end: watch::Receiver<bool>) {
    board.add(TaskState::new(task.name, task.title, task.every.as_secs()));
    loop {
        // A task of its own, so that a panic in a library ends this run and not the service.
        let result = tokio::spawn((task.work)()).await.unwrap_or_else(|_| {
            Err(Failure { text: "the task ended unexpectedly: report this".to_owned(), needs_operator: true })
        });
        let now = board.now();
        let failures = note(&board, task.name, result, now);
        let wait = wait(task.every, failures, &random);
        board.change(task.name, |state| state.next = after(now, wait));
        tokio::select! {
            () = tokio::time::sleep(wait) => board.change(task.name, |state| state.next = None),
            _ = end.wait_for(|ended| *ended) => return,
        }
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
            tracing::warn!(task = name, "{text}");
            let before = state.trouble.take();
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
    let mut byte = [128];
    // Without chance the wait is the middle one.
    if random(&mut byte).is_err() {
        byte = [128];
    }
    let [byte] = byte;
    base.mul_f64(0.9 + 0.2 * f64::from(byte) / 255.0)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::clock::Fixed;

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
        let work: Work = Arc::new(move || {
            let run = counted.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                match run {
                    0 => Err(Failure { text: "the server is away".to_owned(), needs_operator: false }),
                    1 => panic!("a library fell over"),
                    _ => Ok(Done("3 issued".to_owned())),
                }
            })
        });
        let task = Task { name: "sync", title: "Poll", every: Duration::from_millis(1), work };
        let (told, hears) = watch::channel(false);
        let running = tokio::spawn(run(task, Arc::clone(&board), chance(0), hears));
        let reached = |wanted: u32| {
            let runs = Arc::clone(&runs);
            async move {
                while runs.load(Ordering::SeqCst) < wanted {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), reached(5)).await.unwrap();
        told.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(10), running).await.unwrap().unwrap();
        let report = board.report();
        let [task] = report.tasks.as_slice() else { panic!("{report:?}") };
        assert_eq!((task.failures_total, task.trouble.clone()), (2, None));
        assert_eq!(task.outcome.as_deref(), Some("3 issued"));
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
        assert_eq!(board.report().missing(), ["pull has not succeeded yet"]);
    }
}
