//! `vaccert gateway status`: reach the gateway, and compare what it holds of this country with the configuration.

use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::{Output, site::Site};
use crate::{
    cli::operator::CliError,
    config::ConfigError,
    gateway::{GatewayError, ItemType, ListEntry, Uploaders, thumbprint, vouched_for},
    keys::Certificate,
    trust::cms::SignedData,
};

/// One line of the report.
#[derive(Debug, Serialize)]
struct Check {
    /// What was looked at.
    check: &'static str,
    /// `ok`, `wrong`, or `note` for what is neither.
    status: &'static str,
    /// What was found, and what to do.
    message: String,
}

impl Check {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, status: "ok", message: message.into() }
    }

    fn wrong(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, status: "wrong", message: message.into() }
    }

    fn note(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, status: "note", message: message.into() }
    }
}

/// A clock that is off by more makes uploads fail that keep their times to the letter.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

pub(super) async fn run(site: &Site, output: Output) -> Result<ExitCode, CliError> {
    let list = site.list().await?;
    let now = site.client.now();
    let mut checks = vec![clock(site)];
    checks.extend(tls(site, &list, now)?);
    let anchor = match &site.settings.trust_anchor {
        Some(_) => Some(site.settings.anchor()?),
        None => None,
    };
    checks.push(anchored(site, &list, anchor.as_ref(), now));
    checks.extend(listed(site, &list, "upload certificate", ItemType::Upload, site.settings.upload_certificate(), now));
    checks.extend(listed(site, &list, "authority", ItemType::Csca, site.settings.csca(), now));
    checks.extend(signers(site, &list, anchor.as_ref(), now));
    checks.push(revocation(site).await?);
    let good = checks.iter().all(|check| check.status != "wrong");
    if output.json {
        println!("{}", json!({"gateway": site.address(), "checked_at": now, "good": good, "checks": checks}));
    } else {
        println!("{}", site.address());
        for check in checks.iter().filter(|check| !site.quiet || check.status == "wrong") {
            let mark = if check.status == "wrong" { "!" } else { " " };
            println!("{mark} {:18} {}", check.check, check.message);
        }
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn clock(site: &Site) -> Check {
    match site.client.skew() {
        Some(skew) if skew.abs() > SKEW => Check::wrong(
            "reached",
            format!(
                "yes, and its clock is {} seconds {} this computer's: set the clock here",
                skew.abs().as_secs(),
                if skew.is_positive() { "ahead of" } else { "behind" }
            ),
        ),
        Some(_) => Check::ok("reached", "yes, and the clocks agree within a minute"),
        None => Check::note("reached", "yes; it does not tell its time"),
    }
}

/// That the gateway answered says that it knows the certificate; country and end are ours to watch.
fn tls(site: &Site, list: &[ListEntry], now: Timestamp) -> Result<Vec<Check>, CliError> {
    let certificate = site.settings.tls()?;
    let mut checks = vec![dates("TLS certificate", &certificate, now)];
    if certificate.country() != Some(site.settings.country.as_str()) {
        let found = certificate.country().unwrap_or("no country");
        checks.push(Check::wrong(
            "TLS certificate",
            format!("is of {found}, and this installation is of {}: configure its own", site.settings.country),
        ));
    }
    let mine = thumbprint(&certificate);
    let known = site.own(list, ItemType::Authentication).any(|entry| is(entry, &mine));
    checks.push(if known {
        Check::ok("TLS certificate", "is on the gateway's list")
    } else {
        Check::note("TLS certificate", format!("{mine} is admitted, and not on the list that everybody sees"))
    });
    Ok(checks)
}

fn is(entry: &ListEntry, mine: &str) -> bool {
    entry.thumbprint.as_deref().is_some_and(|hex| hex.eq_ignore_ascii_case(mine))
}

fn dates(check: &'static str, certificate: &Certificate, now: Timestamp) -> Check {
    let (from, to) = (certificate.not_before(), certificate.not_after());
    let days = to.duration_since(now).as_hours() / 24;
    match () {
        () if now > to => Check::wrong(check, format!("ended on {to}: make a new one and send it to the operator")),
        () if now < from => Check::wrong(check, format!("begins on {from} only: check the clock of this computer")),
        () if days < 30 => Check::wrong(check, format!("ends in {days} days, on {to}: send a new one to the operator")),
        () => Check::ok(check, format!("ends in {days} days, on {to}")),
    }
}

fn anchored(site: &Site, list: &[ListEntry], anchor: Option<&Certificate>, now: Timestamp) -> Check {
    let name = "trust anchor";
    let Some(anchor) = anchor else {
        return Check::wrong(name, "is not configured (gateway.trust_anchor): nothing that is pulled can be checked");
    };
    let own: Vec<&ListEntry> = [ItemType::Authentication, ItemType::Upload, ItemType::Csca]
        .into_iter()
        .flat_map(|kind| site.own(list, kind))
        .collect();
    let wrong = own.iter().find_map(|entry| {
        let reason = vouched_for(entry, anchor, now).err()?;
        Some((entry.certificate_type.clone().unwrap_or_default(), reason))
    });
    match wrong {
        _ if own.is_empty() => {
            Check::wrong(name, format!("the list has nothing of {} to check it by", site.settings.country))
        }
        Some((kind, reason)) => Check::wrong(
            name,
            format!(
                "does not vouch for the {kind} certificate of {} on the list ({reason}): ask the operator for the \
                 anchor of this environment",
                site.settings.country
            ),
        ),
        None => Check::ok(
            name,
            format!("vouches for all {} certificates of {} on the list", own.len(), site.settings.country),
        ),
    }
}

/// A certificate that the operator lists for this country, against the configured one.
fn listed(
    site: &Site,
    list: &[ListEntry],
    name: &'static str,
    kind: ItemType,
    configured: Result<Certificate, ConfigError>,
    now: Timestamp,
) -> Vec<Check> {
    let certificate = match configured {
        Ok(certificate) => certificate,
        Err(error @ ConfigError::Setting { .. }) => return vec![Check::note(name, error.to_string())],
        Err(error) => return vec![Check::wrong(name, error.to_string())],
    };
    let mine = thumbprint(&certificate);
    let own: Vec<&ListEntry> = site.own(list, kind).collect();
    let others = own.iter().filter(|entry| !is(entry, &mine)).count();
    let mut checks = vec![dates(name, &certificate, now)];
    checks.push(if own.iter().any(|entry| is(entry, &mine)) {
        Check::ok(name, "is on the gateway's list")
    } else {
        Check::wrong(
            name,
            format!(
                "{mine} is not on the gateway's list for {}: send it to the operator, or configure the one that was \
                 admitted",
                site.settings.country
            ),
        )
    });
    if others > 0 {
        checks.push(Check::note(name, format!("the list has {others} more of {}", site.settings.country)));
    }
    checks
}

fn signers(site: &Site, list: &[ListEntry], anchor: Option<&Certificate>, now: Timestamp) -> Vec<Check> {
    let name = "signers";
    let own: Vec<&ListEntry> = site.own(list, ItemType::Dsc).collect();
    let mut checks = Vec::new();
    let uploaders = anchor.map(|anchor| Uploaders::vouched(list, anchor, now));
    let configured: Vec<Certificate> = match site.settings.signers() {
        Ok(configured) => configured.into_iter().map(|(_, certificate)| certificate).collect(),
        Err(error) => {
            checks.push(Check::wrong(name, error.to_string()));
            Vec::new()
        }
    };
    for entry in &own {
        let kid = entry.kid.as_deref().unwrap_or("without kid");
        let certificate = match entry.certificate() {
            Ok(certificate) => certificate,
            Err(reason) => {
                checks
                    .push(Check::wrong(name, format!("{kid} is on the list in a form that nobody can use: {reason}")));
                continue;
            }
        };
        let here = configured.iter().any(|own| own.der() == certificate.der());
        let whose = if here { ", a signer of this installation" } else { "" };
        let ended = if certificate.not_after() < now { "ended" } else { "ends" };
        let mut check = Check::ok(name, format!("{kid} {ended} on {}{whose}", certificate.not_after()));
        if let Some(uploaders) = &uploaders
            && let Err(reason) = uploaded(entry, &certificate, uploaders, &site.settings.country, now)
        {
            check = Check::wrong(
                name,
                format!(
                    "{kid} is refused by everybody who checks: {reason}; sign it anew with `vaccert gateway migrate`"
                ),
            );
        }
        checks.push(check);
    }
    for signer in &configured {
        let mine = thumbprint(signer);
        if !own.iter().any(|entry| is(entry, &mine)) {
            checks.push(Check::wrong(
                name,
                format!(
                    "{} of this installation is not on the list: nobody abroad can check what it signs; run `vaccert \
                     gateway upload --signer`",
                    signer.kid()
                ),
            ));
        }
    }
    if own.is_empty() {
        checks.push(Check::note(name, format!("the list has none of {}", site.settings.country)));
    }
    checks
}

fn uploaded(
    entry: &ListEntry,
    certificate: &Certificate,
    uploaders: &Uploaders,
    country: &str,
    now: Timestamp,
) -> Result<(), crate::gateway::Reject> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let missing = crate::gateway::Reject::Missing { member: "signature" };
    let message = STANDARD.decode(entry.signature.as_deref().unwrap_or_default()).map_err(|_| missing)?;
    uploaders.is_signed(country, &SignedData::read(&message)?, Some(certificate.der()), now)
}

/// The roles for revocation are given one by one, and missed only when they are needed.
async fn revocation(site: &Site) -> Result<Check, CliError> {
    let name = "revocation";
    Ok(match site.client.may_read_revocations().await {
        Ok(()) => Check::ok(name, "this country may read the batches of all"),
        Err(GatewayError::Refused(problem)) if problem.status == 404 => {
            Check::note(name, "this gateway offers no revocation batches")
        }
        Err(GatewayError::Refused(problem)) if problem.status == 403 => {
            let words = problem.words();
            Check::note(name, format!("{}: {}", words.cause, words.remedy))
        }
        Err(error) => return Err(error.into()),
    })
}
