//! What is wrong with a token or its name is said, once, and a PIN is never tried twice.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use vaccert::{
    clock::System,
    keys::Health,
    signers::{NewKey, Pin, TokenError, TokenOptions, TokenUri, Tokens},
};

use super::{PIN, in_own_process, key, module, tokens};

#[test]
fn names_that_lead_nowhere_are_refused_with_what_there_is() {
    let test = "tokens::refusals::names_that_lead_nowhere_are_refused_with_what_there_is";
    let Some(site) = in_own_process(test) else { return };
    site.init("second");
    site.init("second");
    let good = tokens(PIN, 1);
    good.make(&key("dsc"), NewKey::P256).unwrap();

    let uri = |text: &str| TokenUri::parse(&format!("pkcs11:{text}")).unwrap();
    let refuse = |text: &str| tokens(PIN, 1).x509_signer(&uri(text)).err().unwrap().to_string();
    let text = refuse("token=helth;object=dsc");
    assert!(text.contains("no token helth") && text.contains("health") && text.contains("second"), "{text}");
    let text = refuse("token=health;object=dcs");
    assert!(text.contains("no private key dcs") && text.contains("it holds dsc"), "{text}");
    let text = refuse("token=health;serial=42;object=dsc");
    assert!(text.contains("no token health"), "{text}");
    let text = refuse("token=second;object=dsc");
    assert!(text.contains("2 tokens are called second") && text.contains("serial"), "{text}");
    for (path, part) in [
        ("/no/such/library.so", "entity not found"),
        ("library.so", "not absolute"),
        (site.configuration().to_str().unwrap(), "cannot load it"),
        (std::env::current_exe().unwrap().to_str().unwrap(), "cannot"),
    ] {
        let text = refuse(&format!("token=health;object=dsc?module-path={path}"));
        assert!(text.contains("PKCS#11 library") && text.contains(part), "{path}: {text}");
    }
    let nowhere = TokenOptions { module: None, ..TokenOptions::none() };
    let error = Tokens::new(nowhere).x509_signer(&key("dsc")).err().unwrap();
    assert!(matches!(error, TokenError::NoModule { .. }), "{error}");
    // None of it did any harm.
    tokens(PIN, 1).x509_signer(&key("dsc")).unwrap();
}

#[test]
fn a_wrong_pin_is_tried_once() {
    let Some(_site) = in_own_process("tokens::refusals::a_wrong_pin_is_tried_once") else { return };
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let tokens = Tokens::new(TokenOptions {
        module: module(),
        sessions: 4,
        pin: Arc::new(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(Pin::new("000000".to_owned()))
        }),
        clock: Arc::new(System),
    });
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let error = tokens.x509_signer(&key("dsc")).err().unwrap();
                let text = error.to_string();
                assert!(matches!(error, TokenError::Refused { .. }), "{text}");
                assert!(text.contains("CKR_PIN_INCORRECT") && text.contains("not tried again"), "{text}");
                assert!(!text.contains("000000"), "{text}");
            });
        }
    });
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(matches!(tokens.health()[0].health, Health::Refused { .. }));
    let shown = format!("{tokens:?} {:?}", Pin::new("000000".to_owned()));
    assert!(!shown.contains("000000"), "{shown}");
}
