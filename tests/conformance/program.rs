//! The program as an officer runs it: `vaccert-verify` alone, in a folder of its own, with nothing in its
//! environment.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{
    vectors::vectors,
    workshop::{fixtures, json, sample::AT},
};

/// The program under test: `VACCERT_VERIFY` names another build of it, such as the static one.
fn program() -> PathBuf {
    std::env::var_os("VACCERT_VERIFY").map_or_else(|| env!("CARGO_BIN_EXE_vaccert-verify").into(), PathBuf::from)
}

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A case of the fixtures: its code and the certificate of its signer.
    fn case(&self, name: &str) -> (PathBuf, PathBuf) {
        let case = json(&fixtures("cases").join(format!("{name}.json")));
        let der = STANDARD.decode(case["certificates"][0].as_str().unwrap()).unwrap();
        let text = case["text"].as_str().unwrap();
        (self.write(&format!("{name}.txt"), text), self.write(&format!("{name}.der"), der))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.0.path()).env_clear().stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn verdicts(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn one_code_is_judged_and_the_exit_status_tells() {
    let desk = Desk::new();
    let (code, signer) = desk.case("good-es256-vaccination");
    let accepted = desk.run(&["--at", AT, "--trust", path(&signer), path(&code)]);
    assert_eq!((accepted.code, accepted.err.as_str()), (Some(0), ""));
    let verdict = &accepted.verdicts()[0];
    assert_eq!(verdict["verdict"], "accepted");
    assert_eq!(verdict["checks"]["revocation"], "unchecked");
    assert!(verdict["holder"]["name"].is_string() && verdict.get("payload").is_none());

    let late = desk.run(&["--at", "2030-01-01T00:00:00Z", "--trust", path(&signer), path(&code)]);
    assert_eq!((late.code, &late.verdicts()[0]["reason"]), (Some(1), &Value::from("expired")));

    let alone = desk.run(&["--payload", path(&code)]);
    let verdict = &alone.verdicts()[0];
    assert_eq!((alone.code, &verdict["reason"]), (Some(3), &Value::from("no-trust-list")));
    assert!(verdict.get("holder").is_none() && verdict.get("id").is_none() && verdict.get("payload").is_none());
    assert!(verdict["unverified_payload"]["v"].is_array());

    assert_eq!(desk.run(&["--trust", "nowhere.json", path(&code)]).code, Some(4));
    assert_eq!(desk.run(&["nowhere.txt"]).code, Some(4));
    assert_eq!(desk.run(&["--country", "XX", "--trust", path(&signer), path(&code)]).code, Some(2));
    assert_eq!(desk.run(&["--country", "Sri Lanka", path(&code)]).code, Some(2));
    let many = desk.write("two.txt", "HC1:AAA\nHC1:BBB\n");
    let refused = desk.run(&[path(&many)]);
    assert!(refused.code == Some(4) && refused.err.contains("--lines"), "{}", refused.err);
}

#[test]
fn an_algorithm_that_is_not_supported_is_named() {
    let desk = Desk::new();
    let (code, signer) = desk.case("CO4-es384");
    let ran = desk.run(&["--at", AT, "--trust", path(&signer), path(&code)]);
    let verdict = &ran.verdicts()[0];
    assert_eq!((ran.code, &verdict["reason"]), (Some(1), &Value::from("algorithm-unsupported")));
    assert_eq!(verdict["issuer"]["algorithm"], "-35");
    let human = desk.run(&["--format", "human", "--at", AT, "--trust", path(&signer), path(&code)]);
    assert!(human.out.contains("[algorithm-unsupported: -35]"), "{}", human.out);
}

#[test]
fn an_officer_reads_one_word_first_in_every_language() {
    let desk = Desk::new();
    let (code, signer) = desk.case("good-es256-test");
    for (language, word) in
        [("en", "ACCEPTED"), ("fr", "ACCEPTÉ"), ("es", "ACEPTADO"), ("pt", "ACEITE"), ("ar", "مقبولة")]
    {
        let arguments = ["--format", "human", "--explain", "--lang", language, "--at", AT];
        let ran = desk.run(&[&arguments[..], &["--trust", path(&signer), path(&code)]].concat());
        assert_eq!(ran.out.lines().next(), Some(word), "{}", ran.out);
        assert!(!ran.out.contains('\x1b'), "no colour outside a terminal");
        assert!(ran.out.lines().count() > 12, "{}", ran.out);
    }
    let ran = desk.run(&["--explain", "--lang", "pt", "--at", AT, "--trust", path(&signer), path(&code)]);
    let explanation = &ran.verdicts()[0]["explanation"];
    assert_eq!((&explanation["lang"], explanation["checks"].as_array().unwrap().len()), (&Value::from("pt"), 8));
}

#[test]
fn the_best_certificate_of_a_person_counts() {
    let desk = Desk::new();
    let (vaccination, signer) = desk.case("good-es256-vaccination");
    let (bad, other) = desk.case("CO27-ps256-by-ec");
    // Years later the vaccination has expired and so has everything else; a day before it, nothing was valid.
    let both = ["--at", AT, "--trust", path(&signer), "--trust", path(&other), path(&vaccination), path(&bad)];
    let ran = desk.run(&both);
    assert_eq!(ran.code, Some(1), "whoever forges does not hide behind a good certificate");
    assert_eq!(ran.verdicts()[0]["input"], path(&vaccination));

    let (test, _) = desk.case("good-es256-test");
    let holders: Vec<Value> = desk
        .run(&["--at", AT, "--trust", path(&signer), path(&vaccination), path(&test)])
        .verdicts()
        .into_iter()
        .map(|verdict| verdict["holder"]["date_of_birth"].clone())
        .collect();
    assert_eq!(holders[0], holders[1], "the samples are of one person");
    let ran = desk.run(&["--at", AT, "--trust", path(&signer), path(&vaccination), path(&test)]);
    let counts = |verdict: &Value| verdict.get("counts").is_none();
    assert_eq!(ran.verdicts().iter().filter(|verdict| counts(verdict)).count(), 1);
    assert_eq!(ran.code, Some(0));
}

#[test]
fn lines_are_answered_in_order_and_a_broken_one_stops_nothing() {
    let desk = Desk::new();
    let (code, signer) = desk.case("good-es256-recovery");
    let good = std::fs::read_to_string(code).unwrap();
    let lines: String = (0..3_000)
        .map(|n| match n % 3 {
            0 => format!("{good}\r\n"),
            1 => "HC1:\u{fffd}\n".to_owned(),
            _ => format!("{}\n", "X".repeat(9_000)),
        })
        .collect();
    let file = desk.write("lines.txt", lines);
    let ran = desk.run(&["--lines", "--at", AT, "--trust", path(&signer), path(&file)]);
    assert_eq!(ran.code, Some(1));
    let reasons: Vec<Option<String>> =
        ran.verdicts().iter().map(|verdict| verdict["reason"].as_str().map(str::to_owned)).collect();
    assert_eq!(reasons.len(), 3_000);
    for three in reasons.chunks(3) {
        let expected = [None, Some("base45-invalid".to_owned()), Some("text-too-long".to_owned())];
        assert_eq!(three, expected);
    }
}

#[test]
fn an_answer_does_not_wait_for_the_next_line() {
    use std::io::{BufRead, BufReader, Write};
    let desk = Desk::new();
    let (code, signer) = desk.case("good-es256-recovery");
    let good = std::fs::read_to_string(code).unwrap();
    let mut child = desk
        .command(&["--lines", "--at", AT, "--trust", path(&signer)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut scanner, mut answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for _ in 0..3 {
        writeln!(scanner, "{good}").unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert!(answer.contains("\"accepted\""), "{answer}");
    }
    drop(scanner);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn lists_are_believed_under_their_keys_and_remembered() {
    let Some(lists) = vectors("vectors/trust-lists") else { return };
    let desk = Desk::new();
    let state = desk.0.path().join("state").join("verifier.json");
    let german = lists.join("covpass-de/dsc-list.json");
    let unsigned = desk.run(&["--trust", path(&german), "--show-lists"]);
    assert_eq!(unsigned.code, Some(4));
    assert!(unsigned.err.contains("--list-key") && unsigned.err.contains("--trust-unsigned"), "{}", unsigned.err);
    let key = lists.join("covpass-de/dsc-list-signing-key.pem");
    let shown = desk.run(&["--trust", path(&german), "--list-key", path(&key), "--show-lists"]);
    assert!(shown.code == Some(0) && shown.out.contains("829 entries: 829 keys"), "{}", shown.out);

    // WHO's list is signed at a time, and that time is remembered.
    let who = lists.join("gdhcn-prod-v2-did.json");
    let (code, _) = desk.case("good-es256-vaccination");
    let ran = desk.run(&["--state", path(&state), "--trust", path(&who), path(&code)]);
    assert_eq!(ran.code, Some(3), "{}{}", ran.out, ran.err);
    let remembered = json(&state);
    assert!(remembered["newest_signed"].as_str().unwrap() >= "2026-08-22", "{remembered}");
}

#[test]
fn a_clock_that_was_set_back_is_told_as_such() {
    let desk = Desk::new();
    let (code, signer) = desk.case("good-es256-vaccination");
    let state = desk.write("verifier.json", r#"{"newest_signed":"2999-01-01T00:00:00Z","bundles":{}}"#);
    let ran = desk.run(&["--state", path(&state), "--trust", path(&signer), path(&code)]);
    let verdict = &ran.verdicts()[0];
    // Whatever this machine's clock says of the sample, it must not be accepted by a clock that is behind.
    assert_ne!(verdict["verdict"], "accepted");
    if verdict["checks"]["validity"] == "passed" {
        assert_eq!((ran.code, &verdict["reason"]), (Some(3), &Value::from("clock-set-back")));
    }
    let given = desk.run(&["--state", path(&state), "--at", AT, "--trust", path(&signer), path(&code)]);
    assert_eq!(given.code, Some(0), "a time given by hand is nobody's clock");
    // A damaged memory is told and stops nothing.
    let damaged = desk.write("damaged.json", "{");
    let ran = desk.run(&["--state", path(&damaged), "--at", AT, "--trust", path(&signer), path(&code)]);
    assert!(ran.code == Some(0) && ran.err.contains("damaged.json"), "{}", ran.err);
}

/// Invariant 8, twice: the program does not even import what opens a socket, and a run makes no such call.
#[test]
fn no_socket_is_opened_whatever_the_certificate_says() {
    let elf = std::fs::read(program()).unwrap();
    for name in ["socket", "connect", "getaddrinfo", "sendto", "bind"] {
        let symbol = [b"\0", name.as_bytes(), b"\0"].concat();
        let imported = names(&elf).windows(symbol.len()).any(|window| window == symbol);
        assert!(!imported, "the program imports {name}");
    }
    let desk = Desk::new();
    let (code, signer) = desk.case("good-es256-vaccination");
    let trace = desk.0.path().join("trace");
    let traced = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=%network", "-o", path(&trace), path(&program())])
        .args(["--at", AT, "--trust", path(&signer), path(&code)])
        .env_clear()
        .output();
    match traced {
        Ok(output) if output.status.code() == Some(0) => {
            assert_eq!(std::fs::read_to_string(trace).unwrap(), "");
        }
        _ => println!("ran WITHOUT strace, which is not here or may not trace: only the imports were looked at"),
    }
}

/// The names of functions of the C library that the program holds: those that it imports (ELF section
/// `.dynstr`), or, of a static program, those that were linked into it (`.strtab`).
fn names(elf: &[u8]) -> &[u8] {
    let word = |at: usize, size: usize| -> usize {
        elf[at..at + size].iter().rev().fold(0, |sum, &byte| sum * 256 + usize::from(byte))
    };
    assert_eq!(&elf[..5], b"\x7fELF\x02", "a 64-bit ELF file");
    let (table, size, count, names) = (word(0x28, 8), word(0x3a, 2), word(0x3c, 2), word(0x3e, 2));
    let section = |n: usize| table + n * size;
    let names_at = word(section(names) + 0x18, 8);
    let named = |name: &[u8]| (0..count).map(section).find(|&at| elf[names_at + word(at, 4)..].starts_with(name));
    let imports_nothing = |at: &usize| word(at + 0x20, 8) < 64;
    let found = named(b".dynstr\0").filter(|at| !imports_nothing(at)).or_else(|| named(b".strtab\0")).unwrap();
    &elf[word(found + 0x18, 8)..][..word(found + 0x20, 8)]
}

#[test]
fn seals_and_links_are_told_in_words() {
    use crate::vdsnc::seal;
    let desk = Desk::new();
    let draft = seal::Draft::new();
    let (authority, code) =
        (desk.write("csca.der", draft.csca_der()), desk.write("seal.txt", draft.seal().to_string()));
    let ran = desk.run(&["--format", "human", "--at", AT, "--trust", path(&authority), path(&code)]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert!(
        ran.out.contains("CITIZEN  ZOË") && ran.out.contains("Australia") && ran.out.contains("Comirnaty"),
        "{}",
        ran.out
    );
    let ran = desk.run(&["--at", AT, path(&code)]);
    let verdict = &ran.verdicts()[0];
    assert_eq!(
        (ran.code, &verdict["format"], &verdict["reason"]),
        (Some(3), &"vds-nc".into(), &"no-trust-list".into())
    );

    let content = serde_json::json!({"url": "https://docs.example/secret-path", "flag": "P", "label": "Papers",
        "key": "rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q"});
    let link = desk.write("link.txt", format!("shlink:/{}", STANDARD.encode(content.to_string())));
    for (format, words) in [
        ("human", ["docs.example", "Papers", "passcode"]),
        ("json", ["docs.example", "Papers", "link-not-certificate"]),
    ] {
        let ran = desk.run(&["--format", format, "--payload", "--explain", "--at", AT, path(&link)]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(3), ""));
        assert!(words.iter().all(|word| ran.out.contains(word)), "{}", ran.out);
        assert!(!ran.out.contains("rxTg") && !ran.out.contains("secret-path"), "{}", ran.out);
    }
}
