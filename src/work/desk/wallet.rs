//! Passes for the wallets of telephones, of certificates that are held out.

use super::{Desk, DeskError, Held};
use crate::{
    batch::DivocPaper,
    issue::Format,
    wallet::{Saved, WalletError},
};

/// The wallets for which there is a pass of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Passes {
    /// Apple's.
    pub apple: bool,
    /// Google's.
    pub google: bool,
}

impl Desk {
    /// For which wallets there is a pass of this certificate: of those that are configured all, or none where the code
    /// on its paper is an archive, which no wallet shows.
    #[must_use]
    pub fn passes(&self, held: &Held) -> Passes {
        let (formats, batch) = (held.issued.formats(), self.batch());
        let archive = |format: &Format| match format {
            Format::Divoc => true,
            Format::DivocCwt => batch.divoc_paper == DivocPaper::LinkedData && formats.contains(&Format::Divoc),
            Format::EuDcc | Format::Ddcc | Format::Icvp => false,
        };
        match &batch.wallet {
            Some(wallet) if !formats.iter().all(archive) => {
                Passes { apple: wallet.apple.is_some(), google: wallet.google.is_some() }
            }
            _ => Passes::default(),
        }
    }

    /// A certificate as a pass for Apple's wallet. Made anew each time: its signature states when.
    ///
    /// # Errors
    /// [`DeskError::NoForm`] where none are made or its code is none that a wallet shows, [`DeskError::NotSigning`]
    /// when the pass certificate cannot sign now.
    pub async fn apple_pass(&self, held: &Held) -> Result<Vec<u8>, DeskError> {
        // Drawing a pass takes a core as long as drawing a paper.
        let _turn = self.0.drawn.turn().await?;
        let made = self.batch().apple_pass(held.issued.clone(), !held.counts()).await?;
        made.ok_or_else(|| held.no_form())?.map_err(|error| failed(&error, held))
    }

    /// A certificate as a pass for Google's wallet.
    ///
    /// # Errors
    /// As [`Self::apple_pass`].
    pub async fn google_pass(&self, held: &Held) -> Result<Saved, DeskError> {
        let _turn = self.0.drawn.turn().await?;
        let made = self.batch().google_pass(held.issued.clone(), !held.counts()).await?;
        made.ok_or_else(|| held.no_form())?.map_err(|error| failed(&error, held))
    }
}

/// What is wrong with a key or a certificate is for operators.
fn failed(error: &WalletError, held: &Held) -> DeskError {
    if matches!(error, WalletError::NoText) {
        return held.no_form();
    }
    tracing::error!("a pass could not be made: {error}");
    DeskError::NotSigning
}
