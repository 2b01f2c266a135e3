//! EU Digital COVID Certificate, schema 1.3.x.

mod core;
mod map;
mod model;
mod read;
mod strict;
#[cfg(test)]
mod tests;
mod time;
mod write;

pub use self::core::to_core;
pub use map::{MapError, NationalVaccines, recovery, test, vaccination};
pub use model::{Dcc, Entry, Name, Recovery, Test, Vaccination};
pub use read::{ReadError, Reading, Remark};
pub use strict::{Fault, check};
pub use time::sample_time;

/// Schema version that we issue. 1.3.0 is what the published production codes carry most, and nothing that
/// later versions changed concerns what we write.
pub const SCHEMA_VERSION: &str = "1.3.0";
