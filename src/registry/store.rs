//! After signing: the signature under its intent, the older certificate out of the way, the output handed over.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{
    Reason, Registry, RegistryError, Sealed, State, check_batch,
    sql::{Tx, Value},
};
use crate::limits;

pub(super) const INTENTS: &str = "SELECT c.id, c.state, c.lease_owner, l.id \
     FROM (VALUES {}) AS v JOIN certificate AS c ON c.id = v.column1 \
     LEFT JOIN certificate AS l ON l.tracked_entity = c.tracked_entity AND l.event = c.event \
     AND l.format = c.format AND l.slot = 'live'";
pub(super) const SUPERSEDE: &str = "UPDATE certificate SET superseded_by = v.column2 FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1";
pub(super) const REVOKE: &str = "INSERT INTO revocation (id, reason, at) VALUES {} ON CONFLICT (id) DO NOTHING";
pub(super) const SEAL: &str = "UPDATE certificate SET state = 'signed', lease_owner = NULL, lease_until = NULL, \
     text = v.column2, kid = v.column3, algorithm = v.column4, issued_at = v.column5, expires_at = v.column6, \
     supersedes = v.column7 FROM (VALUES {}) AS v WHERE certificate.id = v.column1";
pub(super) const RELEASE: &str = "UPDATE certificate SET state = 'released' FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1 AND certificate.state = 'signed'";
pub(super) const UNRELEASED: &str = "SELECT id, text, kid, algorithm, issued_at, expires_at FROM certificate \
     WHERE state = 'signed' AND slot = 'live' AND id > $1 ORDER BY id LIMIT $2";

/// An intent as it stands now.
struct Intent {
    state: String,
    owner: Option<String>,
    /// The certificate whose place it will take.
    stands: Option<String>,
}

impl Registry {
    /// Stores signatures under their intents. Where a certificate of the same record stood, it is marked as
    /// superseded and listed for revocation in the same transaction.
    ///
    /// Each item has an answer of its own, in order: [`RegistryError::Unknown`], [`RegistryError::LeaseLost`]
    /// (the intent was taken over; a lease that merely ran out is no obstacle),
    /// [`RegistryError::AlreadySealed`], [`RegistryError::Abandoned`] (record changed or deleted meanwhile),
    /// [`RegistryError::Text`]. What has such an answer must be thrown away: it is not in the registry.
    ///
    /// # Errors
    /// Nothing is stored when the whole answer is an error.
    pub async fn store(
        &self,
        sealed: &[Sealed],
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<Result<(), RegistryError>>, RegistryError> {
        check_batch(sealed.len())?;
        if sealed.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.write().await?;
        let intents = self.intents(&mut tx, sealed).await?;
        let mut seen = HashSet::new();
        let mut answers = Vec::with_capacity(sealed.len());
        let mut accepted: Vec<(&Sealed, Option<&str>)> = Vec::with_capacity(sealed.len());
        for item in sealed {
            let answer = judge(item, intents.get(item.id.as_str()), owner).and_then(|intent| {
                if seen.insert(item.id.as_str()) {
                    Ok(intent)
                } else {
                    Err(RegistryError::AlreadySealed { id: item.id.clone() })
                }
            });
            answers.push(answer.map(|intent| accepted.push((item, intent.stands.as_deref()))));
        }

        // In this order: the older ones give up their place before the new ones take it.
        let older: Vec<(&str, &str)> =
            accepted.iter().filter_map(|(item, stands)| stands.map(|old| (old, item.id.as_str()))).collect();
        let rows: Vec<_> = older.iter().map(|&(old, new)| [Value::Text(old), Value::Text(new)]).collect();
        tx.run_many(SUPERSEDE, &rows).await.map_err(self.say())?;
        let at = Value::Int(now.as_millisecond());
        let reason = Value::Text(Reason::Superseded.as_str());
        let rows: Vec<_> = older.iter().map(|&(old, _)| [Value::Text(old), reason, at]).collect();
        tx.run_many(REVOKE, &rows).await.map_err(self.say())?;
        let rows: Vec<_> = accepted
            .iter()
            .map(|(item, stands)| {
                [
                    Value::Text(&item.id),
                    Value::Text(&item.text),
                    Value::Bytes(&item.kid),
                    Value::Text(&item.algorithm),
                    Value::Int(item.issued_at.as_millisecond()),
                    Value::Int(item.expires_at.as_millisecond()),
                    Value::OptText(*stands),
                ]
            })
            .collect();
        tx.run_many(SEAL, &rows).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(answers)
    }

    async fn intents<'a>(&self, tx: &mut Tx, sealed: &'a [Sealed]) -> Result<HashMap<&'a str, Intent>, RegistryError> {
        let ids: HashMap<&str, ()> = sealed.iter().map(|item| (item.id.as_str(), ())).collect();
        // PostgreSQL takes no NUL in a text; such an identifier was never ours.
        let rows: Vec<_> = ids.keys().filter(|id| !id.contains('\0')).map(|&id| [Value::Text(id)]).collect();
        let mut intents = HashMap::with_capacity(ids.len());
        for row in tx.fetch_many(INTENTS, &rows).await.map_err(self.say())? {
            let id = row.text(0).map_err(self.say())?;
            let Some((&id, ())) = ids.get_key_value(id.as_str()) else { continue };
            let intent = Intent {
                state: row.text(1).map_err(self.say())?,
                owner: row.opt_text(2).map_err(self.say())?,
                stands: row.opt_text(3).map_err(self.say())?,
            };
            intents.insert(id, intent);
        }
        Ok(intents)
    }

    /// Notes that the output of these certificates has been handed over. What is not signed or is released
    /// already stays as it is; the answer is how many changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn release(&self, ids: &[String]) -> Result<u64, RegistryError> {
        check_batch(ids.len())?;
        let rows: Vec<_> = ids.iter().filter(|id| !id.contains('\0')).map(|id| [Value::Text(id)]).collect();
        let mut tx = self.write().await?;
        let released = tx.run_many(RELEASE, &rows).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(released)
    }

    /// Standing certificates whose output is not yet handed over, by identifier, at most `limit`: what a
    /// killed run left to do. `after` is the last identifier of the page before, `None` for the first page.
    ///
    /// # Errors
    /// The database's.
    pub async fn unreleased(&self, after: Option<&str>, limit: u32) -> Result<Vec<Sealed>, RegistryError> {
        let values = [Value::Text(after.unwrap_or("")), Value::Int(i64::from(limit))];
        let mut tx = self.read().await?;
        let rows = tx.fetch(UNRELEASED, &values).await.map_err(self.say())?;
        rows.iter().map(|row| self.sealed(row, 0).and_then(|found| found.ok_or_else(|| self.row("text")))).collect()
    }
}

/// May this signature be stored?
fn judge<'a>(item: &Sealed, intent: Option<&'a Intent>, owner: &str) -> Result<&'a Intent, RegistryError> {
    let id = || item.id.clone();
    let intent = intent.ok_or_else(|| RegistryError::Unknown { id: id() })?;
    match intent.state.as_str() {
        state if state == State::Signed.as_str() || state == State::Released.as_str() => {
            return Err(RegistryError::AlreadySealed { id: id() });
        }
        state if state == State::Abandoned.as_str() => return Err(RegistryError::Abandoned { id: id() }),
        _ => {}
    }
    if intent.owner.as_deref() != Some(owner) {
        return Err(RegistryError::LeaseLost { id: id() });
    }
    let long = item.text.is_empty() || item.text.len() > limits::REGISTRY_TEXT_BYTES || item.text.contains('\0');
    let kid = item.kid.is_empty() || item.kid.len() > limits::REGISTRY_KEY_BYTES;
    let algorithm = item.algorithm.is_empty() || item.algorithm.len() > limits::REGISTRY_KEY_BYTES;
    if long || kid || algorithm || item.algorithm.contains('\0') {
        return Err(RegistryError::Text { id: id() });
    }
    Ok(intent)
}
