//! Why there is no pass. No message quotes the certificate, a key or a token.

use jiff::Timestamp;

use crate::{keys::SignerError, trust::cms::CmsWriteError};

/// Why there is no pass.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// A code of bytes.
    #[error(
        "the code of this certificate holds an archive and no text, which wallets cannot show: issue it in another \
         format as well, or set divoc.paper = \"cose\""
    )]
    NoText,
    /// Key and certificate of two.
    #[error(
        "the pass certificate {kid} does not belong to the key of wallet.apple.key: give the key that Apple certified"
    )]
    OtherKey {
        /// Its key identifier.
        kid: String,
    },
    /// The certificate cannot be read.
    #[error("the pass certificate {kid} cannot be read as a whole: download it again from Apple's developer pages")]
    Damaged {
        /// Its key identifier.
        kid: String,
    },
    /// The certificate is for another kind of pass or another team.
    #[error(
        "the pass certificate names {found} where {setting} says {said}: set it as the certificate has it, or give the \
         certificate of this pass type"
    )]
    OtherPassType {
        /// Which setting.
        setting: &'static str,
        /// What the certificate says.
        found: String,
        /// What the setting says.
        said: String,
    },
    /// The authority did not issue the pass certificate.
    #[error(
        "wallet.apple.intermediate is not the authority that issued the pass certificate ({issuer}): download that \
         one from Apple's page of certificate authorities"
    )]
    OtherAuthority {
        /// Who did.
        issuer: String,
    },
    /// Too early.
    #[error("the pass certificate {kid} is valid from {from}: wait, or set the clock right")]
    NotYet {
        /// Its key identifier.
        kid: String,
        /// When it begins.
        from: Timestamp,
    },
    /// Too late.
    #[error("the pass certificate {kid} ended on {until}: renew it on Apple's developer pages, and put it in place")]
    Expired {
        /// Its key identifier.
        kid: String,
        /// When it ended.
        until: Timestamp,
    },
    /// A setting of the wrong form.
    #[error("{setting} {problem}")]
    Setting {
        /// Name of the setting.
        setting: &'static str,
        /// What is wrong with it, and what to do.
        problem: &'static str,
    },
    /// The file of a service account.
    #[error(
        "the key file of the service account cannot be used ({problem}): make a new key of the type JSON in the Google \
         Cloud console"
    )]
    Account {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The picture for the icon.
    #[error("the emblem cannot be used as the icon of a pass ({problem}): give a PNG or a JPEG")]
    Picture {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// More than an archive takes.
    #[error("the pass would be too large; report this as a defect")]
    TooLarge,
    /// The key or the token failed.
    #[error("the pass could not be signed: {0}")]
    Signer(#[from] SignerError),
    /// The key or the token failed while the message was made.
    #[error("the pass could not be signed: {0}")]
    Message(#[from] CmsWriteError),
}
