//! `vaccert gateway rules`: list, upload, delete.

use std::{path::PathBuf, process::ExitCode};

use clap::Subcommand;
use serde_json::{Value as Json, json};

use super::{
    Output, Sending,
    show::{self, Item},
    site::Site,
};
use crate::{
    cli::{operator::CliError, verify::knowledge::read},
    gateway::{ListedRules, Removed, Sender, open_rules},
};

/// Subcommands of `vaccert gateway rules`.
#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List the rules of a country, checked; default: our own
    List {
        /// Country
        #[arg(value_name = "CC")]
        country: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// Upload rules, after checking schema, country, version and times
    Upload {
        /// Rules, one JSON file each
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        sending: Sending,
    },
    /// Delete all versions of rules
    Delete {
        /// Identifiers, such as VR-PT-0001
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) async fn run(site: &Site, command: RulesCommand) -> Result<ExitCode, CliError> {
    match command {
        RulesCommand::List { country, output } => list(site, country, output).await,
        RulesCommand::Upload { files, sending } => upload(site, &files, sending).await,
        RulesCommand::Delete { ids, output } => delete(site, &ids, output).await,
    }
}

async fn list(site: &Site, country: Option<String>, output: Output) -> Result<ExitCode, CliError> {
    let anchor = site.settings.anchor()?;
    let country = country.unwrap_or_else(|| site.settings.country.clone());
    let listed = site.client.rules(&country).await?;
    let uploaders = site.client.uploaders(&anchor).await?;
    let (rules, rejected) = open_rules(&uploaders, &country, &listed, site.client.now());
    if output.json {
        let rejected: Vec<Json> = rejected
            .iter()
            .map(|one| json!({"item": one.item, "code": one.reason.code(), "reason": one.reason.to_string()}))
            .collect();
        let rules: Vec<Json> = rules.iter().filter_map(|rule| serde_json::from_str(&rule.text).ok()).collect();
        println!("{}", json!({"country": country, "rules": rules, "rejected": rejected}));
    } else {
        for rule in &rules {
            let times: Option<Json> = serde_json::from_str(&rule.text).ok();
            let time = |name: &str| {
                times.as_ref().and_then(|rule| rule.get(name)).and_then(Json::as_str).unwrap_or_default().to_owned()
            };
            println!("{} {}  {} to {}", rule.identifier, rule.version, time("ValidFrom"), time("ValidTo"));
        }
        for one in &rejected {
            println!("{}  not used: {}", one.item, one.reason);
        }
        if rules.is_empty() && rejected.is_empty() {
            println!("{country} has no rules");
        }
    }
    Ok(if rejected.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn upload(site: &Site, files: &[PathBuf], sending: Sending) -> Result<ExitCode, CliError> {
    let mut rules = Vec::new();
    for path in files {
        let bytes = read(path)?;
        // A byte order mark is an editor's, not the rule's.
        let rule = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).trim_ascii().to_vec();
        rules.push((path.display().to_string(), rule));
    }
    let key = site.upload_key()?;
    let list = site.list().await?;
    let mut published: ListedRules = site.client.rules(&site.settings.country).await?;
    let mut items: Vec<Item> = Vec::new();
    for (name, rule) in &rules {
        let (country, now) = (site.settings.country.as_str(), site.client.now());
        let sender = Sender { country, upload: key.certificate(), now, list: Some(&list) };
        let findings = sender.rule(rule, Some(&published));
        if sending.show {
            print!("{}", show::request(&site.settings.url, &site.client.rule_upload(rule, &key)?));
            items.push(Item::done(name, "not sent", findings));
        } else if !show::may_send(&findings, sending) {
            items.push(Item::held_back(name, findings));
        } else {
            let outcome = site.client.upload_rule(rule, &key).await.map(|()| "uploaded");
            let sent = outcome.is_ok();
            items.push(Item::of(name, findings, outcome));
            if sent {
                // The next file may be the next version of the same rule.
                published = site.client.rules(country).await?;
            } else if items.last().is_some_and(Item::is_unreachable) {
                break;
            }
        }
    }
    Ok(show::items(&site.address(), &items, sending.output.json, site.quiet))
}

async fn delete(site: &Site, ids: &[String], output: Output) -> Result<ExitCode, CliError> {
    let key = site.upload_key()?;
    let mut items: Vec<Item> = Vec::new();
    for id in ids {
        let outcome = site.client.remove_rule(id, &key).await.map(|removed| match removed {
            Removed::Gone => "deleted",
            Removed::WasNotThere => "was not there",
        });
        items.push(Item::of(id, Vec::new(), outcome));
    }
    Ok(show::items(&site.address(), &items, output.json, site.quiet))
}
