//! The stages that every format goes through. [`Authentic`] can only be made by a signature that matched.

use std::borrow::Cow;

use jiff::Timestamp;

use super::{
    Verifier,
    reason::{Reason, Warning},
    verdict::{Check, Stop, Verdict},
};
use crate::{
    keys::{Algorithm, EcdsaHash, Kid},
    payload::{
        core::CoreDataSet,
        dcc::Dcc,
        ddcc::{self, Ddcc},
        divoc,
        icvp::Icvp,
        shc::{self, HealthCard},
        vdsnc::{self, VdsNc},
    },
    revocation::{Fingerprints, Status},
    rules::Outcome,
    trust::{Authenticity, TrustedKey},
};

/// A message taken apart, unverified: what it claims, and what its signature is to be checked over.
pub struct Opened<'m, T> {
    content: T,
    algorithm: Algorithm,
    signed: Cow<'m, [u8]>,
    signature: Cow<'m, [u8]>,
}

/// A message whose signature matched a key that somebody vouches for.
pub struct Authentic<'m, T> {
    pub(super) content: T,
    pub(super) algorithm: Algorithm,
    pub(super) signature: Cow<'m, [u8]>,
    pub(super) key: Cow<'m, TrustedKey>,
}

impl<T> std::fmt::Debug for Opened<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({})", self.algorithm)
    }
}

impl<T> std::fmt::Debug for Authentic<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authentic({}, {})", self.algorithm, self.key.kid)
    }
}

/// What an authentic message says. Only this room can make one, and only behind a matching signature.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    content: Content,
}

/// The content of a certificate in its own format.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// EU Digital COVID Certificate.
    EuDcc(Box<Dcc>),
    /// DIVOC credential, as linked data or in COSE.
    Divoc(Box<divoc::Credential>),
    /// WHO DDCC.
    Ddcc(Box<Ddcc>),
    /// SMART Health Card.
    Shc(Box<HealthCard>),
    /// WHO's digital yellow card.
    Icvp {
        /// As signed.
        card: Box<Icvp>,
        /// With what WHO's catalogue of products tells about it.
        core: Box<CoreDataSet>,
    },
    /// ICAO seal.
    VdsNc(Box<VdsNc>),
}

impl Understood {
    /// Only a stage behind [`Authentic`] calls this.
    pub(super) fn new(content: Content) -> Self {
        Self { content }
    }

    /// The content in its own format.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// The EU certificate, if it is one.
    #[must_use]
    pub fn dcc(&self) -> Option<&Dcc> {
        match &self.content {
            Content::EuDcc(dcc) => Some(dcc),
            Content::Ddcc(_) | Content::Divoc(_) | Content::Shc(_) | Content::Icvp { .. } | Content::VdsNc(_) => None,
        }
    }

    /// What it says in the words that all formats share; `None` for the EU certificate, which has words of its
    /// own.
    #[must_use]
    pub fn core(&self) -> Option<CoreDataSet> {
        match &self.content {
            Content::EuDcc(_) => None,
            Content::Divoc(credential) => Some(divoc::to_core(credential)),
            Content::Ddcc(ddcc) => Some(ddcc::to_core(ddcc)),
            Content::Shc(card) => Some(shc::to_core(card)),
            Content::Icvp { core, .. } => Some(core.as_ref().clone()),
            Content::VdsNc(seal) => Some(vdsnc::to_core(seal)),
        }
    }
}

impl<'m, T> Opened<'m, T> {
    /// A message: what it claims, and the bytes and signature to check.
    pub(super) fn new(
        content: T,
        algorithm: Algorithm,
        signed: impl Into<Cow<'m, [u8]>>,
        signature: impl Into<Cow<'m, [u8]>>,
    ) -> Self {
        Self { content, algorithm, signed: signed.into(), signature: signature.into() }
    }

    /// Tries every key that the message may have been signed with.
    pub(super) fn authenticate(
        self,
        verifier: &Verifier<'m>,
        candidates: impl Iterator<Item = &'m TrustedKey> + Clone,
        verdict: &mut Verdict,
    ) -> Result<Authentic<'m, T>, Stop> {
        let mut tried = false;
        let mut right_kind = false;
        let matching = candidates.clone().find(|candidate| {
            tried = true;
            right_kind |= candidate.key.algorithm() == self.algorithm;
            candidate.key.verify(self.algorithm, &self.signed, &self.signature).is_ok()
        });
        let Some(matching) = matching else {
            if !tried {
                return Err(verifier.unknown_issuer());
            }
            verdict.checks.signature = Check::Failed;
            return Err(Stop::Rejected(if right_kind {
                Reason::SignatureInvalid
            } else {
                Reason::AlgorithmKeyMismatch
            }));
        };
        // The same key may stand in several lists: the one that vouches best speaks for it.
        let key = candidates
            .filter(|candidate| candidate.key == matching.key)
            .max_by_key(|candidate| verifier.rank(candidate))
            .unwrap_or(matching);
        verdict.checks.signature = Check::Passed;
        verifier.vouched(key, verdict);
        Ok(Authentic {
            content: self.content,
            algorithm: self.algorithm,
            signature: self.signature,
            key: Cow::Borrowed(key),
        })
    }

    /// Checks against the key of a certificate that the message carries itself, on a curve and with the hash function
    /// that the message names. Whoever calls this has checked the certificate's chain up to an authority of the
    /// store.
    pub(super) fn authenticate_by(
        self,
        verifier: &Verifier<'m>,
        key: TrustedKey,
        hash: EcdsaHash,
        verdict: &mut Verdict,
    ) -> Result<Authentic<'m, T>, Stop> {
        if key.key.verify_ecdsa(hash, &self.signed, &self.signature).is_err() {
            verdict.checks.signature = Check::Failed;
            return Err(Stop::Rejected(Reason::SignatureInvalid));
        }
        verdict.checks.signature = Check::Passed;
        verifier.vouched(&key, verdict);
        Ok(Authentic {
            content: self.content,
            algorithm: self.algorithm,
            signature: self.signature,
            key: Cow::Owned(key),
        })
    }
}

impl Verifier<'_> {
    /// No list has the key, or there is no list.
    pub(super) fn unknown_issuer(&self) -> Stop {
        Stop::Undecided(if self.trust.is_empty() { Reason::NoTrustList } else { Reason::IssuerUnknown })
    }

    /// How well an entry vouches for its key: in a list that may still be used, real, valid now.
    fn rank(&self, candidate: &TrustedKey) -> (bool, bool, bool) {
        let fresh = !self.is_stale(&candidate.list);
        let valid = candidate.not_before.is_none_or(|start| start <= self.at)
            && candidate.not_after.is_none_or(|end| self.at <= end);
        (!candidate.sandbox, fresh, valid)
    }

    /// Whether a list is past the end that it names for itself.
    pub(super) fn is_stale(&self, list: &str) -> bool {
        self.trust.list(list).and_then(|list| list.valid_until).is_some_and(|end| self.now() > end)
    }

    /// Fills in who vouches for the key that signed.
    fn vouched(&self, key: &TrustedKey, verdict: &mut Verdict) {
        let list = self.trust.list(&key.list);
        verdict.issuer.country = key.country.clone().or(verdict.issuer.country.take());
        verdict.issuer.list = Some(key.list.clone());
        // A list that does not say when it was made is at most as old as its newest entry.
        if let Some(made) = list.and_then(|list| list.made_at.or(list.newest_entry)) {
            verdict.issuer.list_made_at = Some(made.to_string());
            verdict.issuer.list_age = Some(self.now().duration_since(made).as_secs());
        }
        if key.sandbox {
            verdict.warn(Warning::Sandbox);
        }
        if list.is_some_and(|list| list.authenticity == Authenticity::Unsigned) {
            verdict.warn(Warning::ListUnsigned);
        }
        if key.key.is_weak() {
            verdict.warn(Warning::WeakKey);
        }
    }
}

/// What a format found out about its authentic content.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Faults, the decisive one first.
    pub(super) faults: Vec<Reason>,
    /// What the verifier lacks to decide, the decisive one first.
    pub(super) lacking: Vec<Reason>,
    /// The identifiers under which revocation lists may name it; `None` where none can.
    pub(super) fingerprints: Option<Fingerprints>,
}

/// The last stage, the same for every format: revocation, the clock, then faults before rules before what is
/// lacking. `rules` is asked only of a certificate without a fault.
pub(super) fn conclude(
    verifier: &Verifier<'_>,
    key: &TrustedKey,
    findings: Findings,
    rules: impl FnOnce(&mut Verdict) -> Option<Outcome>,
    verdict: &mut Verdict,
) -> Result<(), Stop> {
    let Findings { mut faults, lacking, fingerprints } = findings;
    let set_back = verifier.clock_is_set_back();
    let by_clock = |fault: &Reason| {
        matches!(fault, Reason::NotYetValid | Reason::SignerNotYetValid | Reason::EventInFuture | Reason::TooRecent)
    };
    let known = fingerprints.is_some_and(|prints| revocation(verifier, &key.kid, &prints, verdict, &mut faults));
    // A clock that was set back makes good certificates look young: that is no fault of theirs.
    if set_back && faults.iter().all(by_clock) {
        return Err(Stop::Undecided(Reason::ClockSetBack));
    }
    if let Some(fault) = faults.first() {
        return Err(Stop::Rejected(*fault));
    }
    let rules = rules(verdict);
    if rules == Some(Outcome::Failed) {
        return Err(Stop::Rejected(Reason::RulesFailed));
    }
    if let Some(reason) = lacking.first() {
        return Err(Stop::Undecided(*reason));
    }
    let lacking = [
        (verifier.is_stale(&key.list), Reason::ListStale),
        (verifier.require_revocations && !known, Reason::RevocationUnknown),
        (rules == Some(Outcome::Open), Reason::RulesOpen),
        (rules == Some(Outcome::NoRules), Reason::NoRules),
    ];
    match lacking.into_iter().find(|(lacks, _)| *lacks) {
        Some((_, reason)) => Err(Stop::Undecided(reason)),
        None => Ok(()),
    }
}

/// For formats whose content CertLogic rules do not speak of: where a country of arrival was named, its rules
/// cannot be asked, and that is never green.
pub(super) fn no_rules(verifier: &Verifier<'_>, verdict: &mut Verdict) -> Option<Outcome> {
    verifier.arrival?;
    verdict.checks.rules = Check::NoRules;
    Some(Outcome::NoRules)
}

/// Asks the revocation lists. Gives whether one of them speaks for this certificate.
fn revocation(
    verifier: &Verifier<'_>,
    kid: &Kid,
    fingerprints: &Fingerprints,
    verdict: &mut Verdict,
    faults: &mut Vec<Reason>,
) -> bool {
    let Some(revocations) = verifier.revocations else { return false };
    match revocations.status(kid, fingerprints, verifier.now()) {
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

/// From when to when a certificate says that it is valid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    /// Time of issue.
    pub(super) issued_at: Option<Timestamp>,
    /// End.
    pub(super) expires_at: Option<Timestamp>,
    /// The format demands an end.
    pub(super) must_end: bool,
}

/// Checks the certificate's own times and fills them in.
pub(super) fn validity(period: Period, key: &TrustedKey, at: Timestamp, verdict: &mut Verdict) -> Vec<Reason> {
    let mut faults = Vec::new();
    verdict.valid_from = period.issued_at.map(|t| t.to_string());
    verdict.valid_until = period.expires_at.map(|t| t.to_string());
    match (period.issued_at, period.expires_at) {
        (None, _) => faults.push(Reason::IssueTimeMissing),
        (_, None) if period.must_end => faults.push(Reason::ExpiryMissing),
        (Some(issued), expires) => {
            faults.extend((issued > at).then_some(Reason::NotYetValid));
            faults.extend(expires.is_some_and(|end| at > end).then_some(Reason::Expired));
            if key.not_before.is_some_and(|start| issued < start) {
                verdict.warn(Warning::IssuedBeforeSigner);
            }
            if key.not_after.zip(expires).is_some_and(|(end, expires)| expires > end) {
                verdict.warn(Warning::ExpiresAfterSigner);
            }
        }
    }
    verdict.checks.validity = if faults.is_empty() { Check::Passed } else { Check::Failed };
    faults
}

/// The shell model: at verification the signer's certificate must be valid too (certificate governance 4.3).
pub(super) fn signer_validity(key: &TrustedKey, at: Timestamp, verdict: &mut Verdict) -> Vec<Reason> {
    let mut faults = Vec::new();
    faults.extend(key.not_before.is_some_and(|start| start > at).then_some(Reason::SignerNotYetValid));
    faults.extend(key.not_after.is_some_and(|end| at > end).then_some(Reason::SignerExpired));
    verdict.checks.trust = if faults.is_empty() { Check::Passed } else { Check::Failed };
    faults
}
