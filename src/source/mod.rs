//! Where records come from: a DHIS2 server in any dialect of its Tracker API, or files exported from one.
//!
//! A source gives [`model::TrackedEntity`] values as a stream; a profile assesses each of them into records
//! that may become certificates and refusals that say why not.

pub mod assess;
pub mod dhis2;
pub mod divoc;
pub mod file;
pub mod model;
pub mod policy;
pub mod profile;
pub mod reasons;
