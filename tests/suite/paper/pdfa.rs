//! Every kind of paper before veraPDF, a judge of PDF/A and PDF/UA that knows nothing of the library that writes.
//! `VACCERT_VERAPDF` is the class path on which it is (`tests/pdfa/prepare` prints it).

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Shop, prints};
use crate::support::program::Workplace;

/// What the judge says of one file as one profile.
#[derive(Debug, Default)]
struct Verdict {
    compliant: bool,
    checks: usize,
    faults: Vec<String>,
}

/// Verdicts by file and profile; `None` where no judge is here.
fn judged(files: &[PathBuf]) -> Option<BTreeMap<(PathBuf, String), Verdict>> {
    let Some(classes) = std::env::var_os("VACCERT_VERAPDF") else {
        println!("left out: VACCERT_VERAPDF does not say where veraPDF is; tests/pdfa/prepare installs it");
        return None;
    };
    let harness = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pdfa/Check.java");
    // It lives for seconds: the quick compiler is enough.
    let output = Command::new("java")
        .args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"])
        .arg(classes)
        .arg(harness)
        .args(files)
        .output()
        .expect("VACCERT_VERAPDF is set, so there must be a java");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "veraPDF: {}\n{said}", String::from_utf8_lossy(&output.stderr));
    let mut verdicts: BTreeMap<(PathBuf, String), Verdict> = BTreeMap::new();
    let mut last = None;
    for line in said.lines() {
        if let Some(fault) = line.strip_prefix('\t') {
            let verdict: &mut Verdict = last.as_ref().and_then(|last| verdicts.get_mut(last)).unwrap();
            verdict.faults.push(fault.to_owned());
            continue;
        }
        let [file, profile, verdict, checks] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let key = (PathBuf::from(file), profile.to_owned());
        let checks = checks.parse().unwrap();
        verdicts.insert(key.clone(), Verdict { compliant: verdict == "compliant", checks, faults: Vec::new() });
        last = Some(key);
    }
    assert_eq!(verdicts.len(), 2 * files.len(), "each file as PDF/A-2a and as PDF/UA-1");
    Some(verdicts)
}

/// What `vaccert demo` hands out: its papers, and the certificates of a few invented people.
fn of_the_demo(work: &Workplace) -> Vec<PathBuf> {
    work.run(&["demo", "--once", "--out", "out"]).good();
    let mut files: Vec<PathBuf> = ["plain", "fold", "card", "yellow"]
        .map(|layout| work.path("out/paper").join(format!("{layout}.pdf")))
        .into_iter()
        .filter(|file| file.is_file())
        .collect();
    assert!(files.len() >= 3, "{files:?}");
    let mut certificates: Vec<PathBuf> = work
        .out("out")
        .folders()
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|file| file.extension().is_some_and(|kind| kind == "pdf"))
        .collect();
    certificates.sort();
    assert!(certificates.len() >= 10);
    files.extend(certificates.into_iter().step_by(4));
    files
}

#[test]
fn verapdf_finds_every_paper_archivable_and_accessible() {
    if std::env::var_os("VACCERT_VERAPDF").is_none() {
        judged(&[]);
        return;
    }
    let (shop, work) = (Shop::open(), Workplace::new());
    let keep = |(name, pdf): (String, Vec<u8>)| PathBuf::from(shop.keep(&format!("judged-{name}.pdf"), &pdf));
    let (vector, forms): (Vec<_>, Vec<_>) = prints::forms().into_iter().partition(|(name, _)| name == "form-vector");
    let made = [prints::layouts(), prints::rarities(), forms, prints::sealed()].concat();
    assert!(made.len() > 80);
    let mut claimed: Vec<PathBuf> = made.into_iter().map(keep).collect();
    claimed.extend(of_the_demo(&work));
    let claims_nothing: Vec<PathBuf> = vector.into_iter().map(keep).collect();

    // The judge is awake: a figure that says nothing, and a font that is not in the file, are found.
    let good = super::press().print(&[super::sheet(super::Layout::Plain, 541)]).unwrap();
    let spoilt = [("Alt", "/Alt(", "/Alx("), ("Font", "/FontFile2", "/FontFilx2")].map(|(name, from, to)| {
        let at = good.windows(from.len()).position(|part| part == from.as_bytes()).expect(from);
        let mut pdf = good.clone();
        pdf[at..at + to.len()].copy_from_slice(to.as_bytes());
        keep((format!("spoilt-{name}"), pdf))
    });

    let all: Vec<PathBuf> = [&claimed[..], &claims_nothing, &spoilt].concat();
    let verdicts = judged(&all).unwrap();
    let of = |file: &Path, profile: &str| &verdicts[&(file.to_owned(), profile.to_owned())];
    let (mut wrong, mut checks) = (Vec::new(), 0);
    for file in &claimed {
        for (profile, least) in [("2a", 3_000), ("ua1", 1_000)] {
            let verdict = of(file, profile);
            checks += verdict.checks;
            if !verdict.compliant || !verdict.faults.is_empty() || verdict.checks < least {
                wrong.push(format!("{} as {profile}: {verdict:#?}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} verdicts:\n{}", wrong.len(), wrong.join("\n"));
    println!("veraPDF: {} files, {checks} checks, no fault", claimed.len());

    let has = |file: &Path, profile: &str, rule: &str| of(file, profile).faults.iter().any(|it| it.starts_with(rule));
    assert!(has(&spoilt[0], "ua1", "7.3-1"), "{:#?}", of(&spoilt[0], "ua1"));
    assert!(has(&spoilt[1], "2a", "6.2.11.4.1-1"), "{:#?}", of(&spoilt[1], "2a"));
    // Where a ministry's form stays as it is, with whatever is in it, no claim is made.
    for file in &claims_nothing {
        assert!(has(file, "2a", "6.6.4-1") && has(file, "ua1", "5-1"), "{:#?}", of(file, "2a"));
        let bytes = std::fs::read(file).unwrap();
        for claim in ["pdfaid", "pdfuaid"] {
            assert!(!bytes.windows(claim.len()).any(|part| part == claim.as_bytes()), "{claim}");
        }
    }
}
