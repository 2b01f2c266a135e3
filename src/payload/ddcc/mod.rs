//! WHO DDCC: the core data set of a vaccination (DDCC:VS, sub-claim 3 of the health certificate claim) and of a
//! test (DDCC:TR, sub-claim 4), logical models `DDCCCoreDataSetVS` and `DDCCCoreDataSetTR` of the guide 1.0.1.
//!
//! Down: a [`crate::record`] becomes a [`Ddcc`] (`map`), which is written as CBOR (`write`) or as the FHIR document
//! `ddcc.json` ([`fhir`]). Up: the content of a token is read (`read`, and `flat` for the first form without a
//! health certificate claim), and goes into the hub [`super::core`] by [`to_core`].

mod core;
#[cfg(not(target_arch = "wasm32"))]
pub mod fhir;
mod flat;
mod map;
mod model;
mod parts;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use self::core::to_core;
pub use flat::looks_flat;
pub use map::{Frame, MapError, test, vaccination};
pub use model::{Certificate, Coding, Ddcc, Event, Identifier, Organization, Period, Test, Vaccination};
pub use read::{Kind, ReadError, Reading, Remark};

/// `certificate.version` that we write: the release of the guide.
pub const SCHEMA_VERSION: &str = "1.0.1";
