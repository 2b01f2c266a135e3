//! Login with the account of DHIS2: the name and password, or the personal access token, is checked against its
//! `/api/me`, and the roles come from the user's groups there.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    error::AccessError,
    groups::Standing,
    state::{hex, marks, tag},
};
use crate::{
    config::{GroupRoles, environment_variable},
    limits::{
        ACCESS_FACILITIES, GROUPS_SECONDS, LOGIN_DHIS2_SECONDS, LOGIN_FAILURES_BLOCK, LOGIN_FAILURES_NAME,
        LOGIN_REFUSED_MILLISECONDS, LOGIN_SPAN_SECONDS, SMALL_FILE_BYTES,
    },
    registry::{
        Account, AccountState, External, Vouched,
        audit::{By, Deed, Entry},
    },
    service::House,
    source::dhis2::{Auth, ClientOptions, Login, Retry, Secret, User},
};

const SPAN: SignedDuration = SignedDuration::from_secs(LOGIN_SPAN_SECONDS);

/// A login to be checked.
pub(super) struct Try {
    pub(super) auth: Auth,
    /// The name of the user, where it tells one.
    pub(super) name: Option<String>,
    /// All of it, for the cache.
    pub(super) whole: String,
    /// Whence it comes: a block of addresses.
    pub(super) block: Option<String>,
}

/// The account of a login. A refusal takes the same time whatever its reason.
pub(super) async fn login(house: &House, attempt: Try, now: Timestamp) -> Result<Account, AccessError> {
    let key = house.access().key(house).await?;
    let mark = tag(key, "taken", &attempt.whole);
    if let Some(name) = house.access().remembered(&mark, now)
        // Whoever lost every group meanwhile is asked for anew.
        && house.access().standing(&name, now).is_none_or(|standing| !standing.out)
        && let Some(account) = house.registry.account(&name).await?
    {
        return open(account);
    }
    // Names in small letters, as DHIS2 takes them: `Nurse` and `nurse` are one.
    let by_name = attempt.name.as_ref().map(|name| format!("login {}", hex(&tag(key, "name", &name.to_lowercase()))));
    let by_block = attempt.block.as_ref().map(|block| format!("block {}", hex(&tag(key, "block", block))));
    let bounds = [(by_name, LOGIN_FAILURES_NAME), (by_block, LOGIN_FAILURES_BLOCK)];
    for (count, most) in &bounds {
        let Some(count) = count else { continue };
        let (failed, until) = house.registry.counted(count, SPAN, now).await?;
        if failed >= u64::from(*most) {
            let wait = until.duration_since(now).as_secs();
            return Err(AccessError::Throttled { retry_after: u64::try_from(wait).unwrap_or_default().max(1) });
        }
    }
    let least = tokio::time::sleep(Duration::from_millis(LOGIN_REFUSED_MILLISECONDS));
    let found = check(house, attempt, now).await;
    if matches!(found, Err(AccessError::Refused)) {
        for (count, most) in &bounds {
            if let Some(count) = count {
                house.registry.count_up(count, 1, *most, SPAN, now).await?;
            }
        }
        house.registry.audit(&Entry::new(By::anybody(), Deed::LoginFailed).because("dhis2"), now).await?;
        least.await;
    }
    let account = found?;
    house.access().remember(mark, &account.name, now);
    open(account)
}

fn open(account: Account) -> Result<Account, AccessError> {
    if account.state == AccountState::Closed { Err(AccessError::Closed) } else { Ok(account) }
}

async fn check(house: &House, attempt: Try, now: Timestamp) -> Result<Account, AccessError> {
    let Some(mapping) = &house.setup.access.dhis2 else { return Err(AccessError::NoDhis2) };
    let server = house.access().dhis2.get_or_try_init(|| connect(house)).await?;
    let asked = server.whose(attempt.auth).await.map_err(|error| {
        tracing::warn!(%error, "a login could not be checked");
        AccessError::Dhis2Away
    })?;
    let Some(user) = asked else { return Err(AccessError::Refused) };
    let key = house.access().key(house).await?;
    let marks = marks(key, [user.id.as_str()].into_iter().chain(user.known_as.iter().map(String::as_str)));
    let Some(known) = external(mapping, user, attempt.name) else { return Err(AccessError::NoRole) };
    let account = house.registry.know_account(&known, now).await?;
    house.registry.know_person(&account.name, &marks).await?;
    house.access().stands(&account.name, Standing::lasting(GROUPS_SECONDS, false, now), now);
    Ok(account)
}

/// What DHIS2 vouches for: a user with the roles of her groups; `None` when no group gives her one. `called` is the name
/// that she gave herself, where the server tells none.
pub(super) fn external(mapping: &GroupRoles, user: User, called: Option<String>) -> Option<External> {
    let roles = mapping.roles(user.groups.iter().map(String::as_str));
    (!roles.is_empty()).then(|| External {
        origin: "dhis2",
        called: user.name.or(called).unwrap_or_else(|| user.id.clone()),
        subject: user.id,
        roles: roles.iter().map(|role| role.name().to_owned()).collect(),
        facilities: user.org_units.into_iter().map(|unit| unit.id).take(ACCESS_FACILITIES).collect(),
        vouched: if mapping.is_enough { Vouched::Everything } else { Vouched::NotIssuing },
    })
}

/// The connection, made when somebody first logs in.
async fn connect(house: &House) -> Result<Login, AccessError> {
    let section = house.setup.dhis2.clone().unwrap_or_default();
    let url = Some(section.url).filter(|url| !url.is_empty()).or_else(|| environment_variable("VACCERT_DHIS2_URL"));
    // The credentials of the service itself are not sent for anybody else.
    let nobody = Auth::Token(Secret::new("none".to_owned()));
    let mut options = ClientOptions::new(url.ok_or(AccessError::NoDhis2)?, nobody);
    options.allow_plain_http = section.allow_plain_http;
    options.request_timeout = Duration::from_secs(LOGIN_DHIS2_SECONDS);
    options.retry = Retry { tries: 1, ..Retry::default() };
    if let Some(path) = section.ca_file {
        let read = async {
            let size = tokio::fs::metadata(&path).await?.len();
            if size > SMALL_FILE_BYTES { Ok(Vec::new()) } else { tokio::fs::read(&path).await }
        };
        options.extra_roots_pem = read.await.map_err(|_: std::io::Error| AccessError::Dhis2Away)?;
    }
    Login::new(&options).map_err(|error| {
        tracing::warn!(%error, "DHIS2 cannot be asked for logins");
        AccessError::Dhis2Away
    })
}
