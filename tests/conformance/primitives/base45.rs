//! RFC 9285: its examples and what follows from its text.

use vaccert::envelope::hcert::base45;

use super::file;
use crate::workshop::unhex;

#[test]
fn every_case_is_decoded_or_refused() {
    let Some(cases) = file("rfc9285-base45/base45.json") else { return };
    let (mut valid, mut invalid) = (0, 0);
    for case in cases.as_array().unwrap() {
        let text = case["encoded"].as_str().unwrap();
        match case["result"].as_str().unwrap() {
            "valid" => {
                let bytes = unhex(case["decoded_hex"].as_str().unwrap());
                assert_eq!(base45::decode(text).as_deref(), Ok(bytes.as_slice()), "{text}");
                assert_eq!(base45::encode(&bytes), text);
                valid += 1;
            }
            "invalid" => {
                assert!(base45::decode(text).is_err(), "{text}");
                invalid += 1;
            }
            other => panic!("an unknown result: {other}"),
        }
    }
    assert_eq!((valid, invalid), (9, 12));
}
