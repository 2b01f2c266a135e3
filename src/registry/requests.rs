//! Requests under a key of the sender's choosing (header `Idempotency-Key`, draft-ietf-httpapi-idempotency-key-header):
//! one that is sent again, because the answer was lost on the way, is done once and answered alike.
//!
//! | column of `request` | meaning |
//! |---|---|
//! | `actor` | whose key it is: two senders may choose the same |
//! | `key` | SHA-256 of the key: it may hold anything |
//! | `digest` | SHA-256 of what was asked: the same key with something else is a mistake of the sender |
//! | `owner`, `lease_until` | who is at it, and how long it is left to them: a program that is killed holds nobody up |
//! | `at` | when it came first |
//! | `kind`, `answer` | what was answered, once that is certain; identifiers and reasons, no name of a person |
//!
//! Rows are forgotten after [`REQUEST_HOURS`](crate::limits::REQUEST_HOURS) hours.

use jiff::{SignedDuration, Timestamp};

use super::{Registry, RegistryError, check_key, sql::Value};
use crate::{keys::sha256, limits};

pub(super) const FIND: &str =
    "SELECT digest, owner, lease_until, kind, answer FROM request WHERE actor = $1 AND key = $2";
const BEGIN: &str = "INSERT INTO request (actor, key, digest, owner, lease_until, at) VALUES ($1, $2, $3, $4, $5, $6)";
pub(super) const TAKE: &str = "UPDATE request SET owner = $3, lease_until = $4 WHERE actor = $1 AND key = $2";
pub(super) const ANSWER: &str =
    "UPDATE request SET kind = $4, answer = $5 WHERE actor = $1 AND key = $2 AND owner = $3 AND answer IS NULL";
pub(super) const FREE: &str = "DELETE FROM request WHERE actor = $1 AND key = $2 AND owner = $3 AND answer IS NULL";
pub(super) const FORGET: &str = "DELETE FROM request WHERE at < $1";

/// A request under a key.
#[derive(Clone, Copy)]
pub struct Keyed<'a> {
    /// Whose key it is.
    pub actor: &'a str,
    /// The key, as it was sent.
    pub key: &'a str,
    /// SHA-256 of everything that was asked.
    pub digest: [u8; 32],
    /// Who is at it: another name for each time that it is received.
    pub owner: &'a str,
}

impl std::fmt::Debug for Keyed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyed").field("actor", &self.actor).finish_non_exhaustive()
    }
}

/// What is to be done with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admitted {
    /// It is new, or whoever was at it is gone: do it, and then [`Registry::answer_request`].
    Go,
    /// Somebody is at it.
    Underway,
    /// The key was used for something else.
    Other,
    /// It was done: this was the answer.
    Answered {
        /// Its kind, as it was given.
        kind: String,
        /// Itself.
        answer: String,
    },
}

impl Registry {
    /// Asks what is to be done with a request, and where it is to be done, leaves it to this sender for
    /// [`REQUEST_LEASE_SECONDS`](limits::REQUEST_LEASE_SECONDS).
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn begin_request(&self, request: Keyed<'_>, now: Timestamp) -> Result<Admitted, RegistryError> {
        check_key(0, "actor", request.actor)?;
        check_key(0, "owner", request.owner)?;
        let key = sha256(request.key.as_bytes());
        let hours = SignedDuration::from_hours(limits::REQUEST_HOURS);
        let before = now.checked_sub(hours).unwrap_or(Timestamp::MIN).as_millisecond();
        let lease = SignedDuration::from_secs(limits::REQUEST_LEASE_SECONDS);
        let until = Value::Int(now.checked_add(lease).unwrap_or(Timestamp::MAX).as_millisecond());
        let (actor, key, owner) = (Value::Text(request.actor), Value::Bytes(&key), Value::Text(request.owner));
        let at = Value::Int(now.as_millisecond());
        let mut tx = self.write().await?;
        tx.run(FORGET, &[Value::Int(before)]).await.map_err(self.say())?;
        let rows = tx.fetch(FIND, &[actor, key]).await.map_err(self.say())?;
        let admitted = match rows.first() {
            None => {
                let values = [actor, key, Value::Bytes(&request.digest), owner, until, at];
                tx.run(BEGIN, &values).await.map_err(self.say())?;
                Admitted::Go
            }
            Some(row) => {
                let digest = row.bytes(0).map_err(self.say())?;
                let answered = row.opt_text(3).map_err(self.say())?.zip(row.opt_text(4).map_err(self.say())?);
                match answered {
                    _ if digest != request.digest => Admitted::Other,
                    Some((kind, answer)) => Admitted::Answered { kind, answer },
                    None if row.int(2).map_err(self.say())? > now.as_millisecond() => Admitted::Underway,
                    None => {
                        tx.run(TAKE, &[actor, key, owner, until]).await.map_err(self.say())?;
                        Admitted::Go
                    }
                }
            }
        };
        tx.commit().await.map_err(self.say())?;
        Ok(admitted)
    }

    /// Notes the answer of a request that this sender was left with. The first answer stays.
    ///
    /// # Errors
    /// An answer of impossible size, or the database.
    pub async fn answer_request(&self, request: Keyed<'_>, kind: &str, answer: &str) -> Result<(), RegistryError> {
        check_key(0, "kind", kind)?;
        if answer.len() > limits::REQUEST_ANSWER_BYTES || answer.contains('\0') {
            return Err(RegistryError::Key { index: 0, field: "answer" });
        }
        let key = sha256(request.key.as_bytes());
        let (actor, key, owner) = (Value::Text(request.actor), Value::Bytes(&key), Value::Text(request.owner));
        let mut tx = self.write().await?;
        let values = [actor, key, owner, Value::Text(kind), Value::Text(answer)];
        tx.run(ANSWER, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// Gives a request back that could not be done: it may be sent again under the same key.
    ///
    /// # Errors
    /// The database's.
    pub async fn free_request(&self, request: Keyed<'_>) -> Result<(), RegistryError> {
        let key = sha256(request.key.as_bytes());
        let values = [Value::Text(request.actor), Value::Bytes(&key), Value::Text(request.owner)];
        let mut tx = self.write().await?;
        tx.run(FREE, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }
}
