//! `vaccert trust show CC`: everything that is known of one country.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use jiff::Timestamp;
use serde::Serialize;

use super::number;

use crate::{
    keys::Purpose,
    trust::report::{EntryStatus, Report},
    verify::Knowledge,
};

/// A country as it is written on the command line.
pub(super) fn code(text: &str) -> Result<String, String> {
    let letters = (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if letters { Ok(text.to_ascii_uppercase()) } else { Err("write the two letters of a country, as in PT".to_owned()) }
}

/// A signer or an authority.
#[derive(Debug, Serialize)]
struct Known {
    kid: String,
    /// Thumbprint of an authority's certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    status: &'static str,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    /// What it may sign.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    signs: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    rehearsal: bool,
    list: String,
}

#[derive(Debug, Serialize)]
struct LeftOut {
    entry: String,
    code: String,
    reason: String,
    list: String,
}

#[derive(Debug, Serialize)]
struct Country {
    country: String,
    signers: Vec<Known>,
    authorities: Vec<Known>,
    left_out: Vec<LeftOut>,
    remarks: Vec<LeftOut>,
}

fn status(from: Option<Timestamp>, until: Option<Timestamp>, at: Timestamp) -> &'static str {
    match (from, until) {
        (_, Some(until)) if until < at => "expired",
        (Some(from), _) if at < from => "not yet valid",
        _ => "in date",
    }
}

impl Country {
    fn of(knowledge: &Knowledge, country: &str, at: Timestamp) -> Self {
        let is = |other: Option<&str>| other.is_some_and(|other| other.eq_ignore_ascii_case(country));
        let mut found = Self {
            country: country.to_owned(),
            signers: Vec::new(),
            authorities: Vec::new(),
            left_out: Vec::new(),
            remarks: Vec::new(),
        };
        for key in knowledge.trust.keys().filter(|key| is(key.country.as_deref())) {
            let signs = key.purposes.iter().map(|purpose| match purpose {
                Purpose::Test => "test",
                Purpose::Vaccination => "vaccination",
                Purpose::Recovery => "recovery",
            });
            found.signers.push(Known {
                kid: key.kid.to_string(),
                subject: None,
                key: Some(key.key.describe()),
                status: status(key.not_before, key.not_after, at),
                not_before: key.not_before,
                not_after: key.not_after,
                signs: signs.collect(),
                domain: key.domain.clone(),
                issuer: key.issuer.clone(),
                rehearsal: key.sandbox,
                list: key.list.clone(),
            });
        }
        for authority in knowledge.trust.authorities().filter(|authority| is(authority.country.as_deref())) {
            let certificate = &authority.certificate;
            found.authorities.push(Known {
                kid: certificate.kid().to_string(),
                subject: Some(certificate.subject_name()),
                key: None,
                status: status(Some(certificate.not_before()), Some(certificate.not_after()), at),
                not_before: Some(certificate.not_before()),
                not_after: Some(certificate.not_after()),
                signs: Vec::new(),
                domain: None,
                issuer: None,
                rehearsal: authority.sandbox,
                list: authority.list.clone(),
            });
        }
        for list in knowledge.trust.lists() {
            let report = Report::of(&knowledge.trust, list, at);
            let (rows, remarks) = report.of_country(country);
            for row in rows.filter(|row| row.status == EntryStatus::Rejected) {
                found.left_out.push(LeftOut {
                    entry: row.entry.clone(),
                    code: row.code.clone().unwrap_or_default(),
                    reason: row.reason.clone().unwrap_or_default(),
                    list: list.name.clone(),
                });
            }
            for remark in remarks {
                let (entry, code, reason) = (remark.entry.clone(), remark.code.clone(), remark.words.clone());
                found.remarks.push(LeftOut { entry, code, reason, list: list.name.clone() });
            }
        }
        found.signers.sort_by(|one, other| (one.not_after, &one.kid).cmp(&(other.not_after, &other.kid)));
        found.authorities.sort_by(|one, other| (one.not_after, &one.kid).cmp(&(other.not_after, &other.kid)));
        found
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let in_date = self.signers.iter().filter(|signer| signer.status == "in date").count();
        writeln!(
            out,
            "{}: {} ({in_date} in date), {}, {} left out",
            self.country,
            number(self.signers.len(), "signer", "signers"),
            number(self.authorities.len(), "authority", "authorities"),
            number(self.left_out.len(), "entry", "entries")
        )?;
        for (what, all) in [("signer", &self.signers), ("authority", &self.authorities)] {
            for known in all {
                let time =
                    |time: Option<Timestamp>| time.map_or_else(|| "(not told)".to_owned(), |time| time.to_string());
                writeln!(out, "{what} {}: {}", known.kid, known.status)?;
                if let Some(subject) = &known.subject {
                    writeln!(out, "  {subject}")?;
                }
                writeln!(out, "  valid from {} to {}", time(known.not_before), time(known.not_after))?;
                if let Some(key) = &known.key {
                    let signs = if known.signs.is_empty() { "every kind".to_owned() } else { known.signs.join(", ") };
                    let domain = known.domain.as_ref().map_or_else(String::new, |domain| format!(", domain {domain}"));
                    writeln!(out, "  {key}, for certificates of {signs}{domain}")?;
                }
                if known.rehearsal {
                    writeln!(out, "  for rehearsals only")?;
                }
                writeln!(out, "  vouched for by {}", known.list)?;
            }
        }
        for (what, all) in [("left out", &self.left_out), ("remark", &self.remarks)] {
            for one in all {
                writeln!(out, "{what} by {}: {}: {} [{}]", one.list, one.entry, one.reason, one.code)?;
            }
        }
        Ok(())
    }
}

/// Prints a country; exit status 1 where nothing at all is known of it.
pub(super) fn show(knowledge: &Knowledge, country: &str, json: bool, at: Timestamp) -> ExitCode {
    let found = Country::of(knowledge, country, at);
    let mut out = io::stdout().lock();
    // A reader that went away has read enough.
    let _ = match json {
        true => writeln!(out, "{}", serde_json::to_string_pretty(&found).unwrap_or_default()),
        false => found.write(&mut out),
    };
    let nothing = found.signers.is_empty() && found.authorities.is_empty() && found.left_out.is_empty();
    ExitCode::from(u8::from(nothing))
}
