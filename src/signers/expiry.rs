//! What ends when: certificates and the use of their keys, and what is to be done about it.
//!
//! Upload certificates that ended unnoticed have made whole countries sign everything again (failure F19), and nobody
//! but their owner keeps a record of them (certificate governance, section 3.2). Warnings come 90, 30 and 7 days
//! before an end: a new signer needs a ceremony, an upload and a day of publication; a new authority or upload
//! certificate needs the operator of the network.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::TokenHealth;
use crate::keys::{Certificate, Health, KeyUsePeriod, Member, Purpose, SignerSet, SignerState};

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The national authority: CSCA, SCA.
    Csca,
    /// A document signer: DSC.
    Signer,
    /// Signs trust bundles.
    ListKey,
    /// Signs linked data.
    LinkedData,
    /// Signs what is sent to a gateway: NB_UP, TNP_UP.
    Upload,
    /// Shown to a gateway: NB_TLS, TNP_TLS.
    Tls,
    /// The operator's: DCCG_TA, TNG_TA.
    TrustAnchor,
}

impl Role {
    /// Its name in metrics and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csca => "csca",
            Self::Signer => "signer",
            Self::ListKey => "list-key",
            Self::LinkedData => "linked-data",
            Self::Upload => "upload",
            Self::Tls => "tls",
            Self::TrustAnchor => "trust-anchor",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Csca => "national authority (CSCA)",
            Self::Signer => "document signer",
            Self::ListKey => "list key",
            Self::LinkedData => "key for linked data",
            Self::Upload => "upload certificate",
            Self::Tls => "TLS client certificate",
            Self::TrustAnchor => "trust anchor of the gateway",
        }
    }

    /// What to do when it is about to end.
    fn advice(self) -> &'static str {
        match self {
            Self::Csca => {
                "make the next authority in a ceremony (vaccert keys ceremony) and have the operator of the network \
                 list it; what the old one signed stays valid until its own end"
            }
            Self::Signer => {
                "make its successor in a ceremony (vaccert keys ceremony), name it as another [[keys.signer]] and upload \
                 it (vaccert gateway upload): it takes over by itself when it has been published for long enough"
            }
            Self::ListKey => "make a new list key and give it to everybody who checks, before this one ends",
            Self::LinkedData => "make a new key for linked data, and publish it under its DID",
            Self::Upload => {
                "make the next upload certificate, have the operator of the network list it, and sign with it anew what \
                 stands there (vaccert gateway migrate)"
            }
            Self::Tls => "make the next TLS certificate and have the operator of the network list it",
            Self::TrustAnchor => "ask the operator of the network for its next trust anchor",
        }
    }
}

/// A certificate that is watched, apart from those of document signers.
#[derive(Debug, Clone)]
pub struct Watched {
    /// What it is for.
    pub role: Role,
    /// Where it is: a file, as the configuration names it.
    pub name: String,
    /// The certificate.
    pub certificate: Certificate,
}

/// How soon something has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// Not within 90 days.
    #[default]
    Fine,
    /// Within 90 days.
    #[serde(rename = "within-90-days")]
    Within90Days,
    /// Within 30 days.
    #[serde(rename = "within-30-days")]
    Within30Days,
    /// Within 7 days.
    #[serde(rename = "within-7-days")]
    Within7Days,
    /// It is too late: something has ended, or nobody signs.
    Over,
}

impl Urgency {
    /// The urgency of an end in so many seconds.
    fn of(seconds: i64) -> Self {
        const DAY: i64 = 24 * 60 * 60;
        match seconds {
            ..=0 => Self::Over,
            left if left <= 7 * DAY => Self::Within7Days,
            left if left <= 30 * DAY => Self::Within30Days,
            left if left <= 90 * DAY => Self::Within90Days,
            _ => Self::Fine,
        }
    }

    /// Exit status of a command that reports it; 2 and 4 are for failures of the command itself.
    #[must_use]
    pub fn exit(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Within90Days => 1,
            Self::Within30Days => 3,
            Self::Within7Days => 5,
            Self::Over => 6,
        }
    }
}

/// Something that ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ending {
    /// What: `certificate`, `key-use`, or `signing` (a signer that stops earlier, so that nothing that it signs is
    /// valid for too short a time).
    pub what: &'static str,
    /// When.
    pub at: Timestamp,
    /// Whole days until then; negative when it is over.
    pub days: i64,
    /// How soon something has to be done about it; `fine` where somebody else goes on.
    pub urgency: Urgency,
}

/// All about one certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is for.
    pub role: Role,
    /// Where it is, as the configuration names it.
    pub name: String,
    /// Its key identifier, base64.
    pub kid: String,
    /// Its subject.
    pub subject: String,
    /// What a signer does, by one word: `unpublished`, `pending`, `active`, `retired`, `ended`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// The same in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// What ends, in the order of time.
    pub ends: Vec<Ending>,
    /// What to do, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Finding {
    /// The greatest urgency of its endings.
    #[must_use]
    pub fn urgency(&self) -> Urgency {
        self.ends.iter().map(|ending| ending.urgency).max().unwrap_or_default()
    }
}

/// What ends when, of everything that is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyStatus {
    /// The time for which this holds.
    pub at: Timestamp,
    /// The greatest urgency of all.
    pub urgency: Urgency,
    /// Why nobody signs vaccinations now, if nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_signing: Option<String>,
    /// Signers first, in the order of the configuration.
    pub keys: Vec<Finding>,
}

/// Looks at the signers (with the name of each) and at everything else. `least` is the least validity of what is
/// signed ([`crate::keys::SignerSet`] knows nothing of it): a signer stops so long before its certificate ends.
#[must_use]
pub fn status(
    signers: &SignerSet,
    names: &[String],
    others: &[Watched],
    least: SignedDuration,
    now: Timestamp,
) -> KeyStatus {
    let named = signers.members().iter().zip(names.iter().cloned().chain(std::iter::repeat(String::new())));
    let mut keys: Vec<Finding> = named.map(|(member, name)| signer(signers, member, name, least, now)).collect();
    keys.extend(others.iter().map(|watched| other(watched, now)));
    let serves = |purpose: Purpose| signers.members().iter().any(|member| member.serves(purpose));
    let purposes = [Purpose::Vaccination, Purpose::Test, Purpose::Recovery].into_iter().filter(|p| serves(*p));
    let not_signing = purposes.filter_map(|purpose| signers.select(purpose, now).err()).next();
    let over = if not_signing.is_some() { Urgency::Over } else { Urgency::Fine };
    let urgency = keys.iter().map(Finding::urgency).max().unwrap_or_default().max(over);
    KeyStatus { at: now, urgency, not_signing: not_signing.map(|reason| reason.to_string()), keys }
}

fn signer(set: &SignerSet, member: &Member, name: String, least: SignedDuration, now: Timestamp) -> Finding {
    let certificate = member.certificate();
    let state = set.state(member, now);
    let mut finding = finding(Role::Signer, name, certificate, now);
    let stops = certificate.not_after().checked_sub(least).unwrap_or(certificate.not_after());
    if !least.is_zero() && stops < certificate.signs_until() {
        finding.ends.push(ending("signing", stops, now));
        finding.ends.sort_by_key(|ending| ending.at);
    }
    let all = [Purpose::Vaccination, Purpose::Test, Purpose::Recovery];
    let serves: Vec<Purpose> = all.into_iter().filter(|purpose| member.serves(*purpose)).collect();
    let successor = set.successor(member, &serves);
    let (word, meaning) = match &state {
        SignerState::Unpublished => ("unpublished", "nobody knows it yet, so it signs nothing".to_owned()),
        SignerState::Pending { from } => ("pending", format!("published, and signs from {} on", short(*from))),
        SignerState::Active { purposes, .. } => ("active", format!("signs {}", words(purposes))),
        SignerState::Retired { .. } => {
            ("retired", "signs no more; stays published until its certificate ends".to_owned())
        }
        SignerState::Ended { .. } => ("ended", "over: nothing that it signed counts any more".to_owned()),
    };
    finding.state = Some(word);
    finding.meaning = Some(meaning);
    let goes_on = |finding: &mut Finding| finding.ends.iter_mut().for_each(|ending| ending.urgency = Urgency::Fine);
    match state {
        SignerState::Unpublished => {
            finding.next = Some("publish it (vaccert keys publish), and upload it to the gateway".to_owned());
        }
        SignerState::Retired { .. } | SignerState::Ended { .. } => {
            if serves.iter().all(|purpose| set.select(*purpose, now).is_ok()) {
                goes_on(&mut finding);
                let over = word == "ended";
                finding.next = over.then(|| "remove it from the configuration".to_owned());
            } else {
                // It was the last one. What it signed counts as long as its certificate does.
                for ending in finding.ends.iter_mut().filter(|ending| ending.what == "certificate" && ending.at > now) {
                    ending.urgency = Urgency::Fine;
                }
                finding.next = Some(Role::Signer.advice().to_owned());
            }
        }
        _ => {
            // The end of the certificate is no matter of its own: the key stops long before, or with it.
            for ending in &mut finding.ends {
                if ending.what == "certificate" && certificate.signs_until() < certificate.not_after() {
                    ending.urgency = Urgency::Fine;
                }
            }
            if let Some((other, from)) = successor {
                goes_on(&mut finding);
                let kid = other.certificate().kid();
                finding.next = Some(if from <= now {
                    format!("nothing: {kid} goes on when it stops")
                } else {
                    format!("nothing: {kid} goes on from {}", short(from))
                });
            } else if finding.urgency() > Urgency::Fine {
                finding.next = Some(Role::Signer.advice().to_owned());
            }
        }
    }
    finding
}

fn other(watched: &Watched, now: Timestamp) -> Finding {
    let mut finding = finding(watched.role, watched.name.clone(), &watched.certificate, now);
    if finding.urgency() > Urgency::Fine {
        finding.next = Some(watched.role.advice().to_owned());
    }
    finding
}

fn finding(role: Role, name: String, certificate: &Certificate, now: Timestamp) -> Finding {
    let subject = certificate.details().map(|details| details.subject.to_string()).unwrap_or_default();
    let mut ends = Vec::new();
    let period = certificate.profile().map(|profile| profile.key_use).unwrap_or(KeyUsePeriod::Unreadable);
    if let KeyUsePeriod::Between { until: Some(until), .. } = period {
        ends.push(ending("key-use", until, now));
    }
    ends.push(ending("certificate", certificate.not_after(), now));
    ends.sort_by_key(|ending| ending.at);
    let kid = certificate.kid().to_string();
    Finding { role, name, kid, subject, state: None, meaning: None, ends, next: None }
}

fn ending(what: &'static str, at: Timestamp, now: Timestamp) -> Ending {
    let seconds = at.duration_since(now).as_secs();
    Ending { what, at, days: seconds.div_euclid(24 * 60 * 60), urgency: Urgency::of(seconds) }
}

fn words(purposes: &[Purpose]) -> String {
    let word = |purpose: &Purpose| match purpose {
        Purpose::Vaccination => "vaccinations",
        Purpose::Test => "tests",
        Purpose::Recovery => "recoveries",
    };
    purposes.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// A time as people read it, to the minute.
#[must_use]
pub fn short(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

impl KeyStatus {
    /// The same as metrics in the text format of Prometheus (exposition format 0.0.4).
    #[must_use]
    pub fn metrics(&self) -> String {
        let mut text = String::from(
            "# HELP vaccert_key_expiry_seconds Seconds until a certificate, or the use of its key, ends; negative after.\n\
             # TYPE vaccert_key_expiry_seconds gauge\n",
        );
        let now = self.at.as_second();
        for key in &self.keys {
            for end in &key.ends {
                let left = end.at.as_second().saturating_sub(now);
                let (role, kid, what) = (key.role.name(), &key.kid, end.what);
                // Writing to a string does not fail.
                let _ =
                    writeln!(text, "vaccert_key_expiry_seconds{{role=\"{role}\",kid=\"{kid}\",end=\"{what}\"}} {left}");
            }
        }
        text.push_str(
            "# HELP vaccert_signer_state What a signer does; the state that it is in is 1.\n\
             # TYPE vaccert_signer_state gauge\n",
        );
        for key in &self.keys {
            if let Some(state) = key.state {
                let _ = writeln!(text, "vaccert_signer_state{{kid=\"{}\",state=\"{state}\"}} 1", key.kid);
            }
        }
        let signing = i32::from(self.not_signing.is_none());
        let _ = write!(
            text,
            "# HELP vaccert_signing Whether somebody may sign now, by dates and publication.\n\
             # TYPE vaccert_signing gauge\nvaccert_signing {signing}\n\
             # HELP vaccert_key_urgency 0 fine, 1 within 90 days, 2 within 30, 3 within 7, 4 over.\n\
             # TYPE vaccert_key_urgency gauge\nvaccert_key_urgency {}\n",
            match self.urgency {
                Urgency::Fine => 0,
                Urgency::Within90Days => 1,
                Urgency::Within30Days => 2,
                Urgency::Within7Days => 3,
                Urgency::Over => 4,
            }
        );
        text
    }
}

/// How tokens are, as metrics in the text format of Prometheus; nothing where there are none.
#[must_use]
pub fn token_metrics(tokens: &[TokenHealth]) -> String {
    if tokens.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "# HELP vaccert_token_up Whether a token signs, as its last use told.\n# TYPE vaccert_token_up gauge\n",
    );
    for token in tokens {
        let up = i32::from(token.health == Health::Ok);
        // A label value escapes these three (exposition format).
        let name = token.token.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ");
        let _ = writeln!(text, "vaccert_token_up{{token=\"{name}\"}} {up}");
    }
    text
}
