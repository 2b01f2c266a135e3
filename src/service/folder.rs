//! The folder that a run filled, as the pages need it. Nothing is read but files of known names, and none
//! beyond its bound.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use jiff::Timestamp;

use super::{
    error::ServiceError,
    report::Report,
    statement::{self, Judged},
};
use crate::{
    batch::{BUNDLE_FILE, Part, REPORT_FILE},
    issue::Format,
    limits::{CERTIFICATE_FILE_BYTES, CODE_TEXT_BYTES, REPORT_BYTES, SERVICE_ROWS, TRUST_LIST_BYTES},
    trust::bundle,
    verify::Knowledge,
};

/// Name of a certificate's folder: the random part of its identifier, and nothing that could lead elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FolderId(String);

/// Characters of the random part of an identifier: 130 bits in base32.
const ID_CHARS: usize = 26;

impl FromStr for FolderId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let base32 = text.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
        if text.len() == ID_CHARS && base32 { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

impl FolderId {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A certificate of the folder.
pub(super) struct Certificate {
    pub(super) id: FolderId,
    /// The format that is shown: the first that is there.
    pub(super) format: Format,
    pub(super) code: String,
    pub(super) judged: Judged,
    /// The files that are there.
    pub(super) parts: Vec<Part>,
}

/// A trust bundle that was read, and what its file looked like then.
struct Loaded {
    changed: Option<SystemTime>,
    bytes: u64,
    trust: Arc<Knowledge>,
}

/// The folder.
pub(super) struct Folder {
    dir: PathBuf,
    loaded: Mutex<Option<Loaded>>,
}

impl Folder {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir, loaded: Mutex::new(None) }
    }

    /// The bytes of the trust bundle.
    pub(super) fn bundle(&self) -> Result<Vec<u8>, ServiceError> {
        read(&self.dir.join(BUNDLE_FILE), BUNDLE_FILE, TRUST_LIST_BYTES)
    }

    /// Whom the bundle says to believe. It is read again when a later run has replaced it.
    pub(super) fn trust(&self) -> Result<Arc<Knowledge>, ServiceError> {
        let metadata = fs::metadata(self.dir.join(BUNDLE_FILE));
        let metadata = metadata.map_err(|error| unreadable(BUNDLE_FILE, &error))?;
        let (changed, bytes) = (metadata.modified().ok(), metadata.len());
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = loaded.as_ref().filter(|loaded| loaded.changed == changed && loaded.bytes == bytes) {
            return Ok(Arc::clone(&loaded.trust));
        }
        let bundle = bundle::read(self.bundle()?, &[])?;
        let trust = Arc::new(Knowledge::of_bundle(&bundle, BUNDLE_FILE)?);
        *loaded = Some(Loaded { changed, bytes, trust: Arc::clone(&trust) });
        Ok(trust)
    }

    /// A file of a certificate.
    pub(super) fn file(&self, id: &FolderId, part: Part) -> Result<Vec<u8>, ServiceError> {
        let name = part.file_name();
        match read(&self.dir.join(id.as_str()).join(name), name, CERTIFICATE_FILE_BYTES) {
            Err(ServiceError::Read { kind: io::ErrorKind::NotFound, .. }) => Err(ServiceError::NotFound),
            other => other,
        }
    }

    /// The first certificates, verified at the time `now`, by name of holder; and how many more there are.
    pub(super) fn certificates(&self, now: Timestamp) -> Result<(Vec<Certificate>, usize), ServiceError> {
        let trust = self.trust()?;
        let entries = fs::read_dir(&self.dir).map_err(|error| unreadable("the list of files", &error))?;
        let mut ids: Vec<FolderId> =
            entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        ids.sort_unstable();
        let more = ids.len().saturating_sub(SERVICE_ROWS);
        ids.truncate(SERVICE_ROWS);
        let mut certificates: Vec<Certificate> = ids
            .into_iter()
            .filter_map(|id| {
                let folder = self.dir.join(id.as_str());
                let limit = u64::try_from(CODE_TEXT_BYTES).unwrap_or(u64::MAX).saturating_add(2);
                let (format, code) = Format::ALL.into_iter().find_map(|format| {
                    let name = Part::Text(format).file_name();
                    read(&folder.join(name), name, limit).ok().map(|code| (format, code))
                })?;
                let code = String::from_utf8_lossy(&code).trim_end_matches(['\r', '\n']).to_owned();
                let parts = Part::all().into_iter().filter(|part| folder.join(part.file_name()).is_file()).collect();
                let judged = statement::judge(&code, &trust, now);
                Some(Certificate { id, format, code, judged, parts })
            })
            .collect();
        certificates.sort_by_cached_key(|certificate| certificate.judged.sort_key());
        Ok((certificates, more))
    }

    /// The report of the last run, if it wrote one.
    pub(super) fn report(&self) -> Result<Option<Report>, ServiceError> {
        match read(&self.dir.join(REPORT_FILE), REPORT_FILE, REPORT_BYTES) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| ServiceError::Report),
            Err(ServiceError::Read { kind: io::ErrorKind::NotFound, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn unreadable(file: &'static str, error: &io::Error) -> ServiceError {
    ServiceError::Read { file, kind: error.kind() }
}

/// Reads a plain file up to its bound. A link is not followed: it could lead out of the folder.
fn read(path: &Path, file: &'static str, limit: u64) -> Result<Vec<u8>, ServiceError> {
    let wrong = |error: io::Error| unreadable(file, &error);
    if !fs::symlink_metadata(path).map_err(wrong)?.is_file() {
        return Err(ServiceError::Read { file, kind: io::ErrorKind::NotFound });
    }
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes)).map_err(wrong)?;
    if u64::try_from(bytes.len()).map_or(true, |read| read > limit) {
        return Err(ServiceError::FileTooLarge { file, limit });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_random_parts_name_a_folder() {
        assert!("ABCDEFGHIJKLMNOPQRSTUVWX27".parse::<FolderId>().is_ok());
        for bad in
            ["", ".", "..", "ABCDEFGHIJKLMNOPQRSTUVWXY", "ABCDEFGHIJKLMNOPQRSTUVWXYZ2", "abcdefghijklmnopqrstuvwxyz"]
        {
            assert!(bad.parse::<FolderId>().is_err(), "{bad}");
        }
        for wrong in ['1', '8', '/', '\\', '.', '\0', 'É', ' '] {
            let text = format!("ABCDEFGHIJKLMNOPQRSTUVWXY{wrong}");
            assert!(text.parse::<FolderId>().is_err(), "{text:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let secret = dir.path().join("secret");
        fs::write(&secret, "secret").unwrap();
        let out = dir.path().join("out");
        let id: FolderId = "ABCDEFGHIJKLMNOPQRSTUVWX27".parse().unwrap();
        fs::create_dir_all(out.join(id.as_str())).unwrap();
        let text = Part::Text(Format::EuDcc);
        std::os::unix::fs::symlink(&secret, out.join(id.as_str()).join(text.file_name())).unwrap();
        assert!(matches!(Folder::new(out).file(&id, text), Err(ServiceError::NotFound)));
    }
}
