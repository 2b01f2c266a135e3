//! Many hashes, looked up in well under a microsecond: one sorted array and an index over its first bits.

use std::fmt;

use super::hash::Hash;

/// A sorted set of hashes. 16 bytes an entry, and an index of about a quarter of a byte.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Table {
    hashes: Box<[Hash]>,
    /// Where the hashes begin whose first `bits` bits are the position; one more for the end.
    index: Box<[u32]>,
    bits: u32,
}

/// Hashes to a place of the index: SHA-256 spreads evenly, so that a place holds some 16 of them. A list made
/// up to crowd one place is still searched in halves.
const PER_PLACE_BITS: u32 = 4;

impl Table {
    /// A set of these hashes, in any order, some of them twice perhaps. There are fewer than 2³² of them
    /// ([`crate::limits::REVOCATION_ENTRIES`]).
    pub(super) fn new(mut hashes: Vec<Hash>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        Self::from_sorted(hashes)
    }

    fn from_sorted(hashes: Vec<Hash>) -> Self {
        let bits = hashes.len().checked_ilog2().unwrap_or(0).saturating_sub(PER_PLACE_BITS).min(24);
        let hashes = hashes.into_boxed_slice();
        let places = 1_usize << bits;
        let mut index = Vec::with_capacity(places + 1);
        if !hashes.is_empty() {
            let mut from = 0;
            for place in 0..places {
                // The hashes before this place: both walk upwards once.
                while hashes.get(from).is_some_and(|hash| place_of(hash, bits) < place) {
                    from += 1;
                }
                index.push(u32::try_from(from).unwrap_or(u32::MAX));
            }
            index.push(u32::try_from(hashes.len()).unwrap_or(u32::MAX));
        }
        Self { hashes, index: index.into_boxed_slice(), bits }
    }

    /// Whether the set has this hash.
    pub(super) fn contains(&self, hash: &Hash) -> bool {
        let place = place_of(hash, self.bits);
        let (Some(&from), Some(&to)) = (self.index.get(place), self.index.get(place + 1)) else { return false };
        let (Ok(from), Ok(to)) = (usize::try_from(from), usize::try_from(to)) else { return false };
        self.hashes.get(from..to).is_some_and(|some| some.binary_search(hash).is_ok())
    }

    /// Number of hashes.
    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Every hash, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Hash> {
        self.hashes.iter()
    }

    /// The hashes, to build another set of them.
    pub(super) fn into_hashes(self) -> Vec<Hash> {
        self.hashes.into_vec()
    }
}

/// Its size only, no hash.
impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({})", self.len())
    }
}

/// The first `bits` bits of a hash, at most 32.
fn place_of(hash: &Hash, bits: u32) -> usize {
    let first = hash.first_chunk().copied().map_or(0, u32::from_be_bytes);
    usize::try_from(u64::from(first) >> (32 - bits.min(32))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_in_the_empty_set() {
        assert!(!Table::default().contains(&[0; 16]));
        assert!(!Table::new(Vec::new()).contains(&[0xff; 16]));
        assert_eq!(Table::default(), Table::new(Vec::new()));
    }

    #[test]
    fn a_crowded_place_is_searched_right() {
        // Every hash has the same first 12 bytes, as nobody's honest list has.
        let hash = |n: u32| {
            let mut hash = [0xff; 16];
            hash[12..].copy_from_slice(&n.to_be_bytes());
            hash
        };
        let table = Table::new((0..50_000).map(|n| hash(n * 2)).collect());
        assert!((0..50_000).all(|n| table.contains(&hash(n * 2)) && !table.contains(&hash(n * 2 + 1))));
    }

    proptest! {
        #[test]
        fn it_is_a_set(
            some in prop::collection::vec(any::<Hash>(), 0..600),
            near in prop::collection::vec((any::<prop::sample::Index>(), 0..16_usize, any::<u8>()), 0..50),
            others in prop::collection::vec(any::<Hash>(), 0..50),
        ) {
            let mut asked = others;
            for (index, at, value) in near {
                if let Some(mut hash) = (!some.is_empty()).then(|| *index.get(&some)) {
                    hash[at] = value;
                    asked.push(hash);
                }
            }
            let set: BTreeSet<Hash> = some.iter().copied().collect();
            let twice = [some.clone(), some.clone()].concat();
            let table = Table::new(twice);
            prop_assert_eq!(table.len(), set.len());
            prop_assert!(table.iter().eq(set.iter()));
            for hash in some.iter().chain(&asked) {
                prop_assert_eq!(table.contains(hash), set.contains(hash));
            }
            prop_assert_eq!(Table::from_sorted(set.into_iter().collect()), table);
        }
    }
}
