//! The stages. `Authentic` can only be made by a signature that matched.

use jiff::Timestamp;

use super::verdict::{Check, Format, Holder, Kind, Stop, Verdict};
use crate::{
    envelope::hcert::{self, AlgorithmId, Claims, HcertError, Sign1},
    keys::{Algorithm, Purpose},
    payload::dcc::{Dcc, Entry, Reading},
    trust::{TrustStore, TrustedKey},
};

/// A message taken apart, unverified.
#[derive(Debug)]
pub struct Opened<'a> {
    message: Sign1<'a>,
}

/// A message whose signature matched a key of the store.
#[derive(Debug)]
pub struct Authentic<'a> {
    message: Sign1<'a>,
    key: &'a TrustedKey,
}

/// What an authentic message says.
#[derive(Debug)]
pub struct Understood {
    /// The certificate.
    pub dcc: Dcc,
}

impl<'a> Opened<'a> {
    /// Text of a code to the bytes of its message.
    pub(super) fn unpack(text: &str, verdict: &mut Verdict) -> Result<Vec<u8>, &'static str> {
        if hcert::looks_like(text) {
            verdict.format = Format::EuDcc;
        }
        let (bytes, deviations) = hcert::from_text(text).map_err(|error| {
            verdict.checks.decode = Check::Failed;
            match error {
                HcertError::TooLong { .. } => "text-too-long",
                HcertError::UnknownVersion { .. } => "unknown-version",
                HcertError::Base45(_) => "base45-invalid",
                HcertError::Deflate(hcert::DeflateError::NotCompressed) => "not-compressed",
                HcertError::Deflate(hcert::DeflateError::TooLarge) => "inflates-too-large",
                HcertError::Deflate(_) => "compression-invalid",
                HcertError::Cose(_) => "cose-invalid",
            }
        })?;
        for deviation in deviations {
            verdict.warn(deviation.code());
        }
        Ok(bytes)
    }

    /// Bytes of a message to its parts.
    pub(super) fn open(bytes: &'a [u8], verdict: &mut Verdict) -> Result<Self, &'static str> {
        let message = Sign1::read(bytes).map_err(|_| {
            verdict.checks.decode = Check::Failed;
            "cose-invalid"
        })?;
        verdict.format = Format::EuDcc;
        verdict.checks.decode = Check::Passed;
        for deviation in &message.deviations {
            verdict.warn(deviation.code());
        }
        verdict.issuer.kid = message.kid.as_ref().map(ToString::to_string);
        if let Ok(claims) = Claims::read(&message.payload) {
            verdict.issuer.country = claims.issuer.filter(|iss| iss.len() == 2);
        }
        Ok(Self { message })
    }

    /// The unverified content, for `--payload` alone.
    pub(super) fn to_json(&self) -> Option<serde_json::Value> {
        content_json(&self.message.payload)
    }

    /// Tries every key under the message's kid (specification section 3.3.3).
    pub(super) fn authenticate(self, trust: &'a TrustStore, verdict: &mut Verdict) -> Result<Authentic<'a>, Stop> {
        let algorithm = match &self.message.algorithm {
            Some(AlgorithmId::Known(algorithm @ (Algorithm::Es256 | Algorithm::Ps256))) => *algorithm,
            Some(_) => return Err(Stop::Rejected("algorithm-unsupported")),
            None => return Err(Stop::Rejected("algorithm-missing")),
        };
        let Some(kid) = &self.message.kid else { return Err(Stop::Rejected("kid-missing")) };
        let candidates = trust.candidates(kid);
        if candidates.is_empty() {
            return Err(Stop::Undecided("issuer-unknown"));
        }
        let signed = self.message.signed_bytes();
        let key = candidates
            .iter()
            .find(|candidate| candidate.key.verify(algorithm, &signed, &self.message.signature).is_ok());
        let Some(key) = key else {
            verdict.checks.signature = Check::Failed;
            let wrong_kind = candidates.iter().all(|candidate| candidate.key.algorithm() != algorithm);
            return Err(Stop::Rejected(if wrong_kind { "algorithm-key-mismatch" } else { "signature-invalid" }));
        };
        verdict.checks.signature = Check::Passed;
        verdict.issuer.country = key.country.clone().or(verdict.issuer.country.take());
        verdict.issuer.list = Some(key.list.clone());
        if key.sandbox {
            verdict.warn("sandbox");
        }
        Ok(Authentic { message: self.message, key })
    }
}

impl Authentic<'_> {
    /// Meaning and validity. Everything that the verdict can show is filled in before the first fault ends it.
    pub(super) fn understand(
        self,
        trust: &TrustStore,
        at: Timestamp,
        verdict: &mut Verdict,
    ) -> Result<Understood, &'static str> {
        let (understood, mut faults) = examine(&self.message.payload, self.key, at, verdict);
        if trust.is_revoked(verdict.id.as_deref().unwrap_or_default()) {
            verdict.checks.revocation = Check::Failed;
            faults.push("revoked");
        } else if trust.list(&self.key.list).is_some_and(|list| list.tells_revocations) {
            verdict.checks.revocation = Check::Passed;
        }
        match (faults.first(), understood) {
            (None, Some(understood)) => Ok(understood),
            (fault, _) => Err(fault.copied().unwrap_or("content-invalid")),
        }
    }
}

/// Everything that is checked after the signature, on the signed bytes: time of the key, kind, time of the
/// certificate, schema. Gives the faults, the decisive one first.
fn examine(
    payload: &[u8],
    key: &TrustedKey,
    at: Timestamp,
    verdict: &mut Verdict,
) -> (Option<Understood>, Vec<&'static str>) {
    let mut faults = Vec::new();
    let claims = match Claims::read(payload) {
        Ok(claims) => claims,
        Err(_) => {
            verdict.checks.content = Check::Failed;
            return (None, vec!["content-invalid"]);
        }
    };
    for deviation in &claims.deviations {
        verdict.warn(deviation.code());
    }

    // Content first: an officer needs to see whose certificate failed.
    let reading = claims.dcc().map(Reading::of);
    let dcc = match reading {
        Some(Ok(Reading { dcc, remarks })) => {
            for remark in remarks {
                verdict.warn(remark.code());
            }
            verdict.checks.content = Check::Passed;
            Some(dcc)
        }
        Some(Err(_)) | None => {
            verdict.checks.content = Check::Failed;
            None
        }
    };
    if let Some(dcc) = &dcc {
        describe(dcc, verdict);
        warn_of_issuers(dcc, claims.issuer.as_deref(), key, verdict);
    }

    verdict.valid_from = claims.issued_at.map(|t| t.to_string());
    verdict.valid_until = claims.expires_at.map(|t| t.to_string());
    let mut validity = |holds: bool, reason| {
        if !holds {
            faults.push(reason);
        }
    };
    match (claims.issued_at, claims.expires_at) {
        (Some(issued), Some(expires)) => {
            validity(issued <= at, "not-yet-valid");
            validity(at <= expires, "expired");
            if key.not_before.is_some_and(|start| issued < start) {
                verdict.warn("issued-before-signer");
            }
            if key.not_after.is_some_and(|end| expires > end) {
                verdict.warn("expires-after-signer");
            }
        }
        (None, _) => validity(false, "issue-time-missing"),
        (_, None) => validity(false, "expiry-missing"),
    }
    verdict.checks.validity = if faults.is_empty() { Check::Passed } else { Check::Failed };

    // The shell model: at verification everything must be valid (certificate governance 4.3).
    let mut trust = |holds: bool, reason| {
        if !holds {
            faults.push(reason);
        }
    };
    let before = key.not_before.is_none_or(|start| start <= at);
    let after = key.not_after.is_none_or(|end| at <= end);
    trust(before, "signer-not-yet-valid");
    trust(after, "signer-expired");
    verdict.checks.trust = if before && after { Check::Passed } else { Check::Failed };

    match verdict.kind {
        Some(kind) => {
            let purpose = match kind {
                Kind::Vaccination => Purpose::Vaccination,
                Kind::Test => Purpose::Test,
                Kind::Recovery => Purpose::Recovery,
            };
            if key.allows(purpose) {
                verdict.checks.key_usage = Check::Passed;
            } else {
                verdict.checks.key_usage = Check::Failed;
                faults.push("key-usage");
            }
        }
        None => faults.insert(0, "content-invalid"),
    }
    (dcc.map(|dcc| Understood { dcc }), faults)
}

/// Fills in whose certificate it is.
fn describe(dcc: &Dcc, verdict: &mut Verdict) {
    let join = |first: &Option<String>, second: &Option<String>, by: &str| {
        [first, second].into_iter().flatten().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(by)
    };
    verdict.kind = Some(match dcc.entry {
        Entry::Vaccination(_) => Kind::Vaccination,
        Entry::Test(_) => Kind::Test,
        Entry::Recovery(_) => Kind::Recovery,
    });
    verdict.id = Some(dcc.entry.id().to_owned());
    verdict.holder = Some(Holder {
        name: join(&dcc.name.given, &dcc.name.family, " "),
        standardised_name: join(&dcc.name.family_standard, &dcc.name.given_standard, "<<"),
        date_of_birth: dcc.birth_date.clone(),
    });
}

/// The issuer that the token names is not the signer's country: shown, because a stolen key was used so
/// (failure F02), but not fatal, because dependent territories sign under their state's certificate.
fn warn_of_issuers(dcc: &Dcc, issuer: Option<&str>, key: &TrustedKey, verdict: &mut Verdict) {
    if let (Some(issuer), Some(country)) = (issuer, key.country.as_deref()) {
        let same = issuer == country || matches!((issuer, country), ("EL", "GR") | ("GR", "EL"));
        if !same {
            verdict.warn("issuer-not-signer");
        }
    }
    if let Entry::Test(test) = &dcc.entry {
        // Never take an unknown result for a negative one.
        if !matches!(test.result.as_str(), "260415000" | "260373001") {
            verdict.warn("unknown-test-result");
        }
    }
}

fn content_json(payload: &[u8]) -> Option<serde_json::Value> {
    let claims = Claims::read(payload).ok()?;
    claims.dcc().map(hcert::cbor::Value::to_json)
}

/// Runs every check that follows the signature on bytes that nobody has signed yet, as if `key` had: the
/// issuer's rehearsal. Gives the faults' reason codes, none when the verifier would accept.
///
/// It makes no [`Authentic`], and nothing that it returns can be mistaken for a verdict.
#[must_use]
pub fn inspect(payload: &[u8], key: &TrustedKey, at: Timestamp) -> Vec<&'static str> {
    examine(payload, key, at, &mut Verdict::new()).1
}
