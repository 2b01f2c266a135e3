//! `vaccert keys ceremony`: from a reviewed file to the keys and certificates of a country.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, IsTerminal as _, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use zeroize::Zeroizing;

use super::super::{CliError, progress::say};
use crate::{
    batch::system_random,
    ceremony::{
        self, CeremonyError, Circumstances, Confirmation, Environment, ExistingKey, KeySource, Made, Plan, PlanError,
        Role,
    },
    clock::{Clock, System},
    config::environment_variable,
    keys::sha256_of,
    limits::{PASSPHRASE_CHARS, SMALL_FILE_BYTES},
    signers::{Passphrase, Pin, TokenOptions, TokenUri, Tokens},
};

/// Arguments of `vaccert keys ceremony`.
#[derive(Debug, Args)]
pub(super) struct CeremonyArgs {
    /// The reviewed file that describes the ceremony (TOML)
    #[arg(value_name = "FILE", required_unless_present = "example")]
    file: Option<PathBuf>,
    /// Print a commented example of such a file, and do nothing else
    #[arg(long, conflicts_with_all = ["file", "dry_run", "out", "yes"])]
    example: bool,
    /// Show what would be made, and make nothing
    #[arg(long)]
    dry_run: bool,
    /// The folder to make; it must not be there yet
    #[arg(long, value_name = "DIR", default_value = "ceremony")]
    out: PathBuf,
    /// Rehearsals only: take every confirmation for given
    #[arg(long)]
    yes: bool,
    /// Passphrase of one key, from the first line of a file; may be repeated. Other keys are asked for
    #[arg(long, value_name = "KEY=FILE", value_parser = key_and_file)]
    passphrase_file: Vec<(String, PathBuf)>,
    /// Library of the vendor that speaks to the token (or VACCERT_PKCS11_MODULE); the PIN comes from the key's
    /// pin-source, from VACCERT_PIN, or from the keyboard
    #[arg(long, value_name = "FILE")]
    pkcs11_module: Option<PathBuf>,
}

fn key_and_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((key, file)) if !key.is_empty() && !file.is_empty() => Ok((key.to_owned(), file.into())),
        _ => Err("write the name of the key, an equals sign and the file: signer-1=passphrase.txt".to_owned()),
    }
}

/// Why a ceremony did not begin or end.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum RunError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    #[error("--yes is for rehearsals: in production every confirming person types their name at the keyboard")]
    YesInProduction,
    #[error("{name} did not confirm: nothing was made")]
    NotConfirmed { name: String },
    #[error("--passphrase-file names '{key}', which is no key of this ceremony: its keys are {known}")]
    UnknownKey { key: String, known: String },
    #[error("the secret file {} cannot be read ({kind}): check its path", path.display())]
    PassphraseFile { path: PathBuf, kind: std::io::ErrorKind },
    #[error("the passphrase of {key} is shorter than {PASSPHRASE_CHARS} characters: take a longer one")]
    Short { key: String },
    #[error("the two passphrases for {key} differ: nothing was made, begin again")]
    Differ { key: String },
}

impl RunError {
    /// 2 for what the caller can mend in the file or on the command line, 4 for a file that cannot be read.
    pub(in crate::cli) fn exit(&self) -> u8 {
        match self {
            Self::Plan(PlanError::File { .. } | PlanError::Text { .. }) | Self::PassphraseFile { .. } => 4,
            Self::Ceremony(CeremonyError::Exists { .. } | CeremonyError::NoPassphrase { .. }) => 2,
            Self::Ceremony(_) | Self::NotConfirmed { .. } => 1,
            _ => 2,
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &CeremonyArgs) -> Result<(), CliError> {
    let Some(file) = args.file.as_ref().filter(|_| !args.example) else {
        let _ = std::io::stdout().write_all(ceremony::EXAMPLE.as_bytes());
        return Ok(());
    };
    Ok(hold(args, file)?)
}

fn hold(args: &CeremonyArgs, file: &Path) -> Result<(), RunError> {
    let (plan, text) = Plan::load(file, System.now())?;
    say!("{plan}");
    if args.dry_run {
        say!("This was a dry run: nothing was made. To make it: vaccert keys ceremony {} --out DIR", file.display());
        return Ok(());
    }
    ceremony::check_out(&args.out)?;
    if args.yes && plan.environment == Environment::Production {
        return Err(RunError::YesInProduction);
    }
    let confirmations = confirm(&plan, args.yes)?;
    let passphrases = passphrases(&plan, &args.passphrase_file)?;
    let random = system_random();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let with = Circumstances {
        clock: &System,
        random: &|bytes| random(bytes).is_ok(),
        passphrase: &|key| passphrases.get(key).cloned(),
        tokens: &tokens(args.pkcs11_module.clone()),
        confirmations,
        file: (&name, &text),
        program_sha256: program(),
    };
    let made = ceremony::run(&plan, &args.out, &with)?;
    tell(&plan, &made);
    Ok(())
}

/// The tokens that the plan names. Nothing is opened until a key is asked for.
fn tokens(module: Option<PathBuf>) -> Tokens {
    let module = module.or_else(|| environment_variable("VACCERT_PKCS11_MODULE").map(PathBuf::from));
    Tokens::new(TokenOptions { module, sessions: 1, pin: Arc::new(pin), clock: Arc::new(System) })
}

fn pin(uri: &TokenUri) -> Result<Pin, String> {
    if let Some(path) = &uri.pin_source {
        return first_line(path).map(|line| Pin::new(line.to_string())).map_err(|error| error.to_string());
    }
    if let Some(text) = environment_variable("VACCERT_PIN") {
        return Ok(Pin::new(text));
    }
    rpassword::prompt_password(format!("PIN of the token {}: ", uri.token_name()))
        .map(Pin::new)
        .map_err(|_| "set VACCERT_PIN, add ?pin-source=FILE to the name of the key, or run in a terminal".to_owned())
}

/// SHA-256 of the program that is running.
fn program() -> Option<[u8; 32]> {
    let path = std::env::current_exe().ok()?;
    sha256_of(&mut fs::File::open(path).ok()?).ok()
}

/// Asks every confirming person for their name.
fn confirm(plan: &Plan, yes: bool) -> Result<Vec<Confirmation>, RunError> {
    let mut given = Vec::new();
    for person in plan.participants.iter().filter(|person| person.confirms) {
        if !yes {
            let _ = write!(std::io::stderr(), "{} ({}): type your name to confirm: ", person.name, person.role);
            let mut line = String::new();
            let read = std::io::stdin().lock().take(SMALL_FILE_BYTES).read_line(&mut line);
            if read.is_err() || line.trim() != person.name {
                return Err(RunError::NotConfirmed { name: person.name.clone() });
            }
        }
        given.push(Confirmation { name: person.name.clone(), at: System.now(), typed: !yes });
    }
    Ok(given)
}

/// Passphrases by key: from files, or typed twice by the holder. Sandbox keys need none.
fn passphrases(plan: &Plan, files: &[(String, PathBuf)]) -> Result<BTreeMap<String, Passphrase>, RunError> {
    let made: Vec<&str> = plan
        .entities
        .iter()
        .filter(|entity| entity.key == KeySource::File)
        .map(|entity| entity.name.as_str())
        .collect();
    let existing = plan.existing.as_ref().is_some_and(|known| matches!(known.key, Some(ExistingKey::File(_))));
    let known: Vec<&str> = existing.then_some("csca").into_iter().chain(made.iter().copied()).collect();
    let mut found = BTreeMap::new();
    for (key, path) in files {
        if !known.contains(&key.as_str()) {
            return Err(RunError::UnknownKey { key: key.clone(), known: known.join(", ") });
        }
        found.insert(key.clone(), from_file(key, path)?);
    }
    let asked = plan.environment == Environment::Production && std::io::stdin().is_terminal();
    for key in known.iter().filter(|_| asked) {
        if !found.contains_key(*key) {
            found.insert((*key).to_owned(), prompt(plan, key, made.contains(key))?);
        }
    }
    if plan.environment == Environment::Production {
        let missing = known.iter().find(|key| !found.contains_key(**key));
        if let Some(key) = missing {
            return Err(CeremonyError::NoPassphrase { name: (*key).to_owned() }.into());
        }
    }
    Ok(found)
}

fn from_file(key: &str, path: &Path) -> Result<Passphrase, RunError> {
    long_enough(key, &first_line(path)?)
}

/// The first line of a file that holds a secret.
fn first_line(path: &Path) -> Result<Zeroizing<String>, RunError> {
    let fail = |error: std::io::Error| RunError::PassphraseFile { path: path.to_owned(), kind: error.kind() };
    let file = fs::File::open(path).map_err(fail)?;
    let room = usize::try_from(file.metadata().map_err(fail)?.len().min(SMALL_FILE_BYTES)).unwrap_or(0);
    // All room at once, so that no copy stays behind in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(room.saturating_add(1)));
    file.take(SMALL_FILE_BYTES).read_to_end(&mut bytes).map_err(fail)?;
    let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = std::str::from_utf8(line).map_err(|_| fail(std::io::ErrorKind::InvalidData.into()))?;
    Ok(Zeroizing::new(line.trim_end_matches('\r').to_owned()))
}

fn long_enough(key: &str, text: &str) -> Result<Passphrase, RunError> {
    if text.chars().count() < PASSPHRASE_CHARS {
        return Err(RunError::Short { key: key.to_owned() });
    }
    Ok(Passphrase::new(text.to_owned()))
}

fn prompt(plan: &Plan, key: &str, twice: bool) -> Result<Passphrase, RunError> {
    let holder = plan.holder(key).map_or_else(String::new, |person| format!(", typed by {}", person.name));
    let ask = |words: &str| {
        let typed = rpassword::prompt_password(format!("Passphrase of the key {key}{holder}{words}: "));
        let typed = typed.map_err(|_| CeremonyError::NoPassphrase { name: key.to_owned() })?;
        Ok::<_, RunError>(Zeroizing::new(typed))
    };
    let first = ask("")?;
    if twice && ask(" (again)")? != first {
        return Err(RunError::Differ { key: key.to_owned() });
    }
    long_enough(key, &first)
}

fn tell(plan: &Plan, made: &Made) {
    let folder = made.folder.display();
    say!("Made in {folder}:");
    for item in &made.items {
        let kid =
            item.certificate.as_ref().map_or_else(String::new, |certificate| format!("  kid {}", certificate.kid()));
        let key = item.key_file.as_deref().map_or_else(|| "key in the token".to_owned(), str::to_owned);
        say!("  {:<20} {key:<24}{kid}", item.file);
    }
    say!("  transcript.txt       what was made, with fingerprints; transcript.json for programs");
    if plan.environment == Environment::Sandbox {
        say!("This is a rehearsal: every certificate is marked as the sandbox's, and production refuses them.");
    }
    say!("Next:");
    say!("  1. Print {folder}/transcript.txt; everybody compares the fingerprints and signs it.");
    say!("  2. Move each key file to where its holder keeps it; the authority's key goes offline.");
    let signer = made.items.iter().find(|item| item.entity.role == Role::Signer && item.certificate.is_some());
    if let Some(signer) = signer {
        say!(
            "  3. Name {folder}/{} and its key under [keys] in vaccert.toml; vaccert keys status watches their ends.",
            signer.file
        );
    }
    if made.items.iter().any(|item| item.certificate.is_none()) {
        say!("  4. Send the *.csr.pem files to the authority that issues the certificates.");
    } else {
        say!("  4. Join a network: vaccert gateway onboard --network who --environment dev --from {folder} --out DIR");
    }
}
