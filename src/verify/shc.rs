//! The journey of a SMART Health Card: digits, a JWS or a file → signed JSON → key of its issuer → FHIR resources.
//!
//! A card names its issuer by an address, and the specification has verifiers fetch the keys from there: whoever
//! owns an address could then sign for himself (facts on WHO formats, section 7). Here no key is ever fetched. A
//! key counts for the address that its list binds it to: the VCI directory does, `--trust ADDRESS=FILE` does, and
//! a certificate inside a key set does by the address that it was issued for. A key set alone does not say whose it
//! is; its keys count for every address, with the warning `issuer-not-bound`.

use serde_json::Value;

use super::{
    Verifier, content,
    reason::{Reason, Warning},
    stages::{Authentic, Content, Findings, Opened, Period, Understood, conclude, no_rules, signer_validity, validity},
    verdict::{Check, Decision, Format, Kind, Stop, Verdict},
};
use crate::{
    envelope::shc::{self, Card, CardError, ChunkError, DeflateError, FileError, JwsError, NumericError},
    keys::{Algorithm, Kid, Purpose},
    payload::{
        core::Holder,
        shc::{HealthCard, ReadError, Reading, issuer, to_core},
    },
    record::{Country, names::standardise},
    revocation::Fingerprints,
    trust::TrustedKey,
};

/// The algorithm of every card.
const ES256: &str = "ES256";

/// Longest algorithm or key identifier that a verdict shows, in characters.
const SHOWN_CHARS: usize = 64;

/// Judges a card, or a file of cards.
pub(super) fn judge(verifier: &Verifier<'_>, text: &str, verdict: &mut Verdict) -> Result<(), Stop> {
    verdict.format = Format::Shc;
    match shc::cards(text.as_bytes()) {
        None => judge_card(verifier, text, verdict),
        Some(Ok(cards)) => judge_file(verifier, &cards, verdict),
        Some(Err(error)) => {
            verdict.checks.decode = Check::Failed;
            Err(Stop::Rejected(match error {
                FileError::TooLong { .. } | FileError::TooMany { .. } => Reason::TextTooLong,
                FileError::Json(_) | FileError::Entry { .. } => Reason::JsonInvalid,
                FileError::Empty => Reason::ContentMissing,
            }))
        }
    }
}

/// One answer for a file: that of the worst of its cards, because green must hold for every one. Shells that show
/// each card take the file apart first.
fn judge_file(verifier: &Verifier<'_>, cards: &[String], verdict: &mut Verdict) -> Result<(), Stop> {
    let judged = cards.iter().map(|card| {
        let mut verdict = Verdict::new();
        verdict.format = Format::Shc;
        match judge_card(verifier, card, &mut verdict) {
            Ok(()) => verdict.concluded(),
            Err(stop) => verdict.stopped(stop),
        }
    });
    let worst = judged.min_by_key(|verdict| match verdict.verdict {
        Decision::Rejected => 0,
        Decision::Undecided => 1,
        Decision::Accepted => 2,
    });
    let Some(worst) = worst else { return Err(Stop::Rejected(Reason::ContentMissing)) };
    let outcome = match (worst.verdict, worst.reason) {
        (Decision::Rejected, Some(reason)) => Err(Stop::Rejected(reason)),
        (Decision::Undecided, Some(reason)) => Err(Stop::Undecided(reason)),
        _ => Ok(()),
    };
    *verdict = worst;
    outcome
}

fn judge_card(verifier: &Verifier<'_>, text: &str, verdict: &mut Verdict) -> Result<(), Stop> {
    let (Card { jws, payload }, deviations) = Card::read(text).map_err(|error| refused(&error, verdict))?;
    verdict.checks.decode = Check::Passed;
    for deviation in deviations {
        verdict.warn(deviation.into());
    }
    let shown = |text: &String| text.chars().take(SHOWN_CHARS).collect();
    verdict.issuer.kid = jws.header.kid.as_ref().map(shown);
    verdict.issuer.algorithm = jws.header.algorithm.as_ref().map(shown);
    if verifier.payload {
        verdict.unverified_payload = Some(payload.clone());
    }
    match jws.header.algorithm.as_deref() {
        Some(ES256) => {}
        Some(_) => return Err(Stop::Rejected(Reason::AlgorithmUnsupported)),
        None => return Err(Stop::Rejected(Reason::AlgorithmMissing)),
    }
    let Some(kid) = jws.header.kid.as_deref().filter(|kid| !kid.is_empty()) else {
        return Err(Stop::Rejected(Reason::KidMissing));
    };
    // An address of another form is the issuer's fault, and nobody's key counts for it.
    let named = payload.as_object().ok_or(Reason::ContentInvalid);
    let address = named.and_then(|claims| issuer(claims).map_err(|_| Reason::ContentInvalid)).map_err(|reason| {
        verdict.checks.content = Check::Failed;
        Stop::Rejected(reason)
    })?;
    verdict.issuer.address = Some(address.to_owned());
    let candidates = Candidates::of(verifier.trust.candidates(&Kid::new(kid.as_bytes())), address);
    let opened = Opened::new(&payload, Algorithm::Es256, jws.signed_bytes(), jws.signature.as_slice());
    let authentic = opened.authenticate(verifier, candidates.keys(), verdict)?;
    verdict.payload = verdict.unverified_payload.take();
    if !candidates.bound {
        verdict.warn(Warning::IssuerNotBound);
    }
    understand(&authentic, verifier, verdict)
}

/// Keys that may have signed for an address.
struct Candidates<'t, 'a> {
    all: &'t [TrustedKey],
    address: &'a str,
    /// Whether a list binds one of them to the address; then only such keys count.
    bound: bool,
}

impl<'t, 'a> Candidates<'t, 'a> {
    fn of(all: &'t [TrustedKey], address: &'a str) -> Self {
        Self { all, address, bound: all.iter().any(|key| key.issuer.as_deref() == Some(address)) }
    }

    fn keys(&self) -> impl Iterator<Item = &'t TrustedKey> + Clone {
        let wanted = self.bound.then_some(self.address);
        self.all.iter().filter(move |key| key.issuer.as_deref() == wanted)
    }
}

/// What an error of reading means for the verdict.
fn refused(error: &CardError, verdict: &mut Verdict) -> Stop {
    let reason = match error {
        // Nothing is wrong with a part; the others are wanting.
        CardError::Incomplete { .. }
        | CardError::Pieces(ChunkError::Totals { .. } | ChunkError::Twice { .. } | ChunkError::Missing { .. }) => {
            return Stop::Undecided(Reason::CodeIncomplete);
        }
        CardError::Pieces(ChunkError::TooLong { .. })
        | CardError::Numeric(NumericError::TooLong { .. })
        | CardError::Jws(JwsError::TooLong { .. }) => Reason::TextTooLong,
        CardError::Pieces(ChunkError::Whole { .. }) | CardError::Numeric(_) => Reason::JwsInvalid,
        CardError::Jws(JwsError::Signature { .. }) => {
            verdict.checks.signature = Check::Failed;
            Reason::SignatureInvalid
        }
        CardError::Jws(_) => Reason::JwsInvalid,
        CardError::Compression { .. } | CardError::Deflate(DeflateError::NotCompressed) => Reason::NotCompressed,
        CardError::Deflate(DeflateError::TooLarge) => Reason::InflatesTooLarge,
        CardError::Deflate(_) => Reason::CompressionInvalid,
        CardError::ByteOrderMark | CardError::Json(_) => Reason::JsonInvalid,
    };
    verdict.checks.decode = Check::Failed;
    Stop::Rejected(reason)
}

/// What an authentic card says, and whether it holds.
fn understand(authentic: &Authentic<'_, &Value>, verifier: &Verifier<'_>, verdict: &mut Verdict) -> Result<(), Stop> {
    let key = &authentic.key;
    let mut findings = Findings::default();
    match Reading::of(authentic.content) {
        Ok(Reading { card, remarks }) => {
            for remark in remarks {
                verdict.warn(remark.into());
            }
            examine(&card, key, verifier, verdict, &mut findings);
            findings.fingerprints = Some(Fingerprints::of_card(card.rid.as_deref(), card.not_before));
            verdict.content = Some(Understood::new(Content::Shc(Box::new(card))));
        }
        Err(error) => {
            verdict.checks.content = Check::Failed;
            match error {
                ReadError::FhirVersion => findings.lacking.push(Reason::ContentUnsupported),
                _ => findings.faults.push(Reason::ContentInvalid),
            }
            signer_validity(key, verifier.at, verdict);
        }
    }
    conclude(verifier, key, findings, |verdict| no_rules(verifier, verdict), verdict)
}

fn examine(
    card: &HealthCard,
    key: &TrustedKey,
    verifier: &Verifier<'_>,
    verdict: &mut Verdict,
    findings: &mut Findings,
) {
    let core = to_core(card);
    content::describe_core(&core, verdict);
    if let Some((shown, standardised)) = verdict.holder.as_mut().zip(machine_readable(&core.holder)) {
        shown.standardised_name = standardised;
    }
    if card.patient.is_none() {
        verdict.holder = None;
        findings.lacking.push(Reason::HolderMissing);
    }
    let in_future = content::look_at_core(&core, verifier.at, verdict);
    let period = Period { issued_at: Some(card.not_before), expires_at: card.expires, must_end: false };
    findings.faults.extend(validity(period, key, verifier.at, verdict));
    findings.faults.extend(signer_validity(key, verifier.at, verdict));
    findings.faults.extend(in_future);
    // Nothing in it was given, or nothing that this program reads.
    if core.events.is_empty() {
        if card.others > 0 {
            findings.lacking.push(Reason::ContentUnsupported);
        } else {
            findings.faults.push(Reason::ContentMissing);
        }
    }
    let says_something = in_future.is_none() && !core.events.is_empty();
    verdict.checks.content = if says_something { Check::Passed } else { Check::Failed };
    let purpose = match verdict.kind {
        Some(Kind::Test) => Purpose::Test,
        Some(Kind::Recovery) => Purpose::Recovery,
        Some(Kind::Vaccination) | None => Purpose::Vaccination,
    };
    if key.allows(purpose) {
        verdict.checks.key_usage = Check::Passed;
    } else {
        verdict.checks.key_usage = Check::Failed;
        findings.faults.push(Reason::KeyUsage);
    }
}

/// The name as the machine-readable zone of a passport has it, where the card tells family and given names apart.
fn machine_readable(holder: &Holder) -> Option<String> {
    let part = |name: &Option<String>| standardise(name.as_deref()?, Country::SANDBOX).ok();
    let family = part(&holder.family)?;
    Some(match part(&holder.given) {
        Some(given) => format!("{family}<<{given}"),
        None => family,
    })
}
