//! From a revocation to what devices and gateways read: the folder, the lists, the batches, the routes.

mod batches;
mod folder;

use std::{path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use vaccert::{
    batch::{ListKey, system_random},
    keys::{Certificate, MemorySigner, Signer},
    publication::{FALSE_HITS, Publisher},
    record::Uvci,
    registry::{Candidate, Cause, Claim, Content, Envelope, Options, Origin, Reason, Registry, Revoked, Sealed},
    signers::sandbox::{SignerKey, Validity, make},
};

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

/// A signer of the sandbox, which is its own list key.
pub fn signer() -> Arc<dyn Signer> {
    let mut serials = [[0; 16]; 2];
    serials.iter_mut().for_each(|serial| system_random()(serial).unwrap());
    let keys = make(SignerKey::P256, &Validity::recommended(at(-1_000)).unwrap(), serials).unwrap();
    let certificate = Certificate::from_der(&keys.signer.certificate_der).unwrap();
    Arc::new(MemorySigner::new(&keys.signer.private_key, certificate).unwrap())
}

pub async fn registry(folder: &Path) -> Registry {
    Registry::open(folder.join("registry.sqlite").to_str().unwrap(), Options::default()).await.unwrap()
}

pub fn publisher(registry: &Registry, signer: &Arc<dyn Signer>, dir: &Path) -> Publisher {
    Publisher {
        registry: registry.clone(),
        signers: vec![signer.certificate().clone()],
        list_key: ListKey { signer: Arc::clone(signer), validity: SignedDuration::from_hours(24) },
        dir: dir.to_owned(),
        false_hits: FALSE_HITS,
    }
}

/// Stores certificates that were never really signed, of the key `kid`; gives their identifiers.
pub async fn store(registry: &Registry, kid: &[u8], from: u64, many: u64) -> Vec<String> {
    let mut all = Vec::new();
    for first in (from..from + many).step_by(4_000) {
        let numbers: Vec<u64> = (first..(first + 4_000).min(from + many)).collect();
        let candidates: Vec<Candidate> = numbers
            .iter()
            .map(|n| Candidate {
                tracked_entity: format!("Person{n}"),
                event: "E".into(),
                contents: vec![Content { format: "eu-dcc".into(), digest: [1; 32], wanted: true }],
                origin: Origin::default(),
            })
            .collect();
        let mut ids = numbers.iter().map(|n| {
            let random = u128::from(*n).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835).to_be_bytes();
            Uvci::from_random("XX".parse().unwrap(), random).to_string()
        });
        let claims = registry.claim(&candidates, || ids.next().unwrap(), "a", at(0)).await.unwrap();
        let sealed: Vec<Sealed> = claims
            .into_iter()
            .map(|claim| {
                let Claim::Sign { id, .. } = claim else { panic!("{claim:?}") };
                let envelope = Envelope {
                    format: "eu-dcc".into(),
                    content: [1; 32],
                    text: "HC1:".into(),
                    kid: kid.to_vec(),
                    algorithm: "ES256".into(),
                    issued_at: at(0),
                    expires_at: at(31_536_000),
                    listed_as: None,
                };
                Sealed { id, envelopes: vec![envelope] }
            })
            .collect();
        assert!(registry.store(&sealed, "a", at(0)).await.unwrap().iter().all(Result::is_ok));
        all.extend(sealed.into_iter().map(|sealed| sealed.id));
    }
    all
}

pub async fn revoke(registry: &Registry, ids: &[String], now: Timestamp) {
    for chunk in ids.chunks(4_000) {
        let answers = registry.revoke(chunk, &Cause::from(Reason::Fraud), now).await.unwrap();
        assert!(answers.iter().all(|answer| *answer == Revoked::Done));
    }
}

pub async fn restore(registry: &Registry, ids: &[String], now: Timestamp) {
    registry.restore(ids, &Cause::from(Reason::Mistake), now).await.unwrap();
}
