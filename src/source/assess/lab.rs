//! Reads the results of a laboratory: every event of the stage of results becomes a test, a list of reasons or a
//! withdrawal, and a positive NAAT may become a recovery as well (`recovery`). A code that is not known is never a
//! result, and least of all a negative one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    Assessed, Assessor, Outcome, Reading, Unsaid,
    event::{self, EnrollmentKey, Found, here, own_date},
    label, on,
    pairing::{Asking, Moment, Samples},
    provenance, recovery,
};
use crate::{
    limits::DCC_FIELD_CHARS,
    record::{Record, Refusal, TestKind, TestRecord, TestResult},
    source::{
        profile::{Field, LabKind, LabResult},
        reasons::{NoteCode, ReasonCode},
    },
    valueset::{EuSet, ValueSets},
};

/// No test of COVID-19 is older: the genome was published on 2020-01-11.
const FIRST_YEAR: i16 = 2020;

/// One result and what was read of it.
#[derive(Default)]
pub(super) struct LabEvent<'a> {
    pub(super) event: &'a str,
    pub(super) updated_at: Option<&'a str>,
    pub(super) completed_at: Option<&'a str>,
    pub(super) facility: Option<&'a str>,
    enrollment: EnrollmentKey<'a>,
    pub(super) withdrawn: bool,
    /// Reported as a test that was done: it takes part in what follows, even when something about it is wrong.
    pub(super) counts: bool,
    pub(super) kind: Option<TestKind>,
    pub(super) result: Option<TestResult>,
    /// Day of the result.
    pub(super) known_on: Option<Date>,
    pub(super) sample: Option<Moment>,
    /// The first day on which the sample may have been taken.
    pub(super) earliest: Option<Date>,
    name: Option<String>,
    device: Option<String>,
    centre: Option<String>,
    /// What is wrong with it as a test and as the proof of an infection.
    pub(super) refusals: Vec<Refusal>,
    /// What only a certificate of the test needs.
    test_refusals: Vec<Refusal>,
    pub(super) notes: Vec<Refusal>,
}

impl LabEvent<'_> {
    fn refuse(&mut self, reason: ReasonCode, field: Option<&str>) {
        if !self.refusals.iter().any(|r| r.code == reason.code() && r.field.as_deref() == field) {
            self.refusals.push(reason.at(field));
        }
    }
}

/// Assesses the results of one person.
pub(super) fn assess<'a>(
    assessor: &Assessor,
    reading: &Reading<'_, 'a>,
    all: &[Found<'a>],
    found: &[Found<'a>],
    refusals: &[Refusal],
    notes: &[Refusal],
) -> (Vec<Assessed>, Vec<Unsaid>) {
    let mut events: Vec<LabEvent<'a>> = found.iter().map(|f| read(assessor, f)).collect();
    pair(assessor, &mut events, all);
    for event in &mut events {
        check_sample(assessor, event, reading);
    }
    compare(&mut events);
    for event in events.iter_mut().filter(|e| e.counts) {
        event.refusals.splice(0..0, refusals.iter().cloned());
        event.notes.splice(0..0, notes.iter().cloned());
    }
    let (recoveries, unsaid) = recovery::of(assessor, reading, &mut events);
    let mut records: Vec<(Option<Date>, Assessed)> =
        events.into_iter().map(|event| (event.known_on, finish(assessor, reading, event))).collect();
    records.extend(recoveries);
    let place = |(day, a): &(Option<Date>, Assessed)| (day.unwrap_or(Date::MAX), a.event.clone(), a.part.clone());
    records.sort_by_cached_key(place);
    (records.into_iter().map(|(_, assessed)| assessed).collect(), unsaid)
}

/// Reads what one event says by itself.
fn read<'a>(assessor: &Assessor, found: &Found<'a>) -> LabEvent<'a> {
    let (profile, event) = (assessor.profile(), found.event);
    let fields = &profile.lab;
    let mut read = LabEvent {
        event: &event.event,
        updated_at: event.updated_at.as_deref(),
        completed_at: event.completed_at.as_deref(),
        facility: event.org_unit.as_deref(),
        enrollment: found.key,
        withdrawn: found.withdrawn,
        ..LabEvent::default()
    };
    if found.withdrawn {
        read.refuse(ReasonCode::EventDeleted, None);
        return read;
    }
    read.refusals = event::faults(profile, found);
    if !read.refusals.is_empty() {
        return read;
    }
    read.counts = true;

    let kind_label = label("type of test", &fields.kind);
    match here(&fields.kind, event).text() {
        Ok(None) => read.refuse(ReasonCode::TestKindMissing, Some(&kind_label)),
        Ok(Some(code)) => match profile.values.test_kind_code(&code) {
            None => read.refuse(ReasonCode::TestKindUnknown, Some(&kind_label)),
            Some(LabKind::Serology) => read.refuse(ReasonCode::TestKindSerology, Some(&kind_label)),
            Some(LabKind::Sequencing) => read.refuse(ReasonCode::TestKindSequencing, Some(&kind_label)),
            Some(kind) => read.kind = kind.certifiable(),
        },
        Err(reason) => read.refuse(reason, Some(&kind_label)),
    }
    let result_label = label("test result", &fields.result);
    match here(&fields.result, event).text() {
        Ok(None) => read.refuse(ReasonCode::TestResultMissing, Some(&result_label)),
        Ok(Some(code)) => match profile.values.test_result_code(&code) {
            Some(LabResult::Detected) => read.result = Some(TestResult::Detected),
            Some(LabResult::NotDetected) => read.result = Some(TestResult::NotDetected),
            Some(LabResult::Inconclusive) => read.refuse(ReasonCode::TestInconclusive, Some(&result_label)),
            Some(LabResult::Invalid) => read.refuse(ReasonCode::TestInvalid, Some(&result_label)),
            Some(LabResult::Unknown) => read.refuse(ReasonCode::TestResultNotKnown, Some(&result_label)),
            Some(LabResult::NotPerformed) => read.refuse(ReasonCode::TestNotPerformed, Some(&result_label)),
            None => read.refuse(ReasonCode::TestResultUnknown, Some(&result_label)),
        },
        Err(reason) => read.refuse(reason, Some(&result_label)),
    }
    read_days(assessor, &mut read, found);

    // The certificate's field is bounded, and what it may leave out is left out.
    let short = |read: &mut LabEvent<'a>, text: Option<String>, at: &str| match text {
        Some(text) if text.chars().count() > DCC_FIELD_CHARS => {
            read.notes.push(NoteCode::FieldLeftOut.at(Some(at)));
            None
        }
        text => text,
    };
    let name_label = label("test name", &fields.test_name);
    let name = here(&fields.test_name, event).text().unwrap_or_else(|_| {
        read.notes.push(NoteCode::FieldLeftOut.at(Some(&name_label)));
        None
    });
    read.name = short(&mut read, name, &name_label);
    let centre = assessor.centre(event);
    if centre.is_none() {
        read.notes.push(NoteCode::FacilityUnknown.at(Some("org unit")));
    }
    read.centre = short(&mut read, centre, "org unit");
    if read.kind == Some(TestKind::RapidAntigen) {
        read_device(&mut read, &fields.device, found);
    }
    read
}

fn read_device(read: &mut LabEvent<'_>, field: &Field, found: &Found<'_>) {
    let at = label("test device", field);
    match here(field, found.event).text() {
        Ok(None) => read.refuse(ReasonCode::TestDeviceMissing, Some(&at)),
        Ok(Some(code)) if ValueSets::built_in().eu(EuSet::TestDevice, &code).is_some() => read.device = Some(code),
        Ok(Some(_)) => read.refuse(ReasonCode::TestDeviceUnknown, Some(&at)),
        Err(reason) => read.refuse(reason, Some(&at)),
    }
}

/// The day of the result, and the sample where the event tells its time itself.
fn read_days(assessor: &Assessor, read: &mut LabEvent<'_>, found: &Found<'_>) {
    let fields = &assessor.profile().lab;
    let date_label = label("date of the result", &fields.result_date);
    match here(&fields.result_date, found.event).day() {
        Ok(Some(day)) => read.known_on = Some(day),
        Err(reason) => read.refuse(reason, Some(&date_label)),
        Ok(None) => match own_date(found.event).day() {
            Ok(Some(day)) => read.known_on = Some(day),
            Ok(None) => read.refuse(ReasonCode::DateMissing, Some(&date_label)),
            Err(reason) => read.refuse(reason, Some("event date")),
        },
    }
    let sample_label = label("date of the sample", &fields.sample_date);
    match here(&fields.sample_date, found.event).text() {
        Ok(None) => {}
        Ok(Some(text)) => match Moment::read(&text) {
            Some(moment) => read.sample = Some(moment),
            None => read.refuse(ReasonCode::SampleDateUnreadable, Some(&sample_label)),
        },
        Err(reason) => read.refuse(reason, Some(&sample_label)),
    }
}

/// Finds the sample of each result that does not tell it itself.
fn pair<'a>(assessor: &Assessor, events: &mut [LabEvent<'a>], all: &[Found<'a>]) {
    let profile = assessor.profile();
    let at = label("date of the sample", &profile.lab.sample_date);
    let unreadable = ReasonCode::SampleDateUnreadable.code();
    let (mut places, mut questions) = (Vec::new(), Vec::new());
    for (place, event) in events.iter().enumerate() {
        let own = event.sample.is_some()
            || event.refusals.iter().any(|r| r.code == unreadable || r.field.as_deref() == Some(at.as_str()));
        if let (true, false, Some(on)) = (event.counts, own, event.known_on) {
            places.push(place);
            questions.push(Asking { enrollment: event.enrollment, on });
        }
    }
    let answers = Samples::of(assessor, all).answers(&questions, profile.policy.sample_pairing);
    for (place, answer) in places.into_iter().zip(answers) {
        let Some(event) = events.get_mut(place) else { continue };
        match answer {
            Ok(moment) => event.sample = Some(moment),
            Err((reason, first)) => {
                event.refuse(reason, Some(&at));
                event.earliest = first;
            }
        }
    }
}

/// Whether the sample can be right, and whether its time is known.
fn check_sample(assessor: &Assessor, event: &mut LabEvent<'_>, reading: &Reading<'_, '_>) {
    let profile = assessor.profile();
    let at = label("date of the sample", &profile.lab.sample_date);
    let result_at = label("date of the result", &profile.lab.result_date);
    if event.known_on.is_some_and(|day| day > reading.today) {
        event.refuse(ReasonCode::ResultInFuture, Some(&result_at));
    }
    let days_before =
        |day: Date, days: u16| day.checked_sub(jiff::Span::new().days(i64::from(days))).unwrap_or(Date::MIN);
    let oldest = event.known_on.map(|day| days_before(day, profile.policy.sample_days));
    event.earliest = event.sample.map(|s| s.day).or(event.earliest).or(oldest);
    let Some(sample) = event.sample else { return };
    if sample.day > reading.today {
        event.refuse(ReasonCode::SampleInFuture, Some(&at));
    }
    if event.known_on.is_some_and(|known| sample.day > known) {
        event.refuse(ReasonCode::SampleAfterResult, Some(&at));
    }
    if oldest.is_some_and(|oldest| sample.day < oldest) {
        event.refuse(ReasonCode::SampleTooOld, Some(&at));
    }
    if sample.day.year() < FIRST_YEAR {
        event.refuse(ReasonCode::SampleBeforeTests, Some(&at));
    }
    if reading.person.birth_date.is_some_and(|birth| sample.day < birth.earliest()) {
        event.refuse(ReasonCode::SampleBeforeBirth, Some(&at));
    }
    if sample.time(assessor).is_none() {
        event.test_refusals.push(ReasonCode::SampleTimeUnknown.at(Some(&at)));
    }
}

/// Two results of one kind for one day: the same one twice stands once; a positive and a negative one stand for
/// nothing, because nobody can tell which is right.
fn compare(events: &mut [LabEvent<'_>]) {
    let mut days: BTreeMap<(bool, Date), Vec<usize>> = BTreeMap::new();
    for (at, event) in events.iter().enumerate().filter(|(_, e)| e.counts && e.result.is_some()) {
        if let (Some(kind), Some(sample)) = (event.kind, event.sample) {
            days.entry((kind == TestKind::Naat, sample.day)).or_default().push(at);
        }
    }
    for places in days.into_values().filter(|places| places.len() > 1) {
        let members: Vec<&LabEvent<'_>> = places.iter().filter_map(|&at| events.get(at)).collect();
        if members.iter().any(|e| e.result != members.first().and_then(|first| first.result)) {
            for at in places {
                if let Some(event) = events.get_mut(at) {
                    event.refuse(ReasonCode::ContradictingTests, Some("test result"));
                }
            }
            continue;
        }
        // The event that was completed first stands, so that a copy made later changes nothing.
        let mut order: Vec<usize> = places;
        order.sort_by_key(|&at| events.get(at).map(|e| (e.completed_at.is_none(), e.completed_at, e.event)));
        let mut seen = BTreeSet::new();
        for at in order {
            if let Some(event) = events.get_mut(at)
                && !seen.insert((event.known_on, event.facility, event.device.clone(), event.name.clone()))
            {
                event.refuse(ReasonCode::DuplicateTest, None);
            }
        }
    }
}

/// A result becomes a record when nothing at all is wrong with it.
fn finish(assessor: &Assessor, reading: &Reading<'_, '_>, event: LabEvent<'_>) -> Assessed {
    let refusals: Vec<Refusal> = event.refusals.into_iter().chain(event.test_refusals).collect();
    let sampled = event.sample.and_then(|sample| Some((sample.day, sample.time(assessor)?)));
    let outcome = match (event.kind, event.result, sampled) {
        _ if event.withdrawn => Outcome::Withdrawn(refusals),
        (Some(kind), Some(result), Some((day, sampled_at))) if refusals.is_empty() => {
            Outcome::Record(Record::Test(Box::new(TestRecord {
                provenance: provenance(reading.entity, event.event, None, event.updated_at, event.facility),
                person: on(&assessor.profile().policy, reading.person, day),
                kind,
                name: event.name,
                device: event.device,
                sampled_at,
                result,
                centre: event.centre,
                country: assessor.country,
                issuer: assessor.issuer.clone(),
            })))
        }
        _ => Outcome::Refused(refusals),
    };
    Assessed {
        tracked_entity: reading.entity.tracked_entity.clone(),
        event: event.event.to_owned(),
        part: None,
        outcome,
        notes: event.notes,
    }
}

#[cfg(test)]
mod tests;
