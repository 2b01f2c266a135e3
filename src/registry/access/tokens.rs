//! API tokens: known by their SHA-256, bound to an account, with an end.

use jiff::Timestamp;

use super::{Account, joined, split};
use crate::registry::{
    Registry, RegistryError,
    audit::{By, Deed, Entry, ObjectKind},
    check_key,
    sql::{Row, Value},
};

const INSERT: &str = "INSERT INTO access_token (id, hash, account, label, rights, facilities, made_by, made_at, \
     expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const BY_HASH: &str = "SELECT a.name, a.origin, a.subject, a.roles, a.facilities, a.issuing, a.vouched, a.state, \
     a.proposed_by, a.proposed_at, a.approver_one, a.approver_two, a.quota, a.closed_by, t.id, t.account, t.label, \
     t.rights, t.facilities, t.made_by, t.made_at, t.expires_at, t.used_on, t.revoked_by, t.revoked_at \
     FROM access_token AS t JOIN account AS a ON a.name = t.account WHERE t.hash = $1";
const ALL: &str = "SELECT t.id, t.account, t.label, t.rights, t.facilities, t.made_by, t.made_at, t.expires_at, \
     t.used_on, t.revoked_by, t.revoked_at FROM access_token AS t ORDER BY t.account, t.made_at, t.id LIMIT $1";
const OF_ACCOUNT: &str = "SELECT t.id, t.account, t.label, t.rights, t.facilities, t.made_by, t.made_at, \
     t.expires_at, t.used_on, t.revoked_by, t.revoked_at FROM access_token AS t WHERE t.account = $1 \
     ORDER BY t.made_at, t.id LIMIT $2";
const BY_ID: &str = "SELECT t.id, t.account, t.label, t.rights, t.facilities, t.made_by, t.made_at, t.expires_at, \
     t.used_on, t.revoked_by, t.revoked_at FROM access_token AS t WHERE t.id = $1";
const USED: &str = "UPDATE access_token SET used_on = $2 WHERE id = $1 AND (used_on IS NULL OR used_on < $2)";
const REVOKE: &str = "UPDATE access_token SET revoked_by = $2, revoked_at = $3 WHERE id = $1 AND revoked_at IS NULL";
const END_SESSIONS: &str = "DELETE FROM access_session WHERE token = $1";
const ACCOUNT_WIDTH: usize = 14;
const DAY_MILLISECONDS: i64 = 86_400_000;

/// A token, of which the text is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Names it in lists and on the command line; no secret.
    pub id: String,
    /// Whose word it is.
    pub account: String,
    /// What it is for.
    pub label: String,
    /// Names of the rights that it has at most.
    pub rights: Vec<String>,
    /// UIDs of the org units that it is bound to; empty means those of its account.
    pub facilities: Vec<String>,
    /// Who had it made.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// Beginning (UTC) of the day on which it was last used.
    pub used_on: Option<Timestamp>,
    /// Who revoked it.
    pub revoked_by: Option<String>,
    /// When.
    pub revoked_at: Option<Timestamp>,
}

impl Token {
    /// Whether it is taken at this time.
    #[must_use]
    pub fn stands(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken<'a> {
    /// Its name in lists.
    pub id: &'a str,
    /// SHA-256 of its text.
    pub hash: &'a [u8; 32],
    /// Whose word it will be.
    pub account: &'a str,
    /// What it is for.
    pub label: &'a str,
    /// Names of the rights that it has at most.
    pub rights: &'a [String],
    /// UIDs of org units.
    pub facilities: &'a [String],
    /// Who has it made.
    pub made_by: &'a str,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

impl Registry {
    fn token_row(&self, row: &Row, from: usize) -> Result<Token, RegistryError> {
        let say = self.say();
        let text = |at: usize| row.text(from + at).map_err(&say);
        let time = |at: usize, column| row.int(from + at).map_err(&say).and_then(|ms| self.time(ms, column));
        let used = row.opt_int(from + 8).map_err(&say)?;
        let revoked = row.opt_int(from + 10).map_err(&say)?;
        Ok(Token {
            id: text(0)?,
            account: text(1)?,
            label: text(2)?,
            rights: split(&text(3)?),
            facilities: split(&text(4)?),
            made_by: text(5)?,
            made_at: time(6, "made_at")?,
            expires_at: time(7, "expires_at")?,
            used_on: used.map(|day| self.time(day.saturating_mul(DAY_MILLISECONDS), "used_on")).transpose()?,
            revoked_by: row.opt_text(from + 9).map_err(&say)?,
            revoked_at: revoked.map(|at| self.time(at, "revoked_at")).transpose()?,
        })
    }

    /// Stores a token. False when its account is unknown or closed.
    ///
    /// # Errors
    /// A name or label of impossible size, or the database.
    pub async fn make_token(&self, new: &NewToken<'_>, now: Timestamp) -> Result<bool, RegistryError> {
        for (field, text) in [("name of an account", new.account), ("label of a token", new.label)] {
            check_key(0, field, text)?;
        }
        check_key(0, "name of an account", new.made_by)?;
        let mut tx = self.write().await?;
        let account = self.account_in(&mut tx, new.account).await?;
        if account.is_none_or(|account| account.state == super::AccountState::Closed) {
            return Ok(false);
        }
        let (rights, facilities) = (joined(new.rights), joined(new.facilities));
        let values = [
            Value::Text(new.id),
            Value::Bytes(new.hash),
            Value::Text(new.account),
            Value::Text(new.label),
            Value::Text(&rights),
            Value::Text(&facilities),
            Value::Text(new.made_by),
            Value::Int(now.as_millisecond()),
            Value::Int(new.expires_at.as_millisecond()),
        ];
        tx.run(INSERT, &values).await.map_err(self.say())?;
        let entry = Entry::new(By::operator(Some(new.made_by)), Deed::TokenMade)
            .to(ObjectKind::Token, new.id)
            .with("account", new.account)
            .with("rights", rights.as_str());
        self.witness(&mut tx, &[entry], now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(true)
    }

    /// The token with this SHA-256, if it stands, and its account. Notes the day of its use.
    ///
    /// # Errors
    /// The database's; that the day could not be noted is none, so that a token still reads where nothing can be
    /// written.
    pub async fn token(&self, hash: &[u8; 32], now: Timestamp) -> Result<Option<(Token, Account)>, RegistryError> {
        let found = {
            let rows = self.look(BY_HASH, &[Value::Bytes(hash)]).await?;
            let Some(row) = rows.first() else { return Ok(None) };
            (self.token_row(row, ACCOUNT_WIDTH)?, self.account_row(row, 0)?)
        };
        if !found.0.stands(now) {
            return Ok(None);
        }
        let today = now.as_millisecond().div_euclid(DAY_MILLISECONDS);
        let noted = found.0.used_on.map(|at| at.as_millisecond().div_euclid(DAY_MILLISECONDS));
        if noted.is_none_or(|day| day < today) && self.note_use(&found.0.id, today).await.is_err() {
            tracing::warn!("the day of use of a token could not be noted");
        }
        Ok(Some(found))
    }

    async fn note_use(&self, id: &str, day: i64) -> Result<(), RegistryError> {
        let mut tx = self.write().await?;
        tx.run(USED, &[Value::Text(id), Value::Int(day)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())
    }

    /// All tokens, or those of one account, also those that ended; at most `limit`.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn tokens(&self, account: Option<&str>, limit: u32) -> Result<Vec<Token>, RegistryError> {
        let mut tx = self.read().await?;
        let most = Value::Int(i64::from(limit));
        let rows = match account {
            Some(account) => {
                check_key(0, "name of an account", account)?;
                tx.fetch(OF_ACCOUNT, &[Value::Text(account), most]).await
            }
            None => tx.fetch(ALL, &[most]).await,
        };
        rows.map_err(self.say())?.iter().map(|row| self.token_row(row, 0)).collect()
    }

    /// The token of this identifier, also one that ended.
    ///
    /// # Errors
    /// An identifier of impossible size, or the database.
    pub async fn token_by_id(&self, id: &str) -> Result<Option<Token>, RegistryError> {
        check_key(0, "identifier of a token", id)?;
        let mut tx = self.read().await?;
        let rows = tx.fetch(BY_ID, &[Value::Text(id)]).await.map_err(self.say())?;
        rows.first().map(|row| self.token_row(row, 0)).transpose()
    }

    /// Revokes a token, and ends the sessions that were begun with it. False when there is none, or it was revoked.
    ///
    /// # Errors
    /// An identifier of impossible size, or the database.
    pub async fn revoke_token(&self, id: &str, by: &str, now: Timestamp) -> Result<bool, RegistryError> {
        check_key(0, "identifier of a token", id)?;
        check_key(0, "name of an account", by)?;
        let mut tx = self.write().await?;
        let values = [Value::Text(id), Value::Text(by), Value::Int(now.as_millisecond())];
        let changed = tx.run(REVOKE, &values).await.map_err(self.say())?;
        if changed > 0 {
            let entry = Entry::new(By::operator(Some(by)), Deed::TokenEnded).to(ObjectKind::Token, id);
            self.witness(&mut tx, &[entry], now).await?;
        }
        tx.run(END_SESSIONS, &[Value::Text(id)]).await.map_err(self.say())?;
        tx.commit().await.map_err(self.say())?;
        Ok(changed > 0)
    }
}
