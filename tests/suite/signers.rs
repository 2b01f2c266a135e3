//! Key files and sandbox certificates against the real OpenSSL, which every ministry uses for its keys.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use proptest::prelude::*;
use tempfile::TempDir;
use vaccert::{
    clock::{self, Clock as _},
    signers::{
        KeyFileError, Passphrase, Protection, Unencrypted, load_private_key,
        sandbox::{self, SandboxError, SignerKey, Validity},
        write_private_key,
    },
};

const PASSPHRASE: &str = "correct horse battery";

fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE.into())
}

/// Runs OpenSSL in a folder; `None` when there is none.
fn openssl(folder: &Path, arguments: &[&str]) -> Option<String> {
    match Command::new("openssl").args(arguments).current_dir(folder).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "openssl {arguments:?}: {said}");
            for entry in fs::read_dir(folder).unwrap() {
                fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o600)).unwrap();
            }
            Some(said)
        }
        Err(_) => {
            assert!(std::env::var_os("VACCERT_FULL").is_none(), "VACCERT_FULL asks for all tests: install openssl");
            println!("ran without OpenSSL: it is not installed");
            None
        }
    }
}

fn make(key: SignerKey) -> sandbox::Sandbox {
    let from = clock::System.now();
    let validity = Validity::recommended(from).unwrap();
    sandbox::make(key, &validity, [[0xff; 16], [0; 16]]).unwrap()
}

fn write(folder: &TempDir, name: &str, text: &[u8], mode: u32) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn refuse(path: &Path) -> KeyFileError {
    load_private_key(path, Some(&passphrase()), Unencrypted::Refuse).unwrap_err()
}

#[test]
fn keys_of_openssl_load() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    let pass = format!("pass:{PASSPHRASE}");
    let plain = [&["genpkey"], &curve[..], &["-out", "plain.pem"]].concat();
    if openssl(path, &plain).is_none() {
        return;
    }
    let expected = load_private_key(&path.join("plain.pem"), None, Unencrypted::AllowInSandbox).unwrap();
    for options in [
        &["-v2", "aes-256-cbc"][..],
        &["-v2", "aes-128-cbc"],
        &["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA512"],
        &["-v2", "aes-256-cbc", "-iter", "600000"],
        &["-scrypt"],
        &[],
    ] {
        let command = ["pkcs8", "-topk8", "-in", "plain.pem", "-out", "key.pem", "-passout", &pass];
        openssl(path, &[&command[..], options].concat());
        let key = load_private_key(&path.join("key.pem"), Some(&passphrase()), Unencrypted::Refuse).unwrap();
        assert_eq!(*key, *expected, "{options:?}");
        let missing = load_private_key(&path.join("key.pem"), None, Unencrypted::Refuse);
        assert_eq!(missing, Err(KeyFileError::PassphraseMissing { path: path.join("key.pem") }));
        if !options.contains(&"600000") {
            let wrong = load_private_key(
                &path.join("key.pem"),
                Some(&Passphrase::new("correct horse batterY".into())),
                Unencrypted::Refuse,
            );
            assert_eq!(wrong, Err(KeyFileError::WrongPassphrase { path: path.join("key.pem") }));
        }
    }
    let generated = [&["genpkey"], &curve[..], &["-aes256", "-pass", &pass, "-out", "direct.pem"]].concat();
    openssl(path, &generated);
    load_private_key(&path.join("direct.pem"), Some(&passphrase()), Unencrypted::Refuse).unwrap();

    let old = ["pkcs8", "-topk8", "-v2", "des3", "-in", "plain.pem", "-out", "old.pem", "-passout", &pass];
    openssl(path, &old);
    assert!(matches!(refuse(&path.join("old.pem")), KeyFileError::Cipher { oid, .. } if oid == "1.2.840.113549.3.7"));
}

#[test]
fn other_forms_are_named_with_the_command_that_converts_them() {
    let outer = tempfile::tempdir().unwrap();
    // A name that a shell would take apart.
    let path = &outer.path().join("officer's keys");
    fs::create_dir(path).unwrap();
    if openssl(path, &["ecparam", "-name", "prime256v1", "-genkey", "-out", "sec1.pem"]).is_none() {
        return;
    }
    openssl(path, &["genrsa", "-traditional", "-out", "pkcs1.pem", "2048"]);
    openssl(path, &["pkcs8", "-topk8", "-nocrypt", "-in", "sec1.pem", "-outform", "DER", "-out", "key.der"]);
    openssl(path, &["pkcs8", "-topk8", "-nocrypt", "-in", "sec1.pem", "-out", "plain.pem"]);
    for name in ["sec1.pem", "pkcs1.pem", "key.der", "plain.pem"] {
        let error = refuse(&path.join(name));
        let command = match &error {
            KeyFileError::Form { command, .. } if name != "plain.pem" => command,
            KeyFileError::Unencrypted { command, .. } if name == "plain.pem" => command,
            other => panic!("{name}: {other:?}"),
        };
        // The command is run as it stands, but for the passphrase, which it would ask for.
        let command = command.replacen("openssl pkcs8", &format!("openssl pkcs8 -passout 'pass:{PASSPHRASE}'"), 1);
        assert!(Command::new("sh").args(["-c", &command]).current_dir(path).status().unwrap().success(), "{command}");
        let converted = path.join(format!("{name}.pk8.pem"));
        load_private_key(&converted, Some(&passphrase()), Unencrypted::Refuse).unwrap();
    }
    openssl(path, &["pkey", "-in", "plain.pem", "-pubout", "-out", "public.pem"]);
    assert!(
        matches!(refuse(&path.join("public.pem")), KeyFileError::NotPrivate { label, .. } if label == "PUBLIC KEY")
    );
}

#[test]
fn written_keys_read_back_here_and_in_openssl() {
    let folder = tempfile::tempdir().unwrap();
    let key = make(SignerKey::P256).signer.private_key;
    let path = folder.path().join("dsc.pem");
    write_private_key(&path, &key, &Protection::Passphrase(&passphrase(), [5; 32])).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(load_private_key(&path, Some(&passphrase()), Unencrypted::Refuse).unwrap(), key);
    assert!(!fs::read(&path).unwrap().windows(16).any(|w| key.windows(16).any(|k| k == w)));

    // A key is never overwritten, and nothing is left behind.
    let before = fs::read(&path).unwrap();
    let again = write_private_key(&path, &key, &Protection::Passphrase(&passphrase(), [6; 32]));
    assert_eq!(again, Err(KeyFileError::Exists { path: path.clone() }));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    let short = Passphrase::new("short".into());
    let weak = write_private_key(&folder.path().join("w"), &key, &Protection::Passphrase(&short, [5; 32]));
    assert_eq!(weak, Err(KeyFileError::WeakPassphrase));
    let nonsense = write_private_key(&folder.path().join("w"), b"nonsense", &Protection::SandboxOnly);
    assert_eq!(nonsense, Err(KeyFileError::NotPkcs8));
    let nowhere = write_private_key(Path::new("/nowhere/at/all/k"), &key, &Protection::SandboxOnly);
    assert!(matches!(nowhere, Err(KeyFileError::File { kind: std::io::ErrorKind::NotFound, .. })), "{nowhere:?}");
    assert!(!format!("{:?}", passphrase()).contains("horse"));

    let plain = folder.path().join("plain.pem");
    write_private_key(&plain, &key, &Protection::SandboxOnly).unwrap();
    assert_eq!(load_private_key(&plain, None, Unencrypted::AllowInSandbox).unwrap(), key);

    let pass = format!("pass:{PASSPHRASE}");
    let read = ["pkey", "-in", "dsc.pem", "-passin", &pass, "-outform", "DER", "-out", "out.der"];
    if openssl(folder.path(), &read).is_some() {
        openssl(folder.path(), &["pkey", "-in", "plain.pem", "-outform", "DER", "-out", "plain.der"]);
        assert_eq!(
            fs::read(folder.path().join("out.der")).unwrap(),
            fs::read(folder.path().join("plain.der")).unwrap()
        );
    }
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let key = make(SignerKey::P256).signer.private_key;
    let path = folder.path().join("key.pem");
    write_private_key(&path, &key, &Protection::SandboxOnly).unwrap();
    let link = folder.path().join("link.pem");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    load_private_key(&link, None, Unencrypted::AllowInSandbox).unwrap();
    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        for path in [&path, &link] {
            let error = load_private_key(path, None, Unencrypted::AllowInSandbox);
            assert_eq!(error, Err(KeyFileError::Exposed { path: path.clone(), mode }));
        }
    }
}

#[test]
fn what_is_no_key_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(refuse(&folder.path().join("none")), KeyFileError::File { .. }));
    assert!(matches!(refuse(folder.path()), KeyFileError::File { .. }));
    assert!(matches!(refuse(&write(&folder, "empty", b"", 0o600)), KeyFileError::NotPrivate { .. }));
    assert!(matches!(refuse(&write(&folder, "binary", &[0xff; 100], 0o600)), KeyFileError::NotPrivate { .. }));
    let large = write(&folder, "large", &vec![b' '; 2_000_000], 0o600);
    assert_eq!(refuse(&large), KeyFileError::TooLarge { path: large });
    let block = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let two = write(&folder, "two", format!("{block}{block}").as_bytes(), 0o600);
    assert_eq!(refuse(&two), KeyFileError::Several { path: two, found: 2 });
    for damaged in [block, &block[..50], "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----"] {
        let path = write(&folder, "damaged", damaged.as_bytes(), 0o600);
        assert_eq!(refuse(&path), KeyFileError::Damaged { path });
    }
}

#[test]
fn sandbox_certificates_satisfy_openssl() {
    for kind in [SignerKey::P256, SignerKey::Rsa2048] {
        let made = make(kind);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::write(path.join("csca.pem"), &made.csca.certificate_pem).unwrap();
        fs::write(path.join("dsc.pem"), &made.signer.certificate_pem).unwrap();
        write_private_key(&path.join("key.pem"), &made.signer.private_key, &Protection::SandboxOnly).unwrap();
        let Some(said) = openssl(path, &["verify", "-x509_strict", "-CAfile", "csca.pem", "dsc.pem"]) else { return };
        assert!(said.contains("dsc.pem: OK"), "{said}");
        let said = openssl(path, &["x509", "-in", "dsc.pem", "-noout", "-text"]).unwrap();
        for expected in [
            "Subject: C = XX, O = vaccert sandbox, CN = Sandbox DSC 1",
            "Issuer: C = XX, O = vaccert sandbox, CN = Sandbox CSCA",
            "X509v3 Key Usage: critical\n                Digital Signature\n",
            "1.3.6.1.4.1.1847.2021.1.1, 1.3.6.1.4.1.1847.2021.1.2, 1.3.6.1.4.1.1847.2021.1.3",
            "X509v3 Private Key Usage Period",
            "X509v3 Subject Key Identifier",
            "40:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00",
        ] {
            assert!(said.contains(expected), "{expected}: {said}");
        }
        assert!(!said.contains("Basic Constraints"), "a signer has none: {said}");
        let period = said.split("Private Key Usage Period: \n").nth(1).unwrap().lines().next().unwrap().trim();
        assert!(period.starts_with("Not Before: ") && period.contains(", Not After: "), "{period}");
        let csca = openssl(path, &["x509", "-in", "csca.pem", "-noout", "-text"]).unwrap();
        for expected in ["CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign", "7f:ff:ff:ff:ff:ff:ff:ff"] {
            assert!(csca.contains(expected), "{expected}: {csca}");
        }
        // The certificate is the key's.
        let of_certificate = openssl(path, &["x509", "-in", "dsc.pem", "-noout", "-pubkey"]);
        assert_eq!(of_certificate, openssl(path, &["pkey", "-in", "key.pem", "-pubout"]));
    }
}

#[test]
fn periods_must_fit() {
    let good = Validity::recommended("2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
    let serials = [[1; 16], [2; 16]];
    sandbox::make(SignerKey::P256, &good, serials).unwrap();
    for bad in [
        Validity { signer_until: good.csca_until.checked_add(jiff::SignedDuration::from_secs(1)).unwrap(), ..good },
        Validity { csca_until: good.from, signer_until: good.from, ..good },
        Validity { signer_signs_until: good.csca_until, ..good },
        Validity { from: "1960-01-01T00:00:00Z".parse().unwrap(), ..good },
    ] {
        assert_eq!(sandbox::make(SignerKey::P256, &bad, serials).unwrap_err(), SandboxError::Period);
    }
    assert_eq!(Validity::recommended(jiff::Timestamp::MAX), Err(SandboxError::Period));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_file_makes_it_panic(label in "(ENCRYPTED )?PRIVATE KEY|X", body in proptest::collection::vec(any::<u8>(), 0..120), raw in any::<bool>()) {
        use base64::Engine as _;
        let folder = tempfile::tempdir().unwrap();
        let base64 = base64::engine::general_purpose::STANDARD.encode(&body);
        let text = if raw { body } else { format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n").into_bytes() };
        let path = write(&folder, "key", &text, 0o600);
        prop_assert!(load_private_key(&path, Some(&passphrase()), Unencrypted::AllowInSandbox).is_err());
    }
}
