//! JSON of a signed document, read so that every reader sees the same: a name twice in one object is refused,
//! because one reader takes the first value and another the last, and only one of them was signed.

use std::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{ProofError, shown};
use crate::limits::TRUST_LIST_BYTES;

/// Reads a document for [`super::verify_value`].
///
/// # Errors
/// [`ProofError::TooLarge`], [`ProofError::Json`] and [`ProofError::Twice`].
pub fn parse(document: &[u8]) -> Result<Value, ProofError> {
    let bytes = u64::try_from(document.len()).unwrap_or(u64::MAX);
    if bytes > TRUST_LIST_BYTES {
        return Err(ProofError::TooLarge { bytes, limit: TRUST_LIST_BYTES });
    }
    let twice = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(document);
    let value = Strict { twice: &twice }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| match twice.take() {
        Some(member) => ProofError::Twice { member },
        None => ProofError::Json { line: error.line(), column: error.column() },
    })
}

/// Reads one value; notes a name that comes twice, which serde's errors have no field for.
#[derive(Clone, Copy)]
struct Strict<'t> {
    twice: &'t Cell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if out.contains_key(&name) {
                self.twice.set(Some(shown(&name)));
                return Err(A::Error::custom("a name twice"));
            }
            out.insert(name, members.next_value_seed(self)?);
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_twice_is_refused_at_every_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"\u0061":2}}]"#] {
            assert_eq!(parse(text.as_bytes()), Err(ProofError::Twice { member: "a".into() }), "{text}");
        }
        assert!(parse(br#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        assert_eq!(parse(b"{\n  \"a\": tru}"), Err(ProofError::Json { line: 2, column: 11 }));
        assert!(matches!(parse(b"{} x"), Err(ProofError::Json { line: 1, .. })));
        assert!(matches!(parse(b""), Err(ProofError::Json { .. })));
        assert!(matches!(parse(&[b'['; 10_000]), Err(ProofError::Json { .. })));
    }

    proptest! {
        #[test]
        fn it_reads_what_the_plain_reader_reads(text in r#"[\[\]{}",:0-9a-c.e\\ -]{0,24}"#) {
            let plain = serde_json::from_str::<Value>(&text);
            match parse(text.as_bytes()) {
                Ok(value) => prop_assert_eq!(value, plain.unwrap()),
                Err(ProofError::Twice { .. }) => prop_assert!(text.matches(':').count() > 1),
                Err(_) => prop_assert!(plain.is_err()),
            }
        }
    }
}
