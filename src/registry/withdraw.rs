//! Certificates whose record is gone, and the list of what no longer counts.

use jiff::Timestamp;

use super::{Reason, Registry, RegistryError, Revocation, check_key, sql::Value, store::REVOKE};

pub(super) const STANDING: &str = "SELECT id FROM certificate WHERE tracked_entity = $1 AND live IS NOT NULL";
pub(super) const STANDING_OF_EVENT: &str = "SELECT id FROM certificate WHERE tracked_entity = $1 AND (event = $2 OR substr(event, 1, length($2) + 1) = $2 || '#') \
     AND live IS NOT NULL";
pub(super) const ABANDON: &str =
    "UPDATE intent SET abandoned_at = $2 WHERE tracked_entity = $1 AND abandoned_at IS NULL";
pub(super) const ABANDON_OF_EVENT: &str = "UPDATE intent SET abandoned_at = $2 WHERE tracked_entity = $1 \
     AND (event = $3 OR substr(event, 1, length($3) + 1) = $3 || '#') AND abandoned_at IS NULL";
pub(super) const WITHDRAW: &str = "UPDATE certificate SET withdrawn_at = v.column2 FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1";
pub(super) const REVOCATIONS: &str =
    "SELECT id, reason, at FROM revocation WHERE at > $1 OR (at = $1 AND id > $2) ORDER BY at, id LIMIT $3";

impl Registry {
    /// Withdraws every standing certificate of a person, or of one of the person's events with all of its parts,
    /// in every format, and lists it for revocation; open intents are abandoned, so that a signature that is just being made
    /// is refused by [`Registry::store`]. The answer is what was withdrawn now: nothing the second time.
    ///
    /// A record that is claimed again afterwards is issued anew.
    ///
    /// # Errors
    /// A key of impossible size, or the database.
    pub async fn withdraw(
        &self,
        tracked_entity: &str,
        event: Option<&str>,
        reason: Reason,
        now: Timestamp,
    ) -> Result<Vec<String>, RegistryError> {
        check_key(0, "tracked entity", tracked_entity)?;
        if let Some(event) = event {
            check_key(0, "event", event)?;
        }
        let mut tx = self.write().await?;
        let (person, at) = (Value::Text(tracked_entity), Value::Int(now.as_millisecond()));
        let (abandoned, found) = match event {
            None => (tx.run(ABANDON, &[person, at]).await, tx.fetch(STANDING, &[person]).await),
            Some(event) => {
                let event = Value::Text(event);
                let abandoned = tx.run(ABANDON_OF_EVENT, &[person, at, event]).await;
                (abandoned, tx.fetch(STANDING_OF_EVENT, &[person, event]).await)
            }
        };
        let abandoned = abandoned.map_err(self.say())?;
        let mut standing = Vec::new();
        for row in found.map_err(self.say())? {
            standing.push(row.text(0).map_err(self.say())?);
        }
        if standing.is_empty() && abandoned == 0 {
            return Ok(standing);
        }
        let rows: Vec<_> = standing.iter().map(|id| [Value::Text(id), at]).collect();
        tx.run_many(WITHDRAW, &rows).await.map_err(self.say())?;
        let reason = Value::Text(reason.as_str());
        let rows: Vec<_> = standing.iter().map(|id| [Value::Text(id), reason, at]).collect();
        tx.run_many(REVOKE, &rows).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(standing)
    }

    /// The list of revocations by time and identifier, at most `limit` entries. `since` is the last entry of
    /// the page before (time and identifier), or a time and an empty identifier for all from that time on;
    /// `None` for all.
    ///
    /// Times are the callers': machines whose clocks differ write slightly out of order, so who follows the
    /// list should start again a minute before the last entry.
    ///
    /// # Errors
    /// The database's.
    pub async fn revocations(
        &self,
        since: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<Vec<Revocation>, RegistryError> {
        let (at, id) = since.map_or((i64::MIN, ""), |(at, id)| (at.as_millisecond(), id));
        let values = [Value::Int(at), Value::Text(id), Value::Int(i64::from(limit))];
        let mut tx = self.read().await?;
        let rows = tx.fetch(REVOCATIONS, &values).await.map_err(self.say())?;
        rows.iter()
            .map(|row| {
                let reason = row.text(1).map_err(self.say())?;
                Ok(Revocation {
                    id: row.text(0).map_err(self.say())?,
                    reason: Reason::read(&reason).ok_or_else(|| self.row("reason"))?,
                    at: self.time(row.int(2).map_err(self.say())?, "at")?,
                })
            })
            .collect()
    }
}
