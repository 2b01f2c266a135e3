//! Value sets from files, in the forms in which they are published (eu-dcc-valuesets; the gateway's, as the
//! German apps carry them; facts on the EU value sets, section 9).

use std::{borrow::Cow, fmt};

use jiff::civil::Date;
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{
    eu::{Entry, ValueSet, ValueSetError},
    who::WhoCatalogueError,
};
use crate::limits;

/// A value-set file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ValueSetFileError {
    /// Not JSON, or none of the forms.
    #[error(
        "{name} cannot be read as value sets at line {line}, column {column}: give files with `valueSetId` and \
         `valueSetValues` as the EU publishes them"
    )]
    Form {
        /// The file.
        name: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A set that cannot be used.
    #[error("{name}: {source}")]
    Set {
        /// The file.
        name: String,
        /// What is wrong with the set.
        source: ValueSetError,
    },
    /// A catalogue of vaccine products that cannot be used.
    #[error("{name}: {source}")]
    Catalogue {
        /// The file.
        name: String,
        /// What is wrong with it.
        source: WhoCatalogueError,
    },
    /// Given as a catalogue of vaccine products, and is none.
    #[error(
        "{name} is no catalogue of vaccine products: it needs the member `catalogue`, or WHO's export of its records"
    )]
    NotACatalogue {
        /// The file.
        name: String,
    },
    /// A date that cannot be read.
    #[error("{name}: the date of the value set {value_set} is no date, write it as 2023-04-11")]
    Date {
        /// The file.
        name: String,
        /// Name of the set.
        value_set: String,
    },
    /// Sets without a name.
    #[error("{name}: a value set has no `valueSetId`; write the name by which rules refer to it")]
    Unnamed {
        /// The file.
        name: String,
    },
    /// Over a bound.
    #[error("{name} has more than {limit} {what}: give only the value sets that are needed")]
    TooLarge {
        /// The file.
        name: String,
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
}

/// What the files of one call hold together.
#[derive(Debug, Default)]
pub(super) struct Counts {
    sets: usize,
    codes: usize,
}

/// Reads every set of a file.
pub(super) fn read(name: &str, bytes: &[u8], counts: &mut Counts) -> Result<Vec<ValueSet>, ValueSetFileError> {
    let too_large = |what, limit| ValueSetFileError::TooLarge { name: name.to_owned(), what, limit };
    if bytes.len() > limits::VALUE_SET_BYTES {
        return Err(too_large("bytes", limits::VALUE_SET_BYTES));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let form = |error: serde_json::Error| ValueSetFileError::Form {
        name: name.to_owned(),
        line: error.line(),
        column: error.column(),
    };
    let mut sets = Vec::new();
    for one in serde_json::from_slice::<File>(bytes).map_err(form)?.0 {
        counts.sets += 1;
        counts.codes += one.entries.len();
        if counts.sets > limits::VALUE_SETS {
            return Err(too_large("value sets", limits::VALUE_SETS));
        }
        if counts.codes > limits::VALUE_SET_CODES {
            return Err(too_large("codes", limits::VALUE_SET_CODES));
        }
        let id = one.id.filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| ValueSetFileError::Unnamed { name: name.to_owned() })?;
        let date = match &one.date {
            Some(text) => {
                date(text).ok_or_else(|| ValueSetFileError::Date { name: name.to_owned(), value_set: id.clone() })?
            }
            // A set that does not say how old it is never takes the place of one that does.
            None => Date::ZERO,
        };
        let version = one.version.or(one.date).unwrap_or_default();
        let source = one.source.unwrap_or_else(|| name.to_owned());
        let set = ValueSet::of(id, version, date, source, one.entries)
            .map_err(|source| ValueSetFileError::Set { name: name.to_owned(), source })?;
        sets.push(set);
    }
    Ok(sets)
}

/// A date, or the date of a time.
fn date(text: &str) -> Option<Date> {
    let day = text.split_once(['T', ' ']).map_or(text, |(day, _)| day);
    day.parse().ok()
}

/// Every set of a file.
struct File(Vec<RawSet>);

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Whole;
        impl<'de> Visitor<'de> for Whole {
            type Value = File;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("value sets")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<File, A::Error> {
                let mut all = Vec::new();
                while let Some(set) = items.next_element::<RawSet>()? {
                    all.push(set);
                    enough(all.len())?;
                }
                Ok(File(all))
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<File, A::Error> {
                Members::read(members, true)?.sets().map(File)
            }
        }
        json.deserialize_any(Whole)
    }
}

fn enough<E: de::Error>(sets: usize) -> Result<(), E> {
    if sets > limits::VALUE_SETS + 1 { Err(E::custom("too many value sets")) } else { Ok(()) }
}

/// One set as published.
#[derive(Default)]
struct RawSet {
    id: Option<String>,
    date: Option<String>,
    version: Option<String>,
    source: Option<String>,
    entries: Vec<Entry>,
}

impl<'de> Deserialize<'de> for RawSet {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = RawSet;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value set")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<RawSet, A::Error> {
                let members = Members::read(members, false)?;
                members.has_values.then_some(members.set).ok_or_else(|| de::Error::custom("no values"))
            }
        }
        json.deserialize_map(One)
    }
}

/// The members of an object that is a set, or that names several.
#[derive(Default)]
struct Members {
    set: RawSet,
    has_values: bool,
    named: Vec<RawSet>,
}

impl Members {
    fn read<'de, A: MapAccess<'de>>(mut json: A, names_sets: bool) -> Result<Self, A::Error> {
        let mut all = Self::default();
        while let Some(Text(name)) = json.next_key::<Text<'de>>()? {
            let set = &mut all.set;
            let doubled = match name.as_ref() {
                // The EU's own names, and those of `value-sets/`.
                "valueSetId" | "value_set" => set.id.replace(json.next_value()?).is_some(),
                "valueSetDate" | "date" => {
                    let text: Option<String> = json.next_value()?;
                    std::mem::replace(&mut set.date, text).is_some()
                }
                "valueSetValues" | "entries" => {
                    set.entries = json.next_value::<Values>()?.0;
                    std::mem::replace(&mut all.has_values, true)
                }
                "version" => set.version.replace(json.next_value()?).is_some(),
                "source" => set.source.replace(json.next_value()?).is_some(),
                _ if names_sets => {
                    let mut found = json.next_value::<Named>()?.0;
                    // A set without a name of its own has that of its member.
                    if let [one] = found.as_mut_slice() {
                        one.id.get_or_insert_with(|| name.to_string());
                    }
                    all.named.append(&mut found);
                    enough(all.named.len())?;
                    false
                }
                _ => {
                    json.next_value::<IgnoredAny>()?;
                    false
                }
            };
            if doubled {
                return Err(de::Error::custom("a member stands twice"));
            }
        }
        Ok(all)
    }

    fn sets<E: de::Error>(self) -> Result<Vec<RawSet>, E> {
        match (self.has_values, self.named.is_empty()) {
            (true, _) => Ok(vec![self.set]),
            (false, false) => Ok(self.named),
            (false, true) => Err(E::custom("no value set")),
        }
    }
}

/// What a member of an object may be that is not one of a set's own: a set, several, a list of codes, or a
/// remark (a hash, a number) that is no set.
struct Named(Vec<RawSet>);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Named;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value set or a list of codes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Named, A::Error> {
                let (mut codes, mut sets) = (Vec::new(), Vec::new());
                while let Some(item) = items.next_element::<CodeOrSet>()? {
                    match item {
                        CodeOrSet::Code(code) => codes.push(plain(code)),
                        CodeOrSet::Set(set) => sets.push(set),
                    }
                    enough(sets.len())?;
                    few(codes.len())?;
                }
                match (codes.is_empty(), sets.is_empty()) {
                    (_, true) => Ok(Named(vec![RawSet { entries: codes, ..RawSet::default() }])),
                    (true, false) => Ok(Named(sets)),
                    (false, false) => Err(de::Error::custom("codes and sets in one list")),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Named, A::Error> {
                let members = Members::read(members, false)?;
                Ok(Named(if members.has_values { vec![members.set] } else { Vec::new() }))
            }

            fn visit_str<E>(self, _: &str) -> Result<Named, E> {
                Ok(Named(Vec::new()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Named, E> {
                Ok(Named(Vec::new()))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Named, E> {
                Ok(Named(Vec::new()))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Named, E> {
                Ok(Named(Vec::new()))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Named, E> {
                Ok(Named(Vec::new()))
            }

            fn visit_unit<E>(self) -> Result<Named, E> {
                Ok(Named(Vec::new()))
            }
        }
        json.deserialize_any(Any)
    }
}

enum CodeOrSet {
    Code(String),
    Set(RawSet),
}

impl<'de> Deserialize<'de> for CodeOrSet {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = CodeOrSet;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a code or a value set")
            }

            fn visit_str<E>(self, code: &str) -> Result<CodeOrSet, E> {
                Ok(CodeOrSet::Code(code.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<CodeOrSet, A::Error> {
                let members = Members::read(members, false)?;
                let set = members.has_values.then_some(members.set);
                set.map(CodeOrSet::Set).ok_or_else(|| de::Error::custom("no values"))
            }
        }
        json.deserialize_any(Either)
    }
}

/// The codes of a set: an object from code to entry, as the EU has it, or a list of entries, as we do.
struct Values(Vec<Entry>);

/// What the EU says of a code. The encoding instructions say other things, so that nothing is required.
#[derive(Deserialize)]
struct RawEntry {
    #[serde(default)]
    display: Option<String>,
    #[serde(default)]
    active: Option<bool>,
    #[serde(default)]
    system: Option<String>,
    #[serde(default)]
    version: Option<String>,
}

/// A code of which nothing else is known.
fn plain(code: String) -> Entry {
    Entry { display: code.clone(), code, active: true, system: String::new(), version: None }
}

fn few<E: de::Error>(codes: usize) -> Result<(), E> {
    if codes > limits::VALUE_SET_CODES + 1 { Err(E::custom("too many codes")) } else { Ok(()) }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("codes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut codes: A) -> Result<Values, A::Error> {
                let mut all = Vec::new();
                while let Some(code) = codes.next_key::<String>()? {
                    let raw: RawEntry = codes.next_value()?;
                    few(all.len())?;
                    all.push(Entry {
                        display: raw.display.unwrap_or_else(|| code.clone()),
                        code,
                        active: raw.active.unwrap_or(true),
                        system: raw.system.unwrap_or_default(),
                        version: raw.version.filter(|version| !version.is_empty()),
                    });
                }
                Ok(Values(all))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Values, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = items.next_element::<Entry>()? {
                    few(all.len())?;
                    all.push(entry);
                }
                Ok(Values(all))
            }
        }
        json.deserialize_any(All)
    }
}

/// A text that is borrowed where the input allows it.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests;
