//! A yellow card, and catalogues of its products.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::entries::icvp(data));
