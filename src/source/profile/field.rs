//! How a profile names one attribute or data element.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// One attribute or data element: found by UID, else by code, else (in metadata alone) by name.
///
/// In TOML a plain text is the UID; a table may give `uid`, `codes` and `names`. Empty means not mapped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    /// UID in DHIS2; empty when only codes or names are known.
    pub uid: String,
    /// Codes under which the packages publish it, compared without regard to case.
    pub codes: Vec<String>,
    /// Names under which the packages publish it, compared without regard to case.
    pub names: Vec<String>,
}

impl Field {
    /// A field known by its UID alone.
    pub fn uid(uid: impl Into<String>) -> Self {
        Self { uid: uid.into(), ..Self::default() }
    }

    /// Whether the profile says anything about it.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        !(self.uid.is_empty() && self.codes.is_empty() && self.names.is_empty())
    }

    /// Whether one of its codes is this one.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|c| c.eq_ignore_ascii_case(code.trim()))
    }

    /// Whether one of its names is this one.
    #[must_use]
    pub fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|n| n.eq_ignore_ascii_case(name.trim()))
    }
}

/// The table form of a field.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldTable {
    #[serde(default)]
    uid: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    codes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.codes.is_empty() && self.names.is_empty() {
            return serializer.serialize_str(&self.uid);
        }
        FieldTable { uid: self.uid.clone(), codes: self.codes.clone(), names: self.names.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> de::Visitor<'de> for Either {
            type Value = Field;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a UID, or a table with uid, codes and names")
            }

            fn visit_str<E: de::Error>(self, uid: &str) -> Result<Field, E> {
                Ok(Field::uid(uid))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Field, A::Error> {
                let FieldTable { uid, codes, names } =
                    FieldTable::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Field { uid, codes, names })
            }
        }

        deserializer.deserialize_any(Either)
    }
}
