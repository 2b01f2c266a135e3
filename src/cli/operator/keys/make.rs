//! `vaccert keys make`: a key in a token, which never leaves it.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{CliError, Common};
use crate::{
    cli::operator::progress::say,
    config::{self, ConfigError},
    keys::pem,
    signers::{NewKey, TokenUri},
};

/// Arguments of `vaccert keys make`.
#[derive(Debug, Args)]
pub(super) struct MakeArgs {
    /// What the key shall be called, such as "pkcs11:token=vaccert;object=dsc-2026"
    #[arg(value_name = "PKCS11-URI")]
    name: String,
    /// Kind of key
    #[arg(long, value_enum, default_value = "p256", value_name = "KIND")]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// On the curve P-256: what the networks recommend for every role
    P256,
    /// RSA with 2048 bits: document signers alone
    Rsa2048,
    /// RSA with 3072 bits
    Rsa3072,
    /// RSA with 4096 bits
    Rsa4096,
}

/// Runs the command: the public half goes to standard output.
pub(super) fn run(args: &MakeArgs, common: &Common) -> Result<ExitCode, CliError> {
    let uri = TokenUri::parse(&args.name).map_err(|error| {
        CliError::Config(ConfigError::Setting { setting: "the name of the key", problem: error.to_string() })
    })?;
    let kind = match args.kind {
        Kind::P256 => NewKey::P256,
        Kind::Rsa2048 => NewKey::Rsa(2048),
        Kind::Rsa3072 => NewKey::Rsa(3072),
        Kind::Rsa4096 => NewKey::Rsa(4096),
    };
    let made = config::tokens(common.file().as_deref())?.make(&uri, kind).map_err(ConfigError::from)?;
    say!("{}", pem::write("PUBLIC KEY", made.spki()).trim_end());
    if !common.quiet {
        let name = TokenUri { module_path: None, pin_source: None, ..uri };
        eprintln!(
            "The key is in the token and never leaves it. In vaccert.toml, or in the file of a ceremony: \"{name}\""
        );
    }
    Ok(ExitCode::SUCCESS)
}
