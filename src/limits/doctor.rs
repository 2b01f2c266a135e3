//! The examination of an installation.

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

/// Longest that the doctor waits for the trust list of all countries, in seconds: WHO's has 1.5 MB.
pub const DOCTOR_LIST_SECONDS: u64 = 90;
