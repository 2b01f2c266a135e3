//! Reads the body of a request, bounded in type, size and time.

use std::time::Duration;

use axum::{
    body::{Body, HttpBody},
    extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request},
    http::header,
};
use futures_util::StreamExt;

use super::error::ServiceError;
use crate::limits::SERVICE_BODY_SECONDS;

/// The body of a request that must be of the type `media` and have at most `limit` bytes.
pub(super) async fn read(request: Request, media: &'static str, limit: usize) -> Result<Vec<u8>, ServiceError> {
    let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let essence = sent.split(';').next().unwrap_or("").trim();
    if !essence.eq_ignore_ascii_case(media) {
        return Err(ServiceError::MediaType { expected: media });
    }
    let body = request.into_body();
    let too_large = ServiceError::TooLarge { limit };
    if usize::try_from(body.size_hint().lower()).map_or(true, |announced| announced > limit) {
        return Err(too_large);
    }
    let whole = async {
        let mut bytes = Vec::new();
        let mut stream = body.into_data_stream();
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|_| ServiceError::Broken)?;
            if bytes.len() + piece.len() > limit {
                return Err(too_large);
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    };
    let slow = Err(ServiceError::Slow { seconds: SERVICE_BODY_SECONDS });
    tokio::time::timeout(Duration::from_secs(SERVICE_BODY_SECONDS), whole).await.unwrap_or(slow)
}

/// A form with files that must have at most `limit` bytes.
pub(super) async fn form(request: Request, limit: usize) -> Result<Multipart, ServiceError> {
    let kind = request.headers().get(header::CONTENT_TYPE).cloned();
    let bytes = read(request, "multipart/form-data", limit).await?;
    let mut whole = Request::new(Body::from(bytes));
    if let Some(kind) = kind {
        whole.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    // The bound was kept already; the library's own of 2 MB is smaller than a photograph.
    DefaultBodyLimit::disable().apply(&mut whole);
    Multipart::from_request(whole, &()).await.map_err(|_| ServiceError::Form)
}
