//! One record, many envelopes: each is accepted by the verifier, and all of them end together.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use vaccert::{
    batch::{ListKey, write_bundle},
    envelope::hcert,
    issue::{Format, Issued, Issuer, LinkedData, NotIssued, Record, RecordError, Says, Terms},
    keys::{Certificate, Kid, MemoryKey, MemorySigner, Signer},
    payload::{
        divoc::Addresses,
        icvp::{CardOptions, Generation},
    },
    record::{Country, Person, PersonName, Provenance, Sex, Uvci, VaccinationRecord},
    registry::{self, Candidate, Claim, Content, Options, Origin, Reason, Registry, Sealed},
    signers::sandbox::{SignerKey, Validity, make, make_named_key},
    trust::{TrustStore, TrustedKey, bundle},
    valueset::{VaccineProduct, ValueSets},
    verify::{Decision, Format as Told, Knowledge, Verdict, Verifier},
};

use crate::{
    journey::export,
    support::{dhis2::people::Person as Row, program::Workplace},
};

const DID: &str = "did:web:sandbox.invalid";

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn later(days: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}

struct Ministry {
    issuer: Issuer,
    signer: Arc<dyn Signer>,
    trust: TrustStore,
}

fn ministry(card: CardOptions) -> Ministry {
    let made = make(SignerKey::P256, &Validity::recommended(now()).unwrap(), [[1; 16], [2; 16]]).unwrap();
    let certificate = Certificate::from_der(&made.signer.certificate_der).unwrap();
    let signer: Arc<dyn Signer> = Arc::new(MemorySigner::new(&made.signer.private_key, certificate).unwrap());
    let key = MemoryKey::new(&make_named_key().unwrap(), Kid::new(DID.as_bytes())).unwrap();
    let linked = LinkedData::new(Arc::new(key), DID, "XX", None).unwrap().in_sandbox(true);
    let base = "https://sandbox.invalid/";
    let names = Addresses::new("https://cowin.gov.in/credentials/vaccination/v2", DID, base, base).unwrap();
    let terms = Terms { card, divoc: Some(names), ..Terms::default() };
    let mut trust = TrustStore::new();
    trust.add(TrustedKey::from_certificate(signer.certificate(), "list").unwrap());
    trust.add(TrustedKey { list: "list".into(), ..linked.key().clone() });
    let issuer = Issuer::new(Arc::clone(&signer), "XX", terms).unwrap().with_linked_data(Some(linked));
    Ministry { issuer, signer, trust }
}

fn covid() -> Arc<VaccineProduct> {
    Arc::clone(ValueSets::built_in().product("comirnaty").unwrap())
}

/// A yellow fever vaccine of WHO's catalogue: Stamaril.
fn yellow_fever() -> Arc<VaccineProduct> {
    let id = "YellowFeverProductd8a09f80301dc05e124f99ffe7711fc0";
    Arc::new(ValueSets::built_in().who_product(id).unwrap().to_product(id))
}

fn dose(product: Arc<VaccineProduct>, date: &str) -> Record {
    Record::Vaccination(Box::new(VaccinationRecord {
        provenance: Provenance {
            tracked_entity: "person".into(),
            event: "event".into(),
            updated_at: None,
            facility: None,
        },
        person: Person {
            name: PersonName {
                family: Some("Żółć".into()), given: Some("Łukasz".into()), ..PersonName::default()
            },
            birth_date: Some("1984-03-19".parse().unwrap()),
            sex: Some(Sex::Male),
            identifier: Some("40417177".into()),
            nationality: Some(Country::SANDBOX),
            document: None,
            guardian: None,
        },
        product,
        lot: Some("LOT1".into()),
        date: date.parse().unwrap(),
        dose: 1,
        total_doses: 2,
        country: Country::SANDBOX,
        centre: Some("Clinic".into()),
        practitioner: None,
        clinician: Some("Amaro Vastow".into()),
        next_dose: None,
        issuer: "Ministry of Health".into(),
    }))
}

fn id() -> Uvci {
    Uvci::from_random(Country::SANDBOX, [9; 16])
}

fn judge(ministry: &Ministry, issued: &Issued, format: Format, at: Timestamp) -> Verdict {
    let envelope = issued.envelope(format).unwrap();
    let of_text = Verifier::new(&ministry.trust, at).judge(&envelope.text);
    let of_code = Verifier::new(&ministry.trust, at).judge_bytes(&envelope.code().unwrap());
    assert_eq!(
        (of_text.verdict, of_text.reason),
        (of_code.verdict, of_code.reason),
        "{format}: the code says the same"
    );
    of_text
}

fn codes(refused: &[NotIssued]) -> Vec<(Format, &str)> {
    refused.iter().map(|refused| (refused.format, refused.refusal.code.as_str())).collect()
}

#[test]
fn a_covid_dose_is_issued_in_every_format_but_the_yellow_card() {
    let ministry = ministry(CardOptions::default());
    let prepared = ministry.issuer.prepare(&dose(covid(), "2026-06-01"), &id(), &Format::ALL, now()).unwrap();
    assert_eq!(codes(prepared.refused()), [(Format::Icvp, "disease-without-card")]);
    let issued = ministry.issuer.seal(prepared).unwrap();
    assert_eq!(issued.formats(), [Format::EuDcc, Format::Ddcc, Format::Divoc, Format::DivocCwt]);
    for (format, told) in [
        (Format::EuDcc, Told::EuDcc),
        (Format::Ddcc, Told::Ddcc),
        (Format::Divoc, Told::Divoc),
        (Format::DivocCwt, Told::Divoc),
    ] {
        let verdict = judge(&ministry, &issued, format, now());
        assert_eq!((verdict.verdict, verdict.reason, verdict.format), (Decision::Accepted, None, told), "{format}");
        assert_eq!(verdict.holder.unwrap().name, "Łukasz Żółć");
        assert!(issued.envelope(format).unwrap().says().is_some());
    }
    assert!(!format!("{issued:?}").contains("HC1:"), "no text of a certificate in a log");
    // Another key, and every one of them is nobody's.
    let stranger = self::ministry(CardOptions::default());
    for format in issued.formats() {
        assert_ne!(judge(&stranger, &issued, format, now()).verdict, Decision::Accepted, "{format}");
    }
}

#[test]
fn a_yellow_fever_dose_is_a_yellow_card_and_nothing_else() {
    for generation in [Generation::G3, Generation::G2] {
        let ministry = ministry(CardOptions { generation, ..CardOptions::default() });
        let record = dose(yellow_fever(), "2026-11-20");
        let prepared = ministry.issuer.prepare(&record, &id(), &Format::ALL, now()).unwrap();
        assert_eq!(
            codes(prepared.refused())[..2],
            [(Format::EuDcc, "disease-not-covid"), (Format::Ddcc, "disease-not-covid")]
        );
        let issued = ministry.issuer.seal(prepared).unwrap();
        // On the day after the dose the card is good, and the vaccination does not count yet.
        let verdict = judge(&ministry, &issued, Format::Icvp, now());
        assert_eq!(verdict.reason.map(vaccert::verify::Reason::code), Some("too-recent"), "{generation:?}");
        let verdict = judge(&ministry, &issued, Format::Icvp, later(10));
        assert_eq!((verdict.verdict, verdict.format), (Decision::Accepted, Told::Icvp));
        let envelope = issued.envelope(Format::Icvp).unwrap();
        assert!(
            envelope.expires_at.unwrap() <= ministry.signer.certificate().not_after(),
            "exp is the signature's life"
        );
        let Some(Says::Icvp(card)) = envelope.says() else { panic!() };
        assert_eq!(card.generation, generation);

        let none = ministry.issuer.prepare(&record, &id(), &[Format::EuDcc, Format::Ddcc], now());
        let Err(RecordError::Refused(refused)) = none else { panic!("was not refused") };
        assert_eq!(refused.len(), 2);
    }
}

#[test]
fn what_is_missing_is_told_for_each_format() {
    let ministry = ministry(CardOptions::default());
    let Record::Vaccination(mut bare) = dose(covid(), "2026-06-01") else { panic!() };
    bare.lot = None;
    let record = Record::Vaccination(bare.clone());
    let prepared = ministry.issuer.prepare(&record, &id(), &[Format::EuDcc, Format::Ddcc], now()).unwrap();
    assert_eq!(codes(prepared.refused()), [(Format::Ddcc, "lot-missing")]);
    bare.product = yellow_fever();
    let refused = ministry.issuer.prepare(&Record::Vaccination(bare.clone()), &id(), &[Format::Icvp], now());
    let Err(RecordError::Refused(refused)) = refused else { panic!("was not refused") };
    assert_eq!(
        (refused[0].refusal.code.as_str(), refused[0].refusal.field.as_deref()),
        ("card-incomplete", Some("bo"))
    );
    // Nothing to sign linked data with.
    let signer = Arc::clone(&ministry.signer);
    let poor = Issuer::new(signer, "XX", Terms::default()).unwrap();
    assert!(poor.check(&[Format::EuDcc, Format::Icvp]).is_ok());
    assert!(poor.check(&[Format::Divoc]).is_err() && poor.check(&[Format::DivocCwt]).is_err());
}

#[test]
fn a_digest_covers_what_the_format_says_and_no_setting() {
    let [g3, g2] = [Generation::G3, Generation::G2].map(|generation| {
        ministry(CardOptions { generation, participant: Some(format!("{generation:?}")), ..CardOptions::default() })
    });
    let digests = |ministry: &Ministry, record: &Record, at| -> BTreeMap<Format, [u8; 32]> {
        let of = |format| Some((format, ministry.issuer.digest(record, format, at).ok()?));
        Format::ALL.into_iter().filter_map(of).collect()
    };
    for product in [covid(), yellow_fever()] {
        let record = dose(product, "2026-06-01");
        let before = digests(&g3, &record, now());
        assert!(!before.is_empty());
        assert_eq!(before, digests(&g2, &record, later(90)), "neither time nor settings are content");
        let Record::Vaccination(mut corrected) = record.clone() else { panic!() };
        // A facility that is renamed corrects none of its records.
        corrected.centre = Some("Another name".into());
        assert_eq!(before, digests(&g3, &Record::Vaccination(corrected.clone()), now()));
        corrected.lot = Some("LOT2".into());
        let after = digests(&g3, &Record::Vaccination(corrected), now());
        let same: Vec<Format> =
            before.iter().filter(|(format, digest)| after[*format] == **digest).map(|(f, _)| *f).collect();
        let expected: &[Format] = if before.contains_key(&Format::EuDcc) { &[Format::EuDcc] } else { &[] };
        assert_eq!(same, expected, "the EU certificate has no place for the lot");
    }
}

/// A yellow card has no identifier: the bundle revokes it by its signature.
#[tokio::test]
async fn a_revoked_certificate_is_revoked_in_every_envelope() {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::open(dir.path().join("r.sqlite").to_str().unwrap(), Options::default()).await.unwrap();
    let ministry = ministry(CardOptions::default());
    let mut all = Vec::new();
    for (n, product) in [covid(), yellow_fever()].into_iter().enumerate() {
        let record = dose(product, "2026-06-01");
        let contents = Format::ALL.into_iter().filter_map(|format| {
            let digest = ministry.issuer.digest(&record, format, now()).ok()?;
            Some(Content { format: format.name().into(), digest, wanted: true })
        });
        let candidate = Candidate {
            tracked_entity: "person".into(),
            event: format!("E{n}"),
            contents: contents.collect(),
            origin: Origin::default(),
        };
        let id = Uvci::from_random(Country::SANDBOX, [u8::try_from(n).unwrap() + 1; 16]);
        let claims = registry.claim(std::slice::from_ref(&candidate), || id.to_string(), "a", now()).await.unwrap();
        let Claim::Sign { formats, .. } = &claims[0] else { panic!("{claims:?}") };
        let formats: Vec<Format> = formats.iter().map(|name| name.parse().unwrap()).collect();
        let issued = ministry.issuer.seal(ministry.issuer.prepare(&record, &id, &formats, now()).unwrap()).unwrap();
        let envelopes = issued.envelopes.iter().map(|envelope| registry::Envelope {
            format: envelope.format.name().into(),
            content: [0; 32],
            text: envelope.text.clone(),
            kid: envelope.kid.as_bytes().to_vec(),
            algorithm: envelope.algorithm.to_string(),
            issued_at: envelope.issued_at,
            expires_at: later(30),
            listed_as: envelope.listed_as.clone(),
        });
        let sealed = Sealed { id: id.to_string(), envelopes: envelopes.collect() };
        assert_eq!(registry.store(&[sealed], "a", now()).await.unwrap(), [Ok(())]);
        all.push(issued);
    }
    let list_key = ListKey { signer: Arc::clone(&ministry.signer), validity: SignedDuration::from_hours(24) };
    let certificates = [ministry.signer.certificate().clone()];
    let known = async || {
        let path = write_bundle(dir.path(), &certificates, &list_key, &registry, now()).await.unwrap();
        Knowledge::of_bundle(&bundle::read(fs::read(path).unwrap(), &[]).unwrap(), "bundle").unwrap()
    };
    let before = known().await;
    registry.withdraw("person", None, Reason::Operator, now()).await.unwrap();
    let after = known().await;
    let mut seen = Vec::new();
    for issued in &all {
        for envelope in issued.envelopes.iter().filter(|envelope| envelope.format != Format::Divoc) {
            let verdict = before.verifier(now()).judge(&envelope.text);
            assert_eq!((verdict.verdict, verdict.reason), (Decision::Accepted, None), "{}", envelope.format);
            assert_eq!(verdict.checks.revocation, vaccert::verify::Check::Passed, "{}", envelope.format);
            let verdict = after.verifier(now()).judge(&envelope.text);
            assert_eq!(verdict.reason, Some(vaccert::verify::Reason::Revoked), "{}", envelope.format);
            // The other signature that anybody can make of a valid one (failure F25).
            let turned = turned(&envelope.text);
            let verdict = before.verifier(now()).judge(&turned);
            assert_eq!(verdict.reason, None, "as valid as the first: {}", envelope.format);
            let verdict = after.verifier(now()).judge(&turned);
            assert_eq!(verdict.reason, Some(vaccert::verify::Reason::Revoked), "{}", envelope.format);
            seen.push(envelope.format);
        }
    }
    assert_eq!(seen, [Format::EuDcc, Format::Ddcc, Format::DivocCwt, Format::Icvp, Format::DivocCwt]);
}

/// The same certificate under (r, n−s), which is as valid as (r, s).
fn turned(text: &str) -> String {
    let (mut cose, _) = hcert::from_text(text).unwrap();
    let at = cose.len() - 64;
    let (r, s) = p256::ecdsa::Signature::from_slice(&cose[at..]).unwrap().split_scalars();
    let other = p256::ecdsa::Signature::from_scalars(r, -*s).unwrap().to_bytes();
    assert_ne!(cose[at..], other[..]);
    cose[at..].copy_from_slice(&other);
    hcert::to_text(&cose)
}

/// Texts of a certificate by their file names.
fn texts(folder: &std::path::Path) -> BTreeMap<String, PathBuf> {
    let names = ["eu-dcc.txt", "ddcc.txt", "icvp.txt", "divoc.json", "divoc.zip", "divoc-cwt.txt"];
    let found = names.into_iter().map(|name| (name.to_owned(), folder.join(name)));
    found.filter(|(_, path)| path.is_file()).collect()
}

#[test]
fn a_format_is_added_to_what_stands_and_a_correction_ends_them_all() {
    let work = Workplace::new();
    work.run(&["init", "--quiet", "."]).good();
    let person =
        |batch| Row::new("P0000000001", "Amaro", "Vastow", "1970-01-01").dosed("MODERNA", "DOSE1", "2021-03-01", batch);
    work.write("export.json", export(&[person("B00001")]));
    let issue =
        |more: &[&str]| work.run(&[&["issue", "--from", "export.json", "--out", "out", "--quiet"], more].concat());
    issue(&["--formats", "eu-dcc"]).good();
    let out = work.out("out");
    let first = out.items().into_values().next().unwrap();
    let (status, id) = (first.0, first.1.unwrap());
    assert_eq!(status, "issued");
    let folder = out.folder(&id);
    assert_eq!(texts(&folder).keys().collect::<Vec<_>>(), ["eu-dcc.txt"]);
    let code = fs::read(folder.join("eu-dcc.txt")).unwrap();

    issue(&[]).good();
    let items = out.items();
    assert_eq!(items.into_values().next().unwrap(), ("issued".to_owned(), Some(id.clone())));
    let report = out.report();
    let item = &report["items"][0];
    assert_eq!(item["formats"], serde_json::json!(["eu-dcc", "ddcc", "divoc", "divoc-cwt"]));
    assert_eq!(item["not_issued"][0]["format"], "icvp");
    assert!(item["reasons"].as_array().unwrap().iter().any(|reason| reason["code"] == "format-added"), "{item}");
    assert_eq!(fs::read(folder.join("eu-dcc.txt")).unwrap(), code, "what was handed out stays");
    let found = texts(&folder);
    assert_eq!(found.len(), 5, "{found:?}");
    for format in ["eu-dcc", "ddcc", "divoc", "divoc-cwt"] {
        for ending in ["png", "svg"] {
            assert!(folder.join(format!("{format}.{ending}")).is_file(), "{format}.{ending}");
        }
    }
    // The profiles of the FHIR document demand the place of the dose, which this export does not name.
    assert!(!folder.join("ddcc.json").exists());
    assert!(item["reasons"].as_array().unwrap().iter().any(|reason| reason["code"] == "document-not-made"), "{item}");
    let all: Vec<PathBuf> = found.values().cloned().collect();
    let verified = work.verify(&out.trust(), &all, &[]);
    assert!(verified.verdicts.iter().all(|verdict| verdict["verdict"] == "accepted"), "{verified:?}");
    // The pictures hold the same codes.
    let pictures: Vec<PathBuf> = ["eu-dcc.png", "ddcc.png", "divoc.png", "divoc-cwt.png", "certificate.pdf"]
        .map(|name| folder.join(name))
        .to_vec();
    let verified = work.verify(&out.trust(), &pictures, &[]);
    assert!(verified.verdicts.iter().all(|verdict| verdict["verdict"] == "accepted"), "{verified:?}");
    assert_eq!(verified.verdicts.len(), pictures.len());

    issue(&[]).good();
    assert_eq!(out.items().into_values().next().unwrap(), ("unchanged".to_owned(), Some(id.clone())));

    // The batch was corrected: not in the EU certificate, and yet that one ends as well.
    work.write("export.json", export(&[person("B00002")]));
    issue(&[]).good();
    let (status, second) = out.items().into_values().next().unwrap();
    assert_eq!(status, "issued");
    assert_ne!(second.as_ref(), Some(&id));
    let verified = work.verify(&out.trust(), &all, &[]);
    for (verdict, reason) in verified.words() {
        assert_eq!((verdict, reason), ("rejected", Some("revoked")), "{verified:?}");
    }
    let standing: Vec<PathBuf> = texts(&out.folder(&second.unwrap())).into_values().collect();
    let verified = work.verify(&out.trust(), &standing, &[]);
    assert!(verified.verdicts.iter().all(|verdict| verdict["verdict"] == "accepted"), "{verified:?}");
}

#[test]
fn a_yellow_card_has_paper_of_its_own() {
    let work = Workplace::new();
    let registry = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/immunization");
    let (from, profile) = (format!("{registry}/people.json"), format!("{registry}/profile.toml"));
    work.run(&["issue", "--from", &from, "--profile", &profile, "--out", "out", "--quiet"]).good();
    let out = work.out("out");
    let cards: Vec<PathBuf> =
        out.folders().iter().map(|folder| folder.join("icvp.txt")).filter(|path| path.is_file()).collect();
    assert!(!cards.is_empty(), "{:?}", out.report());
    let verified = work.verify(&out.trust(), &cards, &[]);
    assert!(verified.verdicts.iter().all(|verdict| verdict["format"] == "icvp"), "{verified:?}");
    assert!(verified.verdicts.iter().any(|verdict| verdict["verdict"] == "accepted"), "{verified:?}");
    for card in cards {
        assert!(card.with_file_name("certificate.pdf").is_file());
        assert!(card.with_file_name("icvp.png").is_file());
    }
}

#[test]
fn the_rehearsal_shows_every_format_that_a_record_can_be() {
    let work = Workplace::new();
    work.run(&["demo", "--once", "--quiet"]).good();
    let out = work.out("out");
    let folders: Vec<PathBuf> = out.folders().into_iter().filter(|folder| folder.join("ddcc.txt").is_file()).collect();
    assert!(folders.len() >= 10);
    for folder in &folders {
        let document: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("ddcc.json")).unwrap()).unwrap();
        assert_eq!((&document["resourceType"], &document["type"]), (&"Bundle".into(), &"document".into()));
        let text = fs::read_to_string(folder.join("ddcc.txt")).unwrap();
        assert!(document.to_string().contains(&base64(text.trim_end())), "the document carries its code");
    }
    let codes: Vec<PathBuf> = out.folders().iter().flat_map(|folder| texts(folder).into_values()).collect();
    let verified = work.verify(&out.trust(), &codes, &[]);
    assert!(verified.verdicts.iter().all(|verdict| verdict["verdict"] == "accepted"), "{verified:?}");
}

fn base64(text: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.encode(text)
}

#[test]
fn settings_that_make_no_certificate_are_named() {
    let work = Workplace::new();
    work.run(&["init", "--quiet", "."]).good();
    let good = fs::read_to_string(work.path("vaccert.toml")).unwrap();
    work.write(
        "export.json",
        export(&[Row::new("P0000000001", "Amaro", "Vastow", "1970-01-01").dosed(
            "MODERNA",
            "DOSE1",
            "2021-03-01",
            "B1",
        )]),
    );
    let cut = |section: &str| {
        let (before, rest) = good.split_once(&format!("\n[{section}]")).unwrap();
        format!("{before}\n[{}", rest.split_once("\n[").unwrap().1)
    };
    let formats = |list: &str, text: &str| {
        text.replace(
            "# formats = [\"eu-dcc\", \"ddcc\", \"icvp\", \"divoc\", \"divoc-cwt\"]",
            &format!("formats = {list}"),
        )
    };
    for (config, word) in [
        (formats("[]", &good), "issue.formats"),
        (formats("[\"eu-dcc\", \"yellow\"]", &good), "line"),
        (formats("[\"divoc-cwt\"]", &cut("divoc")), "[divoc]"),
        (good.replace("base_url = \"https://sandbox.invalid/\"", "base_url = \"sandbox\""), "divoc.base_url"),
        (good.replace("did = \"did:web:sandbox.invalid\"", "did = \"moh\""), "divoc.did"),
        (good.replace("# generation = \"g3\"", "generation = \"g1\""), "line"),
        (good.replace("# participant = \"TGO\"", "participant = \"T O\""), "icvp.participant"),
    ] {
        assert_ne!(config, good);
        work.write("vaccert.toml", config);
        let sentence = work.run(&["issue", "--from", "export.json", "--out", "out"]).refused(2);
        assert!(sentence.contains(word), "{word}: {sentence}");
    }
    // Without the section nobody asks for DIVOC, and nothing is missed.
    work.write("vaccert.toml", cut("divoc"));
    work.run(&["issue", "--from", "export.json", "--out", "out", "--quiet"]).good();
}
