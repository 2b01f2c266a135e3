//! What several journeys need: data in place, invented people, a contract server.

pub mod database;
pub mod dhis2;
pub mod paper;
pub mod program;
pub mod vectors;
