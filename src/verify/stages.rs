//! The stages. `Authentic` can only be made by a signature that matched.

use super::{
    Verifier, content,
    reason::{Reason, Warning},
    verdict::{Check, Format, Kind, Stop, Verdict},
};
use crate::{
    envelope::hcert::{self, AlgorithmId, Claims, CwtError, HcertError, Sign1},
    keys::{Algorithm, Purpose},
    payload::dcc::{Dcc, ReadError, Reading},
    revocation::{Fingerprints, Status},
    rules::{Circumstances, Outcome},
    trust::{Authenticity, TrustedKey},
    valueset::ValueSets,
};

/// A message taken apart, unverified.
#[derive(Debug)]
pub struct Opened<'m> {
    message: &'m Sign1<'m>,
    claims: Result<Claims<'m>, CwtError>,
}

/// A message whose signature matched a key of the store.
#[derive(Debug)]
pub struct Authentic<'m> {
    message: &'m Sign1<'m>,
    algorithm: Algorithm,
    claims: Result<Claims<'m>, CwtError>,
    key: &'m TrustedKey,
}

/// What an authentic message says. Only this room can make one, and only behind a matching signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    dcc: Box<Dcc>,
}

impl Understood {
    /// The certificate.
    #[must_use]
    pub fn dcc(&self) -> &Dcc {
        &self.dcc
    }
}

/// Text of a code to the bytes of its message.
pub(super) fn unpack(text: &str, verdict: &mut Verdict) -> Result<Vec<u8>, Stop> {
    let named = hcert::looks_like(text);
    if named {
        verdict.format = Format::EuDcc;
    }
    let (bytes, deviations) = hcert::from_text(text).map_err(|error| {
        verdict.checks.decode = Check::Failed;
        Stop::Rejected(match error {
            HcertError::TooLong { .. } => Reason::TextTooLong,
            HcertError::UnknownVersion { .. } if named => Reason::UnknownVersion,
            HcertError::UnknownVersion { .. } => Reason::FormatUnknown,
            // Without the prefix only a text that decodes to the end is one of ours.
            HcertError::Base45(_) if !named => Reason::FormatUnknown,
            HcertError::Base45(_) => Reason::Base45Invalid,
            HcertError::Deflate(hcert::DeflateError::NotCompressed) if !named => Reason::FormatUnknown,
            HcertError::Deflate(hcert::DeflateError::NotCompressed) => Reason::NotCompressed,
            HcertError::Deflate(hcert::DeflateError::TooLarge) => Reason::InflatesTooLarge,
            HcertError::Deflate(_) => Reason::CompressionInvalid,
            HcertError::Cose(_) => Reason::CoseInvalid,
        })
    })?;
    for deviation in deviations {
        verdict.warn(deviation.into());
    }
    Ok(bytes)
}

/// A message that is no COSE_Sign1 structure.
pub(super) fn unreadable(verdict: &mut Verdict) -> Stop {
    verdict.checks.decode = Check::Failed;
    Stop::Rejected(Reason::CoseInvalid)
}

impl<'m> Opened<'m> {
    /// A message and what it claims.
    pub(super) fn of(message: &'m Sign1<'m>, claims: Result<Claims<'m>, CwtError>, verdict: &mut Verdict) -> Self {
        verdict.format = Format::EuDcc;
        verdict.checks.decode = Check::Passed;
        for deviation in &message.deviations {
            verdict.warn((*deviation).into());
        }
        verdict.issuer.kid = message.kid.as_ref().map(ToString::to_string);
        verdict.issuer.algorithm = message.algorithm.as_ref().map(ToString::to_string);
        if let Ok(claims) = &claims {
            verdict.issuer.country = claims.issuer.clone().filter(|iss| iss.len() == 2);
        }
        Self { message, claims }
    }

    /// The unverified content, for `--payload` alone.
    pub(super) fn to_json(&self) -> Option<serde_json::Value> {
        self.claims.as_ref().ok()?.dcc().map(hcert::cbor::Value::to_json)
    }

    /// Tries every key under the message's kid (specification section 3.3.3).
    pub(super) fn authenticate(self, verifier: &Verifier<'m>, verdict: &mut Verdict) -> Result<Authentic<'m>, Stop> {
        let algorithm = match &self.message.algorithm {
            Some(AlgorithmId::Known(algorithm @ (Algorithm::Es256 | Algorithm::Ps256))) => *algorithm,
            Some(_) => return Err(Stop::Rejected(Reason::AlgorithmUnsupported)),
            None => return Err(Stop::Rejected(Reason::AlgorithmMissing)),
        };
        let Some(kid) = &self.message.kid else { return Err(Stop::Rejected(Reason::KidMissing)) };
        let candidates = verifier.trust.candidates(kid);
        if candidates.is_empty() {
            let lacking = if verifier.trust.is_empty() { Reason::NoTrustList } else { Reason::IssuerUnknown };
            return Err(Stop::Undecided(lacking));
        }
        let signed = self.message.signed_bytes();
        let matching = candidates
            .iter()
            .find(|candidate| candidate.key.verify(algorithm, &signed, &self.message.signature).is_ok());
        let Some(matching) = matching else {
            verdict.checks.signature = Check::Failed;
            let wrong_kind = candidates.iter().all(|candidate| candidate.key.algorithm() != algorithm);
            return Err(Stop::Rejected(if wrong_kind {
                Reason::AlgorithmKeyMismatch
            } else {
                Reason::SignatureInvalid
            }));
        };
        // The same key may stand in several lists: the one that vouches best speaks for it.
        let key = candidates
            .iter()
            .filter(|candidate| candidate.key == matching.key)
            .max_by_key(|candidate| verifier.rank(candidate))
            .unwrap_or(matching);
        verdict.checks.signature = Check::Passed;
        verdict.issuer.country = key.country.clone().or(verdict.issuer.country.take());
        verdict.issuer.list = Some(key.list.clone());
        // A list that does not say when it was made is at most as old as its newest entry.
        if let Some(made) = verifier.trust.list(&key.list).and_then(|list| list.made_at.or(list.newest_entry)) {
            verdict.issuer.list_made_at = Some(made.to_string());
            verdict.issuer.list_age = Some(verifier.at.duration_since(made).as_secs());
        }
        if key.sandbox {
            verdict.warn(Warning::Sandbox);
        }
        if verifier.trust.list(&key.list).is_some_and(|list| list.authenticity == Authenticity::Unsigned) {
            verdict.warn(Warning::ListUnsigned);
        }
        Ok(Authentic { message: self.message, algorithm, claims: self.claims, key })
    }
}

impl Verifier<'_> {
    /// How well an entry vouches for its key: in a list that may still be used, real, valid now.
    fn rank(&self, candidate: &TrustedKey) -> (bool, bool, bool) {
        let fresh = !self.is_stale(&candidate.list);
        let valid = candidate.not_before.is_none_or(|start| start <= self.at)
            && candidate.not_after.is_none_or(|end| self.at <= end);
        (!candidate.sandbox, fresh, valid)
    }

    /// Whether a list is past the end that it names for itself.
    fn is_stale(&self, list: &str) -> bool {
        self.trust.list(list).and_then(|list| list.valid_until).is_some_and(|end| self.at > end)
    }
}

impl Authentic<'_> {
    /// Meaning and validity. Everything that the verdict can show is filled in before the first fault ends it.
    pub(super) fn understand(self, verifier: &Verifier<'_>, verdict: &mut Verdict) -> Result<(), Stop> {
        let mut faults = examine(&self.claims, self.key, verifier.at, verifier.value_sets, verdict);
        let set_back = verifier.clock_is_set_back();
        let by_clock =
            |fault: &Reason| matches!(fault, Reason::NotYetValid | Reason::SignerNotYetValid | Reason::EventInFuture);
        let known = self.revocation(verifier, verdict, &mut faults);
        // A clock that was set back makes good certificates look young: that is no fault of theirs.
        if set_back && faults.iter().all(by_clock) {
            return Err(Stop::Undecided(Reason::ClockSetBack));
        }
        if let Some(fault) = faults.first() {
            return Err(Stop::Rejected(*fault));
        }
        let rules = self.rules(verifier, verdict);
        if rules == Some(Outcome::Failed) {
            return Err(Stop::Rejected(Reason::RulesFailed));
        }
        let lacking = [
            (verifier.is_stale(&self.key.list), Reason::ListStale),
            (verifier.require_revocations && !known, Reason::RevocationUnknown),
            (rules == Some(Outcome::Open), Reason::RulesOpen),
            (rules == Some(Outcome::NoRules), Reason::NoRules),
        ];
        match lacking.into_iter().find(|(lacks, _)| *lacks) {
            Some((_, reason)) => Err(Stop::Undecided(reason)),
            None => Ok(()),
        }
    }

    /// Asks the revocation lists. Gives whether one of them speaks for this certificate.
    fn revocation(&self, verifier: &Verifier<'_>, verdict: &mut Verdict, faults: &mut Vec<Reason>) -> bool {
        let Some((revocations, content)) = verifier.revocations.zip(verdict.content.as_ref()) else { return false };
        let entry = &content.dcc.entry;
        let fingerprints = Fingerprints::new(self.algorithm, &self.message.signature, entry.country(), entry.id());
        match revocations.status(&self.key.kid, &fingerprints, verifier.at) {
            Status::Clear => verdict.checks.revocation = Check::Passed,
            Status::Revoked(hit) => {
                verdict.checks.revocation = Check::Failed;
                faults.push(Reason::Revoked);
                if !hit.certain() {
                    verdict.warn(Warning::RevocationProbabilistic);
                }
            }
            Status::Unknown => return false,
        }
        true
    }

    /// Asks the rules of the country of arrival, where one was named.
    fn rules(&self, verifier: &Verifier<'_>, verdict: &mut Verdict) -> Option<Outcome> {
        let (arrival, content, claims) = (verifier.arrival?, verdict.content.as_ref()?, self.claims.as_ref().ok()?);
        let kid = self.key.kid.to_string();
        let judgement = arrival.rules.judge(
            &content.dcc.to_json(),
            &Circumstances {
                arrival: arrival.country,
                region: arrival.region,
                issuer: claims.issuer.as_deref().or(self.key.country.as_deref()),
                kid: Some(&kid),
                at: verifier.at,
                issued_at: claims.issued_at,
                expires_at: claims.expires_at,
                value_sets: arrival.code_lists,
                language: arrival.language,
            },
        );
        verdict.checks.rules = match judgement.outcome {
            Outcome::Passed => Check::Passed,
            Outcome::Failed => Check::Failed,
            Outcome::Open => Check::Open,
            Outcome::NoRules => Check::NoRules,
        };
        verdict.rules = judgement.results;
        Some(judgement.outcome)
    }
}

/// Everything that is checked after the signature, on the signed bytes: time of the key, kind, time of the
/// certificate, schema. Gives the faults, the decisive one first.
fn examine(
    claims: &Result<Claims<'_>, CwtError>,
    key: &TrustedKey,
    at: jiff::Timestamp,
    value_sets: &ValueSets,
    verdict: &mut Verdict,
) -> Vec<Reason> {
    let mut faults = Vec::new();
    let Ok(claims) = claims else {
        verdict.checks.content = Check::Failed;
        return vec![Reason::ContentInvalid];
    };
    for deviation in &claims.deviations {
        verdict.warn((*deviation).into());
    }

    let mut in_future = None;
    // Content first: an officer needs to see whose certificate failed.
    match claims.dcc().map(Reading::of) {
        Some(Ok(Reading { dcc, remarks })) => {
            for remark in remarks {
                verdict.warn(remark.into());
            }
            content::describe(&dcc, verdict);
            content::warn_of_issuers(claims.issuer.as_deref(), key, verdict);
            in_future = content::look_at(&dcc, at, value_sets, verdict);
            verdict.checks.content = if in_future.is_none() { Check::Passed } else { Check::Failed };
            verdict.content = Some(Understood { dcc: Box::new(dcc) });
        }
        failed => {
            verdict.checks.content = Check::Failed;
            faults.push(match failed {
                None => Reason::ContentMissing,
                Some(Err(ReadError::SeveralEvents { .. })) => Reason::SeveralEvents,
                Some(_) => Reason::ContentInvalid,
            });
        }
    }

    verdict.valid_from = claims.issued_at.map(|t| t.to_string());
    verdict.valid_until = claims.expires_at.map(|t| t.to_string());
    let before = faults.len();
    match (claims.issued_at, claims.expires_at) {
        (Some(issued), Some(expires)) => {
            faults.extend((issued > at).then_some(Reason::NotYetValid));
            faults.extend((at > expires).then_some(Reason::Expired));
            if key.not_before.is_some_and(|start| issued < start) {
                verdict.warn(Warning::IssuedBeforeSigner);
            }
            if key.not_after.is_some_and(|end| expires > end) {
                verdict.warn(Warning::ExpiresAfterSigner);
            }
        }
        (None, _) => faults.push(Reason::IssueTimeMissing),
        (_, None) => faults.push(Reason::ExpiryMissing),
    }
    verdict.checks.validity = if faults.len() == before { Check::Passed } else { Check::Failed };

    // The shell model: at verification everything must be valid (certificate governance 4.3).
    let before = faults.len();
    faults.extend(key.not_before.is_some_and(|start| start > at).then_some(Reason::SignerNotYetValid));
    faults.extend(key.not_after.is_some_and(|end| at > end).then_some(Reason::SignerExpired));
    verdict.checks.trust = if faults.len() == before { Check::Passed } else { Check::Failed };
    faults.extend(in_future);

    if let Some(kind) = verdict.kind {
        let purpose = match kind {
            Kind::Vaccination => Purpose::Vaccination,
            Kind::Test => Purpose::Test,
            Kind::Recovery => Purpose::Recovery,
        };
        if key.allows(purpose) {
            verdict.checks.key_usage = Check::Passed;
        } else {
            verdict.checks.key_usage = Check::Failed;
            faults.push(Reason::KeyUsage);
        }
    }
    faults
}

/// Runs every check that follows the signature on bytes that nobody has signed yet, as if `key` had: the
/// issuer's rehearsal. Gives the faults, none when the verifier would accept.
///
/// It makes no [`Authentic`], and nothing that it returns can be mistaken for a verdict.
#[must_use]
pub fn inspect(payload: &[u8], key: &TrustedKey, at: jiff::Timestamp) -> Vec<Reason> {
    examine(&Claims::read(payload), key, at, ValueSets::built_in(), &mut Verdict::new())
}
