//! What the gateway knows: participants, signers, rules, revocations. It lives in memory and can be kept in a file.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{Certificate, sha256},
    trust::cms::{Believed, SignedData},
};

/// How long a deleted row can still be seen in listings of changes.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a certificate, in hexadecimal digits.
pub(super) fn thumbprint(der: &[u8]) -> String {
    hex(&sha256(der))
}

/// What an onboarded certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Kind {
    Authentication,
    Upload,
    Csca,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Authentication => "AUTHENTICATION",
            Self::Upload => "UPLOAD",
            Self::Csca => "CSCA",
        }
    }
}

/// What a client may do with revocations beyond being known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// May read revocation batches (`RevocationListReader`).
    Reader,
    /// May upload them (`RevocationUploader`).
    Uploader,
    /// May delete its country's (`RevocationDeleter`).
    Deleter,
}

/// An onboarded certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Party {
    pub(super) country: String,
    pub(super) kind: Kind,
    pub(super) thumbprint: String,
    /// DER, in base64.
    pub(super) raw: String,
    /// The operator's signature: a detached CMS message, in base64.
    pub(super) signature: String,
    pub(super) since: Timestamp,
    pub(super) roles: Vec<Role>,
    pub(super) domain: String,
    pub(super) uuid: String,
}

impl Party {
    /// The certificate, when the operator's anchor signed this row.
    fn vouched(&self, anchor: &Certificate) -> Option<Certificate> {
        let der = STANDARD.decode(&self.raw).ok()?;
        let message = STANDARD.decode(&self.signature).ok()?;
        let signed = SignedData::read(&message).ok()?;
        signed.verify(Believed::Certificate(anchor), Some(&der)).ok()?;
        Certificate::from_der(&der).ok().filter(|_| thumbprint(&der) == self.thumbprint)
    }
}

/// A document signer, or whatever else a country has uploaded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) id: u64,
    pub(super) country: String,
    pub(super) kid: String,
    pub(super) thumbprint: String,
    pub(super) raw: String,
    /// The uploader's signature: detached, in base64.
    pub(super) signature: String,
    pub(super) since: Timestamp,
    pub(super) deleted: Option<Timestamp>,
    pub(super) domain: String,
    pub(super) group: String,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) uuid: String,
    pub(super) version: u32,
}

/// A version of a business rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Rule {
    pub(super) id: u64,
    pub(super) rule: String,
    pub(super) country: String,
    pub(super) version: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) cms: String,
}

/// A batch of revocations. Once deleted it has no content.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Batch {
    pub(super) id: u64,
    pub(super) batch: String,
    pub(super) country: String,
    pub(super) expires: Timestamp,
    pub(super) changed: Timestamp,
    pub(super) cms: Option<String>,
}

/// An issuer of keys outside the list (`/trustList/issuers`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TrustedIssuer {
    pub(super) country: String,
    pub(super) url: String,
    /// `HTTP` or `DID`.
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) signature: String,
    pub(super) since: Timestamp,
    pub(super) uuid: String,
}

/// A reference to something outside (`/trust/reference`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Reference {
    pub(super) uuid: String,
    pub(super) country: String,
    pub(super) since: Timestamp,
    /// The members as they were uploaded.
    pub(super) members: serde_json::Map<String, serde_json::Value>,
}

/// All of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Book {
    /// The last number that a row got.
    pub(super) last: u64,
    pub(super) parties: Vec<Party>,
    pub(super) entries: Vec<Entry>,
    pub(super) rules: Vec<Rule>,
    pub(super) batches: Vec<Batch>,
    pub(super) issuers: Vec<TrustedIssuer>,
    pub(super) references: Vec<Reference>,
    pub(super) value_sets: BTreeMap<String, String>,
}

impl Book {
    /// The next row's number.
    pub(super) fn next(&mut self) -> u64 {
        self.last = self.last.saturating_add(1);
        self.last
    }

    /// An onboarded certificate by its thumbprint, its country and its purpose, when the anchor vouches for it.
    pub(super) fn party(
        &self,
        kind: Kind,
        country: &str,
        thumbprint: &str,
        anchor: &Certificate,
    ) -> Option<(&Party, Certificate)> {
        let is_it = |party: &&Party| {
            party.kind == kind && party.country == country && party.thumbprint.eq_ignore_ascii_case(thumbprint)
        };
        self.parties
            .iter()
            .filter(is_it)
            .find_map(|party| party.vouched(anchor).map(|certificate| (party, certificate)))
    }

    /// Authorities of a country that the anchor vouches for.
    pub(super) fn authorities(&self, country: &str, anchor: &Certificate) -> Vec<Certificate> {
        let own = self.parties.iter().filter(|party| party.kind == Kind::Csca && party.country == country);
        own.filter_map(|party| party.vouched(anchor)).collect()
    }

    /// What the gateway's nightly jobs do: batches past their end lose their content, and what was deleted two weeks
    /// ago is forgotten. Gives whether anything changed.
    pub(super) fn tidy(&mut self, now: Timestamp) -> bool {
        let mut changed = false;
        for batch in self.batches.iter_mut().filter(|batch| batch.cms.is_some() && batch.expires < now) {
            batch.cms = None;
            batch.changed = now;
            changed = true;
        }
        let old = |at: Timestamp| now.duration_since(at) > REMEMBERED;
        let before = self.batches.len() + self.entries.len();
        self.batches.retain(|batch| batch.cms.is_some() || !old(batch.changed));
        self.entries.retain(|entry| !entry.deleted.is_some_and(old));
        changed || before != self.batches.len() + self.entries.len()
    }
}
