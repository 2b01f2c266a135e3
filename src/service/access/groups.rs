//! Groups of DHIS2 that were lost: whoever came with a session or a token of ours is looked up again in DHIS2 from time
//! to time, with the credentials of the service itself, and has the roles of the groups that they are in now. So a lost
//! group, a disabled user or one who was removed counts within [`GROUPS_SECONDS`](crate::limits::GROUPS_SECONDS) on every
//! replica, although their password is kept nowhere.
//!
//! While DHIS2 is away, or does not show users to the service, what was known goes on: a session ends at its hard end
//! at the latest, a token on its last day. That is said in the log. A provider of identities is asked by each session
//! itself (`oidc::again`): nothing lets us ask it without the person.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{dhis2, error::AccessError};
use crate::{
    config::Dhis2Access,
    limits::{GROUPS_RETRY_SECONDS, GROUPS_SECONDS, LOGIN_DHIS2_SECONDS},
    registry::Account,
    service::House,
    source::dhis2::{Client, Dhis2Error, Retry, User},
};

/// How an account stands in DHIS2, as this process last learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// When to ask again.
    pub(super) until: Timestamp,
    /// Whether the user is gone, disabled, or in no group that gives a role.
    pub(super) out: bool,
}

impl Standing {
    /// For some seconds from now.
    pub(super) fn lasting(seconds: i64, out: bool, now: Timestamp) -> Self {
        Self { until: now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now), out }
    }
}

/// The account as it counts now; `None` when DHIS2 gives its user no role any more: then its sessions have ended.
pub(super) async fn renewed(house: &House, account: Account, now: Timestamp) -> Result<Option<Account>, AccessError> {
    let Some(mapping) = house.setup.access.dhis2.as_ref().filter(|_| account.origin == "dhis2") else {
        return Ok(Some(account));
    };
    let state = house.access();
    if let Some(standing) = state.standing(&account.name, now) {
        return Ok((!standing.out).then_some(account));
    }
    // Whoever asks next meanwhile goes on with what is known.
    state.stands(&account.name, Standing::lasting(GROUPS_RETRY_SECONDS, false, now), now);
    let user = match ask(house, &account.subject).await {
        Ok(user) => user,
        Err(Away) => return Ok(Some(account)),
    };
    let known = user.and_then(|user| dhis2::external(mapping, user, None));
    let Some(known) = known else {
        state.stands(&account.name, Standing::lasting(GROUPS_SECONDS, true, now), now);
        let ended = house.registry.end_sessions_of(&account.name).await?;
        tracing::info!(ended, "a user has lost every group of DHIS2 that gives a role: sessions ended");
        return Ok(None);
    };
    let account = house.registry.know_account(&known, now).await?;
    state.stands(&account.name, Standing::lasting(GROUPS_SECONDS, false, now), now);
    Ok(Some(account))
}

/// DHIS2 did not say.
struct Away;

async fn ask(house: &House, uid: &str) -> Result<Option<User>, Away> {
    let client = house.access().client.get_or_try_init(|| connect(house)).await?;
    client.user(uid).await.map_err(|error| {
        if matches!(error, Dhis2Error::Forbidden { .. }) {
            tracing::warn!(
                "DHIS2 does not show its users to this service, so a lost group counts at the end of a session only: \
                 let the user of the service see users"
            );
        } else {
            tracing::warn!(%error, "the groups of a user could not be looked up; what was known goes on");
        }
        Away
    })
}

/// A connection with the service's own credentials.
async fn connect(house: &House) -> Result<Client, Away> {
    let section = house.setup.dhis2.clone().unwrap_or_default();
    let made = tokio::task::spawn_blocking(move || {
        let mut options = Dhis2Access::of(section).map_err(|error| error.to_string())?.options;
        options.request_timeout = Duration::from_secs(LOGIN_DHIS2_SECONDS);
        options.retry = Retry { tries: 1, ..Retry::default() };
        Client::new(options).map_err(|error| error.to_string())
    });
    let made = made.await.map_err(|_| Away)?;
    made.map_err(|error| {
        tracing::warn!(error, "the groups of users cannot be looked up; what was known goes on");
        Away
    })
}
