//! Passes for the wallets of telephones: the sheet of a certificate, with the code that is on its paper.

use super::{Batch, BatchError, chunk::blocking, sheet};
use crate::{
    document::{Language, paper_text},
    issue::Issued,
    wallet::{Content, Saved, WalletError},
};

impl Batch {
    /// The certificate as a pass for Apple's wallet. `voided` when it was taken back. `None` where none are made, or
    /// where the certificate has no paper.
    ///
    /// # Errors
    /// A lost worker; the inner error says why there is no pass.
    pub async fn apple_pass(
        &self,
        issued: Issued,
        voided: bool,
    ) -> Result<Option<Result<Vec<u8>, WalletError>>, BatchError> {
        let Some(passes) = self.wallet.as_ref().and_then(|wallet| wallet.apple.clone()) else { return Ok(None) };
        let now = self.clock.now();
        self.with_content(issued, voided, move |content| passes.make(content, now)).await
    }

    /// The certificate as a pass for Google's wallet, likewise.
    ///
    /// # Errors
    /// As [`Self::apple_pass`].
    pub async fn google_pass(
        &self,
        issued: Issued,
        voided: bool,
    ) -> Result<Option<Result<Saved, WalletError>>, BatchError> {
        let Some(passes) = self.wallet.as_ref().and_then(|wallet| wallet.google.clone()) else { return Ok(None) };
        let now = self.clock.now();
        self.with_content(issued, voided, move |content| passes.make(content, now)).await
    }

    async fn with_content<T: Send + 'static>(
        &self,
        issued: Issued,
        voided: bool,
        make: impl FnOnce(&Content<'_>) -> T + Send + 'static,
    ) -> Result<Option<T>, BatchError> {
        let (paper, language) = (self.paper(), self.wallet.as_ref().map(|wallet| wallet.language).unwrap_or_default());
        // Signing may ask a token, which waits.
        blocking(move || {
            let sheet = sheet::of(&issued, paper.divoc, paper.specimen)?;
            let others: Vec<Language> = Language::all().filter(|other| *other != language).collect();
            let printed = issued.envelopes.iter().find(|envelope| envelope.text == sheet.code);
            let expires = printed.and_then(|envelope| envelope.expires_at);
            // Character for character what is on the paper.
            let code = paper_text(&sheet.code);
            Some(make(&Content { sheet: &sheet, code: &code, language, others: &others, expires, voided }))
        })
        .await
    }
}
