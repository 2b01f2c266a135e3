//! The doctor in production: a ministry's own keys, and each fault of a certificate once.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use vaccert::signers::{Passphrase, Protection, write_private_key};

use crate::support::program::Workplace;

use super::Examined;

pub const PASSPHRASE: &str = "seven harbour pilots";

/// Extended key usages for tests and vaccinations (EU DCC certificate governance, section 4.3).
const TESTS: [u64; 10] = [1, 3, 6, 1, 4, 1, 1847, 2021, 1, 1];
const VACCINATIONS: [u64; 10] = [1, 3, 6, 1, 4, 1, 1847, 2021, 1, 2];

/// A date some days from now, for a certificate.
fn days(from_now: i64) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let day = jiff::Timestamp::from_second(seconds + from_now * 86_400).unwrap();
    let date = jiff::tz::Offset::UTC.to_datetime(day).date();
    parameters.not_after = rcgen::date_time_ymd(date.year().into(), date.month() as u8, date.day() as u8);
    parameters
}

fn subject(name: &str) -> CertificateParams {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CountryName, DnValue::PrintableString("LK".try_into().unwrap()));
    subject.push(DnType::OrganizationName, "Ministry of Health");
    subject.push(DnType::CommonName, name);
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = subject;
    parameters.not_before = days(-1).not_after;
    parameters.not_after = days(729).not_after;
    parameters
}

/// A ministry whose signer certificate was changed, with a list key and a key for linked data.
fn ministry(country: &str, change: impl FnOnce(&mut CertificateParams)) -> Workplace {
    let mut work = Workplace::new();
    work.set("VACCERT_PASSPHRASE", PASSPHRASE);
    let root_key = KeyPair::generate().unwrap();
    let mut root = subject("National CSCA");
    root.not_after = days(1_460).not_after;
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let issuer = Issuer::new(root, root_key);
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    let write_key = |name: &str, key: &KeyPair| {
        let path = work.path(&format!("keys/{name}-key.pem"));
        write_private_key(&path, &key.serialize_der(), &Protection::Passphrase(&passphrase, [9; 32])).unwrap();
    };
    let mut change = Some(change);
    for name in ["dsc", "list"] {
        let key = KeyPair::generate().unwrap();
        let mut parameters = subject(name);
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.use_authority_key_identifier_extension = true;
        if let Some(change) = change.take() {
            parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(VACCINATIONS.to_vec())];
            change(&mut parameters);
        }
        work.write(&format!("keys/{name}.pem"), parameters.signed_by(&key, &issuer).unwrap().pem());
        write_key(name, &key);
    }
    write_key("divoc", &KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap());
    work.write(
        "vaccert.toml",
        format!(
            r#"
environment = "production"
[issuer]
country = "{country}"
name = "Ministry of Health"
[issue]
formats = ["eu-dcc", "ddcc", "icvp", "divoc", "divoc-cwt"]
[divoc]
did = "did:web:health.example"
base_url = "https://health.example/"
key = "keys/divoc-key.pem"
[keys]
signer_key = "keys/dsc-key.pem"
signer_certificate = "keys/dsc.pem"
list_key = "keys/list-key.pem"
list_certificate = "keys/list.pem"
publish_hours = 0
"#
        ),
    );
    work
}

#[test]
fn a_specimen_of_production_is_good_but_for_its_end() {
    let work = ministry("LK", |_| ());
    let healthy = Examined::of(&work, &["--offline"]);
    healthy.ends(0, &[]).has("own-bundle", "ok", "good but for its end: eu-dcc, ddcc, icvp, divoc-cwt");
    healthy.has("linked-data", "note", "no end of validity").has("specimens", "ok", "4 specimens");
    healthy.has("signer-purposes", "note", "tests and recoveries are refused");
    // Nothing that was signed is left anywhere.
    let left: Vec<_> = std::fs::read_dir(work.path(".")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "vaccert.toml and keys: {left:?}");
}

#[test]
fn each_fault_of_a_signer_certificate_is_found() {
    let found = |change: fn(&mut CertificateParams)| Examined::of(&ministry("LK", change), &["--offline"]);
    found(|p| p.use_authority_key_identifier_extension = false).ends(1, &["signer-profile"]).has(
        "signer-profile",
        "fault",
        "authority key identifier",
    );
    found(|p| p.key_usages.push(KeyUsagePurpose::KeyCertSign)).has(
        "signer-profile",
        "fault",
        "must not be an authority",
    );
    found(|p| p.key_usages = vec![KeyUsagePurpose::KeyEncipherment]).has("signer-profile", "fault", "digitalSignature");
    found(|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)).has(
        "signer-profile",
        "fault",
        "must not be an authority",
    );
    let tests = found(|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(TESTS.to_vec())]);
    tests.has("signer-purposes", "warning", "vaccinations are refused").has("specimen", "fault", "Vaccination");
    found(|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]).has(
        "signer-purposes",
        "warning",
        "none",
    );
    found(|p| p.not_after = days(40).not_after).ends(3, &["signer-lifetime"]);
    found(|p| p.not_after = days(3).not_after).ends(1, &["signer-lifetime"]);
    let late = found(|p| p.not_before = days(5).not_after);
    late.has("signer-lifetime", "fault", "begins only at").has("specimen", "fault", "may sign from");

    // A key that verifiers were never told of works, and must not sign yet.
    let work = ministry("LK", |_| ());
    let text = std::fs::read_to_string(work.path("vaccert.toml")).unwrap();
    work.write("vaccert.toml", text.replace("publish_hours = 0", ""));
    let unpublished = Examined::of(&work, &["--offline"]);
    unpublished.ends(1, &["signer-state"]).has("signer-state", "fault", "vaccert keys publish");
    unpublished.has("signer", "note", "never published").has("own-bundle", "ok", "eu-dcc");

    let other = Examined::of(&ministry("TG", |_| ()), &["--offline"]);
    other.has("signer-country", "fault", "the certificate is of LK").has("specimen", "fault", "must agree");
    let mut work = ministry("LK", |_| ());
    work.set("VACCERT_PASSPHRASE", "not this one at all");
    let locked = Examined::of(&work, &["--offline"]);
    locked.has("usable", "fault", "passphrase").has("signer", "not-checked", "").has("registry", "note", "");
    assert_eq!(locked.ran.code, Some(2));
}
