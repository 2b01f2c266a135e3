//! The command line: one file a family of commands.

pub mod verify;

#[cfg(feature = "issue")]
mod demo;
#[cfg(feature = "issue")]
mod init;
#[cfg(feature = "issue")]
mod issue;
#[cfg(feature = "issue")]
mod operator;
#[cfg(feature = "issue")]
mod progress;
#[cfg(feature = "issue")]
mod reasons;
#[cfg(feature = "issue")]
mod run;
#[cfg(feature = "issue")]
mod sync;

#[cfg(feature = "issue")]
pub use operator::main;
