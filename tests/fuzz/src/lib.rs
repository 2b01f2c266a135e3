//! What the fuzz targets call. `tests/conformance/findings.rs` calls the same on every kept finding.

pub mod cards;
pub mod entries;
pub mod pki;
pub mod rooms;
pub mod seals;
