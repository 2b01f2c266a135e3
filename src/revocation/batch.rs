//! Lists in JSON, read as a stream: lists of health cards; batches of the EU gateway with their signature removed, one, an array, or
//! one a line; and the two indexes of the distribution service. A hash goes from the text into the list
//! without anything of its own on the heap, so that a million of them take 16 MB.

use std::{borrow::Cow, fmt};

use base64::Engine;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;

use super::{
    Scope, Until,
    build::Builder,
    cards::{self, Before},
    error::{JsonFault, RevocationError},
    hash::{Hash, HashKind},
    slices::{self, Listed, ListedKid, Region},
};
use crate::{keys::Kid, limits};

/// Reads every value of a JSON text into the builder.
pub(super) fn read<'de, R: serde_json::de::Read<'de>>(
    name: &str,
    mut json: Deserializer<R>,
    into: &mut Builder,
) -> Result<(), RevocationError> {
    let mut sink = Sink { into, fault: None };
    loop {
        if let Err(error) = Lists(&mut sink).deserialize(&mut json) {
            if let Some(kind) = error.io_error_kind() {
                return Err(RevocationError::Read { name: name.to_owned(), reason: kind });
            }
            let fault = sink.fault.take().unwrap_or(JsonFault::Form);
            return Err(RevocationError::Json {
                name: name.to_owned(),
                line: error.line(),
                column: error.column(),
                fault,
            });
        }
        // More values: one object a line.
        if json.end().is_ok() {
            return Ok(());
        }
    }
}

/// Where the lists go, and the fault that a position is still to be found for.
struct Sink<'a> {
    into: &'a mut Builder,
    fault: Option<JsonFault>,
}

impl Sink<'_> {
    fn fail<E: de::Error>(&mut self, fault: JsonFault) -> E {
        self.fault = Some(fault);
        E::custom("fault")
    }

    fn keep<T, E: de::Error>(&mut self, result: Result<T, RevocationError>) -> Result<T, E> {
        result.map_err(|error| match error {
            RevocationError::TooMany { what, limit } => self.fail(JsonFault::TooMany { what, limit }),
            _ => self.fail(JsonFault::Form),
        })
    }
}

/// One object, or an array of objects.
struct Lists<'a, 'b>(&'a mut Sink<'b>);

impl<'de> DeserializeSeed<'de> for Lists<'_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Lists<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a revocation list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(One(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        object(self.0, members)
    }
}

/// One object of an array.
struct One<'a, 'b>(&'a mut Sink<'b>);

impl<'de> DeserializeSeed<'de> for One<'_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a batch")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        object(self.0, members)
    }
}

/// The members of an object, before it is known what it is.
#[derive(Default)]
struct Members<'de> {
    kid: Option<Option<Cow<'de, str>>>,
    country: Option<Option<Cow<'de, str>>>,
    expires: Option<Option<Cow<'de, str>>>,
    hash_type: Option<Cow<'de, str>>,
    entries: Option<Vec<Hash>>,
    /// `GET /lists`.
    hash_types: Option<Vec<Cow<'de, str>>>,
    /// `GET /lists/{kid}/partitions`.
    id: Option<Option<Cow<'de, str>>>,
    chunks: Option<Vec<Chunk>>,
    /// A list of health cards.
    rids: Option<Vec<(Hash, Before)>>,
    method: Option<Cow<'de, str>>,
    /// The gateway's index.
    index: bool,
}

/// A slice as a partition's index names it, its region still to be found.
struct Chunk {
    name: String,
    digest: [u8; 32],
    until: Until,
}

fn object<'de, A: MapAccess<'de>>(sink: &mut Sink<'_>, mut json: A) -> Result<(), A::Error> {
    let mut all = Members::default();
    while let Some(name) = json.next_key::<Text<'de>>()? {
        let twice = |member| JsonFault::Twice { member };
        let doubled = match name.0.as_ref() {
            "kid" => all.kid.replace(json.next_value::<MaybeText<'de>>()?.0).map(|_| "kid"),
            "country" => all.country.replace(json.next_value::<MaybeText<'de>>()?.0).map(|_| "country"),
            "expires" => all.expires.replace(json.next_value::<MaybeText<'de>>()?.0).map(|_| "expires"),
            "id" => all.id.replace(json.next_value::<MaybeText<'de>>()?.0).map(|_| "id"),
            "hashType" => all.hash_type.replace(json.next_value::<Text<'de>>()?.0).map(|_| "hashType"),
            "hashTypes" => {
                let kinds: Vec<Text<'de>> = json.next_value()?;
                all.hash_types.replace(kinds.into_iter().map(|kind| kind.0).collect()).map(|_| "hashTypes")
            }
            "entries" if all.entries.is_some() => Some("entries"),
            "entries" => {
                all.entries = Some(json.next_value_seed(Entries(sink))?);
                None
            }
            "chunks" if all.chunks.is_some() => Some("chunks"),
            "chunks" => {
                all.chunks = Some(json.next_value_seed(Chunks(sink))?);
                None
            }
            "method" => all.method.replace(json.next_value::<Text<'de>>()?.0).map(|_| "method"),
            "rids" if all.rids.is_some() => Some("rids"),
            "rids" => {
                all.rids = Some(json.next_value_seed(Rids(sink))?);
                None
            }
            "batches" | "batchId" => {
                all.index = true;
                json.next_value::<IgnoredAny>()?;
                None
            }
            _ => {
                json.next_value::<IgnoredAny>()?;
                None
            }
        };
        if let Some(member) = doubled {
            return Err(sink.fail(twice(member)));
        }
    }
    all.take(sink)
}

impl Members<'_> {
    fn take<E: de::Error>(self, sink: &mut Sink<'_>) -> Result<(), E> {
        if let Some(entries) = self.entries {
            let kind = self.hash_type.as_deref().and_then(HashKind::from_name).filter(|kind| kind.is_eu());
            let kind = kind.ok_or_else(|| sink.fail::<E>(JsonFault::Member { member: "hashType" }))?;
            let kid = kid(sink, self.kid)?;
            let until = until(sink, self.expires)?;
            let country = self.country.flatten().and_then(|text| text.as_bytes().try_into().ok());
            let scope = kid.clone().map(Scope::Kid).or(country.map(Scope::Country));
            let revoked = sink.into.revoke(kid.as_ref(), kind, entries);
            sink.keep::<_, E>(revoked)?;
            if let Some(scope) = scope {
                let covered = sink.into.cover(scope, kind, until);
                sink.keep::<_, E>(covered)?;
            }
            return Ok(());
        }
        if let Some(rids) = self.rids {
            if self.method.as_deref() != Some("rid") {
                return Err(sink.fail(JsonFault::Member { member: "method" }));
            }
            // Not base64 of the kid, but the kid itself, as in the header of a card.
            let kid = self.kid.flatten().filter(|kid| !kid.is_empty());
            let kid = kid.ok_or_else(|| sink.fail::<E>(JsonFault::Member { member: "kid" }))?;
            let revoked = sink.into.revoke_cards(&Kid::new(kid.as_bytes()), rids);
            return sink.keep(revoked);
        }
        if let Some(chunks) = self.chunks {
            let kid = kid(sink, self.kid)?;
            let partition = self.id.flatten().unwrap_or(Cow::Borrowed("null"));
            let listed = chunks.into_iter().map(|chunk| Listed {
                region: Region::of(&partition, &chunk.name),
                digest: chunk.digest,
                until: chunk.until,
            });
            let noted = sink.into.note_partition(kid, listed.collect());
            return sink.keep(noted);
        }
        if let Some(kinds) = self.hash_types {
            let kid = kid(sink, self.kid)?;
            let until = until(sink, self.expires)?;
            // A kind that we do not know is one that no certificate is looked up by.
            let kinds = kinds.iter().filter_map(|kind| HashKind::from_name(kind)).collect();
            let noted = sink.into.note_kid(kid, ListedKid { kinds, until });
            return sink.keep(noted);
        }
        Err(sink.fail(if self.index { JsonFault::OnlyIndex } else { JsonFault::NotAList }))
    }
}

fn kid<E: de::Error>(sink: &mut Sink<'_>, text: Option<Option<Cow<'_, str>>>) -> Result<Option<Kid>, E> {
    // The service itself takes a batch without a kid for one that holds for any.
    match text.flatten() {
        None => Ok(None),
        Some(text) => slices::kid_or_any(&text).ok_or_else(|| sink.fail::<E>(JsonFault::Member { member: "kid" })),
    }
}

fn until<E: de::Error>(sink: &mut Sink<'_>, text: Option<Option<Cow<'_, str>>>) -> Result<Until, E> {
    let end = text.flatten().and_then(|text| slices::time(&text));
    end.map(Until::Time).ok_or_else(|| sink.fail::<E>(JsonFault::Member { member: "expires" }))
}

/// A text that is borrowed where the input allows it.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A text or null.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct MaybeText<'a>(#[serde(borrow)] Option<Cow<'a, str>>);

/// `[{"hash": "…"}, …]`.
struct Entries<'a, 'b>(&'a mut Sink<'b>);

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = Vec<Hash>;

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = Vec<Hash>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of hashes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut hashes = Vec::new();
        while let Some(hash) = items.next_element_seed(Entry(self.0))? {
            if hashes.len() >= limits::REVOCATION_ENTRIES {
                let (what, limit) = ("revoked entries", limits::REVOCATION_ENTRIES);
                return Err(self.0.fail(JsonFault::TooMany { what, limit }));
            }
            hashes.push(hash);
        }
        Ok(hashes)
    }
}

/// `{"hash": "…"}`.
struct Entry<'a, 'b>(&'a mut Sink<'b>);

impl<'de> DeserializeSeed<'de> for Entry<'_, '_> {
    type Value = Hash;

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<Hash, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_, '_> {
    type Value = Hash;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a hash")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Hash, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key_seed(IsHash)? {
            if !name {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            let hash = members.next_value_seed(HashText)?;
            let hash = hash.ok_or_else(|| self.0.fail::<A::Error>(JsonFault::Member { member: "hash" }))?;
            if found.replace(hash).is_some() {
                return Err(self.0.fail(JsonFault::Twice { member: "hash" }));
            }
        }
        found.ok_or_else(|| self.0.fail::<A::Error>(JsonFault::Member { member: "hash" }))
    }
}

/// Whether a member's name is `hash`, without keeping it.
struct IsHash;

impl<'de> DeserializeSeed<'de> for IsHash {
    type Value = bool;

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        json.deserialize_identifier(self)
    }
}

impl Visitor<'_> for IsHash {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<bool, E> {
        Ok(name == "hash")
    }
}

/// Sixteen bytes in base64, decoded where they stand.
struct HashText;

impl<'de> DeserializeSeed<'de> for HashText {
    type Value = Option<Hash>;

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<Option<Hash>, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for HashText {
    type Value = Option<Hash>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a hash in base64")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<Hash>, E> {
        // The gateway's rule is 22 letters and two `=`; the other alphabet and absent `=` are harmless.
        let mut bytes = [0; 18];
        let length = match text.len() {
            22 | 24 => slices::BASE64
                .decode_slice(text, &mut bytes)
                .or_else(|_| slices::BASE64_URL.decode_slice(text, &mut bytes))
                .unwrap_or(0),
            _ => 0,
        };
        Ok(bytes.first_chunk().copied().filter(|_| length == 16))
    }
}

/// `{CHUNK: {EXPIRY: {"type": …, "version": …, "hash": …}}}`.
struct Chunks<'a, 'b>(&'a mut Sink<'b>);

impl<'de> DeserializeSeed<'de> for Chunks<'_, '_> {
    type Value = Vec<Chunk>;

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Chunks<'_, '_> {
    type Value = Vec<Chunk>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("chunks")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut chunks: A) -> Result<Self::Value, A::Error> {
        #[derive(serde::Deserialize)]
        struct Meta<'a> {
            #[serde(borrow)]
            hash: Cow<'a, str>,
        }
        let mut all = Vec::new();
        while let Some(name) = chunks.next_key::<Text<'de>>()? {
            let slices: std::collections::BTreeMap<String, Meta<'de>> = chunks.next_value()?;
            for (end, meta) in slices {
                let end = slices::time(&end)
                    .ok_or_else(|| self.0.fail::<A::Error>(JsonFault::Member { member: "chunks" }))?;
                let digest = slices::digest(&meta.hash);
                let digest = digest.ok_or_else(|| self.0.fail::<A::Error>(JsonFault::Member { member: "hash" }))?;
                if all.len() >= limits::REVOCATION_SLICES {
                    let (what, limit) = ("slices", limits::REVOCATION_SLICES);
                    return Err(self.0.fail(JsonFault::TooMany { what, limit }));
                }
                all.push(Chunk { name: name.0.to_string(), digest, until: Until::Time(end) });
            }
        }
        Ok(all)
    }
}

/// `["rid", "rid.SECONDS", …]`.
struct Rids<'a, 'b>(&'a mut Sink<'b>);

impl<'de> DeserializeSeed<'de> for Rids<'_, '_> {
    type Value = Vec<(Hash, Before)>;

    fn deserialize<D: de::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rids<'_, '_> {
    type Value = Vec<(Hash, Before)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of card identifiers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(text) = items.next_element::<Text<'de>>()? {
            if all.len() >= limits::REVOCATION_ENTRIES {
                let (what, limit) = ("revoked entries", limits::REVOCATION_ENTRIES);
                return Err(self.0.fail(JsonFault::TooMany { what, limit }));
            }
            let entry = cards::entry(&text.0);
            all.push(entry.ok_or_else(|| self.0.fail::<A::Error>(JsonFault::Member { member: "rids" }))?);
        }
        Ok(all)
    }
}
