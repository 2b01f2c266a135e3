//! Recoveries from positive NAAT results (Regulation (EU) 2021/953, article 7): one for each infection, by its
//! first positive sample. Further positive results within the policy's time are of the same infection.

use jiff::{Span, civil::Date};

use super::{Assessed, Assessor, Outcome, Reading, Unsaid, lab::LabEvent, on, provenance};
use crate::{
    record::{Record, RecoveryRecord, Refusal, TestKind, TestResult},
    source::reasons::{NoteCode, ReasonCode},
};

/// What tells a recovery from the test that it follows from.
pub(super) const PART: &str = "recovery";

/// A recovery with the day by which it stands among the person's records.
pub(super) type Dated = (Option<Date>, Assessed);

/// The recoveries of a person, and the results that are (no longer) the first of an infection.
pub(super) fn of(
    assessor: &Assessor,
    reading: &Reading<'_, '_>,
    events: &mut [LabEvent<'_>],
) -> (Vec<Dated>, Vec<Unsaid>) {
    let policy = &assessor.profile().policy;
    let positive =
        |e: &LabEvent<'_>| e.counts && e.kind == Some(TestKind::Naat) && e.result == Some(TestResult::Detected);
    // A copy of a result is no proof of its own.
    let duplicate = |e: &LabEvent<'_>| e.refusals.iter().any(|r| r.code == ReasonCode::DuplicateTest.code());
    let undated = events.iter().any(|e| positive(e) && e.earliest.is_none());
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.retain(|&at| policy.recoveries && events.get(at).is_some_and(|e| positive(e) && !duplicate(e)));
    // What may have been first comes first: a result whose sample is in doubt stands at its earliest day.
    order.sort_by_key(|&at| events.get(at).map(|e| (e.earliest, e.sample.is_none(), e.completed_at, e.event)));

    let mut found: Vec<Dated> = Vec::new();
    let mut begun: Option<Date> = None;
    for &at in &order {
        let Some(event) = events.get_mut(at) else { continue };
        let same = begun.zip(event.earliest).is_some_and(|(start, day)| day <= later(start, policy.episode_days));
        if same {
            event.notes.push(NoteCode::SameInfection.at(None));
            continue;
        }
        begun = event.earliest.or(begun);
        found.push((event.known_on, assess(assessor, reading, event, undated)));
    }
    let has = |uid: &str| found.iter().any(|(_, assessed)| assessed.event == uid);
    let unsaid = events
        .iter()
        .filter(|e| !e.withdrawn && !has(e.event))
        .map(|e| Unsaid { event: e.event.to_owned(), part: PART.to_owned() })
        .collect();
    (found, unsaid)
}

fn assess(assessor: &Assessor, reading: &Reading<'_, '_>, event: &LabEvent<'_>, undated: bool) -> Assessed {
    let policy = &assessor.profile().policy;
    let mut refusals: Vec<Refusal> = event.refusals.clone();
    let mut notes = Vec::new();
    if undated && event.earliest.is_some() {
        refusals.push(ReasonCode::RecoveryFirstUnclear.at(None));
    }
    let sample = event.sample.map(|sample| sample.day);
    if let Some(day) = sample {
        if reading.today < later(day, policy.recovery_from_days) {
            refusals.push(ReasonCode::RecoveryTooEarly.at(None));
        }
        if reading.today > later(day, policy.recovery_until_days) {
            notes.push(NoteCode::RecoveryOver.at(None));
        }
    }
    let outcome = match sample {
        Some(day) if refusals.is_empty() => Outcome::Record(Record::Recovery(Box::new(RecoveryRecord {
            provenance: provenance(reading.entity, event.event, Some(PART), event.updated_at, event.facility),
            person: on(&assessor.profile().policy, reading.person, day),
            first_positive: day,
            valid_from: later(day, policy.recovery_from_days),
            valid_until: later(day, policy.recovery_until_days),
            country: assessor.country,
            issuer: assessor.issuer.clone(),
        }))),
        _ => Outcome::Refused(refusals),
    };
    Assessed {
        tracked_entity: reading.entity.tracked_entity.clone(),
        event: event.event.to_owned(),
        part: Some(PART.to_owned()),
        outcome,
        notes,
    }
}

fn later(day: Date, days: u16) -> Date {
    day.checked_add(Span::new().days(i64::from(days))).unwrap_or(Date::MAX)
}
