//! Sessions at a browser: a random cookie, of which the registry keeps the SHA-256.

use axum::http::{HeaderMap, HeaderValue};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;

use super::{
    error::AccessError,
    presented::{COOKIE, LOCAL_COOKIE, is_local},
    state::random,
};
use crate::{
    keys::sha256,
    registry::{NewSession, Session},
    service::House,
};

/// By what the registry finds a session.
pub(super) fn hash(cookie: &str) -> [u8; 32] {
    sha256(cookie.as_bytes())
}

/// Begins a session, and gives its cookie.
pub(super) async fn begin(
    house: &House,
    headers: &HeaderMap,
    account: &str,
    token: Option<&crate::registry::Token>,
    now: Timestamp,
) -> Result<HeaderValue, AccessError> {
    let text = URL_SAFE_NO_PAD.encode(random::<32>(house)?);
    let lasts = house.setup.access.session;
    let end = now.checked_add(lasts).unwrap_or(now);
    let ends_at = token.map_or(end, |token| end.min(token.expires_at));
    let new = NewSession { hash: &hash(&text), account, token: token.map(|token| token.id.as_str()), ends_at };
    house.registry.begin_session(&new, now).await?;
    Ok(set(headers, &text, lasts.as_secs()))
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
