//! Links in messages: single-use, and worth nothing without the date of birth.

use jiff::Timestamp;

use super::{
    super::{Registry, RegistryError, check_key, sql::Value},
    Allowance, Mark, bytes, same,
};
use crate::limits;

const MAKE: &str = "INSERT INTO person_link (token, tracked_entity, tries, ends_at) VALUES ($1, $2, 0, $3)";
const FIND: &str = "SELECT tracked_entity, tries, ends_at FROM person_link WHERE token = $1";
const TRIED: &str = "UPDATE person_link SET tries = tries + 1 WHERE token = $1";
const USED: &str = "DELETE FROM person_link WHERE token = $1";

impl Registry {
    /// Notes a link to a person.
    ///
    /// # Errors
    /// A key of impossible size, or the database.
    pub async fn make_link(&self, token: &Mark, person: &str, ends_at: Timestamp) -> Result<(), RegistryError> {
        check_key(0, "tracked entity", person)?;
        let mut tx = self.write().await?;
        let values = [Value::Bytes(token), Value::Text(person), Value::Int(ends_at.as_millisecond())];
        tx.run(MAKE, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// Opens a link with a date of birth: `births` makes its marks, bound to a person. When it is the right one the
    /// link is used up and a session with this token begins. After [`limits::CODE_TRIES`] tries a link is spent.
    ///
    /// # Errors
    /// The database's.
    pub async fn open_link(
        &self,
        token: &Mark,
        births: impl Fn(&str) -> Vec<Mark> + Send,
        session: &Mark,
        wanted: &[(Allowance, &[u8])],
        now: Timestamp,
    ) -> Result<bool, RegistryError> {
        let mut tx = self.write().await?;
        if !self.spend_in(&mut tx, wanted, now).await? {
            return Ok(false);
        }
        let rows = tx.fetch(FIND, &[Value::Bytes(token)]).await.map_err(self.say())?;
        let (person, alive) = match rows.first() {
            Some(row) => {
                let (tries, ends_at) = (row.int(1).map_err(self.say())?, row.int(2).map_err(self.say())?);
                (row.text(0).map_err(self.say())?, tries < limits::CODE_TRIES && now.as_millisecond() < ends_at)
            }
            None => ("-".to_owned(), false),
        };
        tx.run(TRIED, &[Value::Bytes(token)]).await.map_err(self.say())?;
        let known = self.indexed_in(&mut tx, &person).await?;
        let marks = births(&person);
        let stored = known.as_ref().map_or([0; 32], |known| known.birth);
        let right = marks.iter().fold(false, |any, mark| same(mark, &stored) | any) && alive && known.is_some();
        if right {
            tx.run(USED, &[Value::Bytes(token)]).await.map_err(self.say())?;
            let contact = known.and_then(|known| known.contact);
            self.begin_citizen_session(&mut tx, session, bytes(contact.as_ref()), &[person], now).await?;
        }
        tx.commit().await.map_err(self.say())?;
        Ok(right)
    }
}
