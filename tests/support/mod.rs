//! What several journeys need: data in place, invented people, a contract server.
pub mod paper;

pub mod dhis2;

pub mod database;
