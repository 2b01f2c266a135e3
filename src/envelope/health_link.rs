//! Health links: a SMART Health Link (`shlink:/…`) or a Verifiable Health Link (`vhlink:/…`) says where documents lie
//! and how to unlock them. It is no certificate, and nothing here opens it.
//!
//! SMART Health Links 1.0 (HL7 SMART Health Cards and Links, STU 1) and IHE ITI "Verifiable Health Links": the scheme,
//! then JSON in base64url, optionally behind a viewer's address and `#`. The link's key, and its address beyond the
//! host, unlock somebody's health documents: they are looked at, and not kept.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    hcert::cbor,
    json::{self, JsonError},
};
use crate::limits;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// Length of the key that unlocks the documents (A256GCM), in bytes.
const KEY_BYTES: usize = 32;

/// A departure from the specifications that reading forgives. Codes are stable: they appear as warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deviation {
    /// `shlink://` (RACSEL).
    TwoSlashes,
    /// The payload is in the standard alphabet of base64.
    StandardBase64,
    /// The end is in milliseconds (RACSEL; the example of the pilgrimage guide).
    MillisecondTime,
    /// The key is not 32 bytes in 43 characters (RACSEL; the pilgrimage guide has 64).
    OddKey,
    /// The address is not encrypted on the way (`http:`).
    PlainHttp,
    /// The label or the address is longer than the specification allows.
    Overlong,
    /// Flags that the specification does not have, or that exclude each other.
    OddFlags,
}

impl Deviation {
    /// Stable machine code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::StandardBase64 => "standard-base64",
            Self::MillisecondTime => "millisecond-time",
            Self::PlainHttp => "link-plain-http",
            Self::Overlong => "overlong-text",
            Self::TwoSlashes | Self::OddKey | Self::OddFlags => "link-form",
        }
    }
}

/// Which specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// SMART Health Link.
    Shl,
    /// Verifiable Health Link of IHE and WHO.
    Vhl,
}

/// Why a text is no health link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Longer than any code can be.
    #[error("the text has {bytes} bytes; no code holds more than {}", limits::CODE_TEXT_BYTES)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Neither scheme.
    #[error("the text begins with neither shlink:/ nor vhlink:/")]
    Scheme,
    /// The payload is not base64url.
    #[error("the part after the scheme is not base64url")]
    Base64,
    /// The payload is not JSON.
    #[error("the link's content cannot be read: {0}")]
    Json(#[from] JsonError),
    /// A member is missing or wrong.
    #[error("the link's content cannot be read: {member} {problem}")]
    Member {
        /// Its name.
        member: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The claim of a token holds nothing that looks like a link.
    #[error("the claim for links holds neither a text nor a list of links")]
    Claim,
}

/// A health link, as far as it may be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HealthLink {
    /// Which specification.
    pub scheme: Scheme,
    /// Host of the address at which the documents lie, as ASCII.
    pub host: String,
    /// Host of the viewer before the `#`, where there is one.
    pub viewer: Option<String>,
    /// What its maker calls it; at most 80 characters, without any that change how the line is shown.
    pub label: Option<String>,
    /// Until when it works.
    pub expires_at: Option<Timestamp>,
    /// Whether a passcode is asked for (`P`).
    pub passcode: bool,
    /// Whether the documents behind it change with time (`L`).
    pub long_term: bool,
    /// Whether it leads to one file directly (`U`).
    pub direct: bool,
    /// Version of the content; 1 where it says none.
    pub version: u64,
    /// What was forgiven.
    pub deviations: Vec<Deviation>,
}

impl std::fmt::Debug for HealthLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HealthLink({:?}, {}, …)", self.scheme, self.host)
    }
}

/// Whether the text is a link by its scheme, alone or behind a viewer's address.
#[must_use]
pub fn looks_like(text: &str) -> bool {
    Opened::of(trimmed(text)).is_some()
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{feff}')
}

/// A text with its scheme recognised.
struct Opened<'t> {
    scheme: Scheme,
    slashes: usize,
    payload: &'t str,
    viewer: Option<&'t str>,
}

impl<'t> Opened<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let (viewer, link) = match strip(text, "https://").or_else(|| strip(text, "http://")) {
            // A viewer's address has one fragment, and the link is the whole of it.
            Some(_) => text.split_once('#').map(|(viewer, link)| (Some(viewer), link))?,
            None => (None, text),
        };
        let (scheme, rest) = match (strip(link, "shlink:/"), strip(link, "vhlink:/")) {
            (Some(rest), _) => (Scheme::Shl, rest),
            (_, Some(rest)) => (Scheme::Vhl, rest),
            _ => return None,
        };
        let payload = rest.strip_prefix('/').unwrap_or(rest);
        Some(Self { scheme, slashes: 1 + rest.len() - payload.len(), payload, viewer })
    }
}

/// The text after a scheme, whose letters may be of either case (RFC 3986 section 3.1).
fn strip<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

impl HealthLink {
    /// Reads the text of a code or of a claim.
    ///
    /// # Errors
    /// [`LinkError`] says what is wrong. No error holds any part of the link's content.
    pub fn read(text: &str) -> Result<Self, LinkError> {
        let text = trimmed(text);
        if text.len() > limits::CODE_TEXT_BYTES {
            return Err(LinkError::TooLong { bytes: text.len() });
        }
        let opened = Opened::of(text).ok_or(LinkError::Scheme)?;
        let mut forgiven = Vec::new();
        if opened.slashes > 1 {
            forgiven.push(Deviation::TwoSlashes);
        }
        let bytes = URL_SAFE.decode(opened.payload).or_else(|_| {
            forgiven.push(Deviation::StandardBase64);
            STANDARD.decode(opened.payload).map_err(|_| LinkError::Base64)
        })?;
        let content = json::read(&bytes).map_err(without_names)?;
        let viewer = opened.viewer.map(|viewer| host(viewer).ok_or(wrong("the viewer", "is no address of the web")));
        let mut link = Self::of(&content, opened.scheme, forgiven)?;
        link.viewer = viewer.transpose()?.map(|(host, _)| host);
        Ok(link)
    }

    /// Reads the links of sub-claim 5 of a health certificate claim: a text (WHO's model since August 2025), or a list
    /// of objects with the text under `u` (before, and in the field).
    ///
    /// # Errors
    /// [`LinkError`] for the first that cannot be read, and [`LinkError::Claim`] when there is none.
    pub fn of_claim(claim: &cbor::Value<'_>) -> Result<Vec<Self>, LinkError> {
        let text = |value: &cbor::Value<'_>| match value {
            cbor::Value::Map(_) => {
                value.get("u").and_then(cbor::Value::as_text).ok_or(LinkError::Claim).map(Self::read)
            }
            other => other.as_text().ok_or(LinkError::Claim).map(Self::read),
        };
        let links = match claim {
            cbor::Value::Array(items) => items.iter().map(|item| text(item)?).collect::<Result<Vec<_>, _>>()?,
            one => vec![text(one)??],
        };
        if links.is_empty() { Err(LinkError::Claim) } else { Ok(links) }
    }

    fn of(content: &Value, scheme: Scheme, mut forgiven: Vec<Deviation>) -> Result<Self, LinkError> {
        if !content.is_object() {
            return Err(wrong("the content", "is not an object"));
        }
        // null is what some writers have for an absent member.
        let member = |name: &str| content.get(name).filter(|value| !value.is_null());
        let text = |name: &'static str| match member(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(wrong(name, "is not a text")),
        };
        let address = text("url")?.ok_or(wrong("url", "is missing"))?;
        let (host, encrypted) = host(address).ok_or(wrong("url", "is no address of the web"))?;
        if !encrypted {
            forgiven.push(Deviation::PlainHttp);
        }
        if address.len() > limits::LINK_ADDRESS_BYTES {
            forgiven.push(Deviation::Overlong);
        }
        let key = text("key")?.ok_or(wrong("key", "is missing"))?;
        // Not kept: whoever shows a link must not be able to show its key.
        let exact = key.len() == 43 && URL_SAFE.decode(key).is_ok_and(|key| key.len() == KEY_BYTES);
        if !exact {
            forgiven.push(Deviation::OddKey);
        }
        let expires_at = match member("exp") {
            None => None,
            Some(end) => Some(moment(end, &mut forgiven)?),
        };
        let flags = text("flag")?.unwrap_or_default();
        let has = |flag| flags.contains(flag);
        let known = flags.chars().all(|flag| matches!(flag, 'L' | 'P' | 'U'));
        if !known || (has('U') && has('P')) {
            forgiven.push(Deviation::OddFlags);
        }
        let label = text("label")?.map(|label| shown(label, &mut forgiven)).filter(|label| !label.is_empty());
        let version = match member("v") {
            None => 1,
            Some(version) => version.as_u64().ok_or(wrong("v", "is not a whole number"))?,
        };
        forgiven.sort_unstable();
        forgiven.dedup();
        Ok(Self {
            scheme,
            host,
            viewer: None,
            label,
            expires_at,
            passcode: has('P'),
            long_term: has('L'),
            direct: has('U'),
            version,
            deviations: forgiven,
        })
    }
}

fn wrong(member: &'static str, problem: &'static str) -> LinkError {
    LinkError::Member { member, problem }
}

/// A name that stands twice is not shown: inside a link nothing may be.
fn without_names(error: JsonError) -> LinkError {
    match error {
        JsonError::Twice { .. } => wrong("a member", "stands twice"),
        form @ JsonError::Form { .. } => form.into(),
    }
}

/// Host of an address of the web, in lower case, and whether the way to it is encrypted. A user's name before the
/// host, which makes an address look like another one, is refused, and so is whatever is not ASCII.
fn host(address: &str) -> Option<(String, bool)> {
    let (rest, encrypted) = match strip(address, "https://") {
        Some(rest) => (rest, true),
        None => (strip(address, "http://")?, false),
    };
    let host = rest.split(['/', '?', '#', '\\']).next()?;
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    let sound = !host.is_empty() && host.len() <= limits::LINK_HOST_BYTES && host.bytes().all(plain);
    sound.then(|| (host.to_ascii_lowercase(), encrypted))
}

/// A time in seconds, or, where that lies beyond the year 9999, in milliseconds.
fn moment(value: &Value, forgiven: &mut Vec<Deviation>) -> Result<Timestamp, LinkError> {
    let problem = || wrong("exp", "is not a time in seconds since 1970");
    let seconds = match (value.as_i64(), value.as_f64()) {
        (Some(whole), _) => whole,
        // A fraction of a second: the time before it is the safe side. 2^53 bounds what a double holds exactly.
        (None, Some(fraction)) if fraction.abs() < 9e15 => {
            format!("{:.0}", fraction.floor()).parse().map_err(|_| problem())?
        }
        _ => return Err(problem()),
    };
    if let Ok(time) = Timestamp::from_second(seconds) {
        return Ok(time);
    }
    forgiven.push(Deviation::MillisecondTime);
    Timestamp::from_millisecond(seconds).map_err(|_| problem())
}

/// A label as it may be shown: without control characters and marks that turn the direction of writing.
fn shown(label: &str, forgiven: &mut Vec<Deviation>) -> String {
    let paints = |c: &char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if label.chars().nth(limits::LINK_LABEL_CHARS).is_some() {
        forgiven.push(Deviation::Overlong);
    }
    label.chars().filter(|c| !paints(c)).take(limits::LINK_LABEL_CHARS).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const KEY: &str = "rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q";

    fn payload() -> Value {
        json!({
            "url": "https://EHR.example.org:8443/qr/Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM/m",
            "flag": "LP", "key": KEY, "label": "Back-to-school records", "exp": 1_795_262_400, "v": 1,
        })
    }

    fn link(payload: &Value) -> String {
        format!("shlink:/{}", URL_SAFE.encode(payload.to_string()))
    }

    fn forgiven(change: impl FnOnce(&mut Value)) -> Vec<Deviation> {
        let mut payload = payload();
        change(&mut payload);
        HealthLink::read(&link(&payload)).unwrap().deviations
    }

    #[test]
    fn a_link_is_read_as_far_as_it_may_be_shown() {
        for (text, viewer) in [
            (link(&payload()), None),
            (format!(" {}\r\n", link(&payload()).trim_end_matches('=')), None),
            (format!("https://viewer.example/path#{}", link(&payload())), Some("viewer.example")),
            (link(&payload()).replace("shlink:/", "SHLINK:/"), None),
        ] {
            let read = HealthLink::read(&text).unwrap();
            assert!(looks_like(&text));
            assert_eq!((read.host.as_str(), read.viewer.as_deref()), ("ehr.example.org:8443", viewer));
            assert_eq!(read.label.as_deref(), Some("Back-to-school records"));
            assert_eq!(read.expires_at.unwrap().to_string(), "2026-11-21T12:00:00Z");
            assert_eq!((read.passcode, read.long_term, read.direct, read.version), (true, true, false, 1));
            assert!(read.deviations.is_empty(), "{:?}", read.deviations);
            let debug = format!("{read:?}");
            assert!(!debug.contains(KEY) && !debug.contains("Y9xwk") && !debug.contains("school"), "{debug}");
        }
        let vhl = link(&payload()).replace("shlink", "vhlink");
        assert_eq!(HealthLink::read(&vhl).unwrap().scheme, Scheme::Vhl);
        let least = HealthLink::read(&link(&json!({"url": "https://a", "key": KEY}))).unwrap();
        assert_eq!((least.version, least.expires_at, least.label, least.passcode), (1, None, None, false));
    }

    #[test]
    fn what_the_field_does_is_forgiven_by_name() {
        use Deviation::*;
        assert_eq!(forgiven(|p| p["exp"] = json!(1_795_262_400_000_u64)), [MillisecondTime]);
        assert_eq!(forgiven(|p| p["exp"] = json!(1_795_262_400.5)), []);
        assert_eq!(forgiven(|p| p["key"] = json!(format!("{KEY}="))), [OddKey]);
        assert_eq!(forgiven(|p| p["key"] = json!("x".repeat(64))), [OddKey]);
        assert_eq!(forgiven(|p| p["url"] = json!("http://a/b")), [PlainHttp]);
        assert_eq!(forgiven(|p| p["url"] = json!(format!("https://a/{}", "b".repeat(128)))), [Overlong]);
        assert_eq!(forgiven(|p| p["label"] = json!("b".repeat(81))), [Overlong]);
        assert_eq!(forgiven(|p| p["flag"] = json!("PU")), [OddFlags]);
        assert_eq!(forgiven(|p| p["flag"] = json!("X")), [OddFlags]);
        assert_eq!(forgiven(|p| p["extension"] = json!({"fhirBaseUrl": "https://a"})), []);
        let two = link(&payload()).replace(":/", "://");
        assert_eq!(HealthLink::read(&two).unwrap().deviations, [TwoSlashes]);
        let text = json!({"url": "https://a", "key": KEY, "label": "???>>>"}).to_string();
        let standard = STANDARD.encode(text);
        assert!(standard.contains(['+', '/']));
        assert_eq!(HealthLink::read(&format!("shlink:/{standard}")).unwrap().deviations, [StandardBase64]);
    }

    #[test]
    fn what_is_no_link_is_refused() {
        for text in ["", "shlink", "shlink:", "HC1:shlink:/", "x shlink:/e30", "https://a/shlink:/e30", "https://a#b"] {
            assert_eq!(HealthLink::read(text), Err(LinkError::Scheme), "{text}");
            assert!(!looks_like(text), "{text}");
        }
        assert_eq!(HealthLink::read("shlink:/é"), Err(LinkError::Base64));
        assert!(matches!(HealthLink::read("shlink:/e3"), Err(LinkError::Json(_))));
        assert!(matches!(HealthLink::read("shlink:/e30"), Err(LinkError::Member { member: "url", .. })));
        assert!(matches!(HealthLink::read(&"shlink:/".repeat(2_000)), Err(LinkError::TooLong { .. })));
        for (member, value) in [
            ("url", json!("ftp://a")),
            ("url", json!("https://who.int@evil.example/")),
            ("url", json!("https://")),
            ("url", json!("https://раураl.example/")),
            ("url", json!("javascript:alert(1)")),
            ("key", Value::Null),
            ("key", json!(1)),
            ("exp", json!("soon")),
            ("exp", json!(1e300)),
            ("flag", json!([])),
            ("label", json!(1)),
            ("v", json!("1")),
        ] {
            let mut wrong = payload();
            wrong[member] = value;
            let outcome = HealthLink::read(&link(&wrong));
            assert!(matches!(&outcome, Err(LinkError::Member { member: name, .. }) if *name == member), "{outcome:?}");
            assert!(!outcome.unwrap_err().to_string().contains(KEY));
        }
        let twice = format!("shlink:/{}", URL_SAFE.encode(format!(r#"{{"{KEY}":1,"{KEY}":2}}"#)));
        assert!(!HealthLink::read(&twice).unwrap_err().to_string().contains(KEY));
    }

    #[test]
    fn a_label_cannot_paint_the_screen() {
        let mut painted = payload();
        painted["label"] = json!("a\u{1b}[2J\u{202e}b\n");
        assert_eq!(HealthLink::read(&link(&painted)).unwrap().label.as_deref(), Some("a[2Jb"));
    }

    #[test]
    fn both_shapes_of_the_claim_are_read() {
        use cbor::Value as Cbor;
        let text = link(&payload());
        let item = || Cbor::Text(text.clone().into());
        let object = || Cbor::Map(vec![(Cbor::Text("u".into()), item())]);
        let read = |claim: Cbor<'_>| HealthLink::of_claim(&claim).map(|links| links.len());
        assert_eq!(read(item()), Ok(1));
        assert_eq!(read(object()), Ok(1));
        assert_eq!(read(Cbor::Array(vec![object(), object()])), Ok(2));
        assert_eq!(read(Cbor::Array(vec![item()])), Ok(1));
        for nothing in [Cbor::Array(vec![]), Cbor::Int(5), Cbor::Null, Cbor::Map(vec![]), Cbor::Array(vec![Cbor::Null])]
        {
            assert_eq!(read(nothing), Err(LinkError::Claim));
        }
        assert_eq!(read(Cbor::Text("x".into())), Err(LinkError::Scheme));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = HealthLink::read(&text);
            let _ = HealthLink::read(&format!("vhlink:/{}", URL_SAFE.encode(&bytes)));
            let _ = HealthLink::read(&format!("https://a#shlink:/{text}"));
        }

        #[test]
        fn any_content_is_read_or_refused(
            url in "(https?://)?[a-z@:/.#]{0,20}", key in "[a-zA-Z0-9_-]{0,50}", flag in "[LPUx]{0,3}",
            label in any::<Option<String>>(), exp in any::<Option<i64>>(), v in any::<Option<u8>>(),
        ) {
            let content = json!({"url": url, "key": key, "flag": flag, "label": label, "exp": exp, "v": v});
            if let Ok(read) = HealthLink::read(&link(&content)) {
                prop_assert!(!read.host.contains('@') && !read.host.is_empty());
                prop_assert!(!read.label.unwrap_or_default().contains(char::is_control));
            }
        }
    }
}
