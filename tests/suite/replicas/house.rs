//! A ministry with several replicas: processes that share a database and nothing else.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use vaccert::registry::{Counts, Registry};

use crate::{
    journey::Site,
    support::{
        database::Database,
        dhis2::{PASSWORD, USER, people::Person},
        program::Workplace,
    },
};

/// Runs a test on every database there is, outside of any runtime: the contract server brings its own.
pub fn on_each(test: impl Fn(Database)) {
    test(Database::sqlite());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(database) = runtime.block_on(Database::postgres()) {
        test(database);
    }
}

/// The registry, as somebody beside the replicas sees it.
pub struct Books {
    runtime: tokio::runtime::Runtime,
    registry: Registry,
}

impl Books {
    pub fn open(database: &Database) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let registry = runtime.block_on(database.open());
        Self { runtime, registry }
    }

    pub fn counts(&self) -> Counts {
        self.runtime.block_on(self.registry.counts()).unwrap()
    }

    /// Names of the replicas that were heard of lately.
    pub fn replicas(&self) -> Vec<String> {
        let replicas = self.runtime.block_on(self.registry.replicas()).unwrap();
        replicas.into_iter().map(|replica| replica.name).collect()
    }

    pub fn place(&self) -> &str {
        self.registry.place()
    }
}

/// Certificates that stand.
pub fn standing(counts: &Counts) -> usize {
    usize::try_from(counts.signed + counts.released).unwrap()
}

/// What a replica is waited for at most.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A configuration in a folder, one variant of it for each replica, over one database.
pub struct Ministry {
    pub site: Site,
    pub work: Workplace,
    pub url: String,
}

impl Ministry {
    /// Leases of intents last for a second, turns at tasks for three.
    pub fn open(people: Vec<Person>, database: &Database) -> Self {
        let site = Site::open("2.40.4", people);
        let work = Workplace::new();
        work.run(&["init", "--quiet", "."]).good();
        let password = work.write("dhis2-password", PASSWORD);
        fs::set_permissions(&password, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        Self { site, work, url: database.url.clone() }
    }

    /// Writes the configuration of a replica, with more lines in its section `[service]`.
    pub fn configure(&self, name: &str, service: &str) -> String {
        let text = fs::read_to_string(self.work.path("vaccert.toml")).unwrap();
        let text = text
            .replace("url = \"registry.sqlite\"", &format!("url = \"{}\"", self.url))
            .replace("# lease_seconds = 10", "lease_seconds = 1")
            .replace(
                "\n[service]\n",
                &format!(
                    "\n[dhis2]\nurl = \"{}\"\nuser = \"{USER}\"\npassword_file = \"dhis2-password\"\npage_size = 50\n\n[service]\nreplica = \"{name}\"\npublic = \"public-{name}\"\n\
                     sync_seconds = 10\npublish_seconds = 5\n{service}\n",
                    self.site.server.url
                ),
            );
        let file = format!("{name}.toml");
        self.work.write(&file, text);
        file
    }

    /// Starts a replica of this name.
    pub fn start(&self, name: &str, service: &str) -> Replica {
        let config = self.configure(name, service);
        self.start_with(name, &config, &[])
    }

    /// Starts a replica that polls nothing: what it issues, it was asked for.
    pub fn start_asked(&self, name: &str) -> Replica {
        let config = self.configure(name, "");
        self.run(name, &config, &[], &["--no-sync"])
    }

    /// Starts it with a configuration that is there, behind the words of `before`.
    pub fn start_with(&self, name: &str, config: &str, before: &[&str]) -> Replica {
        self.run(name, config, before, &[])
    }

    fn run(&self, name: &str, config: &str, before: &[&str], more: &[&str]) -> Replica {
        let log = self.work.path(&format!("{name}.log"));
        let serve = ["serve", "--config", config, "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"];
        let serve = [&serve[..], more].concat();
        let plain = self.work.command(&serve);
        let mut command = match before.split_first() {
            None => plain,
            Some((program, more)) => {
                let mut command = Command::new(program);
                command.args(more).arg(plain.get_program()).args(plain.get_args());
                command.current_dir(plain.get_current_dir().unwrap()).env_clear();
                command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
                command.stdin(Stdio::null());
                command
            }
        };
        let file = fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(file).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut address = |mark: &str| loop {
            let mut line = String::new();
            let read = said.read_line(&mut line).unwrap();
            assert!(read > 0, "{name} ended early: {}", fs::read_to_string(&log).unwrap());
            if line.starts_with(mark) {
                break line.split("://").nth(1).unwrap().split('/').next().unwrap().to_owned();
            }
        };
        let (everybody, operators) = (address("For everybody"), address("For operators"));
        Replica { child, name: name.to_owned(), everybody, operators, log }
    }
}

/// A running replica.
pub struct Replica {
    child: Child,
    pub name: String,
    pub everybody: String,
    pub operators: String,
    pub log: PathBuf,
}

impl Replica {
    pub fn status(&self) -> Value {
        serde_json::from_str(&ask(&self.operators, "GET", "/v1/status", "", "").unwrap().body).unwrap()
    }

    pub fn task(&self, name: &str) -> Value {
        let status = self.status();
        status["tasks"].as_array().unwrap().iter().find(|task| task["name"] == name).unwrap().clone()
    }

    /// Asks the operators' door until the answer is as wanted; gives how long that took.
    pub fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Duration {
        let begun = Instant::now();
        loop {
            let status = self.status();
            if wanted(&status) {
                return begun.elapsed();
            }
            let late = begun.elapsed() > PATIENCE;
            assert!(!late, "{what}: {status:#}\n{}", fs::read_to_string(&self.log).unwrap());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Kills it as a machine that loses its power does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as an operator does.
    pub fn end(mut self) {
        self.signal("-TERM");
        let ended = self.child.wait().unwrap();
        assert!(ended.success(), "{ended}: {}", fs::read_to_string(&self.log).unwrap());
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// A header of it.
    pub fn header(&self, name: &str) -> Option<&str> {
        let name = format!("{}:", name.to_ascii_lowercase());
        self.head
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with(&name))
            .map(|line| line[name.len()..].trim())
    }
}

/// One request over a connection of its own.
pub fn ask(address: &str, method: &str, path: &str, media: &str, body: &str) -> std::io::Result<Answer> {
    ask_with(address, method, path, &[("Content-Type", media)], body)
}

pub fn ask_with(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status =
        head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(std::io::ErrorKind::InvalidData)?;
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}
