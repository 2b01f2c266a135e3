//! Where signing keys live: key files protected by a passphrase, tokens and hardware security modules, and the
//! throw-away keys of the sandbox. Of a key file the signature itself is made in `keys`, from the PKCS#8 that
//! [`load_private_key`] hands over; a key in a token never leaves it.

pub mod expiry;
mod keyfile;
#[cfg(feature = "pkcs11")]
mod pkcs11;
pub mod sandbox;
mod scheme;
mod tokens;
mod uri;

pub use keyfile::{KeyFileError, Passphrase, Protection, Unencrypted, load_private_key, write_private_key};
pub use tokens::{NewKey, Pin, PinSource, TokenError, TokenHealth, TokenOptions, Tokens};
pub use uri::{TokenUri, UriError};
