//! `vaccert keys status` and `vaccert keys publish`, as a ministry runs them: daily, from cron, with a clock that moves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use rcgen::{BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, IsCa, KeyPair};
use serde_json::Value;
use vaccert::signers::{Passphrase, Protection, write_private_key};

use crate::support::program::{Ran, Workplace};

const PASSPHRASE: &str = "nine lighthouse keepers";

fn at(days: i64) -> Timestamp {
    "2027-01-01T00:00:00Z".parse::<Timestamp>().unwrap().checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}

/// A certificate from the day 0 to `until`, whose key may be used until `key_until`. Its key is nowhere: nobody needs it.
fn certificate(work: &Workplace, name: &str, until: i64, key_until: Option<i64>, is_authority: bool) {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CountryName, DnValue::PrintableString("LK".try_into().unwrap()));
    subject.push(DnType::CommonName, name);
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = subject;
    let moment = |days: i64| {
        let seconds = std::time::Duration::from_secs(u64::try_from(at(days).as_second()).unwrap());
        rcgen::date_time_ymd(1970, 1, 1) + seconds
    };
    (parameters.not_before, parameters.not_after) = (moment(0), moment(until));
    if is_authority {
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    }
    if let Some(days) = key_until {
        let text = at(days).strftime("%Y%m%d%H%M%SZ").to_string();
        let period = [&[0x30, 17, 0x81, 15], text.as_bytes()].concat();
        parameters.custom_extensions.push(CustomExtension::from_oid_content(&[2, 5, 29, 16], period));
    }
    let key = KeyPair::generate().unwrap();
    work.write(&format!("keys/{name}.pem"), parameters.self_signed(&key).unwrap().pem());
}

/// A ministry with all its keys, by the recommended periods.
fn ministry() -> Workplace {
    let work = Workplace::new();
    certificate(&work, "csca", 1461, Some(365), true);
    certificate(&work, "dsc", 730, Some(183), false);
    certificate(&work, "dsc2", 900, Some(366), false);
    certificate(&work, "upload", 500, None, false);
    certificate(&work, "tls", 600, None, false);
    certificate(&work, "list", 2000, None, false);
    certificate(&work, "anchor", 3000, None, false);
    work.write("vaccert.toml", configuration(""));
    work
}

fn configuration(more: &str) -> String {
    format!(
        r#"environment = "production"
[issuer]
country = "LK"
name = "Ministry of Health"
[keys]
signer_key = "keys/dsc-key.pem"
signer_certificate = "keys/dsc.pem"
list_key = "keys/list-key.pem"
list_certificate = "keys/list.pem"
publish_hours = 0
{more}
[gateway]
network = "who"
environment = "uat"
tls_certificate = "keys/tls.pem"
tls_key = "keys/tls-key.pem"
upload_certificate = "keys/upload.pem"
upload_key = "keys/upload-key.pem"
csca_certificate = "keys/csca.pem"
trust_anchor = "keys/anchor.pem"
"#
    )
}

const SUCCESSOR: &str = "[[keys.signer]]\nkey = \"keys/dsc2-key.pem\"\ncertificate = \"keys/dsc2.pem\"\n";

fn ask(work: &Workplace, days: i64, more: &[&str]) -> Ran {
    let time = at(days).to_string();
    let ran = work.run(&[&["keys", "status", "--at", &time], more].concat());
    assert_eq!(ran.err, "", "{ran:?}");
    ran
}

fn status(work: &Workplace, days: i64) -> (Option<i32>, Value) {
    let ran = ask(work, days, &["--json"]);
    (ran.code, serde_json::from_str(&ran.out).unwrap())
}

/// Urgency of what ends, by file and end.
fn urgency<'a>(status: &'a Value, name: &str, what: &str) -> &'a str {
    let keys = status["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["name"] == format!("keys/{name}.pem")).unwrap();
    let end = key["ends"].as_array().unwrap().iter().find(|end| end["what"] == what).unwrap();
    end["urgency"].as_str().unwrap()
}

#[test]
fn warnings_come_90_30_and_7_days_before_each_end() {
    // Only the certificate in question ends soon: the others are far, or are taken over.
    for (name, what, end) in
        [("dsc", "key-use", 183), ("csca", "key-use", 365), ("upload", "certificate", 500), ("tls", "certificate", 600)]
    {
        let work = ministry();
        let far = |name: &str| if ["csca"].contains(&name) { Some(5000) } else { None };
        for other in ["csca", "dsc", "upload", "tls", "list", "anchor"] {
            if other != name {
                certificate(&work, other, 6000, far(other), other == "csca");
            }
        }
        for (left, code, expected) in [
            (91, 0, "fine"),
            (90, 1, "within-90-days"),
            (31, 1, "within-90-days"),
            (30, 3, "within-30-days"),
            (8, 3, "within-30-days"),
            (7, 5, "within-7-days"),
            (1, 5, "within-7-days"),
            (0, 6, "over"),
            (-10, 6, "over"),
        ] {
            let (found, status) = status(&work, end - left);
            assert_eq!(urgency(&status, name, what), expected, "{name} {left}");
            assert_eq!((found, &status["urgency"]), (Some(code), &Value::from(expected)), "{name} {left}: {status}");
        }
    }
}

#[test]
fn a_certificate_that_ends_stops_its_signer_before() {
    let work = ministry();
    certificate(&work, "dsc", 400, None, false);
    for name in ["csca", "upload", "tls", "list", "anchor"] {
        certificate(&work, name, 6000, None, name == "csca");
    }
    // It signs nothing that would be valid for less than 30 days.
    let (code, found) = status(&work, 370 - 7);
    assert_eq!((code, urgency(&found, "dsc", "signing")), (Some(5), "within-7-days"));
    assert_eq!(status(&work, 370).0, Some(6));
    let text = ask(&work, 370 - 7, &[]).out;
    assert!(text.contains("signing      ends 2028-01-06 00:00 UTC, 7 days  <- WITHIN 7 DAYS"), "{text}");
}

#[test]
fn a_successor_in_place_takes_the_alarm_away() {
    let work = ministry();
    let (code, found) = status(&work, 160);
    assert_eq!((code, urgency(&found, "dsc", "key-use")), (Some(3), "within-30-days"));
    let next = found["keys"][0]["next"].as_str().unwrap();
    assert!(next.contains("successor") && next.contains("[[keys.signer]]"), "{next}");

    // The file of a key in a token is no file, and is not looked for.
    let token = SUCCESSOR.replace("keys/dsc2-key.pem", "pkcs11:token=hsm;object=dsc2");
    for successor in [SUCCESSOR, &token] {
        work.write("vaccert.toml", configuration(successor));
        let (code, found) = status(&work, 160);
        assert_eq!((code, urgency(&found, "dsc", "key-use")), (Some(0), "fine"), "{found}");
    }
    // Without publication it would not go on, and that is said.
    let patient = configuration(SUCCESSOR).replace("publish_hours = 0", "publish_hours = 24");
    let published = patient.replace("[[keys.signer]]", "[[keys.signer]]\npublished = \"2027-06-09T12:00:00Z\"");
    work.write("vaccert.toml", &published);
    let (code, found) = status(&work, 160);
    assert_eq!(found["keys"][1]["state"], "pending", "{found}");
    // Nobody ever published the old one: it is not signing either.
    assert_eq!((code, &found["keys"][0]["state"]), (Some(6), &Value::from("unpublished")));
    assert!(found["not_signing"].as_str().unwrap().contains("signs from 2027-06-10T12:00:00Z"), "{found}");
    let text = ask(&work, 160, &[]).out;
    assert!(text.contains("Nobody signs: ") && text.contains("vaccert keys publish"), "{text}");
    let (_, found) = status(&work, 161);
    assert_eq!(found["keys"][1]["state"], "active", "{found}");
}

#[test]
fn status_is_said_for_people_and_for_machines() {
    let work = ministry();
    let text = ask(&work, 10, &[]).out;
    for part in [
        "Keys of vaccert.toml at 2027-01-11 00:00 UTC",
        "document signer: keys/dsc.pem",
        "subject      C=LK, CN=dsc",
        "state        active: signs vaccinations, tests, recoveries",
        "key use      ends 2027-07-03 00:00 UTC, 173 days",
        "certificate  ends 2028-12-31 00:00 UTC, 720 days",
        "national authority (CSCA): keys/csca.pem",
        "upload certificate: keys/upload.pem",
        "TLS client certificate: keys/tls.pem",
        "list key: keys/list.pem",
        "trust anchor of the gateway: keys/anchor.pem",
        "Fine: nothing that matters ends within 90 days.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(ask(&work, 10, &["--quiet"]).out, "", "cron sends no mail");
    let alone = ask(&work, 175, &["--quiet"]);
    assert_eq!(alone.code, Some(3 + 2 * i32::from(183 - 175 <= 7)));
    assert!(alone.out.contains("keys/dsc.pem") && !alone.out.contains("keys/tls.pem"), "{}", alone.out);

    let metrics = ask(&work, 10, &["--format", "metrics"]).out;
    let seconds = 173 * 86_400;
    for part in [
        "# TYPE vaccert_key_expiry_seconds gauge\n".to_owned(),
        format!("end=\"key-use\"}} {seconds}\n"),
        "vaccert_key_expiry_seconds{role=\"upload\",kid=\"".to_owned(),
        "state=\"active\"} 1\n".to_owned(),
        "vaccert_signing 1\n".to_owned(),
        "vaccert_key_urgency 0\n".to_owned(),
    ] {
        assert!(metrics.contains(&part), "{part}: {metrics}");
    }
    let over = ask(&work, 184, &["--format", "metrics"]);
    assert_eq!(over.code, Some(6));
    assert!(over.out.contains("vaccert_signing 0\n") && over.out.contains("end=\"key-use\"} -86400\n"), "{}", over.out);

    // Bad input: what, where, what to do.
    let sentence = Workplace::new().run(&["keys", "status"]).refused(2);
    assert!(sentence.contains("--config"), "{sentence}");
    fs::remove_file(work.path("keys/upload.pem")).unwrap();
    let sentence = work.run(&["keys", "status"]).refused(2);
    assert!(sentence.contains("keys/upload.pem"), "{sentence}");
    assert_eq!(work.run(&["keys", "status", "--at", "tomorrow"]).code, Some(2));
    assert!(work.run(&["keys", "status", "--help"]).out.contains("5 within 7"), "the scheme is in the help");
    assert!(!Path::exists(&work.path("registry.sqlite")), "nothing is made");
}

#[test]
fn a_key_is_published_without_signing_anything() {
    let mut work = ministry();
    work.set("VACCERT_PASSPHRASE", PASSPHRASE);
    // By the clock of this machine: what was made long ago and ends far away.
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    for name in ["dsc", "list"] {
        let key = KeyPair::generate().unwrap();
        let mut subject = DistinguishedName::new();
        subject.push(DnType::CountryName, DnValue::PrintableString("LK".try_into().unwrap()));
        subject.push(DnType::CommonName, name);
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = subject;
        parameters.not_before = rcgen::date_time_ymd(2024, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2060, 1, 1);
        work.write(&format!("keys/{name}.pem"), parameters.self_signed(&key).unwrap().pem());
        let path: PathBuf = work.path(&format!("keys/{name}-key.pem"));
        write_private_key(&path, &key.serialize_der(), &Protection::Passphrase(&passphrase, [8; 32])).unwrap();
    }
    work.write("vaccert.toml", configuration("").replace("publish_hours = 0", "publish_hours = 48"));
    let state = |work: &Workplace| {
        let ran = work.run(&["keys", "status", "--json"]);
        let found: Value = serde_json::from_str(&ran.out).unwrap();
        found["keys"][0]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(&work), "unpublished");
    let said = work.run(&["keys", "publish", "--out", "public"]).good().out;
    assert!(said.contains("public/trust.json") && said.contains("signs from 20"), "{said}");
    assert!(work.path("public/trust.json").is_file());
    assert_eq!(state(&work), "pending");
    // Again: the first time stays.
    let first = said.lines().nth(1).unwrap().to_owned();
    let again = work.run(&["keys", "publish", "--out", "public"]).good().out;
    assert_eq!(again.lines().nth(1), Some(first.as_str()));
}
