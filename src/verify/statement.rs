//! What a certificate states, in words: codes become names, unknown codes stand raw. Every shell that shows a
//! certificate to a person takes it from here.

use crate::{
    payload::dcc::{Dcc, Entry},
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
    pub fn of(dcc: &Dcc, sets: &ValueSets) -> Self {
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
    match code.parse::<Country>().ok().and_then(|country| country.name()) {
        Some(name) => format!("{name} ({code})"),
        None => code.to_owned(),
    }
}
