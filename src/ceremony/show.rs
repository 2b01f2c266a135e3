//! The plan as a committee reads it before anything is made.

use std::fmt::{self, Write as _};

use super::{
    Entity, KeySource, Plan, Role,
    entity::{CRL_SIGN, DIGITAL_SIGNATURE, KEY_CERT_SIGN},
    inspect::{hex, usage_name},
    plan::Issuance,
    profile::day_of,
    rules::after,
};

/// Columns of a page in A4, set in a typewriter face of 11 points.
const COLUMNS: usize = 78;
/// Where values begin.
const VALUES: usize = 20;

/// Writes `label  value`, the value broken at spaces where the page ends.
pub(super) fn line(out: &mut String, label: &str, value: &str) {
    let mut first = format!("   {label}");
    for word in value.split(' ') {
        let width = first.chars().count();
        if width < VALUES && first.trim_start() == label {
            first.extend(std::iter::repeat_n(' ', VALUES - width));
            first.push_str(word);
        } else if width + 1 + word.chars().count() > COLUMNS {
            let _ = writeln!(out, "{}", first.trim_end());
            first = format!("{}{word}", " ".repeat(VALUES));
        } else {
            first.push(' ');
            first.push_str(word);
        }
    }
    let _ = writeln!(out, "{}", first.trim_end());
}

/// Writes a fingerprint in groups of four, eight a line, as people read it to each other.
pub(super) fn fingerprint(out: &mut String, label: &str, digest: &[u8]) {
    let digits: Vec<char> = hex(digest).chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    for (at, groups) in groups.chunks(8).enumerate() {
        line(out, if at == 0 { label } else { "" }, &groups.join(" "));
    }
}

/// The key usage in words.
pub(super) fn key_usage(bits: u8) -> String {
    let names = [(DIGITAL_SIGNATURE, "digitalSignature"), (KEY_CERT_SIGN, "keyCertSign"), (CRL_SIGN, "cRLSign")];
    let named: Vec<&str> = names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
    named.join(", ")
}

/// A subject in words.
pub(super) fn subject(entity: &Entity) -> String {
    entity.subject.iter().map(|(label, value)| format!("{label}={value}")).collect::<Vec<_>>().join(", ")
}

impl Plan {
    fn entity(&self, out: &mut String, number: usize, entity: &Entity) {
        let what = if entity.issuance == Issuance::Request { ", request to an authority elsewhere" } else { "" };
        let _ = writeln!(out, "{number}. {}: {}{what}", entity.role.title(), entity.name);
        line(out, "subject", &subject(entity));
        let issuer = match (entity.issuance, &self.existing) {
            (Issuance::SelfSigned, _) => "itself".to_owned(),
            (Issuance::Request, _) => "whoever answers the request".to_owned(),
            (Issuance::Authority, Some(existing)) => {
                existing.certificate.details().map_or_else(|_| String::new(), |details| details.subject.to_string())
            }
            (Issuance::Authority, None) => self.new_authority().map_or_else(String::new, subject),
        };
        line(out, "issuer", &issuer);
        let holder = self.holder(&entity.name).map_or_else(String::new, |person| format!(", held by {}", person.name));
        let place = match &entity.key {
            KeySource::File => format!("a new one in {}.key.pem", entity.name),
            KeySource::Token { uri, existing } => {
                let is = if *existing { "the existing key" } else { "a new key" };
                format!("{is} {} in the token {}", uri.key_name(), uri.token_name())
            }
        };
        line(out, "key", &format!("{}, {place}{holder}", entity.algorithm.name()));
        line(out, "key usage", &format!("{} (critical)", key_usage(entity.key_usage)));
        if !entity.usages.is_empty() {
            let named: Vec<String> = entity.usages.iter().map(|usage| usage_name(usage)).collect();
            line(out, "for", &named.join(", "));
        } else if entity.role == Role::Signer {
            line(out, "for", "tests, vaccinations and recoveries (no usage named)");
        }
        if entity.role == Role::Authority {
            line(out, "constraints", "CA:TRUE, pathlen:0 (critical)");
        }
        if entity.issuance != Issuance::Request {
            let until = after(self.start, entity.days);
            let (from, until) = (day_of(self.start), day_of(until));
            line(out, "valid", &format!("{from} to {until} ({} days)", entity.days));
            if let Some(days) = entity.key_use_days {
                line(out, "key signs until", &format!("{} ({days} days)", day_of(after(self.start, days))));
            }
        }
        if entity.issuance == Issuance::Authority {
            line(out, "revocation list", self.crl_address.as_deref().unwrap_or("no address"));
        }
        let suffix = if entity.issuance == Issuance::Request { "csr.pem" } else { "pem" };
        line(out, "file", &format!("{}.{suffix}", entity.name));
        out.push('\n');
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        let _ = writeln!(out, "{}\n", self.title);
        let name = self.country.name().map_or_else(String::new, |name| format!(" ({name})"));
        line(&mut out, "country", &format!("{}{name}", self.country));
        line(&mut out, "organisation", &self.organisation);
        line(&mut out, "environment", self.environment.name());
        line(&mut out, "begins", &format!("{:.0}", self.start));
        fingerprint(&mut out, "file SHA-256", &self.file_sha256);
        if let Some(existing) = &self.existing
            && let Ok(details) = existing.certificate.details()
        {
            line(&mut out, "authority", &format!("{} (exists, kid {})", details.subject, existing.certificate.kid()));
        }
        out.push('\n');
        for (at, entity) in self.entities.iter().enumerate() {
            self.entity(&mut out, at + 1, entity);
        }
        if !self.participants.is_empty() {
            let _ = writeln!(out, "Who takes part");
            for person in &self.participants {
                let confirms = if person.confirms { ", confirms" } else { "" };
                let holds = if person.holds.is_empty() {
                    String::new()
                } else {
                    format!(", holds {}", person.holds.join(", "))
                };
                line(&mut out, &person.name, &format!("{}{confirms}{holds}", person.role));
            }
            out.push('\n');
        }
        for remark in &self.remarks {
            line(&mut out, "note", remark);
        }
        f.write_str(&out)
    }
}
