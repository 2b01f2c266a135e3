//! However much it is asked to say, the program names no person and no secret, on no channel.

use std::{collections::BTreeSet, fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sqlx::{Column as _, Connection as _, Row as _, ValueRef as _};

use crate::support::dhis2::{
    Fault, PASSWORD, USER,
    people::{Person, covac},
};

use super::Site;

/// People whose every attribute is a text that occurs nowhere else.
fn people() -> Vec<Person> {
    let person = |uid: &str, given: &str, family: &str, born: &str, number: &str| {
        Person::new(uid, given, family, born)
            .with(covac::NATIONAL_ID, &format!("NID{number}"))
            .with(covac::SYSTEM_ID, &format!("EPI_{number}"))
            .with("fctSQp5nAYl", &format!("+99 555 {number}"))
    };
    let mut people = vec![
        person("P0000000001", "Zyxwana", "Qwertivo", "1961-07-19", "40417177")
            .dosed("MODERNA", "DOSE1", "2021-03-02", "LOT-A9X1")
            .dosed("MODERNA", "DOSE2", "2021-04-02", "LOT-A9X2"),
        // Refused: born in words, an unknown vaccine (whose option code may be said), a note in the place of a number. Letters
        // without a table keep a record from the EU certificate alone.
        person("P0000000002", "Brelunka", "Fjordwitz", "in the spring of 1962", "40417178").dosed(
            "MODERNA",
            "DOSE1",
            "2021-03-03",
            "LOT-A9X3",
        ),
        person("P0000000003", "Kvostadir", "Grimbaluk", "1963-09-21", "40417179").dosed(
            "HOME_BREW",
            "DOSE1",
            "2021-03-04",
            "LOT-A9X4",
        ),
        person("P0000000004", "ສົມສັກ", "ວົງສາວັນ", "1964-10-22", "40417180").dosed(
            "MODERNA",
            "DOSE1",
            "2021-03-05",
            "LOT-A9X5",
        ),
        person("P0000000005", "Ondrelika", "Hastuvine", "1965-11-23", "40417181")
            .dosed("MODERNA", "Ondrelika 1", "2021-03-06", "LOT-A9X6")
            .dosed("MODERNA", "DOSE1", "2031-03-06", "LOT-A9X7")
            .dosed("MODERNA", "DOSE2", "1925-03-06", "LOT-A9X8"),
        person("P0000000006", "", "", "1966-12-24", "40417182").dosed("MODERNA", "DOSE1", "2021-03-07", "LOT-A9X9"),
    ];
    people[4].enrollments[0].events[0].values[3].1 = "Hastuvine-two".to_owned();
    people
}

/// Everything that must not be seen, as it stands and as a certificate or a header would have it.
fn secrets(people: &[Person]) -> BTreeSet<String> {
    let mut found: BTreeSet<String> =
        [PASSWORD.to_owned(), STANDARD.encode(format!("{USER}:{PASSWORD}"))].into_iter().collect();
    let attributes = people.iter().flat_map(|person| &person.attributes).map(|(_, value)| value);
    let lots = people.iter().flat_map(Person::events).flat_map(|event| &event.values);
    for text in attributes.chain(lots.filter(|(de, _)| de == covac::BATCH).map(|(_, value)| value)) {
        found.extend([text.clone(), text.to_uppercase(), text.to_lowercase()]);
    }
    found.remove("");
    found
}

/// Begins of the names of files that hold a certificate.
const CERTIFICATES: [&str; 6] = ["eu-dcc.", "ddcc.", "icvp.", "divoc.", "divoc-cwt.", "certificate."];

/// Every file of the folder but certificates, their pictures and papers, and the databases.
fn texts(folder: &Path, names: &mut Vec<String>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        names.push(path.to_str().unwrap().to_owned());
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(texts(&path, names));
        } else if !CERTIFICATES.iter().any(|start| name.starts_with(start)) && !name.contains(".sqlite") {
            found.push((name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()));
        }
    }
    found
}

/// Every value of every table, but the sealed texts.
fn registry(file: &Path) -> Vec<(String, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut database = sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
        let tables = sqlx::query("SELECT name FROM sqlite_schema WHERE type = 'table'");
        let tables = tables.fetch_all(&mut database).await.unwrap();
        let mut found = Vec::new();
        for table in tables.iter().map(|row| row.get::<String, _>(0)) {
            let rows = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT * FROM {table}")));
            for row in rows.fetch_all(&mut database).await.unwrap() {
                for column in row.columns().iter().filter(|column| column.name() != "text") {
                    let raw = row.try_get_raw(column.ordinal()).unwrap();
                    let bytes: Vec<u8> = match raw.is_null() {
                        true => continue,
                        false => row.try_get_unchecked(column.ordinal()).unwrap_or_default(),
                    };
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    found.push((format!("{table}.{}", column.name()), text));
                }
            }
        }
        found
    })
}

#[test]
fn no_person_and_no_secret_on_any_channel() {
    let people = people();
    let site = Site::open("2.40.4", people.clone());
    let mut work = site.workplace();
    work.set("RUST_LOG", "debug");
    let mut seen: Vec<(String, String)> = Vec::new();
    let mut sync = |more: &[&str]| {
        let ran = work.run(&[&["sync", "--out", "out"], more].concat());
        seen.push((format!("standard output of {}", ran.what), ran.out));
        seen.push((format!("standard error of {}", ran.what), ran.err.clone()));
        (ran.code, ran.err)
    };
    let (code, said) = sync(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("DEBUG"), "the log was asked for: {said}");
    // Corrected, then a server that repeats what it was sent, then one that breaks off.
    site.server.edit(|people| {
        people[0].enrollments[0].events[0].occurred = Some("2021-03-01T00:00:00.000".to_owned());
    });
    assert_eq!(sync(&["--full"]).0, Some(0));
    site.server.always(Fault::Echo(409));
    assert_eq!(sync(&["--full"]).0, Some(4));
    site.server.recover();
    site.server.always(Fault::HalfJson);
    assert_eq!(sync(&["--full"]).0, Some(4));

    let out = work.out("out");
    let [records, issued, refused, unchanged] = out.counts();
    assert!(issued == 1 && unchanged == 2 && refused >= 6 && records == 3 + refused, "{}", out.report());
    let mut names = Vec::new();
    seen.extend(texts(&out.0, &mut names));
    assert!(seen.iter().any(|(name, _)| name == "report.json") && seen.iter().any(|(name, _)| name == "trust.json"));
    seen.push(("file names".to_owned(), names.join("\n")));
    let rows = registry(&out.0.join(".sandbox/registry.sqlite"));
    assert!(rows.iter().any(|(column, text)| column == "certificate.event" && text.starts_with('E')), "{rows:?}");
    seen.extend(rows);
    // A recalled batch of vaccine must be found again: its number is the one value of a dose that is kept.
    seen.retain(|(place, _)| !["certificate.lot", "intent.lot"].contains(&place.as_str()));
    for (place, text) in &seen {
        for secret in secrets(&people) {
            assert!(!text.contains(&secret), "{secret} is in {place}: {text}");
        }
    }
}
