//! SMART Health Cards (SMART Health Cards Framework 1.4.0; HL7 "SMART Health Cards and Links" 1.0.0): digits of a
//! QR code, or a text or file, to a compact JWS ([`jws`], RFC 7515) and to the compressed JSON that it signs.
//!
//! Reading only: this program issues no health cards. Three layers, each with its own refusals: [`numeric`] turns
//! digits into characters and joins the codes that one card was cut into, [`jws`] takes the three parts apart,
//! [`Card`] holds what the header must say and inflates the payload. Nothing here knows what a card states, and
//! nothing checks the signature.

mod deflate;
mod file;
pub mod jws;
pub mod numeric;

pub use deflate::DeflateError;
#[cfg(test)]
pub(crate) use deflate::deflate;
pub use file::{FileError, cards};
pub use jws::{Jws, JwsError};
pub use numeric::{ChunkError, NumericError, Piece, Place, join};

use serde_json::Value;

use super::json::{self, JsonError};
use crate::limits;

/// Why a text is no SMART Health Card, or only a part of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The digits of a code.
    #[error(transparent)]
    Numeric(#[from] NumericError),
    /// Not all of several codes.
    #[error("the card was cut into {total} codes and number {index} is missing; scan all of them together")]
    Incomplete {
        /// The first one missing, from 1.
        index: usize,
        /// How many there are.
        total: usize,
    },
    /// Several codes that make no card.
    #[error(transparent)]
    Pieces(ChunkError),
    /// The signed message.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// The header says nothing of compression, or something else than `DEF`.
    #[error("the header says zip {found:?} where a health card says \"DEF\"; ask the issuer for a card that conforms")]
    Compression {
        /// What it says, shortened; empty for nothing.
        found: String,
    },
    /// The compressed payload.
    #[error(transparent)]
    Deflate(#[from] DeflateError),
    /// A byte order mark before the JSON, which RFC 8259 (section 8.1) forbids.
    #[error("a byte order mark stands before the JSON of the payload; ask the issuer for a card that conforms")]
    ByteOrderMark,
    /// The JSON of the payload.
    #[error("payload, {0}")]
    Json(#[from] JsonError),
}

/// A departure from the specification that reading forgives, because it changes nothing of what was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deviation {
    /// Blanks around the text, beyond a line end.
    Blanks,
    /// A card in several codes, or in one that is numbered all the same (`shc:/1/1/`).
    Pieces,
}

/// A card taken apart, unverified.
#[derive(Clone, PartialEq)]
pub struct Card {
    /// The message: what was signed, the signature, the header.
    pub jws: Jws,
    /// The JSON that was signed, inflated and complete, every name once in its object.
    pub payload: Value,
}

/// Neither names nor dates of the holder.
impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Card").field("jws", &self.jws).finish_non_exhaustive()
    }
}

/// Form of a text, told by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `shc:` and what follows, right or wrong.
    Numeric,
    /// Three parts of base64url, the first of which is a JSON object.
    Jws,
}

impl Form {
    /// Whether a text is a health card's code or a bare JWS; `None` for everything else. The scheme counts in
    /// either case (RFC 3986 section 3.1).
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        if numeric::has_scheme(text) {
            return Some(Self::Numeric);
        }
        jws::looks_like(text).then_some(Self::Jws)
    }
}

impl Card {
    /// Reads a card from the text of one code, from the texts of all its codes, one a line and in any order, or from
    /// a bare JWS.
    ///
    /// # Errors
    /// [`CardError`] names the layer that failed; [`CardError::Incomplete`] is no fault of the card.
    pub fn read(text: &str) -> Result<(Self, Vec<Deviation>), CardError> {
        let mut forgiven = Vec::new();
        let inner = text.trim_start_matches('\u{feff}').trim();
        if inner.len() != text.trim_matches(['\r', '\n', '\u{feff}']).len() {
            forgiven.push(Deviation::Blanks);
        }
        if !numeric::has_scheme(inner) {
            return Ok((Self::of_jws(Jws::read(inner)?)?, forgiven));
        }
        let mut lines = inner.lines().filter(|line| !line.trim().is_empty());
        let first = Piece::read(lines.next().unwrap_or_default().trim_end())?;
        let mut pieces = vec![first];
        for line in lines {
            if pieces.len() > limits::SHC_CHUNKS {
                return Err(CardError::Numeric(NumericError::Number));
            }
            pieces.push(Piece::read(line.trim())?);
        }
        let jws = match pieces.as_slice() {
            [Piece { place: None, text }] => text.clone(),
            pieces => {
                forgiven.push(Deviation::Pieces);
                join(pieces).map_err(|error| match error {
                    ChunkError::Missing { index, total } => CardError::Incomplete { index, total },
                    other => CardError::Pieces(other),
                })?
            }
        };
        Ok((Self::of_jws(Jws::read(&jws)?)?, forgiven))
    }

    /// Inflates and parses what a message signs.
    ///
    /// # Errors
    /// [`CardError`] names the layer that failed.
    pub fn of_jws(jws: Jws) -> Result<Self, CardError> {
        if jws.header.zip.as_deref() != Some("DEF") {
            let found: String = jws.header.zip.iter().flat_map(|zip| zip.chars()).take(jws::SHOWN_CHARS).collect();
            return Err(CardError::Compression { found });
        }
        let bytes = deflate::inflate(&jws.payload)?;
        if bytes.starts_with(b"\xef\xbb\xbf") {
            return Err(CardError::ByteOrderMark);
        }
        Ok(Self { payload: json::read(&bytes)?, jws })
    }
}

const _: () = assert!(limits::SHC_JWS_BYTES < limits::SHC_FILE_BYTES);

#[cfg(test)]
mod tests;
