//! `vaccert audit`: is the log whole, is every certificate what it should be, are there as many as doses?
//!
//! Every examination ends with 0 when nothing was found, 1 with findings, 2 when the call cannot be understood and 4
//! when the registry or DHIS2 cannot be reached. `forget` ends with 4 too when the database user may not, and with 5 when
//! everything was removed but parts of it are still in the files.

mod examine;
mod forget;
#[cfg(feature = "service")]
pub(super) mod nightly;
mod push;
mod rows;
mod show;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand, ValueEnum};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::Offset};

use super::{CliError, Common, Dhis2Args, run};
use crate::{
    audit::{AuditError, ExportForm},
    config::{CONFIG_FILE, Setup},
    registry::{
        Registry,
        audit::{By, Deed, Entry, ObjectKind},
    },
    returns::ReturnsError,
};

/// Arguments of `vaccert audit`.
#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// Folder of the sandbox, where there is no configuration
    #[arg(long, global = true, value_name = "DIR", default_value = "out")]
    sandbox: PathBuf,
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check the log row by row, and against the heads that were published
    Verify {
        /// A head that was kept elsewhere (a file as `vaccert audit head --out` writes it); may be repeated
        #[arg(long, value_name = "FILE")]
        head: Vec<PathBuf>,
        /// Also check this export against its manifest
        #[arg(long, value_name = "FILE")]
        export: Option<PathBuf>,
        #[command(flatten)]
        report: ReportArgs,
    },
    /// Verify every certificate that was ever issued again, by the keys that the registry knows
    Certificates {
        /// Go on behind this number, which an earlier run told
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        after: u64,
        #[command(flatten)]
        report: ReportArgs,
    },
    /// Compare certificates with the doses of DHIS2 by facility and day, and find people who are there twice
    Reconcile(Box<ReconcileArgs>),
    /// Write rows of the log into a file, with a manifest that the list key signs
    Export {
        /// File to write; the manifest lies beside it under the same name with .manifest.json
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// First day (UTC), or moment with its zone; default: the beginning
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Last day (UTC), or the moment before which; default: now
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        /// Form of the rows
        #[arg(long, value_enum, default_value_t = FormName::Ndjson)]
        form: FormName,
    },
    /// Push counts by facility into the data set of [dhis2.push]
    Push(Box<PushArgs>),
    /// Remove everything about people from the registry, at the end of a programme; the log stays
    Forget(ForgetArgs),
    /// Print the newest row's number and hash, which stand for the whole log: keep them elsewhere
    Head {
        /// Write the head into this file, signed by the list key
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// What becomes of a report.
#[derive(Debug, Args)]
struct ReportArgs {
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// Write the report as JSON into this file, which only its owner can read
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Arguments of `vaccert audit reconcile`.
#[derive(Debug, Args)]
struct ReconcileArgs {
    /// An export of tracked entities instead of DHIS2 itself
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
    /// Count only doses given on this day or later
    #[arg(long, value_name = "DAY", requires = "given_to")]
    given_from: Option<Date>,
    /// Count only doses given on this day or earlier
    #[arg(long, value_name = "DAY", requires = "given_from")]
    given_to: Option<Date>,
    /// Write the counts of every facility and day into this file (CSV)
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Built-in profile to read the records by, or a .toml file; default: as the poller finds it
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    dhis2: Dhis2Args,
}

/// Arguments of `vaccert audit forget`.
#[derive(Debug, Args)]
struct ForgetArgs {
    /// Exact number of certificates in the registry; without it the number is told and nothing is removed
    #[arg(long, value_name = "NUMBER")]
    certificates: Option<u64>,
    /// Also while certificates have not expired: their revocations are forgotten with them
    #[arg(long)]
    before_their_end: bool,
    /// Why, for the log: a sentence without names
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Arguments of `vaccert audit push`.
#[derive(Debug, Args)]
struct PushArgs {
    /// Show what would be sent, as JSON, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    dhis2: Dhis2Args,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormName {
    /// One JSON object a line
    Ndjson,
    /// Comma-separated
    Csv,
}

impl From<FormName> for ExportForm {
    fn from(name: FormName) -> Self {
        match name {
            FormName::Ndjson => Self::Ndjson,
            FormName::Csv => Self::Csv,
        }
    }
}

/// Why an examination did not take place.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum AuditRunError {
    #[error("{option} {text:?} is no time: write it as 2026-11-22, or with its zone as 2026-11-22T18:00:00+01:00")]
    Time { option: &'static str, text: String },
    #[error("--given-from lies behind --given-to: swap them")]
    Days,
    #[error("there is no registry in {}: give --config, or the folder of the sandbox with --sandbox", path.display())]
    NoRegistry { path: PathBuf },
    #[error("{} cannot be read ({kind}): check the path and its permissions", path.display())]
    Read { path: PathBuf, kind: std::io::ErrorKind },
    #[error("{}: {error}", path.display())]
    Head { path: PathBuf, error: crate::publication::HeadError },
    #[error("no data set is configured: write [dhis2.push] into vaccert.toml")]
    NoPush,
    #[error("the registry holds {held} certificates and not {meant}: look again; nothing was removed")]
    OtherNumber { meant: u64, held: u64 },
    #[error(
        "{valid} certificates have not expired, the last one does at {until}: wait until then, or revoke the signer's \
         certificate at the gateway first and give --before-their-end; nothing was removed"
    )]
    StillValid { valid: u64, until: String },
    #[error("the log must say why everything is removed: give --reason")]
    NoReason,
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error(transparent)]
    Returns(#[from] ReturnsError),
}

impl AuditRunError {
    /// 2 for what the caller can mend in the call, 4 for what cannot be reached.
    pub(in crate::cli) fn exit(&self) -> u8 {
        match self {
            Self::Time { .. }
            | Self::Days
            | Self::NoPush
            | Self::OtherNumber { .. }
            | Self::StillValid { .. }
            | Self::NoReason
            | Self::Head { .. }
            | Self::Audit(AuditError::Manifest { .. }) => 2,
            Self::Audit(AuditError::Worker | AuditError::Key | AuditError::Signer(_)) => 1,
            Self::NoRegistry { .. } | Self::Read { .. } | Self::Audit(_) | Self::Returns(_) => 4,
        }
    }
}

impl From<AuditError> for CliError {
    fn from(error: AuditError) -> Self {
        AuditRunError::from(error).into()
    }
}

impl From<ReturnsError> for CliError {
    fn from(error: ReturnsError) -> Self {
        AuditRunError::from(error).into()
    }
}

/// Runs the command.
pub(super) async fn run(args: AuditArgs, common: &Common) -> Result<ExitCode, CliError> {
    let AuditArgs { sandbox, command } = args;
    let state = sandbox.join(run::SANDBOX);
    let configured = common.config.is_some() || Path::new(CONFIG_FILE).is_file();
    if !configured && !state.is_dir() {
        return Err(AuditRunError::NoRegistry { path: sandbox }.into());
    }
    let setup = common.setup(&state)?;
    let registry = run::registry(&setup).await?;
    let desk = Desk { setup, registry, quiet: common.quiet };
    let done = match command {
        AuditCommand::Verify { head, export, report } => {
            examine::verify(&desk, &head, export.as_deref(), &report).await
        }
        AuditCommand::Certificates { after, report } => examine::certificates(&desk, after, &report).await,
        AuditCommand::Reconcile(args) => examine::reconciled(&desk, *args).await,
        AuditCommand::Export { out, from, to, form } => {
            rows::export(&desk, &out, from.as_deref(), to.as_deref(), form.into()).await
        }
        AuditCommand::Forget(args) => forget::forget(&desk, args).await,
        AuditCommand::Push(args) => push::push(&desk, *args).await,
        AuditCommand::Head { out, json } => rows::head(&desk, out.as_deref(), json).await,
    };
    desk.registry.close().await;
    done
}

/// The installation that is examined.
struct Desk {
    setup: Setup,
    registry: Registry,
    quiet: bool,
}

impl Desk {
    /// Tells the log that an examination took place. An auditor whose database user may only read examines as well.
    async fn told(&self, what: &'static str, findings: u64, now: Timestamp) {
        let entry = Entry::new(By::operator(Some(&run::user())), Deed::Examined)
            .to(ObjectKind::List, what)
            .with("findings", findings);
        if let Err(error) = self.registry.audit(&entry, now).await {
            tracing::warn!(%error, "the log could not be told of this examination");
        }
    }
}

/// The beginning (`days` 0) or the first moment behind (`days` 1) of a day, or the moment itself.
fn moment(option: &'static str, text: &str, days: i32) -> Result<Timestamp, AuditRunError> {
    let wrong = || AuditRunError::Time { option, text: text.chars().take(40).collect() };
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    if text.contains(['T', 't', ' ']) {
        return Err(wrong());
    }
    let day: Date = text.parse().map_err(|_| wrong())?;
    let day = day.checked_add(days.days()).map_err(|_| wrong())?;
    Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| wrong())
}
