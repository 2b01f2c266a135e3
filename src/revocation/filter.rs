//! The two filters that the EU's distribution service hands out (`BLOOMFILTER`, `VARHASHLIST`; facts on the EU
//! trust framework, section 3). Both may name a certificate that is not revoked; neither may miss one that is.

use std::fmt;

use super::{error::SliceFault, hash::Hash, slices::Region, table::Table};
use crate::{keys::sha256, limits};

/// Version in the first two bytes of both forms.
const VERSION: [u8; 2] = [0, 1];
/// Bytes before the words of a Bloom filter: version, k, hash function, p, n, current, number of words.
const BLOOM_HEAD: usize = 20;
/// Bytes before the prefixes of a hash list: version, p, n, size of a prefix.
const PREFIXES_HEAD: usize = 11;

/// A filter over the hashes of one region of one kid.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slice {
    /// Which hashes it speaks for.
    pub(super) region: Region,
    /// Rate of false hits, 0 to 1, measured on what it holds.
    pub(super) false_hits: f64,
    filter: Filter,
}

#[derive(Debug, Clone, PartialEq)]
enum Filter {
    Bloom(Bloom),
    Prefixes(Prefixes),
}

/// The two forms, as the index of a partition names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FilterKind {
    /// `BLOOMFILTER`.
    Bloom,
    /// `VARHASHLIST`.
    Prefixes,
}

impl Slice {
    /// Reads a slice; its form is told by its content, and each form says its own length.
    pub(super) fn read(bytes: &[u8], region: Region) -> Result<Self, SliceFault> {
        if bytes.len() > limits::REVOCATION_SLICE_BYTES {
            return Err(SliceFault::TooLarge);
        }
        let filter = match kind_of(bytes)? {
            FilterKind::Bloom => Filter::Bloom(Bloom::read(bytes)?),
            FilterKind::Prefixes => Filter::Prefixes(Prefixes::read(bytes)?),
        };
        let false_hits = match &filter {
            Filter::Bloom(filter) => filter.false_hits(),
            Filter::Prefixes(filter) => filter.false_hits(region),
        };
        if false_hits > limits::REVOCATION_FALSE_HITS {
            return Err(SliceFault::Useless { false_hits });
        }
        Ok(Self { region, false_hits, filter })
    }

    /// Whether it names this hash.
    pub(super) fn contains(&self, hash: &Hash) -> bool {
        self.region.holds(hash)
            && match &self.filter {
                Filter::Bloom(filter) => filter.contains(hash),
                Filter::Prefixes(filter) => filter.contains(hash),
            }
    }

    /// Whether it certainly names everything that `other` names by intent.
    pub(super) fn includes(&self, other: &Self) -> bool {
        self.region.includes(other.region)
            && match (&self.filter, &other.filter) {
                (Filter::Bloom(ours), Filter::Bloom(theirs)) => {
                    ours.rounds == theirs.rounds
                        && ours.bits.len() == theirs.bits.len()
                        && ours.bits.iter().zip(&theirs.bits).all(|(ours, theirs)| ours & theirs == *theirs)
                }
                (Filter::Prefixes(ours), Filter::Prefixes(theirs)) => {
                    ours.size == theirs.size && theirs.table.iter().all(|prefix| ours.table.contains(prefix))
                }
                _ => false,
            }
    }

    /// Bytes that it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        match &self.filter {
            Filter::Bloom(filter) => filter.bits.len(),
            Filter::Prefixes(filter) => filter.table.len().saturating_mul(17),
        }
    }
}

/// Whether bytes may be a slice: both forms begin with their version.
pub(super) fn looks_like(bytes: &[u8]) -> bool {
    bytes.starts_with(&VERSION)
}

/// Both forms begin alike, so that the length that each says of itself decides.
fn kind_of(bytes: &[u8]) -> Result<FilterKind, SliceFault> {
    if !looks_like(bytes) {
        return Err(SliceFault::Version);
    }
    if bytes.get(3) == Some(&0) && Bloom::length(bytes) == Some(bytes.len()) {
        return Ok(FilterKind::Bloom);
    }
    if Prefixes::length(bytes) == Some(bytes.len()) {
        return Ok(FilterKind::Prefixes);
    }
    Err(SliceFault::Length { found: bytes.len() })
}

/// A signed 32-bit count at `at`, none if it is negative or missing.
fn count(bytes: &[u8], at: usize) -> Option<usize> {
    let raw = bytes.get(at..)?.first_chunk().copied().map(i32::from_be_bytes)?;
    usize::try_from(raw).ok()
}

/// A Bloom filter. Bit `i` is the i-th from the left, in words of 32 bits with the highest first, which are the
/// bytes as they stand.
#[derive(Clone, PartialEq)]
struct Bloom {
    rounds: u8,
    bits: Box<[u8]>,
    /// Number of bits.
    size: u64,
    /// 2²⁵⁶ modulo `size`.
    wrap: u64,
}

impl Bloom {
    fn length(bytes: &[u8]) -> Option<usize> {
        count(bytes, 16)?.checked_mul(4)?.checked_add(BLOOM_HEAD)
    }

    fn read(bytes: &[u8]) -> Result<Self, SliceFault> {
        let rounds = bytes.get(2).copied().unwrap_or(0);
        let bits = bytes.get(BLOOM_HEAD..).unwrap_or_default();
        let size = u64::try_from(bits.len()).unwrap_or(u64::MAX).saturating_mul(8);
        // A signed byte in the reference; a filter that asks nothing or has no bits would name everything.
        if !(1..=127).contains(&rounds) || size == 0 || size > u64::from(u32::MAX) {
            return Err(SliceFault::Parameters);
        }
        let wrap = remainder(&[0xff; 32], size) + 1;
        Ok(Self { rounds, bits: bits.into(), size, wrap: wrap % size })
    }

    /// Bit of the element in one round: SHA-256 of the element and the number of the round, as a signed
    /// big-endian number, modulo the number of bits.
    fn position(&self, element: &[u8], round: u8) -> u64 {
        let digest = sha256(&[element, &[round]].concat());
        let unsigned = remainder(&digest, self.size);
        let negative = digest.first().is_some_and(|first| first & 0x80 != 0);
        if negative { (unsigned + self.size - self.wrap) % self.size } else { unsigned }
    }

    fn contains(&self, element: &[u8]) -> bool {
        (0..self.rounds).all(|round| {
            let position = self.position(element, round);
            let byte = usize::try_from(position / 8).ok().and_then(|at| self.bits.get(at));
            byte.is_some_and(|byte| byte & (0x80 >> (position % 8)) != 0)
        })
    }

    /// Chance that every bit that is asked for is set by others.
    fn false_hits(&self) -> f64 {
        let set: u32 = self.bits.iter().map(|byte| byte.count_ones()).sum();
        let size = u32::try_from(self.size).unwrap_or(u32::MAX);
        (f64::from(set) / f64::from(size)).powi(i32::from(self.rounds))
    }
}

impl fmt::Debug for Bloom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bloom({} rounds, {} bits)", self.rounds, self.size)
    }
}

/// A Bloom slice over these hashes for a rate of false hits of `rate`, in the EU service's form and by its formulas.
/// It needs at least one hash.
pub(super) fn write_bloom(hashes: &[Hash], rate: f32) -> Option<Vec<u8>> {
    let count = u32::try_from(hashes.len()).ok().filter(|count| *count > 0)?;
    let n = f64::from(count);
    let bits = (n * f64::from(rate).ln() / (1.0 / 2_f64.powf(2_f64.ln())).ln()).ceil();
    // Whole numbers far below 2³², found without a conversion that could lose something.
    let bits = whole(bits)?;
    let bytes = bits / 8 + 1;
    let words = bytes / 4 + bytes % 4;
    let size = words.checked_mul(32)?;
    let rounds = whole((f64::from(size) / n * 2_f64.ln()).round())?.clamp(1, 127);
    let rounds = u8::try_from(rounds).ok()?;
    let mut out = Vec::with_capacity(BLOOM_HEAD.checked_add(usize::try_from(words).ok()?.checked_mul(4)?)?);
    out.extend(VERSION);
    out.extend([rounds, 0]);
    out.extend(rate.to_be_bytes());
    for number in [count, count, words] {
        out.extend(i32::try_from(number).ok()?.to_be_bytes());
    }
    out.resize(out.len().checked_add(usize::try_from(words).ok()?.checked_mul(4)?)?, 0);
    let empty = Bloom::read(&out).ok()?;
    for hash in hashes {
        for round in 0..rounds {
            let position = empty.position(hash, round);
            let at = BLOOM_HEAD.checked_add(usize::try_from(position / 8).ok()?)?;
            *out.get_mut(at)? |= 0x80 >> (position % 8);
        }
    }
    Some(out)
}

/// A number without a fraction, from 0 to 2³¹.
fn whole(number: f64) -> Option<u32> {
    let fits = (0.0..=f64::from(1_u32 << 31)).contains(&number);
    fits.then(|| format!("{number:.0}").parse().ok()).flatten()
}

/// A big-endian number modulo `size`, which is below 2³².
fn remainder(digest: &[u8; 32], size: u64) -> u64 {
    let (words, _) = digest.as_chunks::<4>();
    words.iter().fold(0, |rest, word| ((rest << 32) | u64::from(u32::from_be_bytes(*word))) % size)
}

/// A list of the first bytes of hashes.
#[derive(Debug, Clone, PartialEq)]
struct Prefixes {
    size: usize,
    /// Each prefix, filled up with zeros on the right.
    table: Table,
}

impl Prefixes {
    fn length(bytes: &[u8]) -> Option<usize> {
        let size = usize::from(*bytes.get(10)?);
        count(bytes, 6)?.checked_mul(size)?.checked_add(PREFIXES_HEAD)
    }

    fn read(bytes: &[u8]) -> Result<Self, SliceFault> {
        let size = bytes.get(10).copied().map_or(0, usize::from);
        if !(1..=16).contains(&size) {
            return Err(SliceFault::Parameters);
        }
        let prefixes = bytes.get(PREFIXES_HEAD..).unwrap_or_default().chunks_exact(size);
        if prefixes.len() > limits::REVOCATION_SLICE_BYTES / 16 {
            return Err(SliceFault::TooLarge);
        }
        let prefixes = prefixes.map(|prefix| padded(prefix.iter().copied())).collect();
        Ok(Self { size, table: Table::new(prefixes) })
    }

    /// The reference writes a prefix as a signed number of the fewest bytes with zeros on the left: one that
    /// begins with bytes `ff` loses those that only repeat its sign. What is looked for is therefore the prefix
    /// as it is and, where they differ, as the reference writes it.
    fn contains(&self, hash: &Hash) -> bool {
        let prefix = hash.get(..self.size).unwrap_or_default();
        if self.table.contains(&padded(prefix.iter().copied())) {
            return true;
        }
        let repeated = prefix.windows(2).take_while(|pair| matches!(pair, [0xff, next] if next & 0x80 != 0)).count();
        let shortened = prefix.iter().skip(repeated);
        repeated > 0 && self.table.contains(&padded(std::iter::repeat_n(&0, repeated).chain(shortened).copied()))
    }

    /// Chance that a hash of the region has one of the prefixes.
    fn false_hits(&self, region: Region) -> f64 {
        let digits = i32::try_from(self.size * 2).unwrap_or(0) - i32::from(region.digits());
        f64::from(u32::try_from(self.table.len()).unwrap_or(u32::MAX)) / 16_f64.powi(digits.max(0))
    }
}

fn padded(prefix: impl Iterator<Item = u8>) -> Hash {
    let mut hash = [0; 16];
    for (slot, byte) in hash.iter_mut().zip(prefix) {
        *slot = byte;
    }
    hash
}

#[cfg(test)]
pub(super) mod tests;

#[cfg(test)]
#[allow(clippy::as_conversions, reason = "tests count in small numbers")]
mod reference {
    use super::{super::vectors::vectors, *};

    /// The reference's own cases: what it wrote, and what it then said of each element. Its `k` is not the
    /// number of rounds, which follows from the sizes.
    #[test]
    fn the_cases_of_the_reference() {
        let Some(path) = vectors("vectors/revocation/revocation-bloomfilter-upstream-test.json") else {
            return;
        };
        let cases: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(cases.as_array().unwrap().len(), 4);
        for case in cases.as_array().unwrap() {
            use base64::{Engine, engine::general_purpose::STANDARD};
            let filter = STANDARD.decode(case["filter"].as_str().unwrap()).unwrap();
            let words: Vec<i32> = serde_json::from_slice(&filter).unwrap();
            let elements: Vec<&str> = case["data"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
            let answers: Vec<u8> = serde_json::from_str(case["exists"].as_str().unwrap()).unwrap();
            let size = words.len() as f64 * 32.0;
            let rounds = (size / elements.len() as f64 * 2f64.ln()).floor().max(1.0) as u8;
            let mut bytes = vec![0, 1, rounds, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            bytes.extend((words.len() as i32).to_be_bytes());
            words.iter().for_each(|word| bytes.extend(word.to_be_bytes()));
            let filter = Bloom::read(&bytes).unwrap();
            for (element, answer) in elements.iter().zip(&answers) {
                assert_eq!(filter.contains(element.as_bytes()), *answer == 1, "{element} in {case}");
            }
        }
    }
}
