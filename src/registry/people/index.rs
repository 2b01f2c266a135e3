//! Who can be found by which identifier.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    super::{
        Registry, RegistryError, check_batch, check_key,
        sql::{Tx, Value},
    },
    Mark, bytes, same,
};

const FORGET: &str = "DELETE FROM person WHERE tracked_entity IN ({})";
// Only people who have a certificate are there to be found.
const ENTER: &str = "INSERT INTO person (tracked_entity, birth, contact, language, seen_at) \
     SELECT v.column1, v.column2, v.column3, v.column4, v.column5 FROM (VALUES {}) AS v \
     WHERE EXISTS (SELECT 1 FROM certificate AS c WHERE c.tracked_entity = v.column1)";
const NAME: &str = "INSERT INTO person_identifier (kind, mark, tracked_entity, birth) \
     SELECT v.column1, v.column2, v.column3, v.column4 FROM (VALUES {}) AS v \
     WHERE EXISTS (SELECT 1 FROM person AS p WHERE p.tracked_entity = v.column3)";
const FIND: &str = "SELECT p.tracked_entity, p.contact, p.language, p.birth, i.birth FROM person_identifier AS i \
     JOIN person AS p ON p.tracked_entity = i.tracked_entity WHERE i.kind = $1 AND i.mark = $2 \
     ORDER BY p.seen_at DESC, p.tracked_entity LIMIT 64";
const KNOWN: &str = "SELECT tracked_entity, contact, language, birth FROM person WHERE tracked_entity = $1";

/// A person as the source tells it, in marks.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonMarks {
    /// UID of the person in the source.
    pub tracked_entity: String,
    /// Date of birth, bound to the person.
    pub birth: Mark,
    /// Telephone number or e-mail address.
    pub contact: Option<Mark>,
    /// Language of messages.
    pub language: Option<String>,
    /// Kind of an identifier, its mark, and the date of birth bound to it.
    pub identifiers: Vec<(String, Mark, Mark)>,
}

impl std::fmt::Debug for PersonMarks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonMarks({})", self.tracked_entity)
    }
}

/// Somebody who was found.
#[derive(Clone, PartialEq, Eq)]
pub struct IndexedPerson {
    /// UID of the person in the source.
    pub tracked_entity: String,
    /// Mark of the telephone number or e-mail address.
    pub contact: Option<Mark>,
    /// Language of messages.
    pub language: Option<String>,
    /// Mark of the date of birth, bound to the person.
    pub birth: Mark,
}

impl std::fmt::Debug for IndexedPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IndexedPerson({})", self.tracked_entity)
    }
}

impl Registry {
    /// Enters people as the source tells them now, and forgets those that it has no longer. Whoever has no certificate
    /// is not entered.
    ///
    /// # Errors
    /// More than one batch, a key of impossible size, or the database.
    pub async fn index_people(
        &self,
        people: &[PersonMarks],
        gone: &[String],
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        check_batch(people.len().saturating_add(gone.len()))?;
        // A page that was read twice brings a person twice: the later one counts.
        let mut last: BTreeMap<&str, &PersonMarks> = BTreeMap::new();
        for (index, person) in people.iter().enumerate() {
            check_key(index, "tracked entity", &person.tracked_entity)?;
            for (kind, ..) in &person.identifiers {
                check_key(index, "kind of identifier", kind)?;
            }
            last.insert(&person.tracked_entity, person);
        }
        for (index, person) in gone.iter().enumerate() {
            check_key(index, "tracked entity", person)?;
        }
        let forgotten: BTreeSet<&str> = last.keys().copied().chain(gone.iter().map(String::as_str)).collect();
        if forgotten.is_empty() {
            return Ok(());
        }
        let at = Value::Int(now.as_millisecond());
        let mut entered = Vec::new();
        let mut named = Vec::new();
        for person in last.values() {
            let who = Value::Text(&person.tracked_entity);
            let language = Value::OptText(person.language.as_deref());
            entered.push([
                who,
                Value::Bytes(&person.birth),
                Value::Bytes(bytes(person.contact.as_ref())),
                language,
                at,
            ]);
            let distinct: BTreeMap<(&str, &Mark), &Mark> =
                person.identifiers.iter().map(|(kind, mark, birth)| ((kind.as_str(), mark), birth)).collect();
            for ((kind, mark), birth) in distinct {
                named.push([Value::Text(kind), Value::Bytes(mark), who, Value::Bytes(birth)]);
            }
        }
        let mut tx = self.write().await?;
        let rows: Vec<_> = forgotten.iter().map(|person| [Value::Text(person)]).collect();
        tx.run_many(FORGET, &rows).await.map_err(self.say())?;
        tx.run_many(ENTER, &entered).await.map_err(self.say())?;
        tx.run_many(NAME, &named).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// The people of an identifier whose date of birth is one of these marks (bound to the identifier).
    ///
    /// # Errors
    /// The database's.
    pub async fn find_people(
        &self,
        kind: &str,
        mark: &Mark,
        births: &[Mark],
    ) -> Result<Vec<IndexedPerson>, RegistryError> {
        let mut tx = self.read().await?;
        self.find_people_in(&mut tx, kind, mark, births).await
    }

    pub(super) async fn find_people_in(
        &self,
        tx: &mut Tx,
        kind: &str,
        mark: &[u8],
        births: &[Mark],
    ) -> Result<Vec<IndexedPerson>, RegistryError> {
        let rows = tx.fetch(FIND, &[Value::Text(kind), Value::Bytes(mark)]).await.map_err(self.say())?;
        let mut found = Vec::new();
        for row in &rows {
            let born = row.bytes(4).map_err(self.say())?;
            if births.iter().fold(false, |any, birth| same(birth, &born) | any) {
                found.push(self.indexed(row)?);
            }
        }
        Ok(found)
    }

    /// What the index has of a person.
    ///
    /// # Errors
    /// The database's.
    pub async fn indexed_person(&self, tracked_entity: &str) -> Result<Option<IndexedPerson>, RegistryError> {
        check_key(0, "tracked entity", tracked_entity)?;
        let mut tx = self.read().await?;
        self.indexed_in(&mut tx, tracked_entity).await
    }

    pub(super) async fn indexed_in(&self, tx: &mut Tx, person: &str) -> Result<Option<IndexedPerson>, RegistryError> {
        let rows = tx.fetch(KNOWN, &[Value::Text(person)]).await.map_err(self.say())?;
        rows.first().map(|row| self.indexed(row)).transpose()
    }

    fn indexed(&self, row: &super::super::sql::Row) -> Result<IndexedPerson, RegistryError> {
        let say = self.say();
        let contact = row.bytes(1).map_err(&say)?;
        Ok(IndexedPerson {
            tracked_entity: row.text(0).map_err(&say)?,
            contact: self.mark(contact, "contact")?,
            language: row.opt_text(2).map_err(&say)?,
            birth: row.bytes(3).map_err(&say)?.try_into().map_err(|_| self.row("birth"))?,
        })
    }

    /// A stored mark; none where it is empty.
    pub(super) fn mark(&self, stored: Vec<u8>, column: &'static str) -> Result<Option<Mark>, RegistryError> {
        if stored.is_empty() {
            return Ok(None);
        }
        stored.try_into().map(Some).map_err(|_| self.row(column))
    }
}
