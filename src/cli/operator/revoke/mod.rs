//! `vaccert revoke`: certificates taken back by name, by list or in bulk; the same taken back again; the log.
//!
//! Exit status: 0 everything that was asked for holds now; 5 some of the identifiers could not be revoked or
//! restored, and the lines say which; 3 nothing was done, because a bulk was not confirmed or changed meanwhile;
//! 2 usage or configuration; 4 a file cannot be read or written; 1 the registry failed, and what was done before
//! stays.

mod bulk;
mod csv;
mod list;
mod names;
mod when;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};

use super::{Common, progress::say, run};
use crate::{
    batch::{BatchError, RandomError, system_random},
    clock::{Clock, System},
    config::{Books, CONFIG_FILE, ConfigError},
    limits,
    record::Country,
    registry::{self, Cause, Reason, Registry, RegistryError},
    work::{self, bulk::BadSelection},
};

/// Arguments of `vaccert revoke`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Bulk revocation first shows how many certificates are selected and where they come from. \
    It then wants that number typed, or as --confirm N, and does nothing when the selection has changed meanwhile.\n\n\
    Exit status: 0 done; 5 not for every identifier, the lines say why; 3 not confirmed, nothing was done; \
    2 usage; 4 a file; 1 the registry")]
pub(super) struct RevokeArgs {
    /// Identifiers (URN:UVCI:01:…), with or without the check character, or the names of their folders
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// List of identifiers: one a line, or a table with a column id and perhaps a column reason; a result for each
    /// line, and no bad line stops the others
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Everything of this facility (UID of the org unit)
    #[arg(long, value_name = "UID")]
    facility: Option<String>,
    /// Everything that was issued through this operator, such as api:NAME, user:NAME or poller
    #[arg(long, value_name = "NAME")]
    operator: Option<String>,
    /// Everything of this batch of vaccine; letters count alike in either case
    #[arg(long, value_name = "LOT")]
    batch_number: Option<String>,
    /// Of these, only what was issued at this time or later: a day (from its beginning, UTC) or a time with zone
    #[arg(long, value_name = "TIME")]
    issued_from: Option<String>,
    /// Of these, only what was issued before this time; a day counts to its end (UTC)
    #[arg(long, value_name = "TIME")]
    issued_to: Option<String>,
    /// Of these, only doses given on this day or later
    #[arg(long, value_name = "DAY")]
    given_from: Option<String>,
    /// Of these, only doses given on this day or earlier
    #[arg(long, value_name = "DAY")]
    given_to: Option<String>,
    /// Why; fraud, lot, holder and other keep the record from getting another certificate, error until it is
    /// corrected
    #[arg(long, value_enum, value_name = "CODE")]
    reason: Option<ReasonName>,
    /// More about it, at most 500 characters. It stays in the log for ever: no names, no numbers of persons
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Number of certificates that a bulk is to revoke or restore, as it was shown
    #[arg(long, value_name = "N")]
    confirm: Option<usize>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the result for each identifier into this file (CSV) instead of printing it
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Take the revocation of these identifiers back
    #[arg(long)]
    undo: bool,
    /// Take back what one bulk revoked and what nothing else has revoked since
    #[arg(long, value_name = "GROUP")]
    undo_group: Option<String>,
    /// Print the log of revocations as CSV
    #[arg(long)]
    list: bool,
    /// Of the log, only this bulk
    #[arg(long, value_name = "GROUP", requires = "list")]
    group: Option<String>,
    /// Folder of the sandbox, where there is no configuration
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,
}

/// A reason that an operator may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReasonName {
    /// There was no such dose, or the certificate was obtained by fraud
    Fraud,
    /// The certificate says something wrong
    Error,
    /// The batch of vaccine was recalled or is not valid
    Lot,
    /// The signing key was lost or stolen
    Key,
    /// The holder asked for it
    Holder,
    /// The revocation was a mistake (only with --undo and --undo-group)
    Mistake,
    /// Another reason: say which with --note
    Other,
}

impl ReasonName {
    fn reason(self) -> Reason {
        match self {
            Self::Fraud => Reason::Fraud,
            Self::Error => Reason::Error,
            Self::Lot => Reason::Lot,
            Self::Key => Reason::Key,
            Self::Holder => Reason::Holder,
            Self::Mistake => Reason::Mistake,
            Self::Other => Reason::Other,
        }
    }
}

/// Why the command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
enum RevokeError {
    #[error("{0}")]
    Usage(&'static str),
    #[error("{0}; the options are --facility, --operator and --batch-number")]
    Selection(#[from] BadSelection),
    #[error("{option} {text:?} is {problem}")]
    Time { option: &'static str, text: String, problem: &'static str },
    #[error("there is no registry in {}: give --config, or the folder of the sandbox with --out", path.display())]
    NoRegistry { path: PathBuf },
    #[error("{} cannot be read ({kind}): check the path and its permissions", path.display())]
    Read { path: PathBuf, kind: std::io::ErrorKind },
    #[error("{} has more than {most} bytes: split the list", path.display(), most = limits::REVOCATION_CSV_BYTES)]
    TooLarge { path: PathBuf },
    #[error("{} has more than {most} lines: split the list", path.display(), most = limits::REVOCATION_SELECTION)]
    TooMany { path: PathBuf },
    #[error(
        "{} is a table without a column id: name the column of the identifiers id, or give one identifier a line",
        path.display()
    )]
    NoColumn { path: PathBuf },
    #[error("nothing was done: {found} certificates are selected; to go on, repeat the command with --confirm {found}")]
    NotConfirmed { found: usize },
    #[error("nothing was done: --confirm says {said} and {found} certificates are selected; look at them again")]
    OtherNumber { said: usize, found: usize },
    #[error("nothing was done: the selection changed while it was being confirmed; look at it again")]
    Changed,
    #[error("no bulk of the log has the name {name:?}: look it up with vaccert revoke --list")]
    NoGroup { name: String },
    #[error("the program's runtime cannot be started ({0})")]
    Runtime(std::io::ErrorKind),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Random(#[from] RandomError),
    #[error(transparent)]
    Report(#[from] BatchError),
}

impl RevokeError {
    fn exit(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Selection(_) | Self::Time { .. } | Self::Config(_) | Self::NoGroup { .. } => 2,
            Self::Registry(RegistryError::Note | RegistryError::Key { .. } | RegistryError::Selection) => 2,
            Self::NotConfirmed { .. } | Self::OtherNumber { .. } | Self::Changed => 3,
            Self::NoRegistry { .. }
            | Self::Read { .. }
            | Self::TooLarge { .. }
            | Self::TooMany { .. }
            | Self::NoColumn { .. }
            | Self::Report(_) => 4,
            Self::Runtime(_) | Self::Registry(_) | Self::Random(_) => 1,
        }
    }
}

/// Everything was done, or not for every identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Whole,
    InPart,
}

/// What every part of the command needs.
struct Desk {
    registry: Registry,
    country: String,
    quiet: bool,
    clock: System,
}

/// What is to be done with the identifiers.
#[derive(Debug, Clone)]
struct Order {
    undo: bool,
    cause: Cause,
    dry_run: bool,
    report: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: RevokeArgs, common: &Common) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = runtime
        .map_err(|error| RevokeError::Runtime(error.kind()))
        .and_then(|runtime| runtime.block_on(work(args, common)));
    match ended {
        Ok(Ended::Whole) => ExitCode::SUCCESS,
        Ok(Ended::InPart) => ExitCode::from(5),
        Err(error) => {
            eprintln!("vaccert: {error}");
            ExitCode::from(error.exit())
        }
    }
}

async fn work(args: RevokeArgs, common: &Common) -> Result<Ended, RevokeError> {
    let named = !args.ids.is_empty() || args.csv.is_some();
    let selection = bulk::selection(&args)?;
    match (named, selection.is_some(), args.undo_group.is_some(), args.list) {
        (true, false, false, false)
        | (false, true, false, false)
        | (false, false, true, false)
        | (false, false, false, true) => {}
        (false, false, false, false) => {
            return Err(RevokeError::Usage(
                "nothing is named: give identifiers, --csv, --facility, --operator, --batch-number, --undo-group or --list",
            ));
        }
        _ => {
            return Err(RevokeError::Usage(
                "identifiers, a selection, --undo-group and --list do not go together: run one after the other",
            ));
        }
    }
    if args.undo && selection.is_some() {
        return Err(RevokeError::Usage(
            "--undo takes identifiers or --csv: take a bulk back by its name with --undo-group",
        ));
    }
    let desk = desk(&args, common).await?;
    if args.list {
        let listed = list::print(&desk, args.group.as_deref()).await;
        desk.registry.close().await;
        return listed.map(|()| Ended::Whole);
    }
    let order = order(&args)?;
    let ended = match (selection, &args.undo_group) {
        (Some(selection), _) => bulk::revoke(&desk, &selection, order, args.confirm).await,
        (None, Some(group)) => bulk::restore(&desk, group, order, args.confirm).await,
        (None, None) => {
            if args.confirm.is_some() {
                return Err(RevokeError::Usage("--confirm is for a selection: what is named is done at once"));
            }
            names::work(&desk, &args.ids, args.csv.as_deref(), &order).await
        }
    };
    desk.registry.close().await;
    ended
}

/// Reason, note and who.
fn order(args: &RevokeArgs) -> Result<Order, RevokeError> {
    let undo = args.undo || args.undo_group.is_some();
    let reason = match (args.reason, undo) {
        (Some(ReasonName::Mistake), false) => {
            return Err(RevokeError::Usage("the reason mistake is for --undo: give the reason of the revocation"));
        }
        (Some(name), _) => name.reason(),
        // Whoever only looks need not say why.
        (None, _) if args.dry_run => Reason::Other,
        (None, _) => {
            return Err(RevokeError::Usage(
                "a reason is missing: give --reason fraud, error, lot, key, holder or other; to undo, mistake or other",
            ));
        }
    };
    if reason == Reason::Other && !args.dry_run && args.note.as_deref().is_none_or(|note| note.trim().is_empty()) {
        return Err(RevokeError::Usage("the reason other says nothing alone: add --note with the reason"));
    }
    let cause = Cause { reason, note: args.note.clone(), operator: Some(run::user()), bulk: None };
    Ok(Order { undo, cause, dry_run: args.dry_run, report: args.report.clone() })
}

/// Opens the registry of the configuration, or of the sandbox; no key is needed for it.
async fn desk(args: &RevokeArgs, common: &Common) -> Result<Desk, RevokeError> {
    let beside = PathBuf::from(CONFIG_FILE);
    let config = common.config.clone().or_else(|| beside.is_file().then_some(beside));
    let books = match config {
        Some(path) => Books::load(&path)?,
        None => sandbox(&args.out)?,
    };
    let registry = Registry::open(&books.url, books.options).await?;
    Ok(Desk { registry, country: books.country, quiet: common.quiet, clock: System })
}

fn sandbox(out: &Path) -> Result<Books, RevokeError> {
    let path = out.join(run::SANDBOX).join("registry.sqlite");
    if !path.is_file() {
        return Err(RevokeError::NoRegistry { path: out.to_owned() });
    }
    let url = path.to_string_lossy().into_owned();
    Ok(Books { country: Country::SANDBOX.to_string(), url, options: registry::Options::default() })
}

impl Desk {
    /// A line for the operator.
    fn tell(&self, text: &str) {
        if !self.quiet {
            say!("{text}");
        }
    }

    /// A name for a bulk.
    fn bulk(&self) -> Result<String, RevokeError> {
        Ok(work::bulk::name(self.clock.now(), &system_random())?)
    }

    /// Where the log stands, and how devices learn of it.
    fn tell_published(&self, dry_run: bool) {
        if !dry_run {
            self.tell("Devices and gateways learn of it from the next published lists: vaccert publish");
        }
    }
}
