//! Reading a DHIS2 server over real HTTP: the same journeys in each dialect.

mod contract;
mod faults;
mod lookups;
mod recorded;
mod writing;

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::TryStreamExt;
use vaccert::source::dhis2::{Auth, Client, ClientOptions, Dhis2Error, Dialect, Query, Retry, Secret};
use vaccert::source::model::TrackedEntity;

use crate::support::dhis2::people::{Person, ROOT, covac};
use crate::support::dhis2::population::crowd;
use crate::support::dhis2::{ContractServer, Fault, Options, PASSWORD, USER};

const VERSIONS: [(&str, Dialect); 8] = [
    ("2.33.9", Dialect::Legacy),
    ("2.35.14", Dialect::Legacy),
    ("2.36.13", Dialect::V36),
    ("2.38.7-SNAPSHOT", Dialect::V36),
    ("2.40.4", Dialect::V36),
    ("2.41.0", Dialect::V41),
    ("2.42.0", Dialect::V42),
    ("2.43.1", Dialect::V42),
];

pub fn options(server: &ContractServer) -> ClientOptions {
    let auth = Auth::Basic { user: USER.to_owned(), password: Secret::new(PASSWORD.to_owned()) };
    let mut options = ClientOptions::new(&server.url, auth);
    options.retry = Retry { tries: 4, base: Duration::from_millis(2), cap: Duration::from_millis(8) };
    options.jitter_seed = Some(1);
    options
}

pub fn client(server: &ContractServer) -> Client {
    Client::new(options(server)).unwrap()
}

pub fn query(page_size: u32) -> Query {
    let mut query = Query::new(covac::PROGRAM, vec![ROOT.to_owned()]);
    query.stage = Some(covac::STAGE.to_owned());
    query.page_size = page_size;
    query
}

pub async fn all(client: &Client, query: Query) -> Result<Vec<TrackedEntity>, Dhis2Error> {
    let pages: Vec<_> = client.people(query)?.into_stream().try_collect().await?;
    Ok(pages.into_iter().flatten().collect())
}

fn uids(people: &[TrackedEntity]) -> Vec<String> {
    people.iter().map(|p| p.tracked_entity.clone()).collect()
}

pub async fn server(version: &str, count: usize) -> ContractServer {
    ContractServer::start(Options::new(version, crowd(count, 7))).await.unwrap()
}

#[tokio::test]
async fn every_version_tells_the_same_people() {
    let invented = crowd(23, 7);
    for (version, dialect) in VERSIONS {
        let server = ContractServer::start(Options::new(version, invented.clone())).await.unwrap();
        let client = client(&server);
        let people = all(&client, query(5)).await.unwrap();
        assert_eq!(client.dialect().await.unwrap(), dialect, "{version}");
        assert_eq!(server.people_hits(), 6, "{version}: five pages and the empty one");
        assert_eq!(server.hits("/api/system/info"), 1, "{version}: the version is asked once");
        assert_eq!(people.len(), invented.len(), "{version}");
        for (read, made) in people.iter().zip(&invented) {
            assert_same(version, read, made);
        }
    }
}

/// Everything that a certificate is made of arrives, in every version.
fn assert_same(version: &str, read: &TrackedEntity, made: &Person) {
    assert_eq!(read.tracked_entity, made.uid, "{version}: in the order of creation");
    assert_eq!(read.deleted, made.deleted);
    assert_eq!(read.org_unit.as_deref(), Some(made.org_unit.as_str()));
    let attributes: Vec<_> = read.attributes.iter().map(|a| (a.attribute.clone(), a.value.clone().unwrap())).collect();
    assert_eq!(attributes, made.attributes, "{version}: program attributes too");
    let (enrollment, original) = (&read.enrollments[0], &made.enrollments[0]);
    assert_eq!(enrollment.enrollment, original.uid);
    assert_eq!(enrollment.program.as_deref(), Some(covac::PROGRAM));
    assert_eq!(enrollment.status.as_deref(), Some("ACTIVE"));
    assert_eq!(enrollment.deleted, original.deleted);
    assert_eq!(enrollment.events.len(), original.events.len());
    for (event, original) in enrollment.events.iter().zip(&original.events) {
        assert_eq!(event.event, original.uid);
        assert_eq!(event.program_stage.as_deref(), Some(covac::STAGE));
        assert_eq!(event.status.as_deref(), Some(original.status.as_str()));
        assert_eq!(event.org_unit.as_deref(), Some(original.org_unit.as_str()));
        assert_eq!(event.occurred_at, original.occurred, "{version}");
        assert_eq!(event.completed_at, original.completed, "{version}");
        assert_eq!(event.updated_at.as_deref(), Some(original.updated.as_str()), "{version}");
        assert_eq!(event.deleted, original.deleted);
        let values: Vec<_> =
            event.data_values.iter().map(|v| (v.data_element.clone(), v.value.clone().unwrap())).collect();
        assert_eq!(values, original.values);
        let minor: u16 = version[2..4].parse().unwrap();
        assert_eq!(event.org_unit_name.is_some(), minor <= 40, "{version}");
    }
}

#[tokio::test]
async fn a_changed_event_finds_its_person_in_every_version() {
    for (version, _) in VERSIONS {
        let server = server(version, 130).await;
        let late = "2026-11-20T10:00:00.000".to_owned();
        // Sixty people of whom only an event changed, five who changed themselves, one of both kinds.
        server.edit(|people| {
            for person in people.iter_mut().take(60) {
                person.enrollments[0].events.last_mut().unwrap().updated = late.clone();
            }
            people.iter_mut().skip(59).take(6).for_each(|person| person.updated = late.clone());
        });
        let mut query = query(7);
        query.updated_after = Some("2026-11-20T09:00:00".to_owned());
        let people = all(&client(&server), query).await.unwrap();
        let distinct: BTreeSet<String> = uids(&people).into_iter().collect();
        assert_eq!(distinct.len(), 65, "{version}");
        assert_eq!(people.len(), 65, "{version}: each person once");
        assert!(people.iter().all(|p| !p.enrollments.is_empty()), "{version}");
        let minor: u16 = version[2..4].parse().unwrap();
        let events = server.hits("/api/events") + server.hits("/api/tracker/events");
        assert_eq!(events > 0, minor <= 40, "{version}: events are polled only where they must be");
    }
}

#[tokio::test]
async fn a_change_of_which_the_person_is_hidden_is_counted() {
    let server = server("2.38.0", 3).await;
    server.edit(|people| {
        people[1].enrollments[0].events[0].updated = "2026-11-20T10:00:00.000".to_owned();
        people[1].org_unit = "ElsewhereXX".to_owned();
    });
    let client = client(&server);
    let mut query = query(10);
    query.updated_after = Some("2026-11-20".to_owned());
    let mut pager = client.people(query).unwrap();
    assert!(pager.next_page().await.unwrap().is_none());
    assert_eq!(pager.unreadable(), 1);
}

#[tokio::test]
async fn deleted_people_come_only_when_asked_for() {
    for (version, _) in VERSIONS {
        let server = server(version, 60).await;
        let client = client(&server);
        let with = all(&client, query(50)).await.unwrap();
        assert!(with.iter().any(|p| p.deleted), "{version}");
        assert!(with.iter().flat_map(|p| &p.enrollments).flat_map(|e| &e.events).any(|e| e.deleted), "{version}");
        let without = all(&client, Query { include_deleted: false, ..query(50) }).await.unwrap();
        assert_eq!(without.len(), with.iter().filter(|p| !p.deleted).count(), "{version}");
        assert!(without.iter().flat_map(|p| &p.enrollments).flat_map(|e| &e.events).all(|e| !e.deleted));
    }
}

#[tokio::test]
async fn paging_believes_no_echo_and_stops_at_no_short_page() {
    for (version, _) in VERSIONS {
        let server = server(version, 20).await;
        server.always(Fault::WrongPageEcho);
        assert_eq!(all(&client(&server), query(5)).await.unwrap().len(), 20, "{version}");

        let server = self::server(version, 21).await;
        server.always(Fault::FilteredPages);
        let people = all(&client(&server), query(5)).await.unwrap();
        assert_eq!(people.len(), 17, "{version}: 21 less one of each four full pages");
        assert_eq!(people.last().unwrap().tracked_entity, "P0000000020");

        let server = self::server(version, 0).await;
        assert!(all(&client(&server), query(5)).await.unwrap().is_empty(), "{version}");
        assert_eq!(server.people_hits(), 1);

        let server = self::server(version, 20).await;
        server.always(Fault::SamePageForEver);
        let error = all(&client(&server), query(5)).await.unwrap_err();
        assert_eq!(error, Dhis2Error::SamePage { page: 2 }, "{version}");
    }
}

#[tokio::test]
async fn people_edited_while_pages_turn_push_nobody_over_the_edge() {
    for (version, _) in VERSIONS {
        let server = server(version, 30).await;
        let client = client(&server);
        let mut pager = client.people(query(10)).unwrap();
        let mut seen = uids(&pager.next_page().await.unwrap().unwrap());
        server.edit(|people| {
            people.iter_mut().take(10).for_each(|p| p.updated = "2026-11-21T00:00:00.000".to_owned());
        });
        while let Some(people) = pager.next_page().await.unwrap() {
            seen.extend(uids(&people));
        }
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 30, "{version}");
    }
}

#[tokio::test]
async fn a_page_that_failed_is_asked_for_again() {
    let server = server("2.41.2", 9).await;
    let client = client(&server);
    let mut pager = client.people(query(3)).unwrap();
    let mut seen = uids(&pager.next_page().await.unwrap().unwrap());
    server.misbehave(Fault::Conflict, 1);
    assert!(pager.next_page().await.is_err());
    while let Some(people) = pager.next_page().await.unwrap() {
        seen.extend(uids(&people));
    }
    assert_eq!(seen.len(), 9);
}

#[tokio::test]
async fn a_server_without_its_tracker_endpoints_is_read_by_the_legacy_ones() {
    for version in ["2.36.0", "2.40.4", "2.41.0"] {
        let mut options = Options::new(version, crowd(9, 7));
        options.legacy_only = true;
        let server = ContractServer::start(options).await.unwrap();
        let client = client(&server);
        assert_eq!(all(&client, query(4)).await.unwrap().len(), 9);
        assert_eq!(client.dialect().await.unwrap(), Dialect::Legacy);
        assert_eq!(server.hits("/api/tracker/trackedEntities"), 1, "the new path is tried once");
    }
    // From 2.42 on there is nothing to fall back to.
    let mut options = Options::new("2.42.0", crowd(9, 7));
    options.legacy_only = true;
    let server = ContractServer::start(options).await.unwrap();
    assert!(matches!(all(&client(&server), query(4)).await, Err(Dhis2Error::NotFound { .. })));
}

#[tokio::test]
async fn a_hidden_version_is_named_and_a_chosen_dialect_does_without() {
    for (status, expected) in [(404, Dhis2Error::VersionHidden), (403, Dhis2Error::VersionHidden)] {
        let server = server("2.40.4", 4).await;
        server.always(Fault::HiddenInfo(status));
        assert_eq!(all(&client(&server), query(4)).await.unwrap_err(), expected);
        let mut options = options(&server);
        options.dialect = Some(Dialect::V36);
        let people = all(&Client::new(options.clone()).unwrap(), query(4)).await.unwrap();
        assert_eq!(people.len(), 4);
        // A wrong choice is a mistake to be told, not to be repaired silently.
        options.dialect = Some(Dialect::V42);
        let error = all(&Client::new(options).unwrap(), query(4)).await.unwrap_err();
        assert!(matches!(error, Dhis2Error::Refused { status: 400, .. }), "{error}");
    }
}

#[tokio::test]
async fn versions_and_calendars_that_cannot_be_read_are_refused() {
    let server = server("2.30.1", 1).await;
    let error = client(&server).dialect().await.unwrap_err();
    assert_eq!(error, Dhis2Error::UnsupportedVersion { version: "2.30.1".to_owned() });

    let mut options = Options::new("2.40.0", Vec::new());
    options.calendar = "ethiopian".to_owned();
    let server = ContractServer::start(options).await.unwrap();
    let error = client(&server).dialect().await.unwrap_err();
    assert_eq!(error, Dhis2Error::Calendar { calendar: "ethiopian".to_owned() });
}

#[tokio::test]
async fn a_server_that_cannot_sort_is_read_unsorted() {
    for (version, _) in VERSIONS {
        let server = server(version, 12).await;
        server.always(Fault::NoOrder);
        let mut people = uids(&all(&client(&server), query(5)).await.unwrap());
        people.sort();
        people.dedup();
        assert_eq!(people.len(), 12, "{version}");
    }
}

#[tokio::test]
async fn requests_hold_nothing_but_what_is_needed() {
    let server = server("2.43.1", 3).await;
    all(&client(&server), query(2)).await.unwrap();
    for request in server.requests().iter().filter(|r| r.path.contains("tracker")) {
        let get = |name: &str| request.params.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        assert_eq!(get("program"), Some(covac::PROGRAM));
        assert_eq!(get("orgUnitMode"), Some("DESCENDANTS"));
        assert!(get("fields").is_some() && get("includeDeleted") == Some("true"));
        assert!(get("ouMode").is_none() && get("skipPaging").is_none() && get("totalPages").is_none());
    }
}

#[tokio::test]
async fn ten_thousand_people_pass_in_page_buffers() {
    let server = server("2.41.0", 10_000).await;
    let client = client(&server);
    let mut pager = client.people(query(250)).unwrap();
    let (mut seen, mut largest, mut last) = (0, 0, String::new());
    while let Some(people) = pager.next_page().await.unwrap() {
        largest = largest.max(people.len());
        seen += people.len();
        for person in people {
            assert!(person.tracked_entity > last, "in order, each once");
            last = person.tracked_entity;
        }
    }
    assert_eq!((seen, largest), (10_000, 250));
    // What the pager keeps between pages is one page of UIDs, however many it has given.
    assert!(format!("{pager:?}").len() < 40_000);
}
