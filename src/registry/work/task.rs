//! Recurring tasks: one replica has its turn at a time, and everybody sees how the last one went.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{left, milliseconds, sentence};
use crate::registry::{
    Registry, RegistryError, check_key,
    sql::{Row, Tx, Value},
};

const KNOW: &str = "INSERT INTO task (name) VALUES ($1) ON CONFLICT (name) DO NOTHING";
const LOOK: &str = "SELECT owner, lease_until, next_at, set_at FROM task WHERE name = $1";
/// A lease that ends later than two lengths from now was given by a clock that has been set back since. Whoever finds
/// an owner whose lease has run out takes its turn at once: that run was torn off.
const TAKE: &str = "UPDATE task SET owner = $2, fence = fence + 1, lease_until = $3 + $4, begun_at = $3, \
     failures = failures + CASE WHEN owner IS NULL THEN 0 ELSE 1 END, \
     failures_total = failures_total + CASE WHEN owner IS NULL THEN 0 ELSE 1 END, \
     failing_since = CASE WHEN owner IS NULL THEN failing_since ELSE COALESCE(failing_since, $3) END, \
     trouble = CASE WHEN owner IS NULL THEN trouble ELSE $6 END, \
     needs_operator = CASE WHEN owner IS NULL THEN needs_operator ELSE 0 END \
     WHERE name = $1 AND (owner IS NULL OR lease_until <= $3 OR lease_until > $3 + 2 * $4) \
     AND (owner IS NOT NULL OR next_at <= $3 OR set_at > $3 OR $5 = 1) RETURNING fence, failures";
const RENEW: &str = "UPDATE task SET lease_until = $4 + $5 WHERE name = $1 AND fence = $2 AND owner = $3";
const SUCCEED: &str = "UPDATE task SET owner = NULL, begun_at = NULL, lease_until = 0, done_by = owner, \
     last_success = $4, outcome = $5, failures = 0, failing_since = NULL, trouble = NULL, needs_operator = 0, \
     successes_total = successes_total + 1, next_at = $4 + $6, set_at = $4 \
     WHERE name = $1 AND fence = $2 AND owner = $3";
const FAIL: &str = "UPDATE task SET owner = NULL, begun_at = NULL, lease_until = 0, failures = failures + 1, \
     failing_since = COALESCE(failing_since, $4), trouble = $5, needs_operator = $7, \
     failures_total = failures_total + 1, next_at = $4 + $6, set_at = $4 \
     WHERE name = $1 AND fence = $2 AND owner = $3";
const GIVE_BACK: &str = "UPDATE task SET owner = NULL, begun_at = NULL, lease_until = 0, next_at = $4, set_at = $4 \
     WHERE name = $1 AND fence = $2 AND owner = $3";
const HOLDS: &str = "SELECT lease_until FROM task WHERE name = $1 AND fence = $2 AND owner = $3";
const HASTEN: &str = "UPDATE task SET next_at = 0 WHERE name = $1";
const ALL: &str = "SELECT name, owner, begun_at, next_at, done_by, last_success, outcome, failures, failing_since, \
     trouble, needs_operator, successes_total, failures_total, lease_until FROM task ORDER BY name";

/// Said of a run whose replica was killed or lost the database.
const TORN_OFF: &str = "the replica that had its turn did not end it; another has taken over, and nothing is lost";

/// The right to do a task now. It lasts for its length and must be renewed by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    name: Arc<str>,
    owner: Arc<str>,
    fence: i64,
    length: Duration,
    failures: u32,
}

impl Turn {
    /// The task.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long it lasts without being renewed.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.length
    }

    /// Failures in a row before this turn; with one that another replica did not end.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

/// The answer to who wants a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnTaken {
    /// It is the caller's.
    Mine(Turn),
    /// Another has it, or nothing is due: worth asking again after this time.
    Wait(Duration),
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It did its work.
    Done {
        /// What it did, in a sentence without personal data.
        text: String,
    },
    /// It did not.
    Failed {
        /// What went wrong and what to do, without personal data.
        text: String,
        /// Whether somebody must act: it will not mend itself.
        needs_operator: bool,
    },
}

/// What all replicas know of a task. Times are of the database's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRecord {
    /// Stable name.
    pub name: String,
    /// The replica that does it just now, and since when.
    pub running: Option<(String, Timestamp)>,
    /// Whether that replica has not been heard of for longer than its lease.
    pub torn_off: bool,
    /// When it is due again; what is over is due.
    pub next: Timestamp,
    /// The replica whose run succeeded last.
    pub done_by: Option<String>,
    /// End of that run.
    pub last_success: Option<Timestamp>,
    /// What that run did.
    pub outcome: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// When the first of them was.
    pub failing_since: Option<Timestamp>,
    /// What went wrong the last time.
    pub trouble: Option<String>,
    /// Whether somebody must act.
    pub needs_operator: bool,
    /// Runs that succeeded, of all replicas, since the registry was made.
    pub successes_total: u64,
    /// Runs that failed.
    pub failures_total: u64,
}

impl Registry {
    /// Asks for a turn at a task for the replica `owner`, for `length` at first. With `at_once` a task that nobody is
    /// doing is due whatever the last run decided. Asking when nothing is due costs one read of one row.
    ///
    /// # Errors
    /// A name or owner of impossible size, or the database.
    pub async fn take_turn(
        &self,
        name: &str,
        owner: &str,
        length: Duration,
        at_once: bool,
    ) -> Result<TurnTaken, RegistryError> {
        check_key(0, "name of the task", name)?;
        check_key(0, "name of the replica", owner)?;
        let lease = milliseconds(length);
        let mut tx = self.read().await?;
        let now = tx.now().await.map_err(self.say())?;
        let known = tx.fetch(LOOK, &[Value::Text(name)]).await.map_err(self.say())?;
        drop(tx);
        if let Some(row) = known.first()
            && let Some(wait) = self.wait(row, now, lease, at_once)?
        {
            return Ok(TurnTaken::Wait(wait));
        }
        let mut tx = self.write_apart().await?;
        if known.is_empty() {
            tx.run(KNOW, &[Value::Text(name)]).await.map_err(self.say())?;
        }
        let now = tx.now().await.map_err(self.say())?;
        let values = [
            Value::Text(name),
            Value::Text(owner),
            Value::Int(now),
            Value::Int(lease),
            Value::Int(i64::from(at_once)),
            Value::Text(TORN_OFF),
        ];
        let taken = tx.fetch(TAKE, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        let Some(row) = taken.first() else {
            // Somebody was quicker.
            return Ok(TurnTaken::Wait(length));
        };
        let failures = row.int(1).map_err(self.say())?;
        Ok(TurnTaken::Mine(Turn {
            name: name.into(),
            owner: owner.into(),
            fence: row.int(0).map_err(self.say())?,
            length,
            failures: u32::try_from(failures).unwrap_or(u32::MAX),
        }))
    }

    /// How long to wait for what a row of [`LOOK`] says; none when a turn may be had.
    fn wait(&self, row: &Row, now: i64, lease: i64, at_once: bool) -> Result<Option<Duration>, RegistryError> {
        let owner = row.opt_text(0).map_err(self.say())?;
        let until = row.int(1).map_err(self.say())?;
        let (next, set) = (row.int(2).map_err(self.say())?, row.int(3).map_err(self.say())?);
        let back = |time: i64| time > now.saturating_add(lease.saturating_mul(2));
        Ok(match owner {
            Some(_) if until > now && !back(until) => Some(left(until, now)),
            None if next > now && set <= now && !at_once => Some(left(next, now)),
            _ => None,
        })
    }

    /// Says that the turn is still being used, for its length from now.
    ///
    /// # Errors
    /// [`RegistryError::TurnLost`] when another has taken it over: stop the work. Or the database.
    pub async fn renew_turn(&self, turn: &Turn) -> Result<(), RegistryError> {
        let mut tx = self.write_apart().await?;
        let now = tx.now().await.map_err(self.say())?;
        let [name, fence, owner] = turn.values();
        let values = [name, fence, owner, Value::Int(now), Value::Int(milliseconds(turn.length))];
        self.mine(tx, RENEW, &values, turn).await
    }

    /// Ends a turn, and says when the next one is due.
    ///
    /// # Errors
    /// [`RegistryError::TurnLost`] when another has taken it over: how it ended is then that one's to say. Or the
    /// database.
    pub async fn end_turn(&self, turn: &Turn, ending: &Ending, next: Duration) -> Result<(), RegistryError> {
        let mut tx = self.write_apart().await?;
        let now = tx.now().await.map_err(self.say())?;
        let [name, fence, owner] = turn.values();
        let (now, next) = (Value::Int(now), Value::Int(milliseconds(next)));
        match ending {
            Ending::Done { text } => {
                let text = sentence(text);
                self.mine(tx, SUCCEED, &[name, fence, owner, now, Value::Text(&text), next], turn).await
            }
            Ending::Failed { text, needs_operator } => {
                let (text, needs) = (sentence(text), Value::Int(i64::from(*needs_operator)));
                self.mine(tx, FAIL, &[name, fence, owner, now, Value::Text(&text), next, needs], turn).await
            }
        }
    }

    /// Gives a turn back undone, so that another may take it at once: the program ends.
    ///
    /// # Errors
    /// [`RegistryError::TurnLost`] when it has been taken over already, or the database.
    pub async fn give_back_turn(&self, turn: &Turn) -> Result<(), RegistryError> {
        let mut tx = self.write_apart().await?;
        let now = tx.now().await.map_err(self.say())?;
        let [name, fence, owner] = turn.values();
        self.mine(tx, GIVE_BACK, &[name, fence, owner, Value::Int(now)], turn).await
    }

    /// Makes a task due now, whichever replica does it next.
    ///
    /// # Errors
    /// The database's.
    pub async fn hasten(&self, name: &str) -> Result<(), RegistryError> {
        let mut tx = self.write_apart().await?;
        tx.run(HASTEN, &[Value::Text(name)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// All tasks that any replica ever did, in the order of their names.
    ///
    /// # Errors
    /// The database's.
    pub async fn tasks(&self) -> Result<Vec<TaskRecord>, RegistryError> {
        let mut tx = self.read().await?;
        let now = tx.now().await.map_err(self.say())?;
        let rows = tx.fetch(ALL, &[]).await.map_err(self.say())?;
        rows.iter().map(|row| self.task(row, now)).collect()
    }

    fn task(&self, row: &Row, now: i64) -> Result<TaskRecord, RegistryError> {
        let say = self.say();
        let time = |at: i64| self.time(at, "time of a task");
        let count = |index| Ok::<_, RegistryError>(u64::try_from(row.int(index).map_err(&say)?).unwrap_or(0));
        let owner = row.opt_text(1).map_err(&say)?;
        let begun = row.opt_int(2).map_err(&say)?.map(time).transpose()?;
        Ok(TaskRecord {
            name: row.text(0).map_err(&say)?,
            torn_off: owner.is_some() && row.int(13).map_err(&say)? <= now,
            running: owner.zip(begun),
            next: time(row.int(3).map_err(&say)?)?,
            done_by: row.opt_text(4).map_err(&say)?,
            last_success: row.opt_int(5).map_err(&say)?.map(time).transpose()?,
            outcome: row.opt_text(6).map_err(&say)?,
            failures: u32::try_from(count(7)?).unwrap_or(u32::MAX),
            failing_since: row.opt_int(8).map_err(&say)?.map(time).transpose()?,
            trouble: row.opt_text(9).map_err(&say)?,
            needs_operator: row.int(10).map_err(&say)? != 0,
            successes_total: count(11)?,
            failures_total: count(12)?,
        })
    }

    /// Refuses in the caller's transaction what a turn that was taken over would write.
    pub(in crate::registry) async fn check_turn(&self, tx: &mut Tx, turn: &Turn) -> Result<(), RegistryError> {
        let held = tx.fetch(HOLDS, &turn.values()).await.map_err(self.say())?;
        if held.is_empty() { Err(RegistryError::TurnLost { name: turn.name.to_string() }) } else { Ok(()) }
    }

    async fn mine(
        &self,
        mut tx: Tx,
        sql: &'static str,
        values: &[Value<'_>],
        turn: &Turn,
    ) -> Result<(), RegistryError> {
        let changed = tx.run(sql, values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        if changed == 0 { Err(RegistryError::TurnLost { name: turn.name.to_string() }) } else { Ok(()) }
    }
}

impl Turn {
    fn values(&self) -> [Value<'_>; 3] {
        [Value::Text(&self.name), Value::Int(self.fence), Value::Text(&self.owner)]
    }
}
