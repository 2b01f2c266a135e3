//! The provider of identities as a server: what it says of itself, and the way to it, bounded in time and size.

use std::{pin::Pin, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use openidconnect::{HttpRequest, HttpResponse, IssuerUrl, core::CoreProviderMetadata};
use tokio::sync::Mutex;

use crate::{
    config::OidcOptions,
    limits::{OIDC_ANSWER_BYTES, OIDC_DISCOVERY_SECONDS, OIDC_SECONDS},
    service::{House, access::error::AccessError},
};

/// What was read of the provider, and the connection to it.
#[derive(Default)]
pub(in crate::service::access) struct Provider {
    known: Mutex<Option<Arc<Known>>>,
}

/// What it says of itself, for a while.
pub(super) struct Known {
    /// The connection.
    pub(super) http: reqwest::Client,
    /// Its addresses and keys.
    pub(super) metadata: CoreProviderMetadata,
    until: Timestamp,
}

/// What the provider says of itself, read again from time to time.
pub(super) async fn known(house: &House, options: &OidcOptions, now: Timestamp) -> Result<Arc<Known>, AccessError> {
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

/// What was read of the provider is read anew the next time: its keys may be new.
pub(super) async fn read_anew(house: &House) {
    *house.access().provider.known.lock().await = None;
}

/// Why a request to the provider has no answer. It holds nothing of the request, which has secrets in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    #[error("the provider does not answer")]
    Away,
    #[error("the provider says too much")]
    TooLarge,
    #[error("the provider's address is not safe")]
    Unsafe,
}

/// An answer to come.
pub(super) type Asked = Pin<Box<dyn Future<Output = Result<HttpResponse, AskError>> + Send>>;

/// Sends the requests of the library by our HTTP client.
pub(super) fn asking(http: &reqwest::Client) -> impl Fn(HttpRequest) -> Asked + Send + Sync + 'static {
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
