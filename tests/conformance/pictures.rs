//! Every published picture of a certificate reads to its text, and so do pictures of the same codes after what
//! cameras do to them, at pinned rates.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use rayon::prelude::*;
use vaccert::barcode::read::{PictureError, Symbology, codes_in_picture};

use crate::{
    distort::{self, CLASSES, Code, Dice},
    vectors::vectors,
};

/// The JSON cases under `dir`, sorted by path.
fn cases(dir: &Path) -> Vec<(String, serde_json::Value)> {
    fn walk(dir: &Path, files: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|e| e == "json") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(dir, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(dir).unwrap().display().to_string();
            (name, serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
        })
        .collect()
}

/// The picture of a case; three files call it `_2DCODE`.
fn picture(case: &serde_json::Value) -> Option<Vec<u8>> {
    let text = case.get("2DCODE").or_else(|| case.get("_2DCODE"))?.as_str()?;
    Some(STANDARD.decode(text).unwrap())
}

/// Cases whose picture is of another certificate than their `PREFIX`; they do not state `EXPECTEDPICTUREDECODE`.
const OTHER_CERTIFICATE: [&str; 3] = ["ES/2DCode/raw/501.json", "ES/2DCode/raw/502.json", "ES/2DCode/raw/503.json"];

#[test]
fn every_picture_of_the_eu_test_data_reads_to_its_text() {
    let Some(dir) = vectors("vectors/eu-testdata") else { return };
    let pictures: Vec<_> =
        cases(&dir).into_iter().filter_map(|(name, case)| Some((name, picture(&case)?, case))).collect();
    let read = pictures.par_iter().filter(|(name, file, case)| reads(name, file, case)).count();
    assert_eq!((read, pictures.len()), (519, 520));
}

/// Whether the picture reads, after a check that it reads to what the case says.
fn reads(name: &str, file: &[u8], case: &serde_json::Value) -> bool {
    let expected = case["EXPECTEDRESULTS"]["EXPECTEDPICTUREDECODE"].as_bool();
    match codes_in_picture(file) {
        Ok(found) => {
            assert_ne!(expected, Some(false), "{name} should not read");
            assert_eq!(found.len(), 1, "{name}");
            let same = found[0].text() == case["PREFIX"].as_str();
            assert_eq!(same, !OTHER_CERTIFICATE.contains(&name), "{name}");
            assert!(same || expected.is_none(), "{name}");
            assert_eq!(found[0].symbology, Symbology::Qr, "{name}");
            true
        }
        // Q1: the picture is random bytes.
        Err(error) => {
            assert_eq!((expected, error), (Some(false), PictureError::NotAPicture), "{name}");
            false
        }
    }
}

/// Codes of different countries.
fn codes(dir: &Path, most: usize) -> Vec<Code> {
    let mut countries = Vec::new();
    cases(dir)
        .iter()
        .filter_map(|(name, case)| {
            let country = name.split('/').next()?.to_owned();
            let new = !countries.contains(&country);
            let code = Code::new(case["PREFIX"].as_str()?, &picture(case).filter(|p| p.starts_with(b"\x89PNG"))?)?;
            countries.push(country);
            new.then_some(code)
        })
        .step_by(5)
        .take(most)
        .collect()
}

#[test]
fn distorted_pictures_read_at_the_pinned_rates() {
    let Some(dir) = vectors("vectors/eu-testdata") else { return };
    let codes = codes(&dir, 2);
    let wrong: Vec<String> = CLASSES
        .par_iter()
        .enumerate()
        .filter_map(|(number, (class, distort))| {
            let read = codes.iter().enumerate().filter(|(i, code)| {
                let mut dice = Dice::new((number * 100 + i) as u64);
                let found = codes_in_picture(&distort(code, &mut dice)).unwrap_or_default();
                // Whatever is read at all is right: error correction sees to that.
                assert!(found.iter().all(|found| found.text() == Some(&code.text)), "{class}: something else was read");
                !found.is_empty()
            });
            // The bench measures these with more codes; two say nothing about a class that reads only in part.
            let least = match *class {
                "slanted 45 %" | "bent 5 %" => 1,
                "all together, worse" => 0,
                _ => 2,
            };
            let read = read.count();
            (read < least).then(|| format!("{class}: {read} of 2, at least {least} expected"))
        })
        .collect();
    assert_eq!(codes.len(), 2);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn four_codes_in_one_photograph_come_in_reading_order() {
    let Some(dir) = vectors("vectors/eu-testdata") else { return };
    let codes = codes(&dir, 4);
    let [a, b, c, d] = codes.as_slice() else { panic!("four codes") };
    let found = codes_in_picture(&distort::four([a, b, c, d], &mut Dice::new(4))).unwrap();
    let texts: Vec<&str> = found.iter().map(|code| code.text().unwrap()).collect();
    assert_eq!(texts, [&a.text, &b.text, &c.text, &d.text]);
}

#[test]
fn smart_health_card_pictures_read_or_are_refused_by_name() {
    let Some(dir) = vectors("vectors/who/shc/dev-tools") else { return };
    let mut read = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "png") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match codes_in_picture(&fs::read(&path).unwrap()) {
                Ok(found) => {
                    assert!(found.iter().all(|code| code.text().is_some()), "{name}");
                    read += 1;
                }
                Err(error) => {
                    assert!(name.contains("corrupted"), "{name}: {error}");
                }
            }
        }
    }
    assert!(read > 0);
}
