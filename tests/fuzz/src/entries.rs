//! One function a fuzz target: takes any bytes and asserts what must hold for all of them. Used twice: by the
//! targets beside it and by the test that replays `fixtures/findings`.

use std::sync::LazyLock;

use coset::{CborSerializable, TaggedCborSerializable};
use jiff::Timestamp;
use vaccert::{
    envelope::hcert::{
        self, Claims, Sign1, ToBeSigned,
        cbor::{CborError, Value},
    },
    keys::{Algorithm, Certificate, MemorySigner, Signer},
    limits,
    payload::{
        dcc::Reading,
        ddcc::{self, fhir},
        icvp,
        mapping::{Target, convert},
    },
    trust::{TrustStore, TrustedKey},
    valueset::{ValueSets, WhoCatalogue},
    verify::{Check, Decision, Format, Verdict, Verifier},
};

const ES256_KEY: &[u8] = include_bytes!("../../../fixtures/pki/es256.key.der");
const ES256_CERT: &[u8] = include_bytes!("../../../fixtures/pki/es256.cert.der");
const PS256_CERT: &[u8] = include_bytes!("../../../fixtures/pki/ps256.cert.der");

/// When everything is judged.
const AT: &str = "2026-11-21T12:00:00Z";

struct World {
    store: TrustStore,
    signer: MemorySigner,
    at: Timestamp,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let mut store = TrustStore::new();
    for der in [ES256_CERT, PS256_CERT] {
        let certificate = Certificate::from_der(der).expect("fixture");
        store.add(TrustedKey::from_certificate(&certificate, "fuzz").expect("fixture"));
    }
    let signer = MemorySigner::new(ES256_KEY, Certificate::from_der(ES256_CERT).expect("fixture")).expect("fixture");
    World { store, signer, at: AT.parse().expect("a time") }
});

/// Name of a target, and what it calls.
pub type Entry = (&'static str, fn(&[u8]));

/// The entry points by the names of their targets.
pub const ENTRIES: &[Entry] =
    &[("text", text), ("cose", cose), ("cbor", cbor), ("hcert_layers", hcert_layers), ("icvp", icvp), ("ddcc", ddcc)];

/// Text to verdict.
pub fn text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    judge(&text);
}

/// Judges a text and holds the verdict against what the interface document promises.
fn judge(text: &str) -> Verdict {
    let verdict = Verifier::new(&WORLD.store, WORLD.at).with_payload(true).judge(text);
    let checks = &verdict.checks;
    let signed = checks.signature == Check::Passed;
    assert_eq!(verdict.verdict == Decision::Accepted, verdict.reason.is_none(), "a reason, or acceptance");
    if verdict.verdict == Decision::Accepted {
        let must = [checks.decode, checks.signature, checks.trust, checks.key_usage, checks.validity, checks.content];
        assert!(must.iter().all(|check| *check == Check::Passed), "accepted although a check did not pass");
        // A yellow card has no identifier.
        let named = verdict.id.is_some() || verdict.format != Format::EuDcc;
        assert!(verdict.holder.is_some() && named, "accepted without saying whose it is");
    }
    if signed {
        assert!(truly_signed(text), "the signature passed, but no key of the store made it");
        assert!(verdict.unverified_payload.is_none(), "a verified payload under the unverified name");
    } else {
        let shown = verdict.holder.is_some() || verdict.id.is_some() || verdict.payload.is_some();
        assert!(!shown, "content shown before the signature passed");
    }
    let json = serde_json::to_string(&verdict).expect("a verdict is JSON");
    assert!(json.len() < 64 * limits::INFLATED_BYTES, "a verdict out of all proportion");
    assert!(!format!("{verdict:?}").is_empty());
    verdict
}

/// A second look at the signature, by a path of its own through coset.
fn truly_signed(text: &str) -> bool {
    let Ok((bytes, _)) = hcert::from_text(text) else { return false };
    let Ok(message) = Sign1::read(&bytes) else { return false };
    let structure = coset::sig_structure_data(
        coset::SignatureContext::CoseSign1,
        protected(&message.protected),
        None,
        &[],
        &message.payload,
    );
    [(ES256_CERT, Algorithm::Es256), (PS256_CERT, Algorithm::Ps256)].into_iter().any(|(der, algorithm)| {
        let key = Certificate::from_der(der).expect("fixture").public_key().expect("fixture");
        key.verify(algorithm, &structure, &message.signature).is_ok()
    })
}

fn protected(bytes: &[u8]) -> coset::ProtectedHeader {
    let original = if is_empty_map(bytes) { Vec::new() } else { bytes.to_vec() };
    coset::ProtectedHeader { original_data: Some(original), header: coset::Header::default() }
}

fn is_empty_map(bytes: &[u8]) -> bool {
    matches!(bytes, [0xa0] | [0xbf, 0xff])
}

/// A COSE message taken apart, against coset.
pub fn cose(data: &[u8]) {
    let Ok(ours) = Sign1::read(data) else { return };
    assert!(ours.payload.len() + ours.signature.len() + ours.protected.len() <= data.len());
    let theirs = coset::CoseSign1::from_tagged_slice(data).or_else(|_| coset::CoseSign1::from_slice(data));
    // coset knows more header parameters than we read and refuses some that we leave alone; where both
    // read the message, they must agree on every byte that matters.
    if let Ok(theirs) = theirs {
        assert_eq!(theirs.payload.as_deref().unwrap_or_default(), ours.payload.as_ref());
        assert_eq!(theirs.signature.as_slice(), ours.signature.as_ref());
        if let Some(original) = &theirs.protected.original_data {
            assert_eq!(original.as_slice(), ours.protected.as_ref());
            // coset hashes an empty map as it was received; RFC 9052 section 4.4 says as no bytes at all.
            if !is_empty_map(original) {
                assert_eq!(theirs.tbs_data(&[]), ours.signed_bytes());
            }
        }
        let kid = [&theirs.protected.header.key_id, &theirs.unprotected.key_id].into_iter().find(|k| !k.is_empty());
        if let (Some(theirs), Some(ours)) = (kid, ours.kid.as_ref().filter(|kid| !kid.as_bytes().is_empty())) {
            assert_eq!(theirs.as_slice(), ours.as_bytes());
        }
    }
    if let Ok(claims) = Claims::read(&ours.payload) {
        let _ = claims.dcc().map(Reading::of);
    }
    judge(&hcert::to_text(data));
}

/// A CBOR document, against ciborium.
pub fn cbor(data: &[u8]) {
    let read = Value::read(data);
    let theirs = ciborium::from_reader::<ciborium::Value, _>(data);
    match &read {
        Ok(value) => {
            let json = value.to_json();
            assert!(serde_json::to_vec(&json).is_ok());
            let _ = Reading::of(value);
            let _ = Claims::read(data);
            if comparable(value) {
                let theirs = theirs.expect("we read what ciborium refuses");
                let mut again = Vec::new();
                ciborium::into_writer(&theirs, &mut again).expect("writing to memory");
                let again = Value::read(&again).expect("what ciborium writes we read");
                assert_eq!(&again, value, "we and ciborium read different things");
            }
        }
        // What we refuse beyond what is well-formed is refused by these names.
        Err(
            CborError::Trailing { .. }
            | CborError::DuplicateKey { .. }
            | CborError::TooDeep
            | CborError::TooMany { .. },
        ) => {}
        Err(CborError::Malformed { position }) => assert!(*position <= data.len()),
    }
}

/// Whether a value survives ciborium unchanged: no NaN (unequal to itself), no bignum (ciborium makes an
/// integer of it and refuses one beyond 128 bits), no integer beyond 64 bits signed (kept as a float).
fn comparable(value: &Value<'_>) -> bool {
    match value {
        Value::Float(f) => !f.is_nan(),
        Value::BigInt(_) | Value::Tag(2 | 3, _) => false,
        Value::Tag(_, inner) => comparable(inner),
        Value::Array(items) => items.iter().all(comparable),
        Value::Map(entries) => entries.iter().all(|(k, v)| comparable(k) && comparable(v)),
        _ => true,
    }
}

/// A yellow card: its content alone, then in a token that a trusted key signed; or a catalogue of products.
pub fn icvp(data: &[u8]) {
    if WhoCatalogue::looks_like(data) {
        let sets = ValueSets::built_in();
        if let Ok(newer) = sets.who().with("fuzz", data) {
            assert!(newer.products().len() >= sets.who().products().len(), "an edition forgot a product");
            for product in sets.who().products() {
                let known = newer.product(&product.ids[0].id).expect("an edition forgot an id");
                assert!(known.kind == product.kind && known.ids.len() >= product.ids.len());
            }
        }
        return;
    }
    if let Ok(Ok(reading)) = Value::read(data).map(|value| icvp::Reading::of(&value)) {
        let (card, sets) = (&reading.icvp, ValueSets::built_in());
        let medical = icvp::decide(card, icvp::day_of(WORLD.at), sets);
        if medical.outcome == icvp::Outcome::Valid {
            assert!(medical.product.is_some() && medical.valid_from.is_none_or(|from| from <= icvp::day_of(WORLD.at)));
        }
        assert_eq!(icvp::to_core(card, sets).events.len(), 1);
        let written = card.to_cbor();
        let again = icvp::Reading::of(&Value::read(&written).expect("what we write is CBOR"));
        assert_eq!(again.expect("what we write is a card").icvp, *card, "a card changed by being written");
    }
    let hours = |n| jiff::SignedDuration::from_hours(n);
    let (issued, expires) = (WORLD.at - hours(24), WORLD.at + hours(24));
    signed(hcert::write_token("XX", issued, expires, hcert::SUB_CLAIM_ICVP, data));
}

/// A DDCC in each of its forms: written again, turned into a FHIR document and into every other format, and signed.
pub fn ddcc(data: &[u8]) {
    let Ok(value) = Value::read(data) else { return };
    let newer = [ddcc::Kind::Vaccination, ddcc::Kind::Test].map(|kind| ddcc::Reading::of(&value, kind));
    let first = ddcc::looks_flat(&value).then(|| ddcc::Reading::of_flat(&value));
    for read in newer.into_iter().chain(first).flatten().map(|reading| reading.ddcc) {
        let kind =
            if read.sub_claim() == hcert::SUB_CLAIM_DDCC_TEST { ddcc::Kind::Test } else { ddcc::Kind::Vaccination };
        let written = read.to_cbor();
        let again = ddcc::Reading::of(&Value::read(&written).expect("what we write is CBOR"), kind);
        assert_eq!(again.expect("what we write is a DDCC").ddcc, read, "a DDCC changed by being written");
        let core = ddcc::to_core(&read);
        assert_eq!(core.events.len(), 1);
        for target in Target::ALL {
            if let Ok((payload, losses)) = convert(&core, target) {
                assert!(payload.is_object());
                let once = losses.windows(2).all(|pair| pair[0].element < pair[1].element);
                assert!(once, "an element was lost twice: {losses:?}");
            }
        }
        let code = [fhir::QrCode { usage: "who", text: "HC1:", png: None }];
        let issue = fhir::Issue { issued_at: WORLD.at, valid_until: None, codes: &code };
        if let Ok(document) = fhir::document(&read, issue) {
            assert_eq!(fhir::document(&read, issue).as_ref(), Ok(&document), "a document by chance");
        }
    }
    let hours = |n| jiff::SignedDuration::from_hours(n);
    let (issued, expires) = (WORLD.at - hours(24), WORLD.at + hours(24));
    for number in [hcert::SUB_CLAIM_DDCC_VACCINATION, hcert::SUB_CLAIM_DDCC_TEST] {
        signed(hcert::write_token("XX", issued, expires, number, data));
    }
    signed(data.to_vec());
}

/// One layer at a time, chosen by the first byte, so that the checks of the outer layers do not hide it.
pub fn hcert_layers(data: &[u8]) {
    let Some((&layer, rest)) = data.split_first() else { return };
    match layer % 6 {
        0 => {
            let text = String::from_utf8_lossy(rest);
            if let Ok(bytes) = hcert::base45::decode(&text) {
                assert_eq!(hcert::base45::encode(&bytes), text, "base45 read two ways");
            }
            let _ = hcert::from_text(&text);
            let _ = hcert::looks_like(&text);
        }
        1 => {
            if let Ok(bytes) = hcert::inflate(rest) {
                assert!(bytes.len() <= limits::INFLATED_BYTES);
                assert_eq!(hcert::inflate(&hcert::deflate(&bytes)), Ok(bytes));
            }
            judge(&format!("{}{}", hcert::PREFIX, hcert::base45::encode(rest)));
        }
        // A whole message.
        2 => {
            judge(&hcert::to_text(rest));
        }
        // Claims that a trusted key signed.
        3 => signed(rest.to_vec()),
        // Content of a token with good times that a trusted key signed.
        4 => {
            let hours = |n| jiff::SignedDuration::from_hours(n);
            let (issued, expires) = (WORLD.at - hours(24), WORLD.at + hours(24));
            signed(Claims::write_dcc("XX", issued, expires, rest));
        }
        // A protected header of any shape around a good payload, with a signature over it.
        _ => header(rest),
    }
}

fn signed(payload: Vec<u8>) {
    let draft = ToBeSigned::new(Algorithm::Es256, WORLD.signer.kid(), payload);
    let signature = WORLD.signer.sign(&draft.signed_bytes()).expect("the fixture key signs");
    let bytes = draft.finish(&signature);
    if bytes.len() > limits::INFLATED_BYTES {
        return;
    }
    let text = hcert::to_text(&bytes);
    if text.len() <= limits::CODE_TEXT_BYTES {
        let verdict = judge(&text);
        assert_eq!(verdict.checks.signature, Check::Passed, "what a trusted key signed was not recognised");
    }
}

fn header(protected_bytes: &[u8]) {
    let payload = b"\xa2\x04\x1a\x70\x00\x00\x00\x06\x1a\x60\x00\x00\x00";
    let message = coset::CoseSign1Builder::new()
        .payload(payload.to_vec())
        .unprotected(coset::HeaderBuilder::new().key_id(WORLD.signer.kid().as_bytes().to_vec()).build());
    let mut message = message.build();
    message.protected = protected(protected_bytes);
    message.signature = WORLD.signer.sign(&message.tbs_data(&[])).expect("the fixture key signs");
    if let Ok(bytes) = message.to_tagged_vec() {
        let verdict = judge(&hcert::to_text(&bytes));
        assert_ne!(verdict.verdict, Decision::Accepted, "a token without content was accepted");
    }
}
