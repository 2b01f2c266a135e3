//! Paths from a certificate to an authority: every case a certificate made for it, with the outcome that it must
//! have, under authorities with keys on curves and with RSA.

use std::{collections::BTreeSet, sync::OnceLock};

use vaccert::{
    keys::Certificate,
    trust::path::{self, Dates, PathRules, Place, Pool, Reason, Use},
};

use crate::{
    made::{Key, Spec, extension, name, oid, seq, tlv, usages},
    vdsnc::seal::{authority_key_id, critical, key_usage, subject_key_id, valid},
};

const AT: &str = "2026-11-22T08:00:00Z";
const CA: &str = "Country Signing Authority";

/// Keys of one family, made once.
struct Keys {
    name: &'static str,
    authority: Key,
    other: Key,
    third: Key,
    leaf: Key,
}

fn families() -> &'static [Keys] {
    static FAMILIES: OnceLock<Vec<Keys>> = OnceLock::new();
    FAMILIES.get_or_init(|| {
        let of =
            |name, make: fn() -> Key| Keys { name, authority: make(), other: make(), third: make(), leaf: Key::p256() };
        vec![
            of("P-256", Key::p256),
            Keys { leaf: Key::rsa(true), ..of("RSA", || Key::rsa(false)) },
            of("P-384", Key::p384),
            Keys { other: Key::p521(), ..of("RSA-PSS", || Key::rsa(true)) },
        ]
    })
}

/// One made world: an authority, a certificate under it, and what lies around.
struct World {
    keys: &'static Keys,
    authority: Spec,
    /// Signs the authority's certificate; itself where nothing is said.
    authority_by: &'static Key,
    leaf: Spec,
    leaf_by: &'static Key,
    /// Believed besides the authority.
    believed: Vec<Vec<u8>>,
    between: Vec<Vec<u8>>,
    /// Whether the authority is believed, or only lies between.
    believes_authority: bool,
    rules: PathRules,
    /// What is done to the finished certificate.
    spoil: fn(&mut Vec<u8>),
}

fn constraints(bound: Option<u8>) -> Vec<u8> {
    let content = [&[1, 1, 0xff][..], &bound.map_or(vec![], |bound| vec![2, 1, bound])].concat();
    critical("2.5.29.19", &seq(&[&content]))
}

/// An authority: its name, its key's identifier, and a bound on the path below.
fn authority(
    country: &str,
    common: &str,
    issuer: &str,
    key: &Key,
    ids: (&[u8], Option<&[u8]>),
    bound: Option<u8>,
) -> Spec {
    let mut spec = Spec::new(country, common, issuer, key);
    spec.extensions = vec![constraints(bound), key_usage(0x06), subject_key_id(ids.0)];
    spec.extensions.extend(ids.1.map(authority_key_id));
    spec
}

fn signer(country: &str, issuer: &str, key: &Key, issuer_id: &[u8]) -> Spec {
    let mut spec = Spec::new(country, "DSC", issuer, key);
    spec.extensions = vec![key_usage(0x80), authority_key_id(issuer_id), subject_key_id(b"leaf")];
    spec
}

fn at(text: &str) -> Dates {
    Dates::At(text.parse().unwrap())
}

impl World {
    fn new(keys: &'static Keys) -> Self {
        Self {
            keys,
            authority: authority("XA", CA, CA, &keys.authority, (b"ca", None), Some(0)),
            authority_by: &keys.authority,
            leaf: signer("XA", CA, &keys.leaf, b"ca"),
            leaf_by: &keys.authority,
            believed: Vec::new(),
            between: Vec::new(),
            believes_authority: true,
            rules: PathRules::new(Use::Documents, at(AT)),
            spoil: |_| {},
        }
    }

    /// The leaf stands under an authority that lies between, below the believed one.
    fn with_middle(&mut self) -> Vec<u8> {
        self.authority = authority("XA", CA, CA, &self.keys.authority, (b"ca", None), None);
        let middle = authority("XA", "Middle", CA, &self.keys.other, (b"middle", Some(b"ca")), None);
        self.leaf = signer("XA", "Middle", &self.keys.leaf, b"middle");
        self.leaf_by = &self.keys.other;
        middle.signed(&self.keys.authority)
    }

    fn find(&self) -> Outcome {
        let certificate = |der: &[u8]| Certificate::from_der(der).unwrap();
        let mut leaf = self.leaf.signed(self.leaf_by);
        (self.spoil)(&mut leaf);
        let leaf = certificate(&leaf);
        let own = certificate(&self.authority.signed(self.authority_by));
        let mut believed: Vec<Certificate> = self.believed.iter().map(|der| certificate(der)).collect();
        let mut between: Vec<Certificate> = self.between.iter().map(|der| certificate(der)).collect();
        if self.believes_authority {
            believed.push(own)
        } else {
            between.push(own)
        }
        let pool = Pool::new(&believed).with_intermediates(&between);
        match path::find(&leaf, &pool, &self.rules) {
            Ok(found) => Outcome { levels: Some(found.authorities.len()), codes: codes(&found.remarks) },
            Err(none) => {
                assert_eq!(none.to_string().matches("; ").count() + 1, none.faults().count(), "{none}");
                Outcome { levels: None, codes: codes(none.faults()) }
            }
        }
    }
}

#[derive(Debug, PartialEq)]
struct Outcome {
    levels: Option<usize>,
    codes: Vec<String>,
}

fn codes<'f>(faults: impl IntoIterator<Item = &'f path::Fault>) -> Vec<String> {
    let place = |place: Place| match place {
        Place::Leaf => "leaf".to_owned(),
        Place::Authority(level) => format!("a{level}"),
    };
    faults.into_iter().map(|fault| format!("{} {}", place(fault.place), fault.reason.code())).collect()
}

/// A change of the world, and what must come of it: the number of authorities in the path with the remarks, or the
/// faults.
struct Case {
    name: &'static str,
    change: fn(&mut World),
    expected: Result<usize, ()>,
    codes: &'static [&'static str],
}

const fn good(name: &'static str, levels: usize, remarks: &'static [&'static str], change: fn(&mut World)) -> Case {
    Case { name, change, expected: Ok(levels), codes: remarks }
}

const fn bad(name: &'static str, faults: &'static [&'static str], change: fn(&mut World)) -> Case {
    Case { name, change, expected: Err(()), codes: faults }
}

fn with_algorithm(key: &'static Key, algorithm: Vec<u8>) -> &'static Key {
    // The signature is as long as the key makes them; the name of the algorithm is what is looked at.
    let mut named = match key.pair {
        crate::made::Pair::Ec(_) => Key::p256(),
        _ => Key::rsa(false),
    };
    named.algorithm = algorithm;
    Box::leak(Box::new(named))
}

/// A key whose curve is written out (RFC 5480 forbids it).
fn explicit_curve() -> Vec<u8> {
    let algorithm = seq(&[&oid("1.2.840.10045.2.1"), &tlv(0x30, &[tlv(2, &[1]), tlv(0x30, &[])].concat())]);
    seq(&[&algorithm, &tlv(3, &[0; 66])])
}

fn rsa_1024() -> Vec<u8> {
    let modulus = [&[0, 0xc1][..], &[0x55; 126], &[1]].concat();
    let key = seq(&[&tlv(2, &modulus), &[2, 3, 1, 0, 1]]);
    seq(&[&seq(&[&oid("1.2.840.113549.1.1.1"), &[5, 0]]), &tlv(3, &[&[0], key.as_slice()].concat())])
}

fn ed25519() -> Vec<u8> {
    seq(&[&seq(&[&oid("1.3.101.112")]), &tlv(3, &[&[0][..], &[7; 32]].concat())])
}

/// A name with the common name under another string type.
fn name_as(tag: u8, common: &str) -> Vec<u8> {
    let part = |oid_text: &str, tag: u8, value: &str| tlv(0x31, &seq(&[&oid(oid_text), &tlv(tag, value.as_bytes())]));
    seq(&[&part("2.5.4.6", 0x13, "XA"), &part("2.5.4.3", tag, common)])
}

fn without_country(common: &str) -> Vec<u8> {
    seq(&[&tlv(0x31, &seq(&[&oid("2.5.4.3"), &tlv(0x0c, common.as_bytes())]))])
}

const UNKNOWN: &str = "1.3.6.1.4.1.99999.1";

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Paths that count.
    good("two levels", 1, &[], |_| {}),
    good("no path length constraint", 1, &[], |w| w.authority.extensions[0] = constraints(None)),
    good("the signer names no key usage", 1, &[], |w| { w.leaf.extensions.remove(0); }),
    good("the authority names no key usage", 1, &[], |w| { w.authority.extensions.remove(1); }),
    good("no key identifiers: names and signature tell", 1, &["leaf no-key-id"], |w| { w.leaf.extensions.truncate(1); w.authority.extensions.truncate(2); }),
    good("the issuer's name in another string type", 1, &[], |w| { w.leaf.issuer = name_as(0x13, CA); }),
    good("the issuer's name in other letters and spaces", 1, &[], |w| { w.leaf.issuer = name_as(0x0c, "country  signing AUTHORITY "); }),
    good("EL is GR", 1, &[], |w| { w.leaf.subject = name("EL", "DSC"); w.authority.subject = name("GR", CA); w.authority.issuer = name("GR", CA); w.leaf.issuer = name("GR", CA); }),
    good("valid to the last second", 1, &[], |w| w.leaf.validity = valid(b"210601000000Z", b"261122080000Z")),
    good("valid from this second on", 1, &[], |w| w.leaf.validity = valid(b"261122080000Z", b"310601000000Z")),
    good("an authority without end", 1, &[], |w| w.authority.validity = seq(&[&tlv(0x17, b"210601000000Z"), &tlv(0x18, b"99991231235959Z")])),
    good("an authority that began in the last century", 1, &[], |w| w.authority.validity = valid(b"990101000000Z", b"310601000000Z")),
    good("an unknown extension that is not critical", 1, &[], |w| w.leaf.extensions.push(extension(UNKNOWN, b"x"))),
    good("critical policies", 1, &[], |w| w.leaf.extensions.push(critical("2.5.29.32", &seq(&[&seq(&[&oid("1.2.3")])])))),
    good("CA:FALSE written out", 1, &[], |w| w.leaf.extensions.push(critical("2.5.29.19", &seq(&[&[1, 1, 0]])))),
    good("CA:FALSE with a path length", 1, &[], |w| w.leaf.extensions.push(critical("2.5.29.19", &seq(&[&[2, 1, 0]])))),
    good("extended key usages of documents", 1, &[], |w| w.leaf.extensions.push(usages(&["1.3.6.1.4.1.1847.2021.1.2"]))),
    good("an authority below another one, listed itself", 1, &[], |w| { w.authority.issuer = name("XA", "Root"); w.authority_by = &w.keys.third; w.authority.extensions.push(authority_key_id(b"root")); }),
    good("an authority in between", 2, &[], |w| { let middle = w.with_middle(); w.between = vec![middle]; }),
    good("two authorities in between", 3, &[], |w| {
        let middle = w.with_middle();
        let low = authority("XA", "Low", "Middle", &w.keys.third, (b"low", Some(b"middle")), Some(0));
        w.between = vec![low.signed(&w.keys.other), middle];
        w.leaf = signer("XA", "Low", &w.keys.leaf, b"low");
        w.leaf_by = &w.keys.third;
    }),
    good("the one in between is believed too: the path ends there", 1, &[], |w| { let middle = w.with_middle(); w.believed = vec![middle]; }),
    good("a namesake with another key, listed first", 1, &[], |w| w.believed = vec![authority("XA", CA, CA, &w.keys.other, (b"old", None), Some(0)).signed(&w.keys.other)]),
    good("a namesake with the same key identifier, listed first", 1, &[], |w| w.believed = vec![authority("XA", CA, CA, &w.keys.other, (b"ca", None), Some(0)).signed(&w.keys.other)]),
    good("the authority twice", 1, &[], |w| w.believed = vec![w.authority.signed(&w.keys.authority)]),
    good("the authority renewed with the same key, the old one expired", 1, &[], |w| {
        let mut old = w.authority.clone();
        old.validity = valid(b"190601000000Z", b"230601000000Z");
        w.believed = vec![old.signed(&w.keys.authority)];
    }),
    good("a link from the old key to the new one does not count for the path length", 2, &[], |w| {
        let link = authority("XA", CA, CA, &w.keys.other, (b"new", Some(b"ca")), None);
        w.between = vec![link.signed(&w.keys.authority)];
        w.leaf = signer("XA", CA, &w.keys.leaf, b"new");
        w.leaf_by = &w.keys.other;
    }),
    good("authorities that signed one another, and one that is believed", 3, &[], |w| {
        let middle = w.with_middle();
        let back = authority("XA", "Middle", "Other", &w.keys.other, (b"middle", Some(b"other")), None);
        let there = authority("XA", "Other", "Middle", &w.keys.third, (b"other", Some(b"middle")), None);
        w.between = vec![back.signed(&w.keys.third), there.signed(&w.keys.other), middle];
        w.leaf = signer("XA", "Other", &w.keys.leaf, b"other");
        w.leaf_by = &w.keys.third;
    }),
    good("the signer outlives its authority", 1, &["leaf outlives-authority"], |w| w.leaf.validity = valid(b"210601000000Z", b"320601000000Z")),
    good("an upload certificate that is believed itself", 0, &[], |w| {
        w.rules = PathRules::new(Use::Messages, at(AT));
        w.leaf = Spec { extensions: vec![key_usage(0x80)], ..Spec::new("XA", "UP", "UP", &w.keys.leaf) };
        w.leaf_by = &w.keys.leaf;
        w.believed = vec![UPLOADER.get_or_init(|| w.leaf.signed(w.leaf_by)).clone()];
        w.spoil = |der| *der = UPLOADER.get().unwrap().clone();
    }),
    good("a TLS client under an authority of another country", 1, &[], |w| {
        w.rules = PathRules::new(Use::TlsClient, at(AT)).under_any_country();
        w.leaf.subject = name("XB", "TLS");
        w.leaf.extensions.push(usages(&["1.3.6.1.5.5.7.3.2"]));
    }),
    good("an authority below another one, looked at itself", 1, &[], |w| {
        w.rules = PathRules::new(Use::Certificates, at(AT));
        w.leaf = authority("XA", "Lower", CA, &w.keys.leaf, (b"leaf", Some(b"ca")), Some(0));
    }),
    good("expired, in a list that keeps it", 1, &["leaf expired"], |w| { in_list(w); w.leaf.validity = valid(b"210601000000Z", b"230601000000Z"); }),
    good("expired together with its authority, in a list", 1, &["leaf expired"], |w| {
        in_list(w);
        w.leaf.validity = valid(b"210601000000Z", b"230601000000Z");
        w.authority.validity = valid(b"210601000000Z", b"230601000000Z");
    }),
    good("expired long after its authority, in a list", 1, &["leaf expired", "leaf outlives-authority"], |w| {
        in_list(w);
        w.leaf.validity = valid(b"210601000000Z", b"230601000000Z");
        w.authority.validity = valid(b"210601000000Z", b"220601000000Z");
    }),
    good("another key is named, in a list that goes by name and signature", 1, &["leaf key-id-differs"], |w| {
        w.rules = PathRules::for_list(AT.parse().unwrap());
        w.leaf.extensions[1] = authority_key_id(b"another");
    }),
    good("not valid yet, in a list that keeps it", 1, &["leaf not-yet-valid"], |w| { in_list(w); w.leaf.validity = valid(b"270101000000Z", b"280101000000Z"); }),
    good("past the use of its key, and good for what was signed before", 1, &["leaf key-use-ended"], |w| {
        w.leaf.extensions.push(extension("2.5.29.16", &seq(&[&tlv(0x80, b"20210601000000Z"), &tlv(0x81, b"20211201000000Z")])));
    }),
    good("dates that nobody asks for", 1, &[], |w| { w.rules.dates = Dates::Ignored; w.leaf.validity = valid(b"010101000000Z", b"020101000000Z"); w.authority.validity = w.leaf.validity.clone(); }),
    good("another name, tolerated", 1, &["leaf issuer-name-differs"], |w| { w.leaf.issuer = name("XA", "Somebody"); w.rules.tolerates = |reason| *reason == Reason::NameDiffers; }),

    // Dates.
    bad("the signer expired", &["leaf expired"], |w| w.leaf.validity = valid(b"210601000000Z", b"230601000000Z")),
    bad("the signer expired a second ago", &["leaf expired"], |w| w.leaf.validity = valid(b"210601000000Z", b"261122075959Z")),
    bad("the signer begins tomorrow", &["leaf not-yet-valid"], |w| w.leaf.validity = valid(b"261123080000Z", b"310601000000Z")),
    bad("the signer begins in a second", &["leaf not-yet-valid"], |w| w.leaf.validity = valid(b"261122080001Z", b"310601000000Z")),
    bad("the signer ends before it begins", &["leaf dates-reversed", "leaf expired"], |w| w.leaf.validity = valid(b"260601000000Z", b"250601000000Z")),
    bad("the authority expired", &["a1 expired"], |w| w.authority.validity = valid(b"210601000000Z", b"250601000000Z")),
    bad("the authority expired, and a list keeps its signer", &["a1 expired"], |w| { in_list(w); w.authority.validity = valid(b"210601000000Z", b"250601000000Z"); }),
    bad("the authority begins tomorrow", &["a1 not-yet-valid"], |w| w.authority.validity = valid(b"261123080000Z", b"310601000000Z")),
    bad("the authority ends before it begins", &["a1 dates-reversed", "a1 expired"], |w| w.authority.validity = valid(b"260601000000Z", b"250601000000Z")),
    bad("the one in between expired", &["a1 expired"], |w| {
        w.with_middle();
        let mut middle = authority("XA", "Middle", CA, &w.keys.other, (b"middle", Some(b"ca")), None);
        middle.validity = valid(b"210601000000Z", b"250601000000Z");
        w.between = vec![middle.signed(&w.keys.authority)];
    }),
    bad("the authority above the one in between expired", &["a2 expired"], |w| { let middle = w.with_middle(); w.between = vec![middle]; w.authority.validity = valid(b"210601000000Z", b"250601000000Z"); }),

    // Who may sign what.
    bad("no basic constraints", &["a1 not-an-authority"], |w| { w.authority.extensions.remove(0); }),
    bad("empty basic constraints", &["a1 not-an-authority"], |w| w.authority.extensions[0] = critical("2.5.29.19", &seq(&[]))),
    bad("CA:FALSE", &["a1 not-an-authority"], |w| w.authority.extensions[0] = critical("2.5.29.19", &seq(&[&[1, 1, 0]]))),
    bad("an authority of version 1", &["a1 not-an-authority"], |w| { w.authority.version_1 = true; w.authority.extensions.clear(); }),
    bad("extensions in version 1", &["a1 version-without-extensions"], |w| w.authority.version_1 = true),
    bad("a signer of version 1 with extensions", &["leaf version-without-extensions"], |w| w.leaf.version_1 = true),
    bad("the authority may not sign certificates", &["a1 may-not-certify"], |w| w.authority.extensions[1] = key_usage(0x80)),
    bad("the authority may sign revocation lists alone", &["a1 may-not-certify"], |w| w.authority.extensions[1] = key_usage(0x02)),
    bad("the signer is an authority", &["leaf signer-is-authority"], |w| w.leaf.extensions.push(constraints(None))),
    bad("the signer may only encrypt", &["leaf may-not-sign"], |w| w.leaf.extensions[0] = key_usage(0x20)),
    bad("an upload certificate that may only encrypt", &["leaf may-not-sign"], |w| { w.rules.purpose = Use::Messages; w.leaf.extensions[0] = key_usage(0x20); }),
    bad("a TLS client without the usage", &["leaf usage-missing"], |w| w.rules.purpose = Use::TlsClient),
    bad("a TLS server's certificate for a client", &["leaf usage-missing"], |w| { w.rules.purpose = Use::TlsClient; w.leaf.extensions.push(usages(&["1.3.6.1.5.5.7.3.1"])); }),
    bad("a signer taken for an authority", &["leaf not-an-authority", "leaf may-not-certify"], |w| w.rules.purpose = Use::Certificates),
    bad("a signer that signed another signer", &["a1 not-an-authority", "a1 may-not-certify"], |w| {
        let first = signer("XA", CA, &w.keys.other, b"ca").signed(&w.keys.authority);
        w.leaf = signer("XA", "DSC", &w.keys.leaf, b"leaf");
        w.leaf.subject = name("XA", "Second");
        w.leaf_by = &w.keys.other;
        w.between = vec![first];
    }),

    // Path length.
    bad("one in between, and none is allowed", &["a2 path-length"], |w| { let middle = w.with_middle(); w.between = vec![middle]; w.authority.extensions[0] = constraints(Some(0)); }),
    bad("two in between, and one is allowed", &["a3 path-length"], |w| {
        let middle = w.with_middle();
        w.authority.extensions[0] = constraints(Some(1));
        let low = authority("XA", "Low", "Middle", &w.keys.third, (b"low", Some(b"middle")), None);
        w.between = vec![low.signed(&w.keys.other), middle];
        w.leaf = signer("XA", "Low", &w.keys.leaf, b"low");
        w.leaf_by = &w.keys.third;
    }),
    bad("the one in between allows none, and one is below it", &["a2 path-length"], |w| {
        w.with_middle();
        let middle = authority("XA", "Middle", CA, &w.keys.other, (b"middle", Some(b"ca")), Some(0));
        let low = authority("XA", "Low", "Middle", &w.keys.third, (b"low", Some(b"middle")), None);
        w.between = vec![low.signed(&w.keys.other), middle.signed(&w.keys.authority)];
        w.leaf = signer("XA", "Low", &w.keys.leaf, b"low");
        w.leaf_by = &w.keys.third;
    }),
    bad("more levels than anybody has", &["leaf too-deep"], |w| {
        w.believes_authority = false;
        for level in 0..8 {
            let (below, own) = (format!("Level {level}"), format!("Level {}", level + 1));
            let ids = (below.as_bytes(), Some(own.as_bytes()));
            w.between.push(authority("XA", &below, &own, &w.keys.other, ids, None).signed(if level == 7 { &w.keys.third } else { &w.keys.other }));
        }
        w.believed = vec![authority("XA", "Level 8", "Level 8", &w.keys.third, (b"Level 8", None), None).signed(&w.keys.third)];
        w.leaf = signer("XA", "Level 0", &w.keys.leaf, b"Level 0");
        w.leaf_by = &w.keys.other;
    }),

    // Names, keys, countries.
    bad("another issuer is named", &["leaf issuer-name-differs"], |w| w.leaf.issuer = name("XA", "Somebody")),
    bad("the parts of the name in another order", &["leaf issuer-name-differs"], |w| {
        let part = |oid_text: &str, value: &str| tlv(0x31, &seq(&[&oid(oid_text), &tlv(0x0c, value.as_bytes())]));
        w.leaf.issuer = seq(&[&part("2.5.4.3", CA), &part("2.5.4.6", "XA")]);
    }),
    bad("another key is named", &["leaf key-id-differs"], |w| w.leaf.extensions[1] = authority_key_id(b"another")),
    bad("another issuer and another key are named", &["leaf issuer-name-differs", "leaf key-id-differs"], |w| { w.leaf.issuer = name("XA", "Somebody"); w.leaf.extensions[1] = authority_key_id(b"another"); }),
    bad("the authority of another country signed it", &["a1 authority-country-differs"], |w| w.leaf.subject = name("XB", "DSC")),
    bad("a country in small letters", &["a1 authority-country-differs"], |w| w.leaf.subject = name("xa", "DSC")),
    bad("GR in small letters is not EL", &["a1 authority-country-differs"], |w| { w.leaf.subject = name("el", "DSC"); w.authority.subject = name("GR", CA); w.authority.issuer = name("GR", CA); w.leaf.issuer = name("GR", CA); }),
    bad("the signer names no country", &["leaf no-country"], |w| w.leaf.subject = without_country("DSC")),
    bad("the authority names no country", &["a1 no-country"], |w| { w.authority.subject = without_country(CA); w.authority.issuer = without_country(CA); w.leaf.issuer = without_country(CA); }),
    bad("the country is right below and wrong above", &["a2 authority-country-differs"], |w| {
        w.with_middle();
        w.authority = authority("XB", CA, CA, &w.keys.authority, (b"ca", None), None);
        let mut middle = authority("XA", "Middle", CA, &w.keys.other, (b"middle", Some(b"ca")), None);
        middle.issuer = name("XB", CA);
        w.between = vec![middle.signed(&w.keys.authority)];
    }),

    // Signatures.
    bad("a namesake with the same key identifier signed it", &["leaf signature-mismatch"], |w| w.leaf_by = Box::leak(Box::new(sibling(w.keys)))),
    bad("a byte of the signature flipped", &["leaf signature-mismatch"], |w| w.spoil = |der| *der.last_mut().unwrap() ^= 1),
    bad("a byte of the body flipped", &["leaf signature-mismatch"], |w| w.spoil = |der| flip(der, b"DSC")),
    bad("the signature of the authority flipped by tolerance: never", &["leaf signature-mismatch"], |w| { w.rules.tolerates = |_| true; w.spoil = |der| *der.last_mut().unwrap() ^= 1; }),
    bad("two algorithms are named", &["leaf malformed"], |w| w.spoil = |der| second_algorithm(der)),
    bad("RSA with SHA-1", &["leaf weak-algorithm"], |w| w.leaf_by = with_algorithm(w.leaf_by, seq(&[&oid("1.2.840.113549.1.1.5"), &[5, 0]]))),
    bad("RSA with MD5", &["leaf weak-algorithm"], |w| w.leaf_by = with_algorithm(w.leaf_by, seq(&[&oid("1.2.840.113549.1.1.4"), &[5, 0]]))),
    bad("ECDSA with SHA-1", &["leaf weak-algorithm"], |w| w.leaf_by = with_algorithm(w.leaf_by, seq(&[&oid("1.2.840.10045.4.1")]))),
    bad("RSA-PSS with what is not written: SHA-1", &["leaf weak-algorithm"], |w| w.leaf_by = with_algorithm(w.leaf_by, seq(&[&oid("1.2.840.113549.1.1.10"), &seq(&[])]))),
    bad("ECDSA with SHA-224", &["leaf unsupported-algorithm"], |w| w.leaf_by = with_algorithm(w.leaf_by, seq(&[&oid("1.2.840.10045.4.3.1")]))),
    bad("DSA", &["leaf unsupported-algorithm"], |w| w.leaf_by = with_algorithm(w.leaf_by, seq(&[&oid("2.16.840.1.101.3.4.3.2")]))),
    bad("an algorithm with odd parameters", &["leaf signature-unreadable"], |w| w.leaf_by = with_algorithm(w.leaf_by, seq(&[&oid("1.2.840.10045.4.3.2"), &[5, 1, 0]]))),
    bad("an authority with RSA of 1,024 bits", &["leaf weak-algorithm"], |w| { w.authority.spki = rsa_1024(); w.leaf_by = with_algorithm(w.leaf_by, seq(&[&oid("1.2.840.113549.1.1.11"), &[5, 0]])); }),
    bad("an authority with Ed25519", &["leaf algorithm-not-for-key"], |w| w.authority.spki = ed25519()),
    bad("an authority that writes its curve out", &["a1 explicit-curve"], |w| {
        w.authority.spki = explicit_curve();
        w.leaf_by = with_algorithm(w.leaf_by, seq(&[&oid("1.2.840.10045.4.3.2")]));
    }),

    // The certificate's own key and extensions.
    bad("the signer writes its curve out", &["leaf explicit-curve"], |w| w.leaf.spki = explicit_curve()),
    bad("the signer has a key that signs no documents", &["leaf key-unusable"], |w| w.leaf.spki = { static KEY: OnceLock<Vec<u8>> = OnceLock::new(); KEY.get_or_init(|| Key::p521().spki).clone() }),
    bad("an unknown critical extension of the signer", &["leaf critical-extension-unknown"], |w| w.leaf.extensions.push(critical(UNKNOWN, b"x"))),
    bad("two unknown critical extensions", &["leaf critical-extension-unknown", "leaf critical-extension-unknown"], |w| { w.leaf.extensions.push(critical(UNKNOWN, b"x")); w.leaf.extensions.push(critical("1.3.6.1.4.1.99999.2", b"x")); }),
    bad("an unknown critical extension of the authority", &["a1 critical-extension-unknown"], |w| w.authority.extensions.push(critical(UNKNOWN, b"x"))),
    bad("name constraints, which nothing here obeys", &["a1 critical-extension-unknown"], |w| w.authority.extensions.push(critical("2.5.29.30", &seq(&[])))),
    bad("policy constraints, which nothing here obeys", &["a1 critical-extension-unknown"], |w| w.authority.extensions.push(critical("2.5.29.36", &seq(&[])))),
    bad("an extension of the signer twice", &["leaf extension-twice"], |w| w.leaf.extensions.push(key_usage(0x80))),
    bad("an unknown extension twice", &["leaf extension-twice"], |w| { w.leaf.extensions.push(extension(UNKNOWN, b"x")); w.leaf.extensions.push(extension(UNKNOWN, b"y")); }),
    bad("an extension of the authority twice", &["a1 extension-twice"], |w| w.authority.extensions.push(constraints(None))),
    bad("basic constraints that cannot be read", &["a1 extension-unreadable"], |w| w.authority.extensions[0] = critical("2.5.29.19", b"x")),
    bad("a key usage that cannot be read", &["leaf extension-unreadable"], |w| w.leaf.extensions[0] = critical("2.5.29.15", &[4, 1, 0])),

    // Nobody, and everybody.
    bad("nobody is believed", &["leaf no-authority"], |w| { w.believes_authority = false; w.authority = authority("XA", "Far", "Far", &w.keys.other, (b"far", None), None); }),
    bad("the authority lies there and nobody believes it", &["a1 self-signed"], |w| w.believes_authority = false),
    bad("the one in between has no authority itself", &["a1 no-authority"], |w| { let middle = w.with_middle(); w.between = vec![middle]; w.authority = authority("XA", "Far", "Far", &w.keys.third, (b"far", None), None); }),
    bad("a stranger that signed itself", &["leaf self-signed"], |w| { w.leaf = Spec { extensions: vec![key_usage(0x80)], ..Spec::new("XA", "Stranger", "Stranger", &w.keys.leaf) }; w.leaf_by = &w.keys.leaf; w.authority = authority("XC", "Far", "Far", &w.keys.authority, (b"far", None), None); }),
    bad("authorities that signed one another, and nobody else", &["a2 no-authority"], |w| {
        w.authority = authority("XA", "Far", "Far", &w.keys.authority, (b"far", None), None);
        let one = authority("XA", "One", "Two", &w.keys.other, (b"one", Some(b"two")), None);
        let two = authority("XA", "Two", "One", &w.keys.third, (b"two", Some(b"one")), None);
        w.between = vec![one.signed(&w.keys.third), two.signed(&w.keys.other)];
        w.leaf = signer("XA", "One", &w.keys.leaf, b"one");
        w.leaf_by = &w.keys.other;
    }),
    bad("three hundred namesakes, none of which signed it", &["leaf too-many-tries"], |w| {
        let mut spec = w.authority.clone();
        let signed = |spec: &Spec| spec.signed(&w.keys.authority);
        for number in 0..300u16 {
            spec.serial = [&[1][..], &number.to_be_bytes()].concat();
            w.believed.push(signed(&spec));
        }
        w.leaf_by = Box::leak(Box::new(sibling(w.keys)));
    }),
    bad("everything at once: all reasons are told", &["leaf may-not-sign", "leaf expired", "leaf key-id-differs", "a1 not-an-authority", "a1 expired"], |w| {
        w.leaf.validity = valid(b"210601000000Z", b"230601000000Z");
        w.leaf.extensions[0] = key_usage(0x20);
        w.leaf.extensions[1] = authority_key_id(b"another");
        w.authority.validity = valid(b"210601000000Z", b"230601000000Z");
        w.authority.extensions.remove(0);
    }),
];

static UPLOADER: OnceLock<Vec<u8>> = OnceLock::new();

/// Another key of the authority's kind.
fn sibling(keys: &Keys) -> Key {
    match keys.authority.digest_oid {
        "2.16.840.1.101.3.4.2.2" => Key::p384(),
        _ if matches!(keys.authority.pair, crate::made::Pair::Ec(_)) => Key::p256(),
        _ => Key::rsa(matches!(keys.authority.pair, crate::made::Pair::Pss(_))),
    }
}

fn in_list(world: &mut World) {
    world.rules.dates = Dates::AuthoritiesAt(AT.parse().unwrap());
}

fn flip(der: &mut [u8], text: &[u8]) {
    let place = der.windows(text.len()).position(|window| window == text).unwrap();
    der[place] ^= 0x20;
}

/// The algorithm outside, which nothing signs, is another one than inside.
fn second_algorithm(der: &mut [u8]) {
    let algorithm = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
    let rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    let last =
        |needle: &[u8]| der.windows(needle.len()).rposition(|window| window == needle).map(|at| at + needle.len());
    let place = last(&algorithm).max(last(&rsa)).unwrap();
    der[place] ^= 1;
}

#[test]
fn every_case_has_its_outcome() {
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    for keys in families() {
        for case in CASES {
            // A key that the case makes itself is of one kind whatever the family.
            let mut world = World::new(keys);
            (case.change)(&mut world);
            let found = world.find();
            let expected = Outcome {
                levels: case.expected.ok(),
                codes: case.codes.iter().map(|code| (*code).to_owned()).collect(),
            };
            if found != expected {
                wrong.push(format!("{} ({}): {found:?} instead of {expected:?}", case.name, keys.name));
            }
            names.insert(case.name);
        }
    }
    assert!(wrong.is_empty(), "{} outcomes differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(names.len(), CASES.len(), "each case has a name of its own");
    assert!(CASES.len() >= 60, "{} cases", CASES.len());
    println!("{} cases, {} families of keys", CASES.len(), families().len());
}

/// Every octet of the certificate and of its authority counts: with one flipped there is no path, or the certificate
/// that is left says the same.
#[test]
fn no_flipped_byte_opens_a_path() {
    let keys = &families()[0];
    let world = World::new(keys);
    let (leaf, authority) = (world.leaf.signed(world.leaf_by), world.authority.signed(world.authority_by));
    let believed = Certificate::from_der(&authority).unwrap();
    let pool = Pool::new([&believed]);
    assert!(path::find(&Certificate::from_der(&leaf).unwrap(), &pool, &world.rules).is_ok());
    for place in 0..leaf.len() {
        for bit in [0, 3, 7] {
            let mut damaged = leaf.clone();
            damaged[place] ^= 1 << bit;
            let Ok(damaged) = Certificate::from_der(&damaged) else { continue };
            assert!(path::find(&damaged, &pool, &world.rules).is_err(), "byte {place}, bit {bit}");
        }
    }
}

/// The search ends, whoever signed whom: a thicket of authorities that all signed one another.
#[test]
fn a_thicket_ends() {
    let keys = &families()[0];
    let mut between = Vec::new();
    for below in 0..24 {
        for above in 0..24 {
            let ids = [format!("id {below}"), format!("id {above}")];
            let spec = authority(
                "XA",
                &format!("CA {below}"),
                &format!("CA {above}"),
                &keys.other,
                (ids[0].as_bytes(), Some(ids[1].as_bytes())),
                None,
            );
            between.push(Certificate::from_der(&spec.signed(&keys.other)).unwrap());
        }
    }
    let leaf = signer("XA", "CA 0", &keys.leaf, b"id 0").signed(&keys.other);
    let far = Certificate::from_der(&World::new(keys).authority.signed(&keys.authority)).unwrap();
    let pool = Pool::new([&far]).with_intermediates(&between);
    let rules = PathRules::new(Use::Documents, at(AT));
    let leaf = Certificate::from_der(&leaf).unwrap();
    let (none, took) = crate::cost::worked(|| path::find(&leaf, &pool, &rules).unwrap_err());
    println!("a thicket of {} authorities ended after {took:?}: {none}", between.len());
    assert!(took.as_secs() < 5);
}
