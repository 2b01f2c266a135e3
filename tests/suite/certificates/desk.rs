//! Issuing, correcting and revoking on request.

use std::sync::Arc;

use vaccert::{
    access::Rules,
    batch::Part,
    issue::Format,
    keys::{Certificate, MemorySigner, Signer, SignerSet},
    record::Country,
    registry::{Options, Reason, Registry},
    work::desk::{Bulk, Desk, DeskError, Ended, Line, Names, Standing, Subject},
};

use super::{World, actor, dosed, event, order};
use crate::{
    journey::DIALECTS,
    support::{
        database::{Database, on_each},
        dhis2::people::{Event, Person, covac},
    },
};

fn of(event: &str) -> Subject {
    Subject::Event(event.to_owned())
}

#[test]
fn f07_a_hundred_callers_get_one_certificate_and_one_signature() {
    on_each(async |database| {
        let person = dosed("Pf070000001");
        let first = event(&person, 0);
        let world = World::new("2.41.0", vec![person], &database).await;
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..100 {
            let (desk, subject) = (world.desk.clone(), of(&first));
            tasks.spawn(async move {
                let clerk = actor(&format!("dhis2:clerk{}", n % 7), None);
                desk.issue(&subject, order(&clerk)).await
            });
        }
        let mut ids = Vec::new();
        let mut issued = 0;
        for done in tasks.join_all().await {
            match done {
                Ok(done) => {
                    assert_eq!(done.len(), 1);
                    issued += usize::from(done[0].ended == Ended::Issued);
                    ids.push(done[0].id.clone().unwrap());
                }
                Err(error) => panic!("{error}"),
            }
        }
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), issued, world.signed()), (1, 1, 1), "one certificate, one signature");
        let opaque = ids[0].split(':').nth(4).unwrap().split('#').next().unwrap();
        assert_eq!(opaque.len(), 26, "130 bits of chance: {}", ids[0]);
        // Asked again, the same.
        let clerk = actor("dhis2:clerk", None);
        let again = world.desk.issue(&of(&first), order(&clerk)).await.unwrap();
        assert_eq!((again[0].ended, again[0].id.as_ref()), (Ended::Unchanged, Some(&ids[0])));
        assert_eq!(world.signed(), 1);
    });
}

/// A person whose second event is changed.
fn spoilt(n: usize, change: impl FnOnce(&mut Person)) -> Person {
    let mut person = dosed(&format!("Pf08{n:07}"));
    person.enrollments[0].events.truncate(1);
    change(&mut person);
    person
}

fn first(person: &mut Person) -> &mut Event {
    &mut person.enrollments[0].events[0]
}

#[test]
fn f08_what_was_not_given_is_refused_with_its_reason_and_nothing_is_signed() {
    on_each(async |database| {
        let status = |n, word: &str| spoilt(n, |p| word.clone_into(&mut first(p).status));
        let at = |n, day: &str| spoilt(n, |p| first(p).occurred = Some(format!("{day}T00:00:00.000")));
        let cases: Vec<(Person, &str)> = vec![
            (status(1, "SCHEDULE"), "event-not-completed"),
            (status(2, "ACTIVE"), "event-not-completed"),
            (status(3, "SKIPPED"), "event-not-completed"),
            (status(4, "OVERDUE"), "event-not-completed"),
            (status(5, "VISITED"), "event-not-completed"),
            (spoilt(6, |p| first(p).deleted = true), "event-deleted"),
            (spoilt(7, |p| p.enrollments[0].deleted = true), "event-deleted"),
            (spoilt(8, |p| p.deleted = true), "event-deleted"),
            (spoilt(9, |p| p.enrollments[0].status = "CANCELLED".to_owned()), "enrollment-cancelled"),
            (at(10, "2026-11-25"), "date-in-future"),
            (at(11, "2019-12-01"), "date-before-product"),
            (at(12, "1976-05-01"), "date-before-birth"),
            (
                spoilt(13, |p| first(p).values.retain(|(de, _)| de != covac::VACCINE && de != covac::MANUFACTURER)),
                "vaccine-missing",
            ),
        ];
        let people = cases.iter().map(|(person, _)| person.clone()).collect();
        let world = World::new("2.41.0", people, &database).await;
        let admin = actor("dhis2:admin", None);
        for (person, code) in &cases {
            let uid = event(person, 0);
            for subject in [of(&uid), Subject::Person(person.uid.clone())] {
                let done = world.desk.issue(&subject, order(&admin)).await;
                let done = done.unwrap_or_else(|error| panic!("{code}: {error}"));
                assert_eq!(done.len(), 1, "{code}");
                assert_eq!((done[0].ended, done[0].id.as_ref()), (Ended::Refused, None), "{code}");
                let codes: Vec<&str> = done[0].reasons.iter().map(|reason| reason.code.as_str()).collect();
                assert!(codes.contains(code), "{code}: {codes:?}");
                assert!(done[0].reasons.iter().all(|reason| !reason.remedy.is_empty()));
            }
            let preview = world.desk.preview(&of(&uid), &admin).await.unwrap();
            assert!(preview[0].record.is_none(), "{code}");
        }
        assert_eq!(world.signed(), 0, "nothing was signed");
        assert_eq!(world.registry.counts().await.unwrap(), Default::default(), "and nothing is in the registry");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_and_an_event_are_read_in_every_version() {
    for version in DIALECTS.into_iter().chain(["2.33.9", "2.36.3", "2.38.2", "2.42.0"]) {
        let (one, other) = (dosed("Pread000001"), dosed("Pread000002"));
        let database = Database::sqlite();
        let world = World::new(version, vec![one.clone(), other.clone()], &database).await;
        let clerk = actor("dhis2:clerk", None);
        let done = world.desk.issue(&of(&event(&one, 1)), order(&clerk)).await.unwrap();
        assert_eq!(done.len(), 1, "{version}: the event alone");
        assert_eq!((done[0].person.as_str(), done[0].ended), (one.uid.as_str(), Ended::Issued), "{version}");
        assert_eq!(world.signed(), 1, "{version}");
        let done = world.desk.issue(&Subject::Person(one.uid.clone()), order(&clerk)).await.unwrap();
        let ended: Vec<Ended> = done.iter().map(|done| done.ended).collect();
        assert_eq!(ended, [Ended::Issued, Ended::Unchanged], "{version}");
        assert_eq!(world.desk.list(&one.uid, &clerk).await.unwrap().len(), 2, "{version}");
        assert!(world.desk.list(&other.uid, &clerk).await.unwrap().is_empty(), "{version}");
        // Who is not there is not found, and what is no UID is not asked for.
        let nobody = world.desk.issue(&Subject::Person("Pnobody0001".to_owned()), order(&clerk)).await;
        assert!(matches!(nobody, Err(DeskError::NoPerson)), "{version}: {nobody:?}");
        let nothing = world.desk.issue(&of("Enothing001"), order(&clerk)).await;
        assert!(matches!(nothing, Err(DeskError::NoEvent)), "{version}: {nothing:?}");
        for wrong in ["", "short", "Pread00000;", "Pread000001,Pread000002"] {
            let refused = world.desk.issue(&of(wrong), order(&clerk)).await;
            assert!(matches!(refused, Err(DeskError::Uid { what: "event" })), "{version}");
        }
    }
}

#[test]
fn a_correction_supersedes_a_deletion_revokes_and_the_same_changes_nothing() {
    on_each(async |database| {
        let person = dosed("Pcorr000001");
        let world = World::new("2.42.0", vec![person.clone()], &database).await;
        let clerk = actor("dhis2:clerk", None);
        let done = world.desk.issue(&Subject::Person(person.uid.clone()), order(&clerk)).await.unwrap();
        let ids: Vec<String> = done.iter().map(|done| done.id.clone().unwrap()).collect();

        let same = world.desk.correct(&ids[0], order(&clerk)).await.unwrap();
        assert_eq!((same.ended, same.id.as_ref(), world.signed()), (Ended::Unchanged, Some(&ids[0]), 2));

        // The date is corrected: issuing again leaves what stands, and says what to do.
        world.server.edit(|people| {
            first(&mut people[0]).occurred = Some("2021-03-05T00:00:00.000".to_owned());
        });
        let left = world.desk.issue(&of(&event(&person, 0)), order(&clerk)).await.unwrap();
        assert_eq!((left[0].ended, left[0].id.as_ref()), (Ended::Conflict, Some(&ids[0])));
        let preview = world.desk.preview(&of(&event(&person, 0)), &clerk).await.unwrap();
        assert!(preview[0].differs && preview[0].record.is_some());
        assert_eq!(world.signed(), 2, "a preview signs nothing");

        let corrected = world.desk.correct(&ids[0], order(&clerk)).await.unwrap();
        let new = corrected.id.clone().unwrap();
        assert_eq!((corrected.ended, world.signed()), (Ended::Issued, 3));
        assert_ne!(new, ids[0]);
        let (old, fresh) =
            (world.desk.open(&ids[0], &clerk).await.unwrap(), world.desk.open(&new, &clerk).await.unwrap());
        assert_eq!((old.standing, old.superseded_by.as_ref()), (Standing::Superseded, Some(&new)));
        assert_eq!((fresh.standing, fresh.supersedes.as_ref()), (Standing::Valid, Some(&ids[0])));
        let again = world.desk.correct(&ids[0], order(&clerk)).await;
        assert!(matches!(again, Err(DeskError::Replaced { by }) if by == new));

        // Revoked for an error: no other certificate before the record is corrected, and then one.
        world.desk.revoke(&new, Reason::Error, order(&clerk)).await.unwrap();
        let barred = world.desk.issue(&of(&event(&person, 0)), order(&clerk)).await.unwrap();
        assert_eq!(barred[0].ended, Ended::Barred);
        world.server.edit(|people| {
            first(&mut people[0]).occurred = Some("2021-03-07T00:00:00.000".to_owned());
        });
        let mended = world.desk.correct(&new, order(&clerk)).await.unwrap();
        assert_eq!(mended.ended, Ended::Issued, "{mended:?}");

        // The other event is deleted.
        world.server.edit(|people| people[0].enrollments[0].events[1].deleted = true);
        let gone = world.desk.correct(&ids[1], order(&clerk)).await.unwrap();
        assert_eq!(gone.ended, Ended::Withdrawn);
        assert_eq!(world.desk.open(&ids[1], &clerk).await.unwrap().standing, Standing::Revoked(Reason::Deleted));
        let happened = world.desk.history(&ids[1], &clerk).await.unwrap();
        assert_eq!(happened.last().unwrap().by.as_deref(), Some("dhis2:clerk"));
        assert_eq!(happened.last().unwrap().note.as_deref(), Some("asked for at the counter"));
    });
}

#[test]
fn f22_one_dose_of_several_is_revoked_in_every_format_and_the_others_stand() {
    on_each(async |database| {
        let person = Person::new("Pf220000001", "Zyxwana", "Qwertivo", "1977-01-12")
            .with(covac::SEX, "FEMALE")
            .with(covac::NATIONAL_ID, "770112345X")
            .dosed("ASTRAZENECA", "DOSE1", "2021-03-03", "B1")
            .dosed("ASTRAZENECA", "DOSE2", "2021-05-03", "B2")
            .dosed("ASTRAZENECA", "BOOSTER", "2021-12-03", "B4");
        for k in 0..3 {
            let database = if k == 0 { &database } else { &Database::sqlite() };
            let all = |setup: &mut vaccert::config::Setup| setup.formats = Format::ALL.to_vec();
            let world = World::with("2.41.0", vec![person.clone()], database, all).await;
            let clerk = actor("dhis2:clerk", None);
            let done = world.desk.issue(&Subject::Person(person.uid.clone()), order(&clerk)).await.unwrap();
            let ids: Vec<String> = done.iter().filter_map(|done| done.id.clone()).collect();
            assert_eq!(ids.len(), 3, "{done:?}");
            assert!(done[k].formats.len() >= 4, "{:?}", done[k]);
            world.desk.revoke(&ids[k], Reason::Fraud, order(&clerk)).await.unwrap();
            let folder = tempfile::tempdir().unwrap();
            let now = vaccert::clock::Clock::now(&world.clock);
            let signers = world.setup.signers.certificates(now);
            let bundle =
                vaccert::batch::write_bundle(folder.path(), &signers, &world.setup.list_key, &world.registry, now);
            let bytes = std::fs::read(bundle.await.unwrap()).unwrap();
            let bundle = vaccert::trust::bundle::read(bytes, &[]).unwrap();
            let knowledge = vaccert::verify::Knowledge::of_bundle(&bundle, "trust.json").unwrap();
            let verifier = knowledge.verifier(now);
            for (n, id) in ids.iter().enumerate() {
                let held = world.desk.open(id, &clerk).await.unwrap();
                for envelope in &held.issued.envelopes {
                    let verdict = verifier.judge(&envelope.text);
                    let revoked = verdict.reason.is_some_and(|reason| reason.code() == "revoked");
                    assert_eq!(revoked, n == k, "dose {} of 3, {}: {verdict:?}", n + 1, envelope.format);
                }
                let drawn = world.desk.draw(&held, Part::Pdf).await.unwrap();
                assert!(drawn.starts_with(b"%PDF"));
                assert_eq!(held.standing == Standing::Valid, n != k);
            }
        }
    });
}

/// A signer of this country whose certificate is for these uses.
fn signer(country: &str, usages: &[u64]) -> Arc<dyn Signer> {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut subject = rcgen::DistinguishedName::new();
    subject.push(rcgen::DnType::CountryName, rcgen::DnValue::PrintableString(country.try_into().unwrap()));
    subject.push(rcgen::DnType::OrganizationName, "vaccert sandbox");
    subject.push(rcgen::DnType::CommonName, "Sandbox DSC");
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name = subject;
    let oid = |last: &u64| rcgen::ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 4, 1, 1847, 2021, 1, *last]);
    parameters.extended_key_usages = usages.iter().map(oid).collect();
    let made = parameters.self_signed(&key).unwrap();
    Arc::new(MemorySigner::new(&key.serialize_der(), Certificate::from_der(made.der()).unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_the_country_of_tenant_signer_and_certificate_is_one() {
    let person = dosed("Pf020000001");
    let database = Database::sqlite();
    let world = World::new("2.41.0", vec![person.clone()], &database).await;
    // Another tenant's signer, or another country for the same signer: there is no desk at all.
    for (country, own) in [("XX", "YY"), ("GB", "XX")] {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn vaccert::clock::Clock> = Arc::new(world.clock.clone());
        let random = vaccert::batch::system_random();
        let mut setup = vaccert::config::Setup::sandbox(folder.path(), clock.now(), &random).unwrap();
        setup.country = country.parse::<Country>().unwrap_or(Country::SANDBOX);
        if own != "XX" || setup.country == Country::SANDBOX {
            setup.signers = Arc::new(SignerSet::single(signer(own, &[])));
        }
        let refused = Desk::new(Arc::new(setup), world.registry.clone(), clock, random);
        assert!(refused.is_err(), "{country} {own}");
    }
    // Whatever the request says, the certificate is of the tenant's country: no field of it names one.
    let clerk = actor("dhis2:clerk", None);
    let done = world.desk.issue(&of(&event(&person, 0)), order(&clerk)).await.unwrap();
    let held = world.desk.open(done[0].id.as_deref().unwrap(), &clerk).await.unwrap();
    assert!(held.id().starts_with("URN:UVCI:01:XX:"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f10_a_signer_for_tests_alone_issues_no_vaccination() {
    let person = dosed("Pf100000001");
    let wrong = |setup: &mut vaccert::config::Setup| {
        setup.signers = Arc::new(SignerSet::single(signer("XX", &[1])));
    };
    let database = Database::sqlite();
    let world = World::with("2.41.0", vec![person.clone()], &database, wrong).await;
    let clerk = actor("dhis2:clerk", None);
    let refused = world.desk.issue(&of(&event(&person, 0)), order(&clerk)).await;
    assert!(matches!(refused, Err(DeskError::NotSigning)), "{refused:?}");
    assert!(world.desk.list(&person.uid, &clerk).await.unwrap().is_empty());
}

#[test]
fn f38_without_dhis2_what_was_issued_is_served_and_revoked() {
    on_each(async |database| {
        let person = dosed("Pf380000001");
        let world = World::new("2.41.0", vec![person.clone()], &database).await;
        let clerk = actor("dhis2:clerk", None);
        let done = world.desk.issue(&of(&event(&person, 0)), order(&clerk)).await.unwrap();
        let id = done[0].id.clone().unwrap();
        // The server goes away, and the program starts anew without it.
        let (clock, registry, setup) = (world.clock.clone(), world.registry.clone(), Arc::clone(&world.setup));
        let World { server, _folder, .. } = world;
        drop(server);
        let desk = Desk::new(setup, registry, Arc::new(clock), vaccert::batch::system_random()).unwrap();
        let begun = std::time::Instant::now();
        let away = desk.issue(&of(&event(&person, 1)), order(&clerk)).await;
        assert!(matches!(away, Err(DeskError::Away)), "{away:?}");
        assert!(begun.elapsed().as_secs() < 25);
        let held = desk.open(&id, &clerk).await.unwrap();
        assert_eq!(held.standing, Standing::Valid);
        for part in [Part::Pdf, Part::Png(Format::EuDcc), Part::Svg(Format::EuDcc), Part::Text(Format::EuDcc)] {
            assert!(desk.draw(&held, part).await.unwrap().len() > 100);
        }
        assert!(matches!(desk.draw(&held, Part::Archive).await, Err(DeskError::NoForm { .. })));
        assert_eq!(desk.list(&person.uid, &clerk).await.unwrap().len(), 1);
        assert!(matches!(desk.renew(&id, order(&clerk)).await, Err(DeskError::TooEarly { .. })));
        assert!(matches!(desk.correct(&id, order(&clerk)).await, Err(DeskError::Away)));
        let revoked = desk.revoke(&id, Reason::Holder, order(&clerk)).await.unwrap();
        assert_eq!(revoked.standing, Standing::Revoked(Reason::Holder));
        assert_eq!(desk.restore(&id, order(&clerk)).await.unwrap().standing, Standing::Valid);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f32_a_facility_sees_its_own_records_and_no_others() {
    // The second dose was given elsewhere.
    let mut person = dosed("Pf320000001");
    person.enrollments[0].events[1].org_unit = "LakeHospit1".to_owned();
    let database = Database::sqlite();
    let world = World::new("2.41.0", vec![person.clone()], &database).await;
    let all = actor("dhis2:operator", None);
    let everything = Subject::Person(person.uid.clone());
    let done = world.desk.issue(&everything, order(&all)).await.unwrap();
    let ids: Vec<String> = done.iter().map(|done| done.id.clone().unwrap()).collect();
    // Of the facility, of the district above it, and of another district.
    let cases: [(&[&str], [bool; 2]); 4] = [
        (&["HarbourHC01"], [true, false]),
        (&["NorthDist01"], [true, false]),
        (&["SouthDist01", "HillClinic1"], [false, true]),
        (&[], [false, false]),
    ];
    for (units, sees) in cases {
        let nurse = actor("dhis2:nurse", Some(units));
        for (n, id) in ids.iter().enumerate() {
            let opened = world.desk.open(id, &nurse).await;
            assert_eq!(opened.is_ok(), sees[n], "{units:?}, dose {}", n + 1);
            let not_found = |error: &DeskError| matches!(error, DeskError::Unknown);
            assert!(opened.err().is_none_or(|error| not_found(&error)));
            assert_eq!(world.desk.history(id, &nurse).await.is_ok(), sees[n]);
            let by_event = world.desk.issue(&of(&event(&person, n)), order(&nurse)).await;
            match by_event {
                Ok(done) => assert!(sees[n] && done.len() == 1),
                Err(error) => assert!(!sees[n] && matches!(error, DeskError::NoEvent), "{error}"),
            }
            if !sees[n] {
                assert!(matches!(world.desk.revoke(id, Reason::Fraud, order(&nurse)).await, Err(DeskError::Unknown)));
                assert!(matches!(world.desk.correct(id, order(&nurse)).await, Err(DeskError::Unknown)));
                assert!(matches!(world.desk.renew(id, order(&nurse)).await, Err(DeskError::Unknown)));
            }
        }
        let listed = world.desk.list(&person.uid, &nurse).await.unwrap();
        assert_eq!(listed.len(), sees.iter().filter(|sees| **sees).count(), "{units:?}");
        let shown = world.desk.preview(&everything, &nurse).await;
        assert_eq!(shown.map_or(0, |shown| shown.len()), listed.len(), "{units:?}");
        let bulk = Bulk::Names(Names { lines: vec![Line { number: 1, id: ids[0].clone(), reason: None }] });
        assert!(world.desk.revoke_many(bulk, Reason::Fraud, false, None, order(&nurse)).await.is_err());
    }
    assert_eq!(world.signed(), 2, "whoever asked, two doses have two signatures");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f04_a_quota_ends_a_night_shift_and_what_was_not_issued_does_not_count() {
    let people: Vec<Person> = (0..4).map(|n| dosed(&format!("Pf04000000{n}"))).collect();
    let few = |setup: &mut vaccert::config::Setup| {
        setup.access.rules = Rules { per_hour: 5, ..Rules::default() };
    };
    let database = Database::sqlite();
    let world = World::with("2.41.0", people.clone(), &database, few).await;
    let nurse = actor("dhis2:nurse", None);
    let issue = async |n: usize| world.desk.issue(&Subject::Person(people[n].uid.clone()), order(&nurse)).await;
    for n in [0, 1] {
        assert_eq!(issue(n).await.unwrap().len(), 2);
        // What stands already costs nothing, if there is room to ask.
        world.desk.issue(&of(&event(&people[n], 0)), order(&nurse)).await.unwrap();
    }
    assert!(matches!(issue(2).await, Err(DeskError::NotAllowed(_))), "four of five are used");
    assert_eq!(world.signed(), 4);
    assert_eq!(world.desk.issue(&of(&event(&people[2], 0)), order(&nurse)).await.unwrap()[0].ended, Ended::Issued);
    assert!(matches!(issue(3).await, Err(DeskError::NotAllowed(_))));
    world.clock.days(1);
    assert_eq!(issue(3).await.unwrap().len(), 2, "the next day is another");
    assert_eq!(world.signed(), 7);
}

#[test]
fn f03_everything_of_a_facility_in_a_window_is_revoked_and_nothing_else() {
    on_each(async |database| {
        let facilities = ["HarbourHC01", "HillClinic1", "LakeHospit1", "MarketPost1"];
        let people: Vec<Person> = (0..12)
            .map(|n| {
                let mut person = dosed(&format!("Pf03000{n:04}"));
                for event in &mut person.enrollments[0].events {
                    event.org_unit = facilities[n % 4].to_owned();
                }
                person
            })
            .collect();
        let world = World::new("2.41.0", people.clone(), &database).await;
        let clerk = actor("dhis2:clerk", None);
        for (n, person) in people.iter().enumerate() {
            if n == 8 {
                world.clock.days(1);
            }
            world.desk.issue(&Subject::Person(person.uid.clone()), order(&clerk)).await.unwrap();
        }
        let until = "2026-11-23T00:00:00Z".parse().unwrap();
        let selection = vaccert::registry::Selection {
            facility: Some("LakeHospit1".to_owned()),
            issued_until: Some(until),
            ..Default::default()
        };
        let ask = async |rehearse, confirm| {
            let what = Bulk::Selection(Box::new(selection.clone()));
            world.desk.revoke_many(what, Reason::Fraud, rehearse, confirm, order(&clerk)).await
        };
        let shown = ask(true, None).await.unwrap();
        assert_eq!((shown.found, shown.revoked), (4, 0), "two people with two doses each before midnight");
        for wrong in [None, Some(3), Some(5)] {
            assert!(matches!(ask(false, wrong).await, Err(DeskError::NotConfirmed { found: 4 })));
        }
        let done = ask(false, Some(4)).await.unwrap();
        assert_eq!(done.revoked, 4);
        for (n, person) in people.iter().enumerate() {
            for held in world.desk.list(&person.uid, &clerk).await.unwrap() {
                let revoked = matches!(held.standing, Standing::Revoked(Reason::Fraud));
                assert_eq!(revoked, n % 4 == 2 && n < 8, "person {n}");
            }
        }
        // Times alone are everybody.
        let everybody = vaccert::registry::Selection { issued_until: Some(until), ..Default::default() };
        let what = Bulk::Selection(Box::new(everybody));
        let refused = world.desk.revoke_many(what, Reason::Fraud, true, None, order(&clerk)).await;
        assert!(matches!(refused, Err(DeskError::Selection(_))));
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_done_without_a_reason_and_identifiers_come_in_every_spelling() {
    let person = dosed("Preason0001");
    let database = Database::sqlite();
    let world = World::new("2.41.0", vec![person.clone()], &database).await;
    let clerk = actor("dhis2:clerk", None);
    for (reason, long) in [("", false), ("   ", false), (&*"x".repeat(500), true), ("two\nlines", true)] {
        let bad = vaccert::work::desk::Order { actor: &clerk, reason };
        let refused = world.desk.issue(&of(&event(&person, 0)), bad).await.unwrap_err();
        assert!(matches!((refused, long), (DeskError::ReasonMissing, false) | (DeskError::Reason, true)));
    }
    assert_eq!(world.signed(), 0);
    let done = world.desk.issue(&of(&event(&person, 0)), order(&clerk)).await.unwrap();
    let id = done[0].id.clone().unwrap();
    let body = id.split('#').next().unwrap();
    let opaque = body.rsplit(':').next().unwrap();
    for text in [id.as_str(), body, opaque, &id.to_lowercase(), &format!(" {opaque} ")] {
        assert_eq!(world.desk.open(text, &clerk).await.unwrap().id(), id, "{text}");
    }
    let other = if id.ends_with('A') { 'B' } else { 'A' };
    for text in
        ["", "X", &format!("{body}#{other}"), "URN:UVCI:01:XX:AAAAAAAAAAAAAAAAAAAAAAAAAA", &"A".repeat(900), "\0"]
    {
        assert!(matches!(world.desk.open(text, &clerk).await, Err(DeskError::Unknown)), "{text}");
    }
    let unknown = world.desk.revoke(&id, Reason::Superseded, order(&clerk)).await;
    assert!(matches!(unknown, Err(DeskError::Selection(_))), "that is no reason of an operator");
    // Of another registry it is unknown.
    let elsewhere = Database::sqlite();
    let registry = Registry::open(&elsewhere.url, Options::default()).await.unwrap();
    let desk =
        Desk::new(Arc::clone(&world.setup), registry, Arc::new(world.clock.clone()), vaccert::batch::system_random());
    assert!(matches!(desk.unwrap().open(&id, &clerk).await, Err(DeskError::Unknown)));
}
