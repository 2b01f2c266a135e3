//! `vaccert publish`: one pass from the registry's log to what devices read.

use std::path::PathBuf;

use clap::Args;

use super::{
    CliError, Common,
    progress::say,
    run::{self, SANDBOX},
};
use crate::{
    clock::{Clock, System},
    config::Environment,
    work::{publisher, summary},
};

/// Where a sandbox without configuration publishes, and has its keys.
const SANDBOX_OUT: &str = "out";

/// Arguments of `vaccert publish`.
#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    /// Folder to publish into; default: as the configuration says, in the sandbox out
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Publish although nothing has changed and what is there is still good for half of its time
    #[arg(long)]
    force: bool,
}

/// Runs the command.
pub(super) async fn run(args: PublishArgs, common: &Common) -> Result<(), CliError> {
    let beside = args.out.clone().unwrap_or_else(|| PathBuf::from(SANDBOX_OUT));
    let setup = common.setup(&beside.join(SANDBOX))?;
    let configured = common.config.is_some() || std::path::Path::new(crate::config::CONFIG_FILE).is_file();
    let dir = match args.out {
        Some(out) => out,
        None if configured => setup.service.public.clone(),
        None => beside,
    };
    let publisher = publisher(&setup, run::registry(&setup).await?, dir.clone());
    let now = System.now();
    let published =
        if args.force { publisher.publish(now).await.map(Some) } else { publisher.publish_if_due(now).await };
    publisher.registry.close().await;
    let published = published?;
    if common.quiet {
        return Ok(());
    }
    match &published {
        None => {
            say!("{}: nothing has changed, and what is there is good for more than half of its time", dir.display())
        }
        Some(published) => {
            say!("{}: {}", dir.display(), summary(published));
            if published.filter_bytes > 0 {
                say!(
                    "Of certificates that nobody revoked, filters name at most one in {:.0}",
                    1.0 / published.false_hits
                );
            }
        }
    }
    if setup.environment == Environment::Sandbox {
        say!("Sandbox: signed by a throw-away key, and worth nothing");
    }
    Ok(())
}
