//! What we issue, in the eyes of others: the published schema and value sets, an independent implementation,
//! and programs that read pictures.

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, LazyLock},
};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use vaccert::{
    clock::{Clock as _, System},
    envelope::hcert::{Claims, Sign1, cbor, from_text},
    issue::{Envelope, Format, Issued, Issuer, Record, Says, Terms},
    keys::{Certificate, MemorySigner},
    payload::dcc::{Dcc, Entry, Reading, check},
    record::{
        Country, PartialDate, Person, PersonName, Provenance, RecoveryRecord, TestKind, TestRecord, TestResult, Uvci,
        VaccinationRecord,
    },
    signers::sandbox::{self, SignerKey, Validity},
    valueset::{VaccineProduct, ValueSets},
};

use crate::support::{paper::tool, program::Workplace, vectors::vectors};

/// An issuer with its certificate in PEM.
struct Ministry {
    issuer: Issuer,
    certificate: String,
}

fn ministry(kind: SignerKey) -> Ministry {
    let from = System.now().checked_sub(SignedDuration::from_hours(24)).unwrap();
    let made = sandbox::make(kind, &Validity::recommended(from).unwrap(), [[1; 16], [2; 16]]).unwrap().signer;
    let certificate = Certificate::from_der(&made.certificate_der).unwrap();
    let signer = Arc::new(MemorySigner::new(&made.private_key, certificate).unwrap());
    Ministry { issuer: Issuer::new(signer, "XX", Terms::default()).unwrap(), certificate: made.certificate_pem }
}

static MINISTRY: LazyLock<Ministry> = LazyLock::new(|| ministry(SignerKey::P256));

/// The published schema, read in place. Its `valueset-uri`s are remarks; what it refers to lies in itself.
static SCHEMA: LazyLock<Option<jsonschema::Validator>> = LazyLock::new(|| {
    let text = std::fs::read(vectors("vectors/eu-schemas/DCC-1.3.3.json")?).unwrap();
    let schema: Value = serde_json::from_slice(&text).unwrap();
    Some(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
});

/// Products with codes of the EU.
fn products() -> Vec<Arc<VaccineProduct>> {
    ValueSets::built_in().products().iter().filter(|product| product.eu.is_some()).cloned().collect()
}

/// Names of every script that has a table, with the punctuation and the lengths that registries have.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z][A-Za-z' .-]{0,30}",
        "[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿĀ-ňŊ-ſ' -]{0,40}",
        "[ẠẢẤẦẬẮĂÂĐÊÔƠƯ][a-zạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđ ]{0,30}",
        "[А-Я][а-яёђєіїјљњћўџґ' -]{0,40}",
        "[Α-ΡΣ-Ω][α-ωάέήίόύώ -]{0,40}",
        "[ابتثجحخدذرزسشصضطظعغفقكلمنهوي]{1,40}( [ابتثجحخدذرزسشصضطظعغفقكلمنهوي]{1,20})?",
        "[A-Z][a-z]{60,120}( [A-Z][a-z]{10,90})?",
    ]
}

fn day(years: std::ops::Range<i16>) -> impl Strategy<Value = jiff::civil::Date> {
    (years, 1i8..=12, 1i8..=28).prop_map(|(year, month, day)| jiff::civil::date(year, month, day))
}

fn person() -> impl Strategy<Value = Person> {
    let birth = prop_oneof![
        Just(None),
        (1900i16..2024).prop_map(|year| Some(PartialDate::Year(year))),
        (1900i16..2024, 1i8..=12).prop_map(|(year, month)| Some(PartialDate::Month(year, month))),
        day(1900..2024).prop_map(|day| Some(PartialDate::Day(day))),
    ];
    let names = prop_oneof![
        3 => (part(), part()).prop_map(|(family, given)| (Some(family), Some(given))),
        1 => part().prop_map(|family| (Some(family), None)),
        1 => part().prop_map(|given| (None, Some(given))),
    ];
    let people = (names, birth, proptest::option::of("[A-Z][a-z]{1,20}"));
    let people = people.prop_map(|((family, given), birth_date, latin)| Person {
        name: PersonName { family_latin: latin.filter(|_| family.is_some()), family, given, given_latin: None },
        birth_date,
        sex: None,
        identifier: Some("40417177".to_owned()),
        nationality: None,
        document: None,
        guardian: None,
    });
    // A name without a single letter is refused, rightly, and is no matter of this test.
    people.prop_filter("a name has letters", |person| person.name.standardised(Country::SANDBOX).is_ok())
}

fn provenance() -> Provenance {
    Provenance { tracked_entity: "P0000000001".into(), event: "E0000000011".into(), updated_at: None, facility: None }
}

fn body() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Z][A-Za-z éèüñ,.()-]{0,60}[a-z]", Just("Ministère de la Santé".to_owned())]
}

fn record() -> impl Strategy<Value = Record> {
    let vaccination = (person(), proptest::sample::select(products()), day(2020..2026), 1u8..10, 1u8..10, body())
        .prop_map(|(person, product, date, dose, total_doses, issuer)| {
            Record::Vaccination(Box::new(VaccinationRecord {
                provenance: provenance(),
                person,
                product,
                lot: Some("LOT-A9X1".to_owned()),
                date,
                dose,
                total_doses,
                country: Country::SANDBOX,
                centre: None,
                practitioner: None,
                clinician: None,
                next_dose: None,
                issuer,
            }))
        });
    let test = (person(), any::<(bool, bool)>(), 1_577_836_800i64..1_790_000_000, body(), body()).prop_map(
        |(person, (naat, found), second, centre, issuer)| {
            Record::Test(Box::new(TestRecord {
                provenance: provenance(),
                person,
                kind: if naat { TestKind::Naat } else { TestKind::RapidAntigen },
                name: naat.then(|| "PCR".to_owned()),
                device: (!naat).then(|| "1232".to_owned()),
                sampled_at: Timestamp::from_second(second).unwrap(),
                result: if found { TestResult::Detected } else { TestResult::NotDetected },
                centre: Some(centre),
                country: Country::SANDBOX,
                issuer,
            }))
        },
    );
    let recovery = (person(), day(2020..2026), body()).prop_map(|(person, first_positive, issuer)| {
        let valid_from = first_positive.checked_add(jiff::Span::new().days(11)).unwrap();
        Record::Recovery(Box::new(RecoveryRecord {
            provenance: provenance(),
            person,
            first_positive,
            valid_from,
            valid_until: valid_from.checked_add(jiff::Span::new().days(180)).unwrap(),
            country: Country::SANDBOX,
            issuer,
        }))
    });
    prop_oneof![6 => vaccination, 1 => test, 1 => recovery]
}

fn issue(ministry: &Ministry, record: &Record, random: [u8; 16]) -> Issued {
    let id = Uvci::from_random(Country::SANDBOX, random);
    match ministry.issuer.prepare(record, &id, &[Format::EuDcc], System.now()) {
        Ok(prepared) => ministry.issuer.seal(prepared).unwrap(),
        Err(other) => panic!("{other}"),
    }
}

/// The one envelope of a certificate.
fn envelope(issued: &Issued) -> &Envelope {
    issued.envelope(Format::EuDcc).unwrap()
}

fn dcc(issued: &Issued) -> Dcc {
    let Some(Says::EuDcc(dcc)) = envelope(issued).says() else { panic!("says nothing") };
    *dcc
}

/// The content of a code, as JSON and as we read it.
fn content(text: &str) -> (Value, Reading) {
    let (bytes, deviations) = from_text(text).unwrap();
    assert!(deviations.is_empty(), "{deviations:?}");
    let message = Sign1::read(&bytes).unwrap();
    let claims = Claims::read(&message.payload).unwrap();
    (claims.dcc().unwrap().to_json(), Reading::of(claims.dcc().unwrap()).unwrap())
}

fn to_json(dcc: &Dcc) -> Value {
    cbor::Value::read(&dcc.to_cbor()).unwrap().to_json()
}

/// Codes of a published value set.
fn published(name: &str) -> Option<Value> {
    let text = std::fs::read(vectors(&format!("vectors/eu-valuesets/{name}.json"))?).unwrap();
    Some(serde_json::from_slice::<Value>(&text).unwrap()["valueSetValues"].clone())
}

#[test]
fn every_product_is_issued_by_codes_of_the_published_sets() {
    let names = ["disease-agent-targeted", "vaccine-prophylaxis", "vaccine-medicinal-product", "vaccine-mah-manf"];
    let Some(sets) = names.map(published).into_iter().collect::<Option<Vec<_>>>() else { return };
    assert!(products().len() > 30);
    for product in products() {
        let record = VaccinationRecord {
            provenance: provenance(),
            person: Person {
                name: PersonName { family: Some("Vastow".into()), ..PersonName::default() },
                birth_date: None,
                sex: None,
                identifier: None,
                nationality: None,
                document: None,
                guardian: None,
            },
            product: Arc::clone(&product),
            lot: None,
            date: jiff::civil::date(2021, 6, 15),
            dose: 1,
            total_doses: 2,
            country: Country::SANDBOX,
            centre: None,
            practitioner: None,
            clinician: None,
            next_dose: None,
            issuer: "Ministry of Health".into(),
        };
        let issued = issue(&MINISTRY, &Record::Vaccination(Box::new(record)), [7; 16]);
        let Entry::Vaccination(v) = &dcc(&issued).entry else { panic!() };
        for (set, code) in sets.iter().zip([&v.disease, &v.prophylaxis, &v.product, &v.holder]) {
            assert!(set.get(code.as_str()).is_some(), "{}: {code}", product.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_issued_obeys_the_published_schema_and_reads_back(record in record(), random in any::<[u8; 16]>()) {
        let issued = issue(&MINISTRY, &record, random);
        let (said, reading) = content(&envelope(&issued).text);
        prop_assert_eq!(&reading.dcc, &dcc(&issued));
        prop_assert!(reading.remarks.is_empty(), "{:?}", reading.remarks);
        if let Some(schema) = SCHEMA.as_ref() {
            let faults: Vec<_> = schema.iter_errors(&said).map(|fault| fault.to_string()).collect();
            prop_assert!(faults.is_empty(), "{:?} in {}", faults, said);
        }
        // Nothing goes out that has no place in the certificate.
        prop_assert!(!said.to_string().contains("40417177") && !said.to_string().contains("LOT-A9X1"));
    }

    #[test]
    fn a_payload_that_was_changed_for_the_worse_is_refused(
        record in record(),
        field in 0usize..18,
        text in prop_oneof!["\\PC{0,3}", "\\PC{70,100}", "[0-9-]{0,12}", "[A-Z<]{0,90}", "[0-9]{4}-[0-9]{2}-[0-9]{2}", " [a-z]", "[a-z]\n"],
        number in -3i64..120,
    ) {
        let mut dcc = dcc(&issue(&MINISTRY, &record, [3; 16]));
        prop_assert!(check(&dcc).is_empty());
        change(&mut dcc, field, &text, number);
        // Whatever the schema refuses, so do we, and we refuse more.
        if let Some(schema) = SCHEMA.as_ref() {
            let said = to_json(&dcc);
            prop_assert!(schema.is_valid(&said) || !check(&dcc).is_empty(), "field {} of {}", field, said);
        }
    }
}

/// Puts something else into one field.
fn change(dcc: &mut Dcc, field: usize, text: &str, number: i64) {
    let text = || text.to_owned();
    match (field, &mut dcc.entry) {
        (0, _) => dcc.version = text(),
        (1, _) => dcc.birth_date = text(),
        (2, _) => dcc.name.family = Some(text()),
        (3, _) => dcc.name.given = Some(text()),
        (4, _) => dcc.name.family_standard = Some(text()),
        (5, _) => dcc.name.given_standard = Some(text()),
        (6, _) => (dcc.name.family_standard, dcc.name.given_standard) = (None, None),
        (7, Entry::Vaccination(v)) => v.dose = number,
        (8, Entry::Vaccination(v)) => v.total_doses = number,
        (9, Entry::Vaccination(v)) => v.date = text(),
        (10, Entry::Vaccination(v)) => v.country = text(),
        (11, Entry::Vaccination(v)) => v.issuer = text(),
        (12, Entry::Vaccination(v)) => v.id = text(),
        (7.., Entry::Vaccination(v)) => v.product = text(),
        (7, Entry::Test(t)) => t.sampled_at = text(),
        (8, Entry::Test(t)) => t.test_name = Some(text()),
        (9, Entry::Test(t)) => t.centre = Some(text()),
        (10, Entry::Test(t)) => t.country = text(),
        (11, Entry::Test(t)) => t.issuer = text(),
        (7.., Entry::Test(t)) => t.id = text(),
        (7, Entry::Recovery(r)) => r.first_positive = text(),
        (8, Entry::Recovery(r)) => r.valid_from = text(),
        (9, Entry::Recovery(r)) => r.valid_until = text(),
        (10, Entry::Recovery(r)) => r.country = text(),
        (11, Entry::Recovery(r)) => r.issuer = text(),
        (7.., Entry::Recovery(r)) => r.id = text(),
    }
}

/// A vaccination certificate that nothing is wrong with.
fn example() -> (Record, Dcc) {
    let record = Record::Vaccination(Box::new(VaccinationRecord {
        provenance: provenance(),
        person: Person {
            name: PersonName { family: Some("Müller".into()), given: Some("Zoë".into()), ..PersonName::default() },
            birth_date: Some("1970-01-01".parse().unwrap()),
            sex: None,
            identifier: None,
            nationality: None,
            document: None,
            guardian: None,
        },
        product: products()[0].clone(),
        lot: None,
        date: jiff::civil::date(2021, 6, 15),
        dose: 1,
        total_doses: 2,
        country: Country::SANDBOX,
        centre: None,
        practitioner: None,
        clinician: None,
        next_dose: None,
        issuer: "Ministry of Health".into(),
    }));
    let dcc = dcc(&issue(&MINISTRY, &record, [9; 16]));
    (record, dcc)
}

#[test]
fn each_of_these_changes_is_noticed() {
    let (_, good) = example();
    for (field, text, number, wire) in [
        (0, "1.3", 0, "ver"),
        (1, "1970-13-01", 0, "dob"),
        (1, "1870-01-01", 0, "dob"),
        (2, "", 0, "fn"),
        (2, " Müller", 0, "fn"),
        (4, "MUELLER1", 0, "fnt"),
        (4, "Mueller", 0, "fnt"),
        (6, "", 0, "nam"),
        (7, "", 0, "dn"),
        (7, "", -1, "dn"),
        (8, "", 0, "sd"),
        (9, "2021-02-29", 0, "dt"),
        (9, "2021-06-15T00:00:00Z", 0, "dt"),
        (10, "xx", 0, "co"),
        (10, "XXX", 0, "co"),
        (11, "", 0, "is"),
        (11, &"x".repeat(81), 0, "is"),
        (12, "URN:UVCI:01:XX:ABC#A", 0, "ci"),
        (13, "", 0, "mp"),
    ] {
        let mut dcc = good.clone();
        change(&mut dcc, field, text, number);
        let faults: Vec<&str> = check(&dcc).iter().map(|fault| fault.field).collect();
        assert!(faults.contains(&wire), "{wire} {text:?}: {faults:?}");
    }
}

/// The python of an environment with `tests/interop/requirements.txt`.
fn python() -> Option<PathBuf> {
    let found = std::env::var_os("VACCERT_PYTHON").map(PathBuf::from);
    if found.is_none() {
        let must = std::env::var_os("VACCERT_FULL").is_some();
        assert!(
            !must,
            "VACCERT_FULL asks for all tests: name a python with tests/interop/requirements.txt by VACCERT_PYTHON"
        );
        println!("ran WITHOUT an independent implementation: VACCERT_PYTHON names none");
    }
    found
}

/// What the independent implementation says of each code.
fn others_say(python: &PathBuf, certificates: &[&str], codes: &[String]) -> Vec<Value> {
    let work = Workplace::new();
    let paths: Vec<PathBuf> =
        certificates.iter().enumerate().map(|(at, pem)| work.write(&format!("{at}.pem"), pem)).collect();
    let mut run = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/verify.py"))
        .args(&paths)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = run.stdin.take().unwrap();
    let lines = codes.iter().map(|code| format!("{code}\n")).collect::<String>();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = run.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let answers: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), codes.len());
    answers
}

/// Records as the property tests make them, the same each time.
fn some_records(count: usize) -> Vec<Record> {
    use proptest::{strategy::ValueTree as _, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| record().new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn an_independent_implementation_verifies_what_we_issue() {
    let Some(python) = python() else { return };
    for (kind, algorithm) in [(SignerKey::P256, -7), (SignerKey::Rsa2048, -37)] {
        let ministry = ministry(kind);
        let records = some_records(60);
        let issued: Vec<Issued> = records.iter().map(|record| issue(&ministry, record, [5; 16])).collect();
        let codes: Vec<String> = issued.iter().map(|certificate| envelope(certificate).text.clone()).collect();
        let kid: String = envelope(&issued[0]).kid.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        for (certificate, answer) in issued.iter().zip(others_say(&python, &[&ministry.certificate], &codes)) {
            let said = &answer["ok"];
            assert_eq!(said["protected"], json!({"1": algorithm, "4": kid}), "{answer}");
            assert_eq!(said["unprotected"], json!({}));
            assert_eq!(said["claims"]["1"], "XX");
            assert_eq!(said["claims"]["4"], envelope(certificate).expires_at.unwrap().as_second());
            assert_eq!(said["claims"]["6"], certificate.issued_at.as_second());
            assert_eq!(said["claims"]["-260"]["1"], to_json(&dcc(certificate)));
        }
        // It is no rubber stamp: it refuses an altered code, and one of another issuer.
        let altered: Vec<String> = issued
            .iter()
            .take(5)
            .map(|certificate| {
                let (mut bytes, _) = from_text(&envelope(certificate).text).unwrap();
                let at = bytes.len() - 9;
                bytes[at] ^= 1;
                vaccert::envelope::hcert::to_text(&bytes)
            })
            .collect();
        let answers = others_say(&python, &[&ministry.certificate], &altered);
        assert!(answers.iter().all(|answer| answer.get("error").is_some()), "{answers:?}");
        let answers = others_say(&python, &[&MINISTRY.certificate], &codes[..5]);
        assert!(answers.iter().all(|answer| answer.get("error").is_some()), "{answers:?}");
    }
}

/// The text in a picture, as rqrr sees it.
fn rqrr_reads(png: &[u8]) -> String {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.color_type, png::ColorType::Grayscale);
    let (width, height) = (info.width as usize, info.height as usize);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[test]
fn the_picture_of_each_certificate_says_its_text() {
    let work = Workplace::new();
    work.run(&["demo", "--once", "--quiet"]).good();
    let zbarimg = tool("zbarimg", "zbar-tools");
    let codes = work.out("out").codes();
    assert!(codes.len() >= 10);
    for code in codes {
        let text = std::fs::read_to_string(&code).unwrap();
        let picture = code.with_file_name("eu-dcc.png");
        assert_eq!(rqrr_reads(&std::fs::read(&picture).unwrap()), text.trim_end());
        if let Some(zbarimg) = &zbarimg {
            let options = ["-q", "--raw", "-Sdisable", "-Sqrcode.enable", picture.to_str().unwrap()];
            assert_eq!(crate::support::paper::run(zbarimg, &options), text);
        }
    }
}
