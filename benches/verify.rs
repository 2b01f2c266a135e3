//! Text → verdict against the bare signature check, in one run: only the ratios mean anything. Everything is
//! switched on but rules: 1,000 keys, a million revocations, the memory of signed times. The same for a DIVOC
//! credential, whose signature is over the canonical form of a graph.
//!
//! `cargo bench --no-default-features --features verify --bench verify`
#![allow(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "a measurement, not the product"
)]

use std::{hint::black_box, sync::Arc, time::Instant};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jiff::Timestamp;
use p256::{
    ecdsa::{Signature, SigningKey, signature::Signer},
    pkcs8::EncodePublicKey,
};
use vaccert::{
    envelope::{
        divoc::{Credential, Draft, Suite, pack, unpack},
        hcert::{self, Sign1, ToBeSigned},
    },
    keys::{Algorithm, Kid, PublicKey, sha256},
    payload::{
        dcc::{Dcc, Entry, Name, Vaccination},
        ddcc, icvp,
    },
    record::{DocumentKind, Person, PersonName, Provenance, Sex, TravelDocument, Uvci, VaccinationRecord},
    revocation::{Builder, Hash, HashKind, Revocations, Scope, Until},
    trust::{TrustStore, TrustedKey},
    valueset::ValueSets,
    verify::{Decision, Verifier},
};

const ROUNDS: usize = 40;
const EACH: usize = 400;

fn main() {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let (text, store, others) = certificate(now);
    let (bytes, _) = hcert::from_text(&text).unwrap();
    let message = Sign1::read(&bytes).unwrap();
    let signed = message.signed_bytes();
    let key = &store.candidates(message.kid.as_ref().unwrap())[0].key;
    let revocations = revocations(message.kid.as_ref().unwrap(), now);
    let verifier = Verifier::new(&store, now).with_revocations(&revocations, true).with_newest_signed(Some(now));
    let verdict = verifier.judge(&text);
    assert_eq!(verdict.verdict, Decision::Accepted, "{verdict:?}");

    for other in &others {
        let verdict = verifier.judge(other);
        assert_eq!(verdict.verdict, Decision::Accepted, "{verdict:?}");
    }

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
            "the same, WHO yellow card",
            Box::new(|| {
                black_box(verifier.judge(black_box(&others[0])));
            }),
        ),
        (
            "the same, WHO DDCC",
            Box::new(|| {
                black_box(verifier.judge(black_box(&others[1])));
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
    let best = measure(&steps);
    println!("a text of {} characters, a message of {} bytes, ES256:", text.len(), bytes.len());
    show(&steps, &best);
    divoc(now, &verifier);
}

type Step<'a> = (&'a str, Box<dyn Fn() + 'a>);

/// Interleaved rounds and their minimum: what else the machine does hits all steps alike.
fn measure(steps: &[Step<'_>]) -> Vec<f64> {
    let mut best = vec![f64::MAX; steps.len()];
    for _ in 0..ROUNDS {
        for (slot, (_, step)) in best.iter_mut().zip(steps) {
            let start = Instant::now();
            for _ in 0..EACH {
                step();
            }
            *slot = slot.min(start.elapsed().as_secs_f64() / EACH as f64);
        }
    }
    best
}

fn show(steps: &[Step<'_>], best: &[f64]) {
    for ((name, _), seconds) in steps.iter().zip(best) {
        println!("  {name:<32} {:7.1} us  {:5.3} x", seconds * 1e6, seconds / best[0]);
    }
}

/// A DIVOC credential of the same dose, signed with Ed25519, in its archive.
fn divoc(now: Timestamp, other: &Verifier<'_>) {
    const DID: &str = "did:example:moh";
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let spki = [b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", pair.public_key().as_ref()].concat();
    let public = PublicKey::from_spki(&spki).unwrap();
    let mut store = TrustStore::new();
    store.add(TrustedKey::bare(public.clone(), Kid::new(DID.as_bytes()), "list"));
    let draft = Draft::new(credential(), Suite::Ed25519, "2021-06-21T04:28:46Z", DID).unwrap();
    let signed = draft.signing_input();
    let signature = pair.sign(&signed);
    let archive = pack(&draft.sign(signature.as_ref()).unwrap()).unwrap();
    let json = unpack(&archive).unwrap().0;
    let verifier = Verifier::new(&store, now).with_newest_signed(Some(now));
    let verdict = verifier.judge_bytes(&archive);
    assert_eq!(verdict.verdict, Decision::Accepted, "{verdict:?}");
    assert_eq!(other.judge_bytes(&archive).verdict, Decision::Undecided);
    let steps: Vec<Step<'_>> = vec![
        (
            "bare signature check",
            Box::new(|| public.verify(Algorithm::EdDsa, black_box(&signed), signature.as_ref()).unwrap()),
        ),
        (
            "archive to verdict",
            Box::new(|| {
                black_box(verifier.judge_bytes(black_box(&archive)));
            }),
        ),
        (
            "archive to JSON text",
            Box::new(|| {
                black_box(unpack(black_box(&archive)).unwrap());
            }),
        ),
        (
            "JSON text to what is signed",
            Box::new(|| {
                black_box(Credential::read(black_box(&json)).unwrap());
            }),
        ),
    ];
    let best = measure(&steps);
    println!("an archive of {} bytes, JSON of {} bytes, Ed25519:", archive.len(), json.len());
    show(&steps, &best);
}

/// A credential with every part that a real one of the second version has.
fn credential() -> serde_json::Value {
    let address = |country: &str| {
        serde_json::json!({
            "streetAddress": "12 Temple Road", "streetAddress2": "", "district": "Colombo", "city": "",
            "addressRegion": "Western", "addressCountry": country, "postalCode": "00700",
        })
    };
    serde_json::json!({
        "@context": [
            "https://www.w3.org/2018/credentials/v1", "https://cowin.gov.in/credentials/vaccination/v2",
        ],
        "type": ["VerifiableCredential", "ProofOfVaccinationCredential"],
        "credentialSubject": {
            "type": "Person", "id": "did:example:moh:841230456V", "refId": "39791185041847", "gender": "Female",
            "name": "Nirmala Dilhani Wickramasinghe", "age": "37", "dob": "1984-03-19", "nationality": "Sri Lankan",
            "address": address("LK"),
        },
        "issuer": "https://moh.example/", "issuanceDate": "2021-06-21T04:28:46.012Z",
        "evidence": [{
            "id": "https://moh.example/vaccine/920476701", "feedbackUrl": "https://moh.example/?920476701",
            "infoUrl": "https://moh.example/?920476701", "certificateId": "920476701", "type": ["Vaccination"],
            "batch": "4120Z002", "vaccine": "Covishield", "manufacturer": "Serum Institute of India",
            "icd11Code": "XM97T2", "prophylaxis": "COVID-19 vaccine, non-replicating viral vector",
            "date": "2021-06-20T04:28:43.134Z", "effectiveStart": "2021-06-20", "effectiveUntil": "2022-06-20",
            "dose": 2, "totalDoses": 2, "verifier": {"name": "S. Silva"},
            "facility": {"name": "MOH Office Gothatuwa", "address": address("LKA")},
        }],
        "nonTransferable": "true",
    })
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

/// A certificate of an invented person, a store that holds its key among 1,000 others, and a yellow card and a DDCC
/// of that key.
fn certificate(now: Timestamp) -> (String, TrustStore, [String; 2]) {
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
    let token = |number: i64, content: &[u8]| {
        let (from, until) = (now.checked_sub(day).unwrap(), now.checked_add(day).unwrap());
        let payload = hcert::write_token("LK", from, until, number, content);
        let prepared = ToBeSigned::new(Algorithm::Es256, &kid, payload);
        let signature: Signature = signing.sign(&prepared.signed_bytes());
        hcert::to_text(&prepared.finish(&signature.to_bytes()))
    };
    let sets = ValueSets::built_in();
    let stamaril = "YellowFeverProductd8a09f80301dc05e124f99ffe7711fc0";
    let mut dose = record();
    let ddcc =
        ddcc::vaccination(&dose, ddcc::Frame { id: &Uvci::from_random("LK".parse().unwrap(), [7; 16]), kid: None });
    let ddcc = token(hcert::SUB_CLAIM_DDCC_VACCINATION, &ddcc.unwrap().to_cbor());
    dose.product = Arc::new(sets.who_product(stamaril).unwrap().to_product(stamaril));
    let card = icvp::card(&dose, icvp::day_of(now), &icvp::CardOptions::default(), sets).unwrap();
    let card = token(hcert::SUB_CLAIM_ICVP, &card.to_cbor());
    (token(hcert::SUB_CLAIM_DCC, &dcc.to_cbor()), store, [card, ddcc])
}

/// The same person's dose, as a registry has it.
fn record() -> VaccinationRecord {
    VaccinationRecord {
        provenance: Provenance { tracked_entity: "a".into(), event: "b".into(), updated_at: None, facility: None },
        person: Person {
            name: PersonName {
                family: Some("Wickramasinghe".into()),
                given: Some("Nirmala Dilhani".into()),
                ..PersonName::default()
            },
            birth_date: Some("1984-03-19".parse().unwrap()),
            sex: Some(Sex::Female),
            identifier: Some("841230456V".into()),
            nationality: Some("LK".parse().unwrap()),
            document: Some(TravelDocument { kind: DocumentKind::Passport, number: "N1234567".into() }),
            guardian: None,
        },
        product: Arc::clone(ValueSets::built_in().product("comirnaty").unwrap()),
        lot: Some("FE4721".into()),
        date: "2021-06-20".parse().unwrap(),
        dose: 2,
        total_doses: 2,
        country: "LK".parse().unwrap(),
        centre: Some("MOH Office Gothatuwa".into()),
        practitioner: None,
        clinician: Some("Dr S. Silva".into()),
        next_dose: None,
        issuer: "Ministry of Health".into(),
    }
}
