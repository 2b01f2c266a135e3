//! The folder of a ceremony: it appears under its name when everything in it is made, checked and written to the
//! disk, and not before. What an interrupted run leaves is named by the next one.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::CeremonyError;

/// A folder in the making.
pub(super) struct Folder {
    making: PathBuf,
    out: PathBuf,
}

/// The name of the folder while it is in the making.
pub(super) fn making_of(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".unfinished");
    out.with_file_name(name)
}

fn fail(path: &Path) -> impl FnOnce(io::Error) -> CeremonyError {
    let path = path.to_owned();
    move |error| CeremonyError::Write { path, kind: error.kind() }
}

/// Refuses a folder that is there, or one that an interrupted run left.
///
/// # Errors
/// [`CeremonyError::Exists`], [`CeremonyError::Unfinished`].
pub fn check(out: &Path) -> Result<(), CeremonyError> {
    if out.file_name().is_none() {
        return Err(CeremonyError::Write { path: out.to_owned(), kind: io::ErrorKind::InvalidInput });
    }
    if out.symlink_metadata().is_ok() {
        return Err(CeremonyError::Exists { path: out.to_owned() });
    }
    let making = making_of(out);
    if making.symlink_metadata().is_ok() {
        let mut files: Vec<String> = fs::read_dir(&making)
            .map(|entries| entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
            .unwrap_or_default();
        files.sort();
        return Err(CeremonyError::Unfinished { path: making, files });
    }
    Ok(())
}

impl Folder {
    /// Begins the folder, which only its owner may open: it will hold private keys.
    pub(super) fn begin(out: &Path) -> Result<Self, CeremonyError> {
        check(out)?;
        let making = making_of(out);
        if let Some(parent) = out.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(fail(parent))?;
        }
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&making) {
            // Another run was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(CeremonyError::Unfinished { path: making, files: Vec::new() });
            }
            other => other.map_err(fail(&making))?,
        }
        Ok(Self { making, out: out.to_owned() })
    }

    /// Where a file of the folder is for now.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.making.join(name)
    }

    /// Writes a file that anybody may read.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), CeremonyError> {
        let path = self.path(name);
        let mut file = fs::File::create_new(&path).map_err(fail(&path))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fail(&path))?;
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).map_err(fail(&path))?;
        Ok(())
    }

    /// Reads back what was written.
    pub(super) fn read(&self, name: &str) -> Result<Vec<u8>, CeremonyError> {
        let path = self.path(name);
        fs::read(&path).map_err(fail(&path))
    }

    /// Gives the folder its name.
    pub(super) fn finish(self) -> Result<(), CeremonyError> {
        sync(&self.making)?;
        // A folder of this name that came in between must not be replaced.
        if self.out.symlink_metadata().is_ok() {
            return Err(CeremonyError::Exists { path: self.out });
        }
        fs::rename(&self.making, &self.out).map_err(fail(&self.out))?;
        sync(self.out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    }
}

/// A name is on the disk only when its folder is.
fn sync(folder: &Path) -> Result<(), CeremonyError> {
    #[cfg(unix)]
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(fail(folder))?;
    Ok(())
}
