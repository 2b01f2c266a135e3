//! What goes into the queue of jobs and what comes out of it.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::limits;

/// Something that is to be done once.
#[derive(Clone, PartialEq, Eq)]
pub struct NewJob {
    /// What is to be done, such as `message`: a worker of this name does it.
    pub kind: String,
    /// To what: with the kind it is known once, also after it is done, for as long as its row is kept. Opaque, never
    /// personal data.
    pub key: String,
    /// What the worker needs, in a form of its own. May be personal data: it is emptied when the job is done.
    pub payload: String,
    /// Not before this time from now.
    pub after: Duration,
    /// Of no use after this time from now.
    pub good_for: Option<Duration>,
    /// How often it may be begun.
    pub most_attempts: u32,
}

impl NewJob {
    /// Due at once, good for ever, and begun [`limits::JOB_ATTEMPTS`] times at most.
    #[must_use]
    pub fn new(kind: &str, key: &str, payload: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            key: key.to_owned(),
            payload: payload.to_owned(),
            after: Duration::ZERO,
            good_for: None,
            most_attempts: limits::JOB_ATTEMPTS,
        }
    }
}

impl fmt::Debug for NewJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewJob").field("kind", &self.kind).field("key", &self.key).finish_non_exhaustive()
    }
}

/// The answer to who asks for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It is in the queue now.
    New,
    /// It was asked for before; what was asked then counts.
    Known,
}

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobState {
    /// To be done, at once or later.
    Waiting,
    /// A replica is doing it.
    Running,
    /// Done.
    Done,
    /// Not done, and nobody tries again unless an operator says so.
    GivenUp,
}

impl JobState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Done, Self::GivenUp];

    /// The word in the database, and in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::GivenUp => "given-up",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A job that the caller has claimed: it must be ended, put off, given back or renewed before its lease runs out.
#[derive(Clone, PartialEq, Eq)]
pub struct Job {
    pub(super) number: i64,
    pub(super) kind: Arc<str>,
    pub(super) key: String,
    pub(super) payload: String,
    pub(super) attempts: u32,
    pub(super) most_attempts: u32,
    pub(super) fence: i64,
    pub(super) good_for: Option<Duration>,
}

impl Job {
    /// Its number in the registry.
    #[must_use]
    pub fn number(&self) -> u64 {
        u64::try_from(self.number).unwrap_or(0)
    }

    /// What is to be done.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// To what.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What is needed for it. May be personal data.
    #[must_use]
    pub fn payload(&self) -> &str {
        &self.payload
    }

    /// How often it was begun, this time too.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Whether this is the last try.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.attempts >= self.most_attempts
    }

    /// How long it was still of use when it was claimed; `None` is for ever.
    #[must_use]
    pub fn good_for(&self) -> Option<Duration> {
        self.good_for
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("number", &self.number).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What became of a job that could not be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// It is tried again.
    Later,
    /// That was the last time: an operator must look.
    GivenUp,
}

/// How many jobs of one kind there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCounts {
    /// What is to be done.
    pub kind: String,
    /// To be done, at once or later.
    pub waiting: u64,
    /// Being done.
    pub running: u64,
    /// Given up.
    pub given_up: u64,
    /// For how long the oldest of those that wait has been due; none when nothing is due.
    pub overdue: Option<Duration>,
}

/// A job as an operator sees it: without its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Its number.
    pub number: u64,
    /// What is to be done.
    pub kind: String,
    /// To what.
    pub key: String,
    /// How far it has come.
    pub state: JobState,
    /// How often it was begun.
    pub attempts: u32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What came of the last try.
    pub outcome: Option<String>,
}
