//! Where signing keys live: key files protected by a passphrase, and the throw-away keys of the sandbox.
//! The signature itself is made in `keys`, from the PKCS#8 that [`load_private_key`] hands over.

mod keyfile;
pub mod sandbox;
mod scheme;

pub use keyfile::{KeyFileError, Passphrase, Protection, Unencrypted, load_private_key, write_private_key};
