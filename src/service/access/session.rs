//! Sessions at a browser: a random cookie, of which the registry keeps the SHA-256.

use axum::http::{HeaderMap, HeaderValue};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::{
    error::AccessError,
    oidc,
    presented::{COOKIE, LOCAL_COOKIE, is_local},
    state::random,
};
use crate::{
    keys::sha256,
    limits::GROUPS_SECONDS,
    registry::{NewSession, Session, Token},
    service::House,
};

/// By what the registry finds a session.
pub(super) fn hash(cookie: &str) -> [u8; 32] {
    sha256(cookie.as_bytes())
}

/// By what a session is begun.
#[derive(Clone, Copy)]
pub(super) enum Proof<'a> {
    /// A login of DHIS2.
    Dhis2,
    /// A token, whose bounds it keeps.
    Token(&'a Token),
    /// The provider of identities, and the refresh token with which that can be asked again.
    Provider(Option<&'a str>),
}

/// Begins a session, and gives its cookie.
pub(super) async fn begin(
    house: &House,
    headers: &HeaderMap,
    account: &str,
    proof: Proof<'_>,
    now: Timestamp,
) -> Result<HeaderValue, AccessError> {
    let text = URL_SAFE_NO_PAD.encode(random::<32>(house)?);
    let access = &house.setup.access;
    let after = |lasts| now.checked_add(lasts).unwrap_or(now);
    let end = after(access.session);
    let (token, ends_at, renewal) = match proof {
        Proof::Dhis2 => (None, end, None),
        Proof::Token(token) => (Some(token.id.as_str()), end.min(token.expires_at), None),
        Proof::Provider(Some(renewal)) => (None, end, Some(oidc::seal(house, &text, renewal).await?)),
        // Nothing tells us when the person loses a role there: she logs in again soon.
        Proof::Provider(None) => (None, access.oidc.as_ref().map_or(end, |oidc| end.min(after(oidc.unasked))), None),
    };
    let asked = renewal.as_deref().map(|sealed| (sealed, oidc::next(GROUPS_SECONDS, now)));
    let new = NewSession { hash: &hash(&text), account, token, ends_at, asked };
    house.registry.begin_session(&new, now).await?;
    Ok(set(headers, &text, ends_at.duration_since(now).as_secs()))
}

/// The session of a cookie.
pub(super) async fn find(house: &House, cookie: &str, now: Timestamp) -> Result<Option<Session>, AccessError> {
    Ok(house.registry.session(&hash(cookie), house.setup.access.idle, now).await?)
}

/// Makes the browser forget the cookie.
pub(super) fn forget(headers: &HeaderMap) -> HeaderValue {
    set(headers, "", 0)
}

fn set(headers: &HeaderMap, text: &str, seconds: i64) -> HeaderValue {
    let (name, secure) = if is_local(headers) { (LOCAL_COOKIE, "") } else { (COOKIE, "; Secure") };
    let cookie = format!("{name}={text}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    // Letters, digits and signs of our own making.
    HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
}
