//! Which certificates a revocation in bulk is about: counted and shown before anything is revoked.

use jiff::{Timestamp, civil::Date};

use super::{
    Origin, Registry, RegistryError, check_key,
    sql::{Tx, Value},
};
use crate::{keys::sha256, limits};

/// Certificates that are not revoked, by where they came from. Every condition that is given must hold; a
/// certificate of which a condition cannot be told (its row is older than the column) is counted and not selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Of this facility.
    pub facility: Option<String>,
    /// Issued through this operator.
    pub operator: Option<String>,
    /// Of this batch of vaccine; letters count alike in either case.
    pub lot: Option<String>,
    /// Issued at this time or later.
    pub issued_from: Option<Timestamp>,
    /// Issued before this time.
    pub issued_until: Option<Timestamp>,
    /// Given on this day or later.
    pub given_from: Option<Date>,
    /// Given on this day or earlier.
    pub given_until: Option<Date>,
}

/// A certificate that was selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its identifier.
    pub id: String,
    /// Where it came from.
    pub origin: Origin,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// What a selection selects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selected {
    /// The certificates, in the order in which they were stored.
    pub certificates: Vec<Found>,
    /// How many more might belong to it: everything that is known of them fits, and something is not known.
    pub unknown: u64,
    /// How many certificates that would belong to it are being signed just now.
    pub signing: u64,
}

impl Selected {
    /// Tells this set of certificates from every other one.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut ids: Vec<&str> = self.certificates.iter().map(|found| found.id.as_str()).collect();
        ids.sort_unstable();
        sha256(ids.join("\n").as_bytes())
    }
}

/// Conditions: $1 facility, $2 operator, $3 lot, $4 and $5 issued, $6 and $7 given.
const FOUND: &str = "SELECT number, id, issued_at, facility, operator, lot, given_on FROM certificate \
     WHERE revoked IS NULL AND ($1 IS NULL OR facility = $1) AND ($2 IS NULL OR operator = $2) \
     AND ($3 IS NULL OR upper(lot) = $3) AND issued_at >= $4 AND issued_at < $5 \
     AND ($6 IS NULL OR given_on >= $6) AND ($7 IS NULL OR given_on <= $7) \
     AND number > $8 ORDER BY number LIMIT $9";
const POSSIBLE: &str = "SELECT count(*) FROM certificate WHERE revoked IS NULL \
     AND ($1 IS NULL OR facility IS NULL OR facility = $1) AND ($2 IS NULL OR operator IS NULL OR operator = $2) \
     AND ($3 IS NULL OR lot IS NULL OR upper(lot) = $3) AND issued_at >= $4 AND issued_at < $5 \
     AND ($6 IS NULL OR given_on IS NULL OR given_on >= $6) AND ($7 IS NULL OR given_on IS NULL OR given_on <= $7)";
const SIGNING: &str = "SELECT count(*) FROM intent WHERE abandoned_at IS NULL AND lease_until > $8 \
     AND ($1 IS NULL OR facility = $1) AND ($2 IS NULL OR operator = $2) AND ($3 IS NULL OR upper(lot) = $3) \
     AND intended_at >= $4 AND intended_at < $5 \
     AND ($6 IS NULL OR given_on >= $6) AND ($7 IS NULL OR given_on <= $7)";

/// Rows read at a time.
const PAGE: i64 = 10_000;

impl Registry {
    /// The certificates of a selection. Reads the whole table: a rare question, for which no index is kept.
    ///
    /// # Errors
    /// [`RegistryError::Selection`] when there are more than
    /// [`limits::REVOCATION_SELECTION`]; a key of impossible size; or the database.
    pub async fn select(&self, selection: &Selection, now: Timestamp) -> Result<Selected, RegistryError> {
        let Selection { facility, operator, lot, .. } = selection;
        for (field, text) in [("facility", facility), ("operator", operator), ("batch number", lot)] {
            if let Some(text) = text {
                check_key(0, field, text)?;
            }
        }
        let lot = lot.as_deref().map(|lot| lot.trim().to_ascii_uppercase());
        let (from, until) = (selection.given_from.map(|d| d.to_string()), selection.given_until.map(|d| d.to_string()));
        let issued = |at: Option<Timestamp>, open| Value::Int(at.map_or(open, Timestamp::as_millisecond));
        let conditions = [
            Value::OptText(facility.as_deref()),
            Value::OptText(operator.as_deref()),
            Value::OptText(lot.as_deref()),
            issued(selection.issued_from, i64::MIN),
            issued(selection.issued_until, i64::MAX),
            Value::OptText(from.as_deref()),
            Value::OptText(until.as_deref()),
        ];
        // One view of the table for all questions.
        let mut tx = self.read().await?;
        let mut certificates = Vec::new();
        let mut after = 0;
        loop {
            let values = [&conditions[..], &[Value::Int(after), Value::Int(PAGE)]].concat();
            let rows = tx.fetch(FOUND, &values).await.map_err(self.say())?;
            for row in &rows {
                after = row.int(0).map_err(self.say())?;
                certificates.push(Found {
                    id: row.text(1).map_err(self.say())?,
                    issued_at: self.time(row.int(2).map_err(self.say())?, "issued_at")?,
                    origin: self.origin(row, 3)?,
                });
            }
            if certificates.len() > limits::REVOCATION_SELECTION {
                return Err(RegistryError::Selection);
            }
            if rows.is_empty() {
                break;
            }
        }
        let possible = self.count(&mut tx, POSSIBLE, &conditions).await?;
        let at = [&conditions[..], &[Value::Int(now.as_millisecond())]].concat();
        let signing = self.count(&mut tx, SIGNING, &at).await?;
        let known = u64::try_from(certificates.len()).unwrap_or(u64::MAX);
        Ok(Selected { certificates, unknown: possible.saturating_sub(known), signing })
    }

    async fn count(&self, tx: &mut Tx, sql: &'static str, values: &[Value<'_>]) -> Result<u64, RegistryError> {
        let rows = tx.fetch(sql, values).await.map_err(self.say())?;
        let count = rows.first().map_or(Ok(0), |row| row.int(0)).map_err(self.say())?;
        u64::try_from(count).map_err(|_| self.row("count"))
    }
}
