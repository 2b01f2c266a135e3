//! `vaccert doctor`, run as a ministry runs it: a healthy installation needs nothing, and every fault that is provoked
//! is found by its code, with a remedy.

mod gateway;
mod production;

use std::{fs, os::unix::fs::PermissionsExt as _, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use vaccert::{
    batch::system_random,
    clock::{Clock, Fixed},
    doctor::{Area, Finding, Installation, Options as DoctorOptions, Outcome, examine},
};

use crate::support::{
    dhis2::{Fault, PASSWORD, TOKEN, USER, people::covac, population::crowd},
    program::{Ran, Workplace},
};

use super::journey::Site;

/// What an examination left behind.
pub struct Examined {
    pub ran: Ran,
    pub findings: Vec<Value>,
}

impl Examined {
    pub fn of(work: &Workplace, more: &[&str]) -> Self {
        let ran = work.run(&[&["doctor", "--json", "doctor.json", "--report", "doctor.md"], more].concat());
        let json = fs::read(work.path("doctor.json")).unwrap_or_else(|_| panic!("{ran:?}"));
        let json: Value = serde_json::from_slice(&json).unwrap();
        let findings = json["findings"].as_array().unwrap().clone();
        let paper = fs::read_to_string(work.path("doctor.md")).unwrap();
        for finding in &findings {
            let (outcome, found) = (finding["outcome"].as_str().unwrap(), finding["found"].as_str().unwrap());
            let remedy = finding["remedy"].as_str().unwrap_or("");
            assert!(!found.is_empty() && !found.ends_with('.') && !remedy.ends_with('.'), "{finding}");
            if matches!(outcome, "fault" | "warning") {
                assert!(remedy.len() > 10, "a fault without a remedy: {finding}");
                assert!(ran.out.contains(remedy), "{finding}: {}", ran.out);
            }
        }
        for secret in [PASSWORD, TOKEN, "PRIVATE KEY", production::PASSPHRASE] {
            assert!(!ran.said().contains(secret) && !paper.contains(secret), "{secret}: {}", ran.said());
        }
        assert!(!ran.said().contains("panicked") && ran.err.is_empty(), "{ran:?}");
        fs::remove_file(work.path("doctor.json")).unwrap();
        fs::remove_file(work.path("doctor.md")).unwrap();
        Self { ran, findings }
    }

    #[track_caller]
    pub fn has(&self, name: &str, outcome: &str, words: &str) -> &Self {
        let all: Vec<&Value> = self.findings.iter().filter(|finding| finding["name"] == name).collect();
        let hit = |f: &&&Value| {
            let said = format!("{} -> {}", f["found"].as_str().unwrap(), f["remedy"].as_str().unwrap_or(""));
            f["outcome"] == outcome && said.contains(words)
        };
        assert!(all.iter().any(|f| hit(&f)), "{name} {outcome} {words}: {all:#?}\n{}", self.ran.out);
        self
    }

    /// Codes of what is worse than a note.
    pub fn bad(&self) -> Vec<&str> {
        let bad = self.findings.iter().filter(|f| ["fault", "warning"].contains(&f["outcome"].as_str().unwrap()));
        bad.map(|f| f["name"].as_str().unwrap()).collect()
    }

    #[track_caller]
    pub fn ends(&self, code: i32, bad: &[&str]) -> &Self {
        assert_eq!((self.ran.code, self.bad().as_slice()), (Some(code), bad), "{}", self.ran.out);
        self
    }
}

fn sandbox(site: &Site) -> Workplace {
    let work = site.workplace();
    work.run(&["init"]).good();
    work
}

/// Puts lines behind a section of vaccert.toml, or at its end.
fn configure(work: &Workplace, section: &str, lines: &str) {
    let text = fs::read_to_string(work.path("vaccert.toml")).unwrap();
    // Not the heading of a section that is commented out.
    let heading = format!("\n[{section}]\n");
    let changed = if text.contains(&heading) {
        text.replace(&heading, &format!("{heading}{lines}\n"))
    } else {
        format!("{text}{heading}{lines}\n")
    };
    fs::write(work.path("vaccert.toml"), changed).unwrap();
}

#[test]
fn a_healthy_sandbox_needs_nothing() {
    let people = crowd(20, 5);
    let site = Site::open("2.42.0", people.clone());
    let work = sandbox(&site);
    let first = Examined::of(&work, &[]);
    first.ends(0, &[]).has("registry", "note", "first run").has("own-bundle", "ok", "divoc");
    first.has("sample", "ok", "18 people").has("least-privilege", "ok", "").has("clock-dhis2", "ok", "");
    assert!(first.ran.out.contains("Nothing needs to be done.") && !work.path("registry.sqlite").exists());
    for (_, name) in people.iter().flat_map(|person| &person.attributes).filter(|(_, value)| value.len() > 5) {
        assert!(!first.ran.out.contains(name.as_str()), "{name}");
    }

    work.run(&["sync", "--out", "out", "--files", "txt"]).good();
    let second = Examined::of(&work, &["--sample", "1000"]);
    second.ends(0, &[]).has("issued", "ok", "keep all").has("unreleased", "ok", "").has("newest", "ok", "");
    second.has("bundle", "ok", "7 days");
    // Asked to be brief, it has nothing to say; offline it says what it did not ask.
    assert_eq!(work.run(&["doctor", "--quiet"]).good().out, "");
    Examined::of(&work, &["--offline"]).ends(0, &[]).has("reachable", "not-checked", "--offline");
}

#[test]
fn without_a_usable_configuration_what_can_be_checked_is_checked() {
    let site = Site::open("2.40.4", crowd(5, 1));
    let work = site.workplace();
    let none = Examined::of(&work, &[]);
    none.ends(2, &["file"]).has("file", "fault", "vaccert init").has("login", "ok", "").has(
        "signer",
        "not-checked",
        "",
    );

    let work = sandbox(&site);
    fs::set_permissions(work.path("keys/dsc-key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let open = Examined::of(&work, &[]);
    open.has("secret-file", "fault", "chmod 600").has("usable", "fault", "dsc-key.pem").has("sample", "ok", "");
    assert_eq!(open.ran.code, Some(2));
    fs::remove_file(work.path("keys/dsc-key.pem")).unwrap();
    Examined::of(&work, &["--offline"]).has("named-file", "fault", "keys.signer_key").has("usable", "fault", "");

    let work = sandbox(&site);
    configure(&work, "issuer", "contry = \"LK\"");
    let unknown = Examined::of(&work, &["--offline"]);
    unknown.ends(2, &["file"]).has("file", "fault", "contry").has("keys-load", "not-checked", "");
    let refused = work.run(&["doctor", "--sample", "1000000"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
}

#[test]
fn mistakes_of_the_environment_are_told() {
    let site = Site::open("2.42.0", crowd(3, 1));
    let mut work = sandbox(&site);
    work.set("VACCERT_DHIS2_PASWORD", "typo");
    let typo = Examined::of(&work, &[]);
    typo.ends(3, &["environment"]).has("environment", "warning", "VACCERT_DHIS2_PASWORD");
    assert!(!typo.ran.out.contains("typo\n"));
    work.unset("VACCERT_DHIS2_PASWORD");
    configure(&work, "registry", "url_env = \"VACCERT_MY_REGISTRY\"");
    let text = fs::read_to_string(work.path("vaccert.toml")).unwrap().replace("\nurl = \"registry.sqlite\"", "");
    fs::write(work.path("vaccert.toml"), text).unwrap();
    let unset = Examined::of(&work, &[]);
    unset.has("registry", "fault", "VACCERT_MY_REGISTRY").has("login", "ok", "");
}

#[test]
fn a_server_that_fails_is_named_and_the_rest_goes_on() {
    let site = Site::open("2.42.0", crowd(5, 2));
    let mut work = sandbox(&site);
    work.set("VACCERT_DHIS2_PASSWORD", "Distrikt-8-falsch");
    let login = Examined::of(&work, &[]);
    login.ends(1, &["login"]).has("login", "fault", "password").has("sample", "not-checked", "");
    // A server that refuses the login still tells its time.
    login.has("clock-dhis2", "ok", "").has("own-bundle", "ok", "").has("specimens", "ok", "");
    work.set("VACCERT_DHIS2_PASSWORD", PASSWORD);

    work.set("VACCERT_DHIS2_URL", "http://127.0.0.1:1/hmis");
    let gone = Examined::of(&work, &[]);
    gone.ends(1, &["reachable"]).has("reachable", "fault", "connection refused").has("clock-dhis2", "not-checked", "");
    work.set("VACCERT_DHIS2_URL", "http://dhis2.example.org");
    Examined::of(&work, &[]).has("reachable", "fault", "in clear");
    work.set("VACCERT_DHIS2_URL", &site.server.url);

    site.server.always(Fault::HiddenInfo(404));
    Examined::of(&work, &[]).ends(1, &["reachable"]).has("reachable", "fault", "set the dialect");
    site.server.recover();
    site.server.always(Fault::Ownership);
    Examined::of(&work, &[]).ends(1, &["sample"]).has("sample", "fault", "root org unit");
    site.server.recover();
    site.server.always(Fault::Html(200));
    Examined::of(&work, &[]).ends(1, &["sample"]).has("sample", "fault", "web page");
    work.unset("VACCERT_DHIS2_USER");
    Examined::of(&work, &[]).has("reachable", "fault", "VACCERT_DHIS2_TOKEN");
}

#[test]
fn what_the_user_may_not_see_and_the_profile_does_not_know_is_told() {
    let site = Site::open("2.42.0", crowd(30, 3));
    let work = sandbox(&site);
    configure(&work, "dhis2", "url = \"\"\norg_units = [\"NorthDist01\", \"Elsewhere01\"]");
    Examined::of(&work, &[]).ends(1, &["org-units"]).has("org-units", "fault", "Elsewhere01");

    let work = sandbox(&site);
    configure(&work, "profile", "program = \"NoSuchProg1\"");
    Examined::of(&work, &[]).ends(1, &["program"]).has("program", "fault", covac::PROGRAM);

    let work = sandbox(&site);
    configure(&work, "profile", "stage = \"NoSuchStage\"");
    Examined::of(&work, &[]).has("stage", "fault", covac::STAGE).has("sample", "warning", "stage under [profile]");

    let work = sandbox(&site);
    configure(&work, "profile.data_elements", "vaccine = \"NoSuchElem1\"");
    let lost = Examined::of(&work, &[]);
    lost.has("mapped-fields", "fault", "data_elements.vaccine (NoSuchElem1)").has("sample", "fault", "0 records");
    lost.has("sample-refused", "note", "vaccine-missing");

    let work = sandbox(&site);
    configure(&work, "profile.data_elements", "batch = \"NoSuchElem1\"");
    let batch = Examined::of(&work, &[]);
    batch.has("mapped-fields", "note", "batch").has("batch-numbers", "note", "DDCC");
    batch.has("formats", "warning", "ddcc: 0 of").ends(3, &["formats"]);

    let work = sandbox(&site);
    configure(&work, "profile", "base = \"covac-0.0.0\"");
    Examined::of(&work, &[]).ends(1, &["profile"]).has("profile", "fault", "covac-0.0.0");
}

#[test]
fn a_user_without_org_units_sees_nobody() {
    use crate::support::dhis2::{ContractServer, Options};
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut options = Options::new("2.42.0", crowd(5, 2));
    options.user_org_units.clear();
    let server = runtime.block_on(ContractServer::start(options)).unwrap();
    let mut work = Workplace::new();
    work.set("VACCERT_DHIS2_URL", &server.url);
    work.set("VACCERT_DHIS2_TOKEN", TOKEN);
    work.run(&["init"]).good();
    Examined::of(&work, &[]).ends(1, &["org-units"]).has("sample", "not-checked", "org unit");
    let _inside = runtime.enter();
    drop(server);
}

/// Examines in this process, at another time.
fn at(work: &Workplace, now: Timestamp) -> Vec<Finding> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let installation = Installation::open(Some(&work.path("vaccert.toml")));
    let clock: Arc<dyn Clock> = Arc::new(Fixed(now));
    let options = DoctorOptions { sample: 20, ..DoctorOptions::default() };
    runtime.block_on(examine(&installation, &options, &clock, &system_random())).findings
}

#[track_caller]
fn finding<'f>(findings: &'f [Finding], area: Area, name: &str) -> &'f Finding {
    findings.iter().find(|f| f.area == area && f.name == name).unwrap_or_else(|| panic!("{name}: {findings:#?}"))
}

#[test]
fn a_clock_that_is_wrong_and_certificates_that_end_are_told_in_time() {
    let site = Site::open("2.42.0", crowd(5, 2));
    let work = sandbox(&site);
    work.write("password", PASSWORD);
    fs::set_permissions(work.path("password"), fs::Permissions::from_mode(0o600)).unwrap();
    let lines = format!("url = \"{}\"\nuser = \"{USER}\"\npassword_file = \"password\"", site.server.url);
    configure(&work, "dhis2", &lines);
    // From this moment on each time: the server's clock does not wait for slow examinations.
    let outcome = |seconds: i64, area: Area, name: &str| {
        let findings = at(&work, Timestamp::now() + SignedDuration::from_secs(seconds));
        finding(&findings, area, name).outcome
    };
    assert_eq!(outcome(5, Area::Clock, "clock-dhis2"), Outcome::Ok);
    assert_eq!(outcome(120, Area::Clock, "clock-dhis2"), Outcome::Warning);
    assert_eq!(outcome(-3_600, Area::Clock, "clock-dhis2"), Outcome::Fault);
    let day = 86_400;
    // The key of a fresh sandbox signs for 183 days.
    assert_eq!(outcome(60 * day, Area::Keys, "signer-key-use"), Outcome::Ok);
    assert_eq!(outcome(100 * day, Area::Keys, "signer-key-use"), Outcome::Warning);
    assert_eq!(outcome(178 * day, Area::Keys, "signer-key-use"), Outcome::Fault);
    // Then nobody signs, and no specimen is made.
    assert_eq!(outcome(200 * day, Area::Keys, "signer-state"), Outcome::Fault);
    assert_eq!(outcome(200 * day, Area::Canary, "specimen"), Outcome::NotChecked);
    assert_eq!(outcome(800 * day, Area::Keys, "signer-state"), Outcome::Fault);
    assert_eq!(outcome(-10 * day, Area::Keys, "signer-lifetime"), Outcome::Fault);
    // What was issued "in the future" shows that the clock was set back.
    work.run(&["sync", "--quiet", "--out", "out", "--files", "txt"]).good();
    assert_eq!(outcome(-30 * 60, Area::Registry, "newest"), Outcome::Fault);
    assert_eq!(outcome(30, Area::Registry, "newest"), Outcome::Ok);
}

#[test]
fn what_is_published_and_what_waits_is_told() {
    let site = Site::open("2.42.0", crowd(8, 4));
    let work = sandbox(&site);
    work.run(&["sync", "--quiet", "--out", "out", "--files", "txt"]).good();
    Examined::of(&work, &["--offline"]).ends(0, &[]).has("published", "note", "nothing yet");
    work.run(&["publish", "--quiet"]).good();
    Examined::of(&work, &["--offline"]).has("published", "ok", "good until").has("revocations", "ok", "every");

    let items = work.out("out").items();
    let id = items.values().find_map(|(_, id)| id.clone()).unwrap();
    work.run(&["revoke", &id, "--reason", "error", "--quiet"]).good();
    Examined::of(&work, &["--offline"]).has("revocations", "ok", "next publication");
    let now = Timestamp::now();
    let findings = at(&work, now + SignedDuration::from_mins(7));
    let waits = finding(&findings, Area::Registry, "revocations");
    assert!(waits.outcome == Outcome::Fault && waits.found.contains("7 min"), "{waits:?}");
    assert!(waits.remedy.as_ref().unwrap().contains("vaccert publish"));
    // The bundle of a sandbox's template is good for a week.
    let later = |days: i64| at(&work, now + SignedDuration::from_hours(24 * days));
    assert_eq!(finding(&later(5), Area::Registry, "published").outcome, Outcome::Warning);
    assert_eq!(finding(&later(8), Area::Registry, "published").outcome, Outcome::Fault);
    work.run(&["publish", "--quiet"]).good();
    Examined::of(&work, &["--offline"]).ends(0, &[]).has("revocations", "ok", "every");
}
