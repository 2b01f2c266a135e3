//! Taking certificates back by name, taking that back again, and the log of both.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{
    Action, Again, Cause, Registry, RegistryError, Restored, Revocation, Revoked,
    audit::{By, Deed, Entry, ObjectKind},
    check_batch, check_key,
    claim::ABANDON,
    sql::{Row, Tx, Value},
    withdraw::WITHDRAW,
};
use crate::limits;

const LOG: &str = "INSERT INTO revocation (certificate, action, reason, note, operator, bulk, at) VALUES {}";
pub(super) const MARK: &str = "UPDATE certificate SET revoked = v.column2 FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1";
pub(super) const NAMED: &str = "SELECT c.id, c.tracked_entity, c.event, c.revoked, c.withdrawn_at, c.superseded_by \
     FROM (VALUES {}) AS v JOIN certificate AS c ON c.id = v.column1";
pub(super) const OPEN: &str = "SELECT i.id FROM (VALUES {}) AS v JOIN intent AS i ON i.id = v.column1 \
     WHERE i.abandoned_at IS NULL";
pub(super) const ABANDON_OF_RECORD: &str = "UPDATE intent SET abandoned_at = v.column3 FROM (VALUES {}) AS v \
     WHERE intent.tracked_entity = v.column1 AND intent.event = v.column2 AND intent.abandoned_at IS NULL";
pub(super) const STANDS_NOW: &str = "SELECT v.column3, c.id FROM (VALUES {}) AS v JOIN certificate AS c \
     ON c.tracked_entity = v.column1 AND c.event = v.column2 AND c.live IS NOT NULL";
pub(super) const BACK: &str = "UPDATE certificate SET withdrawn_at = NULL FROM (VALUES {}) AS v \
     WHERE certificate.id = v.column1";
pub(super) const RECORDS: &str = "SELECT number, certificate, action, reason, note, operator, bulk, at FROM revocation \
     WHERE number > $1 ORDER BY number LIMIT $2";
/// The latest record of each certificate, in the order of their numbers.
pub(super) const LATEST: &str = "SELECT number, certificate, action, reason, note, operator, bulk, at \
     FROM revocation AS r WHERE number > $1 AND NOT EXISTS (SELECT 1 FROM revocation AS later \
     WHERE later.certificate = r.certificate AND later.number > r.number) ORDER BY number LIMIT $2";
pub(super) const LATEST_OF: &str = "SELECT number, certificate, action, reason, note, operator, bulk, at \
     FROM revocation WHERE certificate = $1 ORDER BY number DESC LIMIT 1";
pub(super) const ABOUT: &str = "SELECT number, certificate, action, reason, note, operator, bulk, at FROM revocation \
     WHERE certificate = $1 ORDER BY number LIMIT $2";
pub(super) const OF_BULK: &str = "SELECT number, certificate, action, reason, note, operator, bulk, at FROM revocation \
     WHERE bulk = $1 AND number > $2 ORDER BY number LIMIT $3";
pub(super) const NEWEST: &str = "SELECT CAST(coalesce(max(number), 0) AS BIGINT) FROM revocation";

/// A certificate that was named.
struct Named {
    record: (String, String),
    revoked: Option<super::Reason>,
    withdrawn: bool,
    superseded_by: Option<String>,
}

impl Registry {
    /// Revokes the certificates of these identifiers, at most [`limits::REGISTRY_BATCH`], in one transaction. Each has
    /// an answer of its own, in order; an identifier that is unknown or was revoked before stops none of the
    /// others. What is being signed of their records is abandoned, so that a signature that is just being made is
    /// refused by [`Registry::store`].
    ///
    /// # Errors
    /// Nothing is revoked when the whole answer is an error: too many, a cause that cannot be stored, or the database.
    pub async fn revoke(&self, ids: &[String], cause: &Cause, now: Timestamp) -> Result<Vec<Revoked>, RegistryError> {
        check_batch(ids.len())?;
        check_cause(cause)?;
        let mut tx = self.write().await?;
        let mut named = self.named(&mut tx, ids).await?;
        let rows: Vec<_> = usable(ids).filter(|id| !named.contains_key(*id)).map(|id| [Value::Text(id)]).collect();
        let mut open = HashSet::new();
        for row in tx.fetch_many(OPEN, &rows).await.map_err(self.say())? {
            open.insert(row.text(0).map_err(self.say())?);
        }
        let (mut answers, mut revoked, mut records) = (Vec::with_capacity(ids.len()), Vec::new(), Vec::new());
        let mut abandoned = Vec::new();
        for id in ids {
            let answer = match named.get_mut(id.as_str()) {
                None if open.contains(id) => {
                    abandoned.push(id.as_str());
                    Revoked::NotSigned
                }
                None => Revoked::Unknown,
                Some(found) => match found.revoked {
                    Some(reason) => Revoked::Already { reason },
                    None => {
                        found.revoked = Some(cause.reason);
                        revoked.push(id.as_str());
                        records.push(found.record.clone());
                        Revoked::Done
                    }
                },
            };
            answers.push(answer);
        }
        if revoked.is_empty() && abandoned.is_empty() {
            return Ok(answers);
        }
        let at = Value::Int(now.as_millisecond());
        let rows: Vec<_> = abandoned.iter().map(|&id| [Value::Text(id), at]).collect();
        tx.run_many(ABANDON, &rows).await.map_err(self.say())?;
        let rows: Vec<_> =
            records.iter().map(|(person, event)| [Value::Text(person), Value::Text(event), at]).collect();
        tx.run_many(ABANDON_OF_RECORD, &rows).await.map_err(self.say())?;
        if cause.reason.again() == Again::AtOnce {
            let rows: Vec<_> = revoked.iter().map(|&id| [Value::Text(id), at]).collect();
            tx.run_many(WITHDRAW, &rows).await.map_err(self.say())?;
        }
        self.log(&mut tx, Action::Revoke, &revoked, cause, now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(answers)
    }

    /// Takes the revocation of these certificates back, at most [`limits::REGISTRY_BATCH`], in one transaction, as a
    /// record of its own in the log. Each has an answer of its own, in order.
    ///
    /// A certificate whose record has a newer one that holds its place stays revoked, whatever revoked it: two
    /// certificates of one dose would stand. What was superseded says what was corrected, and stays revoked for ever.
    ///
    /// # Errors
    /// As [`Registry::revoke`].
    pub async fn restore(&self, ids: &[String], cause: &Cause, now: Timestamp) -> Result<Vec<Restored>, RegistryError> {
        check_batch(ids.len())?;
        check_cause(cause)?;
        let mut tx = self.write().await?;
        let mut named = self.named(&mut tx, ids).await?;
        let records: Vec<(&String, &(String, String))> = named.iter().map(|(id, n)| (id, &n.record)).collect();
        let rows: Vec<_> = records
            .iter()
            .map(|(id, (person, event))| [Value::Text(person), Value::Text(event), Value::Text(id)])
            .collect();
        let mut holders: HashMap<(String, String), String> = HashMap::new();
        for row in tx.fetch_many(STANDS_NOW, &rows).await.map_err(self.say())? {
            let (asked, holder) = (row.text(0).map_err(self.say())?, row.text(1).map_err(self.say())?);
            if let Some(found) = named.get(&asked) {
                holders.insert(found.record.clone(), holder);
            }
        }
        let (mut answers, mut restored, mut back) = (Vec::with_capacity(ids.len()), Vec::new(), Vec::new());
        let mut freed = Vec::new();
        for id in ids {
            let Some(found) = named.get_mut(id.as_str()) else {
                answers.push(Restored::Unknown);
                continue;
            };
            let other = holders.get(&found.record).filter(|holder| *holder != id);
            let newer = found.superseded_by.clone().or_else(|| other.cloned());
            answers.push(match (found.revoked, newer) {
                (None, _) => Restored::NotRevoked,
                (Some(_), Some(by)) => Restored::Replaced { by },
                (Some(_), None) => {
                    found.revoked = None;
                    restored.push(id.as_str());
                    if found.withdrawn {
                        back.push(id.as_str());
                        freed.push(found.record.clone());
                        holders.insert(found.record.clone(), id.clone());
                    }
                    Restored::Done
                }
            });
        }
        if restored.is_empty() {
            return Ok(answers);
        }
        // A new one that is just being made for the place that was free would supersede the restored one.
        let at = Value::Int(now.as_millisecond());
        let rows: Vec<_> = freed.iter().map(|(person, event)| [Value::Text(person), Value::Text(event), at]).collect();
        tx.run_many(ABANDON_OF_RECORD, &rows).await.map_err(self.say())?;
        let rows: Vec<_> = back.iter().map(|&id| [Value::Text(id)]).collect();
        tx.run_many(BACK, &rows).await.map_err(self.say())?;
        self.log(&mut tx, Action::Undo, &restored, cause, now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(answers)
    }

    async fn named(&self, tx: &mut Tx, ids: &[String]) -> Result<HashMap<String, Named>, RegistryError> {
        let say = self.say();
        let rows: Vec<_> = usable(ids).map(|id| [Value::Text(id)]).collect();
        let mut named = HashMap::with_capacity(ids.len());
        for row in tx.fetch_many(NAMED, &rows).await.map_err(&say)? {
            let found = Named {
                record: (row.text(1).map_err(&say)?, row.text(2).map_err(&say)?),
                revoked: self.reason(row.opt_text(3).map_err(&say)?)?,
                withdrawn: row.opt_int(4).map_err(&say)?.is_some(),
                superseded_by: row.opt_text(5).map_err(&say)?,
            };
            named.insert(row.text(0).map_err(&say)?, found);
        }
        Ok(named)
    }

    /// Writes records of the log, and marks the certificates accordingly. Every way in which a certificate comes to
    /// be revoked or restored ends here.
    pub(super) async fn log(
        &self,
        tx: &mut Tx,
        action: Action,
        ids: &[&str],
        cause: &Cause,
        at: Timestamp,
    ) -> Result<(), RegistryError> {
        self.tell(tx, action, ids, cause, at).await?;
        let reason = Value::OptText((action == Action::Revoke).then(|| cause.reason.as_str()));
        let rows: Vec<_> = ids.iter().map(|&id| [Value::Text(id), reason]).collect();
        tx.run_many(MARK, &rows).await.map_err(self.say())?;
        Ok(())
    }

    /// Writes records of the log alone.
    pub(super) async fn tell(
        &self,
        tx: &mut Tx,
        action: Action,
        ids: &[&str],
        cause: &Cause,
        at: Timestamp,
    ) -> Result<(), RegistryError> {
        let row = |&id| {
            [
                Value::Text(id),
                Value::Text(action.as_str()),
                Value::Text(cause.reason.as_str()),
                Value::OptText(cause.note.as_deref()),
                Value::OptText(cause.operator.as_deref()),
                Value::OptText(cause.bulk.as_deref()),
                Value::Int(at.as_millisecond()),
            ]
        };
        let rows: Vec<_> = ids.iter().map(row).collect();
        tx.run_many(LOG, &rows).await.map_err(self.say())?;
        let told: Vec<Entry> = ids.iter().map(|id| entry(action, id, cause)).collect();
        self.witness(tx, &told, at).await?;
        Ok(())
    }

    /// The log after a number (0 for all of it), at most `limit` records in the order of their numbers.
    ///
    /// # Errors
    /// The database's.
    pub async fn revocations(&self, after: u64, limit: u32) -> Result<Vec<Revocation>, RegistryError> {
        self.page(RECORDS, after, limit).await
    }

    /// What holds now: the latest record of each certificate that the log names, after a number and in the order of
    /// their numbers, at most `limit`.
    ///
    /// # Errors
    /// The database's.
    pub async fn revoked_now(&self, after: u64, limit: u32) -> Result<Vec<Revocation>, RegistryError> {
        self.page(LATEST, after, limit).await
    }

    /// The latest record of one certificate, if the log names it.
    ///
    /// # Errors
    /// The database's.
    pub async fn latest_revocation(&self, id: &str) -> Result<Option<Revocation>, RegistryError> {
        check_key(0, "identifier", id)?;
        let mut tx = self.read().await?;
        self.latest_of(&mut tx, id).await
    }

    /// Every record of one certificate, in order.
    ///
    /// # Errors
    /// The database's.
    pub async fn revocations_about(&self, id: &str) -> Result<Vec<Revocation>, RegistryError> {
        check_key(0, "identifier", id)?;
        let values = [Value::Text(id), Value::Int(limits::REGISTRY_PERSON_ROWS)];
        let mut tx = self.read().await?;
        let rows = tx.fetch(ABOUT, &values).await.map_err(self.say())?;
        rows.iter().map(|row| self.revocation(row)).collect()
    }

    /// The records that one bulk wrote, after a number, at most `limit`.
    ///
    /// # Errors
    /// The database's.
    pub async fn revocations_of(&self, bulk: &str, after: u64, limit: u32) -> Result<Vec<Revocation>, RegistryError> {
        check_key(0, "name of a bulk", bulk)?;
        let values = [Value::Text(bulk), Value::Int(number(after)), Value::Int(i64::from(limit))];
        let mut tx = self.read().await?;
        let rows = tx.fetch(OF_BULK, &values).await.map_err(self.say())?;
        rows.iter().map(|row| self.revocation(row)).collect()
    }

    /// Number of the newest record of the log; 0 while there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn newest_revocation(&self) -> Result<u64, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(NEWEST, &[]).await.map_err(self.say())?;
        let newest = rows.first().map_or(Ok(0), |row| row.int(0)).map_err(self.say())?;
        u64::try_from(newest).map_err(|_| self.row("number"))
    }

    pub(super) async fn latest_of(&self, tx: &mut Tx, id: &str) -> Result<Option<Revocation>, RegistryError> {
        let rows = tx.fetch(LATEST_OF, &[Value::Text(id)]).await.map_err(self.say())?;
        rows.first().map(|row| self.revocation(row)).transpose()
    }

    async fn page(&self, sql: &'static str, after: u64, limit: u32) -> Result<Vec<Revocation>, RegistryError> {
        let values = [Value::Int(number(after)), Value::Int(i64::from(limit))];
        let mut tx = self.read().await?;
        let rows = tx.fetch(sql, &values).await.map_err(self.say())?;
        rows.iter().map(|row| self.revocation(row)).collect()
    }

    fn revocation(&self, row: &Row) -> Result<Revocation, RegistryError> {
        let say = self.say();
        let (action, reason) = (row.text(2).map_err(&say)?, row.opt_text(3).map_err(&say)?);
        Ok(Revocation {
            number: u64::try_from(row.int(0).map_err(&say)?).map_err(|_| self.row("number"))?,
            id: row.text(1).map_err(&say)?,
            action: Action::read(&action).ok_or_else(|| self.row("action"))?,
            cause: Cause {
                reason: self.reason(reason)?.ok_or_else(|| self.row("reason"))?,
                note: row.opt_text(4).map_err(&say)?,
                operator: row.opt_text(5).map_err(&say)?,
                bulk: row.opt_text(6).map_err(&say)?,
            },
            at: self.time(row.int(7).map_err(&say)?, "at")?,
        })
    }
}

/// What the audit log says of it. Notes stay out: people write names into them, and the log is exported.
fn entry(action: Action, id: &str, cause: &Cause) -> Entry {
    let deed = match action {
        Action::Revoke => Deed::Revoke,
        Action::Undo => Deed::Undo,
    };
    let entry = Entry::new(By::operator(cause.operator.as_deref()), deed)
        .to(ObjectKind::Certificate, id)
        .because(cause.reason.as_str());
    match &cause.bulk {
        Some(bulk) => entry.with("bulk", bulk.as_str()),
        None => entry,
    }
}

/// Identifiers that can be asked for: PostgreSQL takes no NUL in a text, and such an identifier was never ours.
fn usable(ids: &[String]) -> impl Iterator<Item = &str> {
    ids.iter().map(String::as_str).filter(|id| !id.contains('\0'))
}

fn number(after: u64) -> i64 {
    i64::try_from(after).unwrap_or(i64::MAX)
}

/// Refuses a cause that cannot be stored or listed: a note over its bound, a text with control characters.
fn check_cause(cause: &Cause) -> Result<(), RegistryError> {
    for (field, text) in [("operator", &cause.operator), ("name of the bulk", &cause.bulk)] {
        if let Some(text) = text {
            check_key(0, field, text)?;
        }
    }
    let note = cause.note.as_deref().unwrap_or("");
    if note.chars().count() > limits::REVOCATION_NOTE_CHARS || note.chars().any(char::is_control) {
        return Err(RegistryError::Note);
    }
    Ok(())
}
