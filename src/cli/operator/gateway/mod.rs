//! `vaccert gateway`: what this installation does at the gateway of its trust network.

mod migrate;
mod onboard;
mod pull;
mod revocations;
mod rules;
mod show;
mod signers;
mod site;
mod status;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};

use super::{CliError, Common};

/// Arguments of `vaccert gateway`.
#[derive(Debug, Args)]
pub(super) struct GatewayArgs {
    #[command(subcommand)]
    command: GatewayCommand,
}

/// How to print.
#[derive(Debug, Clone, Copy, Args)]
struct Output {
    /// One JSON object on standard output, for machines
    #[arg(long)]
    json: bool,
}

/// How to send.
#[derive(Debug, Clone, Copy, Args)]
struct Sending {
    /// Send it although the checks before sending say that it will be refused
    #[arg(long)]
    force: bool,
    /// Print what would be sent, and send nothing
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Subcommand)]
enum GatewayCommand {
    /// Write the folder with which a country joins a network, or check one, before anybody sends it
    Onboard(onboard::OnboardArgs),
    /// Reach the gateway, and compare what it holds of this country with the configuration
    Status(Output),
    /// Upload signer certificates, after checking everything that the gateway would refuse
    Upload(UploadArgs),
    /// Take a signer certificate off the list: everything that it signed is refused abroad
    Revoke(RevokeArgs),
    /// Download rules, value sets, countries and revocations, check them, and keep what counts
    Pull(pull::PullArgs),
    /// Business rules of a country: list, upload, delete
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// List the value sets, or print one
    Valuesets {
        /// Name of the value set to print
        id: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// List the participating countries
    Countries(Output),
    /// Revocation batches: pull those of all countries, push and delete our own
    #[command(subcommand)]
    Revocations(revocations::RevocationsCommand),
    /// Sign everything anew that this country ever signed, after its upload certificate was renewed
    Migrate(migrate::MigrateArgs),
}

/// Arguments of `vaccert gateway upload`.
#[derive(Debug, Args)]
struct UploadArgs {
    /// Certificates of document signers, PEM or DER
    #[arg(value_name = "FILE", required_unless_present = "signer")]
    files: Vec<PathBuf>,
    /// Every signer certificate of the configuration: those that sign, and those that will
    #[arg(long)]
    signer: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Arguments of `vaccert gateway revoke`.
#[derive(Debug, Args)]
struct RevokeArgs {
    /// Certificate of the document signer, PEM or DER
    #[arg(value_name = "FILE", required_unless_present = "kid", conflicts_with = "kid")]
    file: Option<PathBuf>,
    /// Its key identifier (base64), as the gateway lists it
    #[arg(long, value_name = "KID")]
    kid: Option<String>,
    /// Yes, everything that it signed is to be refused
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Runs the command.
pub(super) async fn run(args: GatewayArgs, common: &Common) -> Result<ExitCode, CliError> {
    // Whoever joins has no gateway in the configuration yet.
    if let GatewayCommand::Onboard(args) = &args.command {
        return onboard::run(args);
    }
    let site = site::Site::open(common)?;
    match args.command {
        GatewayCommand::Onboard(args) => onboard::run(&args),
        GatewayCommand::Status(output) => status::run(&site, output).await,
        GatewayCommand::Upload(args) => signers::upload(&site, args).await,
        GatewayCommand::Revoke(args) => signers::revoke(&site, args).await,
        GatewayCommand::Pull(args) => pull::run(&site, args).await,
        GatewayCommand::Rules(command) => rules::run(&site, command).await,
        GatewayCommand::Valuesets { id, output } => pull::value_sets(&site, id, output).await,
        GatewayCommand::Countries(output) => pull::countries(&site, output).await,
        GatewayCommand::Revocations(command) => revocations::run(&site, command).await,
        GatewayCommand::Migrate(args) => migrate::run(&site, args).await,
    }
}
