//! Entry point for SMART Health Cards: the text of a code, its compressed payload, its JSON, each signed by a key of
//! the store where the layer above would stop a mutation.

use std::{io::Write, sync::LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use vaccert::{
    envelope::shc::{self, Card, Piece},
    keys::{Certificate, Kid, MemorySigner, Signer},
    payload::shc::{Reading, to_core},
    trust::{TrustStore, TrustedKey},
    verify::{Check, Decision, Verifier},
};

use super::entries::Entry;

/// The entry point by the name of its target.
pub const ENTRIES: &[Entry] = &[("jws", jws)];

const KEY: &[u8] = include_bytes!("../../../fixtures/pki/es256.key.der");
const CERTIFICATE: &[u8] = include_bytes!("../../../fixtures/pki/es256.cert.der");
const HEADER: &[u8] = br#"{"zip":"DEF","alg":"ES256","kid":"fuzz"}"#;

struct World {
    store: TrustStore,
    signer: MemorySigner,
    at: Timestamp,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let certificate = Certificate::from_der(CERTIFICATE).expect("fixture");
    let mut store = TrustStore::new();
    let key = certificate.public_key().expect("fixture");
    store.add(TrustedKey::bare(key, Kid::new(*b"fuzz"), "fuzz"));
    let signer = MemorySigner::new(KEY, certificate).expect("fixture");
    World { store, signer, at: Timestamp::from_second(1_795_262_400).expect("a time") }
});

/// A card in any of its forms.
pub fn jws(data: &[u8]) {
    let verifier = Verifier::new(&WORLD.store, WORLD.at).with_payload(true);
    let verdict = verifier.judge_bytes(data);
    // Nobody's text is signed by the key of the store but by a break of ES256.
    assert!(verdict.verdict != Decision::Accepted && verdict.checks.signature != Check::Passed);
    assert!(verdict.holder.is_none() && verdict.id.is_none() && verdict.payload.is_none());
    let text = String::from_utf8_lossy(data);
    if let Ok((card, _)) = Card::read(&text) {
        assert!(Card::of_jws(card.jws.clone()).is_ok_and(|again| again == card), "a card is read in two ways");
    }
    if let Ok(piece) = Piece::read(text.trim()) {
        let digits = shc::numeric::digits(&piece.text).expect("characters of a JWS");
        assert!(text.trim().ends_with(&digits), "digits say two things");
    }
    if let Some(Ok(cards)) = shc::cards(data) {
        assert!(!cards.is_empty());
    }
    judge_signed(data);
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(data).expect("writing to memory");
    judge_signed(&packed.finish().expect("writing to memory"));
    if let Ok(payload) = vaccert::envelope::json::read(data) {
        match Reading::of(&payload) {
            Ok(reading) => {
                let core = to_core(&reading.card);
                let events = reading.card.immunizations.len() + reading.card.observations.len();
                assert_eq!(core.events.len(), events, "an event is lost");
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

/// A compressed payload that a trusted key signed: it may well be a good card, and is never accepted without one.
fn judge_signed(compressed: &[u8]) {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(compressed));
    let signature = WORLD.signer.sign(signed.as_bytes()).expect("a signature");
    let verdict =
        Verifier::new(&WORLD.store, WORLD.at).judge(&format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)));
    if verdict.verdict == Decision::Accepted {
        let core = verdict.content.as_ref().and_then(|content| content.core()).expect("accepted content");
        assert!(!core.events.is_empty() && !core.holder.name.is_empty(), "accepted and says nothing");
    }
}
