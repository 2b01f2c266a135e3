//! The log of what was done, and examinations.

/// Longest reason of an entry of the audit log, in characters: a sentence or two.
pub const AUDIT_REASON_CHARS: usize = 500;

/// Largest details of an entry of the audit log, in bytes. They are a few names and numbers; what would be more is
/// left out and said to be.
pub const AUDIT_DETAILS_BYTES: usize = 2_000;

/// Rows of the audit log that are read at a time: some two megabytes.
pub const AUDIT_PAGE: u32 = 4_096;

/// Most faults of the audit log that one check tells. A log with more is not the log of this registry.
pub const AUDIT_FAULTS: usize = 1_000;

/// Largest file of a signed head of the audit log, in bytes: with the certificate of a rehearsal it has some two
/// thousand.
pub const AUDIT_HEAD_BYTES: usize = 16 * 1024;

/// Most heads that are looked at: one a day, for more than a hundred years.
pub const AUDIT_HEADS: usize = 40_000;

/// Most findings of one kind that an examination lists; the rest is counted.
pub const AUDIT_LISTED: usize = 10_000;

/// Certificates that an examination has in memory at a time: some two megabytes with their envelopes.
pub const AUDIT_CERTIFICATES: u32 = 512;
