//! OpenSSL accepts everything that a ceremony makes, and says of it what the profile demands.

use super::{PRODUCTION, accepted, hold, openssl};
use crate::support::program::Workplace;

/// The text of a certificate with runs of spaces made one.
fn text(place: &Workplace, file: &str) -> String {
    let said = accepted(place, &["x509", "-in", file, "-noout", "-text"]);
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn openssl_accepts_a_country_on_p256_with_an_rsa_signer() {
    let place = Workplace::new();
    let ran = hold(&place, PRODUCTION, &["csca", "signer-1", "rsa", "tls", "upload"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");

    let csca = text(&place, "keys/csca.pem");
    for said in [
        "Version: 3 (0x2)",
        "Signature Algorithm: ecdsa-with-SHA256",
        "Subject: C = TG, O = Minist\\C3\\A8re de la Sant\\C3\\A9, CN = Health CSCA 1",
        "X509v3 Basic Constraints: critical CA:TRUE, pathlen:0",
        "X509v3 Key Usage: critical Certificate Sign, CRL Sign",
        "X509v3 Subject Key Identifier:",
        "X509v3 Private Key Usage Period: Not Before:",
    ] {
        assert!(csca.contains(said), "{said}\n{csca}");
    }
    assert!(!csca.contains("Extended Key Usage"));

    let signer = text(&place, "keys/signer-1.pem");
    for said in [
        "Issuer: C = TG, O = Minist\\C3\\A8re de la Sant\\C3\\A9, CN = Health CSCA 1",
        "X509v3 Key Usage: critical Digital Signature X509v3",
        "X509v3 Extended Key Usage: 1.3.6.1.4.1.1847.2021.1.1, 1.3.6.1.4.1.1847.2021.1.2, 1.3.6.1.4.1.1847.2021.1.3",
        "URI:http://pki.example.org/csca.crl",
        "X509v3 Authority Key Identifier:",
    ] {
        assert!(signer.contains(said), "{said}\n{signer}");
    }
    assert!(!signer.contains("Basic Constraints"), "{signer}");
    let rsa = text(&place, "keys/rsa.pem");
    assert!(rsa.contains("Public-Key: (2048 bit)") && rsa.contains("Signature Algorithm: ecdsa-with-SHA256"), "{rsa}");
    assert!(rsa.contains("Extended Key Usage: 1.3.6.1.4.1.1847.2021.1.2 X509v3"), "{rsa}");

    let tls = text(&place, "keys/tls.pem");
    assert!(tls.contains("Key Usage: critical Digital Signature, Certificate Sign X509v3 Extended Key Usage: TLS Web Client Authentication"), "{tls}");
    let upload = text(&place, "keys/upload.pem");
    assert!(
        upload.contains("Key Usage: critical Digital Signature X509v3") && !upload.contains("Extended"),
        "{upload}"
    );

    for signer in ["keys/signer-1.pem", "keys/rsa.pem"] {
        accepted(&place, &["verify", "-x509_strict", "-CAfile", "keys/csca.pem", signer]);
    }
    accepted(&place, &["verify", "-CAfile", "keys/csca.pem", "keys/csca.pem"]);
    accepted(&place, &["verify", "-purpose", "sslclient", "-CAfile", "keys/tls.pem", "keys/tls.pem"]);
    accepted(&place, &["verify", "-CAfile", "keys/upload.pem", "-partial_chain", "keys/upload.pem"]);
    // No path of three: a signer is no authority.
    let chain = openssl(&place, &["verify", "-CAfile", "keys/signer-1.pem", "-partial_chain", "keys/tls.pem"]);
    assert!(!chain.status.success());

    for key in ["csca", "signer-1", "rsa", "tls", "upload"] {
        let (file, pass) = (format!("keys/{key}.key.pem"), format!("pass:correct horse {key}"));
        let public = accepted(&place, &["pkey", "-in", &file, "-passin", &pass, "-pubout"]);
        let certified = accepted(&place, &["x509", "-in", &format!("keys/{key}.pem"), "-noout", "-pubkey"]);
        assert_eq!(public, certified, "{key}");
        let wrong = openssl(&place, &["pkey", "-in", &file, "-passin", "pass:something else", "-pubout"]);
        assert!(!wrong.status.success());
    }
}

#[test]
fn openssl_accepts_requests_and_an_rsa_authority() {
    let place = Workplace::new();
    let file = PRODUCTION
        .replace("[csca]", "[csca]\nkey = \"RSA-3072\"")
        .replace("[tls]", "[tls]\nrequest = true")
        .replace("[upload]", "[upload]\nrequest = true\nkey = \"RSA-3072\"");
    let ran = hold(&place, &file, &["csca", "signer-1", "rsa", "tls", "upload"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let csca = text(&place, "keys/csca.pem");
    assert!(csca.contains("sha256WithRSAEncryption") && csca.contains("(3072 bit)"), "{csca}");
    accepted(&place, &["verify", "-x509_strict", "-CAfile", "keys/csca.pem", "keys/signer-1.pem", "keys/rsa.pem"]);
    for (name, algorithm) in [("tls", "ecdsa-with-SHA256"), ("upload", "sha256WithRSAEncryption")] {
        let said = accepted(&place, &["req", "-in", &format!("keys/{name}.csr.pem"), "-verify", "-noout", "-text"]);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(algorithm) && said.contains("Digital Signature"), "{said}");
        // A client that somebody else vouches for signs no certificates.
        assert!(!said.contains("Certificate Sign"), "{said}");
        assert!(!place.path(&format!("keys/{name}.pem")).exists());
    }
    // Another authority can answer the request.
    let sign = [
        "x509",
        "-req",
        "-in",
        "keys/tls.csr.pem",
        "-CA",
        "keys/csca.pem",
        "-CAkey",
        "keys/csca.key.pem",
        "-passin",
        "pass:correct horse csca",
        "-CAcreateserial",
        "-copy_extensions",
        "copy",
        "-days",
        "400",
        "-out",
        "tls.pem",
    ];
    accepted(&place, &sign);
    let said = text(&place, "tls.pem");
    assert!(said.contains("TLS Web Client Authentication"), "{said}");
}
