//! The journey of an ICAO seal: JSON → the signer's certificate that it brings → the authority that certified the
//! signer → signature → proof of vaccination or of testing.
//!
//! The certificate in the seal proves nothing by itself: whoever makes a seal can put any there. The signature is
//! believed only behind an authority of the store whose signature on that certificate matched.

use jiff::{Timestamp, civil::Date};

use super::{
    Verifier, content,
    reason::Reason,
    stages::{Authentic, Content, Findings, Opened, Understood, conclude, no_rules},
    verdict::{Check, Format, Stop, Verdict},
};
use crate::{
    envelope::vdsnc::{Seal, SealError},
    keys::{Algorithm, Certificate, PublicKey, PublicKeyError},
    payload::{
        core::{CoreDataSet, Event},
        dcc::sample_time,
        vdsnc::{Message, ReadError, Reading, VdsNc, issuing_state, to_core},
    },
    record::Country,
    trust::{
        Authority, TrustedKey,
        barcode_signer::{self, SealedDocument, SignerFault},
    },
};

/// What an opened seal carries along to the stages behind its signature.
struct Sealed<'s> {
    seal: &'s Seal,
    signer: &'s Certificate,
    authority: &'s Authority,
}

/// Judges the text of a seal.
pub(super) fn judge(verifier: &Verifier<'_>, text: &str, verdict: &mut Verdict) -> Result<(), Stop> {
    verdict.format = Format::VdsNc;
    let seal = Seal::read(text).map_err(|error| refused(&error, verdict))?;
    verdict.checks.decode = Check::Passed;
    for deviation in &seal.deviations {
        verdict.warn((*deviation).into());
    }
    verdict.issuer.algorithm = Some(seal.algorithm.clone());
    verdict.issuer.country = issuing_state(&seal.issuer).map(|country| country.to_string());
    if verifier.payload {
        verdict.unverified_payload = serde_json::from_slice(seal.signed_bytes()).ok();
    }
    let hash = seal.hash().ok_or(Stop::Rejected(Reason::AlgorithmUnsupported))?;
    let signer = Certificate::from_der(&seal.certificate)
        .ok()
        .filter(|certificate| certificate.der().len() == seal.certificate.len())
        .ok_or_else(|| untrusted(Reason::SignerChainInvalid, verdict))?;
    verdict.issuer.kid = Some(signer.kid().to_string());
    let public = PublicKey::for_seals(signer.spki()).map_err(|error| {
        let reason = match error {
            PublicKeyError::Unsupported { .. } | PublicKeyError::ExplicitCurve => Reason::AlgorithmUnsupported,
            PublicKeyError::Form | PublicKeyError::Invalid { .. } => Reason::SignerChainInvalid,
        };
        untrusted(reason, verdict)
    })?;

    let authority = match barcode_signer::authority_of(verifier.trust, &signer, |one| verifier.rank_of_authority(one)) {
        Ok(authority) => authority,
        Err(SignerFault::UnknownAuthority { .. } | SignerFault::Uncheckable { .. }) => {
            // Nobody vouches for the certificate; that its own key did not sign this is a fault all the same.
            if public.verify_ecdsa(hash, seal.signed_bytes(), &seal.signature).is_err() {
                verdict.checks.signature = Check::Failed;
                return Err(Stop::Rejected(Reason::SignatureInvalid));
            }
            return Err(verifier.unknown_issuer());
        }
        Err(_) => return Err(untrusted(Reason::SignerChainInvalid, verdict)),
    };
    let key = TrustedKey {
        country: signer.country().map(str::to_owned),
        not_before: Some(signer.not_before()),
        not_after: Some(signer.not_after()),
        sandbox: authority.sandbox || signer.is_sandbox(),
        ..TrustedKey::bare(public, signer.kid().clone(), &authority.list)
    };
    let sealed = Sealed { seal: &seal, signer: &signer, authority };
    // Only the hash function of the seal's algorithm matters here; COSE's name for all of them is the first one's.
    let opened = Opened::new(sealed, Algorithm::Es256, seal.signed_bytes(), seal.signature.as_slice());
    let authentic = opened.authenticate_by(verifier, key, hash, verdict)?;
    verdict.payload = verdict.unverified_payload.take();
    understand(&authentic, verifier, verdict)
}

fn refused(error: &SealError, verdict: &mut Verdict) -> Stop {
    verdict.checks.decode = Check::Failed;
    Stop::Rejected(match error {
        SealError::TooLong { .. } => Reason::TextTooLong,
        SealError::Json(_) => Reason::JsonInvalid,
        SealError::Stray { signed: false, .. } => Reason::UnsignedContent,
        SealError::Stray { .. } | SealError::Shape { .. } | SealError::Canonical(_) => Reason::ContentInvalid,
    })
}

fn untrusted(reason: Reason, verdict: &mut Verdict) -> Stop {
    verdict.checks.trust = Check::Failed;
    Stop::Rejected(reason)
}

impl Verifier<'_> {
    /// How well an entry vouches for an authority: in a list that may still be used, real, valid now.
    fn rank_of_authority(&self, authority: &Authority) -> (bool, bool, bool) {
        let certificate = &authority.certificate;
        let valid = certificate.not_before() <= self.at && self.at <= certificate.not_after();
        (!authority.sandbox, !self.is_stale(&authority.list), valid)
    }
}

/// Meaning, and whether the signer may say so. Everything that the verdict can show is filled in before the first
/// fault ends it.
fn understand(
    authentic: &Authentic<'_, Sealed<'_>>,
    verifier: &Verifier<'_>,
    verdict: &mut Verdict,
) -> Result<(), Stop> {
    let Sealed { seal, signer, authority } = authentic.content;
    let mut findings = Findings::default();
    let mut document = None;
    match Reading::of(seal) {
        Ok(Reading { vdsnc, remarks }) => {
            for remark in remarks {
                verdict.warn(remark.into());
            }
            document = Some(match vdsnc.message {
                Message::Vaccination(_) => SealedDocument::Vaccination,
                Message::Test(_) => SealedDocument::Test,
            });
            let core = to_core(&vdsnc);
            content::describe_core(&core, verdict);
            let future = content::look_at_core(&core, verifier.at, verdict);
            let faults: Vec<Reason> = future.into_iter().chain(implausible(&vdsnc, &core)).collect();
            verdict.checks.content = if faults.is_empty() { Check::Passed } else { Check::Failed };
            findings.faults.extend(faults);
            verdict.content = Some(Understood::new(Content::VdsNc(Box::new(vdsnc))));
        }
        // A seal on something else, or of a later structure: authentic, and not for this program to judge.
        Err(ReadError::Kind { .. } | ReadError::Version { .. }) => findings.lacking.push(Reason::ContentUnsupported),
        Err(ReadError::Part { .. }) => {
            verdict.checks.content = Check::Failed;
            findings.faults.push(Reason::ContentInvalid);
        }
    }
    // A proof states no time of its own in which it would be valid.
    verdict.checks.validity = Check::Passed;
    let trust = trusted(&seal.issuer, signer, authority, verifier.at);
    verdict.checks.trust = if trust.is_none() { Check::Passed } else { Check::Failed };
    findings.faults.extend(trust);
    if let Some(document) = document {
        let usage = barcode_signer::check_use(signer, document).err();
        verdict.checks.key_usage = if usage.is_none() { Check::Passed } else { Check::Failed };
        findings.faults.extend(usage.map(|fault| match fault {
            SignerFault::Extensions => Reason::SignerChainInvalid,
            _ => Reason::KeyUsage,
        }));
    }
    conclude(verifier, &authentic.key, findings, |verdict| no_rules(verifier, verdict), verdict)
}

/// Countries and dates of signer and authority: the first thing that speaks against them.
fn trusted(issuer: &str, signer: &Certificate, authority: &Authority, at: Timestamp) -> Option<Reason> {
    if barcode_signer::check_country(signer, authority).is_err() || !is_of(signer, issuer) {
        return Some(Reason::IssuerMismatch);
    }
    barcode_signer::check_dates(signer, authority, at).err().map(|fault| match fault {
        SignerFault::NotYetValid | SignerFault::AuthorityNotYetValid => Reason::SignerNotYetValid,
        _ => Reason::SignerExpired,
    })
}

/// Whether a certificate is of the state that the header of a seal names. Certificates have two letters, headers
/// three; some certificates have the three as well.
fn is_of(signer: &Certificate, issuer: &str) -> bool {
    let Some(code) = signer.country().map(|code| code.trim().to_ascii_uppercase()) else { return false };
    // Organisations have codes of three letters alone, and nothing to hold them against but the same three.
    let certified = code.parse::<Country>().ok().or_else(|| issuing_state(&code));
    (certified.is_some() && certified == issuing_state(issuer)) || (code.len() == 3 && code == issuer)
}

/// What cannot be true together: a dose before birth, a report before its sample, a report from the future.
fn implausible(vdsnc: &VdsNc, core: &CoreDataSet) -> Option<Reason> {
    let born = core.holder.birth_date.as_deref().and_then(|text| text.parse::<Date>().ok());
    let before_birth = |date: &Option<String>| {
        let day = date.as_deref().and_then(|text| text.get(..10)?.parse::<Date>().ok());
        day.zip(born).is_some_and(|(day, born)| day < born)
    };
    let early = core.events.iter().any(|event| match event {
        Event::Vaccination(dose) => before_birth(&dose.date),
        Event::Test(test) => before_birth(&test.date),
        Event::Recovery(_) => false,
    });
    let reported_early = match &vdsnc.message {
        Message::Test(test) => {
            let times = sample_time(&test.sampled_at).zip(sample_time(&test.reported_at));
            times.is_some_and(|((sampled, _), (reported, _))| reported < sampled)
        }
        Message::Vaccination(_) => false,
    };
    (early || reported_early).then_some(Reason::ValuesImplausible)
}
