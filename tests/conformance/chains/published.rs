//! WHO's production list as a field test of paths: what real authorities and signers look like.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use vaccert::{
    keys::Certificate,
    trust::path::{self, Dates, PathRules, Pool, Use},
};

use crate::vectors::vectors;

/// Certificates of WHO's production list of version 2, by usage: those of the entries themselves, not those beside.
fn published() -> Option<(Vec<Certificate>, Vec<Certificate>)> {
    let file = vectors("vectors/trust-lists/gdhcn-prod-v2-did.json")?;
    let document: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let (mut signers, mut authorities) = (Vec::new(), Vec::new());
    for method in document["verificationMethod"].as_array().unwrap() {
        let text = method["publicKeyJwk"]["x5c"][0].as_str().unwrap();
        let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).unwrap();
        let certificate = Certificate::from_der(&der).unwrap();
        match method["keyusage"]["code"].as_str().unwrap() {
            "#DSC" => signers.push(certificate),
            "#CSCA" | "#SCA" => authorities.push(certificate),
            _ => {}
        }
    }
    Some((signers, authorities))
}

/// How many have a path, and the codes of remarks and faults with their counts.
fn judged(signers: &[Certificate], authorities: &[Certificate], rules: &PathRules) -> (usize, Counts, Counts) {
    let pool = Pool::new(authorities);
    let (mut good, mut remarks, mut faults) = (0, Counts::new(), Counts::new());
    for signer in signers {
        match path::find(signer, &pool, rules) {
            Ok(found) => {
                good += 1;
                found.remarks.iter().for_each(|remark| *remarks.entry(remark.reason.code()).or_default() += 1);
            }
            Err(none) => *faults.entry(none.first().reason.code()).or_default() += 1,
        }
    }
    (good, remarks, faults)
}

type Counts = BTreeMap<&'static str, usize>;

#[test]
fn who_s_signers_under_who_s_authorities() {
    let Some((signers, authorities)) = published() else { return };
    let at: Timestamp = "2026-08-22T17:05:01Z".parse().unwrap();
    assert_eq!((signers.len(), authorities.len()), (438, 61));
    // As lists are read: five are signed with SHA-1 (IE, TR), which no tolerance lets through, and two of LT are in
    // date under an authority that is not.
    let (good, remarks, faults) = judged(&signers, &authorities, &PathRules::for_list(at));
    println!("as a list: {good} with a path, remarks {remarks:?}, none {faults:?}");
    assert_eq!((good, faults), (431, Counts::from([("expired", 2), ("weak-algorithm", 5)])));
    assert_eq!(remarks["expired"], 284);
    assert_eq!(remarks["key-id-differs"], 10);
    // By the letter: those that name another key (LT, TG) have none either.
    let letter = PathRules { tolerates: |_| false, ..PathRules::for_list(at) };
    let (good, _, faults) = judged(&signers, &authorities, &letter);
    assert_eq!((good, faults), (421, Counts::from([("weak-algorithm", 5), ("key-id-differs", 12)])));
    // The shell model on the day: whoever is expired has none.
    let (good, ..) = judged(&signers, &authorities, &PathRules::new(Use::Documents, Dates::At(at)));
    println!("in date: {good}");
    // Every one of another country's authorities is refused.
    let mut foreign = 0;
    for signer in signers.iter().take(40) {
        let others = authorities.iter().filter(|authority| authority.country() != signer.country());
        let none = path::find(signer, &Pool::new(others), &PathRules::for_list(at));
        foreign += usize::from(none.is_err());
    }
    assert_eq!(foreign, 40);
}
