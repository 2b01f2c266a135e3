//! Entry points for what a verifier reads beside codes: trust lists, rules, revocations.

use std::sync::LazyLock;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use vaccert::{
    barcode::read::{Found, PictureError, codes_in_pdf, codes_in_picture},
    envelope::divoc::{self, Credential, zip},
    keys::{Algorithm, Certificate, Kid, PublicKey},
    limits::DIVOC_TEXT_BYTES,
    payload::divoc::{Binding as Places, Reading, check as plausible, to_core},
    revocation::{Builder, Fingerprints, Revocations},
    rules::{
        Circumstances, CodeList, CodeLists, Outcome, Rule, RuleOutcome, RuleSet,
        certlogic::{Expression, validate},
        check,
    },
    trust::{
        TrustStore, bundle,
        lists::{self, Binding, ListKey, ListOptions, bare_key},
        proof,
    },
    valueset::ValueSets,
    verify::Verifier,
};

use super::entries::Entry;

/// The entry points by the names of their targets.
pub const ENTRIES: &[Entry] = &[
    ("lists", lists),
    ("rules", rules),
    ("revocation", revocation),
    ("pictures", pictures),
    ("pdf", pdf),
    ("divoc_zip", divoc_zip),
    ("divoc", divoc),
];

const CERTIFICATE: &[u8] = include_bytes!("../../../fixtures/pki/es256.cert.der");
const CASE: &str = include_str!("../../../fixtures/cases/good-es256-test.json");

fn at() -> Timestamp {
    Timestamp::from_second(1_795_262_400).expect("a time")
}

/// The text of a good code.
static CODE: LazyLock<String> = LazyLock::new(|| {
    let case: Json = serde_json::from_str(CASE).expect("fixture");
    case["text"].as_str().expect("fixture").to_owned()
});

static KEYS: LazyLock<(Vec<ListKey>, Vec<PublicKey>)> = LazyLock::new(|| {
    let public = Certificate::from_der(CERTIFICATE).expect("fixture").public_key().expect("fixture");
    (ListKey::read(CERTIFICATE).expect("fixture"), vec![public])
});

/// A trust list of any form, believed or not.
pub fn lists(data: &[u8]) {
    for (unsigned, list_keys) in [(false, &[][..]), (false, KEYS.0.as_slice()), (true, &[])] {
        let mut store = TrustStore::new();
        let options = ListOptions { name: "fuzz", list_keys, unsigned };
        match lists::read(data, &options, &mut store) {
            Ok(()) => {
                let list = store.list("fuzz").expect("a list that was read is noted");
                let accounted = list.keys + list.authorities + list.repeated + list.not_signers + list.skipped.len();
                assert_eq!(list.entries, accounted, "an entry is not accounted for");
                assert!(list.entries <= data.len() && store.len() <= list.keys, "more entries than bytes");
                // No list is signed by the fixture's key, so none may count as proven.
                assert!(!list.authenticity.is_proven(), "a signature that nobody made");
                let _ = Verifier::new(&store, at()).judge(&CODE);
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                assert!(store.is_empty() && store.lists().is_empty(), "a refused list left something behind");
            }
        }
    }
    let _ = ListKey::read(data);
    let mut store = TrustStore::new();
    let options = ListOptions { name: "fuzz", list_keys: &[], unsigned: false };
    let _ = bare_key(&Binding::Did("did:fuzz".to_owned()), data, &options, &mut store);
    assert!(store.len() <= 1);
    let _ = proof::verify(data, &KEYS.1);
    if let Ok(read) = bundle::read_unsigned(data.to_vec()) {
        bundle::add_to(&mut TrustStore::new(), &read, "fuzz");
    }
    let _ = bundle::read(data.to_vec(), &KEYS.1);
    let _ = ValueSets::built_in().with([("fuzz", data)]);
}

static PAYLOAD: LazyLock<Json> = LazyLock::new(|| {
    json!({
        "ver": "1.3.0", "dob": "1984-03-19", "nam": { "fnt": "OERNEK", "gnt": "AYSE" },
        "v": [{ "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2,
                "dt": "2026-06-20", "co": "IS", "is": "Ministry of Health", "ci": "URN:UVCI:01:XX:6K3RZPVQ1N" }],
    })
});

static CODES: LazyLock<CodeLists> = LazyLock::new(|| {
    [("vaccines-covid-19-names", ["EU/1/20/1528", "EU/1/20/1507"].into_iter().collect::<CodeList>())]
        .into_iter()
        .collect()
});

/// Business rules: a set of them, one of them, and a bare expression with its data.
pub fn rules(data: &[u8]) {
    if let Ok(set) = RuleSet::parse(data) {
        for arrival in set.countries().map(str::to_owned).collect::<Vec<_>>().iter().take(3) {
            let judgement = set.judge(&PAYLOAD, &circumstances(arrival));
            let failed = judgement.results.iter().any(|result| result.result == RuleOutcome::Failed);
            let open = judgement.results.iter().any(|result| result.result == RuleOutcome::Open);
            let expected = match (judgement.results.is_empty(), failed, open) {
                (true, ..) => Outcome::NoRules,
                (_, true, _) => Outcome::Failed,
                (_, _, true) => Outcome::Open,
                _ => Outcome::Passed,
            };
            assert_eq!(judgement.outcome, expected, "the whole is not what its parts say");
        }
    }
    let Ok(json) = serde_json::from_slice::<Json>(data) else { return };
    let _ = check(&json);
    let _ = Rule::read(&json);
    let (logic, facts) = match (json.get("certLogicExpression"), json.get("data")) {
        (Some(logic), Some(facts)) => (logic, facts),
        _ => (&json, &*PAYLOAD),
    };
    let problems = validate(logic);
    match Expression::compile(logic) {
        Ok(expression) => {
            let told = |expression: &Expression| match expression.evaluate_json(facts) {
                Ok(value) => Ok(value.to_json()),
                Err(error) => Err(error.to_string()),
            };
            let first = told(&expression);
            assert_eq!(first, told(&expression), "the same rule says two things");
            let again = Expression::compile(&expression.to_json()).expect("what was compiled compiles again");
            assert_eq!(first, told(&again), "a rule changes when it is written down");
        }
        Err(_) => assert!(!problems.is_empty(), "valid by the format and yet refused"),
    }
}

fn circumstances(arrival: &str) -> Circumstances<'_> {
    Circumstances {
        arrival,
        region: None,
        issuer: Some("IS"),
        kid: None,
        at: at(),
        issued_at: Some(at()),
        expires_at: Some(at()),
        value_sets: &CODES,
        language: "en",
    }
}

/// Revocation lists, filters, archives and our own table.
pub fn revocation(data: &[u8]) {
    let kid = Kid::new(*b"12345678");
    let fingerprints = Fingerprints::new(Algorithm::Es256, &[7; 64], "XX", "URN:UVCI:01:XX:6K3RZPVQ1N");
    let ask = |revocations: &Revocations| {
        let _ = revocations.status(&kid, &fingerprints, at());
        assert!(revocations.filter_count() <= data.len() * 1_100, "more filters than a packed file can hold");
    };
    for name in ["list.json", "MTIzNDU2Nzg=/null/a/b", "archive.tar.gz"] {
        let mut builder = Builder::new();
        let read = builder.add(name, data);
        if let Err(error) = &read {
            assert!(!error.to_string().is_empty());
        }
        let mut streamed = Builder::new();
        assert_eq!(read.is_ok(), streamed.add_reader(name, data).is_ok(), "read at once or in a stream");
        if let (Ok(()), Ok(revocations)) = (read, builder.finish()) {
            ask(&revocations);
            if let Ok(table) = revocations.encode() {
                let again = Revocations::decode(&table).expect("our own table");
                assert_eq!(again.encode().expect("a table again"), table, "a table changes when it is read");
            }
        }
    }
    if let Ok(revocations) = Revocations::decode(data) {
        ask(&revocations);
        let table = revocations.encode().expect("a table has no filters");
        assert_eq!(Revocations::decode(&table).expect("our own table"), revocations);
    }
}

/// Pictures: PNG and JPEG.
pub fn pictures(data: &[u8]) {
    told(codes_in_picture(data));
}

/// PDFs.
pub fn pdf(data: &[u8]) {
    told(codes_in_pdf(data));
}

/// A reader gives codes or says why not, and its debug form shows nothing of a code.
fn told(found: Result<Vec<Found>, PictureError>) {
    match found {
        Ok(codes) => {
            assert!(!codes.is_empty(), "no code and no error");
            for code in &codes {
                let shown = format!("{code:?}");
                assert!(code.bytes.len() < 16 || !code.text().is_some_and(|text| shown.contains(text)));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// The archive of a DIVOC code in every form: what is read is bounded, and nothing in it is beside the one entry.
pub fn divoc_zip(data: &[u8]) {
    if let Ok(content) = zip::read(data) {
        assert!(content.len() <= DIVOC_TEXT_BYTES, "more than the bound");
        let again = zip::write(&content).expect("what was read has a size that is written");
        assert_eq!(zip::read(&again).as_deref(), Ok(content.as_slice()), "writing changes the content");
        let text: String = data.iter().map(|&byte| char::from(byte)).collect();
        assert_eq!(divoc::unpack(data).map(|(json, _)| json), Ok(content.clone()), "two readers of one archive");
        if !data.is_ascii() {
            assert_eq!(divoc::unpack(text.as_bytes()).map(|(json, _)| json), Ok(content), "the archive as text");
        }
        let mut longer = data.to_vec();
        longer.push(0);
        assert!(zip::read(&longer).is_err(), "a byte behind the archive");
    }
    let _ = divoc::unpack(data);
    let verdict = Verifier::new(&TrustStore::new(), at()).judge_bytes(data);
    assert!(verdict.holder.is_none() && verdict.reason.is_some());
}

/// A credential as JSON: what is signed does not depend on how the JSON is written, and every reader behind it
/// takes what this one has taken.
pub fn divoc(data: &[u8]) {
    let Ok(credential) = Credential::read(data) else { return };
    let mut whole: Json = serde_json::from_slice(data).expect("what was read is JSON");
    let canonical = credential.canonical_document().expect("a credential that was read has statements");
    assert!(canonical.lines().count() >= 5 && canonical.ends_with(" .\n"), "{canonical}");
    assert!(credential.signing_input().ends_with(credential.verify_data()));
    // Written anew, if it stays below the bound, the same is signed.
    if let Ok(again) = Credential::read(whole.to_string().as_bytes()) {
        assert_eq!(again.verify_data(), credential.verify_data(), "white space is signed");
    }
    // Whatever is added where no context knows it is refused.
    whole["evidence"][0]["unknown"] = json!(1);
    assert!(Credential::read(whole.to_string().as_bytes()).is_err(), "an unsigned member");
    if let Ok(reading) = Reading::of(credential.document()) {
        for places in [Places::Unordered, Places::Ordered] {
            let _ = plausible(&reading.credential, ValueSets::built_in(), places);
        }
        let _ = to_core(&reading.credential);
        let bytes = reading.credential.to_cbor();
        let cbor = vaccert::envelope::hcert::cbor::Value::read(&bytes).expect("our own CBOR");
        let again = Reading::of_cbor(&cbor).expect("our own credential");
        assert_eq!(again.credential, reading.credential, "CBOR changes the content");
    }
    let _ = Verifier::new(&TrustStore::new(), at()).judge_bytes(data);
}
