//! Certificates against the doses of a DHIS2 (failures F08, F09).

use serde_json::Value;
use vaccert::registry::{Options, Registry};

use crate::{
    journey::{DIALECTS, Site, doses, export},
    support::{
        dhis2::{
            people::{Person, covac},
            population::crowd,
        },
        program::Workplace,
    },
};

fn person(uid: &str, given: &str, family: &str) -> Person {
    Person::new(uid, given, family, "1971-02-03").dosed("MODERNA", "DOSE1", "2021-03-02", "LOT1")
}

fn sync(work: &Workplace) {
    work.run(&["sync", "--out", "out", "--files", "txt", "--quiet"]).good();
}

fn reconcile(work: &Workplace, more: &[&str]) -> (Option<i32>, Value) {
    let ran = work.run(&[&["audit", "reconcile", "--json"], more].concat());
    let report = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    (ran.code, report)
}

#[test]
fn f09_certificates_and_doses_are_compared_by_facility_and_day() {
    for version in DIALECTS {
        let people = crowd(40, 9);
        let site = Site::open(version, people.clone());
        let work = site.workplace();
        sync(&work);
        let (_, report) = reconcile(&work, &[]);
        let all = doses(&people).len();
        assert_eq!(
            (report["doses"].as_u64(), report["certificates"].as_u64()),
            (Some(all as u64), Some(all as u64)),
            "{version}"
        );
        let facilities = report["facilities"].as_object().unwrap();
        let events: Vec<_> = people.iter().filter(|p| !p.deleted).flat_map(Person::events).collect();
        for (uid, days) in facilities {
            for (day, counts) in days.as_object().unwrap() {
                let here = events.iter().filter(|event| {
                    event.org_unit == *uid
                        && event.status == "COMPLETED"
                        && !event.deleted
                        && event.occurred.as_deref().unwrap().starts_with(day.as_str())
                });
                assert_eq!(counts["doses"], here.count(), "{version} {uid} {day}");
                assert_eq!(counts["doses"], counts["certificates"]);
            }
        }
    }
}

#[test]
fn f09_planted_differences_are_found_and_named() {
    let people = vec![
        person("P0000000001", "Amara", "Vastow"),
        person("P0000000002", "Belise", "Ullmark"),
        person("P0000000003", "Corwin", "Tandari"),
        person("P0000000004", "Dalia", "Ostrava"),
        person("P0000000005", "Eskil", "Quillon"),
        // Refused from the beginning: an unknown vaccine; and one that nobody completed.
        Person::new("P0000000006", "Fenna", "Ramberg", "1971-02-03").dosed("HOME_BREW", "DOSE1", "2021-03-02", "LOT1"),
        person("P0000000007", "Goran", "Solvane").scheduled(),
    ];
    let site = Site::open("2.41.0", people);
    let work = site.workplace();
    sync(&work);
    let (code, report) = reconcile(&work, &[]);
    assert_eq!((code, &report["counts"]), (Some(0), &serde_json::json!({})), "{report}");
    assert_eq!((report["doses"].as_u64(), report["certificates"].as_u64()), (Some(7), Some(6)));
    let day = &report["facilities"]["HarbourHC01"]["2021-03-02"];
    assert_eq!(day["without_certificate"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum::<u64>(), 1);

    // Behind the poller's back: an event opened again, one deleted, a person gone, a dose that became refused, and a
    // dose that nobody has certified yet.
    site.server.edit(|people| {
        people[0].enrollments[0].events[0].status = "ACTIVE".into();
        people[1].enrollments[0].events[0].deleted = true;
        people[3].enrollments[0].events[0].values.retain(|(element, _)| element != covac::DOSE);
        people[4] = people[4].clone().dosed("MODERNA", "DOSE2", "2021-04-02", "LOT2");
        people.remove(2);
    });
    let (code, report) = reconcile(&work, &["--csv", "days.csv"]);
    assert_eq!(code, Some(1));
    let counts = serde_json::json!({
        "certificate-of-refused-record": 1, "certificate-without-dose": 2, "certificate-without-person": 1,
    });
    assert_eq!(report["counts"], counts, "{report}");
    let later = &report["facilities"]["HarbourHC01"]["2021-04-02"];
    assert_eq!((&later["doses"], &later["without_certificate"]["not-issued"]), (&1.into(), &1.into()));
    let day = &report["facilities"]["HarbourHC01"]["2021-03-02"];
    assert_eq!((&day["doses"], &day["certificates"], &day["without_dose"]), (&4.into(), &3.into(), &3.into()));
    let table = std::fs::read_to_string(work.path("days.csv")).unwrap();
    assert!(table.contains("\"HarbourHC01\",2021-03-02,4,3,2,3,"), "{table}");
    let (_, report) = reconcile(&work, &["--given-from", "2021-04-01", "--given-to", "2021-04-30"]);
    assert_eq!((report["doses"].as_u64(), report["certificates"].as_u64()), (Some(1), Some(0)));

    // In words, for a clerk.
    let ran = work.run(&["audit", "reconcile"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out.contains("5 doses, 6 certificates that stand") && ran.out.contains("1 certificates MORE than doses"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("What to do: find out why; then revoke the certificate"), "{}", ran.out);
    for name in ["Amara", "Vastow", "1971"] {
        assert!(!ran.out.contains(name) && !report.to_string().contains(name), "no person is named: {}", ran.out);
    }
}

#[test]
fn f09_one_person_under_two_numbers_is_flagged() {
    let site = Site::open(
        "2.42.0",
        vec![
            person("P0000000001", "José", "Muñoz"),
            // The same in the spelling of a passport, and with a dose of her own.
            person("P0000000002", "JOSE", "MUNOZ"),
            // Another day of birth, another name: nobody's double.
            Person::new("P0000000003", "José", "Muñoz", "1971-02-04").dosed("MODERNA", "DOSE1", "2021-03-02", "L"),
            Person::new("P0000000004", "José", "Núñez", "1971-02-03").dosed("MODERNA", "DOSE1", "2021-03-02", "L"),
        ],
    );
    let work = site.workplace();
    sync(&work);
    let (code, report) = reconcile(&work, &[]);
    assert_eq!((code, &report["counts"]), (Some(1), &serde_json::json!({"duplicate-person": 1})), "{report}");
    let finding = &report["listed"][0];
    let pair = [finding["object"].as_str().unwrap(), finding["found"].as_str().unwrap()].join(" ");
    assert!(pair.contains("P0000000001") && pair.contains("P0000000002"), "{finding}");
    assert!(pair.contains("both hold a certificate for dose 1"), "{finding}");
    assert!(!pair.contains("Mu") && !pair.contains("1971"), "{finding}");

    // What the console shows is what DHIS2 itself says: a file of one facility, or of last year, takes nothing away.
    let registry = work.path("out/.sandbox/registry.sqlite").display().to_string();
    let twice = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let registry = Registry::open(&registry, Options::default()).await.unwrap();
            let found = registry.duplicates(None, "", 10).await.unwrap().len();
            registry.close().await;
            found
        })
    };
    assert_eq!(twice(), 1);
    work.write("export.json", export(&[person("P0000000001", "José", "Muñoz")]));
    let said = work.run(&["audit", "reconcile", "--from-file", "export.json"]).out;
    assert!(said.contains("is left as DHIS2 itself last gave it"), "{said}");
    assert_eq!(twice(), 1);
    site.server.edit(|people| people.truncate(1));
    reconcile(&work, &[]);
    assert_eq!(twice(), 0, "mended in DHIS2, it goes");
}

#[test]
fn a_server_that_is_away_is_told_from_findings() {
    let mut work = Workplace::new();
    work.run(&["demo", "--once", "--out", "out"]).good();
    work.set("VACCERT_DHIS2_URL", "http://127.0.0.1:1");
    work.set("VACCERT_DHIS2_USER", "x");
    work.set("VACCERT_DHIS2_PASSWORD", "y");
    work.run(&["audit", "reconcile"]).refused(4);
}
