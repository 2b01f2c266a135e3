//! `vaccert rules`: what rule authors need. `test DIR` runs the tests that stand beside rules, offline.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde_json::Value as Json;

use crate::{
    limits::{RULE_FOLDER_DEPTH, SMALL_FILE_BYTES},
    rules::suite::Summary,
};

/// Arguments of `vaccert rules`.
#[derive(Debug, Clone, Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum RulesCommand {
    /// Run the tests of the rules in a folder; prints a JSON summary
    Test {
        /// Folder with RULE-ID/rule.json and RULE-ID/tests/*.json, there or in folders below (countries)
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}

/// A file or folder could not be used.
#[derive(Debug, thiserror::Error)]
enum FileError {
    /// It could not be opened or read.
    #[error("{path}: {source}; check the path and its permissions")]
    Io {
        /// Which.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Too large.
    #[error("{path}: larger than the {SMALL_FILE_BYTES} bytes that are read; split it")]
    TooLarge {
        /// Which.
        path: String,
    },
    /// No JSON.
    #[error("{path}: no JSON (line {line}, column {column}); correct it there")]
    NotJson {
        /// Which.
        path: String,
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
    },
    /// No rule below the folder.
    #[error("{path}: no rule.json in it or below; wanted is RULE-ID/rule.json with RULE-ID/tests/*.json")]
    NoRule {
        /// The folder.
        path: String,
    },
}

/// Exit status when a file cannot be read.
const UNREADABLE: u8 = 4;

/// Runs `vaccert rules`: 0 all tests passed, 1 some failed, 4 something could not be read.
#[must_use]
pub fn run(args: &RulesArgs) -> ExitCode {
    let RulesCommand::Test { dir } = &args.command;
    match test(dir) {
        Ok((summary, unreadable)) => {
            // A closed pipe is the reader's choice.
            let _ = print(&summary);
            for error in &unreadable {
                eprintln!("vaccert rules test: {error}");
            }
            eprintln!("{}", in_words(&summary));
            ExitCode::from(match (unreadable.is_empty(), summary.failed) {
                (false, _) => UNREADABLE,
                (true, 0) => 0,
                (true, _) => 1,
            })
        }
        Err(error) => {
            eprintln!("vaccert rules test: {error}");
            ExitCode::from(UNREADABLE)
        }
    }
}

fn print(summary: &Summary) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, summary)?;
    io::Write::write_all(&mut out, b"\n")
}

fn in_words(summary: &Summary) -> String {
    let Summary { rules, tests, passed, failed, findings, .. } = summary;
    let untidy = match findings.len() {
        0 => String::new(),
        count => format!("; {count} findings that the gateway would refuse"),
    };
    format!("{rules} rules, {tests} tests: {passed} passed, {failed} failed{untidy}")
}

/// Runs all tests below a folder. Single unreadable files are failed tests and listed beside.
fn test(dir: &Path) -> Result<(Summary, Vec<FileError>), FileError> {
    let mut rules = Vec::new();
    find(dir, RULE_FOLDER_DEPTH, &mut rules)?;
    if rules.is_empty() {
        return Err(FileError::NoRule { path: dir.display().to_string() });
    }
    let (mut summary, mut unreadable) = (Summary::default(), Vec::new());
    for folder in rules {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let rule = match json(&folder.join("rule.json")) {
            Ok(rule) => summary.begin(&name, &rule),
            Err(error) => {
                let rule = summary.begin(&name, &Json::Null);
                summary.unreadable(&rule, "rule.json", error.to_string());
                unreadable.push(error);
                continue;
            }
        };
        let tests = folder.join("tests");
        let files = if tests.is_dir() { entries(&tests)? } else { Vec::new() };
        for file in files.iter().filter(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"))) {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            match json(file) {
                Ok(case) => {
                    summary.run(&rule, &name, &case);
                }
                Err(error) => {
                    summary.unreadable(&rule, &name, error.to_string());
                    unreadable.push(error);
                }
            }
        }
    }
    Ok((summary, unreadable))
}

/// Folders with a `rule.json`, the one given included, in the order of their names.
fn find(dir: &Path, depth: usize, into: &mut Vec<PathBuf>) -> Result<(), FileError> {
    let entries = entries(dir)?;
    if entries.iter().any(|path| path.file_name().is_some_and(|name| name == "rule.json")) {
        into.push(dir.to_owned());
        return Ok(());
    }
    if depth > 0 {
        for folder in entries.iter().filter(|path| path.is_dir()) {
            find(folder, depth - 1, into)?;
        }
    }
    Ok(())
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, FileError> {
    let failed = |source| FileError::Io { path: dir.display().to_string(), source };
    let mut paths = fs::read_dir(dir)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    paths.sort();
    Ok(paths)
}

fn json(path: &Path) -> Result<Json, FileError> {
    let name = || path.display().to_string();
    let failed = |source| FileError::Io { path: name(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(SMALL_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > SMALL_FILE_BYTES) {
        return Err(FileError::TooLarge { path: name() });
    }
    // Editors on some systems put a byte order mark before the text.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(text).map_err(|error| FileError::NotJson {
        path: name(),
        line: error.line(),
        column: error.column(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    const RULE: &str = r#"{"Identifier":"VR-XX-0001","Logic":{"===":[{"var":"payload.dn"},2]}}"#;

    #[test]
    fn rules_are_found_directly_and_below_countries() {
        let dir = folder(&[
            ("VR-XX-0001/rule.json", RULE),
            ("VR-XX-0001/tests/b.json", r#"{"payload":{"dn":1},"external":{},"expected":true}"#),
            ("VR-XX-0001/tests/a.json", "\u{feff}{\"payload\":{\"dn\":2},\"external\":{},\"expected\":true}"),
            ("VR-XX-0001/tests/notes.txt", "not a test"),
            ("YY/VR-YY-0001/rule.json", RULE),
        ]);
        let (summary, unreadable) = test(dir.path()).unwrap();
        assert!(unreadable.is_empty());
        let shown = serde_json::to_value(&summary).unwrap();
        assert_eq!(shown["rules"], json!(2));
        assert_eq!((&shown["tests"], &shown["passed"], &shown["failed"]), (&json!(2), &json!(1), &json!(1)));
        assert_eq!(
            shown["failures"],
            json!([{"rule": "VR-XX-0001", "test": "b.json", "expected": true, "actual": false}])
        );
        let (summary, _) = test(&dir.path().join("VR-XX-0001")).unwrap();
        assert_eq!(summary.tests, 2);
    }

    #[test]
    fn what_cannot_be_read_fails_and_is_named() {
        let dir = folder(&[
            ("A/rule.json", "{"),
            ("B/rule.json", RULE),
            ("B/tests/a.json", "nothing"),
            ("B/tests/b.json", r#"{"payload":{"dn":2},"expected":true}"#),
        ]);
        let (summary, unreadable) = test(dir.path()).unwrap();
        assert_eq!((summary.rules, summary.tests, summary.passed, summary.failed), (2, 3, 1, 2));
        assert_eq!(unreadable.len(), 2);
        assert!(unreadable[1].to_string().contains("line 1, column"));
        assert!(matches!(test(folder(&[("a/b.json", "{}")]).path()), Err(FileError::NoRule { .. })));
        assert!(matches!(test(&dir.path().join("missing")), Err(FileError::Io { .. })));
    }
}
