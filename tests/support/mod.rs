//! What several journeys need: data in place, invented people, a contract server.

pub mod vectors;
