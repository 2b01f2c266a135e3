//! Why a ceremony ended without its folder.

use std::{io, path::PathBuf};

use super::profile::Breach;
use crate::{
    keys::{SignerError, UnfitKey},
    signers::{KeyFileError, TokenError},
};

/// Why a ceremony ended without its folder.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// There is something of this name.
    #[error("{} is there already: nothing is overwritten, give another folder with --out", path.display())]
    Exists {
        /// Path.
        path: PathBuf,
    },
    /// An earlier run was interrupted.
    #[error(
        "an earlier run was interrupted and left {} ({}): nothing of it has been handed out; destroy that folder and \
         hold the ceremony again", path.display(), if files.is_empty() { "no files".to_owned() } else { files.join(", ") }
    )]
    Unfinished {
        /// The unfinished folder.
        path: PathBuf,
        /// What is in it.
        files: Vec<String>,
    },
    /// A file cannot be written or read.
    #[error("{} cannot be written ({kind}): look at the disk and the rights, then destroy what is unfinished and begin again", path.display())]
    Write {
        /// Path.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// A key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// A key or a token.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A token.
    #[error("the key for {name} is in a token, and the ceremony cannot go on: {problem}")]
    Token {
        /// Which certificate.
        name: String,
        /// What is wrong, and what to do.
        problem: TokenError,
    },
    /// A token whose key is of another kind than the plan says.
    #[error(
        "the key for {name} in the token is {found}, and not {planned} as planned: name the right key, or mend the plan"
    )]
    OtherKind {
        /// Which certificate.
        name: String,
        /// What it is.
        found: String,
        /// What the plan says.
        planned: &'static str,
    },
    /// A key that must not be used.
    #[error("the key for {name} must not be used: {problem}")]
    Unfit {
        /// Which certificate.
        name: String,
        /// Why.
        problem: UnfitKey,
    },
    /// Two certificates of one key.
    #[error(
        "{name} has the key of another certificate: every certificate needs a key of its own, make another in the token"
    )]
    SameKey {
        /// Which certificate.
        name: String,
    },
    /// No passphrase where one is needed.
    #[error("no passphrase for the key {name}: type it at the keyboard, or give --passphrase-file {name}=FILE")]
    NoPassphrase {
        /// Which key.
        name: String,
    },
    /// The key of the existing authority is another one.
    #[error("the private key of the authority does not belong to its certificate: give the key that was certified")]
    OtherAuthority,
    /// Nobody issues.
    #[error("{name} has no authority that could issue it: describe [csca]")]
    NoAuthority {
        /// Which certificate.
        name: String,
    },
    /// Random bytes.
    #[error("the system gives no random bytes, without which no serial number can be made: check /dev/urandom")]
    Random,
    /// The library.
    #[error("the cryptographic library could not make {what}: run again, then report it")]
    Library {
        /// What was to be made.
        what: String,
    },
    /// What was made is not what was planned.
    #[error("what was made for {name} breaks its profile and is of no use ({}): report this", list(breaches))]
    SelfCheck {
        /// Which certificate.
        name: String,
        /// What it breaks.
        breaches: Vec<Breach>,
    },
    /// What was made cannot be read again.
    #[error("what was made for {name} cannot be read again ({problem}): report this")]
    Reread {
        /// Which certificate.
        name: String,
        /// What is wrong.
        problem: String,
    },
}

fn list(breaches: &[Breach]) -> String {
    breaches.iter().map(Breach::to_string).collect::<Vec<_>>().join("; ")
}
