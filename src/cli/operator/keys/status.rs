//! `vaccert keys status`: what ends when, and what to do about it, for people, for scripts and for monitoring.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::{CliError, Common};
use crate::{
    batch::{self, BatchError},
    cli::operator::{progress::say, run::SANDBOX},
    clock::{Clock, System},
    config::{CONFIG_FILE, ConfigError, Watch},
    keys::{Certificate, Member, SignerState},
    registry::Registry,
    signers::expiry::{Finding, KeyStatus, Urgency, short},
};

/// Arguments of `vaccert keys status`.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// The same as one JSON object; the same as --format json
    #[arg(long)]
    json: bool,
    /// How to say it
    #[arg(long, value_enum, default_value = "human", value_name = "FORMAT", conflicts_with = "json")]
    format: Format,
    /// Look at this time instead of now (RFC 3339, such as 2027-05-01T00:00:00Z)
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Human,
    /// One JSON object
    Json,
    /// Metrics in the text format of Prometheus
    Metrics,
}

/// Arguments of `vaccert keys publish`.
#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    /// Folder for trust.json, which everybody who checks fetches
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Runs `keys status`.
pub(super) async fn run(args: &StatusArgs, common: &Common) -> Result<ExitCode, CliError> {
    let path = common.config.clone().unwrap_or_else(|| PathBuf::from(CONFIG_FILE));
    if common.config.is_none() && !path.is_file() {
        return Err(CliError::Config(ConfigError::Setting {
            setting: "the configuration",
            problem: format!("is not here: run this in the folder of {CONFIG_FILE}, or give --config FILE"),
        }));
    }
    let now = args.at.unwrap_or_else(|| System.now());
    let watch = Watch::read(&path)?;
    learn(&watch).await?;
    let status = watch.status(now);
    match (args.json, args.format) {
        (true, _) | (_, Format::Json) => say!("{}", serde_json::to_string_pretty(&status).unwrap_or_default()),
        (_, Format::Metrics) => say!("{}", status.metrics().trim_end()),
        (_, Format::Human) => show(&path, &status, common.quiet),
    }
    Ok(ExitCode::from(status.urgency.exit()))
}

/// Asks the registry when signers were published. One that is not there yet is not made.
async fn learn(watch: &Watch) -> Result<(), CliError> {
    let url = &watch.registry_url;
    let is_file = !url.contains("://");
    if is_file && !Path::new(url.strip_prefix("sqlite:").unwrap_or(url)).is_file() {
        return Ok(());
    }
    let registry = Registry::open(url, watch.registry_options.clone()).await.map_err(BatchError::from)?;
    batch::learn(&watch.signers, &registry).await.map_err(BatchError::from)?;
    registry.close().await;
    Ok(())
}

/// Notes in the registry of a configuration that these certificates have reached verifiers by another way, such as a
/// gateway. Certificates of others are left out.
pub(in crate::cli::operator) async fn note_published(
    config: &Path,
    certificates: &[Certificate],
    now: Timestamp,
) -> Result<(), CliError> {
    let watch = Watch::read(config)?;
    let own = watch.signers.members().iter().map(Member::certificate);
    let kids: Vec<String> = own.filter(|own| certificates.contains(own)).map(|own| own.kid().to_string()).collect();
    if kids.is_empty() {
        return Ok(());
    }
    let registry = Registry::open(&watch.registry_url, watch.registry_options).await.map_err(BatchError::from)?;
    registry.publish_signers(&kids, now).await.map_err(BatchError::from)?;
    registry.close().await;
    Ok(())
}

fn show(path: &Path, status: &KeyStatus, quiet: bool) {
    if !quiet {
        say!("Keys of {} at {}", path.display(), short(status.at));
    }
    for key in &status.keys {
        if quiet && key.urgency() == Urgency::Fine {
            continue;
        }
        block(key);
    }
    if let Some(reason) = &status.not_signing {
        say!("\nNobody signs: {reason}");
    }
    let summary = match status.urgency {
        Urgency::Fine if quiet => return,
        Urgency::Fine => "Fine: nothing that matters ends within 90 days.",
        Urgency::Within90Days => "Within 90 days something ends: see above.",
        Urgency::Within30Days => "WITHIN 30 DAYS something ends: act now.",
        Urgency::Within7Days => "WITHIN 7 DAYS something ends: act today.",
        Urgency::Over => "OVER: something has ended, or nobody signs.",
    };
    say!("\n{summary}");
}

fn block(key: &Finding) {
    say!("\n{}: {}", key.role.title(), key.name);
    say!("  subject      {}", key.subject);
    say!("  kid          {}", key.kid);
    if let (Some(state), Some(meaning)) = (key.state, &key.meaning) {
        say!("  state        {state}: {meaning}");
    }
    for end in &key.ends {
        let what = match end.what {
            "key-use" => "key use",
            other => other,
        };
        let left = match end.days {
            ..0 => "over".to_owned(),
            0 => "today".to_owned(),
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        };
        let mark = match end.urgency {
            Urgency::Fine => "",
            Urgency::Within90Days => "  <- within 90 days",
            Urgency::Within30Days => "  <- WITHIN 30 DAYS",
            Urgency::Within7Days => "  <- WITHIN 7 DAYS",
            Urgency::Over => "  <- OVER",
        };
        say!("  {what:<12} ends {}, {left}{mark}", short(end.at));
    }
    if let Some(next) = &key.next {
        say!("  next         {next}");
    }
}

/// Runs `keys publish`.
pub(super) async fn publish(args: PublishArgs, common: &Common) -> Result<ExitCode, CliError> {
    let dir = args.out;
    let setup = common.setup(&dir.join(SANDBOX))?;
    let wrong = |error: std::io::Error| CliError::Out { path: dir.clone(), kind: error.kind() };
    std::fs::create_dir_all(&dir).map_err(wrong)?;
    let registry = Registry::open(&setup.registry_url, setup.registry_options.clone()).await;
    let registry = registry.map_err(BatchError::from)?;
    let now = System.now();
    let path = batch::publish(&dir, &setup.signers, &setup.list_key, &registry, now).await?;
    registry.close().await;
    if !common.quiet {
        say!("{}: everybody who fetches it knows these signers:", path.display());
        for member in setup.signers.members() {
            let published = member.published().map(short).unwrap_or_default();
            let state = match setup.signers.state(member, now) {
                SignerState::Pending { from } => format!("signs from {} on", short(from)),
                SignerState::Active { .. } => "signs".to_owned(),
                SignerState::Retired { .. } => "signs no more".to_owned(),
                SignerState::Ended { .. } => "is over, and not in the list".to_owned(),
                SignerState::Unpublished => "does not sign yet".to_owned(),
            };
            say!("  {}  published {published}, {state}", member.certificate().kid());
        }
    }
    Ok(ExitCode::SUCCESS)
}
