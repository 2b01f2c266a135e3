//! Whole pulls into a folder: what is kept, what is refused, what a replay and a broken gateway come to.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::world::{Served, World, answer, at, batch, client, id, now, report, rule};
use crate::{
    gateway::{Folder, Kind, Network, PullOptions, PullReport, Request, State, pull},
    revocation::{Builder, HashKind},
    rules::RuleSet,
    trust::cms::Carries,
};

/// What a gateway holds.
#[derive(Clone, Default)]
struct Holds {
    list: Json,
    countries: Vec<&'static str>,
    value_sets: Vec<(&'static str, String)>,
    rules: Json,
    batches: Vec<(usize, &'static str, bool, Option<String>)>,
    down: bool,
}

struct Site {
    world: World,
    holds: Arc<Mutex<Holds>>,
    folder: TempDir,
}

const FROM: &str = "2026-12-01T00:00:00Z";

impl Site {
    fn new() -> Self {
        let world = World::new();
        let set = r#"{"valueSetId":"vaccine-mah-manf","valueSetDate":"2021-04-27","valueSetValues":{}}"#;
        let holds = Holds {
            list: serde_json::to_value(world.list()).unwrap(),
            countries: vec!["XX", "YY"],
            value_sets: vec![("vaccine-mah-manf", set.to_owned())],
            rules: json!({}),
            batches: Vec::new(),
            down: false,
        };
        let site = Self { world, holds: Arc::new(Mutex::new(holds)), folder: tempfile::tempdir().unwrap() };
        site.publish_rules(&["1.0.0"]);
        site
    }

    fn change(&self, change: impl FnOnce(&mut Holds)) {
        change(&mut self.holds.lock().unwrap());
    }

    fn publish_rules(&self, versions: &[&str]) {
        let entries: Vec<Json> = versions
            .iter()
            .map(|version| {
                let rule = rule(version, FROM).to_string();
                let cms = self.world.upload.sign(rule.as_bytes(), Carries::Content, now());
                json!({"version": version, "validFrom": FROM, "validTo": "2030-06-01T00:00:00Z", "cms": cms})
            })
            .collect();
        self.change(|holds| holds.rules = json!({"VR-XX-0001": entries}));
    }

    fn signed_batch(&self, entries: usize) -> Option<String> {
        Some(self.world.upload.sign(batch(entries).to_string().as_bytes(), Carries::Content, now()))
    }

    async fn pull_at(&self, now: Timestamp, options: PullOptions) -> (PullReport, Vec<String>) {
        let holds = Arc::clone(&self.holds);
        let (client, asked) = client(Network::Eu, now, move |_, request| serve(&holds.lock().unwrap(), request));
        let folder = Folder::open(self.folder.path()).unwrap();
        let report = pull(&client, &self.world.anchor.certificate, &folder, &options).await.unwrap();
        let paths = asked.lock().unwrap().iter().map(|request| request.path.clone()).collect();
        (report, paths)
    }

    async fn pull(&self, options: PullOptions) -> PullReport {
        self.pull_at(now(), options).await.0
    }

    fn only(kind: Kind) -> PullOptions {
        PullOptions { kinds: vec![kind], ..PullOptions::default() }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

fn serve(holds: &Holds, request: &Request) -> Served {
    if holds.down {
        return Ok(report(500, "0x008", ""));
    }
    let path = request.path.as_str();
    let text = |json: Json| Ok(answer(200, json.to_string()));
    if path == "/trustList/UPLOAD" {
        return text(holds.list.clone());
    } else if path == "/countrylist" {
        return text(json!(holds.countries));
    } else if path == "/valuesets" {
        return text(json!(holds.value_sets.iter().map(|(name, _)| name).collect::<Vec<_>>()));
    } else if let Some(name) = path.strip_prefix("/valuesets/") {
        let set = holds.value_sets.iter().find(|(known, _)| *known == name);
        return Ok(set.map_or(report(404, "0x100", ""), |(_, content)| answer(200, content)));
    } else if let Some(country) = path.strip_prefix("/rules/") {
        return text(if country == "XX" { holds.rules.clone() } else { json!({}) });
    } else if let Some(batch) = path.strip_prefix("/revocation-list/") {
        let found = holds.batches.iter().find(|(number, ..)| id(*number) == batch);
        return Ok(match found {
            Some((_, _, true, _)) => answer(410, ""),
            Some((_, _, _, Some(message))) => answer(200, message),
            _ => answer(404, ""),
        });
    }
    let since: Timestamp = request.headers[0].1.parse().unwrap();
    let later: Vec<Json> = holds
        .batches
        .iter()
        .filter(|(_, date, ..)| at(date) > since)
        .map(|(number, date, deleted, _)| json!({"batchId": id(*number), "country": "XX", "date": date, "deleted": deleted}))
        .collect();
    if later.is_empty() { Ok(answer(204, "")) } else { text(json!({"more": false, "batches": later})) }
}

#[tokio::test]
async fn everything_is_kept_in_the_forms_that_the_verifier_takes() {
    let site = Site::new();
    let message = site.signed_batch(3);
    site.change(|holds| holds.batches.push((1, "2026-10-01T00:00:00.5Z", false, message)));
    let report = site.pull(PullOptions::default()).await;
    assert!(report.is_good(), "{report:?}");
    assert_eq!((report.uploaders, report.kinds.len()), (2, 4));
    assert_eq!(site.read("countries.json"), "[\"XX\",\"YY\"]\n");
    // Byte for byte as it was signed.
    let text = site.read("rules/XX/VR-XX-0001_1.0.0.json");
    assert_eq!(text, rule("1.0.0", FROM).to_string());
    assert!(RuleSet::parse(text.as_bytes()).unwrap().skipped().is_empty());
    assert!(site.read("value-sets/vaccine-mah-manf.json").starts_with("{\"valueSetId\""));
    let mut builder = Builder::new();
    builder.add_reader("XX.jsonl", site.read("revocations/XX.jsonl").as_bytes()).unwrap();
    let revocations = builder.finish().unwrap();
    assert_eq!(revocations.len(), 3);
    let kid = crate::keys::Kid::new([0x1c, 0x10, 0xeb, 0xbb, 0xc4, 0x9f, 0x78, 0x31]);
    assert!(revocations.names(&kid, HashKind::Uci, &[0; 16]).is_some());
    let written: PullReport = serde_json::from_str(&site.read("report.json")).unwrap();
    assert_eq!(written, report);
}

#[tokio::test]
async fn a_pull_goes_on_where_the_last_one_ended() {
    let site = Site::new();
    let (one, two) = (site.signed_batch(1), site.signed_batch(2));
    site.change(|holds| holds.batches.push((1, "2026-11-01T00:00:00Z", false, one.clone())));
    site.pull(Site::only(Kind::Revocations)).await;
    site.change(|holds| {
        holds.batches.push((2, "2026-11-20T00:00:00Z", false, two));
    });
    let (report, asked) = site.pull_at(now(), Site::only(Kind::Revocations)).await;
    assert_eq!((report.kinds[0].usable, report.kinds[0].before), (3, 1));
    assert!(asked.contains(&format!("/revocation-list/{}", id(2))));
    assert!(!asked.contains(&format!("/revocation-list/{}", id(1))), "what is known is not fetched again");
    // Removed by its country: it goes, alone.
    site.change(|holds| {
        holds.batches[0] = (1, "2026-11-21T00:00:00Z", true, None);
    });
    let report = site.pull(PullOptions { accept: true, ..Site::only(Kind::Revocations) }).await;
    assert_eq!(report.kinds[0].usable, 2);
    assert!(!site.read("revocations/XX.jsonl").contains(&id(1)));
    // Later than the gateway remembers what it removed: everything is listed, what vanished is gone.
    let three = site.signed_batch(3);
    site.change(|holds| {
        holds.batches = vec![(3, "2026-11-25T00:00:00Z", false, three)];
    });
    let (report, _) = site.pull_at(at("2026-11-28T00:00:00Z"), Site::only(Kind::Revocations)).await;
    assert_eq!(report.kinds[0].usable, 5, "within the window what is not named stays");
    let (report, _) = site.pull_at(at("2026-12-05T00:00:01Z"), Site::only(Kind::Revocations)).await;
    assert_eq!(report.kinds[0].status, State::Kept, "5 to 3 is more than a fifth");
    let accept = PullOptions { accept: true, ..Site::only(Kind::Revocations) };
    let (report, _) = site.pull_at(at("2026-12-05T00:00:01Z"), accept).await;
    assert_eq!((report.kinds[0].status, report.kinds[0].usable), (State::Taken, 3));
}

#[tokio::test]
async fn an_empty_or_much_smaller_download_waits_for_an_operator() {
    let site = Site::new();
    site.publish_rules(&["1.0.0", "1.0.1", "1.0.2", "1.0.3"]);
    site.pull(PullOptions::default()).await;
    site.publish_rules(&["1.0.3"]);
    let report = site.pull(Site::only(Kind::Rules)).await;
    assert_eq!(report.kinds[0].status, State::Kept);
    let reason = report.kinds[0].reason.clone().unwrap();
    assert!(reason.contains("1 entries where there were 4") && reason.contains("--accept"), "{reason}");
    assert!(site.folder.path().join("rules/XX/VR-XX-0001_1.0.0.json").exists());
    site.change(|holds| holds.rules = json!({}));
    assert!(site.pull(Site::only(Kind::Rules)).await.kinds[0].reason.clone().unwrap().contains("empty"));
    site.change(|holds| holds.countries.clear());
    assert_eq!(site.pull(Site::only(Kind::Countries)).await.kinds[0].status, State::Kept);
    let report = site.pull(PullOptions { accept: true, ..Site::only(Kind::Rules) }).await;
    assert_eq!((report.kinds[0].status, report.kinds[0].usable), (State::Taken, 0));
}

#[tokio::test]
async fn a_gateway_without_uploaders_takes_nothing_away() {
    let site = Site::new();
    let message = site.signed_batch(2);
    site.change(|holds| holds.batches.push((1, "2026-10-01T00:00:00Z", false, message)));
    site.pull(PullOptions::default()).await;
    site.change(|holds| holds.list = json!([]));
    let report = site.pull(PullOptions { resync: true, ..PullOptions::default() }).await;
    let states: Vec<_> = report.kinds.iter().map(|kind| kind.status).collect();
    assert_eq!(states, [State::Taken, State::Taken, State::Kept, State::Kept]);
    assert!(report.rejected.iter().all(|one| one.code == "uploader-missing") && report.rejected.len() == 2);
    assert!(site.read("revocations/XX.jsonl").contains(&id(1)));
}

#[tokio::test]
async fn a_batch_that_could_not_be_used_is_asked_for_again() {
    let site = Site::new();
    let message = site.signed_batch(2);
    let good = site.signed_batch(1);
    site.change(|holds| {
        holds.batches.push((1, "2026-10-01T00:00:00Z", false, Some("AAAA".to_owned())));
        holds.batches.push((2, "2026-11-01T00:00:00Z", false, good));
    });
    let report = site.pull(Site::only(Kind::Revocations)).await;
    assert_eq!((report.kinds[0].usable, report.kinds[0].rejected), (1, 1));
    assert_eq!(report.rejected[0].code, "signature-invalid");
    site.change(|holds| holds.batches[0].3 = message);
    assert_eq!(site.pull(Site::only(Kind::Revocations)).await.kinds[0].usable, 3);
}

#[tokio::test]
async fn older_lists_are_refused() {
    let site = Site::new();
    let message = site.signed_batch(2);
    site.change(|holds| holds.batches.push((1, "2026-11-01T00:00:00Z", false, message.clone())));
    site.publish_rules(&["1.0.9"]);
    site.pull(PullOptions::default()).await;
    site.publish_rules(&["1.0.8"]);
    let older = r#"{"valueSetId":"vaccine-mah-manf","valueSetDate":"2021-04-26","valueSetValues":{}}"#;
    site.change(|holds| {
        holds.value_sets[0].1 = older.to_owned();
        holds.batches[0].1 = "2026-10-31T00:00:00Z";
    });
    let report = site.pull(PullOptions { resync: true, ..PullOptions::default() }).await;
    let reason = |index: usize| report.kinds[index].reason.clone().unwrap_or_default();
    assert!(reason(1).contains("of 2021-04-26, and one of 2021-04-27"), "{}", reason(1));
    assert!(reason(2).contains("version 1.0.8, and version 1.0.9"), "{}", reason(2));
    assert!(reason(3).contains("newest change"), "{}", reason(3));
    assert!(site.read("value-sets/vaccine-mah-manf.json").contains("2021-04-27"));
}

#[tokio::test]
async fn a_gateway_that_fails_leaves_everything_as_it_was() {
    let site = Site::new();
    site.pull(PullOptions::default()).await;
    let before = site.read("rules/XX/VR-XX-0001_1.0.0.json");
    site.change(|holds| holds.down = true);
    let report = site.pull(PullOptions::default()).await;
    assert!(report.kinds.iter().all(|kind| kind.status == State::Failed) && !report.is_good());
    assert!(!report.unreachable);
    assert_eq!(site.read("rules/XX/VR-XX-0001_1.0.0.json"), before);
    assert!(site.read("report.json").contains("failed by itself"));
}

#[tokio::test]
async fn a_file_that_was_damaged_here_is_fetched_again() {
    let site = Site::new();
    let message = site.signed_batch(2);
    site.change(|holds| holds.batches.push((1, "2026-10-01T00:00:00Z", false, message)));
    site.pull(Site::only(Kind::Revocations)).await;
    fs::write(site.folder.path().join("revocations/XX.jsonl"), "{\"batchId\":1}\n").unwrap();
    let report = site.pull(Site::only(Kind::Revocations)).await;
    assert_eq!((report.kinds[0].status, report.kinds[0].usable), (State::Taken, 2));
}

#[tokio::test]
async fn a_value_set_that_cannot_be_read_is_left_out() {
    let site = Site::new();
    site.change(|holds| holds.value_sets.push(("broken", "{\"valueSetId\":1}".to_owned())));
    let report = site.pull(Site::only(Kind::ValueSets)).await;
    assert_eq!((report.kinds[0].usable, report.kinds[0].rejected), (1, 1));
    assert_eq!(report.rejected[0].item, "broken");
}
