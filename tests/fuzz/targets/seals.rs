//! ICAO seals and health links: JSON, its canonical form, certificates' extensions, messages.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| vaccert_fuzz::seals::seals(data));
