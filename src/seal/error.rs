//! Why nothing was sealed. No message quotes the paper.

use jiff::Timestamp;

use crate::{keys::SignerError, trust::cms::CmsWriteError};

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Key and certificate of two.
    #[error("the certificate {kid} does not belong to the document key: give the certificate of this key")]
    OtherKey {
        /// Its key identifier.
        kid: String,
    },
    /// A certificate that says nothing that can be read.
    #[error("the certificate {kid} cannot be read as a whole: have the certificate of the document key issued anew")]
    Damaged {
        /// Its key identifier.
        kid: String,
    },
    /// The certificate is for something else.
    #[error(
        "the certificate {kid} is not for signing documents (its key usage is {usage}): have one issued for the \
         document key with the key usage digitalSignature or nonRepudiation"
    )]
    Usage {
        /// Its key identifier.
        kid: String,
        /// What it names.
        usage: String,
    },
    /// The certificate is for other purposes, and readers of PDF would refuse it.
    #[error(
        "the certificate {kid} is for other purposes (extended key usage {purposes}), so that readers of PDF refuse \
         what it signs: have one issued for the document key without extended key usages, or with that of document \
         signing (1.3.6.1.5.5.7.3.36)"
    )]
    Purpose {
        /// Its key identifier.
        kid: String,
        /// What it names, dotted.
        purposes: String,
    },
    /// The certificates do not lead to each other.
    #[error(
        "certificate number {position} in the file of the document key did not issue the one before it: put the \
         document key's own certificate first, then the one that issued it, and so on"
    )]
    Chain {
        /// Its place in the file, counted from 1.
        position: usize,
    },
    /// More certificates than a chain has.
    #[error(
        "there are {found} certificates in the file of the document key, and a chain has at most {most}: leave the others out"
    )]
    LongChain {
        /// How many there are.
        found: usize,
        /// [`crate::limits::SEAL_CHAIN`].
        most: usize,
    },
    /// Too early.
    #[error(
        "the certificate {kid} of the document key is valid from {from}: wait, set the clock right, or seal with the old key until then"
    )]
    NotYet {
        /// Its key identifier.
        kid: String,
        /// When it begins.
        from: Timestamp,
    },
    /// Too late.
    #[error("the certificate {kid} of the document key ended on {until}: have a new one issued, and put it in place")]
    Expired {
        /// Its key identifier.
        kid: String,
        /// When it ended.
        until: Timestamp,
    },
    /// A PDF that has a signature or a form, or was changed by an update.
    #[error(
        "the PDF has a signature or a form already, or was changed after it was printed: seal the file as it was printed"
    )]
    Sealed,
    /// A PDF of somebody else, or a damaged one.
    #[error("the PDF is not as this program prints it (in question is {part}): seal the file as it was printed")]
    Foreign {
        /// Which part of it.
        part: &'static str,
    },
    /// More than was left for it.
    #[error("the signature of the document key has {bytes} bytes and does not fit its place; report this as a defect")]
    Room {
        /// How many.
        bytes: usize,
    },
    /// The key or the token failed.
    #[error("the document key could not sign: {0}")]
    Signer(#[from] SignerError),
    /// The key or the token failed while the message was made.
    #[error("the document key could not sign: {0}")]
    Message(#[from] CmsWriteError),
}
