//! A verdict for an officer: one word first, readable without colour, in the officer's language.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
};

use jiff::{SignedDuration, Timestamp};

use super::convert::Converted;
use crate::{
    payload::{core::LossKind, mapping::Target},
    rules::RuleOutcome,
    trust::TrustStore,
    valueset::ValueSets,
    verify::{
        Check, Decision, Format, Label, Reason, Statement, Verdict, clean, country,
        words::{Explanation, Language, Phrase},
    },
};

/// How verdicts are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Human<'a> {
    pub(super) language: Language,
    pub(super) explain: bool,
    /// The format to convert into, where one was asked for.
    pub(super) convert: Option<Target>,
    pub(super) trust: &'a TrustStore,
    pub(super) value_sets: &'a ValueSets,
    pub(super) at: Timestamp,
}

/// How many lines of what a certificate states an officer sees without asking for more.
const STATED: usize = 3;
/// The same for a certificate of several events (health cards, seals), of which the two telling lines each are shown:
/// six events.
const STATED_OF_SEVERAL: usize = 12;

fn colour(decision: Decision) -> &'static str {
    match decision {
        Decision::Accepted => "1;30;42",
        Decision::Rejected => "1;37;41",
        Decision::Undecided => "1;30;43",
    }
}

/// A decision in colour on a terminal, unless `NO_COLOR` asks for none.
fn painted(decision: Decision, word: &str) -> String {
    if io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) {
        format!("\x1b[{}m {word} \x1b[0m", colour(decision))
    } else {
        word.to_owned()
    }
}

impl Human<'_> {
    fn say(&self, phrase: Phrase) -> &'static str {
        self.language.phrase(phrase)
    }

    /// Writes a verdict in a few lines.
    pub(super) fn write(&self, verdict: &Verdict, out: &mut impl Write) -> io::Result<()> {
        let language = self.language;
        writeln!(out, "{}", painted(verdict.verdict, language.decision(verdict.verdict)))?;
        if let Some(reason) = verdict.reason {
            let advice = language.reason(reason);
            match &verdict.issuer.algorithm {
                Some(named) if reason == Reason::AlgorithmUnsupported => {
                    writeln!(out, "  {} [{reason}: {}]", advice.cause, clean(named))?;
                }
                _ => writeln!(out, "  {} [{reason}]", advice.cause)?,
            }
            writeln!(out, "  \u{2192} {}", advice.next)?;
        }
        if let Some(holder) = &verdict.holder {
            let name = clean(&holder.name);
            let born = clean(&holder.date_of_birth);
            // Not every format tells when its holder was born.
            let born = if born.is_empty() { born } else { format!("{} {born}", self.say(Phrase::Born)) };
            let apart = if name.is_empty() || born.is_empty() { "" } else { "   " };
            writeln!(out, "  {name}{apart}{born}")?;
            writeln!(out, "  {}", clean(&holder.standardised_name))?;
            if holder.not_covered {
                writeln!(out, "  {}", self.say(Phrase::NotCovered))?;
            }
        }
        self.subject(verdict, out)?;
        for rule in &verdict.rules {
            let phrase = match rule.result {
                RuleOutcome::Passed => Phrase::RulePassed,
                RuleOutcome::Failed => Phrase::RuleFailed,
                RuleOutcome::Open => Phrase::RuleOpen,
            };
            if rule.result != RuleOutcome::Passed || self.explain {
                writeln!(out, "  {}: {} {}", self.say(phrase), rule.id, clean(&rule.description))?;
            }
        }
        for warning in verdict.warnings.iter().filter(|warning| warning.is_for_officers()) {
            writeln!(out, "  ! {}", language.warning(*warning))?;
        }
        self.lists(verdict, out)?;
        if self.explain {
            self.explain(verdict, out)?;
        }
        match self.converted(verdict) {
            Some(converted) => self.write_converted(&converted, out),
            None => Ok(()),
        }
    }

    /// The certificate in the format that was asked for.
    pub(super) fn converted(&self, verdict: &Verdict) -> Option<Converted> {
        Converted::of(verdict, self.convert?)
    }

    fn write_converted(&self, converted: &Converted, out: &mut impl Write) -> io::Result<()> {
        writeln!(out)?;
        let Some(payload) = &converted.payload else {
            let why = converted.error.as_deref().unwrap_or_default();
            return writeln!(out, "  {} {}: {why}", self.say(Phrase::NotConverted), converted.format);
        };
        writeln!(out, "  {} {}:", self.say(Phrase::Converted), converted.format)?;
        for line in serde_json::to_string_pretty(payload)?.lines() {
            writeln!(out, "    {}", clean(line))?;
        }
        for (position, loss) in converted.lost.iter().enumerate() {
            if position == 0 {
                writeln!(out, "  {}:", self.say(Phrase::Lost))?;
            }
            let why = match loss.why {
                LossKind::NoPlace => Phrase::LostNoPlace,
                LossKind::Unknown => Phrase::LostUnknown,
                LossKind::Coarser => Phrase::LostCoarser,
                LossKind::Cut => Phrase::LostCut,
            };
            writeln!(out, "    {}: {}", loss.element, self.say(why))?;
        }
        Ok(())
    }

    /// What it is, whose country it is of, and until when it is valid.
    fn subject(&self, verdict: &Verdict, out: &mut impl Write) -> io::Result<()> {
        let language = self.language;
        // A link is no certificate, of whatever kind.
        if verdict.checks.decode == Check::Passed && verdict.format != Format::HealthLink {
            let kind = verdict.kind.map_or(self.say(Phrase::Certificate), |kind| language.kind(kind));
            let unverified = verdict.checks.signature != Check::Passed;
            let certain = if unverified { format!(" ({})", self.say(Phrase::Unverified)) } else { String::new() };
            let of = verdict.issuer.country.as_deref().map(country).or_else(|| verdict.issuer.address.clone());
            let of = of.map(|of| format!(", {}", clean(&of)));
            writeln!(out, "  {kind}{}{certain}", of.unwrap_or_default())?;
        }
        if let Some(content) = &verdict.content {
            let several = content.core().is_some_and(|core| core.events.len() > 1);
            let telling = |label: &Label| {
                matches!(label, Label::Vaccine | Label::DateOfVaccination | Label::Result | Label::SampleTaken)
            };
            let statement = Statement::of(content, self.value_sets);
            let most = if several { STATED_OF_SEVERAL } else { STATED };
            for (label, value) in statement.rows.iter().filter(|row| !several || telling(&row.0)).take(most) {
                writeln!(out, "  {}: {}", language.label(*label), clean(value))?;
            }
        }
        if let Some(medical) = verdict.medical.as_ref().filter(|medical| medical.valid_from.is_some()) {
            let day = |day: &Option<String>| clean(day.as_deref().unwrap_or("\u{2026}"));
            let (from, until) = (day(&medical.valid_from), day(&medical.valid_until));
            writeln!(out, "  {}: {from} \u{2013} {until}", language.label(Label::Counts))?;
        }
        for link in &verdict.links {
            let mut row = |label, value: &str| writeln!(out, "  {}: {}", language.label(label), clean(value));
            row(Label::Link, &link.host)?;
            if let Some(label) = &link.label {
                row(Label::LinkLabel, label)?;
            }
            if let Some(end) = &link.expires_at {
                row(Label::LinkExpires, end)?;
            }
            if link.passcode {
                row(Label::LinkPasscode, self.say(Phrase::Passcode))?;
            }
        }
        if let (Some(from), Some(until)) = (&verdict.valid_from, &verdict.valid_until) {
            let day = |time: &str| time.get(..10).unwrap_or(time).to_owned();
            writeln!(out, "  {} {} \u{2013} {}", self.say(Phrase::Valid), day(from), day(until))?;
        }
        Ok(())
    }

    /// Which list vouches and how old it is: an officer must see that it is stale before it is too late.
    fn lists(&self, verdict: &Verdict, out: &mut impl Write) -> io::Result<()> {
        match &verdict.issuer.list {
            Some(name) => {
                let age = verdict.issuer.list_age.map_or_else(
                    || self.say(Phrase::AgeUnknown).to_owned(),
                    |seconds| self.age(SignedDuration::from_secs(seconds)),
                );
                writeln!(out, "  {}: {name}, {} {age}", self.say(Phrase::List), self.say(Phrase::Age))
            }
            None if verdict.reason == Some(Reason::NoTrustList) => writeln!(out, "  {}", self.say(Phrase::NoList)),
            None if verdict.checks.decode == Check::Passed && verdict.format != Format::HealthLink => {
                let (lists, keys) = (self.trust.lists().len(), self.trust.len());
                writeln!(out, "  {lists} {}, {keys} {}", self.say(Phrase::Lists), self.say(Phrase::Keys))?;
                for list in self
                    .trust
                    .lists()
                    .iter()
                    .filter_map(|list| list.made_at.or(list.newest_entry).map(|made| (&list.name, made)))
                {
                    let age = self.age(self.at.duration_since(list.1));
                    writeln!(out, "    {}, {} {age}", list.0, self.say(Phrase::Age))?;
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn age(&self, age: SignedDuration) -> String {
        match age.as_hours() {
            _ if age.is_negative() => self.say(Phrase::AgeFuture).to_owned(),
            0 => format!("{} {}", age.as_mins(), self.say(Phrase::Minutes)),
            hours @ 1..48 => format!("{hours} {}", self.say(Phrase::Hours)),
            hours => format!("{} {}", hours / 24, self.say(Phrase::Days)),
        }
    }

    /// Tells that another certificate of the same person is better and decides.
    pub(super) fn write_better(&self, decision: Decision, path: &Path, out: &mut impl Write) -> io::Result<()> {
        let word = painted(decision, self.language.decision(decision));
        writeln!(out, "  {} {word} {}", self.say(Phrase::BestOfPerson), path.display())
    }

    /// Every check and every note.
    fn explain(&self, verdict: &Verdict, out: &mut impl Write) -> io::Result<()> {
        let explanation = Explanation::of(verdict, self.language);
        writeln!(out)?;
        for check in &explanation.checks {
            let mark = match check.outcome {
                Check::Passed => '\u{2713}',
                Check::Failed => '\u{2715}',
                Check::Open => '?',
                Check::NoRules | Check::Unchecked => '\u{2013}',
            };
            writeln!(out, "  {mark} {}", check.text)?;
        }
        // Of a certificate without rules of its own everything that it states; the first lines stand above.
        if let Some(content) = verdict.content.as_ref().filter(|content| content.dcc().is_none()) {
            for (label, value) in Statement::of(content, self.value_sets).rows.iter().skip(STATED) {
                writeln!(out, "  {}: {}", self.language.label(*label), clean(value))?;
            }
        }
        let notes = verdict.warnings.iter().filter(|warning| !warning.is_for_officers());
        for (position, warning) in notes.enumerate() {
            if position == 0 {
                writeln!(out, "  {}:", self.say(Phrase::Warnings))?;
            }
            writeln!(out, "    {} [{warning}]", self.language.warning(*warning))?;
        }
        Ok(())
    }
}
