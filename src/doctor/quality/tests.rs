//! Each rule is broken once, by a certificate that is good otherwise.

use std::collections::BTreeSet;

use coset::{TaggedCborSerializable, iana};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::{
    envelope::hcert::{ToBeSigned, to_text, write_token},
    keys::{MemorySigner, Signer},
    payload::dcc::{Name, Recovery, Test, Vaccination},
    signers::sandbox::{self, SignerKey, Validity},
};

const ID: &str = "URN:UVCI:01:XX:QWERTY23456ASDFGHZXCVBNLPO";

struct Office {
    signer: MemorySigner,
    certificates: Vec<Certificate>,
    from: Timestamp,
}

impl Office {
    fn open() -> Self {
        let from: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        let made = sandbox::make(SignerKey::P256, &Validity::recommended(from).unwrap(), [[1; 16], [2; 16]]).unwrap();
        let certificate = Certificate::from_der(&made.signer.certificate_der).unwrap();
        let signer = MemorySigner::new(&made.signer.private_key, certificate.clone()).unwrap();
        Self { signer, certificates: vec![certificate], from }
    }

    fn issued(&self) -> Timestamp {
        self.from + SignedDuration::from_hours(240)
    }

    fn payload(&self, dcc: &Dcc, issued: Timestamp, ends: Timestamp) -> Vec<u8> {
        write_token("XX", issued, ends, hcert::SUB_CLAIM_DCC, &dcc.to_cbor())
    }

    fn seal(&self, payload: Vec<u8>) -> Vec<u8> {
        let message = ToBeSigned::new(Algorithm::Es256, self.signer.kid(), payload);
        message.finish(&self.signer.sign(&message.signed_bytes()).unwrap())
    }

    fn good(&self) -> Vec<u8> {
        self.seal(self.payload(&dose(), self.issued(), self.issued() + SignedDuration::from_hours(8_000)))
    }

    /// Codes that a message breaks.
    fn broken(&self, message: &[u8]) -> Vec<&'static str> {
        self.broken_text(&to_text(message), false)
    }

    fn broken_text(&self, text: &str, specimen: bool) -> Vec<&'static str> {
        let sets = ValueSets::built_in();
        let against = Against { signers: &self.certificates, country: "XX", value_sets: sets, specimen };
        let codes: BTreeSet<_> = check(text, &against).into_iter().map(|breach| breach.rule.code).collect();
        codes.into_iter().collect()
    }

    fn with(&self, change: impl FnOnce(&mut Dcc)) -> Vec<&'static str> {
        let mut dcc = dose();
        change(&mut dcc);
        self.broken(&self.seal(self.payload(&dcc, self.issued(), self.issued() + SignedDuration::from_hours(8_000))))
    }

    fn between(&self, issued: Timestamp, ends: Timestamp) -> Vec<&'static str> {
        self.broken(&self.seal(self.payload(&dose(), issued, ends)))
    }
}

fn id() -> String {
    format!("{ID}#{}", crate::record::check_character(ID).unwrap())
}

fn dose() -> Dcc {
    Dcc {
        version: "1.3.0".to_owned(),
        name: Name {
            family: Some("d'Arsøns".to_owned()),
            given: Some("Zoë".to_owned()),
            family_standard: Some("DARSOENS".to_owned()),
            given_standard: Some("ZOE".to_owned()),
        },
        birth_date: "1990-02-03".to_owned(),
        entry: Entry::Vaccination(Vaccination {
            disease: "840539006".to_owned(),
            prophylaxis: "1119349007".to_owned(),
            product: "EU/1/20/1528".to_owned(),
            holder: "ORG-100030215".to_owned(),
            dose: 1,
            total_doses: 2,
            date: "2026-03-09".to_owned(),
            country: "XX".to_owned(),
            issuer: "Ministry".to_owned(),
            id: id(),
        }),
    }
}

fn vaccination(dcc: &mut Dcc) -> &mut Vaccination {
    match &mut dcc.entry {
        Entry::Vaccination(v) => v,
        _ => panic!("a vaccination"),
    }
}

#[test]
fn a_certificate_of_ours_keeps_every_rule() {
    let office = Office::open();
    assert_eq!(office.broken(&office.good()), Vec::<&str>::new());
    let codes: BTreeSet<_> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len());
    for rule in RULES {
        assert!(!rule.meaning.ends_with('.') && !rule.remedy.ends_with('.') && rule.remedy.len() > 10, "{rule:?}");
    }
}

#[test]
fn each_rule_of_the_content_is_broken_alone() {
    let office = Office::open();
    assert_eq!(office.with(|d| d.version = "1.0.4".to_owned()), ["schema-version"]);
    assert_eq!(office.with(|d| d.version = "one".to_owned()), ["schema", "schema-version"]);
    assert_eq!(office.with(|d| vaccination(d).dose = 0), ["schema"]);
    assert_eq!(office.with(|d| d.birth_date = "1990-13-03".to_owned()), ["schema"]);
    assert_eq!(office.with(|d| vaccination(d).issuer = " Ministry".to_owned()), ["schema"]);
    assert_eq!(office.with(|d| vaccination(d).date = "2026-03-13".to_owned()), ["event-before-issue"]);
    assert_eq!(office.with(|d| vaccination(d).product = "EU/1/20/9999".to_owned()), ["value-sets"]);
    assert_eq!(office.with(|d| vaccination(d).country = "QZ".to_owned()), ["value-sets"]);
    assert_eq!(office.with(|d| d.name.family_standard = Some("DARSONS".to_owned())), ["names"]);
    assert_eq!(office.with(|d| vaccination(d).id = format!("{ID}#?")), ["identifier"]);
    let other = ID.replace(":XX:", ":LK:");
    let other = format!("{other}#{}", crate::record::check_character(&other).unwrap());
    assert_eq!(office.with(|d| vaccination(d).id = other), ["identifier"]);
    // Another script is romanised as the nation does it.
    let own = |d: &mut Dcc| {
        d.name.family = Some("สมชาย".to_owned());
        d.name.family_standard = Some("SOMCHAI".to_owned());
    };
    assert_eq!(office.with(own), Vec::<&str>::new());
    let long = |d: &mut Dcc| {
        let noise: String = (0..80_u32).map(|n| char::from_u32(0x4e00 + n * 131).unwrap()).collect();
        d.name.family = Some(noise.clone());
        vaccination(d).issuer = noise.chars().rev().collect();
        d.name.given = Some(noise.chars().map(|c| char::from_u32(u32::from(c) + 7).unwrap()).collect());
    };
    assert_eq!(office.with(long), ["size"]);
}

#[test]
fn tests_and_recoveries_are_judged_by_their_own_rules() {
    let mut office = Office::open();
    let test = Entry::Test(Test {
        disease: "840539006".to_owned(),
        kind: "LP6464-4".to_owned(),
        test_name: None,
        device: None,
        sampled_at: "2026-03-09T12:00:00Z".to_owned(),
        result: "260415000".to_owned(),
        centre: Some("Harbour".to_owned()),
        country: "XX".to_owned(),
        issuer: "Ministry".to_owned(),
        id: id(),
    });
    let with = |office: &Office, change: fn(&mut Test)| {
        office.with(|d| {
            d.entry = test.clone();
            if let Entry::Test(t) = &mut d.entry {
                change(t);
            }
        })
    };
    assert_eq!(with(&office, |_| ()), Vec::<&str>::new());
    assert_eq!(with(&office, |t| t.result = "NotDetected".to_owned()), ["value-sets"]);
    assert_eq!(with(&office, |t| t.device = Some("1341".to_owned())), ["schema"]);
    assert_eq!(with(&office, |t| t.sampled_at = "2026-03-11T12:00:00Z".to_owned()), ["event-before-issue"]);
    let recovery = Entry::Recovery(Recovery {
        disease: "840539006".to_owned(),
        first_positive: "2026-02-01".to_owned(),
        country: "XX".to_owned(),
        issuer: "Ministry".to_owned(),
        valid_from: "2026-02-12".to_owned(),
        valid_until: "2026-07-30".to_owned(),
        id: id(),
    });
    assert_eq!(office.with(|d| d.entry = recovery.clone()), Vec::<&str>::new());
    let late = |d: &mut Dcc| {
        d.entry = recovery.clone();
        if let Entry::Recovery(r) = &mut d.entry {
            r.first_positive = "2026-03-20".to_owned();
        }
    };
    assert_eq!(office.with(late), ["event-before-issue"]);

    // A signer for vaccinations alone.
    let der = office.certificates[0].der().to_vec();
    let only = restricted(&der);
    let kid_stays_known = Certificate::from_der(&only).unwrap();
    assert!(!kid_stays_known.allows(Purpose::Test));
    office.certificates = vec![kid_stays_known.clone()];
    let signer_is_other = office.with(|d| d.entry = test.clone());
    assert_eq!(signer_is_other, ["signer-known"], "another certificate has another kid");
    let payload = office.payload(
        &Dcc { entry: test.clone(), ..dose() },
        office.issued(),
        office.issued() + SignedDuration::from_hours(24),
    );
    let message = ToBeSigned::new(Algorithm::Es256, kid_stays_known.kid(), payload);
    let sealed = message.finish(&office.signer.sign(&message.signed_bytes()).unwrap());
    assert_eq!(office.broken(&sealed), ["usage"]);
}

/// The same certificate with the usages for tests and recoveries made into another one, unsigned.
fn restricted(der: &[u8]) -> Vec<u8> {
    // 1.3.6.1.4.1.1847.2021.1.x ends with the octets 8e 37 8f 65 01 x.
    let mut out = der.to_vec();
    for purpose in [1, 3] {
        let tail = [0x8e, 0x37, 0x8f, 0x65, 0x01, purpose];
        let at = out.windows(6).position(|window| window == tail).unwrap();
        out[at + 5] = 9;
    }
    out
}

#[test]
fn each_rule_of_the_token_is_broken_alone() {
    let office = Office::open();
    let (issued, hour) = (office.issued(), SignedDuration::from_hours(1));
    assert_eq!(office.between(issued, issued - hour), ["ends-after-issue"]);
    assert_eq!(office.between(issued, Timestamp::from_second(42).unwrap()), ["ends-after-issue", "specimen-end"]);
    assert_eq!(office.between(issued, office.certificates[0].not_after() + hour), ["over-a-year", "signer-lasts"]);
    assert_eq!(office.between(issued, issued + hour * 24 * 400), ["over-a-year"]);
    assert_eq!(office.between(office.from - hour, issued), ["event-before-issue", "signer-began"]);
    let (dcc, ends) = (dose().to_cbor(), issued + hour);
    let token = |issuer: &str| write_token(issuer, issued, ends, hcert::SUB_CLAIM_DCC, &dcc);
    assert_eq!(office.broken(&office.seal(token("LK"))), ["issuer"]);
    // No claims at all; claims without an issuer; two events.
    assert_eq!(office.broken(&office.seal(vec![0x01])), ["claims"]);
    let nameless = [&[0xa3_u8][..], &token("XX")[4..]].concat();
    assert_eq!(office.broken(&office.seal(nameless)), ["claims"]);
    let two = two_events();
    let two = write_token("XX", issued, ends, hcert::SUB_CLAIM_DCC, &two);
    assert_eq!(office.broken(&office.seal(two)), ["one-event"]);
    // A specimen's end is its mark, and no fault of it.
    let specimen = office.seal(office.payload(&dose(), issued, Timestamp::from_second(42).unwrap()));
    assert_eq!(office.broken_text(&to_text(&specimen), true), Vec::<&str>::new());
}

/// The dose twice in its group.
fn two_events() -> Vec<u8> {
    use ciborium::Value;
    let Value::Map(mut entries) = ciborium::from_reader(dose().to_cbor().as_slice()).unwrap() else { panic!("a map") };
    for (name, value) in &mut entries {
        if let (Value::Text(name), Value::Array(events)) = (name, value)
            && name == "v"
        {
            events.extend(events.clone());
        }
    }
    let mut out = Vec::new();
    ciborium::into_writer(&Value::Map(entries), &mut out).unwrap();
    out
}

#[test]
fn each_rule_of_the_envelope_is_broken_alone() {
    let office = Office::open();
    let good = office.good();
    let text = to_text(&good);
    assert_eq!(office.broken_text(text.strip_prefix("HC1:").unwrap(), false), ["prefix"]);
    assert_eq!(office.broken_text("HC1:NCF", false), ["encoding"]);
    assert_eq!(office.broken_text("", false), ["encoding"]);
    assert_eq!(office.broken(&[0x01, 0x02]), ["encoding"]);
    assert_eq!(office.broken(&good[1..]), ["cose-tag"]);
    let mut flipped = good.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    assert_eq!(office.broken(&flipped), ["signature"]);

    let stranger = Office::open();
    assert_eq!(stranger.broken(&good), ["signer-known"]);

    // The same message with its headers elsewhere, signed again.
    let read = coset::CoseSign1::from_tagged_slice(&good).unwrap();
    let again = |change: &dyn Fn(&mut coset::Header, &mut coset::Header)| {
        let (mut inside, mut outside) = (read.protected.header.clone(), coset::Header::default());
        change(&mut inside, &mut outside);
        let mut message = coset::CoseSign1 {
            protected: coset::ProtectedHeader { original_data: None, header: inside },
            unprotected: outside,
            ..read.clone()
        };
        message.signature = office.signer.sign(&message.tbs_data(&[])).unwrap();
        office.broken(&message.to_tagged_vec().unwrap())
    };
    assert_eq!(again(&|_, _| ()), Vec::<&str>::new());
    assert_eq!(again(&|inside, outside| outside.alg = inside.alg.take()), ["algorithm-protected"]);
    assert_eq!(again(&|inside, outside| outside.key_id = std::mem::take(&mut inside.key_id)), ["kid-protected"]);
    let es384 = Some(coset::RegisteredLabelWithPrivate::Assigned(iana::Algorithm::ES384));
    assert_eq!(again(&|inside, _| inside.alg = es384.clone()), ["algorithm"]);
    assert_eq!(again(&|inside, _| inside.key_id = Vec::new()), ["kid-protected", "signer-known"]);
}

proptest! {
    #[test]
    fn any_text_is_judged(text in "\\PC{0,300}") {
        let office = Against { signers: &[], country: "XX", value_sets: ValueSets::built_in(), specimen: false };
        prop_assert!(!check(&text, &office).is_empty());
    }
}
