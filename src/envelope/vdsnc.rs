//! ICAO VDS-NC, the Visible Digital Seal for Non-Constrained environments (technical report, versions 1.x): JSON of
//! a data zone and a signature zone, plain in the code. The signature is over the canonical form (RFC 8785) of the
//! data zone; the signer's certificate comes along in the signature zone and proves nothing by itself.
//!
//! `{"data":{"hdr":{"t","v","is"},"msg":{…}},"sig":{"alg","cer","sigvl"}}`. The shape down to here is exact: a
//! member that is not of it is refused. What the message says is for [`crate::payload::vdsnc`].

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::{Map, Value};

use super::{
    json::{self, JsonError},
    linked_data::jcs::{self, JcsError},
};
use crate::{keys::EcdsaHash, limits};

/// Beginning of the type of every seal of this family.
const TYPE_PREFIX: &str = "icao.";

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// A departure from the technical report that reading forgives. Codes are stable: they appear as warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deviation {
    /// The seal is the only entry of an array.
    Wrapped,
    /// Certificate or signature in the standard alphabet of base64 instead of the one for addresses.
    StandardBase64,
}

impl Deviation {
    /// Stable machine code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Wrapped => "seal-in-list",
            Self::StandardBase64 => "standard-base64",
        }
    }
}

/// Why a text is no seal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Longer than any code can be.
    #[error("the text has {bytes} bytes; no code holds more than {}", limits::CODE_TEXT_BYTES)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not JSON, or a name twice.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A member is missing, or of another kind than the technical report says.
    #[error("this is not an ICAO seal: {path} {problem}")]
    Shape {
        /// Path of the member.
        path: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A member where the technical report has none.
    #[error("this is not an ICAO seal: {path} has the member {member:?}, which does not belong there")]
    Stray {
        /// Where.
        path: &'static str,
        /// Its name, shortened.
        member: String,
        /// Whether it is in the data zone, which the signature covers.
        signed: bool,
    },
    /// The data zone has no canonical form.
    #[error(transparent)]
    Canonical(#[from] JcsError),
}

/// Longest part of a member's name or of an algorithm's that is kept to be shown.
const SHOWN_CHARS: usize = 40;

/// A seal taken apart. Nothing in it is verified.
#[derive(Clone, PartialEq)]
pub struct Seal {
    /// `data.hdr.t`: `icao.vacc`, `icao.test`, or a later kind.
    pub kind: String,
    /// `data.hdr.v`: version of the structure of this kind.
    pub version: u64,
    /// `data.hdr.is`: issuing state or organization, three letters of Doc 9303-3.
    pub issuer: String,
    /// `data.msg`.
    pub message: Value,
    /// `sig.alg` as it stands, shortened.
    pub algorithm: String,
    /// `sig.cer`: the signer's certificate in DER, as claimed.
    pub certificate: Vec<u8>,
    /// `sig.sigvl`: `r‖s`.
    pub signature: Vec<u8>,
    /// What was forgiven.
    pub deviations: Vec<Deviation>,
    signed: String,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seal({}, {}, {}, …)", self.kind, self.version, self.issuer)
    }
}

/// Whether a JSON document says of itself that it is such a seal: by its type, or, where there is none, by the two
/// zones that nothing else has.
#[must_use]
pub fn is_seal(document: &Value) -> bool {
    let seal = match document {
        Value::Array(items) => match items.as_slice() {
            [one] => one,
            _ => return false,
        },
        other => other,
    };
    let Some(header) = seal.get("data").and_then(|data| data.get("hdr")) else { return false };
    match header.get("t") {
        Some(kind) => kind.as_str().is_some_and(|kind| kind.starts_with(TYPE_PREFIX)),
        None => seal.get("sig").and_then(|sig| sig.get("sigvl")).is_some(),
    }
}

impl Seal {
    /// Takes the text of a code apart.
    ///
    /// # Errors
    /// [`SealError`] says what is wrong and where.
    pub fn read(text: &str) -> Result<Self, SealError> {
        let text = text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        if text.len() > limits::CODE_TEXT_BYTES {
            return Err(SealError::TooLong { bytes: text.len() });
        }
        Self::of(json::read(text.as_bytes())?)
    }

    /// Takes a document apart that was read by [`json::read`], so that no name stands in it twice.
    ///
    /// # Errors
    /// [`SealError`] says what is wrong and where.
    pub fn of(document: Value) -> Result<Self, SealError> {
        let mut deviations = Vec::new();
        let document = match document {
            Value::Array(items) => {
                deviations.push(Deviation::Wrapped);
                let [one] = <[Value; 1]>::try_from(items).map_err(|_| shape("the document", "is a list"))?;
                one
            }
            other => other,
        };
        let mut zones = Members::of(document, "the document")?;
        let data = zones.take("data")?;
        let mut sig = Members::of(zones.take("sig")?, "sig")?;
        zones.end()?;
        let mut signed = String::new();
        jcs::write(&data, &mut signed)?;

        let mut data = Members::of(data, "data")?;
        let mut header = Members::of(data.take("hdr")?, "data.hdr")?;
        let message = data.take("msg")?;
        data.end()?;
        if !message.is_object() {
            return Err(shape("data.msg", "is not an object"));
        }
        let kind = header.text("t")?;
        if !kind.starts_with(TYPE_PREFIX) {
            return Err(shape("data.hdr.t", "does not begin with icao."));
        }
        let version = header.take("v")?.as_u64().ok_or(shape("data.hdr.v", "is not a whole number"))?;
        let issuer = header.text("is")?;
        header.end()?;

        let algorithm = sig.text("alg")?.chars().take(SHOWN_CHARS).collect();
        let certificate = bytes(&sig.text("cer")?, "sig.cer", &mut deviations)?;
        let signature = bytes(&sig.text("sigvl")?, "sig.sigvl", &mut deviations)?;
        sig.end()?;
        Ok(Self { kind, version, issuer, message, algorithm, certificate, signature, deviations, signed })
    }

    /// The hash function that `sig.alg` names; `None` when it is none of the three.
    #[must_use]
    pub fn hash(&self) -> Option<EcdsaHash> {
        EcdsaHash::from_name(&self.algorithm)
    }

    /// The bytes that the signature covers: the canonical form of the data zone.
    #[must_use]
    pub fn signed_bytes(&self) -> &[u8] {
        self.signed.as_bytes()
    }
}

fn shape(path: &'static str, problem: &'static str) -> SealError {
    SealError::Shape { path, problem }
}

/// Base64url, padded (Australia) or not (Japan).
fn bytes(text: &str, path: &'static str, deviations: &mut Vec<Deviation>) -> Result<Vec<u8>, SealError> {
    URL_SAFE.decode(text).or_else(|_| {
        let bytes = STANDARD.decode(text).map_err(|_| shape(path, "is not base64url"))?;
        if !deviations.contains(&Deviation::StandardBase64) {
            deviations.push(Deviation::StandardBase64);
        }
        Ok(bytes)
    })
}

/// Members of an object, taken out one by one until none may be left.
struct Members {
    path: &'static str,
    members: Map<String, Value>,
}

impl Members {
    fn of(value: Value, path: &'static str) -> Result<Self, SealError> {
        match value {
            Value::Object(members) => Ok(Self { path, members }),
            _ => Err(shape(path, "is not an object")),
        }
    }

    fn take(&mut self, name: &'static str) -> Result<Value, SealError> {
        self.members.remove(name).ok_or(SealError::Shape { path: name, problem: "is missing" })
    }

    fn text(&mut self, name: &'static str) -> Result<String, SealError> {
        match self.take(name)? {
            Value::String(text) => Ok(text),
            _ => Err(shape(name, "is not a text")),
        }
    }

    fn end(self) -> Result<(), SealError> {
        match self.members.keys().next() {
            Some(member) => Err(SealError::Stray {
                path: self.path,
                member: member.chars().take(SHOWN_CHARS).collect(),
                signed: self.path.starts_with("data"),
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn seal() -> Value {
        json!({
            "data": {"hdr": {"t": "icao.vacc", "v": 1, "is": "UTO"}, "msg": {"b": [1, "é"], "a": null}},
            "sig": {"alg": "ES256", "cer": "AQID_-8=", "sigvl": "BAU"},
        })
    }

    fn read(value: &Value) -> Result<Seal, SealError> {
        Seal::read(&value.to_string())
    }

    #[test]
    fn a_seal_is_taken_apart() {
        let seal = read(&seal()).unwrap();
        assert_eq!((seal.kind.as_str(), seal.version, seal.issuer.as_str()), ("icao.vacc", 1, "UTO"));
        assert_eq!((seal.certificate.as_slice(), seal.signature.as_slice()), (&[1, 2, 3, 255, 239][..], &[4, 5][..]));
        let canonical = r#"{"hdr":{"is":"UTO","t":"icao.vacc","v":1},"msg":{"a":null,"b":[1,"é"]}}"#;
        assert_eq!(seal.signed_bytes(), canonical.as_bytes());
        assert_eq!((seal.hash(), seal.deviations.is_empty()), (Some(EcdsaHash::Sha256), true));
        assert!(!format!("{seal:?}").contains('é'), "the message is personal data");
    }

    #[test]
    fn the_order_and_the_spaces_of_the_text_do_not_count() {
        let text = "\u{feff} {\"sig\" : {\"sigvl\":\"BAU=\",\"cer\":\"AQID_-8\",\"alg\":\"ES256\"},\n\"data\":{\"msg\":\
            {\"a\":null,\"b\":[1,\"\\u00e9\"]},\"hdr\":{\"is\":\"UTO\",\"v\":1,\"t\":\"icao.vacc\"}}}\n";
        assert_eq!(Seal::read(text).unwrap(), read(&seal()).unwrap());
    }

    #[test]
    fn what_real_writers_do_is_forgiven_by_name() {
        assert_eq!(read(&json!([seal()])).unwrap().deviations, [Deviation::Wrapped]);
        let mut standard = seal();
        standard["sig"]["cer"] = json!("AQID/+8=");
        assert_eq!(read(&standard).unwrap().deviations, [Deviation::StandardBase64]);
        assert_eq!(read(&standard).unwrap().certificate, read(&seal()).unwrap().certificate);
    }

    #[test]
    fn every_member_is_needed_and_no_other_is_allowed() {
        for path in [
            "/data",
            "/sig",
            "/data/hdr",
            "/data/msg",
            "/data/hdr/t",
            "/data/hdr/v",
            "/data/hdr/is",
            "/sig/alg",
            "/sig/cer",
            "/sig/sigvl",
        ] {
            let (parent, name) = path.rsplit_once('/').unwrap();
            let mut without = seal();
            without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
            assert!(matches!(read(&without), Err(SealError::Shape { problem: "is missing", .. })), "{path}");
            let mut wrong = seal();
            *wrong.pointer_mut(path).unwrap() = json!([]);
            assert!(matches!(read(&wrong), Err(SealError::Shape { .. })), "{path}");
            if parent != "/data/msg" {
                let mut more = seal();
                more.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert("x".into(), json!(1));
                assert!(matches!(read(&more), Err(SealError::Stray { .. })), "{path}");
            }
        }
    }

    #[test]
    fn ambiguous_documents_are_refused() {
        let twice = seal().to_string().replacen("\"v\":1", "\"v\":1,\"v\":2", 1);
        assert!(matches!(Seal::read(&twice), Err(SealError::Json(JsonError::Twice { .. }))));
        let mut fraction = seal();
        fraction["data"]["msg"]["b"] = json!(1.5);
        assert_eq!(read(&fraction), Err(SealError::Canonical(JcsError::Number)));
        assert!(matches!(read(&json!([seal(), seal()])), Err(SealError::Shape { .. })));
        let long = format!("{}{}", seal(), " ".repeat(20)).replace('é', &"x".repeat(9_000));
        assert!(matches!(Seal::read(&long), Err(SealError::TooLong { .. })));
    }

    #[test]
    fn the_type_tells_a_seal_and_no_substring_does() {
        assert!(is_seal(&seal()) && is_seal(&json!([seal()])));
        let mut later = seal();
        later["data"]["hdr"]["t"] = json!("icao.visa");
        assert!(is_seal(&later));
        let mut untyped = seal();
        untyped["data"]["hdr"].as_object_mut().unwrap().remove("t");
        assert!(is_seal(&untyped));
        for other in [
            json!({"data": {"hdr": {"t": "eu.icao.vacc"}}}),
            json!({"data": {"hdr": {"t": 1}, "msg": "icao.vacc"}, "sig": {"sigvl": ""}}),
            json!({"data": "icao.vacc"}),
            json!({"t": "icao.vacc"}),
            json!(["icao.vacc", "icao.vacc"]),
            json!("icao.vacc"),
        ] {
            assert!(!is_seal(&other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[\\PC\n]{0,200}") {
            let _ = Seal::read(&text);
        }

        #[test]
        fn any_message_survives(
            message in prop::collection::btree_map("[a-z]{1,3}", prop_oneof![
                any::<String>().prop_map(Value::from),
                any::<i32>().prop_map(Value::from),
                Just(Value::Null),
            ], 0..6),
            cer in prop::collection::vec(any::<u8>(), 0..60),
            sigvl in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let message = Value::Object(message.into_iter().collect());
            let document = json!({
                "data": {"hdr": {"t": "icao.x", "v": 7, "is": "AUS"}, "msg": message.clone()},
                "sig": {"alg": "ES512", "cer": URL_SAFE.encode(&cer), "sigvl": URL_SAFE.encode(&sigvl)},
            });
            let seal = read(&document).unwrap();
            prop_assert_eq!(&seal.message, &message);
            prop_assert_eq!((&seal.certificate, &seal.signature), (&cer, &sigvl));
            let signed: Value = serde_json::from_slice(seal.signed_bytes()).unwrap();
            prop_assert_eq!(&signed, &document["data"]);
        }
    }
}
