//! `vaccert document pass`: a certificate of the registry as a pass for the wallet of a telephone.

use std::{path::PathBuf, sync::Arc};

use clap::{ArgGroup, Args};

use super::{CliError, Common, progress::say, run};
use crate::{
    batch::{system_random, write_owned},
    clock::System,
    wallet::{Saved, WalletError},
    work::desk::{Desk, DeskError},
};

/// Arguments of `vaccert document pass`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("wallet").required(true).args(["apple", "google"])))]
pub(super) struct PassArgs {
    /// Identifier of the certificate, with or without its check character, or its random part alone
    #[arg(value_name = "ID")]
    id: String,
    /// Write a pass for Apple's wallet into this file (.pkpass)
    #[arg(long, value_name = "FILE")]
    apple: Option<PathBuf>,
    /// Print the link that saves a pass in Google's wallet; it holds the whole pass
    #[arg(long)]
    google: bool,
    /// Folder of the sandbox, where there is no configuration
    #[arg(long, value_name = "FOLDER", default_value = "out")]
    out: PathBuf,
}

/// Why there is no pass.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum PassError {
    #[error(
        "no certificate of the registry has this identifier: look at it again, it stands under the code on the paper"
    )]
    Unknown,
    #[error("no passes are made for {wallet}'s wallet: write the section [wallet.{section}] into the configuration")]
    Off { wallet: &'static str, section: &'static str },
    #[error("the certificate has no paper, and so no pass: issue it in another format as well")]
    NoPaper,
    #[error(transparent)]
    Wallet(#[from] WalletError),
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl PassError {
    pub(super) fn exit(&self) -> u8 {
        match self {
            Self::Unknown | Self::Off { .. } => 2,
            Self::NoPaper | Self::Wallet(_) | Self::Desk(_) => 1,
        }
    }
}

/// Runs the command.
pub(super) async fn run(args: PassArgs, common: &Common) -> Result<(), CliError> {
    let setup = Arc::new(common.setup(&args.out.join(run::SANDBOX))?);
    let registry = run::registry(&setup).await?;
    let desk = Desk::new(Arc::clone(&setup), registry.clone(), Arc::new(System), system_random())?;
    let made = make(&args, &desk).await;
    registry.close().await;
    made
}

async fn make(args: &PassArgs, desk: &Desk) -> Result<(), CliError> {
    let batch = desk.plain_batch();
    let id = desk.identifier(&args.id).map_err(|_| PassError::Unknown)?;
    let found = batch.registry.get(&id).await.map_err(DeskError::from).map_err(PassError::from)?;
    let found = found.ok_or(PassError::Unknown)?;
    // One that was taken back becomes a pass that says so: saved again, it takes the place of the old one.
    let voided = !found.stands();
    let issued = batch.open(found.sealed.ok_or(PassError::Unknown)?)?;
    let wallet = batch.wallet.clone().unwrap_or_default();
    if let Some(path) = &args.apple {
        if wallet.apple.is_none() {
            return Err(PassError::Off { wallet: "Apple", section: "apple" }.into());
        }
        let pass = batch.apple_pass(issued, voided).await?.ok_or(PassError::NoPaper)?.map_err(PassError::from)?;
        write_owned(path, &pass)?;
        say!("{} written: {} bytes", path.display(), pass.len());
        return Ok(());
    }
    if wallet.google.is_none() {
        return Err(PassError::Off { wallet: "Google", section: "google" }.into());
    }
    match batch.google_pass(issued, voided).await?.ok_or(PassError::NoPaper)?.map_err(PassError::from)? {
        Saved::Link(link) => say!("{link}"),
        Saved::Token(token) => {
            eprintln!(
                "The pass is too long for a link. Send this to Google with the service account's access, and the answer \
                 has a link (saveUri): POST https://walletobjects.googleapis.com/walletobjects/v1/jwt"
            );
            say!("{}", serde_json::json!({ "jwt": token }));
        }
    }
    Ok(())
}
