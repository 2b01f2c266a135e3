//! The journey of a DIVOC credential: archive → JSON → what was signed of it → key of its DID → what it says. The
//! same content inside an HCERT comes here behind the signature ([`understand_token`]).
//!
//! A linked-data signature covers a set of values (facts on DIVOC, section 3). So an accepted credential is one in
//! which nothing is unsigned, whose person is among what is signed, and whose values make sense in no other order;
//! and even then the warning `values-unordered` says what the proof is. `effectiveUntil` decides nothing: issuers
//! write the day of the dose, a year or five, and DIVOC's own verifier does not look at it.

use jiff::Timestamp;

use super::{
    Verifier, content, hcert,
    hcert::Token,
    lenient,
    reason::{Reason, Warning},
    stages::{Authentic, Content, Findings, Opened, Period, Understood, conclude, no_rules, signer_validity, validity},
    verdict::{Check, Format, Kind, Stop, Verdict},
};
use crate::{
    envelope::{
        divoc::{self, Credential as Envelope, CredentialError, UnpackError, ZipError},
        hcert::Claims,
    },
    keys::{Kid, Purpose},
    payload::divoc::{Binding, Credential, Doubt, Implausible, Reading, SUB_CLAIM, check, to_core},
    revocation::Fingerprints,
    trust::TrustedKey,
    valueset::ValueSets,
};

/// Longest name of a key that a verdict shows, in characters.
const SHOWN_CHARS: usize = 128;

/// Judges the content of a code.
pub(super) fn judge(verifier: &Verifier<'_>, code: &[u8], verdict: &mut Verdict) -> Result<(), Stop> {
    verdict.format = Format::Divoc;
    let (text, deviation) = divoc::unpack(code).map_err(|error| {
        verdict.checks.decode = Check::Failed;
        Stop::Rejected(match error {
            UnpackError::TooLong { .. } => Reason::TextTooLong,
            UnpackError::Zip(ZipError::TooLarge) => Reason::InflatesTooLarge,
            UnpackError::Base64 | UnpackError::Zip(_) => Reason::ZipInvalid,
        })
    })?;
    let credential = Envelope::read(&text).map_err(|error| refused(&error, verdict))?;
    verdict.checks.decode = Check::Passed;
    for deviation in deviation.iter().chain(credential.deviations()) {
        if let Some(warning) = lenient::of_divoc(*deviation) {
            verdict.warn(warning);
        }
    }
    let proof = credential.proof();
    let method = proof.verification_method.as_str();
    verdict.issuer.kid = Some(method.chars().take(SHOWN_CHARS).collect());
    verdict.issuer.algorithm = Some(proof.suite.algorithm().to_string());
    if verifier.payload {
        verdict.unverified_payload = Some(credential.document().clone());
    }
    let kid = key_of(verifier, method);
    let candidates = verifier.trust.candidates(&kid).iter();
    let candidates = candidates.filter(|key| key.issuer.as_deref().is_none_or(|issuer| issuer == method));
    let opened =
        Opened::new(&credential, proof.suite.algorithm(), credential.signing_input(), proof.signature.as_slice());
    let authentic = opened.authenticate(verifier, candidates, verdict)?;
    verdict.payload = verdict.unverified_payload.take();
    understand(&authentic, verifier, verdict)
}

/// What an error of reading means for the verdict.
fn refused(error: &CredentialError, verdict: &mut Verdict) -> Stop {
    let reason = match error {
        CredentialError::TooLong { .. } => Reason::TextTooLong,
        CredentialError::Json(_) => Reason::JsonInvalid,
        CredentialError::UnknownMember { .. } | CredentialError::Uncovered { .. } => Reason::UnsignedContent,
        CredentialError::UnknownContext { .. } => Reason::ContextUnknown,
        CredentialError::Suite { .. } => Reason::AlgorithmUnsupported,
        CredentialError::Jws { .. } => Reason::ProofInvalid,
        CredentialError::Form { path, .. } if path.starts_with("proof") => Reason::ProofInvalid,
        CredentialError::Member { path, .. } if path.starts_with("proof") => Reason::ProofInvalid,
        CredentialError::Evidence { count } if *count > 1 => Reason::SeveralEvents,
        CredentialError::Form { .. }
        | CredentialError::Member { .. }
        | CredentialError::Type { .. }
        | CredentialError::Evidence { .. }
        | CredentialError::Iri { .. }
        | CredentialError::SharedId
        | CredentialError::Canon(_) => Reason::ContentInvalid,
    };
    match error {
        CredentialError::TooLong { .. } | CredentialError::Json(_) => verdict.checks.decode = Check::Failed,
        _ => {
            verdict.checks.decode = Check::Passed;
            verdict.checks.content = Check::Failed;
        }
    }
    Stop::Rejected(reason)
}

/// The identifier under which a store has the key: the DID itself (bare keys), or where no list knows that, what
/// the DID names behind `#` (DID documents of WHO's network).
fn key_of(verifier: &Verifier<'_>, method: &str) -> Kid {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let whole = Kid::new(method.as_bytes());
    match method.split_once('#') {
        Some((_, fragment)) if verifier.trust.candidates(&whole).is_empty() => {
            Kid::new(STANDARD.decode(fragment).unwrap_or_else(|_| fragment.as_bytes().to_vec()))
        }
        _ => whole,
    }
}

/// Meaning and validity of a linked-data credential. Everything that the verdict can show is filled in before the
/// first fault ends it.
fn understand(
    authentic: &Authentic<'_, &Envelope>,
    verifier: &Verifier<'_>,
    verdict: &mut Verdict,
) -> Result<(), Stop> {
    let (key, envelope) = (&authentic.key, authentic.content);
    verdict.warn(Warning::ValuesUnordered);
    let reading = Reading::of(envelope.document());
    let Ok(Reading { credential, remarks }) = reading else {
        verdict.checks.content = Check::Failed;
        let findings = Findings { faults: vec![Reason::ContentInvalid], ..Findings::default() };
        return conclude(verifier, key, findings, |_| None, verdict);
    };
    for remark in remarks {
        verdict.warn(remark.into());
    }
    let mut findings = examine(&credential, Binding::Unordered, key, verifier.at, verifier.value_sets, verdict);
    if !envelope.subject_covered() {
        // Anybody may have written any name into this certificate, and its signature still matches.
        if let Some(holder) = &mut verdict.holder {
            holder.not_covered = true;
        }
        findings.lacking.insert(0, Reason::HolderNotCovered);
    }
    if !findings.lacking.is_empty() && verdict.checks.content == Check::Passed {
        verdict.checks.content = Check::Open;
    }
    let issued_at = credential.issuance_date.parse::<Timestamp>().ok();
    let period = Period { issued_at, expires_at: None, must_end: false };
    let mut times = validity(period, key, verifier.at, verdict);
    times.extend(signer_validity(key, verifier.at, verdict));
    findings.faults.extend(times);
    findings.fingerprints = verifier.revocations.map(|_| {
        let evidence = &credential.evidence;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Fingerprints::of_linked_data(&authentic.signature, &text(&evidence.certificate_id), &text(&evidence.id))
    });
    verdict.content = Some(Understood::new(Content::Divoc(Box::new(credential))));
    conclude(verifier, key, findings, |verdict| no_rules(verifier, verdict), verdict)
}

/// Meaning of a DIVOC credential inside an authentic HCERT, whose signature covers every value at its place.
pub(super) fn understand_token(
    authentic: &Authentic<'_, Token<'_>>,
    claims: &Claims<'_>,
    verifier: &Verifier<'_>,
    verdict: &mut Verdict,
) -> Result<(), Stop> {
    let key = &authentic.key;
    let (mut findings, credential) = examine_token(claims, key, verifier.at, verifier.value_sets, verdict);
    findings.fingerprints = credential.as_ref().filter(|_| verifier.revocations.is_some()).map(|credential| {
        let id = credential.id().unwrap_or_default();
        Fingerprints::new(authentic.algorithm, &authentic.signature, "", id)
    });
    verdict.content = credential.map(|credential| Understood::new(Content::Divoc(Box::new(credential))));
    conclude(verifier, key, findings, |verdict| no_rules(verifier, verdict), verdict)
}

/// Runs every check that follows the signature on a credential that nobody has signed yet, as linked data under
/// `key`: the issuer's rehearsal. Gives the faults, none when the verifier would accept.
#[cfg(feature = "issue")]
#[must_use]
pub fn inspect_credential(credential: &Credential, key: &TrustedKey, at: Timestamp) -> Vec<Reason> {
    let mut verdict = Verdict::new();
    let found = examine(credential, Binding::Unordered, key, at, ValueSets::built_in(), &mut verdict);
    let issued_at = credential.issuance_date.parse::<Timestamp>().ok();
    let times = validity(Period { issued_at, expires_at: None, must_end: false }, key, at, &mut verdict);
    let signer = signer_validity(key, at, &mut verdict);
    found.faults.into_iter().chain(found.lacking).chain(times).chain(signer).collect()
}

/// Everything that is checked of a token behind its signature.
pub(super) fn examine_token(
    claims: &Claims<'_>,
    key: &TrustedKey,
    at: Timestamp,
    value_sets: &ValueSets,
    verdict: &mut Verdict,
) -> (Findings, Option<Credential>) {
    let (mut findings, mut read) = (Findings::default(), None);
    match claims.content(SUB_CLAIM).map(Reading::of_cbor) {
        Some(Ok(Reading { credential, remarks })) => {
            for remark in remarks {
                verdict.warn(remark.into());
            }
            content::warn_of_issuers(claims.issuer.as_deref(), key, verdict);
            findings = examine(&credential, Binding::Ordered, key, at, value_sets, verdict);
            read = Some(credential);
        }
        missing => {
            verdict.checks.content = Check::Failed;
            findings.faults.push(match missing {
                None => Reason::ContentMissing,
                Some(_) => Reason::ContentInvalid,
            });
        }
    }
    findings.faults.extend(hcert::times(claims, key, at, verdict));
    (findings, read)
}

/// What is checked of the content in both envelopes.
fn examine(
    credential: &Credential,
    binding: Binding,
    key: &TrustedKey,
    at: Timestamp,
    value_sets: &ValueSets,
    verdict: &mut Verdict,
) -> Findings {
    let core = to_core(credential);
    content::describe_core(&core, verdict);
    let found = check(credential, value_sets, binding);
    if found.unknown_vaccine {
        verdict.warn(Warning::UnknownProduct);
    }
    if found.unknown_manufacturer {
        verdict.warn(Warning::UnknownHolder);
    }
    let mut findings = Findings::default();
    findings.faults.extend(found.implausible.into_iter().map(|fault| match fault {
        Implausible::Nameless => Reason::HolderMissing,
        Implausible::Incomplete => Reason::ContentInvalid,
        Implausible::CertificateId => Reason::IdMismatch,
        Implausible::HealthIdAlone | Implausible::Names => Reason::ValuesImplausible,
        Implausible::Dates => Reason::DatesImplausible,
        Implausible::Doses => Reason::DosesImplausible,
    }));
    findings.faults.extend(content::look_at_core(&core, at, verdict));
    verdict.checks.content = if findings.faults.is_empty() { Check::Passed } else { Check::Failed };
    findings.lacking.extend(found.doubts.first().map(|doubt| match doubt {
        Doubt::Vaccine | Doubt::Manufacturer | Doubt::Dates | Doubt::Doses | Doubt::Test => Reason::ValuesUnproven,
    }));
    let purpose = match verdict.kind {
        Some(Kind::Test) => Purpose::Test,
        _ => Purpose::Vaccination,
    };
    verdict.checks.key_usage = if key.allows(purpose) { Check::Passed } else { Check::Failed };
    findings.faults.extend((!key.allows(purpose)).then_some(Reason::KeyUsage));
    findings
}
