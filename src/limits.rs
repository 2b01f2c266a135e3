//! Every bound on input, each with its reason, in one file for each room or those that belong together. A bound is
//! applied while reading, never afterwards.

mod access;
mod audit;
mod barcode;
mod citizen;
mod doctor;
mod document;
mod envelope;
mod gateway;
mod keys;
mod payload;
mod registry;
mod revocation;
mod rules;
mod sandbox;
mod service;
mod source;
mod trust;

pub use access::*;
pub use audit::*;
pub use barcode::*;
pub use citizen::*;
pub use doctor::*;
pub use document::*;
pub use envelope::*;
pub use gateway::*;
pub use keys::*;
pub use payload::*;
pub use registry::*;
pub use revocation::*;
pub use rules::*;
pub use sandbox::*;
pub use service::*;
pub use source::*;
pub use trust::*;

/// Most rows of the audit log in one answer of the service: some half a megabyte.
pub const AUDIT_ROWS: u32 = 1_000;

/// Most combining marks on one letter of the scripts that are not Latin, Greek or Cyrillic. A Burmese syllable has up to
/// seven (medials, vowels, tones: Unicode core specification 16, section 16.3), a Tibetan stack of Sanskrit as many.
pub const COMBINING_MARKS_OTHER: usize = 8;

/// Most files of fonts that are looked at: a machine with every font of its distribution has some five thousand.
pub const FONT_FILES: usize = 10_000;

/// How deep the folders of fonts are looked into; `truetype/noto` is two.
pub const FONT_FOLDER_DEPTH: usize = 6;

/// Largest file of fonts, in bytes. A collection of all East Asian weights has some 130 megabytes.
pub const FONT_FILE_BYTES: u64 = 192 * 1024 * 1024;

/// Most characters that are read from the table of one font: as many as Unicode can have.
pub const FONT_CHARACTERS: usize = 0x11_0000;

/// Ways of shaping (script and direction) of one font that are kept; others are planned anew each time. A font of one
/// script has two directions; those built into the program draw three scripts and what goes with others.
pub const SHAPING_PLANS: usize = 12;
/// How deep the values of a printed PDF may be nested where a seal is put on it: those of this program's own files have
/// five levels.
pub const PDF_DEPTH: usize = 32;

/// Most certificates in the file of a document key: its own, those of authorities between, and the root.
pub const SEAL_CHAIN: usize = 8;

/// Room for a signature on a PDF is a multiple of so many bytes, so that keys of a kind leave files of one size.
pub const SEAL_ROUND: usize = 1_024;

/// Rows of the table on the front of a pass: beside the date of birth, a generic pass with a square code has room for
/// four fields.
pub const WALLET_FRONT_ROWS: usize = 3;

/// Most characters of a token in a link to Google's wallet, as its documentation has it: longer links are cut by
/// browsers and messengers.
pub const WALLET_LINK_CHARS: usize = 1_800;

/// Most digits of an issuer's number in Google's wallet, which is a whole number of 64 bits.
pub const WALLET_ISSUER_DIGITS: usize = 20;

/// Most bytes of a file with an emblem for passes.
pub const EMBLEM_BYTES: usize = 2 * 1024 * 1024;

/// Most dots of an emblem on each side.
pub const EMBLEM_SIDE: u32 = 4_000;
/// Largest file of an emblem or of a printed signature, in bytes: it goes into every PDF.
pub const LOOK_PICTURE_BYTES: usize = 1024 * 1024;

/// Most pixels a side of an emblem or of a printed signature: 60 mm at 600 dpi have 1,418.
pub const LOOK_PICTURE_SIDE: u32 = 2_000;

/// Most certificates in one PDF: a large family's, or a page of a clinic's day.
pub const PAPER_SHEETS: usize = 500;

/// Most characters of a text that a ministry writes on its paper in place of the words of the program.
pub const PAPER_INSTRUCTIONS_CHARS: usize = 2_000;

/// Most characters of the name of a ministry, or of whoever signs the paper and their office: two lines of a heading.
pub const PAPER_NAME_CHARS: usize = 160;

/// Most characters of an address that is printed for people to type.
pub const PAPER_ADDRESS_CHARS: usize = 80;

/// Most invented people on a preview of the paper.
pub const PREVIEW_PEOPLE: usize = 20;

/// Most characters of a part of their names: those of the EU DCC schema.
pub const PREVIEW_NAME_CHARS: usize = 80;

/// Finest picture of a page of our own paper, in dots an inch: what a printer has.
pub const PAPER_PICTURE_DPI: u16 = 300;

/// Most pages of our own paper that are made pictures at a time.
pub const PAPER_PICTURES: usize = 50;
/// Largest file that says where the fields of a national template stand, in bytes: with every field on several pages
/// and a remark at each it has some thirty thousand.
pub const TEMPLATE_BYTES: u64 = 256 * 1024;

/// Largest background of a national template, in bytes. It, or what is drawn of it, goes into every certificate.
pub const TEMPLATE_PDF_BYTES: u64 = 8 * 1024 * 1024;

/// Most pages of a background: the yellow booklet of WHO has sixteen.
pub const TEMPLATE_PAGES: usize = 16;

/// Most entries of a national template: every field five times over.
pub const TEMPLATE_ENTRIES: usize = 400;

/// Most faults of a national template that are listed at once; who has mended these sees the next.
pub const TEMPLATE_FINDINGS: usize = 60;

/// Shortest side of a background in millimetres: a card of ISO/IEC 7810 has 53.98.
pub const TEMPLATE_LEAST_MM: f32 = 50.0;

/// Longest side of a background in millimetres, and the longest of its shorter sides: A3 (ISO 216), and half a
/// millimetre for programs that round.
pub const TEMPLATE_MOST_MM: (f32, f32) = (420.5, 297.5);

/// Deepest nesting of lists in a background that is copied: pages as programs write them have five or six.
pub const TEMPLATE_NESTING: usize = 64;

/// Longest remark of a national template for screen readers, in characters: a page of text.
pub const TEMPLATE_TEXT_CHARS: usize = 4_000;
