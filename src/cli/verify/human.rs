//! A verdict for an officer: one word first, readable without colour.

use std::io::{self, IsTerminal, Write};

use jiff::{SpanRound, Timestamp, Unit};

use crate::{
    trust::TrustStore,
    verify::{Decision, Kind, Verdict, words},
};

/// Texts from a certificate may hold what a terminal would obey; only what is printed is shown.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Writes a verdict in a few lines.
pub(super) fn write(verdict: &Verdict, trust: &TrustStore, at: Timestamp, out: &mut impl Write) -> io::Result<()> {
    let (word, colour) = match verdict.verdict {
        Decision::Accepted => ("ACCEPTED", "1;30;42"),
        Decision::Rejected => ("REJECTED", "1;37;41"),
        Decision::Undecided => ("UNDECIDED", "1;30;43"),
    };
    if io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        writeln!(out, "\x1b[{colour}m {word} \x1b[0m")?;
    } else {
        writeln!(out, "{word}")?;
    }
    if let Some(reason) = verdict.reason {
        let (cause, next) = words::reason(reason);
        writeln!(out, "  {cause} [{reason}]")?;
        writeln!(out, "  {next}")?;
    }
    if let Some(holder) = &verdict.holder {
        writeln!(out, "  {}   born {}", clean(&holder.name), clean(&holder.date_of_birth))?;
        writeln!(out, "  {}", clean(&holder.standardised_name))?;
    }
    let kind = match verdict.kind {
        Some(Kind::Vaccination) => "vaccination",
        Some(Kind::Test) => "test",
        Some(Kind::Recovery) => "recovery",
        None => "certificate",
    };
    let country = verdict.issuer.country.as_deref().unwrap_or("an unknown country");
    let certain = if verdict.holder.is_some() { "" } else { " (unverified)" };
    writeln!(out, "  {kind} of {}{certain}", clean(country))?;
    if let (Some(from), Some(until)) = (&verdict.valid_from, &verdict.valid_until) {
        let day = |time: &str| time.get(..10).unwrap_or(time).to_owned();
        writeln!(out, "  valid {} to {}", day(from), day(until))?;
    }
    for warning in &verdict.warnings {
        writeln!(out, "  ! {}", words::warning(warning))?;
    }
    match &verdict.issuer.list {
        Some(name) => {
            let made = trust.list(name).and_then(|list| list.made_at);
            let age = made.map(|made| age(made, at)).unwrap_or_else(|| "unknown".to_owned());
            writeln!(out, "  list: {name}, age {age}")
        }
        None if trust.is_empty() => writeln!(out, "  no list: give one with --trust"),
        None => writeln!(out, "  lists: {} with {} keys", trust.lists().len(), trust.len()),
    }
}

fn age(made: Timestamp, at: Timestamp) -> String {
    let hours = at.duration_since(made).as_hours();
    match hours {
        i64::MIN..0 => "from the future: check the clock".to_owned(),
        0 => {
            let round = SpanRound::new().largest(Unit::Minute).smallest(Unit::Minute);
            let minutes = (at - made).round(round).map(|span| span.get_minutes()).unwrap_or(0);
            format!("{minutes} minutes")
        }
        1..48 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}
