//! What a certificate says, record by record and format by format.

/// Longest name part in characters (EU DCC schema 1.3.x, `maxLength` of `fn`, `gn`, `fnt`, `gnt`).
pub const NAME_CHARS: usize = 80;

/// Longest text field of a DCC entry in characters (`is`, `ci`, `tc`, `nm`: schema 1.3.x).
pub const DCC_FIELD_CHARS: usize = 80;

/// Longest raw text taken from one DHIS2 attribute or data value. DHIS2 itself stores up to 50,000
/// characters (LONG_TEXT); nothing that a certificate needs comes near this.
pub const SOURCE_VALUE_CHARS: usize = 1_200;

/// Largest file of value sets, in bytes. The largest published one, 299 test devices in 9 sets, has 170 kB.
pub const VALUE_SET_BYTES: usize = 16 * 1024 * 1024;

/// Most sets in one file or in all files together, and most codes over all of them.
pub const VALUE_SETS: usize = 1_000;

/// Most codes that all value sets from files may hold together.
pub const VALUE_SET_CODES: usize = 500_000;

/// Most products in WHO's catalogue of prequalified vaccines, over all editions together. The import of 2026 counts
/// 271 records; an edition a month for a century would not fill this.
pub const WHO_PRODUCTS: usize = 20_000;

/// Longest id of a product in WHO's catalogue, in bytes. The longest of 2025 has 62.
pub const WHO_PRODUCT_ID_BYTES: usize = 128;

/// Most resources in one SMART Health Card. The published patient summary has 55.
pub const SHC_RESOURCES: usize = 1_000;

/// Most entries in one list of a FHIR resource (names, codings, performers). A card carries one to three.
pub const SHC_LIST: usize = 64;

/// Longest text of a SMART Health Card that is taken over, in characters. FHIR bounds a string at 1 MB; a name, a
/// lot or a centre has far fewer.
pub const SHC_TEXT_CHARS: usize = 1_000;

/// Longest text of a digital yellow card (names, batch, document number), in characters. The guide sets no bound;
/// the longest name of a machine-readable travel document has 39, a full legal name some 150.
pub const ICVP_TEXT_CHARS: usize = 300;

/// Most members of one map of a digital yellow card that are looked at. The largest generation has 12.
pub const ICVP_MEMBERS: usize = 64;

/// Longest text field of a DDCC in characters. The model sets no bound; names of laboratories and products have
/// about 120, a printed sheet shows 400.
pub const DDCC_FIELD_CHARS: usize = 400;

/// Longest holder's name in a VDS-NC in characters (ICAO VDS-NC technical report, `pid.n`: the line of the
/// machine-readable zone).
pub const VDSNC_NAME_CHARS: usize = 39;

/// Longest identifier of a certificate in a VDS-NC in characters (`uvci`, `utci`).
pub const VDSNC_ID_CHARS: usize = 12;

/// Longest place name and lot in a VDS-NC in characters (`adm`, `lot`).
pub const VDSNC_PLACE_CHARS: usize = 20;
