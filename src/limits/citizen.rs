//! People who look for their own certificates.

/// Longest key of the registry (UIDs, identifiers, owner, source), in bytes. DHIS2 UIDs have 11 characters,
/// a UVCI at most 80.
pub const REGISTRY_KEY_BYTES: usize = 256;

/// Codes that may be tried against one that was sent, and dates of birth against one link: five of a million.
pub const CODE_TRIES: i64 = 5;

/// Most people of one citizen's session: a large family on one telephone.
pub const SESSION_PEOPLE: usize = 20;

/// Longest text of a citizen's case, and of an operator's note on it, in characters: a page.
pub const CASE_CHARS: usize = 2_000;

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

/// How long a report of a certificate that looks false takes at least, in milliseconds: looking up whether it is ours
/// takes some five, and must not show.
pub const REPORT_MILLISECONDS: u64 = 300;
