//! What business rules cost: `cargo bench --no-default-features --features verify --bench rules`. Prints the
//! time of one evaluation over every test of every national rule, and of a whole judgement with the European
//! production list.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a bench measures time and fails by panicking"
)]

#[path = "../tests/support/vectors.rs"]
mod vectors;

use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};
use vaccert::rules::{
    Circumstances, CodeList, CodeLists, RuleSet,
    certlogic::{Expression, External, Facts},
};

fn read(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn inside(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn code_lists(value_sets: &Json) -> CodeLists {
    let lists = value_sets.as_object().into_iter().flatten();
    let codes = |list: &Json| {
        CodeList::from_iter(list.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned))
    };
    lists.map(|(id, list)| (id.clone(), codes(list))).collect()
}

/// Median time of one round, divided by the evaluations in it.
fn measure(rounds: usize, evaluations: usize, mut round: impl FnMut()) -> f64 {
    round();
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e9 / evaluations as f64
}

struct Case {
    rule: usize,
    payload: Json,
    clock: Option<String>,
    lists: CodeLists,
}

fn main() {
    let Some(root) = vectors::vectors("vectors/rules/national") else { return };
    let (mut rules, mut cases) = (Vec::new(), Vec::new());
    for folder in inside(&root).iter().flat_map(|country| inside(country)) {
        rules.push(Expression::compile(&read(&folder.join("rule.json"))["Logic"]).unwrap());
        for test in inside(&folder.join("tests")) {
            let test = read(&test);
            let external = &test["external"];
            cases.push(Case {
                rule: rules.len() - 1,
                payload: test["payload"].clone(),
                clock: external["validationClock"].as_str().map(str::to_owned),
                lists: code_lists(&external["valueSets"]),
            });
        }
    }
    let facts: Vec<(usize, Facts<'_>)> = cases
        .iter()
        .map(|case| {
            let external = External {
                validation_clock: case.clock.clone().unwrap_or_default(),
                value_sets: &case.lists,
                country_code: "XX".to_owned(),
                exp: None,
                iat: None,
                issuer_country_code: None,
                kid: None,
                region: String::new(),
            };
            (case.rule, Facts { payload: &case.payload, external })
        })
        .collect();
    let all = measure(200, facts.len(), || {
        for (rule, facts) in &facts {
            let _ = black_box(rules[*rule].evaluate(black_box(facts)));
        }
    });
    println!("{} rules, {} evaluations a round: {all:.0} ns an evaluation", rules.len(), facts.len());
    let mut worst: Vec<(f64, usize)> = (0..rules.len())
        .map(|rule| {
            let of: Vec<_> = facts.iter().filter(|(of, _)| *of == rule).collect();
            let time = measure(100, of.len(), || {
                for (rule, facts) in &of {
                    let _ = black_box(rules[*rule].evaluate(black_box(facts)));
                }
            });
            (time, rule)
        })
        .collect();
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    let slow = worst.iter().filter(|(time, _)| *time >= 1_000.0).count();
    println!("slowest rule {:.0} ns an evaluation; {slow} of {} rules at 1 us or more", worst[0].0, rules.len());

    let Some(path) = vectors::vectors("vectors/trust-lists/covpass-de/eu-rules.json") else { return };
    let bytes = fs::read(path).unwrap();
    let reading = measure(20, 1, || {
        black_box(RuleSet::parse(&bytes).unwrap());
    });
    let set = RuleSet::parse(&bytes).unwrap();
    println!("production list of {} rules read in {:.1} ms", set.rules().count(), reading / 1e6);
    let payload = json!({"ver": "1.3.0", "dob": "1964-08-12", "v": [{
        "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 3, "sd": 3,
        "dt": "2022-12-01", "co": "DE", "is": "Robert Koch-Institut", "ci": "URN:UVCI:01DE/IZ12345A/5CWL#W",
    }]});
    let lists = cases.iter().map(|case| case.lists.clone()).find(|lists| !lists.is_empty()).unwrap();
    for arrival in ["CZ", "CY", "FR", "DE"] {
        let circumstances = Circumstances {
            arrival,
            region: None,
            issuer: Some("DE"),
            kid: Some("AAECAwQFBgc="),
            at: "2023-03-01T00:00:00Z".parse().unwrap(),
            issued_at: None,
            expires_at: None,
            value_sets: &lists,
            language: "en",
        };
        let count = set.judge(&payload, &circumstances).results.len();
        let time = measure(2_000, 1, || {
            black_box(set.judge(black_box(&payload), &circumstances));
        });
        println!("judgement for {arrival}: {count} rules in {time:.0} ns, {:.0} ns a rule", time / count as f64);
    }
}
