//! Keys in tokens and hardware security modules, by PKCS#11 (OASIS, version 2.40).
//!
//! Every call of a vendor's library is made by threads of our own, one a session (`token`), so that a call that never
//! comes back holds up nobody for longer than the bound in `limits`. A token that was away (unplugged, restarted, its
//! network down) is opened again at the next use, with growing pauses, without a restart of the program; a PIN that
//! was refused is never tried again, because tokens lock themselves after three.

mod fault;
mod key;
mod module;
mod opened;
mod public;
mod session;
mod token;

pub(super) use key::{TokenSigner, TokenX509Signer};
pub(super) use opened::Opened;
