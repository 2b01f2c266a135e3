//! What an examination holds against the log: every certificate with the rows that tell of it, the certificates that
//! stand, and counts by facility.

use std::collections::{BTreeMap, HashMap};

use jiff::{Timestamp, civil::Date};

use super::Export;
use crate::registry::{
    Reason, Registry, RegistryError, Sealed, check_batch,
    sql::{Tx, Value},
};

pub(in crate::registry) const HELD: &str = "SELECT id, format, content, text, kid, algorithm, issued_at, expires_at, \
     listed_as, number, tracked_entity, event, superseded_by, revoked FROM certificate WHERE number > $1 \
     ORDER BY number LIMIT $2";
pub(in crate::registry) const TOLD: &str = "SELECT a.object, a.action, a.record, a.actor, a.reason \
     FROM (VALUES {}) AS v JOIN audit AS a ON a.object = v.column1 \
     WHERE a.object_kind = 'certificate' AND a.action IN ('issue', 'add', 'correct', 'renew', 'revoke', 'undo')";
pub(in crate::registry) const LOGGED: &str = "SELECT r.certificate, r.number, r.action, r.reason \
     FROM (VALUES {}) AS v JOIN revocation AS r ON r.certificate = v.column1 ORDER BY r.number";
pub(in crate::registry) const STANDING: &str = "SELECT c.tracked_entity, c.event, c.id, c.facility, c.given_on \
     FROM (VALUES {}) AS v JOIN certificate AS c ON c.tracked_entity = v.column1 \
     AND c.live IS NOT NULL AND c.revoked IS NULL";
const STANDING_ALL: &str = "SELECT tracked_entity, event, id, facility, given_on, number FROM certificate \
     WHERE number > $1 AND live IS NOT NULL AND revoked IS NULL ORDER BY number LIMIT $2";
const ISSUED: &str = "SELECT c.facility, count(*) FROM audit AS a JOIN certificate AS c ON c.id = a.object \
     WHERE a.at >= $1 AND a.at < $2 AND a.action IN ('issue', 'correct', 'renew') AND c.facility IS NOT NULL \
     GROUP BY c.facility";
const REVOKED: &str = "SELECT c.facility, count(*) FROM audit AS a JOIN certificate AS c ON c.id = a.object \
     WHERE a.at >= $1 AND a.at < $2 AND a.action = 'revoke' AND a.reason <> $3 AND c.facility IS NOT NULL \
     GROUP BY c.facility";
const STAND: &str = "SELECT facility, count(*) FROM certificate \
     WHERE live IS NOT NULL AND revoked IS NULL AND facility IS NOT NULL GROUP BY facility";
const FACILITIES: &str = "SELECT uid FROM facility ORDER BY uid";
const BASES: &str = "SELECT name, value FROM meta WHERE name = $1 OR name = $2";
const CERTIFICATE_BASE: &str = "audit after certificate";
const REVOCATION_BASE: &str = "audit after revocation";

/// A certificate with what the logs tell of it. Personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    /// Its number: the order of storing.
    pub number: u64,
    /// Its envelopes.
    pub sealed: Sealed,
    /// UID of the person.
    pub tracked_entity: String,
    /// Key of the record.
    pub event: String,
    /// The certificate that took its place.
    pub superseded_by: Option<String>,
    /// Why it is revoked, if it is.
    pub revoked: Option<Reason>,
    /// What the latest record of the log of revocations says.
    pub logged: Option<Reason>,
    /// How the audit log tells of its issue.
    pub told: Told,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").field("number", &self.number).field("id", &self.sealed.id).finish_non_exhaustive()
    }
}

/// How the audit log tells of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// It was issued before there was a log.
    Before,
    /// Record, operator and reason of its issue are there, and every revocation has its row.
    Whole,
    /// There is no row of its issue.
    Missing,
    /// A row of its issue lacks record, operator or reason, or names another record.
    Wrong,
    /// The log of revocations has other rows than the audit log.
    Revocations,
}

/// A certificate that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// UID of the person.
    pub tracked_entity: String,
    /// Key of the record.
    pub event: String,
    /// Its identifier.
    pub id: String,
    /// UID of the facility, where it is known.
    pub facility: Option<String>,
    /// Day of the dose, where it is known.
    pub given_on: Option<Date>,
}

/// Counts of one facility.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FacilityCounts {
    /// Certificates issued in the span of time, corrections and renewals with them.
    pub issued: u64,
    /// Certificates revoked in the span of time, but for those that a correction took the place of.
    pub revoked: u64,
    /// Certificates that stand now.
    pub standing: u64,
}

#[derive(Default)]
struct Rows {
    issues: u32,
    wrong: bool,
    revocations: u32,
}

impl Registry {
    /// Certificates after a number, in the order of storing and with all that the logs tell of them, at most `limit`.
    /// Those that are superseded, withdrawn and revoked come too.
    ///
    /// # Errors
    /// [`RegistryError::Batch`] for more than one batch, or the database's.
    pub async fn examined(&self, after: u64, limit: u32) -> Result<Vec<Held>, RegistryError> {
        check_batch(usize::try_from(limit).unwrap_or(usize::MAX))?;
        let say = self.say();
        let mut tx = self.read().await?;
        let bases = self.bases(&mut tx).await?;
        let values = [Value::Int(whole(after)), Value::Int(i64::from(limit))];
        let mut held = Vec::new();
        for row in tx.fetch(HELD, &values).await.map_err(&say)? {
            held.push(Held {
                number: u64::try_from(row.int(9).map_err(&say)?).map_err(|_| self.row("number"))?,
                sealed: self.sealed(&row)?,
                tracked_entity: row.text(10).map_err(&say)?,
                event: row.text(11).map_err(&say)?,
                superseded_by: row.opt_text(12).map_err(&say)?,
                revoked: self.reason(row.opt_text(13).map_err(&say)?)?,
                logged: None,
                told: Told::Missing,
            });
        }
        let mut further = self.further(&mut tx, held.iter().map(|one| one.sealed.id.as_str())).await?;
        let ids: Vec<String> = held.iter().map(|one| one.sealed.id.clone()).collect();
        let rows: Vec<_> = ids.iter().map(|id| [Value::Text(id)]).collect();
        let records: HashMap<&str, String> = held
            .iter()
            .zip(&ids)
            .map(|(one, id)| (id.as_str(), format!("{}/{}", one.tracked_entity, one.event)))
            .collect();
        let mut told: HashMap<String, Rows> = HashMap::new();
        for row in tx.fetch_many(TOLD, &rows).await.map_err(&say)? {
            let id = row.text(0).map_err(&say)?;
            let action = row.text(1).map_err(&say)?;
            let (record, actor) = (row.opt_text(2).map_err(&say)?, row.opt_text(3).map_err(&say)?);
            let complete = actor.is_some()
                && row.opt_text(4).map_err(&say)?.is_some()
                && record.as_ref() == records.get(id.as_str());
            let rows = told.entry(id).or_default();
            if matches!(action.as_str(), "revoke" | "undo") {
                rows.revocations += 1;
            } else {
                rows.wrong |= !complete;
                rows.issues += u32::from(action != "add");
            }
        }
        let mut logged: HashMap<String, (u32, Option<Reason>)> = HashMap::new();
        for row in tx.fetch_many(LOGGED, &rows).await.map_err(&say)? {
            let number = row.int(1).map_err(&say)?;
            let revokes = row.text(2).map_err(&say)? == "revoke";
            let reason = self.reason(row.opt_text(3).map_err(&say)?)?.filter(|_| revokes);
            let known = logged.entry(row.text(0).map_err(&say)?).or_default();
            known.0 += u32::from(number > bases.1);
            known.1 = reason;
        }
        for one in &mut held {
            one.sealed.envelopes.extend(further.remove(&one.sealed.id).unwrap_or_default());
            let (count, latest) = logged.remove(&one.sealed.id).unwrap_or_default();
            one.logged = latest;
            let rows = told.remove(&one.sealed.id).unwrap_or_default();
            let early = whole(one.number) <= bases.0;
            one.told = match rows {
                rows if rows.revocations != count => Told::Revocations,
                _ if early => Told::Before,
                rows if rows.wrong => Told::Wrong,
                rows if rows.issues == 0 => Told::Missing,
                rows if rows.issues > 1 => Told::Wrong,
                _ => Told::Whole,
            };
        }
        Ok(held)
    }

    /// Numbers of the last certificate and the last revocation from before there was an audit log.
    async fn bases(&self, tx: &mut Tx) -> Result<(i64, i64), RegistryError> {
        let values = [Value::Text(CERTIFICATE_BASE), Value::Text(REVOCATION_BASE)];
        let mut found = (0, 0);
        for row in tx.fetch(BASES, &values).await.map_err(self.say())? {
            let number = row.text(1).map_err(self.say())?.parse().map_err(|_| self.row("value"))?;
            let name = row.text(0).map_err(self.say())?;
            *(if name == CERTIFICATE_BASE { &mut found.0 } else { &mut found.1 }) = number;
        }
        Ok(found)
    }

    /// The certificates of these persons that stand, at most one batch of persons.
    ///
    /// # Errors
    /// [`RegistryError::Batch`], or the database's.
    pub async fn standing_of(&self, people: &[&str]) -> Result<Vec<Standing>, RegistryError> {
        check_batch(people.len())?;
        let rows: Vec<_> = people.iter().filter(|uid| !uid.contains('\0')).map(|uid| [Value::Text(uid)]).collect();
        let rows = self.look_many(STANDING, &rows).await?;
        rows.iter().map(|row| self.standing_row(row)).collect()
    }

    /// Certificates that stand, after a number and in the order of storing, at most `limit`; with the number to go
    /// on from.
    ///
    /// # Errors
    /// The database's.
    pub async fn standing(&self, after: u64, limit: u32) -> Result<(Vec<Standing>, u64), RegistryError> {
        let values = [Value::Int(whole(after)), Value::Int(i64::from(limit))];
        let mut tx = self.read().await?;
        let rows = tx.fetch(STANDING_ALL, &values).await.map_err(self.say())?;
        let last = rows.last().map(|row| row.int(5)).transpose().map_err(self.say())?;
        let standing = rows.iter().map(|row| self.standing_row(row)).collect::<Result<_, _>>()?;
        Ok((standing, last.and_then(|last| u64::try_from(last).ok()).unwrap_or(after)))
    }

    fn standing_row(&self, row: &crate::registry::sql::Row) -> Result<Standing, RegistryError> {
        let say = self.say();
        let day = row.opt_text(4).map_err(&say)?;
        Ok(Standing {
            tracked_entity: row.text(0).map_err(&say)?,
            event: row.text(1).map_err(&say)?,
            id: row.text(2).map_err(&say)?,
            facility: row.opt_text(3).map_err(&say)?,
            given_on: day.map(|day| day.parse().map_err(|_| self.row("given_on"))).transpose()?,
        })
    }

    /// The facilities whose names the source told.
    ///
    /// # Errors
    /// The database's.
    pub async fn known_facilities(&self) -> Result<Vec<String>, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(FACILITIES, &[]).await.map_err(self.say())?;
        rows.iter().map(|row| row.text(0).map_err(self.say())).collect()
    }

    /// Counts by facility: what was issued and revoked in a span of time, and what stands now. Certificates whose
    /// facility is not known are in none. Reads the whole table for what stands.
    ///
    /// # Errors
    /// The database's.
    pub async fn facility_counts(&self, span: Export) -> Result<BTreeMap<String, FacilityCounts>, RegistryError> {
        let time = |at: Timestamp| Value::Int(at.as_millisecond());
        let (from, until) = (time(span.from), time(span.until));
        let mut counts: BTreeMap<String, FacilityCounts> = BTreeMap::new();
        let mut tx = self.read().await?;
        let corrected = Value::Text(Reason::Superseded.as_str());
        let questions: [(&'static str, Vec<Value<'_>>, fn(&mut FacilityCounts) -> &mut u64); 3] = [
            (ISSUED, vec![from, until], |counts| &mut counts.issued),
            (REVOKED, vec![from, until, corrected], |counts| &mut counts.revoked),
            (STAND, Vec::new(), |counts| &mut counts.standing),
        ];
        for (sql, values, place) in questions {
            for row in tx.fetch(sql, &values).await.map_err(self.say())? {
                let many = u64::try_from(row.int(1).map_err(self.say())?).map_err(|_| self.row("count"))?;
                *place(counts.entry(row.text(0).map_err(self.say())?).or_default()) = many;
            }
        }
        Ok(counts)
    }
}

/// A number as the database has it.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
