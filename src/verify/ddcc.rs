//! WHO DDCC: what an authentic one says, and whether it holds. Three forms come here: the two sub-claims, and the
//! first form, whose claims are the certificate itself.

use jiff::{
    Timestamp, ToSpan,
    civil::Date,
    tz::{Offset, TimeZone},
};

use super::{
    Verifier, content, hcert,
    hcert::Token,
    reason::{Reason, Warning},
    stages::{Authentic, Content, Findings, Period, Understood, conclude, no_rules, signer_validity, validity},
    verdict::{Check, Kind, Stop, Verdict},
};
use crate::{
    envelope::hcert::{Claims, SUB_CLAIM_DDCC_TEST, SUB_CLAIM_DDCC_VACCINATION, cbor::Value},
    keys::Purpose,
    payload::{
        core::{CodeSystem, Coding, CoreDataSet, Event},
        ddcc::{self, Ddcc, ReadError, Reading, looks_flat, to_core},
        mapping::codes,
    },
    record::{Country, check_character},
    revocation::Fingerprints,
    trust::TrustedKey,
    valueset::{EuSet, ValueSets},
};

/// Domains of WHO's network in whose name a DDCC is signed: every key in use stands under the first one.
const DOMAINS: [&str; 2] = ["DCC", "DDCC"];

/// The claims of a token that is a DDCC of the first form.
pub(super) fn flat<'m>(claims: &Claims<'m>) -> Option<Value<'m>> {
    if claims.hcert.is_some() {
        return None;
    }
    let payload = Value::Map(claims.others.clone());
    looks_flat(&payload).then_some(payload)
}

/// Judges the content of an authentic token.
pub(super) fn understand(
    authentic: &Authentic<'_, Token<'_>>,
    claims: &Claims<'_>,
    verifier: &Verifier<'_>,
    verdict: &mut Verdict,
) -> Result<(), Stop> {
    let key = &authentic.key;
    let (faults, read) = examine(claims, key, verifier.at, verifier.value_sets, verdict);
    let fingerprints = read.as_ref().map(|ddcc| {
        // Lists of revocations name certificates by their country and identifier as the EU's do: alpha-2.
        let country = ddcc.country().unwrap_or_default();
        let known = Country::from_alpha3(country).map(|country| country.to_string());
        let id = ddcc.id().unwrap_or_default();
        Fingerprints::new(authentic.algorithm, &authentic.signature, known.as_deref().unwrap_or(country), id)
    });
    verdict.content = read.map(|ddcc| Understood::new(Content::Ddcc(ddcc)));
    let findings = Findings { faults, lacking: Vec::new(), fingerprints };
    conclude(verifier, key, findings, |verdict| no_rules(verifier, verdict), verdict)
}

/// Everything that is checked after the signature. Gives the faults, the decisive one first, and the certificate
/// where it could be read.
pub(super) fn examine(
    claims: &Claims<'_>,
    key: &TrustedKey,
    at: Timestamp,
    value_sets: &ValueSets,
    verdict: &mut Verdict,
) -> (Vec<Reason>, Option<Box<Ddcc>>) {
    let first_form = flat(claims);
    let reading = match (&first_form, claims.content(SUB_CLAIM_DDCC_VACCINATION), claims.content(SUB_CLAIM_DDCC_TEST)) {
        (Some(payload), ..) => Reading::of_flat(payload),
        (None, Some(content), _) => Reading::of(content, ddcc::Kind::Vaccination),
        (None, None, Some(content)) => Reading::of(content, ddcc::Kind::Test),
        (None, None, None) => return (vec![Reason::ContentMissing], None),
    };
    let (mut faults, mut in_future, mut read) = (Vec::new(), None, None);
    match reading {
        Ok(Reading { ddcc, remarks }) => {
            for remark in remarks {
                verdict.warn(remark.into());
            }
            let core = to_core(&ddcc);
            content::describe_core(&core, verdict);
            warn_of_signer(claims.issuer.as_deref(), key, verdict);
            look_at_codes(&core, value_sets, verdict);
            in_future = content::look_at_core(&core, at, verdict);
            verdict.checks.content = if in_future.is_none() { Check::Passed } else { Check::Failed };
            read = Some(Box::new(ddcc));
        }
        Err(error) => {
            verdict.checks.content = Check::Failed;
            faults.push(match error {
                ReadError::SeveralEvents { .. } => Reason::SeveralEvents,
                ReadError::Part { .. } => Reason::ContentInvalid,
            });
        }
    }
    faults.extend(times(claims, first_form.is_some(), read.as_deref(), key, at, verdict));
    faults.extend(in_future);
    if let Some(kind) = verdict.kind {
        // The usages name the kinds of certificates, and these are the same kinds.
        let purpose = match kind {
            Kind::Test => Purpose::Test,
            Kind::Vaccination | Kind::Recovery => Purpose::Vaccination,
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

/// The token's times, and the period that the certificate states itself. A token of the first form has no times:
/// there the period alone counts.
fn times(
    claims: &Claims<'_>,
    first_form: bool,
    ddcc: Option<&Ddcc>,
    key: &TrustedKey,
    at: Timestamp,
    verdict: &mut Verdict,
) -> Vec<Reason> {
    let period = ddcc.map(|ddcc| &ddcc.certificate.period);
    let start = period.and_then(|period| period.start.as_deref()).and_then(|text| moment(text, false));
    let end = period.and_then(|period| period.end.as_deref()).and_then(|text| moment(text, true));
    if first_form {
        for deviation in &claims.deviations {
            verdict.warn((*deviation).into());
        }
        let period =
            Period { issued_at: claims.issued_at.or(start), expires_at: claims.expires_at.or(end), must_end: false };
        let mut faults = validity(period, key, at, verdict);
        faults.extend(signer_validity(key, at, verdict));
        return faults;
    }
    let mut faults = hcert::times(claims, key, at, verdict);
    let mut stated = Vec::new();
    stated.extend(start.is_some_and(|start| start > at).then_some(Reason::NotYetValid));
    stated.extend(end.is_some_and(|end| at > end).then_some(Reason::Expired));
    if !stated.is_empty() {
        verdict.checks.validity = Check::Failed;
    }
    faults.extend(stated);
    faults
}

/// An instant, or the first or last moment anywhere on earth of a day; `None` where not even the day is known.
fn moment(text: &str, last: bool) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let day: Date = text.get(..10)?.parse().ok()?;
    let (day, offset) = if last { (day.checked_add(1.day()).ok()?, -12) } else { (day, 14) };
    let time = day.to_zoned(TimeZone::fixed(Offset::constant(offset))).ok()?.timestamp();
    if last { time.checked_sub(1.second()).ok() } else { Some(time) }
}

/// Who signed, and for what. Issuers of WHO's formats write alpha-2 or alpha-3.
fn warn_of_signer(issuer: Option<&str>, key: &TrustedKey, verdict: &mut Verdict) {
    let known = issuer.and_then(|issuer| Country::from_alpha3(issuer).ok()).map(|country| country.to_string());
    content::warn_of_issuers(known.as_deref().or(issuer), key, verdict);
    if key.domain.as_deref().is_some_and(|domain| !DOMAINS.contains(&domain)) {
        verdict.warn(Warning::OtherDomain);
    }
}

/// Codes that no table knows. A name without a code is no unknown code: it can be read.
fn look_at_codes(core: &CoreDataSet, sets: &ValueSets, verdict: &mut Verdict) {
    let known_holder = |coding: &Coding| sets.eu(EuSet::VaccineHolder, &coding.code).is_some();
    let mut look = |coding: &Option<Coding>, known: bool, warning| {
        if coding.as_ref().is_some_and(|coding| coding.system != CodeSystem::Text) && !known {
            verdict.warn(warning);
        }
    };
    let is = |coding: &Option<Coding>, test: &dyn Fn(&Coding) -> bool| coding.as_ref().is_some_and(test);
    let vaccine = |coding: &Coding| codes::vaccine_to_icd11(coding).is_some() || codes::product_of(coding).is_some();
    for event in &core.events {
        match event {
            Event::Vaccination(v) => {
                look(&v.vaccine, is(&v.vaccine, &vaccine), Warning::UnknownVaccine);
                look(&v.brand, is(&v.brand, &vaccine), Warning::UnknownProduct);
                look(&v.holder, is(&v.holder, &known_holder), Warning::UnknownHolder);
                look(&v.manufacturer, is(&v.manufacturer, &known_holder), Warning::UnknownHolder);
                look(&v.disease, is(&v.disease, &codes::is_covid_19), Warning::UnknownDisease);
            }
            Event::Test(t) => {
                look(&t.pathogen, is(&t.pathogen, &codes::is_covid_19), Warning::UnknownDisease);
                look(&t.kind, is(&t.kind, &|kind| codes::test_to_ichi(kind).is_some()), Warning::UnknownTestType);
            }
            Event::Recovery(_) => {}
        }
    }
    // A code without its system that no table has is a code all the same.
    for event in &core.events {
        let (coding, warning) = match event {
            Event::Vaccination(v) => (&v.vaccine, Warning::UnknownVaccine),
            Event::Test(t) => (&t.kind, Warning::UnknownTestType),
            Event::Recovery(_) => continue,
        };
        let plain = |coding: &Coding| {
            coding.system == CodeSystem::Text && !vaccine(coding) && codes::test_to_ichi(coding).is_none()
        };
        if coding.as_ref().is_some_and(plain) {
            verdict.warn(warning);
        }
    }
    if let Some((body, check)) = core.certificate.id.as_deref().and_then(|id| id.rsplit_once('#')) {
        let mut given = check.chars();
        if check_character(body) != given.next() || given.next().is_some() {
            verdict.warn(Warning::IdCheckCharacter);
        }
    }
}
