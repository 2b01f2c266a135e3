//! Revocation lists, filters, archives and our own table.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::rooms::revocation(data));
