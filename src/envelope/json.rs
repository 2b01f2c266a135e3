//! JSON of a signed document, read so that every reader sees the same: a name twice in one object is refused,
//! because one reader takes the first value and another the last, and only one of them was signed.

use std::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text is not the JSON of a signed document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON, or more after it, or nested too deeply (128, serde_json's bound).
    #[error("line {line}, column {column}: this is not JSON")]
    Form {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A name twice in one object.
    #[error("the name {member:?} stands twice in one object")]
    Twice {
        /// The name, shortened.
        member: String,
    },
}

/// Longest part of a name that an error shows.
const SHOWN_CHARS: usize = 40;

/// Reads one JSON text, complete and without a name twice. Its size is the caller's to bound. Numbers keep
/// serde_json's form: integers are exact to 64 bits.
///
/// # Errors
/// [`JsonError`] says what is wrong and where.
pub fn read(document: &[u8]) -> Result<Value, JsonError> {
    let twice = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(document);
    let value = Strict { twice: &twice }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| match twice.take() {
        Some(member) => JsonError::Twice { member },
        None => JsonError::Form { line: error.line(), column: error.column() },
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
                self.twice.set(Some(name.chars().take(SHOWN_CHARS).collect()));
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
            assert_eq!(read(text.as_bytes()), Err(JsonError::Twice { member: "a".into() }), "{text}");
        }
        assert!(read(br#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        assert_eq!(read(b"{\n  \"a\": tru}"), Err(JsonError::Form { line: 2, column: 11 }));
        assert!(matches!(read(b"{} x"), Err(JsonError::Form { line: 1, .. })));
        assert!(matches!(read(b""), Err(JsonError::Form { .. })));
        assert!(matches!(read(&[b'['; 10_000]), Err(JsonError::Form { .. })));
    }

    proptest! {
        #[test]
        fn it_reads_what_the_plain_reader_reads(text in r#"[\[\]{}",:0-9a-c.e\\ -]{0,24}"#) {
            let plain = serde_json::from_str::<Value>(&text);
            match read(text.as_bytes()) {
                Ok(value) => prop_assert_eq!(value, plain.unwrap()),
                Err(JsonError::Twice { .. }) => prop_assert!(text.matches(':').count() > 1),
                Err(_) => prop_assert!(plain.is_err()),
            }
        }
    }
}
