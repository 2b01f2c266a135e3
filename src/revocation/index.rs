//! The signed index of published lists: which files there are, how to tell that each is whole, for whom they speak
//! and until when, and which index came before. What is not in the index does not count.
//!
//! The file has the form of [`signed_file`](crate::envelope::signed_file) with the mark `vaccert-revocations`; its payload
//! is JSON.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Builder, HashKind, Scope, Until,
    error::RevocationError,
    shards::hex,
    slices::{self, Place},
};
use crate::{
    envelope::signed_file::{Form, SignedFileError},
    keys::{Kid, PublicKey, Signer, SignerError, sha256},
    limits,
};

/// Name of the index in the folder of published lists.
pub const INDEX_FILE: &str = "index.json";

const VERSION: u8 = 1;
const FORM: Form = Form {
    mark: "vaccert-revocations",
    versions: VERSION..=VERSION,
    content_type: "application/vnd.vaccert.revocations+json",
};

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A shard of the lists: whole hashes.
    List,
    /// A slice of a filter: smaller, and it may err.
    Filter,
}

/// A file that an index names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexedFile {
    /// Its path below the index, with `/`.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Entries in it.
    pub entries: u64,
    /// Rate of false hits, 0 to 1: measured, and 0 for lists.
    pub false_hits: f64,
}

/// What an index says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// A rehearsal.
    pub sandbox: bool,
    /// Counts up with every index of one issuer.
    pub sequence: u64,
    /// SHA-256, in hexadecimal, of the file of the index before; none for the first.
    pub previous: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when silence of the lists means that a certificate is not revoked.
    pub valid_until: Timestamp,
    /// Number of the newest record of the issuer's log that is in it.
    pub through: u64,
    /// Keys whose certificates the lists speak for, base64.
    pub covers: Vec<String>,
    /// Of these, the keys whose certificates the filters speak for too.
    pub filters_cover: Vec<String>,
    /// The files.
    pub files: Vec<IndexedFile>,
}

/// Why published lists are not used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Not the form of this module.
    #[error("this is no index of published revocations: {part} cannot be read; get it again")]
    Form {
        /// Which part.
        part: &'static str,
    },
    /// A later form.
    #[error("the index has the form {version}; this program reads form {VERSION}: get a newer program")]
    Version {
        /// The form found.
        version: u8,
    },
    /// A production index, and no list key that fits.
    #[error("no list key was given that signs this index: give the issuer's key with --list-key")]
    NoListKey,
    /// The signature does not match.
    #[error("the index's signature does not match its content: it was damaged or forged, get it again")]
    Signature,
    /// Files that were not downloaded.
    #[error(
        "{missing} of {of} files that the index names are not there, {name} among them: download the rest and try again"
    )]
    Missing {
        /// One of them.
        name: String,
        /// How many.
        missing: usize,
        /// Of how many.
        of: usize,
    },
    /// A file that is not the one of the index.
    #[error("{name} is damaged, cut off or of another version than the index: download it again")]
    Damaged {
        /// Which one.
        name: String,
    },
    /// A file that cannot be read as what it is.
    #[error(transparent)]
    Content(#[from] RevocationError),
    /// The signer failed while making one.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

fn form(part: &'static str) -> IndexError {
    IndexError::Form { part }
}

impl From<SignedFileError> for IndexError {
    fn from(error: SignedFileError) -> Self {
        match error {
            SignedFileError::Part(part) => Self::Form { part },
            SignedFileError::Version(version) => Self::Version { version },
            SignedFileError::Signer(error) => Self::Signer(error),
        }
    }
}

/// An index that was read, and who signed it.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedIndex {
    /// What it says.
    pub index: Index,
    /// Identifier of the list key, base64: whose sequence numbers it counts among.
    pub maker: String,
    /// Whether a list key vouches for it; false for one whose signature nobody checked.
    pub signed: bool,
}

impl Index {
    /// Whether a file says of itself that it is an index.
    #[must_use]
    pub fn looks_like(bytes: &[u8]) -> bool {
        bytes.len() <= limits::REVOCATION_INDEX_BYTES && FORM.marks(bytes)
    }

    /// Makes the file of an index, signed by the list key.
    ///
    /// # Errors
    /// [`IndexError::Signer`] when the signer fails.
    pub fn write(&self, signer: &dyn Signer) -> Result<Vec<u8>, IndexError> {
        let payload = serde_json::to_vec(self).map_err(|_| form("the content"))?;
        Ok(FORM.write(payload, signer, self.sandbox)?)
    }

    /// Reads an index and checks its signature by one of these keys; a sandbox's by the key that it carries. With
    /// `unsigned` one whose signature cannot be checked is read as well: the caller vouches for it.
    ///
    /// # Errors
    /// [`IndexError`] says why it is not believed.
    pub fn read(bytes: &[u8], list_keys: &[PublicKey], unsigned: bool) -> Result<SignedIndex, IndexError> {
        if bytes.len() > limits::REVOCATION_INDEX_BYTES {
            return Err(form("the file, which is too large,"));
        }
        let file = FORM.open(bytes)?;
        file.check_type(&FORM)?;
        let (vouched, undamaged) = file.signed_by(list_keys)?;
        let maker = file.maker();
        let index: Self = serde_json::from_slice(&file.into_payload()?).map_err(|_| form("the content"))?;
        index.check_form()?;
        let signed = match index.sandbox {
            _ if vouched => true,
            true if undamaged => true,
            _ if unsigned => false,
            true => return Err(IndexError::Signature),
            false if list_keys.is_empty() => return Err(IndexError::NoListKey),
            false => return Err(IndexError::Signature),
        };
        Ok(SignedIndex { index, maker, signed })
    }

    /// Names that stay below the index's folder, and no more of anything than there can be.
    fn check_form(&self) -> Result<(), IndexError> {
        let plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        let named = |file: &IndexedFile| {
            file.name.len() <= limits::REVOCATION_NAME_BYTES
                && file.name != INDEX_FILE
                && file.name.split('/').all(plain)
                && slices::digest(&file.sha256).is_some()
                && file.bytes <= limits::REVOCATION_FILE_BYTES
        };
        let keys = self.covers.len() <= limits::REVOCATION_LISTS && self.filters_cover.len() <= self.covers.len();
        if !keys || self.files.len() > limits::REVOCATION_SLICES || !self.files.iter().all(named) {
            return Err(form("the list of files"));
        }
        Ok(())
    }

    /// The name by which the index after this one remembers it.
    #[must_use]
    pub fn digest(file: &[u8]) -> String {
        hex(&sha256(file))
    }

    /// A file as an index names it.
    #[must_use]
    pub fn entry(name: String, role: Role, bytes: &[u8], entries: usize, false_hits: f64) -> IndexedFile {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let (size, entries) = (number(bytes.len()), number(entries));
        IndexedFile { name, role, sha256: hex(&sha256(bytes)), bytes: size, entries, false_hits }
    }

    /// Adds the published lists to a builder: the lists if every one of them is there, otherwise the filters. `file`
    /// gives the bytes of a file by its name, or none where it is not there. Every file is checked before it is used.
    ///
    /// # Errors
    /// [`IndexError::Missing`] when neither is complete, [`IndexError::Damaged`]; then nothing of the lists counts.
    pub fn add_to(
        &self,
        builder: &mut Builder,
        mut file: impl FnMut(&IndexedFile) -> Option<Vec<u8>>,
    ) -> Result<Role, IndexError> {
        let mut missing: Option<(String, usize)> = None;
        for role in [Role::List, Role::Filter] {
            let files: Vec<&IndexedFile> = self.files.iter().filter(|file| file.role == role).collect();
            // Filters that nobody made say nothing of anybody.
            if role == Role::Filter && (self.filters_cover.is_empty() || missing.is_none()) {
                break;
            }
            let mut found = Vec::with_capacity(files.len());
            let mut lacking = 0;
            for entry in &files {
                match file(entry) {
                    None => {
                        lacking += 1;
                        missing.get_or_insert_with(|| (entry.name.clone(), 0)).1 += 1;
                    }
                    Some(bytes) if hex(&sha256(&bytes)) != entry.sha256.to_ascii_lowercase() => {
                        return Err(IndexError::Damaged { name: entry.name.clone() });
                    }
                    Some(bytes) => found.push((*entry, bytes)),
                }
            }
            if lacking == 0 {
                self.add(builder, role, found)?;
                return Ok(role);
            }
        }
        let (name, missing) = missing.unwrap_or_default();
        Err(IndexError::Missing { name, missing, of: self.files.len() })
    }

    /// Adds files that were checked, and what they cover.
    fn add(&self, builder: &mut Builder, role: Role, files: Vec<(&IndexedFile, Vec<u8>)>) -> Result<(), IndexError> {
        let until = Until::Time(self.valid_until);
        let kids = |texts: &[String]| {
            texts.iter().map(|text| STANDARD.decode(text).map(Kid::new)).collect::<Result<Vec<_>, _>>()
        };
        for (entry, bytes) in files {
            match role {
                Role::List => builder.add(&entry.name, &bytes)?,
                Role::Filter => {
                    let wrong = |fault| RevocationError::Slice { name: entry.name.clone(), fault };
                    let place = Place::of(&entry.name).map_err(wrong)?;
                    let kid = place.kid.ok_or(form("the name of a filter"))?;
                    builder.add_filter(&kid, &bytes, place.region).map_err(wrong)?;
                }
            }
        }
        let covers = if role == Role::List { &self.covers } else { &self.filters_cover };
        for kid in kids(covers).map_err(|_| form("a key that is covered"))? {
            match role {
                Role::List => {
                    for kind in [HashKind::Identifier, HashKind::Signature] {
                        builder.cover(Scope::Kid(kid.clone()), kind, until)?;
                    }
                }
                Role::Filter => {
                    for kind in [HashKind::Uci, HashKind::Signature] {
                        builder.cover_by_filters(&kid, kind, until)?;
                    }
                }
            }
        }
        Ok(())
    }
}
