//! People who seem to be in the source twice: found by a reconciliation, mended in the source.
//!
//! Stored: UIDs of the two people and of a facility of each, numbers of doses for which both hold a certificate, and since
//! when. The names and dates of birth that were compared are kept nowhere. Each reconciliation puts its list in the place
//! of the one before, so that a pair is gone when it was mended.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{Registry, RegistryError, check_key, sql::Value};
use crate::limits;

const KNOWN: &str = "SELECT tracked_entity, other, first_seen FROM duplicate_person";
const CLEAR: &str = "DELETE FROM duplicate_person";
const ADD: &str = "INSERT INTO duplicate_person (tracked_entity, facility, other, other_facility, doses, first_seen) \
     VALUES {}";
/// $1 a facility, of whichever of the two; $2 the last one of the page before.
const PAGE: &str = "SELECT tracked_entity, facility, other, other_facility, doses, first_seen FROM duplicate_person \
     WHERE ($1 IS NULL OR facility = $1 OR other_facility = $1) AND tracked_entity > $2 \
     ORDER BY tracked_entity LIMIT $3";
const FACILITIES: &str = "SELECT DISTINCT facility FROM duplicate_person WHERE facility IS NOT NULL \
     UNION SELECT DISTINCT other_facility FROM duplicate_person WHERE other_facility IS NOT NULL";

/// Two people of the source who have the same name and date of birth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// UID of the one that was met later.
    pub tracked_entity: String,
    /// UID of a facility where she had a dose.
    pub facility: Option<String>,
    /// UID of the one that was met first.
    pub other: String,
    /// UID of a facility where he had one.
    pub other_facility: Option<String>,
    /// Numbers of the doses for which both hold a certificate.
    pub doses: Vec<u8>,
}

impl Registry {
    /// Puts these in the place of all that were noted before; a pair that was known keeps its day. At most
    /// [`AUDIT_LISTED`](limits::AUDIT_LISTED) are kept.
    ///
    /// # Errors
    /// A key of impossible size, or the database; then nothing is changed.
    pub async fn note_duplicates(&self, all: &[Duplicate], now: Timestamp) -> Result<(), RegistryError> {
        let mut all: Vec<&Duplicate> = all.iter().take(limits::AUDIT_LISTED).collect();
        all.sort_by(|a, b| a.tracked_entity.cmp(&b.tracked_entity));
        all.dedup_by(|a, b| a.tracked_entity == b.tracked_entity);
        for (index, one) in all.iter().enumerate() {
            check_key(index, "tracked entity", &one.tracked_entity)?;
            check_key(index, "tracked entity", &one.other)?;
        }
        let say = self.say();
        let mut tx = self.write().await?;
        let mut known: HashMap<(String, String), i64> = HashMap::new();
        for row in tx.fetch(KNOWN, &[]).await.map_err(&say)? {
            let pair = (row.text(0).map_err(&say)?, row.text(1).map_err(&say)?);
            known.insert(pair, row.int(2).map_err(&say)?);
        }
        let fits = |uid: &Option<String>| uid.as_deref().is_some_and(|uid| check_key(0, "facility", uid).is_ok());
        let doses: Vec<String> = all.iter().map(|one| written(&one.doses)).collect();
        let rows: Vec<_> = all
            .iter()
            .zip(&doses)
            .map(|(one, doses)| {
                let since = known.get(&(one.tracked_entity.clone(), one.other.clone()));
                [
                    Value::Text(&one.tracked_entity),
                    Value::OptText(one.facility.as_deref().filter(|_| fits(&one.facility))),
                    Value::Text(&one.other),
                    Value::OptText(one.other_facility.as_deref().filter(|_| fits(&one.other_facility))),
                    Value::Text(doses),
                    Value::Int(since.copied().unwrap_or(now.as_millisecond())),
                ]
            })
            .collect();
        tx.run(CLEAR, &[]).await.map_err(&say)?;
        tx.run_many(ADD, &rows).await.map_err(&say)?;
        tx.commit().await.map_err(&say)
    }

    /// People who seem to be twice in the source, after one of them, in the order of their UIDs, at most `limit`, with
    /// since when each is known; those of a facility where one is named.
    ///
    /// # Errors
    /// A key of impossible size, or the database.
    pub async fn duplicates(
        &self,
        facility: Option<&str>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(Duplicate, Timestamp)>, RegistryError> {
        facility.map_or(Ok(()), |uid| check_key(0, "facility", uid))?;
        if after.contains('\0') {
            return Ok(Vec::new());
        }
        let say = self.say();
        let mut tx = self.read().await?;
        let values = [Value::OptText(facility), Value::Text(after), Value::Int(i64::from(limit))];
        let rows = tx.fetch(PAGE, &values).await.map_err(&say)?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let one = Duplicate {
                tracked_entity: row.text(0).map_err(&say)?,
                facility: row.opt_text(1).map_err(&say)?,
                other: row.text(2).map_err(&say)?,
                other_facility: row.opt_text(3).map_err(&say)?,
                doses: row.text(4).map_err(&say)?.split(',').filter_map(|number| number.parse().ok()).collect(),
            };
            found.push((one, self.time(row.int(5).map_err(&say)?, "first_seen")?));
        }
        Ok(found)
    }

    /// UIDs of the facilities at which somebody seems to be twice.
    ///
    /// # Errors
    /// The database's.
    pub async fn duplicate_facilities(&self) -> Result<Vec<String>, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(FACILITIES, &[]).await.map_err(self.say())?;
        rows.iter().map(|row| row.text(0).map_err(self.say())).collect()
    }
}

fn written(doses: &[u8]) -> String {
    doses.iter().map(u8::to_string).collect::<Vec<_>>().join(",")
}
