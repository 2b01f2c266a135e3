//! The published folder over HTTP: bundle, signed index, lists and filters, as they lie there. Downloads are small
//! when nothing changed, and go on where they broke off.

use std::{
    collections::HashMap,
    path::{Component, Path as FilePath, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use jiff::Timestamp;

use super::{Kind, Prepared};
use crate::{
    batch::BUNDLE_FILE,
    limits::{PUBLISHED_CACHE_BYTES, REVOCATION_FILE_BYTES, REVOCATION_NAME_BYTES, TRUST_LIST_BYTES},
    publication::LISTS_FOLDER,
    revocation::INDEX_FILE,
    service::{House, ServiceError, apart, api::Endpoint},
};

/// Files that are ready to be sent, as long as they are what lies in the folder.
#[derive(Default)]
pub(in crate::service) struct Files {
    held: Mutex<HashMap<PathBuf, Held>>,
}

struct Held {
    changed: SystemTime,
    bytes: u64,
    prepared: Arc<Prepared>,
}

pub(super) fn endpoints(get: &dyn Fn(&'static str, &'static str, &'static str) -> Endpoint) -> Vec<Endpoint> {
    vec![
        get("/v1/bundle.json", "readBundle", "The signed bundle: keys and revocations in one file")
            .gives_media(200, "application/json", "The bundle")
            .run(bundle),
        get("/v1/trust.json", "readTrust", "The same under its older name")
            .gives_media(200, "application/json", "The bundle")
            .run(bundle),
        get("/v1/revocations/index.json", "readRevocationIndex", "The signed index of the revocation lists")
            .gives_media(200, "application/json", "The index")
            .run(index),
        get("/v1/revocations/{*name}", "readRevocationList", "A revocation list or filter that the index names")
            .path_parameter("name", "Name of the file, as the index has it")
            .header("Range", "A part of it, to go on where a download broke off")
            .gives_media(200, "application/octet-stream", "The file")
            .gives_media(206, "application/octet-stream", "The part")
            .gives_media(416, "application/problem+json", "It has no such part")
            .run(list),
    ]
}

async fn bundle(State(house): State<House>, headers: HeaderMap) -> Result<Response, ServiceError> {
    let path = house.setup.service.public.join(BUNDLE_FILE);
    send(house, path, Kind::JSON, TRUST_LIST_BYTES, &headers).await
}

async fn index(State(house): State<House>, headers: HeaderMap) -> Result<Response, ServiceError> {
    let path = house.setup.service.public.join(LISTS_FOLDER).join(INDEX_FILE);
    send(house, path, Kind::JSON, REVOCATION_FILE_BYTES, &headers).await
}

async fn list(
    State(house): State<House>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ServiceError> {
    let Ok(Path(name)) = name else { return Err(ServiceError::NotFound) };
    let listed = name.starts_with("lists/") || name.starts_with("filters/");
    if !listed || !is_plain(&name) {
        return Err(ServiceError::NotFound);
    }
    let path = house.setup.service.public.join(LISTS_FOLDER).join(&name);
    send(house, path, Kind::LASTING, REVOCATION_FILE_BYTES, &headers).await
}

async fn send(
    house: House,
    path: PathBuf,
    kind: Kind,
    most: u64,
    headers: &HeaderMap,
) -> Result<Response, ServiceError> {
    let prepared = apart(move || house.made().files.get(&path, kind, most)).await?;
    prepared.answer_part(headers)
}

impl Files {
    /// A file as it is now.
    fn get(&self, path: &FilePath, kind: Kind, most: u64) -> Result<Arc<Prepared>, ServiceError> {
        // What is larger, no file, or gone meanwhile: to a client there is nothing.
        let found = std::fs::metadata(path).map_err(|_| ServiceError::NotFound)?;
        let changed = found.modified().map_err(|_| ServiceError::NotFound)?;
        if !found.is_file() || found.len() > most {
            return Err(ServiceError::NotFound);
        }
        let same = |held: &&Held| held.changed == changed && held.bytes == found.len();
        {
            let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(held) = held.get(path).filter(same) {
                return Ok(Arc::clone(&held.prepared));
            }
        }
        let bytes = std::fs::read(path).map_err(|_| ServiceError::NotFound)?;
        let prepared = Arc::new(Prepared::new(kind, bytes, Timestamp::try_from(changed).ok()));
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let others: usize = held.iter().filter(|(known, _)| *known != path).map(|(_, held)| held.prepared.len()).sum();
        if others + prepared.len() > PUBLISHED_CACHE_BYTES {
            held.clear();
        }
        if prepared.len() <= PUBLISHED_CACHE_BYTES {
            held.insert(path.to_owned(), Held { changed, bytes: found.len(), prepared: Arc::clone(&prepared) });
        }
        Ok(prepared)
    }
}

/// Whether a name stays below the folder and is none of the hidden or half-written files there.
fn is_plain(name: &str) -> bool {
    let inside = FilePath::new(name).components().all(|part| match part {
        Component::Normal(part) => part.to_str().is_some_and(|part| !part.starts_with('.') && !part.ends_with(".part")),
        _ => false,
    });
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
    inside && letters && name.len() <= REVOCATION_NAME_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below_the_folder() {
        assert!(is_plain("lists/0-00.vcrt") && is_plain("filters/a_b-c/null/0/ff") && is_plain("index.json"));
        for name in
            ["../trust.json", "lists/../../x", "/etc/passwd", ".publishing", "lists/.x", "lists/x.part", "a\\b", "a b"]
        {
            assert!(!is_plain(name), "{name}");
        }
        assert!(!is_plain(&"a".repeat(300)));
    }

    #[test]
    fn a_file_is_read_again_when_it_changed_and_the_memory_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trust.json");
        let files = Files::default();
        let get = || files.get(&path, Kind::JSON, 1_000_000);
        assert!(matches!(get(), Err(ServiceError::NotFound)));
        std::fs::write(&path, vec![b'a'; 5_000]).unwrap();
        let first = get().unwrap();
        assert!(Arc::ptr_eq(&first, &get().unwrap()), "made once");
        std::fs::write(&path, vec![b'b'; 5_001]).unwrap();
        assert!(!Arc::ptr_eq(&first, &get().unwrap()));
        std::fs::write(&path, vec![b'b'; 1_000_001]).unwrap();
        assert!(matches!(get(), Err(ServiceError::NotFound)), "larger than it may be");
    }
}
