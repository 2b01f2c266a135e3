//! `vaccert serve`: the service of a configured installation.

use std::{pin::Pin, sync::Arc};

use clap::Args;
use tokio::net::TcpListener;

use super::{CliError, Common, Dhis2Args, conditions, progress::say, run};
use crate::{
    batch::{self, BatchError, system_random},
    clock::{Clock, System},
    config::{Dhis2Access, Environment, Setup},
    service::{
        self, Door, Hosts, House, Rooms,
        operations::{Board, Done, Failure, Task, Work},
    },
    work::{self, Pass},
};

/// Where the sandbox keeps its keys and its registry.
const SANDBOX_STATE: &str = "vaccert-sandbox";

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

/// A task's work from a function of the setup.
fn work<F, R>(setup: &Arc<Setup>, run: F) -> Work
where
    F: Fn(Arc<Setup>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<String, CliError>> + Send + 'static,
{
    let setup = Arc::clone(setup);
    Arc::new(move || -> Pin<Box<dyn Future<Output = Result<Done, Failure>> + Send>> {
        let running = run(Arc::clone(&setup));
        Box::pin(async move {
            let failed = |error: CliError| Failure { needs_operator: error.exit() == 2, text: error.to_string() };
            running.await.map(Done).map_err(failed)
        })
    })
}

async fn sync(setup: Arc<Setup>, access: Arc<Dhis2Access>) -> Result<String, CliError> {
    let registry = run::registry(&setup).await?;
    let pass =
        Pass { setup: &setup, registry: registry.clone(), access: &access, profile: None, full: false, out: None };
    let ran = pass.run(&mut ()).await;
    registry.close().await;
    let (done, since) = ran?;
    let batch::Tally { records, issued, refused, unchanged } = done.tally;
    let since = since.map_or_else(|| "everybody".to_owned(), |since| format!("changes since {since} (server time)"));
    Ok(format!("{since}: {records} records, {issued} issued, {unchanged} unchanged, {refused} refused"))
}

async fn publish_lists(setup: Arc<Setup>) -> Result<String, CliError> {
    let publisher = work::publisher(&setup, run::registry(&setup).await?, setup.service.public.clone());
    let published = publisher.publish_if_due(System.now()).await;
    // Another process may have published a key of ours.
    let learned = batch::learn(&setup.signers, &publisher.registry).await;
    publisher.registry.close().await;
    let nothing = || "nothing has changed since the last publication".to_owned();
    let said = published?.as_ref().map_or_else(nothing, work::summary);
    learned.map_err(BatchError::from)?;
    Ok(said)
}

async fn open(address: std::net::SocketAddr) -> Result<TcpListener, CliError> {
    let failed = |error: std::io::Error| CliError::Listen { address, kind: error.kind() };
    TcpListener::bind(address).await.map_err(failed)
}

/// Runs the command.
pub(super) async fn run(args: ServeArgs, common: &Common) -> Result<(), CliError> {
    let ServeArgs { listen, operator_listen, no_sync, dhis2 } = args;
    let setup = Arc::new(common.setup(std::path::Path::new(SANDBOX_STATE))?);
    let options = &setup.service;
    let environment = match setup.environment {
        Environment::Sandbox => "sandbox",
        Environment::Production => "production",
    };
    let clock: Arc<dyn Clock> = Arc::new(System);
    let mut tasks = vec![Task {
        name: "publish",
        title: "Publish the trust bundle and the revocations",
        every: options.publish,
        work: work(&setup, publish_lists),
    }];
    if !no_sync {
        let access = Arc::new(Dhis2Access::of(dhis2.over(setup.dhis2.clone()))?);
        tasks.push(Task {
            name: "sync",
            title: "Read what changed in DHIS2, and issue",
            every: options.sync,
            work: work(&setup, move |setup| sync(setup, Arc::clone(&access))),
        });
    }
    tasks.extend(super::trust::task(&setup.trust, options.trust, &clock));
    let (conditions, metrics) = conditions::keys(&setup, common.file().as_deref())?;
    let board = Board::new(Arc::clone(&clock), environment).with_conditions(conditions).with_metrics(metrics);
    let board = super::trust::watched(board, &setup.trust);
    let board = Arc::new(board);
    let everybody = open(listen.unwrap_or(options.listen)).await?;
    let operators = open(operator_listen.unwrap_or(options.operator_listen)).await?;
    if !common.quiet {
        let address = |listener: &TcpListener| listener.local_addr().map(|a| a.to_string()).unwrap_or_default();
        say!("For everybody: http://{}/ (verification, trust bundle, revocations)", address(&everybody));
        say!("For operators: http://{}/ (status, /metrics, /readyz)", address(&operators));
        if setup.environment == Environment::Sandbox {
            say!("Sandbox: throw-away keys, country {}; every product is a specimen.", setup.country);
        }
        say!("Ctrl-C ends it.");
    }
    let hosts = |listener: &TcpListener| {
        let here = listener.local_addr().is_ok_and(|address| address.ip().is_loopback());
        if here && options.hosts.is_empty() { Hosts::this_machine() } else { Hosts::named(&options.hosts) }
    };
    let (for_everybody, for_operators) = (hosts(&everybody), hosts(&operators));
    let registry = run::registry(&setup).await?;
    let rooms =
        Rooms { setup: Arc::clone(&setup), registry, board: Arc::clone(&board), clock, random: system_random() };
    let house = House::new(rooms);
    let doors = vec![
        Door { listener: everybody, router: service::everybody(&house, axum::Router::new(), for_everybody) },
        Door { listener: operators, router: service::operators(&house, for_operators) },
    ];
    let ended = service::run(doors, tasks, &board, &system_random()).await;
    ended.map_err(|error| CliError::Serving(error.kind()))
}
