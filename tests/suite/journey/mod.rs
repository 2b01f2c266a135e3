//! Journeys through the whole program, run as a ministry runs it: from a file, from a server, with bad input,
//! in production; and what it says on the way.

mod demo;
mod logs;
mod production;
mod programs;
mod recorded;
mod refusals;
#[cfg(feature = "service")]
mod serve;
mod server;

use crate::support::{
    dhis2::{
        ContractServer, Options, PASSWORD, USER,
        people::{Person, covac},
        wire::Family,
    },
    program::Workplace,
};

/// One version of each dialect.
pub const DIALECTS: [&str; 4] = ["2.35.14", "2.40.4", "2.41.0", "2.43.1"];

/// A contract server that goes on while the journey waits for the program.
pub struct Site {
    runtime: tokio::runtime::Runtime,
    pub server: ContractServer,
}

impl Site {
    pub fn open(version: &str, people: Vec<Person>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let server = runtime.block_on(ContractServer::start(Options::new(version, people))).unwrap();
        Self { runtime, server }
    }

    /// A workplace whose environment names this server and its login.
    pub fn workplace(&self) -> Workplace {
        let mut work = Workplace::new();
        work.set("VACCERT_DHIS2_URL", &self.server.url);
        work.set("VACCERT_DHIS2_USER", USER);
        work.set("VACCERT_DHIS2_PASSWORD", PASSWORD);
        work
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // The server's task must end inside its runtime.
        let _inside = self.runtime.enter();
    }
}

/// People as a server of version 2.42 exports them.
pub fn export(people: &[Person]) -> String {
    let family = Family::Tracker(42);
    let rows = people.iter().map(|person| family.person(person, Some(covac::PROGRAM), true)).collect();
    family.envelope(false, rows, 1, 50, None, "").to_string()
}

/// Events of the model that deserve a certificate: completed, and neither they nor their person deleted.
pub fn doses(people: &[Person]) -> Vec<String> {
    let people = people.iter().filter(|person| !person.deleted);
    let events = people.flat_map(Person::events).filter(|event| event.status == "COMPLETED" && !event.deleted);
    let mut found: Vec<String> = events.map(|event| event.uid.clone()).collect();
    found.sort();
    found
}
