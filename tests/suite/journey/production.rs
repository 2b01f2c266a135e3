//! The real thing: a country's root and signer, an encrypted key, a list that officers check by the list key.

use std::{collections::BTreeSet, fs, path::Path};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, RsaKeySize,
};
use vaccert::signers::{Passphrase, Protection, write_private_key};

use crate::support::{dhis2::population::crowd, program::Workplace};

use super::{doses, export};

const PASSPHRASE: &str = "nine lighthouse keepers";

/// Extended key usage for vaccinations (EU DCC certificate governance, section 4.3).
const VACCINATIONS: [u64; 10] = [1, 3, 6, 1, 4, 1, 1847, 2021, 1, 2];

#[derive(Clone, Copy, Debug)]
enum Kind {
    P256,
    Rsa,
}

fn subject(name: &str) -> CertificateParams {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CountryName, DnValue::PrintableString("LK".try_into().unwrap()));
    subject.push(DnType::OrganizationName, "Ministry of Health");
    subject.push(DnType::CommonName, name);
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = subject;
    parameters.not_before = rcgen::date_time_ymd(2024, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2060, 1, 1);
    parameters
}

/// A signer's key and certificate, encrypted, in the folder `keys`.
fn identity(work: &Workplace, name: &str, kind: Kind, issuer: &Issuer<'_, KeyPair>) {
    let key = match kind {
        Kind::P256 => KeyPair::generate().unwrap(),
        Kind::Rsa => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap(),
    };
    let mut parameters = subject(name);
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    if name.starts_with("dsc") {
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(VACCINATIONS.to_vec())];
    }
    work.write(&format!("keys/{name}.pem"), parameters.signed_by(&key, issuer).unwrap().pem());
    let path = work.path(&format!("keys/{name}-key.pem"));
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    write_private_key(&path, &key.serialize_der(), &Protection::Passphrase(&passphrase, [7; 32])).unwrap();
}

/// A ministry's own keys, made by its authority: `csca.pem`; `dsc.pem`, its successor `dsc2.pem` and `list.pem`
/// with their keys under the passphrase.
fn ministry(kind: Kind) -> Workplace {
    let work = Workplace::new();
    let root_key = KeyPair::generate().unwrap();
    let mut root = subject("National CSCA");
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root_certificate = root.self_signed(&root_key).unwrap();
    work.write("keys/csca.pem", root_certificate.pem());
    let issuer = Issuer::new(root, root_key);

    for (name, kind) in [("dsc", kind), ("dsc2", Kind::P256), ("list", Kind::P256)] {
        identity(&work, name, kind, &issuer);
    }
    work.write(
        "vaccert.toml",
        r#"
environment = "production"

[issuer]
country = "LK"
name = "Ministry of Health"

[keys]
# Those who check have all keys of these journeys already.
publish_hours = 0
signer_key = "keys/dsc-key.pem"
signer_certificate = "keys/dsc.pem"
list_key = "keys/list-key.pem"
list_certificate = "keys/list.pem"

[registry]
url = "registry.sqlite"
"#,
    );
    work.write("export.json", export(&crowd(6, 2)));
    work
}

const ISSUE: [&str; 6] = ["issue", "--from", "export.json", "--out", "out", "--quiet"];

#[test]
fn certificates_of_a_country_are_believed_by_its_list_key_alone() {
    for kind in [Kind::P256, Kind::Rsa] {
        let mut work = ministry(kind);
        work.set("VACCERT_PASSPHRASE", PASSPHRASE);
        work.run(&ISSUE).good();
        let out = work.out("out");
        let codes = out.codes();
        assert_eq!(codes.len(), doses(&crowd(6, 2)).len());

        let list_key = work.path("keys/list.pem");
        let list_key = list_key.to_str().unwrap();
        let verified = work.verify(&out.trust(), &codes, &["--list-key", list_key]);
        verified.accepted(&[]);
        assert!(verified.verdicts.iter().all(|v| v["issuer"]["country"] == "LK"), "{kind:?}");

        // Without the list key, or with another, the list is not believed, and no verdict is given.
        for more in [&[][..], &["--list-key", work.path("keys/csca.pem").to_str().unwrap()]] {
            let verified = work.verify(&out.trust(), &codes, more);
            assert_eq!(verified.ran.code, Some(4), "{verified:?}");
            assert!(verified.verdicts.is_empty() && verified.ran.err.lines().count() == 1, "{verified:?}");
        }
        // A list of another country, or of a sandbox, knows none of it.
        let mut other = ministry(Kind::P256);
        other.set("VACCERT_PASSPHRASE", PASSPHRASE);
        other.run(&ISSUE).good();
        let other_key = other.path("keys/list.pem");
        let verified = work.verify(&other.out("out").trust(), &codes, &["--list-key", other_key.to_str().unwrap()]);
        assert_eq!(verified.ran.code, Some(3), "{verified:?}");
        assert!(verified.words().iter().all(|word| *word == ("undecided", Some("issuer-unknown"))));
        let sandbox = Workplace::new();
        sandbox.run(&["demo", "--once", "--quiet"]).good();
        let verified = work.verify(&sandbox.out("out").trust(), &codes, &[]);
        assert_eq!(verified.ran.code, Some(3), "{verified:?}");
        // Nor is a specimen believed by the country's list.
        let verified = work.verify(&out.trust(), &sandbox.out("out").codes(), &["--list-key", list_key]);
        assert!(verified.words().iter().all(|word| *word == ("undecided", Some("issuer-unknown"))));

        // A damaged list is refused.
        let text = fs::read_to_string(out.trust()).unwrap();
        let mid = text.len() / 2;
        let damaged =
            format!("{}{}{}", &text[..mid], if &text[mid..=mid] == "A" { "B" } else { "A" }, &text[mid + 1..]);
        let damaged = work.write("damaged.json", damaged);
        let verified = work.verify(&damaged, &codes, &["--list-key", list_key]);
        assert_eq!((verified.ran.code, verified.verdicts.len()), (Some(4), 0), "{verified:?}");
    }
}

#[test]
fn what_an_earlier_key_signed_stands_when_the_key_is_replaced() {
    for kind in [Kind::P256, Kind::Rsa] {
        let mut work = ministry(kind);
        work.set("VACCERT_PASSPHRASE", PASSPHRASE);
        work.run(&ISSUE).good();
        let text = fs::read_to_string(work.path("vaccert.toml")).unwrap();
        work.write("vaccert.toml", text.replace("keys/dsc", "keys/dsc2"));
        let people = crowd(9, 2);
        work.write("export.json", export(&people));
        work.run(&ISSUE).good();
        let out = work.out("out");
        let [_, issued, _, unchanged] = out.counts();
        assert!(issued > 0 && unchanged > 0 && issued + unchanged == doses(&people).len() as u64);

        // Into another folder: the list does not live on the one before.
        work.run(&["issue", "--from", "export.json", "--out", "elsewhere", "--quiet", "--files", "txt"]).good();
        let list_key = work.path("keys/list.pem");
        for out in [out, work.out("elsewhere")] {
            assert_eq!(out.codes().len() as u64, issued + unchanged);
            let verified = work.verify(&out.trust(), &out.codes(), &["--list-key", list_key.to_str().unwrap()]);
            verified.accepted(&[]);
            let kids: BTreeSet<_> = verified.verdicts.iter().map(|v| v["issuer"]["kid"].to_string()).collect();
            assert_eq!(kids.len(), 2, "both keys");
        }
    }
}

#[test]
fn a_key_without_its_passphrase_signs_nothing() {
    let mut work = ministry(Kind::P256);
    let nothing = |work: &Workplace| assert!(!Path::exists(&work.path("out/trust.json")));
    let sentence = work.run(&ISSUE).refused(2);
    assert!(sentence.contains("VACCERT_PASSPHRASE"), "{sentence}");
    nothing(&work);
    work.set("VACCERT_PASSPHRASE", "ten lighthouse keepers");
    let ran = work.run(&ISSUE);
    assert!(!ran.said().contains("lighthouse"), "{ran:?}");
    let sentence = ran.refused(2);
    assert!(sentence.contains("dsc-key.pem") && sentence.contains("passphrase"), "{sentence}");
    nothing(&work);
    // By file, as a service gets it; a line end is no part of it.
    work.unset("VACCERT_PASSPHRASE");
    let text = fs::read_to_string(work.path("vaccert.toml")).unwrap();
    work.write("vaccert.toml", text.replace("[registry]", "passphrase_file = \"pass\"\n\n[registry]"));
    work.write("pass", format!("{PASSPHRASE}\n"));
    work.run(&ISSUE).good();
}

#[test]
fn production_takes_no_sandbox_and_no_unencrypted_key() {
    let mut work = ministry(Kind::P256);
    work.set("VACCERT_PASSPHRASE", PASSPHRASE);
    let text = fs::read_to_string(work.path("vaccert.toml")).unwrap();

    // A rehearsal with the real key.
    work.write("vaccert.toml", text.replace("environment = \"production\"", ""));
    let sentence = work.run(&ISSUE).refused(2);
    assert!(sentence.contains("not a sandbox certificate"), "{sentence}");

    // A sandbox's keys in production, as signer and as list key.
    work.run(&["init", "-q", "sandbox"]).good();
    for (real, throw_away) in [("keys/dsc", "sandbox/keys/dsc"), ("keys/list", "sandbox/keys/csca")] {
        work.write("vaccert.toml", text.replace(real, throw_away));
        let sentence = work.run(&ISSUE).refused(2);
        assert!(sentence.contains("is a sandbox certificate"), "{sentence}");
    }

    // The key of another certificate, and one that nobody encrypted.
    work.write("vaccert.toml", text.replace("keys/dsc-key.pem", "keys/list-key.pem"));
    let sentence = work.run(&ISSUE).refused(2);
    assert!(sentence.contains("key") && sentence.contains("certificate"), "{sentence}");
    let key = KeyPair::generate().unwrap();
    write_private_key(&work.path("keys/open.pem"), &key.serialize_der(), &Protection::SandboxOnly).unwrap();
    work.write("vaccert.toml", text.replace("keys/dsc-key.pem", "keys/open.pem"));
    let sentence = work.run(&ISSUE).refused(2);
    assert!(sentence.contains("open.pem") && sentence.contains("encrypt"), "{sentence}");

    work.write("vaccert.toml", &text);
    work.run(&ISSUE).good();
}

/// The configuration without what only journeys say: a new key is published for a day before it signs.
fn patient(work: &Workplace) -> String {
    fs::read_to_string(work.path("vaccert.toml")).unwrap().replace("publish_hours = 0", "")
}

#[test]
fn a_new_key_is_published_for_a_day_before_it_signs() {
    let mut work = ministry(Kind::P256);
    work.set("VACCERT_PASSPHRASE", PASSPHRASE);
    let waits = patient(&work);
    work.write("vaccert.toml", &waits);
    let kid = |bundle: &Path| {
        let list_key = work.path("keys/list.pem");
        let arguments =
            ["trust", "show", "--trust", bundle.to_str().unwrap(), "--list-key", list_key.to_str().unwrap()];
        work.run(&arguments).good().out
    };
    // Nothing is signed, and everybody can fetch the key from now on.
    let sentence = work.run(&ISSUE).refused(2);
    assert!(sentence.contains("was published at") && sentence.contains("signs from"), "{sentence}");
    assert!(work.out("out").codes().is_empty());
    let shown = kid(&work.out("out").trust());
    assert!(shown.contains("1 key"), "{shown}");
    // A day is a day, however often it is asked.
    assert!(work.run(&ISSUE).refused(2).contains("signs from"));

    // The operator says that verifiers have it: since long ago, or since an hour ago.
    let list = |published: &str| {
        let one = format!(
            "[[keys.signer]]\nkey = \"keys/dsc-key.pem\"\ncertificate = \"keys/dsc.pem\"\npublished = \"{published}\"\n\n[registry]"
        );
        waits
            .replace("signer_key = \"keys/dsc-key.pem\"", "")
            .replace("signer_certificate = \"keys/dsc.pem\"", "")
            .replace("[registry]", &one)
    };
    work.write("vaccert.toml", list("2026-01-01T00:00:00Z"));
    work.run(&ISSUE).good();
    let signed = work.out("out").codes().len();
    assert_eq!(signed, doses(&crowd(6, 2)).len());

    // The successor is in the list at once, and the key that signed goes on.
    let both = list("2026-01-01T00:00:00Z").replace(
        "[registry]",
        "[[keys.signer]]\nkey = \"keys/dsc2-key.pem\"\ncertificate = \"keys/dsc2.pem\"\nusages = [\"vaccination\"]\n\n[registry]",
    );
    work.write("vaccert.toml", &both);
    work.write("export.json", export(&crowd(9, 2)));
    work.run(&ISSUE).good();
    let shown = kid(&work.out("out").trust());
    assert!(shown.contains("2 keys"), "{shown}");
    let list_key = work.path("keys/list.pem");
    let verified =
        work.verify(&work.out("out").trust(), &work.out("out").codes(), &["--list-key", list_key.to_str().unwrap()]);
    verified.accepted(&[]);
    let kids: BTreeSet<_> = verified.verdicts.iter().map(|v| v["issuer"]["kid"].to_string()).collect();
    assert_eq!(kids.len(), 1, "the old key alone");

    // What cannot be is refused with the setting's name.
    for (wrong, part) in [
        (both.replace("usages = [\"vaccination\"]", "usages = [\"test\"]"), "extended key usage"),
        (both.replace("dsc2", "dsc"), "named twice"),
        (both.replace("publish_hours", "publish_hour"), ""),
        (waits.replace("signer_certificate = \"keys/dsc.pem\"", ""), "signer_certificate"),
        (waits.replace("[keys]", "[keys]\npublish_hours = 721"), "keys.publish_hours"),
        (waits.replace("keys/dsc-key.pem", "pkcs11:token=hsm"), "names no key"),
        (waits.replace("keys/dsc-key.pem", "pkcs11:token=hsm;object=a?pin-value=73910"), "holds a PIN"),
    ] {
        work.write("vaccert.toml", &wrong);
        let ran = work.run(&ISSUE);
        assert!(!ran.said().contains("73910"), "{ran:?}");
        if !part.is_empty() {
            let sentence = ran.refused(2);
            assert!(sentence.contains(part), "{part}: {sentence}");
        }
    }
}
