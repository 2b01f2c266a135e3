//! CBOR (RFC 8949), read into a tree under bounds: depth, number of items, duplicate keys and trailing bytes
//! are judged while reading. The tokens are minicbor's; what is ours is the strictness.

use std::borrow::Cow;

use minicbor::{Decoder, data::Type};

use crate::limits::{CBOR_DEPTH, CBOR_ITEMS};

/// One CBOR item. Texts and byte strings of definite length borrow from the input.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Major types 0 and 1.
    Int(i64),
    /// An integer beyond 64 bits signed; kept as its nearest number because nothing of ours has one.
    BigInt(f64),
    /// Major type 2.
    Bytes(Cow<'a, [u8]>),
    /// Major type 3.
    Text(Cow<'a, str>),
    /// Major type 4.
    Array(Vec<Value<'a>>),
    /// Major type 5, in the order of the message; keys are unique.
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// Major type 6.
    Tag(u64, Box<Value<'a>>),
    /// `true` and `false`.
    Bool(bool),
    /// `null`, and `undefined`, which issuers use for the same.
    Null,
    /// Half, single and double precision.
    Float(f64),
}

/// Why bytes are no CBOR document of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// Not well-formed.
    #[error("the CBOR at byte {position} is not well-formed or is cut off")]
    Malformed {
        /// Position in bytes.
        position: usize,
    },
    /// Nested deeper than the bound.
    #[error("the CBOR is nested deeper than {CBOR_DEPTH} levels")]
    TooDeep,
    /// More items than the bound.
    #[error("the CBOR has more than {most} items")]
    TooMany {
        /// The bound.
        most: usize,
    },
    /// A map has a key twice (RFC 8949 section 5.6: not valid).
    #[error("a map before byte {position} has the same key twice")]
    DuplicateKey {
        /// Position in bytes.
        position: usize,
    },
    /// Something follows the document.
    #[error("{count} bytes follow the CBOR document")]
    Trailing {
        /// How many bytes.
        count: usize,
    },
}

impl<'a> Value<'a> {
    /// Reads one document that fills `bytes`.
    ///
    /// # Errors
    /// [`CborError`] says what is wrong, and where.
    pub fn read(bytes: &'a [u8]) -> Result<Self, CborError> {
        Self::read_bounded(bytes, CBOR_ITEMS)
    }

    /// The same with another bound on the number of items, for documents that are no certificates.
    ///
    /// # Errors
    /// [`CborError`] says what is wrong, and where.
    pub fn read_bounded(bytes: &'a [u8], most_items: usize) -> Result<Self, CborError> {
        let mut reader = Reader { decoder: Decoder::new(bytes), items: 0, most_items };
        let value = reader.item(0)?;
        match bytes.len().saturating_sub(reader.decoder.position()) {
            0 => Ok(value),
            count => Err(CborError::Trailing { count }),
        }
    }

    /// The value under an integer key.
    #[must_use]
    pub fn get_int(&self, key: i64) -> Option<&Value<'a>> {
        match self {
            Self::Map(entries) => entries.iter().find(|(k, _)| *k == Self::Int(key)).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The value under a text key, `null` counting as absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        match self {
            Self::Map(entries) => entries
                .iter()
                .find(|(k, v)| matches!(k, Self::Text(text) if text == key) && *v != Self::Null)
                .map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text, looking through a tag (date-times carry tag 0).
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Tag(_, inner) => inner.as_text(),
            _ => None,
        }
    }

    /// The bytes of a byte string.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// A whole number, also one written as a floating-point number (second part: whether it was).
    #[must_use]
    pub fn as_whole(&self) -> Option<(i64, bool)> {
        match self {
            Self::Int(n) => Some((*n, false)),
            Self::Float(f) if f.fract() == 0.0 && f.abs() < 9e15 => {
                // safe: whole and below 2^53, so its decimal form is an exact i64.
                format!("{f:.0}").parse().ok().map(|n| (n, true))
            }
            _ => None,
        }
    }

    /// The same as JSON, for people to read: byte strings become hexadecimal, keys become text, tags vanish.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Int(n) => Json::from(*n),
            Self::BigInt(f) | Self::Float(f) => Json::from(*f),
            Self::Bytes(bytes) => Json::from(bytes.iter().map(|b| format!("{b:02x}")).collect::<String>()),
            Self::Text(text) => Json::from(text.as_ref()),
            Self::Array(items) => items.iter().map(Value::to_json).collect(),
            Self::Map(entries) => {
                let key = |k: &Value<'_>| match k {
                    Value::Text(text) => text.clone().into_owned(),
                    other => other.to_json().to_string(),
                };
                entries.iter().map(|(k, v)| (key(k), v.to_json())).collect()
            }
            Self::Tag(_, inner) => inner.to_json(),
            Self::Bool(b) => Json::from(*b),
            Self::Null => Json::Null,
        }
    }
}

struct Reader<'a> {
    decoder: Decoder<'a>,
    items: usize,
    most_items: usize,
}

impl<'a> Reader<'a> {
    fn malformed(&self) -> CborError {
        CborError::Malformed { position: self.decoder.position() }
    }

    fn item(&mut self, depth: usize) -> Result<Value<'a>, CborError> {
        if depth > CBOR_DEPTH {
            return Err(CborError::TooDeep);
        }
        self.items += 1;
        if self.items > self.most_items {
            return Err(CborError::TooMany { most: self.most_items });
        }
        let kind = self.decoder.datatype().map_err(|_| self.malformed())?;
        let d = &mut self.decoder;
        let read = match kind {
            Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
                d.int().ok().map(|n| match i64::try_from(n) {
                    Ok(n) => Value::Int(n),
                    Err(_) => Value::BigInt(i128::from(n).to_string().parse().unwrap_or(f64::INFINITY)),
                })
            }
            Type::Bytes => d.bytes().ok().map(|b| Value::Bytes(Cow::Borrowed(b))),
            Type::String => d.str().ok().map(|s| Value::Text(Cow::Borrowed(s))),
            Type::BytesIndef => {
                let mut whole = Vec::new();
                let pieces = d.bytes_iter().map_err(|_| CborError::Malformed { position: 0 })?;
                for piece in pieces {
                    whole.extend_from_slice(piece.map_err(|_| CborError::Malformed { position: 0 })?);
                }
                Some(Value::Bytes(Cow::Owned(whole)))
            }
            Type::StringIndef => {
                let mut whole = String::new();
                let pieces = d.str_iter().map_err(|_| CborError::Malformed { position: 0 })?;
                for piece in pieces {
                    whole.push_str(piece.map_err(|_| CborError::Malformed { position: 0 })?);
                }
                Some(Value::Text(Cow::Owned(whole)))
            }
            Type::Bool => d.bool().ok().map(Value::Bool),
            Type::Null => d.null().ok().map(|()| Value::Null),
            Type::Undefined => d.undefined().ok().map(|()| Value::Null),
            Type::F16 => d.f16().ok().map(|f| Value::Float(f.into())),
            Type::F32 => d.f32().ok().map(|f| Value::Float(f.into())),
            Type::F64 => d.f64().ok().map(Value::Float),
            Type::Tag => {
                let tag = d.tag().map_err(|_| CborError::Malformed { position: 0 })?.as_u64();
                return Ok(Value::Tag(tag, Box::new(self.item(depth + 1)?)));
            }
            Type::Array | Type::ArrayIndef => return self.array(depth),
            Type::Map | Type::MapIndef => return self.map(depth),
            Type::Simple | Type::Break | Type::Unknown(_) => None,
        };
        read.ok_or_else(|| self.malformed())
    }

    /// Whether a container of this length goes on: a definite one by count, an indefinite one until its break.
    fn goes_on(&mut self, length: Option<u64>, read: u64) -> Result<bool, CborError> {
        match length {
            Some(n) => Ok(read < n),
            None => match self.decoder.datatype().map_err(|_| self.malformed())? {
                Type::Break => {
                    self.decoder.set_position(self.decoder.position() + 1);
                    Ok(false)
                }
                _ => Ok(true),
            },
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, CborError> {
        let length = self.decoder.array().map_err(|_| self.malformed())?;
        // The length is a claim: room is made for items only as they are read.
        let mut items = Vec::new();
        while self.goes_on(length, u64::try_from(items.len()).unwrap_or(u64::MAX))? {
            items.push(self.item(depth + 1)?);
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, depth: usize) -> Result<Value<'a>, CborError> {
        let length = self.decoder.map().map_err(|_| self.malformed())?;
        let mut entries: Vec<(Value<'a>, Value<'a>)> = Vec::new();
        while self.goes_on(length, u64::try_from(entries.len()).unwrap_or(u64::MAX))? {
            let key = self.item(depth + 1)?;
            // Maps of certificates are short; a map of thousands of keys is cut off by the bound on items.
            if entries.iter().any(|(k, _)| *k == key) {
                return Err(CborError::DuplicateKey { position: self.decoder.position() });
            }
            let value = self.item(depth + 1)?;
            entries.push((key, value));
        }
        Ok(Value::Map(entries))
    }
}

/// Number of the tag of a COSE_Sign1 message (RFC 9052 section 2).
pub const TAG_SIGN1: u64 = 18;

/// Number of the tag of a CBOR Web Token (RFC 8392 section 6).
pub const TAG_CWT: u64 = 61;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_certificates_hold() {
        let value = Value::read(&[0xa2, 0x01, 0x62, b'X', b'X', 0x61, b'v', 0x81, 0xf6]).unwrap();
        assert_eq!(value.get_int(1).and_then(Value::as_text), Some("XX"));
        assert_eq!(value.get("v"), Some(&Value::Array(vec![Value::Null])));
        let value = Value::read(&[0xbf, 0x61, b'a', 0x7f, 0x61, b'b', 0x61, b'c', 0xff, 0xff]).unwrap();
        assert_eq!(value.get("a").and_then(Value::as_text), Some("bc"));
        assert_eq!(Value::read(&[0xf9, 0x40, 0x00]).unwrap().as_whole(), Some((2, true)));
    }

    #[test]
    fn refuses_what_is_ambiguous_or_a_bomb() {
        assert_eq!(Value::read(&[0xa2, 0x01, 0x01, 0x01, 0x02]), Err(CborError::DuplicateKey { position: 4 }));
        assert_eq!(Value::read(&[0x01, 0x01]), Err(CborError::Trailing { count: 1 }));
        assert_eq!(Value::read(&[0x81; 10_000]), Err(CborError::TooDeep));
        assert_eq!(Value::read(&[0x9f; 10_000]), Err(CborError::TooDeep));
        let mut many = vec![0x9a, 0, 1, 0, 0];
        many.extend([0; 65_536]);
        assert_eq!(Value::read(&many), Err(CborError::TooMany { most: CBOR_ITEMS }));
        for bytes in [
            &[0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..],
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xbf, 0x01],
            &[0x1c],
            &[0xff],
            &[],
        ] {
            assert!(matches!(Value::read(bytes), Err(CborError::Malformed { .. })), "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(value) = Value::read(&bytes) {
                let _ = value.to_json();
            }
        }
    }
}
