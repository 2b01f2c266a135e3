//! The registry: does it open, is there room for it, and is anything stuck in it.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use jiff::Timestamp;

use super::{Area, Finding, finding::Notes};
use crate::{
    batch::write_bundle,
    config::{Inspected, Setup},
    limits::{DOCTOR_DISK_KIB, DOCTOR_QUESTION_SECONDS},
    registry::Registry,
};

/// Checks the registry, and gives it for further checks. Nothing is made: a registry that does not exist stays so.
pub(super) async fn check(
    inspected: Option<&Inspected>,
    setup: Option<&Setup>,
    now: Timestamp,
) -> (Vec<Finding>, Option<Registry>) {
    let mut notes = Notes::of(Area::Registry);
    let place = match inspected.map(|inspected| &inspected.registry) {
        None => {
            notes.not_checked("registry", "there is no configuration that says where the registry is");
            return (notes.into_list(), None);
        }
        Some(Err(error)) => {
            notes.error("registry", error, "correct the section [registry]");
            return (notes.into_list(), None);
        }
        Some(Ok(place)) => place,
    };
    let file = file_of(place);
    if let Some(path) = file {
        room(&mut notes, path).await;
        if !path.exists() {
            notes.note("registry", "there is none yet; the first run makes it");
            return (notes.into_list(), None);
        }
    }
    let options = setup.map(|setup| setup.registry_options.clone()).unwrap_or_default();
    let wait = Duration::from_secs(DOCTOR_QUESTION_SECONDS);
    let opened = tokio::time::timeout(wait, Registry::open(place, options)).await;
    let registry = match opened {
        Ok(Ok(registry)) => registry,
        Ok(Err(error)) => {
            notes.error("registry", &error, "restore the registry from its backup");
            return (notes.into_list(), None);
        }
        Err(_) => {
            notes.fault("registry", format!("did not open within {} s", wait.as_secs()), "look at the database server");
            return (notes.into_list(), None);
        }
    };
    contents(&mut notes, &registry, now).await;
    match setup {
        Some(setup) => bundle(&mut notes, &registry, setup, now).await,
        None => notes.not_checked("bundle", "the configuration cannot be used, see above"),
    }
    (notes.into_list(), Some(registry))
}

/// The file of a SQLite registry; `None` for a database server.
fn file_of(place: &str) -> Option<&Path> {
    let path = place.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path)).unwrap_or(place);
    (!path.contains("://")).then(|| Path::new(path))
}

async fn contents(notes: &mut Notes, registry: &Registry, now: Timestamp) {
    let counts = match registry.counts().await {
        Ok(counts) => counts,
        Err(error) => return notes.error("registry", &error, "restore the registry from its backup"),
    };
    notes.ok(
        "registry",
        format!(
            "opens, its schema is current; {} certificates stand, {} are revoked",
            counts.signed + counts.released,
            counts.revoked
        ),
    );
    let waiting = counts.signed + counts.intended;
    if waiting == 0 {
        notes.ok("unreleased", "everything that was signed was handed over");
    } else {
        notes.warning(
            "unreleased",
            format!("{} certificates were begun and not handed over", waiting),
            "run vaccert sync or vaccert issue again with the same --out: it goes on from there",
        );
    }
    // A clock that was set back shows here: certificates from the future.
    match registry.latest(1).await {
        Ok(latest) => {
            let newest = latest.iter().flat_map(|sealed| &sealed.envelopes).map(|envelope| envelope.issued_at).max();
            let ahead = newest.map(|newest| newest.duration_since(now).as_mins());
            if let Some(minutes) = ahead.filter(|minutes| *minutes > 10) {
                notes.fault(
                    "newest",
                    format!("the newest certificate was issued {minutes} minutes from now: the clock was set back"),
                    "set this machine's clock (timedatectl set-ntp true) before anything is issued",
                );
            } else if let Some(newest) = newest {
                notes.ok("newest", format!("the newest certificate is of {}", newest.strftime("%Y-%m-%d %H:%M UTC")));
            }
        }
        Err(error) => notes.error("newest", &error, "restore the registry from its backup"),
    }
}

/// The trust bundle can be made from what the registry holds: every earlier signer, every revocation.
async fn bundle(notes: &mut Notes, registry: &Registry, setup: &Setup, now: Timestamp) {
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            return notes.not_checked("bundle", format!("no temporary folder can be made ({})", error.kind()));
        }
    };
    let signers = setup.signers.certificates(now);
    match write_bundle(folder.path(), &signers, &setup.list_key, registry, now).await {
        Ok(path) => {
            let bytes = std::fs::metadata(&path).map(|metadata| metadata.len()).unwrap_or_default();
            let days = setup.list_key.validity.as_hours() / 24;
            notes.ok("bundle", format!("the trust bundle can be made: {} kB, good for {days} days", bytes / 1000 + 1));
        }
        Err(error) => notes.error("bundle", &error, "look at the registry and at list_key under [keys]"),
    }
}

/// Free space where the registry lies. The standard library does not tell it; POSIX has a command that does.
async fn room(notes: &mut Notes, registry: &Path) {
    let folder = registry.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (sender, answer) = tokio::sync::oneshot::channel();
    let folder = folder.to_owned();
    // A thread of its own, which is left behind if a network file system never answers.
    std::thread::spawn(move || {
        let mut command = Command::new("df");
        let output = command.args(["-P", "-k"]).arg(folder).stdin(Stdio::null()).env("LC_ALL", "C").output();
        // Nobody may be waiting any more.
        let _ = sender.send(output.ok().and_then(|output| free_kib(&String::from_utf8_lossy(&output.stdout))));
    });
    let wait = Duration::from_secs(DOCTOR_QUESTION_SECONDS);
    let free = tokio::time::timeout(wait, answer).await.ok().and_then(Result::ok).flatten();
    match free {
        None => notes.not_checked("disk", "the free space of the registry's disk cannot be told (df)"),
        Some(free) if free < DOCTOR_DISK_KIB => notes.warning(
            "disk",
            format!("{} MiB are free where the registry lies", free / 1024),
            "make room: a run stops when the disk is full; nothing is lost then, and nothing is issued",
        ),
        Some(free) => notes.ok("disk", format!("{} GiB are free where the registry lies", free / (1024 * 1024))),
    }
}

/// The fourth column of the last line of `df -Pk` (POSIX: "Available").
fn free_kib(output: &str) -> Option<u64> {
    output.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_read_in_the_form_of_posix() {
        let text = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n/dev/sda1        263174212 98765432 151044060      40% /\n";
        assert_eq!(free_kib(text), Some(151_044_060));
        assert_eq!(free_kib(""), None);
        assert_eq!(free_kib("one line\nnone a b c d"), None);
    }

    #[test]
    fn only_files_are_looked_for_on_the_disk() {
        assert_eq!(file_of("sqlite:/var/a.sqlite"), Some(Path::new("/var/a.sqlite")));
        assert_eq!(file_of("a.sqlite"), Some(Path::new("a.sqlite")));
        assert_eq!(file_of("postgres://host/db"), None);
    }
}
