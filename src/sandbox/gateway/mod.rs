//! A gateway for rehearsals, as the EU's (DGCG) and WHO's (TNG) are: the same paths, media types, checks in the same
//! order, status codes and problem reports, over real mutual TLS. It refuses what the real ones refuse.
//!
//! A request goes: `tls` (who holds which key) → `route` (for what, in which media type) → `door` (onboarded? with
//! which role?) → the room of the endpoint (`lists`, `signers`, `rules`, `revocation`, `references`, `migration`, all
//! of which read messages through `message` and keep what they take in the `book`) → `reply`. `trouble` spoils it on
//! demand. The operator is not on the wire: he is the methods of [`Gateway`] (`operator`).
//!
//! Source: interface of dgc-gateway and ddcc-gateway (facts on the trust framework, sections 2, 3 and 5).

mod book;
mod door;
mod lists;
mod message;
mod migration;
mod operator;
mod references;
mod reply;
mod revocation;
mod route;
mod rules;
mod signers;
mod tls;
mod trouble;

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, Method},
    response::Response,
};
use jiff::Timestamp;
use tokio::{net::TcpListener, task::JoinHandle};

pub use crate::gateway::Network;
pub use book::Role;
pub use operator::Participant;
pub use trouble::Trouble;

use crate::{
    batch::{BatchError, Random, write_public},
    clock::Clock,
    keys::{Certificate, MemoryX509Signer},
    limits::{SANDBOX_BODY_BYTES, SANDBOX_REQUESTS},
    sandbox::pki::{Key, Made, PkiError, Purpose, Workshop},
    trust::cms::CmsWriteError,
};
use book::Book;
use door::{Caller, Door};
use reply::{Problem, Reply};
use route::Endpoint;
use signers::Desk;
use tls::{Peer, TlsListener};

/// Beginning of the server certificate: 2020-01-01T00:00:00Z.
const SERVERS_SINCE: Timestamp = Timestamp::constant(1_577_836_800, 0);

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

struct Held {
    book: Book,
    troubles: Vec<(Trouble, usize)>,
    asked: Vec<Asked>,
}

struct Shared {
    network: Network,
    revocation: bool,
    clock: Arc<dyn Clock>,
    random: Random,
    /// The anchor, and its signature over itself.
    anchor: (Certificate, String),
    signer: MemoryX509Signer,
    held: Mutex<Held>,
    file: Option<PathBuf>,
}

impl Shared {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A version 4 UUID (RFC 9562 section 5.4).
    fn uuid(&self) -> Result<String, PkiError> {
        let mut bytes = [0; 16];
        (self.random)(&mut bytes).map_err(|_| PkiError::Library { name: "an identifier".to_owned() })?;
        let number = u128::from_be_bytes(bytes);
        let number = (number & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let digits = format!("{number:032x}");
        let cut = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
        Ok(format!("{}-{}-{}-{}-{}", cut(0, 8), cut(8, 12), cut(12, 16), cut(16, 20), cut(20, 32)))
    }

    fn keep(&self, book: &Book) -> Result<(), GatewayError> {
        if let Some(path) = &self.file {
            let text = serde_json::to_vec(book).map_err(|_| GatewayError::Kept { path: path.clone() })?;
            write_public(path, &text)?;
        }
        Ok(())
    }

    /// Changes the book, and takes the change back when it cannot be kept.
    fn change<T>(&self, change: impl FnOnce(&mut Book) -> T) -> Result<T, GatewayError> {
        let mut held = self.held();
        let before = self.file.is_some().then(|| held.book.clone());
        let done = change(&mut held.book);
        if let Err(error) = self.keep(&held.book) {
            if let Some(before) = before {
                held.book = before;
            }
            return Err(error);
        }
        Ok(done)
    }

    /// The first trouble that concerns an answer, which then has one turn less.
    fn trouble(&self, concerns: impl Fn(&Trouble) -> bool) -> Option<Trouble> {
        let mut held = self.held();
        let found = held.troubles.iter_mut().find(|(trouble, left)| *left > 0 && concerns(trouble));
        found.map(|(trouble, left)| {
            *left -= 1;
            trouble.clone()
        })
    }
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

/// A door of the gateway.
#[derive(Clone)]
struct Front {
    shared: Arc<Shared>,
    door: Door,
}

async fn answer(State(front): State<Front>, ConnectInfo(peer): ConnectInfo<Peer>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let shared = &front.shared;
    let endpoint = Endpoint::of(shared.network, shared.revocation, &head.method, head.uri.path());
    let params: Vec<(String, String)> =
        url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let mut reply = match &endpoint {
        Err(_) => None,
        Ok(endpoint) => match axum::body::to_bytes(body, SANDBOX_BODY_BYTES).await {
            Err(_) => Some(Reply::empty(413)),
            Ok(body) => {
                let asked = Inquiry { endpoint, headers: &head.headers, params: &params, body: &body };
                Some(handle(&front, &peer, &asked).unwrap_or_else(Reply::from))
            }
        },
    };
    if let (Ok(endpoint), Some(reply)) = (&endpoint, &mut reply)
        && let Some(trouble) = shared.trouble(|trouble| trouble.concerns(endpoint))
    {
        if let Trouble::Slow(time) = trouble {
            tokio::time::sleep(time.min(Duration::from_secs(600))).await;
        }
        trouble.spoil(reply);
    }
    let reply = match (reply, endpoint) {
        (Some(reply), _) => reply,
        (None, Err(problem)) => problem.into(),
        (None, Ok(_)) => Reply::empty(500),
    };
    let response = reply.into_response();
    note(shared, &head.method, head.uri.path(), &response);
    response
}

fn note(shared: &Shared, method: &Method, path: &str, response: &Response) {
    let mut held = shared.held();
    if held.asked.len() < SANDBOX_REQUESTS {
        let (method, path) = (method.to_string(), path.to_owned());
        held.asked.push(Asked { method, path, status: response.status().as_u16() });
    }
}

/// A request, taken apart.
struct Inquiry<'r> {
    endpoint: &'r Endpoint,
    headers: &'r HeaderMap,
    params: &'r lists::Params,
    body: &'r [u8],
}

fn handle(front: &Front, peer: &Peer, asked: &Inquiry<'_>) -> Result<Reply, Problem> {
    let shared = &front.shared;
    asked.endpoint.check_media(asked.headers)?;
    let now = shared.clock.now();
    let (anchor, _) = &shared.anchor;
    let mut held = shared.held();
    held.book.tidy(now);
    if asked.endpoint.is_public() {
        return Err(Problem::bare(404));
    }
    let role = asked.endpoint.role();
    let caller = door::caller(front.door, peer, asked.headers, role, &held.book, anchor)?;
    if !asked.endpoint.writes() {
        return read(shared, &held.book, &caller, asked, now);
    }
    drop(held);
    let uuid = shared.uuid().map_err(|_| Problem::new(500, "0x008", "Internal Server Error", ""))?;
    let changed = shared.change(|book| {
        let desk = Desk { book, anchor, caller: &caller, now, uuid };
        write(desk, asked)
    });
    changed.unwrap_or_else(|_| Err(Problem::new(500, "0x008", "Internal Server Error", "the change cannot be kept")))
}

fn read(shared: &Shared, book: &Book, caller: &Caller, asked: &Inquiry<'_>, now: Timestamp) -> Result<Reply, Problem> {
    let Inquiry { headers, params, .. } = asked;
    match asked.endpoint {
        Endpoint::TrustList { kind, country } => {
            let (kind, country) = (kind.as_deref(), country.as_deref());
            lists::trust_list(book, shared.network, &shared.anchor, kind, country, headers, params)
        }
        Endpoint::Issuers => lists::issuers(book, params),
        Endpoint::Certificates => Ok(lists::certificates(book, params)),
        Endpoint::References => Ok(references::list(book, params)),
        Endpoint::Reference(uuid) => references::one(book, uuid),
        Endpoint::ValueSets => Ok(lists::value_sets(book)),
        Endpoint::ValueSet(id) => lists::value_set(book, id),
        Endpoint::CountryList => Ok(lists::countries(book)),
        Endpoint::Rules(country) => rules::list(book, country, now),
        Endpoint::BatchList => revocation::list(book, headers, now),
        Endpoint::Batch(id) => revocation::batch(book, id),
        Endpoint::Packages => Ok(migration::packages(book, caller)),
        _ => Err(Problem::bare(404)),
    }
}

fn write(desk: Desk<'_>, asked: &Inquiry<'_>) -> Result<Reply, Problem> {
    match asked.endpoint {
        Endpoint::SignerUpload => signers::upload(desk, asked.body),
        Endpoint::SignerDelete => signers::delete(desk, asked.body),
        Endpoint::TrustedUpload => signers::upload_trusted(desk, asked.body),
        Endpoint::ReferenceUpload => references::upload(desk, asked.body),
        Endpoint::ReferenceDelete => references::delete(desk, asked.body),
        Endpoint::RuleUpload => rules::upload(desk, asked.body),
        Endpoint::RuleDelete => rules::delete(desk, asked.body),
        Endpoint::BatchUpload => revocation::upload(desk, asked.body),
        Endpoint::BatchDelete => revocation::delete(desk, asked.body),
        Endpoint::Migrate => migration::renew(desk, asked.body),
        _ => Err(Problem::bare(404)),
    }
}
