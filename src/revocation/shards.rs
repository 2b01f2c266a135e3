//! A collection in files that are downloaded one by one: shards of its lists, each a table of ours, and slices of
//! filters, each in the EU service's form. The name of a file says what is in it, so that what is there already need
//! not be fetched again, and a download that broke off goes on where it stopped.

use std::fmt::Write;

use super::{
    Builder, Revocations,
    error::RevocationError,
    filter::{self, Slice},
    hash::{Hash, HashKind},
    slices::Region,
};
use crate::{
    keys::{Kid, sha256},
    limits,
};

/// A part of the lists.
#[derive(Clone, PartialEq)]
pub struct Shard {
    /// Its name: the first digits of the hashes in it (`all` for the whole), and of its own SHA-256.
    pub name: String,
    /// A table ([`Revocations::encode`]) that covers nothing: only all shards together say who is not revoked.
    pub bytes: Vec<u8>,
    /// Revoked and released entries in it.
    pub entries: usize,
}

/// A slice of the filter of one key.
#[derive(Clone, PartialEq)]
pub struct FilterSlice {
    /// Its name: `KID/PARTITION/CHUNK/SHA-256`, as the EU service's archives have it, KID in base64url.
    pub name: String,
    /// The Bloom filter.
    pub bytes: Vec<u8>,
    /// Hashes in it.
    pub entries: usize,
    /// Rate of false hits, measured on it.
    pub false_hits: f64,
}

impl std::fmt::Debug for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shard({}, {} entries)", self.name, self.entries)
    }
}

impl std::fmt::Debug for FilterSlice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FilterSlice({}, {} entries)", self.name, self.entries)
    }
}

/// The first hexadecimal digits of a hash, at most 8.
fn digits(hash: &Hash, count: u32) -> u32 {
    let first = hash.first_chunk().copied().map_or(0, u32::from_be_bytes);
    u64::from(first).checked_shr(32 - 4 * count).and_then(|shifted| u32::try_from(shifted).ok()).unwrap_or(0)
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Revocations {
    /// The lists for any key, and what is released, in shards of about [`limits::REVOCATION_SHARD_ENTRIES`]. The same
    /// content gives the same shards, and a change of one entry changes one of them.
    ///
    /// # Errors
    /// [`RevocationError::NotATable`] when there are filters, lists bound to a key or lists of health cards, which
    /// shards cannot carry.
    pub fn shards(&self) -> Result<Vec<Shard>, RevocationError> {
        let beside = self.filter_count() + self.bound.len() + self.cards.len();
        if beside > 0 {
            return Err(RevocationError::NotATable { count: beside });
        }
        let all = self.len() + self.released_len();
        let mut count = 0;
        while count < 3 && all.checked_shr(4 * count).unwrap_or(0) > limits::REVOCATION_SHARD_ENTRIES {
            count += 1;
        }
        let mut shards = Vec::new();
        for part in 0..(1_u32 << (4 * count)) {
            let mut builder = Builder::new();
            let inside = |hash: &&Hash| digits(hash, count) == part;
            for kind in HashKind::ALL {
                // Both walk upwards: of a sorted list, the part is one run.
                let run = |table: &super::Table| table.iter().filter(inside).copied().collect::<Vec<_>>();
                builder.revoke(None, kind, run(self.unbound.get(kind)))?;
                builder.release(kind, run(self.released.get(kind)))?;
            }
            let shard = builder.finish()?;
            let entries = shard.len() + shard.released_len();
            if entries == 0 {
                continue;
            }
            let bytes = shard.encode()?;
            let width = usize::try_from(count).unwrap_or(0);
            let part = if count == 0 { "all".to_owned() } else { format!("{part:0width$x}") };
            let name = format!("{part}-{}.vcrt", hex(sha256(&bytes).get(..8).unwrap_or_default()));
            shards.push(Shard { name, bytes, entries });
        }
        Ok(shards)
    }
}

impl FilterSlice {
    /// The filter of one key over these hashes, for a rate of false hits of at most `rate`, cut by the first digits
    /// of the hashes as the EU service does: one chunk in sixteen up to 100,000 hashes, a finer cut above.
    ///
    /// # Errors
    /// [`RevocationError::TooMany`] when a slice would be over a bound of [`crate::limits`].
    pub fn of(kid: &Kid, hashes: &[Hash], rate: f32) -> Result<Vec<Self>, RevocationError> {
        let count: u32 = match hashes.len() {
            ..=100_000 => 1,
            100_001..=1_600_000 => 2,
            _ => 3,
        };
        let mut sorted = hashes.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let too_many = || RevocationError::TooMany {
            what: "hashes in a slice of a filter",
            limit: limits::REVOCATION_SLICE_BYTES,
        };
        let mut slices = Vec::new();
        for part in sorted.chunk_by(|a, b| digits(a, count) == digits(b, count)) {
            let Some(first) = part.first() else { continue };
            let width = usize::try_from(count).unwrap_or(1);
            let named = format!("{:0width$x}", digits(first, count));
            let (partition, chunk) = named.split_at(width.saturating_sub(1));
            let partition = if partition.is_empty() { "null" } else { partition };
            let bytes = filter::write_bloom(part, rate).ok_or_else(too_many)?;
            let slice = Slice::read(&bytes, Region::of(partition, chunk)).map_err(|_| too_many())?;
            let name = format!("{}/{partition}/{chunk}/{}", url(kid), hex(&sha256(&bytes)));
            slices.push(Self { name, bytes, entries: part.len(), false_hits: slice.false_hits });
        }
        Ok(slices)
    }
}

/// A kid as a part of a path.
fn url(kid: &Kid) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(kid.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::revocation::{Regressed, filter::tests::bloom, follows};

    fn hash(n: u32) -> Hash {
        sha256(&n.to_be_bytes()).first_chunk().copied().unwrap()
    }

    fn list(revoked: impl IntoIterator<Item = u32>, released: impl IntoIterator<Item = u32>) -> Revocations {
        let mut builder = Builder::new();
        builder.revoke(None, HashKind::Identifier, revoked.into_iter().map(hash).collect()).unwrap();
        builder.release(HashKind::Identifier, released.into_iter().map(hash).collect()).unwrap();
        builder.finish().unwrap()
    }

    #[test]
    fn a_list_follows_the_one_before_or_says_what_it_released() {
        let older = list(0..10, []);
        assert_eq!(follows(&older, &list(0..11, [])), Ok(()));
        assert_eq!(follows(&older, &older), Ok(()));
        assert_eq!(follows(&older, &list(1..11, [])), Err(Regressed { entries: 1, filters: 0 }));
        let newer = list(1..11, [0]);
        assert_eq!(follows(&older, &newer), Ok(()));
        assert_eq!(follows(&newer, &older), Err(Regressed { entries: 1, filters: 0 }), "a replay");
        // Revoked again: it is released no more.
        let again = list(0..11, [0]);
        assert_eq!((again.released_len(), follows(&newer, &again)), (0, Ok(())));
        assert_eq!(again, list(0..11, []));
        // Both lists at once revoke what either does.
        let both = older.clone().merge(newer.clone()).unwrap();
        assert_eq!((both.len(), both.released_len()), (11, 0));
    }

    #[test]
    fn a_table_that_releases_what_it_revokes_is_refused() {
        let mut table = list([1, 2], [3]).encode().unwrap();
        assert_eq!(table.get(4), Some(&3));
        let honest = Revocations::decode(&table).unwrap();
        assert_eq!(honest, list([1, 2], [3]));
        let at = table.len() - 16;
        table.truncate(at);
        table.extend(hash(1));
        assert!(Revocations::decode(&table).is_err());
    }

    #[test]
    fn shards_are_stable_small_and_together_the_whole() {
        let many = u32::try_from(limits::REVOCATION_SHARD_ENTRIES).unwrap() * 2;
        let whole = list(0..many, [many + 1]);
        let shards = whole.shards().unwrap();
        assert_eq!(shards.len(), 16);
        assert!(shards.iter().all(|shard| shard.name.len() == 1 + 1 + 16 + 5));
        let mut builder = Builder::new();
        for shard in &shards {
            builder.add(&shard.name, &shard.bytes).unwrap();
        }
        assert_eq!(builder.finish().unwrap(), whole);
        // One entry more changes one shard.
        let more = list(0..many + 1, [many + 1]).shards().unwrap();
        assert_eq!(more.iter().filter(|shard| !shards.contains(shard)).count(), 1);
        assert_eq!(list([1], []).shards().unwrap().len(), 1);
        assert!(list([], []).shards().unwrap().is_empty());
    }

    #[test]
    fn filters_are_those_of_the_formulas_and_say_their_rate() {
        let hashes: Vec<Hash> = (0..3_000).map(hash).collect();
        let kid = Kid::new([7; 8]);
        let slices = FilterSlice::of(&kid, &hashes, 1e-6).unwrap();
        assert_eq!((slices.len(), slices.iter().map(|s| s.entries).sum::<usize>()), (16, 3_000));
        let mut builder = Builder::new();
        for slice in &slices {
            assert!(slice.false_hits > 0.0 && slice.false_hits <= 2e-6, "{slice:?} {}", slice.false_hits);
            let mut inside: Vec<Hash> = hashes
                .iter()
                .filter(|hash| slice.name.contains(&format!("/null/{:x}/", hash[0] >> 4)))
                .copied()
                .collect();
            inside.sort_unstable();
            assert_eq!(slice.bytes, bloom(&inside, 1e-6), "as the reference's formulas have it");
            builder.add(&format!("public/filters/{}", slice.name), &slice.bytes).unwrap();
        }
        let all = builder.finish().unwrap();
        assert!(hashes.iter().all(|hash| all.names(&kid, HashKind::Uci, hash).is_some()), "none is missed");
        let false_hits = (10_000..110_000).filter(|n| all.names(&kid, HashKind::Uci, &hash(*n)).is_some()).count();
        assert!(false_hits <= 3, "{false_hits} of 100,000");
        assert!(FilterSlice::of(&kid, &[], 1e-6).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn any_lists_survive_the_table(
            revoked in prop::collection::vec(0..200_u32, 0..60), released in prop::collection::vec(0..200_u32, 0..60),
        ) {
            let whole = list(revoked, released);
            let table = whole.encode().unwrap();
            prop_assert_eq!(&Revocations::decode(&table).unwrap(), &whole);
            for cut in 0..table.len() {
                prop_assert!(Revocations::decode(&table[..cut]).is_err());
            }
        }
    }
}
