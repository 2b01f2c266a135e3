//! WHO's digital yellow card (ICVP): what an authentic one says, and whether the vaccination counts.
//!
//! Two validities are told apart. The signature lives from `iat` to `exp` and as long as its signer's certificate;
//! the vaccination counts as WHO's decision tables say, for yellow fever for life. An expired card therefore still
//! shows its medical statement, and a card of today may state a vaccination that does not count yet.

use std::cmp::Ordering;

use jiff::{Timestamp, ToSpan, civil::Date, tz::Offset};

use super::{
    Verifier, content,
    hcert::Token,
    reason::{Reason, Warning},
    stages::{Authentic, Content, Findings, Period, Understood, conclude, signer_validity, validity},
    verdict::{Check, Medical, Stop, Verdict},
};
use crate::{
    envelope::hcert::{Claims, Deviation, SUB_CLAIM_ICVP},
    payload::icvp::{
        self, AnnexLanguage, FIRST_ISSUE, Generation, Icvp, NotValid, Outcome, ReadError, Reading, Remark, Until,
        day_of, decide, for_life, to_core,
    },
    record::Country,
    revocation::Fingerprints,
    trust::TrustedKey,
    valueset::ValueSets,
};

/// Trust domain of yellow cards in WHO's network.
const DOMAIN: &str = "ICVP";

/// Age in years from which nobody needs a guardian on the card. The card does not say where its issuer draws the
/// line (REQ-DE-10), so that a lower one is no fault.
const OF_AGE: i16 = 18;

/// What an examination found.
#[derive(Debug, Default)]
pub(super) struct Examined {
    /// Faults, the decisive one first.
    pub(super) faults: Vec<Reason>,
    /// What the tables leave open.
    pub(super) lacking: Vec<Reason>,
    /// The card.
    pub(super) card: Option<Box<Icvp>>,
}

/// Judges the content of an authentic token.
pub(super) fn understand(
    authentic: &Authentic<'_, Token<'_>>,
    claims: &Claims<'_>,
    verifier: &Verifier<'_>,
    verdict: &mut Verdict,
) -> Result<(), Stop> {
    let key = &authentic.key;
    let Examined { faults, lacking, card } = examine(claims, key, verifier.at, verifier.value_sets, verdict);
    // A card has no identifier: it is revoked by its signature.
    let fingerprints = card.as_ref().filter(|_| verifier.revocations.is_some()).map(|_| {
        let country = verdict.issuer.country.as_deref().unwrap_or_default();
        Fingerprints::new(authentic.algorithm, &authentic.signature, country, "")
    });
    verdict.content = card.map(|card| {
        let core = Box::new(to_core(&card, verifier.value_sets));
        Understood::new(Content::Icvp { card, core })
    });
    // The tables are the rules of every country of arrival: the regulations allow none beyond them (Annex 7). They
    // were asked with the content.
    conclude(verifier, key, Findings { faults, lacking, fingerprints }, |_| None, verdict)
}

/// Everything that is checked after the signature, on the signed bytes.
pub(super) fn examine(
    claims: &Claims<'_>,
    key: &TrustedKey,
    at: Timestamp,
    sets: &ValueSets,
    verdict: &mut Verdict,
) -> Examined {
    let mut found = Examined::default();
    for deviation in &claims.deviations {
        verdict.warn((*deviation).into());
    }
    // No purpose of a signer's certificate concerns yellow cards: its usages are those of COVID-19 certificates.
    verdict.checks.key_usage = Check::Passed;
    let reading = match claims.content(SUB_CLAIM_ICVP).map(Reading::of) {
        Some(Ok(reading)) => reading,
        failed => {
            verdict.checks.content = Check::Failed;
            found.faults.push(match failed {
                None => Reason::ContentMissing,
                Some(Err(ReadError::SeveralDoses { .. })) => Reason::SeveralEvents,
                Some(Err(_)) | Some(Ok(_)) => Reason::ContentInvalid,
            });
            found.faults.extend(times(claims, true, key, at, verdict));
            return found;
        }
    };
    let Reading { icvp: card, remarks } = reading;
    let impossible = remarks.contains(&Remark::BornAfterDose) || is_given_after_issue(&card, claims);
    for warning in remarks.into_iter().filter_map(warning_of) {
        verdict.warn(warning);
    }
    let core = to_core(&card, sets);
    content::describe_core(&core, verdict);
    let in_future = content::look_at_core(&core, at, verdict);
    look_at(&card, claims, key, verdict);
    found.faults.extend(in_future.or(impossible.then_some(Reason::ValuesImplausible)));
    verdict.checks.content = if found.faults.is_empty() { Check::Passed } else { Check::Failed };

    let medical = decide(&card, day_of(at), sets);
    // An end in words is one where the protection is for life; and the tests of earlier generations have no end.
    let for_life = medical.valid_until == Until::Life && claims.deviations.contains(&Deviation::ExpiryForLife);
    let must_end = card.generation == Generation::G3 && !for_life;
    found.faults.extend(times(claims, must_end, key, at, verdict));
    state(&medical, verdict, &mut found);
    found.card = Some(Box::new(card));
    found
}

fn times(claims: &Claims<'_>, must_end: bool, key: &TrustedKey, at: Timestamp, verdict: &mut Verdict) -> Vec<Reason> {
    let period = Period { issued_at: claims.issued_at, expires_at: claims.expires_at, must_end };
    let mut faults = validity(period, key, at, verdict);
    if !must_end && claims.expires_at.is_none() && !claims.deviations.contains(&Deviation::ExpiryForLife) {
        verdict.warn(Warning::NoExpiry);
    }
    faults.extend(signer_validity(key, at, verdict));
    faults
}

/// Puts the medical statement into the verdict.
fn state(medical: &icvp::Medical, verdict: &mut Verdict, found: &mut Examined) {
    verdict.checks.rules = match medical.outcome {
        Outcome::Valid => Check::Passed,
        Outcome::NotValid(why) => {
            found.faults.push(match why {
                NotValid::NotApproved | NotValid::ListingEnded { .. } => Reason::ProductNotApproved,
                NotValid::TooRecent { .. } => Reason::TooRecent,
                NotValid::NotYet { .. } => Reason::NotYetValid,
                NotValid::Over { .. } => Reason::Expired,
            });
            Check::Failed
        }
        Outcome::Open(_) => {
            found.lacking.push(Reason::MedicalOpen);
            Check::Open
        }
    };
    if medical.dates_contradict {
        verdict.warn(Warning::DatesContradict);
    }
    let product = medical.product.as_deref();
    verdict.medical = Some(Medical {
        valid_from: medical.valid_from.map(|day| day.to_string()),
        valid_until: match medical.valid_until {
            Until::Life => Some(for_life(AnnexLanguage::English).to_owned()),
            Until::Day(day) => Some(day.to_string()),
            Until::NotStated => None,
        },
        table: medical.table.map(|table| table.id()),
        rule: medical.rule(),
        diseases: medical
            .diseases
            .iter()
            .map(|(code, name)| if name.is_empty() { code.clone() } else { name.clone() })
            .collect(),
        product: product.map(|product| product.words().to_owned()),
        manufacturer: product.map(|product| product.manufacturer.clone()),
    });
}

/// What an officer should look at on a readable card.
fn look_at(card: &Icvp, claims: &Claims<'_>, key: &TrustedKey, verdict: &mut Verdict) {
    if card.generation != Generation::G3 {
        verdict.warn(Warning::OldGeneration);
    }
    if !card.has_known_version() {
        verdict.warn(Warning::TemplateUnknown);
    }
    if claims.issued_at.is_some_and(|issued| day_of(issued) < FIRST_ISSUE) {
        verdict.warn(Warning::BeforeAmendment);
    }
    let issued = claims.issued_at.map(day_of);
    let of_age = card.birth_date.checked_add(OF_AGE.years()).ok();
    if card.guardian.is_none() && issued.zip(of_age).is_some_and(|(issued, of_age)| issued < of_age) {
        verdict.warn(Warning::GuardianMissing);
    }
    if key.domain.as_deref().is_some_and(|domain| domain != DOMAIN) {
        verdict.warn(Warning::OtherDomain);
    }
    // The token's issuer and the authority on the card are no way to find a key (test networks write what they
    // like there), but when they name another country than the signer's, an officer should know (failure F02).
    let named = [claims.issuer.as_deref(), card.dose.issuer.as_deref()].into_iter().flatten();
    let mut countries = named.filter_map(country);
    if let Some(signer) = key.country.as_deref().and_then(country)
        && countries.clone().any(|country| country != signer)
    {
        verdict.warn(Warning::IssuerNotSigner);
    }
    if verdict.issuer.country.as_deref().and_then(country).is_none() {
        verdict.issuer.country = countries.next().map(|country| country.to_string());
    }
}

/// A country by alpha-2 or alpha-3 code; `None` for what is neither, such as the codes of test participants.
fn country(code: &str) -> Option<Country> {
    match code.len() {
        2 => code.parse::<Country>().ok().filter(|country| country.name().is_some()),
        3 => Country::from_alpha3(code).ok(),
        _ => None,
    }
}

/// Nobody can attest a dose that is not given yet (REQ-DE-13): the day of the dose lies after the day of issue in
/// every zone on earth.
fn is_given_after_issue(card: &Icvp, claims: &Claims<'_>) -> bool {
    let by_token = claims.issued_at.map(|issued| Offset::constant(14).to_datetime(issued).date());
    let stated: [Option<Date>; 2] = [by_token, card.issued_on];
    stated.into_iter().flatten().any(|issued| card.dose.date.cmp(&issued) == Ordering::Greater)
}

/// Remarks of the reader as warnings. What makes a card impossible is a fault, and none of these.
fn warning_of(remark: Remark) -> Option<Warning> {
    Some(match remark {
        Remark::UnknownMember | Remark::SexSpelling | Remark::NationalityAlpha2 | Remark::IssuerNotParticipant => {
            Warning::NonStandardContent
        }
        Remark::DateWithTime => Warning::DateWithTime,
        Remark::PaddedText => Warning::PaddedText,
        Remark::UnknownNationality => Warning::UnknownCountry,
        Remark::NoAuthority => Warning::NoAuthority,
        Remark::EarlierBuild => Warning::OldGeneration,
        Remark::BornAfterDose => return None,
    })
}
