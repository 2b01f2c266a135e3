//! DHIS2 and files of it.

/// Largest page of tracked entities read from DHIS2, in bytes. 50 people with 20 events each are about 1 MB.
pub const DHIS2_PAGE_BYTES: usize = 64 * 1024 * 1024;

/// Largest metadata answer (org units, option sets, a program) read from DHIS2, in bytes.
pub const DHIS2_METADATA_BYTES: usize = 256 * 1024 * 1024;

/// Most events of one tracked entity that are looked at; a person with more is refused by name.
pub const EVENTS_PER_PERSON: usize = 1_000;

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

/// Largest single person in an exported file, in bytes, and so the longest NDJSON line. A person with 20
/// events has about 20 kB.
pub const FILE_ENTITY_BYTES: usize = 16 * 1024 * 1024;

/// How much of a file is looked at to tell its form, in bytes.
pub const FILE_PEEK_BYTES: usize = 64 * 1024;

/// Most malformed people of one file that are listed one by one; the others are counted.
pub const FILE_MALFORMED_LISTED: usize = 1_000;

/// Longest text in an item of that API, in characters. What a certificate shows is shorter; a name that a printed
/// page can hold is not longer.
pub const DIVOC_TEXT_CHARS: usize = 300;

/// Most aggregate values in one request to DHIS2: some 150 kilobytes.
pub const DHIS2_VALUES: usize = 1_000;

/// Most conflicts of an import that are kept and shown.
pub const DHIS2_CONFLICTS: usize = 50;

/// Largest answer to an import, in bytes: a conflict for each of a thousand values has some 300 bytes.
pub const DHIS2_IMPORT_BYTES: usize = 4 * 1024 * 1024;

/// Rows of the audit log that one turn of the write-back works through: some minutes at ten records a second.
pub const WRITE_BACK_ROWS: u32 = 2_000;
