//! Streams the elements of a JSON export, one at a time: memory holds one element, however long the file is.
//! Accepts a list inside an envelope of any dialect, a bare list, a single object, and several of these one
//! after another (pages that were appended to one file).

use std::{
    cell::Cell,
    fmt,
    io::{self, Read},
    ops::ControlFlow,
    rc::Rc,
};

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::limits::FILE_ENTITY_BYTES;

/// Which keys of an object lead to elements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys {
    /// Keys whose value is a list of elements.
    pub(super) envelopes: &'static [&'static str],
    /// Keys that an element itself has.
    pub(super) own: &'static [&'static str],
}

/// Why reading ended early.
#[derive(Debug)]
pub(super) enum Fault {
    /// Reading failed.
    Io(io::Error),
    /// No JSON here.
    Syntax { line: usize, column: usize },
    /// The text ends in the middle.
    Truncated { line: usize, column: usize },
    /// One element is too large.
    TooLarge { byte: u64 },
    /// Nothing but white space.
    Empty,
    /// JSON without any of the keys; the keys that it has instead.
    NoElements { keys: Vec<String> },
}

/// Bytes read so far, and how far reading may go.
struct Meter {
    read: Cell<u64>,
    limit: Cell<u64>,
    /// Bytes read that are no white space: tells the end of the last value from a broken one.
    solid: Cell<u64>,
    exceeded: Cell<bool>,
}

impl Meter {
    fn allow_one_element(&self) {
        let room = u64::try_from(FILE_ENTITY_BYTES).unwrap_or(u64::MAX);
        self.limit.set(self.read.get().saturating_add(room));
    }
}

struct Metered<R> {
    inner: R,
    meter: Rc<Meter>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let meter = &self.meter;
        if meter.read.get() >= meter.limit.get() {
            meter.exceeded.set(true);
            return Err(io::Error::other("too large"));
        }
        let n = self.inner.read(buf)?;
        let fresh = buf.iter().take(n);
        let solid = fresh.filter(|b| !b.is_ascii_whitespace()).count();
        meter.solid.set(meter.solid.get().saturating_add(u64::try_from(solid).unwrap_or(0)));
        meter.read.set(meter.read.get().saturating_add(u64::try_from(n).unwrap_or(0)));
        Ok(n)
    }
}

/// What the visitors share.
struct Walk<'s> {
    keys: Keys,
    meter: Rc<Meter>,
    sink: &'s mut dyn FnMut(u64, Value) -> ControlFlow<()>,
    stopped: bool,
    foreign: Option<Vec<String>>,
}

/// Hands every element of `reader` to `sink`, with the number of bytes read before it. `true` when the sink
/// asked to stop.
pub(super) fn stream(
    reader: impl Read,
    keys: Keys,
    sink: &mut dyn FnMut(u64, Value) -> ControlFlow<()>,
) -> Result<bool, Fault> {
    let meter =
        Rc::new(Meter { read: Cell::new(0), limit: Cell::new(0), solid: Cell::new(0), exceeded: Cell::new(false) });
    meter.allow_one_element();
    let mut de = serde_json::Deserializer::from_reader(Metered { inner: reader, meter: Rc::clone(&meter) });
    let mut walk = Walk { keys, meter: Rc::clone(&meter), sink, stopped: false, foreign: None };
    let mut documents = 0u64;
    loop {
        let before = meter.solid.get();
        meter.allow_one_element();
        let result = Document(&mut walk).deserialize(&mut de);
        if walk.stopped {
            return Ok(true);
        }
        if let Some(keys) = walk.foreign.take() {
            return Err(Fault::NoElements { keys });
        }
        match result {
            Ok(()) => documents = documents.saturating_add(1),
            Err(e) if e.is_eof() && meter.solid.get() == before => {
                return if documents == 0 { Err(Fault::Empty) } else { Ok(false) };
            }
            Err(_) if meter.exceeded.get() => return Err(Fault::TooLarge { byte: meter.read.get() }),
            Err(e) if e.is_eof() => return Err(Fault::Truncated { line: e.line(), column: e.column() }),
            Err(e) if e.is_io() => return Err(Fault::Io(e.into())),
            Err(e) if e.is_data() => return Err(Fault::NoElements { keys: Vec::new() }),
            Err(e) => return Err(Fault::Syntax { line: e.line(), column: e.column() }),
        }
    }
}

/// A whole document: an envelope, a list or one element.
struct Document<'w, 's>(&'w mut Walk<'s>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an export")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        List(self.0).visit_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut rest = Map::new();
        let mut enveloped = false;
        while let Some(key) = map.next_key::<String>()? {
            if self.0.keys.envelopes.contains(&key.as_str()) {
                enveloped = true;
                map.next_value_seed(List(&mut *self.0))?;
                self.0.meter.allow_one_element();
            } else {
                rest.insert(key, map.next_value()?);
            }
        }
        if self.0.keys.own.iter().any(|&own| rest.contains_key(own)) {
            return self.0.hand_over(Value::Object(rest));
        }
        if !enveloped {
            self.0.foreign = Some(rest.into_iter().map(|(key, _)| key).collect());
        }
        Ok(())
    }
}

/// A list of elements.
struct List<'w, 's>(&'w mut Walk<'s>);

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.0.meter.allow_one_element();
        while let Some(element) = seq.next_element::<Value>()? {
            self.0.hand_over(element)?;
            self.0.meter.allow_one_element();
        }
        Ok(())
    }
}

impl Walk<'_> {
    /// Stopping is an error to serde and none to the caller.
    fn hand_over<E: de::Error>(&mut self, element: Value) -> Result<(), E> {
        match (self.sink)(self.meter.read.get(), element) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => {
                self.stopped = true;
                Err(E::custom("stopped"))
            }
        }
    }
}
