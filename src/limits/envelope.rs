//! Codes and what they unpack to: text, compression, CBOR, JSON, linked data.

/// Longest text taken from a code. A QR symbol holds at most 4,296 alphanumeric characters (ISO/IEC 18004,
/// version 40-L); the longest real DCC measured has 1,038.
pub const CODE_TEXT_BYTES: usize = 8 * 1024;

/// Longest certificate that comes as a JSON file instead of a code: a SMART Health Card file with several
/// cards, a DIVOC credential. The largest of the published examples has 10 KiB.
pub const CODE_FILE_BYTES: usize = 64 * 1024;

/// Most bytes that a compressed COSE message may inflate to. The largest real one measured has 870 bytes
/// and the largest ratio is 1.73; 64 KiB leaves room for any legal payload and none for a bomb.
pub const INFLATED_BYTES: usize = 64 * 1024;

/// Deepest nesting of CBOR items. A DCC needs 6 levels.
pub const CBOR_DEPTH: usize = 16;

/// Most items (keys, values, array entries) in one CBOR document. A DCC has fewer than 100.
pub const CBOR_ITEMS: usize = 4 * 1024;

/// Deepest nesting of JSON that is canonicalized; the JSON reader itself stops at the same depth. A trust list
/// has 5 levels.
pub const JSON_DEPTH: usize = 128;

/// Most statements in one signed graph. WHO's production list of 501 keys has 3,508.
pub const RDF_QUADS: usize = 1_000_000;

/// Most nodes without a name in one signed graph. A DIVOC credential has at most 6, a DID list none.
pub const RDF_BLANK_NODES: usize = 4_096;

/// Deepest walk through nodes without a name. The deepest of the W3C suite goes 7 levels down; the
/// bound keeps the stack small.
pub const RDF_DEPTH: usize = 64;

/// Most steps that the canonical labels of one graph may take. The hardest honest graph of the W3C suite takes
/// 29,052; the bound ends a poisoned graph in well under a second.
pub const RDF_STEPS: usize = 300_000;

/// Longest compact JWS of a SMART Health Card, in characters. One code holds 1,195 by the specification, and the
/// largest symbol 3,500; a patient summary in a file, which the specification allows without a bound, some 20,000.
pub const SHC_JWS_BYTES: usize = 64 * 1024;

/// Most bytes that a SMART Health Card may inflate to. The largest published example has 30,178; the patient
/// summary that fills [`SHC_JWS_BYTES`] about ten times its compressed size.
pub const SHC_INFLATED_BYTES: usize = 512 * 1024;

/// Most codes that one SMART Health Card is cut into. Each holds up to 1,191 characters of [`SHC_JWS_BYTES`]; the
/// developer tools' smallest pieces make 17.
pub const SHC_CHUNKS: usize = 64;

/// Largest file of SMART Health Cards, in bytes.
pub const SHC_FILE_BYTES: usize = 1024 * 1024;

/// Most cards in one file. A family's cards of many diseases are some dozen.
pub const SHC_FILE_CARDS: usize = 64;

/// Longest address of a health link that its specification allows, in bytes; a longer one is read with a remark.
pub const LINK_ADDRESS_BYTES: usize = 128;

/// Longest host of a health link: a name of the domain name system (253 bytes) and a port.
pub const LINK_HOST_BYTES: usize = 260;

/// Longest label of a health link that is shown, in characters (SMART Health Links: 80).
pub const LINK_LABEL_CHARS: usize = 80;

/// Largest DIVOC credential, in bytes of its JSON text. The largest real one has 2 kB; 16 KiB leave room for
/// pictures of signatures and none for a bomb.
pub const DIVOC_TEXT_BYTES: usize = 16 * 1024;

/// Longest content of a code that is read as a DIVOC archive, in bytes: an archive of [`DIVOC_TEXT_BYTES`] in the
/// widest form of the field, where most bytes are written as two. A QR symbol holds at most 2,953.
pub const DIVOC_CODE_BYTES: usize = 2 * DIVOC_TEXT_BYTES + 1024;
