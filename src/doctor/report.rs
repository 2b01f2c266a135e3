//! All findings of one examination: for a terminal, for a printer (Markdown), for a program (JSON).

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use super::{Area, Finding, Outcome};

/// The whole examination. No personal data and no secret stands in it, so that it may be sent to whoever helps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Version of this program.
    pub version: &'static str,
    /// When the examination began.
    pub made_at: Timestamp,
    /// Name of the configuration file, without its folder; `None` where there is none.
    pub configuration: Option<String>,
    /// `sandbox` or `production`; `None` where no configuration could be read.
    pub environment: Option<&'static str>,
    /// Country of issue, as the configuration has it.
    pub country: Option<String>,
    /// Key identifiers of the configured certificates, the signer's first.
    pub kids: Vec<String>,
    /// Whether the configuration could be used as a whole.
    pub usable: bool,
    /// What was found, by area and in the order of the checks.
    pub findings: Vec<Finding>,
}

/// Findings by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// As it should be.
    pub ok: usize,
    /// Worth knowing.
    pub notes: usize,
    /// Did not run.
    pub not_checked: usize,
    /// To be done.
    pub warnings: usize,
    /// Broken.
    pub faults: usize,
}

impl Report {
    /// How many findings of each outcome there are.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let count = |outcome| self.findings.iter().filter(|finding| finding.outcome == outcome).count();
        Tally {
            ok: count(Outcome::Ok),
            notes: count(Outcome::Note),
            not_checked: count(Outcome::NotChecked),
            warnings: count(Outcome::Warning),
            faults: count(Outcome::Fault),
        }
    }

    /// Exit status: 2 when the configuration is unusable, 1 with faults, 3 with warnings alone, otherwise 0.
    #[must_use]
    pub fn exit(&self) -> u8 {
        let tally = self.tally();
        match (self.usable, tally.faults, tally.warnings) {
            (false, ..) => 2,
            (true, 0, 0) => 0,
            (true, 0, _) => 3,
            (true, ..) => 1,
        }
    }

    /// What is to be done, faults first, in the order of the areas: what later checks stand on comes first.
    pub fn to_do(&self) -> impl Iterator<Item = &Finding> {
        let of = |outcome| self.findings.iter().filter(move |finding| finding.outcome == outcome);
        of(Outcome::Fault).chain(of(Outcome::Warning))
    }

    fn summary(&self) -> String {
        let tally = self.tally();
        let part = |number: usize, one: &str, many: &str| super::finding::count(number, one, many);
        format!(
            "{}, {}, {}, {} ok, {} not checked",
            part(tally.faults, "fault", "faults"),
            part(tally.warnings, "warning", "warnings"),
            part(tally.notes, "note", "notes"),
            tally.ok,
            tally.not_checked
        )
    }

    fn subject(&self) -> String {
        let parts = [
            self.configuration.clone(),
            self.environment.map(str::to_owned),
            self.country.clone(),
            (!self.kids.is_empty()).then(|| format!("keys {}", self.kids.join(", "))),
        ];
        let known: Vec<String> = parts.into_iter().flatten().collect();
        if known.is_empty() { "nothing is configured".to_owned() } else { known.join(" · ") }
    }

    /// For a terminal: by area, what is to be done at the end. With `brief` only that end.
    #[must_use]
    pub fn to_text(&self, brief: bool) -> String {
        let mut out = String::new();
        if !brief {
            line(&mut out, &format!("vaccert {} doctor, {:.0}", self.version, self.made_at));
            line(&mut out, &self.subject());
            let width = self.findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
            for (area, findings) in self.by_area() {
                line(&mut out, "");
                line(&mut out, area.title());
                for finding in findings {
                    let Finding { name, outcome, found, remedy, .. } = finding;
                    line(&mut out, &format!("  {:<11}  {name:<width$}  {found}", outcome.word()));
                    // What must be done stands at the end; what may be done stands here.
                    if let (Outcome::Note, Some(remedy)) = (outcome, remedy) {
                        line(&mut out, &format!("  {:<11}  {:<width$}  -> {remedy}", "", ""));
                    }
                }
            }
            line(&mut out, "");
        }
        let mut number = 0;
        for finding in self.to_do() {
            number += 1;
            if number == 1 {
                line(&mut out, "What to do, in this order");
            }
            line(&mut out, &format!("{number:>3}. {} {}: {}", finding.outcome.word(), finding.name, finding.found));
            line(&mut out, &format!("     -> {}", finding.remedy.as_deref().unwrap_or("")));
        }
        if number == 0 && !brief {
            line(&mut out, "Nothing needs to be done.");
        }
        if !brief {
            line(&mut out, "");
            line(&mut out, &self.summary());
        }
        out
    }

    /// For a printer and for whoever helps.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        line(&mut out, "# Examination of a vaccert installation\n");
        line(&mut out, &format!("- Date: {:.0}", self.made_at));
        line(&mut out, &format!("- Program: vaccert {}", self.version));
        let known = |text: Option<&str>| cell(text.unwrap_or("none"));
        line(&mut out, &format!("- Configuration: {}", known(self.configuration.as_deref())));
        line(&mut out, &format!("- Environment: {}", known(self.environment)));
        line(&mut out, &format!("- Country: {}", known(self.country.as_deref())));
        let kids = if self.kids.is_empty() { "none".to_owned() } else { self.kids.join(", ") };
        line(&mut out, &format!("- Keys: {}", cell(&kids)));
        line(&mut out, &format!("- Result: {}", self.summary()));
        line(&mut out, "\nThis report holds no personal data and no secrets.\n");
        line(&mut out, "## What to do, in this order\n");
        let mut number = 0;
        for finding in self.to_do() {
            number += 1;
            let remedy = finding.remedy.as_deref().unwrap_or("");
            line(
                &mut out,
                &format!("{number}. **{}** `{}`: {}", finding.outcome.word(), finding.name, cell(&finding.found)),
            );
            line(&mut out, &format!("   To do: {}", cell(remedy)));
        }
        if number == 0 {
            line(&mut out, "Nothing.");
        }
        for (area, findings) in self.by_area() {
            line(&mut out, &format!("\n## {}\n", area.title()));
            line(&mut out, "| outcome | check | found | to do |");
            line(&mut out, "|---|---|---|---|");
            for finding in findings {
                let Finding { name, outcome, found, remedy, .. } = finding;
                let remedy = remedy.as_deref().unwrap_or("");
                line(&mut out, &format!("| {} | {name} | {} | {} |", outcome.word(), cell(found), cell(remedy)));
            }
        }
        line(&mut out, "\nExamined by: ______________________    Date and signature: ______________________");
        out
    }

    fn by_area(&self) -> impl Iterator<Item = (Area, Vec<&Finding>)> {
        Area::ALL.into_iter().filter_map(|area| {
            let findings: Vec<_> = self.findings.iter().filter(|finding| finding.area == area).collect();
            (!findings.is_empty()).then_some((area, findings))
        })
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}", text.trim_end_matches(' '));
}

/// A text inside Markdown: what came from elsewhere (a server's words, a name of a program) formats nothing.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '*' | '_' | '`' | '<' | '[' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
