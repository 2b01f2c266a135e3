//! Bad input and bad configuration, as a person meets them: one sentence that says what is wrong and what to do.

use vaccert::sandbox::gateway::Network;

use super::Site;
use crate::support::program::Workplace;

#[test]
fn without_a_configuration_it_says_so() {
    let work = Workplace::new();
    let sentence = work.run(&["gateway", "status"]).refused(2);
    assert!(sentence.contains("is not configured") && sentence.contains("vaccert.toml"), "{sentence}");
}

#[test]
fn every_wrong_setting_is_named() {
    let site = Site::open(Network::Eu);
    for (change, command, code, words) in [
        (("tls_ca = \"keys/server.pem\"", "tls_ca = \"keys/missing.pem\""), "status", 2, "missing.pem"),
        (("tls_ca = \"keys/server.pem\"", "tls_ca = \"keys/tls-key.pem\""), "status", 2, "gateway.tls_ca"),
        (("network = \"eu\"", "network = \"un\""), "status", 2, "expected `eu` or `who`"),
        (("[gateway]\n", "[gateway]\nurll = \"x\"\n"), "status", 2, "unknown field"),
        (("url = \"https", "url = \"http"), "status", 2, "does not begin with https"),
        (("trust_anchor = \"keys/anchor.pem\"", ""), "pull", 2, "gateway.trust_anchor is missing"),
        (("upload_key = \"keys/upload-key.pem\"", ""), "status", 2, "give both or none"),
        (
            ("tls_key = \"keys/tls-key.pem\"", "tls_key = \"keys/upload-key.pem\""),
            "status",
            2,
            "gateway.tls_certificate",
        ),
    ] {
        site.configure("");
        let path = site.work.path("vaccert.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(change.0), "{change:?}");
        std::fs::write(&path, text.replace(change.0, change.1)).unwrap();
        let sentence = site.run(&[command]).refused(code);
        assert!(sentence.contains(words), "{words}: {sentence}");
    }
}

#[test]
fn files_that_are_something_else_are_told() {
    let site = Site::open(Network::Eu);
    site.work.write("note.txt", "hello");
    let sentence = site.run(&["upload", "note.txt"]).refused(2);
    assert!(sentence.contains("note.txt") && sentence.contains("not an X.509 certificate"), "{sentence}");
    let told = site.json(&["rules", "upload", "note.txt"], 1);
    assert_eq!(told["items"][0]["findings"][0]["code"], "rule-json");
    let told = site.json(&["revocations", "push", "note.txt"], 1);
    assert_eq!(told["items"][0]["findings"][0]["code"], "batch-schema");
    let sentence = site.run(&["rules", "upload", "nothing.json"]).refused(4);
    assert!(sentence.contains("nothing.json"), "{sentence}");
    let sentence = site.run(&["rules", "list", "portugal"]).refused(2);
    assert!(sentence.contains("two capital letters"), "{sentence}");
    let sentence = site.run(&["revoke", "--kid", "AAAA", "--yes"]).refused(2);
    assert!(sentence.contains("names no signer of XX"), "{sentence}");
}
