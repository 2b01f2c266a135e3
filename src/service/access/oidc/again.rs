//! Asking the provider again while a session lasts: the refresh token of the login is traded for what the provider says
//! of the person now. So a lost group, a disabled user or a logout there counts within
//! [`GROUPS_SECONDS`](crate::limits::GROUPS_SECONDS) on every replica, as with DHIS2.
//!
//! A refresh token is a key to the person's account at the provider. The registry keeps it enciphered under a key that
//! is made of the session's cookie, of which it knows the hash alone: without the browser nobody can use it, whoever
//! reads the database or a backup of it. It goes with the session.
//!
//! Many providers make a refresh token anew with every use, and take the old one for stolen when it comes again. So one
//! request of all replicas asks at a time, and what comes back is noted even when that request's browser went away.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use jiff::{SignedDuration, Timestamp};

use super::grant::{Again, refresh};
use crate::{
    limits::{GROUPS_RETRY_SECONDS, GROUPS_SECONDS},
    registry::{Account, Session},
    service::{
        House,
        access::{
            error::AccessError,
            session::hash,
            state::{marks, random, tag},
        },
    },
};

/// When the provider is to be asked again.
pub(in crate::service::access) fn next(seconds: i64, now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
}

/// The account of a session as it counts now; `None` when the provider has ended it.
pub(in crate::service::access) async fn renewed(
    house: &House,
    cookie: &str,
    session: &Session,
    now: Timestamp,
) -> Result<Option<Account>, AccessError> {
    let known = || Ok(Some(session.account.clone()));
    if session.ask_at.is_none_or(|at| now < at) {
        return known();
    }
    let mark = hash(cookie);
    let retry = next(GROUPS_RETRY_SECONDS, now);
    let Some(sealed) = house.registry.ask_session(&mark, retry, now).await? else {
        // Another request is asking; who comes meanwhile goes on with what is known.
        return known();
    };
    let (house, cookie, account) = (house.clone(), cookie.to_owned(), session.account.clone());
    // Apart from the request, which may be torn off: a token that was made anew must not be lost.
    let asked = tokio::spawn(async move { ask(&house, &cookie, &sealed, account, now).await });
    match asked.await {
        Ok(answer) => answer,
        Err(_) => known(),
    }
}

async fn ask(
    house: &House,
    cookie: &str,
    sealed: &[u8],
    account: Account,
    now: Timestamp,
) -> Result<Option<Account>, AccessError> {
    let mark = hash(cookie);
    let ended = async |why: &'static str| {
        house.registry.end_session_of_origin(&mark, why, now).await?;
        tracing::info!(why, "a session of a person of the provider of identities has ended");
        Ok(None)
    };
    let Some(options) = &house.setup.access.oidc else {
        return ended("the provider is not configured any more").await;
    };
    let Some(renewal) = open(house, cookie, sealed).await? else {
        return ended("the provider cannot be asked again").await;
    };
    let told = match refresh(house, options, renewal.clone(), &account.subject, now).await {
        Ok(Again::Still(told)) => told,
        Ok(Again::Ended) => return ended("the provider has ended it").await,
        Err(AccessError::ProviderAway) => {
            tracing::warn!("the provider of identities cannot be asked about a session; what was known goes on");
            return Ok(Some(account));
        }
        Err(other) => return Err(other),
    };
    let renewal = told.renewal.unwrap_or(renewal);
    let sealed = seal(house, cookie, &renewal).await?;
    house.registry.session_asked(&mark, &sealed, next(GROUPS_SECONDS, now)).await?;
    // Without a role too: so that tokens of the account have no rights any more either.
    let account = house.registry.know_account(&told.person, now).await?;
    let key = house.access().key(house).await?;
    house.registry.know_person(&account.name, &marks(key, told.known_as.iter().map(String::as_str))).await?;
    if told.person.roles.is_empty() {
        let ended = house.registry.end_sessions_of(&account.name).await?;
        tracing::info!(ended, "a person has lost every group of the provider that gives a role: sessions ended");
        return Ok(None);
    }
    Ok(Some(account))
}

async fn cipher(house: &House, cookie: &str) -> Result<Option<LessSafeKey>, AccessError> {
    let key = tag(house.access().key(house).await?, "oidc renewal", cookie);
    Ok(UnboundKey::new(&AES_256_GCM, &key).ok().map(LessSafeKey::new))
}

/// Enciphers a refresh token for the session of this cookie: a nonce, then AES-256-GCM.
pub(in crate::service::access) async fn seal(
    house: &House,
    cookie: &str,
    renewal: &str,
) -> Result<Vec<u8>, AccessError> {
    let nonce = random::<NONCE_LEN>(house)?;
    let cipher = cipher(house, cookie).await?.ok_or(AccessError::Random)?;
    let mut sealed = renewal.as_bytes().to_vec();
    let made = cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed);
    made.map_err(|_| AccessError::Random)?;
    Ok([&nonce[..], &sealed].concat())
}

/// The reverse; `None` when this cookie did not seal it.
async fn open(house: &House, cookie: &str, sealed: &[u8]) -> Result<Option<String>, AccessError> {
    let Some((nonce, rest)) = sealed.split_first_chunk::<NONCE_LEN>() else { return Ok(None) };
    let Some(cipher) = cipher(house, cookie).await? else { return Ok(None) };
    let mut rest = rest.to_vec();
    let opened = cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut rest);
    Ok(opened.ok().and_then(|text| String::from_utf8(text.to_vec()).ok()))
}
