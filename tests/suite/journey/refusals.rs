//! Bad input of every kind: one clear sentence, the right exit status, no secret and no person in it, and
//! nothing lost: a later good run completes.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::support::{
    dhis2::{Fault, PASSWORD, TOKEN, USER, people::Person, population::crowd},
    program::{Ran, Workplace},
};

use super::{Site, doses, export};

const WRONG_PASSWORD: &str = "Distrikt-8-falsch";

/// Nothing that a run said names a person, a login or the inside of the program.
fn discreet(ran: &Ran, people: &[Person]) {
    let said = ran.said();
    let login = STANDARD.encode(format!("{USER}:{PASSWORD}"));
    for secret in [PASSWORD, WRONG_PASSWORD, &login] {
        assert!(!said.contains(secret), "{said}");
    }
    for (_, value) in people.iter().flat_map(|person| &person.attributes).filter(|(_, value)| value.len() > 6) {
        assert!(!said.contains(value.as_str()), "{value}: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn a_server_that_fails_is_named_and_a_later_pass_completes() {
    let people = crowd(12, 11);
    let site = Site::open("2.42.0", people.clone());
    let mut work = site.workplace();
    let mut refused = |set: &[(&str, &str)], fault: Option<Fault>, words: &[&str]| {
        set.iter().for_each(|(name, value)| work.set(name, value));
        if let Some(fault) = fault.clone() {
            site.server.always(fault);
        }
        let ran = work.run(&["sync", "--out", "out", "--files", "txt"]);
        discreet(&ran, &people);
        let sentence = ran.refused(4);
        assert!(words.iter().any(|word| sentence.contains(word)), "{fault:?}: {sentence}");
        assert!(!work.path("out/trust.json").exists() && work.out("out").folders().is_empty());
        site.server.recover();
        work.set("VACCERT_DHIS2_URL", &site.server.url);
        work.set("VACCERT_DHIS2_PASSWORD", PASSWORD);
    };
    refused(&[("VACCERT_DHIS2_PASSWORD", WRONG_PASSWORD)], None, &["password", "login", "credentials"]);
    refused(&[("VACCERT_DHIS2_URL", &format!("{}/elsewhere", site.server.url))], None, &["404", "web page", "address"]);
    refused(&[("VACCERT_DHIS2_URL", "http://127.0.0.1:1/hmis")], None, &["reach", "connect"]);
    refused(&[("VACCERT_DHIS2_URL", "http://dhis2.example.org")], None, &["https"]);
    refused(&[], Some(Fault::Html(200)), &["HTML", "web page"]);
    refused(&[], Some(Fault::LoginRedirect), &["login"]);
    refused(&[], Some(Fault::Truncated), &["broke", "end"]);
    refused(&[], Some(Fault::HalfJson), &["JSON", "broke", "end"]);
    refused(&[], Some(Fault::OtherJson), &["list", "JSON", "answer"]);
    refused(&[], Some(Fault::Conflict), &["E7114", "Program is not assigned"]);
    refused(&[], Some(Fault::Echo(409)), &["409", "refused"]);
    refused(&[], Some(Fault::Ownership), &["owning org unit"]);

    work.run(&["sync", "--out", "out", "--files", "txt"]).good();
    let out = work.out("out");
    assert_eq!(out.folders().len(), doses(&people).len());
    work.verify(&out.trust(), &out.codes(), &[]).accepted(&["sandbox"]);
}

#[test]
fn an_address_or_login_that_is_missing_is_asked_for() {
    let work = Workplace::new();
    assert!(work.run(&["sync"]).refused(2).contains("VACCERT_DHIS2_URL"));
    let sentence = work.run(&["sync", "--dhis2-url", "https://dhis2.example.org"]).refused(2);
    assert!(sentence.contains("VACCERT_DHIS2_PASSWORD"), "{sentence}");
    let mut with_login = Workplace::new();
    with_login.set("VACCERT_DHIS2_URL", &format!("https://reader:{PASSWORD}@dhis2.example.org"));
    with_login.set("VACCERT_DHIS2_TOKEN", TOKEN);
    let ran = with_login.run(&["sync"]);
    discreet(&ran, &[]);
    assert!(ran.code != Some(0) && !ran.said().contains(TOKEN), "{ran:?}");
    let arguments = ["--dhis2-url", "https://dhis2.example.org", "--dhis2-user", "a", "--dhis2-password-file", "none"];
    let sentence = work.run(&[&["sync"], &arguments[..]].concat()).refused(2);
    assert!(sentence.contains("none"), "{sentence}");
}

#[test]
fn a_file_that_is_no_export_is_named_and_nothing_is_left_behind() {
    let people = crowd(6, 2);
    let work = Workplace::new();
    let good = export(&people);
    for (name, content) in [
        ("empty.json", ""),
        ("blank.json", " \n\n "),
        ("prose.txt", "Dear colleague, please find attached the list of people."),
        ("page.html", "<!DOCTYPE html><html><body>Login</body></html>"),
        ("binary.bin", "\u{0}\u{1}\u{2}PK\u{3}\u{4}"),
        ("other.json", r#"{"organisationUnits":[{"id":"RootLand001"}]}"#),
    ] {
        let path = work.write(name, content);
        let ran = work.run(&["issue", "--from", path.to_str().unwrap(), "--out", "out", "--files", "txt"]);
        discreet(&ran, &people);
        let sentence = ran.refused(4);
        assert!(sentence.contains(name), "{name}: {sentence}");
        assert!(!work.path("out/trust.json").exists(), "{name}");
    }
    for missing in ["missing.json", "."] {
        let sentence = work.run(&["issue", "--from", missing, "--out", "out"]).refused(4);
        assert!(sentence.contains(missing), "{sentence}");
    }
    let path = work.write("export.json", &good);
    let from = path.to_str().unwrap();
    let sentence = work.run(&["issue", "--from", from, "--out", "out", "--org-units", "nowhere.json"]).refused(4);
    assert!(sentence.contains("nowhere.json"), "{sentence}");

    work.run(&["issue", "--from", from, "--out", "out", "--files", "txt"]).good();
    let out = work.out("out");
    assert_eq!(out.folders().len(), doses(&people).len());
    assert_eq!(out.counts()[0], out.items().len() as u64);
    let left: Vec<_> = fs::read_dir(&out.0).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_str().unwrap().ends_with(".part")), "{left:?}");
}

#[test]
fn a_cut_export_keeps_what_came_before_the_cut() {
    let people = crowd(6, 2);
    let work = Workplace::new();
    let good = export(&people);
    let cut = (good.len() / 2..).find(|at| good.is_char_boundary(*at)).unwrap();
    work.write("half.json", &good[..cut]);
    let ran = work.run(&["issue", "--from", "half.json", "--out", "out", "--files", "txt"]);
    discreet(&ran, &people);
    let sentence = ran.refused(4);
    assert!(sentence.contains("half.json"), "{sentence}");
    let out = work.out("out");
    let before = out.folders().len();
    assert!(before > 0 && before < doses(&people).len(), "{before}");
    assert_eq!(out.counts()[1], before as u64, "the report tells what was issued");
    work.verify(&out.trust(), &out.codes(), &[]).accepted(&["sandbox"]);

    work.write("export.json", &good);
    work.run(&["issue", "--from", "export.json", "--out", "out", "--files", "txt"]).good();
    assert_eq!(work.out("out").folders().len(), doses(&people).len());
}

#[test]
fn what_is_mistyped_on_the_command_line_is_named() {
    let work = Workplace::new();
    let path = work.write("export.json", export(&crowd(3, 1)));
    let from = path.to_str().unwrap();
    let issue = |more: &[&str]| work.run(&[&["issue", "--from", from, "--out", "out"], more].concat());
    let sentence = issue(&["--profile", "covac-9"]).refused(2);
    assert!(sentence.contains("covac-9") && sentence.contains("covac-1.2.0"), "names what there is: {sentence}");
    let sentence = issue(&["--formats", "eu-dcc,yellow"]).refused(2);
    assert!(sentence.contains("yellow") && sentence.contains("eu-dcc"), "{sentence}");
    // The parser's own words are several lines; the status is what scripts rely on.
    for wrong in [&["--files", "docx"][..], &["--level", "z"], &["--frmo", "x"]] {
        let ran = issue(wrong);
        assert_eq!(ran.code, Some(2), "{ran:?}");
    }
    assert!(!work.path("out/trust.json").exists());

    work.write("file", "in the way");
    let sentence = work.run(&["issue", "--from", from, "--out", "file"]).refused(4);
    assert!(sentence.contains("file") && sentence.contains("--out"), "{sentence}");
    let sentence = work.run(&["issue", "--from", from, "--out", "file/out"]).refused(4);
    assert!(sentence.contains("file/out"), "{sentence}");
    let sentence = work.run(&["issue", "--from", from, "--out", "/proc/out"]).refused(4);
    assert!(sentence.contains("/proc/out"), "{sentence}");
}

/// A sandbox of a ministry, with `change` made to its configuration.
fn configured(change: impl FnOnce(String) -> String) -> Workplace {
    let work = Workplace::new();
    work.run(&["init", "-q", "."]).good();
    let text = change(fs::read_to_string(work.path("vaccert.toml")).unwrap());
    work.write("vaccert.toml", text);
    work.write("export.json", export(&crowd(6, 2)));
    work
}

fn issue(work: &Workplace) -> Ran {
    work.run(&["issue", "--from", "export.json", "--out", "out", "--files", "txt"])
}

#[test]
fn a_wrong_configuration_is_named_by_file_line_and_setting() {
    for (from, to, words) in [
        ("[issuer]\n", "[issuer]\nvalidity_day = 10\n", &["vaccert.toml", "validity_day", "line"][..]),
        ("environment = \"sandbox\"", "environment = \"test\"", &["vaccert.toml", "line", "production"]),
        ("[issuer]", "[issuer", &["vaccert.toml", "line"]),
        ("country = \"XX\"", "country = \"Sri Lanka\"", &["issuer.country"]),
        ("# validity_days = 365", "validity_days = 0", &["validity_days"]),
        ("keys/dsc.pem", "keys/none.pem", &["none.pem"]),
        ("keys/dsc-key.pem", "keys/csca-key.pem", &["certificate", "key"]),
        ("list_certificate = \"keys/csca.pem\"", "", &["list_key", "list_certificate"]),
        ("country = \"XX\"", "country = \"LK\"", &["LK", "XX"]),
        ("environment = \"sandbox\"", "environment = \"production\"", &["sandbox certificate", "production"]),
        ("url = \"registry.sqlite\"", "url = \"mysql://localhost/x\"", &["mysql"]),
        ("url = \"registry.sqlite\"", "url_env = \"NOT_SET\"", &["NOT_SET"]),
    ] {
        let work = configured(|text| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        let ran = issue(&work);
        let code = if to.contains("mysql") { 1 } else { 2 };
        let sentence = ran.refused(code);
        assert!(words.iter().all(|word| sentence.contains(word)), "{to}: {sentence}");
        assert!(!work.path("out/trust.json").exists(), "{to}");
    }
    let sentence = Workplace::new().run(&["sync", "--config", "none.toml"]).refused(2);
    assert!(sentence.contains("none.toml"), "{sentence}");
}

#[test]
fn a_password_in_the_wrong_place_of_the_configuration_is_not_repeated() {
    let url = "postgres://vaccert:Hafen-9-offen@db.example.org/registry";
    for line in [
        format!("urll = \"{url}\""),
        format!("lease_seconds = \"{url}\""),
        format!("url = {url}"),
        format!("url = [\"{url}\"]"),
    ] {
        let work = configured(|text| text.replace("url = \"registry.sqlite\"", &line));
        let ran = issue(&work);
        assert!(!ran.said().contains("Hafen-9-offen"), "{line}: {ran:?}");
        ran.refused(2);
    }
    let work = configured(|text| format!("registry = \"{url}\"\n{}", text.replace("[registry]", "[document]")));
    let ran = issue(&work);
    assert!(!ran.said().contains("Hafen-9-offen"), "{ran:?}");
    ran.refused(2);
}

#[test]
fn a_key_that_others_may_read_is_refused_until_it_is_closed() {
    let work = configured(|text| text);
    let key = work.path("keys/dsc-key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let sentence = issue(&work).refused(2);
    assert!(sentence.contains("dsc-key.pem") && sentence.contains("chmod 600"), "{sentence}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    issue(&work).good();
}

#[test]
fn an_output_folder_in_which_a_run_is_at_work_is_left_to_it() {
    let work = configured(|text| text);
    // Standard input that does not end keeps the first run at work.
    let mut first = work.command(&["issue", "--from", "-", "--out", "out", "--files", "txt"]);
    let mut first = first
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // Whoever finds the file not held yet holds it for no time: a run that begins asks again.
    let held = || {
        let file = fs::File::open(work.path("out/.lock")).ok()?;
        matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)).then_some(())
    };
    let begun = std::time::Instant::now();
    while held().is_none() {
        assert!(begun.elapsed().as_secs() < 60, "the first run does not begin");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let sentence = issue(&work).refused(4);
    assert!(sentence.contains("out") && sentence.contains("another run"), "{sentence}");
    first.kill().unwrap();
    first.wait().unwrap();
    issue(&work).good();
}

#[test]
fn a_sandbox_does_not_take_the_place_of_a_configured_issuer() {
    let work = configured(|text| text);
    issue(&work).good();
    let bundle = || fs::read(work.path("out/trust.json")).unwrap();
    let before = bundle();
    fs::rename(work.path("vaccert.toml"), work.path("mine.toml")).unwrap();
    let export = ["--from", "export.json", "--files", "txt"];
    for arguments in [&[&["issue", "--out", "out"][..], &export[..]].concat()[..], &["demo", "--once", "--out", "out"]]
    {
        let sentence = work.run(arguments).refused(4);
        assert!(sentence.contains("out") && sentence.contains("--config"), "{sentence}");
        assert_eq!(bundle(), before);
    }
    work.run(&[&["issue", "--config", "mine.toml", "--out", "out"][..], &export[..]].concat()).good();
}

#[test]
fn nobody_listening_is_no_failure() {
    let work = configured(|text| text);
    for arguments in [
        &["issue", "--from", "export.json", "--out", "out"][..],
        &["init", "other"],
        &["demo", "--once", "--out", "demo"],
    ] {
        // The reading end of the pipe is closed before anything is said, as by `head` or a pager.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = work.command(arguments).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}: {output:?}");
    }
    assert!(work.path("out/trust.json").is_file() && work.path("other/vaccert.toml").is_file());
}

#[test]
fn a_full_disk_loses_nothing() {
    let people = crowd(60, 4);
    let work = Workplace::new();
    let disk = work.path("disk");
    fs::create_dir(&disk).unwrap();
    let Some(mounted) = Mounted::tmpfs(&disk, "400k") else { return };
    let path = work.write("export.json", export(&people));
    let issue =
        |files: &str| work.run(&["issue", "--from", path.to_str().unwrap(), "--out", "disk/out", "--files", files]);
    let ran = issue("txt,png,svg,pdf");
    discreet(&ran, &people);
    let sentence = ran.refused(1);
    assert!(sentence.contains("room"), "{sentence}");
    assert!(!disk.join("out/report.json").exists());
    mounted.grow("40m");
    issue("txt").good();
    let out = work.out("disk/out");
    assert_eq!(out.codes().iter().filter(|code| code.is_file()).count(), doses(&people).len());
    work.verify(&out.trust(), &out.codes(), &[]).accepted(&["sandbox"]);
    let left: Vec<_> = fs::read_dir(&out.0).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| !name.ends_with(".part")), "{left:?}");
}

/// A small disk of its own, as long as it lives.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    /// `None`, said plainly, where this user may not mount.
    fn tmpfs(at: &'a Path, size: &str) -> Option<Self> {
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(at).output();
        if mount.is_ok_and(|output| output.status.success()) {
            return Some(Self(at));
        }
        println!("ran WITHOUT a full disk: this user may not mount one");
        None
    }

    fn grow(&self, size: &str) {
        let options = format!("remount,size={size}");
        assert!(Command::new("mount").args(["-o", &options]).arg(self.0).status().unwrap().success());
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}
