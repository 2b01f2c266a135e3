//! DIVOC: a W3C verifiable credential in JSON-LD, in a zip archive, in the bytes of a QR code (egovernments/DIVOC).
//!
//! On the way up: [`unpack`] opens the archive in each form that the field has; [`Credential::read`] reads the JSON,
//! turns its fixed shape into the statements that were signed (`terms` is the table, `statements` the conversion) and
//! tells what the signature covers; the bytes to check are [`Credential::signing_input`]. On the way down:
//! [`Draft`] prepares a credential for signing, [`pack`] puts the signed text into an archive.
//!
//! A signature over linked data covers a *set of statements*. Values whose names share one property (`batch`,
//! `vaccine`, `manufacturer` and `certificateId`; the three dates; `dose` and `totalDoses`) may be exchanged without
//! breaking it. Nothing here can see that; the rules of meaning do (`payload::divoc`).

mod credential;
mod proof;
mod statements;
mod terms;
pub mod zip;

use base64::{Engine, engine::general_purpose::STANDARD};

pub use credential::{Credential, CredentialError};
pub use proof::{Draft, Proof, Suite};
pub use terms::{Terms, W3C_CONTEXT, context};
pub use zip::ZipError;

use crate::limits::DIVOC_CODE_BYTES;
use credential::{MAX_SIGNATURE_BYTES, shown};

/// Prefix of the archive as text in the test data of WHO and PathCheck.
const BASE64_PREFIX: &[u8] = b"B64:";

/// What a reader forgave. Codes are stable: they appear as warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deviation {
    /// The archive's bytes were taken for Latin-1 and written as UTF-8, as DIVOC's own code does.
    ZipAsText,
    /// The archive is written in base64 behind `B64:`.
    ZipAsBase64,
    /// The credential stands there without an archive.
    BareJson,
    /// An IRI has a space, which makes the verdict depend on the library that a verifier uses.
    SpaceInIri,
}

impl Deviation {
    /// Stable machine code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ZipAsText => "zip-as-text",
            Self::ZipAsBase64 => "zip-as-base64",
            Self::BareJson => "no-archive",
            Self::SpaceInIri => "space-in-iri",
        }
    }
}

/// Why the content of a code is no DIVOC archive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// Longer than any code.
    #[error("the content has {bytes} bytes; no DIVOC code has more than {DIVOC_CODE_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// `B64:` and then something else than base64.
    #[error("the text behind B64: is not base64; copy it again, whole")]
    Base64,
    /// The archive.
    #[error(transparent)]
    Zip(#[from] ZipError),
}

/// Whether the content of a code looks like DIVOC's from the outside: an archive in one of its three forms. JSON
/// without an archive shows only inside what it is.
#[must_use]
pub fn looks_like(content: &[u8]) -> bool {
    zip::begins(content) || content.trim_ascii_start().starts_with(BASE64_PREFIX)
}

/// The JSON text in the content of a code, in each form of the field:
///
/// * the bytes of a zip archive (CoWIN; what we write ourselves),
/// * the same bytes taken for Latin-1 and written as UTF-8 (DIVOC's own code),
/// * `B64:` and the archive in base64 (test data),
/// * the JSON itself.
///
/// # Errors
/// [`UnpackError`] says what is wrong.
pub fn unpack(content: &[u8]) -> Result<(Vec<u8>, Option<Deviation>), UnpackError> {
    if content.len() > DIVOC_CODE_BYTES {
        return Err(UnpackError::TooLong { bytes: content.len() });
    }
    let text = content.trim_ascii();
    if let Some(encoded) = text.strip_prefix(BASE64_PREFIX) {
        let archive = STANDARD.decode(encoded.trim_ascii()).map_err(|_| UnpackError::Base64)?;
        return Ok((zip::read(&archive)?, Some(Deviation::ZipAsBase64)));
    }
    if text.starts_with(b"{") {
        return Ok((text.to_vec(), Some(Deviation::BareJson)));
    }
    let error = match zip::read(content) {
        Ok(json) => return Ok((json, None)),
        Err(error) => error,
    };
    // A plain archive is practically never valid UTF-8; one that was written as text always is.
    match latin1(content) {
        Some(archive) => Ok((zip::read(&archive)?, Some(Deviation::ZipAsText))),
        None => Err(error.into()),
    }
}

/// The bytes that a text of UTF-8 stands for when each of its characters is one; `None` when it is no such text or
/// only ASCII, which is the same in both.
fn latin1(content: &[u8]) -> Option<Vec<u8>> {
    if content.is_ascii() || !zip::begins(content) {
        return None;
    }
    let text = std::str::from_utf8(content).ok()?;
    // A line end behind the text comes from an editor; the archive itself ends in two zeros.
    text.trim_end_matches(['\r', '\n']).chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// The content of a code for a signed credential: the bytes of a zip archive, to be written in byte mode.
///
/// # Errors
/// [`ZipError::TooLarge`].
pub fn pack(json: &str) -> Result<Vec<u8>, ZipError> {
    zip::write(json.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_form_of_the_field_is_unpacked(json in r#"\{"[ -~é]{0,300}"\}"#) {
            let archive = pack(&json).unwrap();
            let as_text: String = archive.iter().map(|&byte| char::from(byte)).collect();
            let base64 = format!("B64:{}", STANDARD.encode(&archive));
            for (content, deviation) in [
                (archive.as_slice(), None),
                (as_text.as_bytes(), (!archive.is_ascii()).then_some(Deviation::ZipAsText)),
                (format!("{as_text}\r\n").as_bytes(), Some(Deviation::ZipAsText)),
                (base64.as_bytes(), Some(Deviation::ZipAsBase64)),
                (format!(" {base64}\n").as_bytes(), Some(Deviation::ZipAsBase64)),
                (json.as_bytes(), Some(Deviation::BareJson)),
            ] {
                if archive.is_ascii() && content.ends_with(b"\n") && !content.starts_with(b" ") {
                    continue;
                }
                prop_assert_eq!(unpack(content).unwrap(), (json.clone().into_bytes(), deviation));
            }
        }

        #[test]
        fn any_content_is_unpacked_or_refused(content in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = unpack(&content);
            let _ = unpack(&[b"PK\x03\x04".as_slice(), &content].concat());
            let _ = unpack(&[b"B64:".as_slice(), &content].concat());
        }
    }

    #[test]
    fn what_is_no_archive_is_named() {
        assert_eq!(unpack(b"HC1:NCF"), Err(UnpackError::Zip(ZipError::NotZip)));
        assert_eq!(unpack(b"B64:#"), Err(UnpackError::Base64));
        assert_eq!(unpack(&vec![b'P'; 40_000]), Err(UnpackError::TooLong { bytes: 40_000 }));
        assert_eq!(unpack("PK\u{3}\u{4}ŁŁ".as_bytes()), Err(UnpackError::Zip(ZipError::Damaged { part: "end" })));
        assert!(looks_like(b"PK\x03\x04") && looks_like(b" B64:UEs") && !looks_like(b"{}") && !looks_like(b"PK"));
    }
}
