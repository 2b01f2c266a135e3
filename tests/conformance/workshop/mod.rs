//! Makes certificates of every kind, and every way of breaking one: keys and signer certificates, CBOR as it
//! is told, COSE messages, texts. Nothing here is taken from the code under test but the base45 and zlib
//! layers, which have published vectors of their own.

pub mod cbor;
pub mod der;
pub mod message;
pub mod picture;
pub mod pki;
pub mod sample;

use std::path::PathBuf;

/// A path under `fixtures/`.
pub fn fixtures(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)
}

/// Lower-case hexadecimal to bytes; upper case is read as well.
pub fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "odd number of hexadecimal digits");
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The JSON of a file.
pub fn json(path: &std::path::Path) -> serde_json::Value {
    let text = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
