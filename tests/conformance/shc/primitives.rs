//! Wycheproof's JWS cases of ES256: the compact form, and the signature over what was taken apart.

use vaccert::{
    envelope::shc::Jws,
    keys::{Algorithm, PublicKey},
};

use super::*;
use crate::workshop::json as file;

#[test]
fn every_case_of_es256_is_accepted_or_refused() {
    let Some(path) = vectors("vectors/primitives/wycheproof/json_web_signature_test.json") else { return };
    let (mut accepted, mut refused) = (0, 0);
    for group in file(&path)["testGroups"].as_array().unwrap() {
        let jwk = &group["public"];
        // What a key is for is told when it is read (`key_lists`); here it is given.
        if jwk["crv"] != "P-256" || jwk["use"] == "enc" || jwk.get("key_ops").is_some() {
            continue;
        }
        let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        let key = PublicKey::from_coordinates("P-256", &number("x"), &number("y")).unwrap();
        for case in group["tests"].as_array().unwrap() {
            let good = Jws::read(case["jws"].as_str().unwrap_or_default()).is_ok_and(|jws| {
                jws.header.algorithm.as_deref() == Some("ES256")
                    && jws.header.kid.as_deref() == jwk["kid"].as_str()
                    && key.verify(Algorithm::Es256, jws.signed_bytes(), &jws.signature).is_ok()
            });
            let expected = case["result"] == "valid";
            // An embedded key is ignored: the case's own signature is not the trusted key's.
            assert_eq!(good, expected, "case {} {}", case["tcId"], case["comment"]);
            *(if good { &mut accepted } else { &mut refused }) += 1;
        }
    }
    assert_eq!((accepted, refused), (2, 37));
}

#[test]
fn keys_for_other_uses_are_left_out_of_a_set() {
    let Some(path) = vectors("vectors/primitives/wycheproof/json_web_signature_test.json") else { return };
    let mut seen = 0;
    for group in file(&path)["testGroups"].as_array().unwrap() {
        let jwk = &group["public"];
        if jwk["crv"] == "P-256" && (jwk["use"] == "enc" || jwk.get("key_ops").is_some()) {
            let store = store_of(json!({"keys": [jwk]}).to_string().as_bytes(), None);
            assert_eq!(store.lists()[0].skipped[0].reason.code(), "other-usage");
            seen += 1;
        }
    }
    assert_eq!(seen, 2);
}
