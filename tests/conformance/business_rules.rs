//! National business rules: every test of their authors, and every rule of the European production list.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value as Json, json};
use vaccert::rules::{
    Circumstances, CodeList, CodeLists, Finding, Outcome, RuleOutcome, RuleSet, Version, check, suite::Summary,
};

use crate::vectors::vectors;

fn read(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn folders(path: &Path) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
fn every_test_of_every_national_rule_passes() {
    let Some(root) = vectors("vectors/rules/national") else { return };
    let mut summary = Summary::default();
    for country in folders(&root) {
        for folder in folders(&country) {
            let rule = summary.begin("", &read(&folder.join("rule.json")));
            for test in folders(&folder.join("tests")) {
                summary.run(&rule, &test.file_name().unwrap().to_string_lossy(), &read(&test));
            }
        }
    }
    println!("{} rules, {} tests, {} passed", summary.rules, summary.tests, summary.passed);
    assert_eq!(summary.failures, []);
    assert_eq!(summary.findings, [], "the national rules are format-valid");
    assert!(summary.rules >= 94 && summary.tests >= 625, "the national rules are not whole");
}

fn snapshot() -> Option<Json> {
    vectors("vectors/trust-lists/covpass-de/eu-rules.json").map(|path| read(&path))
}

#[test]
fn every_rule_of_the_production_list_is_read_and_format_valid() {
    let Some(snapshot) = snapshot() else { return };
    let set = RuleSet::from_json(&snapshot).unwrap();
    let rules = snapshot.as_array().unwrap();
    assert_eq!(set.skipped(), []);
    assert_eq!(set.rules().count(), rules.len());
    assert!(rules.len() >= 271, "{} rules", rules.len());
    for rule in rules {
        let logic: Vec<_> = check(rule).into_iter().filter(|f| matches!(f, Finding::Logic(_))).collect();
        assert_eq!(logic, [], "{}", rule["Identifier"]);
    }
    let untidy: Vec<_> =
        rules.iter().flat_map(|r| check(r).into_iter().map(move |f| format!("{}: {f}", r["Identifier"]))).collect();
    println!("{} rules of {} countries, {} untidy: {untidy:#?}", rules.len(), set.countries().count(), untidy.len());
}

/// Every code that the published tests give to a value set.
fn value_sets() -> Option<CodeLists> {
    let lists = read(&vectors("vectors/trust-lists/covpass-de/eu-value-sets.json")?);
    let pairs = lists.as_array().unwrap().iter().map(|list| {
        let codes = list["valueSetValues"].as_object().unwrap().keys().cloned();
        (list["valueSetId"].as_str().unwrap().to_owned(), CodeList::from_iter(codes))
    });
    Some(pairs.collect())
}

fn judge(set: &RuleSet, sets: &CodeLists, arrival: &str, issuer: &str, payload: &Json) -> (Outcome, Vec<String>) {
    let judgement = set.judge(
        payload,
        &Circumstances {
            arrival,
            region: None,
            issuer: Some(issuer),
            kid: None,
            at: "2023-03-01T00:00:00Z".parse().unwrap(),
            issued_at: None,
            expires_at: None,
            value_sets: sets,
            language: "en",
        },
    );
    let not_passed = judgement.results.into_iter().filter(|result| result.result != RuleOutcome::Passed);
    (judgement.outcome, not_passed.map(|result| result.id).collect())
}

fn vaccination(entry: Json) -> Json {
    let mut whole = json!({
        "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 3, "sd": 3,
        "dt": "2022-12-01", "co": "DE", "is": "Robert Koch-Institut", "ci": "URN:UVCI:01DE/IZ12345A/5CWLU12RNOB9RXSEOP6FG8#W",
    });
    for (key, value) in entry.as_object().unwrap() {
        whole[key] = value.clone();
    }
    json!({"ver": "1.3.0", "dob": "1964-08-12", "nam": {"fnt": "X"}, "v": [whole]})
}

#[test]
fn the_production_list_judges_certificates() {
    let (Some(snapshot), Some(sets)) = (snapshot(), value_sets()) else { return };
    let set = RuleSet::from_json(&snapshot).unwrap();
    let good = vaccination(json!({}));
    // Austria's only rule names Austria as its region, and holds for Austria.
    assert_eq!(judge(&set, &sets, "AT", "DE", &good), (Outcome::Passed, vec![]));
    assert_eq!(judge(&set, &sets, "XX", "FR", &good), (Outcome::NoRules, vec![]));
    // A German pharmacy whose certificates were taken back, wherever its customer goes.
    let withdrawn = vaccination(json!({"ci": "URN:UVCI:01DE/A80013335/TCXSI5Q08B0DIJGMIZJDF#T"}));
    let (outcome, failed) = judge(&set, &sets, "AT", "DE", &withdrawn);
    assert_eq!((outcome, failed), (Outcome::Failed, vec!["IR-DE-0001".to_owned()]));
    assert_eq!(judge(&set, &sets, "AT", "FR", &withdrawn).0, Outcome::Passed);
    // One dose of two, long ago: countries that still had rules refuse it.
    let half = vaccination(json!({"dn": 1, "sd": 2, "dt": "2021-01-10"}));
    let refusing: BTreeSet<&str> =
        set.countries().filter(|country| judge(&set, &sets, country, "FR", &half).0 == Outcome::Failed).collect();
    println!("one dose of two is refused by {refusing:?}");
    assert!(refusing.len() >= 10, "{refusing:?}");
}

#[test]
fn the_one_rule_for_a_newer_engine_is_open() {
    let Some(snapshot) = snapshot() else { return };
    let set = RuleSet::from_json(&snapshot).unwrap();
    let newer: Vec<_> = set.rules().filter(|rule| rule.engine_version > Some(Version::new(1, 3, 3))).collect();
    let [rule] = newer.as_slice() else { panic!("{newer:?}") };
    let payload = match rule.identifier.get(..2) {
        Some("VR") => vaccination(json!({})),
        Some("TR") => json!({"ver": "1.3.0", "t": [{}]}),
        Some("RR") => json!({"ver": "1.3.0", "r": [{}]}),
        _ => json!({"ver": "1.3.0"}),
    };
    let (_, not_passed) = judge(&set, &CodeLists::default(), &rule.country, "FR", &payload);
    assert!(not_passed.contains(&rule.identifier), "{} in {not_passed:?}", rule.identifier);
}
