//! A revocation batch, by the gateway's schema to the letter (facts on the trust framework, section 3): read strictly
//! from what others signed, and before our own is signed.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::reject::Reject;
use crate::limits::GATEWAY_BATCH_ENTRIES;

/// What every entry of a batch is the hash of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HashType {
    /// The signature.
    Signature,
    /// The identifier.
    Uci,
    /// Country and identifier.
    CountryCodeUci,
}

/// One entry.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchEntry {
    /// 16 bytes in base64.
    pub hash: String,
}

/// A hash is as good as a name to whoever has the certificate.
impl std::fmt::Debug for BatchEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BatchEntry(…)")
    }
}

/// The signed content of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Batch {
    /// Country that revokes.
    pub country: String,
    /// Until when: the end of the certificates themselves.
    pub expires: String,
    /// Key identifier of the certificates, or `UNKNOWN_KID`.
    pub kid: String,
    /// What is hashed.
    pub hash_type: HashType,
    /// 1 to 1,000 hashes.
    pub entries: Vec<BatchEntry>,
}

/// A batch that holds for certificates of any key.
pub const UNKNOWN_KID: &str = "UNKNOWN_KID";

impl Batch {
    /// Reads the content of a batch by the schema.
    ///
    /// # Errors
    /// [`Reject::NotJson`] or [`Reject::Schema`]; no value of the batch is told.
    pub fn read(content: &[u8]) -> Result<Self, Reject> {
        let batch: Self = serde_json::from_slice(content).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            match error.classify() {
                serde_json::error::Category::Data => Reject::Schema {
                    finding: format!(
                        "a member is missing, unknown or of another kind at line {line}, column {column}; a batch has \
                         country, expires, kid, hashType and entries, and nothing else"
                    ),
                },
                _ => Reject::NotJson { line, column },
            }
        })?;
        batch.check()?;
        Ok(batch)
    }

    fn check(&self) -> Result<(), Reject> {
        let wrong = |finding: String| Err(Reject::Schema { finding });
        if self.country.len() != 2 || !self.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return wrong("country must be two capital letters".to_owned());
        }
        if self.ends().is_none() {
            return wrong("expires must be a time such as 2027-01-31T00:00:00Z".to_owned());
        }
        if self.kid != UNKNOWN_KID && STANDARD.decode(&self.kid).map(|kid| kid.len()) != Ok(8) {
            return wrong("kid must be 8 bytes in base64, or UNKNOWN_KID".to_owned());
        }
        if !(1..=GATEWAY_BATCH_ENTRIES).contains(&self.entries.len()) {
            return wrong(format!("entries must be 1 to {GATEWAY_BATCH_ENTRIES}, and are {}", self.entries.len()));
        }
        if let Some(index) = self.entries.iter().position(|entry| !is_hash(&entry.hash)) {
            return wrong(format!("entry {} is not a hash of 16 bytes in base64", index + 1));
        }
        Ok(())
    }

    /// Until when it revokes.
    #[must_use]
    pub fn ends(&self) -> Option<Timestamp> {
        self.expires.parse().ok()
    }
}

/// `^[A-Za-z0-9+/]{22}==$` (dgc-gateway's schema).
fn is_hash(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    text.strip_suffix("==").is_some_and(|letters| letters.len() == 22 && letters.bytes().all(letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn sample() -> serde_json::Value {
        json!({"country": "XX", "expires": "2027-01-31T00:00:00+01:00", "kid": "HBDru8SfeDE=", "hashType": "UCI",
               "entries": [{"hash": "6WSb8R/8lDysIHW4A4J5qQ=="}]})
    }

    fn read(value: &serde_json::Value) -> Result<Batch, Reject> {
        Batch::read(value.to_string().as_bytes())
    }

    #[test]
    fn the_schema_is_kept_to_the_letter() {
        let batch = read(&sample()).unwrap();
        assert_eq!(serde_json::to_value(&batch).unwrap(), sample());
        for name in ["COUNTRYCODEUCI", "SIGNATURE"] {
            let mut other = sample();
            other["hashType"] = json!(name);
            other["kid"] = json!(UNKNOWN_KID);
            assert_eq!(serde_json::to_value(read(&other).unwrap()).unwrap(), other);
        }
        for (field, value) in [
            ("country", json!("xx")),
            ("country", json!("XXX")),
            ("country", json!(null)),
            ("expires", json!("2027-01-31")),
            ("expires", json!(1)),
            ("kid", json!("HBDru8SfeD")),
            ("kid", json!("")),
            ("hashType", json!("IDENTIFIER")),
            ("entries", json!([])),
            ("entries", json!([{"hash": "6WSb8R/8lDysIHW4A4J5q==="}])),
            ("entries", json!([{"hash": "6WSb8R_8lDysIHW4A4J5qQ=="}])),
            ("entries", json!([{"hash": "6WSb8R/8lDysIHW4A4J5qQ==", "x": 1}])),
            ("entries", json!(vec![json!({"hash": "6WSb8R/8lDysIHW4A4J5qQ=="}); 1001])),
            ("extra", json!(1)),
        ] {
            let mut wrong = sample();
            wrong[field] = value;
            let reject = read(&wrong).unwrap_err();
            assert_eq!(reject.code(), "schema", "{field}");
            assert!(!reject.to_string().contains("6WSb8R"), "{reject}");
        }
        for field in ["country", "expires", "kid", "hashType", "entries"] {
            let mut wrong = sample();
            wrong.as_object_mut().unwrap().remove(field);
            assert!(read(&wrong).is_err(), "{field}");
        }
        let twice = sample().to_string().replace("{\"country\"", "{\"country\":\"YY\",\"country\"");
        assert!(Batch::read(twice.as_bytes()).is_err());
        assert!(Batch::read(format!("{} {{}}", sample()).as_bytes()).is_err(), "no trailing tokens");
        assert!(!format!("{:?}", read(&sample()).unwrap()).contains("6WSb8R"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Batch::read(&bytes);
        }

        #[test]
        fn one_changed_byte_never_panics(at in 0usize..150, byte in any::<u8>()) {
            let mut text = sample().to_string().into_bytes();
            let at = at % text.len();
            text[at] = byte;
            let _ = Batch::read(&text);
        }
    }
}
