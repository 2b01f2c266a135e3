//! From a key that is made in the token to a certificate that a border officer's verifier and OpenSSL believe.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{BasicConstraints, IsCa, Issuer as Authority, KeyUsagePurpose, PublicKeyData as _};
use vaccert::{
    clock::{Clock as _, System},
    issue::{Format, Issuer, Record, Terms},
    keys::{Algorithm, Certificate, Health},
    record::{Country, Uvci},
    signers::{NewKey, TokenError, TokenUri, Tokens, sandbox::ORGANISATION},
    trust::{TrustStore, TrustedKey},
    verify::{Decision, Verifier},
};

use super::{CertificateKey, PIN, Site, in_own_process, key, openssl, subject, tokens};
use crate::verdicts::{dose, product};

/// A root in the token, and a signer of this kind under it; files of both certificates.
pub fn country(site: &Site, tokens: &Tokens, name: &str, kind: NewKey) -> Certificate {
    let root_name = format!("csca-{name}");
    let root_key = CertificateKey::new(tokens.make(&key(&root_name), NewKey::P256).unwrap());
    let mut root = subject(ORGANISATION, "XX", &root_name);
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    fs::write(site.folder.join(format!("{root_name}.pem")), root.self_signed(&root_key).unwrap().pem()).unwrap();

    let signer_key = CertificateKey::new(tokens.make(&key(name), kind).unwrap());
    let mut signer = subject(ORGANISATION, "XX", name);
    signer.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    signer.use_authority_key_identifier_extension = true;
    let made = signer.signed_by(&signer_key, &Authority::new(root, root_key)).unwrap();
    fs::write(site.folder.join(format!("{name}.pem")), made.pem()).unwrap();
    Certificate::from_der(made.der()).unwrap()
}

fn store(certificate: &Certificate) -> TrustStore {
    let mut store = TrustStore::new();
    store.add(TrustedKey::from_certificate(certificate, "list").unwrap());
    store
}

#[test]
fn keys_of_both_kinds_sign_certificates_of_people() {
    let Some(site) = in_own_process("tokens::sign::keys_of_both_kinds_sign_certificates_of_people") else { return };
    let tokens = tokens(PIN, 2);
    for (name, kind, algorithm) in
        [("dsc-ec", NewKey::P256, Algorithm::Es256), ("dsc-rsa", NewKey::Rsa(2048), Algorithm::Ps256)]
    {
        let certificate = country(&site, &tokens, name, kind);
        openssl(&site.folder, &["verify", "-CAfile", &format!("csca-{name}.pem"), &format!("{name}.pem")]);

        let signer = tokens.signer(&key(name), certificate.clone()).unwrap();
        assert_eq!((signer.algorithm(), signer.health()), (algorithm, Health::Ok));
        let issuer = Issuer::new(Arc::clone(&signer), "XX", Terms::default()).unwrap();
        let record = Record::Vaccination(Box::new(dose(product("comirnaty"))));
        let id = Uvci::from_random(Country::SANDBOX, [9; 16]);
        let now = System.now();
        let formats = [Format::EuDcc, Format::Ddcc, Format::Icvp];
        let issued = issuer.seal(issuer.prepare(&record, &id, &formats, now).unwrap()).unwrap();
        for envelope in &issued.envelopes {
            assert_eq!(envelope.algorithm, algorithm);
            let verdict = Verifier::new(&store(&certificate), now).judge(&envelope.text);
            assert_eq!(verdict.verdict, Decision::Accepted, "{name} {} {verdict:?}", envelope.format);
        }

        // And in the eyes of OpenSSL, over bytes of any length.
        for message in [&b"a"[..], &[7; 10_000]] {
            let signature = signer.sign(message).unwrap();
            fs::write(site.folder.join("message"), message).unwrap();
            let public = openssl(&site.folder, &["x509", "-in", &format!("{name}.pem"), "-noout", "-pubkey"]);
            fs::write(site.folder.join("public.pem"), public).unwrap();
            let check = ["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature"];
            let said = match algorithm {
                Algorithm::Ps256 => {
                    fs::write(site.folder.join("signature"), &signature).unwrap();
                    let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "message"];
                    openssl(&site.folder, &[&check[..], &pss].concat())
                }
                _ => {
                    // The same key as a signer of certificates writes DER; of this one we have the numbers.
                    assert_eq!(signature.len(), 64);
                    let again = tokens.x509_signer(&key(name)).unwrap().sign(message).unwrap();
                    fs::write(site.folder.join("signature"), again).unwrap();
                    openssl(&site.folder, &[&check[..], &["message"]].concat())
                }
            };
            assert!(said.contains("Verified OK"), "{said}");
        }
        // RSA as certificates and CMS messages have it.
        let x509 = tokens.x509_signer(&key(name)).unwrap();
        assert_eq!(x509.spki(), certificate.spki());
        let signature = x509.sign(b"upload").unwrap();
        fs::write(site.folder.join("message"), b"upload").unwrap();
        fs::write(site.folder.join("signature"), signature).unwrap();
        let said =
            openssl(&site.folder, &["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "message"]);
        assert!(said.contains("Verified OK"), "{said}");
    }

    // The private halves never leave the token, and nothing is made over them.
    let module = super::module().unwrap();
    let module = module.to_str().unwrap();
    let listed = site.run("pkcs11-tool", &["--module", module, "--login", "--pin", PIN, "-O", "--type", "privkey"]);
    assert_eq!(listed.matches("Private Key Object").count(), 4, "{listed}");
    assert_eq!(listed.matches("sensitive, always sensitive, never extractable, local").count(), 4, "{listed}");
    let again = tokens.make(&key("dsc-ec"), NewKey::P256).err().unwrap();
    assert!(matches!(again, TokenError::Exists { .. }), "{again}");
    let small = tokens.make(&key("small"), NewKey::Rsa(1024)).err().unwrap();
    assert!(matches!(small, TokenError::Kind { .. }), "{small}");
}

#[test]
fn a_key_that_openssl_made_is_imported_and_found_by_label_and_id() {
    let test = "tokens::sign::a_key_that_openssl_made_is_imported_and_found_by_label_and_id";
    let Some(site) = in_own_process(test) else { return };
    let pair = rcgen::KeyPair::generate().unwrap();
    fs::write(site.folder.join("key.pem"), pair.serialize_pem()).unwrap();
    let path = site.folder.join("key.pem");
    let import =
        ["--import", path.to_str().unwrap(), "--token", "health", "--label", "old dsc", "--id", "01AF", "--pin", PIN];
    site.run("softhsm2-util", &import);
    let tokens = tokens(PIN, 1);
    let expected = pair.subject_public_key_info();
    for name in ["object=old%20dsc", "id=%01%af", "object=old%20dsc;id=%01%AF"] {
        let uri = TokenUri::parse(&format!("pkcs11:token=health;{name}")).unwrap();
        assert_eq!(tokens.x509_signer(&uri).unwrap().spki(), expected, "{name}");
    }
    // Two keys of one label are told apart by the identifier alone.
    let other = rcgen::KeyPair::generate().unwrap();
    fs::write(&path, other.serialize_pem()).unwrap();
    let mut import = import;
    import[7] = "02";
    site.run("softhsm2-util", &import);
    let uri = |name: &str| TokenUri::parse(&format!("pkcs11:token=health;{name}")).unwrap();
    // What another program put there is seen by a session that is opened later.
    let tokens = super::tokens(PIN, 1);
    let error = tokens.x509_signer(&uri("object=old%20dsc")).err().unwrap();
    assert!(matches!(&error, TokenError::SeveralKeys { count: 2, .. }), "{error}");
    assert_eq!(tokens.x509_signer(&uri("id=%02")).unwrap().spki(), other.subject_public_key_info());

    // The certificate of one key does not go with the other.
    let certificate = subject(ORGANISATION, "XX", "dsc").self_signed(&pair).unwrap();
    let certificate = Certificate::from_der(certificate.der()).unwrap();
    assert!(tokens.signer(&uri("id=%01%af"), certificate.clone()).is_ok());
    let error = tokens.signer(&uri("id=%02"), certificate).err().unwrap();
    assert!(matches!(error, TokenError::OtherKey { .. }), "{error}");
}

#[test]
fn eight_threads_share_two_sessions() {
    let Some(site) = in_own_process("tokens::sign::eight_threads_share_two_sessions") else { return };
    let tokens = tokens(PIN, 2);
    let certificate = country(&site, &tokens, "dsc", NewKey::P256);
    let signer = tokens.signer(&key("dsc"), certificate.clone()).unwrap();
    let public = certificate.public_key().unwrap();
    let made = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let (signer, public, made) = (&signer, &public, &made);
            scope.spawn(move || {
                for count in 0..50u8 {
                    let message = [thread, count];
                    let signature = signer.sign(&message).unwrap();
                    public.verify(Algorithm::Es256, &message, &signature).unwrap();
                    made.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(made.load(Ordering::Relaxed), 400);
    assert_eq!(signer.health(), Health::Ok);
}
