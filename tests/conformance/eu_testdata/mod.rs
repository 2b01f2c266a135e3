//! All 581 cases of the EU test data (dgc-testdata): the certificate in each case is the trust, its validation
//! clock is the time. The verdict is compared with the recommended one, and every flag with the layer that it
//! speaks of. What is not believed stands in `exceptions.rs`, with its reason.

mod exceptions;

use std::collections::BTreeMap;

use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::Value as Json;
use vaccert::{
    envelope::hcert::{self, Claims, Deviation, Sign1},
    keys::{Certificate, Purpose},
    payload::dcc::{Reading, check},
    verify::{Check, Decision, Verdict, Verifier},
};

use self::exceptions::EXCEPTIONS;
use crate::{
    vectors::vectors,
    workshop::{json, pki, unhex},
};

/// What a flag of `EXPECTEDRESULTS` speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// The text is `HC1:` and the base45 text.
    Unprefix,
    /// The base45 text is the compressed message.
    B45Decode,
    /// The compressed message is the message.
    Compression,
    /// The message says what the JSON says.
    Decode,
    /// The whole way from the text ends in the JSON.
    ValidJson,
    /// The signature matches the certificate, whose kid the message names.
    Verify,
    /// The content is valid against the schema that the case names.
    SchemaValidation,
    /// The certificate is valid at the validation clock.
    ExpirationCheck,
    /// The signer may sign this kind.
    KeyUsage,
    /// The JSON of the case is valid against its schema.
    ValidObject,
    /// The JSON survives being written as CBOR.
    Encode,
}

const FLAGS: [(&str, Flag); 11] = [
    ("EXPECTEDUNPREFIX", Flag::Unprefix),
    ("EXPECTEDB45DECODE", Flag::B45Decode),
    ("EXPECTEDCOMPRESSION", Flag::Compression),
    ("EXPECTEDDECODE", Flag::Decode),
    ("EXPECTEDVALIDJSON", Flag::ValidJson),
    ("EXPECTEDVERIFY", Flag::Verify),
    ("EXPECTEDSCHEMAVALIDATION", Flag::SchemaValidation),
    ("EXPECTEDEXPIRATIONCHECK", Flag::ExpirationCheck),
    ("EXPECTEDKEYUSAGE", Flag::KeyUsage),
    ("EXPECTEDVALIDOBJECT", Flag::ValidObject),
    ("EXPECTEDENCODE", Flag::Encode),
];

/// Checked by the tests of pictures.
const PICTURE: &str = "EXPECTEDPICTUREDECODE";
/// Misspelt or misplaced in the data.
const JUNK: [&str; 2] = ["EXPTECTEDEXPIRED", "EXPECTEDRESULTS"];

/// The recommended verdicts in our words. No key for the issuer is something that the verifier lacks, so it is
/// undecided, which is not accepted either.
fn expected_verdict(recommended: &str) -> (Decision, &'static [&'static str]) {
    let rejected = |reasons: &'static [&'static str]| (Decision::Rejected, reasons);
    match recommended {
        "ACCEPT" => (Decision::Accepted, &[]),
        "REJECT:KID_NOT_TRUSTED" => (Decision::Undecided, &["issuer-unknown"]),
        "REJECT:KEY_USAGE" => rejected(&["key-usage"]),
        "REJECT:NOT_YET_VALID" => rejected(&["not-yet-valid"]),
        "REJECT:EXPIRED" => rejected(&["expired"]),
        // No entry, and two.
        "REJECT:NOT_EXACTLY_ONE_ENTRY" => rejected(&["content-invalid", "several-events"]),
        "REJECT:CWT_NO_HCERT" => rejected(&["content-invalid"]),
        // HL0: is another thing altogether, HC2: a later version of this.
        "REJECT:PREFIX" => rejected(&["format-unknown", "unknown-version"]),
        "REJECT:ZLIB" => rejected(&["not-compressed"]),
        "REJECT:BASE45" => rejected(&["base45-invalid"]),
        "REJECT:COSE/CBOR" => rejected(&["cose-invalid"]),
        "REJECT:SIGNATURE" => rejected(&["signature-invalid"]),
        other => panic!("an unknown recommendation: {other}"),
    }
}

/// Verdicts that differ from the recommended one on purpose: file, ours, why.
const VERDICT_EXCEPTIONS: &[(&str, Decision, &str)] = &[(
    "common/2DCode/raw/H3.json",
    Decision::Accepted,
    "some issuers left `HC1:` out, so a text without any prefix is read and flagged `missing-prefix`",
)];

struct Case {
    file: String,
    json: Json,
    text: String,
    at: Timestamp,
    signer: Certificate,
    verdict: Verdict,
}

impl Case {
    fn read(root: &std::path::Path, file: &str) -> Self {
        let json = json(&root.join(file));
        let context = &json["TESTCTX"];
        let certificate = base64(context["CERTIFICATE"].as_str().unwrap());
        let at = clock(context["VALIDATIONCLOCK"].as_str().unwrap());
        let text = json["PREFIX"].as_str().unwrap().to_owned();
        let (store, _) = pki::store(&certificate);
        let verdict = Verifier::new(&store, at).judge(&text);
        let signer = Certificate::from_der(&certificate).unwrap();
        Self { file: file.to_owned(), text, at, signer, verdict, json }
    }

    fn text_of(&self, name: &str) -> Option<&str> {
        self.json.get(name).and_then(Json::as_str)
    }

    fn bytes_of(&self, name: &str) -> Option<Vec<u8>> {
        self.text_of(name).map(unhex)
    }

    /// The message of the field `COSE`, judged as the text of a code: some cases break only a layer around it.
    fn message_verdict(&self) -> Verdict {
        let (store, _) = pki::store(self.signer.der());
        match self.bytes_of("COSE") {
            Some(message) => Verifier::new(&store, self.at).judge(&hcert::to_text(&message)),
            None => self.verdict.clone(),
        }
    }

    /// What a flag's layer says; `None` where the case lacks the data for it.
    fn holds(&self, flag: Flag, schemas: &BTreeMap<String, jsonschema::Validator>) -> Option<bool> {
        let object = self.json.get("JSON").filter(|json| json.is_object());
        Some(match flag {
            Flag::Unprefix => {
                let body = self.text.strip_prefix(hcert::PREFIX);
                let flagged = hcert::from_text(&self.text).is_ok_and(|(_, d)| d.contains(&Deviation::MissingPrefix));
                let same = match (self.text_of("BASE45"), body) {
                    (Some(expected), Some(body)) => body == expected,
                    (None, Some(_)) => true,
                    (_, None) => false,
                };
                same && !flagged
            }
            Flag::B45Decode => {
                let body = self.text_of("BASE45").or_else(|| self.text.strip_prefix(hcert::PREFIX))?;
                match (hcert::base45::decode(body), self.bytes_of("COMPRESSED")) {
                    (Ok(bytes), Some(compressed)) => bytes == compressed,
                    (Ok(_), None) => true,
                    (Err(_), _) => false,
                }
            }
            Flag::Compression => {
                hcert::inflate(&self.bytes_of("COMPRESSED")?).is_ok_and(|b| Some(b) == self.bytes_of("COSE"))
            }
            Flag::Decode => {
                let message = self.bytes_of("COSE").or_else(|| hcert::from_text(&self.text).ok().map(|(b, _)| b));
                match (message.as_deref().and_then(content), self.bytes_of("CBOR").as_deref().and_then(inner)) {
                    (Some(content), Some(own)) => same(&content, &own),
                    (Some(content), None) => content.is_object(),
                    (None, _) => false,
                }
            }
            Flag::ValidJson => {
                let message = hcert::from_text(&self.text).ok().map(|(bytes, _)| bytes);
                message.as_deref().and_then(content).is_some_and(|content| same(&content, object.unwrap()))
            }
            Flag::Verify => self.message_verdict().checks.signature == Check::Passed,
            Flag::SchemaValidation => {
                let message = self.bytes_of("COSE").or_else(|| hcert::from_text(&self.text).ok().map(|(b, _)| b))?;
                valid(&content(&message)?, schemas)
            }
            Flag::ValidObject => valid(object?, schemas),
            Flag::Encode => {
                let written = tree(object?).encode();
                hcert::cbor::Value::read(&written).is_ok_and(|value| value.to_json() == *object.unwrap())
            }
            Flag::ExpirationCheck => {
                let message = self.bytes_of("COSE").or_else(|| hcert::from_text(&self.text).ok().map(|(b, _)| b))?;
                let message = Sign1::read(&message).ok()?;
                let claims = Claims::read(&message.payload).ok()?;
                let holds = claims.issued_at? <= self.at && self.at <= claims.expires_at?;
                agrees(self.verdict.checks.validity, holds, &self.file);
                holds
            }
            Flag::KeyUsage => {
                let message = self.bytes_of("COSE").or_else(|| hcert::from_text(&self.text).ok().map(|(b, _)| b))?;
                let content = content(&message)?;
                let groups = [("v", Purpose::Vaccination), ("t", Purpose::Test), ("r", Purpose::Recovery)];
                let mut stated = groups.into_iter().filter(|(group, _)| content[*group].is_array());
                let holds = stated.all(|(_, purpose)| self.signer.allows(purpose));
                agrees(self.verdict.checks.key_usage, holds, &self.file);
                holds
            }
        })
    }
}

/// The content of a message as JSON.
fn content(message: &[u8]) -> Option<Json> {
    let message = Sign1::read(message).ok()?;
    let claims = Claims::read(&message.payload).ok()?;
    claims.dcc().map(|dcc| dcc.to_json())
}

/// A case's own CBOR as JSON: some hold the whole token there, others the content alone.
fn inner(cbor: &[u8]) -> Option<Json> {
    let claims = Claims::read(cbor).ok()?;
    match claims.dcc() {
        Some(dcc) => Some(dcc.to_json()),
        None => hcert::cbor::Value::read(cbor).ok().map(|value| value.to_json()),
    }
}

/// Valid against the schema of its own version (the `SCHEMA` of 54 cases is another), and of one group: what
/// the schemas before 1.3.0 left to the text of the specification.
fn valid(content: &Json, schemas: &BTreeMap<String, jsonschema::Validator>) -> bool {
    let version = content["ver"].as_str().filter(|version| schemas.contains_key(*version)).unwrap_or("1.3.3");
    let groups = ["v", "t", "r"].into_iter().filter(|group| content[*group].is_array()).count();
    schemas[version].is_valid(content) && groups == 1
}

/// Where the check ran, the verdict says the same as the layer by itself.
fn agrees(check: Check, holds: bool, file: &str) {
    let expected = if holds { Check::Passed } else { Check::Failed };
    assert!(check == Check::Unchecked || check == expected, "{file}: the verdict says {check:?}, the layer {holds}");
}

/// JSON as a CBOR tree.
fn tree(json: &Json) -> crate::workshop::cbor::Node {
    use crate::workshop::cbor::Node;
    match json {
        Json::Null => Node::Null,
        Json::Bool(b) => Node::Bool(*b),
        Json::Number(n) => n.as_i64().map_or_else(|| Node::Float(n.as_f64().unwrap()), Node::Int),
        Json::String(text) => Node::Text(text.clone()),
        Json::Array(items) => Node::Array(items.iter().map(tree).collect()),
        Json::Object(entries) => Node::Map(entries.iter().map(|(k, v)| (Node::Text(k.clone()), tree(v))).collect()),
    }
}

/// Equal as values: nulls are absent, times are instants, whole floats are integers (facts on the EU DCC,
/// section 7, "comparison traps").
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            let keys = a.keys().chain(b.keys());
            keys.into_iter().all(|key| same(a.get(key).unwrap_or(&Json::Null), b.get(key).unwrap_or(&Json::Null)))
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::String(a), Json::String(b)) => a == b || instant(a).is_some_and(|a| instant(b) == Some(a)),
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let time: civil::DateTime = text.parse().ok()?;
        time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

/// The validation clock; one without a zone is in UTC.
fn clock(text: &str) -> Timestamp {
    instant(text).unwrap_or_else(|| panic!("the validation clock {text} cannot be read"))
}

fn base64(text: &str) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.decode(text).unwrap()
}

/// The published schemas by version.
fn schemas() -> BTreeMap<String, jsonschema::Validator> {
    ["1.0.0", "1.0.1", "1.1.0", "1.2.0", "1.2.1", "1.3.0", "1.3.1", "1.3.2", "1.3.3"]
        .into_iter()
        .map(|version| {
            let schema = json(&vectors(&format!("vectors/eu-schemas/DCC-{version}.json")).unwrap());
            (version.to_owned(), jsonschema::options().build(&schema).unwrap())
        })
        .collect()
}

/// What our strict check lets through, and we would sign, is valid by the schema in the form in which we write it.
#[test]
fn what_may_be_signed_is_valid_by_the_schema() {
    let (Some(root), Some(verdicts)) = (vectors("vectors/eu-testdata"), vectors("vectors/eu-testdata-verdicts.json"))
    else {
        return;
    };
    let schema = &schemas()["1.3.3"];
    let (mut good, mut refused) = (0, 0);
    for entry in json(&verdicts).as_array().unwrap() {
        let file = entry["file"].as_str().unwrap();
        let case = json(&root.join(file));
        let Ok((bytes, _)) = hcert::from_text(case["PREFIX"].as_str().unwrap()) else { continue };
        let Ok(message) = Sign1::read(&bytes) else { continue };
        let Ok(claims) = Claims::read(&message.payload) else { continue };
        let Some(Ok(reading)) = claims.dcc().map(Reading::of) else { continue };
        if check(&reading.dcc).is_empty() {
            let written = reading.dcc.to_cbor();
            let written = hcert::cbor::Value::read(&written).unwrap().to_json();
            assert!(schema.is_valid(&written), "{file}: we would sign it, the schema refuses it");
            good += 1;
        } else {
            refused += 1;
        }
    }
    println!("{good} certificates that we would sign, {refused} that we would not");
    assert!(good > 0 && refused > 0);
}

#[test]
fn every_case_is_judged_as_recommended_and_every_flag_holds() {
    let (Some(root), Some(verdicts)) = (vectors("vectors/eu-testdata"), vectors("vectors/eu-testdata-verdicts.json"))
    else {
        return;
    };
    let schemas = schemas();

    let entries = json(&verdicts);
    let mut wrong = Vec::new();
    let (mut flags_checked, mut without_data, mut not_evaluated, mut junk, mut pictures) = (0, 0, 0, 0, 0);
    let mut excused: BTreeMap<&str, usize> = BTreeMap::new();
    let mut decisions: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries.as_array().unwrap() {
        let case = Case::read(&root, entry["file"].as_str().unwrap());
        let file = case.file.as_str();

        // The verdict.
        let recommended = entry["recommended"].as_str().unwrap();
        let ours = (case.verdict.verdict, case.verdict.reason.map(|reason| reason.to_string()));
        let (decision, reasons) = expected_verdict(recommended);
        let same =
            ours.0 == decision && ours.1.as_deref().map_or(reasons.is_empty(), |reason| reasons.contains(&reason));
        *decisions.entry(recommended.to_owned()).or_default() += 1;
        match VERDICT_EXCEPTIONS.iter().find(|(name, ..)| *name == file) {
            Some((_, decision, reason)) if !same && ours.0 == *decision => {
                *excused.entry(reason).or_default() += 1;
            }
            Some(_) => wrong.push(format!("{file}: is an exception, and the verdict is {ours:?} now")),
            None if same => {}
            None => wrong.push(format!("{file}: {recommended} expected, the verdict is {ours:?}")),
        }

        // The flags.
        for (name, value) in case.json["EXPECTEDRESULTS"].as_object().unwrap() {
            let Some((_, flag)) = FLAGS.iter().find(|(known, _)| known == name) else {
                match name.as_str() {
                    PICTURE => pictures += 1,
                    name if JUNK.contains(&name) => junk += 1,
                    other => wrong.push(format!("{file}: an unknown flag {other}")),
                }
                continue;
            };
            if *flag == Flag::ValidObject && file.starts_with("NL/") {
                not_evaluated += 1;
                continue;
            }
            let expected = value.as_bool().unwrap();
            let Some(holds) = case.holds(*flag, &schemas) else {
                without_data += 1;
                continue;
            };
            flags_checked += 1;
            let exception = EXCEPTIONS.iter().find(|exception| exception.covers(*flag, file));
            match (exception, holds == expected) {
                (None, true) => {}
                (Some(exception), false) => *excused.entry(exception.reason).or_default() += 1,
                (None, false) => wrong.push(format!("{file}: {name} is {expected}, we find {holds}")),
                (Some(_), true) => wrong.push(format!("{file}: {name} is an exception, but holds as the data says")),
            }
        }
    }

    let total: usize = decisions.values().sum();
    println!("{total} cases: {decisions:?}");
    println!(
        "{flags_checked} flags checked, {without_data} without data, {not_evaluated} that the NL generator sets on \
         everything, {pictures} of pictures, {junk} misspelt"
    );
    println!("exceptions by reason: {excused:#?}");
    assert!(wrong.is_empty(), "{} deviations:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(total, 581);
    assert_eq!((flags_checked, without_data, not_evaluated), (4_809, 5, 288));
    assert_eq!((pictures, junk, excused.values().sum::<usize>()), (519, 10, 172));
}
