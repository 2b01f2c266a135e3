//! Each layer of a code by itself, and content that a trusted key signed.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::entries::hcert_layers(data));
