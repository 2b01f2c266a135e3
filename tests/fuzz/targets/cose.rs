//! A COSE message taken apart, against coset, and its verdict.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::entries::cose(data));
