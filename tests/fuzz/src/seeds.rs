//! Writes seeds for every target into the folder `SEEDS`: from the cases of `fixtures/`, and from the published
//! data in the folder `PUBLISHED` where it is present (read in place, never kept). It is built like a target,
//! because everything in this workspace calls libFuzzer's counters, but works once and fuzzes nothing.
#![no_main]

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;
use vaccert::envelope::hcert::{self, Sign1, cbor::Value};

libfuzzer_sys::fuzz_target!(init: write_all(), |_data: &[u8]| {});

fn write_all() {
    let out = std::env::var_os("SEEDS").map(PathBuf::from).expect("SEEDS names the folder for seeds");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut seeds = Seeds { out, written: 0 };
    seeds.folder(&fixtures);
    if let Some(published) = std::env::var_os("PUBLISHED").map(PathBuf::from) {
        seeds.folder(&published.join("vectors/eu-testdata"));
        seeds.folder(&published.join("vectors/primitives"));
    }
    println!("{} seeds in {}", seeds.written, seeds.out.display());
}

struct Seeds {
    out: PathBuf,
    written: usize,
}

impl Seeds {
    fn folder(&mut self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.folder(&path);
            } else if path.extension().is_some_and(|e| e == "json") {
                if let Ok(json) = fs::read(&path).map_err(drop).and_then(|b| serde_json::from_slice(&b).map_err(drop)) {
                    self.json(&json);
                }
            }
        }
    }

    /// Every text and every hexadecimal string that is one of the layers.
    fn json(&mut self, json: &Json) {
        match json {
            Json::String(text) => self.string(text),
            Json::Array(items) => items.iter().for_each(|item| self.json(item)),
            Json::Object(entries) => entries.values().for_each(|item| self.json(item)),
            _ => {}
        }
    }

    fn string(&mut self, text: &str) {
        if hcert::looks_like(text) {
            self.code(text);
        } else if text.len() > 1 && text.len().is_multiple_of(2) && text.len() < 4096 {
            let bytes: Option<Vec<u8>> = (0..text.len())
                .step_by(2)
                .map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
                .collect();
            if let Some(bytes) = bytes.filter(|bytes| Value::read(bytes).is_ok()) {
                self.write("cbor", &bytes);
                if Sign1::read(&bytes).is_ok() {
                    self.message(&bytes);
                }
            }
        }
    }

    fn code(&mut self, text: &str) {
        self.write("text", text.as_bytes());
        let body = text.get(4..).unwrap_or_default();
        self.layer(0, body.as_bytes());
        if let Ok(bytes) = hcert::base45::decode(body) {
            self.layer(1, &bytes);
            if let Ok(message) = hcert::inflate(&bytes) {
                self.message(&message);
            }
        }
    }

    fn message(&mut self, bytes: &[u8]) {
        self.write("cose", bytes);
        self.write("cbor", bytes);
        self.layer(2, bytes);
        if let Ok(message) = Sign1::read(bytes) {
            self.write("cbor", &message.payload);
            self.layer(3, &message.payload);
            self.layer(5, &message.protected);
            // The content alone: what follows the keys of the two enclosing maps.
            let mark = [0x39, 0x01, 0x03, 0xa1, 0x01];
            if let Some(at) = message.payload.windows(mark.len()).position(|window| window == mark) {
                self.layer(4, message.payload.get(at + mark.len()..).unwrap_or_default());
            }
        }
    }

    fn layer(&mut self, layer: u8, bytes: &[u8]) {
        self.write("hcert_layers", &[&[layer], bytes].concat());
    }

    fn write(&mut self, target: &str, bytes: &[u8]) {
        let name: String = vaccert::keys::sha256(bytes).iter().take(10).map(|b| format!("{b:02x}")).collect();
        let folder = self.out.join(target);
        fs::create_dir_all(&folder).expect("the folder for seeds can be made");
        let path = folder.join(name);
        if !path.exists() {
            fs::write(path, bytes).expect("a seed can be written");
            self.written += 1;
        }
    }
}
