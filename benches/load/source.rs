//! The contract DHIS2, in a process of its own: its memory and its processor time are not those of the program that is
//! measured.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
};

use vaccert::sandbox::dhis2::{ContractServer, Options, population::crowd};

/// A running DHIS2; it ends when dropped.
pub struct Dhis2 {
    /// Its address.
    pub url: String,
    /// Number of its process.
    pub process: u32,
    child: Child,
}

impl Dhis2 {
    /// Starts this very program once more, as a DHIS2 with so many people.
    pub fn start(people: usize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--dhis2", "--people", &people.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://"), "the DHIS2 did not start");
        Self { url: url.trim().to_owned(), process: child.id(), child }
    }
}

impl Drop for Dhis2 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is that DHIS2, until the program that started it closes its input or ends.
pub fn serve(people: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let server = runtime.block_on(ContractServer::start(Options::new("2.41.0", crowd(people, 7)))).unwrap();
    println!("{}", server.url);
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
