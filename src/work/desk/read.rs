//! DHIS2, asked for one person at the moment of a request: few at once, for a short time, and with what is known of
//! its program kept between requests.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::{Mutex, Semaphore};

use super::{Desk, DeskError, Subject};
use crate::{
    access::Actor,
    batch::{Batch, feed::Facilities},
    limits,
    source::{
        assess::{Assessed, Assessor},
        dhis2::{Client, Retry, is_uid},
        model::TrackedEntity,
    },
    valueset::dhis2::Dhis2Vaccines,
    work::{client, program, query},
};

/// What requests share.
pub(super) struct Shared {
    /// What is known of the program, if anything is.
    known: Mutex<Option<Arc<Reader>>>,
    /// Requests that read at the same time.
    turns: Semaphore,
}

impl Default for Shared {
    fn default() -> Self {
        Self { known: Mutex::new(None), turns: Semaphore::new(limits::DESK_READINGS) }
    }
}

/// The program of DHIS2, as it was found.
struct Reader {
    client: Arc<Client>,
    program: String,
    org_units: Vec<String>,
    facilities: Facilities,
    /// Assesses by the profile of the program.
    batch: Batch,
    found_at: Timestamp,
}

/// What was read of one person.
pub(super) struct Reading {
    /// Assesses and issues.
    pub(super) batch: Batch,
    /// The records in question, as far as who asks may see them.
    pub(super) records: Vec<Assessed>,
}

impl Desk {
    /// Reads and assesses a person, or the person of an event; of an event its own records are given alone.
    pub(super) async fn read(&self, subject: &Subject, actor: &Actor) -> Result<Reading, DeskError> {
        let (uid, what) = match subject {
            Subject::Person(uid) => (uid, "person"),
            Subject::Event(uid) => (uid, "event"),
        };
        if !is_uid(uid) {
            return Err(DeskError::Uid { what });
        }
        if let Err(problem) = &self.0.access {
            tracing::warn!("the issuing desk: {problem}");
            return Err(DeskError::NoDhis2);
        }
        let wait = Duration::from_secs(limits::DESK_DHIS2_SECONDS);
        let turn = async {
            let turn = self.0.reader.turns.acquire().await;
            turn.map_err(|_| DeskError::Inside)
        };
        let turn = tokio::time::timeout(wait, turn).await.map_err(|_| DeskError::Crowded)??;
        let reading = tokio::time::timeout(wait, self.read_now(subject, actor)).await;
        drop(turn);
        reading.unwrap_or_else(|_| {
            tracing::warn!("the issuing desk: DHIS2 did not answer within {} seconds", wait.as_secs());
            Err(DeskError::Away)
        })
    }

    async fn read_now(&self, subject: &Subject, actor: &Actor) -> Result<Reading, DeskError> {
        let reader = self.reader().await?;
        let (person, event) = match subject {
            Subject::Person(uid) => (uid.clone(), None),
            Subject::Event(uid) => {
                let found = reader.client.person_of_event(&reader.program, &reader.org_units, uid).await?;
                (found.ok_or(DeskError::NoEvent)?, Some(uid.as_str()))
            }
        };
        let missing = || if event.is_some() { DeskError::NoEvent } else { DeskError::NoPerson };
        let entity = reader.client.person(&reader.program, &reader.org_units, &person).await?.ok_or_else(missing)?;
        let people = std::slice::from_ref(&entity);
        reader.facilities.learn(&reader.client, people).await?;
        let theirs = self.theirs(&reader, &entity, actor).await?;
        let today = reader.batch.clock.latest_today();
        let mut records = reader.batch.assessor.assess(&entity, today).records;
        let all = records.len();
        if let Some(event) = event {
            records.retain(|record| record.event == event);
        }
        let asked = records.len();
        records.retain(|record| theirs.get(&record.event).copied().unwrap_or(actor.facilities.is_none()));
        match (all, asked, records.len()) {
            // What is not theirs to see looks as if it were not there.
            (_, 1.., 0) => Err(missing()),
            (_, 0, 0) | (0, ..) if actor.facilities.is_none() => Err(DeskError::NothingRecorded),
            (_, 0, 0) => Err(missing()),
            _ => Ok(Reading { batch: reader.batch.clone(), records }),
        }
    }

    /// For each event whether it is the actor's to see.
    async fn theirs(
        &self,
        reader: &Reader,
        entity: &TrackedEntity,
        actor: &Actor,
    ) -> Result<HashMap<String, bool>, DeskError> {
        let events = || entity.enrollments.iter().flat_map(|enrollment| &enrollment.events);
        if actor.facilities.is_none() {
            return Ok(events().map(|event| (event.event.clone(), true)).collect());
        }
        let mut theirs = HashMap::new();
        for event in events() {
            let unit = event.org_unit.as_deref();
            theirs.insert(event.event.clone(), covers(&reader.client, actor, unit).await?);
        }
        Ok(theirs)
    }

    /// Whether what belongs to this facility is the actor's to see: it is one of the actor's org units, or lies under
    /// one. Where DHIS2 cannot tell, it is not.
    pub async fn may_see(&self, actor: &Actor, facility: Option<&str>) -> bool {
        if actor.covers(facility) {
            return true;
        }
        let known = facility.is_some_and(is_uid) && self.0.access.is_ok();
        let wait = Duration::from_secs(limits::DESK_DHIS2_SECONDS);
        let asked = async {
            let reader = self.reader().await?;
            covers(&reader.client, actor, facility).await
        };
        known && matches!(tokio::time::timeout(wait, asked).await, Ok(Ok(true)))
    }

    /// What is known of the program; looked up again when that is old.
    async fn reader(&self) -> Result<Arc<Reader>, DeskError> {
        let Ok(access) = &self.0.access else { return Err(DeskError::NoDhis2) };
        let mut known = self.0.reader.known.lock().await;
        let now = self.batch().clock.now();
        let fresh = |reader: &&Arc<Reader>| {
            (0..limits::DESK_PROGRAM_SECONDS).contains(&now.duration_since(reader.found_at).as_secs())
        };
        if let Some(reader) = known.as_ref().filter(fresh) {
            return Ok(Arc::clone(reader));
        }
        let mut access = access.clone();
        // Somebody waits: a poll tries longer.
        access.options.retry = Retry { tries: 2, base: Duration::from_millis(200), cap: Duration::from_secs(2) };
        access.options.connect_timeout = Duration::from_secs(3);
        let setup = &self.0.setup;
        let client = client(&access)?;
        let found = program(&client, setup, None).await?;
        let query = query(&client, &access, &found).await?;
        let profile = crate::work::profile(setup, None, Some(found))?;
        let vaccines =
            Dhis2Vaccines::built_in().with_overrides(setup.vaccines.clone()).map_err(crate::work::WorkError::from)?;
        let facilities = Facilities::default();
        let assessor =
            Assessor::new(profile, Arc::new(vaccines), facilities.names()).map_err(crate::work::WorkError::from)?;
        let batch = Batch { assessor, ..self.batch().clone() };
        let reader =
            Reader { client, program: query.program, org_units: query.org_units, facilities, batch, found_at: now };
        let reader = Arc::new(reader);
        *known = Some(Arc::clone(&reader));
        Ok(reader)
    }
}

/// Whether an org unit is one of the actor's, or lies under one.
async fn covers(client: &Client, actor: &Actor, unit: Option<&str>) -> Result<bool, DeskError> {
    if actor.covers(unit) {
        return Ok(true);
    }
    let (Some(bound), Some(unit)) = (&actor.facilities, unit.filter(|unit| is_uid(unit))) else { return Ok(false) };
    let units = client.org_units(&[unit.to_owned()]).await?;
    let path = units.get(unit).and_then(|unit| unit.path.as_deref()).unwrap_or_default();
    Ok(path.split('/').any(|part| !part.is_empty() && bound.iter().any(|own| own == part)))
}
