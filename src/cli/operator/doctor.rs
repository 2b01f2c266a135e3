//! `vaccert doctor`: a configured installation examined from end to end.

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::{Args, builder::PossibleValuesParser};

use super::{CliError, Common, progress::say};
use crate::{
    batch::{system_random, write_public},
    clock::{Clock, System},
    config::CONFIG_FILE,
    doctor::{Installation, Options, examine},
    limits::DOCTOR_SAMPLE_PEOPLE,
};

/// Arguments of `vaccert doctor`.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Ask no server: check only what lies on this machine
    #[arg(long)]
    offline: bool,
    /// In a test environment of the trust network: upload the signer certificate, and look for it on the list
    #[arg(long, conflicts_with = "offline")]
    upload: bool,
    /// People of the program, and own certificates, to look at; 0 for none
    #[arg(long, value_name = "N", default_value_t = Options::default().sample,
        value_parser = clap::value_parser!(u32).range(0..=i64::from(DOCTOR_SAMPLE_PEOPLE)))]
    sample: u32,
    /// Write the findings into this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a report to be printed and signed into this file (Markdown); no personal data and no secrets
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Language of the findings
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = PossibleValuesParser::new(["en"]))]
    lang: String,
}

/// Runs the command: 0 when nothing needs to be done, 1 with faults, 3 with warnings alone, 2 when the configuration
/// cannot be used.
pub(super) async fn run(args: DoctorArgs, common: &Common) -> Result<ExitCode, CliError> {
    // One language so far; the option keeps its name when there are more.
    let DoctorArgs { offline, upload, sample, json, report: paper, lang: _ } = args;
    let beside = Path::new(CONFIG_FILE);
    let file = common.config.as_deref().or_else(|| beside.is_file().then_some(beside));
    if !common.quiet && std::io::stderr().is_terminal() {
        eprintln!("Examining; this takes up to a few minutes …");
    }
    let clock: Arc<dyn Clock> = Arc::new(System);
    let installation = Installation::open(file);
    let report = examine(&installation, &Options { offline, upload, sample }, &clock, &system_random()).await;
    if let Some(path) = json {
        // Every type in it can be written as JSON.
        let text = serde_json::to_string_pretty(&report).unwrap_or_default();
        write_public(&path, format!("{text}\n").as_bytes())?;
    }
    if let Some(path) = paper {
        write_public(&path, report.to_markdown().as_bytes())?;
    }
    let text = report.to_text(common.quiet);
    if !text.is_empty() {
        say!("{}", text.trim_end());
    }
    Ok(ExitCode::from(report.exit()))
}
