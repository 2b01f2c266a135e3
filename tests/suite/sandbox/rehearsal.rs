//! `vaccert sandbox` as a ministry's clerk runs it.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use crate::support::program::Workplace;

/// Everything once, in this dialect and network.
fn once(work: &Workplace, more: &[&str]) -> String {
    let arguments = [&["sandbox", "--once", "--people", "30", "--dir", "there"], more].concat();
    work.run(&arguments).good().out
}

#[test]
fn the_whole_way_in_every_dialect() {
    for dialect in ["2.36", "2.38", "2.40", "2.41", "2.43.1"] {
        let work = Workplace::new();
        let said = once(&work, &["--dialect", dialect]);
        for words in [
            "1. Keys of the country XX",
            "2. Gateway that keeps the EU's rules, with 4 countries on it: https://localhost:",
            "with 30 invented people: http://127.0.0.1:",
            "5. Issued from that DHIS2:",
            "6. Uploaded the signer to the gateway:",
            "7. Pulled the trust list: 7 signers of 4 countries",
            "as a border officer would: accepted",
            "The gateway and the DHIS2 end with this.",
        ] {
            assert!(said.contains(words), "{dialect}: {words}\n{said}");
        }
        let [records, issued, refused, _] = work.out("there/out").counts();
        assert!(issued > 20 && (1..=2).contains(&refused) && records == issued + refused, "{said}");
        // What was pulled is good for the verifier of an officer, and nothing else is.
        let codes = work.out("there/out").codes();
        assert!(codes.len() > 20, "{dialect}: {}", codes.len());
        let (list, anchor) = (work.path("there/pulled/trust-list.json"), work.path("there/gateway/anchor.pem"));
        let verified = work.verify(&list, &codes, &["--list-key", anchor.to_str().unwrap()]);
        verified.accepted(&["sandbox"]);
        let unanchored = work.verify(&list, &codes[..1], &[]);
        assert_eq!(unanchored.ran.code, Some(4), "without the anchor the list is worth nothing");
    }
}

#[test]
fn whos_network_has_the_same_way() {
    let work = Workplace::new();
    let said = once(&work, &["--network", "who"]);
    assert!(said.contains("keeps WHO's rules") && said.contains("accepted"), "{said}");
    let config = std::fs::read_to_string(work.path("there/vaccert.toml")).unwrap();
    assert!(config.contains("network = \"who\""));
}

#[test]
fn the_next_start_goes_on_with_the_folder() {
    let work = Workplace::new();
    once(&work, &[]);
    let signer = std::fs::read(work.path("there/keys/dsc.pem")).unwrap();
    let said = once(&work, &[]);
    assert!(said.contains("since an earlier start"), "{said}");
    assert!(said.contains("7 signers of 4 countries"), "nobody was invented twice: {said}");
    assert_eq!(std::fs::read(work.path("there/keys/dsc.pem")).unwrap(), signer);
    #[cfg(unix)]
    for key in
        ["keys/tls-key.pem", "keys/upload-key.pem", "keys/dsc-key.pem", "gateway/anchor-key.pem", "dhis2-password"]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(work.path("there").join(key)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
}

#[test]
fn what_stands_in_the_way_is_named() {
    let work = Workplace::new();
    let sentence = work.run(&["sandbox", "--dialect", "2.99"]);
    assert_eq!(sentence.code, Some(2));
    assert!(sentence.err.contains("from 2.33 to 2.43"), "{}", sentence.err);
    assert_eq!(work.run(&["sandbox", "--people", "0"]).code, Some(2));

    work.write("mine/vaccert.toml", "environment = \"production\"\n");
    let sentence = work.run(&["sandbox", "--once", "--dir", "mine"]).refused(4);
    assert!(sentence.contains("mine/vaccert.toml") && sentence.contains("--dir"), "{sentence}");
    assert_eq!(std::fs::read_to_string(work.path("mine/vaccert.toml")).unwrap(), "environment = \"production\"\n");

    work.write("file", "");
    let sentence = work.run(&["sandbox", "--once", "--dir", "file"]).refused(4);
    assert!(sentence.contains("file") && sentence.contains("choose another"), "{sentence}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let sentence = work.run(&["sandbox", "--once", "--dir", "new", "--port", &port]).refused(1);
    assert!(sentence.contains(&port) && sentence.contains("choose another"), "{sentence}");
}

#[test]
fn without_once_it_stays_and_the_other_commands_find_it() {
    let work = Workplace::new();
    let mut running = work
        .command(&["sandbox", "--people", "5", "--dir", "there", "--port", "0", "--network", "who"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(running.stdout.take().unwrap()).lines();
    for line in lines {
        if line.unwrap().contains("Ctrl-C ends it") {
            break;
        }
    }
    let again = work.run(&["sandbox", "--once", "--dir", "there"]);
    let issued =
        work.run(&["--config", "there/vaccert.toml", "issue", "--from", "dhis2", "--out", "papers", "--files", "txt"]);
    let listed = work.run(&["--config", "there/vaccert.toml", "gateway", "countries"]);
    let pulled = work.run(&["--config", "there/vaccert.toml", "trust", "pull"]);
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(again.code, Some(4), "one rehearsal a folder: {again:?}");
    assert_eq!(issued.code, Some(0), "{issued:?}");
    assert_eq!(listed.code, Some(0), "{listed:?}");
    assert!(listed.out.contains("XX"), "{listed:?}");
    assert_eq!(pulled.code, Some(0), "the gateway's list and the public one: {pulled:?}");
}
