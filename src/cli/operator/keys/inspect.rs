//! `vaccert keys inspect`: what a file says of itself, and what the profile says of it.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};

use super::CliError;
use crate::{
    ceremony::{
        Role,
        inspect::{self, Report},
    },
    cli::operator::progress::say,
    clock::{Clock, System},
};

/// Arguments of `vaccert keys inspect`.
#[derive(Debug, Args)]
pub(super) struct InspectArgs {
    /// Certificates, requests or public keys, in PEM or DER
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Judge every certificate by this role instead of the one that it looks like
    #[arg(long, value_enum, value_name = "ROLE")]
    role: Option<RoleName>,
}

/// A role as it is written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleName {
    /// National authority: CSCA, SCA
    Csca,
    /// Document signer: DSC
    Signer,
    /// TLS client of a gateway
    Tls,
    /// Upload certificate of a gateway
    Upload,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Csca => Self::Authority,
            RoleName::Signer => Self::Signer,
            RoleName::Tls => Self::Tls,
            RoleName::Upload => Self::Upload,
        }
    }
}

/// Runs the command: 0 when nothing breaks a rule, 1 when something does, 4 when a file cannot be read.
pub(super) fn run(args: &InspectArgs) -> Result<ExitCode, CliError> {
    let now = System.now();
    let mut good = true;
    for path in &args.files {
        for report in inspect::file(path, args.role.map(Role::from), now)? {
            good &= report.findings.is_empty();
            show(path, &report);
        }
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn show(path: &Path, report: &Report) {
    say!("{}: {}", path.display(), report.what);
    for (label, value) in &report.lines {
        say!("  {label:<16} {value}");
    }
    for finding in &report.findings {
        say!("  REFUSED          {finding}");
    }
    if report.findings.is_empty() {
        say!("  good             nothing breaks the profile");
    }
}
