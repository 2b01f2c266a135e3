//! `vaccert sync`: one pass of the DHIS2 poll.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use jiff::{Span, civil::DateTime};

use super::{CliError, Common, Dhis2Args, issue::OutArgs, progress::say, run};
use crate::{
    batch::{BatchError, feed::Feed},
    config::{Dhis2Access, Setup},
    registry::Registry,
    source::{
        dhis2::{Client, Query},
        profile::{Detected, Profile, detect},
    },
};

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

pub(super) fn client(access: &Dhis2Access) -> Result<Arc<Client>, CliError> {
    Ok(Arc::new(Client::new(access.options.clone())?))
}

/// The profile of the server's program: the configured program, or the one that a built-in profile knows.
pub(super) async fn program(client: &Client, setup: &Setup, named: Option<&str>) -> Result<Profile, CliError> {
    let fixed = run::profile(setup, named, None)?;
    if named.is_some() || setup.profile.base.is_some() {
        // A profile that was chosen by hand is taken as it is; nothing needs to be found.
        return Ok(fixed);
    }
    let uid = Some(fixed.program.as_str()).filter(|uid| !uid.is_empty());
    Ok(look(client, uid).await?.profile)
}

/// Looks at a program, or at all that the user sees until a built-in profile knows one.
pub(super) async fn look(client: &Client, uid: Option<&str>) -> Result<Detected, CliError> {
    if let Some(uid) = uid {
        return Ok(detect(&client.program(uid).await?)?);
    }
    let known: Vec<String> = Profile::built_in().into_iter().map(|profile| profile.program).collect();
    let mut programs = client.programs().await?;
    // Where a server has several programs that are known, vaccination against COVID-19 comes first.
    programs.sort_by_key(|program| known.iter().rev().position(|uid| *uid == program.id).unwrap_or(usize::MAX));
    let mut reasons = Vec::new();
    for summary in &programs {
        match detect(&client.program(&summary.id).await?) {
            Ok(detected) => return Ok(detected),
            Err(error) => reasons.push(error.to_string()),
        }
    }
    Err(CliError::NoProgram(if reasons.is_empty() {
        "the user sees no tracker program; give it the right to read the program's data".to_owned()
    } else {
        reasons.join("; ")
    }))
}

/// The query for everybody of a program.
pub(super) async fn query(client: &Client, access: &Dhis2Access, profile: &Profile) -> Result<Query, CliError> {
    let units = if access.org_units.is_empty() { client.root_org_units().await? } else { access.org_units.clone() };
    let mut query = Query::new(profile.program.clone(), units);
    query.stage = profile.only_stage().map(str::to_owned);
    if let Some(size) = access.page_size {
        query.page_size = size;
    }
    Ok(query)
}

/// What one pass reads, and where it goes.
pub(super) struct Pass<'a> {
    pub(super) setup: &'a Setup,
    pub(super) access: &'a Dhis2Access,
    /// Profile that was chosen by hand.
    pub(super) profile: Option<&'a str>,
    /// Everybody, not only what changed.
    pub(super) full: bool,
    pub(super) out: Option<run::Out>,
    pub(super) quiet: bool,
}

impl Pass<'_> {
    /// Runs the pass. Gives what it did, and since when it read (server time); `None` for everybody.
    pub(super) async fn run(self) -> Result<(run::Done, Option<String>), CliError> {
        let Pass { setup, access, profile, full, out, quiet } = self;
        let client = client(access)?;
        let found = program(&client, setup, profile).await?;
        let mut query = query(&client, access, &found).await?;

        // The server's own clock and zone: that is what "updated after" is compared with. A server that hides it
        // is read in full each time.
        let started = client.system_info().await.ok().and_then(|info| info.server_date).map(|date| without_zone(&date));
        let source = source_name(access, &found);
        let registry =
            Registry::open(&setup.registry_url, setup.registry_options.clone()).await.map_err(BatchError::from)?;
        let watermark = registry.watermark(&source).await.map_err(BatchError::from)?;
        if !full && started.is_some() {
            query.updated_after = watermark.as_deref().and_then(|mark| back(mark, access.overlap_minutes));
        }
        let since = query.updated_after.clone();

        let feed = Feed::from_dhis2(client, query);
        let done = run::run(setup, feed, profile, Some(found), out, run::POLLER, quiet).await?;
        if let Some(started) = started {
            // Only after everything was stored: a pass that is killed is done again from the old mark.
            registry.set_watermark(&source, &started, false).await.map_err(BatchError::from)?;
        }
        registry.close().await;
        Ok((done, since))
    }
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
    let pass = Pass { setup: &setup, access: &access, profile, full, out: out_files, quiet };
    let (done, since) = pass.run().await?;
    if !quiet {
        match since {
            Some(since) => say!("Changes since {since} (server time)"),
            None => say!("Everybody, from the beginning"),
        }
        run::tell(&done, &setup, out.as_deref());
    }
    Ok(())
}

/// One watermark for each server and program. The address has no login in it.
fn source_name(access: &Dhis2Access, profile: &Profile) -> String {
    let address: String = access.options.base_url.chars().take(150).collect();
    format!("dhis2 {address} {}", profile.program)
}

/// The date and time without fraction and zone: DHIS2 writes `2026-11-21T10:00:00.000`, sometimes with `+0000`.
fn without_zone(date: &str) -> String {
    date.chars().take(19).collect()
}

/// A watermark minus the overlap; `None` when it is no time.
fn back(mark: &str, minutes: u32) -> Option<String> {
    let mark: DateTime = mark.parse().ok()?;
    let earlier = mark.checked_sub(Span::new().minutes(i64::from(minutes))).ok()?;
    Some(format!("{}.000", earlier.strftime("%Y-%m-%dT%H:%M:%S")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watermark_goes_back_by_the_overlap() {
        assert_eq!(back("2026-11-21T00:05:00", 10).unwrap(), "2026-11-20T23:55:00.000");
        assert_eq!(back("yesterday", 10), None);
        assert_eq!(without_zone("2026-11-21T10:00:00.123+0000"), "2026-11-21T10:00:00");
    }
}
