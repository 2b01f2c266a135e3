//! Records of the source that have no certificate, and why: the list by which a ministry mends its data.
//!
//! Written by every pass over the source. Nothing of a person stands in it but UIDs: a reason is its code and the
//! field at fault, and its words are those of the program's tables. A row goes when its record is issued, when its
//! person is read without it, or when a pass over everybody did not meet it.
//!
//! | table | column | meaning |
//! |---|---|---|
//! | `refusal` | `tracked_entity`, `event` | UID of the person, and key of the record |
//! | | `facility` | UID of the org unit of the event |
//! | | `standing` | the certificate that still stands, of a record that was changed after it was issued |
//! | | `first_seen`, `last_seen` | since when it is refused, and when that was last found |
//! | `refusal_reason` | `place`, `code`, `field` | its reasons, in order |
//! | `facility` | `uid`, `name` | names of org units, as the source last told them |

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::{
    Registry, RegistryError, check_batch, check_key,
    sql::{Row, Tx, Value},
};
use crate::limits;

const KNOWN: &str = "SELECT r.tracked_entity, r.event, r.first_seen FROM (VALUES {}) AS v JOIN refusal AS r \
     ON r.tracked_entity = v.column1";
const REMOVE: &str = "DELETE FROM refusal WHERE (tracked_entity, event) IN (VALUES {})";
const REMOVE_REASONS: &str = "DELETE FROM refusal_reason WHERE (tracked_entity, event) IN (VALUES {})";
const ADD: &str = "INSERT INTO refusal (tracked_entity, event, facility, standing, first_seen, last_seen) VALUES {} \
     ON CONFLICT (tracked_entity, event) DO UPDATE SET facility = excluded.facility, standing = excluded.standing, \
     last_seen = excluded.last_seen";
const ADD_REASONS: &str = "INSERT INTO refusal_reason (tracked_entity, event, place, code, field) VALUES {}";
const NAME: &str = "INSERT INTO facility (uid, name) VALUES {} ON CONFLICT (uid) DO UPDATE SET name = excluded.name \
     WHERE facility.name <> excluded.name";
const NAMES: &str = "SELECT uid, name FROM facility WHERE uid IN (SELECT v.column1 FROM (VALUES {}) AS v)";
const STALE_REASONS: &str = "DELETE FROM refusal_reason WHERE EXISTS (SELECT 1 FROM refusal AS r \
     WHERE r.tracked_entity = refusal_reason.tracked_entity AND r.event = refusal_reason.event AND r.last_seen < $1)";
const STALE: &str = "DELETE FROM refusal WHERE last_seen < $1";

/// Conditions: $1 reason, $2 facility; $3 and $4 the last row of the page before.
const PAGE: &str = "SELECT r.tracked_entity, r.event, r.facility, r.standing, r.first_seen, r.last_seen \
     FROM refusal AS r WHERE ($1 IS NULL OR EXISTS (SELECT 1 FROM refusal_reason AS w \
     WHERE w.tracked_entity = r.tracked_entity AND w.event = r.event AND w.code = $1)) \
     AND ($2 IS NULL OR r.facility = $2) AND (r.tracked_entity, r.event) > ($3, $4) \
     ORDER BY r.tracked_entity, r.event LIMIT $5";
const REASONS: &str = "SELECT w.tracked_entity, w.event, w.code, w.field FROM (VALUES {}) AS v \
     JOIN refusal_reason AS w ON w.tracked_entity = v.column1 AND w.event = v.column2 \
     ORDER BY w.tracked_entity, w.event, w.place";
const OF_PERSON: &str = "SELECT r.tracked_entity, r.event, r.facility, r.standing, r.first_seen, r.last_seen \
     FROM refusal AS r WHERE r.tracked_entity = $1 ORDER BY r.event LIMIT $2";
const BY_REASON: &str = "SELECT w.code, r.facility, count(*) FROM refusal_reason AS w JOIN refusal AS r \
     ON r.tracked_entity = w.tracked_entity AND r.event = w.event WHERE w.place = 0 GROUP BY w.code, r.facility";

/// A record that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// UID of the person in the source.
    pub tracked_entity: String,
    /// Key of the record.
    pub event: String,
    /// UID of the org unit of the event.
    pub facility: Option<String>,
    /// The certificate that still stands.
    pub standing: Option<String>,
    /// Why: code, and the field at fault.
    pub reasons: Vec<(String, Option<String>)>,
}

/// A record that is refused, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusing {
    /// The record.
    pub refused: Refused,
    /// Since when it is refused.
    pub first_seen: Timestamp,
    /// When that was last found.
    pub last_seen: Timestamp,
}

/// Which refused records are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefusedPage {
    /// Those with this reason.
    pub code: Option<String>,
    /// Those of this facility.
    pub facility: Option<String>,
    /// Those behind this person and record.
    pub after: Option<(String, String)>,
    /// At most so many.
    pub limit: u32,
}

/// How many records are refused first of all for one reason at one facility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedCount {
    /// The first reason.
    pub code: String,
    /// The facility, where it is known.
    pub facility: Option<String>,
    /// How many records.
    pub count: u64,
}

impl Registry {
    /// Notes what became of people who were read whole, at most [`limits::REGISTRY_BATCH`] people and as many records:
    /// `refused` are all their refused records, and any other of theirs is refused no more.
    ///
    /// # Errors
    /// A key of impossible size, or the database; nothing is written then.
    pub async fn note_refusals(
        &self,
        people: &[&str],
        refused: &[Refused],
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        check_batch(people.len())?;
        check_batch(refused.len())?;
        for (index, one) in refused.iter().enumerate() {
            check_key(index, "tracked entity", &one.tracked_entity)?;
            check_key(index, "event", &one.event)?;
        }
        let say = self.say();
        let asked: Vec<_> = people.iter().filter(|uid| !uid.contains('\0')).map(|uid| [Value::Text(uid)]).collect();
        // Nearly always there is nothing to change, and then nothing is written.
        let known = self.look_many(KNOWN, &asked).await?;
        if known.is_empty() && refused.is_empty() {
            return Ok(());
        }
        let mut tx = self.write().await?;
        let known = tx.fetch_many(KNOWN, &asked).await.map_err(&say)?;
        let known: Vec<(String, String)> = known
            .iter()
            .map(|row| Ok((row.text(0)?, row.text(1)?)))
            .collect::<Result<_, sqlx::Error>>()
            .map_err(&say)?;
        let still: HashSet<(&str, &str)> =
            refused.iter().map(|r| (r.tracked_entity.as_str(), r.event.as_str())).collect();
        let keys: Vec<_> = known.iter().map(|(person, event)| [Value::Text(person), Value::Text(event)]).collect();
        tx.run_many(REMOVE_REASONS, &keys).await.map_err(&say)?;
        let gone: Vec<_> = known.iter().filter(|(p, e)| !still.contains(&(p.as_str(), e.as_str()))).collect();
        let gone: Vec<_> = gone.into_iter().map(|(person, event)| [Value::Text(person), Value::Text(event)]).collect();
        tx.run_many(REMOVE, &gone).await.map_err(&say)?;
        self.add_refused(&mut tx, refused, now).await?;
        tx.commit().await.map_err(&say)
    }

    async fn add_refused(&self, tx: &mut Tx, refused: &[Refused], now: Timestamp) -> Result<(), RegistryError> {
        let at = Value::Int(now.as_millisecond());
        let (mut rows, mut reasons) = (Vec::new(), Vec::new());
        // A record that is named twice in one batch: the later word counts.
        let once: BTreeMap<(&str, &str), &Refused> =
            refused.iter().map(|one| ((one.tracked_entity.as_str(), one.event.as_str()), one)).collect();
        for ((person, event), one) in once {
            let key = [Value::Text(person), Value::Text(event)];
            let [person, event] = key;
            let facility = one.facility.as_deref().filter(|uid| check_key(0, "facility", uid).is_ok());
            rows.push([person, event, Value::OptText(facility), Value::OptText(one.standing.as_deref()), at, at]);
            for (place, (code, field)) in (0..limits::REFUSAL_REASONS).zip(&one.reasons) {
                check_key(0, "code", code)?;
                let field = field.as_deref().filter(|field| check_key(0, "field", field).is_ok());
                reasons.push([person, event, Value::Int(place), Value::Text(code), Value::OptText(field)]);
            }
        }
        tx.run_many(ADD, &rows).await.map_err(self.say())?;
        tx.run_many(ADD_REASONS, &reasons).await.map_err(self.say())?;
        Ok(())
    }

    /// Forgets refused records that were last found before this time: a pass over everybody that began then has met
    /// all that there are.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget_refusals(&self, before: Timestamp) -> Result<u64, RegistryError> {
        let mut tx = self.write().await?;
        let values = [Value::Int(before.as_millisecond())];
        tx.run(STALE_REASONS, &values).await.map_err(self.say())?;
        let gone = tx.run(STALE, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(gone)
    }

    /// Notes the names of facilities. What cannot be kept is left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn name_facilities(&self, names: &BTreeMap<String, String>) -> Result<(), RegistryError> {
        let fits = |(uid, name): &(&String, &String)| {
            check_key(0, "facility", uid).is_ok() && check_key(0, "name", name).is_ok()
        };
        let rows: Vec<_> = names.iter().filter(fits).map(|(uid, name)| [Value::Text(uid), Value::Text(name)]).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let mut tx = self.write().await?;
        tx.run_many(NAME, &rows).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// The names of these facilities, where they are known.
    ///
    /// # Errors
    /// The database's.
    pub async fn facility_names(&self, uids: &[&str]) -> Result<HashMap<String, String>, RegistryError> {
        let rows: Vec<_> = uids.iter().filter(|uid| !uid.contains('\0')).map(|uid| [Value::Text(uid)]).collect();
        let mut tx = self.read().await?;
        let mut names = HashMap::new();
        for row in tx.fetch_many(NAMES, &rows).await.map_err(self.say())? {
            names.insert(row.text(0).map_err(self.say())?, row.text(1).map_err(self.say())?);
        }
        Ok(names)
    }

    /// A page of the refused records, in the order of their UIDs.
    ///
    /// # Errors
    /// A key of impossible size, or the database.
    pub async fn refused(&self, page: &RefusedPage) -> Result<Vec<Refusing>, RegistryError> {
        for (field, text) in [("code", &page.code), ("facility", &page.facility)] {
            if let Some(text) = text {
                check_key(0, field, text)?;
            }
        }
        let (person, event) = page.after.as_ref().map_or(("", ""), |(p, e)| (p.as_str(), e.as_str()));
        if person.contains('\0') || event.contains('\0') {
            return Ok(Vec::new());
        }
        let limit = i64::from(page.limit).min(i64::try_from(limits::REGISTRY_BATCH).unwrap_or(i64::MAX));
        let values = [
            Value::OptText(page.code.as_deref()),
            Value::OptText(page.facility.as_deref()),
            Value::Text(person),
            Value::Text(event),
            Value::Int(limit),
        ];
        let mut tx = self.read().await?;
        let rows = tx.fetch(PAGE, &values).await.map_err(self.say())?;
        self.refusing(&mut tx, &rows).await
    }

    /// The refused records of a person.
    ///
    /// # Errors
    /// A key of impossible size, or the database.
    pub async fn refused_of(&self, tracked_entity: &str) -> Result<Vec<Refusing>, RegistryError> {
        check_key(0, "tracked entity", tracked_entity)?;
        let values = [Value::Text(tracked_entity), Value::Int(limits::REGISTRY_PERSON_ROWS)];
        let mut tx = self.read().await?;
        let rows = tx.fetch(OF_PERSON, &values).await.map_err(self.say())?;
        self.refusing(&mut tx, &rows).await
    }

    /// How many records are refused, by their first reason and their facility.
    ///
    /// # Errors
    /// The database's.
    pub async fn refused_counts(&self) -> Result<Vec<RefusedCount>, RegistryError> {
        let mut tx = self.read().await?;
        let rows = tx.fetch(BY_REASON, &[]).await.map_err(self.say())?;
        let mut counts = Vec::with_capacity(rows.len());
        for row in &rows {
            counts.push(RefusedCount {
                code: row.text(0).map_err(self.say())?,
                facility: row.opt_text(1).map_err(self.say())?,
                count: u64::try_from(row.int(2).map_err(self.say())?).map_err(|_| self.row("count"))?,
            });
        }
        Ok(counts)
    }

    async fn refusing(&self, tx: &mut Tx, rows: &[Row]) -> Result<Vec<Refusing>, RegistryError> {
        let say = self.say();
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let refused = Refused {
                tracked_entity: row.text(0).map_err(&say)?,
                event: row.text(1).map_err(&say)?,
                facility: row.opt_text(2).map_err(&say)?,
                standing: row.opt_text(3).map_err(&say)?,
                reasons: Vec::new(),
            };
            let first_seen = self.time(row.int(4).map_err(&say)?, "first_seen")?;
            let last_seen = self.time(row.int(5).map_err(&say)?, "last_seen")?;
            found.push(Refusing { refused, first_seen, last_seen });
        }
        let keys: Vec<_> = found
            .iter()
            .map(|one| [Value::Text(&one.refused.tracked_entity), Value::Text(&one.refused.event)])
            .collect();
        let mut reasons: HashMap<(String, String), Vec<(String, Option<String>)>> = HashMap::new();
        for row in tx.fetch_many(REASONS, &keys).await.map_err(&say)? {
            let key = (row.text(0).map_err(&say)?, row.text(1).map_err(&say)?);
            let reason = (row.text(2).map_err(&say)?, row.opt_text(3).map_err(&say)?);
            reasons.entry(key).or_default().push(reason);
        }
        for Refusing { refused, .. } in &mut found {
            let key = (refused.tracked_entity.clone(), refused.event.clone());
            refused.reasons = reasons.remove(&key).unwrap_or_default();
        }
        Ok(found)
    }
}
