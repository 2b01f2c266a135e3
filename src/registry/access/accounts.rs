//! Accounts: proposed by somebody, known from DHIS2 or a provider of identities, closed in the end.

use jiff::Timestamp;

use super::{joined, split};
use crate::registry::{
    Registry, RegistryError,
    audit::{By, Deed, Entry, ObjectKind},
    check_key,
    sql::{Row, Tx, Value},
};

/// Roles with which certificates are issued. The schema knows the same two words.
const ISSUING: [&str; 2] = ["facility", "operator"];
/// The role that the first account of an installation has.
const ADMIN: &str = "admin";
/// Who approves the first account: whoever can write into the registry on its own machine.
const MACHINE: &str = "machine:first-admin";

const BY_NAME: &str = "SELECT a.name, a.origin, a.subject, a.roles, a.facilities, a.issuing, a.vouched, a.state, \
     a.proposed_by, a.proposed_at, a.approver_one, a.approver_two, a.quota, a.closed_by FROM account AS a \
     WHERE a.name = $1";
const BY_SUBJECT: &str = "SELECT a.name, a.origin, a.subject, a.roles, a.facilities, a.issuing, a.vouched, a.state, \
     a.proposed_by, a.proposed_at, a.approver_one, a.approver_two, a.quota, a.closed_by FROM account AS a \
     WHERE a.origin = $1 AND a.subject = $2";
const PAGE: &str = "SELECT a.name, a.origin, a.subject, a.roles, a.facilities, a.issuing, a.vouched, a.state, \
     a.proposed_by, a.proposed_at, a.approver_one, a.approver_two, a.quota, a.closed_by FROM account AS a \
     WHERE a.name > $1 ORDER BY a.name LIMIT $2";
const PENDING: &str = "SELECT a.name, a.origin, a.subject, a.roles, a.facilities, a.issuing, a.vouched, a.state, \
     a.proposed_by, a.proposed_at, a.approver_one, a.approver_two, a.quota, a.closed_by FROM account AS a \
     WHERE a.state = 'pending' AND a.name > $1 ORDER BY a.name LIMIT $2";
const INSERT: &str = "INSERT INTO account (name, origin, subject, roles, facilities, issuing, vouched, state, \
     proposed_by, proposed_at, quota) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
/// Other rights are a new proposal: what was approved was something else.
const REPROPOSE: &str = "UPDATE account SET roles = $2, facilities = $3, issuing = $4, vouched = $5, state = $6, \
     proposed_by = $7, proposed_at = $8, approver_one = NULL, approved_one_at = NULL, approver_two = NULL, \
     approved_two_at = NULL, closed_by = NULL, closed_at = NULL WHERE name = $1";
const KNOW: &str = "UPDATE account SET roles = $2, facilities = $3, issuing = $4, vouched = $5 WHERE name = $1";
const ADMINS: &str = "SELECT name FROM account WHERE state <> 'closed' AND ',' || roles || ',' LIKE '%,admin,%'";
const MAKE_FIRST: &str = "INSERT INTO account (name, origin, subject, roles, facilities, issuing, vouched, state, \
     proposed_by, proposed_at, approver_one, approved_one_at) \
     VALUES ($1, 'local', $1, $2, '', 0, 0, 'active', $3, $4, $3, $4)";
const CLOSE: &str = "UPDATE account SET state = 'closed', closed_by = $2, closed_at = $3 \
     WHERE name = $1 AND state <> 'closed'";
const REVOKE_TOKENS: &str = "UPDATE access_token SET revoked_by = $2, revoked_at = $3 \
     WHERE account = $1 AND revoked_at IS NULL";
const END_SESSIONS: &str = "DELETE FROM access_session WHERE account = $1";
const QUOTA: &str = "UPDATE account SET quota = $2 WHERE name = $1";

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// It waits for approval.
    Pending,
    /// All of its roles count.
    Active,
    /// None of them does, for good.
    Closed,
}

impl AccountState {
    /// Its word in the database and on pages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Pending, Self::Active, Self::Closed].into_iter().find(|state| state.as_str() == word)
    }
}

/// For which roles the origin of an account vouches, so that nobody here need approve them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vouched {
    /// None: a local account.
    Nothing,
    /// Those with which nothing is issued.
    NotIssuing,
    /// All of them: the configuration says so.
    Everything,
}

impl Vouched {
    const fn number(self) -> i64 {
        match self {
            Self::Nothing => 0,
            Self::NotIssuing => 1,
            Self::Everything => 2,
        }
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name, which certificates and the log bear.
    pub name: String,
    /// `local`, `dhis2` or `oidc`.
    pub origin: String,
    /// What the origin knows it by.
    pub subject: String,
    /// Names of its roles.
    pub roles: Vec<String>,
    /// UIDs of its org units.
    pub facilities: Vec<String>,
    /// Whether one of the roles issues.
    pub issuing: bool,
    /// For which roles its origin vouches.
    pub vouched: Vouched,
    /// Where it stands.
    pub state: AccountState,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Who approved it, at most two.
    pub approvers: Vec<String>,
    /// Certificates an hour, where it differs from the configuration.
    pub quota: Option<u32>,
    /// Who closed it.
    pub closed_by: Option<String>,
}

impl Account {
    /// The roles that count now.
    #[must_use]
    pub fn effective(&self) -> Vec<&str> {
        let all = self.roles.iter().map(String::as_str);
        match self.state {
            AccountState::Closed => Vec::new(),
            AccountState::Active => all.collect(),
            AccountState::Pending if self.vouched >= Vouched::NotIssuing => {
                all.filter(|role| !ISSUING.contains(role)).collect()
            }
            AccountState::Pending => Vec::new(),
        }
    }

    /// How many more people must approve it before all of its roles count.
    #[must_use]
    pub fn approvals_missing(&self) -> usize {
        if self.state != AccountState::Pending {
            return 0;
        }
        let needed = if self.issuing { 2 } else { 1 };
        usize::saturating_sub(needed, self.approvers.len())
    }
}

/// A local account that somebody wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// Its name.
    pub name: String,
    /// Names of roles.
    pub roles: Vec<String>,
    /// UIDs of org units.
    pub facilities: Vec<String>,
    /// Certificates an hour, where it differs from the configuration.
    pub quota: Option<u32>,
}

/// What became of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposed {
    /// It waits for approval.
    Waits,
    /// The same account with the same rights is there already, or waits already.
    Unchanged,
    /// Nobody proposes rights for himself.
    Own,
    /// The name belongs to an account of another origin, whose roles come from there.
    Foreign,
}

/// Somebody whom DHIS2 or a provider of identities has just vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct External {
    /// `dhis2` or `oidc`.
    pub origin: &'static str,
    /// What the origin knows it by.
    pub subject: String,
    /// What the origin calls it now.
    pub called: String,
    /// Names of roles, by its groups there.
    pub roles: Vec<String>,
    /// UIDs of org units.
    pub facilities: Vec<String>,
    /// For which roles the origin vouches.
    pub vouched: Vouched,
}

/// Somebody did something to an account.
pub(super) fn about(by: By, deed: Deed, account: &str) -> Entry {
    Entry::new(by, deed).to(ObjectKind::Account, account)
}

fn issues(roles: &[String]) -> bool {
    roles.iter().any(|role| ISSUING.contains(&role.as_str()))
}

fn is_within(wanted: &[String], had: &[String]) -> bool {
    wanted.iter().all(|name| had.contains(name))
}

impl Registry {
    pub(super) fn account_row(&self, row: &Row, from: usize) -> Result<Account, RegistryError> {
        let say = self.say();
        let text = |at: usize| row.text(from + at).map_err(&say);
        let optional = |at: usize| row.opt_text(from + at).map_err(&say);
        let number = |at: usize| row.int(from + at).map_err(&say);
        let quota = row.opt_int(from + 12).map_err(&say)?;
        let vouched = [Vouched::Nothing, Vouched::NotIssuing, Vouched::Everything];
        let given = number(6)?;
        Ok(Account {
            name: text(0)?,
            origin: text(1)?,
            subject: text(2)?,
            roles: split(&text(3)?),
            facilities: split(&text(4)?),
            issuing: number(5)? != 0,
            vouched: vouched.into_iter().find(|v| v.number() == given).ok_or_else(|| self.row("vouched"))?,
            state: AccountState::read(&text(7)?).ok_or_else(|| self.row("state"))?,
            proposed_by: text(8)?,
            proposed_at: self.time(number(9)?, "proposed_at")?,
            approvers: [optional(10)?, optional(11)?].into_iter().flatten().collect(),
            quota: quota.map(u32::try_from).transpose().map_err(|_| self.row("quota"))?,
            closed_by: optional(13)?,
        })
    }

    pub(super) async fn account_in(&self, tx: &mut Tx, name: &str) -> Result<Option<Account>, RegistryError> {
        let rows = tx.fetch(BY_NAME, &[Value::Text(name)]).await.map_err(self.say())?;
        rows.first().map(|row| self.account_row(row, 0)).transpose()
    }

    /// The account of this name.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn account(&self, name: &str) -> Result<Option<Account>, RegistryError> {
        check_key(0, "name of an account", name)?;
        let mut tx = self.read().await?;
        self.account_in(&mut tx, name).await
    }

    /// Accounts in the order of their names, after one of them, at most `limit`; only those that wait for approval
    /// where `pending` says so.
    ///
    /// # Errors
    /// The database's.
    pub async fn accounts(&self, pending: bool, after: &str, limit: u32) -> Result<Vec<Account>, RegistryError> {
        let sql = if pending { PENDING } else { PAGE };
        let mut tx = self.read().await?;
        let rows = tx.fetch(sql, &[Value::Text(after), Value::Int(i64::from(limit))]).await.map_err(self.say())?;
        rows.iter().map(|row| self.account_row(row, 0)).collect()
    }

    /// Makes the first account of an installation, which may propose others and approve them. The answer is false,
    /// and nothing is made, while there is an admin, or when the name is taken.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn make_first_admin(&self, name: &str, roles: &[String], now: Timestamp) -> Result<bool, RegistryError> {
        check_key(0, "name of an account", name)?;
        let mut roles = roles.to_vec();
        roles.push(ADMIN.to_owned());
        let mut tx = self.write().await?;
        let admins = tx.fetch(ADMINS, &[]).await.map_err(self.say())?;
        if !admins.is_empty() || self.account_in(&mut tx, name).await?.is_some() {
            return Ok(false);
        }
        let roles = joined(&roles);
        let at = Value::Int(now.as_millisecond());
        let values = [Value::Text(name), Value::Text(&roles), Value::Text(MACHINE), at];
        tx.run(MAKE_FIRST, &values).await.map_err(self.say())?;
        let entry = about(By::system("first-admin"), Deed::AccountMade, name).with("roles", roles.as_str());
        self.witness(&mut tx, &[entry], now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(true)
    }

    /// Proposes a local account, or other rights for one, which then must be approved again; a closed one comes
    /// back that way. Until then it has no rights at all.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn propose_account(
        &self,
        proposal: &Proposal,
        by: &str,
        now: Timestamp,
    ) -> Result<Proposed, RegistryError> {
        check_key(0, "name of an account", &proposal.name)?;
        check_key(0, "name of an account", by)?;
        let (roles, facilities) = (joined(&proposal.roles), joined(&proposal.facilities));
        let at = now.as_millisecond();
        let issuing = i64::from(issues(&proposal.roles));
        let quota = proposal.quota.map(i64::from);
        let mut tx = self.write().await?;
        if self.is_one_person(&mut tx, &proposal.name, by).await? {
            return Ok(Proposed::Own);
        }
        let before = self.account_in(&mut tx, &proposal.name).await?;
        let deed = if before.is_some() { Deed::AccountChanged } else { Deed::AccountAsked };
        match before {
            Some(found) if found.origin != "local" => return Ok(Proposed::Foreign),
            Some(found)
                if found.state != AccountState::Closed
                    && joined(&found.roles) == roles
                    && joined(&found.facilities) == facilities =>
            {
                if found.quota == proposal.quota {
                    return Ok(Proposed::Unchanged);
                }
                let values = [Value::Text(&proposal.name), Value::OptInt(quota)];
                tx.run(QUOTA, &values).await.map_err(self.say())?;
            }
            Some(_) => {
                let values = [
                    Value::Text(&proposal.name),
                    Value::Text(&roles),
                    Value::Text(&facilities),
                    Value::Int(issuing),
                    Value::Int(0),
                    Value::Text("pending"),
                    Value::Text(by),
                    Value::Int(at),
                ];
                tx.run(REPROPOSE, &values).await.map_err(self.say())?;
                let values = [Value::Text(&proposal.name), Value::OptInt(quota)];
                tx.run(QUOTA, &values).await.map_err(self.say())?;
                tx.run(END_SESSIONS, &[Value::Text(&proposal.name)]).await.map_err(self.say())?;
            }
            None => {
                let values = [
                    Value::Text(&proposal.name),
                    Value::Text("local"),
                    Value::Text(&proposal.name),
                    Value::Text(&roles),
                    Value::Text(&facilities),
                    Value::Int(issuing),
                    Value::Int(0),
                    Value::Text("pending"),
                    Value::Text(by),
                    Value::Int(at),
                    Value::OptInt(quota),
                ];
                tx.run(INSERT, &values).await.map_err(self.say())?;
            }
        }
        let entry = about(By::operator(Some(by)), deed, &proposal.name)
            .with("roles", roles.as_str())
            .with("facilities", facilities.as_str());
        self.witness(&mut tx, &[entry], now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(Proposed::Waits)
    }

    /// The account of somebody whom its origin has just vouched for: made at the first time, and afterwards with
    /// the roles and org units that the origin gives now. A role that issues and was not approved yet makes it wait
    /// again; fewer roles need no approval. A closed account stays closed.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn know_account(&self, known: &External, now: Timestamp) -> Result<Account, RegistryError> {
        check_key(0, "name of an account", &known.called)?;
        check_key(0, "name of an account", &known.subject)?;
        let (roles, facilities) = (joined(&known.roles), joined(&known.facilities));
        let (issuing, vouched) = (issues(&known.roles), known.vouched);
        let active = vouched == Vouched::Everything || !issuing;
        let by = format!("origin:{}", known.origin);
        let mut tx = self.write().await?;
        let keys = [Value::Text(known.origin), Value::Text(&known.subject)];
        let rows = tx.fetch(BY_SUBJECT, &keys).await.map_err(self.say())?;
        let found = rows.first().map(|row| self.account_row(row, 0)).transpose()?;
        let name = match &found {
            Some(found) => found.name.clone(),
            None => {
                let called = format!("{}:{}", known.origin, known.called);
                // Somebody else of the origin may have had this name; what the origin knows it by is its own.
                match self.account_in(&mut tx, &called).await? {
                    Some(_) => format!("{}:{}", known.origin, known.subject),
                    None => called,
                }
            }
        };
        let known_before = found.is_some();
        let (flag, level) = (Value::Int(i64::from(issuing)), Value::Int(vouched.number()));
        let state = if active { "active" } else { "pending" };
        let lists = [Value::Text(&roles), Value::Text(&facilities)];
        match found {
            None => {
                let values = [
                    Value::Text(&name),
                    Value::Text(known.origin),
                    Value::Text(&known.subject),
                    lists[0],
                    lists[1],
                    flag,
                    level,
                    Value::Text(state),
                    Value::Text(&by),
                    Value::Int(now.as_millisecond()),
                    Value::OptInt(None),
                ];
                tx.run(INSERT, &values).await.map_err(self.say())?;
            }
            Some(found) if found.state == AccountState::Closed => return Ok(found),
            Some(found)
                if joined(&found.roles) == roles
                    && joined(&found.facilities) == facilities
                    && found.vouched == vouched
                    && (found.state == AccountState::Active || !active) =>
            {
                return Ok(found);
            }
            // What was approved covers what is asked for now.
            Some(found)
                if found.state == AccountState::Active
                    && is_within(&known.roles, &found.roles)
                    && (active || found.approvers.len() == 2) =>
            {
                let values = [Value::Text(&name), lists[0], lists[1], flag, level];
                tx.run(KNOW, &values).await.map_err(self.say())?;
            }
            Some(_) => {
                let at = Value::Int(now.as_millisecond());
                let values =
                    [Value::Text(&name), lists[0], lists[1], flag, level, Value::Text(state), Value::Text(&by), at];
                tx.run(REPROPOSE, &values).await.map_err(self.say())?;
            }
        }
        let account = self.account_in(&mut tx, &name).await?.ok_or_else(|| self.row("account"))?;
        let deed = if known_before { Deed::AccountChanged } else { Deed::AccountMade };
        let entry = about(By::user(&name), deed, &name)
            .with("roles", roles.as_str())
            .with("facilities", facilities.as_str())
            .with("state", account.state.as_str());
        self.witness(&mut tx, &[entry], now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(account)
    }

    /// Closes an account for good: its sessions end and its tokens are revoked with it. False when there is no such
    /// account, or it is closed.
    ///
    /// # Errors
    /// A name of impossible size, or the database.
    pub async fn close_account(&self, name: &str, by: &str, now: Timestamp) -> Result<bool, RegistryError> {
        check_key(0, "name of an account", name)?;
        check_key(0, "name of an account", by)?;
        let values = [Value::Text(name), Value::Text(by), Value::Int(now.as_millisecond())];
        let mut tx = self.write().await?;
        let closed = tx.run(CLOSE, &values).await.map_err(self.say())?;
        if closed == 0 {
            return Ok(false);
        }
        tx.run(REVOKE_TOKENS, &values).await.map_err(self.say())?;
        tx.run(END_SESSIONS, &[Value::Text(name)]).await.map_err(self.say())?;
        self.witness(&mut tx, &[about(By::operator(Some(by)), Deed::AccountClosed, name)], now).await?;
        tx.commit().await.map_err(self.say())?;
        Ok(true)
    }
}
