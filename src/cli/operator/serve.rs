//! `vaccert serve`: the service of a configured installation.

use std::{path::Path, pin::Pin, sync::Arc, time::Duration};

use clap::Args;
use tokio::{net::TcpListener, sync::OnceCell};

use super::{CliError, Common, Dhis2Args, audit::nightly, conditions, progress::say};
use crate::{
    batch::{self, BatchError, system_random},
    clock::{Clock, System},
    config::{Dhis2Access, Dhis2Section, Environment, Setup},
    publication,
    registry::{Registry, RegistryError, Turn},
    service::{
        self, Beside, Door, Hosts, House, Rooms, Tenants, Tls,
        operations::{Board, Done, Failure, Replica, Task, Work, database},
    },
    work::{
        self, Pass,
        messages::{Courier, Delivered, Trouble},
    },
};

/// Where the sandbox keeps its keys and its registry.
const SANDBOX_STATE: &str = "vaccert-sandbox";

/// From one look for messages to the next: somebody waits for a code.
const MESSAGES: Duration = Duration::from_secs(2);
/// How often a replica looks for what another has published; and how often certificates are counted.
const FETCH: Duration = Duration::from_secs(10);
const COUNT: Duration = Duration::from_secs(300);
const MEASURE: Duration = Duration::from_secs(30);
/// How often, and after what pause, a replica looks for the first publication of all before it says that there is none.
const FIRST_TRIES: u32 = 40;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// How often it is looked whether an examination is due.
const EXAMINE: Duration = Duration::from_secs(900);
/// How often a replica looks for alerts.
const ALERTS: Duration = Duration::from_secs(30);

/// Arguments of `vaccert serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Address and port for everybody; default: as the configuration says, 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<std::net::SocketAddr>,
    /// Address and port of status and metrics, which the Internet must not reach; default: 127.0.0.1:8081
    #[arg(long, value_name = "ADDRESS:PORT")]
    operator_listen: Option<std::net::SocketAddr>,
    /// Do not poll DHIS2: serve and publish what is there
    #[arg(long)]
    no_sync: bool,
    #[command(flatten)]
    dhis2: Dhis2Args,
}

/// What the tasks work with.
#[derive(Clone)]
struct Hands {
    setup: Arc<Setup>,
    registry: Registry,
    board: Arc<Board>,
}

/// A task's work from a function.
fn work<F, R>(hands: &Hands, run: F) -> Work
where
    F: Fn(Hands, Option<Turn>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<String, CliError>> + Send + 'static,
{
    let hands = hands.clone();
    Arc::new(move |turn| -> Pin<Box<dyn Future<Output = Result<Done, Failure>> + Send>> {
        let running = run(hands.clone(), turn);
        Box::pin(async move {
            let failed = |error: CliError| Failure { needs_operator: error.needs_operator(), text: error.to_string() };
            running.await.map(Done).map_err(failed)
        })
    })
}

async fn sync(hands: Hands, access: Arc<Dhis2Access>) -> Result<String, CliError> {
    let Hands { setup, registry, board } = hands.clone();
    let pass = Pass { setup: &setup, registry, access: &access, profile: None, full: false, out: None };
    let (done, since) = pass.run(&mut ()).await?;
    let batch::Tally { records, issued, refused, unchanged } = done.tally;
    for (outcome, number) in [("issued", issued), ("refused", refused), ("unchanged", unchanged)] {
        let help = "Records that passes over DHIS2 read, by what became of them.";
        board.traffic().count("vaccert_records_total", help, &[("outcome", outcome)], number);
    }
    // The mark has moved; what cannot be measured now is in half a minute.
    let _ = measure(hands).await;
    let since = since.map_or_else(|| "everybody".to_owned(), |since| format!("changes since {since} (server time)"));
    Ok(format!("{since}: {records} records, {issued} issued, {unchanged} unchanged, {refused} refused"))
}

async fn publish_lists(hands: Hands, turn: Option<Turn>) -> Result<String, CliError> {
    let Hands { setup, registry, .. } = hands;
    let publisher = work::publisher(&setup, registry, setup.service.public.clone());
    let published = match turn {
        Some(turn) => publisher.publish_together(&turn, false, System.now()).await,
        None => publisher.publish_if_due(System.now()).await,
    };
    let learned = batch::learn(&setup.signers, &publisher.registry).await;
    let nothing = || "nothing has changed since the last publication".to_owned();
    let said = published?.as_ref().map_or_else(nothing, work::summary);
    learned.map_err(BatchError::from)?;
    Ok(said)
}

/// What another replica has published comes into this one's folder; and which keys count as published.
async fn fetch_lists(hands: Hands) -> Result<String, CliError> {
    let Hands { setup, registry, board } = hands;
    let publisher = work::publisher(&setup, registry, setup.service.public.clone());
    if !publisher.registry.is_there() && publication::index_path(&publisher.dir).is_file() {
        return Ok("the registry is away: what lies in the folder is handed out".to_owned());
    }
    let mut number = publisher.fetch().await?;
    // At the very beginning another replica is just publishing for the first time: without a list nothing can be
    // verified here, and nobody should be sent here.
    for _ in 0..FIRST_TRIES {
        if number.is_some() || board.mode().is_stopped() {
            break;
        }
        tokio::time::sleep(FIRST_PAUSE).await;
        number = publisher.fetch().await?;
    }
    let Some(number) = number else { return Err(CliError::NothingPublished) };
    board.note_published(number);
    batch::learn(&setup.signers, &publisher.registry).await.map_err(BatchError::from)?;
    Ok(format!("number {number} is handed out"))
}

/// How many certificates stand and were revoked, for the metrics; asked rarely, for it reads an index through.
async fn count(hands: Hands) -> Result<String, CliError> {
    if !hands.registry.is_there() {
        return Ok("the registry is away".to_owned());
    }
    let counts = hands.registry.counts().await.map_err(BatchError::from)?;
    let standing = counts.signed + counts.released;
    let text = format!("{standing} certificates stand, {} are revoked", counts.revoked);
    hands.board.note_counts(counts);
    Ok(text)
}

/// How many sessions stand, and how far the poll is, for the metrics.
async fn measure(hands: Hands) -> Result<String, CliError> {
    let Hands { setup, registry, board } = hands;
    if !registry.is_there() {
        return Ok("the registry is away".to_owned());
    }
    let (idle, now) = (setup.access.idle, System.now());
    let open = registry.open_sessions(idle, now).await.map_err(BatchError::from)?;
    let polled = work::polled_until(&registry).await.map_err(BatchError::from)?;
    board.note_measured(open, polled);
    board.note_notices(registry.notice_counts().await.map_err(BatchError::from)?);
    Ok(format!("{} sessions of operators and {} of citizens stand", open.operators, open.citizens))
}

/// Codes and messages to citizens: whatever waits, every other second. Each replica does it, by leases.
fn messages_task(hands: &Hands, section: Dhis2Section) -> Option<Task> {
    hands.setup.citizen.as_ref()?;
    let access = Dhis2Access::of(section).ok();
    let made: Arc<OnceCell<Option<Courier>>> = Arc::default();
    let deliver = move |hands: Hands, _| {
        let (made, access) = (Arc::clone(&made), access.clone());
        async move {
            let Hands { setup, registry, .. } = &hands;
            if !registry.is_there() || hands.board.mode().is_stopped() {
                return Ok("nothing may be written now: messages wait".to_owned());
            }
            let make = || work::messages::courier(setup, registry, access, Arc::new(System), system_random());
            let courier = made.get_or_try_init(make).await?;
            let Some(courier) = courier else { return Ok("citizens are not served".to_owned()) };
            let Delivered { codes, notices, waiting, trouble } = courier.work().await?;
            if let Some(Trouble { text, needs_operator }) = trouble {
                return Err(CliError::NoMessages { text, needs_operator });
            }
            Ok(format!("{codes} codes and {notices} notices sent, {waiting} wait"))
        }
    };
    Some(Task {
        name: "messages",
        title: "Send codes and messages to citizens",
        every: MESSAGES,
        shared: false,
        work: work(hands, deliver),
    })
}

async fn open(address: std::net::SocketAddr) -> Result<TcpListener, CliError> {
    let failed = |error: std::io::Error| CliError::Listen { address, kind: error.kind() };
    TcpListener::bind(address).await.map_err(failed)
}

/// One installation: what answers, and what works beside.
pub(super) struct Installation {
    pub(super) house: House,
    pub(super) registry: Registry,
    pub(super) beside: Beside,
}

/// Prepares an installation: its board, its registry, its tasks. `file` is its configuration; it polls DHIS2 where
/// `access` says how.
pub(super) async fn installation(
    setup: Arc<Setup>,
    file: Option<&Path>,
    access: Option<Arc<Dhis2Access>>,
) -> Result<Installation, CliError> {
    let options = &setup.service;
    let environment = match setup.environment {
        Environment::Sandbox => "sandbox",
        Environment::Production => "production",
    };
    let clock: Arc<dyn Clock> = Arc::new(System);
    let (conditions, metrics) = conditions::keys(&setup, file)?;
    let board = Board::new(Arc::clone(&clock), environment).with_conditions(conditions).with_metrics(metrics);
    let board = super::trust::watched(board, &setup.trust);
    let account = nightly::Account::default();
    let board = board.with_conditions(account.conditions());
    let alerts = service::Alerts::default();
    // The database may be away: what is published is served all the same, and it is looked for again and again.
    let registry = Registry::away(&setup.registry_url, setup.registry_options.clone()).map_err(BatchError::from)?;
    let board = board.with_conditions(alerts.conditions()).with_metrics(database(&registry));
    let board = Arc::new(board);
    board.mode().configure(options.read_only);
    board.traffic().bound(options.requests_at_once);
    if let Err(error) = registry.revive().await {
        if !matches!(error, RegistryError::Unreachable { .. } | RegistryError::Locked { .. }) {
            // That will not mend itself.
            return Err(BatchError::from(error).into());
        }
        tracing::warn!("{error}");
    }
    let hands = Hands { setup: Arc::clone(&setup), registry: registry.clone(), board: Arc::clone(&board) };
    let tasks = tasks(&hands, access, account, alerts, &clock);
    let random = system_random();
    let rooms =
        Rooms { setup: Arc::clone(&setup), registry: registry.clone(), board: Arc::clone(&board), clock, random };
    let house = House::new(rooms);
    if !setup.paper.templates.is_empty() {
        // Every fault of the ministry's own PDFs is told before a door opens, not to the first citizen.
        house.desk()?;
    }
    let name = Replica::own_name(options.replica.as_deref(), &house.random);
    // Three times what a batch has: a turn is renewed at every third of it.
    let lease = Duration::try_from(registry.lease()).unwrap_or_default().saturating_mul(3).max(Duration::from_secs(3));
    let replica = Replica::new(registry.clone(), board, Arc::clone(&house.random), &name, lease);
    let replica = replica.finishing(options.finish);
    let beside = Beside { replica, tasks, proxies: options.proxies.clone(), drain: options.drain };
    Ok(Installation { house, registry, beside })
}

/// What recurs in an installation; what asks DHIS2 only where it is to be polled.
fn tasks(
    hands: &Hands,
    access: Option<Arc<Dhis2Access>>,
    account: nightly::Account,
    alerts: service::Alerts,
    clock: &Arc<dyn Clock>,
) -> Vec<Task> {
    let setup = &hands.setup;
    let options = &setup.service;
    let mut tasks = vec![
        Task {
            name: "publish",
            title: "Publish the trust bundle and the revocations",
            every: options.publish,
            shared: true,
            work: work(hands, publish_lists),
        },
        Task {
            name: "fetch",
            title: "Hand out what the replicas have published",
            every: options.publish.min(FETCH),
            shared: false,
            work: work(hands, |hands, _| fetch_lists(hands)),
        },
        Task {
            name: "count",
            title: "Count certificates",
            every: COUNT,
            shared: false,
            work: work(hands, |hands, _| count(hands)),
        },
        Task {
            name: "measure",
            title: "Count sessions, and look how far the poll is",
            every: MEASURE,
            shared: false,
            work: work(hands, |hands, _| measure(hands)),
        },
    ];
    tasks.push(Task {
        name: "account",
        title: "Look up what the last examination found",
        every: COUNT,
        shared: false,
        work: work(hands, move |hands, _| {
            let account = account.clone();
            async move { account.look(&hands.registry).await }
        }),
    });
    let section = setup.dhis2.clone().unwrap_or_default();
    tasks.extend(messages_task(hands, section));
    let mut examined = None;
    if let Some(access) = access {
        examined = Some(Arc::clone(&access));
        if let Some(push) = &setup.push {
            let access = Arc::clone(&access);
            tasks.push(Task {
                name: "push",
                title: "Push counts into DHIS2",
                every: push.every,
                shared: true,
                work: work(hands, move |hands, _| nightly::push(hands.setup, hands.registry, Arc::clone(&access))),
            });
        }
        if setup.write_back.is_some() {
            let access = Arc::clone(&access);
            tasks.push(Task {
                name: "write-back",
                title: "Write certificates into their records in DHIS2",
                every: options.publish,
                shared: true,
                work: work(hands, move |hands, _| {
                    nightly::write_back(hands.setup, hands.registry, Arc::clone(&access))
                }),
            });
        }
        tasks.push(Task {
            name: "sync",
            title: "Read what changed in DHIS2, and issue",
            every: options.sync,
            shared: true,
            work: work(hands, move |hands, _| sync(hands, Arc::clone(&access))),
        });
    }
    tasks.push(Task {
        name: "examine",
        title: "Examine the log, the certificates and the doses",
        every: setup.audit.every.min(EXAMINE),
        shared: true,
        work: work(hands, move |hands, _| nightly::examine(hands.setup, hands.registry, examined.clone())),
    });
    tasks.push(Task {
        name: "alerts",
        title: "Look for accounts that reached their quota, or issued outside of hours",
        every: ALERTS,
        shared: false,
        work: work(hands, move |hands, _| {
            let alerts = alerts.clone();
            async move {
                if !hands.registry.is_there() {
                    return Ok("the registry is away".to_owned());
                }
                let open = alerts.refresh(&hands.registry).await.map_err(BatchError::from)?;
                Ok(format!("{open} alerts are open"))
            }
        }),
    });
    tasks.extend(super::trust::task(&setup.trust, options.trust, clock));
    tasks
}

/// Runs the command.
pub(super) async fn run(args: ServeArgs, common: &Common) -> Result<(), CliError> {
    let ServeArgs { listen, operator_listen, no_sync, dhis2 } = args;
    let mut setup = common.setup(Path::new(SANDBOX_STATE))?;
    // What issues on request reads the same DHIS2 as the poll, whichever way its address was given.
    setup.dhis2 = Some(dhis2.over(setup.dhis2.take()));
    let setup = Arc::new(setup);
    // Every mistake of a tenant's configuration is found before a door opens.
    let tenants = setup.load_tenants()?;
    let polled =
        |section| if no_sync { Ok(None) } else { Dhis2Access::of(section).map(|access| Some(Arc::new(access))) };
    let main = polled(setup.dhis2.clone().unwrap_or_default())?;
    let first = installation(Arc::clone(&setup), common.file().as_deref(), main).await?;
    let mut further = Vec::new();
    for (tenant, setup) in tenants {
        // What the environment says of DHIS2 is the main installation's.
        let access = setup.dhis2.clone().map(polled).transpose()?.flatten();
        let made = installation(Arc::new(setup), Some(&tenant.config), access).await?;
        further.push((tenant, made));
    }
    let options = &setup.service;
    let tls = options
        .tls
        .as_ref()
        .map(|files| Tls::load(&files.certificate, &files.key))
        .transpose()
        .map_err(CliError::Tls)?;
    let everybody = open(listen.unwrap_or(options.listen)).await?;
    let operators = open(operator_listen.unwrap_or(options.operator_listen)).await?;
    if !common.quiet {
        let address = |listener: &TcpListener| listener.local_addr().map(|a| a.to_string()).unwrap_or_default();
        let scheme = |tls: bool| if tls { "https" } else { "http" };
        let (first, second) = (tls.is_some(), options.tls.as_ref().is_some_and(|files| files.operators));
        say!("For everybody: {}://{}/ (verification, trust bundle, revocations)", scheme(first), address(&everybody));
        say!("For operators: {}://{}/ (status, /metrics, /readyz)", scheme(second), address(&operators));
        if setup.environment == Environment::Sandbox {
            say!("Sandbox: throw-away keys, country {}; every product is a specimen.", setup.country);
        }
        for (tenant, _) in &further {
            say!("Tenant {}: {}", tenant.name, tenant.hosts.join(", "));
        }
        say!("Ctrl-C ends it.");
    }
    let hosts = |listener: &TcpListener| {
        let here = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
        if here && options.hosts.is_empty() { Hosts::this_machine() } else { Hosts::named(&options.hosts) }
    };
    let (for_everybody, for_operators) = (hosts(&everybody), hosts(&operators));
    let (mut to_everybody, mut to_operators) = (Tenants::new(), Tenants::new());
    let Installation { house, registry, beside } = first;
    let (mut registries, mut besides) = (vec![registry], vec![beside]);
    for (tenant, Installation { house, registry, beside }) in further {
        let hosts = Hosts::named(&tenant.hosts);
        let router = service::everybody(&house, axum::Router::new(), hosts.clone());
        to_everybody = to_everybody.with(&tenant.hosts, &router);
        to_operators = to_operators.with(&tenant.hosts, &service::operators(&house, hosts));
        registries.push(registry);
        besides.push(beside);
    }
    let operators_tls = tls.clone().filter(|_| options.tls.as_ref().is_some_and(|files| files.operators));
    let mut doors = Vec::new();
    if let Some(redirect) = options.tls.as_ref().and_then(|files| files.redirect) {
        let port = everybody.local_addr().map_or(443, |address| address.port());
        let router = service::redirect(port, for_everybody.clone());
        doors.push(Door { listener: open(redirect).await?, tls: None, router });
    }
    let router = to_everybody.otherwise(service::everybody(&house, axum::Router::new(), for_everybody)).router();
    doors.push(Door { listener: everybody, tls, router });
    let router = to_operators.otherwise(service::operators(&house, for_operators)).router();
    doors.push(Door { listener: operators, tls: operators_tls, router });
    let ended = service::run(doors, besides).await;
    for registry in registries {
        let _ = tokio::time::timeout(Duration::from_secs(5), registry.close()).await;
    }
    ended.map_err(|error| CliError::Serving(error.kind()))
}
