//! Making a national PKI from one reviewed file: the authority (CSCA), document signers, the TLS client and the
//! upload certificate, with the profiles of the certificate governance of the EU and of WHO (facts on the trust
//! framework, section 1).
//!
//! A ceremony goes one way: [`Plan::load`] takes the file and names every fault of it at once; the people who take
//! part read the plan and confirm it; [`run`] makes keys, certificates and requests in a folder that appears whole or
//! not at all, reads everything again and holds it against [`profile`]; the transcript says what was made, when, by
//! which program, and who confirmed it.

mod authority;
mod certificate;
mod entity;
mod error;
mod fault;
mod file;
mod folder;
pub mod inspect;
mod keys;
mod make;
mod plan;
pub mod profile;
mod role;
mod rules;
mod show;
mod transcript;

pub use authority::{ExistingAuthority, ExistingKey};
pub use error::CeremonyError;
pub use fault::Fault;
pub use folder::check as check_out;
pub use make::{Circumstances, Confirmation, Item, Made, run};
pub use plan::{Algorithm, Entity, Environment, Issuance, KeySource, Participant, Plan, PlanError};
pub use role::Role;

/// A commented example of a ceremony file.
pub const EXAMPLE: &str = include_str!("example.toml");
