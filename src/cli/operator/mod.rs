//! `vaccert`: the operator's commands.

mod access;
#[cfg(feature = "service")]
mod api;
mod audit;
#[cfg(feature = "service")]
mod conditions;
mod demo;
#[cfg(feature = "service")]
mod demo_service;
mod doctor;
mod document;
mod document_template;
mod gateway;
mod init;
mod issue;
mod keys;
mod pass;
mod progress;
mod publish;
mod reasons;
mod revoke;
mod run;
#[cfg(feature = "service")]
mod sandbox;
#[cfg(feature = "service")]
mod serve;
mod sync;
mod trust;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use super::{
    rules::{self, RulesArgs},
    verify::{self, knowledge::LoadError},
};
use crate::{
    batch::{BatchError, system_random},
    ceremony::inspect::InspectError,
    clock::{Clock, System},
    config::{CONFIG_FILE, ConfigError, Dhis2Section, Setup},
    document::template::TemplateError,
    gateway::{FolderError, GatewayError, lists::PullError, onboard::OnboardError},
    issue::{IssueError, UnknownFormat},
    keys::SignerError,
    publication::PublicationError,
    signers::TokenError,
    source::{
        dhis2::Dhis2Error,
        file::FileError,
        profile::{DetectError, ProfileError},
    },
    valueset::dhis2::MappingError,
    work::WorkError,
};

/// Vaccination records in DHIS2 to certificates that any border officer can check offline.
#[derive(Debug, Parser)]
#[command(name = "vaccert", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// Configuration file; without one, and without a vaccert.toml here, the command works in the sandbox
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Say only what went wrong
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole job on the bundled records of invented people, verify the result, then serve it
    Demo(demo::DemoArgs),
    /// Write a commented vaccert.toml and sandbox keys, and say what to do next
    Init(init::InitArgs),
    /// Issue certificates for every completed vaccination of a file or of DHIS2
    Issue(issue::IssueArgs),
    /// One pass of the DHIS2 poll: what changed since the last pass goes into the registry
    Sync(sync::SyncArgs),
    /// The service: poll DHIS2, publish, answer verification requests, tell operators how it stands
    #[cfg(feature = "service")]
    Serve(serve::ServeArgs),
    /// Publish what was revoked: the trust bundle, and lists and filters with a signed index
    Publish(publish::PublishArgs),
    /// Take certificates back, one by one or in bulk, take that back again, and show the log of both
    Revoke(revoke::RevokeArgs),
    /// Accounts and tokens of the service: the first administrator, approvals, tokens for programs
    Access(access::AccessArgs),
    /// Print every code of report.json, what it means and what to do
    Reasons,
    /// The paper: how it looks with specimens of invented people, what can be printed here, and passes
    Document(document::DocumentArgs),
    /// Rehearse on this machine alone: a gateway, a DHIS2 with invented people, and the whole way between them
    #[cfg(feature = "service")]
    Sandbox(sandbox::SandboxArgs),
    /// Check certificates, offline; the same as vaccert-verify
    Verify(verify::VerifyArgs),
    /// Show trust lists, and put them into one signed file for offline devices
    Trust(trust::TrustArgs),
    /// The keys of a country: make, inspect, watch
    Keys(keys::KeysArgs),
    /// Take part in a trust network: upload and download what its gateway holds
    Gateway(gateway::GatewayArgs),
    /// For authors of business rules
    Rules(RulesArgs),
    /// Give account: check the log, verify every certificate again, compare certificates with doses, export
    Audit(audit::AuditArgs),
    /// Check this installation from end to end: findings, each with its remedy, and a report to print
    Doctor(doctor::DoctorArgs),
}

/// How DHIS2 is reached from the command line. Secrets come from files or the environment.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Dhis2Args {
    /// Address of DHIS2 (or VACCERT_DHIS2_URL)
    #[arg(long, value_name = "URL")]
    dhis2_url: Option<String>,
    /// User name (or VACCERT_DHIS2_USER); the password comes from the next option or VACCERT_DHIS2_PASSWORD
    #[arg(long, value_name = "NAME")]
    dhis2_user: Option<String>,
    /// File that holds the password
    #[arg(long, value_name = "FILE")]
    dhis2_password_file: Option<PathBuf>,
    /// File that holds a personal access token (or VACCERT_DHIS2_TOKEN)
    #[arg(long, value_name = "FILE")]
    dhis2_token_file: Option<PathBuf>,
    /// Version of DHIS2, where the server hides it
    #[arg(long, value_name = "VERSION")]
    dhis2_version: Option<String>,
    /// Org unit under which to look; may be repeated; default: those of the user
    #[arg(long, value_name = "UID")]
    org_unit: Vec<String>,
    /// Allow http: to another machine (login and records then travel in clear)
    #[arg(long)]
    allow_plain_http: bool,
}

impl Dhis2Args {
    /// The section of the configuration, with what the command line says on top.
    pub(super) fn over(self, section: Option<Dhis2Section>) -> Dhis2Section {
        let mut section = section.unwrap_or_default();
        if let Some(url) = self.dhis2_url {
            section.url = url;
        }
        section.user = self.dhis2_user.or(section.user);
        section.password_file = self.dhis2_password_file.or(section.password_file);
        section.token_file = self.dhis2_token_file.or(section.token_file);
        section.version = self.dhis2_version.or(section.version);
        section.allow_plain_http |= self.allow_plain_http;
        if !self.org_unit.is_empty() {
            section.org_units = self.org_unit;
        }
        section
    }
}

/// Why a command failed, in the words of the room where it did.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error(transparent)]
    Dhis2(#[from] Dhis2Error),
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Detect(#[from] DetectError),
    #[error(transparent)]
    Vaccines(#[from] MappingError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{} cannot be used as output folder ({kind}): choose another with --out", path.display())]
    Out { path: PathBuf, kind: std::io::ErrorKind },
    #[error("another run is writing into {}: wait for its end, or choose another folder with --out", path.display())]
    OutHeld { path: PathBuf },
    #[error(
        "{} holds what a configured issuer wrote, which a sandbox must not replace: give its --config, or another \
         folder with --out", path.display()
    )]
    OutForeign { path: PathBuf },
    #[error(transparent)]
    Work(WorkError),
    #[error(transparent)]
    Format(#[from] UnknownFormat),
    #[error("{count} of {of} certificates that were just issued do not verify against {bundle}; report this")]
    SelfCheck { count: u64, of: u64, bundle: String },
    #[cfg(feature = "service")]
    #[error("the pages cannot be served on port {port} ({kind}): choose another with --port")]
    Serve { port: u16, kind: std::io::ErrorKind },
    #[cfg(feature = "service")]
    #[error("{address} cannot be listened on ({kind}): choose another with --listen or --operator-listen")]
    Listen { address: std::net::SocketAddr, kind: std::io::ErrorKind },
    #[cfg(feature = "service")]
    #[error(transparent)]
    Tls(crate::service::TlsError),
    #[cfg(feature = "service")]
    #[error("nothing is published yet, so that nothing can be verified here: look at the task publish")]
    NothingPublished,
    #[cfg(feature = "service")]
    #[error("no message goes out, and all wait: {text}")]
    NoMessages { text: String, needs_operator: bool },
    #[cfg(feature = "service")]
    #[error("the service lost the network ({0}): start it again")]
    Serving(std::io::ErrorKind),
    #[cfg(feature = "service")]
    #[error(transparent)]
    Sandbox(#[from] sandbox::SandboxError),
    #[error(transparent)]
    Preview(#[from] document::PreviewError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Audit(#[from] audit::AuditRunError),
    #[error(transparent)]
    Publication(#[from] PublicationError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Pull(#[from] PullError),
    #[error(transparent)]
    Inspect(#[from] InspectError),
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Ceremony(#[from] keys::CeremonyRunError),
    #[error(transparent)]
    Onboard(#[from] OnboardError),
    #[error(transparent)]
    Pass(#[from] pass::PassError),
    #[error("the program's runtime cannot be started ({0})")]
    Runtime(std::io::ErrorKind),
}

impl From<WorkError> for CliError {
    /// Each failure keeps the exit status that it has where a command meets it by itself.
    fn from(error: WorkError) -> Self {
        match error {
            WorkError::Config(error) => Self::Config(error),
            WorkError::Batch(error) => Self::Batch(error),
            WorkError::Dhis2(error) => Self::Dhis2(error),
            WorkError::Profile(error) => Self::Profile(error),
            WorkError::Detect(error) => Self::Detect(error),
            WorkError::Vaccines(error) => Self::Vaccines(error),
            WorkError::Publication(error) => Self::Publication(error),
            error @ WorkError::NoProgram(_) => Self::Work(error),
        }
    }
}

impl CliError {
    /// 2 for what the caller can mend on the command line or in the configuration, 4 for a file or server
    /// that cannot be read, 1 for everything else.
    /// Whether somebody must act before it can succeed: it does not pass by itself.
    #[cfg(feature = "service")]
    fn needs_operator(&self) -> bool {
        let of_dhis2 = match self {
            Self::NoMessages { needs_operator, .. } => return *needs_operator,
            Self::Dhis2(error)
            | Self::Audit(audit::AuditRunError::Returns(crate::returns::ReturnsError::Dhis2(error))) => Some(error),
            Self::Audit(audit::AuditRunError::Returns(crate::returns::ReturnsError::NotTaken { .. })) => return true,
            _ => None,
        };
        self.exit() == 2 || of_dhis2.is_some_and(Dhis2Error::needs_operator)
    }

    fn exit(&self) -> u8 {
        match self {
            Self::Ceremony(error) => error.exit(),
            Self::Pass(error) => error.exit(),
            Self::Audit(error) => error.exit(),
            Self::Onboard(
                OnboardError::Exists { .. }
                | OnboardError::Stage { .. }
                | OnboardError::Domain { .. }
                | OnboardError::Country
                | OnboardError::PrivateKey { .. },
            ) => 2,
            Self::Batch(BatchError::Issue(
                IssueError::Algorithm { .. }
                | IssueError::NoCountry { .. }
                | IssueError::OtherCountry { .. }
                | IssueError::NotNow { .. }
                | IssueError::NotSigning(_)
                | IssueError::EndsSoon { .. }
                | IssueError::Extensions { .. }
                | IssueError::Set(_)
                | IssueError::LinkedDataKey { .. }
                | IssueError::NoLinkedData
                | IssueError::NoDivoc
                | IssueError::Purpose { .. },
            )) => 2,
            Self::Gateway(GatewayError::Argument { .. } | GatewayError::Setting { .. }) => 2,
            Self::Gateway(error) if error.is_unreachable() => 4,
            Self::Folder(_) => 4,
            Self::Preview(error) => error.exit(),
            Self::Template(TemplateError::Unreadable { .. } | TemplateError::Unwritable { .. }) => 4,
            Self::Template(TemplateError::Document(_)) => 1,
            Self::Template(_) => 2,
            #[cfg(feature = "service")]
            Self::Sandbox(error) => error.exit(),
            Self::Config(ConfigError::Token(TokenError::Away { .. })) => 4,
            Self::Config(_) | Self::Profile(_) | Self::Vaccines(_) | Self::Format(_) => 2,
            Self::Dhis2(_)
            | Self::Load(_)
            | Self::Pull(PullError::List { .. } | PullError::Shelf(_))
            | Self::Inspect(_)
            | Self::Onboard(_)
            | Self::File(_)
            | Self::Detect(_)
            | Self::Work(_)
            | Self::Out { .. }
            | Self::OutHeld { .. }
            | Self::OutForeign { .. }
            | Self::Batch(
                BatchError::Feed(_)
                | BatchError::Issue(IssueError::Signer(SignerError::Away { .. } | SignerError::Refused { .. })),
            ) => 4,
            _ => 1,
        }
    }
}

impl Common {
    /// The configuration file: the one that was given, or the one that lies here.
    pub(super) fn file(&self) -> Option<PathBuf> {
        let beside = PathBuf::from(CONFIG_FILE);
        self.config.clone().or_else(|| beside.is_file().then_some(beside))
    }

    /// The configuration, or the sandbox in `state`.
    pub(super) fn setup(&self, state: &std::path::Path) -> Result<Setup, CliError> {
        let beside = PathBuf::from(CONFIG_FILE);
        match &self.config {
            Some(path) => Ok(Setup::load(path)?),
            None if beside.is_file() => Ok(Setup::load(&beside)?),
            None => {
                run::check_sandbox(state)?;
                Ok(Setup::sandbox(state, System.now(), &system_random())?)
            }
        }
    }
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    #[cfg(feature = "service")]
    let serves = matches!(cli.command, Command::Serve(_));
    #[cfg(not(feature = "service"))]
    let serves = false;
    log(cli.common.quiet, serves);
    let common = &cli.common;
    let done = |()| ExitCode::SUCCESS;
    let result = match cli.command {
        Command::Verify(args) => verify_with_pulled(args, common),
        Command::Rules(args) => Ok(rules::run(&args)),
        Command::Trust(args) => block_on(trust::run(args, common)),
        Command::Keys(args) => keys::run(args, common),
        Command::Gateway(args) => block_on(gateway::run(args, common)),
        Command::Document(args) => block_on(document::run(args, common)).map(done),
        Command::Doctor(args) => block_on(doctor::run(args, common)),
        Command::Audit(args) => block_on(audit::run(args, common)),
        // A reader that went away has read enough.
        Command::Reasons => Ok(reasons::print().map_or(ExitCode::SUCCESS, done)),
        Command::Demo(args) => block_on(demo::run(args, common)).map(done),
        Command::Init(args) => block_on(init::run(args, common)).map(done),
        Command::Issue(args) => block_on(issue::run(args, common)).map(done),
        Command::Sync(args) => block_on(sync::run(args, common)).map(done),
        #[cfg(feature = "service")]
        Command::Sandbox(args) => block_on(sandbox::run(args, common)).map(done),
        #[cfg(feature = "service")]
        Command::Serve(args) => block_on(serve::run(args, common)).map(done),
        Command::Publish(args) => block_on(publish::run(args, common)).map(done),
        Command::Revoke(args) => Ok(revoke::run(args, common)),
        Command::Access(args) => Ok(access::run(args, common)),
    };
    result.unwrap_or_else(|error| {
        eprintln!("vaccert: {error}");
        ExitCode::from(error.exit())
    })
}

/// `vaccert verify`: where the call names no list, those that were pulled.
fn verify_with_pulled(mut args: verify::VerifyArgs, common: &Common) -> Result<ExitCode, CliError> {
    if !args.names_lists() {
        args.go_by(trust::lists_in_use(common)?);
    }
    Ok(verify::run(&args, System.now()))
}

fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| CliError::Runtime(error.kind()))?.block_on(work)
}

/// Warnings on standard error; more by `RUST_LOG`. A service also tells every request and what it did: a line each for a
/// person at a terminal, and otherwise an object each for what gathers logs.
fn log(quiet: bool, serves: bool) {
    use std::io::IsTerminal as _;

    use tracing_subscriber::{EnvFilter, fmt};
    let default = match (quiet, serves) {
        (true, _) => "error",
        (false, true) => "warn,vaccert=info",
        (false, false) => "warn",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let made = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber in one process can only come from a test.
    let _ = if !serves {
        made.without_time().try_init()
    } else if std::io::stderr().is_terminal() {
        made.try_init()
    } else {
        made.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    };
}
