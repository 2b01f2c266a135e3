//! A CBOR document, against ciborium.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::entries::cbor(data));
