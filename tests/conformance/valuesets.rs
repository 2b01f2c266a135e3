//! Every published value-set file is read, whatever form it has, and says what it said.

use std::{fs, path::Path};

use vaccert::valueset::{EuSet, ValueSets};

use crate::vectors::vectors;

fn with(path: &Path) -> Result<ValueSets, String> {
    let bytes = fs::read(path).unwrap();
    ValueSets::built_in().with([(&*path.to_string_lossy(), bytes.as_slice())]).map_err(|error| error.to_string())
}

/// The sets of a file, as plain JSON, with their codes.
fn published(path: &Path) -> Vec<(String, Vec<String>)> {
    let json: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let all = match json {
        serde_json::Value::Array(all) => all,
        one => vec![one],
    };
    let id = |set: &serde_json::Value| Some(set.get("valueSetId")?.as_str()?.to_owned());
    let codes = |set: &serde_json::Value| Some(set.get("valueSetValues")?.as_object()?.keys().cloned().collect());
    all.iter().filter_map(|set| Some((id(set)?, codes(set)?))).collect()
}

#[test]
fn every_published_file_is_read() {
    let mut sets_read = 0;
    for folder in ["vectors/eu-valuesets", "vectors/eu-valuesets/dgcg-via-covpass", "vectors/rules/valuesets"] {
        let Some(folder) = vectors(folder) else { return };
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|end| end != "json") {
                continue;
            }
            let published = published(&path);
            if published.is_empty() {
                continue;
            }
            let sets = with(&path).unwrap_or_else(|error| panic!("{error}"));
            for (id, codes) in published {
                let readable = |code: &str| match EuSet::from_id(&id) {
                    Some(set) => sets.eu(set, code).is_some(),
                    None => sets.codes_by_id().any(|(found, mut all)| found == id && all.any(|found| found == code)),
                };
                assert!(codes.iter().all(|code| readable(code)), "{} {id}", path.display());
                sets_read += 1;
            }
        }
    }
    assert!(sets_read >= 24, "{sets_read}");
}

#[test]
fn the_german_app_s_file_holds_nine_sets() {
    let Some(path) = vectors("vectors/trust-lists/covpass-de/eu-value-sets.json") else { return };
    let published = published(&path);
    assert_eq!(published.len(), 9);
    let sets = with(&path).unwrap();
    for (id, mut codes) in published {
        let mut ours: Vec<String> = sets
            .codes_by_id()
            .find(|(found, _)| *found == id)
            .map(|(_, codes)| codes.map(str::to_owned).collect())
            .unwrap_or_else(|| panic!("{id}"));
        codes.sort();
        ours.sort();
        // A set older than the one built in adds nothing to it.
        if EuSet::from_id(&id).is_none_or(|set| sets.eu_set(set).source.contains("eu-value-sets.json")) {
            assert_eq!(ours, codes, "{id}");
        }
    }
    assert!(sets.codes_by_id().any(|(id, _)| id == "vaccines-covid-19-encoding-instructions"));
    assert_eq!(sets.eu(EuSet::VaccineProduct, "EU/1/20/1528").unwrap().display, "Comirnaty");
}

/// Lists of codes alone, as rule tests have them.
#[test]
fn plain_lists_of_codes_are_read() {
    let Some(path) = vectors("vectors/rules/valuesets/valueSets-compressed-analysis.json") else { return };
    let sets = with(&path).unwrap();
    assert!(sets.eu(EuSet::Country, "AD").is_some());
}

#[test]
fn files_that_hold_no_value_set_are_refused() {
    for name in ["vectors/eu-valuesets/package.json", "vectors/eu-valuesets/rat-devices.json"] {
        let Some(path) = vectors(name) else { return };
        assert!(with(&path).is_err(), "{name}");
    }
}
