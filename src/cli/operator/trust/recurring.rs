//! The pull of the lists inside `vaccert serve`: a task, what an operator sees of every list, and its numbers.

use std::{pin::Pin, sync::Arc};

use jiff::Timestamp;

use super::pull::{Pull, pull_all};
use crate::{
    clock::Clock,
    config::TrustSource,
    gateway::lists::{self, Outcome, PullStatus},
    service::operations::{Board, Condition, Done, Failure, Level, Metrics, Task},
};

/// The task, where there are lists to pull. It fails when a list needs an operator; a list that is out of reach for a
/// while, or refused, is in what [`watched`] shows, and what was pulled last is used.
pub(in crate::cli) fn task(
    sources: &[TrustSource],
    every: std::time::Duration,
    clock: &Arc<dyn Clock>,
) -> Option<Task> {
    if sources.is_empty() {
        return None;
    }
    let (sources, clock) = (Arc::<[TrustSource]>::from(sources), Arc::clone(clock));
    let work = move |_| -> Pin<Box<dyn Future<Output = Result<Done, Failure>> + Send>> {
        let (sources, clock) = (Arc::clone(&sources), Arc::clone(&clock));
        Box::pin(async move { outcome(&pull_all(&sources, &clock).await, clock.now()) })
    };
    Some(Task { name: "trust", title: "Pull the lists of whom to believe", every, shared: false, work: Arc::new(work) })
}

fn outcome(all: &[Pull], now: Timestamp) -> Result<Done, Failure> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for pull in all {
        match &pull.status {
            Err(error) => bad.push(format!("{}: {error}", pull.name)),
            Ok(status) if status.level(now) == lists::Level::Alarm => bad.push(in_words(status, now)),
            Ok(status) => good.push(in_words(status, now)),
        }
    }
    if bad.is_empty() { Ok(Done(good.join("; "))) } else { Err(Failure { text: bad.join("; "), needs_operator: true }) }
}

/// A list in one sentence.
fn in_words(status: &PullStatus, now: Timestamp) -> String {
    let name = &status.name;
    let problem = status.problem.as_ref().map(|problem| problem.words.as_str()).unwrap_or_default();
    let mut words = match status.outcome {
        Outcome::Taken => {
            format!("{name}: {} signers, {} added, {} removed", status.keys, status.added, status.removed)
        }
        Outcome::Unchanged => format!("{name}: {} signers, unchanged", status.keys),
        Outcome::Refused => {
            format!("{name} was refused: {problem}: look with `vaccert trust diff {name} {name}@pending`")
        }
        Outcome::NotBelieved => format!("{name} is not believed: {problem}"),
        Outcome::Unreachable => format!("{name}: {problem}"),
    };
    if status.is_old(now) {
        words.push_str("; the list in use is too old, or there is none");
    }
    if !status.own_missing.is_empty() {
        let kids = status.own_missing.join(", ");
        words.push_str(&format!("; your signer {kids} is not in the list: its certificates are refused abroad"));
    }
    words
}

/// Shows every list and its numbers on the board.
pub(in crate::cli) fn watched(board: Board, sources: &[TrustSource]) -> Board {
    let (for_conditions, for_metrics) = (Arc::<[TrustSource]>::from(sources), Arc::<[TrustSource]>::from(sources));
    board
        .with_conditions(Arc::new(move |now| for_conditions.iter().filter_map(|list| condition(list, now)).collect()))
        .with_metrics(Arc::new(move |now, metrics| for_metrics.iter().for_each(|list| measure(list, now, metrics))))
}

/// What lasts of a list beside the task: whatever is not as it should be.
fn condition(list: &TrustSource, now: Timestamp) -> Option<Condition> {
    let (level, text) = match PullStatus::of(&list.source) {
        // Before the first pull the task says so.
        Ok(None) => return None,
        Ok(Some(status)) => match status.level(now) {
            lists::Level::Good => return None,
            lists::Level::Warning => (Level::Warning, in_words(&status, now)),
            lists::Level::Alarm => (Level::Alarm, in_words(&status, now)),
        },
        Err(error) => (Level::Alarm, format!("{}: {error}", list.source.name)),
    };
    Some(Condition { name: format!("trust-list-{}", list.source.name), level, text })
}

fn measure(list: &TrustSource, now: Timestamp, metrics: &mut Metrics) {
    let Ok(Some(status)) = PullStatus::of(&list.source) else { return };
    let labels = [("list", status.name.as_str())];
    let count = |count: usize| u32::try_from(count).map_or(f64::from(u32::MAX), f64::from);
    let flag = |on: bool| f64::from(u8::from(on));
    if let Some(age) = status.age(now) {
        let help = "Seconds since the trust list was last confirmed at its source";
        metrics.gauge("vaccert_trust_list_age_seconds", help, &labels, age.as_secs_f64());
    }
    metrics.gauge("vaccert_trust_list_signers", "Signers of the trust list in use", &labels, count(status.keys));
    let help = "Entries of the trust list in use that were left out";
    metrics.gauge("vaccert_trust_list_left_out", help, &labels, count(status.rejected));
    let help = "Whether a trust list waits for an operator";
    metrics.gauge("vaccert_trust_list_pending", help, &labels, flag(status.pending_since.is_some()));
    let help = "Own signers that are missing in the trust list";
    metrics.gauge("vaccert_trust_list_own_missing", help, &labels, count(status.own_missing.len()));
    let help = "Whether the trust list needs an operator";
    metrics.gauge("vaccert_trust_list_alarm", help, &labels, flag(status.level(now) == lists::Level::Alarm));
}
