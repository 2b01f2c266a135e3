//! Every bound on input, each with its reason. A bound is applied while reading, never afterwards.

/// Longest text taken from a code. A QR symbol holds at most 4,296 alphanumeric characters (ISO/IEC 18004,
/// version 40-L); the longest real DCC measured has 1,038.
pub const CODE_TEXT_BYTES: usize = 8 * 1024;

/// Most bytes that a compressed COSE message may inflate to. The largest real one measured has 870 bytes
/// and the largest ratio is 1.73; 64 KiB leaves room for any legal payload and none for a bomb.
pub const INFLATED_BYTES: usize = 64 * 1024;

/// Deepest nesting of CBOR items. A DCC needs 6 levels.
pub const CBOR_DEPTH: usize = 16;

/// Most items (keys, values, array entries) in one CBOR document. A DCC has fewer than 100.
pub const CBOR_ITEMS: usize = 4 * 1024;

/// Longest name part in characters (EU DCC schema 1.3.x, `maxLength` of `fn`, `gn`, `fnt`, `gnt`).
pub const NAME_CHARS: usize = 80;

/// Longest text field of a DCC entry in characters (`is`, `ci`, `tc`, `nm`: schema 1.3.x).
pub const DCC_FIELD_CHARS: usize = 80;

/// Longest raw text taken from one DHIS2 attribute or data value. DHIS2 itself stores up to 50,000
/// characters (LONG_TEXT); nothing that a certificate needs comes near this.
pub const SOURCE_VALUE_CHARS: usize = 1_200;

/// Largest page of tracked entities read from DHIS2, in bytes. 50 people with 20 events each are about 1 MB.
pub const DHIS2_PAGE_BYTES: usize = 64 * 1024 * 1024;

/// Largest metadata answer (org units, option sets, a program) read from DHIS2, in bytes.
pub const DHIS2_METADATA_BYTES: usize = 256 * 1024 * 1024;

/// Most events of one tracked entity that are looked at; a person with more is refused by name.
pub const EVENTS_PER_PERSON: usize = 1_000;

/// Largest configuration, profile or key file, in bytes.
pub const SMALL_FILE_BYTES: u64 = 1024 * 1024;

/// Largest trust list, in bytes. The German production list of 829 certificates has 2.9 MB.
pub const TRUST_LIST_BYTES: u64 = 64 * 1024 * 1024;

/// Largest single person in an exported file, in bytes, and so the longest NDJSON line. A person with 20
/// events has about 20 kB.
pub const FILE_ENTITY_BYTES: usize = 16 * 1024 * 1024;

/// How much of a file is looked at to tell its form, in bytes.
pub const FILE_PEEK_BYTES: usize = 64 * 1024;

/// Most malformed people of one file that are listed one by one; the others are counted.
pub const FILE_MALFORMED_LISTED: usize = 1_000;
