//! ICAO seals: the published Australian one, and own ones under an own authority with every fault of chain, signature
//! and content.

pub mod seal;

use serde_json::{Value, json};
use vaccert::{
    envelope::vdsnc::Seal,
    keys::Certificate,
    payload::core::Event,
    trust::{
        TrustStore,
        bundle::{self, BundledList, Contents, Environment},
    },
    verify::{Arrival, Check, Decision, Format, Kind, Verdict, Verifier},
};

use crate::{
    made::{Key, extension, name, oid, seq, tlv, usages},
    vectors::vectors,
};
use seal::{
    AT, Draft, EKU, KEY_ID, authority, authority_constraints, authority_key_id, critical, document_types, fixed,
    key_usage, signer, store, stranger, test, url, vaccination, valid,
};

fn accepted(verdict: &Verdict, warnings: &[&str], case: &str) {
    let told: Vec<&str> = verdict.warnings.iter().map(|warning| warning.code()).collect();
    assert_eq!((verdict.verdict, verdict.reason), (Decision::Accepted, None), "{case}");
    assert_eq!(told, warnings, "{case}");
}

fn not(verdict: &Verdict, decision: Decision, reason: &str, case: &str) {
    let found = verdict.reason.map(|reason| reason.code());
    assert_eq!((verdict.verdict, found), (decision, Some(reason)), "{case}: {:?}", verdict.checks);
    assert_eq!(verdict.format, Format::VdsNc, "{case}");
    if verdict.checks.signature != Check::Passed {
        assert!(verdict.holder.is_none() && verdict.id.is_none() && verdict.payload.is_none(), "{case}");
    }
}

fn rejected(verdict: &Verdict, reason: &str, case: &str) {
    not(verdict, Decision::Rejected, reason, case);
}

fn undecided(verdict: &Verdict, reason: &str, case: &str) {
    not(verdict, Decision::Undecided, reason, case);
}

#[test]
fn a_good_seal_is_accepted_with_what_it_says() {
    let verdict = Draft::new().judge();
    accepted(&verdict, &[], "good");
    assert_eq!((verdict.format, verdict.kind), (Format::VdsNc, Some(Kind::Vaccination)));
    assert_eq!((verdict.issuer.country.as_deref(), verdict.issuer.list.as_deref()), (Some("AU"), Some("csca")));
    assert_eq!(verdict.issuer.algorithm.as_deref(), Some("ES256"));
    let holder = verdict.holder.as_ref().unwrap();
    assert_eq!((holder.name.as_str(), holder.date_of_birth.as_str()), ("CITIZEN  ZOË", "1961-05-15"));
    assert_eq!(holder.standardised_name, "CITIZEN<<ZOE");
    assert_eq!(verdict.id.as_deref(), Some("VB0009990012"));
    assert_eq!(verdict.payload, Some(vaccination()));
    assert_eq!(verdict.content.as_ref().unwrap().core().unwrap().events.len(), 2);

    let verdict = Draft { data: test(), ..Draft::new() }.judge();
    accepted(&verdict, &[], "test");
    assert_eq!((verdict.kind, verdict.id.as_deref()), (Some(Kind::Test), Some("U01932")));
    assert_eq!(verdict.holder.unwrap().standardised_name, "CITIZEN<<JANE");
    let core = verdict.content.unwrap().core().unwrap();
    assert!(matches!(core.events.as_slice(), [Event::Test(_)]));
}

#[test]
fn every_algorithm_of_authority_and_signer_is_checked() {
    type Make = fn() -> Key;
    let (p256, p384, p521): (Make, Make, Make) = (Key::p256, Key::p384, Key::p521);
    let (rsa, pss): (Make, Make) = (|| Key::rsa(false), || Key::rsa(true));
    for csca in [p256, p384, p521, rsa, pss] {
        accepted(&Draft::of(csca(), Key::p256(), "ES256").judge(), &[], "authority");
    }
    for (key, algorithm) in [(p256, "ES256"), (p384, "ES384"), (p521, "ES512")] {
        let draft = Draft::of(Key::p384(), key(), algorithm);
        accepted(&draft.judge(), &[], algorithm);
        // Another hash function than the one that was used.
        let other = Draft { algorithm: if algorithm == "ES256" { "ES512" } else { "ES256" }, ..draft };
        rejected(&other.judge(), "signature-invalid", algorithm);
    }
    // Japan's certificate has NULL where no parameters belong.
    let mut csca = Key::p384();
    csca.algorithm = seq(&[&oid("1.2.840.10045.4.3.3"), &[5, 0]]);
    accepted(&Draft::of(csca, Key::p256(), "ES256").judge(), &[], "NULL parameters");
}

#[test]
fn without_its_authority_nothing_is_decided() {
    let draft = Draft::new();
    let text = draft.seal().to_string();
    let judge = |store: &TrustStore, text: &str| Verifier::new(store, AT.parse().unwrap()).judge(text);
    undecided(&judge(&TrustStore::new(), &text), "no-trust-list", "no list");
    let other = |country: &str, id: &[u8]| {
        let key = Key::p256();
        let mut spec = authority(country, &key);
        spec.extensions[2] = seal::subject_key_id(id);
        store(&spec.signed(&key))
    };
    undecided(&judge(&other("NZ", b"x"), &text), "issuer-unknown", "another country's authority");
    undecided(&judge(&other("AU", b"x"), &text), "issuer-unknown", "another authority of the country");
    // Nobody vouches for it, and it is damaged all the same.
    let damaged = text.replace("300157P", "300157Q");
    rejected(&judge(&other("NZ", b"x"), &damaged), "signature-invalid", "damaged");
}

/// Faults of the chain: what is changed, and the reason that tells it.
#[test]
fn every_fault_of_the_chain_has_its_reason() {
    type Change = fn(&mut Draft);
    let cases: &[(&str, Change, &str)] = &[
        ("a self-made certificate that names the authority", |d| d.forger = Some(Key::p256()), "signer-chain-invalid"),
        (
            "the same without the authority's key",
            |d| {
                d.forger = Some(Key::p256());
                d.signer.extensions.remove(0);
            },
            "signer-chain-invalid",
        ),
        (
            "signed by itself",
            |d| {
                d.forger = Some(Key::p256());
                d.signer.spki = d.forger.as_ref().unwrap().spki.clone();
            },
            "signer-chain-invalid",
        ),
        (
            "signed with SHA-1",
            |d| {
                let mut forger = Key::p256();
                forger.algorithm = seq(&[&oid("1.2.840.10045.4.1")]);
                d.forger = Some(forger);
            },
            "signer-chain-invalid",
        ),
        (
            "the authority seals itself",
            |d| {
                d.signer = authority("AU", &d.key);
                d.signer.extensions.extend([authority_key_id(KEY_ID), usages(&[EKU]), document_types(&["NV"])]);
            },
            "key-usage",
        ),
        ("a signer that is an authority", |d| d.signer.extensions.push(authority_constraints()), "key-usage"),
        ("a key for certificates", |d| d.signer.extensions.push(key_usage(0x06)), "key-usage"),
        ("no extended key usage", |d| drop(d.signer.extensions.remove(1)), "key-usage"),
        ("the key usage of a passport signer", |d| d.signer.extensions[1] = usages(&["2.23.136.1.1.3"]), "key-usage"),
        ("any key usage", |d| d.signer.extensions[1] = usages(&["2.5.29.37.0"]), "key-usage"),
        ("no document types", |d| drop(d.signer.extensions.remove(2)), "key-usage"),
        ("types of tests alone", |d| d.signer.extensions[2] = document_types(&["NT"]), "key-usage"),
        ("types of visas alone", |d| d.signer.extensions[2] = document_types(&["V"]), "key-usage"),
        (
            "a test under a key for vaccinations",
            |d| {
                d.signer.extensions[2] = document_types(&["NV"]);
                d.data = test();
            },
            "key-usage",
        ),
        (
            "an unknown critical extension",
            |d| d.signer.extensions.push(critical("1.2.3.4", &[5, 0])),
            "signer-chain-invalid",
        ),
        ("name constraints", |d| d.signer.extensions.push(critical("2.5.29.30", &seq(&[]))), "signer-chain-invalid"),
        ("an extension twice", |d| d.signer.extensions.push(usages(&["1.2.3"])), "signer-chain-invalid"),
        (
            "document types that cannot be read",
            |d| {
                d.signer.extensions[2] = extension("2.23.136.1.1.6.2", &tlv(4, b"NV"));
            },
            "signer-chain-invalid",
        ),
        ("an expired signer", |d| d.signer.validity = valid(b"210601000000Z", b"261121115959Z"), "signer-expired"),
        (
            "a signer of tomorrow",
            |d| d.signer.validity = valid(b"261121120001Z", b"310601000000Z"),
            "signer-not-yet-valid",
        ),
        (
            "an expired authority",
            |d| d.csca_spec.validity = valid(b"160601000000Z", b"261121115959Z"),
            "signer-expired",
        ),
        (
            "an authority of tomorrow",
            |d| d.csca_spec.validity = valid(b"261121120001Z", b"310601000000Z"),
            "signer-not-yet-valid",
        ),
        ("a signer of another country", |d| d.signer.subject = name("NZ", "AB"), "issuer-mismatch"),
        (
            "an authority of another country",
            |d| {
                d.csca_spec.subject = name("NZ", "CSCA");
                d.csca_spec.issuer = name("NZ", "CSCA");
                d.signer.issuer = name("NZ", "CSCA");
            },
            "issuer-mismatch",
        ),
        ("a seal of another country", |d| d.data["hdr"]["is"] = json!("NZL"), "issuer-mismatch"),
        ("a seal of Utopia", |d| d.data["hdr"]["is"] = json!("UTO"), "issuer-mismatch"),
        ("two letters for the country", |d| d.data["hdr"]["is"] = json!("AU"), "issuer-mismatch"),
        ("a signer without a country", |d| d.signer.subject = seq(&[]), "issuer-mismatch"),
        ("RSA for a signer", |d| d.signer.spki = Key::rsa(false).spki, "algorithm-unsupported"),
        (
            "a curve that is not known",
            |d| {
                let key = seq(&[&oid("1.2.840.10045.2.1"), &oid("1.3.36.3.3.2.8.1.1.7")]);
                d.signer.spki = seq(&[&key, &tlv(3, &[0; 66])]);
            },
            "algorithm-unsupported",
        ),
        (
            "a key that is no point",
            |d| {
                let key = seq(&[&oid("1.2.840.10045.2.1"), &oid("1.2.840.10045.3.1.7")]);
                d.signer.spki = seq(&[&key, &tlv(3, &[&[0, 4][..], &[7; 64]].concat())]);
            },
            "signer-chain-invalid",
        ),
    ];
    for (case, change, reason) in cases {
        let mut draft = Draft::new();
        change(&mut draft);
        rejected(&draft.judge(), reason, case);
    }
    assert!(cases.len() >= 25);
}

#[test]
fn what_is_allowed_in_a_chain_stays_allowed() {
    type Change = fn(&mut Draft);
    let cases: &[(&str, Change)] = &[
        ("no identifier of the authority's key", |d| drop(d.signer.extensions.remove(0))),
        ("an authority without an identifier", |d| drop(d.csca_spec.extensions.remove(2))),
        ("a key usage for documents", |d| d.signer.extensions.push(key_usage(0x80))),
        ("a critical extended key usage", |d| {
            d.signer.extensions[1] = critical("2.5.29.37", &seq(&[&oid("1.2.3"), &oid(EKU)]));
        }),
        ("constraints of no authority", |d| d.signer.extensions.push(critical("2.5.29.19", &seq(&[])))),
        ("an unknown extension", |d| d.signer.extensions.push(extension("1.2.3.4", &[5, 0]))),
        ("small letters for the country", |d| d.signer.subject = name("au", "AB")),
        ("the authority's name in other letters", |d| d.signer.issuer = name("AU", "csca")),
        ("an authority without a key usage", |d| drop(d.csca_spec.extensions.remove(1))),
        ("the last second", |d| d.signer.validity = valid(b"210601000000Z", b"261121120000Z")),
        ("the first second", |d| d.signer.validity = valid(b"261121120000Z", b"310601000000Z")),
    ];
    for (case, change) in cases {
        let mut draft = Draft::new();
        change(&mut draft);
        accepted(&draft.judge(), &[], case);
    }
    // The United Nations and Germany have codes of their own in travel documents.
    for (country, code) in [("UN", "UNO"), ("UN", "UNA"), ("DE", "D"), ("DE", "DEU"), ("EU", "EUE"), ("XK", "RKS")] {
        let mut draft = Draft::new();
        (draft.csca_spec, draft.signer) = (authority(country, &draft.csca), signer(country, &draft.key));
        draft.data["hdr"]["is"] = json!(code);
        accepted(&draft.judge(), &[], code);
    }
    // An organisation with three letters, in the certificates as well.
    let mut draft = Draft::new();
    (draft.csca_spec, draft.signer) = (authority("XOM", &draft.csca), signer("XOM", &draft.key));
    draft.data["hdr"]["is"] = json!("XOM");
    accepted(&draft.judge(), &[], "XOM");
    draft.data["hdr"]["is"] = json!("XPO");
    rejected(&draft.judge(), "issuer-mismatch", "XPO");
    // Where neither names a key, other authorities of the country are passed over.
    let mut draft = Draft::new();
    draft.signer.extensions.remove(0);
    draft.csca_spec.extensions.remove(2);
    let others = [Key::p384(), Key::rsa(false)].map(|key| {
        let mut spec = authority("AU", &key);
        (spec.subject, spec.issuer) = (stranger("AU"), stranger("AU"));
        spec.extensions.remove(2);
        spec.signed(&key)
    });
    let text = draft.seal().to_string();
    let verdict = Verifier::new(&store(&others.concat()), AT.parse().unwrap()).judge(&text);
    undecided(&verdict, "issuer-unknown", "strangers without identifiers");
    let all = [others.concat(), draft.csca_der()].concat();
    accepted(&Verifier::new(&store(&all), AT.parse().unwrap()).judge(&text), &[], "among strangers");
    // An authority whose signature this program cannot check is not one that did not sign.
    let mut draft = Draft::new();
    let mut forger = Key::p256();
    forger.algorithm = seq(&[&oid("1.2.840.10045.4.3.1")]);
    draft.forger = Some(forger);
    undecided(&draft.judge(), "issuer-unknown", "ECDSA with SHA-224");
    // Of two authorities with one key identifier, one signed.
    let draft = Draft::new();
    let other = Key::p256();
    let both = [authority("AU", &other).signed(&other), draft.csca_der()].concat();
    let verdict = Verifier::new(&store(&both), AT.parse().unwrap()).judge(&draft.seal().to_string());
    accepted(&verdict, &[], "two of one identifier");
}

#[test]
fn every_change_of_a_signed_seal_is_noticed() {
    let draft = Draft::new();
    let good = draft.seal();
    let cases: Vec<(&str, &str, Value, &str)> = vec![
        ("another name", "/data/msg/pid/n", json!("CITIZEN  JOE"), "signature-invalid"),
        ("another lot", "/data/msg/ve/0/vd/0/lot", json!("x"), "signature-invalid"),
        ("a number as a text", "/data/msg/ve/0/vd/0/seq", json!("1"), "signature-invalid"),
        ("another country", "/data/hdr/is", json!("NZL"), "signature-invalid"),
        ("another kind", "/data/hdr/t", json!("icao.test"), "signature-invalid"),
        ("no signature", "/sig/sigvl", json!(""), "signature-invalid"),
        ("a signature of zeros", "/sig/sigvl", json!(url(&[0; 64])), "signature-invalid"),
        (
            "a signature in DER",
            "/sig/sigvl",
            json!(url(&draft.key.sign(draft.data.to_string().as_bytes()))),
            "signature-invalid",
        ),
        (
            "another key's signature",
            "/sig/sigvl",
            json!(url(&fixed(&Key::p256().sign(draft.data.to_string().as_bytes()), 32))),
            "signature-invalid",
        ),
        ("no algorithm of seals", "/sig/alg", json!("RS256"), "algorithm-unsupported"),
        ("no algorithm at all", "/sig/alg", json!("none"), "algorithm-unsupported"),
        ("small letters", "/sig/alg", json!("es256"), "algorithm-unsupported"),
        ("no certificate", "/sig/cer", json!(""), "signer-chain-invalid"),
        ("rubbish for a certificate", "/sig/cer", json!("AAAA"), "signer-chain-invalid"),
        (
            "more than a certificate",
            "/sig/cer",
            json!(url(&[draft.signer_der(), vec![0]].concat())),
            "signer-chain-invalid",
        ),
        ("a certificate that is no text", "/sig/cer", json!(["x"]), "content-invalid"),
        ("no base64", "/sig/cer", json!("#"), "content-invalid"),
        ("a version that is a text", "/data/hdr/v", json!("1"), "content-invalid"),
    ];
    for (case, path, value, reason) in cases {
        let mut changed = good.clone();
        *changed.pointer_mut(path).unwrap() = value;
        rejected(&draft.judge_text(&changed.to_string()), reason, case);
    }
    for (case, path, reason) in [
        ("beside the zones", "", "unsigned-content"),
        ("in the signature", "/sig", "unsigned-content"),
        ("in the header", "/data/hdr", "content-invalid"),
        ("in the data", "/data", "content-invalid"),
        ("in the message", "/data/msg", "signature-invalid"),
    ] {
        let mut changed = good.clone();
        changed.pointer_mut(path).unwrap().as_object_mut().unwrap().insert("x".into(), json!(1));
        rejected(&draft.judge_text(&changed.to_string()), reason, case);
    }
    // Order, spaces and escapes are no change; padding is none either.
    let reordered = format!("{{\"sig\":{},\r\n \"data\":{}}}\n", good["sig"], good["data"]).replace('Ë', "\\u00cB");
    accepted(&draft.judge_text(&reordered), &[], "reordered");
    accepted(&draft.judge_text(&json!([good]).to_string()), &["seal-in-list"], "a list of one");
    let twice = good.to_string().replacen("\"seq\":1", "\"seq\":2,\"seq\":1", 1);
    let verdict = draft.judge_text(&twice);
    assert_eq!(verdict.verdict, Decision::Rejected, "a name twice");
}

#[test]
fn every_fault_of_the_content_has_its_reason() {
    /// Warnings of what is accepted, or the reason of what is not.
    type Expected = Result<&'static [&'static str], &'static str>;
    let cases: &[(&str, Value, &str, Value, Expected)] = &[
        (
            "a dose of tomorrow's tomorrow",
            vaccination(),
            "/msg/ve/0/vd/0/dvc",
            json!("2026-11-23"),
            Err("event-in-future"),
        ),
        ("a dose before birth", vaccination(), "/msg/pid/dob", json!("2021-10-01"), Err("values-implausible")),
        (
            "a sample of the day after tomorrow",
            test(),
            "/msg/dat/sc",
            json!("2026-11-23T00:00:00Z"),
            Err("event-in-future"),
        ),
        ("a report before its sample", test(), "/msg/dat/ri", json!("2026-11-20T03:59:59Z"), Err("values-implausible")),
        ("a sample before birth", test(), "/msg/pid/dob", json!("2026-11-21"), Err("values-implausible")),
        ("no lot", vaccination(), "/msg/ve/0/vd/0/lot", Value::Null, Err("content-invalid")),
        ("no doses", vaccination(), "/msg/ve", json!([]), Err("content-invalid")),
        ("no such day", vaccination(), "/msg/ve/0/vd/0/dvc", json!("2021-09-31"), Err("content-invalid")),
        ("a fraction of a dose", vaccination(), "/msg/ve/0/vd/0/seq", json!(1.5), Err("content-invalid")),
        ("a positive test", test(), "/msg/tr/r", json!("positive"), Ok(&["test-positive"])),
        ("an unknown result", test(), "/msg/tr/r", json!("abnormal"), Ok(&["unknown-test-result"])),
        ("a country of nobody", vaccination(), "/msg/ve/0/vd/0/ctr", json!("UTO"), Ok(&["unknown-country"])),
        (
            "a long centre",
            vaccination(),
            "/msg/ve/0/vd/0/adm",
            json!("A centre of many letters"),
            Ok(&["overlong-text"]),
        ),
        ("dose 0", vaccination(), "/msg/ve/0/vd/0/seq", json!(0), Ok(&["dose-below-one"])),
        ("a year of birth", vaccination(), "/msg/pid/dob", json!("1961"), Ok(&[])),
    ];
    for (case, data, path, value, expected) in cases {
        let mut draft = Draft { data: data.clone(), ..Draft::new() };
        *draft.data.pointer_mut(path).unwrap() = value.clone();
        let verdict = draft.judge();
        match expected {
            Ok(warnings) => accepted(&verdict, warnings, case),
            Err(reason) => rejected(&verdict, reason, case),
        }
    }
    let mut more = Draft::new();
    more.data["msg"]["x"] = json!(1);
    accepted(&more.judge(), &["non-standard-content"], "a member more");
    for (path, value) in [("/hdr/t", json!("icao.visa")), ("/hdr/v", json!(2))] {
        let mut later = Draft::new();
        *later.data.pointer_mut(path).unwrap() = value;
        undecided(&later.judge(), "content-unsupported", path);
    }
}

#[test]
fn what_the_verifier_lacks_leaves_it_undecided() {
    let draft = Draft::new();
    let (store, text, at) = (draft.store(), draft.seal().to_string(), AT.parse().unwrap());
    let verifier = Verifier::new(&store, at);
    let (rules, code_lists) = (Default::default(), Default::default());
    let arrival = Arrival { country: "NZ", region: None, rules: &rules, code_lists: &code_lists, language: "en" };
    undecided(&verifier.with_arrival(Some(arrival)).judge(&text), "no-rules", "arrival");
    let revocations = Default::default();
    undecided(&verifier.with_revocations(&revocations, true).judge(&text), "revocation-unknown", "revocations");
    let mut early = Draft { at: "2021-09-01T00:00:00Z", ..Draft::new() };
    rejected(&early.judge(), "event-in-future", "early");
    early.at = AT;
    let later = "2026-11-22T12:00:00Z".parse().unwrap();
    let young = Draft { at: "2021-09-01T00:00:00Z", ..Draft::new() };
    let store = young.store();
    let verdict = Verifier::new(&store, young.at.parse().unwrap()).with_newest_signed(Some(later));
    undecided(&verdict.judge(&young.seal().to_string()), "clock-set-back", "clock");
}

#[test]
fn authorities_travel_in_the_bundle() {
    let draft = Draft::new();
    let mut contents = Contents::new(
        Environment::Production,
        1,
        "2026-11-01T00:00:00Z".parse().unwrap(),
        "2026-11-30T00:00:00Z".parse().unwrap(),
    );
    contents.lists.push(BundledList {
        name: "master list".into(),
        made_at: None,
        keys: Vec::new(),
        authorities: draft.store().authorities().cloned().collect(),
    });
    let key = std::fs::read(crate::workshop::fixtures("pki/es256.key.der")).unwrap();
    let certificate = std::fs::read(crate::workshop::fixtures("pki/es256.cert.der")).unwrap();
    let certificate = Certificate::from_der(&certificate).unwrap();
    let maker = vaccert::keys::MemorySigner::new(&key, certificate.clone()).unwrap();
    let file = bundle::write(&contents, &maker).unwrap();
    let read = bundle::read(file, &[certificate.public_key().unwrap()]).unwrap();
    let mut store = TrustStore::new();
    bundle::add_to(&mut store, &read, "bundle");
    let list = store.list("bundle: master list").unwrap();
    assert_eq!((list.entries, list.authorities, list.keys, store.len()), (1, 1, 0, 0));
    let text = draft.seal().to_string();
    let verdict = Verifier::new(&store, AT.parse().unwrap()).judge(&text);
    accepted(&verdict, &[], "bundle");
    assert_eq!(verdict.issuer.list.as_deref(), Some("bundle: master list"));
    // Past the bundle's end nothing in it decides.
    let verdict = Verifier::new(&store, "2026-12-01T00:00:00Z".parse().unwrap()).judge(&text);
    undecided(&verdict, "list-stale", "stale");
    // A sandbox bundle makes sandbox verdicts.
    contents.environment = Environment::Sandbox;
    let file = bundle::write(&contents, &maker).unwrap();
    let read = bundle::read(file, &[certificate.public_key().unwrap()]).unwrap();
    let mut store = TrustStore::new();
    bundle::add_to(&mut store, &read, "bundle");
    accepted(&Verifier::new(&store, AT.parse().unwrap()).judge(&text), &["sandbox"], "sandbox");
}

#[test]
fn the_australian_seal_matches_its_own_certificate_and_waits_for_its_authority() {
    let Some(path) = vectors("vectors/who/vdsnc/ICAOAUQR1Contents.txt") else { return };
    let text = std::fs::read_to_string(&path).unwrap();
    let seal = Seal::read(&text).unwrap();
    assert!(seal.deviations.is_empty());
    let signer = Certificate::from_der(&seal.certificate).unwrap();
    assert_eq!(signer.der(), std::fs::read(path.with_file_name("vdsnc-au-signer.der")).unwrap());
    signer.verify_ecdsa(seal.hash().unwrap(), seal.signed_bytes(), &seal.signature).unwrap();
    let profile = signer.profile().unwrap();
    assert_eq!(
        (profile.usages.as_slice(), profile.document_types.clone()),
        (&[EKU.to_owned()][..], Some(vec!["NV".to_owned()]))
    );
    assert!(!profile.is_authority && !profile.demands_unknown && profile.may_sign_documents());

    // Its pretty-printed form is the same seal.
    let unpacked = std::fs::read_to_string(path.with_file_name("ICAOAUQR1Unpacked.json")).unwrap();
    assert_eq!(Seal::read(&unpacked).unwrap(), seal);

    let judge = |store: &TrustStore, text: &str| Verifier::new(store, AT.parse().unwrap()).judge(text);
    for text in [&text, &unpacked] {
        undecided(&judge(&TrustStore::new(), text), "no-trust-list", "no list");
        // An authority of the same country and of the same key identifier, made by anybody: the chain breaks.
        let key = Key::rsa(false);
        let mut spec = authority("AU", &key);
        spec.extensions[2] = seal::subject_key_id(profile.authority_key_id.as_deref().unwrap());
        rejected(&judge(&store(&spec.signed(&key)), text), "signer-chain-invalid", "a namesake");
        let strangers = store(&{
            let mut spec = authority("AU", &key);
            (spec.subject, spec.issuer) = (stranger("AU"), stranger("AU"));
            spec.signed(&key)
        });
        undecided(&judge(&strangers, text), "issuer-unknown", "a stranger");
        let changed = text.replace("JANE SUE", "JANE ZOE");
        rejected(&judge(&strangers, &changed), "signature-invalid", "changed");
    }
}
