//! `vaccert sandbox`: a rehearsal on one machine by one command. A gateway, a DHIS2 with invented people, a country's
//! keys, and the whole way between them: issue, upload, pull, verify.
//!
//! `folder` is what lies on the disk, `network` what goes over the wire; this file is the order of things, and what is
//! said of them.

mod folder;
mod network;

use std::{
    num::ParseIntError,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};

use super::{CliError, Common, progress::say, run};
use crate::{
    barcode::Level,
    batch::{Kind, feed::Feed, system_random},
    clock::{Clock, System},
    config::{Dhis2Access, Setup},
    gateway,
    issue::Format,
    limits::SANDBOX_PEOPLE,
    sandbox::{
        dhis2::{ContractServer, Options as Dhis2Options, USER, population::population, users::User, values::DataSet},
        gateway::{Gateway, GatewayError, Network, Options},
        pki::PkiError,
    },
    trust::lists::{ListError, ListKeyError},
    work::{self, Done, Out},
};
use folder::Folder;

/// Countries that are on the gateway before the own one: codes that ISO 3166 leaves to users.
const NEIGHBOURS: [&str; 3] = ["XA", "XB", "XC"];
/// Document signers of each.
const NEIGHBOURS_SIGNERS: usize = 2;
/// Port of the gateway; the DHIS2 has the next one.
const PORT: u16 = 8443;
/// What the user of the service needs besides the program: docs/operations.md says what for.
const AUTHORITIES: [&str; 4] = ["F_DATAVALUE_ADD", "F_MOBILE_SENDSMS", "F_SEND_EMAIL", "F_USER_VIEW"];
/// The same people at every start.
const SEED: u64 = 20_261_122;

/// Whose rules the gateway keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NetworkName {
    /// The EU's gateway (DGCG)
    Eu,
    /// WHO's Trust Network Gateway (TNG)
    Who,
}

/// Arguments of `vaccert sandbox`.
#[derive(Debug, Args)]
pub(super) struct SandboxArgs {
    /// Folder for keys, configuration and certificates; the next start goes on with it
    #[arg(long, default_value = "sandbox", value_name = "DIR")]
    dir: PathBuf,
    /// Port of the gateway on this machine; the DHIS2 takes the next one. 0 takes free ones. Default: 8443, with --once 0
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Version of DHIS2, from 2.33 to 2.43
    #[arg(long, default_value = "2.41", value_name = "VERSION", value_parser = dialect)]
    dialect: String,
    /// Invented people in the DHIS2
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=SANDBOX_PEOPLE))]
    people: u32,
    /// Whose rules the gateway keeps
    #[arg(long, value_enum, default_value = "eu", value_name = "NETWORK")]
    network: NetworkName,
    /// Do it all once and end, with exit status 0 when everything went well
    #[arg(long)]
    once: bool,
}

/// A version of DHIS2 that the rehearsal server speaks.
fn dialect(text: &str) -> Result<String, String> {
    let wrong = || "give a version from 2.33 to 2.43, such as 2.41".to_owned();
    let numbers: Result<Vec<u16>, ParseIntError> = text.split('.').map(str::parse).collect();
    match numbers.map_err(|_| wrong())?.as_slice() {
        [2, minor @ 33..=43] => Ok(format!("2.{minor}.0")),
        [2, 33..=43, _] => Ok(text.to_owned()),
        _ => Err(wrong()),
    }
}

/// Why a rehearsal does not go on.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum SandboxError {
    #[error(
        "{} is a configuration that vaccert sandbox did not write, and must not replace: choose another folder with \
         --dir", path.display()
    )]
    Foreign { path: PathBuf },
    #[error("{} cannot be used ({kind}): choose another folder with --dir", path.display())]
    File { path: PathBuf, kind: std::io::ErrorKind },
    #[error(
        "{} ended on {until}: remove the folder of this rehearsal, or choose another with --dir, and new keys are made",
        path.display()
    )]
    Ended { path: PathBuf, until: jiff::Timestamp },
    #[error("port {port} of this machine cannot be opened for the DHIS2 ({kind}): choose others with --port")]
    Port { port: u16, kind: std::io::ErrorKind },
    #[error("{port} is the last port there is, and the DHIS2 needs the next one: choose a lower one with --port")]
    LastPort { port: u16 },
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error(transparent)]
    Pki(#[from] PkiError),
    #[error("the gateway of the rehearsal: {0}")]
    Client(#[from] gateway::GatewayError),
    #[error("the pulled trust list: {0}")]
    List(#[from] ListError),
    #[error("the gateway's trust anchor: {0}")]
    Anchor(#[from] ListKeyError),
    #[error("the pulled trust list does not hold the signer {kid} that was uploaded; report this")]
    NotListed { kid: String },
    #[error("nothing was issued from the DHIS2 of the rehearsal, so there is nothing to verify: give it more --people")]
    Nothing,
    #[error("{bad} of {of} codes do not verify against the list that was pulled from the gateway; report this")]
    Refused { bad: u64, of: u64 },
}

impl SandboxError {
    /// As for every command: 4 for a file or server that cannot be used, 1 for everything else.
    pub(super) fn exit(&self) -> u8 {
        match self {
            Self::Foreign { .. } | Self::File { .. } | Self::Ended { .. } => 4,
            Self::Gateway(GatewayError::File { .. } | GatewayError::Kept { .. }) => 4,
            _ => 1,
        }
    }
}

/// What runs.
struct Running {
    gateway: Gateway,
    dhis2: ContractServer,
    network: Network,
}

/// Runs the command.
pub(super) async fn run(args: SandboxArgs, common: &Common) -> Result<(), CliError> {
    let SandboxArgs { dir, port, dialect, people, network, once } = args;
    let _held = run::hold_out(&dir)?;
    let folder = Folder::open(&dir)?;
    let say = |text: &str| {
        if !common.quiet {
            say!("{text}");
        }
    };
    say("A rehearsal on this machine alone: invented people, throw-away keys, the fictional country XX.");
    say("");

    let (now, random) = (System.now(), system_random());
    let identities = folder.keys(now, &random)?;
    say(&format!("1. Keys of the country XX (authority, signer, TLS client, upload): {}", folder.keys_dir().display()));

    let ports = ports(port, once)?;
    let network = match network {
        NetworkName::Eu => Network::Eu,
        NetworkName::Who => Network::Who,
    };
    let mut options = Options::new(network, Arc::new(System), Arc::clone(&random));
    options.port = ports.0;
    options.anchor = Some(identities.anchor);
    options.file = Some(folder.gateway_state());
    let gateway = Gateway::start(options).await.map_err(SandboxError::from)?;
    gateway.onboard(&identities.participant).map_err(SandboxError::from)?;
    if gateway.listed(NEIGHBOURS.first().copied().unwrap_or_default()).is_empty() {
        gateway.invent(&NEIGHBOURS, NEIGHBOURS_SIGNERS).map_err(SandboxError::from)?;
    }
    gateway.stock_value_sets().map_err(SandboxError::from)?;
    let rules = match network {
        Network::Eu => "the EU's",
        Network::Who => "WHO's",
    };
    say(&format!(
        "2. Gateway that keeps {rules} rules, with {} countries on it: {}",
        NEIGHBOURS.len() + 1,
        gateway.url()
    ));

    let crowd = population(usize::try_from(people).unwrap_or(usize::MAX), SEED);
    let mut options = Dhis2Options::new(&dialect, crowd);
    options.clock = Some(Arc::new(System));
    // What an installation may be given to do in DHIS2, so that each can be rehearsed.
    options.users = vec![User::reader().writing().with(&AUTHORITIES)];
    options.certificate_fields = true;
    options.data_sets = vec![DataSet::counts()];
    let dhis2 = ContractServer::start_on(options, ports.1).await;
    let dhis2 = dhis2.map_err(|error| SandboxError::Port { port: ports.1, kind: error.kind() })?;
    say(&format!("3. DHIS2 {dialect} with {people} invented people: {}", dhis2.url));
    let running = Running { gateway, dhis2, network };
    folder.configure(&running)?;
    say(&format!("4. Configuration that points at both: {}", folder.config().display()));

    let mut setup = Setup::load(&folder.config())?;
    // The two that every verifier of these networks reads; `vaccert issue` adds the others.
    setup.formats = vec![Format::EuDcc, Format::Ddcc];
    let done = issue(&setup, &folder.out(), common.quiet).await?;
    say(&format!(
        "5. Issued from that DHIS2: {} certificates{}; {} records refused, with reasons in {}",
        done.tally.issued,
        if done.tally.unchanged > 0 {
            format!(" ({} more since an earlier start)", done.tally.unchanged)
        } else {
            String::new()
        },
        done.tally.refused,
        folder.out().join("report.json").display()
    ));

    let pulled = network::rehearse(&folder, &setup, &say).await?;
    let verified = network::verify(&folder, &pulled)?;
    say(&format!(
        "8. Verified all {verified} codes (EU certificates and DDCC) against that list, as a border officer would: accepted"
    ));
    if once {
        let dir = folder.dir().display();
        say("");
        say(&format!("The gateway and the DHIS2 end with this. Without --once they stay: vaccert sandbox --dir {dir}"));
        say(&format!("Everything is worth nothing and stays in {dir}."));
        return Ok(());
    }
    tell(&folder, &running, &say);
    crate::service::interrupted().await;
    Ok(())
}

/// Ports of gateway and DHIS2; 0 for free ones.
fn ports(asked: Option<u16>, once: bool) -> Result<(u16, u16), SandboxError> {
    match asked.unwrap_or(if once { 0 } else { PORT }) {
        0 => Ok((0, 0)),
        port => Ok((port, port.checked_add(1).ok_or(SandboxError::LastPort { port })?)),
    }
}

/// Issues everything that the DHIS2 of the configuration has.
async fn issue(setup: &Setup, out: &Path, quiet: bool) -> Result<Done, CliError> {
    let access = Dhis2Access::of(setup.dhis2.clone().unwrap_or_default())?;
    let client = work::client(&access)?;
    let found = work::program(&client, setup, None).await?;
    let query = work::query(&client, &access, &found).await?;
    let files = Out { dir: out.to_owned(), kinds: vec![Kind::Text], level: Level::M };
    std::fs::create_dir_all(out).map_err(folder::failed(out))?;
    run::run(setup, Feed::from_dhis2(client, query), None, Some(found), Some(files), quiet).await
}

/// What runs where, and what to try.
fn tell(folder: &Folder, running: &Running, say: &dyn Fn(&str)) {
    let config = folder.config();
    let config = config.display();
    say("");
    say("What runs         where                               who may");
    say(&format!("  gateway         {:<35} {}", running.gateway.url(), folder.tls().0.display()));
    say(&format!(
        "  DHIS2           {:<35} user {USER}, password in {}",
        running.dhis2.url,
        folder.dhis2_password().display()
    ));
    say("");
    say("Try, in another terminal:");
    if let Some(code) = folder.example() {
        say(&format!(
            "  vaccert verify --trust {} --list-key {} {}",
            folder.list().display(),
            folder.anchor().0.display(),
            code.display()
        ));
    }
    say(&format!("  vaccert --config {config} issue --from dhis2 --out {}", folder.papers().display()));
    say(&format!("  vaccert --config {config} trust pull"));
    say(&format!("  vaccert --config {config} gateway status"));
    say(&format!(
        "  curl --cacert {} --cert {} --key {} {}/trustList",
        folder.server_ca().display(),
        folder.tls().0.display(),
        folder.tls().1.display(),
        running.gateway.url()
    ));
    if running.network == Network::Who {
        let (ca, url) = (folder.server_ca(), running.gateway.url());
        say(&format!("  curl --cacert {} {url}/v2/trustlist/did.json", ca.display()));
    }
    say(&format!("Everything is worth nothing and stays in {}. Ctrl-C ends it.", folder.dir().display()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_may_be_short_and_must_be_known() {
        assert_eq!(dialect("2.41").unwrap(), "2.41.0");
        assert_eq!(dialect("2.38.1").unwrap(), "2.38.1");
        for wrong in ["2.32", "2.44", "3.41", "2", "", "2.41.x", "41"] {
            assert!(dialect(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_dhis2_takes_the_next_port() {
        assert_eq!(ports(None, false).unwrap(), (8443, 8444));
        assert_eq!(ports(None, true).unwrap(), (0, 0));
        assert_eq!(ports(Some(0), false).unwrap(), (0, 0));
        assert_eq!(ports(Some(9000), true).unwrap(), (9000, 9001));
        assert!(ports(Some(u16::MAX), true).is_err());
    }
}
