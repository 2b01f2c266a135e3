//! What a seal on the paper and a pass cost beside the signature alone: `cargo bench --bench seal`. Prints minimum and
//! median of each job and its ratio to the bare signature of the same key; only the ratios inside one run mean something.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::type_complexity,
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "a bench measures time and fails by panicking"
)]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use vaccert::{
    document::Language,
    keys::X509Signer as _,
    keys::{Certificate, MemoryX509Signer},
    seal::DocumentKey,
    wallet::{Content, GooglePasses, GoogleTerms},
};

#[path = "../tests/support/paper.rs"]
mod paper;

fn document_key(key: &rcgen::KeyPair) -> (DocumentKey, Arc<MemoryX509Signer>) {
    let params = rcgen::CertificateParams::default();
    let certificate = Certificate::from_der(params.self_signed(key).unwrap().der()).unwrap();
    let signer = Arc::new(MemoryX509Signer::new(&key.serialize_der()).unwrap());
    (DocumentKey::new(signer.clone(), certificate, Vec::new()).unwrap(), signer)
}

fn main() {
    let sheet = paper::sheet("Müller-Lüdenscheidt", "Anna Zoë Françoise");
    let press = paper::press();
    let pdf = press.print(std::slice::from_ref(&sheet)).unwrap();
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let rsa = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
    let (ec_key, ec) = document_key(&rcgen::KeyPair::generate().unwrap());
    let (rsa_key, rsa_signer) = document_key(&rsa);
    let account = serde_json::json!({
        "type": "service_account", "client_email": "passes@example.org",
        "private_key": vaccert::keys::pem::write("PRIVATE KEY", &rsa.serialize_der()),
    });
    let terms = GoogleTerms {
        issuer: "3388".into(),
        class: "c".into(),
        organisation: "Ministry".into(),
        face: vaccert::wallet::Face::default(),
    };
    let google = GooglePasses::new(terms, account.to_string().as_bytes()).unwrap();
    let language = Language::ENGLISH;
    let content = Content { sheet: &sheet, code: &sheet.code, language, others: &[], expires: None, voided: false };
    // Each with the job that it is compared with.
    let jobs: Vec<(&str, usize, Box<dyn Fn() -> usize + '_>)> = vec![
        ("signature, P-256", 0, Box::new(|| ec.sign(black_box(b"message")).unwrap().len())),
        ("seal, P-256", 0, Box::new(|| ec_key.seal(black_box(&pdf), now).unwrap().len())),
        ("signature, RSA 2048", 2, Box::new(|| rsa_signer.sign(black_box(b"message")).unwrap().len())),
        ("seal, RSA 2048", 2, Box::new(|| rsa_key.seal(black_box(&pdf), now).unwrap().len())),
        ("pass for Google", 2, Box::new(|| format!("{:?}", google.make(black_box(&content), now).unwrap()).len())),
        ("paper without a seal", 0, Box::new(|| press.print(std::slice::from_ref(black_box(&sheet))).unwrap().len())),
    ];
    let mut times: Vec<Vec<Duration>> = jobs.iter().map(|_| Vec::new()).collect();
    // Interleaved rounds: a busy moment of the machine hits every job alike.
    for _ in 0..200 {
        for ((.., job), times) in jobs.iter().zip(&mut times) {
            let start = Instant::now();
            black_box(job());
            times.push(start.elapsed());
        }
    }
    times.iter_mut().for_each(|times| times.sort());
    for ((name, base, job), own) in jobs.iter().zip(&times) {
        let (least, median) = (own[0], own[own.len() / 2]);
        let ratio = least.as_secs_f64() / times[*base][0].as_secs_f64();
        println!("{name:22} min {least:>9.1?} median {median:>9.1?} ratio {ratio:>6.2}  ({} bytes)", job());
    }
}
