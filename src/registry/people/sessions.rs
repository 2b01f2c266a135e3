//! Sessions of citizens: a number that was proved, and the people who have it.

use jiff::{SignedDuration, Timestamp};

use super::{
    super::{
        Registry, RegistryError,
        sql::{Tx, Value},
    },
    Allowance, Mark, bytes, same,
};
use crate::limits;

const BEGIN: &str = "INSERT INTO citizen_session (token, contact, made_at, seen_at) VALUES ($1, $2, $3, $3)";
const JOIN: &str = "INSERT INTO citizen_session_person (session, tracked_entity, place) VALUES ($1, $2, $3) \
     ON CONFLICT (session, tracked_entity) DO NOTHING";
const FIND: &str = "SELECT contact, made_at, seen_at FROM citizen_session WHERE token = $1";
const PEOPLE: &str =
    "SELECT tracked_entity FROM citizen_session_person WHERE session = $1 ORDER BY place, tracked_entity";
const TOUCH: &str = "UPDATE citizen_session SET seen_at = $2 WHERE token = $1 AND seen_at < $2";
const END: &str = "DELETE FROM citizen_session WHERE token = $1";
const SWEEP: [&str; 4] = [
    "DELETE FROM citizen_session WHERE seen_at < $1",
    "DELETE FROM code_request WHERE ends_at < $1",
    "DELETE FROM person_link WHERE ends_at < $1",
    "DELETE FROM allowance WHERE full_at < $1",
];

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTimes {
    /// Without a request.
    pub idle: SignedDuration,
    /// At most.
    pub most: SignedDuration,
}

impl SessionTimes {
    /// Those of citizens.
    pub const CITIZENS: Self = Self {
        idle: SignedDuration::from_secs(limits::CITIZEN_IDLE_SECONDS),
        most: SignedDuration::from_secs(limits::CITIZEN_SESSION_SECONDS),
    };
}

/// Somebody who has proved a number.
#[derive(Clone, PartialEq, Eq)]
pub struct CitizenSession {
    /// Mark of the cookie.
    pub token: Mark,
    /// Mark of the number.
    pub contact: Option<Mark>,
    /// UIDs of the people whose certificates may be seen.
    pub people: Vec<String>,
}

impl std::fmt::Debug for CitizenSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CitizenSession({} people)", self.people.len())
    }
}

impl Registry {
    pub(super) async fn begin_citizen_session(
        &self,
        tx: &mut Tx,
        token: &Mark,
        contact: &[u8],
        people: &[String],
        now: Timestamp,
    ) -> Result<(), RegistryError> {
        let at = Value::Int(now.as_millisecond());
        tx.run(BEGIN, &[Value::Bytes(token), Value::Bytes(contact), at]).await.map_err(self.say())?;
        for (place, person) in (0..).zip(people) {
            let values = [Value::Bytes(token), Value::Text(person), Value::Int(place)];
            tx.run(JOIN, &values).await.map_err(self.say())?;
        }
        Ok(())
    }

    /// The session of a cookie, unless it has ended; it lasts on from now.
    ///
    /// # Errors
    /// The database's. One that cannot be written ends no session: it is told by the time when it was last seen.
    pub async fn citizen_session(
        &self,
        token: &Mark,
        times: SessionTimes,
        now: Timestamp,
    ) -> Result<Option<CitizenSession>, RegistryError> {
        let (seen_at, session) = {
            let mut tx = self.read().await?;
            let rows = tx.fetch(FIND, &[Value::Bytes(token)]).await.map_err(self.say())?;
            let Some(row) = rows.first() else { return Ok(None) };
            let contact = self.mark(row.bytes(0).map_err(self.say())?, "contact")?;
            let (made_at, seen_at) = (row.int(1).map_err(self.say())?, row.int(2).map_err(self.say())?);
            let since = |at: i64| SignedDuration::from_millis(now.as_millisecond().saturating_sub(at));
            if since(seen_at) > times.idle || since(made_at) > times.most {
                return Ok(None);
            }
            let rows = tx.fetch(PEOPLE, &[Value::Bytes(token)]).await.map_err(self.say())?;
            let people = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>().map_err(self.say())?;
            (seen_at, CitizenSession { token: *token, contact, people })
        };
        // Once a minute is often enough.
        if now.as_millisecond().saturating_sub(seen_at) > 60_000 {
            match self.touch(token, now).await {
                // People must get at their certificates while nothing can be written.
                Ok(())
                | Err(RegistryError::ReadOnly { .. } | RegistryError::Full { .. } | RegistryError::Locked { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Some(session))
    }

    async fn touch(&self, token: &Mark, now: Timestamp) -> Result<(), RegistryError> {
        let mut tx = self.write().await?;
        tx.run(TOUCH, &[Value::Bytes(token), Value::Int(now.as_millisecond())]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// Adds whoever has this identifier, this date of birth and the number of the session. `false` when nobody has all
    /// three, when the allowances are spent, or when the session has [`limits::SESSION_PEOPLE`] already.
    ///
    /// # Errors
    /// The database's.
    pub async fn join_session(
        &self,
        session: &CitizenSession,
        identifier: (&str, &Mark),
        births: &[Mark],
        wanted: &[(Allowance, &[u8])],
        now: Timestamp,
    ) -> Result<bool, RegistryError> {
        let mut tx = self.write().await?;
        if !self.spend_in(&mut tx, wanted, now).await? {
            return Ok(false);
        }
        let (kind, mark) = identifier;
        let found = self.find_people_in(&mut tx, kind, mark, births).await?;
        let mut place = session.people.len();
        let mut joined = false;
        for person in found {
            let of_number =
                session.contact.is_some() && same(bytes(person.contact.as_ref()), bytes(session.contact.as_ref()));
            if !of_number || place >= limits::SESSION_PEOPLE {
                continue;
            }
            let number = i64::try_from(place).unwrap_or(i64::MAX);
            let values = [Value::Bytes(&session.token), Value::Text(&person.tracked_entity), Value::Int(number)];
            tx.run(JOIN, &values).await.map_err(self.say())?;
            (place, joined) = (place + 1, true);
        }
        tx.commit().await.map_err(self.say())?;
        Ok(joined)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_citizen_session(&self, token: &Mark) -> Result<(), RegistryError> {
        let mut tx = self.write().await?;
        tx.run(END, &[Value::Bytes(token)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// Forgets sessions, codes, links and allowances that ended before a time.
    ///
    /// # Errors
    /// The database's.
    pub async fn sweep_citizens(&self, before: Timestamp) -> Result<u64, RegistryError> {
        let mut tx = self.write().await?;
        let mut swept = 0;
        for sql in SWEEP {
            swept += tx.run(sql, &[Value::Int(before.as_millisecond())]).await.map_err(self.say())?;
        }
        tx.commit().await.map_err(self.say())?;
        Ok(swept)
    }
}
