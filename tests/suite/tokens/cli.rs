//! The program with its keys in a token, as a ministry runs it.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, RsaKeySize};

use super::{PIN, Site, module, subject};
use crate::{
    journey::{doses, export},
    support::{dhis2::population::crowd, program::Workplace},
};

const VACCINATIONS: [u64; 10] = [1, 3, 6, 1, 4, 1, 1847, 2021, 1, 2];
const ISSUE: [&str; 6] = ["issue", "--from", "export.json", "--out", "out", "--quiet"];

/// A ministry whose signer `dsc` and list key are in a token; its authority was elsewhere.
fn ministry(rsa: bool) -> Option<(Workplace, Site)> {
    let module = module()?;
    let mut work = Workplace::new();
    let site = Site { folder: work.path("") };
    site.write_configuration();
    site.init("health");
    let root_key = KeyPair::generate().unwrap();
    let mut root = subject("Ministry of Health", "LK", "National CSCA");
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let issuer = Issuer::new(root, root_key);
    for (name, id) in [("dsc", "01"), ("list", "02")] {
        let key = match rsa && name == "dsc" {
            true => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap(),
            false => KeyPair::generate().unwrap(),
        };
        let path = work.write("import.pem", key.serialize_pem());
        let path = path.to_str().unwrap();
        site.run("softhsm2-util", &["--import", path, "--token", "health", "--label", name, "--id", id, "--pin", PIN]);
        let mut parameters = subject("Ministry of Health", "LK", name);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        if name == "dsc" {
            parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(VACCINATIONS.to_vec())];
        }
        work.write(&format!("keys/{name}.pem"), parameters.signed_by(&key, &issuer).unwrap().pem());
    }
    fs::remove_file(work.path("import.pem")).unwrap();
    work.write("pin", format!("{PIN}\n"));
    fs::set_permissions(work.path("pin"), fs::Permissions::from_mode(0o600)).unwrap();
    let module = module.display();
    work.write(
        "vaccert.toml",
        format!(
            r#"environment = "production"
[issuer]
country = "LK"
name = "Ministry of Health"
[keys]
publish_hours = 0
signer_key = "pkcs11:token=health;object=dsc"
signer_certificate = "keys/dsc.pem"
list_key = "pkcs11:token=health;object=list"
list_certificate = "keys/list.pem"
[keys.pkcs11]
module = "{module}"
pin_file = "pin"
"#
        ),
    );
    work.write("export.json", export(&crowd(6, 2)));
    work.set("SOFTHSM2_CONF", site.configuration().to_str().unwrap());
    Some((work, site))
}

#[test]
fn a_country_issues_with_its_keys_in_a_token() {
    for rsa in [false, true] {
        let Some((work, _site)) = ministry(rsa) else { return };
        let ran = work.run(&ISSUE);
        assert!(!ran.said().contains(PIN), "{ran:?}");
        ran.good();
        let out = work.out("out");
        assert_eq!(out.codes().len(), doses(&crowd(6, 2)).len());
        let list_key = work.path("keys/list.pem");
        work.verify(&out.trust(), &out.codes(), &["--list-key", list_key.to_str().unwrap()]).accepted(&[]);
    }
}

#[test]
fn what_is_wrong_with_a_token_is_said_in_one_sentence() {
    let Some((mut work, site)) = ministry(false) else { return };
    let text = fs::read_to_string(work.path("vaccert.toml")).unwrap();
    let refuse = |work: &Workplace, from: &str, to: &str, code: i32, part: &str| {
        assert!(from.is_empty() || text.contains(from), "{from}");
        work.write("vaccert.toml", if from.is_empty() { text.clone() } else { text.replace(from, to) });
        let ran = work.run(&ISSUE);
        assert!(!ran.said().contains(PIN) && !ran.said().contains("000000"), "{ran:?}");
        assert_eq!(ran.code, Some(code), "{ran:?}");
        // A warning may come before; the last line says why it ended.
        let last = ran.err.lines().last().unwrap_or_default();
        assert!(last.starts_with("vaccert: ") && last.contains(part), "{part}: {ran:?}");
        assert!(!work.path("out/trust.json").exists(), "{part}");
    };
    refuse(&work, "object=dsc", "object=dcs", 2, "it holds ");
    refuse(&work, "object=dsc", "object=list", 2, "do not belong together");
    refuse(&work, "libsofthsm2.so", "libsofthsm3.so", 2, "libsofthsm3.so cannot be used");
    refuse(&work, "pin_file = \"pin\"", "pin_file = \"nowhere\"", 2, "the PIN of the token health is not known");
    refuse(&work, "pin_file = \"pin\"", "", 2, "VACCERT_PIN");
    refuse(&work, "module = ", "sessions = 65\nmodule = ", 2, "keys.pkcs11.sessions");
    work.write("pin", "000000");
    refuse(&work, "", "", 2, "CKR_PIN_INCORRECT");
    work.write("pin", PIN);
    // The token is not there: perhaps it will be, so this is no fault of the configuration.
    refuse(&work, "token=health;object=dsc", "token=helth;object=dsc", 4, "no token helth; the library sees health");
    fs::rename(site.tokens(), site.folder.join("taken")).unwrap();
    fs::create_dir(site.tokens()).unwrap();
    refuse(&work, "", "", 4, "the token health is away");
    fs::remove_dir(site.tokens()).ok();
    fs::remove_dir_all(site.tokens()).ok();
    fs::rename(site.folder.join("taken"), site.tokens()).unwrap();
    // The PIN from the environment, where no file is named.
    work.set("VACCERT_PIN", PIN);
    work.write("vaccert.toml", text.replace("pin_file = \"pin\"\n", ""));
    work.run(&ISSUE).good();
}

#[test]
fn a_key_is_made_in_the_token_and_named_for_the_configuration() {
    let Some((work, site)) = ministry(false) else { return };
    let ran = work.run(&["keys", "make", "pkcs11:token=health;object=dsc-2027"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{ran:?}");
    assert!(ran.err.contains("\"pkcs11:token=health;object=dsc-2027\""), "{ran:?}");
    let public: PathBuf = work.write("public.pem", &ran.out);
    let said = super::openssl(&site.folder, &["pkey", "-pubin", "-in", public.to_str().unwrap(), "-noout", "-text"]);
    assert!(said.contains("P-256"), "{said}");
    let sentence = work.run(&["keys", "make", "pkcs11:token=health;object=dsc-2027"]).refused(2);
    assert!(sentence.contains("holds a key dsc-2027 already"), "{sentence}");
    let sentence = work.run(&["keys", "make", "keys/dsc.pem"]).refused(2);
    assert!(sentence.contains("pkcs11:token=LABEL;object=KEY"), "{sentence}");
    // Without a configuration the name says everything.
    let elsewhere = Workplace::new();
    let name = format!(
        "pkcs11:token=health;object=upload?module-path={}&pin-source={}",
        module().unwrap().display(),
        work.path("pin").display()
    );
    let mut command = elsewhere.command(&["keys", "make", "--kind", "rsa3072", "--quiet", &name]);
    let output = command.env("SOFTHSM2_CONF", site.configuration()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let public = elsewhere.write("upload.pem", &output.stdout);
    let said = super::openssl(&site.folder, &["pkey", "-pubin", "-in", public.to_str().unwrap(), "-noout", "-text"]);
    assert!(said.contains("3072 bit"), "{said}");
}

#[test]
fn a_ceremony_in_a_token_gives_a_signer_that_issues() {
    let Some((mut work, site)) = ministry(false) else { return };
    let module = module().unwrap();
    work.set("VACCERT_PKCS11_MODULE", module.to_str().unwrap());
    work.set("VACCERT_PIN", PIN);
    let plan = r#"title = "Keys in a token"
country = "XX"
organisation = "Ministry of Health"
environment = "sandbox"
[csca]
common_name = "CSCA in a token"
key = "P-256"
days = 1461
key_use_days = 365
token = "pkcs11:token=health;object=csca-2027"
[[signer]]
name = "signer-1"
common_name = "DSC in a token"
usages = ["vaccination"]
key = "P-256"
days = 730
key_use_days = 183
token = "pkcs11:token=health;object=dsc-2027"
"#;
    work.write("ceremony.toml", plan);
    let ran = work.run(&["keys", "ceremony", "ceremony.toml", "--out", "made", "--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.said().contains(PIN), "{ran:?}");
    super::openssl(&site.folder, &["verify", "-CAfile", "made/csca.pem", "made/signer-1.pem"]);
    let left: Vec<_> = fs::read_dir(work.path("made")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".key.")), "{left:?}");

    work.write(
        "vaccert.toml",
        format!(
            "[issuer]\ncountry = \"XX\"\nname = \"Ministry\"\n[keys]\nsigner_key = \
             \"pkcs11:token=health;object=dsc-2027\"\nsigner_certificate = \"made/signer-1.pem\"\n[keys.pkcs11]\nmodule \
             = \"{}\"\npin_file = \"pin\"\n[issue]\nformats = [\"eu-dcc\"]\n",
            module.display()
        ),
    );
    work.run(&ISSUE).good();
    let out = work.out("out");
    work.verify(&out.trust(), &out.codes(), &[]).accepted(&["sandbox"]);
    // What ends when is told without a PIN.
    fs::remove_file(work.path("pin")).unwrap();
    let ran = work.run(&["keys", "status"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("key use      ends"), "{ran:?}");
}
