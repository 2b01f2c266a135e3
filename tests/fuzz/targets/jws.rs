//! A SMART Health Card: digits, JWS, compressed payload, FHIR resources.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::cards::jws(data));
