//! The verifier that is committed is that of the source that lies beside it.

use std::collections::BTreeMap;

use serde::Deserialize;
use vaccert::keys::sha256;

use super::root;

#[derive(Deserialize)]
struct Made {
    wasm: String,
    sources: BTreeMap<String, String>,
}

fn hex(bytes: &[u8]) -> String {
    sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_verifier_is_built_of_this_very_source() {
    let folder = root().join("src/service/officer");
    let made: Made = serde_json::from_slice(&std::fs::read(folder.join("verifier.json")).unwrap()).unwrap();
    let wasm = std::fs::read(folder.join("verifier.wasm")).unwrap();
    assert_eq!(
        hex(&wasm),
        made.wasm,
        "src/service/officer/verifier.wasm and verifier.json do not belong together: run src/wasm/build"
    );
    assert!(
        made.sources.len() > 150 && made.sources.contains_key("src/verify/mod.rs"),
        "the account of its source is incomplete"
    );
    let other: Vec<&str> = made
        .sources
        .iter()
        .filter(|(file, hash)| std::fs::read(root().join(file)).map_or(true, |bytes| hex(&bytes)[..32] != **hash))
        .map(|(file, _)| file.as_str())
        .collect();
    assert!(
        other.is_empty(),
        "the officer's verifier is older than its source: run src/wasm/build and commit verifier.wasm and verifier.json \
         (changed: {})",
        other.join(", ")
    );
}
