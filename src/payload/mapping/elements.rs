//! Which elements a certificate has, by their names in the core data set; and what all targets ask of it.

use jiff::civil::Date;

use crate::{
    payload::core::{Coding, CoreDataSet, Event},
    record::Country,
    valueset::countries,
};

/// Names of all elements that the certificate and this event have. Left out are what is no loss wherever it goes:
/// the version of the source's schema.
pub(super) fn present(core: &CoreDataSet, event: &Event) -> Vec<&'static str> {
    let (holder, certificate) = (&core.holder, &core.certificate);
    let mut all = vec![
        ("name", !holder.name.is_empty() || holder.family.is_some() || holder.given.is_some()),
        ("birthDate", holder.birth_date.is_some()),
        ("sex", holder.sex.is_some()),
        ("nationality", holder.nationality.is_some()),
        ("identifier", holder.identifier.is_some()),
        ("guardian", holder.guardian.is_some()),
        ("certificate.issuer", certificate.issuer.is_some()),
        ("certificate.hcid", certificate.id.is_some()),
        ("certificate.period.start", certificate.valid_from.is_some()),
        ("certificate.period.end", certificate.valid_until.is_some()),
    ];
    match event {
        Event::Vaccination(v) => all.extend([
            ("vaccination.vaccine", v.vaccine.is_some()),
            ("vaccination.brand", v.brand.is_some()),
            ("vaccination.manufacturer", v.manufacturer.is_some()),
            ("vaccination.maholder", v.holder.is_some()),
            ("vaccination.disease", v.disease.is_some()),
            ("vaccination.lot", v.lot.is_some()),
            ("vaccination.date", v.date.is_some()),
            ("vaccination.validFrom", v.valid_from.is_some()),
            ("vaccination.validTo", v.valid_to.is_some()),
            ("vaccination.dose", v.dose.is_some()),
            ("vaccination.totalDoses", v.total_doses.is_some()),
            ("vaccination.country", v.country.is_some()),
            ("vaccination.centre", v.centre.is_some()),
            ("vaccination.practitioner", v.practitioner.is_some()),
            ("vaccination.nextDose", v.next_dose.is_some()),
        ]),
        Event::Test(t) => all.extend([
            ("test.pathogen", t.pathogen.is_some()),
            ("test.type", t.kind.is_some()),
            ("test.brand", t.brand.is_some()),
            ("test.manufacturer", t.manufacturer.is_some()),
            ("test.origin", t.origin.is_some()),
            ("test.date", t.date.is_some()),
            ("test.resultDate", t.result_date.is_some()),
            ("test.result", t.result.is_some()),
            ("test.centre", t.centre.is_some()),
            ("test.country", t.country.is_some()),
        ]),
        Event::Recovery(r) => all.extend([
            ("recovery.disease", r.disease.is_some()),
            ("recovery.firstPositive", r.first_positive.is_some()),
            ("recovery.validFrom", r.valid_from.is_some()),
            ("recovery.validUntil", r.valid_until.is_some()),
            ("recovery.country", r.country.is_some()),
        ]),
    }
    all.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}

/// The event of the latest day; among several of one day, and where no day is known, the last of the certificate.
pub(super) fn latest(events: &[Event]) -> Option<&Event> {
    events.iter().max_by_key(|event| {
        let date = match event {
            Event::Vaccination(v) => v.date.as_deref(),
            Event::Test(t) => t.date.as_deref(),
            Event::Recovery(r) => r.first_positive.as_deref(),
        };
        date.and_then(day)
    })
}

/// The calendar date of a date or date-time, as written; `None` where the day is not known.
pub(super) fn day(text: &str) -> Option<Date> {
    let day = text.split(['T', 't', ' ']).next().unwrap_or_default();
    (day.len() == 10).then(|| day.parse().ok()).flatten()
}

/// Whether a text is more than a date.
pub(super) fn has_time(text: &str) -> bool {
    text.contains(['T', 't', ' '])
}

/// A country by its alpha-2 or alpha-3 code, or by its whole English name.
pub(super) fn country(text: &str) -> Option<Country> {
    let text = text.trim();
    let known = text.parse::<Country>().ok().filter(|country| country.name().is_some());
    known.or_else(|| Country::from_alpha3(text).ok()).or_else(|| {
        let entry = countries::all().iter().find(|entry| entry.name.eq_ignore_ascii_case(text))?;
        entry.alpha2.parse().ok()
    })
}

/// What to show of a code in a format that has only a text for it.
pub(super) fn words(coding: &Coding) -> String {
    let known = super::codes::display_of(coding).filter(|_| coding.display.is_none());
    known.unwrap_or_else(|| coding.words()).to_owned()
}

/// The whole name in one text.
pub(super) fn whole_name(core: &CoreDataSet) -> Option<String> {
    let holder = &core.holder;
    let parts =
        || [&holder.given, &holder.family].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
    let name = if holder.name.trim().is_empty() { parts() } else { holder.name.trim().to_owned() };
    (!name.trim().is_empty()).then_some(name)
}
