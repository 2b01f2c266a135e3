//! Who may use the service, and how much: accounts with their approvals, tokens, sessions, counts and alerts.
//! Everything that replicas must agree on is here; what it means is the room `access`'s business.
//!
//! Stored:
//!
//! | table | what | why |
//! |---|---|---|
//! | `account` | name, origin, roles, org units, who proposed and who approved it | whose word a request is; the schema itself refuses an issuing account without two different approvers, none of them the account (failure F03) |
//! | `account_person` | keyed hashes of what an origin tells of the person behind an account | one person approves once, whatever accounts they have ([`Registry::know_person`](crate::registry::Registry::know_person)) |
//! | `access_token` | SHA-256 of a token, its account, rights, org units, end, day of last use | the token itself is shown once and never stored |
//! | `access_session` | SHA-256 of a cookie, its account, beginning, last use, end | so that every replica knows who is logged in |
//! | `access_count` | a name, a span of time, how often | quotas and limits that replicas share; names of people who try to log in stand there only as keyed hashes |
//! | `alert` | what an operator should look at: a quota that was reached, issuing outside of hours | failures F04 and F05 |
//!
//! Rows of `account` are never removed: certificates name whoever had them issued.

mod accounts;
mod alerts;
mod approvals;
mod counts;
mod persons;
mod sessions;
mod tokens;

pub use accounts::{Account, AccountState, External, Proposal, Proposed, Vouched};
pub use alerts::{Alert, AlertKind};
pub use approvals::Approval;
pub use counts::Counted;
pub use sessions::{NewSession, Session};
pub use tokens::{NewToken, Token};

/// Separates names in one column; no name of a role, a right or an org unit has it.
const SEPARATOR: char = ',';

/// A list as it is stored: in the order of the alphabet, each once.
fn joined(names: &[String]) -> String {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names.join(",")
}

/// A stored list.
fn split(text: &str) -> Vec<String> {
    text.split(SEPARATOR).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
