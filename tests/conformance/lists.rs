//! Trust lists as published: every entry of the real ones is accounted for.

use std::collections::BTreeMap;

use vaccert::{
    keys::{Certificate, ChainError, Kid},
    trust::{
        Authenticity, ListForm, ListInfo, TrustStore, TrustedKey,
        cms::{Believed, CmsError, SignedData},
        lists::{self, ListError, ListKey, ListOptions},
    },
};

use crate::vectors::vectors;

fn options<'a>(list_keys: &'a [ListKey], unsigned: bool) -> ListOptions<'a> {
    ListOptions { name: "list", list_keys, unsigned }
}

/// Reads a list as it is and gives its account, which must be complete.
fn unsigned(bytes: &[u8]) -> (TrustStore, ListInfo) {
    let mut store = TrustStore::new();
    lists::read(bytes, &options(&[], true), &mut store).unwrap();
    let info = accounted(&store);
    (store, info)
}

fn accounted(store: &TrustStore) -> ListInfo {
    let info = store.lists()[0].clone();
    assert_eq!(info.entries, info.keys + info.authorities + info.repeated + info.not_signers + info.skipped.len());
    assert_eq!(info.keys, store.len());
    info
}

fn file(path: &str) -> Option<Vec<u8>> {
    vectors(&format!("vectors/{path}")).map(|path| std::fs::read(path).unwrap())
}

fn base64(text: &str) -> Vec<u8> {
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).unwrap()
}

#[test]
fn the_german_production_list_loads_whole_and_signed() {
    let Some(list) = file("trust-lists/covpass-de/dsc-list.json") else { return };
    let keys = ListKey::read(&file("trust-lists/covpass-de/dsc-list-signing-key.pem").unwrap()).unwrap();
    let mut store = TrustStore::new();
    lists::read(&list, &options(&keys, false), &mut store).unwrap();
    let info = accounted(&store);
    assert_eq!((info.entries, info.keys, info.skipped.len()), (829, 829, 0), "{:?}", info.skipped);
    assert_eq!(info.form, ListForm::CovPass);
    assert!(matches!(info.authenticity, Authenticity::Whole { .. }));
    assert_eq!(info.newest_entry.unwrap().to_string(), "2023-11-28T10:23:58Z");

    // Without its key it is refused, and accepted only as what it is.
    let mut store = TrustStore::new();
    assert!(matches!(lists::read(&list, &options(&[], false), &mut store), Err(ListError::Unsigned { .. })));
    assert!(store.is_empty() && store.lists().is_empty());
    assert_eq!(unsigned(&list).1.authenticity, Authenticity::Unsigned);

    // Any byte flipped, in the signature or in the content: refused, even where unsigned lists are accepted.
    for at in [5, 40, 90, 100, list.len() / 2, list.len() - 2] {
        let mut damaged = list.clone();
        damaged[at] ^= 1;
        let outcome = lists::read(&damaged, &options(&keys, true), &mut store);
        assert!(outcome.is_err(), "flipped byte {at}");
        assert!(store.is_empty());
    }
}

#[test]
fn every_signature_of_the_german_list_is_judged() {
    let Some(list) = file("trust-lists/covpass-de/dsc-list.json") else { return };
    let at = list.iter().position(|&byte| byte == b'\n').unwrap();
    let document: serde_json::Value = serde_json::from_slice(&list[at + 1..]).unwrap();
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for entry in document["certificates"].as_array().unwrap() {
        let message = base64(entry["signature"].as_str().unwrap());
        let content = base64(entry["rawData"].as_str().unwrap());
        let signed = SignedData::read(&message).unwrap();
        assert_eq!(signed.certificates().count(), 1);
        // The signer is taken from the message: this shows the reader, not that anybody is to be believed.
        let signer = Certificate::from_der(signed.certificates().next().unwrap()).unwrap();
        let outcome = signed.verify(Believed::Certificate(&signer), Some(&content));
        let name = match &outcome {
            Ok(()) => "ok".to_owned(),
            Err(error) => format!("{} {error}", entry["country"].as_str().unwrap()),
        };
        *outcomes.entry(name).or_default() += 1;
        if outcome.is_ok() {
            let mut other = content.clone();
            other[10] ^= 1;
            let changed = signed.verify(Believed::Certificate(&signer), Some(&other));
            assert!(matches!(changed, Err(CmsError::OtherContent | CmsError::Signature(_))));
        }
    }
    // OpenSSL 3 agrees on each (it accepts SHA-1 where it is asked to): Bahrain's one message names a serial
    // number that its certificate has not, Norway signs nine with SHA-1.
    let counts: Vec<(&str, usize)> = outcomes.iter().map(|(name, count)| (&name[..2], *count)).collect();
    assert_eq!(counts, [("BH", 1), ("NO", 9), ("ok", 819)], "{outcomes:#?}");
    assert!(outcomes.keys().any(|name| name.starts_with("NO") && name.contains("SHA-1")));
}

#[test]
fn national_mirrors_load_with_their_counts() {
    let cases: [(&str, ListForm, usize, usize); 8] = [
        ("at.min", ListForm::CertificateMirror, 791, 791),
        ("ch.min", ListForm::SwissMirror, 684, 679),
        ("de.min", ListForm::Gateway, 832, 832),
        ("fr.min", ListForm::KeyMirror, 670, 670),
        ("it.min", ListForm::KeyMirror, 849, 849),
        ("nl.raw.keys", ListForm::DutchMirror, 806, 805),
        ("pl.min", ListForm::PolishMirror, 414, 414),
        ("se.min", ListForm::CertificateMirror, 616, 616),
    ];
    for (name, form, entries, keys) in cases {
        let Some(list) = file(&format!("trust-lists/section42/trustlist_{name}.json")) else { return };
        let (_, info) = unsigned(&list);
        assert_eq!((info.form, info.entries, info.keys), (form, entries, keys), "{name}: {:?}", info.skipped);
        let refused = lists::read(&list, &options(&[], false), &mut TrustStore::new());
        assert!(matches!(refused, Err(ListError::Unsigned { .. })), "{name}");
    }
}

#[test]
fn who_lists_account_for_every_entry() {
    for (version, entries, signers, authorities) in [("v1", 438, 438, 0), ("v2", 501, 438, 60)] {
        let Some(list) = file(&format!("trust-lists/gdhcn-prod-{version}-did.json")) else { return };
        let (store, info) = unsigned(&list);
        assert_eq!((info.form, info.entries, info.keys), (ListForm::Did, entries, signers), "{:?}", info.skipped);
        // Two entries name their usage as something else; one authority's certificate says that it is none.
        assert_eq!((info.authorities, info.not_signers), (authorities, entries - signers - authorities));
        assert_eq!(store.authorities().count(), authorities);
        assert_eq!(info.made_at.unwrap().to_string()[..10], *"2026-08-22");
        // Participant XXH is a rehearsal inside the production list.
        let rehearsing = |key: &&TrustedKey| key.sandbox;
        assert_eq!(store.keys().filter(rehearsing).count(), 5);
        let portugal = store.candidates(&Kid::new(base64("+6w2r2RfO1M=")));
        assert_eq!(portugal.len(), 1);
        assert_eq!(portugal[0].country.as_deref(), Some("PT"));
        assert_eq!(portugal[0].domain.as_deref(), (version == "v2").then_some("DCC"));
    }
}

#[test]
fn issuers_of_who_signers_are_checked() {
    // In version 1, 27 signers come with another authority of the same name (facts, section 4).
    let expected = [("v1", vec![("ok", 406), ("mismatch", 27), ("SHA-1", 5)]), ("v2", vec![("ok", 434), ("SHA-1", 5)])];
    for (version, expected) in expected {
        let Some(list) = file(&format!("trust-lists/gdhcn-prod-{version}-did.json")) else { return };
        let document: serde_json::Value = serde_json::from_slice(&list).unwrap();
        let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in document["verificationMethod"].as_array().unwrap() {
            let chain = entry["publicKeyJwk"]["x5c"].as_array().unwrap();
            let [leaf, issuer] = chain.as_slice() else { continue };
            let read = |text: &serde_json::Value| Certificate::from_der(&base64(text.as_str().unwrap())).unwrap();
            let outcome = read(leaf).is_issued_by(&read(issuer));
            let name = match outcome {
                Ok(()) => "ok",
                Err(ChainError::Mismatch) => "mismatch",
                Err(ChainError::Weak { name }) if name == "SHA-1" => "SHA-1",
                Err(other) => panic!("{version}: {other}"),
            };
            *outcomes.entry(name).or_default() += 1;
        }
        assert_eq!(outcomes, expected.into_iter().collect(), "{version}");
    }
}
