//! What the provider grants, for a code or for a refresh token, and what it says of the person then: an ID token that is
//! believed only after every check of OpenID Connect Core 1.0 (sections 3.1.3.7 and 12.2), and where that does not tell
//! groups, the answer of the provider's UserInfo endpoint (section 5.3).

use std::{sync::Arc, time::SystemTime};

use jiff::{SignedDuration, Timestamp};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, Nonce, NonceVerifier, OAuth2TokenResponse,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, StandardErrorResponse, StandardTokenResponse,
    SubjectIdentifier, TokenResponse, UserInfoClaims, UserInfoError,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};

use super::{
    BACK,
    provider::{AskError, Known, asking, known, read_anew},
};
use crate::{
    access::is_uid,
    config::OidcOptions,
    limits::{ACCESS_FACILITIES, OIDC_RENEWAL_BYTES, OIDC_SKEW_SECONDS},
    registry::{External, Vouched},
    service::{House, access::error::AccessError},
};

/// Every claim besides those that the standard names.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Claims {
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
type Answer = StandardTokenResponse<Fields, CoreTokenType>;
type Refused = RequestTokenError<AskError, StandardErrorResponse<CoreErrorResponseType>>;

/// This service at the provider.
pub(super) type AtProvider = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Answer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
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

/// Refusals of a refresh token after which the person must log in again: what RFC 6749 (section 5.2) says of one that is
/// no longer valid, and what OpenID Connect Core (section 3.1.2.6) and Entra say when the person is wanted in person.
const IN_PERSON: [&str; 4] = ["invalid_grant", "interaction_required", "login_required", "consent_required"];

/// What the provider says of somebody.
pub(super) struct Told {
    /// Who it is; without a role where no group gives one.
    pub(super) person: External,
    /// By what other systems may know the same person: subject, e-mail address.
    pub(super) known_as: Vec<String>,
    /// With what the provider can be asked again, where it gave that.
    pub(super) renewal: Option<String>,
}

impl Told {
    /// What is said where nobody may log in.
    fn of(claims: &serde_json::Map<String, serde_json::Value>, options: &OidcOptions, subject: &str) -> Self {
        let text = |name: &str| claims.get(name).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
        let called = text("preferred_username");
        let roles = options.roles.roles(texts(claim(claims, &options.roles_claim)));
        let units = options.facilities_claim.as_deref().map(|name| texts(claim(claims, name)));
        let facilities = units.into_iter().flatten().filter(|unit| is_uid(unit)).take(ACCESS_FACILITIES);
        let known_as = [Some(subject), called, text("email")].into_iter().flatten().map(str::to_owned).collect();
        let person = External {
            origin: "oidc",
            called: called.unwrap_or(subject).to_owned(),
            roles: roles.iter().map(|role| role.name().to_owned()).collect(),
            facilities: facilities.map(str::to_owned).collect(),
            vouched: if options.roles.is_enough { Vouched::Everything } else { Vouched::NotIssuing },
            subject: subject.to_owned(),
        };
        Self { person, known_as, renewal: None }
    }
}

/// What came of asking again.
pub(super) enum Again {
    /// The person is still logged in at the provider, with these groups.
    Still(Box<Told>),
    /// She is not: logged out, disabled, removed, or wanted in person.
    Ended,
}

/// This service at the provider.
pub(super) fn at_provider(options: &OidcOptions, known: &Known) -> Result<AtProvider, AccessError> {
    let address = options.address.join(BACK).map_err(|_| AccessError::NoProvider)?;
    let back = RedirectUrl::new(address.into()).map_err(|_| AccessError::NoProvider)?;
    let id = ClientId::new(options.client_id.clone());
    let secret = options.client_secret.clone().map(ClientSecret::new);
    Ok(Client::from_provider_metadata(known.metadata.clone(), id, secret).set_redirect_uri(back))
}

/// Trades the code of a login for what the provider says of the person; `None` when it is not to be believed.
pub(super) async fn exchange(
    house: &House,
    options: &OidcOptions,
    code: &str,
    nonce: &str,
    verifier: String,
    now: Timestamp,
) -> Result<Option<Told>, AccessError> {
    let known = known(house, options, now).await?;
    let client = at_provider(options, &known)?;
    let http = asking(&known.http);
    let request =
        client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(|_| AccessError::ProviderAway)?;
    match request.set_pkce_verifier(PkceCodeVerifier::new(verifier)).request_async(&http).await {
        Ok(answer) => told(house, options, known, &answer, Some(nonce), now).await,
        Err(RequestTokenError::ServerResponse(_)) => Ok(None),
        Err(_) => Err(AccessError::ProviderAway),
    }
}

/// Asks again by a refresh token. `subject` is who it was that logged in.
pub(super) async fn refresh(
    house: &House,
    options: &OidcOptions,
    renewal: String,
    subject: &str,
    now: Timestamp,
) -> Result<Again, AccessError> {
    let known = known(house, options, now).await?;
    let client = at_provider(options, &known)?;
    let http = asking(&known.http);
    let renewal = RefreshToken::new(renewal);
    let request = client.exchange_refresh_token(&renewal).map_err(|_| AccessError::ProviderAway)?;
    let answer = match request.request_async(&http).await {
        Ok(answer) => answer,
        Err(error) if is_in_person(&error) => return Ok(Again::Ended),
        Err(error) => {
            if let RequestTokenError::ServerResponse(said) = &error {
                tracing::warn!(
                    code = said.error().as_ref(),
                    "the provider of identities refuses this service: check client_id and client_secret_file"
                );
            }
            return Err(AccessError::ProviderAway);
        }
    };
    let found = match answer.id_token() {
        Some(_) => told(house, options, known, &answer, None, now).await?,
        // A provider may leave it out here (section 12.2).
        None => match informed(&client, &known, &answer, subject).await? {
            Some(claims) => Some(Told::of(&claims, options, subject)),
            None => {
                tracing::warn!(
                    "the provider of identities says nothing of a person when it is asked again: sessions end instead"
                );
                None
            }
        },
    };
    let renewal = renewal_of(&answer);
    Ok(match found.filter(|told| told.person.subject == subject) {
        Some(told) => Again::Still(Box::new(Told { renewal, ..told })),
        None => Again::Ended,
    })
}

fn is_in_person(error: &Refused) -> bool {
    matches!(error, RequestTokenError::ServerResponse(said) if IN_PERSON.contains(&said.error().as_ref()))
}

/// The refresh token of an answer, unless it is of a size that none has.
fn renewal_of(answer: &Answer) -> Option<String> {
    let renewal = answer.refresh_token().map(|token| token.secret().clone());
    renewal.filter(|token| !token.is_empty() && token.len() <= OIDC_RENEWAL_BYTES)
}

/// What an answer says of the person. `nonce` is that of the login; there is none when the provider is asked again.
async fn told(
    house: &House,
    options: &OidcOptions,
    known_before: Arc<Known>,
    answer: &Answer,
    nonce: Option<&str>,
    now: Timestamp,
) -> Result<Option<Told>, AccessError> {
    let mut at = known_before;
    let mut checked = check(&at_provider(options, &at)?, answer, nonce, now);
    if checked.is_none() {
        // Its keys may be new.
        read_anew(house).await;
        at = known(house, options, now).await?;
        checked = check(&at_provider(options, &at)?, answer, nonce, now);
    }
    let Some((subject, mut claims)) = checked else { return Ok(None) };
    if claim(&claims, &options.roles_claim).is_none()
        && let Some(further) = informed(&at_provider(options, &at)?, &at, answer, &subject).await?
    {
        for (name, value) in further {
            claims.entry(name).or_insert(value);
        }
    }
    let told = Told::of(&claims, options, &subject);
    Ok(Some(Told { renewal: renewal_of(answer), ..told }))
}

/// Subject and claims of an ID token, if it is to be believed (section 3.1.3.7).
fn check(
    client: &AtProvider,
    answer: &Answer,
    nonce: Option<&str>,
    now: Timestamp,
) -> Option<(String, serde_json::Map<String, serde_json::Value>)> {
    let token = answer.id_token()?;
    let skewed = SystemTime::from(now.checked_sub(SignedDuration::from_secs(OIDC_SKEW_SECONDS)).unwrap_or(now));
    let latest = SystemTime::from(now.checked_add(SignedDuration::from_secs(OIDC_SKEW_SECONDS)).unwrap_or(now));
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || skewed.into())
        .set_issue_time_verifier_fn(move |made| {
            if SystemTime::from(made) <= latest { Ok(()) } else { Err("made in the future".to_owned()) }
        });
    let expected = nonce.map(|nonce| Nonce::new(nonce.to_owned()));
    // Asked again, the token has come straight from the provider, for a secret that nobody else has.
    let same = |said: Option<&Nonce>| expected.as_ref().map_or(Ok(()), |expected| expected.verify(said));
    let claims = token.claims(&verifier, same).ok()?;
    if let Some(expected) = claims.access_token_hash() {
        let (algorithm, key) = (token.signing_alg().ok()?, token.signing_key(&verifier).ok()?);
        let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key).ok()?;
        if actual != *expected {
            return None;
        }
    }
    let mut all = claims.additional_claims().all.clone();
    let standard = [
        ("preferred_username", claims.preferred_username().map(|name| name.as_str())),
        ("email", claims.email().map(|address| address.as_str())),
    ];
    for (name, value) in standard {
        all.extend(value.map(|value| (name.to_owned(), value.into())));
    }
    Some((claims.subject().as_str().to_owned(), all))
}

/// What the UserInfo endpoint says of the person with this subject; `None` where there is none, or it says nothing.
async fn informed(
    client: &AtProvider,
    known: &Known,
    answer: &Answer,
    subject: &str,
) -> Result<Option<serde_json::Map<String, serde_json::Value>>, AccessError> {
    let expected = Some(SubjectIdentifier::new(subject.to_owned()));
    let Ok(request) = client.user_info(answer.access_token().clone(), expected) else { return Ok(None) };
    let http = asking(&known.http);
    let said: Result<UserInfoClaims<Claims, CoreGenderClaim>, _> = request.request_async(&http).await;
    match said {
        Ok(said) => {
            let mut all = said.additional_claims().all.clone();
            let standard = [
                ("preferred_username", said.preferred_username().map(|name| name.as_str())),
                ("email", said.email().map(|address| address.as_str())),
            ];
            for (name, value) in standard {
                all.extend(value.map(|value| (name.to_owned(), value.into())));
            }
            Ok(Some(all))
        }
        Err(UserInfoError::Request(_)) => Err(AccessError::ProviderAway),
        Err(UserInfoError::Response(status, ..)) if status.is_server_error() => Err(AccessError::ProviderAway),
        // Somebody else's, or nothing that can be read.
        Err(_) => Ok(None),
    }
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
