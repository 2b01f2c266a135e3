//! Lists of signers, and the paths to their authorities.

/// Largest trust list, in bytes. The German production list of 829 certificates has 2.9 MB.
pub const TRUST_LIST_BYTES: u64 = 64 * 1024 * 1024;

/// Most CBOR items in a signed bundle. A list of 10,000 keys has 100,000; hashes of revocations are one item.
pub const BUNDLE_ITEMS: usize = 1_000_000;

/// Deepest nesting in the JSON of a trust list. A DID document needs five levels.
pub const TRUST_LIST_DEPTH: usize = 16;

/// Most values in the JSON of a trust list. 829 certificates take about 7,000; a million is 120,000
/// certificates, and some 60 MB while reading.
pub const TRUST_LIST_VALUES: usize = 1_000_000;

/// Most keys under one key identifier. Published lists have two; every one costs a signature check a
/// certificate.
pub const KEYS_PER_KID: usize = 32;

/// Longest key identifier that a list may give, in bytes. The EU's have 8, SMART Health Cards' 43, an issuer's
/// DID a few more.
pub const KID_BYTES: usize = 256;

/// Longest text of a trust list that is shown again (a kid, a country) in characters.
pub const TRUST_LIST_SHOWN_CHARS: usize = 64;

/// Most keys in one DID document. WHO's production list has 501.
pub const DID_ENTRIES: usize = 50_000;

/// Longest DID, in bytes. The longest in WHO's production list has 100.
pub const DID_BYTES: usize = 1_024;

/// Most authorities of one country. The largest countries of ICAO's master list have some twenty, with their links
/// from key to key; every one may cost a signature check a seal.
pub const AUTHORITIES_PER_COUNTRY: usize = 256;

/// Most certificates that a health card key comes with: its own, an authority's and a root are the usual three.
pub const X5C_CERTIFICATES: usize = 8;

/// Most certificates between a certificate and the authority that is believed, that authority counted. Countries have
/// two levels, publicly trusted TLS certificates three or four.
pub const PATH_DEPTH: usize = 6;

/// Most signatures that are checked in search of one path. The largest country lists some twenty authorities; a pool
/// of namesakes that sign one another in circles would otherwise never end.
pub const PATH_SIGNATURES: usize = 256;

/// Most certificates that a pool for paths may hold. ICAO's master list, the largest there is, has some 600.
pub const PATH_POOL: usize = 10_000;
