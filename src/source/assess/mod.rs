//! From a person in DHIS2 to records that may become certificates: every event of the vaccination stage
//! becomes exactly one record, one list of reasons, or a withdrawal.
//!
//! The order of enrollments, events and values in the input never matters. All that is wrong with a dose is
//! collected, not only the first fault, and nothing is guessed: what cannot be told is refused.

mod dose;
mod person;
mod series;
pub(super) mod text;
mod vaccines;

use std::{cmp::Ordering, fmt, sync::Arc};

use jiff::civil::Date;

use self::{dose::Dose, person::PersonReading};
use super::{
    model::{Enrollment, Event, TrackedEntity},
    profile::{Field, Profile, ProfileError},
    reasons::ReasonCode,
};
use crate::{
    limits::EVENTS_PER_PERSON,
    record::{Country, Person, Provenance, Refusal, VaccinationRecord},
    valueset::VaccineProduct,
};

/// Tells the product behind the option codes of a record.
pub trait VaccineResolver: Send + Sync {
    /// The product that these codes mean; codes are compared without regard to case.
    ///
    /// # Errors
    /// A refusal when they mean none, or more than one.
    fn resolve(
        &self,
        vaccine: Option<&str>,
        manufacturer: Option<&str>,
        brand: Option<&str>,
    ) -> Result<Arc<VaccineProduct>, Refusal>;
}

impl<F> VaccineResolver for F
where
    F: Fn(Option<&str>, Option<&str>, Option<&str>) -> Result<Arc<VaccineProduct>, Refusal> + Send + Sync,
{
    fn resolve(
        &self,
        vaccine: Option<&str>,
        manufacturer: Option<&str>,
        brand: Option<&str>,
    ) -> Result<Arc<VaccineProduct>, Refusal> {
        self(vaccine, manufacturer, brand)
    }
}

/// Looks up the name of an org unit by its UID.
pub type FacilityNames = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Assesses people by one profile. Cheap to clone and safe to share between threads.
#[derive(Clone)]
pub struct Assessor {
    profile: Arc<Profile>,
    resolver: Arc<dyn VaccineResolver>,
    facilities: FacilityNames,
    country: Country,
    issuer: String,
}

impl fmt::Debug for Assessor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Assessor({}, {})", self.profile.name, self.country)
    }
}

/// What became of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// UID of the person.
    pub tracked_entity: String,
    /// The person was deleted. A deleted person may come without events: then every certificate ever issued
    /// for it is withdrawn.
    pub deleted: bool,
    /// Every event of the vaccination stage, by date, then UID.
    pub doses: Vec<Assessed>,
}

/// What became of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// UID of the person.
    pub tracked_entity: String,
    /// UID of the event.
    pub event: String,
    /// Record, reasons or withdrawal.
    pub outcome: Outcome,
    /// What is worth knowing about it; the same form as a refusal, with codes of
    /// [`super::reasons::NoteCode`].
    pub notes: Vec<Refusal>,
}

/// Record, reasons or withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It may become a certificate.
    Record(Box<VaccinationRecord>),
    /// It may not, for all these reasons.
    Refused(Vec<Refusal>),
    /// It was deleted: reported as refused with these reasons, and a certificate issued for it earlier is
    /// listed for revocation.
    Withdrawn(Vec<Refusal>),
}

impl Outcome {
    /// The record, if there is one.
    #[must_use]
    pub fn record(&self) -> Option<&VaccinationRecord> {
        match self {
            Self::Record(record) => Some(record),
            Self::Refused(_) | Self::Withdrawn(_) => None,
        }
    }

    /// The reasons, if there is no record.
    #[must_use]
    pub fn reasons(&self) -> &[Refusal] {
        match self {
            Self::Record(_) => &[],
            Self::Refused(reasons) | Self::Withdrawn(reasons) => reasons,
        }
    }
}

/// A field as its owner knows it: in words, with its UID.
fn label(words: &str, field: &Field) -> String {
    if field.uid.is_empty() { words.to_owned() } else { format!("{words} ({})", field.uid) }
}

/// An event of the vaccination stage with its enrollment.
#[derive(Clone, Copy)]
struct Found<'a> {
    enrollment: &'a Enrollment,
    event: &'a Event,
    withdrawn: bool,
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
            .then_with(|| plain(self).cmp(&plain(other)))
            .then_with(|| values(self).cmp(&values(other)))
    }
}

impl Assessor {
    /// Builds an assessor.
    ///
    /// # Errors
    /// When the profile lacks a mapping that every record needs, or its country or issuer is not set.
    pub fn new(
        profile: Profile,
        resolver: Arc<dyn VaccineResolver>,
        facilities: FacilityNames,
    ) -> Result<Self, ProfileError> {
        profile.check()?;
        let (country, issuer) = (profile.country()?, profile.issuer()?);
        Ok(Self { profile: Arc::new(profile), resolver, facilities, country, issuer })
    }

    /// The profile that people are read by.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    fn resolve(
        &self,
        vaccine: Option<&str>,
        manufacturer: Option<&str>,
        brand: Option<&str>,
    ) -> Result<Arc<VaccineProduct>, Refusal> {
        self.resolver.resolve(vaccine, manufacturer, brand)
    }

    fn facility(&self, uid: &str) -> Option<String> {
        (self.facilities)(uid)
    }

    /// Assesses one person. `today` is the latest date that a dose may have
    /// ([`crate::clock::Clock::latest_today`]).
    #[must_use]
    pub fn assess(&self, entity: &TrackedEntity, today: Date) -> Assessment {
        let found = self.events_of(entity);
        let (person, mut doses) = if found.len() > EVENTS_PER_PERSON {
            // Refused by name, without looking at any of them.
            (None, found.iter().map(|f| refused(f, ReasonCode::TooManyEvents)).collect())
        } else {
            let (person, doses) = self.read(entity, &found, today);
            (Some(person), doses)
        };
        // Ties are told apart by the UID, and copies without a UID came in a fixed order.
        doses.sort_by(|a, b| (a.date.unwrap_or(Date::MAX), a.event).cmp(&(b.date.unwrap_or(Date::MAX), b.event)));
        Assessment {
            tracked_entity: entity.tracked_entity.clone(),
            deleted: entity.deleted,
            doses: doses.into_iter().map(|d| self.finish(entity, person.as_ref(), d)).collect(),
        }
    }

    /// The events of the vaccination stage, one of each UID, in a fixed order.
    fn events_of<'a>(&self, entity: &'a TrackedEntity) -> Vec<Found<'a>> {
        let mut found: Vec<Found<'a>> = entity
            .enrollments
            .iter()
            .filter(|e| self.is_of_program(e))
            .flat_map(|enrollment| enrollment.events.iter().map(move |event| (enrollment, event)))
            .filter(|(_, event)| event.program_stage.as_deref() == Some(self.profile.stage.as_str()))
            .map(|(enrollment, event)| Found {
                enrollment,
                event,
                withdrawn: entity.deleted || enrollment.deleted || event.deleted,
            })
            .collect();
        found.sort_by(Found::order);
        // A page that was read twice brings an event twice: its newest copy stands.
        found.reverse();
        found.dedup_by(|older, newer| !newer.event.event.is_empty() && older.event.event == newer.event.event);
        found.reverse();
        found
    }

    /// An enrollment without a program (hand-made exports) is known by the stage of its events.
    fn is_of_program(&self, enrollment: &Enrollment) -> bool {
        enrollment.program.as_ref().is_none_or(|p| *p == self.profile.program)
    }

    fn read<'a>(&self, entity: &'a TrackedEntity, found: &[Found<'a>], today: Date) -> (Person, Vec<Dose<'a>>) {
        let enrollments: Vec<&Enrollment> =
            entity.enrollments.iter().filter(|e| self.is_of_program(e) && !e.deleted).collect();
        let PersonReading { person, refusals, notes } = person::read(&self.profile, entity, &enrollments, today);
        let mut doses: Vec<Dose<'a>> = found
            .iter()
            .map(|f| match f.withdrawn {
                true => refused(f, ReasonCode::EventDeleted),
                false => dose::read(self, f.enrollment, f.event, person.birth_date, today),
            })
            .collect();
        series::number(&mut doses, &self.profile.policy);
        for dose in doses.iter_mut().filter(|d| d.counts || d.repeats) {
            dose.refusals.splice(0..0, refusals.iter().cloned());
            dose.notes.splice(0..0, notes.iter().cloned());
        }
        (person, doses)
    }

    /// A dose becomes a record when nothing at all is wrong with it.
    fn finish(&self, entity: &TrackedEntity, person: Option<&Person>, dose: Dose<'_>) -> Assessed {
        let event = dose.event.to_owned();
        let tracked_entity = entity.tracked_entity.clone();
        let complete = match (person, dose.product, dose.date, dose.number, dose.total) {
            (Some(person), Some(product), Some(date), Some(number), Some(total)) if dose.refusals.is_empty() => {
                Some((person, product, date, number, total))
            }
            _ => None,
        };
        let outcome = match complete {
            _ if dose.withdrawn => Outcome::Withdrawn(dose.refusals),
            None => Outcome::Refused(dose.refusals),
            Some((person, product, date, number, total_doses)) => Outcome::Record(Box::new(VaccinationRecord {
                provenance: Provenance {
                    tracked_entity: tracked_entity.clone(),
                    event: event.clone(),
                    updated_at: dose.updated_at.max(entity.updated_at.as_deref()).map(str::to_owned),
                },
                person: person.clone(),
                product,
                lot: dose.lot,
                date,
                dose: number,
                total_doses,
                country: self.country,
                centre: dose.centre,
                practitioner: dose.practitioner,
                clinician: None,
                next_dose: dose.next_dose,
                issuer: self.issuer.clone(),
            })),
        };
        Assessed { tracked_entity, event, outcome, notes: dose.notes }
    }
}

/// An event that was not read any further.
fn refused<'a>(found: &Found<'a>, reason: ReasonCode) -> Dose<'a> {
    let mut dose = Dose { event: &found.event.event, withdrawn: found.withdrawn, ..Dose::default() };
    dose.refuse(if found.withdrawn { ReasonCode::EventDeleted } else { reason }, None);
    dose
}

#[cfg(test)]
mod tests;
