//! Revocation: the hashes of 36 real test certificates, the filters as the reference writes them, and failure
//! F25: however a revoked certificate is packed again, it stays revoked.

use base64::{Engine, engine::general_purpose::STANDARD};
use p256::ecdsa::Signature;
use serde::Deserialize;
use vaccert::{
    envelope::hcert::{self, AlgorithmId, Claims, Sign1},
    keys::{Algorithm, Kid},
    payload::dcc::Reading,
    revocation::{Builder, Fingerprints, HashKind, Hit, Revocations, Status},
};

use crate::vectors::vectors;

#[derive(Deserialize)]
struct HashVectors {
    vectors: Vec<HashVector>,
}

#[derive(Deserialize)]
#[allow(non_snake_case, reason = "names of the file")]
struct HashVector {
    source: String,
    alg: Option<i64>,
    kid: Option<String>,
    co: String,
    ci: String,
    cose: String,
    SIGNATURE: String,
    UCI: String,
    COUNTRYCODEUCI: String,
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

fn hash_vectors() -> Option<Vec<HashVector>> {
    let path = vectors("vectors/revocation/revocation-hash-vectors.json")?;
    let all: HashVectors = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(all.vectors.len(), 36);
    Some(all.vectors)
}

/// As the verifier takes them: from the message alone.
fn fingerprints(message: &Sign1<'_>) -> (Option<Kid>, Fingerprints, String, String) {
    let Some(AlgorithmId::Known(algorithm)) = message.algorithm else { panic!("{:?}", message.algorithm) };
    let claims = Claims::read(&message.payload).unwrap();
    let dcc = Reading::of(claims.dcc().unwrap()).unwrap().dcc;
    let (country, id) = (country(claims.dcc().unwrap()), dcc.entry.id().to_owned());
    (message.kid.clone(), Fingerprints::new(algorithm, &message.signature, &country, &id), country, id)
}

fn country(dcc: &hcert::cbor::Value<'_>) -> String {
    let dcc = dcc.to_json();
    let entry = ["v", "t", "r"].iter().find_map(|kind| dcc[kind].get(0)).unwrap();
    entry["co"].as_str().unwrap().to_owned()
}

fn in_base64(all: &Fingerprints, kind: HashKind) -> String {
    STANDARD.encode(all.get(kind).unwrap())
}

#[test]
fn the_hashes_of_every_vector() {
    let Some(all) = hash_vectors() else { return };
    for vector in &all {
        let cose = unhex(&vector.cose);
        let message = Sign1::read(&cose).unwrap();
        let (kid, prints, country, id) = fingerprints(&message);
        assert_eq!((&country, &id), (&vector.co, &vector.ci), "{}", vector.source);
        if let (Some(stated), Some(kid)) = (&vector.kid, kid) {
            assert_eq!(stated, &kid.to_string());
        }
        match vector.alg {
            Some(stated) => {
                assert_eq!(message.algorithm, Algorithm::from_cose(stated).map(AlgorithmId::Known));
                assert_eq!(in_base64(&prints, HashKind::Signature), vector.SIGNATURE, "{}", vector.source);
            }
            // CO20 has its algorithm (ES256) in the unprotected header, where the maker of the vectors did not
            // look: it hashed the whole signature. Both that hash and the one of r revoke it.
            None => {
                assert!(vector.source.ends_with("CO20.json"));
                for hash in [&vector.SIGNATURE, &in_base64(&prints, HashKind::Signature)] {
                    let kid = message.kid.clone().unwrap();
                    let status = list(hash, "SIGNATURE", &kid).status(&kid, &prints, later());
                    assert!(matches!(status, Status::Revoked(hit) if hit.certain() && hit.kind == HashKind::Signature));
                }
            }
        }
        assert_eq!(in_base64(&prints, HashKind::Uci), vector.UCI, "{}", vector.source);
        assert_eq!(in_base64(&prints, HashKind::CountryCodeUci), vector.COUNTRYCODEUCI, "{}", vector.source);
    }
    assert!(all.iter().any(|vector| vector.alg == Some(-37)) && all.iter().any(|vector| vector.alg == Some(-7)));
}

fn later() -> jiff::Timestamp {
    "2030-01-01T00:00:00Z".parse().unwrap()
}

fn list(hash: &str, kind: &str, kid: &Kid) -> Revocations {
    let text = format!(
        r#"{{"country":"XX","expires":"2099-01-01T00:00:00Z","kid":"{kid}","hashType":"{kind}","entries":[{{"hash":"{hash}"}}]}}"#
    );
    let mut builder = Builder::new();
    builder.add("list.json", text.as_bytes()).unwrap();
    builder.finish().unwrap()
}

/// Head of a CBOR item.
fn head(major: u8, length: usize) -> Vec<u8> {
    match length {
        0..24 => vec![major << 5 | length as u8],
        24..256 => vec![major << 5 | 24, length as u8],
        _ => [&[major << 5 | 25][..], &(length as u16).to_be_bytes()].concat(),
    }
}

/// Every way of packing the same signed content again: with (r, s) and (r, n−s); tagged 18, 61 around 18, or
/// not; the kid a second time, and junk, in the unprotected header; each length head longer than it must be.
fn packed_again(message: &Sign1<'_>, signature: &[u8]) -> Vec<Vec<u8>> {
    let bytes = |bytes: &[u8]| [head(2, bytes.len()), bytes.to_vec()].concat();
    let long = |bytes: &[u8]| [&[0x5a][..], &(bytes.len() as u32).to_be_bytes(), bytes].concat();
    let kid = message.kid.as_ref().map_or(&[][..], Kid::as_bytes);
    let algorithm =
        if message.deviations.contains(&hcert::Deviation::UnprotectedAlgorithm) { &[1, 0x26][..] } else { &[] };
    let own = algorithm.len() as u8 / 2;
    let unprotected = [
        [&[0xa0 + own], algorithm].concat(),
        [&[0xa1 + own, 0x04][..], &bytes(kid), algorithm].concat(),
        [&[0xa2 + own, 0x04][..], &bytes(kid), &[0x61, b'x', 0x82, 0xf6, 0x19, 0xff, 0xff], algorithm].concat(),
        [&[0xbf, 0x04][..], &bytes(kid), algorithm, &[0xff]].concat(),
    ];
    let mut all = Vec::new();
    for tags in [&[0xd2][..], &[0xd8, 0x3d, 0xd2], &[]] {
        for unprotected in &unprotected {
            for write in [&bytes as &dyn Fn(&[u8]) -> Vec<u8>, &long] {
                let parts = [write(&message.protected), unprotected.clone(), write(&message.payload), write(signature)];
                all.push([tags, &[0x84], &parts.concat()].concat());
                all.push([tags, &[0x9f], &parts.concat(), &[0xff]].concat());
            }
        }
    }
    all
}

#[test]
fn however_it_is_packed_again_it_stays_revoked() {
    let Some(all) = hash_vectors() else { return };
    let (mut forms, mut malleable) = (0, 0);
    for vector in &all {
        let cose = unhex(&vector.cose);
        let message = Sign1::read(&cose).unwrap();
        let (kid, prints, ..) = fingerprints(&message);
        // Without a kid of its own the certificate is looked up under any.
        let kid = kid.unwrap_or_else(|| Kid::new([1; 8]));
        let lists =
            [("SIGNATURE", &vector.SIGNATURE), ("UCI", &vector.UCI), ("COUNTRYCODEUCI", &vector.COUNTRYCODEUCI)]
                .map(|(kind, hash)| list(hash, kind, &kid));

        let mut signatures = vec![message.signature.to_vec()];
        if vector.alg == Some(-7) && message.signature.len() == 64 {
            let (r, s) = Signature::from_slice(&message.signature).unwrap().split_scalars();
            let turned = Signature::from_scalars(r, -*s).unwrap().to_bytes().to_vec();
            assert!(turned != signatures[0] && turned[..32] == signatures[0][..32]);
            signatures.push(turned);
            malleable += 1;
        }
        for signature in &signatures {
            for form in packed_again(&message, signature) {
                for level in [0, 1, 9] {
                    let text = recoded(&form, level);
                    let (bytes, _) = hcert::from_text(&text).unwrap();
                    let again = Sign1::read(&bytes).unwrap();
                    let (_, same, ..) = fingerprints(&again);
                    assert!(HashKind::ALL.iter().all(|kind| same.get(*kind) == prints.get(*kind)), "{}", vector.source);
                    forms += 1;
                }
            }
        }
        for (list, kind) in lists.iter().zip([HashKind::Signature, HashKind::Uci, HashKind::CountryCodeUci]) {
            assert_eq!(list.status(&kid, &prints, later()), Status::Revoked(Hit { kind, false_hits: 0.0 }));
        }
    }
    assert!(malleable >= 28 && forms > 3_000, "{malleable} {forms}");
}

/// The text of a code, compressed at this level.
fn recoded(message: &[u8], level: u32) -> String {
    use std::io::Write;
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
    writer.write_all(message).unwrap();
    format!("HC1:{}", hcert::base45::encode(&writer.finish().unwrap()))
}

/// (r, n−s) is no forgery: the library accepts it as it accepts (r, s), and so it must be on the list as well.
#[test]
fn the_turned_signature_verifies() {
    let Some(path) = vectors("vectors/eu-testdata/AT/2DCode/raw/1.json") else { return };
    let case: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let der = STANDARD.decode(case["TESTCTX"]["CERTIFICATE"].as_str().unwrap()).unwrap();
    let key = vaccert::keys::Certificate::from_der(&der).unwrap().public_key().unwrap();
    let (bytes, _) = hcert::from_text(case["PREFIX"].as_str().unwrap()).unwrap();
    let message = Sign1::read(&bytes).unwrap();
    let (r, s) = Signature::from_slice(&message.signature).unwrap().split_scalars();
    let turned = Signature::from_scalars(r, -*s).unwrap().to_bytes();
    for signature in [&message.signature[..], &turned] {
        assert!(key.verify(Algorithm::Es256, &message.signed_bytes(), signature).is_ok());
    }
}

#[derive(Deserialize)]
struct FilterVectors {
    bloom: BloomVector,
    varhash: Vec<VarHashVector>,
}

#[derive(Deserialize)]
struct BloomVector {
    elements: Vec<String>,
    serialized: String,
}

#[derive(Deserialize)]
struct VarHashVector {
    mode: String,
    serialized: String,
}

#[test]
fn the_published_filters_name_what_was_put_in() {
    let Some(path) = vectors("vectors/revocation/revocation-filter-vectors.json") else { return };
    let all: FilterVectors = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!((all.bloom.elements.len(), all.varhash.len()), (3, 3));
    let of_list = all.varhash.iter().map(|v| (v.mode.as_str(), &v.serialized));
    for (name, bytes) in [("bloom", &all.bloom.serialized)].into_iter().chain(of_list) {
        let mut builder = Builder::new();
        builder.add("HBDru8SfeDE=/null/x/slice", &unhex(bytes)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let built = builder.finish().unwrap();
        let kid = Kid::new(STANDARD.decode("HBDru8SfeDE=").unwrap());
        for element in &all.bloom.elements {
            let hash: [u8; 16] = unhex(element).try_into().unwrap();
            let hit = built.names(&kid, HashKind::Uci, &hash).unwrap_or_else(|| panic!("{name} misses {element}"));
            assert!(!hit.certain() && hit.false_hits < 1e-8, "{name} {}", hit.false_hits);
            let mut other = hash;
            other[0] ^= 1;
            assert_eq!(built.names(&kid, HashKind::Uci, &other), None, "{name}");
            assert_eq!(built.names(&Kid::new([1; 8]), HashKind::Uci, &hash), None, "{name}");
        }
    }
}
