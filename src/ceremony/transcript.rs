//! The transcript: what was made, when, by which program, and who confirmed it; as text to be printed, read aloud and
//! signed by hand, and as JSON for programs.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Circumstances, Plan,
    inspect::{hex, usage_name},
    make::Item,
    profile::day_of,
    show::{fingerprint, key_usage, line, subject},
};
use crate::keys::sha256;

/// Everything that a transcript is written from.
pub(super) struct Transcript<'a> {
    pub(super) plan: &'a Plan,
    pub(super) items: &'a [Item],
    pub(super) with: &'a Circumstances<'a>,
    pub(super) started: Timestamp,
    pub(super) finished: Timestamp,
}

const PROGRAM: &str = concat!("vaccert ", env!("CARGO_PKG_VERSION"));

impl Transcript<'_> {
    /// The text: 78 columns, so that it prints on A4.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "TRANSCRIPT OF A KEY CEREMONY\n{}\n", self.plan.title);
        line(&mut out, "begun", &format!("{:.0}", self.started));
        line(&mut out, "ended", &format!("{:.0}", self.finished));
        line(&mut out, "country", self.plan.country.as_str());
        line(&mut out, "organisation", &self.plan.organisation);
        line(&mut out, "environment", self.plan.environment.name());
        line(&mut out, "program", PROGRAM);
        match &self.with.program_sha256 {
            Some(digest) => fingerprint(&mut out, "program SHA-256", digest),
            None => line(&mut out, "program SHA-256", "not known"),
        }
        line(&mut out, "file", self.with.file.0);
        fingerprint(&mut out, "file SHA-256", &self.plan.file_sha256);
        out.push('\n');
        if let Some(existing) = &self.plan.existing {
            let _ = writeln!(out, "The authority that was there before");
            if let Ok(details) = existing.certificate.details() {
                line(&mut out, "subject", &details.subject.to_string());
            }
            line(&mut out, "kid", &existing.certificate.kid().to_string());
            fingerprint(&mut out, "SHA-256", &sha256(existing.certificate.der()));
            out.push('\n');
        }
        for (at, item) in self.items.iter().enumerate() {
            let what = if item.certificate.is_some() { "" } else { ", a request" };
            let _ = writeln!(out, "{}. {}: {}{what}", at + 1, item.entity.role.title(), item.entity.name);
            describe(&mut out, item);
            if let Some(person) = self.plan.holder(&item.entity.name) {
                line(&mut out, "passphrase of", &person.name);
            }
            out.push('\n');
        }
        let _ = writeln!(
            out,
            "Checked before this was written: every certificate and request was read again\nfrom its file and held against its profile, its issuer and its key; every key\nfile was opened again.\n"
        );
        let _ = writeln!(out, "Who took part\n");
        for person in &self.plan.participants {
            let word = self.with.confirmations.iter().find(|confirmation| confirmation.name == person.name);
            let said = match word {
                Some(word) if word.typed => format!("confirmed at the keyboard, {:.0}", word.at),
                Some(word) => format!("confirmed by the option --yes, {:.0}", word.at),
                None => "witnessed".to_owned(),
            };
            let _ = writeln!(
                out,
                "   {}, {}\n   {said}\n\n   signature ______________________________  date ______________\n",
                person.name, person.role
            );
        }
        out
    }

    /// The same for programs.
    pub(super) fn json(&self) -> String {
        let plan = self.plan;
        let people: Vec<Value> = plan
            .participants
            .iter()
            .map(|person| {
                let word = self.with.confirmations.iter().find(|confirmation| confirmation.name == person.name);
                json!({
                    "name": person.name,
                    "role": person.role,
                    "holds": person.holds,
                    "confirmed": word.map(|word| json!({"at": moment(word.at), "typed": word.typed})),
                })
            })
            .collect();
        let value = json!({
            "transcript": 1,
            "title": plan.title,
            "country": plan.country.as_str(),
            "organisation": plan.organisation,
            "environment": plan.environment.name(),
            "begun": moment(self.started),
            "ended": moment(self.finished),
            "program": {"name": PROGRAM, "sha256": self.with.program_sha256.map(|digest| hex(&digest))},
            "file": {"name": self.with.file.0, "sha256": hex(&plan.file_sha256)},
            "authority": plan.existing.as_ref().map(|existing| json!({
                "kid": existing.certificate.kid().to_string(),
                "sha256": hex(&sha256(existing.certificate.der())),
            })),
            "participants": people,
            "made": self.items.iter().map(item_json).collect::<Vec<_>>(),
        });
        format!("{value:#}\n")
    }
}

fn moment(at: Timestamp) -> String {
    format!("{at:.0}")
}

fn describe(out: &mut String, item: &Item) {
    line(out, "subject", &subject(&item.entity));
    if let Some(certificate) = &item.certificate {
        if let Ok(details) = certificate.details() {
            line(out, "issuer", &details.issuer.to_string());
            line(out, "serial number", &hex(&details.serial));
        }
        line(out, "valid", &format!("{:.0} to {:.0}", certificate.not_before(), certificate.not_after()));
        line(out, "key signs until", &day_of(certificate.signs_until()));
        line(out, "kid", &certificate.kid().to_string());
    }
    line(out, "key", item.entity.algorithm.name());
    line(out, "key usage", &key_usage(item.entity.key_usage));
    if !item.entity.usages.is_empty() {
        let named: Vec<String> = item.entity.usages.iter().map(|usage| usage_name(usage)).collect();
        line(out, "for", &named.join(", "));
    }
    fingerprint(out, "SHA-256", &sha256(&item.der));
    fingerprint(out, "key SHA-256", &sha256(&item.spki));
    line(
        out,
        "files",
        &[Some(item.file.as_str()), item.key_file.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", "),
    );
}

fn item_json(item: &Item) -> Value {
    let details = item.certificate.as_ref().and_then(|certificate| certificate.details().ok());
    let certificate = item.certificate.as_ref().map(|certificate| {
        json!({
            "kid": certificate.kid().to_string(),
            "serial": details.as_ref().map(|details| hex(&details.serial)),
            "issuer": details.as_ref().map(|details| details.issuer.to_string()),
            "not_before": moment(certificate.not_before()),
            "not_after": moment(certificate.not_after()),
            "key_signs_until": moment(certificate.signs_until()),
        })
    });
    json!({
        "role": match item.entity.role {
            super::Role::Authority => "csca",
            super::Role::Signer => "signer",
            super::Role::Tls => "tls",
            super::Role::Upload => "upload",
        },
        "name": item.entity.name,
        "kind": if item.certificate.is_some() { "certificate" } else { "request" },
        "file": item.file,
        "private_key_file": item.key_file,
        "subject": subject(&item.entity),
        "key": item.entity.algorithm.name(),
        "key_usage": key_usage(item.entity.key_usage),
        "usages": item.entity.usages,
        "sha256": hex(&sha256(&item.der)),
        "public_key_sha256": hex(&sha256(&item.spki)),
        "certificate": certificate,
    })
}
