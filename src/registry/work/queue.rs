//! The queue of jobs: asked for once, done once, tried again, given up.

use std::{sync::Arc, time::Duration};

use super::{Enqueued, Job, JobCounts, JobRow, JobState, NewJob, Retried, left, milliseconds, sentence};
use crate::{
    limits,
    registry::{
        Registry, RegistryError, check_batch, check_key,
        sql::{Row, Tx, Value},
    },
};

const ADD: &str = "INSERT INTO job (kind, key, payload, state, most_attempts, created_at, due_at, set_at, expires_at) \
     VALUES {} ON CONFLICT (kind, key) DO NOTHING RETURNING kind, key";
/// What is due and may not be begun any more. It is over at once where it expired: nothing of it is kept.
const WORN_OUT: &str = "UPDATE job SET state = 'given-up', due_at = NULL, owner = NULL, ended_at = $2, set_at = $2, \
     payload = CASE WHEN expires_at <= $2 THEN '' ELSE payload END, \
     outcome = CASE WHEN expires_at <= $2 THEN COALESCE('too late: ' || outcome, 'too late: it was not done in time') \
     WHEN state = 'running' THEN 'the program ended in the middle of it, each time that it was tried' \
     ELSE COALESCE(outcome, 'it was tried too often') END \
     WHERE kind = $1 AND due_at <= $2 AND (expires_at <= $2 OR attempts >= most_attempts)";
/// The list of what is taken is made once: joined directly, a planner may ask it again for each row and take more than
/// the limit.
pub(in crate::registry) const CLAIM: &str = "WITH picked AS MATERIALIZED (SELECT number FROM job WHERE kind = $1 AND due_at <= $4 \
     AND (expires_at IS NULL OR expires_at > $4) AND attempts < most_attempts ORDER BY due_at, number LIMIT $2 \
     {passing over locked rows}) \
     UPDATE job SET state = 'running', owner = $3, fence = fence + 1, attempts = attempts + 1, set_at = $4, \
     due_at = $4 + $5 FROM picked WHERE job.number = picked.number \
     RETURNING job.number, job.key, job.payload, job.attempts, job.most_attempts, job.fence, job.expires_at";
const RENEW: &str =
    "UPDATE job SET due_at = $3 + $4, set_at = $3 WHERE number = $1 AND fence = $2 AND state = 'running'";
const FINISH: &str = "UPDATE job SET state = 'done', payload = '', due_at = NULL, owner = NULL, ended_at = $3, \
     set_at = $3, outcome = $4 WHERE number = $1 AND fence = $2 AND state = 'running'";
const RETRY: &str = "UPDATE job SET state = 'waiting', owner = NULL, due_at = $3 + $5, set_at = $3, outcome = $4, \
     attempts = attempts - $6 WHERE number = $1 AND fence = $2 AND state = 'running'";
const GIVE_UP: &str = "UPDATE job SET state = 'given-up', due_at = NULL, owner = NULL, ended_at = $3, set_at = $3, \
     outcome = $4 WHERE number = $1 AND fence = $2 AND state = 'running'";
const CANCEL: &str = "UPDATE job SET state = 'done', payload = '', due_at = NULL, owner = NULL, ended_at = $3, \
     set_at = $3, outcome = $4 WHERE kind = $1 AND key = $2 AND state IN ('waiting', 'given-up')";
const AGAIN: &str = "UPDATE job SET state = 'waiting', due_at = $2, set_at = $2, ended_at = NULL, attempts = 0, \
     expires_at = NULL WHERE number = $1 AND state = 'given-up' AND payload <> ''";
pub(in crate::registry) const NEXT: &str =
    "SELECT due_at FROM job WHERE kind = $1 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1";
pub(in crate::registry) const OPEN: &str =
    "SELECT kind, state, count(*), min(due_at) FROM job WHERE due_at IS NOT NULL GROUP BY kind, state";
const GIVEN_UP: &str = "SELECT kind, count(*) FROM job WHERE state = 'given-up' GROUP BY kind";
const ROWS: &str = "SELECT number, kind, key, state, attempts, created_at, ended_at, outcome FROM job \
     WHERE state = 'given-up' AND number > $1 ORDER BY number LIMIT $2";
const ONE: &str = "SELECT number, kind, key, state, attempts, created_at, ended_at, outcome FROM job \
     WHERE kind = $1 AND key = $2";
/// A clock that was set back: what was decided in its future is decided again from now.
const FUTURE: &str = "UPDATE job SET due_at = $1 + (due_at - set_at), \
     expires_at = expires_at - (set_at - $1), set_at = $1 WHERE due_at IS NOT NULL AND set_at > $1 + $2";
const SWEEP: &str = "DELETE FROM job WHERE ended_at IS NOT NULL AND ended_at <= $1";

impl Registry {
    /// Asks for jobs, at most [`limits::REGISTRY_BATCH`] at once: all of them are in the queue, or none. What was asked
    /// for before is left as it is.
    ///
    /// # Errors
    /// A kind, key or payload that cannot be, or the database.
    pub async fn enqueue(&self, jobs: &[NewJob]) -> Result<Vec<Enqueued>, RegistryError> {
        check_jobs(jobs)?;
        let mut tx = self.write_apart().await?;
        let answers = self.enqueue_in(&mut tx, jobs).await?;
        tx.commit().await.map_err(self.say())?;
        self.woken.notify_waiters();
        Ok(answers)
    }

    /// The same in a transaction of the caller, so that a job is asked for exactly when what it is about is stored.
    /// Call [`Registry::wake_workers`] after its commit.
    pub(in crate::registry) async fn enqueue_in(
        &self,
        tx: &mut Tx,
        jobs: &[NewJob],
    ) -> Result<Vec<Enqueued>, RegistryError> {
        check_jobs(jobs)?;
        let now = tx.now().await.map_err(self.say())?;
        let rows: Vec<_> = jobs
            .iter()
            .map(|job| {
                let expires = job.good_for.map(|good| now.saturating_add(milliseconds(good)));
                // What expires while it waits is looked at when it expires, and not later.
                let due = now.saturating_add(milliseconds(job.after)).min(expires.unwrap_or(i64::MAX));
                [
                    Value::Text(&job.kind),
                    Value::Text(&job.key),
                    Value::Text(&job.payload),
                    Value::Text(JobState::Waiting.as_str()),
                    Value::Int(i64::from(job.most_attempts.max(1))),
                    Value::Int(now),
                    Value::Int(due),
                    Value::Int(now),
                    Value::OptInt(expires),
                ]
            })
            .collect();
        let mut new = std::collections::HashSet::new();
        for row in tx.fetch_many(ADD, &rows).await.map_err(self.say())? {
            new.insert((row.text(0).map_err(self.say())?, row.text(1).map_err(self.say())?));
        }
        // The first of two equal ones is the new one.
        Ok(jobs
            .iter()
            .map(|job| if new.remove(&(job.kind.clone(), job.key.clone())) { Enqueued::New } else { Enqueued::Known })
            .collect())
    }

    /// Tells the workers of this process that there may be something to do; those of other replicas look by themselves.
    pub fn wake_workers(&self) {
        self.woken.notify_waiters();
    }

    /// Ends when somebody in this process asks for a job.
    pub async fn woken(&self) {
        self.woken.notified().await;
    }

    /// How long until the next job of each kind is due, in the order of `kinds`; none where nothing is in the queue.
    /// Costs one look into an index for each.
    ///
    /// # Errors
    /// The database's.
    pub async fn next_jobs(&self, kinds: &[&str]) -> Result<Vec<Option<Duration>>, RegistryError> {
        let mut tx = self.read().await?;
        let now = tx.now().await.map_err(self.say())?;
        let mut waits = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let rows = tx.fetch(NEXT, &[Value::Text(kind)]).await.map_err(self.say())?;
            let due = rows.first().map(|row| row.int(0)).transpose().map_err(self.say())?;
            waits.push(due.map(|due| left(due, now)));
        }
        Ok(waits)
    }

    /// Takes at most `limit` jobs of a kind that are due, those that have waited longest first: new ones, and those
    /// whose worker has not been heard of for longer than its `lease`. Each belongs to `owner` for `lease`. What was
    /// tried too often or is too late is given up here.
    ///
    /// # Errors
    /// The database's.
    pub async fn claim_jobs(
        &self,
        kind: &str,
        owner: &str,
        limit: u32,
        lease: Duration,
    ) -> Result<Vec<Job>, RegistryError> {
        check_key(0, "kind of the job", kind)?;
        check_key(0, "name of the replica", owner)?;
        let mut tx = self.write_apart().await?;
        let now = tx.now().await.map_err(self.say())?;
        let given_up = tx.run(WORN_OUT, &[Value::Text(kind), Value::Int(now)]).await.map_err(self.say())?;
        if given_up > 0 {
            tracing::warn!(kind, given_up, "jobs were tried too often or came too late, and are given up");
        }
        let values = [
            Value::Text(kind),
            Value::Int(i64::from(limit)),
            Value::Text(owner),
            Value::Int(now),
            Value::Int(milliseconds(lease)),
        ];
        let rows = tx.fetch_locking(CLAIM, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        let kind: Arc<str> = kind.into();
        let mut jobs = Vec::with_capacity(rows.len());
        for row in &rows {
            jobs.push(self.job(row, &kind, now)?);
        }
        // The order of what a change gives back is nobody's promise.
        jobs.sort_by_key(|job| job.number);
        Ok(jobs)
    }

    fn job(&self, row: &Row, kind: &Arc<str>, now: i64) -> Result<Job, RegistryError> {
        let say = self.say();
        let small = |index| Ok::<_, RegistryError>(u32::try_from(row.int(index).map_err(&say)?).unwrap_or(u32::MAX));
        Ok(Job {
            number: row.int(0).map_err(&say)?,
            kind: Arc::clone(kind),
            key: row.text(1).map_err(&say)?,
            payload: row.text(2).map_err(&say)?,
            attempts: small(3)?,
            most_attempts: small(4)?,
            fence: row.int(5).map_err(&say)?,
            good_for: row.opt_int(6).map_err(&say)?.map(|expires| left(expires, now)),
        })
    }

    /// Says that a job is still being done, for `lease` from now.
    ///
    /// # Errors
    /// [`RegistryError::JobLost`] when another has taken it over: stop. Or the database.
    pub async fn renew_job(&self, job: &Job, lease: Duration) -> Result<(), RegistryError> {
        let mut tx = self.write_apart().await?;
        let now = tx.now().await.map_err(self.say())?;
        let values = [Value::Int(job.number), Value::Int(job.fence), Value::Int(now), Value::Int(milliseconds(lease))];
        self.hold(tx, RENEW, &values, job).await
    }

    /// Ends a job that is done, and forgets its payload. `outcome` is a sentence without personal data.
    ///
    /// # Errors
    /// [`RegistryError::JobLost`] when another has taken it over, or the database.
    pub async fn finish_job(&self, job: &Job, outcome: &str) -> Result<(), RegistryError> {
        let mut tx = self.write_apart().await?;
        let now = tx.now().await.map_err(self.say())?;
        let outcome = sentence(outcome);
        let values = [Value::Int(job.number), Value::Int(job.fence), Value::Int(now), Value::Text(&outcome)];
        self.hold(tx, FINISH, &values, job).await
    }

    /// Puts a job that failed off for `after`, or gives it up if that was its last try. `why` is a sentence without
    /// personal data.
    ///
    /// # Errors
    /// [`RegistryError::JobLost`] when another has taken it over, or the database.
    pub async fn retry_job(&self, job: &Job, after: Duration, why: &str) -> Result<Retried, RegistryError> {
        if job.is_last() {
            self.give_up_job(job, why).await?;
            return Ok(Retried::GivenUp);
        }
        self.put_off(job, after, why, false).await.map(|()| Retried::Later)
    }

    /// Puts a job off for `after` without counting this try: what it needs is away for everybody, or the program ends.
    ///
    /// # Errors
    /// [`RegistryError::JobLost`] when another has taken it over, or the database.
    pub async fn postpone_job(&self, job: &Job, after: Duration, why: &str) -> Result<(), RegistryError> {
        self.put_off(job, after, why, true).await
    }

    async fn put_off(&self, job: &Job, after: Duration, why: &str, uncounted: bool) -> Result<(), RegistryError> {
        let mut tx = self.write_apart().await?;
        let now = tx.now().await.map_err(self.say())?;
        let why = sentence(why);
        let values = [
            Value::Int(job.number),
            Value::Int(job.fence),
            Value::Int(now),
            Value::Text(&why),
            Value::Int(milliseconds(after)),
            Value::Int(i64::from(uncounted)),
        ];
        self.hold(tx, RETRY, &values, job).await
    }

    /// Gives a job up: trying again would help nobody. Its payload is kept as long as its row, so that an operator can
    /// have it tried again ([`Registry::try_job_again`]).
    ///
    /// # Errors
    /// [`RegistryError::JobLost`] when another has taken it over, or the database.
    pub async fn give_up_job(&self, job: &Job, why: &str) -> Result<(), RegistryError> {
        let mut tx = self.write_apart().await?;
        let now = tx.now().await.map_err(self.say())?;
        let why = sentence(why);
        let values = [Value::Int(job.number), Value::Int(job.fence), Value::Int(now), Value::Text(&why)];
        self.hold(tx, GIVE_UP, &values, job).await
    }

    async fn hold(&self, mut tx: Tx, sql: &'static str, values: &[Value<'_>], job: &Job) -> Result<(), RegistryError> {
        let changed = tx.run(sql, values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        if changed == 0 { Err(RegistryError::JobLost { number: job.number() }) } else { Ok(()) }
    }

    /// Takes a job out of the queue that nobody is doing, and forgets its payload. Tells whether there was one.
    ///
    /// # Errors
    /// The database's.
    pub async fn cancel_job(&self, kind: &str, key: &str, why: &str) -> Result<bool, RegistryError> {
        let mut tx = self.write_apart().await?;
        let now = tx.now().await.map_err(self.say())?;
        let why = sentence(why);
        let values = [Value::Text(kind), Value::Text(key), Value::Int(now), Value::Text(&why)];
        let changed = tx.run(CANCEL, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(changed > 0)
    }

    /// Has a job that was given up tried again from the beginning. Tells whether there was one that still can be.
    ///
    /// # Errors
    /// The database's.
    pub async fn try_job_again(&self, number: u64) -> Result<bool, RegistryError> {
        let mut tx = self.write_apart().await?;
        let now = tx.now().await.map_err(self.say())?;
        let number = Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let changed = tx.run(AGAIN, &[number, Value::Int(now)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        self.woken.notify_waiters();
        Ok(changed > 0)
    }

    /// How many jobs there are, by kind: those that are open, and those that were given up.
    ///
    /// # Errors
    /// The database's.
    pub async fn job_counts(&self) -> Result<Vec<JobCounts>, RegistryError> {
        let say = self.say();
        let mut tx = self.read().await?;
        let now = tx.now().await.map_err(&say)?;
        let mut kinds = std::collections::BTreeMap::<String, JobCounts>::new();
        let empty = |kind: String| JobCounts { kind, waiting: 0, running: 0, given_up: 0, overdue: None };
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        for row in tx.fetch(OPEN, &[]).await.map_err(&say)? {
            let kind = row.text(0).map_err(&say)?;
            let state = JobState::read(&row.text(1).map_err(&say)?).ok_or_else(|| self.row("state"))?;
            let (number, due) = (count(row.int(2).map_err(&say)?), row.int(3).map_err(&say)?);
            let counts = kinds.entry(kind.clone()).or_insert_with(|| empty(kind));
            if state == JobState::Running {
                counts.running = number;
            } else {
                counts.waiting = number;
                counts.overdue = (due <= now).then(|| left(now, due));
            }
        }
        for row in tx.fetch(GIVEN_UP, &[]).await.map_err(&say)? {
            let kind = row.text(0).map_err(&say)?;
            let number = count(row.int(1).map_err(&say)?);
            kinds.entry(kind.clone()).or_insert_with(|| empty(kind)).given_up = number;
        }
        Ok(kinds.into_values().collect())
    }

    /// Jobs that were given up, in the order of asking, after the number `after`; at most `limit`.
    ///
    /// # Errors
    /// The database's.
    pub async fn given_up_jobs(&self, after: u64, limit: u32) -> Result<Vec<JobRow>, RegistryError> {
        let mut tx = self.read().await?;
        let after = Value::Int(i64::try_from(after).unwrap_or(i64::MAX));
        let rows = tx.fetch(ROWS, &[after, Value::Int(i64::from(limit))]).await.map_err(self.say())?;
        rows.iter().map(|row| self.job_row(row)).collect()
    }

    /// The job of a kind for a key, if it was ever asked for and its row is still kept.
    ///
    /// # Errors
    /// The database's.
    pub async fn job_of(&self, kind: &str, key: &str) -> Result<Option<JobRow>, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(ONE, &[Value::Text(kind), Value::Text(key)]).await.map_err(self.say())?;
        rows.first().map(|row| self.job_row(row)).transpose()
    }

    fn job_row(&self, row: &Row) -> Result<JobRow, RegistryError> {
        let say = self.say();
        let time = |at: i64| self.time(at, "time of a job");
        Ok(JobRow {
            number: u64::try_from(row.int(0).map_err(&say)?).unwrap_or(0),
            kind: row.text(1).map_err(&say)?,
            key: row.text(2).map_err(&say)?,
            state: JobState::read(&row.text(3).map_err(&say)?).ok_or_else(|| self.row("state"))?,
            attempts: u32::try_from(row.int(4).map_err(&say)?).unwrap_or(u32::MAX),
            created_at: time(row.int(5).map_err(&say)?)?,
            ended_at: row.opt_int(6).map_err(&say)?.map(time).transpose()?,
            outcome: row.opt_text(7).map_err(&say)?,
        })
    }

    /// Housekeeping, to be done every minute or so by somebody: forgets jobs that ended longer ago than `keep`, and
    /// brings back what a clock that was set back since has put into the future. Gives how many were forgotten.
    ///
    /// # Errors
    /// The database's.
    pub async fn tidy_jobs(&self, keep: Duration) -> Result<u64, RegistryError> {
        let mut tx = self.write_apart().await?;
        let now = tx.now().await.map_err(self.say())?;
        let slack = Value::Int(milliseconds(Duration::from_secs(limits::CLOCK_STEP_SECONDS)));
        let moved = tx.run(FUTURE, &[Value::Int(now), slack]).await.map_err(self.say())?;
        if moved > 0 {
            tracing::warn!(moved, "the clock of the database was set back: jobs that lay in the future are due again");
        }
        let before = now.saturating_sub(milliseconds(keep));
        let swept = tx.run(SWEEP, &[Value::Int(before)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(swept)
    }
}

fn check_jobs(jobs: &[NewJob]) -> Result<(), RegistryError> {
    check_batch(jobs.len())?;
    for (index, job) in jobs.iter().enumerate() {
        check_key(index, "kind", &job.kind)?;
        check_key(index, "key", &job.key)?;
        if job.payload.len() > limits::JOB_PAYLOAD_BYTES || job.payload.contains('\0') {
            return Err(RegistryError::Payload { index });
        }
    }
    Ok(())
}
