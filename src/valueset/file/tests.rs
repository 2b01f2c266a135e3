//! Forms, editions, and everything that is broken.

use proptest::prelude::*;

use super::*;
use crate::valueset::{EuSet, ValueSets};

const NAMES: &str = "vaccines-covid-19-names";

fn with(files: &[(&str, &str)]) -> Result<ValueSets, ValueSetFileError> {
    ValueSets::built_in().with(files.iter().map(|(name, text)| (*name, text.as_bytes())))
}

fn official(id: &str, date: &str, codes: &[&str]) -> String {
    let values: Vec<String> = codes
        .iter()
        .map(|code| format!(r#"{code:?}:{{"display":"D {code}","lang":"en","active":true,"version":"","system":"s"}}"#))
        .collect();
    format!(r#"{{"valueSetId":"{id}","valueSetDate":"{date}","valueSetValues":{{{}}}}}"#, values.join(","))
}

fn codes(sets: &ValueSets, id: &str) -> Option<Vec<String>> {
    sets.codes_by_id().find(|(found, _)| *found == id).map(|(_, codes)| codes.map(str::to_owned).collect())
}

#[test]
fn a_newer_edition_replaces_and_the_old_codes_stay_readable() {
    let sets = with(&[("new.json", &official(NAMES, "2026-01-01", &["EU/1/20/1528", "EU/1/26/0001"]))]).unwrap();
    assert_eq!(codes(&sets, NAMES).unwrap(), ["EU/1/20/1528", "EU/1/26/0001"]);
    assert_eq!(sets.eu(EuSet::VaccineProduct, "EU/1/26/0001").unwrap().display, "D EU/1/26/0001");
    assert_eq!(sets.eu(EuSet::VaccineProduct, "EU/1/20/1528").unwrap().display, "D EU/1/20/1528");
    let gone = sets.eu(EuSet::VaccineProduct, "EU/1/20/1507").unwrap();
    assert_eq!((gone.display.as_str(), gone.active), ("Spikevax", false));
    assert_eq!(sets.eu_set(EuSet::VaccineProduct).len(), 2);
    // The rest is as it was, and so are the built-in sets.
    assert_eq!(sets.eu_set(EuSet::Country).len(), 250);
    assert_eq!(ValueSets::built_in().eu_set(EuSet::VaccineProduct).len(), 39);
    assert_eq!(sets.products().len(), ValueSets::built_in().products().len());
}

#[test]
fn an_older_edition_only_adds_what_can_be_read() {
    let old = official(NAMES, "2020-01-01", &["EU/1/20/1528", "OLD"]);
    let undated = old.replace(r#""valueSetDate":"2020-01-01","#, "");
    for text in [&old, &undated] {
        let sets = with(&[("old.json", text)]).unwrap();
        assert_eq!(sets.eu_set(EuSet::VaccineProduct).len(), 39);
        assert_eq!(sets.eu(EuSet::VaccineProduct, "EU/1/20/1528").unwrap().display, "Comirnaty");
        let old = sets.eu(EuSet::VaccineProduct, "OLD").unwrap();
        assert!(!old.active && old.display == "D OLD");
    }
}

#[test]
fn the_order_of_files_does_not_count_where_dates_differ() {
    let (one, two) = (official("x", "2026-01-01", &["a", "b"]), official("x", "2026-02-01", &["b", "c"]));
    for files in [[("1", one.as_str()), ("2", two.as_str())], [("2", &two), ("1", &one)]] {
        let sets = with(&files).unwrap();
        assert_eq!(codes(&sets, "x").unwrap(), ["b", "c"]);
    }
}

#[test]
fn every_form_says_the_same() {
    let one = official("x", "2026-01-01T00:00:00Z", &["a", "b"]);
    let values = &one[one.find(r#""valueSetDate""#).unwrap()..];
    let entry = |code: &str| format!(r#"{{"code":"{code}","display":"D {code}","active":true,"system":"s"}}"#);
    let forms = [
        one.clone(),
        format!("\u{feff}[{one}]"),
        format!(r#"{{"x":{one},"hash":"0","count":1,"none":null,"more":{{"a":"b"}}}}"#),
        format!(r#"{{"x":{{{values}}}"#),
        format!(r#"{{"valueSets":[{one}]}}"#),
        format!(
            r#"{{"value_set":"x","version":"1","date":"2026-01-01","source":"s","entries":[{},{}]}}"#,
            entry("a"),
            entry("b")
        ),
    ];
    for text in forms {
        let sets = with(&[("x.json", &text)]).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(codes(&sets, "x").unwrap(), ["a", "b"], "{text}");
        let set = &sets.others["x"];
        assert_eq!((set.date.to_string().as_str(), &*set.get("b").unwrap().display), ("2026-01-01", "D b"), "{text}");
    }
    let sets = with(&[("x.json", r#"{"x":["a","b"],"country-2-codes":["VU","ZZ"]}"#)]).unwrap();
    assert_eq!(codes(&sets, "x").unwrap(), ["a", "b"]);
    // Undated codes never replace; they can be read.
    assert_eq!(sets.eu_set(EuSet::Country).len(), 250);
    assert_eq!(sets.eu(EuSet::Country, "ZZ").unwrap().display, "ZZ");
}

#[test]
fn a_broken_file_names_its_place() {
    let good = official("x", "2026-01-01", &["a", "b"]);
    let form = ["", "{}", "[", "[1]", r#"["1065","1097"]"#, r#"{"dependencies":{"ajv":"8"}}"#, "[{}]", "\n{\"x\":[1]}"];
    for text in form {
        let error = with(&[("fine.json", &good), ("x.json", text)]).err().unwrap();
        assert!(matches!(&error, ValueSetFileError::Form { name, .. } if name == "x.json"), "{text}: {error}");
    }
    let error = with(&[("x.json", &format!("[{good},\n{}", &good[..40]))]).err().unwrap();
    assert!(matches!(error, ValueSetFileError::Form { line: 2, .. }), "{error}");
    let double = good.replace(r#""b""#, r#""a""#);
    let error = with(&[("x.json", &double)]).err().unwrap();
    assert!(matches!(&error, ValueSetFileError::Set { source: ValueSetError::Twice { code, .. }, .. } if code == "a"));
    let members = good.replace(r#""valueSetDate""#, r#""valueSetId":"y","valueSetDate""#);
    assert!(matches!(with(&[("x.json", &members)]), Err(ValueSetFileError::Form { .. })));
    let error = with(&[("x.json", &good.replace("2026-01-01", "soon"))]).err().unwrap();
    assert!(matches!(&error, ValueSetFileError::Date { value_set, .. } if value_set == "x"));
    let unnamed = good.replace(r#""valueSetId":"x","#, "");
    assert!(matches!(with(&[("x.json", &unnamed)]), Err(ValueSetFileError::Unnamed { .. })));
    let deep = "[".repeat(100_000);
    assert!(matches!(with(&[("x.json", &deep)]), Err(ValueSetFileError::Form { .. })));
    let large = " ".repeat(limits::VALUE_SET_BYTES + 1);
    assert!(matches!(with(&[("x.json", &large)]), Err(ValueSetFileError::TooLarge { .. })));
    let many = format!("[{}]", vec![good; limits::VALUE_SETS + 1].join(","));
    assert!(matches!(with(&[("x.json", &many)]), Err(ValueSetFileError::TooLarge { .. })));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in r#"[\[\]{}:,"a ]{0,40}"#, bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = with(&[("x", &text)]);
        let _ = ValueSets::built_in().with([("x", bytes.as_slice())]);
    }

    #[test]
    fn the_official_form_keeps_every_code(ids in prop::collection::btree_set("[A-Za-z0-9/ é-]{1,12}", 0..30)) {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let sets = with(&[("x.json", &official("x", "2026-01-01", &ids))]).unwrap();
        prop_assert_eq!(codes(&sets, "x").unwrap(), ids);
    }
}
