//! Records of a real registry, exported in every dialect, to certificates.

use std::path::PathBuf;

use super::super::support::{
    program::{Out, Workplace},
    vectors::vectors,
};

const EXPORTS: [&str; 4] = [
    "legacy_trackedEntityInstances_fields_all.json",
    "tracker_2.36-2.40_instances.json",
    "tracker_2.41_trackedEntities.json",
    "tracker_2.42-2.43_trackedEntities.json",
];

/// The completed doses of the three people; their other events are deleted or empty.
const DOSES: [&str; 6] = ["PE57e3VRUk5", "QTjED4WeSWU", "XOLRyl0OdTD", "cqxweXKXhVw", "m7fcpaMb04B", "rKH8eLOeK8S"];

fn recorded() -> Option<PathBuf> {
    vectors("dhis2/recorded/hispvn")
}

/// Every event has the status, and a certificate whose folder holds every file.
fn check(out: &Out, status: &str) -> Vec<String> {
    let items = out.items();
    assert_eq!(items.keys().map(String::as_str).collect::<Vec<_>>(), DOSES);
    let ids: Vec<String> = items.into_values().map(|(found, id)| (assert_eq!(found, status), id.unwrap()).1).collect();
    let mut folders: Vec<PathBuf> = ids.iter().map(|id| out.folder(id)).collect();
    folders.sort();
    assert_eq!(out.folders(), folders, "a folder for each certificate and no other");
    for folder in folders {
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        for file in ["certificate.pdf", "eu-dcc.png", "eu-dcc.svg", "eu-dcc.txt"] {
            assert!(files.iter().any(|found| found == file), "{file}: {files:?}");
        }
        let text = std::fs::read_to_string(folder.join("eu-dcc.txt")).unwrap();
        assert!(text.starts_with("HC1:") && text.ends_with('\n') && text.lines().count() == 1);
        for (file, magic) in [("eu-dcc.png", &b"\x89PNG"[..]), ("eu-dcc.svg", b"<svg"), ("certificate.pdf", b"%PDF-")] {
            let bytes = std::fs::read(folder.join(file)).unwrap();
            let head = &bytes[..bytes.len().min(120)];
            assert!(head.windows(magic.len()).any(|window| window == magic), "{file}");
        }
    }
    ids
}

#[test]
fn exactly_the_completed_doses_are_issued_in_every_dialect_and_only_once() {
    let Some(folder) = recorded() else { return };
    for export in EXPORTS {
        let work = Workplace::new();
        let from = folder.join(export);
        let issue = || work.run(&["issue", "--from", from.to_str().unwrap(), "--out", "out"]);
        let out = work.out("out");

        let said = issue().good().out;
        assert!(said.contains("6 issued, 0 unchanged since an earlier run, 0 refused"), "{export}: {said}");
        assert_eq!(out.counts(), [6, 6, 0, 0]);
        let ids = check(&out, "issued");
        let verified = work.verify(&out.trust(), &out.codes(), &[]);
        verified.accepted(&["sandbox"]);
        let mut names: Vec<_> = verified.verdicts.iter().map(|v| v["holder"]["name"].as_str().unwrap()).collect();
        names.dedup();
        assert!(verified.verdicts.iter().all(|v| v["issuer"]["country"] == "XX" && v["kind"] == "vaccination"));
        assert!(verified.verdicts.iter().all(|v| ids.contains(&v["id"].as_str().unwrap().to_owned())));

        // Again: nothing is signed, nothing is written.
        let texts: Vec<_> = out.codes().iter().map(|path| std::fs::read(path).unwrap()).collect();
        issue().good();
        assert_eq!(out.counts(), [6, 0, 0, 6]);
        assert_eq!(check(&out, "unchanged"), ids);
        assert_eq!(out.codes().iter().map(|path| std::fs::read(path).unwrap()).collect::<Vec<_>>(), texts);

        // A folder, a file of another and the pictures of a third are lost: they come back as they were.
        std::fs::remove_dir_all(out.folder(&ids[0])).unwrap();
        std::fs::remove_file(out.code(&ids[1])).unwrap();
        std::fs::remove_file(out.folder(&ids[2]).join("eu-dcc.png")).unwrap();
        issue().good();
        assert_eq!(out.counts(), [6, 0, 0, 6]);
        assert_eq!(check(&out, "unchanged"), ids);
        assert_eq!(out.codes().iter().map(|path| std::fs::read(path).unwrap()).collect::<Vec<_>>(), texts);
        work.verify(&out.trust(), &out.codes(), &[]).accepted(&["sandbox"]);
    }
}

#[test]
fn the_report_has_the_form_of_the_interface() {
    let Some(folder) = recorded() else { return };
    let work = Workplace::new();
    work.run(&["issue", "--from", folder.join(EXPORTS[1]).to_str().unwrap(), "--out", "out", "--quiet"]).good();
    let out = work.out("out");
    let report = out.report();
    for item in report["items"].as_array().unwrap() {
        assert!(["record", "event", "status", "id", "uvci"].iter().all(|name| item[name].is_string()), "{item}");
        assert!(out.0.join(item["id"].as_str().unwrap()).join("eu-dcc.txt").is_file(), "{item}");
        for reason in item["reasons"].as_array().unwrap() {
            assert!(["code", "message", "remedy"].iter().all(|name| reason[name].is_string()), "{reason}");
        }
    }
    // A code of its own kind from standard input, and one of another issuer, undecided.
    let other = Workplace::new();
    other.run(&["issue", "--from", folder.join(EXPORTS[1]).to_str().unwrap(), "--out", "out"]).good();
    let verified = work.verify(&work.out("out").trust(), &other.out("out").codes(), &[]);
    assert_eq!(verified.words(), [("undecided", Some("issuer-unknown")); 6]);
    assert_eq!(verified.ran.code, Some(3));
}

#[test]
fn only_the_files_that_were_asked_for_are_written() {
    let Some(folder) = recorded() else { return };
    let work = Workplace::new();
    let from = folder.join(EXPORTS[0]);
    let issue = |files: &str| {
        let more = ["--formats", "eu-dcc", "--files", files, "-q"];
        work.run(&[&["issue", "--from", from.to_str().unwrap(), "--out", "out"][..], &more].concat()).good();
    };
    let files = || -> Vec<usize> {
        work.out("out").folders().iter().map(|folder| std::fs::read_dir(folder).unwrap().count()).collect()
    };
    issue("txt");
    assert_eq!(files(), [1; 6]);
    issue("txt,png");
    assert_eq!(files(), [2; 6], "what is asked for later is made of the certificates that stand");
    issue("svg,pdf");
    assert_eq!(files(), [4; 6]);
    assert_eq!(work.out("out").counts(), [6, 0, 0, 6]);
}
