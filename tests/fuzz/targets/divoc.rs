//! A DIVOC credential: JSON to signed statements, meaning and verdict.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::rooms::divoc(data));
