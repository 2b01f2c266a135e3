//! What a SMART Health Card states: a verifiable credential with FHIR R4 resources (SMART Health Cards Framework
//! 1.4.0; SMART Health Cards: Vaccination & Testing guide 1.0.0, "data minimization" profiles). Read only.
//!
//! A card names one person and any number of events. FHIR says which elements change the meaning of a resource;
//! those that this program does not know are refused, never skipped (FHIR R4, "modifier elements").

mod bundle;
mod codes;
mod fhir;
mod map;
mod model;
mod read;
#[cfg(test)]
mod tests;

pub use codes::{Outcome, icd11_of_cvx, outcome};
pub use map::to_core;
pub use model::{Answer, Code, HealthCard, HumanName, Immunization, Observation, Patient};
pub use read::{ReadError, Reading, Remark, issuer};
