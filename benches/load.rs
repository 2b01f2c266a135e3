//! The service under load: `POST /v1/verify`, a stored certificate as JSON and as PDF, over loopback, with the client on
//! the same machine.
//!
//! ```text
//! cargo bench --features service --bench load -- [--people N] [--seconds N] [--connections N] [--minutes N] [--database URL]
//! cargo bench --features service,postgres --bench load -- --poll --people 1000000 [--database URL]
//! ```
//!
//! First a poll of `--people` invented people (5,000) from the contract DHIS2, which runs in a process of its own and
//! takes its share of the two cores; then the load over their certificates, another one with every request, so that what
//! the service keeps in memory helps as little as with real citizens. A line tells of each tenth of the people: how many
//! a second in this tenth, the memory of this process, the size of the database, and what a thousand people cost in
//! seconds of processor: here, in DHIS2, in PostgreSQL where it runs on this machine.
//!
//! `--poll` ends there, after the first publication and another pass; `--people 1000000` is the catching up of a country.
//! The contract DHIS2 keeps its people in memory, about 4 GB for a million.
//!
//! The service runs in this process, as `vaccert serve` builds it, on two worker threads; the client is a plain loop over
//! kept connections, on a thread of its own. `--minutes` repeats the first load for so long and tells the memory of
//! the process each minute. The last column is the share of what two cores could do if they did nothing but check
//! signatures, measured in the same run. `--database` is where the registry lies (default: SQLite in a new folder).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a measurement, not a part of the program"
)]

mod load {
    pub(crate) mod measure;
    pub(crate) mod source;
}

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::serve::ListenerExt as _;
use jiff::SignedDuration;
use load::{
    measure::{Curve, memory},
    source::{self, Dhis2},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use vaccert::{
    access::{Right, Role, TokenText},
    batch::system_random,
    clock::{Clock, System},
    config::{Dhis2Access, Dhis2Section, Setup},
    record::Uvci,
    registry::{self, NewToken, Proposal, Registry, Sealed},
    sandbox,
    service::{self, Hosts, House, Rooms, operations::Board},
    work,
};

struct Wanted {
    people: usize,
    seconds: u64,
    connections: usize,
    minutes: u64,
    database: Option<String>,
    /// Nothing but the poll.
    poll: bool,
    /// Be the DHIS2 of another process.
    dhis2: bool,
}

fn wanted() -> Wanted {
    let mut wanted =
        Wanted { people: 5_000, seconds: 10, connections: 64, minutes: 0, database: None, poll: false, dhis2: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let mut number = || arguments.next().and_then(|text| text.parse().ok()).expect("a number behind it");
        match name.as_str() {
            "--people" => wanted.people = usize::try_from(number()).unwrap(),
            "--seconds" => wanted.seconds = number(),
            "--connections" => wanted.connections = usize::try_from(number()).unwrap(),
            "--minutes" => wanted.minutes = number(),
            "--database" => wanted.database = arguments.next(),
            "--poll" => wanted.poll = true,
            "--dhis2" => wanted.dhis2 = true,
            // What cargo itself adds.
            "--bench" => {}
            other => panic!("{other} is no option: --people, --seconds, --connections, --minutes, --database, --poll"),
        }
    }
    wanted
}

/// Requests as they go over the wire.
struct Target {
    name: &'static str,
    address: SocketAddr,
    /// How many ask at once, of the connections that are wanted: a paper keeps a core busy for a while.
    share: usize,
    /// The connections send them in turns.
    requests: Vec<Vec<u8>>,
    /// Bytes that an answer must hold.
    holds: &'static [u8],
}

fn main() {
    let wanted = wanted();
    if wanted.dhis2 {
        return source::serve(wanted.people);
    }
    let serving = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let home = tempfile::tempdir().unwrap();
    let Some((targets, signatures)) = serving.block_on(start(home.path().to_owned(), &wanted)) else { return };
    println!("bare signature checks (ES256): {signatures:.0} a second on one core");
    println!("{:<28} {:>9} {:>9} {:>9} {:>9} {:>8}", "", "a second", "p50 ms", "p95 ms", "p99 ms", "of bare");
    let client = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for target in &targets {
        // Warm: caches, connections, the allocator.
        client.block_on(press(target, wanted.connections, Duration::from_secs(1)));
        let times = client.block_on(press(target, wanted.connections, Duration::from_secs(wanted.seconds)));
        tell(target.name, &times, wanted.seconds, signatures);
    }
    for minute in 1..=wanted.minutes {
        let times = client.block_on(press(&targets[0], wanted.connections, Duration::from_secs(60)));
        tell(&format!("minute {minute}, {} MB", memory()), &times, 60, signatures);
    }
}

/// An installation with the certificates of so many people, served; nothing is where only the poll is wanted.
async fn start(home: PathBuf, wanted: &Wanted) -> Option<(Vec<Target>, f64)> {
    let mut setup = Setup::sandbox(&home.join("state"), System.now(), &system_random()).unwrap();
    if let Some(url) = &wanted.database {
        setup.registry_url.clone_from(url);
    }
    let registry = Registry::open(&setup.registry_url, registry::Options::default()).await.unwrap();
    let dhis2 = Dhis2::start(wanted.people);
    poll(&home, &setup, &registry, &dhis2, wanted.people).await;
    let setup = Arc::new(setup);
    let begun = Instant::now();
    work::publisher(&setup, registry.clone(), setup.service.public.clone()).publish(System.now()).await.unwrap();
    println!("first publication: {:.2} s, {} MB", begun.elapsed().as_secs_f64(), memory());
    if wanted.poll {
        let begun = Instant::now();
        let counts = registry.counts().await.unwrap();
        println!("certificates counted: {} in {:.2} s", counts.released, begun.elapsed().as_secs_f64());
        poll(&home, &setup, &registry, &dhis2, wanted.people).await;
        return None;
    }
    drop(dhis2);
    let signatures = bare(&setup);

    let clock: Arc<dyn Clock> = Arc::new(System);
    let board = Arc::new(Board::new(Arc::clone(&clock), "sandbox"));
    let (random, held) = (system_random(), registry.clone());
    let house = House::new(Rooms { setup, registry: held, board, clock, random });
    let all = registry.latest(4_000).await.unwrap();
    let code = |sealed: &Sealed| {
        sealed.envelopes.iter().find(|envelope| envelope.format == "eu-dcc").map(|envelope| envelope.text.clone())
    };
    let codes: Vec<String> = all.iter().filter_map(code).collect();
    let ids: Vec<String> = all.iter().map(|sealed| sealed.id.parse::<Uvci>().unwrap().opaque().to_owned()).collect();
    let token = token(&registry).await;
    let everybody = serve(service::everybody(&house, axum::Router::new(), Hosts::this_machine())).await;
    let operators = serve(service::operators(&house, Hosts::this_machine())).await;
    let verify = |code: &String| {
        format!(
            "POST /v1/verify HTTP/1.1\r\nHost: {everybody}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{code}",
            code.len()
        )
        .into_bytes()
    };
    let fetch = |media: &str| -> Vec<Vec<u8>> {
        let head = format!("Host: {operators}\r\nAuthorization: Bearer {token}\r\nAccept: {media}");
        ids.iter().map(|id| format!("GET /v1/certificates/{id} HTTP/1.1\r\n{head}\r\n\r\n").into_bytes()).collect()
    };
    let verify = codes.iter().map(verify).collect();
    let bundle = format!("GET /v1/bundle.json HTTP/1.1\r\nHost: {everybody}\r\n\r\n").into_bytes();
    let target = |name, address, requests, holds| Target { name, address, share: 1, requests, holds };
    let targets = vec![
        target("POST /v1/verify", everybody, verify, &b"\"verdict\":\"accepted\""[..]),
        target("a certificate as JSON", operators, fetch("application/json"), b"\"id\""),
        Target { share: 4, ..target("a certificate as PDF", operators, fetch("application/pdf"), &b"%PDF-"[..]) },
        target("GET /v1/bundle.json", everybody, vec![bundle], b"vaccert-bundle"),
    ];
    Some((targets, signatures))
}

/// A pass over a DHIS2 with so many people: everybody the first time, what changed since the next.
async fn poll(home: &Path, setup: &Setup, registry: &Registry, dhis2: &Dhis2, people: usize) {
    let token = home.join("token");
    std::fs::write(&token, sandbox::dhis2::TOKEN).unwrap();
    let section = Dhis2Section { url: dhis2.url.clone(), token_file: Some(token), ..Dhis2Section::default() };
    let access = Dhis2Access::of(section).unwrap();
    let mut curve = Curve::begin(people, &setup.registry_url, dhis2.process).await;
    let begun = Instant::now();
    let pass = work::Pass { setup, registry: registry.clone(), access: &access, profile: None, full: false, out: None };
    let (done, since) = pass.run(&mut curve).await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    match since {
        None => println!(
            "poll of {people} people: {seconds:.1} s, {:.0} people a second, {} certificates, {} MB",
            people as f64 / seconds,
            done.tally.issued,
            memory()
        ),
        Some(since) => println!("pass over what changed since {since}: {seconds:.2} s, {} records", done.tally.records),
    }
}

/// Serves a door on a free port.
async fn serve(router: axum::Router) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// A token of an operator.
async fn token(registry: &Registry) -> String {
    let now = System.now();
    let roles = [Role::Operator];
    let roles = roles.iter().map(|role| serde_json::to_value(role).unwrap().as_str().unwrap().to_owned()).collect();
    let account = "user:load".to_owned();
    let proposal = Proposal { name: account.clone(), roles, facilities: Vec::new(), quota: None };
    registry.propose_account(&proposal, "user:chief", now).await.unwrap();
    for approver in ["user:one", "user:two"] {
        // One may be enough.
        let _ = registry.approve_account(&account, approver, now).await;
    }
    let mut bytes = [0; 32];
    system_random()(&mut bytes).unwrap();
    let text = TokenText::of(&bytes);
    let rights: Vec<String> = Right::ALL.iter().map(|right| right.name().to_owned()).collect();
    let new = NewToken {
        id: "load",
        hash: &text.hash(),
        account: &account,
        label: "load",
        rights: &rights,
        facilities: &[],
        made_by: "user:chief",
        expires_at: now + SignedDuration::from_hours(24),
    };
    assert!(registry.make_token(&new, now).await.unwrap());
    text.reveal().to_owned()
}

/// Signature checks a second on one core, and nothing else.
fn bare(setup: &Setup) -> f64 {
    let message = vec![7; 300];
    let signature = setup.signer.sign(&message).unwrap();
    let key = setup.signer.certificate().public_key().unwrap();
    let algorithm = setup.signer.algorithm();
    let (begun, mut count) = (Instant::now(), 0u32);
    while begun.elapsed() < Duration::from_secs(2) {
        for _ in 0..100 {
            key.verify(algorithm, &message, &signature).unwrap();
        }
        count += 100;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

/// Sends a request over and over on every connection; gives the time of each answer.
async fn press(target: &Target, connections: usize, long: Duration) -> Vec<Duration> {
    let end = Instant::now() + long;
    let connections = connections / target.share;
    // Each connection begins elsewhere, and no two ask for the same at once.
    let all = (0..connections).map(|n| one(target, n * target.requests.len() / connections, end));
    futures_util::future::join_all(all).await.into_iter().flatten().collect()
}

async fn one(target: &Target, first: usize, end: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(target.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut times, mut buffer) = (Vec::with_capacity(4_096), vec![0; 256 * 1024]);
    let mut requests = target.requests.iter().cycle().skip(first);
    while Instant::now() < end {
        let request = requests.next().unwrap();
        let begun = Instant::now();
        stream.write_all(request).await.unwrap();
        let (mut filled, mut whole) = (0, usize::MAX);
        while filled < whole {
            if filled == buffer.len() {
                buffer.resize(2 * buffer.len(), 0);
            }
            let read = stream.read(&mut buffer[filled..]).await.unwrap();
            assert!(read > 0, "the service closed a connection");
            filled += read;
            if whole == usize::MAX
                && let Some(head) = find(&buffer[..filled], b"\r\n\r\n")
            {
                assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..head]));
                whole = head + 4 + length(&buffer[..head]);
            }
        }
        times.push(begun.elapsed());
        assert!(
            times.len() % 1_000 != 1 || find(&buffer[..filled], target.holds).is_some(),
            "another answer than wanted"
        );
    }
    times
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn length(head: &[u8]) -> usize {
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let line = text.lines().find_map(|line| line.strip_prefix("content-length:").map(str::to_owned));
    line.expect("a length").trim().parse().unwrap()
}

fn tell(name: &str, times: &[Duration], seconds: u64, signatures: f64) {
    let mut sorted: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1_000.0).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share) as usize];
    let rate = times.len() as f64 / seconds as f64;
    println!(
        "{name:<28} {rate:>9.0} {:>9.2} {:>9.2} {:>9.2} {:>7.0}%",
        at(0.5),
        at(0.95),
        at(0.99),
        100.0 * rate / (2.0 * signatures)
    );
}
