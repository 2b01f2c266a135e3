//! Counts in spans of time, which all replicas share: certificates that an account issued this hour, logins that
//! failed in this quarter of an hour.

use jiff::{SignedDuration, Timestamp};

use crate::registry::{Registry, RegistryError, check_key, sql::Value};

const READ: &str = "SELECT used FROM access_count WHERE name = $1 AND starts_at = $2";
const ADD: &str = "INSERT INTO access_count (name, starts_at, ends_at, used) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (name, starts_at) DO UPDATE SET used = access_count.used + excluded.used";
const BACK: &str = "UPDATE access_count SET used = CASE WHEN used > $3 THEN used - $3 ELSE 0 END \
     WHERE name = $1 AND starts_at = $2";
const PRUNE: &str = "DELETE FROM access_count WHERE ends_at <= $1";

/// What became of an attempt to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Whether it was within the bound; if not, nothing was counted.
    pub allowed: bool,
    /// How much is counted in this span now.
    pub used: u64,
    /// When the next span begins.
    pub ends_at: Timestamp,
}

/// The span around a moment. Spans begin at multiples of their length since 1970, so that replicas agree.
fn span(length: SignedDuration, now: Timestamp) -> (i64, i64) {
    let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX).max(1);
    let starts = now.as_millisecond().div_euclid(length).saturating_mul(length);
    (starts, starts.saturating_add(length))
}

impl Registry {
    /// Counts `amount` under a name, unless more than `most` would then stand in the span of this length around
    /// `now`. Two replicas that ask at once never go over the bound together.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn count_up(
        &self,
        name: &str,
        amount: u32,
        most: u32,
        length: SignedDuration,
        now: Timestamp,
    ) -> Result<Counted, RegistryError> {
        check_key(0, "name of a count", name)?;
        let (starts, ends) = span(length, now);
        let ends_at = self.time(ends, "ends_at")?;
        let mut tx = self.write().await?;
        let rows = tx.fetch(READ, &[Value::Text(name), Value::Int(starts)]).await.map_err(self.say())?;
        let used = rows.first().map_or(Ok(0), |row| row.int(0)).map_err(self.say())?;
        let after = used.saturating_add(i64::from(amount));
        let whole = |number: i64| u64::try_from(number).unwrap_or_default();
        if after > i64::from(most) {
            return Ok(Counted { allowed: false, used: whole(used), ends_at });
        }
        tx.run(PRUNE, &[Value::Int(now.as_millisecond())]).await.map_err(self.say())?;
        let values = [Value::Text(name), Value::Int(starts), Value::Int(ends), Value::Int(i64::from(amount))];
        tx.run(ADD, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(Counted { allowed: true, used: whole(after), ends_at })
    }

    /// How much is counted under a name in the span around `now`, and when the next begins.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn counted(
        &self,
        name: &str,
        length: SignedDuration,
        now: Timestamp,
    ) -> Result<(u64, Timestamp), RegistryError> {
        check_key(0, "name of a count", name)?;
        let (starts, ends) = span(length, now);
        let mut tx = self.read().await?;
        let rows = tx.fetch(READ, &[Value::Text(name), Value::Int(starts)]).await.map_err(self.say())?;
        let used = rows.first().map_or(Ok(0), |row| row.int(0)).map_err(self.say())?;
        Ok((u64::try_from(used).unwrap_or_default(), self.time(ends, "ends_at")?))
    }

    /// Takes back what was counted and then not done.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn count_back(
        &self,
        name: &str,
        amount: u32,
        length: SignedDuration,
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        check_key(0, "name of a count", name)?;
        let (starts, _) = span(length, now);
        let values = [Value::Text(name), Value::Int(starts), Value::Int(i64::from(amount))];
        let mut tx = self.write().await?;
        tx.run(BACK, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }
}
