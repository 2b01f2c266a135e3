//! Alerts: what an operator should look at. One a kind, account and hour, however often it happens.

use jiff::{SignedDuration, Timestamp};

use crate::registry::{
    Registry, RegistryError,
    audit::{By, Deed},
    check_key,
    sql::{Row, Value},
};

const RAISE: &str = "INSERT INTO alert (kind, account, starts_at, times, first_at, last_at) \
     VALUES ($1, $2, $3, 1, $4, $4) ON CONFLICT (kind, account, starts_at) DO UPDATE SET times = alert.times + 1, \
     last_at = excluded.last_at, seen_by = NULL, seen_at = NULL";
const OPEN: &str = "SELECT number, kind, account, times, first_at, last_at, seen_by, seen_at FROM alert \
     WHERE seen_at IS NULL ORDER BY number DESC LIMIT $1";
const ALL: &str = "SELECT number, kind, account, times, first_at, last_at, seen_by, seen_at FROM alert \
     ORDER BY number DESC LIMIT $1";
const SEEN: &str = "UPDATE alert SET seen_by = $2, seen_at = $3 WHERE number = $1 AND seen_at IS NULL";
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertKind {
    /// An account wanted to issue more in an hour than it may (failure F04).
    Quota,
    /// An account issued outside of hours (failure F05).
    OffHours,
}

impl AlertKind {
    /// Its stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quota => "quota",
            Self::OffHours => "off-hours",
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Quota, Self::OffHours].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its number.
    pub number: u64,
    /// What it is about.
    pub kind: AlertKind,
    /// Whose doing it was.
    pub account: String,
    /// How often it happened in its hour.
    pub times: u64,
    /// For the first time.
    pub first_at: Timestamp,
    /// For the last time.
    pub last_at: Timestamp,
    /// Who has looked at it.
    pub seen_by: Option<String>,
    /// When.
    pub seen_at: Option<Timestamp>,
}

impl Registry {
    /// Raises an alert, or counts it once more within its hour; one that was seen is open again then.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn raise_alert(&self, kind: AlertKind, account: &str, now: Timestamp) -> Result<(), RegistryError> {
        check_key(0, "name of an account", account)?;
        let hour = i64::try_from(HOUR.as_millis()).unwrap_or(i64::MAX);
        let starts = now.as_millisecond().div_euclid(hour).saturating_mul(hour);
        let at = Value::Int(now.as_millisecond());
        let mut tx = self.write().await?;
        let values = [Value::Text(kind.as_str()), Value::Text(account), Value::Int(starts), at];
        tx.run(RAISE, &values).await.map_err(self.say())?;
        let deed = match kind {
            AlertKind::Quota => Deed::QuotaReached,
            AlertKind::OffHours => Deed::OffHours,
        };
        self.witness(&mut tx, &[super::accounts::about(By::operator(Some(account)), deed, account)], now).await?;
        tx.commit().await.map_err(self.say())
    }

    /// Alerts, the newest first, at most `limit`; those that nobody has looked at, or all.
    ///
    /// # Errors
    /// The database's.
    pub async fn alerts(&self, open: bool, limit: u32) -> Result<Vec<Alert>, RegistryError> {
        let mut tx = self.read().await?;
        let sql = if open { OPEN } else { ALL };
        let rows = tx.fetch(sql, &[Value::Int(i64::from(limit))]).await.map_err(self.say())?;
        rows.iter().map(|row| self.alert_row(row)).collect()
    }

    /// Notes that somebody has looked at an alert. False when there is none that is open.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn see_alert(&self, number: u64, by: &str, now: Timestamp) -> Result<bool, RegistryError> {
        check_key(0, "name of an account", by)?;
        let Ok(number) = i64::try_from(number) else { return Ok(false) };
        let mut tx = self.write().await?;
        let values = [Value::Int(number), Value::Text(by), Value::Int(now.as_millisecond())];
        let changed = tx.run(SEEN, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(changed > 0)
    }

    fn alert_row(&self, row: &Row) -> Result<Alert, RegistryError> {
        let say = self.say();
        let whole =
            |at: usize, column| row.int(at).map_err(&say).and_then(|n| u64::try_from(n).map_err(|_| self.row(column)));
        let seen = row.opt_int(7).map_err(&say)?;
        Ok(Alert {
            number: whole(0, "number")?,
            kind: AlertKind::read(&row.text(1).map_err(&say)?).ok_or_else(|| self.row("kind"))?,
            account: row.text(2).map_err(&say)?,
            times: whole(3, "times")?,
            first_at: self.time(row.int(4).map_err(&say)?, "first_at")?,
            last_at: self.time(row.int(5).map_err(&say)?, "last_at")?,
            seen_by: row.opt_text(6).map_err(&say)?,
            seen_at: seen.map(|at| self.time(at, "seen_at")).transpose()?,
        })
    }
}
