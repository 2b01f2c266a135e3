//! Pictures: PNG and JPEG.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::rooms::pictures(data));
