//! `vaccert reasons`: every code of `report.json`, what it means and what to do.

use std::io::{self, Write};

use crate::{batch, issue, record::Reason, source};

/// Every reason for a refusal, room by room.
const REASONS: [&[Reason]; 4] =
    [source::reasons::REASONS, source::divoc::reasons::REASONS, issue::reasons::REASONS, batch::reasons::REASONS];

/// Every note on what was issued.
const NOTES: [&[Reason]; 3] = [source::reasons::NOTES, source::divoc::reasons::NOTES, batch::reasons::NOTES];

/// The meaning of a reason for a refusal, in one sentence.
pub(super) fn meaning(code: &str) -> Option<&'static str> {
    REASONS.into_iter().flatten().find(|(known, ..)| *known == code).map(|(_, meaning, _)| *meaning)
}

/// Prints the tables.
pub(super) fn print() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let tables: [(&str, &[&[Reason]]); 2] = [("Reasons for a refusal", &REASONS), ("Notes on what was issued", &NOTES)];
    for (title, table) in tables {
        writeln!(out, "{title}:\n")?;
        for (code, meaning, remedy) in table.iter().copied().flatten() {
            writeln!(out, "{code}\n    {meaning}\n    -> {remedy}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
