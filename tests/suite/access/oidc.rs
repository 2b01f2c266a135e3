//! Login by OpenID Connect against a small provider with real keys, which can be told to lie in every way that the
//! standard has a check for.

use std::sync::{Arc, Mutex, atomic::Ordering};

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Request, StatusCode, header},
    response::IntoResponse,
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::Url;
use vaccert::{
    access::Role,
    config::{GroupRoles, OidcOptions},
    keys::sha256,
};

use super::house::{Answer, Site, now};

pub(super) const CLIENT: &str = "vaccert-console";
const SECRET: &str = "geheim-aber-nicht-sehr";

/// How the provider lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    Nothing,
    Nonce,
    NoNonce,
    Audience,
    FurtherAudience,
    Issuer,
    Expired,
    Future,
    Unsigned,
    SharedSecret,
    OtherKey,
    Changed,
    NoToken,
    NoGroup,
}

/// How the provider answers when it is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It gives no refresh token.
    Never,
    /// With an ID token, and a new refresh token each time; an old one is taken for stolen.
    Anew,
    /// Without an ID token.
    NoIdToken,
    /// It knows the session no more.
    Gone,
    /// It fails.
    Broken,
}

pub(super) struct Said {
    lie: Lie,
    pub(super) now: Timestamp,
    nonce: String,
    challenge: String,
    pub(super) subject: String,
    pub(super) groups: Vec<String>,
    pub(super) again: Again,
    /// The refresh token that stands.
    pub(super) refresh: String,
    /// How often it was asked again.
    pub(super) asked_again: usize,
    /// Whether an old refresh token came.
    pub(super) stolen: bool,
    /// Whether groups stand at the UserInfo endpoint alone, and for whom that speaks.
    pub(super) thin: bool,
    pub(super) informs_of: Option<String>,
    /// Whether it signs by its other key now.
    pub(super) rotated: bool,
}

pub(super) struct Inner {
    pub(super) issuer: String,
    key: EcdsaKeyPair,
    other: EcdsaKeyPair,
    said: Mutex<Said>,
}

pub(super) struct Provider {
    pub(super) inner: Arc<Inner>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

impl Provider {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}/realms/health", listener.local_addr().unwrap());
        let said = Said {
            lie: Lie::Nothing,
            now: now(),
            nonce: String::new(),
            challenge: String::new(),
            subject: "8f2b0c1e".to_owned(),
            groups: vec!["auditors".to_owned()],
            again: Again::Never,
            refresh: "refresh-token-0".to_owned(),
            asked_again: 0,
            stolen: false,
            thin: false,
            informs_of: None,
            rotated: false,
        };
        let inner = Arc::new(Inner { issuer, key: key(), other: key(), said: Mutex::new(said) });
        let router = Router::new()
            .route("/realms/health/.well-known/openid-configuration", get(discovery))
            .route("/realms/health/jwks", get(jwks))
            .route("/realms/health/token", post(token))
            .route("/realms/health/userinfo", get(user_info))
            .with_state(Arc::clone(&inner));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { inner, task }
    }

    pub(super) fn says<T>(&self, change: impl FnOnce(&mut Said) -> T) -> T {
        change(&mut self.inner.said.lock().unwrap())
    }
}

async fn discovery(State(inner): State<Arc<Inner>>) -> impl IntoResponse {
    let at = |path: &str| format!("{}/{path}", inner.issuer);
    axum::Json(json!({
        "issuer": inner.issuer,
        "authorization_endpoint": at("auth"),
        "token_endpoint": at("token"),
        "jwks_uri": at("jwks"),
        "userinfo_endpoint": at("userinfo"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    }))
}

async fn jwks(State(inner): State<Arc<Inner>>) -> impl IntoResponse {
    let key = if inner.said.lock().unwrap().rotated { &inner.other } else { &inner.key };
    let point = key.public_key().as_ref();
    let part = |from: usize, to: usize| URL_SAFE_NO_PAD.encode(&point[from..to]);
    axum::Json(json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "k1",
                                "x": part(1, 33), "y": part(33, 65)}]}))
}

async fn token(State(inner): State<Arc<Inner>>, headers: HeaderMap, sent: String) -> axum::response::Response {
    let form: std::collections::HashMap<String, String> =
        url::form_urlencoded::parse(sent.as_bytes()).into_owned().collect();
    let mut said = inner.said.lock().unwrap();
    let auth = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let wrong = |what: &str| (StatusCode::BAD_REQUEST, axum::Json(json!({"error": what}))).into_response();
    if auth != format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}"))) {
        return wrong("invalid_client");
    }
    if form.get("grant_type").map(String::as_str) == Some("refresh_token") {
        said.asked_again += 1;
        if form.get("refresh_token") != Some(&said.refresh) {
            said.stolen = true;
            return wrong("invalid_grant");
        }
        return match said.again {
            Again::Never | Again::Gone => wrong("invalid_grant"),
            Again::Broken => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Again::Anew | Again::NoIdToken => {
                said.refresh = format!("refresh-token-{}", said.asked_again);
                // No login, no nonce.
                said.nonce.clear();
                let refresh = said.refresh.as_str();
                let mut answer = json!({"access_token": "at", "token_type": "Bearer", "refresh_token": refresh});
                if said.again == Again::Anew {
                    answer["id_token"] = id_token(&inner, &said).into();
                }
                axum::Json(answer).into_response()
            }
        };
    }
    let verifier = form.get("code_verifier").cloned().unwrap_or_default();
    let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
    if form.get("code").map(String::as_str) != Some("good-code") || challenge != said.challenge {
        return wrong("invalid_grant");
    }
    let mut answer = json!({"access_token": "at", "token_type": "Bearer", "expires_in": 300});
    if said.lie != Lie::NoToken {
        answer["id_token"] = id_token(&inner, &said).into();
    }
    if said.again != Again::Never {
        answer["refresh_token"] = said.refresh.as_str().into();
    }
    axum::Json(answer).into_response()
}

async fn user_info(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> axum::response::Response {
    let said = inner.said.lock().unwrap();
    if headers.get(header::AUTHORIZATION).is_none_or(|sent| sent != "Bearer at") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let subject = said.informs_of.as_deref().unwrap_or(&said.subject);
    axum::Json(json!({"sub": subject, "preferred_username": "amina", "groups": said.groups})).into_response()
}

fn id_token(inner: &Inner, said: &Said) -> String {
    let seconds = said.now.as_second();
    let mut claims = json!({
        "iss": inner.issuer, "sub": said.subject, "aud": CLIENT, "iat": seconds, "exp": seconds + 300,
        "nonce": said.nonce, "preferred_username": "amina", "groups": said.groups,
    });
    if said.thin {
        claims.as_object_mut().unwrap().remove("groups");
    }
    if said.nonce.is_empty() {
        claims.as_object_mut().unwrap().remove("nonce");
    }
    match said.lie {
        Lie::Nonce => claims["nonce"] = "another".into(),
        Lie::NoNonce => drop(claims.as_object_mut().unwrap().remove("nonce")),
        Lie::Audience => claims["aud"] = "another-client".into(),
        Lie::FurtherAudience => claims["aud"] = json!([CLIENT, "another-client"]),
        Lie::Issuer => claims["iss"] = "https://evil.example".into(),
        Lie::Expired => claims["exp"] = (seconds - 120).into(),
        Lie::Future => claims["iat"] = (seconds + 3_600).into(),
        Lie::NoGroup => claims["groups"] = json!(["gardeners"]),
        _ => {}
    }
    let algorithm = match said.lie {
        Lie::Unsigned => "none",
        Lie::SharedSecret => "HS256",
        _ => "ES256",
    };
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(&json!({"alg": algorithm, "kid": "k1", "typ": "JWT"})), encode(&claims));
    let signature = match said.lie {
        Lie::Unsigned => Vec::new(),
        Lie::SharedSecret => {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), text.as_bytes()).as_ref().to_vec()
        }
        Lie::OtherKey => inner.other.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec(),
        _ if said.rotated => inner.other.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec(),
        _ => inner.key.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec(),
    };
    let text = if said.lie == Lie::Changed {
        claims["groups"] = json!(["admins"]);
        let (head, _) = text.split_once('.').unwrap();
        format!("{head}.{}", encode(&claims))
    } else {
        text
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub(super) async fn site(provider: &Provider) -> Site {
    Site::with(|setup| {
        let groups =
            [("auditors", vec![Role::Auditor]), ("admins", vec![Role::Admin]), ("clerks", vec![Role::Operator])];
        setup.access.oidc = Some(OidcOptions {
            issuer: Url::parse(&provider.inner.issuer).unwrap(),
            client_id: CLIENT.to_owned(),
            client_secret: Some(SECRET.to_owned()),
            address: Url::parse("http://localhost:8081").unwrap(),
            scopes: vec!["profile".to_owned()],
            roles_claim: "groups".to_owned(),
            facilities_claim: None,
            roles: GroupRoles {
                groups: groups.into_iter().map(|(name, roles)| (name.to_owned(), roles)).collect(),
                is_enough: false,
            },
            name: "the ministry".to_owned(),
            unasked: SignedDuration::from_mins(60),
        });
    })
    .await
}

/// Begins a login, as a browser does: the mark's cookie, and what the provider was asked.
pub(super) async fn begin(site: &Site, provider: &Provider, next: &str) -> (String, Url) {
    let begun = site.look(&format!("/login/provider?next={next}"), "").await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    let asked = Url::parse(begun.header("location")).unwrap();
    let get = |name: &str| asked.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
    assert!(asked.as_str().starts_with(&format!("{}/auth?", provider.inner.issuer)));
    assert_eq!((get("client_id").as_str(), get("response_type").as_str()), (CLIENT, "code"));
    assert_eq!((get("code_challenge_method").as_str(), get("scope").as_str()), ("S256", "openid profile"));
    assert_eq!(get("redirect_uri"), "http://localhost:8081/login/provider/back");
    provider.says(|said| {
        said.nonce = get("nonce");
        said.challenge = get("code_challenge");
    });
    (begun.cookie(), asked)
}

pub(super) fn state(asked: &Url) -> String {
    asked.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

pub(super) async fn back(site: &Site, cookie: &str, code: &str, state: &str) -> Answer {
    site.look(&format!("/login/provider/back?code={code}&state={state}"), cookie).await
}

#[tokio::test]
async fn a_provider_that_tells_the_truth_logs_somebody_in() {
    let provider = Provider::start().await;
    let site = site(&provider).await;
    let page = site.look("/login?next=/users", "").await;
    assert!(page.text.contains("/login/provider?next=%2Fusers") && page.text.contains("the ministry"));
    let (cookie, asked) = begin(&site, &provider, "/users").await;
    let answer = back(&site, &cookie, "good-code", &state(&asked)).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/users"), "{}", answer.text);
    let session = answer.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap()).collect::<Vec<_>>();
    let session = session.iter().find(|c| c.starts_with("vaccert-session=")).unwrap().split(';').next().unwrap();
    let users = site.look("/users", session).await;
    assert!(users.status == StatusCode::OK && users.text.contains("oidc:amina"), "{}", users.text);
    // A role that issues waits for two people here too.
    provider.says(|said| {
        said.subject = "another-person".to_owned();
        said.groups = vec!["clerks".to_owned()];
    });
    let (cookie, asked) = begin(&site, &provider, "/").await;
    let waits = back(&site, &cookie, "good-code", &state(&asked)).await;
    assert_eq!(waits.status, StatusCode::FORBIDDEN);
    let account = site.registry.account("oidc:another-person").await.unwrap().unwrap();
    assert_eq!((account.approvals_missing(), account.effective().len()), (2, 0));
    assert_eq!(site.signed.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn every_lie_of_a_provider_is_refused() {
    let provider = Provider::start().await;
    let site = site(&provider).await;
    for lie in [
        Lie::Nonce,
        Lie::NoNonce,
        Lie::Audience,
        Lie::FurtherAudience,
        Lie::Issuer,
        Lie::Expired,
        Lie::Future,
        Lie::Unsigned,
        Lie::SharedSecret,
        Lie::OtherKey,
        Lie::Changed,
        Lie::NoToken,
    ] {
        provider.says(|said| said.lie = lie);
        let (cookie, asked) = begin(&site, &provider, "/").await;
        let answer = back(&site, &cookie, "good-code", &state(&asked)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{lie:?}: {}", answer.text);
        assert!(answer.header("set-cookie").is_empty(), "{lie:?}");
    }
    provider.says(|said| said.lie = Lie::NoGroup);
    let (cookie, asked) = begin(&site, &provider, "/").await;
    assert_eq!(back(&site, &cookie, "good-code", &state(&asked)).await.status, StatusCode::FORBIDDEN);
    assert!(site.registry.accounts(false, "", 10).await.unwrap().is_empty(), "nobody has an account by a lie");
    // And the truth is still believed.
    provider.says(|said| said.lie = Lie::Nothing);
    let (cookie, asked) = begin(&site, &provider, "/").await;
    assert_eq!(back(&site, &cookie, "good-code", &state(&asked)).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_login_belongs_to_the_browser_that_began_it_and_ends() {
    let provider = Provider::start().await;
    let site = site(&provider).await;
    let (cookie, asked) = begin(&site, &provider, "/").await;
    let good = state(&asked);
    let (other_cookie, other) = begin(&site, &provider, "/").await;
    for (cookie, code, state) in [
        ("", "good-code", good.as_str()),
        (other_cookie.as_str(), "good-code", good.as_str()),
        (cookie.as_str(), "good-code", "guessed"),
        (cookie.as_str(), "good-code", ""),
        (&cookie.replace('.', "x"), "good-code", good.as_str()),
        // The challenge at the provider is that of the other login.
        (cookie.as_str(), "good-code", good.as_str()),
        (other_cookie.as_str(), "wrong-code", &state(&other)),
        (other_cookie.as_str(), "", &state(&other)),
    ] {
        let answer = back(&site, cookie, code, state).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{code} {state}: {}", answer.text);
    }
    site.clock.forward(SignedDuration::from_secs(vaccert::limits::OIDC_LOGIN_SECONDS));
    provider.says(|said| said.now = said.now.checked_add(SignedDuration::from_secs(600)).unwrap());
    let late = back(&site, &other_cookie, "good-code", &state(&other)).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    // A provider that is away is no refusal.
    drop(provider);
    site.clock.forward(SignedDuration::from_hours(2));
    let request = Request::get("/login/provider").header(header::HOST, "localhost:8081").body(Body::empty());
    assert_eq!(site.ask(request.unwrap()).await.status, StatusCode::SERVICE_UNAVAILABLE);
}
