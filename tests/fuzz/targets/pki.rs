//! Certificates, requests, CMS messages, paths between certificates, the index of revocations.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::pki::pki(data));
