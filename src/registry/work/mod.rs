//! What replicas share of their work, so that nothing but the database is needed between them: recurring tasks, each
//! done by one replica at a time ([`Registry::take_turn`](super::Registry::take_turn)), which replicas live, and what they
//! hand out. What is done once for each of many (codes, messages) is leased in tables of its own
//! ([`people`](super::people)).
//!
//! **Whose clock.** Every time here is read from the clock of the database in the transaction that uses it, and callers
//! hand in spans, never times. A replica whose clock is wrong can then neither take a lease that still runs nor keep
//! one that has run out. What is left is the one clock of the database itself: moved forth, leases end early and two
//! may work for a moment, which the fence makes harmless (below); moved back, nothing would be due for long, so a lease
//! that ends later than any lease can is taken as run out.
//!
//! **The fence** is a number that counts up with each change of hands. Whoever ends, renews or gives back work names
//! its fence, and is refused when somebody else has taken the work over meanwhile.
//!
//! Table `task`:
//!
//! | column | why it is needed |
//! |---|---|
//! | `name` | stable name, such as `sync` |
//! | `fence` | counts the turns |
//! | `owner`, `lease_until`, `begun_at` | which replica does it just now, until when it must have said so again, and since when |
//! | `next_at`, `set_at` | when it is due again, and when that was decided |
//! | `done_by`, `last_success`, `outcome` | the last run that succeeded: where, when it ended, and a sentence without personal data |
//! | `failures`, `failing_since`, `trouble`, `needs_operator` | failures in a row, since when, what is wrong, and whether it mends itself |
//! | `successes_total`, `failures_total` | all runs since the table was made |
//!
//! Table `replica` (name, version, started_at, seen_at) says which processes live. Table `published` (name, sequence,
//! content) holds the files of what is published: every replica hands out the same, and numbers cannot fork.

mod published;
mod replica;
mod task;
#[cfg(test)]
mod tests;

pub use replica::Replica;
pub use task::{Ending, TaskRecord, Turn, TurnTaken};

/// A span as milliseconds in the database.
fn milliseconds(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}

/// What is left from `now` to `then`, nothing when it is over.
fn left(then: i64, now: i64) -> std::time::Duration {
    std::time::Duration::from_millis(u64::try_from(then.saturating_sub(now)).unwrap_or(0))
}

/// A sentence as it is kept: bounded, in one line.
fn sentence(text: &str) -> String {
    let one_line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    one_line.take(crate::limits::WORK_SENTENCE_CHARS).collect()
}
