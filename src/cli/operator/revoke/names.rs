//! Certificates by name: a result for each, and no bad one stops the others.

use std::{collections::BTreeMap, path::Path};

use super::{
    Desk, Ended, Order, RevokeError,
    csv::{self, Line},
    say,
};
use crate::{
    batch::write_owned,
    clock::Clock,
    limits,
    record::{Uvci, UvciError, check_character},
    registry::{Cause, Certificate, Reason, Restored, Revoked},
};

/// What became of one identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// Revoked, or restored, now.
    Done,
    /// It was so before.
    Already(Option<Reason>),
    /// An open intent that was given up.
    NotSigned,
    Unknown,
    Malformed(&'static str),
    Replaced(String),
}

impl Outcome {
    /// Whether what was asked for holds now.
    fn holds(&self) -> bool {
        matches!(self, Self::Done | Self::Already(_) | Self::NotSigned)
    }

    /// The word of the report.
    fn word(&self, order: &Order) -> &'static str {
        match (self, order.undo) {
            (Self::Done, _) if order.dry_run => "would change",
            (Self::Done, false) => "revoked",
            (Self::Done, true) => "restored",
            (Self::Already(_), false) => "already revoked",
            (Self::Already(_), true) => "not revoked",
            (Self::NotSigned, _) => "not signed yet",
            (Self::Unknown, _) => "unknown",
            (Self::Malformed(_), _) => "malformed",
            (Self::Replaced(_), _) => "replaced",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Done => String::new(),
            Self::Already(reason) => reason.map(|reason| format!("reason {}", reason.as_str())).unwrap_or_default(),
            Self::NotSigned => "it was being signed and is given up; its record is issued by the next run".to_owned(),
            Self::Unknown => "this registry never issued it; compare it with the certificate".to_owned(),
            Self::Malformed(problem) => (*problem).to_owned(),
            Self::Replaced(by) => format!("{by} took its place and stands; revoke that one if it is meant"),
        }
    }
}

/// An identifier, with the place of its line.
type Place = (usize, String);

/// Does what was ordered with identifiers of the command line and of a list.
pub(super) async fn work(
    desk: &Desk,
    ids: &[String],
    list: Option<&Path>,
    order: &Order,
) -> Result<Ended, RevokeError> {
    let typed = ids.iter().map(|id| Line { number: 0, id: Some(id.clone()), reason: None });
    let lines: Vec<Line> = typed.chain(list.map(csv::read).transpose()?.unwrap_or_default()).collect();
    if lines.is_empty() {
        return Err(RevokeError::Usage("the list is empty: give one identifier a line"));
    }
    let mut results: Vec<(Line, Option<String>, Outcome)> = Vec::with_capacity(lines.len());
    // By reason, because one order has one.
    let mut due: BTreeMap<&'static str, (Reason, Vec<Place>)> = BTreeMap::new();
    for (place, line) in lines.into_iter().enumerate() {
        match identifier(&line, &desk.country, order) {
            Ok((id, reason)) => {
                due.entry(reason.as_str()).or_insert((reason, Vec::new())).1.push((place, id.clone()));
                results.push((line, Some(id), Outcome::Unknown));
            }
            Err(problem) => results.push((line, None, Outcome::Malformed(problem))),
        }
    }
    let ids = due.values().map(|(_, ids)| ids.len()).sum::<usize>();
    // Several at once are a bulk, so that they can be taken back at once.
    let bulk = if ids > 1 && !order.undo && !order.dry_run { Some(desk.bulk()?) } else { None };
    for (reason, ids) in due.into_values() {
        let cause = Cause { reason, bulk: bulk.clone(), ..order.cause.clone() };
        for chunk in ids.chunks(limits::REGISTRY_BATCH) {
            let names: Vec<String> = chunk.iter().map(|(_, id)| id.clone()).collect();
            let outcomes = one_chunk(desk, &names, &cause, order).await?;
            for ((place, _), outcome) in chunk.iter().zip(outcomes) {
                if let Some(result) = results.get_mut(*place) {
                    result.2 = outcome;
                }
            }
        }
    }
    let from_list = list.is_some();
    report(&results, order, from_list)?;
    let count = |test: &dyn Fn(&Outcome) -> bool| results.iter().filter(|(.., outcome)| test(outcome)).count();
    let (done, held) = (count(&|o| *o == Outcome::Done), count(&Outcome::holds));
    let verb = match (order.undo, order.dry_run) {
        (false, false) => "revoked now",
        (true, false) => "restored now",
        (false, true) => "would be revoked",
        (true, true) => "would be restored",
    };
    // Where the lines themselves go to standard output as a table, the sum must not stand among them.
    if !from_list || order.report.is_some() {
        desk.tell(&format!("{done} {verb}, {} as they were, {} not", held - done, results.len() - held));
        if let Some(bulk) = bulk.filter(|_| done > 0) {
            desk.tell(&format!("Group {bulk}; to take it back: vaccert revoke --undo-group {bulk} --reason mistake"));
        }
        if done > 0 {
            desk.tell_published(order.dry_run);
        }
    }
    Ok(if held == results.len() { Ended::Whole } else { Ended::InPart })
}

/// One transaction's worth.
async fn one_chunk(desk: &Desk, ids: &[String], cause: &Cause, order: &Order) -> Result<Vec<Outcome>, RevokeError> {
    let now = desk.clock.now();
    if order.dry_run {
        let mut outcomes = Vec::with_capacity(ids.len());
        for id in ids {
            outcomes.push(match desk.registry.get(id).await? {
                None => Outcome::Unknown,
                Some(found) if found.sealed.is_none() => Outcome::NotSigned,
                Some(found) => match (order.undo, found.revoked) {
                    (false, Some(reason)) => Outcome::Already(Some(reason)),
                    (false, None) => Outcome::Done,
                    (true, None) => Outcome::Already(None),
                    (true, Some(_)) => newer(desk, &found).await?.map_or(Outcome::Done, Outcome::Replaced),
                },
            });
        }
        return Ok(outcomes);
    }
    if order.undo {
        let answers = desk.registry.restore(ids, cause, now).await?;
        return Ok(answers.into_iter().map(Outcome::from).collect());
    }
    let answers = desk.registry.revoke(ids, cause, now).await?;
    Ok(answers.into_iter().map(Outcome::from).collect())
}

/// The certificate that holds the place of this one's record.
async fn newer(desk: &Desk, found: &Certificate) -> Result<Option<String>, RevokeError> {
    if found.superseded_by.is_some() {
        return Ok(found.superseded_by.clone());
    }
    let all = desk.registry.list_by_person(&found.tracked_entity).await?;
    let holds = |one: &Certificate| one.sealed.is_some() && one.superseded_by.is_none() && one.withdrawn_at.is_none();
    let other = all.into_iter().find(|one| one.id != found.id && one.event == found.event && holds(one));
    Ok(other.map(|one| one.id))
}

impl From<Revoked> for Outcome {
    fn from(answer: Revoked) -> Self {
        match answer {
            Revoked::Done => Self::Done,
            Revoked::Already { reason } => Self::Already(Some(reason)),
            Revoked::NotSigned => Self::NotSigned,
            Revoked::Unknown => Self::Unknown,
        }
    }
}

impl From<Restored> for Outcome {
    fn from(answer: Restored) -> Self {
        match answer {
            Restored::Done => Self::Done,
            Restored::NotRevoked => Self::Already(None),
            Restored::Replaced { by } => Self::Replaced(by),
            Restored::Unknown => Self::Unknown,
        }
    }
}

/// The identifier of a line in the registry's spelling, and its reason.
fn identifier(line: &Line, country: &str, order: &Order) -> Result<(String, Reason), &'static str> {
    let reason = match line.reason {
        None => order.cause.reason,
        Some(Ok(Reason::Mistake)) if !order.undo => return Err("the reason mistake is for --undo"),
        Some(Ok(reason)) => reason,
        Some(Err(())) => return Err("its reason is none of fraud, error, lot, key, holder, other"),
    };
    let text = line.id.as_deref().ok_or("the line holds no identifier")?.trim().to_ascii_uppercase();
    // The name of a certificate's folder: its random part.
    let opaque = text.len() == 26 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let text = if opaque { format!("URN:UVCI:01:{country}:{text}") } else { text };
    let whole = match (text.contains('#'), check_character(&text)) {
        (false, Some(check)) if text.starts_with("URN:UVCI:") => format!("{text}#{check}"),
        _ => text,
    };
    match whole.parse::<Uvci>() {
        Ok(id) => Ok((id.to_string(), reason)),
        Err(UvciError::Checksum) => Err("the check character does not match: it was mistyped"),
        Err(UvciError::Form) => Err("this is no certificate identifier"),
    }
}

/// Writes the identifiers of a bulk into the report, if one is wanted.
pub(super) fn write_ids(ids: &[String], order: &Order) -> Result<(), RevokeError> {
    let lines = ids.iter().map(|id| {
        let line = Line { number: 0, id: None, reason: None };
        (line, Some(id.clone()), Outcome::Done)
    });
    if order.report.is_some() { report(&lines.collect::<Vec<_>>(), order, true) } else { Ok(()) }
}

/// A line for each identifier: words on a terminal, a table for a list or a file. What is malformed is not repeated,
/// because it may be anything, the name of a person in the wrong column among it.
fn report(results: &[(Line, Option<String>, Outcome)], order: &Order, table: bool) -> Result<(), RevokeError> {
    if !table && order.report.is_none() {
        for (_, id, outcome) in results {
            let detail = outcome.detail();
            let dash = if detail.is_empty() { "" } else { ": " };
            say!("{:<16} {}{dash}{detail}", outcome.word(order), id.as_deref().unwrap_or("-"));
        }
        return Ok(());
    }
    let mut out = ::csv::Writer::from_writer(Vec::new());
    // Writing into memory does not fail.
    let _ = out.write_record(["line", "id", "result", "detail"]);
    for (line, id, outcome) in results {
        let number = if line.number == 0 { String::new() } else { line.number.to_string() };
        let _ = out.write_record([&number, id.as_deref().unwrap_or(""), outcome.word(order), &outcome.detail()]);
    }
    let bytes = out.into_inner().unwrap_or_default();
    match &order.report {
        Some(path) => Ok(write_owned(path, &bytes)?),
        None => {
            use std::io::Write as _;
            let _ = std::io::stdout().write_all(&bytes);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_in_every_spelling_and_no_other_text() {
        let id = Uvci::from_random("XX".parse().unwrap(), [7; 16]);
        let cause = Cause::from(Reason::Fraud);
        let order = Order { undo: false, cause, dry_run: false, report: None };
        let of = |text: &str| {
            let line = Line { number: 1, id: Some(text.to_owned()), reason: None };
            identifier(&line, "XX", &order).map(|(id, _)| id)
        };
        let whole = id.as_str();
        let body = whole.split('#').next().unwrap();
        for text in [whole, body, id.opaque(), &whole.to_lowercase(), &format!(" {whole} ")] {
            assert_eq!(of(text).as_deref(), Ok(whole), "{text}");
        }
        let wrong = format!("{body}#{}", if whole.ends_with('A') { 'B' } else { 'A' });
        assert!(of(&wrong).unwrap_err().contains("mistyped"));
        for text in ["", "Jane Doe", "12345", "URN:UVCI:01:XX:Ä", &"A".repeat(300)] {
            assert!(of(text).is_err(), "{text}");
        }
    }
}
