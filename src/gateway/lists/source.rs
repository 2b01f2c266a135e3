//! Where a list comes from, and what it must fulfil.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    keys::Kid,
    trust::{
        TrustStore,
        lists::{self, Checks, ListError, ListKey, ListOptions, OldUploaders},
    },
};

/// Kind of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// A gateway's own interface, over mutual TLS.
    Gateway,
    /// WHO's DID document.
    Did,
    /// Any list at an address.
    Url,
}

/// A list that is pulled.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name: the folder, and what verdicts say vouched.
    pub name: String,
    /// Its kind.
    pub kind: SourceKind,
    /// Where it comes from, to show.
    pub address: String,
    /// Keys and certificates that sign it: the trust anchor of a gateway.
    pub list_keys: Vec<ListKey>,
    /// Accept it although nothing proves that it is authentic.
    pub unsigned: bool,
    /// Entries of uploaders that have expired.
    pub old_uploaders: OldUploaders,
    /// Age of the last success from which on an operator is alarmed.
    pub max_age: SignedDuration,
    /// Own signers, which are looked for in the list (failure F20).
    pub own: Vec<Kid>,
    /// Whether the own signers must be in it from the first time on; otherwise they are missed once they were seen.
    pub expect_own: bool,
    /// Folder of this list.
    pub folder: PathBuf,
}

impl Source {
    /// The file that is replaced whenever another version of the list is in use, or the same was confirmed.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.folder.join(super::shelf::LEDGER)
    }

    /// Reads a list of this source as it has to be judged at a time.
    ///
    /// # Errors
    /// When it is not what it should be.
    pub fn read(&self, bytes: &[u8], at: Timestamp, store: &mut TrustStore) -> Result<(), ListError> {
        let options = ListOptions { name: &self.name, list_keys: &self.list_keys, unsigned: self.unsigned };
        let need_authorities = self.kind == SourceKind::Gateway;
        let checks = Checks { at, need_authorities, old_uploaders: self.old_uploaders };
        lists::read_checked(bytes, &options, &checks, store)
    }
}
