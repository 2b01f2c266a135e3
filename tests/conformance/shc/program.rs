//! Cards through the program: files, lines, several inputs, pictures.

use std::{
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use super::*;

fn program(arguments: &[&str]) -> Output {
    let program = std::env::var_os("VACCERT_VERIFY");
    let program = program.map_or_else(|| env!("CARGO_BIN_EXE_vaccert-verify").into(), PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder.path()).env_clear().stdin(Stdio::null());
    command.output().unwrap()
}

fn run(arguments: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = program(&[&["--format", "json", "--at", AT], arguments].concat());
    let lines = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn answers(verdicts: &[Value]) -> Vec<String> {
    verdicts
        .iter()
        .map(|verdict| format!("{} {}", verdict["verdict"].as_str().unwrap(), verdict["reason"].as_str().unwrap_or("")))
        .map(|text| text.trim().to_owned())
        .collect()
}

/// `--trust` for the specification's keys, bound to its address.
fn trust() -> Option<String> {
    let path = vectors("vectors/who/shc/shc-spec-jwks.json")?;
    Some(format!("{SPEC}={}", std::fs::canonicalize(path).unwrap().display()))
}

fn at(folder: &Path, name: &str) -> String {
    std::fs::canonicalize(folder.join(name)).unwrap().display().to_string()
}

#[test]
fn the_parts_of_a_card_may_come_as_several_inputs_or_lines() {
    let (Some(trust), Some(folder)) = (trust(), vectors("vectors/who/shc/spec-examples")) else { return };
    let part = |n: usize| at(&folder, &format!("example-02-f-qr-code-numeric-value-{n}.txt"));
    let single = at(&folder, "example-00-f-qr-code-numeric-value-0.txt");
    let (status, verdicts) = run(&["--trust", &trust, &part(2), &single, &part(0), &part(1)]);
    assert_eq!(answers(&verdicts), ["undecided holder-missing", "accepted"]);
    assert_eq!(status, Some(3));
    assert_eq!(verdicts[0]["checks"]["signature"], "passed");
    let (_, verdicts) = run(&["--trust", &trust, &part(0), &part(1)]);
    assert_eq!(answers(&verdicts), ["undecided code-incomplete"]);
    let lines: Vec<String> = (0..3).map(|n| text(Path::new(&part(n))).trim().to_owned()).collect();
    let own = tempfile::tempdir().unwrap();
    let file = own.path().join("parts.txt");
    std::fs::write(&file, lines.join("\r\n")).unwrap();
    let (_, verdicts) = run(&["--trust", &trust, file.to_str().unwrap()]);
    assert_eq!(answers(&verdicts), ["undecided holder-missing"]);
    // One code a line, one answer a line: a part alone is a part alone.
    let (_, verdicts) = run(&["--lines", "--trust", &trust, file.to_str().unwrap()]);
    assert_eq!(answers(&verdicts), ["undecided code-incomplete"; 3]);
}

#[test]
fn files_of_cards_give_every_card() {
    let (Some(trust), Some(folder)) = (trust(), vectors("vectors/who/shc/dev-tools")) else { return };
    let file = at(&folder, "test-example-00-e-file-multi-jws-issues.smart-health-card");
    let (status, verdicts) = run(&["--trust", &trust, &file]);
    assert_eq!((status, answers(&verdicts)), (Some(1), vec!["rejected algorithm-missing".into(), "accepted".into()]));
    let (_, verdicts) = run(&["--trust", &trust, &at(&folder, "test-example-00-fhirhealthcard-multi-jws.json")]);
    assert_eq!(answers(&verdicts), ["accepted", "accepted"]);
}

#[test]
fn an_officer_sees_every_dose_and_who_vouches() {
    let (Some(trust), Some(folder)) = (trust(), vectors("vectors/who/shc/spec-examples")) else { return };
    let card = at(&folder, "example-00-f-qr-code-numeric-value-0.txt");
    let output = program(&["--format", "human", "--at", AT, "--trust", &trust, &card]);
    let shown = String::from_utf8(output.stdout).unwrap();
    let mut rest = shown.as_str();
    for part in ["ACCEPTED", "John B. Anyperson", "1951-01-20", SPEC, "2021-01-01", "2021-01-29", "2022-09-05"] {
        let (_, after) = rest.split_once(part).unwrap_or_else(|| panic!("{part} is not in its place:\n{shown}"));
        rest = after;
    }
}

#[test]
fn revocations_come_from_the_issuers_file() {
    let (Some(trust), Some(folder)) = (trust(), vectors("vectors/who/shc/spec-examples")) else { return };
    let list = at(&folder, "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s.json");
    let card = at(&folder, "example-03-e-file.smart-health-card");
    let (status, verdicts) = run(&["--trust", &trust, "--revocations", &list, &card]);
    assert_eq!((status, answers(&verdicts)), (Some(1), vec!["rejected revoked".into()]));
}

/// Pictures of the developer tools. Faults of the symbol alone (its version, its segments) do not reach the text:
/// what a scanner reads is what counts.
const PICTURES: &[(&[&str], Option<&str>)] = &[
    (&["test-example-00-g-qr-code-0-bad_qr_version.png"], Some("accepted")),
    (&["test-example-00-g-qr-code-0-single_qr_segment.png"], Some("accepted")),
    // One of its segments is no digits.
    (&["test-example-00-g-qr-code-0-too_many_qr_segment.png"], Some("rejected jws-invalid")),
    (&["test-example-00-g-qr-code-inflated-to-v22.png"], Some("accepted")),
    (&["test-invalid-jws-payload.png"], Some("rejected content-invalid")),
    (&["test-example-00-g-qr-code-0-qr_chunk_too_small.png"], Some("undecided code-incomplete")),
    (
        &["test-example-00-g-qr-code-1-qr_chunk_too_small.png", "test-example-00-g-qr-code-0-qr_chunk_too_small.png"],
        Some("accepted"),
    ),
    (&["test-example-00-g-qr-code-0-corrupted.png"], None),
];

#[test]
fn pictures_are_judged_as_their_names_say() {
    let (Some(trust), Some(folder)) = (trust(), vectors("vectors/who/shc/dev-tools")) else { return };
    for (names, expected) in PICTURES {
        let mut arguments = vec!["--trust".to_owned(), trust.clone()];
        arguments.extend(names.iter().map(|name| at(&folder, name)));
        let (status, verdicts) = run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        println!("{names:?} {status:?} {:?}", answers(&verdicts));
        match expected {
            Some(expected) => assert_eq!(answers(&verdicts), [*expected], "{names:?}"),
            // Nothing that a scanner could read.
            None => assert_eq!((status, verdicts.len()), (Some(4), 0), "{names:?}"),
        }
    }
}
