//! People from a file that was exported from DHIS2, for ministries that carry data across an air gap: JSON in
//! the envelope of any dialect, or NDJSON with one person a line. Read as a stream, whatever the length.
//!
//! Runs on the thread of its caller and does no more than read; a service gives it a thread of its own.

mod error;
mod facilities;
mod json;

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    ops::ControlFlow,
    path::Path,
};

use serde::{Deserialize as _, de::IgnoredAny};
use serde_json::Value;

use self::json::{Fault, Keys};
use super::model::{AttributeValue, Enrollment, Event, TrackedEntity};
use crate::limits::{FILE_ENTITY_BYTES, FILE_MALFORMED_LISTED, FILE_PEEK_BYTES};

pub use error::FileError;
pub use facilities::{facilities_beside, read_facilities};

/// Keys under which the dialects list people, and those that a person has.
const PEOPLE: Keys = Keys {
    envelopes: &["trackedEntityInstances", "instances", "trackedEntities"],
    own: &["trackedEntity", "trackedEntityInstance"],
};

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// People delivered.
    pub people: u64,
    /// People that were malformed and left out.
    pub malformed: u64,
    /// The first of them, one by one.
    pub listed: Vec<Malformed>,
    /// The sink asked to stop before the end.
    pub stopped: bool,
}

/// One person that could not be read. Holds nothing of what the file says about it but its UID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// UID of the person, where it could be read.
    pub tracked_entity: Option<String>,
    /// Where it stands: line of an NDJSON file, else place in the list; both from 1.
    pub at: Place,
    /// What is wrong, such as `enrollments[0].events[2]`.
    pub fault: MalformedKind,
}

/// Where a person stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Line of an NDJSON file, from 1.
    Line(u64),
    /// Place in the list, from 1.
    Item(u64),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Item(item) => write!(f, "person {item} of the list"),
        }
    }
}

/// What is wrong with a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedKind {
    /// The line is no JSON.
    #[error("not JSON at column {column}: export this person again")]
    Syntax {
        /// Column in bytes, from 1.
        column: usize,
    },
    /// The line ends in the middle.
    #[error("cut off at column {column}: export this person again")]
    Truncated {
        /// Column in bytes, from 1.
        column: usize,
    },
    /// The line is longer than any person.
    #[error("longer than {limit} bytes: export this person again")]
    TooLong {
        /// Bytes allowed.
        limit: usize,
    },
    /// An event or enrollment where a person should be.
    #[error("an {what} and not a person: export tracked entities, with their enrollments and events")]
    NotAPerson {
        /// What it is.
        what: &'static str,
    },
    /// A part has another form than DHIS2 writes.
    #[error("{part} has not the form that DHIS2 writes: export this person again")]
    Part {
        /// Path of the part.
        part: String,
    },
}

/// Reads the people of a file (`-` is standard input) and hands each to `sink`, which may end the reading.
///
/// # Errors
/// When the file cannot be read to its end. What stands before the fault was delivered.
pub fn read_people(path: &Path, sink: impl FnMut(TrackedEntity) -> ControlFlow<()>) -> Result<Summary, FileError> {
    let file = path.display().to_string();
    if path == Path::new("-") {
        return read_people_from(io::stdin().lock(), "standard input", sink);
    }
    match File::open(path) {
        Ok(open) => read_people_from(open, &file, sink),
        Err(source) => Err(FileError::Io { file, source }),
    }
}

/// Reads people from an open source; `name` is what errors call it, and decides by its ending (`.ndjson`,
/// `.jsonl`) when the content leaves the form open.
///
/// # Errors
/// As [`read_people`].
pub fn read_people_from(
    reader: impl Read,
    name: &str,
    mut sink: impl FnMut(TrackedEntity) -> ControlFlow<()>,
) -> Result<Summary, FileError> {
    let (peeked, reader) = peek(reader, name)?;
    let mut summary = Summary::default();
    if is_lines(name, &peeked) {
        read_lines(reader, name, &mut summary, &mut sink)?;
        return Ok(summary);
    }
    let mut item = 0u64;
    let result = json::stream(reader, PEOPLE, &mut |_, value| {
        item = item.saturating_add(1);
        deliver(value, Place::Item(item), &mut summary, &mut sink)
    });
    match result {
        Ok(stopped) => {
            summary.stopped = stopped;
            Ok(summary)
        }
        Err(fault) => Err(named(fault, name)),
    }
}

/// Looks at the first bytes, drops a byte-order mark, and gives the whole back.
fn peek<R: Read>(mut reader: R, name: &str) -> Result<(Vec<u8>, BufReader<impl Read + use<R>>), FileError> {
    let file = name.to_owned();
    let limit = u64::try_from(FILE_PEEK_BYTES).unwrap_or(u64::MAX);
    let mut peeked = Vec::new();
    (&mut reader)
        .take(limit)
        .read_to_end(&mut peeked)
        .map_err(|source| FileError::Io { file: file.clone(), source })?;
    if peeked.starts_with(b"\xEF\xBB\xBF") {
        peeked.drain(..3);
    }
    let found = match peeked.as_slice() {
        [0x1F, 0x8B, ..] => Some("gzip"),
        [b'P', b'K', 3, 4, ..] => Some("a zip archive"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        _ => None,
    };
    if let Some(found) = found {
        return Err(FileError::Encoding { file, found });
    }
    match peeked.iter().find(|b| !b.is_ascii_whitespace()) {
        None if peeked.len() < FILE_PEEK_BYTES => return Err(FileError::Empty { file }),
        Some(b'<') => return Err(FileError::WebPage { file }),
        _ => {}
    }
    let whole = Cursor::new(peeked.clone()).chain(reader);
    Ok((peeked, BufReader::with_capacity(FILE_PEEK_BYTES, whole)))
}

/// Whether a file is NDJSON: by its name, or because a further line opens an object of its own and the first
/// has not opened an envelope that goes on.
fn is_lines(name: &str, peeked: &[u8]) -> bool {
    let ending = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or("");
    if ending.eq_ignore_ascii_case("ndjson") || ending.eq_ignore_ascii_case("jsonl") {
        return true;
    }
    let mut lines = peeked.split(|&b| b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let first = lines.next().unwrap_or(&[]).trim_ascii();
    if first.starts_with(b"[") || first == b"{" || !lines.any(|line| line.starts_with(b"{")) {
        return false;
    }
    let opens_envelope = || {
        let start = String::from_utf8_lossy(first);
        PEOPLE.envelopes.iter().any(|key| start.contains(&format!("\"{key}\"")))
    };
    serde_json::from_slice::<IgnoredAny>(first).is_ok() || !opens_envelope()
}

fn named(fault: Fault, name: &str) -> FileError {
    let file = name.to_owned();
    match fault {
        Fault::Io(source) => FileError::Io { file, source },
        Fault::Empty => FileError::Empty { file },
        Fault::Syntax { line, column } => FileError::Syntax { file, line, column },
        Fault::Truncated { line, column } => FileError::Truncated { file, line, column },
        Fault::TooLarge { byte } => FileError::EntityTooLarge { file, byte, limit: FILE_ENTITY_BYTES },
        Fault::NoElements { keys } if keys.iter().any(|k| k == "httpStatus" || k == "httpStatusCode") => {
            FileError::ServerError { file }
        }
        Fault::NoElements { keys } => {
            // A key is a name of DHIS2's; anything else is not repeated.
            let plain = |k: &String| k.len() <= 40 && k.bytes().all(|b| b.is_ascii_alphanumeric());
            FileError::NoPeople { file, keys: keys.into_iter().filter(plain).take(8).collect() }
        }
    }
}

/// One person a line; a broken line never stops the rest. A line may also hold a whole page.
fn read_lines(
    mut reader: impl BufRead,
    name: &str,
    summary: &mut Summary,
    sink: &mut dyn FnMut(TrackedEntity) -> ControlFlow<()>,
) -> Result<(), FileError> {
    let failed = |source| FileError::Io { file: name.to_owned(), source };
    let limit = u64::try_from(FILE_ENTITY_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut line = Vec::new();
    let mut number = 0u64;
    loop {
        line.clear();
        let read = (&mut reader).take(limit).read_until(b'\n', &mut line).map_err(failed)?;
        if read == 0 {
            return Ok(());
        }
        number = number.saturating_add(1);
        let at = Place::Line(number);
        if line.len() > FILE_ENTITY_BYTES && !line.ends_with(b"\n") {
            summary.add(None, at, MalformedKind::TooLong { limit: FILE_ENTITY_BYTES });
            reader.skip_until(b'\n').map_err(failed)?;
            continue;
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let flow = match serde_json::from_slice::<Value>(text) {
            Ok(value) => deliver_line(value, at, summary, sink),
            Err(e) => {
                let column = e.column();
                let kind =
                    if e.is_eof() { MalformedKind::Truncated { column } } else { MalformedKind::Syntax { column } };
                summary.add(None, at, kind);
                ControlFlow::Continue(())
            }
        };
        if flow.is_break() {
            summary.stopped = true;
            return Ok(());
        }
    }
}

fn deliver_line(
    mut value: Value,
    at: Place,
    summary: &mut Summary,
    sink: &mut dyn FnMut(TrackedEntity) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let envelope = PEOPLE.envelopes.iter().copied().find(|&key| value.get(key).is_some());
    let page = envelope.and_then(|key| value.get_mut(key)).map(Value::take);
    match page.unwrap_or(value) {
        Value::Array(people) => people.into_iter().try_for_each(|person| deliver(person, at, summary, sink)),
        person => deliver(person, at, summary, sink),
    }
}

/// Reads one person and hands it over, or notes what is wrong with it.
fn deliver(
    mut value: Value,
    at: Place,
    summary: &mut Summary,
    sink: &mut dyn FnMut(TrackedEntity) -> ControlFlow<()>,
) -> ControlFlow<()> {
    // The flat lists of events and enrollments name their person too; read as people they would lose data.
    let flat = [("event", "event"), ("enrollment", "enrollment")];
    if let Some((_, what)) = flat.into_iter().find(|(key, _)| value.get(*key).is_some()) {
        summary.add(None, at, MalformedKind::NotAPerson { what });
        return ControlFlow::Continue(());
    }
    drop_nulls(&mut value);
    match TrackedEntity::deserialize(&value) {
        Ok(person) => {
            summary.people = summary.people.saturating_add(1);
            sink(person)
        }
        Err(_) => {
            // What serde says may repeat a value of the record, so the part is found by reading again.
            let uid = PEOPLE.own.iter().find_map(|key| value.get(*key)).and_then(Value::as_str);
            summary.add(uid.map(str::to_owned), at, MalformedKind::Part { part: faulty_part(&value) });
            ControlFlow::Continue(())
        }
    }
}

impl Summary {
    fn add(&mut self, tracked_entity: Option<String>, at: Place, fault: MalformedKind) {
        self.malformed = self.malformed.saturating_add(1);
        if self.listed.len() < FILE_MALFORMED_LISTED {
            // A UID has eleven characters; anything longer is none and is not repeated.
            let tracked_entity =
                tracked_entity.filter(|uid| uid.len() == 11 && uid.bytes().all(|b| b.is_ascii_alphanumeric()));
            self.listed.push(Malformed { tracked_entity, at, fault });
        }
    }
}

/// A field that is null is a field that is absent. The depth is bounded by the JSON reader.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, v| !v.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// Path of the first part that cannot be read.
fn faulty_part(person: &Value) -> String {
    let list = |of: &Value, key: &str| of.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    if !person.is_object() {
        return "the person".to_owned();
    }
    if let Some(i) = list(person, "attributes").iter().position(|a| AttributeValue::deserialize(a).is_err()) {
        return format!("attributes[{i}]");
    }
    for (i, enrollment) in list(person, "enrollments").iter().enumerate() {
        for (j, event) in list(enrollment, "events").iter().enumerate() {
            if Event::deserialize(event).is_err() {
                return format!("enrollments[{i}].events[{j}]");
            }
        }
        if Enrollment::deserialize(enrollment).is_err() {
            return format!("enrollments[{i}]");
        }
    }
    "the person's own field".to_owned()
}

#[cfg(test)]
mod tests;
