//! How requests come in: connections, with TLS or without, bounded in number and in patience; and who sends them, as
//! far as anybody may know it.

mod client;
mod line;
mod listener;
mod tls;

pub use client::ClientBlock;
pub(super) use client::know;
pub(super) use listener::{Entrance, Peer};
pub use tls::{Tls, TlsError};
