//! `vaccert serve`: polls, publishes, answers, and tells its operators how it stands; also when DHIS2 is away.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{dhis2::population::crowd, program::Workplace};

use super::{DIALECTS, Site, doses};

/// A running service.
struct Service {
    child: Child,
    everybody: String,
    operators: String,
}

impl Service {
    fn start(work: &Workplace, more: &[&str]) -> Self {
        let ports = ["serve", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"];
        let mut child =
            work.command(&[&ports, more].concat()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut address = |mark: &str| loop {
            let mut line = String::new();
            assert!(said.read_line(&mut line).unwrap() > 0, "the service ended early");
            if line.starts_with(mark) {
                break line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
            }
        };
        let (everybody, operators) = (address("For everybody"), address("For operators"));
        Self { child, everybody, operators }
    }

    /// Asks the operators' door until the answer is as wanted.
    fn until(&self, path: &str, wanted: impl Fn(u16, &str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let (status, body) = ask(&self.operators, "GET", path, "", "");
            if wanted(status, &body) {
                return body;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{path} still answers {status}: {body}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn end(mut self) {
        let pid = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request over a connection of its own.
fn ask(address: &str, method: &str, path: &str, media: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn task<'a>(status: &'a Value, name: &str) -> &'a Value {
    status["tasks"].as_array().unwrap().iter().find(|task| task["name"] == name).unwrap()
}

#[test]
fn it_polls_publishes_answers_and_says_how_it_stands() {
    let people = crowd(20, 11);
    let site = Site::open(DIALECTS[1], people.clone());
    let work = site.workplace();
    work.run(&["init"]).good();
    // An earlier pass wrote a certificate that somebody brings back.
    work.run(&["sync", "--out", "out", "--files", "txt"]).good();
    let code = std::fs::read_to_string(work.out("out").codes().first().unwrap()).unwrap();

    let service = Service::start(&work, &[]);
    let ready = service.until("/readyz", |status, _| status == 200);
    assert_eq!(ready, "ready\n");
    let status: Value = serde_json::from_str(&service.until("/v1/status", |status, _| status == 200)).unwrap();
    assert_eq!((&status["level"], &status["environment"]), (&Value::from("ok"), &Value::from("sandbox")), "{status}");
    let said = task(&status, "sync")["outcome"].as_str().unwrap();
    assert!(said.starts_with("changes since"), "{said}");

    let (status, verdict) = ask(&service.everybody, "POST", "/v1/verify", "text/plain", code.trim_end());
    let verdict: Value = serde_json::from_str(&verdict).unwrap();
    assert_eq!((status, &verdict["verdict"]), (200, &Value::from("accepted")), "{verdict}");
    let (status, page) = ask(&service.everybody, "GET", "/", "", "");
    assert!(status == 200 && page.contains("<form"), "{page}");
    // What is for operators, and what is personal, is not behind the public door.
    for path in ["/metrics", "/v1/status", "/readyz", "/c/ABCDEFGHIJKLMNOPQRSTUVWXYZ/certificate.pdf"] {
        assert_eq!(ask(&service.everybody, "GET", path, "", "").0, 404, "{path}");
    }

    let metrics = service.until("/metrics", |status, _| status == 200);
    assert!(metrics.contains("vaccert_task_failures_in_a_row{task=\"sync\"} 0\n"), "{metrics}");
    let page = service.until("/status", |status, _| status == 200);
    for text in [&metrics, &page] {
        for person in &people {
            assert!(!text.contains(&person.uid), "personal data in what operators see");
            for (_, value) in person.attributes.iter().filter(|(_, value)| value.len() > 5) {
                assert!(!text.contains(value.as_str()), "personal data in what operators see: {value}");
            }
        }
    }
    assert!(!doses(&people).is_empty());
    service.end();
}

#[test]
fn without_dhis2_it_serves_on_and_says_so() {
    let site = Site::open(DIALECTS[1], crowd(5, 3));
    let mut work = site.workplace();
    work.run(&["init"]).good();
    work.run(&["sync", "--out", "out", "--files", "txt"]).good();
    let code = std::fs::read_to_string(work.out("out").codes().first().unwrap()).unwrap();
    work.set("VACCERT_DHIS2_URL", "http://127.0.0.1:1");
    let service = Service::start(&work, &[]);
    let troubled = |_: u16, body: &str| {
        let status: Value = serde_json::from_str(body).unwrap();
        let tasks = status["tasks"].as_array().unwrap();
        let of = |name: &str, what: &str| tasks.iter().any(|task| task["name"] == name && !task[what].is_null());
        of("sync", "trouble") && of("publish", "last_success")
    };
    let status: Value = serde_json::from_str(&service.until("/v1/status", troubled)).unwrap();
    let trouble = task(&status, "sync")["trouble"]["text"].as_str().unwrap();
    assert!(trouble.contains("127.0.0.1:1") && !trouble.contains("district"), "{trouble}");
    assert_eq!(status["level"], "warning");
    // What was issued is fetched and verified: nobody is sent away for a DHIS2 that does not answer.
    let ready = service.until("/readyz", |status, _| status == 200);
    assert_eq!(ready, "ready\n");
    let (status, verdict) = ask(&service.everybody, "POST", "/v1/verify", "text/plain", code.trim_end());
    assert_eq!((status, verdict.contains("\"accepted\"")), (200, true), "{verdict}");
    service.end();
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let work = Workplace::new();
    work.run(&["init"]).good();
    let ran = work.run(&["serve", "--no-sync", "--listen", &address]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains(&address) && ran.err.contains("--listen"), "{}", ran.err);
}
