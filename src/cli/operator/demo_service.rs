//! What `vaccert demo` serves when the job is done: what was made, and the whole service over a DHIS2 of invented
//! people, for a citizen, an officer and a ministry to be played.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::net::TcpListener;

use super::{CliError, serve};
use crate::{
    access::Role,
    clock::{Clock, System},
    config::{Dhis2Access, Dhis2Section, GroupRoles, Setup},
    sandbox::dhis2::{
        ContractServer, Options, PASSWORD, USER,
        people::{Person, covac},
        population::population,
        users::User,
    },
    service::{self, Door, Hosts, Playing},
};

/// Version of the DHIS2, and how many people it has.
const VERSION: &str = "2.41.0";
const PEOPLE: usize = 60;
/// The same people at every start.
const SEED: u64 = 20_261_122;
/// Who runs the service in the rehearsal.
const MINISTRY: &str = "ministry";
/// The user group that makes her what she is.
const GROUP: (&str, &str) = ("GroupVacc01", "Vaccert");
/// File that holds the password of the reader of the DHIS2.
const PASSWORD_FILE: &str = "dhis2-password";

/// Three ports: of what was made, for everybody, and for operators.
struct Ports {
    made: TcpListener,
    everybody: TcpListener,
    operators: TcpListener,
}

async fn bind(port: u16) -> Result<TcpListener, CliError> {
    service::bind(port).await.map_err(|error| CliError::Serve { port, kind: error.kind() })
}

/// The port that was asked for and the next two; 0 takes free ones.
async fn ports(first: u16) -> Result<Ports, CliError> {
    let next = |steps: u16| match first {
        0 => Ok(0),
        port => {
            port.checked_add(steps).ok_or(CliError::Serve { port: first, kind: std::io::ErrorKind::AddrNotAvailable })
        }
    };
    Ok(Ports { made: bind(first).await?, everybody: bind(next(1)?).await?, operators: bind(next(2)?).await? })
}

fn address(listener: &TcpListener) -> String {
    listener.local_addr().map(|address| format!("http://127.0.0.1:{}", address.port())).unwrap_or_default()
}

/// Serves until it is interrupted.
pub(super) async fn serve(
    setup: Setup,
    out: &Path,
    state: &Path,
    port: u16,
    say: &dyn Fn(&str),
) -> Result<(), CliError> {
    let Ports { made, everybody, operators } = ports(port).await?;
    let api = super::api::sandbox(&setup, out).await?;
    let dhis2 = start(state).await?;
    let example = example();
    let setup = Arc::new(with_dhis2(setup, state, &dhis2.url)?);
    let access = Arc::new(Dhis2Access::of(setup.dhis2.clone().unwrap_or_default())?);
    let messages = setup.messages.file.clone();
    let serve::Installation { house, registry, beside } = serve::installation(setup, None, Some(access)).await?;

    let playing = Playing {
        everybody: address(&everybody),
        operators: address(&operators),
        user: MINISTRY.to_owned(),
        password: PASSWORD.to_owned(),
        identifier: example.0,
        born: example.1,
        messages: messages.display().to_string(),
    };
    tell(&address(&made), &playing, &api.token, say);
    let clock: Arc<dyn Clock> = Arc::new(System);
    let router = service::router_with(out.to_owned(), clock, Some(api), Some(playing));
    let here = Hosts::this_machine;
    let doors = vec![
        Door { listener: made, tls: None, router },
        Door { listener: everybody, tls: None, router: service::everybody(&house, axum::Router::new(), here()) },
        Door { listener: operators, tls: None, router: service::operators(&house, here()) },
    ];
    let ended = service::run(doors, vec![beside]).await;
    registry.close().await;
    ended.map_err(|error| CliError::Serve { port, kind: error.kind() })
}

/// A DHIS2 on a free port of this machine.
async fn start(state: &Path) -> Result<ContractServer, CliError> {
    let mut options = Options::new(VERSION, population(PEOPLE, SEED));
    options.clock = Some(Arc::new(System));
    options.users.push(User::new("UserVacc001", MINISTRY, PASSWORD, &[GROUP]));
    let wrong = |error: std::io::Error| CliError::Out { path: state.to_owned(), kind: error.kind() };
    ContractServer::start(options).await.map_err(wrong)
}

/// The sandbox, beside that DHIS2, in which the ministry's user may do everything.
fn with_dhis2(mut setup: Setup, state: &Path, url: &str) -> Result<Setup, CliError> {
    let password: PathBuf = state.join(PASSWORD_FILE);
    let wrong = |error: std::io::Error| CliError::Out { path: password.clone(), kind: error.kind() };
    let mut file = tempfile::Builder::new().tempfile_in(state).map_err(wrong)?;
    file.write_all(PASSWORD.as_bytes()).map_err(wrong)?;
    file.persist(&password).map_err(|error| wrong(error.error))?;
    setup.dhis2 = Some(Dhis2Section {
        url: url.to_owned(),
        user: Some(USER.to_owned()),
        password_file: Some(password),
        ..Dhis2Section::default()
    });
    let roles = vec![Role::Operator, Role::Approver, Role::Auditor, Role::Admin];
    let groups = BTreeMap::from([(GROUP.1.to_owned(), roles)]);
    setup.access.dhis2 = Some(GroupRoles { groups, is_enough: true });
    Ok(setup)
}

/// Identifier and date of birth of the first person who can be found.
fn example() -> (String, String) {
    let told = |person: &Person, uid: &str| {
        person.attributes.iter().find(|(attribute, _)| attribute == uid).map(|(_, value)| value.clone())
    };
    let of = |person: &Person| Some((told(person, covac::NATIONAL_ID)?, told(person, covac::BIRTH_DATE)?));
    population(PEOPLE, SEED)
        .iter()
        .filter(|person| told(person, covac::PHONE).is_some())
        .find_map(of)
        .unwrap_or_default()
}

fn tell(made: &str, playing: &Playing, token: &str, say: &dyn Fn(&str)) {
    let Playing { everybody, operators, user, password, identifier, born, messages } = playing;
    say(&format!("4. Look at it: {made}/ (this machine only; Ctrl-C ends it)"));
    say("5. Or play a part, over a DHIS2 with other invented people:");
    say(&format!("   a citizen    {everybody}/ (identifier {identifier}, born {born};"));
    say(&format!("                the code comes into {messages})"));
    say(&format!("   an officer   {everybody}/officer (checks in the browser, also without a network)"));
    say(&format!("   a ministry   {operators}/ (user {user}, password {password}; its paper: {operators}/paper)"));
    say(&format!("   a program    {everybody}/api and {operators}/api"));
    say("6. Or issue as a sidecar of DIVOC does, with a token that is good until this ends:");
    say(&format!("   curl -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \\"));
    say(&format!("        --data @doses.json {made}/divoc/api/v3/certify"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_can_be_found_and_has_a_number() {
        let (identifier, born) = example();
        assert!(identifier.starts_with('X') && born.len() == 10, "{identifier} {born}");
    }
}
