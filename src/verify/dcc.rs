//! The EU Digital COVID Certificate: what an authentic one says, and whether it holds.

use jiff::Timestamp;

use super::{
    Verifier, content, hcert,
    hcert::Token,
    reason::Reason,
    stages::{Authentic, Content, Findings, Understood, conclude},
    verdict::{Check, Kind, Stop, Verdict},
};
use crate::{
    envelope::hcert::Claims,
    keys::Purpose,
    payload::dcc::{Dcc, ReadError, Reading},
    revocation::Fingerprints,
    rules::{Circumstances, Outcome},
    trust::TrustedKey,
    valueset::ValueSets,
};

/// Judges the content of an authentic token.
pub(super) fn understand(
    authentic: &Authentic<'_, Token<'_>>,
    claims: &Claims<'_>,
    verifier: &Verifier<'_>,
    verdict: &mut Verdict,
) -> Result<(), Stop> {
    let key = &authentic.key;
    let (faults, dcc) = examine(claims, key, verifier.at, verifier.value_sets, verdict);
    let fingerprints = dcc
        .as_ref()
        .filter(|_| verifier.revocations.is_some())
        .map(|dcc| Fingerprints::new(authentic.algorithm, &authentic.signature, dcc.entry.country(), dcc.entry.id()));
    let payload = dcc.as_ref().filter(|_| verifier.arrival.is_some()).map(|dcc| dcc.to_json());
    verdict.content = dcc.map(|dcc| Understood::new(Content::EuDcc(dcc)));
    let findings = Findings { faults, lacking: Vec::new(), fingerprints };
    let ask = |verdict: &mut Verdict| rules(&payload?, claims, key, verifier, verdict);
    conclude(verifier, key, findings, ask, verdict)
}

/// Asks the rules of the country of arrival, where one was named.
fn rules(
    payload: &serde_json::Value,
    claims: &Claims<'_>,
    key: &TrustedKey,
    verifier: &Verifier<'_>,
    verdict: &mut Verdict,
) -> Option<Outcome> {
    let arrival = verifier.arrival?;
    let kid = key.kid.to_string();
    let judgement = arrival.rules.judge(
        payload,
        &Circumstances {
            arrival: arrival.country,
            region: arrival.region,
            issuer: claims.issuer.as_deref().or(key.country.as_deref()),
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

/// Everything that is checked after the signature, on the signed bytes: schema, time of the certificate, time of
/// the key, kind. Gives the faults, the decisive one first, and the certificate where it could be read.
pub(super) fn examine(
    claims: &Claims<'_>,
    key: &TrustedKey,
    at: Timestamp,
    value_sets: &ValueSets,
    verdict: &mut Verdict,
) -> (Vec<Reason>, Option<Box<Dcc>>) {
    let (mut faults, mut in_future, mut read) = (Vec::new(), None, None);
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
            read = Some(Box::new(dcc));
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
    faults.extend(hcert::times(claims, key, at, verdict));
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
    (faults, read)
}
