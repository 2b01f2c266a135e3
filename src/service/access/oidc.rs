//! Login by a provider of identities: OpenID Connect Core 1.0, authorization code flow, with PKCE (RFC 7636), state
//! and nonce. Nothing is kept here between the two halves of a login: the browser holds a random mark, signed by
//! this installation, from which state, nonce and verifier are derived again.

use std::{pin::Pin, sync::Arc, time::Duration, time::SystemTime};

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use axum::http::{HeaderMap, HeaderValue};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse,
    TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
        CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{
    error::AccessError,
    presented::{cookie, is_local},
    state::{marks, random, tag},
};
use crate::{
    access::is_uid,
    config::OidcOptions,
    limits::{
        ACCESS_FACILITIES, OIDC_ANSWER_BYTES, OIDC_DISCOVERY_SECONDS, OIDC_LOGIN_SECONDS, OIDC_SECONDS,
        OIDC_SKEW_SECONDS,
    },
    registry::{Account, AccountState, External, Vouched},
    service::House,
};

/// Where the provider sends the browser back to.
pub(super) const BACK: &str = "/login/provider/back";
/// The mark of a login that has begun.
const COOKIE: &str = "__Host-vaccert-login";
const LOCAL_COOKIE: &str = "vaccert-login";

/// Every claim besides those that the standard names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Claims {
    #[serde(flatten)]
    all: serde_json::Map<String, serde_json::Value>,
}

impl AdditionalClaims for Claims {}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// Public-key algorithms alone: `none` and shared secrets are refused.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What was read of the provider, and the connection to it.
#[derive(Default)]
pub(super) struct Provider {
    known: Mutex<Option<Arc<Known>>>,
}

struct Known {
    http: reqwest::Client,
    metadata: CoreProviderMetadata,
    until: Timestamp,
}

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
    let known = known(house, options, now).await?;
    let key = house.access().key(house).await?;
    let random = URL_SAFE_NO_PAD.encode(random::<24>(house)?);
    let ends = now.as_second().saturating_add(OIDC_LOGIN_SECONDS);
    let mark = format!("{random}.{ends}.{}", URL_SAFE_NO_PAD.encode(wanted));
    let (state, nonce, verifier) = words(key, &mark);
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier));
    let client = openidconnect::core::CoreClient::from_provider_metadata(
        known.metadata.clone(),
        ClientId::new(options.client_id.clone()),
        None,
    )
    .set_redirect_uri(back(options)?);
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

fn back(options: &OidcOptions) -> Result<RedirectUrl, AccessError> {
    let address = options.address.join(BACK).map_err(|_| AccessError::NoProvider)?;
    RedirectUrl::new(address.into()).map_err(|_| AccessError::NoProvider)
}

/// Ends a login: the account, and where the browser wanted to go.
pub(super) async fn finish(
    house: &House,
    headers: &HeaderMap,
    sent: Back,
    now: Timestamp,
) -> Result<(Account, String), AccessError> {
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
    let known = known(house, options, now).await?;
    let (person, told) = match exchange(options, &known, &sent.code, &nonce, verifier, now).await? {
        Checked::Good(person, told) => (person, told),
        Checked::Bad => {
            // Its keys may be new: the next login asks for them again.
            *house.access().provider.known.lock().await = None;
            return Err(AccessError::ProviderRefused);
        }
    };
    let account = house.registry.know_account(&person, now).await?;
    house.registry.know_person(&account.name, &marks(key, told.iter().map(String::as_str))).await?;
    if account.state == AccountState::Closed {
        return Err(AccessError::Closed);
    }
    Ok((account, String::from_utf8(wanted).unwrap_or_default()))
}

enum Checked {
    /// Somebody, and by what other systems may know the same person: subject, e-mail address.
    Good(External, Vec<String>),
    Bad,
}

/// Trades the code for an ID token, and believes it only after every check of the standard (section 3.1.3.7).
async fn exchange(
    options: &OidcOptions,
    known: &Known,
    code: &str,
    nonce: &str,
    verifier: String,
    now: Timestamp,
) -> Result<Checked, AccessError> {
    let client: Client<
        Claims,
        CoreAuthDisplay,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJsonWebKey,
        CoreAuthPrompt,
        StandardErrorResponse<CoreErrorResponseType>,
        StandardTokenResponse<Fields, CoreTokenType>,
        CoreTokenIntrospectionResponse,
        CoreRevocableToken,
        CoreRevocationErrorResponse,
        _,
        _,
        _,
        _,
        _,
        _,
    > = Client::from_provider_metadata(
        known.metadata.clone(),
        ClientId::new(options.client_id.clone()),
        options.client_secret.clone().map(ClientSecret::new),
    )
    .set_redirect_uri(back(options)?);
    let http = asking(&known.http);
    let request =
        client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(|_| AccessError::ProviderAway)?;
    let answer = match request.set_pkce_verifier(PkceCodeVerifier::new(verifier)).request_async(&http).await {
        Ok(answer) => answer,
        Err(openidconnect::RequestTokenError::ServerResponse(_)) => return Ok(Checked::Bad),
        Err(_) => return Err(AccessError::ProviderAway),
    };
    let Some(token) = answer.id_token() else { return Ok(Checked::Bad) };
    let skewed = SystemTime::from(now.checked_sub(SignedDuration::from_secs(OIDC_SKEW_SECONDS)).unwrap_or(now));
    let latest = SystemTime::from(now.checked_add(SignedDuration::from_secs(OIDC_SKEW_SECONDS)).unwrap_or(now));
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || skewed.into())
        .set_issue_time_verifier_fn(move |made| {
            if SystemTime::from(made) <= latest { Ok(()) } else { Err("made in the future".to_owned()) }
        });
    let Ok(claims) = token.claims(&verifier, &Nonce::new(nonce.to_owned())) else { return Ok(Checked::Bad) };
    if let Some(expected) = claims.access_token_hash() {
        let (Ok(algorithm), Ok(key)) = (token.signing_alg(), token.signing_key(&verifier)) else {
            return Ok(Checked::Bad);
        };
        let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key);
        if actual.as_ref().ok() != Some(expected) {
            return Ok(Checked::Bad);
        }
    }
    let all = &claims.additional_claims().all;
    let roles = options.roles.roles(texts(claim(all, &options.roles_claim)));
    if roles.is_empty() {
        return Err(AccessError::NoRole);
    }
    let units = options.facilities_claim.as_deref().map(|name| texts(claim(all, name)));
    let facilities = units.into_iter().flatten().filter(|unit| is_uid(unit)).take(ACCESS_FACILITIES);
    let subject = claims.subject().as_str().to_owned();
    let called = claims.preferred_username().map(|name| name.as_str()).filter(|name| !name.is_empty());
    let address = claims.email().map(|address| address.as_str());
    let told = [Some(subject.as_str()), called, address].into_iter().flatten().map(str::to_owned).collect();
    let person = External {
        origin: "oidc",
        called: called.unwrap_or(&subject).to_owned(),
        roles: roles.iter().map(|role| role.name().to_owned()).collect(),
        facilities: facilities.map(str::to_owned).collect(),
        vouched: if options.roles.is_enough { Vouched::Everything } else { Vouched::NotIssuing },
        subject,
    };
    Ok(Checked::Good(person, told))
}

/// A claim by its name, or by its way through objects: `realm_access.roles`.
fn claim<'a>(claims: &'a serde_json::Map<String, serde_json::Value>, name: &str) -> Option<&'a serde_json::Value> {
    if let Some(found) = claims.get(name) {
        return Some(found);
    }
    let (first, rest) = name.split_once('.')?;
    rest.split('.').try_fold(claims.get(first)?, |value, part| value.get(part))
}

/// The texts of a claim: a list of them, or one with spaces between.
fn texts(claim: Option<&serde_json::Value>) -> Vec<&str> {
    match claim {
        Some(serde_json::Value::Array(values)) => values.iter().filter_map(serde_json::Value::as_str).collect(),
        Some(serde_json::Value::String(text)) => text.split_whitespace().collect(),
        _ => Vec::new(),
    }
}

/// What the provider says of itself, read again from time to time.
async fn known(house: &House, options: &OidcOptions, now: Timestamp) -> Result<Arc<Known>, AccessError> {
    let mut held = house.access().provider.known.lock().await;
    if let Some(known) = held.as_ref().filter(|known| now < known.until) {
        return Ok(Arc::clone(known));
    }
    let away = |what: &'static str| {
        tracing::warn!(what, "the provider of identities cannot be used");
        AccessError::ProviderAway
    };
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(OIDC_SECONDS))
        .build()
        .map_err(|_| away("connection"))?;
    // An address without a path is written without the slash that the parser adds, as providers write it.
    let plain = options.issuer.as_str();
    let issuer = if options.issuer.path() == "/" { plain.trim_end_matches('/') } else { plain };
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|_| away("issuer"))?;
    let asks = asking(&http);
    let metadata = CoreProviderMetadata::discover_async(issuer, &asks).await.map_err(|_| away("discovery"))?;
    let until = now.checked_add(SignedDuration::from_secs(OIDC_DISCOVERY_SECONDS)).unwrap_or(now);
    let known = Arc::new(Known { http: http.clone(), metadata, until });
    *held = Some(Arc::clone(&known));
    Ok(known)
}

/// Why a request to the provider has no answer. It holds nothing of the request, which has secrets in it.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error("the provider does not answer")]
    Away,
    #[error("the provider says too much")]
    TooLarge,
    #[error("the provider's address is not safe")]
    Unsafe,
}

/// An answer to come.
type Asked = Pin<Box<dyn Future<Output = Result<HttpResponse, AskError>> + Send>>;

/// Sends the requests of the library by our HTTP client.
fn asking(http: &reqwest::Client) -> impl Fn(HttpRequest) -> Asked + Send + Sync + 'static {
    let http = http.clone();
    move |request| {
        let http = http.clone();
        Box::pin(async move { ask(&http, request).await })
    }
}

/// One request of the library, sent by our HTTP client: bounded in time and size, and to safe addresses alone.
async fn ask(http: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, AskError> {
    let request = reqwest::Request::try_from(request).map_err(|_| AskError::Unsafe)?;
    let here = request.url().host_str().is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&host));
    if request.url().scheme() != "https" && !(here && request.url().scheme() == "http") {
        return Err(AskError::Unsafe);
    }
    let mut answer = http.execute(request).await.map_err(|_| AskError::Away)?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| AskError::Away)? {
        if body.len().saturating_add(chunk.len()) > OIDC_ANSWER_BYTES {
            return Err(AskError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = HttpResponse::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
