//! What the verifier remembers from run to run: the newest time that it has seen signed, and the newest bundle
//! of each maker. Two facts, no personal data. Without them a clock can be set back and an old list played
//! again without anybody noticing (failures F12 and F27).

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::limits::SMALL_FILE_BYTES;

/// The file's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Facts {
    /// Newest time seen in a list or certificate whose signature matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    newest_signed: Option<Timestamp>,
    /// Highest sequence number of a bundle, by the list key's identifier.
    #[serde(default)]
    bundles: BTreeMap<String, u64>,
}

/// The memory, and where it is kept.
#[derive(Debug, Default)]
pub(in crate::cli) struct Memory {
    path: Option<PathBuf>,
    stored: Facts,
    facts: Facts,
}

/// An older bundle than one that was already used.
#[derive(Debug, thiserror::Error)]
#[error(
    "the bundle has the number {found}, and this device has used number {seen} of the same maker: get the newest bundle"
)]
pub(in crate::cli) struct Replayed {
    found: u64,
    seen: u64,
}

impl Memory {
    /// The memory of a path; by default of the user's state folder (XDG Base Directory Specification), and
    /// none where there is no such folder. A file that cannot be read is told, and everything is new again:
    /// scanning must not stop for it.
    pub(in crate::cli) fn open(path: Option<&Path>) -> Self {
        let Some(path) = path.map(Path::to_owned).or_else(default_path) else { return Self::default() };
        let facts = match read(&path) {
            Ok(facts) => facts,
            Err(error) => {
                eprintln!(
                    "vaccert-verify: {} cannot be read ({error}); a clock set back or an old list would not be noticed",
                    path.display()
                );
                Facts::default()
            }
        };
        Self { path: Some(path), stored: facts.clone(), facts }
    }

    /// The newest time that was ever seen signed.
    pub(super) fn newest_signed(&self) -> Option<Timestamp> {
        self.facts.newest_signed
    }

    /// A time that stood under a signature that matched.
    pub(super) fn saw(&mut self, signed: Timestamp) {
        self.facts.newest_signed = self.facts.newest_signed.max(Some(signed));
    }

    /// Takes note of a bundle, unless a newer one of the same maker was used before.
    pub(super) fn use_bundle(&mut self, maker: &str, sequence: u64) -> Result<(), Replayed> {
        let seen = self.facts.bundles.entry(maker.to_owned()).or_insert(sequence);
        if sequence < *seen {
            return Err(Replayed { found: sequence, seen: *seen });
        }
        *seen = sequence;
        Ok(())
    }

    /// Writes what is new, whole or not at all. A full or read-only disk is told and stops nothing.
    pub(super) fn keep(&self) {
        let Some(path) = self.path.as_ref().filter(|_| self.facts != self.stored) else { return };
        if let Err(error) = write(path, &self.facts) {
            eprintln!(
                "vaccert-verify: {} cannot be written ({error}); the newest time is not remembered",
                path.display()
            );
        }
    }
}

fn default_path() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("vaccert").join("verifier.json"))
}

fn read(path: &Path) -> io::Result<Facts> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Facts::default()),
        Err(error) => Err(error),
        Ok(found) if found.len() > SMALL_FILE_BYTES => Err(io::Error::other("it is too large")),
        Ok(_) => serde_json::from_slice(&fs::read(path)?).map_err(|_| io::Error::other("it is damaged")),
    }
}

fn write(path: &Path, facts: &Facts) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let written = serde_json::to_vec(facts).map_err(io::Error::from).and_then(|bytes| fs::write(&part, bytes));
    written.and_then(|()| fs::rename(&part, path)).inspect_err(|_| {
        // Nothing half-written is left behind; the error that matters is the first.
        let _ = fs::remove_file(&part);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_remembered_and_only_grows() {
        let folder = std::env::temp_dir().join(format!("vaccert-memory-{}", std::process::id()));
        let path = folder.join("deep").join("verifier.json");
        let (old, new): (Timestamp, Timestamp) =
            ("2026-01-01T00:00:00Z".parse().unwrap(), "2026-02-01T00:00:00Z".parse().unwrap());
        let mut memory = Memory::open(Some(&path));
        assert_eq!(memory.newest_signed(), None);
        memory.saw(new);
        memory.saw(old);
        memory.use_bundle("maker", 7).unwrap();
        memory.keep();

        let mut memory = Memory::open(Some(&path));
        assert_eq!(memory.newest_signed(), Some(new));
        assert!(memory.use_bundle("maker", 6).is_err());
        memory.use_bundle("maker", 7).unwrap();
        memory.use_bundle("another", 1).unwrap();
        fs::write(&path, "{").unwrap();
        assert_eq!(Memory::open(Some(&path)).newest_signed(), None);
        fs::remove_dir_all(folder).unwrap();
    }
}
