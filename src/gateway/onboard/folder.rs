//! The folder of a submission: `onboarding/<DOMAIN>/<GROUP>/<FILE>`, written whole or not at all, and read for the
//! checks.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{OnboardError, source::read};
use crate::{
    keys::{Certificate, pem},
    limits::{ONBOARDING_FILES, ONBOARDING_FOLDER_DEPTH},
};

/// A file of a submission.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// Path under `onboarding/`, with slashes.
    pub path: String,
    /// Domain: the first folder.
    pub domain: String,
    /// Group: the second folder.
    pub group: String,
    /// Name of the file.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Its certificates; `None` when a block cannot be read or there is none.
    pub certificates: Option<Vec<Certificate>>,
}

impl Submitted {
    /// Whether it is a PEM file by its name.
    pub(super) fn is_pem(&self) -> bool {
        self.name.to_ascii_lowercase().ends_with(".pem")
    }

    /// Whether its name begins so, in any case of letters, as WHO's checks compare.
    pub(super) fn begins(&self, prefix: &str) -> bool {
        self.name.to_ascii_uppercase().starts_with(prefix)
    }

    /// The group in capitals.
    pub(super) fn group(&self) -> String {
        self.group.to_ascii_uppercase()
    }

    /// How many PEM blocks begin in it.
    pub(super) fn blocks(&self) -> usize {
        String::from_utf8_lossy(&self.bytes).lines().filter(|line| line.contains("-----BEGIN")).count()
    }
}

/// A submission as it lies on the disk.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Name of the folder, which in WHO's collection is the alpha-3 code.
    pub name: String,
    /// Every file under `onboarding/`.
    pub files: Vec<Submitted>,
    /// Files anywhere in the folder that hold a private key.
    pub private: Vec<String>,
}

impl Submission {
    /// Reads a folder that has an `onboarding` folder in it.
    ///
    /// # Errors
    /// [`OnboardError`].
    pub fn read(folder: &Path) -> Result<Self, OnboardError> {
        if !folder.join("onboarding").is_dir() {
            return Err(OnboardError::NoSubmission { path: folder.to_owned() });
        }
        let mut paths = Vec::new();
        walk(folder, folder, 0, &mut paths)?;
        paths.sort();
        let (mut files, mut private) = (Vec::new(), Vec::new());
        for path in paths {
            let bytes = read(&folder.join(&path))?;
            let name = path.to_string_lossy().replace('\\', "/");
            if bytes.windows(11).any(|window| window == b"PRIVATE KEY") {
                private.push(name.clone());
            }
            let Some(inner) = name.strip_prefix("onboarding/") else { continue };
            files.push(submitted(inner, bytes));
        }
        let name =
            fs::canonicalize(folder).ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        Ok(Self { name: name.unwrap_or_default(), files, private })
    }

    /// Domains in alphabetical order.
    pub(super) fn domains(&self) -> Vec<&str> {
        let mut domains: Vec<&str> = self.files.iter().map(|file| file.domain.as_str()).collect();
        domains.dedup();
        domains
    }
}

fn submitted(inner: &str, bytes: Vec<u8>) -> Submitted {
    let mut parts: Vec<&str> = inner.split('/').collect();
    let name = parts.pop().unwrap_or_default().to_owned();
    let text = String::from_utf8_lossy(&bytes);
    let blocks = pem::blocks(&text);
    let read = blocks.iter().map(|block| Certificate::from_der(block.der.as_deref()?).ok());
    let certificates: Option<Vec<Certificate>> = read.collect();
    Submitted {
        path: inner.to_owned(),
        domain: parts.first().copied().unwrap_or_default().to_owned(),
        group: parts.get(1).copied().unwrap_or_default().to_owned(),
        name,
        certificates: certificates.filter(|found| !found.is_empty()),
        bytes,
    }
}

fn walk(root: &Path, folder: &Path, depth: usize, out: &mut Vec<PathBuf>) -> Result<(), OnboardError> {
    let too_much = || OnboardError::TooMuch { path: root.to_owned() };
    let fail = |error: io::Error| OnboardError::Read { path: folder.to_owned(), kind: error.kind() };
    if depth > ONBOARDING_FOLDER_DEPTH {
        return Err(too_much());
    }
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let kind = entry.file_type().map_err(fail)?;
        // Links lead out of the folder; nothing of a submission is one. Git's own files are nobody's business.
        if kind.is_dir() && entry.file_name() != ".git" {
            walk(root, &entry.path(), depth + 1, out)?;
        } else if kind.is_file() {
            out.push(entry.path().strip_prefix(root).unwrap_or(Path::new("")).to_owned());
            if out.len() > ONBOARDING_FILES {
                return Err(too_much());
            }
        }
    }
    Ok(())
}

/// A file to be written: its path and its text.
pub(super) type File = (String, String);

/// Writes a folder beside its place, and then gives it its name.
pub(super) fn write(out: &Path, files: &[File]) -> Result<(), OnboardError> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |error: io::Error| OnboardError::Write { path, kind: error.kind() }
    };
    if out.symlink_metadata().is_ok() {
        return Err(OnboardError::Exists { path: out.to_owned() });
    }
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(fail(parent))?;
    // Removed again when something goes wrong.
    let making = tempfile::Builder::new().prefix(".onboarding-").tempdir_in(parent).map_err(fail(parent))?;
    for (name, text) in files {
        let path = making.path().join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(fail(folder))?;
        }
        let mut file = fs::File::create_new(&path).map_err(fail(&path))?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fail(&path))?;
    }
    #[cfg(unix)]
    fs::set_permissions(making.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).map_err(fail(out))?;
    fs::rename(making.path(), out).map_err(fail(out))?;
    // It has another name now: there is nothing left to remove.
    let _ = making.keep();
    Ok(())
}
