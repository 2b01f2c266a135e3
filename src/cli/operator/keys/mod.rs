//! `vaccert keys`: the keys of a country, from the ceremony that makes them to their end.

mod ceremony;
mod inspect;
mod make;
pub(super) mod status;

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
    /// Show every certificate that the configuration names: what it does, what ends when, what to do next
    ///
    /// No key is opened and no passphrase asked for, so that it can run daily from cron. Exit status: 0 nothing that
    /// matters ends within 90 days, 1 within 90, 3 within 30, 5 within 7, 6 something is over or nobody signs; 2 and
    /// 4 as everywhere: a wrong setting, or a file that cannot be read.
    Status(status::StatusArgs),
    /// Make a key in a token or hardware security module, and print its public half
    Make(make::MakeArgs),
    /// Publish all signers in a trust bundle: a new one signs when it has been published for keys.publish_hours
    Publish(status::PublishArgs),
}

/// Runs the command.
pub(super) fn run(args: KeysArgs, common: &Common) -> Result<ExitCode, CliError> {
    match args.command {
        KeysCommand::Ceremony(args) => ceremony::run(&args).map(|()| ExitCode::SUCCESS),
        KeysCommand::Inspect(args) => inspect::run(&args),
        KeysCommand::Make(args) => make::run(&args, common),
        KeysCommand::Status(args) => super::block_on(status::run(&args, common)),
        KeysCommand::Publish(args) => super::block_on(status::publish(args, common)),
    }
}
