//! The board: the state of every task and every lasting condition, written by the tasks and read by the pages.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::Serialize;

use super::metrics::Metrics;
use crate::clock::Clock;

/// How much an operator should care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Something is to be done, and there is time for it.
    Warning,
    /// Something does not work, or soon will not.
    Alarm,
}

/// A lasting state beside the tasks: a key that ends, a token that is away, a list that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Stable name, such as `signer`.
    pub name: String,
    /// How much an operator should care.
    pub level: Level,
    /// What it is, and what to do. Nothing of a person.
    pub text: String,
}

/// A failure that has not been mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// Of the first failure in a row.
    pub since: Timestamp,
    /// Failures in a row.
    pub failures: u32,
    /// What went wrong the last time, and what to do.
    pub text: String,
    /// Whether somebody must act: it will not mend itself.
    pub needs_operator: bool,
}

/// What is known of one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskState {
    /// Stable name, such as `sync`.
    pub name: String,
    /// What it does, in a few words.
    pub title: String,
    /// Seconds from one run to the next.
    pub every_seconds: u64,
    /// End of the last run that succeeded.
    pub last_success: Option<Timestamp>,
    /// What the last run that succeeded did.
    pub outcome: Option<String>,
    /// What is wrong, if something is.
    pub trouble: Option<Trouble>,
    /// When it runs next; `None` while it runs.
    pub next: Option<Timestamp>,
    /// Runs that failed since the program started.
    pub failures_total: u64,
    /// Runs that succeeded since the program started.
    pub successes_total: u64,
}

impl TaskState {
    pub(super) fn new(name: &str, title: &str, every_seconds: u64) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            every_seconds,
            last_success: None,
            outcome: None,
            trouble: None,
            next: None,
            failures_total: 0,
            successes_total: 0,
        }
    }

    /// How much an operator should care: three failures in a row are an alarm, as is what needs an operator.
    #[must_use]
    pub fn level(&self) -> Level {
        match &self.trouble {
            None => Level::Ok,
            Some(trouble) if trouble.needs_operator || trouble.failures >= 3 => Level::Alarm,
            Some(_) => Level::Warning,
        }
    }
}

/// Asked for lasting conditions.
pub type Conditions = Arc<dyn Fn(Timestamp) -> Vec<Condition> + Send + Sync>;
/// Asked for further metrics.
pub type MetricSource = Arc<dyn Fn(Timestamp, &mut Metrics) + Send + Sync>;

/// The state of everything that runs beside the requests.
pub struct Board {
    clock: Arc<dyn Clock>,
    started: Timestamp,
    environment: String,
    tasks: Mutex<BTreeMap<String, TaskState>>,
    conditions: Vec<Conditions>,
    sources: Vec<MetricSource>,
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Board").field("started", &self.started).finish_non_exhaustive()
    }
}

/// Everything on the board at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoardReport {
    /// The worst level of all.
    pub level: Level,
    /// `sandbox` or `production`.
    pub environment: String,
    /// Version of the program.
    pub version: &'static str,
    /// When the program started.
    pub started: Timestamp,
    /// When this was looked up.
    pub now: Timestamp,
    /// Every task.
    pub tasks: Vec<TaskState>,
    /// Every lasting condition.
    pub conditions: Vec<Condition>,
}

impl BoardReport {
    /// Why the service is not ready: tasks that never succeeded, and alarms. A task that fails for the first
    /// time after it has succeeded takes no readiness away: what was issued and published is still served.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let never = self.tasks.iter().filter(|task| task.last_success.is_none());
        let never = never.map(|task| format!("{} has not succeeded yet", task.name));
        let alarms = self.conditions.iter().filter(|condition| condition.level == Level::Alarm);
        never.chain(alarms.map(|alarm| format!("{}: {}", alarm.name, alarm.text))).collect()
    }
}

impl Board {
    /// An empty board. `environment` is shown on it.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, environment: &str) -> Self {
        let started = clock.now();
        Self {
            clock,
            started,
            environment: environment.to_owned(),
            tasks: Mutex::default(),
            conditions: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Also asks `conditions` whenever somebody looks.
    #[must_use]
    pub fn with_conditions(mut self, conditions: Conditions) -> Self {
        self.conditions.push(conditions);
        self
    }

    /// Also asks `source` whenever metrics are read.
    #[must_use]
    pub fn with_metrics(mut self, source: MetricSource) -> Self {
        self.sources.push(source);
        self
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn change(&self, name: &str, change: impl FnOnce(&mut TaskState)) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = tasks.get_mut(name) {
            change(task);
        }
    }

    pub(super) fn add(&self, state: TaskState) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).insert(state.name.clone(), state);
    }

    /// Everything on the board now.
    #[must_use]
    pub fn report(&self) -> BoardReport {
        let now = self.now();
        let tasks: Vec<TaskState> =
            self.tasks.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let conditions: Vec<Condition> = self.conditions.iter().flat_map(|source| source(now)).collect();
        let levels = tasks.iter().map(TaskState::level).chain(conditions.iter().map(|condition| condition.level));
        BoardReport {
            level: levels.max().unwrap_or(Level::Ok),
            environment: self.environment.clone(),
            version: env!("CARGO_PKG_VERSION"),
            started: self.started,
            now,
            tasks,
            conditions,
        }
    }

    /// Everything on the board, and what the further sources say, in the text format of Prometheus.
    #[must_use]
    pub fn metrics(&self) -> String {
        let report = self.report();
        let mut metrics = Metrics::default();
        metrics.board(&report);
        for source in &self.sources {
            source(report.now, &mut metrics);
        }
        metrics.into_text()
    }
}
