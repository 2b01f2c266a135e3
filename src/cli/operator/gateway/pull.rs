//! `vaccert gateway pull`, `valuesets` and `countries`.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Output, site::Site};
use crate::{
    cli::operator::CliError,
    gateway::{Folder, Kind, PullOptions, PullReport, State, pull},
};

/// Arguments of `vaccert gateway pull`.
#[derive(Debug, Args)]
pub(super) struct PullArgs {
    /// Only these, separated by commas
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(super) only: Vec<KindName>,
    /// Folder to keep it in; default: gateway.state
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Take over a download that is empty, more than a fifth smaller, or older than the last
    #[arg(long)]
    pub(super) accept: bool,
    /// List and fetch every revocation batch again
    #[arg(long)]
    pub(super) resync: bool,
    #[command(flatten)]
    pub(super) output: Output,
}

/// A kind by its name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KindName {
    Countries,
    ValueSets,
    Rules,
    Revocations,
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Countries => Self::Countries,
            KindName::ValueSets => Self::ValueSets,
            KindName::Rules => Self::Rules,
            KindName::Revocations => Self::Revocations,
        }
    }
}

pub(super) async fn run(site: &Site, args: PullArgs) -> Result<ExitCode, CliError> {
    let anchor = site.settings.anchor()?;
    let folder = Folder::open(args.out.as_deref().unwrap_or(&site.settings.state))?;
    let kinds = args.only.into_iter().map(Kind::from).collect();
    let options = PullOptions { kinds, accept: args.accept, resync: args.resync };
    let report = pull(&site.client, &anchor, &folder, &options).await?;
    if args.output.json {
        println!("{}", json!(report));
    } else {
        print(site, &folder, &report);
    }
    Ok(match () {
        () if report.unreachable => ExitCode::from(4),
        () if report.is_good() => ExitCode::SUCCESS,
        () => ExitCode::FAILURE,
    })
}

/// At most so many rejected things are printed; all are in the report.
const SHOWN: usize = 20;

fn print(site: &Site, folder: &Folder, report: &PullReport) {
    if !site.quiet {
        println!("{}", site.address());
    }
    for kind in &report.kinds {
        let name = kind.kind.name();
        match (kind.status, &kind.reason) {
            (State::Taken, _) if site.quiet => {}
            (State::Taken, _) => {
                let rejected = match kind.rejected {
                    0 => String::new(),
                    some => format!(", {some} not used"),
                };
                println!("  {name:12} taken: {} usable of {} listed{rejected}", kind.usable, kind.listed);
            }
            (State::Kept, reason) => println!("  {name:12} kept as it was: {}", reason.as_deref().unwrap_or_default()),
            (State::Failed, reason) => println!("  {name:12} failed: {}", reason.as_deref().unwrap_or_default()),
        }
        for remark in &kind.remarks {
            println!("    {remark}");
        }
    }
    if site.quiet {
        return;
    }
    for rejected in report.rejected.iter().take(SHOWN) {
        println!("    {} {} {}: {}", rejected.kind, rejected.country, rejected.item, rejected.reason);
    }
    if report.rejected.len() > SHOWN {
        println!("    and {} more, all of them in report.json", report.rejected.len() - SHOWN);
    }
    println!("  {} vouched-for upload certificates; kept in {}", report.uploaders, folder.root().display());
}

pub(super) async fn value_sets(site: &Site, id: Option<String>, output: Output) -> Result<ExitCode, CliError> {
    match id {
        Some(id) => {
            let content = site.client.value_set(&id).await?;
            let mut out = std::io::stdout().lock();
            // A reader that went away has read enough.
            let _ = out.write_all(&content).and_then(|()| out.write_all(b"\n"));
        }
        None => list(&site.client.value_sets().await?, output),
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn countries(site: &Site, output: Output) -> Result<ExitCode, CliError> {
    list(&site.client.countries().await?, output);
    Ok(ExitCode::SUCCESS)
}

fn list(names: &[String], output: Output) {
    if output.json {
        println!("{}", json!(names));
    } else {
        names.iter().for_each(|name| println!("{name}"));
    }
}
