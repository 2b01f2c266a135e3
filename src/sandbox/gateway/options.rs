//! What a rehearsal gateway is started with, and why it does not start.

use std::{io, path::PathBuf, sync::Arc};

use super::Network;
use crate::{
    batch::{BatchError, Random},
    clock::Clock,
    sandbox::pki::{Made, PkiError},
    trust::cms::CmsWriteError,
};

/// What a gateway is started with.
#[derive(Clone)]
pub struct Options {
    /// Whose rules it keeps.
    pub network: Network,
    /// Whether there are revocation lists. WHO's gateway has switched them off.
    pub revocation: bool,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Its source of identifiers and serial numbers.
    pub random: Random,
    /// Port for mutual TLS on this machine; 0 takes a free one.
    pub port: u16,
    /// Port for plain HTTP on this machine with the headers of a load balancer, if there shall be one; 0 takes a free
    /// one. Whoever reaches it may claim to be anybody.
    pub plain_port: Option<u16>,
    /// The operator's trust anchor; made when there is none.
    pub anchor: Option<Made>,
    /// File that keeps what the gateway knows from one start to the next.
    pub file: Option<PathBuf>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Options({:?}, port {}, plain {:?})", self.network, self.port, self.plain_port)
    }
}

impl Options {
    /// A gateway of this network on a free port, that forgets everything when it ends.
    #[must_use]
    pub fn new(network: Network, clock: Arc<dyn Clock>, random: Random) -> Self {
        let revocation = network == Network::Eu;
        Self { network, revocation, clock, random, port: 0, plain_port: None, anchor: None, file: None }
    }
}

/// Why a gateway does not start, or an operator's order cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A port is taken.
    #[error("port {port} of this machine cannot be opened ({kind}): choose another")]
    Port {
        /// The port.
        port: u16,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// TLS cannot be set up.
    #[error("the rehearsal gateway cannot offer TLS ({kind}): run again, then report it")]
    Tls {
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// The file of an earlier start.
    #[error(
        "{} is not what a rehearsal gateway has kept: move it away, and the gateway starts with nobody onboarded",
        path.display()
    )]
    Kept {
        /// Its path.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{} cannot be used ({kind})", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        kind: io::ErrorKind,
    },
    /// What was changed cannot be kept.
    #[error(transparent)]
    Write(#[from] BatchError),
    /// No certificate could be made.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// The trust anchor could not sign.
    #[error(transparent)]
    Cms(#[from] CmsWriteError),
    /// What is to be onboarded is no certificate.
    #[error("a certificate of {country} cannot be read: give it in DER")]
    Certificate {
        /// Whose.
        country: String,
    },
    /// Nobody of this country is onboarded.
    #[error("the country {country} is not onboarded: onboard it first")]
    Stranger {
        /// Which.
        country: String,
    },
}
