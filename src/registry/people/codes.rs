//! One-time codes: asked for by anybody, sent by a worker to whoever is found, tried by whoever asked.
//!
//! Asking stores the same row whether somebody is found or not, and who it is about is looked up later by a worker, so
//! that the answer to the question cannot tell.

use jiff::{SignedDuration, Timestamp};

use super::{
    super::{
        Registry, RegistryError, check_key,
        sql::{Row, Value},
    },
    Allowance, Mark, bytes, same,
};
use crate::limits;

const ASK: &str = "INSERT INTO code_request (id, kind, mark, births, language, state, code, contact, tries, asked_at, \
     ends_at, lease_until) VALUES ($1, $2, $3, $4, $5, 'asked', $6, $7, 0, $8, $9, 0)";
const DUE: &str = "SELECT id, kind, mark, births, language, code, contact FROM code_request \
     WHERE state IN ('asked', 'taken') AND lease_until <= $1 AND ends_at > $1 ORDER BY asked_at LIMIT $2";
const TAKE: &str = "UPDATE code_request SET state = 'taken', lease_until = $2 WHERE id = $1";
const ARM: &str = "UPDATE code_request SET code = $2, contact = $3 WHERE id = $1 AND state = 'taken'";
const OPENS: &str = "INSERT INTO code_request_person (request, tracked_entity) VALUES ($1, $2)";
const CLEAR: &str = "DELETE FROM code_request_person WHERE request = $1";
const SETTLE: &str = "UPDATE code_request SET state = $2, lease_until = $3 WHERE id = $1 AND state = 'taken'";
const TRY: &str = "SELECT code, contact, tries, ends_at, state FROM code_request WHERE id = $1";
const TRIED: &str = "UPDATE code_request SET tries = tries + 1 WHERE id = $1";
const USED: &str = "UPDATE code_request SET state = 'ended', code = $2 WHERE id = $1";
const PEOPLE: &str = "SELECT tracked_entity FROM code_request_person WHERE request = $1 ORDER BY tracked_entity";

/// Who is asked about.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeRequest {
    /// Mark of the token that the browser holds.
    pub id: Mark,
    /// Kind of the identifier.
    pub kind: String,
    /// Its mark.
    pub mark: Mark,
    /// Marks of the date of birth, bound to the identifier: as a day, as a month, as a year.
    pub births: Vec<Mark>,
    /// Language of the page.
    pub language: String,
}

impl std::fmt::Debug for CodeRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CodeRequest({})", self.kind)
    }
}

/// A request that a worker has taken.
#[derive(Clone, PartialEq, Eq)]
pub struct AskedCode {
    /// The request.
    pub request: CodeRequest,
    /// To whom its code went in an earlier try of the worker; allowances were taken then.
    pub contact: Option<Mark>,
}

impl std::fmt::Debug for AskedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AskedCode({:?})", self.request)
    }
}

impl Registry {
    /// Notes that somebody asks for a code, if these allowances are there. A request that comes too often is dropped
    /// without a word: whoever asked sees the same.
    ///
    /// # Errors
    /// A key of impossible size, or the database.
    pub async fn ask_code(
        &self,
        request: &CodeRequest,
        wanted: &[(Allowance, &[u8])],
        ends_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, RegistryError> {
        check_key(0, "kind of identifier", &request.kind)?;
        check_key(0, "language", &request.language)?;
        let mut tx = self.write().await?;
        if !self.spend_in(&mut tx, wanted, now).await? {
            return Ok(false);
        }
        let births = request.births.concat();
        let values = [
            Value::Bytes(&request.id),
            Value::Text(&request.kind),
            Value::Bytes(&request.mark),
            Value::Bytes(&births),
            Value::Text(&request.language),
            Value::Bytes(&[]),
            Value::Bytes(&[]),
            Value::Int(now.as_millisecond()),
            Value::Int(ends_at.as_millisecond()),
        ];
        tx.run(ASK, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(true)
    }

    /// Takes requests that wait, the oldest first, for as long as `lease`.
    ///
    /// # Errors
    /// The database's.
    pub async fn take_codes(
        &self,
        limit: u32,
        lease: SignedDuration,
        now: Timestamp,
    ) -> Result<Vec<AskedCode>, RegistryError> {
        {
            // Nothing to do is the rule: no writer is held up for it.
            let mut tx = self.read().await?;
            let due = [Value::Int(now.as_millisecond()), Value::Int(1)];
            if tx.fetch(DUE, &due).await.map_err(self.say())?.is_empty() {
                return Ok(Vec::new());
            }
        }
        let mut tx = self.write().await?;
        let due = [Value::Int(now.as_millisecond()), Value::Int(i64::from(limit))];
        let rows = tx.fetch(DUE, &due).await.map_err(self.say())?;
        let until = Value::Int(now.saturating_add(lease).unwrap_or(Timestamp::MAX).as_millisecond());
        let mut taken = Vec::with_capacity(rows.len());
        for row in &rows {
            let asked = self.asked(row)?;
            tx.run(TAKE, &[Value::Bytes(&asked.request.id), until]).await.map_err(self.say())?;
            taken.push(asked);
        }
        tx.commit().await.map_err(self.say())?;
        Ok(taken)
    }

    fn asked(&self, row: &Row) -> Result<AskedCode, RegistryError> {
        let say = self.say();
        let births = row.bytes(3).map_err(&say)?;
        let (chunks, rest) = births.as_chunks::<32>();
        if !rest.is_empty() {
            return Err(self.row("births"));
        }
        Ok(AskedCode {
            request: CodeRequest {
                id: row.bytes(0).map_err(&say)?.try_into().map_err(|_| self.row("id"))?,
                kind: row.text(1).map_err(&say)?,
                mark: row.bytes(2).map_err(&say)?.try_into().map_err(|_| self.row("mark"))?,
                births: chunks.to_vec(),
                language: row.text(4).map_err(&say)?,
            },
            contact: self.mark(row.bytes(6).map_err(&say)?, "contact")?,
        })
    }

    /// Stores the mark of a code that is about to be sent to `contact` and opens these people, if these allowances are
    /// there; whether they were.
    ///
    /// # Errors
    /// A key of impossible size, or the database.
    pub async fn arm_code(
        &self,
        id: &Mark,
        code: &Mark,
        contact: &Mark,
        people: &[String],
        wanted: &[(Allowance, &[u8])],
        now: Timestamp,
    ) -> Result<bool, RegistryError> {
        for (index, person) in people.iter().enumerate() {
            check_key(index, "tracked entity", person)?;
        }
        let mut tx = self.write().await?;
        if !self.spend_in(&mut tx, wanted, now).await? {
            return Ok(false);
        }
        let values = [Value::Bytes(id), Value::Bytes(code), Value::Bytes(contact)];
        if tx.run(ARM, &values).await.map_err(self.say())? == 0 {
            return Ok(false);
        }
        tx.run(CLEAR, &[Value::Bytes(id)]).await.map_err(self.say())?;
        for person in people {
            tx.run(OPENS, &[Value::Bytes(id), Value::Text(person)]).await.map_err(self.say())?;
        }
        tx.commit().await.map_err(self.say())?;
        Ok(true)
    }

    /// What became of a request that was taken: its code is out, it is tried again at a time, or nothing comes of it.
    ///
    /// # Errors
    /// The database's.
    pub async fn settle_code(&self, id: &Mark, sent: bool, again_at: Option<Timestamp>) -> Result<(), RegistryError> {
        let (state, at) = match (sent, again_at) {
            (true, _) => ("sent", 0),
            (false, Some(at)) => ("asked", at.as_millisecond()),
            (false, None) => ("ended", 0),
        };
        let mut tx = self.write().await?;
        tx.run(SETTLE, &[Value::Bytes(id), Value::Text(state), Value::Int(at)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// Tries a code. When it is the right one it is used up, and a session with this token begins, if these allowances
    /// are there. After [`limits::CODE_TRIES`] tries and after its end a code opens nothing any more.
    ///
    /// # Errors
    /// The database's.
    pub async fn try_code(
        &self,
        id: &Mark,
        code: &Mark,
        session: &Mark,
        wanted: &[(Allowance, &[u8])],
        now: Timestamp,
    ) -> Result<bool, RegistryError> {
        let mut tx = self.write().await?;
        if !self.spend_in(&mut tx, wanted, now).await? {
            return Ok(false);
        }
        let rows = tx.fetch(TRY, &[Value::Bytes(id)]).await.map_err(self.say())?;
        let none = Vec::new;
        let (stored, contact, tries, ends_at, state) = match rows.first() {
            Some(row) => (
                row.bytes(0).map_err(self.say())?,
                row.bytes(1).map_err(self.say())?,
                row.int(2).map_err(self.say())?,
                row.int(3).map_err(self.say())?,
                row.text(4).map_err(self.say())?,
            ),
            None => (none(), none(), 0, 0, String::new()),
        };
        tx.run(TRIED, &[Value::Bytes(id)]).await.map_err(self.say())?;
        let alive = now.as_millisecond() < ends_at && tries < limits::CODE_TRIES && state != "ended";
        let right = same(&stored, code) && alive;
        if right {
            tx.run(USED, &[Value::Bytes(id), Value::Bytes(bytes(None))]).await.map_err(self.say())?;
            let rows = tx.fetch(PEOPLE, &[Value::Bytes(id)]).await.map_err(self.say())?;
            let people = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>().map_err(self.say())?;
            self.begin_citizen_session(&mut tx, session, &contact, &people, now).await?;
        }
        tx.commit().await.map_err(self.say())?;
        Ok(right)
    }
}
