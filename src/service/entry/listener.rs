//! A port whose connections come out of it with their handshake done, no more of them than can be served.

use std::{io, net::SocketAddr, pin::Pin, sync::Arc, task, time::Duration};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinHandle,
};
use tokio_rustls::server::TlsStream;

use super::{
    Tls,
    line::{Line, Patient},
};
use crate::limits;

/// The other end of a connection.
#[derive(Debug, Clone)]
pub(in crate::service) struct Peer {
    pub(super) address: SocketAddr,
    /// Whether it came by TLS.
    pub(super) secure: bool,
    pub(super) line: Arc<Line>,
}

/// With TLS or without.
pub(in crate::service) enum Stream {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

type Incoming = (Patient<Stream>, Peer);

/// A port.
pub(in crate::service) struct Entrance {
    address: SocketAddr,
    ready: mpsc::Receiver<Incoming>,
    task: JoinHandle<()>,
}

impl Drop for Entrance {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Entrance {
    /// Takes connections of this port, by TLS where it is given. A connection too many is closed at once, and a
    /// handshake that takes too long is given up.
    pub(in crate::service) fn new(listener: TcpListener, tls: Option<Tls>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (done, ready) = mpsc::channel(64);
        let places = Arc::new(Semaphore::new(limits::SERVICE_CONNECTIONS));
        let task = tokio::spawn(async move {
            loop {
                let (stream, address) = match listener.accept().await {
                    Ok(connection) => connection,
                    Err(_) => {
                        // Out of file handles, or a client that went away: both pass.
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                };
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
                // An answer is written in one go; waiting for more to send would only delay it.
                let _ = stream.set_nodelay(true);
                match tls.clone() {
                    None => {
                        if done.send(incoming(Stream::Plain(stream), address, place)).await.is_err() {
                            return;
                        }
                    }
                    Some(tls) => {
                        let done = done.clone();
                        tokio::spawn(async move {
                            let time = Duration::from_secs(limits::SERVICE_HANDSHAKE_SECONDS);
                            if let Ok(Ok(stream)) = tokio::time::timeout(time, tls.accept(stream)).await {
                                let _ = done.send(incoming(Stream::Secure(Box::new(stream)), address, place)).await;
                            }
                        });
                    }
                }
            }
        });
        Ok(Self { address, ready, task })
    }
}

fn incoming(stream: Stream, address: SocketAddr, place: OwnedSemaphorePermit) -> Incoming {
    let line = Arc::new(Line::default());
    let peer = Peer { address, secure: matches!(stream, Stream::Secure(_)), line: Arc::clone(&line) };
    (Patient::new(stream, line, Some(place)), peer)
}

impl Listener for Entrance {
    type Io = Patient<Stream>;
    type Addr = Peer;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The task ends with this and not before.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Peer { address: self.address, secure: false, line: Arc::default() })
    }
}

impl Connected<IncomingStream<'_, Entrance>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Entrance>) -> Self {
        stream.remote_addr().clone()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> task::Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Secure(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut task::Context<'_>, buf: &[u8]) -> task::Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Secure(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> task::Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Secure(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> task::Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Secure(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> task::Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Self::Secure(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Secure(stream) => stream.is_write_vectored(),
        }
    }
}
