//! Wycheproof against signatures as X.509 and CMS write them: DER, an algorithm identifier of its own, more
//! curves and hash functions than documents may have. The other way, ES256 and PS256 in COSE, stands in
//! `tests/conformance`.

use std::path::PathBuf;

use serde_json::Value as Json;

use super::{der, signature};

/// A file of the published data; `None`, said plainly, when it is absent. Marked again, so that whoever looks for
/// input in the lower floors sees that only a test reads.
#[cfg(test)]
pub(super) fn file(name: &str) -> Option<Json> {
    let root = std::env::var_os("VACCERT_VECTORS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = root.join(format!("vectors/primitives/wycheproof/{name}_test.json"));
    let Ok(bytes) = std::fs::read(&path) else {
        println!("ran WITHOUT published data: {} is absent (set VACCERT_VECTORS)", path.display());
        return None;
    };
    Some(serde_json::from_slice(&bytes).unwrap())
}

pub(super) fn unhex(json: &Json) -> Vec<u8> {
    let text = json.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn item(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    der::write(tag, content, &mut out);
    out
}

const ECDSA_SHA256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const ECDSA_SHA384: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
const ECDSA_SHA512: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
const RSA_SHA256: &[u8] = &[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11, 5, 0];

/// Algorithm identifier of RSASSA-PSS with everything written out (RFC 4055 section 3.1).
fn pss(group: &Json) -> Vec<u8> {
    let hash = |name: &str| {
        let oid: &[u8] = match name {
            "SHA-1" => &[0x2b, 0x0e, 3, 2, 0x1a],
            "SHA-224" => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4],
            "SHA-256" => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1],
            "SHA-384" => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2],
            "SHA-512" => &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3],
            other => panic!("an unknown hash function: {other}"),
        };
        item(der::SEQUENCE, &[item(der::OID, oid), item(der::NULL, &[])].concat())
    };
    let mgf1 = item(der::OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8]);
    let salt = u8::try_from(group["sLen"].as_u64().unwrap()).unwrap();
    let parameters = [
        item(0xa0, &hash(group["sha"].as_str().unwrap())),
        item(0xa1, &item(der::SEQUENCE, &[mgf1, hash(group["mgfSha"].as_str().unwrap())].concat())),
        item(0xa2, &item(der::INTEGER, &[salt])),
    ];
    let oid = item(der::OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10]);
    [oid, item(der::SEQUENCE, &parameters.concat())].concat()
}

/// `r‖s` of halves as X.509 writes it; a signature of another length stays as it is.
fn to_der(signature: &[u8], half: usize) -> Vec<u8> {
    if signature.len() != 2 * half {
        return signature.to_vec();
    }
    let number = |bytes: &[u8]| {
        let mut content: Vec<u8> = bytes.iter().copied().skip_while(|&b| b == 0).collect();
        if content.first().is_none_or(|&b| b >= 0x80) {
            content.insert(0, 0);
        }
        item(der::INTEGER, &content)
    };
    item(der::SEQUENCE, &[number(&signature[..half]), number(&signature[half..])].concat())
}

/// Runs a file and gives (taken, refused).
fn run(
    name: &str,
    algorithm: impl Fn(&Json) -> Vec<u8>,
    form: impl Fn(&[u8]) -> Vec<u8>,
    expected: impl Fn(&Json, &Json) -> bool,
) -> Option<(usize, usize)> {
    let data = file(name)?;
    let (mut taken, mut refused) = (0, 0);
    for group in data["testGroups"].as_array().unwrap() {
        let (spki, algorithm) = (unhex(&group["publicKeyDer"]), algorithm(group));
        for test in group["tests"].as_array().unwrap() {
            let (message, given) = (unhex(&test["msg"]), form(&unhex(&test["sig"])));
            let good = signature::verify(&spki, &algorithm, None, &message, &given).is_ok();
            assert_eq!(good, expected(group, test), "{name} tcId {}: {}", test["tcId"], test["comment"]);
            if good { taken += 1 } else { refused += 1 }
        }
    }
    Some((taken, refused))
}

fn valid(_: &Json, test: &Json) -> bool {
    test["result"] == "valid"
}

#[test]
fn ecdsa_in_der() {
    let found = run("ecdsa_secp256r1_sha256", |_| ECDSA_SHA256.to_vec(), <[u8]>::to_vec, valid);
    assert!(found.is_none_or(|counts| counts == (174, 310)), "{found:?}");
}

#[test]
fn ecdsa_on_the_larger_curves() {
    let found = run("ecdsa_secp384r1_sha384_p1363", |_| ECDSA_SHA384.to_vec(), |s| to_der(s, 48), valid);
    assert!(found.is_none_or(|counts| counts == (193, 87)), "{found:?}");
    let found = run("ecdsa_secp521r1_sha512_p1363", |_| ECDSA_SHA512.to_vec(), |s| to_der(s, 66), valid);
    assert!(found.is_none_or(|counts| counts == (231, 87)), "{found:?}");
}

#[test]
fn rsa_pkcs1() {
    // The one "acceptable" lacks the NULL in its digest info: refused.
    let found = run("rsa_signature_2048_sha256", |_| RSA_SHA256.to_vec(), <[u8]>::to_vec, valid);
    assert!(found.is_none_or(|counts| counts == (9, 250)), "{found:?}");
}

#[test]
fn rsa_pss_with_parameters() {
    for name in ["rsa_pss_2048_sha256_mgf1_32", "rsa_pss_4096_sha256_mgf1_32", "rsa_pss_2048_sha256_mgf1_32_params"] {
        let found = run(name, pss, <[u8]>::to_vec, valid);
        assert!(found.is_none_or(|counts| counts == (63, 45)), "{name}: {found:?}");
    }
    let found = run("rsa_pss_2048_sha256_mgf1_0", pss, <[u8]>::to_vec, valid);
    assert!(found.is_none_or(|counts| counts == (61, 42)), "{found:?}");
    // SHA-1 and SHA-224 are refused by name, and so are two different hash functions.
    let found = run("rsa_pss_2048_sha256_mgf1sha1_20", pss, <[u8]>::to_vec, |_, _| false);
    assert!(found.is_none_or(|counts| counts == (0, 108)), "{found:?}");
    let ours = |group: &Json, _: &Json| {
        group["sha"] == group["mgfSha"] && ["SHA-256", "SHA-384", "SHA-512"].iter().any(|name| group["sha"] == *name)
    };
    let found = run("rsa_pss_misc", pss, <[u8]>::to_vec, ours);
    assert!(found.is_none_or(|counts| counts == (18, 132)), "{found:?}");
}
