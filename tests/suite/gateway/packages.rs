//! A renewed upload certificate: everything is signed anew, and everybody who checks accepts it again.

use vaccert::sandbox::gateway::Network;

use super::{Site, text};

#[test]
fn everything_is_signed_anew_once() {
    let site = Site::open(Network::Eu);
    site.run(&["upload", "--signer"]).good();
    site.run(&["rules", "upload", text(&site.rule("1.0.0", 49))]).good();
    site.run(&["revocations", "push", text(&site.batch("one.json", 2))]).good();
    assert_eq!(site.statuses(&["migrate"], 0), ["is signed with the new certificate"; 3]);

    site.renew_upload();
    assert_eq!(site.statuses(&["migrate", "--show"], 0), ["would be signed anew"; 3]);
    assert_eq!(site.statuses(&["migrate"], 0), ["signed anew"; 3]);
    assert_eq!(site.statuses(&["migrate"], 0), ["is signed with the new certificate"; 3]);

    // The old one goes; what it signed would have gone with it.
    site.gateway().remove(site.own.upload.der()).unwrap();
    site.run(&["status"]).good();
    let pulled = site.run(&["pull", "--only", "countries,rules,revocations"]).good();
    assert!(pulled.out.contains("taken: 1 usable of 1") && pulled.out.contains("taken: 2 usable of 1"), "{pulled:?}");
}

#[test]
fn what_an_unknown_certificate_signed_is_left_as_it_is() {
    let site = Site::open(Network::Eu);
    site.run(&["rules", "upload", text(&site.rule("1.0.0", 49))]).good();
    let old = site.work.write("old.pem", site.own.upload.pem());
    site.renew_upload();
    site.gateway().remove(site.own.upload.der()).unwrap();
    let told = site.json(&["migrate"], 1);
    assert_eq!(told["items"][0]["status"], "left as it is");
    assert!(told["items"][0]["reason"].as_str().unwrap().contains("--old"), "{told}");
    // An operator who knows it says so.
    assert_eq!(site.statuses(&["migrate", "--old", text(&old)], 0), ["signed anew"]);
}
