//! Named failures of other systems (facts on failures, section C), by way of the service.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use vaccert::{
    batch::system_random,
    clock::Clock as _,
    envelope::hcert::{self, Claims, ToBeSigned},
    keys::{Certificate, Kid, MemorySigner, Signer, sha256},
    payload::dcc::{Dcc, Entry, Name, SCHEMA_VERSION, Vaccination},
    registry::{Cause, Reason},
    revocation::{Builder, Fingerprints, HashKind, Index, IndexError, Role},
    service::KnownError,
    trust::bundle::{self, Contents, Environment},
};

use super::{FOUR_DOSES, Installation, text};
use crate::support::program::Workplace;

/// A signer that is no rehearsal's.
fn real_signer() -> MemorySigner {
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(rcgen::DnType::CountryName, "UT");
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "Utopia DSC");
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    MemorySigner::new(&key.serialize_der(), Certificate::from_der(certificate.der()).unwrap()).unwrap()
}

fn certificate(signer: &MemorySigner, id: &str, now: Timestamp) -> String {
    let dcc = Dcc {
        version: SCHEMA_VERSION.to_owned(),
        name: Name {
            family: Some("Specimen".to_owned()),
            given: Some("Ada".to_owned()),
            family_standard: Some("SPECIMEN".to_owned()),
            given_standard: Some("ADA".to_owned()),
        },
        birth_date: "1990-01-02".to_owned(),
        entry: Entry::Vaccination(Vaccination {
            disease: "840539006".to_owned(),
            prophylaxis: "1119349007".to_owned(),
            product: "EU/1/20/1528".to_owned(),
            holder: "ORG-100030215".to_owned(),
            dose: 2,
            total_doses: 2,
            date: "2021-07-11".to_owned(),
            country: "UT".to_owned(),
            issuer: "Ministry".to_owned(),
            id: id.to_owned(),
        }),
    };
    let payload = Claims::write_dcc("UT", now, now + SignedDuration::from_hours(24), &dcc.to_cbor());
    let message = ToBeSigned::new(signer.algorithm(), signer.certificate().kid(), payload);
    hcert::to_text(&message.finish(&signer.sign(&message.signed_bytes()).unwrap()))
}

/// A production bundle with these revocations.
fn production(here: &Installation, signer: &MemorySigner, sequence: u64, revoked: &[&str], released: &[&str]) {
    let now = here.clock.now();
    let mut contents = Contents::new(Environment::Production, sequence, now, now + SignedDuration::from_hours(48));
    contents.certificates = vec![signer.certificate().der().to_vec()];
    let hash = |id: &&str| *Fingerprints::of_identifier(id).get(HashKind::Identifier).unwrap();
    let mut builder = Builder::new();
    builder.add_own(revoked.iter().map(hash).collect(), [signer.kid()], now + SignedDuration::from_hours(48)).unwrap();
    builder.release(HashKind::Identifier, released.iter().map(hash).collect()).unwrap();
    contents.revocations = builder.finish().unwrap().encode().unwrap();
    let bytes = bundle::write(&contents, here.setup.list_key.signer.as_ref()).unwrap();
    std::fs::create_dir_all(&here.setup.service.public).unwrap();
    std::fs::write(here.setup.service.public.join("trust.json"), bytes).unwrap();
}

#[tokio::test]
async fn f21_a_revocation_is_never_undone_by_a_list_whatever_the_order() {
    let here = Installation::empty().await;
    // By the clock of the service: by another one that goes on meanwhile they would be of the future.
    let (signer, now) = (real_signer(), here.clock.now());
    let (one, two) = ("URN:UVCI:01:UT:ONE#A", "URN:UVCI:01:UT:TWO#B");
    let codes = BTreeMap::from([(one, certificate(&signer, one, now)), (two, certificate(&signer, two, now))]);
    let verdicts = async || {
        here.house.live().refresh().await;
        let (a, b) = (here.verdict(&codes[one]).await, here.verdict(&codes[two]).await);
        (a.1.unwrap_or(a.0), b.1.unwrap_or(b.0))
    };
    let words = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    production(&here, &signer, 10, &[one], &[]);
    assert_eq!(verdicts().await, words("revoked", "accepted"));
    // A later list that has forgotten it, an older one, and one with another entry in its place.
    for (sequence, revoked) in [(11, &[][..]), (9, &[one][..]), (12, &[two][..])] {
        production(&here, &signer, sequence, revoked, &[]);
        assert_eq!(verdicts().await, words("revoked", "accepted"), "number {sequence}");
        let trouble = here.house.live().trouble().expect("it is told");
        assert!(matches!(*trouble, KnownError::Forgets(_) | KnownError::Older { .. }), "{trouble}");
        assert_eq!(here.get("/v1/lists", &[]).await.json()["troubles"].as_array().unwrap().len(), 1);
    }
    production(&here, &signer, 13, &[one, two], &[]);
    assert_eq!(verdicts().await, words("revoked", "revoked"));
    assert!(here.house.live().trouble().is_none());
    // What was taken back by name is good again.
    production(&here, &signer, 14, &[two], &[one]);
    assert_eq!(verdicts().await, words("accepted", "revoked"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f22_of_four_doses_exactly_the_revoked_one_is_revoked_in_every_form_and_at_every_gate() {
    let here = Installation::issued().await;
    let all = here.certificates().await;
    let of_person = here.registry.list_by_person(FOUR_DOSES).await.unwrap();
    let doses: Vec<_> = of_person.iter().filter_map(|one| all.iter().find(|sealed| sealed.id == one.id)).collect();
    assert_eq!(doses.len(), 4, "the invented person had four doses");
    let formats = ["eu-dcc", "ddcc", "divoc"];
    let work = Workplace::new();
    for (k, revoked) in doses.iter().enumerate() {
        let ids = [revoked.id.clone()];
        here.registry.revoke(&ids, &Cause::from(Reason::Fraud), Timestamp::now()).await.unwrap();
        here.publish().await;
        let trust = here.setup.service.public.join("trust.json");
        for format in formats {
            let mut files = Vec::new();
            for (n, dose) in doses.iter().enumerate() {
                let code = text(dose, format);
                let expected = if n == k { ("rejected", Some("revoked")) } else { ("accepted", None) };
                let (verdict, reason) = here.verdict(&code).await;
                assert_eq!((verdict.as_str(), reason.as_deref()), expected, "dose {n} of {format}, revoked {k}");
                files.push(work.write(&format!("{format}-{n}.txt"), code));
            }
            let offline = work.verify(&trust, &files, &[]);
            for (n, words) in offline.words().into_iter().enumerate() {
                let expected = if n == k { ("rejected", Some("revoked")) } else { ("accepted", None) };
                assert_eq!(words, expected, "offline: dose {n} of {format}, revoked {k}");
            }
        }
        here.registry.restore(&ids, &Cause::from(Reason::Mistake), Timestamp::now()).await.unwrap();
    }
}

#[test]
fn f24_a_million_revocations_are_small_quick_and_never_used_in_part() {
    let kid = Kid::new(b"12345678");
    let entries: Vec<[u8; 16]> =
        (0..1_000_000u64).map(|n| sha256(&n.to_be_bytes())[..16].try_into().unwrap()).collect();
    let mut builder = Builder::new();
    builder.revoke(None, HashKind::Identifier, entries.clone()).unwrap();
    let lists = builder.finish().unwrap();
    assert_eq!(lists.len(), entries.len());

    let mut serials = [[0; 16]; 2];
    serials.iter_mut().for_each(|serial| system_random()(serial).unwrap());
    let now = Timestamp::now();
    let validity = vaccert::signers::sandbox::Validity::recommended(now).unwrap();
    let keys = vaccert::signers::sandbox::make(vaccert::signers::sandbox::SignerKey::P256, &validity, serials).unwrap();
    let own = Certificate::from_der(&keys.signer.certificate_der).unwrap();
    let signer: Arc<dyn Signer> = Arc::new(MemorySigner::new(&keys.signer.private_key, own).unwrap());

    let shards = lists.shards().unwrap();
    let total: usize = shards.iter().map(|shard| shard.bytes.len()).sum();
    assert!(total < 17_000_000, "{total} bytes for a million");
    let files = shards
        .iter()
        .map(|shard| Index::entry(format!("lists/{}", shard.name), Role::List, &shard.bytes, shard.entries, 0.0));
    let index = Index {
        sandbox: true,
        sequence: 1,
        previous: None,
        made_at: now,
        valid_until: now + SignedDuration::from_hours(24),
        through: 1,
        covers: vec![],
        filters_cover: vec![],
        files: files.collect(),
    };
    let signed = index.write(signer.as_ref()).unwrap();
    let index = Index::read(&signed, &[signer.certificate().public_key().unwrap()], true).unwrap().index;

    // Killed after each third of the chunks, and begun again with what is there: never used before it is whole.
    let mut there: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for chunk in shards.chunks(shards.len().div_ceil(3)) {
        let part = index.add_to(&mut Builder::new(), |file| there.get(&file.name).cloned());
        assert!(matches!(part, Err(IndexError::Missing { .. })), "{part:?}");
        there.extend(chunk.iter().map(|shard| (format!("lists/{}", shard.name), shard.bytes.clone())));
    }
    // One byte of one chunk: its hash is checked before it is used.
    let name = index.files[shards.len() / 2].name.clone();
    let mut bent = there.clone();
    bent.get_mut(&name).unwrap()[1_000] ^= 1;
    assert!(index.add_to(&mut Builder::new(), |file| bent.get(&file.name).cloned()).is_err());
    let mut whole = Builder::new();
    index.add_to(&mut whole, |file| there.get(&file.name).cloned()).unwrap();
    let whole = whole.finish().unwrap();
    assert_eq!(whole.len(), entries.len());

    let begun = std::time::Instant::now();
    assert!(entries.iter().step_by(10).all(|hash| whole.names(&kid, HashKind::Identifier, hash).is_some()));
    let absent = (2_000_000..2_100_000u64).map(|n| -> [u8; 16] { sha256(&n.to_be_bytes())[..16].try_into().unwrap() });
    let false_hits = absent.filter(|hash| whole.names(&kid, HashKind::Identifier, hash).is_some()).count();
    assert_eq!(false_hits, 0, "lists are exact");
    // A fifth of a million look-ups, in a build without optimisation.
    assert!(begun.elapsed().as_secs_f64() < 10.0, "{:?}", begun.elapsed());
}
