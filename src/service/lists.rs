//! The published lists over HTTP: the files of the published folder as they lie there, with what makes downloads
//! small (`ETag`, `If-None-Match`) and able to go on where they broke off (`Range`, `If-Range`; RFC 9110).

use std::{
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path as Named, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};

use super::{ServiceError, apart, error::Sent, typed};
use crate::{
    batch::BUNDLE_FILE,
    keys::sha256,
    limits::{REVOCATION_FILE_BYTES, REVOCATION_NAME_BYTES, TRUST_LIST_BYTES},
    publication::LISTS_FOLDER,
    revocation::INDEX_FILE,
};

/// Devices ask for the index again and again, and are told in a few bytes that it is the same.
const FRESH: &str = "no-cache";
/// The name of a list never gets another content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The routes over a published folder.
///
/// | route | answer |
/// |---|---|
/// | `GET /v1/revocations/index.json` | the signed index |
/// | `GET /v1/revocations/{name}` | a file that the index names |
/// | `GET /v1/bundle.json` | the trust bundle |
pub fn lists(dir: PathBuf) -> Router {
    Router::new()
        .route("/v1/revocations/{*name}", get(list))
        .route("/v1/bundle.json", get(bundle))
        .with_state(Arc::new(dir))
}

async fn bundle(State(dir): State<Arc<PathBuf>>, headers: HeaderMap) -> Result<Response, ServiceError> {
    let path = dir.join(BUNDLE_FILE);
    let bytes = apart(move || read(&path, TRUST_LIST_BYTES)).await?;
    answer(&headers, bytes, "application/json", FRESH)
}

async fn list(
    State(dir): State<Arc<PathBuf>>,
    name: Result<Named<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ServiceError> {
    let Ok(Named(name)) = name else { return Err(ServiceError::NotFound) };
    if !is_plain(&name) {
        return Err(ServiceError::NotFound);
    }
    let (media, cache) = if name == INDEX_FILE {
        ("application/json", FRESH)
    } else if name.starts_with("lists/") || name.starts_with("filters/") {
        ("application/octet-stream", FOR_EVER)
    } else {
        return Err(ServiceError::NotFound);
    };
    let path = dir.join(LISTS_FOLDER).join(&name);
    let bytes = apart(move || read(&path, REVOCATION_FILE_BYTES)).await?;
    answer(&headers, bytes, media, cache)
}

/// Whether a name stays below the folder and is none of the hidden or half-written files there.
fn is_plain(name: &str) -> bool {
    let inside = Path::new(name).components().all(|part| match part {
        Component::Normal(part) => part.to_str().is_some_and(|part| !part.starts_with('.') && !part.ends_with(".part")),
        _ => false,
    });
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
    inside && letters && name.len() <= REVOCATION_NAME_BYTES
}

fn read(path: &Path, most: u64) -> Result<Bytes, ServiceError> {
    // What is larger, no folder, no file or gone meanwhile: to a client there is nothing.
    let found = std::fs::metadata(path).map_err(|_| ServiceError::NotFound)?;
    if !found.is_file() || found.len() > most {
        return Err(ServiceError::NotFound);
    }
    std::fs::read(path).map(Bytes::from).map_err(|_| ServiceError::NotFound)
}

/// The whole, a part, or nothing where the client has it already.
fn answer(
    headers: &HeaderMap,
    bytes: Bytes,
    media: &'static str,
    cache: &'static str,
) -> Result<Response, ServiceError> {
    let digits: String = sha256(&bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{digits}\"");
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let known = text(header::IF_NONE_MATCH).is_some_and(|tags| {
        tags.split(',').any(|one| matches!(one.trim(), "*") || one.trim().trim_start_matches("W/") == tag)
    });
    // A part of another version would not fit to what the client has: then it gets the whole.
    let fits = text(header::IF_RANGE).is_none_or(|asked| asked.trim() == tag);
    let range = text(header::RANGE).filter(|_| fits && !known).and_then(|range| part(range, bytes.len()));
    let (sent, mut response) = match range {
        _ if known => (Sent::Nothing, ().into_response()),
        Some(Err(())) => return Err(ServiceError::Range { bytes: bytes.len() }),
        Some(Ok((from, to))) => {
            let mut response = typed(media, bytes.slice(from..to));
            let said = format!("bytes {from}-{}/{}", to.saturating_sub(1), bytes.len());
            if let Ok(said) = HeaderValue::from_str(&said) {
                response.headers_mut().insert(header::CONTENT_RANGE, said);
            }
            (Sent::Part, response)
        }
        None => (Sent::Whole, typed(media, bytes)),
    };
    let out = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    Ok(sent.with(response))
}

/// The bytes of one range, from and behind the last; `None` where it is not understood, which asks for the whole;
/// `Err` where the file has no such bytes.
fn part(range: &str, size: usize) -> Option<Result<(usize, usize), ()>> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| text.parse::<usize>().ok();
    let (from, to) = match (first.is_empty(), last.is_empty()) {
        (false, true) => (number(first)?, size),
        (false, false) => (number(first)?, number(last)?.saturating_add(1).min(size)),
        (true, false) => (size.saturating_sub(number(last)?), size),
        (true, true) => return None,
    };
    Some(if from < to { Ok((from, to)) } else { Err(()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_standard() {
        for (range, expected) in [
            ("bytes=0-", Some(Ok((0, 10)))),
            ("bytes=4-", Some(Ok((4, 10)))),
            ("bytes=0-0", Some(Ok((0, 1)))),
            ("bytes=8-99", Some(Ok((8, 10)))),
            ("bytes=-3", Some(Ok((7, 10)))),
            ("bytes=-99", Some(Ok((0, 10)))),
            ("bytes=10-", Some(Err(()))),
            ("bytes=5-4", Some(Err(()))),
            ("bytes=-0", Some(Err(()))),
            ("bytes=-", None),
            ("bytes=0-1,3-4", None),
            ("lines=0-1", None),
            ("bytes=a-b", None),
            ("bytes=99999999999999999999-", None),
        ] {
            assert_eq!(part(range, 10), expected, "{range}");
        }
    }

    #[test]
    fn names_stay_below_the_folder() {
        assert!(is_plain("lists/0-00.vcrt") && is_plain("filters/a_b-c/null/0/ff") && is_plain("index.json"));
        for name in [
            "../trust.json",
            "lists/../../x",
            "/etc/passwd",
            ".publishing",
            "lists/.x",
            "lists/x.part",
            "a\\b",
            "a b",
            "",
        ] {
            assert!(!is_plain(name) || name.is_empty(), "{name}");
        }
        assert!(!is_plain(&"a".repeat(300)));
    }
}
