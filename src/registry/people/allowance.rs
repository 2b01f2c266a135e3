//! How often something may be done: token buckets that all replicas share.

use jiff::{SignedDuration, Timestamp};

use super::super::{
    Registry, RegistryError, check_key,
    sql::{Tx, Value},
};

const FULL_AT: &str = "SELECT full_at FROM allowance WHERE name = $1 AND mark = $2";
const SPEND: &str = "INSERT INTO allowance (name, mark, full_at) VALUES ($1, $2, $3) \
     ON CONFLICT (name, mark) DO UPDATE SET full_at = excluded.full_at";

/// A token bucket: `burst` at once, and one more after each `every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Name of the rule: the same mark has an allowance of each name.
    pub name: &'static str,
    /// How many at once.
    pub burst: u32,
    /// How long until one of them comes back.
    pub every: SignedDuration,
}

impl Allowance {
    /// `count` in a time, all of which may be taken at once.
    #[must_use]
    pub fn new(name: &'static str, count: u32, within: SignedDuration) -> Self {
        let every = within.checked_div(i32::try_from(count.max(1)).unwrap_or(i32::MAX)).unwrap_or(within);
        Self { name, burst: count.max(1), every }
    }

    /// When the bucket would be full again after one more; `None` when there is none to take.
    fn after_one(&self, full_at: i64, now: i64) -> Option<i64> {
        let every = i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX).max(1);
        let next = full_at.max(now).saturating_add(every);
        (next.saturating_sub(now) <= every.saturating_mul(i64::from(self.burst))).then_some(next)
    }
}

impl Registry {
    /// Takes one of each of these allowances, or none of any. Whether all were there.
    ///
    /// # Errors
    /// The database's.
    pub async fn spend(&self, wanted: &[(Allowance, &[u8])], now: Timestamp) -> Result<bool, RegistryError> {
        let mut tx = self.write().await?;
        let allowed = self.spend_in(&mut tx, wanted, now).await?;
        if allowed {
            tx.commit().await.map_err(self.say())?;
        }
        Ok(allowed)
    }

    pub(super) async fn spend_in(
        &self,
        tx: &mut Tx,
        wanted: &[(Allowance, &[u8])],
        now: Timestamp,
    ) -> Result<bool, RegistryError> {
        let now = now.as_millisecond();
        let mut next = Vec::with_capacity(wanted.len());
        for (allowance, mark) in wanted {
            check_key(0, "name of the allowance", allowance.name)?;
            let values = [Value::Text(allowance.name), Value::Bytes(mark)];
            let rows = tx.fetch(FULL_AT, &values).await.map_err(self.say())?;
            let full_at = rows.first().map_or(Ok(0), |row| row.int(0)).map_err(self.say())?;
            let Some(after) = allowance.after_one(full_at, now) else { return Ok(false) };
            next.push((allowance.name, *mark, after));
        }
        for (name, mark, full_at) in next {
            let values = [Value::Text(name), Value::Bytes(mark), Value::Int(full_at)];
            tx.run(SPEND, &values).await.map_err(self.say())?;
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_one_at_a_time() {
        let rule = Allowance::new("x", 3, SignedDuration::from_secs(30));
        assert_eq!((rule.burst, rule.every), (3, SignedDuration::from_secs(10)));
        let (mut full_at, mut taken) = (0, Vec::new());
        for second in [0, 0, 0, 0, 5, 10, 10, 20, 200, 200, 200, 200] {
            let now = 1_000_000 + 1_000 * second;
            let next = rule.after_one(full_at, now);
            taken.push(next.is_some());
            full_at = next.unwrap_or(full_at);
        }
        assert_eq!(taken, [true, true, true, false, false, true, false, true, true, true, true, false]);
    }
}
