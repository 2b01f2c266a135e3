//! `vaccert keys`: the keys of a country, from the ceremony that makes them to their end.

mod ceremony;
mod inspect;

use std::process::ExitCode;

use clap::{Args, Subcommand};

pub(in crate::cli) use self::ceremony::RunError as CeremonyRunError;
use super::{CliError, Common};

/// Arguments of `vaccert keys`.
#[derive(Debug, Args)]
pub(super) struct KeysArgs {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make the keys and certificates of a country from one reviewed file
    Ceremony(ceremony::CeremonyArgs),
    /// Show what a certificate, a request or a public key says, and what a gateway would refuse it for
    Inspect(inspect::InspectArgs),
}

/// Runs the command.
pub(super) fn run(args: KeysArgs, _common: &Common) -> Result<ExitCode, CliError> {
    match args.command {
        KeysCommand::Ceremony(args) => ceremony::run(&args).map(|()| ExitCode::SUCCESS),
        KeysCommand::Inspect(args) => inspect::run(&args),
    }
}
