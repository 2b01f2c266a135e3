//! Signer certificates up and away, on both networks.

use vaccert::sandbox::gateway::{Network, Participant};

use super::{Site, country, text};

#[test]
fn a_ministry_uploads_its_signer_and_takes_it_away_again() {
    for network in [Network::Eu, Network::Who] {
        let site = Site::open(network);
        let kid = site.own.signers[0].certificate().kid().to_string();
        let before = site.run(&["status"]);
        assert_eq!(before.code, Some(1), "{before:?}");
        assert!(before.out.contains("nobody abroad can check what it signs"), "{before:?}");
        assert!(before.out.contains("vaccert gateway upload --signer"), "{before:?}");

        let up = site.run(&["upload", "--signer"]).good();
        assert!(up.out.contains(&kid) && up.out.contains("  uploaded"), "{up:?}");
        assert_eq!(site.gateway().listed("XX"), std::slice::from_ref(&kid));
        assert_eq!(site.statuses(&["upload", "keys/dsc.pem"], 0), ["was there already"]);

        let status = site.run(&["status"]).good();
        for words in
            ["the clocks agree", "vouches for all 3", "is on the gateway's list", "a signer of this installation"]
        {
            assert!(status.out.contains(words), "{words}: {status:?}");
        }
        let told = site.json(&["status"], 0);
        assert_eq!(told["good"], true);

        let sentence = site.run(&["revoke", "--kid", &kid]).refused(2);
        assert!(sentence.contains("--yes") && sentence.contains(&kid), "{sentence}");
        assert_eq!(site.statuses(&["revoke", "--kid", &kid, "--yes"], 0), ["taken off the list"]);
        assert!(site.gateway().listed("XX").is_empty());
        assert_eq!(site.statuses(&["revoke", "keys/dsc.pem", "--yes"], 0), ["was not on the list"]);
        // What was taken away may come again.
        assert_eq!(site.statuses(&["upload", "--signer"], 0), ["uploaded"]);
    }
}

#[test]
fn what_would_be_refused_is_not_sent_and_forced_it_is_refused() {
    let site = Site::open(Network::Eu);
    let foreign = country("YY", 1);
    site.gateway().onboard(&Participant::of(&foreign)).unwrap();
    let file = site.work.write("foreign.pem", foreign.signers[0].pem());
    let told = site.json(&["upload", text(&file)], 1);
    let item = &told["items"][0];
    assert_eq!(item["status"], "not sent");
    let codes: Vec<_> = item["findings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["signer-country", "signer-issuer", "authority-other"]);
    assert!(site.gateway().asked().iter().all(|asked| asked.method == "GET"), "nothing was sent");
    let people = site.run(&["upload", text(&file)]);
    assert!(people.out.contains("would be refused (signer-country)") && people.out.contains("--force"), "{people:?}");

    let told = site.json(&["upload", text(&file), "--force"], 1);
    let item = &told["items"][0];
    assert_eq!(item["status"], "failed");
    let reason = item["reason"].as_str().unwrap();
    assert!(reason.contains("HTTP 400, code 0x004"), "{reason}");
    assert!(reason.contains("the country in it is not the one of the TLS certificate"), "{reason}");
    assert!(site.gateway().listed("XX").is_empty());
}

#[test]
fn a_rehearsed_upload_shows_what_it_would_send_and_sends_nothing() {
    let site = Site::open(Network::Eu);
    let shown = site.run(&["upload", "--signer", "--show"]).good();
    let mut lines = shown.out.lines();
    assert_eq!(lines.next(), Some(format!("POST {}/signerCertificate", site.gateway().url()).as_str()));
    assert!(shown.out.contains("\nContent-Type: application/cms\n\nMII"), "{shown:?}");
    assert!(site.gateway().asked().iter().all(|asked| asked.method == "GET"));
    let shown = site.run(&["revoke", "keys/dsc.pem", "--show"]).good();
    assert!(shown.out.starts_with("DELETE "), "{shown:?}");

    let who = Site::open(Network::Who);
    let shown = who.run(&["upload", "--signer", "--show"]).good();
    assert!(shown.out.contains("/trustedCertificate\n") && shown.out.contains("\"domain\":\"DCC\""), "{shown:?}");
}

#[test]
fn an_uploader_that_nobody_admitted_is_found_before_anything_is_sent() {
    let site = Site::open(Network::Eu);
    let other = country("XX", 0);
    site.identity("upload", &other.upload);
    let told = site.json(&["upload", "--signer"], 1);
    assert_eq!(told["items"][0]["findings"][0]["code"], "uploader-unknown");
    let status = site.run(&["status"]);
    assert_eq!(status.code, Some(1));
    assert!(status.out.contains("! upload certificate"), "{status:?}");
    let forced = site.json(&["upload", "--signer", "--force"], 1);
    let reason = forced["items"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("upload certificate is not admitted"), "{reason}");
    // Key and certificate of two people.
    site.work.write("keys/upload.pem", site.own.upload.pem());
    let sentence = site.run(&["upload", "--signer"]);
    assert_eq!(sentence.code, Some(1), "{sentence:?}");
    assert!(sentence.said().contains("what is uploaded cannot be signed: the certificate"), "{sentence:?}");
}
