//! Writes seeds for every target into the folder `SEEDS`: from the cases of `fixtures/`, and from the published
//! data in the folder `PUBLISHED` where it is present (read in place, never kept). It is built like a target,
//! because everything in this workspace calls libFuzzer's counters, but works once and fuzzes nothing.
#![no_main]

use std::{
    fs,
    path::{Path, PathBuf},
};

use base64::Engine;
use serde_json::Value as Json;
use vaccert::envelope::hcert::{self, Sign1, cbor::Value};

libfuzzer_sys::fuzz_target!(init: write_all(), |_data: &[u8]| {});

fn write_all() {
    let out = std::env::var_os("SEEDS").map(PathBuf::from).expect("SEEDS names the folder for seeds");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut seeds = Seeds { out, written: 0 };
    seeds.folder(&fixtures);
    seeds.pictures(&fixtures);
    if let Some(published) = std::env::var_os("PUBLISHED").map(PathBuf::from) {
        seeds.folder(&published.join("vectors/eu-testdata"));
        seeds.folder(&published.join("vectors/primitives"));
        for (target, folder) in [
            ("lists", "vectors/trust-lists"),
            ("lists", "vectors/who"),
            ("lists", "vectors/eu-valuesets"),
            ("rules", "vectors/rules"),
            ("revocation", "vectors/revocation"),
            ("revocation", "vectors/who/shc/spec-examples"),
            ("jws", "vectors/who/shc"),
            ("jws", "vectors/who/ddcc-claims/fixtures/shc"),
            ("icvp", "vectors/who/pcmt"),
            ("divoc", "vectors/divoc"),
        ] {
            seeds.room(target, &published.join(folder));
        }
        seeds.archives(&published.join("vectors/divoc/good"));
    }
    for (target, texts) in [("icvp", &CARDS), ("ddcc", &CORE_DATA_SETS)] {
        for text in texts {
            let json: Json = serde_json::from_str(text).expect("a certificate");
            let mut bytes = Vec::new();
            ciborium::into_writer(&json, &mut bytes).expect("writing to memory");
            seeds.write(target, &bytes);
        }
    }
    for (target, bytes) in SMALL {
        seeds.write(target, bytes);
    }
    seeds.revocations();
    seeds.certificates();
    println!("{} seeds in {}", seeds.written, seeds.out.display());
}

impl Seeds {
    /// Certificates behind their lengths, as the target for them takes them apart.
    fn certificates(&mut self) {
        let ders: [&[u8]; 2] = [
            include_bytes!("../../../fixtures/pki/es256.cert.der"),
            include_bytes!("../../../fixtures/pki/ps256.cert.der"),
        ];
        let piece = |der: &[u8]| {
            let length = u16::try_from(der.len()).expect("a small certificate").to_be_bytes();
            [&length[..], der].concat()
        };
        for order in [[0, 1], [1, 0], [0, 0]] {
            self.write("pki", &order.map(|at: usize| piece(ders[at])).concat());
        }
    }
}

/// Largest seed. Larger ones are cut down by leaving entries out, because a mutation finds nothing in megabytes.
const SEED_BYTES: usize = 6 * 1024;

/// A yellow card of each generation.
const CARDS: [&str; 3] = [
    r#"{"n":"A B","dob":"1990-01-31","s":"M","ntl":"TG","nid":"1","gn":"C","v":{"dn":"Primary","tg":"1D47","vp":"XM0N24",
        "mp":"1","ma":"M","mid":"25","dt":"2024-08-23","bo":"1","cn":"D","is":"E","vls":"2024-09-02","vle":"2034-09-02"}}"#,
    r#"{"n":"A B","dob":"1990-01-31","s":"female","ntl":"TGO","nid":"1","ndt":"PPN","v":[{"dt":"2025-10-01","bo":"1",
        "vp":"YellowFeverProductd8a09f80301dc05e124f99ffe7711fc0","is":"TGO","vls":"2025-10-11"}]}"#,
    r#"{"n":"A B","dob":"1990-01-31","s":"female","nt":"TGO","id":"1","dt":"PPN","v":"1","d":"2026-01-01",
        "vx":{"vp":"a3K3X000006Mii6UAC","dv":"2025-10-01","cn":"D","is":"TGO","bo":"1"}}"#,
];

/// A vaccination, a test, and the first form of a vaccination.
const CORE_DATA_SETS: [&str; 3] = [
    r#"{"name":"A B","birthDate":"1990-01","sex":"female","identifier":{"value":"1"},"certificate":{"issuer":{"display":"M"},
        "hcid":{"value":"URN:UVCI:01:XX:1"},"version":"1","period":{"start":"2026-01-01","end":"2027-01-01"}},
        "vaccination":{"vaccine":{"system":"http://id.who.int/icd11/mms","code":"XM8NQ0"},"brand":{"code":"EU/1/20/1528"},
        "maholder":{"display":"H"},"lot":"1","date":"2026-01-01","validFrom":"2026-01-15","dose":1,"totalDoses":2,
        "country":{"code":"TGO"},"centre":"C","practitioner":{"value":"2"},"disease":{"code":"RA01"},"nextDose":"2026-02-01"}}"#,
    r#"{"name":"A B","test":{"pathogen":{"code":"XN109"},"type":{"system":"http://loinc.org","code":"LP217198-3"},
        "brand":{"code":"1232"},"origin":{"code":"JAM.AH.XF"},"date":"2026-01-01T10:00:00Z","result":{"code":"QA02"},
        "centre":{"display":"L"},"country":{"system":"urn:iso:std:iso:3166","code":"TGO"}}}"#,
    r#"{"name":"A B","birthDate":"1990-01-31","vaccine":{"system":"http://snomed.info/sct","code":"1119349007"},"brand":"B",
        "manufacturer":"M","ma_holder":"H","lot":"1","date":"2026-01-01","vaccine_valid":"2026-01-15","dose":1,"total_doses":2,
        "country":{"code":"TGO"},"centre":"C","hw":"2","disease":{"code":"840539006"},"due_date":"2026-02-01","pha":"P",
        "hcid":"3","valid_from":"2026-01-01","valid_until":"2027-01-01"}"#,
];

/// The smallest of each form that no published file has.
const SMALL: &[(&str, &[u8])] = &[
    ("lists", include_bytes!("../../../fixtures/pki/es256.cert.der")),
    ("lists", include_bytes!("../../../fixtures/pki/ps256.cert.der")),
    (
        "rules",
        br#"{"certLogicExpression":{"plusTime":[{"var":"t"},-3,"month"]},"data":{"t":"2021-05-31T23:00:00+02:00"}}"#,
    ),
    ("rules", br#"{"reduce":[{"var":"v"},{"+":[{"var":"accumulator"},1]},0]}"#),
    ("rules", br#"{"dccDateOfBirth":[{"var":"dob"}]}"#),
    (
        "icvp",
        br#"{"catalogue":"who-vaccine-products","version":"1","date":"2027-01-01","diseases":[{"code":"1F40","display":"M"}],
            "types":[{"code":"T","display":"T","diseases":["1F40"]}],"products":[{"ids":[{"id":"a","since":"1"}],"type":"T",
            "withdrawn":"2027-01-01"},{"ids":[{"id":"a3K3X000006Mii6UAC","since":"1"},{"id":"b","since":"1"}]}]}"#,
    ),
];

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

    /// Files of a room, as they are where they are small, else with two entries left in each list and map.
    fn room(&mut self, target: &str, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                self.room(target, &path);
                continue;
            }
            let Ok(bytes) = fs::read(&path) else { continue };
            if bytes.len() <= SEED_BYTES {
                self.write(target, &bytes);
            }
            // A CovPass list has a line with its signature before the JSON.
            let start = bytes.iter().position(|byte| matches!(byte, b'{' | b'[')).unwrap_or(0);
            let (head, body) = bytes.split_at(start);
            if let Ok(mut json) = serde_json::from_slice::<Json>(body) {
                self.parts(target, &json, 0);
                cut(&mut json);
                if let Ok(small) = serde_json::to_vec(&json) {
                    let head = if head.len() < 200 { head } else { &[] };
                    self.write(target, &[head, &small].concat());
                }
            }
        }
    }

    /// Archives of DIVOC codes, in their three forms.
    fn archives(&mut self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let Ok(json) = fs::read(entry.path()) else { continue };
            let Ok(archive) = vaccert::envelope::divoc::zip::write(&json) else { continue };
            let text: String = archive.iter().map(|&byte| char::from(byte)).collect();
            let base64 = format!("B64:{}", base64::engine::general_purpose::STANDARD.encode(&archive));
            for form in [archive.as_slice(), text.as_bytes(), base64.as_bytes()] {
                self.write("divoc_zip", form);
            }
        }
    }

    /// What stands in a file one or two levels down: rules of an archive, cases of a suite.
    fn parts(&mut self, target: &str, json: &Json, depth: usize) {
        let children: Vec<&Json> = match json {
            Json::Array(items) => items.iter().collect(),
            Json::Object(entries) => entries.values().collect(),
            _ => return,
        };
        for child in children.into_iter().take(40) {
            if depth > 0 && (child.is_object() || child.is_array()) {
                if let Ok(bytes) = serde_json::to_vec(child) {
                    if bytes.len() <= SEED_BYTES / 2 {
                        self.write(target, &bytes);
                    }
                }
            }
            if depth < 3 {
                self.parts(target, child, depth + 1);
            }
        }
    }

    /// Pictures and PDFs as they are: the files of `fixtures/pictures`, and the pictures inside the cases.
    fn pictures(&mut self, fixtures: &Path) {
        let read = |folder: &str| fs::read_dir(fixtures.join(folder)).into_iter().flatten().flatten();
        for path in read("pictures").map(|entry| entry.path()) {
            let target = if path.extension().is_some_and(|end| end == "pdf") { "pdf" } else { "pictures" };
            if let Ok(bytes) = fs::read(&path) {
                self.write(target, &bytes);
            }
        }
        for path in read("cases").map(|entry| entry.path()) {
            let case = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Json>(&bytes).ok());
            let picture = case.as_ref().and_then(|case| case["picture"].as_str());
            if let Some(bytes) = picture.and_then(|text| base64::prelude::BASE64_STANDARD.decode(text).ok()) {
                self.write("pictures", &bytes);
            }
        }
    }

    /// A table of our own, and a batch as the gateway has it.
    fn revocations(&mut self) {
        use vaccert::{
            keys::Kid,
            revocation::{Builder, HashKind, Scope, Until},
        };
        let kid = Kid::new(*b"12345678");
        let mut builder = Builder::new();
        let filled = builder
            .revoke(Some(&kid), HashKind::Signature, vec![[1; 16], [2; 16]])
            .and_then(|()| builder.revoke(None, HashKind::Uci, vec![[3; 16]]))
            .and_then(|()| builder.cover(Scope::Kid(kid), HashKind::Signature, Until::Open));
        filled.expect("a small table");
        let table = builder.finish().and_then(|revocations| revocations.encode()).expect("a small table");
        self.write("revocation", &table);
        let batch = br#"{"country":"XX","expires":"2027-01-01T00:00:00Z","kid":"MTIzNDU2Nzg=","hashType":"SIGNATURE",
            "entries":[{"hash":"AQEBAQEBAQEBAQEBAQEBAQ=="}]}"#;
        self.write("revocation", batch);
        for bytes in [&table[..], batch] {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            std::io::Write::write_all(&mut packed, bytes).expect("writing to memory");
            self.write("revocation", &packed.finish().expect("writing to memory"));
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

/// Leaves two entries in each list and in each map that has more than twenty.
fn cut(json: &mut Json) {
    match json {
        Json::Array(items) => {
            items.truncate(2);
            items.iter_mut().for_each(cut);
        }
        Json::Object(entries) => {
            if entries.len() > 20 {
                let surplus: Vec<String> = entries.keys().skip(2).cloned().collect();
                for key in surplus {
                    entries.remove(&key);
                }
            }
            entries.values_mut().for_each(cut);
        }
        _ => {}
    }
}
