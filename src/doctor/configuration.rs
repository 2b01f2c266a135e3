//! The configuration file, the files that it names, and the environment.

use std::{collections::BTreeSet, fs};

use super::{
    Area, Finding, Installation,
    finding::{Notes, count},
};
use crate::config::{Environment, FileKind, Inspected};

/// Environment variables that this program reads, besides those that the configuration names.
const VARIABLES: [&str; 7] = [
    "VACCERT_DHIS2_URL",
    "VACCERT_DHIS2_USER",
    "VACCERT_DHIS2_PASSWORD",
    "VACCERT_DHIS2_TOKEN",
    "VACCERT_PASSPHRASE",
    "VACCERT_PIN",
    "VACCERT_VECTORS",
];

/// Checks the configuration.
pub(super) fn check(installation: &Installation) -> Vec<Finding> {
    let mut notes = Notes::of(Area::Configuration);
    match (&installation.inspected, &installation.setup) {
        (None, _) => notes.fault(
            "file",
            "there is no vaccert.toml here, so that every command would work in the sandbox",
            "run vaccert init, or name the file with --config FILE",
        ),
        (Some(Err(error)), _) => {
            notes.error("file", error, "correct the file; vaccert init DIR writes one with every setting explained");
            notes.not_checked("keys-load", "the configuration file cannot be read");
        }
        (Some(Ok(inspected)), setup) => {
            let real = match inspected.environment {
                Environment::Production => "production",
                Environment::Sandbox => "sandbox: throw-away keys, what is issued is worth nothing",
            };
            notes.ok("file", format!("every setting is known; {real}; country {}", inspected.country));
            match setup {
                Some(Err(error)) => notes.error("usable", error, "correct the setting or file that is named"),
                _ => notes.ok("usable", "keys, certificates and settings fit together"),
            }
            named_files(&mut notes, inspected);
        }
    }
    variables(&mut notes, installation.inspected());
    notes.into_list()
}

/// Every file that is named is there, and secrets are readable by their owner alone.
fn named_files(notes: &mut Notes, inspected: &Inspected) {
    let mut good = 0;
    for file in &inspected.files {
        let path = file.path.display();
        let metadata = match fs::metadata(&file.path) {
            Ok(metadata) if metadata.is_file() => metadata,
            Ok(_) => {
                let remedy = format!("correct {} in vaccert.toml", file.setting);
                notes.fault("named-file", format!("{path} ({}) is no file", file.setting), remedy);
                continue;
            }
            Err(error) => {
                let remedy = format!("put the file there, or correct {} in vaccert.toml", file.setting);
                let found = format!("{path} ({}) cannot be read ({})", file.setting, error.kind());
                notes.fault("named-file", found, remedy);
                continue;
            }
        };
        match (file.kind, open_to_others(&metadata)) {
            (FileKind::PrivateKey | FileKind::Secret, Some(mode)) => notes.fault(
                "secret-file",
                format!("{path} ({}) may be read by others (mode {mode:03o})", file.setting),
                format!("chmod 600 {path}"),
            ),
            _ => good += 1,
        }
    }
    if good == inspected.files.len() {
        notes.ok("named-files", format!("{}, secrets readable by their owner alone", count(good, "file", "files")));
    }
}

/// The mode of a file that group or others may use.
#[cfg(unix)]
fn open_to_others(metadata: &fs::Metadata) -> Option<u32> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &fs::Metadata) -> Option<u32> {
    None
}

/// A mistyped variable is silently without effect, so it is told.
fn variables(notes: &mut Notes, inspected: Option<&Inspected>) {
    let named: BTreeSet<&str> = inspected.into_iter().flat_map(|i| &i.variables).map(String::as_str).collect();
    let ours = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let unknown: Vec<String> = ours
        .filter(|name| name.starts_with("VACCERT_"))
        .filter(|name| !VARIABLES.contains(&name.as_str()) && !named.contains(name.as_str()))
        .map(|name| name.chars().take(60).collect())
        .collect();
    if unknown.is_empty() {
        notes.ok("environment", "no unknown VACCERT_ variable is set");
    } else {
        notes.warning(
            "environment",
            format!("no part of the program reads {}", unknown.join(", ")),
            format!("correct the name (known are {}) or unset it", VARIABLES.get(..6).unwrap_or_default().join(", ")),
        );
    }
}
