//! Keeps what a pass refuses, with the names of the facilities, where operators look for it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    batch::{BatchError, Follower, Item, Status, reasons::PAPER_NOT_DRAWN},
    clock::Clock,
    limits::REGISTRY_BATCH,
    registry::{Refused, Registry},
    source::{assess::FacilityNames, model::TrackedEntity, reasons::ReasonCode},
};

/// What nobody needs to mend: DHIS2 makes empty events by itself, and what was deleted is gone.
const NOTHING_TO_MEND: [ReasonCode; 2] = [ReasonCode::EventDeleted, ReasonCode::EventEmpty];

/// Follows a run, and notes its refused records.
pub(super) struct RefusalKeeper {
    registry: Registry,
    names: FacilityNames,
    clock: Arc<dyn Clock>,
    /// Facilities whose names this run has noted.
    named: Mutex<HashSet<String>>,
}

impl RefusalKeeper {
    pub(super) fn new(registry: Registry, names: FacilityNames, clock: Arc<dyn Clock>) -> Self {
        Self { registry, names, clock, named: Mutex::default() }
    }

    /// Names of the facilities of these people that this run has not noted yet.
    fn fresh_names(&self, people: &[TrackedEntity]) -> BTreeMap<String, String> {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let events = people.iter().flat_map(|person| &person.enrollments).flat_map(|enrollment| &enrollment.events);
        let mut fresh = BTreeMap::new();
        for event in events {
            let Some(uid) = &event.org_unit else { continue };
            if named.contains(uid) {
                continue;
            }
            if let Some(name) = event.org_unit_name.clone().or_else(|| (self.names)(uid)) {
                named.insert(uid.clone());
                fresh.insert(uid.clone(), name);
            }
        }
        fresh
    }

    async fn note(&self, people: &[TrackedEntity], items: &[Item]) -> Result<(), BatchError> {
        self.registry.name_facilities(&self.fresh_names(people)).await?;
        let events = people.iter().flat_map(|person| &person.enrollments).flat_map(|enrollment| &enrollment.events);
        let facilities: HashMap<&str, &str> =
            events.filter_map(|event| Some((event.event.as_str(), event.org_unit.as_deref()?))).collect();
        let mut refused: HashMap<&str, Vec<Refused>> = HashMap::new();
        for item in items {
            let to_mend = |code: &str| !NOTHING_TO_MEND.iter().any(|reason| reason.code() == code);
            // Of an issued record nothing is to be mended but its paper (failure F37).
            let told: Vec<_> = match item.status {
                Status::Refused => item.reasons.iter().collect(),
                _ => item.reasons.iter().filter(|reason| reason.code == PAPER_NOT_DRAWN.0).collect(),
            };
            if !told.first().is_some_and(|reason| to_mend(&reason.code)) {
                continue;
            }
            let reasons = told.into_iter().map(|reason| (reason.code.clone(), reason.field.clone())).collect();
            refused.entry(item.record.as_str()).or_default().push(Refused {
                tracked_entity: item.record.clone(),
                event: item.key(),
                facility: facilities.get(item.event.as_str()).map(|&uid| uid.to_owned()),
                standing: item.uvci.clone(),
                reasons,
            });
        }
        let now = self.clock.now();
        let (mut group, mut of_group): (Vec<&str>, Vec<Refused>) = Default::default();
        for person in people {
            let mut of_person = refused.remove(person.tracked_entity.as_str()).unwrap_or_default();
            // One person with more events than a batch is refused for just that.
            of_person.truncate(REGISTRY_BATCH);
            if of_group.len() + of_person.len() > REGISTRY_BATCH || group.len() == REGISTRY_BATCH {
                self.registry.note_refusals(&group, &of_group, now).await?;
                group.clear();
                of_group.clear();
            }
            group.push(&person.tracked_entity);
            of_group.append(&mut of_person);
        }
        Ok(self.registry.note_refusals(&group, &of_group, now).await?)
    }
}

impl Follower for RefusalKeeper {
    fn follow<'a>(
        &'a self,
        people: &'a [TrackedEntity],
        items: &'a [Item],
    ) -> Pin<Box<dyn Future<Output = Result<(), BatchError>> + Send + 'a>> {
        Box::pin(self.note(people, items))
    }
}

/// Several followers, one after the other.
pub(super) struct Followers(pub(super) Vec<Arc<dyn Follower>>);

impl Follower for Followers {
    fn follow<'a>(
        &'a self,
        people: &'a [TrackedEntity],
        items: &'a [Item],
    ) -> Pin<Box<dyn Future<Output = Result<(), BatchError>> + Send + 'a>> {
        Box::pin(async move {
            for follower in &self.0 {
                follower.follow(people, items).await?;
            }
            Ok(())
        })
    }
}
