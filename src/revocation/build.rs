//! From files to [`Revocations`]: what a file is, is told by its content; which part of the whole it is, by its
//! path. Files come in any order, and nothing that one of them revokes is lost by another.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
    io::{self, Cursor, Read},
};

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use serde_json::Deserializer;

use super::{
    Coverage, Revocations, Scope, Until, batch, binary,
    cards::{Before, Cards},
    error::{RevocationError, SliceFault},
    filter::{self, Slice},
    hash::{ByKind, Hash, HashKind},
    slices::{Gap, Index, Listed, ListedKid, Place, Region},
    table::Table,
    tar,
};
use crate::{
    keys::{Kid, sha256},
    limits,
};

/// How much of a file is looked at to tell its form.
const PEEK: u64 = 1024;

/// Collects lists, filters and indexes; [`Builder::finish`] makes them ready to be asked.
#[derive(Default)]
pub struct Builder {
    bound: HashMap<Kid, ByKind<Vec<Hash>>>,
    unbound: ByKind<Vec<Hash>>,
    released: ByKind<Vec<Hash>>,
    entries: usize,
    covered: Coverage,
    /// Slices with their kid and, unless they come from a finished collection, the SHA-256 of their file.
    slices: Vec<(Option<Kid>, Slice, Option<[u8; 32]>)>,
    filter_bytes: usize,
    index: Index,
    listed: usize,
    /// Of finished collections.
    filtered: Coverage,
    gaps: HashMap<Kid, Vec<Gap>>,
    unbound_gaps: Vec<Gap>,
    cards: Cards,
}

impl Builder {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one file. `name` is its path as the caller has it: it names the file in errors, and the last four
    /// parts of it say what a filter slice is for (`KID/PARTITION/CHUNK/SLICE`).
    ///
    /// Recognised are, packed with gzip or not: lists of health cards (`method` `rid`); gateway batches with their signature removed (one, an array, or
    /// one a line); the distribution service's slices, its archives of them, and its indexes of kids and of
    /// partitions; a table of [`Revocations::encode`].
    ///
    /// # Errors
    /// [`RevocationError`] says what is wrong with the file. What was read of it before stays in: it can only
    /// revoke, and what a damaged list covers was not noted.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), RevocationError> {
        match Form::of(bytes) {
            Form::Gzip | Form::Tar => self.add_reader(name, bytes),
            form => self.add_plain(name, form, bytes),
        }
    }

    /// Reads one file as [`Builder::add`] does, without holding a list of JSON in memory.
    ///
    /// # Errors
    /// As [`Builder::add`], and [`RevocationError::Read`].
    pub fn add_reader(&mut self, name: &str, reader: impl Read) -> Result<(), RevocationError> {
        let limited = Limited { reader, left: limits::REVOCATION_FILE_BYTES };
        let (head, rest) = peek(name, limited)?;
        if Form::of(&head) != Form::Gzip {
            return self.add_unpacked(name, &head, rest);
        }
        let unpacked =
            Limited { reader: MultiGzDecoder::new(Cursor::new(head).chain(rest)), left: limits::REVOCATION_FILE_BYTES };
        let (head, rest) =
            peek(name, unpacked).map_err(|_| RevocationError::Packed { name: name.to_owned(), part: "compression" })?;
        let inner = ["gz", "tgz"].iter().find_map(|end| name.strip_suffix(end)?.strip_suffix('.')).unwrap_or(name);
        match Form::of(&head) {
            // One layer is a file, two are a trap.
            Form::Gzip => Err(RevocationError::Unrecognised { name: name.to_owned() }),
            _ => self.add_unpacked(inner, &head, rest),
        }
    }

    fn add_unpacked(&mut self, name: &str, head: &[u8], mut rest: impl Read) -> Result<(), RevocationError> {
        let form = Form::of(head);
        match form {
            Form::Tar => tar::read(name, head.chain(rest), |path, bytes| match Form::of(bytes) {
                form @ (Form::Slice | Form::Json | Form::Table) => self.add_plain(path, form, bytes),
                _ => Err(RevocationError::Unrecognised { name: format!("{path} in {name}") }),
            }),
            Form::Json => {
                let text = io::BufReader::with_capacity(64 * 1024, without_mark(head).chain(rest));
                batch::read(name, Deserializer::from_reader(text), self)
            }
            Form::Gzip | Form::Table | Form::Slice | Form::Signed | Form::Other => {
                let mut bytes = head.to_vec();
                // One byte more than a slice may have is enough to refuse it; of what is refused anyway, none.
                let most = match form {
                    Form::Table => limits::REVOCATION_FILE_BYTES,
                    Form::Slice => u64::try_from(limits::REVOCATION_SLICE_BYTES).unwrap_or(u64::MAX),
                    _ => 0,
                };
                rest.by_ref()
                    .take(most)
                    .read_to_end(&mut bytes)
                    .map_err(|error| RevocationError::Read { name: name.to_owned(), reason: error.kind() })?;
                self.add_plain(name, form, &bytes)
            }
        }
    }

    fn add_plain(&mut self, name: &str, form: Form, bytes: &[u8]) -> Result<(), RevocationError> {
        match form {
            Form::Json => batch::read(name, Deserializer::from_slice(without_mark(bytes)), self),
            Form::Table => self.add_all(binary::decode(bytes)?),
            Form::Slice => self.add_slice(name, bytes),
            Form::Signed => Err(RevocationError::Signed { name: name.to_owned() }),
            Form::Gzip | Form::Tar | Form::Other => Err(RevocationError::Unrecognised { name: name.to_owned() }),
        }
    }

    fn add_slice(&mut self, path: &str, bytes: &[u8]) -> Result<(), RevocationError> {
        let fault = |fault| RevocationError::Slice { name: path.to_owned(), fault };
        let place = Place::of(path).map_err(fault)?;
        let digest = sha256(bytes);
        if place.digest.is_some_and(|promised| promised != digest) {
            return Err(fault(SliceFault::Digest));
        }
        let slice = Slice::read(bytes, place.region).map_err(fault)?;
        self.push_slice(place.kid, slice, Some(digest))
    }

    fn push_slice(&mut self, kid: Option<Kid>, slice: Slice, digest: Option<[u8; 32]>) -> Result<(), RevocationError> {
        self.filter_bytes = self.filter_bytes.saturating_add(slice.bytes());
        within("bytes of filters", self.filter_bytes, limits::REVOCATION_FILTER_BYTES)?;
        within("filter slices", self.slices.len() + 1, limits::REVOCATION_SLICES)?;
        self.slices.push((kid, slice, digest));
        Ok(())
    }

    /// Revokes by hashes of one kind: under one kid, or under any.
    ///
    /// # Errors
    /// [`RevocationError::TooMany`].
    pub fn revoke(&mut self, kid: Option<&Kid>, kind: HashKind, hashes: Vec<Hash>) -> Result<(), RevocationError> {
        self.entries = self.entries.saturating_add(hashes.len());
        within("revoked entries", self.entries, limits::REVOCATION_ENTRIES)?;
        let lists = match kid {
            None => &mut self.unbound,
            Some(kid) => {
                if !self.bound.contains_key(kid) {
                    within("lists", self.bound.len() + 1, limits::REVOCATION_LISTS)?;
                    within("bytes in a kid", kid.as_bytes().len(), limits::REVOCATION_KID_BYTES)?;
                }
                self.bound.entry(kid.clone()).or_default()
            }
        };
        let list = lists.get_mut(kind);
        if list.is_empty() {
            *list = hashes;
        } else {
            list.extend(hashes);
        }
        Ok(())
    }

    /// Names certificates that were revoked once and are no more, under any kid. What is revoked all the same, by
    /// whatever was added before or after, stays revoked and is not named as released.
    ///
    /// # Errors
    /// [`RevocationError::TooMany`].
    pub fn release(&mut self, kind: HashKind, hashes: Vec<Hash>) -> Result<(), RevocationError> {
        self.entries = self.entries.saturating_add(hashes.len());
        within("revoked entries", self.entries, limits::REVOCATION_ENTRIES)?;
        self.released.get_mut(kind).extend(hashes);
        Ok(())
    }

    /// Adds a filter for the certificates of one key, whose place is known from elsewhere than its path.
    pub(super) fn add_filter(&mut self, kid: &Kid, bytes: &[u8], region: Region) -> Result<(), SliceFault> {
        let slice = Slice::read(bytes, region)?;
        self.push_slice(Some(kid.clone()), slice, None).map_err(|_| SliceFault::TooLarge)
    }

    /// States that the filters speak for a key until then by this kind of hash.
    pub(super) fn cover_by_filters(&mut self, kid: &Kid, kind: HashKind, until: Until) -> Result<(), RevocationError> {
        cover(&mut self.filtered, Scope::Kid(kid.clone()), kind, until)
    }

    /// Revokes health cards that were signed under `kid`, and states that all revoked ones of that key are known.
    ///
    /// # Errors
    /// [`RevocationError::TooMany`].
    pub fn revoke_cards(
        &mut self,
        kid: &Kid,
        entries: impl IntoIterator<Item = (Hash, Before)>,
    ) -> Result<(), RevocationError> {
        within("bytes in a kid", kid.as_bytes().len(), limits::REVOCATION_KID_BYTES)?;
        self.entries = self.entries.saturating_add(self.cards.add(kid, entries));
        within("revoked entries", self.entries, limits::REVOCATION_ENTRIES)?;
        within("lists", self.cards.0.len(), limits::REVOCATION_LISTS)
    }

    /// States that everything revoked by hashes of this kind is known for these certificates until then, be it
    /// nothing. Of several statements the longest holds.
    ///
    /// # Errors
    /// [`RevocationError::TooMany`].
    pub fn cover(&mut self, scope: Scope, kind: HashKind, until: Until) -> Result<(), RevocationError> {
        cover(&mut self.covered, scope, kind, until)
    }

    /// Adds an issuer's own list: of everything that these signers signed, the certificates with these hashes
    /// of their identifier are revoked, and no others until then.
    ///
    /// # Errors
    /// [`RevocationError::TooMany`].
    pub fn add_own<'k>(
        &mut self,
        hashes: Vec<Hash>,
        signers: impl IntoIterator<Item = &'k Kid>,
        until: Timestamp,
    ) -> Result<(), RevocationError> {
        self.revoke(None, HashKind::Identifier, hashes)?;
        for kid in signers {
            self.cover(Scope::Kid(kid.clone()), HashKind::Identifier, Until::Time(until))?;
        }
        Ok(())
    }

    /// Adds a finished collection.
    ///
    /// # Errors
    /// [`RevocationError::TooMany`].
    pub fn add_all(&mut self, other: Revocations) -> Result<(), RevocationError> {
        let mut released = other.released.map(Table::into_hashes);
        for kind in HashKind::ALL {
            self.release(kind, std::mem::take(released.get_mut(kind)))?;
        }
        let unbound = std::iter::once((None, other.unbound));
        for (kid, lists) in unbound.chain(other.bound.into_iter().map(|(kid, lists)| (Some(kid), lists))) {
            let mut lists = lists.map(Table::into_hashes);
            for kind in HashKind::ALL {
                let hashes = std::mem::take(lists.get_mut(kind));
                if !hashes.is_empty() {
                    self.revoke(kid.as_ref(), kind, hashes)?;
                }
            }
        }
        for (from, to) in [(other.covered, &mut self.covered), (other.filtered, &mut self.filtered)] {
            for (scope, all) in from {
                for (kind, until) in all.iter() {
                    if let Some(until) = until {
                        cover(to, scope.clone(), kind, *until)?;
                    }
                }
            }
        }
        let bound =
            other.filters.into_iter().flat_map(|(kid, all)| all.into_iter().map(move |s| (Some(kid.clone()), s)));
        for (kid, slice) in bound.chain(other.unbound_filters.into_iter().map(|slice| (None, slice))) {
            self.push_slice(kid, slice, None)?;
        }
        for (kid, gaps) in other.gaps {
            self.gaps.entry(kid).or_default().extend(gaps);
        }
        self.unbound_gaps.extend(other.unbound_gaps);
        for (kid, list) in other.cards.0 {
            self.revoke_cards(&kid, list)?;
        }
        Ok(())
    }

    /// Notes the slices that a partition's index names.
    pub(super) fn note_partition(&mut self, kid: Option<Kid>, all: Vec<Listed>) -> Result<(), RevocationError> {
        self.listed = self.listed.saturating_add(all.len().max(1));
        within("slices in indexes", self.listed, limits::REVOCATION_SLICES)?;
        self.index.partitions.entry(kid).or_default().extend(all);
        Ok(())
    }

    /// Notes what the service's index says of one kid.
    pub(super) fn note_kid(&mut self, kid: Option<Kid>, listed: ListedKid) -> Result<(), RevocationError> {
        self.index.whole = true;
        self.index.kids.insert(kid, listed);
        within("kids in the index", self.index.kids.len(), limits::REVOCATION_LISTS)
    }

    /// Sorts everything and compares the indexes with the slices that are there.
    ///
    /// # Errors
    /// [`RevocationError::TooMany`].
    pub fn finish(mut self) -> Result<Revocations, RevocationError> {
        self.settle()?;
        let mut filters: HashMap<Kid, Vec<Slice>> = HashMap::new();
        let mut unbound_filters = Vec::new();
        for (kid, slice, _) in self.slices {
            match kid {
                Some(kid) => filters.entry(kid).or_default().push(slice),
                None => unbound_filters.push(slice),
            }
        }
        for all in filters.values_mut().chain([&mut unbound_filters]) {
            all.sort_by_key(|slice| slice.region);
            all.dedup();
        }
        let unbound = self.unbound.map(Table::new);
        let mut released = self.released;
        for kind in HashKind::ALL {
            released.get_mut(kind).retain(|hash| !unbound.get(kind).contains(hash));
        }
        Ok(Revocations {
            bound: self.bound.into_iter().map(|(kid, lists)| (kid, lists.map(Table::new))).collect(),
            unbound,
            released: released.map(Table::new),
            covered: self.covered,
            filters,
            unbound_filters,
            filtered: self.filtered,
            gaps: self.gaps,
            unbound_gaps: self.unbound_gaps,
            cards: self.cards,
        })
    }

    /// What the slices cover, and where one is missing.
    fn settle(&mut self) -> Result<(), RevocationError> {
        type Part<'a> = (Option<&'a Kid>, Region, [u8; 32]);
        let fresh = || self.slices.iter().filter_map(|(kid, slice, digest)| Some((kid, slice, (*digest)?)));
        let present: HashSet<Part<'_>> =
            fresh().map(|(kid, slice, digest)| (kid.as_ref(), slice.region, digest)).collect();
        let with_slices: HashSet<Option<&Kid>> = fresh().map(|(kid, ..)| kid.as_ref()).collect();

        let mut until: BTreeMap<Option<&Kid>, Until> = BTreeMap::new();
        let mut gaps: Vec<(Option<&Kid>, Gap)> = Vec::new();
        for (kid, listed) in &self.index.partitions {
            for part in listed {
                if present.contains(&(kid.as_ref(), part.region, part.digest)) {
                    let longest = until.entry(kid.as_ref()).or_insert(part.until);
                    *longest = part.until.max(*longest);
                } else {
                    gaps.push((kid.as_ref(), Gap { region: part.region, until: part.until }));
                }
            }
        }
        for (kid, listed) in &self.index.kids {
            if !with_slices.contains(&kid.as_ref()) && !self.index.partitions.contains_key(kid) {
                gaps.push((kid.as_ref(), Gap { region: Region::EVERYTHING, until: listed.until }));
            }
        }
        for kid in with_slices {
            // Without an index of its parts, what is there of a kid is taken for the whole of it.
            if !self.index.partitions.contains_key(&kid.cloned()) {
                let end = self.index.kids.get(&kid.cloned()).map_or(Until::Open, |listed| listed.until);
                until.insert(kid, end);
            }
        }

        let eu = || HashKind::ALL.into_iter().filter(|kind| kind.is_eu());
        for (kid, until) in until {
            // Slices for any kid say nothing of the kids that have slices of their own.
            let Some(kid) = kid else { continue };
            let listed = self.index.kids.get(&Some(kid.clone())).map(|listed| &listed.kinds).filter(|k| !k.is_empty());
            for kind in eu().filter(|kind| listed.is_none_or(|kinds| kinds.contains(kind))) {
                cover(&mut self.filtered, Scope::Kid(kid.clone()), kind, until)?;
            }
        }
        if self.index.whole {
            for kind in eu() {
                cover(&mut self.filtered, Scope::Everyone, kind, Until::Open)?;
            }
        }
        for (kid, gap) in gaps {
            match kid {
                Some(kid) => self.gaps.entry(kid.clone()).or_default().push(gap),
                None => self.unbound_gaps.push(gap),
            }
        }
        Ok(())
    }
}

/// Numbers only: a hash is as good as a name to whoever has the certificate.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("entries", &self.entries).field("filters", &self.slices.len()).finish()
    }
}

fn cover(to: &mut Coverage, scope: Scope, kind: HashKind, until: Until) -> Result<(), RevocationError> {
    within("statements of what lists cover", to.len(), limits::REVOCATION_LISTS)?;
    if let Scope::Kid(kid) = &scope {
        within("bytes in a kid", kid.as_bytes().len(), limits::REVOCATION_KID_BYTES)?;
    }
    let slot = to.entry(scope).or_default().get_mut(kind);
    *slot = (*slot).max(Some(until));
    Ok(())
}

fn within(what: &'static str, count: usize, limit: usize) -> Result<(), RevocationError> {
    if count > limit { Err(RevocationError::TooMany { what, limit }) } else { Ok(()) }
}

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Gzip,
    Tar,
    Table,
    Slice,
    Json,
    /// CMS, in DER or in base64 of it.
    Signed,
    Other,
}

impl Form {
    fn of(bytes: &[u8]) -> Self {
        let text = without_mark(bytes).trim_ascii_start();
        match bytes {
            [0x1f, 0x8b, ..] => Self::Gzip,
            _ if tar::looks_like(bytes) => Self::Tar,
            _ if binary::looks_like(bytes) => Self::Table,
            _ if filter::looks_like(bytes) => Self::Slice,
            _ if matches!(text.first(), Some(b'{' | b'[')) => Self::Json,
            // A sequence of DER of more than 127 bytes, and the same in base64.
            [0x30, 0x80..=0x84, ..] => Self::Signed,
            _ if text.starts_with(b"MI") || text.starts_with(b"-----BEGIN") => Self::Signed,
            _ => Self::Other,
        }
    }
}

/// Without the byte order mark that some editors put in front of a text.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn peek<R: Read>(name: &str, mut reader: R) -> Result<(Vec<u8>, R), RevocationError> {
    let mut head = Vec::new();
    match reader.by_ref().take(PEEK).read_to_end(&mut head) {
        Ok(_) => Ok((head, reader)),
        Err(error) => Err(RevocationError::Read { name: name.to_owned(), reason: error.kind() }),
    }
}

/// A reader that ends in an error where the bound is passed, never in a shorter list.
struct Limited<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let count64 = u64::try_from(count).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(count64).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(count)
    }
}
