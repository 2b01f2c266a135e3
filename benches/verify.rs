//! Text → verdict against the bare signature check, in one run: only the ratios mean anything. Everything is
//! switched on but rules: 1,000 keys, a million revocations, the memory of signed times.
//!
//! `cargo bench --no-default-features --features verify --bench verify`
#![allow(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "a measurement, not the product"
)]

use std::{hint::black_box, time::Instant};

use jiff::Timestamp;
use p256::{
    ecdsa::{Signature, SigningKey, signature::Signer},
    pkcs8::EncodePublicKey,
};
use vaccert::{
    envelope::hcert::{self, Claims, Sign1, ToBeSigned},
    keys::{Algorithm, Kid, PublicKey, sha256},
    payload::dcc::{Dcc, Entry, Name, Vaccination},
    revocation::{Builder, Hash, HashKind, Revocations, Scope, Until},
    trust::{TrustStore, TrustedKey},
    verify::{Decision, Verifier},
};

const ROUNDS: usize = 40;
const EACH: usize = 400;

fn main() {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let (text, store) = certificate(now);
    let (bytes, _) = hcert::from_text(&text).unwrap();
    let message = Sign1::read(&bytes).unwrap();
    let signed = message.signed_bytes();
    let key = &store.candidates(message.kid.as_ref().unwrap())[0].key;
    let revocations = revocations(message.kid.as_ref().unwrap(), now);
    let verifier = Verifier::new(&store, now).with_revocations(&revocations, true).with_newest_signed(Some(now));
    let verdict = verifier.judge(&text);
    assert_eq!(verdict.verdict, Decision::Accepted, "{verdict:?}");

    type Step<'a> = (&'a str, Box<dyn Fn() + 'a>);
    let steps: Vec<Step<'_>> = vec![
        (
            "bare signature check",
            Box::new(|| key.verify(Algorithm::Es256, black_box(&signed), &message.signature).unwrap()),
        ),
        (
            "text to verdict",
            Box::new(|| {
                black_box(verifier.judge(black_box(&text)));
            }),
        ),
        (
            "text to message, not verified",
            Box::new(|| {
                let (bytes, _) = hcert::from_text(black_box(&text)).unwrap();
                black_box(Sign1::read(&bytes).unwrap());
            }),
        ),
    ];
    // Interleaved rounds and their minimum: what else the machine does hits all steps alike.
    let mut best = vec![f64::MAX; steps.len()];
    for _ in 0..ROUNDS {
        for (slot, (_, step)) in best.iter_mut().zip(&steps) {
            let start = Instant::now();
            for _ in 0..EACH {
                step();
            }
            *slot = slot.min(start.elapsed().as_secs_f64() / EACH as f64);
        }
    }
    println!("a text of {} characters, a message of {} bytes, ES256:", text.len(), bytes.len());
    for ((name, _), seconds) in steps.iter().zip(&best) {
        println!("  {name:<32} {:7.1} us  {:5.3} x", seconds * 1e6, seconds / best[0]);
    }
}

/// A million revoked certificates of this signer and others, none of them ours.
fn revocations(kid: &Kid, now: Timestamp) -> Revocations {
    let mut builder = Builder::new();
    let hashes = |from: u32| {
        (from..from + 500_000).map(|n| *sha256(&n.to_be_bytes()).first_chunk().unwrap()).collect::<Vec<Hash>>()
    };
    builder.revoke(Some(kid), HashKind::Signature, hashes(0)).unwrap();
    builder.revoke(None, HashKind::Uci, hashes(1_000_000)).unwrap();
    let end = now.checked_add(jiff::SignedDuration::from_hours(24)).unwrap();
    builder.cover(Scope::Kid(kid.clone()), HashKind::Signature, Until::Time(end)).unwrap();
    builder.finish().unwrap()
}

/// A certificate of an invented person, and a store that holds its key among 1,000 others.
fn certificate(now: Timestamp) -> (String, TrustStore) {
    let mut store = TrustStore::new();
    let mut own = None;
    for n in 1..=1_000_u64 {
        let mut secret = [0; 32];
        secret[24..].copy_from_slice(&n.to_be_bytes());
        let signing = SigningKey::from_slice(&secret).unwrap();
        let kid = Kid::new(n.to_be_bytes());
        let spki = signing.verifying_key().to_public_key_der().unwrap();
        let mut key = TrustedKey::bare(PublicKey::from_spki(spki.as_bytes()).unwrap(), kid.clone(), "list");
        key.country = Some("LK".into());
        store.add(key);
        own = Some((signing, kid));
    }
    let (signing, kid) = own.unwrap();
    let dcc = Dcc {
        version: "1.3.0".into(),
        name: Name {
            family: Some("Wickramasinghe".into()),
            given: Some("Nirmala Dilhani".into()),
            family_standard: Some("WICKRAMASINGHE".into()),
            given_standard: Some("NIRMALA<DILHANI".into()),
        },
        birth_date: "1984-03-19".into(),
        entry: Entry::Vaccination(Vaccination {
            disease: "840539006".into(),
            prophylaxis: "1119349007".into(),
            product: "EU/1/20/1528".into(),
            holder: "ORG-100030215".into(),
            dose: 2,
            total_doses: 2,
            date: "2021-06-20".into(),
            country: "LK".into(),
            issuer: "Ministry of Health".into(),
            id: "URN:UVCI:01:LK:7WQ4ZPTMB2AGLJNXKRHS5EUVCY#X".into(),
        }),
    };
    let day = jiff::SignedDuration::from_hours(24);
    let payload = Claims::write_dcc("LK", now.checked_sub(day).unwrap(), now.checked_add(day).unwrap(), &dcc.to_cbor());
    let prepared = ToBeSigned::new(Algorithm::Es256, &kid, payload);
    let signature: Signature = signing.sign(&prepared.signed_bytes());
    (hcert::to_text(&prepared.finish(&signature.to_bytes())), store)
}
