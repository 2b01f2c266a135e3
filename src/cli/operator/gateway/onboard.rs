//! `vaccert gateway onboard`: the folder that a network asks for, and its checks.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};

use super::super::{CliError, progress::say};
use crate::{
    clock::{Clock, System},
    gateway::{
        Network, Stage,
        onboard::{self, Certificates, OnboardError, Order, Outcome, Submission},
    },
};

/// Arguments of `vaccert gateway onboard`.
#[derive(Debug, Args)]
pub(super) struct OnboardArgs {
    /// The network to join
    #[arg(long, value_enum, value_name = "NETWORK", required_unless_present = "check")]
    network: Option<NetworkName>,
    /// Which of its environments; each has keys of its own
    #[arg(long, value_enum, value_name = "ENVIRONMENT")]
    environment: StageName,
    /// The folder of the ceremony: csca.pem, tls.pem (and tls-ca.pem if somebody else issued it), upload.pem
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    from: Option<PathBuf>,
    /// The folder to make; it must not be there yet
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    out: Option<PathBuf>,
    /// Domain of WHO's network; may be repeated
    #[arg(long, value_name = "DOMAIN", default_value = "DCC")]
    domain: Vec<String>,
    /// Check a folder for WHO's network that is there already, and make nothing
    #[arg(long, value_name = "DIR", conflicts_with_all = ["from", "out", "domain"])]
    check: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NetworkName {
    /// The EU's gateway, handed over to WHO in 2023
    Eu,
    /// WHO's Global Digital Health Certification Network
    Who,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StageName {
    /// WHO: for trying out
    Dev,
    /// WHO: for accepting
    Uat,
    /// EU: for trying out
    Test,
    /// EU: for accepting
    Acc,
    /// The real thing
    Prod,
    /// A rehearsal on one machine
    Sandbox,
}

/// Runs the command: 0 when every check passes, 1 when one fails.
pub(super) fn run(args: &OnboardArgs) -> Result<ExitCode, CliError> {
    let stage = match args.environment {
        StageName::Dev => Stage::Dev,
        StageName::Uat => Stage::Uat,
        StageName::Test => Stage::Test,
        StageName::Acc => Stage::Acc,
        StageName::Prod => Stage::Prod,
        StageName::Sandbox => Stage::Sandbox,
    };
    if let Some(folder) = &args.check {
        return Ok(check(folder.clone(), stage)?);
    }
    let (Some(network), Some(from), Some(out)) = (args.network, &args.from, &args.out) else {
        return Ok(ExitCode::from(2));
    };
    let network = match network {
        NetworkName::Eu => Network::Eu,
        NetworkName::Who => Network::Who,
    };
    let certificates = Certificates::read(from)?;
    let order = Order { network, stage, domains: args.domain.clone(), out: out.clone() };
    onboard::write(&order, &certificates)?;
    say!("Wrote {} for the environment {}; it holds certificates only.", out.display(), stage.name());
    let code = match network {
        Network::Who => check(out.clone(), stage)?,
        Network::Eu => show(&onboard::check_certificates(&certificates, stage, System.now())),
    };
    if code == ExitCode::SUCCESS {
        say!("Next: {}/NEXT-STEPS.md, step 1.", out.display());
    } else {
        say!("Next: mend what failed above, and write the folder anew. Send nothing before.");
    }
    Ok(code)
}

fn check(folder: PathBuf, stage: Stage) -> Result<ExitCode, OnboardError> {
    let submission = Submission::read(&folder)?;
    Ok(show(&onboard::check(&submission, stage, System.now())))
}

fn show(checks: &[onboard::Check]) -> ExitCode {
    for check in checks {
        say!("{}", check.to_string().trim_end());
    }
    let failed = checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed(_))).count();
    if failed == 0 {
        say!("All {} checks passed.", checks.len());
        return ExitCode::SUCCESS;
    }
    say!("{failed} of {} checks failed: the network would refuse this submission.", checks.len());
    ExitCode::from(1)
}
