//! The test PKI of `fixtures/pki`: its certificates are what the workshop makes, and the workshop's good
//! certificates are accepted. Set `VACCERT_REGENERATE=1` to write the certificates anew.

use jiff::Timestamp;
use vaccert::{
    keys::PublicKey,
    verify::{Decision, Verifier},
};

use crate::workshop::{
    fixtures,
    message::signer,
    pki::{self, Key},
    sample::{self, AT, KINDS},
};

/// Whether files under `fixtures/` are to be written rather than compared.
pub fn regenerate() -> bool {
    std::env::var_os("VACCERT_REGENERATE").is_some_and(|value| value == "1")
}

#[test]
fn certificates_are_as_the_workshop_makes_them() {
    for key in [Key::Es256, Key::Ps256] {
        let path = fixtures("pki").join(format!("{}.cert.der", key.name()));
        if regenerate() {
            std::fs::write(&path, signer(key)).unwrap();
        }
        assert_eq!(std::fs::read(&path).unwrap(), signer(key), "{}", path.display());
    }
}

#[test]
fn good_certificates_are_accepted() {
    let at: Timestamp = AT.parse().unwrap();
    for key in [Key::Es256, Key::Ps256] {
        let (store, kid) = pki::store(&signer(key));
        for kind in KINDS {
            let text = sample::draft(key, &kid, sample::content(kind)).text();
            let verdict = Verifier::new(&store, at).judge(&text);
            assert_eq!((verdict.verdict, verdict.reason), (Decision::Accepted, None), "{key:?} {kind:?}");
            assert!(verdict.warnings.is_empty(), "{:?}", verdict.warnings);
        }
    }
}

#[test]
fn salts_and_paddings_of_the_workshop_are_what_they_say() {
    // The library under the verifier takes our PSS with a salt of 32 bytes, so the encoding is right and the
    // refusals of other salts elsewhere are no accident of a broken encoder.
    let key = PublicKey::from_spki(&Key::Ps256.spki()).unwrap();
    let good = |signature: &[u8]| key.verify(vaccert::keys::Algorithm::Ps256, b"message", signature).is_ok();
    assert!(good(&pki::pss(b"message", &[1; 32])));
    assert!(!good(&pki::pss(b"message", &[])) && !good(&pki::pss(b"message", &[1; 20])));
    assert!(!good(&pki::pkcs1(b"message")));
}
