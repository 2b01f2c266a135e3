//! Mutual TLS as the gateways' load balancers do it: a certificate is asked for, its owner must hold the key, and who
//! it is gets looked up afterwards. No chain is built here; the list of participants decides.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme,
        client::danger::HandshakeSignatureValid,
        crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime},
        server::danger::{ClientCertVerified, ClientCertVerifier},
    },
    server::TlsStream,
};

use crate::{
    limits::{SANDBOX_HANDSHAKE_SECONDS, SANDBOX_HANDSHAKES},
    sandbox::pki::Made,
};

/// Who is on the other side of a connection.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// The client's certificate in DER, whose key it has proved to hold.
    pub(super) certificate: Option<Arc<[u8]>>,
}

/// Takes any certificate whose key the client holds.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        // Who brings none gets an answer that says so.
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// TLS 1.2 and 1.3 with this server certificate, followed by the certificate of its root.
fn config(server: &Made, root: &Made) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let chain = [server, root].map(|made| CertificateDer::from(made.der().to_vec()));
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server.key().to_vec()));
    ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(AnyCertificate(provider)))
        .with_single_cert(chain.to_vec(), key)
}

/// A port whose connections come out of it with their handshake done.
pub(super) struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, Peer)>,
    task: JoinHandle<()>,
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TlsListener {
    /// Listens. `refuses` is asked after each handshake whether the connection is to be dropped.
    pub(super) fn new(
        listener: TcpListener,
        server: &Made,
        root: &Made,
        refuses: Arc<dyn Fn() -> bool + Send + Sync>,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let acceptor = TlsAcceptor::from(Arc::new(config(server, root).map_err(io::Error::other)?));
        let (done, ready) = mpsc::channel(SANDBOX_HANDSHAKES);
        let task = tokio::spawn(async move {
            let room = Arc::new(Semaphore::new(SANDBOX_HANDSHAKES));
            loop {
                let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
                let stream = match listener.accept().await {
                    Ok((stream, _)) => stream,
                    Err(_) => {
                        // Out of file handles, or a client that went away: both pass.
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                };
                let (acceptor, done, refuses) = (acceptor.clone(), done.clone(), Arc::clone(&refuses));
                tokio::spawn(async move {
                    let time = Duration::from_secs(SANDBOX_HANDSHAKE_SECONDS);
                    if let Ok(Ok(stream)) = tokio::time::timeout(time, acceptor.accept(stream)).await
                        && !refuses()
                    {
                        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
                        let certificate = shown.map(|certificate| Arc::from(certificate.as_ref()));
                        let _ = done.send((stream, Peer { certificate })).await;
                    }
                    drop(place);
                });
            }
        });
        Ok(Self { address, ready, task })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = Peer;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The task ends with this listener and not before.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Peer { certificate: None })
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        stream.remote_addr().clone()
    }
}

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(_: IncomingStream<'_, TcpListener>) -> Self {
        Self { certificate: None }
    }
}
