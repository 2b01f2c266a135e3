//! Every bound on input, each with its reason, in one file for each room or those that belong together. A bound is
//! applied while reading, never afterwards.

mod access;
mod audit;
mod barcode;
mod citizen;
mod doctor;
mod document;
mod envelope;
mod gateway;
mod keys;
mod payload;
mod registry;
mod revocation;
mod rules;
mod sandbox;
mod service;
mod source;
mod trust;

pub use access::*;
pub use audit::*;
pub use barcode::*;
pub use citizen::*;
pub use doctor::*;
pub use document::*;
pub use envelope::*;
pub use gateway::*;
pub use keys::*;
pub use payload::*;
pub use registry::*;
pub use revocation::*;
pub use rules::*;
pub use sandbox::*;
pub use service::*;
pub use source::*;
pub use trust::*;

/// Most rows of the audit log in one answer of the service: some half a megabyte.
pub const AUDIT_ROWS: u32 = 1_000;
