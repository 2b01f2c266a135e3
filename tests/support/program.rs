//! The program as a ministry runs it: the built binary, in a folder of its own, with nothing in its
//! environment but what a journey puts there.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;

/// A folder to work in, and the environment of every command that is run there.
pub struct Workplace {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Workplace {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// Sets an environment variable for what is run from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub fn unset(&mut self, name: &str) {
        self.environment.retain(|(known, _)| known != name);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and gives its path.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A command of `vaccert`, not yet run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vaccert"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs `vaccert` to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(arguments, &self.command(arguments).output().unwrap())
    }

    /// Starts `vaccert` and leaves it alone; nobody listens to what it says.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// What a run left in `dir`.
    pub fn out(&self, dir: &str) -> Out {
        Out(self.path(dir))
    }

    /// Verifies codes against trust lists, as an officer's script would.
    pub fn verify(&self, trust: &Path, codes: &[PathBuf], more: &[&str]) -> Verified {
        let codes: Vec<&str> = codes.iter().map(|path| path.to_str().unwrap()).collect();
        self.verify_with(trust, &[more, &codes].concat())
    }

    /// Verifies many codes at once, by a file with one a line.
    pub fn verify_lines(&self, trust: &Path, codes: &[PathBuf]) -> Verified {
        let texts: String = codes.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
        let lines = self.write("codes.txt", texts);
        self.verify_with(trust, &["--lines", lines.to_str().unwrap()])
    }

    fn verify_with(&self, trust: &Path, more: &[&str]) -> Verified {
        let arguments = [&["verify", "--format", "json", "--trust", trust.to_str().unwrap()], more].concat();
        let ran = self.run(&arguments);
        let verdicts = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Verified { ran, verdicts }
    }
}

/// The end of a run.
#[derive(Debug, Clone)]
pub struct Ran {
    pub what: String,
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(arguments: &[&str], output: &Output) -> Self {
        Self {
            what: arguments.join(" "),
            code: output.status.code(),
            out: String::from_utf8(output.stdout.clone()).expect("standard output is UTF-8"),
            err: String::from_utf8(output.stderr.clone()).expect("standard error is UTF-8"),
        }
    }

    /// It did what it was told.
    #[track_caller]
    pub fn good(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        assert_eq!(self.err, "", "{self:?}");
        self
    }

    /// It refused with this exit status and one clear sentence, which it gives back.
    #[track_caller]
    pub fn refused(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        let lines: Vec<&str> = self.err.lines().collect();
        assert_eq!(lines.len(), 1, "one sentence: {self:?}");
        let sentence = lines[0].strip_prefix("vaccert: ").unwrap_or_else(|| panic!("says who speaks: {self:?}"));
        assert!(!sentence.ends_with('.') && sentence.len() > 20, "a sentence without a full stop: {self:?}");
        for noise in ["panicked", "RUST_BACKTRACE", "Os {", "Error(", "kind:"] {
            assert!(!self.err.contains(noise), "{self:?}");
        }
        sentence.to_owned()
    }

    /// Everything that it said.
    pub fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

/// Verdicts in the order of the codes.
#[derive(Debug)]
pub struct Verified {
    pub ran: Ran,
    pub verdicts: Vec<Value>,
}

impl Verified {
    /// Every code is accepted, with these warnings.
    #[track_caller]
    pub fn accepted(&self, warnings: &[&str]) {
        assert_eq!(self.ran.code, Some(0), "{self:?}");
        assert!(!self.verdicts.is_empty());
        for verdict in &self.verdicts {
            assert_eq!(verdict["verdict"], "accepted", "{verdict}");
            assert_eq!(verdict["warnings"], serde_json::json!(warnings), "{verdict}");
        }
    }

    /// Verdict and reason of each code.
    pub fn words(&self) -> Vec<(&str, Option<&str>)> {
        self.verdicts.iter().map(|v| (v["verdict"].as_str().unwrap(), v["reason"].as_str())).collect()
    }
}

/// The output folder of a run, by the names of the interface.
pub struct Out(pub PathBuf);

impl Out {
    pub fn trust(&self) -> PathBuf {
        self.0.join("trust.json")
    }

    pub fn report(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.0.join("report.json")).unwrap()).unwrap()
    }

    /// The counts of the report: records, issued, refused, unchanged.
    pub fn counts(&self) -> [u64; 4] {
        let report = self.report();
        ["records", "issued", "refused", "unchanged"].map(|name| report[name].as_u64().unwrap())
    }

    /// Status and identifier by event.
    pub fn items(&self) -> BTreeMap<String, (String, Option<String>)> {
        let report = self.report();
        let items = report["items"].as_array().unwrap();
        let found: BTreeMap<_, _> = items
            .iter()
            .map(|item| {
                let text = |name: &str| item[name].as_str().map(str::to_owned);
                if let (Some(uvci), Some(id)) = (text("uvci"), text("id")) {
                    assert_eq!(uvci.parse::<vaccert::record::Uvci>().unwrap().opaque(), id, "names the folder");
                }
                assert_eq!(text("uvci").is_some(), text("id").is_some());
                (text("event").unwrap(), (text("status").unwrap(), text("uvci")))
            })
            .collect();
        assert_eq!(found.len(), items.len(), "each event once");
        found
    }

    /// Reason codes of an event.
    pub fn reasons(&self, event: &str) -> Vec<String> {
        let report = self.report();
        let item = report["items"].as_array().unwrap().iter().find(|item| item["event"] == event).unwrap().clone();
        item["reasons"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Folders of certificates, sorted by name.
    pub fn folders(&self) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            // The sandbox's own, and the sheets of the demo.
            .filter(|path| !path.ends_with("paper") && !path.file_name().unwrap().to_str().unwrap().starts_with('.'))
            .collect();
        found.sort();
        found
    }

    /// The folder of a certificate: the random part of its identifier.
    pub fn folder(&self, id: &str) -> PathBuf {
        self.0.join(id.parse::<vaccert::record::Uvci>().unwrap().opaque())
    }

    pub fn code(&self, id: &str) -> PathBuf {
        self.folder(id).join("eu-dcc.txt")
    }

    /// Texts of all EU certificates.
    pub fn codes(&self) -> Vec<PathBuf> {
        self.folders().into_iter().map(|folder| folder.join("eu-dcc.txt")).filter(|path| path.is_file()).collect()
    }
}
