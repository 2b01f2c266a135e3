//! HCERT: the electronic health certificate container (eHealth Network, "Electronic Health Certificates",
//! version 1.0.8): `HC1:` + base45(zlib(COSE_Sign1(CWT))).
//!
//! Writing is strict: tag 18, kid and algorithm in the protected header, shortest CBOR. Reading forgives what
//! real issuers do and notes it as a [`Deviation`]; what would make a message ambiguous (duplicate keys,
//! trailing bytes, bombs) is refused while reading.

pub mod base45;
pub mod cbor;
mod cose;
mod cwt;
mod deflate;
#[cfg(feature = "issue")]
mod dense;

pub use cose::{AlgorithmId, CoseError, Sign1, ToBeSigned};
pub use cwt::{
    Claims, CwtError, SUB_CLAIM_DCC, SUB_CLAIM_DDCC_TEST, SUB_CLAIM_DDCC_VACCINATION, SUB_CLAIM_ICVP, SUB_CLAIM_LINK,
    write as write_token,
};
pub use deflate::{DeflateError, deflate, inflate};
#[cfg(feature = "issue")]
pub use dense::densest;

use crate::limits;

/// Prefix of version 1 (specification section 4.2.1).
pub const PREFIX: &str = "HC1:";

/// A departure from the specification that reading forgives. Codes are stable: they appear as warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deviation {
    /// The text lacks `HC1:`.
    MissingPrefix,
    /// The COSE message carries no tag 18 (ES test data).
    Untagged,
    /// The COSE message is wrapped in the CWT tag 61 (RFC 8392 section 6).
    CwtTag,
    /// The algorithm stands in the unprotected header only.
    UnprotectedAlgorithm,
    /// The key identifier stands in the unprotected header only (CZ, SM, BG, LV).
    UnprotectedKid,
    /// The two headers name different key identifiers; the protected one counts.
    KidsDisagree,
    /// A time is a floating-point number (ES, HU, LI).
    FloatTime,
    /// The end is not a time but the words of the International Health Regulations for a protection for life, as
    /// WHO's requirements for yellow cards would have it (REQ-DE-22).
    ExpiryForLife,
    /// The claims are named by digits in texts instead of numbers (RACSEL).
    TextKeys,
    /// The key identifier is a text: base64 of what it should be (RACSEL).
    TextKid,
    /// A time is in milliseconds (RACSEL).
    MillisecondTime,
}

impl Deviation {
    /// Stable machine code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::MissingPrefix => "missing-prefix",
            Self::Untagged => "cose-untagged",
            Self::CwtTag => "cose-tag-61",
            Self::UnprotectedAlgorithm => "alg-unprotected",
            Self::UnprotectedKid => "kid-unprotected",
            Self::KidsDisagree => "kids-disagree",
            Self::FloatTime => "float-time",
            Self::ExpiryForLife => "expiry-for-life",
            Self::TextKeys => "cwt-text-keys",
            Self::TextKid => "kid-text",
            Self::MillisecondTime => "millisecond-time",
        }
    }
}

/// Why a text is no HCERT.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HcertError {
    /// Longer than any code can be.
    #[error("the text has {bytes} bytes; no code holds more than {}", limits::CODE_TEXT_BYTES)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Another version of the container.
    #[error("the text begins with {prefix:?}; this program reads version HC1")]
    UnknownVersion {
        /// The prefix found.
        prefix: String,
    },
    /// The base45 layer (RFC 9285).
    #[error(transparent)]
    Base45(#[from] base45::Base45Error),
    /// The zlib layer (RFC 1950).
    #[error(transparent)]
    Deflate(#[from] DeflateError),
    /// The COSE layer (RFC 9052).
    #[error(transparent)]
    Cose(#[from] CoseError),
}

/// Text of a code for a complete COSE message.
#[must_use]
pub fn to_text(cose: &[u8]) -> String {
    let mut text = String::with_capacity(cose.len() * 3 / 2 + 8);
    text.push_str(PREFIX);
    base45::encode_into(&deflate(cose), &mut text);
    text
}

/// Whether the text says of itself that it is an HCERT of some version.
#[must_use]
pub fn looks_like(text: &str) -> bool {
    let head = text.trim_start().as_bytes();
    matches!(head, [b'H' | b'h', b'C' | b'c', v, b':', ..] if v.is_ascii_alphanumeric())
}

/// COSE bytes of a code's text, and what was forgiven. Only line ends around the text, and blanks before the
/// prefix, are cut: spaces are characters of base45.
///
/// # Errors
/// [`HcertError`] names the layer that failed.
pub fn from_text(text: &str) -> Result<(Vec<u8>, Vec<Deviation>), HcertError> {
    let text = text.trim_matches(['\r', '\n', '\t', '\u{feff}']);
    if text.len() > limits::CODE_TEXT_BYTES {
        return Err(HcertError::TooLong { bytes: text.len() });
    }
    let mut forgiven = Vec::new();
    // Blanks before the prefix are no part of the code; without a prefix they might be base45.
    let body = match text.trim_start().strip_prefix(PREFIX) {
        Some(body) => body,
        None => {
            if let Some(prefix) = text.trim_start().get(..4).filter(|p| p.ends_with(':')) {
                return Err(HcertError::UnknownVersion { prefix: prefix.to_owned() });
            }
            forgiven.push(Deviation::MissingPrefix);
            text
        }
    };
    // A scanner or an editor may add spaces at the end; they can only be padding when the rest decodes.
    let compressed = base45::decode(body).or_else(|error| {
        let trimmed = body.trim_end_matches(' ');
        if trimmed.len() == body.len() { Err(error) } else { base45::decode(trimmed) }
    })?;
    Ok((inflate(&compressed)?, forgiven))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_message_survives_the_text(message in prop::collection::vec(any::<u8>(), 0..1200)) {
            let text = to_text(&message);
            prop_assert_eq!(from_text(&text).unwrap(), (message, vec![]));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,400}") {
            let _ = from_text(&text);
            let _ = from_text(&format!("HC1:{text}"));
        }
    }

    #[test]
    fn other_versions_are_named() {
        for prefix in ["HC2:", "HCA:", "HL0:", "hc1:"] {
            let error = from_text(&format!("{prefix}NCFOXN")).unwrap_err();
            assert_eq!(error, HcertError::UnknownVersion { prefix: prefix.to_owned() });
        }
    }

    #[test]
    fn a_missing_prefix_and_trailing_spaces_are_forgiven() {
        let text = to_text(b"message");
        let (bytes, forgiven) = from_text(text.strip_prefix(PREFIX).unwrap()).unwrap();
        assert_eq!((bytes.as_slice(), forgiven), (b"message".as_slice(), vec![Deviation::MissingPrefix]));
        assert_eq!(from_text(&format!("{text}\r\n")).unwrap().0, b"message");
        assert_eq!(from_text(&format!("{text}    ")).unwrap().0, b"message");
        assert_eq!(from_text(&format!("  {text}")).unwrap(), (b"message".to_vec(), vec![]));
    }
}
