//! What the content says, and what in it should be looked at: plausibility. Nearly all of it are warnings,
//! because the real world deviates (facts on the EU DCC, sections 2 and 4).

use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};

use super::{
    reason::{Reason, Warning},
    verdict::{Holder, Kind, Verdict},
};
use crate::{
    payload::{
        core::{Coding, CoreDataSet, Event},
        dcc::{Dcc, Entry, sample_time},
        mapping::codes,
    },
    record::{Country, TestResult, check_character, names::standardise},
    trust::TrustedKey,
    valueset::{EuSet, ValueSets},
};

/// Codes of the value set `covid-19-lab-result`.
const NOT_DETECTED: &str = "260415000";
const DETECTED: &str = "260373001";
/// Kinds of tests of the value set `covid-19-lab-test-type` (LOINC).
const NAAT: &str = "LP6464-4";
const ANTIGEN: &str = "LP217198-3";

/// How far a sample time may lie ahead.
const ONE_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Fills in whose certificate it is.
pub(super) fn describe(dcc: &Dcc, verdict: &mut Verdict) {
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
        not_covered: false,
    });
}

/// Fills in whose certificate it is, for every other format.
pub(super) fn describe_core(core: &CoreDataSet, verdict: &mut Verdict) {
    verdict.kind = core.events.first().map(|event| match event {
        Event::Vaccination(_) => Kind::Vaccination,
        Event::Test(_) => Kind::Test,
        Event::Recovery(_) => Kind::Recovery,
    });
    verdict.id = core.certificate.id.clone();
    let holder = &core.holder;
    // A name in one text cannot be parted into family and given name: it stands as it is.
    let standardised = holder.standardised_name.clone().or_else(|| standardise(&holder.name, Country::SANDBOX).ok());
    verdict.holder = Some(Holder {
        name: holder.name.clone(),
        standardised_name: standardised.unwrap_or_default(),
        date_of_birth: holder.birth_date.clone().unwrap_or_default(),
        not_covered: false,
    });
}

/// Looks at dates, doses and test results, which every format has. The one fault that it finds is an event in the
/// future.
pub(super) fn look_at_core(core: &CoreDataSet, at: Timestamp, verdict: &mut Verdict) -> Option<Reason> {
    let mut in_future = false;
    for event in &core.events {
        let (date, country) = match event {
            Event::Vaccination(v) => {
                if v.dose == Some(0) || v.total_doses == Some(0) {
                    verdict.warn(Warning::DoseBelowOne);
                }
                (&v.date, &v.country)
            }
            Event::Test(t) => {
                match t.result.as_ref().map(outcome) {
                    Some(Some(TestResult::NotDetected)) => {}
                    Some(Some(TestResult::Detected)) => verdict.warn(Warning::TestPositive),
                    // Never take an unknown result for a negative one.
                    Some(None) | None => verdict.warn(Warning::UnknownTestResult),
                }
                (&t.date, &t.country)
            }
            Event::Recovery(r) => {
                let day = |text: &Option<String>| text.as_deref().and_then(|text| text.get(..10)?.parse::<Date>().ok());
                let over = day(&r.valid_until).is_some_and(|end| end < earliest_today(at));
                if r.valid_from.as_deref().is_some_and(|from| day_is_future(from, at)) || over {
                    verdict.warn(Warning::RecoveryPeriod);
                }
                (&r.first_positive, &r.country)
            }
        };
        in_future |= date.as_deref().is_some_and(|date| moment_is_future(date, at));
        if let Some(code) = country.as_deref().filter(|code| matches!(code.len(), 2 | 3))
            && !code.parse::<Country>().is_ok_and(|country| country.name().is_some())
            && Country::from_alpha3(code).is_err()
        {
            verdict.warn(Warning::UnknownCountry);
        }
    }
    in_future.then_some(Reason::EventInFuture)
}

/// What a result means, by the codes of the systems in use (`payload::mapping`). Anything else is unknown.
fn outcome(result: &Coding) -> Option<TestResult> {
    codes::detected(result).map(|found| if found { TestResult::Detected } else { TestResult::NotDetected })
}

/// Whether a day or a time has not come anywhere on earth. A text that is neither is not.
fn moment_is_future(text: &str, at: Timestamp) -> bool {
    match text.parse::<Timestamp>() {
        Ok(time) => time > at.saturating_add(ONE_DAY).unwrap_or(at),
        Err(_) => text.get(..10).is_some_and(|day| day_is_future(day, at)),
    }
}

/// The issuer that the token names is not the signer's country: shown, because a stolen key was used so
/// (failure F02), but not fatal, because dependent territories sign under their state's certificate.
pub(super) fn warn_of_issuers(issuer: Option<&str>, key: &TrustedKey, verdict: &mut Verdict) {
    if let (Some(issuer), Some(country)) = (issuer, key.country.as_deref()) {
        let same = issuer == country || matches!((issuer, country), ("EL", "GR") | ("GR", "EL"));
        if !same {
            verdict.warn(Warning::IssuerNotSigner);
        }
    }
    if key.unrelated_usages {
        verdict.warn(Warning::UnrelatedKeyUsage);
    }
}

/// Looks at codes and dates. The one fault that it finds is an event in the future, which no issuer can
/// attest (EU test case DGC8).
pub(super) fn look_at(dcc: &Dcc, at: Timestamp, sets: &ValueSets, verdict: &mut Verdict) -> Option<Reason> {
    let mut known = |set, code: &str, warning| {
        if sets.eu(set, code).is_none() {
            verdict.warn(warning);
        }
    };
    // Codes that ISO has not assigned but everybody understands (XK, UN, the sandbox's XX) have a name too.
    let country = dcc.entry.country();
    if !country.is_empty() && !country.parse::<Country>().is_ok_and(|country| country.name().is_some()) {
        known(EuSet::Country, country, Warning::UnknownCountry);
    }
    let event_is_future = match &dcc.entry {
        Entry::Vaccination(v) => {
            known(EuSet::Disease, &v.disease, Warning::UnknownDisease);
            known(EuSet::VaccineProphylaxis, &v.prophylaxis, Warning::UnknownVaccine);
            known(EuSet::VaccineProduct, &v.product, Warning::UnknownProduct);
            known(EuSet::VaccineHolder, &v.holder, Warning::UnknownHolder);
            day_is_future(&v.date, at)
        }
        Entry::Test(t) => {
            known(EuSet::Disease, &t.disease, Warning::UnknownDisease);
            known(EuSet::TestType, &t.kind, Warning::UnknownTestType);
            if let Some(device) = t.device.as_deref().filter(|device| !device.is_empty()) {
                known(EuSet::TestDevice, device, Warning::UnknownTestDevice);
            }
            match t.result.as_str() {
                NOT_DETECTED => {}
                DETECTED => verdict.warn(Warning::TestPositive),
                // Never take an unknown result for a negative one.
                _ => verdict.warn(Warning::UnknownTestResult),
            }
            let filled = |field: &Option<String>| field.as_deref().is_some_and(|text| !text.is_empty());
            if (t.kind == NAAT && filled(&t.device)) || (t.kind == ANTIGEN && filled(&t.test_name)) {
                verdict.warn(Warning::TestFieldsMixed);
            }
            // Issuers write local times as if they were of another zone (EU test data SG/2): a day is forgiven.
            sample_time(&t.sampled_at).is_some_and(|(sampled, _)| sampled > at.saturating_add(ONE_DAY).unwrap_or(at))
        }
        Entry::Recovery(r) => {
            known(EuSet::Disease, &r.disease, Warning::UnknownDisease);
            let over = r.valid_until.parse::<Date>().is_ok_and(|end| end < earliest_today(at));
            if day_is_future(&r.valid_from, at) || over {
                verdict.warn(Warning::RecoveryPeriod);
            }
            day_is_future(&r.first_positive, at)
        }
    };
    if let Some((body, check)) = dcc.entry.id().rsplit_once('#') {
        let mut given = check.chars();
        if check_character(body) != given.next() || given.next().is_some() {
            verdict.warn(Warning::IdCheckCharacter);
        }
    }
    event_is_future.then_some(Reason::EventInFuture)
}

/// Whether a day has not begun anywhere on earth (the easternmost zone is 14 hours ahead).
fn day_is_future(day: &str, at: Timestamp) -> bool {
    day.parse::<Date>().is_ok_and(|day| day > Offset::constant(14).to_datetime(at).date())
}

/// The day in the westernmost zone, 12 hours behind.
fn earliest_today(at: Timestamp) -> Date {
    Offset::constant(-12).to_datetime(at).date()
}
