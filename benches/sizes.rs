//! How large each format's code is, for a typical record and for the worst one that a registry may hold.
//!
//! `cargo bench --bench sizes` prints the table of `docs/formats.md`.
#![allow(clippy::unwrap_used, clippy::as_conversions, reason = "a measurement, not the product")]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use vaccert::{
    barcode::{Level, Qr},
    issue::{Envelope, Format, Issuer, LinkedData, Record, Terms},
    keys::{Certificate, Kid, MemoryKey, MemorySigner, NamedSigner},
    payload::{
        divoc::Addresses,
        icvp::{CardOptions, Generation},
    },
    record::{
        Country, DocumentKind, Person, PersonName, Provenance, Sex, TestKind, TestRecord, TestResult, TravelDocument,
        Uvci, VaccinationRecord,
    },
    signers::sandbox::{SignerKey, Validity, make, make_named_key},
    valueset::{VaccineProduct, ValueSets},
};

const DID: &str = "did:web:health.example";
/// Side of the symbol on paper with its quiet zone, in millimetres, and modules of the quiet zone.
const SIDE: f64 = 50.0;
const QUIET: usize = 4;
/// Letters that take three bytes each and compress badly.
const LETTERS: &str = "ກຂຄງຈສຊຍດຕຖທນບປຜຝພຟມຢຣລວຫອຮ";

fn main() {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    println!("| format | record | bytes signed | in the code | QR at M | QR at Q | module at 50 mm, M |");
    println!("|---|---|---|---|---|---|---|");
    for (name, generation, linked, kind, format) in [
        ("`eu-dcc` vaccination", Generation::G3, SignerKey::P256, Kind::Covid, Format::EuDcc),
        ("`eu-dcc` test", Generation::G3, SignerKey::P256, Kind::Test, Format::EuDcc),
        ("`ddcc` vaccination", Generation::G3, SignerKey::P256, Kind::Covid, Format::Ddcc),
        ("`ddcc` test", Generation::G3, SignerKey::P256, Kind::Test, Format::Ddcc),
        ("`icvp` G3", Generation::G3, SignerKey::P256, Kind::YellowFever, Format::Icvp),
        ("`icvp` G2", Generation::G2, SignerKey::P256, Kind::YellowFever, Format::Icvp),
        ("`divoc-cwt`", Generation::G3, SignerKey::P256, Kind::Covid, Format::DivocCwt),
        ("`divoc` Ed25519", Generation::G3, SignerKey::P256, Kind::Covid, Format::Divoc),
        ("`divoc` RSA", Generation::G3, SignerKey::Rsa2048, Kind::Covid, Format::Divoc),
    ] {
        let issuer = issuer(generation, linked, now);
        for (which, worst) in [("typical", false), ("worst", true)] {
            let record = record(kind, worst, now);
            let id = Uvci::from_random(Country::SANDBOX, [0x5a; 16]);
            let prepared = issuer.prepare(&record, &id, &[format], now).unwrap();
            let issued = issuer.sign(prepared).unwrap();
            row(name, which, issued.envelope(format).unwrap());
        }
    }
}

fn row(name: &str, which: &str, envelope: &Envelope) {
    let code = envelope.code().unwrap();
    let symbol = |level| match envelope.format {
        Format::Divoc => Qr::encode_bytes(&code, level),
        _ => Qr::encode(std::str::from_utf8(&code).unwrap(), level),
    };
    let version = |level| symbol(level).map_or_else(|_| "none".to_owned(), |qr| qr.version().to_string());
    let module = symbol(Level::M)
        .map_or_else(|_| String::new(), |qr| format!("{:.2} mm", SIDE / (qr.version() * 4 + 17 + 2 * QUIET) as f64));
    let (signed, unit) = match envelope.format {
        Format::Divoc => (envelope.text.len(), "bytes"),
        _ => (vaccert::envelope::hcert::from_text(&envelope.text).unwrap().0.len(), "characters"),
    };
    println!(
        "| {name} | {which} | {signed} | {} {unit} | {} | {} | {module} |",
        code.len(),
        version(Level::M),
        version(Level::Q)
    );
}

/// A signer for COSE, and one for linked data.
fn issuer(generation: Generation, linked: SignerKey, now: Timestamp) -> Issuer {
    let sandbox = make(SignerKey::P256, &Validity::recommended(now).unwrap(), [[1; 16], [2; 16]]).unwrap();
    let certificate = Certificate::from_der(&sandbox.signer.certificate_der).unwrap();
    let signer = Arc::new(MemorySigner::new(&sandbox.signer.private_key, certificate).unwrap());
    let key = match linked {
        SignerKey::P256 => make_named_key().unwrap().to_vec(),
        SignerKey::Rsa2048 => {
            let made = make(linked, &Validity::recommended(now).unwrap(), [[3; 16], [4; 16]]).unwrap();
            made.signer.private_key.to_vec()
        }
    };
    let key: Arc<dyn NamedSigner> = Arc::new(MemoryKey::new(&key, Kid::new(DID.as_bytes().to_vec())).unwrap());
    let addresses = Addresses::new(
        "https://cowin.gov.in/credentials/vaccination/v2",
        DID,
        "https://health.example/",
        "https://health.example/vaccine/",
    );
    let terms = Terms {
        validity: SignedDuration::from_hours(24 * 365),
        card: CardOptions { generation, ..CardOptions::default() },
        divoc: Some(addresses.unwrap()),
        ..Terms::default()
    };
    Issuer::new(signer, "XX", terms).unwrap().with_linked_data(Some(LinkedData::new(key, DID, "XX", None).unwrap()))
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Covid,
    YellowFever,
    Test,
}

/// Letters in no order, the same in every run (Knuth's linear congruence): nothing that a compressor could use.
fn random(letters: &str, count: usize, seed: u64) -> String {
    let all: Vec<char> = letters.chars().collect();
    let mut state = seed;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *all.get((state >> 33) as usize % all.len()).unwrap()
        })
        .collect()
}

fn record(kind: Kind, worst: bool, now: Timestamp) -> Record {
    // A name part of 80 letters is the longest that the EU certificate carries.
    let long = |letters: usize, seed: u64| random(LETTERS, letters, seed);
    let latin = |letters: usize, seed: u64| random("ABCDEFGHIJKLMNOPQRSTUVWXYZ", letters, seed);
    // A yellow card is written in English or French.
    let own = |letters, seed| if kind == Kind::YellowFever { latin(letters, seed) } else { long(letters, seed) };
    let text = |typical: &str, worst_text: String| if worst { worst_text } else { typical.to_owned() };
    let person = Person {
        name: PersonName {
            family: Some(text("Phommachanh", own(80, 1))),
            given: Some(text("Soulivanh Keo", own(80, 2))),
            family_latin: worst.then(|| latin(80, 3)),
            given_latin: worst.then(|| latin(80, 4)),
        },
        birth_date: Some("1984-03-19".parse().unwrap()),
        sex: Some(Sex::Female),
        identifier: Some(text("840319-1234", latin(32, 5))),
        nationality: Some("LA".parse().unwrap()),
        document: Some(TravelDocument { kind: DocumentKind::Passport, number: text("P1234567", latin(20, 6)) }),
        guardian: (worst && kind == Kind::YellowFever).then(|| latin(80, 7)),
    };
    let provenance = Provenance { tracked_entity: "a".into(), event: "b".into(), updated_at: None, facility: None };
    let centre = Some(text("Mahosot Hospital", own(80, 8)));
    let issuer = text("Ministry of Health", latin(80, 9));
    if kind == Kind::Test {
        return Record::Test(Box::new(TestRecord {
            provenance,
            person,
            kind: TestKind::Naat,
            name: worst.then(|| latin(80, 10)),
            device: None,
            sampled_at: now.checked_sub(SignedDuration::from_hours(20)).unwrap(),
            result: TestResult::NotDetected,
            centre,
            country: Country::SANDBOX,
            issuer,
        }));
    }
    let sets = ValueSets::built_in();
    let product: Arc<VaccineProduct> = if kind == Kind::Covid {
        Arc::clone(sets.product("comirnaty").unwrap())
    } else {
        let id = "YellowFeverProductd8a09f80301dc05e124f99ffe7711fc0";
        Arc::new(sets.who_product(id).unwrap().to_product(id))
    };
    Record::Vaccination(Box::new(VaccinationRecord {
        provenance,
        person,
        product,
        lot: Some(text("FE4721", latin(20, 11))),
        date: "2026-06-20".parse().unwrap(),
        dose: 1,
        total_doses: 1,
        country: Country::SANDBOX,
        centre,
        practitioner: worst.then(|| latin(20, 12)),
        clinician: Some(text("Dr Vilay Example", latin(80, 13))),
        next_dose: None,
        issuer,
    }))
}
