//! The others' side of a rehearsal: a [`gateway`] that refuses what the real ones refuse, and a [`dhis2`] of any
//! version with invented people. `vaccert sandbox` starts both on one machine, and the tests of the clients talk to
//! them, so that a ministry rehearses against the same contract that the program is tested with.
//!
//! Everything here is marked as a sandbox's: certificates carry the organisation that production refuses
//! ([`crate::keys::SANDBOX_ORGANISATION`]), people are invented, servers listen on this machine alone.

pub mod dhis2;
pub mod gateway;
pub mod pki;
mod time;

pub use time::MovedClock;
