//! What goes back into DHIS2: counts into a data set, identifiers and status into records.

use std::{fs, sync::Arc};

use jiff::Timestamp;
use vaccert::{
    registry::{Cause, Options as RegistryOptions, Reason, Registry},
    returns::{ReturnsError, WriteBack, WriteBackOptions, WrittenBack, write_back},
    source::dhis2::{Auth, Client, ClientOptions, Secret},
};

use crate::{
    journey::Site,
    support::{
        dhis2::{
            PASSWORD, USER,
            people::{Person, covac},
            users::User,
            values::DataSet,
            writes::{CERTIFICATE_ATTRIBUTE, CERTIFICATE_ELEMENT, STATUS_ELEMENT},
        },
        program::Workplace,
    },
};

const VERSIONS: [&str; 4] = ["2.35.14", "2.38.1", "2.41.0", "2.43.1"];

fn person(uid: &str, given: &str) -> Person {
    Person::new(uid, given, "Vastow", "1971-02-03").dosed("MODERNA", "DOSE1", "2021-03-02", "LOT1")
}

/// A server whose user may write, with fields for certificates and a data set for counts.
fn site(version: &str, people: Vec<Person>) -> Site {
    let site = Site::open(version, people);
    site.server.configure(|options| {
        options.users = vec![User::reader().with(&["F_DATAVALUE_ADD"]).writing()];
        options.certificate_fields = true;
        options.data_sets = vec![DataSet {
            id: "DataSetCert".into(),
            period_type: "Daily".into(),
            elements: ["ElemIssued1", "ElemRevoke1", "ElemRefuse1", "ElemStands1"].map(String::from).to_vec(),
            option_combos: vec!["HllvX50cXC0".into()],
            org_units: vec!["HarbourHC01".into(), "HillClinic1".into()],
        }];
    });
    site
}

fn configured(site: &Site, more: &str) -> Workplace {
    let work = site.workplace();
    work.run(&["init", "--quiet", "."]).good();
    let config = fs::read_to_string(work.path("vaccert.toml")).unwrap();
    work.write("vaccert.toml", format!("{config}\n{more}"));
    work
}

const PUSH: &str = "[dhis2]\nurl = ''\n[dhis2.push]\ndata_set = 'DataSetCert'\nissued = 'ElemIssued1'\n\
     revoked = 'ElemRevoke1'\nrefused = 'ElemRefuse1'\nstanding = 'ElemStands1.HllvX50cXC0'\n";

#[test]
fn counts_are_pushed_replaced_and_conflicts_shown() {
    for version in VERSIONS {
        let people = vec![
            person("P0000000001", "Amara"),
            person("P0000000002", "Belise"),
            Person::new("P0000000003", "Fenna", "Ramberg", "1971-02-03").dosed("HOME_BREW", "DOSE1", "2021-03-02", "L"),
        ];
        let site = site(version, people);
        let work = configured(&site, PUSH);
        work.run(&["sync", "--quiet"]).good();

        let shown = work.run(&["audit", "push", "--dry-run"]).good().out;
        let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["dataSet"], "DataSetCert");
        assert_eq!(site.server.values().len(), 0, "{version}: a rehearsal sends nothing");

        let of = |element: &str| -> Vec<String> {
            let values = site.server.values();
            values
                .into_iter()
                .filter(|((e, _, unit, _), _)| e == element && unit == "HarbourHC01")
                .map(|(_, v)| v)
                .collect()
        };
        let said = work.run(&["audit", "push"]).good().out;
        assert!(said.contains("0 not taken"), "{version}: {said}");
        assert_eq!(of("ElemIssued1"), ["0", "2"], "{version}: yesterday and today");
        assert_eq!((of("ElemStands1"), of("ElemRefuse1")), (vec!["2".to_owned()], vec!["1".to_owned()]));

        // The same again changes nothing; a revocation does.
        let before = site.server.values();
        work.run(&["audit", "push", "--quiet"]).good();
        assert_eq!(site.server.values(), before, "a value is replaced, not added");
        let list = work.run(&["audit", "export", "--out", "rows", "--to", "2999-01-01"]).good();
        drop(list);
        let rows = fs::read_to_string(work.path("rows")).unwrap();
        let first: serde_json::Value = serde_json::from_str(rows.lines().next().unwrap()).unwrap();
        let id = first["object"].as_str().unwrap();
        work.run(&["revoke", id, "--reason", "fraud"]).good();
        work.run(&["audit", "push", "--quiet"]).good();
        assert_eq!(
            (of("ElemRevoke1"), of("ElemStands1")),
            (vec!["0".to_owned(), "1".to_owned()], vec!["1".to_owned()])
        );

        // A data element that the server does not have: told, and the exit says so.
        site.server.configure(|options| options.data_sets[0].elements.retain(|element| element != "ElemRefuse1"));
        let ran = work.run(&["audit", "push"]);
        assert_eq!(ran.code, Some(1), "{version}: {ran:?}");
        assert!(ran.out.contains("ElemRefuse1"), "{version}: {ran:?}");
        // A user without the right.
        site.server.configure(|options| options.users = vec![User::reader()]);
        let said = work.run(&["audit", "push"]).refused(4);
        assert!(said.contains("F_DATAVALUE_ADD") && said.contains("may not write"), "{version}: {said}");
    }
}

#[test]
fn a_push_that_is_not_configured_says_so() {
    let site = site("2.41.0", Vec::new());
    let work = configured(&site, "");
    let said = work.run(&["audit", "push"]).refused(2);
    assert!(said.contains("[dhis2.push]"), "{said}");
    let work = configured(&site, "[dhis2]\nurl = ''\n[dhis2.push]\ndata_set = 'x'\n");
    let said = work.run(&["audit", "push"]).refused(2);
    assert!(said.contains("dhis2.push.data_set"), "{said}");
}

fn client(site: &Site) -> Arc<Client> {
    let auth = Auth::Basic { user: USER.to_owned(), password: Secret::new(PASSWORD.to_owned()) };
    Arc::new(Client::new(ClientOptions::new(site.server.url.clone(), auth)).unwrap())
}

/// One turn of the write-back in a runtime of its own, on the registry of the workplace.
fn turn(site: &Site, work: &Workplace, options: &WriteBackOptions) -> WrittenBack {
    try_turn(site, work, options).unwrap()
}

fn try_turn(site: &Site, work: &Workplace, options: &WriteBackOptions) -> Result<WrittenBack, ReturnsError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = work.path("registry.sqlite").display().to_string();
        let registry = Registry::open(&url, RegistryOptions::default()).await.unwrap();
        let (client, org_units) = (client(site), vec!["RootLand001".to_owned()]);
        let with =
            WriteBack { client: &client, registry: &registry, program: covac::PROGRAM, org_units: &org_units, options };
        let done = write_back(&with, Timestamp::from_second(1_800_000_000).unwrap()).await;
        registry.close().await;
        done
    })
}

fn revoke(work: &Workplace, id: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = work.path("registry.sqlite").display().to_string();
        let registry = Registry::open(&url, RegistryOptions::default()).await.unwrap();
        registry.revoke(&[id.to_owned()], &Cause::from(Reason::Fraud), Timestamp::UNIX_EPOCH).await.unwrap();
        registry.close().await;
    });
}

fn value(site: &Site, person: usize, element: &str) -> Option<String> {
    let people = site.server.people();
    let event = people[person].events().next().unwrap().clone();
    event.values.into_iter().find(|(known, _)| known == element).map(|(_, value)| value)
}

#[test]
fn certificates_are_written_into_their_events_and_nothing_else_is_touched() {
    let options = WriteBackOptions {
        certificate_element: Some(CERTIFICATE_ELEMENT.into()),
        status_element: Some(STATUS_ELEMENT.into()),
        ..WriteBackOptions::default()
    };
    for version in VERSIONS {
        let site = site(version, vec![person("P0000000001", "Amara"), person("P0000000002", "Belise")]);
        // Somebody uses the field of the second person for a note.
        site.server.edit(|people| {
            people[1].enrollments[0].events[0].values.push((CERTIFICATE_ELEMENT.into(), "card 17, drawer 3".into()));
        });
        let work = configured(&site, "");
        work.run(&["sync", "--quiet"]).good();
        let before = site.server.people();
        site.server.at("2026-11-21T12:00:00.000");
        let done = turn(&site, &work, &options);
        assert_eq!((done.written, done.unchanged), (1, 0), "{version}: {done:?}");
        assert_eq!(done.refused.get("write-back-field-taken"), Some(&1), "{version}: {done:?}");
        let id = value(&site, 0, CERTIFICATE_ELEMENT).unwrap();
        assert!(id.starts_with("URN:UVCI:01:"), "{version}: {id}");
        assert_eq!(value(&site, 0, STATUS_ELEMENT).as_deref(), Some("valid"));
        assert_eq!(value(&site, 1, CERTIFICATE_ELEMENT).as_deref(), Some("card 17, drawer 3"));

        // Everything else is as it was.
        let mut after = site.server.people();
        for person in &mut after {
            for event in &mut person.enrollments[0].events {
                event.values.retain(|(element, _)| ![CERTIFICATE_ELEMENT, STATUS_ELEMENT].contains(&element.as_str()));
                event.updated.clear();
            }
            person.updated.clear();
        }
        let mut expected = before.clone();
        for person in &mut expected {
            for event in &mut person.enrollments[0].events {
                event.values.retain(|(element, _)| element != CERTIFICATE_ELEMENT);
                event.updated.clear();
            }
            person.updated.clear();
        }
        assert_eq!(format!("{expected:?}"), format!("{after:?}"), "{version}");

        // The poll sees our own writing as a change, and issues nothing; then there is nothing to write.
        site.server.at("2026-11-21T12:30:00.000");
        let head = work.run(&["audit", "head"]).good().out;
        work.run(&["sync", "--quiet"]).good();
        assert_eq!(work.run(&["audit", "head"]).good().out, head, "{version}: no row of the log, no certificate");
        let writes = site.server.requests().iter().filter(|request| request.method != "GET").count();
        let again = turn(&site, &work, &options);
        assert_eq!((again.written, again.refused.len()), (0, 0), "{version}: {again:?}");
        assert_eq!(site.server.requests().iter().filter(|request| request.method != "GET").count(), writes);

        // Revoked: the identifier stays, the status tells.
        revoke(&work, &id);
        let done = turn(&site, &work, &options);
        assert_eq!(done.written, 1, "{version}: {done:?}");
        assert_eq!(value(&site, 0, CERTIFICATE_ELEMENT), Some(id));
        assert_eq!(value(&site, 0, STATUS_ELEMENT).as_deref(), Some("revoked"));

        // A user who may only read: nothing is written, and nothing is forgotten either when the right is given.
        site.server.configure(|options| options.users = vec![User::reader()]);
        site.server.edit(|people| people.push(person("P0000000003", "Corwin")));
        work.run(&["sync", "--full", "--quiet"]).good();
        for _ in 0..2 {
            let refused = try_turn(&site, &work, &options).unwrap_err();
            let needs = matches!(&refused, ReturnsError::Dhis2(error) if error.needs_operator());
            assert!(needs && refused.to_string().contains("data writing"), "{version}: {refused}");
        }
        assert_eq!(value(&site, 2, CERTIFICATE_ELEMENT), None);
        site.server.configure(|options| options.users = vec![User::reader().writing()]);
        let done = turn(&site, &work, &options);
        assert_eq!((done.written, done.refused.len()), (1, 0), "{version}: {done:?}");
        assert!(value(&site, 2, CERTIFICATE_ELEMENT).is_some(), "{version}");
        work.run(&["audit", "verify", "--quiet"]).good();
    }
}

#[test]
fn the_latest_certificate_of_a_person_is_written_into_an_attribute() {
    let options =
        WriteBackOptions { certificate_attribute: Some(CERTIFICATE_ATTRIBUTE.into()), ..WriteBackOptions::default() };
    let twice = person("P0000000001", "Amara").dosed("MODERNA", "DOSE2", "2021-04-02", "LOT2");
    let site = site("2.41.0", vec![twice]);
    let work = configured(&site, "");
    work.run(&["sync", "--quiet"]).good();
    let attributes = site.server.people()[0].attributes.len();
    let done = turn(&site, &work, &options);
    assert!(done.refused.is_empty() && done.written >= 1, "{done:?}");
    let people = site.server.people();
    assert_eq!(people[0].attributes.len(), attributes + 1, "no other attribute is lost");
    let (_, id) = people[0].attributes.last().unwrap();
    assert!(id.starts_with("URN:UVCI:01:"), "{id}");
}
