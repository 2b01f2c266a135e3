//! `vaccert trust pull` and `trust accept`.

use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{super::progress::say, CliError, Common, diff, number, pulled::configured};
use crate::{
    cli::verify::knowledge::Sources,
    clock::{Clock, System},
    config::{ConfigError, TrustSource},
    gateway::lists::{self, Level, Outcome, PullError, PullStatus},
    limits::SMALL_FILE_BYTES,
    trust::report::Report,
};

/// Arguments of `vaccert trust pull`.
#[derive(Debug, Args)]
pub(super) struct PullArgs {
    /// Pull this list alone; may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Write the outcome of every list as JSON
    #[arg(long)]
    json: bool,
}

/// Arguments of `vaccert trust accept`.
#[derive(Debug, Args)]
pub(super) struct AcceptArgs {
    /// The list that waits
    #[arg(value_name = "NAME")]
    name: String,
    /// Do not ask: take it
    #[arg(long)]
    yes: bool,
}

/// How one list was pulled.
#[derive(Debug)]
pub(in crate::cli) struct Pull {
    /// Name of the list.
    pub(in crate::cli) name: String,
    /// How it stands, or why its folder cannot be used.
    pub(in crate::cli) status: Result<PullStatus, CliError>,
}

/// Pulls every list, one after the other: they are few, and each may take a core for a second.
pub(in crate::cli) async fn pull_all(sources: &[TrustSource], clock: &Arc<dyn Clock>) -> Vec<Pull> {
    let mut all = Vec::with_capacity(sources.len());
    for source in sources {
        let name = source.source.name.clone();
        let status = match source.download(Arc::clone(clock)) {
            Ok(download) => {
                lists::pull(&source.source, download.as_ref(), clock.as_ref()).await.map_err(CliError::from)
            }
            Err(error) => Err(CliError::from(error)),
        };
        all.push(Pull { name, status });
    }
    all
}

fn unknown(name: &str, sources: &[TrustSource]) -> CliError {
    let known: Vec<&str> = sources.iter().map(|source| source.source.name.as_str()).collect();
    let known =
        if known.is_empty() { "none is configured".to_owned() } else { format!("there are {}", known.join(", ")) };
    CliError::Config(ConfigError::Setting { setting: "[[trust]]", problem: format!("has no list {name:?}: {known}") })
}

/// Runs `trust pull`.
pub(super) async fn run(args: &PullArgs, common: &Common) -> Result<ExitCode, CliError> {
    let mut sources = configured(common)?;
    if sources.is_empty() {
        return Err(CliError::Config(ConfigError::Setting {
            setting: "[[trust]]",
            problem: "names no list to pull: add one to the configuration, such as name = \"who\", kind = \"did\""
                .into(),
        }));
    }
    if let Some(name) = args.only.iter().find(|name| sources.iter().all(|source| source.source.name != **name)) {
        return Err(unknown(name, &sources));
    }
    if !args.only.is_empty() {
        sources.retain(|source| args.only.contains(&source.source.name));
    }
    let clock: Arc<dyn Clock> = Arc::new(System);
    let all = pull_all(&sources, &clock).await;
    let now = clock.now();
    if args.json {
        let lines: Vec<Line<'_>> = all.iter().map(|pull| Line::of(pull, now)).collect();
        let text = serde_json::to_string_pretty(&lines).unwrap_or_default();
        let _ = writeln!(io::stdout(), "{text}");
    } else {
        for (pull, source) in all.iter().zip(&sources) {
            tell(pull, source, now, common.quiet);
        }
    }
    Ok(ExitCode::from(all.iter().map(|pull| exit(pull, now)).max_by_key(|code| weight(*code)).unwrap_or(0)))
}

/// 0 as it should be, 1 an operator is needed, 4 not reachable and young enough, 2 wrong configuration.
fn exit(pull: &Pull, now: Timestamp) -> u8 {
    match &pull.status {
        Ok(status) => match status.level(now) {
            Level::Good => 0,
            Level::Warning => 4,
            Level::Alarm => 1,
        },
        Err(error) => error.exit(),
    }
}

/// What needs an operator outweighs what may mend itself.
fn weight(code: u8) -> u8 {
    match code {
        0 => 0,
        4 => 1,
        _ => 2,
    }
}

/// A list in the JSON.
#[derive(Serialize)]
struct Line<'p> {
    name: &'p str,
    level: Level,
    #[serde(skip_serializing_if = "Option::is_none")]
    age_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'p PullStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl<'p> Line<'p> {
    fn of(pull: &'p Pull, now: Timestamp) -> Self {
        let status = pull.status.as_ref().ok();
        Self {
            name: &pull.name,
            level: status.map_or(Level::Alarm, |status| status.level(now)),
            age_seconds: status.and_then(|status| status.age(now)).map(|age| age.as_secs()),
            status,
            error: pull.status.as_ref().err().map(ToString::to_string),
        }
    }
}

/// A span of time in the largest unit that says enough.
fn span(age: SignedDuration) -> String {
    match (age.as_hours() / 24, age.as_hours(), age.as_mins()) {
        (days @ 3.., ..) => format!("{days} days"),
        (_, hours @ 2.., _) => format!("{hours} hours"),
        (.., minutes) => format!("{minutes} minutes"),
    }
}

fn tell(pull: &Pull, source: &TrustSource, now: Timestamp, quiet: bool) {
    let name = &pull.name;
    let status = match &pull.status {
        Ok(status) => status,
        Err(error) => return eprintln!("{name}: {error}"),
    };
    let problem = status.problem.as_ref().map(|problem| problem.words.as_str()).unwrap_or_default();
    match status.outcome {
        Outcome::Taken | Outcome::Unchanged if quiet => {}
        Outcome::Taken => {
            say!("{name}: {}; {} added, {} removed", counts(status), status.added, status.removed);
            tell_left_out(source);
        }
        Outcome::Unchanged => say!("{name}: {}; unchanged", counts(status)),
        Outcome::Refused => {
            eprintln!("{name}: REFUSED: {problem}; {}", in_use(status, now));
            eprintln!(
                "  what would change: vaccert trust diff {name} {name}@pending; to take it: vaccert trust accept {name}"
            );
        }
        Outcome::NotBelieved => eprintln!("{name}: NOT BELIEVED: {problem}; {}", in_use(status, now)),
        Outcome::Unreachable => eprintln!("{name}: {problem}; {}", in_use(status, now)),
    }
    for kid in &status.own_missing {
        eprintln!(
            "{name}: YOUR SIGNER {kid} IS NOT IN THE LIST: certificates signed with it are refused abroad; look with \
             `vaccert gateway status`, and upload it again or ask the operator of the network"
        );
    }
}

fn counts(status: &PullStatus) -> String {
    let expired = match status.expired {
        0 => String::new(),
        expired => format!(" ({expired} expired)"),
    };
    let made = status.made_at.map_or_else(String::new, |made| format!(", made {made}"));
    format!(
        "{}{expired} of {}, {}{made}, {} left out",
        number(status.keys, "signer", "signers"),
        number(status.countries, "country", "countries"),
        number(status.authorities, "authority", "authorities"),
        status.rejected
    )
}

/// What is in use meanwhile.
fn in_use(status: &PullStatus, now: Timestamp) -> String {
    match status.age(now) {
        Some(age) if status.is_old(now) => {
            format!("the list in use was last confirmed {} ago, which is TOO OLD", span(age))
        }
        Some(age) => format!("the list in use was last confirmed {} ago", span(age)),
        None => "there is NO list in use".to_owned(),
    }
}

/// Reasons with their counts, from the account that lies beside the list.
fn tell_left_out(source: &TrustSource) {
    let Ok(Some(path)) = PullStatus::report_path(&source.source) else { return };
    let small = std::fs::metadata(&path).is_ok_and(|found| found.len() <= 64 * SMALL_FILE_BYTES);
    let report = small.then(|| std::fs::read(&path).ok()).flatten();
    let Some(report) = report.and_then(|text| serde_json::from_slice::<Report>(&text).ok()) else { return };
    let mut of: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (country, count) in &report.countries {
        for (code, number) in &count.rejected {
            of.entry(code).or_default().push(format!("{country} {number}"));
        }
    }
    for (code, countries) in of {
        say!("  left out, {code}: {}", countries.join(", "));
    }
    if report.rejected > 0 || !report.remarks.is_empty() {
        say!("  every entry with its reason: {}", path.display());
    }
}

/// How the configured lists stand, below what they hold.
pub(super) fn print_standing(sources: &Sources, common: &Common) -> Result<(), CliError> {
    if !sources.trust.is_empty() {
        return Ok(());
    }
    let now = System.now();
    for source in configured(common)? {
        let Some(status) = PullStatus::of(&source.source).map_err(PullError::from)? else { continue };
        let level = match status.level(now) {
            Level::Good => "good",
            Level::Warning => "last attempt failed",
            Level::Alarm => "NEEDS AN OPERATOR",
        };
        say!("{} from {}: {level}; {}", status.name, status.address, in_use(&status, now));
        if let Some(since) = status.pending_since {
            say!(
                "  a list waits since {since}: vaccert trust diff {0} {0}@pending, vaccert trust accept {0}",
                status.name
            );
        }
        if let Some(problem) = &status.problem {
            say!("  {} [{}]", problem.words, problem.code);
        }
    }
    Ok(())
}

/// Runs `trust accept`.
pub(super) fn accept_pending(args: &AcceptArgs, common: &Common) -> Result<ExitCode, CliError> {
    let sources = configured(common)?;
    let found = sources.iter().find(|source| source.source.name == args.name);
    let source = &found.ok_or_else(|| unknown(&args.name, &sources))?.source;
    let (changes, pending) = lists::compare_pending(source, &System)?;
    if !common.quiet {
        diff::print(&changes, &mut io::stdout().lock());
        for refusal in &pending.refusals {
            say!("it waits since {} because {} [{}]", pending.since, refusal.words, refusal.code);
        }
    }
    if !args.yes {
        if !io::stdin().is_terminal() {
            eprintln!("vaccert: nothing was accepted: there is nobody to ask; run it in a terminal, or with --yes");
            return Ok(ExitCode::from(2));
        }
        eprint!("Take this list? It decides whose certificates are believed. [y/N] ");
        let mut answer = String::new();
        let _ = io::stdin().lock().read_line(&mut answer);
        if !matches!(answer.trim(), "y" | "Y" | "yes") {
            eprintln!("nothing was accepted");
            return Ok(ExitCode::from(1));
        }
    }
    let accepted = lists::accept(source, &pending.kept.sha256, &System)?;
    if !common.quiet {
        say!("{}: accepted; {}", source.name, counts(&accepted.status));
    }
    Ok(ExitCode::SUCCESS)
}
