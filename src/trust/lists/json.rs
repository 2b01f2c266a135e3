//! JSON of a trust list, read in one pass into values that borrow from it.
//!
//! Lists are read value by value instead of into fixed structures, so that one entry of a wrong shape is
//! skipped by name and the others are read. Numbers, truth values and null are not kept: no list says anything
//! with them that a verifier needs.

use std::{borrow::Cow, cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::limits::{TRUST_LIST_DEPTH, TRUST_LIST_VALUES};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Json<'a>>),
    /// An object, in order; a name may come twice.
    Map(Vec<(Cow<'a, str>, Json<'a>)>),
    /// A number, a truth value or null.
    Other,
}

impl<'a> Json<'a> {
    /// Reads a whole document, within the bounds on depth and number of values.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, serde_json::Error> {
        let left = Cell::new(TRUST_LIST_VALUES);
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let value = Seed { depth: TRUST_LIST_DEPTH, left: &left }.deserialize(&mut reader)?;
        reader.end()?;
        Ok(value)
    }

    /// The member of an object; the last one when a name comes twice, as JSON readers commonly do.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Map(members) = self else { return None };
        members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The text of an object's member.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Self::as_text)
    }

    /// The text, if it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The entries of an array.
    pub(super) fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(entries) = self { Some(entries) } else { None }
    }

    /// The members of an object.
    pub(super) fn as_map(&self) -> Option<&[(Cow<'a, str>, Self)]> {
        if let Self::Map(members) = self { Some(members) } else { None }
    }
}

#[derive(Clone, Copy)]
struct Seed<'c> {
    depth: usize,
    left: &'c Cell<usize>,
}

impl Seed<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        Ok(Self { depth: depth.ok_or_else(|| E::custom("nested deeper than any trust list"))?, ..self })
    }

    fn count<E: Error>(&self) -> Result<(), E> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.ok_or_else(|| E::custom("more values than any trust list has"))?);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let seed = self.deeper()?;
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element_seed(seed)? {
            list.push(entry);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let seed = self.deeper()?;
        let mut map = Vec::new();
        while let Some(name) = members.next_key_seed(seed)? {
            let Json::Text(name) = name else { return Err(A::Error::custom("a member without a name")) };
            map.push((name, members.next_value_seed(seed)?));
        }
        Ok(Json::Map(map))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Json::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Json::Other)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Json::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Json::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Json::Other)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
        serde::Deserialize::deserialize(inner).map(|_: IgnoredAny| Json::Other)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_borrow_and_repeated_names_are_kept() {
        let json = Json::read(br#"{"a":"x","a":"y\n","b":[1,2.5,null,true,{"c":"d"}]}"#).unwrap();
        assert_eq!(json.text("a"), Some("y\n"));
        let members = json.as_map().unwrap();
        assert!(matches!(&members[0].1, Json::Text(Cow::Borrowed("x"))));
        let list = json.get("b").unwrap().as_list().unwrap();
        assert_eq!((list.len(), list[4].text("c")), (5, Some("d")));
    }

    #[test]
    fn bounds_hold_while_reading() {
        assert!(Json::read("[".repeat(100_000).as_bytes()).is_err());
        let deep = format!("{}{}", "[".repeat(TRUST_LIST_DEPTH + 1), "]".repeat(TRUST_LIST_DEPTH + 1));
        assert!(Json::read(deep.as_bytes()).is_err());
        let wide = format!("[{}0]", "0,".repeat(TRUST_LIST_VALUES));
        assert!(Json::read(wide.as_bytes()).is_err());
        assert!(Json::read(b"{} x").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Json::read(&bytes);
        }

        #[test]
        fn agrees_with_serde_json(text in "[\\[\\]{}:,\"a-c0-9 \\\\n]{0,60}") {
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            prop_assert_eq!(Json::read(text.as_bytes()).is_ok(), theirs);
        }
    }
}
