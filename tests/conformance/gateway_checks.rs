//! A gateway's list as it is taken over from its source: dates of anchor, uploader and authority, the path of every
//! signer to an authority of its own country, and the account of what was left out (failures F12, F17, F18).

use jiff::Timestamp;
use serde_json::{Value, json};
use vaccert::{
    keys::{Kid, sha256},
    trust::{
        TrustStore,
        lists::{self, Checks, ListError, ListKey, ListOptions, OldUploaders},
        report::{EntryStatus, Report},
    },
};

use crate::{
    made::{Cms, Key, Spec, base64, cms, name},
    vdsnc::seal::{authority_key_id, critical, key_usage, subject_key_id, valid},
};

const AT: &str = "2026-11-22T08:00:00Z";

/// One country's keys and certificates, good until something is changed.
struct Country {
    code: &'static str,
    csca: (Key, Spec),
    upload: (Key, Spec),
    dsc: Spec,
}

struct World {
    anchor: (Key, Spec),
    countries: Vec<Country>,
}

impl Country {
    fn new(code: &'static str, csca: Key, upload: Key, signer: &Key) -> Self {
        let constraints = critical("2.5.29.19", &[0x30, 6, 1, 1, 0xff, 2, 1, 0]);
        let mut authority = Spec::new(code, "CSCA", "CSCA", &csca);
        authority.extensions = vec![constraints, key_usage(0x06), subject_key_id(b"ca")];
        let mut uploader = Spec::new(code, "UP", "UP", &upload);
        uploader.extensions = vec![key_usage(0x80)];
        let mut dsc = Spec::new(code, "DSC", "CSCA", signer);
        dsc.extensions = vec![key_usage(0x80), authority_key_id(b"ca")];
        Self { code, csca: (csca, authority), upload: (upload, uploader), dsc }
    }
}

/// A key, its name, and its certificate as it was signed once.
struct Signer<'w> {
    name: Vec<u8>,
    key: &'w Key,
    der: Vec<u8>,
}

impl<'w> Signer<'w> {
    fn of(pair: &'w (Key, Spec)) -> Self {
        Self { name: pair.1.issuer.clone(), key: &pair.0, der: pair.1.signed(&pair.0) }
    }
}

fn entry(kind: &str, country: &str, der: &[u8], signer: &Signer<'_>) -> Value {
    let message = cms(der, &signer.der, &signer.name, signer.key, Cms::default());
    json!({
        "kid": base64(Kid::of_certificate(der).as_bytes()),
        "timestamp": "2026-11-01T10:00:00+01:00",
        "country": country,
        "certificateType": kind,
        "thumbprint": sha256(der).iter().map(|b| format!("{b:02x}")).collect::<String>(),
        "signature": base64(&message),
        "rawData": base64(der),
    })
}

/// A list, and the anchor that it is read under.
struct Made {
    list: Vec<Value>,
    keys: Vec<ListKey>,
}

impl World {
    fn new() -> Self {
        let (key, signer) = (Key::p256(), Key::p256());
        let mut anchor = Spec::new("EU", "TA", "TA", &key);
        anchor.extensions = vec![key_usage(0x80)];
        let countries = vec![
            Country::new("XA", Key::p256(), Key::p256(), &signer),
            Country::new("XB", Key::rsa(false), Key::rsa(false), &Key::p256()),
        ];
        Self { anchor: (key, anchor), countries }
    }

    fn make(&self) -> Made {
        let anchor = Signer::of(&self.anchor);
        let of = |country: &Country| {
            let uploader = Signer::of(&country.upload);
            [
                entry("CSCA", country.code, &country.csca.1.signed(&country.csca.0), &anchor),
                entry("UPLOAD", country.code, &uploader.der, &anchor),
                entry("DSC", country.code, &country.dsc.signed(&country.csca.0), &uploader),
            ]
        };
        Made { list: self.countries.iter().flat_map(of).collect(), keys: ListKey::read(&anchor.der).unwrap() }
    }

    fn judge(&self, at: &str) -> Result<Report, ListError> {
        self.make().judge(&Checks::of_gateway(at.parse().unwrap()))
    }
}

impl Made {
    fn judge(&self, checks: &Checks) -> Result<Report, ListError> {
        judge(&self.list, &self.keys, checks)
    }
}

fn judge(list: &[Value], keys: &[ListKey], checks: &Checks) -> Result<Report, ListError> {
    let mut store = TrustStore::new();
    let options = ListOptions { name: "gateway", list_keys: keys, unsigned: false };
    lists::read_checked(json!(list).to_string().as_bytes(), &options, checks, &mut store)?;
    let report = Report::of(&store, &store.lists()[0], checks.at);
    assert_eq!(
        report.entries,
        report.accepted + report.authorities + report.repeated + report.others + report.rejected
    );
    assert_eq!(report.rejected, report.reasons.values().sum::<usize>());
    assert_eq!(report.rejected, report.countries.values().flat_map(|of| of.rejected.values()).sum::<usize>());
    Ok(report)
}

/// Codes by country of what was left out.
fn left_out(report: &Report) -> Vec<(String, String)> {
    let rejected = report.rows.iter().filter(|row| row.status == EntryStatus::Rejected);
    let mut all: Vec<_> =
        rejected.map(|row| (row.country.clone().unwrap_or_default(), row.code.clone().unwrap())).collect();
    all.sort();
    all
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(country, code)| ((*country).to_owned(), (*code).to_owned())).collect()
}

#[test]
fn a_good_list_is_accounted_for_whole() {
    let report = World::new().judge(AT).unwrap();
    assert_eq!((report.entries, report.accepted, report.authorities, report.others), (6, 2, 2, 2), "{report:#?}");
    assert_eq!((report.rejected, report.expired, report.remarks.len()), (0, 0, 0), "{report:#?}");
    assert_eq!(report.countries.keys().collect::<Vec<_>>(), ["XA", "XB"]);
    assert_eq!(report.rows.len(), 4);
}

/// What is out of date at a moved clock, and what becomes of the list.
#[test]
fn dates_count_from_the_anchor_down() {
    let early = valid(b"210601000000Z", b"250601000000Z");
    let case = |change: fn(&mut World, Vec<u8>)| {
        let mut world = World::new();
        change(&mut world, early.clone());
        world
    };
    // The anchor: nothing counts, and the message says why.
    let world = case(|w, early| w.anchor.1.validity = early);
    assert!(world.judge("2025-05-31T00:00:00Z").is_ok());
    let error = world.judge(AT).unwrap_err();
    assert!(matches!(error, ListError::ListKeyDates { .. }));
    assert!(error.to_string().contains("was valid until 2025-06-01T00:00:00Z"), "{error}");
    let error = world.judge("2021-05-31T00:00:00Z").unwrap_err();
    assert!(error.to_string().contains("is valid from 2021-06-01T00:00:00Z on, and not yet"), "{error}");

    // The uploader: its own entry and all that it signed.
    let world = case(|w, early| w.countries[0].upload.1.validity = early);
    assert_eq!(left_out(&world.judge("2025-05-31T00:00:00Z").unwrap()), []);
    assert_eq!(left_out(&world.judge(AT).unwrap()), pairs(&[("XA", "expired"), ("XA", "uploader-expired")]));
    // The messages say that they were signed in June 2023.
    let checks =
        Checks { old_uploaders: OldUploaders::AcceptedIfSignedInTime, ..Checks::of_gateway(AT.parse().unwrap()) };
    let report = world.make().judge(&checks).unwrap();
    assert_eq!(left_out(&report), pairs(&[("XA", "expired")]));
    assert_eq!(report.countries["XA"].accepted, 1);
    // Signed before the uploader was valid: in no case.
    let world = case(|w, _| w.countries[0].upload.1.validity = valid(b"240601000000Z", b"250601000000Z"));
    let report = world.make().judge(&checks).unwrap();
    assert_eq!(left_out(&report), pairs(&[("XA", "expired"), ("XA", "uploader-expired")]));

    // The authority: it stays listed with its dates, and a signer that is still in date has no authority any more.
    let world = case(|w, early| w.countries[1].csca.1.validity = early);
    let report = world.judge(AT).unwrap();
    assert_eq!(left_out(&report), pairs(&[("XB", "authority-expired")]));
    assert_eq!((report.authorities, report.accepted), (2, 1));
    assert_eq!(report.remarks.iter().map(|remark| remark.code.as_str()).collect::<Vec<_>>(), ["expired"]);

    // The signer: it stays listed with its dates, and the verdict decides on each document.
    let world = case(|w, early| w.countries[1].dsc.validity = early);
    let report = world.judge(AT).unwrap();
    assert_eq!((report.accepted, report.expired, report.rejected), (2, 1, 0));
    let row = report.of_country("xb").0.find(|row| row.status == EntryStatus::Expired).unwrap();
    assert_eq!(row.not_after, Some("2025-06-01T00:00:00Z".parse::<Timestamp>().unwrap()));
}

#[test]
fn every_signer_needs_a_path_in_its_own_country() {
    let case = |change: fn(&mut World)| {
        let mut world = World::new();
        change(&mut world);
        left_out(&world.judge(AT).unwrap())
    };
    let xa = |code: &str| pairs(&[("XA", code)]);
    // An authority that says that it is none is left out, and its signers have none.
    assert_eq!(
        case(|w| w.countries[0].csca.1.extensions[0] = critical("2.5.29.19", &[0x30, 0])),
        [xa("not-an-authority"), xa("not-an-authority")].concat()
    );
    assert_eq!(
        case(|w| w.countries[0].csca.1.extensions[1] = key_usage(0x80)),
        [xa("may-not-certify"), xa("may-not-certify")].concat()
    );
    assert_eq!(
        case(|w| w.countries[0].csca.1.extensions.push(critical("1.2.3.4", b"x"))),
        [xa("critical-extension-unknown"), xa("critical-extension-unknown")].concat()
    );
    assert_eq!(case(|w| w.countries[0].dsc.issuer = name("XA", "Other")), xa("issuer-name-differs"));
    assert_eq!(case(|w| w.countries[0].dsc.extensions.push(key_usage(0x80))), xa("extension-twice"));
    assert_eq!(case(|w| w.countries[0].dsc.extensions[0] = key_usage(0x20)), xa("may-not-sign"));
    assert_eq!(
        case(|w| w.countries[0].dsc.extensions.push(critical("2.5.29.19", &[0x30, 3, 1, 1, 0xff]))),
        xa("signer-is-authority")
    );
    assert_eq!(
        case(|w| w.countries[0].upload.1.extensions[0] = key_usage(0x20)),
        [xa("may-not-sign"), xa("uploader-unfit")].concat()
    );
    // Another key identifier alone is a remark: it occurs.
    let mut world = World::new();
    world.countries[0].dsc.extensions[1] = authority_key_id(b"old");
    let report = world.judge(AT).unwrap();
    assert_eq!((report.rejected, report.remarks[0].code.as_str()), (0, "key-id-differs"));
    assert!(report.remarks[0].words.starts_with("the certificate names another key of its issuer"));

    // Without any authority a gateway's list has no signer; another list is believed on its uploaders' word.
    let made = World::new().make();
    let none: Vec<Value> = made.list.iter().filter(|entry| entry["certificateType"] != "CSCA").cloned().collect();
    let report = judge(&none, &made.keys, &Checks::of_gateway(AT.parse().unwrap())).unwrap();
    assert_eq!(left_out(&report), pairs(&[("XA", "authority-missing"), ("XB", "authority-missing")]));
    assert_eq!(judge(&none, &made.keys, &Checks::new(AT.parse().unwrap())).unwrap().accepted, 2);
    // With those of others alone, neither.
    let foreign: Vec<Value> =
        made.list.iter().filter(|e| e["certificateType"] != "CSCA" || e["country"] != "XA").cloned().collect();
    let report = judge(&foreign, &made.keys, &Checks::new(AT.parse().unwrap())).unwrap();
    assert_eq!(left_out(&report), xa("authority-missing"));
}

#[test]
fn repeats_and_odd_kids_are_told() {
    let Made { mut list, keys } = World::new().make();
    list.push(list[2].clone());
    let report = judge(&list, &keys, &Checks::of_gateway(AT.parse().unwrap())).unwrap();
    assert_eq!((report.entries, report.accepted, report.repeated), (7, 2, 1));
    list[2]["kid"] = json!("AQIDBAUGBwg=");
    list.pop();
    let report = judge(&list, &keys, &Checks::of_gateway(AT.parse().unwrap())).unwrap();
    assert_eq!((report.accepted, report.remarks[0].code.as_str()), (2, "kid-custom"));
    // The same content under another thumbprint.
    list[2]["thumbprint"] = json!("0".repeat(64));
    let report = judge(&list, &keys, &Checks::of_gateway(AT.parse().unwrap())).unwrap();
    assert_eq!(left_out(&report), pairs(&[("XA", "thumbprint-differs")]));
}

/// F12: whichever byte of the certificate, of the message, of the uploader or of the authority is flipped, the signer
/// does not count, and the other country's does.
#[test]
fn a_flipped_byte_costs_the_entry_and_nothing_else() {
    let Made { list: good, keys } = World::new().make();
    let checks = Checks::of_gateway(AT.parse().unwrap());
    let bytes = |entry: &Value, field: &str| {
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, entry[field].as_str().unwrap()).unwrap()
    };
    let mut tried = 0;
    for (place, field, step) in [
        (2, "rawData", 7),
        (2, "signature", 11),
        (1, "rawData", 13),
        (1, "signature", 17),
        (0, "rawData", 13),
        (0, "signature", 17),
    ] {
        let content = bytes(&good[place], field);
        for at in (0..content.len()).step_by(step) {
            // The version numbers of a message are not signed and say nothing.
            if field == "signature" && at > 2 && content[at - 2..at] == [2, 1] {
                continue;
            }
            let mut damaged = content.clone();
            damaged[at] ^= 1 << (at % 8);
            let mut list = good.clone();
            list[place][field] = json!(base64(&damaged));
            // Who damages a certificate puts the thumbprint right.
            if field == "rawData" {
                list[place]["thumbprint"] =
                    json!(sha256(&damaged).iter().map(|b| format!("{b:02x}")).collect::<String>());
            }
            let report = judge(&list, &keys, &checks).unwrap();
            let lost = &report.countries["XA"];
            let same = field == "signature" && lost.accepted == 1 && lost.rejected.is_empty();
            // A message whose certificate is no longer recognised as one needs none: the believed one is asked.
            assert!(lost.accepted == 0 || same, "{field} of entry {place}, byte {at}: {report:#?}");
            assert_eq!(report.countries["XB"].accepted, 1);
            tried += 1;
        }
    }
    println!("{tried} damaged lists");
}
