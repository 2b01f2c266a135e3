//! What `demo`, `issue` and `sync` share: from a feed and a setup to certificates, report and bundle.

use std::{fs::TryLockError, path::Path};

use super::{
    CliError,
    progress::{Display, say},
    reasons,
};
use crate::{
    batch::{BUNDLE_FILE, BatchError, Tally, feed::Feed},
    config::{Environment, Setup, environment_variable},
    registry::Registry,
    source::profile::Profile,
    work::{self, Done, Out},
};

/// An output folder, held for one run as long as this lives: two runs would write the same report and the same
/// half-made certificates. The system lets go of it however the program ends.
#[derive(Debug)]
pub(super) struct Held {
    _lock: std::fs::File,
}

/// Name of the file that is locked.
const LOCK_FILE: &str = ".lock";

/// Makes a folder that only its owner may enter, for it will hold personal data, and holds it for this run.
pub(super) fn hold_out(dir: &Path) -> Result<Held, CliError> {
    let wrong = |error: std::io::Error| CliError::Out { path: dir.to_owned(), kind: error.kind() };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(wrong)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let lock = options.open(dir.join(LOCK_FILE)).map_err(wrong)?;
    match crate::gateway::lock(&lock) {
        // A file system without locks leaves it to the operator.
        Ok(()) | Err(TryLockError::Error(_)) => {
            sweep(dir).map_err(wrong)?;
            Ok(Held { _lock: lock })
        }
        Err(TryLockError::WouldBlock) => Err(CliError::OutHeld { path: dir.to_owned() }),
    }
}

/// Removes the half-made folders that a killed run left. Nothing in them was handed over, and the registry knows
/// what to make again. Whatever else lies in the folder is not ours.
fn sweep(dir: &Path) -> std::io::Result<()> {
    let is_ours = |name: &str| {
        name.strip_suffix(".part").is_some_and(|id| id.len() == 26 && id.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && entry.file_name().to_str().is_some_and(is_ours) {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Name of the folder in an output folder that holds the keys and the registry of its sandbox.
pub(super) const SANDBOX: &str = ".sandbox";

/// Refuses to make a sandbox at `state` where a configured issuer's bundle lies: the sandbox's would take its place.
pub(super) fn check_sandbox(state: &Path) -> Result<(), CliError> {
    let bundle = state.with_file_name(BUNDLE_FILE);
    if state.file_name().is_some_and(|name| name == SANDBOX) && !state.exists() && bundle.exists() {
        return Err(CliError::OutForeign { path: state.parent().unwrap_or(state).to_owned() });
    }
    Ok(())
}

/// Who runs this command, as the registry notes it: `user:` and a name. It is what the system says of the session,
/// and as good as the accounts of the machine are.
pub(super) fn user() -> String {
    let named = ["SUDO_USER", "LOGNAME", "USER"].into_iter().find_map(environment_variable);
    #[cfg(unix)]
    let number = || {
        let found = std::fs::metadata("/proc/self").ok()?;
        Some(format!("uid {}", std::os::unix::fs::MetadataExt::uid(&found)))
    };
    #[cfg(not(unix))]
    let number = || None;
    let name = named.or_else(number).unwrap_or_else(|| "unknown".to_owned());
    let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
    format!("user:{name}")
}

/// Runs a feed to its end, in the registry of the setup; see [`work::run`].
pub(super) async fn run(
    setup: &Setup,
    feed: Feed,
    named: Option<&str>,
    found: Option<Profile>,
    out: Option<Out>,
    quiet: bool,
) -> Result<Done, CliError> {
    let registry = registry(setup).await?;
    let mut display = Display::new(quiet);
    let done = work::run(setup, registry.clone(), feed, named, found, out, &user(), &mut display).await;
    registry.close().await;
    Ok(done?)
}

/// Opens the registry of a setup.
pub(super) async fn registry(setup: &Setup) -> Result<Registry, CliError> {
    let opened = Registry::open(&setup.registry_url, setup.registry_options.clone()).await;
    Ok(opened.map_err(BatchError::from)?)
}

/// Says in a few lines what a run did.
pub(super) fn tell(done: &Done, setup: &Setup, out: Option<&Path>) {
    let Tally { records, issued, refused, unchanged } = done.tally;
    say!("{records} records read with the profile {}:", done.profile);
    say!("  {issued} issued, {unchanged} unchanged since an earlier run, {refused} refused");
    for (code, count) in &done.reasons {
        let meaning = reasons::meaning(code).unwrap_or("");
        say!("  {count:>8}  {code}{}{meaning}", if meaning.is_empty() { "" } else { ": " });
    }
    if let Some(dir) = out {
        say!("Certificates: {} (codes, pictures and certificate.pdf)", dir.join("<id>").display());
    }
    if let Some(report) = &done.report {
        say!("Report:       {} (each record, why it was refused, and what to do)", report.display());
    }
    if let Some(bundle) = &done.bundle {
        say!("Trust bundle: {} (check with: vaccert verify --trust {0} CODE.txt)", bundle.display());
    }
    if setup.environment == Environment::Sandbox {
        say!("Sandbox: throw-away keys, country {}; every product is a specimen and worth nothing.", setup.country);
    }
}
