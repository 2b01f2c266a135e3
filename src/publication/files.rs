//! The published folder.

use std::{
    collections::HashSet,
    fs::{self, TryLockError},
    path::{Path, PathBuf},
};

use super::{LISTS_FOLDER, PublicationError};
use crate::{
    batch::{BUNDLE_FILE, ListKey, write_public},
    limits,
    revocation::{INDEX_FILE, Index, IndexedFile, SignedIndex},
};

/// Name of the file that is locked while somebody publishes.
const LOCK_FILE: &str = ".publishing";

/// The folder, which need not exist yet.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    dir: PathBuf,
    lists: PathBuf,
}

/// Held as long as it lives; the system lets go of it however the program ends.
#[derive(Debug)]
pub(super) struct Held {
    _lock: fs::File,
}

impl Folder {
    pub(super) fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), lists: dir.join(LISTS_FOLDER) }
    }

    pub(super) fn index_path(&self) -> PathBuf {
        self.lists.join(INDEX_FILE)
    }

    pub(super) fn bundle(&self) -> PathBuf {
        self.dir.join(BUNDLE_FILE)
    }

    /// Makes the folder and holds it for one publication.
    pub(super) fn hold(&self) -> Result<Held, PublicationError> {
        make(&self.lists)?;
        let path = self.lists.join(LOCK_FILE);
        let wrong = |error: std::io::Error| PublicationError::Folder { path: path.clone(), kind: error.kind() };
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let lock = options.open(&path).map_err(wrong)?;
        match crate::gateway::lock(&lock) {
            // A file system without locks leaves it to the operator.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Held { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(PublicationError::Held { path: self.dir.clone() }),
        }
    }

    /// The index that is there, with its bytes: ours, or at least of its form, for the list key may have changed.
    pub(super) fn index(&self, list_key: &ListKey) -> Option<(SignedIndex, Vec<u8>)> {
        let bytes = read(&self.index_path(), u64::try_from(limits::REVOCATION_INDEX_BYTES).unwrap_or(u64::MAX))?;
        let keys: Vec<_> = list_key.signer.certificate().public_key().into_iter().collect();
        let index = Index::read(&bytes, &keys, true).ok()?;
        Some((index, bytes))
    }

    /// Whether a file of an index is there in its length; names never get another content.
    pub(super) fn has(&self, file: &IndexedFile) -> bool {
        fs::metadata(self.lists.join(&file.name)).is_ok_and(|found| found.is_file() && found.len() == file.bytes)
    }

    /// A file of an index, by its name.
    pub(super) fn get(&self, name: &str) -> Option<Vec<u8>> {
        read(&self.lists.join(name), limits::REVOCATION_FILE_BYTES)
    }

    /// Writes a file unless it is there already; tells whether it was not.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> Result<bool, PublicationError> {
        if self.get(name).is_some_and(|there| there == bytes) {
            return Ok(false);
        }
        let path = self.lists.join(name);
        path.parent().map(make).transpose()?;
        write_public(&path, bytes)?;
        Ok(true)
    }

    pub(super) fn put_index(&self, bytes: &[u8]) -> Result<(), PublicationError> {
        Ok(write_public(&self.index_path(), bytes)?)
    }

    /// Removes files of lists and filters that none of these indexes names. What cannot be removed is left: it is in
    /// nobody's way.
    pub(super) fn sweep<'a>(&self, indexes: impl Iterator<Item = &'a Index>) {
        let named: HashSet<PathBuf> =
            indexes.flat_map(|index| index.files.iter().map(|file| self.lists.join(&file.name))).collect();
        for folder in ["lists", "filters"] {
            sweep(&self.lists.join(folder), &named, 0);
        }
    }
}

/// Folders of filters are four deep.
const DEPTH: usize = 5;

fn sweep(folder: &Path, named: &HashSet<PathBuf>, depth: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < DEPTH => {
                sweep(&path, named, depth + 1);
                // Only where it is empty now.
                let _ = fs::remove_dir(&path);
            }
            Ok(kind) if kind.is_file() && !named.contains(&path) => {
                let _ = fs::remove_file(&path);
            }
            _ => {}
        }
    }
}

/// Makes a folder that everybody may read.
fn make(path: &Path) -> Result<(), PublicationError> {
    fs::create_dir_all(path).map_err(|error| PublicationError::Folder { path: path.to_owned(), kind: error.kind() })
}

fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    let bounded = fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= most);
    bounded.then(|| fs::read(path).ok()).flatten()
}
