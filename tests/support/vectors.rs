//! Published data that tests read in place.

use std::path::PathBuf;

/// A path under the published data (`VACCERT_VECTORS`, else `../shared` beside the repository). `None`, said
/// plainly, when it is absent.
pub fn vectors(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("VACCERT_VECTORS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    println!("ran WITHOUT published data: {path} is absent (set VACCERT_VECTORS); this test checked nothing of it");
    None
}
