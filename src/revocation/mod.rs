//! Which certificates their issuers took back: hashes of a certificate, and the lists and filters that hold
//! them. Station of the way up between signature and verdict; it says what a list says and judges nothing.
//!
//! The EU's scheme (gateway batches, and the slices that its distribution service makes of them) and our own
//! list of identifiers are read into one immutable [`Revocations`]. These decisions rest in it:
//!
//! * **A revocation is undone by saying so.** Our own lists name what was taken back as *released*. A list that
//!   lacks an entry of the one before without releasing it does not [follow](follows) it, and is refused by whoever
//!   remembers.
//! * **A revocation is never undone by time.** A batch past its `expires` still revokes: the issuer names
//!   there the day on which the certificates themselves end, so a longer memory wrongs nobody, and a shorter
//!   one has let revoked certificates through (failure F21). It no longer *covers*, see next.
//! * **Silence counts only where a list covers.** A certificate that no list names is [`Status::Clear`] when a
//!   list that is still in force covers it by a hash that the certificate has: a list for its kid; a list for
//!   any kid (`UNKNOWN_KID`) of its country; or a list that speaks for everyone (our own bundle, the
//!   distribution service's index of kids). Everything else is [`Status::Unknown`].
//! * **Health cards have lists of their own**, one for each key of an issuer; such a list covers the cards of its
//!   key that carry an identifier to be named by.
//! * **A filter may err, and says how often.** [`Hit::false_hits`] is 0 for a list and the measured rate of
//!   false hits for a filter.

mod batch;
mod binary;
mod build;
mod cards;
mod error;
mod filter;
mod hash;
mod index;
mod shards;
mod slices;
mod table;
mod tar;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use jiff::Timestamp;

pub use build::Builder;
pub use cards::Before;
pub use error::{JsonFault, Regressed, RevocationError, SliceFault};
pub use hash::{Fingerprints, Hash, HashKind};
pub use index::{INDEX_FILE, Index, IndexError, IndexedFile, Role, SignedIndex};
pub use shards::{FilterSlice, Shard};

use crate::keys::Kid;
use cards::Cards;
use filter::Slice;
use hash::ByKind;
use slices::{Gap, Region};
use table::Table;

/// What the lists say of one certificate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Status {
    /// A list in force covers it and does not name it.
    Clear,
    /// A list or a filter names it.
    Revoked(Hit),
    /// No list that is in force covers it.
    Unknown,
}

/// What named a certificate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Which of its hashes was found.
    pub kind: HashKind,
    /// How likely a certificate that is not revoked is named all the same: 0 for a list of whole hashes, the
    /// rate measured on the filter otherwise (0 to 1).
    pub false_hits: f64,
}

impl Hit {
    /// Whether the hit rests on a whole hash and not on a filter.
    #[must_use]
    pub fn certain(&self) -> bool {
        self.false_hits <= 0.0
    }
}

/// Whose certificates a list speaks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Every certificate.
    Everyone,
    /// Those whose first entry names this country (ISO 3166-1 alpha-2).
    Country([u8; 2]),
    /// Those signed under this key identifier.
    Kid(Kid),
}

/// Until when a statement holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Until {
    /// Up to and with this second.
    Time(Timestamp),
    /// No end is given.
    Open,
}

impl Until {
    fn holds(self, at: Timestamp) -> bool {
        match self {
            Self::Time(end) => at <= end,
            Self::Open => true,
        }
    }
}

/// What each list speaks for, and until when, by kind of hash.
type Coverage = BTreeMap<Scope, ByKind<Option<Until>>>;

/// Lists and filters, ready to be asked. Made by a [`Builder`] or by [`Revocations::decode`].
#[derive(Clone, Default, PartialEq)]
pub struct Revocations {
    /// Lists bound to a kid.
    bound: HashMap<Kid, ByKind<Table>>,
    /// Lists for any kid.
    unbound: ByKind<Table>,
    /// Lists for any kid: what was revoked once and is no more.
    released: ByKind<Table>,
    /// What the lists cover.
    covered: Coverage,
    /// Filters bound to a kid.
    filters: HashMap<Kid, Vec<Slice>>,
    /// Filters for any kid.
    unbound_filters: Vec<Slice>,
    /// What the filters cover, but for the gaps.
    filtered: Coverage,
    /// Slices of a kid that an index names and that were not there.
    gaps: HashMap<Kid, Vec<Gap>>,
    /// The same of slices for any kid.
    unbound_gaps: Vec<Gap>,
    /// Health cards, by key.
    cards: Cards,
}

/// What a newer collection lacks of an older one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lost {
    /// Entries of the older one that the newer one does not have.
    pub entries: usize,
    /// Filters of the older one that the newer one cannot be shown to contain. Filters cannot be listed, so a
    /// filter made anew counts here although it may have lost nothing.
    pub filters: usize,
}

impl Lost {
    /// Whether nothing was lost.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Revocations {
    /// What the lists say of the certificate with these fingerprints that was signed under `kid`, at the time
    /// of verification. The decisions in the head of this room hold.
    #[must_use]
    pub fn status(&self, kid: &Kid, fingerprints: &Fingerprints, at: Timestamp) -> Status {
        if let Some(card) = fingerprints.card() {
            return self.cards.status(kid, card);
        }
        match self.find(kid, fingerprints) {
            Some(hit) => Status::Revoked(hit),
            None if self.covers(kid, fingerprints, at) => Status::Clear,
            None => Status::Unknown,
        }
    }

    fn find(&self, kid: &Kid, fingerprints: &Fingerprints) -> Option<Hit> {
        let asked = self.under(kid);
        let hits = fingerprints.iter().filter_map(|(kind, hash)| asked.names(kind, hash));
        hits.min_by(|a, b| a.false_hits.total_cmp(&b.false_hits))
    }

    /// Whether a list or a filter names this hash under this kid; a list is believed before a filter, and the
    /// better filter before the worse.
    #[must_use]
    pub fn names(&self, kid: &Kid, kind: HashKind, hash: &Hash) -> Option<Hit> {
        self.under(kid).names(kind, hash)
    }

    /// What there is to ask about a certificate of this kid.
    fn under(&self, kid: &Kid) -> Asked<'_> {
        Asked {
            lists: [Some(&self.unbound), self.bound.get(kid)],
            filters: [&self.unbound_filters, self.filters.get(kid).map_or(&[][..], Vec::as_slice)],
        }
    }

    fn covers(&self, kid: &Kid, fingerprints: &Fingerprints, at: Timestamp) -> bool {
        let holds = |coverage: &Coverage, scope: &Scope| {
            coverage.get(scope).is_some_and(|until| {
                fingerprints.regular().any(|(kind, _)| until.get(kind).is_some_and(|until| until.holds(at)))
            })
        };
        let any = |coverage: &Coverage| {
            !coverage.is_empty()
                && (holds(coverage, &Scope::Everyone)
                    || holds(coverage, &Scope::Kid(kid.clone()))
                    || fingerprints.country().is_some_and(|code| holds(coverage, &Scope::Country(code))))
        };
        let in_gap = || {
            self.gaps.get(kid).into_iter().flatten().chain(&self.unbound_gaps).any(|gap| {
                gap.until.holds(at) && fingerprints.regular().any(|(kind, hash)| kind.is_eu() && gap.region.holds(hash))
            })
        };
        any(&self.covered) || (any(&self.filtered) && !in_gap())
    }

    /// Number of entries in lists; filters cannot be counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tables().map(|(_, _, table)| table.len()).sum::<usize>() + self.cards.len()
    }

    /// Whether there is neither an entry nor a filter. Such a collection may still cover certificates.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.filter_count() == 0
    }

    /// Number of filter slices.
    #[must_use]
    pub fn filter_count(&self) -> usize {
        self.filters.values().map(Vec::len).sum::<usize>() + self.unbound_filters.len()
    }

    /// How many slices an index names that were not among the files: the download was cut off, and the
    /// certificates that fall into them stay [`Status::Unknown`] (failure F24).
    #[must_use]
    pub fn missing_slices(&self) -> usize {
        self.gaps.values().map(Vec::len).sum::<usize>() + self.unbound_gaps.len()
    }

    /// What is lost when this collection takes the place of `older`. Revocation only grows (failure F21): an
    /// entry may go when its issuer took the revocation back or when its batch was removed after its end, and
    /// only the caller knows of either, so `released` says which entries may be absent.
    ///
    /// What this collection itself names as released is not lost.
    pub fn lost_since(&self, older: &Self, mut released: impl FnMut(Option<&Kid>, HashKind, &Hash) -> bool) -> Lost {
        let mut released =
            |kid: Option<&Kid>, kind, hash: &Hash| self.released.get(kind).contains(hash) || released(kid, kind, hash);
        let mut lost = self.cards.lost_since(&older.cards, |kid, rid| released(Some(kid), HashKind::Identifier, rid));
        for (kid, kind, table) in older.tables() {
            let bound = kid.and_then(|kid| self.bound.get(kid));
            for hash in table.iter() {
                let kept = self.unbound.get(kind).contains(hash)
                    || bound.is_some_and(|lists| lists.get(kind).contains(hash))
                    || released(kid, kind, hash);
                lost.entries += usize::from(!kept);
            }
        }
        let filters = |all: &[Slice], slice: &Slice| all.iter().any(|ours| ours.includes(slice));
        for (kid, slices) in &older.filters {
            let ours = self.filters.get(kid).map_or(&[][..], Vec::as_slice);
            lost.filters += slices.iter().filter(|slice| !filters(ours, slice)).count();
        }
        lost.filters += older.unbound_filters.iter().filter(|slice| !filters(&self.unbound_filters, slice)).count();
        lost
    }

    /// Number of entries that are named as released.
    #[must_use]
    pub fn released_len(&self) -> usize {
        self.released.iter().map(|(_, table)| table.len()).sum()
    }

    /// Both collections in one. Nothing that either of them revokes is lost.
    ///
    /// # Errors
    /// [`RevocationError::TooMany`] when together they are over a bound of [`crate::limits`].
    pub fn merge(self, other: Self) -> Result<Self, RevocationError> {
        let mut builder = Builder::new();
        builder.add_all(self)?;
        builder.add_all(other)?;
        builder.finish()
    }

    /// Every list with the kid that it is bound to and its kind of hash; empty ones too.
    fn tables(&self) -> impl Iterator<Item = (Option<&Kid>, HashKind, &Table)> {
        let bound = self.bound.iter().map(|(kid, lists)| (Some(kid), lists));
        let all = std::iter::once((None, &self.unbound)).chain(bound);
        all.flat_map(|(kid, lists)| lists.iter().map(move |(kind, table)| (kid, kind, table)))
    }
}

/// Whether the newer collection may take the place of the older one (failure F21): everything that the older one
/// revokes is revoked by the newer one too, or released by it.
///
/// # Errors
/// [`Regressed`] says how much would be forgotten.
pub fn follows(older: &Revocations, newer: &Revocations) -> Result<(), Regressed> {
    let lost = newer.lost_since(older, |_, _, _| false);
    if lost.is_nothing() { Ok(()) } else { Err(Regressed { entries: lost.entries, filters: lost.filters }) }
}

/// The lists and filters for one kid, found once for all hashes of a certificate.
struct Asked<'a> {
    lists: [Option<&'a ByKind<Table>>; 2],
    filters: [&'a [Slice]; 2],
}

impl Asked<'_> {
    fn names(&self, kind: HashKind, hash: &Hash) -> Option<Hit> {
        if self.lists.iter().flatten().any(|lists| lists.get(kind).contains(hash)) {
            return Some(Hit { kind, false_hits: 0.0 });
        }
        if !kind.is_eu() {
            return None;
        }
        let slices = self.filters.iter().filter(|all| !all.is_empty()).flat_map(|all| slices_of(all, hash));
        let hits = slices.filter(|slice| slice.contains(hash)).map(|slice| Hit { kind, false_hits: slice.false_hits });
        hits.min_by(|a, b| a.false_hits.total_cmp(&b.false_hits))
    }
}

/// Numbers only: a hash is as good as a name to whoever has the certificate.
impl fmt::Debug for Revocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut numbers = f.debug_struct("Revocations");
        numbers.field("entries", &self.len()).field("filters", &self.filter_count());
        numbers.field("released", &self.released_len());
        numbers.field("missing_slices", &self.missing_slices()).finish_non_exhaustive()
    }
}

/// The slices, sorted by region, whose region the hash lies in: at most one region for each length of its name.
fn slices_of<'a>(sorted: &'a [Slice], hash: &Hash) -> impl Iterator<Item = &'a Slice> {
    Region::around(hash).into_iter().flat_map(move |region| {
        let from = sorted.partition_point(|slice| slice.region < region);
        sorted.get(from..).unwrap_or_default().iter().take_while(move |slice| slice.region == region)
    })
}

#[cfg(test)]
mod tests;
#[cfg(test)]
#[allow(unreachable_pub, reason = "shared with the integration tests")]
#[path = "../../tests/support/vectors.rs"]
mod vectors;
