//! People, page by page.
//!
//! The loop counts pages itself and believes nothing that the server says about them: some versions echo a
//! wrong page number (DHIS2-16715), and behind a proxy `nextPage` names another host. It ends at an empty
//! page, never at a short one, because servers up to 2.40 take out rows that the user may not see after
//! having cut the page. (A page whose rows were all taken out would end the list early; the remedy is the one
//! that any reader needs, the root org unit as capture org unit, so that nothing is taken out.)

use std::collections::{HashSet, VecDeque};

use futures_util::Stream;
use serde::Deserialize;

use super::client::{Client, is_uid};
use super::dialect::{EventsRequest, PeopleRequest};
use super::error::Dhis2Error;
use crate::limits;
use crate::source::model::TrackedEntity;

/// People asked for by UID in one request.
const IDS_AT_ONCE: usize = 50;

/// Which people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// UID of the program. Without it a server leaves out the attributes that only the program has.
    pub program: String,
    /// UIDs of the org units under which to look.
    pub org_units: Vec<String>,
    /// UID of the program stage whose events tell of changes; `None` means any stage.
    pub stage: Option<String>,
    /// Only people changed after this time, in the server's own zone: `2026-01-01` or `2026-01-01T00:00:00.000`.
    pub updated_after: Option<String>,
    /// Also deleted people, enrollments and events: the only way to learn that something was deleted.
    pub include_deleted: bool,
    /// People a page, from 1 to [`limits::DHIS2_PAGE_SIZE`].
    pub page_size: u32,
}

impl Query {
    /// All people of a program under some org units, deleted ones included, 100 a page.
    #[must_use]
    pub fn new(program: impl Into<String>, org_units: Vec<String>) -> Self {
        Self {
            program: program.into(),
            org_units,
            stage: None,
            updated_after: None,
            include_deleted: true,
            page_size: 100,
        }
    }

    fn check(&self) -> Result<(), Dhis2Error> {
        let uid = |text: &str, what| if is_uid(text) { Ok(()) } else { Err(Dhis2Error::NotAUid { what }) };
        uid(&self.program, "program")?;
        if let Some(stage) = &self.stage {
            uid(stage, "program stage")?;
        }
        if self.org_units.is_empty() {
            return Err(Dhis2Error::NoOrgUnits);
        }
        self.org_units.iter().try_for_each(|unit| uid(unit, "org unit"))?;
        if !(1..=limits::DHIS2_PAGE_SIZE).contains(&self.page_size) {
            return Err(Dhis2Error::Option { name: "page_size", rule: "lies between 1 and 1000" });
        }
        match &self.updated_after {
            Some(time) if time.parse::<jiff::civil::DateTime>().is_err() || time.contains(['Z', 'z', '+', '[']) => {
                Err(Dhis2Error::Option { name: "updated_after", rule: "is a local time like 2026-01-01T00:00:00.000" })
            }
            _ => Ok(()),
        }
    }
}

/// Where the pager stands.
#[derive(Debug)]
enum Phase {
    /// Listing people.
    People,
    /// Listing changed events under the n-th org unit.
    Events { org_unit: usize },
    /// Nothing more.
    Done,
}

/// A list of people under way. Holds one page at a time; only while it also follows changed events does it
/// remember the UIDs it has given (about 60 bytes a changed person).
#[derive(Debug)]
pub struct Pager<'a> {
    client: &'a Client,
    query: Query,
    phase: Phase,
    page: u32,
    ordered: bool,
    last: Vec<String>,
    follows_events: bool,
    seen: HashSet<String>,
    wanted: VecDeque<String>,
    unreadable: u64,
}

/// A page of people, under the name that the dialect gives to the list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PeoplePage {
    #[serde(alias = "instances", alias = "trackedEntityInstances")]
    pub(super) tracked_entities: Vec<TrackedEntity>,
}

/// A page of events, of which only the person matters.
#[derive(Deserialize)]
pub(super) struct EventsPage {
    #[serde(alias = "instances")]
    pub(super) events: Vec<EventOfPerson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventOfPerson {
    pub(super) event: String,
    #[serde(default, alias = "trackedEntityInstance")]
    pub(super) tracked_entity: Option<String>,
}

impl<'a> Pager<'a> {
    pub(super) fn new(client: &'a Client, query: Query) -> Result<Self, Dhis2Error> {
        query.check()?;
        Ok(Self {
            client,
            query,
            phase: Phase::People,
            page: 0,
            ordered: true,
            last: Vec::new(),
            follows_events: false,
            seen: HashSet::new(),
            wanted: VecDeque::new(),
            unreadable: 0,
        })
    }

    /// The next page, never empty; `None` when there is nothing more.
    ///
    /// # Errors
    /// Whatever goes wrong with the server. The page may be asked for again; nothing is skipped.
    pub async fn next_page(&mut self) -> Result<Option<Vec<TrackedEntity>>, Dhis2Error> {
        loop {
            if let Some(people) = self.wanted_people(false).await? {
                return Ok(Some(people));
            }
            match self.phase {
                Phase::Done => return Ok(None),
                Phase::People => {
                    let people = self.people_page().await?;
                    if !people.is_empty() {
                        if self.follows_events {
                            self.seen.extend(people.iter().map(|p| p.tracked_entity.clone()));
                        }
                        return Ok(Some(people));
                    }
                    self.turn_to(if self.follows_events { Phase::Events { org_unit: 0 } } else { Phase::Done });
                }
                Phase::Events { org_unit } => {
                    let Some(unit) = self.query.org_units.get(org_unit).cloned() else {
                        if let Some(people) = self.wanted_people(true).await? {
                            return Ok(Some(people));
                        }
                        self.turn_to(Phase::Done);
                        continue;
                    };
                    let events = self.events_page(&unit).await?;
                    if events.is_empty() {
                        self.turn_to(Phase::Events { org_unit: org_unit.saturating_add(1) });
                    }
                    for uid in events.into_iter().filter_map(|e| e.tracked_entity).filter(|uid| is_uid(uid)) {
                        if self.seen.insert(uid.clone()) {
                            self.wanted.push_back(uid);
                        }
                    }
                }
            }
        }
    }

    /// The same as a stream of pages. It ends after the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Vec<TrackedEntity>, Dhis2Error>> {
        futures_util::stream::try_unfold(self, |mut pager| async move {
            Ok(pager.next_page().await?.map(|people| (people, pager)))
        })
    }

    /// People whose events changed but whom the server did not show when asked for by UID.
    #[must_use]
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    fn turn_to(&mut self, phase: Phase) {
        self.phase = phase;
        self.page = 0;
        self.last.clear();
    }

    /// One page of the list of people; the dialect may change under way on the first page only.
    async fn people_page(&mut self) -> Result<Vec<TrackedEntity>, Dhis2Error> {
        let page = self.next_number()?;
        loop {
            let dialect = self.client.dialect().await?;
            self.follows_events = self.query.updated_after.is_some() && !dialect.person_moves_with_event();
            let params = dialect.people_params(&PeopleRequest {
                program: &self.query.program,
                org_units: &self.query.org_units,
                updated_after: self.query.updated_after.as_deref(),
                ids: &[],
                include_deleted: self.query.include_deleted,
                ordered: self.ordered,
                page,
                page_size: self.query.page_size,
            });
            match self.client.get::<PeoplePage>(dialect.people_path(), &params, limits::DHIS2_PAGE_BYTES).await {
                Err(Dhis2Error::NotFound { .. }) if page == 1 && self.client.fall_back(dialect) => {}
                Err(error) if page == 1 && self.ordered && refuses_order(&error) => self.ordered = false,
                answer => {
                    let people = answer?.tracked_entities;
                    self.turn(page, people.iter().map(|p| p.tracked_entity.as_str()))?;
                    return Ok(people);
                }
            }
        }
    }

    async fn events_page(&mut self, org_unit: &str) -> Result<Vec<EventOfPerson>, Dhis2Error> {
        let page = self.next_number()?;
        let dialect = self.client.dialect().await?;
        loop {
            let params = dialect.event_params(&EventsRequest {
                program: &self.query.program,
                stage: self.query.stage.as_deref(),
                org_unit,
                updated_after: self.query.updated_after.as_deref().unwrap_or_default(),
                include_deleted: self.query.include_deleted,
                ordered: self.ordered,
                page,
                page_size: self.query.page_size,
            });
            match self.client.get::<EventsPage>(dialect.events_path(), &params, limits::DHIS2_PAGE_BYTES).await {
                Err(error) if page == 1 && self.ordered && refuses_order(&error) => self.ordered = false,
                answer => {
                    let events = answer?.events;
                    self.turn(page, events.iter().map(|e| e.event.as_str()))?;
                    return Ok(events);
                }
            }
        }
    }

    /// People found through their events, as soon as a chunk is full, or all that wait.
    async fn wanted_people(&mut self, all: bool) -> Result<Option<Vec<TrackedEntity>>, Dhis2Error> {
        while self.wanted.len() >= IDS_AT_ONCE || (all && !self.wanted.is_empty()) {
            let ids: Vec<String> = self.wanted.iter().take(IDS_AT_ONCE).cloned().collect();
            let dialect = self.client.dialect().await?;
            let params = dialect.people_params(&PeopleRequest {
                program: &self.query.program,
                org_units: &self.query.org_units,
                updated_after: None,
                ids: &ids,
                include_deleted: self.query.include_deleted,
                ordered: false,
                page: 1,
                page_size: u32::try_from(IDS_AT_ONCE).unwrap_or(u32::MAX),
            });
            let answer: PeoplePage = self.client.get(dialect.people_path(), &params, limits::DHIS2_PAGE_BYTES).await?;
            // Taken off the queue only now: a page that failed is asked for again.
            self.wanted.drain(..ids.len());
            let asked: HashSet<&String> = ids.iter().collect();
            let mut people = answer.tracked_entities;
            people.retain(|p| asked.contains(&p.tracked_entity));
            let missing = ids.len().saturating_sub(people.len());
            if missing > 0 {
                self.unreadable = self.unreadable.saturating_add(u64::try_from(missing).unwrap_or(u64::MAX));
                tracing::warn!(missing, "The server lists changed events of people whom it does not show");
            }
            if !people.is_empty() {
                return Ok(Some(people));
            }
        }
        Ok(None)
    }

    fn next_number(&self) -> Result<u32, Dhis2Error> {
        if self.page >= limits::DHIS2_PAGES {
            return Err(Dhis2Error::TooManyPages { pages: self.page });
        }
        Ok(self.page.saturating_add(1))
    }

    /// Notes a page as read, and refuses one that repeats the page before.
    fn turn<'p>(&mut self, page: u32, uids: impl Iterator<Item = &'p str>) -> Result<(), Dhis2Error> {
        let uids: Vec<String> = uids.map(str::to_owned).collect();
        if !uids.is_empty() && uids == self.last {
            return Err(Dhis2Error::SamePage { page });
        }
        self.page = page;
        self.last = uids;
        Ok(())
    }
}

/// Whether a server refuses to sort: 2.36 may not know the words, and patch releases differ.
fn refuses_order(error: &Dhis2Error) -> bool {
    matches!(error, Dhis2Error::Refused { status: 400 | 409, message, .. } if message.to_lowercase().contains("order"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_queries_are_refused_before_anything_is_sent() {
        let good = Query::new("yDuAzyqYABS", vec!["ImspTQPwCqd".to_owned()]);
        assert!(good.check().is_ok());
        let with = |change: fn(&mut Query)| {
            let mut query = good.clone();
            change(&mut query);
            query.check()
        };
        assert!(with(|q| q.program = "yDuAzyqYABS&ouMode=ALL".to_owned()).is_err());
        assert!(with(|q| q.org_units = Vec::new()).is_err());
        assert!(with(|q| q.org_units.push("A;B".to_owned())).is_err());
        assert!(with(|q| q.stage = Some(String::new())).is_err());
        assert!(with(|q| q.page_size = 0).is_err());
        assert!(with(|q| q.page_size = 1_001).is_err());
        assert!(with(|q| q.updated_after = Some("2026-01-01".to_owned())).is_ok());
        assert!(with(|q| q.updated_after = Some("2026-01-01T10:00:00.123".to_owned())).is_ok());
        for time in ["yesterday", "2026-01-01T00:00:00Z", "2026-13-01", ""] {
            let mut query = good.clone();
            query.updated_after = Some(time.to_owned());
            assert!(query.check().is_err(), "{time}");
        }
    }
}
