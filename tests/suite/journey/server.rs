//! A registry that lives on: the first pass reads everybody, each later one what changed, in every dialect.

use crate::support::{
    dhis2::{
        PASSWORD, USER,
        people::{Person, covac},
        population::crowd,
    },
    program::{Out, Workplace},
};

use super::{DIALECTS, Site, doses};

/// The time after which the last list of people was asked for, and whether it was asked for at all.
fn asked_after(site: &Site) -> Option<String> {
    let requests = site.server.requests();
    let lists = ["/api/trackedEntityInstances", "/api/tracker/trackedEntities"];
    // Single people, asked for by UID because one of their events changed, are no list.
    let by_uid = |name: &str| name.starts_with("trackedEntity") && name != "trackedEntityType";
    let last = requests
        .iter()
        .rfind(|r| lists.contains(&r.path.as_str()) && !r.params.iter().any(|(name, _)| by_uid(name)))
        .unwrap();
    last.params
        .iter()
        .find(|(name, _)| name == "lastUpdatedStartDate" || name == "updatedAfter")
        .map(|(_, value)| value.clone())
}

/// The standing identifier of an event.
fn id(out: &Out, event: &str) -> String {
    out.items()[event].1.clone().unwrap_or_else(|| panic!("{event} has no identifier"))
}

#[test]
fn each_pass_takes_what_changed_and_revokes_what_no_longer_holds() {
    for version in DIALECTS {
        let people = crowd(30, 7);
        let site = Site::open(version, people.clone());
        let work = site.workplace();
        let out = work.out("out");
        let sync = |more: &[&str]| work.run(&[&["sync", "--out", "out", "--files", "txt"], more].concat()).good().out;

        // Everybody.
        let said = sync(&[]);
        assert!(said.starts_with("Everybody"), "{version}: {said}");
        assert_eq!(asked_after(&site), None, "{version}");
        let issued: Vec<String> =
            out.items().into_iter().filter(|(_, (status, _))| status == "issued").map(|(event, _)| event).collect();
        assert_eq!(issued, doses(&people), "{version}");
        assert_eq!(out.folders().len(), issued.len());
        work.verify(&out.trust(), &out.codes(), &[]).accepted(&["sandbox"]);

        // Nothing changed.
        site.server.at("2026-11-21T12:00:00.000");
        let said = sync(&[]);
        assert!(said.starts_with("Changes since 2026-11-21T09:50"), "{version}: {said}");
        assert_eq!(out.counts(), [0; 4], "{version}");

        // One person gets a dose, the date of another's is corrected, a third's event is deleted, a fourth person too,
        // and a fifth has married.
        let live = |p: &&Person| !p.deleted && doses(std::slice::from_ref(*p)).len() == 2;
        let chosen: Vec<&Person> = people.iter().filter(live).take(5).collect();
        let [dosed, corrected, undone, gone, married] = chosen[..] else { panic!("too few people with two doses") };
        let event = |person: &Person| person.enrollments[0].events[0].uid.clone();
        let first = sync_full_ids(&work, &out);
        let now = "2026-11-21T13:00:00.000";
        site.server.edit(|people| {
            let find = |people: &mut Vec<Person>, uid: &str| people.iter().position(|p| p.uid == uid).unwrap();
            let at = find(people, &dosed.uid);
            let vaccine = people[at].enrollments[0].events[0].values[0].1.clone();
            people[at] = people[at].clone().dosed(&vaccine, "BOOSTER", "2021-11-30", "B77777");
            people[at].enrollments[0].events.last_mut().unwrap().updated = now.to_owned();
            let at = find(people, &corrected.uid);
            let dose = &mut people[at].enrollments[0].events[0];
            (dose.occurred, dose.updated) = (Some("2021-02-27T00:00:00.000".to_owned()), now.to_owned());
            let at = find(people, &undone.uid);
            let dose = &mut people[at].enrollments[0].events[1];
            (dose.deleted, dose.updated) = (true, now.to_owned());
            let at = find(people, &gone.uid);
            (people[at].deleted, people[at].updated) = (true, now.to_owned());
            let at = find(people, &married.uid);
            people[at].updated = now.to_owned();
            people[at].attributes.iter_mut().find(|(uid, _)| uid == covac::FAMILY_NAME).unwrap().1 = "Newname".into();
        });
        site.server.at("2026-11-21T13:05:00.000");
        let said = sync(&[]);
        assert!(said.starts_with("Changes since 2026-11-21T11:50"), "{version}: {said}");
        assert!(asked_after(&site).unwrap().starts_with("2026-11-21T11:50:00"), "{version}");

        let items = out.items();
        let fresh: Vec<&String> = items.iter().filter(|(_, (status, _))| status == "issued").map(|(e, _)| e).collect();
        let new_dose = doses(&[dosed.clone().dosed("X", "BOOSTER", "2021-11-30", "B")]).pop().unwrap();
        let mut expected = vec![event(corrected), new_dose];
        expected.extend(doses(std::slice::from_ref(married)));
        expected.sort();
        assert_eq!(fresh, expected.iter().collect::<Vec<_>>(), "{version}: only that is new");
        assert_eq!(out.reasons(&event(corrected)), ["supersedes"], "{version}");
        let taken_back = undone.enrollments[0].events[1].uid.clone();
        assert_eq!(items[&taken_back].0, "refused", "{version}");
        assert!(out.reasons(&taken_back).contains(&"certificate-withdrawn".to_owned()), "{version}");
        for person in people.iter().filter(|p| !chosen.iter().any(|c| c.uid == p.uid)) {
            assert!(person.events().all(|e| !items.contains_key(&e.uid)), "{version}: {} did not change", person.uid);
        }

        // An officer with the new list sees it at once; everything else stands.
        let revoked: Vec<_> = [event(corrected), taken_back]
            .into_iter()
            .chain([gone, married].into_iter().flat_map(|person| doses(std::slice::from_ref(person))))
            .map(|event| out.code(&first[&event]))
            .collect();
        let verified = work.verify(&out.trust(), &revoked, &[]);
        assert_eq!(verified.words(), [("rejected", Some("revoked")); 6], "{version}");
        assert_eq!(verified.ran.code, Some(1));
        let standing: Vec<_> = out.codes().into_iter().filter(|code| !revoked.contains(code)).collect();
        work.verify(&out.trust(), &standing, &[]).accepted(&["sandbox"]);
        assert_ne!(id(&out, &event(corrected)), first[&event(corrected)]);

        // Everybody again: nothing more to do.
        let said = sync(&["--full"]);
        assert!(said.starts_with("Everybody"), "{version}: {said}");
        assert_eq!(asked_after(&site), None, "{version}");
        let [records, issued, refused, unchanged] = out.counts();
        assert_eq!((issued, unchanged), (0, standing.len() as u64), "{version}");
        assert_eq!(records, refused + unchanged);
    }
}

/// Identifiers of all events, after a pass over everybody.
fn sync_full_ids(work: &Workplace, out: &Out) -> std::collections::BTreeMap<String, String> {
    work.run(&["sync", "--out", "out", "--files", "txt", "--full"]).good();
    out.items().into_iter().filter_map(|(event, (_, id))| Some((event, id?))).collect()
}

#[test]
fn issuing_from_the_server_and_from_its_export_gives_the_same_certificates() {
    let people = crowd(12, 3);
    let site = Site::open("2.41.0", people.clone());
    let mut work = site.workplace();
    work.run(&["issue", "--from", "dhis2", "--out", "out", "--files", "txt", "-q"]).good();
    let out = work.out("out");
    assert_eq!(out.folders().len(), doses(&people).len());
    work.verify(&out.trust(), &out.codes(), &[]).accepted(&["sandbox"]);
    // The same records by file: the registry knows them, whatever their way.
    work.unset("VACCERT_DHIS2_URL");
    let from = work.write("export.json", super::export(&people));
    work.run(&["issue", "--from", from.to_str().unwrap(), "--out", "out", "--files", "txt", "-q"]).good();
    assert_eq!(out.counts()[1], 0, "{}", out.report());
    assert_eq!(out.counts()[3], doses(&people).len() as u64);
}

#[test]
fn a_configuration_made_from_the_server_works_as_it_stands() {
    for version in DIALECTS {
        let people = crowd(12, 5);
        let site = Site::open(version, people.clone());
        let mut work = site.workplace();
        work.unset("VACCERT_DHIS2_URL");
        let said = work.run(&["init", "--from-dhis2", &site.server.url, "ministry"]).good().out;
        assert!(said.contains("yDuAzyqYABS") && said.contains("covac-1.2.0"), "{version}: {said}");
        let config = work.path("ministry/vaccert.toml");
        let text = std::fs::read_to_string(&config).unwrap();
        assert!(text.contains(&site.server.url) && !text.contains(PASSWORD) && !text.contains(USER), "{text}");

        let config = config.to_str().unwrap();
        work.run(&["sync", "--config", config, "--out", "out", "--files", "txt"]).good();
        let out = work.out("out");
        assert_eq!(out.folders().len(), doses(&people).len(), "{version}");
        work.verify(&out.trust(), &out.codes(), &[]).accepted(&["sandbox"]);
        assert!(work.path("ministry/registry.sqlite").is_file(), "the registry lies beside the configuration");
        assert!(!work.path("out/.sandbox").exists());

        // A pass without files, from inside the folder, goes on where the last one ended.
        let said = work.run(&["sync", "--config", config]).good().out;
        assert!(said.starts_with("Changes since"), "{version}: {said}");

        // What exists is never overwritten.
        let refused = work.run(&["init", "ministry"]).refused(2);
        assert!(refused.contains("vaccert.toml"), "{refused}");
        assert_eq!(std::fs::read_to_string(config).unwrap(), text);
    }
}
