//! Reading a DHIS2 server over real HTTP: the same journeys in each dialect, and every fault by its name.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use vaccert::source::dhis2::metadata::MetadataError;
use vaccert::source::dhis2::{
    Auth, Client, ClientOptions, ConnectFault, Dhis2Error, Dialect, ProgramMetadata, Query, Retry, Secret,
};
use vaccert::source::model::TrackedEntity;

use crate::support::dhis2::people::{Person, ROOT, covac, crowd};
use crate::support::dhis2::{ContractServer, Fault, Options, PASSWORD, TOKEN, USER};

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

fn options(server: &ContractServer) -> ClientOptions {
    let auth = Auth::Basic { user: USER.to_owned(), password: Secret::new(PASSWORD.to_owned()) };
    let mut options = ClientOptions::new(&server.url, auth);
    options.retry = Retry { tries: 4, base: Duration::from_millis(2), cap: Duration::from_millis(8) };
    options.jitter_seed = Some(1);
    options
}

fn client(server: &ContractServer) -> Client {
    Client::new(options(server)).unwrap()
}

fn query(page_size: u32) -> Query {
    let mut query = Query::new(covac::PROGRAM, vec![ROOT.to_owned()]);
    query.stage = Some(covac::STAGE.to_owned());
    query.page_size = page_size;
    query
}

async fn all(client: &Client, query: Query) -> Result<Vec<TrackedEntity>, Dhis2Error> {
    let pages: Vec<_> = client.people(query)?.into_stream().try_collect().await?;
    Ok(pages.into_iter().flatten().collect())
}

fn uids(people: &[TrackedEntity]) -> Vec<String> {
    people.iter().map(|p| p.tracked_entity.clone()).collect()
}

async fn server(version: &str, count: usize) -> ContractServer {
    ContractServer::start(Options::new(version, crowd(count, 7))).await
}

/// The error that a fault comes out as, and how often the list was asked for.
async fn fault(version: &str, fault: Fault) -> (Dhis2Error, usize) {
    let server = server(version, 7).await;
    server.always(fault);
    let error = all(&client(&server), query(3)).await.unwrap_err();
    (error, server.people_hits())
}

#[tokio::test]
async fn every_version_tells_the_same_people() {
    let invented = crowd(23, 7);
    for (version, dialect) in VERSIONS {
        let server = ContractServer::start(Options::new(version, invented.clone())).await;
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
        let server = ContractServer::start(options).await;
        let client = client(&server);
        assert_eq!(all(&client, query(4)).await.unwrap().len(), 9);
        assert_eq!(client.dialect().await.unwrap(), Dialect::Legacy);
        assert_eq!(server.hits("/api/tracker/trackedEntities"), 1, "the new path is tried once");
    }
    // From 2.42 on there is nothing to fall back to.
    let mut options = Options::new("2.42.0", crowd(9, 7));
    options.legacy_only = true;
    let server = ContractServer::start(options).await;
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
    let server = ContractServer::start(options).await;
    let error = client(&server).dialect().await.unwrap_err();
    assert_eq!(error, Dhis2Error::Calendar { calendar: "ethiopian".to_owned() });
}

#[tokio::test]
async fn tokens_log_in_and_wrong_credentials_are_named() {
    let server = server("2.40.0", 3).await;
    let with = |auth| Client::new(ClientOptions { auth, ..options(&server) }).unwrap();
    let people = all(&with(Auth::Token(Secret::new(format!("{TOKEN}\n")))), query(5)).await.unwrap();
    assert_eq!(people.len(), 3);
    for auth in [
        Auth::Token(Secret::new("d2pat_wrong".to_owned())),
        Auth::Basic { user: USER.to_owned(), password: Secret::new("wrong-one".to_owned()) },
    ] {
        let error = all(&with(auth), query(5)).await.unwrap_err();
        assert!(matches!(error, Dhis2Error::Credentials { .. }), "{error}");
        assert!(!error.to_string().contains("wrong"), "{error}");
    }
}

#[tokio::test]
async fn every_lasting_fault_has_its_name_and_is_not_asked_again() {
    for (version, _) in VERSIONS {
        let path = if version < "2.36" { "/api/trackedEntityInstances" } else { "/api/tracker/trackedEntities" };
        let path = || path.to_owned();
        let (error, hits) = fault(version, Fault::Conflict).await;
        let message = "Program is not assigned to org unit RootLand001".to_owned();
        assert_eq!(
            error,
            Dhis2Error::Refused { path: path(), status: 409, code: Some("E7114".to_owned()), message },
            "{version}"
        );
        assert_eq!(hits, 1);
        let (error, hits) = fault(version, Fault::Html(200)).await;
        assert_eq!((error, hits), (Dhis2Error::Html { path: path(), status: 200 }, 1), "{version}");
        let (error, hits) = fault(version, Fault::Html(500)).await;
        assert_eq!((error, hits), (Dhis2Error::Html { path: path(), status: 500 }, 1), "{version}");
        let (error, hits) = fault(version, Fault::LoginRedirect).await;
        assert_eq!((error, hits), (Dhis2Error::LoginRedirect { path: path() }, 1), "{version}");
        let (error, hits) = fault(version, Fault::Moved("https://new.example.org/x?ticket=1".to_owned())).await;
        let origin = "https://new.example.org".to_owned();
        assert_eq!((error, hits), (Dhis2Error::Redirected { path: path(), origin }, 1), "{version}");
        let (error, hits) = fault(version, Fault::ProgramClosed).await;
        assert_eq!((error, hits), (Dhis2Error::ProgramClosed { path: path() }, 1), "{version}");
        let (error, hits) = fault(version, Fault::Ownership).await;
        assert!(matches!(error, Dhis2Error::OwnershipDenied { .. }), "{version}: {error}");
        assert_eq!(hits, 1);
        let (error, hits) = fault(version, Fault::OtherJson).await;
        assert!(matches!(error, Dhis2Error::Unexpected { .. }), "{version}: {error}");
        assert!(!error.to_string().contains("Anna"), "{error}");
        assert_eq!(hits, 1);
        let (error, hits) = fault(version, Fault::Status(400)).await;
        assert!(matches!(error, Dhis2Error::Refused { status: 400, .. }), "{version}: {error}");
        assert_eq!(hits, 1);
    }
}

#[tokio::test]
async fn every_passing_fault_is_asked_again_and_named_in_the_end() {
    let version = "2.42.0";
    let path = || "/api/tracker/trackedEntities".to_owned();
    let limited = Fault::Busy { retry_after: None };
    let (error, hits) = fault(version, limited).await;
    assert_eq!((error, hits), (Dhis2Error::RateLimited { path: path(), tries: 4, retry_after: None }, 4));
    for status in [502, 503, 504] {
        let (error, hits) = fault(version, Fault::Html(status)).await;
        assert_eq!((error, hits), (Dhis2Error::Unavailable { path: path(), status, tries: 4 }, 4));
    }
    let (error, hits) = fault(version, Fault::Truncated).await;
    assert_eq!((error, hits), (Dhis2Error::Truncated { path: path(), received: 37, tries: 4 }, 4));
    let (error, hits) = fault(version, Fault::HalfJson).await;
    assert_eq!((error, hits), (Dhis2Error::Truncated { path: path(), received: 35, tries: 4 }, 4));
    let (error, hits) = fault(version, Fault::Status(200)).await;
    assert_eq!((error, hits), (Dhis2Error::Truncated { path: path(), received: 0, tries: 4 }, 4));
}

#[tokio::test]
async fn faults_that_pass_leave_no_trace() {
    for (version, _) in VERSIONS {
        let server = server(version, 12).await;
        server.misbehave(Fault::Status(502), 1);
        server.misbehave(Fault::Truncated, 1);
        server.misbehave(Fault::Busy { retry_after: Some("0".to_owned()) }, 1);
        assert_eq!(all(&client(&server), query(5)).await.unwrap().len(), 12, "{version}");
        assert_eq!(server.people_hits(), 4 + 3, "{version}");
    }
}

#[tokio::test]
async fn retry_after_is_kept_and_has_a_bound() {
    let server = server("2.41.0", 3).await;
    server.misbehave(Fault::Busy { retry_after: Some("1".to_owned()) }, 1);
    let start = Instant::now();
    assert_eq!(all(&client(&server), query(5)).await.unwrap().len(), 3);
    assert!(start.elapsed() >= Duration::from_secs(1));

    let (error, hits) = fault("2.41.0", Fault::Busy { retry_after: Some("86400".to_owned()) }).await;
    let path = "/api/tracker/trackedEntities".to_owned();
    assert_eq!((error, hits), (Dhis2Error::RateLimited { path, tries: 1, retry_after: Some(86_400) }, 1));
}

#[tokio::test]
async fn slow_servers_time_out() {
    let server = server("2.41.0", 3).await;
    server.always(Fault::Slow(Duration::from_secs(30)));
    let mut options = options(&server);
    options.read_timeout = Duration::from_millis(60);
    options.retry.tries = 2;
    let error = all(&Client::new(options).unwrap(), query(5)).await.unwrap_err();
    assert_eq!(error, Dhis2Error::Timeout { path: "/api/tracker/trackedEntities".to_owned(), tries: 2 });
    assert_eq!(server.people_hits(), 2);
}

#[tokio::test]
async fn servers_that_are_not_there_are_named() {
    let server = server("2.41.0", 0).await;
    let mut options = options(&server);
    options.retry.tries = 2;

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    drop(listener);
    options.base_url = format!("http://{host}/");
    let error = Client::new(options.clone()).unwrap().me().await.unwrap_err();
    assert_eq!(error, Dhis2Error::Connect { host: host.clone(), fault: ConnectFault::Refused, tries: 2 });

    options.base_url = "https://no-such-host.invalid/dhis".to_owned();
    let error = Client::new(options.clone()).unwrap().me().await.unwrap_err();
    assert!(matches!(error, Dhis2Error::Connect { fault: ConnectFault::Unresolved, .. }), "{error}");

    // The contract server speaks no TLS.
    options.base_url = server.url.replace("http:", "https:");
    let error = Client::new(options.clone()).unwrap().me().await.unwrap_err();
    assert!(matches!(error, Dhis2Error::Tls { .. }), "{error}");
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_is_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let counter = tokio::spawn(async move {
        let mut count = 0;
        while let Ok(Ok((stream, _))) = tokio::time::timeout(Duration::from_millis(500), listener.accept()).await {
            count += 1;
            let _ = stream.readable().await;
            drop(stream);
        }
        count
    });
    let server = server("2.41.0", 0).await;
    let error = Client::new(ClientOptions { base_url: url, ..options(&server) }).unwrap().me().await.unwrap_err();
    assert_eq!(error, Dhis2Error::Broken { path: "/api/me".to_owned(), tries: 4 });
    assert!(counter.await.unwrap() >= 4);
}

#[tokio::test]
async fn a_small_answer_that_unpacks_to_a_large_one_is_cut_off() {
    let server = server("2.41.0", 0).await;
    server.always(Fault::HugeInfo);
    let error = client(&server).system_info().await.unwrap_err();
    assert!(matches!(error, Dhis2Error::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn secrets_never_come_back_in_an_error() {
    for status in [400, 401, 403, 404, 409, 429, 500, 503] {
        let server = server("2.41.0", 1).await;
        server.always(Fault::Echo(status));
        for auth in [
            Auth::Basic { user: USER.to_owned(), password: Secret::new(PASSWORD.to_owned()) },
            Auth::Token(Secret::new(TOKEN.to_owned())),
        ] {
            let basic = matches!(auth, Auth::Basic { .. });
            let options = ClientOptions { auth, ..options(&server) };
            let said = format!("{options:?}");
            let client = Client::new(options).unwrap();
            let error = all(&client, query(5)).await.unwrap_err();
            let said = format!("{said} {error} {error:?} {client:?}");
            let own = if basic { PASSWORD } else { TOKEN };
            assert!(!said.contains(own) && !said.contains("cmVhZGVy"), "{status}: {said}");
            assert!(!said.contains("updatedAt"), "{status}: the query string is not repeated: {said}");
        }
    }
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
async fn metadata_is_typed_and_asked_for_once() {
    let server = server("2.41.0", 0).await;
    let client = client(&server);
    assert_eq!(client.root_org_units().await.unwrap(), [ROOT]);
    assert!(!client.me().await.unwrap().sees_all_org_units());
    let programs = client.programs().await.unwrap();
    assert_eq!(programs[0].id, covac::PROGRAM);

    let program = client.program(covac::PROGRAM).await.unwrap();
    assert_eq!(program.access_level.as_deref(), Some("PROTECTED"));
    assert_eq!(program.data_read, Some(true));
    assert!(program.attributes.iter().any(|a| a.id == covac::NATIONAL_ID && a.unique && !a.mandatory));
    let stage = &program.stages[0];
    assert!(stage.repeatable);
    let vaccine = stage.data_elements.iter().find(|e| e.id == covac::VACCINE).unwrap();
    let codes: Vec<_> = program
        .option_set(vaccine.option_set.as_deref().unwrap())
        .unwrap()
        .options
        .iter()
        .map(|o| o.code.as_str())
        .collect();
    assert_eq!(codes, ["ASTRAZENECA", "BIONTECHPFIZER", "MODERNA", "GAMALEYA", "SINOPHARM"]);
    assert_eq!(program.option_sets.len(), 4);
    client.program(covac::PROGRAM).await.unwrap();
    assert_eq!(server.hits("/api/programs/yDuAzyqYABS"), 1);
    assert_eq!(server.hits("/api/optionSets"), 1);

    let wanted: Vec<String> = ["HarbourHC01", "LakeHospit1", "NoSuchUnit1", "HarbourHC01"].map(str::to_owned).to_vec();
    for _ in 0..2 {
        let units = client.org_units(&wanted).await.unwrap();
        assert_eq!(units.len(), 2);
        assert_eq!(units["HarbourHC01"].name, "Harbour Health Centre");
        assert_eq!(units["LakeHospit1"].code, None);
    }
    assert_eq!(server.hits("/api/organisationUnits"), 1, "what is missing is remembered too");

    let many: Vec<String> = (0..250).map(|n| format!("Unit{n:07}")).collect();
    assert!(client.org_units(&many).await.unwrap().is_empty());
    assert_eq!(server.hits("/api/organisationUnits"), 4, "in chunks");
    assert!(matches!(client.org_units(&["x],name:like:[".to_owned()]).await, Err(Dhis2Error::NotAUid { .. })));
    assert!(matches!(client.program("../me?x=abc").await, Err(Dhis2Error::NotAUid { .. })));
    assert!(client.program("NoSuchProg1").await.is_err());
}

#[tokio::test]
async fn a_user_without_org_units_is_told_so() {
    let mut options = Options::new("2.41.0", Vec::new());
    options.user_org_units.clear();
    let server = ContractServer::start(options).await;
    assert_eq!(client(&server).root_org_units().await.unwrap_err(), Dhis2Error::NoOrgUnits);
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

/// Data that lies beside the project, or a plain word that it is absent.
fn vectors(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("VACCERT_VECTORS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    println!("WITHOUT DATA: {path} is not there (set VACCERT_VECTORS); this test checked nothing of it");
    None
}

#[tokio::test]
async fn recorded_pages_of_a_real_server_are_read_in_every_dialect() {
    let recorded = [
        ("legacy_trackedEntityInstances_fields_all.json", Dialect::Legacy, "trackedEntityInstances"),
        ("tracker_2.36-2.40_instances.json", Dialect::V36, "instances"),
        ("tracker_2.41_trackedEntities.json", Dialect::V41, "trackedEntities"),
        ("tracker_2.42-2.43_trackedEntities.json", Dialect::V42, "trackedEntities"),
    ];
    let mut told = Vec::new();
    for (file, dialect, key) in recorded {
        let Some(path) = vectors(&format!("dhis2/recorded/hispvn/{file}")) else { return };
        let text = std::fs::read_to_string(path).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(move |uri: axum::http::Uri| async move {
            if uri.query().unwrap().contains("page=1&") { text } else { format!(r#"{{"{key}":[]}}"#) }
        });
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let mut options = ClientOptions::new(url, Auth::Token(Secret::new("t".to_owned())));
        options.dialect = Some(dialect);
        let people = all(&Client::new(options).unwrap(), query(50)).await.unwrap();
        task.abort();
        let shape: Vec<_> = people
            .iter()
            .map(|p| {
                let events: Vec<_> = p.enrollments.iter().flat_map(|e| &e.events).collect();
                let values: usize = events.iter().map(|e| e.data_values.len()).sum();
                let days: Vec<_> = events.iter().map(|e| e.occurred_at.clone()).collect();
                (p.tracked_entity.clone(), p.updated_at.clone(), p.attributes.len(), values, days)
            })
            .collect();
        assert_eq!(shape.len(), 3, "{file}");
        told.push(shape);
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "the same people in every dialect");
}

#[test]
fn published_packages_are_read() {
    let read = |file: &str, uid| {
        let path = vectors(&format!("dhis2/metadata/{file}"))?;
        Some(ProgramMetadata::from_package(&std::fs::read(path).unwrap(), uid))
    };
    let covac_files = [
        ("covac/D2.35_1.0.0/complete/metadata.json", "TfdH5KvFmMy", "COVAX1"),
        ("covac/D2.35_1.1.3/complete/metadata.json", "sB1IHYu2xQT", "astrazeneca"),
        ("covac/D2.35_1.2.0/CVIR00/CVIR00.json", "sB1IHYu2xQT", "ASTRAZENECA"),
        ("covac/D2.38_1.2.0/COMPLETE/metadata.json", "sB1IHYu2xQT", "ASTRAZENECA"),
    ];
    for (file, given, vaccine) in covac_files {
        let Some(programs) = read(file, None) else { return };
        let programs = programs.unwrap();
        assert_eq!(programs.len(), 1, "{file}");
        let program = &programs[0];
        assert_eq!(program.id, covac::PROGRAM);
        assert_eq!(program.access_level.as_deref(), Some("PROTECTED"));
        assert_eq!(program.attributes.len(), 11, "{file}");
        assert!(program.attributes.iter().any(|a| a.id == given && a.value_type == "TEXT"), "{file}");
        assert_eq!(program.stages.len(), 1, "{file}");
        assert_eq!(program.stages[0].id, covac::STAGE);
        assert!(program.stages[0].repeatable, "{file}");
        let element = program.stages[0].data_elements.iter().find(|e| e.id == covac::VACCINE).unwrap();
        let set = program.option_set(element.option_set.as_deref().unwrap()).unwrap();
        assert_eq!(set.options[0].code, vaccine, "{file}");
        assert_eq!(set.options[0].id, "wCXR8ztOP2N", "{file}: one UID, several meanings");
    }
    let aggregate = read("CVC_AGG/2.37/COMPLETE/metadata.json", None).unwrap();
    assert_eq!(aggregate.unwrap_err(), MetadataError::NoTrackerProgram);
    let routine = read("IMM_EIR/2.40/COMPLETE/metadata.json", Some("SSLpOM0r1U7")).unwrap().unwrap();
    assert_eq!(routine[0].stages.len(), 2);
    let cases = read("C19_CS/D2.37_1.0.2/metadata.json", Some("uYjxkTbwRNf")).unwrap().unwrap();
    assert_eq!(cases.len(), 1);
}
