//! WHO DDCC: hand-made certificates with their verdicts, what we write against the published models, and the FHIR
//! document against the shape of the published examples.

mod convert;
mod document;
mod model;
mod sizes;

use jiff::Timestamp;
use vaccert::{
    keys::Kid,
    trust::TrustStore,
    valueset::ValueSets,
    verify::{Check, Decision, Format, Kind, Statement, Verdict, Verifier},
};

use crate::workshop::{
    cbor::{Node, map, text},
    message::{Draft, signer},
    pki::{self, Key, Profile, TEST, VACCINATION},
    sample::{AT, EXPIRES, ISSUED, seconds},
};

fn coding(system: &str, code: &str) -> Node {
    map(&[("system", text(system)), ("code", text(code))])
}

const ICD_11: &str = "http://id.who.int/icd11/mms";
const COUNTRIES: &str = "urn:iso:std:iso:3166";

fn certificate() -> Node {
    map(&[
        ("issuer", map(&[("display", text("Ministry of Health"))])),
        ("hcid", map(&[("value", text("URN:UVCI:01:XX:6K3RZPVQ1N"))])),
        ("version", text("1.0.1")),
    ])
}

/// A good DDCC:VS.
pub(super) fn vaccination() -> Node {
    map(&[
        ("name", text("Ayşe Łucja Örnek-Sjöberg")),
        ("birthDate", text("1984-03-19")),
        ("certificate", certificate()),
        (
            "vaccination",
            map(&[
                ("vaccine", coding(ICD_11, "XM8NQ0")),
                ("brand", coding("https://ec.europa.eu/health/documents/community-register/html/", "EU/1/20/1528")),
                ("maholder", coding("https://spor.ema.europa.eu/v1/organisations", "ORG-100030215")),
                ("lot", text("ER8732")),
                ("date", text("2026-10-20")),
                ("dose", Node::Int(2)),
                ("totalDoses", Node::Int(2)),
                ("country", coding(COUNTRIES, "ISL")),
                ("centre", text("Harbour Clinic")),
                ("disease", coding(ICD_11, "RA01")),
            ]),
        ),
    ])
}

/// A good DDCC:TR, negative.
fn test() -> Node {
    map(&[
        ("name", text("Ayşe Łucja Örnek-Sjöberg")),
        ("birthDate", text("1984-03-19")),
        ("certificate", certificate()),
        (
            "test",
            map(&[
                ("pathogen", coding(ICD_11, "XN109")),
                ("type", coding(ICD_11, "1334426561")),
                ("date", text("2026-11-20T06:12:00Z")),
                ("result", coding(ICD_11, "QA02")),
                ("centre", map(&[("display", text("Harbour Clinic"))])),
                ("country", coding(COUNTRIES, "ISL")),
            ]),
        ),
    ])
}

/// The first form of a vaccination: the claims are the certificate.
fn flat() -> Node {
    map(&[
        ("name", text("Aulus Agerius")),
        ("birthDate", text("2003-03-03")),
        ("vaccine", coding("http://snomed.info/sct", "1119349007")),
        ("brand", text("Comirnaty")),
        ("manufacturer", text("Organization/973")),
        ("lot", text("PT123F")),
        ("date", text("2026-07-08")),
        ("dose", Node::Int(1)),
        ("country", coding(COUNTRIES, "CHE")),
        ("disease", coding("http://snomed.info/sct", "840539006")),
        ("hcid", text("US111222333444555666")),
        ("valid_from", text("2026-07-08")),
        ("valid_until", text("2027-07-08")),
    ])
}

/// Singapore's form of a test.
fn flat_test() -> Node {
    map(&[
        ("name", text("TAN CHEN CHEN")),
        ("birthDate", text("1990-01-15")),
        ("identifier", text("URN:UVCI:01:SG:ABC-CDE-CDE")),
        ("meta", map(&[("notarisedOn", text("2026-11-20T02:26:02.672Z")), ("passportNumber", text("ES12345"))])),
        (
            "test",
            map(&[
                ("date", text("2026-11-19T06:15:00Z")),
                ("type", coding("http://loinc.org", "LP6464-4")),
                ("centre", text("Ministry of Health")),
                ("result", coding("http://snomed.info/sct", "260415000")),
                ("country", coding("urn:iso:std:iso:3166-1", "SGP")),
                ("pathogen", coding(ICD_11, "XN109")),
            ]),
        ),
    ])
}

/// A good one of each kind and form.
pub(super) fn good_contents() -> [Node; 4] {
    [vaccination(), test(), flat(), flat_test()]
}

fn claims(sub_claims: Vec<(i64, Node)>) -> Node {
    let numbered = sub_claims.into_iter().map(|(number, content)| (Node::Int(number), content)).collect();
    Node::Map(vec![
        (Node::Int(1), text("XX")),
        (Node::Int(4), Node::Int(seconds(EXPIRES))),
        (Node::Int(6), Node::Int(seconds(ISSUED))),
        (Node::Int(-260), Node::Map(numbered)),
    ])
}

/// The code of a DDCC that is signed with the test key, and the signer's certificate.
pub(super) fn code(number: i64, content: Node) -> (String, Vec<u8>) {
    let signer = signer(Key::Es256);
    let (_, kid) = pki::store(&signer);
    (Draft::new(Key::Es256, &kid, claims(vec![(number, content)]).encode()).text(), signer)
}

fn judge_with(store: &TrustStore, kid: &Kid, payload: &Node, at: &str) -> Verdict {
    let text = Draft::new(Key::Es256, kid, payload.encode()).text();
    Verifier::new(store, at.parse::<Timestamp>().unwrap()).with_payload(true).judge(&text)
}

fn judge(payload: &Node) -> Verdict {
    let (store, kid) = pki::store(&signer(Key::Es256));
    judge_with(&store, &kid, payload, AT)
}

/// Expected: the reason, or none where it is accepted, and then exactly these warnings.
struct Case(&'static str, Node, Option<&'static str>, &'static [&'static str]);

fn vs(title: &'static str, content: Node, reason: Option<&'static str>, warnings: &'static [&'static str]) -> Case {
    Case(title, claims(vec![(3, content)]), reason, warnings)
}

fn tr(title: &'static str, content: Node, reason: Option<&'static str>, warnings: &'static [&'static str]) -> Case {
    Case(title, claims(vec![(4, content)]), reason, warnings)
}

fn cases() -> Vec<Case> {
    let v = vaccination;
    let dose = || v().at("vaccination").clone();
    let sct = |code: &str| coding("http://snomed.info/sct", code);
    vec![
        vs("a good vaccination", v(), None, &[]),
        tr("a good negative test", test(), None, &[]),
        // Who, what, when: without one of them nothing is said.
        vs("no name", v().without("name"), Some("content-invalid"), &[]),
        vs("a blank name", v().set("name", text("  ")), Some("content-invalid"), &[]),
        vs("no event", v().without("vaccination"), Some("content-invalid"), &[]),
        vs("no date", v().without("vaccination.date"), Some("content-invalid"), &[]),
        vs("a null for a date", v().set("vaccination.date", Node::Null), Some("content-invalid"), &[]),
        vs("a date of another form", v().set("vaccination.date", text("20.10.2026")), Some("content-invalid"), &[]),
        vs("a day that no calendar has", v().set("vaccination.date", text("2026-02-30")), Some("content-invalid"), &[]),
        vs(
            "neither vaccine nor brand",
            v().without("vaccination.vaccine").without("vaccination.brand"),
            Some("content-invalid"),
            &[],
        ),
        tr("a test without its date", test().without("test.date"), Some("content-invalid"), &[]),
        vs("a content that is no map", text("XM8NQ0"), Some("content-invalid"), &[]),
        // Elements that the model requires and that a reader can do without.
        vs("no lot", v().without("vaccination.lot"), None, &["element-missing"]),
        vs("no brand", v().without("vaccination.brand"), None, &["element-missing"]),
        vs("no manufacturer and no holder", v().without("vaccination.maholder"), None, &["element-missing"]),
        vs("no dose", v().without("vaccination.dose"), None, &["element-missing"]),
        vs("no country", v().without("vaccination.country"), None, &["element-missing"]),
        vs("no certificate group", v().without("certificate"), None, &[]),
        tr("no kind of test", test().without("test.type"), None, &["element-missing"]),
        // Two events.
        vs("two doses", v().set("vaccination", Node::Array(vec![dose(), dose()])), Some("several-events"), &[]),
        vs("one dose in a list", v().set("vaccination", Node::Array(vec![dose()])), None, &["non-standard-content"]),
        vs("a dose and a test", v().set("test", test().at("test").clone()), Some("several-events"), &[]),
        Case("both sub-claims", claims(vec![(3, v()), (4, test())]), Some("several-events"), &[]),
        vs("two certificates in a list", Node::Array(vec![v(), v()]), Some("several-events"), &[]),
        // Codes.
        vs(
            "the other URI of ICD-11",
            v().set("vaccination.vaccine", coding("http://id.who.int/icd/release/11/mms", "XM8NQ0")),
            None,
            &[],
        ),
        vs("a code of SNOMED CT", v().set("vaccination.vaccine", sct("1119349007")), None, &[]),
        vs("a plain code", v().set("vaccination.vaccine", text("XM8NQ0")), None, &["non-standard-content"]),
        vs("an unknown vaccine", v().set("vaccination.vaccine", coding(ICD_11, "XM0000")), None, &["unknown-vaccine"]),
        vs(
            "an unknown plain code",
            v().set("vaccination.vaccine", text("C19")),
            None,
            &["non-standard-content", "unknown-vaccine"],
        ),
        vs(
            "an unknown product",
            v().set("vaccination.brand", coding("urn:elsewhere", "TEST")),
            None,
            &["unknown-product"],
        ),
        vs("a product by its name", v().set("vaccination.brand", map(&[("display", text("Comirnaty"))])), None, &[]),
        vs(
            "an unknown holder",
            v().set("vaccination.maholder", coding("urn:elsewhere", "TEST")),
            None,
            &["unknown-holder"],
        ),
        vs("another disease", v().set("vaccination.disease", coding(ICD_11, "1D47")), None, &["unknown-disease"]),
        vs("an unknown country", v().set("vaccination.country", coding(COUNTRIES, "ZZQ")), None, &["unknown-country"]),
        vs(
            "two codes for one vaccine",
            v().set(
                "vaccination.vaccine",
                map(&[("coding", Node::Array(vec![sct("1119349007"), coding(ICD_11, "XM7HT3")]))]),
            ),
            Some("content-invalid"),
            &[],
        ),
        // Results: only two codes are results.
        tr("a positive test", test().set("test.result", coding(ICD_11, "RA01.0")), None, &["test-positive"]),
        tr("no result", test().without("test.result"), None, &["unknown-test-result"]),
        tr("an unknown result", test().set("test.result", coding(ICD_11, "QA03")), None, &["unknown-test-result"]),
        tr(
            "a diagnosis for a result",
            test().set("test.result", coding(ICD_11, "RA01.1")),
            None,
            &["unknown-test-result"],
        ),
        tr(
            "a result under a wrong system",
            test().set("test.result", coding("http://loinc.org", "260415000")),
            None,
            &["unknown-test-result"],
        ),
        tr(
            "an antibody test",
            test().set("test.type", coding("http://loinc.org", "98069-8")),
            None,
            &["unknown-test-type"],
        ),
        // Dates and numbers.
        vs("a dose in the future", v().set("vaccination.date", text("2026-11-25")), Some("event-in-future"), &[]),
        tr(
            "a sample in the future",
            test().set("test.date", text("2026-11-25T06:12:00Z")),
            Some("event-in-future"),
            &[],
        ),
        vs("a date without its day", v().set("vaccination.date", text("2026-10")), None, &["non-standard-content"]),
        vs(
            "a dose number of nought",
            v().set("vaccination.dose", Node::Int(0)),
            None,
            &["dose-below-one", "element-missing"],
        ),
        vs("a dose as a fraction", v().set("vaccination.dose", Node::Float(1.5)), Some("content-invalid"), &[]),
        vs("a dose as a whole float", v().set("vaccination.dose", Node::Float(2.0)), None, &["float-dose"]),
        vs("a birth date of another form", v().set("birthDate", text("19/03/1984")), None, &["odd-birth-date"]),
        vs(
            "an identifier with a wrong check character",
            v().set("certificate.hcid", text("URN:UVCI:01:XX:6K3RZPVQ1N#!")),
            None,
            &["id-check-character"],
        ),
        vs(
            "a period that is over",
            v().set("certificate.period", map(&[("end", text("2026-11-19"))])),
            Some("expired"),
            &[],
        ),
        vs(
            "a period that has not begun",
            v().set("certificate.period", map(&[("start", text("2026-11-23"))])),
            Some("not-yet-valid"),
            &[],
        ),
        vs(
            "a period that holds",
            v().set("certificate.period", map(&[("start", text("2026-11-21")), ("end", text("2026-11-21"))])),
            None,
            &[],
        ),
        // The first form.
        Case("the first form of a vaccination", flat(), None, &["non-standard-content", "old-generation"]),
        Case("the first form of a test", flat_test(), None, &["old-generation"]),
        Case("the first form past its end", flat().set("valid_until", text("2026-11-01")), Some("expired"), &[]),
        Case("the first form without a date", flat().set("date", Node::Null), Some("content-invalid"), &[]),
        Case(
            "the first form with two events",
            flat().set("test", flat_test().at("test").clone()),
            Some("several-events"),
            &[],
        ),
        Case(
            "the first form without any time",
            flat().without("valid_from").without("valid_until"),
            Some("issue-time-missing"),
            &[],
        ),
        Case("a map of something else", map(&[("name", text("Aulus Agerius"))]), Some("content-missing"), &[]),
    ]
}

#[test]
fn every_case_has_its_verdict() {
    let cases = cases();
    assert!(cases.len() >= 40);
    let mut wrong = Vec::new();
    for Case(title, payload, reason, warnings) in &cases {
        let verdict = judge(payload);
        let found = verdict.reason.map(|reason| reason.code());
        let mut told: Vec<&str> = verdict.warnings.iter().map(|warning| warning.code()).collect();
        told.sort_unstable();
        // A fault decides; which notes were taken before it was found is no promise.
        if found != *reason || (reason.is_none() && told != *warnings) {
            wrong.push(format!("{title}: {found:?} {told:?}"));
        }
        assert_eq!(verdict.verdict == Decision::Accepted, reason.is_none() && found.is_none(), "{title}");
        assert_eq!(verdict.checks.signature, Check::Passed, "{title}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_officer_sees_whose_it_is_and_what_it_states() {
    let verdict = judge(&claims(vec![(3, vaccination())]));
    assert_eq!((verdict.format, verdict.kind), (Format::Ddcc, Some(Kind::Vaccination)));
    assert_eq!(verdict.id.as_deref(), Some("URN:UVCI:01:XX:6K3RZPVQ1N"));
    let holder = verdict.holder.as_ref().unwrap();
    assert_eq!((holder.name.as_str(), holder.date_of_birth.as_str()), ("Ayşe Łucja Örnek-Sjöberg", "1984-03-19"));
    assert_eq!(holder.standardised_name, "AYSE<LUCJA<OERNEK<SJOEBERG");
    assert_eq!(verdict.payload.as_ref().unwrap()["vaccination"]["lot"], "ER8732");
    assert_eq!(verdict.checks.revocation, Check::Unchecked);
    let statement = Statement::of(verdict.content.as_ref().unwrap(), ValueSets::built_in());
    let values: Vec<&str> = statement.rows.iter().map(|(_, value)| value.as_str()).collect();
    for value in ["2/2", "Comirnaty", "2026-10-20", "ER8732", "COVID-19", "Harbour Clinic"] {
        assert!(values.contains(&value), "{value} is not in {values:?}");
    }

    let verdict = judge(&claims(vec![(4, test())]));
    assert_eq!((verdict.format, verdict.kind), (Format::Ddcc, Some(Kind::Test)));
    let statement = Statement::of(verdict.content.as_ref().unwrap(), ValueSets::built_in());
    assert_eq!(statement.rows[0].1, "Not detected", "a result is told in words");

    let verdict = judge(&flat());
    assert_eq!(
        (verdict.format, verdict.payload.unwrap()["hcid"].as_str()),
        (Format::Ddcc, Some("US111222333444555666"))
    );
}

#[test]
fn nothing_is_shown_of_a_ddcc_whose_signature_does_not_match() {
    let (store, kid) = pki::store(&signer(Key::Es256));
    for payload in [claims(vec![(3, vaccination())]), flat()] {
        let draft = Draft::new(Key::Es256, &kid, payload.encode());
        let mut signature = draft.signature();
        signature[5] ^= 1;
        let text = vaccert::envelope::hcert::to_text(&draft.with_signature(&signature));
        let verdict = Verifier::new(&store, AT.parse().unwrap()).judge(&text);
        assert_eq!(verdict.reason.map(|reason| reason.code()), Some("signature-invalid"));
        assert!(verdict.holder.is_none() && verdict.id.is_none() && verdict.content.is_none());
        assert_eq!(verdict.format, Format::Ddcc);
    }
}

#[test]
fn time_key_and_usage_count_as_for_the_eu_certificate() {
    let payload = claims(vec![(3, vaccination())]);
    let reason = |profile: Profile, payload: &Node, at: &str| {
        let (store, kid) = profile.store();
        judge_with(&store, &kid, payload, at).reason.map(|reason| reason.code())
    };
    let plain = || Profile::of(Key::Es256.spki());
    assert_eq!(reason(plain(), &payload, AT), None);
    assert_eq!(reason(plain(), &payload, "2027-06-01T00:00:00Z"), Some("expired"));
    assert_eq!(reason(plain(), &payload, "2026-11-19T00:00:00Z"), Some("not-yet-valid"));
    assert_eq!(
        reason(plain().valid("2021-01-01T00:00:00Z", "2026-11-01T00:00:00Z"), &payload, AT),
        Some("signer-expired")
    );
    assert_eq!(reason(plain().usages(&[TEST]), &payload, AT), Some("key-usage"));
    assert_eq!(reason(plain().usages(&[VACCINATION]), &payload, AT), None);
    assert_eq!(reason(plain().usages(&[VACCINATION]), &claims(vec![(4, test())]), AT), Some("key-usage"));
    // The first form has its own period, and its signer must be valid all the same.
    assert_eq!(
        reason(plain().valid("2021-01-01T00:00:00Z", "2026-11-01T00:00:00Z"), &flat(), AT),
        Some("signer-expired")
    );
}

#[test]
fn a_key_of_another_domain_and_another_issuer_are_told() {
    let certificate = vaccert::keys::Certificate::from_der(&signer(Key::Es256)).unwrap();
    for (domain, expected) in [("DCC", false), ("DDCC", false), ("PH4H", true)] {
        let mut key = vaccert::trust::TrustedKey::from_certificate(&certificate, "test").unwrap();
        key.domain = Some(domain.to_owned());
        let mut store = TrustStore::new();
        store.add(key);
        let verdict = judge_with(&store, certificate.kid(), &claims(vec![(3, vaccination())]), AT);
        assert_eq!(verdict.warnings.iter().any(|warning| warning.code() == "other-domain"), expected, "{domain}");
        assert_eq!(verdict.verdict, Decision::Accepted);
    }
    let (store, kid) = pki::store(&signer(Key::Es256));
    for (issuer, told) in [("XXX", false), ("XX", false), ("FRA", true), ("FR", true)] {
        let Node::Map(mut entries) = claims(vec![(3, vaccination())]) else { panic!("no map") };
        entries[0].1 = text(issuer);
        let verdict = judge_with(&store, &kid, &Node::Map(entries), AT);
        assert_eq!(verdict.warnings.iter().any(|warning| warning.code() == "issuer-not-signer"), told, "{issuer}");
    }
}
