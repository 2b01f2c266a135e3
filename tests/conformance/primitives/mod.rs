//! The primitives against vectors that others published: Wycheproof, the examples of the COSE working group,
//! appendix A of the CBOR specification, base45. Every case of a file is counted and the counts are pinned, so
//! that none is skipped unseen.

mod base45;
mod cbor;
mod cose;
mod signatures;

use serde_json::Value as Json;

use crate::{vectors::vectors, workshop::json};

/// A file of the primitives, or nothing where the data is absent.
fn file(path: &str) -> Option<Json> {
    vectors(&format!("vectors/primitives/{path}")).map(|path| json(&path))
}
