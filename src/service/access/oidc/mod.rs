//! Login by a provider of identities: OpenID Connect Core 1.0, authorization code flow, with PKCE (RFC 7636), state
//! and nonce. Nothing is kept here between the two halves of a login: the browser holds a random mark, signed by
//! this installation, from which state, nonce and verifier are derived again.
//!
//! `provider` is the server, `grant` what it says of somebody, `again` how it is asked once more while a session lasts.

mod again;
mod grant;
mod provider;

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use axum::http::{HeaderMap, HeaderValue};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use openidconnect::{CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope, core::CoreAuthenticationFlow};
use serde::Deserialize;

use super::{
    error::AccessError,
    presented::{cookie, is_local},
    state::{marks, random, tag},
};
use crate::{
    config::OidcOptions,
    limits::OIDC_LOGIN_SECONDS,
    registry::{Account, AccountState},
    service::House,
};
pub(super) use again::{next, renewed, seal};
pub(super) use provider::Provider;

/// Where the provider sends the browser back to.
pub(super) const BACK: &str = "/login/provider/back";
/// The mark of a login that has begun.
const COOKIE: &str = "__Host-vaccert-login";
const LOCAL_COOKIE: &str = "vaccert-login";

/// A login that begins: where the browser goes, and its cookie.
pub(super) struct Begun {
    pub(super) address: String,
    pub(super) cookie: HeaderValue,
}

/// What the provider sends back in the address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    pub(super) code: String,
    #[serde(default)]
    pub(super) state: String,
}

fn options(house: &House) -> Result<&OidcOptions, AccessError> {
    house.setup.access.oidc.as_ref().ok_or(AccessError::NoProvider)
}

fn words(key: &hmac::Key, mark: &str) -> (String, String, String) {
    let word = |of| URL_SAFE_NO_PAD.encode(tag(key, of, mark));
    (word("oidc state"), word("oidc nonce"), word("oidc verifier"))
}

/// Begins a login; `wanted` is where the browser wanted to go.
pub(super) async fn begin(
    house: &House,
    headers: &HeaderMap,
    wanted: &str,
    now: Timestamp,
) -> Result<Begun, AccessError> {
    let options = options(house)?;
    let known = provider::known(house, options, now).await?;
    let key = house.access().key(house).await?;
    let random = URL_SAFE_NO_PAD.encode(random::<24>(house)?);
    let ends = now.as_second().saturating_add(OIDC_LOGIN_SECONDS);
    let mark = format!("{random}.{ends}.{}", URL_SAFE_NO_PAD.encode(wanted));
    let (state, nonce, verifier) = words(key, &mark);
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier));
    let client = grant::at_provider(options, &known)?;
    let mut asked = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(state), || Nonce::new(nonce))
        .set_pkce_challenge(challenge);
    for scope in &options.scopes {
        asked = asked.add_scope(Scope::new(scope.clone()));
    }
    let (address, _, _) = asked.url();
    let signed = format!("{mark}.{}", URL_SAFE_NO_PAD.encode(tag(key, "oidc mark", &mark)));
    Ok(Begun { address: address.into(), cookie: set(headers, &signed, OIDC_LOGIN_SECONDS) })
}

/// Makes the browser forget the mark.
pub(super) fn forget(headers: &HeaderMap) -> HeaderValue {
    set(headers, "", 0)
}

fn set(headers: &HeaderMap, text: &str, seconds: i64) -> HeaderValue {
    let (name, secure) = if is_local(headers) { (LOCAL_COOKIE, "") } else { (COOKIE, "; Secure") };
    let cookie = format!("{name}={text}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
}

/// Somebody who has logged in.
pub(super) struct LoggedIn {
    pub(super) account: Account,
    /// With what the provider can be asked again, where it gave that.
    pub(super) renewal: Option<String>,
    /// Where the browser wanted to go.
    pub(super) wanted: String,
}

/// Ends a login.
pub(super) async fn finish(
    house: &House,
    headers: &HeaderMap,
    sent: Back,
    now: Timestamp,
) -> Result<LoggedIn, AccessError> {
    let options = options(house)?;
    let key = house.access().key(house).await?;
    let name = if is_local(headers) { LOCAL_COOKIE } else { COOKIE };
    let signed = cookie(headers, name).ok_or(AccessError::LoginStale)?;
    let (mark, signature) = signed.rsplit_once('.').ok_or(AccessError::LoginStale)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| AccessError::LoginStale)?;
    verify_slices_are_equal(&signature, &tag(key, "oidc mark", mark)).map_err(|_| AccessError::LoginStale)?;
    let mut pieces = mark.split('.').skip(1);
    let ends: i64 = pieces.next().and_then(|ends| ends.parse().ok()).ok_or(AccessError::LoginStale)?;
    let wanted = pieces.next().and_then(|wanted| URL_SAFE_NO_PAD.decode(wanted).ok()).unwrap_or_default();
    let (state, nonce, verifier) = words(key, mark);
    let same = verify_slices_are_equal(state.as_bytes(), sent.state.as_bytes()).is_ok();
    if !same || now.as_second() >= ends {
        return Err(AccessError::LoginStale);
    }
    if sent.code.is_empty() {
        // The provider refused, or the person did.
        return Err(AccessError::ProviderRefused);
    }
    let told = grant::exchange(house, options, &sent.code, &nonce, verifier, now).await?;
    let told = told.ok_or(AccessError::ProviderRefused)?;
    if told.person.roles.is_empty() {
        return Err(AccessError::NoRole);
    }
    let account = house.registry.know_account(&told.person, now).await?;
    house.registry.know_person(&account.name, &marks(key, told.known_as.iter().map(String::as_str))).await?;
    if account.state == AccountState::Closed {
        return Err(AccessError::Closed);
    }
    Ok(LoggedIn { account, renewal: told.renewal, wanted: String::from_utf8(wanted).unwrap_or_default() })
}
