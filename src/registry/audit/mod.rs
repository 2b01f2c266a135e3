//! The audit log: who did what, when, to what and why. It only grows, and each row is sealed to the one before, so
//! that a row that was changed, removed, moved or put in is found, and at which number.
//!
//! A row is written **in the transaction of what it tells of**: [`Registry::store`], [`Registry::revoke`],
//! [`Registry::restore`] and [`Registry::withdraw`] write theirs themselves, and other writers of this room call
//! `witness` before they commit. What has no table of its own (a login, an export) is told by [`Registry::audit`].
//! So nothing is issued whose record, operator and reason are not in the log (failure F01).
//!
//! | column | meaning |
//! |---|---|
//! | `number` | counts up from 1 without a gap |
//! | `at` | milliseconds since 1970, as the writer's clock told |
//! | `actor_kind`, `actor` | who: [`ActorKind`], and the stable name of the account or token. A citizen has no name here, at most an opaque one |
//! | `action` | what: the word of a [`Deed`] |
//! | `object_kind`, `object` | to what: [`ObjectKind`], and its identifier or UID |
//! | `record` | `UID of the person/key of the event`, of what concerns one record |
//! | `reason` | why, in a stable word or a sentence of an operator |
//! | `request` | identifier of the HTTP request |
//! | `details` | what else, as one small JSON object with names in order |
//! | `form` | version of the form that is hashed: 1 |
//! | `previous`, `hash` | hash of the row before (32 zero bytes in the first row), and of this one |
//!
//! No name of a person, no date of birth, no phone number and no text of a certificate may stand in any of them: the
//! log is kept for ever, and exported.
//!
//! # The form that is hashed
//!
//! `hash` is SHA-256 over: the ASCII text `vaccert audit 1` and a byte 0; `previous`; `number` and `at`, each as 8
//! bytes in big-endian order (two's complement); then the nine texts `actor_kind`, `actor`, `action`,
//! `object_kind`, `object`, `record`, `reason`, `request`, `details` in this order, each as one byte 0 where the
//! column is NULL, or else one byte 1, its length in bytes as 4 bytes in big-endian order, and its UTF-8 bytes.
//!
//! Whoever can write into the database can still cut rows off at its end, or replace all of it. That shows against a
//! [`Head`] that was kept elsewhere: heads are published, signed, with the revocations.

mod entry;
mod form;
mod held;
mod read;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub use entry::{ActorKind, By, Deed, Entry, ObjectKind};
pub use form::Head;
pub use held::{FacilityCounts, Held, Standing, Told};
#[cfg(test)]
pub(super) use held::{HELD, LOGGED, STANDING, TOLD};
pub use read::{AuditFault, AuditRecord, Checked, Export};
#[cfg(test)]
pub(super) use read::{BETWEEN, NEWEST, OF_OBJECT, PAGE};

use super::{
    Registry, RegistryError,
    sql::{Tx, Value},
};

const HEAD: &str = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
const APPEND: &str = "INSERT INTO audit (number, at, actor_kind, actor, action, object_kind, object, record, reason, \
     request, details, form, previous, hash) VALUES {}";

impl Registry {
    /// Writes an entry into the log, in a transaction of its own. For what changes a table of this registry, the
    /// row is written in the transaction of the change instead.
    ///
    /// # Errors
    /// A text that cannot be kept ([`RegistryError::Key`]), or the database: then what the entry tells of must not
    /// happen.
    pub async fn audit(&self, entry: &Entry, now: Timestamp) -> Result<Head, RegistryError> {
        self.audit_all(std::slice::from_ref(entry), now).await
    }

    /// Writes entries into the log, in their order, all or none. Gives the head of the log after them.
    ///
    /// # Errors
    /// As [`Registry::audit`].
    pub async fn audit_all(&self, entries: &[Entry], now: Timestamp) -> Result<Head, RegistryError> {
        super::check_batch(entries.len())?;
        let mut tx = self.write().await?;
        let head = self.witness(&mut tx, entries, now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(head)
    }

    /// The newest row of the log; [`Head::NONE`] while there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit_head(&self) -> Result<Head, RegistryError> {
        let mut tx = self.read().await?;
        self.head(&mut tx).await
    }

    pub(super) async fn head(&self, tx: &mut Tx) -> Result<Head, RegistryError> {
        let rows = tx.fetch(HEAD, &[]).await.map_err(self.say())?;
        let Some(row) = rows.first() else { return Ok(Head::NONE) };
        let number = u64::try_from(row.int(0).map_err(self.say())?).map_err(|_| self.row("number"))?;
        let hash = row.bytes(1).map_err(self.say())?.try_into().map_err(|_| self.row("hash"))?;
        Ok(Head { number, hash })
    }

    /// Writes entries into the log as a part of a transaction that writes: the writers of a database stand in line,
    /// so that the newest row is the newest until this one commits.
    pub(super) async fn witness(&self, tx: &mut Tx, entries: &[Entry], now: Timestamp) -> Result<Head, RegistryError> {
        let mut head = self.head(tx).await?;
        if entries.is_empty() {
            return Ok(head);
        }
        let at = now.as_millisecond();
        let mut sealed = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            entry.check(index)?;
            let columns = entry.columns();
            let (previous, number) = (head.hash, head.number.saturating_add(1));
            head = Head { number, hash: form::hash(&previous, number, at, &columns.texts()) };
            sealed.push((columns, previous, head));
        }
        let rows: Vec<_> = sealed
            .iter()
            .map(|(columns, previous, head)| {
                let [kind, actor, action, object_kind, object, record, reason, request, details] = columns.texts();
                [
                    Value::Int(i64::try_from(head.number).unwrap_or(i64::MAX)),
                    Value::Int(at),
                    Value::OptText(kind),
                    Value::OptText(actor),
                    Value::OptText(action),
                    Value::OptText(object_kind),
                    Value::OptText(object),
                    Value::OptText(record),
                    Value::OptText(reason),
                    Value::OptText(request),
                    Value::OptText(details),
                    Value::Int(form::VERSION),
                    Value::Bytes(previous),
                    Value::Bytes(&head.hash),
                ]
            })
            .collect();
        tx.run_many(APPEND, &rows).await.map_err(self.say())?;
        Ok(head)
    }
}
