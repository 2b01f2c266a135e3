//! The signer: what it may sign (failure F14), when it is valid, keys that share an identifier (F15), keys of
//! another kind.

use vaccert::{
    keys::{Certificate, Kid},
    trust::{TrustStore, TrustedKey},
};

use super::{Bench, Expected, accepted, rejected, undecided};
use crate::workshop::{
    message::{Draft, signer},
    pki::{self, Key, Profile},
    sample::{self, KINDS, Kind},
};

/// The rows.
pub fn fill(bench: &mut Bench) {
    matrix(bench);
    validity(bench);
    shared_identifiers(bench);
}

/// A row whose message is signed under a certificate of this profile.
fn row(bench: &mut Bench, name: String, profile: &Profile, kind: Kind, expected: Expected) {
    let (store, kid) = profile.store();
    let text = sample::draft(bench.key, &kid, sample::content(kind)).text();
    bench.row_under(store, name, text, expected);
}

fn matrix(bench: &mut Bench) {
    const REGISTERED: &str = "1.3.6.1.4.1.1847.2021.1.";
    const STRAY_ZERO: &str = "1.3.6.1.4.1.0.1847.2021.1.";
    let last = |kind| match kind {
        Kind::Test => "1",
        Kind::Vaccination => "2",
        Kind::Recovery => "3",
    };
    for kind in KINDS {
        for arc in [REGISTERED, STRAY_ZERO] {
            for named in ["1", "2", "3", "12", "13", "23", "123"] {
                let usages: Vec<String> = named.chars().map(|n| format!("{arc}{n}")).collect();
                let usages: Vec<&str> = usages.iter().map(String::as_str).collect();
                let profile = Profile::of(bench.key.spki()).usages(&usages);
                let expected = if named.contains(last(kind)) { accepted(&[]) } else { rejected("key-usage") };
                row(bench, format!("{} under {arc}{named}", kind.name()), &profile, kind, expected);
            }
        }
        let both = [format!("{REGISTERED}1"), format!("{STRAY_ZERO}3")];
        let profile = Profile::of(bench.key.spki()).usages(&[&both[0], &both[1]]);
        let expected = if kind == Kind::Vaccination { rejected("key-usage") } else { accepted(&[]) };
        row(bench, format!("{} under test of one arc, recovery of the other", kind.name()), &profile, kind, expected);
        let mixed = [pki::TEST, "1.3.6.1.5.5.7.3.2"];
        let profile = Profile::of(bench.key.spki()).usages(&mixed);
        let expected = if kind == Kind::Test { accepted(&[]) } else { rejected("key-usage") };
        row(bench, format!("{} under test and TLS client", kind.name()), &profile, kind, expected);
        let profile = Profile::of(bench.key.spki());
        row(bench, format!("{} without usages", kind.name()), &profile, kind, accepted(&[]));
        // EU test case CO15 carries an empty list and must be valid.
        let profile = Profile::of(bench.key.spki()).usages(&[]);
        row(bench, format!("{} under an empty list of usages", kind.name()), &profile, kind, accepted(&[]));
        for other in ["1.3.6.1.5.5.7.3.2", "2.23.136.1.1.14.2", "1.3.6.1.4.1.0.1847.2021.1.4"] {
            let profile = Profile::of(bench.key.spki()).usages(&[other]);
            let expected = accepted(&["unrelated-key-usage"]);
            row(bench, format!("{} under {other} alone", kind.name()), &profile, kind, expected);
        }
    }
    assert!([pki::VACCINATION, pki::RECOVERY].iter().all(|usage| usage.starts_with(REGISTERED)));
}

fn validity(bench: &mut Bench) {
    for (name, from, until, expected) in [
        ("ended yesterday", "2021-01-01T00:00:00Z", "2026-11-20T12:00:00Z", rejected("signer-expired")),
        ("ended a second ago", "2021-01-01T00:00:00Z", "2026-11-21T11:59:59Z", rejected("signer-expired")),
        ("ends this second", "2021-01-01T00:00:00Z", "2026-11-21T12:00:00Z", accepted(&["expires-after-signer"])),
        ("begins this second", "2026-11-21T12:00:00Z", "2031-01-01T00:00:00Z", accepted(&["issued-before-signer"])),
        ("begins in a second", "2026-11-21T12:00:01Z", "2031-01-01T00:00:00Z", rejected("signer-not-yet-valid")),
        ("valid for no time", "2026-12-01T00:00:00Z", "2026-11-01T00:00:00Z", rejected("signer-not-yet-valid")),
    ] {
        let profile = Profile::of(bench.key.spki()).valid(from, until);
        row(bench, format!("the signer {name}"), &profile, Kind::Test, expected);
    }
}

/// Adds the key of a certificate under an identifier that is not its own.
fn trust_as(store: &mut TrustStore, certificate: &[u8], kid: &Kid) {
    let certificate = Certificate::from_der(certificate).unwrap();
    let mut key = TrustedKey::from_certificate(&certificate, "test").unwrap();
    key.kid = kid.clone();
    store.add(key);
}

fn shared_identifiers(bench: &mut Bench) {
    let kid = bench.kid.clone();
    let own = signer(bench.key);
    let other_kind = signer(if bench.key == Key::Es256 { Key::Ps256 } else { Key::Es256 });
    let p384 = Profile::of(pki::p384_spki()).certificate();
    let public = {
        use aws_lc_rs::signature::KeyPair;
        pki::ed25519().public_key().as_ref().to_vec()
    };
    let ed25519 = Profile::of(pki::ed25519_spki(&public)).certificate();
    let good = bench.good(Kind::Test).text();

    let under = |certificates: &[&[u8]]| {
        let mut store = TrustStore::new();
        for certificate in certificates {
            trust_as(&mut store, certificate, &kid);
        }
        store
    };
    // One of the keys fits: which comes first does not matter.
    for (name, store) in [
        ("a key of another kind first", under(&[&other_kind, &own])),
        ("a key of another kind last", under(&[&own, &other_kind])),
        ("three strangers first", under(&[&p384, &ed25519, &other_kind, &own])),
    ] {
        bench.row_under(store, name, good.clone(), accepted(&[]));
    }
    // None fits.
    let p384_alone = if bench.key == Key::Es256 { "signature-invalid" } else { "algorithm-key-mismatch" };
    for (name, store, reason) in [
        ("a key of another kind alone", under(&[&other_kind]), "algorithm-key-mismatch"),
        ("an Ed25519 key alone", under(&[&ed25519]), "algorithm-key-mismatch"),
        ("a P-384 key alone", under(&[&p384]), p384_alone),
    ] {
        bench.row_under(store, name, good.clone(), rejected(reason));
    }
    let stranger = Profile::of(pki::p384_spki()).store().0;
    bench.row_under(stranger, "another signer is trusted", good.clone(), undecided("issuer-unknown"));
    bench.row_under(TrustStore::new(), "nobody is trusted", good, undecided("no-trust-list"));

    // A kid of the list may have any length (the Swiss list has such); the message names the same bytes.
    let odd = Kid::new(*b"Key1RE");
    let mut store = TrustStore::new();
    trust_as(&mut store, &own, &odd);
    let text = Draft::new(bench.key, &odd, sample::payload(sample::content(Kind::Test))).text();
    bench.row_under(store, "a kid of six letters on both sides", text, accepted(&[]));
}
