//! Our CMS messages and OpenSSL's: each accepts the other's, for EC and RSA, attached and detached.

use std::{path::Path, process::Command};

use vaccert::{
    clock::{Clock as _, System},
    keys::Certificate,
    sandbox::pki::{Key, Made, Purpose},
    trust::cms::{self, Believed, Carries, SignedData},
};

use super::{key_pem, workshop};

/// Runs OpenSSL in a folder.
#[track_caller]
fn openssl(folder: &Path, arguments: &str) -> (bool, Vec<u8>) {
    let ran = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    let ran = ran.expect("this test needs the program openssl");
    (ran.status.success(), ran.stdout)
}

fn makers() -> Vec<Made> {
    let workshop = workshop("XX");
    [Key::P256, Key::Rsa3072].map(|key| workshop.make(Purpose::Upload, "Sandbox upload XX", key).unwrap()).into()
}

const CONTENT: &[u8] = b"{\"country\":\"XX\",\n \"n\": 1}\r\n\x00\xff";

#[test]
fn openssl_accepts_what_we_sign() {
    for made in makers() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        write("up.pem", made.pem().as_bytes());
        write("content", CONTENT);
        let sign = |carries| cms::sign(CONTENT, carries, made.certificate(), &made.signer().unwrap(), System.now());
        let attached = sign(Carries::Content).unwrap();
        write("attached.der", &attached);
        write("detached.der", &sign(Carries::SignatureOnly).unwrap());
        for trust in ["-noverify", "-CAfile up.pem -purpose any"] {
            let (good, out) =
                openssl(folder.path(), &format!("cms -verify -binary -inform DER -in attached.der {trust}"));
            assert!(good && out == CONTENT, "attached, {trust}");
            let (good, out) = openssl(
                folder.path(),
                &format!("cms -verify -binary -inform DER -in detached.der -content content {trust}"),
            );
            assert!(good && out == CONTENT, "detached, {trust}");
        }
        // One line of base64, as gateways and their recipe have it.
        write("line.txt", cms::line(&attached).as_bytes());
        let (good, decoded) = openssl(folder.path(), "base64 -d -A -in line.txt");
        assert!(good && decoded == attached);
        // OpenSSL would have said no.
        write("content", b"another");
        let (good, _) =
            openssl(folder.path(), "cms -verify -binary -inform DER -in detached.der -content content -noverify");
        assert!(!good);
        let (_, printed) = openssl(folder.path(), "cms -cmsout -print -noout -inform DER -in attached.der");
        let printed = String::from_utf8_lossy(&printed);
        for part in
            ["pkcs7-data (1.2.840.113549.1.7.1)", "sha256", "signingTime", "messageDigest", "issuerAndSerialNumber"]
        {
            assert!(printed.contains(part), "{part}");
        }
        assert_eq!(printed.matches("d.certificate:").count(), 1);
    }
}

#[test]
fn we_accept_what_openssl_signs() {
    for made in makers() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("up.pem"), made.pem()).unwrap();
        std::fs::write(folder.path().join("up.key"), key_pem(&made)).unwrap();
        std::fs::write(folder.path().join("content"), CONTENT).unwrap();
        let sign = "cms -sign -binary -outform DER -md sha256 -in content -signer up.pem -inkey up.key";
        // The gateway's recipe, BER as streams have it, without the signer's certificate, and detached.
        for (options, detached) in
            [("-nodetach", false), ("-nodetach -stream", false), ("-nodetach -nocerts", false), ("-nosmimecap", true)]
        {
            let (good, message) = openssl(folder.path(), &format!("{sign} {options}"));
            assert!(good, "{options}");
            let read = SignedData::read(&message).unwrap();
            assert_eq!(read.content().is_none(), detached, "{options}");
            let certificate: &Certificate = made.certificate();
            read.verify(Believed::Certificate(certificate), Some(CONTENT)).unwrap();
            assert!(read.signing_time().is_some());
            assert!(read.verify(Believed::Certificate(certificate), Some(b"another")).is_err());
        }
    }
}
