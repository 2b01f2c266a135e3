//! The contract DHIS2, in a process of its own: its memory and its processor time are not those of the program that is
//! measured.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
};

use vaccert::sandbox::dhis2::{
    ContractServer, Options,
    people::Person,
    population::{Dice, crowd},
};

/// A running DHIS2; it ends when dropped.
pub(crate) struct Dhis2 {
    /// Its address.
    pub url: String,
    /// Number of its process.
    pub process: u32,
    child: Child,
}

impl Dhis2 {
    /// Starts this very program once more, as a DHIS2 with so many people.
    pub(crate) fn start(people: usize) -> Self {
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
pub(crate) fn serve(people: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut people = crowd(people, 7);
    for (number, person) in (0..).zip(&mut people) {
        scatter(number, person);
    }
    let server = runtime.block_on(ContractServer::start(Options::new("2.41.0", people))).unwrap();
    println!("{}", server.url);
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Gives a person UIDs as DHIS2 makes them, out of any order: an index of a database that is filled at its end alone
/// would flatter us.
fn scatter(number: u64, person: &mut Person) {
    let mut next = number * 64;
    let mut fresh = || {
        next += 1;
        uid(next)
    };
    person.uid = fresh();
    for enrollment in &mut person.enrollments {
        enrollment.uid = fresh();
        for event in &mut enrollment.events {
            event.uid = fresh();
        }
    }
}

/// A letter, then ten letters or digits: another one for each number, because a round of SplitMix64 is a bijection.
fn uid(number: u64) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut rest = Dice(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)).roll(u64::MAX);
    let mut take = |radix: u64| {
        let letter = LETTERS[usize::try_from(rest % radix).unwrap()];
        rest /= radix;
        char::from(letter)
    };
    let first = take(52);
    std::iter::once(first).chain((0..10).map(|_| take(62))).collect()
}
