//! Rules and batches up, everything down, in the forms that the verifier takes.

use std::fs;

use serde_json::Value;
use vaccert::{
    revocation::Builder,
    rules::RuleSet,
    sandbox::gateway::{Network, Trouble},
};

use super::{Site, text};

#[test]
fn a_rule_goes_up_comes_down_and_goes_away() {
    let site = Site::open(Network::Eu);
    let rule = site.rule("1.0.0", 49);
    let up = site.run(&["rules", "upload", text(&rule)]).good();
    assert!(up.out.contains("rule-1.0.0.json  uploaded"), "{up:?}");
    let listed = site.run(&["rules", "list"]).good();
    assert!(listed.out.starts_with("VR-XX-0001 1.0.0  "), "{listed:?}");
    assert_eq!(site.json(&["rules", "list", "XX"], 0)["rules"][0]["Version"], "1.0.0");

    // The same again, one that begins too soon, and the next version.
    let told = site.json(&["rules", "upload", text(&rule)], 1);
    assert_eq!(told["items"][0]["findings"][0]["code"], "rule-version");
    let soon = site.rule("1.0.1", 47);
    let told = site.json(&["rules", "upload", text(&soon)], 1);
    assert_eq!(told["items"][0]["findings"][0]["code"], "rule-too-soon");
    let forced = site.json(&["rules", "upload", text(&soon), "--force"], 1);
    let reason = forced["items"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("0x240") && reason.contains("48 hours to 2 weeks ahead"), "{reason}");
    let next = site.rule("1.0.2", 50);
    assert_eq!(site.statuses(&["rules", "upload", text(&next)], 0), ["uploaded"]);

    let pulled = site.run(&["pull", "--only", "countries,rules,value-sets"]).good();
    assert!(pulled.out.contains("rules        taken: 2 usable of 2 listed"), "{pulled:?}");
    let kept = fs::read(site.work.path("gateway/rules/XX/VR-XX-0001_1.0.0.json")).unwrap();
    assert_eq!(kept, fs::read(&rule).unwrap(), "byte for byte");
    assert!(RuleSet::parse(&kept).unwrap().skipped().is_empty());
    let countries: Vec<String> =
        serde_json::from_slice(&fs::read(site.work.path("gateway/countries.json")).unwrap()).unwrap();
    assert!(countries.contains(&"XX".to_owned()));
    let names = site.run(&["valuesets"]).good().out;
    for name in names.lines() {
        let kept = fs::read_to_string(site.work.path(&format!("gateway/value-sets/{name}.json"))).unwrap();
        assert_eq!(site.run(&["valuesets", name]).good().out.trim_end(), kept);
    }
    assert!(names.lines().count() >= 8);

    assert_eq!(site.statuses(&["rules", "delete", "VR-XX-0001"], 0), ["deleted"]);
    assert_eq!(site.statuses(&["rules", "delete", "VR-XX-0001"], 0), ["was not there"]);
    let refused = site.run(&["pull", "--only", "rules"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.out.contains("kept as it was: the download is empty where there were 2"), "{refused:?}");
    site.run(&["pull", "--only", "rules", "--accept"]).good();
    assert!(!site.work.path("gateway/rules/XX").exists());
}

#[test]
fn batches_go_up_come_down_and_are_taken_back() {
    let site = Site::open(Network::Eu);
    site.run(&["upload", "--signer"]).good();
    let (one, two) = (site.batch("one.json", 1_000), site.batch("two.json", 3));
    let told = site.json(&["revocations", "push", text(&one), text(&two)], 0);
    let ids: Vec<&str> = told["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    let large = site.batch("large.json", 1_001);
    let told_large = site.json(&["revocations", "push", text(&large)], 1);
    assert_eq!(told_large["items"][0]["findings"][0]["code"], "batch-schema");
    let forced = site.run(&["revocations", "push", text(&large), "--force"]);
    assert!(forced.out.contains("code 0x000") && !forced.said().contains("BwcHBw"), "{forced:?}");

    let pulled = site.run(&["revocations", "pull"]).good();
    assert!(pulled.out.contains("revocations  taken: 1003 usable of 2 listed"), "{pulled:?}");
    let file = site.work.path("gateway/revocations/XX.jsonl");
    let mut builder = Builder::new();
    builder.add_reader("XX.jsonl", fs::File::open(&file).unwrap()).unwrap();
    assert_eq!(builder.finish().unwrap().len(), 1_000, "three of them are repeated");

    // A pull that finds nothing new changes nothing, and fetches nothing again.
    let before = site.gateway().asked().len();
    site.run(&["revocations", "pull"]).good();
    let asked = site.gateway().asked().split_off(before);
    assert!(asked.iter().all(|asked| !asked.path.starts_with("/revocation-list/")), "{asked:?}");

    assert_eq!(site.statuses(&["revocations", "delete", ids[1]], 0), ["deleted"]);
    assert_eq!(site.statuses(&["revocations", "delete", ids[1]], 0), ["was not there"]);
    site.run(&["revocations", "pull"]).good();
    let kept = fs::read_to_string(&file).unwrap();
    assert!(kept.contains(ids[0]) && !kept.contains(ids[1]));
}

#[test]
fn a_forged_gateway_takes_nothing_away_and_every_refusal_is_in_the_report() {
    let site = Site::open(Network::Eu);
    site.run(&["rules", "upload", text(&site.rule("1.0.0", 49))]).good();
    site.run(&["pull"]).good();
    let anchor = super::country("XX", 0);
    site.work.write("keys/anchor.pem", anchor.upload.pem());
    let refused = site.run(&["pull", "--only", "rules"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.out.contains("none of the 1 that the gateway lists can be used"), "{refused:?}");
    assert!(site.work.path("gateway/rules/XX/VR-XX-0001_1.0.0.json").exists());
    let report: Value = serde_json::from_slice(&fs::read(site.work.path("gateway/report.json")).unwrap()).unwrap();
    let codes: Vec<&str> =
        report["rejected"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["uploader-missing", "anchor-signature-invalid"]);
    let status = site.run(&["status"]);
    assert!(status.out.contains("! trust anchor"), "{status:?}");

    site.work.write("keys/anchor.pem", site.gateway().anchor_pem());
    for trouble in [Trouble::EmptyList, Trouble::FlippedCertificate] {
        site.gateway().trouble(trouble, 9);
        assert_eq!(site.run(&["pull", "--only", "rules"]).code, Some(1));
        assert!(site.work.path("gateway/rules/XX/VR-XX-0001_1.0.0.json").exists());
        site.gateway().recover();
    }
    site.run(&["pull", "--only", "rules"]).good();
}
