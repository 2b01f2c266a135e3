//! The index of people, filled after every chunk of a pass.

use std::{future::Future, pin::Pin, sync::Arc};

use super::{Birth, Marks, contact, contact::values, language, normal};
use crate::{
    batch::{BatchError, Follower, Item, Status},
    clock::Clock,
    config::{CitizenOptions, MessageOptions, Setup},
    keys::sha256,
    limits::REGISTRY_BATCH,
    registry::{Registry, RegistryError, people::PersonMarks},
    source::{
        model::TrackedEntity,
        policy::BirthDateEstimated,
        profile::{Field, Profile},
    },
    work::secret,
};

/// Name of the mark that says by which settings the index was filled.
const FILLED: &str = "people index";

/// Enters people into the index of a registry.
pub struct PeopleIndex {
    registry: Registry,
    marks: Marks,
    options: CitizenOptions,
    messages: MessageOptions,
    profile: Profile,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for PeopleIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PeopleIndex({:?})", self.registry)
    }
}

impl PeopleIndex {
    /// The index of an installation; `None` where citizens are not served.
    ///
    /// # Errors
    /// No random bytes, or the registry's.
    pub async fn of(
        setup: &Setup,
        registry: &Registry,
        profile: Profile,
        clock: Arc<dyn Clock>,
        random: &crate::batch::Random,
    ) -> Result<Option<Self>, BatchError> {
        let Some(options) = setup.citizen.clone() else { return Ok(None) };
        let marks = Marks::new(&secret(registry, random, Marks::PURPOSE).await?);
        let messages = setup.messages.clone();
        Ok(Some(Self { registry: registry.clone(), marks, options, messages, profile, clock }))
    }

    /// A person in marks. `None` for whoever cannot be found: without a date of birth there is nothing to ask for.
    fn marks(&self, person: &TrackedEntity) -> Option<PersonMarks> {
        let birth = self.birth(person)?;
        let mut identifiers = Vec::new();
        for kind in &self.options.identifiers {
            for attribute in &kind.attributes {
                for plain in values(person, attribute).filter_map(normal::identifier) {
                    let mark = self.marks.identifier(&kind.name, &plain);
                    let birth = self.marks.birth_of_identifier(&mark, &birth.text());
                    identifiers.push((kind.name.clone(), mark, birth));
                }
            }
        }
        Some(PersonMarks {
            birth: self.marks.birth_of_person(&person.tracked_entity, &birth.text()),
            contact: contact(&self.options, self.messages.via, person).map(|contact| self.marks.contact(&contact)),
            language: language(&self.options, person),
            identifiers,
            tracked_entity: person.tracked_entity.clone(),
        })
    }

    fn birth(&self, person: &TrackedEntity) -> Option<Birth> {
        let birth = first(person, &self.profile.attributes.birth_date).and_then(Birth::stored)?;
        let estimated = first(person, &self.profile.attributes.birth_date_estimated);
        let estimated = estimated.is_some_and(|value| self.profile.values.is_yes(value));
        let as_year = self.profile.policy.birth_date_estimated == BirthDateEstimated::Year;
        Some(if estimated && as_year { birth.to_year() } else { birth })
    }
}

/// The first value of a field of the person, by UID or by code.
fn first<'a>(person: &'a TrackedEntity, field: &'a Field) -> Option<&'a str> {
    let by_uid = (!field.uid.is_empty()).then(|| values(person, &field.uid).next()).flatten();
    by_uid.or_else(|| {
        let enrolled = person.enrollments.iter().filter(|enrollment| !enrollment.deleted);
        let mut all = person.attributes.iter().chain(enrolled.flat_map(|enrollment| &enrollment.attributes));
        let coded = all.find(|value| value.code.as_deref().is_some_and(|code| field.has_code(code)));
        coded.and_then(|value| value.value.as_deref())
    })
}

impl Follower for PeopleIndex {
    fn follow<'a>(
        &'a self,
        people: &'a [TrackedEntity],
        items: &'a [Item],
    ) -> Pin<Box<dyn Future<Output = Result<(), BatchError>> + Send + 'a>> {
        Box::pin(async move {
            let now = self.clock.now();
            for chunk in people.chunks(REGISTRY_BATCH) {
                let (mut there, mut gone) = (Vec::new(), Vec::new());
                for person in chunk.iter().filter(|person| !person.tracked_entity.trim().is_empty()) {
                    match self.marks(person).filter(|_| !person.deleted) {
                        Some(marks) => there.push(marks),
                        None => gone.push(person.tracked_entity.clone()),
                    }
                }
                self.registry.index_people(&there, &gone, now).await?;
            }
            if self.messages.ready {
                let issued = items.iter().filter(|item| item.status == Status::Issued);
                let issued: Vec<(String, String)> =
                    issued.filter_map(|item| Some((item.uvci.clone()?, item.record.clone()))).collect();
                for chunk in issued.chunks(REGISTRY_BATCH) {
                    self.registry.note_ready(chunk, now).await?;
                }
            }
            Ok(())
        })
    }
}

/// What the index depends on, in one word: when it changes, everybody must be read again.
fn settings(setup: &Setup, profile: &Profile) -> Option<String> {
    let options = setup.citizen.as_ref()?;
    let kinds = options.identifiers.iter().map(|kind| (&kind.name, &kind.attributes)).collect::<Vec<_>>();
    let contact = (&options.phone, &options.email, &options.country_prefix, setup.messages.via.name());
    let language = (&options.language, &options.languages);
    let birth = (&profile.attributes.birth_date, &profile.attributes.birth_date_estimated);
    let all = format!("{kinds:?} {contact:?} {language:?} {birth:?} {}", profile.program);
    Some(sha256(all.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}

/// Whether everybody must be read, because the index was never filled or was filled by other settings.
///
/// # Errors
/// The registry's.
pub async fn reads_all(setup: &Setup, registry: &Registry, profile: &Profile) -> Result<bool, RegistryError> {
    let Some(wanted) = settings(setup, profile) else { return Ok(false) };
    Ok(registry.watermark(FILLED).await?.as_ref() != Some(&wanted))
}

/// Notes that everybody was read by the settings of now.
///
/// # Errors
/// The registry's.
pub async fn read_all(setup: &Setup, registry: &Registry, profile: &Profile) -> Result<(), RegistryError> {
    if let Some(settings) = settings(setup, profile) {
        registry.set_watermark(FILLED, &settings, true).await?;
    }
    Ok(())
}
