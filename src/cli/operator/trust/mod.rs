//! `vaccert trust`: whose certificates are believed. The lists are pulled from where they are published, shown,
//! compared, and put into the signed bundle that carries them to devices without a network.

mod bundle;
mod country;
mod diff;
mod pull;
mod pulled;
#[cfg(feature = "service")]
mod recurring;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{CliError, Common};
use crate::{
    cli::verify::{knowledge::Sources, memory::Memory, show},
    clock::{Clock, System},
};

pub(in crate::cli) use pulled::lists_in_use;
#[cfg(feature = "service")]
pub(in crate::cli) use recurring::{task, watched};

/// Arguments of `vaccert trust`.
#[derive(Debug, Args)]
pub(super) struct TrustArgs {
    #[command(subcommand)]
    command: TrustCommand,
}

#[derive(Debug, Subcommand)]
enum TrustCommand {
    /// Fetch the lists of the configuration and put them in use: authenticated, compared with the last good ones
    #[command(
        after_help = "Exit status: 0 every list is in use as it was published; 1 an operator is needed: a list was \
                            refused or is not believed, an own signer is missing, or the last good list is too old; \
                            2 usage or configuration; 4 a list could not be reached, and the last good one is young \
                            enough. Made to be run by cron every hour."
    )]
    Pull(pull::PullArgs),
    /// Take a list that was refused because it is empty, smaller or older, after showing what would change
    Accept(pull::AcceptArgs),
    /// What changed from one bundle, list or folder of lists to another
    #[command(after_help = "Exit status: 0 they say the same; 1 they differ; 2 usage; 4 a file could not be read.")]
    Diff(diff::DiffArgs),
    /// Show every list (how it is known to be authentic, its age, what was left out of it and why), or one country
    Show(ShowArgs),
    /// Put lists, rules, value sets and revocations into one signed file for offline devices
    Bundle(bundle::BundleArgs),
}

/// Arguments of `vaccert trust show`.
#[derive(Debug, Args)]
struct ShowArgs {
    /// Country to show, two letters: its signers and authorities, which list vouches for them, what was left out
    #[arg(value_name = "CC", value_parser = country::code)]
    country: Option<String>,
    #[command(flatten)]
    sources: Sources,
    /// Write JSON (with a country)
    #[arg(long, requires = "country")]
    json: bool,
}

/// A number of things, in words.
fn number(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Runs the command.
pub(super) async fn run(args: TrustArgs, common: &Common) -> Result<ExitCode, CliError> {
    match args.command {
        TrustCommand::Pull(args) => pull::run(&args, common).await,
        TrustCommand::Accept(args) => pull::accept_pending(&args, common),
        TrustCommand::Diff(args) => diff::run(&args, common),
        TrustCommand::Show(mut args) => {
            pulled::fill(&mut args.sources, common)?;
            let knowledge = args.sources.load(&mut Memory::default())?;
            match &args.country {
                Some(country) => Ok(country::show(&knowledge, country, args.json, System.now())),
                None => {
                    let shown = show::print(&knowledge, System.now());
                    pull::print_standing(&args.sources, common)?;
                    Ok(shown)
                }
            }
        }
        TrustCommand::Bundle(mut args) => {
            pulled::fill(&mut args.sources, common)?;
            bundle::bundle(&args, common, System.now())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
