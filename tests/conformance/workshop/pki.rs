//! The test PKI: private keys from `fixtures/pki`, signatures of every make, and signer certificates with any
//! extended key usage.

use std::sync::LazyLock;

use jiff::Timestamp;
use p256::ecdsa::signature::Signer as _;
use rsa::{
    BigUint,
    pkcs8::{DecodePrivateKey, EncodePublicKey},
    traits::{PrivateKeyParts, PublicKeyParts},
};
use vaccert::{
    keys::{Certificate, Kid, sha256},
    trust::{TrustStore, TrustedKey},
};

use super::{der, fixtures};

/// Object identifiers of the three purposes (certificate governance 4.3).
pub const TEST: &str = "1.3.6.1.4.1.1847.2021.1.1";
/// Vaccination.
pub const VACCINATION: &str = "1.3.6.1.4.1.1847.2021.1.2";
/// Recovery.
pub const RECOVERY: &str = "1.3.6.1.4.1.1847.2021.1.3";

/// Start and end of every signer certificate that a test does not choose otherwise.
pub const NOT_BEFORE: &str = "2021-01-01T00:00:00Z";
/// End.
pub const NOT_AFTER: &str = "2031-01-01T00:00:00Z";

/// Which private key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// P-256.
    Es256,
    /// RSA with 2,048 bits.
    Ps256,
}

impl Key {
    /// Short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "es256",
            Self::Ps256 => "ps256",
        }
    }

    /// Its COSE algorithm number.
    pub fn cose(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::Ps256 => -37,
        }
    }

    /// Its SubjectPublicKeyInfo.
    pub fn spki(self) -> Vec<u8> {
        match self {
            Self::Es256 => ec_spki("1.2.840.10045.3.1.7", &public_point(&read("es256.key.der"), 65)),
            Self::Ps256 => RSA.to_public_key().to_public_key_der().unwrap().as_bytes().to_vec(),
        }
    }

    /// Signs: ECDSA by RFC 6979, `r‖s`; RSASSA-PSS with a random salt of 32 bytes, by a fast library.
    pub fn sign(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256 => ecdsa(message),
            Self::Ps256 => {
                use aws_lc_rs::{rand::SystemRandom, signature::RSA_PSS_SHA256};
                let mut signature = vec![0; FAST_RSA.public_modulus_len()];
                FAST_RSA.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// Signs so that the same message always gets the same signature: what is kept as a file.
    pub fn sign_again(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256 => ecdsa(message),
            Self::Ps256 => pss(message, &[0x5a; 32]),
        }
    }
}

static RSA: LazyLock<rsa::RsaPrivateKey> =
    LazyLock::new(|| rsa::RsaPrivateKey::from_pkcs8_der(&read("ps256.key.der")).unwrap());

static FAST_RSA: LazyLock<aws_lc_rs::signature::RsaKeyPair> =
    LazyLock::new(|| aws_lc_rs::signature::RsaKeyPair::from_pkcs8(&read("ps256.key.der")).unwrap());

static EC: LazyLock<p256::ecdsa::SigningKey> = LazyLock::new(|| signing_key("es256.key.der"));

fn read(name: &str) -> Vec<u8> {
    std::fs::read(fixtures("pki").join(name)).unwrap_or_else(|e| panic!("fixtures/pki/{name}: {e}"))
}

fn signing_key(name: &str) -> p256::ecdsa::SigningKey {
    let pkcs8 = read(name);
    // RFC 5915: version 1, then the octet string of the scalar.
    let mark = [0x02, 0x01, 0x01, 0x04, 0x20];
    let at = pkcs8.windows(5).position(|window| window == mark).unwrap() + 5;
    p256::ecdsa::SigningKey::from_slice(&pkcs8[at..at + 32]).unwrap()
}

fn public_point(pkcs8: &[u8], length: usize) -> Vec<u8> {
    let point = pkcs8[pkcs8.len() - length..].to_vec();
    assert_eq!(point[0], 4, "an uncompressed point ends the key file");
    point
}

/// SubjectPublicKeyInfo of a point on a named curve.
pub fn ec_spki(curve: &str, point: &[u8]) -> Vec<u8> {
    der::sequence(&[der::sequence(&[der::oid("1.2.840.10045.2.1"), der::oid(curve)]), der::bits(point)])
}

/// SubjectPublicKeyInfo of the P-384 key.
pub fn p384_spki() -> Vec<u8> {
    ec_spki("1.3.132.0.34", &public_point(&read("p384.key.der"), 97))
}

/// SubjectPublicKeyInfo of an Ed25519 key.
pub fn ed25519_spki(public: &[u8]) -> Vec<u8> {
    der::sequence(&[der::sequence(&[der::oid("1.3.101.112")]), der::bits(public)])
}

/// Pair of the Ed25519 key.
pub fn ed25519() -> aws_lc_rs::signature::Ed25519KeyPair {
    aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(&read("ed25519.key.der")).unwrap()
}

fn ecdsa(message: &[u8]) -> Vec<u8> {
    let signature: p256::ecdsa::Signature = EC.sign(message);
    signature.to_bytes().to_vec()
}

/// The other signature that the same key and message have: `r ‖ n−s`.
pub fn other_s(signature: &[u8]) -> Vec<u8> {
    let order =
        BigUint::from_bytes_be(&super::unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"));
    let s = order - BigUint::from_bytes_be(&signature[32..]);
    let s = s.to_bytes_be();
    [&signature[..32], &vec![0; 32 - s.len()], &s].concat()
}

/// RSASSA-PSS with SHA-256 and MGF1-SHA-256 over any salt (RFC 8017 section 9.1.1).
pub fn pss(message: &[u8], salt: &[u8]) -> Vec<u8> {
    let length = RSA.size();
    let digest = sha256(&[&[0; 8], sha256(message).as_slice(), salt].concat());
    let mut block = vec![0; length - salt.len() - 32 - 2];
    block.push(1);
    block.extend_from_slice(salt);
    let mask = (0u32..).flat_map(|counter| sha256(&[digest.as_slice(), &counter.to_be_bytes()].concat()));
    let mut encoded: Vec<u8> = block.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    encoded[0] &= 0x7f;
    encoded.extend_from_slice(&digest);
    encoded.push(0xbc);
    rsa_raw(&encoded)
}

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.1): what PS256 must never take.
pub fn pkcs1(message: &[u8]) -> Vec<u8> {
    let info = super::unhex("3031300d060960864801650304020105000420");
    let tail = [info.as_slice(), &sha256(message)].concat();
    rsa_raw(&[&[0, 1], vec![0xff; RSA.size() - tail.len() - 3].as_slice(), &[0], &tail].concat())
}

fn rsa_raw(encoded: &[u8]) -> Vec<u8> {
    let number = BigUint::from_bytes_be(encoded).modpow(RSA.d(), RSA.n()).to_bytes_be();
    [vec![0; RSA.size() - number.len()], number].concat()
}

/// The modulus, for signatures that must not be taken modulo it.
pub fn rsa_modulus() -> BigUint {
    RSA.n().clone()
}

/// What a signer certificate says.
#[derive(Debug, Clone)]
pub struct Profile {
    /// SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// Extended key usages; `None` leaves the extension out.
    pub usages: Option<Vec<String>>,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
}

impl Profile {
    /// A signer of everything.
    pub fn of(spki: Vec<u8>) -> Self {
        Self { spki, usages: None, not_before: NOT_BEFORE.parse().unwrap(), not_after: NOT_AFTER.parse().unwrap() }
    }

    /// With these extended key usages.
    pub fn usages(mut self, usages: &[&str]) -> Self {
        self.usages = Some(usages.iter().map(|usage| (*usage).to_owned()).collect());
        self
    }

    /// Valid between two times.
    pub fn valid(mut self, from: &str, until: &str) -> Self {
        (self.not_before, self.not_after) = (from.parse().unwrap(), until.parse().unwrap());
        self
    }

    /// The certificate, signed by the key `csca`, in DER (RFC 5280).
    pub fn certificate(&self) -> Vec<u8> {
        let time = |t: Timestamp| der::item(0x18, t.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes());
        let ecdsa_sha256 = der::sequence(&[der::oid("1.2.840.10045.4.3.2")]);
        let mut extensions = vec![der::sequence(&[
            der::oid("2.5.29.15"),
            der::item(0x01, &[0xff]),
            der::item(0x04, &der::item(0x03, &[7, 0x80])),
        ])];
        if let Some(usages) = &self.usages {
            let list = der::sequence(&usages.iter().map(|usage| der::oid(usage)).collect::<Vec<_>>());
            extensions.push(der::sequence(&[der::oid("2.5.29.37"), der::item(0x04, &list)]));
        }
        let body = der::sequence(&[
            der::item(0xa0, &der::integer(&[2])),
            der::integer(&sha256(&self.spki)[..8]),
            ecdsa_sha256.clone(),
            name("vaccert test CSCA"),
            der::sequence(&[time(self.not_before), time(self.not_after)]),
            name("vaccert test signer"),
            self.spki.clone(),
            der::item(0xa3, &der::sequence(&extensions)),
        ]);
        let signature: p256::ecdsa::Signature = signing_key("csca.key.der").sign(&body);
        let (r, s) = (signature.r().to_bytes(), signature.s().to_bytes());
        der::sequence(&[body, ecdsa_sha256, der::bits(&der::sequence(&[der::integer(&r), der::integer(&s)]))])
    }

    /// A store that trusts it, and its key identifier.
    pub fn store(&self) -> (TrustStore, Kid) {
        store(&self.certificate())
    }
}

fn name(common: &str) -> Vec<u8> {
    let part = |oid: &str, tag: u8, text: &str| {
        der::item(0x31, &der::sequence(&[der::oid(oid), der::item(tag, text.as_bytes())]))
    };
    der::sequence(&[part("2.5.4.6", 0x13, "XX"), part("2.5.4.3", 0x0c, common)])
}

/// A store that trusts one certificate, and its key identifier.
pub fn store(certificate: &[u8]) -> (TrustStore, Kid) {
    let mut store = TrustStore::new();
    let kid = trust(&mut store, certificate);
    (store, kid)
}

/// Adds a certificate to a store.
pub fn trust(store: &mut TrustStore, certificate: &[u8]) -> Kid {
    let certificate = Certificate::from_der(certificate).unwrap();
    store.add(TrustedKey::from_certificate(&certificate, "test").unwrap());
    certificate.kid().clone()
}
