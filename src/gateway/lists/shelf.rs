//! The folder of one list: the version in use, the one before, and one that waits for an operator.
//!
//! Versions are folders that are written beside, synced and renamed into place; `ledger.json` says which one is which
//! and is replaced in one step. Whatever a crash leaves half done is not named there, and the next run removes it.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Conditions, PullStatus, Refusal};
use crate::{
    keys::sha256,
    limits::{SMALL_FILE_BYTES, TRUST_LIST_BYTES},
    trust::report::Report,
};

pub(super) const LEDGER: &str = "ledger.json";
const LOCK: &str = ".lock";
const VERSIONS: &str = "versions";
const LIST: &str = "list";
const REPORT: &str = "report.json";

/// Why the folder of a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// A file or folder cannot be read or written.
    #[error("{} cannot be used ({kind}): check that it belongs to this user and that the disk has room; the last good list stays in use", path.display())]
    File {
        /// Path.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// Another pull is at work.
    #[error("another run is pulling into {}: wait for its end", path.display())]
    Held {
        /// Path.
        path: PathBuf,
    },
    /// The ledger or a list was changed by somebody else.
    #[error(
        "{} was damaged or changed by hand: move the folder {} away and pull again; then look at the list before you \
         rely on it, because an older one would not be noticed", path.display(), folder.display()
    )]
    Damaged {
        /// Path.
        path: PathBuf,
        /// Folder of the list.
        folder: PathBuf,
    },
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ShelfError {
    let path = path.to_owned();
    move |error| ShelfError::File { path, kind: error.kind() }
}

/// A list that is kept, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Number of the version.
    pub number: u64,
    /// SHA-256 of the list in hexadecimal.
    pub sha256: String,
    /// When it came.
    pub fetched_at: Timestamp,
    /// At which time its certificates were judged.
    pub judged_at: Timestamp,
    /// When it was made, if it says so.
    pub made_at: Option<Timestamp>,
    /// When its newest entry was made, if they say so.
    pub newest_entry: Option<Timestamp>,
    /// Signers that count.
    pub keys: usize,
    /// Authorities that count.
    pub authorities: usize,
    /// What to tell the server the next time.
    #[serde(default)]
    pub conditions: Conditions,
    /// Where it came from: another server knows nothing of the conditions of this one.
    #[serde(default)]
    pub address: String,
    /// Whether an operator accepted it by hand.
    #[serde(default)]
    pub accepted_by_hand: bool,
}

/// A list that waits for an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The list.
    #[serde(flatten)]
    pub kept: Kept,
    /// Why it was not taken.
    pub refusals: Vec<Refusal>,
    /// Since when it waits.
    pub since: Timestamp,
}

/// Which of the versions of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The one in use.
    Current,
    /// The one before.
    Previous,
    /// The one that waits.
    Pending,
}

/// What the ledger says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Ledger {
    form: u8,
    /// Highest number given so far.
    last: u64,
    pub(super) current: Option<Kept>,
    pub(super) previous: Option<Kept>,
    pub(super) pending: Option<Pending>,
    /// Own signers that were in the list at some time.
    pub(super) own_seen: Vec<String>,
    pub(super) status: Option<PullStatus>,
}

impl Ledger {
    pub(super) fn version(&self, version: Version) -> Option<&Kept> {
        match version {
            Version::Current => self.current.as_ref(),
            Version::Previous => self.previous.as_ref(),
            Version::Pending => self.pending.as_ref().map(|pending| &pending.kept),
        }
    }
}

/// The folder of one list.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
    pub(super) ledger: Ledger,
    /// Let go when dropped, however the program ends. Readers hold nothing.
    held: Option<fs::File>,
}

impl Shelf {
    /// Opens the folder to write, made if it is not there, and removes what a crash left.
    pub(super) fn hold(folder: &Path) -> Result<Self, ShelfError> {
        let versions = folder.join(VERSIONS);
        fs::create_dir_all(&versions).map_err(failed(&versions))?;
        let path = folder.join(LOCK);
        let mut options = fs::OpenOptions::new();
        let lock = options.write(true).create(true).truncate(false).open(&path).map_err(failed(&path))?;
        match crate::gateway::lock(&lock) {
            // A file system without locks leaves it to the operator.
            Ok(()) | Err(fs::TryLockError::Error(_)) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(ShelfError::Held { path: folder.to_owned() }),
        }
        let mut shelf = Self { folder: folder.to_owned(), ledger: ledger(folder)?, held: Some(lock) };
        shelf.sweep();
        Ok(shelf)
    }

    /// Opens the folder to read what the last run left; `None` where there has been no run.
    pub(super) fn look(folder: &Path) -> Result<Option<Self>, ShelfError> {
        if !folder.join(LEDGER).exists() {
            return Ok(None);
        }
        Ok(Some(Self { folder: folder.to_owned(), ledger: ledger(folder)?, held: None }))
    }

    fn place(&self, number: u64) -> PathBuf {
        self.folder.join(VERSIONS).join(number.to_string())
    }

    /// Path of the account of a version.
    pub(super) fn report_path(&self, number: u64) -> PathBuf {
        self.place(number).join(REPORT)
    }

    /// The list of a version, as it came.
    pub(super) fn read(&self, kept: &Kept) -> Result<Vec<u8>, ShelfError> {
        let path = self.place(kept.number).join(LIST);
        let damaged = || ShelfError::Damaged { path: path.clone(), folder: self.folder.clone() };
        if fs::metadata(&path).map_err(failed(&path))?.len() > TRUST_LIST_BYTES {
            return Err(damaged());
        }
        let bytes = fs::read(&path).map_err(failed(&path))?;
        if hex(&sha256(&bytes)) == kept.sha256 { Ok(bytes) } else { Err(damaged()) }
    }

    /// Puts a list and its account on the shelf, under a number of its own. Nothing names it before the ledger is
    /// saved.
    pub(super) fn put(&mut self, bytes: &[u8], report: &Report) -> Result<u64, ShelfError> {
        let versions = self.folder.join(VERSIONS);
        let number = self.ledger.last.saturating_add(1);
        let new = tempfile::Builder::new().prefix(".new-").tempdir_in(&versions).map_err(failed(&versions))?;
        write_synced(&new.path().join(LIST), bytes)?;
        let account = serde_json::to_vec_pretty(report)
            .map_err(|_| ShelfError::File { path: new.path().join(REPORT), kind: io::ErrorKind::InvalidData })?;
        write_synced(&new.path().join(REPORT), &account)?;
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(new.path(), mode).map_err(failed(new.path()))?;
        }
        sync(new.path())?;
        let place = self.place(number);
        // A version that a crash left, and no ledger names.
        if place.exists() {
            fs::remove_dir_all(&place).map_err(failed(&place))?;
        }
        let new = new.keep();
        fs::rename(&new, &place).map_err(failed(&place))?;
        sync(&versions)?;
        self.ledger.last = number;
        Ok(number)
    }

    /// Writes the ledger in one step, then removes the versions that it names no more.
    pub(super) fn save(&mut self) -> Result<(), ShelfError> {
        if self.held.is_none() {
            return Err(ShelfError::Held { path: self.folder.clone() });
        }
        self.ledger.form = 1;
        let path = self.folder.join(LEDGER);
        let text = serde_json::to_vec_pretty(&self.ledger)
            .map_err(|_| ShelfError::File { path: path.clone(), kind: io::ErrorKind::InvalidData })?;
        let mut file =
            tempfile::Builder::new().prefix(".new-").tempfile_in(&self.folder).map_err(failed(&self.folder))?;
        file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(failed(&path))?;
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            file.as_file().set_permissions(mode).map_err(failed(&path))?;
        }
        file.persist(&path).map_err(|error| failed(&path)(error.error))?;
        sync(&self.folder)?;
        self.sweep();
        Ok(())
    }

    /// Removes what the ledger does not name. What cannot be removed now is removed the next time.
    fn sweep(&mut self) {
        let named: Vec<String> = [Version::Current, Version::Previous, Version::Pending]
            .into_iter()
            .filter_map(|version| self.ledger.version(version).map(|kept| kept.number.to_string()))
            .collect();
        let Ok(entries) = fs::read_dir(self.folder.join(VERSIONS)) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let ours = name.to_str().is_some_and(|name| {
                name.starts_with(".new-") || (name.parse::<u64>().is_ok() && !named.iter().any(|known| known == name))
            });
            if ours {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(".new-")) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn hex(data: &[u8]) -> String {
    data.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn ledger(folder: &Path) -> Result<Ledger, ShelfError> {
    let path = folder.join(LEDGER);
    let found: Option<Ledger> = read_json(&path, folder)?;
    match found {
        Some(ledger) if ledger.form == 1 => Ok(ledger),
        Some(_) => Err(ShelfError::Damaged { path, folder: folder.to_owned() }),
        None => Ok(Ledger::default()),
    }
}

fn read_json<T: DeserializeOwned>(path: &Path, folder: &Path) -> Result<Option<T>, ShelfError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path)(error)),
        Ok(found) if found.len() > SMALL_FILE_BYTES => {
            return Err(ShelfError::Damaged { path: path.to_owned(), folder: folder.to_owned() });
        }
        Ok(_) => {}
    }
    let text = fs::read(path).map_err(failed(path))?;
    let damaged = |_| ShelfError::Damaged { path: path.to_owned(), folder: folder.to_owned() };
    serde_json::from_slice(&text).map(Some).map_err(damaged)
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), ShelfError> {
    let mut file = fs::File::create_new(path).map_err(failed(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed(path))
}

/// Makes a rename outlive a power cut. Where folders cannot be opened there is nothing to sync.
fn sync(folder: &Path) -> Result<(), ShelfError> {
    match fs::File::open(folder) {
        Ok(opened) => opened.sync_all().map_err(failed(folder)),
        Err(_) => Ok(()),
    }
}
