//! Which accounts are one person's. An approver is a person: whoever has an account of DHIS2 and another of the provider
//! of identities, or a local one beside them, approves once, and never an account of their own.
//!
//! Two accounts are one person's when
//! - they are one account, whatever credential stands for it: a token is its account's holder;
//! - they have the same name at two origins, such as `dhis2:amara` and `user:amara` (capital letters make no difference);
//! - their origins told the same of them: the UID or subject by which one knows the user of the other, or an e-mail
//!   address. Of these the service keeps keyed hashes here, the *marks*, which stay once they were seen.
//!
//! When in doubt the approval is refused: two people of one name, or behind one shared mailbox, need a third.
//!
//! What cannot be known: a person with two names and two addresses at two origins; two local accounts of different names
//! that one person holds, for nothing proves who stands behind a local account but the word of those who approved it;
//! and whoever keeps the token that they made for somebody else. Logins of one origin with one account for each person
//! are the remedy.

use crate::{
    limits,
    registry::{
        Registry, RegistryError, check_key,
        sql::{Tx, Value},
    },
};

const NOTE: &str = "INSERT INTO account_person (account, mark) VALUES ($1, $2) ON CONFLICT (account, mark) DO NOTHING";
const KNOWN: &str = "SELECT mark FROM account_person WHERE account = $1";
const SHARED: &str = "SELECT p.account FROM account_person AS p JOIN account_person AS q ON q.mark = p.mark \
     WHERE p.account = $1 AND q.account = $2 LIMIT 1";

/// The name of an account without whence it comes.
fn called(account: &str) -> &str {
    account.split_once(':').map_or(account, |(_, name)| name)
}

impl Registry {
    /// Notes marks of the person who has an account. Those that were noted before stay; beyond
    /// [`ACCOUNT_MARKS`](limits::ACCOUNT_MARKS) none is added.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn know_person(&self, account: &str, marks: &[[u8; 32]]) -> Result<(), RegistryError> {
        check_key(0, "name of an account", account)?;
        let known = {
            let mut tx = self.read().await?;
            let rows = tx.fetch(KNOWN, &[Value::Text(account)]).await.map_err(self.say())?;
            rows.iter().map(|row| row.bytes(0)).collect::<Result<Vec<_>, _>>().map_err(self.say())?
        };
        let room = limits::ACCOUNT_MARKS.saturating_sub(known.len());
        let new: Vec<&[u8; 32]> =
            marks.iter().filter(|mark| !known.iter().any(|known| known == mark.as_slice())).take(room).collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut tx = self.write().await?;
        for mark in new {
            tx.run(NOTE, &[Value::Text(account), Value::Bytes(mark)]).await.map_err(self.say())?;
        }
        tx.commit().await.map_err(self.say())
    }

    /// Whether two accounts are one person's, as far as that can be known.
    pub(super) async fn is_one_person(&self, tx: &mut Tx, one: &str, other: &str) -> Result<bool, RegistryError> {
        if one == other || called(one).to_lowercase() == called(other).to_lowercase() {
            return Ok(true);
        }
        let rows = tx.fetch(SHARED, &[Value::Text(one), Value::Text(other)]).await.map_err(self.say())?;
        Ok(!rows.is_empty())
    }
}
