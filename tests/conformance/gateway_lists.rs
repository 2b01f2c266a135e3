//! Gateway lists under a trust anchor, as a ministry's own PKI would make them: what is believed, and every way
//! of not being believed (failures F12, F15, F17).

use serde_json::{Value, json};
use vaccert::{
    keys::{Certificate, Kid, sha256},
    trust::{
        Authenticity, TrustStore,
        cms::{Believed, SignedData},
        lists::{self, ListError, ListKey, ListOptions},
    },
};

use crate::made::{Cms, Key, Spec, base64, certificate, cms, name, tlv};

/// An operator and the PKI of one country.
struct Country {
    code: &'static str,
    csca: (Key, Vec<u8>),
    upload: (Key, Vec<u8>),
    dsc: Vec<u8>,
}

struct World {
    anchor: (Key, Vec<u8>),
    countries: Vec<Country>,
}

fn own(code: &str, common: &str, key: Key) -> (Key, Vec<u8>) {
    let der = certificate(code, common, &key, (common, &key));
    (key, der)
}

impl Country {
    fn new(code: &'static str, csca: Key, upload: Key) -> Self {
        let csca = own(code, "CSCA", csca);
        let dsc = certificate(code, "DSC", &Key::p256(), ("CSCA", &csca.0));
        Self { code, csca, upload: own(code, "UP", upload), dsc }
    }
}

impl World {
    fn new() -> Self {
        let countries = vec![
            Country::new("XA", Key::p384(), Key::p256()),
            Country::new("XB", Key::rsa(false), Key::rsa(true)),
            Country::new("XC", Key::p521(), Key::rsa(false)),
        ];
        Self { anchor: own("EU", "TA", Key::p256()), countries }
    }

    fn entry(kind: &str, country: &str, der: &[u8], signer: (&str, &str, &(Key, Vec<u8>)), how: Cms) -> Value {
        let message = cms(der, &signer.2.1, &name(signer.0, signer.1), &signer.2.0, how);
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

    fn anchored(&self, kind: &str, country: &str, der: &[u8]) -> Value {
        Self::entry(kind, country, der, ("EU", "TA", &self.anchor), Cms { ber: true, ..Cms::default() })
    }

    fn signer(country: &Country, der: &[u8]) -> Value {
        Self::entry("DSC", country.code, der, (country.code, "UP", &country.upload), Cms::default())
    }

    fn list(&self) -> Vec<Value> {
        let mut list = Vec::new();
        for country in &self.countries {
            list.push(self.anchored("CSCA", country.code, &country.csca.1));
            list.push(self.anchored("UPLOAD", country.code, &country.upload.1));
            list.push(Self::signer(country, &country.dsc));
        }
        let tls = own("XA", "TLS", Key::p256());
        list.push(self.anchored("AUTHENTICATION", "XA", &tls.1));
        list
    }
}

fn key(der: &[u8]) -> Vec<ListKey> {
    ListKey::read(der).unwrap()
}

fn read_as(list: &[Value], keys: &[ListKey], unsigned: bool) -> Result<TrustStore, ListError> {
    let mut store = TrustStore::new();
    let options = ListOptions { name: "list", list_keys: keys, unsigned };
    lists::read(json!(list).to_string().as_bytes(), &options, &mut store).map(|()| store)
}

fn codes(store: &TrustStore) -> Vec<&'static str> {
    let info = &store.lists()[0];
    assert_eq!(info.entries, info.keys + info.authorities + info.repeated + info.not_signers + info.skipped.len());
    info.skipped.iter().map(|skipped| skipped.reason.code()).collect()
}

#[test]
fn a_whole_list_is_believed_under_its_anchor() {
    let world = World::new();
    let list = world.list();
    let bare = key(&world.anchor.0.spki);
    for anchor in [key(&world.anchor.1), bare] {
        let store = read_as(&list, &anchor, false).unwrap();
        let info = &store.lists()[0];
        assert_eq!((info.entries, info.keys, info.not_signers), (10, 3, 7), "{:?}", info.skipped);
        assert!(matches!(info.authenticity, Authenticity::Entries { .. }));
        for country in &world.countries {
            let kid = Kid::of_certificate(&country.dsc);
            assert_eq!(store.candidates(&kid)[0].country.as_deref(), Some(country.code));
        }
    }
    // Nothing to check it with: refused, or taken as it is.
    assert!(matches!(read_as(&list, &[], false), Err(ListError::Unsigned { .. })));
    assert_eq!(read_as(&list, &[], true).unwrap().lists()[0].authenticity, Authenticity::Unsigned);
    // Every content exchanged under the anchor's signatures: no option makes that acceptable.
    let mut exchanged = list.clone();
    for entry in &mut exchanged {
        let der = own(entry["country"].as_str().unwrap(), "X", Key::p256()).1;
        entry["rawData"] = json!(base64(&der));
        entry["thumbprint"] = Value::Null;
    }
    for unsigned in [false, true] {
        let outcome = read_as(&exchanged, &key(&world.anchor.1), unsigned);
        assert!(matches!(outcome, Err(ListError::NothingAuthentic { .. })));
    }
    // Another anchor of the same name.
    let other = own("EU", "TA", Key::p256());
    let error = read_as(&list, &key(&other.1), false).unwrap_err();
    assert!(matches!(error, ListError::NothingAuthentic { entries: 10, .. }), "{error}");
    assert_eq!(read_as(&list, &key(&other.1), true).unwrap().lists()[0].authenticity, Authenticity::Unsigned);
}

#[test]
fn an_upload_certificate_vouches_for_its_own_country() {
    let world = World::new();
    let signers: Vec<Value> = world.list().into_iter().filter(|entry| entry["certificateType"] == "DSC").collect();
    let store = read_as(&signers, &key(&world.countries[0].upload.1), false).unwrap();
    assert_eq!(store.len(), 1);
    assert_eq!(codes(&store), ["uploader-unknown", "uploader-unknown"]);
    let both = [key(&world.countries[1].upload.1), key(&world.countries[2].upload.1)].concat();
    assert_eq!(read_as(&signers, &both, false).unwrap().len(), 2);

    // Signed by XA's uploader, said to be XB's.
    let (xa, xb) = (&world.countries[0], &world.countries[1]);
    let stolen = World::entry("DSC", "XB", &xb.dsc, ("XA", "UP", &xa.upload), Cms::default());
    let list = [signers[0].clone(), stolen];
    assert_eq!(codes(&read_as(&list, &key(&xa.upload.1), false).unwrap()), ["uploader-unknown"]);
}

#[test]
fn every_link_is_bound_to_the_country() {
    let world = World::new();
    let (xa, xb) = (&world.countries[0], &world.countries[1]);
    let anchor = key(&world.anchor.1);
    let with = |entry: Value| {
        let mut list = world.list();
        list.push(entry);
        let store = read_as(&list, &anchor, false).unwrap();
        assert_eq!(store.len(), 3, "the others are read");
        codes(&store)
    };
    let mut thumbprint = World::signer(xa, &certificate("XA", "DSC", &Key::p256(), ("CSCA", &xa.csca.0)));
    thumbprint["thumbprint"] = json!("00".repeat(32));
    let other_issuer = certificate("XA", "DSC", &Key::p256(), ("CSCA", &xb.csca.0));
    let nobodys = certificate("XD", "DSC", &Key::p256(), ("CSCA", &xa.csca.0));
    let foreign = certificate("XB", "DSC", &Key::p256(), ("CSCA", &xb.csca.0));
    let rogue = own("XA", "UP", Key::p256());
    let mut unsigned = World::signer(xa, &xa.dsc);
    unsigned["signature"] = Value::Null;
    let cases = [
        (thumbprint, "thumbprint-differs"),
        (World::signer(xa, &other_issuer), "issuer-signature-invalid"),
        (World::entry("DSC", "XD", &nobodys, ("XA", "UP", &xa.upload), Cms::default()), "uploader-unknown"),
        (World::entry("DSC", "XA", &foreign, ("XA", "UP", &xa.upload), Cms::default()), "country-differs"),
        (World::entry("DSC", "XB", &foreign, ("XA", "UP", &xa.upload), Cms::default()), "uploader-unknown"),
        (World::entry("DSC", "XA", &xa.dsc, ("XA", "UP", &rogue), Cms::default()), "uploader-unknown"),
        (World::entry("UPLOAD", "XA", &rogue.1, ("XA", "UP", &xa.upload), Cms::default()), "signature-invalid"),
        (unsigned, "signature-missing"),
        (json!({"certificateType": "DSC", "country": "XA", "rawData": null, "signature": null}), "withdrawn"),
        (json!("x"), "member-missing"),
        (json!({"certificateType": "DSC", "rawData": "#", "kid": 5, "country": ["XA"]}), "not-base64"),
        (json!({"certificateType": "DSC", "rawData": "AAAA"}), "certificate-unreadable"),
    ];
    for (entry, reason) in cases {
        assert_eq!(with(entry.clone()), [reason], "{entry}");
    }
    // An authority of the country must be there when the list has authorities at all.
    let without: Vec<Value> =
        world.list().into_iter().filter(|e| e["certificateType"] != "CSCA" || e["country"] != "XA").collect();
    assert_eq!(codes(&read_as(&without, &anchor, false).unwrap()), ["authority-missing"]);
    let none: Vec<Value> = without.into_iter().filter(|e| e["certificateType"] != "CSCA").collect();
    assert_eq!(read_as(&none, &anchor, false).unwrap().len(), 3);
}

#[test]
fn an_empty_list_is_a_failure_at_its_source() {
    assert!(matches!(read_as(&[], &[], true), Err(ListError::Empty { .. })));
    let mut store = TrustStore::new();
    let options = ListOptions { name: "list", list_keys: &[], unsigned: true };
    for empty in [r#"{"certificates":[]}"#, r#"{"verificationMethod":[]}"#, r#"{"keys":[]}"#, r#"{"eu_keys":{}}"#] {
        let outcome = lists::read(empty.as_bytes(), &options, &mut store);
        assert!(matches!(outcome, Err(ListError::Empty { .. })), "{empty}");
    }
}

/// F12: whichever byte of the payload, of the message or of the anchor is flipped, the entry is not believed.
#[test]
fn a_flipped_byte_anywhere_is_noticed() {
    let world = World::new();
    let xa = &world.countries[0];
    let uploader = Certificate::from_der(&xa.upload.1).unwrap();
    for (how, seen) in [
        (Cms::default(), "detached"),
        (Cms { ber: true, ..Cms::default() }, "indefinite lengths"),
        (Cms { attached: true, ..Cms::default() }, "attached"),
        (Cms { attached: true, ber: true, ..Cms::default() }, "attached in parts"),
        (Cms { without_attributes: true, ..Cms::default() }, "no attributes"),
        (Cms { without_certificate: true, ..Cms::default() }, "no certificate"),
    ] {
        let message = cms(&xa.dsc, &xa.upload.1, &name("XA", "UP"), &xa.upload.0, how);
        let verify = |message: &[u8], content: &[u8]| {
            SignedData::read(message)?.verify(Believed::Certificate(&uploader), Some(content))
        };
        verify(&message, &xa.dsc).unwrap_or_else(|error| panic!("{seen}: {error}"));
        let inside = SignedData::read(&message).unwrap();
        assert_eq!(inside.content(), how.attached.then_some(xa.dsc.as_slice()));
        for at in 0..message.len() {
            let mut damaged = message.clone();
            // The version numbers are not signed and say nothing: another legal one changes nothing.
            if at > 2 && message[at - 2..at] == [2, 1] {
                continue;
            }
            damaged[at] ^= 1 << (at % 8);
            // With its tag changed the certificate is no longer there, and a message needs none.
            let same = SignedData::read(&damaged).is_ok_and(|signed| signed.certificates().count() == 0)
                && !how.without_certificate;
            assert!(same || verify(&damaged, &xa.dsc).is_err(), "{seen}: byte {at}");
        }
        for at in 0..xa.dsc.len() {
            let mut damaged = xa.dsc.clone();
            damaged[at] ^= 1 << (at % 8);
            assert!(verify(&message, &damaged).is_err(), "{seen}: byte {at} of the content");
        }
        for cut in 0..message.len() {
            assert!(verify(&message[..cut], &xa.dsc).is_err());
        }
    }
    // In a list: the entry is skipped by name and the others are read.
    let anchor = key(&world.anchor.1);
    let mut list = world.list();
    let message = cms(&xa.dsc, &xa.upload.1, &name("XA", "UP"), &xa.upload.0, Cms::default());
    for at in [message.len() / 3, message.len() / 2, message.len() - 20] {
        let mut damaged = message.clone();
        damaged[at] ^= 1;
        list[2]["signature"] = json!(base64(&damaged));
        let store = read_as(&list, &anchor, false).unwrap();
        assert_eq!(store.len(), 2);
        assert!(matches!(codes(&store)[..], ["signature-invalid" | "uploader-unknown"]));
    }
    // The anchor itself: nothing counts any more.
    for at in (0..world.anchor.1.len()).step_by(7) {
        let mut damaged = world.anchor.1.clone();
        damaged[at] ^= 1;
        if let Ok(keys) = ListKey::read(&damaged) {
            assert!(read_as(&world.list(), &keys, false).is_err(), "byte {at} of the anchor");
        }
    }
}

/// F15: two keys under one kid, in both orders, one of them unparsable.
#[test]
fn keys_that_share_a_kid_are_all_kept() {
    let (one, two) = (own("XA", "DSC", Key::p256()), own("XB", "DSC", Key::p256()));
    let entry = |der: &[u8]| json!({"kid": "AQIDBAUGBwg=", "rawData": base64(der)});
    let kid = Kid::new([1, 2, 3, 4, 5, 6, 7, 8]);
    let broken = json!({"kid": "AQIDBAUGBwg=", "rawData": "MAA="});
    let orders = [
        vec![entry(&one.1), entry(&two.1), broken.clone()],
        vec![broken.clone(), entry(&two.1), entry(&one.1)],
        vec![entry(&one.1), broken, entry(&two.1), entry(&one.1)],
    ];
    for list in orders {
        let store = read_as(&list, &[], true).unwrap();
        let mut countries: Vec<_> = store.candidates(&kid).iter().filter_map(|key| key.country.clone()).collect();
        countries.sort();
        assert_eq!(countries, ["XA", "XB"]);
        assert_eq!(codes(&store), ["certificate-unreadable"]);
        assert_eq!(store.lists()[0].repeated, list.len() - 3);
    }
    // One kid cannot be filled without end.
    let many: Vec<Value> = (0..40).map(|n| entry(&own("XA", &n.to_string(), Key::p256()).1)).collect();
    let store = read_as(&many, &[], true).unwrap();
    assert_eq!(store.candidates(&kid).len(), vaccert::limits::KEYS_PER_KID);
    assert!(codes(&store).iter().all(|code| *code == "too-many-keys"));
}

/// F17: one bad certificate never breaks a list.
#[test]
fn bad_certificates_are_skipped_by_name() {
    let authority = Key::p256();
    let good = certificate("XA", "DSC", &Key::p256(), ("CSCA", &authority));
    let with_key = |spki: Vec<u8>| Spec { spki, ..Spec::new("XA", "DSC", "CSCA", &authority) }.signed(&authority);
    let rsa = |bits: usize| {
        let modulus = [&[0, 0xc1][..], &vec![0x55; bits / 8 - 2], &[1]].concat();
        let key = crate::made::seq(&[&tlv(2, &modulus), &[2, 3, 1, 0, 1]]);
        let algorithm = crate::made::seq(&[&crate::made::oid("1.2.840.113549.1.1.1"), &[5, 0]]);
        crate::made::seq(&[&algorithm, &tlv(3, &[&[0], key.as_slice()].concat())])
    };
    let explicit = {
        let curve = tlv(0x30, &[tlv(2, &[1]), tlv(0x30, &[])].concat());
        let algorithm = crate::made::seq(&[&crate::made::oid("1.2.840.10045.2.1"), &curve]);
        crate::made::seq(&[&algorithm, &tlv(3, &[0; 66])])
    };
    let brainpool = {
        let algorithm =
            crate::made::seq(&[&crate::made::oid("1.2.840.10045.2.1"), &crate::made::oid("1.3.36.3.3.2.8.1.1.7")]);
        crate::made::seq(&[&algorithm, &tlv(3, &[0; 66])])
    };
    let mut off_curve = Key::p256().spki;
    *off_curve.last_mut().unwrap() ^= 1;
    let cases = [
        (vec![0x30, 3, 1], "certificate-unreadable"),
        (good[..good.len() / 2].to_vec(), "certificate-unreadable"),
        (with_key(explicit), "key-explicit-curve"),
        (with_key(brainpool), "key-unsupported"),
        (with_key(Key::p521().spki), "key-unsupported"),
        (with_key(rsa(512)), "key-unsupported"),
        (with_key(off_curve), "key-invalid"),
    ];
    for (der, reason) in cases {
        let list = [json!({"rawData": base64(&der)}), json!({"rawData": base64(&good)})];
        let store = read_as(&list, &[], true).unwrap();
        assert_eq!((store.len(), codes(&store)), (1, vec![reason]), "{reason}");
    }
    // Odd, and good for checking all the same: P-384 and RSA with 1,024 bits, which is said to be weak.
    for (spki, weak) in [(Key::p384().spki, false), (rsa(1024), true)] {
        let der = with_key(spki);
        let store = read_as(&[json!({"rawData": base64(&der)})], &[], true).unwrap();
        assert_eq!(store.candidates(&Kid::of_certificate(&der))[0].key.is_weak(), weak);
    }
}
