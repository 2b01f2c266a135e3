//! `vaccert document`: the paper and the passes of certificates.

use clap::{Args, Subcommand};

use super::{CliError, Common, document_template, pass};

/// Arguments of `vaccert document`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct DocumentArgs {
    #[command(subcommand)]
    command: DocumentCommand,
}

#[derive(Debug, Subcommand)]
enum DocumentCommand {
    /// A certificate of the registry as a pass for the wallet of a telephone
    Pass(pass::PassArgs),
    /// The ministry's own PDF as background: start, find places, check
    Template(document_template::TemplateArgs),
}

/// Runs the command.
pub(super) async fn run(args: DocumentArgs, common: &Common) -> Result<(), CliError> {
    match args.command {
        DocumentCommand::Pass(args) => pass::run(args, common).await,
        DocumentCommand::Template(args) => document_template::run(args, common),
    }
}
