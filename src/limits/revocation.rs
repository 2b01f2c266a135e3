//! Revocations: lists, filters, and what is published of them.

/// Most revoked entries that are kept, over all lists. The largest national list known (Italy, January 2022) had
/// 193,786; this is a hundred and fifty times that, and 512 MB.
pub const REVOCATION_ENTRIES: usize = 32_000_000;

/// Most separate lists (a kid and a kind of hash) and most statements of what they cover. All trust lists
/// together hold fewer than 2,000 kids.
pub const REVOCATION_LISTS: usize = 100_000;

/// Longest kid that a revocation list may be bound to, in bytes. Real ones have 8, a few national ones 7.
pub const REVOCATION_KID_BYTES: usize = 64;

/// Largest revocation file, packed or not, in bytes. Ten million entries as JSON are 360 MB.
pub const REVOCATION_FILE_BYTES: u64 = 1024 * 1024 * 1024;

/// Largest filter slice, in bytes. A slice of 100,000 hashes at the EU's usual error rate has 720 kB.
pub const REVOCATION_SLICE_BYTES: usize = 64 * 1024 * 1024;

/// Most filter slices that are kept. The finest division of one kid has 4,096 for each time of expiry.
pub const REVOCATION_SLICES: usize = 200_000;

/// Most bytes that all filter slices may take together.
pub const REVOCATION_FILTER_BYTES: usize = 512 * 1024 * 1024;

/// Highest rate of false hits at which a filter is still used. The EU's service makes filters of one in 10¹²; one
/// that is wrong about every hundredth certificate would turn back travellers by the dozen.
pub const REVOCATION_FALSE_HITS: f64 = 0.01;

/// Longest note on a revocation, in characters: a sentence or two and the number of a file.
pub const REVOCATION_NOTE_CHARS: usize = 500;

/// Most certificates that are revoked in bulk at once. Each is a name in memory of some 200 bytes until the operator
/// has confirmed their number; the largest case known (failure F05) had 8,000.
pub const REVOCATION_SELECTION: usize = 1_000_000;

/// Largest list of identifiers to revoke, in bytes: a million lines of 90 characters.
pub const REVOCATION_CSV_BYTES: u64 = 96 * 1024 * 1024;

/// Entries in one shard of the published lists, about: 1 MB, which a poor connection fetches in one go.
pub const REVOCATION_SHARD_ENTRIES: usize = 65_536;

/// Largest index of published revocation lists, in bytes. With a filter for every key of a country it has some
/// hundred kilobytes.
pub const REVOCATION_INDEX_BYTES: usize = 16 * 1024 * 1024;

/// Longest name of a published revocation file, in bytes: a key, a place and a SHA-256 have about 130.
pub const REVOCATION_NAME_BYTES: usize = 256;
