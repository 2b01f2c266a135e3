//! What a certificate states, in words: codes become names, unknown codes stand raw. Every shell that shows a
//! certificate to a person takes it from here.

use super::stages::{Content, Understood};
use crate::{
    payload::{
        core::{Coding, CoreDataSet, Event},
        dcc::{Dcc, Entry},
        icvp::{AnnexLanguage, annex_6},
    },
    record::Country,
    valueset::{EuSet, ValueSets},
};

/// Name of a row; a shell puts it into its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    /// Dose and doses in the series.
    Dose,
    /// Day of the vaccination.
    DateOfVaccination,
    /// Medicinal product.
    Vaccine,
    /// Vaccine or prophylaxis.
    VaccineType,
    /// Marketing authorisation holder or manufacturer.
    Manufacturer,
    /// Disease or agent targeted.
    Disease,
    /// Result of a test.
    Result,
    /// Day and time of the sample.
    SampleTaken,
    /// Type of test.
    TestType,
    /// Testing centre.
    TestingCentre,
    /// First positive test.
    FirstPositive,
    /// From when to when a recovery counts.
    RecoveryPeriod,
    /// Country of the event.
    Country,
    /// Who answers for the certificate.
    IssuedBy,
    /// Lot or batch.
    Lot,
    /// Administering centre.
    Centre,
    /// Who gave the vaccine, or answers for it.
    Practitioner,
    /// When the next dose is due.
    NextDose,
    /// How long the vaccination counts.
    Counts,
    /// Nationality of the holder.
    Nationality,
    /// Number of a document of the holder.
    Document,
    /// Parent or guardian of a minor.
    Guardian,
    /// Where a link leads.
    Link,
    /// What a link is about, in the words of its maker.
    LinkLabel,
    /// The text that Annex 6 of the International Health Regulations fixes for yellow cards.
    Annex6,
    /// Until when a link works.
    LinkExpires,
    /// What a link asks for before it opens.
    LinkPasscode,
}

/// What a certificate states.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement {
    /// Label and value, the most telling first.
    pub rows: Vec<(Label, String)>,
    /// Day of the event, to put certificates of one person in order.
    pub date: String,
}

impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Statement(…)")
    }
}

impl Statement {
    /// The rows of a certificate.
    #[must_use]
    pub fn of(content: &Understood, sets: &ValueSets) -> Self {
        match (content.dcc(), content.core()) {
            (Some(dcc), _) => Self::of_dcc(dcc, sets),
            (None, Some(core)) => {
                let mut statement = Self::of_core(&core);
                if let Content::Icvp { .. } = content.content() {
                    let (text, _) = annex_6(AnnexLanguage::English);
                    statement.rows.push((Label::Annex6, text.to_owned()));
                }
                statement
            }
            (None, None) => Self { rows: Vec::new(), date: String::new() },
        }
    }

    /// The rows of a certificate of any other format. Several events come one after the other.
    #[must_use]
    pub fn of_core(core: &CoreDataSet) -> Self {
        let mut rows = Vec::new();
        let mut latest = String::new();
        let words = |coding: &Option<Coding>| coding.as_ref().map(|coding| coding.words().to_owned());
        for event in &core.events {
            let mut add = |label, value: Option<String>| rows.extend(value.map(|value| (label, value)));
            let date = match event {
                Event::Vaccination(v) => {
                    let dose = v.dose.map(|dose| match v.total_doses {
                        Some(total) => format!("{dose}/{total}"),
                        None => dose.to_string(),
                    });
                    let kind = words(&v.vaccine);
                    let brand = words(&v.brand).or_else(|| kind.clone());
                    add(Label::Dose, dose);
                    add(Label::Vaccine, brand.clone());
                    add(Label::DateOfVaccination, v.date.clone());
                    add(Label::Disease, words(&v.disease));
                    add(Label::VaccineType, kind.filter(|kind| Some(kind) != brand.as_ref()));
                    add(Label::Manufacturer, words(&v.holder).or_else(|| words(&v.manufacturer)));
                    add(Label::Lot, v.lot.clone());
                    add(Label::Centre, v.centre.clone());
                    add(Label::Practitioner, v.practitioner.clone());
                    add(Label::NextDose, v.next_dose.clone());
                    let until = v.valid_to.as_deref().unwrap_or("\u{2026}");
                    add(Label::Counts, v.valid_from.as_ref().map(|from| format!("{from} \u{2013} {until}")));
                    add(Label::Country, v.country.as_deref().map(country));
                    &v.date
                }
                Event::Test(t) => {
                    add(Label::Result, words(&t.result));
                    add(Label::SampleTaken, t.date.clone());
                    add(Label::TestType, words(&t.kind));
                    add(Label::Disease, words(&t.pathogen));
                    add(Label::TestingCentre, t.centre.clone());
                    add(Label::Country, t.country.as_deref().map(country));
                    &t.date
                }
                Event::Recovery(r) => {
                    add(Label::FirstPositive, r.first_positive.clone());
                    let period = r.valid_from.as_ref().zip(r.valid_until.as_ref());
                    add(Label::RecoveryPeriod, period.map(|(from, until)| format!("{from} \u{2013} {until}")));
                    add(Label::Disease, words(&r.disease));
                    add(Label::Country, r.country.as_deref().map(country));
                    &r.first_positive
                }
            };
            latest = latest.max(date.clone().unwrap_or_default());
        }
        let holder = &core.holder;
        let mut add = |label, value: Option<String>| rows.extend(value.map(|value| (label, value)));
        add(Label::Nationality, holder.nationality.as_deref().map(country));
        add(Label::Document, holder.identifier.clone());
        add(Label::Guardian, holder.guardian.clone());
        add(Label::IssuedBy, core.certificate.issuer.clone());
        rows.retain(|(_, value)| !value.is_empty());
        Self { rows, date: latest }
    }

    fn of_dcc(dcc: &Dcc, sets: &ValueSets) -> Self {
        let name = |set, code: &str| sets.eu(set, code).map_or_else(|| code.to_owned(), |entry| entry.display.clone());
        let (date, mut rows) = match &dcc.entry {
            Entry::Vaccination(v) => (
                &v.date,
                vec![
                    (Label::Dose, format!("{}/{}", v.dose, v.total_doses)),
                    (Label::Vaccine, name(EuSet::VaccineProduct, &v.product)),
                    (Label::DateOfVaccination, v.date.clone()),
                    (Label::VaccineType, name(EuSet::VaccineProphylaxis, &v.prophylaxis)),
                    (Label::Manufacturer, name(EuSet::VaccineHolder, &v.holder)),
                    (Label::Disease, name(EuSet::Disease, &v.disease)),
                ],
            ),
            Entry::Test(t) => {
                let mut rows = vec![
                    (Label::Result, name(EuSet::TestResult, &t.result)),
                    (Label::SampleTaken, t.sampled_at.clone()),
                    (Label::TestType, name(EuSet::TestType, &t.kind)),
                    (Label::Disease, name(EuSet::Disease, &t.disease)),
                ];
                rows.extend(t.centre.clone().map(|centre| (Label::TestingCentre, centre)));
                (&t.sampled_at, rows)
            }
            Entry::Recovery(r) => (
                &r.first_positive,
                vec![
                    (Label::FirstPositive, r.first_positive.clone()),
                    (Label::RecoveryPeriod, format!("{} \u{2013} {}", r.valid_from, r.valid_until)),
                    (Label::Disease, name(EuSet::Disease, &r.disease)),
                ],
            ),
        };
        rows.push((Label::Country, country(dcc.entry.country())));
        rows.push((Label::IssuedBy, dcc.entry.issuer().to_owned()));
        rows.retain(|(_, value)| !value.is_empty());
        Self { rows, date: date.clone() }
    }
}

/// A country by name and code; a code without meaning stands raw.
#[must_use]
pub fn country(code: &str) -> String {
    let known = code.parse::<Country>().or_else(|_| Country::from_alpha3(code));
    match known.ok().and_then(|country| country.name()) {
        Some(name) => format!("{name} ({code})"),
        None => code.to_owned(),
    }
}

/// A text of a certificate as it may be shown: it may hold what a terminal would obey, or turn around the direction
/// of what follows; only what is printed is shown.
#[must_use]
pub fn clean(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    text.chars().map(|c| if obeyed(c) { '\u{fffd}' } else { c }).collect()
}
