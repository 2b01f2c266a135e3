//! From a person in DHIS2 to records that may become certificates: every event of the profile's stage becomes a
//! record, a list of reasons, or a withdrawal; an event that holds several doses, or a test and a recovery,
//! becomes several.
//!
//! The order of enrollments, events and values in the input never matters. All that is wrong with a record is
//! collected, not only the first fault, and nothing is guessed: what cannot be told is refused.

mod dose;
mod event;
mod given;
mod lab;
mod pairing;
mod person;
mod recovery;
mod series;
pub(super) mod text;
mod vaccines;

use std::{fmt, sync::Arc};

use jiff::{
    civil::{Date, Time},
    tz::Offset,
};

use self::{
    dose::Dose,
    event::{Elsewhere, Found},
    person::PersonReading,
};
use super::{
    model::{Event, TrackedEntity},
    policy::Policy,
    profile::{Field, Profile, ProfileError},
    reasons::ReasonCode,
};
use crate::{
    limits::EVENTS_PER_PERSON,
    record::{Country, DocumentKind, Person, Provenance, Record, Refusal, VaccinationRecord},
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

    /// The product with this id in WHO's catalogue, this key, or this code of the ministry's own; `None` where
    /// nobody knows it, or more than one has it.
    fn product(&self, id: &str) -> Option<Arc<VaccineProduct>> {
        let _ = id;
        None
    }
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
    /// Time of day of samples whose record has none.
    sample_time: Option<Time>,
    /// The country's offset from UTC.
    utc_offset: Option<Offset>,
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
    /// Every event of the profile's stage, and each of its records, by date, then UID.
    pub records: Vec<Assessed>,
    /// What events might say and do not (any more): a certificate that was issued for one of these stands
    /// although its record is gone.
    pub unsaid: Vec<Unsaid>,
}

/// A part of an event of which the event says nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unsaid {
    /// UID of the event.
    pub event: String,
    /// The part.
    pub part: String,
}

impl Unsaid {
    /// Key that a record of it would have.
    #[must_use]
    pub fn key(&self) -> String {
        Provenance::key(&self.event, Some(&self.part))
    }
}

/// What became of one event, or of one of the records that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// UID of the person.
    pub tracked_entity: String,
    /// UID of the event.
    pub event: String,
    /// What tells this record from the others of its event: the UID of the data element that says that the dose
    /// was given, or `recovery`. `None` for the event as a whole.
    pub part: Option<String>,
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
    Record(Record),
    /// It may not, for all these reasons.
    Refused(Vec<Refusal>),
    /// It was deleted: reported as refused with these reasons, and a certificate issued for it or for a part of it
    /// earlier is listed for revocation.
    Withdrawn(Vec<Refusal>),
}

impl Outcome {
    /// The record, if there is one.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Record(record) => Some(record),
            Self::Refused(_) | Self::Withdrawn(_) => None,
        }
    }

    /// The dose, if there is one.
    #[must_use]
    pub fn vaccination(&self) -> Option<&VaccinationRecord> {
        self.record().and_then(Record::vaccination)
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

/// Everything that was read of one person, before it becomes records.
struct Reading<'p, 'a> {
    entity: &'a TrackedEntity,
    person: &'p Person,
    today: Date,
}

impl Assessor {
    /// Builds an assessor.
    ///
    /// # Errors
    /// When the profile lacks a mapping that every record needs, its country or issuer is not set, a constant is
    /// not of its form, or it names a product that nobody knows.
    pub fn new(
        profile: Profile,
        resolver: Arc<dyn VaccineResolver>,
        facilities: FacilityNames,
    ) -> Result<Self, ProfileError> {
        profile.check()?;
        let (country, issuer) = (profile.country()?, profile.issuer()?);
        let constant = |name, form| ProfileError::Constant { profile: profile.name.clone(), constant: name, form };
        let constants = &profile.constants;
        let sample_time = match constants.sample_time.as_deref() {
            Some(text) => Some(
                pairing::time_of_day(text)
                    .ok_or_else(|| constant("sample_time", "a time of day as HH:MM, such as 12:00"))?,
            ),
            None => None,
        };
        let utc_offset = match constants.utc_offset.as_deref() {
            Some(text) => Some(
                pairing::offset(text)
                    .ok_or_else(|| constant("utc_offset", "an offset from UTC as +HH:MM or -HH:MM, such as +05:30"))?,
            ),
            None => None,
        };
        if constants.document_kind.as_deref().is_some_and(|code| DocumentKind::from_code(code).is_none()) {
            return Err(constant(
                "document_kind",
                "a code of HL7 table 0203 that travel documents have, such as PPN or NI",
            ));
        }
        let assessor =
            Self { profile: Arc::new(profile), resolver, facilities, country, issuer, sample_time, utc_offset };
        assessor.check_products()?;
        Ok(assessor)
    }

    /// A product that a rule names and nobody knows would refuse every dose, so it is told at once.
    fn check_products(&self) -> Result<(), ProfileError> {
        let profile = &self.profile;
        let given = profile.given.iter().map(|rule| ("given", rule.product.as_str()));
        let used = profile.antigens.values().flat_map(|a| &a.used).map(|used| ("antigens", used.product.as_str()));
        let kinds = profile.antigens.keys().map(|kind| ("antigens", kind.as_str()));
        let mapped = profile.values.product.values().map(|id| ("values.product", id.as_str()));
        let mut all = given.chain(used).chain(kinds).chain(mapped);
        let by_code = |id: &str| self.product(profile.values.product_code(id).unwrap_or(id));
        match all.find(|(section, id)| self.product(id).is_none() && (*section != "antigens" || by_code(id).is_none()))
        {
            Some((section, product)) => Err(ProfileError::Product {
                profile: profile.name.clone(),
                section,
                product: product.chars().take(64).collect(),
            }),
            None => Ok(()),
        }
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

    /// The product or kind of vaccine with this id.
    fn product(&self, id: &str) -> Option<Arc<VaccineProduct>> {
        let kind = crate::valueset::kinds::by_id(id).map(|kind| Arc::clone(&kind.product));
        kind.or_else(|| self.resolver.product(id))
    }

    fn facility(&self, uid: &str) -> Option<String> {
        (self.facilities)(uid)
    }

    /// The facility's name: from the event where the server tells it, else from the list of org units, else the
    /// profile's constant.
    fn centre(&self, event: &Event) -> Option<String> {
        let told = event.org_unit_name.as_deref().and_then(|name| text::clean(name).ok().flatten());
        let listed = || {
            let name = event.org_unit.as_deref().and_then(|uid| self.facility(uid))?;
            text::clean(&name).ok().flatten()
        };
        told.or_else(listed).or_else(|| self.profile.constants.centre.clone())
    }

    /// Assesses one person. `today` is the latest date that a dose may have
    /// ([`crate::clock::Clock::latest_today`]).
    #[must_use]
    pub fn assess(&self, entity: &TrackedEntity, today: Date) -> Assessment {
        let all = event::all(&self.profile, entity);
        let found: Vec<Found<'_>> = all.iter().filter(|f| f.is_of(&self.profile.stage)).copied().collect();
        let too_many = found.len() > EVENTS_PER_PERSON
            || (self.profile.only_stage().is_none() && all.len() > EVENTS_PER_PERSON.saturating_mul(4));
        let (records, unsaid) = if too_many {
            // Refused by name, without looking at any of them.
            let doses = found.iter().map(|f| refused(f, ReasonCode::TooManyEvents)).collect();
            (self.finish_all(entity, None, doses), Vec::new())
        } else {
            self.read(entity, &all, &found, today)
        };
        Assessment { tracked_entity: entity.tracked_entity.clone(), deleted: entity.deleted, records, unsaid }
    }

    fn read<'a>(
        &self,
        entity: &'a TrackedEntity,
        all: &[Found<'a>],
        found: &[Found<'a>],
        today: Date,
    ) -> (Vec<Assessed>, Vec<Unsaid>) {
        let elsewhere = Elsewhere::of(&self.profile, entity, all);
        let PersonReading { person, refusals, notes } = person::read(&self.profile, entity, &elsewhere, today);
        if self.profile.lab.is_mapped() {
            let reading = Reading { entity, person: &person, today };
            return lab::assess(self, &reading, all, found, &refusals, &notes);
        }
        let mut unsaid = Vec::new();
        let mut doses: Vec<Dose<'a>> = Vec::new();
        for f in found {
            if f.withdrawn {
                doses.push(refused(f, ReasonCode::EventDeleted));
                continue;
            }
            let before = doses.len();
            let (given, silent) = given::read(self, f, &elsewhere, person.birth_date, today);
            doses.extend(given);
            unsaid.extend(silent.into_iter().map(|part| Unsaid { event: f.event.event.clone(), part }));
            if self.profile.given.is_empty() || dose::is_coded(&self.profile, f.event) {
                doses.push(dose::read(self, f, &elsewhere, person.birth_date, today));
            } else if doses.len() == before {
                doses.push(given::nothing(self, f));
            }
        }
        series::number(&mut doses, &self.profile.policy);
        for dose in doses.iter_mut().filter(|d| d.counts || d.repeats) {
            dose.refusals.splice(0..0, refusals.iter().cloned());
            dose.notes.splice(0..0, notes.iter().cloned());
        }
        (self.finish_all(entity, Some(&person), doses), unsaid)
    }

    fn finish_all(&self, entity: &TrackedEntity, person: Option<&Person>, mut doses: Vec<Dose<'_>>) -> Vec<Assessed> {
        // Ties are told apart by the UID, and copies without a UID came in a fixed order.
        doses.sort_by(|a, b| {
            (a.date.unwrap_or(Date::MAX), a.identity()).cmp(&(b.date.unwrap_or(Date::MAX), b.identity()))
        });
        doses.into_iter().map(|d| self.finish(entity, person, d)).collect()
    }

    /// A dose becomes a record when nothing at all is wrong with it.
    fn finish(&self, entity: &TrackedEntity, person: Option<&Person>, dose: Dose<'_>) -> Assessed {
        let (event, part) = (dose.event.to_owned(), dose.part);
        let complete = match (person, dose.product, dose.date, dose.number, dose.total) {
            (Some(person), Some(product), Some(date), Some(number), Some(total)) if dose.refusals.is_empty() => {
                Some((person, product, date, number, total))
            }
            _ => None,
        };
        let outcome = match complete {
            _ if dose.withdrawn => Outcome::Withdrawn(dose.refusals),
            None => Outcome::Refused(dose.refusals),
            Some((person, product, date, number, total_doses)) => {
                Outcome::Record(Record::Vaccination(Box::new(VaccinationRecord {
                    provenance: provenance(entity, &event, part.as_deref(), dose.updated_at, dose.facility),
                    person: on(&self.profile.policy, person, date),
                    product,
                    lot: dose.lot,
                    date,
                    dose: number,
                    total_doses,
                    country: self.country,
                    centre: dose.centre,
                    practitioner: dose.practitioner,
                    clinician: dose.clinician,
                    next_dose: dose.next_dose,
                    issuer: self.issuer.clone(),
                })))
            }
        };
        Assessed { tracked_entity: entity.tracked_entity.clone(), event, part, outcome, notes: dose.notes }
    }
}

fn provenance(
    entity: &TrackedEntity,
    event: &str,
    part: Option<&str>,
    updated_at: Option<&str>,
    facility: Option<&str>,
) -> Provenance {
    Provenance {
        tracked_entity: entity.tracked_entity.clone(),
        event: Provenance::key(event, part),
        updated_at: updated_at.max(entity.updated_at.as_deref()).map(str::to_owned),
        facility: facility.map(str::to_owned),
    }
}

/// The person as of the day of an event: whoever was of age then is not shown with a guardian.
fn on(policy: &Policy, person: &Person, day: Date) -> Person {
    let of_age = |birth: Date| {
        let birthday = birth.year().saturating_add(i16::from(policy.minor_below));
        (birthday, birth.month(), birth.day()) <= (day.year(), day.month(), day.day())
    };
    let mut person = person.clone();
    if person.birth_date.is_some_and(|birth| of_age(birth.earliest())) {
        person.guardian = None;
    }
    person
}

/// An event that was not read any further.
fn refused<'a>(found: &Found<'a>, reason: ReasonCode) -> Dose<'a> {
    let mut dose = Dose { event: &found.event.event, withdrawn: found.withdrawn, ..Dose::default() };
    dose.refuse(if found.withdrawn { ReasonCode::EventDeleted } else { reason }, None);
    dose
}

#[cfg(test)]
mod tests;
