//! ICAO VDS-NC messages: proof of vaccination (`icao.vacc`) and proof of testing (`icao.test`), version 1 of the
//! technical report. Read only: this program issues none.

mod map;
mod model;
mod read;
#[cfg(test)]
mod tests;

pub use map::{issuing_state, standardised_name, to_core};
pub use model::{Dose, Message, Person, TestProof, VaccinationEvent, VaccinationProof, VdsNc};
pub use read::{ReadError, Reading, Remark, VERSION};
