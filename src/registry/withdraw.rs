//! Certificates whose record is gone, and the list of what no longer counts.

use jiff::Timestamp;

use super::{Reason, Registry, RegistryError, Revocation, check_key, sql::Value, store::REVOKE};

/// `slot IS NOT NULL` leaves what is closed already: superseded, withdrawn, abandoned.
pub(super) const OPEN: &str = "SELECT id, slot FROM certificate WHERE tracked_entity = $1 AND slot IS NOT NULL";
pub(super) const OPEN_OF_EVENT: &str =
    "SELECT id, slot FROM certificate WHERE tracked_entity = $1 AND event = $2 AND slot IS NOT NULL";
const WITHDRAW: &str = "UPDATE certificate SET withdrawn_at = v.column2 FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1";
const ABANDON: &str = "UPDATE certificate SET state = 'abandoned', lease_owner = NULL, lease_until = NULL, \
     withdrawn_at = v.column2 FROM (VALUES {}) AS v WHERE certificate.id = v.column1";
pub(super) const REVOCATIONS: &str =
    "SELECT id, reason, at FROM revocation WHERE at > $1 OR (at = $1 AND id > $2) ORDER BY at, id LIMIT $3";

impl Registry {
    /// Withdraws every standing certificate of a person, or of one of the person's events, in every format,
    /// and lists it for revocation; open intents are abandoned, so that a signature that is just being made
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
        let mut tx = self.write().await?;
        let found = match event {
            None => tx.fetch(OPEN, &[Value::Text(tracked_entity)]).await,
            Some(event) => {
                check_key(0, "event", event)?;
                tx.fetch(OPEN_OF_EVENT, &[Value::Text(tracked_entity), Value::Text(event)]).await
            }
        };
        let (mut standing, mut intents) = (Vec::new(), Vec::new());
        for row in found.map_err(self.say())? {
            let id = row.text(0).map_err(self.say())?;
            if row.text(1).map_err(self.say())? == "intent" { intents.push(id) } else { standing.push(id) }
        }
        if standing.is_empty() && intents.is_empty() {
            return Ok(standing);
        }
        let at = Value::Int(now.as_millisecond());
        let rows: Vec<_> = intents.iter().map(|id| [Value::Text(id), at]).collect();
        tx.run_many(ABANDON, &rows).await.map_err(self.say())?;
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
