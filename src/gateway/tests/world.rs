//! A carrier that follows a script, and a small world of certificates.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use serde_json::{Value as Json, json};

use crate::{
    clock::Fixed,
    gateway::{
        Answer, Client, ListEntry, Network, Patience, Request, Transport, TransportError, UploadKey, thumbprint,
    },
    keys::{Certificate, MemoryX509Signer},
    trust::cms::{self, Carries},
};

/// The time of all tests.
pub(super) const NOW: &str = "2026-11-22T12:00:00Z";

pub(super) fn now() -> Timestamp {
    at(NOW)
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What a script answers.
pub(super) type Served = Result<Answer, TransportError>;

type Handler = dyn Fn(usize, &Request) -> Served + Send + Sync;

/// Answers as it is told, and remembers what was asked.
pub(super) struct Scripted {
    handler: Box<Handler>,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Transport for Scripted {
    fn send<'a>(&'a self, request: &'a Request, limit: usize) -> BoxFuture<'a, Result<Answer, TransportError>> {
        let number = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(request.clone());
            asked.len() - 1
        };
        let answer = (self.handler)(number, request).and_then(|answer| {
            if answer.body.len() > limit {
                return Err(TransportError::TooLarge { host: "h".into(), limit });
            }
            Ok(answer)
        });
        Box::pin(std::future::ready(answer))
    }
}

/// What was asked, so far.
pub(super) type Asked = Arc<Mutex<Vec<Request>>>;

/// A client over a script.
pub(super) fn client(
    network: Network,
    now: Timestamp,
    handler: impl Fn(usize, &Request) -> Result<Answer, TransportError> + Send + Sync + 'static,
) -> (Client, Asked) {
    let asked = Asked::default();
    let transport = Scripted { handler: Box::new(handler), asked: Arc::clone(&asked) };
    let patience = Patience { tries: 3, first: Duration::ZERO, most: Duration::ZERO };
    (Client::new(Box::new(transport), Arc::new(Fixed(now)), network, patience, 7), asked)
}

pub(super) fn answer(status: u16, body: impl AsRef<[u8]>) -> Answer {
    Answer { status, headers: Vec::new(), body: body.as_ref().to_vec() }
}

pub(super) fn with_header(mut answer: Answer, name: &str, value: &str) -> Answer {
    answer.headers.push((name.to_owned(), value.to_owned()));
    answer
}

pub(super) fn report(status: u16, code: &str, details: &str) -> Answer {
    answer(status, json!({"code": code, "problem": "p", "sendValue": "SECRET", "details": details}).to_string())
}

/// A certificate with its key.
pub(super) struct Holder {
    pub(super) certificate: Certificate,
    key: KeyPair,
    parameters: CertificateParams,
}

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Use {
    Anchor,
    Upload,
    Csca,
    Dsc,
}

impl Holder {
    pub(super) fn new(purpose: Use, country: &str, issuer: Option<&Self>, years: (i32, i32)) -> Self {
        let mut parameters = CertificateParams::default();
        let mut name = DistinguishedName::new();
        name.push(DnType::CountryName, DnValue::PrintableString(country.try_into().unwrap()));
        let common = match purpose {
            Use::Anchor => "TA",
            Use::Upload => "UP",
            Use::Csca => "CSCA",
            Use::Dsc => "DSC",
        };
        name.push(DnType::CommonName, format!("{common} of {country}"));
        parameters.distinguished_name = name;
        parameters.not_before = rcgen::date_time_ymd(years.0, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(years.1, 1, 1);
        parameters.key_usages = vec![match purpose {
            Use::Csca => KeyUsagePurpose::KeyCertSign,
            _ => KeyUsagePurpose::DigitalSignature,
        }];
        if purpose == Use::Csca {
            parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        }
        parameters.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().unwrap();
        let made = match issuer {
            Some(issuer) => parameters.signed_by(&key, &Issuer::from_params(&issuer.parameters, &issuer.key)),
            None => parameters.self_signed(&key),
        };
        let certificate = Certificate::from_der(made.unwrap().der()).unwrap();
        Self { certificate, key, parameters }
    }

    pub(super) fn upload_key(&self) -> UploadKey {
        UploadKey::new(self.certificate.clone(), Box::new(self.signer()))
    }

    pub(super) fn signer(&self) -> MemoryX509Signer {
        MemoryX509Signer::new(&self.key.serialize_der()).unwrap()
    }

    pub(super) fn sign(&self, content: &[u8], carries: Carries, at: Timestamp) -> String {
        cms::line(&cms::sign(content, carries, &self.certificate, &self.signer(), at).unwrap())
    }

    /// The entry of this certificate in a list, vouched for by another.
    pub(super) fn entry(&self, kind: &str, voucher: &Self) -> ListEntry {
        ListEntry {
            kid: Some(self.certificate.kid().to_string()),
            timestamp: Some("2026-01-01T00:00:00Z".into()),
            country: self.certificate.country().map(str::to_owned),
            certificate_type: Some(kind.to_owned()),
            thumbprint: Some(thumbprint(&self.certificate)),
            signature: Some(voucher.sign(self.certificate.der(), Carries::SignatureOnly, at("2026-02-01T00:00:00Z"))),
            raw_data: Some(STANDARD.encode(self.certificate.der())),
        }
    }
}

/// An operator and two countries.
pub(super) struct World {
    pub(super) anchor: Holder,
    pub(super) upload: Holder,
    pub(super) csca: Holder,
    pub(super) signer: Holder,
    /// The other country's uploader.
    pub(super) other: Holder,
}

impl World {
    pub(super) fn new() -> Self {
        let csca = Holder::new(Use::Csca, "XX", None, (2025, 2029));
        Self {
            anchor: Holder::new(Use::Anchor, "EU", None, (2020, 2040)),
            upload: Holder::new(Use::Upload, "XX", None, (2026, 2028)),
            signer: Holder::new(Use::Dsc, "XX", Some(&csca), (2026, 2028)),
            csca,
            other: Holder::new(Use::Upload, "YY", None, (2026, 2028)),
        }
    }

    /// The trust list: everything in its place.
    pub(super) fn list(&self) -> Vec<ListEntry> {
        vec![
            self.upload.entry("UPLOAD", &self.anchor),
            self.other.entry("UPLOAD", &self.anchor),
            self.csca.entry("CSCA", &self.anchor),
            self.signer.entry("DSC", &self.upload),
        ]
    }
}

/// A rule of XX that holds from `from` on.
pub(super) fn rule(version: &str, from: &str) -> Json {
    json!({
        "Identifier": "VR-XX-0001", "Type": "Acceptance", "Country": "XX", "Version": version,
        "SchemaVersion": "1.0.0", "Engine": "CERTLOGIC", "EngineVersion": "1.0.0",
        "CertificateType": "Vaccination", "ValidFrom": from, "ValidTo": "2030-06-01T00:00:00Z",
        "AffectedFields": ["v.0"],
        "Description": [{"lang": "en", "desc": "There must be a vaccination."}],
        "Logic": {"===": [1, 1]},
    })
}

/// A batch of XX with so many entries.
pub(super) fn batch(entries: usize) -> Json {
    let entries: Vec<Json> = (0..entries)
        .map(|number| {
            let mut hash = [0u8; 16];
            hash[..8].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
            json!({"hash": STANDARD.encode(hash)})
        })
        .collect();
    json!({"country": "XX", "expires": "2027-11-22T00:00:00Z", "kid": "HBDru8SfeDE=", "hashType": "UCI",
           "entries": entries})
}

/// An identifier of a batch.
pub(super) fn id(number: usize) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}
