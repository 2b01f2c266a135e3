//! After signing: the signature under its intent, the older certificate out of the way, the output handed over.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{
    Reason, Registry, RegistryError, Sealed, check_batch,
    claim::TAKEN,
    sql::{Tx, Value},
};
use crate::limits;

pub(super) const INTENTS: &str = "SELECT i.id, i.lease_owner, i.abandoned_at, c.id \
     FROM (VALUES {}) AS v JOIN intent AS i ON i.id = v.column1 \
     LEFT JOIN certificate AS c ON c.tracked_entity = i.tracked_entity AND c.event = i.event \
     AND c.format = i.format AND c.live IS NOT NULL";
pub(super) const SUPERSEDE: &str = "UPDATE certificate SET superseded_by = v.column2 FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1";
pub(super) const REVOKE: &str = "INSERT INTO revocation (id, reason, at) VALUES {} ON CONFLICT (id) DO NOTHING";
pub(super) const SEAL: &str = "INSERT INTO certificate (id, tracked_entity, event, format, content, state, \
     intended_at, text, kid, algorithm, issued_at, expires_at, supersedes) \
     SELECT i.id, i.tracked_entity, i.event, i.format, i.content, 'signed', i.intended_at, \
     v.column2, v.column3, v.column4, v.column5, v.column6, v.column7 \
     FROM (VALUES {}) AS v JOIN intent AS i ON i.id = v.column1";
pub(super) const DONE: &str = "DELETE FROM intent WHERE id IN ({})";
pub(super) const RELEASE: &str = "UPDATE certificate SET state = 'released' FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1 AND certificate.state = 'signed'";
pub(super) const UNRELEASED: &str = "SELECT id, text, kid, algorithm, issued_at, expires_at FROM certificate \
     WHERE state = 'signed' AND number > coalesce((SELECT number FROM certificate WHERE id = $1), 0) AND live IS NOT NULL \
     ORDER BY number LIMIT $2";

/// Where an identifier stands now.
enum Found {
    /// Its intent is open: who holds it, and the certificate whose place it will take.
    Open { owner: String, stands: Option<String> },
    /// Its intent was given up.
    Abandoned,
    /// It has a signature.
    Sealed,
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
        let mut found = self.find(&mut tx, sealed).await?;
        let mut answers = Vec::with_capacity(sealed.len());
        let mut accepted: Vec<(&Sealed, Option<String>)> = Vec::with_capacity(sealed.len());
        for item in sealed {
            let answer = judge(item, found.get(item.id.as_str()), owner);
            answers.push(answer.map(|stands| {
                accepted.push((item, stands));
                // The same identifier again in this batch comes too late.
                found.insert(item.id.as_str(), Found::Sealed);
            }));
        }

        // In this order: the older ones give up their place before the new ones take it.
        let older: Vec<(&str, &str)> =
            accepted.iter().filter_map(|(item, stands)| Some((stands.as_deref()?, item.id.as_str()))).collect();
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
                    Value::OptText(stands.as_deref()),
                ]
            })
            .collect();
        tx.run_many(SEAL, &rows).await.map_err(self.say())?;
        let rows: Vec<_> = accepted.iter().map(|(item, _)| [Value::Text(&item.id)]).collect();
        tx.run_many(DONE, &rows).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(answers)
    }

    async fn find<'a>(&self, tx: &mut Tx, sealed: &'a [Sealed]) -> Result<HashMap<&'a str, Found>, RegistryError> {
        // PostgreSQL takes no NUL in a text; such an identifier was never ours.
        let ids: HashSet<&str> = sealed.iter().map(|item| item.id.as_str()).filter(|id| !id.contains('\0')).collect();
        let rows: Vec<_> = ids.iter().map(|&id| [Value::Text(id)]).collect();
        let mut found = HashMap::with_capacity(ids.len());
        for row in tx.fetch_many(INTENTS, &rows).await.map_err(self.say())? {
            let id = row.text(0).map_err(self.say())?;
            let Some(&id) = ids.get(id.as_str()) else { continue };
            let intent = match row.opt_int(2).map_err(self.say())? {
                Some(_) => Found::Abandoned,
                None => Found::Open {
                    owner: row.text(1).map_err(self.say())?,
                    stands: row.opt_text(3).map_err(self.say())?,
                },
            };
            found.insert(id, intent);
        }
        let rows: Vec<_> = ids.iter().filter(|&id| !found.contains_key(id)).map(|&id| [Value::Text(id)]).collect();
        for row in tx.fetch_many(TAKEN, &rows).await.map_err(self.say())? {
            let id = row.text(0).map_err(self.say())?;
            found.extend(ids.get(id.as_str()).map(|&id| (id, Found::Sealed)));
        }
        Ok(found)
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

    /// Standing certificates whose output is not yet handed over, in the order in which they were stored, at
    /// most `limit`: what a killed run left to do. `after` is the last identifier of the page before, `None`
    /// for the first page.
    ///
    /// # Errors
    /// The database's.
    pub async fn unreleased(&self, after: Option<&str>, limit: u32) -> Result<Vec<Sealed>, RegistryError> {
        let values = [Value::Text(after.unwrap_or("")), Value::Int(i64::from(limit))];
        let mut tx = self.read().await?;
        let rows = tx.fetch(UNRELEASED, &values).await.map_err(self.say())?;
        rows.iter().map(|row| self.sealed(row)).collect()
    }
}

/// May this signature be stored, and in whose place?
fn judge(item: &Sealed, found: Option<&Found>, owner: &str) -> Result<Option<String>, RegistryError> {
    let id = || item.id.clone();
    let stands = match found {
        None => return Err(RegistryError::Unknown { id: id() }),
        Some(Found::Sealed) => return Err(RegistryError::AlreadySealed { id: id() }),
        Some(Found::Abandoned) => return Err(RegistryError::Abandoned { id: id() }),
        Some(Found::Open { owner: holder, .. }) if holder != owner => {
            return Err(RegistryError::LeaseLost { id: id() });
        }
        Some(Found::Open { stands, .. }) => stands.clone(),
    };
    let long = item.text.is_empty() || item.text.len() > limits::REGISTRY_TEXT_BYTES || item.text.contains('\0');
    let kid = item.kid.is_empty() || item.kid.len() > limits::REGISTRY_KEY_BYTES;
    let algorithm = item.algorithm.is_empty() || item.algorithm.len() > limits::REGISTRY_KEY_BYTES;
    if long || kid || algorithm || item.algorithm.contains('\0') {
        return Err(RegistryError::Text { id: id() });
    }
    Ok(stands)
}
