//! Passes for the wallets of telephones: what a [`Sheet`](crate::document::Sheet) says, with the code that is on the
//! paper, in the forms of Apple (`apple`) and Google (`google`).
//!
//! A pass shows what the certificate shows and nothing else. It is no certificate by itself: whoever checks it reads
//! the code. Nothing here speaks to Apple or Google; what they get of a pass, they get from the telephone of whoever
//! saves it.
//!
//! | file | what it does |
//! |---|---|
//! | `content` | what stands on a pass, and where, in one language or several |
//! | `apple` | `.pkpass`: its files, their hashes, the signature of the pass certificate |
//! | `google` | the object as a signed JWT, and the link that saves it |
//! | `picture` | the icon, from the ministry's emblem or drawn |

mod apple;
mod content;
mod error;
mod google;
mod picture;

use std::sync::Arc;

pub use apple::{ApplePasses, AppleTerms};
pub use content::Content;
pub use error::WalletError;
pub use google::{GooglePasses, GoogleTerms, Saved};
pub use picture::{Face, Picture};

use crate::document::Language;

/// The passes that an installation makes.
#[derive(Debug, Clone, Default)]
pub struct Wallet {
    /// For Apple's wallet.
    pub apple: Option<Arc<ApplePasses>>,
    /// For Google's wallet.
    pub google: Option<Arc<GooglePasses>>,
    /// The language that stands on passes where a telephone has none of ours.
    pub language: Language,
}

/// Media type of a pass for Apple's wallet (Building a Pass, Apple developer documentation).
pub const PKPASS: &str = "application/vnd.apple.pkpass";
