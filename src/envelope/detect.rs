//! Which format is this code? Told by what the content is, never by a word somewhere inside it.
//!
//! A format is named here when the content has its outer shape; whether the rest holds is found out by the
//! format's own reader, so that the reason of a refusal is the format's. What has no shape of another format is
//! left to HCERT, whose base45 may come without its prefix.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{hcert, json, vdsnc};
use crate::limits;

/// Families of envelopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Envelope {
    /// `HC1:` and its versions, or a bare base45 text.
    Hcert,
    /// DIVOC: a zip in any of its forms, or the bare JSON-LD credential.
    Divoc,
    /// SMART Health Card: `shc:/`, a bare JWS, or a `.smart-health-card` file.
    Shc,
    /// ICAO visible digital seal for non-constrained environments.
    VdsNc,
    /// `shlink:/` or `vhlink:/`: a link to documents, not a certificate.
    HealthLink,
}

/// First bytes of a zip archive; they survive when somebody writes the archive as Latin-1 text in UTF-8.
const ZIP: &[u8] = b"PK\x03\x04";
/// Prefix of a zip archive in base64, in trust frameworks' test data.
const BASE64_ZIP: &[u8] = b"B64:";
const LINKS: [&str; 2] = ["shlink:/", "vhlink:/"];

/// The family of a code, by its content. `None` when it is a text of no known shape, or no text.
#[must_use]
pub fn detect(code: &[u8]) -> Option<Envelope> {
    if code.starts_with(ZIP) || code.starts_with(BASE64_ZIP) {
        return Some(Envelope::Divoc);
    }
    let text = std::str::from_utf8(code).ok()?.trim_start_matches('\u{feff}').trim();
    if text.starts_with(['{', '[']) {
        return if text.len() <= limits::CODE_FILE_BYTES { of_json(text) } else { None };
    }
    if hcert::looks_like(text) {
        return Some(Envelope::Hcert);
    }
    if starts_with(text, "shc:/") {
        return Some(Envelope::Shc);
    }
    // A link may stand behind the address of a viewer: `https://viewer.example#shlink:/…`.
    let link = if starts_with(text, "https://") || starts_with(text, "http://") {
        text.split_once('#').map_or("", |(_, fragment)| fragment)
    } else {
        text
    };
    if LINKS.iter().any(|scheme| starts_with(link, scheme)) {
        return Some(Envelope::HealthLink);
    }
    if is_jws(text) {
        return Some(Envelope::Shc);
    }
    Some(Envelope::Hcert)
}

/// Schemes are written in any case (RFC 3986 section 3.1).
fn starts_with(text: &str, scheme: &str) -> bool {
    text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme))
}

/// By the members that make the format, at their places.
fn of_json(text: &str) -> Option<Envelope> {
    let value = json::read(text.as_bytes()).ok()?;
    if vdsnc::is_seal(&value) {
        return Some(Envelope::VdsNc);
    }
    if value.get("verifiableCredential").is_some_and(Value::is_array) {
        return Some(Envelope::Shc);
    }
    // The same cards from a FHIR server.
    let named = |parameter: &Value| parameter.get("name").and_then(Value::as_str) == Some("verifiableCredential");
    let parameters = value.get("parameter").and_then(Value::as_array);
    if value.get("resourceType").and_then(Value::as_str) == Some("Parameters")
        && parameters.is_some_and(|all| all.iter().any(named))
    {
        return Some(Envelope::Shc);
    }
    let has = |name| value.get(name).is_some();
    (has("@context") && (has("credentialSubject") || has("proof"))).then_some(Envelope::Divoc)
}

/// Three parts of base64url, the first of them a JSON object: base45 has no small letters to make one.
fn is_jws(text: &str) -> bool {
    let mut parts = text.splitn(4, '.');
    let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    URL_SAFE_NO_PAD.decode(header).is_ok_and(|bytes| bytes.trim_ascii_start().starts_with(b"{"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formats_are_told_apart_by_content() {
        let cases: [(&[u8], Option<Envelope>); 20] = [
            (b"HC1:NCFOXN", Some(Envelope::Hcert)),
            (b"\xef\xbb\xbf HC1:NCFOXN", Some(Envelope::Hcert)),
            (b"NCFOXN%TSMAHN-H", Some(Envelope::Hcert)),
            (b"PK\x03\x04\x14\x00\xff\x00", Some(Envelope::Divoc)),
            ("PK\u{3}\u{4}\u{ff}".as_bytes(), Some(Envelope::Divoc)),
            (b"B64:UEsDBA==", Some(Envelope::Divoc)),
            (br#"{"@context":[],"credentialSubject":{}}"#, Some(Envelope::Divoc)),
            (br#" {"data":{"hdr":{"t":"icao.vacc","v":1,"is":"UTO"}},"sig":{}}"#, Some(Envelope::VdsNc)),
            (br#"{"verifiableCredential":["a.b.c"]}"#, Some(Envelope::Shc)),
            (b"shc:/5676290952", Some(Envelope::Shc)),
            (b"SHC:/1/2/5676", Some(Envelope::Shc)),
            (b"eyJhbGciOiJFUzI1NiJ9.AAAA.BBBB", Some(Envelope::Shc)),
            (b"shlink:/eyJ1", Some(Envelope::HealthLink)),
            (b"vhlink:/eyJ1", Some(Envelope::HealthLink)),
            (b"https://viewer.example/x#shlink:/eyJ1", Some(Envelope::HealthLink)),
            // A word of another format inside changes nothing.
            (br#"{"data":{"hdr":{"t":"none"},"note":"icao.vacc"},"x":"@context"}"#, None),
            (br#"{"note":"shc:/ HC1: @context credentialSubject"}"#, None),
            (br#"{"@context":[],"@context":[],"proof":{}}"#, None),
            (b"https://example.org/?shlink:/eyJ1", Some(Envelope::Hcert)),
            (b"\xff\xfe\x00", None),
        ];
        for (code, expected) in cases {
            assert_eq!(detect(code), expected, "{}", String::from_utf8_lossy(code));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_have_one_answer(code in prop::collection::vec(any::<u8>(), 0..200)) {
            assert_eq!(detect(&code), detect(&code));
        }
    }
}
