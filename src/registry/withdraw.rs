//! Certificates whose record is gone.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{Action, Again, Cause, Registry, RegistryError, check_batch, check_key, sql::Value};

pub(super) const STANDING: &str = "SELECT id, revoked FROM certificate WHERE tracked_entity = $1 AND live IS NOT NULL";
pub(super) const STANDING_OF_EVENT: &str = "SELECT id, revoked FROM certificate WHERE tracked_entity = $1 AND (event = $2 OR substr(event, 1, length($2) + 1) = $2 || '#') \
     AND live IS NOT NULL";
pub(super) const ABANDON: &str =
    "UPDATE intent SET abandoned_at = $2 WHERE tracked_entity = $1 AND abandoned_at IS NULL";
pub(super) const ABANDON_OF_EVENT: &str = "UPDATE intent SET abandoned_at = $2 WHERE tracked_entity = $1 \
     AND (event = $3 OR substr(event, 1, length($3) + 1) = $3 || '#') AND abandoned_at IS NULL";
pub(super) const WITHDRAW: &str = "UPDATE certificate SET withdrawn_at = v.column2 FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1";
pub(super) const HOLDING: &str = "SELECT DISTINCT c.tracked_entity FROM (VALUES {}) AS v JOIN certificate AS c \
     ON c.tracked_entity = v.column1 AND c.live IS NOT NULL";
pub(super) const AWAITING: &str = "SELECT DISTINCT i.tracked_entity FROM (VALUES {}) AS v JOIN intent AS i \
     ON i.tracked_entity = v.column1 AND i.abandoned_at IS NULL";

impl Registry {
    /// Which of these people, at most one batch, have anything that [`Registry::withdraw`] could take back: a
    /// certificate that holds the place of its record, also a revoked one, or an open intent.
    ///
    /// # Errors
    /// [`RegistryError::Batch`], or the database's.
    pub async fn having_anything(&self, people: &[&str]) -> Result<HashSet<String>, RegistryError> {
        check_batch(people.len())?;
        let rows: Vec<_> = people.iter().filter(|uid| !uid.contains('\0')).map(|uid| [Value::Text(uid)]).collect();
        let mut found = HashSet::new();
        for sql in [HOLDING, AWAITING] {
            for row in self.look_many(sql, &rows).await? {
                found.insert(row.text(0).map_err(self.say())?);
            }
        }
        Ok(found)
    }

    /// Withdraws every standing certificate of a person, or of one of the person's events with all of its parts,
    /// in every format, and lists it for revocation; open intents are abandoned, so that a signature that is just being made
    /// is refused by [`Registry::store`]. The answer is what was withdrawn now: nothing the second time.
    ///
    /// A record that is claimed again afterwards is issued anew. Not so where an operator had revoked its
    /// certificate for a reason that bars another one: the log tells that the record is gone, and the place stays
    /// taken, or deleting and restoring a false record would bring it a new certificate.
    ///
    /// # Errors
    /// A key of impossible size, or the database.
    pub async fn withdraw(
        &self,
        tracked_entity: &str,
        event: Option<&str>,
        cause: impl Into<Cause> + Send,
        now: Timestamp,
    ) -> Result<Vec<String>, RegistryError> {
        let cause = cause.into();
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
        let (mut standing, mut barred) = (Vec::new(), Vec::new());
        for row in found.map_err(self.say())? {
            let id = row.text(0).map_err(self.say())?;
            let reason = self.reason(row.opt_text(1).map_err(self.say())?)?;
            let bars = reason.is_some_and(|reason| reason.again() != Again::AtOnce);
            if bars { &mut barred } else { &mut standing }.push(id);
        }
        // Said once, and not at every pass over the source.
        let mut told = Vec::new();
        for id in &barred {
            if self.latest_of(&mut tx, id).await?.is_none_or(|latest| latest.cause.reason != cause.reason) {
                told.push(id.as_str());
            }
        }
        if standing.is_empty() && told.is_empty() && abandoned == 0 {
            return Ok(standing);
        }
        let rows: Vec<_> = standing.iter().map(|id| [Value::Text(id), at]).collect();
        tx.run_many(WITHDRAW, &rows).await.map_err(self.say())?;
        let ids: Vec<&str> = standing.iter().map(String::as_str).collect();
        self.log(&mut tx, Action::Revoke, &ids, &cause, now).await?;
        self.tell(&mut tx, Action::Revoke, &told, &cause, now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(standing)
    }
}
