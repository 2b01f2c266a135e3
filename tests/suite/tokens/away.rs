//! A token that goes and comes back while the program runs.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::Timestamp;
use vaccert::{
    clock::Clock,
    keys::{Health, SignerError},
    signers::{NewKey, Pin, TokenOptions, Tokens},
};

use super::{PIN, Site, in_own_process, key, module, sign::country};

/// A clock that the test moves.
struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

fn site_with_clock(sessions: usize) -> (Arc<Moved>, Tokens) {
    let clock = Arc::new(Moved(AtomicI64::new(1_800_000_000)));
    let told: Arc<dyn Clock> = clock.clone();
    let pin = Arc::new(|_: &_| Ok(Pin::new(PIN.to_owned())));
    (clock, Tokens::new(TokenOptions { module: module(), sessions, pin, clock: told }))
}

fn take_away(site: &Site) {
    fs::rename(site.tokens(), site.folder.join("taken")).unwrap();
    fs::create_dir(site.tokens()).unwrap();
}

fn give_back(site: &Site) {
    fs::remove_dir_all(site.tokens()).unwrap();
    fs::rename(site.folder.join("taken"), site.tokens()).unwrap();
}

#[test]
fn a_token_that_was_away_signs_again_without_a_restart() {
    let test = "tokens::away::a_token_that_was_away_signs_again_without_a_restart";
    let Some(site) = in_own_process(test) else { return };
    let (clock, tokens) = site_with_clock(2);
    let certificate = country(&site, &tokens, "dsc", NewKey::P256);
    let signer = tokens.signer(&key("dsc"), certificate).unwrap();
    for round in 0..3 {
        signer.sign(b"before").unwrap();
        take_away(&site);
        let error = signer.sign(b"away").unwrap_err();
        assert!(matches!(&error, SignerError::Away { token, .. } if token == "health"), "{round}: {error}");
        let since = clock.now();
        assert!(matches!(signer.health(), Health::Away { since: at, .. } if at == since), "{:?}", signer.health());
        assert_eq!(tokens.health()[0].token, "health");

        // It is not asked again at once: even one that is back is not, until its pause is over.
        give_back(&site);
        for _ in 0..1_000 {
            assert!(matches!(signer.sign(b"away").unwrap_err(), SignerError::Away { .. }));
        }
        take_away(&site);
        // It is asked again, in vain, with growing pauses; away since the first failure.
        for pause in [2, 4, 8, 16, 30, 30] {
            clock.0.fetch_add(pause, Ordering::SeqCst);
            assert!(matches!(signer.sign(b"away").unwrap_err(), SignerError::Away { .. }));
        }
        assert!(matches!(signer.health(), Health::Away { since: at, .. } if at == since));

        give_back(&site);
        clock.0.fetch_add(30, Ordering::SeqCst);
        signer.sign(b"back").unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert_eq!(signer.health(), Health::Ok);
    }
}

#[test]
fn a_library_that_another_part_of_the_program_ended_is_begun_again() {
    let test = "tokens::away::a_library_that_another_part_of_the_program_ended_is_begun_again";
    let Some(site) = in_own_process(test) else { return };
    let (_, tokens) = site_with_clock(3);
    let certificate = country(&site, &tokens, "dsc", NewKey::P256);
    let signer = tokens.signer(&key("dsc"), certificate).unwrap();
    for _ in 0..3 {
        signer.sign(b"before").unwrap();
        // As if the machine that holds the token had been restarted: all sessions and logins are gone.
        cryptoki::context::Pkcs11::new(module().unwrap()).unwrap().finalize().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| signer.sign(b"after").unwrap());
            }
        });
        assert_eq!(signer.health(), Health::Ok);
    }
}

#[test]
fn another_key_under_the_same_name_signs_nothing() {
    let Some(site) = in_own_process("tokens::away::another_key_under_the_same_name_signs_nothing") else { return };
    let (clock, tokens) = site_with_clock(1);
    let certificate = country(&site, &tokens, "dsc", NewKey::P256);
    let signer = tokens.signer(&key("dsc"), certificate).unwrap();
    signer.sign(b"before").unwrap();
    take_away(&site);
    assert!(signer.sign(b"away").is_err());
    // Somebody plugs in a token of the same label, with a key of the same label.
    site.init("health");
    let pair = rcgen::KeyPair::generate().unwrap();
    let path = site.folder.join("other.pem");
    fs::write(&path, pair.serialize_pem()).unwrap();
    let path = path.to_str().unwrap();
    site.run("softhsm2-util", &["--import", path, "--token", "health", "--label", "dsc", "--id", "01", "--pin", PIN]);
    clock.0.fetch_add(60, Ordering::SeqCst);
    let error = signer.sign(b"another").unwrap_err();
    assert!(matches!(&error, SignerError::Away { reason, .. } if reason.contains("another than before")), "{error}");
    give_back(&site);
    clock.0.fetch_add(60, Ordering::SeqCst);
    signer.sign(b"back").unwrap();
}

#[test]
fn a_program_starts_while_its_token_is_away() {
    let Some(site) = in_own_process("tokens::away::a_program_starts_while_its_token_is_away") else { return };
    let certificate = {
        let (_, tokens) = site_with_clock(1);
        country(&site, &tokens, "dsc", NewKey::P256)
    };
    take_away(&site);
    // As a new process finds it.
    let (clock, tokens) = site_with_clock(2);
    cryptoki::context::Pkcs11::new(module().unwrap()).unwrap().finalize().unwrap();
    let signer = tokens.signer(&key("dsc"), certificate.clone()).unwrap();
    assert!(matches!(signer.health(), Health::Away { .. }));
    assert!(tokens.x509_signer(&key("dsc")).is_err(), "nothing is known of a key without a certificate");
    clock.0.fetch_add(60, Ordering::SeqCst);
    assert!(matches!(signer.sign(b"away").unwrap_err(), SignerError::Away { .. }));
    give_back(&site);
    clock.0.fetch_add(60, Ordering::SeqCst);
    let signature = signer.sign(b"there").unwrap();
    certificate.public_key().unwrap().verify(signer.algorithm(), b"there", &signature).unwrap();
    assert_eq!(signer.health(), Health::Ok);
}
