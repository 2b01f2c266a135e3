//! Every bound on input, each with its reason. A bound is applied while reading, never afterwards.

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

/// Largest scale of a picture of a code, in pixels a module. At 32 the largest symbol (177 modules and its
/// quiet zone) has 5,920 pixels a side, 4 MB before compression; 1,200 dpi at 0.6 mm a module needs 29.
pub const PICTURE_SCALE: u32 = 32;

/// Longest text of one field of a printed sheet in characters. Five times what the DCC schema allows a name;
/// whatever is longer cannot be laid out on one page anyway.
pub const PAPER_FIELD_CHARS: usize = 400;

/// Most rows in the table of a printed sheet. The EU and WHO forms have at most 14.
pub const PAPER_ROWS: usize = 32;

/// Most combining marks on one letter that are drawn. Vietnamese has two; unbounded stacks climb over the
/// field above.
pub const COMBINING_MARKS: usize = 3;

/// Largest error answer of DHIS2 that is read for its message, in bytes; a `WebMessage` has a few hundred.
pub const DHIS2_ERROR_BYTES: usize = 64 * 1024;

/// Longest part of a DHIS2 error message that is passed on, in characters. One sentence is enough to act on.
pub const DHIS2_MESSAGE_CHARS: usize = 240;

/// Most tracked entities asked for in one page. DHIS2 from 2.39 on allows 50,000, which no memory bound survives.
pub const DHIS2_PAGE_SIZE: u32 = 1_000;

/// Most pages of one listing. 100 million people at 50 a page; a server that goes on beyond is not paging.
pub const DHIS2_PAGES: u32 = 2_000_000;

/// Longest wait that a server may ask for with `Retry-After`, in seconds; beyond it the run ends with an error.
pub const DHIS2_RETRY_AFTER_SECONDS: u64 = 300;

/// Most entries kept in each look-up cache (org units, option sets). A large country has about 20,000 facilities.
pub const DHIS2_CACHE_ENTRIES: usize = 50_000;

/// Most records that one claim or one store of the registry takes. A batch of the pipeline has 256 to 1,000;
/// 4,096 keeps one transaction under a second and one statement under SQLite's 32,766 parameters.
pub const REGISTRY_BATCH: usize = 4_096;

/// Longest key of the registry (UIDs, identifiers, owner, source), in bytes. DHIS2 UIDs have 11 characters,
/// a UVCI at most 80.
pub const REGISTRY_KEY_BYTES: usize = 256;

/// Longest sealed text that the registry keeps, in bytes. A DCC is about 500, a DIVOC JSON a few thousand.
pub const REGISTRY_TEXT_BYTES: usize = 64 * 1024;

/// Most certificates of one person that the registry lists. A person has at most 1,000 events.
pub const REGISTRY_PERSON_ROWS: i64 = 10_000;

/// Most rounds of PBKDF2 that a key file may ask for. OWASP recommends 600,000 for HMAC-SHA-256; 10 million
/// are some seconds, more is a trap.
pub const PBKDF2_ROUNDS: u64 = 10_000_000;

/// Most memory that the scrypt of a key file may take, in bytes (128·N·r·p, RFC 7914). OpenSSL takes 32 MiB
/// at most by default.
pub const SCRYPT_BYTES: u64 = 256 * 1024 * 1024;

/// Shortest passphrase under which a key is written, in characters. Reading takes any.
pub const PASSPHRASE_CHARS: usize = 12;

/// Largest single person in an exported file, in bytes, and so the longest NDJSON line. A person with 20
/// events has about 20 kB.
pub const FILE_ENTITY_BYTES: usize = 16 * 1024 * 1024;

/// How much of a file is looked at to tell its form, in bytes.
pub const FILE_PEEK_BYTES: usize = 64 * 1024;

/// Most malformed people of one file that are listed one by one; the others are counted.
pub const FILE_MALFORMED_LISTED: usize = 1_000;

/// Largest form that the service reads, in bytes. A form writes a byte as three at worst, and has the name of its
/// field.
pub const SERVICE_FORM_BYTES: usize = 3 * CODE_TEXT_BYTES + 64;

/// Longest time that the service waits for the body of a request, in seconds. A code is one packet; the slowest
/// telephone needs a second.
pub const SERVICE_BODY_SECONDS: u64 = 10;

/// Longest time that requests under way may take after the service was told to end, in seconds.
pub const SERVICE_GRACE_SECONDS: u64 = 5;

/// Most certificates, and most refused records, that a page of the demo lists. Every one is verified when the
/// page is asked for: 200 signatures are some 40 ms, and nobody reads further.
pub const SERVICE_ROWS: usize = 200;

/// Largest file of one certificate that the service hands out, in bytes. A paper has about 30 kB.
pub const CERTIFICATE_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Largest report that a page shows, in bytes: about 400,000 records.
pub const REPORT_BYTES: u64 = 64 * 1024 * 1024;

/// Most codes of a stream that are judged at once. Enough for many cores, and answers come within a tenth of a
/// second.
pub const LINES_AT_ONCE: usize = 1024;

/// Most CBOR items in a signed bundle. A list of 10,000 keys has 100,000; hashes of revocations are one item.
pub const BUNDLE_ITEMS: usize = 1_000_000;

/// Deepest nesting of indefinite lengths in BER. A CMS message of a gateway nests four.
pub const BER_DEPTH: usize = 16;

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

/// Largest RSA modulus, in bits. Certificates in use have at most 4,096.
pub const RSA_BITS: usize = 8192;

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

/// Largest file of value sets, in bytes. The largest published one, 299 test devices in 9 sets, has 170 kB.
pub const VALUE_SET_BYTES: usize = 16 * 1024 * 1024;

/// Most sets in one file or in all files together, and most codes over all of them.
pub const VALUE_SETS: usize = 1_000;

/// Most codes that all value sets from files may hold together.
pub const VALUE_SET_CODES: usize = 500_000;

/// Largest file of business rules, in bytes. All 271 rules of the European production list have 0.5 MB.
pub const RULES_BYTES: usize = 16 * 1024 * 1024;

/// Most rules in one set. The largest list published has 292.
pub const RULES_COUNT: usize = 5_000;

/// Deepest nesting of JSON levels in the logic of a rule. The deepest national rule has 19 levels; the JSON
/// reader itself stops at 128.
pub const RULE_DEPTH: usize = 128;

/// Most expressions in the logic of one rule. The largest national rule has 198; 20,000 leave room for long
/// lists of codes.
pub const RULE_EXPRESSIONS: usize = 20_000;

/// Most steps of one evaluation. A national rule has at most 198 expressions and folds over a handful
/// of entries; 100,000 steps end within a few milliseconds.
pub const RULE_STEPS: u32 = 100_000;

/// Most values inside one array that a rule builds while it runs, and the deepest nesting of it. No published
/// rule builds more than a list of literals.
pub const RULE_VALUES: u32 = 10_000;

/// Deepest nesting of an array that a rule builds while it runs.
pub const RULE_VALUE_DEPTH: u32 = 64;

/// Most format errors of one rule that are listed.
pub const RULE_FINDINGS: usize = 200;

/// Levels of folders below the one given in which rules with their tests are looked for. The published layout
/// has two: country, rule.
pub const RULE_FOLDER_DEPTH: usize = 8;

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

/// Most keys in one DID document. WHO's production list has 501.
pub const DID_ENTRIES: usize = 50_000;

/// Longest DID, in bytes. The longest in WHO's production list has 100.
pub const DID_BYTES: usize = 1_024;

/// Most files of a folder that is given as a list. The slices of a country with millions of revocations are a
/// few thousand.
pub const FOLDER_FILES: usize = 100_000;

/// Most finder patterns of QR symbols that one look at a picture goes after. A page of nine codes has 27, a busy
/// photograph some hundred that only look like one.
pub const PICTURE_FINDERS: usize = 1_000;

/// Most bull's eyes of Aztec symbols that one look at a picture goes after.
pub const PICTURE_BULLS_EYES: usize = 32;

/// Most pixels of outlines that one look follows to find the middles of QR finder patterns. Twelve million pixels of
/// pure noise have 13 million; one million takes about 50 ms.
pub const PICTURE_FINDER_WORK: u64 = 16_000_000;

/// The same for bull's eyes, whose even rings every fence and fabric resembles.
pub const PICTURE_BULLS_EYE_WORK: u64 = 2_000_000;

/// Most symbols that are sampled in one picture, over all looks. A code that reads takes one or two; one that
/// does not read takes some dozen a look.
pub const PICTURE_SAMPLES: u32 = 20_000;

/// Largest picture that is enlarged for a further look, in pixels. A photograph that needs more pixels than this
/// has does not gain them by being enlarged.
pub const PICTURE_DOUBLED_PIXELS: usize = 2_000_000;

/// Most pixels at which a picture is looked at more than three times; a larger one is made smaller first. A code
/// that fills a tenth of three million pixels has five pixels a module.
pub const PICTURE_CLOSE_PIXELS: usize = 3_200_000;

/// Largest picture or PDF, in bytes. A photograph of 50 million pixels has about 20 MB, a scanned page of
/// 600 dpi in colour about as much.
pub const PICTURE_BYTES: u64 = 64 * 1024 * 1024;

/// Most pixels of a picture. Telephones make 12 and at most 50 million in their plain setting; one pixel is one
/// byte here, and a page of A4 at 600 dpi has 35 million.
pub const PICTURE_PIXELS: usize = 52_000_000;

/// Longest side of a picture in pixels. A panorama has some 16,000.
pub const PICTURE_SIDE: usize = 20_000;

/// Most scans of a progressive JPEG. Encoders make about 10; each further one costs a pass over all pixels and
/// only some bytes of the file.
pub const JPEG_SCANS: usize = 100;

/// Most pixels of an interlaced PNG, which cannot be read row by row in its colours.
pub const PNG_INTERLACED_PIXELS: usize = 16_000_000;

/// Most memory that the PNG reader takes beside the pixels, in bytes. A row of the widest picture in 16 bits and
/// four channels has 160 kB.
pub const PNG_METADATA_BYTES: usize = 64 * 1024 * 1024;

/// Most pages of a PDF that are looked at. A certificate has one or two, a family's travel papers some more.
pub const PDF_PAGES: usize = 20;

/// Most objects of a PDF. A certificate has some hundred.
pub const PDF_OBJECTS: usize = 200_000;

/// Most bytes that the streams of a PDF may unpack to, together. A page of A4 scanned at 600 dpi in colour has
/// 105 MB.
pub const PDF_INFLATED_BYTES: u64 = 256 * 1024 * 1024;

/// Most pixels of a page that is drawn: A4 at 350 dpi has 12 million. A larger page is drawn coarser.
pub const PDF_PAGE_PIXELS: f32 = 16_000_000.0;

/// Longest side of a page that is drawn, in pixels.
pub const PDF_PAGE_SIDE: f32 = 10_000.0;

/// Longest time that the codes of one file may take to be found, in seconds. A photograph of 50 megapixels of
/// noise takes 12; a PDF may ask for any amount of drawing.
pub const PICTURE_SECONDS: u64 = 30;

/// Most products in WHO's catalogue of prequalified vaccines, over all editions together. The import of 2026 counts
/// 271 records; an edition a month for a century would not fill this.
pub const WHO_PRODUCTS: usize = 20_000;

/// Longest id of a product in WHO's catalogue, in bytes. The longest of 2025 has 62.
pub const WHO_PRODUCT_ID_BYTES: usize = 128;

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

/// Most resources in one SMART Health Card. The published patient summary has 55.
pub const SHC_RESOURCES: usize = 1_000;

/// Most entries in one list of a FHIR resource (names, codings, performers). A card carries one to three.
pub const SHC_LIST: usize = 64;

/// Longest text of a SMART Health Card that is taken over, in characters. FHIR bounds a string at 1 MB; a name, a
/// lot or a centre has far fewer.
pub const SHC_TEXT_CHARS: usize = 1_000;
/// Longest address of a health link that its specification allows, in bytes; a longer one is read with a remark.
pub const LINK_ADDRESS_BYTES: usize = 128;

/// Longest host of a health link: a name of the domain name system (253 bytes) and a port.
pub const LINK_HOST_BYTES: usize = 260;

/// Longest label of a health link that is shown, in characters (SMART Health Links: 80).
pub const LINK_LABEL_CHARS: usize = 80;

/// Most authorities of one country. The largest countries of ICAO's master list have some twenty, with their links
/// from key to key; every one may cost a signature check a seal.
pub const AUTHORITIES_PER_COUNTRY: usize = 256;
/// Largest DIVOC credential, in bytes of its JSON text. The largest real one has 2 kB; 16 KiB leave room for
/// pictures of signatures and none for a bomb.
pub const DIVOC_TEXT_BYTES: usize = 16 * 1024;

/// Longest content of a code that is read as a DIVOC archive, in bytes: an archive of [`DIVOC_TEXT_BYTES`] in the
/// widest form of the field, where most bytes are written as two. A QR symbol holds at most 2,953.
pub const DIVOC_CODE_BYTES: usize = 2 * DIVOC_TEXT_BYTES + 1024;
/// Envelopes of one certificate: there are five formats, and room for some more.
pub const REGISTRY_ENVELOPES: usize = 16;
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

/// Most certificates that a health card key comes with: its own, an authority's and a root are the usual three.
pub const X5C_CERTIFICATES: usize = 8;
/// Age in years from which nobody has a guardian on a certificate: the age of majority nearly everywhere. ICVP asks
/// for the guardian of a minor and for nobody else's.
pub const ADULT_YEARS: i16 = 18;
/// Most doses in one request to the issuing API that DIVOC's sidecars speak. A sidecar sends one; the importers
/// seen send some hundred. They are signed while the caller waits.
pub const DIVOC_ITEMS: usize = 1_000;

/// Largest request to that API, JSON or sheet, in bytes. An item has 1.5 kB with every member filled in.
pub const DIVOC_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Longest text in an item of that API, in characters. What a certificate shows is shorter; a name that a printed
/// page can hold is not longer.
pub const DIVOC_TEXT_CHARS: usize = 300;

/// Most members of an item that the answer lists as ignored. The others are counted.
pub const DIVOC_IGNORED_LISTED: usize = 10;

/// Longest value of the header Authorization that is looked at, in bytes. A token of ours has 43 characters; those
/// of identity servers some thousand, and they are not ours.
pub const BEARER_BYTES: usize = 4_096;

/// Largest certificate that is handed in for the question whether it is revoked, in bytes. A credential has 2 to 3 kB.
pub const DIVOC_CERTIFICATE_BYTES: usize = 64 * 1024;

/// Seconds after which a recurring task that failed is tried again; doubled with each further failure. A server that
/// restarts is back by then.
pub const TASK_FIRST_RETRY_SECONDS: u64 = 15;

/// Seconds that a task under way is waited for when the service ends: the longest is one page of DHIS2 with its
/// signatures. What is torn off later is taken up by the next start.
pub const TASK_GRACE_SECONDS: u64 = 30;
/// A download that lost more than [`GUARD_LOSS_PARTS`] of [`GUARD_PARTS`] of the entries of the last good one is not
/// taken over without an operator's word (failure F18: more than 20 %).
pub const GUARD_PARTS: u128 = 5;

/// See [`GUARD_PARTS`].
pub const GUARD_LOSS_PARTS: u128 = 1;
/// Most PEM blocks of one file that are looked at. A chain has three or four certificates; a country's list of
/// authorities some dozen.
pub const PEM_BLOCKS: usize = 64;

/// Most members of one list inside a certificate (extensions, attributes of a name, usages). Real ones have some ten.
pub const CERTIFICATE_LIST: usize = 64;

/// Rounds of Fermat's factoring that an RSA key is tried with. Primes that a broken generator put close together are
/// found in the first few; the CA/Browser Forum asks for 100.
pub const RSA_FERMAT_ROUNDS: usize = 100;

/// Longest RSA exponent in bits (NIST SP 800-56B section 6.2.1).
pub const RSA_EXPONENT_BITS: usize = 256;
/// Most requests that the rehearsal servers remember. Tests ask for some hundreds; a sandbox that runs for weeks must
/// not fill the memory.
pub const SANDBOX_REQUESTS: usize = 100_000;

/// Largest body that the rehearsal gateway reads, in bytes. A batch of 1,000 revoked hashes has 60 kB in its message.
pub const SANDBOX_BODY_BYTES: usize = 1024 * 1024;

/// Seconds that a client of the rehearsal gateway has for its TLS handshake, so that silent ones hold up nobody.
pub const SANDBOX_HANDSHAKE_SECONDS: u64 = 10;

/// Handshakes that the rehearsal gateway does at the same time. It serves one machine.
pub const SANDBOX_HANDSHAKES: usize = 64;

/// Largest file that the rehearsal gateway has kept from an earlier start, in bytes. A thousand batches of revocations
/// take 60 MB.
pub const SANDBOX_STATE_BYTES: u64 = 256 * 1024 * 1024;
/// Most certificates between a certificate and the authority that is believed, that authority counted. Countries have
/// two levels, publicly trusted TLS certificates three or four.
pub const PATH_DEPTH: usize = 6;

/// Most signatures that are checked in search of one path. The largest country lists some twenty authorities; a pool
/// of namesakes that sign one another in circles would otherwise never end.
pub const PATH_SIGNATURES: usize = 256;

/// Most certificates that a pool for paths may hold. ICAO's master list, the largest there is, has some 600.
pub const PATH_POOL: usize = 10_000;

/// Longest code of a gateway's error report that is shown, in characters. The known ones have 5.
pub const GATEWAY_CODE_CHARS: usize = 12;

/// Longest details of a gateway's error report that are looked at, in characters. The known ones have some 100.
pub const GATEWAY_DETAILS_CHARS: usize = 200;

/// Largest error report or page that is read of a gateway, in bytes. What is beyond is not worth reading.
pub const GATEWAY_ERROR_BYTES: usize = 64 * 1024;

/// Longest wait that a gateway may ask for (`Retry-After`) before it is asked again, in seconds. Longer than that is
/// told to the operator instead.
pub const GATEWAY_RETRY_AFTER_SECONDS: u64 = 120;

/// Largest answer of a gateway that lists something, in bytes: a trust list of 501 keys has 1.5 MB, and the largest
/// country's rules some 100 kB.
pub const GATEWAY_LIST_BYTES: usize = 64 * 1024 * 1024;

/// Largest signed message of a gateway, in bytes of its base64. A full revocation batch of 1,000 entries has 60 kB.
pub const GATEWAY_MESSAGE_BYTES: usize = 1024 * 1024;

/// Largest answer with everything that this country ever signed for a gateway, in bytes: ten thousand full batches.
pub const GATEWAY_PACKAGES_BYTES: usize = 640 * 1024 * 1024;

/// Most countries of a gateway. ISO 3166-1 has 249.
pub const GATEWAY_COUNTRIES: usize = 1_000;

/// Most pages of a listing. 1,000 batches a page make a million batches, more than all countries ever made.
pub const GATEWAY_PAGES: usize = 1_000;

/// Most entries of a trust list. WHO's has 501, the EU's last one had 1,200.
pub const GATEWAY_ENTRIES: usize = 100_000;

/// Days after which a listing of changes is no longer enough, because removed entries are forgotten: gateways keep
/// them 14 days, their documentation promises 7.
pub const GATEWAY_RETENTION_DAYS: i64 = 7;

/// Requests to a gateway at one time. It serves everybody.
pub const GATEWAY_PARALLEL: usize = 4;

/// Most entries in one revocation batch (dgc-gateway's schema).
pub const GATEWAY_BATCH_ENTRIES: usize = 1_000;
/// Seconds by which the clocks of two machines may differ before the doctor warns: the threshold that a national
/// verifier chose for its devices (failure F27).
pub const DOCTOR_CLOCK_WARNING_SECONDS: i64 = 30;

/// Seconds of difference from which nothing should be issued: certificates would be refused as not yet valid.
pub const DOCTOR_CLOCK_FAULT_SECONDS: i64 = 300;

/// Longest that the doctor waits for one question to a server, in seconds. A whole examination asks some ten.
pub const DOCTOR_QUESTION_SECONDS: u64 = 30;

/// Longest that the doctor reads a sample of people, in seconds; what came until then is looked at.
pub const DOCTOR_SAMPLE_SECONDS: u64 = 120;

/// Most people that a sample may have: enough for any share in it to be told, and read in two minutes.
pub const DOCTOR_SAMPLE_PEOPLE: u32 = 10_000;

/// Most vaccine options, reasons and the like that one finding lists by name; the others are counted.
pub const DOCTOR_LISTED: usize = 12;

/// Largest version of the QR symbol of an EU certificate at level Q: the largest that the EU's quality assurance
/// received (facts on the EU DCC, section 1.3); beyond it the modules get too small for paper.
pub const DOCTOR_QR_VERSION: usize = 25;

/// Free space, in kibibytes, below which a disk is called nearly full: a day of a large country's certificates.
pub const DOCTOR_DISK_KIB: u64 = 1024 * 1024;

/// Most document signers, and most people, of one key ceremony. A country has a handful of each; a hundred keys take
/// minutes to make.
pub const CEREMONY_ENTRIES: usize = 32;
/// Longest name of a key in a token (PKCS#11 URI), in bytes: labels and serial numbers have at most 32 characters,
/// paths some hundred.
pub const TOKEN_URI_BYTES: usize = 4_096;

/// Most sessions with one token. Hardware of the smaller kind offers 8 to 64; more do not make it faster.
pub const TOKEN_SESSIONS: usize = 64;

/// Calls that wait for a token at the same time; further ones are told that it is away. Each is a thread that waits.
pub const TOKEN_QUEUE: usize = 4_096;

/// Longest time in seconds that a call of a token may take, with waiting for a session and opening the token again.
/// A library of a vendor can block for ever when its network is down; a signature takes milliseconds.
pub const TOKEN_CALL_SECONDS: u64 = 15;

/// The same for making a key: RSA takes minutes in a smart card.
pub const TOKEN_MAKE_SECONDS: u64 = 300;

/// Longest pause in seconds before a token that is away is asked again; the first is a second, then twice as long
/// each time. Whoever plugs it in again waits no longer than this.
pub const TOKEN_PAUSE_SECONDS: i64 = 30;

/// Most objects of one kind that are looked at in a token; a signer's has a few dozen.
pub const TOKEN_OBJECTS: usize = 1_000;
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

/// Most files of one submission to a network. A participant has four a domain, and some dozen domains at most; the
/// template has a hundred files beside them.
pub const ONBOARDING_FILES: usize = 1_000;

/// How deep the folders of a submission are looked into: `onboarding/DOMAIN/GROUP` is three.
pub const ONBOARDING_FOLDER_DEPTH: usize = 8;
/// Longest time that a trust list may take to come, in seconds. The largest has 3 MB; a slow line takes a minute.
pub const LIST_FETCH_SECONDS: u64 = 180;

/// Most redirects that are followed on the way to a list, all on its own host.
pub const LIST_REDIRECTS: usize = 3;

/// How far in the future a list may say that it was made, in hours: clocks of makers and of this machine differ. One
/// that claims more is refused, because every later list would look older than it.
pub const LIST_FUTURE_HOURS: i64 = 24;

/// Most trust lists that one installation pulls.
pub const TRUST_SOURCES: usize = 64;

/// Longest that the doctor waits for the trust list of all countries, in seconds: WHO's has 1.5 MB.
pub const DOCTOR_LIST_SECONDS: u64 = 90;

/// Most invented people of a rehearsal. They live in memory, some two kilobytes each.
pub const SANDBOX_PEOPLE: i64 = 100_000;

/// Largest payload of a job, in bytes: a message or the references of a record, never a document.
pub const JOB_PAYLOAD_BYTES: usize = 64 * 1024;

/// Longest sentence that is kept about a task or a job, in characters: what went wrong and what to do.
pub const WORK_SENTENCE_CHARS: usize = 500;

/// How often a job is begun unless it says otherwise. With waits that double from half a minute to an hour, eight are
/// about three hours: a gateway of messages that is away for an afternoon is waited for.
pub const JOB_ATTEMPTS: u32 = 8;

/// For how many days a job that has ended is known: so long it is not done again if it is asked for again.
pub const JOB_KEPT_DAYS: u64 = 30;

/// By how many seconds the clock of the database may go back without anybody caring: NTP corrects by less.
pub const CLOCK_STEP_SECONDS: u64 = 60;
/// Most groups of DHIS2 or of a provider of identities to which the configuration gives roles.
pub const ACCESS_MAPPED_GROUPS: usize = 256;

/// Largest file of a time zone, in bytes: those of the system's tables have a few kilobytes.
pub const TIME_ZONE_BYTES: u64 = 64 * 1024;

/// Longest name of a user and longest password of a login, in bytes.
pub const LOGIN_BYTES: usize = 256;

/// Logins that may fail for one name within the span below; each costs DHIS2 the work of a password hash.
pub const LOGIN_FAILURES_NAME: u32 = 10;

/// The same for one block of addresses (/24, /48): a ministry's people may all come from one.
pub const LOGIN_FAILURES_BLOCK: u32 = 100;

/// The span in which failed logins are counted, in seconds.
pub const LOGIN_SPAN_SECONDS: i64 = 900;

/// How long a refused login takes at least, in milliseconds, so that its time tells nothing of the reason.
pub const LOGIN_REFUSED_MILLISECONDS: u64 = 700;

/// Longest wait for DHIS2 to say whether a login is right, in seconds.
pub const LOGIN_DHIS2_SECONDS: u64 = 15;

/// For how long a login that DHIS2 took is taken again without asking it, in seconds: programs send it with every
/// request. A password that is changed or taken away works no longer than that.
pub const LOGIN_CACHE_SECONDS: i64 = 60;

/// Most such logins in memory, 100 bytes each.
pub const LOGIN_CACHE_ENTRIES: usize = 10_000;

/// How long somebody may take at the provider of identities, in seconds.
pub const OIDC_LOGIN_SECONDS: i64 = 600;

/// For how long what a provider says of itself and of its keys is believed, in seconds.
pub const OIDC_DISCOVERY_SECONDS: i64 = 3_600;

/// Longest answer of a provider, in bytes.
pub const OIDC_ANSWER_BYTES: usize = 1024 * 1024;

/// Longest wait for a provider, in seconds.
pub const OIDC_SECONDS: u64 = 15;

/// Largest difference between its clock and ours, in seconds.
pub const OIDC_SKEW_SECONDS: i64 = 60;

/// Longest life of an API token, in days.
pub const TOKEN_DAYS: u32 = 366;

/// Longest label of a token, in characters.
pub const TOKEN_LABEL_CHARS: usize = 80;

/// Most accounts, tokens or alerts in one answer.
pub const ACCESS_PAGE: u32 = 500;

/// Most org units that one account or token is bound to: a district's, one by one.
pub const ACCESS_FACILITIES: usize = 500;

/// Most tenants of one service: each has connections and keys of its own.
pub const TENANTS: usize = 64;
/// Codes that may be tried against one that was sent, and dates of birth against one link: five of a million.
pub const CODE_TRIES: i64 = 5;

/// Most people of one citizen's session: a large family on one telephone.
pub const SESSION_PEOPLE: usize = 20;

/// Longest text of a citizen's case, and of an operator's note on it, in characters: a page.
pub const CASE_CHARS: usize = 2_000;
/// Requests of the issuing desk that read DHIS2 at the same time: a server in a ministry has a dozen connections to its
/// database, and the capture app of the clinics comes first.
pub const DESK_READINGS: usize = 8;

/// Longest time in seconds that a request of the issuing desk waits for DHIS2: somebody stands before the screen.
pub const DESK_DHIS2_SECONDS: u64 = 20;

/// How long the issuing desk goes by what it knows of the program of DHIS2, in seconds.
pub const DESK_PROGRAM_SECONDS: i64 = 600;

/// Days before its end from which a certificate can be renewed (facts on users, ask 4).
pub const RENEWAL_DAYS_BEFORE: i64 = 28;

/// Days after its end until which a certificate can be renewed (facts on users, ask 4).
pub const RENEWAL_DAYS_AFTER: i64 = 90;

/// Memory for files of certificates that were drawn lately, in bytes: some two thousand papers.
pub const DRAWN_BYTES: usize = 64 * 1024 * 1024;
/// From one look at the files that verdicts rest on to the next, in milliseconds. A look is some file dates; a
/// revocation that was published counts in the service within this time and that of reading a bundle.
pub const KNOWLEDGE_LOOK_MILLISECONDS: u64 = 1_000;

/// Most codes of one request for verdicts. A family has a dozen; a gate that catches up sends several requests.
pub const VERIFY_CODES: usize = 500;

/// Codes that are judged where the request is answered; more of them are judged apart.
pub const VERIFY_CODES_AT_ONCE: usize = 4;

/// Largest request for verdicts in JSON, in bytes: [`VERIFY_CODES`] codes of the largest symbol with their escapes.
pub const VERIFY_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Largest picture or PDF that the service reads, in bytes. A photograph of a telephone has 3 to 8 MB; what somebody
/// scans at a desk is read by the program itself, up to [`PICTURE_BYTES`].
pub const VERIFY_PICTURE_BYTES: usize = 16 * 1024 * 1024;

/// Pictures that are read at the same time. One takes a processor for 5 to 500 milliseconds, and up to 50 MB.
pub const VERIFY_PICTURES: usize = 2;

/// Longest time that a picture waits for its turn, in seconds: an officer takes another one after that.
pub const VERIFY_PICTURE_WAIT_SECONDS: u64 = 5;
/// Longest reason of an entry of the audit log, in characters: a sentence or two.
pub const AUDIT_REASON_CHARS: usize = 500;

/// Largest details of an entry of the audit log, in bytes. They are a few names and numbers; what would be more is
/// left out and said to be.
pub const AUDIT_DETAILS_BYTES: usize = 2_000;

/// Rows of the audit log that are read at a time: some two megabytes.
pub const AUDIT_PAGE: u32 = 4_096;

/// Most faults of the audit log that one check tells. A log with more is not the log of this registry.
pub const AUDIT_FAULTS: usize = 1_000;

/// Days for which it is told that a signer certificate was removed, to apps that ask for what changed. The gateway
/// itself tells it for 14; an app that was not opened for longer compares with the whole list.
pub const APP_SIGNER_DAYS: i64 = 90;

/// Seconds between two looks at whether another replica changed the order of signer certificates for apps.
pub const APP_SIGNERS_SECONDS: i64 = 60;

/// Most key identifiers of one request for signer certificates by their identifiers. The largest list has 1,000.
pub const APP_KIDS: usize = 1_000;

/// Largest request for signer certificates by their identifiers, in bytes: each has 12 characters and its quotes.
pub const APP_KIDS_BYTES: usize = 32 * 1024;

/// Published files that are held in memory, ready to be sent, in bytes altogether. A bundle of a million revocations
/// has 16 MB.
pub const PUBLISHED_CACHE_BYTES: usize = 96 * 1024 * 1024;

/// Longest identifier that somebody is found by, in characters without what stands between them. A passport has 9,
/// the longest national numbers some 20.
pub const IDENTIFIER_CHARS: usize = 40;

/// Longest telephone number or e-mail address as it is stored in the source, in bytes (RFC 5321: 254 for an address).
pub const CONTACT_BYTES: usize = 254;

/// Seconds for which a code works (failure F33: ten minutes).
pub const CODE_SECONDS: i64 = 600;

/// Seconds for which somebody who sends a message holds it: DHIS2 is asked for the number, and its SMS gateway answers.
pub const CODE_LEASE_SECONDS: i64 = 90;

/// Seconds after which a code that could not be sent is tried again; it is of no use after [`CODE_SECONDS`].
pub const CODE_RETRY_SECONDS: i64 = 15;

/// Hours for which a link in a message works.
pub const LINK_HOURS: i64 = 48;

/// Most notices of expiry that are entered at a time: an hour later the next ones are.
pub const NOTICES_AT_ONCE: u32 = 10_000;

/// Times that a notice which certainly did not go out is tried again, and seconds before the first of them; the time
/// doubles up to a day.
pub const NOTICE_TRIES: i64 = 10;

/// See [`NOTICE_TRIES`].
pub const NOTICE_RETRY_SECONDS: i64 = 60;
/// Bytes of the header `Accept-Language` that are looked at: a browser sends a dozen languages, in some 100.
pub const ACCEPT_LANGUAGE_BYTES: usize = 1_000;

/// Longest query of a page, in bytes, that is kept in the links by which it is shown in another language.
pub const LANGUAGE_QUERY_BYTES: usize = 1_000;

/// How often in seconds a replica says that it lives and looks whether the database answers. A database that goes is
/// noticed within this and the five seconds that it may take to answer.
pub const REPLICA_BEAT_SECONDS: u64 = 2;

/// After how many seconds of silence a replica is no longer shown. Its turns and jobs are taken over long before.
pub const REPLICA_FORGOTTEN_SECONDS: u64 = 600;

/// Longest pause in seconds before a replica looks again whether a shared task is due: another may have made it due, or
/// may have died.
pub const WORK_POLL_SECONDS: u64 = 5;

/// Pause in milliseconds before a replica looks again for jobs that another has asked for; those of its own wake it.
pub const JOB_POLL_MILLISECONDS: u64 = 1_000;

/// Pause in seconds after a job has failed for the first time; it doubles with each failure.
pub const JOB_FIRST_RETRY_SECONDS: u64 = 30;

/// Longest pause in seconds between two tries of a job.
pub const JOB_LONGEST_RETRY_SECONDS: u64 = 3_600;

/// Requests under way at the same time, unless the configuration says otherwise. A verification takes a third of a
/// millisecond of one core: behind 512 of them the last waits for less than a tenth of a second on two cores, and
/// whoever would wait longer is told at once.
pub const SERVICE_REQUESTS_AT_ONCE: usize = 512;

/// Longest time in seconds that a request may take from its head to the head of its answer, unless it changes
/// something: proxies give up after 60.
pub const SERVICE_REQUEST_SECONDS: u64 = 30;

/// Most series of one counter: labels are words of short lists, and a mistake must not fill the memory.
pub const METRIC_SERIES: usize = 256;

/// Connections of one door at the same time; one more is closed at once. Each takes some 20 kB.
pub const SERVICE_CONNECTIONS: usize = 8_192;

/// Longest time in seconds for a TLS handshake, on a slow line with a lost packet or two.
pub const SERVICE_HANDSHAKE_SECONDS: u64 = 15;

/// Longest time in seconds from the first byte of a request's head to its last, and from a connection to its first
/// request: a client that sends a byte now and then must not hold a place (Slowloris).
pub const SERVICE_HEAD_SECONDS: u64 = 15;

/// Longest time in seconds that a connection may lie still between two requests.
pub const SERVICE_IDLE_SECONDS: u64 = 75;

/// Longest time in seconds in which a client may take nothing of its answer.
pub const SERVICE_WRITE_SECONDS: u64 = 30;

/// How often in seconds the files of the TLS certificate are looked at.
pub const TLS_LOOK_SECONDS: u64 = 30;
/// Hours for which the answer of a request under a key is kept: a sender that was cut off over a night or a day asks
/// again.
pub const REQUEST_HOURS: i64 = 48;

/// How long a request under a key is left to whoever began it, in seconds. Few, for whoever waits behind a program that
/// was killed; where one takes longer and is begun twice, both come to the same certificates.
pub const REQUEST_LEASE_SECONDS: i64 = 10;

/// Longest answer that is kept of a request under a key, in bytes: a person has at most 1,000 events.
pub const REQUEST_ANSWER_BYTES: usize = 4 * 1024 * 1024;

/// Longest key of a request, in bytes.
pub const REQUEST_KEY_BYTES: usize = 255;

/// How long a request waits for the same one that came before it, in seconds, before it is told to come again.
pub const REQUEST_WAIT_SECONDS: u64 = 15;

/// Longest body of a request to issue, correct, renew or revoke one certificate, in bytes.
pub const CERTIFICATE_BODY_BYTES: usize = 16 * 1024;

/// Most certificates on one page of a list.
pub const CERTIFICATE_PAGE: usize = 500;

/// Longest body of a request that revokes many certificates, in bytes: a list of 90 characters a line for a hundred
/// thousand. A longer one goes in pieces, or through the command line.
pub const REVOCATION_BODY_BYTES: usize = 9 * 1024 * 1024;

/// Longest reason for which somebody has a certificate issued or revoked, in bytes: what the audit log keeps of it, with
/// a word before it, has [`REGISTRY_KEY_BYTES`].
pub const DESK_REASON_BYTES: usize = 240;
/// Most reasons that are kept of one refused record. It is refused for all of them, and a clerk mends one after the
/// other.
pub const REFUSAL_REASONS: i64 = 20;

/// Largest form of the console, in bytes: a list of identifiers is a file and has a bound of its own.
pub const CONSOLE_FORM_BYTES: usize = 64 * 1024;

/// Largest list of identifiers that the console takes at once, in bytes: some 100,000 lines. Larger ones are for
/// `vaccert revoke`.
pub const CONSOLE_CSV_BYTES: usize = 8 * 1024 * 1024;

/// Rows on a page of the console.
pub const CONSOLE_ROWS: u32 = 100;

/// Rows of a table that the console hands out as a file.
pub const CONSOLE_SHEET_ROWS: usize = 200_000;

/// Most days that one chart shows: a year and a day.
pub const STATISTICS_DAYS: i32 = 366;
/// Largest form of a citizen's page, in bytes: a case of [`CASE_CHARS`] characters of four bytes, each written as
/// twelve, and a code beside it.
pub const CITIZEN_FORM_BYTES: usize = 64 * 1024;

/// Seconds without a request after which a citizen's session ends: whoever reads a page on a slow line is not hurried,
/// and a telephone that is left behind shows nothing for long.
pub const CITIZEN_IDLE_SECONDS: i64 = 900;

/// Seconds after which it ends in any case.
pub const CITIZEN_SESSION_SECONDS: i64 = 7_200;

/// Most certificates that are downloaded at once: a large family's.
pub const CITIZEN_FILES: usize = 60;

/// Most certificates that one page shows of a person.
pub const CITIZEN_SHOWN: usize = 100;
/// How often the bundle for officers is signed anew, in seconds: its age tells an officer when the device was last
/// connected, and a key in a token is not asked for every device.
pub const OFFICER_BUNDLE_SECONDS: i64 = 3_600;
/// Largest file of a signed head of the audit log, in bytes: with the certificate of a rehearsal it has some two
/// thousand.
pub const AUDIT_HEAD_BYTES: usize = 16 * 1024;

/// Most heads that are looked at: one a day, for more than a hundred years.
pub const AUDIT_HEADS: usize = 40_000;

/// Most findings of one kind that an examination lists; the rest is counted.
pub const AUDIT_LISTED: usize = 10_000;

/// Certificates that an examination has in memory at a time: some two megabytes with their envelopes.
pub const AUDIT_CERTIFICATES: u32 = 512;

/// Most aggregate values in one request to DHIS2: some 150 kilobytes.
pub const DHIS2_VALUES: usize = 1_000;

/// Most conflicts of an import that are kept and shown.
pub const DHIS2_CONFLICTS: usize = 50;

/// Largest answer to an import, in bytes: a conflict for each of a thousand values has some 300 bytes.
pub const DHIS2_IMPORT_BYTES: usize = 4 * 1024 * 1024;

/// Rows of the audit log that one turn of the write-back works through: some minutes at ten records a second.
pub const WRITE_BACK_ROWS: u32 = 2_000;

/// How often a replica looks which parts of the service operators have closed, in seconds: a switch takes effect within
/// that time, and a request costs no question to the database.
pub const FEATURE_SECONDS: i64 = 5;
/// Most rows of the audit log in one answer of the service: some half a megabyte.
pub const AUDIT_ROWS: u32 = 1_000;

/// Largest file of an emblem or of a printed signature, in bytes: it goes into every PDF.
pub const LOOK_PICTURE_BYTES: usize = 1024 * 1024;

/// Most pixels a side of an emblem or of a printed signature: 60 mm at 600 dpi have 1,418.
pub const LOOK_PICTURE_SIDE: u32 = 2_000;

/// Most certificates in one PDF: a large family's, or a page of a clinic's day.
pub const PAPER_SHEETS: usize = 500;

/// Most characters of a text that a ministry writes on its paper in place of the words of the program.
pub const PAPER_INSTRUCTIONS_CHARS: usize = 2_000;
