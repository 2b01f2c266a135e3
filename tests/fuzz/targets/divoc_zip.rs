//! The archive of a DIVOC code, in each of its forms.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::rooms::divoc_zip(data));
