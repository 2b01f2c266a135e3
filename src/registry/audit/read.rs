//! Reading the log: pages, what happened to one object, and whether the chain is whole.

use std::fmt;

use jiff::Timestamp;

use super::form::{self, Head};
use crate::{
    limits,
    registry::{
        Registry, RegistryError, check_key,
        sql::{Row, Value},
    },
};

pub(in crate::registry) const PAGE: &str = "SELECT number, at, actor_kind, actor, action, object_kind, object, \
     record, reason, request, details, form, previous, hash FROM audit WHERE number > $1 ORDER BY number LIMIT $2";
pub(in crate::registry) const NEWEST: &str = "SELECT number, at, actor_kind, actor, action, object_kind, object, \
     record, reason, request, details, form, previous, hash FROM audit WHERE number < $1 ORDER BY number DESC LIMIT $2";
pub(in crate::registry) const BETWEEN: &str = "SELECT number, at, actor_kind, actor, action, object_kind, object, \
     record, reason, request, details, form, previous, hash FROM audit WHERE at >= $1 AND at < $2 AND number > $3 \
     ORDER BY number LIMIT $4";
pub(in crate::registry) const OF_OBJECT: &str = "SELECT number, at, actor_kind, actor, action, object_kind, object, \
     record, reason, request, details, form, previous, hash FROM audit WHERE object = $1 AND number > $2 \
     ORDER BY number LIMIT $3";

/// A row of the log. Texts are as they are stored: a later program may know words that this one does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Word of the [`ActorKind`](super::ActorKind).
    pub actor_kind: String,
    /// Name of the actor, where it has one.
    pub actor: Option<String>,
    /// Word of the [`Deed`](super::Deed).
    pub action: String,
    /// Word of the [`ObjectKind`](super::ObjectKind).
    pub object_kind: Option<String>,
    /// Identifier or UID of the object.
    pub object: Option<String>,
    /// `UID of the person/key of the event`.
    pub record: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The HTTP request.
    pub request: Option<String>,
    /// What else, as the text of a JSON object.
    pub details: Option<String>,
    /// Hash of the row before.
    pub previous: [u8; 32],
    /// Hash of this row.
    pub hash: [u8; 32],
}

impl AuditRecord {
    /// The number and hash.
    #[must_use]
    pub fn head(&self) -> Head {
        Head { number: self.number, hash: self.hash }
    }

    /// What is wrong with this row behind the row `before`, if anything is.
    #[must_use]
    pub fn fault(&self, before: &Head) -> Option<AuditFault> {
        let number = before.number.saturating_add(1);
        if self.number != number {
            return Some(AuditFault::Gap { number });
        }
        if self.previous != before.hash {
            return Some(AuditFault::Link { number });
        }
        let hash = form::hash(&self.previous, self.number, self.at.as_millisecond(), &self.texts());
        (hash != self.hash).then_some(AuditFault::Content { number })
    }

    fn texts(&self) -> form::Texts<'_> {
        [
            Some(&self.actor_kind),
            self.actor.as_deref(),
            Some(&self.action),
            self.object_kind.as_deref(),
            self.object.as_deref(),
            self.record.as_deref(),
            self.reason.as_deref(),
            self.request.as_deref(),
            self.details.as_deref(),
        ]
    }
}

/// What is wrong with the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFault {
    /// A row is missing, or its number was changed.
    Gap {
        /// The number that is not there.
        number: u64,
    },
    /// A row does not follow from the one before: one of them was changed, swapped or put in.
    Link {
        /// The row.
        number: u64,
    },
    /// A row does not say what it was sealed with.
    Content {
        /// The row.
        number: u64,
    },
    /// A row has a form that this program does not know.
    Form {
        /// The row.
        number: u64,
    },
    /// The log ends before a head that was kept elsewhere: rows were cut off at its end.
    Short {
        /// The last row that there is.
        number: u64,
        /// The row of the head.
        head: u64,
    },
    /// At the number of a head that was kept elsewhere stands another row: the log was rewritten.
    Rewritten {
        /// The row.
        number: u64,
    },
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { number } => write!(f, "row {number} is missing"),
            Self::Link { number } => {
                write!(
                    f,
                    "row {number} does not follow from the row before: one of the two was changed, moved or put in"
                )
            }
            Self::Content { number } => write!(f, "row {number} was changed after it was written"),
            Self::Form { number } => {
                write!(f, "row {number} has a form that this program does not know: use a newer program")
            }
            Self::Short { number, head } => {
                write!(f, "the log ends at row {number}, and a head of it was kept at row {head}: rows were cut off")
            }
            Self::Rewritten { number } => {
                write!(f, "row {number} is not the one whose head was kept: the log was rewritten")
            }
        }
    }
}

/// What came of a check of the whole log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Rows that were looked at.
    pub rows: u64,
    /// The last row.
    pub head: Head,
    /// What is wrong, in the order of the rows, at most [`AUDIT_FAULTS`](limits::AUDIT_FAULTS).
    pub faults: Vec<AuditFault>,
}

/// Rows of a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export {
    /// The first moment.
    pub from: Timestamp,
    /// The first moment behind.
    pub until: Timestamp,
}

impl Registry {
    /// The log after a number (0 for all of it), at most `limit` rows in their order.
    ///
    /// # Errors
    /// The database's, or a stored value that means nothing.
    pub async fn audit_records(&self, after: u64, limit: u32) -> Result<Vec<AuditRecord>, RegistryError> {
        self.audit_page(PAGE, &[Value::Int(whole(after)), Value::Int(i64::from(limit))]).await
    }

    /// The newest rows before a number (`None` for the very newest), the newest first, at most `limit`.
    ///
    /// # Errors
    /// As [`Registry::audit_records`].
    pub async fn audit_newest(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditRecord>, RegistryError> {
        let before = before.map_or(i64::MAX, whole);
        self.audit_page(NEWEST, &[Value::Int(before), Value::Int(i64::from(limit))]).await
    }

    /// Rows of a span of time after a number, in their order, at most `limit`.
    ///
    /// # Errors
    /// As [`Registry::audit_records`].
    pub async fn audit_between(&self, span: Export, after: u64, limit: u32) -> Result<Vec<AuditRecord>, RegistryError> {
        let (from, until) = (span.from.as_millisecond(), span.until.as_millisecond());
        let values = [Value::Int(from), Value::Int(until), Value::Int(whole(after)), Value::Int(i64::from(limit))];
        self.audit_page(BETWEEN, &values).await
    }

    /// What was done to one object, after a number, in order, at most `limit`.
    ///
    /// # Errors
    /// As [`Registry::audit_records`].
    pub async fn audit_of(&self, object: &str, after: u64, limit: u32) -> Result<Vec<AuditRecord>, RegistryError> {
        check_key(0, "object", object)?;
        let values = [Value::Text(object), Value::Int(whole(after)), Value::Int(i64::from(limit))];
        self.audit_page(OF_OBJECT, &values).await
    }

    /// Checks the whole log, and that every one of the `heads`, which were kept elsewhere, is in it. Reads page by
    /// page; `progress` is told the number of rows so far.
    ///
    /// After a fault it goes on from the row that it found, so that each place is named once.
    ///
    /// # Errors
    /// The database's. What is wrong with the log is no error, but a fault in the answer.
    pub async fn check_audit(
        &self,
        heads: &[Head],
        mut progress: impl FnMut(u64) + Send,
    ) -> Result<Checked, RegistryError> {
        let mut heads: Vec<Head> = heads.iter().copied().filter(|head| head.number > 0).collect();
        heads.sort_unstable_by_key(|head| head.number);
        heads.dedup();
        let mut heads = heads.into_iter().peekable();
        let mut checked = Checked { rows: 0, head: Head::NONE, faults: Vec::new() };
        let mut tx = self.read().await?;
        loop {
            let values = [Value::Int(whole(checked.head.number)), Value::Int(i64::from(limits::AUDIT_PAGE))];
            let page = tx.fetch(PAGE, &values).await.map_err(self.say())?;
            if page.is_empty() {
                break;
            }
            for row in &page {
                let number = u64::try_from(row.int(0).map_err(self.say())?).map_err(|_| self.row("number"))?;
                let fault = if row.int(11).map_err(self.say())? == form::VERSION {
                    let record = self.audit_record(row)?;
                    let fault = record.fault(&checked.head);
                    checked.head = record.head();
                    fault
                } else {
                    let hash = row.bytes(13).map_err(self.say())?.try_into().map_err(|_| self.row("hash"))?;
                    checked.head = Head { number, hash };
                    Some(AuditFault::Form { number })
                };
                checked.rows += 1;
                checked.note(fault);
                while let Some(head) = heads.next_if(|head| head.number <= number) {
                    let other = head != checked.head;
                    checked.note(other.then_some(AuditFault::Rewritten { number: head.number }));
                }
            }
            progress(checked.rows);
        }
        for head in heads {
            checked.note(Some(AuditFault::Short { number: checked.head.number, head: head.number }));
        }
        Ok(checked)
    }

    async fn audit_page(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<AuditRecord>, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(sql, values).await.map_err(self.say())?;
        rows.iter().map(|row| self.audit_record(row)).collect()
    }

    fn audit_record(&self, row: &Row) -> Result<AuditRecord, RegistryError> {
        let say = self.say();
        let hash = |column: usize, name| row.bytes(column).map_err(&say)?.try_into().map_err(|_| self.row(name));
        Ok(AuditRecord {
            number: u64::try_from(row.int(0).map_err(&say)?).map_err(|_| self.row("number"))?,
            at: self.time(row.int(1).map_err(&say)?, "at")?,
            actor_kind: row.text(2).map_err(&say)?,
            actor: row.opt_text(3).map_err(&say)?,
            action: row.text(4).map_err(&say)?,
            object_kind: row.opt_text(5).map_err(&say)?,
            object: row.opt_text(6).map_err(&say)?,
            record: row.opt_text(7).map_err(&say)?,
            reason: row.opt_text(8).map_err(&say)?,
            request: row.opt_text(9).map_err(&say)?,
            details: row.opt_text(10).map_err(&say)?,
            previous: hash(12, "previous")?,
            hash: hash(13, "hash")?,
        })
    }
}

impl Checked {
    fn note(&mut self, fault: Option<AuditFault>) {
        if self.faults.len() < limits::AUDIT_FAULTS {
            self.faults.extend(fault);
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}

/// A number as the database has it.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
