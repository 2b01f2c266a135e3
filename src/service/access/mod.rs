//! Who asks: the gate through which every request goes whose endpoint is not open to everybody; logins, sessions,
//! accounts with their approvals, tokens, and alerts.
//!
//! A request says who asks by one of: a token of ours (`Authorization: Bearer vct_…`), a login of DHIS2 (`Basic` or
//! `ApiToken`), or the cookie of a session that was begun on the page `/login`. What counts of an account is looked
//! up for every request: closing it or revoking a token takes effect at once, on every replica. What DHIS2 and a
//! provider of identities say of their users is looked up again from time to time (`groups`, `oidc::again`).

mod accounts;
mod alerts;
mod dhis2;
mod error;
mod groups;
mod login;
mod oidc;
mod presented;
mod session;
mod state;
mod tables;
mod tokens;
mod users;
mod views;
mod watch;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use jiff::Timestamp;

use super::{
    ClientBlock, House, ServiceError,
    api::{Access, Endpoint},
    guard::is_for_programs,
};
use crate::{
    access::{Actor, ActorKind, Scope},
    registry::{Account, AccountState, Token},
};
use error::AccessError;
use presented::Presented;
pub(super) use state::AccessState;
pub use watch::Alerts;

/// Logging in and out, and everything about accounts.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let parts =
        [login::endpoints(), accounts::endpoints(), tokens::endpoints(), alerts::endpoints(), users::endpoints()];
    parts.into_iter().flatten().collect()
}

/// Whoever asks, proved.
#[derive(Debug, Clone)]
pub(in crate::service) struct Credential {
    /// On whose behalf the request comes.
    pub(in crate::service) actor: Actor,
    /// Their account.
    pub(in crate::service) account: Account,
    /// The token that they came with, or with which their session was begun.
    pub(in crate::service) token: Option<Token>,
    /// Until when this proof holds at the most.
    pub(in crate::service) ends_at: Option<Timestamp>,
    by: By,
}

/// By what they proved it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Token,
    Dhis2,
    Session,
}

impl By {
    fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Dhis2 => "dhis2",
            Self::Session => "session",
        }
    }
}

impl Credential {
    fn of(account: Account, token: Option<Token>, by: By, ends_at: Option<Timestamp>) -> Self {
        let scope = token.as_ref().map(|token| Scope { rights: &token.rights, facilities: &token.facilities });
        let kind = if by == By::Token { ActorKind::Token } else { ActorKind::Person };
        let actor = Actor::of_account(&account.name, kind, &account.effective(), &account.facilities, scope);
        Self { actor, account, token, ends_at, by }
    }
}

/// Lets a request through to an endpoint, and says on whose behalf it comes where the endpoint asks.
pub(super) async fn admit(house: &House, parts: &mut Parts, access: Access) -> Result<Option<Actor>, ServiceError> {
    let right = match access {
        Access::Open => return Ok(None),
        Access::Citizen => return Err(ServiceError::Unauthorized),
        Access::Known => None,
        Access::Needs(right) => Some(right),
    };
    let Some(credential) = identify(house, parts).await? else { return Err(nobody(parts)) };
    let (method, headers) = (&parts.method, &parts.headers);
    let from_here = match credential.by {
        By::Token => true,
        By::Dhis2 => presented::is_no_other_site(method, headers),
        By::Session => presented::is_same_site(method, headers),
    };
    if !from_here {
        return Err(AccessError::CrossSite.into());
    }
    if let Some(right) = right.filter(|right| !credential.actor.may(*right)) {
        return Err(ServiceError::Forbidden { right: right.name() });
    }
    let actor = credential.actor.clone();
    parts.extensions.insert(credential);
    Ok(Some(actor))
}

/// Who asks, if anybody who is known.
pub(super) async fn identify(house: &House, parts: &Parts) -> Result<Option<Credential>, ServiceError> {
    let now = house.clock.now();
    let found = match Presented::of(parts) {
        Presented::Nothing | Presented::Unreadable => None,
        Presented::Token(text) => {
            let found = house.registry.token(&text.hash(), now).await.map_err(AccessError::from)?;
            match found.filter(|(_, account)| account.state != AccountState::Closed) {
                None => None,
                Some((token, account)) => groups::renewed(house, account, now).await?.map(|account| {
                    let ends = token.expires_at;
                    Credential::of(account, Some(token), By::Token, Some(ends))
                }),
            }
        }
        Presented::Dhis2 { auth, name, whole } => {
            let attempt = dhis2::Try { auth, name, whole, block: block(&parts.extensions) };
            match dhis2::login(house, attempt, now).await {
                Ok(account) => Some(Credential::of(account, None, By::Dhis2, None)),
                Err(AccessError::Refused | AccessError::NoDhis2) => None,
                Err(error) => return Err(error.into()),
            }
        }
        Presented::Session(cookie) => match session::find(house, &cookie, now).await? {
            None => None,
            Some(session) => {
                let known = match oidc::renewed(house, &cookie, &session, now).await? {
                    Some(account) => groups::renewed(house, account, now).await?,
                    None => None,
                };
                known.map(|account| Credential::of(account, session.token, By::Session, Some(session.ends_at)))
            }
        },
    };
    Ok(found)
}

/// The block of addresses that a request comes from, where that is known.
fn block(extensions: &axum::http::Extensions) -> Option<String> {
    extensions.get::<ClientBlock>().map(|block| block.as_str().to_owned())
}

/// What somebody is told who is nobody: a person at a browser is led to the page for logging in.
fn nobody(parts: &Parts) -> ServiceError {
    let accepts = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let page = parts.method.is_safe() && accepts.contains("text/html") && !is_for_programs(parts.uri.path());
    if page && !parts.headers.contains_key(header::AUTHORIZATION) {
        let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
        return ServiceError::LogIn { wanted: wanted.to_owned() };
    }
    ServiceError::Unauthorized
}

/// The actor of a request that went through the gate.
impl<S: Sync> FromRequestParts<S> for Actor {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ServiceError> {
        parts.extensions.get::<Self>().cloned().ok_or(ServiceError::Unauthorized)
    }
}

/// The same with account and token.
impl<S: Sync> FromRequestParts<S> for Credential {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ServiceError> {
        parts.extensions.get::<Self>().cloned().ok_or(ServiceError::Unauthorized)
    }
}
