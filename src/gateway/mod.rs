//! The trust networks: a client for the EU gateway (DGCG) and for WHO's (TNG), which speak one interface.

pub mod guard;
mod network;

pub use network::{Network, Stage};
