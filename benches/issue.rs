//! Record → `HC1:` text against the bare signature, in one run: only the ratios mean anything.
//!
//! `cargo bench --bench issue`
#![allow(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "a measurement, not the product"
)]

use std::{hint::black_box, sync::Arc, time::Instant};

use jiff::Timestamp;
use vaccert::{
    issue::{Format, Issuer, Record, Terms},
    keys::{Certificate, MemorySigner, Signer},
    record::{Country, Person, PersonName, Provenance, Uvci, VaccinationRecord},
    signers::sandbox::{SignerKey, Validity, make},
    valueset::ValueSets,
};

const ROUNDS: usize = 30;
const EACH: usize = 300;

fn main() {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    for key in [SignerKey::P256, SignerKey::Rsa2048] {
        let sandbox = make(key, &Validity::recommended(now).unwrap(), [[1; 16], [2; 16]]).unwrap();
        let certificate = Certificate::from_der(&sandbox.signer.certificate_der).unwrap();
        let signer: Arc<dyn Signer> = Arc::new(MemorySigner::new(&sandbox.signer.private_key, certificate).unwrap());
        measure(&signer, now);
    }
}

fn measure(signer: &Arc<dyn Signer>, now: Timestamp) {
    let issuer = Issuer::new(Arc::clone(signer), "XX", Terms::default()).unwrap();
    let record = record();
    let id = Uvci::from_random(Country::SANDBOX, [7; 16]);
    let message = vec![0x5a; 360];
    type Step<'a> = (&'a str, Box<dyn Fn() + 'a>);
    let steps: Vec<Step<'_>> = vec![
        (
            "bare signature",
            Box::new(|| {
                black_box(signer.sign(black_box(&message)).unwrap());
            }),
        ),
        (
            "record to HC1 text: map, lint, encode, sign",
            Box::new(|| {
                let prepared = issuer.prepare(black_box(&record), &id, &[Format::EuDcc], now).unwrap();
                black_box(issuer.sign(prepared).unwrap());
            }),
        ),
        (
            "the same, read back by the verifier",
            Box::new(|| {
                let prepared = issuer.prepare(black_box(&record), &id, &[Format::EuDcc], now).unwrap();
                black_box(issuer.seal(prepared).unwrap());
            }),
        ),
        (
            "map and lint alone",
            Box::new(|| {
                black_box(issuer.prepare(black_box(&record), &id, &[Format::EuDcc], now).unwrap());
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
    println!("{}:", signer.algorithm());
    for (time, (name, _)) in best.iter().zip(&steps) {
        println!("  {name:<46} {:>8.1} us  {:>5.2} x", time * 1e6, time / best[0]);
    }
}

fn record() -> Record {
    Record::Vaccination(Box::new(VaccinationRecord {
        provenance: Provenance { tracked_entity: "a".into(), event: "b".into(), updated_at: None, facility: None },
        person: Person {
            name: PersonName {
                family: Some("Müller-Ångström".into()),
                given: Some("Zoë Françoise".into()),
                ..PersonName::default()
            },
            birth_date: Some("1984-03-19".parse().unwrap()),
            sex: None,
            identifier: None,
            nationality: None,
            document: None,
            guardian: None,
        },
        product: Arc::clone(ValueSets::built_in().product("comirnaty").unwrap()),
        lot: None,
        date: "2021-06-20".parse().unwrap(),
        dose: 2,
        total_doses: 2,
        country: Country::SANDBOX,
        centre: None,
        practitioner: None,
        clinician: None,
        next_dose: None,
        issuer: "Ministry of Health".into(),
    }))
}
