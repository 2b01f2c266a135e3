//! `vaccert audit` as an auditor runs it.

use std::{fs, time::Duration};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::{
    journey::{doses, export},
    support::{
        dhis2::population::{Dice, crowd},
        program::Workplace,
    },
};

fn behind(work: &Workplace, sql: &str) {
    let url = format!("sqlite:{}", work.path("out/.sandbox/registry.sqlite").display());
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let mut raw = sqlx::SqliteConnection::connect(&url).await.unwrap();
        raw.execute(sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))).await.unwrap();
        raw.close().await.unwrap();
    });
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn an_auditor_checks_log_and_certificates_and_takes_the_rows_home() {
    let work = Workplace::new();
    work.run(&["demo", "--once", "--out", "out"]).good();
    let issued = work.out("out").counts()[1];

    let said = work.run(&["audit", "verify"]).good().out;
    assert!(said.contains("The log is whole") && said.contains(&format!("Newest row: {issued} ")), "{said}");
    let said = work.run(&["audit", "certificates"]).good().out;
    assert!(said.contains(&format!("All {issued} certificates verify")), "{said}");
    let report = json(&work.run(&["audit", "certificates", "--json", "--out", "report.json"]).good().out);
    assert_eq!(report["certificates"], issued);
    assert!(report["envelopes"].as_u64().unwrap() > issued && report["counts"] == serde_json::json!({}));
    assert_eq!(json(&fs::read_to_string(work.path("report.json")).unwrap()), report);
    let rest = json(&work.run(&["audit", "certificates", "--json", "--after", "3"]).good().out);
    assert_eq!(rest["certificates"], issued - 3);

    // The head, kept elsewhere; then everything since, taken home and checked there.
    work.run(&["audit", "head", "--out", "head.json"]).good();
    let head = json(&work.run(&["audit", "head", "--json"]).good().out);
    assert_eq!(head["number"], issued + 4, "each examination is a row of the log");
    work.run(&["audit", "verify", "--head", "head.json"]).good();
    let said = work.run(&["audit", "export", "--out", "rows.ndjson"]).good().out;
    assert!(said.contains("rows; manifest beside it"), "{said}");
    let rows = fs::read_to_string(work.path("rows.ndjson")).unwrap();
    let rows: Vec<Value> = rows.lines().map(json).collect();
    assert!(rows.len() as u64 >= issued + 5 && rows[0]["action"] == "issue" && rows[0]["number"] == 1, "{rows:?}");
    let said = work.run(&["audit", "verify", "--export", "rows.ndjson"]).good().out;
    assert!(said.contains("is what was exported"), "{said}");
    work.run(&["audit", "export", "--out", "rows.csv", "--form", "csv", "--from", "2020-01-01"]).good();
    let table = fs::read_to_string(work.path("rows.csv")).unwrap();
    assert_eq!(
        csv::Reader::from_reader(table.as_bytes()).records().map(Result::unwrap).count(),
        table.lines().count() - 1
    );

    // An export that somebody changed.
    let rows = fs::read_to_string(work.path("rows.ndjson")).unwrap().replacen("issue", "login", 1);
    fs::write(work.path("rows.ndjson"), rows).unwrap();
    let ran = work.run(&["audit", "verify", "--export", "rows.ndjson"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("is NOT the file"), "{}", ran.out);

    // A row that somebody changed: the row is named, and what to do.
    behind(&work, "DROP TRIGGER audit_stays; UPDATE audit SET actor = 'somebody' WHERE number = 3");
    let ran = work.run(&["audit", "verify"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out.contains("NOT whole") && ran.out.contains("3: row 3 was changed after it was written"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("What to do: stop issuing"), "{}", ran.out);
    let report = json(&work.run(&["audit", "verify", "--json"]).out);
    assert_eq!(report["counts"]["row-changed"], 1);

    // A certificate whose text was exchanged for that of another person.
    behind(
        &work,
        "UPDATE certificate SET text = (SELECT text FROM certificate WHERE number = 2) WHERE number = 1; \
         UPDATE certificate SET text = substr(text, 1, length(text) - 4) || 'AAAA' WHERE number = 4",
    );
    let report = json(&work.run(&["audit", "certificates", "--json"]).out);
    assert_eq!(report["counts"], serde_json::json!({"does-not-verify": 1, "identifier-differs": 1}), "{report}");
}

#[test]
fn what_cannot_be_understood_or_reached_says_so() {
    let work = Workplace::new();
    let said = work.run(&["audit", "verify"]).refused(4);
    assert!(said.contains("there is no registry in out"), "{said}");
    assert!(!work.path("out").exists(), "looking makes nothing");
    work.run(&["demo", "--once", "--out", "out"]).good();
    work.run(&["audit", "export", "--out", "x", "--from", "yesterday"]).refused(2);
    work.run(&["audit", "verify", "--head", "missing.json"]).refused(4);
    work.write("other.json", "{}");
    work.run(&["audit", "verify", "--head", "other.json"]).refused(2);
    work.run(&["audit", "verify", "--export", "other.json"]).refused(2);
    work.run(&["audit", "export", "--out", "no/such/folder/rows"]).refused(4);
    work.write("broken.json", "{\"trackedEntities\": [");
    work.run(&["audit", "reconcile", "--from-file", "broken.json"]).refused(4);
}

/// Killed at any moment, the log tells of every certificate that there is, and of no other.
#[test]
fn a_killed_run_leaves_log_and_certificates_in_step() {
    let people = crowd(400, 20_261_122);
    let work = Workplace::new();
    work.write("export.json", export(&people));
    let issue = ["issue", "--from", "export.json", "--out", "out", "--files", "txt", "--formats", "eu-dcc", "--quiet"];
    let mut dice = Dice(11);
    for _ in 0..6 {
        let mut run = work.start(&issue);
        std::thread::sleep(Duration::from_millis(150 + dice.roll(500)));
        run.kill().unwrap();
        run.wait().unwrap();
        if work.path("out/.sandbox/registry.sqlite").is_file() {
            let report = json(&work.run(&["audit", "certificates", "--json"]).good().out);
            assert_eq!(report["counts"], serde_json::json!({}));
        }
    }
    std::thread::sleep(Duration::from_secs(10));
    work.run(&issue).good();
    work.run(&["audit", "verify"]).good();
    let report = json(&work.run(&["audit", "certificates", "--json"]).good().out);
    assert_eq!(report["certificates"], doses(&people).len());
}
