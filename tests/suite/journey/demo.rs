//! `vaccert demo --once`: the first command that anybody runs.

use crate::support::program::Workplace;

#[test]
fn the_demo_issues_verifies_and_explains() {
    let work = Workplace::new();
    let said = work.run(&["demo", "--once", "--out", "out"]).good().out;
    let out = work.out("out");
    let [records, issued, refused, unchanged] = out.counts();
    assert!(issued >= 10 && refused >= 1 && unchanged == 0 && records == issued + refused, "{said}");
    assert_eq!(out.folders().len() as u64, issued);
    work.verify(&out.trust(), &out.codes(), &[]).accepted(&["sandbox"]);
    assert!(
        said.contains(&format!("{issued} issued")) && said.contains(&format!("all {issued} certificates")),
        "{said}"
    );
    // Every refusal says why and what to do.
    let report = out.report();
    let refused = report["items"].as_array().unwrap().iter().filter(|item| item["status"] == "refused");
    for item in refused {
        let reasons = item["reasons"].as_array().unwrap();
        assert!(!reasons.is_empty() && item.get("id").is_none(), "{item}");
        assert!(reasons.iter().all(|r| r["message"] != "" && r["remedy"] != ""), "{item}");
    }
    // The command that it tells to try works as it stands.
    let command = said.lines().find_map(|line| line.trim().strip_prefix("Try it: vaccert ")).unwrap();
    work.run(&command.split(' ').collect::<Vec<_>>()).good();

    work.run(&["demo", "--once", "--out", "out", "--quiet"]).good();
    assert_eq!(out.counts(), [records, 0, records - issued, issued], "nothing is issued twice");
}
