//! The events of one person: which stand, which say that something happened, and where the value of a field is
//! found: in the event itself, among the attributes of the person, or in another stage of the same enrollment.

use std::{cmp::Ordering, collections::BTreeMap};

use super::text::Picked;
use crate::{
    record::{PART, Refusal},
    source::{
        model::{AttributeValue, Enrollment, Event, TrackedEntity},
        profile::{Field, Profile},
        reasons::ReasonCode,
    },
};

/// What tells the enrollments of one person apart: the UID, or the place where a hand-made export has none.
pub(super) type EnrollmentKey<'a> = (&'a str, usize);

/// An event of the program with its enrollment.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) key: EnrollmentKey<'a>,
    pub(super) enrollment: &'a Enrollment,
    pub(super) event: &'a Event,
    pub(super) withdrawn: bool,
}

impl Found<'_> {
    /// A total order of copies of one event that does not depend on the order of the input: the copy that
    /// was changed last comes last.
    fn order(&self, other: &Self) -> Ordering {
        let plain = |f: &Self| {
            let (event, enrollment) = (f.event, f.enrollment);
            (
                event.event.clone(),
                event.updated_at.clone(),
                f.withdrawn,
                (event.status.clone(), event.occurred_at.clone(), event.completed_at.clone()),
                (event.org_unit.clone(), event.org_unit_name.clone()),
                (enrollment.enrollment.clone(), enrollment.status.clone()),
            )
        };
        let values = |f: &Self| {
            let mut values: Vec<_> =
                f.event.data_values.iter().map(|v| (v.data_element.clone(), v.value.clone())).collect();
            values.sort();
            values
        };
        self.event
            .event
            .cmp(&other.event.event)
            .then_with(|| self.event.program_stage.cmp(&other.event.program_stage))
            .then_with(|| plain(self).cmp(&plain(other)))
            .then_with(|| values(self).cmp(&values(other)))
    }

    pub(super) fn is_of(&self, stage: &str) -> bool {
        self.event.program_stage.as_deref() == Some(stage)
    }
}

/// An enrollment without a program (hand-made exports) is known by the stage of its events.
pub(super) fn is_of_program(profile: &Profile, enrollment: &Enrollment) -> bool {
    enrollment.program.as_ref().is_none_or(|p| *p == profile.program)
}

/// The events of the program in every stage, one of each UID, in a fixed order.
pub(super) fn all<'a>(profile: &Profile, entity: &'a TrackedEntity) -> Vec<Found<'a>> {
    let enrollments = entity.enrollments.iter().enumerate().filter(|(_, e)| is_of_program(profile, e));
    let mut found: Vec<Found<'a>> = enrollments
        .flat_map(|(place, enrollment)| {
            let uid = enrollment.enrollment.as_str();
            let key = (uid, if uid.is_empty() { place } else { 0 });
            enrollment.events.iter().map(move |event| Found {
                key,
                enrollment,
                event,
                withdrawn: entity.deleted || enrollment.deleted || event.deleted,
            })
        })
        .collect();
    found.sort_by(Found::order);
    // A page that was read twice brings an event twice: its newest copy stands.
    found.reverse();
    found.dedup_by(|older, newer| {
        !newer.event.event.is_empty()
            && (&older.event.event, &older.event.program_stage) == (&newer.event.event, &newer.event.program_stage)
    });
    found.reverse();
    found
}

/// Why an event says nothing (yet): its identity, its status, its emptiness, its enrollment. Whatever else it
/// lacks is beside the point then.
pub(super) fn faults(profile: &Profile, found: &Found<'_>) -> Vec<Refusal> {
    let (event, enrollment) = (found.event, found.enrollment);
    let mut faults = Vec::new();
    let uid = &event.event;
    if uid.trim().is_empty() || uid.contains(PART) || super::text::clean(uid).is_err() {
        faults.push(ReasonCode::EventUnidentified.at(None));
    }
    if !is_completed(profile, event) {
        faults.push(ReasonCode::EventNotCompleted.at(Some("status")));
    }
    if event.data_values.iter().all(|v| v.value.as_deref().is_none_or(|v| v.trim().is_empty())) {
        faults.push(ReasonCode::EventEmpty.at(None));
    }
    match enrollment.status.as_deref() {
        Some("CANCELLED") => faults.push(ReasonCode::EnrollmentCancelled.at(Some("enrollment status"))),
        Some("COMPLETED") => {}
        _ if profile.policy.require_completed_enrollment => {
            faults.push(ReasonCode::EnrollmentNotCompleted.at(Some("enrollment status")));
        }
        _ => {}
    }
    faults
}

/// Whether the status of an event is one that counts.
pub(super) fn is_completed(profile: &Profile, event: &Event) -> bool {
    profile.policy.accept_statuses.iter().any(|s| Some(s.as_str()) == event.status.as_deref())
}

/// The value of a field in an event.
pub(super) fn here<'a>(field: &Field, event: &'a Event) -> Picked<'a> {
    Picked::from(field, event.data_values.iter().map(|v| (v.data_element.as_str(), None, v.value.as_deref())))
}

/// The day that an event gives as its own.
pub(super) fn own_date(event: &Event) -> Picked<'_> {
    event.occurred_at.as_deref().map(str::trim).filter(|t| !t.is_empty()).map_or(Picked::Absent, Picked::One)
}

/// The value of an attribute: at the level of the person, else in the enrollments, where some servers put
/// the attributes of the program.
pub(super) fn attribute<'a>(field: &Field, entity: &'a TrackedEntity, enrollments: &[&'a Enrollment]) -> Picked<'a> {
    let value = |a: &'a AttributeValue| (a.attribute.as_str(), a.code.as_deref(), a.value.as_deref());
    match Picked::from(field, entity.attributes.iter().map(value)) {
        Picked::Absent => Picked::from(field, enrollments.iter().flat_map(|e| &e.attributes).map(value)),
        found => found,
    }
}

/// The values of a person outside the events that are assessed: looked up once for each field of each event, so
/// they are sorted once.
pub(super) struct Elsewhere<'a> {
    entity: &'a TrackedEntity,
    enrollments: Vec<&'a Enrollment>,
    by_element: BTreeMap<(EnrollmentKey<'a>, &'a str), Picked<'a>>,
    by_element_anywhere: BTreeMap<&'a str, Picked<'a>>,
}

impl<'a> Elsewhere<'a> {
    /// Sorts the values of the events that are not of the profile's own stage and were not deleted.
    pub(super) fn of(profile: &Profile, entity: &'a TrackedEntity, all: &[Found<'a>]) -> Self {
        let enrollments = entity.enrollments.iter().filter(|e| is_of_program(profile, e) && !e.deleted).collect();
        let mut by_element = BTreeMap::new();
        let mut by_element_anywhere = BTreeMap::new();
        for found in all.iter().filter(|f| !f.withdrawn && !f.is_of(&profile.stage)) {
            for value in &found.event.data_values {
                let Some(text) = value.value.as_deref().map(str::trim).filter(|v| !v.is_empty()) else { continue };
                let element = value.data_element.as_str();
                if element.is_empty() {
                    continue;
                }
                by_element.entry((found.key, element)).or_insert(Picked::Absent).and(text);
                by_element_anywhere.entry(element).or_insert(Picked::Absent).and(text);
            }
        }
        Self { entity, enrollments, by_element, by_element_anywhere }
    }

    /// A field of the person: an attribute, else a value of another stage of any enrollment.
    pub(super) fn of_person(&self, field: &Field) -> Picked<'a> {
        match attribute(field, self.entity, &self.enrollments) {
            Picked::Absent => self.by_element_anywhere.get(field.uid.as_str()).copied().unwrap_or(Picked::Absent),
            found => found,
        }
    }

    /// A field of an event: its own value, else an attribute, else a value of another stage of its enrollment.
    pub(super) fn of_event(&self, field: &Field, found: &Found<'a>) -> Picked<'a> {
        if !field.is_mapped() {
            return Picked::Absent;
        }
        let other = || self.by_element.get(&(found.key, field.uid.as_str())).copied().unwrap_or(Picked::Absent);
        match here(field, found.event) {
            Picked::Absent => match attribute(field, self.entity, &self.enrollments) {
                Picked::Absent => other(),
                picked => picked,
            },
            picked => picked,
        }
    }
}
