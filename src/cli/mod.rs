//! The command line: the verifier, and the operator's commands with one file each.

#[cfg(feature = "issue")]
mod operator;
pub mod rules;
pub mod verify;

#[cfg(feature = "issue")]
pub use operator::main;
