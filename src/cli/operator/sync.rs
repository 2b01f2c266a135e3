//! `vaccert sync`: one pass of the DHIS2 poll.

use std::path::PathBuf;

use clap::Args;

use super::{
    CliError, Common, Dhis2Args,
    issue::OutArgs,
    progress::{Display, say},
    run,
};
use crate::{config::Dhis2Access, work::Pass};

/// Where the sandbox keeps its registry when a pass writes no files.
const SANDBOX_STATE: &str = "vaccert-sandbox";

/// Arguments of `vaccert sync`.
#[derive(Debug, Args)]
pub(super) struct SyncArgs {
    /// Also write certificates, report and trust bundle into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Read everybody again, not only what changed since the last pass
    #[arg(long)]
    full: bool,
    /// Built-in profile to read the records by, or a .toml file with a section [profile]; default: found by looking at the program
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,
    #[command(flatten)]
    files: OutArgs,
    #[command(flatten)]
    dhis2: Dhis2Args,
}

/// Runs the command.
pub(super) async fn run(args: SyncArgs, common: &Common) -> Result<(), CliError> {
    let SyncArgs { out, full, profile, files, dhis2 } = args;
    let _held = out.as_deref().map(run::hold_out).transpose()?;
    let state = out.as_ref().map_or_else(|| PathBuf::from(SANDBOX_STATE), |dir| dir.join(run::SANDBOX));
    let setup = common.setup(&state)?;
    let access = Dhis2Access::of(dhis2.over(setup.dhis2.clone()))?;
    let out_files = out.clone().map(|dir| files.into_out(dir));
    let (profile, quiet) = (profile.as_deref(), common.quiet);
    let registry = run::registry(&setup).await?;
    let pass = Pass { setup: &setup, registry: registry.clone(), access: &access, profile, full, out: out_files };
    let ran = pass.run(&mut Display::new(quiet)).await;
    registry.close().await;
    let (done, since) = ran?;
    if !quiet {
        match since {
            Some(since) => say!("Changes since {since} (server time)"),
            None => say!("Everybody, from the beginning"),
        }
        run::tell(&done, &setup, out.as_deref());
    }
    Ok(())
}
