//! What `demo`, `issue` and `sync` share: from a feed and a setup to certificates, report and bundle.

use std::{
    fs::TryLockError,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
};

use super::{
    CliError,
    progress::{Display, say},
    reasons,
};
use crate::{
    barcode::Level,
    batch::{BUNDLE_FILE, Batch, BatchError, Kind, Outputs, Report, Tally, feed::Feed, system_random},
    clock::System,
    config::{Environment, Setup, environment_variable, profile_file, profile_of},
    document::Press,
    issue::Issuer,
    registry::Registry,
    source::{
        assess::Assessor,
        profile::{Profile, detect_from_data},
    },
    valueset::dhis2::Dhis2Vaccines,
};

/// What a run left behind.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) tally: Tally,
    pub(super) reasons: std::collections::BTreeMap<String, u64>,
    pub(super) report: Option<PathBuf>,
    pub(super) bundle: Option<PathBuf>,
    pub(super) profile: String,
}

/// Files of a run.
#[derive(Debug, Clone)]
pub(super) struct Out {
    pub(super) dir: PathBuf,
    pub(super) kinds: Vec<Kind>,
    pub(super) level: Level,
}

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

/// The profile: the built-in one or the file that was asked for, or the one that `found` says, with the configuration's
/// changes on it and the issuer's constants in it.
pub(super) fn profile(setup: &Setup, named: Option<&str>, found: Option<Profile>) -> Result<Profile, CliError> {
    let base = match (named, &setup.profile.base, found) {
        (Some(file), ..) if file.ends_with(".toml") => profile_file(Path::new(file))?.build(&Profile::default())?,
        (Some(name), ..) => Profile::by_name(name)?,
        (None, Some(name), _) => Profile::by_name(name)?,
        (None, None, Some(found)) => found,
        (None, None, None) => Profile::default(),
    };
    Ok(profile_of(&setup.profile, setup.country.as_str(), &setup.issuer_name, &base)?)
}

/// Everything that issuing needs: the issuer, the open registry, and where files go.
pub(super) async fn batch(
    setup: &Setup,
    assessor: Assessor,
    out: Option<&Out>,
    operator: &str,
) -> Result<Batch, CliError> {
    let issuer = Issuer::of_set(Arc::clone(&setup.signers), &setup.country.to_string(), setup.terms.clone());
    let registry = Registry::open(&setup.registry_url, setup.registry_options.clone()).await;
    let registry = registry.map_err(BatchError::from)?;
    let random = system_random();
    let mut owner = [0; 8];
    random(&mut owner).map_err(BatchError::from)?;
    Ok(Batch {
        assessor,
        issuer: Arc::new(issuer.map_err(BatchError::from)?.with_linked_data(setup.linked_data.clone())),
        formats: setup.formats.clone(),
        registry,
        outputs: out.map(|out| Arc::new(Outputs { dir: out.dir.clone(), kinds: out.kinds.clone(), level: out.level })),
        press: Arc::new(Press::new().map_err(BatchError::from)?),
        language: setup.language,
        divoc_paper: setup.divoc_paper,
        clock: Arc::new(System),
        random,
        owner: owner.iter().map(|b| format!("{b:02x}")).collect::<String>().into(),
        operator: operator.into(),
    })
}

/// Who has the passes over DHIS2 done, as the registry notes it.
pub(super) const POLLER: &str = "poller";

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

/// Runs a feed to its end. `found` is the profile that the program's metadata told, if there was one; without
/// it the data are looked at.
pub(super) async fn run(
    setup: &Setup,
    mut feed: Feed,
    named: Option<&str>,
    found: Option<Profile>,
    out: Option<Out>,
    operator: &str,
    quiet: bool,
) -> Result<Done, CliError> {
    let fixed = named.is_some() || setup.profile.base.is_some() || setup.profile.program.is_some();
    let found = match found {
        Some(found) => Some(found),
        None if fixed => None,
        None => {
            let sample = feed.peek().await?;
            if sample.is_empty() { Profile::built_in().pop() } else { Some(detect_from_data(sample)?.profile) }
        }
    };
    let profile = profile(setup, named, found)?;
    let profile_name = profile.name.clone();
    let vaccines = Dhis2Vaccines::built_in().with_overrides(setup.vaccines.clone())?;
    let assessor = Assessor::new(profile, Arc::new(vaccines), feed.facilities().names())?;

    let batch = batch(setup, assessor, out.as_ref(), operator).await?;
    if let Some(out) = &out {
        // A key that nobody knows yet is published before anything else, also when nothing can be signed today.
        batch.announce(&out.dir, &setup.list_key).await?;
    }
    let mut report = Report::new(out.as_ref().map(|out| out.dir.as_path()))?;
    let mut display = Display::new(quiet);
    let (people, summary) = feed.into_stream();
    let ran = batch.run(people, &mut report, &mut display).await;
    display.finish();
    // A source that breaks off (a cut file, a server gone) takes nothing back: what came before is issued, and
    // its report and bundle are written before the failure is told.
    let broke_off = match ran {
        Ok(()) => None,
        Err(error @ BatchError::Feed(_)) if report.tally().records > 0 => Some(error),
        Err(other) => return Err(other.into()),
    };
    let summary = summary.read().unwrap_or_else(PoisonError::into_inner).clone();
    for item in Feed::malformed(&summary) {
        report.add(&item)?;
    }
    let (tally, reasons) = (*report.tally(), report.reasons().clone());
    let report = report.finish()?;
    let bundle = match &out {
        None => None,
        Some(out) => Some(batch.publish(&out.dir, &setup.list_key).await?),
    };
    batch.registry.close().await;
    if let Some(error) = broke_off {
        return Err(error.into());
    }
    Ok(Done { tally, reasons, report, bundle, profile: profile_name })
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
