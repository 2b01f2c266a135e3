//! What several journeys need: data in place, invented people, a contract server.

pub mod database;
#[cfg(feature = "service")]
pub use vaccert::sandbox::dhis2;
pub mod paper;
pub mod program;
pub mod vectors;
