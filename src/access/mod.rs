//! Who may do what: roles, the rights that they give, and the actor on whose behalf something is done. Pure; accounts,
//! tokens and sessions are kept by the registry, and how somebody proves who they are is the service's.

mod accounts;
mod hours;
mod rules;
mod token;

use serde::{Deserialize, Serialize};

pub use accounts::{LOCAL, Scope, is_name, is_uid};
pub use hours::Hours;
pub use rules::{ISSUE_PER_HOUR, Outside, Rules};
pub use token::TokenText;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
pub enum Right {
    /// Have codes verified, where the service does that for known callers alone.
    Verify,
    /// Look certificates up and fetch them.
    Read,
    /// Have certificates issued.
    Issue,
    /// Have certificates corrected and renewed.
    Correct,
    /// Revoke certificates, and take that back.
    Revoke,
    /// See which records were refused, and why.
    Quality,
    /// Read and decide the cases that citizens open.
    Cases,
    /// See the state of the installation: tasks, keys, lists, statistics.
    Operate,
    /// Approve accounts.
    Approve,
    /// Read the audit log.
    Audit,
    /// Make tokens, propose and close accounts.
    Accounts,
    /// Switch features on and off.
    Switch,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 12] = [
        Self::Verify,
        Self::Read,
        Self::Issue,
        Self::Correct,
        Self::Revoke,
        Self::Quality,
        Self::Cases,
        Self::Operate,
        Self::Approve,
        Self::Audit,
        Self::Accounts,
        Self::Switch,
    ];

    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Read => "read",
            Self::Issue => "issue",
            Self::Correct => "correct",
            Self::Revoke => "revoke",
            Self::Quality => "quality",
            Self::Cases => "cases",
            Self::Operate => "operate",
            Self::Approve => "approve",
            Self::Audit => "audit",
            Self::Accounts => "accounts",
            Self::Switch => "switch",
        }
    }
}

/// What somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "service", derive(schemars::JsonSchema))]
pub enum Role {
    /// Sees the own certificates, by a session of their own; no right of this list.
    Citizen,
    /// Checks codes.
    Verifier,
    /// A health worker: the certificates of the own facilities.
    Facility,
    /// Runs the service day by day.
    Operator,
    /// Approves what needs a second pair of eyes.
    Approver,
    /// Sees everything and changes nothing.
    Auditor,
    /// Keeps accounts, tokens and switches; issues nothing.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] =
        [Self::Citizen, Self::Verifier, Self::Facility, Self::Operator, Self::Approver, Self::Auditor, Self::Admin];

    /// What it may do.
    #[must_use]
    pub const fn rights(self) -> &'static [Right] {
        match self {
            Self::Citizen => &[],
            Self::Verifier => &[Right::Verify],
            Self::Facility => &[Right::Verify, Right::Read, Right::Issue, Right::Correct, Right::Quality],
            Self::Operator => &[
                Right::Verify,
                Right::Read,
                Right::Issue,
                Right::Correct,
                Right::Revoke,
                Right::Quality,
                Right::Cases,
                Right::Operate,
            ],
            Self::Approver => &[Right::Verify, Right::Operate, Right::Approve],
            Self::Auditor => &[Right::Verify, Right::Read, Right::Quality, Right::Operate, Right::Audit],
            Self::Admin => &[Right::Verify, Right::Operate, Right::Accounts, Right::Switch],
        }
    }
}

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// A program with a token.
    Token,
    /// A person with an account.
    Person,
    /// A citizen with a session of their own.
    Citizen,
    /// This program itself, or its owner at the command line.
    System,
}

/// On whose behalf something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// How they proved it.
    pub kind: ActorKind,
    /// Stable name of the token or account, such as `token:mediator` or `dhis2:nurse`; for citizens opaque. It goes
    /// into the audit log and into [`Origin::operator`](crate::registry::Origin::operator).
    pub name: String,
    /// What they may do.
    pub rights: Vec<Right>,
    /// UIDs of the org units to which they are bound; `None` for no bound.
    pub facilities: Option<Vec<String>>,
}

impl Actor {
    /// This program itself.
    #[must_use]
    pub fn system(name: &str) -> Self {
        Self { kind: ActorKind::System, name: name.to_owned(), rights: Right::ALL.to_vec(), facilities: None }
    }

    /// Whether they may do it.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// Whether what belongs to this facility is theirs to see. What belongs to none is for those without a bound.
    #[must_use]
    pub fn covers(&self, facility: Option<&str>) -> bool {
        match &self.facilities {
            None => true,
            Some(bound) => facility.is_some_and(|facility| bound.iter().any(|own| own == facility)),
        }
    }
}
