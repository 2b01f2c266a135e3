//! Reports as people and programs read them.

use std::{collections::BTreeMap, fmt::Write as _, io::IsTerminal as _, process::ExitCode};

use indicatif::ProgressBar;
use serde::Serialize;

use super::ReportArgs;
use crate::{
    audit::{DayCounts, Findings, Reconciled},
    batch::write_owned,
    cli::operator::{CliError, progress::say},
};

/// Findings of one kind that are printed; all of them are in the JSON.
const SHOWN: usize = 5;
/// Facilities that are printed; all of them are in the table.
const FACILITIES: usize = 20;

/// 0 when nothing was found, 1 otherwise.
pub(super) fn exit(whole: bool) -> ExitCode {
    ExitCode::from(u8::from(!whole))
}

/// Prints and writes a report as JSON where that was asked for. Tells whether it was printed.
pub(super) fn report(report: &impl Serialize, args: &ReportArgs) -> Result<bool, CliError> {
    // Every type in it can be written as JSON.
    let text = serde_json::to_string_pretty(report).unwrap_or_default();
    if let Some(path) = &args.out {
        write_owned(path, format!("{text}\n").as_bytes())?;
    }
    if args.json {
        say!("{text}");
    }
    Ok(args.json)
}

/// The first findings of each kind, with what to do.
pub(super) fn findings(findings: &Findings) {
    for (code, count) in &findings.counts {
        say!("");
        say!("{count} x {code}");
        let mut remedy = "";
        for finding in findings.listed.iter().filter(|finding| finding.code == *code).take(SHOWN) {
            say!("  {}: {}", finding.object, finding.found);
            remedy = finding.remedy;
        }
        let shown = u64::try_from(SHOWN).unwrap_or(u64::MAX);
        if *count > shown {
            say!("  and {} more (all with --json)", count - shown);
        }
        say!("  What to do: {remedy}");
    }
}

/// Certificates and doses, the facilities with the largest difference first.
pub(super) fn reconciled(done: &Reconciled) {
    say!("{} people, {} doses, {} certificates that stand", done.people, done.doses, done.certificates);
    match done.difference() {
        0 => say!("As many certificates as doses"),
        more if more > 0 => say!("{more} certificates MORE than doses"),
        less => say!("{} doses without a certificate", -less),
    }
    let mut rows: Vec<(&str, DayCounts)> =
        done.facilities.iter().map(|(uid, days)| (uid.as_str(), sum(days))).collect();
    rows.sort_by_key(|(uid, counts)| (std::cmp::Reverse(off(counts)), (*uid).to_owned()));
    say!("");
    say!(
        "{:<13} {:>9} {:>12} {:>12}  without a certificate because",
        "facility",
        "doses",
        "certificates",
        "without dose"
    );
    for (uid, counts) in rows.iter().take(FACILITIES) {
        let reasons: Vec<String> =
            counts.without_certificate.iter().map(|(code, count)| format!("{count} {code}")).collect();
        let (doses, certificates, without) = (counts.doses, counts.certificates, counts.without_dose);
        say!("{uid:<13} {doses:>9} {certificates:>12} {without:>12}  {}", reasons.join(", "));
    }
    if rows.len() > FACILITIES {
        say!("and {} facilities more (all with --csv FILE)", rows.len() - FACILITIES);
    }
}

fn off(counts: &DayCounts) -> u64 {
    counts.doses.abs_diff(counts.certificates) + counts.without_dose
}

fn sum(days: &BTreeMap<String, DayCounts>) -> DayCounts {
    let mut sum = DayCounts::default();
    for day in days.values() {
        sum.doses += day.doses;
        sum.certificates += day.certificates;
        sum.without_dose += day.without_dose;
        for (code, count) in &day.without_certificate {
            *sum.without_certificate.entry(code.clone()).or_default() += count;
        }
    }
    sum
}

/// Every facility and day, a line each.
pub(super) fn csv(done: &Reconciled) -> String {
    let mut text = "facility,day,doses,certificates,difference,certificates_without_dose,reasons\n".to_owned();
    for (uid, days) in &done.facilities {
        for (day, counts) in days {
            let reasons: Vec<String> =
                counts.without_certificate.iter().map(|(code, count)| format!("{count} {code}")).collect();
            let standing = counts.certificates + counts.without_dose;
            let difference = i128::from(standing) - i128::from(counts.doses);
            // A facility without a key may have a name with anything in it.
            let uid = uid.replace('"', "\"\"");
            // Writing to a text does not fail.
            let _ = writeln!(
                text,
                "\"{uid}\",{day},{},{},{difference},{},{}",
                counts.doses,
                counts.certificates,
                counts.without_dose,
                reasons.join("; ")
            );
        }
    }
    text
}

/// How far an examination is: a counter on a terminal, nothing elsewhere.
pub(super) struct Counting(Option<ProgressBar>);

impl Counting {
    pub(super) fn new(what: &'static str, quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new_spinner();
        bar.set_message(what);
        Self(Some(bar))
    }

    pub(super) fn at(&mut self, done: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(done);
        }
    }

    pub(super) fn end(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
