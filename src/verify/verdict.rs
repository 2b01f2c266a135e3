//! What a verifier answers: the JSON of the interface document, field by field.

use serde::Serialize;
use serde_json::Value as Json;

use crate::rules::RuleResult;

use super::link::Link;
use super::reason::{Reason, Warning};
use super::{stages::Understood, words::CheckName};

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Every check that must pass did.
    Accepted,
    /// A fault was found.
    Rejected,
    /// The verifier lacks something; never green.
    Undecided,
}

/// The outcome of one check. What did not run is `unchecked`, never `passed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// It ran and could not be decided (rules).
    Open,
    /// There was nothing to check by (rules of a country that has none).
    NoRules,
    /// It did not run.
    #[default]
    Unchecked,
}

/// Every check, in the order in which it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Checks {
    /// The text could be decoded.
    pub decode: Check,
    /// The signature matches a key of the store.
    pub signature: Check,
    /// The key may be believed at this time.
    pub trust: Check,
    /// The key may sign documents of this kind.
    pub key_usage: Check,
    /// The certificate is valid at this time.
    pub validity: Check,
    /// The content is a certificate of its schema.
    pub content: Check,
    /// The certificate is not revoked.
    pub revocation: Check,
    /// The rules of the country of arrival.
    pub rules: Check,
}

impl Checks {
    /// The outcome of a check.
    #[must_use]
    pub const fn get(&self, name: CheckName) -> Check {
        match name {
            CheckName::Decode => self.decode,
            CheckName::Signature => self.signature,
            CheckName::Trust => self.trust,
            CheckName::KeyUsage => self.key_usage,
            CheckName::Validity => self.validity,
            CheckName::Content => self.content,
            CheckName::Revocation => self.revocation,
            CheckName::Rules => self.rules,
        }
    }
}

/// Which family of formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// EU Digital COVID Certificate.
    EuDcc,
    /// WHO Digital Documentation of COVID-19 Certificates, core data set.
    Ddcc,
    /// WHO digital International Certificate of Vaccination or Prophylaxis, the yellow card.
    Icvp,
    /// DIVOC credential, as linked data or in COSE.
    Divoc,
    /// SMART Health Card.
    Shc,
    /// ICAO visible digital seal.
    VdsNc,
    /// A link to documents, which is no certificate.
    HealthLink,
    /// None that this program knows.
    Unknown,
}

/// What the certificate states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A vaccination.
    Vaccination,
    /// A test.
    Test,
    /// A recovery.
    Recovery,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Issuer {
    /// ISO 3166-1 alpha-2: of the key once the signature passed, before that what the message claims.
    pub country: Option<String>,
    /// Address of an issuer of health cards (`iss`). A list binds the key to it unless a warning says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Key identifier, base64.
    pub kid: Option<String>,
    /// The signature algorithm that the message names: `ES256`, `PS256`, or as the message has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// Which list vouches.
    pub list: Option<String>,
    /// When that list was made, if it says so, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_made_at: Option<String>,
    /// How old it is at the time of verification, in seconds.
    #[serde(rename = "list_age_seconds", skip_serializing_if = "Option::is_none")]
    pub list_age: Option<i64>,
}

/// Whose certificate it is.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Holder {
    /// Given and family name as written at home.
    pub name: String,
    /// `FAMILY<<GIVEN` by ICAO 9303.
    pub standardised_name: String,
    /// As the certificate has it.
    pub date_of_birth: String,
    /// The signature does not cover the holder: anybody may have written any name here.
    #[serde(skip_serializing_if = "is_false")]
    pub not_covered: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Holder(…)")
    }
}

/// How long a vaccination counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Medical {
    /// First day on which it counts; `None` where nothing tells it.
    pub valid_from: Option<String>,
    /// Last day, or the fixed words of the International Health Regulations for a vaccination that counts for
    /// life; `None` where nothing bounds it.
    pub valid_until: Option<String>,
    /// WHO's decision table that was applied (`ICVP.DT.1`).
    pub table: Option<&'static str>,
    /// Number of the rule in it that decided.
    pub rule: Option<u8>,
    /// What the vaccine protects from, by WHO's catalogue of products.
    pub diseases: Vec<String>,
    /// Trade name, by the same.
    pub product: Option<String>,
    /// Manufacturer, by the same.
    pub manufacturer: Option<String>,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// The answer in one word.
    pub verdict: Decision,
    /// The decisive reason code; `null` when accepted.
    pub reason: Option<Reason>,
    /// Family of formats.
    pub format: Format,
    /// What it states.
    pub kind: Option<Kind>,
    /// Every check.
    pub checks: Checks,
    /// Stable codes of what was forgiven or should be looked at.
    pub warnings: Vec<Warning>,
    /// Who signed.
    pub issuer: Issuer,
    /// Whose it is; only after the signature passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Holder>,
    /// Certificate identifier; only after the signature passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Start of validity, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// End of validity, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// How long the vaccination itself counts, where that is told apart from the life of the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medical: Option<Medical>,
    /// Links to documents, which the code carries instead of a certificate or beside it. Signed only where the
    /// signature passed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Results of rules.
    pub rules: Vec<RuleResult>,
    /// The decoded content, where it was asked for; only after the signature passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<Json>,
    /// The decoded content of a message whose signature did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unverified_payload: Option<Json>,
    /// The typed content, for a shell to show; only after signature and content passed.
    #[serde(skip)]
    pub content: Option<Understood>,
}

/// Why the way up stops without a fault of the certificate being known, or with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// A fault.
    Rejected(Reason),
    /// Something is lacking.
    Undecided(Reason),
}

impl Verdict {
    pub(super) fn new() -> Self {
        Self {
            verdict: Decision::Undecided,
            reason: None,
            format: Format::Unknown,
            kind: None,
            checks: Checks::default(),
            warnings: Vec::new(),
            issuer: Issuer::default(),
            holder: None,
            id: None,
            valid_from: None,
            valid_until: None,
            medical: None,
            links: Vec::new(),
            rules: Vec::new(),
            payload: None,
            unverified_payload: None,
            content: None,
        }
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    pub(super) fn stopped(mut self, stop: Stop) -> Self {
        let (decision, reason) = match stop {
            Stop::Rejected(reason) => (Decision::Rejected, reason),
            Stop::Undecided(reason) => (Decision::Undecided, reason),
        };
        self.verdict = decision;
        self.reason = Some(reason);
        self
    }

    /// Accepted when each check that must run passed: `unchecked` is never a pass.
    pub(super) fn concluded(mut self) -> Self {
        let c = &self.checks;
        let must = [c.decode, c.signature, c.trust, c.key_usage, c.validity, c.content];
        if must.iter().all(|check| *check == Check::Passed) {
            self.verdict = Decision::Accepted;
            self.reason = None;
            self
        } else {
            self.stopped(Stop::Undecided(Reason::CheckIncomplete))
        }
    }
}
