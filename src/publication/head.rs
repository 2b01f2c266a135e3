//! The head of the audit log, signed and published, so that a log that is cut off at its end or rewritten shows
//! against what others have kept.
//!
//! ```text
//! DIR/audit/head.json            the newest
//! DIR/audit/2026-11-22.json      the last of each day; never removed
//! ```
//!
//! A file has the form of [`crate::envelope::signed_file`] with the mark `vaccert-audit-head`; its payload is JSON: number
//! and hash of the newest row, the time, the country of the issuer, and whether it is a rehearsal's. Hash and form of a
//! row are described in [`crate::registry::audit`].

use std::{fs, path::Path};

use jiff::{Timestamp, tz::Offset};
use serde::{Deserialize, Serialize};

use crate::{
    batch::write_public,
    envelope::signed_file::{Form, SignedFileError},
    keys::{PublicKey, Signer, SignerError},
    limits,
    registry::audit::Head,
};

/// Name of the folder of heads below the published folder.
pub const HEADS_FOLDER: &str = "audit";
/// Name of the newest head.
pub const HEAD_FILE: &str = "head.json";

const FORM: Form =
    Form { mark: "vaccert-audit-head", versions: 1..=1, content_type: "application/vnd.vaccert.audit-head+json" };

/// A head that was signed at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// Number and hash.
    pub head: Head,
    /// When it was signed.
    pub at: Timestamp,
    /// Country of the issuer, ISO 3166-1 alpha-2.
    pub country: String,
    /// A rehearsal's.
    pub sandbox: bool,
}

/// Why a head is not believed.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// Not of this form.
    #[error("this is no signed head of an audit log: {part} cannot be read; get it again")]
    Form {
        /// Which part.
        part: &'static str,
    },
    /// The signature does not match any list key.
    #[error("the signature of the head matches no list key of this installation: it is another's, or forged")]
    Signature,
    /// The signer failed.
    #[error("the head of the audit log cannot be signed: {0}")]
    Signer(#[from] SignerError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    number: u64,
    hash: String,
    at: Timestamp,
    country: String,
    sandbox: bool,
}

fn form(part: &'static str) -> HeadError {
    HeadError::Form { part }
}

impl From<SignedFileError> for HeadError {
    fn from(error: SignedFileError) -> Self {
        match error {
            SignedFileError::Part(part) => Self::Form { part },
            SignedFileError::Version(_) => form("its version, which is a later one,"),
            SignedFileError::Signer(error) => Self::Signer(error),
        }
    }
}

impl SignedHead {
    /// The file of a head.
    ///
    /// # Errors
    /// [`HeadError::Signer`] when the signer fails.
    pub fn write(&self, signer: &dyn Signer) -> Result<Vec<u8>, HeadError> {
        let payload = Payload {
            number: self.head.number,
            hash: self.head.hex(),
            at: self.at,
            country: self.country.clone(),
            sandbox: self.sandbox,
        };
        let payload = serde_json::to_vec(&payload).map_err(|_| form("the content"))?;
        Ok(FORM.write(payload, signer, self.sandbox)?)
    }

    /// Reads the file of a head and checks its signature by one of these keys; a rehearsal's by the key that it
    /// carries, which proves only that it is undamaged.
    ///
    /// # Errors
    /// [`HeadError`] says why it is not believed.
    pub fn read(bytes: &[u8], list_keys: &[PublicKey]) -> Result<Self, HeadError> {
        if bytes.len() > limits::AUDIT_HEAD_BYTES {
            return Err(form("the file, which is too large,"));
        }
        let file = FORM.open(bytes)?;
        file.check_type(&FORM)?;
        let (vouched, undamaged) = file.signed_by(list_keys)?;
        let payload: Payload = serde_json::from_slice(&file.into_payload()?).map_err(|_| form("the content"))?;
        let believed = vouched || payload.sandbox && undamaged;
        if !believed {
            return Err(HeadError::Signature);
        }
        let head = Head::read(payload.number, &payload.hash).ok_or(form("the hash"))?;
        Ok(Self { head, at: payload.at, country: payload.country, sandbox: payload.sandbox })
    }
}

/// The heads that lie in a published folder, oldest first; files that are none, or that somebody else signed, are
/// named with why.
#[must_use]
pub fn heads(dir: &Path, list_keys: &[PublicKey]) -> (Vec<SignedHead>, Vec<(String, HeadError)>) {
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    let Ok(entries) = fs::read_dir(dir.join(HEADS_FOLDER)) else { return (found, wrong) };
    for entry in entries.flatten().take(limits::AUDIT_HEADS) {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let most = u64::try_from(limits::AUDIT_HEAD_BYTES).unwrap_or(u64::MAX);
        let bounded = fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= most);
        let read = bounded.then(|| fs::read(&path).ok()).flatten().ok_or(form("the file"));
        match read.and_then(|bytes| SignedHead::read(&bytes, list_keys)) {
            Ok(head) => found.push(head),
            Err(error) => wrong.push((name, error)),
        }
    }
    found.sort_by_key(|head| (head.head.number, head.at));
    wrong.sort_by(|a, b| a.0.cmp(&b.0));
    (found, wrong)
}

/// Publishes a head, unless it would go back behind the newest that lies there: then the log was cut off, and what
/// lies there is the proof. Tells whether it was published.
///
/// # Errors
/// The signer's or the disk's.
pub(super) fn put(dir: &Path, head: &SignedHead, signer: &dyn Signer) -> Result<bool, super::PublicationError> {
    let keys: Vec<PublicKey> = signer.certificate().public_key().into_iter().collect();
    let folder = dir.join(HEADS_FOLDER);
    let newest = fs::read(folder.join(HEAD_FILE)).ok().and_then(|bytes| SignedHead::read(&bytes, &keys).ok());
    if newest.is_some_and(|newest| newest.head.number > head.head.number) {
        return Ok(false);
    }
    fs::create_dir_all(&folder)
        .map_err(|error| super::PublicationError::Folder { path: folder.clone(), kind: error.kind() })?;
    let bytes = head.write(signer)?;
    let day = Offset::UTC.to_datetime(head.at).date();
    write_public(&folder.join(format!("{day}.json")), &bytes)?;
    write_public(&folder.join(HEAD_FILE), &bytes)?;
    Ok(true)
}
