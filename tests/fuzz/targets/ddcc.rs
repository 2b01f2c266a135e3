//! WHO DDCC in each of its forms, and its conversion into every other format.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::entries::ddcc(data));
