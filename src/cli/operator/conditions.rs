//! What `vaccert serve` shows of keys and tokens: conditions on the status page, and metrics.

use std::{path::Path, sync::Arc};

use jiff::SignedDuration;

use crate::{
    config::{ConfigError, Setup, Watch},
    keys::Health,
    service::operations::{Condition, Conditions, Level, MetricSource},
    signers::expiry::{self, KeyStatus, Urgency, Watched, short},
};

/// What ends, of everything that the configuration names. `config` is its file; a sandbox without one has signers
/// alone.
pub(super) fn keys(setup: &Arc<Setup>, config: Option<&Path>) -> Result<(Conditions, MetricSource), ConfigError> {
    let (names, others, least): (Vec<String>, Vec<Watched>, SignedDuration) = match config {
        Some(path) => Watch::read(path).map(|watch| (watch.names, watch.others, watch.least))?,
        None => (Vec::new(), Vec::new(), SignedDuration::ZERO),
    };
    let held = Arc::clone(setup);
    // The signers of the setup: they learn when they are published, and which of them signs.
    let status = Arc::new(move |now| expiry::status(&held.signers, &names, &others, least, now));
    let (for_conditions, for_metrics) = (Arc::clone(&status), status);
    let (page, counted) = (Arc::clone(setup), Arc::clone(setup));
    let conditions: Conditions = Arc::new(move |now| {
        let mut found = of_status(&for_conditions(now));
        found.extend(of_tokens(&page));
        found
    });
    let metrics: MetricSource = Arc::new(move |now, metrics| {
        metrics.append(&for_metrics(now).metrics());
        metrics.append(&expiry::token_metrics(&counted.tokens.health()));
    });
    Ok((conditions, metrics))
}

fn of_status(status: &KeyStatus) -> Vec<Condition> {
    let condition = |name: &str, level, text: String| Condition { name: name.to_owned(), level, text };
    let mut found = vec![match &status.not_signing {
        Some(reason) => condition("signing", Level::Alarm, format!("nothing is signed: {reason}")),
        None => condition("signing", Level::Ok, "certificates are signed".to_owned()),
    }];
    for key in &status.keys {
        let level = match key.urgency() {
            Urgency::Fine => continue,
            Urgency::Within90Days | Urgency::Within30Days => Level::Warning,
            Urgency::Within7Days | Urgency::Over => Level::Alarm,
        };
        let Some(end) = key.ends.iter().filter(|end| end.urgency > Urgency::Fine).min_by_key(|end| end.at) else {
            continue;
        };
        let (title, kid, what) = (key.role.title(), &key.kid, end.what.replace('-', " "));
        let next = key.next.as_deref().unwrap_or_default();
        let when = if end.days < 0 { "has ended" } else { "ends" };
        let text = format!("{title} {kid}: {what} {when} at {} ({} days): {next}", short(end.at), end.days);
        found.push(condition(&format!("key {}", key.role.name()), level, text));
    }
    found
}

fn of_tokens(setup: &Setup) -> Vec<Condition> {
    let of = |(token, health): (String, Health)| {
        let (level, text) = match health {
            Health::Ok => (Level::Ok, format!("the token {token} signs")),
            Health::Away { since, reason } => (
                Level::Alarm,
                format!(
                    "the token {token} is away since {} ({reason}): signing waits for it, everything else goes on",
                    short(since)
                ),
            ),
            Health::Refused { since, reason } => (
                Level::Alarm,
                format!(
                    "the token {token} refuses since {} ({reason}): start the program again after that",
                    short(since)
                ),
            ),
        };
        Condition { name: "token".to_owned(), level, text }
    };
    setup.tokens.health().into_iter().map(|token| of((token.token, token.health))).collect()
}
