//! The log of revocations as a table.

use super::{Desk, RevokeError};

/// Records read at a time.
const PAGE: u32 = 10_000;

/// Prints the log, or one bulk of it, as CSV.
pub(super) async fn print(desk: &Desk, group: Option<&str>) -> Result<(), RevokeError> {
    let mut out = csv::Writer::from_writer(std::io::stdout().lock());
    let head = ["number", "at", "action", "id", "reason", "who", "group", "note"];
    let (mut after, mut wanted) = (0, out.write_record(head).is_ok());
    while wanted {
        let page = match group {
            Some(group) => desk.registry.revocations_of(group, after, PAGE).await?,
            None => desk.registry.revocations(after, PAGE).await?,
        };
        let Some(last) = page.last() else { break };
        after = last.number;
        for record in &page {
            let (number, at) = (record.number.to_string(), record.at.to_string());
            let cause = &record.cause;
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let row = [
                number.as_str(),
                &at,
                record.action.as_str(),
                &record.id,
                cause.reason.as_str(),
                &text(&cause.operator),
                &text(&cause.bulk),
                &guarded(&text(&cause.note)),
            ];
            // A reader that went away has read enough.
            wanted &= out.write_record(row).is_ok();
        }
    }
    let _ = out.flush();
    Ok(())
}

/// A note that a spreadsheet would run as a formula is quoted: whoever wrote it is not whoever opens the table.
fn guarded(note: &str) -> String {
    if note.starts_with(['=', '+', '-', '@']) { format!("'{note}") } else { note.to_owned() }
}
