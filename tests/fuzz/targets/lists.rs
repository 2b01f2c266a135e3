//! A trust list of any form, a list key, a bundle, a DID document.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::rooms::lists(data));
