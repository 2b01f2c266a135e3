//! The verifier as WebAssembly and the verifier of the program are one: on published data of every format, their
//! verdicts are the same JSON.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Value, json};
use vaccert::{
    keys::{Certificate, MemorySigner, Signer},
    trust::{
        TrustStore, TrustedKey,
        bundle::{self, BundledList, Contents, Environment},
        lists::{self, ListOptions},
    },
    verify::Knowledge,
};

use super::{node, root};
use crate::support::{program::Workplace, vectors::vectors};

/// Codes with the time at which they are judged, and the certificates that come along.
#[derive(Default)]
struct Found {
    codes: BTreeSet<(Vec<u8>, String)>,
    certificates: BTreeSet<Vec<u8>>,
}

const OTHERWISE: &str = "2023-06-01T12:00:00Z";

impl Found {
    /// Everything in a JSON that is a code or a certificate, wherever it stands.
    fn look(&mut self, json: &Value, at: &str) {
        match json {
            Value::String(text) => {
                if ["HC1:", "HC2:", "shc:/", "shlink:/", "UT"].iter().any(|start| text.starts_with(start))
                    || text.contains("\"dn\"")
                {
                    self.codes.insert((text.clone().into_bytes(), at.to_owned()));
                } else if text.starts_with("MII") {
                    self.certificates.extend(STANDARD.decode(text.trim()));
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.look(item, at)),
            Value::Object(members) => {
                let clock = members.get("TESTCTX").and_then(|context| context.get("VALIDATIONCLOCK"));
                let own = clock.or_else(|| members.get("at")).and_then(Value::as_str);
                let own = own.and_then(|text| text.parse::<Timestamp>().ok().map(|time| time.to_string()));
                let at = own.as_deref().unwrap_or(at);
                members.values().for_each(|member| self.look(member, at));
            }
            _ => {}
        }
    }

    fn walk(&mut self, folder: &Path) {
        let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                self.walk(&path);
                continue;
            }
            let Ok(bytes) = std::fs::read(&path) else { continue };
            if bytes.len() > 64 * 1024 {
                continue;
            }
            match path.extension().and_then(|end| end.to_str()) {
                Some("json") => match serde_json::from_slice::<Value>(&bytes) {
                    Ok(json) => {
                        // A credential of its own is a code as it stands.
                        if json.get("proof").is_some() || json.get("data").is_some_and(|data| data.get("hdr").is_some())
                        {
                            self.codes.insert((bytes, OTHERWISE.to_owned()));
                        }
                        self.look(&json, OTHERWISE);
                    }
                    Err(_) => drop(self.codes.insert((bytes, OTHERWISE.to_owned()))),
                },
                Some("txt" | "zip") => drop(self.codes.insert((bytes, OTHERWISE.to_owned()))),
                _ => {}
            }
        }
    }
}

fn list_signer() -> MemorySigner {
    let key = std::fs::read(root().join("fixtures/pki/es256.key.der")).unwrap();
    let certificate = std::fs::read(root().join("fixtures/pki/es256.cert.der")).unwrap();
    MemorySigner::new(&key, Certificate::from_der(&certificate).unwrap()).unwrap()
}

/// One bundle with every certificate and every list that lies beside the codes.
fn bundle_of(found: &Found, signer: &dyn Signer) -> Vec<u8> {
    let made = "2023-06-01T00:00:00Z".parse().unwrap();
    // Most of these signers are of test data, which a production bundle does not believe (failure F06).
    let mut contents = Contents::new(Environment::Sandbox, 1, made, "2036-01-01T00:00:00Z".parse().unwrap());
    let mut store = TrustStore::new();
    for folder in ["vectors/trust-lists", "vectors/who", "vectors/divoc"].into_iter().filter_map(vectors) {
        let mut waiting = vec![folder];
        while let Some(path) = waiting.pop() {
            if path.is_dir() {
                waiting.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            if !path.extension().is_some_and(|end| end == "json" || end == "jwks" || end == "pem" || end == "der") {
                continue;
            }
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let bytes = std::fs::read(&path).unwrap();
            let mut more = store.clone();
            let options = ListOptions { name: &name, list_keys: &[], unsigned: true };
            if bytes.len() < 8_000_000 && lists::read(&bytes, &options, &mut more).is_ok() {
                store = more;
            }
        }
    }
    let names: BTreeSet<String> = store.keys().map(|key| key.list.clone()).collect();
    contents.lists = names
        .into_iter()
        .map(|name| BundledList {
            made_at: Some(made),
            keys: store.keys().filter(|key| key.list == name).cloned().collect(),
            authorities: store.authorities().filter(|one| one.list == name).cloned().collect(),
            name,
        })
        .collect();
    let keys = found.certificates.iter().filter_map(|der| {
        let certificate = Certificate::from_der(der).ok()?;
        TrustedKey::from_certificate(&certificate, "beside the codes").ok()
    });
    let keys: Vec<TrustedKey> = keys.map(|key| TrustedKey { sandbox: false, ..key }).collect();
    contents.lists.push(BundledList {
        name: "beside the codes".into(),
        made_at: Some(made),
        keys,
        authorities: Vec::new(),
    });
    bundle::write(&contents, signer).unwrap()
}

#[test]
fn webassembly_and_program_give_the_same_verdicts() {
    let Some(mut node) = node() else { return };
    let mut found = Found::default();
    found.walk(&root().join("fixtures/cases"));
    for folder in ["vectors/eu-testdata", "vectors/divoc", "vectors/who"].into_iter().filter_map(vectors) {
        found.walk(&folder);
    }
    // Every twelfth byte of one code changed, one at a time: damaged in every part.
    let whole = found.codes.iter().find(|(code, _)| code.starts_with(b"HC1:")).cloned().unwrap();
    for place in (0..whole.0.len()).step_by(12) {
        let mut code = whole.0.clone();
        code[place] = if code[place] == b'7' { b'8' } else { b'7' };
        found.codes.insert((code, whole.1.clone()));
    }
    let signer = list_signer();
    let list_key = signer.public_key().unwrap();
    let bundle = bundle_of(&found, &signer);
    let opened = bundle::read(bundle.clone(), std::slice::from_ref(&list_key)).unwrap();
    let knowledge = Arc::new(Knowledge::of_bundle(&opened, "bundle").unwrap());
    let codes: Vec<&(Vec<u8>, String)> = found.codes.iter().collect();
    let begun = Instant::now();
    let expected: Vec<Value> = codes
        .iter()
        .map(|(code, at)| serde_json::to_value(knowledge.verifier(at.parse().unwrap()).judge_bytes(code)).unwrap())
        .collect();
    let native = begun.elapsed();

    let work = Workplace::new();
    let asked = json!({
        "bundle": STANDARD.encode(&bundle),
        "opening": {"environment": "sandbox", "list_keys": [STANDARD.encode(list_key.to_spki())]},
        "codes": codes.iter().map(|(code, at)| json!({"code": STANDARD.encode(code), "now": at})).collect::<Vec<_>>(),
    });
    let (asked, answered) = (work.write("asked.json", asked.to_string()), work.path("answered.json"));
    let officer = root().join("src/service/officer");
    node.arg(root().join("tests/browser/verdicts.mjs"));
    let ran = node
        .args([officer.join("verifier.wasm"), officer.join("web/verifier.js"), asked, answered.clone()])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let answer: Value = serde_json::from_slice(&std::fs::read(answered).unwrap()).unwrap();
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), expected.len());
    for (position, (result, expected)) in results.iter().zip(&expected).enumerate() {
        assert_eq!(result, expected, "code {position}: {}", String::from_utf8_lossy(&codes[position].0));
    }
    let formats: BTreeSet<&str> = expected.iter().filter_map(|verdict| verdict["format"].as_str()).collect();
    let verdicts: BTreeSet<&str> = expected.iter().filter_map(|verdict| verdict["verdict"].as_str()).collect();
    assert_eq!(verdicts.len(), 3, "{verdicts:?}");
    println!(
        "{} codes of the formats {formats:?}: the same verdicts; {} ms here, {} ms as WebAssembly",
        codes.len(),
        native.as_millis(),
        answer["milliseconds"]
    );
    if vectors("vectors/eu-testdata").is_some() {
        assert!(codes.len() > 300 && formats.len() >= 6, "{} codes, {formats:?}", codes.len());
    }
}
