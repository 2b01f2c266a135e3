//! Tests of the file source.

use proptest::prelude::*;

use super::*;

const ONE: &str = r#"{"trackedEntity":"aaaaaaaaaa1","attributes":[{"attribute":"x","value":"v"}],"enrollments":[]}"#;
const TWO: &str = r#"{"trackedEntityInstance":"aaaaaaaaaa2","lastUpdated":"2021","enrollments":[{"events":[{"event":"e","eventDate":"2021-01-01T00:00:00.000"}]}]}"#;

fn read(name: &str, text: &str) -> (Vec<String>, Result<Summary, FileError>) {
    let mut uids = Vec::new();
    let result = read_people_from(text.as_bytes(), name, |person| {
        uids.push(person.tracked_entity);
        ControlFlow::Continue(())
    });
    (uids, result)
}

#[test]
fn every_envelope_gives_the_same_people() {
    for text in [
        format!("{{\"trackedEntityInstances\":[{ONE},{TWO}]}}"),
        format!("{{\"instances\":[{ONE},{TWO}],\"page\":1,\"pageSize\":50}}"),
        format!("{{\"pager\":{{\"page\":1}},\"page\":1,\"trackedEntities\":[{ONE},{TWO}]}}"),
        format!("{{\"trackedEntities\":[\n{ONE},\n{TWO}\n]}}"),
        format!("\u{FEFF}[\n{ONE},\n{TWO}]"),
        format!("{ONE}\n{TWO}\n"),
        format!("{ONE}\r\n\r\n{TWO}"),
        format!("{{\"instances\":[{ONE}]}}\n{{\"instances\":[{TWO}]}}\n"),
        format!("{{\n\"instances\":[{ONE}]}}\n{{\n\"instances\":[{TWO}]}}\n"),
        format!("[{ONE}][{TWO}]"),
        format!("{}\n{TWO}", serde_json::to_string_pretty(&serde_json::from_str::<Value>(ONE).unwrap()).unwrap()),
    ] {
        let (uids, result) = read("export.json", &text);
        assert_eq!(uids, ["aaaaaaaaaa1", "aaaaaaaaaa2"], "{text}");
        assert_eq!(result.unwrap(), Summary { people: 2, ..Summary::default() });
    }
    assert_eq!(read("x", ONE).0, ["aaaaaaaaaa1"]);
    assert_eq!(read("x", "{\"trackedEntities\":[]}").1.unwrap(), Summary::default());
}

#[test]
fn a_broken_line_never_stops_the_rest() {
    let cut = &ONE[..40];
    let text = format!(
        "{cut}\n{TWO}\nnonsense\n{{\"trackedEntity\":5}}\n\n{{\"event\":\"e\",\"trackedEntity\":\"x\"}}\n{ONE}\n{cut}"
    );
    let (uids, result) = read("export.ndjson", &text);
    assert_eq!(uids, ["aaaaaaaaaa2", "aaaaaaaaaa1"]);
    let summary = result.unwrap();
    assert_eq!(summary.malformed, 5);
    let places: Vec<_> = summary.listed.iter().map(|m| m.at).collect();
    assert_eq!(places, [1, 3, 4, 6, 8].map(Place::Line));
    assert!(matches!(summary.listed[0].fault, MalformedKind::Truncated { .. }));
    assert!(matches!(summary.listed[1].fault, MalformedKind::Syntax { .. }));
    assert!(matches!(summary.listed[3].fault, MalformedKind::NotAPerson { what: "event" }));
    // The same without the telling name.
    assert_eq!(read("export.json", &text).0, ["aaaaaaaaaa2", "aaaaaaaaaa1"]);
}

#[test]
fn a_cut_or_broken_list_delivers_what_came_before() {
    let (uids, result) = read("x.json", &format!("{{\"trackedEntities\":[{ONE},\n{}", &TWO[..30]));
    assert_eq!(uids, ["aaaaaaaaaa1"]);
    assert!(matches!(result, Err(FileError::Truncated { line: 2, column: 30, .. })), "{result:?}");
    let (uids, result) = read("x.json", &format!("[{ONE},\n  oops]"));
    assert_eq!(uids, ["aaaaaaaaaa1"]);
    assert!(matches!(result, Err(FileError::Syntax { line: 2, .. })), "{result:?}");
    assert!(result.unwrap_err().to_string().contains("x.json"));
}

#[test]
fn one_malformed_person_in_a_list_is_named_and_the_rest_is_read() {
    let bad = r#"{"trackedEntity":"aaaaaaaaaa3","enrollments":[{"events":[{"event":"e","dataValues":[{"dataElement":"x","value":{"Secret":1}}]}]}]}"#;
    let nulls = r#"{"trackedEntity":"aaaaaaaaaa4","attributes":null,"deleted":null,"enrollments":[{"events":null}]}"#;
    let (uids, result) = read("x", &format!("[{ONE},{bad},7,{nulls}]"));
    assert_eq!(uids, ["aaaaaaaaaa1", "aaaaaaaaaa4"]);
    let listed = result.unwrap().listed;
    assert_eq!(listed[0].tracked_entity.as_deref(), Some("aaaaaaaaaa3"));
    assert_eq!(listed[0].fault, MalformedKind::Part { part: "enrollments[0].events[0]".into() });
    assert_eq!(listed[1].at, Place::Item(3));
    assert!(!format!("{listed:?}").contains("Secret"));
}

#[test]
fn what_is_no_export_is_named() {
    let of = |text: &str| read("x", text).1.unwrap_err();
    assert!(matches!(of(" \n"), FileError::Empty { .. }));
    assert!(matches!(of("<html>"), FileError::WebPage { .. }));
    assert!(matches!(of("{\"httpStatus\":\"Forbidden\",\"httpStatusCode\":403}"), FileError::ServerError { .. }));
    assert!(matches!(of("{\"events\":[]}"), FileError::NoPeople { keys, .. } if keys == ["events"]));
    assert!(matches!(of("42"), FileError::NoPeople { .. }));
    assert!(matches!(of("name;dose"), FileError::Syntax { line: 1, .. }));
    let gzip = read_people_from(&b"\x1F\x8B\x08"[..], "x", |_| ControlFlow::Continue(()));
    assert!(matches!(gzip, Err(FileError::Encoding { found: "gzip", .. })));
    assert!(matches!(read_people(Path::new("no/such"), |_| ControlFlow::Continue(())), Err(FileError::Io { .. })));
}

#[test]
fn one_endless_person_is_refused_while_reading() {
    // Never ends: only a bound that is applied while reading ends the test.
    let endless = || io::repeat(b'a');
    let list = Cursor::new(format!("[{ONE},{{\"trackedEntity\":\"")).chain(endless());
    let mut people = 0;
    let result = read_people_from(list, "x", |_| {
        people += 1;
        ControlFlow::Continue(())
    });
    assert!(matches!(result, Err(FileError::EntityTooLarge { .. })), "{result:?}");
    assert_eq!(people, 1);
    let long = Cursor::new("{\"a\":\"").chain(endless().take(17 * 1024 * 1024));
    let lines = long.chain(Cursor::new(format!("\n{ONE}\n")));
    let summary = read_people_from(lines, "x.ndjson", |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((summary.people, summary.malformed), (1, 1));
    assert!(matches!(summary.listed[0].fault, MalformedKind::TooLong { .. }));
}

#[test]
fn the_sink_may_stop() {
    for text in [format!("[{ONE},{TWO}, broken"), format!("{ONE}\n{TWO}\n")] {
        let mut people = 0;
        let summary = read_people_from(text.as_bytes(), "x", |_| {
            people += 1;
            ControlFlow::Break(())
        });
        assert!(summary.unwrap().stopped);
        assert_eq!(people, 1);
    }
}

#[test]
fn facilities_are_read_from_a_list() {
    let dir = tempfile::tempdir().unwrap();
    let export = dir.path().join("people.json");
    assert_eq!(facilities_beside(&export), None);
    let list = dir.path().join("organisationUnits.json");
    std::fs::write(
        &list,
        r#"{"organisationUnits":[{"id":"a","name":"A","displayName":"B"},{"id":"c","displayName":"C"},{"id":"d"}]}"#,
    )
    .unwrap();
    assert_eq!(facilities_beside(&export).as_ref(), Some(&list));
    let names = read_facilities(&list).unwrap();
    assert_eq!((names["a"].as_str(), names["c"].as_str(), names.len()), ("A", "C", 2));
    std::fs::write(&list, "{\"optionSets\":[]}").unwrap();
    assert!(matches!(read_facilities(&list), Err(FileError::NoOrgUnits { .. })));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400), lines in any::<bool>()) {
        let name = if lines { "x.ndjson" } else { "x.json" };
        let _ = read_people_from(bytes.as_slice(), name, |_| ControlFlow::Continue(()));
    }

    #[test]
    fn a_file_cut_anywhere_is_never_taken_for_whole(people in 1usize..6, cut in 1usize..200) {
        let text = format!("{{\"trackedEntities\":[{}]}}", vec![TWO; people].join(","));
        let kept = text.len().saturating_sub(cut).max(1);
        let (uids, result) = read("x.json", &text[..kept]);
        prop_assert!(matches!(result, Err(FileError::Truncated { .. })), "{:?}", result);
        prop_assert!(uids.len() <= people);
    }
}
