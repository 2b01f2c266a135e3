//! A gateway for rehearsals, as the EU's (DGCG) and WHO's (TNG) are: the same paths, media types, checks in the same
//! order, status codes and problem reports, over real mutual TLS. It refuses what the real ones refuse.
//!
//! A request goes: `tls` (who holds which key) → `route` (for what, in which media type) → `door` (onboarded? with
//! which role?) → the room of the endpoint (`lists`, `signers`, `rules`, `revocation`, `references`, `migration`, all
//! of which read messages through `message` and keep what they take in the `book`; `did` for WHO's public documents)
//! → `reply`. `answer` leads it through, `trouble` spoils it on demand, `shared` is what all of them hold. The operator is not on the wire: he is the methods of [`Gateway`] (`operator`).
//!
//! Source: interface of dgc-gateway and ddcc-gateway (facts on the trust framework, sections 2, 3 and 5).

mod answer;
mod book;
mod did;
mod door;
mod lists;
mod message;
mod migration;
mod operator;
mod options;
mod references;
mod reply;
mod revocation;
mod route;
mod rules;
mod shared;
mod signers;
mod tls;
mod trouble;

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::Router;
use jiff::Timestamp;
use tokio::{net::TcpListener, task::JoinHandle};

pub use crate::gateway::Network;
pub use book::Role;
pub use operator::Participant;
pub use options::{GatewayError, Options};
pub use trouble::Trouble;

use crate::{
    keys::Certificate,
    sandbox::pki::{Key, Purpose, Workshop},
};
use answer::{Front, answer};
use book::Book;
use door::Door;
use shared::{Held, Shared};
use tls::{Peer, TlsListener};

/// Beginning of the server certificate: 2020-01-01T00:00:00Z.
const SERVERS_SINCE: Timestamp = Timestamp::constant(1_577_836_800, 0);

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its method.
    pub method: String,
    /// Path, without parameters.
    pub path: String,
    /// Status of the answer.
    pub status: u16,
}

/// A running gateway. It ends when dropped.
pub struct Gateway {
    url: String,
    plain_url: Option<String>,
    anchor_pem: String,
    root_pem: String,
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gateway({})", self.url)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Gateway {
    /// Makes what is missing (anchor, server certificate), and listens.
    ///
    /// # Errors
    /// [`GatewayError`] when a port is taken, or the file of an earlier start cannot be used.
    pub async fn start(options: Options) -> Result<Self, GatewayError> {
        let workshop = Workshop::new("XX", options.clock.now(), Arc::clone(&options.random))?;
        let anchor = match options.anchor {
            Some(anchor) => anchor,
            None => workshop.make(Purpose::Anchor, "Sandbox trust anchor", Key::P256)?,
        };
        // TLS looks at the machine's clock, which is not always the gateway's.
        let machine = Workshop::new("XX", SERVERS_SINCE, Arc::clone(&options.random))?;
        let root = machine.make(Purpose::ServerAuthority, "Sandbox server root", Key::P256)?;
        let server = machine.issued(Purpose::Server, "localhost", Key::P256, &root)?;
        let signer = anchor.signer()?;
        let itself = operator::vouch(anchor.der(), anchor.certificate(), &signer, options.clock.now())?;
        let book = match &options.file {
            Some(path) => operator::kept(path)?,
            None => Book::default(),
        };
        let shared = Arc::new(Shared {
            network: options.network,
            revocation: options.revocation,
            clock: options.clock,
            random: options.random,
            anchor: (anchor.certificate().clone(), itself),
            signer,
            held: Mutex::new(Held { book, troubles: Vec::new(), asked: Vec::new() }),
            file: options.file,
        });

        let drops = {
            let shared = Arc::clone(&shared);
            Arc::new(move || shared.trouble(|trouble| *trouble == Trouble::Drop).is_some())
        };
        let tls = |error: io::Error| GatewayError::Tls { kind: error.kind() };
        let listener = TlsListener::new(open(options.port).await?, &server, &root, drops).map_err(tls)?;
        let url = format!("https://localhost:{}", listener.address().port());
        let router = |door| Router::new().fallback(answer).with_state(Front { shared: Arc::clone(&shared), door });
        let service = router(Door::Mutual).into_make_service_with_connect_info::<Peer>();
        let mut tasks = vec![tokio::spawn(async move {
            let _ = axum::serve(listener, service).await;
        })];
        let mut plain_url = None;
        if let Some(port) = options.plain_port {
            let listener = open(port).await?;
            let open = listener.local_addr().map_err(tls)?.port();
            plain_url = Some(format!("http://127.0.0.1:{open}"));
            let service = router(Door::Headers).into_make_service_with_connect_info::<Peer>();
            tasks.push(tokio::spawn(async move {
                let _ = axum::serve(listener, service).await;
            }));
        }
        let (anchor_pem, root_pem) = (anchor.pem().to_owned(), root.pem().to_owned());
        Ok(Self { url, plain_url, anchor_pem, root_pem, shared, tasks })
    }

    /// Its address for mutual TLS.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its address for plain HTTP with headers, if it has one.
    #[must_use]
    pub fn plain_url(&self) -> Option<&str> {
        self.plain_url.as_deref()
    }

    /// The trust anchor, which clients pin.
    #[must_use]
    pub fn anchor(&self) -> &Certificate {
        &self.shared.anchor.0
    }

    /// The trust anchor in PEM.
    #[must_use]
    pub fn anchor_pem(&self) -> &str {
        &self.anchor_pem
    }

    /// The root of the server's certificate in PEM, which clients must trust for TLS.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }
}

async fn open(port: u16) -> Result<TcpListener, GatewayError> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    listener.map_err(|error| GatewayError::Port { port, kind: error.kind() })
}
