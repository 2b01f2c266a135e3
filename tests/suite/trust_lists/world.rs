//! A gateway's operator and the PKI of a few countries, made once and cut into lists.

use std::sync::OnceLock;

use serde_json::{Value, json};
use vaccert::keys::{Kid, sha256};

use super::made::{Cms, Key, Spec, base64, cms, extension, name, oid, seq, tlv};

/// The time at which all of it is good.
pub const AT: &str = "2026-11-22T08:00:00Z";

const SIGNERS: usize = 5;

/// Signs with a key under a name.
struct Party {
    key: Key,
    name: Vec<u8>,
    der: Vec<u8>,
}

fn critical(oid_text: &str, value: &[u8]) -> Vec<u8> {
    seq(&[&oid(oid_text), &[1, 1, 0xff], &tlv(4, value)])
}

fn key_usage(bits: u8) -> Vec<u8> {
    critical("2.5.29.15", &tlv(3, &[0, bits]))
}

fn valid(from: &[u8], until: &[u8]) -> Vec<u8> {
    seq(&[&tlv(0x17, from), &tlv(0x17, until)])
}

impl Party {
    fn new(country: &str, common: &str, extensions: Vec<Vec<u8>>, validity: Vec<u8>) -> Self {
        let key = Key::p256();
        let spec = Spec { extensions, validity, ..Spec::new(country, common, common, &key) };
        Self { name: name(country, common), der: spec.signed(&key), key }
    }

    fn entry(&self, kind: &str, country: &str, der: &[u8], timestamp: &str) -> Value {
        let message = cms(der, &self.der, &self.name, &self.key, Cms::default());
        json!({
            "kid": base64(Kid::of_certificate(der).as_bytes()),
            "timestamp": timestamp,
            "country": country,
            "certificateType": kind,
            "thumbprint": sha256(der).iter().map(|b| format!("{b:02x}")).collect::<String>(),
            "signature": base64(&message),
            "rawData": base64(der),
        })
    }
}

/// The whole list, and the anchor in PEM.
pub struct World {
    pub anchor: Vec<u8>,
    pub entries: Vec<Value>,
}

pub const COUNTRIES: [&str; 3] = ["XA", "XB", "XC"];

/// Anchor until 2049, authorities until 2048, upload certificates until 2044, signers until 2046.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let anchor = Party::new("EU", "TA", vec![key_usage(0x80)], valid(b"210601000000Z", b"490601000000Z"));
        let mut entries = Vec::new();
        for country in COUNTRIES {
            let constraints = critical("2.5.29.19", &seq(&[&[1, 1, 0xff, 2, 1, 0]]));
            let csca = Party::new(
                country,
                "CSCA",
                vec![constraints, key_usage(0x06)],
                valid(b"210601000000Z", b"480601000000Z"),
            );
            let upload = Party::new(country, "UP", vec![key_usage(0x80)], valid(b"210601000000Z", b"440601000000Z"));
            entries.push(anchor.entry("CSCA", country, &csca.der, "2026-01-01T10:00:00+01:00"));
            entries.push(anchor.entry("UPLOAD", country, &upload.der, "2026-01-02T10:00:00+01:00"));
            for number in 0..SIGNERS {
                let mut spec = Spec::new(country, &format!("DSC {number}"), "CSCA", &Key::p256());
                spec.serial = vec![1, number as u8 + 1];
                spec.validity = valid(b"210601000000Z", b"460601000000Z");
                spec.extensions = vec![key_usage(0x80), extension("2.5.29.14", &tlv(4, b"key"))];
                let made = format!("2026-10-{:02}T10:00:00+01:00", number + 1);
                entries.push(upload.entry("DSC", country, &spec.signed(&csca.key), &made));
            }
        }
        World { anchor: anchor.der, entries }
    })
}

/// The list without some of its entries.
pub fn list(keep: impl Fn(&Value) -> bool) -> Vec<u8> {
    let entries: Vec<&Value> = world().entries.iter().filter(|entry| keep(entry)).collect();
    serde_json::to_vec(&entries).unwrap()
}

pub fn whole() -> Vec<u8> {
    list(|_| true)
}

/// The list without the newest signers of a country.
pub fn without(country: &str, signers: usize) -> Vec<u8> {
    let mut left: Vec<&Value> = world().entries.iter().collect();
    for _ in 0..signers {
        let place = left.iter().rposition(|entry| entry["country"] == country && entry["certificateType"] == "DSC");
        left.remove(place.unwrap());
    }
    serde_json::to_vec(&left).unwrap()
}

/// Kids of the signers of a country, in the order of the list.
pub fn kids(country: &str) -> Vec<String> {
    let of = world().entries.iter().filter(|entry| entry["country"] == country && entry["certificateType"] == "DSC");
    of.map(|entry| entry["kid"].as_str().unwrap().to_owned()).collect()
}

/// The anchor in DER, the list, and the signer of a country whose key this is; its authority and its upload certificate
/// are as good as any.
pub fn of_signer(country: &str, key: &Key) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let anchor = Party::new("EU", "TA", vec![key_usage(0x80)], valid(b"210601000000Z", b"490601000000Z"));
    let constraints = critical("2.5.29.19", &seq(&[&[1, 1, 0xff, 2, 1, 0]]));
    let csca =
        Party::new(country, "CSCA", vec![constraints, key_usage(0x06)], valid(b"210601000000Z", b"480601000000Z"));
    let upload = Party::new(country, "UP", vec![key_usage(0x80)], valid(b"210601000000Z", b"440601000000Z"));
    let mut spec = Spec::new(country, "DSC", "CSCA", key);
    spec.validity = valid(b"210601000000Z", b"460601000000Z");
    spec.extensions = vec![key_usage(0x80), extension("2.5.29.14", &tlv(4, b"key"))];
    let signer = spec.signed(&csca.key);
    // One signer more, so that the list is good whatever becomes of the other.
    let mut other = Spec::new(country, "DSC 2", "CSCA", &Key::p256());
    other.serial = vec![1, 9];
    (other.validity, other.extensions) = (spec.validity.clone(), spec.extensions.clone());
    let entries = [
        anchor.entry("CSCA", country, &csca.der, "2026-01-01T10:00:00+01:00"),
        anchor.entry("UPLOAD", country, &upload.der, "2026-01-02T10:00:00+01:00"),
        upload.entry("DSC", country, &signer, "2026-10-01T10:00:00+01:00"),
        upload.entry("DSC", country, &other.signed(&csca.key), "2026-10-02T10:00:00+01:00"),
    ];
    (anchor.der, serde_json::to_vec(&entries).unwrap(), signer)
}
