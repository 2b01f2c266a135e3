//! Base64, hexadecimal, PEM and words for display, as lists write them.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::limits::TRUST_LIST_SHOWN_CHARS;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Base64 of either alphabet, padded or not, with or without line breaks: lists have all of these.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let once = |text: &str| STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok();
    once(text).or_else(|| {
        let joined: String = text.split_ascii_whitespace().collect();
        (joined.len() != text.len()).then(|| once(&joined)).flatten()
    })
}

/// Base64url without padding.
pub(super) fn base64url(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether `text` is the hexadecimal form of `bytes`, in either case.
pub(super) fn is_hex_of(text: &str, bytes: &[u8]) -> bool {
    let digit = |octet: &u8| char::from(*octet).to_digit(16);
    let text = text.trim().as_bytes();
    text.len() == bytes.len() * 2
        && text.chunks_exact(2).zip(bytes).all(|(pair, byte)| match pair {
            [high, low] => digit(high).zip(digit(low)).map(|(h, l)| h * 16 + l) == Some(u32::from(*byte)),
            _ => false,
        })
}

/// Text of a list as it may be shown on a terminal: without control characters and marks that turn the direction
/// of writing, and not longer than the bound.
pub(super) fn shown(text: &str) -> String {
    let paints = |c: &char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown: String = text.chars().take(TRUST_LIST_SHOWN_CHARS).filter(|c| !paints(c)).collect();
    if text.chars().nth(TRUST_LIST_SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

/// Percent-decoding (RFC 3986 section 2.1); text without an escape is as it was.
pub(super) fn percent_decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// One block of a PEM file (RFC 7468).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pem<'a> {
    /// What the block says it is: `CERTIFICATE`.
    pub(super) label: &'a str,
    /// Its content; `None` when it is not base64 or never ends.
    pub(super) content: Option<Vec<u8>>,
}

/// Whether a file has a PEM block.
pub(super) fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(11).any(|window| window == b"-----BEGIN ")
}

/// The blocks of a PEM file, in order. Text between them is a comment; bytes that are no UTF-8 there do no harm.
pub(super) fn pem(bytes: &[u8]) -> Vec<(String, Option<Vec<u8>>)> {
    let text = String::from_utf8_lossy(bytes);
    blocks(&text).map(|block| (block.label.to_owned(), block.content)).collect()
}

fn blocks(text: &str) -> impl Iterator<Item = Pem<'_>> {
    text.split("-----BEGIN ").skip(1).filter_map(|block| {
        let (label, rest) = block.split_once("-----")?;
        let body = rest.split_once("-----END ").map(|(body, _)| body);
        // Old key files have headers before the base64 (RFC 1421); whoever wrote one wants it decrypted first.
        let content = body.and_then(base64);
        Some(Pem { label: label.trim(), content })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_of_base64_is_read() {
        for text in ["+/8=", "+/8", "-_8=", "-_8", "+/\r\n8=", "+/9="] {
            assert_eq!(base64(text).as_deref(), Some([0xfb, 0xff].as_slice()), "{text}");
        }
        assert_eq!(base64("+_8="), None);
        assert_eq!(base64("#"), None);
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(percent_decoded("%2B6w2r2RfO1M%3D").as_deref(), Some("+6w2r2RfO1M="));
        assert_eq!(percent_decoded("+6w2r2RfO1M=").as_deref(), Some("+6w2r2RfO1M="));
        for broken in ["%", "%2", "%zz", "%+1", "%ff"] {
            assert_eq!(percent_decoded(broken), None, "{broken}");
        }
    }

    #[test]
    fn pem_blocks_are_found_among_other_text() {
        let file = b"\xff note\n-----BEGIN A-----\nAQI=\n-----END A-----\n-----BEGIN B C-----\n!\n-----END B C-----\n\
            -----BEGIN D-----\nAQ";
        let found = pem(file);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], ("A".to_owned(), Some(vec![1, 2])));
        assert_eq!(found[1], ("B C".to_owned(), None));
        assert_eq!(found[2], ("D".to_owned(), None));
    }

    #[test]
    fn what_is_shown_cannot_paint_the_terminal() {
        assert_eq!(shown("a\u{1b}[31m\u{202e}b\n"), "a[31mb");
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), TRUST_LIST_SHOWN_CHARS + 1);
    }

    proptest! {
        #[test]
        fn hexadecimal_of_anything(bytes in prop::collection::vec(any::<u8>(), 0..40), upper: bool) {
            let text: String = bytes.iter().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }).collect();
            prop_assert!(is_hex_of(&text, &bytes));
            let longer = text + "0";
            prop_assert!(!is_hex_of(&longer, &bytes));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,80}") {
            let _ = (base64(&text), percent_decoded(&text), pem(text.as_bytes()), shown(&text));
        }
    }
}
