//! The signature of a proof: a detached JWS (RFC 7515 appendix F, RFC 7797) as WHO's signers really write it.
//!
//! The text is `header..signature`; what is signed is the header's text, a full stop and the 64 raw bytes of the
//! two hashes. The newer signer writes `ES256` and then the DER form of an ECDSA signature instead of JOSE's r‖s;
//! the older one writes `EC`, which is no JOSE algorithm, and r‖s. Both forms are read under both names.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{ProofError, json, shown};
use crate::keys::der;

/// Length of r‖s on P-256.
const FIXED: usize = 64;
/// Longest signature text that is looked at, in bytes; one in DER has 96 characters.
const TEXT: usize = 512;

/// A detached JWS taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Detached<'j> {
    /// The text of the protected header, which is signed as it is.
    pub(super) header: &'j str,
    /// The forms of r‖s that the signature can be read as: one, or in a case that never happens by chance two.
    pub(super) signatures: Vec<Vec<u8>>,
}

pub(super) fn read(jws: &str) -> Result<Detached<'_>, ProofError> {
    let mut parts = jws.split('.');
    let (Some(header), Some(""), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(ProofError::Jws { part: "form, which is header..signature" });
    };
    if jws.len() > TEXT {
        return Err(ProofError::Jws { part: "length" });
    }
    let bytes = URL_SAFE_NO_PAD.decode(header).map_err(|_| ProofError::Jws { part: "header" })?;
    check_header(&json::read(&bytes).map_err(|_| ProofError::Jws { part: "header" })?)?;
    let bytes = URL_SAFE_NO_PAD.decode(signature).map_err(|_| ProofError::Jws { part: "signature" })?;
    let signatures: Vec<Vec<u8>> =
        from_der(&bytes).into_iter().chain((bytes.len() == FIXED).then_some(bytes)).collect();
    if signatures.is_empty() {
        return Err(ProofError::Jws { part: "signature" });
    }
    Ok(Detached { header, signatures })
}

/// Exactly `b64: false`, critical (RFC 7797 section 6), and one of the two names of ECDSA.
fn check_header(header: &Value) -> Result<(), ProofError> {
    let members = header.as_object().ok_or(ProofError::Jws { part: "header" })?;
    let detached = members.get("b64") == Some(&Value::Bool(false))
        && members.get("crit").and_then(Value::as_array).is_some_and(|crit| *crit == ["b64"])
        && members.len() == 3;
    let algorithm = members.get("alg").and_then(Value::as_str).ok_or(ProofError::Jws { part: "header" })?;
    match algorithm {
        "ES256" | "EC" if detached => Ok(()),
        "ES256" | "EC" => Err(ProofError::Jws { part: "header, which has b64, crit and alg only" }),
        other => Err(ProofError::Algorithm { found: shown(other) }),
    }
}

/// r‖s of an ECDSA signature in DER (RFC 3279 section 2.2.3), strictly: minimal, positive, at most 32 bytes each.
fn from_der(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut outer = der::Reader::new(bytes);
    let body = outer.expect(der::SEQUENCE)?;
    // Lengths below 128 have the short form in DER; no signature on P-256 is longer.
    if body.whole.len() != bytes.len() || body.whole.len() != body.content.len() + 2 {
        return None;
    }
    let mut numbers = der::Reader::new(body.content);
    let mut out = Vec::with_capacity(FIXED);
    let mut read = 0;
    for _ in 0..2 {
        let number = numbers.expect(der::INTEGER)?;
        read += number.whole.len();
        if number.whole.len() != number.content.len() + 2 {
            return None;
        }
        let magnitude = match number.content {
            [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => rest,
            [first, ..] if (1..0x80).contains(first) => number.content,
            _ => return None,
        };
        out.resize(out.len() + (FIXED / 2).checked_sub(magnitude.len())?, 0);
        out.extend_from_slice(magnitude);
    }
    (read == body.content.len()).then_some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn jws(header: &str, signature: &[u8]) -> String {
        format!("{}..{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(signature))
    }

    const HEADER: &str = r#"{"b64":false,"crit":["b64"],"alg":"ES256"}"#;

    /// DER of two numbers, written independently of the reader.
    fn to_der(fixed: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        for half in fixed.chunks(32) {
            let mut number: Vec<u8> = half.iter().copied().skip_while(|b| *b == 0).collect();
            if number.first().is_none_or(|b| *b >= 0x80) {
                number.insert(0, 0);
            }
            body.extend([2, u8::try_from(number.len()).unwrap()]);
            body.extend(number);
        }
        let mut out = vec![0x30, u8::try_from(body.len()).unwrap()];
        out.extend(body);
        out
    }

    #[test]
    fn both_names_and_both_forms_are_read() {
        let fixed = [0x81; 64];
        for header in [HEADER, r#"{"alg":"EC","crit":["b64"],"b64":false}"#] {
            for signature in [fixed.to_vec(), to_der(&fixed)] {
                let text = jws(header, &signature);
                let read = read(&text).unwrap();
                assert_eq!(read.signatures, [fixed.to_vec()]);
                assert_eq!(URL_SAFE_NO_PAD.decode(read.header).unwrap(), header.as_bytes());
            }
        }
    }

    #[test]
    fn other_headers_are_refused_by_name() {
        let refused = |header: &str| read(&jws(header, &[0x81; 64])).unwrap_err();
        assert_eq!(
            refused(r#"{"b64":false,"crit":["b64"],"alg":"none"}"#),
            ProofError::Algorithm { found: "none".into() }
        );
        for header in [
            r#"{"b64":true,"crit":["b64"],"alg":"ES256"}"#,
            r#"{"b64":false,"alg":"ES256"}"#,
            r#"{"b64":false,"crit":[],"alg":"ES256"}"#,
            r#"{"b64":false,"crit":["b64","exp"],"alg":"ES256"}"#,
            r#"{"b64":false,"crit":["b64"],"alg":"ES256","kid":"x"}"#,
            r#"{"b64":false,"b64":false,"crit":["b64"],"alg":"ES256"}"#,
            r#"{"b64":false,"crit":["b64"]}"#,
            "[]",
            "",
        ] {
            assert!(matches!(refused(header), ProofError::Jws { .. }), "{header}");
        }
    }

    #[test]
    fn other_forms_of_text_and_signature_are_refused() {
        let good = jws(HEADER, &[0x81; 64]);
        for text in [
            String::new(),
            good.replace("..", ".e30."),
            good.replace("..", "."),
            format!("{good}."),
            format!("{good}=="),
            format!("{good}!"),
            format!("{good}{}", "A".repeat(600)),
            jws(HEADER, &[0x81; 63]),
            jws(HEADER, &[]),
        ] {
            assert!(matches!(read(&text), Err(ProofError::Jws { .. })), "{text}");
        }
        let der = to_der(&[0x81; 64]);
        let mut trailing = der.clone();
        trailing.push(0);
        let mut long_form = der.clone();
        long_form.insert(1, 0x81);
        let negative = [&[0x30, 68, 2, 32][..], &[0x81; 32], &[2, 32], &[0x81; 32]].concat();
        let padded = [&[0x30, 8, 2, 2, 0, 1], &[2, 2, 0, 1][..]].concat();
        let zero = vec![0x30, 6, 2, 1, 0, 2, 1, 1];
        let wide = [&[0x30, 72, 2, 34, 1][..], &[0x81; 33], &[2, 34, 1], &[0x81; 33]].concat();
        for bad in [trailing, long_form, negative, padded, zero, wide, der[..70].to_vec()] {
            assert_eq!(from_der(&bad), None, "{bad:02x?}");
        }
    }

    proptest! {
        #[test]
        fn every_der_signature_comes_back(fixed in prop::collection::vec(any::<u8>(), 64), zeros in 0usize..31) {
            let mut fixed = fixed;
            for byte in fixed.iter_mut().take(zeros) { *byte = 0; }
            fixed[31] |= 1;
            fixed[63] |= 1;
            prop_assert_eq!(from_der(&to_der(&fixed)), Some(fixed));
        }

        #[test]
        fn no_bytes_upset_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..80), text in ".{0,80}") {
            let _ = from_der(&bytes);
            let _ = read(&text);
            let _ = read(&jws(HEADER, &bytes));
        }
    }
}
