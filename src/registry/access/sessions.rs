//! Sessions of people at a browser: known by the SHA-256 of their cookie, ended by idleness, by time, or on request.

use jiff::{SignedDuration, Timestamp};

use super::{Account, Token, accounts::about};
use crate::registry::{
    Registry, RegistryError,
    audit::{By, Deed},
    check_key,
    sql::Value,
};

const INSERT: &str = "INSERT INTO access_session (hash, account, token, made_at, seen_at, ends_at, renewal, ask_at) \
     VALUES ($1, $2, $3, $4, $4, $5, $6, $7)";
const BY_HASH: &str = "SELECT a.name, a.origin, a.subject, a.roles, a.facilities, a.issuing, a.vouched, a.state, \
     a.proposed_by, a.proposed_at, a.approver_one, a.approver_two, a.quota, a.closed_by, s.token, s.made_at, \
     s.seen_at, s.ends_at, s.ask_at FROM access_session AS s JOIN account AS a ON a.name = s.account WHERE s.hash = $1";
const SEEN: &str = "UPDATE access_session SET seen_at = $2 WHERE hash = $1 AND seen_at < $2";
const WHOSE: &str = "SELECT account FROM access_session WHERE hash = $1";
/// Who is first asks; for everybody else it is not due before `$2`.
const ASK: &str = "UPDATE access_session SET ask_at = $2 WHERE hash = $1 AND ask_at <= $3 RETURNING renewal";
const ASKED: &str = "UPDATE access_session SET renewal = $2, ask_at = $3 WHERE hash = $1";
const END: &str = "DELETE FROM access_session WHERE hash = $1";
const END_ALL: &str = "DELETE FROM access_session WHERE account = $1";
const PRUNE: &str = "DELETE FROM access_session WHERE ends_at <= $1";
/// Columns of the account come first.
const FROM: usize = 14;
/// A session is written as used at most once in this time: a page loads several files.
const SEEN_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// A session that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is, with what counts of it now.
    pub account: Account,
    /// The token that it was begun with, whose bounds it keeps.
    pub token: Option<Token>,
    /// When it began.
    pub made_at: Timestamp,
    /// When it ends at the latest.
    pub ends_at: Timestamp,
    /// When its origin is to be asked again, where that can be.
    pub ask_at: Option<Timestamp>,
}

/// A session to be begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession<'a> {
    /// SHA-256 of the cookie.
    pub hash: &'a [u8; 32],
    /// Whose it is.
    pub account: &'a str,
    /// Identifier of the token that it is begun with.
    pub token: Option<&'a str>,
    /// When it ends at the latest.
    pub ends_at: Timestamp,
    /// With what its origin can be asked again, enciphered by whoever has the cookie, and when.
    pub asked: Option<(&'a [u8], Timestamp)>,
}

impl Registry {
    /// Begins a session, and forgets those that ended.
    ///
    /// # Errors
    /// The database's.
    pub async fn begin_session(&self, new: &NewSession<'_>, now: Timestamp) -> Result<(), RegistryError> {
        check_key(0, "name of an account", new.account)?;
        let mut tx = self.write().await?;
        tx.run(PRUNE, &[Value::Int(now.as_millisecond())]).await.map_err(self.say())?;
        let values = [
            Value::Bytes(new.hash),
            Value::Text(new.account),
            Value::OptText(new.token),
            Value::Int(now.as_millisecond()),
            Value::Int(new.ends_at.as_millisecond()),
            Value::OptBytes(new.asked.map(|(renewal, _)| renewal)),
            Value::OptInt(new.asked.map(|(_, at)| at.as_millisecond())),
        ];
        tx.run(INSERT, &values).await.map_err(self.say())?;
        let entry = about(By::operator(Some(new.account)), Deed::Login, new.account);
        self.witness(&mut tx, &[entry], now).await?;
        tx.commit().await.map_err(self.say())
    }

    /// The session of a cookie, if it stands: neither ended, nor unused for `idle`, nor begun with a token that
    /// stands no more.
    ///
    /// # Errors
    /// The database's; that its use could not be noted is none.
    pub async fn session(
        &self,
        hash: &[u8; 32],
        idle: SignedDuration,
        now: Timestamp,
    ) -> Result<Option<Session>, RegistryError> {
        let say = self.say();
        let (account, token, made_at, seen_at, ends_at, ask_at) = {
            let mut tx = self.read().await?;
            let rows = tx.fetch(BY_HASH, &[Value::Bytes(hash)]).await.map_err(&say)?;
            let Some(row) = rows.first() else { return Ok(None) };
            let time = |at: usize, column| row.int(at).map_err(&say).and_then(|ms| self.time(ms, column));
            (
                self.account_row(row, 0)?,
                row.opt_text(FROM).map_err(&say)?,
                time(FROM + 1, "made_at")?,
                time(FROM + 2, "seen_at")?,
                time(FROM + 3, "ends_at")?,
                row.opt_int(FROM + 4).map_err(&say)?.map(|ms| self.time(ms, "ask_at")).transpose()?,
            )
        };
        if now >= ends_at || now.duration_since(seen_at) >= idle {
            return Ok(None);
        }
        let token = match token {
            None => None,
            Some(id) => match self.token_by_id(&id).await? {
                Some(token) if token.stands(now) => Some(token),
                _ => return Ok(None),
            },
        };
        if now.duration_since(seen_at) >= SEEN_EVERY && self.note_seen(hash, now).await.is_err() {
            tracing::warn!("the use of a session could not be noted");
        }
        Ok(Some(Session { account, token, made_at, ends_at, ask_at }))
    }

    async fn note_seen(&self, hash: &[u8; 32], now: Timestamp) -> Result<(), RegistryError> {
        let mut tx = self.write().await?;
        tx.run(SEEN, &[Value::Bytes(hash), Value::Int(now.as_millisecond())]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// What the origin of a session is asked again with, if that is due and nobody else of all replicas has begun to; it
    /// is not due again before `retry`.
    ///
    /// # Errors
    /// The database's.
    pub async fn ask_session(
        &self,
        hash: &[u8; 32],
        retry: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, RegistryError> {
        let mut tx = self.write().await?;
        let values = [Value::Bytes(hash), Value::Int(retry.as_millisecond()), Value::Int(now.as_millisecond())];
        let rows = tx.fetch(ASK, &values).await.map_err(self.say())?;
        let renewal = rows.first().map(|row| row.bytes(0).map_err(self.say())).transpose()?;
        tx.commit().await.map_err(self.say())?;
        Ok(renewal)
    }

    /// Notes with what and when the origin of a session is asked the next time.
    ///
    /// # Errors
    /// The database's.
    pub async fn session_asked(&self, hash: &[u8; 32], renewal: &[u8], next: Timestamp) -> Result<(), RegistryError> {
        let mut tx = self.write().await?;
        let values = [Value::Bytes(hash), Value::Bytes(renewal), Value::Int(next.as_millisecond())];
        tx.run(ASKED, &values).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// Ends a session because its origin did; `why` is a sentence of ours. Nothing happens when there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_session_of_origin(&self, hash: &[u8; 32], why: &str, now: Timestamp) -> Result<(), RegistryError> {
        self.end(hash, Some(why), now).await
    }

    /// Ends a session. Nothing happens when there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn end_session(&self, hash: &[u8; 32], now: Timestamp) -> Result<(), RegistryError> {
        self.end(hash, None, now).await
    }

    async fn end(&self, hash: &[u8; 32], why: Option<&str>, now: Timestamp) -> Result<(), RegistryError> {
        let mut tx = self.write().await?;
        let rows = tx.fetch(WHOSE, &[Value::Bytes(hash)]).await.map_err(self.say())?;
        let Some(row) = rows.first() else { return Ok(()) };
        let account = row.text(0).map_err(self.say())?;
        tx.run(END, &[Value::Bytes(hash)]).await.map_err(self.say())?;
        let entry = match why {
            None => about(By::operator(Some(&account)), Deed::Logout, &account),
            Some(why) => about(By::system("sessions"), Deed::Logout, &account).because(why),
        };
        self.witness(&mut tx, &[entry], now).await?;
        tx.commit().await.map_err(self.say())
    }

    /// Ends every session of an account, on every device. Gives how many they were.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn end_sessions_of(&self, account: &str) -> Result<u64, RegistryError> {
        check_key(0, "name of an account", account)?;
        let mut tx = self.write().await?;
        let ended = tx.run(END_ALL, &[Value::Text(account)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(ended)
    }
}
