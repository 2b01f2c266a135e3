//! The compact form of a JWS (RFC 7515 section 7.1): `header.payload.signature`, each in base64url without padding.
//!
//! One text has one reading: what a lenient decoder would take (padding, another alphabet, left-over bits) is
//! refused, so that nobody can write one signed card in two ways.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{
    envelope::json::{self, JsonError},
    limits::SHC_JWS_BYTES,
};

/// Length of an ES256 signature, r‖s (RFC 7518 section 3.4).
pub const SIGNATURE_BYTES: usize = 64;

/// Longest part of a header's text that an error or a verdict shows.
pub(super) const SHOWN_CHARS: usize = 40;

/// Why a text is no compact JWS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than any card.
    #[error("the signed text has {bytes} characters; no card has more than {SHC_JWS_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not three parts.
    #[error("the signed text has {count} parts between full stops where three must be")]
    Parts {
        /// How many there are.
        count: usize,
    },
    /// Not base64url without padding.
    #[error("the {part} is not base64url (RFC 4648 section 5, without padding)")]
    Base64 {
        /// Which part.
        part: &'static str,
    },
    /// The header is no JSON, or has a name twice.
    #[error("header, {0}")]
    Json(#[from] JsonError),
    /// A member of the header that is missing or of the wrong type.
    #[error("the header has no {member} that can be read")]
    Member {
        /// Its name.
        member: &'static str,
    },
    /// `crit`: the header demands what this program does not know (RFC 7515 section 4.1.11).
    #[error("the header demands extensions (crit) that no health card has")]
    Critical,
    /// Not r‖s.
    #[error("the signature has {bytes} bytes where ES256 has {SIGNATURE_BYTES}{}", if *der { "; it is in DER, which JWS does not use" } else { "" })]
    Signature {
        /// How many there are.
        bytes: usize,
        /// Whether it looks like DER.
        der: bool,
    },
}

/// What the header says, as it says it. Whether that is allowed is the verifier's to decide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// `alg`: the algorithm.
    pub algorithm: Option<String>,
    /// `kid`: the key, by its thumbprint.
    pub kid: Option<String>,
    /// `zip`: how the payload is compressed.
    pub zip: Option<String>,
}

/// A message taken apart, unverified.
#[derive(Clone, PartialEq, Eq)]
pub struct Jws {
    /// The header.
    pub header: Header,
    /// The payload's bytes as signed, still compressed.
    pub payload: Vec<u8>,
    /// r‖s.
    pub signature: [u8; SIGNATURE_BYTES],
    /// What was signed: the first two parts as they stand in the text.
    signed: Box<str>,
}

impl std::fmt::Debug for Jws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jws").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Jws {
    /// Reads a compact JWS, without anything around it.
    ///
    /// # Errors
    /// [`JwsError`] says which part is wrong.
    pub fn read(text: &str) -> Result<Self, JwsError> {
        if text.len() > SHC_JWS_BYTES {
            return Err(JwsError::TooLong { bytes: text.len() });
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JwsError::Parts { count: text.split('.').count() });
        };
        let decode = |text: &str, part| URL_SAFE_NO_PAD.decode(text).map_err(|_| JwsError::Base64 { part });
        let header = Header::read(&decode(header, "header")?)?;
        let payload = decode(payload, "payload")?;
        let signature = decode(signature, "signature")?;
        let signature = <[u8; SIGNATURE_BYTES]>::try_from(signature)
            .map_err(|bytes| JwsError::Signature { bytes: bytes.len(), der: bytes.first() == Some(&0x30) })?;
        let signed = text.rsplit_once('.').map_or("", |(signed, _)| signed).into();
        Ok(Self { header, payload, signature, signed })
    }

    /// The bytes that the signature covers.
    #[must_use]
    pub fn signed_bytes(&self) -> &[u8] {
        self.signed.as_bytes()
    }
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, JwsError> {
        let Value::Object(members) = json::read(bytes)? else {
            return Err(JwsError::Member { member: "object" });
        };
        if members.contains_key("crit") {
            return Err(JwsError::Critical);
        }
        Ok(Self { algorithm: text(&members, "alg")?, kid: text(&members, "kid")?, zip: text(&members, "zip")? })
    }
}

fn text(members: &Map<String, Value>, member: &'static str) -> Result<Option<String>, JwsError> {
    match members.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(JwsError::Member { member }),
    }
}

/// Whether a text is in the form of a JWS: three parts of base64url, the first a JSON object.
#[must_use]
pub fn looks_like(text: &str) -> bool {
    let mut parts = text.split('.');
    let (Some(header), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    let object = || URL_SAFE_NO_PAD.decode(header).is_ok_and(|bytes| bytes.trim_ascii().starts_with(b"{"));
    header.len() <= SHC_JWS_BYTES && !payload.is_empty() && text.bytes().all(|b| b == b'.' || alphabet(b)) && object()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = r#"{"zip":"DEF","alg":"ES256","kid":"a"}"#;

    fn jws(header: &str, payload: &[u8], signature: &[u8]) -> String {
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        format!("{}.{}.{}", part(header.as_bytes()), part(payload), part(signature))
    }

    #[test]
    fn the_parts_are_what_was_signed() {
        let text = jws(HEADER, b"payload", &[7; 64]);
        let read = Jws::read(&text).unwrap();
        assert_eq!((read.payload.as_slice(), read.signature), (b"payload".as_slice(), [7; 64]));
        assert_eq!(read.signed_bytes(), text.rsplit_once('.').unwrap().0.as_bytes());
        assert_eq!(read.header.kid.as_deref(), Some("a"));
        assert!(looks_like(&text));
    }

    #[test]
    fn one_card_has_one_text() {
        let good = jws(HEADER, b"pay", &[7; 64]);
        let last = good.pop_last();
        // 64 bytes leave four bits over: the last character has four spellings in a careless decoder.
        for other in ["B", "C", "h"] {
            let text = format!("{last}{other}");
            assert!(text == good || Jws::read(&text) == Err(JwsError::Base64 { part: "signature" }), "{other}");
        }
        for bad in [format!("{good}=="), good.replace('_', "/"), format!("{good} "), format!(" {good}")] {
            assert!(bad == good || matches!(Jws::read(&bad), Err(JwsError::Base64 { .. })), "{bad}");
        }
    }

    trait PopLast {
        fn pop_last(&self) -> String;
    }

    impl PopLast for String {
        fn pop_last(&self) -> String {
            self[..self.len() - 1].to_owned()
        }
    }

    #[test]
    fn other_shapes_are_refused_by_name() {
        let good = jws(HEADER, b"pay", &[7; 64]);
        for (text, expected) in [
            (String::new(), JwsError::Parts { count: 1 }),
            (good.replace('.', ""), JwsError::Parts { count: 1 }),
            (format!("{good}."), JwsError::Parts { count: 4 }),
            ("A".repeat(SHC_JWS_BYTES + 1), JwsError::TooLong { bytes: SHC_JWS_BYTES + 1 }),
            (jws(HEADER, b"pay", &[0x30; 70]), JwsError::Signature { bytes: 70, der: true }),
            (jws(HEADER, b"pay", &[]), JwsError::Signature { bytes: 0, der: false }),
            (jws(HEADER, b"pay", &[1; 65]), JwsError::Signature { bytes: 65, der: false }),
            (jws("[]", b"pay", &[7; 64]), JwsError::Member { member: "object" }),
            (jws(r#"{"alg":1}"#, b"pay", &[7; 64]), JwsError::Member { member: "alg" }),
            (jws(r#"{"alg":"ES256","crit":["x"]}"#, b"pay", &[7; 64]), JwsError::Critical),
            (
                jws(r#"{"alg":"ES256","alg":"none"}"#, b"pay", &[7; 64]),
                JwsError::Json(JsonError::Twice { member: "alg".into() }),
            ),
        ] {
            assert_eq!(Jws::read(&text), Err(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_do_not_look_like_one() {
        for text in ["", "a.b.c", "HC1:A.B.C", "e30.e30", "e30..AA", "W10.AA.AA", "e30.A A.AA", "https://a.b.c/d"] {
            assert!(!looks_like(text), "{text}");
        }
        assert!(looks_like("e30.AA.AA"));
    }

    proptest! {
        #[test]
        fn any_parts_survive_the_text(payload in prop::collection::vec(any::<u8>(), 0..300), signature in any::<[u8; 32]>()) {
            let signature = [signature, signature].concat();
            let read = Jws::read(&jws(HEADER, &payload, &signature)).unwrap();
            prop_assert_eq!(read.payload, payload);
            prop_assert_eq!(read.signature.to_vec(), signature);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,120}", header in "\\PC{0,60}") {
            let _ = (Jws::read(&text), looks_like(&text));
            let _ = Jws::read(&jws(&header, text.as_bytes(), &[7; 64]));
        }
    }
}
