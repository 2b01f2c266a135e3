//! What goes wrong around the service while it works: the database is stopped or full, DHIS2 is away, too many come at
//! once, it is killed under load. Nothing is issued twice, nothing is lost, and what exists is handed out and verified.

mod tls;

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    journey::doses,
    replicas::house::{Answer, Books, Ministry, PATIENCE, Replica, ask, ask_with, on_each, standing},
    support::{
        database::Database,
        dhis2::{Fault, population::crowd},
    },
};

/// A code of the people of a ministry, issued beforehand into the same database.
fn code(ministry: &Ministry) -> String {
    let config = ministry.configure("first", "");
    ministry.work.run(&["sync", "--config", &config, "--out", "out", "--files", "txt"]).good();
    fs::read_to_string(ministry.work.out("out").codes().first().unwrap()).unwrap().trim_end().to_owned()
}

/// It verifies and hands out lists: after its start it may need a moment to have fetched them.
fn verifies(replica: &Replica, code: &str) {
    let begun = Instant::now();
    loop {
        let answer = ask(&replica.everybody, "POST", "/v1/verify", "text/plain", code).unwrap();
        if answer.status == 200 && answer.body.contains("\"accepted\"") {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{answer:?}\n{}", replica.log());
        std::thread::sleep(Duration::from_millis(200));
    }
    let index = ask(&replica.everybody, "GET", "/v1/revocations/index.json", "", "").unwrap();
    assert!(index.status == 200 && index.body.contains("vaccert-revocations"), "{index:?}");
}

fn condition<'a>(status: &'a Value, name: &str) -> Option<&'a Value> {
    status["conditions"].as_array().unwrap().iter().find(|condition| condition["name"] == name)
}

fn task<'a>(status: &'a Value, name: &str) -> &'a Value {
    status["tasks"].as_array().unwrap().iter().find(|task| task["name"] == name).unwrap()
}

fn succeeded(status: &Value) -> bool {
    status["tasks"].as_array().unwrap().iter().all(|task| !task["last_success"].is_null())
}

/// A request whose body comes a little after its head, as on a slow line: it is under way meanwhile. Whoever is sent
/// away before that does not send it. An error where the answer of a busy server met the body on its way: then the
/// connection was closed while something unread lay in it, and the answer is lost.
fn ask_slowly(address: &str, path: &str, body: &str) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: text/plain\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    if stream.peek(&mut [0]).is_err() {
        stream.write_all(body.as_bytes())?;
    }
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

#[test]
fn f38_a_spike_is_shed_with_retry_after_and_nothing_is_lost() {
    let people = crowd(40, 9);
    let all = doses(&people).len();
    let database = Database::sqlite();
    let ministry = Ministry::open(people, &database);
    let code = code(&ministry);
    let replica = ministry.start("a", "requests_at_once = 8");
    replica.until("everything has run", succeeded);
    let (accepted, shed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    // Ten times as many as may be under way, again and again; each comes back when it is told to.
    std::thread::scope(|scope| {
        for _ in 0..80 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let begun = Instant::now();
                    loop {
                        let answer = match ask_slowly(&replica.everybody, "/v1/verify", &code) {
                            Ok(answer) => answer,
                            Err(error) => {
                                use ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
                                let cut = [BrokenPipe, ConnectionReset, UnexpectedEof];
                                assert!(cut.contains(&error.kind()) && begun.elapsed() < PATIENCE, "{error}");
                                shed.fetch_add(1, Ordering::Relaxed);
                                continue;
                            }
                        };
                        if answer.status == 200 {
                            assert!(answer.body.contains("\"accepted\""), "{answer:?}");
                            accepted.fetch_add(1, Ordering::Relaxed);
                            break;
                        }
                        assert_eq!(answer.status, 503, "{answer:?}");
                        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
                        assert!((1..=5).contains(&wait) && answer.body.contains("busy"), "{answer:?}");
                        shed.fetch_add(1, Ordering::Relaxed);
                        assert!(begun.elapsed() < PATIENCE);
                        std::thread::sleep(Duration::from_millis(20 * wait));
                    }
                }
            });
        }
    });
    let (accepted, shed) = (accepted.into_inner(), shed.into_inner());
    println!("{accepted} answered, {shed} times sent away");
    assert_eq!(accepted, 400);
    assert!(shed > 0, "the spike was none");
    let metrics = ask(&replica.operators, "GET", "/metrics", "", "").unwrap().body;
    assert!(metrics.contains(&format!("vaccert_http_shed_total{{class=\"verification\"}} {shed}\n")), "{metrics}");
    assert!(metrics.contains("vaccert_http_requests_total{route=\"/v1/verify\",status=\"2xx\"} 400\n"), "{metrics}");
    assert_eq!(task(&replica.status(), "sync")["outcome"].as_str().map(|text| text.contains("0 issued")), Some(true));
    replica.end();
    assert_eq!(standing(&Books::open(&database).counts()), all);
}

#[test]
fn f38_without_dhis2_what_exists_is_handed_out() {
    let database = Database::sqlite();
    let ministry = Ministry::open(crowd(20, 9), &database);
    let code = code(&ministry);
    let replica = ministry.start("a", "");
    replica.until("everything has run", succeeded);
    ministry.site.server.always(Fault::Status(503));
    replica.until("the trouble is told", |status| !task(status, "sync")["trouble"].is_null());
    verifies(&replica, &code);
    ministry.site.server.recover();
    replica.until("it mends itself", |status| task(status, "sync")["trouble"].is_null());
    replica.end();
}

#[test]
fn f38_read_only_hands_out_and_verifies() {
    let database = Database::sqlite();
    let ministry = Ministry::open(crowd(20, 9), &database);
    let code = code(&ministry);
    let replica = ministry.start("a", "");
    replica.until("everything has run", succeeded);
    replica.end();
    let replica = ministry.start("b", "read_only = true");
    replica.until("it says so", |status| condition(status, "read-only").is_some_and(|c| c["level"] == "warning"));
    verifies(&replica, &code);
    replica.until("it knows of the last poll", |status| !task(status, "sync")["last_success"].is_null());
    let before = replica.task("sync")["last_success"].clone();
    std::thread::sleep(Duration::from_secs(12));
    assert_eq!(replica.task("sync")["last_success"], before, "nothing is polled meanwhile");
    replica.end();
}

/// A full disk, as far as a process is concerned: no file of it may grow beyond a size (`RLIMIT_FSIZE`).
#[test]
fn f38_a_full_disk_stops_issuing_and_nothing_else() {
    let database = Database::sqlite();
    let mut people = crowd(730, 3);
    let mut more = people.split_off(30);
    let ministry = Ministry::open(people.clone(), &database);
    let code = code(&ministry);
    let config = ministry.configure("a", "");
    let replica = ministry.start_with("a", &config, &[]);
    replica.until("everything has run", succeeded);
    replica.end();
    // New people come, and there is room for hardly any of them: the write-ahead log may have 256 kB.
    let now = "2026-11-21T13:00:00.000";
    for person in &mut more {
        now.clone_into(&mut person.updated);
        for event in person.enrollments.iter_mut().flat_map(|enrollment| &mut enrollment.events) {
            now.clone_into(&mut event.updated);
        }
    }
    let all = doses(&people).len() + doses(&more).len();
    ministry.site.server.edit(|people| people.extend(more.clone()));
    ministry.site.server.at("2026-11-21T13:05:00.000");
    let limited = ["sh", "-c", "trap '' XFSZ; ulimit -f 512; exec \"$0\" \"$@\""];
    let replica = ministry.start_with("b", &config.clone(), &limited);
    replica.until("it is told that there is no room", |status| {
        let trouble = task(status, "sync")["trouble"]["text"].as_str().unwrap_or_default().to_owned();
        let said = condition(status, "registry").map(|c| c["text"].as_str().unwrap_or_default().to_owned());
        trouble.contains("registry") || said.is_some()
    });
    verifies(&replica, &code);
    drop(replica);
    // There is room again.
    let replica = ministry.start_with("c", &config, &[]);
    let books = Books::open(&database);
    let begun = Instant::now();
    loop {
        let counts = books.counts();
        assert!(standing(&counts) <= all, "{counts:?}");
        if standing(&counts) == all && counts.intended == 0 {
            assert_eq!((counts.superseded, counts.withdrawn), (0, 0), "{counts:?}");
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{counts:?}: {}", replica.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    replica.end();
}

#[test]
fn f09_killed_under_load_again_and_again_nothing_is_lost_or_doubled() {
    on_each(|database| {
        let people = crowd(900, 21);
        let all = doses(&people).len();
        let ministry = Ministry::open(people, &database);
        ministry.site.server.always(Fault::Slow(Duration::from_millis(60)));
        let books = Books::open(&database);
        let mut stages = Vec::new();
        for round in 0..6u64 {
            let replicas: Vec<Replica> = ["a", "b"].iter().map(|name| ministry.start(name, "")).collect();
            // Until something more is issued, and a little longer.
            let begun = Instant::now();
            let before = books.counts();
            while books.counts() == before && standing(&before) < all && begun.elapsed() < PATIENCE {
                std::thread::sleep(Duration::from_millis(10));
            }
            std::thread::sleep(Duration::from_millis(25 * round));
            // All of them at once, as a machine that loses its power.
            for replica in replicas {
                replica.kill();
            }
            let counts = books.counts();
            stages.push(counts.released + counts.signed);
        }
        println!("{}: killed six times, with {stages:?} of {all} issued", books.place());
        let halfway = stages.iter().filter(|&&stage| stage > 0 && usize::try_from(stage).unwrap() < all).count();
        assert!(halfway > 0, "all kills came too early or too late to mean anything: {stages:?}");
        let replica = ministry.start("c", "");
        let begun = Instant::now();
        loop {
            let counts = books.counts();
            let standing = standing(&counts);
            if standing == all && counts.intended == 0 && !replica.task("sync")["last_success"].is_null() {
                assert_eq!((counts.superseded, counts.withdrawn, counts.revoked), (0, 0, 0), "{counts:?}");
                break;
            }
            assert!(standing <= all && begun.elapsed() < PATIENCE, "{counts:?}: {}", replica.log());
            std::thread::sleep(Duration::from_millis(100));
        }
        // The lists go on counting from where they were.
        replica.until("it publishes", succeeded);
        replica.end();
    });
}

/// A PostgreSQL server of this test alone, which it may stop.
struct Server {
    folder: tempfile::TempDir,
    url: String,
}

impl Server {
    fn start() -> Option<Self> {
        std::env::var_os("VACCERT_TEST_POSTGRES")?;
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap();
        let dir = folder.path().join("s");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/postgres.sh");
        // The server's user must reach its own folder.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(folder.path(), open).unwrap();
        let made = Command::new(script).arg("start").arg(&dir).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let url = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        Some(Self { folder, url })
    }

    /// Stops it at once, or lets it go on, by the server's own program as the server's own user.
    fn control(&self, action: &[&str]) {
        let dir = self.folder.path().join("s");
        let bin = "$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin -type d | sort -V | tail -1)";
        let socket = format!("-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off", dir.display());
        let run = format!(
            "cd {0}; user=$(stat -c %U {0}/data); run() {{ if [ \"$(id -un)\" = \"$user\" ]; then \"$@\"; else runuser -u \
             \"$user\" -- \"$@\"; fi; }}; run {bin}/pg_ctl -D {0}/data -l {0}/log -w -t 30 {1} {2}",
            dir.display(),
            if action.contains(&"start") { format!("-o \"{socket}\"") } else { String::new() },
            action.join(" ")
        );
        let ran = Command::new("sh").args(["-c", &run]).stdout(std::process::Stdio::null()).status().unwrap();
        assert!(ran.success(), "{run}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/postgres.sh");
        let _ = Command::new(script).arg("stop").arg(self.folder.path().join("s")).status();
    }
}

#[test]
fn f38_a_database_that_goes_and_comes_back() {
    let Some(server) = Server::start() else { return };
    let people = crowd(300, 13);
    let all = doses(&people).len();
    let ministry = Ministry::open(people, &Database::at(&server.url));
    let code = code(&ministry);
    let replicas: Vec<Replica> = ["a", "b"].iter().map(|name| ministry.start(name, "")).collect();
    for replica in &replicas {
        replica.until("everything has run", succeeded);
    }
    server.control(&["stop", "-m", "immediate"]);
    for replica in &replicas {
        let took = replica.until("that it is away is told", |status| {
            condition(status, "registry").is_some_and(|c| c["level"] == "alarm")
        });
        println!("noticed within {took:?}");
        assert!(took < Duration::from_secs(12), "{took:?}");
        verifies(replica, &code);
        let metrics = ask(&replica.operators, "GET", "/metrics", "", "").unwrap().body;
        let failed = metrics.lines().filter_map(|line| line.strip_prefix("vaccert_database_errors_total"));
        let failed: Vec<&str> = failed.filter(|line| !line.ends_with(" 0")).collect();
        assert!(metrics.contains("\nvaccert_database_up 0\n") && !failed.is_empty(), "{metrics}");
        // It serves what it can: nobody should be sent elsewhere.
        assert_eq!(ask(&replica.operators, "GET", "/readyz", "", "").unwrap().status, 200);
    }
    // One that starts meanwhile does too.
    let config = ministry.configure("a", "");
    let late = ministry.start_with("late", &config, &[]);
    late.until("it starts without its database", |status| condition(status, "registry").is_some());
    verifies(&late, &code);

    server.control(&["start"]);
    for replica in replicas.iter().chain([&late]) {
        replica.until("it is used again", |status| condition(status, "registry").is_none());
    }
    let books = Books::open(&Database::at(&server.url));
    let begun = Instant::now();
    loop {
        let counts = books.counts();
        if standing(&counts) >= all && counts.intended == 0 {
            assert_eq!((counts.superseded, counts.withdrawn), (0, 0), "{counts:?}");
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{counts:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(books);
    for replica in replicas.into_iter().chain([late]) {
        replica.end();
    }
}

#[test]
fn requests_have_numbers_and_the_log_has_routes_alone() {
    let database = Database::sqlite();
    let people = crowd(12, 31);
    let ministry = Ministry::open(people.clone(), &database);
    let code = code(&ministry);
    let replica = ministry.start("a", "trusted_proxies = [\"127.0.0.0/8\"]");
    replica.until("everything has run", succeeded);
    let secret = "Zyxwana-1961-07-19";
    let id = "0123456789abcdef-proxy";
    let headers = [("X-Request-Id", id), ("X-Forwarded-For", "203.0.113.77"), ("X-Forwarded-Proto", "https")];
    let answer = ask_with(&replica.everybody, "GET", &format!("/{secret}?name={secret}"), &headers, "").unwrap();
    assert_eq!((answer.status, answer.header("x-request-id")), (404, Some(id)), "{answer:?}");
    assert!(answer.header("strict-transport-security").is_some(), "{answer:?}");
    assert!(answer.header("permissions-policy").is_some() && answer.header("content-security-policy").is_some());
    let answer = ask(&replica.everybody, "POST", "/v1/verify", "text/plain", &code).unwrap();
    let made = answer.header("x-request-id").unwrap().to_owned();
    assert_eq!(made.len(), 16);
    let metrics = ask(&replica.operators, "GET", "/metrics", "", "").unwrap().body;
    let status = replica.status().to_string();
    let log_file = replica.log.clone();
    replica.end();
    let log = fs::read_to_string(log_file).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let of = |id: &str| lines.iter().find(|line| line["id"] == id).unwrap_or_else(|| panic!("{log}"));
    assert_eq!((&of(id)["route"], &of(id)["status"]), (&Value::from("(none)"), &Value::from(404)));
    assert_eq!((&of(&made)["route"], &of(&made)["method"]), (&Value::from("/v1/verify"), &Value::from("POST")));
    // Nothing of a person, a code or an address anywhere.
    let mut secrets = vec![secret.to_owned(), code[..24].to_owned(), "203.0.113".to_owned()];
    for person in &people {
        secrets.push(person.uid.clone());
        secrets.extend(person.attributes.iter().map(|(_, value)| value.clone()).filter(|value| value.len() > 5));
    }
    for (what, text) in [("log", &log), ("metrics", &metrics), ("status", &status)] {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{what} holds {secret}");
        }
    }
}
