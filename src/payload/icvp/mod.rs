//! WHO's digital International Certificate of Vaccination or Prophylaxis (ICVP, the yellow card): content of
//! sub-claim -6 of the health certificate claim.
//!
//! Going down, [`card`] makes one from a record and [`Icvp::to_cbor`] writes it; going up, [`Reading::of`] reads any
//! of the three generations, [`decide`] judges the dose by WHO's decision tables, and [`to_core`] shows it in the
//! words of the core data set. What a card does not carry (disease, manufacturer) comes from WHO's catalogue of
//! products in [`crate::valueset`].

mod annex;
mod core;
mod decide;
mod map;
mod model;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use annex::{AnnexLanguage, annex_6, for_life};
pub use core::to_core;
pub use decide::{Medical, NotValid, Open, Outcome, Until, day_of, decide};
pub use map::{CardOptions, MapError, card};
pub use model::{Dose, Early, FIRST_ISSUE, Generation, Icvp, StatedSex, TEMPLATE};
pub use read::{ReadError, Reading, Remark};

/// Whether a text can be the identifier of a participant of WHO's trust network, such as `TGO` or `XXA`: an id as
/// FHIR has it. Whether there is such a participant, only a trust list tells.
#[must_use]
pub fn is_participant(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}
