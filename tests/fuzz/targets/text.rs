//! Text of a code to its verdict. Mutations reach through base45 and zlib: half of them change the message
//! inside and wrap it again, the others the text itself.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use vaccert::envelope::hcert;

fuzz_target!(|data: &[u8]| vaccert_fuzz::entries::text(data));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed.is_multiple_of(2) {
        if let Some(text) = std::str::from_utf8(&data[..size]).ok().and_then(inside) {
            if text.len() <= max_size {
                data[..text.len()].copy_from_slice(text.as_bytes());
                return text.len();
            }
        }
    }
    fuzzer_mutate(data, size, max_size)
});

/// The text around a mutation of its message.
fn inside(text: &str) -> Option<String> {
    let (mut message, _) = hcert::from_text(text).ok()?;
    let size = message.len();
    let room = size + 64;
    message.resize(room, 0);
    let size = fuzzer_mutate(&mut message, size, room);
    message.truncate(size);
    Some(hcert::to_text(&message))
}
