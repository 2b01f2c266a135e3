//! Makes seals, with the two certificates behind them: nothing here is taken from the code under test.

use serde_json::{Value, json};
use vaccert::{
    trust::{
        TrustStore,
        lists::{self, ListOptions},
    },
    verify::{Verdict, Verifier},
};

use crate::made::{Key, Spec, extension, name, oid, seq, tlv, usages};

pub const AT: &str = "2026-11-21T12:00:00Z";
pub const EKU: &str = "2.23.136.1.1.14.2";

/// Identifier of the authority's key, as it stands in both certificates.
pub const KEY_ID: &[u8] = b"the authority's key.";

pub fn critical(oid_text: &str, value: &[u8]) -> Vec<u8> {
    seq(&[&oid(oid_text), &[1, 1, 0xff], &tlv(4, value)])
}

pub fn authority_constraints() -> Vec<u8> {
    critical("2.5.29.19", &seq(&[&[1, 1, 0xff]]))
}

/// Key usage by its first octet.
pub fn key_usage(bits: u8) -> Vec<u8> {
    critical("2.5.29.15", &tlv(3, &[0, bits]))
}

pub fn subject_key_id(id: &[u8]) -> Vec<u8> {
    extension("2.5.29.14", &tlv(4, id))
}

pub fn authority_key_id(id: &[u8]) -> Vec<u8> {
    extension("2.5.29.35", &seq(&[&tlv(0x80, id)]))
}

pub fn document_types(codes: &[&str]) -> Vec<u8> {
    let codes: Vec<u8> = codes.iter().flat_map(|code| tlv(0x13, code.as_bytes())).collect();
    extension("2.23.136.1.1.6.2", &seq(&[&[2, 1, 0], &tlv(0x31, &codes)]))
}

/// An authority's certificate, to be signed by its own key.
pub fn authority(country: &str, key: &Key) -> Spec {
    let mut spec = Spec::new(country, "CSCA", "CSCA", key);
    spec.extensions = vec![authority_constraints(), key_usage(0x06), subject_key_id(KEY_ID)];
    spec
}

/// A signer's certificate as the technical report wants it.
pub fn signer(country: &str, key: &Key) -> Spec {
    let mut spec = Spec::new(country, "AB", "CSCA", key);
    spec.extensions = vec![authority_key_id(KEY_ID), usages(&[EKU]), document_types(&["NV", "NT"])];
    spec
}

/// Everything behind a seal, good until something is changed.
pub struct Draft {
    pub csca: Key,
    pub csca_spec: Spec,
    pub key: Key,
    pub signer: Spec,
    /// Who signs the signer's certificate, where it is not the authority.
    pub forger: Option<Key>,
    pub algorithm: &'static str,
    pub data: Value,
    pub at: &'static str,
}

pub fn vaccination() -> Value {
    json!({
        "hdr": {"t": "icao.vacc", "v": 1, "is": "AUS"},
        "msg": {
            "uvci": "VB0009990012",
            "pid": {"n": "CITIZEN  ZOË", "dob": "1961-05-15", "sex": "F", "i": "PA0941262"},
            "ve": [{"des": "XM68M6", "nam": "Comirnaty", "dis": "RA01.0", "vd": [
                {"dvc": "2021-09-15", "seq": 1, "ctr": "AUS", "adm": "Clinic", "lot": "300157P"},
                {"dvc": "2021-12-01", "seq": "2", "ctr": "NZL", "lot": "300158P"},
            ]}],
        },
    })
}

pub fn test() -> Value {
    json!({
        "hdr": {"t": "icao.test", "v": 1, "is": "AUS"},
        "msg": {
            "utci": "U01932",
            "pid": {"n": "CITIZEN  JANE", "dob": "1961-05-15", "dt": "P", "dn": "PA0941262"},
            "sp": {"spn": "General Hospital", "ctr": "AUS", "cd": {"p": "+61", "e": "a@example.com", "a": "1 Street"}},
            "dat": {"sc": "2026-11-20T12:00:00+08:00", "ri": "2026-11-20T14:00:00+08:00"},
            "tr": {"tc": "molecular(PCR)", "r": "negative", "m": "nasopharyngeal"},
        },
    })
}

impl Draft {
    pub fn new() -> Self {
        Self::of(Key::p256(), Key::p256(), "ES256")
    }

    pub fn of(csca: Key, key: Key, algorithm: &'static str) -> Self {
        let (csca_spec, signer) = (authority("AU", &csca), signer("AU", &key));
        Self { csca, csca_spec, key, signer, forger: None, algorithm, data: vaccination(), at: AT }
    }

    pub fn csca_der(&self) -> Vec<u8> {
        self.csca_spec.signed(&self.csca)
    }

    pub fn signer_der(&self) -> Vec<u8> {
        self.signer.signed(self.forger.as_ref().unwrap_or(&self.csca))
    }

    /// The seal as it should be.
    pub fn seal(&self) -> Value {
        // Maps of serde_json are sorted; the names are ASCII, so this is the canonical form.
        let signature = fixed(&self.key.sign(self.data.to_string().as_bytes()), self.field());
        json!({
            "data": self.data,
            "sig": {"alg": self.algorithm, "cer": url(&self.signer_der()), "sigvl": url(&signature)},
        })
    }

    fn field(&self) -> usize {
        match self.key.digest_oid {
            "2.16.840.1.101.3.4.2.1" => 32,
            "2.16.840.1.101.3.4.2.2" => 48,
            _ => 66,
        }
    }

    /// A store that was given the authority's certificate, as a file.
    pub fn store(&self) -> TrustStore {
        store(&self.csca_der())
    }

    pub fn judge(&self) -> Verdict {
        self.judge_text(&self.seal().to_string())
    }

    pub fn judge_text(&self, text: &str) -> Verdict {
        Verifier::new(&self.store(), self.at.parse().unwrap()).with_payload(true).judge(text)
    }
}

/// A store with one list.
pub fn store(list: &[u8]) -> TrustStore {
    let mut store = TrustStore::new();
    lists::read(list, &ListOptions { name: "csca", list_keys: &[], unsigned: false }, &mut store).unwrap();
    store
}

pub fn url(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)
}

/// A DER signature as two numbers of fixed length.
pub fn fixed(der: &[u8], field: usize) -> Vec<u8> {
    fn number(at: &mut &[u8], field: usize) -> Vec<u8> {
        let length = usize::from(at[1]);
        let magnitude = &at[2..2 + length];
        let magnitude = &magnitude[magnitude.iter().take_while(|&&b| b == 0).count()..];
        *at = &at[2 + length..];
        let mut out = vec![0; field - magnitude.len()];
        out.extend(magnitude);
        out
    }
    // P-521 signatures may need two octets for the outer length.
    let mut content = if der[1] < 0x80 { &der[2..] } else { &der[3..] };
    let r = number(&mut content, field);
    [r, number(&mut content, field)].concat()
}

/// The certificate's validity.
pub fn valid(from: &[u8], until: &[u8]) -> Vec<u8> {
    seq(&[&tlv(0x17, from), &tlv(0x17, until)])
}

/// A name that nobody of these tests has.
pub fn stranger(country: &str) -> Vec<u8> {
    name(country, "Somebody else")
}
