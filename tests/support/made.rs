//! Certificates and CMS messages made for tests, octet by octet: a library would refuse to make the broken ones.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};

/// One DER item.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..0x80 => out.push(short as u8),
        one @ 0x80..0x100 => out.extend([0x81, one as u8]),
        two => out.extend([0x82, (two >> 8) as u8, two as u8]),
    }
    out.extend(content);
    out
}

/// A sequence of items.
pub fn seq(items: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &items.concat())
}

/// An object identifier by its arcs.
pub fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut content = Vec::new();
    for arc in std::iter::once(arcs[0] * 40 + arcs[1]).chain(arcs[2..].iter().copied()) {
        let mut octets = vec![(arc & 0x7f) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            octets.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        content.extend(octets.iter().rev());
    }
    tlv(6, &content)
}

/// A private key.
pub enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Pss(RsaKeyPair),
}

/// A throw-away key.
pub struct Key {
    pub pair: Pair,
    /// SubjectPublicKeyInfo in DER.
    pub spki: Vec<u8>,
    /// AlgorithmIdentifier of its signatures.
    pub algorithm: Vec<u8>,
    pub digest: &'static digest::Algorithm,
    pub digest_oid: &'static str,
}

const SHA256: &str = "2.16.840.1.101.3.4.2.1";

impl Key {
    fn ec(
        signing: &'static EcdsaSigningAlgorithm,
        curve: &str,
        algorithm: &str,
        hash: (&'static digest::Algorithm, &'static str),
    ) -> Self {
        let pair = EcdsaKeyPair::generate(signing).unwrap();
        let point = [&[0], pair.public_key().as_ref()].concat();
        let spki = seq(&[&seq(&[&oid("1.2.840.10045.2.1"), &oid(curve)]), &tlv(3, &point)]);
        Self { pair: Pair::Ec(pair), spki, algorithm: seq(&[&oid(algorithm)]), digest: hash.0, digest_oid: hash.1 }
    }

    pub fn p256() -> Self {
        let hash = (&digest::SHA256, SHA256);
        Self::ec(&ECDSA_P256_SHA256_ASN1_SIGNING, "1.2.840.10045.3.1.7", "1.2.840.10045.4.3.2", hash)
    }

    pub fn p384() -> Self {
        let hash = (&digest::SHA384, "2.16.840.1.101.3.4.2.2");
        Self::ec(&ECDSA_P384_SHA384_ASN1_SIGNING, "1.3.132.0.34", "1.2.840.10045.4.3.3", hash)
    }

    pub fn p521() -> Self {
        let hash = (&digest::SHA512, "2.16.840.1.101.3.4.2.3");
        Self::ec(&ECDSA_P521_SHA512_ASN1_SIGNING, "1.3.132.0.35", "1.2.840.10045.4.3.4", hash)
    }

    pub fn rsa(pss: bool) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let bits = [&[0], pair.public_key().as_ref()].concat();
        let spki = seq(&[&seq(&[&oid("1.2.840.113549.1.1.1"), &[5, 0]]), &tlv(3, &bits)]);
        let hash = seq(&[&oid(SHA256), &[5, 0]]);
        let mask = seq(&[&oid("1.2.840.113549.1.1.8"), &hash]);
        let parameters = seq(&[&tlv(0xa0, &hash), &tlv(0xa1, &mask), &tlv(0xa2, &[2, 1, 32])]);
        let algorithm = match pss {
            true => seq(&[&oid("1.2.840.113549.1.1.10"), &parameters]),
            false => seq(&[&oid("1.2.840.113549.1.1.11"), &[5, 0]]),
        };
        let pair = if pss { Pair::Pss(pair) } else { Pair::Rsa(pair) };
        Self { pair, spki, algorithm, digest: &digest::SHA256, digest_oid: SHA256 }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |pair: &RsaKeyPair, encoding: &'static dyn aws_lc_rs::signature::RsaEncoding| {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(encoding, &random, message, &mut signature).unwrap();
            signature
        };
        match &self.pair {
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => rsa(pair, &RSA_PKCS1_SHA256),
            Pair::Pss(pair) => rsa(pair, &RSA_PSS_SHA256),
        }
    }
}

/// A distinguished name of country and common name.
pub fn name(country: &str, common: &str) -> Vec<u8> {
    let part = |oid_text: &str, value: &str| tlv(0x31, &seq(&[&oid(oid_text), &tlv(0x0c, value.as_bytes())]));
    seq(&[&part("2.5.4.6", country), &part("2.5.4.3", common)])
}

/// An extension.
pub fn extension(oid_text: &str, value: &[u8]) -> Vec<u8> {
    seq(&[&oid(oid_text), &tlv(4, value)])
}

/// Extended key usage.
pub fn usages(oids: &[&str]) -> Vec<u8> {
    extension(
        "2.5.29.37",
        &seq(&oids.iter().map(|text| oid(text)).collect::<Vec<_>>().iter().map(Vec::as_slice).collect::<Vec<_>>()),
    )
}

/// What a certificate says.
#[derive(Clone)]
pub struct Spec {
    pub version_1: bool,
    pub serial: Vec<u8>,
    pub issuer: Vec<u8>,
    pub subject: Vec<u8>,
    pub validity: Vec<u8>,
    pub spki: Vec<u8>,
    pub extensions: Vec<Vec<u8>>,
}

impl Spec {
    pub fn new(country: &str, common: &str, issuer: &str, key: &Key) -> Self {
        let validity = seq(&[&tlv(0x17, b"210601000000Z"), &tlv(0x17, b"310601000000Z")]);
        Self {
            version_1: false,
            serial: vec![1, 2, 3],
            issuer: name(country, issuer),
            subject: name(country, common),
            validity,
            spki: key.spki.clone(),
            extensions: Vec::new(),
        }
    }

    /// The certificate, signed.
    pub fn signed(&self, by: &Key) -> Vec<u8> {
        let version = if self.version_1 { Vec::new() } else { tlv(0xa0, &[2, 1, 2]) };
        let extensions = match self.extensions.is_empty() {
            true => Vec::new(),
            false => tlv(0xa3, &tlv(0x30, &self.extensions.concat())),
        };
        let serial = tlv(2, &self.serial);
        let body = seq(&[
            &version,
            &serial,
            &by.algorithm,
            &self.issuer,
            &self.validity,
            &self.subject,
            &self.spki,
            &extensions,
        ]);
        seq(&[&body, &by.algorithm, &tlv(3, &[&[0], by.sign(&body).as_slice()].concat())])
    }
}

/// A certificate of a country, by its authority.
pub fn certificate(country: &str, common: &str, key: &Key, issuer: (&str, &Key)) -> Vec<u8> {
    Spec::new(country, common, issuer.0, key).signed(issuer.1)
}

/// How a CMS message is made.
#[derive(Clone, Copy, Default)]
pub struct Cms {
    pub attached: bool,
    /// Indefinite lengths outside, the content in parts, as Bouncy Castle writes them.
    pub ber: bool,
    pub without_attributes: bool,
    pub without_certificate: bool,
    /// What the content is; plain data where nothing is said.
    pub content_type: Option<&'static str>,
}

/// A CMS message over `content`; `issuer` and serial number 1 2 3 are those of [`Spec`].
pub fn cms(content: &[u8], certificate: &[u8], issuer: &[u8], key: &Key, how: Cms) -> Vec<u8> {
    let wrap = |tag: u8, content: &[u8]| match how.ber {
        true => [&[tag, 0x80], content, &[0, 0]].concat(),
        false => tlv(tag, content),
    };
    let digest_algorithm = seq(&[&oid(key.digest_oid), &[5, 0]]);
    let data = oid(how.content_type.unwrap_or("1.2.840.113549.1.7.1"));
    let attribute = |kind: &str, value: &[u8]| seq(&[&oid(kind), &tlv(0x31, value)]);
    let attributes = [
        attribute("1.2.840.113549.1.9.3", &data),
        attribute("1.2.840.113549.1.9.5", &tlv(0x17, b"230601000000Z")),
        attribute("1.2.840.113549.1.9.4", &tlv(4, digest::digest(key.digest, content).as_ref())),
    ]
    .concat();
    let (signed, attributes) = match how.without_attributes {
        true => (content.to_vec(), Vec::new()),
        false => (tlv(0x31, &attributes), tlv(0xa0, &attributes)),
    };
    let signer = seq(&[
        &[2, 1, 1],
        &seq(&[issuer, &tlv(2, &[1, 2, 3])]),
        &digest_algorithm,
        &attributes,
        &key.algorithm,
        &tlv(4, &key.sign(&signed)),
    ]);
    let inner = match (how.attached, how.ber) {
        (false, _) => Vec::new(),
        (true, false) => tlv(0xa0, &tlv(4, content)),
        (true, true) => {
            let (one, two) = content.split_at(content.len() / 2);
            wrap(0xa0, &wrap(0x24, &[tlv(4, one), tlv(4, two)].concat()))
        }
    };
    let certificates = if how.without_certificate { Vec::new() } else { wrap(0xa0, certificate) };
    let body = [
        vec![2, 1, 1],
        tlv(0x31, &digest_algorithm),
        wrap(0x30, &[data, inner].concat()),
        certificates,
        tlv(0x31, &signer),
    ]
    .concat();
    wrap(0x30, &[oid("1.2.840.113549.1.7.2"), wrap(0xa0, &wrap(0x30, &body))].concat())
}

/// A PEM block.
pub fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64(der))
}

/// Standard base64.
pub fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}
