//! The seal on the paper: a PAdES signature (ETSI EN 319 142-1, baseline B-B) that the ministry's document key puts on a
//! finished PDF, so that a reader of PDF tells whoever opens the file that nothing of it was changed (failure F36).
//! Only the code counts at a border; the seal protects the page around it.
//!
//! The seal is appended as an incremental update (ISO 32000-1 section 7.5.6): the bytes that were printed stay as they
//! are, behind them stand a signature field that shows nothing, the signature, and new versions of the catalogue and of
//! the first page. It certifies the file and allows no change (DocMDP, P = 1; section 12.8.2.2).
//!
//! The field is a widget without extent, which lies outside the page, so that the promises of the paper hold: PDF/A-2
//! asks no appearance of it (ISO 19005-2 section 6.3.3), PDF/UA-1 no place in the order of reading (ISO 14289-1 section
//! 7.18.1).
//!
//! The same PDF, time and RSA key always give the same bytes. With an EC key the bytes of the signature itself differ
//! each time, because ECDSA draws a random number; everything around them is the same, and so are the places.
//!
//! What reads the file here is no reader of PDF: it finds the three places that an update must know in what this program prints,
//! and refuses everything else.

mod error;
mod key;
mod pdf;
mod update;

pub use error::SealError;
pub use key::DocumentKey;
