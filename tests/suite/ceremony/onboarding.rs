//! From a ceremony to the folder that a network asks for; each published check passes what it should and fails what
//! it should.

use vaccert::{
    gateway::{
        Stage,
        onboard::{Check, Outcome, Submission, check},
    },
    keys::pem,
};

use super::{PRODUCTION, accepted, hold};
use crate::support::program::Workplace;

const KEYS: [&str; 5] = ["csca", "signer-1", "rsa", "tls", "upload"];

fn onboarded(country: &str) -> Workplace {
    let place = Workplace::new();
    let ran = hold(&place, &PRODUCTION.replace("\"TG\"", &format!("{country:?}")), &KEYS);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = place.run(&[
        "gateway",
        "onboard",
        "--network",
        "who",
        "--environment",
        "dev",
        "--from",
        "keys",
        "--out",
        "submission",
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    place
}

/// Every check that fails, with what it says.
fn failed(place: &Workplace) -> Vec<(String, String, String)> {
    let submission = Submission::read(&place.path("submission")).unwrap();
    let now = jiff::Timestamp::now();
    let only = |check: Check| match check.outcome {
        Outcome::Failed(said) => Some((check.name.to_owned(), check.file, said)),
        _ => None,
    };
    check(&submission, Stage::Uat, now).into_iter().filter_map(only).collect()
}

#[test]
fn a_ceremony_becomes_a_submission_that_passes() {
    let place = onboarded("TG");
    for file in ["SCA/SCA.pem", "TLS/TLS.pem", "TLS/CA.pem", "UP/UP.pem"] {
        let text = std::fs::read_to_string(place.path(&format!("submission/onboarding/DCC/{file}"))).unwrap();
        assert_eq!(pem::blocks(&text).len(), 1, "{file}");
    }
    let read = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
    assert_eq!(read("submission/onboarding/DCC/SCA/SCA.pem"), read("keys/csca.pem"));
    // Who is self-signed vouches for itself.
    assert_eq!(read("submission/onboarding/DCC/TLS/CA.pem"), read("keys/tls.pem"));
    let steps = read("submission/NEXT-STEPS.md");
    for said in
        ["name contains TGO", "tng-bot-dev", "git tag -s", "gdhcn-support@who.int", "role Write", "tng-dev.who.int"]
    {
        assert!(steps.contains(said), "{said}\n{steps}");
    }
    let all = std::fs::read_dir(place.path("submission")).unwrap().count();
    assert_eq!(all, 2);
    assert_eq!(failed(&place), []);
    let ran = place.run(&["gateway", "onboard", "--check", "submission", "--environment", "dev"]).good();
    assert!(ran.out.lines().last().unwrap().starts_with("All ") && ran.out.contains("tls-chain"), "{}", ran.out);
    // Nothing is overwritten.
    let again =
        ["gateway", "onboard", "--network", "who", "--environment", "dev", "--from", "keys", "--out", "submission"];
    assert!(place.run(&again).refused(2).contains("is there already"));

    // The submission lies in WHO's collection under its alpha-3 code.
    std::fs::rename(place.path("submission"), place.path("TGO")).unwrap();
    place.run(&["gateway", "onboard", "--check", "TGO", "--environment", "dev"]).good();
    std::fs::rename(place.path("TGO"), place.path("BEN")).unwrap();
    let ran = place.run(&["gateway", "onboard", "--check", "BEN", "--environment", "dev"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("is of TG (TGO), but the submission is of BEN"), "{}", ran.out);
}

#[test]
fn test_codes_and_several_domains() {
    let place = onboarded("XL");
    let arguments = [
        "gateway",
        "onboard",
        "--network",
        "who",
        "--environment",
        "uat",
        "--from",
        "keys",
        "--out",
        "two",
        "--domain",
        "DCC",
        "--domain",
        "IPS-PILGRIMAGE",
    ];
    let ran = place.run(&arguments).good();
    assert!(place.path("two/onboarding/IPS-PILGRIMAGE/SCA/SCA.pem").exists(), "{}", ran.out);
    assert!(!place.path("two/onboarding/IPS-PILGRIMAGE/UP").exists());
    let steps = std::fs::read_to_string(place.path("two/NEXT-STEPS.md")).unwrap();
    assert!(steps.contains("XCL") && steps.contains("environment UAT"), "{steps}");
    let ran =
        place.run(&["gateway", "onboard", "--network", "who", "--environment", "acc", "--from", "keys", "--out", "x"]);
    assert!(ran.refused(2).contains("the network who has no environment 'acc': take dev, uat or prod"));
    let ran = place.run(&[
        "gateway",
        "onboard",
        "--network",
        "who",
        "--environment",
        "dev",
        "--from",
        "keys",
        "--out",
        "x",
        "--domain",
        "../up",
    ]);
    assert!(ran.refused(2).contains("is no name of a domain"));
    let ran = place.run(&[
        "gateway",
        "onboard",
        "--network",
        "who",
        "--environment",
        "dev",
        "--from",
        "keys",
        "--out",
        "icvp",
        "--domain",
        "dICVP",
    ]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("note    dICVP") && ran.out.contains("always fails"), "{}", ran.out);
}

#[test]
fn the_eus_files_and_mail() {
    let place = onboarded("TG");
    let ran =
        place.run(&["gateway", "onboard", "--network", "eu", "--environment", "acc", "--from", "keys", "--out", "eu"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mail = std::fs::read_to_string(place.path("eu/mail.txt")).unwrap();
    let digest = accepted(&place, &["x509", "-in", "eu/NB_UP.pem", "-noout", "-fingerprint", "-sha256"]);
    let digest = digest.trim().split('=').nth(1).unwrap().replace(':', "").to_lowercase();
    assert!(mail.contains(&digest), "{mail}");
    let steps = std::fs::read_to_string(place.path("eu/NEXT-STEPS.md")).unwrap();
    assert!(steps.contains("CIRCABC") && steps.contains("2023-07-01"), "{steps}");
    for name in ["NB_CSCA.pem", "NB_TLS.pem", "NB_TLS_CA.pem", "NB_UP.pem"] {
        accepted(&place, &["x509", "-in", &format!("eu/{name}"), "-noout"]);
    }
}

#[test]
fn missing_and_private_files_of_the_ceremony_are_named() {
    let place = onboarded("TG");
    let run = |out: &str| {
        place.run(&["gateway", "onboard", "--network", "who", "--environment", "dev", "--from", "keys", "--out", out])
    };
    std::fs::rename(place.path("keys/upload.pem"), place.path("aside")).unwrap();
    assert!(run("a").refused(4).contains("upload.pem is not there: make it in the ceremony with [upload]"));
    std::fs::copy(place.path("keys/upload.key.pem"), place.path("keys/upload.pem")).unwrap();
    assert!(run("b").refused(2).contains("holds a private key, which must never be sent"));
    place.write("keys/upload.pem", "nothing");
    assert!(run("c").refused(4).contains("holds no certificate"));
    assert!(
        place
            .run(&["gateway", "onboard", "--check", "keys", "--environment", "dev"])
            .refused(4)
            .contains("has no folder 'onboarding'")
    );
}

/// Makes a certificate with OpenSSL in the submission.
fn put(place: &Workplace, file: &str, more: &[&str]) {
    let out = format!("submission/onboarding/DCC/{file}");
    let mut arguments = vec!["req", "-x509", "-nodes", "-keyout", "raw.pem", "-out", &out];
    let has = |word: &str| more.contains(&word);
    if !has("-newkey") {
        arguments.extend(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    }
    if !has("-days") {
        arguments.extend(["-days", "500"]);
    }
    if !has("-subj") {
        arguments.extend(["-subj", "/C=TG/CN=Made by OpenSSL"]);
    }
    accepted(place, &[&arguments[..], more].concat());
}

#[test]
fn each_published_check_fails_what_it_should() {
    const TLS: [&str; 4] =
        ["-addext", "keyUsage=critical,digitalSignature,keyCertSign", "-addext", "extendedKeyUsage=clientAuth"];
    const UP: [&str; 2] = ["-addext", "keyUsage=critical,digitalSignature"];
    const SCA: [&str; 2] = ["-addext", "keyUsage=critical,keyCertSign"];
    const RSA: [&str; 2] = ["-newkey", "rsa:2048"];
    let cases: &[(&str, Vec<&str>, &str)] = &[
        ("UP/UP.pem", [&UP[..], &["-days", "29"]].concat(), "validity"),
        ("UP/UP.pem", [&UP[..], &["-days", "364"]].concat(), "validity-range"),
        ("UP/UP.pem", [&UP[..], &["-days", "732"]].concat(), "validity-range"),
        ("SCA/SCA.pem", [&SCA[..], &["-days", "729"]].concat(), "validity-range"),
        ("SCA/SCA.pem", [&SCA[..], &["-days", "1464"]].concat(), "validity-range"),
        ("UP/UP.pem", [&UP[..], &RSA].concat(), "key-length"),
        ("UP/UP.pem", [&UP[..], &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp224r1"]].concat(), "key-length"),
        (
            "UP/UP.pem",
            [
                &UP[..],
                &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-pkeyopt", "ec_param_enc:explicit"],
            ]
            .concat(),
            "sound-key",
        ),
        ("UP/UP.pem", [&UP[..], &["-sha384"]].concat(), "signature-algorithm"),
        ("UP/UP.pem", [&UP[..], &["-sha1"]].concat(), "signature-algorithm"),
        ("UP/UP.pem", [&UP[..], &["-subj", "/C=BJ/CN=x"]].concat(), "country"),
        ("UP/UP.pem", [&UP[..], &["-subj", "/C=TG/C=TG/CN=x"]].concat(), "country"),
        ("UP/UP.pem", [&UP[..], &["-subj", "/C=QQ/CN=x"]].concat(), "country"),
        ("UP/UP.pem", [&UP[..], &["-subj", "/CN=x"]].concat(), "country"),
        ("UP/UP.pem", vec![], "key-usage"),
        ("UP/UP.pem", vec!["-addext", "keyUsage=critical,digitalSignature,cRLSign"], "key-usage"),
        ("UP/UP.pem", vec!["-addext", "keyUsage=critical,keyCertSign"], "key-usage"),
        ("SCA/SCA.pem", [&UP[..], &["-days", "1000"]].concat(), "key-usage"),
        (
            "SCA/SCA.pem",
            [&SCA[..], &["-days", "1000", "-addext", "basicConstraints=critical,CA:TRUE,pathlen:1"]].concat(),
            "basic-constraints",
        ),
        (
            "SCA/SCA.pem",
            [&SCA[..], &["-days", "1000", "-addext", "basicConstraints=critical,CA:FALSE"]].concat(),
            "basic-constraints",
        ),
        ("TLS/TLS.pem", vec!["-addext", "keyUsage=critical,digitalSignature,keyCertSign"], "extended-key-usage"),
        (
            "TLS/TLS.pem",
            vec!["-addext", "keyUsage=critical,digitalSignature", "-addext", "extendedKeyUsage=clientAuth"],
            "self-signed-tls",
        ),
        // Signed by nobody in CA.pem.
        ("TLS/TLS.pem", TLS.to_vec(), "tls-chain"),
        ("XX/UP.pem", UP.to_vec(), "group-name"),
        ("UP/UP.pem", [&UP[..], &["-subj", "/C=TG/O=vaccert sandbox/CN=x"]].concat(), "no-sandbox"),
    ];
    let place = onboarded("TG");
    std::fs::create_dir_all(place.path("submission/onboarding/DCC/XX")).unwrap();
    for (file, more, check) in cases {
        let path = place.path(&format!("submission/onboarding/DCC/{file}"));
        let before = std::fs::read(&path).ok();
        put(&place, file, more);
        let found = failed(&place);
        assert!(found.iter().any(|(name, at, _)| name == check && at.ends_with(file)), "{file} {more:?}: {found:?}");
        // Nothing else is blamed for it, but for what the same fault breaks as well.
        for (name, at, said) in &found {
            assert!(at.ends_with(file), "{name} {at} {said}");
            assert!(!said.ends_with('.') && said.len() > 15, "{said}");
        }
        match before {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
    }
    assert_eq!(failed(&place), []);

    let dcc = |name: &str| place.path(&format!("submission/onboarding/DCC/{name}"));
    let expect = |check: &str, file: &str| {
        let found = failed(&place);
        assert!(found.iter().any(|(name, at, _)| name == check && at.contains(file)), "{check} {file}: {found:?}");
    };
    // Files.
    let up = std::fs::read(dcc("UP/UP.pem")).unwrap();
    std::fs::remove_file(dcc("UP/UP.pem")).unwrap();
    expect("mandatory-files", "UP/UP.pem");
    std::fs::write(dcc("UP/UP.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    expect("valid-pem", "UP/UP.pem");
    std::fs::copy(dcc("TLS/TLS.pem"), dcc("UP/UP.pem")).unwrap();
    expect("separate-keys", "UP/UP.pem");
    std::fs::write(dcc("UP/UP.pem"), &up).unwrap();
    let tls = std::fs::read(dcc("TLS/TLS.pem")).unwrap();
    std::fs::write(dcc("TLS/TLS.pem"), [tls.clone(), tls.clone()].concat()).unwrap();
    expect("tls-without-chain", "TLS/TLS.pem");
    std::fs::write(dcc("TLS/TLS.pem"), &tls).unwrap();
    // Folders.
    place.write("submission/onboarding/SHC/SCA/SCA.pem", std::fs::read(dcc("SCA/SCA.pem")).unwrap());
    expect("domain-name", "SHC");
    std::fs::remove_dir_all(place.path("submission/onboarding/SHC")).unwrap();
    std::fs::create_dir_all(place.path("submission/onboarding/PH4H/UP")).unwrap();
    std::fs::write(place.path("submission/onboarding/PH4H/UP/UP.pem"), &up).unwrap();
    expect("mandatory-files", "PH4H");
    std::fs::remove_dir_all(place.path("submission/onboarding/PH4H")).unwrap();
    // What must never be there, and what else belongs to the layout.
    place.write("submission/keys/upload.pem", std::fs::read(place.path("keys/upload.key.pem")).unwrap());
    expect("no-private-key", "keys/upload.pem");
    std::fs::remove_dir_all(place.path("submission/keys")).unwrap();
    place.write("submission/onboarding/DCC/ISSUER/Trusted_Issuer.json", "{}");
    expect("trusted-issuer", "ISSUER/Trusted_Issuer.json");
    std::fs::remove_dir_all(place.path("submission/onboarding/DCC/ISSUER")).unwrap();
    std::fs::copy("fixtures/pki/es256.cert.der", place.path("known.der")).unwrap();
    accepted(&place, &["x509", "-inform", "DER", "-in", "known.der", "-out", "submission/onboarding/DCC/UP/UP.pem"]);
    expect("sound-key", "UP/UP.pem");
}
