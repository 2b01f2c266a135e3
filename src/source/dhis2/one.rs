//! One person, by UID or by the UID of one of her events: asked for live, when somebody wants a certificate now.

use super::client::{Client, is_uid};
use super::dialect::PeopleRequest;
use super::error::Dhis2Error;
use super::page::{EventsPage, PeoplePage};
use crate::limits;
use crate::source::model::TrackedEntity;

impl Client {
    /// A person with everything of a program, what was deleted included, so that it is told from what never was.
    /// `None` when the server has no such person in the program under these org units, or does not show her.
    ///
    /// # Errors
    /// A UID that is none, or whatever goes wrong with the server.
    pub async fn person(
        &self,
        program: &str,
        org_units: &[String],
        person: &str,
    ) -> Result<Option<TrackedEntity>, Dhis2Error> {
        check(program, org_units)?;
        if !is_uid(person) {
            return Err(Dhis2Error::NotAUid { what: "person" });
        }
        let ids = [person.to_owned()];
        loop {
            let dialect = self.dialect().await?;
            let params = dialect.people_params(&PeopleRequest {
                program,
                org_units,
                updated_after: None,
                ids: &ids,
                include_deleted: true,
                ordered: false,
                page: 1,
                page_size: 1,
            });
            match self.get::<PeoplePage>(dialect.people_path(), &params, limits::DHIS2_PAGE_BYTES).await {
                Err(Dhis2Error::NotFound { .. }) if self.fall_back(dialect) => {}
                // From 2.42 on: there is no such person, or not for this user.
                Err(Dhis2Error::OwnershipDenied { status: 404, .. }) => return Ok(None),
                answer => {
                    let people = answer?.tracked_entities;
                    // A proxy that drops the query answers with somebody else.
                    return Ok(people.into_iter().find(|found| found.tracked_entity == person));
                }
            }
        }
    }

    /// UID of the person of an event. `None` when the server has no such event in the program under these org units,
    /// or does not show it.
    ///
    /// # Errors
    /// A UID that is none, or whatever goes wrong with the server.
    pub async fn person_of_event(
        &self,
        program: &str,
        org_units: &[String],
        event: &str,
    ) -> Result<Option<String>, Dhis2Error> {
        check(program, org_units)?;
        if !is_uid(event) {
            return Err(Dhis2Error::NotAUid { what: "event" });
        }
        for unit in org_units {
            let found = loop {
                let dialect = self.dialect().await?;
                let params = dialect.event_by_id_params(program, unit, event);
                match self.get::<EventsPage>(dialect.events_path(), &params, limits::DHIS2_PAGE_BYTES).await {
                    Err(Dhis2Error::NotFound { .. }) if self.fall_back(dialect) => {}
                    Err(Dhis2Error::OwnershipDenied { status: 404, .. }) => break Vec::new(),
                    answer => break answer?.events,
                }
            };
            let person = found.into_iter().find(|found| found.event == event).and_then(|found| found.tracked_entity);
            if let Some(person) = person.filter(|person| is_uid(person)) {
                return Ok(Some(person));
            }
        }
        Ok(None)
    }
}

fn check(program: &str, org_units: &[String]) -> Result<(), Dhis2Error> {
    if !is_uid(program) {
        return Err(Dhis2Error::NotAUid { what: "program" });
    }
    if org_units.is_empty() {
        return Err(Dhis2Error::NoOrgUnits);
    }
    if org_units.iter().all(|unit| is_uid(unit)) { Ok(()) } else { Err(Dhis2Error::NotAUid { what: "org unit" }) }
}
