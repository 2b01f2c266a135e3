//! Accounts, tokens and alerts as the API shows them, and the reading of what it is sent.

use axum::extract::Request;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::error::AccessError;
use crate::{
    access::{LOCAL, Right, Role, is_name, is_uid},
    limits::{ACCESS_FACILITIES, SERVICE_FORM_BYTES, TOKEN_DAYS, TOKEN_LABEL_CHARS},
    registry::{Account, Alert, Token},
    service::{ServiceError, body},
};

/// An account.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AccountView {
    /// Its name.
    name: String,
    /// `local`, `dhis2` or `oidc`.
    origin: String,
    /// Its roles.
    roles: Vec<String>,
    /// Those of them that count now.
    effective_roles: Vec<String>,
    /// UIDs of the org units to which a facility is bound.
    facilities: Vec<String>,
    /// `pending`, `active` or `closed`.
    state: &'static str,
    /// Who proposed it.
    proposed_by: String,
    /// When (RFC 3339).
    proposed_at: String,
    /// Who approved it.
    approved_by: Vec<String>,
    /// How many more people must approve it.
    approvals_missing: usize,
    /// Certificates that it may have issued in an hour, where that differs from the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    issue_per_hour: Option<u32>,
    /// Who closed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<String>,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            effective_roles: account.effective().into_iter().map(str::to_owned).collect(),
            approvals_missing: account.approvals_missing(),
            state: account.state.as_str(),
            proposed_at: account.proposed_at.to_string(),
            name: account.name,
            origin: account.origin,
            roles: account.roles,
            facilities: account.facilities,
            proposed_by: account.proposed_by,
            approved_by: account.approvers,
            issue_per_hour: account.quota,
            closed_by: account.closed_by,
        }
    }
}

/// Accounts.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Accounts {
    pub(super) accounts: Vec<AccountView>,
    /// Ask for those after this name, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// An account that is wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    /// 1 to 64 small letters, digits, and `.`, `-`, `_` between them.
    name: String,
    /// Its roles: verifier, facility, operator, approver, auditor, admin.
    roles: Vec<String>,
    /// UIDs of org units; a facility has at least one.
    #[serde(default)]
    facilities: Vec<String>,
    /// Certificates that it may have issued in an hour, where that differs from the configuration.
    #[serde(default)]
    issue_per_hour: Option<u32>,
}

impl NewAccount {
    pub(super) fn new(name: String, roles: Vec<String>, facilities: Vec<String>, per_hour: Option<u32>) -> Self {
        Self { name, roles, facilities, issue_per_hour: per_hour }
    }

    /// The proposal, if every part of it can be.
    pub(super) fn proposal(self) -> Result<crate::registry::Proposal, AccessError> {
        let name = local_name(&self.name)?;
        let roles: Option<Vec<Role>> = self.roles.iter().map(|name| Role::read(name)).collect();
        let roles = roles.filter(|roles| !roles.is_empty() && !roles.contains(&Role::Citizen));
        let roles = roles.ok_or(AccessError::Role)?;
        let units = &self.facilities;
        let bound = roles.contains(&Role::Facility);
        if units.len() > ACCESS_FACILITIES || units.iter().any(|unit| !is_uid(unit)) || (bound && units.is_empty()) {
            return Err(AccessError::Facility);
        }
        Ok(crate::registry::Proposal {
            name,
            roles: roles.iter().map(|role| role.name().to_owned()).collect(),
            facilities: self.facilities,
            quota: self.issue_per_hour,
        })
    }
}

/// The whole name of a local account, which may be given without its beginning.
pub(in crate::service) fn local_name(text: &str) -> Result<String, AccessError> {
    let short = text.strip_prefix(LOCAL).unwrap_or(text);
    if is_name(short) { Ok(format!("{LOCAL}{short}")) } else { Err(AccessError::Name) }
}

/// A token, of which the text is shown to nobody again.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TokenView {
    /// Names it, and is no secret.
    id: String,
    /// Whose word it is.
    account: String,
    /// What it is for.
    label: String,
    /// What it allows at most: no more than its account may.
    rights: Vec<String>,
    /// UIDs of the org units to which it is bound; empty means those of its account.
    facilities: Vec<String>,
    made_by: String,
    /// RFC 3339.
    made_at: String,
    /// RFC 3339.
    expires_at: String,
    /// Day of the last use.
    #[serde(skip_serializing_if = "Option::is_none")]
    used_on: Option<String>,
    /// `stands`, `expired` or `revoked`.
    state: &'static str,
}

impl TokenView {
    pub(super) fn of(token: Token, now: Timestamp) -> Self {
        let state = match token.revoked_at {
            Some(_) => "revoked",
            None if token.stands(now) => "stands",
            None => "expired",
        };
        Self {
            used_on: token.used_on.map(day),
            id: token.id,
            account: token.account,
            label: token.label,
            rights: token.rights,
            facilities: token.facilities,
            made_by: token.made_by,
            made_at: token.made_at.to_string(),
            expires_at: token.expires_at.to_string(),
            state,
        }
    }
}

impl TokenView {
    /// Its last day.
    pub(super) fn last_day(&self) -> &str {
        self.expires_at.get(..10).unwrap_or(&self.expires_at)
    }

    /// The parts of it that a page shows.
    pub(super) fn shown(&self) -> [&str; 4] {
        [&self.label, &self.account, self.last_day(), self.used_on.as_deref().unwrap_or("–")]
    }

    /// Its identifier, and whether it stands.
    pub(super) fn named(&self) -> (&str, &'static str, &[String]) {
        (&self.id, self.state, &self.rights)
    }
}

/// The day of a moment, in UTC.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// Tokens.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Tokens {
    pub(super) tokens: Vec<TokenView>,
}

/// A token that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct MadeToken {
    /// The token. It is shown this once.
    pub(super) token: String,
    #[serde(flatten)]
    pub(super) about: TokenView,
}

/// A token that is wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedToken {
    /// Whose word it will be; without it, that of whoever asks.
    #[serde(default)]
    pub(super) account: Option<String>,
    /// What it is for.
    pub(super) label: String,
    /// What it allows at most.
    pub(super) rights: Vec<Right>,
    /// UIDs of the org units to which it is bound; empty means those of its account.
    #[serde(default)]
    pub(super) facilities: Vec<String>,
    /// How long it lasts, in days.
    pub(super) days: u32,
}

impl WantedToken {
    pub(super) fn check(&self) -> Result<(), AccessError> {
        let label = self.label.trim();
        if label.is_empty() || label.chars().count() > TOKEN_LABEL_CHARS || label.chars().any(char::is_control) {
            return Err(AccessError::Label);
        }
        if self.rights.is_empty() {
            return Err(AccessError::Right);
        }
        if self.facilities.len() > ACCESS_FACILITIES || self.facilities.iter().any(|unit| !is_uid(unit)) {
            return Err(AccessError::Facility);
        }
        if !(1..=TOKEN_DAYS).contains(&self.days) { Err(AccessError::Days) } else { Ok(()) }
    }
}

/// An alert.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AlertView {
    number: u64,
    /// `quota` or `off-hours`.
    kind: &'static str,
    /// Whose doing it was.
    account: String,
    /// How often it happened in its hour.
    times: u64,
    /// RFC 3339.
    first_at: String,
    /// RFC 3339.
    last_at: String,
    /// Who has looked at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_by: Option<String>,
}

impl From<Alert> for AlertView {
    fn from(alert: Alert) -> Self {
        Self {
            number: alert.number,
            kind: alert.kind.as_str(),
            account: alert.account,
            times: alert.times,
            first_at: alert.first_at.to_string(),
            last_at: alert.last_at.to_string(),
            seen_by: alert.seen_by,
        }
    }
}

/// Alerts.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Alerts {
    pub(super) alerts: Vec<AlertView>,
}

/// Whoever asks.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Me {
    /// Name of the account.
    pub(super) name: String,
    /// Roles that count now.
    pub(super) roles: Vec<String>,
    /// What this login or token allows.
    pub(super) rights: Vec<Right>,
    /// UIDs of the org units to which it is bound; absent means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) facilities: Option<Vec<String>>,
    /// `token`, `dhis2` or `session`.
    pub(super) by: &'static str,
    /// Until when it holds at the most (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ends_at: Option<String>,
    /// How many more people must approve the account before all of its roles count.
    pub(super) approvals_missing: usize,
}

/// Reads the JSON of a request. The words of an error never repeat a value of it.
pub(super) async fn json<T: DeserializeOwned>(request: Request) -> Result<T, ServiceError> {
    let bytes = body::read(request, "application/json", SERVICE_FORM_BYTES).await?;
    let read = serde_json::from_slice(&bytes);
    Ok(read.map_err(|error| AccessError::Json { line: error.line(), column: error.column() })?)
}

/// Reads the fields of a form, each as it came.
pub(super) async fn form(request: Request) -> Result<Vec<(String, String)>, ServiceError> {
    let bytes = body::read(request, "application/x-www-form-urlencoded", SERVICE_FORM_BYTES).await?;
    Ok(url::form_urlencoded::parse(&bytes).into_owned().collect())
}

/// A part of the query, the first of its name.
pub(super) fn asked(query: Option<&str>, name: &str) -> Option<String> {
    let mut parts = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    parts.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}
