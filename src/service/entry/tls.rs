//! TLS of our own: versions 1.2 and 1.3, with a certificate and a key from files, which are read again when they
//! change: whoever renews the certificate need not start the program again.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use tokio::{net::TcpStream, sync::watch};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::{CryptoProvider, aws_lc_rs},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server::TlsStream,
};

use crate::limits;

/// Why a certificate or key for TLS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read ({kind}): check service.tls and that the file belongs to this user", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// A file is no PEM of its kind.
    #[error("{} holds no {what} in PEM: give the file that your certificate authority or tool wrote", path.display())]
    Pem {
        /// Which.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// The key is readable by everybody.
    #[error("{} can be read by everybody (mode {mode:04o}): chmod 600 it", path.display())]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Permission bits.
        mode: u32,
    },
    /// Certificate and key do not belong together, or their kind cannot be used.
    #[error("{} and {} cannot be used together: {reason}", certificate.display(), key.display())]
    Pair {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// What the library said.
        reason: String,
    },
}

/// When and how long the two files were when they were last read.
type Stamp = [Option<(SystemTime, u64)>; 2];

#[derive(Debug)]
struct Held {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    now: RwLock<(Stamp, Arc<CertifiedKey>)>,
}

impl ResolvesServerCert for Held {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner).1))
    }
}

impl Held {
    fn stamp(&self) -> Stamp {
        [&self.certificate, &self.key].map(|path| {
            let found = fs::metadata(path).ok()?;
            Some((found.modified().ok()?, found.len()))
        })
    }

    /// Reads the files again where they have changed; tells whether they had.
    fn renew(&self) -> Result<bool, TlsError> {
        let stamp = self.stamp();
        if self.now.read().unwrap_or_else(PoisonError::into_inner).0 == stamp {
            return Ok(false);
        }
        let pair = pair(&self.certificate, &self.key, &self.provider)?;
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = (stamp, Arc::new(pair));
        Ok(true)
    }
}

/// A certificate and its key for TLS; cheap to clone.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    held: Arc<Held>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tls({})", self.held.certificate.display())
    }
}

impl Tls {
    /// Reads a certificate with those that vouch for it (PEM, its own first), and its key (PEM: PKCS#8, PKCS#1 or SEC1).
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let first = Arc::new(pair(certificate, key, &provider)?);
        let held = Held {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            provider: Arc::clone(&provider),
            now: RwLock::new((Stamp::default(), first)),
        };
        let stamp = held.stamp();
        held.now.write().unwrap_or_else(PoisonError::into_inner).0 = stamp;
        let held = Arc::new(held);
        let versions = ServerConfig::builder_with_provider(provider).with_protocol_versions(rustls::ALL_VERSIONS);
        let reason = |error: rustls::Error| TlsError::Pair {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            reason: error.to_string(),
        };
        let resolver: Arc<dyn ResolvesServerCert> = held.clone();
        let mut config = versions.map_err(reason)?.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), held })
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }

    /// Looks again and again whether the files have changed, until `end` says so. A pair that cannot be used is told in
    /// the log, and the one before stays.
    pub async fn follow(self, mut end: watch::Receiver<bool>) {
        let mut said = None;
        loop {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(limits::TLS_LOOK_SECONDS)) => {}
                _ = end.wait_for(|ended| *ended) => return,
            }
            let held = Arc::clone(&self.held);
            let Ok(renewed) = tokio::task::spawn_blocking(move || held.renew()).await else { continue };
            match renewed {
                Ok(false) => {}
                Ok(true) => {
                    tracing::info!("the certificate for TLS was read again");
                    said = None;
                }
                Err(error) => {
                    let text = error.to_string();
                    if said.as_ref() != Some(&text) {
                        tracing::warn!("the changed certificate for TLS is not used: {text}");
                        said = Some(text);
                    }
                }
            }
        }
    }
}

fn pair(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let read = |path: &Path| {
        let wrong = |kind| TlsError::Read { path: path.to_owned(), kind };
        let found = fs::metadata(path).map_err(|error| wrong(error.kind()))?;
        if !found.is_file() || found.len() > limits::SMALL_FILE_BYTES {
            return Err(wrong(io::ErrorKind::InvalidInput));
        }
        fs::read(path).map_err(|error| wrong(error.kind()))
    };
    #[cfg(unix)]
    if let Ok(found) = fs::metadata(key) {
        let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o777;
        if mode & 0o007 != 0 {
            return Err(TlsError::Exposed { path: key.to_owned(), mode });
        }
    }
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(&read(certificate)?).collect();
    let none = || TlsError::Pem { path: certificate.to_owned(), what: "certificate" };
    let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or_else(none)?;
    let secret = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|_| TlsError::Pem { path: key.to_owned(), what: "private key without a passphrase" })?;
    // Certificate and key are compared here.
    CertifiedKey::from_der(chain, secret, provider).map_err(|error| TlsError::Pair {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey, generate_simple_self_signed};

    use super::*;

    fn write(folder: &Path, name: &str) -> Vec<u8> {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        fs::write(folder.join("tls.pem"), cert.pem()).unwrap();
        fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
        #[cfg(unix)]
        fs::set_permissions(folder.join("key.pem"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        cert.der().to_vec()
    }

    #[test]
    fn a_renewed_certificate_is_taken_up_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("tls.pem"), folder.path().join("key.pem"));
        let first = write(folder.path(), "localhost");
        let tls = Tls::load(&certificate, &key).unwrap();
        let shown = || tls.held.now.read().unwrap().1.cert.first().unwrap().to_vec();
        assert_eq!(shown(), first);
        assert!(!tls.held.renew().unwrap(), "nothing has changed");
        let second = write(folder.path(), "longer.name.of.a.host.example.org");
        assert!(tls.held.renew().unwrap());
        assert_eq!(shown(), second);
        // Half of a renewal: the certificate is new and its key is not.
        let kept = fs::read(&key).unwrap();
        write(folder.path(), "third.host.example");
        fs::write(&key, kept).unwrap();
        assert!(matches!(tls.held.renew(), Err(TlsError::Pair { .. })));
        fs::write(&certificate, "no certificate").unwrap();
        assert!(matches!(tls.held.renew(), Err(TlsError::Pem { .. })));
        assert_eq!(shown(), second, "the one before stays");
        fs::remove_file(&key).unwrap();
        assert!(matches!(Tls::load(&certificate, &key), Err(TlsError::Read { .. } | TlsError::Pem { .. })));
    }
}
