//! Business rules and their expressions.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::rooms::rules(data));
