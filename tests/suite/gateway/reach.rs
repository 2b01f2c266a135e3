//! A gateway that is away, broken, another one, or that does not know who asks.

use std::time::Duration;

use vaccert::sandbox::gateway::{Network, Trouble};

use super::{Site, country};

#[test]
fn a_gateway_that_is_not_there_ends_with_4() {
    let mut site = Site::open(Network::Eu);
    site.close();
    let sentence = site.run(&["countries"]).refused(4);
    assert!(sentence.contains("refuses connections") && sentence.contains("gateway.url"), "{sentence}");
    let told = site.run(&["pull", "--only", "countries,rules"]);
    assert_eq!(told.code, Some(4), "{told:?}");
    assert!(told.out.contains("failed: ") && told.out.contains("could not be reached for what comes"), "{told:?}");
}

#[test]
fn a_server_that_cannot_prove_itself_is_not_spoken_to() {
    let site = Site::open(Network::Eu);
    site.work.write("keys/server.pem", site.own.csca.pem());
    let sentence = site.run(&["countries"]).refused(4);
    assert!(sentence.contains("cannot be relied on") && sentence.contains("gateway.tls_ca"), "{sentence}");
    assert!(site.gateway().asked().is_empty());
}

#[test]
fn a_client_that_nobody_admitted_is_told_what_to_ask_for() {
    let site = Site::open(Network::Eu);
    site.identity("tls", &country("XX", 0).tls);
    let sentence = site.run(&["countries"]).refused(1);
    assert!(sentence.contains("HTTP 401, code 0x402") && sentence.contains("does not know the TLS"), "{sentence}");
}

#[test]
fn bad_days_have_their_words() {
    let site = Site::open(Network::Eu);
    for (trouble, code, words) in [
        (Trouble::HalfJson, 4, "another form than the interface has"),
        (Trouble::Status(502), 4, "behind its load balancer"),
        (Trouble::Status(302), 4, "leads elsewhere"),
        (Trouble::Status(403), 1, "in front of the gateway"),
        (Trouble::Status(500), 1, "failed by itself"),
    ] {
        site.gateway().trouble(trouble, 9);
        let sentence = site.run(&["countries"]).refused(code);
        assert!(sentence.contains(words), "{sentence}");
        site.gateway().recover();
    }
    // One bad moment is waited out.
    site.gateway().trouble(Trouble::Status(503), 1);
    site.gateway().trouble(Trouble::Slow(Duration::from_millis(50)), 1);
    assert!(site.run(&["countries"]).good().out.contains("XX"));
    site.gateway().recover();
    site.gateway().trouble(Trouble::Drop, 1);
    site.run(&["countries"]).good();
}

#[test]
fn an_upload_without_an_answer_is_told_and_not_repeated() {
    let site = Site::open(Network::Eu);
    let told = site.json(&["upload", "--signer"], 0);
    assert_eq!(told["items"][0]["status"], "uploaded");
    let posts = || site.gateway().asked().iter().filter(|asked| asked.method == "POST").count();
    let before = posts();
    site.gateway().trouble(Trouble::Status(503), 99);
    site.run(&["rules", "delete", "VR-XX-0001"]);
    assert_eq!(posts(), before, "a busy gateway is no reason for the alias");
}
