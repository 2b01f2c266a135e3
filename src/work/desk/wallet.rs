//! Passes for the wallets of telephones, of certificates that are held out.

use super::{Desk, DeskError, Held};
use crate::wallet::{Saved, WalletError};

impl Desk {
    /// Whether passes for Apple's wallet are made here.
    #[must_use]
    pub fn makes_apple_passes(&self) -> bool {
        self.batch().wallet.as_ref().is_some_and(|wallet| wallet.apple.is_some())
    }

    /// Whether passes for Google's wallet are made here.
    #[must_use]
    pub fn makes_google_passes(&self) -> bool {
        self.batch().wallet.as_ref().is_some_and(|wallet| wallet.google.is_some())
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
