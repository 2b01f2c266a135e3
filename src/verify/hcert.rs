//! The journey of an HCERT: text → COSE message → token → the content under its number. What the content means
//! is told by the file of its format.

use jiff::Timestamp;

use super::{
    Verifier, dcc, ddcc, divoc, icvp, link,
    reason::Reason,
    stages::{Authentic, Findings, Opened, Period, conclude, signer_validity, validity},
    verdict::{Check, Format, Stop, Verdict},
};
use crate::{
    envelope::hcert::{
        self, AlgorithmId, Claims, CwtError, HcertError, SUB_CLAIM_DCC, SUB_CLAIM_DDCC_TEST,
        SUB_CLAIM_DDCC_VACCINATION, SUB_CLAIM_ICVP, SUB_CLAIM_LINK, Sign1,
    },
    keys::Algorithm,
    payload::divoc as divoc_payload,
    trust::TrustedKey,
    valueset::ValueSets,
};

/// The content of an HCERT message: its token, if the payload is one.
pub(super) type Token<'m> = Result<Claims<'m>, CwtError>;

/// The formats that live in an HCERT, by their number in the health certificate claim.
const CONTENTS: &[(i64, Format)] = &[
    (SUB_CLAIM_DCC, Format::EuDcc),
    (SUB_CLAIM_DDCC_VACCINATION, Format::Ddcc),
    (SUB_CLAIM_DDCC_TEST, Format::Ddcc),
    (SUB_CLAIM_ICVP, Format::Icvp),
    (divoc_payload::SUB_CLAIM, Format::Divoc),
];
// A link (SUB_CLAIM_LINK) is no content: it makes a format only where nothing else is there.

/// Judges the text of an HCERT.
pub(super) fn judge(verifier: &Verifier<'_>, text: &str, verdict: &mut Verdict) -> Result<(), Stop> {
    let bytes = unpack(text, verdict)?;
    let message = Sign1::read(&bytes).map_err(|_| {
        verdict.checks.decode = Check::Failed;
        Stop::Rejected(Reason::CoseInvalid)
    })?;
    let claims = Claims::read(&message.payload);
    verdict.checks.decode = Check::Passed;
    verdict.format = claims.as_ref().ok().and_then(|claims| content_of(claims).ok()).unwrap_or(Format::EuDcc);
    for deviation in &message.deviations {
        verdict.warn((*deviation).into());
    }
    verdict.issuer.kid = message.kid.as_ref().map(ToString::to_string);
    verdict.issuer.algorithm = message.algorithm.as_ref().map(ToString::to_string);
    if let Ok(claims) = &claims {
        verdict.issuer.country = claims.issuer.clone().filter(|iss| iss.len() == 2);
        if verifier.payload {
            let first_form = || ddcc::flat(claims).map(|payload| payload.to_json());
            verdict.unverified_payload = content(claims).map(hcert::cbor::Value::to_json).or_else(first_form);
        }
    }

    let algorithm = match &message.algorithm {
        Some(AlgorithmId::Known(algorithm @ (Algorithm::Es256 | Algorithm::Ps256))) => *algorithm,
        Some(_) => return Err(Stop::Rejected(Reason::AlgorithmUnsupported)),
        None => return Err(Stop::Rejected(Reason::AlgorithmMissing)),
    };
    let Some(kid) = &message.kid else { return Err(Stop::Rejected(Reason::KidMissing)) };
    // Specification section 3.3.3: every key under the message's kid.
    let candidates = verifier.trust.candidates(kid);
    if candidates.is_empty() {
        return match &claims {
            Ok(claims) if verdict.format == Format::HealthLink => link::unsigned(claims, verifier, verdict),
            _ => Err(verifier.unknown_issuer()),
        };
    }
    let opened = Opened::new(claims, algorithm, message.signed_bytes(), message.signature.as_ref());
    let authentic = opened.authenticate(verifier, candidates.iter(), verdict)?;
    verdict.payload = verdict.unverified_payload.take();
    understand(authentic, verifier, verdict)
}

/// Text of a code to the bytes of its message.
fn unpack(text: &str, verdict: &mut Verdict) -> Result<Vec<u8>, Stop> {
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

/// The format of a token's content.
///
/// # Errors
/// Why there is none that can be judged.
fn content_of(claims: &Claims<'_>) -> Result<Format, Reason> {
    let mut found = CONTENTS.iter().filter(|(number, _)| claims.content(*number).is_some());
    match (found.next(), found.next()) {
        (Some((_, format)), None) => Ok(*format),
        (Some(_), Some(_)) => Err(Reason::SeveralEvents),
        (None, _) if ddcc::flat(claims).is_some() => Ok(Format::Ddcc),
        (None, _) if claims.content(SUB_CLAIM_LINK).is_some() => Ok(Format::HealthLink),
        (None, _) if claims.hcert.as_ref().is_some_and(has_other_content) => Err(Reason::ContentUnsupported),
        (None, _) => Err(Reason::ContentMissing),
    }
}

/// Whether the health certificate claim holds something under a number that this program does not know.
fn has_other_content(hcert: &hcert::cbor::Value<'_>) -> bool {
    use hcert::cbor::Value;
    let Value::Map(entries) = hcert else { return false };
    entries.iter().any(|(number, content)| {
        let known = CONTENTS.iter().any(|(known, _)| *number == Value::Int(*known));
        matches!(number, Value::Int(_)) && matches!(content, Value::Map(_) | Value::Array(_)) && !known
    })
}

/// The part of a token that is its content, for `--payload`.
fn content<'c, 'm>(claims: &'c Claims<'m>) -> Option<&'c hcert::cbor::Value<'m>> {
    CONTENTS.iter().find_map(|(number, _)| claims.content(*number))
}

/// Meaning and validity. Everything that the verdict can show is filled in before the first fault ends it.
fn understand(authentic: Authentic<'_, Token<'_>>, verifier: &Verifier<'_>, verdict: &mut Verdict) -> Result<(), Stop> {
    let claims = match &authentic.content {
        Ok(claims) => claims,
        Err(_) => {
            verdict.checks.content = Check::Failed;
            let findings = Findings { faults: vec![Reason::ContentInvalid], ..Findings::default() };
            return conclude(verifier, &authentic.key, findings, |_| None, verdict);
        }
    };
    if verdict.format != Format::HealthLink {
        link::beside(claims, verifier.at, verdict);
    }
    match content_of(claims) {
        Ok(Format::HealthLink) => link::understand(&authentic, claims, verifier, verdict),
        Ok(Format::EuDcc) => dcc::understand(&authentic, claims, verifier, verdict),
        Ok(Format::Icvp) => icvp::understand(&authentic, claims, verifier, verdict),
        Ok(Format::Divoc) => divoc::understand_token(&authentic, claims, verifier, verdict),
        Ok(Format::Ddcc) => ddcc::understand(&authentic, claims, verifier, verdict),
        Ok(_) => Err(Stop::Undecided(Reason::ContentUnsupported)),
        Err(reason) => {
            let mut findings = Findings::default();
            match reason {
                Reason::ContentUnsupported => findings.lacking.push(reason),
                _ => findings.faults.push(reason),
            }
            verdict.checks.content = Check::Failed;
            findings.faults.extend(times(claims, &authentic.key, verifier.at, verdict));
            conclude(verifier, &authentic.key, findings, |_| None, verdict)
        }
    }
}

/// The times of a token and of its signer, which every content shares. Remarks on the token go into the verdict.
pub(super) fn times(claims: &Claims<'_>, key: &TrustedKey, at: Timestamp, verdict: &mut Verdict) -> Vec<Reason> {
    for deviation in &claims.deviations {
        verdict.warn((*deviation).into());
    }
    let period = Period { issued_at: claims.issued_at, expires_at: claims.expires_at, must_end: true };
    let mut faults = validity(period, key, at, verdict);
    faults.extend(signer_validity(key, at, verdict));
    faults
}

/// Runs every check that follows the signature on bytes that nobody has signed yet, as if `key` had: the
/// issuer's rehearsal. Gives the faults, none when the verifier would accept.
///
/// It makes no [`Authentic`], and nothing that it returns can be mistaken for a verdict.
#[must_use]
pub fn inspect(payload: &[u8], key: &TrustedKey, at: Timestamp) -> Vec<Reason> {
    let mut verdict = Verdict::new();
    let Ok(claims) = Claims::read(payload) else { return vec![Reason::ContentInvalid] };
    let sets = ValueSets::built_in();
    match content_of(&claims) {
        Ok(Format::EuDcc) => dcc::examine(&claims, key, at, sets, &mut verdict).0,
        Ok(Format::Icvp) => {
            let found = icvp::examine(&claims, key, at, sets, &mut verdict);
            // A card may be issued on the day of the dose; it counts when its days have passed.
            let mut faults: Vec<_> = found.faults.into_iter().filter(|fault| *fault != Reason::TooRecent).collect();
            faults.extend(found.lacking);
            faults
        }
        Ok(Format::Ddcc) => ddcc::examine(&claims, key, at, sets, &mut verdict).0,
        Ok(Format::Divoc) => {
            let found = divoc::examine_token(&claims, key, at, sets, &mut verdict).0;
            found.faults.into_iter().chain(found.lacking).collect()
        }
        Ok(_) => vec![Reason::ContentUnsupported],
        Err(reason) => vec![reason],
    }
}
