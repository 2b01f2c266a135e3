//! The service: requests, tasks, replicas, pages.

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

/// Most files of a folder that is given as a list. The slices of a country with millions of revocations are a
/// few thousand.
pub const FOLDER_FILES: usize = 100_000;

/// Age in years from which nobody has a guardian on a certificate: the age of majority nearly everywhere. ICVP asks
/// for the guardian of a minor and for nobody else's.
pub const ADULT_YEARS: i16 = 18;

/// Most doses in one request to the issuing API that DIVOC's sidecars speak. A sidecar sends one; the importers
/// seen send some hundred. They are signed while the caller waits.
pub const DIVOC_ITEMS: usize = 1_000;

/// Largest request to that API, JSON or sheet, in bytes. An item has 1.5 kB with every member filled in.
pub const DIVOC_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Most members of an item that the answer lists as ignored. The others are counted.
pub const DIVOC_IGNORED_LISTED: usize = 10;

/// Largest certificate that is handed in for the question whether it is revoked, in bytes. A credential has 2 to 3 kB.
pub const DIVOC_CERTIFICATE_BYTES: usize = 64 * 1024;

/// Seconds after which a recurring task that failed is tried again; doubled with each further failure. A server that
/// restarts is back by then.
pub const TASK_FIRST_RETRY_SECONDS: u64 = 15;

/// Seconds that a task under way may go on when the service ends, unless the configuration says otherwise: most passes
/// are done by then. What is not is handed over to another replica, or taken up by the next start.
pub const TASK_GRACE_SECONDS: u64 = 30;

/// Most members of one list inside a certificate (extensions, attributes of a name, usages). Real ones have some ten.
pub const CERTIFICATE_LIST: usize = 64;

/// Most sessions with one token. Hardware of the smaller kind offers 8 to 64; more do not make it faster.
pub const TOKEN_SESSIONS: usize = 64;

/// Most trust lists that one installation pulls.
pub const TRUST_SOURCES: usize = 64;

/// Longest sentence that is kept about a task, in characters: what went wrong and what to do.
pub const WORK_SENTENCE_CHARS: usize = 500;

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
/// scans at a desk is read by the program itself, up to [`PICTURE_BYTES`](crate::limits::PICTURE_BYTES).
pub const VERIFY_PICTURE_BYTES: usize = 16 * 1024 * 1024;

/// Pictures that are read at the same time. One takes a processor for 5 to 500 milliseconds, and up to 50 MB.
pub const VERIFY_PICTURES: usize = 2;

/// Longest time that a picture waits for its turn, in seconds: an officer takes another one after that.
pub const VERIFY_PICTURE_WAIT_SECONDS: u64 = 5;

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

/// Bytes of the header `Accept-Language` that are looked at: a browser sends a dozen languages, in some 100.
pub const ACCEPT_LANGUAGE_BYTES: usize = 1_000;

/// Longest query of a page, in bytes, that is kept in the links by which it is shown in another language.
pub const LANGUAGE_QUERY_BYTES: usize = 1_000;

/// How often in seconds a replica says that it lives and looks whether the database answers. A database that goes is
/// noticed within this and the five seconds that it may take to answer.
pub const REPLICA_BEAT_SECONDS: u64 = 2;

/// After how many seconds of silence a replica is no longer shown. Its turns are taken over long before.
pub const REPLICA_FORGOTTEN_SECONDS: u64 = 600;

/// Longest pause in seconds before a replica looks again whether a shared task is due: another may have made it due, or
/// may have died.
pub const WORK_POLL_SECONDS: u64 = 5;

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
/// a word before it, has [`REGISTRY_KEY_BYTES`](crate::limits::REGISTRY_KEY_BYTES).
pub const DESK_REASON_BYTES: usize = 240;

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

/// How often the bundle for officers is signed anew, in seconds: its age tells an officer when the device was last
/// connected, and a key in a token is not asked for every device.
pub const OFFICER_BUNDLE_SECONDS: i64 = 3_600;

/// How often a replica looks which parts of the service operators have closed, in seconds: a switch takes effect within
/// that time, and a request costs no question to the database.
pub const FEATURE_SECONDS: i64 = 5;
