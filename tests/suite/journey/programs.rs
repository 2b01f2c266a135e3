//! The two programs beside COVID-19 vaccination, from the invented people of the fixtures to verified certificates:
//! laboratory results as tests and recoveries, and a routine registry whose doses are ticks.

use std::{collections::BTreeMap, path::PathBuf};

use serde_json::Value;

use crate::support::program::{Out, Workplace};

fn fixture(name: &str) -> String {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).to_str().unwrap().to_owned()
}

fn people(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixture(name)).unwrap()).unwrap()
}

/// What became of each record: by family name of its person, day of its event and part.
fn outcomes(out: &Out, people: &Value) -> BTreeMap<(String, String), Vec<String>> {
    let mut named: BTreeMap<String, (String, String)> = BTreeMap::new();
    for person in people["trackedEntities"].as_array().unwrap() {
        let family = person["attributes"].as_array().unwrap().iter().find(|a| a["attribute"] == "ENRjVGxVL6l").unwrap();
        for event in person["enrollments"].as_array().unwrap().iter().flat_map(|e| e["events"].as_array().unwrap()) {
            let day = event["occurredAt"].as_str().unwrap_or("").chars().take(10).collect();
            named.insert(
                event["event"].as_str().unwrap().to_owned(),
                (family["value"].as_str().unwrap().to_owned(), day),
            );
        }
    }
    let report = out.report();
    let mut found = BTreeMap::new();
    for item in report["items"].as_array().unwrap() {
        let (family, day) = named[item["event"].as_str().unwrap()].clone();
        let part = item["part"].as_str().map(|part| format!(" {part}")).unwrap_or_default();
        let mut words = vec![item["status"].as_str().unwrap().to_owned()];
        words.extend(item["reasons"].as_array().unwrap().iter().map(|r| {
            for field in ["code", "message", "remedy"] {
                assert!(!r[field].as_str().unwrap().is_empty(), "{r}");
            }
            r["code"].as_str().unwrap().to_owned()
        }));
        let before = found.insert((family, format!("{day}{part}")), words);
        assert!(before.is_none(), "each record once: {item}");
    }
    found
}

fn expected(rows: &[(&str, &str, &str)]) -> BTreeMap<(String, String), Vec<String>> {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect();
    rows.iter().map(|(family, record, text)| (((*family).to_owned(), (*record).to_owned()), words(text))).collect()
}

#[test]
fn laboratory_results_become_tests_and_recoveries() {
    let work = Workplace::new();
    let from = fixture("surveillance/people.json");
    work.run(&["issue", "--from", &from, "--out", "out", "--files", "txt"]).good();
    let out = work.out("out");
    let mut found = outcomes(&out, &people("surveillance/people.json"));
    // From spring 2027 on the recoveries' days have passed, and each says so.
    found.values_mut().for_each(|words| words.retain(|word| word != "recovery-over"));
    assert_eq!(
        found,
        expected(&[
            ("Specimen", "2026-10-21", "issued"),
            ("Nuñez-Specimen", "2026-09-02", "issued"),
            ("Nuñez-Specimen", "2026-09-02 recovery", "issued"),
            ("Specimen-Again", "2026-08-03", "issued"),
            ("Specimen-Again", "2026-08-03 recovery", "issued"),
            ("Specimen-Again", "2026-08-21", "issued same-infection"),
            ("Specimen-Again", "2026-09-11", "issued"),
            ("Specimen-Unclear", "2026-10-06", "refused sample-ambiguous"),
            ("Specimen-Faint", "2026-10-03", "refused test-inconclusive"),
            ("Specimen-Blood", "2026-10-03", "refused test-type-serology"),
            ("Specimen-Strange", "2026-10-03", "refused test-result-unknown"),
            ("Specimen-Lost", "2026-10-03", "refused sample-missing"),
            ("Specimen-Erased", "2026-10-03", "refused event-deleted"),
        ])
    );
    assert_eq!(out.counts(), [13, 7, 6, 0]);

    let verified = work.verify(&out.trust(), &out.codes(), &["--payload"]);
    let mut kinds: Vec<&str> = Vec::new();
    for verdict in &verified.verdicts {
        assert_eq!(verdict["verdict"], "accepted", "{verdict}");
        kinds.push(verdict["kind"].as_str().unwrap());
    }
    kinds.sort_unstable();
    assert_eq!(kinds, ["recovery", "recovery", "test", "test", "test", "test", "test"]);
    let tests: Vec<&Value> = verified.verdicts.iter().filter(|v| v["kind"] == "test").collect();
    for test in tests {
        let text = test["payload"].to_string();
        assert!(text.contains("LP6464-4") && text.contains("Specimen Reference Laboratory"), "{text}");
        assert!(text.contains("T12:00:00Z"), "the sandbox samples at noon: {text}");
    }

    // Run again, nothing is issued twice.
    work.run(&["issue", "--from", &from, "--out", "out", "--files", "txt"]).good();
    assert_eq!(out.counts(), [13, 0, 6, 7]);

    // WHO's core data set has tests too, and no recoveries.
    work.run(&["issue", "--from", &from, "--out", "who", "--files", "txt", "--formats", "eu-dcc,ddcc"]).good();
    let folders = work.out("who").folders();
    let with = |name: &str| folders.iter().filter(|folder| folder.join(name).is_file()).count();
    assert_eq!((folders.len(), with("eu-dcc.txt"), with("ddcc.txt")), (7, 7, 5));
}

#[test]
fn a_result_that_is_corrected_or_deleted_does_not_leave_its_certificates_unnoticed() {
    let work = Workplace::new();
    let mut data = people("surveillance/people.json");
    work.write("organisationUnits.json", std::fs::read(fixture("surveillance/organisationUnits.json")).unwrap());
    let issue = |data: &Value| {
        let path = work.write("people.json", data.to_string());
        work.run(&["issue", "--from", path.to_str().unwrap(), "--out", "out", "--files", "txt"]).good();
        outcomes(&work.out("out"), data)
    };
    issue(&data);
    let recovery = ("Nuñez-Specimen".to_owned(), "2026-09-02 recovery".to_owned());
    let test = ("Nuñez-Specimen".to_owned(), "2026-09-02".to_owned());

    // Corrected from positive to negative: the test is issued anew, and the recovery is nobody's any more.
    data["trackedEntities"][1]["enrollments"][0]["events"][1]["dataValues"][1]["value"] = "NEGATIVE".into();
    let found = issue(&data);
    assert_eq!(found[&test], ["issued", "supersedes"]);
    assert_eq!(found[&recovery], ["refused", "no-longer-recorded", "certificate-stands"]);

    // Deleted: both are withdrawn, and are said to be.
    data["trackedEntities"][1]["enrollments"][0]["events"][1]["deleted"] = true.into();
    let found = issue(&data);
    assert_eq!(found[&test], ["refused", "event-deleted", "certificate-withdrawn"]);
    assert!(!found.contains_key(&recovery));
    let out = work.out("out");
    let words = work.verify(&out.trust(), &out.codes(), &[]);
    let revoked = words.words().iter().filter(|(_, reason)| *reason == Some("revoked")).count();
    assert_eq!(revoked, 3, "the first test, its correction and the recovery: {:?}", words.words());
}

#[test]
fn a_profile_may_come_from_a_file() {
    let work = Workplace::new();
    let constants = "[profile.constants]\nsample_time = \"09:15\"\nutc_offset = \"+05:30\"\n";
    work.write("own.toml", format!("[profile]\nbase = \"c19-cs-1.0.2\"\n{constants}"));
    let from = fixture("surveillance/people.json");
    let issue = ["issue", "--from", &from, "--out", "out", "--files", "txt", "--profile"];
    work.run(&[&issue[..], &["own.toml"]].concat()).good();
    let out = work.out("out");
    let verified = work.verify(&out.trust(), &out.codes(), &["--payload"]);
    let tests: Vec<_> = verified.verdicts.iter().filter(|v| v["kind"] == "test").collect();
    assert!(tests.iter().all(|v| v["payload"].to_string().contains("T03:45:00Z")), "{tests:?}");

    let sentence = work.run(&[&issue[..], &["missing.toml"]].concat()).refused(2);
    assert!(sentence.contains("missing.toml"), "{sentence}");
    work.write("wrong.toml", "[profile]\nbase = \"c19-cs-1.0.2\"\n[profile.lab]\nkinds = \"x\"\n");
    let sentence = work.run(&[&issue[..], &["wrong.toml"]].concat()).refused(2);
    assert!(sentence.contains("wrong.toml") && sentence.contains("line 4"), "{sentence}");
    work.write("noon.toml", "[profile]\nbase = \"c19-cs-1.0.2\"\n[profile.constants]\nsample_time = \"noon\"\n");
    let sentence = work.run(&[&issue[..], &["noon.toml"]].concat()).refused(2);
    assert!(sentence.contains("sample_time"), "{sentence}");
    let sentence = work.run(&[&issue[..], &["c19-cs"]].concat()).refused(2);
    assert!(sentence.contains("c19-cs-1.0.2"), "{sentence}");
}

#[test]
fn ticked_doses_are_refused_with_what_the_registry_lacks() {
    let work = Workplace::new();
    let from = fixture("immunization/people.json");
    work.run(&["issue", "--from", &from, "--out", "out", "--files", "txt"]).good();
    let found = outcomes(&work.out("out"), &people("immunization/people.json"));
    let yellow = &found[&("Specimen".to_owned(), "2026-09-01 mH9watsYzvq".to_owned())];
    assert_eq!(yellow, &["refused", "product-not-mapped", "lot-not-mapped", "clinician-not-mapped"]);

    // With the fields that the country added, what is left is what the people's records lack.
    let profile = fixture("immunization/profile.toml");
    let issue = ["issue", "--from", &from, "--files", "txt", "--profile", &profile];
    work.run(&[&issue[..], &["--out", "out", "--formats", "eu-dcc"]].concat()).good();
    let found = outcomes(&work.out("out"), &people("immunization/people.json"));
    for (family, record, word) in [
        ("Specimen-Nolot", "2026-09-03 mH9watsYzvq", "lot-missing"),
        ("Specimen-Produit", "2026-09-03 mH9watsYzvq", "vaccine-unknown"),
        ("Specimen-Both", "2026-01-20 CfPM8lsEMzH", "given-and-not-given"),
        ("Specimen-Twice", "2026-03-01 mH9watsYzvq", "contradicting-doses"),
        ("Specimen-Twice", "2026-04-01 mH9watsYzvq", "contradicting-doses"),
        ("Specimen-Open", "2026-05-06", "no-dose-given"),
        ("Specimen-Open", "2026-06-20 Fu83xQ4NKuQ", "event-not-completed"),
        ("Mensah-Specimen", "", "event-not-completed"),
    ] {
        let words = &found[&(family.to_owned(), record.to_owned())];
        assert!(words[0] == "refused" && words[1] == word, "{family} {record}: {words:?}");
    }
    // The EU's certificate cannot state another disease; the yellow card is made for it.
    let sound = [
        ("Specimen", "2026-09-01 mH9watsYzvq"),
        ("Nuñez-Specimen", "2026-10-12 mH9watsYzvq"),
        ("Mensah-Specimen", "2025-12-02 no7SkAxepi7"),
        ("Mensah-Specimen", "2026-01-15 CfPM8lsEMzH"),
        ("Mensah-Specimen", "2026-01-15 Fu83xQ4NKuQ"),
        ("Mensah-Specimen", "2026-02-20 sDORmAKh32v"),
    ];
    for (family, record) in sound {
        let words = &found[&(family.to_owned(), record.to_owned())];
        assert_eq!(words, &["refused", "disease-not-covid"], "{family} {record}");
    }
    work.run(&[&issue[..], &["--out", "cards", "--formats", "icvp"]].concat()).good();
    let out = work.out("cards");
    let found = outcomes(&out, &people("immunization/people.json"));
    for (family, record) in sound {
        let words = &found[&(family.to_owned(), record.to_owned())];
        assert_eq!(words[0], "issued", "{family} {record}: {words:?}");
    }
    assert_eq!(out.counts(), [14, 6, 8, 0]);
    let codes: Vec<PathBuf> = out.folders().into_iter().map(|folder| folder.join("icvp.txt")).collect();
    let verified = work.verify(&out.trust(), &codes, &["--payload"]);
    for verdict in &verified.verdicts {
        assert_eq!((&verdict["verdict"], &verdict["format"]), (&"accepted".into(), &"icvp".into()), "{verdict}");
    }
    let payloads: Vec<String> = verified.verdicts.iter().map(|v| v["payload"].to_string()).collect();
    assert!(payloads.iter().any(|p| p.contains("YellowFeverProductd8a09f80301dc05e124f99ffe7711fc0")), "{payloads:?}");
    assert!(payloads.iter().any(|p| p.contains("a3K3X000006MihwUAC") && p.contains("SPEC-YF-01")), "{payloads:?}");
    assert!(payloads.iter().any(|p| p.contains("Ama Mensah-Specimen")), "the guardian of a child: {payloads:?}");
}
