//! `vaccert publish`: one pass from the registry's log to what devices read.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use jiff::Timestamp;

use super::{
    CliError, Common,
    progress::say,
    run::{self, SANDBOX},
};
use crate::{
    clock::{Clock, System},
    config::Environment,
    publication::{PublicationError, Published, Publisher},
    registry::{Ending, TurnTaken},
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

/// How long the command may publish before a replica of the service takes over.
const TURN: Duration = Duration::from_secs(600);

/// Publishes in the turn that the replicas of the service take too.
async fn together(publisher: &Publisher, force: bool, now: Timestamp) -> Result<Option<Published>, PublicationError> {
    let owner = format!("command-{}", std::process::id());
    let TurnTaken::Mine(turn) = publisher.registry.take_turn("publish", &owner, TURN, true).await? else {
        return Err(PublicationError::Held { path: publisher.dir.clone() });
    };
    let published = publisher.publish_together(&turn, force, now).await;
    match &published {
        Ok(published) => {
            let text = published.as_ref().map_or_else(|| "nothing has changed".to_owned(), summary);
            publisher.registry.end_turn(&turn, &Ending::Done { text }, Duration::ZERO).await?;
        }
        Err(_) => publisher.registry.give_back_turn(&turn).await?,
    }
    published
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
    // What the service hands out has one line of numbers, whoever publishes.
    let published = if dir == setup.service.public {
        together(&publisher, args.force, now).await
    } else if args.force {
        publisher.publish(now).await.map(Some)
    } else {
        publisher.publish_if_due(now).await
    };
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
