//! Keys that are made in a token and never leave it, against SoftHSM2.
#![cfg(feature = "pkcs11")]

use super::{NAMES, PRODUCTION, accepted, passphrases, typed};
use crate::{
    support::program::{Ran, Workplace},
    tokens::{PIN, Site, module},
};

fn run(place: &Workplace, file: &str, out: &str, keys: &[&str]) -> Ran {
    place.write("ceremony.toml", file);
    let options = passphrases(place, keys);
    let mut arguments = vec!["keys", "ceremony", "ceremony.toml", "--out", out];
    arguments.extend(options.iter().map(String::as_str));
    typed(place, &arguments, NAMES)
}

#[test]
fn keys_of_a_ceremony_may_live_in_a_token() {
    let Some(module) = module() else { return };
    let mut place = Workplace::new();
    let site = Site { folder: place.path("hsm") };
    site.write_configuration();
    site.init("health");
    place.set("SOFTHSM2_CONF", site.configuration().to_str().unwrap());
    place.set("VACCERT_PKCS11_MODULE", module.to_str().unwrap());
    place.set("VACCERT_PIN", PIN);
    let file = PRODUCTION
        .replace("[csca]", "[csca]\ntoken = \"pkcs11:token=health;object=csca\"")
        .replace(
            "common_name = \"Health DSC 1\"",
            "common_name = \"Health DSC 1\"\ntoken = \"pkcs11:token=health;object=dsc-1\"",
        )
        .replace("name = \"rsa\"", "name = \"rsa\"\ntoken = \"pkcs11:token=health;object=rsa\"");
    let ran = run(&place, &file, "keys", &["tls", "upload"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("a new key csca in the token health"), "{}", ran.out);
    assert!(!ran.said().contains(PIN));
    for name in ["csca", "signer-1", "rsa"] {
        assert!(!place.path(&format!("keys/{name}.key.pem")).exists());
    }
    accepted(&place, &["verify", "-x509_strict", "-CAfile", "keys/csca.pem", "keys/signer-1.pem", "keys/rsa.pem"]);

    // Again: the keys are there already, which is said, and can be used when the file says so.
    let ran = run(&place, &file, "again", &["tls", "upload"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("the key for csca is in a token, and the ceremony cannot go on"), "{ran:?}");
    std::fs::remove_dir_all(place.path("again.unfinished")).unwrap();
    let existing = file.replace("token = ", "existing_key = true\ntoken = ");
    let ran = run(&place, &existing, "again", &["tls", "upload"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let key = |file: &str| accepted(&place, &["x509", "-in", file, "-noout", "-pubkey"]);
    assert_eq!(key("keys/csca.pem"), key("again/csca.pem"));
    // The plan says P-256 and the name leads to an RSA key.
    let swapped = existing
        .replace("object=dsc-1\"", "object=X\"")
        .replace("object=rsa\"", "object=dsc-1\"")
        .replace("=X\"", "=rsa\"");
    let ran = run(&place, &swapped, "kind", &["tls", "upload"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("the key for signer-1 in the token is RSA 2048, and not P-256 as planned"), "{ran:?}");

    // A later month: the authority's key in the token, a new signer in a file.
    let renewal = PRODUCTION
        .replace(
            "common_name = \"Health CSCA 1\"",
            "certificate = \"keys/csca.pem\"\ntoken = \"pkcs11:token=health;object=csca\"",
        )
        .replace("Health DSC 1", "Health DSC 11")
        .replace("Health DSC 2", "Health DSC 12");
    let ran = run(&place, &renewal, "renewal", &["signer-1", "rsa", "tls", "upload"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    accepted(
        &place,
        &["verify", "-x509_strict", "-CAfile", "keys/csca.pem", "renewal/signer-1.pem", "renewal/rsa.pem"],
    );

    // A slip of the pen.
    let wrong = file.replace("pkcs11:token=health;object=csca", "health/csca");
    place.write("wrong.toml", wrong);
    let ran = place.run(&["keys", "ceremony", "wrong.toml", "--dry-run"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("csca.token: does not begin with pkcs11:"), "{ran:?}");
}
