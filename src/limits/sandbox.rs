//! The rehearsal.

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

/// Most invented people of a rehearsal. They live in memory, some two kilobytes each.
pub const SANDBOX_PEOPLE: i64 = 100_000;
