//! What was issued, and the questions about it.

/// Most records that one claim or one store of the registry takes. A batch of the pipeline has 256 to 1,000;
/// 4,096 keeps one transaction under a second and one statement under SQLite's 32,766 parameters.
pub const REGISTRY_BATCH: usize = 4_096;

/// Longest sealed text that the registry keeps, in bytes. A DCC is about 500, a DIVOC JSON a few thousand.
pub const REGISTRY_TEXT_BYTES: usize = 64 * 1024;

/// Most certificates of one person that the registry lists. A person has at most 1,000 events.
pub const REGISTRY_PERSON_ROWS: i64 = 10_000;

/// Envelopes of one certificate: there are five formats, and room for some more.
pub const REGISTRY_ENVELOPES: usize = 16;

/// By how many seconds the clock of the database may go back without anybody caring: NTP corrects by less.
pub const CLOCK_STEP_SECONDS: u64 = 60;

/// Most reasons that are kept of one refused record. It is refused for all of them, and a clerk mends one after the
/// other.
pub const REFUSAL_REASONS: i64 = 20;
