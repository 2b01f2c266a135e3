//! Every trust list as it was read: how it is known to be authentic, how old it is, and what was left out of it
//! and why. A list of which half is missing without a word has stranded travellers before (facts on the EU trust
//! framework, section 7: "85 downloaded, 38 trusted, no reason shown").

use std::{
    collections::BTreeMap,
    io::{self, Write},
    process::ExitCode,
};

use jiff::Timestamp;

use crate::{
    trust::{Authenticity, ListInfo},
    verify::Knowledge,
};

/// Prints what the verifier knows.
pub(in crate::cli) fn print(knowledge: &Knowledge, at: Timestamp) -> ExitCode {
    // A reader that went away has read enough.
    let _ = write(knowledge, at, &mut io::stdout().lock());
    ExitCode::SUCCESS
}

fn write(knowledge: &Knowledge, at: Timestamp, out: &mut impl Write) -> io::Result<()> {
    for list in knowledge.trust.lists() {
        write_list(list, at, out)?;
    }
    let mut countries: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for key in knowledge.trust.keys() {
        let entry = countries.entry(key.country.as_deref().unwrap_or("??")).or_default();
        entry.0 += 1;
        entry.1 += usize::from(key.not_after.is_some_and(|end| end < at));
    }
    writeln!(out, "{} keys in use, by country:", knowledge.trust.len())?;
    let all: Vec<String> = countries
        .iter()
        .map(|(country, (count, expired))| match expired {
            0 => format!("{country} {count}"),
            expired => format!("{country} {count} ({expired} expired)"),
        })
        .collect();
    for line in all.chunks(8) {
        writeln!(out, "  {}", line.join("  "))?;
    }
    if !knowledge.revocations.is_empty() {
        writeln!(
            out,
            "{} revoked certificates, {} filters",
            knowledge.revocations.len(),
            knowledge.revocations.filter_count()
        )?;
    }
    if !knowledge.rules.is_empty() {
        let countries: Vec<&str> = knowledge.rules.countries().collect();
        writeln!(out, "{} rules of {}", knowledge.rules.rules().count(), countries.join(", "))?;
        for skipped in knowledge.rules.skipped() {
            writeln!(out, "  left out: {}: {}", skipped.name, skipped.error)?;
        }
    }
    Ok(())
}

fn write_list(list: &ListInfo, at: Timestamp, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}: {}", list.name, list.form)?;
    match &list.authenticity {
        Authenticity::Whole { by } => writeln!(out, "  signed by {by}")?,
        Authenticity::Entries { by } => writeln!(out, "  each entry signed, under {by}")?,
        Authenticity::Vouched => writeln!(out, "  given by you")?,
        Authenticity::Unsigned => writeln!(out, "  NOT CHECKED: accepted without a signature")?,
    }
    let days = |time: Timestamp| at.duration_since(time).as_hours() / 24;
    match (list.made_at, list.newest_entry) {
        (Some(made), _) => writeln!(out, "  made {made}, {} days ago", days(made))?,
        (None, Some(newest)) => writeln!(out, "  newest entry {newest}, {} days ago", days(newest))?,
        (None, None) => writeln!(out, "  does not say when it was made")?,
    }
    if let Some(end) = list.valid_until {
        writeln!(out, "  may be used until {end}{}", if end < at { ": PAST" } else { "" })?;
    }
    write!(out, "  {} entries: {} keys", list.entries, list.keys)?;
    for (count, what) in [
        (list.authorities, "authorities"),
        (list.repeated, "repeated"),
        (list.not_signers, "not signers of documents"),
        (list.skipped.len(), "left out"),
    ] {
        if count > 0 {
            write!(out, ", {count} {what}")?;
        }
    }
    writeln!(out)?;
    for skipped in &list.skipped {
        writeln!(out, "    {}: {} [{}]", skipped.entry, skipped.reason, skipped.reason.code())?;
    }
    Ok(())
}
