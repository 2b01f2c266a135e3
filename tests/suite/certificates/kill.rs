//! The service killed in the middle of requests under keys: sent again, each is done once and answered.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use vaccert::{
    clock::{Clock as _, System},
    registry::{Options, Registry},
};

use super::{dosed, http::token};
use crate::{
    journey::Site,
    support::{dhis2::people::Person, program::Workplace},
};

struct Service {
    child: Child,
    operators: String,
}

impl Service {
    fn start(work: &Workplace) -> Self {
        let arguments = ["serve", "--no-sync", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"];
        let mut child = work.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let operators = loop {
            let mut line = String::new();
            assert!(said.read_line(&mut line).unwrap() > 0, "the service ended early");
            if line.starts_with("For operators") {
                break line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
            }
        };
        Self { child, operators }
    }

    /// Kills it as the system does when memory runs out.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request; `None` when the service went away.
fn ask(address: &str, token: &str, key: &str, body: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let request = format!(
        "POST /v1/certificates HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\nIdempotency-Key: {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, serde_json::from_str(body).ok()?))
}

#[test]
fn requests_that_a_kill_cut_off_are_done_once_when_they_are_sent_again() {
    let people: Vec<Person> = (0..24).map(|n| dosed(&format!("Pkill0000{n:02}"))).collect();
    let site = Site::open("2.41.0", people.clone());
    let work = site.workplace();
    let service = Service::start(&work);
    let database = work.path("vaccert-sandbox/registry.sqlite");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (registry, token) = runtime.block_on(async {
        let registry = Registry::open(database.to_str().unwrap(), Options::default()).await.unwrap();
        let token = token(&registry, System.now(), &[]).await;
        (registry, token)
    });
    let bodies: Vec<(String, String)> = people
        .iter()
        .map(|person| (format!("key of {}", person.uid), json!({"person": person.uid, "reason": "x"}).to_string()))
        .collect();
    let address = service.operators.clone();
    let threads: Vec<_> = bodies
        .clone()
        .into_iter()
        .map(|(key, body)| {
            let (address, token) = (address.clone(), token.clone());
            std::thread::spawn(move || ask(&address, &token, &key, &body))
        })
        .collect();
    // In the middle: some are signed, some are not.
    let mut begun = 0;
    while begun < 3 {
        std::thread::sleep(Duration::from_millis(20));
        begun =
            runtime.block_on(registry.counts()).map_or(0, |counts| counts.released + counts.signed + counts.intended);
    }
    service.kill();
    let cut =
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).filter(|(status, _)| *status == 201).count();
    assert!(cut < bodies.len(), "the kill came too late to cut anything off");

    let service = Service::start(&work);
    let threads: Vec<_> = bodies
        .into_iter()
        .map(|(key, body)| {
            let (address, token) = (service.operators.clone(), token.clone());
            std::thread::spawn(move || {
                // What a killed service was doing is held for ten seconds.
                let begun = Instant::now();
                while begun.elapsed() < Duration::from_secs(60) {
                    match ask(&address, &token, &key, &body) {
                        Some((200 | 201, answer)) => return answer,
                        other => assert!(matches!(other, Some((409 | 429 | 503, _))), "{other:?}"),
                    }
                    std::thread::sleep(Duration::from_secs(1));
                }
                panic!("{key} was never answered");
            })
        })
        .collect();
    let mut ids = Vec::new();
    for thread in threads {
        let answer = thread.join().unwrap();
        for certificate in answer["certificates"].as_array().unwrap() {
            ids.push(certificate["id"].as_str().unwrap().to_owned());
        }
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 48, "two doses each, one certificate a dose");
    let counts = runtime.block_on(registry.counts()).unwrap();
    assert_eq!(counts.released + counts.signed, 48, "{counts:?}");
    assert_eq!((counts.superseded, counts.revoked, counts.withdrawn), (0, 0, 0), "{counts:?}");
}
