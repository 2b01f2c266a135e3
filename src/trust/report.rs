//! What became of every entry of a list: accepted, or rejected with its reason, counted by country and by reason. A
//! list of which half is missing without a word has stranded travellers before (facts on the trust framework, section
//! 7: "85 downloaded, 38 trusted, no reason shown").

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Authenticity, ListInfo, TrustStore};

/// What an entry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryRole {
    /// Signs documents.
    Signer,
    /// Signs certificates.
    Authority,
    /// Not told, because the entry was not read so far.
    Unknown,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryStatus {
    /// Accepted, and in date.
    Accepted,
    /// Accepted and past its end: documents are judged by its dates.
    Expired,
    /// Accepted, and its validity has not begun.
    NotYetValid,
    /// Left out.
    Rejected,
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Country, or participant where the list tells no country.
    pub country: Option<String>,
    /// Key identifier in base64, or what the list calls the entry.
    pub entry: String,
    /// What it is for.
    pub role: EntryRole,
    /// What became of it.
    pub status: EntryStatus,
    /// Stable code of the reason for which it was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The reason in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Start of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// End of validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Timestamp>,
}

/// What is worth knowing of an entry that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotedEntry {
    /// Country, where one is told.
    pub country: Option<String>,
    /// What the list calls the entry.
    pub entry: String,
    /// Stable code.
    pub code: String,
    /// In words.
    pub words: String,
}

/// Entries of one country.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountryCount {
    /// Signers accepted, in date or not.
    pub accepted: usize,
    /// Of those, how many have expired.
    pub expired: usize,
    /// Authorities accepted.
    pub authorities: usize,
    /// Entries left out, by the code of their reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rejected: BTreeMap<String, usize>,
}

/// The account of one list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Name of the list.
    pub list: String,
    /// Its form in words.
    pub form: String,
    /// How it is known to be authentic, in words.
    pub authenticity: String,
    /// When it was made, or its newest entry was.
    pub made_at: Option<Timestamp>,
    /// At which time it was judged.
    pub judged_at: Timestamp,
    /// How many entries it has.
    pub entries: usize,
    /// Signers accepted.
    pub accepted: usize,
    /// Of those, how many have expired.
    pub expired: usize,
    /// Authorities accepted.
    pub authorities: usize,
    /// Entries that repeat another one.
    pub repeated: usize,
    /// Entries that are neither signers nor authorities: uploaders, TLS clients.
    pub others: usize,
    /// Entries left out.
    pub rejected: usize,
    /// Entries left out, by the code of their reason.
    pub reasons: BTreeMap<String, usize>,
    /// The same by country; `??` stands for none.
    pub countries: BTreeMap<String, CountryCount>,
    /// Every entry that was accepted or left out.
    pub rows: Vec<Row>,
    /// Remarks on entries that were accepted.
    pub remarks: Vec<NotedEntry>,
}

/// Name for entries of no country.
pub const NO_COUNTRY: &str = "??";

impl Report {
    /// The account of a list of the store, judged at a time.
    #[must_use]
    pub fn of(store: &TrustStore, list: &ListInfo, at: Timestamp) -> Self {
        let mut report = Self {
            list: list.name.clone(),
            form: list.form.to_string(),
            authenticity: words(&list.authenticity),
            made_at: list.made_at.or(list.newest_entry),
            judged_at: at,
            entries: list.entries,
            authorities: list.authorities,
            repeated: list.repeated,
            others: list.not_signers,
            rejected: list.skipped.len(),
            ..Self::default()
        };
        let status = |from: Option<Timestamp>, until: Option<Timestamp>| match (from, until) {
            (_, Some(until)) if until < at => EntryStatus::Expired,
            (Some(from), _) if at < from => EntryStatus::NotYetValid,
            _ => EntryStatus::Accepted,
        };
        for key in store.keys().filter(|key| key.list == list.name) {
            report.add(Row {
                country: key.country.clone(),
                entry: key.kid.to_string(),
                role: EntryRole::Signer,
                status: status(key.not_before, key.not_after),
                code: None,
                reason: None,
                not_before: key.not_before,
                not_after: key.not_after,
            });
        }
        for authority in store.authorities().filter(|authority| authority.list == list.name) {
            let certificate = &authority.certificate;
            let (from, until) = (Some(certificate.not_before()), Some(certificate.not_after()));
            report.add(Row {
                country: authority.country.clone(),
                entry: certificate.kid().to_string(),
                role: EntryRole::Authority,
                status: status(from, until),
                code: None,
                reason: None,
                not_before: from,
                not_after: until,
            });
        }
        for skipped in &list.skipped {
            report.add(Row {
                country: skipped.country.clone(),
                entry: skipped.entry.clone(),
                role: EntryRole::Unknown,
                status: EntryStatus::Rejected,
                code: Some(skipped.reason.code().to_owned()),
                reason: Some(skipped.reason.to_string()),
                not_before: None,
                not_after: None,
            });
        }
        report.rows.sort_by(|one, other| {
            (&one.country, one.role, &one.entry).cmp(&(&other.country, other.role, &other.entry))
        });
        report.remarks = list
            .remarks
            .iter()
            .map(|remark| NotedEntry {
                country: remark.country.clone(),
                entry: remark.entry.clone(),
                code: remark.code.to_owned(),
                words: remark.words.clone(),
            })
            .collect();
        report
    }

    fn add(&mut self, row: Row) {
        let country = row.country.clone().unwrap_or_else(|| NO_COUNTRY.to_owned());
        let count = self.countries.entry(country).or_default();
        match (row.role, &row.code) {
            (_, Some(code)) => {
                *count.rejected.entry(code.clone()).or_default() += 1;
                *self.reasons.entry(code.clone()).or_default() += 1;
            }
            (EntryRole::Authority, None) => count.authorities += 1,
            (_, None) => {
                count.accepted += 1;
                self.accepted += 1;
                if row.status == EntryStatus::Expired {
                    count.expired += 1;
                    self.expired += 1;
                }
            }
        }
        self.rows.push(row);
    }

    /// The rows of one country, and the remarks on them.
    pub fn of_country<'r>(
        &'r self,
        country: &'r str,
    ) -> (impl Iterator<Item = &'r Row> + 'r, impl Iterator<Item = &'r NotedEntry> + 'r) {
        let is = move |other: Option<&str>| other.is_some_and(|other| other.eq_ignore_ascii_case(country));
        let rows = self.rows.iter().filter(move |row| is(row.country.as_deref()));
        (rows, self.remarks.iter().filter(move |remark| is(remark.country.as_deref())))
    }
}

/// How a list is known to be authentic, in words.
fn words(authenticity: &Authenticity) -> String {
    match authenticity {
        Authenticity::Whole { by } => format!("signed by {by}"),
        Authenticity::Entries { by } => format!("each entry signed, under {by}"),
        Authenticity::Vouched => "given by the operator".to_owned(),
        Authenticity::Unsigned => "not checked: accepted without a signature".to_owned(),
    }
}
