//! DIVOC credentials: what they say (`model`), how they are read and written, what in them is plausible (`check`),
//! how a record becomes one (`map`), and how they speak in the words that all formats share (`core`).
//!
//! One content has two envelopes. As linked data with a proof ([`crate::envelope::divoc`]) it is what the field
//! reads; the signature then covers a set of values, several of which may be exchanged unseen. Inside CWT and COSE
//! ([`Credential::to_cbor`]) the signature covers every value at its place; that form is this project's own.

mod check;
mod core;
mod map;
mod model;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use self::core::to_core;
pub use check::{Binding, Doubt, Findings, Implausible, check};
pub use map::{Addresses, MapError, Mapped, vaccination};
pub use model::{Address, Credential, Event, Evidence, Facility, Subject, Test, Vaccination, Verifier};
pub use read::{ReadError, Reading, Remark};

/// Key of a DIVOC credential in the health certificate claim (−260). It is this project's own: WHO's registry of
/// that claim leaves negative numbers to whoever develops, and has proposals of its own on the small ones. The
/// digits are the letters D, I and V by their places in the alphabet.
pub const SUB_CLAIM: i64 = -4_922;
