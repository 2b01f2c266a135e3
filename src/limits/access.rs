//! Who may do what: accounts, logins, tokens, sessions.

use super::CODE_TEXT_BYTES;

/// Largest configuration, profile or key file, in bytes.
pub const SMALL_FILE_BYTES: u64 = 1024 * 1024;

/// Largest form that the service reads, in bytes. A form writes a byte as three at worst, and has the name of its
/// field.
pub const SERVICE_FORM_BYTES: usize = 3 * CODE_TEXT_BYTES + 64;

/// Longest value of the header Authorization that is looked at, in bytes. A token of ours has 43 characters; those
/// of identity servers some thousand, and they are not ours.
pub const BEARER_BYTES: usize = 4_096;

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

/// Longest refresh token that is kept, in bytes: those of Keycloak and Entra have one to two thousand. A longer one counts
/// as none.
pub const OIDC_RENEWAL_BYTES: usize = 8 * 1024;

/// How long a session lasts about which the provider cannot be asked again, in minutes, unless the configuration says
/// otherwise: that long a lost role still counts there. At most providers logging in again takes no password then.
pub const OIDC_UNASKED_MINUTES: i64 = 60;

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

/// Most marks of the person behind one account: an address, a subject, and what they were before.
pub const ACCOUNT_MARKS: usize = 16;

/// Seconds after which the groups of a user of DHIS2 who came with a session or a token are looked up again: that long a
/// lost group still counts. At four hundred logged-in users DHIS2 is asked about once in two seconds.
pub const GROUPS_SECONDS: i64 = 900;

/// Seconds after which they are looked up again where DHIS2 did not answer.
pub const GROUPS_RETRY_SECONDS: i64 = 60;
