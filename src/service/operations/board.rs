//! The board: the state of every task and every lasting condition, written by the tasks and read by the pages.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    metrics::Metrics,
    mode::{Mode, Stopped},
    traffic::Traffic,
};
use crate::{
    clock::Clock,
    registry::{self, Counts, OpenSessions, TaskRecord},
};

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
    /// Whether one replica does it for all.
    pub shared: bool,
    /// The replica that does it, or did it last, where one does it for all.
    pub replica: Option<String>,
    /// Runs that failed: since the program started, or of a shared task since the registry was made.
    pub failures_total: u64,
    /// Runs that succeeded, counted likewise.
    pub successes_total: u64,
}

/// A replica of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplicaState {
    /// Its name.
    pub name: String,
    /// Version of its program.
    pub version: String,
    /// When it came.
    pub started: Timestamp,
    /// When it was last heard of.
    pub seen: Timestamp,
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
            shared: false,
            replica: None,
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
    mode: Mode,
    traffic: Traffic,
    replicas: Mutex<Vec<ReplicaState>>,
    counts: Mutex<Option<Counts>>,
    published: AtomicU64,
    measured: Mutex<Option<(OpenSessions, Option<Timestamp>)>>,
    notices: Mutex<Vec<(String, u64)>>,
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
    /// Every replica that was heard of lately.
    pub replicas: Vec<ReplicaState>,
    /// Whether this program is ending.
    pub ending: bool,
}

/// Conditions in which what is published and what exists is still served: no reason to send requests elsewhere.
const SERVES_ON: [&str; 2] = [REGISTRY, "read-only"];
/// Tasks without whose success nothing can be verified by what is handed out.
const NEEDED: [&str; 2] = ["publish", "fetch"];
/// The condition of the database.
const REGISTRY: &str = "registry";

impl BoardReport {
    /// Why the service is not ready: lists that are not there, tasks that were not tried yet, and alarms. A task that was
    /// tried and failed takes no readiness away: what was issued and published is still served, and whoever takes this
    /// program out of service for a DHIS2 that is away, or for a right that is missing there, would strand travellers.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let ending = self.ending.then(|| "the program is ending".to_owned());
        // While nobody can be asked what the other replicas did, that says nothing against this one.
        let asked = !self.conditions.iter().any(|condition| condition.name == REGISTRY);
        let untried = |task: &TaskState| task.trouble.is_none() || NEEDED.contains(&task.name.as_str());
        let never = self.tasks.iter().filter(|task| task.last_success.is_none() && (asked || !task.shared));
        let never = never.filter(|task| untried(task));
        let never = never.map(|task| format!("{} has not succeeded yet", task.name));
        let alarms = self.conditions.iter().filter(|condition| condition.level == Level::Alarm);
        let alarms = alarms.filter(|alarm| !SERVES_ON.contains(&alarm.name.as_str()));
        ending.into_iter().chain(never).chain(alarms.map(|alarm| format!("{}: {}", alarm.name, alarm.text))).collect()
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
            mode: Mode::default(),
            traffic: Traffic::default(),
            replicas: Mutex::default(),
            counts: Mutex::default(),
            published: AtomicU64::new(0),
            measured: Mutex::default(),
            notices: Mutex::default(),
        }
    }

    /// Whether anything may be changed.
    #[must_use]
    pub fn mode(&self) -> &Mode {
        &self.mode
    }

    /// The requests: how many there were, and how many are under way.
    #[must_use]
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
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
        let mut conditions: Vec<Condition> = self.conditions.iter().flat_map(|source| source(now)).collect();
        conditions.extend(self.mode.stopped().map(|stopped| {
            let (name, level) = match &stopped {
                Stopped::Database { .. } => (REGISTRY, Level::Alarm),
                Stopped::Configured | Stopped::Switched => ("read-only", Level::Warning),
            };
            Condition { name: name.to_owned(), level, text: stopped.text() }
        }));
        let levels = tasks.iter().map(TaskState::level).chain(conditions.iter().map(|condition| condition.level));
        BoardReport {
            level: levels.max().unwrap_or(Level::Ok),
            environment: self.environment.clone(),
            version: env!("CARGO_PKG_VERSION"),
            started: self.started,
            now,
            tasks,
            conditions,
            replicas: self.replicas.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            ending: self.mode.is_ending(),
        }
    }

    /// Takes over what all replicas know of the shared tasks that this one knows too.
    pub(super) fn take_over(&self, records: &[TaskRecord]) {
        for record in records {
            self.change(&record.name, |state| {
                state.shared = true;
                state.last_success = record.last_success;
                state.outcome.clone_from(&record.outcome);
                state.replica =
                    record.running.as_ref().map(|(name, _)| name.clone()).or_else(|| record.done_by.clone());
                state.next = record.running.is_none().then_some(record.next);
                state.trouble = record.trouble.as_ref().map(|text| Trouble {
                    since: record.failing_since.unwrap_or(record.next),
                    failures: record.failures,
                    text: text.clone(),
                    needs_operator: record.needs_operator,
                });
                (state.successes_total, state.failures_total) = (record.successes_total, record.failures_total);
            });
        }
    }

    /// Notes which lists are handed out, by their number.
    pub fn note_published(&self, number: u64) {
        self.published.store(number, Ordering::Relaxed);
    }

    /// Notes how many certificates there are, for the metrics.
    pub fn note_counts(&self, counts: Counts) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = Some(counts);
    }

    /// Notes how many sessions stand, and up to when the source has been read, for the metrics.
    pub fn note_measured(&self, open: OpenSessions, polled: Option<Timestamp>) {
        *self.measured.lock().unwrap_or_else(PoisonError::into_inner) = Some((open, polled));
    }

    /// Notes how many messages to people there are by state, for the metrics.
    pub fn note_notices(&self, counts: Vec<(String, u64)>) {
        *self.notices.lock().unwrap_or_else(PoisonError::into_inner) = counts;
    }

    pub(super) fn note_replicas(&self, replicas: Vec<registry::Replica>) {
        let state = |replica: registry::Replica| {
            let registry::Replica { name, version, started_at: started, seen_at: seen, .. } = replica;
            ReplicaState { name, version, started, seen }
        };
        *self.replicas.lock().unwrap_or_else(PoisonError::into_inner) = replicas.into_iter().map(state).collect();
    }

    /// Everything on the board, and what the further sources say, in the text format of Prometheus.
    #[must_use]
    pub fn metrics(&self) -> String {
        let report = self.report();
        let mut metrics = Metrics::default();
        metrics.board(&report);
        self.traffic.measure(&mut metrics);
        let number = u32::try_from(self.published.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        let help = "Number of the lists that are handed out, which is the second in which they were made; 0 for none.";
        metrics.gauge("vaccert_published_number", help, &[], f64::from(number));
        if let Some(counts) = *self.counts.lock().unwrap_or_else(PoisonError::into_inner) {
            metrics.certificates(&counts);
        }
        if let Some((open, polled)) = *self.measured.lock().unwrap_or_else(PoisonError::into_inner) {
            metrics.measured(open, polled, report.now);
        }
        for (state, count) in self.notices.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let help = "Messages that a certificate is ready or ends soon, by state; unsure ones may have gone out.";
            let number = f64::from(u32::try_from(*count).unwrap_or(u32::MAX));
            metrics.gauge("vaccert_notices", help, &[("state", state)], number);
        }
        for source in &self.sources {
            source(report.now, &mut metrics);
        }
        metrics.into_text()
    }
}
