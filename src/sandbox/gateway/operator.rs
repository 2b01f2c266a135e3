//! The operator's side of the gateway: onboarding and withdrawing countries, inventing some, making trouble. None of
//! it is on the wire.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Asked, Gateway, GatewayError, Role, Trouble,
    book::{Book, Entry, Kind, Party, TrustedIssuer, thumbprint},
};
use crate::{
    keys::{Certificate, X509Signer},
    limits::SANDBOX_STATE_BYTES,
    sandbox::pki,
    trust::cms::{self, Carries, CmsWriteError},
};

/// The EU's value sets, in the form of this program.
const VALUE_SETS: [&str; 8] = [
    include_str!("../../../value-sets/eu/2.12.0/countries.json"),
    include_str!("../../../value-sets/eu/2.12.0/disease.json"),
    include_str!("../../../value-sets/eu/2.12.0/test-devices.json"),
    include_str!("../../../value-sets/eu/2.12.0/test-result.json"),
    include_str!("../../../value-sets/eu/2.12.0/test-type.json"),
    include_str!("../../../value-sets/eu/2.12.0/vaccine-holders.json"),
    include_str!("../../../value-sets/eu/2.12.0/vaccine-products.json"),
    include_str!("../../../value-sets/eu/2.12.0/vaccine-prophylaxis.json"),
];

/// What a country hands to the operator.
#[derive(Debug, Clone)]
pub struct Participant {
    /// Its code.
    pub country: String,
    /// TLS client certificates, in DER.
    pub authentication: Vec<Vec<u8>>,
    /// Upload certificates, in DER.
    pub upload: Vec<Vec<u8>>,
    /// Authorities, in DER.
    pub csca: Vec<Vec<u8>>,
    /// What its clients may do with revocations.
    pub roles: Vec<Role>,
}

impl Participant {
    /// What a country of the sandbox hands over, with all roles.
    #[must_use]
    pub fn of(country: &pki::Country) -> Self {
        Self {
            country: country.code.clone(),
            authentication: vec![country.tls.der().to_vec()],
            upload: vec![country.upload.der().to_vec()],
            csca: vec![country.csca.der().to_vec()],
            roles: vec![Role::Reader, Role::Uploader, Role::Deleter],
        }
    }
}

/// A detached signature, in base64.
pub(super) fn vouch(
    content: &[u8],
    certificate: &Certificate,
    signer: &dyn X509Signer,
    now: Timestamp,
) -> Result<String, CmsWriteError> {
    cms::sign(content, Carries::SignatureOnly, certificate, signer, now).map(|message| cms::line(&message))
}

/// What an earlier gateway has kept; nothing when there was none.
pub(super) fn kept(path: &Path) -> Result<Book, GatewayError> {
    let fail = |error: std::io::Error| GatewayError::File { path: path.to_owned(), kind: error.kind() };
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Book::default()),
        Err(error) => return Err(fail(error)),
        Ok(found) if found.len() > SANDBOX_STATE_BYTES => return Err(GatewayError::Kept { path: path.to_owned() }),
        Ok(_) => {}
    }
    let bytes = fs::read(path).map_err(fail)?;
    serde_json::from_slice(&bytes).map_err(|_| GatewayError::Kept { path: path.to_owned() })
}

/// Name and published form of a value set.
fn published(text: &str) -> Option<(String, String)> {
    let set: Value = serde_json::from_str(text).ok()?;
    let id = set.get("value_set")?.as_str()?.to_owned();
    let mut values = Map::new();
    for entry in set.get("entries")?.as_array()? {
        let member = |name: &str| entry.get(name).cloned().unwrap_or(Value::from(""));
        let value = json!({
            "display": member("display"), "lang": "en", "active": member("active"), "version": member("version"),
            "system": member("system"),
        });
        values.insert(entry.get("code")?.as_str()?.to_owned(), value);
    }
    let set = json!({"valueSetId": id, "valueSetDate": set.get("date")?, "valueSetValues": values});
    Some((id, set.to_string()))
}

impl Gateway {
    /// Onboards a country: the anchor signs each of its certificates. What is onboarded already stays as it is.
    ///
    /// # Errors
    /// [`GatewayError`] when something is no certificate, or the change cannot be kept.
    pub fn onboard(&self, participant: &Participant) -> Result<(), GatewayError> {
        let now = self.shared.clock.now();
        let kinds = [
            (Kind::Authentication, &participant.authentication),
            (Kind::Upload, &participant.upload),
            (Kind::Csca, &participant.csca),
        ];
        let mut rows = Vec::new();
        for (kind, certificates) in kinds {
            for der in certificates {
                let unreadable = || GatewayError::Certificate { country: participant.country.clone() };
                Certificate::from_der(der).map_err(|_| unreadable())?;
                let roles = if kind == Kind::Authentication { participant.roles.clone() } else { Vec::new() };
                rows.push(Party {
                    country: participant.country.clone(),
                    kind,
                    thumbprint: thumbprint(der),
                    raw: STANDARD.encode(der),
                    signature: vouch(der, self.anchor(), &self.shared.signer, now)?,
                    since: now,
                    roles,
                    domain: "DCC".to_owned(),
                    uuid: self.shared.uuid()?,
                });
            }
        }
        self.shared.change(|book| {
            for row in rows {
                let same = |other: &Party| other.kind == row.kind && other.thumbprint == row.thumbprint;
                if !book.parties.iter().any(same) {
                    book.parties.push(row);
                }
            }
        })
    }

    /// Takes a country off the gateway with everything that it has uploaded.
    ///
    /// # Errors
    /// When the change cannot be kept.
    pub fn withdraw(&self, country: &str) -> Result<(), GatewayError> {
        self.shared.change(|book| {
            book.parties.retain(|party| party.country != country);
            book.entries.retain(|entry| entry.country != country);
            book.rules.retain(|rule| rule.country != country);
            book.batches.retain(|batch| batch.country != country);
        })
    }

    /// Takes one onboarded certificate off the gateway, such as an upload certificate that has ended.
    ///
    /// # Errors
    /// When the change cannot be kept.
    pub fn remove(&self, der: &[u8]) -> Result<(), GatewayError> {
        let print = thumbprint(der);
        self.shared.change(|book| book.parties.retain(|party| party.thumbprint != print))
    }

    /// Says what the clients of a country may do with revocations from now on.
    ///
    /// # Errors
    /// [`GatewayError::Stranger`] when the country is not onboarded.
    pub fn set_roles(&self, country: &str, roles: &[Role]) -> Result<(), GatewayError> {
        let found = self.shared.change(|book| {
            let clients = book.parties.iter_mut().filter(|p| p.country == country && p.kind == Kind::Authentication);
            clients.map(|client| client.roles = roles.to_vec()).count()
        })?;
        if found == 0 { Err(GatewayError::Stranger { country: country.to_owned() }) } else { Ok(()) }
    }

    /// Onboards a country of the sandbox and puts its document signers on the list, as if it had uploaded them.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub fn publish(&self, country: &pki::Country) -> Result<(), GatewayError> {
        self.onboard(&Participant::of(country))?;
        let now = self.shared.clock.now();
        let uploader = country.upload.signer()?;
        let mut rows = Vec::new();
        for signer in &country.signers {
            let signature = vouch(signer.der(), country.upload.certificate(), &uploader, now)?;
            rows.push((signer, signature, self.shared.uuid()?));
        }
        self.shared.change(|book| {
            for (signer, signature, uuid) in rows {
                let print = thumbprint(signer.der());
                if book.entries.iter().any(|entry| entry.thumbprint == print) {
                    continue;
                }
                let id = book.next();
                book.entries.push(Entry {
                    id,
                    country: country.code.clone(),
                    kid: signer.certificate().kid().to_string(),
                    thumbprint: print,
                    raw: STANDARD.encode(signer.der()),
                    signature,
                    since: now,
                    deleted: None,
                    domain: "DCC".to_owned(),
                    group: "DSC".to_owned(),
                    properties: std::collections::BTreeMap::new(),
                    uuid,
                    version: 1,
                });
            }
        })
    }

    /// Invents countries with `signers` document signers each, and gives their keys. Their codes are the ones that
    /// ISO 3166 leaves to users (`XA` to `XZ`).
    ///
    /// # Errors
    /// [`GatewayError`].
    pub fn invent(&self, codes: &[&str], signers: usize) -> Result<Vec<pki::Country>, GatewayError> {
        let now = self.shared.clock.now();
        codes
            .iter()
            .map(|code| {
                let workshop = pki::Workshop::new(code, now, std::sync::Arc::clone(&self.shared.random))?;
                let country = pki::Country::make(&workshop, signers)?;
                self.publish(&country)?;
                Ok(country)
            })
            .collect()
    }

    /// Puts the EU's value sets on the gateway, in the form in which it publishes them.
    ///
    /// # Errors
    /// When the change cannot be kept.
    pub fn stock_value_sets(&self) -> Result<(), GatewayError> {
        let sets: Vec<(String, String)> = VALUE_SETS.iter().filter_map(|text| published(text)).collect();
        self.shared.change(|book| book.value_sets.extend(sets))
    }

    /// Puts an issuer of keys on the list that the anchor signs (`/trustList/issuers`).
    ///
    /// # Errors
    /// [`GatewayError`].
    pub fn list_issuer(&self, country: &str, url: &str, is_did: bool, name: &str) -> Result<(), GatewayError> {
        let now = self.shared.clock.now();
        let kind = if is_did { "DID" } else { "HTTP" };
        // The trailing semicolon is part of what is signed.
        let content = format!("{country};{name};{url};{kind};");
        let signature = vouch(content.as_bytes(), self.anchor(), &self.shared.signer, now)?;
        let row = TrustedIssuer {
            country: country.to_owned(),
            url: url.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            signature,
            since: now,
            uuid: self.shared.uuid()?,
        };
        self.shared.change(|book| book.issuers.push(row))
    }

    /// Spoils the anchor's signature on everything that a country has onboarded: somebody has been in the database.
    ///
    /// # Errors
    /// When the change cannot be kept.
    pub fn forge(&self, country: &str) -> Result<(), GatewayError> {
        self.shared.change(|book| {
            for party in book.parties.iter_mut().filter(|party| party.country == country) {
                party.signature = STANDARD.encode(b"not the anchor's");
            }
        })
    }

    /// Makes trouble the next `times` times that an answer is concerned.
    pub fn trouble(&self, trouble: Trouble, times: usize) {
        self.shared.held().troubles.push((trouble, times));
    }

    /// Makes no more trouble.
    pub fn recover(&self) {
        self.shared.held().troubles.clear();
    }

    /// What was asked so far, and with which status it was answered.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.held().asked.clone()
    }

    /// Key identifiers of the document signers of a country on the list, sorted.
    #[must_use]
    pub fn listed(&self, country: &str) -> Vec<String> {
        let held = self.shared.held();
        let there = held.book.entries.iter().filter(|entry| entry.country == country && entry.deleted.is_none());
        let mut kids: Vec<String> = there.map(|entry| entry.kid.clone()).collect();
        kids.sort();
        kids
    }
}
