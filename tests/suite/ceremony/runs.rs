//! The command as people run it: dry, for real, interrupted, again a year later.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::{NAMES, PRODUCTION, hold, passphrases, typed};
use crate::support::program::Workplace;

const KEYS: [&str; 5] = ["csca", "signer-1", "rsa", "tls", "upload"];

fn json(place: &Workplace, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(place.path(file)).unwrap()).unwrap()
}

#[test]
fn a_dry_run_shows_everything_and_touches_nothing() {
    let place = Workplace::new();
    place.write("ceremony.toml", PRODUCTION);
    let ran = place.run(&["keys", "ceremony", "ceremony.toml", "--dry-run", "--out", "keys"]).good();
    for said in [
        "   country          TG (Togo)",
        "1. national authority (CSCA): csca",
        "   subject          C=TG, O=Ministère de la Santé, CN=Health CSCA 1",
        "CA:TRUE, pathlen:0 (critical)",
        "(1461 days)",
        "(183 days)",
        "test, vaccination, recovery",
        "Ana Example",
        "This was a dry run: nothing was made",
    ] {
        assert!(ran.out.contains(said), "{said}\n{}", ran.out);
    }
    assert!(ran.out.lines().all(|line| line.chars().count() <= 100), "{}", ran.out);
    assert!(!place.path("keys").exists());
    let left: Vec<_> = std::fs::read_dir(place.path("")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["ceremony.toml"]);
}

#[test]
fn the_transcript_says_what_is_in_the_files() {
    let place = Workplace::new();
    let ran = hold(&place, PRODUCTION, &KEYS);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mode = |name: &str| std::fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("keys"), 0o700);
    for key in KEYS {
        assert_eq!(mode(&format!("keys/{key}.key.pem")), 0o600, "{key}");
        assert_eq!(mode(&format!("keys/{key}.pem")), 0o644, "{key}");
        let text = std::fs::read_to_string(place.path(&format!("keys/{key}.key.pem"))).unwrap();
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    }
    let transcript = json(&place, "keys/transcript.json");
    let made = transcript["made"].as_array().unwrap();
    assert_eq!(made.len(), 5);
    let mut serials = std::collections::HashSet::new();
    for item in made {
        let file = format!("keys/{}", item["file"].as_str().unwrap());
        let said = super::accepted(&place, &["x509", "-in", &file, "-noout", "-fingerprint", "-sha256", "-serial"]);
        let said = said.replace(':', "").to_lowercase();
        assert!(said.contains(item["sha256"].as_str().unwrap()), "{said} {item}");
        let serial = item["certificate"]["serial"].as_str().unwrap();
        assert!(said.contains(serial) && serial.len() == 32, "{said} {serial}");
        assert!(serials.insert(serial), "serial numbers differ");
    }
    let people = transcript["participants"].as_array().unwrap();
    assert!(people.iter().all(|person| person["confirmed"]["typed"] == true), "{people:?}");
    let program = std::fs::read(env!("CARGO_BIN_EXE_vaccert")).unwrap();
    let digest: String = vaccert::keys::sha256(&program).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(transcript["program"]["sha256"], digest.as_str());
    // The file that was reviewed lies beside it.
    assert_eq!(std::fs::read_to_string(place.path("keys/ceremony.toml")).unwrap(), PRODUCTION);

    let text = std::fs::read_to_string(place.path("keys/transcript.txt")).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 78), "prints on A4:\n{text}");
    assert!(text.contains("signature ____") && text.contains("confirmed at the keyboard"));
    for secret in ["correct horse", "PRIVATE KEY"] {
        assert!(!text.contains(secret) && !ran.said().contains(secret));
        assert!(!std::fs::read_to_string(place.path("keys/transcript.json")).unwrap().contains(secret));
    }
    insta::assert_snapshot!("transcript", without_accidents(&text));
}

/// The transcript with a sign for everything that differs from run to run.
fn without_accidents(text: &str) -> String {
    let hex = |word: &str| word.bytes().all(|b| b.is_ascii_hexdigit());
    let word = |word: &str| match word.trim_end_matches(',') {
        group if group.len() == 4 && hex(group) => "----".into(),
        serial if serial.len() == 32 && hex(serial) => "[serial]".into(),
        kid if kid.len() == 12 && kid.ends_with('=') => "[kid]".into(),
        time if time.len() == 20 && time.ends_with('Z') => word.replace(time, "[time]"),
        day if day.len() == 10 && day.starts_with("20") => word.replace(day, "[day]"),
        env!("CARGO_PKG_VERSION") => "[version]".into(),
        _ => word.to_owned(),
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    text.lines()
        .map(line)
        .filter(|line| !line.trim().replace(['-', ' '], "").is_empty() || line.is_empty())
        .map(|line| line + "\n")
        .collect()
}

#[test]
fn nothing_is_overwritten_and_interrupted_runs_are_named() {
    let place = Workplace::new();
    place.write("keys/note", "mine");
    let ran = hold(&place, PRODUCTION, &KEYS);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("keys is there already: nothing is overwritten"), "{ran:?}");
    assert_eq!(std::fs::read_to_string(place.path("keys/note")).unwrap(), "mine");

    let place = Workplace::new();
    place.write("keys.unfinished/csca.key.pem", "…");
    let ran = hold(&place, PRODUCTION, &KEYS);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("an earlier run was interrupted and left keys.unfinished (csca.key.pem)"), "{ran:?}");
    assert!(!place.path("keys").exists());
}

#[test]
fn a_run_that_is_killed_leaves_no_folder_that_looks_whole() {
    let place = Workplace::new();
    // RSA keys take long enough to be interrupted.
    let file = PRODUCTION.replace("[csca]", "[csca]\nkey = \"RSA-3072\"");
    place.write("ceremony.toml", file);
    let options = passphrases(&place, &KEYS);
    let mut arguments = vec!["keys", "ceremony", "ceremony.toml", "--out", "keys"];
    arguments.extend(options.iter().map(String::as_str));
    // Chance decides how long a key takes: a run that was faster than the kill is held again.
    for _ in 0..20 {
        let mut command = place.command(&arguments);
        command.stdin(std::process::Stdio::piped());
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), NAMES.as_bytes()).unwrap();
        while !place.path("keys.unfinished").exists() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if !place.path("keys").exists() {
            break;
        }
        assert!(place.path("keys/transcript.json").exists() && !place.path("keys.unfinished").exists());
        std::fs::remove_dir_all(place.path("keys")).unwrap();
    }
    assert!(place.path("keys.unfinished").exists(), "no run was interrupted");
    let again = typed(&place, &arguments, NAMES);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.err.contains("keys.unfinished"), "{again:?}");
    std::fs::remove_dir_all(place.path("keys.unfinished")).unwrap();
    let again = typed(&place, &arguments, NAMES);
    assert_eq!(again.code, Some(0), "{again:?}");
}

#[test]
fn a_name_that_is_not_typed_stops_everything() {
    let place = Workplace::new();
    place.write("ceremony.toml", PRODUCTION);
    for input in ["", "yes\n", "Ana Example\nAna Example\n"] {
        let ran = typed(&place, &["keys", "ceremony", "ceremony.toml", "--out", "keys"], input);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.err.contains("did not confirm: nothing was made"), "{ran:?}");
    }
    let ran = place.run(&["keys", "ceremony", "ceremony.toml", "--out", "keys", "--yes"]);
    assert!(ran.refused(2).contains("--yes is for rehearsals"));
    let ran = typed(&place, &["keys", "ceremony", "ceremony.toml", "--out", "keys"], NAMES);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("no passphrase for the key csca"), "{ran:?}");
    place.write("short.pass", "short");
    let arguments = ["keys", "ceremony", "ceremony.toml", "--out", "keys", "--passphrase-file", "csca=short.pass"];
    assert!(typed(&place, &arguments, NAMES).err.contains("the passphrase of csca is shorter than"));
    let arguments = ["keys", "ceremony", "ceremony.toml", "--out", "keys", "--passphrase-file", "other=short.pass"];
    assert!(typed(&place, &arguments, NAMES).err.contains("no key of this ceremony: its keys are csca, signer-1"));
    assert!(!place.path("keys").exists() && !place.path("keys.unfinished").exists());
}

#[test]
fn the_example_is_a_rehearsal_that_works_at_once() {
    let place = Workplace::new();
    let example = place.run(&["keys", "ceremony", "--example"]).good().out;
    place.write("example.toml", &example);
    let ran = place.run(&["keys", "ceremony", "example.toml", "--yes", "--out", "rehearsal"]).good();
    assert!(ran.out.contains("This is a rehearsal"), "{}", ran.out);
    let inspected = place
        .run(&[
            "keys",
            "inspect",
            "rehearsal/csca.pem",
            "rehearsal/signer-1.pem",
            "rehearsal/tls.pem",
            "rehearsal/upload.pem",
        ])
        .good();
    assert_eq!(inspected.out.matches("nothing breaks the profile").count(), 4, "{}", inspected.out);
    assert!(inspected.out.contains("O=vaccert sandbox"), "{}", inspected.out);
    let key = std::fs::read_to_string(place.path("rehearsal/signer-1.key.pem")).unwrap();
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"));
    // A signer of it serves a sandbox.
    let transcript = json(&place, "rehearsal/transcript.json");
    assert_eq!(transcript["participants"][0]["confirmed"]["typed"], false);
}

#[test]
fn a_year_later_the_same_authority_gets_a_new_signer() {
    let place = Workplace::new();
    let ran = hold(&place, PRODUCTION, &KEYS);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let renewal = r#"
country = "TG"
organisation = "Ministère de la Santé"
environment = "production"
[csca]
certificate = "keys/csca.pem"
private_key = "keys/csca.key.pem"
[[signer]]
name = "signer-2"
common_name = "Health DSC 3"
[[participant]]
name = "Ana Example"
role = "ceremony leader"
holds = ["csca"]
[[participant]]
name = "Bo Sample"
role = "operator"
holds = ["signer-2"]
"#;
    place.write("renewal.toml", renewal);
    let options = passphrases(&place, &["csca", "signer-2"]);
    let mut arguments = vec!["keys", "ceremony", "renewal.toml", "--out", "keys-2"];
    arguments.extend(options.iter().map(String::as_str));
    let ran = typed(&place, &arguments, NAMES);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    super::accepted(&place, &["verify", "-x509_strict", "-CAfile", "keys/csca.pem", "keys-2/signer-2.pem"]);
    assert!(!place.path("keys-2/csca.key.pem").exists());
    let transcript = json(&place, "keys-2/transcript.json");
    assert_eq!(transcript["authority"]["sha256"].as_str().unwrap().len(), 64);

    // The authority's name is repeated byte for byte, however it was written.
    let subject = "/C=TG/O=Minist\u{e8}re/OU=One/OU=Two/CN=Old CSCA";
    let make = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-utf8",
        "-subj",
        subject,
        "-days",
        "1000",
        "-keyout",
        "old.raw.pem",
        "-out",
        "old.pem",
        "-addext",
        "keyUsage=critical,keyCertSign",
    ];
    super::accepted(&place, &make);
    super::accepted(
        &place,
        &[
            "pkcs8",
            "-topk8",
            "-v2",
            "aes-256-cbc",
            "-in",
            "old.raw.pem",
            "-out",
            "old.key.pem",
            "-passout",
            "pass:correct horse csca",
        ],
    );
    std::fs::set_permissions(place.path("old.key.pem"), PermissionsExt::from_mode(0o600)).unwrap();
    place.write("renewal.toml", renewal.replace("keys/csca", "old").replace("signer-2", "signer-3"));
    let options = passphrases(&place, &["csca", "signer-3"]);
    let mut arguments = vec!["keys", "ceremony", "renewal.toml", "--out", "keys-3"];
    arguments.extend(options.iter().map(String::as_str));
    let ran = typed(&place, &arguments, NAMES);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    super::accepted(&place, &["verify", "-CAfile", "old.pem", "keys-3/signer-3.pem"]);

    // Another key than the certified one is no authority.
    place.write("renewal.toml", renewal.replace("keys/csca.key.pem", "old.key.pem"));
    let mut arguments = vec!["keys", "ceremony", "renewal.toml", "--out", "keys-4"];
    let options = passphrases(&place, &["csca", "signer-2"]);
    arguments.extend(options.iter().map(String::as_str));
    let ran = typed(&place, &arguments, NAMES);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("does not belong to its certificate"), "{ran:?}");
    assert!(!place.path("keys-4.unfinished").exists());
}
