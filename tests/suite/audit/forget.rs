//! The end of a programme: nothing about people is left in the database, and the account of what was done is whole.

use std::fs;

use vaccert::registry::{
    Duplicate, Reason, Refused,
    audit::By,
    people::{CaseKind, CaseState, NewCase},
};

use crate::support::{database::on_each, program::Workplace};

/// The planner of PostgreSQL keeps samples of what stood in a table, whole certificates among them; and whoever does not
/// own the tables is told so before anything is done.
#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread")]
async fn f40_on_postgresql_no_sample_is_left_and_the_owner_alone_forgets() {
    use sqlx::{Connection as _, Executor as _};
    use vaccert::registry::{Options, Registry, RegistryError};

    use super::{at, by, candidate, issue};

    let Some(database) = crate::support::database::Database::postgres().await else { return };
    let registry = database.open().await;
    for n in 0..40 {
        issue(&registry, &candidate(&format!("E{n}"), &[("eu-dcc", 1)], by("user:clerk")), n).await.unwrap();
    }
    let mut admin = sqlx::PgConnection::connect(&database.url).await.unwrap();
    let role = format!("auditor_{}", std::process::id());
    let set_up = format!(
        "ANALYZE; CREATE TABLE another_program (name TEXT); INSERT INTO another_program VALUES ('kept'), ('kept'); \
         ANALYZE another_program; CREATE ROLE {role} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; \
         GRANT ALL ON SCHEMA public TO {role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}"
    );
    admin.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(set_up))).await.unwrap();
    let about = "certificate', 'intent', 'revocation', 'envelope', 'person";
    let samples = format!("SELECT count(*) FROM pg_stats WHERE schemaname = 'public' AND tablename IN ('{about}')");
    let mut count = async |sql: &str| -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(&mut admin).await.unwrap()
    };
    assert!(count(&samples).await > 10, "the planner knows about people");
    let file = "SELECT pg_relation_filenode('another_program')::BIGINT";
    let before = count(file).await;

    // Somebody who may do everything else.
    let mut url = url::Url::parse(&database.url).unwrap();
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(name, _)| name != "user").collect();
    url.query_pairs_mut().clear().extend_pairs(pairs).append_pair("user", &role);
    let other = Registry::open(url.as_str(), Options::default()).await.unwrap();
    let refused = other.forget_people(By::system("test"), "over", at(90)).await.unwrap_err();
    assert!(matches!(&refused, RegistryError::NotOwner { owner, .. } if owner == "vaccert"), "{refused:?}");
    assert!(refused.to_string().contains("nothing was removed"), "{refused}");
    other.close().await;
    assert_eq!(registry.about_people(at(90)).await.unwrap().certificates, 40);

    assert!(registry.forget_people(By::system("test"), "over", at(91)).await.unwrap());
    assert_eq!(registry.about_people(at(92)).await.unwrap().certificates, 0);
    // Two columns that another is generated from stay: times, and identifiers as the log has them.
    let of_people = format!("{samples} AND attname NOT IN ('withdrawn_at', 'superseded_by')");
    assert_eq!(count(&of_people).await, 0, "no sample of a person is left");
    assert_eq!(count("SELECT pg_relation_size('certificate')").await, 0);
    assert_eq!(count(file).await, before, "tables of others are left alone");
    assert_eq!(count("SELECT count(*) FROM pg_stats WHERE tablename = 'another_program'").await, 1);
    // The tables can be used as before, and numbers go on.
    issue(&registry, &candidate("F", &[("eu-dcc", 1)], by("user:clerk")), 95).await.unwrap();
    assert!(registry.check_audit(&[], |_| {}).await.unwrap().is_whole());
    registry.close().await;
    let clean = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    admin.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(clean))).await.unwrap();
}

#[test]
fn f40_after_the_end_of_a_programme_nothing_of_a_person_is_in_a_dump() {
    let work = Workplace::new();
    work.run(&["demo", "--once", "--out", "out"]).good();
    let issued = work.out("out").counts()[1];
    let place = work.path("out/.sandbox");
    let dump = || {
        let mut bytes = Vec::new();
        for entry in fs::read_dir(&place).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_str().unwrap().starts_with("registry") {
                bytes.extend(fs::read(path).unwrap());
            }
        }
        bytes
    };
    // Family names, birth dates and codes of the demo's people, as they stand in what was signed.
    let people: serde_json::Value = serde_json::from_slice(&fs::read("fixtures/demo/people.json").unwrap()).unwrap();
    let mut secrets: Vec<String> = vec!["HC1:".to_owned()];
    for person in people["trackedEntities"].as_array().unwrap() {
        for attribute in person["attributes"].as_array().into_iter().flatten() {
            let value = attribute["value"].as_str().unwrap_or_default();
            if value.len() >= 6 && value.chars().any(|c| c.is_ascii_digit()) {
                secrets.push(value.to_owned());
            }
        }
    }
    let has = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let before = dump();
    let found = secrets.iter().filter(|secret| has(&before, secret)).count();
    assert!(found > 0, "before, a dump tells of people");

    // Nothing is removed by guessing, in passing, or while certificates are valid.
    let told = work.run(&["audit", "forget"]).good().out;
    assert!(told.contains(&format!("holds {issued} certificates")) && told.contains("Nothing was removed"), "{told}");
    let number = issued.to_string();
    let forget = |more: &[&str]| work.run(&[&["audit", "forget"][..], more].concat());
    assert!(forget(&["--certificates", "1", "--reason", "x"]).refused(2).contains("nothing was removed"));
    let valid = forget(&["--certificates", &number, "--reason", "x"]).refused(2);
    assert!(valid.contains("have not expired") && valid.contains("--before-their-end"), "{valid}");
    assert!(forget(&["--certificates", &number, "--before-their-end"]).refused(2).contains("--reason"));
    assert_eq!(work.run(&["audit", "certificates"]).good().code, Some(0));

    work.run(&["audit", "head", "--out", "head.json"]).good();
    let done = forget(&["--certificates", &number, "--before-their-end", "--reason", "the programme has ended"]).good();
    assert!(done.out.contains(&format!("{issued} certificates")), "{done:?}");
    let after = dump();
    let left: Vec<&String> = secrets.iter().filter(|secret| has(&after, secret)).collect();
    assert!(left.is_empty(), "{left:?}");
    // The log is whole, also against a head that was kept before, and tells of it.
    work.run(&["audit", "verify", "--head", "head.json"]).good();
    work.run(&["audit", "export", "--out", "rows.ndjson"]).good();
    let rows = fs::read_to_string(work.path("rows.ndjson")).unwrap();
    assert!(rows.contains("\"forget\"") && rows.contains("the programme has ended"), "{rows}");
    let again = work.run(&["audit", "forget"]).good().out;
    assert!(again.contains("holds 0 certificates"), "{again}");
}

#[test]
fn f40_what_only_grows_is_emptied_at_the_end_and_only_grows_again() {
    on_each(async |database| {
        use super::{at, by, candidate, issue};
        let candidate = |event: &str| candidate(event, &[("eu-dcc", 1)], by("user:clerk"));
        let registry = database.open().await;
        let id = issue(&registry, &candidate("E"), 0).await.unwrap();
        registry.revoke(std::slice::from_ref(&id), &Reason::Fraud.into(), at(1)).await.unwrap();
        let case = |reference: &str| NewCase {
            reference: reference.into(),
            kind: CaseKind::Name,
            tracked_entity: Some("Person1".into()),
            certificate: Some(id.clone()),
            text: "my name".into(),
        };
        let number = registry.open_case(&case("AAAA-BBBB"), &[], at(2)).await.unwrap().unwrap();
        registry.decide_case(number, CaseState::Closed, "user:clerk", "done", at(3)).await.unwrap();
        let refused = Refused {
            tracked_entity: "Person2".into(),
            event: "F".into(),
            facility: None,
            standing: None,
            reasons: vec![("lot-missing".into(), None)],
        };
        registry.note_refusals(&["Person2"], &[refused], at(4)).await.unwrap();
        let twice = Duplicate {
            tracked_entity: "Person1".into(),
            facility: None,
            other: "Person2".into(),
            other_facility: None,
            doses: vec![1],
        };
        registry.note_duplicates(&[twice], at(4)).await.unwrap();
        let rows = registry.audit_records(0, 100).await.unwrap();

        assert!(registry.forget_people(By::system("test"), "the programme has ended", at(5)).await.unwrap());
        let about = registry.about_people(at(5)).await.unwrap();
        assert_eq!((about.certificates, about.people, about.valid, about.valid_until), (0, 0, 0, None));
        assert!(registry.get(&id).await.unwrap().is_none());
        assert!(registry.cases(None, 0, 10).await.unwrap().is_empty());
        assert!(registry.refused_counts().await.unwrap().is_empty());
        assert!(registry.duplicates(None, "", 10).await.unwrap().is_empty());
        let left = registry.audit_records(0, 100).await.unwrap();
        assert_eq!(left[..rows.len()], rows, "the log is what it was");
        let last = left.last().unwrap();
        assert_eq!(
            (last.action.as_str(), last.details.as_deref()),
            ("forget", Some(r#"{"certificates":1,"people":1}"#))
        );
        assert!(registry.check_audit(&[], |_| {}).await.unwrap().is_whole());
        // A new programme may begin in the same database.
        let next = issue(&registry, &candidate("G"), 6).await.unwrap();
        registry.revoke(&[next], &Reason::Fraud.into(), at(7)).await.unwrap();
        assert!(registry.check_audit(&[], |_| {}).await.unwrap().is_whole());
    });
}
