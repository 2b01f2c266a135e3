//! Approvals: two different people for an account that issues, one for any other, and never the account itself. Who is
//! one person, `persons` says.

use jiff::Timestamp;

use super::accounts::{AccountState, about};
use crate::registry::{
    Registry, RegistryError,
    audit::{By, Deed},
    check_key,
    sql::Value,
};

const FIRST: &str = "UPDATE account SET approver_one = $2, approved_one_at = $3, state = $4 \
     WHERE name = $1 AND state = 'pending' AND approver_one IS NULL";
const SECOND: &str = "UPDATE account SET approver_two = $2, approved_two_at = $3, state = $4 \
     WHERE name = $1 AND state = 'pending' AND approver_one IS NOT NULL AND approver_two IS NULL";
const REFUSE: &str = "UPDATE account SET state = 'closed', closed_by = $2, closed_at = $3 \
     WHERE name = $1 AND state = 'pending'";

/// What became of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// All roles of the account count now.
    Active,
    /// One more person must approve it.
    OneMore,
    /// Nobody approves himself, by whichever of his accounts.
    Own,
    /// This person has approved it before, by this account or another.
    Twice,
    /// It does not wait for approval.
    NotPending,
    /// There is no such account.
    Unknown,
}

impl Registry {
    /// Approves an account in the name of `by`, whose right to do so the caller has checked.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn approve_account(&self, name: &str, by: &str, now: Timestamp) -> Result<Approval, RegistryError> {
        check_key(0, "name of an account", name)?;
        check_key(0, "name of an account", by)?;
        let mut tx = self.write().await?;
        let Some(account) = self.account_in(&mut tx, name).await? else { return Ok(Approval::Unknown) };
        if account.state != AccountState::Pending {
            return Ok(Approval::NotPending);
        }
        if self.is_one_person(&mut tx, name, by).await? {
            return Ok(Approval::Own);
        }
        for approver in &account.approvers {
            if self.is_one_person(&mut tx, approver, by).await? {
                return Ok(Approval::Twice);
            }
        }
        let (sql, active) = if account.approvers.is_empty() { (FIRST, !account.issuing) } else { (SECOND, true) };
        let state = if active { "active" } else { "pending" };
        let values = [Value::Text(name), Value::Text(by), Value::Int(now.as_millisecond()), Value::Text(state)];
        tx.run(sql, &values).await.map_err(self.say())?;
        let entry = about(By::operator(Some(by)), Deed::ApprovalGiven, name)
            .with("roles", account.roles.join(","))
            .with("state", state);
        self.witness(&mut tx, &[entry], now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(if active { Approval::Active } else { Approval::OneMore })
    }

    /// Refuses what waits for approval: the account is closed. False when nothing of this name waits.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn refuse_account(&self, name: &str, by: &str, now: Timestamp) -> Result<bool, RegistryError> {
        check_key(0, "name of an account", name)?;
        check_key(0, "name of an account", by)?;
        let mut tx = self.write().await?;
        let values = [Value::Text(name), Value::Text(by), Value::Int(now.as_millisecond())];
        let changed = tx.run(REFUSE, &values).await.map_err(self.say())?;
        if changed > 0 {
            self.witness(&mut tx, &[about(By::operator(Some(by)), Deed::ApprovalRefused, name)], now).await?;
        }
        tx.commit().await.map_err(self.say())?;
        Ok(changed > 0)
    }
}
