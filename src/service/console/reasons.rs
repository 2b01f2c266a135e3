//! The words of codes of refusal, from the tables of the rooms that give them.

use crate::{audit, batch, issue, record::Reason, source};

const TABLES: [&[Reason]; 8] = [
    source::reasons::REASONS,
    source::divoc::reasons::REASONS,
    issue::reasons::REASONS,
    batch::reasons::REASONS,
    source::reasons::NOTES,
    source::divoc::reasons::NOTES,
    batch::reasons::NOTES,
    &[audit::DUPLICATE_PERSON],
];

/// What a code means, and what to do; nothing for a code of another program.
pub(super) fn words(code: &str) -> Option<(&'static str, &'static str)> {
    let found = TABLES.into_iter().flatten().find(|(known, ..)| *known == code);
    found.map(|(_, meaning, remedy)| (*meaning, *remedy))
}

/// A sentence of a table stands alone on a page.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
