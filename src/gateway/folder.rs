//! The folder of what was pulled: each kind whole or as it was, the last good one kept until a better one is there.
//!
//! A kind is a folder of files that is written beside, synced and renamed into place. A crash between the two renames
//! leaves the last good one under its other name, from where the next start takes it back.

use std::{
    fs, io,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::limits::REVOCATION_FILE_BYTES;

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file or folder cannot be read or written.
    #[error("{} cannot be used ({kind}): check that it belongs to this user and that the disk has room", path.display())]
    File {
        /// Path.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// Another pull is writing.
    #[error("another pull is writing into {}: wait for its end", path.display())]
    Held {
        /// Path.
        path: PathBuf,
    },
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |error| FolderError::File { path, kind: error.kind() }
}

/// The folder, held by this process alone.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    /// Let go when dropped.
    _held: fs::File,
}

impl Folder {
    /// Opens the folder, made if it is not there.
    ///
    /// # Errors
    /// When it cannot be used, or another process holds it.
    pub fn open(root: &Path) -> Result<Self, FolderError> {
        fs::create_dir_all(root).map_err(failed(root))?;
        let path = root.join(".lock");
        let held = fs::File::create(&path).map_err(failed(&path))?;
        match super::lock(&held) {
            Ok(()) => Ok(Self { root: root.to_owned(), _held: held }),
            Err(fs::TryLockError::WouldBlock) => Err(FolderError::Held { path: root.to_owned() }),
            Err(fs::TryLockError::Error(error)) => Err(failed(&path)(error)),
        }
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The names of the files of a kind, relative to it, with their contents; of at most so many bytes each.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn read(&self, kind: &str) -> Result<Vec<(String, Vec<u8>)>, FolderError> {
        self.recover(kind)?;
        let top = self.root.join(kind);
        if top.is_dir() { below(&top) } else { Ok(Vec::new()) }
    }

    /// Puts files in the place of a kind. The last good one stays beside, hidden.
    ///
    /// # Errors
    /// When they cannot be written; then the kind is as it was.
    pub fn replace(&self, kind: &str, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
        self.recover(kind)?;
        let (place, last) = (self.root.join(kind), self.last(kind));
        let prefix = format!(".{kind}-new-");
        let new = tempfile::Builder::new().prefix(&prefix).tempdir_in(&self.root).map_err(failed(&self.root))?;
        for (name, content) in files {
            let path = new.path().join(name);
            let folder = path.parent().unwrap_or(new.path());
            fs::create_dir_all(folder).map_err(failed(folder))?;
            let mut file = fs::File::create_new(&path).map_err(failed(&path))?;
            file.write_all(content).and_then(|()| file.sync_all()).map_err(failed(&path))?;
        }
        #[cfg(unix)]
        {
            // What is public may be read by whoever verifies with it.
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(new.path(), mode).map_err(failed(new.path()))?;
        }
        sync(new.path())?;
        if place.exists() {
            if last.exists() {
                fs::remove_dir_all(&last).map_err(failed(&last))?;
            }
            fs::rename(&place, &last).map_err(failed(&place))?;
        }
        let new = new.keep();
        fs::rename(&new, &place).map_err(failed(&place))?;
        sync(&self.root)
    }

    /// Writes one file, whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written; then it is as it was.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), FolderError> {
        let path = self.root.join(name);
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.root).map_err(failed(&self.root))?;
        file.write_all(content).and_then(|()| file.as_file().sync_all()).map_err(failed(&path))?;
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            file.as_file().set_permissions(mode).map_err(failed(&path))?;
        }
        file.persist(&path).map_err(|error| failed(&path)(error.error))?;
        sync(&self.root)
    }

    /// Writes JSON, whole or not at all.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), FolderError> {
        let path = self.root.join(name);
        let mut text = serde_json::to_vec_pretty(value)
            .map_err(|_| FolderError::File { path, kind: io::ErrorKind::InvalidData })?;
        text.push(b'\n');
        self.write(name, &text)
    }

    /// Reads JSON that this program wrote; `None` where there is none, or none that can be read.
    #[must_use]
    pub fn read_json<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_slice(&bounded(&self.root.join(name)).ok()?).ok()
    }

    fn last(&self, kind: &str) -> PathBuf {
        self.root.join(format!(".{kind}-last"))
    }

    fn recover(&self, kind: &str) -> Result<(), FolderError> {
        let (place, last) = (self.root.join(kind), self.last(kind));
        if !place.exists() && last.is_dir() {
            fs::rename(&last, &place).map_err(failed(&place))?;
        }
        Ok(())
    }
}

/// How often a reader begins again when a pull replaced what it was reading.
const TRIES: u32 = 5;

/// The files of a kind for whoever only reads, while a pull may be writing: names relative to the kind, with their
/// contents. Empty where nothing was pulled.
///
/// # Errors
/// When one of them cannot be read.
pub fn kept(root: &Path, kind: &str) -> Result<Vec<(String, Vec<u8>)>, FolderError> {
    let mut tries = 0;
    loop {
        // Between the two renames of a replacement the last good one stands under its other name.
        let places = [root.join(kind), root.join(format!(".{kind}-last"))];
        let Some(top) = places.into_iter().find(|place| place.is_dir()) else { return Ok(Vec::new()) };
        match below(&top) {
            Err(FolderError::File { kind: io::ErrorKind::NotFound, .. }) if tries < TRIES => tries += 1,
            done => return done,
        }
    }
}

/// Two levels: a folder, and one of countries below.
fn below(top: &Path) -> Result<Vec<(String, Vec<u8>)>, FolderError> {
    let mut found = Vec::new();
    for entry in sorted(top)? {
        if entry.is_dir() {
            for file in sorted(&entry)? {
                take(top, &file, &mut found)?;
            }
        } else {
            take(top, &entry, &mut found)?;
        }
    }
    Ok(found)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let entries = fs::read_dir(folder).map_err(failed(folder))?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed(folder))?;
    paths.sort();
    Ok(paths)
}

fn take(top: &Path, path: &Path, found: &mut Vec<(String, Vec<u8>)>) -> Result<(), FolderError> {
    let name = path.strip_prefix(top).ok().and_then(Path::to_str);
    if let Some(name) = name.filter(|_| path.is_file()) {
        found.push((name.to_owned(), bounded(path).map_err(failed(path))?));
    }
    Ok(())
}

fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let file = fs::File::open(path)?;
    file.take(REVOCATION_FILE_BYTES + 1).read_to_end(&mut content)?;
    if u64::try_from(content.len()).is_ok_and(|length| length > REVOCATION_FILE_BYTES) {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(content)
}

/// A name is on the disk only when its folder is.
fn sync(folder: &Path) -> Result<(), FolderError> {
    #[cfg(unix)]
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(all: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
        all.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_kind_is_replaced_as_a_whole_and_the_last_one_stays() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        assert!(folder.read("rules").unwrap().is_empty());
        let first = files(&[("XX/a.json", "1"), ("YY/b.json", "2")]);
        folder.replace("rules", &first).unwrap();
        assert_eq!(folder.read("rules").unwrap(), first);
        let second = files(&[("XX/c.json", "3")]);
        folder.replace("rules", &second).unwrap();
        folder.replace("rules", &second).unwrap();
        assert_eq!(folder.read("rules").unwrap(), second);
        assert_eq!(fs::read_to_string(root.path().join(".rules-last/XX/c.json")).unwrap(), "3");
        let names: Vec<_> = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 3, "nothing is left behind: {names:?}");
    }

    #[test]
    fn a_crash_between_the_renames_loses_nothing() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        folder.replace("rules", &files(&[("a", "1")])).unwrap();
        fs::rename(root.path().join("rules"), root.path().join(".rules-last")).unwrap();
        assert_eq!(kept(root.path(), "rules").unwrap(), files(&[("a", "1")]), "a reader that may not write finds it");
        assert_eq!(folder.read("rules").unwrap(), files(&[("a", "1")]));
        assert_eq!(kept(root.path(), "rules").unwrap(), files(&[("a", "1")]));
        assert_eq!(kept(root.path(), "value-sets").unwrap(), []);
    }

    #[test]
    fn one_pull_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let held = Folder::open(root.path()).unwrap();
        assert!(matches!(Folder::open(root.path()), Err(FolderError::Held { .. })));
        drop(held);
        Folder::open(root.path()).unwrap().write_json("report.json", &1).unwrap();
        assert_eq!(fs::read_to_string(root.path().join("report.json")).unwrap(), "1\n");
    }
}
